import { readFileSync } from "node:fs";
import { expect } from "chai";
import { ConvergenceError, DomainError } from "../../lib/src/core/index.js";
import { type GameNode, gameValue, kuhnPoker, logitEquilibrium } from "../../lib/src/games/index.js";

const game = kuhnPoker();
const { alpha, firstPlayer } = (
  JSON.parse(readFileSync("test/golden/games.json", "utf8")) as {
    kind: string;
    alpha: number;
    firstPlayer: Record<string, number[]>;
  }[]
).find(({ kind }) => kind === "kuhnLogit")!;

/** All plans of a player, without those that differ only where the plan itself does not lead: one action a set. */
const plans = (player: 0 | 1): Map<string, number[]>[] => {
  const choices =
    player === 0
      ? [
          [
            ["", "p"],
            ["pb", "p"],
          ],
          [
            ["", "p"],
            ["pb", "b"],
          ],
          [["", "b"]],
        ]
      : [
          [
            ["p", "p"],
            ["b", "p"],
          ],
          [
            ["p", "p"],
            ["b", "b"],
          ],
          [
            ["p", "b"],
            ["b", "p"],
          ],
          [
            ["p", "b"],
            ["b", "b"],
          ],
        ];
  let all: Map<string, number[]>[] = [new Map()];
  for (const card of ["J", "Q", "K"]) {
    all = all.flatMap((plan) =>
      choices.map((choice) => {
        const more = choice.map(
          ([done, act]) => [done === "" ? card : `${card}:${done}`, act === "p" ? [1, 0] : [0, 1]] as const,
        );
        return new Map([...plan, ...more]);
      }),
    );
  }
  return all;
};

describe("logit equilibria of games of turns", () => {
  it("are Gambit's, for Kuhn's poker at alpha 0.1", () => {
    const logit = logitEquilibrium(game, { alpha });
    for (const [card, [pass, fold, call, bet]] of Object.entries(firstPlayer)) {
      const [first, later] = [logit.get(card)!, logit.get(`${card}:pb`)!];
      expect(first[0], `${card} pass`).to.be.closeTo(pass, 2e-7);
      expect(first[0] * later[0], `${card} pass, fold`).to.be.closeTo(fold, 2e-7);
      expect(first[0] * later[1], `${card} pass, call`).to.be.closeTo(call, 2e-7);
      expect(first[1], `${card} bet`).to.be.closeTo(bet, 2e-7);
    }
  });

  it("weigh whole plans by exp(payoff / alpha): enumerated, 27 plans against 64", () => {
    const temperature = 0.4;
    const logit = logitEquilibrium(game, { alpha: temperature });
    for (const player of [0, 1] as const) {
      const own = plans(player);
      const gains = own.map(
        (plan) => (player === 0 ? 1 : -1) * gameValue(game, new Map<string, ArrayLike<number>>([...logit, ...plan])),
      );
      const weights = gains.map((gain) => Math.exp(gain / temperature));
      const total = weights.reduce((a, b) => a + b, 0);
      for (const card of ["J", "Q", "K"]) {
        const set = player === 0 ? card : `${card}:b`;
        const passing = weights.filter((_, i) => own[i].get(set)![0] === 1).reduce((a, b) => a + b, 0);
        expect(logit.get(set)![0], set).to.be.closeTo(passing / total, 1e-9);
      }
    }
  });

  it("stay at the magnet for a large alpha, and do not care about its part for a small one", () => {
    const magnet = new Map([["J", [0.9, 0.1]]]);
    expect(logitEquilibrium(game, { alpha: 1e4, magnet, eta: 1 }).get("J")![0]).to.be.closeTo(0.9, 1e-3);
    const pennies: GameNode = {
      player: 0,
      informationSet: "row",
      next: [
        [1, -1],
        [-1, 1],
      ].map((row) => ({ player: 1, informationSet: "column", next: row.map((payoff) => ({ payoff })) })),
    };
    const near = logitEquilibrium(pennies, { alpha: 0.05, magnet: new Map([["row", [0.9, 0.1]]]), eta: 0.05 });
    expect(near.get("row")![0]).to.be.closeTo(0.5, 0.06);
    expect(near.get("column")![0]).to.be.closeTo(0.5, 0.06);
  });

  it("do not depend on the unit of payoffs and alpha", () => {
    const [one, thousand] = [1, 1000].map((unit) => {
      const scaled = (node: GameNode): GameNode =>
        "payoff" in node
          ? { payoff: unit * node.payoff }
          : "chance" in node
            ? { chance: node.chance.map((draw) => ({ ...draw, next: scaled(draw.next) })) }
            : { ...node, next: node.next.map(scaled) };
      return logitEquilibrium(scaled(game), { alpha: 0.5 * unit });
    });
    for (const [set, probabilities] of one) {
      expect(thousand.get(set)![0], set).to.be.closeTo(probabilities[0], 1e-9);
    }
  });

  it("refuse an alpha of 0 and a magnet with a 0, and say when they do not arrive", () => {
    expect(() => logitEquilibrium(game, { alpha: 0 })).to.throw(DomainError, "alpha");
    expect(() => logitEquilibrium(game, { alpha: Number.NaN })).to.throw(DomainError, "alpha");
    expect(() => logitEquilibrium(game, { alpha: 1, eta: -1 })).to.throw(DomainError, "eta");
    const magnet = new Map([["J", [1, 0]]]);
    expect(() => logitEquilibrium(game, { alpha: 1, magnet })).to.throw(DomainError, "magnet");
    expect(() => logitEquilibrium(game, { alpha: 0.01, iterations: 3 })).to.throw(
      ConvergenceError,
      "after 3 iterations",
    );
  });
});
