import { checkCount } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";
import type { Transformer, TransformerParams } from "../../models/index.js";
import { exactEntropy, exactExpectation, exactKL, logSumExp, sigmoid } from "../../numerics/index.js";
import { entryCounts } from "../../policy/index.js";
import { categorical, foldIn, type Key, split, uniform } from "../../random/index.js";
import { featurePairs, linearReward } from "../../rewards/index.js";
import { adam, disposeTree } from "../../tensor/index.js";
import { completionLogProbs, trainSupervised } from "../../train/index.js";
import { conditionalLogProbs, type SequenceTree, windowContexts } from "../../trees/index.js";
import type { PhraseTask } from "../../worlds/index.js";

/**
 * Who says whether a revision is better than its draft:
 * - "nobody": every revision is taken;
 * - "itself": the policy, by its own log-probability;
 * - "frozen": a critic that was fitted once, to comparisons of completions of the first policy;
 * - "asked again": the same critic, fitted after every round to all comparisons so far; a round's are of drafts and
 *   revisions of that round. As many comparisons in all; where draft and revision are the same, one is spent for
 *   nothing;
 * - "truth": the true utility.
 */
export type CritiqueJudge = "nobody" | "itself" | "frozen" | "asked again" | "truth";

export interface CritiqueReviseOptions {
  judge: CritiqueJudge;
  /** Rounds of generate, critique, revise, imitate; 8 by default. */
  rounds?: number;
  /** Drafts in a round, 256, and revisions tried of each, one after the other, 3. */
  drafts?: number;
  tries?: number;
  /** Adam's steps on the revised completions in a round, 60, on 64 of them each, and its rate, 3e-3. */
  steps?: number;
  rate?: number;
  /** Comparisons that people are asked for, in the whole run; 180. */
  comparisons?: number;
  /** Of what is imitated in a round, this share is replies of people; 0 by default. */
  real?: number;
}

/** One number for each time the policy was measured: at the start and after every round. Exact, by enumeration. */
export interface CritiqueRevisePath {
  /** E utility. */
  readonly utility: number[];
  /** E of what the judge goes by, on its own scale; for "nobody" 0. */
  readonly judged: number[];
  /** exp of the entropy: as how many equally likely completions. */
  readonly diversity: number[];
  /** KL(policy || start), nats. */
  readonly kl: number[];
}

/** The phrase task's first prompt, a transformer that writes replies to it, and its self-play. */
export interface CritiqueReviseStudy {
  /** A policy that has imitated 2,000 replies of people. The caller disposes of it. */
  imitate(key: Key): Promise<TransformerParams>;
  run(key: Key, start: TransformerParams, options: CritiqueReviseOptions): Promise<CritiqueRevisePath>;
}

/**
 * Generate, critique, revise: the policy writes a draft, rewrites it from a place of its own choice (all equally
 * likely) on, keeps whichever the judge likes better, a few times; then it imitates what it has kept (after Bai et al.
 * 2022, arXiv:2212.08073, whose model also writes the critique). `model` needs a context of 1 + the task's length.
 */
export function critiqueReviseStudy(task: PhraseTask, model: Transformer): CritiqueReviseStudy {
  const writer = writerOf(task, model);
  return {
    async imitate(key) {
      const [initKey, dataKey, trainKey] = split(key, 3);
      const first = model.init(initKey);
      const params = await writer.learn(trainKey, first, categorical(dataKey, task.reference[0], 2000), 300, 3e-3);
      disposeTree(first);
      return params;
    },
    run: (key, start, options) => playRounds(key, task, writer, start, options),
  };
}

interface Writer {
  /** Of all completions to the first prompt, exactly. */
  logProbs(params: TransformerParams): Float64Array;
  /** Imitates the completions of these numbers; the parameters given stay the caller's. */
  learn(
    key: Key,
    start: TransformerParams,
    completions: ArrayLike<number>,
    steps: number,
    rate: number,
  ): Promise<TransformerParams>;
}

function writerOf({ tree, prompts }: PhraseTask, model: Transformer): Writer {
  const rows = tree.sequences.map((completion) => ({ prompt: [prompts[0]], completion }));
  return {
    logProbs(params) {
      const sums = completionLogProbs(model, params, rows, { batch: Math.min(rows.length, 2048) });
      const total = logSumExp(sums); // float32's rounding
      return sums.map((log) => log - total);
    },
    async learn(key, start, completions, steps, rate) {
      const demonstrations = Array.from(completions, (y) => rows[y]);
      const training = { model, start, optimizer: adamAt(rate), demonstrations, batch: 64, steps };
      const { state } = await trainSupervised(key, { ...training, label: false });
      disposeTree(state.optimizer);
      return state.params;
    },
  };
}

