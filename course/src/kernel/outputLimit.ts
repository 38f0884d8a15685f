/**
 * Text that one cell may print, in characters. Beyond it a notebook file, and the browser that
 * shows it, become unusable.
 */
export const OUTPUT_LIMIT = 8_000_000;

export const OUTPUT_NOTE = `\n[Output cut: this cell has printed more than ${OUTPUT_LIMIT / 1e6} million characters. The rest is dropped; write it to a file instead.]\n`;

/**
 * Counts what a cell prints. Gives back what still fits, with the note where it ends, and undefined once it is full.
 */
export class OutputLimit {
  #left = OUTPUT_LIMIT;

  admit(text: string): string | undefined {
    if (this.#left < 0) return undefined;
    this.#left -= text.length;
    return this.#left >= 0 ? text : text.slice(0, text.length + this.#left) + OUTPUT_NOTE;
  }
}
