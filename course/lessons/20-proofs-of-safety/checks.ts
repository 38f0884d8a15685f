import { clopperPearsonUpper } from "rlhf-lab/numerics";
import { exponential, type Key, normal, split, uniform } from "rlhf-lab/random";
import { exercise } from "../../src/grade/exercise.js";

const list = (values: ArrayLike<number>) => Array.from(values);
const total = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
const most = (values: readonly number[]) => values.reduce((a, b) => Math.max(a, b));
const rowsOf = (values: ArrayLike<number>, width: number) =>
  Array.from({ length: values.length / width }, (_, i) => list(values).slice(i * width, (i + 1) * width));
/** `count` random distributions over n. */
const distributions = (key: Key, count: number, n: number) =>
  rowsOf(exponential(key, count * n), n).map((row) => row.map((x) => x / total(row)));

interface Process {
  pi: number[][];
  c: number[][];
  P: number[][][];
  gamma: number;
  start: number;
}
interface CertificateSlips {
  cost?: boolean;
  start?: boolean;
  everyAction?: boolean;
  discount?: boolean;
  reversed?: boolean;
}

function failureOf(p: Process, L: readonly number[], alpha: number, slips: CertificateSlips = {}): number {
  const { cost = true, start = true, everyAction, discount = true, reversed } = slips;
  const states = L.map((own, s) => {
    const right = p.pi[s].map(
      (_, a) => (cost ? p.c[s][a] : 0) + (discount ? p.gamma : 1) * total(p.P[s][a].map((q, t) => q * L[t])),
    );
    const all = everyAction ? most(right) : total(right.map((x, a) => p.pi[s][a] * x));
    return reversed ? own - all : all - own;
  });
  const first = reversed ? alpha - L[p.start] : L[p.start] - alpha;
  return most(start ? [...states, first] : states);
}

const certificateAnswers = (p: Process, L: readonly number[], alpha: number) => {
  const by = (slips?: CertificateSlips) => failureOf(p, L, alpha, slips);
  return {
    right: by(),
    "no-cost": by({ cost: false }),
    "no-start": by({ start: false }),
    "every-action": by({ everyAction: true }),
    "no-discount": by({ discount: false }),
    reversed: by({ reversed: true }),
  };
};

/** One state that leads to itself: all answers differ, by hand. */
const oneState: Process = { pi: [[0.5, 0.5]], c: [[0, 1]], P: [[[1], [1]]], gamma: 0.5, start: 0 };

export const certificateExercise = exercise({
  id: "20/certificate",
  title: "Check a certificate",
  difficulty: 2,
  minutes: 12,
  gives: ["worstFailure"],
  watches: {
    "no-cost":
      "The cost is missing: that is the short condition, which L = 0 satisfies for every policy. Add c[s][a] on the right.",
    "no-start": "The start is not checked. Without L[start] - alpha the certificate bounds the cost by nothing.",
    "every-action":
      "The greatest action is taken in each state. The certificate is for the policy: weigh actions with pi[s][a].",
    "no-discount": "gamma is missing before the expectation of L in the next state.",
    reversed: "The differences are the wrong way round: right sides minus left sides, and L[start] minus alpha.",
  },
  parts: [
    {
      name: "one state, by hand",
      points: 1,
      look: "equation (1)",
      async run(given, t) {
        // Right side 0.5 + 0.5 L.
        for (const [L, alpha] of [
          [[0.8], 5],
          [[1.4], 1],
          [[0], 0.2],
          [[3], 0.5],
        ] as [number[], number][]) {
          t.mistakes(
            await given.worstFailure(structuredClone(oneState), [...L], alpha),
            certificateAnswers(oneState, L, alpha),
            1e-9,
            `the worst failure of L = [${L}] with alpha = ${alpha}`,
          );
        }
      },
    },
    {
      name: "three states, two actions",
      points: 2,
      async run(given, t) {
        const [a, b, c, d] = split(t.key, 4);
        const p: Process = {
          pi: distributions(a, 3, 2),
          c: rowsOf(uniform(b, 6), 2),
          P: rowsOf(distributions(c, 6, 3).flat(), 6).map((row) => rowsOf(row, 3)),
          gamma: 0.8,
          start: 1,
        };
        const L = list(uniform(d, 3)).map((x) => 1 + 2 * x);
        for (const alpha of [0.5, 1.5, 9]) {
          t.mistakes(
            await given.worstFailure(structuredClone(p), [...L], alpha),
            certificateAnswers(p, L, alpha),
            1e-9,
            `the worst failure, alpha = ${alpha}`,
          );
        }
      },
    },
  ],
});

