// %% [markdown]
// # 19 Never more than alpha
//
// "At most one per cent harmful answers." "No more than one accident a year." Such sentences sound clear. In this lesson a ship crosses a strait with shoals, and everything about it can be computed. We ask for "at most one shoal", and see that this can mean six things, that each has a price,
// and that the methods which are used to keep such limits may swing for ever, or never arrive. Then we do the same with a language model.
//
// **After this lesson you can**
//
// - write a limit as a row of a linear program, and read its price off;
// - say what an expected limit allows, and choose between six meanings of "at most";
// - carry a budget in the state, and say what a finite penalty for overspending promises;
// - explain why a Lagrange multiplier swings, and damp it, with one limit or several;
// - take the step of constrained policy optimisation, in every case, with the right sign;
// - say why safe RLHF settles where others swing, and what dividing by $1 + \lambda$ does in secret;
// - distrust a learned cost.
//
// **Time** 170 minutes, 119 of them exercises. **You need** lessons 08 (trust regions) and 12 (a limit on text, and dual ascent). A good place to stop for the day is the end of section 4.

// %% [markdown]
// ## The model on one page
//
// A *constrained decision process* has states $s$, actions $a$, probabilities $P(s' \mid s, a)$ of the next state, a reward $r(s, a)$, a cost $c(s, a)$, a discount $\gamma$ and a limit $\alpha$. With $J$ the discounted reward of a policy and $C$ its discounted cost, both from the start,
//
// $$\max_\pi J(\pi) \quad\text{subject to}\quad C(\pi) \le \alpha. \tag{1}$$
//
// Both are linear in the *flow* $x(s, a) = \sum_t \gamma^t P(s_t = s, a_t = a)$: how often, discounted, the policy comes to $s$ and does $a$ there. And flows are exactly the numbers, none below 0, that satisfy linear equations: what comes in goes out. So (1) is a *linear program*:
//
// $$\max_{x \ge 0} \sum r x \quad\text{subject to}\quad \sum_a x(s', a) = \mu(s') + \gamma \sum_{s, a} P(s' \mid s, a)\, x(s, a), \qquad \sum c\, x \le \alpha. \tag{2}$$
//
// The solver also gives the *price* $\lambda$ of the limit: how much $J$ grows per unit of $\alpha$.
//
// | On paper | In code | What it is |
// | --- | --- | --- |
// | $x(s, a)$ | `flow` | discounted visits of a state with an action. (In other lessons $x$ is a prompt.) |
// | $\mu$ | `mdp.start` | where it begins |
// | $c$, $C(\pi)$, $\alpha$ | `cost`, `costs[0]`, `atMost` or `limit` | cost of a move; of a policy; the most it may be |
// | $\lambda$ | `multipliers[0]`, `lambda` | price of a unit of cost, in reward; with several limits $\lambda_k$ |
// | $N$ | `costDistribution(...)` | how many shoals one voyage meets |

// %%
import {
  bar,
  heatmap,
  key,
  line,
  linspace,
  mean,
  meanInterval,
  progress,
  show,
  smallMultiples,
  split,
  table,
} from "rlhf-lab";
import {
  chargedOptimum,
  constraintMultiplier,
  dividedOptimum,
  dualAscent,
  dualAscentLimit,
  sampledDualAscent,
} from "rlhf-lab/constitution";
import { constrainedOptimum, occupancy, optimalPolicy, policyReturn, withRewards } from "rlhf-lab/mdp";
import { transformer } from "rlhf-lab/models";
import { exactExpectation, exactKL } from "rlhf-lab/numerics";
import {
  almostSureOptimum,
  bestDeterministic,
  type CpoProblem,
  chanceConstrainedOptimum,
  costDistribution,
  countCosts,
  cpoStep,
  cpoUpdate,
  crpoUpdate,
  cvarConstrainedOptimum,
  dualStep,
  ipoUpdate,
  lagrangianUpdate,
  liftPolicy,
  logDualStep,
  maxReachability,
  mixedSignsCpoStep,
  pcpoUpdate,
  policyPath,
  productMdp,
  type SafeUpdate,
  safeBanditRun,
  sauteOptimum,
  scenarioCount,
  scenarioRisk,
  scenarioSimpleCount,
} from "rlhf-lab/safety";
import { compareReplies, learnReward, proxyWorld, safePhraseStudy } from "rlhf-lab/studies";
import { adam } from "rlhf-lab/tensor";
import { fitHarmModel, learnedCostTrial, phraseFlattery, phraseHarm, phraseTask, strait } from "rlhf-lab/worlds";
import { check } from "rlhf-lab-course";

// %% [markdown]
// ## Run it
//
// `S` is the start, `H` the harbour (arriving pays 1), `~` a shoal (arriving costs 1). A current takes the ship to the left or right of where it wants to go, each with probability 0.05. At the edge it stays where it is, and staying in a shoal counts as arriving again. After each move the voyage goes on with probability $\gamma = 0.95$. So $J$ is the probability of coming to harbour, and $C = \mathbb{E}[N]$, the expected number of shoals. The limit: one.

// %%
const world = strait();
const { mdp, cost } = world;
for (let row = 0; row < world.rows; row++) console.log(world.fields.slice(7 * row, 7 * row + 7));
const one = await constrainedOptimum(mdp, [{ cost, atMost: 1 }]);
const counting = countCosts(mdp, world.shoals, 6); // a process that remembers how many shoals there were
const allowed = costDistribution(counting, liftPolicy(counting, one.policy));
const counts = ["0", "1", "2", "3", "4", "5", "6 or more"];
show(
  bar({
    title: "At most one shoal, on average: what that allows",
    subtitle: `J = ${one.value.toFixed(4)}, E N = ${one.costs[0].toFixed(4)}`,
    x: { title: "shoals on one voyage" },
    y: { title: "probability", range: [0, 1] },
    categories: counts,
    series: [{ name: "the best policy with E N at most 1", values: allowed }],
  }),
);

// %% [markdown]
// Nearly two voyages in three meet none. More than one in four meets three or more. Nobody who says "at most one" has this in mind, and yet it is the best policy with at most one *on average*.
// #claim 19/one-on-average-is-three-often
//
// ## 1. The price of a limit, and a coin
//
// We solve (2) for every limit from 0 to 3, and look where the ships go.

// %%
const limits = [0, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 1, 1.5, 2, 2.5, 3];
const optima: Awaited<ReturnType<typeof constrainedOptimum>>[] = [];
for (const atMost of limits) optima.push(await constrainedOptimum(mdp, [{ cost, atMost }]));
const pure: Awaited<ReturnType<typeof bestDeterministic>>[] = [];
for (const atMost of progress([0.5, 1, 2], { label: "integer programs" })) {
  pure.push(await bestDeterministic(mdp, [{ cost, atMost }], { gap: 0.01 }));
}
show(
  line({
    title: "Without a coin one stays below the frontier",
    subtitle: "the best policy under each limit, and the best deterministic one for limits 0.5, 1, 2",
    x: { title: "limit on E N", unit: "shoals" },
    y: { title: "J, probability of arriving", range: [0.38, 0.78] },
    series: [
      { name: "best policy", x: limits, y: optima.map(({ value }) => value), markers: true },
      {
        name: "without a coin",
        x: pure.map(({ costs }) => costs[0]),
        y: pure.map(({ value }) => value),
        markers: true,
      },
    ],
  }),
);

table(
  limits.map((limit, i) => ({ limit, J: optima[i].value, C: optima[i].costs[0], price: optima[i].multipliers[0] })),
  { columns: { limit: "limit", J: "J", C: "C", price: "price" }, digits: 4 },
);

// %%
const visitsOf = (flow: ArrayLike<number>) =>
  Array.from({ length: world.rows }, (_, row) =>
    Array.from({ length: 7 }, (_, column) => {
      const s = 7 * row + column;
      if (s === world.harbour) return 0; // there it ends
      return [0, 1, 2, 3].reduce((sum, a) => sum + flow[4 * s + a], 0);
    }),
  );
show(
  smallMultiples({
    title: "Around, both ways by the toss of a coin, and through",
    subtitle: "discounted visits of each field; shoals: columns 3 to 5 of rows 1 to 3, and column 4 of row 4",
    figures: [0, 1, 3].map((limit) =>
      heatmap({
        title: `limit ${limit}`,
        x: { title: "column", labels: ["1", "2", "3", "4", "5", "6", "7"] },
        y: { title: "row", labels: ["1", "2", "3", "4", "5", "6"] },
        color: { title: "visits", range: [0, 1.1] },
        values: visitsOf(optima[limits.indexOf(limit)].flow),
        annotate: false,
      }),
    ),
  }),
);

// %% [markdown]
// Three things to see. **The first shoals are dear**: at a limit of 0 the price is above 30, and from 0.24 on it is 0.093 for a long way. **Between two routes there is only a coin**: from $C = 0.24$ to 2.67 the frontier is a straight line, and the best policy mixes the two at its ends. At a limit of 1 it tosses a coin in one state, the start, and goes
// through with probability 0.31. **Without a coin** the best policy under the limit of 1 arrives less often. A linear program with one limit needs at most one coin, with $m$ limits at most $m$ (Altman 1999).
// #claim 19/the-frontier
// #claim 19/one-coin
//
// (Without any limit several policies are equally good, and do not all cost the same: a price of 0 does not care.)
//
// ### Exercise 1. The policy in the flow
//
// *Difficulty 2 of 5, 8 minutes. Trains: equation (2).*
//
// `flow[s][a]` are discounted visits. Return `[policy, cost]`: $\pi(a \mid s)$, in proportion to the flow, and uniform in states that nobody comes to; and $C = \sum c\, x$ for `cost[s][a]`.
//
// <details><summary>Hint</summary>Divide each row by its own sum. Where the sum is 0, every action has 1 / (number of actions).</details>

