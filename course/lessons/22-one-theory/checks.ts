import { normal, split, uniform } from "rlhf-lab/random";
import { exercise } from "../../src/grade/exercise.js";

const list = (values: ArrayLike<number>) => Array.from(values);
const copy = (rows: readonly (readonly number[])[]) => rows.map((row) => [...row]);
const total = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
const most = (values: readonly number[]) => values.reduce((a, b) => Math.max(a, b));
const share = (weights: readonly number[]) => weights.map((w) => w / total(weights));
const rowsOf = (values: ArrayLike<number>, width: number) =>
  Array.from({ length: values.length / width }, (_, i) => list(values).slice(i * width, (i + 1) * width));
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const h2 = (p: number) => (p <= 0 || p >= 1 ? 0 : -p * Math.log2(p) - (1 - p) * Math.log2(1 - p));

type Matrix = readonly (readonly number[])[];

function informations(prior: readonly number[], P: Matrix) {
  const under = (p: readonly number[]) => {
    const q = P[0].map((_, y) => total(P.map((row, x) => p[x] * row[y])));
    return total(P.map((row, x) => total(row.map((c, y) => (p[x] * c > 0 ? p[x] * c * Math.log2(c / q[y]) : 0)))));
  };
  const q = P[0].map((_, y) => total(P.map((row, x) => prior[x] * row[y])));
  const output = total(q.map((p) => (p > 0 ? -p * Math.log2(p) : 0)));
  return {
    right: under(prior),
    nats: under(prior) * Math.LN2,
    "output-entropy": output,
    "prior-ignored": under(prior.map(() => 1 / prior.length)),
    "conditional-entropy": output - under(prior),
    "not-a-number": Number.NaN,
  };
}

export const mutualInformationExercise = exercise({
  id: "22/mutual-information",
  title: "How much does it tell?",
  difficulty: 2,
  minutes: 9,
  gives: ["informationBits"],
  watches: {
    nats: "This is in nats. Divide by ln 2, or use log2.",
    "output-entropy": "This is the entropy of the output. What the input leaves open must be taken off.",
    "prior-ignored": "The prior was ignored: all inputs count alike here.",
    "conditional-entropy": "This is H(Y|X), what the input leaves open. The information is what it does not.",
    "not-a-number": "0 log 0 came out as NaN. A term with probability 0 counts for nothing.",
  },
  parts: [
    {
      name: "three inputs, one of which never comes, and an output that one of them never gives",
      points: 2,
      look: "equation (2)",
      async run(given, t) {
        const prior = [0.7, 0.3, 0];
        const P = [
          [0.9, 0.1, 0],
          [0.2, 0.3, 0.5],
          [0, 0, 1],
        ];
        const got = (await given.informationBits([...prior], copy(P))) as number;
        if (Number.isNaN(got)) t.mistake("not-a-number");
        const { "not-a-number": _, ...values } = informations(prior, P);
        t.mistakes(got, values, 1e-6, "bits, prior [0.7, 0.3, 0]");
      },
    },
    {
      name: "four inputs at random",
      points: 1,
      async run(given, t) {
        const [a, b] = split(t.key);
        const prior = share(list(uniform(a, 4, 0.1, 1)));
        const P = rowsOf(uniform(b, 12, 0.05, 1), 3).map(share);
        const { "not-a-number": _, ...values } = informations(prior, P);
        t.mistakes(await given.informationBits([...prior], copy(P)), values, 1e-6, "bits");
      },
    },
  ],
});

function labelers(m: number, tau: number, lapse: number) {
  const p = (mistake: number) => 1 - h2(mistake);
  const wrong = sigmoid(-m / tau);
  return {
    right: p(lapse / 2 + (1 - lapse) * wrong),
    entropy: h2(lapse / 2 + (1 - lapse) * wrong),
    "full-flips": p(lapse + (1 - lapse) * wrong),
    nats: p(lapse / 2 + (1 - lapse) * wrong) * Math.LN2,
    "temperature-turned": p(lapse / 2 + (1 - lapse) * sigmoid(-m * tau)),
    "half-the-difference": p(lapse / 2 + (1 - lapse) * sigmoid(-m / (2 * tau))),
  };
}

