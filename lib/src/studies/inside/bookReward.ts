import { integratedGradientsOf } from "../../alignment/tensor.js";
import { type ScalarModelParams, scalarHead, type Transformer, transformer } from "../../models/index.js";
import { foldIn, type Key, randint, split } from "../../random/index.js";
import { fitWordScores, labelPairs, type WordScoreTable, wordScoreReward } from "../../rewards/index.js";
import { type TokenScoreReward, tokenScoreReward } from "../../rewards/tensor.js";
import { adamW, cosineSchedule, disposeTree, layerNorm, tf } from "../../tensor/index.js";
import { wordsOf } from "../../tokenizers/index.js";
import { type ComparisonGroup, trainGroupReward } from "../../train/index.js";
import { type MoodContinuation, moodContinuation } from "../../worlds/text/index.js";
import { pipelineConfig } from "../pipeline/config.js";

/** A reward of lesson 05's form: a table of words, and a transformer that scores every token on top of it. */
export interface BookReward {
  readonly words: WordScoreTable;
  readonly task: MoodContinuation;
  readonly backbone: Transformer;
  readonly model: TokenScoreReward;
  /** The caller disposes of them. */
  readonly params: ScalarModelParams;
  /** Share of held-out comparisons that it gets right; what labelers say is noisy. */
  readonly accuracy: number;
  /** A held-out prompt and completion. */
  reply(key: Key): { prompt: readonly number[]; completion: readonly number[] };
}

/**
 * The reward model of lesson 05, a table of words and a transformer (`tokenScoreReward`) of the same size in the same
 * world, made in seconds: the transformer's body has read nothing before, and comparisons are of four continuations out of
 * the book, not of a policy's. It is there to be looked into, not to be used.
 */
export async function bookReward(key: Key, { groups = 1500, steps = 150 } = {}): Promise<BookReward> {
  const [taskKey, groupKey, testKey, fitKey] = split(key, 4);
  const { vocabulary, promptTokens, newTokens, model: size, compare } = pipelineConfig;
  const task = moodContinuation(taskKey, { vocabulary, promptTokens, newTokens });
  const length = promptTokens + newTokens;
  const backbone = transformer({ ...size, vocabulary, context: length, deviation: 0.08 });
  const model = tokenScoreReward(backbone.config);
  const draw = (k: Key, count: number, part: "demonstrations" | "heldOut"): ComparisonGroup[] => {
    const [promptKey, bookKey, labelKey] = split(k, 3);
    const prompts = task.prompts(promptKey, count, part);
    const places = randint(bookKey, 4 * count, 0, task[part].length);
    return prompts.map((prompt, g) => {
      const completions = Array.from(places.subarray(4 * g, 4 * g + 4), (i) => task[part][i].completion);
      const moods = completions.map((completion) => task.mood(task.tokenizer.decode(completion)));
      const pairs = [0, 1, 2].flatMap((i) => [1, 2, 3].filter((j) => j > i).map((j): [number, number] => [i, j]));
      const labels = labelPairs(
        foldIn(labelKey, g),
        pairs.map(([i]) => moods[i]),
        pairs.map(([, j]) => moods[j]),
        compare.noise,
      );
      return { prompt, completions, wins: pairs.map(([i, j], p) => (labels[p] === 1 ? [i, j] : [j, i])) };
    });
  };
  const textsOf = ({ completions }: ComparisonGroup) =>
    completions.map((completion) => wordsOf(task.tokenizer.decode(completion)));
  const asked = { train: draw(groupKey, groups, "demonstrations"), test: draw(testKey, 150, "heldOut") };
  const words = fitWordScores(
    asked.train.map((group) => ({ texts: textsOf(group), wins: group.wins })),
    { deviation: pipelineConfig.reward.deviation },
  );
  const withTable = (list: ComparisonGroup[]) =>
    list.map((group) => ({ ...group, known: textsOf(group).map((text) => wordScoreReward(words, text)) }));
  const { state, history } = await trainGroupReward(fitKey, {
    model,
    optimizer: adamW({ rate: cosineSchedule(2e-3, steps, { warmup: 10 }), maxNorm: 1, decay: 0.1 }),
    train: withTable(asked.train),
    validation: withTable(asked.test),
    length,
    batch: 16,
    steps,
    evaluateEvery: steps,
    label: false,
  });
  disposeTree(state.optimizer);
  const accuracy = history[history.length - 1].validationAccuracy as number;
  const reply = (k: Key) => task.heldOut[randint(k, 1, 0, task.heldOut.length)[0]];
  return { words, task, backbone, model, params: state.params, accuracy, reply };
}

