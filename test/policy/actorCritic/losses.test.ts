import { expect } from "chai";
import fc from "fast-check";
import { DomainError, logSoftmax, ShapeError } from "rlhf-lab";
import { differenceGradient } from "rlhf-lab/numerics";
import {
  a2cLossAndGradient,
  softGreedyPolicy,
  softPolicyLossAndGradient,
  softTargets,
  softValue,
  temperatureStep,
  valueLossAndGradient,
} from "rlhf-lab/policy";
import {
  a2cLoss,
  promptValues,
  sequenceActionValues,
  softPolicyLoss,
  softSequenceTargets,
  softValues,
  stopGradient,
  temperatureLoss,
  tokenValues,
  valueLoss,
} from "rlhf-lab/policy/tensor";
import { capture, leaves, type Tree, tf, valueAndGradients } from "rlhf-lab/tensor";
import { close } from "../../preferences/close.js";

const mask = [
  [0, 1, 1],
  [1, 1, 0],
];
const logp = [
  [-9, -0.5, -1.5],
  [-0.1, -2, -9],
];
const advantages = [
  [9, 1, -2],
  [0.5, 3, 9],
];
const flat = (rows: number[][]) => rows.flat();
const matrix = (rows: number[][]) => tf.tensor2d(rows);

/** The loss and its gradient in the first argument, eagerly and as a graph: the same bits, returned as numbers. */
function byTensors(loss: (...args: tf.Tensor[]) => tf.Tensor, args: tf.Tensor[]): { loss: number; gradient: number[] } {
  const slope = (x: tf.Tensor, ...rest: tf.Tensor[]): Tree => {
    const { loss: value, gradients } = valueAndGradients({ x }, (p) => loss(p.x, ...rest));
    return [value, gradients.x];
  };
  const eager = slope(...(args as [tf.Tensor]));
  const graph = capture(slope, args as [tf.Tensor])(...(args as [tf.Tensor]));
  const numbers = (tree: Tree) => leaves(tree).map((t) => Array.from(t.dataSync()));
  expect(numbers(graph)).to.deep.equal(numbers(eager));
  const [[value], gradient] = numbers(eager);
  return { loss: value, gradient };
}

