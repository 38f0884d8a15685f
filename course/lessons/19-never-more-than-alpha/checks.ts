import { split, uniform } from "rlhf-lab/random";
import { exercise } from "../../src/grade/exercise.js";

const list = (values: ArrayLike<number>) => Array.from(values);
const copy = (rows: readonly (readonly number[])[]) => rows.map((row) => [...row]);
const total = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
const inner = (a: readonly number[], b: readonly number[]) => total(a.map((x, i) => x * b[i]));
const clip = (x: number) => Math.max(0, x);
/** Whether a number in there is NaN or infinite. */
const broken = (value: unknown): boolean =>
  typeof value === "number"
    ? !Number.isFinite(value)
    : typeof value === "object" && value !== null && Object.values(value).some(broken);

function flowAnswers(flow: readonly (readonly number[])[], cost: readonly (readonly number[])[]) {
  const spent = (of: readonly (readonly number[])[]) => total(of.map((row, s) => inner(row, cost[s])));
  const share = (empty: number) =>
    flow.map((row) => row.map((x) => (total(row) > 0 ? x / total(row) : empty / row.length)));
  const all = total(flow.map(total));
  const columns = flow[0].map((_, a) => total(flow.map((row) => row[a])));
  return {
    right: [share(1), spent(flow)],
    "over-everything": [flow.map((row) => row.map((x) => x / all)), spent(flow)],
    "empty-unvisited": [share(0), spent(flow)],
    "by-action": [flow.map((row) => row.map((x, a) => x / columns[a])), spent(flow)],
    "cost-of-policy": [share(1), spent(share(1))],
    "cost-of-shares": [share(1), spent(flow) / all],
  };
}

export const flowPolicyExercise = exercise({
  id: "19/flow-policy",
  title: "The policy in the flow",
  difficulty: 2,
  minutes: 8,
  gives: ["policyInFlow"],
  watches: {
    "over-everything":
      "The flow was divided by its sum over all states. A policy adds up to 1 in each state: divide each row by its own sum.",
    "nan-unvisited":
      "There is a NaN: nobody comes to one of the states, and 0 / 0 is no probability. Make it uniform there.",
    "empty-unvisited": "In a state that nobody comes to the probabilities do not add up to 1. Make them uniform there.",
    "by-action": "Each column (action) was divided by its sum. Each row (state) has to add up to 1.",
    "cost-of-policy":
      "The cost was added up over the policy. C = sum of cost times *flow*: a state counts as often as one is there.",
    "cost-of-shares":
      "The cost was divided by the sum of the flow. Flows are visits, not shares: C is their plain product with the cost.",
  },
  parts: [
    {
      name: "three states, one of them never visited",
      points: 2,
      look: "equation (2)",
      async run(given, t) {
        const flow = [
          [1, 3],
          [0, 0],
          [4, 2],
        ];
        const cost = [
          [0.5, 0],
          [1, 1],
          [0, 2],
        ];
        const got = await given.policyInFlow(copy(flow), copy(cost));
        if (broken(got)) t.mistake("nan-unvisited");
        t.mistakes(got, flowAnswers(flow, cost), 1e-6, "[policy, C]");
      },
    },
    {
      name: "random flows of four states and three actions",
      points: 1,
      async run(given, t) {
        const [a, b] = split(t.key);
        const rows = (values: Float64Array) => [0, 1, 2, 3].map((s) => list(values.subarray(3 * s, 3 * s + 3)));
        const [flow, cost] = [rows(uniform(a, 12, 0.1, 5)), rows(uniform(b, 12))];
        t.mistakes(await given.policyInFlow(copy(flow), copy(cost)), flowAnswers(flow, cost), 1e-6, "[policy, C]");
      },
    },
  ],
});

