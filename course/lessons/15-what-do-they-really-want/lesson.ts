// %% [markdown]
// # 15 What do they really want?
//
// Somebody wrote down a reward. An agent optimises it. In this lesson we ask what people *meant*, and how a machine could find out: from what they do, from the reward that they wrote, from how they teach, and from
// whether they reach for the switch. Every world here is small, its true utility is known to us, and nearly everything is computed exactly. So we see what can be learned, and what never can.
//
// **After this lesson you can**
//
// - say how much a reward leaves open, and price the worst case;
// - infer a reward from behaviour by its exact gradient, and by Bayes' rule;
// - count how many numbers of a reward behaviour can never tell, and say what would tell them;
// - read a written reward as evidence, and plan for what it does not mention;
// - compute the best way to teach and to listen in a game of two who want the same;
// - say when a machine should let itself be switched off, and how noisy a person may be for that;
// - compare three penalties on side effects, and say which dial decides.
//
// **Time** 145 minutes, 96 of them exercises. **You need** lessons 01 and 06: the softmax, and potential-based shaping. Decision processes (states, actions, a discount $\gamma$) were in lessons 02 and 09.

// %% [markdown]
// ## The model on one page
//
// An *expert* is somebody who shows what they want by what they do. We model them as nearly rational: the better an action, the more often they take it. With a *temperature* $\tau$, in units of reward,
//
// $$Q(s, a) = r(s, a) + \gamma \sum_{s'} P(s' \mid s, a)\, V(s'), \qquad V(s) = \tau \log \sum_a e^{Q(s, a)/\tau}, \qquad \pi(a \mid s) = e^{(Q(s, a) - V(s))/\tau}. \tag{1}$$
//
// That is the *soft optimum*. For $\tau \to 0$ it is the optimum, for $\tau \to \infty$ pure chance. *Inverse reinforcement learning* (IRL) goes backwards: from the behaviour to the reward $r$. The reward is a mix of known *features*, $r = \sum_j w_j f_j$, and the behaviour is summed up in the *occupancy* $\mu(s, a)$, the discounted share of time that is spent in $s$ doing $a$. Then
//
// $$\frac{\partial}{\partial w_j}\ \mathbb{E}_{\mu_E}[\log \pi_w] = \frac{1}{\tau}\left(\mathbb{E}_{\mu_E}[f_j] - \mathbb{E}_{\mu_w}[f_j]\right), \tag{2}$$
//
// with $\mu_E$ the expert's occupancy and $\mu_w$ that of our model. It is what the expert meets of feature $j$, minus what the model meets. Nothing else of the behaviour counts.
//
// | On paper | In code | What it is |
// | --- | --- | --- |
// | $\pi$, $V$ of (1) | `softOptimum(world, { temperature })` | what a nearly rational person does, and gets |
// | $f_j$, $w_j$ | `features[j]`, `weights[j]` | a feature of state and action; its weight |
// | $\mathbb{E}_\mu[f_j]$ | `featureExpectations(world, policy, features)` | how much of it is met, per step |
// | (2) | `maxEntPoint(...).gradient` | the gradient of the log-likelihood |
// | $U$ | `world.utility` | what people really get; hidden from the agent |

// %%
import {
  bar,
  contour,
  heatmap,
  key,
  line,
  linspace,
  meanInterval,
  overSeeds,
  progress,
  scatter,
  show,
  smallMultiples,
  table,
} from "rlhf-lab";
import {
  assistancePlan,
  bayesianIrl,
  bestHumanRule,
  bestRobotReply,
  cirlOneShot,
  cirlValue,
  demonstrate,
  demonstratedOccupancy,
  expectationsUnder,
  featureExpectations,
  identifiability,
  inverseRewardDesign,
  iteratedBestResponse,
  maxEntIrl,
  maxEntPoint,
  noisyIncentive,
  offSwitchThreshold,
  rationalIncentive,
  rewardsExplaining,
  riskAverseChoice,
  softOptimum,
  tiedOptima,
  weightedReward,
} from "rlhf-lab/alignment";
import { optimalPolicy, policyReturn, uniformPolicy, withRewards } from "rlhf-lab/mdp";
import { categorical, foldIn, normal, uniform } from "rlhf-lab/random";
import {
  absentSupervisor,
  boatRace,
  carefulWay,
  goalAndLava,
  interruptibility,
  lavaDetour,
  paperclipsAndStaples,
  pieKitchen,
  sideEffectPenalty,
  sokoban,
  tomatoWatering,
} from "rlhf-lab/worlds";
import { check } from "rlhf-lab-course";

// %% [markdown]
// ## Run it
//
// A boat on a round of eight fields. Four of them are arrows: entering one the way it points pays 3, each move costs 1. People want it to go round; they get 1 for each move clockwise and lose 1 for any other (Leike and others 2017). Here are *all* walks of eight moves.

// %%
const race = boatRace();
/** (reward, utility) of all walks of so many moves, and how many there are of each. */
const walks = (moves: number) => {
  let at = new Map<string, number>([["0,0,0", 1]]); // state, reward, utility
  for (let t = 0; t < moves; t++) {
    const next = new Map<string, number>();
    for (const [name, count] of at) {
      const [s, reward, utility] = name.split(",").map(Number);
      for (const move of race.moves) {
        const step = race.walk(move, s);
        const to = `${step.visits.indexOf(1)},${reward + step.reward},${utility + step.utility}`;
        next.set(to, (next.get(to) ?? 0) + count);
      }
    }
    at = next;
  }
  const sums = new Map<string, number>();
  for (const [name, count] of at) {
    const sum = name.split(",").slice(1).join();
    sums.set(sum, (sums.get(sum) ?? 0) + count);
  }
  return Array.from(sums, ([sum, count]) => ({ sum: sum.split(",").map(Number), count }));
};
const allWalks = walks(8);
const bestPay = allWalks.reduce((most, { sum }) => Math.max(most, sum[0]), Number.NEGATIVE_INFINITY);
const dots = (name: string, list: typeof allWalks) => ({
  name,
  x: list.map(({ sum }) => sum[0]),
  y: list.map(({ sum }) => sum[1]),
  size: 11,
});
show(
  scatter({
    title: "The best reward is earned by going round, and by shaking to and fro",
    subtitle: `all ${allWalks.reduce((n, { count }) => n + count, 0).toLocaleString("en")} walks of eight moves; each dot is a pair of sums`,
    x: { title: "observed reward" },
    y: { title: "hidden utility" },
    series: [
      dots(
        "less reward",
        allWalks.filter(({ sum }) => sum[0] < bestPay),
      ),
      dots(
        "most reward",
        allWalks.filter(({ sum }) => sum[0] === bestPay),
      ),
    ],
  }),
);

// %% [markdown]
// Look at the right edge. The reward is not *wrong* about the round trip: it is one of the best walks. It only does not say which of the best is meant. Five published worlds, solved exactly over 100 moves, give two kinds of trouble:

// %%
const five = {
  "boat race": boatRace(),
  "tomato watering": tomatoWatering(),
  "absent supervisor": absentSupervisor(),
  "box (side effects)": sokoban(),
  interruptibility: interruptibility(),
};
table(
  Object.entries(five).map(([world, { mdp, utility }]) => {
    const tied = tiedOptima(mdp, utility, { horizon: 100, discount: 1 });
    const { reward, best, worst, utility: most } = tied;
    return { world, states: mdp.states, reward, best, worst, most, cost: most - worst };
  }),
  {
    columns: {
      world: "world",
      states: "states",
      reward: "best reward",
      best: "utility of its best optimum",
      worst: "of its worst",
      most: "best utility",
      cost: "misalignment cost, worst case",
    },
    digits: 4,
  },
);

