// The worlds of lesson 18, against what is known of them.
import { expect } from "chai";
import { mean } from "rlhf-lab/numerics";
import { key, normal, split } from "rlhf-lab/random";
import {
  eightPosteriors,
  epistemicError,
  meanPredictionSpread,
  offlineArms,
  posteriorMethods,
  predictionSpread,
  sixQuestions,
  winnersInterval,
} from "rlhf-lab/worlds";

describe("winnersInterval", () => {
  it("covers as simulated: 64 items, 4,000 runs, within 0.03", () => {
    const runs = split(key(1), 4000).map((own) => {
      const [values, noise] = split(own).map((k) => normal(k, 64));
      const seen = values.map((v, i) => v + noise[i]);
      let best = 0;
      for (let i = 1; i < 64; i++) if (seen[i] > seen[best]) best = i;
      return noise[best];
    });
    const { coverage, bias } = winnersInterval(64);
    expect(mean(runs.map((e) => Number(Math.abs(e) <= 1.96)))).to.be.closeTo(coverage, 0.03);
    expect(mean(runs)).to.be.closeTo(bias, 0.05);
  });

  it("has the ground's numbers, other levels and noises, and refuses", () => {
    const seen = [1, 2, 4, 16, 64, 256].map((items) => winnersInterval(items).coverage);
    for (const [i, want] of [0.95, 0.95, 0.92, 0.81, 0.655, 0.48].entries()) expect(seen[i]).to.be.closeTo(want, 0.005);
    expect(winnersInterval(1, { noise: 3, level: 0.5 }).coverage).to.be.closeTo(0.5, 1e-6);
    expect(winnersInterval(50, { noise: 0.01 }).coverage).to.be.above(0.94); // hardly any noise: no curse
    expect(() => winnersInterval(0)).to.throw(/items/);
    expect(() => winnersInterval(2, { noise: 0 })).to.throw(/noise/);
    expect(() => winnersInterval(2, { level: 2 })).to.throw(/level/);
  });
});

describe("eightPosteriors", () => {
  const run = eightPosteriors(key(3), { draws: 500, members: 50 });

  it("splits add up, for every method and question", () => {
    for (const splits of [run.exact.splits, ...posteriorMethods.map((method) => run.methods[method].splits)]) {
      expect(splits).to.have.length(sixQuestions.length);
      for (const { total, aleatoric, epistemic } of splits) {
        expect(total).to.be.closeTo(aleatoric + epistemic, 1e-9);
        expect(total).to.be.within(0, Math.LN2 + 1e-9);
      }
    }
  });

  it("HMC is near the grid, other starts agree with each other, and without rows all is the prior", () => {
    expect(epistemicError(run, "HMC")).to.be.below(0.03);
    expect(run.methods["other starts"].splits.every(({ epistemic }) => epistemic < 1e-6)).to.equal(true);
    const prior = eightPosteriors(key(4), { rows: 1, draws: 500, members: 50 });
    expect(prior.exact.splits[4].epistemic).to.be.above(run.exact.splits[4].epistemic);
  });
});

describe("predictionSpread", () => {
  it("falls with rows for all but dropout; refuses counts that are none", () => {
    const [few, many] = [20, 500].map((n) => meanPredictionSpread([key(1), key(2)], n));
    for (const way of ["exact", "anchored", "bootstrap", "quiet"] as const) {
      expect(many[way], way).to.be.below(few[way] / 3);
    }
    expect(many.dropout / few.dropout).to.be.within(0.6, 1.7);
    expect(many.anchored / many.exact).to.be.within(0.8, 1.25);
    expect(() => predictionSpread(key(1), 0)).to.throw(/rows/);
    expect(() => predictionSpread(key(1), 5, { members: 1 })).to.throw(/members/);
    expect(() => predictionSpread(key(1), 5, { rate: 1 })).to.throw(/rate/);
  });
});

describe("offlineArms", () => {
  const at = (comparisons: number, bestIsCommon: boolean) => {
    const runs = split(key(9), 60).map((own) => offlineArms(own, { comparisons, bestIsCommon }, [0, 1.5]));
    return [0, 1].map((i) => mean(runs.map((regrets) => regrets[i])));
  };

  it("the bound is right where the best arm is covered, and wrong where it is rare", () => {
    const [guess, bound] = at(300, true);
    expect(guess).to.be.above(0.3);
    expect(bound).to.be.below(0.05);
    const rare = at(300, false);
    expect(rare[1]).to.be.above(rare[0]);
  });

  it("without uncertainty left both are right; refuses in words", () => {
    const [regret] = offlineArms(key(1), { comparisons: 20_000, bestIsCommon: true, common: 0.5 }, [0]);
    expect(regret).to.equal(0);
    expect(() => offlineArms(key(1), { comparisons: 0, bestIsCommon: true }, [0])).to.throw(/comparisons/);
    expect(() => offlineArms(key(1), { comparisons: 5, bestIsCommon: true }, [-1])).to.throw(/k/);
  });
});
