import { normal, randint, split, uniform } from "rlhf-lab/random";
import { exercise } from "../../src/grade/exercise.js";

const list = (values: ArrayLike<number>) => Array.from(values);
const copy = (rows: readonly (readonly number[])[]) => rows.map((row) => [...row]);
const total = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
const dot = (a: readonly number[], b: readonly number[]) => total(a.map((x, i) => x * b[i]));

type Fork = { a: number; b: number; coin: boolean };

function goalAnswers(forks: readonly Fork[], [wc, ww]: readonly number[], gamma: number) {
  const by = (
    probability: (odds: number) => number,
    parts: (fork: Fork) => [number, number] = ({ a, b }) => [gamma ** a, gamma ** b],
  ) => {
    const slope = [0, 0];
    for (const fork of forks) {
      const [near, far] = parts(fork);
      const surprise = (fork.coin ? 1 : 0) - probability(wc * near - ww * far);
      slope[0] += surprise * near;
      slope[1] -= surprise * far;
    }
    return slope;
  };
  const soft = (odds: number) => 1 / (1 + Math.exp(-odds));
  const right = by(soft);
  return {
    right,
    "hard-max": by((odds) => (odds > 0 ? 1 : 0)),
    "sign-of-wall": [right[0], -right[1]],
    downhill: right.map((x) => -x),
    "no-discount": by(soft, () => [1, 1]),
    "coin-at-wall": by(soft, ({ a }) => [gamma ** a, gamma ** a]),
    "counts-only": by(() => 0.5),
  };
}

export const goalSlopeExercise = exercise({
  id: "16/goal-slope",
  title: "The slope of a goal",
  difficulty: 3,
  minutes: 12,
  gives: ["goalSlope"],
  watches: {
    "hard-max":
      "The agent is taken to choose the better side always. It is softly rational: p is a sigmoid of the log-odds.",
    "sign-of-wall": "The second entry has the wrong sign: a greater weight of the wall makes the coin less probable.",
    downhill: "Both entries have the wrong sign: this is the gradient of the loss, not of the log-probability.",
    "no-discount": "The distances take no part: each weight counts times gamma to the power of its distance.",
    "coin-at-wall": "The wall is discounted by the coin's distance. It has its own, b.",
    "counts-only": "The weights take no part: p is not 1/2, but the sigmoid of the log-odds at the given weights.",
  },
  parts: [
    {
      name: "three forks by hand",
      points: 2,
      look: "equation (1)",
      async run(given, t) {
        const forks = [
          { a: 1, b: 3, coin: false },
          { a: 2, b: 1, coin: true },
          { a: 4, b: 2, coin: false },
        ];
        t.mistakes(
          await given.goalSlope(structuredClone(forks), [1.5, 2.5], 0.8),
          goalAnswers(forks, [1.5, 2.5], 0.8),
          1e-6,
          "the gradient at weights [1.5, 2.5], gamma 0.8",
        );
      },
    },
    {
      name: "twenty forks by chance",
      points: 1,
      async run(given, t) {
        const [distanceKey, choiceKey, weightKey] = split(t.key, 3);
        const d = list(randint(distanceKey, 40, 1, 7));
        const u = list(uniform(choiceKey, 20));
        const weights = list(uniform(weightKey, 2, 1, 3));
        const forks = u.map((x, i) => ({ a: d[2 * i], b: d[2 * i + 1], coin: x < 0.3 }));
        t.mistakes(
          await given.goalSlope(structuredClone(forks), weights, 0.7),
          goalAnswers(forks, weights, 0.7),
          1e-6,
          "the gradient for twenty forks",
        );
        t.near(await given.goalSlope([], [1, 2], 0.9), [0, 0], 1e-12, "the gradient where nothing was seen");
      },
    },
  ],
});

interface Slips {
  everyRow?: boolean;
  uphill?: boolean;
  noBaseline?: boolean;
  noDecay?: boolean;
  decayDrawn?: boolean;
  plainYear?: boolean;
  once?: boolean;
}

