import { readFileSync } from "node:fs";
import { expect } from "chai";
import fc from "fast-check";
import { ConvergenceError, DomainError } from "../../../lib/src/core/index.js";
import { readWinTable } from "../../../lib/src/data/index.js";
import { differenceGradient, logit } from "../../../lib/src/numerics/index.js";
import {
  bradleyTerry,
  type Comparisons,
  comparisonsFromColumns,
  comparisonsFromPairs,
  comparisonsFromWins,
  flipLabels,
  simulateComparisons,
} from "../../../lib/src/preferences/index.js";
import { key, normal, split } from "../../../lib/src/random/index.js";
import { winTables } from "../arbitrary.js";
import { close } from "../close.js";

const { fitMinoriseMaximise, fixGauge, gradient, logLikelihood, logPrior, minoriseMaximiseStep, priorGradient } =
  bradleyTerry;

interface Case {
  desc: string;
  pairs?: [number, number][];
  dataset?: string;
  gauge: bradleyTerry.Gauge;
  theta: number[];
  logLikelihood?: number;
  tolerance: number;
}
const golden: Case[] = JSON.parse(readFileSync("test/golden/bradley-terry.json", "utf8"));
const read = ({ pairs, dataset }: Case): Comparisons => {
  if (pairs) return comparisonsFromPairs(pairs);
  const table = readWinTable(dataset!);
  return comparisonsFromWins(table.wins, table);
};

