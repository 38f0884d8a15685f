import { expect } from "chai";
import { DomainError, ShapeError } from "../../lib/src/core/index.js";
import {
  bradleyTerry,
  comparisonsFromWins,
  flipLabels,
  simulateComparisons,
  simulateTournament,
  winMatrix,
} from "../../lib/src/preferences/index.js";
import { key } from "../../lib/src/random/index.js";
import { close } from "./close.js";

describe("preferences: simulation", () => {
  it("draws each pair as often as asked, with the probabilities asked for", () => {
    const n = 20_000;
    const probability = [
      [0.5, 0.8, 0.1],
      [0.2, 0.5, 1],
      [0.9, 0, 0.5],
    ];
    const wins = winMatrix(simulateTournament(key(3), probability, n));
    for (let i = 0; i < 3; i++)
      for (let j = 0; j < 3; j++) {
        if (i === j) continue;
        expect(wins[i][j] + wins[j][i]).to.equal(n);
        // Five standard deviations: fails by chance less than once in a million.
        expect(wins[i][j] / n).to.be.closeTo(probability[i][j], 5 * Math.sqrt(0.25 / n));
      }
    expect(wins[1][2]).to.equal(n);
  });

  it("is a function of its key", () => {
    const draw = (seed: number) => winMatrix(simulateComparisons(key(seed), [0, 1, 2], 50));
    expect(draw(7)).to.deep.equal(draw(7));
    expect(draw(7)).to.not.deep.equal(draw(8));
  });

  it("a long tournament gives the abilities back, at the temperature of the people", () => {
    const truth = [1, 0, -1];
    const data = simulateComparisons(key(5), truth, 20_000, { noise: { temperature: 2 } });
    const plain = bradleyTerry.fit(data).theta;
    const right = bradleyTerry.fit(data, { noise: { temperature: 2 } }).theta;
    truth.forEach((ability, i) => {
      expect(plain[i]).to.be.closeTo(ability / 2, 0.05);
      expect(right[i]).to.be.closeTo(ability, 0.1);
    });
  });

  it("flips the stated share of answers and loses none; a fit that knows the rate is not fooled", () => {
    const truth = [1.5, 0, -1.5];
    const clean = simulateComparisons(key(6), truth, 20_000);
    const dirty = flipLabels(key(7), clean, 0.2);
    const total = (table: number[][]) => table.flat().reduce((a, b) => a + b);
    expect(total(winMatrix(dirty))).to.equal(total(winMatrix(clean)));
    const naive = bradleyTerry.fit(dirty).theta;
    const robust = bradleyTerry.fit(dirty, { noise: { flip: 0.2 } }).theta;
    expect(naive[0]).to.be.below(1);
    close(robust, truth, 0.12);
    expect(winMatrix(flipLabels(key(8), clean, 1))[0][1]).to.equal(winMatrix(clean)[1][0]);
    expect(winMatrix(flipLabels(key(8), clean, 0))).to.deep.equal(winMatrix(clean));
  });

  it("says what is wrong", () => {
    expect(() => simulateTournament(key(0), [[0.5, 0.5]], 3)).to.throw(ShapeError, "row 0");
    expect(() =>
      simulateTournament(
        key(0),
        [
          [0.5, 0.7],
          [0.7, 0.5],
        ],
        3,
      ),
    ).to.throw(DomainError, "add up to 1");
    expect(() => simulateTournament(key(0), [[0.5]], 1.5)).to.throw(DomainError, "times");
    expect(() =>
      flipLabels(
        key(0),
        comparisonsFromWins([
          [0, 0.5],
          [1, 0],
        ]),
        0.1,
      ),
    ).to.throw(DomainError, "whole number");
    expect(() =>
      flipLabels(
        key(0),
        comparisonsFromWins([
          [0, 1],
          [1, 0],
        ]),
        2,
      ),
    ).to.throw(DomainError, "rate");
  });
});
