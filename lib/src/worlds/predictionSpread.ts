import { checkCount } from "../core/checks.js";
import { dot } from "../numerics/dot.js";
import { mean, standardDeviation } from "../numerics/index.js";
import { foldIn, type Key, normal, randint, split } from "../random/index.js";
import { anchoredMembers, dropoutDraws, linearPosterior } from "../robust/index.js";
import { checkRate } from "../robust/posteriors/dropoutDraws.js";

/** The standard deviation of one prediction, told in five ways. */
export interface PredictionSpread {
  exact: number;
  anchored: number;
  /** Anchored, without noise on the answers. */
  quiet: number;
  bootstrap: number;
  dropout: number;
}

const FEATURES = 5;
/** What is predicted: the sum of the first three weights. */
const QUESTION = [1, 1, 1, 0, 0];
const OPTIONS = { noise: 0.5, prior: 1 };

/**
 * A linear model of five features learns from n rows; how sure is it of the prediction at (1, 1, 1, 0, 0)? Weights are
 * N(0, 1), features N(0, 1), noise N(0, 1/4). Ensembles have `members` members; dropout drops each weight with
 * probability `rate`, in training as in asking.
 * @throws DomainError unless n and members are counts, members at least 2, and 0 <= rate < 1
 */
export function predictionSpread(
  key: Key,
  n: number,
  { members = 100, rate = 0.2 }: { members?: number; rate?: number } = {},
): PredictionSpread {
  checkCount("rows", n);
  checkCount("members", members, 2);
  checkRate(rate);
  const [weightKey, rowKey, noiseKey, anchorKey, quietKey, bootKey, dropKey] = split(key, 7);
  const truth = normal(weightKey, FEATURES);
  const flat = normal(rowKey, n * FEATURES);
  const x = Array.from({ length: n }, (_, k) => flat.subarray(k * FEATURES, (k + 1) * FEATURES));
  const y = normal(noiseKey, n).map((e, k) => dot(x[k], truth) + OPTIONS.noise * e);
  const { covariance } = linearPosterior(x, y, OPTIONS);
  const spread = (draws: readonly ArrayLike<number>[]) => standardDeviation(draws.map((w) => dot(w, QUESTION)));
  const resampled = Array.from({ length: members }, (_, m) => {
    const rows = randint(foldIn(bootKey, m), n, 0, n);
    return linearPosterior(
      Array.from(rows, (k) => x[k]),
      Array.from(rows, (k) => y[k]),
      OPTIONS,
    ).mean;
  });
  return {
    exact: Math.sqrt(covariance.reduce((sum, row, i) => sum + QUESTION[i] * dot(row, QUESTION), 0)),
    anchored: spread(anchoredMembers(anchorKey, x, y, members, OPTIONS)),
    quiet: spread(anchoredMembers(quietKey, x, y, members, { ...OPTIONS, answerNoise: false })),
    bootstrap: spread(resampled),
    dropout: spread(dropoutDraws(dropKey, withDropout(x, y, rate), rate, 20 * members)),
  };
}

/**
 * The weights that are most probable when a share `rate` of them is dropped in training: dropout's mean loss is the
 * squared error and rate / (1 - rate) times sum_j w_j^2 sum_k x_kj^2, as if each row came with noise on each feature.
 */
function withDropout(x: readonly ArrayLike<number>[], y: ArrayLike<number>, rate: number): number[] {
  const squares = QUESTION.map((_, j) => x.reduce((sum, row) => sum + row[j] ** 2, 0));
  const more = squares.map((sum, j) => QUESTION.map((_, i) => (i === j ? Math.sqrt((sum * rate) / (1 - rate)) : 0)));
  const none = new Float64Array(y.length + FEATURES);
  none.set(Float64Array.from(y));
  return linearPosterior([...x, ...more], none, OPTIONS).mean;
}

/** The mean over keys, way by way. */
export function meanPredictionSpread(keys: readonly Key[], n: number): PredictionSpread {
  const runs = keys.map((own) => predictionSpread(own, n));
  const over = (of: keyof PredictionSpread) => mean(runs.map((run) => run[of]));
  return {
    exact: over("exact"),
    anchored: over("anchored"),
    quiet: over("quiet"),
    bootstrap: over("bootstrap"),
    dropout: over("dropout"),
  };
}