type Pick = (i: number, j: number) => number;
function shares(benefit: readonly number[], harm: readonly number[], limit: number, slip = "") {
  const n = benefit.length;
  const mix = (i: number, j: number, share: number) =>
    list({ ...Array.from({ length: n }, (_, a) => (a === i ? 1 - share : 0) + (a === j ? share : 0)), length: n });
  const exact: Pick = (i, j) => (limit - harm[i]) / (harm[j] - harm[i]);
  const share: Pick = slip === "half" ? () => 0.5 : slip === "swapped" ? (i, j) => 1 - exact(i, j) : exact;
  const offers: number[][] = [];
  for (let i = 0; i < n; i++) {
    if (slip === "no-limit") offers.push(mix(i, i, 0));
    if (harm[i] > limit) continue;
    offers.push(mix(i, i, 0));
    if (slip === "best-single" || slip === "no-limit") continue;
    for (let j = 0; j < n; j++) {
      if (harm[j] <= limit) continue;
      const extreme = harm[i] === Math.min(...harm) && benefit[j] === Math.max(...benefit);
      if (slip !== "extremes" || extreme) offers.push(mix(i, j, share(i, j)));
    }
  }
  return offers.reduce((a, b) => (inner(b, benefit) > inner(a, benefit) + 1e-12 ? b : a));
}

const shareAnswers = (benefit: number[], harm: number[], limit: number) => ({
  right: shares(benefit, harm, limit),
  "best-single": shares(benefit, harm, limit, "best-single"),
  "no-limit": shares(benefit, harm, limit, "no-limit"),
  half: shares(benefit, harm, limit, "half"),
  extremes: shares(benefit, harm, limit, "extremes"),
  swapped: shares(benefit, harm, limit, "swapped"),
});

export const mixtureExercise = exercise({
  id: "19/mixture",
  title: "Something new: the doctor's mixture",
  difficulty: 3,
  minutes: 12,
  gives: ["bestShares"],
  watches: {
    "best-single":
      "That is the best single treatment. Mixing it, or another one, with a treatment above the limit brings more.",
    "no-limit": "That brings the most benefit, and does not keep the limit.",
    half: "The pair is mixed half and half. Mix it so that the mean harm is just the limit.",
    extremes:
      "The least harmful treatment is mixed with the most beneficial one. Another pair is better: try them all.",
    swapped: "The two shares are swapped: the treatment above the limit gets (limit - harm[i]) / (harm[j] - harm[i]).",
  },
  parts: [
    {
      name: "three treatments, where the pair in the middle is best, and four, where one alone is",
      points: 2,
      look: "section 1",
      async run(given, t) {
        const cases: [number[], number[], number][] = [
          [[0.3, 0.6, 0.9], [0.05, 0.3, 0.6], 0.2],
          [[0.5, 0.7, 0.72, 0.1], [0.1, 0.2, 0.9, 0], 0.2],
          [[0.2, 0.5, 1], [0.1, 0.45, 0.7], 0.3],
        ];
        for (const [benefit, harm, limit] of cases) {
          const message = `shares for benefit [${benefit}], harm [${harm}], limit ${limit}`;
          t.mistakes(
            await given.bestShares([...benefit], [...harm], limit),
            shareAnswers(benefit, harm, limit),
            1e-6,
            message,
          );
        }
      },
    },
    {
      name: "six random treatments",
      points: 1,
      async run(given, t) {
        const [a, b] = split(t.key);
        const harm = list(uniform(b, 6));
        harm[3] = 0.1;
        const benefit = list(uniform(a, 6));
        t.mistakes(
          await given.bestShares([...benefit], [...harm], 0.3),
          shareAnswers(benefit, harm, 0.3),
          1e-6,
          "the shares",
        );
      },
    },
  ],
});

/** P(N > b) by iteration, right or with a likely mistake. */
function tail(moves: readonly (readonly number[])[], shoal: readonly boolean[], gamma: number, b: number, slip = "") {
  const bound = slip === "off-by-one" ? b - 1 : b;
  const begin = slip === "start-counts" && shoal[0] ? 1 : 0;
  let p = moves.map((_, s) => Array.from({ length: bound + 1 }, (_, k): number => (s === 0 && k === begin ? 1 : 0)));
  let answer = begin > bound ? 1 : 0;
  let first = slip === "first-discounted" ? gamma : 1;
  for (let move = 0; move < 1500; move++) {
    const next = p.map((row) => row.map((): number => 0));
    p.forEach((row, s) => {
      row.forEach((weight, k) => {
        moves[s].forEach((q, to) => {
          const counts = slip === "counts-left" ? shoal[s] : shoal[to] && !(slip === "staying-free" && s === to);
          const met = k + (counts ? 1 : 0);
          if (met > bound) answer += first * weight * q;
          else next[to][met] += (slip === "no-gamma" ? 1 : gamma) * first * weight * q;
        });
      });
    });
    p = next;
    first = 1;
  }
  return Math.min(answer, 1);
}

