import { complaint, DomainError, ShapeError } from "../../core/index.js";

/** A naive Bayes classifier of pictures, in logarithms (nats). */
export interface NaiveBayesJudge {
  /** log P(class), [classes]. */
  logPrior: Float64Array;
  /** log P(level of a pixel | class), [classes][pixels * levels], the levels of a pixel beside each other. */
  logLikelihood: Float64Array[];
  pixels: number;
  levels: number;
}

export interface NaiveBayesOptions {
  classes: number;
  /** How many levels of ink a pixel can have: pictures hold integers 0 to levels - 1. */
  levels: number;
  /** Counts added to every level before it is seen once; 1 by default (Laplace). */
  pseudoCount?: number;
}

/**
 * Fits P(class) and P(level | class, pixel) by counts, each pixel on its own given the class:
 * (count + pseudoCount) / (count of class + levels * pseudoCount). `images` [n][pixels] of levels, `labels` [n].
 * @throws ShapeError for no images or ragged ones, DomainError for a level or a label that there is not
 */
export function fitNaiveBayes(
  images: readonly ArrayLike<number>[],
  labels: ArrayLike<number>,
  { classes, levels, pseudoCount = 1 }: NaiveBayesOptions,
): NaiveBayesJudge {
  if (images.length === 0 || images.length !== labels.length) {
    throw new ShapeError(complaint("images", `at least one, and one for each of ${labels.length} labels`, images));
  }
  if (!(pseudoCount > 0)) throw new DomainError(complaint("pseudoCount", "a positive number", pseudoCount));
  const pixels = images[0].length;
  const counts = Array.from({ length: classes }, () => new Float64Array(pixels * levels).fill(pseudoCount));
  const sizes = new Float64Array(classes).fill(pseudoCount);
  images.forEach((image, i) => {
    const label = labels[i];
    if (!(Number.isInteger(label) && label >= 0 && label < classes)) {
      throw new DomainError(complaint(`labels[${i}]`, `a class, 0 to ${classes - 1}`, label));
    }
    checkImage(`images[${i}]`, image, pixels, levels);
    sizes[label]++;
    for (let pixel = 0; pixel < pixels; pixel++) counts[label][pixel * levels + image[pixel]]++;
  });
  const total = sizes.reduce((a, b) => a + b, 0);
  return {
    logPrior: sizes.map((size) => Math.log(size / total)),
    logLikelihood: counts.map((row, label) => {
      const rows = sizes[label] + (levels - 1) * pseudoCount; // images of the class, and a pseudo-count for each level
      return row.map((count) => Math.log(count / rows));
    }),
    pixels,
    levels,
  };
}

/** log P(pixel's level | one class) - log P(... | other), nats, of every pixel of an image, [pixels]. */
export function logRatios(judge: NaiveBayesJudge, image: ArrayLike<number>, one: number, other: number): Float64Array {
  const { logLikelihood, pixels, levels } = judge;
  checkImage("image", image, pixels, levels);
  checkClass(judge, one);
  checkClass(judge, other);
  return Float64Array.from({ length: pixels }, (_, pixel) => {
    const at = pixel * levels + image[pixel];
    return logLikelihood[one][at] - logLikelihood[other][at];
  });
}

/**
 * log P(class) + sum over the pixels shown of log P(level | class), up to a constant, [classes]: the judge's answer is
 * the greatest. All pixels are shown unless `shown` names some.
 */
export function classScores(
  judge: NaiveBayesJudge,
  image: ArrayLike<number>,
  shown: ArrayLike<number> = Array.from({ length: judge.pixels }, (_, pixel) => pixel),
): Float64Array {
  const { logPrior, logLikelihood, pixels, levels } = judge;
  checkImage("image", image, pixels, levels);
  return logPrior.map((prior, label) => {
    let score = prior;
    for (let i = 0; i < shown.length; i++) score += logLikelihood[label][shown[i] * levels + image[shown[i]]];
    return score;
  });
}

function checkImage(name: string, image: ArrayLike<number>, pixels: number, levels: number): void {
  if (image.length !== pixels) throw new ShapeError(complaint(name, `${pixels} pixels`, image));
  for (let pixel = 0; pixel < pixels; pixel++) {
    const level = image[pixel];
    if (!(Number.isInteger(level) && level >= 0 && level < levels)) {
      throw new DomainError(complaint(`${name}[${pixel}]`, `a level, 0 to ${levels - 1}`, level));
    }
  }
}

function checkClass({ logPrior }: NaiveBayesJudge, label: number): void {
  if (!(Number.isInteger(label) && label >= 0 && label < logPrior.length)) {
    throw new DomainError(complaint("class", `a class, 0 to ${logPrior.length - 1}`, label));
  }
}
