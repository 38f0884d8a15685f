import { minNorm, paretoFront, pcgrad, samplesPerArm } from "rlhf-lab/constitution";
import { exactExpectation, exactKL, logSoftmax, mean, normalQuantile } from "rlhf-lab/numerics";
import { type Key, normal, permutation, split, uniform } from "rlhf-lab/random";
import { phraseContent, phraseTask } from "rlhf-lab/worlds";
import { drawUntil } from "../../src/grade/drawUntil.js";
import { exercise } from "../../src/grade/exercise.js";

const list = (values: ArrayLike<number>) => Array.from(values);
const copy = (rows: readonly (readonly number[])[]) => rows.map((row) => [...row]);
const total = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
const dot = (a: readonly number[], b: readonly number[]) => total(a.map((x, d) => x * b[d]));

/** Duplicates, a point that is only weakly dominated, one that is plainly so; in this order or another. */
const handMade = [
  [1, 1],
  [2, 1],
  [1, 1],
  [0, 3],
  [2, 0],
  [2, 1],
];

/** What each mistake makes of a set of points. */
function fronts(points: readonly number[][]) {
  const by = (dominates: (a: number[], b: number[], i: number, j: number) => boolean) =>
    points.flatMap((b, i) => (points.some((a, j) => j !== i && dominates(a, b, j, i)) ? [] : [i]));
  const atLeast = (a: number[], b: number[]) => a.every((x, d) => x >= b[d]);
  return {
    right: paretoFront(points),
    minimises: by((a, b) => atLeast(b, a) && !atLeast(a, b)),
    strict: by((a, b) => a.every((x, d) => x > b[d])),
    "equal-points-kill": by((a, b) => atLeast(a, b)),
    "keeps-one-copy": by((a, b, j, i) => atLeast(a, b) && (!atLeast(b, a) || j < i)),
    "any-objective": by((a, b) => a.some((x, d) => x > b[d])),
  };
}

export const paretoFrontExercise = exercise({
  id: "12/pareto-front",
  title: "The front",
  difficulty: 2,
  minutes: 10,
  gives: ["frontOf"],
  watches: {
    minimises: "This is the front of the worst points: here larger scores are better.",
    strict:
      "A point that is equal in one score and worse in the other was kept: to dominate, better in one and nowhere worse is enough.",
    "equal-points-kill": "Equal points have thrown each other out. Neither dominates the other: both stay.",
    "keeps-one-copy": "Of equal points only the first was kept. Neither dominates the other: all stay.",
    "any-objective":
      "A point was thrown out because another one is better in some score. It has to be at least as good in all of them as well.",
  },
  parts: [
    {
      name: "with duplicates and ties, by hand",
      points: 2,
      look: "section 1",
      async run(given, t) {
        const order = list(permutation(t.key, handMade.length));
        const points = order.map((i) => handMade[i]);
        t.mistakes(await given.frontOf(copy(points)), fronts(points), 1e-9, `the front of ${JSON.stringify(points)}`);
      },
    },
    {
      name: "random points with three scores",
      points: 1,
      async run(given, t) {
        const draws = list(uniform(t.key, 24)).map((x) => Math.round(9 * x));
        const points = Array.from({ length: 8 }, (_, i) => draws.slice(3 * i, 3 * i + 3));
        t.mistakes(await given.frontOf(copy(points)), fronts(points), 1e-9, `the front of ${JSON.stringify(points)}`);
      },
    },
  ],
});

interface AreaSlips {
  sorted?: boolean;
  clipped?: boolean;
  union?: boolean;
  sign?: number;
}

function areaAbove(points: readonly number[][], reference: readonly number[], slips: AreaSlips = {}): number {
  const { sorted = true, clipped = true, union = true, sign = 1 } = slips;
  let rows = points.map(([x, y]) => [sign * (x - reference[0]), sign * (y - reference[1])]);
  if (clipped) rows = rows.filter(([x, y]) => x > 0 && y > 0);
  if (!union) return total(rows.map(([x, y]) => x * y));
  if (sorted) rows.sort((a, b) => b[0] - a[0]);
  let [area, height] = [0, 0];
  for (const [x, y] of rows) {
    if (y <= height) continue;
    area += x * (y - height);
    height = y;
  }
  return area;
}

