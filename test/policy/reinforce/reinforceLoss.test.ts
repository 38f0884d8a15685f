import { readFileSync } from "node:fs";
import { expect } from "chai";
import fc from "fast-check";
import { DomainError, ShapeError } from "../../../lib/src/core/index.js";
import { differenceGradient, logSoftmax } from "../../../lib/src/numerics/index.js";
import { reinforce, reinforceLossAndGradient } from "../../../lib/src/policy/index.js";
import { reinforceLoss } from "../../../lib/src/policy/tensor.js";
import { key, normal32 } from "../../../lib/src/random/index.js";
import { backend, capture, tf, valueAndGradients } from "../../../lib/src/tensor/index.js";
import { close } from "../../preferences/close.js";

const golden = JSON.parse(readFileSync(new URL("../../golden/rlax-policy-gradient.json", import.meta.url), "utf8")) as {
  desc: string;
  kind: string;
  logits: number[][];
  actions: number[];
  advantages: number[];
  weights: number[];
  value: number;
}[];

const mask = [
  [0, 1, 1, 1],
  [0, 1, 0, 0],
  [0, 0, 0, 0], // an empty completion
];
const table = (seed: number) => {
  const flat = Array.from(normal32(key(seed), 12));
  return [flat.slice(0, 4), flat.slice(4, 8), flat.slice(8)];
};
const logp = table(1).map((row) => row.map((x) => -Math.abs(x)));
const advantages = table(2);
const flatten = (rows: Float64Array[]) => rows.flatMap((row) => [...row]);

describe("policy/reinforceLoss", () => {
  it("is the mean over rows of minus the credited log-probabilities; an empty row counts as one", () => {
    const { loss, gradient } = reinforceLossAndGradient([[-1, -2], [-3, -4]], [[2, 3], [5, 7]], [[1, 1], [0, 0]]); // biome-ignore format: one line
    expect(loss).to.equal((2 * 1 + 3 * 2) / 2);
    expect(gradient.map((row) => [...row])).to.deep.equal([
      [-1, -1.5],
      [0, 0],
    ]);
  });

  it("agrees with rlax", () => {
    for (const { kind, logits, actions, advantages: a, weights, value, desc } of golden) {
      if (kind === "loss") {
        const rows = logits.map((row, t) => logSoftmax(row)[actions[t]]);
        const { loss } = reinforceLossAndGradient([rows], [a.map((x, t) => x * weights[t])], [[1, 1, 1]]);
        expect(loss / 3, desc).to.be.closeTo(value, 1e-7);
      } else {
        const bonus = logits.reduce((sum, row, t) => sum + weights[t] * reinforce.softmaxEntropy(row), 0);
        expect(-bonus / 3, desc).to.be.closeTo(value, 1e-5);
      }
    }
  });

  it("has the gradient that differences give, in float64", () => {
    const { gradient } = reinforceLossAndGradient(logp, advantages, mask);
    const flat = differenceGradient(
      (x) => reinforceLossAndGradient([x.slice(0, 4), x.slice(4, 8), x.slice(8)], advantages, mask).loss,
      logp.flat(),
    );
    close(flatten(gradient), flat, 1e-9);
  });

  it("agrees in float32, value and gradient, captured bit for bit", () => {
    const twin = reinforceLossAndGradient(logp, advantages, mask);
    const args = [tf.tensor2d(logp), tf.tensor2d(advantages), tf.tensor2d(mask)] as const;
    const run = (x: tf.Tensor, a: tf.Tensor, m: tf.Tensor) => {
      const { loss, gradients } = valueAndGradients({ x }, (p) => reinforceLoss(p.x as tf.Tensor, a, m));
      return { loss, slope: gradients.x as tf.Tensor };
    };
    const eager = run(...args);
    expect(eager.loss.dataSync()[0]).to.be.closeTo(twin.loss, 1e-6);
    close(eager.slope.dataSync(), flatten(twin.gradient), 1e-7);
    if (backend().name !== "native") return;
    const captured = capture(run, [...args])(...args);
    expect(captured.loss.dataSync()).to.deep.equal(eager.loss.dataSync());
    expect(captured.slope.dataSync()).to.deep.equal(eager.slope.dataSync());
  });

  it("is linear in the advantages: a constant added adds that constant times the loss of ones", () => {
    fc.assert(
      fc.property(
        fc.double({ min: -50, max: 50, noNaN: true }),
        fc.double({ min: -3, max: 3, noNaN: true }),
        (c, s) => {
          const shifted = advantages.map((row) => row.map((a) => s * a + c));
          const ones = advantages.map((row) => row.map(() => 1));
          const want =
            s * reinforceLossAndGradient(logp, advantages, mask).loss +
            c * reinforceLossAndGradient(logp, ones, mask).loss;
          expect(reinforceLossAndGradient(logp, shifted, mask).loss).to.be.closeTo(want, 1e-9);
        },
      ),
    );
  });

  it("does not read what the mask leaves out, be it -Infinity", () => {
    const dark = logp.map((row, b) => row.map((x, t) => (mask[b][t] === 1 ? x : Number.NEGATIVE_INFINITY)));
    const want = reinforceLossAndGradient(logp, advantages, mask);
    expect(reinforceLossAndGradient(dark, advantages, mask)).to.deep.equal(want);
    const { loss, gradients } = valueAndGradients({ x: tf.tensor2d(dark) }, (p) =>
      reinforceLoss(p.x as tf.Tensor, tf.tensor2d(advantages), tf.tensor2d(mask)),
    );
    expect(loss.dataSync()[0]).to.be.closeTo(want.loss, 1e-6);
    close((gradients.x as tf.Tensor).dataSync(), flatten(want.gradient), 1e-7);
  });

  it("is 0 for a batch of empty completions", () => {
    const nothing = mask.map((row) => row.map(() => 0));
    expect(reinforceLossAndGradient(logp, advantages, nothing).loss).to.equal(0);
    const loss = reinforceLoss(tf.tensor2d(logp), tf.tensor2d(advantages), tf.tensor2d(nothing));
    expect(Math.abs(loss.dataSync()[0])).to.equal(0);
  });

  it("says what is wrong", () => {
    const t = (rows: number, columns: number) => tf.zeros([rows, columns]);
    expect(() => reinforceLoss(t(2, 3), t(2, 2), t(2, 3))).to.throw(ShapeError, /advantages/);
    expect(() => reinforceLoss(t(2, 3), t(2, 3), t(3, 3))).to.throw(ShapeError, /mask/);
    expect(() => reinforceLoss(t(0, 3), t(0, 3), t(0, 3))).to.throw(DomainError, /row/);
    expect(() => reinforceLossAndGradient([], [], [])).to.throw(DomainError, /row/);
    expect(() => reinforceLossAndGradient([[0]], [[0], [0]], [[1]])).to.throw(ShapeError, /advantages/);
    expect(() => reinforceLossAndGradient([[0]], [[0]], [[1, 1]])).to.throw(ShapeError, /mask\[0\]/);
    expect(() => reinforceLossAndGradient([[0]], [[0]], [[0.5]])).to.throw(DomainError, /mask/);
    expect(() => reinforceLossAndGradient([[Number.NEGATIVE_INFINITY]], [[1]], [[1]])).to.throw(
      DomainError,
      /positive/,
    );
    expect(() => reinforceLossAndGradient([[-1]], [[Number.NaN]], [[1]])).to.throw(DomainError, /advantages/);
  });
});

