import { readFileSync } from "node:fs";
import { expect } from "chai";
import fc from "fast-check";
import { ConvergenceError, DomainError, ShapeError } from "../../lib/src/core/index.js";
import { exploitability } from "../../lib/src/games/index.js";
import { linearProgram, normalCdf } from "../../lib/src/numerics/index.js";
import { key, uniform } from "../../lib/src/random/index.js";
import {
  alphaRank,
  eloExpected,
  eloOnline,
  eloRatings,
  eloUpdate,
  fixationProbability,
  nashAverage,
  newcomer,
  trueSkillDuel,
  winRateLogits,
} from "../../lib/src/selfplay/ratings/index.js";

interface Case {
  desc: string;
  kind: string;
  payoffs: number[][];
  population: number;
  alpha: number;
  local?: boolean;
  law: number[];
  wins: number[][];
  ratings?: number[];
  lead: number;
  mixture: number[];
  winner: [number, number];
  loser: [number, number];
  draw: [number, number];
}

const golden = (name: string) => JSON.parse(readFileSync(`test/golden/${name}.json`, "utf8")) as Case[];
const cases = (kind: string) => [...golden("games"), ...golden("open-spiel")].filter((known) => known.kind === kind);
const near = (values: ArrayLike<number>, wanted: ArrayLike<number>, within: number) => {
  expect(values.length).to.equal(wanted.length);
  Array.from(values).forEach((value, i) => {
    expect(value, `[${i}]`).to.be.closeTo(wanted[i], within);
  });
};
const rejects = async (promise: Promise<unknown>, kind: typeof DomainError, words: string) => {
  const error = await promise.then(
    () => undefined,
    (thrown) => thrown as Error,
  );
  expect(error).to.be.instanceOf(kind);
  expect(error?.message).to.include(words);
};

/** A beats B beats C beats A with odds of 9; then copies of C. */
const circle = (copies: number) => {
  const kinds = [0, 1, 2, ...new Array<number>(copies).fill(2)];
  return kinds.map((own) => kinds.map((other) => (own === other ? 0.5 : (own + 1) % 3 === other ? 0.9 : 0.1)));
};
const asWins = (rates: number[][]) => rates.map((row, i) => row.map((rate, j) => (i === j ? 0 : rate)));

