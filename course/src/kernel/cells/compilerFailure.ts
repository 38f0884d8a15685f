import { placeAt } from "./edits.js";
import { ShownError } from "./errors.js";
import { dim, pointedLine, red } from "./excerpt.js";

/** The compiler could not digest a cell. Nothing of the cell has run, and the session goes on. */
export class CompilerError extends ShownError {
  override name = "TypeScriptError";
  readonly traceback: string[];

  constructor(message: string, detail: readonly string[]) {
    super(message);
    this.traceback = [`${red(this.name)}: ${message}`, ...detail];
  }
}

/** What is told when the compiler has thrown: words instead of its stack. */
export function compilerFailure(error: unknown, source: string, label: string): CompilerError {
  if (!(error instanceof RangeError && /call stack/.test(error.message)))
    return new CompilerError(`the compiler cannot digest this cell, and nothing of it has run: ${error}`, []);
  const { depth, offset } = deepest(source);
  const { line, character } = placeAt(source, offset);
  const advice = "Give its parts names of their own, or read data from a file.";
  if (depth < 50)
    return new CompilerError(
      `one expression of this cell is too long a chain for the compiler, and nothing of the cell has run. ${advice}`,
      [],
    );
  return new CompilerError(
    `this cell is nested too deeply for the compiler (${depth} brackets are open in line ${line + 1}), and nothing of it has run. ${advice}`,
    [
      dim(`  ${label}, line ${line + 1}, column ${character + 1}`),
      ...pointedLine(source.split("\n")[line] ?? "", line, character, 1),
    ],
  );
}

/** Where most brackets are open, counted without regard for strings and comments. */
function deepest(source: string): { depth: number; offset: number } {
  let open = 0;
  let most = { depth: 0, offset: 0 };
  for (let offset = 0; offset < source.length; offset++) {
    const character = source[offset]!;
    if ("([{".includes(character)) open += 1;
    else if (")]}".includes(character)) open -= 1;
    if (open > most.depth) most = { depth: open, offset };
  }
  return most;
}