// %% [exercise] 19/flow-policy
/** [policy, C] of a flow. */
function policyInFlow(flow: number[][], cost: number[][]): [number[][], number] {
  // #solution
  const policy = flow.map((row) => {
    const total = row.reduce((a, b) => a + b, 0);
    return row.map((x) => (total > 0 ? x / total : 1 / row.length));
  });
  return [policy, flow.reduce((sum, row, s) => sum + row.reduce((a, x, i) => a + x * cost[s][i], 0), 0)];
  // #end
}

// %% [check] 19/flow-policy
await check("19/flow-policy", { policyInFlow });

// %% [markdown]
// ### Exercise 2. Something new: the doctor's mixture
//
// *Difficulty 3 of 5, 12 minutes. Uses the idea on something new: one state, several actions.*
//
// A clinic has several treatments. `benefit[a]` is the mean benefit of treatment $a$, `harm[a]` the probability of a side effect. Over all patients harm may be at most `limit`. Return the shares of patients per treatment that bring the most benefit. At least one treatment keeps the limit. (At most two get a share: try all pairs.)
//
// <details><summary>Hint</summary>A pair is one treatment within the limit and one above it, mixed so that the limit is just met: share of the second = (limit - harm[i]) / (harm[j] - harm[i]). Single treatments within the limit count too.</details>

// %% [exercise] 19/mixture
/** Shares of the treatments, adding up to 1. */
function bestShares(benefit: number[], harm: number[], limit: number): number[] {
  // #solution
  let best = Number.NEGATIVE_INFINITY;
  let shares = benefit.map(() => 0);
  const offer = (i: number, j: number, share: number) => {
    const value = (1 - share) * benefit[i] + share * benefit[j];
    if (value <= best) return;
    best = value;
    shares = benefit.map((_, a) => (a === i ? 1 - share : 0) + (a === j ? share : 0));
  };
  for (let i = 0; i < benefit.length; i++) {
    if (harm[i] > limit) continue;
    offer(i, i, 0);
    for (let j = 0; j < benefit.length; j++) {
      if (harm[j] > limit) offer(i, j, (limit - harm[i]) / (harm[j] - harm[i]));
    }
  }
  return shares;
  // #end
}

// %% [check] 19/mixture
await check("19/mixture", { bestShares });

// %% [markdown]
// ## 2. Six meanings of "at most"
//
// An expected limit says nothing about the worst voyages. For others the policy must know how many shoals there have been, so we put the count $k$ into the state. Then the flow "into shoal number $k$" is exactly $P(N \ge k)$, and these limits are linear as well:
//
// - *chance*: more than $b$ shoals have at most the probability $\delta$, $P(N > b) \le \delta$. One row of the program.
// - *CVaR*, the conditional value at risk: the mean of $N$ in the worst share $\zeta$ of voyages is at most $\alpha$. It equals $\min_\nu\, \nu + \mathbb{E}[N - \nu]_+ / \zeta$, with $[z]_+ = \max(z, 0)$: one program for each whole $\nu \le \alpha$, and the best counts.
// - *sure*: $N \le b$ on every voyage. Strike out the actions that might lead to a shoal too many, then those that might lead where only such actions are left, until nothing changes. Probabilities play no part here, only whether they are 0.
//
// **Predict, then run.** Which costs more: "no shoal on 95 % of the voyages", or "in the worst tenth, one shoal on average"? And how much is won if one shoal is surely allowed, compared with none?

// %%
const problem = { mdp, counted: world.shoals };
const meanings = {
  "E N ≤ 1": { ...one, memory: undefined },
  "P(N > 1) ≤ 0.1": await chanceConstrainedOptimum(problem, { moreThan: 1, probability: 0.1 }),
  "worst tenth ≤ 1": await cvarConstrainedOptimum(problem, { tail: 0.1, atMost: 1 }),
  "P(N > 0) ≤ 0.05": await chanceConstrainedOptimum(problem, { moreThan: 0, probability: 0.05 }),
  "N ≤ 1, surely": await almostSureOptimum(problem, { atMost: 1 }),
  "N = 0, surely": await almostSureOptimum(problem, { atMost: 0 }),
};
show(
  smallMultiples({
    title: "The same words, six policies",
    subtitle: "probability of each number of shoals; beside each meaning its J",
    share: "both",
    figures: Object.entries(meanings).map(([name, { policy, memory, value }]) =>
      bar({
        title: `${name}: ${value.toFixed(3)}`,
        x: { title: "shoals" },
        y: { title: "probability", range: [0, 1] },
        categories: ["0", "1", "2", "3", "4", "5", "6+"],
        series: [
          { name: "P", values: costDistribution(counting, liftPolicy(counting, policy, memory)), color: "#2a78b5" },
        ],
      }),
    ),
  }),
);

// %% [markdown]
// <details><summary>What you saw</summary>The two cost nearly the same: what is left is $J$ = 0.475 and 0.478. And a sure budget of one shoal buys nothing: whoever crosses the shoals may slip into one more, again and again, so nobody who wants to be sure crosses them. That holds on this chart; on a narrower one a budget is worth something (below).</details>
// #claim 19/six-meanings
//
// The chance constraint "at most one, on 90 % of the voyages" looks strict, and its policy meets a shoal on more than half of the voyages, on purpose: what is below the bound is free.

// %%
const narrow = strait({ map: ["S..~..H", "...~...", "...~...", "...~...", ".......", "......."] });
const sure = (of: typeof world, atMost: number) =>
  almostSureOptimum({ mdp: of.mdp, counted: of.shoals }, { atMost }).then(({ value }) => value);
const budgets = [0, 1, 2, 3];
const errandWorld = strait({ map: ["S.~~~.H", "..~~~..", "..~~~..", "...~...", "......A", "......."] });
const task = phraseTask();
const errand = {
  states: 4, // 0: on the way to A, 1: on the way to H, 2: done, 3: failed
  start: 0,
  next: (q: number, letter: string) => {
    if (q >= 2) return q;
    if (letter === "~") return 3;
    if (q === 0) return letter === "A" ? 1 : 0;
    return letter === "H" ? 2 : 1;
  },
};
const product = productMdp(errandWorld.mdp, [...errandWorld.fields], errand);
const done = product.mode.map((q) => (q === 2 ? 1 : 0));
const deadlines = linspace(10, 30, 11);
show(
  smallMultiples({
    title: "What a sure budget buys, and what time buys",
    figures: [
      line({
        title: "N at most b, surely",
        x: { title: "budget b" },
        y: { title: "J", range: [0.38, 0.55] },
        series: [
          { name: "the strait", x: budgets, y: await Promise.all(budgets.map((b) => sure(world, b))), markers: true },
          {
            name: "a narrow one",
            x: budgets,
            y: await Promise.all(budgets.map((b) => sure(narrow, b))),
            markers: true,
          },
        ],
      }),
      line({
        title: "By A to H, never a shoal",
        x: { title: "deadline", unit: "moves" },
        y: { title: "greatest probability", range: [0, 1.03] },
        series: [
          {
            name: "by A to H",
            color: "#2a9d5c",
            x: deadlines,
            y: deadlines.map((horizon) => maxReachability(product.mdp, done, { horizon })[4 * errandWorld.start]),
            markers: true,
          },
        ],
      }),
    ],
  }),
);

// %% [markdown]
// On the left a sure budget: nothing on the strait, something on the narrow chart. On the right a *temporal* rule: "no shoal until A, and then none until H". An *automaton*, a small machine that reads the fields as they are entered, says how far the errand has come; the *product* of ship and automaton is again a decision process, and the rule has become "come to a state where the automaton is done". (Here a voyage does not end by itself.) Without a deadline it can be
// kept with probability 1.
// #claim 19/budgets-and-deadlines
//
// ### Saute: the budget in the state, and a penalty
//
// Whoever cannot strike out actions, because nobody told which moves may lead where, can still carry the budget along. *Saute* (Sootla et al. 2022) puts what is left of it, $z$, into the state: $z_0 = b$, and $z \leftarrow z - 1$ on a shoal. While $z \ge 0$ a move pays $r$, afterwards it pays $-n$. Any method can learn that, since it is an ordinary decision process.
// The promise "$N \le b$ surely" belongs to $n \to \infty$. Programs have a finite $n$. What does that promise? After overspending, the penalty is paid until the end of the discount: $\gamma n / (1 - \gamma)$ in all. So Saute maximises
//
// $$\mathbb{E}[\text{reward while } z \ge 0] \;-\; \frac{\gamma\, n}{1 - \gamma}\; P(N > b): \tag{3}$$
//
// a *chance* constraint at a fixed price, $\gamma n/(1 - \gamma)$. Enough is a penalty that makes this price greater than the price of the chance constraint at probability 0. **Predict, then run**: is $n = 10$ a move enough on both charts, for a voyage that can earn 1?

// %%
const penalties = [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000];
const sauteOn = (of: typeof world, budget: number) =>
  Promise.all(penalties.map((penalty) => sauteOptimum({ mdp: of.mdp, counted: of.shoals }, { budget, penalty })));
