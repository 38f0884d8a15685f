import { expect } from "chai";
import { DomainError, ShapeError } from "../../lib/src/core/index.js";
import { sigmoid } from "../../lib/src/numerics/index.js";
import { key, normal, randint, split } from "../../lib/src/random/index.js";
import {
  featurePairs,
  fitProcessReward,
  fitWordScores,
  linearReward,
  type WordGroup,
} from "../../lib/src/rewards/index.js";

/* As test/preferences/scale.test.ts: the unit of weights and features changes nothing, not even when a fit stops. */

const units = [1e-12, 1e-9, 1e-5, 0.1, 7, 1e4, 1e8, 1e12];
const [featureKey, labelKey, wordKey] = split(key(11), 3);
const [rows, width] = [120, 4];
const features = Array.from({ length: rows }, (_, k) => Array.from(normal(split(featureKey, rows)[k], width)));
/** Labels of a known model, soft ones. */
const labels = features.map((x, k) => sigmoid(x[0] - 0.5 * x[1] + 0.3 + normal(labelKey, rows)[k]));
/** One feature in `unit`, the others in another one. */
const inUnit = (unit: number, other = 1) => features.map((x) => x.map((v, j) => v * (j === 0 ? unit : other)));

/** A name, and its fit of weights or features times a number, brought back to the unit 1. */
const fits: Record<string, (unit: number) => number[]> = {
  "linear process reward": (c) => {
    const { weights, bias, loss } = fitProcessReward(inUnit(c, c), labels, { l2: 0.01 * c * c });
    return [...Array.from(weights, (w) => w * c), bias, loss];
  },
  "linear reward, Newton's method": (c) => linear(c, "newton"),
  "linear reward, L-BFGS": (c) => linear(c, "lbfgs"),
  "word scores": (c) => {
    const weighted = groups.map((group) => ({ ...group, weight: group.wins.map((_, k) => c * (1 + (k % 3))) }));
    const table = fitWordScores(weighted, { deviation: 0.7 / Math.sqrt(c), tolerance: 1e-9, iterations: 1000 });
    return [...table.values()];
  },
};

function linear(c: number, method: "newton" | "lbfgs"): number[] {
  const all = inUnit(c, c);
  const pairs = featurePairs(all.slice(0, rows / 2), all.slice(rows / 2));
  return Array.from(linearReward.fit(pairs, { l2: 0.1 * c * c, method }).theta, (w) => w * c);
}

const groups: WordGroup[] = split(wordKey, 25).map((own) => {
  const [textKey, winKey] = split(own);
  const texts = split(textKey, 3).map((k) => Array.from(randint(k, 4, 0, 9), (word) => `w${word}`));
  const first = randint(winKey, 4, 0, 3);
  return { texts, wins: Array.from(first, (i, k): [number, number] => [i, (i + 1 + (k % 2)) % 3]) };
});

describe("rewards: weights and features times a number change nothing", () => {
  for (const [name, fit] of Object.entries(fits)) {
    it(`${name}: from 1e-12 to 1e12, to 1e-6`, () => {
      const want = fit(1);
      expect(want.some((x) => Math.abs(x) > 0.1)).to.equal(true);
      for (const unit of units) {
        const got = fit(unit);
        for (let i = 0; i < want.length; i++) expect(got[i], `${unit}: ${i}`).to.be.closeTo(want[i], 1e-6);
      }
    });
  }

  it("linear process reward: one feature in a unit of its own, beside others", () => {
    const weak = { l2: 1e-30 };
    const want = fitProcessReward(features, labels, weak);
    for (const unit of units.filter((c) => c >= 1e-9)) {
      const got = fitProcessReward(inUnit(unit), labels, weak);
      want.weights.forEach((w, j) => {
        expect(got.weights[j] * (j === 0 ? unit : 1), `${unit}: ${j}`).to.be.closeTo(w, 1e-6);
      });
    }
  });

  it("word scores: a weight is so many comparisons, and one that is none is refused", () => {
    const [{ texts, wins }] = groups;
    const thrice = { texts, wins: [...wins, ...wins, ...wins] };
    const options = { tolerance: 1e-10, iterations: 1000 };
    const want = fitWordScores([thrice], options);
    const got = fitWordScores([{ texts, wins, weight: [3, 3, 3, 3] }], options);
    for (const [word, score] of want) expect(got.get(word)).to.be.closeTo(score, 1e-9);
    for (const bad of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => fitWordScores([{ texts, wins, weight: [1, 1, bad, 1] }])).to.throw(
        DomainError,
        "weight[2] of group 0",
      );
    }
    expect(() => fitWordScores([{ texts, wins, weight: [1] }])).to.throw(ShapeError, "weight of group 0");
  });
});
