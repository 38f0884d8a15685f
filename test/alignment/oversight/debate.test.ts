import { expect } from "chai";
import fc from "fast-check";
import { DomainError, ShapeError } from "rlhf-lab";
import {
  bisectionRounds,
  crossExamination,
  type Debate,
  debateValue,
  obfuscatedDetection,
  pixelDebate,
  quantifiedDebate,
  sumDebateCatches,
} from "rlhf-lab/alignment";

const verdict = (share: number): Debate => ({ verdict: share });

describe("debates", () => {
  it("a tree whose greatest, least and minimax verdicts differ, by hand", () => {
    const debate: Debate = {
      speaker: 0,
      statements: [
        { speaker: 1, statements: [verdict(0.9), verdict(0.1)] },
        { speaker: 1, statements: [verdict(0.4), verdict(0.6)] },
      ],
    };
    expect(debateValue(debate)).to.deep.equal({ value: 0.4, line: [1, 0] });
    const [a, b] = debate.statements;
    // The other one first: least of the greatest.
    const turned: Debate = {
      speaker: 1,
      statements: [a, b].map((turn) => ({ speaker: 0, statements: "statements" in turn ? turn.statements : [] })),
    };
    expect(debateValue(turned)).to.deep.equal({ value: 0.6, line: [1, 1] });
  });

  it("refuse a debate without statements and a verdict that is no share", () => {
    expect(() => debateValue({ speaker: 0, statements: [] })).to.throw(ShapeError, "at least one");
    expect(() => debateValue(verdict(Number.NaN))).to.throw(DomainError, "verdict");
    expect(() => debateValue(verdict(1.5))).to.throw(DomainError, "from 0 to 1");
  });
});

/** The pixel debate by brute force: every order of showing. */
function solved(ratios: readonly number[], turns: number, honestMoves: boolean): number {
  if (turns === 0 || ratios.length === 0) return 0;
  const values = ratios.map(
    (ratio, i) => ratio + solved([...ratios.slice(0, i), ...ratios.slice(i + 1)], turns - 1, !honestMoves),
  );
  return honestMoves ? Math.max(...values) : Math.min(...values);
}

describe("pixel debate", () => {
  it("equals the solved game, for either order of play and any number of turns (property)", () => {
    const ratios = fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 0, maxLength: 6 });
    fc.assert(
      fc.property(ratios, fc.integer({ min: 0, max: 6 }), fc.boolean(), (logRatios, shown, honestFirst) => {
        const played = pixelDebate(logRatios, { shown, prior: 2, first: honestFirst ? "honest" : "liar" });
        expect(played.logOdds).to.equal(2 + solved(logRatios, Math.min(shown, logRatios.length), honestFirst));
        const all = [...played.honest, ...played.liar];
        expect(new Set(all).size).to.equal(Math.min(shown, logRatios.length));
      }),
      { numRuns: 300 },
    );
  });

  it("by hand: not by size of the ratio, and with the prior", () => {
    const ratios = [3, 2, -2.5, -0.1];
    const two = pixelDebate(ratios, { shown: 2, prior: 0.25 });
    expect(two).to.deep.equal({ logOdds: 0.75, honest: [0], liar: [2] });
    expect(pixelDebate(ratios, { shown: 4, prior: 0.3 }).logOdds).to.be.closeTo(2.7, 1e-12);
    expect(pixelDebate(ratios, { shown: 3 }).logOdds).to.equal(2.5);
    expect(pixelDebate(ratios, { shown: 3, first: "liar" }).logOdds).to.be.closeTo(0.4, 1e-12);
    expect(pixelDebate([], { shown: 4, prior: -1 }).logOdds).to.equal(-1);
  });

  it("refuses what is no number", () => {
    expect(() => pixelDebate([Number.NaN], { shown: 1 })).to.throw(DomainError, "logRatios[0]");
    expect(() => pixelDebate([1], { shown: 1.5 })).to.throw(DomainError, "shown");
    expect(() => pixelDebate([1], { shown: 1, prior: Number.POSITIVE_INFINITY })).to.throw(DomainError, "prior");
  });
});