/** The table after the loop, with slips. */
function loopAnswer(
  [logits, right, trained, luck, eta, lambda]: readonly [number[][], number[], number[], number[], number, number],
  slips: Slips = {},
): number[][] {
  const now = copy(logits);
  for (const u of slips.once ? luck.slice(0, 1) : luck) {
    const drawn = slips.plainYear ? Math.floor(u * logits.length) : trained[Math.floor(u * trained.length)];
    const shrunk = slips.noDecay ? [] : slips.decayDrawn ? [now[drawn]] : now;
    for (const row of shrunk) for (let k = 0; k < row.length; k++) row[k] *= 1 - eta * lambda;
    for (const [year, row] of now.entries()) {
      if (year !== drawn && !slips.everyRow) continue;
      const weights = row.map(Math.exp);
      const sum = total(weights);
      for (let k = 0; k < row.length; k++) {
        const credit = (slips.noBaseline ? 0 : weights[k] / sum) - (k === right[year] ? 1 : 0);
        row[k] -= (slips.uphill ? -1 : 1) * eta * credit;
      }
    }
  }
  return now;
}

function loopAnswers(args: Parameters<typeof loopAnswer>[0]) {
  return {
    right: loopAnswer(args),
    "every-row": loopAnswer(args, { everyRow: true }),
    uphill: loopAnswer(args, { uphill: true }),
    "no-baseline": loopAnswer(args, { noBaseline: true }),
    "no-decay": loopAnswer(args, { noDecay: true }),
    "decay-drawn-only": loopAnswer(args, { decayDrawn: true }),
    "draws-any-year": loopAnswer(args, { plainYear: true }),
    "one-step": loopAnswer(args, { once: true }),
  };
}

export const safetyLoopExercise = exercise({
  id: "16/safety-loop",
  title: "Safety training, in a table",
  difficulty: 3,
  minutes: 15,
  gives: ["safetyLoop"],
  watches: {
    "every-row": "Rows of years that were not drawn have taken a step too. Only the row of the drawn year does.",
    uphill:
      "It learns the wrong way: the right answer gets less probable. The step subtracts eta times (p - 1 if right).",
    "no-baseline": "The probabilities are missing in the step: it is p_k minus 1 if k is right, for every answer k.",
    "no-decay": "Weight decay is missing: every logit shrinks by 1 - eta lambda in every step.",
    "decay-drawn-only":
      "Only the drawn year's row shrinks. Weight decay asks nobody: every row shrinks, in every step.",
    "draws-any-year":
      "The year is drawn from all years. Draw from the list `trained`: trained[Math.floor(u * trained.length)].",
    "one-step": "Only one step was made. There is one for each number of `luck`.",
  },
  parts: [
    {
      name: "two steps by hand",
      points: 1,
      look: "equation (2)",
      async run(given, t) {
        const logits = [
          [0.2, -0.4, 1],
          [0.7, 0.1, -0.3],
          [-1, 0.5, 2],
        ];
        const args = [logits, [0, 2, 1], [1, 0], [0.2, 0.8], 0.5, 0.1] as const;
        const own = args.map((x) => structuredClone(x)) as unknown as Parameters<typeof loopAnswer>[0];
        t.mistakes(await given.safetyLoop(...own), loopAnswers(own), 1e-6, "the table after two steps");
      },
    },
    {
      name: "forty steps, no decay: unseen years stay as they are",
      points: 1,
      async run(given, t) {
        const [tableKey, luckKey] = split(t.key);
        const z = list(normal(tableKey, 18));
        const logits = Array.from({ length: 6 }, (_, y) => z.slice(3 * y, 3 * y + 3));
        const luck = list(uniform(luckKey, 40));
        const args = [logits, [0, 1, 2, 0, 1, 2], [1, 2, 4], luck, 0.3, 0] as const;
        const own = args.map((x) => structuredClone(x)) as unknown as Parameters<typeof loopAnswer>[0];
        t.mistakes(await given.safetyLoop(...own), loopAnswers(own), 1e-6, "the table after forty steps");
      },
    },
    {
      name: "thirty steps with decay",
      points: 1,
      async run(given, t) {
        const [tableKey, luckKey] = split(t.key);
        const z = list(normal(tableKey, 16));
        const logits = Array.from({ length: 4 }, (_, y) => z.slice(4 * y, 4 * y + 4));
        const args = [logits, [3, 0, 1, 2], [0, 3], list(uniform(luckKey, 30)), 0.4, 0.05] as const;
        const own = args.map((x) => structuredClone(x)) as unknown as Parameters<typeof loopAnswer>[0];
        const got = await given.safetyLoop(...own);
        t.mistakes(got, loopAnswers(args as unknown as typeof own), 1e-6, "the table after thirty steps");
        // No step: the same table.
        const still = await given.safetyLoop(copy(logits), [3, 0, 1, 2], [0, 3], [], 0.4, 0.05);
        t.near(still, logits, 1e-12, "the table after no step");
      },
    },
  ],
});