describe("actor and critic losses", () => {
  it("tensor and twin agree, value and gradient, and the gradient is that of differences", () => {
    tf.tidy(() => {
      for (const [loss, twin, a, b] of [
        [a2cLoss, a2cLossAndGradient, logp, advantages],
        [valueLoss, valueLossAndGradient, logp, advantages],
      ] as const) {
        const want = twin(flat(a), flat(b), flat(mask));
        const got = byTensors(loss as never, [matrix(a), matrix(b), matrix(mask)]);
        expect(got.loss).to.be.closeTo(want.loss, 1e-5);
        close(got.gradient, want.gradient, 1e-6);
        close(
          differenceGradient((x) => twin(x, flat(b), flat(mask)).loss, flat(a)),
          want.gradient,
          1e-7,
        );
      }
    });
  });

  it("by hand", () => {
    expect(a2cLossAndGradient([-1, -2], [3, -1], [1, 1]).loss).to.equal((3 - 2) / 2);
    expect(valueLossAndGradient([1, 5], [3, 4], [1, 1]).loss).to.equal((4 + 1) / 4);
  });

  it("let no gradient into the critic through the advantages, nor into later values through the targets", () => {
    tf.tidy(() => {
      const { gradients } = valueAndGradients({ v: matrix(advantages), logp: matrix(logp) }, (p) =>
        a2cLoss(p.logp, tf.sub(1, p.v), matrix(mask)),
      );
      close(gradients.v.dataSync(), new Array(6).fill(0), 0);
      expect(gradients.logp.dataSync()[1]).to.equal(0); // advantage 1 - 1
      expect(gradients.logp.dataSync()[2]).to.be.closeTo(-3 / 4, 1e-6);
      const semi = valueAndGradients({ v: matrix(logp) }, (p) => valueLoss(matrix(advantages), p.v, matrix(mask)));
      close(semi.gradients.v.dataSync(), new Array(6).fill(0), 0);
      const stopped = valueAndGradients({ v: tf.scalar(3) }, (p) => tf.mul(p.v, stopGradient(p.v)) as tf.Scalar);
      expect(stopped.gradients.v.dataSync()[0]).to.equal(3);
    });
  });

  it("never read padding", () => {
    tf.tidy(() => {
      const dirty = logp.map((row, b) => row.map((x, t) => (mask[b][t] ? x : Number.NEGATIVE_INFINITY)));
      const clean = byTensors(a2cLoss as never, [matrix(logp), matrix(advantages), matrix(mask)]);
      const got = byTensors(a2cLoss as never, [matrix(dirty), matrix(advantages), matrix(mask)]);
      expect(got).to.deep.equal(clean);
      expect(a2cLossAndGradient(flat(dirty), flat(advantages), flat(mask)).loss).to.be.closeTo(clean.loss, 1e-6);
    });
  });

  it("refuse other shapes, no token, and impossible tokens", () => {
    tf.tidy(() => {
      expect(() => a2cLoss(matrix(logp), tf.ones([2, 2]), matrix(mask))).to.throw(ShapeError, "advantages");
      expect(() => valueLoss(matrix(logp), matrix(logp), tf.ones([3, 2]))).to.throw(ShapeError, "mask");
      expect(a2cLoss(matrix(logp), matrix(logp), tf.zeros([2, 3])).dataSync()[0]).to.be.NaN;
      const impossible = tf.tensor2d([[Number.NEGATIVE_INFINITY]]);
      expect(a2cLoss(impossible, tf.ones([1, 1]), tf.ones([1, 1])).dataSync()[0]).to.equal(Number.POSITIVE_INFINITY);
    });
    expect(() => a2cLossAndGradient([1], [1, 2], [1])).to.throw(ShapeError, "advantages");
    expect(() => a2cLossAndGradient([1], [1], [0])).to.throw(DomainError, "at least one 1");
    expect(() => a2cLossAndGradient([], [], [])).to.throw(DomainError, "at least one 1");
    expect(() => a2cLossAndGradient([Number.NEGATIVE_INFINITY], [1], [1])).to.throw(DomainError, "logpNew[0]");
    expect(() => valueLossAndGradient([1], [Number.NaN], [1])).to.throw(DomainError, "returns[0]");
  });
});

describe("critics of a scalar model", () => {
  // Two prompt tokens and two written; one and one with padding; a row without a completion.
  const values = [
    [1, 2, 3, 4],
    [5, 6, 7, 8],
    [9, 9, 9, 9],
  ];
  const written = [
    [0, 0, 1, 1],
    [0, 1, 0, 0],
    [0, 0, 0, 0],
  ];

  it("V of each token is what was said before it, V(x) before the first, Q(x, y) after the last", () => {
    tf.tidy(() => {
      const all = (v: tf.Tensor, m: tf.Tensor) => ({
        token: tokenValues(v, m),
        prompt: promptValues(v, m),
        sequence: sequenceActionValues(v, m),
      });
      const args = [matrix(values), matrix(written)] as [tf.Tensor, tf.Tensor];
      for (const { token, prompt, sequence } of [all(...args), capture(all, args)(...args)]) {
        close(
          token.arraySync() as number[][],
          [
            [0, 0, 2, 3],
            [0, 5, 0, 0],
            [0, 0, 0, 0],
          ],
          0,
        );
        close(prompt.dataSync(), [2, 5, 0], 0);
        close(sequence.dataSync(), [4, 6, 0], 0);
      }
      expect(() => tokenValues(matrix(values), tf.ones([3, 3]))).to.throw(ShapeError, "mask");
    });
  });
});

