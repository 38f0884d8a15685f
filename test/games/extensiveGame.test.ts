import { expect } from "chai";
import { DomainError } from "../../lib/src/core/index.js";
import {
  bestResponseValue,
  counterfactualRegret,
  type GameNode,
  gameNashConv,
  gameValue,
  kuhnPoker,
} from "../../lib/src/games/index.js";

const game = kuhnPoker();
/** Kuhn's equilibria: the first player bets alpha of the jacks. */
const equilibrium = (alpha: number) =>
  new Map([
    ["J", [1 - alpha, alpha]],
    ["Q", [1, 0]],
    ["K", [1 - 3 * alpha, 3 * alpha]],
    ["J:pb", [1, 0]],
    ["Q:pb", [2 / 3 - alpha, 1 / 3 + alpha]],
    ["K:pb", [0, 1]],
    ["J:p", [2 / 3, 1 / 3]],
    ["Q:p", [1, 0]],
    ["K:p", [0, 1]],
    ["J:b", [1, 0]],
    ["Q:b", [2 / 3, 1 / 3]],
    ["K:b", [0, 1]],
  ]);

describe("games of turns", () => {
  it("knows Kuhn's poker: its value, its equilibria, and two strategies that are none", () => {
    for (const alpha of [0, 0.2, 1 / 3]) {
      expect(gameValue(game, equilibrium(alpha))).to.be.closeTo(-1 / 18, 1e-12);
      expect(gameNashConv(game, equilibrium(alpha))).to.be.closeTo(0, 1e-12);
    }
    expect(gameNashConv(game, new Map())).to.be.closeTo(11 / 12, 1e-12); // OpenSpiel
    const pass = new Map([...equilibrium(0).keys()].map((set) => [set, [1, 0]]));
    expect(gameNashConv(game, pass)).to.be.closeTo(2, 1e-12);
    expect(gameNashConv(game, new Map([...equilibrium(0), ["J", [0.5, 0.5]]]))).to.be.above(0.01); // bluffs too often
  });

  it("answers best without looking at the other's cards", () => {
    // Two coins that nobody sees: guessing right is worth 1, and nobody can do better than half.
    const guess = (coin: number): GameNode => ({
      player: 0,
      informationSet: "guess",
      next: [0, 1].map((said) => ({ payoff: said === coin ? 1 : 0 })),
    });
    const coins: GameNode = { chance: [0, 1].map((coin) => ({ probability: 0.5, next: guess(coin) })) };
    expect(bestResponseValue(coins, 0, new Map())).to.equal(0.5);
  });

  it("finds an equilibrium by counterfactual regrets; the last strategy is not one", () => {
    const { average, last } = counterfactualRegret(game, { iterations: 1000 });
    expect(gameNashConv(game, average)).to.be.within(0, 0.002);
    expect(gameNashConv(game, last)).to.be.above(0.05);
    expect(gameValue(game, average)).to.be.closeTo(-1 / 18, 1e-3);
    const plus = counterfactualRegret(game, { iterations: 100, plus: true });
    expect(gameNashConv(game, plus.average)).to.be.below(0.0025);
  });

  it("refuses a strategy with too few actions, and no iterations", () => {
    expect(() => gameValue(game, new Map([["J", [1]]]))).to.throw(DomainError, '"J"');
    for (const wrong of [
      [1.5, -0.5],
      [0.5, 0.6],
      [Number.NaN, 1],
    ]) {
      expect(() => gameValue(game, new Map([["J", wrong]]))).to.throw(DomainError, "add up to 1");
      expect(() => gameNashConv(game, new Map([["J", wrong]]))).to.throw(DomainError, "add up to 1");
    }
    expect(() => counterfactualRegret(game, { iterations: 0 })).to.throw(DomainError, "iterations");
  });
});
