// D- and A-optimal questions and batches, against determinants, inverses and enumeration.
import { expect } from "chai";
import fc from "fast-check";
import { determinant, inverse, Matrix } from "ml-matrix";
import { DomainError, ShapeError } from "../../../lib/src/core/index.js";
import { sigmoid } from "../../../lib/src/numerics/index.js";
import { active, type Posterior } from "../../../lib/src/preferences/index.js";
import { key, normal, split, uniform } from "../../../lib/src/random/index.js";
import { close } from "../close.js";
import { goldenCases } from "./golden.js";

const { afterAsking, aOptimalGain, batchInformationGain, chooseBest, dOptimalBatch, dOptimalGain, informationBatch } =
  active;

/** A posterior and some questions, from a seed. */
function draw(seed: number, d = 3, n = 8): { posterior: Posterior; questions: number[][] } {
  const [a, b, c] = split(key(seed), 3);
  const root = Matrix.from1DArray(d, d, Array.from(normal(a, d * d)));
  const covariance = root
    .mmul(root.transpose())
    .add(Matrix.eye(d, d, 0.1))
    .to2DArray();
  const flat = Array.from(normal(c, n * d));
  return {
    posterior: { mean: Array.from(normal(b, d)), covariance },
    questions: Array.from({ length: n }, (_, q) => flat.slice(q * d, (q + 1) * d)),
  };
}

const seeds = fc.integer({ min: 0, max: 1e6 });
const dot = (a: number[], b: number[]) => a.reduce((sum, x, i) => sum + x * b[i], 0);

/** The covariance after the information of these questions was added, by inverting twice. */
function covarianceAfter({ mean, covariance }: Posterior, questions: number[][]): Matrix {
  const precision = inverse(new Matrix(covariance));
  for (const x of questions) {
    const p = sigmoid(dot(x, mean));
    precision.add(
      Matrix.columnVector(x)
        .mmul(Matrix.rowVector(x))
        .mul(p * (1 - p)),
    );
  }
  return inverse(precision);
}

describe("D- and A-optimal gain", () => {
  it("are half the drop of the covariance's log-determinant, and the drop of its trace", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const { posterior, questions } = draw(seed);
        const before = new Matrix(posterior.covariance);
        for (const x of questions) {
          const after = covarianceAfter(posterior, [x]);
          const shrink = Math.log(determinant(before) / determinant(after)) / 2;
          expect(dOptimalGain(posterior, x)).to.be.closeTo(shrink, 1e-7);
          expect(aOptimalGain(posterior, x)).to.be.closeTo(before.trace() - after.trace(), 1e-6);
          close(afterAsking(posterior, x).covariance, after.to2DArray(), 1e-6);
        }
      }),
      { numRuns: 30 },
    );
  });

  it("pick what brute force over log-determinants picks, and do not depend on who is shown first", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const { posterior, questions } = draw(seed);
        const gains = questions.map((x) => dOptimalGain(posterior, x));
        const volumes = questions.map((x) => determinant(covarianceAfter(posterior, [x])));
        expect(chooseBest(key(seed), gains)).to.equal(volumes.indexOf(Math.min(...volumes)));
        questions.forEach((x, q) => {
          const swapped = x.map((value) => -value);
          expect(dOptimalGain(posterior, swapped)).to.be.closeTo(gains[q], 1e-12);
        });
      }),
      { numRuns: 30 },
    );
  });

  it("come close to the information gain where little is unknown, and beyond ln 2 where much is", () => {
    const at = (variance: number) => ({ mean: [0.8], covariance: [[variance]] });
    const exact = active.gaussianInformationGain({ mean: 0.8, variance: 0.01 }).gain;
    expect(dOptimalGain(at(0.01), [1]) / exact).to.be.closeTo(1, 0.02);
    expect(dOptimalGain(at(1e4), [1])).to.be.above(Math.LN2);
  });

  it("refuse a question of another length or with a NaN", () => {
    const { posterior } = draw(1);
    expect(() => dOptimalGain(posterior, [1, 2])).to.throw(ShapeError, "3 numbers");
    expect(() => aOptimalGain(posterior, [1, Number.NaN, 0])).to.throw(DomainError, "finite");
  });
});

