// Wrong answers to the exercises of lesson 08. Each must be rejected, with its own words.
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

/** GAE from back to front over what counts; `step` says what follows from the reward, this and the next value, and the trace. */
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
};
