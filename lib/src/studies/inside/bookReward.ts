import { integratedGradientsOf } from "../../alignment/tensor.js";
import { type ScalarModelParams, scalarHead, type Transformer, transformer } from "../../models/index.js";
import { foldIn, type Key, randint, split } from "../../random/index.js";
import { labelPairs } from "../../rewards/index.js";
import { type TokenScoreReward, tokenScoreReward } from "../../rewards/tensor.js";
import { adamW, cosineSchedule, disposeTree, layerNorm, tf } from "../../tensor/index.js";
import { type ComparisonGroup, trainGroupReward } from "../../train/index.js";
import { type MoodContinuation, moodContinuation } from "../../worlds/text/index.js";
import { pipelineConfig } from "../pipeline/config.js";

/** The transformer of lesson 05's reward, taught alone. */
export interface BookReward {
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
 * The transformer part of lesson 05's reward model (`tokenScoreReward`), of the same size and in the same world, made
 * in seconds: without the table of words beside it, its body has read nothing before, and the comparisons are of eight
 * continuations out of the book, each asked about once by three labelers. It is there to be looked into, not to be
 * used.
 */
export async function bookReward(key: Key, { steps = 400 } = {}): Promise<BookReward> {
  const [taskKey, groupKey, testKey, fitKey] = split(key, 4);
  const { vocabulary, promptTokens, newTokens, model: size, compare } = pipelineConfig;
  const task = moodContinuation(taskKey, { vocabulary, promptTokens, newTokens });
  const batch = 8;
  const length = promptTokens + newTokens;
  const backbone = transformer({ ...size, vocabulary, context: length, deviation: 0.08 });
  const model = tokenScoreReward(backbone.config);
  const draw = (k: Key, count: number, part: "demonstrations" | "heldOut"): ComparisonGroup[] => {
    const [promptKey, bookKey, labelKey] = split(k, 3);
    const prompts = task.prompts(promptKey, count, part);
    const K = compare.perPrompt;
    const places = randint(bookKey, K * count, 0, task[part].length);
    const inOrder = Array.from({ length: K }, (_, i) => i);
    const pairs = inOrder.flatMap((i) => inOrder.slice(i + 1).map((j): [number, number] => [i, j]));
    return prompts.map((prompt, g) => {
      const completions = Array.from(places.subarray(K * g, K * (g + 1)), (i) => task[part][i].completion);
      const moods = completions.map((completion) => task.mood(task.tokenizer.decode(completion)));
      const sides = [0, 1].map((side) => pairs.map((pair) => moods[pair[side]]));
      const wins = split(foldIn(labelKey, g), compare.labelers).flatMap((k) => {
        const labels = labelPairs(k, sides[0], sides[1], compare.noise);
        return pairs.map(([i, j], p): [number, number] => (labels[p] === 1 ? [i, j] : [j, i]));
      });
      return { prompt, completions, wins };
    });
  };
  const { state, history } = await trainGroupReward(fitKey, {
    model,
    optimizer: adamW({ rate: cosineSchedule(3e-3, steps, { warmup: 10 }), maxNorm: 1, decay: 0.1 }),
    train: draw(groupKey, batch * steps, "demonstrations"),
    validation: draw(testKey, 150, "heldOut"),
    length,
    batch,
    steps,
    evaluateEvery: steps,
    label: false,
  });
  disposeTree(state.optimizer);
  const accuracy = history[history.length - 1].validationAccuracy as number;
  const reply = (k: Key) => task.heldOut[randint(k, 1, 0, task.heldOut.length)[0]];
  return { task, backbone, model, params: state.params, accuracy, reply };
}

/** One word of a reply and what three methods give it of the reward, in nats. */
export interface WordAttribution {
  readonly word: string;
  /** What the model's own scores of its tokens add up to. */
  readonly own: number;
  readonly integrated: number;
  readonly gradientTimesInput: number;
}

export interface ReplyAttribution {
  /** The reward, and the same where the reply's token embeddings are 0, its positions left: the baseline. */
  readonly reward: number;
  readonly baseline: number;
  readonly words: WordAttribution[];
  /** reward - baseline - the sum of the attributions; 0 if they are complete. */
  readonly gap: { readonly integrated: number; readonly gradientTimesInput: number };
}

/**
 * Which words of a reply earn its reward: integrated gradients over the token embeddings of the reply, and gradient
 * times input beside them, both summed over the width and the tokens of each word.
 */
export function attributeReply(
  { task, backbone, params }: BookReward,
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
    words.push({ word: word.trim(), own, integrated, gradientTimesInput });
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
