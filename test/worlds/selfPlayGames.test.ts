import { expect } from "chai";
import { exploitability, zeroSumEquilibrium } from "../../lib/src/games/index.js";
import { key } from "../../lib/src/random/index.js";
import { checkPreferences, vonNeumannWinner } from "../../lib/src/selfplay/index.js";
import {
  countedPreferences,
  criticPanel,
  cyclicAgents,
  cyclicReplies,
  rockPaperScissors,
  zipfShares,
} from "../../lib/src/worlds/index.js";

describe("worlds of self-play", () => {
  it("have the equilibria that they are said to have", async () => {
    const close = (got: ArrayLike<number>, wanted: number[]) => {
      for (const [i, w] of wanted.entries()) expect(got[i]).to.be.closeTo(w, 1e-9);
    };
    close(await vonNeumannWinner(cyclicReplies.preferences), [0.375, 0.375, 0.25, 0]);
    expect(exploitability(rockPaperScissors, [1 / 3, 1 / 3, 1 / 3], [1 / 3, 1 / 3, 1 / 3])).to.be.closeTo(0, 1e-12);
    const { row, value } = await zeroSumEquilibrium(criticPanel);
    close(row, [0.4, 0.4, 0.2, 0, 0]);
    expect(value).to.be.closeTo(0.58, 1e-9);
  });

  it("counts answers: shares of n, both orders of a pair add up to 1, near the truth with many", () => {
    const few = countedPreferences(key(1), 5);
    checkPreferences(few);
    for (const row of few) for (const share of row) expect((10 * share) % 1).to.be.closeTo(0, 1e-9);
    // Of 10,000 answers four standard errors are at most 0.02, for six pairs.
    countedPreferences(key(2), 10_000).forEach((row, i) => {
      row.forEach((share, j) => {
        expect(share, `${i}, ${j}`).to.be.closeTo(cyclicReplies.preferences[i][j], 0.02);
      });
    });
  });

  it("are preferences, and shares", () => {
    checkPreferences(cyclicReplies.preferences);
    checkPreferences(cyclicAgents(6));
    expect(cyclicAgents(2)).to.deep.equal([
      [0.5, 0.9, 1 - 0.9, 1 - 0.9],
      [1 - 0.9, 0.5, 0.9, 0.9],
      [0.9, 1 - 0.9, 0.5, 0.5],
      [0.9, 1 - 0.9, 0.5, 0.5],
    ]);
    expect(zipfShares(50).reduce((a, b) => a + b)).to.be.closeTo(1, 1e-12);
    expect(zipfShares(4)[1] / zipfShares(4)[3]).to.be.closeTo(2, 1e-12);
  });
});
