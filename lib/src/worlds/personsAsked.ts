import { checkCount, checkPositive } from "../core/checks.js";
import { labelerChannel, mutualInformation } from "../information/index.js";
import { binomial } from "../numerics/index.js";
import { type PersonsWorld, personsDifferences } from "./persons.js";

/** What n answers tell about a person, and what policies make of it. Information in nats. */
export interface PersonsAsked {
  /** I(person; answers). */
  answers: number;
  /** I(person; the person thought likeliest): the reward model that goes on. */
  reward: number;
  /** Utility of the best reply for the person thought likeliest. */
  mapUtility: number;
  /** I(person; reply) of the policy that writes the reply of the greatest mean utility, given the answers. */
  reply: number;
  /** Its utility. */
  bayesUtility: number;
}

/**
 * Asks each of the eight persons the three questions in turn, n answers in all, by a Bradley-Terry labeler of this
 * temperature; exact over all sheets of answers (by counts, which are all that matters).
 */
export function askPersons(world: PersonsWorld, n: number, { temperature = 1.5 } = {}): PersonsAsked {
  checkCount("n", n, 0);
  checkPositive("temperature", temperature);
  const { prior, utility } = world;
  const yes = personsDifferences(world).map((row) => labelerChannel(row, { temperature }).map(([first]) => first));
  const asked = yes.map((_, q) => Math.floor(n / 3) + (q < n % 3 ? 1 : 0));
  const sheets: number[][] = [];
  for (let a = 0; a <= asked[0]; a++)
    for (let b = 0; b <= asked[1]; b++) for (let c = 0; c <= asked[2]; c++) sheets.push([a, b, c]);
  const channel = utility.map((_, v) => {
    const probabilities = asked.map((m, q) => binomial(m, yes[q][v]));
    return Float64Array.from(sheets, (counts) => counts.reduce((p, k, q) => p * probabilities[q][k], 1));
  });
  // Ties among the likeliest persons are broken by lot.
  const likeliest = sheets.map((_, s) => indicesOfGreatest(channel.map((row, v) => prior[v] * row[s])));
  const written = sheets.map((_, s) => {
    const worth = new Float64Array(utility[0].length);
    channel.forEach((row, v) => {
      for (let y = 0; y < worth.length; y++) worth[y] += prior[v] * row[s] * utility[v][y];
    });
    return indexOfGreatest(worth);
  });
  const best = utility.map((row) => indexOfGreatest(row));
  const merged = (to: readonly (readonly number[])[], size: number) =>
    channel.map((row) => {
      const out = new Float64Array(size);
      row.forEach((p, s) => {
        for (const place of to[s]) out[place] += p / to[s].length;
      });
      return out;
    });
  const worthOf = (replies: (s: number) => readonly number[]) =>
    channel.reduce(
      (sum, row, v) =>
        sum +
        row.reduce((inner, p, s) => {
          const each = replies(s);
          return inner + prior[v] * p * (each.reduce((worth, y) => worth + utility[v][y], 0) / each.length);
        }, 0),
      0,
    );
  return {
    answers: mutualInformation(prior, channel),
    reward: mutualInformation(prior, merged(likeliest, utility.length)),
    mapUtility: worthOf((s) => likeliest[s].map((v) => best[v])),
    reply: mutualInformation(
      prior,
      merged(
        written.map((y) => [y]),
        utility[0].length,
      ),
    ),
    bayesUtility: worthOf((s) => [written[s]]),
  };
}

/** All that are as great as the greatest, up to rounding. */
function indicesOfGreatest(values: ArrayLike<number>): number[] {
  const most = values[indexOfGreatest(values)];
  return Array.from(values, (_, i) => i).filter((i) => values[i] >= most * (1 - 1e-9));
}

/** The first of equals, up to rounding. */
function indexOfGreatest(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i] > values[best] + 1e-12) best = i;
  return best;
}
