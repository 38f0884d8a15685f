import { placeAt } from "../../../../course/src/kernel/cells/edits.js";
import { ShownError } from "../../../../course/src/kernel/cells/errors.js";
import { plainLine, pointedLine } from "../../../../course/src/kernel/cells/excerpt.js";

/** A cell that is no TypeScript. */
export class CellSyntaxError extends ShownError {
  override name = "SyntaxError";
  constructor(
    message: string,
    readonly traceback: string[],
  ) {
    super(message);
  }

  static at(offset: number, text: string, what: string): CellSyntaxError {
    const { line, character } = placeAt(text, offset);
    const lines = text.split("\n");
    const message = `line ${line + 1}: ${what}`;
    const before = line > 0 ? [plainLine(lines[line - 1]!, line - 1)] : [];
    return new CellSyntaxError(message, [
      `SyntaxError: ${message}`,
      ...before,
      ...pointedLine(lines[line] ?? "", line, character, 1),
    ]);
  }

  /** What sucrase and acorn throw: a position, and a message that ends with line and column. */
  static from(error: unknown, text: string): CellSyntaxError {
    const { pos, message } = error as { pos?: number; message: string };
    const what = message.replace(/^Error transforming \S+: /, "").replace(/ \(\d+:\d+\)$/, "");
    return CellSyntaxError.at(pos ?? text.length, text, what);
  }
}

/** Something needs tensors, which a page does not have. */
export class NeedsTensors extends Error {
  override name = "NeedsTensors";
}
