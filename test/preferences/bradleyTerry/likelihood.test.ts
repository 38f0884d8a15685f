import { expect } from "chai";
import fc from "fast-check";
import { DomainError, ShapeError } from "../../../lib/src/core/index.js";
import { differenceGradient, differenceHessian, logSigmoid } from "../../../lib/src/numerics/index.js";
import {
  bradleyTerry,
  comparisonsFromPairs,
  comparisonsFromWins,
  noiseFloor,
  winMatrix,
} from "../../../lib/src/preferences/index.js";
import { dataAndAbilities, noises } from "../arbitrary.js";
import { close, negated } from "../close.js";

const { gradient, hessian, information, logLikelihood, probabilities, probability } = bradleyTerry;

describe("Bradley-Terry: probabilities and likelihood", () => {
  it("both forms of the probability agree: a sigmoid of the difference, a share of the strengths", () => {
    fc.assert(
      fc.property(
        fc.double({ min: -20, max: 20, noNaN: true }),
        fc.double({ min: -20, max: 20, noNaN: true }),
        (a, b) => {
          expect(probability(a - b)).to.be.closeTo(Math.exp(a) / (Math.exp(a) + Math.exp(b)), 1e-12);
        },
      ),
    );
    expect(probability(3, { temperature: 1.5 })).to.equal(probability(2));
    expect(probability(1000)).to.equal(1);
    expect(probability(0)).to.equal(0.5);
  });

  it("noise leaves a floor, and lapses at twice the rate are flips", () => {
    expect(probability(1000, { flip: 0.1 })).to.be.closeTo(0.9, 1e-15);
    expect(probability(-1000, { lapse: 0.1 })).to.be.closeTo(0.05, 1e-15);
    expect(noiseFloor({ lapse: 0.2, flip: 0.1 })).to.be.closeTo(0.1 + 0.8 * 0.1, 1e-15);
    fc.assert(
      fc.property(
        fc.double({ min: -9, max: 9, noNaN: true }),
        fc.double({ min: 0, max: 0.49, noNaN: true }),
        (d, rate) => {
          expect(probability(d, { flip: rate })).to.be.closeTo(probability(d, { lapse: 2 * rate }), 1e-12);
        },
      ),
    );
  });

  it("is the probability of the data: over all outcomes of a small tournament it adds up to one", () => {
    const games: [number, number][] = [
      [0, 1],
      [0, 2],
      [1, 2],
      [1, 2],
    ];
    const noise = { temperature: 0.7, lapse: 0.1, flip: 0.05 };
    let total = 0;
    for (let outcome = 0; outcome < 16; outcome++) {
      const pairs = games.map(([i, j], k) => ((outcome >> k) & 1 ? [i, j] : [j, i]) as [number, number]);
      total += Math.exp(logLikelihood([0.3, -1, 0.5], comparisonsFromPairs(pairs, { items: 3 }), noise));
    }
    expect(total).to.be.closeTo(1, 1e-12);
  });

  it("has both terms of the labelled form", () => {
    fc.assert(
      fc.property(dataAndAbilities, ({ data, theta }) => {
        const wins = winMatrix(data);
        let sum = 0;
        for (let i = 0; i < theta.length; i++)
          for (let j = 0; j < i; j++) {
            const d = theta[i] - theta[j];
            sum += wins[i][j] * logSigmoid(d) + wins[j][i] * logSigmoid(-d);
          }
        expect(logLikelihood(theta, data)).to.be.closeTo(sum, 1e-9 * (1 + Math.abs(sum)));
      }),
    );
  });

  it("survives differences of thousands of nats", () => {
    const data = comparisonsFromPairs([[0, 1]]);
    expect(logLikelihood([-2000, 2000], data)).to.equal(-4000);
    expect([...gradient([-2000, 2000], data)]).to.deep.equal([1, -1]);
  });

  it("gradient and Hessian agree with difference quotients, with and without noise", () => {
    fc.assert(
      fc.property(dataAndAbilities, fc.option(noises, { nil: {} }), ({ data, theta }, noise) => {
        const scale = 1 + data.weight.reduce((a, b) => a + b);
        close(
          gradient(theta, data, noise),
          differenceGradient((t) => logLikelihood(t, data, noise), theta),
          1e-7 * scale,
        );
        const numeric = differenceHessian((t) => gradient(t, data, noise), theta);
        close(hessian(theta, data, noise), numeric, 1e-6 * scale);
      }),
      { numRuns: 60 },
    );
  });

  it("the information is minus the Hessian without noise, and minus its average with noise", () => {
    const theta = [0.4, -0.9, 1.3];
    const data = comparisonsFromWins([
      [0, 3, 1],
      [2, 0, 5],
      [1, 1, 0],
    ]);
    close(information(theta, data), negated(hessian(theta, data)), 1e-12);

    const noise = { temperature: 1.4, flip: 0.1 };
    const p = probability(theta[0] - theta[1], noise);
    const expected = comparisonsFromWins([
      [0, p, 0],
      [1 - p, 0, 0],
      [0, 0, 0],
    ]);
    close(information(theta, expected, noise), negated(hessian(theta, expected, noise)), 1e-12);
  });

  it("does not change under a shift, follows a relabelling, and swaps with the labels", () => {
    fc.assert(
      fc.property(
        dataAndAbilities,
        fc.double({ min: -50, max: 50, noNaN: true }),
        fc.nat(),
        ({ data, theta }, c, turn) => {
          const at = logLikelihood(theta, data);
          expect(
            logLikelihood(
              theta.map((t) => t + c),
              data,
            ),
          ).to.be.closeTo(at, 1e-10 * (1 + Math.abs(at)));
          const n = data.items;
          const to = (i: number) => (i + turn) % n;
          const moved = { ...data, winner: data.winner.map(to), loser: data.loser.map(to) };
          const turned = theta.map((_, i) => theta[(i - (turn % n) + n) % n]);
          expect(logLikelihood(turned, moved)).to.be.closeTo(at, 1e-10 * (1 + Math.abs(at)));
          const swapped = { ...data, winner: data.loser, loser: data.winner };
          expect(
            logLikelihood(
              theta.map((t) => -t),
              swapped,
            ),
          ).to.be.closeTo(at, 1e-10 * (1 + Math.abs(at)));
          expect(Math.abs(gradient(theta, data).reduce((a, b) => a + b))).to.be.below(1e-10 * (1 + Math.abs(at)));
        },
      ),
    );
  });

  it("the table of probabilities has pairs that add up to one", () => {
    const table = probabilities([0, 1, -2], { temperature: 2, lapse: 0.1 });
    for (let i = 0; i < 3; i++) for (let j = 0; j < 3; j++) expect(table[i][j] + table[j][i]).to.be.closeTo(1, 1e-15);
  });

  it("says what is wrong", () => {
    const data = comparisonsFromPairs([[0, 1]]);
    expect(() => logLikelihood([1], data)).to.throw(ShapeError, "2 abilities");
    expect(() => gradient([1, Number.NaN], data)).to.throw(DomainError, "theta[1]");
    expect(() => probability(1, { temperature: 0 })).to.throw(DomainError, "temperature");
    expect(() => probability(1, { flip: 0.5 })).to.throw(DomainError, "say nothing");
    expect(() => probability(1, { lapse: 1 })).to.throw(DomainError, "lapse");
  });
});
