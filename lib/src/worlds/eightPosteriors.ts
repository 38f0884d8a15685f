import { lbfgs, linspace, logSigmoid, mean, sigmoid, type ValueAndGradient } from "../numerics/index.js";
import { active, comparisonsFromPairs, laplacePosterior, type Posterior } from "../preferences/index.js";
import { bernoulli, foldIn, type Key, normal, randint, split, uniform } from "../random/index.js";
import {
  dropoutDraws,
  gridPosterior,
  hmc,
  sgld,
  splitUncertainty,
  type UncertaintySplit,
  variationalGaussian,
} from "../robust/index.js";

/** The ways to a posterior that `eightPosteriors` compares, in the order of its lists. */
export const posteriorMethods = [
  "HMC",
  "full Gaussian (VI)",
  "mean field (VI)",
  "Laplace",
  "SGLD, step 0.01",
  "SGLD, step 0.5",
  "anchored bootstrap",
  "bootstrap",
  "dropout 0.5",
  "dropout 0.1",
  "other starts",
] as const;

export type PosteriorMethod = (typeof posteriorMethods)[number];

/** Six questions: differences of two replies in the two features, near and far from 0, in three directions. */
export const sixQuestions: readonly (readonly [number, number])[] = [1, 3].flatMap((length) =>
  [0, 1, 2].map((third): [number, number] => [
    length * Math.cos((third * Math.PI) / 3),
    length * Math.sin((third * Math.PI) / 3),
  ]),
);

export interface EightPosteriors {
  /** Weights that answered, [2]. */
  truth: number[];
  /** The exact posterior: points of a grid, [points][2], and their weights. */
  exact: { points: readonly number[][]; weights: Float64Array; splits: UncertaintySplit[] };
  /** Of each method: draws for a picture, [draws][2], and its split for each of `sixQuestions`. */
  methods: Record<PosteriorMethod, { draws: number[][]; splits: UncertaintySplit[] }>;
}

/**
 * Two weights of a linear reward, drawn from the prior N(0, prior^2 I), and `rows` comparisons x = f1 - f2 ~ N(0, I)
 * answered by Bradley and Terry's model: the posterior by enumeration, and by every method that is in use for large
 * models. Members of ensembles are most probable weights: of rows drawn with replacement; those with an anchor
 * N(0, prior^2 I) besides; and of the same rows from other starts.
 */
export function eightPosteriors(
  key: Key,
  {
    rows = 12,
    prior = 1.5,
    members = 200,
    draws = 2000,
  }: { rows?: number; prior?: number; members?: number; draws?: number } = {},
): EightPosteriors {
  const [truthKey, rowKey, answerKey, ...keys] = split(key, 12);
  const truth = [...normal(truthKey, 2)].map((z) => prior * z);
  const raw = normal(rowKey, 2 * rows);
  const coins = uniform(answerKey, rows);
  /** Turned so that everything is a win. */
  const x = Array.from({ length: rows }, (_, k) => {
    const row = [raw[2 * k], raw[2 * k + 1]];
    return coins[k] < sigmoid(row[0] * truth[0] + row[1] * truth[1]) ? row : row.map((value) => -value);
  });
  const density = winsLogDensity(x, { prior });
  const nobody = new Float64Array(2);
  const axis = linspace(-6 * prior, 6 * prior, 141);
  const grid = gridPosterior((at) => density(Float64Array.from(at), nobody), [axis, axis]);
  const best = (own: ValueAndGradient, start: ArrayLike<number> = [0, 0]) => [
    ...lbfgs(own, start, { tolerance: 1e-6 }).at,
  ];
  const mode = best(density);
  const resampled = (own: Key, anchored: boolean) => {
    const [rowsKey, anchorKey] = split(own);
    const anchor = anchored ? normal(anchorKey, 2).map((z) => prior * z) : undefined;
    return best(
      winsLogDensity(
        Array.from(randint(rowsKey, rows, 0, rows), (k) => x[k]),
        { prior, anchor },
      ),
    );
  };
  const langevin = (own: Key, step: number) =>
    sgld(own, minibatchSlope(x, prior), mode, { draws, step, thin: Math.max(1, Math.round(0.2 / step)) });
  const dropped = (own: Key, rate: number) => dropoutDraws(own, best(dropoutLogDensity(x, prior, rate)), rate, members);
  const found: Record<PosteriorMethod, number[][] | Posterior> = {
    HMC: hmc(keys[0], density, mode, { draws, step: 0.4, leaps: 5 }).draws,
    "full Gaussian (VI)": variationalGaussian(keys[1], density, mode),
    "mean field (VI)": variationalGaussian(keys[1], density, mode, { full: false }),
    Laplace: laplaceOf(x, prior),
    "SGLD, step 0.01": langevin(keys[2], 0.01),
    "SGLD, step 0.5": langevin(keys[3], 0.5),
    "anchored bootstrap": split(keys[4], members).map((own) => resampled(own, true)),
    bootstrap: split(keys[5], members).map((own) => resampled(own, false)),
    "dropout 0.5": dropped(keys[6], 0.5),
    "dropout 0.1": dropped(keys[7], 0.1),
    "other starts": split(keys[8], 20).map((own) =>
      best(
        density,
        normal(own, 2).map((z) => prior * z),
      ),
    ),
  };
  const methods = {} as EightPosteriors["methods"];
  for (const name of posteriorMethods) {
    const own = found[name];
    methods[name] = Array.isArray(own)
      ? { draws: own, splits: sixQuestions.map((q) => splitAt(own, q)) }
      : {
          draws: active.posteriorMembers(foldIn(key, 99), own, 400),
          splits: sixQuestions.map((q) => gaussianSplit(own, q)),
        };
  }
  return {
    truth,
    exact: { ...grid, splits: sixQuestions.map((q) => splitAt(grid.points, q, grid.weights)) },
    methods,
  };
}