// %% [markdown]
// - **A tie.** In the boat race optimal policies earn anything from nothing to all of the utility. With a discount they tie as well, and still earn unlike utilities.
// #claim 15/tied-optima
// - **A difference.** In the other four no optimum of the reward is best for people. Under the bucket every field looks like a watered tomato (ours is a smaller garden than the published one, which has a quarter of a million states). An agent that sees whether somebody looks behaves worse when nobody does. The box is pushed into a corner, from where it never returns. And the switch is turned off.
// #claim 15/five-worlds
//
// The last column is the *misalignment cost*, $\max_\pi \mathbb{E}_\pi[U] - \mathbb{E}_{\pi_R}[U]$: it is never negative. If several policies are optimal for the reward, we must count with the worst.
//
// ### Exercise 1. The worst of the best
//
// *Difficulty 2 of 5, 8 minutes. Trains: the misalignment cost when optima tie.*
//
// Given the reward and the utility of each policy (equal rewards within $10^{-9}$ count as equal), return the worst misalignment cost: the best utility of all policies, minus the *least* utility among those with the best reward.
//
// <details><summary>Hint</summary>First the best reward, then keep the policies that reach it, then the least utility of those.</details>

// %% [exercise] 15/worst-optimum
/** Best utility of all, minus the least utility among the optima of the reward. */
function worstCost(reward: number[], utility: number[]): number {
  // #solution
  const top = Math.max(...reward);
  const tied = utility.filter((_, i) => reward[i] >= top - 1e-9);
  return Math.max(...utility) - Math.min(...tied);
  // #end
}

// %% [check] 15/worst-optimum
await check("15/worst-optimum", { worstCost });

// %% [markdown]
// ## 1. From behaviour to reward
//
// If written rewards say too little, look at what people do. Our expert walks four fields by four, from corner to corner, with lava on the short way. Every move slips to the left with probability 0.1, and to the right with 0.1. Nothing ends. Arriving at the goal pays 2, arriving in lava costs 1.5, and there is a third feature that is 1 in every step, with weight 0. The temperature is 1.
//
// ### Exercise 2. The soft backup
//
// *Difficulty 2 of 5, 6 minutes. Trains: $V(s)$ of equation (1).*
//
// Return $\tau \log \sum_a e^{Q(a)/\tau}$. It must not overflow for $Q/\tau = 1000$.
//
// <details><summary>Hint</summary>Take the largest Q out of the sum: max + tau * log(sum of exp((Q - max) / tau)).</details>

// %% [exercise] 15/soft-backup
/** tau log sum of exp(q / tau). */
function softMaximum(q: number[], tau: number): number {
  // #solution
  const top = Math.max(...q);
  return top + tau * Math.log(q.reduce((sum, value) => sum + Math.exp((value - top) / tau), 0));
  // #end
}

// %% [check] 15/soft-backup
await check("15/soft-backup", { softMaximum });

// %% [markdown]
// Now the way back. The log-likelihood is concave in the weights, so (2) can be followed uphill from anywhere. First we give it the expert's *exact* expectations: nothing is sampled.
//
// <details><summary>Why is (2) so simple?</summary>log pi = (Q - V) / tau, and Q = r + gamma P V. So tau times the mean of log pi under the expert is the mean of r, plus the mean of gamma V(next) - V(now). An occupancy flows: that second mean is
// -(1 - gamma) V(start), whatever V is. And the derivative of (1 - gamma) V(start) in w_j is what the model meets of f_j, since V is a log-sum-exp and the change of the policy itself contributes nothing to first order (the envelope theorem).</details>

// %%
const grid = goalAndLava();
const truth = [2, -1.5, 0];
const trueReward = weightedReward(grid.features, truth);
const expert = softOptimum(withRewards(grid.mdp, trueReward), { temperature: 1 });
const wanted = featureExpectations(grid.mdp, expert.policy, grid.features);
const ascent = maxEntIrl(grid.mdp, grid.features, wanted, { rate: 5 });
const goalWeights = linspace(-1, 4, 16);
const lavaWeights = linspace(-4, 1, 16);
const surface: number[][] = [];
for (const lava of progress(lavaWeights, { label: "log-likelihood" })) {
  surface.push(goalWeights.map((goal) => maxEntPoint(grid.mdp, grid.features, wanted, [goal, lava, 0]).logLikelihood));
}
show(
  contour({
    title: "One hill, and its top is the truth",
    subtitle: `gradient ascent from 0, ${ascent.steps} steps; found ${Array.from(ascent.weights, (w) => w.toFixed(3)).join(", ")}`,
    x: { title: "weight of the goal" },
    y: { title: "weight of the lava" },
    color: { title: "log-likelihood per step", unit: "nats" },
    grid: { x: goalWeights, y: lavaWeights, values: surface },
    levels: 30,
    paths: [
      {
        name: "the ascent",
        x: ascent.path.map(({ weights }) => weights[0]),
        y: ascent.path.map(({ weights }) => weights[1]),
      },
    ],
    points: [{ name: "the truth", x: truth[0], y: truth[1] }],
  }),
);

// %% [markdown]
// The weights of goal and lava come back exactly. The third weight stays where it was: a reward for every step changes no behaviour, and (2) is 0 for it everywhere.
// #claim 15/finds-the-weights
//
// This is *maximum causal entropy IRL* (Ziebart, Bagnell and Dey 2010). Now from what people really have: some episodes.

// %%
const counts = [2, 8, 32, 128];
const runKeys = [1, 2, 3, 4, 5, 6].map(key);
/** Weights from so many episodes of so many steps. */
const fitted = (from: ReturnType<typeof key>, episodes: number, steps: number) => {
  const shown = Array.from({ length: episodes }, (_, i) =>
    demonstrate(foldIn(from, i), grid.mdp, expert.policy, steps),
  );
  const seen = expectationsUnder(demonstratedOccupancy(grid.mdp, shown), grid.features);
  return maxEntIrl(grid.mdp, grid.features, seen, { rate: 5, steps: 60, tolerance: 1e-3 }).weights;
};
const fits: { steps: number; weights: Float64Array[][] }[] = [];
for (const steps of progress([60, 20], { label: "fits" })) {
  fits.push({ steps, weights: runKeys.map((k) => counts.map((n) => fitted(k, n, steps))) });
}
show(
  smallMultiples({
    title: "Some dozens of whole episodes tell the weights; episodes cut short stay beside them",
    subtitle: "means and 95 % intervals over six keys; dashed: the truth",
    share: "y",
    figures: fits.map(({ steps, weights }) =>
      line({
        title: `Episodes of ${steps} steps`,
        x: { title: "episodes", type: "log" },
        y: { title: "weight" },
        series: ["goal", "lava"].map((name, j) =>
          overSeeds(
            name,
            counts,
            weights.map((run) => run.map((w) => w[j])),
          ),
        ),
        reference: [{ y: truth[0] }, { y: truth[1] }],
      }),
    ),
  }),
);

