// Wrong answers to the exercises of lesson 08. Each must be rejected, with its own words.

import { minibatches } from "rlhf-lab/policy";
import { foldIn, type Key, split } from "rlhf-lab/random";
import {
  drawSequences,
  nextTokenLogProbs,
  type TreePolicy,
  tokenLogitGradient,
  treeTokenLogProbs,
} from "rlhf-lab/trees";

const average = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const clamp = (x: number, low: number, high: number) => Math.min(Math.max(x, low), high);

type Tokens = [logpNew: number[], logpOld: number[], advantages: number[], clip: number];

/** An objective that is the mean of `each(ratio, advantage, clipped ratio)`. */
const objective =
  (
    each: (r: number, A: number, cut: number, clip: number) => number,
    ratio = (a: number, b: number) => Math.exp(a - b),
  ) =>
  (...[logpNew, logpOld, advantages, clip]: Tokens) =>
    average(
      advantages.map((A, i) => {
        const r = ratio(logpNew[i], logpOld[i]);
        return each(r, A, clamp(r, 1 - clip, 1 + clip), clip);
      }),
    );

type Row = [rewards: number[], values: number[], mask: number[], discount: number, lambda: number];

/**
 * GAE from back to front over what counts; `step` says what follows from the reward, this and the
 * next value, and the trace.
 */
const backwards =
  (
    step: (reward: number, value: number, next: number, trace: number, discount: number, lambda: number) => number,
    masked = true,
  ) =>
  (...[rewards, values, mask, discount, lambda]: Row) => {
    const out = mask.map(() => 0);
    let [next, trace] = [0, 0];
    for (let t = mask.length - 1; t >= 0; t--) {
      if (masked && mask[t] === 0) continue;
      trace = step(rewards[t], values[t], next, trace, discount, lambda);
      next = values[t];
      out[t] = mask[t] * trace;
    }
    return out;
  };

const gae = (r: number, v: number, next: number, trace: number, discount: number, lambda: number) =>
  r + discount * next - v + discount * lambda * trace;

type Updates = [logpOld: number[], logpBefore: number[][], mask: number[], target: number];

/** Makes no update from the first on before which k3 (or another estimate) of the tokens that count is too large. */
const updates =
  ({
    each = (d: number) => Math.exp(d) - 1 - d,
    counts = (m: number) => m === 1,
    sum = false,
    slack = 1.5,
    plus = 0,
  }: {
    each?: (d: number) => number;
    counts?: (mask: number) => boolean;
    sum?: boolean;
    slack?: number;
    plus?: number;
  }) =>
  (...[logpOld, logpBefore, mask, target]: Updates) => {
    const far = logpBefore.findIndex((row) => {
      const own = row.flatMap((x, t) => (counts(mask[t]) ? [each(x - logpOld[t])] : []));
      return average(own) * (sum ? own.length : 1) > slack * target;
    });
    return far < 0 ? logpBefore.length : far + plus;
  };

type Values = [values: number[], oldValues: number[], returns: number[], clip: number];

const valueLoss =
  (each: (error: number, held: number, v: number, old: number, r: number, clip: number) => number) =>
  (...[values, oldValues, returns, clip]: Values) =>
    average(
      values.map((v, i) => {
        const held = oldValues[i] + clamp(v - oldValues[i], -clip, clip) - returns[i];
        return each(v - returns[i], held, v, oldValues[i], returns[i], clip);
      }),
    );

const estimates = (each: (d: number) => number) => (logpNew: number[], logpRef: number[]) =>
  logpNew.map((x, i) => each(x - logpRef[i]));

interface Plan {
  iterations: number;
  batch: number;
  epochs: number;
  minibatchSize: number;
  rate: number;
  clip: number;
  target: number;
}

interface LoopChange {
  /** The slope of the objective in logpNew. */
  slope?: (ratio: number, A: number, clip: number) => number;
  centre?: (earned: number[]) => number;
  sign?: number;
  sum?: boolean;
  stop?: (kl: number, target: number, update: number, perEpoch: number) => boolean;
  own?: boolean;
  forGood?: boolean;
  stale?: boolean;
}

const clippedSlope = (r: number, A: number, clip: number) => ((A >= 0 ? r > 1 + clip : r < 1 - clip) ? 0 : A * r);

