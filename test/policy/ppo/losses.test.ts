import { readFileSync } from "node:fs";
import { expect } from "chai";
import fc from "fast-check";
import { DomainError, key, logSoftmax, normal, ShapeError } from "rlhf-lab";
import { differenceGradient } from "rlhf-lab/numerics";
import {
  approxKlEstimates,
  clippedValueLossAndGradient,
  clipRange,
  clipShares,
  entropyBonusAndGradient,
  minibatches,
  ppoLossAndGradient,
  ppoSequenceLossAndGradient,
  shouldStop,
  valueLossAndGradient,
} from "rlhf-lab/policy";
import {
  approxKl,
  clipFraction,
  clippedObjective,
  clippedValueLoss,
  entropyBonus,
  ppoLoss,
  ppoSequenceLoss,
  valueLoss,
} from "rlhf-lab/policy/tensor";
import { categoricalEntropy, tf, valueAndGradients } from "rlhf-lab/tensor";
import { expectClose, expectFloorsAgree, rows } from "../floors.js";

const Inf = Number.POSITIVE_INFINITY;
const float32 = (x: ArrayLike<number>) => Float64Array.from(Float32Array.from(x));
const T = 4;
const grid = (x: ArrayLike<number>) => tf.tensor2d(Array.from(x), [x.length / T, T]);
const split = (x: ArrayLike<number>) =>
  Array.from({ length: x.length / T }, (_, b) => Array.from(x).slice(b * T, (b + 1) * T));
const draw = (seed: number, n = 12) => Array.from(normal(key(seed), n));

// Ratios on both sides of the clip, for both signs of the advantage; the last row is empty.
const logpOld = draw(1).map((x) => -Math.abs(x) - 0.5);
const logpNew = logpOld.map((x, i) => x + 0.4 * draw(2)[i]);
const advantages = draw(3);
const mask = [1, 1, 1, 0, 1, 1, 1, 1, 0, 0, 0, 0];

interface Golden {
  desc: string;
  source: string;
  f: string;
  logits: number[][];
  oldLogits: number[][];
  tokens: number[];
  advantages: number[];
  clip: number;
  weights: number[];
  value: number;
}
const golden = JSON.parse(readFileSync("test/golden/ppo.json", "utf8")) as Golden[];

