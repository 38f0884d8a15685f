import {
  aiLabels,
  type CompletionPair,
  type CritiqueOptions,
  type Draft,
  slCaiRows,
} from "../../constitution/index.js";
import {
  completions,
  generator,
  leftPad,
  type Transformer,
  type TransformerParams,
  transformer,
} from "../../models/index.js";
import { foldIn, type Key, randint, split } from "../../random/index.js";
import type { PromptCompletion } from "../../rewards/index.js";
import { adam, disposeTree } from "../../tensor/index.js";
import { directMethods, trainDirect, trainSupervised } from "../../train/index.js";
import {
  type FrontDesk,
  type FrontDeskScores,
  frontDesk,
  frontDeskExchange,
  frontDeskScores,
} from "../../worlds/index.js";
import { harmless } from "./principles.js";
import { replyTable } from "./replyTable.js";

type Tokens = readonly number[];

/** What is learned from: prompts by number, and how their drafts are critiqued. */
export interface SlCai extends Partial<CritiqueOptions<Tokens>> {
  readonly prompts: readonly number[];
  /**
   * In place of all others: a critic that is shown all drafts at once, and answers with its revision of each, or with
   * nothing where it finds the draft in order.
   */
  revisions?(drafts: readonly Draft<Tokens>[]): readonly (Tokens | undefined)[];
}

/** Judges a pair of replies: above 0 for the first, below 0 for the second, 0 for neither. */
export type CompletionJudge = (pair: CompletionPair<Tokens>, key: Key) => number;

/** The front desk with a transformer behind it: each stage of constitutional training, and exact scores. */
export interface FrontDeskLab {
  readonly desk: FrontDesk;
  /** Two blocks, 32 wide, two heads. */
  readonly model: Transformer;
  /** A model that has imitated 4,000 of people's replies, secrets included: Adam at 3e-3, 900 steps of 64 rows. */
  helpfulOnly(key: Key): Promise<TransformerParams>;
  /** One reply to each prompt, at most three tokens. */
  write(key: Key, params: TransformerParams, prompts: readonly number[]): { prompt: Tokens; completion: Tokens }[];
  /** Fine-tunes on the model's own replies, critiqued and revised to "sorry": 250 steps of 64 rows at 1e-3. */
  slCai(key: Key, start: TransformerParams, options: SlCai): Promise<TransformerParams>;
  /**
   * Learns by DPO (beta 0.3, 200 steps of 32 pairs at 5e-4) from a judge's labels on its own pairs of replies to 4,000
   * prompts; `told` is how many pairs the judge told apart.
   */
  rlCai(
    key: Key,
    start: TransformerParams,
    options: { judge: CompletionJudge; flip?: number },
  ): Promise<{ params: TransformerParams; told: number }>;
  /** Exact, but for float32. */
  scores(params: TransformerParams): FrontDeskScores;
}

const SORRY: Tokens = [15, 0];
const BATCH = 600; // replies written at once

/** The world of lesson 13 with its model; all parameters that it gives back are the caller's to dispose of. */
export function frontDeskLab(): FrontDeskLab {
  const desk = frontDesk();
  const model = transformer({ vocabulary: desk.words.length, context: 8, width: 32, layers: 2, heads: 2 });
  const [imitating, distilling, preferring] = [3e-3, 1e-3, 5e-4].map((rate) => adam({ rate }));
  const method = directMethods.dpo({ beta: 0.3 });
  const generate = generator(model, { newTokens: 3, stop: 0, pad: 0 });
  const write: FrontDeskLab["write"] = (key, params, prompts) => {
    const out: { prompt: Tokens; completion: Tokens }[] = [];
    for (let begin = 0; begin < prompts.length; begin += BATCH) {
      // The last part is filled up, so that all have one shape and one graph.
      const part = Array.from({ length: BATCH }, (_, i) => desk.prompts[prompts[begin + i] ?? prompts[begin]]);
      const padded = leftPad(part);
      const rollout = generate(foldIn(key, begin), params, padded);
      const written = completions(rollout);
      const count = Math.min(BATCH, prompts.length - begin);
      for (let i = 0; i < count; i++) out.push({ prompt: part[i], completion: written[i] });
      disposeTree([rollout, padded]);
    }
    return out;
  };
  const supervise = async (
    key: Key,
    start: TransformerParams,
    rows: { demonstrations: readonly PromptCompletion[]; optimizer: ReturnType<typeof adam>; steps: number },
  ) => {
    const { state } = await trainSupervised(key, { model, start, batch: 64, label: false, ...rows });
    disposeTree(state.optimizer);
    return state.params;
  };
  return {
    desk,
    model,
    write,
    async helpfulOnly(key) {
      const [initKey, dataKey, trainKey] = split(key, 3);
      const start = model.init(initKey);
      const demonstrations = desk.demonstrations(dataKey, 4000);
      const params = await supervise(trainKey, start, { demonstrations, optimizer: imitating, steps: 900 });
      disposeTree(start);
      return params;
    },
    async slCai(key, start, { prompts, revisions, ...critique }) {
      const [writeKey, missKey, trainKey] = split(key, 3);
      const drafts = write(writeKey, start, prompts);
      const revised = revisions?.(drafts);
      const demonstrations =
        revised !== undefined
          ? drafts.map(({ prompt, completion }, i) => ({ prompt, completion: revised[i] ?? completion }))
          : slCaiRows(missKey, drafts, {
              violates: ({ prompt, completion }) => !harmless.holds(frontDeskExchange(prompt, completion)),
              revise: () => SORRY,
              ...critique,
            });
      return supervise(trainKey, start, { demonstrations, optimizer: distilling, steps: 250 });
    },
    async rlCai(key, start, { judge, flip }) {
      const [promptKey, firstKey, secondKey, labelKey, trainKey] = split(key, 5);
      const prompts = Array.from(randint(promptKey, 4000, 0, desk.prompts.length));
      const [firsts, seconds] = [firstKey, secondKey].map((k) => write(k, start, prompts));
      const pairs = firsts.flatMap(({ prompt, completion: first }, i) => {
        const second = seconds[i].completion;
        return first.join() === second.join() ? [] : [{ prompt, first, second }];
      });
      const comparisons = aiLabels(labelKey, pairs, judge, { flip });
      const options = { model, start, method, optimizer: preferring, comparisons, batch: 32, steps: 200 };
      const { state } = await trainDirect(trainKey, { ...options, label: false });
      disposeTree(state.optimizer);
      return { params: state.params, told: comparisons.length };
    },
    scores: (params) => frontDeskScores(desk, replyTable(model, params, desk)),
  };
}
