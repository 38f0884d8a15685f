import { checkCount, checkNonNegative, checkPositive, checkShare } from "../../core/checks.js";
import { complaint, DomainError, ShapeError } from "../../core/index.js";
import { bradleyTerry, comparisonsFromColumns } from "../../preferences/index.js";

/** Elo points per nat: a lead of 400 points is odds of 10 to 1. */
export const eloPerNat = 400 / Math.LN10;

/**
 * The score that Elo expects of a player with `rating` against one with `other`: 1 / (1 + 10^((other - rating) / 400)).
 * @example eloExpected(400, 0) // 0.9091
 */
export function eloExpected(rating: number, other: number): number {
  checkRating("rating", rating);
  checkRating("other", other);
  return 1 / (1 + 10 ** ((other - rating) / 400));
}

/**
 * Both ratings after one game: rating + k (score - expected), and the other loses what the one gains (Elo 1978).
 * @param score the first player's: 1 for a win, 1/2 for a draw, 0 for a loss
 * @param k the most that a game can be worth, in points
 * @example eloUpdate([0, 0], 1, { k: 16 }) // [8, -8]
 */
export function eloUpdate(
  [rating, other]: readonly [number, number],
  score: number,
  { k }: { k: number },
): [number, number] {
  checkShare("score", score);
  checkPositive("k", k);
  const gain = k * (score - eloExpected(rating, other));
  return [rating + gain, other - gain];
}

/** One game: who met whom, and the first one's score. */
export type RatedGame = readonly [first: number, second: number, score: number];

/**
 * Elo's ratings after a list of games, one update after the other, from `start` (0 for all by default), [players].
 * `watch` sees the ratings after each game.
 */
export function eloOnline(
  players: number,
  games: readonly RatedGame[],
  { k, start, watch }: { k: number; start?: ArrayLike<number>; watch?: (ratings: Float64Array, game: number) => void },
): Float64Array {
  checkPlayers(players);
  if (start !== undefined && start.length !== players) {
    throw new ShapeError(complaint("start", `${players} ratings`, start));
  }
  const ratings = Float64Array.from({ length: players }, (_, i) => start?.[i] ?? 0);
  games.forEach(([first, second, score], g) => {
    for (const player of [first, second]) {
      if (!(Number.isInteger(player) && player >= 0 && player < players)) {
        throw new DomainError(complaint(`player of game ${g}`, `a whole number from 0 to ${players - 1}`, player));
      }
    }
    if (first === second) throw new DomainError(complaint(`game ${g}`, "two different players", [first, second]));
    [ratings[first], ratings[second]] = eloUpdate([ratings[first], ratings[second]], score, { k });
    watch?.(ratings, g);
  });
  return ratings;
}

/**
 * Elo ratings of maximum likelihood, with sum 0, [n]: those of Bradley-Terry times 400 / ln 10.
 * @param wins wins[i][j]: how often i beat j, [n][n], with 0 on the diagonal; a draw is half a win for both
 * @example eloRatings([[0, 4, 2], [1, 0, 2], [3, 3, 0]]) // [49.0636, -98.1271, 49.0636]
 * @throws ShapeError, DomainError for a count that is negative or not finite; ConvergenceError where a player has no
 *   finite rating, such as one who never lost
 */
export function eloRatings(wins: ReadonlyArray<ArrayLike<number>>): Float64Array {
  const n = wins.length;
  checkPlayers(n);
  const winner: number[] = [];
  const loser: number[] = [];
  const weight: number[] = [];
  wins.forEach((row, i) => {
    if (row.length !== n) throw new ShapeError(complaint(`wins[${i}]`, `${n} counts`, row));
    for (let j = 0; j < n; j++) {
      checkNonNegative(`wins[${i}][${j}]`, row[j]);
      if (i === j) {
        if (row[j] !== 0) throw new DomainError(complaint(`wins[${i}][${i}]`, "0, nobody beats himself", row[j]));
      } else if (row[j] > 0) {
        winner.push(i);
        loser.push(j);
        weight.push(row[j]);
      }
    }
  });
  const { theta } = bradleyTerry.fit(comparisonsFromColumns(winner, loser, { items: n, weight }));
  return Float64Array.from(theta, (ability) => ability * eloPerNat);
}

function checkPlayers(players: number): void {
  checkCount("players", players, 2);
}

function checkRating(name: string, rating: number): void {
  if (!Number.isFinite(rating)) throw new DomainError(complaint(name, "a finite number of points", rating));
}