export const labelerCapacityExercise = exercise({
  id: "22/labeler-capacity",
  title: "A labeler's capacity",
  difficulty: 2,
  minutes: 8,
  gives: ["labelerBits"],
  watches: {
    entropy: "This is the entropy of the mistakes: what is lost of one bit. Return what is left.",
    "full-flips": "Blind clicks were counted as mistakes altogether. Half of them are right.",
    nats: "This is in nats. A sure click carries 1 bit.",
    "temperature-turned": "The difference was multiplied by the temperature. Divide.",
    "half-the-difference": "The difference was halved. The two replies differ by m.",
  },
  parts: [
    {
      name: "m 2, tau 1.5, a tenth blind; then others",
      points: 2,
      look: "equation (3)",
      async run(given, t) {
        const [u, v, w] = uniform(t.key, 3);
        for (const [m, tau, lapse] of [
          [2, 1.5, 0.1],
          [0.5 + u, 0.5 + v / 3, 0.3 * w + 0.05],
        ]) {
          t.mistakes(
            await given.labelerBits(m, tau, lapse),
            labelers(m, tau, lapse),
            1e-6,
            `m ${m}, tau ${tau}, lapse ${lapse}`,
          );
        }
        t.near(await given.labelerBits(2000, 1, 0), 1, 1e-6, "m 2000: a sure click");
        t.near(await given.labelerBits(0, 1, 0.3), 0, 1e-6, "m 0: nothing to say");
      },
    },
  ],
});

function ceilings(curve: Matrix, n: number, C: number, persons: number) {
  const at = (r: number) => {
    const after = curve.findIndex(([b]) => b >= r);
    if (after < 0) return curve[curve.length - 1][1];
    if (after === 0) return curve[0][1];
    const [[r0, u0], [r1, u1]] = [curve[after - 1], curve[after]];
    return u0 + ((r - r0) / (r1 - r0)) * (u1 - u0);
  };
  const step = (r: number) => [...curve].reverse().find(([b]) => b <= r)?.[1];
  const entropy = Math.log2(persons);
  return {
    right: at(Math.min(entropy, n * C)),
    "no-cap": at(n * C),
    "one-question": at(Math.min(entropy, C)),
    "sum-over-questions": n * at(Math.min(entropy, C)),
    nats: at(Math.min(Math.log(persons), n * C)),
    "last-point": step(Math.min(entropy, n * C)),
  };
}

export const ceilingExercise = exercise({
  id: "22/ceiling",
  title: "The ceiling",
  difficulty: 3,
  minutes: 10,
  gives: ["ceiling"],
  watches: {
    "no-cap": "There are no more than log2(persons) bits to know about a person. Cap nC there.",
    "one-question": "Only one question was counted. n questions carry up to nC.",
    "sum-over-questions": "Utilities were added over questions. Bits add; utility is read off the curve once.",
    nats: "log2 of the number of persons, since C is in bits.",
    "last-point": "The utility of the point below was taken. Between two points take the straight line.",
  },
  parts: [
    {
      name: "a curve by hand, from no question to many",
      points: 2,
      look: "equation (4)",
      async run(given, t) {
        const curve = [
          [0, 0],
          [0.4, 1],
          [1, 2],
          [2, 2.6],
          [3.5, 3.2],
        ];
        for (const [n, C, persons] of [
          [3, 0.25, 8],
          [12, 0.25, 5],
          [40, 0.1, 8],
          [0, 0.3, 8],
        ]) {
          t.mistakes(
            await given.ceiling(copy(curve), n, C, persons),
            ceilings(curve, n, C, persons),
            1e-6,
            `n ${n}, C ${C}, ${persons} persons`,
          );
        }
        t.near(await given.ceiling(copy(curve), 100, 0.9, 1000), 3.2, 1e-6, "beyond the last point");
      },
    },
  ],
});

function blahut(prior: readonly number[], U: Matrix, q: readonly number[], beta: number) {
  const answer = (weight: (u: number, y: number, top: number) => number, mix = prior) => {
    const policy = U.map((row) => share(row.map((u, y) => weight(u, y, most(row)))));
    return [policy, q.map((_, y) => total(policy.map((row, v) => mix[v] * row[y])))];
  };
  const raw = U.map((row) => row.map((u, y) => q[y] * Math.exp((u - most(row)) / beta)));
  const columns = q.map((_, y) => total(raw.map((row) => row[y])));
  const overPersons = raw.map((row) => row.map((w, y) => w / columns[y]));
  return {
    right: answer((u, y, top) => q[y] * Math.exp((u - top) / beta)),
    "no-marginal": answer((u, _, top) => Math.exp((u - top) / beta)),
    "times-beta": answer((u, y, top) => q[y] * Math.exp((u - top) * beta)),
    "persons-alike": answer(
      (u, y, top) => q[y] * Math.exp((u - top) / beta),
      prior.map(() => 1 / prior.length),
    ),
    "over-persons": [overPersons, q.map((_, y) => total(overPersons.map((row, v) => prior[v] * row[y])))],
  };
}

