import { readFileSync } from "node:fs";
import {
  type Comparisons,
  comparisonsFromPairs,
  type Rankings,
  rankingsFromChoices,
  rankingsFromOrders,
} from "../../lib/src/preferences/index.js";

export interface ChoixCase {
  desc: string;
  kind: "lsr" | "ilsr" | "rankCentrality" | "ep";
  items: number;
  pairs?: [number, number][];
  rankings?: number[][];
  top1?: [number, number[]][];
  alpha?: number;
  theta: number[];
  logLikelihood?: number;
  mean: number[];
  covariance: number[][];
  /** EP with moments that were integrated, instead of choix's approximation. */
  integrated?: boolean;
}

/** What choix made of small data (test/golden/make/choix_estimators.py). */
export const choixCases: ChoixCase[] = JSON.parse(readFileSync("test/golden/choix.json", "utf8"));

export function pairsOf({ pairs, items }: ChoixCase): Comparisons {
  return comparisonsFromPairs(pairs!, { items });
}

export function rankingsOf({ rankings, top1, items }: ChoixCase): Rankings {
  if (rankings) return rankingsFromOrders(rankings, { items });
  return rankingsFromChoices(
    top1!.map(([chosen, others]) => ({ chosen, others })),
    { items },
  );
}
