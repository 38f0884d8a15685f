// Makes datasets/front-desk-runs.json: the table of lesson 13 for several keys.
// `npx tsx scripts/frontDeskRuns.ts [KEYS] [--show] [--only "a row" --only "another"]`
// With --only the other rows stay as the file has them: a row depends on its key and on what it is trained from alone.
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { frontDeskRuns } from "../lib/src/data/index.js";
import { key } from "../lib/src/random/index.js";
import { type FrontDeskRowName, frontDeskLab, frontDeskRowNames, frontDeskTable } from "../lib/src/studies/index.js";
import { disposeTree } from "../lib/src/tensor/index.js";

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { show: { type: "boolean" }, only: { type: "string", multiple: true } },
});
const count = Number(positionals[0] ?? 8);
const only = options.only as FrontDeskRowName[] | undefined;
const keys = Array.from({ length: count }, (_, i) => i + 1);
const lab = frontDeskLab();
const rows: Record<string, Record<string, number[]>> = {};
for (const seed of keys) {
  await frontDeskTable(key(seed), lab, {
    ...(only && { names: only }),
    onRow({ name, scores, consistency, told }) {
      const { leakCode, leakKey, worst, harmless, helpful, refuses, leak } = scores;
      const above = leak.filter((p) => p > 0.5).length;
      const seen = { leakCode, leakKey, worst, harmless, helpful, refuses, consistency, above, told: told ?? 0 };
      rows[name] ??= {};
      const row = rows[name];
      for (const [measure, value] of Object.entries(seen)) {
        row[measure] ??= [];
        row[measure].push(Number(value.toFixed(4)));
      }
      if (options.show) console.log(seed, name, JSON.stringify(seen));
    },
  }).then((table) => {
    for (const { params } of table) disposeTree(params);
  });
}
const before = only ? frontDeskRuns() : undefined;
if (before && before.keys.length !== count)
  throw new Error(`--only: the file has ${before.keys.length} keys, not ${count}`);
const lines = frontDeskRowNames
  .map((name) => [name, rows[name] ?? before?.rows[name]] as const)
  .map(([name, row]) => `    ${JSON.stringify(name)}: ${JSON.stringify(row)}`);
writeFileSync(
  new URL("../datasets/front-desk-runs.json", import.meta.url),
  `{\n  "title": "Constitutional training at the front desk, ${count} keys",\n  "source": "scripts/frontDeskRuns.ts ${count}, keys 1 to ${count}",\n  "keys": ${JSON.stringify(keys)},\n  "rows": {\n${lines.join(",\n")}\n  }\n}\n`,
);