export const blahutExercise = exercise({
  id: "22/blahut-arimoto",
  title: "One step of Blahut and Arimoto",
  difficulty: 3,
  minutes: 12,
  gives: ["blahutArimotoStep"],
  watches: {
    "no-marginal": "The present marginal is missing from the policy: it is the reference here.",
    "times-beta": "The utility was multiplied by beta. Divide.",
    "persons-alike": "All persons count alike in the next marginal. Weigh them with the prior.",
    "over-persons": "The policy was normalised over persons. For each person the replies add up to 1.",
    overflow: "Large utilities came out as NaN. Take off each person's greatest utility before the exponential.",
  },
  parts: [
    {
      name: "two persons, three replies",
      points: 2,
      look: "section 3",
      async run(given, t) {
        const [prior, U, q] = [
          [0.7, 0.3],
          [
            [1, 0, 0.5],
            [-1, 2, 0],
          ],
          [0.5, 0.3, 0.2],
        ];
        t.mistakes(
          await given.blahutArimotoStep([...prior], copy(U), [...q], 0.5),
          blahut(prior, U, q, 0.5),
          1e-6,
          "[policy, next], beta 0.5",
        );
      },
    },
    {
      name: "three persons at random; then utilities a thousand times beta",
      points: 1,
      async run(given, t) {
        const [a, b, c] = split(t.key, 3);
        const [prior, q] = [share(list(uniform(a, 3, 0.1, 1))), share(list(uniform(b, 4, 0.1, 1)))];
        const U = rowsOf(normal(c, 12), 4);
        t.mistakes(
          await given.blahutArimotoStep([...prior], copy(U), [...q], 0.8),
          blahut(prior, U, q, 0.8),
          1e-6,
          "[policy, next]",
        );
        const far = [
          [1000, 0],
          [0, 1000],
        ];
        const told = (await given.blahutArimotoStep([0.5, 0.5], far, [0.5, 0.5], 1)) as [number[][], number[]];
        if (told[0].some((row) => list(row).some(Number.isNaN))) t.mistake("overflow");
        t.near(
          told[0],
          [
            [1, 0],
            [0, 1],
          ],
          1e-6,
          "utilities 1000 and 0",
        );
      },
    },
  ],
});

function mirrors(pi: readonly number[], ref: readonly number[], R: readonly number[], eta: number, beta: number) {
  const norm = (logs: readonly number[]) => {
    const z = most(logs) + Math.log(total(logs.map((l) => Math.exp(l - most(logs)))));
    return logs.map((l) => l - z);
  };
  const raw = pi.map((l, y) => (l + eta * (R[y] + beta * ref[y])) / (1 + eta * beta));
  const p = pi.map(Math.exp);
  const shaped = R.map((r, y) => r - beta * (pi[y] - ref[y]));
  const mean = total(shaped.map((r, y) => p[y] * r));
  return {
    right: norm(raw),
    "no-reference": norm(pi.map((l, y) => (l + eta * R[y]) / (1 + eta * beta))),
    "not-divided": norm(pi.map((l, y) => l + eta * (R[y] + beta * ref[y]))),
    "not-normalised": raw,
    "plain-gradient": norm(pi.map((l, y) => l + eta * p[y] * (shaped[y] - mean))),
    "natural-gradient": norm(pi.map((l, y) => l + eta * shaped[y])),
  };
}

