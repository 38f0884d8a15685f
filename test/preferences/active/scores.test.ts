// Entropy, committees, information gain: against enumeration, hand calculation and properties.
import { expect } from "chai";
import fc from "fast-check";
import { DomainError, ShapeError } from "../../../lib/src/core/index.js";
import { sigmoid, standardDeviation, standardError } from "../../../lib/src/numerics/index.js";
import {
  active,
  comparisonsFromColumns,
  laplacePosterior,
  simulateComparisons,
} from "../../../lib/src/preferences/index.js";
import { key, normal, split } from "../../../lib/src/random/index.js";
import { close } from "../close.js";
import { goldenCases } from "./golden.js";

const {
  binaryEntropy,
  consensusDivergence,
  entropyOfLogOdds,
  gaussianInformationGain,
  informationGain,
  memberProbabilities: memberChances,
  posteriorMembers,
  voteEntropy,
} = active;

const golden = goldenCases();
const probability = fc.double({ min: 0, max: 1, noNaN: true });
const committees = fc.array(probability, { minLength: 1, maxLength: 12 });

describe("binaryEntropy", () => {
  it("has the values of Shannon's tables, in nats", () => {
    expect(binaryEntropy(0.5)).to.be.closeTo(Math.LN2, 1e-15);
    expect(binaryEntropy(0.25) / Math.LN2).to.be.closeTo(0.811278124459133, 1e-14); // 2 - 3/4 log2 3 bits
    expect(binaryEntropy(0)).to.equal(0);
    expect(binaryEntropy(1)).to.equal(0);
  });

  it("is the same of log-odds, and keeps its digits far out", () => {
    for (const z of [-3, -0.2, 0, 1, 5]) expect(entropyOfLogOdds(z)).to.be.closeTo(binaryEntropy(sigmoid(z)), 1e-15);
    expect(entropyOfLogOdds(100) / (101 * Math.exp(-100))).to.be.closeTo(1, 1e-12);
    expect(entropyOfLogOdds(-800)).to.equal(0);
    expect(entropyOfLogOdds(Number.POSITIVE_INFINITY)).to.equal(0);
  });

  it("refuses what is no probability", () => {
    for (const p of [-0.1, 1.1, Number.NaN])
      expect(() => binaryEntropy(p)).to.throw(DomainError, "a number from 0 to 1");
  });
});

describe("informationGain (BALD)", () => {
  it("by hand: two members that say 0.9 and 0.1", () => {
    // The answer is a coin for us, and nearly certain for each member: ln 2 - h(0.9) = 0.693147 - 0.325083.
    const split = informationGain([0.9, 0.1]);
    expect(split.total).to.be.closeTo(Math.LN2, 1e-12);
    expect(split.noise).to.be.closeTo(0.3250829733914482, 1e-12);
    expect(split.gain).to.be.closeTo(0.3680642071684971, 1e-12);
  });

  it("is I(theta; y) by enumeration of a discrete posterior", () => {
    const weights = fc.array(fc.double({ min: 0.01, max: 5, noNaN: true }), { minLength: 12, maxLength: 12 });
    fc.assert(
      fc.property(committees, weights, (probabilities, many) => {
        const raw = many.slice(0, probabilities.length);
        const total = raw.reduce((a, b) => a + b);
        const share = raw.map((w) => w / total);
        const yes = probabilities.reduce((sum, p, m) => sum + share[m] * p, 0);
        let sum = 0; // sum over theta and y of P(theta, y) ln P(theta, y) / (P(theta) P(y))
        probabilities.forEach((p, m) => {
          for (const [given, marginal] of [
            [p, yes],
            [1 - p, 1 - yes],
          ]) {
            if (given > 0) sum += share[m] * given * Math.log(given / marginal);
          }
        });
        expect(informationGain(probabilities, raw).gain).to.be.closeTo(sum, 1e-9);
      }),
    );
  });

  it("lies between 0 and ln 2; 0 when the committee agrees, ln 2 when it is split and sure", () => {
    fc.assert(
      fc.property(committees, (probabilities) => {
        const { total, noise, gain } = informationGain(probabilities);
        expect(gain).to.be.within(0, Math.LN2 + 1e-12);
        expect(total - noise).to.be.closeTo(gain, 1e-12);
      }),
    );
    fc.assert(
      fc.property(probability, fc.integer({ min: 1, max: 9 }), (p, n) => {
        expect(informationGain(new Array(n).fill(p)).gain).to.be.closeTo(0, 1e-12);
      }),
    );
    expect(informationGain([0, 1]).gain).to.be.closeTo(Math.LN2, 1e-15);
  });

  it("does not depend on which item is shown first, nor on the order of the members", () => {
    fc.assert(
      fc.property(committees, (probabilities) => {
        const { gain } = informationGain(probabilities);
        expect(informationGain(probabilities.map((p) => 1 - p)).gain).to.be.closeTo(gain, 1e-12);
        expect(informationGain([...probabilities].reverse()).gain).to.be.closeTo(gain, 1e-12);
      }),
    );
  });

  it("refuses an empty committee, a NaN, and weights that do not fit", () => {
    expect(() => informationGain([])).to.throw(ShapeError, "one probability for each member");
    expect(() => informationGain([0.5, Number.NaN])).to.throw(DomainError, "probabilities[1]");
    expect(() => informationGain([0.5, 0.5], [1])).to.throw(ShapeError, "2 numbers");
    expect(() => informationGain([0.5, 0.5], [0, 0])).to.throw(DomainError, "weight");
    expect(() => informationGain([0.5, 0.5], [-1, 2])).to.throw(DomainError, "weight[0]");
  });
});