describe("Elo", () => {
  it("expects 10 to 1 at 400 points, and moves both alike", () => {
    expect(eloExpected(400, 0)).to.be.closeTo(10 / 11, 1e-15);
    expect(eloExpected(1500, 1500)).to.equal(0.5);
    expect(eloUpdate([0, 0], 1, { k: 16 })).to.deep.equal([8, -8]);
    expect(eloUpdate([100, 100], 0.5, { k: 16 })).to.deep.equal([100, 100]);
    near(eloUpdate([400, 0], 1, { k: 32 }), [400 + 32 / 11, -32 / 11], 1e-12);
  });

  it("plays one game after another, with the ratings of the game before", () => {
    const seen: number[] = [];
    const ratings = eloOnline(
      3,
      [
        [0, 1, 1],
        [1, 2, 0],
        [2, 0, 0.5],
      ],
      { k: 16, watch: (now) => void seen.push(now[0]) },
    );
    let [a, b, c] = [0, 0, 0];
    [a, b] = eloUpdate([a, b], 1, { k: 16 });
    [b, c] = eloUpdate([b, c], 0, { k: 16 });
    [c, a] = eloUpdate([c, a], 0.5, { k: 16 });
    near(ratings, [a, b, c], 1e-12);
    expect(seen).to.deep.equal([8, 8, a]);
  });

  for (const known of cases("elo")) {
    it(known.desc, () => {
      const ratings = eloRatings(known.wins);
      expect(ratings.reduce((sum, rating) => sum + rating, 0)).to.be.closeTo(0, 1e-9);
      if (known.ratings === undefined) {
        expect(ratings[0]).to.be.closeTo(ratings[2], 1e-9);
        expect(ratings[0] - ratings[1]).to.be.closeTo(known.lead, 1e-4);
      } else {
        const shift = ratings[0] - known.ratings[0];
        near(
          ratings.map((rating) => rating - shift),
          known.ratings,
          1e-4,
        );
      }
    });
  }

  it("sees nothing in a circle, and something that is not there when one is copied", () => {
    near(eloRatings(asWins(circle(0))), [0, 0, 0], 1e-9);
    near(eloRatings(asWins(circle(5))).slice(0, 3), [-204.508, 204.508, 0], 1e-3);
  });

  it("refuses what is no score, no rating, no count; and says who has no finite rating", () => {
    expect(() => eloExpected(Number.NaN, 0)).to.throw(DomainError, "rating");
    expect(() => eloUpdate([0, 0], 1.5, { k: 16 })).to.throw(DomainError, "score");
    expect(() => eloUpdate([0, 0], 1, { k: 0 })).to.throw(DomainError, "k");
    expect(() => eloUpdate([0, Number.POSITIVE_INFINITY], 1, { k: 1 })).to.throw(DomainError, "other");
    expect(() => eloOnline(1, [], { k: 16 })).to.throw(DomainError, "at least 2");
    expect(() => eloOnline(2, [[0, 2, 1]], { k: 16 })).to.throw(DomainError, "game 0");
    expect(() => eloOnline(2, [[1, 1, 1]], { k: 16 })).to.throw(DomainError, "two different");
    expect(() => eloOnline(2, [], { k: 16, start: [0] })).to.throw(ShapeError, "start");
    expect(() => eloRatings([[0]])).to.throw(DomainError, "at least 2");
    expect(() => eloRatings([[0, 1], [0]])).to.throw(ShapeError, "wins[1]");
    expect(() =>
      eloRatings([
        [0, -1],
        [1, 0],
      ]),
    ).to.throw(DomainError, "wins[0][1]");
    expect(() =>
      eloRatings([
        [0, Number.NaN],
        [1, 0],
      ]),
    ).to.throw(DomainError, "wins[0][1]");
    expect(() =>
      eloRatings([
        [1, 1],
        [1, 0],
      ]),
    ).to.throw(DomainError, "wins[0][0]");
    expect(() =>
      eloRatings([
        [0, 1],
        [0, 0],
      ]),
    ).to.throw(ConvergenceError);
  });
});