export const mirrorExercise = exercise({
  id: "22/mirror-step",
  title: "A step that can stand still",
  difficulty: 3,
  minutes: 12,
  gives: ["mirrorOnce"],
  watches: {
    "no-reference": "The reference is missing: at the optimum this still moves.",
    "not-divided": "The division by 1 + eta beta is missing.",
    "not-normalised": "The log-probabilities are not normalised: their exponentials should add up to 1.",
    "plain-gradient":
      "This is the plain gradient: pi times the advantage. The mirror step moves logarithms by the reward itself.",
    "natural-gradient": "This is the natural gradient: near the mirror step for small rates, and another step.",
  },
  parts: [
    {
      name: "three replies; and still at the optimum",
      points: 2,
      look: "section 4",
      async run(given, t) {
        const [pi, ref] = [
          [0.5, 0.3, 0.2],
          [0.2, 0.3, 0.5],
        ].map((p) => p.map(Math.log));
        const R = [1, 0, 2];
        t.mistakes(
          await given.mirrorOnce([...pi], [...ref], [...R], 0.7, 0.5),
          mirrors(pi, ref, R, 0.7, 0.5),
          1e-6,
          "log pi",
        );
        const weights = share(ref.map((l, y) => Math.exp(l + R[y] / 0.5)));
        const best = weights.map(Math.log);
        t.near(
          await given.mirrorOnce([...best], [...ref], [...R], 0.7, 0.5),
          best,
          1e-6,
          "at the optimum it stands still",
        );
      },
    },
    {
      name: "five replies at random",
      points: 1,
      async run(given, t) {
        const [a, b, c] = split(t.key, 3);
        const [pi, ref] = [a, b].map((k) => share(list(uniform(k, 5, 0.1, 1))).map(Math.log));
        const R = list(normal(c, 5));
        t.mistakes(
          await given.mirrorOnce([...pi], [...ref], [...R], 0.4, 0.8),
          mirrors(pi, ref, R, 0.4, 0.8),
          1e-6,
          "log pi",
        );
      },
    },
  ],
});

function twoKls(p: readonly number[], q: readonly number[]) {
  const kl = (a: readonly number[], b: readonly number[], never = Number.POSITIVE_INFINITY) =>
    total(a.map((x, y) => (x > 0 ? x * (b[y] > 0 ? Math.log(x / b[y]) : never) : 0)));
  return {
    right: [kl(p, q), kl(q, p)],
    swapped: [kl(q, p), kl(p, q)],
    "one-way-twice": [kl(p, q), kl(p, q)],
    "never-is-free": [kl(p, q, 0), kl(q, p, 0)],
    bits: [kl(p, q) / Math.LN2, kl(q, p) / Math.LN2],
    "wrong-sign": [-kl(p, q), -kl(q, p)],
  };
}

export const twoKlsExercise = exercise({
  id: "22/two-kls",
  title: "Two distances, and what each forgives",
  difficulty: 2,
  minutes: 9,
  gives: ["bothWays"],
  watches: {
    swapped: "The two are exchanged: KL(p, q) is a mean over p.",
    "one-way-twice": "Both are KL(p, q). The second is a mean over q, of log(q / p).",
    "never-is-free":
      "A reply that the first distribution writes and the second never does costs nothing here. It makes the KL infinite.",
    bits: "This is in bits. Use the natural logarithm.",
    "wrong-sign": "The sign is turned: a KL is never negative.",
    "not-a-number": "0 log 0 came out as NaN. A reply that is never written counts for nothing.",
  },
  parts: [
    {
      name: "three replies that both write",
      points: 1,
      look: "section 4",
      async run(given, t) {
        const [p, q] = [
          [0.7, 0.2, 0.1],
          [0.3, 0.3, 0.4],
        ];
        t.mistakes(await given.bothWays([...p], [...q]), twoKls(p, q), 1e-6, "[KL(p, q), KL(q, p)]");
      },
    },
    {
      name: "one that p never writes; then one that q never does",
      points: 1,
      async run(given, t) {
        const weights = rowsOf(uniform(t.key, 8, 0.1, 1), 4);
        const less = share(weights[0].map((w, y) => (y === 2 ? 0 : w)));
        const full = share(weights[1]);
        for (const [p, q] of [
          [less, full],
          [full, less],
        ]) {
          const got = (await given.bothWays([...p], [...q])) as number[] | undefined;
          if (got !== undefined && list(got).some(Number.isNaN)) t.mistake("not-a-number");
          t.mistakes(got, twoKls(p, q), 1e-6, `[KL(p, q), KL(q, p)] with p = [${p}], q = [${q}]`);
        }
      },
    },
  ],
});

type Branch = number | [number, Branch][];

function softValues(branch: Branch, beta: number) {
  const fold = (at: Branch, join: (children: [number, number][]) => number): number =>
    typeof at === "number" ? at : join(at.map(([p, next]) => [p, fold(next, join)]));
  const z = (at: Branch, scale: number): number =>
    typeof at === "number" ? Math.exp(at / scale) : total(at.map(([p, next]) => p * z(next, scale)));
  return {
    right: beta * Math.log(z(branch, beta)),
    "mean-value": fold(branch, (children) => total(children.map(([p, v]) => p * v))),
    greatest: fold(branch, (children) => most(children.map(([, v]) => v))),
    "beta-forgotten": Math.log(z(branch, 1)),
    "no-reference": fold(branch, (children) => beta * Math.log(total(children.map(([, v]) => Math.exp(v / beta))))),
    "no-logarithm": z(branch, beta),
  };
}

