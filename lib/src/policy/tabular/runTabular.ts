import { complaint, DivergenceError, DomainError, ShapeError } from "../../core/index.js";
import { exactEntropy, exactExpectation, exactKL, exactRegularisedOptimum } from "../../numerics/index.js";
import { foldIn, type Key, uniform } from "../../random/index.js";
import {
  conditionalLogProbs,
  nextTokenLogProbs,
  type PolicyRows,
  type SequenceTree,
  sequenceLogProbs,
} from "../../trees/index.js";
import { type TabularWatch, tabularLoop } from "./tabularLoop.js";

/** What every actor-critic on a table takes. */
export interface TabularActorCriticOptions extends TabularWatch<TabularActorCriticRecord> {
  tree: SequenceTree;
  rows: PolicyRows;
  /** Where the policy begins, [rows, V] row-major. It is not changed. */
  logits: ArrayLike<number>;
  /** One number per reply, [N], paid with its last token. */
  reward: ArrayLike<number>;
  /** log-probability of each reply under the reference, [N]; where training begins, when left out. */
  reference?: ArrayLike<number>;
  /** Climbed is E[reward] - beta KL(pi || ref); above 0. */
  beta: number;
  steps: number;
  /** Replies drawn per step; 32 by default. */
  batch?: number;
}

/** Exact figures of the policy after so many steps, by enumeration. */
export interface TabularActorCriticRecord {
  step: number;
  /** Replies drawn so far. */
  replies: number;
  /** E[reward]. */
  reward: number;
  /** KL(pi || ref), in nats per reply. */
  referenceKl: number;
  /** Entropy of the reply, in nats: of the whole reply, where a sample's is per token. */
  entropy: number;
  /** E[reward] - beta KL: what is climbed. */
  objective: number;
  /** How far below the optimum, beta log Z, that is: never negative. */
  gap: number;
  /** What the critic says of the empty reply; the exact value is `objective`. */
  value: number;
  /** The weight of the penalty: as given, unless it is learned. */
  beta: number;
}

export interface TabularActorCriticRun {
  logits: Float64Array;
  history: TabularActorCriticRecord[];
  /** The greatest objective that any distribution over replies has, beta log Z. */
  optimum: number;
}

/** A batch of replies, token by token, one after the other: all lists [M], M tokens in all. */
export interface DrawnTokens {
  /** Where each reply begins in the lists, and M at the end, [B + 1]. */
  starts: Int32Array;
  /** The prefix in which the token was written. */
  prefix: Int32Array;
  token: Int32Array;
  /** Its log-probability under the policy that drew it, and under the reference. */
  logp: Float64Array;
  logpRef: Float64Array;
  /** The reply's reward at its last token, otherwise 0. */
  reward: Float64Array;
}

/** What an algorithm sees in each step. It moves logits and its own critic in place. */
export interface TabularStep {
  key: Key;
  step: number;
  /** [rows, V]. */
  logits: Float64Array;
  /** log ref(v | prefix), [P, V]. */
  reference: Float64Array;
  drawn: DrawnTokens;
}

/** The frame of all actor-critics on a table: draw, let the algorithm learn, measure exactly. */
export function runTabular(
  key: Key,
  options: TabularActorCriticOptions,
  learn: (step: TabularStep) => void,
  say: () => { value: number; beta?: number },
): TabularActorCriticRun {
  const { tree, rows, reward, beta, batch = 32 } = options;
  if (!(Number.isInteger(batch) && batch >= 1)) {
    throw new DomainError(complaint("batch", "a whole number of at least 1", batch));
  }
  if (reward.length !== tree.sequences.length) {
    throw new ShapeError(complaint("reward", `${tree.sequences.length} numbers, one per reply`, reward));
  }
  const logits = Float64Array.from(options.logits);
  const logProbs = () => sequenceLogProbs(tree, nextTokenLogProbs(tree, rows, logits));
  const logRef = options.reference ?? logProbs();
  const optimum = exactRegularisedOptimum(logRef, reward, beta).value;
  const reference = conditionalLogProbs(tree, logRef);
  const history = tabularLoop<TabularActorCriticRecord>(options, {
    advance(step) {
      const [drawKey, learnKey] = [foldIn(foldIn(key, step), 0), foldIn(foldIn(key, step), 1)];
      learn({ key: learnKey, step, logits, reference, drawn: draw(drawKey, options, logits, reference, batch) });
      requireFinite(logits, step);
    },
    measure(step) {
      const now = logProbs();
      const referenceKl = exactKL(now, logRef);
      const mean = exactExpectation(now, reward);
      const objective = mean - beta * referenceKl;
      const exact = { reward: mean, referenceKl, entropy: exactEntropy(now), objective, gap: optimum - objective };
      return { step, replies: step * batch, ...exact, beta, ...say() };
    },
  });
  return { logits, history, optimum };
}