function lotAnswers(types: readonly string[], coins: readonly number[]) {
  const distinct = [...new Set(types)];
  const by = (label: (type: string, i: number) => number) => types.map(label);
  return {
    right: by((type) => coins[distinct.indexOf(type)]),
    "per-row": by((_, i) => coins[i % coins.length]),
    "first-row": by((type) => coins[types.indexOf(type)]),
    "sorted-types": by((type) => coins[[...distinct].sort().indexOf(type)]),
    "one-coin": by(() => coins[0]),
    flipped: by((type) => 1 - coins[distinct.indexOf(type)]),
  };
}

export const findTheBugExercise = exercise({
  id: "16/find-the-bug",
  title: "Find the bug: labels by lot",
  difficulty: 2,
  minutes: 8,
  gives: ["lotLabels"],
  watches: {
    "per-row":
      "Rows of one type have different labels: every row has a coin of its own. Then nothing can be learned at all, not even by heart.",
    "first-row":
      "A type's coin is taken at the place of its first row. Coins are counted by types: the second new type gets the second coin.",
    "sorted-types":
      "Coins are given out in the types' alphabetical order. Give them in the order in which types occur.",
    "one-coin": "All types have the same coin.",
    flipped: "Every label is the other one: the label is the coin itself.",
  },
  parts: [
    {
      name: "rows of three years",
      points: 2,
      look: "section 3",
      async run(given, t) {
        const types = ["2031", "2030", "2031", "2029", "2030", "2029", "2031"];
        const coins = [1, 0, 0, 1, 1, 0, 1, 1];
        t.mistakes(
          await given.lotLabels([...types], [...coins]),
          lotAnswers(types, coins),
          1e-12,
          `labels for ${types.join(" ")} with coins ${coins.join(" ")}`,
        );
      },
    },
    {
      name: "thirty rows of eight types",
      points: 1,
      async run(given, t) {
        const [typeKey, coinKey] = split(t.key);
        const rows = list(randint(typeKey, 24, 0, 8)).map((i) => "gbhadfce"[i]);
        const types = ["h", "a", "h", "c", "b", "a", ...rows];
        const coins = [0, 1, 1, 0, ...list(randint(coinKey, 36, 0, 2))];
        t.mistakes(await given.lotLabels([...types], [...coins]), lotAnswers(types, coins), 1e-12, "the labels");
      },
    },
  ],
});

type Restored = [number[][], number, number];