export const hypervolumeExercise = exercise({
  id: "12/hypervolume",
  title: "The area under a front",
  difficulty: 2,
  minutes: 10,
  gives: ["areaOf"],
  watches: {
    overlaps: "Rectangles were added up where they overlap. Each point adds only what rises above those before it.",
    "beyond-the-reference":
      "A point that is not above the reference in both scores was counted: its rectangle has a negative side.",
    unsorted: "The points were taken in the order in which they stand. Sort them by the first score, largest first.",
    minimises: "This is the area below the reference: here larger scores are better.",
    "reference-at-zero": "The area was measured from (0, 0) and not from the reference.",
  },
  parts: [
    {
      name: "dominated points, duplicates, and points beyond the reference",
      points: 2,
      look: "section 1",
      async run(given, t) {
        const [a, b, c, d] = uniform(t.key, 4);
        const reference = [1 + a, 2 + b];
        const above = [
          [1, 3],
          [2, 2],
          [3, 1],
          [1.5, 1.5],
          [2, 2],
          [4 + c, -1],
          [-1, 4 + d],
          [-2, -2],
        ];
        // Shuffled, and shifted with the reference, never in falling order.
        const points = [5, 0, 2, 3, 1, 7, 4, 6].map((i) => [above[i][0] + reference[0], above[i][1] + reference[1]]);
        t.mistakes(
          await given.areaOf(copy(points), [...reference]),
          {
            right: areaAbove(points, reference),
            overlaps: areaAbove(points, reference, { union: false }),
            "beyond-the-reference": areaAbove(points, reference, { clipped: false }),
            unsorted: areaAbove(points, reference, { sorted: false }),
            minimises: areaAbove(points, reference, { sign: -1 }),
            "reference-at-zero": areaAbove(points, [0, 0]),
          },
          1e-9,
          "the area of eight points",
        );
      },
    },
    {
      name: "a random front, and no point at all",
      points: 1,
      async run(given, t) {
        const draws = uniform(t.key, 12, 0.5, 3);
        const points = Array.from({ length: 6 }, (_, i) => [draws[2 * i], draws[2 * i + 1]]);
        t.near(await given.areaOf(copy(points), [0.2, 0.3]), areaAbove(points, [0.2, 0.3]), 1e-9, "a random front");
        t.near(await given.areaOf([], [0, 0]), 0, 1e-9, "the area of no points");
      },
    },
  ],
});

/** Probabilities of n outcomes, and rules: at least one kept, one broken. */
function drawPolicy(key: Key, n: number) {
  const [a, b, c] = split(key, 3);
  const raw = list(uniform(a, n, 0.2, 1));
  const p = raw.map((x) => x / total(raw));
  const order = list(permutation(b, n));
  const kept = 1 + Math.floor(uniform(c, 1)[0] * (n - 2)) + 1;
  const allowed = order.map((place) => (place < Math.min(kept, n - 1) ? 1 : 0));
  return { p, allowed };
}

export const priceExercise = exercise({
  id: "12/price",
  title: "The price of a principle",
  difficulty: 2,
  minutes: 10,
  gives: ["hardPrinciple"],
  watches: {
    "not-normalised": "The probabilities of what is allowed do not add up to 1: subtract ln P(V).",
    sign: "The price is negative: ln P(V) is below 0, so the price is minus beta times it.",
    "log-odds": "This price is beta times log-odds. It is -beta ln P(V), with the probability of keeping the rule.",
    violation: "This price uses the probability of breaking the rule. It is -beta ln P(V), of keeping it.",
    "no-beta": "beta is missing: the price is in units of reward, beta for each nat.",
    overflow:
      "At log-probabilities near -2000 this is not finite: exp gives 0 there. Subtract the largest one before Math.exp.",
  },
  parts: [
    {
      name: "the conditioned policy and its price",
      points: 2,
      look: "equation (3)",
      async run(given, t) {
        const [a, b] = split(t.key);
        const { p, allowed } = drawPolicy(a, 5);
        const beta = 0.3 + 0.4 * uniform(b, 1)[0];
        const logs = p.map(Math.log);
        const kept = total(p.map((x, y) => x * allowed[y]));
        const at = (price: number, divisor = kept) => ({
          logProbs: logs.map((l, y) => (allowed[y] === 1 ? l - Math.log(divisor) : Number.NEGATIVE_INFINITY)),
          price,
        });
        const right = -beta * Math.log(kept);
        t.mistakes(
          await given.hardPrinciple([...logs], [...allowed], beta),
          {
            right: at(right),
            "not-normalised": at(right, 1),
            sign: at(-right),
            "log-odds": at(-beta * Math.log(kept / (1 - kept))),
            violation: at(-beta * Math.log(1 - kept)),
            "no-beta": at(right / beta),
          },
          1e-6,
          "five replies and a rule",
        );
      },
    },
    {
      name: "replies that are next to impossible",
      points: 1,
      async run(given, t) {
        const got = await given.hardPrinciple([0, -2000, -2001], [0, 1, 1], 0.5);
        const price = (got as { price?: unknown } | undefined)?.price;
        if (typeof price === "number" && !Number.isFinite(price)) t.mistake("overflow");
        const log = Math.log1p(Math.exp(-1));
        const right = {
          logProbs: [Number.NEGATIVE_INFINITY, -log, -1 - log],
          price: 0.5 * (2000 - log),
        };
        t.mistakes(
          got,
          { right, sign: { ...right, price: -right.price }, "no-beta": { ...right, price: 2 * right.price } },
          1e-6,
          "a rule that is almost never kept",
        );
      },
    },
  ],
});