describe("batches", () => {
  it("greedy D-optimality counts what its questions tell together", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const { posterior, questions } = draw(seed);
        const { picked, gain } = dOptimalBatch(posterior, questions, 4);
        expect(new Set(picked).size).to.equal(4);
        const after = covarianceAfter(
          posterior,
          picked.map((q) => questions[q]),
        );
        const shrink = Math.log(determinant(new Matrix(posterior.covariance)) / determinant(after)) / 2;
        expect(gain[3]).to.be.closeTo(shrink, 1e-6);
        for (let k = 1; k < 4; k++) expect(gain[k]).to.be.at.least(gain[k - 1]);
      }),
      { numRuns: 30 },
    );
  });

  it("greedy D-optimality reaches 1 - 1/e of the best batch of three by enumeration", () => {
    for (let seed = 0; seed < 20; seed++) {
      const { posterior, questions } = draw(seed);
      const full = Math.log(determinant(new Matrix(posterior.covariance)));
      let best = 0;
      for (let a = 0; a < 8; a++)
        for (let b = a + 1; b < 8; b++)
          for (let c = b + 1; c < 8; c++) {
            const after = covarianceAfter(posterior, [questions[a], questions[b], questions[c]]);
            best = Math.max(best, (full - Math.log(determinant(after))) / 2);
          }
      const greedy = dOptimalBatch(posterior, questions, 3).gain[2];
      expect(greedy).to.be.within((1 - 1 / Math.E) * best, best + 1e-9);
    }
  });

  it("do not repeat themselves: of two copies of the best question only one is in a batch of two", () => {
    const posterior = {
      mean: [0, 0],
      covariance: [
        [1.2, 0],
        [0, 1],
      ],
    };
    const questions = [
      [1, 0],
      [1, 0],
      [0, 1],
    ];
    expect(dOptimalBatch(posterior, questions, 2).picked).to.deep.equal([0, 2]);
    // Two members that differ much on question 0 and its copy, two that differ a little less on question 2.
    const probabilities = [
      [0.95, 0.95, 0.05, 0.05],
      [0.95, 0.95, 0.05, 0.05],
      [0.9, 0.1, 0.9, 0.1],
    ];
    expect(informationBatch(probabilities, 2).picked).to.deep.equal([0, 2]);
  });

  it("joint information is the mutual information by enumeration of answers and members", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const [batch, members] = [4, 5];
        const flat = uniform(key(seed), batch * members);
        const probabilities = Array.from({ length: batch }, (_, q) =>
          Array.from(flat.slice(q * members, (q + 1) * members)),
        );
        let information = 0;
        for (let answers = 0; answers < 2 ** batch; answers++) {
          const given = Array.from({ length: members }, (_, m) =>
            probabilities.reduce((p, row, q) => p * ((answers >> q) & 1 ? row[m] : 1 - row[m]), 1),
          );
          const marginal = given.reduce((a, b) => a + b) / members;
          for (const p of given) information += (p / members) * Math.log(p / marginal);
        }
        expect(batchInformationGain(probabilities)).to.be.closeTo(information, 1e-10);
        const single = probabilities.reduce((sum, row) => sum + active.informationGain(row).gain, 0);
        expect(information).to.be.at.most(single + 1e-12);
        expect(informationBatch(probabilities, batch).gain[batch - 1]).to.be.closeTo(information, 1e-10);
      }),
      { numRuns: 50 },
    );
  });

  it("BatchBALD of 4 among 200 questions has the scores that the paper's own code gives", () => {
    const { probabilities, joint } = goldenCases()[1];
    const batch = informationBatch(probabilities, 4);
    close(batch.gain, joint!, 1e-6); // their tolerance: computed in float32
    const together = batchInformationGain(batch.picked.map((q) => probabilities[q]));
    expect(together).to.be.closeTo(batch.gain[3], 1e-12);
  });

  it("of copies carry less than their sum, and of a certain answer nothing", () => {
    expect(
      batchInformationGain([
        [0, 1],
        [0, 1],
        [0, 1],
      ]),
    ).to.be.closeTo(Math.LN2, 1e-12);
    expect(batchInformationGain([[0.3, 0.3]])).to.equal(0);
  });

  it("refuse what cannot be picked", () => {
    const { posterior, questions } = draw(2);
    expect(() => dOptimalBatch(posterior, questions, 9)).to.throw(DomainError, "at least 9");
    expect(() => dOptimalBatch(posterior, questions, 0)).to.throw(DomainError, "at least 1");
    expect(() => dOptimalBatch(posterior, [], 1)).to.throw(DomainError, "candidates");
    expect(() => batchInformationGain([])).to.throw(ShapeError, "at least one question");
    expect(() => batchInformationGain([[0.5], [0.5, 0.5]])).to.throw(ShapeError, "question 1");
    expect(() => batchInformationGain(new Array(17).fill([0.5]))).to.throw(DomainError, "16");
    expect(() => informationBatch([[0.5], [0.4]], 3)).to.throw(DomainError, "candidates");
  });
});

describe("chooseBest", () => {
  it("takes the largest open score, the only one if there is one", () => {
    expect(chooseBest(key(1), [0.3])).to.equal(0);
    expect(chooseBest(key(1), [0.1, 0.9, 0.5])).to.equal(1);
    expect(chooseBest(key(1), [0.1, 0.9, 0.5], [true, false, true])).to.equal(2);
  });

  it("treats equals alike: 3,000 keys, each of three within 5 standard errors of a third", () => {
    const counts = [0, 0, 0, 0];
    for (const k of split(key(9), 3000)) counts[chooseBest(k, [1, 0.5, 1, 1 + 1e-15])]++;
    expect(counts[1]).to.equal(0);
    for (const q of [0, 2, 3]) expect(counts[q]).to.be.closeTo(1000, 5 * Math.sqrt(3000 * (1 / 3) * (2 / 3)));
    expect(chooseBest(key(4), [1, 1, 1])).to.equal(chooseBest(key(4), [1, 1, 1]));
  });

  it("refuses no candidates, none open, and a NaN", () => {
    expect(() => chooseBest(key(1), [])).to.throw(ShapeError, "at least one candidate");
    expect(() => chooseBest(key(1), [1, 2], [false, false])).to.throw(DomainError, "open");
    expect(() => chooseBest(key(1), [1, Number.NaN])).to.throw(DomainError, "scores[1]");
    expect(() => chooseBest(key(1), [1, 2], [true])).to.throw(ShapeError, "2 answers");
  });
});