describe("alpha-rank", () => {
  for (const known of cases("alphaRank")) {
    it(known.desc, () => {
      near(alphaRank(known.payoffs, known), known.law, 1e-8);
    });
  }

  it("fixes a neutral mutant in one of m cases, and a better one as the gambler's ruin says", () => {
    const neutral = [
      [3, 3],
      [3, 3],
    ];
    expect(fixationProbability(neutral, 0, 1, { population: 50, alpha: 7 })).to.be.closeTo(1 / 50, 1e-12);
    // A mutant ahead by d against everybody: (1 - r) / (1 - r^m) with r = exp(-alpha d).
    const ahead = [
      [1, 1],
      [0, 0],
    ];
    const r = Math.exp(-0.3);
    // With alike payoffs for all opponents it does not matter whom one meets.
    expect(fixationProbability(neutral, 0, 1, { population: 50, alpha: 7, local: true })).to.be.closeTo(1 / 50, 1e-12);
    for (const [mutant, resident] of [
      [0, 1],
      [1, 0],
    ]) {
      const [everybody, other] = [false, true].map((local) =>
        fixationProbability(ahead, mutant, resident, { population: 20, alpha: 0.3, local }),
      );
      expect(other).to.be.closeTo(everybody, 1e-14);
    }
    const ruin = (1 - r) / (1 - r ** 20);
    expect(fixationProbability(ahead, 0, 1, { population: 20, alpha: 0.3 })).to.be.closeTo(ruin, 1e-12);
    expect(alphaRank(ahead, { population: 20, alpha: 0.3 })[1]).to.be.closeTo(1 / (1 + Math.exp(0.3 * 19)), 1e-12);
  });

  it("is a law that the chain keeps, whatever is added to payoffs or moved between them and alpha (property)", () => {
    const games = fc.integer({ min: 2, max: 6 }).chain((n) =>
      fc.array(fc.array(fc.integer({ min: -5, max: 5 }), { minLength: n, maxLength: n }), {
        minLength: n,
        maxLength: n,
      }),
    );
    fc.assert(
      fc.property(games, fc.integer({ min: 2, max: 30 }), (payoffs, population) => {
        const options = { population, alpha: 0.2 };
        const law = alphaRank(payoffs, options);
        expect(law.reduce((a, b) => a + b, 0)).to.be.closeTo(1, 1e-12);
        payoffs.forEach((_, i) => {
          // What comes in goes out.
          let net = 0;
          let out = 0;
          payoffs.forEach((_, j) => {
            if (i === j) return;
            out += law[i] * fixationProbability(payoffs, j, i, options);
            net += law[j] * fixationProbability(payoffs, i, j, options);
          });
          expect(net - out).to.be.closeTo(0, 1e-13);
        });
        const moved = payoffs.map((row) => row.map((payoff) => 1000 * (payoff + 3)));
        near(alphaRank(moved, { population, alpha: 0.2 / 1000 }), law, 1e-9);
      }),
      { numRuns: 40 },
    );
  });

  it("knows its limits: all alike without selection, the circle alike, the cycle alone for strong selection", () => {
    const payoffs = [
      [0, -1, 1, 2],
      [1, 0, -1, 2],
      [-1, 1, 0, 2],
      [-2, -2, -2, 0],
    ];
    near(alphaRank(payoffs, { population: 30, alpha: 0 }), [0.25, 0.25, 0.25, 0.25], 1e-12);
    const strong = alphaRank(payoffs, { population: 100, alpha: 1e4 }); // rates down to exp(-1e6)
    near(strong, [1 / 3, 1 / 3, 1 / 3, 0], 1e-9);
  });

  it("refuses one strategy, one individual, a negative selection and NaN", () => {
    const game = [
      [0, 1],
      [-1, 0],
    ];
    expect(() => alphaRank([[0]], { population: 10, alpha: 1 })).to.throw(ShapeError, "at least two");
    expect(() => alphaRank(game, { population: 1, alpha: 1 })).to.throw(DomainError, "population");
    expect(() => alphaRank(game, { population: 10, alpha: -1 })).to.throw(DomainError, "alpha");
    expect(() =>
      alphaRank(
        [
          [0, Number.NaN],
          [0, 0],
        ],
        { population: 10, alpha: 1 },
      ),
    ).to.throw(DomainError, "[0][1]");
    expect(() => alphaRank([[0, 1], [0]], { population: 10, alpha: 1 })).to.throw(ShapeError, "payoffs[1]");
    expect(() => fixationProbability(game, 0, 2, { population: 10, alpha: 1 })).to.throw(DomainError, "0 to 1");
  });
});

