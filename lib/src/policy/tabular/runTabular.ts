import { checkCount, checkNonNegative, checkPositive } from "../../core/checks.js";
import { complaint, DivergenceError, DomainError, ShapeError } from "../../core/index.js";
import { exactEntropy, exactExpectation, exactKL, exactRegularisedOptimum } from "../../numerics/index.js";
import { foldIn, type Key } from "../../random/index.js";
import {
  conditionalLogProbs,
  drawSequences,
  sequenceLogProbsOf,
  type TreePolicy,
  tokenLogitGradient,
} from "../../trees/index.js";
import { type TabularWatch, tabularLoop } from "./tabularLoop.js";

/** What every trainer on a table of logits takes. */
export interface TabularOptions<R extends TabularRecord = TabularRecord> extends TabularWatch<R> {
  /** The reward that is learned from, one number per sequence, [N], paid with its last token. */
  reward: ArrayLike<number>;
  /** log-probability of each sequence under the reference, [N]; that of the start, when left out. */
  reference?: ArrayLike<number>;
  /** The true utility, [N], only measured; the reward itself when left out. */
  trueReward?: ArrayLike<number>;
  /** The objective is E[reward] - beta KL(pi || ref), which is maximised. */
  beta?: number;
  steps: number;
  /** Sequences drawn per step. */
  batch?: number;
}

/** Exact figures of the policy after so many steps, by enumeration. */
export interface TabularRecord {
  step: number;
  /** Sequences drawn so far; with the exact gradient none. */
  replies: number;
  /** E[reward], without the penalty. */
  reward: number;
  /** E[true reward]. */
  trueReward: number;
  /** KL(pi || ref), in nats per sequence. */
  referenceKl: number;
  /** Entropy of the sequence, in nats: of the whole, where a sample's is per token. */
  sequenceEntropy: number;
  /** E[reward] - beta KL, which is maximised. */
  objective: number;
  /** How far below the optimum, that is: never negative. */
  gap: number;
  /** The weight of the penalty: as given, unless it is learned. */
  beta: number;
}

/** A record of an actor-critic. */
export interface TabularCriticRecord extends TabularRecord {
  /** What the critic says of the empty prefix; the exact value is `objective`. */
  value: number;
}

export interface TabularRun<R extends TabularRecord = TabularRecord> {
  policy: TreePolicy;
  history: R[];
  /** The greatest objective that any distribution over sequences has: beta log Z; without a penalty the best reward. */
  optimum: number;
}

/** A batch of sequences, token by token, one after the other: all lists but the first two [M], M tokens in all. */
export interface DrawnTokens {
  /** Numbers in `tree.sequences`, [B]. */
  sequences: Int32Array;
  /** Where each sequence begins in the lists, and M at the end, [B + 1]. */
  starts: Int32Array;
  /** Where the token stands in tables [P, V]: prefix * V + token. */
  tokenIndices: Int32Array;
  /** Its log-probability under the policy that drew it, and under the reference. */
  logp: Float64Array;
  logpRef: Float64Array;
  /** The sequence's reward at its last token, otherwise 0. */
  reward: Float64Array;
}

/** What an algorithm sees in each step. It moves the policy's logits, and its own critic, in place. */
export interface TabularStep {
  key: Key;
  step: number;
  policy: TreePolicy;
  /** log ref(y), [N], and log ref(v | prefix), [P, V]. */
  logRef: ArrayLike<number>;
  reference: Float64Array;
  /** This step's batch. */
  draw(): DrawnTokens;
}

/**
 * The frame of all trainers on a table: let the algorithm draw and learn, measure exactly. `also` adds to a record what
 * only the algorithm knows. Step k draws with foldIn(foldIn(key, k), 0) and learns with foldIn(foldIn(key, k), 1).
 * @throws ShapeError, DomainError for options that cannot be; DivergenceError naming the step
 */