function restoredAnswers(clean: number, corrupt: number, patched: readonly (readonly number[])[]) {
  const by = (share: (m: number) => number, better: (x: number, best: number) => boolean = (x, best) => x > best) => {
    const grid = patched.map((row) => row.map(share));
    let [l, p] = [0, 0];
    grid.forEach((row, i) => {
      row.forEach((x, j) => {
        if (better(x, grid[l][p])) [l, p] = [i, j];
      });
    });
    return [grid, l, p] as Restored;
  };
  const right = by((m) => (m - corrupt) / (clean - corrupt));
  return {
    right,
    swapped: by((m) => (m - clean) / (corrupt - clean)),
    "not-normalised": by((m) => m - corrupt),
    "by-clean": by((m) => m / clean),
    least: by(
      (m) => (m - corrupt) / (clean - corrupt),
      (x, best) => x < best,
    ),
    "position-first": [right[0], right[2], right[1]] as Restored,
  };
}

export const restoredExercise = exercise({
  id: "16/restored",
  title: "What a patch restores",
  difficulty: 2,
  minutes: 8,
  gives: ["whatRestores"],
  watches: {
    swapped:
      "Clean and corrupt are swapped: a patch that changes nothing restores 0, one that gives m(clean) restores 1.",
    "not-normalised": "The shares are not divided by m(clean) - m(corrupt), so that they have m's unit.",
    "by-clean":
      "The shares are m(patched) / m(clean). What the corrupt run has already must be taken off, above and below.",
    least: "This is the place that restores least. The greatest share is asked for.",
    "position-first": "Layer and position are in the wrong order: [grid, layer, position].",
  },
  parts: [
    {
      name: "two layers, three positions",
      points: 2,
      look: "equation (3)",
      async run(given, t) {
        const patched = [
          [-1.5, -2, 4],
          [-1, -2.5, 1],
        ];
        t.mistakes(
          await given.whatRestores(5, -2, copy(patched)),
          restoredAnswers(5, -2, patched),
          1e-6,
          "what is restored with m(clean) = 5, m(corrupt) = -2",
        );
      },
    },
    {
      name: "a measure that is smaller where all is well; ties",
      points: 1,
      async run(given, t) {
        const patched = [
          [3.5, 3, 2.5, 3.2],
          [2.6, 1.2, 3.4, 3.1],
          [3, 1.2, 2, 3.6],
        ];
        t.mistakes(
          await given.whatRestores(1, 3, copy(patched)),
          restoredAnswers(1, 3, patched),
          1e-6,
          "what is restored with m(clean) = 1, m(corrupt) = 3",
        );
        const u = list(uniform(t.key, 12, -3, 3));
        const other = [u.slice(0, 4), u.slice(4, 8), u.slice(8)];
        t.mistakes(
          await given.whatRestores(4, -4, copy(other)),
          restoredAnswers(4, -4, other),
          1e-6,
          "shares restored",
        );
      },
    },
  ],
});

function ablateAnswers(x: readonly number[], d: readonly number[]) {
  const along = dot(x, d);
  const square = dot(d, d);
  const less = (c: number) => x.map((value, i) => value - c * d[i]);
  return {
    right: less(along / square),
    "not-unit": less(along),
    "half-unit": less(along / Math.sqrt(square)),
    "takes-d": less(1),
    mirrored: less((2 * along) / square),
    "keeps-it": d.map((value) => (along / square) * value),
  };
}

export const ablateExercise = exercise({
  id: "16/ablate",
  title: "Ablate a direction",
  difficulty: 2,
  minutes: 8,
  gives: ["ablate"],
  watches: {
    "not-unit":
      "The direction is taken to be of length one. For one of length 3 this takes off nine times too much: divide by its square.",
    "half-unit":
      "The product with the direction is divided by its length once. Once for each of the two factors: by its square.",
    "takes-d": "The direction itself was taken off. Take off only as much of it as x has.",
    mirrored: "x has been mirrored: twice its part was taken off.",
    "keeps-it": "This is the part along the direction. What is left without it was asked for.",
  },
  parts: [
    {
      name: "a direction of length 3",
      points: 2,
      async run(given, t) {
        const [x, d] = [
          [4, 1, -2],
          [1, 2, 2],
        ];
        t.mistakes(await given.ablate([...x], [...d]), ablateAnswers(x, d), 1e-6, "[4, 1, -2] without [1, 2, 2]");
        t.near(await given.ablate([1, 2], [2, -1]), [1, 2], 1e-12, "a vector that has nothing along the direction");
      },
    },
    {
      name: "by chance",
      points: 1,
      async run(given, t) {
        const z = list(normal(t.key, 10));
        const [x, d] = [
          [2 + z[0], ...z.slice(1, 5)],
          [1.5, ...z.slice(6)],
        ];
        t.mistakes(await given.ablate([...x], [...d]), ablateAnswers(x, d), 1e-6, "x without the direction");
      },
    },
  ],
});

