import { expect } from "chai";
import fc from "fast-check";
import { ConvergenceError, DomainError, key, normal, ShapeError, sigmoid, split, uniform } from "rlhf-lab";
import { logit } from "rlhf-lab/numerics";
import { randint } from "rlhf-lab/random";
import {
  bagOfWords,
  choiceConfidence,
  crossValidate,
  expectedCalibrationError,
  fitTemperature,
  foldsByPrompt,
  frequentWords,
  labelPairs,
  marginLoss,
  meanMargin,
  noiseCeiling,
  preferenceAccuracy,
  reliabilityDiagram,
} from "rlhf-lab/rewards";

describe("metrics of a reward model", () => {
  it("are what they are by hand", () => {
    expect(marginLoss([0, 0])).to.be.closeTo(Math.LN2, 1e-15);
    expect(marginLoss([logit(0.8), -1000])).to.be.closeTo((1000 - Math.log(0.8)) / 2, 1e-9);
    expect(preferenceAccuracy([1, -1, 0, 2])).to.equal(0.625);
    expect(meanMargin([1, -4])).to.equal(-1.5);
    expect(() => marginLoss([])).to.throw(DomainError, "margins");
    expect(() => preferenceAccuracy([Number.NaN])).to.throw(DomainError, "margins[0]");
  });

  it("a ceiling is the mean of max(p, 1 - p), and the loss of the truth its entropy; nobody beats either", () => {
    const { accuracy, loss } = noiseCeiling([logit(0.9), -logit(0.6)]);
    expect(accuracy).to.be.closeTo(0.75, 1e-12);
    const entropy = (p: number) => -p * Math.log(p) - (1 - p) * Math.log(1 - p);
    expect(loss).to.be.closeTo((entropy(0.9) + entropy(0.6)) / 2, 1e-12);
    const n = 20000;
    const differences = normal(key(1), n).map((d) => 2 * d);
    const labels = labelPairs(key(2), differences, new Float64Array(n));
    const margins = differences.map((d, k) => (labels[k] === 1 ? d : -d));
    const best = noiseCeiling(differences);
    // Four standard errors of a share, and of a loss with deviation below 1.
    expect(preferenceAccuracy(margins)).to.be.closeTo(best.accuracy, 2 / Math.sqrt(n));
    expect(marginLoss(margins)).to.be.closeTo(best.loss, 4 / Math.sqrt(n));
    expect(marginLoss(margins.map((m) => 1.5 * m))).to.be.above(marginLoss(margins));
  });
});

describe("fitTemperature", () => {
  it("finds the factor by which confidences were spoiled", () => {
    const differences = normal(key(3), 40000);
    const labels = labelPairs(key(4), differences, new Float64Array(40000));
    const margins = differences.map((d, k) => 3 * (labels[k] === 1 ? d : -d));
    expect(fitTemperature(margins)).to.be.closeTo(3, 0.15); // about 4 standard errors
  });

  it("is the log-odds answer for margins of one size", () => {
    // 3 right, 1 wrong at margin 2: sigmoid(2 / T) = 3/4.
    expect(fitTemperature([2, 2, 2, -2])).to.be.closeTo(2 / Math.log(3), 1e-9);
  });

  it("is a minimum, and scales with the margins", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), (seed) => {
        const margins = normal(key(seed), 200).map((z) => z + 0.4);
        const best = fitTemperature(margins);
        const at = (t: number) => marginLoss(margins.map((m) => m / t));
        expect(at(best)).to.be.at.most(Math.min(at(best * 1.05), at(best / 1.05)));
        expect(fitTemperature(margins.map((m) => 7 * m))).to.be.closeTo(7 * best, 1e-6 * best);
      }),
      { numRuns: 20 },
    );
  });

  it("is as exact in any unit of the margins", () => {
    for (const unit of [1e-300, 1e-12, 1e12, 1e300]) {
      expect(fitTemperature([2, 2, 2, -2].map((m) => m * unit)) / unit).to.be.closeTo(2 / Math.log(3), 1e-9);
    }
  });

  it("refuses what has no answer", () => {
    expect(() => fitTemperature([1, 2])).to.throw(ConvergenceError, "wrongly");
    expect(() => fitTemperature([1, -2])).to.throw(ConvergenceError, "swapped");
    expect(() => fitTemperature([])).to.throw(DomainError);
    expect(() => fitTemperature([Number.POSITIVE_INFINITY])).to.throw(DomainError);
  });
});