describe("committees", () => {
  it("the mean KL to the consensus is the information gain", () => {
    fc.assert(
      fc.property(committees, (probabilities) => {
        expect(consensusDivergence(probabilities)).to.be.closeTo(informationGain(probabilities).gain, 1e-12);
      }),
    );
  });

  it("votes forget how sure the members are: on a tie they disagree most, and teach nothing", () => {
    const tie = [0.501, 0.499, 0.502, 0.498];
    expect(voteEntropy(tie)).to.be.closeTo(Math.LN2, 1e-12);
    expect(consensusDivergence(tie)).to.be.below(1e-5);
    expect(voteEntropy([0.9, 0.6, 0.8, 0.3])).to.be.closeTo(binaryEntropy(0.75), 1e-12);
    expect(voteEntropy([0.5, 1])).to.be.closeTo(binaryEntropy(0.75), 1e-12); // half a vote
    expect(voteEntropy([0.7, 0.9])).to.equal(0);
  });

  it("has the divergences that scikit-activeml's tests hold", () => {
    const { probabilities, divergence } = golden[0];
    close(
      probabilities.map((row) => consensusDivergence(row)),
      divergence!,
      1e-15,
    );
  });

  it("refuse an empty committee", () => {
    expect(() => voteEntropy([])).to.throw(ShapeError);
    expect(() => consensusDivergence([])).to.throw(ShapeError);
  });
});