interface FilterSlips {
  always?: boolean;
  sign?: boolean;
  square?: boolean;
  honest?: boolean;
  kappa?: boolean;
}
interface Barrier {
  h: number;
  drift: number;
  gain: number;
}

function filtered(wish: number, { h, drift, gain }: Barrier, kappa: number, m: number, slips: FilterSlips = {}) {
  const { always, sign, square = true, honest = true, kappa: withKappa = true } = slips;
  const g = sign ? -gain : gain;
  const lacks = -(withKappa ? kappa : 1) * h - drift - g * wish;
  if (lacks <= 0 && !always) return [wish, true];
  if (gain === 0) return [wish, !honest || lacks <= 0];
  const u = Math.min(m, Math.max(-m, wish + lacks / (square ? g : Math.sign(g))));
  return [u, !honest || drift + g * u >= -(withKappa ? kappa : 1) * h - 1e-9];
}

const filterAnswers = (wish: number, barrier: Barrier, kappa: number, m: number) => {
  const by = (slips?: FilterSlips) => filtered(wish, barrier, kappa, m, slips);
  return {
    right: by(),
    "corrects-always": by({ always: true }),
    "gain-sign": by({ sign: true }),
    "no-square": by({ square: false }),
    "clips-and-claims": by({ honest: false }),
    "no-kappa": by({ kappa: false }),
  };
};

export const barrierFilterExercise = exercise({
  id: "20/barrier-filter",
  title: "The filter",
  difficulty: 2,
  minutes: 10,
  gives: ["filterInput"],
  watches: {
    "corrects-always":
      "A wish that keeps the condition was changed. The bracket in (7) is a positive part: 0 if nothing is lacking.",
    "gain-sign": "The gain has the wrong sign: the input moves h by + gain * u.",
    "no-square":
      "What is lacking was added with the gain's sign only. Divide by the gain (gain over its square): a strong input has to move less.",
    "clips-and-claims":
      "No input within the limits keeps the condition here, and yet you return true. A filter that clips and goes on promises nothing: say false.",
    "no-kappa": "kappa is missing: the condition is drift + gain * u >= -kappa * h.",
  },
  parts: [
    {
      name: "a safe wish, an unsafe one, one beyond the brakes",
      points: 2,
      look: "equation (7)",
      async run(given, t) {
        for (const [wish, barrier, kappa, m] of [
          [0.5, { h: 1, drift: 0.2, gain: -1 }, 2, 5],
          [1, { h: 0.5, drift: -1, gain: -2 }, 1.5, 3],
          [-1, { h: 0.4, drift: -2, gain: 4 }, 0.5, 3],
          [1, { h: 0.2, drift: -2, gain: -0.5 }, 2, 1],
          [0.5, { h: 0.2, drift: -2, gain: 0 }, 2, 1],
        ] as [number, Barrier, number, number][]) {
          t.mistakes(
            await given.filterInput(wish, { ...barrier }, kappa, m),
            filterAnswers(wish, barrier, kappa, m),
            1e-7,
            `[u, kept] for wish ${wish}, h ${barrier.h}, drift ${barrier.drift}, gain ${barrier.gain}, kappa ${kappa}, m ${m}`,
          );
        }
      },
    },
    {
      name: "random barriers, kept wherever it can be",
      points: 1,
      async run(given, t) {
        const z = list(normal(t.key, 24));
        for (let i = 0; i < 8; i++) {
          const barrier = { h: Math.abs(z[3 * i]), drift: 2 * z[3 * i + 1], gain: z[3 * i + 2] + 0.1 };
          // On the border one rounding decides.
          if (Math.abs(barrier.drift + Math.abs(barrier.gain) + 0.7 * barrier.h) < 1e-3) continue;
          t.mistakes(
            await given.filterInput(0.4, { ...barrier }, 0.7, 1),
            filterAnswers(0.4, barrier, 0.7, 1),
            1e-6,
            "[u, kept] for a random barrier",
          );
        }
      },
    },
  ],
});

interface KernelSlips {
  rounds?: number;
  every?: boolean;
  probably?: boolean;
  keep?: boolean;
}

function kernelOf(P: readonly number[][][], bad: readonly boolean[], slips: KernelSlips = {}): boolean[] {
  const { rounds = bad.length + 1, every, probably, keep } = slips;
  let kernel = bad.map((b) => !b);
  for (let round = 0; round < rounds; round++) {
    const stays = (row: number[]) =>
      probably ? total(row.filter((_, t) => !kernel[t])) < 0.5 : row.every((p, t) => p === 0 || kernel[t]);
    kernel = kernel.map((inside, s) => {
      if (keep) return inside && P[s].some((row) => row.some((p, t) => p > 0 && kernel[t]));
      return inside && (every ? P[s].every(stays) : P[s].some(stays));
    });
  }
  return kernel;
}

