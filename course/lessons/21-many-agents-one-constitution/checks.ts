import { normal, randint, split, uniform } from "rlhf-lab/random";
import { exercise } from "../../src/grade/exercise.js";

const list = (values: ArrayLike<number>) => Array.from(values);
const copy = (rows: readonly (readonly number[])[]) => rows.map((row) => [...row]);
const total = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
const most = (values: readonly number[]) => values.reduce((a, b) => Math.max(a, b));
const least = (values: readonly number[]) => values.reduce((a, b) => Math.min(a, b));
const rowsOf = (values: ArrayLike<number>, width: number) =>
  Array.from({ length: values.length / width }, (_, i) => list(values).slice(i * width, (i + 1) * width));

type Table = readonly (readonly number[])[];

function prices(A: Table, B: Table) {
  const cells = A.flatMap((row, i) => row.map((_, j) => [i, j]));
  const worth = ([i, j]: readonly number[]) => A[i][j] + B[i][j];
  const rest = ([i, j]: readonly number[], strict: boolean) =>
    A.every((row, k) => (strict ? k === i || row[j] < A[i][j] : row[j] <= A[i][j])) &&
    B[i].every((b, k) => (strict ? k === j || b < B[i][j] : b <= B[i][j]));
  const best = most(cells.map(worth));
  const answer = (found: number[][], turned = false, swapped = false) => {
    const [low, high] = [least(found.map(worth)), most(found.map(worth))];
    const [anarchy, stability] = swapped ? [best / high, best / low] : [best / low, best / high];
    return turned ? [found, 1 / anarchy, 1 / stability] : [found, anarchy, stability];
  };
  const found = cells.filter((cell) => rest(cell, false));
  const strict = cells.filter((cell) => rest(cell, true));
  const ofRows = cells.filter(([i, j]) => A[i].every((a) => a <= A[i][j]) && B.every((row) => row[j] <= B[i][j]));
  return {
    right: answer(found),
    "strict-only": strict.length > 0 ? answer(strict) : undefined,
    "prices-swapped": answer(found, false, true),
    inverted: answer(found, true),
    "rows-for-columns": ofRows.length > 0 ? answer(ofRows) : undefined,
    "best-of-equilibria": [found, most(found.map(worth)) / least(found.map(worth)), 1],
  };
}

export const equilibriaExercise = exercise({
  id: "21/equilibria",
  title: "Equilibria, and what they cost",
  difficulty: 3,
  minutes: 16,
  gives: ["equilibriaAndPrices"],
  watches: {
    "strict-only": "An equilibrium with a tie is missing: who gains nothing by changing stays.",
    "prices-swapped":
      "The two prices are swapped: anarchy divides by the worst equilibrium's welfare, stability by the best one's.",
    inverted: "The ratios are upside down: the best welfare stands above, so that a price is at least 1.",
    "rows-for-columns":
      "Rows and columns are exchanged: the first agent chooses the row, so A[i][j] must be the greatest of its column.",
    "best-of-equilibria":
      "The best welfare was taken over the equilibria alone. It is the best of all profiles, whether anybody would stay there or not.",
  },
  parts: [
    {
      name: "a dilemma, a coordination game, a game with a tie",
      points: 3,
      look: "equation (2)",
      async run(given, t) {
        const games: [number[][], number[][]][] = [
          [
            [
              [3, 0],
              [5, 1],
            ],
            [
              [3, 5],
              [0, 1],
            ],
          ],
          [
            [
              [4, 0, 1],
              [1, 2, 0],
            ],
            [
              [3, 1, 0],
              [0, 4, 1],
            ],
          ],
          [
            [
              [2, 1],
              [2, 3],
            ],
            [
              [2, 1],
              [0, 4],
            ],
          ],
        ];
        for (const [A, B] of games) {
          t.mistakes(
            await given.equilibriaAndPrices(copy(A), copy(B)),
            prices(A, B),
            1e-6,
            `A = ${JSON.stringify(A)}, B = ${JSON.stringify(B)}`,
          );
        }
      },
    },
    {
      name: "four strategies against three, with equilibria put in",
      points: 1,
      async run(given, t) {
        const [a, b] = split(t.key);
        const [A, B] = [a, b].map((k) => rowsOf(uniform(k, 12, 1, 3), 3));
        A[1][2] = B[1][2] = 4;
        A[3][0] = B[3][0] = 5;
        t.mistakes(await given.equilibriaAndPrices(copy(A), copy(B)), prices(A, B), 1e-6, "equilibria and prices");
      },
    },
  ],
});