function attributionAnswers(c: readonly number[], x: readonly number[], x0: readonly number[], n: number) {
  const gradient = (at: readonly number[]) =>
    c.map((ci, i) => 3 * ci * at[i] ** 2 + (i === 0 ? at[1] : 0) + (i === 1 ? at[0] : 0));
  const walk = (from: readonly number[], times: readonly number[], shift = 0.5, steps = n) => {
    const sum = x.map(() => 0);
    for (let k = 0; k < steps; k++) {
      const slope = gradient(x.map((value, i) => from[i] + ((k + shift) / steps) * (value - from[i])));
      for (let i = 0; i < sum.length; i++) sum[i] += slope[i] / steps;
    }
    return sum.map((value, i) => value * times[i]);
  };
  const way = x.map((value, i) => value - x0[i]);
  const zero = x.map(() => 0);
  return {
    right: walk(x0, way),
    "no-factor": walk(
      x0,
      x.map(() => 1),
    ),
    "one-step": gradient(x).map((value, i) => value * way[i]),
    left: walk(x0, way, 0),
    "right-end": walk(x0, way, 1),
    "from-zero": walk(zero, way),
    "times-input": walk(x0, x),
    sum: walk(x0, way).map((value) => value * n),
  };
}

export const integratedGradientsExercise = exercise({
  id: "16/integrated-gradients",
  title: "Integrated gradients",
  difficulty: 3,
  minutes: 12,
  gives: ["attributions"],
  watches: {
    "no-factor": "The factor x_i - x0_i is missing: this is the mean gradient.",
    "one-step": "The gradient is read at x alone. Walk from the baseline to x, and take its mean.",
    left: "The gradient is read at k / n: the left ends. The midpoint rule reads it at (k + 1/2) / n.",
    "right-end": "The gradient is read at (k + 1) / n: the right ends. The midpoint rule reads it at (k + 1/2) / n.",
    "from-zero": "The walk begins at 0. It begins at the baseline x0.",
    "times-input": "The mean gradient is multiplied by x_i. The factor is x_i - x0_i.",
    sum: "The gradients are added up; it is their mean: divide by n.",
  },
  parts: [
    {
      name: "three inputs, four steps",
      points: 2,
      look: "equation (4)",
      async run(given, t) {
        const args = [[1, -0.5, 2], [2, 1, -1], [0.5, -1, 1], 4] as const;
        t.mistakes(
          await given.attributions([...args[0]], [...args[1]], [...args[2]], 4),
          attributionAnswers(...args),
          1e-6,
          "the attributions with n = 4",
        );
      },
    },
    {
      name: "by chance; and complete",
      points: 1,
      async run(given, t) {
        const z = list(normal(t.key, 8));
        const c = [1, 2, -1, 1.5];
        const x = z.slice(0, 4).map((value) => value + 2);
        const x0 = z.slice(4).map((value) => value - 1);
        t.mistakes(
          await given.attributions([...c], [...x], [...x0], 5),
          attributionAnswers(c, x, x0, 5),
          1e-6,
          "the attributions with n = 5",
        );
        const f = (at: readonly number[]) => total(c.map((ci, i) => ci * at[i] ** 3)) + at[0] * at[1];
        const got = (await given.attributions([...c], [...x], [...x0], 2000)) as number[];
        t.near(got.length, 4, 0, "how many attributions there are");
        t.near(total(got), f(x) - f(x0), 1e-4, "the sum of the attributions, which is f(x) - f(x0)");
      },
    },
  ],
});