describe("Bradley-Terry: fits", () => {
  for (const one of golden) {
    it(`${one.desc}: Newton and minorise-maximise`, () => {
      const data = read(one);
      for (const estimate of [
        bradleyTerry.fit(data, { gauge: one.gauge }),
        fitMinoriseMaximise(data, { gauge: one.gauge }),
      ]) {
        close(estimate.theta, one.theta, one.tolerance);
        if (one.logLikelihood) expect(estimate.logLikelihood).to.be.closeTo(one.logLikelihood, 1e-6);
        expect(estimate.gradientNorm).to.be.below(1e-8);
      }
    });
  }

  it("two items: the difference is the log-odds of the share of wins", () => {
    const { theta } = bradleyTerry.fit(
      comparisonsFromWins([
        [0, 30],
        [10, 0],
      ]),
    );
    expect(theta[0] - theta[1]).to.be.closeTo(Math.log(3), 1e-12);
    const cold = bradleyTerry.fit(
      comparisonsFromWins([
        [0, 30],
        [10, 0],
      ]),
      { noise: { temperature: 2 } },
    ).theta;
    expect(cold[0] - cold[1]).to.be.closeTo(2 * Math.log(3), 1e-12);
  });

  it("with a known flip rate the difference is the log-odds of the unflipped share", () => {
    const { theta } = bradleyTerry.fit(
      comparisonsFromWins([
        [0, 30],
        [10, 0],
      ]),
      { noise: { flip: 0.1 } },
    );
    expect(theta[0] - theta[1]).to.be.closeTo(logit((0.75 - 0.1) / 0.8), 1e-9);
  });

  it("is the top of the likelihood: no point of a fine grid is higher", () => {
    const data = comparisonsFromWins([
      [0, 3, 1],
      [2, 0, 4],
      [1, 1, 0],
    ]);
    const best = bradleyTerry.fit(data, { gauge: { reference: 2 } });
    for (let a = -2; a <= 2; a += 0.05)
      for (let b = -2; b <= 2; b += 0.05) expect(logLikelihood([a, b, 0], data)).to.be.at.most(best.logLikelihood);
  });

  it("Newton and minorise-maximise agree, the gradient is gone, the gauge is kept", () => {
    fc.assert(
      fc.property(winTables, (wins) => {
        const data = comparisonsFromWins(wins);
        const a = bradleyTerry.fit(data);
        const b = fitMinoriseMaximise(data);
        close(a.theta, b.theta, 1e-7);
        close(gradient(a.theta, data), new Float64Array(data.items), 1e-8);
        expect(a.theta.reduce((x, y) => x + y)).to.be.closeTo(0, 1e-10);
        const c = bradleyTerry.fit(data, { gauge: { reference: 1 } }).theta;
        close(c, fixGauge(a.theta, { reference: 1 }), 1e-9);
      }),
      { numRuns: 40 },
    );
  });

  it("relabelling items relabels the answer; swapping winners and losers turns it round", () => {
    fc.assert(
      fc.property(winTables, (wins) => {
        const data = comparisonsFromWins(wins);
        const { theta } = bradleyTerry.fit(data);
        const n = data.items;
        const reversed = bradleyTerry.fit({
          ...data,
          winner: data.winner.map((i) => n - 1 - i),
          loser: data.loser.map((i) => n - 1 - i),
        });
        close(reversed.theta, [...theta].reverse(), 1e-8);
        close(
          bradleyTerry.fit({ ...data, winner: data.loser, loser: data.winner }).theta,
          theta.map((t) => -t),
          1e-8,
        );
      }),
      { numRuns: 40 },
    );
  });

  it("each minorise-maximise step climbs, and follows the formula", () => {
    const data = comparisonsFromWins([
      [0, 7, 1],
      [2, 0, 3],
      [4, 1, 0],
    ]);
    let strength = Float64Array.of(1, 2, 3);
    const step = minoriseMaximiseStep(strength, data);
    expect(step[0]).to.be.closeTo(8 / (9 / (1 + 2) + 5 / (1 + 3)), 1e-12);
    for (let k = 0; k < 20; k++) {
      const next = Float64Array.from(minoriseMaximiseStep(strength, data));
      expect(logLikelihood(next.map(Math.log), data)).to.be.at.least(
        logLikelihood(strength.map(Math.log), data) - 1e-12,
      );
      strength = next;
    }
    for (const bad of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => minoriseMaximiseStep([1, bad, 2], data)).to.throw(DomainError, "strength[1]");
      if (bad !== 0)
        expect(() => minoriseMaximiseStep([1, 1, 2], data, { pseudoCount: bad })).to.throw(DomainError, "pseudoCount");
    }
  });

  it("10^5 identical pairs: an error by maximum likelihood, the right answer with a prior", () => {
    const n = 100_000;
    const data = comparisonsFromColumns(new Int32Array(n), new Int32Array(n).fill(1), { names: ["tea", "mud"] });
    expect(() => bradleyTerry.fit(data)).to.throw(ConvergenceError, "tea never lost");
    const { theta } = bradleyTerry.fit(data, { prior: { gaussian: 1 } });
    // n sigmoid(-d) = d / 2 at the mode, where d = theta_0 - theta_1 and theta_0 = d / 2.
    const d = theta[0] - theta[1];
    expect(n / (1 + Math.exp(d))).to.be.closeTo(d / 2, 1e-7);
  });

  it("no finite estimate: names the items and the cure", () => {
    const names = ["ant", "bee", "cat", "dog"];
    const why = (pairs: [number, number][], words: string, options = {}) => {
      const data = comparisonsFromPairs(pairs, { names, ...options });
      for (const method of [bradleyTerry.fit, fitMinoriseMaximise]) {
        expect(() => method(data), words).to.throw(ConvergenceError, words);
      }
      expect(bradleyTerry.fit(data, { prior: { gaussian: 2 } }).theta.every(Number.isFinite)).to.equal(true);
      expect(bradleyTerry.fit(data, { prior: { pseudoCount: 0.5 } }).theta.every(Number.isFinite)).to.equal(true);
      expect(() => bradleyTerry.fit(data)).to.throw(ConvergenceError, "prior: { gaussian: 2 }");
    };
    why(
      [
        [0, 1],
        [1, 2],
        [2, 1],
        [2, 3],
        [3, 1],
      ],
      "ant never lost",
    );
    why(
      [
        [0, 1],
        [1, 2],
        [2, 0],
        [2, 3],
      ],
      "dog never won",
    );
    why(
      [
        [0, 1],
        [1, 0],
        [2, 3],
        [3, 2],
      ],
      "ant, bee | cat, dog",
    );
    why(
      [
        [0, 1],
        [1, 0],
        [0, 2],
        [1, 3],
        [2, 3],
        [3, 2],
      ],
      "ant, bee never lost to any other item",
    );
    why(
      [
        [0, 1],
        [1, 2],
        [2, 0],
      ],
      "dog",
    );
    why([], "no comparisons");
    expect(() => bradleyTerry.fit(comparisonsFromPairs([], { items: 1 }))).to.throw(ConvergenceError, "one item");
    expect(() => bradleyTerry.fit(comparisonsFromPairs([]))).to.throw(ConvergenceError, "no items");
    // A row of weight 0 says nothing.
    const empty = comparisonsFromPairs(
      [
        [0, 1],
        [1, 0],
      ],
      { weight: [1, 0] },
    );
    expect(() => bradleyTerry.fit(empty)).to.throw(ConvergenceError, "item 0 never lost");
  });

  it("finds a finite estimate exactly when every split of the items has a win each way (Ford's condition)", () => {
    const tables = fc.array(fc.boolean(), { minLength: 12, maxLength: 12 });
    fc.assert(
      fc.property(tables, (bits) => {
        let k = 0;
        const wins = Array.from({ length: 4 }, (_, i) =>
          Array.from({ length: 4 }, (_, j) => (i === j ? 0 : +bits[k++])),
        );
        let holds = true;
        for (let split = 1; split < 15; split++) {
          let won = false;
          for (let i = 0; i < 4; i++)
            for (let j = 0; j < 4; j++) won ||= Boolean((split >> i) & 1 && !((split >> j) & 1) && wins[i][j]);
          holds &&= won;
        }
        const attempt = () => bradleyTerry.fit(comparisonsFromWins(wins));
        if (holds) close(gradient(attempt().theta, comparisonsFromWins(wins)), [0, 0, 0, 0], 1e-8);
        else expect(attempt).to.throw(ConvergenceError);
      }),
      { numRuns: 300 },
    );
  });

  it("a prior: its gradient is the slope of its density, and the mode has no slope", () => {
    const data = comparisonsFromWins([
      [0, 5, 0],
      [0, 0, 2],
      [1, 0, 0],
    ]);
    for (const prior of [{ gaussian: 1.3 }, { pseudoCount: 0.7 }]) {
      close(
        priorGradient([0.3, -1, 2], prior),
        differenceGradient((t) => logPrior(t, prior), [0.3, -1, 2]),
        1e-8,
      );
      const bend = differenceGradient((t) => priorGradient(t, prior)[1], [0.3, -1, 2])[1];
      expect(bradleyTerry.priorCurvature([0.3, -1, 2], prior)[1]).to.be.closeTo(-bend, 1e-8);
    }
    const { theta } = bradleyTerry.fit(data, { prior: { gaussian: 1.3 } });
    const slope = gradient(theta, data).map((g, i) => g + priorGradient(theta, { gaussian: 1.3 })[i]);
    close(slope, [0, 0, 0], 1e-8);
    const a = bradleyTerry.fit(data, { prior: { pseudoCount: 0.7 } });
    close(fitMinoriseMaximise(data, { prior: { pseudoCount: 0.7 } }).theta, a.theta, 1e-8);
    close(bradleyTerry.fit(comparisonsFromPairs([], { items: 3 }), { prior: { gaussian: 1 } }).theta, [0, 0, 0], 1e-12);
    expect(() => bradleyTerry.fit(data, { prior: { gaussian: 0 } })).to.throw(DomainError, "prior");
    expect(() => bradleyTerry.fit(data, { prior: { gauss: 1 } as never })).to.throw(DomainError, "prior");
    expect(() => fitMinoriseMaximise(data, { prior: { gaussian: 1 } })).to.throw(DomainError, "pseudoCount");
  });

  it("watching sees the start, the end, and a climb between", () => {
    const data = comparisonsFromWins([
      [0, 9],
      [1, 0],
    ]);
    for (const method of [bradleyTerry.fit, fitMinoriseMaximise]) {
      const path: number[][] = [];
      const { theta } = method(data, { watch: (at) => path.push(fixGauge(at)) });
      close(path[0], [0, 0], 0);
      close(path[path.length - 1], theta, 1e-12);
      for (let k = 1; k < path.length; k++) {
        expect(logLikelihood(path[k], data)).to.be.at.least(logLikelihood(path[k - 1], data) - 1e-12);
      }
    }
  });

  it("a weak prior on data with a finite estimate changes next to nothing", () => {
    const data = read(golden[2]);
    close(bradleyTerry.fit(data, { prior: { gaussian: 1e4 } }).theta, bradleyTerry.fit(data).theta, 1e-6);
  });

  it("answers that agree more than the flip rate allows: an error that names the item, and the prior as cure", () => {
    const data = comparisonsFromWins(
      [
        [0, 39],
        [1, 0],
      ],
      { names: ["tea", "mud"] },
    );
    expect(() => bradleyTerry.fit(data, { noise: { flip: 0.1 } })).to.throw(ConvergenceError, "Lower the rates");
    expect(bradleyTerry.fit(data, { noise: { flip: 0.1 }, prior: { gaussian: 1 } }).theta[0]).to.be.within(0.5, 5);
  });

  it("with flips, either finds a maximum or says that there is none: a hundred noisy tournaments", () => {
    let found = 0;
    for (const k of split(key(9), 100)) {
      const [abilities, answers, spoil] = split(k, 3);
      const data = flipLabels(spoil, simulateComparisons(answers, normal(abilities, 5), 20), 0.25);
      try {
        const { theta } = bradleyTerry.fit(data, { noise: { flip: 0.25 } });
        close(gradient(theta, data, { flip: 0.25 }), new Float64Array(5), 1e-8);
        expect(Math.max(...theta)).to.be.below(20);
        found++;
      } catch (error) {
        expect(error).to.be.instanceOf(ConvergenceError);
      }
    }
    expect(found).to.be.within(30, 99);
  });

  it("gauges: refuses a reference that is not an item", () => {
    expect(() => fixGauge([1, 2], { reference: 2 })).to.throw(DomainError, "0 to 1");
    expect(() => fixGauge([1, 2], "zero" as never)).to.throw(DomainError, "sum-zero");
  });
});
