import type { GameNode } from "./extensiveGame.js";

const ranks = ["J", "Q", "K"] as const;
const ante = 1;
/** What a raise adds to a call, in the first and in the second round. */
const raises = [2, 4] as const;
const raisesPerRound = 2;
/** Cards of each rank in the deck. */
const copies = 2;

/**
 * Leduc poker (Southey et al. 2005, arXiv:1207.1411): six cards, two of each rank; one each, one chip each in the
 * pot; a round of bets of 2 chips, a card for all to see, a round of bets of 4; at most two raises a round. A pair with
 * the open card wins, else the higher rank; equal ranks share. Suits are not told apart: 288 information sets.
 *
 * They are the own rank, the open rank if there is one, and what was done: "K:", "Q:cr", "QJ:crc/r" (c checks or calls,
 * r raises). The actions are fold (only if there is something to call), check or call, raise (unless there were two),
 * in this order. The value for the first player is -0.0856.
 */
export function leducPoker(): GameNode {
  const deals = ranks.flatMap((_, first) => ranks.map((_, second) => [first, second] as const));
  const cards = ranks.length * copies;
  return {
    chance: deals.map(([first, second]) => ({
      probability: (copies * (first === second ? copies - 1 : copies)) / (cards * (cards - 1)),
      next: bettingRound({ hands: [first, second], chips: [ante, ante], done: "" }),
    })),
  };
}

interface Table {
  readonly hands: readonly [number, number];
  readonly chips: readonly [number, number];
  /** What was done in the rounds before, with a stroke after each. */
  readonly done: string;
  /** The card for all to see, from the second round on. */
  readonly open?: number;
}

/** A round in which the first player begins; `acts` is what was done in it. */
function bettingRound(table: Table, acts = ""): GameNode {
  const player = (acts.length % 2) as 0 | 1;
  const { hands, chips, done, open } = table;
  const owes = chips[1 - player] > chips[player];
  const raised = [...acts].filter((act) => act === "r").length;
  const next: GameNode[] = [];
  if (owes) next.push({ payoff: player === 0 ? -chips[0] : chips[1] });
  const called = paid(chips, player, chips[1 - player]);
  const over = owes || acts !== ""; // a call, or the second check
  next.push(over ? afterRound({ ...table, chips: called }, `${acts}c`) : bettingRound(table, "c"));
  if (raised < raisesPerRound) {
    const stake = called[player] + raises[open === undefined ? 0 : 1];
    next.push(bettingRound({ ...table, chips: paid(chips, player, stake) }, `${acts}r`));
  }
  const seen = open === undefined ? "" : ranks[open];
  return { player, informationSet: `${ranks[hands[player]]}${seen}:${done}${acts}`, next };
}

function afterRound(table: Table, acts: string): GameNode {
  const { hands, chips, done, open } = table;
  if (open !== undefined) {
    const strength = hands.map((hand) => (hand === open ? ranks.length : hand));
    return { payoff: Math.sign(strength[0] - strength[1]) * chips[0] };
  }
  const left = ranks.map((_, rank) => copies - hands.filter((hand) => hand === rank).length);
  const cards = ranks.length * copies - hands.length;
  return {
    chance: ranks.flatMap((_, rank) =>
      left[rank] === 0
        ? []
        : [
            {
              probability: left[rank] / cards,
              next: bettingRound({ ...table, open: rank, done: `${done}${acts}/` }),
            },
          ],
    ),
  };
}

/** Chips after a player's stake is made up to `stake`. */
function paid(chips: readonly [number, number], player: 0 | 1, stake: number): [number, number] {
  return player === 0 ? [stake, chips[1]] : [chips[0], stake];
}