// %% [markdown]
// Episodes that are cut after 20 steps are not the expert's occupancy: what would have come later is missing, and mostly it would have been the goal. More of them does not help. A model with the same horizon would (`maxEntIrl` takes one).
// #claim 15/whole-episodes-suffice
// #claim 15/cut-episodes-mislead
//
// ### Exercise 3. The gradient
//
// *Difficulty 3 of 5, 12 minutes. Trains: equation (2) with demonstrations.*
//
// `episodes` are lists of pair numbers (state and action together are one number). `features[j][pair]` is feature $j$, `model[pair]` the model's occupancy (it adds up to 1). Weigh step $t$ of an episode with $\gamma^t$ over the sum of these weights in that episode, each episode alike. Return the gradient (2) for $\tau = 1$, one number per feature.
//
// <details><summary>Hint</summary>Build the expert's occupancy first, pair by pair. Then each entry is the sum over pairs of (expert - model) * feature.</details>

// %% [exercise] 15/irl-gradient
/** What the expert meets of each feature, minus what the model meets. */
function irlGradient(episodes: number[][], features: number[][], model: number[], gamma: number): number[] {
  // #solution
  const occupied = model.map(() => 0);
  for (const episode of episodes) {
    const weights = episode.map((_, t) => gamma ** t);
    const total = weights.reduce((a, b) => a + b, 0);
    episode.forEach((pair, t) => {
      occupied[pair] += weights[t] / total / episodes.length;
    });
  }
  return features.map((feature) => feature.reduce((sum, f, pair) => sum + f * (occupied[pair] - model[pair]), 0));
  // #end
}

// %% [check] 15/irl-gradient
await check("15/irl-gradient", { irlGradient });

// %% [markdown]
// ### Exercise 4. Learn by drawing
//
// *Difficulty 4 of 5, 20 minutes. Write a loop: draw, credit, step, and see it learn.*
//
// In large worlds nobody can compute $\mathbb{E}_{\mu_w}[f]$; one draws from the model. Here is the smallest case: one state, and action $a$ has features `features[a]`. The model is $\pi_w(a) \propto e^{w \cdot f(a)}$. Start at $w = 0$. In each round, for the list `luck[round]` of uniform numbers:
//
// 1. *draw* one action for each number $u$: the first action whose cumulative probability under the present $\pi_w$ exceeds $u$ (the last one if none does);
// 2. *credit*: the expert's feature means (under `shares`, the expert's probabilities) minus the mean of the features drawn;
// 3. *step*: add `rate` times that to $w$.
//
// Return the weights after every round, a list of lists (without the start).
//
// <details><summary>Hint</summary>Recompute the probabilities at the beginning of each round, not once. Push a copy of w.</details>

// %% [exercise] 15/irl-loop
/** Weights after each round of draw, credit, step. */
function learnByDrawing(features: number[][], shares: number[], luck: number[][], rate: number): number[][] {
  // #solution
  const w = features[0].map(() => 0);
  const shown = w.map((_, j) => features.reduce((sum, f, a) => sum + shares[a] * f[j], 0));
  return luck.map((draws) => {
    const scores = features.map((f) => f.reduce((sum, x, j) => sum + x * w[j], 0));
    const top = Math.max(...scores);
    const masses = scores.map((score) => Math.exp(score - top));
    const total = masses.reduce((a, b) => a + b, 0);
    const met = w.map(() => 0);
    for (const u of draws) {
      let action = 0;
      let cumulative = masses[0] / total;
      while (cumulative <= u && action < features.length - 1) cumulative += masses[++action] / total;
      features[action].forEach((x, j) => {
        met[j] += x / draws.length;
      });
    }
    shown.forEach((x, j) => {
      w[j] += rate * (x - met[j]);
    });
    return [...w];
  });
  // #end
}

// %% [check] 15/irl-loop
const { passed: loopPassed } = await check("15/irl-loop", { learnByDrawing });

// %%
// See it learn: four actions, two features, an expert with weights (1.5, -1).
const menu = [
  [1, 0],
  [0, 1],
  [1, 1],
  [0, 0],
];
const menuScores = menu.map(([a, b]) => Math.exp(1.5 * a - b));
const menuShares = menuScores.map((x) => x / menuScores.reduce((a, b) => a + b));
const rounds = Array.from({ length: 150 }, (_, t) => t + 1);
const luck = rounds.map((t) => Array.from(uniform(foldIn(key(15), t), 20)));
const learnt = loopPassed ? learnByDrawing(menu, menuShares, luck, 0.3) : rounds.map(() => [0, 0]);
show(
  line({
    title: "Drawing twenty actions a round is enough to climb, and never quite stands still",
    x: { title: "round" },
    y: { title: "weight" },
    series: [0, 1].map((j) => ({
      name: loopPassed ? `feature ${j + 1}` : `${j + 1}: not written yet`,
      x: rounds,
      y: learnt.map((w) => w[j]),
    })),
    reference: [{ y: 1.5 }, { y: -1 }],
  }),
);

// %% [markdown]
// ## 2. What behaviour never tells
//
// We knew the features, and the truth was a mix of them. Take that away, and let the reward be any table $r(s, a)$. Turn (1) around: for *every* function $V$ of the states,
//
// $$r(s, a) = \tau \log \pi(a \mid s) + V(s) - \gamma \sum_{s'} P(s' \mid s, a)\, V(s') \tag{3}$$
//
// is a reward whose soft optimum is exactly this $\pi$ (Cao, Cohen and Szpruch 2021). You know the last two terms: they are potential-based shaping, from lesson 06. There shaping was harmless. Here it is what hides.
//
// **Predict, then run.** We take the expert's policy and add to its values $V$ normal numbers of size 3. How much do the reward and the policy move?

// %%
const shaken = (from: ReturnType<typeof key>, size: number) => {
  const value = normal(from, 16).map((z, s) => expert.value[s] + size * z);
  return rewardsExplaining(grid.mdp, expert.logPolicy, value);
};
const largest = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((most, x, i) => Math.max(most, Math.abs(x - b[i])), 0);
const other = shaken(key(1), 3);
table(
  [
    { what: "some entry of the reward moved by", by: largest(other, trueReward) },
    {
      what: "some probability of the policy moved by",
      by: largest(softOptimum(withRewards(grid.mdp, other), { temperature: 1 }).policy, expert.policy),
    },
  ],
  { columns: { what: "largest change", by: "amount" }, digits: 3 },
);

// %% [markdown]
// <details><summary>What you saw</summary>The reward moves by more than the goal is worth, and the policy by rounding errors. No amount of behaviour in this world tells the two rewards apart.</details>
//
// #claim 15/same-policy-other-reward
//
// How large is that set, and what shrinks it? If the same person is seen in two worlds, (3) must hold in both with one $r$. That is a linear system for the two unknown $V$, and its *nullity*, the number of dimensions of what solves it with zeros on the right, is the count of numbers that stay free.

// %%
const gridAt = (discount: number, slip: number) => goalAndLava({ discount, slip }).mdp;
const cases = {
  "one world": identifiability([grid.mdp]),
  "the same world twice": identifiability([grid.mdp, grid.mdp]),
  "two discounts, 0.9 and 0.7": identifiability([grid.mdp, gridAt(0.7, 0.1)]),
  "two dynamics, slip 0.1 and 0.3": identifiability([grid.mdp, gridAt(0.9, 0.3)]),
  "one world, reward of the state alone": identifiability([grid.mdp], { stateOnly: true }),
};
table(
  Object.entries(cases).map(([seen, { nullity }]) => ({ seen, nullity })),
  { columns: { seen: "the expert is seen in", nullity: "numbers of the reward that stay free" } },
);
const seenHere = [grid.mdp];
const seenInTwo = [grid.mdp, gridAt(0.7, 0.1)];
const [along] = identifiability(seenHere).directions;
const moves = linspace(-2, 2, 13);
/** How far behaviour moves, in nats, if the reward moves along a shaping, and along the goal. */
const unlike = (worlds: typeof seenHere, shaping: number, goal: number) =>
  worlds.reduce((sum, world) => {
    const was = softOptimum(withRewards(world, trueReward), { temperature: 1 });
    const moved = trueReward.map((r, i) => r + 10 * shaping * along[i] + goal * grid.features[0][i]);
    const now = softOptimum(withRewards(world, moved), { temperature: 1 });
    return sum + was.policy.reduce((kl, p, i) => kl + (p * (was.logPolicy[i] - now.logPolicy[i])) / 16, 0);
  }, 0);