/** Mean over the six questions of |epistemic part - the exact one|, nats. */
export function epistemicError({ exact, methods }: EightPosteriors, method: PosteriorMethod): number {
  return mean(methods[method].splits.map(({ epistemic }, q) => Math.abs(epistemic - exact.splits[q].epistemic)));
}

/** log P(all rows win | w) - |w - anchor|^2 / 2 prior^2, nats. */
function winsLogDensity(
  x: readonly (readonly number[])[],
  { prior, anchor = [0, 0] }: { prior: number; anchor?: ArrayLike<number> },
): ValueAndGradient {
  return (at, gradient) => {
    let value = 0;
    for (let j = 0; j < 2; j++) {
      gradient[j] = -(at[j] - anchor[j]) / prior ** 2;
      value += (gradient[j] * (at[j] - anchor[j])) / 2;
    }
    for (const row of x) {
      const z = row[0] * at[0] + row[1] * at[1];
      value += logSigmoid(z);
      for (let j = 0; j < 2; j++) gradient[j] += sigmoid(-z) * row[j];
    }
    return value;
  };
}

/** What training with dropout climbs: the mean of the log-posterior's likelihood over the four masks of two weights. */
function dropoutLogDensity(x: readonly (readonly number[])[], prior: number, rate: number): ValueAndGradient {
  const likelihood = winsLogDensity(x, { prior: Number.POSITIVE_INFINITY });
  const masks = [0, 1, 2, 3].map((bits) => {
    const kept = [bits & 1, bits >> 1];
    return { scale: kept.map((k) => k / (1 - rate)), share: kept.reduce((p, k) => p * (k ? 1 - rate : rate), 1) };
  });
  return (at, gradient) => {
    let value = 0;
    for (let j = 0; j < 2; j++) {
      gradient[j] = -at[j] / prior ** 2;
      value -= at[j] ** 2 / (2 * prior ** 2);
    }
    const own = new Float64Array(2);
    for (const { scale, share } of masks) {
      value +=
        share *
        likelihood(
          Float64Array.from(at, (w, j) => w * scale[j]),
          own,
        );
      for (let j = 0; j < 2; j++) gradient[j] += share * scale[j] * own[j];
    }
    return value;
  };
}

/** An unbiased slope from half of the rows: each is taken by a fair coin and counts twice. */
function minibatchSlope(x: readonly (readonly number[])[], prior: number) {
  const own = new Float64Array(2);
  return (key: Key, at: Float64Array) => {
    const taken = bernoulli(key, x.length, 0.5);
    winsLogDensity(
      x.filter((_, k) => taken[k] === 1),
      { prior: Number.POSITIVE_INFINITY },
    )(at, own);
    return own.map((slope, j) => 2 * slope - at[j] / prior ** 2);
  };
}

function laplaceOf(x: readonly (readonly number[])[], prior: number): Posterior {
  const pairs = comparisonsFromPairs(x.map((_, k) => [k, x.length] as const));
  return laplacePosterior(pairs, { deviation: prior, features: [...x, [0, 0]] });
}

/** The split of draws, or of a grid's points with their weights. */
function splitAt(
  points: readonly number[][],
  question: readonly number[],
  weights?: ArrayLike<number>,
): UncertaintySplit {
  return splitUncertainty(
    points.map((w) => {
      const p = sigmoid(question[0] * w[0] + question[1] * w[1]);
      return [p, 1 - p];
    }),
    weights,
  );
}

function gaussianSplit(posterior: Posterior, question: readonly number[]): UncertaintySplit {
  const { total, noise, gain } = active.gaussianInformationGain(active.logOddsOf(posterior, question));
  return { total, aleatoric: noise, epistemic: gain };
}