/** One word of a reply and what three methods give it of the transformer's part of the reward, in nats. */
export interface WordAttribution {
  readonly word: string;
  /** The table's part, the same for all three. */
  readonly table: number;
  /** Of the transformer's part: what its own scores of its tokens add up to. */
  readonly own: number;
  readonly integrated: number;
  readonly gradientTimesInput: number;
}

export interface ReplyAttribution {
  /** The transformer's reward, and the same where the reply's token embeddings are 0, its positions left: the baseline. */
  readonly reward: number;
  readonly baseline: number;
  readonly words: WordAttribution[];
  /** reward - baseline - the sum of the attributions; 0 if they are complete. */
  readonly gap: { readonly integrated: number; readonly gradientTimesInput: number };
}

/**
 * Which words of a reply earn its reward: integrated gradients over the token embeddings of the reply, and gradient times
 * input beside them, both summed over the width and the tokens of each word.
 */
export function attributeReply(
  { task, backbone, params, words: scores }: BookReward,
  { prompt, completion }: { prompt: ArrayLike<number>; completion: ArrayLike<number> },
  { steps = 64 } = {},
): ReplyAttribution {
  const all = [...Array.from(prompt), ...Array.from(completion)];
  const T = all.length;
  const { width, epsilon } = backbone.config;
  const seen = tf.tidy(() => {
    const inside = tf.tensor2d(Array.from({ length: T }, (_, t) => [t >= prompt.length ? 1 : 0]));
    const tokens = tf.tensor2d([all], [1, T], "int32");
    const embedded = tf.gather(params.body.tokens, tokens.reshape([T]));
    const positions = params.body.positions.slice([0, 0], [T, width]);
    const x = tf.add(embedded, positions);
    const x0 = tf.sub(x, tf.mul(embedded, inside));
    const said = (rows: tf.Tensor) => {
      const [K] = rows.shape;
      const read = tf.tile(tokens, [K, 1]);
      const edit = (layer: number, own: tf.Tensor3D) => (layer === 0 ? (rows as tf.Tensor3D) : own);
      const { residual } = backbone.trace(params.body, read, { edit });
      const { gain, bias } = params.body.norm;
      return scalarHead(params.head, layerNorm(residual[residual.length - 1], gain, bias, epsilon));
    };
    const reward = (rows: tf.Tensor) => tf.sum(tf.mul(said(rows), inside.squeeze([1])), 1);
    const { attributions, gap } = integratedGradientsOf(reward, x, x0, { steps });
    const slope = tf.grad((rows: tf.Tensor) => tf.sum(reward(rows)))(x.expandDims(0));
    const product = tf.sum(tf.mul(slope.squeeze([0]), tf.sub(x, x0)), 1).dataSync();
    const [at, from] = reward(tf.stack([x, x0])).dataSync();
    return {
      own: said(x.expandDims(0)).dataSync(),
      integrated: tf.sum(attributions, 1).dataSync(),
      product,
      at,
      from,
      gap,
    };
  });
  const words: WordAttribution[] = [];
  let [word, own, integrated, gradientTimesInput] = ["", 0, 0, 0];
  for (let t = prompt.length; t < T; t++) {
    word += task.tokenizer.token(all[t]);
    own += seen.own[t];
    integrated += seen.integrated[t];
    gradientTimesInput += seen.product[t];
    const next = t + 1 < T ? task.tokenizer.token(all[t + 1]) : "";
    if (/^[a-z'’]/i.test(next)) continue;
    const table = wordScoreReward(scores, wordsOf(word));
    words.push({ word: word.trim(), table, own, integrated, gradientTimesInput });
    [word, own, integrated, gradientTimesInput] = ["", 0, 0, 0];
  }
  const product = words.reduce((sum, { gradientTimesInput: part }) => sum + part, 0);
  return {
    reward: seen.at,
    baseline: seen.from,
    words,
    gap: { integrated: seen.gap, gradientTimesInput: seen.at - seen.from - product },
  };
}