function heardValues(own: number, heard: readonly number[], F: number) {
  const above = heard.filter((x) => x > own).sort((a, b) => a - b);
  const below = heard.filter((x) => x < own).sort((a, b) => a - b);
  const equal = heard.filter((x) => x === own);
  const mean = (kept: readonly number[]) => (kept.length === 0 ? own : total(kept) / kept.length);
  const cut = (values: readonly number[], n: number) => values.slice(0, Math.max(0, values.length - n));
  const kept = [...equal, ...below.slice(F), ...cut(above, F)];
  const sorted = [...heard].sort((a, b) => a - b);
  const all = [...heard, own].sort((a, b) => a - b);
  return {
    right: mean([own, ...kept]),
    "own-dropped": mean(kept),
    "from-the-ends": mean([own, ...sorted.slice(F, Math.max(F, sorted.length - F))]),
    "nearest-dropped": mean([own, ...equal, ...cut(below, F), ...above.slice(F)]),
    "equal-dropped": mean([own, ...below.slice(F), ...cut(above, F)]),
    "trims-itself": mean(all.slice(F, Math.max(F, all.length - F))),
    "nothing-dropped": mean([own, ...heard]),
  };
}

export const wmsrExercise = exercise({
  id: "21/wmsr",
  title: "Listen to fewer",
  difficulty: 3,
  minutes: 14,
  gives: ["listenToFewer"],
  watches: {
    "own-dropped": "One's own value is missing from the average.",
    "from-the-ends":
      "F values were dropped from either end of all that was heard. Only values above one's own are dropped from the top, and only those below from the bottom: an agent with the highest value drops nothing above.",
    "nearest-dropped": "The values nearest to one's own were dropped. Drop the farthest.",
    "equal-dropped": "Neighbours with one's own value were left out. They are neither above nor below.",
    "trims-itself": "One's own value was sorted among the others and could be dropped. It always stays.",
    "nothing-dropped": "Nothing was dropped: this is plain averaging.",
  },
  parts: [
    {
      name: "by hand: two above, three below, two equal",
      points: 2,
      look: "section 3",
      async run(given, t) {
        for (const [own, heard, F] of [
          [0.5, [0.9, 0.1, 0.5, 0.7, 0.3, 0.45, 0.5], 1],
          [0.8, [0.2, 0.4, 0.1, 0.3], 2],
          [0.5, [0.9, 0.7], 3],
        ] as [number, number[], number][]) {
          t.mistakes(
            await given.listenToFewer(own, [...heard], F),
            heardValues(own, heard, F),
            1e-6,
            `own ${own}, heard [${heard}], F = ${F}`,
          );
        }
      },
    },
    {
      name: "nine neighbours at random",
      points: 1,
      async run(given, t) {
        for (const k of split(t.key, 4)) {
          const [own, ...heard] = list(normal(k, 10));
          t.mistakes(
            await given.listenToFewer(own, [...heard], 2),
            heardValues(own, heard, 2),
            1e-6,
            "the next value, F = 2",
          );
        }
      },
    },
  ],
});

function medians(peaks: readonly number[], phantoms: readonly number[]) {
  const sorted = (values: readonly number[]) => [...values].sort((a, b) => a - b);
  const all = sorted([...peaks, ...phantoms]);
  const n = peaks.length;
  const own = sorted(peaks);
  const asTexts = [...peaks, ...phantoms].map(String).sort().map(Number);
  return {
    right: all[n - 1],
    "no-phantoms": own[Math.floor((n - 1) / 2)],
    mean: total(all) / all.length,
    unsorted: [...peaks, ...phantoms][n - 1],
    "as-texts": asTexts[n - 1],
    "one-off": all[Math.min(n, all.length - 1)],
  };
}