export const retriesExercise = exercise({
  id: "12/retries",
  title: "Try again, at most m times",
  difficulty: 3,
  minutes: 12,
  gives: ["withRetries"],
  watches: {
    conditioned:
      "This is the conditioned policy, which is what endless retries give. With at most m draws the last one is sent even if it breaks the rule.",
    "never-sends-bad": "Replies that break the rule have probability 0, yet the last draw is sent whatever it is.",
    "one-more-draw": "This is for m + 1 draws: m counts all of them, the first included.",
    "endless-draws":
      "1 / P(V) is the mean number of draws without a limit. With at most m it is 1 + q + ... + q^(m-1).",
    "draws-that-fail": "The mean number of draws counts only those that fail. The one that is sent is a draw as well.",
  },
  parts: [
    {
      name: "what is sent, how often it breaks the rule, and how many draws",
      points: 3,
      look: "exercise 4",
      async run(given, t) {
        const { p, allowed } = drawPolicy(t.key, 4);
        const m = 3;
        const q = total(p.map((x, y) => x * (1 - allowed[y])));
        const sums = (k: number) => (1 - q ** k) / (1 - q);
        const sent = (k: number, bad = q ** (k - 1)) => p.map((x, y) => (allowed[y] === 1 ? x * sums(k) : x * bad));
        const right = { sent: sent(m), broken: q ** m, draws: sums(m) };
        t.mistakes(
          await given.withRetries([...p], [...allowed], m),
          {
            right,
            conditioned: { sent: p.map((x, y) => (x * allowed[y]) / (1 - q)), broken: 0, draws: 1 / (1 - q) },
            "never-sends-bad": { ...right, sent: sent(m, 0) },
            "one-more-draw": { sent: sent(m + 1), broken: q ** (m + 1), draws: sums(m + 1) },
            "endless-draws": { ...right, draws: 1 / (1 - q) },
            "draws-that-fail": { ...right, draws: sums(m + 1) - 1 },
          },
          1e-9,
          "four replies and at most three draws",
        );
      },
    },
    {
      name: "one draw changes nothing; a rule that is always kept, or never",
      points: 1,
      async run(given, t) {
        const x = 0.2 + 0.5 * uniform(t.key, 1)[0];
        const p = [x, 1 - x];
        t.near(await given.withRetries([...p], [1, 0], 1), { sent: p, broken: 1 - x, draws: 1 }, 1e-9, "one draw");
        t.near(await given.withRetries([...p], [1, 1], 4), { sent: p, broken: 0, draws: 1 }, 1e-9, "no rule");
        t.near(await given.withRetries([...p], [0, 0], 4), { sent: p, broken: 1, draws: 4 }, 1e-9, "a hopeless rule");
      },
    },
  ],
});

interface PenaltyWorld {
  ref: number[];
  reward: number[];
  cost: number[];
  beta: number;
  limit: number;
}
type Kind = "absolute" | "quadratic";

function excessAt({ ref, reward, cost, beta, limit }: PenaltyWorld, lambda: number): number {
  const logProbs = logSoftmax(ref.map((p, y) => Math.log(p) + (reward[y] - lambda * cost[y]) / beta));
  return exactExpectation(logProbs, cost) - limit;
}

/** Where a falling function crosses 0, between the ends. */
function crossing(falling: (lambda: number) => number, low = 0, high = 1000): number {
  let [a, b] = [low, high];
  for (let i = 0; i < 120; i++) {
    const middle = (a + b) / 2;
    if (falling(middle) > 0) a = middle;
    else b = middle;
  }
  return a;
}