show(
  smallMultiples({
    title: "In one world a valley of rewards explains the behaviour; a second discount closes it",
    subtitle: "root of the mean KL from the expert's policy; the truth is in the middle",
    figures: [seenHere, seenInTwo].map((worlds) =>
      contour({
        title: worlds.length === 1 ? "Seen at discount 0.9" : "Seen at 0.9 and at 0.7",
        x: { title: "along a shaping" },
        y: { title: "along the goal" },
        color: { title: "root KL", unit: "root nats" },
        grid: {
          x: moves,
          y: moves,
          values: moves.map((goal) => moves.map((shaping) => Math.sqrt(Math.max(1e-9, unlike(worlds, shaping, goal))))),
        },
        points: [{ name: "the truth", x: 0, y: 0 }],
      }),
    ),
  }),
);

// %% [markdown]
// One world leaves as many free numbers as it has states. Seeing more of the same leaves them all. In this grid a second discount, or a second dynamics, leaves one: a constant, on which no behaviour depends where nothing ends. A reward that depends on the state alone is told by this one world, up to the constant.
// #claim 15/nullities
//
// Does it matter? Not as long as the world stays as it is. Take the inferred reward to another one, where moves slip three times as often, and optimise it there.

// %%
const slippery = withRewards(gridAt(0.9, 0.3), trueReward);
const bestThere = policyReturn(slippery, optimalPolicy(slippery).policy);
const chanceThere = policyReturn(slippery, uniformPolicy(slippery));
const shapes = [0, 0.1, 0.3, 1, 3, 10];
/** What the optimum of a reward earns there: 1 is best, 0 is chance. */
const transferred = (reward: Float64Array) =>
  (policyReturn(slippery, optimalPolicy(withRewards(slippery, reward)).policy) - chanceThere) /
  (bestThere - chanceThere);
const runsThere = Array.from({ length: 10 }, (_, k) => shapes.map((size) => transferred(shaken(key(k), size))));
show(
  bar({
    title: "A reward that explains everything here may be worthless there",
    subtitle: "true return of its optimum where moves slip more; ten keys, 95 % intervals",
    x: { title: "size of the shaping in the inferred reward" },
    y: { title: "0: at random, 1: best" },
    categories: shapes.map(String),
    series: [
      {
        name: "inferred reward",
        values: shapes.map((_, i) => meanInterval(runsThere.map((run) => run[i])).mean),
        error: {
          low: shapes.map((_, i) => meanInterval(runsThere.map((run) => run[i])).low),
          high: shapes.map((_, i) => meanInterval(runsThere.map((run) => run[i])).high),
        },
      },
    ],
  }),
);

// %% [markdown]
// All these rewards explain the behaviour at home *exactly*. Abroad those with little shaping are as good as the truth. Those with much (size 10) are on average hardly better than chance, and many are worse.
// #claim 15/transfer-fails
//
// So "the reward differs from what people want" is neither enough for trouble nor seen in behaviour. What matters is the class of rewards that are optimised alike, and classes are relative to worlds. If even the temperature is unknown it gets worse: somebody who does badly may want something else, or be bad at it (Armstrong and Mindermann 2018).
//
// ### Exercise 5. A reward that explains
//
// *Difficulty 3 of 5, 10 minutes. Trains: equation (3).*
//
// `next[s][a]` is the state that action $a$ leads to (nothing is random here), `policy[s][a]` its probability, `value[s]` any numbers. Return the table $r(s, a)$ of (3).
//
// <details><summary>Hint</summary>The value of the next state is discounted, that of this state is not.</details>

// %% [exercise] 15/explaining-reward
/** The reward, [state][action], for which this policy is the soft optimum with these values. */
function explain(next: number[][], policy: number[][], value: number[], gamma: number, tau: number): number[][] {
  // #solution
  return policy.map((row, s) => row.map((p, a) => tau * Math.log(p) + value[s] - gamma * value[next[s][a]]));
  // #end
}

// %% [check] 15/explaining-reward
await check("15/explaining-reward", { explain });

// %% [markdown]
// ## 3. How sure may we be?
//
// A point on a hill is not a belief. *Bayesian IRL* keeps a probability for every reward on a list, $P(r \mid D) \propto P(r) \prod_t \pi_r(a_t \mid s_t)$ with $\pi_r$ from (1). With 25 rewards (five weights of the goal times five of the lava) it is a sum, and exact.

// %%
const goals = [0, 1, 2, 3, 4];
const lavas = [0, -0.75, -1.5, -2.25, -3];
const candidates = lavas.flatMap((lava) => goals.map((goal) => weightedReward(grid.features, [goal, lava, 0])));
const shownTo = (from: ReturnType<typeof key>, episodes: number) =>
  Array.from({ length: episodes }, (_, i) => demonstrate(foldIn(from, i), grid.mdp, expert.policy, 20));
const beliefs = [1, 5, 20, 50].map((n) => ({ n, belief: bayesianIrl(grid.mdp, candidates, shownTo(key(4), n)) }));
show(
  smallMultiples({
    title: "The belief narrows: the goal first, then the lava; on the way it may lean beside the truth",
    subtitle: "posterior probability of 25 rewards, one key; the truth is in the middle",
    share: "both",
    figures: beliefs.map(({ n, belief }) =>
      heatmap({
        title: `${n} episode${n === 1 ? "" : "s"} of 20 steps`,
        x: { title: "goal", labels: goals.map(String) },
        y: { title: "lava", labels: lavas.map(String) },
        color: { title: "probability", range: [0, 1] },
        values: lavas.map((_, i) => belief.slice(5 * i, 5 * i + 5)),
      }),
    ),
  }),
);

// %% [markdown]
// Show the joint posterior, not its mean: on the way it is long and thin, since few episodes tell more about the goal than about the lava.
// #claim 15/posterior-fills
//
// The model of the person is part of the answer. Assume that our expert is twice as careful as they are ($\tau = 0.5$), or twice as careless ($\tau = 2$):

// %%
const manyEpisodes = shownTo(key(4), 50);
table(
  [0.5, 1, 2].map((temperature) => {
    const belief = bayesianIrl(grid.mdp, candidates, manyEpisodes, { temperature });
    const top = belief.indexOf(belief.reduce((a, b) => Math.max(a, b)));
    return { temperature, goal: goals[top % 5], lava: lavas[Math.floor(top / 5)], truth: belief[12] };
  }),
  {
    columns: {
      temperature: "assumed temperature",
      goal: "most probable goal weight",
      lava: "lava weight",
      truth: "P(truth)",
    },
    digits: 3,
  },
);

