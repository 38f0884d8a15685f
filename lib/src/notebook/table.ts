import { checkCount } from "../core/checks.js";
import { complaint, DomainError, notebookHost, ShapeError } from "../core/index.js";
import { escapeHtml } from "./html.js";

/** A value of a table: a number, a text, yes or no; null, undefined and NaN are shown as an empty mark. */
export type Cell = number | bigint | string | boolean | Date | null | undefined;

/** What a danfojs data frame offers for reading. */
export interface FrameLike {
  readonly columns: string[];
  readonly values: unknown;
}

/** Rows as objects, columns as arrays, or a danfojs data frame. */
export type TableData = readonly Record<string, Cell>[] | Record<string, ArrayLike<Cell>> | FrameLike;

export interface TableOptions {
  /** Which columns, in which order; as an object also their titles: { ability: "ability (nats)" }. Default: all. */
  columns?: readonly string[] | Readonly<Record<string, string>>;
  /**
   * Digits after the point of numbers that are not whole, for all or by column. Default: as many as the column's
   * smallest needs, up to 4.
   */
  digits?: number | Readonly<Record<string, number>>;
  /** A line above the table. */
  caption?: string;
  /** How many rows to show; of a longer table the first and the last. Default 50. */
  limit?: number;
}

/**
 * Shows a table for people: numbers aligned and rounded for the eye, nothing computed. In a terminal it prints it.
 * @example table([{ team: "Boston", ability }, ...], { columns: { team: "team", ability: "nats" }, digits: 3 })
 * @throws ShapeError if there is no row, or columns differ in length; DomainError if a column is unknown
 *   or an option is impossible
 */
export function table(data: TableData, options: TableOptions = {}): void {
  const bundle = tableBundle(data, options);
  const host = notebookHost();
  if (host) host.display(bundle);
  else console.log(bundle["text/plain"]);
}

const EMPTY = "–"; // the mark of a missing value

/** The table as a mime bundle: text/html and text/plain. */
export function tableBundle(
  data: TableData,
  options: TableOptions = {},
): { "text/html": string; "text/plain": string } {
  const { caption, limit = 50 } = options;
  checkCount("limit", limit);
  const all = readColumns(data);
  const chosen = chooseColumns(all, options.columns);
  const length = chosen[0].cells.length;
  const kept = keep(length, limit);
  const columns = chosen.map(({ name, title, cells }) => {
    const numeric = cells.every((cell) => isMissing(cell) || typeof cell === "number" || typeof cell === "bigint");
    const digits =
      typeof options.digits === "number" ? options.digits : (options.digits?.[name] ?? usefulDigits(cells));
    if (!Number.isInteger(digits) || digits < 0 || digits > 20) {
      throw new DomainError(complaint(`digits of ${name}`, "a whole number from 0 to 20", digits));
    }
    const fraction = cells.some((cell) => typeof cell === "number" && Number.isFinite(cell) && !Number.isInteger(cell));
    return { title, numeric, texts: kept.map((row) => (row < 0 ? "…" : format(cells[row], fraction ? digits : 0))) };
  });
  const hidden = length > limit ? `${length} rows, ${limit} shown` : "";
  return { "text/html": html(columns, caption, hidden), "text/plain": plain(columns, caption, hidden) };
}

type Shown = { title: string; numeric: boolean; texts: string[] };

function html(columns: Shown[], caption: string | undefined, note: string): string {
  const side = ({ numeric }: Shown) =>
    ` style="text-align: ${numeric ? "right; font-variant-numeric: tabular-nums" : "left"}"`;
  // A header without a name is none: who listens to the page would be told of an empty one.
  const head = columns.map((column) =>
    column.title.trim() === ""
      ? `<td${side(column)}></td>`
      : `<th scope="col"${side(column)}>${escapeHtml(column.title)}</th>`,
  );
  const rows = columns[0].texts.map(
    (_, i) => `<tr>${columns.map((column) => `<td${side(column)}>${escapeHtml(column.texts[i])}</td>`).join("")}</tr>`,
  );
  const top = caption === undefined ? "" : `<caption style="text-align: left"><b>${escapeHtml(caption)}</b></caption>`;
  const foot = note === "" ? "" : `<p>${escapeHtml(note)}</p>`;
  return `<table>${top}<thead><tr>${head.join("")}</tr></thead><tbody>${rows.join("")}</tbody></table>${foot}`;
}

function plain(columns: Shown[], caption: string | undefined, note: string): string {
  const padded = columns.map(({ title, numeric, texts }) => {
    const lines = [title, ...texts].map((text) => text.replace(/\s+/g, " "));
    const width = lines.reduce((most, line) => Math.max(most, [...line].length), 0);
    const fill = (line: string) => " ".repeat(width - [...line].length);
    return [...lines.map((line) => (numeric ? fill(line) + line : line + fill(line))), "-".repeat(width)];
  });
  const row = (i: number) =>
    padded
      .map((column) => column[i])
      .join("  ")
      .trimEnd();
  const count = columns[0].texts.length;
  const body = Array.from({ length: count }, (_, i) => row(i + 1));
  return [
    ...(caption === undefined ? [] : [caption]),
    row(0),
    row(count + 1),
    ...body,
    ...(note === "" ? [] : [note]),
  ].join("\n");
}

