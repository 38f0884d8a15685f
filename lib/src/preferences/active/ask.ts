import { checkCount, checkFinite, checkLength } from "../../core/checks.js";
import { complaint, DomainError, InterruptError, notebookHost, ShapeError } from "../../core/index.js";
import { sigmoid, softplus } from "../../numerics/index.js";
import { foldIn, type Key, split, uniform } from "../../random/index.js";
import { probability } from "../bradleyTerry/probability.js";
import { comparisonsFromColumns } from "../comparisons.js";
import type { Noise } from "../noise.js";
import { laplacePosterior, type Posterior } from "../posterior/index.js";
import { chooseBest } from "./choose.js";
import { logOddsOf } from "./gaussian.js";
import type { Strategy } from "./strategies.js";

/** Items whose utility is known to us and not to the learner, and the questions that may be asked about them. */
export interface QuestionWorld {
  /** [items, d]: all that the learner sees of an item. One-hot rows are plain Bradley-Terry. */
  features: ReadonlyArray<ArrayLike<number>>;
  /**
   * [items] in nats: labelers prefer i to j with log-odds utility[i] - utility[j]. It need not
   * be linear in the features.
   */
  utility: ArrayLike<number>;
  /** The candidates: pairs of items. */
  questions: ReadonlyArray<readonly [first: number, second: number]>;
  /** Pairs on which the learned model is judged, and never asked for being here. */
  heldOut: ReadonlyArray<readonly [first: number, second: number]>;
  /**
   * [candidates] 1 where the first was preferred: answers that were given long ago. Then each
   * question can be asked once.
   */
  recorded?: ArrayLike<number>;
}

export interface AskOptions {
  strategy: Strategy;
  /** How many questions. */
  budget: number;
  /** The prior: each coefficient is Normal(0, deviation^2). */
  deviation: number;
  /** How the labelers slip; the learner's model knows nothing of it. Default: not at all. */
  noise?: Noise;
  /** Called with the posterior before every question and at the end. */
  watch?: (posterior: Posterior, asked: number) => void;
}

/** What became of a budget of questions. */
export interface AskRun {
  /** [budget] places among the questions, in the order asked. */
  asked: number[];
  /** [budget] 1 where the first item was preferred. */
  answers: number[];
  /** [budget + 1] simple regret after 0, 1, ... answers, in nats. */
  regret: number[];
  /** [budget + 1] excess loss on the held-out pairs after 0, 1, ... answers, in nats per pair. */
  loss: number[];
  /** At the end. */
  posterior: Posterior;
}

/**
 * Asks, learns, asks again: scores the questions under the current posterior (Laplace), asks the best one,
 * draws the labeler's answer and updates. A question may be asked again (another labeler answers), unless
 * the answers are recorded.
 * @throws ShapeError, DomainError for a world that does not fit together; InterruptError when the
 *   learner interrupts the cell
 */
export function askAndLearn(key: Key, world: QuestionWorld, options: AskOptions): AskRun {
  checkWorld(world, options);
  const { features, utility, questions, recorded } = world;
  const { strategy, budget, deviation, noise, watch } = options;
  const differences = questions.map(([i, j]) => Float64Array.from(features[i], (x, c) => x - features[j][c]));
  const asked: number[] = [];
  const answers: number[] = [];
  const [winner, loser]: [number[], number[]] = [[], []];
  const open = recorded && questions.map(() => true);
  const run: AskRun = { asked, answers, regret: [], loss: [], posterior: { mean: [], covariance: [] } };
  for (let n = 0; ; n++) {
    if (notebookHost()?.interrupt.aborted) throw new InterruptError(`asking: interrupted after ${n} of ${budget}`);
    const data = comparisonsFromColumns(winner, loser, { items: features.length });
    run.posterior = laplacePosterior(data, { deviation, features });
    const estimate = features.map((row) => run.posterior.mean.reduce((sum, w, c) => sum + w * row[c], 0));
    run.regret.push(simpleRegret(utility, estimate));
    run.loss.push(excessLoss(utility, estimate, world.heldOut));
    watch?.(run.posterior, n);
    if (n === budget) return run;
    const [draw, pick, reply] = split(foldIn(key, n), 3);
    const q = chooseBest(pick, strategy(draw, run.posterior, differences), open);
    const [i, j] = questions[q];
    const chance = probability(utility[i] - utility[j], noise);
    const first = recorded ? recorded[q] : uniform(reply, 1)[0] < chance ? 1 : 0;
    asked.push(q);
    answers.push(first);
    winner.push(first ? i : j);
    loser.push(first ? j : i);
    if (open) open[q] = false;
  }
}