const sauted = {
  "strait, b = 0": await sauteOn(world, 0),
  "strait, b = 1": await sauteOn(world, 1),
  "narrow, b = 1": await sauteOn(narrow, 1),
};
const sureValues = [await sure(world, 0), await sure(world, 1), await sure(narrow, 1)];
const never = 1e-8; // where 0 is drawn on a logarithmic axis
show(
  smallMultiples({
    title: "A finite penalty is a price; sure it becomes only far out",
    subtitle: `the best policies of Saute's process, exact; P = 0 is drawn at ${never}`,
    share: "x",
    figures: [
      line({
        title: "How often the budget is overspent",
        x: { title: "penalty n, per move", type: "log" },
        y: { title: "P(N > b)", type: "log" },
        series: Object.entries(sauted).map(([name, runs]) => ({
          name,
          x: penalties,
          y: runs.map(({ overspent }) => Math.max(overspent, never)),
          markers: true,
        })),
      }),
      line({
        title: "What is earned within the budget",
        x: { title: "penalty n, per move", type: "log" },
        y: { title: "J while z ≥ 0" },
        series: Object.entries(sauted).map(([name, runs]) => ({
          name,
          x: penalties,
          y: runs.map(({ value }) => value),
          markers: true,
        })),
      }),
    ],
  }),
);
table(
  Object.entries(sauted).map(([name, runs], i) => ({
    name,
    ten: runs[penalties.indexOf(10)].overspent.toExponential(1),
    from: penalties[runs.findIndex(({ overspent }) => overspent === 0)],
    last: runs[runs.length - 1].value,
    exact: sureValues[i],
  })),
  {
    columns: {
      name: "",
      ten: "P(N > b) at n = 10",
      from: "P = 0 from n =",
      last: "J at n = 1,000",
      exact: "J of the sure optimum",
    },
    digits: 4,
  },
);

// %% [markdown]
// Each curve ends at 0, and from there on the policy is exactly the sure optimum of above: on a finite chart a finite penalty is enough. But nobody knows which. On the narrow chart 1 is more than enough. On the wide one, with a budget of one, a penalty of ten a move, ten times what a voyage can earn, still leaves a small probability: there the policy uses the last shoal for a short cut that hardly ever fails. "Almost surely" in the name of a program with a finite penalty
// is a wish, not a property.
// #claim 19/saute-is-a-price
//
// ### Exercise 3. The budget that is carried
//
// *Difficulty 2 of 5, 8 minutes. Trains: Saute's state and its reward.*
//
// One voyage: move $t$ earned `rewards[t]` and met `costs[t]` shoals (0 or 1). Return what Saute pays for it, $\sum_t \gamma^t \cdot$ (`rewards[t]`, or `-penalty` if the budget was overspent *before* the move). A budget of exactly 0 is not overspent.
//
// <details><summary>Hint</summary>Pay first, by the z that the ship had when it set out; then take the cost off z.</details>

// %% [exercise] 19/saute
/** The discounted return of one voyage, as Saute pays it. */
function sauteReturn(
  rewards: number[],
  costs: number[],
  { budget, penalty, gamma }: { budget: number; penalty: number; gamma: number },
): number {
  // #solution
  let left = budget;
  let sum = 0;
  rewards.forEach((reward, t) => {
    sum += gamma ** t * (left >= 0 ? reward : -penalty);
    left -= costs[t];
  });
  return sum;
  // #end
}

// %% [check] 19/saute
await check("19/saute", { sauteReturn });

// %% [markdown]
// ### Exercise 4. More than b
//
// *Difficulty 3 of 5, 15 minutes. Trains: the count in the state.*
//
// A policy is fixed, so the ship is a chain: `moves[s][t]` is the probability of going from $s$ to $t$. `shoal[t]` says what is a shoal. It begins in state 0 (which does not count, whatever it is), and after each move the voyage goes on with probability `gamma`. Return $P(N > b)$: arrivals in shoals, staying in one included. The first move always takes place.
//
// <details><summary>Hint 1</summary>Keep p[s][k]: the probability that move number t takes place, that the ship is at s before it, and has met k shoals, k = 0 to b. Whatever would become b + 1 goes into the answer, and is dropped.</details>
// <details><summary>Hint 2</summary>After 2,000 moves hardly anything is left if gamma is 0.98 or less.</details>

// %% [exercise] 19/more-than
/** P(N > b) of a chain. */
function moreThan(moves: number[][], shoal: boolean[], gamma: number, b: number): number {
  // #solution
  let p = moves.map((_, s) => Array.from({ length: b + 1 }, (_, k): number => (s === 0 && k === 0 ? 1 : 0)));
  let answer = 0;
  for (let move = 0; move < 2000; move++) {
    const next = p.map((row) => row.map((): number => 0));
    p.forEach((row, s) => {
      row.forEach((weight, k) => {
        if (weight === 0) return;
        moves[s].forEach((q, t) => {
          const met = shoal[t] ? k + 1 : k;
          if (met > b) answer += weight * q;
          else next[t][met] += gamma * weight * q;
        });
      });
    });
    p = next;
  }
  return answer;
  // #end
}

// %% [check] 19/more-than
await check("19/more-than", { moreThan });

// %% [markdown]
// ### Exercise 5. The errand
//
// *Difficulty 2 of 5, 8 minutes. Trains: a rule about a whole run.*
//
// Write the automaton for another rule: "whoever has touched a shoal (`~`) must visit the dock (`D`) before the harbour (`H`)". States: 0 sound, 1 damaged, 2 arrived well, 3 failed. Given the state and the letter of the field that is *entered*, return the next state. Coming to `H` sound is 2, damaged is 3; what is over (2 and 3) stays as it is.
//
// <details><summary>Hint</summary>First ask whether it is over. Then one line per letter that matters; every other letter changes nothing.</details>

// %% [exercise] 19/errand
/** The state after entering a field with this letter. */
function dockRule(state: number, letter: string): number {
  // #solution
  if (state >= 2) return state;
  if (letter === "~") return 1;
  if (letter === "D") return 0;
  if (letter === "H") return state === 0 ? 2 : 3;
  return state;
  // #end
}

// %% [check] 19/errand
await check("19/errand", { dockRule });

// %% [markdown]
// ## 3. Looking for the price: why it swings
//
// Nobody has (2) for a language model. The usual way is the *Lagrangian*
//
// $$L(\pi, \lambda) = J(\pi) - \lambda\,(C(\pi) - \alpha), \qquad \max_\pi \min_{\lambda \ge 0} L, \tag{4}$$
//
// where the policy learns from $r - \lambda c$ and the price is moved by what is seen. *Dual ascent* raises it while the cost is too high: $\lambda \leftarrow [\lambda + \eta\,(C - \alpha)]_+$.
//
// But for a given price a best policy without a coin is a corner of section 1's frontier, an end of one of its straight pieces. On the left below: what it costs at each price. There is no price at which it costs 1! (At the jump itself both ends are equally good, and so is every mixture: the price cannot say which.)

// %%
const charged = (lambda: number) => {
  const priced = withRewards(
    mdp,
    mdp.rewards.map((r, pair) => r - lambda * cost[pair]),
  );
  const { policy } = optimalPolicy(priced);
  return { policy, C: policyReturn(withRewards(mdp, cost), policy) };
};
const prices = linspace(0.06, 0.13, 71);
let lambda = 0;
const best: { lambda: number; C: number }[] = [];
const total = new Float64Array(mdp.rewards.length);
for (let step = 0; step < 400; step++) {
  const { policy, C } = charged(lambda);
  best.push({ lambda, C });
  occupancy(mdp, policy).forEach((share, pair) => {
    total[pair] += share / (1 - mdp.discount) / 400;
  });
  lambda = Math.max(0, lambda + 0.01 * (C - 1));
}
const inner = (values: ArrayLike<number>) => total.reduce((sum, x, pair) => sum + x * values[pair], 0);
show(
  smallMultiples({
    title: "No price buys exactly one shoal, so the price must swing",
    figures: [
      line({
        title: "The best policy's cost",
        x: { title: "price", unit: "per shoal" },
        y: { title: "C", unit: "shoals" },
        series: [{ name: "best policy at a price", x: prices, y: prices.map((p) => charged(p).C) }],
        reference: [{ y: 1 }],
      }),
      line({
        title: "Dual ascent on best policies",
        x: { title: "step" },
        y: { title: "C", unit: "shoals" },
        series: [{ name: "dual ascent", x: linspace(300, 399, 100), y: best.slice(300).map(({ C }) => C) }],
        reference: [{ y: 1 }],
      }),
    ],
  }),
);
console.log(`The average of the 400 flows: J ${inner(mdp.rewards).toFixed(4)}, C ${inner(cost).toFixed(3)}`);

// %% [markdown]
// The *average flow* is nearly right: its $J$ and $C$ are near those of the optimum with its coin. The policy that you hold at the end of training is not: it goes through, or around. (Average flows, not policies: exercise 1 gives the policy in the average flow.)
// #claim 19/no-price-buys-one
//
// Gradient steps do not help by themselves: policy and price then chase each other, like a thermostat with a slow heater. Stooke et al. (2020) treat it as that, and use a *PID controller*: one part in proportion to the error, one for its sum (the integral), one for its change (the derivative), each with a *gain* $K$. With the excess $e_t = C_t - \alpha$,
//
// $$I \leftarrow [I + K_I\, e_t]_+, \qquad \lambda = \bigl[K_P\, e_t + I + K_D\, [C_t - C_{t-1}]_+\bigr]_+. \tag{5}$$
//
// $K_I$ alone is dual ascent. $K_P$ answers at once, $K_D$ when the cost is rising. Others keep the *logarithm* of the price, so that no price has to be clipped at 0. Then there are two steps, which are easily confused. The step of $\ln\lambda$ by the excess, $\lambda \leftarrow \lambda\, e^{\eta e_t}$, is called *mirror ascent* (or exponentiated gradient). An optimiser of a parameter $\ln \lambda$, as Safe RLHF has it, follows the *gradient* with respect to it, and that holds $\lambda$ once more: $\lambda \leftarrow \lambda\, e^{\eta \lambda e_t}$.
// All methods from here on see *exact* gradients (natural ones, lesson 08), so what goes wrong is not noise.

