import type { Transformer, TransformerParams } from "../../models/index.js";
import { mean } from "../../numerics/index.js";
import { bestOfNEstimate } from "../../policy/index.js";
import { type Key, randint, split } from "../../random/index.js";
import {
  ensembleReward,
  fitWordScores,
  type WordGroup,
  type WordScoreTable,
  wordScoreReward,
} from "../../rewards/index.js";
import { wordsOf } from "../../tokenizers/index.js";
import { sampleCompletions } from "../../train/index.js";
import { type MoodContinuation, moodContinuation } from "../../worlds/text/index.js";
import { collectComparisons, trueMood } from "../pipeline/collectComparisons.js";
import { type PipelineConfig, pipelineConfig } from "../pipeline/config.js";
import { fineTune, pipelineModel, pretrain } from "../pipeline/supervise.js";

/** Lesson 05's pipeline with a shorter book hour: enough for sentences, and for a lesson that has more to do. */
export const moodTablesConfig: PipelineConfig = {
  ...pipelineConfig,
  pretrain: { steps: 350, rate: 6e-3 },
  tune: { steps: 60, rate: 1e-3 },
  compare: { ...pipelineConfig.compare, prompts: 100, testPrompts: 1 },
};

/** A transformer that continues sentences, before anybody was asked. */
export interface MoodWriter {
  readonly config: PipelineConfig;
  readonly task: MoodContinuation;
  readonly model: Transformer;
  readonly params: TransformerParams;
}

/** Reads the book and learns to continue the beginnings of sentences. Half a minute. */
export async function trainMoodWriter(key: Key, config: PipelineConfig = moodTablesConfig): Promise<MoodWriter> {
  const [bookKey, readKey, tuneKey] = split(key, 3);
  const task = moodContinuation(bookKey, config);
  const model = pipelineModel(config, task);
  const base = await pretrain(readKey, config, task, model);
  const { params } = await fineTune(tuneKey, config, task, model, base.params);
  return { config, task, model, params };
}

/** Texts of the reference to prompts of held-out chapters: of each its words, and its true mood. */
export interface MoodPanel {
  /** [prompts][n]. */
  readonly texts: readonly (readonly (readonly string[])[])[];
  readonly moods: readonly (readonly number[])[];
}

/** n texts to each of some held-out prompts: what best-of-n will choose from. */
export function moodPanel(
  key: Key,
  { config, task, model, params }: MoodWriter,
  { prompts = 48, n = 128 }: { prompts?: number; n?: number } = {},
): MoodPanel {
  const [promptKey, writeKey] = split(key);
  const samples = sampleCompletions(writeKey, {
    model,
    params,
    prompts: task.prompts(promptKey, prompts, "heldOut"),
    n,
    newTokens: config.newTokens,
    reward: trueMood(task),
    batch: 256,
  });
  const groups = Array.from({ length: prompts }, (_, g) => samples.slice(g * n, (g + 1) * n));
  return {
    texts: groups.map((own) => own.map(({ completion }) => wordsOf(task.tokenizer.decode(completion)))),
    moods: groups.map((own) => own.map(({ reward }) => reward)),
  };
}

/** The scores that `moodTablesRun` compares; kappa is the price of a posterior deviation. */
export const moodRules = [
  "one table",
  "mean of 5",
  "worst of 5",
  "mean - 1 variance",
  "table - 0.5 sd",
  "table - 1 sd",
  "table - 2 sd",
] as const;

export type MoodRule = (typeof moodRules)[number];

/**
 * One seed of labels: tables of words from the comparisons about so many prompts, and the true mood that best-of-n gets
 * by each rule, for each n of a list, without bias from the panel's texts. Members are trained on prompts drawn with
 * replacement; all scores are centred on what the reference writes to the same prompt.
 */