const kernelAnswers = (P: readonly number[][][], bad: readonly boolean[]) => ({
  right: kernelOf(P, bad),
  "one-round": kernelOf(P, bad, { rounds: 1 }),
  "every-action": kernelOf(P, bad, { every: true }),
  probably: kernelOf(P, bad, { probably: true }),
  "some-outcome": kernelOf(P, bad, { keep: true }),
  "only-bad": kernelOf(P, bad, { rounds: 0 }),
});

/**
 * A line of fields: bad, then three from which the slips lead back to it one by one, then three to rest in; one from
 * which all leads to bad, and one from which most does.
 */
const nineFields: { P: number[][][]; bad: boolean[] } = {
  bad: [true, false, false, false, false, false, false, false, false],
  P: [
    [
      [1, 0, 0, 0, 0, 0, 0, 0, 0],
      [1, 0, 0, 0, 0, 0, 0, 0, 0],
    ],
    [
      [0.9, 0.1, 0, 0, 0, 0, 0, 0, 0],
      [0.05, 0, 0.95, 0, 0, 0, 0, 0, 0],
    ],
    [
      [0, 0.5, 0.5, 0, 0, 0, 0, 0, 0],
      [0, 0.05, 0, 0.95, 0, 0, 0, 0, 0],
    ],
    [
      [0, 0, 1, 0, 0, 0, 0, 0, 0],
      [0, 0, 0.05, 0, 0.95, 0, 0, 0, 0],
    ],
    [
      [0, 0, 0, 1, 0, 0, 0, 0, 0],
      [0, 0, 0, 0, 0, 1, 0, 0, 0],
    ],
    [
      [0, 0, 0, 0, 1, 0, 0, 0, 0],
      [0, 0, 0, 0, 0, 1, 0, 0, 0],
    ],
    [
      [0, 0, 0, 0, 0, 0.6, 0.4, 0, 0],
      [0, 0, 0, 0, 0, 0, 1, 0, 0],
    ],
    [
      [1, 0, 0, 0, 0, 0, 0, 0, 0],
      [1, 0, 0, 0, 0, 0, 0, 0, 0],
    ],
    [
      [0.6, 0, 0, 0, 0, 0, 0.4, 0, 0],
      [0.7, 0, 0, 0, 0, 0.3, 0, 0, 0],
    ],
  ],
};

export const kernelExercise = exercise({
  id: "20/kernel",
  title: "The kernel",
  difficulty: 3,
  minutes: 12,
  gives: ["viable"],
  watches: {
    "only-bad": "Only the bad states were struck off. States from which every action may lead to them go as well.",
    "one-round":
      "One round is not enough: a state that was struck off may have been the only safe place to go. Repeat until nothing changes.",
    "every-action": "A state stays if some action is safe; you asked for all of them.",
    probably:
      "An outcome of probability 0.05 outside the set was let pass. The kernel asks what is possible, not what is probable.",
    "some-outcome": "One good outcome is not enough: all outcomes of the action must lie in the set.",
  },
  parts: [
    {
      name: "nine fields, slips of 5 %",
      points: 2,
      look: "section 4",
      async run(given, t) {
        t.mistakes(
          await given.viable(structuredClone(nineFields.P), [...nineFields.bad]),
          kernelAnswers(nineFields.P, nineFields.bad),
          0,
          "the kernel of nine fields, field 0 bad",
        );
      },
    },
    {
      name: "random processes of six states, and extremes",
      points: 1,
      async run(given, t) {
        for (const key of split(t.key, 3)) {
          const [a, b] = split(key);
          const u = rowsOf(uniform(a, 72), 6);
          const P = rowsOf(
            u.flatMap((row) => {
              const next = row.map((x) => (x > 0.7 ? x : 0));
              if (total(next) === 0) next[Math.floor(6 * row[0])] = 1;
              return next.map((x) => x / total(next));
            }),
            12,
          ).map((row) => rowsOf(row, 6));
          const bad = list(uniform(b, 6)).map((x) => x < 0.25);
          t.mistakes(await given.viable(structuredClone(P), [...bad]), kernelAnswers(P, bad), 0, "a random kernel");
        }
        t.near(await given.viable([[[1]]], [true]), [false], 0, "the kernel where all is bad");
        t.near(await given.viable([[[1]]], [false]), [true], 0, "the kernel where nothing is bad");
      },
    },
  ],
});

