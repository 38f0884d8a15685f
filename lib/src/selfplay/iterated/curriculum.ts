import { checkCount } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";
import { softmax } from "../../numerics/index.js";
import { foldIn, type Key, uniform } from "../../random/index.js";

// A combination lock: L positions, `symbols` to choose from at each, one combination opens it, and anything else earns
// nothing. The policy is a softmax for each position, and symbol 0 is right, without loss of generality.

/** Logits of each position, [L][symbols]. */
export type LockPolicy = readonly Float64Array[];

/** The uniform policy. @throws DomainError unless both are integers of at least 1 */
export function lockPolicy({ length, symbols = 4 }: { length: number; symbols?: number }): Float64Array[] {
  if (!(Number.isInteger(length) && length >= 1 && Number.isInteger(symbols) && symbols >= 1)) {
    throw new DomainError(complaint("length, symbols", "integers of at least 1", [length, symbols]));
  }
  return Array.from({ length }, () => new Float64Array(symbols));
}

/** The probability that the first `length` positions are right: prod_l softmax(logits_l)_0. All of them by default. */
export function lockSuccess(policy: LockPolicy, length = policy.length): number {
  return policy.slice(0, length).reduce((product, logits) => product * softmax(logits)[0], 1);
}

/**
 * One step up the exact gradient of the success of the first `length` positions: success (1[right] - p) at each of
 * them, times the rate. The gradient carries the factor `success`: where hardly anything opens, hardly anything is
 * learned.
 */
export function lockStep(policy: LockPolicy, { rate, length = policy.length }: { rate: number; length?: number }) {
  const success = lockSuccess(policy, length);
  return policy.map((logits, l) => {
    if (l >= length) return logits;
    const p = softmax(logits);
    return logits.map((z, s) => z + rate * success * ((s === 0 ? 1 : 0) - p[s]));
  });
}

/**
 * Learning progress of each task, |how much its success has changed lately|: the mean of the later half of its last
 * `window` measurements minus that of the earlier half; 0 before there are two. Oudeyer, Kaplan and Hafner 2007;
 * Matiisen et al. 2017, arXiv:1707.00183.
 * @example learningProgress([[0, 0.2, 0.4, 0.6], [1, 1]]) // [0.4, 0]
 */
export function learningProgress(
  history: readonly ArrayLike<number>[],
  { window = 10 }: { window?: number } = {},
): Float64Array {
  checkCount("window", window, 2);
  return Float64Array.from(history, (seen) => {
    const last = Array.from(seen).slice(-window);
    const half = Math.floor(last.length / 2);
    if (half === 0) return 0;
    const meanOf = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
    return Math.abs(meanOf(last.slice(-half)) - meanOf(last.slice(0, half)));
  });
}

/** The task with the greatest progress; with probability `explore` any task, all equally likely. Ties: the first. */
export function chooseTask(
  key: Key,
  progress: ArrayLike<number>,
  { explore = 0.1 }: { explore?: number } = {},
): number {
  if (progress.length === 0) throw new DomainError(complaint("progress", "at least one task", progress));
  const [coin, which] = uniform(key, 2);
  if (coin < explore) return Math.floor(which * progress.length);
  let best = 0;
  for (let task = 1; task < progress.length; task++) if (progress[task] > progress[best]) best = task;
  return best;
}

/**
 * Who says how many of the first positions are asked for next: "whole" always all of them; "grow" one more as soon as
 * those before open with a probability above 0.7; "progress" what has changed the most lately (`chooseTask` of
 * `learningProgress`), where a teacher who knows nothing tries each length twice first.
 */
export type LockTeacher = "whole" | "grow" | "progress";

/** Steps until the whole lock opens with a probability above 1/2; `most` if it has not by then. */
export function stepsToOpen(
  key: Key,
  options: { length: number; teacher: LockTeacher; rate?: number; most?: number; explore?: number },
): number {
  const { length, teacher, rate = 1, most = 20_000, explore = 0.1 } = options;
  let policy = lockPolicy({ length });
  const history = Array.from({ length }, (): number[] => []);
  let grown = 1;
  for (let step = 0; step < most; step++) {
    if (lockSuccess(policy) > 0.5) return step;
    while (teacher === "grow" && grown < length && lockSuccess(policy, grown) > 0.7) grown++;
    let asked = teacher === "grow" ? grown : length;
    if (teacher === "progress") {
      const task =
        step < 2 * length ? step % length : chooseTask(foldIn(key, step), learningProgress(history), { explore });
      asked = task + 1;
    }
    policy = lockStep(policy, { rate, length: asked });
    history[asked - 1].push(lockSuccess(policy, asked));
  }
  return most;
}