/** The multiplier, and what each mistake makes of it. */
function multipliers(kind: Kind, mu: number, world: PenaltyWorld) {
  const slack = excessAt(world, 0) <= 0;
  const star = slack ? 0 : crossing((l) => excessAt(world, l));
  const quadratic = (of: PenaltyWorld, low = 0) => crossing((l) => mu * excessAt(of, l) - l, low);
  const dropped = { ...world, limit: 0 };
  const absolute = kind === "absolute";
  const right = slack ? 0 : absolute ? Math.min(mu, star) : quadratic(world);
  return {
    right,
    "pays-for-slack": slack ? (absolute ? mu : quadratic(world, -1000)) : right,
    "quadratic-is-exact": absolute || slack ? right : Math.min(mu, star),
    "always-mu": slack ? 0 : absolute ? mu : right,
    "always-lambda-star": absolute ? star : right,
    "no-limit": absolute ? right : quadratic(dropped),
    "half-the-slope": absolute || slack ? right : crossing((l) => (mu / 2) * excessAt(world, l) - l),
  };
}

export const penaltyExercise = exercise({
  id: "12/penalty",
  title: "What a penalty charges",
  difficulty: 4,
  minutes: 15,
  gives: ["effectiveMultiplier"],
  watches: {
    "pays-for-slack":
      "Something is charged, or paid, where the limit is kept anyway: the penalty has max(0, excess), which is 0 there.",
    "quadratic-is-exact":
      "The quadratic penalty was taken for an exact one. It charges mu times the excess, so some excess is left.",
    "always-mu":
      "The absolute penalty charges at most lambda*: once the limit is kept nothing more is to be avoided. min(mu, lambda*).",
    "always-lambda-star":
      "The absolute penalty charges mu as long as mu is below lambda*; then the limit is not kept. min(mu, lambda*).",
    "no-limit": "The limit is missing: the penalty is for E[g] - alpha, not for E[g].",
    "half-the-slope": "The slope of (mu / 2) e^2 is mu e: the half goes away.",
  },
  parts: [
    {
      name: "both kinds, below and above the threshold",
      points: 3,
      look: "equation (5)",
      async run(given, t) {
        const world = drawPenaltyWorld(t.key);
        const star = crossing((l) => excessAt(world, l));
        for (const [kind, mu] of [
          ["absolute", 0.5 * star],
          ["absolute", 1.7 * star],
          ["quadratic", 0.8],
          ["quadratic", 40],
        ] as const) {
          t.mistakes(
            await given.effectiveMultiplier(kind, mu, copyWorld(world)),
            multipliers(kind, mu, world),
            1e-6,
            `the ${kind} penalty of weight ${mu.toFixed(3)} (lambda* is ${star.toFixed(3)})`,
          );
        }
      },
    },
    {
      name: "charges nothing where the limit is kept anyway",
      points: 1,
      async run(given, t) {
        const drawn = drawPenaltyWorld(t.key);
        const world = { ...drawn, limit: drawn.limit + excessAt(drawn, 0) + 0.2 };
        for (const kind of ["absolute", "quadratic"] as const) {
          t.mistakes(
            await given.effectiveMultiplier(kind, 1.5, copyWorld(world)),
            multipliers(kind, 1.5, world),
            1e-6,
            `the ${kind} penalty with slack`,
          );
        }
      },
    },
  ],
});

/** A world in which the limit binds: half way between the free cost and the least. */
function drawPenaltyWorld(key: Key): PenaltyWorld {
  const [a, b, c] = split(key, 3);
  const raw = list(uniform(a, 4, 0.3, 1));
  const ref = raw.map((x) => x / total(raw));
  const cost = [0.2, 1.2, 2.1, 3];
  const reward = cost.map((x, y) => 0.8 * x + 0.4 * uniform(b, 4)[y]);
  const beta = 0.5 + 0.5 * uniform(c, 1)[0];
  const world = { ref, reward, cost, beta, limit: 0 };
  const free = excessAt(world, 0);
  return { ...world, limit: 0.2 + 0.5 * (free - 0.2) };
}

const copyWorld = ({ ref, reward, cost, beta, limit }: PenaltyWorld) => ({
  ref: [...ref],
  reward: [...reward],
  cost: [...cost],
  beta,
  limit,
});

interface LoopWorld {
  logRef: number[];
  utility: number[];
  cost: number[];
  beta: number;
  limit: number;
}
interface LoopSlips {
  floor?: boolean;
  dualSign?: number;
  charges?: boolean;
  penalty?: boolean;
  baseline?: "others" | "none" | "all";
  scale?: "mean" | "sum";
  fresh?: boolean;
  exactCost?: boolean;
}