describe("policy/reinforce.softmaxScore", () => {
  it("is the slope of the log-probability, and its mean under the policy is 0", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 1, maxLength: 6 }), (logits) => {
        const mean = new Float64Array(logits.length);
        logits.forEach((_, action) => {
          const score = reinforce.softmaxScore(logits, action);
          const slope = differenceGradient((z) => logSoftmax(z)[action], logits);
          score.forEach((s, v) => {
            expect(s).to.be.closeTo(slope[v], 1e-8);
            mean[v] += Math.exp(logSoftmax(logits)[action]) * s;
          });
        });
        for (const m of mean) expect(m).to.be.closeTo(0, 1e-12);
        const slope = differenceGradient((z) => reinforce.softmaxEntropy(z), logits);
        close(reinforce.softmaxEntropyGradient(logits), slope, 1e-8);
      }),
    );
  });

  it("knows the ends: the uniform entropy, a sure choice, an impossible one", () => {
    expect(reinforce.softmaxEntropy([2, 2, 2, 2])).to.be.closeTo(Math.log(4), 1e-12);
    expect(reinforce.softmaxEntropy([0, Number.NEGATIVE_INFINITY])).to.equal(0);
    expect([...reinforce.softmaxEntropyGradient([0, Number.NEGATIVE_INFINITY])]).to.deep.equal([-0, 0]);
    expect(() => reinforce.softmaxScore([0, 1], 2)).to.throw(DomainError, /action/);
    expect(() => reinforce.softmaxScore([0, Number.NaN], 0)).to.throw(DomainError, /logits/);
    expect(() => reinforce.softmaxScore([-1 / 0, -1 / 0], 0)).to.throw(DomainError, /logits/);
    expect(() => reinforce.softmaxEntropy([])).to.throw(DomainError, /logits/);
  });
});
