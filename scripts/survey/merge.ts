// The results of all seeds as one: the same bytes, whoever ran which seed when.
import { join } from "node:path";
import { DomainError } from "rlhf-lab/core";
import { writeFileAtomically } from "../../lib/src/tensor/atomicFile.js";
import { type Kind, readResults } from "./results.js";
import { kindOf } from "./runSeed.js";
import type { Named, Report } from "./study.js";

/**
 * Reads the results of a folder, and writes merged.json and a file for each figure beside them.
 * @param seeds which are wanted; by default the study's, and where it takes more, all up to the greatest that is there
 * @throws DomainError if seeds are missing, which it names; and as `readResults`
 */
export function merge(named: Named, folder: string, quick: boolean, seeds?: readonly number[]): Report {
  const kind: Kind = kindOf(named, quick);
  const results = readResults(folder, kind);
  const most = Math.max(...named.study.seeds, ...results.keys());
  const wanted = seeds ?? (named.study.more ? Array.from({ length: most }, (_, i) => i + 1) : named.study.seeds);
  const missing = wanted.filter((seed) => !results.has(seed));
  if (missing.length > 0) {
    const hint = "Run them, or say with --seed which are wanted";
    throw new DomainError(`${folder}: of seeds ${ranges(wanted)} there is no result of ${ranges(missing)}. ${hint}.`);
  }
  const observations = wanted.map((seed) => results.get(seed)!.observation);
  const write = (name: string, value: unknown) =>
    writeFileAtomically(join(folder, name), [Buffer.from(`${JSON.stringify(value)}\n`)]);
  write("merged.json", { ...kind, seeds: wanted, observations });
  const report = named.study.report(observations, wanted, { quick });
  for (const [name, figure] of Object.entries(report.figures ?? {})) write(`${name}.json`, figure);
  return report;
}

/** 1, 2, 3, 7 -> "1-3, 7". */
export function ranges(seeds: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const seed of [...seeds].sort((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last !== undefined && seed === last[1] + 1) last[1] = seed;
    else runs.push([seed, seed]);
  }
  return runs.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(", ");
}
