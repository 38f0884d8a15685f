// Attacks, guards, evaluation, revision of texts.
import { expect } from "chai";
import fc from "fast-check";
import {
  alarmPrecision,
  attackSuccess,
  consistency,
  guardedLeak,
  type RedTeamSearch,
  redTeam,
  reviseText,
  type TextChecker,
} from "../../lib/src/constitution/index.js";
import { DomainError, ShapeError } from "../../lib/src/core/index.js";
import { mean, wilsonInterval } from "../../lib/src/numerics/index.js";
import { foldIn, type Key, key } from "../../lib/src/random/index.js";

/** All prompts of three of five words; what breaks is 4 4 4, and the nearer the better. */
const words = [0, 1, 2, 3, 4];
const search: RedTeamSearch = {
  words,
  length: 3,
  objective: (prompt) => prompt.filter((word) => word === 4).length / 3,
  budget: 400,
  threshold: 1,
};
const slopes = () => [0, 1, 2].map(() => words.map((word) => Number(word === 4)));
const attacks: Record<string, (k: Key, s: RedTeamSearch) => ReturnType<typeof redTeam.random>> = {
  random: redTeam.random,
  fromList: (k, s) =>
    redTeam.fromList(k, s, [
      [1, 2, 3],
      [4, 4, 4],
    ]),
  hillClimb: redTeam.hillClimb,
  evolve: redTeam.evolve,
  tokenGradient: (k, s) => redTeam.tokenGradient(k, s, slopes),
  mapElites: (k, s) => redTeam.mapElites(k, s, ([first]) => first),
};
const many = Array.from({ length: 60 }, (_, i) => foldIn(key(7), i));

describe("red teams", () => {
  for (const [name, attack] of Object.entries(attacks)) {
    it(`${name}: asks what it may, counts what it asks, reports the best of it`, () => {
      for (const k of many) {
        let asked = 0;
        const seen: number[] = [];
        const run = attack(k, {
          ...search,
          budget: 30,
          objective: (prompt) => {
            asked++;
            expect(prompt).to.have.length(3);
            expect(prompt.every((word) => words.includes(word))).to.equal(true);
            seen.push(search.objective(prompt));
            return seen[seen.length - 1];
          },
        });
        expect(asked).to.be.at.most(30);
        expect(run.value).to.equal(seen.reduce((a, b) => Math.max(a, b)));
        expect(run.succeeded).to.equal(run.value >= 1);
        if (name === "tokenGradient") expect(run.queries).to.be.at.least(asked);
        else if (run.succeeded) expect(run.queries).to.equal(asked);
        else expect(run.queries).to.equal(30);
        expect(search.objective(run.best)).to.equal(run.value);
      }
    });
  }

  it("are the same again for the same key, and go on if told to", () => {
    for (const attack of Object.values(attacks)) {
      expect(attack(key(3), search)).to.deep.equal(attack(key(3), search));
      const more = attack(key(3), { ...search, threshold: 0.6, goOn: true });
      expect(more.found.length).to.be.above(attack === attacks.fromList ? 0 : 1);
      expect(new Set(more.found.map(String)).size).to.equal(more.found.length);
    }
  });

  it("draw blindly as a geometric law says, and climb faster where there is a slope", () => {
    const queries = (attack: (typeof attacks)[string]) =>
      many.map((k) => attack(k, { ...search, budget: 5000 }).queries);
    const blind = mean(queries(redTeam.random));
    expect(blind).to.be.within(125 - 5 * (125 / Math.sqrt(60)), 125 + 5 * (125 / Math.sqrt(60)));
    for (const name of ["hillClimb", "evolve", "tokenGradient"]) {
      expect(mean(queries(attacks[name])), name).to.be.below(blind / 2);
    }
  });

  it("keep the best of each kind", () => {
    const { archive } = redTeam.mapElites(key(1), { ...search, goOn: true }, ([first]) => first);
    expect([...archive.keys()].sort()).to.deep.equal(words);
    expect(archive.get(4)?.value).to.equal(1);
    expect(archive.get(0)?.value).to.be.closeTo(2 / 3, 1e-12);
  });

  it("refuse a search that cannot be", () => {
    const bad = [{ words: [1] }, { length: 0 }, { budget: 0.5 }, { objective: () => Number.NaN }];
    for (const attack of Object.values(attacks)) {
      for (const one of bad) expect(() => attack(key(1), { ...search, ...one })).to.throw(DomainError);
    }
    expect(() => redTeam.fromList(key(1), search, [])).to.throw(DomainError);
    expect(() => redTeam.evolve(key(1), search, { population: 1 })).to.throw(DomainError);
  });
});

