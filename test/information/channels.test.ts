import { readFileSync } from "node:fs";
import { expect } from "chai";
import fc from "fast-check";
import { DivergenceError, DomainError, ShapeError } from "../../lib/src/core/index.js";
import {
  channelCapacity,
  composeChannels,
  entropy,
  informationBottleneck,
  informationGeneralisationBound,
  labelerChannel,
  maximalCorrelation,
  mutualInformation,
  outputOf,
  rateDistortion,
  referencePoint,
} from "../../lib/src/information/index.js";
import { key } from "../../lib/src/random/index.js";

const golden = JSON.parse(readFileSync("test/golden/information.json", "utf8")) as {
  desc: string;
  channel: number[][];
  bits: number;
  input?: number[];
}[];
const normalise = (row: number[]) => row.map((x) => x / row.reduce((a, b) => a + b));
const row = (n: number) =>
  fc.array(fc.double({ min: 0.01, max: 1, noNaN: true }), { minLength: n, maxLength: n }).map(normalise);
const channel = fc.array(row(3), { minLength: 4, maxLength: 4 });
const h = (p: number) => (p <= 0 || p >= 1 ? 0 : -p * Math.log(p) - (1 - p) * Math.log(1 - p));

describe("mutual information", () => {
  it("is H(Y) - H(Y|X), never negative, and never more than either entropy", () => {
    fc.assert(
      fc.property(row(4), channel, (prior, P) => {
        const conditional = P.reduce((sum, p, x) => sum + prior[x] * entropy(p), 0);
        const information = mutualInformation(prior, P);
        expect(information).to.be.closeTo(entropy(outputOf(prior, P)) - conditional, 1e-12);
        expect(information).to.be.within(0, Math.min(entropy(prior), Math.log(3)) + 1e-12);
      }),
    );
  });

  it("is lost on the way, and at least by the square of the maximal correlation", () => {
    fc.assert(
      fc.property(row(4), channel, fc.array(row(2), { minLength: 3, maxLength: 3 }), (prior, first, second) => {
        const before = mutualInformation(prior, first);
        expect(mutualInformation(prior, composeChannels(first, second))).to.be.at.most(before + 1e-12);
      }),
    );
    for (const e of [0.1, 0.2, 0.4]) {
      const flip = [
        [1 - e, e],
        [e, 1 - e],
      ];
      expect(maximalCorrelation([0.5, 0.5], flip)).to.be.closeTo(1 - 2 * e, 1e-12);
      const question = labelerChannel([2, -2], { temperature: 1.5 });
      const ratio =
        mutualInformation([0.5, 0.5], composeChannels(question, flip)) / mutualInformation([0.5, 0.5], question);
      expect(ratio).to.be.at.most((1 - 2 * e) ** 2 + 1e-12);
    }
  });

  it("counts 0 log 0 as 0, and an input that never comes as nothing", () => {
    expect(
      mutualInformation(
        [0.5, 0.5, 0],
        [
          [1, 0],
          [0, 1],
          [0.5, 0.5],
        ],
      ),
    ).to.be.closeTo(Math.LN2, 1e-15);
    expect(
      maximalCorrelation(
        [1, 0],
        [
          [0.5, 0.5],
          [1, 0],
        ],
      ),
    ).to.equal(0);
  });

  it("refuses what is no channel, in words", () => {
    expect(() => mutualInformation([1], [])).to.throw(ShapeError, "at least one input");
    expect(() =>
      mutualInformation(
        [0.5, 0.5],
        [
          [1, 0],
          [0, 0],
        ],
      ),
    ).to.throw(DomainError, "channel[1]: expected probabilities");
    expect(() => mutualInformation([0.5, 0.5], [[1, 0], [1]])).to.throw(ShapeError, "channel[1]: expected 2");
    expect(() =>
      mutualInformation(
        [1],
        [
          [1, 0],
          [0, 1],
        ],
      ),
    ).to.throw(ShapeError, "one per input");
    expect(() => composeChannels([[1, 0]], [[1]])).to.throw(ShapeError, "second");
    expect(() => labelerChannel([Number.NaN])).to.throw(DomainError, "difference");
    expect(() => labelerChannel([1], { lapse: 2 })).to.throw(DomainError, "lapse");
  });
});

describe("capacity", () => {
  for (const { desc, channel: P, bits, input } of golden) {
    it(desc, () => {
      const found = channelCapacity(P, { tolerance: 1e-12 });
      expect(found.capacity / Math.LN2).to.be.closeTo(bits, 2e-12);
      expect(found.upper - found.capacity).to.be.below(1e-12);
      input?.forEach((p, x) => {
        expect(found.input[x]).to.be.closeTo(p, 1e-6);
      });
    });
  }

  it("is reached by its input, and by no other", () => {
    fc.assert(
      fc.property(channel, row(4), (P, other) => {
        const { capacity, upper, input } = channelCapacity(P, { tolerance: 1e-7 });
        expect(mutualInformation(input, P)).to.be.closeTo(capacity, 1e-9);
        expect(mutualInformation(other, P)).to.be.at.most(upper + 1e-9);
      }),
      { numRuns: 40 },
    );
  });

  it("of a labeler is ln 2 - h; a tie button costs some", () => {
    for (const [m, tau, lapse] of [
      [1, 1, 0],
      [2, 1.5, 0.1],
      [0.5, 2, 0.3],
    ]) {
      const p = lapse / 2 + (1 - lapse) / (1 + Math.exp(-m / tau));
      const found = channelCapacity(labelerChannel([m, 0, -m], { temperature: tau, lapse }));
      expect(found.capacity).to.be.closeTo(Math.LN2 - h(p), 1e-8);
    }
    const ties = [0, 1, 4].map((tie) => channelCapacity(labelerChannel([2, -2], { tie })).capacity / Math.LN2);
    [0.473, 0.357, 0.206].forEach((bits, i) => {
      expect(ties[i]).to.be.closeTo(bits, 5e-4);
    });
  });

  it("is not returned without its certificate", () => {
    expect(() => channelCapacity(golden[5].channel, { iterations: 3 })).to.throw(
      DivergenceError,
      "the capacity is between",
    );
    // The last input is all but useless, and the third output is its alone: the upper bound must still count it.
    const rare = [
      [1, 0, 0],
      [0, 1, 0],
      [0.499, 0.499, 0.002],
    ];
    const { upper: most, input } = channelCapacity(rare);
    const q = [0, 1, 2].map((y) => rare.reduce((sum, row, x) => sum + input[x] * row[y], 0));
    const far = rare.map((row) => row.reduce((sum, p, y) => (p > 0 ? sum + p * Math.log(p / q[y]) : sum), 0));
    expect(far.reduce((a, b) => Math.max(a, b))).to.be.at.most(most + 1e-9);
    expect(() => channelCapacity([[0, 0]])).to.throw(DomainError, "channel[0]");
    expect(channelCapacity([[1, 0]]).capacity).to.equal(0);
  });
});