const drawTree = (u: readonly number[], r: readonly number[]): Branch => [
  [u[0], r[0]],
  [
    1 - u[0],
    [
      [u[1], r[1]],
      [
        1 - u[1],
        [
          [u[2], r[2]],
          [1 - u[2], r[3]],
        ],
      ],
    ],
  ],
];

export const softValueExercise = exercise({
  id: "22/soft-value",
  title: "The soft value of a prefix",
  difficulty: 3,
  minutes: 12,
  gives: ["softValue"],
  watches: {
    "mean-value": "This is the mean value under the reference. It does not know that later tokens will be steered.",
    greatest: "This is the greatest reward: what steering without a price reaches.",
    "beta-forgotten": "beta is missing inside or outside: beta ln E e^(R / beta).",
    "no-reference": "The branches were added without their probabilities under the reference.",
    "no-logarithm": "This is the desirability z. The soft value is beta ln z.",
    overflow:
      "A reward a thousand times beta came out as no number. Take off the greatest value before the exponential.",
  },
  parts: [
    {
      name: "a tree by hand, and a leaf",
      points: 2,
      look: "equation (6)",
      async run(given, t) {
        const tree: Branch = [
          [0.6, 1],
          [
            0.4,
            [
              [0.5, 3],
              [0.5, -1],
            ],
          ],
        ];
        t.mistakes(
          await given.softValue(structuredClone(tree), 0.5),
          softValues(tree, 0.5),
          1e-6,
          "the soft value, beta 0.5",
        );
        t.near(await given.softValue(2, 0.5), 2, 1e-6, "the value of a leaf is its reward");
        const far = await given.softValue(
          [
            [0.5, 1000],
            [0.5, 0],
          ],
          1,
        );
        if (!Number.isFinite(far)) t.mistake("overflow");
        t.near(far, 1000 - Math.LN2, 1e-6, "rewards 1000 and 0, beta 1");
      },
    },
    {
      name: "a deeper tree at random",
      points: 1,
      async run(given, t) {
        const [a, b] = split(t.key);
        const tree = drawTree(list(uniform(a, 3, 0.2, 0.8)), list(normal(b, 4)));
        t.mistakes(
          await given.softValue(structuredClone(tree), 0.7),
          softValues(tree, 0.7),
          1e-6,
          "the soft value, beta 0.7",
        );
      },
    },
  ],
});

interface LoopSlips {
  delay?: number;
  noNoise?: boolean;
  sign?: number;
  gainless?: boolean;
  added?: boolean;
}

function loopOf(k: number, d: number, w: number, noise: readonly number[], slips: LoopSlips = {}) {
  const path = [0];
  const late = d + (slips.delay ?? 0);
  noise.forEach((e, t) => {
    const seen = t - late >= 0 ? path[t - late] : 0;
    const observed = w - (slips.sign ?? 1) * seen + (slips.noNoise || slips.added ? 0 : e);
    path.push(path[t] + (slips.gainless ? 1 : k) * observed + (slips.added ? e : 0));
  });
  return path;
}

export const noisyLoopExercise = exercise({
  id: "22/noisy-loop",
  title: "Write the loop: does it settle?",
  difficulty: 3,
  minutes: 16,
  gives: ["noisyLoop"],
  watches: {
    "no-delay": "The observation looks at b of now. It is d rounds old.",
    "one-late": "The delay is one round too long.",
    "no-noise": "The noise is missing from the observation.",
    "wrong-sign": "The loop adds what it sees instead of the difference from what is wanted.",
    "no-gain": "The gain k is missing.",
    "noise-added": "The noise was added to b itself. It stands in the observation, and is multiplied by the gain.",
  },
  parts: [
    {
      name: "a delay of two rounds, eight noises",
      points: 2,
      look: "section 6",
      async run(given, t) {
        for (const [k, d] of [
          [0.4, 2],
          [0.7, 1],
        ]) {
          const noise = list(normal(t.key, 8)).map((x) => x / 3);
          const by = (slips?: LoopSlips) => loopOf(k, d, 1.5, noise, slips);
          t.mistakes(
            await given.noisyLoop(k, d, 1.5, [...noise]),
            {
              right: by(),
              "no-delay": by({ delay: -d }),
              "one-late": by({ delay: 1 }),
              "no-noise": by({ noNoise: true }),
              "wrong-sign": by({ sign: -1 }),
              "no-gain": by({ gainless: true }),
              "noise-added": by({ added: true }),
            },
            1e-6,
            `b of every round, k ${k}, d ${d}, w 1.5`,
          );
        }
      },
    },
    {
      name: "settles below the critical gain, swings above it",
      points: 1,
      async run(given, t) {
        const quiet = new Array<number>(600).fill(0);
        const end = async (k: number) => {
          const path = list((await given.noisyLoop(k, 2, 1, [...quiet])) as number[]);
          return Math.abs(path[path.length - 1] - 1);
        };
        const [below, above] = [await end(0.55), await end(0.68)];
        if (!(below < 0.01 && above > 1)) {
          t.fail(
            `With a delay of 2 the loop should settle at gain 0.55 and swing at 0.68; it ends ${below} and ${above} away.`,
          );
        }
      },
    },
  ],
});

