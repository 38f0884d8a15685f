import type * as tsModule from "@tslab/typescript-for-tslab";

/** Names that the kernel itself gives to every cell, or that no cell can do without; and what to do instead. */
const TAKEN: Record<string, string> = {
  undefined: "later cells need the real one",
  exports: "it holds the names of all cells",
  require: "every cell has it: leave this declaration out",
  __tslab__: "the kernel keeps its own things there",
};

/** Where tslab's converter lets a cell begin: after this, which makes it a module. */
const PREFIX = /^export \{\};\r?\n/;

/**
 * All that is wrong with a cell and the files that it imports. Not asked for are diagnostics of declarations (TS4000 to
 * TS4199 and others): a cell is compiled as a library is, so that later cells know its names, but it is
 * none, and the learner exports nothing. `// @ts-nocheck` at the top of a cell counts, although the
 * converter has put a line before it.
 */
export function cellDiagnostics(
  ts: typeof tsModule,
  program: tsModule.Program,
  files: readonly tsModule.SourceFile[],
): readonly tsModule.Diagnostic[] {
  const found = [
    ...program.getConfigFileParsingDiagnostics(),
    ...program.getOptionsDiagnostics(),
    ...program.getGlobalDiagnostics(),
    ...files.flatMap((file) => [
      ...program.getSyntacticDiagnostics(file),
      ...takenNames(ts, file),
      ...(unchecked(ts, file) ? [] : program.getSemanticDiagnostics(file)),
    ]),
  ];
  return ts.sortAndDeduplicateDiagnostics(found);
}

function unchecked(ts: typeof tsModule, file: tsModule.SourceFile): boolean {
  const prefix = PREFIX.exec(file.text)?.[0];
  if (prefix === undefined) return false;
  // From the end of the line before: what begins in the middle of a line would belong to that line.
  const comments = ts.getLeadingCommentRanges(file.text, prefix.trimEnd().length) ?? [];
  return comments.some(({ pos, end }) => /^\/\/\s*@ts-nocheck\b/.test(file.text.slice(pos, end)));
}

function takenNames(ts: typeof tsModule, file: tsModule.SourceFile): tsModule.Diagnostic[] {
  if (!PREFIX.test(file.text)) return [];
  const { locals } = file as unknown as { locals?: Map<tsModule.__String, tsModule.Symbol> };
  return Object.entries(TAKEN).flatMap(([name, why]) =>
    (locals?.get(ts.escapeLeadingUnderscores(name))?.declarations ?? []).map((declaration) => {
      const { name: at = declaration } = declaration as tsModule.NamedDeclaration;
      return {
        category: 1,
        code: 2397,
        file,
        start: at.getStart(file),
        length: at.getWidth(file),
        messageText: `A cell cannot declare the name '${name}': ${why}.`,
      };
    }),
  );
}
