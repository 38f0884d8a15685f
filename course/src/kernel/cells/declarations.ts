import type * as tsModule from "@tslab/typescript-for-tslab";

/**
 * The declarations that stand after a cell that threw: its types, and those of its values that had been assigned. A
 * name that it would have redeclared keeps its earlier declaration.
 *
 * @param before declarations before the cell
 * @param own declarations of the cell itself
 * @param after declarations as they would stand, had the cell not thrown: its own, then what it
 *   leaves of the earlier ones
 */
export function keepAssigned(
  ts: typeof tsModule,
  before: string,
  own: string,
  after: string,
  assigned: (name: string) => boolean,
): string {
  const lost = new Set<string>();
  const kept = statements(ts, own).flatMap((statement) => {
    if (ts.isVariableStatement(statement)) {
      const keyword = /^(export\s+)?(declare\s+)?(const|let|var)/.exec(statement.getText())?.[3] ?? "let";
      return statement.declarationList.declarations.flatMap((declaration) => {
        const name = declaration.name.getText();
        if (assigned(name)) return [`declare ${keyword} ${declaration.getText()};`];
        lost.add(name);
        return [];
      });
    }
    const isValue = ts.isClassDeclaration(statement) || ts.isEnumDeclaration(statement);
    const name = isValue ? statement.name?.getText() : undefined;
    if (name !== undefined && !assigned(name)) {
      lost.add(name);
      return [];
    }
    return [statement.getText()];
  });
  const restored = statements(ts, before).flatMap((statement) => {
    if (ts.isVariableStatement(statement)) {
      return statement.declarationList.declarations
        .filter((declaration) => lost.has(declaration.name.getText()))
        .map((declaration) => `declare let ${declaration.getText().replace(/ = .*$/s, ": any")};`);
    }
    const named =
      ts.isFunctionDeclaration(statement) ||
      ts.isClassDeclaration(statement) ||
      ts.isEnumDeclaration(statement) ||
      ts.isModuleDeclaration(statement);
    return named && lost.has(statement.name?.getText() ?? "") ? [statement.getText()] : [];
  });
  return `${[...kept, after.slice(own.length), ...restored].filter((text) => text.trim() !== "").join("\n")}\n`;
}

/**
 * The namespaces, import aliases and augmentations (`declare global`) of earlier cells that a cell leaves as they are;
 * tslab's converter keeps all other kinds of declarations itself.
 */
export function keepNamespaces(ts: typeof tsModule, before: string, own: string): string {
  if (!/\b(?:namespace|module|global|import)\b/.test(before)) return "";
  const declared = new Set(
    statements(ts, own).flatMap((statement) => {
      if (ts.isVariableStatement(statement))
        return statement.declarationList.declarations.map(({ name }) => name.getText());
      return [nameOf(statement)];
    }),
  );
  const kept = statements(ts, before).filter((statement) => {
    if (ts.isImportEqualsDeclaration(statement)) return !declared.has(nameOf(statement));
    if (!ts.isModuleDeclaration(statement)) return false;
    const augments = ts.isStringLiteral(statement.name) || (statement.flags & ts.NodeFlags.GlobalAugmentation) !== 0;
    return augments ? !own.includes(statement.getText()) : !declared.has(nameOf(statement));
  });
  return kept.map((statement) => `${statement.getText()}\n`).join("");
}

const nameOf = (statement: tsModule.Statement) => (statement as { name?: tsModule.Node }).name?.getText() ?? "";

function statements(ts: typeof tsModule, text: string): tsModule.Statement[] {
  return [...ts.createSourceFile("declarations.d.ts", text, ts.ScriptTarget.Latest, true).statements];
}
