import { expect } from "chai";
import { logSoftmax } from "../../lib/src/numerics/index.js";
import {
  bradleyTerryPreference,
  conservativeDpoOfMargin,
  dpoOfMargin,
  ipoOfMargin,
  l2RegularisedDescent,
  type MarginLoss,
  orpoOptimum,
  pairScores,
  robustDpoOfMargin,
} from "../../lib/src/policy/index.js";

/* As test/preferences/scale.test.ts: the unit of a loss, and of a margin, changes nothing. */

const units = [1e-12, 1e-9, 1e-5, 0.1, 7, 1e4, 1e8, 1e12];
const shown = Float64Array.from(logSoftmax([0.5, -1, 0, 1.5, -2]));
const prefer = bradleyTerryPreference([0.3, 1.2, -0.7, 0, 0.6]);

const losses: Record<string, (margin: number, beta: number) => MarginLoss> = {
  DPO: (h, beta) => dpoOfMargin(h, { beta }),
  "conservative DPO": (h, beta) => conservativeDpoOfMargin(h, { beta, noise: 0.1 }),
  "robust DPO": (h, beta) => robustDpoOfMargin(h, { beta, noise: 0.1 }),
  IPO: (h, beta) => ipoOfMargin(h, { beta }),
};
/** What robust DPO wants are labels that were flipped so often. */
const flipped = (i: number, j: number) => 0.9 * prefer(i, j) + 0.1 * prefer(j, i);

describe("policy: a loss times a number, and beta, change nothing", () => {
  for (const [name, loss] of Object.entries(losses)) {
    it(`${name}: from 1e-12 to 1e12, to 1e-6`, () => {
      const answers = name === "robust DPO" ? flipped : prefer;
      const want = pairScores(shown, answers, (h) => loss(h, 1));
      expect(Math.max(...want)).to.be.above(0.2);
      for (const unit of units) {
        const times = pairScores(shown, answers, (h) => {
          const at = loss(h, 1);
          return { loss: unit * at.loss, slope: unit * at.slope };
        });
        const sharp = pairScores(shown, answers, (h) => loss(h, unit));
        want.forEach((score, i) => {
          expect(times[i], `loss times ${unit}: ${i}`).to.be.closeTo(score, 1e-6);
          expect(sharp[i] * unit, `beta ${unit}: ${i}`).to.be.closeTo(score, 1e-6);
        });
      }
    });
  }

  it("an l2-regularised descent: loss and l2 times a number", () => {
    const goal = [3, -1, 0.5];
    const at = (unit: number) => {
      const loss = (logits: Float64Array) => {
        const p = logSoftmax(logits).map(Math.exp);
        const value = logSoftmax(logits).reduce((sum, log, i) => sum - (goal[i] + 2) * log, 0);
        const total = goal.reduce((sum, g) => sum + g + 2, 0);
        return { loss: unit * value, gradient: Float64Array.from(p, (q, i) => unit * (total * q - goal[i] - 2)) };
      };
      return l2RegularisedDescent(new Float64Array(3), loss, { l2: 0.01 * unit });
    };
    const want = at(1);
    expect(Math.max(...want)).to.be.above(0.5);
    for (const unit of units) at(unit).forEach((z, i) => void expect(z, `${unit}: ${i}`).to.be.closeTo(want[i], 1e-5));
  });

  it("ORPO: where the odds ratio is all, its weight is a unit", () => {
    const problem = { lengths: [1, 2, 2, 1, 3], logSampling: shown, prefer };
    const want = orpoOptimum(problem, { weight: 1e9 });
    for (const weight of [1e8, 1e10, 1e12, 1e13]) {
      orpoOptimum(problem, { weight }).forEach((log, y) => void expect(log, `${weight}`).to.be.closeTo(want[y], 1e-3));
    }
  });
});
