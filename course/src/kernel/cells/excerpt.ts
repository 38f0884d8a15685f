/** Lines of a cell as an error shows them, and the colours of a traceback. */

export const red = (text: string) => `\x1b[31m${text}\x1b[39m`;
export const dim = (text: string) => `\x1b[2m${text}\x1b[22m`;
export const bold = (text: string) => `\x1b[1m${text}\x1b[22m`;

/** A message longer than this is cut: it is read by a person. */
const LONGEST = 20_000;
/** Of a longer line only the part around the caret is shown. */
const LONGEST_LINE = 200;

export const cut = (text: string, longest = LONGEST) =>
  text.length > longest ? `${text.slice(0, longest)} ... (${text.length} characters in all)` : text;

/** A numbered line with a caret below the column; both counted from 0. */
export function pointedLine(text: string, line: number, column: number, width: number): string[] {
  const start = text.length > LONGEST_LINE ? Math.max(0, column - LONGEST_LINE / 2) : 0;
  const part = text.slice(start, start + LONGEST_LINE);
  const shown = `${start > 0 ? "..." : ""}${part}${start + part.length < text.length ? "..." : ""}`;
  const at = column - start + (start > 0 ? 3 : 0);
  return [`  ${gutter(line)}${shown}`, `  ${" ".repeat(4)} | ${" ".repeat(at)}${red("^".repeat(Math.min(width, 80)))}`];
}

export const plainLine = (text: string, line: number) => `  ${dim(gutter(line) + cut(text, LONGEST_LINE))}`;

const gutter = (line: number) => `${String(line + 1).padStart(4)} | `;
