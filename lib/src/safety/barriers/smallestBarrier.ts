import { Matrix, solve } from "ml-matrix";
import { checkCount, checkLength, checkNonNegative } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";
import type { MarkovChain } from "../../mdp/index.js";
import { linearProgram } from "../../numerics/index.js";

/**
 * Ville's inequality with a drift (Kushner 1967; Prajna, Jadbabaie and Pappas 2007): if B >= 0, B >= 1 on the bad
 * states, and E B(next) <= B + drift everywhere else, then
 *   P(bad within T steps) <= B(start) + drift T,   at most 1.
 * With no drift it holds for all T together, however long one looks.
 * @throws DomainError unless B and the drift are at least 0, and T a whole number or Infinity
 * @example villeBound(0.1, { drift: 0.01, horizon: 20 }) // 0.3
 */
export function villeBound(
  atStart: number,
  { drift = 0, horizon = Number.POSITIVE_INFINITY }: { drift?: number; horizon?: number } = {},
): number {
  checkNonNegative("atStart", atStart);
  checkNonNegative("drift", drift);
  if (horizon !== Number.POSITIVE_INFINITY) checkCount("horizon", horizon, 0);
  return Math.min(1, atStart + (drift === 0 ? 0 : drift * horizon));
}

/**
 * The smallest barrier of a chain, by a linear program: min B(start) subject to B >= 0, B >= 1 on the bad states, and
 * E B(next) <= B on the others (an end counts as 0). Free, it is P(bad is ever reached), exactly. With a `template`,
 * functions [features][states], B is a weighted sum of them: what a proof with polynomials gives up.
 * @returns B, [states], and B(start), which bounds the probability
 * @throws ShapeError for lists that do not fit the chain; InfeasibleError if no sum of the template is a barrier
 */
export async function smallestBarrier(
  chain: MarkovChain,
  bad: ArrayLike<number>,
  template?: readonly ArrayLike<number>[],
): Promise<{ B: Float64Array; bound: number }> {
  const S = chain.outcomes.length;
  checkLength("bad", bad, S, "one per state");
  template?.forEach((feature, j) => {
    checkLength(`template[${j}]`, feature, S, "one per state");
  });
  const features: readonly ArrayLike<number>[] =
    template ?? Array.from({ length: S }, (_, s) => Float64Array.from({ length: S }, (_, i) => (i === s ? 1 : 0)));
  const at = (s: number) => features.map((feature) => feature[s]);
  const subjectTo = chain.outcomes.flatMap((list, s) => {
    const own = at(s);
    if (bad[s] !== 0) return [{ form: own, atLeast: 1 }];
    const falls = own.map((value, j) =>
      list.reduce((sum, { probability, next }) => sum - (next < 0 ? 0 : probability * features[j][next]), value),
    );
    return [
      { form: own, atLeast: 0 },
      { form: falls, atLeast: 0 },
    ];
  });
  const lower = Number.NEGATIVE_INFINITY;
  const { x } = await linearProgram({ variables: features.length, minimise: at(chain.start), subjectTo, lower });
  const B = Float64Array.from({ length: S }, (_, s) => at(s).reduce((sum, value, j) => sum + value * x[j], 0));
  return { B, bound: Math.max(B[chain.start], 0) };
}

/**
 * P(a bad state is reached, within so many steps or ever | s), [states], exactly: by steps backwards, or a linear
 * system over the states from which bad can be reached at all.
 * @throws ShapeError unless `bad` has one entry per state; DomainError unless `within` is a whole number or Infinity
 */
export function hitProbability(
  chain: MarkovChain,
  bad: ArrayLike<number>,
  { within = Number.POSITIVE_INFINITY }: { within?: number } = {},
): Float64Array {
  const S = chain.outcomes.length;
  checkLength("bad", bad, S, "one per state");
  if (within !== Number.POSITIVE_INFINITY) checkCount("within", within, 0);
  let hit = Float64Array.from({ length: S }, (_, s) => (bad[s] === 0 ? 0 : 1));
  const back = (values: Float64Array) =>
    Float64Array.from(chain.outcomes, (list, s) =>
      bad[s] !== 0
        ? 1
        : list.reduce((sum, { probability, next }) => sum + (next < 0 ? 0 : probability * values[next]), 0),
    );
  if (within !== Number.POSITIVE_INFINITY) {
    for (let t = 0; t < within; t++) hit = back(hit);
    return hit;
  }
  for (let round = 0; round < S; round++) hit = back(hit); // above 0 where bad can be reached
  const open = Array.from(hit.keys()).filter((s) => bad[s] === 0 && hit[s] > 0);
  if (open.length === 0) return hit;
  const place = new Map(open.map((s, i) => [s, i]));
  const system = Matrix.eye(open.length, open.length);
  const right = Matrix.zeros(open.length, 1);
  open.forEach((s, i) => {
    for (const { probability, next } of chain.outcomes[s]) {
      const j = place.get(next);
      if (j !== undefined) system.set(i, j, system.get(i, j) - probability);
      else if (next >= 0 && bad[next] !== 0) right.set(i, 0, right.get(i, 0) + probability);
    }
  });
  const solved = solve(system, right).to1DArray();
  open.forEach((s, i) => {
    hit[s] = solved[i];
  });
  return hit;
}

/**
 * A gambler with `start` of `target` units who wins one with probability `up` and loses one otherwise, until 0 (the
 * end) or the target (state number target, held for ever): the chain on which barriers are compared. States
 * 0 ... target.
 * P(target before 0) = (r^start - 1) / (r^target - 1) with r = (1 - up) / up, or start / target if fair.
 * @throws DomainError unless 0 < up < 1 and 0 <= start <= target
 */
export function gamblersChain(up: number, { start, target }: { start: number; target: number }): MarkovChain {
  if (!(up > 0 && up < 1)) throw new DomainError(complaint("up", "a probability between 0 and 1", up));
  checkCount("target", target);
  checkCount("start", start, 0);
  if (start > target) throw new DomainError(complaint("start", `at most the target, ${target}`, start));
  const stay = (s: number) => [{ probability: 1, reward: 0, next: s }];
  const outcomes = Array.from({ length: target + 1 }, (_, s) =>
    s === 0 || s === target
      ? stay(s)
      : [
          { probability: up, reward: 0, next: s + 1 },
          { probability: 1 - up, reward: 0, next: s - 1 },
        ],
  );
  return { outcomes, start };
}