describe("policy/ppo: the clipped loss", () => {
  for (const g of golden.filter(({ f }) => f === "ppoLoss")) {
    it(`${g.desc}: ${g.value} (${g.source})`, () => {
      const logs = (logits: number[][]) => logits.map((row, i) => logSoftmax(row)[g.tokens[i]]);
      const args = [logs(g.logits), logs(g.oldLogits), g.advantages, [1, 1, 1]] as const;
      expect(ppoLossAndGradient(...args, { clip: g.clip }).loss).to.be.closeTo(g.value, 5e-6);
      tf.tidy(() => {
        const [a, b, c, d] = args.map((x) => rows([x as number[]]));
        expect(ppoLoss(a, b, c, d, { clip: g.clip }).dataSync()[0]).to.be.closeTo(g.value, 5e-6);
      });
    });
  }

  it("token level: both floors, at several clips", () => {
    for (const clip of [0.05, 0.2, 1, 3, Inf]) {
      expectFloorsAgree(
        (x, o, a, m) => ppoLoss(x, o, a, m, { clip }),
        [grid(logpNew), grid(logpOld), grid(advantages), grid(mask)],
        (x) => ppoLossAndGradient(x, float32(logpOld), float32(advantages), mask, { clip }),
      );
    }
  });

  it("sequence level: both floors, at several clips; the empty row does not count", () => {
    const perRow = [0.7, -1.3, 5];
    for (const clip of [0.05, 0.2, 1, Inf]) {
      expectFloorsAgree(
        (x, o, a, m) => ppoSequenceLoss(x, o, a, m, { clip }),
        [grid(logpNew), grid(logpOld), tf.tensor1d(perRow), grid(mask)],
        (x) => {
          const { loss, gradient } = ppoSequenceLossAndGradient(
            split(x),
            split(float32(logpOld)),
            float32(perRow),
            split(mask),
            { clip },
          );
          return { loss, gradient: gradient.flatMap((row) => Array.from(row)) };
        },
      );
    }
  });

  it("is min(r A, clip(r) A) for every ratio and advantage, and its slope is 0 exactly where it is cut", () => {
    const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });
    fc.assert(
      fc.property(number(-3, 3), number(-2, 2), number(0.01, 0.9), (d, A, clip) => {
        const r = Math.exp(d);
        const literal = Math.min(r * A, Math.min(Math.max(r, 1 - clip), 1 + clip) * A);
        const { loss, gradient } = ppoLossAndGradient([d], [0], [A], [1], { clip });
        expect(-loss).to.be.closeTo(literal, 1e-12 * (1 + Math.abs(literal)));
        const { clipped, outside } = clipShares([d], [0], [A], [1], { clip });
        if (A !== 0) expect(gradient[0] === 0).to.equal(clipped === 1);
        expect(clipped).to.be.at.most(outside);
        // A pessimistic bound: never more than without clipping.
        expect(-loss).to.be.at.most(r * A + 1e-12);
      }),
    );
  });

  it("at the old policy the clip makes no difference: the loss is minus the mean advantage, its gradient minus the advantage", () => {
    const { loss, gradient } = ppoLossAndGradient(logpOld, logpOld, advantages, mask);
    const mean = advantages.reduce((sum, a, i) => sum + a * mask[i], 0) / 7;
    expect(loss).to.be.closeTo(-mean, 1e-14);
    expectClose(
      gradient,
      advantages.map((a, i) => (-a * mask[i]) / 7),
      1e-14,
    );
  });

  it("stays finite for ratios of exp(+-1000) that the clip makes irrelevant, where the naive formula has NaN", () => {
    const news = [-1, -2001, -1, -2001];
    const olds = [-1001, -1, -1001, -1];
    const gains = [1, -1, 0, 0];
    const ones = [1, 1, 1, 1];
    const naive = (x: tf.Tensor) => {
      const ratio = tf.exp(tf.sub(x, rows([olds])));
      const surrogate = tf.minimum(
        tf.mul(ratio, rows([gains])),
        tf.mul(tf.clipByValue(ratio, 0.8, 1.2), rows([gains])),
      );
      return tf.neg(tf.mean(surrogate));
    };
    tf.tidy(() => {
      const slope = (fn: (x: tf.Tensor) => tf.Tensor) => {
        const { loss, gradients } = valueAndGradients({ x: rows([news]) }, ({ x }) => fn(x));
        return [loss.dataSync()[0], ...gradients.x.dataSync()];
      };
      expect(slope(naive).some(Number.isNaN)).to.equal(true);
      const ours = slope((x) => ppoLoss(x, rows([olds]), rows([gains]), rows([ones])));
      const twin = ppoLossAndGradient(news, olds, gains, ones);
      expect(twin.loss).to.be.closeTo((-1.2 + 0.8) / 4, 1e-14);
      expectClose(ours, [twin.loss, ...twin.gradient], 1e-6);
      expectClose(twin.gradient, [0, 0, 0, 0], 0);
      // Where the ratio counts, it is told, not hidden.
      expect(slope((x) => ppoLoss(x, rows([olds]), rows([[-1, 1, 0, 0]]), rows([ones])))[0]).to.equal(Inf);
    });
  });

  it("a new policy that gives a token no chance: ratio 0; an old one that gave it none: an error", () => {
    const { loss, gradient } = ppoLossAndGradient([-Inf, -Inf], [-1, -1], [1, -1], [1, 1]);
    expect(loss).to.be.closeTo(0.4, 1e-15);
    expect(Array.from(gradient, Math.abs)).to.deep.equal([0, 0]);
    expect(() => ppoLossAndGradient([-1], [-Inf], [1], [1])).to.throw(DomainError, "logpOld");
    expect(() => ppoSequenceLossAndGradient([[-1]], [[-Inf]], [1], [[1]])).to.throw(DomainError, "logpOld");
    tf.tidy(() => {
      const { loss, gradients } = valueAndGradients({ x: rows([[-Inf, -Inf]]) }, ({ x }) =>
        ppoLoss(x, rows([[-1, -1]]), rows([[1, -1]]), rows([[1, 1]])),
      );
      expectClose([loss.dataSync()[0], ...Array.from(gradients.x.dataSync(), Math.abs)], [0.4, 0, 0], 1e-7);
    });
  });

  it("does not look behind the mask", () => {
    tf.tidy(() => {
      const { loss, gradients } = valueAndGradients({ x: rows([[-1, Number.NaN, -Inf]]) }, ({ x }) =>
        ppoLoss(x, rows([[-1.1, 0, -Inf]]), rows([[2, Number.NaN, Inf]]), rows([[1, 0, 0]])),
      );
      const { loss: want, gradient } = ppoLossAndGradient(
        [-1, Number.NaN, -Inf],
        [-1.1, 0, -Inf],
        [2, Number.NaN, Inf],
        [1, 0, 0],
      );
      expectClose([loss.dataSync()[0], ...gradients.x.dataSync()], [want, ...gradient], 1e-6);
    });
  });

  it("nor at the advantage of a row without tokens", () => {
    tf.tidy(() => {
      const { loss, gradients } = valueAndGradients({ x: rows([[-1], [-2]]) }, ({ x }) =>
        ppoSequenceLoss(x, rows([[-1], [-1]]), tf.tensor1d([3, Number.NaN]), rows([[1], [0]])),
      );
      expect([loss.dataSync()[0], ...gradients.x.dataSync()].map((x) => x + 0)).to.deep.equal([-3, -3, 0]);
    });
    const { loss, gradient } = ppoSequenceLossAndGradient([[-1], [-2]], [[-1], [-1]], [3, Number.NaN], [[1], [0]]);
    expect([loss, gradient[0][0], gradient[1][0]]).to.deep.equal([-3, -3, 0]);
  });

  it("bad input", () => {
    expect(() => clipRange({ clip: 0 })).to.throw(DomainError, "clip");
    expect(() => ppoLossAndGradient([0], [0], [1], [1], { clip: Number.NaN })).to.throw(DomainError, "clip");
    expect(() => ppoLossAndGradient([0], [0, 1], [1], [1])).to.throw(ShapeError, "logpOld");
    expect(() => ppoLossAndGradient([0], [0], [1, 2], [1])).to.throw(ShapeError, "advantages");
    expect(() => ppoLossAndGradient([0], [0], [1], [1, 1])).to.throw(ShapeError, "mask");
    expect(() => ppoLossAndGradient([0], [0], [1], [0])).to.throw(DomainError, "at least one 1");
    expect(() => ppoLossAndGradient([], [], [], [])).to.throw(DomainError, "mask");
    expect(() => ppoLossAndGradient([0], [0], [Inf], [1])).to.throw(DomainError, "advantage");
    expect(() => ppoLossAndGradient([Number.NaN], [0], [1], [1])).to.throw(DomainError, "logpNew");
    expect(() => ppoSequenceLossAndGradient([[0]], [[0], [0]], [1], [[1]])).to.throw(ShapeError, "logpOld");
    expect(() => ppoSequenceLossAndGradient([[0], [0]], [[0, 0], []], [1, 1], [[1], [1]])).to.throw(
      ShapeError,
      "logpOld[0]",
    );
    expect(() => ppoSequenceLossAndGradient([[0]], [[0]], [1], [[0]])).to.throw(DomainError, "mask");
    tf.tidy(() => {
      const one = rows([[0]]);
      const two = rows([[0, 0]]);
      expect(() => ppoLoss(one, two, one, one)).to.throw(ShapeError, "logpOld");
      expect(() => ppoLoss(one, one, tf.tensor1d([1]), one)).to.throw(ShapeError, "advantages");
      expect(() => ppoSequenceLoss(one, one, one, one)).to.throw(ShapeError, "advantages");
      expect(() => ppoLoss(one, one, one, one, { clip: -1 })).to.throw(DomainError, "clip");
      expect(ppoLoss(one, one, one, rows([[0]])).dataSync()[0]).to.be.NaN;
      expect(() => clippedObjective(one, two, clipRange({}))).to.throw(ShapeError, "advantages");
    });
  });
});