interface Sea {
  P: number[][][];
  r: number[][];
  allowed: boolean[][];
  end: number;
}
interface LoopSlips {
  exploreAll?: boolean;
  greedyAll?: boolean;
  creditAll?: boolean;
  discount?: boolean;
  whole?: boolean;
  sarsa?: boolean;
}

function learned(
  { P, r, allowed, end }: Sea,
  episodes: readonly number[][][],
  habits: { gamma: number; rate: number; explore: number },
  slips: LoopSlips = {},
): number[][] {
  const { exploreAll, greedyAll, creditAll, discount = true, whole, sarsa } = slips;
  const Q = r.map((row) => row.map(() => 0));
  const open = (s: number, all?: boolean) => allowed[s].flatMap((ok, a) => (ok || all ? [a] : []));
  const best = (s: number, all?: boolean) => open(s, all).reduce((a, b) => (Q[s][b] > Q[s][a] ? b : a));
  for (const episode of episodes) {
    let s = 0;
    for (const [dice, pick, move] of episode) {
      if (s === end) break;
      const actions = open(s, exploreAll);
      const a = dice < habits.explore ? actions[Math.floor(pick * actions.length)] : best(s, greedyAll);
      let next = 0;
      for (let sum = P[s][a][0]; sum <= move && next < P[s][a].length - 1; ) sum += P[s][a][++next];
      const value = sarsa
        ? total(open(next).map((b) => Q[next][b])) / open(next).length
        : Q[next][best(next, creditAll)];
      const target = r[s][a] + (next === end ? 0 : (discount ? habits.gamma : 1) * value);
      Q[s][a] = whole ? target : Q[s][a] + habits.rate * (target - Q[s][a]);
      s = next;
    }
  }
  return Q;
}

/**
 * Five fields in a row and a pit: 0 .. 3, then 4 the end, 5 the pit. Actions: on, back, jump. Jumping pays at once and
 * may end in the pit, from which there is only a costly way on: so forbidden pairs have large and small values both.
 */
const pitSea: Sea = {
  end: 4,
  P: [0, 1, 2, 3, 4, 5].map((s) => {
    const to = (...outcomes: [state: number, probability: number][]) => {
      const row = new Array<number>(6).fill(0);
      for (const [state, probability] of outcomes) row[state] += probability;
      return row;
    };
    if (s === 4) return [to([4, 1]), to([4, 1]), to([4, 1])];
    if (s === 5) return [to([0, 1]), to([5, 1]), to([5, 1])];
    const [on, back] = [s + 1, Math.max(0, s - 1)];
    return [to([on, 0.8], [s, 0.2]), to([back, 0.9], [s, 0.1]), to([on, 0.5], [5, 0.5])];
  }),
  r: [0, 1, 2, 3, 4, 5].map((s) => (s === 4 ? [0, 0, 0] : s === 5 ? [-3, -3, -3] : [s === 3 ? 0.6 : -0.4, -0.5, 0.5])),
  allowed: [0, 1, 2, 3, 4, 5].map((s) => (s > 3 ? [true, true, true] : [true, true, false])),
};
const habits = { gamma: 0.9, rate: 0.3, explore: 0.3 };
const draws = (key: Key, episodes: number, steps: number) =>
  episodes === 0 ? [] : Array.from(split(key, episodes), (k) => rowsOf(uniform(k, 3 * steps), 3));