export function runTabular<R extends TabularRecord = TabularRecord>(
  key: Key,
  start: TreePolicy,
  options: TabularOptions<R> & { batch: number },
  learn: (step: TabularStep) => void,
  also: () => Omit<R, keyof TabularRecord> & { beta?: number; drawn?: number },
): TabularRun<R> {
  check(start, options);
  const { reward, trueReward = reward, beta = 0, batch } = options;
  const policy = { ...start, logits: start.logits.slice() };
  const { tree } = policy;
  const first = sequenceLogProbsOf(policy);
  const logRef = options.reference ?? first;
  const optimum = beta > 0 ? exactRegularisedOptimum(logRef, reward, beta).value : bestOf(reward, first);
  const reference = conditionalLogProbs(tree, logRef);
  let replies = 0;
  const history = tabularLoop<R>(options, {
    advance(step) {
      const own = foldIn(key, step);
      const draw = () => {
        replies += batch;
        return drawTokens(foldIn(own, 0), policy, reward, reference, batch);
      };
      learn({ key: foldIn(own, 1), step, policy, logRef, reference, draw });
      requireFinite(policy.logits, step);
    },
    measure(step) {
      const now = sequenceLogProbsOf(policy);
      const referenceKl = exactKL(now, logRef);
      const mean = exactExpectation(now, reward);
      const objective = beta > 0 ? mean - beta * referenceKl : mean;
      const record: TabularRecord = {
        step,
        replies,
        reward: mean,
        trueReward: exactExpectation(now, trueReward),
        referenceKl,
        sequenceEntropy: exactEntropy(now),
        objective,
        gap: optimum - objective,
        beta,
      };
      return { ...record, ...also() } as R;
    },
  });
  return { policy, history, optimum };
}

function drawTokens(
  key: Key,
  policy: TreePolicy,
  reward: ArrayLike<number>,
  reference: Float64Array,
  batch: number,
): DrawnTokens {
  const { sequences, tokenIndices: perSequence, logpOld } = drawSequences(key, policy, batch);
  const starts = new Int32Array(batch + 1);
  for (let b = 0; b < batch; b++) starts[b + 1] = starts[b] + perSequence[b].length;
  const M = starts[batch];
  const [tokenIndices, logp, paid] = [new Int32Array(M), new Float64Array(M), new Float64Array(M)];
  for (let b = 0; b < batch; b++) {
    tokenIndices.set(perSequence[b], starts[b]);
    logp.set(logpOld[b], starts[b]);
    paid[starts[b + 1] - 1] = reward[sequences[b]];
  }
  return {
    sequences,
    starts,
    tokenIndices,
    logp,
    logpRef: Float64Array.from(tokenIndices, (at) => reference[at]),
    reward: paid,
  };
}

/**
 * Descends a loss that is known by its slopes d loss / d logp, one for each token: logits -= rate * sum of slope *
 * d logp / d logits, in place.
 */
export function descend(policy: TreePolicy, tokenIndices: Int32Array, slopes: ArrayLike<number>, rate: number): void {
  const gradient = tokenLogitGradient(policy, [tokenIndices], [slopes]);
  for (let i = 0; i < gradient.length; i++) policy.logits[i] -= rate * gradient[i];
}

/** The greatest reward of a sequence that can be written. */
function bestOf(reward: ArrayLike<number>, logProbs: ArrayLike<number>): number {
  let best = Number.NEGATIVE_INFINITY;
  for (let y = 0; y < reward.length; y++) {
    if (logProbs[y] > Number.NEGATIVE_INFINITY) best = Math.max(best, reward[y]);
  }
  return best;
}

/** @throws DivergenceError naming the step */
export function requireFinite(logits: Float64Array, step: number): void {
  if (logits.every(Number.isFinite)) return;
  throw new DivergenceError(`logits: NaN or Infinity at step ${step}. Take a smaller rate.`);
}

/** @throws DomainError unless the rate is positive and finite */
export function checkRate(name: string, rate: number): void {
  checkPositive(name, rate);
}

function check({ tree, logits }: TreePolicy, options: TabularOptions & { batch: number }): void {
  const { reward, trueReward, reference, beta = 0, batch } = options;
  for (const [name, list] of Object.entries({ reward, trueReward, reference })) {
    if (list !== undefined && list.length !== tree.sequences.length) {
      throw new ShapeError(complaint(name, `${tree.sequences.length} numbers, one per sequence`, list));
    }
  }
  checkCount("batch", batch);
  checkNonNegative("beta", beta);
  if (!logits.every(Number.isFinite)) throw new DomainError(complaint("logits", "finite numbers", logits));
}
