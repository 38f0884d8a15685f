// Tables in Markdown, as rows of cells: the glossary, the list of lessons and the cheat sheets are read from where
// they stand.

/** One row: its cells, in Markdown. */
export type Row = string[];

/**
 * The rows of all tables of a text whose head has these cells, in order; "" stands for an empty one.
 * @param head cells, or a test of them
 */
export function tableRows(markdown: string, head: readonly string[] | ((cells: Row) => boolean)): Row[] {
  const wanted =
    typeof head === "function"
      ? head
      : (cells: Row) => cells.length === head.length && cells.every((cell, i) => cell === head[i]);
  const rows: Row[] = [];
  let inside = false;
  const lines = markdown.split("\n");
  for (const [i, line] of lines.entries()) {
    if (!line.startsWith("|")) inside = false;
    else if (/^\|(\s*:?-+:?\s*\|)+\s*$/.test(line)) inside = wanted(cellsOf(lines[i - 1] ?? ""));
    else if (inside) rows.push(cellsOf(line));
  }
  return rows;
}

function cellsOf(line: string): Row {
  const inner = line.trim().replace(/^\||\|$/g, "");
  return inner.split(/(?<!\\)\|/).map((cell) => cell.trim());
}

/** The text of a section of this level-two heading, up to the next one; "" if there is none. */
export function section(markdown: string, heading: string): string {
  const [, rest = ""] = markdown.split(new RegExp(`^## ${heading}\\s*$`, "m"));
  return rest.split(/^## /m)[0].trim();
}