export const shieldedLoopExercise = exercise({
  id: "20/shielded-loop",
  title: "The loop",
  difficulty: 4,
  minutes: 20,
  gives: ["learnBehindShield"],
  watches: {
    "explores-outside":
      "While exploring, an action was taken that the shield forbids. The dice choose among allowed actions only.",
    "greedy-outside":
      "The greedy choice took an action that the shield forbids: its Q is still 0, which may look better than what is allowed.",
    "credit-outside":
      "The credit counts forbidden actions of the next state. Their Q stays 0, and where all that is allowed is negative, 0 looks too good.",
    "no-discount": "gamma is missing before what is ahead.",
    "whole-step": "Q jumps to the target. Step only a part of the way: rate times the difference.",
    "mean-ahead": "What is ahead is the mean over allowed actions. Q-learning takes the largest.",
  },
  parts: [
    {
      name: "six states, a pit, twelve episodes",
      points: 2,
      look: "section 5",
      async run(given, t) {
        const episodes = draws(t.key, 12, 15);
        const by = (slips?: LoopSlips) => learned(pitSea, episodes, habits, slips);
        t.mistakes(
          await given.learnBehindShield(structuredClone(pitSea), structuredClone(episodes), { ...habits }),
          {
            right: by(),
            "explores-outside": by({ exploreAll: true }),
            "greedy-outside": by({ greedyAll: true }),
            "credit-outside": by({ creditAll: true }),
            "no-discount": by({ discount: false }),
            "whole-step": by({ whole: true }),
            "mean-ahead": by({ sarsa: true }),
          },
          1e-9,
          "Q after twelve episodes",
        );
      },
    },
    {
      name: "learns to go on, and never jumps",
      points: 2,
      async run(given, t) {
        const after = async (n: number) =>
          (await given.learnBehindShield(structuredClone(pitSea), draws(t.key, n, 40), {
            ...habits,
            rate: 0.1,
          })) as number[][];
        const [none, some] = [await after(0), await after(300)];
        if (none?.flat?.().some((q) => q !== 0)) t.fail("Without an episode Q should be 0 everywhere.");
        for (const s of [0, 1, 2, 3]) {
          if (some[s][2] !== 0) t.fail(`Q of the forbidden jump in state ${s} should stay 0; it is ${some[s][2]}.`);
          if (!(some[s][0] > some[s][1])) {
            t.fail(`After 300 episodes going on should be worth more than going back in state ${s}.`);
          }
        }
      },
    },
  ],
});

interface DeskSlips {
  drift?: boolean;
  startOnly?: boolean;
  multiply?: boolean;
  cap?: boolean;
  empty?: boolean;
}

function breakdown(up: number, down: number, cap: number, r: number, start: number, T: number, slips: DeskSlips = {}) {
  const { drift = true, startOnly, multiply, cap: capped = true, empty = true } = slips;
  const B = (x: number) => r ** (x - cap);
  const growth = (x: number) => up * (B(x + 1) - B(x)) + (x > 0 || !empty ? down * (B(x - 1) - B(x)) : 0);
  const all = Array.from({ length: cap }, (_, x) => growth(x));
  const epsilon = Math.max(0, startOnly ? growth(start) : most(all));
  const bound = multiply ? B(start) * T : B(start) + (drift ? epsilon * T : 0);
  return capped ? Math.min(1, bound) : bound;
}

export const helpDeskExercise = exercise({
  id: "20/help-desk",
  title: "Something new: the help desk",
  difficulty: 3,
  minutes: 12,
  gives: ["breakdownBound"],
  watches: {
    "no-drift": "The drift is missing: B may grow by epsilon in each of T minutes, so add epsilon * T.",
    "start-only":
      "epsilon was taken from the first state alone. The queue moves: take the greatest growth over all states.",
    multiplied: "That is B times T. Ville's inequality adds: B(start) + epsilon * T.",
    uncapped: "A bound above 1 says nothing about a probability: return at most 1.",
    "empty-serves":
      "In the empty queue somebody was served. There only an arrival moves B, so it grows more than your formula says.",
  },
  parts: [
    {
      name: "a slow desk, a fast one, a long time",
      points: 2,
      look: "equation (5)",
      async run(given, t) {
        const [x] = uniform(t.key, 1, 0, 0.02);
        for (const [up, down, cap, r, start, T] of [
          [0.3, 0.3 + x, 10, 1.3, 4, 5],
          [0.3 + x, 0.35, 10, 1.3, 8, 500],
          [0.2 + x, 0.4, 5, 1.5, 2, 20],
          [0.1, 0.5 + x, 4, 2, 1, 10],
        ]) {
          const by = (slips?: DeskSlips) => breakdown(up, down, cap, r, start, T, slips);
          t.mistakes(
            await given.breakdownBound({ up, down, cap }, r, start, T),
            {
              right: by(),
              // Where B grows in the empty queue alone, three mistakes have one value; the first cases tell the others.
              ...(up * r < down && { "empty-serves": by({ empty: false }) }),
              "no-drift": by({ drift: false }),
              "start-only": by({ startOnly: true }),
              multiplied: by({ multiply: true }),
              uncapped: by({ cap: false }),
            },
            1e-9,
            `the bound for up ${up.toFixed(2)}, down ${down.toFixed(2)}, cap ${cap}, r ${r}, start ${start}, T ${T}`,
          );
        }
      },
    },
    {
      name: "it is a bound: no queue breaks down oftener",
      points: 1,
      async run(given, t) {
        const [up, down, cap] = [0.3, 0.4, 8];
        let at: number[] = Array.from({ length: cap + 1 }, (_, x) => (x === 3 ? 1 : 0));
        for (let minute = 0; minute < 20; minute++) {
          const next = at.map(() => 0);
          at.forEach((p, x) => {
            if (x === cap) next[x] += p;
            else {
              next[x + 1] += up * p;
              next[Math.max(0, x - 1)] += down * p;
              next[x] += (1 - up - down) * p;
            }
          });
          at = next;
        }
        const bound: unknown = await given.breakdownBound({ up, down, cap }, 4 / 3, 3, 20);
        if (typeof bound === "number" && bound < at[cap]) {
          t.fail(`The queue breaks down with probability ${at[cap].toFixed(4)}; a bound of ${bound} is none.`);
        }
        t.near(bound, breakdown(up, down, cap, 4 / 3, 3, 20), 1e-9, "the bound for r = down / up");
      },
    },
  ],
});