describe("quantified debate", () => {
  it("finds the truth of every formula of three variables, with one judged line (property)", () => {
    const quantifier = fc.constantFrom("exists" as const, "forAll" as const);
    const table = fc.array(fc.boolean(), { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(fc.tuple(quantifier, quantifier, quantifier), table, (quantifiers, rows) => {
        const holds = ([x, y, z]: readonly boolean[]) => rows[(x ? 4 : 0) + (y ? 2 : 0) + (z ? 1 : 0)];
        const [some, all] = [
          (f: (v: boolean) => boolean) => f(false) || f(true),
          (f: (v: boolean) => boolean) => f(false) && f(true),
        ];
        const of = (i: number) => (quantifiers[i] === "exists" ? some : all);
        const truth = of(0)((x) => of(1)((y) => of(2)((z) => holds([x, y, z]))));
        const debate = quantifiedDebate(quantifiers, holds);
        expect(debate.truth).to.equal(truth);
        expect(holds(debate.line)).to.equal(truth);
        expect(debate.evaluations).to.equal(8);
        expect(debate.judged).to.equal(1);
      }),
    );
  });

  it("refuses too many variables, none, and other words", () => {
    expect(() => quantifiedDebate([], () => true)).to.throw(DomainError, "1 to 20");
    expect(() => quantifiedDebate(["some" as "exists"], () => true)).to.throw(DomainError, "quantifiers[0]");
  });
});

/** The least probability of being caught, over all integer ways to split a lie, by recursion. */
function leastCaught(depth: number, lie: number, tolerance: number, error: number): number {
  if (depth === 0) return Math.abs(lie) > tolerance ? 1 : 0;
  let least = 1;
  for (let first = -2; first <= lie + 2; first++) {
    const [a, b] = [first, lie - first].map((part) => leastCaught(depth - 1, part, tolerance, error));
    least = Math.min(least, (1 - error) * Math.max(a, b) + error * Math.min(a, b));
  }
  return least;
}

describe("sum debate, obfuscated arguments, cross-examination", () => {
  it("a lie is caught as often as the best of all ways to split it allows", () => {
    for (const lie of [0, 1, 3, 4, 5, 9]) {
      for (const tolerance of [0, 1]) {
        const caught = sumDebateCatches({ depth: 2, lie, tolerance, challengerError: 0.1 });
        expect(caught, `${lie}, ${tolerance}`).to.be.closeTo(leastCaught(2, lie, tolerance, 0.1), 1e-12);
      }
    }
    // 0.95^10, by hand
    expect(sumDebateCatches({ depth: 10, lie: 1, tolerance: 0, challengerError: 0.05 })).to.be.closeTo(0.598737, 1e-6);
    expect(() => sumDebateCatches({ depth: 1, lie: 1, tolerance: -1 })).to.throw(DomainError, "tolerance");
    expect(() => sumDebateCatches({ depth: 1, lie: 1, tolerance: 0, challengerError: 0.6 })).to.throw(
      DomainError,
      "1/2",
    );
  });

  it("a flaw that nobody can name is found once in as many challenges as there are steps", () => {
    expect(obfuscatedDetection({ steps: 64 })).to.equal(1 / 64);
    expect(obfuscatedDetection({ steps: 4, challenges: 9 })).to.equal(1);
    expect(obfuscatedDetection({ steps: 64, flawIsKnown: true })).to.equal(1);
    expect(obfuscatedDetection({ steps: 64, flawIsKnown: true, challenges: 0 })).to.equal(0);
    expect([1, 2, 3, 64, 65].map(bisectionRounds)).to.deep.equal([0, 1, 2, 6, 7]);
    expect(() => obfuscatedDetection({ steps: 0 })).to.throw(DomainError, "steps");
  });

  it("a witness bound to a reading escapes 1 / k, one who is not escapes always", async () => {
    for (const k of [1, 2, 3, 5]) {
      const refutesAllBut = Array.from({ length: k }, (_, r) => Array.from({ length: k }, (_, q) => (q === r ? 1 : 0)));
      const { bound, adaptive } = await crossExamination(refutesAllBut);
      expect(bound).to.be.closeTo(1 / k, 1e-9);
      expect(adaptive).to.equal(1);
    }
    // Three questions against two readings: mixed by hand, 5/8 of the first reading.
    const { bound, adaptive } = await crossExamination([
      [0.2, 0.8, 1],
      [1, 0, 1],
    ]);
    expect(bound).to.be.closeTo(0.5, 1e-9);
    expect(adaptive).to.equal(0.8);
  });
});
