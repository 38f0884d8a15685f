// Siththaranjan et al. 2023, arXiv:2312.08358, the example in one dimension: items x on [0, 1] are worth x below 0.8,
// and above it 2x or 0 by a coin that no answer shows. The mean worth is x everywhere, what is learned Borda's share.
import { expect } from "chai";
import { bordaScores, bradleyTerry, comparisonsFromWins } from "../../lib/src/preferences/index.js";

const N = 400;
const items = Array.from({ length: N }, (_, i) => (i + 0.5) / N);
const worths = (x: number) => (x < 0.8 ? [x, x] : [2 * x, 0]);

/** P(x beats y), each with a coin of its own; equal worths count half. */
function beats(x: number, y: number): number {
  let wins = 0;
  for (const a of worths(x)) for (const b of worths(y)) wins += a > b ? 0.25 : a === b ? 0.125 : 0;
  return wins;
}

const tally = items.map((x, i) => items.map((y, j) => (i === j ? 0 : beats(x, y))));

describe("a context that answers hide", () => {
  it("Borda's share is 0.1 + x below 0.8 and 0.275 + x/4 above, to a step of the grid", () => {
    const shares = bordaScores(tally).map((points) => points / N);
    items.forEach((x, i) => {
      expect(shares[i]).to.be.closeTo(x < 0.8 ? 0.1 + x : 0.275 + x / 4, 1.5 / N);
    });
    const at = (x: number) => shares[Math.floor(x * N)];
    expect(at(0.79)).to.be.closeTo(0.89, 1.5 / N);
    expect(at(0.81)).to.be.closeTo(0.4775, 1.5 / N);
  });

  it("so the reward that is learned puts 0.79 before every item above 0.8, though the mean worth is less", () => {
    const every = 10; // of 40 items: the same law on a coarser grid
    const some = tally.filter((_, i) => i % every === 0).map((row) => row.filter((_, j) => j % every === 0));
    const { theta } = bradleyTerry.fit(comparisonsFromWins(some));
    const kept = items.filter((_, i) => i % every === 0);
    const best = theta.indexOf(Math.max(...theta));
    expect(kept[best]).to.be.within(0.775, 0.8);
    const mean = (x: number) => worths(x).reduce((sum, w) => sum + w / 2, 0);
    expect(mean(kept[best])).to.be.below(mean(kept[kept.length - 1]));
  });
});