export function moodTablesRun(
  key: Key,
  writer: MoodWriter,
  panel: MoodPanel,
  { prompts, ns }: { prompts: readonly number[]; ns: readonly number[] },
): { truth: number[]; byPrompts: Record<MoodRule, number[]>[] } {
  const [askKey, ...memberKeys] = split(key, 1 + prompts.length);
  const { config, task, model, params } = writer;
  const { train } = collectComparisons(askKey, config, task, model, params);
  const groups: WordGroup[] = train.map(({ completions, wins }) => {
    return { texts: completions.map((completion) => wordsOf(task.tokenizer.decode(completion))), wins };
  });
  const bestOf = (scores: readonly ArrayLike<number>[]) =>
    ns.map((n) => mean(scores.map((own, g) => bestOfNEstimate(own, n, panel.moods[g]))));
  const byPrompts = prompts.map((count, i) => {
    const rules = scoresOf(memberKeys[i], groups.slice(0, count), panel, config.reward.deviation);
    return Object.fromEntries(moodRules.map((rule) => [rule, bestOf(rules[rule])])) as Record<MoodRule, number[]>;
  });
  return { truth: bestOf(panel.moods), byPrompts };
}

/** The panel's scores by every rule, [prompts][n]. */
function scoresOf(
  key: Key,
  groups: readonly WordGroup[],
  { texts }: MoodPanel,
  deviation: number,
): Record<MoodRule, Float64Array[]> {
  const single = fitWordScores(groups, { deviation });
  const members = split(key, 5).map((own) =>
    fitWordScores(
      Array.from(randint(own, groups.length, 0, groups.length), (g) => groups[g]),
      { deviation },
    ),
  );
  const information = wordInformation(groups);
  const score = (table: WordScoreTable, own: readonly (readonly string[])[]) =>
    Float64Array.from(own, (words) => wordScoreReward(table, words));
  const each = (of: (own: readonly (readonly string[])[]) => Float64Array) => texts.map(of);
  const less = (kappa: number) =>
    each((own) => {
      const sd = own.map((words) => wordsSd(words, information, deviation));
      return score(single, own).map((r, i) => r - kappa * sd[i]);
    });
  const ensemble = (rule: (m: Float64Array[], options: { centre: Float64Array }) => Float64Array) =>
    each((own) => {
      const centre = new Float64Array(own.length).fill(-Math.log(own.length));
      return rule(
        members.map((table) => score(table, own)),
        { centre },
      );
    });
  return {
    "one table": each((own) => score(single, own)),
    "mean of 5": ensemble(ensembleReward.mean),
    "worst of 5": ensemble(ensembleReward.worstCase),
    "mean - 1 variance": ensemble((m, o) => ensembleReward.uncertaintyWeighted(m, { ...o, lambda: 1 })),
    "table - 0.5 sd": less(0.5),
    "table - 1 sd": less(1),
    "table - 2 sd": less(2),
  };
}

/**
 * How much the comparisons have told about each word: a fifth (about what an answer says, sigmoid'(1)) times the sum of
 * squared differences of its counts. The diagonal of the posterior's precision, without the prior.
 */
export function wordInformation(groups: readonly WordGroup[]): Map<string, number> {
  const out = new Map<string, number>();
  for (const { texts, wins } of groups) {
    const counts = texts.map(countWords);
    for (const [i, j] of wins) {
      for (const word of new Set([...counts[i].keys(), ...counts[j].keys()])) {
        const difference = (counts[i].get(word) ?? 0) - (counts[j].get(word) ?? 0);
        if (difference !== 0) out.set(word, (out.get(word) ?? 0) + 0.2 * difference ** 2);
      }
    }
  }
  return out;
}

/** Posterior deviation of a text's score: a word that stands n times is n times as uncertain. */
export function wordsSd(words: readonly string[], information: ReadonlyMap<string, number>, deviation: number): number {
  let square = 0;
  for (const [word, count] of countWords(words)) {
    square += count ** 2 / (1 / deviation ** 2 + (information.get(word) ?? 0));
  }
  return Math.sqrt(square);
}

function countWords(words: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}
