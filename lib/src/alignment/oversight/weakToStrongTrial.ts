import { checkShare } from "../../core/checks.js";
import { complaint, ShapeError } from "../../core/index.js";
import { quantile } from "../../numerics/index.js";
import { type Key, normal, permutation, split, uniform } from "../../random/index.js";
import { fitLogistic, logisticProbabilities } from "./logisticRegression.js";
import type { Pictures } from "./pictureDebates.js";

export interface WeakToStrongOptions {
  /** The question, yes or no, by the class of a picture. */
  question: (label: number) => boolean;
  /** How much of what the strong student sees is pretrained, in [0, 1]. */
  pretrained: number;
  /** How many random features it has besides; 120 by default. */
  features?: number;
  /** The student's ridge, l2 / 2 |weights|^2 on the mean loss; 0.01 by default. */
  l2?: number;
  /** The confidence loss's share of the student's own hard answers; 0.5 by default. */
  confidence?: number;
}

/** Accuracies on pictures that nobody was taught on, and shares of mistakes. */
export interface WeakToStrongTrial {
  /** The teacher: logistic regression on 8 pixels in the middle. */
  weak: number;
  /** The student taught by the teacher's hard labels. */
  weakToStrong: number;
  /** The same, taught by labels that are wrong as often, but at random. */
  noise: number;
  /** The same, taught with the confidence loss. */
  confident: number;
  /** The student taught by the truth. */
  ceiling: number;
  /** Share of the teacher's mistakes that the student makes as well. */
  repeated: number;
  /** The same for the student of random wrong labels. */
  repeatedOfNoise: number;
}

/** The pictures of a trial: 500 to pretrain on, 300 for the teacher, 600 that the teacher labels, the rest to test. */
const PARTS = [500, 300, 600] as const;

/**
 * Weak-to-strong generalisation (Burns et al. 2023, arXiv:2312.09390) on 8 x 8 pictures of ink 0 to 16, small enough
 * to run in a second. The student is logistic regression on two blocks of features, each standardised: random ones,
 * tanh(W x + b), times (1 - pretrained), and the classes' probabilities by logistic regressions fitted to other
 * pictures, times `pretrained`. So `pretrained` is how salient the classes are to it before it is taught anything.
 * @throws ShapeError for fewer than 1,500 pictures or others than 8 x 8, DomainError for shares outside [0, 1]
 */
export function weakToStrongTrial(
  key: Key,
  { images, labels }: Pictures,
  { question, pretrained, features = 120, l2 = 0.01, confidence = 0.5 }: WeakToStrongOptions,
): WeakToStrongTrial {
  if (images.length < 1500 || images.length !== labels.length || images[0].length !== 64) {
    throw new ShapeError(complaint("images", "1,500 or more of 64 pixels, each with a label", images.length));
  }
  for (const [name, value] of Object.entries({ pretrained, confidence })) {
    checkShare(name, value);
  }
  const [splitKey, featureKey, noiseKey] = split(key, 3);
  const [before, forWeak, forStrong, test] = parts(permutation(splitKey, images.length));
  const at = (who: readonly number[]) => who.map((i) => images[i]);
  const truth = (who: readonly number[]) => Float64Array.from(who, (i) => (question(labels[i]) ? 1 : 0));

  const centre = (who: readonly number[]) => at(who).map(middlePixels);
  const teacher = fitLogistic(centre(forWeak), truth(forWeak), { l2: 0.001 });
  const teach = (who: readonly number[]) => hard(logisticProbabilities(teacher, centre(who)));
  const [weakLabels, weakAnswers] = [teach(forStrong), teach(test)];

  const known = pretrainedFeatures(
    at(before),
    before.map((i) => labels[i]),
  );
  const random = randomFeatures(featureKey, features);
  const [taught, tested] = standardised(
    [forStrong, test].map((who) => at(who).map((image) => [random(image), known(image)])),
    [1 - pretrained, pretrained],
  );
  const right = truth(forStrong);
  const wrong = 1 - agreement(weakLabels, right);
  const luck = uniform(noiseKey, right.length);
  const noisy = right.map((answer, i) => (luck[i] < wrong ? 1 - answer : answer));
  const student = (targets: Float64Array) => fitLogistic(taught, targets, { l2, iterations: 40 });
  const answers = (targets: Float64Array) => hard(logisticProbabilities(student(targets), tested));

  // The confidence loss, its targets held still while the student is fitted to them, three times.
  let targets = weakLabels;
  const base = weakLabels.reduce((a, b) => a + b, 0) / weakLabels.length;
  for (let round = 0; round < 3; round++) {
    const own = logisticProbabilities(student(targets), taught);
    const threshold = quantile(own, 1 - base);
    targets = weakLabels.map((weak, i) => (1 - confidence) * weak + confidence * (own[i] >= threshold ? 1 : 0));
  }
  const testTruth = truth(test);
  const [imitated, despiteNoise] = [answers(weakLabels), answers(noisy)];
  const repeats = (given: Float64Array) => {
    const mistakes = Array.from(weakAnswers.keys()).filter((i) => weakAnswers[i] !== testTruth[i]);
    return mistakes.filter((i) => given[i] !== testTruth[i]).length / mistakes.length;
  };
  return {
    weak: agreement(weakAnswers, testTruth),
    weakToStrong: agreement(imitated, testTruth),
    noise: agreement(despiteNoise, testTruth),
    confident: agreement(answers(targets), testTruth),
    ceiling: agreement(answers(right), testTruth),
    repeated: repeats(imitated),
    repeatedOfNoise: repeats(despiteNoise),
  };
}

