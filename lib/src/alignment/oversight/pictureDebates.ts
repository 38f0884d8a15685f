import { complaint, DomainError, ShapeError } from "../../core/index.js";
import { mean } from "../../numerics/index.js";
import { type Key, permutation, split, uniform } from "../../random/index.js";
import { classScores, fitNaiveBayes, logRatios, type NaiveBayesJudge } from "./naiveBayesJudge.js";
import { pixelDebate } from "./pixelDebate.js";

/** Pictures of levels of ink, [n][pixels], and the class of each, [n]. */
export interface Pictures {
  images: readonly ArrayLike<number>[];
  labels: ArrayLike<number>;
}

/** Whether the judge ends at the true class, 1 or 0 for each picture, by who chose what it sees. */
export interface PictureVerdicts {
  /** Debate: the honest debater beats a liar for each of the other classes. */
  debate: Uint8Array;
  /** As many pixels at random, the same for all classes. */
  random: Uint8Array;
  /** A liar for any class shows all the pixels, and is believed by none of them. */
  liar: Uint8Array;
  /** The honest debater shows all the pixels, against a liar for each of the other classes. */
  honest: Uint8Array;
  /** The whole picture. */
  whole: Uint8Array;
}

/**
 * What a naive Bayes judge says of pictures of which it sees `shown` pixels, all of them inked (level above 0). In the
 * pairs (debate, liar, honest) it compares the true class with one other at a time by its log-odds, prior included;
 * even log-odds go to the liar. After Irving et al. 2018, arXiv:1805.00899, section 3, played exactly: `pixelDebate`.
 * @throws ShapeError unless there is a label for each image, DomainError for an odd `shown` or one below 0
 */
export function pictureVerdicts(
  key: Key,
  judge: NaiveBayesJudge,
  { images, labels }: Pictures,
  { shown }: { shown: number },
): PictureVerdicts {
  if (images.length === 0 || images.length !== labels.length) {
    throw new ShapeError(complaint("images", `at least one, and one for each of ${labels.length} labels`, images));
  }
  if (!(Number.isInteger(shown) && shown >= 0 && shown % 2 === 0)) {
    throw new DomainError(complaint("shown", "an even integer of at least 0", shown));
  }
  const n = images.length;
  const verdicts: PictureVerdicts = {
    debate: new Uint8Array(n).fill(1),
    random: new Uint8Array(n),
    liar: new Uint8Array(n).fill(1),
    honest: new Uint8Array(n).fill(1),
    whole: new Uint8Array(n),
  };
  const luck = uniform(key, n * judge.pixels);
  images.forEach((image, i) => {
    const label = labels[i];
    const inked = inkedPixels(image);
    const order = inked.slice().sort((a, b) => luck[i * judge.pixels + a] - luck[i * judge.pixels + b]);
    verdicts.random[i] = Number(greatest(classScores(judge, image, order.slice(0, shown))) === label);
    verdicts.whole[i] = Number(greatest(classScores(judge, image)) === label);
    for (let other = 0; other < judge.logPrior.length; other++) {
      if (other === label) continue;
      const ratios = logRatios(judge, image, label, other);
      const seen = Float64Array.from(inked, (pixel) => ratios[pixel]);
      const prior = judge.logPrior[label] - judge.logPrior[other];
      if (!(pixelDebate(seen, { shown, prior }).logOdds > 0)) verdicts.debate[i] = 0;
      seen.sort();
      if (!(prior + sum(seen.subarray(0, shown)) > 0)) verdicts.liar[i] = 0;
      if (!(prior + sum(seen.subarray(Math.max(0, seen.length - shown))) > 0)) verdicts.honest[i] = 0;
    }
  });
  return verdicts;
}

export interface DigitDebateOptions {
  /** How many pixels are shown, even. */
  shown: number;
  /** How many pictures the judge was taught on, at most 1,000; 1,000 by default. */
  taught?: number;
  /** Nats that the judge adds to the log-probability of the class 8; 0 by default. */
  bias?: number;
}

/** Accuracies on the pictures of a test set, by who chose what the judge sees. */
export type DigitDebate = Record<keyof PictureVerdicts, number>;

/**
 * One split of digits of ink 0 to 16, drawn by the key: a naive Bayes judge is taught on `taught` of a thousand
 * pictures, and judges the others, which nobody was taught on. Lesson: 17.
 * @throws ShapeError for a thousand pictures or fewer, DomainError for more than 1,000 to teach by or a bias of NaN
 */
export function digitDebate(
  key: Key,
  { images, labels }: Pictures,
  { shown, taught = 1000, bias = 0 }: DigitDebateOptions,
): DigitDebate {
  if (images.length <= 1000) throw new ShapeError(complaint("images", "more than 1,000", images.length));
  if (!(Number.isInteger(taught) && taught >= 1 && taught <= 1000)) {
    throw new DomainError(complaint("taught", "a whole number from 1 to 1,000", taught));
  }
  if (!Number.isFinite(bias)) throw new DomainError(complaint("bias", "a finite number of nats", bias));
  const [splitKey, pixelKey] = split(key);
  const order = Array.from(permutation(splitKey, images.length));
  const part = (who: readonly number[]) => ({
    images: who.map((i) => inkLevels(images[i])),
    labels: who.map((i) => labels[i]),
  });
  const own = part(order.slice(0, taught));
  const judge = fitNaiveBayes(own.images, own.labels, { classes: 10, levels: 5 });
  judge.logPrior[8] += bias;
  const verdicts = pictureVerdicts(pixelKey, judge, part(order.slice(1000)), { shown });
  return {
    debate: mean(verdicts.debate),
    random: mean(verdicts.random),
    liar: mean(verdicts.liar),
    honest: mean(verdicts.honest),
    whole: mean(verdicts.whole),
  };
}

/** The pixels of an image with ink on them, by number. */
export function inkedPixels(image: ArrayLike<number>): number[] {
  return Array.from({ length: image.length }, (_, pixel) => pixel).filter((pixel) => image[pixel] > 0);
}

/**
 * Levels of ink, ceil(ink / 4): 0 for none, 1 for 1 to 4, up to 4 for 13 to 16.
 * @example inkLevels([0, 1, 4, 5, 16]) // [0, 1, 1, 2, 4]
 * @throws DomainError for ink that is no integer from 0 to 16
 */
export function inkLevels(image: ArrayLike<number>): Uint8Array {
  return Uint8Array.from({ length: image.length }, (_, pixel) => {
    const ink = image[pixel];
    if (!(Number.isInteger(ink) && ink >= 0 && ink <= 16)) {
      throw new DomainError(complaint(`image[${pixel}]`, "ink, a whole number from 0 to 16", ink));
    }
    return Math.ceil(ink / 4);
  });
}

function greatest(scores: Float64Array): number {
  let best = 0;
  for (let label = 1; label < scores.length; label++) if (scores[label] > scores[best]) best = label;
  return best;
}

function sum(values: Float64Array): number {
  return values.reduce((a, b) => a + b, 0);
}
