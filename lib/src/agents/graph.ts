import { checkCount } from "../core/checks.js";
import { complaint, DomainError, ShapeError } from "../core/index.js";

/** Who hears whom: `graph[i]` are the neighbours of agent i, without i. Undirected graphs list both ways. */
export type Graph = readonly (readonly number[])[];

/** @throws ShapeError if there is no agent; DomainError for a neighbour that is none, oneself, or named twice */
export function checkGraph(graph: Graph): void {
  if (graph.length === 0) throw new ShapeError(complaint("graph", "at least one agent", graph));
  graph.forEach((neighbours, i) => {
    neighbours.forEach((j, place) => {
      const ok = Number.isInteger(j) && j >= 0 && j < graph.length && j !== i && neighbours.indexOf(j) === place;
      if (!ok) throw new DomainError(complaint(`graph[${i}][${place}]`, "another agent, named once", j));
    });
  });
}

/** n agents in a ring, each joined to the k next on either side. */
export function ringGraph(n: number, k = 1): number[][] {
  checkCount("n", n, 3);
  checkCount("k", k);
  if (2 * k >= n) throw new DomainError(complaint("k", `below n / 2 = ${n / 2}`, k));
  return Array.from({ length: n }, (_, i) =>
    Array.from({ length: 2 * k }, (_, s) => (i + (s < k ? s - k : s - k + 1) + n) % n),
  );
}

/** n agents, each joined to all others. */
export function completeGraph(n: number): number[][] {
  checkCount("n", n);
  return Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => j).filter((j) => j !== i));
}

/** Two complete graphs of n agents; agent i of the one is joined to agent i of the other. */
export function twoCliques(n: number): number[][] {
  const clique = completeGraph(n);
  return [
    ...clique.map((neighbours, i) => [...neighbours, n + i]),
    ...clique.map((neighbours, i) => [...neighbours.map((j) => n + j), i]),
  ];
}

const MOST_AGENTS = 12;

/**
 * The largest r for which the graph is r-robust: of any two disjoint, non-empty sets of agents one has a member with r
 * neighbours or more outside its own set (LeBlanc, Zhang, Koutsoukos and Sundaram 2013). By all pairs of sets. 0 for a
 * graph that falls apart; a complete graph of n has ceil(n / 2).
 * @throws DomainError for more than 12 agents: 3^12 pairs
 */
export function graphRobustness(graph: Graph): number {
  checkGraph(graph);
  const n = graph.length;
  if (n > MOST_AGENTS) throw new DomainError(complaint("graph", `at most ${MOST_AGENTS} agents`, n));
  const masks = graph.map((neighbours) => neighbours.reduce((mask, j) => mask | (1 << j), 0));
  const reach = new Int8Array(2 ** n);
  for (let set = 1; set < 2 ** n; set++) {
    for (let i = 0; i < n; i++) {
      if ((set >> i) & 1) reach[set] = Math.max(reach[set], ones(masks[i] & ~set));
    }
  }
  let robustness = Math.ceil(n / 2);
  const all = 2 ** n - 1;
  for (let first = 1; first <= all; first++) {
    const rest = all & ~first;
    for (let second = rest; second > 0; second = (second - 1) & rest) {
      robustness = Math.min(robustness, Math.max(reach[first], reach[second]));
    }
  }
  return robustness;
}

function ones(mask: number): number {
  let count = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) count++;
  return count;
}
