import { checkCount } from "../../core/checks.js";
import { complaint, DomainError, ShapeError } from "../../core/index.js";
import { type Key, normal, split } from "../../random/index.js";

/** Lengths of ways, [n][n]: 0 on the diagonal, Infinity where no way is known. */
export type Distances = readonly Float64Array[];

/** How a judge with noisy copies of an agent puts two halves of a way together. */
export type MinPlusCure = "none" | "mean" | "double";

/**
 * The amplified judge of shortest ways: it asks a weaker agent for both halves and takes the best middle,
 * (one * other)_ij = min over k of one_ik + other_kj. Where `chosenBy` is given the middle is the one that looks best
 * there, and its length is read off here. With distances of up to m edges it gives those of up to 2m.
 * @throws ShapeError unless all are square and alike, DomainError for an entry that is NaN or -Infinity
 */
export function minPlus(one: Distances, other: Distances, chosenBy: readonly [Distances, Distances] = [one, other]) {
  const n = one.length;
  for (const [name, matrix] of Object.entries({ one, other, first: chosenBy[0], second: chosenBy[1] })) {
    checkDistances(name, matrix, n);
  }
  return Array.from({ length: n }, (_, i) =>
    Float64Array.from({ length: n }, (_, j) => {
      let middle = 0;
      let best = Number.POSITIVE_INFINITY;
      for (let k = 0; k < n; k++) {
        const length = chosenBy[0][i][k] + chosenBy[1][k][j];
        if (length < best) [middle, best] = [k, length];
      }
      return best === Number.POSITIVE_INFINITY ? best : one[i][middle] + other[middle][j];
    }),
  );
}

export interface AmplificationOptions {
  rounds: number;
  /**
   * What distilling costs: the agent of the next round says length * (1 + noise * z), z ~ N(0, 1) for each pair; 0 by
   * default. A way from a place to itself stays 0.
   */
  noise?: number;
  /**
   * Against the optimiser's curse (a minimum over noisy copies is too small on average): "mean" distils twice and
   * averages before the minimum; "double" chooses the middle by one copy and reads its length off the other (the double
   * estimator of van Hasselt 2010). "none" by default.
   */
  cure?: MinPlusCure;
}

/**
 * Iterated amplification and distillation (Christiano, Shlegeris, Amodei 2018, arXiv:1810.08575) on shortest ways: the
 * first agent knows the edges, each next one is distilled from the judge helped by the last. Returns what the judge
 * says after each round, [rounds][n][n]; without noise that is exact for all ways of up to 2^round edges.
 * @example
 * const edge = (...row: number[]) => Float64Array.from(row);
 * const ring = [edge(0, 1, Infinity), edge(Infinity, 0, 1), edge(1, Infinity, 0)];
 * amplifyDistances(key(0), ring, { rounds: 1 })[0][0][2] // 2
 */
export function amplifyDistances(
  k: Key,
  edges: Distances,
  { rounds, noise = 0, cure = "none" }: AmplificationOptions,
): Float64Array[][] {
  checkCount("rounds", rounds, 0);
  if (!(noise >= 0 && noise < 1)) throw new DomainError(complaint("noise", "a share from 0 to below 1", noise));
  checkDistances("edges", edges, edges.length);
  const judged: Float64Array[][] = [];
  let [agent, twin]: Distances[] = [edges, edges];
  for (const roundKey of rounds === 0 ? [] : split(k, Math.max(rounds, 2)).slice(0, rounds)) {
    const [one, other] = split(roundKey);
    const plain = cure === "double" ? minPlus(twin, twin, [agent, agent]) : minPlus(agent, agent);
    judged.push(plain);
    if (cure === "double") {
      const crossed = minPlus(agent, agent, [twin, twin]);
      [agent, twin] = [distil(one, plain, noise), distil(other, crossed, noise)];
    } else if (cure === "mean") {
      const [first, second] = [distil(one, plain, noise), distil(other, plain, noise)];
      agent = first.map((row, i) => row.map((length, j) => (length + second[i][j]) / 2));
    } else agent = distil(one, plain, noise);
  }
  return judged;
}

function distil(k: Key, distances: Distances, noise: number): Float64Array[] {
  const n = distances.length;
  const draws = normal(k, n * n);
  return distances.map((row, i) => row.map((length, j) => (i === j ? 0 : length * (1 + noise * draws[i * n + j]))));
}

/**
 * A permutation applied 2^rounds times, by asking in each round the agent of the last one twice: (A o A)_i = A[A[i]].
 * `permutation` holds 0 to n - 1, each once.
 * @example permutationPower([1, 2, 3, 0], 1) // [2, 3, 0, 1]
 */
export function permutationPower(permutation: ArrayLike<number>, rounds: number): Int32Array {
  const n = permutation.length;
  const seen = new Set<number>();
  for (let i = 0; i < n; i++) seen.add(permutation[i]);
  const isOne = seen.size === n && [...seen].every((i) => Number.isInteger(i) && i >= 0 && i < n);
  if (!isOne) throw new DomainError(complaint("permutation", `0 to ${n - 1}, each once`, permutation));
  checkCount("rounds", rounds, 0);
  let agent = Int32Array.from(permutation);
  for (let round = 0; round < rounds; round++) agent = agent.map((next) => agent[next]);
  return agent;
}

/**
 * Which set each of n elements is in after pairs of them were joined, named by its least element: each round an element
 * takes the least name that its neighbours, or the one it is named after, know. Rounds until nothing changes: `names`
 * and how many rounds it took.
 * @example joinedSets(4, [[0, 1], [1, 2]]).names // [0, 0, 0, 3]
 */
export function joinedSets(
  n: number,
  pairs: readonly (readonly [number, number])[],
): { names: Int32Array; rounds: number } {
  const isElement = (i: number) => Number.isInteger(i) && i >= 0 && i < n;
  pairs.forEach((pair, i) => {
    if (!pair.every(isElement)) throw new DomainError(complaint(`pairs[${i}]`, `elements, 0 to ${n - 1}`, pair));
  });
  let names = Int32Array.from({ length: n }, (_, i) => i);
  for (let rounds = 0; ; rounds++) {
    const next = names.map((name) => names[name]);
    for (const [a, b] of pairs) {
      const least = Math.min(names[a], names[b]);
      for (const i of [a, b, names[a], names[b]]) next[i] = Math.min(next[i], least);
    }
    if (next.every((name, i) => name === names[i])) return { names, rounds };
    names = next;
  }
}

/**
 * With what probability a tree of questions goes wrong if each of its 2^depth leaves is answered wrongly with
 * `error`, on its own, and one wrong answer spoils the whole: 1 - (1 - error)^(2^depth).
 * @example treeError(0.01, 6) // 0.4744
 */
export function treeError(error: number, depth: number): number {
  if (!(error >= 0 && error <= 1)) throw new DomainError(complaint("error", "a probability", error));
  checkCount("depth", depth, 0);
  return -Math.expm1(2 ** depth * Math.log1p(-error));
}

function checkDistances(name: string, distances: Distances, n: number): void {
  if (n === 0 || distances.length !== n) throw new ShapeError(complaint(name, `${n} rows, at least one`, distances));
  distances.forEach((row, i) => {
    if (row.length !== n) throw new ShapeError(complaint(`${name}[${i}]`, `${n} lengths`, row));
    for (let j = 0; j < n; j++) {
      if (!(row[j] > Number.NEGATIVE_INFINITY)) {
        throw new DomainError(complaint(`${name}[${i}][${j}]`, "a length, or Infinity", row[j]));
      }
    }
  });
}
