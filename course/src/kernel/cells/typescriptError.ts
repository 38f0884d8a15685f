import type { Diagnostic } from "tslab/dist/converter.js";
import { type EditedText, placeAt } from "./edits.js";
import { ShownError } from "./errors.js";
import { cut, dim, pointedLine, red } from "./excerpt.js";

/** So many diagnostics are told; the others mostly follow from them. */
const MOST = 20;
/** Types in a message may be written out over pages. */
const LONGEST = 2000;

/** What the compiler says against a cell: line and column counted from 1, the message, the line with a caret. */
export class TypeScriptError extends ShownError {
  override name = "TypeScriptError";
  readonly traceback: string[];

  constructor(diagnostics: readonly Diagnostic[], text: EditedText, label: string) {
    const told = inWords(
      diagnostics.slice(0, MOST).map((diagnostic) => inSource(diagnostic, text)),
      text.source,
    );
    const more = diagnostics.length - MOST;
    const rest = more > 0 ? [`... and ${more} more`] : [];
    super([...told.map(sentence), ...rest].join("\n"));
    const lines = text.source.split("\n");
    this.traceback = told.flatMap(({ start, end, fileName, code, messageText }) => {
      const where = `${fileName ?? label}, line ${start.line + 1}, column ${start.character + 1}`;
      const line = fileName === undefined ? lines[start.line] : undefined;
      const width = end.line === start.line ? Math.max(1, end.character - start.character) : 1;
      const frame = line === undefined ? [] : pointedLine(line, start.line, start.character, width);
      return [`${red(`TypeScript ${code}`)}: ${messageText}`, dim(`  ${where}`), ...frame];
    });
    for (const line of rest) this.traceback.push(dim(line));
  }
}

/** The diagnostic at its place in the learner's own text. */
function inSource(diagnostic: Diagnostic, text: EditedText): Diagnostic {
  const messageText = cut(diagnostic.messageText, LONGEST);
  if (diagnostic.fileName !== undefined || text.text === text.source) return { ...diagnostic, messageText };
  const place = ({ offset }: Diagnostic["start"]) => {
    const original = text.original(offset);
    return { offset: original, ...placeAt(text.source, original) };
  };
  return { ...diagnostic, messageText, start: place(diagnostic.start), end: place(diagnostic.end) };
}

/** One sentence in place of what the compiler says of syntax that is newer than it. */
function inWords(diagnostics: readonly Diagnostic[], source: string): readonly Diagnostic[] {
  const [first] = diagnostics;
  if (first === undefined || first.fileName !== undefined) return diagnostics;
  const line = source.split("\n")[first.start.line] ?? "";
  const using = /(?:\bawait\s+)?\busing\s+[\p{L}_$][\p{L}\p{N}_$]*\s*=/u.exec(line);
  if (using === null) return diagnostics;
  const at = (character: number) => ({ ...first.start, character });
  const messageText =
    "`using` is newer than the TypeScript (5.0) and the Node (20) of this kernel: write `const`, and dispose of it in a `finally`.";
  const told = { ...first, messageText, start: at(using.index), end: at(using.index + using[0].indexOf("using") + 5) };
  return [told, ...diagnostics.filter(({ start }) => start.line !== first.start.line)];
}

function sentence({ start, messageText, code, fileName }: Diagnostic): string {
  return `${fileName === undefined ? "" : `${fileName}:`}${start.line + 1}:${start.character + 1} - ${messageText} (TS${code})`;
}