function pools(shares: readonly number[], U: Matrix) {
  const items = U[0].map((_, i) => i);
  const table = (of: (i: number, j: number) => number) => items.map((i) => items.map((j) => of(i, j)));
  const mean = items.map((i) => total(shares.map((w, g) => w * U[g][i])));
  return {
    right: table((i, j) => total(shares.map((w, g) => w * sigmoid(U[g][i] - U[g][j])))),
    "sigmoid-of-the-mean": table((i, j) => sigmoid(mean[i] - mean[j])),
    "groups-alike": table((i, j) => total(U.map((u) => sigmoid(u[i] - u[j]))) / U.length),
    "turned-round": table((i, j) => total(shares.map((w, g) => w * sigmoid(U[g][j] - U[g][i])))),
    "hard-votes": table((i, j) =>
      total(shares.map((w, g) => (U[g][i] > U[g][j] ? w : U[g][i] === U[g][j] ? w / 2 : 0))),
    ),
  };
}

export const poolExercise = exercise({
  id: "22/pooled-preferences",
  title: "What a pool prefers",
  difficulty: 2,
  minutes: 10,
  gives: ["pool"],
  watches: {
    "sigmoid-of-the-mean":
      "The utilities were averaged first. People click, and clicks are averaged: the sigmoid comes before the sum.",
    "groups-alike": "All groups count alike. Weigh them with their shares.",
    "turned-round": "P[i][j] and P[j][i] are exchanged.",
    "hard-votes": "Each group votes for what it likes better, surely. Clicks are noisy: sigmoids.",
  },
  parts: [
    {
      name: "two groups, three replies; then three groups at random",
      points: 2,
      look: "section 7",
      async run(given, t) {
        const [a, b] = split(t.key);
        for (const [shares, U] of [
          [
            [0.7, 0.3],
            [
              [2, 0, 1],
              [-3, 1, 0],
            ],
          ],
          [share(list(uniform(a, 3, 0.2, 1))), rowsOf(normal(b, 12), 4)],
        ] as [number[], number[][]][]) {
          t.mistakes(await given.pool([...shares], copy(U)), pools(shares, U), 1e-6, `shares [${shares}]`);
        }
      },
    },
  ],
});

export const findTheBugExercise = exercise({
  id: "22/find-the-bug",
  title: "Find the bug: the lottery of a circle",
  difficulty: 2,
  minutes: 10,
  gives: ["circleLottery"],
  watches: {
    "own-margin": "Each reply still gets the margin of its own win. It gets that of the edge that it is not on.",
    "against-it": "Each reply gets the margin by which it loses. It gets that of the edge that it is not on.",
    "not-a-lottery": "The probabilities do not add up to 1.",
    even: "A third each is right only if the margins are equal.",
  },
  parts: [
    {
      name: "margins 0.3, 0.5, 0.2, then others",
      points: 2,
      look: "section 7",
      async run(given, t) {
        const [u, v, w] = uniform(t.key, 3, 0.1, 1);
        for (const [a, b, c] of [
          [0.3, 0.5, 0.2],
          [u, v, w + 1],
        ]) {
          const sum = a + b + c;
          t.mistakes(
            await given.circleLottery(a, b, c),
            {
              right: [b / sum, c / sum, a / sum],
              "own-margin": [a / sum, b / sum, c / sum],
              "against-it": [c / sum, a / sum, b / sum],
              "not-a-lottery": sum === 1 ? undefined : [b, c, a],
              even: [1 / 3, 1 / 3, 1 / 3],
            },
            1e-6,
            `margins ${a}, ${b}, ${c}`,
          );
        }
      },
    },
  ],
});