/** sum over j < terms of the binomial probabilities, in logs so that no n is too large. */
function lowerTail(terms: number, n: number, p: number): number {
  let log = n * Math.log1p(-p);
  let sum = 0;
  for (let j = 0; j < terms; j++) {
    sum += Math.exp(log);
    log += Math.log(((n - j) / (j + 1)) * (p / (1 - p)));
  }
  return sum;
}

function solveTail(terms: number, n: number, delta: number): number {
  let [low, high] = [0, 1];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (lowerTail(terms, n, middle) > delta) low = middle;
    else high = middle;
  }
  return low;
}

export const exactBoundExercise = exercise({
  id: "20/exact-bound",
  title: "The exact bound",
  difficulty: 3,
  minutes: 12,
  gives: ["exactBound"],
  watches: {
    "two-sided": "This is the upper end of the two-sided interval, with delta / 2. The bound asked for is one-sided.",
    "fewer-than-k":
      "The tail holds fewer than k failures instead of at most k. With k = 0 that would leave nothing: count k itself.",
    wald: "This is the normal approximation, k/n + z sqrt(...). With no failure it says 0, which no record can show.",
    "rule-of-three": "This is k/n plus 3/n or so. The rule of three is for no failure, and an approximation.",
    "all-failed": "With k = n nothing is excluded: the bound is 1, not NaN or less.",
  },
  parts: [
    {
      name: "no failure, some, many",
      points: 2,
      look: "section 7",
      async run(given, t) {
        const [u] = uniform(t.key, 1);
        const n = 30 + Math.floor(50 * u);
        for (const [k, of, delta] of [
          [1, n, 0.05],
          [0, 20, 0.05],
          [0, n, 0.05],
          [10, 100, 0.025],
          [n - 10, n, 0.1],
        ]) {
          const right = clopperPearsonUpper(k, of, delta);
          const z = { 0.05: 1.6448536, 0.025: 1.959964, 0.1: 1.2815516 }[delta] as number;
          t.mistakes(
            await given.exactBound(k, of, delta),
            {
              right,
              "two-sided": clopperPearsonUpper(k, of, delta / 2),
              "fewer-than-k": k === 0 ? 0 : solveTail(k, of, delta),
              wald: k / of + z * Math.sqrt(((k / of) * (1 - k / of)) / of),
              "rule-of-three": (k - Math.log(delta)) / of,
            },
            2e-6,
            `the bound for ${k} failures of ${of}, delta ${delta}`,
          );
        }
      },
    },
    {
      name: "all failed",
      points: 1,
      async run(given, t) {
        for (const n of [1, 12]) {
          const got: unknown = await given.exactBound(n, n, 0.05);
          if (typeof got === "number" && !(got > 1 - 1e-6)) t.mistake("all-failed");
          t.near(got, 1, 1e-6, `the bound for ${n} failures of ${n}`);
        }
      },
    },
  ],
});

interface BoxSlips {
  sized?: boolean;
  centreOnly?: boolean;
  biasTwice?: boolean;
  relu?: boolean;
}

function boxThrough(
  W: readonly number[][],
  b: readonly number[],
  [lower, upper]: readonly number[][],
  slips: BoxSlips = {},
) {
  const { sized = true, centreOnly, biasTwice, relu = true } = slips;
  const end = (sign: number): number[] =>
    W.map((row, i) => {
      const c = total(row.map((w, j) => (w * (lower[j] + upper[j])) / 2)) + b[i];
      const r = total(row.map((w, j) => ((sized ? Math.abs(w) : w) * (upper[j] - lower[j])) / 2));
      if (centreOnly) return Math.max(0, c) + sign * r;
      const z = c + sign * (r + (biasTwice ? b[i] : 0));
      return relu ? Math.max(0, z) : z;
    });
  return [end(-1), end(1)];
}

