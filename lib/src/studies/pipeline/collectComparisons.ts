import { type Comparison, complaint, DomainError } from "../../core/index.js";
import type { Transformer, TransformerParams } from "../../models/index.js";
import { bradleyTerry } from "../../preferences/index.js";
import { type Key, split } from "../../random/index.js";
import { labelPairs } from "../../rewards/index.js";
import { type ComparisonGroup, sampleCompletions, textReward } from "../../train/index.js";
import type { MoodContinuation } from "../../worlds/text/index.js";
import type { PipelineConfig } from "./config.js";
import { rowsPerCall } from "./rowsPerCall.js";

/** Several continuations of one prompt, what a labeler said of every pair, and what only we know. */
export interface JudgedGroup extends ComparisonGroup {
  readonly prompt: readonly number[];
  readonly completions: readonly (readonly number[])[];
  /** True utility of each continuation, in nats. */
  readonly moods: readonly number[];
  /** log pi(continuation | prompt) of each under the policy that wrote them, in nats. */
  readonly logps: readonly number[];
}

/** Comparisons to learn from, and to test on: of held-out chapters. */
export interface ComparisonSets {
  readonly train: JudgedGroup[];
  readonly test: JudgedGroup[];
  /** The policy that wrote all continuations, if one did: it knows their log-probabilities. */
  readonly writer?: TransformerParams;
}

/**
 * Stage 2: the policy writes a few continuations to each prompt, and of every pair of them a simulated labeler says
 * which one they prefer: Bradley-Terry on the true moods, with the config's noise. Several labelers answer each
 * question, and need not agree.
 */
export function collectComparisons(
  key: Key,
  config: PipelineConfig,
  task: MoodContinuation,
  model: Transformer,
  params: TransformerParams,
): ComparisonSets {
  const { prompts, testPrompts, perPrompt, labelers } = config.compare;
  if (!(Number.isInteger(perPrompt) && perPrompt >= 2)) {
    throw new DomainError(complaint("compare.perPrompt", "at least 2 continuations", perPrompt));
  }
  if (!(Number.isInteger(labelers) && labelers >= 1)) {
    throw new DomainError(complaint("compare.labelers", "at least 1", labelers));
  }
  const ask = (k: Key, count: number, part: "demonstrations" | "heldOut"): JudgedGroup[] => {
    const [promptKey, writeKey, labelKey] = split(k, 3);
    const samples = sampleCompletions(writeKey, {
      model,
      params,
      prompts: task.prompts(promptKey, count, part),
      n: perPrompt,
      newTokens: task.newTokens,
      reward: trueMood(task),
      batch: rowsPerCall,
    });
    const groups = Array.from({ length: count }, (_, g) => samples.slice(g * perPrompt, (g + 1) * perPrompt));
    const written = groups.map((own) => ({
      prompt: own[0].prompt,
      completions: own.map(({ completion }) => completion),
      moods: own.map(({ reward }) => reward),
      logps: own.map(({ logp }) => logp),
    }));
    return answered(labelKey, config, written);
  };
  const [trainKey, testKey] = split(key);
  return {
    train: ask(trainKey, prompts, "demonstrations"),
    test: ask(testKey, testPrompts, "heldOut"),
    writer: params,
  };
}

/** The same continuations, and new answers of the labelers: what luck they have is drawn anew. */
export function askAgain(key: Key, config: PipelineConfig, { train, test, writer }: ComparisonSets): ComparisonSets {
  const [trainKey, testKey] = split(key);
  return { train: answered(trainKey, config, train), test: answered(testKey, config, test), writer };
}

/** What every labeler says of every pair of each group; groups of one size. */
function answered(key: Key, { compare }: PipelineConfig, groups: readonly Omit<JudgedGroup, "wins">[]): JudgedGroup[] {
  const pairs = pairsOf(groups[0].moods.length);
  const moods = (which: 0 | 1) => groups.flatMap((own) => pairs.map((pair) => own.moods[pair[which]]));
  const [first, second] = [moods(0), moods(1)];
  const answers = split(key, compare.labelers).map((own) => labelPairs(own, first, second, compare.noise));
  return groups.map((own, g) => ({
    ...own,
    wins: answers.flatMap((labels) =>
      pairs.map(([i, j], k): [number, number] => (labels[g * pairs.length + k] === 1 ? [i, j] : [j, i])),
    ),
  }));
}

/** Every pair of K places, the smaller one first. */
function pairsOf(K: number): [number, number][] {
  const places = Array.from({ length: K }, (_, i) => i);
  return places.flatMap((i) => places.slice(i + 1).map((j): [number, number] => [i, j]));
}

/** Groups as plain comparisons, with the difference of the true moods, chosen minus rejected, in nats. */
export function comparisonsOf(
  groups: readonly JudgedGroup[],
): (Comparison<readonly number[]> & { readonly difference: number })[] {
  return groups.flatMap(({ prompt, completions, moods, wins }) =>
    wins.map(([i, j]) => {
      return { prompt, chosen: completions[i], rejected: completions[j], difference: moods[i] - moods[j] };
    }),
  );
}

/** The true utility as a reward function: for measuring, and for labelers. */
export function trueMood(task: MoodContinuation) {
  return textReward(task.tokenizer, (continuation) => task.mood(continuation));
}

/**
 * The accuracy ceiling on comparisons, of a model that knows the true moods but not the labeler's noise: the mean over
 * pairs of max(p, 1 - p), p the probability of the labeler's answer.
 */
export function labelCeiling(groups: readonly JudgedGroup[], config: PipelineConfig): number {
  const differences = comparisonsOf(groups).map(({ difference }) => difference);
  const sum = differences.reduce((total, difference) => {
    const p = bradleyTerry.probability(difference, config.compare.noise);
    return total + Math.max(p, 1 - p);
  }, 0);
  return sum / differences.length;
}

/**
 * How far an accuracy has come on the way from a coin to the ceiling: 0 is a coin, 1 a model that knows the true moods.
 */
export function shareOfCeiling(accuracy: number, ceiling: number): number {
  return (accuracy - 0.5) / (ceiling - 0.5);
}