describe("soft actor-critic", () => {
  const q = [1, -0.5, 2];
  const logits = [0.3, -1, 0.2];
  const ref = logSoftmax([0, 1, -1]);

  it("soft value by hand: a fair coin over 0 and 1 at alpha 2 is worth 1/2 + 2 ln 2", () => {
    const coin = [Math.log(0.5), Math.log(0.5)];
    expect(softValue([0, 1], coin, 2)).to.be.closeTo(0.5 + 2 * Math.LN2, 1e-12);
    expect(softValue([0, 1], coin, 2, coin)).to.be.closeTo(0.5, 1e-12);
    expect(softValue([0, 1], [Number.NEGATIVE_INFINITY, 0], 2)).to.equal(1);
    expect(softValue([0, 1], coin, 0)).to.equal(0.5);
    expect(softValue([0, 1], coin, 1, [0, Number.NEGATIVE_INFINITY])).to.equal(Number.NEGATIVE_INFINITY);
    expect(softValue([0, 1], coin, 0, [0, Number.NEGATIVE_INFINITY])).to.equal(0.5);
  });

  it("targets stop at the end", () => {
    close(softTargets([1, 2], [10, Number.NaN], [0, 1], 0.5), [6, 2], 0);
  });

  it("policy loss: tensor and twin agree, gradient by differences, with and without a reference", () => {
    tf.tidy(() => {
      for (const logpRef of [undefined, ref]) {
        const want = softPolicyLossAndGradient(logits, q, 0.7, logpRef);
        const loss = (x: tf.Tensor, v: tf.Tensor, r?: tf.Tensor) => softPolicyLoss(x, v, { alpha: 0.7, logpRef: r });
        const got = byTensors(loss as never, [
          tf.tensor2d([logits]),
          tf.tensor2d([q]),
          ...(logpRef ? [tf.tensor2d([logpRef])] : []),
        ]);
        expect(got.loss).to.be.closeTo(want.loss, 1e-5);
        close(got.gradient, want.gradient, 1e-6);
        close(
          differenceGradient((x) => softPolicyLossAndGradient(x, q, 0.7, logpRef).loss, logits),
          want.gradient,
          1e-7,
        );
      }
    });
  });

  it("of many states: soft values are the twin's, state by state; a mask leaves states out, whatever stands there; alpha may be a tensor, and is data", () => {
    tf.tidy(() => {
      const states = [logits, q, ref]; // any finite numbers
      const [a, b] = [
        [states, [q, ref, logits]].map((part) => tf.tensor2d(part)),
        [ref, logits, q].map((x) => logSoftmax(x)),
      ];
      const logpRef = tf.tensor2d(b.map((x) => Array.from(x)));
      const said = softValues(a[0], a[1], { alpha: tf.scalar(0.7), logpRef });
      const want = [q, ref, logits].map((values, s) => softValue(values, logSoftmax(states[s]), 0.7, b[s]));
      close(said.dataSync(), want, 1e-5);
      const kept = tf.tensor1d([1, 0, 1]);
      const loss = (x: tf.Tensor, v: tf.Tensor, r: tf.Tensor, alpha: tf.Tensor, mask: tf.Tensor) =>
        softPolicyLoss(x, v, { alpha: alpha as tf.Scalar, logpRef: r, mask });
      const got = byTensors(loss as never, [a[0], a[1], logpRef, tf.scalar(0.7), kept]);
      expect(got.loss).to.be.closeTo(-(want[0] + want[2]) / 2, 1e-5);
      const twins = [0, 2].map((s) => softPolicyLossAndGradient(states[s], [q, ref, logits][s], 0.7, b[s]).gradient);
      const none = new Array(logits.length).fill(0);
      close(got.gradient, [...twins[0].map((g) => g / 2), ...none, ...twins[1].map((g) => g / 2)], 1e-6);
      const dirty = a[1].arraySync() as number[][];
      dirty[1].fill(Number.NaN);
      expect(byTensors(loss as never, [a[0], tf.tensor2d(dirty), logpRef, tf.scalar(0.7), kept]).loss).to.equal(
        got.loss,
      );
      const slope = valueAndGradients({ alpha: tf.scalar(0.7) }, ({ alpha }) => softPolicyLoss(a[0], a[1], { alpha }));
      expect(slope.gradients.alpha.dataSync()[0]).to.equal(0);
      const entropies = tf.tensor1d([0.2, 9, 0.4]);
      expect(temperatureLoss(tf.scalar(-0.3), entropies, 0.5, kept).dataSync()[0]).to.be.closeTo(0.06, 1e-6);
    });
  });

  it("targets of whole completions are the oracle's, row by row, eagerly and as a graph", () => {
    tf.tidy(() => {
      const soft = [
        [9, 1, 2, 3],
        [9, 4, 5, 6],
        [9, 7, 8, Number.NaN],
        [9, 9, 9, 9],
      ];
      const drawn = [
        [0, 1, 1, 1],
        [0, 0, 1, 1],
        [0, 1, 1, 0],
        [0, 0, 0, 0],
      ];
      const rewards = [0.5, -1, 2, 9];
      const args = [matrix(soft), tf.tensor1d(rewards), matrix(drawn)] as [tf.Tensor, tf.Tensor, tf.Tensor];
      const want = soft.map((values, b) => {
        const last = drawn[b].lastIndexOf(1);
        return values.map((_, t) => {
          if (drawn[b][t] === 0) return 0;
          return softTargets([t === last ? rewards[b] : 0], [values[t + 1] ?? 0], [t === last ? 1 : 0], 1)[0];
        });
      });
      for (const run of [softSequenceTargets, capture(softSequenceTargets, args)]) {
        expect(run(...args).arraySync()).to.deep.equal(want);
      }
      expect(() => softSequenceTargets(args[0], tf.ones([3]), args[2])).to.throw(ShapeError, "rewards");
    });
  });

  it("is smallest at the tilted reference, where the gradient is zero and the loss -alpha log Z", () => {
    const number = fc.double({ min: -3, max: 3, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(number, number, number), { minLength: 2, maxLength: 6 }), (rows) => {
        const [q, other, reference] = [0, 1, 2].map((k) => rows.map((row) => row[k]));
        const logpRef = logSoftmax(reference);
        const { logp, value } = softGreedyPolicy(q, 0.5, logpRef);
        const best = softPolicyLossAndGradient(logp, q, 0.5, logpRef);
        close(best.gradient, new Array(q.length).fill(0), 1e-12);
        const Z = q.reduce((sum, x, a) => sum + Math.exp(logpRef[a] + x / 0.5), 0);
        expect(value).to.be.closeTo(0.5 * Math.log(Z), 1e-10);
        expect(softPolicyLossAndGradient(other, q, 0.5, logpRef).loss).to.be.at.least(best.loss - 1e-12);
      }),
    );
  });

  it("temperature: rises where the policy is less random than asked for; the step is the loss's gradient", () => {
    const options = { targetEntropy: 0.5, rate: 0.1 };
    expect(temperatureStep(0, [0.2, 0.4], options)).to.be.closeTo(0.02, 1e-12);
    expect(temperatureStep(0, [0.9], options)).to.be.closeTo(-0.04, 1e-12);
    tf.tidy(() => {
      const loss = (x: tf.Tensor, h: tf.Tensor) => temperatureLoss(x, h, 0.5);
      const { loss: value, gradient } = byTensors(loss as never, [tf.scalar(-0.3), tf.tensor1d([0.2, 0.4])]);
      expect(value).to.be.closeTo(0.06, 1e-6);
      expect(-0.3 - 0.1 * gradient[0]).to.be.closeTo(temperatureStep(-0.3, [0.2, 0.4], options), 1e-6);
    });
  });

  it("refuse what cannot be", () => {
    expect(() => softValue([1], [0, 0], 1)).to.throw(ShapeError, "logp");
    expect(() => softValue([1], [0], -1)).to.throw(DomainError, "alpha");
    expect(() => softGreedyPolicy([1, 2], 0)).to.throw(DomainError, "alpha");
    expect(() => softTargets([1], [1], [2], 1)).to.throw(DomainError, "ended[0]");
    expect(() => softTargets([1], [Infinity], [0], 1)).to.throw(DomainError, "nextSoftValues[0]");
    expect(() => softTargets([1], [1, 2], [0], 1)).to.throw(ShapeError, "nextSoftValues");
    expect(() => temperatureStep(0, [], { targetEntropy: 1, rate: 1 })).to.throw(DomainError, "entropies");
    expect(() => temperatureStep(0, [1], { targetEntropy: 1, rate: 0 })).to.throw(DomainError, "rate");
    tf.tidy(() => {
      expect(() => softPolicyLoss(tf.ones([2, 3]), tf.ones([2, 2]), { alpha: 1 })).to.throw(ShapeError, "q");
      const one = tf.ones([2, 3]);
      expect(() => softPolicyLoss(one, one, { alpha: -1 })).to.throw(DomainError, "alpha");
      expect(() => softPolicyLoss(one, one, { alpha: tf.ones([1]) as never })).to.throw(ShapeError, "alpha");
      expect(() => softPolicyLoss(one, one, { alpha: 1, mask: tf.ones([3]) })).to.throw(ShapeError, "mask");
    });
  });
});