describe("Nash averaging", () => {
  it("gives all to the one who beats all", async () => {
    const [known] = cases("nashAverage");
    const { mixture, skills } = await nashAverage(known.payoffs);
    near(mixture, known.mixture, 1e-12);
    near(skills, [-270, -464, -270, 0], 1e-9);
  });

  it("lets copies share a place: all skills 0, nobody else's share changes", async () => {
    const { mixture, skills } = await nashAverage(winRateLogits(circle(5)));
    near(mixture, [1 / 3, 1 / 3, ...new Array<number>(6).fill(1 / 18)], 1e-9);
    near(skills, new Array<number>(8).fill(0), 1e-12);
  });

  it("is an equilibrium, of no less entropy than others, whatever the unit (property)", async () => {
    const games = fc.integer({ min: 2, max: 5 }).chain((n) =>
      fc.array(fc.array(fc.integer({ min: -2, max: 2 }), { minLength: n, maxLength: n }), {
        minLength: n,
        maxLength: n,
      }),
    );
    await fc.assert(
      fc.asyncProperty(games, async (numbers) => {
        const payoffs = numbers.map((row, i) =>
          row.map((_, j) => (i === j ? 0 : i < j ? numbers[i][j] : -numbers[j][i])),
        );
        const { mixture } = await nashAverage(payoffs);
        expect(exploitability(payoffs, mixture, mixture)).to.be.closeTo(0, 1e-8);
        const entropy = (x: ArrayLike<number>) =>
          Array.from(x).reduce((sum, p) => (p > 0 ? sum - p * Math.log(p) : sum), 0);
        // Other equilibria on a grid of sixths, and mixtures of ours with them, have no more.
        for (const other of simplexGrid(payoffs.length, 6)) {
          if (exploitability(payoffs, other, other) > 1e-12) continue;
          expect(entropy(other)).to.be.at.most(entropy(mixture) + 1e-8);
          const between = other.map((p, i) => 0.9 * mixture[i] + 0.1 * p);
          expect(entropy(between)).to.be.at.most(entropy(mixture) + 1e-8);
        }
        const million = await nashAverage(payoffs.map((row) => row.map((payoff) => payoff * 1e6)));
        near(million.mixture, mixture, 1e-8);
      }),
      { numRuns: 40 },
    );
  });

  it("holds those who would earn more than 0 to it, and lets them go again", async () => {
    // Five alike, and one who beats some of them: x ~ exp(-price x what it wins), so that it wins 0.
    const wins = [3, 3, -1, 2, 1, 0];
    const one = wins.map((_, i) => wins.map((_, j) => (i === 5 ? wins[j] : j === 5 ? -wins[i] : 0)));
    const { mixture, skills } = await nashAverage(one);
    const price = 1.9525700625687 / 3; // where sum_i wins_i exp(-price wins_i) = 0
    const weights = wins.slice(0, 5).map((won) => Math.exp(-price * won));
    const total = weights.reduce((a, b) => a + b);
    near(mixture, [...weights.map((w) => w / total), 0], 1e-9);
    expect(skills[5]).to.be.closeTo(0, 1e-9);
    // Found by search: the first who is held must be let go.
    const upper = [
      [0, 0, 0, 0, -1, 1, 0],
      [0, 0, 0, 0, -1, 1, -3],
      [0, 0, 0, 0, 1, 1, 2],
      [0, 0, 0, 0, -1, 1, -1],
      [1, 1, -1, 1, 0, 2, 2],
      [-1, -1, -1, -1, -2, 0, -1],
      [0, 3, -2, 1, -2, 1, 0],
    ];
    const freed = await nashAverage(upper);
    expect(exploitability(upper, freed.mixture, freed.mixture)).to.be.closeTo(0, 1e-9);
    const entropy = (x: ArrayLike<number>) =>
      Array.from(x).reduce((sum, p) => (p > 0 ? sum - p * Math.log(p) : sum), 0);
    for (const other of simplexGrid(4, 24)) {
      const whole = [...other, 0, 0, 0];
      if (exploitability(upper, whole, whole) > 1e-12) continue;
      expect(entropy(whole)).to.be.at.most(entropy(freed.mixture) + 1e-9);
    }
  });

  /**
   * By how much the slope of the entropy at x is greater towards another equilibrium than at x: at most 0 if and only
   * if x is the one of greatest entropy. By a linear program over all equilibria; and what else these could give to
   * those whom x leaves out.
   */
  async function notMostMixed(payoffs: number[][], x: Float64Array): Promise<{ slope: number; leftOut: number }> {
    const most = async (maximise: number[]) => {
      const subjectTo = [...payoffs.map((form) => ({ form, atMost: 0 })), { form: payoffs.map(() => 1), equals: 1 }];
      return (await linearProgram({ variables: payoffs.length, maximise, subjectTo })).value;
    };
    const surprise = Array.from(x, (p) => (p > 0 ? -Math.log(p) : 0));
    const entropy = surprise.reduce((sum, s, i) => sum + s * x[i], 0);
    const absent = Array.from(x, (p) => (p > 0 ? 0 : 1));
    return { slope: (await most(surprise)) - entropy, leftOut: await most(absent) };
  }

  it("lets one go before it holds the next, where both cannot earn 0 together", async () => {
    // 2 and 3 play. At one half each 0 and 4 would earn alike; held to 0 both, nothing is left.
    const five = [
      [0, 2, 2, -1, -2],
      [-2, 0, -3, -2, 1],
      [-2, 3, 0, 0, -3],
      [1, 2, 0, 0, 2],
      [2, -1, 3, -2, 0],
    ];
    near((await nashAverage(five)).mixture, [0, 0, 1 / 3, 2 / 3, 0], 1e-9);
    // Found by search, as others of which the same was true.
    const eight = [
      [0, -3, -4, -3, 0, 1, 2, 0],
      [3, 0, 0, -3, -3, 0, 0, -3],
      [4, 0, 0, 0, 0, 0, 0, -3],
      [3, 3, 0, 0, 1, -3, -2, 0],
      [0, 3, 0, -1, 0, 2, 0, -1],
      [-1, 0, 0, 3, -2, 0, 0, 0],
      [-2, 0, 0, 2, 0, 0, 0, -3],
      [0, 3, 3, 0, 1, 0, 3, 0],
    ];
    const { mixture } = await nashAverage(eight);
    expect(exploitability(eight, mixture, mixture)).to.be.closeTo(0, 1e-8);
    const { slope, leftOut } = await notMostMixed(eight, mixture);
    expect(slope).to.be.closeTo(0, 1e-7);
    expect(leftOut).to.be.closeTo(0, 1e-7);
  });

  it("is the most mixed one in 150 games full of ties, zeros and copies", async () => {
    for (let game = 1; game <= 150; game++) {
      const draws = uniform(key(game), 400);
      const n = 3 + (game % 8);
      const payoff = (i: number, j: number) =>
        draws[200 + 10 * i + j] < (game % 3) / 4 ? 0 : Math.floor(draws[10 * i + j] * 7) - 3;
      const payoffs = Array.from({ length: n }, (_, i) =>
        Array.from({ length: n }, (_, j) => (i === j ? 0 : i < j ? payoff(i, j) : -payoff(j, i))),
      );
      const { mixture } = await nashAverage(payoffs);
      expect(exploitability(payoffs, mixture, mixture), `game ${game}`).to.be.closeTo(0, 1e-7);
      const { slope, leftOut } = await notMostMixed(payoffs, mixture);
      expect(slope, `game ${game}`).to.be.closeTo(0, 1e-6);
      expect(leftOut, `game ${game}`).to.be.closeTo(0, 1e-6);
    }
  });

  it("says so where payoffs differ so much that the solver gives up", async () => {
    const upper = [
      [-5.2e-7, 0.0963, -7e-6, -9.2e-4, -1e-5, -1.7e-7, 4.7e-5],
      [-0.0826, -0.0779, 4e-3, -4.5e-6, 0.0231, 3.9e-6],
      [9.4e-7, -1.1e-6, -2.5e-6, -6.5e-8, -8.8e-8],
      [-9.6e-7, -2.8e-7, 8.5e-5, -3.9e-4],
      [-0.0719, 5.6e-4, -2.7e-3],
      [-0.0457, 9.3e-6],
      [6.7e-3],
      [],
    ];
    const payoffs = upper.map((_, i) =>
      upper.map((_row, j) => (i === j ? 0 : i < j ? upper[i][j - i - 1] : -upper[j][i - j - 1])),
    );
    await rejects(nashAverage(payoffs), ConvergenceError, "very different sizes");
  });

  it("refuses games that are not zero-sum, and rates of 0 and 1", async () => {
    await rejects(
      nashAverage([
        [0, 1],
        [1, 0],
      ]),
      DomainError,
      "zero-sum",
    );
    await rejects(
      nashAverage([
        [0, Number.NaN],
        [Number.NaN, 0],
      ]),
      DomainError,
      "finite",
    );
    await rejects(nashAverage([[0, 1]]), ShapeError, "payoffs[0]");
    expect(() =>
      winRateLogits([
        [0.5, 1],
        [0, 0.5],
      ]),
    ).to.throw(DomainError, "rates[0][1]");
    expect(() => winRateLogits([[0.5, 0.1]])).to.throw(ShapeError, "rates[0]");
  });
});