/** Walks down the tree, token by token. */
function draw(
  key: Key,
  { tree, rows, reward }: TabularActorCriticOptions,
  logits: Float64Array,
  reference: Float64Array,
  batch: number,
): DrawnTokens {
  const V = tree.vocabulary;
  const noise = uniform(key, batch * tree.length);
  const lists = { prefix: [], token: [], logp: [], logpRef: [], reward: [] } as Record<string, number[]>;
  const starts = [0];
  for (let b = 0; b < batch; b++) {
    let node = 0;
    for (let t = 0; node >= 0; t++) {
      const row = rows[node] * V;
      const logTotal = rowLogSumExp(logits, row, V);
      let left = noise[b * tree.length + t];
      let token = -1;
      for (let v = 0; v < V && left >= 0; v++) {
        const p = Math.exp(logits[row + v] - logTotal);
        if (p > 0) {
          token = v; // the last possible one, should rounding leave something over
          left -= p;
        }
      }
      lists.prefix.push(node);
      lists.token.push(token);
      lists.logp.push(logits[row + token] - logTotal);
      lists.logpRef.push(reference[node * V + token]);
      node = tree.next[node * V + token];
      lists.reward.push(node < 0 ? reward[-1 - node] : 0);
    }
    starts.push(lists.prefix.length);
  }
  return {
    starts: Int32Array.from(starts),
    prefix: Int32Array.from(lists.prefix),
    token: Int32Array.from(lists.token),
    logp: Float64Array.from(lists.logp),
    logpRef: Float64Array.from(lists.logpRef),
    reward: Float64Array.from(lists.reward),
  };
}

function rowLogSumExp(logits: Float64Array, row: number, V: number): number {
  let most = Number.NEGATIVE_INFINITY;
  for (let v = 0; v < V; v++) most = Math.max(most, logits[row + v]);
  let sum = 0;
  for (let v = 0; v < V; v++) sum += Math.exp(logits[row + v] - most);
  return most + Math.log(sum);
}

/** log pi(token | prefix) of the drawn tokens under the logits as they are now, [M]. */
export function drawnLogProbs(
  { tree, rows }: TabularActorCriticOptions,
  logits: Float64Array,
  drawn: Pick<DrawnTokens, "prefix" | "token">,
): Float64Array {
  const V = tree.vocabulary;
  return Float64Array.from(drawn.prefix, (p, i) => {
    const row = rows[p] * V;
    return logits[row + drawn.token[i]] - rowLogSumExp(logits, row, V);
  });
}

/**
 * Descends a loss that is known by its slopes d loss / d logp, one per drawn token: logits -= rate * sum of slope * d
 * logp / d logits, where d log pi(v | p) / d logits = onehot(v) - pi(. | p).
 */
export function descend(
  { tree, rows }: TabularActorCriticOptions,
  logits: Float64Array,
  drawn: Pick<DrawnTokens, "prefix" | "token">,
  slopes: ArrayLike<number>,
  rate: number,
): void {
  const V = tree.vocabulary;
  const move = new Map<number, Float64Array>(); // only the rows that were visited
  drawn.prefix.forEach((p, i) => {
    const at = rows[p];
    const row = move.get(at) ?? new Float64Array(V);
    move.set(at, row);
    const logTotal = rowLogSumExp(logits, at * V, V);
    for (let v = 0; v < V; v++) row[v] -= slopes[i] * Math.exp(logits[at * V + v] - logTotal);
    row[drawn.token[i]] += slopes[i];
  });
  for (const [at, row] of move) for (let v = 0; v < V; v++) logits[at * V + v] -= rate * row[v];
}

/** @throws DivergenceError naming the step */
export function requireFinite(logits: Float64Array, step: number): void {
  if (logits.every(Number.isFinite)) return;
  throw new DivergenceError(`logits: NaN or Infinity at step ${step}. Take a smaller rate.`);
}

/** @throws DomainError unless the rate is positive and finite */
export function checkRate(name: string, rate: number): void {
  if (!(rate > 0 && Number.isFinite(rate))) throw new DomainError(complaint(name, "a positive number", rate));
}
