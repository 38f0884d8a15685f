import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { DomainError } from "../../lib/src/core/index.js";
import {
  abilitiesByGradient,
  coverageAtTheTop,
  errata,
  errataSections,
  heavyTails,
  type Numbers,
  ownMistakes,
  printedMistakes,
} from "../../lib/src/errata/index.js";
import { bradleyTerry, comparisonsFromWins } from "../../lib/src/preferences/index.js";
import { key } from "../../lib/src/random/index.js";
import { program } from "../program.js";

const golden: { numbers: Record<string, Record<string, number>> } = JSON.parse(
  readFileSync("test/golden/errata.json", "utf8"),
);

describe("the errata", () => {
  it("have a name, a section and a quotation each, of a few words", () => {
    expect(new Set(errata.map(({ name }) => name)).size).to.equal(errata.length);
    expect(errata.length).to.be.at.least(60);
    for (const { name, section, quote, said, truth } of errata) {
      expect(name).to.match(/^[a-z][a-z0-9-]+$/);
      expect(errataSections, name).to.include(section);
      expect(quote.split(" ").length, `${name}: a few words, no sentence`).to.be.at.most(12);
      expect(said, name)
        .to.match(/^[a-z]/i)
        .and.not.match(/\.$/);
      expect(truth, name).to.not.match(/\.$/);
    }
  });

  it("reach every section of the text", () => {
    const reached = new Set(errata.map(({ section }) => section));
    expect(errataSections.filter((section) => !reached.has(section))).to.deep.equal([]);
  });

  it("say of some sentences that they are right", () => {
    expect(errata.filter(({ verdict }) => verdict === "right").length).to.be.at.least(12);
  });

  for (const { name, found } of errata) {
    it(`${name}: the numbers are as they were`, () => {
      const numbers = found();
      expect(Object.keys(numbers)).to.deep.equal(Object.keys(golden.numbers[name]));
      for (const [what, wanted] of Object.entries(golden.numbers[name])) {
        expect(numbers[what], what).to.be.closeTo(wanted, 1e-6 * Math.max(1, Math.abs(wanted)));
      }
    });
  }
});

/** Numbers that make a verdict: two that must agree, or differ, whatever their digits. */
describe("the verdicts", () => {
  const numbers = (name: string): Numbers => {
    const one = errata.find((erratum) => erratum.name === name);
    if (one === undefined) throw new Error(`no erratum is called ${name}`);
    return one.found();
  };
  const values = (name: string) => Object.values(numbers(name));

  it("right: what is said to be equal is equal", () => {
    for (const name of ["likelihood-gradient", "information-gain", "policy-gradient-theorem"]) {
      const [first, second] = values(name);
      expect(first, name).to.be.closeTo(second, 1e-8);
    }
    expect(values("bradley-terry-formula")[0]).to.be.below(1e-14);
    expect(values("autoregressive-product")[0]).to.be.closeTo(1, 1e-12);
  });

  it("wrong: a shift changes nothing, a scale does", () => {
    const [plain, shifted, scaled] = values("shift-not-scale");
    expect(shifted).to.equal(plain);
    expect(scaled).to.be.above(plain + 0.1);
  });

  it("wrong: with one term abilities run away, with both they come to the likelihood's maximum", () => {
    const wins = [
      [0, 6, 5],
      [4, 0, 7],
      [5, 3, 0],
    ];
    const spread = (theta: Float64Array) => Math.max(...theta) - Math.min(...theta);
    const one = abilitiesByGradient(wins, { terms: 1, rate: 0.05, steps: 4000 });
    const two = abilitiesByGradient(wins, { terms: 2, rate: 0.05, steps: 4000 });
    expect(spread(one[3999])).to.be.above(spread(one[1999]) + 0.2);
    const { theta } = bradleyTerry.fit(comparisonsFromWins(wins));
    two[3999].forEach((ability, i) => {
      expect(ability).to.be.closeTo(theta[i], 1e-9);
    });
    // The first step: each pair pulls by wins less half of the games, or by half of the first one's wins.
    expect(Array.from(two[0])).to.deep.equal([0.05 * (1 + 0), 0.05 * (-1 + 2), 0.05 * -2]);
    expect(Array.from(one[0], (x) => Math.round(x * 1e12) / 1e12)).to.deep.equal([0.275, 0.025, -0.3]);
    expect(() => abilitiesByGradient(wins, { terms: 1, rate: 0, steps: 1 })).to.throw(DomainError, "rate");
  });

  it("wrong: coverage at the top falls with the candidates, by quadrature too", () => {
    // P(estimate of the best - z <= truth): given the top estimate m, the truth is N(m / 2, 1 / 2).
    const coverage = (n: number, z: number) => {
      let total = 0;
      const h = 0.005;
      for (let m = -12; m < 16; m += h) {
        const x = m + h / 2;
        const density = Math.exp(-(x ** 2) / 4) / Math.sqrt(4 * Math.PI);
        total += n * density * phi(x / Math.SQRT2) ** (n - 1) * (1 - phi((x / 2 - z) * Math.SQRT2)) * h;
      }
      return total;
    };
    for (const n of [1, 10, 100]) {
      expect(coverageAtTheTop(key(n), n, 1.959964, 2000)).to.be.closeTo(
        coverage(n, 1.959964),
        4.5 * Math.sqrt(0.25 / 2000),
      );
    }
  });
});