// %%
const path = (update: SafeUpdate, iterations: number, start?: ArrayLike<number>) => {
  const { values, costs, multipliers } = policyPath(mdp, [{ cost, atMost: 1 }], update, { iterations, start });
  return { values, costs: costs[0], multipliers: multipliers[0] };
};
const rate = 5;
const steered = {
  "I alone": path(lagrangianUpdate({ rate, gains: { integral: 0.01 } }), 600),
  "P and I": path(lagrangianUpdate({ rate, gains: { integral: 0.01, proportional: 0.1 } }), 600),
  "I, entropy 0.02": path(lagrangianUpdate({ rate, gains: { integral: 0.01 }, entropy: 0.02 }), 600),
  "P too large": path(lagrangianUpdate({ rate, gains: { integral: 0.01, proportional: 0.5 } }), 600),
  "P, I and a large D": path(
    lagrangianUpdate({ rate, gains: { integral: 0.01, proportional: 0.1, derivative: 0.5 } }),
    600,
  ),
  "logarithmic, mirror": path(lagrangianUpdate({ rate, gains: { logarithmic: 0.1, start: 0.01 } }), 600),
  "logarithmic, gradient": path(
    lagrangianUpdate({ rate, gains: { logarithmic: 1, start: 0.01, by: "gradient" } }),
    600,
  ),
};
const steps = linspace(0, 600, 601);
const damped = Object.entries(steered).slice(0, 3);
show(
  smallMultiples({
    title: "A proportional part damps what the integral makes swing",
    subtitle: "exact natural gradients; dashed: the limit, and the program's price; prices above 0.5 drawn at 0.5",
    share: "x",
    figures: [
      line({
        title: "Cost",
        x: { title: "iteration" },
        y: { title: "C", unit: "shoals", range: [0, 4.7] },
        series: damped.map(([name, { costs }]) => ({ name, x: steps, y: costs })),
        reference: [{ y: 1 }],
      }),
      line({
        title: "Price",
        x: { title: "iteration" },
        y: { title: "lambda", unit: "per shoal", range: [0, 0.5] },
        series: damped.map(([name, { multipliers }]) => ({
          name,
          x: steps,
          y: multipliers.map((price) => Math.min(price, 0.5)),
        })),
        reference: [{ y: one.multipliers[0] }],
      }),
    ],
  }),
);
table(
  Object.entries(steered).map(([name, { values, costs, multipliers }]) => {
    const late = costs.subarray(300);
    const [least, greatest] = [Math.min(...late), Math.max(...late)];
    return { name, J: values[600], C: costs[600], least, greatest, dearest: Math.max(...multipliers) };
  }),
  {
    columns: {
      name: "",
      J: "J at the end",
      C: "C at the end",
      least: "least C, last 300",
      greatest: "greatest C",
      dearest: "greatest price",
    },
    digits: 4,
  },
);

// %% [markdown]
// The integral alone still goes round at the end, with every rate and gain that the claim tries. With a proportional part it settles on the program's price. An entropy bonus makes it settle too, but somewhere else: it solves another problem, and arrives less often. And $K_P$ is not a cure-all: at this rate, five times as much of it brings the swinging back. So does a large $K_D$ beside it: every rise is charged, no fall is paid back, and the cost is thrown far below the limit.
// #claim 19/proportional-settles
//
// A logarithm does not damp. Mirror ascent sums excesses as the integral does, only elsewhere, and swings as it does, with every rate that the claim tries. The gradient's step is proportional to the price: it hardly moves while the price is small, and when it has become large it runs off, falls, and is then too small to come back. None of its rates settles either.
// #claim 19/a-logarithm-does-not-damp
//
// **Break it.** Set $K_P = 0$ and make $K_I$ ten times smaller. Does it settle, only later?
//
// <details><summary>What happens</summary>It swings more slowly and takes longer for each round. What damps is not a small integral but an answer to the cost as it is now. (Change <code>integral</code> to 0.001 and run the cell with 6,000 iterations to see whole rounds.)</details>
//
// ### Exercise 6. The controller
//
// *Difficulty 3 of 5, 12 minutes. Trains: equation (5).*
//
// Given the costs seen so far, in order, return the price after the last one. $I$ begins at 0; at the first cost there is nothing before it, and no rise.
//
// <details><summary>Hint</summary>Three brackets [ ]+: around the integral at every step, around the rise, around the sum. The proportional part has none of its own: it may be negative.</details>

// %% [exercise] 19/pid
/** lambda after the last of the costs. */
function controlledPrice(costs: number[], limit: number, gains: { P: number; I: number; D: number }): number {
  // #solution
  let integral = 0;
  let price = 0;
  costs.forEach((now, t) => {
    const excess = now - limit;
    integral = Math.max(0, integral + gains.I * excess);
    const rise = t === 0 ? 0 : Math.max(0, now - costs[t - 1]);
    price = Math.max(0, gains.P * excess + integral + gains.D * rise);
  });
  return price;
  // #end
}

// %% [check] 19/pid
await check("19/pid", { controlledPrice });

// %% [markdown]
// ### Exercise 7. The loop
//
// *Difficulty 4 of 5, 20 minutes. Trains: draw, credit, step, and steer.*
//
// One state, several actions, a softmax policy with logits that begin at 0, a price that begins at 0. For each number of `luck`, in order: (1) compute the policy; (2) draw an action: the first whose cumulated probability (its own and those before it) is above the number; (3) its credit is `reward[a] - price * cost[a]`, with the price as it is; (4) step of REINFORCE without a baseline:
// logits $\mathrel{+}=$ `rate` $\cdot$ credit $\cdot\,(\mathbb{1}_a - \pi)$; (5) price $\leftarrow$ [price + `dualRate` (cost[a] - limit)]$_+$, with the cost of the action that was drawn. Return `[policy, price]` at the end. The check then lets your loop learn.
//
// <details><summary>Hint 1</summary>The policy in step (4) is that of step (1).</details>
// <details><summary>Hint 2</summary>For the draw: let sum = 0, and walk through the actions, adding pi[a], until the sum is above the number. Take the last one if rounding leaves none.</details>

// %% [exercise] 19/loop
/** [policy, price] after one step for each number of luck. */
function learnUnderLimit(
  world: { reward: number[]; cost: number[]; limit: number },
  luck: number[],
  rates: { rate: number; dualRate: number },
): [number[], number] {
  // #solution
  const softmax = (z: number[]) => {
    const top = Math.max(...z);
    const weights = z.map((x) => Math.exp(x - top));
    const sum = weights.reduce((a, b) => a + b);
    return weights.map((w) => w / sum);
  };
  let logits = world.reward.map(() => 0);
  let price = 0;
  for (const u of luck) {
    const pi = softmax(logits);
    let action = pi.length - 1;
    let sum = 0;
    for (let a = 0; a < pi.length; a++) {
      sum += pi[a];
      if (sum > u) {
        action = a;
        break;
      }
    }
    const credit = world.reward[action] - price * world.cost[action];
    logits = logits.map((z, a) => z + rates.rate * credit * ((a === action ? 1 : 0) - pi[a]));
    price = Math.max(0, price + rates.dualRate * (world.cost[action] - world.limit));
  }
  return [softmax(logits), price];
  // #end
}

// %% [check] 19/loop
await check("19/loop", { learnUnderLimit });

// %% [markdown]
// ## 4. A step that keeps the limit: CPO
//
// *Constrained policy optimisation* (Achiam et al. 2017) asks for the limit at every step. Linearise: $g$ is the gradient of $J$, $g_C$ the gradient of $C$, $e = C - \alpha$ the excess, $H$ the second derivative of the KL, $D$ the most that the KL of one step may be. The step $\Delta$ solves
//
// $$\max_\Delta g'\Delta \quad\text{subject to}\quad e + g_C'\Delta \le 0, \qquad \tfrac12 \Delta' H \Delta \le D. \tag{6}$$
//
// An ellipse, cut by a line. With the three products $q_{gg} = g'H^{-1}g$, $q_{gC} = g'H^{-1}g_C$, $q_{CC} = g_C'H^{-1}g_C$, and $B = 2D - e^2/q_{CC}$:
//
// - *inside*: $e \le 0$, $B < 0$. The whole ellipse keeps the limit: $\Delta = \sqrt{2D/q_{gg}}\; H^{-1} g$.
// - *recovery*: $e > 0$, $B < 0$. None of it does: lower the cost as fast as can be, $\Delta = -\sqrt{2D/q_{CC}}\; H^{-1} g_C$.
// - *slack*: the line cuts the ellipse, but the step of "inside" keeps the limit anyway: take it.
// - *active*: else, with step size $\eta$ and price $\lambda$,
//
// $$\Delta = \eta\, H^{-1}(g - \lambda\, g_C), \qquad \eta = \sqrt{\frac{B}{q_{gg} - q_{gC}^2/q_{CC}}}, \qquad \lambda = \frac{e/\eta + q_{gC}}{q_{CC}}. \tag{7}$$
//
// <details><summary>Why?</summary>Lagrange: g - lambda g_C = H Delta / eta for some prices 1 / eta of the KL and lambda of the cost. Put Delta into e + g_C' Delta = 0: that gives lambda. Put both into Delta' H Delta = 2 D: what is left of g once its part along g_C is taken out, q_gg - q_gC^2 / q_CC, times eta^2, is what is left of 2 D once the way to the line, e^2 / q_CC, is paid.</details>
//
// The paper derives its closed form, in the appendix, for a *minimum*: there $g$ is the gradient of a loss, and $q_{gC}$ has the other sign. A well-known library (omnisafe, commit 15603dd7) maximises and kept that sign in the price: $[\,e/\eta - q_{gC}\,]_+ / q_{CC}$. (`cpoStep` names as the paper does: its `lambda` is $1/\eta$, its `nu` our $\lambda$.)