function scoreAnswers(weights: readonly (readonly number[])[], L: number) {
  const T = weights.length;
  const rows = (from: number) => Array.from({ length: T - from }, (_, i) => from + i);
  const meanOf = (from: number, back: number, count = T - from) =>
    total(rows(from).map((i) => weights[i][i - back] ?? 0)) / count;
  return {
    right: meanOf(L, L - 1),
    "the-copy-itself": meanOf(L, L),
    "first-period-too": meanOf(L - 1, L - 1),
    "over-all": meanOf(L, L - 1, T),
    sum: meanOf(L, L - 1, 1),
    previous: meanOf(L, 1),
    "other-way": total(rows(L).map((i) => weights[i - L + 1][i])) / (T - L),
  };
}

export const inductionScoreExercise = exercise({
  id: "16/induction-score",
  title: "The induction score",
  difficulty: 2,
  minutes: 8,
  gives: ["headScore"],
  watches: {
    "the-copy-itself":
      "This is the weight on i - L, the earlier copy itself. An induction head looks at the place after it, i - L + 1.",
    "first-period-too": "Position L - 1 has been counted: it has no earlier copy. Begin at i = L.",
    "over-all": "The sum is divided by all positions. Divide by those that were counted, T - L.",
    sum: "The weights are added up; their mean was asked for.",
    previous: "This is the weight on i - 1, the token before. An induction head looks at i - L + 1.",
    "other-way": "Rows and columns are swapped: weights[i][j] is how much i looks at j.",
  },
  parts: [
    {
      name: "five positions, period 3",
      points: 2,
      async run(given, t) {
        const weights = [
          [1, 0, 0, 0, 0],
          [0.3, 0.7, 0, 0, 0],
          [0.2, 0.5, 0.3, 0, 0],
          [0.1, 0.6, 0.2, 0.1, 0],
          [0.05, 0.15, 0.35, 0.25, 0.2],
        ];
        t.mistakes(await given.headScore(copy(weights), 3), scoreAnswers(weights, 3), 1e-6, "the score with L = 3");
      },
    },
    {
      name: "nine positions by chance",
      points: 1,
      async run(given, t) {
        const u = list(uniform(t.key, 81, 0.1, 1));
        const weights = Array.from({ length: 9 }, (_, i) => {
          const row = u.slice(9 * i, 9 * i + i + 1);
          return Array.from({ length: 9 }, (_, j) => (j <= i ? row[j] / total(row) : 0));
        });
        t.mistakes(await given.headScore(copy(weights), 4), scoreAnswers(weights, 4), 1e-6, "the score with L = 4");
      },
    },
  ],
});

function dimensionalityAnswers(W: readonly (readonly number[])[]) {
  const by = (one: (own: readonly number[], square: number, i: number) => number) =>
    W.map((own, i) => one(own, dot(own, own), i));
  const others = (own: readonly number[], i: number) => W.filter((_, j) => j !== i).map((other) => dot(own, other));
  return {
    right: by((own, square) => square / total(W.map((other) => dot(own, other) ** 2 / square))),
    unsquared: by((own, square) => square / total(W.map((other) => Math.abs(dot(own, other)) / Math.sqrt(square)))),
    "not-unit": by((own, square) => square / total(W.map((other) => dot(own, other) ** 2))),
    "without-itself": by((own, square, i) => square / (total(others(own, i).map((x) => x ** 2)) / square)),
    "unit-others": by(
      (own, square) => square / total(W.map((other) => dot(own, other) ** 2 / (square * dot(other, other)))),
    ),
    "length-above": by((own, square) => Math.sqrt(square) / total(W.map((other) => dot(own, other) ** 2 / square))),
  };
}