export const phantomsExercise = exercise({
  id: "21/phantoms",
  title: "The median and its phantoms",
  difficulty: 2,
  minutes: 10,
  gives: ["phantomMedian"],
  watches: {
    "no-phantoms": "The phantoms were left out: this is the median of the peaks.",
    mean: "This is the mean of all the numbers. Take the middle one.",
    unsorted: "The list was not sorted: this is the last of the peaks.",
    "as-texts": "The numbers were sorted as texts (10 comes before 9). Give sort a comparison.",
    "one-off": "The place is off by one: of 2n - 1 numbers the middle has n - 1 before it.",
  },
  parts: [
    {
      name: "four peaks, three phantoms",
      points: 2,
      look: "section 4",
      async run(given, t) {
        const [peaks, phantoms] = [
          [4, 10, 2, 100],
          [30, 9, 5],
        ];
        const [p, f] = [[...peaks], [...phantoms]];
        t.mistakes(
          await given.phantomMedian(p, f),
          medians(peaks, phantoms),
          1e-6,
          `peaks [${peaks}], phantoms [${phantoms}]`,
        );
        const again = await given.phantomMedian([2], []);
        t.near(again, 2, 1e-6, "one agent and no phantom");
      },
    },
    {
      name: "seven peaks at random",
      points: 1,
      async run(given, t) {
        const numbers = list(normal(t.key, 13)).map((x) => 10 * x);
        const [peaks, phantoms] = [numbers.slice(0, 7), numbers.slice(7)];
        t.mistakes(await given.phantomMedian([...peaks], [...phantoms]), medians(peaks, phantoms), 1e-6, "the median");
      },
    },
  ],
});

function mechanisms(values: Table) {
  const sums = (without: number) =>
    values[0].map((_, k) => total(values.map((row, i) => (i === without ? 0 : row[k]))));
  const first = (row: readonly number[]) => row.indexOf(most(row));
  const taken = first(sums(-1));
  const each = (pay: (i: number) => number) => [taken, values.map((_, i) => pay(i))];
  const best = (i: number) => most(sums(i));
  return {
    right: each((i) => best(i) - sums(i)[taken]),
    "first-price": each((i) => values[i][taken]),
    "with-oneself": each((i) => best(i) - sums(-1)[taken]),
    "wrong-sign": each((i) => sums(i)[taken] - best(i)),
    "no-charge": each(() => 0),
    "everyone-pays": each((i) => best(i)),
  };
}

export const vcgExercise = exercise({
  id: "21/vcg",
  title: "What your presence costs the others",
  difficulty: 3,
  minutes: 12,
  gives: ["vickreyClarkeGroves"],
  watches: {
    "first-price": "Each pays its own value of the option. That invites understatement: pay what the others lose.",
    "with-oneself":
      "The others' sum at the option taken was computed with the agent itself in it. Leave it out of both sums.",
    "wrong-sign": "The payments have the wrong sign: without the agent the others could have had at least as much.",
    "no-charge": "Nobody pays. Then overstating helps.",
    "everyone-pays": "This is the best that the others could have without the agent. Take off what they have now.",
  },
  parts: [
    {
      name: "three options, and two apples",
      points: 2,
      look: "section 4",
      async run(given, t) {
        for (const values of [
          [
            [3, 0, 1],
            [0, 4, 1],
            [2, 1, 0],
          ],
          [
            [5, 0],
            [2, 0],
            [0, 6],
          ],
        ]) {
          t.mistakes(
            await given.vickreyClarkeGroves(copy(values)),
            mechanisms(values),
            1e-6,
            `values ${JSON.stringify(values)}`,
          );
        }
      },
    },
    {
      name: "five agents, four options; one agent is not pivotal",
      points: 1,
      async run(given, t) {
        const values = rowsOf(uniform(t.key, 20, 0, 5), 4);
        t.mistakes(await given.vickreyClarkeGroves(copy(values)), mechanisms(values), 1e-6, "[option, payments]");
      },
    },
  ],
});

function krums(reports: Table, f: number) {
  const choose = (plain: boolean, self: boolean, near = reports.length - f - 2) => {
    const scores = reports.map((a, i) => {
      const distances = reports
        .filter((_, j) => self || j !== i)
        .map((b) => total(b.map((x, k) => (x - a[k]) ** 2)))
        .map((d) => (plain ? Math.sqrt(d) : d));
      return total(distances.sort((x, y) => x - y).slice(0, near));
    });
    return scores.indexOf(least(scores));
  };
  return {
    right: choose(false, false),
    "plain-distances": choose(true, false),
    "counts-itself": choose(false, true),
    "both-mistakes": choose(true, true),
    "too-many": choose(false, false, reports.length - f),
  };
}