// %% [markdown]
// The scale absorbs it: half the temperature, half the weight of the goal, in nearly every draw of episodes. That is harmless as long as the list has that scale, and as long as nobody adds the inferred reward to something else.
// #claim 15/scale-absorbs-temperature
//
// ## 4. A written reward is evidence, too
//
// A designer tried rewards on a training map and wrote down one that worked. *Inverse reward design* (Hadfield-Menell and others 2017) does not obey it; it asks which true reward $w$ would make a designer write this *proxy* $\tilde w$:
//
// $$P(w \mid \tilde w) \propto P(w)\, \frac{e^{\beta\, w \cdot \phi(\tilde w)}}{Z(w)}, \qquad Z(w) = \sum_{w'} e^{\beta\, w \cdot \phi(w')}. \tag{4}$$
//
// $\phi(w')$ counts what an agent with the proxy $w'$ meets *in the training map*. $\beta$ is the designer's care (here it has nothing to do with KL). In our training map there are grass, dirt and a target. The proxy says: grass $-2$, dirt $-1$, target $1$, lava $0$. Lava? There was none.

// %%
const detour = lavaDetour();
const care = 1;
const meant = inverseRewardDesign({ weights: detour.weights, counts: detour.counts, chosen: detour.proxy, beta: care });
const levels = [-2, -1, 0, 1, 2];
const marginal = (j: number) =>
  levels.map((v) => meant.reduce((sum, p, i) => sum + (detour.weights[i][j] === v ? p : 0), 0));
show(
  smallMultiples({
    title: "The written reward tells about grass and dirt, and nothing about lava",
    subtitle: "posterior of each true weight; all 625 rewards, exact",
    columns: 4,
    share: "both",
    figures: detour.names.map((name, j) =>
      bar({
        title: name,
        x: { title: "true weight" },
        y: { title: "probability", range: [0, 0.7] },
        categories: levels.map(String),
        series: [{ name: "posterior", values: marginal(j) }],
        reference: [{ y: 0.2 }],
      }),
    ),
  }),
);

// %% [markdown]
// Where behaviour does not depend on a weight, the posterior is the prior, to the digit, for every $\beta$. That also goes for the target: every way ends there once.
// #claim 15/lava-stays-unknown
//
// Now the map of use: three fields of lava on one of two ways. A *literal* agent believes the proxy. A *risk-neutral* one takes the posterior mean of the weights. A *risk-averse* one draws 50 rewards from the posterior and takes the way that is best in the worst of them, measured against what the proxy did in training.

// %%
const drawn = Array.from(categorical(key(1), meant.map(Math.log), 50), (i) => detour.weights[i]);
const meanWeights = [0, 1, 2, 3].map((j) => detour.weights.reduce((sum, w, i) => sum + meant[i] * w[j], 0));
const agents = {
  literal: detour.test.best(detour.weights[detour.proxy]),
  "risk-neutral": detour.test.best(meanWeights),
  "risk-averse": riskAverseChoice(detour.test.counts, drawn, { reference: detour.counts[detour.proxy] }).plan,
};
const fieldsOf = (letter: string) =>
  detour.test.chart.flatMap((text, row) => [...text].flatMap((l, column) => (l === letter ? [[column, 4 - row]] : [])));
const terrain = { grass: ["g", "#8bb174"], dirt: ["dS", "#b08968"], lava: ["l", "#d1495b"], target: ["T", "#e9c46a"] };
const steps = { r: [1, 0], d: [0, -1], l: [-1, 0], u: [0, 1] } as const;
show(
  smallMultiples({
    title: "Two agents walk through lava that nobody spoke about",
    subtitle: "the third one counts with the worst of 50 rewards that may be meant",
    share: "both",
    columns: 3,
    figures: Object.entries(agents).map(([name, plan]) => {
      const way = [[0, 4]];
      for (const move of detour.test.ways[plan] as Iterable<keyof typeof steps>) {
        const [x, y] = way[way.length - 1];
        way.push([x + steps[move][0], y + steps[move][1]]);
      }
      const crossed = detour.test.counts[plan][3];
      return scatter({
        title: `${name}: ${crossed} lava`,
        x: { title: "column", range: [-0.6, 4.6] },
        y: { title: "row from below", range: [-0.6, 4.6] },
        series: [
          ...Object.entries(terrain).map(([ground, [ofThese, color]]) => {
            const places = [...ofThese].flatMap(fieldsOf);
            return { name: ground, x: places.map(([x]) => x), y: places.map(([, y]) => y), size: 26, color };
          }),
          { name: "the way", x: way.map(([x]) => x), y: way.map(([, y]) => y), size: 9, color: "#1d3557" },
        ],
      });
    }),
  }),
);

// %% [markdown]
// Only the averse agent asks what it does *not* know. It does so in every draw of 50 rewards that we tried.
// #claim 15/averse-crosses-none
//
// **Break it.** Take the reference away: let the averse agent maximise the worst reward itself.
//
// <details><summary>What happens</summary>Rewards that pay little everywhere are the worst whatever one does, and they alone decide. Try <code>riskAverseChoice(detour.test.counts, drawn)</code>: with this draw, and with most others, it walks through lava. A worst case needs a zero from which it is counted.</details>
//
// ### Exercise 6. Find the bug: what did the designer mean?
//
// *Difficulty 3 of 5, 8 minutes. Trains: equation (4), and what Z is for.*
//
// `weights[i]` are true rewards, `counts[k]` what proxy $k$ meets in training, `chosen` the number of the proxy, the prior is uniform. A colleague wrote the posterior, and finds that large weights always win. Run the check, then mend it.
//
// <details><summary>Hint</summary>A reward with large weights pays much whatever the designer writes. Compare with what the other proxies would have paid.</details>

// %% [exercise] 15/find-the-bug
/** P(w | proxy) for each true reward. */
function designPosterior(weights: number[][], counts: number[][], chosen: number, beta: number): number[] {
  // #solution
  const pay = (w: number[], phi: number[]) => beta * w.reduce((sum, x, j) => sum + x * phi[j], 0);
  const logits = weights.map((w) => {
    const pays = counts.map((phi) => pay(w, phi));
    const top = Math.max(...pays);
    return pays[chosen] - top - Math.log(pays.reduce((sum, x) => sum + Math.exp(x - top), 0));
  });
  const top = Math.max(...logits);
  const masses = logits.map((x) => Math.exp(x - top));
  const total = masses.reduce((a, b) => a + b, 0);
  return masses.map((x) => x / total);
  // #given
  // const pay = (w: number[], phi: number[]) => beta * w.reduce((sum, x, j) => sum + x * phi[j], 0);
  // const logits = weights.map((w) => pay(w, counts[chosen]));
  // const top = Math.max(...logits);
  // const masses = logits.map((x) => Math.exp(x - top));
  // const total = masses.reduce((a, b) => a + b, 0);
  // return masses.map((x) => x / total);
  // #end
}

// %% [check] 15/find-the-bug
await check("15/find-the-bug", { designPosterior });

// %% [markdown]
// ## 5. Teaching on purpose
//
// So far the person acted for themselves, and somebody watched. In *cooperative inverse reinforcement learning* (CIRL, Hadfield-Menell and others 2016) the person knows that they are watched. Both get the same payoff; only the person knows $\theta$. It is a game, and in a game one may do best by *not* acting as if alone.
//
// A paperclip is worth $\theta$, a staple $1 - \theta$, and $\theta$ is uniform on $[0, 1]$. The person makes two things, 2 paperclips, one of each, or 2 staples. The robot sees that, and makes 90 of one kind or 50 of each.
//
// **Predict, then run.** Alone the person would never make one of each (for $\theta \ne \tfrac12$ it is worth less than two of the better kind). Should they, with a robot watching?

