import { type Transformer, type TransformerParams, transformer } from "../../models/index.js";
import { type Key, split } from "../../random/index.js";
import { adam, crossEntropy, disposeTree, mapTree, type Params, tf, valueAndGradients } from "../../tensor/index.js";
import { type TrainStep, train } from "../../train/index.js";
import { type RepeatedRows, repeatedTokens } from "../../worlds/index.js";

/** How the model begins: as in lesson 05, or smaller and with positions that know who is next to whom. */
export type InductionRecipe = "plain" | "sinusoids";

export interface InductionOptions {
  layers: number;
  recipe?: InductionRecipe;
  /** Whether blocks have their MLP; without it heads are all there is. */
  mlp?: boolean;
  steps?: number;
  rate?: number;
  every?: number;
}

export interface InductionRun {
  readonly model: Transformer;
  /** The caller disposes of it. */
  readonly params: TransformerParams;
  /** Loss on fresh rows, in nats, where the next token can be told. */
  readonly path: { step: number; loss: number }[];
}

/** The rows of the study: 32 tokens, periods 6 to 16, rows of 32. */
export const inductionRows = { length: 32, vocabulary: 32, periods: [6, 16] } as const;

type Learned = Omit<TransformerParams, "blocks"> & { blocks: { [number: string]: Params } };
type State = { params: Learned; optimizer: ReturnType<ReturnType<typeof adam>["init"]> };
type Batch = { tokens: tf.Tensor2D; mask: tf.Tensor2D };

/** Loss where the next token can be told, nats. */
function lossOf(model: Transformer, params: TransformerParams, { tokens, mask }: Batch): tf.Scalar {
  const [B, T] = tokens.shape;
  const read = tokens.slice([0, 0], [B, T - 1]);
  return crossEntropy(model.logits(params, read), tokens.slice([0, 1], [B, T - 1]), mask.slice([0, 1], [B, T - 1]));
}

export function repeatedBatch({ tokens, mask, periods }: RepeatedRows): Batch {
  const shape: [number, number] = [periods.length, tokens.length / periods.length];
  return { tokens: tf.tensor2d(tokens, shape, "int32"), mask: tf.tensor2d(mask, shape) };
}

/**
 * Teaches a small transformer to go on with tokens that repeat themselves. Whether it finds induction heads depends on
 * how it begins: "plain" is GPT-2's initialisation with deviation 0.08; "sinusoids" has deviation 0.04 and positions of
 * 0.15 times sinusoids (Vaswani et al. 2017, arXiv:1706.03762, base 100), so that "the place before" is a rotation from
 * the start.
 */
export async function inductionRun(key: Key, options: InductionOptions): Promise<InductionRun> {
  const { layers, recipe = "sinusoids", mlp = false, steps = 400, rate = 3e-3, every = 25 } = options;
  const [initKey, trainKey, testKey] = split(key, 3);
  const { length, vocabulary } = inductionRows;
  const deviation = recipe === "plain" ? 0.08 : 0.04;
  const model = transformer({ vocabulary, context: length, width: 32, layers, heads: 2, deviation });
  const fresh = model.init(initKey);
  if (recipe === "sinusoids") {
    fresh.positions.dispose();
    fresh.positions = sinusoids(length, model.config.width, 0.15);
  }
  // Without MLPs what they write is 0, and never learned.
  const [whole, learned] = mlp
    ? [(params: Learned) => params as TransformerParams, fresh as Learned]
    : withoutMlps(fresh);
  const optimizer = adam({ rate });
  const step: TrainStep<State, Batch> = (state, batch) => {
    const { loss, gradients } = valueAndGradients(state.params, (params) => lossOf(model, whole(params), batch));
    const next = optimizer.update(gradients, state.optimizer, state.params);
    return { state: { params: next.params, optimizer: next.state }, metrics: { loss } };
  };
  const test = repeatedBatch(repeatedTokens(testKey, { rows: 64, ...inductionRows }));
  const measure = (params: Learned) => tf.tidy(() => lossOf(model, whole(params), test).dataSync()[0]);
  const begin = optimizer.init(learned);
  const path = [{ step: 0, loss: measure(learned) }];
  const { state } = await train<State, Batch>({
    key: trainKey,
    state: { params: learned, optimizer: begin },
    step,
    batch: (k) => repeatedBatch(repeatedTokens(k, { rows: 32, ...inductionRows })),
    steps,
    label: false,
    evaluate: {
      every,
      run({ params }) {
        path.push({ step: Math.min(steps, path.length * every), loss: measure(params) });
        return {};
      },
    },
  });
  const params = tf.tidy(() => mapTree(whole(state.params), (leaf) => leaf.clone()) as never) as TransformerParams;
  disposeTree([fresh, begin, state.optimizer, test]);
  if (steps > 0) disposeTree(state.params);
  return { model, params, path };
}

