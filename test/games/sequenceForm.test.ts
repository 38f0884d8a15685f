import { expect } from "chai";
import fc from "fast-check";
import { DomainError } from "../../lib/src/core/index.js";
import {
  counterfactualRegret,
  type GameNode,
  gameEquilibrium,
  gameNashConv,
  gameValue,
  kuhnPoker,
  zeroSumEquilibrium,
} from "../../lib/src/games/index.js";
import { localProbabilities, sequenceForm, sequenceWeights } from "../../lib/src/games/sequenceForm.js";

/** A matrix game as a game of turns: the second does not see what the first did. */
const asTurns = (payoffs: readonly (readonly number[])[]): GameNode => ({
  player: 0,
  informationSet: "row",
  next: payoffs.map((row) => ({
    player: 1,
    informationSet: "column",
    next: row.map((payoff) => ({ payoff })),
  })),
});

const matrix = fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })).chain(([m, n]) =>
  fc.array(fc.array(fc.integer({ min: -9, max: 9 }), { minLength: n, maxLength: n }), {
    minLength: m,
    maxLength: m,
  }),
);

describe("the sequence form", () => {
  it("says what a strategy earns, as the tree does", () => {
    const game = kuhnPoker();
    const strategy = new Map([
      ["J", [0.7, 0.3]],
      ["Q:pb", [0.2, 0.8]],
      ["K:b", [0.1, 0.9]],
      ["Q:p", [0.6, 0.4]],
    ]);
    const form = sequenceForm(game);
    const [x, y] = form.players.map((sets) => {
      const plan = new Float64Array(sets.count);
      sequenceWeights(sets, localProbabilities(sets, strategy), plan);
      return plan;
    });
    const value = form.payoff.reduce((sum, payoff, k) => sum + payoff * x[form.row[k]] * y[form.column[k]], 0);
    expect(value).to.be.closeTo(gameValue(game, strategy), 1e-14);
    expect(form.players.map(({ count }) => count)).to.deep.equal([13, 13]); // six sets of two, and nothing
  });

  it("has the equilibria of matrix games (property)", async () => {
    await fc.assert(
      fc.asyncProperty(matrix, async (payoffs) => {
        const game = asTurns(payoffs);
        const turns = await gameEquilibrium(game);
        expect(turns.value).to.be.closeTo((await zeroSumEquilibrium(payoffs)).value, 1e-7);
        expect(gameNashConv(game, turns.strategy)).to.be.closeTo(0, 1e-7);
      }),
      { numRuns: 30 },
    );
  });

  it("is what CFR learns on: averages approach an equilibrium, whatever the unit of payoffs (property)", () => {
    fc.assert(
      fc.property(matrix, fc.constantFrom(1, 1e-6, 1e6), (payoffs, unit) => {
        const game = asTurns(payoffs.map((row) => row.map((payoff) => payoff * unit)));
        for (const plus of [false, true]) {
          const { average } = counterfactualRegret(game, { iterations: 1000, plus });
          // At most the range times the root of actions over iterations, for each player.
          expect(gameNashConv(game, average) / unit).to.be.within(-1e-9, 2 * 18 * Math.sqrt(4 / 1000));
        }
      }),
      { numRuns: 30 },
    );
  });

  it("refuses what is no game, and players who forget", () => {
    const refused = (game: GameNode, words: string) => expect(() => sequenceForm(game)).to.throw(DomainError, words);
    refused({ payoff: Number.NaN }, "payoff");
    refused({ chance: [{ probability: 0.4, next: { payoff: 1 } }] }, "add up to 1");
    refused(
      {
        chance: [
          { probability: 1.5, next: { payoff: 1 } },
          { probability: -0.5, next: { payoff: 1 } },
        ],
      },
      "add up to 1",
    );
    refused({ player: 0, informationSet: "here", next: [] }, "at least one action");
    refused({ player: 2 as 0, informationSet: "here", next: [{ payoff: 1 }] }, "0 or 1");
    const turn = (player: 0 | 1, informationSet: string, next: GameNode[]): GameNode => ({
      player,
      informationSet,
      next,
    });
    const end = { payoff: 1 };
    refused(turn(0, "a", [turn(1, "b", [end]), turn(1, "b", [end, end])]), "1 actions, as elsewhere");
    refused(turn(0, "a", [turn(1, "b", [end]), turn(0, "b", [end])]), "player 1, as elsewhere");
    refused(turn(0, "a", [turn(0, "b", [end]), turn(0, "b", [end])]), "a player who remembers");
    expect(() => counterfactualRegret(turn(0, "a", [{ payoff: Number.NaN }]), { iterations: 1 })).to.throw(DomainError);
  });
});