describe("policy/ppo: clip fraction and step KL", () => {
  it("agree with their twins, and are captured to the bit", () => {
    const args = [grid(logpNew), grid(logpOld), grid(advantages), grid(mask)];
    const { clipped, outside } = clipShares(logpNew, logpOld, advantages, mask);
    expect(clipped).to.be.above(0);
    expect(outside).to.be.above(clipped);
    tf.tidy(() => {
      expect(clipFraction(args[0], args[1], args[2], args[3]).dataSync()[0]).to.be.closeTo(clipped, 1e-7);
      expect(clipFraction(args[0], args[1], undefined, args[3]).dataSync()[0]).to.be.closeTo(outside, 1e-7);
      expect(() => clipFraction(args[0], args[1], tf.zeros([1, 1]), args[3])).to.throw(ShapeError, "advantages");
    });
    const slopes = (k: "k1" | "k3") => (x: Float64Array) => ({
      loss: approxKlEstimates(x, float32(logpOld), mask)[k],
      gradient: differenceGradient((z) => approxKlEstimates(z, float32(logpOld), mask)[k], x),
    });
    for (const k of ["k1", "k3"] as const) {
      expectFloorsAgree((x, o, m) => approxKl(x, o, m)[k], [args[0], args[1], args[3]], slopes(k));
    }
    expect(() => clipShares([0], [0], [1, 1], [1])).to.throw(ShapeError, "advantages");
    expect(() => clipShares([0], [0], [1], [0])).to.throw(DomainError, "mask");
    tf.dispose(args);
  });

  it("the step KL of samples from old is unbiased, for KL(old || new)", () => {
    const [old, now] = [draw(5, 4), draw(6, 4)].map((z) => logSoftmax(z));
    const kl = old.reduce((sum, log, v) => sum + Math.exp(log) * (log - now[v]), 0);
    let [k1, k3] = [0, 0];
    old.forEach((log, v) => {
      const estimate = approxKlEstimates([now[v]], [log], [1]);
      k1 += Math.exp(log) * estimate.k1;
      k3 += Math.exp(log) * estimate.k3;
    });
    expect(k1).to.be.closeTo(kl, 1e-14);
    expect(k3).to.be.closeTo(kl, 1e-14);
    expect(approxKlEstimates([-Inf], [-1], [1])).to.deep.equal({ k1: Inf, k3: Inf });
    expect(() => approxKlEstimates([0], [-Inf], [1])).to.throw(DomainError, "logpOld[0]");
    expect(() => approxKlEstimates([Number.NaN], [0], [1])).to.throw(DomainError, "logpNew[0]");
    expect(() => approxKlEstimates([0], [0, 0], [1])).to.throw(ShapeError, "logpOld");
  });

  it("stops above 1.5 times the target, and on what is no number", () => {
    expect(shouldStop(0.0149, { target: 0.01 })).to.equal(false);
    expect(shouldStop(0.0151, { target: 0.01 })).to.equal(true);
    expect(shouldStop(-1, { target: 0.01 })).to.equal(false);
    expect(shouldStop(0.0151, { target: 0.01, slack: 2 })).to.equal(false);
    expect(shouldStop(Number.NaN, { target: 0.01 })).to.equal(true);
    expect(() => shouldStop(1, { target: 0 })).to.throw(DomainError, "target");
  });
});