const tailAnswers = (moves: number[][], shoal: boolean[], gamma: number, b: number) => ({
  right: tail(moves, shoal, gamma, b),
  "start-counts": tail(moves, shoal, gamma, b, "start-counts"),
  "counts-left": tail(moves, shoal, gamma, b, "counts-left"),
  "off-by-one": tail(moves, shoal, gamma, b, "off-by-one"),
  "staying-free": tail(moves, shoal, gamma, b, "staying-free"),
  "no-gamma": tail(moves, shoal, gamma, b, "no-gamma"),
  "first-discounted": tail(moves, shoal, gamma, b, "first-discounted"),
});

export const moreThanExercise = exercise({
  id: "19/more-than",
  title: "More than b",
  difficulty: 3,
  minutes: 15,
  gives: ["moreThan"],
  watches: {
    "counts-left": "The field that is left was counted. The cost is of the field that is *entered*.",
    "off-by-one": "That is P(N >= b). More than b is b + 1 or more.",
    "staying-free": "Staying in a shoal was free. It is an arrival like any other.",
    "no-gamma": "The voyage never ends. After each move it goes on with probability gamma.",
    "start-counts": "The state where it begins was counted. Only arrivals count.",
    "first-discounted":
      "The first move was discounted. It always takes place; gamma stands between one move and the next.",
  },
  parts: [
    {
      name: "three fields, by hand",
      points: 2,
      look: "section 2",
      async run(given, t) {
        const moves = [
          [0.2, 0.5, 0.3],
          [0.1, 0.4, 0.5],
          [0.6, 0.2, 0.2],
        ];
        for (const [shoal, b] of [
          [[false, true, false], 1],
          [[true, false, true], 2],
        ] as [boolean[], number][]) {
          const message = `P(N > ${b}), shoals ${shoal}`;
          const got = await given.moreThan(copy(moves), [...shoal], 0.9, b);
          t.mistakes(got, tailAnswers(moves, shoal, 0.9, b), 1e-7, message);
        }
      },
    },
    {
      name: "a random chain, no shoal allowed and one",
      points: 1,
      async run(given, t) {
        const [a] = split(t.key);
        const u = uniform(a, 16, 0.1, 1);
        const moves = [0, 1, 2, 3].map((s) => {
          const row = list(u.subarray(4 * s, 4 * s + 4));
          return row.map((x) => x / total(row));
        });
        const shoal = [true, false, true, false];
        for (const b of [0, 1]) {
          const answers = tailAnswers(moves, shoal, 0.8, b);
          t.mistakes(await given.moreThan(copy(moves), [...shoal], 0.8, b), answers, 1e-7, `P(N > ${b})`);
        }
      },
    },
  ],
});

const letters = [".", "~", "D", "H", "S"];
type Rule = (state: number, letter: string) => number;
const everyCase = (rule: Rule) => [0, 1, 2, 3].flatMap((q) => letters.map((letter) => rule(q, letter)));
const rightRule: Rule = (q, letter) => {
  if (q >= 2) return q;
  const to: Record<string, number> = { "~": 1, D: 0, H: q === 0 ? 2 : 3 };
  return to[letter] ?? q;
};
const but =
  (when: (q: number, letter: string) => boolean, then: number): Rule =>
  (q, letter) =>
    when(q, letter) ? then : rightRule(q, letter);

