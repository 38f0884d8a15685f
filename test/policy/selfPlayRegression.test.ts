// SPPO, Nash-MD and online IPO as least squares: on two floors, and held to the exact steps.
import { expect } from "chai";
import { DomainError, key, normal, ShapeError } from "rlhf-lab";
import { differenceGradient } from "rlhf-lab/numerics";
import {
  ipoLossAndGradient,
  logRatioRegressionLossAndGradient,
  nashMdTargets,
  onlineIpoTargets,
  sppoTargets,
} from "rlhf-lab/policy";
import { logRatioRegressionLoss } from "rlhf-lab/policy/tensor";
import { mirrorStep, nashMdStep, sppoStep } from "rlhf-lab/selfplay";
import { tf } from "rlhf-lab/tensor";
import { expectClose, valueAndSlopes } from "./twins.js";

describe("self-play as least squares on log-ratios", () => {
  // Four completions, the whole of a prompt's, one token each; preferences that go in a circle.
  const policy = [0.4, 0.3, 0.2, 0.1];
  const ref = [0.1, 0.2, 0.3, 0.4];
  const preferences = [
    [0.5, 0.9, 0.2, 0.6],
    [0.1, 0.5, 0.8, 0.7],
    [0.8, 0.2, 0.5, 0.3],
    [0.4, 0.3, 0.7, 0.5],
  ];
  const winsOver = (opponent: readonly number[]) =>
    preferences.map((row) => row.reduce((sum, p, j) => sum + p * opponent[j], 0));
  const logs = (p: ArrayLike<number>) => Array.from(p, (x) => [Math.log(x)]);
  const ones = policy.map(() => [1]);
  const [eta, tau] = [2, 0.1];

  const mask = [
    [0, 1, 1],
    [0, 1, 0],
    [1, 1, 1],
    [0, 0, 0],
  ];
  const drawn = (seed: number) => {
    const numbers = normal(key(seed), 12);
    return mask.map((row, b) => row.map((_, t) => -1.5 + 0.4 * numbers[3 * b + t]));
  };
  const [now, base, targets] = [drawn(1), drawn(2), [0.7, -0.4, 1.1, 0.2]];

  for (const group of [1, 2, 4]) {
    it(`float32 and float64 agree with groups of ${group}, captured is eager, the gradient is the differences'`, () => {
      const plain = logRatioRegressionLossAndGradient(now, base, targets, mask, { group });
      const loss = (...args: tf.Tensor[]) => logRatioRegressionLoss(args[0], args[1], args[2], args[3], { group });
      const hole = (rows: number[][]) => rows.map((row, b) => row.map((x, t) => (mask[b][t] === 0 ? -Infinity : x)));
      for (const [a, b] of [
        [now, base],
        [hole(now), hole(base)],
      ]) {
        const args = () => [tf.tensor2d(a), tf.tensor2d(b), tf.tensor1d(targets), tf.tensor2d(mask, [4, 3], "int32")];
        const got = valueAndSlopes(loss, args, 1);
        expect(got.loss).closeTo(plain.loss, 2e-6);
        expectClose(
          got.gradient[0],
          plain.gradient.flatMap((row) => Array.from(row)),
          2e-6,
        );
      }
      const rowsOf = (x: ArrayLike<number>) => mask.map((row, b) => row.map((_, t) => x[3 * b + t]));
      const differences = differenceGradient(
        (x) => logRatioRegressionLossAndGradient(rowsOf(x), base, targets, mask, { group }).loss,
        now.flat(),
      );
      expectClose(
        plain.gradient.flatMap((row) => Array.from(row)),
        differences,
        1e-8,
      );
      expect(logRatioRegressionLossAndGradient(hole(now), hole(base), targets, mask, { group })).deep.equal(plain);
    });
  }

  it("rests, in groups, exactly on the steps of selfplay: SPPO, mirror descent, Nash-MD", () => {
    const ratio = policy.map((p, i) => Math.log(p / ref[i]));
    const mixed = policy.map((p, i) => p ** (1 - eta * tau) * ref[i] ** (eta * tau));
    const mixture = mixed.map((m) => m / mixed.reduce((a, b) => a + b));
    const steps: [Float64Array, Float64Array][] = [
      [sppoStep(preferences, policy, eta), sppoTargets(winsOver(policy), { eta })],
      [mirrorStep(preferences, policy, { ref, tau, eta }), nashMdTargets(winsOver(policy), ratio, { eta, tau })],
      [nashMdStep(preferences, policy, { ref, tau, eta }), nashMdTargets(winsOver(mixture), ratio, { eta, tau })],
    ];
    for (const [step, targets] of steps) {
      const there = logRatioRegressionLossAndGradient(logs(step), logs(policy), targets, ones, { group: 4 });
      expect(there.loss).closeTo(0, 1e-24);
      expect(logRatioRegressionLossAndGradient(logs(policy), logs(policy), targets, ones, { group: 4 }).loss).above(
        0.01,
      );
    }
  });

  it("online IPO in groups is IPO on their pairs: slopes (G - 1) / 2G times those of IPO, answers of 0 and 1", () => {
    // Group of three; 0 beats 1, 1 beats 2, 2 beats 0: wins a half each. And 0 beats both, 1 beats 2.
    for (const wins of [
      [0.5, 0.5, 0.5],
      [1, 0.5, 0],
    ]) {
      const pairs = wins[0] === 1 ? [[0, 1], [0, 2], [1, 2]] : [[0, 1], [1, 2], [2, 0]]; // biome-ignore format: pairs
      const own = [-1, -2.5, -1.7];
      const before = [-1.2, -1.4, -2];
      const at = (values: number[], side: 0 | 1) => pairs.map((pair) => values[pair[side]]);
      const ipo = ipoLossAndGradient(at(own, 0), at(own, 1), at(before, 0), at(before, 1), { beta: tau });
      const slopes = [0, 0, 0];
      pairs.forEach(([chosen, rejected], k) => {
        slopes[chosen] += ipo.gradient.chosen[k];
        slopes[rejected] += ipo.gradient.rejected[k];
      });
      const column = (values: number[]) => values.map((x) => [x]);
      const wanted = onlineIpoTargets(wins, { group: 3, tau });
      const { gradient } = logRatioRegressionLossAndGradient(column(own), column(before), wanted, column([1, 1, 1]), {
        group: 3,
      });
      gradient.forEach(([slope], i) => {
        expect(slope).closeTo(((3 - 1) / (2 * 3)) * slopes[i], 1e-12);
      });
    }
  });

  it("without groups takes the normaliser for eta / 2, as SPPO does: at its exact step what is left is the error", () => {
    const step = sppoStep(preferences, policy, eta);
    const targets = sppoTargets(winsOver(policy), { eta });
    const { loss } = logRatioRegressionLossAndGradient(logs(step), logs(policy), targets, ones);
    const normaliser = Math.log(winsOver(policy).reduce((sum, won, i) => sum + policy[i] * Math.exp(eta * won), 0));
    expect(loss).closeTo((eta / 2 - normaliser) ** 2, 1e-12);
  });

  it("refuses wins that are none, steps that cannot be, groups that do not fill the rows", () => {
    expect(() => sppoTargets([1.5], { eta: 1 })).throw(DomainError, "wins[0]");
    expect(() => sppoTargets([Number.NaN], { eta: 1 })).throw(DomainError, "wins[0]");
    expect(() => nashMdTargets([0.5], [0, 1], { eta: 1, tau: 0.1 })).throw(ShapeError, "logRatio");
    expect(() => nashMdTargets([0.5], [0], { eta: 4, tau: 0.5 })).throw(DomainError, "1 / eta");
    expect(() => onlineIpoTargets([0.5], { group: 1, tau: 0.5 })).throw(DomainError, "group");
    expect(() => onlineIpoTargets([0.5, 0.5], { group: 2, tau: 0 })).throw(DomainError, "tau");
    expect(() => logRatioRegressionLossAndGradient(now, base, targets, mask, { group: 3 })).throw(
      ShapeError,
      "group, 3",
    );
    expect(() => logRatioRegressionLossAndGradient(now, base, targets, mask, { group: 0 })).throw(DomainError, "group");
    expect(() => logRatioRegressionLossAndGradient(now, base, [0, 0, 0, Number.NaN], mask)).throw(DomainError, "[3]");
    expect(() => logRatioRegressionLoss(tf.zeros([4, 2]), tf.zeros([4, 2]), tf.zeros([3]), tf.ones([4, 2]))).throw(
      ShapeError,
    );
  });
});
