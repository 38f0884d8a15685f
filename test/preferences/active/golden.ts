import { readFileSync } from "node:fs";

/** Figures that other projects' tests hold; see test/golden/make/active_queries.py. */
interface GoldenCase {
  desc: string;
  source: string;
  /** [questions, members] */
  probabilities: number[][];
  divergence?: number[];
  joint?: number[];
}

export function goldenCases(): GoldenCase[] {
  return JSON.parse(readFileSync(new URL("../../golden/active-queries.json", import.meta.url), "utf8"));
}