describe("calibration", () => {
  const p = [0.1, 0.2, 0.6, 0.9, 1];
  const y = [0, 1, 1, 1, 0];

  it("counts by hand: equal widths", () => {
    const bins = reliabilityDiagram(p, y, { bins: 2 });
    expect(bins.map(({ count }) => count)).to.deep.equal([2, 3]);
    expect(bins[0].confidence).to.be.closeTo(0.15, 1e-12);
    expect(bins[1].accuracy).to.be.closeTo(2 / 3, 1e-12);
    const want = (2 / 5) * Math.abs(0.5 - 0.15) + (3 / 5) * Math.abs(2 / 3 - 2.5 / 3);
    expect(expectedCalibrationError(p, y, { bins: 2 })).to.be.closeTo(want, 1e-12);
    expect(reliabilityDiagram([0.5], [1], { bins: 2 }).map(({ count }) => count)).to.deep.equal([0, 1]);
  });

  it("makes bins of equal mass, and loses nobody", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), fc.integer({ min: 1, max: 12 }), (seed, bins) => {
        const n = 240;
        const predicted = uniform(key(seed), n).map((u) => u * u);
        const outcome = Array.from(predicted, (_, k) => k % 2);
        const parts = reliabilityDiagram(predicted, outcome, { bins, by: "mass" });
        expect(parts.reduce((sum, { count }) => sum + count, 0)).to.equal(n);
        for (const { count } of parts) expect(count).to.be.within(Math.floor(n / bins), Math.ceil(n / bins));
        const total = parts.reduce((sum, { count, confidence }) => sum + count * confidence, 0);
        expect(total).to.be.closeTo(
          predicted.reduce((a, b) => a + b),
          1e-9,
        );
      }),
      { numRuns: 30 },
    );
    // Equal predictions stay together.
    expect(reliabilityDiagram([0.7, 0.7, 0.7, 0.7], [1, 1, 1, 0], { bins: 4, by: "mass" })).to.have.length(1);
  });

  it("is near 0 for a calibrated model, and a ninth for one that always says 1 with 8 of 9 right", () => {
    const n = 20000;
    const predicted = uniform(key(5), n, 0.5, 1);
    const luck = uniform(key(6), n);
    const outcome = predicted.map((q, k) => (luck[k] < q ? 1 : 0));
    expect(expectedCalibrationError(predicted, outcome, { range: [0.5, 1] })).to.be.below(0.03);
    expect(expectedCalibrationError(new Array(9).fill(1), [1, 1, 1, 1, 0, 1, 1, 1, 1])).to.be.closeTo(1 / 9, 1e-12);
  });

  it("reads a margin as a choice and its confidence", () => {
    const { confidence, correct } = choiceConfidence([2, -2, 0]);
    expect(Array.from(confidence)).to.deep.equal([sigmoid(2), sigmoid(2), 0.5]);
    expect(Array.from(correct)).to.deep.equal([1, 0, 0.5]);
  });

  it("refuses what is no probability", () => {
    expect(() => reliabilityDiagram([1.2], [1])).to.throw(DomainError, "predicted[0]");
    expect(() => reliabilityDiagram([0.2], [2])).to.throw(DomainError, "outcome[0]");
    expect(() => reliabilityDiagram([0.2], [])).to.throw(ShapeError, "outcome");
    expect(() => reliabilityDiagram([], [])).to.throw(DomainError);
    expect(() => reliabilityDiagram([0.2], [1], { bins: 0 })).to.throw(DomainError, "bins");
  });
});

describe("foldsByPrompt", () => {
  it("puts each row into one validation part, never parts a prompt, and balances", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), fc.integer({ min: 2, max: 6 }), (seed, k) => {
        const prompt = randint(key(seed), 120, 0, 30);
        const distinct = new Set(prompt).size;
        const folds = foldsByPrompt(key(seed + 1), prompt, k);
        expect(folds.flatMap(({ validation }) => Array.from(validation)).sort((a, b) => a - b)).to.deep.equal(
          Array.from({ length: 120 }, (_, i) => i),
        );
        for (const { train, validation } of folds) {
          expect(train.length + validation.length).to.equal(120);
          const studied = new Set(Array.from(train, (row) => prompt[row]));
          for (const row of validation) expect(studied.has(prompt[row])).to.equal(false);
        }
        const sizes = folds.map(({ validation }) => validation.length);
        const largest = Math.max(...Array.from(new Set(prompt), (p) => prompt.filter((q) => q === p).length));
        expect(Math.max(...sizes) - Math.min(...sizes)).to.be.at.most(largest);
        expect(distinct).to.be.at.least(k);
      }),
      { numRuns: 30 },
    );
  });

  it("takes texts, shuffles by its key, and refuses more folds than prompts", () => {
    const prompts = ["a", "a", "b", "c", "d", "e", "f"];
    const [x, y] = split(key(1)).map((k) => foldsByPrompt(k, prompts, 2).map(({ validation }) => validation.join()));
    expect(x).to.not.deep.equal(y);
    // A prompt with more rows than a call takes arguments.
    const large = foldsByPrompt(key(0), [...new Array<number>(300_000).fill(1), 2], 2);
    expect(large.map(({ validation }) => validation.length).sort()).to.deep.equal([1, 300_000]);
    expect(() => foldsByPrompt(key(0), ["a", "a", "b"], 3)).to.throw(DomainError, "2");
    expect(() => foldsByPrompt(key(0), ["a", "b"], 1)).to.throw(DomainError);
  });

  it("gives crossValidate its rows", () => {
    const folds = foldsByPrompt(key(0), [0, 1, 2, 3], 2);
    expect(
      Array.from(
        crossValidate(
          folds,
          (rows) => rows.length,
          (fitted, held) => fitted * 10 + held.length,
        ),
      ),
    ).to.deep.equal([22, 22]);
    expect(() =>
      crossValidate(
        [],
        () => 0,
        () => 0,
      ),
    ).to.throw(ShapeError);
  });
});

describe("bagOfWords", () => {
  it("counts words of the vocabulary only", () => {
    const bag = bagOfWords(["sea", "whale"]);
    expect(Array.from(bag.counts(["whale", "the", "whale"]))).to.deep.equal([0, 2]);
    expect(Array.from(bag.presence(["whale", "the", "whale"]))).to.deep.equal([0, 1]);
    expect(frequentWords([["b", "a", "a"], ["b"], ["c"]], 2)).to.deep.equal(["b", "a"]);
    expect(() => bagOfWords(["a", "a"])).to.throw(DomainError);
  });
});