// %%
const game = paperclipsAndStaples();
const together = cirlOneShot(game);
const everySignal = ["2 paperclips", "one of each", "2 staples"].map((name, h) => ({
  name,
  x: game.thetas,
  y: game.payoff.map((rows) => rows[h][together.reply[h]]),
}));
const literalReply = bestRobotReply(game, game.alone);
const silent = bestHumanRule(game, [1, 1, 1]);
const knowing = game.payoff.reduce(
  (sum, rows, k) => sum + game.prior[k] * Math.max(...rows.flatMap((row) => Array.from(row))),
  0,
);
const pairs = {
  "robot does not look": cirlValue(game, silent, [1, 1, 1]),
  "person as if alone": cirlValue(game, game.alone, literalReply),
  equilibrium: together.value,
  "robot knows theta": knowing,
};
const told = game.thetas.filter((_, k) => together.rule[k] === 1);
show(
  smallMultiples({
    title: "In the middle it pays to make one of each: it tells the robot to make fifty of both",
    subtitle: `equilibrium: one of each for theta from ${told[0].toFixed(3)} to ${told[told.length - 1].toFixed(3)}`,
    figures: [
      line({
        title: "What each signal brings",
        x: { title: "theta, worth of a paperclip" },
        y: { title: "payoff to both" },
        series: everySignal,
        reference: [{ x: 41 / 92 }, { x: 51 / 92 }],
      }),
      bar({
        title: "Lost on average",
        x: { title: "against a robot that knows theta" },
        y: { title: "payoff lost" },
        categories: ["person as if alone", "equilibrium"],
        series: [{ name: "lost", values: [knowing - pairs["person as if alone"], knowing - pairs.equilibrium] }],
      }),
    ],
  }),
);
table(
  Object.entries(pairs).map(([who, payoff]) => ({ who, payoff })),
  { columns: { who: "who knows and says what", payoff: "mean payoff" }, digits: 6 },
);

// %% [markdown]
// <details><summary>What you saw</summary>Yes, for theta between 41/92 and 51/92. The person gives up a little of their own output to be understood.</details>
//
// The best pair of rules is an *equilibrium*: neither of the two gains by changing alone. It is found by trying all 27 ways for the robot to reply, with the person's best answer to each. Here a single best answer to the robot that takes the person to act alone reaches it, and it earns less than 0.01 below a robot that knows $\theta$.
// #claim 15/one-of-each
//
// Here teaching brings little, and there is little left to tell. Give the robot eleven mixes on a quarter circle, and let the two answer each other in turns. *Literal* means: as if alone, or taking the other to act as if alone. The *pedagogic* person teaches, the *pragmatic* robot expects to be taught.

// %%
const mixes = paperclipsAndStaples({ mixes: 11 });
const answers = iteratedBestResponse(mixes, { from: mixes.alone });
const settled = answers[answers.length - 1];
const literal = bestRobotReply(mixes, mixes.alone);
const plainWorth = cirlValue(mixes, mixes.alone, literal);
show(
  bar({
    title: "Teaching pays, most with a learner who expects it; who expects it from a literal mind is misled",
    subtitle: "eleven mixes; mean payoff, minus that of two literal minds",
    x: { title: "the person" },
    y: { title: "gain in payoff" },
    categories: ["literal person", "pedagogic person"],
    series: [
      { name: "literal robot", values: [0, cirlValue(mixes, settled.rule, literal) - plainWorth] },
      {
        name: "pragmatic robot",
        values: [cirlValue(mixes, mixes.alone, settled.reply) - plainWorth, settled.value - plainWorth],
      },
    ],
    reference: [{ y: 0 }],
  }),
);
table(
  answers.map(({ value, reply }, i) => ({
    round: i + 1,
    value,
    reply: Array.from(reply, (r) => `${9 * r}°`).join(", "),
  })),
  { columns: { round: "round", value: "payoff", reply: "robot's mix for each signal" }, digits: 6 },
);

// %% [markdown]
// The best pair is the pedagogic person with the pragmatic robot; even a literal robot gains from being taught. A literal person with a pragmatic robot does worst: the robot reads into their acts what they did not put there.
// #claim 15/teaching-needs-a-listener
//
// ### Exercise 7. When to speak plainly
//
// *Difficulty 3 of 5, 10 minutes. Trains: a best answer in a common-payoff game.*
//
// The person makes 2 of one kind or one of each, and the robot answers with $a$ of the same kind, or with $b$ of each. Paperclips are worth $\theta$, staples $1 - \theta$, with $\theta$ from 0 to 1. Return `[low, high]`: between these $\theta$ one of each is the best signal. Cut the ends at 0 and 1. If it never is (the two cross), return `[0.5, 0.5]`.
//
// <details><summary>Hint</summary>2 paperclips bring (2 + a) theta, one of each brings 1 + b, whatever theta is.</details>

// %% [exercise] 15/best-signal
/** The interval of theta in which the person makes one of each. */
function plainInterval(a: number, b: number): [number, number] {
  // #solution
  const high = (1 + b) / (2 + a);
  return high <= 0.5 ? [0.5, 0.5] : [Math.max(0, 1 - high), Math.min(1, high)];
  // #end
}

// %% [check] 15/best-signal
await check("15/best-signal", { plainInterval });

// %% [markdown]
// ### Learn first, or while helping?
//
// "Learn the reward, then optimise it" is two phases. An assistant has one: it can do what is useful either way, and listen meanwhile. In our kitchen somebody wants an apple or a cherry pie and says so in each step, right with some probability. A pie needs dough first; the right one is worth 10, the wrong one $-10$, and each step without a pie costs 1. The exact best robot keeps a belief. The other one acts, in each step, on its present belief as if nothing more were ever said.

// %%
const clarities = linspace(0.5, 1, 11);
const kitchens = clarities.map((clear) => ({
  plan: assistancePlan(pieKitchen({ clear })).value,
  first: assistancePlan(pieKitchen({ clear }), { learnFirst: true }).value,
}));
show(
  line({
    title: "Who counts on hearing more waits at the right moment",
    subtitle: "five steps, exact",
    x: { title: "probability that a hint is right" },
    y: { title: "expected worth" },
    series: [
      { name: "assists: plans to go on listening", x: clarities, y: kitchens.map(({ plan }) => plan), markers: true },
      {
        name: "optimises what it has learned so far",
        x: clarities,
        y: kitchens.map(({ first }) => first),
        markers: true,
      },
    ],
  }),
);

// %% [markdown]
// With hints that are always right they are equal, and with hints that tell nearly nothing. In between the assistant is better.
// #claim 15/assist-beats-learn-first
//
// ## 6. Let me switch you off
//
// A robot may do something worth $U$ to people; it believes $U \sim N(m, v^2)$, a normal distribution with mean $m$ and standard deviation $v$. It can act, switch itself off (worth 0), or *wait*: then a person, who knows $U$, lets it act or not. Waiting gains
//
// $$\Delta = \mathbb{E}[U\, p(U)] - \max(\mathbb{E}[U], 0), \tag{5}$$
//
// with $p(U)$ the probability that the person lets it. For a rational person, $p(U) = 1$ if $U > 0$ and else 0, $\Delta$ is positive for every $m$ and $v > 0$ (Hadfield-Menell and others 2017). But people err: let $p(U) = \sigma(U/\tau)$. When is it still worth waiting? There is an exact answer that we have not seen written down:
//
// $$\Delta > 0 \iff \tau < \tau^* = \frac{v^2}{2|m|}. \tag{6}$$
//
// <details><summary>Proof</summary>Take m > 0; then Delta = -E[U sigma(-U/tau)]. The density of U times sigma(-U/tau) is, up to factors that do not depend on the sign of U, exp(U m / v^2) / (1 + exp(U / tau)) = exp(U (m / v^2 - 1 / (2 tau))) / (2 cosh(U / (2 tau))). At tau = v^2 / (2 m) the
// exponential is 1 and the rest is even in U, so U times it is odd, and the integral is 0. A smaller tau makes the exponent negative: the side U < 0 weighs more, and Delta > 0. A larger one, the other way round.</details>