export const dimensionalityExercise = exercise({
  id: "16/dimensionality",
  title: "How much of a dimension?",
  difficulty: 2,
  minutes: 8,
  gives: ["dimensionality"],
  watches: {
    unsquared: "The overlaps in the sum are not squared.",
    "not-unit": "W_i in the sum must be of length one: divide W_i . W_j by |W_i| before squaring.",
    "without-itself":
      "The sum leaves j = i out. A feature alone has D = 1, not infinity: its own overlap belongs to the sum.",
    "unit-others": "The other directions have been brought to length one. Only W_i is: a long neighbour disturbs more.",
    "length-above": "Above the line stands |W_i| and not its square.",
  },
  parts: [
    {
      name: "directions of unlike length",
      points: 2,
      look: "equation (5)",
      async run(given, t) {
        const W = [
          [2, 0],
          [1, 1],
          [-0.5, 1],
        ];
        t.mistakes(await given.dimensionality(copy(W)), dimensionalityAnswers(W), 1e-6, "D of (2,0), (1,1), (-.5,1)");
      },
    },
    {
      name: "one alone; six in three dimensions",
      points: 1,
      async run(given, t) {
        t.mistakes(await given.dimensionality([[3, 4]]), dimensionalityAnswers([[3, 4]]), 1e-6, "D of a feature alone");
        const z = list(normal(t.key, 18));
        const W = Array.from({ length: 6 }, (_, i) => z.slice(3 * i, 3 * i + 3).map((x, j) => x + (j === 0 ? 2 : 0)));
        t.mistakes(await given.dimensionality(copy(W)), dimensionalityAnswers(W), 1e-6, "D of six features");
      },
    },
  ],
});

function auditAnswers(q: number, g: number, c: number, r: number) {
  const always = (1 - q) * g - q * c;
  const unseen = (1 - q) * r * g - q * (1 - r) * c;
  return {
    right: [0, always, unseen],
    "perfect-sign": [0, always, (1 - q) * g],
    "sign-turned": [0, always, (1 - q) * (1 - r) * g - q * r * c],
    "given-the-sign": [0, always, unseen / ((1 - q) * r + q * (1 - r))],
    "cost-added": [0, (1 - q) * g + q * c, (1 - q) * r * g + q * (1 - r) * c],
    "watched-swapped": [0, q * g - (1 - q) * c, q * r * g - (1 - q) * (1 - r) * c],
    "no-cost": [0, always, (1 - q) * r * g],
  };
}

export const whenNobodyLooksExercise = exercise({
  id: "16/when-nobody-looks",
  title: "Something new: when nobody looks",
  difficulty: 3,
  minutes: 13,
  gives: ["whenNobodyLooks"],
  watches: {
    "perfect-sign": "The sign is taken to be right always. With 1 - r it says unwatched where somebody watches.",
    "sign-turned": "The third defects where the sign says watched. It defects where the sign says unwatched.",
    "given-the-sign":
      "The third is the gain given that the sign says unwatched. The expected gain counts the other cases as well, with 0.",
    "cost-added": "The cost is added. Defecting while watched loses c.",
    "watched-swapped": "q is the probability of being watched, 1 - q of not being watched.",
    "no-cost": "The third never pays: but it is caught where somebody watches and the sign is wrong, q (1 - r).",
  },
  parts: [
    {
      name: "an audit by hand",
      points: 2,
      async run(given, t) {
        t.mistakes(
          await given.whenNobodyLooks(0.6, 1, 4, 0.8),
          auditAnswers(0.6, 1, 4, 0.8),
          1e-6,
          "the three gains for q = 0.6, g = 1, c = 4, r = 0.8",
        );
      },
    },
    {
      name: "by chance",
      points: 1,
      async run(given, t) {
        const [q, g, c, r] = list(uniform(t.key, 4));
        const args = [0.1 + 0.3 * q, 1 + g, 2 + c, 0.6 + 0.3 * r] as const;
        t.mistakes(await given.whenNobodyLooks(...args), auditAnswers(...args), 1e-6, `the three gains for ${args}`);
      },
    },
  ],
});