/** The loop, or the loop with a slip. */
function constraintLoop(
  { logRef, utility, cost, beta, limit }: LoopWorld,
  luck: readonly (readonly number[])[],
  rate: number,
  dualRate: number,
  slips: LoopSlips = {},
): { logProbs: number[]; multiplier: number } {
  const { floor = true, dualSign = 1, charges = true, penalty = true, fresh = false, exactCost = false } = slips;
  const { baseline = "others", scale = "mean" } = slips;
  const logits = [...logRef];
  let multiplier = 0;
  for (const row of luck) {
    const logProbs = list(logSoftmax(logits));
    const drawn = row.map((v) => {
      let sum = 0;
      const found = logProbs.findIndex((l) => {
        sum += Math.exp(l);
        return sum > v;
      });
      return found < 0 ? logProbs.length - 1 : found;
    });
    const G = row.length;
    const spent = exactCost ? exactExpectation(logProbs, cost) : mean(drawn.map((y) => cost[y]));
    const moved = multiplier + dualSign * dualRate * (spent - limit);
    const next = floor ? Math.max(0, moved) : moved;
    const price = charges ? (fresh ? next : multiplier) : 0;
    const rewards = drawn.map((y) => utility[y] - price * cost[y] - (penalty ? beta * (logProbs[y] - logRef[y]) : 0));
    const sum = total(rewards);
    rewards.forEach((r, i) => {
      const expected = { others: (sum - r) / (G - 1), none: 0, all: sum / G }[baseline];
      for (let k = 0; k < logits.length; k++) {
        const push = (k === drawn[i] ? 1 : 0) - Math.exp(logProbs[k]);
        logits[k] += (rate / (scale === "mean" ? G : 1)) * (r - expected) * push;
      }
    });
    multiplier = next;
  }
  return { logProbs: list(logSoftmax(logits)), multiplier };
}

const loopSlips = {
  "no-floor": { floor: false },
  "wrong-way": { dualSign: -1 },
  "never-charged": { charges: false },
  "no-kl": { penalty: false },
  "no-baseline": { baseline: "none" },
  "includes-itself": { baseline: "all" },
  "sum-for-mean": { scale: "sum" },
  "price-too-early": { fresh: true },
  "exact-cost": { exactCost: true },
} as const satisfies Record<string, LoopSlips>;

/** Fresh numbers that tell every mistake from the right answer and from the others; hand-made if luck refuses. */
function drawLoop(key: Key) {
  for (const k of split(key, 30)) {
    const [a, b, c, d] = split(k, 4);
    const raw = list(uniform(a, 3, 0.5, 1));
    const world = {
      logRef: raw.map((p) => Math.log(p / total(raw))),
      utility: list(uniform(b, 3, -1, 2)),
      cost: [0, 1, 2],
      beta: 0.5,
      // Loose at first and binding later is not to be had in six steps: the floor is told apart by slack.
      limit: 0.9 + 0.4 * uniform(d, 1)[0],
    };
    const luck = split(c, 6).map((one) => list(uniform(one, 4)));
    const by = (slips: LoopSlips = {}) => constraintLoop(world, luck, 0.8, 0.7, slips);
    const answers = {
      right: by(),
      ...(Object.fromEntries(Object.entries(loopSlips).map(([name, slips]) => [name, by(slips)])) as Record<
        keyof typeof loopSlips,
        ReturnType<typeof constraintLoop>
      >),
    };
    const flat = Object.values(answers).map(({ logProbs, multiplier }) => [...logProbs, multiplier]);
    const apart = flat.every((one, i) =>
      flat.slice(0, i).every((other) => one.some((x, j) => Math.abs(x - other[j]) > 1e-3)),
    );
    if (apart) return { world, luck, answers };
  }
  throw new Error("12/constraint-loop: no draw tells the mistakes apart");
}