async function playRounds(
  key: Key,
  { tree, utility: [utility], reference: [reference] }: PhraseTask,
  writer: Writer,
  start: TransformerParams,
  { judge, ...options }: CritiqueReviseOptions,
): Promise<CritiqueRevisePath> {
  const { rounds = 8, drafts = 256, tries = 3, steps = 60, rate = 3e-3, comparisons = 180, real = 0 } = options;
  checkCounts({ rounds, drafts, tries, steps, comparisons });
  if (!(real >= 0 && real < 1)) throw new DomainError(complaint("real", "a share from 0 to below 1", real));
  const [firstKey, roundsKey] = split(key);
  let params = start;
  let logProbs = writer.logProbs(start);
  const logStart = logProbs;
  const people = labelersOf(tree, utility);
  const each = comparisons / (rounds + 1); // for who is asked again, of the first policy's completions too
  if (judge === "frozen" || judge === "asked again") {
    const count = judge === "frozen" ? comparisons : Math.ceil(each);
    const [a, b, askKey] = split(firstKey, 3);
    people.ask(askKey, categorical(a, logProbs, count), categorical(b, logProbs, count));
  }
  const scoresNow = (): ArrayLike<number> => {
    if (judge === "truth") return utility;
    if (judge === "itself") return logProbs;
    return judge === "nobody" ? new Float64Array(logProbs.length) : people.scores();
  };
  const path: CritiqueRevisePath = { utility: [], judged: [], diversity: [], kl: [] };
  for (let round = 0; ; round++) {
    const scores = scoresNow();
    path.utility.push(exactExpectation(logProbs, utility));
    path.judged.push(exactExpectation(logProbs, scores));
    path.diversity.push(Math.exp(exactEntropy(logProbs)));
    path.kl.push(exactKL(logProbs, logStart));
    if (round === rounds) break;
    const [draftKey, reviseKey, learnKey, askKey, realKey] = split(foldIn(roundsKey, round), 5);
    const first = categorical(draftKey, logProbs, drafts);
    const kept = revise(reviseKey, tree, logProbs, first, { tries, scores: judge === "nobody" ? null : scores });
    const written = categorical(realKey, reference, Math.round((drafts * real) / (1 - real))); // the share is of all
    const next = await writer.learn(learnKey, params, [...kept, ...written], steps, rate);
    if (params !== start) disposeTree(params);
    params = next;
    logProbs = writer.logProbs(params);
    if (judge === "asked again") {
      people.ask(askKey, first.subarray(0, Math.floor(each)), kept.subarray(0, Math.floor(each)));
    }
  }
  disposeTree(params);
  return path;
}

function checkCounts(counts: Record<string, number>): void {
  for (const [name, count] of Object.entries(counts)) {
    checkCount(name, count);
  }
}

/** One optimiser for each rate, so that its captured steps are found again. */
const optimizers = new Map<number, ReturnType<typeof adam>>();
function adamAt(rate: number) {
  const known = optimizers.get(rate) ?? adam({ rate });
  optimizers.set(rate, known);
  return known;
}

/**
 * What is kept of each draft: `tries` times it is cut at one of its places, written on by the policy, and kept if it
 * scores more (null: always).
 */
function revise(
  key: Key,
  tree: SequenceTree,
  logProbs: Float64Array,
  drafts: Int32Array,
  { tries, scores }: { tries: number; scores: ArrayLike<number> | null },
): Int32Array {
  const V = tree.vocabulary;
  const next = conditionalLogProbs(tree, logProbs).map(Math.exp);
  const luck = uniform(key, drafts.length * tries * (1 + tree.length));
  let used = 0;
  return drafts.map((draft) => {
    let best = draft;
    for (let t = 0; t < tries; t++) {
      const own = luck.subarray(used, used + 1 + tree.length);
      used += 1 + tree.length;
      const tokens = tree.sequences[best];
      const cut = Math.floor(own[0] * tokens.length);
      let node = 0;
      for (let i = 0; i < cut; i++) node = tree.next[node * V + tokens[i]];
      for (let i = 1; node >= 0; i++) {
        let left = own[i];
        let v = 0;
        while (v < V - 1 && left >= next[node * V + v]) left -= next[node * V + v++];
        node = tree.next[node * V + v];
      }
      const revised = -1 - node;
      if (scores === null || scores[revised] > scores[best]) best = revised;
    }
    return best;
  });
}

/** People who answer as Bradley and Terry say, and the critic that is fitted to all that they have answered. */
function labelersOf(tree: SequenceTree, utility: ArrayLike<number>) {
  const features = entryCounts(tree, windowContexts(tree, 2));
  const [chosen, rejected]: [number[][], number[][]] = [[], []];
  return {
    ask(key: Key, a: ArrayLike<number>, b: ArrayLike<number>) {
      const luck = uniform(key, a.length);
      for (let i = 0; i < a.length; i++) {
        if (a[i] === b[i]) continue; // nothing to compare
        const wins = luck[i] < sigmoid(utility[a[i]] - utility[b[i]]);
        chosen.push(features[wins ? a[i] : b[i]]);
        rejected.push(features[wins ? b[i] : a[i]]);
      }
    },
    scores(): Float64Array {
      const { theta } = linearReward.fit(featurePairs(chosen, rejected), { l2: 0.003 });
      return Float64Array.from(features, (counts) => counts.reduce((sum, count, j) => sum + count * theta[j], 0));
    },
  };
}