// %%
const H = [
  [2, 0.5],
  [0.5, 1],
];
const inverse = ([x, y]: number[]) => [(x - 0.5 * y) / 1.75, (2 * y - 0.5 * x) / 1.75];
const plane = (excess: number): CpoProblem => ({
  gradient: [1, 2],
  costGradient: [1, 1],
  inverse: (v) => inverse(Array.from(v)),
  excess,
  radius: 0.02,
});
const angles = linspace(0, 2 * Math.PI, 121);
/** Points of the ellipse: Cholesky's H = L L', and L'^-1 times a circle. */
const ellipse = angles.map((angle) => {
  const [u, v] = [0.2 * Math.cos(angle), 0.2 * Math.sin(angle)];
  const l11 = Math.sqrt(H[0][0]);
  const l21 = H[1][0] / l11;
  const l22 = Math.sqrt(H[1][1] - l21 * l21);
  const y = v / l22;
  return [(u - l21 * y) / l11, y];
});
const arrow = (name: string, step: Float64Array) => ({ name, x: [0, step[0]], y: [0, step[1]], markers: true });
show(
  smallMultiples({
    title: "The step in the plane: allowed is below the line and within the ellipse",
    subtitle: "gradient of reward (1, 2), of cost (1, 1)",
    share: "both",
    figures: [-0.5, -0.1, 0.1, 0.5].map((excess) => {
      const right = cpoStep(plane(excess));
      const wrong = mixedSignsCpoStep(plane(excess));
      const span = [-0.5, 0.5];
      return line({
        title: `excess ${excess}: ${right.case}`,
        x: { title: "first logit", range: [-0.42, 0.42] },
        y: { title: "second logit", range: [-0.42, 0.42] },
        series: [
          { name: "trust region", x: ellipse.map(([x]) => x), y: ellipse.map(([, y]) => y) },
          { name: "limit", x: span, y: span.map((x) => -excess - x) },
          arrow("CPO", right.step),
          arrow("with the library's sign", wrong.step),
        ],
      });
    }),
  }),
);

// %%
const short = optimalPolicy(mdp).policy.map((p) => Math.log(0.97 * p + 0.03 / 4)); // best without a limit, but not rigid
const cpo = {
  "right sign, from the uniform policy": path(cpoUpdate(), 60),
  "library's sign, from the uniform policy": path(cpoUpdate({ step: mixedSignsCpoStep }), 60),
  "right sign, from the short way": path(cpoUpdate(), 60, short),
  "library's sign, from the short way": path(cpoUpdate({ step: mixedSignsCpoStep }), 60, short),
};
show(
  line({
    title: "One sign: the limit is kept, or never reached",
    subtitle: "exact gradients, KL of a step at most 0.02, line search",
    x: { title: "iteration" },
    y: { title: "C", unit: "shoals" },
    series: Object.entries(cpo).map(([name, { costs }]) => ({ name, x: linspace(0, 60, 61), y: costs })),
    reference: [{ y: 1 }],
  }),
);
table(
  Object.entries(cpo).map(([name, { values, costs }]) => ({ name, J: values[60], C: costs[60] })),
  { columns: { name: "", J: "J at the end", C: "C at the end" }, digits: 4 },
);

// %% [markdown]
// With the right sign CPO is on the program's optimum after some twenty iterations. With the other one the recovery is the same. But once the line cuts the ellipse and the cost is still too high, the step points out of the half-plane; the line search then refuses it, again and again, and the policy stays where it is. Nothing crashes, and the cost looks steady. (Users of the library report that CPO, and other methods, miss the limit: issue 114 there. This sign may be one reason, not the only one.)
// #claim 19/the-sign-decides
//
// Even right, CPO is above the limit for a while: here because it begins there. And it keeps only a *linearised* limit, so that a step from inside may end above. Its paper bounds the excess after one step, by something that grows like $\sqrt{2D}\,\gamma/(1-\gamma)^2$. That is why a recovery is needed.
//
// **Break it.** Forget the ½ in (6): write $D$ wherever (7) and the cases have $2D$. What is lost?
//
// <details><summary>What happens</summary>Only speed: the step has half the KL that is allowed. Mistakes that merely slow down survive for years.</details>
//
// ### Exercise 8. The step
//
// *Difficulty 4 of 5, 20 minutes. Trains: equations (6) and (7), every case.*
//
// $H$ is diagonal here, `h[i] > 0`. Neither `g` nor `gC` is 0 and they are not parallel. Return $\Delta$.
//
// <details><summary>Hint 1</summary>H^-1 v is v[i] / h[i]. Compute the three products and B first, then ask in the order: recovery, inside, slack, active.</details>
// <details><summary>Hint 2</summary>The step of "inside" keeps the limit if e + sqrt(2 D / q_gg) q_gC is at most 0.</details>

// %% [exercise] 19/cpo-step
/** The CPO step for a diagonal H. */
function constrainedStep(g: number[], gC: number[], h: number[], e: number, D: number): number[] {
  // #solution
  const product = (u: number[], v: number[]) => u.reduce((sum, x, i) => sum + (x * v[i]) / h[i], 0);
  const [qgg, qgC, qCC] = [product(g, g), product(g, gC), product(gC, gC)];
  const B = 2 * D - (e * e) / qCC;
  if (e > 0 && B < 0) return gC.map((x, i) => (-Math.sqrt((2 * D) / qCC) * x) / h[i]);
  const plain = Math.sqrt((2 * D) / qgg);
  if (B < 0 || e + plain * qgC <= 0) return g.map((x, i) => (plain * x) / h[i]);
  const eta = Math.sqrt(B / (qgg - (qgC * qgC) / qCC));
  const price = (e / eta + qgC) / qCC;
  return g.map((x, i) => (eta * (x - price * gC[i])) / h[i]);
  // #end
}

// %% [check] 19/cpo-step
await check("19/cpo-step", { constrainedStep });

// %% [markdown]
// ## 5. Seven ways to one point
//
// - *PCPO* (projection-based CPO): the plain step, then the nearest point that keeps the limit. Nearest in which metric? In that of the KL, or in logits.
// - *FOCOPS* (first-order constrained optimisation in policy space): $\pi' \propto \pi \exp(\eta (A - \lambda A_C))$, with $A$ and $A_C$ the advantages of reward and cost, and plain dual ascent for $\lambda$: "I alone" of section 3.
// - *IPO* (interior-point policy optimisation): the gradient of $J + \ln(\alpha - C)/\kappa$, a wall that is felt from afar. Its optimum lies $1/\kappa$ below (here $\kappa$ is the wall's sharpness), and it has to begin inside.
// - *CRPO* (constraint-rectified policy optimisation): a step for the reward while $C \le \alpha$, else a step against the cost.

// %%
const shy = optima[limits.indexOf(0.02)].policy.map((p) => Math.log(0.97 * p + 0.03 / 4)); // well inside
const ways = {
  CPO: path(cpoUpdate(), 150),
  "PCPO, KL": path(pcpoUpdate(), 150),
  "PCPO, logits": path(pcpoUpdate({ metric: "l2" }), 150),
  "P and I": path(lagrangianUpdate({ rate: 5, gains: { integral: 0.01, proportional: 0.1 } }), 150),
  FOCOPS: path(lagrangianUpdate({ rate: 5, gains: { integral: 0.01 } }), 150),
  CRPO: path(crpoUpdate({ rate: 0.3 }), 150),
  "IPO, sharpness 20": path(ipoUpdate({ rate: 5, sharpness: 20 }), 150, shy),
};
show(
  line({
    title: "Paths to the program's point",
    subtitle: "150 iterations with exact gradients; from the uniform policy on the right, IPO from inside",
    x: { title: "C", unit: "shoals", range: [0, 4.8] },
    y: { title: "J", range: [0, 0.78] },
    series: [
      ...Object.entries(ways).map(([name, { costs, values }]) => ({ name, x: costs, y: values })),
      { name: "frontier", x: limits, y: optima.map(({ value }) => value), color: "#b03a9a" },
    ],
    reference: [{ x: 1 }],
  }),
);
table(
  Object.entries(ways).map(([name, { values, costs }]) => ({
    name,
    J: values[150],
    C: costs[150],
    above: costs.filter((C) => C > 1.001).length,
  })),
  { columns: { name: "", J: "J at the end", C: "C at the end", above: "iterations above 1" }, digits: 3 },
);

// %% [markdown]
// Two end on the point: CPO, and PCPO in the KL's metric; P and I comes close. PCPO in plain logits is on the limit and far below the frontier: it moves states that hardly anybody visits. IPO stops short by $1/\kappa$, and never breaks the limit. FOCOPS's plain multiplier goes round. CRPO ends below the point, and how far depends on its step size: one step against cost may undo many for reward.
// #claim 19/seven-ways
//
// ### Two limits at once
//
// A reserve lies in the south: no more than half a field of it on a voyage, on average, and no more than half a shoal. Now a ship can go neither through nor around as it likes. The program takes a second row, and gives a second price. The methods: a price for each limit (P and I, FOCOPS); CPO with two lines through the ellipse, where the best step may lie on neither, on one or on both; PCPO, which goes to the nearest point that keeps both; IPO with two walls; CRPO against the cost that is furthest above its limit.

// %%
const reserve = strait({ map: ["S.~~~.H", "..~~~..", "..~~~..", "...~...", "..nnn..", "..nnn.."] });
const both = [
  { cost: reserve.cost, atMost: 0.5 },
  { cost: reserve.onArriving({ n: 1 }), atMost: 0.5 },
];
const corner = await constrainedOptimum(reserve.mdp, both);
const inside = (
  await constrainedOptimum(
    reserve.mdp,
    both.map((limit) => ({ ...limit, atMost: 0.1 })),
  )
).policy;
const along2 = (update: SafeUpdate, iterations: number, start?: ArrayLike<number>) =>
  policyPath(reserve.mdp, both, update, { iterations, start });