export const errandExercise = exercise({
  id: "19/errand",
  title: "The errand",
  difficulty: 2,
  minutes: 8,
  gives: ["dockRule"],
  watches: {
    "failure-left":
      "A failed voyage became sound again at the dock. What is over stays as it is: first ask whether the state is 2 or 3.",
    "done-left":
      "A ship that had arrived was damaged afterwards. What is over stays as it is: first ask whether the state is 2 or 3.",
    "repaired-anywhere": "Deep water repaired the ship. Only the dock does: other letters change nothing.",
    "harbour-anyway": "A damaged ship arrived well. Coming to H damaged is 3.",
    "shoal-fails": "A shoal was a failure. It only damages (1): the ship may still go to the dock.",
    "dock-arrives": "The dock was taken for the harbour. It makes the ship sound (0).",
  },
  parts: [
    {
      name: "four states and five letters, every case",
      points: 3,
      look: "section 2, the temporal rule",
      async run(given, t) {
        const got: unknown[] = [];
        for (const q of [0, 1, 2, 3]) for (const letter of letters) got.push(await given.dockRule(q, letter));
        t.mistakes(
          got,
          {
            right: everyCase(rightRule),
            "failure-left": everyCase(but((q, letter) => q === 3 && letter === "D", 0)),
            "done-left": everyCase(but((q, letter) => q === 2 && letter === "~", 1)),
            "repaired-anywhere": everyCase(but((q, letter) => q === 1 && (letter === "." || letter === "S"), 0)),
            "harbour-anyway": everyCase(but((q, letter) => q === 1 && letter === "H", 2)),
            "shoal-fails": everyCase(but((q, letter) => q < 2 && letter === "~", 3)),
            "dock-arrives": everyCase(but((q, letter) => q < 2 && letter === "D", 2)),
          },
          1e-6,
          `the next states for states 0, 1, 2, 3 with each of the letters ${letters.join(" ")} in turn`,
        );
      },
    },
  ],
});

type Gains = { P: number; I: number; D: number };
function steer(costs: readonly number[], limit: number, { P, I, D }: Gains, slip = "") {
  let integral = 0;
  let price = 0;
  costs.forEach((now, i) => {
    const excess = slip === "sign" ? limit - now : now - limit;
    integral = slip === "windup" ? integral + I * excess : clip(integral + I * excess);
    const change = i === 0 ? (slip === "first-rise" ? now : 0) : now - costs[i - 1];
    const rise = slip === "falling" ? change : clip(change);
    const proportional = P * (slip === "clipped-P" ? clip(excess) : excess);
    const sum = proportional + integral + D * rise;
    price = slip === "negative" ? sum : clip(sum);
  });
  return price;
}

/** One voyage by Saute's account, and by those of likely mistakes. */
function sauteAnswers(
  rewards: readonly number[],
  costs: readonly number[],
  { budget, penalty, gamma }: { budget: number; penalty: number; gamma: number },
) {
  const account = (
    pays: (reward: number, before: number, after: number, isFirst: boolean) => number,
    discount = gamma,
  ) => {
    let left = budget;
    let wasOver = false;
    return total(
      rewards.map((reward, t) => {
        const before = left;
        left -= costs[t];
        const paid = discount ** t * pays(reward, before, left, !wasOver);
        if (before < 0) wasOver = true;
        return paid;
      }),
    );
  };
  return {
    right: account((reward, before) => (before >= 0 ? reward : -penalty)),
    "spends-first": account((reward, _, after) => (after >= 0 ? reward : -penalty)),
    "empty-is-over": account((reward, before) => (before > 0 ? reward : -penalty)),
    "fined-once": account((reward, before, _, isFirst) => (before >= 0 ? reward : isFirst ? -penalty : 0)),
    "keeps-the-reward": account((reward, before) => reward - (before >= 0 ? 0 : penalty)),
    paid: account((reward, before) => (before >= 0 ? reward : penalty)),
    undiscounted: account((reward, before) => (before >= 0 ? reward : -penalty), 1),
    "no-budget": total(rewards.map((reward, t) => gamma ** t * (costs[t] > 0 ? -penalty : reward))),
  };
}