describe("rate and distortion", () => {
  const hamming = [
    [0, -1],
    [-1, 0],
  ];

  it("of a coin is h(p) - h(D)", () => {
    for (const [p, D] of [
      [0.5, 0.1],
      [0.3, 0.2],
    ]) {
      const point = rateDistortion([p, 1 - p], hamming, 1 / Math.log((1 - D) / D));
      expect(point.rate).to.be.closeTo(h(p) - h(D), 1e-6);
      expect(point.utility).to.be.closeTo(-D, 1e-6);
      expect(point.gap).to.be.below(1e-9);
    }
  });

  it("is at least as good as any reference at its price, and meets the best one", () => {
    fc.assert(
      fc.property(
        row(3),
        fc.array(fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 4, maxLength: 4 }), {
          minLength: 3,
          maxLength: 3,
        }),
        row(4),
        (prior, utility, reference) => {
          const beta = 0.7;
          const best = rateDistortion(prior, utility, beta, { tolerance: 1e-6 });
          const lagrangian = best.utility - beta * best.rate;
          const fixed = referencePoint(prior, utility, reference, beta);
          expect(fixed.utility - beta * fixed.kl).to.be.at.most(lagrangian + beta * 1e-6 + 1e-9);
          expect(fixed.kl).to.be.at.least(fixed.rate - 1e-12);
          const matched = referencePoint(prior, utility, best.marginal, beta);
          expect(matched.utility - beta * matched.kl).to.be.closeTo(lagrangian, 1e-5);
        },
      ),
      { numRuns: 25 },
    );
  });

  it("refitting the reference never lowers what RLHF earns at its price", () => {
    const prior = [0.3, 0.7];
    const utility = [
      [1, 0, 0.6],
      [0, 1, 0.6],
    ];
    let reference: ArrayLike<number> = [0.6, 0.2, 0.2];
    let before = Number.NEGATIVE_INFINITY;
    for (let round = 0; round < 30; round++) {
      const point = referencePoint(prior, utility, reference, 0.3);
      expect(point.utility - 0.3 * point.kl).to.be.at.least(before - 1e-12);
      before = point.utility - 0.3 * point.kl;
      reference = point.marginal;
    }
  });

  it("is not returned with an open certificate, and refuses in words", () => {
    expect(() => rateDistortion([0.3, 0.7], hamming, 0.7, { iterations: 2 })).to.throw(DivergenceError, "certificate");
    expect(() => rateDistortion([1], hamming, 1)).to.throw(ShapeError, "one per person");
    expect(() => rateDistortion([0.5, 0.5], hamming, 0)).to.throw(DomainError, "beta");
    expect(() => referencePoint([0.5, 0.5], hamming, [1, 1], 1)).to.throw(DomainError, "reference");
  });
});

describe("the bottleneck", () => {
  const flip = [
    [0.9, 0.1],
    [0.1, 0.9],
  ];

  it("keeps nothing below its critical beta, 1 / correlation^2 = 1.5625, and something above", () => {
    expect(1 / maximalCorrelation([0.5, 0.5], flip) ** 2).to.be.closeTo(1.5625, 1e-12);
    expect(informationBottleneck(key(1), [0.5, 0.5], flip, 1.4).kept).to.be.below(1e-9);
    const { kept, relevant } = informationBottleneck(key(1), [0.5, 0.5], flip, 1.7, { iterations: 3000 });
    expect(kept).to.be.above(0.1);
    expect(relevant).to.be.below(kept);
    // Mrs Gerber: I(T; Y) of a symmetric encoder with error a is ln 2 - h(a (1 - d) + (1 - a) d).
    let [low, high] = [0, 0.5];
    for (let i = 0; i < 60; i++) {
      const a = (low + high) / 2;
      if (Math.LN2 - h(a) > kept) low = a;
      else high = a;
    }
    const a = (low + high) / 2;
    expect(relevant).to.be.closeTo(Math.LN2 - h(0.9 * a + 0.1 * (1 - a)), 1e-6);
  });

  it("bounds generalisation by the root", () => {
    expect(informationGeneralisationBound(0.5, 100)).to.be.closeTo(0.05, 1e-12);
    expect(() => informationGeneralisationBound(-1, 3)).to.throw(DomainError, "information");
  });
});