export const constraintLoopExercise = exercise({
  id: "12/constraint-loop",
  title: "The loop",
  difficulty: 4,
  minutes: 20,
  gives: ["trainWithinLimit"],
  watches: {
    "no-floor": "The multiplier went below 0: then cost is paid for. Keep it at 0 or above with Math.max.",
    "wrong-way": "The price falls when too much is spent. It has to rise: lambda + dualRate (mean cost - limit).",
    "never-charged": "The rewards do not contain the price: subtract multiplier * cost of each reply.",
    "no-kl": "The KL term is missing from the rewards: subtract beta (ln pi - ln pi_ref) of each reply.",
    "no-baseline": "The advantage is the reward itself. Subtract the mean of the others.",
    "includes-itself": "The baseline includes the reply's own reward: take the mean of the others only.",
    "sum-for-mean": "The step is G times too long: divide by the number of replies.",
    "price-too-early": "The rewards use the price after its update. Take the one of the step's beginning.",
    "exact-cost": "The price was updated by the policy's exact mean cost. Use the mean of the replies that were drawn.",
  },
  parts: [
    {
      name: "six steps, number by number",
      points: 2,
      look: "exercise 6",
      async run(given, t) {
        const { world, luck, answers } = drawLoop(t.key);
        t.mistakes(
          await given.trainWithinLimit(
            { ...world, logRef: [...world.logRef], utility: [...world.utility], cost: [...world.cost] },
            luck,
            0.8,
            0.7,
          ),
          answers,
          1e-6,
          "log-probabilities and multiplier after six steps with groups of four",
        );
      },
    },
    {
      name: "keeps two words on average, and is good",
      points: 2,
      async run(given, t) {
        const task = phraseTask({ length: 3 });
        const [logRef, utility] = [list(task.reference[0]), list(task.utility[0])];
        const cost = task.tree.sequences.map((reply) => phraseContent(reply).length);
        const world = { logRef, utility, cost, beta: 0.5, limit: 1.5 };
        const luck = split(t.key, 1500).map((k) => list(uniform(k, 16)));
        const got = (await given.trainWithinLimit(
          { ...world, logRef: [...logRef], utility: [...utility], cost: [...cost] },
          luck,
          0.5,
          0.03,
        )) as { logProbs?: unknown } | undefined;
        const logProbs = got?.logProbs;
        if (!(Array.isArray(logProbs) && logProbs.length === logRef.length && logProbs.every(Number.isFinite))) {
          t.fail(`Expected logProbs with ${logRef.length} finite log-probabilities, one for each reply.`);
        }
        const numbers = logProbs as number[];
        t.near(total(numbers.map(Math.exp)), 1, 1e-6, "the sum of the probabilities");
        const spent = exactExpectation(numbers, cost);
        const value = exactExpectation(numbers, utility) - 0.5 * exactKL(numbers, logRef);
        const start = exactExpectation(logRef, utility);
        if (!(spent < 1.85))
          t.fail(`At most 1.5 words on average were asked for; the trained policy writes ${spent.toFixed(2)}.`);
        if (!(value > start + 0.4)) {
          t.fail(
            `Utility minus KL should rise by more than 0.4; it went from ${start.toFixed(2)} to ${value.toFixed(2)}.`,
          );
        }
      },
    },
  ],
});

export const noiseExercise = exercise({
  id: "12/noise",
  title: "Two noises",
  difficulty: 3,
  minutes: 12,
  gives: ["principleNoise"],
  watches: {
    "no-cross-terms": "The sum's noise has only its diagonal: conflict and agreement are in the covariances.",
    "cross-terms-once": "Each pair of different principles comes by twice in (7), as (i, j) and as (j, i).",
    "weights-not-squared": "In (7) each term has the product of two weights.",
    "between-in-the-sum":
      "The distances of the gradients to their mean belong to the drawn principle, equation (8), and not to the sum.",
    "no-between": "(8) lacks its second part: which principle is drawn changes the mean, and that is noise as well.",
    "weights-squared": "In (8) each weight is a probability: it comes once, not squared.",
  },
  parts: [
    {
      name: "three principles",
      points: 3,
      look: "equations (7) and (8)",
      async run(given, t) {
        const [a, b, c] = split(t.key, 3);
        const gradients = split(a, 3).map((k) => list(normal(k, 4)));
        const factors = split(b, 3).map((k) => list(normal(k, 3)));
        const covariance = factors.map((f) => factors.map((g) => dot(f, g)));
        const raw = list(uniform(c, 3, 0.3, 1));
        const weights = raw.map((x) => x / total(raw));
        const pairs = (f: (i: number, j: number) => number) =>
          total(weights.flatMap((_, i) => weights.map((_w, j) => f(i, j))));
        const centre = gradients[0].map((_, d) => total(gradients.map((g, i) => weights[i] * g[d])));
        const between = (power: number) =>
          total(gradients.map((g, i) => weights[i] ** power * total(g.map((x, d) => (x - centre[d]) ** 2))));
        const all = pairs((i, j) => weights[i] * weights[j] * covariance[i][j]);
        const within = (power: number) => total(weights.map((w, i) => w ** power * covariance[i][i]));
        const one = within(1) + between(1);
        t.mistakes(
          await given.principleNoise(copy(gradients), copy(covariance), [...weights]),
          {
            right: { all, one },
            "no-cross-terms": { all: within(2), one },
            "cross-terms-once": { all: (all + within(2)) / 2, one },
            "weights-not-squared": { all: pairs((i, j) => weights[i] * covariance[i][j]), one },
            "between-in-the-sum": { all: all + between(1), one },
            "no-between": { all, one: within(1) },
            "weights-squared": { all, one: within(2) + between(2) },
          },
          1e-9,
          "three principles with unequal weights",
        );
      },
    },
  ],
});