export const findTheBugExercise = exercise({
  id: "20/find-the-bug",
  title: "Find the bug: a box through a layer",
  difficulty: 2,
  minutes: 8,
  gives: ["throughLayer"],
  watches: {
    "one-sign":
      "The lower end was sent through W, and the upper end. Where a weight is negative the upper input gives the lower output: use centre and radius, the radius through |W|.",
    "relu-of-centre": "max(0, .) was taken of the centre, and the radius added afterwards. Take it of both ends.",
    "bias-twice": "The bias is in the radius too. It moves the centre only.",
    "no-relu": "max(0, .) is missing.",
  },
  parts: [
    {
      name: "by hand, and random layers",
      points: 2,
      look: "section 8",
      async run(given, t) {
        const [a, b, c, d] = split(t.key, 4);
        const lower = list(normal(c, 3));
        const cases: [number[][], number[], number[][]][] = [
          [
            [
              [1, -1],
              [2, 1],
              [-1, -2],
            ],
            [0.5, 1, 0.5],
            [
              [-1, 0],
              [2, 1],
            ],
          ],
          [
            rowsOf(normal(a, 12), 3),
            list(normal(b, 4)),
            [lower, lower.map((x, j) => x + [...uniform(d, 3, 0.5, 2)][j])],
          ],
        ];
        for (const [W, bias, box] of cases) {
          t.mistakes(
            await given.throughLayer(structuredClone(W), [...bias], [...box[0]], [...box[1]]),
            {
              right: boxThrough(W, bias, box),
              "one-sign": boxThrough(W, bias, box, { sized: false }),
              "relu-of-centre": boxThrough(W, bias, box, { centreOnly: true }),
              "bias-twice": boxThrough(W, bias, box, { biasTwice: true }),
              "no-relu": boxThrough(W, bias, box, { relu: false }),
            },
            1e-9,
            "[lower, upper] of the layer",
          );
        }
      },
    },
  ],
});

interface Node {
  p: number[];
  after: (Node | boolean)[];
}
const safety = (at: Node | boolean): number =>
  typeof at === "boolean" ? Number(at) : total(at.p.map((p, v) => p * safety(at.after[v])));
const possible = (at: Node | boolean): number => (safety(at) > 0 ? 1 : 0);

function shieldAnswers({ p, after }: Node) {
  const all = safety({ p, after });
  const divided = (weights: number[]) => {
    const sum = total(weights);
    return weights.map((w) => (sum > 0 ? w / sum : 0));
  };
  const greedy = after.map((next) => {
    // One step is seen, and the rest taken for the safest word.
    if (typeof next === "boolean") return Number(next);
    return most(next.after.map(safety));
  });
  return {
    right: p.map((q, v) => (all > 0 ? (q * safety(after[v])) / all : 0)),
    mask: divided(p.map((q, v) => q * possible(after[v]))),
    "own-safety": p.map((q) => q * all),
    "not-divided": p.map((q, v) => q * safety(after[v])),
    "forgets-policy": divided(after.map(safety)),
    "best-case": divided(p.map((q, v) => q * greedy[v])),
  };
}

/** A random tree of this depth; verdicts are safe with probability 0.6. */
function randomNode(key: Key, depth: number): Node {
  const [a, b, c] = split(key, 3);
  const p = distributions(a, 1, 3)[0];
  const u = uniform(b, 3);
  const keys = split(c, 3);
  return { p, after: p.map((_, v) => (depth === 1 || u[v] < 0.15 ? u[v] < 0.6 : randomNode(keys[v], depth - 1))) };
}