export const sauteExercise = exercise({
  id: "19/saute",
  title: "The budget that is carried",
  difficulty: 2,
  minutes: 8,
  gives: ["sauteReturn"],
  watches: {
    "spends-first":
      "The cost of a move was taken off before the move was paid. It counts from the next move on: pay by the z that the ship set out with.",
    "empty-is-over": "A budget of 0 was taken for overspent. It is used up, but kept: only below 0 the penalty is due.",
    "fined-once": "The penalty was paid once. It is due at every move after overspending, to the end.",
    "keeps-the-reward":
      "After overspending the reward was still paid, less the penalty. The penalty stands in its place.",
    paid: "The penalty was added as a reward. Its sign is minus.",
    undiscounted: "The sum is not discounted: move t counts gamma ** t, the first one 1.",
    "no-budget":
      "Every shoal was fined where it was met. The budget allows some: carry what is left of it from move to move.",
  },
  parts: [
    {
      name: "a voyage that spends just its budget, and one that overspends",
      points: 2,
      look: "equation (3)",
      async run(given, t) {
        const terms = { budget: 1, penalty: 3, gamma: 0.9 };
        for (const costs of [
          [0, 1, 0, 0, 0, 0],
          [1, 0, 1, 0, 0, 1],
        ]) {
          const rewards = [0.1, 0.2, 0.4, 0.3, 0.5, 1];
          t.mistakes(
            await given.sauteReturn([...rewards], [...costs], { ...terms }),
            sauteAnswers(rewards, costs, terms),
            1e-6,
            `what is paid for costs [${costs}] with a budget of 1`,
          );
        }
      },
    },
    {
      name: "random voyages",
      points: 1,
      async run(given, t) {
        const [a, b, c] = split(t.key, 3);
        const rewards = list(uniform(a, 12));
        const costs = list(uniform(b, 12)).map((u) => (u < 0.4 ? 1 : 0));
        const [u, v] = uniform(c, 2);
        const terms = { budget: 2, penalty: 1 + 4 * u, gamma: 0.8 + 0.15 * v };
        t.near(
          await given.sauteReturn([...rewards], [...costs], { ...terms }),
          sauteAnswers(rewards, costs, terms).right,
          1e-6,
          "what is paid",
        );
      },
    },
  ],
});

export const pidExercise = exercise({
  id: "19/pid",
  title: "The controller",
  difficulty: 3,
  minutes: 12,
  gives: ["controlledPrice"],
  watches: {
    sign: "The sign of the excess is turned round: too much cost lowers the price. e = cost - limit.",
    windup:
      "The integral went below 0 while the cost was low, and had to be paid back first. Hold it at 0 at every step.",
    falling: "A falling cost lowered the price at once. The derivative is of rises alone: [C_t - C_{t-1}]+.",
    "clipped-P": "The proportional part is held at 0. It may be negative; only the sum has a bracket.",
    negative: "The price is negative: nobody is paid for cost. Hold the sum at 0.",
    "first-rise": "The first cost was taken as a rise from 0. Before it there is nothing: no rise.",
  },
  parts: [
    {
      name: "rises, falls, long quiet times, and one cost alone",
      points: 3,
      look: "equation (5)",
      async run(given, t) {
        const gains = { P: 0.5, I: 0.1, D: 0.7 };
        const runs = [
          [3],
          [2, 3, 4],
          [4, 4, 4, 3],
          [4, 4, 4, 4, 0.5],
          [0.2, 0.1],
          [...new Array<number>(20).fill(0), 3],
        ];
        for (const costs of runs) {
          t.mistakes(
            await given.controlledPrice([...costs], 1, { ...gains }),
            {
              right: steer(costs, 1, gains),
              sign: steer(costs, 1, gains, "sign"),
              windup: steer(costs, 1, gains, "windup"),
              falling: steer(costs, 1, gains, "falling"),
              "clipped-P": steer(costs, 1, gains, "clipped-P"),
              negative: steer(costs, 1, gains, "negative"),
              "first-rise": steer(costs, 1, gains, "first-rise"),
            },
            1e-6,
            costs.length > 6
              ? "the price after 20 costs of 0 and one of 3, limit 1"
              : `the price after costs [${costs}], limit 1`,
          );
        }
      },
    },
    {
      name: "random costs and gains",
      points: 1,
      async run(given, t) {
        const [a, b] = split(t.key);
        const costs = list(uniform(a, 12, 0, 3));
        const [P, I, D] = uniform(b, 3);
        t.near(
          await given.controlledPrice([...costs], 1.2, { P, I, D }),
          steer(costs, 1.2, { P, I, D }),
          1e-6,
          "the price",
        );
      },
    },
  ],
});