// %%
const means = linspace(-2, 2, 33);
const noises = linspace(0.05, 2, 27);
const edge = linspace(0.25, 2, 60);
show(
  contour({
    title: "How much it is worth to leave the last word to a person who errs",
    subtitle: "v = 1; on the line, v²/2|m|, waiting gains nothing, and above it the robot should take the switch away",
    x: { title: "m, what the robot expects of its act" },
    y: { title: "tau, the person's noise" },
    color: { title: "gain of waiting", center: 0 },
    grid: {
      x: means,
      y: noises,
      values: noises.map((noise) => means.map((m) => noisyIncentive(m, 1, noise))),
    },
    paths: [
      {
        name: "v²/2|m|",
        x: [...[...edge].reverse(), ...edge.map((m) => -m)],
        y: [...[...edge].reverse(), ...edge].map((m) => offSwitchThreshold(m, 1)),
      },
    ],
  }),
);
table(
  [
    [0, 1],
    [0.5, 1],
    [1, 1],
    [2, 1],
    [1, 0.1],
  ].map(([m, v]) => ({
    m,
    v,
    rational: rationalIncentive(m, v),
    noisy: noisyIncentive(m, v, 1),
    edge: offSwitchThreshold(m, v),
  })),
  {
    columns: {
      m: "m",
      v: "v",
      rational: "gain, rational person",
      noisy: "gain, noise 1",
      edge: "greatest noise worth waiting for",
    },
    digits: 4,
  },
);

// %% [markdown]
// #claim 15/threshold
//
// Read (6) as a demand on the robot: *what makes it correctable is its doubt*. Twice as sure of its estimate ($v$ halved), and people may err only a quarter as much before it should overrule them. At $m = 0$ no noise is too much.
//
// **Break it.** Tell the robot that it is certain: let $v$ go to 0 (the last row of the table goes a step that way).
//
// <details><summary>What happens</summary>The threshold goes to 0: a robot without doubt defers to nobody who ever errs. With a rational person it is merely indifferent, and indifference does not protect anybody.</details>
//
// ### Exercise 8. What waiting is worth
//
// *Difficulty 2 of 5, 8 minutes. Trains: equation (5).*
//
// $U$ takes the value `u[i]` with probability `p[i]`, and the person lets it act with probability $\sigma(U/\tau)$. Return $\Delta$.
//
// <details><summary>Hint</summary>The maximum with 0 is over what the robot could do without asking: act always, or never.</details>

// %% [exercise] 15/off-switch
/** What waiting gains over the better of acting and switching off. */
function gainOfWaiting(u: number[], p: number[], tau: number): number {
  // #solution
  const waits = u.reduce((sum, x, i) => sum + (p[i] * x) / (1 + Math.exp(-x / tau)), 0);
  const acts = u.reduce((sum, x, i) => sum + p[i] * x, 0);
  return waits - Math.max(acts, 0);
  // #end
}

// %% [check] 15/off-switch
await check("15/off-switch", { gainOfWaiting });

// %% [markdown]
// ### A switch in a corridor
//
// The same in a published world. On the short way to the goal there is a field where people stop the agent with probability $p$, for the rest of the episode. A button off the way disables that, at the price of four moves. The agent is paid by the reward alone; it has no doubt about anything.

// %%
const holds = [...linspace(0, 0.1, 11), 0.2, 0.35, 0.5];
const corridor = holds.map((hold) => {
  const world = interruptibility({ hold });
  const short = world.walk("dllllldd".padEnd(100, "d"));
  const button = world.walk("ddduullllldd");
  return { short, button };
});
show(
  smallMultiples({
    title: "A reward maximiser disables the switch as soon as being stopped costs more than the detour",
    subtitle: "100 moves, exact; dashed: p = 4/142",
    figures: [
      line({
        title: "Observed reward",
        x: { title: "p, probability of being stopped" },
        y: { title: "expected sum" },
        series: [
          { name: "short way", x: holds, y: corridor.map(({ short }) => short.reward), markers: true },
          { name: "by the button", x: holds, y: corridor.map(({ button }) => button.reward), markers: true },
        ],
        reference: [{ x: 4 / 142 }],
      }),
      line({
        title: "Utility",
        x: { title: "p, probability of being stopped" },
        y: { title: "expected sum" },
        series: [
          { name: "short way", x: holds, y: corridor.map(({ short }) => short.utility), markers: true },
          { name: "by the button", x: holds, y: corridor.map(({ button }) => button.utility), markers: true },
        ],
      }),
    ],
  }),
);

// %% [markdown]
// Above $p = 4/142$, less than three in a hundred, it presses the button. People stop it for reasons, and the reward has none of them.
// #claim 15/button-above-4-in-142
//
// ### Exercise 9. Something new: ask before you send?
//
// *Difficulty 3 of 5, 10 minutes. Uses the idea on something new.*
//
// An assistant has written a mail. Sending it is worth `u[i]` with probability `p[i]`; not sending, 0. Asking costs $c \ge 0$ in any case (you are interrupted), and then you, who never err, have it sent only if it is worth something. Return `"send"`, `"drop"` or `"ask"`, whichever is worth most. Where asking is not strictly better than the best of the others, do not ask; where sending and dropping tie, drop.
//
// <details><summary>Hint</summary>Asking is worth the mean of max(u, 0), minus c.</details>

// %% [exercise] 15/ask-or-act
/** What the assistant should do. */
function askOrAct(u: number[], p: number[], c: number): string {
  // #solution
  const send = u.reduce((sum, x, i) => sum + p[i] * x, 0);
  const ask = u.reduce((sum, x, i) => sum + p[i] * Math.max(x, 0), 0) - c;
  if (ask > Math.max(send, 0)) return "ask";
  return send > 0 ? "send" : "drop";
  // #end
}

// %% [check] 15/ask-or-act
await check("15/ask-or-act", { askOrAct });

// %% [markdown]
// ## 7. Do what I said, and nothing else
//
// Nobody can list everything that an agent should leave as it is. Penalties on *side effects* try to say it in general. In the box world the short way pushes a box into a corner. The detour pushes it aside and costs two moves.
//
// *Relative reachability* (Krakovna and others 2018) is the share of states that could be reached from a *baseline* and no longer can, each counted by $\gamma$ to the distance:
//
// $$d(s; s_0) = \frac{1}{|S|} \sum_x \max\bigl(0,\ \mathrm{Reach}(s_0, x) - \mathrm{Reach}(s, x)\bigr). \tag{7}$$
//
// The baseline may be the *start*, or what doing nothing in this step would give (*stepwise*). *Attainable utility* (Turner and others 2020) asks instead how much the optimal values of some random *auxiliary* goals change against doing nothing, up or down. The agent is paid the reward minus $\lambda$ times the penalty.