/**
 * Simple regret: the utility lost by taking the item that looks best, max_i utility[i] - utility[argmax_i estimate[i]],
 * in nats, averaged over items that look equally good. 0 when the best item looks best, however wrong the other
 * estimates are. Bubeck, Munos and Stoltz 2009, arXiv:0802.2655.
 * @throws ShapeError unless both have the same length, at least 1; DomainError for a utility
 *   that is not finite, or a NaN
 */
export function simpleRegret(utility: ArrayLike<number>, estimate: ArrayLike<number>): number {
  const n = utility.length;
  if (n === 0) throw new ShapeError(complaint("utility", "at least one item", utility));
  checkLength("estimate", estimate, n, "one for each item");
  let [best, top, sum, equals] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0];
  for (let i = 0; i < n; i++) {
    checkFinite(`utility[${i}]`, utility[i]);
    if (Number.isNaN(estimate[i])) throw new DomainError(complaint(`estimate[${i}]`, "a number", estimate[i]));
    best = Math.max(best, utility[i]);
    top = Math.max(top, estimate[i]);
  }
  for (let i = 0; i < n; i++) {
    if (estimate[i] < top) continue;
    sum += utility[i];
    equals++;
  }
  return Math.max(best - sum / equals, 0);
}

/**
 * What the predictions cost: the mean over pairs of KL(true probability || predicted probability), in nats per answer:
 * how much likelier, on average, an answer is under the truth than under the estimate. 0 for the truth; 0.69 - entropy
 * for an estimate that is always 1/2.
 * @throws ShapeError if there are no pairs; DomainError for a utility or estimate of theirs that is not finite
 */
export function excessLoss(
  utility: ArrayLike<number>,
  estimate: ArrayLike<number>,
  pairs: ReadonlyArray<readonly [number, number]>,
): number {
  if (pairs.length === 0) throw new ShapeError(complaint("pairs", "at least one", pairs));
  let sum = 0;
  for (const [i, j] of pairs) {
    for (const [what, values] of [
      ["utility", utility],
      ["estimate", estimate],
    ] as const) {
      for (const item of [i, j]) {
        checkFinite(`${what}[${item}]`, values[item]);
      }
    }
    const [truth, guess] = [utility[i] - utility[j], estimate[i] - estimate[j]];
    // KL of two Bernoullis with log-odds t and g: sigmoid(t) (t - g) - softplus(t) + softplus(g).
    sum += sigmoid(truth) * (truth - guess) - softplus(truth) + softplus(guess);
  }
  return Math.max(sum / pairs.length, 0);
}

/** What a posterior still does not know of each question: the standard deviation of its log-odds, [candidates]. */
export function unknowns(world: QuestionWorld, posterior: Posterior): number[] {
  return world.questions.map(([i, j]) => {
    const x = Float64Array.from(world.features[i], (value, c) => value - world.features[j][c]);
    return Math.sqrt(logOddsOf(posterior, x).variance);
  });
}

/**
 * How many answers a run needs until its loss stays at or below `level`: the first number of answers after which it
 * never rises above it again. Infinity if it ends above.
 */
export function answersNeeded(loss: ArrayLike<number>, level: number): number {
  let needed = Number.POSITIVE_INFINITY;
  for (let n = loss.length - 1; n >= 0 && loss[n] <= level; n--) needed = n;
  return needed;
}

function checkWorld(world: QuestionWorld, { budget }: AskOptions): void {
  const { features, utility, questions, heldOut, recorded } = world;
  const items = features.length;
  checkCount("budget", budget, 0);
  checkLength("utility", utility, items, "one for each item");
  if (questions.length === 0) throw new ShapeError(complaint("questions", "at least one pair", questions));
  for (const [what, pairs] of Object.entries({ questions, heldOut })) {
    pairs.forEach(([i, j], q) => {
      const item = (k: number) => Number.isInteger(k) && k >= 0 && k < items;
      if (!item(i) || !item(j) || i === j) {
        throw new DomainError(complaint(`${what}[${q}]`, `two different items from 0 to ${items - 1}`, [i, j]));
      }
    });
  }
  if (!recorded) return;
  if (recorded.length !== questions.length) {
    throw new ShapeError(complaint("recorded", `${questions.length} answers, one for each question`, recorded));
  }
  if (budget > questions.length) {
    throw new DomainError(complaint("budget", `at most ${questions.length}, the number of recorded answers`, budget));
  }
}