type World = { reward: number[]; cost: number[]; limit: number };
function learn(
  { reward, cost, limit }: World,
  luck: readonly number[],
  { rate, dualRate }: { rate: number; dualRate: number },
  slip = "",
) {
  let logits = reward.map(() => 0);
  let price = 0;
  const policy = () => {
    const weights = logits.map((z) => Math.exp(z - Math.max(...logits)));
    return weights.map((w) => w / total(weights));
  };
  for (const u of luck) {
    const pi = policy();
    let action = 0;
    for (let sum = pi[0]; sum <= u && action < pi.length - 1; sum += pi[action]) action++;
    const seen = slip === "mean-cost" ? inner(pi, cost) : cost[action];
    const raised = slip === "unclipped" ? price + dualRate * (seen - limit) : clip(price + dualRate * (seen - limit));
    const before = slip === "price-first" ? raised : price;
    const charge = slip === "no-price" ? 0 : slip === "added" ? -before : before;
    const credit = reward[action] - charge * cost[action];
    logits = logits.map((z, a) => z + rate * credit * ((a === action ? 1 : 0) - (slip === "no-score" ? 0 : pi[a])));
    price = raised;
  }
  return [policy(), price] as [number[], number];
}

export const loopExercise = exercise({
  id: "19/loop",
  title: "The loop: draw, credit, step, steer",
  difficulty: 4,
  minutes: 20,
  gives: ["learnUnderLimit"],
  watches: {
    "no-price": "The credit is the reward alone: the price never reaches the policy. Credit = reward - price * cost.",
    added: "The price is added: cost is paid for. Credit = reward - price * cost.",
    unclipped: "The price went below 0. Hold it at 0.",
    "mean-cost": "The price was moved by the policy's mean cost. Only the drawn action's cost is seen.",
    "price-first":
      "The price was moved before the credit. The credit takes the price as it was when the action was drawn.",
    "no-score": "The step adds to the drawn action alone. The score is (1 for the action drawn, else 0) - pi.",
  },
  parts: [
    {
      name: "twelve steps by hand",
      points: 2,
      look: "the five steps of the text",
      async run(given, t) {
        const world = { reward: [0.3, 0.6, 0.9], cost: [0.05, 0.3, 0.9], limit: 0.3 };
        const luck = [0.9, 0.95, 0.1, 0.5, 0.99, 0.2, 0.15, 0.6, 0.97, 0.05, 0.4, 0.8];
        const rates = { rate: 0.4, dualRate: 0.5 };
        for (const own of [luck, [0.1, 0.2, 0.05, 0.9]]) {
          const by = (slip?: string) => learn(world, own, rates, slip);
          t.mistakes(
            await given.learnUnderLimit(structuredClone(world), [...own], { ...rates }),
            {
              right: by(),
              "no-price": by("no-price"),
              added: by("added"),
              unclipped: by("unclipped"),
              "mean-cost": by("mean-cost"),
              "price-first": by("price-first"),
              "no-score": by("no-score"),
            },
            1e-6,
            `[policy, price] after ${own.length} steps`,
          );
        }
      },
    },
    {
      name: "two thousand steps of learning",
      points: 2,
      async run(given, t) {
        const world = { reward: [0.3, 0.6, 0.9], cost: [0.05, 0.3, 0.6], limit: 0.2 };
        const luck = list(uniform(t.key, 2000));
        const rates = { rate: 0.1, dualRate: 0.02 };
        const [policy, price] = (await given.learnUnderLimit(structuredClone(world), [...luck], { ...rates })) as [
          number[],
          number,
        ];
        const [ours, own] = learn(world, luck, rates);
        t.near([list(policy), price], [ours, own], 1e-4, "[policy, price] after two thousand steps");
      },
    },
  ],
});

function step(g: readonly number[], b: readonly number[], h: readonly number[], c: number, radius: number, slip = "") {
  const D = slip === "half" ? radius / 2 : radius;
  const by = (u: readonly number[], v: readonly number[]) => total(u.map((x, i) => (x * v[i]) / h[i]));
  const [q, r, s] = [by(g, g), by(g, b), by(b, b)];
  const B = 2 * D - (c * c) / s;
  const along = (v: readonly number[], size: number) => v.map((x, i) => (size * x) / h[i]);
  const plain = Math.sqrt((2 * D) / q);
  if (slip === "no-limit") return along(g, plain);
  if (c > 0 && B < 0)
    return along(
      slip === "no-recovery" ? g : b,
      slip === "no-recovery" ? plain : (slip === "uphill" ? 1 : -1) * Math.sqrt((2 * D) / s),
    );
  if (B < 0) return along(g, plain);
  if (slip !== "always-active" && c + plain * r <= 0) return along(g, plain);
  const eta = Math.sqrt(B / (q - (r * r) / s));
  const price = slip === "published-sign" ? clip(c / eta - r) / s : (c / eta + r) / s;
  return g.map((x, i) => (eta * (x - price * b[i])) / h[i]);
}

