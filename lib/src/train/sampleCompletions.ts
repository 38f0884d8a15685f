import { complaint, DomainError } from "../core/index.js";
import { generator, leftPad, type Transformer, type TransformerParams } from "../models/index.js";
import { foldIn, type Key } from "../random/index.js";
import type { PromptCompletion } from "../rewards/completionRows.js";
import { disposeTree } from "../tensor/index.js";
import type { TokenAutomaton } from "../tokenizers/index.js";
import { checkCounts } from "./checks.js";
import { completionsOf, type RewardFunction } from "./policy/reward.js";

export interface SampledCompletion extends PromptCompletion {
  readonly prompt: readonly number[];
  readonly completion: readonly number[];
  readonly reward: number;
  /** log pi(completion | prompt) under the policy that wrote it, at temperature 1 and all tokens allowed, in nats. */
  readonly logp: number;
}

export interface SampleOptions {
  model: Transformer;
  params: TransformerParams;
  prompts: readonly ArrayLike<number>[];
  /** Completions to each prompt. */
  n: number;
  newTokens: number;
  reward: RewardFunction;
  /** Rows per captured call; 64 by default. */
  batch?: number;
  temperature?: number;
  stop?: number | readonly number[];
  pad?: number;
  /** Only completions that it lets through, by masking (`GenerateOptions`). */
  automaton?: TokenAutomaton;
}

/**
 * n completions to each prompt with their rewards; those of one prompt are neighbours.
 * @throws DomainError for options that cannot be
 */
export function sampleCompletions(key: Key, options: SampleOptions): SampledCompletion[] {
  const { model, params, n, newTokens, reward, batch = 64, temperature, stop, pad = 0, automaton } = options;
  checkCounts({ n, batch });
  const rows = options.prompts.flatMap((prompt) => new Array<ArrayLike<number>>(n).fill(prompt));
  if (rows.length === 0) throw new DomainError(complaint("prompts", "at least one", rows));
  const generate = generator(model, { newTokens, temperature, stop, pad, automaton });
  const longest = rows.reduce((most, row) => Math.max(most, row.length), 0);
  const out: SampledCompletion[] = [];
  for (let begin = 0; begin < rows.length; begin += batch) {
    // The last part is filled up, so that all have one shape and one graph.
    const part = Array.from({ length: batch }, (_, i) => rows[begin + i] ?? rows[begin]);
    const prompts = leftPad(part, { pad, length: longest });
    const rollout = generate(foldIn(key, begin), params, prompts);
    const completions = completionsOf(rollout, part);
    const rewards = reward(completions);
    const logProbs = rollout.logProbs.dataSync<"float32">();
    const [, columns] = rollout.logProbs.shape;
    for (let i = 0; i < Math.min(batch, rows.length - begin); i++) {
      const logp = logProbs.subarray(i * columns, (i + 1) * columns).reduce((sum, log) => sum + log, 0);
      out.push({ prompt: Array.from(part[i]), completion: completions.written[i], reward: rewards[i], logp });
    }
    disposeTree([rollout, prompts]);
  }
  return out;
}

/** The best of each n neighbours: what best-of-n sampling would say. Ties go to the first. */
export function bestOfEach(samples: readonly SampledCompletion[], n: number): SampledCompletion[] {
  if (!(Number.isInteger(n) && n >= 1) || samples.length % n !== 0) {
    throw new DomainError(complaint("n", `a divisor of ${samples.length}, the number of samples`, n));
  }
  return Array.from({ length: samples.length / n }, (_, g) =>
    samples.slice(g * n, (g + 1) * n).reduce((best, one) => (one.reward > best.reward ? one : best)),
  );
}
