// npm run bench NAME [--json]: times us against a peer, in turns, and prints a table (or only the rows, as JSON).
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import Table from "cli-table3";
import type { Row } from "../bench/harness.js";

const benches = join(dirname(fileURLToPath(import.meta.url)), "..", "bench");

/** The benches of a folder: the modules that export rows(). */
export function benchNames(folder = benches): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(".ts") && /^export (async )?(function|const) rows\b/m.test(read(folder, file)))
    .map((file) => file.slice(0, -3))
    .sort();
}

const read = (folder: string, file: string) => readFileSync(join(folder, file), "utf8");

/** Runs one bench; while it does, whatever anyone prints goes to stderr, so that stdout holds the result alone. */
export async function runBench(name: string, folder = benches): Promise<Row[]> {
  const file = join(folder, `${name}.ts`);
  if (!existsSync(file))
    throw new Error(`No bench is called ${name}. There is: ${benchNames(folder).join(", ") || "none"}`);
  const write = process.stdout.write;
  process.stdout.write = process.stderr.write.bind(process.stderr) as typeof write;
  try {
    const module = (await import(pathToFileURL(file).href)) as { rows?: () => Promise<Row[]> };
    if (module.rows === undefined) throw new Error(`bench/${name}.ts does not export rows()`);
    const rows = await module.rows();
    for (const row of rows) validate(name, row);
    return rows;
  } finally {
    process.stdout.write = write;
  }
}

function validate(bench: string, row: Row): void {
  for (const field of ["ours", "theirs", "ratio", "goal"] as const) {
    if (!(Number.isFinite(row[field]) && row[field] > 0)) {
      throw new Error(`bench ${bench}, row ${row.name}: ${field} must be a positive number, got ${row[field]}`);
    }
  }
  const ratio = row.theirs / row.ours;
  if (Math.abs(row.ratio - ratio) > 1e-6 * ratio) {
    throw new Error(`bench ${bench}, row ${row.name}: ratio must be theirs / ours = ${ratio}, got ${row.ratio}`);
  }
}

/** The rows for people. */
export function benchTable(rows: readonly Row[]): string {
  const table = new Table({
    head: ["what", "peer", "ours ms", "theirs ms", "ratio", "goal", ""],
    colAligns: ["left", "left", "right", "right", "right", "right", "left"],
    style: { head: [], border: [] },
  });
  for (const row of rows) {
    const reached = row.ratio >= row.goal ? "reached" : "missed";
    table.push([
      row.name,
      row.peer,
      digits(row.ours),
      digits(row.theirs),
      digits(row.ratio),
      digits(row.goal),
      reached,
    ]);
  }
  return table.toString();
}

const digits = (value: number) => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));

async function main(args: string[]): Promise<void> {
  const name = args.find((argument) => !argument.startsWith("-"));
  const unknown = args.find((argument) => argument.startsWith("-") && argument !== "--json");
  if (name === undefined || unknown !== undefined) {
    console.error(`Usage: npm run bench NAME [-- --json]. Benches: ${benchNames().join(", ") || "none yet"}`);
    process.exitCode = 2;
    return;
  }
  const rows = await runBench(name);
  // npm keeps a --json without "--" before it for itself, and hands it on in the environment.
  const json = args.includes("--json") || process.env.npm_config_json === "true";
  console.log(json ? JSON.stringify(rows, null, 1) : benchTable(rows));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  main(process.argv.slice(2)).catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