describe("gaussianInformationGain", () => {
  it("agrees with a sum over a fine grid", () => {
    for (const [mean, variance] of [
      [0, 1],
      [2, 0.3],
      [-1, 9],
      [4, 100],
      [0.5, 1e-4],
    ]) {
      const n = 40_001;
      const grid = Array.from({ length: n }, (_, k) => -10 + (20 * k) / (n - 1));
      const weight = grid.map((z) => Math.exp((-z * z) / 2));
      const probabilities = grid.map((z) => sigmoid(mean + Math.sqrt(variance) * z));
      const want = informationGain(probabilities, weight);
      const got = gaussianInformationGain({ mean, variance });
      expect(got.total, `total at ${mean}, ${variance}`).to.be.closeTo(want.total, 1e-10);
      expect(got.noise, `noise at ${mean}, ${variance}`).to.be.closeTo(want.noise, 1e-10);
    }
  });

  it("is 0 without variance, grows with it, is even in the mean, and never reaches ln 2", () => {
    expect(gaussianInformationGain({ mean: 1.3, variance: 0 }).gain).to.equal(0);
    let last = 0;
    for (const variance of [0.01, 0.1, 1, 10, 100, 1e4, 1e6]) {
      const { gain } = gaussianInformationGain({ mean: 1.3, variance });
      expect(gain).to.be.within(last, Math.LN2);
      expect(gaussianInformationGain({ mean: -1.3, variance }).gain).to.be.closeTo(gain, 1e-12);
      last = gain;
    }
    expect(last).to.be.above(0.98 * Math.LN2);
  });

  it("is what a committee of samples comes to, less gain / n", () => {
    const belief = { mean: 0.7, variance: 2 };
    const { gain } = gaussianInformationGain(belief);
    const n = 10;
    const samples = split(key(11), 4000).map((k) => {
      const probabilities = Array.from(normal(k, n), (z) => sigmoid(belief.mean + Math.sqrt(belief.variance) * z));
      return informationGain(probabilities).gain;
    });
    const average = samples.reduce((a, b) => a + b) / samples.length;
    const error = 4 * standardError(samples); // 4 standard errors: 1 in 16,000 by chance
    expect(average).to.be.closeTo(gain * (1 - 1 / n), error + 0.02 * gain);
    expect(average).to.be.below(gain - error);
  });

  it("refuses a NaN and a negative variance", () => {
    expect(() => gaussianInformationGain({ mean: Number.NaN, variance: 1 })).to.throw(DomainError, "mean");
    expect(() => gaussianInformationGain({ mean: 0, variance: -1 })).to.throw(DomainError, "variance");
  });
});

describe("posteriorMembers", () => {
  it("have the posterior's mean and covariance", () => {
    const posterior = {
      mean: [1, -2],
      covariance: [
        [2, -0.9],
        [-0.9, 0.5],
      ],
    };
    const n = 20_000;
    const members = posteriorMembers(key(5), posterior, n);
    for (let i = 0; i < 2; i++) {
      const centre = members.reduce((sum, w) => sum + w[i], 0) / n;
      expect(centre).to.be.closeTo(posterior.mean[i], 4 * Math.sqrt(posterior.covariance[i][i] / n));
      for (let j = 0; j < 2; j++) {
        const [a, b] = [posterior.mean[i], posterior.mean[j]];
        const shared = members.reduce((sum, w) => sum + (w[i] - a) * (w[j] - b), 0) / n;
        expect(shared).to.be.closeTo(posterior.covariance[i][j], 0.08); // about 4 standard errors
      }
    }
    expect(Array.from(memberChances([[1, 2]], [0.5, 0.25]))).to.deep.equal([sigmoid(1)]);
  });

  it("refuse a singular covariance", () => {
    const singular = {
      mean: [0, 0],
      covariance: [
        [1, 1],
        [1, 1],
      ],
    };
    expect(() => posteriorMembers(key(1), singular, 3)).to.throw(DomainError, "positive definite");
  });
});

describe("bootstrapMembers", () => {
  it("spread as the posterior does, when there is much data", () => {
    const data = simulateComparisons(key(8), [0.8, 0, -0.5], 200);
    const options = { deviation: 3 };
    const members = active.bootstrapMembers(key(9), data, 300, options);
    const { mean, covariance } = laplacePosterior(data, options);
    const gap = members.map((w) => w[0] - w[2]);
    const spread = Math.sqrt(covariance[0][0] + covariance[2][2] - 2 * covariance[0][2]);
    // The spread of 300 is known to 4 %: within 4 of those.
    expect(standardDeviation(gap) / spread).to.be.within(0.84, 1.16);
    expect(gap.reduce((a, b) => a + b) / 300).to.be.closeTo(mean[0] - mean[2], 5 * (spread / Math.sqrt(300)));
    expect(active.bootstrapMembers(key(9), data, 2, options)).to.deep.equal(members.slice(0, 2));
  });

  it("refuse to be drawn from nothing", () => {
    const nothing = comparisonsFromColumns([], [], { items: 2 });
    expect(() => active.bootstrapMembers(key(1), nothing, 3, { deviation: 1 })).to.throw(DomainError, "nothing");
    const data = simulateComparisons(key(8), [0, 0], 3);
    expect(() => active.bootstrapMembers(key(1), data, 0, { deviation: 1 })).to.throw(DomainError, "members");
  });
});
