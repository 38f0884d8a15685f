import { expect } from "chai";
import { DomainError, key, ShapeError, sigmoid } from "rlhf-lab";
import { fitLogistic, logisticProbabilities, weakToStrongTrial } from "rlhf-lab/alignment";
import { opticalDigits } from "rlhf-lab/data";

describe("logistic regression", () => {
  it("without features is the base rate; with one it meets its own equations", () => {
    const { bias } = fitLogistic([[], [], [], []], [1, 1, 1, 0], { l2: 1 });
    expect(sigmoid(bias)).to.be.closeTo(0.75, 1e-6);
    const rows = [[-1], [0.5], [2], [1]];
    const targets = [0, 1, 0.7, 0.2];
    const model = fitLogistic(rows, targets, { l2: 0.1 });
    const p = logisticProbabilities(model, rows);
    const mean = (f: (i: number) => number) => rows.reduce((sum, _, i) => sum + f(i), 0) / rows.length;
    expect(mean((i) => targets[i] - p[i])).to.be.closeTo(0, 1e-6);
    expect(mean((i) => (targets[i] - p[i]) * rows[i][0])).to.be.closeTo(0.1 * model.weights[0], 1e-6);
  });

  it("refuses what it cannot read", () => {
    expect(() => fitLogistic([], [], { l2: 1 })).to.throw(ShapeError, "features");
    expect(() => fitLogistic([[1], [1, 2]], [0, 1], { l2: 1 })).to.throw(ShapeError, "features[1]");
    expect(() => fitLogistic([[1], [2]], [0, Number.NaN], { l2: 1 })).to.throw(DomainError, "targets[1]");
    expect(() => fitLogistic([[1], [2]], [0, 1], { l2: 0 })).to.throw(DomainError, "l2");
  });
});

describe("weak to strong on digits", () => {
  const digits = opticalDigits();
  const question = (label: number) => label >= 5;

  it("nothing pretrained: random wrong labels are overcome, the teacher's own are learned", () => {
    const trial = weakToStrongTrial(key(1), digits, { question, pretrained: 0, confidence: 0 });
    expect(trial.weak).to.be.within(0.65, 0.85);
    expect(trial.ceiling).to.be.above(trial.weak + 0.05);
    expect(trial.noise).to.be.above(trial.weakToStrong);
    expect(trial.repeated).to.be.above(0.6);
    expect(trial.repeatedOfNoise).to.be.below(0.4);
    // Without its own answers the confidence loss is the plain one.
    expect(trial.confident).to.equal(trial.weakToStrong);
    // The same key, the same trial.
    expect(weakToStrongTrial(key(1), digits, { question, pretrained: 0, confidence: 0 })).to.deep.equal(trial);
  }).timeout(60_000);

  it("bad input is refused in words", () => {
    expect(() => weakToStrongTrial(key(1), digits, { question, pretrained: 1.5 })).to.throw(DomainError, "pretrained");
    const few = { images: digits.images.slice(0, 100), labels: digits.labels.slice(0, 100) };
    expect(() => weakToStrongTrial(key(1), few, { question, pretrained: 0 })).to.throw(ShapeError, "1,500");
  });
});