/** The parameters that are learned where there are no MLPs, and the way back: MLPs of zeros. */
function withoutMlps(fresh: TransformerParams): [(learned: Learned) => TransformerParams, Learned] {
  const shapes = mapTree(fresh.blocks[0].mlp, (leaf) => leaf);
  const sizes = {
    up: { weight: [...shapes.up.weight.shape], bias: [...shapes.up.bias.shape] },
    down: { weight: [...shapes.down.weight.shape], bias: [...shapes.down.bias.shape] },
  };
  const zeros = (shape: { weight: number[]; bias: number[] }) => {
    return { weight: tf.zeros(shape.weight), bias: tf.zeros(shape.bias) };
  };
  const learned: Learned = {
    ...fresh,
    blocks: Object.fromEntries(
      Object.entries(fresh.blocks).map(([number, { attention, attentionNorm }]) => [
        number,
        { attention, attentionNorm } as unknown as Params,
      ]),
    ),
  };
  return [
    (params) => ({
      ...params,
      blocks: Object.fromEntries(
        Object.entries(params.blocks).map(([number, block]) => {
          const { attention, attentionNorm } = block as unknown as TransformerParams["blocks"][string];
          const mlpNorm = { gain: tf.ones(attentionNorm.gain.shape), bias: tf.zeros(attentionNorm.bias.shape) };
          return [number, { attention, attentionNorm, mlpNorm, mlp: { up: zeros(sizes.up), down: zeros(sizes.down) } }];
        }),
      ),
    }),
    learned,
  ];
}

/** scale sin and cos of position over base^(2 i / D), [length, width]. */
function sinusoids(length: number, width: number, scale: number, base = 100): tf.Tensor2D {
  const values = Float32Array.from({ length: length * width }, (_, at) => {
    const [t, j] = [Math.floor(at / width), at % width];
    const angle = t / base ** ((2 * Math.floor(j / 2)) / width);
    return scale * (j % 2 === 0 ? Math.sin(angle) : Math.cos(angle));
  });
  return tf.tensor2d(values, [length, width]);
}

/** What each head does on fresh rows of one period, [L][H], and what the loss is without it. */
export interface HeadReport {
  readonly layer: number;
  readonly head: number;
  /** Mean weight on the place after the earlier copy, and on the token before. */
  readonly attention: number[][];
  /** Loss in nats with this head's output set to 0. */
  readonly lossWithout: number;
}

/** The attention of every head on one row (mean over rows of the same period), and the loss when it is taken out. */
export function headReports(
  key: Key,
  model: Transformer,
  params: TransformerParams,
  { period = 12, rows = 64 }: { period?: number; rows?: number } = {},
): HeadReport[] {
  const { layers, heads } = model.config;
  const batch = repeatedBatch(repeatedTokens(key, { rows, ...inductionRows, periods: [period, period] }));
  const reports = tf.tidy(() => {
    const [B, T] = batch.tokens.shape;
    const read = batch.tokens.slice([0, 0], [B, T - 1]);
    const { attention } = model.trace(params, read);
    return Array.from({ length: layers * heads }, (_, i) => {
      const [layer, head] = [Math.floor(i / heads), i % heads];
      const keep = Array.from({ length: layers }, (_, l) =>
        Array.from({ length: heads }, (_, h) => (l === layer && h === head ? 0 : 1)),
      );
      const { logits } = model.trace(params, read, { keepHeads: tf.tensor2d(keep) });
      const predicted = batch.tokens.slice([0, 1], [B, T - 1]);
      const loss = crossEntropy(logits, predicted, batch.mask.slice([0, 1], [B, T - 1]));
      const weights = tf.mean(attention[layer].slice([0, head, 0, 0], [B, 1, T - 1, T - 1]), [0, 1]);
      return { layer, head, attention: weights.arraySync() as number[][], lossWithout: loss.dataSync()[0] };
    });
  });
  disposeTree(batch);
  return reports;
}