describe("policy/ppo: value losses", () => {
  const values = draw(10);
  const oldValues = values.map((v, i) => v + 0.5 * draw(11)[i]);
  const returns = draw(12);

  it("both floors", () => {
    expectFloorsAgree(valueLoss as never, [grid(values), grid(returns), grid(mask)], (x) =>
      valueLossAndGradient(x, float32(returns), mask),
    );
    for (const clip of [0.1, 0.3, Inf]) {
      expectFloorsAgree(
        (v, o, r, m) => clippedValueLoss(v, o, r, m, { clip }),
        [grid(values), grid(oldValues), grid(returns), grid(mask)],
        (x) => clippedValueLossAndGradient(x, float32(oldValues), float32(returns), mask, { clip }),
      );
    }
  });

  it("by hand: a value that went to its return by more than the clip is held, one that went away is not", () => {
    expect(valueLossAndGradient([1, 9], [3, 0], [1, 0])).to.deep.equal({ loss: 2, gradient: Float64Array.of(-2, 0) });
    // old 0, return 2: 1 is a step of 1 towards it, counted as 0.5
    const held = clippedValueLossAndGradient([1], [0], [2], [1], { clip: 0.5 });
    expect([held.loss, held.gradient[0]]).to.deep.equal([1.125, 0]);
    const away = clippedValueLossAndGradient([-1], [0], [2], [1], { clip: 0.5 });
    expect([away.loss, away.gradient[0]]).to.deep.equal([4.5, -3]);
    expect(clippedValueLossAndGradient([0.4], [0], [2], [1], { clip: 0.5 })).to.deep.equal(
      valueLossAndGradient([0.4], [2], [1]),
    );
  });

  it("never counts less than the plain loss", () => {
    const number = fc.double({ min: -5, max: 5, noNaN: true });
    fc.assert(
      fc.property(number, number, number, fc.double({ min: 0.01, max: 3, noNaN: true }), (v, o, r, clip) => {
        const clipped = clippedValueLossAndGradient([v], [o], [r], [1], { clip }).loss;
        expect(clipped).to.be.at.least(valueLossAndGradient([v], [r], [1]).loss);
      }),
    );
  });

  it("bad input, and what is masked", () => {
    expect(() => valueLossAndGradient([1], [1, 2], [1])).to.throw(ShapeError, "returns");
    expect(() => valueLossAndGradient([1], [Inf], [1])).to.throw(DomainError, "returns[0]");
    expect(() => valueLossAndGradient([1], [1], [0])).to.throw(DomainError, "mask");
    expect(() => clippedValueLossAndGradient([1], [1], [1], [1], { clip: 0 })).to.throw(DomainError, "clip");
    expect(() => clippedValueLossAndGradient([1], [1, 1], [1], [1], { clip: 1 })).to.throw(ShapeError, "oldValues");
    tf.tidy(() => {
      const [a, b] = [rows([[1]]), rows([[1, 2]])];
      expect(() => valueLoss(a, b, a)).to.throw(ShapeError, "returns");
      expect(() => clippedValueLoss(a, b, a, a, { clip: 1 })).to.throw(ShapeError, "oldValues");
      expect(() => clippedValueLoss(a, a, a, a, { clip: -1 })).to.throw(DomainError, "clip");
      const junk = rows([[1, Number.NaN]]);
      const some = rows([[1, 0]]);
      for (const fn of [
        (x: tf.Tensor) => valueLoss(x, junk, some),
        (x: tf.Tensor) => clippedValueLoss(x, junk, junk, some, { clip: 1 }),
      ]) {
        const { loss, gradients } = valueAndGradients({ x: junk.add(1) }, ({ x }) => fn(x));
        expect([loss.dataSync()[0], ...gradients.x.dataSync()]).to.deep.equal([0.5, 1, 0]);
      }
      expect(valueLoss(a, a, rows([[0]])).dataSync()[0]).to.be.NaN;
    });
  });
});

