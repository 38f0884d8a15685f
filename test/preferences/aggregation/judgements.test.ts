import { expect } from "chai";
import { DomainError, ShapeError } from "../../../lib/src/core/index.js";
import { differenceGradient, sigmoid } from "../../../lib/src/numerics/index.js";
import {
  crowdBradleyTerry,
  type Judgements,
  judgementsFromColumns,
  noisyBradleyTerry,
  noisyLogPosterior,
  scaledBradleyTerry,
  scaledLogLikelihood,
} from "../../../lib/src/preferences/aggregation/index.js";
import { bradleyTerry } from "../../../lib/src/preferences/index.js";
import { key, normal, uniform } from "../../../lib/src/random/index.js";
import { close } from "../close.js";

type Answer = (theta: Float64Array, i: number, j: number, labeler: number, u: Float64Array) => boolean;

/**
 * `rows` judgements of random pairs by random labelers; `answer` says whether i, which is shown first, is preferred.
 */
function simulate(seed: number, items: number, labelers: number, rows: number, answer: Answer) {
  const theta = normal(key(seed), items).map((x) => 1.5 * x);
  const u = uniform(key(seed + 1), rows * 6);
  const columns: number[][] = [[], [], [], []];
  for (let k = 0; k < rows; k++) {
    const draw = u.subarray(6 * k, 6 * k + 6);
    const i = Math.floor(draw[0] * items);
    const j = (i + 1 + Math.floor(draw[1] * (items - 1))) % items;
    const labeler = Math.floor(draw[2] * labelers);
    const first = answer(theta, i, j, labeler, draw.subarray(3));
    [labeler, first ? i : j, first ? j : i, Number(first)].forEach((value, c) => {
      columns[c].push(value);
    });
  }
  const data = judgementsFromColumns(columns[0], columns[1], columns[2], { items, labelers, winnerFirst: columns[3] });
  return { theta: bradleyTerry.fixGauge(theta), data };
}

const correlation = (a: ArrayLike<number>, b: ArrayLike<number>) => {
  const [x, y] = [bradleyTerry.fixGauge(a), bradleyTerry.fixGauge(b)];
  const dot = (p: number[], q: number[]) => p.reduce((sum, v, i) => sum + v * q[i], 0);
  return dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y));
};

