import type { GameNode } from "./extensiveGame.js";

const cards = ["J", "Q", "K"] as const;

/**
 * Kuhn's poker (Kuhn 1950): three cards, one each, one chip each in the pot; pass or bet one chip, and call or fold.
 * Information sets are the own card and what was done: "K", "Q:b", "J:pb" (p passes, b bets); the actions are
 * [pass or fold, bet or call]. Its value for the first player is -1/18.
 */
export function kuhnPoker(): GameNode {
  const deals = cards.flatMap((first, i) =>
    cards.flatMap((second, j) => (i === j ? [] : [{ first, second, wins: i > j }])),
  );
  return {
    chance: deals.map(({ first, second, wins }) => {
      const showdown = (chips: number): GameNode => ({ payoff: wins ? chips : -chips });
      const turn = (player: 0 | 1, done: string, next: readonly [GameNode, GameNode]): GameNode => {
        const card = player === 0 ? first : second;
        return { player, informationSet: done === "" ? card : `${card}:${done}`, next };
      };
      const next = turn(0, "", [
        turn(1, "p", [showdown(1), turn(0, "pb", [{ payoff: -1 }, showdown(2)])]),
        turn(1, "b", [{ payoff: 1 }, showdown(2)]),
      ]);
      return { probability: 1 / deals.length, next };
    }),
  };
}