const stepAnswers = (g: number[], b: number[], h: number[], c: number, D: number) => ({
  right: step(g, b, h, c, D),
  "published-sign": step(g, b, h, c, D, "published-sign"),
  half: step(g, b, h, c, D, "half"),
  "no-recovery": step(g, b, h, c, D, "no-recovery"),
  "always-active": step(g, b, h, c, D, "always-active"),
  uphill: step(g, b, h, c, D, "uphill"),
  "no-limit": step(g, b, h, c, D, "no-limit"),
});

export const cpoStepExercise = exercise({
  id: "19/cpo-step",
  title: "The step of CPO",
  difficulty: 4,
  minutes: 20,
  gives: ["constrainedStep"],
  watches: {
    "published-sign":
      "The sign of q_gC in the price is that of a loss. Here g is the gradient of what should grow: lambda = (e / eta + q_gC) / q_CC.",
    half: "The KL of the step is half of what is allowed: 2 D belongs under the roots and in B.",
    "no-recovery":
      "There is no step within the ellipse that keeps the limit, and yet you go for reward (or return NaN). That case is recovery: -sqrt(2 D / q_CC) H^-1 g_C.",
    "no-inside":
      "There is a NaN: the whole ellipse keeps the limit, so B is below 0, and its root is no number. That case is inside: take the plain step.",
    "always-active":
      "The step lies on the line although the plain step keeps the limit: its price would be negative. Ask first whether e + sqrt(2 D / q_gg) q_gC is at most 0.",
    uphill: "The recovery raises the cost: it goes along -H^-1 g_C.",
    "no-limit": "That is the step without a limit, where the limit cuts it off.",
  },
  parts: [
    {
      name: "two dimensions: inside, active from both sides, recovery, slack",
      points: 3,
      look: "equations (6) and (7)",
      async run(given, t) {
        const h = [2, 1];
        for (const [g, c] of [
          [[1, 2], -0.5],
          [[1, 2], -0.1],
          [[1, 2], 0.1],
          [[1, 2], 0.5],
          [[-1, -2], 0.1],
          [[-1, -2], -0.1],
        ] as [number[], number][]) {
          const got = await given.constrainedStep([...g], [1, 1], [...h], c, 0.02);
          if (broken(got)) t.mistake(c > 0 ? "no-recovery" : "no-inside");
          t.mistakes(
            got,
            stepAnswers(g, [1, 1], h, c, 0.02),
            1e-6,
            `the step for g [${g}], gC [1,1], h [2,1], e ${c}, D 0.02`,
          );
        }
      },
    },
    {
      name: "four random dimensions",
      points: 1,
      async run(given, t) {
        const [a, b, d] = split(t.key, 3);
        const g = list(uniform(a, 4, -1, 1));
        const costs = list(uniform(b, 4, 0.2, 1));
        const h = list(uniform(d, 4, 0.5, 2));
        for (const c of [-0.6, -0.05, 0.05, 0.6]) {
          const got = await given.constrainedStep([...g], [...costs], [...h], c, 0.02);
          if (broken(got)) t.mistake(c > 0 ? "no-recovery" : "no-inside");
          t.mistakes(got, stepAnswers(g, costs, h, c, 0.02), 1e-6, `the step for e ${c.toFixed(2)}`);
        }
      },
    },
  ],
});

type Text = { ref: number[]; reward: number[]; cost: number[]; beta: number; price: number };
function tilt({ ref, reward, cost, beta, price }: Text, slip = "") {
  const charge = slip === "added" ? -price : price;
  const scores = ref.map((p, y) => {
    const gain =
      (reward[y] - charge * cost[y]) / (slip === "no-beta" ? 1 : beta) / (slip === "divided" ? 1 + price : 1);
    return (slip === "no-ref" ? 0 : Math.log(p)) + gain;
  });
  const weights = scores.map((score) => Math.exp(score - Math.max(...scores)));
  return weights.map((w) => w / total(weights));
}