/** All distributions whose probabilities are multiples of 1 / parts. */
function simplexGrid(n: number, parts: number): number[][] {
  const spread = (left: number, size: number): number[][] =>
    size === 1
      ? [[left]]
      : Array.from({ length: left + 1 }, (_, k) => spread(left - k, size - 1).map((rest) => [k, ...rest])).flat();
  return spread(parts, n).map((counts) => counts.map((count) => count / parts));
}

describe("TrueSkill", () => {
  const known = cases("trueSkill")[0];

  it("knows two newcomers after a win, a loss and a draw", () => {
    const [winner, loser] = trueSkillDuel(newcomer, newcomer, 1);
    near([winner.mean, winner.deviation], known.winner, 1e-6); // their error function has six digits
    near([loser.mean, loser.deviation], known.loser, 1e-6);
    expect(trueSkillDuel(newcomer, newcomer, 0)).to.deep.equal([loser, winner]);
    const [drawn] = trueSkillDuel(newcomer, newcomer, 0.5);
    near([drawn.mean, drawn.deviation], known.draw, 1e-3);
  });

  it("is the belief's own mean and variance, by integration", () => {
    const [first, second] = [
      { mean: 27, deviation: 3 },
      { mean: 22, deviation: 6 },
    ];
    const draws = 0.2;
    const performance = 4;
    const margin = 0.2533471031357997 * Math.SQRT2 * performance; // the 0.6 quantile of a normal
    const likelihood = {
      1: (a: number) => normalCdf((a - second.mean - margin) / Math.hypot(performance * Math.SQRT2, second.deviation)),
      0.5: (a: number) => {
        const spread = Math.hypot(performance * Math.SQRT2, second.deviation);
        return normalCdf((margin - a + second.mean) / spread) - normalCdf((-margin - a + second.mean) / spread);
      },
    };
    for (const score of [1, 0.5] as const) {
      let [mass, sum, squares] = [0, 0, 0];
      for (let a = first.mean - 30; a <= first.mean + 30; a += 0.01) {
        const weight = Math.exp(-((a - first.mean) ** 2) / (2 * first.deviation ** 2)) * likelihood[score](a);
        mass += weight;
        sum += weight * a;
        squares += weight * a * a;
      }
      const mean = sum / mass;
      const [after] = trueSkillDuel(first, second, score, { draws, performance, drift: 0 });
      expect(after.mean, `score ${score}`).to.be.closeTo(mean, 1e-6);
      expect(after.deviation, `score ${score}`).to.be.closeTo(Math.sqrt(squares / mass - mean ** 2), 1e-6);
    }
  });

  it("takes a surprise of any size, and refuses what is no skill", () => {
    const at = (mean: number) => trueSkillDuel({ mean: 0, deviation: 1 }, { mean, deviation: 1 }, 1)[0];
    for (const mean of [150, 180, 200, 900]) {
      expect(at(mean).deviation).to.be.within(0.9, 1);
      expect(at(mean).mean).to.be.greaterThan(at(mean - 1).mean);
    }
    expect(() => trueSkillDuel({ mean: Number.NaN, deviation: 1 }, newcomer, 1)).to.throw(DomainError, "first.mean");
    expect(() => trueSkillDuel(newcomer, { mean: 0, deviation: 0 }, 1)).to.throw(DomainError, "second.deviation");
    expect(() => trueSkillDuel(newcomer, newcomer, 2 as 1)).to.throw(DomainError, "score");
    expect(() => trueSkillDuel(newcomer, newcomer, 1, { draws: 1 })).to.throw(DomainError, "draws");
    expect(() => trueSkillDuel({ mean: 1e4, deviation: 1 }, newcomer, 0.5)).to.throw(DomainError, "draw");
  });
});