export const findTheBugExercise = exercise({
  id: "21/find-the-bug",
  title: "Find the bug: Krum",
  difficulty: 3,
  minutes: 12,
  gives: ["krumChoice"],
  watches: {
    "plain-distances": "The distances are not squared: another report is taken.",
    "counts-itself": "A report counts its distance to itself, 0, among the nearest. Leave it out.",
    "both-mistakes": "Both mistakes are still there: plain distances, and each report among its own nearest.",
    "too-many": "Too many neighbours were counted: n - f - 2 of them.",
  },
  parts: [
    {
      name: "reports on which each mistake shows",
      points: 3,
      look: "section 5",
      async run(given, t) {
        for (const [reports, f] of drawKrumCases(t.key)) {
          t.mistakes(
            await given.krumChoice(copy(reports), f),
            krums(reports, f),
            1e-6,
            `reports ${JSON.stringify(reports)}, f = ${f}`,
          );
        }
      },
    },
  ],
});

/** For each mistake a drawn set of reports on which it chooses wrongly, and no two mistakes choose the same. */
function drawKrumCases(key: Parameters<typeof split>[0]): [number[][], number][] {
  const wanted = ["plain-distances", "counts-itself", "both-mistakes", "too-many"] as const;
  const found: [number[][], number][] = [];
  const left = new Set<(typeof wanted)[number]>(wanted);
  for (const k of split(key, 3000)) {
    if (left.size === 0) break;
    const reports = rowsOf(Array.from(randint(k, 14, 0, 12)), 2);
    const choices = krums(reports, 1);
    const wrong = wanted.filter((name) => choices[name] !== choices.right);
    if (new Set(wrong.map((name) => choices[name])).size < wrong.length) continue;
    if (!wrong.some((name) => left.has(name))) continue;
    for (const name of wrong) left.delete(name);
    found.push([reports, 1]);
  }
  return found;
}

function resting(a: readonly number[], c: readonly number[], rate: number, E: number) {
  const by = (weight: (curvature: number) => number) => {
    const w = a.map(weight);
    return total(w.map((x, i) => x * c[i])) / total(w);
  };
  return {
    right: by((x) => 1 - (1 - rate * x) ** E),
    "optimum-of-the-sum": by((x) => x),
    "one-step": by(() => 1),
    "what-is-left": by((x) => (1 - rate * x) ** E),
    "rate-forgotten": by((x) => 1 - (1 - x) ** E),
    "not-normalised": total(a.map((x, i) => (1 - (1 - rate * x) ** E) * c[i])) / a.length,
  };
}

export const fedAvgExercise = exercise({
  id: "21/fedavg",
  title: "Where averaging rests",
  difficulty: 2,
  minutes: 8,
  gives: ["restingPoint"],
  watches: {
    "optimum-of-the-sum":
      "The weights are the curvatures: that is the optimum of the sum, reached with one small step.",
    "one-step": "All clients weigh the same: this is the mean of their optima.",
    "what-is-left": "The weights are what is left after E steps. Clients count by what they moved: 1 minus that.",
    "rate-forgotten": "The rate is missing: a step leaves 1 - rate times the curvature.",
    "not-normalised": "The weighted sum was divided by the number of clients. Divide by the sum of the weights.",
  },
  parts: [
    {
      name: "two clients, five local steps",
      points: 2,
      look: "equation (3)",
      async run(given, t) {
        const [a, c] = [
          [1, 10],
          [0, 1],
        ];
        t.mistakes(
          await given.restingPoint([...a], [...c], 0.05, 5),
          resting(a, c, 0.05, 5),
          1e-6,
          "a [1, 10], c [0, 1], rate 0.05, 5 steps",
        );
      },
    },
    {
      name: "four clients at random",
      points: 1,
      async run(given, t) {
        const [k, l] = split(t.key);
        const [a, c] = [list(uniform(k, 4, 0.5, 6)), list(normal(l, 4))];
        t.mistakes(await given.restingPoint([...a], [...c], 0.1, 7), resting(a, c, 0.1, 7), 1e-6, "the resting point");
      },
    },
  ],
});

interface UrnSlips {
  always?: boolean;
  senderOnly?: boolean;
  wrongUrn?: boolean;
  greedy?: boolean;
}

function urnsOf(N: number, u: readonly number[], slips: UrnSlips = {}): number[][][] {
  const pick = (weights: readonly number[], x: number) => {
    if (slips.greedy) return weights.indexOf(most(weights));
    let [at, reached] = [0, weights[0]];
    while (reached <= x * total(weights) && at < weights.length - 1) {
      at++;
      reached += weights[at];
    }
    return at;
  };
  const fresh = () => Array.from({ length: N }, () => Array.from({ length: N }, () => 1));
  const [sender, receiver] = [fresh(), fresh()];
  for (let t = 0; t < u.length / 3; t++) {
    const state = Math.min(N - 1, Math.floor(N * u[3 * t]));
    const signal = pick(sender[state], u[3 * t + 1]);
    const act = pick(receiver[signal], u[3 * t + 2]);
    if (!(act === state || slips.always)) continue;
    sender[state][signal]++;
    if (!slips.senderOnly) receiver[slips.wrongUrn ? state : signal][act]++;
  }
  return [sender, receiver];
}