/** The rows to show; -1 stands for those left out. */
function keep(length: number, limit: number): number[] {
  if (length <= limit) return Array.from({ length }, (_, i) => i);
  const tail = Math.floor(limit / 2);
  const head = limit - tail;
  return [
    ...Array.from({ length: head }, (_, i) => i),
    -1,
    ...Array.from({ length: tail }, (_, i) => length - tail + i),
  ];
}

const isMissing = (cell: unknown): boolean => cell === null || cell === undefined || Number.isNaN(cell);

function format(cell: Cell, digits: number): string {
  if (isMissing(cell)) return EMPTY;
  if (cell instanceof Date) return Number.isNaN(cell.getTime()) ? EMPTY : cell.toISOString().slice(0, 10);
  if (typeof cell === "boolean") return cell ? "yes" : "no";
  if (typeof cell !== "number") return String(cell);
  if (!Number.isFinite(cell)) return cell > 0 ? "∞" : "−∞";
  // Too large or too small for its column: say so instead of 0.0000 or twenty digits.
  const size = Math.abs(cell);
  const text = size >= 1e15 || (size > 0 && size < 0.5 * 10 ** -digits) ? cell.toExponential(2) : cell.toFixed(digits);
  return text.replace(/^-/, "−");
}

/** Enough digits for three figures of a typical value: 0.6794 -> 3, 12.34 -> 1, 1234.5 -> 0; at least 1, at most 4. */
function usefulDigits(cells: readonly Cell[]): number {
  const sizes = cells
    .filter((cell): cell is number => typeof cell === "number" && Number.isFinite(cell) && cell !== 0)
    .map(Math.abs)
    .sort((a, b) => a - b);
  if (sizes.length === 0) return 0;
  const typical = sizes[Math.floor(sizes.length / 2)];
  return Math.min(4, Math.max(1, 2 - Math.floor(Math.log10(typical))));
}

function readColumns(data: TableData): Map<string, Cell[]> {
  if (typeof data !== "object" || data === null) {
    throw new ShapeError(complaint("table", "rows, columns or a data frame", data));
  }
  const columns = isFrame(data) ? fromFrame(data) : Array.isArray(data) ? fromRows(data) : fromColumns(data as Columns);
  if (columns.size === 0) throw new ShapeError(complaint("table", "at least one row with one column", data));
  return columns;
}

type Columns = Record<string, ArrayLike<Cell>>;

/** A column for every key that occurs; rows without it have a missing value there. */
function fromRows(rows: readonly Record<string, Cell>[]): Map<string, Cell[]> {
  for (const [i, row] of rows.entries()) {
    if (typeof row !== "object" || row === null) {
      throw new ShapeError(complaint(`rows[${i}]`, "an object, column -> value", row));
    }
  }
  const names = new Set(rows.flatMap((row) => Object.keys(row)));
  return new Map([...names].map((name) => [name, rows.map((row) => row[name])]));
}

function fromColumns(data: Columns): Map<string, Cell[]> {
  const length = Object.values(data)[0]?.length;
  for (const [name, cells] of Object.entries(data)) {
    if (typeof cells !== "object" || cells === null || cells.length !== length || length === 0) {
      throw new ShapeError(complaint(`column ${name}`, "an array as long as its neighbours, not empty", cells));
    }
  }
  return new Map(Object.entries(data).map(([name, cells]) => [name, Array.from(cells)]));
}

function fromFrame(frame: FrameLike): Map<string, Cell[]> {
  const rows = frame.values as (Cell | Cell[])[];
  const at = (row: Cell | Cell[], j: number) => (Array.isArray(row) ? row[j] : row);
  return new Map(frame.columns.map((name, j) => [name, rows.map((row) => at(row, j))]));
}

const isFrame = (data: TableData): data is FrameLike =>
  Array.isArray((data as FrameLike)?.columns) && typeof (data as { print?: unknown }).print === "function";

function chooseColumns(all: Map<string, Cell[]>, wanted: TableOptions["columns"]) {
  const titles: [string, string][] = Array.isArray(wanted)
    ? wanted.map((name) => [name, name])
    : wanted === undefined
      ? [...all.keys()].map((name) => [name, name])
      : Object.entries(wanted as Record<string, string>);
  if (titles.length === 0) throw new DomainError(complaint("columns", "at least one column", wanted));
  return titles.map(([name, title]) => {
    const cells = all.get(name);
    if (!cells) throw new DomainError(complaint("columns", `names of ${[...all.keys()].join(", ")}`, name));
    return { name, title, cells };
  });
}