function parts(order: ArrayLike<number>): number[][] {
  const all = Array.from(order);
  const ends = PARTS.map((_, i) => PARTS.slice(0, i + 1).reduce((a, b) => a + b, 0));
  return [0, ...ends].map((from, i) => all.slice(from, ends[i] ?? all.length));
}

/** Rows 2 to 5 of columns 3 and 4, as ink from 0 to 1. */
function middlePixels(image: ArrayLike<number>): number[] {
  return [19, 20, 27, 28, 35, 36, 43, 44].map((pixel) => image[pixel] / 16);
}

/** tanh(W x + b), W ~ N(0, 1 / 8) and b ~ N(0, 1), of ink from 0 to 1. */
function randomFeatures(key: Key, count: number): (image: ArrayLike<number>) => Float64Array {
  const [a, b] = split(key);
  const [weights, biases] = [normal(a, count * 64), normal(b, count)];
  return (image) =>
    Float64Array.from({ length: count }, (_, f) => {
      let z = biases[f];
      for (let pixel = 0; pixel < 64; pixel++) z += (weights[f * 64 + pixel] / Math.sqrt(8)) * (image[pixel] / 16);
      return Math.tanh(z);
    });
}

/** P(class) by ten logistic regressions, one for each class against the others, made to add up to 1. */
function pretrainedFeatures(images: readonly ArrayLike<number>[], labels: readonly number[]) {
  const scaled = (image: ArrayLike<number>) => Array.from(image, (ink) => ink / 16);
  const rows = images.map(scaled);
  const models = Array.from({ length: 10 }, (_, c) =>
    fitLogistic(
      rows,
      labels.map((label) => (label === c ? 1 : 0)),
      { l2: 0.001, iterations: 40 },
    ),
  );
  return (image: ArrayLike<number>) => {
    const row = [scaled(image)];
    const said = Float64Array.from(models, (model) => logisticProbabilities(model, row)[0]);
    const total = said.reduce((a, b) => a + b, 0);
    return said.map((p) => p / total);
  };
}

/**
 * Blocks of features [sets][n][blocks][d], each standardised by the first set and a whole block scaled to the squared
 * length 64 on average, times its weight; side by side, [sets][n][all].
 */
function standardised(sets: readonly ArrayLike<number>[][][], weights: readonly number[]): Float64Array[][] {
  const columns = weights.map((weight, block) => {
    const width = sets[0][0][block].length;
    return Array.from({ length: width }, (_, j) => {
      const values = sets[0].map((blocks) => blocks[block][j]);
      const centre = values.reduce((a, b) => a + b, 0) / values.length;
      const variance = values.reduce((total, x) => total + (x - centre) ** 2, 0) / values.length;
      return { block, j, centre, scale: variance > 0 ? (weight * 8) / Math.sqrt(variance * width) : 0 };
    });
  });
  const all = columns.flat();
  return sets.map((rows) =>
    rows.map((blocks) => Float64Array.from(all, ({ block, j, centre, scale }) => scale * (blocks[block][j] - centre))),
  );
}

function hard(probabilities: Float64Array): Float64Array {
  return probabilities.map((p) => (p > 0.5 ? 1 : 0));
}

function agreement(a: Float64Array, b: Float64Array): number {
  return a.reduce((count, x, i) => count + (x === b[i] ? 1 : 0), 0) / a.length;
}