/** The loop with one thing changed. */
const loop = (change: LoopChange) => ({
  ppo: (key: Key, start: TreePolicy, reward: Float64Array, plan: Plan) => {
    const { slope = clippedSlope, centre = average, sign = 1, stop = (kl, target) => kl > 1.5 * target } = change;
    const { batch: n, epochs, minibatchSize, rate, clip, target } = plan;
    let policy = start;
    batches: for (const k of split(key, plan.iterations)) {
      const [draw, order] = split(k);
      const { sequences, tokenIndices, logpOld } = drawSequences(draw, change.stale ? start : policy, n);
      const earned = Array.from(sequences, (y) => reward[y]);
      const all = sequences.map((_, b) => b);
      let update = 0;
      passes: for (let e = 0; e < epochs; e++) {
        for (const which of minibatches(foldIn(order, e), n, minibatchSize)) {
          const news = treeTokenLogProbs(nextTokenLogProbs(policy), tokenIndices);
          const k3s = Array.from(change.own ? which : all).flatMap((b) =>
            Array.from(news[b], (x, t) => Math.exp(x - logpOld[b][t]) - 1 - (x - logpOld[b][t])),
          );
          if (stop(average(k3s), target, update, n / minibatchSize)) {
            if (change.forGood) break batches;
            break passes;
          }
          const rows = Array.from(which);
          const count = change.sum ? 1 : rows.reduce((total, b) => total + tokenIndices[b].length, 0);
          const slopes = rows.map((b) =>
            news[b].map((x, t) => slope(Math.exp(x - logpOld[b][t]), earned[b] - centre(earned), clip) / count),
          );
          const gradient = tokenLogitGradient(
            policy,
            rows.map((b) => tokenIndices[b]),
            slopes,
          );
          policy = { ...policy, logits: policy.logits.map((z, i) => z + sign * rate * gradient[i]) };
          update++;
        }
      }
    }
    return policy.logits;
  },
});

type Batch = [rows: number[][], mask: number[][]];

/** Whitening with `centre` and `spread` of all values and their mask. */
const white =
  (
    centre: (x: number[], m: number[]) => number,
    spread: (x: number[], m: number[], mean: number) => number,
    padding: (x: number, mean: number, root: number) => number = () => 0,
  ) =>
  (...[rows, mask]: Batch) => {
    const [x, m] = [rows.flat(), mask.flat()];
    const mean = centre(x, m);
    const root = Math.sqrt(spread(x, m, mean));
    return rows.map((row, b) => row.map((a, t) => (mask[b][t] === 1 ? (a - mean) / root : padding(a, mean, root))));
  };
const counted = (x: number[], m: number[]) => x.filter((_, i) => m[i] === 1);
const meanOf = (x: number[], m: number[]) => average(counted(x, m));
const spreadOf = (x: number[], m: number[]) => {
  const own = counted(x, m);
  return average(own.map((a) => (a - average(own)) ** 2));
};
const kept = (x: number[], m: number[]) => x.map((a, i) => a * m[i]);