export const exactShieldExercise = exercise({
  id: "20/exact-shield",
  title: "The exact shield",
  difficulty: 3,
  minutes: 12,
  gives: ["shieldedTokens"],
  watches: {
    mask: "That is the mask with look-ahead: every token from which something safe can come keeps its full weight. Weigh it with S of what follows.",
    "own-safety": "S of the node itself was used for every token. Use S of what follows the token.",
    "not-divided": "The probabilities do not add up to 1: divide by S of the node.",
    "forgets-policy": "The policy's own probabilities are missing: p[v] times S(after[v]).",
    "best-case": "What follows was taken at its best. The policy goes on as it does: S is a mean under p.",
  },
  parts: [
    {
      name: "very good, very bad: by hand",
      points: 2,
      look: "equation (6)",
      async run(given, t) {
        const hand: Node = {
          p: [0.4, 0.35, 0.25],
          after: [
            {
              p: [0.3, 0.7],
              after: [{ p: [0.5, 0.5], after: [true, false] }, false],
            },
            { p: [0.5, 0.5], after: [true, { p: [0.2, 0.8], after: [true, false] }] },
            true,
          ],
        };
        t.mistakes(
          await given.shieldedTokens(structuredClone(hand)),
          shieldAnswers(hand),
          1e-6,
          "the shielded probabilities",
        );
      },
    },
    {
      name: "random trees, and one from which nothing is safe",
      points: 1,
      async run(given, t) {
        for (const key of split(t.key, 3)) {
          const node = randomNode(key, 4);
          t.mistakes(
            await given.shieldedTokens(structuredClone(node)),
            shieldAnswers(node),
            1e-6,
            "the shielded probabilities of a random tree",
          );
        }
        t.near(
          await given.shieldedTokens({ p: [0.5, 0.5], after: [false, false] }),
          [0, 0],
          0,
          "where nothing is safe",
        );
      },
    },
  ],
});

interface LiftSlips {
  token?: boolean;
  forget?: boolean;
  endOnly?: boolean;
  restart?: boolean;
}

/** Character by character, by the definition. */
function lifted(phrase: string, state: number, token: string, slips: LiftSlips = {}): number {
  const { token: whole, forget, endOnly, restart } = slips;
  if (whole && token === phrase) return -1;
  let text = forget ? "" : phrase.slice(0, state);
  for (const [i, letter] of [...token].entries()) {
    text += letter;
    if (!whole && text.endsWith(phrase) && (!endOnly || i === token.length - 1)) return -1;
    if (restart && !phrase.startsWith(text)) text = "";
  }
  let n = Math.min(phrase.length - 1, text.length);
  while (n > 0 && !text.endsWith(phrase.slice(0, n))) n--;
  return n;
}

export const liftToTokensExercise = exercise({
  id: "20/lift-to-tokens",
  title: "Lift it to tokens",
  difficulty: 3,
  minutes: 12,
  gives: ["afterToken"],
  watches: {
    "one-token":
      "Only the token that is the whole phrase is stopped. A phrase also comes in pieces, or inside of a token.",
    "forgets-state":
      "What had been written before the token was forgotten: begin with the first `state` characters of the phrase.",
    "end-only": "The phrase was looked for at the end of the token only. It may be complete in the middle of it.",
    "starts-over":
      'After a wrong character everything was thrown away. An ending of the text may still be a beginning of the phrase: "aa" + "b" after "a" is a hit for "aab".',
  },
  parts: [
    {
      name: "kill and aab, by hand",
      points: 2,
      look: "section 9",
      async run(given, t) {
        for (const [phrase, state, token] of [
          ["kill", 0, "xkill"],
          ["kill", 1, "i"],
          ["kill", 0, "killx"],
          ["aab", 2, "ab"],
          ["kill", 2, "ll"],
          ["kill", 0, "a killer"],
          ["kill", 1, "xki"],
          ["kill", 3, "k"],
          ["kill", 0, "kill"],
          ["kill", 2, "x"],
          ["aab", 2, "a"],
          ["abab", 3, "aba"],
          ["abab", 3, "xab"],
        ] as [string, number, string][]) {
          const by = (slips?: LiftSlips) => lifted(phrase, state, token, slips);
          t.mistakes(
            await given.afterToken(phrase, state, token),
            {
              right: by(),
              "starts-over": by({ restart: true }),
              "forgets-state": by({ forget: true }),
              "end-only": by({ endOnly: true }),
              "one-token": by({ token: true }),
            },
            0,
            `phrase "${phrase}", state ${state}, token "${token}"`,
          );
        }
      },
    },
    {
      name: "however a text is cut, the phrase is found",
      points: 1,
      async run(given, t) {
        const u = list(uniform(t.key, 60));
        const text = u
          .slice(0, 30)
          .map((x) => "ab"[Math.floor(2 * x)])
          .join("");
        const phrase = "abba";
        let [state, at] = [0, 0];
        for (let i = 30; at < text.length && state >= 0; i++) {
          const token = text.slice(at, at + 1 + Math.floor(3 * u[i]));
          const right = lifted(phrase, state, token);
          at += token.length;
          t.near(
            await given.afterToken(phrase, state, token),
            right,
            0,
            `phrase "${phrase}", state ${state}, "${token}"`,
          );
          state = right;
        }
      },
    },
  ],
});