describe("policy/ppo: entropy bonus", () => {
  const g = golden.find(({ f }) => f === "entropy") as Golden;
  it(`${g.desc}: ${g.value} (${g.source})`, () => {
    const entropies = g.logits.map((row) => entropyBonusAndGradient([row], [1]).bonus);
    expect(entropies.reduce((sum, h, i) => sum - (g.weights[i] * h) / 3, 0)).to.be.closeTo(g.value, 1e-6);
  });

  it("both floors", () => {
    const logits = draw(20, 24);
    const mask = [1, 0, 1, 1];
    const perToken = (x: ArrayLike<number>) =>
      Array.from({ length: 4 }, (_, i) => Array.from(x).slice(6 * i, 6 * (i + 1)));
    expectFloorsAgree(
      (x, m) => entropyBonus(tf.reshape(x, [2, 2, 6]), m),
      [tf.tensor1d(logits), tf.tensor2d(mask, [2, 2])],
      (x) => {
        const { bonus, gradient } = entropyBonusAndGradient(perToken(x), mask);
        return { loss: bonus, gradient: gradient.flatMap((row) => Array.from(row)) };
      },
    );
    tf.tidy(() => {
      const cube = tf.tensor(logits, [2, 2, 6]) as tf.Tensor3D;
      const plain = tf.mean(categoricalEntropy(cube)).dataSync()[0];
      expect(entropyBonus(cube, tf.ones([2, 2])).dataSync()[0]).to.be.closeTo(plain, 1e-6);
    });
  });

  it("tokens that are never written, what is masked, and bad input", () => {
    const { bonus, gradient } = entropyBonusAndGradient([[0, 0, -Inf]], [1]);
    expect(bonus).to.be.closeTo(Math.LN2, 1e-15);
    expectClose(gradient[0], [0, 0, 0], 1e-15);
    tf.tidy(() => {
      const cube = tf.tensor3d([
        [
          [0, 1, -Inf],
          [Number.NaN, 0, 0],
        ],
      ]);
      const { loss, gradients } = valueAndGradients({ x: cube }, ({ x }) => entropyBonus(x, rows([[1, 0]])));
      const want = entropyBonusAndGradient([[0, 1, -Inf]], [1]);
      expectClose([loss.dataSync()[0], ...gradients.x.dataSync()], [want.bonus, ...want.gradient[0], 0, 0, 0], 1e-6);
      expect(() => entropyBonus(cube, rows([[1]]))).to.throw(ShapeError, "mask");
    });
    expect(() => entropyBonusAndGradient([[1, 2], [1]], [1, 1])).to.throw(ShapeError, "logits[1]");
    expect(() => entropyBonusAndGradient([[-Inf, -Inf]], [1])).to.throw(DomainError, "logits[0]");
    expect(() => entropyBonusAndGradient([[]], [1])).to.throw(DomainError, "logits[0]");
    expect(() => entropyBonusAndGradient([], [])).to.throw(DomainError, "mask");
  });
});

describe("policy/ppo: minibatches", () => {
  it("are a partition of the rows, in an order that depends on the key", () => {
    const pieces = minibatches(key(1), 10, 4);
    expect(pieces.map(({ length }) => length)).to.deep.equal([4, 4, 2]);
    const order = pieces.flatMap((piece) => Array.from(piece));
    expect([...order].sort((a, b) => a - b)).to.deep.equal(Array.from({ length: 10 }, (_, i) => i));
    expect(minibatches(key(1), 10, 4)).to.deep.equal(pieces);
    expect(minibatches(key(2), 10, 4)).to.not.deep.equal(pieces);
    expect(minibatches(key(1), 10, 4, { whole: true })).to.deep.equal(pieces.slice(0, 2));
    expect(minibatches(key(1), 3, 3)).to.have.length(1);
  });

  it("refuse sizes that cannot be", () => {
    expect(() => minibatches(key(1), 0, 1)).to.throw(DomainError, "rows");
    expect(() => minibatches(key(1), 3, 0)).to.throw(DomainError, "size");
    expect(() => minibatches(key(1), 3, 4)).to.throw(DomainError, "size");
    expect(() => minibatches(key(1), 3, 1.5)).to.throw(DomainError, "size");
  });
});