export const mutants = {
  "08/clipped-objective": {
    "max-for-min": { clippedObjective: objective((r, A, cut) => Math.max(r * A, cut * A)) },
    "always-clipped": { clippedObjective: objective((_, A, cut) => cut * A) },
    unclipped: { clippedObjective: objective((r, A) => r * A) },
    "min-of-means": {
      clippedObjective: (...given: Tokens) =>
        Math.min(objective((r, A) => r * A)(...given), objective((_, A, cut) => cut * A)(...given)),
    },
    "clips-advantage": {
      clippedObjective: objective((r, A, _, clip) => Math.min(r * A, r * clamp(A, 1 - clip, 1 + clip))),
    },
    "clips-product": {
      clippedObjective: objective((r, A, _, clip) => Math.min(r * A, clamp(r * A, 1 - clip, 1 + clip))),
    },
    "no-ratio": {
      clippedObjective: objective(
        (r, A, cut) => Math.min(r * A, cut * A),
        (a, b) => a - b,
      ),
    },
    "wrong-sign": { clippedObjective: objective((r, A, cut) => -Math.min(r * A, cut * A)) },
    overflow: {
      clippedObjective: objective(
        (r, A, cut) => Math.min(r * A, cut * A),
        (a, b) => Math.exp(a) / Math.exp(b),
      ),
    },
    "zero-times-infinity": { clippedObjective: objective((r, A, cut) => Math.min(r * A, cut * A)) },
  },
  "08/gae": {
    "forgets-mask": { advantages: backwards(gae, false) },
    "lambda-in-delta": {
      advantages: backwards(
        (r, v, next, trace, discount, lambda) => r + discount * lambda * next - v + discount * trace,
      ),
    },
    "no-discount": {
      advantages: backwards((r, v, next, trace, discount, lambda) => r + discount * next - v + lambda * trace),
    },
    "no-lambda": { advantages: backwards((r, v, next, trace, discount) => gae(r, v, next, trace, discount, 1)) },
    "one-step": { advantages: backwards((r, v, next, trace, discount) => gae(r, v, next, trace, discount, 0)) },
    forwards: {
      advantages: (...[rewards, values, mask, discount, lambda]: Row) => {
        let trace = 0;
        return mask.map((m, t) => {
          if (m === 0) return 0;
          const next = mask[t + 1] === 1 ? values[t + 1] : 0;
          trace = gae(rewards[t], values[t], next, trace, discount, lambda);
          return trace;
        });
      },
    },
  },
  "08/k3": {
    swapped: { k3: estimates((d) => Math.exp(d) - 1 - d) },
    k1: { k3: estimates((d) => d) },
    k2: { k3: estimates((d) => (d * d) / 2) },
    "no-minus-one": { k3: estimates((d) => Math.exp(-d) + d) },
    "wrong-sign": { k3: estimates((d) => Math.exp(-d) - 1 - d) },
  },
  "08/early-stop": {
    swapped: { updatesMade: updates({ each: (d) => Math.exp(-d) - 1 + d }) },
    k2: { updatesMade: updates({ each: (d) => (d * d) / 2 }) },
    "uses-k1": { updatesMade: updates({ each: (d) => -d }) },
    "forgets-mask": { updatesMade: updates({ counts: () => true }) },
    "inverts-mask": { updatesMade: updates({ counts: (m) => m === 0 }) },
    sum: { updatesMade: updates({ sum: true }) },
    "no-slack": { updatesMade: updates({ slack: 1 }) },
    "off-by-one": { updatesMade: updates({ plus: 1 }) },
  },
  "08/loop": {
    unclipped: loop({ slope: (r, A) => A * r }),
    "cuts-losses": loop({ slope: (r, A, clip) => (r > 1 + clip || r < 1 - clip ? 0 : A * r) }),
    "no-ratio": loop({ slope: (r, A, clip) => (clippedSlope(r, A, clip) === 0 ? 0 : A) }),
    "not-centred": loop({ centre: () => 0 }),
    "wrong-sign": loop({ sign: -1 }),
    sum: loop({ sum: true }),
    "never-stops": loop({ stop: () => false }),
    "once-an-epoch": loop({ stop: (kl, target, update, per) => update % per === 0 && kl > 1.5 * target }),
    "minibatch-kl": loop({ own: true }),
    "no-slack": loop({ stop: (kl, target) => kl > target }),
    "stops-for-good": loop({ forGood: true }),
    "stale-draws": loop({ stale: true }),
  },
  "08/adaptive-kl": {
    "wrong-direction": {
      nextBeta: (beta: number, kl: number, target: number) => beta * (1 - 0.1 * clamp(kl / target - 1, -0.2, 0.2)),
    },
    "no-clip": { nextBeta: (beta: number, kl: number, target: number) => beta * (1 + 0.1 * (kl / target - 1)) },
    absolute: {
      nextBeta: (beta: number, kl: number, target: number) => beta * (1 + 0.1 * clamp(kl - target, -0.2, 0.2)),
    },
    additive: {
      nextBeta: (beta: number, kl: number, target: number) => beta + 0.1 * clamp(kl / target - 1, -0.2, 0.2),
    },
  },
  "08/value-clipping": {
    "min-for-max": { clippedValueLoss: valueLoss((error, held) => Math.min(error ** 2, held ** 2) / 2) },
    unclipped: { clippedValueLoss: valueLoss((error) => error ** 2 / 2) },
    "no-half": { clippedValueLoss: valueLoss((error, held) => Math.max(error ** 2, held ** 2)) },
    relative: {
      clippedValueLoss: valueLoss(
        (error, _, v, old, r, clip) =>
          Math.max(error ** 2, (clamp(v, old * (1 - clip), old * (1 + clip)) - r) ** 2) / 2,
      ),
    },
    "always-clipped": { clippedValueLoss: valueLoss((_, held) => held ** 2 / 2) },
    "max-of-means": {
      clippedValueLoss: (...given: Values) =>
        Math.max(valueLoss((error) => error ** 2 / 2)(...given), valueLoss((_, held) => held ** 2 / 2)(...given)),
    },
    "towards-only": {
      clippedValueLoss: valueLoss((error, held, v, old, r) => ((v - old) * (r - old) > 0 ? held ** 2 : error ** 2) / 2),
    },
  },
  "08/whitening": {
    "padding-in-spread": {
      whitenAdvantages: white(meanOf, (x, m, mean) => {
        const sum = kept(x, m).reduce((total, a) => total + (a - mean) ** 2, 0);
        return sum / counted(x, m).length;
      }),
    },
    "padding-in-both": {
      whitenAdvantages: white(
        (x, m) => average(kept(x, m)),
        (x, m, mean) => average(kept(x, m).map((a) => (a - mean) ** 2)),
      ),
    },
    "padding-not-zero": { whitenAdvantages: white(meanOf, spreadOf, (x, mean, root) => (x - mean) / root) },
    "row-by-row": {
      whitenAdvantages: (...[rows, mask]: Batch) => rows.map((row, b) => white(meanOf, spreadOf)([row], [mask[b]])[0]),
    },
    "not-centred": { whitenAdvantages: white(() => 0, spreadOf) },
    "not-rooted": { whitenAdvantages: white(meanOf, (x, m) => spreadOf(x, m) ** 2) },
    sample: {
      whitenAdvantages: white(meanOf, (x, m) => {
        const n = counted(x, m).length;
        return (spreadOf(x, m) * n) / (n - 1);
      }),
    },
  },
};