const twoLimits = {
  CPO: along2(cpoUpdate(), 150),
  "PCPO, KL": along2(pcpoUpdate(), 150),
  "PCPO, logits": along2(pcpoUpdate({ metric: "l2" }), 150),
  "P and I": along2(lagrangianUpdate({ rate: 2, gains: { integral: 0.05, proportional: 0.5 } }), 600),
  FOCOPS: along2(lagrangianUpdate({ rate: 2, gains: { integral: 0.05 } }), 600),
  CRPO: along2(crpoUpdate({ rate: 0.3 }), 150),
  "IPO, sharpness 20": along2(
    ipoUpdate({ rate: 1, sharpness: 20 }),
    300,
    inside.map((p) => Math.log(0.97 * p + 0.03 / 4)),
  ),
};
show(
  line({
    title: "To the corner where two limits meet",
    subtitle:
      "exact gradients; from the uniform policy (outside), IPO from inside; FOCOPS and CRPO wander: in the table",
    x: { title: "E N, shoals", range: [0, 1.2] },
    y: { title: "fields of the reserve", range: [0, 1] },
    series: [
      ...Object.entries(twoLimits)
        .filter(([name]) => name !== "FOCOPS" && name !== "CRPO") // they wander; in the table
        .map(([name, { costs }]) => ({ name, x: costs[0], y: costs[1] })),
      { name: "the program", x: [corner.costs[0]], y: [corner.costs[1]], markers: true, color: "#b03a9a" },
    ],
    reference: [{ x: 0.5 }, { y: 0.5 }],
  }),
);
table(
  [
    ...Object.entries(twoLimits).map(([name, { values, costs, multipliers }]) => ({
      name,
      J: values[values.length - 1],
      C: costs.map((own) => own[own.length - 1]),
      prices: name === "P and I" || name.startsWith("IPO") ? multipliers.map((own) => own[own.length - 1]) : [],
    })),
    { name: "the program", J: corner.value, C: corner.costs, prices: Array.from(corner.multipliers) },
  ].map(({ name, J, C, prices: own }) => ({ name, J, first: C[0], second: C[1], p1: own[0], p2: own[1] })),
  {
    columns: { name: "", J: "J at the end", first: "shoals", second: "reserve", p1: "price 1", p2: "price 2" },
    digits: 3,
  },
);

// %% [markdown]
// CPO and PCPO in the KL's metric end in the corner. A proportional part settles two prices as it settled one, and on those of the program; without it (FOCOPS) both go round. IPO stays inside, and may lose $1/\kappa$ for *each* limit that binds. Only the gains had to be found anew: both prices are above that of section 1, the first several times. A second limit is no harder in kind. It is dearer: a voyage arrives less often than under either limit alone.
// #claim 19/two-limits
//
// ## 6. Text: the KL makes the price smooth
//
// Now a language model that writes short replies to "whale" (lesson 10's phrase task, all 9,331 replies enumerated). Utility likes "very good". The cost is *flattery*, the number of "very" in a reply. As in lesson 12 the best policy at a price is
//
// $$\pi_\lambda(y) \propto \pi_{\text{ref}}(y) \exp\frac{u(y) - \lambda c(y)}{\beta}, \qquad \frac{d\,\mathbb{E}_\lambda[c]}{d\lambda} = -\frac{\mathrm{Var}_\lambda(c)}{\beta}. \tag{8}$$
//
// Compare with the ship: there the cost *jumped* at one price. Here it slides, and how steeply is set by $\beta$. That is why the multiplier of safe RLHF can settle: not by a better method, but by the KL. Let $\eta$ be the price's step again, as in section 3. Close to the optimum, dual ascent at exact optima settles if $\eta < 2\beta/\mathrm{Var}(c)$, with the variance at the optimum, and does not if $\eta$ is larger.

// %%
const flattery = phraseFlattery(task);
const logRef = task.reference[0];
const utility = task.utility[0];
const text = (limit: number, beta = 0.3) => ({ logRef, reward: utility, cost: flattery, beta, limit });
const textPrices = linspace(0, 2.5, 51);
const tight = text(0.2);
const most = dualAscentLimit(tight);
show(
  smallMultiples({
    title: "The price of a word slides, the price of a shoal jumps",
    figures: [
      line({
        title: "Flattery at each price",
        x: { title: "price", unit: "per very" },
        y: { title: "E c", unit: "very" },
        series: [1, 0.3, 0.1, 0.03].map((beta) => ({
          name: `beta ${beta}`,
          x: textPrices,
          y: textPrices.map((price) => chargedOptimum(text(0, beta), price).cost),
        })),
      }),
      line({
        title: `Around the step limit, ${most.toFixed(2)}`,
        x: { title: "step" },
        y: { title: "E c", unit: "very" },
        series: [0.3, 0.95, 1.1].map((share, i) => ({
          name: `${share} of the limit`,
          color: ["#8a6bbe", "#b5892a", "#d1495b"][i],
          x: linspace(0, 40, 41),
          y: dualAscent(tight, { rate: share * most, steps: 40 }).costs,
        })),
        reference: [{ y: 0.2 }],
      }),
    ],
  }),
);

// %% [markdown]
// Just below $2\beta/\mathrm{Var}$ it settles, just above it alternates between two values for ever. With $\beta$ to 0 the left curves become steps, and we are back on the ship.
// #claim 19/kl-makes-it-smooth
//
// Here a logarithmic price settles as well. Close to the optimum a step of $\ln\lambda$ moves $\lambda$ by $\lambda^*$ times as much (mirror), or by $\lambda^{*2}$ times (gradient), with $\lambda^*$ the price at the optimum: all three are one method with three names for its rate, and their limits are that of plain ascent divided by 1, $\lambda^*$, $\lambda^{*2}$. Far from it they differ. From a price of 0.01, each with five rates:

// %%
const star = constraintMultiplier(tight);
const dualSteps = {
  plain: {
    scale: 1,
    step: (price: number, seen: number, rate: number) => dualStep(price, { cost: seen, limit: 0.2, rate }),
  },
  mirror: {
    scale: star,
    step: (price: number, seen: number, rate: number) => logDualStep(price, { cost: seen, limit: 0.2, rate }),
  },
  gradient: {
    scale: star ** 2,
    step: (price: number, seen: number, rate: number) =>
      logDualStep(price, { cost: seen, limit: 0.2, rate, by: "gradient" }),
  },
};
const shares = [0.1, 0.3, 0.5, 0.7, 0.9];
/** Costs of the exact optima on the way, from a price of 0.01. */
const ascend = ({ scale, step }: (typeof dualSteps)["plain"], share: number) => {
  let price = 0.01;
  return Array.from({ length: 200 }, () => {
    const seen = chargedOptimum(tight, price).cost;
    price = step(price, seen, (share * most) / scale);
    return seen;
  });
};
const stepsNeeded = (seen: number[]) => seen.findLastIndex((c) => Math.abs(c - 0.2) > 0.002) + 1;
show(
  line({
    title: "An optimiser of ln lambda takes long to begin",
    subtitle:
      "steps of dual ascent until E c stays within 0.002 of the limit, from a price of 0.01; 200 means not within 200",
    x: { title: "rate, as a share of the greatest that settles" },
    y: { title: "steps", type: "log" },
    series: Object.entries(dualSteps).map(([name, own]) => ({
      name,
      x: shares,
      y: shares.map((share) => stepsNeeded(ascend(own, share))),
      markers: true,
    })),
  }),
);

// %% [markdown]
// The gradient of $\ln \lambda$ needs more than ten times as many steps as the two others, each at its best rate: a price of 0.01 makes its steps a hundred times smaller than they will be. If your code keeps $\ln \lambda$, begin near the price that you expect, or divide the gradient by $\lambda$, which is mirror ascent.
// #claim 19/the-logarithm-begins-slowly
//
// In practice the cost is seen in a batch. Then $\lambda$ keeps trembling, and so does the policy:

// %%
const sampled = sampledDualAscent(key(1), tight, { rate: 0.5, steps: 300, batch: 32 });
show(
  line({
    title: "On the limit on average, above it half of the time",
    subtitle: "dual ascent from batches of 32; exact cost of each policy on the way",
    x: { title: "step" },
    y: { title: "E c", unit: "very" },
    series: [{ name: "one run", x: linspace(0, 300, 301), y: sampled.costs }],
    reference: [{ y: 0.2 }],
  }),
);
const lateCosts = Array.from(sampled.costs.subarray(50));
console.log(
  `mean ${mean(lateCosts).toFixed(3)}, above the limit ${((100 * lateCosts.filter((c) => c > 0.2).length) / lateCosts.length).toFixed(0)} %`,
);

// %% [markdown]
// Whoever stops at a random moment holds a policy above the limit about every second time. Aim below it, or average the last policies.
// #claim 19/half-the-time-above
//
// ### Dividing by 1 + lambda
//
// Several codes learn from $(A - \lambda A_C)/(1 + \lambda)$, to keep steps of one size. The KL's price beside it stays $\beta$. Look at (8): dividing reward and cost by $1 + \lambda$ is the same as a price of KL of $\beta(1 + \lambda)$.

// %%
const alphas = [0.02, 0.05, 0.1, 0.2, 0.3, 0.45, 0.6, 0.8];
const frontier = (beta: number) =>
  alphas.map((limit) => chargedOptimum(text(limit, beta), constraintMultiplier(text(limit, beta))).logProbs);
const worth = (logProbs: ArrayLike<number>) => exactExpectation(logProbs, utility);
const fixed = [0.5, 1, 1.5].map((price) => chargedOptimum(text(0), price));
const divided = alphas.map((limit) => dividedOptimum(text(limit)));
show(
  line({
    title: "A fixed penalty is on the frontier, nobody knows where; dividing leaves it",
    subtitle: "utility of the best policy under each limit on flattery, at its price of KL; exact",
    x: { title: "E c", unit: "very" },
    y: { title: "E u", unit: "nats" },
    series: [
      ...[0.1, 0.3, 1].map((beta) => ({
        name: `frontier, beta ${beta}`,
        x: alphas,
        y: frontier(beta).map(worth),
      })),
      {
        name: "beta 0.3, divided by 1 + lambda",
        x: divided.map(({ cost: c }) => c),
        y: divided.map(({ logProbs }) => worth(logProbs)),
        markers: true,
      },
      {
        name: "beta 0.3, fixed prices 0.5, 1, 1.5",
        x: fixed.map(({ cost: c }) => c),
        y: fixed.map(({ logProbs }) => worth(logProbs)),
        markers: true,
      },
    ],
  }),
);