export const urnsExercise = exercise({
  id: "21/urns",
  title: "Write the loop: urns",
  difficulty: 4,
  minutes: 18,
  gives: ["urns"],
  watches: {
    "credit-without-success":
      "Weights grew in rounds that failed as well. Only a success is credited: nothing is learned otherwise.",
    "receiver-never-learns": "The receiver's weights never grow: both urns of a success are credited.",
    "wrong-urn":
      "The act's weight grew in the urn of the state. The receiver draws from the urn of the signal that it saw.",
    greedy: "The heaviest ball was taken. Draw: otherwise it settles on the first thing that worked.",
  },
  parts: [
    {
      name: "two states, twenty rounds",
      points: 2,
      look: "section 7",
      async run(given, t) {
        for (const k of split(t.key, 3)) await askUrns(given, t, 2, list(uniform(k, 60)));
      },
    },
    {
      name: "three states, sixty rounds",
      points: 1,
      async run(given, t) {
        for (const k of split(t.key, 3)) await askUrns(given, t, 3, list(uniform(k, 180)));
      },
    },
    {
      name: "learns: two states, 4,000 rounds, five times",
      points: 1,
      async run(given, t) {
        const shares = [];
        for (const k of split(t.key, 5)) {
          const told = (await given.urns(2, list(uniform(k, 12_000)))) as number[][][];
          const [sender, receiver] = told.map((rows) => rows.map((row) => list(row).map((w) => w / total(list(row)))));
          shares.push(total([0, 1].map((s) => total([0, 1].map((m) => (sender[s][m] * receiver[m][s]) / 2)))));
        }
        const mean = total(shares) / shares.length;
        if (!(mean > 0.75)) t.fail(`After 4,000 rounds most acts should be right; with your urns ${mean} would be.`);
      },
    },
  ],
});

async function askUrns(
  given: { urns: (...args: unknown[]) => Promise<unknown> },
  t: { mistakes: (got: unknown, values: { right: unknown }, tolerance: number, message?: string) => void },
  N: number,
  u: readonly number[],
) {
  const answers = {
    right: urnsOf(N, u),
    "credit-without-success": urnsOf(N, u, { always: true }),
    "receiver-never-learns": urnsOf(N, u, { senderOnly: true }),
    "wrong-urn": urnsOf(N, u, { wrongUrn: true }),
    greedy: urnsOf(N, u, { greedy: true }),
  };
  t.mistakes(await given.urns(N, [...u]), answers, 1e-6, `[sender, receiver], ${N} states, ${u.length / 3} rounds`);
}

export const smallestFactionExercise = exercise({
  id: "21/smallest-faction",
  title: "The smallest faction",
  difficulty: 2,
  minutes: 8,
  gives: ["smallestFaction"],
  watches: {
    "flat-majority": "This is more than half of all voters: enough, and not the fewest. Place them well.",
    "half-rounded-down": "A part is won by (b + 1) / 2 of its b, not by fewer than half.",
    "one-level":
      "One level was counted. Each of the parts that must be won is a hierarchy itself: multiply, level by level.",
    "times-depth": "The levels were added up. They multiply.",
  },
  parts: [
    {
      name: "threes, fives and sevens",
      points: 2,
      look: "section 8",
      async run(given, t) {
        const at = 2 + (t.key[0] % 2);
        for (const [b, depth] of [
          [3, 3],
          [5, 2],
          [7, at],
          [3, 1],
        ]) {
          const voters = b ** depth;
          const half = (b + 1) / 2;
          t.mistakes(
            await given.smallestFaction(b, depth),
            {
              right: [half ** depth, voters],
              "flat-majority": [(voters + 1) / 2, voters],
              "half-rounded-down": [(half - 1) ** depth, voters],
              "one-level": [half, voters],
              "times-depth": [half * depth, voters],
            },
            1e-6,
            `groups of ${b}, ${depth} levels`,
          );
        }
      },
    },
  ],
});
