import { expect } from "chai";
import { ConvergenceError, DomainError } from "../../lib/src/core/index.js";
import { baseball1987 } from "../../lib/src/data/index.js";
import {
  bootstrap,
  bradleyTerry,
  comparisonsFromPairs,
  comparisonsFromWins,
  plackettLuce,
  resample,
} from "../../lib/src/preferences/index.js";
import { key } from "../../lib/src/random/index.js";

const league = baseball1987();
const games = comparisonsFromWins(league.wins, league);

describe("Bootstrap", () => {
  it("draws as many as there were, each row as often as its weight says on average; the same for the same key", () => {
    const data = comparisonsFromPairs(
      [
        [0, 1],
        [1, 0],
        [1, 2],
      ],
      { weight: [5, 0, 15] },
    );
    let first = 0;
    for (let s = 0; s < 500; s++) {
      const { weight } = resample(key(s), data);
      expect(weight[0] + weight[1] + weight[2]).to.equal(20);
      expect(weight[1]).to.equal(0);
      first += weight[0];
    }
    // 10,000 draws with probability 1/4: standard deviation 43.3.
    expect(Math.abs(first - 2500)).to.be.below(4 * 43.3);
    expect(resample(key(3), data).weight).to.deep.equal(resample(key(3), data).weight);
    expect(resample(key(3), data).weight).not.to.deep.equal(resample(key(4), data).weight);
  });

  it("baseball: standard errors within a fifth of Fisher's, intervals about as wide", () => {
    const { theta } = bradleyTerry.fit(games);
    const fisher = bradleyTerry.standardErrors(theta, games);
    const prior = { gaussian: 10 };
    const { standardErrors, intervals, estimates, failures } = bootstrap(
      key(1),
      games,
      (sample) => bradleyTerry.fit(sample, { prior }).theta,
      { samples: 400 },
    );
    expect(failures).to.equal(0);
    expect(estimates.length).to.equal(400);
    for (let i = 0; i < 7; i++) {
      expect(standardErrors[i] / fisher[i]).to.be.within(0.8, 1.25);
      expect((intervals[i].high - intervals[i].low) / (2 * 1.96 * fisher[i])).to.be.within(0.75, 1.3);
      expect(theta[i]).to.be.within(intervals[i].low, intervals[i].high);
    }
  });

  it("rankings alike", () => {
    const data = plackettLuce.simulate(key(2), [0.5, 0, -0.5], 200);
    const { theta } = plackettLuce.fit(data);
    const fisher = plackettLuce.standardErrors(theta, data);
    const { standardErrors } = bootstrap(key(3), data, (sample) => plackettLuce.fit(sample).theta);
    // With 200 samples a standard error is itself known to 5 percent.
    for (let i = 0; i < 3; i++) expect(standardErrors[i] / fisher[i]).to.be.within(0.75, 1.3);
  });

  it("resamples without a finite estimate: a clear error, and other errors pass through", () => {
    const thin = comparisonsFromPairs([
      [0, 1],
      [1, 0],
      [1, 2],
      [2, 1],
    ]);
    const fit = (sample: typeof thin) => bradleyTerry.fit(sample).theta;
    expect(() => bootstrap(key(1), thin, fit)).to.throw(ConvergenceError, "prior");
    expect(() =>
      bootstrap(key(1), thin, () => {
        throw new TypeError("a bug");
      }),
    ).to.throw(TypeError, "a bug");
    expect(() => bootstrap(key(1), games, fit, { samples: 1 })).to.throw(DomainError, "samples");
    expect(() => bootstrap(key(1), games, fit, { level: 1 })).to.throw(DomainError, "level");
    expect(() => resample(key(1), comparisonsFromPairs([[0, 1]], { weight: [0.5] }))).to.throw(
      DomainError,
      "whole number",
    );
    expect(() => resample(key(1), comparisonsFromPairs([]))).to.throw(DomainError, "nothing to draw");
  });
});
