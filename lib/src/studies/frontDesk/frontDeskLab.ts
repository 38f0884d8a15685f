import { aiLabels, type CompletionPair, slCaiRows, type CritiqueOptions } from "../../constitution/index.js";
import { generator, completions, leftPad, type Transformer, type TransformerParams, transformer } from "../../models/index.js";
import { type Key, foldIn, randint, split } from "../../random/index.js";
import type { PromptCompletion } from "../../rewards/index.js";
import { adam, disposeTree } from "../../tensor/index.js";
import { directMethods, trainDirect, trainSupervised } from "../../train/index.js";
import { type FrontDesk, type FrontDeskScores, frontDesk, frontDeskScores } from "../../worlds/index.js";
import { replyTable } from "./replyTable.js";

export type Tokens = readonly number[];

export interface SlCai extends Partial<CritiqueOptions<Tokens>> {
  /** The prompts of the red team, and those beside them, by number. */
  prompts: readonly number[];
}

/** Judges a pair: above 0 for the first completion, below 0 for the second, 0 for neither. */
export type PairJudge = (pair: CompletionPair<Tokens>, key: Key) => number;

export interface RlCai {
  judge: PairJudge;
  /** Share of labels that are turned round. */
  flip?: number;
}

/** The front desk with a transformer behind it: each stage of constitutional training, and exact scores. */
export interface FrontDeskLab {
  readonly desk: FrontDesk;
  readonly model: Transformer;
  helpfulOnly(key: Key): Promise<TransformerParams>;
  write(key: Key, params: TransformerParams, prompts: readonly number[]): { prompt: Tokens; completion: Tokens }[];
  slCai(key: Key, start: TransformerParams, options: SlCai): Promise<TransformerParams>;
  rlCai(key: Key, start: TransformerParams, options: RlCai): Promise<{ params: TransformerParams; told: number }>;
  scores(params: TransformerParams): FrontDeskScores;
}

const sorry = [15, 0];

export function frontDeskLab(): FrontDeskLab {
  const desk = frontDesk();
  const model = transformer({ vocabulary: desk.words.length, context: 8, width: 32, layers: 2, heads: 2 });
  const optimizers = { imitate: adam({ rate: 3e-3 }), distil: adam({ rate: 1e-3 }), prefer: adam({ rate: 5e-4 }) };
  const method = directMethods.dpo({ beta: 0.3 });
  const generate = generator(model, { newTokens: 3, stop: 0, pad: 0 });
  const lab: FrontDeskLab = {
    desk,
    model,
    async helpfulOnly(key) {
      const [initKey, dataKey, trainKey] = split(key, 3);
      const start = model.init(initKey);
      const params = await supervise(trainKey, start, desk.demonstrations(dataKey, 4000), "imitate", 900);
      disposeTree(start);
      return params;
    },
    write(key, params, prompts) {
      const rows = prompts.map((x) => desk.prompts[x]);
      const out: { prompt: Tokens; completion: Tokens }[] = [];
      const size = 600;
      for (let begin = 0; begin < rows.length; begin += size) {
        const part = Array.from({ length: size }, (_, i) => rows[begin + i] ?? rows[begin]);
        const padded = leftPad(part);
        const rollout = generate(foldIn(key, begin), params, padded);
        const written = completions(rollout);
        for (let i = 0; i < Math.min(size, rows.length - begin); i++) out.push({ prompt: part[i], completion: written[i] });
        disposeTree([rollout, padded]);
      }
      return out;
    },
    async slCai(key, start, { prompts, ...options }) {
      const [writeKey, missKey, trainKey] = split(key, 3);
      const rows = slCaiRows(missKey, lab.write(writeKey, start, prompts), {
        violates: ({ completion }) => desk.judge("hello", completion).leaks,
        revise: () => sorry,
        ...options,
      });
      return supervise(trainKey, start, rows, "distil", 250);
    },
    async rlCai(key, start, { judge, flip }) {
      const [promptKey, firstKey, secondKey, labelKey, trainKey] = split(key, 5);
      const prompts = Array.from(randint(promptKey, 4000, 0, desk.prompts.length));
      const second = lab.write(secondKey, start, prompts);
      const pairs = lab.write(firstKey, start, prompts).map(({ prompt, completion }, i) => {
        return { prompt, first: completion, second: second[i].completion };
      }).filter(({ first, second }) => first.join() !== second.join());
      const comparisons = aiLabels(labelKey, pairs, judge, { flip });
      const { state } = await trainDirect(trainKey, { model, start, method, optimizer: optimizers.prefer, comparisons, batch: 32, steps: 200, label: false });
      disposeTree(state.optimizer);
      return { params: state.params, told: comparisons.length };
    },
    scores: (params) => frontDeskScores(desk, replyTable(model, params, desk)),
  };
  async function supervise(key: Key, start: TransformerParams, demonstrations: readonly PromptCompletion[], which: "imitate" | "distil", steps: number) {
    const optimizer = optimizers[which];
    const { state } = await trainSupervised(key, { model, start, optimizer, demonstrations, batch: 64, steps, label: false });
    disposeTree(state.optimizer);
    return state.params;
  }
  return lab;
}
