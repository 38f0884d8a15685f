// Makes datasets/front-desk-runs.json: the table of lesson 13 for several keys.
// `npx tsx scripts/frontDeskRuns.ts [KEYS]`
import { writeFileSync } from "node:fs";
import { key } from "../lib/src/random/index.js";
import { frontDeskLab, frontDeskTable } from "../lib/src/studies/index.js";
import { disposeTree } from "../lib/src/tensor/index.js";

const count = Number(process.argv[2] ?? 8);
const keys = Array.from({ length: count }, (_, i) => i + 1);
const lab = frontDeskLab();
const rows: Record<string, Record<string, number[]>> = {};
for (const seed of keys) {
  await frontDeskTable(key(seed), lab, {
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
      if (process.argv.includes("--show")) console.log(seed, name, JSON.stringify(seen));
    },
  }).then((table) => {
    for (const { params } of table) disposeTree(params);
  });
}
const lines = Object.entries(rows).map(([name, row]) => `    ${JSON.stringify(name)}: ${JSON.stringify(row)}`);
writeFileSync(
  new URL("../datasets/front-desk-runs.json", import.meta.url),
  `{\n  "title": "Constitutional training at the front desk, ${count} keys",\n  "source": "scripts/frontDeskRuns.ts ${count}, keys 1 to ${count}",\n  "keys": ${JSON.stringify(keys)},\n  "rows": {\n${lines.join(",\n")}\n  }\n}\n`,
);
