import { checkCount, checkNumbers } from "../core/checks.js";
import { complaint, DomainError } from "../core/index.js";
import { checkGraph, type Graph } from "./graph.js";

/** Agents that do not follow the rule: what agent j shows in this round. */
export type Lies = ReadonlyMap<number, number>;

/**
 * One round of W-MSR, weighted mean-subsequence-reduced consensus (LeBlanc, Zhang, Koutsoukos and Sundaram 2013), with
 * equal weights: of the neighbours' values above one's own the F largest are dropped (all of them if there are fewer),
 * likewise of those below; the rest are averaged with one's own. Liars show what `lies` says and keep it.
 * With F = 0 it is plain averaging.
 * @throws ShapeError unless there is a value for each agent; DomainError for F that is no whole number of at least 0
 */
export function wmsrStep(x: ArrayLike<number>, graph: Graph, F: number, lies: Lies = new Map()): Float64Array {
  checkGraph(graph);
  checkNumbers("x", x, graph.length);
  checkCount("F", F, 0);
  for (const [j, lie] of lies) {
    if (!(j in graph && Number.isFinite(lie))) {
      throw new DomainError(complaint(`lie of agent ${j}`, `a number by an agent, 0 to ${graph.length - 1}`, lie));
    }
  }
  const shown = Float64Array.from(x, (value, j) => lies.get(j) ?? value);
  return shown.map((own, i) => {
    if (lies.has(i)) return own;
    const heard = graph[i].map((j) => shown[j]).sort((a, b) => a - b);
    const below = heard.filter((value) => value < own).slice(F);
    const above = heard.filter((value) => value > own);
    const kept = [
      ...below,
      ...heard.filter((value) => value === own),
      ...above.slice(0, Math.max(0, above.length - F)),
    ];
    return kept.reduce((sum, value) => sum + value, own) / (kept.length + 1);
  });
}

/** Opinions after each round of W-MSR, the first ones included: [rounds + 1][n]. */
export function wmsrPath(
  x: ArrayLike<number>,
  graph: Graph,
  options: { F: number; rounds: number; lies?: Lies },
): Float64Array[] {
  const { F, rounds, lies } = options;
  checkCount("rounds", rounds, 0);
  const path: Float64Array[] = [Float64Array.from(x)];
  for (let t = 0; t < rounds; t++) path.push(wmsrStep(path[t], graph, F, lies));
  return path;
}
