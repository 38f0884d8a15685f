/** A change of a text: what stands from `start` to `end` becomes `text`. */
export interface Edit {
  start: number;
  end: number;
  text: string;
}

/** A text that has been changed in places, and which still knows where everything stood. */
export class EditedText {
  readonly text: string;
  readonly #edits: Edit[];
  #lines: number[] | undefined;

  /** @param edits changes of `source`, none over another */
  constructor(
    readonly source: string,
    edits: readonly Edit[] = [],
  ) {
    this.#edits = [...edits].sort((a, b) => a.start - b.start || a.end - b.end);
    let text = "";
    let at = 0;
    for (const edit of this.#edits) {
      text += source.slice(at, edit.start) + edit.text;
      at = edit.end;
    }
    this.text = text + source.slice(at);
  }

  /** Offset in the source of an offset in the changed text; what was put in stands where it was put. */
  original(offset: number): number {
    let shift = 0;
    for (const { start, end, text } of this.#edits) {
      const from = start + shift;
      if (offset < from) break;
      if (offset < from + text.length) return start;
      shift += text.length - (end - start);
    }
    return Math.min(Math.max(0, offset - shift), this.source.length);
  }

  /** Line and column in the source, counted from 0, of those in the changed text. */
  place(line: number, column: number): { line: number; character: number } {
    if (this.#edits.length === 0) return { line, character: column };
    this.#lines ??= lineStarts(this.text);
    const start = this.#lines[line];
    return start === undefined ? { line, character: column } : placeAt(this.source, this.original(start + column));
  }
}

/** Line and column, counted from 0, of an offset. */
export function placeAt(text: string, offset: number): { line: number; character: number } {
  const before = text.slice(0, offset).split("\n");
  return { line: before.length - 1, character: before.at(-1)!.length };
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}