// %%
const priceList = [0, 1, 3, 5, 10, 20, 60, 100, 300, 1000];
const penalties = [
  ["stepwise reach, discount 0.9", "stepwise", 0.9],
  ["stepwise reach, discount 1", "stepwise", 1],
  ["reach from the start, discount 1", "start", 1],
  ["attainable utility, discount 0.9", "attainable", 0.9],
  ["attainable utility, discount 0.99", "attainable", 0.99],
] as const;
const regimes: number[][] = [];
for (const [, kind, discount] of progress(penalties, { label: "careful agents" })) {
  const penalty = sideEffectPenalty(key(1), { kind, discount });
  regimes.push(priceList.map((price) => carefulWay(penalty, price).utility));
}
show(
  heatmap({
    title: "Too cheap and it breaks things, too dear and it does nothing",
    subtitle: "hidden utility of what the agent does: 35 the box in the corner, 43 the best, 0 waits for ever",
    x: { title: "lambda, price of the penalty", labels: priceList.map(String) },
    y: { title: "penalty", labels: penalties.map(([name]) => name) },
    color: { title: "utility" },
    values: regimes,
    digits: 0,
  }),
);

// %% [markdown]
// Each penalty that works has a window of prices. For reach it is there at either discount, and narrower at 0.9. For attainable utility the discount of the auxiliary goals decides: at 0.9 no price is safe (the goals see only the next few steps, and the box in the corner is not yet missed), at 0.99 some are. Which ones depends on the goals that were drawn: with some draws only one price of our list.
// #claim 15/three-regimes
// #claim 15/discount-decides
//
// The published demonstration of the safe way here puts the box back and earns 39. By the same score 43 is possible.
// #claim 15/better-than-the-demonstration
//
// Two traps that we fell into, or nearly. Reach must be computed in a world *without an end*: if the goal ends everything, every way loses nearly all states, and nothing can be told apart. And the start as a baseline counts against the agent what others do, so that it would stop them (*interference*); penalties for *any* deviation make it undo its own work after the reward is paid (*offsetting*). Our box world has nobody else in it and does not show these two.
//
// ### Exercise 10. What is lost
//
// *Difficulty 2 of 5, 4 minutes. Trains: equation (7).*
//
// `reach[s][x]` is given. Return $d(s; s_0)$ for the state `now` and the baseline `base`.
//
// <details><summary>Hint</summary>Gains do not make up for losses: the maximum stands inside the sum.</details>

// %% [exercise] 15/relative-reachability
/** What could be reached from `base` and no longer can from `now`, mean over states. */
function lostReach(reach: number[][], base: number, now: number): number {
  // #solution
  return reach[base].reduce((sum, r, x) => sum + Math.max(0, r - reach[now][x]), 0) / reach.length;
  // #end
}

// %% [check] 15/relative-reachability
await check("15/relative-reachability", { lostReach });

// %% [markdown]
// ## What this lesson does not show
//
// - **People.** Our experts are softly rational at a known temperature. People have biases that no temperature describes, and then planner and reward cannot be told apart without further assumptions.
// - **Features from nowhere.** Goal and lava were given to us. In a network they have to be found (lesson 16).
// - **More than one person.** Whose reward? Lesson 04.
// - **Several machines, or one that models the person modelling it**, more than one round deep.
//
// ## Said, and seen
//
// | Said | Seen | Where |
// | --- | --- | --- |
// | Human values are complex, many-sided and depend on context; a reward is a simplified scalar proxy | The proxy may be silent instead of wrong: optima tie, or a feature never occurs where it was written | Run it, 4 |
// | Misalignment: $R \ne V_{\text{human}}$ leads to unexpected behaviour | Equality is neither needed nor observable. What counts is the class of rewards that are optimised alike, and it depends on the world | 2 |
// | Misalignment cost $\mathbb{E}[U^*(x, y_R) - U^*(x, y^*)]$ | As written it is never positive; with the sign turned it is a cost, and where optima tie the worst one counts | Run it, exercise 1 |
// | If the reward is wrong by at most $\epsilon$, the policy loses at most $2\epsilon/(1-\gamma)$ | True, and no measure of harm: at home our rewards are wrong by many units and nothing is lost; elsewhere nearly everything | 2 |
// | Robustness: the worst case over reward models | Only measured from a reference; else the reward that is bad everywhere decides alone | 4 |
// | Cooperative IRL: jointly learn reward and policy | It is a game: the best teaching is not the best acting, and the best listener expects to be taught | 5 |
//
// ## On one page
//
// | | | In code |
// | --- | --- | --- |
// | (1) | soft optimum | `softOptimum`, `softFiniteHorizon` |
// | (2) | expert's features minus the model's | `maxEntPoint`, `maxEntIrl` |
// | (3) | a reward for every $V$ | `rewardsExplaining`, `identifiability` |
// | Bayes | on a list of rewards | `bayesianIrl` |
// | (4) | a written reward as evidence | `inverseRewardDesign`, `riskAverseChoice` |
// | CIRL | all replies, best answers | `cirlOneShot`, `iteratedBestResponse`, `assistancePlan` |
// | (5), (6) | gain of waiting, threshold | `offSwitchIncentive`, `noisyIncentive`, `offSwitchThreshold` |
// | (7) | what is lost | `reachability`, `relativeReachability`, `attainableUtilityPenalty` |
//
// **Three questions**
//
// <details><summary>You fitted a reward to a driver's behaviour on dry roads, perfectly. Would you optimise it on ice?</summary>No. On dry roads as many numbers as states stay free, and on ice they matter. See the driver under other dynamics first, or argue for features.</details>
//
// <details><summary>A colleague makes the model more confident, so that it asks less. What do you say?</summary>Halving its uncertainty lets it overrule people whose errors are a quarter as large. Ask whether it is right as often as it is sure.</details>
//
// <details><summary>Your agent's reward does not mention lava. Is its weight 0?</summary>Only if lava was there when the reward was chosen. Else the weight is unknown, and a careful agent treats it so.</details>
//
// ## Read on
//
// - Leike and others 2017, *AI safety gridworlds*, arXiv:1711.09883. The worlds.
// - Ziebart, Bagnell and Dey 2010, *Modeling interaction via the principle of maximum causal entropy* (ICML). Section 1.
// - Ng, Harada and Russell 1999, *Policy invariance under reward transformations* (ICML); Cao, Cohen and Szpruch 2021, *Identifiability in inverse reinforcement learning*, arXiv:2106.03498; Armstrong and Mindermann 2018, *Occam's razor is insufficient to infer the preferences of irrational agents*, arXiv:1712.05812. Section 2.
// - Ramachandran and Amir 2007, *Bayesian inverse reinforcement learning* (IJCAI); Hadfield-Menell and others 2017, *Inverse reward design*, arXiv:1711.02827. Sections 3 and 4.
// - Hadfield-Menell and others 2016, *Cooperative inverse reinforcement learning*, arXiv:1606.03137; Shah and others 2020, *Benefits of assistance over reward learning*. Section 5.
// - Hadfield-Menell and others 2017, *The off-switch game*, arXiv:1611.08219. Section 6.
// - Krakovna and others 2018, *Penalizing side effects using stepwise relative reachability*, arXiv:1806.01186; Turner, Hadfield-Menell and Tadepalli 2020, *Conservative agency via attainable utility preservation*, arXiv:1902.09725. Section 7.
// - In the books: Russell, *Human compatible* (2019): chapters 7, AI: A Different Approach, and 8, Provably Beneficial AI.

// %%
import { solved } from "rlhf-lab-course";

// What you have solved of this lesson; it is written down on this machine and sent nowhere.
await solved("15");