// %% [markdown]
// The tighter the limit, the larger $\lambda$, and the more the policy is pulled back to the reference, although nobody asked for that. At a limit of 0.05 it keeps half of the utility that it could have.
// #claim 19/dividing-is-another-beta
//
// And a text policy needs its coin as well: without a KL the best one under a limit of 0.5 writes a reply like "very good good whale" (worth 3.5, one "very") half of the time, and one like "good not bad whale" (worth 3, none) the other half; the price is 0.5. And in a world of single replies a chance constraint, $P(c > 0) \le \delta$, is an expected one: the expectation of an indicator.
//
// ### Exercise 9. Find the bug: a price of KL that moves
//
// *Difficulty 2 of 5, 6 minutes. Trains: equation (8).*
//
// `chargedPolicy` is to return the best policy when every unit of cost is charged `price` and a nat of KL costs `beta`. A colleague wrote it. It is right at price 0, and the larger the price, the more timid it is. Run the check, then mend it.
//
// <details><summary>Hint</summary>What is 1 + price doing there?</details>

// %% [exercise] 19/find-the-bug
/** Probabilities, in proportion to ref * exp((reward - price * cost) / beta). */
function chargedPolicy(ref: number[], reward: number[], cost: number[], beta: number, price: number): number[] {
  // #solution
  const scores = ref.map((p, y) => Math.log(p) + (reward[y] - price * cost[y]) / beta);
  const top = Math.max(...scores);
  const weights = scores.map((score) => Math.exp(score - top));
  const sum = weights.reduce((a, b) => a + b);
  return weights.map((w) => w / sum);
  // #given
  // const scores = ref.map((p, y) => Math.log(p) + (reward[y] - price * cost[y]) / (1 + price) / beta);
  // const top = Math.max(...scores);
  // const weights = scores.map((score) => Math.exp(score - top));
  // const sum = weights.reduce((a, b) => a + b);
  // return weights.map((w) => w / sum);
  // #end
}

// %% [check] 19/find-the-bug
await check("19/find-the-bug", { chargedPolicy });

// %% [markdown]
// ## 7. When the cost is learned
//
// In safe RLHF the cost is a model, fitted to what people say of replies (Dai et al.: comparisons, and labels "harmful" or not; here labels alone). Harm here is "good" right after "very". Two models: one counts words, one counts pairs of neighbours as well. "+ 2 sd" is *pessimism*: two standard deviations of the model's own uncertainty (lesson 18) are added to its log-odds of harm. Each is fitted to 100, 400 or 2,000 labelled replies, the policy is the exact optimum under a limit of 0.15 on the *modelled* harm, and we compute the true one.

// %%
const sizes = [100, 400, 2000];
const trialKeys = split(key(3), 8);
const kinds = {
  words: { features: "words", pessimism: 0 },
  "words, + 2 sd": { features: "words", pessimism: 2 },
  pairs: { features: "pairs", pessimism: 0 },
  "pairs, + 1 sd": { features: "pairs", pessimism: 1 },
} as const;
const harms = Object.entries(kinds).map(([name, kind]) => ({
  name,
  runs: sizes.map((labels) => trialKeys.map((k) => learnedCostTrial(k, task, { labels, ...kind }).harm)),
}));
show(
  line({
    title: "The blind model becomes sure, not right",
    subtitle: "mean of 8 runs with 95 % interval; every policy is on the limit, 0.15, by its own model",
    x: { title: "labels", type: "log" },
    y: { title: "true harm" },
    series: harms.map(({ name, runs }) => {
      const intervals = runs.map((of) => meanInterval(of));
      return {
        name,
        x: sizes,
        y: intervals.map((of) => of.mean),
        band: { low: intervals.map((of) => of.low), high: intervals.map((of) => of.high) },
        markers: true,
      };
    }),
    reference: [{ y: 0.15 }],
  }),
);

// %% [markdown]
// The model of words cannot see the order, so it spreads the blame: "very" costs a little, "good" a little. The optimiser finds the replies for which that is too little, and more labels do not help: with 2,000 every run is above the limit. Pessimism holds harm below the limit while labels are few; with 2,000 the standard deviations are small, and about half of the runs of the blind model
// are above again: the uncertainty of lesson 18 is about weights, and no weights would be right. The model of pairs is near the limit, on either side of it, and with 400 labels or more below it once a standard deviation is added.
// #claim 19/blind-spots-are-found
//
// ### On a transformer
//
// Last, everything learned. A transformer imitates 2,000 replies. A reward model $\hat r$ is fitted to 1,000 comparisons, a cost model $\hat c$ (that of pairs) to 2,000 labels of harm, each by itself. Then PPO trains the transformer on $\hat r - \lambda \hat c$, and each batch steers $\lambda$ by (5). That is *PPO-Lagrangian*, the recipe of safe RLHF (`trainSafePolicy`). What a trained policy gains and costs is computed over all replies,
// and the frontier is exact: the best that any policy can do for these two models, with *this* transformer as the reference.

// %%
const model = transformer({ vocabulary: 7, context: 6, width: 32, layers: 1, heads: 2 });
const study = safePhraseStudy(task, model, adam({ rate: 5e-3, maxNorm: 1 }));
const [pupilKey, rewardKey, costKey, trainKey] = split(key(2), 4);
const pupil = await study.imitate(pupilKey);
const replies = proxyWorld();
const learnedReward = learnReward(replies, compareReplies(rewardKey, replies, 1000)).reward;
const learnedCost = fitHarmModel(costKey, task, { labels: 2000, features: "pairs" }).cost;
const harm = phraseHarm(task);
const own = (limit: number) => ({ logRef: pupil.logProbs, reward: learnedReward, cost: learnedCost, beta: 0.3, limit });
const judged = (logProbs: Float64Array) => ({
  modelled: exactExpectation(logProbs, learnedCost),
  harm: exactExpectation(logProbs, harm),
  objective: exactExpectation(logProbs, learnedReward) - 0.3 * exactKL(logProbs, pupil.logProbs),
  utility: worth(logProbs),
});
const exactly = (limit: number) => judged(chargedOptimum(own(limit), constraintMultiplier(own(limit))).logProbs);
const trained: (ReturnType<typeof judged> & { limit: number; batchCosts: number[] })[] = [];
for (const limit of progress([0.05, 0.15, 1], { label: "PPO-Lagrangian" })) {
  const gains = { proportional: 2, integral: 0.2 };
  const options = { reward: learnedReward, cost: learnedCost, limit, beta: 0.3, iterations: 120, gains };
  const run = await study.run(trainKey, pupil.params, options);
  trained.push({ limit, batchCosts: run.batchCosts, ...judged(run.logProbs) });
}
const ownFrontier = [0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5].map(exactly);
const hues = ["#d1495b", "#2a9d5c", "#8a6bbe"];
show(
  smallMultiples({
    title: "PPO-Lagrangian beside the exact frontier",
    figures: [
      line({
        title: "Where it ends",
        x: { title: "modelled harm" },
        y: { title: "learned reward - beta KL", unit: "nats" },
        series: [
          {
            name: "exact frontier",
            x: ownFrontier.map(({ modelled }) => modelled),
            y: ownFrontier.map(({ objective }) => objective),
          },
          ...trained.map(({ limit, modelled, objective }, i) => ({
            name: limit === 1 ? "no limit" : `limit ${limit}`,
            x: [modelled],
            y: [objective],
            markers: true,
            color: hues[i],
          })),
        ],
      }),
      line({
        title: "On the way: each batch",
        x: { title: "iteration" },
        y: { title: "modelled harm" },
        series: trained.map(({ limit, batchCosts }, i) => ({
          name: limit === 1 ? "no limit" : `limit ${limit}`,
          x: linspace(1, 120, 120),
          y: batchCosts,
          color: hues[i],
        })),
        reference: [{ y: 0.05 }, { y: 0.15 }],
      }),
    ],
  }),
);
table(
  trained.map(({ limit, modelled, harm: real, utility: u }) => ({
    limit,
    modelled,
    real,
    u,
    best: exactly(limit).harm,
  })),
  {
    columns: {
      limit: "limit",
      modelled: "modelled harm",
      real: "true harm",
      u: "true utility",
      best: "true harm of the exact optimum",
    },
    digits: 3,
  },
);

// %% [markdown]
// It comes near to the frontier of its models. In the second half of a run under the limit of 0.15 the batches are on it on average, within a few hundredths, and swing around it one by one, wherever the models' optimum without a limit would cost clearly more (above 0.2, with most keys); where it would cost hardly more than the limit, the run stays below or near it. Where such a run is stopped may decide on which side of the limit the model is that you ship. And the true harm and utility are the only columns that count, and the only ones that nobody has outside of a course.
// #claim 19/ppo-lagrangian
//
// ## 8. Safe while learning, and after seeing samples
//
// Who does not know the costs must try. Three treatments with benefit 0.3, 0.6, 0.9 and harm 0.05, 0.3, 0.6; harm at most 0.2 in every round's mixture, and the first treatment's harm is known. Each round a learner mixes treatments by what it believes: of benefit the upper end of an interval, of harm the lower end (*optimistic*), the mean (*plug-in*), or the upper end (*pessimistic*).