describe("attackSuccess", () => {
  it("counts prompts for the rate, tries for the mean, and the worst apart", () => {
    const seen = attackSuccess([[false, true, true, false], [false], [false, false], [false]]);
    expect(seen.rate).to.equal(0.25);
    expect(seen.interval).to.deep.equal(wilsonInterval(1, 4));
    expect(seen.perTry).to.equal(2 / 8);
    expect([seen.worst, seen.worstPrompt]).to.deep.equal([0.5, 0]);
    expect(() => attackSuccess([])).to.throw(DomainError);
    expect(() => attackSuccess([[true], []])).to.throw(DomainError);
  });
});

describe("guards", () => {
  it("let through leak (1 - TPR) minus the covariance", () => {
    const p = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(p, p, fc.double({ min: 0.1, max: 2, noNaN: true })), { minLength: 1 }), (rows) => {
        const [leak, flag, weights] = [0, 1, 2].map((k) => rows.map((row) => row[k]));
        const total = weights.reduce((a, b) => a + b);
        const average = (f: (x: number) => number) => weights.reduce((s, w, x) => s + w * f(x), 0) / total;
        const [l, f] = [average((x) => leak[x]), average((x) => flag[x])];
        const seen = guardedLeak(leak, flag, weights);
        const covariance = average((x) => (leak[x] - l) * (flag[x] - f));
        expect(seen.guarded).to.be.closeTo(l * (1 - f) - covariance, 1e-9);
        expect(seen.ifIndependent).to.be.closeTo(l * (1 - f), 1e-9);
      }),
    );
    expect(() => guardedLeak([0.5], [1.5])).to.throw(DomainError);
    expect(() => guardedLeak([0.5], [0.5, 0.5])).to.throw(ShapeError);
    expect(() => guardedLeak([], [])).to.throw(DomainError);
    expect(() => guardedLeak([0.5], [0.5], [0])).to.throw(DomainError);
  });

  it("cry wolf as Bayes says", () => {
    const rates = { prevalence: 0.001, truePositives: 0.5, falsePositives: 0.01 };
    expect(alarmPrecision(rates)).to.be.closeTo(5e-4 / (5e-4 + 0.00999), 1e-12);
    expect(alarmPrecision({ ...rates, falsePositives: 0 })).to.equal(1);
    expect(() => alarmPrecision({ ...rates, prevalence: 0, falsePositives: 0 })).to.throw(DomainError);
    expect(() => alarmPrecision({ ...rates, truePositives: Number.NaN })).to.throw(DomainError);
  });
});

describe("consistency", () => {
  it("is the mean over pairs of different prompts, as a double loop has it", () => {
    const groups = [
      [
        [0.5, 0.5],
        [1, 0],
        [0.2, 0.8],
      ],
      [
        [1, 0],
        [1, 0],
      ],
      [[0.3, 0.7]],
    ];
    const pair = (a: number[], b: number[]) => a[0] * b[0] + a[1] * b[1];
    const [a, b, c] = groups[0];
    expect(consistency(groups)).to.be.closeTo(((pair(a, b) + pair(a, c) + pair(b, c)) / 3 + 1) / 2, 1e-12);
    expect(() => consistency([[[1, 0]]])).to.throw(DomainError);
    expect(() =>
      consistency([
        [
          [0.5, 0.4],
          [1, 0],
        ],
      ]),
    ).to.throw(DomainError);
  });
});

describe("reviseText", () => {
  const swap =
    (from: string, ...suggestions: string[]): TextChecker =>
    (text) =>
      [...text.matchAll(new RegExp(from, "g"))].map(({ index, 0: found }) => ({
        start: index,
        end: index + found.length,
        rule: from,
        suggestions,
      }));

  it("writes first suggestions, all of a round at once, and keeps what has none", () => {
    const seen = reviseText("a bb a cc", [swap("a", "x", "y"), swap("bb"), swap("cc", "d")], 3);
    expect(seen.text).to.equal("x bb x d");
    expect(seen.violations).to.deep.equal([4, 1, 1, 1]);
  });

  it("takes the first of two that overlap, and the other in the next round, if it is still there", () => {
    const seen = reviseText("abc", [swap("bc", "z"), swap("ab", "q")], 1);
    expect(seen.text).to.equal("qc");
    expect(reviseText("aa", [swap("a", "aa")], 2)).to.deep.equal({ text: "aaaaaaaa", violations: [2, 4, 8] });
    expect(reviseText("a", [swap("a", "b")], 0)).to.deep.equal({ text: "a", violations: [1] });
  });

  it("refuses rounds that are none and places outside of the text", () => {
    expect(() => reviseText("a", [], 0.5)).to.throw(DomainError);
    const outside: TextChecker = () => [{ start: 0, end: 5, rule: "r", suggestions: ["b"] }];
    expect(() => reviseText("a", [outside], 1)).to.throw(DomainError);
  });
});