describe("aggregation: comparisons by labelers who differ", () => {
  const small: Judgements = judgementsFromColumns([0, 1, 1, 2, 0, 2], [0, 1, 2, 0, 1, 2], [1, 2, 0, 2, 0, 1], {
    winnerFirst: [1, 0, 0, 1, 1, 0],
    weight: [1, 2, 1, 0.5, 1, 3],
  });

  it("crowd Bradley-Terry recovers abilities and reliabilities, liars included", () => {
    const eta = [0.95, 0.9, 0.8, 0.7, 0.5, 0.1];
    const { theta, data } = simulate(4, 20, 6, 6000, (t, i, j, w, u) => {
      const meant = u[0] < sigmoid(t[i] - t[j]);
      return u[1] < eta[w] ? meant : !meant;
    });
    const fit = crowdBradleyTerry(data);
    expect(fit.converged).to.equal(true);
    close(Array.from(fit.reliability), eta, 0.08);
    expect(correlation(fit.theta, theta)).to.be.greaterThan(0.98);
    expect(correlation(fit.theta, theta)).to.be.greaterThan(
      correlation(bradleyTerry.fit(data, { prior: { gaussian: 3 } }).theta, theta),
    );
    for (let n = 1; n < fit.logLikelihoods.length; n++) {
      expect(fit.logLikelihoods[n]).to.be.at.least(fit.logLikelihoods[n - 1] - 1e-7);
    }
  });

  it("with one trusted labeler it is Bradley-Terry under the same prior", () => {
    const one = { ...small, labelers: 1, labeler: small.labeler.map(() => 0) };
    const fit = crowdBradleyTerry(one, { spread: 2, right: 1e9, wrong: 1 });
    close(fit.theta, bradleyTerry.fixGauge(bradleyTerry.fit(one, { prior: { gaussian: 2 } }).theta), 1e-4);
  });

  it("each labeler's sharpness: gradients by differences, in theta and in alpha", () => {
    const theta = [0.3, -0.5, 0.9];
    const alpha = [1.2, 0.4, -0.7];
    const gradients = { theta: new Float64Array(3), alpha: new Float64Array(3) };
    scaledLogLikelihood(theta, alpha, small, gradients);
    close(
      gradients.theta,
      differenceGradient((x) => scaledLogLikelihood(x, alpha, small), theta),
      1e-8,
    );
    close(
      gradients.alpha,
      differenceGradient((x) => scaledLogLikelihood(theta, x, small), alpha),
      1e-8,
    );
  });

  it("each labeler's sharpness is recovered in the unit of their mean size", () => {
    const alpha = [2, 1.5, 1, 0.5, 0, 1];
    const { theta, data } = simulate(6, 15, 6, 9000, (t, i, j, w, u) => u[0] < sigmoid(alpha[w] * (t[i] - t[j])));
    const fit = scaledBradleyTerry(data);
    close(Array.from(fit.alpha), alpha, 0.25);
    expect(correlation(fit.theta, theta)).to.be.greaterThan(0.98);
    expect(fit.alpha.reduce((a, b) => a + Math.abs(b), 0) / 6).to.be.closeTo(1, 1e-9);
    expect(fit.converged).to.equal(true);
  });

  it("noisy Bradley-Terry: the gradient is that of the objective", () => {
    const x = Float64Array.from(normal(key(1), 3 + 6));
    const slope = new Float64Array(9);
    noisyLogPosterior(x, slope, small);
    const scratch = new Float64Array(9);
    close(
      slope,
      differenceGradient((at) => noisyLogPosterior(Float64Array.from(at), scratch, small), x),
      1e-7,
    );
  });

  it("noisy Bradley-Terry finds who looks and which side they favour when they do not", () => {
    const skill = [0.95, 0.9, 0.6, 0.3];
    const bias = [0.5, 0.5, 0.9, 0.1];
    const { theta, data } = simulate(9, 12, 4, 8000, (t, i, j, w, u) =>
      u[1] < skill[w] ? u[0] < sigmoid(t[i] - t[j]) : u[2] < bias[w],
    );
    const fit = noisyBradleyTerry(data);
    close(Array.from(fit.skill), skill, 0.1);
    close(Array.from(fit.bias).slice(2), bias.slice(2), 0.1);
    expect(correlation(fit.theta, theta)).to.be.greaterThan(0.98);
  });

  it("a hundred thousand times the same answer has a finite estimate, and so has a graph in pieces", () => {
    const n = 100_000;
    const same = judgementsFromColumns(new Int32Array(n), new Int32Array(n), new Int32Array(n).fill(1), {
      winnerFirst: new Int32Array(n).fill(1),
    });
    const pieces = judgementsFromColumns([0, 1], [0, 2], [1, 3], { items: 5, labelers: 3, winnerFirst: [1, 0] });
    for (const method of [crowdBradleyTerry, scaledBradleyTerry, noisyBradleyTerry]) {
      const { theta } = method(same);
      expect(theta[0]).to.be.within(2, 20);
      expect(theta[0]).to.be.closeTo(-theta[1], 1e-9);
      const apart = method(pieces).theta;
      expect(apart[0]).to.be.greaterThan(apart[1]);
      expect(apart[4]).to.be.closeTo(0, 1e-9);
    }
  });

  it("bad input is told what is wrong with it", () => {
    expect(() => judgementsFromColumns([0], [0, 1], [1, 0])).to.throw(ShapeError, "labeler");
    expect(() => judgementsFromColumns([3], [0], [1], { labelers: 2 })).to.throw(DomainError, "from 0 to 1");
    expect(() => judgementsFromColumns([0], [0], [1], { winnerFirst: [1, 0] })).to.throw(ShapeError, "winnerFirst");
    const none = judgementsFromColumns([], [], [], { items: 2, labelers: 1, winnerFirst: [] });
    for (const method of [crowdBradleyTerry, scaledBradleyTerry, noisyBradleyTerry]) {
      expect(() => method(none)).to.throw(DomainError, "at least one");
    }
    const { winnerFirst: _, ...unknown } = small;
    expect(() => noisyBradleyTerry(unknown)).to.throw(DomainError, "winnerFirst");
    expect(() => crowdBradleyTerry(small, { iterations: 0 })).to.throw(DomainError, "iterations");
    expect(() => crowdBradleyTerry(small, { spread: 0 })).to.throw(DomainError, "spread");
    expect(() => scaledLogLikelihood([0], [1, 1, 1], small)).to.throw(ShapeError, "theta");
  });
});