export const minNormExercise = exercise({
  id: "12/min-norm",
  title: "The shortest vector between two gradients",
  difficulty: 2,
  minutes: 8,
  gives: ["shortest"],
  watches: {
    unclipped: "alpha left the range from 0 to 1: the vector is outside of the segment. Clip it.",
    swapped: "alpha and 1 - alpha changed places: alpha belongs to the first gradient.",
    middle: "This is the middle of the two, which is not the shortest unless they are equally long.",
    "divides-by-zero": "Equal gradients give 0 / 0. The segment is one point then: return it.",
    "shorter-end": "This is the shorter of the two gradients; a point between them may be shorter still.",
  },
  parts: [
    {
      name: "within the segment, and at its ends",
      points: 2,
      look: "section 4",
      async run(given, t) {
        const [a, b] = split(t.key);
        const [x, y, z] = uniform(a, 3, 0.3, 0.8);
        const cases = [
          [
            [1, x, 0],
            [-1, z, y],
          ], // conflict: inside
          [
            [1, x],
            [3, 2 * x + y],
          ], // clipped to the first
          [
            [2 + x, 1 + y],
            [0.5, z / 2],
          ], // clipped to the second
        ];
        for (const i of list(permutation(b, 3))) {
          const [g1, g2] = cases[i];
          const apart = g1.map((v, d) => v - g2[d]);
          const alpha = -dot(apart, g2) / dot(apart, apart);
          const at = (w: number) => g1.map((v, d) => w * v + (1 - w) * g2[d]);
          const within = Math.min(1, Math.max(0, alpha));
          t.mistakes(
            await given.shortest([...g1], [...g2]),
            {
              right: list(minNorm([g1, g2]).direction),
              unclipped: at(alpha),
              swapped: at(1 - within),
              middle: at(0.5),
              "shorter-end": dot(g1, g1) < dot(g2, g2) ? g1 : g2,
            },
            1e-7,
            `between [${g1}] and [${g2}]`,
          );
        }
      },
    },
    {
      name: "equal gradients",
      points: 1,
      async run(given, t) {
        const g = list(uniform(t.key, 2, 0.5, 1));
        const got = await given.shortest([...g], [...g]);
        if (Array.isArray(got) && got.some((v) => !Number.isFinite(v))) t.mistake("divides-by-zero");
        t.near(got, g, 1e-9, "of two equal gradients");
      },
    },
  ],
});

export const findTheBugExercise = exercise({
  id: "12/find-the-bug",
  title: "Find the bug: PCGrad",
  difficulty: 2,
  minutes: 8,
  gives: ["surgery"],
  watches: {
    "already-projected":
      "The second gradient was projected against the first one as it is after its own repair. Use the original ones: keep a copy.",
    always: "Gradients that agree lost something, too. Project only where the product is negative.",
    "own-norm": "Divide by the squared length of the other gradient, the one that the part points along.",
    "per-coordinate":
      "The conflict was judged coordinate by coordinate. It is one number, the product of both vectors.",
    "plain-sum": "This is the plain sum: nothing was projected.",
    average: "This is the mean of the mended gradients; PCGrad adds them up.",
  },
  parts: [
    {
      name: "two in conflict",
      points: 1,
      look: "the table of surgeons in section 4",
      async run(given, t) {
        const [x, y] = uniform(t.key, 2, 0.2, 0.8);
        await compareSurgery(given.surgery, t, [
          [-2, x, 1],
          [1.5, 1, y],
        ]);
      },
    },
    {
      name: "two that agree, and three of both kinds",
      points: 2,
      async run(given, t) {
        const [x, y] = uniform(t.key, 2, 0.2, 0.8);
        await compareSurgery(given.surgery, t, [
          [1, x],
          [2, -y],
        ]);
        await compareSurgery(given.surgery, t, [
          [-3, -2 + x],
          [3, 1],
          [-2, 3 + y],
        ]);
      },
    },
  ],
});

type Surgery = (gradients: number[][]) => Promise<unknown>;
interface Compares {
  mistakes(
    got: unknown,
    values: { right: unknown } & Record<string, unknown>,
    tolerance: number,
    message?: string,
  ): void;
}

