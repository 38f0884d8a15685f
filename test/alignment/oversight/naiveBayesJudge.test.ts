import { expect } from "chai";
import { DomainError, ShapeError } from "rlhf-lab";
import { classScores, fitNaiveBayes, logRatios } from "rlhf-lab/alignment";

const images = [
  [0, 1],
  [0, 1],
  [1, 1],
  [1, 0],
];
const judge = fitNaiveBayes(images, [0, 0, 1, 1], { classes: 2, levels: 2 });

describe("naive Bayes judge", () => {
  it("counts by hand, one added to each level", () => {
    expect(Array.from(judge.logPrior, Math.exp)).to.deep.equal([0.5, 0.5]);
    // Class 0 has pixel 0 at level 0 in two of two images: (2 + 1) / (2 + 2); pixel 1 at level 1 likewise.
    const probabilities = judge.logLikelihood.map((row) =>
      Array.from(row, (log) => Math.round(Math.exp(log) * 1e9) / 1e9),
    );
    expect(probabilities).to.deep.equal([
      [0.75, 0.25, 0.25, 0.75],
      [0.25, 0.75, 0.5, 0.5],
    ]);
  });

  it("gives every pixel of every class probabilities that add up to 1", () => {
    for (const row of judge.logLikelihood) {
      for (let pixel = 0; pixel < 2; pixel++) {
        expect(Math.exp(row[2 * pixel]) + Math.exp(row[2 * pixel + 1])).to.be.closeTo(1, 1e-12);
      }
    }
  });

  it("scores by the pixels shown, and its ratios are differences of scores", () => {
    const [zero, one] = classScores(judge, [0, 1], [1]);
    expect(zero - one).to.be.closeTo(Math.log(0.75 / 0.5), 1e-12);
    const whole = classScores(judge, [0, 1]);
    const ratios = logRatios(judge, [0, 1], 0, 1);
    expect(whole[0] - whole[1]).to.be.closeTo(ratios[0] + ratios[1], 1e-12);
    expect(Array.from(classScores(judge, [0, 1], []))).to.deep.equal(Array.from(judge.logPrior));
  });

  it("refuses ragged images, levels and labels that there are not", () => {
    const options = { classes: 2, levels: 2 };
    expect(() => fitNaiveBayes([], [], options)).to.throw(ShapeError, "at least one");
    expect(() => fitNaiveBayes([[0, 1], [0]], [0, 1], options)).to.throw(ShapeError, "images[1]");
    expect(() => fitNaiveBayes([[0, 2]], [0], options)).to.throw(DomainError, "a level, 0 to 1");
    expect(() => fitNaiveBayes([[0, 1]], [2], options)).to.throw(DomainError, "labels[0]");
    expect(() => logRatios(judge, [0, 1], 0, 5)).to.throw(DomainError, "a class");
  });
});