const askTilt = (text: Text) => ({
  right: tilt(text),
  divided: tilt(text, "divided"),
  added: tilt(text, "added"),
  "no-beta": tilt(text, "no-beta"),
  "no-ref": tilt(text, "no-ref"),
});

export const findTheBugExercise = exercise({
  id: "19/find-the-bug",
  title: "Find the bug: a price of KL that moves",
  difficulty: 2,
  minutes: 6,
  gives: ["chargedPolicy"],
  watches: {
    divided:
      "The charged reward is divided by 1 + price: that is the best policy for a price of KL of beta (1 + price), not beta.",
    added: "The price is added: cost is paid for.",
    "no-beta": "Where is beta? The scores are (reward - price * cost) / beta.",
    "no-ref": "The reference is missing: the policy is in proportion to ref times an exponential.",
  },
  parts: [
    {
      name: "three replies, prices 0, 1 and 4",
      points: 2,
      look: "equation (8)",
      async run(given, t) {
        for (const price of [0, 1, 4]) {
          const text = { ref: [0.7, 0.2, 0.1], reward: [0, 1, 2], cost: [0, 1, 0.5], beta: 0.4, price };
          const got = await given.chargedPolicy([...text.ref], [...text.reward], [...text.cost], 0.4, price);
          t.mistakes(got, askTilt(text), 1e-6, `probabilities at price ${price}`);
        }
      },
    },
    {
      name: "five random replies",
      points: 1,
      async run(given, t) {
        const u = list(uniform(t.key, 15));
        const ref = u.slice(0, 5).map((x) => (x + 0.1) / (total(u.slice(0, 5)) + 0.5));
        const text = { ref, reward: u.slice(5, 10), cost: u.slice(10), beta: 0.5, price: 2 };
        const got = await given.chargedPolicy([...ref], [...text.reward], [...text.cost], 0.5, 2);
        t.mistakes(got, askTilt(text), 1e-6, "the probabilities");
      },
    },
  ],
});

function samples(d: number, epsilon: number, delta: number, from = 0, to = d - 1) {
  for (let n = d; ; n++) {
    let term = (1 - epsilon) ** n;
    let sum = 0;
    for (let i = 0; i <= to; i++) {
      if (i >= from) sum += term;
      term *= (((n - i) / (i + 1)) * epsilon) / (1 - epsilon);
    }
    if (sum <= delta) return n;
  }
}

export const scenarioCountExercise = exercise({
  id: "19/scenario-count",
  title: "How many samples?",
  difficulty: 3,
  minutes: 10,
  gives: ["samplesNeeded"],
  watches: {
    "one-term-more": "There is one term too many: i runs from 0 to d - 1.",
    "last-term": "That is the probability of exactly d - 1 violations. Sum all terms from 0 on.",
    "first-term": "Only the term i = 0 was taken. Sum d terms.",
    simple: "That is the simple bound, (2 / eps)(ln(1 / delta) + d). Equation (9) needs fewer.",
    "one-less": "One sample too few: at your n the sum is still above delta.",
  },
  parts: [
    {
      name: "Wilks' 59 and 93, three numbers, and ten",
      points: 3,
      look: "equation (9)",
      async run(given, t) {
        for (const [d, epsilon, delta] of [
          [1, 0.05, 0.05],
          [2, 0.05, 0.05],
          [3, 0.1, 0.01],
          [10, 0.05, 1e-6],
        ]) {
          const right = samples(d, epsilon, delta);
          t.mistakes(
            await given.samplesNeeded(d, epsilon, delta),
            {
              right,
              "one-term-more": samples(d, epsilon, delta, 0, d),
              "last-term": samples(d, epsilon, delta, d - 1),
              "first-term": samples(d, epsilon, delta, 0, 0),
              simple: Math.ceil((2 / epsilon) * (Math.log(1 / delta) + d)),
              "one-less": right - 1,
            },
            1e-6,
            `the samples for d = ${d}, eps = ${epsilon}, delta = ${delta}`,
          );
        }
      },
    },
  ],
});