// %%
const clinic = { rewards: [0.3, 0.6, 0.9], costs: [0.05, 0.3, 0.6], limit: 0.2, safe: 0 };
const beliefs = ["optimistic", "plug-in", "pessimistic"] as const;
const learning = beliefs.map((belief) => ({
  belief,
  runs: split(key(5), 10).map((k) => safeBanditRun(k, clinic, { rounds: 4000, belief })),
}));
const rounds = linspace(0, 3999, 40).map(Math.round);
show(
  smallMultiples({
    title: "Safety while learning is bought with regret",
    subtitle: "means of ten runs",
    figures: (["violation", "regret"] as const).map((of) =>
      line({
        title: of === "violation" ? "Harm above the limit, summed" : "Benefit missed, summed",
        x: { title: "round" },
        y: { title: of === "violation" ? "expected violations" : "regret" },
        series: learning.map(({ belief, runs }) => ({
          name: belief,
          x: rounds,
          y: rounds.map((t) => mean(runs.map((run) => run[of][t]))),
        })),
      }),
    ),
  }),
);

// %% [markdown]
// The pessimist broke nothing, in any run, and paid for it in benefit. The optimist "gains" benefit by breaking the limit: a negative regret. So a report on safe learning needs two numbers, violations *and* regret.
// #claim 19/pessimists-break-nothing
//
// A different question: a policy was chosen so that it keeps its limit on $n$ sampled situations. How often will it break on new ones? If $d$ numbers were chosen, in a convex problem, the probability $V$ of a violation on a new one satisfies (Campi and Garatti 2008; the outer $P$ is over the samples)
//
// $$P(V > \varepsilon) \le \sum_{i < d} \binom{n}{i} \varepsilon^i (1 - \varepsilon)^{n - i}. \tag{9}$$

// %%
const seenSamples = linspace(20, 400, 39).map(Math.round);
show(
  line({
    title: "How many samples make a promise",
    subtitle: "P(violations above 5 %) is at most this, if d numbers were chosen",
    x: { title: "samples n" },
    y: { title: "probability", type: "log" },
    series: [1, 2, 5, 10].map((dimensions) => ({
      name: `d = ${dimensions}`,
      x: seenSamples,
      y: seenSamples.map((samples) => scenarioRisk({ samples, dimensions, epsilon: 0.05 })),
    })),
    reference: [{ y: 0.05 }],
  }),
);
table(
  [1, 2, 5, 10].map((dimensions) => ({
    dimensions,
    needed: scenarioCount({ dimensions, epsilon: 0.05, delta: 0.05 }),
    simple: scenarioSimpleCount({ dimensions, epsilon: 0.05, delta: 0.05 }),
  })),
  { columns: { dimensions: "numbers d", needed: "samples needed", simple: "by the simple bound" }, digits: 0 },
);

// %% [markdown]
// 59 and 93 are known from Wilks (1941): with 93 samples the interval from the least to the greatest holds 95 % of what will come, with confidence 95 %. The bound is exact there. It counts the numbers that were *chosen by the samples*: a network with a million weights gets no promise from fewer samples than that, and is no convex problem either.
// #claim 19/scenarios
//
// ### Exercise 10. How many samples?
//
// *Difficulty 3 of 5, 10 minutes. Trains: equation (9).*
//
// Return the least $n \ge d$ for which the right side of (9) is at most $\delta$.
//
// <details><summary>Hint</summary>Sum d terms, i = 0 to d - 1. The next term is the one before times (n - i) / (i + 1) times eps / (1 - eps). Try n = d, d + 1, ...</details>

// %% [exercise] 19/scenario-count
/** The least number of samples. */
function samplesNeeded(d: number, epsilon: number, delta: number): number {
  // #solution
  for (let n = d; ; n++) {
    let term = (1 - epsilon) ** n;
    let sum = 0;
    for (let i = 0; i < d; i++) {
      sum += term;
      term *= (((n - i) / (i + 1)) * epsilon) / (1 - epsilon);
    }
    if (sum <= delta) return n;
  }
  // #end
}

// %% [check] 19/scenario-count
await check("19/scenario-count", { samplesNeeded });

// %% [markdown]
// ## What this lesson does not show
//
// - **Proofs.** All here assumes that the chart is right. Lesson 20 asks what can be promised, of which model.
// - **Large models.** Our transformer has one layer. Of Safe RLHF on large ones (Dai et al. 2023) we show the mechanism, not the numbers.
// - **Sampled CPO.** Our paths have exact gradients. With sampled ones all methods above are worse, and differ less.
// - **Many limits.** We ran two. CPO tries all sets of limits that may hold its step, so ten are its most here; a solver of quadratic programs has no such end.
// - **Saute with learning.** We solved its process; a learner has to find the few voyages that overspend before it is told anything about them.
//
// ## Said, and seen
//
// | Said | Seen | Where |
// | --- | --- | --- |
// | Hard constraints: never violate | $N = 0$ surely is a question of which probabilities are 0. As $\mathbb{E}[N] \le 0$ it has a price, more than three hundred times that at a limit of 1; $N \le b$ surely, with $b \ge 1$, is no expected limit at all | 1, 2 |
// | Soft constraints: minimise violations with penalties | A fixed price is on the frontier, at a point that nobody chose | 6 |
// | Chance constraints: limit the probability | One row on (state, count); what is below the bound is used up | 2 |
// | Temporal constraints: over the entire trajectory | The product with an automaton; deadlines have prices too | 2 |
// | Safety constraint: $\mathbb{E}[\sum_t C] \le \alpha$ | That is none of the four: an expectation. It allows three or more shoals on more than a quarter of the voyages. Discount, start and the number of limits belong to it | Run it |
// | Lagrangian: $L = J - \lambda\,(\text{violation} - \alpha)$ | With $\lambda \ge 0$, minimised over $\lambda$. It gives the right average flow; the last policy swings unless damped or smoothed by a KL | 3, 6 |
// | CPO: constrained optimisation with trust regions | Ends on the optimum, and is above the limit at first if it begins there; with one sign wrong it stays above | 4 |
// | Almost sure safety: probability 1 | What slips once may slip again: a budget can buy nothing. With a finite penalty it is a chance constraint at a price | 2 |
// | Finite-time safety, asymptotic safety | A deadline's probability grows with the deadline; without one nothing bounds when | 2 |
// | Sample complexity: learning safe policies efficiently | Count violations as well as regret; pessimism buys one with the other | 8 |
//
// ## On one page
//
// | | | In code |
// | --- | --- | --- |
// | (1), (2) | the program of flows, its price | `constrainedOptimum`, `bestDeterministic` |
// | six meanings | count in the state; product with an automaton | `countCosts`, `chanceConstrainedOptimum`, `cvarConstrainedOptimum`, `almostSureOptimum`, `productMdp`, `maxReachability` |
// | (3) | the budget in the state | `sauteMdp`, `sauteOptimum` |
// | (4), (5) | steer the price | `dualStep`, `pidMultiplier`, `logDualStep`, `lagrangianUpdate` |
// | (6), (7) | the step of CPO | `cpoStep`, `pcpoStep`, `manyLimitsCpoStep`, `cpoUpdate`, `pcpoUpdate`, `crpoUpdate`, `ipoUpdate`, `policyPath` |
// | (8) | the price of text | `chargedOptimum`, `dualAscentLimit`, `dividedOptimum`, `trainSafePolicy` |
// | (9) | scenarios | `scenarioRisk`, `scenarioCount` |
//
// **Three questions**
//
// <details><summary>Your model's average harm is on the limit for weeks. What else do you want to know?</summary>Its distribution: how bad the worst tenth is, and how often more than one thing goes wrong. And whether the model that you ship is the average, or the last one.</details>
//
// <details><summary>You lower beta and the multiplier begins to swing. Why?</summary>The cost reacts to the price with slope -Var(c) / beta. A smaller beta makes it steeper, and the same step of the multiplier too large: keep it below 2 beta / Var(c).</details>
//
// <details><summary>A colleague reports zero violations of a learned harm limit. What do you ask?</summary>Whose harm: the model's, or people's? Measure it on what the policy writes now, with labels that the cost model has not seen.</details>
//
// ## Read on
//
// - Altman 1999, *Constrained Markov decision processes*. Sections 1 and 2.
// - Rockafellar and Uryasev 2000, *Optimization of conditional value-at-risk*; Sootla et al. 2022, *Saute RL: almost surely safe reinforcement learning using state augmentation*, arXiv:2202.06558. Section 2.
// - Stooke, Achiam and Abbeel 2020, *Responsive safety in reinforcement learning by PID Lagrangian methods*, arXiv:2007.03964; Kivinen and Warmuth 1997, *Exponentiated gradient versus gradient descent for linear predictors* (mirror ascent). Section 3.
// - Achiam et al. 2017, *Constrained policy optimization*, arXiv:1705.10528; Yang et al. 2020 (PCPO), arXiv:2010.03152; Zhang et al. 2020 (FOCOPS), arXiv:2002.06506; Liu et al. 2019 (IPO), arXiv:1910.09615; Xu et al. 2021 (CRPO), arXiv:2011.05869. Sections 4 and 5.
// - Dai et al. 2023, *Safe RLHF*, arXiv:2310.12773; Moskovitz et al. 2023, *Confronting reward model overoptimization with constrained RLHF*, arXiv:2310.04373. Sections 6 and 7.
// - Amani, Alizadeh and Thrampoulidis 2019, *Linear stochastic bandits under safety constraints*, arXiv:1908.05814; Campi and Garatti 2008, *The exact feasibility of randomized solutions of uncertain convex programs*; Wilks 1941, *Determination of sample sizes for setting tolerance limits*. Section 8.
// - In the books: Boyd and Vandenberghe, [*Convex optimization*](https://web.stanford.edu/~boyd/cvxbook/): chapter 5, Duality.

// %%
import { solved } from "rlhf-lab-course";

// What you have solved of this lesson; it is written down on this machine and sent nowhere.
await solved("19");
