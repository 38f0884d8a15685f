import { complain, DomainError } from "../core/index.js";
import type { Transformer, TransformerParams } from "../models/index.js";
import { generator, leftPad } from "../models/index.js";
import { foldIn, type Key, split } from "../random/index.js";
import type { PromptCompletion } from "../rewards/index.js";
import { disposeTree, type Optimizer, type Tree } from "../tensor/index.js";
import type { MetricsRecord } from "./loop.js";
import { completionsOf, type RewardFunction } from "./policy/reward.js";
import { trainSupervised } from "./supervised.js";

export interface SampledCompletion extends PromptCompletion {
  readonly prompt: readonly number[];
  readonly completion: readonly number[];
  readonly reward: number;
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
  stop?: number;
  pad?: number;
}

/** n completions to each prompt with their rewards; those of one prompt are neighbours. */
export function sampleCompletions(key: Key, options: SampleOptions): SampledCompletion[] {
  const { model, params, n, newTokens, reward, batch = 64, temperature, stop, pad = 0 } = options;
  const rows = options.prompts.flatMap((prompt) => new Array<ArrayLike<number>>(n).fill(prompt));
  if (rows.length === 0) throw new DomainError(complain("prompts", "at least one, and n >= 1", rows));
  const generate = generator(model, { newTokens, temperature, stop, pad });
  const longest = rows.reduce((most, row) => Math.max(most, row.length), 0);
  const out: SampledCompletion[] = [];
  for (let begin = 0; begin < rows.length; begin += batch) {
    // The last part is filled up, so that all have one shape and one graph.
    const part = Array.from({ length: batch }, (_, i) => rows[begin + i] ?? rows[begin]);
    const prompts = leftPad(part, { pad, length: longest });
    const rollout = generate(foldIn(key, begin), params, prompts);
    const completions = completionsOf(rollout, part);
    const rewards = reward(completions);
    for (let i = 0; i < Math.min(batch, rows.length - begin); i++) {
      out.push({ prompt: Array.from(part[i]), completion: completions.written[i], reward: rewards[i] });
    }
    disposeTree([rollout, prompts]);
  }
  return out;
}

/** The best of each n neighbours: what best-of-n sampling would say. Ties go to the first. */
export function bestOfEach(samples: readonly SampledCompletion[], n: number): SampledCompletion[] {
  if (!(Number.isInteger(n) && n >= 1) || samples.length % n !== 0) {
    throw new DomainError(complain("n", `a divisor of ${samples.length}, the number of samples`, n));
  }
  return Array.from({ length: samples.length / n }, (_, g) =>
    samples.slice(g * n, (g + 1) * n).reduce((best, one) => (one.reward > best.reward ? one : best)),
  );
}

export interface ExpertIterationOptions<O extends Tree> extends Omit<SampleOptions, "params" | "prompts"> {
  start: TransformerParams;
  optimizer: Optimizer<O>;
  /** Draws prompts for a round. */
  prompts(key: Key, count: number): readonly ArrayLike<number>[];
  promptsPerRound: number;
  rounds: number;
  /** Gradient steps per round, and rows per step. */
  steps: number;
  rowsPerStep?: number;
  label?: string | false;
}

/**
 * Expert iteration: write n completions to each prompt, keep the best, fine-tune on them, again (Anthony et al. 2017, arXiv:1705.08439;
 * as rejection-sampling fine-tuning in Touvron et al. 2023, arXiv:2307.09288). One record per round: reward (mean over all samples),
 * best (mean over the kept ones), loss.
 */
export async function expertIteration<O extends Tree>(
  key: Key,
  options: ExpertIterationOptions<O>,
): Promise<{ params: TransformerParams; history: MetricsRecord[] }> {
  const { start, rounds, steps, n } = options;
  const history: MetricsRecord[] = [];
  const begin = performance.now();
  let params = start;
  for (let round = 0; round < rounds; round++) {
    const [promptKey, writeKey, trainKey] = split(foldIn(key, round), 3);
    const prompts = options.prompts(promptKey, options.promptsPerRound);
    const samples = sampleCompletions(writeKey, { ...options, params, prompts });
    const best = bestOfEach(samples, n);
    const { state, history: losses } = await trainSupervised(trainKey, {
      model: options.model,
      start: params,
      optimizer: options.optimizer,
      demonstrations: best,
      steps,
      batch: options.rowsPerStep,
      pad: options.pad,
      label:
        options.label === false ? false : `${options.label ?? "expert iteration"}, round ${round + 1} of ${rounds}`,
    });
    disposeTree(state.optimizer);
    if (params !== start) disposeTree(params);
    params = state.params;
    const average = (list: readonly SampledCompletion[]) =>
      list.reduce((sum, { reward }) => sum + reward, 0) / list.length;
    const seconds = (performance.now() - begin) / 1000;
    const loss = losses.at(-1)?.loss ?? Number.NaN;
    history.push({ step: round + 1, seconds, reward: average(samples), best: average(best), loss });
  }
  return { params, history };
}