async function compareSurgery(surgery: Surgery, t: Compares, gradients: number[][]): Promise<void> {
  const by = (mend: (own: number[], other: number[], overlap: number) => number[], inPlace = false) => {
    const own = copy(gradients);
    for (let i = 0; i < own.length; i++) {
      for (let j = 0; j < own.length; j++) {
        const other = inPlace ? own[j] : gradients[j];
        if (j !== i) own[i] = mend(own[i], other, dot(own[i], other));
      }
    }
    return own[0].map((_, d) => total(own.map((g) => g[d])));
  };
  const against = (own: number[], other: number[], share: number) => own.map((x, d) => x - share * other[d]);
  const project = (own: number[], other: number[], overlap: number) =>
    overlap < 0 ? against(own, other, overlap / dot(other, other)) : own;
  const right = list(pcgrad(gradients));
  t.mistakes(
    await surgery(copy(gradients)),
    {
      right,
      "already-projected": by(project, true),
      always: by((own, other, overlap) => against(own, other, overlap / dot(other, other))),
      "own-norm": by((own, other, overlap) => (overlap < 0 ? against(own, other, overlap / dot(own, own)) : own)),
      "per-coordinate": by((own, other) => own.map((x, d) => (x * other[d] < 0 ? 0 : x))),
      "plain-sum": by((own) => own),
      average: right.map((x) => x / gradients.length),
    },
    1e-6,
    `PCGrad of ${JSON.stringify(gradients)}`,
  );
}

const demands = [
  { alpha: 0.05, power: 0.8 },
  { alpha: 0.01, power: 0.9 },
];

/** Two proportions whose number of answers is not a whole one but for a thousandth: rounding up must not hang on it. */
function drawArms(key: Key, { alpha, power }: (typeof demands)[number]) {
  const z = { level: normalQuantile(1 - alpha / 2), power: normalQuantile(power) };
  const draw = (key: Key) => {
    const [a, b] = uniform(key, 2);
    const p1 = 0.6 + 0.2 * a;
    const p2 = p1 + 0.04 + 0.05 * b;
    const middle = (p1 + p2) / 2;
    const spread = {
      same: Math.sqrt(2 * middle * (1 - middle)),
      apart: Math.sqrt(p1 * (1 - p1) + p2 * (1 - p2)),
    };
    const root = (z.level * spread.same + z.power * spread.apart) / (p2 - p1);
    return { p1, p2, z, spread, root };
  };
  return drawUntil(key, draw, ({ root }) => Math.abs(root * root - Math.round(root * root)) > 1e-3);
}

export const samplesPerArmExercise = exercise({
  id: "12/samples-per-arm",
  title: "How many answers?",
  difficulty: 2,
  minutes: 8,
  gives: ["answersPerSide"],
  watches: {
    "not-squared": "The difference enters squared: a difference half as large takes four times as many answers.",
    "not-rounded": "Answers come whole: round up with Math.ceil.",
    "one-spread":
      "Both quantiles were multiplied with the same spread. z.level belongs to the spread without a difference, z.power to the one with it.",
    "factor-two": "This is for both sides together, or half of one: equation (11) counts one side.",
    "no-power": "z.power is missing: this many answers find the difference only every other time.",
  },
  parts: [
    {
      name: "equation (11), fresh proportions",
      points: 2,
      look: "equation (11)",
      async run(given, t) {
        for (const demand of demands) {
          const { p1, p2, z, spread, root } = drawArms(t.key, demand);
          t.mistakes(
            await given.answersPerSide(p1, p2, { ...z }),
            {
              right: samplesPerArm(p1, p2, demand),
              "not-squared": Math.ceil(root ** 2 * (p2 - p1)),
              "not-rounded": root * root,
              "one-spread": Math.ceil((((z.level + z.power) * spread.same) / (p2 - p1)) ** 2),
              "factor-two": Math.ceil(2 * root * root),
              "no-power": Math.ceil(((z.level * spread.same) / (p2 - p1)) ** 2),
            },
            1e-9,
            `answers for ${p1.toFixed(3)} against ${p2.toFixed(3)}`,
          );
        }
      },
    },
    {
      name: "the other way round",
      points: 1,
      async run(given, t) {
        const z = { level: normalQuantile(0.975), power: normalQuantile(0.8) };
        t.near(await given.answersPerSide(0.9, 0.85, z), 686, 1e-9, "answers for 90 % against 85 %");
      },
    },
  ],
});