/** The normal distribution function, by the series of erf. */
function phi(z: number): number {
  if (z > 6) return 1;
  if (z < -6) return 0;
  let [term, sum] = [z, z];
  for (let k = 1; k < 120; k++) {
    term *= (-z * z) / (2 * k);
    sum += term / (2 * k + 1);
  }
  return 0.5 + sum / Math.sqrt(2 * Math.PI);
}

describe("our own mistakes, and those in print", () => {
  const ours = (name: string) => Object.values(ownMistakes.find((one) => one.name === name)?.found() ?? {});
  const printed = (name: string) => Object.values(printedMistakes.find((one) => one.name === name)?.found() ?? {});

  it("have names of their own, and say where they stood", () => {
    const names = [...errata, ...ownMistakes, ...printedMistakes].map(({ name }) => name);
    expect(new Set(names).size).to.equal(names.length);
    for (const { source } of printedMistakes) expect(source).to.match(/issue|pull request|as stored at commit/);
  });

  it("are mistakes: what was said and what is so give different numbers, or the same where we said they differ", () => {
    expect(ours("a-law-with-no-derivation")).to.deep.equal([0.5, 0.5, 0.25, 0.5]);
    const [td, monteCarlo] = ours("monte-carlo-or-td");
    expect(td).to.be.closeTo(monteCarlo, 1e-15);
    const [bound, information] = ours("likelihood-and-information");
    expect(bound).to.be.below(information);
    expect(ours("a-sum-that-left-out-nan")).to.deep.equal([0, 1]);
    const [without, error, at] = ours("the-kl-that-doubled-the-utility");
    expect(Math.abs(at - without)).to.be.below(2 * error);
    const [reach, promise] = ours("two-theorems-in-one-sentence");
    expect(reach).to.be.closeTo(promise, 1e-9);
    expect(ours("backwards-is-half")).to.deep.equal([0, 0.8]);
  });

  it("k3 upside down averages what references give for swapped signs (0.0777171), k1 the KL's negative", () => {
    const [kl, k3, upsideDown, k1] = printed("k3-upside-down");
    expect(kl).to.be.closeTo(0.0822829, 1e-7);
    expect(k3).to.be.closeTo(kl, 1e-12);
    expect(upsideDown).to.be.closeTo(0.0777171, 1e-7);
    expect(k1).to.be.closeTo(-kl, 1e-12);
  });

  it("CPO's step on its limit raises the cost with the printed sign, and keeps it with the right one", () => {
    const [wrong, right] = printed("cpo-with-a-minus-too-many");
    expect(wrong).to.be.above(0.5);
    expect(right).to.be.closeTo(0, 1e-12);
  });

  it("losses of the wrong sign reward the wrong thing", () => {
    const [down, up] = printed("ppo-loss-without-its-minus");
    expect(down).to.be.closeTo(0.9, 1e-9);
    expect(up).to.be.closeTo(1.1, 1e-9);
    const [asPrinted, asMeant] = printed("pairwise-loss-of-the-wrong-sign");
    expect(asPrinted).to.be.above(3);
    expect(asMeant).to.be.below(0.05);
    expect(printed("minimising-the-maximum")).to.deep.equal([1.5, -1.2]);
    expect(printed("advantage-of-a-state-plus-an-action").slice(2)).to.deep.equal([0.5, 1.5]);
  });

  it("refuse bad input in words", () => {
    expect(() => heavyTails(key(1), 1, [0])).to.throw(DomainError, "worlds: expected a whole number of at least 2");
    expect(() => heavyTails(key(1), 3, [-1])).to.throw(DomainError, "betas[0]");
    expect(() => coverageAtTheTop(key(1), 0, 1)).to.throw(DomainError, "candidates");
    expect(() => coverageAtTheTop(key(1), 2, Number.NaN)).to.throw(DomainError, "z");
  });
});

describe("npm run errata", () => {
  let file: string;
  before(async () => {
    file = await program(join(import.meta.dirname, "../../scripts/errata.ts"));
  });
  const run = (...words: string[]) =>
    execFileSync(process.execPath, [file, ...words], { encoding: "utf8", stdio: "pipe" });

  it("prints what was said, what was found, and the numbers of now", () => {
    const text = run("shift-not-scale");
    expect(text).to.include("WRONG  shift-not-scale");
    expect(text).to.include("both rewards x 2: 0.8808");
    expect(text).to.include("1 sentence: 1 wrong");
  });

  it("answers an unknown name in words", () => {
    expect(() => run("no-such")).to.throw("no erratum or verdict is called no-such");
  });
});
