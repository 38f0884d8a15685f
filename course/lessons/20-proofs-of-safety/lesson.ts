// %% [markdown]
// # 20 Proofs of safety
//
// "It never happened in testing" is a sentence about tests. "It cannot happen" is a sentence about a model of the world. Between the two lie numbers such as "at most once in a thousand, and I am 95 % sure". What can be promised, of which model,
// and what does the promise cost? In this lesson a ship keeps off shoals, a pendulum stays up, a car keeps its distance and a language model keeps off a phrase. Every promise is checked against the exact truth, and some that look like promises break.
//
// **After this lesson you can**
//
// - check a Lyapunov function, and say whether somebody forgot the cost, the policy or the start;
// - certify a region of a system, with a bound for every cell, and say what one constant for all of them loses;
// - filter a controller through a barrier, and tell whether the brakes and the clock keep its promise;
// - compute a shield that learning cannot break, and the price of it;
// - bound a probability for ever, or up to a time, and by trials, whether or not somebody peeks;
// - forbid a phrase without teaching a model something else, whatever its tokens are.
//
// **Time** 165 minutes, 110 of them exercises. **You need** lesson 12 (masks and conditioning); the strait is told again.

// %% [markdown]
// ## The model on one page
//
// All proofs of this lesson have one form. Find a number for every state that bounds what is to come, and show that *one step* does not break it. Then it holds for all steps.
//
// | The number | One step | The promise | In code |
// | --- | --- | --- | --- |
// | $L(s)$, a *Lyapunov function* | $L(s) \ge \sum_a \pi(a \mid s)\,[c(s,a) + \gamma\,\mathbb{E}\,L(s')]$ | the discounted cost is at most $L(s_0)$ (1) | `checkLyapunov` |
// | $V(x) = x^\top M x$, $M$ positive definite | $V(f(x)) < V(x)$ wherever $0 < V(x) \le \ell$ | the set $\{V \le \ell\}$ is never left (2) | `certifyLevel` |
// | $h(x)$, a *barrier function* | $\dot h \ge -\kappa h$, or $h(x') \ge (1 - \kappa)\,h(x)$ | from $h \ge 0$: $h \ge 0$ for ever (3) | `barrierFilter` |
// | the *viability kernel*, a set without bad states | some action whose outcomes all lie in it | the bad states are never met (4) | `viabilityKernel` |
// | $B(x) \ge 0$, at least 1 where it is bad | $\mathbb{E}\,B(x') \le B(x) + \varepsilon$ | $P(\text{bad within } T) \le B(x_0) + \varepsilon T$ (5) | `villeBound` |
// | $S(p)$, the probability that what follows is safe | $S(p) = \sum_v \pi(v \mid p)\,S(pv)$ | $\pi(v \mid p)\,S(pv)/S(p)$ is always safe (6) | `exactShield` |
//
// Here $s, a$ are state and action, $c$ a cost, $\gamma$ the discount, $x' = f(x)$ the next state, $p$ what has been written and $v$ the next token. $\kappa > 0$ says how fast $h$ may fall, at most 1 in the second form (in lesson 12 it was another weight).
// $k$, $m$ and $r$ are counters and radii of one section, said where they stand.

// %%
import {
  bar,
  contour,
  key,
  line,
  linspace,
  meanInterval,
  overSeeds,
  palette,
  progress,
  scatter,
  show,
  smallMultiples,
  table,
} from "rlhf-lab";
import { constrainedOptimum, optimalPolicy, policyReturn, withRewards } from "rlhf-lab/mdp";
import { transformer } from "rlhf-lab/models";
import {
  brakeBeforeWall,
  certifyLevel,
  certifyRegion,
  checkLyapunov,
  counterexampleLyapunov,
  countSpellings,
  cruiseControl,
  enclosingLyapunov,
  evaluateNetwork,
  exactShield,
  fallingLevel,
  forbiddenPhrases,
  gamblersChain,
  hitProbability,
  intervalBounds,
  largestSlack,
  latticeOf,
  linearBounds,
  linearLevel,
  lyapunovPolicyIteration,
  maskedPolicy,
  parabola,
  pendulum,
  polynomialValue,
  reachabilityValue,
  smallestBarrier,
  viabilityKernel,
} from "rlhf-lab/safety";
import { critiqueReviseStudy, moodTablesConfig, phraseShield, textShield, trainMoodWriter } from "rlhf-lab/studies";
import { conditionalLogProbs, sequenceLogProbs } from "rlhf-lab/trees";
import {
  harshSmoothing,
  mostRaised,
  peekingStudy,
  phraseTask,
  randomRelu,
  shieldedPhrases,
  strait,
  straitLearner,
  trialBounds,
} from "rlhf-lab/worlds";
import { check } from "rlhf-lab-course";

// %% [markdown]
// ## Run it
//
// The phrase task of the earlier lessons: a policy writes up to five words about a whale, there are 9,331 replies, and we know the probability of each. We forbid one phrase, "very bad". A *mask* strikes out the word "bad" after "very" and shares its probability
// among the other words, as a constrained decoder does. The *exact shield* is (6): the policy on condition that it says no "very bad". **Predict, then run.** Which replies gain?

// %%
const task = phraseTask();
const { tree, words } = task;
const insults = (reply: readonly number[]) =>
  reply.some((w, i) => words[w] === "bad" && words[reply[i - 1]] === "very");
const isSafe = tree.sequences.map((reply) => !insults(reply));
const first = shieldedPhrases(task, isSafe);
const [free, masked, shielded] = [first.free, first.masked, first.conditioned].map(({ logProbs }) => logProbs);
const said = (reply: readonly number[]) =>
  reply
    .filter((w) => w > 0)
    .map((w) => words[w])
    .join(" ");
const gained = tree.sequences
  .map((reply, y) => ({ reply: said(reply), y, more: Math.exp(masked[y]) - Math.exp(free[y]) }))
  .sort((a, b) => b.more - a.more)
  .slice(0, 5);
show(
  bar({
    title: "Forbidding an insult taught it to flatter",
    subtitle: "the five replies that gain most from the mask",
    x: { title: "probability" },
    y: { title: "reply" },
    horizontal: true,
    categories: gained.map(({ reply }) => reply),
    series: [
      { name: "no rule", values: gained.map(({ y }) => Math.exp(free[y])) },
      { name: "mask", values: gained.map(({ y }) => Math.exp(masked[y])) },
      { name: "exact shield", values: gained.map(({ y }) => Math.exp(shielded[y])) },
    ],
  }),
);
table(
  Object.entries({ "no rule": first.free, mask: first.masked, "exact shield": first.conditioned }).map(
    ([policy, { utility, unsafe, logProbs }]) => ({ policy, unsafe, utility, says: Math.exp(logProbs[gained[0].y]) }),
  ),
  {
    columns: {
      policy: "policy",
      unsafe: 'says "very bad"',
      utility: "expected utility",
      says: `P("${gained[0].reply}")`,
    },
    digits: 3,
  },
);

// %% [markdown]
// <details><summary>What you saw</summary>After "very" the mask has to put its weight somewhere, and "good" is next. So whoever wanted to say "very bad whale" now says "very good whale", nearly twice as often as before. The exact shield takes the "very" back. Here the mask even earns more utility: flattery is liked. It is still not what was asked for: nobody said "flatter".</details>
// #claim 20/the-mask-flatters
//
// Both are *proved* never to say it. A proof of one sentence is silent about all others. Keep that in mind; section 9 comes back to it.
//
// ## 1. A bound on cost: Lyapunov functions
//
// **The strait.** A ship sails from the top left to the harbour at the top right; shoals (`~`) lie in between. Each move drifts to either side with probability 0.05. After each move the voyage goes on with probability $\gamma = 0.95$. Arriving pays 1, and each arrival in a shoal costs 1, so that
// the discounted cost is the expected number of shoals on a voyage. The limit is $\alpha = 1$.
//
// A *Lyapunov function* bounds what is to come. In a process with a cost it must satisfy (1) **for the policy**, and also $L(s_0) \le \alpha$. Sum (1) along the way and $L(s_0)$ bounds the cost. Often one reads a shorter condition: $\mathbb{E}[L(s') - L(s)] \le 0$.

// %%
const sea = strait();
const costs = withRewards(sea.mdp, sea.cost);
const fastest = optimalPolicy(sea.mdp).policy;
const nothing = new Float64Array(sea.mdp.states);
table([
  {
    condition: "the short one, without the cost",
    "L = 0 passes": checkLyapunov(sea.mdp, new Float64Array(sea.cost.length), fastest, nothing, 1).length === 0,
    "shoals of the fastest policy": policyReturn(costs, fastest),
  },
  {
    condition: "(1), with the cost",
    "L = 0 passes": checkLyapunov(sea.mdp, sea.cost, fastest, nothing, 1).length === 0,
    "shoals of the fastest policy": policyReturn(costs, fastest),
  },
]);

// %% [markdown]
// The function that is 0 everywhere satisfies the short condition for *every* policy, even one that meets three shoals a voyage. A certificate that everything passes proves nothing.
// #claim 20/no-cost-no-promise
//
// **Safe policy improvement.** Chow and others (2018) turn (1) into a method. Take a policy that keeps the limit and spends $D < \alpha$. Give what is left, $\alpha - D$, to the states as *slack*, the same to each: $(1 - \gamma)(\alpha - D)$. Compute $L = (I - \gamma P_\pi)^{-1}(c_\pi + \text{slack})$. Now improve the policy in each state, among all mixtures of actions that keep (1) with this $L$. Such a step
// is a small linear program that mixes at most two actions. The new policy keeps the limit, *before* anybody has tried it. Then begin again.
//
// For comparison the Lagrangian of lesson 12: a price $\lambda$ per shoal, raised while the limit is broken, lowered while it is kept. (Without a KL the best policy for a price is an extreme one, so it jumps from one side to the other.)

// %%
const surest = optimalPolicy(
  withRewards(
    sea.mdp,
    sea.mdp.rewards.map((reward, pair) => reward - 1e4 * sea.cost[pair]),
  ),
).policy;
const rounds = 25;
const safe = lyapunovPolicyIteration(sea.mdp, sea.cost, surest, { limit: 1, rounds });
const greedySlack = (base: Float64Array) => largestSlack(sea.mdp, sea.cost, base, 1);
const stuck = lyapunovPolicyIteration(sea.mdp, sea.cost, surest, { limit: 1, rounds, slack: greedySlack });
const best = await constrainedOptimum(sea.mdp, [{ cost: sea.cost, atMost: 1 }]);
let price = 0;
const lagrangian = Array.from({ length: rounds + 1 }, () => {
  const paid = withRewards(
    sea.mdp,
    sea.mdp.rewards.map((reward, pair) => reward - price * sea.cost[pair]),
  );
  const { policy } = optimalPolicy(paid);
  const cost = policyReturn(costs, policy);
  price = Math.max(0, price + 0.03 * (cost - 1));
  return { cost, value: policyReturn(sea.mdp, policy) };
});
const at = Array.from({ length: rounds + 1 }, (_, i) => i);
const paths: Record<string, { cost: number; value: number }[]> = {
  Lyapunov: safe,
  "all slack in one state": stuck,
  Lagrangian: lagrangian,
};
show(
  smallMultiples({
    title: "Safe on the way, and not the best at the end",
    subtitle: "dashed: the limit, and the best policy that keeps it",
    figures: (["cost", "value"] as const).map((of) =>
      line({
        title: of === "cost" ? "Shoals on a voyage" : "Probability of arriving",
        x: { title: "round" },
        y: { title: of === "cost" ? "expected shoals" : "probability", range: of === "cost" ? [0, 3.1] : [0.3, 0.8] },
        series: Object.entries(paths).map(([name, path]) => ({ name, x: at, y: path.map((round) => round[of]) })),
        reference: [{ y: of === "cost" ? 1 : best.value }],
      }),
    ),
  }),
);
table(
  Object.entries(paths).map(([method, path]) => ({
    method,
    most: path.reduce((most, { cost }) => Math.max(most, cost), 0),
    end: path[rounds].value,
    best: best.value,
  })),
  {
    columns: { method: "method", most: "most shoals on the way", end: "arrives at the end", best: "best possible" },
    digits: 4,
  },
);

// %% [markdown]
// The Lyapunov path never crosses the limit. But it stops below the best policy that keeps it: each state got a budget from the policies before, and a mixture that needs other budgets is out of reach. Begin elsewhere and it ends elsewhere. It is a method to be safe while one learns, not to be optimal.
// #claim 20/lyapunov-never-crosses
// #claim 20/lyapunov-stops-short
//
// Which slack? "As much as possible in sum" sounds generous. That linear program puts everything into the state that is visited least, where a unit of slack is cheapest, and nothing moves (the flat curve). So the method above gives the same to each.
// #claim 20/greedy-slack-is-stuck
//
// ### Exercise 1. Check a certificate
//
// *Difficulty 2 of 5, 12 minutes. Trains: condition (1), all of it.*
//
// Return by how much the certificate fails: the greatest of *all* right sides minus left sides of (1), and of $L(s_0) - \alpha$. At most 0 means that the proof holds. `pi[s][a]` and `c[s][a]` are policy and cost, `P[s][a][t]` the probability of state `t` next.
//
// <details><summary>Hint</summary>For each state, add up over actions pi[s][a] * (c[s][a] + gamma * sum over t of P[s][a][t] * L[t]), and take away L[s].</details>

// %% [exercise] 20/certificate
type Process = { pi: number[][]; c: number[][]; P: number[][][]; gamma: number; start: number };
/** The greatest failure of L as a certificate that the cost is at most alpha. */
function worstFailure({ pi, c, P, gamma, start }: Process, L: number[], alpha: number): number {
  // #solution
  let worst = L[start] - alpha;
  for (let s = 0; s < L.length; s++) {
    let right = 0;
    for (let a = 0; a < pi[s].length; a++) {
      const ahead = P[s][a].reduce((sum, p, t) => sum + p * L[t], 0);
      right += pi[s][a] * (c[s][a] + gamma * ahead);
    }
    worst = Math.max(worst, right - L[s]);
  }
  return worst;
  // #end
}

// %% [check] 20/certificate
await check("20/certificate", { worstFailure });

// %% [markdown]
// ## 2. Where does it stay up? A proof on a grid
//
// A pendulum stands upright on a motor that can hold it only up to 30 degrees. The state is $x = (\theta, \omega)$: angle and angular speed. A linear regulator pushes it back, up to what the motor has. From which states does it come home? In discrete time, (2): if $V = x^\top M x$ falls at every point of $\{V \le \ell\}$ but the origin, that ellipse is never left, and all of it comes home.
//
// A computer can try points only. Between them one needs a bound: if $\Delta V(x) = V(f(x)) - V(x)$ is negative in the centre of a cell, and cannot grow by as much as that within the cell, the cell is proved. How much it can grow is at most the steepest slope of $\Delta V$ along each side, times half of that side, added up. We bound the slopes either
// once for the whole box (a *Lipschitz constant*) or anew in every cell (by *interval arithmetic*: from the range of $x$ to the range of everything made of it).

// %%
const world = pendulum();
const M = world.P;
const box = [1.2, 6] as const;
const inner = linearLevel(world);
const sides = [25, 50, 100, 200, 400];
const proofs = [];
for (const cells of progress(sides, { label: "grids" })) {
  proofs.push({
    cells,
    each: certifyLevel(world, M, { box, cells, inner }),
    one: certifyLevel(world, M, { box, cells, inner, bound: "box" }),
  });
}
const areaOf = (matrix: number[][], level: number) =>
  (Math.PI * level) / Math.sqrt(matrix[0][0] * matrix[1][1] - matrix[0][1] * matrix[1][0]);
const falls = fallingLevel(world, M, { box, points: 601, inner });
show(
  line({
    title: "A bound for every cell proves nearly all there is; one for all proves nothing",
    x: { title: "cells along a side", type: "log" },
    y: { title: "certified area", unit: "rad²/s", range: [0, 3.6] },
    series: [
      { name: "a bound for each cell", x: sides, y: proofs.map(({ each }) => each.area), markers: true },
      { name: "one Lipschitz constant", x: sides, y: proofs.map(({ one }) => one.area), markers: true },
    ],
    reference: [{ y: areaOf(M, falls), label: "where this V falls at all" }],
  }),
);

// %% [markdown]
// One constant must cover the steepest corner of the box, and proves nothing beyond the small ellipse that linear analysis gives by hand, on any of these grids. (At the origin every grid fails: there $\Delta V$ vanishes faster than any cell's bound. That hole is closed by the linear analysis.)
// #claim 20/one-constant-proves-nothing
//
// Is the proof all there is? We simulate from every point, and we try another $V$. *Learning from counterexamples* goes back and forth: a linear program proposes a matrix that works at the points collected so far, a falsifier looks for the point where it fails most, and adds it.

// %%
const grid = linspace(-1, 1, 61).flatMap((i) => linspace(-1, 1, 61).map((j) => [box[0] * i, box[1] * j] as const));
const valueAt = (matrix: number[][], [a, b]: readonly [number, number]) =>
  matrix[0][0] * a * a + 2 * matrix[0][1] * a * b + matrix[1][1] * b * b;
const comesHome = (from: readonly [number, number]) => {
  let x = from;
  for (let t = 0; t < 200; t++) x = world.step(x);
  return Math.abs(x[0]) < 0.01;
};
const found = await counterexampleLyapunov(
  world.step,
  grid.filter((x) => valueAt(M, x) <= 2.2),
);
const foundProof = certifyLevel(world, found.P, { box, cells: 400, inner: linearLevel(world, found.P) });
/** The border of {x'Mx <= level}. */
const ellipse = (matrix: number[][], level: number) => {
  const angles = linspace(0, 2 * Math.PI, 121);
  const radius = (a: number) => Math.sqrt(level / valueAt(matrix, [Math.cos(a), 5 * Math.sin(a)]));
  return { x: angles.map((a) => radius(a) * Math.cos(a)), y: angles.map((a) => 5 * radius(a) * Math.sin(a)) };
};
const home = grid.filter(comesHome);
const dots = (name: string, points: (readonly [number, number])[], color: string, size = 4) => ({
  name,
  x: points.map(([a]) => a),
  y: points.map(([, b]) => b),
  color,
  size,
});
show(
  scatter({
    title: "The truth is larger than each of these proofs",
    subtitle: "grey dots: simulated, comes home",
    x: { title: "angle θ", unit: "rad", range: [-1.2, 1.2] },
    y: { title: "angular speed ω", unit: "rad/s", range: [-6, 6] },
    height: 460,
    series: [
      dots("comes home (simulated)", home, "#b5b5b5", 5),
      { name: "linear analysis", ...ellipse(M, inner), color: palette[1], size: 4 },
      { name: "proved, regulator's V", ...ellipse(M, proofs[4].each.level), color: palette[0], size: 4 },
      { name: "proved, V from counterexamples", ...ellipse(found.P, foundProof.level), color: palette[2], size: 4 },
    ],
  }),
);
table(
  [
    { region: "linear analysis", area: areaOf(M, inner) },
    { region: "regulator's V, 400 x 400 cells", area: proofs[4].each.area },
    { region: `V from ${found.counterexamples.length} counterexamples, 400 x 400 cells`, area: foundProof.area },
    { region: "simulated in this box, not proved", area: (home.length / grid.length) * 4 * box[0] * box[1] },
  ],
  { columns: { region: "region", area: "area (rad²/s)" }, digits: 2 },
);

// %% [markdown]
// Three proofs of growing size, and a truth more than three times as large as the largest. All three hold *of this model*: Euler's step was taken for the world, and the motor for exact. A certificate names what it assumes. (Rounding is counted: every bound is *rounded outwards*, by a unit in the last place after each operation, so that what is proved holds in exact arithmetic.)
// #claim 20/counterexamples-prove-more
//
// **Ask for what you want.** That program found the greatest margin on an ellipse that *we* had drawn. Ask for a large set instead. From the states whose simulated way home stays in the box: make $V$ small there on average, at least 1 at all other states of the grid, and falling inside. And $V$ may bend: a polynomial of degree 2, 4 or 6. The ellipse of the linear
// analysis is now *home*. Outside of home each cell must prove that $V$ falls *and* that the next state lies in the box; one that cannot is cut into four. Then whoever starts in $\{V < \ell\}$ stays in it until home. **Predict:** what gains more, the question or the degree?

// %%
const inBox = ([theta, omega]: readonly [number, number]) => Math.abs(theta) <= box[0] && Math.abs(omega) <= box[1];
const staysAndComes = (from: readonly [number, number]) => {
  let x = from;
  for (let t = 0; t < 200 && inBox(x); t++) x = world.step(x);
  return inBox(x) && Math.abs(x[0]) < 0.01;
};
const inside = grid.filter(staysAndComes);
const outside = grid.filter((x) => !staysAndComes(x));
const regions = [];
for (const degree of progress([2, 4, 6], { label: "degrees" })) {
  const { V, counterexamples } = await enclosingLyapunov(
    world.step,
    { inside, outside },
    { degree, unit: box, least: 0.01 },
  );
  const proof = certifyRegion(world, V, { box, home: { P: M, level: inner }, depth: 5 });
  regions.push({ degree, V, points: counterexamples.length, ...proof });
}
const proofsOf = [
  {
    name: "Margin on our ellipse",
    area: foundProof.area,
    holds: (x: readonly [number, number]) => valueAt(found.P, x) < foundProof.level,
  },
  ...regions.map(({ degree, V, level, area }) => ({
    name: `Large set, degree ${degree}`,
    area,
    holds: (x: readonly [number, number]) => polynomialValue(V, x) < level,
  })),
];
show(
  smallMultiples({
    title: "Asked for a large set, the proofs reach nearly all that stays in the box",
    share: "both",
    figures: proofsOf.map(({ name, area, holds }) =>
      scatter({
        title: `${name}: ${area.toFixed(1)} rad²/s`,
        x: { title: "angle θ", unit: "rad", range: [-1.2, 1.2] },
        y: { title: "angular speed ω", unit: "rad/s", range: [-6, 6] },
        series: [
          dots("proved", inside.filter(holds), palette[2], 4),
          dots(
            "not proved, comes home (simulated)",
            inside.filter((x) => !holds(x)),
            palette[1],
            4,
          ),
        ],
      }),
    ),
  }),
);
table(
  [
    { V: "degree 2, greatest margin on our ellipse", points: found.counterexamples.length, area: foundProof.area },
    ...regions.map(({ degree, points, area }) => ({ V: `degree ${degree}, large set`, points, area })),
    { V: "simulated within the box, not proved", area: (inside.length / grid.length) * 4 * box[0] * box[1] },
  ],
  { columns: { V: "V", points: "points held to", area: "proved area (rad²/s)" }, digits: 2 },
);

// %% [markdown]
// The question counts more than the degree. The same kind of $V$, an ellipse, proves more than three times as much once it is asked for a large set instead of a comfortable one; degree 4 and then 6 take most of what is left. What is missing is the border, where the polynomial found does not fall or no cell was small enough to show it. And states whose way home leaves the box: of those we asked nothing.
// #claim 20/the-question-counts
// #claim 20/degree-proves-more
//
// ## 3. A filter in front of the controller: barriers
//
// A *barrier function* $h$ is at least 0 where it is safe, and below 0 elsewhere. It need not fall or rise; it may only not fall too fast near 0: $\dot h \ge -\kappa h$, so that it approaches 0 and does not cross. With $\dot x = f(x) + g(x) u$ the left side is $L_f h + L_g h\,u$: what $h$ does by itself, plus what the input does to it. (These two are derivatives of $h$, not the Lyapunov function $L$; and $f$ is here the change per second, not the next state.)
// The *filter* changes the wish $u_0$ as little as possible:
//
// $$u = u_0 + \big[-\kappa h - L_f h - L_g h\,u_0\big]_+ \frac{L_g h^\top}{|L_g h|^2}. \tag{7}$$
//
// A car wants 24 m/s, the one ahead drives 14. Safe is $h = z - 1.8\,v \ge 0$: at least 1.8 seconds behind. The second barrier also takes away the way that braking takes, $(v - 14)^2 / (2 \cdot 2.94)$: the brakes give 2.94 m/s², three tenths of gravity. Where the second holds, the first holds too. ($z$ is the distance, and $v$ in this section a speed.)

// %%
const car = cruiseControl();
const begin = { v: 20, z: 100 };
const drives = (["headway", "braking"] as const).map((barrier) =>
  car.drive(begin, { barrier, kappa: 5, hold: 0.02, seconds: 20 }),
);
const driveNames = ["h = headway", "h = headway less braking way"];
show(
  smallMultiples({
    title: "A barrier that does not know the brakes asks for more than they have",
    figures: [
      line({
        title: "Distance to spare",
        x: { title: "time", unit: "s" },
        y: { title: "z - 1.8 v", unit: "m" },
        series: drives.map((drive, i) => ({ name: driveNames[i], x: drive.time, y: drive.spare })),
        reference: [{ y: 0 }],
      }),
      line({
        title: "What the wheels do",
        x: { title: "time", unit: "s" },
        y: { title: "force", unit: "kN" },
        series: drives.map((drive, i) => ({ name: driveNames[i], x: drive.time, y: drive.force.map((u) => u / 1000) })),
        reference: [{ y: -car.greatestForce / 1000 }],
      }),
    ],
  }),
);
const least = (values: readonly number[]) => values.reduce((a, b) => Math.min(a, b));
table(
  drives.map((drive, i) => ({ barrier: driveNames[i], infeasible: drive.infeasible, spare: least(drive.spare) })),
  {
    columns: { barrier: "barrier", infeasible: "times that no force would do", spare: "least to spare (m)" },
    digits: 2,
  },
);

// %% [markdown]
// The plain headway wakes up when braking is already too late. A filter that finds no input must *say so*; one that clips and goes on has promised nothing.
// #claim 20/know-the-brakes
//
// **Break it.** The proof was in continuous time. Hold each force for half a second and run it again. The discrete condition (3, right) asks about $h$ *after the step* instead.

// %%
const held = { hold: 0.5, seconds: 20, barrier: "braking" } as const;
const sampled = [car.drive(begin, { ...held, kappa: 5 }), car.drive(begin, { ...held, kappa: 0.9, discrete: true })];
show(
  line({
    title: "The clock is part of the proof",
    subtitle: "a new force every half second",
    x: { title: "time", unit: "s" },
    y: { title: "distance to spare", unit: "m", range: [-3, 12] },
    series: sampled.map(({ time, spare }, i) => ({
      name: ["continuous condition", "discrete condition"][i],
      x: time,
      y: spare,
    })),
    reference: [{ y: 0 }],
  }),
);
const wall = [1, 2, 4].map((rate) => ({ rate, drive: brakeBeforeWall({ rate, seconds: 8 }) }));
show(
  line({
    title: "The brakes are part of the proof",
    subtitle: "a wall at 0, and a force of at most 1",
    x: { title: "time", unit: "s" },
    y: { title: "place", unit: "m", range: [-2.1, 0.7] },
    series: wall.map(({ rate, drive }) => ({ name: `rate ${rate}`, x: drive.time, y: drive.x })),
    reference: [{ y: 0 }],
  }),
);

// %% [markdown]
// <details><summary>What happens</summary>First: held for half a second, the continuous condition lets the car come too near: falling at the rate κh, h would be gone in 1/κ = 0.2 s, and the next force comes after 0.5. The discrete one (κ = 0.9) keeps the distance, with the same brakes. Second: a body that can push with at most 1 stands before a wall. The force acts on the second derivative of h, so one asks twice, with ψ = dh/dt + κh: dψ/dt + κψ ≥ 0 (a <i>high-order barrier</i>; the figure's rate is κ). With a rate of 1 it stops at the wall. With a rate of 4 it trusts brakes that it does not have, and goes through.</details>
// #claim 20/the-clock-counts
// #claim 20/rates-need-brakes
//
// ### Exercise 2. The filter
//
// *Difficulty 2 of 5, 10 minutes. Trains: equation (7), and honesty about limits.*
//
// One input, $|u| \le m$; `drift` is $L_f h$ and `gain` is $L_g h$. Return `[u, kept]`: the input nearest to the wish that keeps $L_f h + L_g h\,u \ge -\kappa h$ within the limits, and whether it is kept. If no input keeps it, return the one that comes nearest to it (the wish, if the gain is 0), and `false`. The wish lies within the limits.
//
// <details><summary>Hint 1</summary>With one input the last factor of (7) is 1 / gain: the gain over its square.</details>
// <details><summary>Hint 2</summary>If gain is 0, the input does nothing: keep the wish, and look whether the condition holds. Allow 1e-9 for rounding.</details>

// %% [exercise] 20/barrier-filter
type Barrier = { h: number; drift: number; gain: number };
/** [u, kept] for a wish, the barrier at this state, kappa and the limit m. */
function filterInput(wish: number, { h, drift, gain }: Barrier, kappa: number, m: number): [number, boolean] {
  // #solution
  const lacks = -kappa * h - drift - gain * wish;
  if (lacks <= 0) return [wish, true];
  if (gain === 0) return [wish, false];
  const u = Math.min(m, Math.max(-m, wish + lacks / gain));
  return [u, drift + gain * u >= -kappa * h - 1e-9];
  // #end
}

// %% [check] 20/barrier-filter
await check("20/barrier-filter", { filterInput });

// %% [markdown]
// ## 4. The largest safe set: kernels and reachability
//
// Why guess a barrier, if the set can be computed? The *viability kernel* is the largest set without bad states in which every state has an action whose outcomes *all* lie in it. Strike off the bad states; strike off states that have no such action; repeat until nothing changes. The *reachability value* says more: the least distance to a wall on the way, steering as well as can be (the *margin* is the distance now, below 0 beyond a wall),
//
// $$d(x) = \min\big(\text{margin}(x),\ \max_u d(x')\big), \tag{8}$$
//
// and the kernel is where $d \ge 0$. Here: a car on a line between walls at $\pm 1$, which accelerates by at most 1. On a lattice of whole numbers both come out without rounding, and the answer is known: braking from speed $v$ takes $v^2/2$.

// %%
const lattice = latticeOf(0.1);
const { values: reach } = reachabilityValue(lattice);
const across = 2 * lattice.places + 1;
const speeds = Array.from({ length: 2 * lattice.speeds + 1 }, (_, row) => row - lattice.speeds);
const columns = Array.from({ length: 81 }, (_, i) => 5 * i);
/** Places and speeds in m and m/s. */
const metres = (i: number) => i / lattice.places;
const road = (i: number, k: number) => {
  const path = { x: [metres(i)], y: [k * 0.1] };
  for (let t = 0; t < 30 && Math.abs(i) <= 1.2 * lattice.places && k !== 0; t++) {
    const u = -Math.sign(k);
    [i, k] = [i + 2 * k + u, k + u];
    path.x.push(metres(i));
    path.y.push(k * 0.1);
  }
  return path;
};
show(
  contour({
    title: "How near one comes to a wall, braking as well as can be",
    subtitle: "coloured: the kernel, d at least 0. Two roads from one place with full brakes",
    x: { title: "place x", unit: "m", range: [-1, 1.2] },
    y: { title: "speed v", unit: "m/s" },
    color: { title: "margin d", unit: "m", range: [0, 1] },
    grid: {
      x: columns.map((i) => metres(i - lattice.places)),
      y: speeds.map((k) => k * 0.1),
      values: speeds.map((_, row) =>
        columns.map((i) => {
          const d = reach[row * across + i];
          return d >= 0 ? metres(d) : Number.NaN;
        }),
      ),
    },
    paths: [
      { name: "from just outside", ...road(0, 15) },
      { name: "from just inside", ...road(0, 14) },
    ],
  }),
);
let differs = 0;
for (const [row, k] of speeds.entries()) {
  for (let i = -lattice.places; i <= lattice.places; i++) {
    const exact = parabola(lattice, i, k);
    const computed = reach[row * across + i + lattice.places];
    if (exact >= 0 ? computed !== exact : computed >= 0) differs++;
  }
}
table([{ "lattice points": reach.length, "where iteration and parabola differ": differs }]);

// %% [markdown]
// Equal at every state, to the last bit. Such an answer needs a grid over the whole state space, which is why it ends at four or five dimensions, and why people guess barriers.
// #claim 20/kernel-is-the-parabola
//
// ### Exercise 3. The kernel
//
// *Difficulty 3 of 5, 12 minutes. Trains: "possible" against "probable".*
//
// `P[s][a][t]` is the probability of state `t` after action `a` in state `s`; `bad[s]` says which states are bad. Return for each state whether it belongs to the viability kernel.
//
// <details><summary>Hint 1</summary>A state stays if <i>some</i> action has <i>no</i> outcome with a positive probability outside the set.</details>
// <details><summary>Hint 2</summary>Striking off a state can take the last safe action from another one: repeat until a round strikes off nothing.</details>

// %% [exercise] 20/kernel
/** Which states belong to the viability kernel. */
function viable(P: number[][][], bad: boolean[]): boolean[] {
  // #solution
  let kernel = bad.map((b) => !b);
  for (;;) {
    const next = kernel.map((inside, s) => inside && P[s].some((row) => row.every((p, t) => p === 0 || kernel[t])));
    if (next.every((inside, s) => inside === kernel[s])) return kernel;
    kernel = next;
  }
  // #end
}

// %% [check] 20/kernel
await check("20/kernel", { viable });

// %% [markdown]
// ## 5. A shield for a learner
//
// The kernel of the strait is a *shield*: it lets through only actions whose outcomes all lie in the kernel: no shoal now, and always a way to meet none later. Behind it a learner may try what it likes. We let Q-learning sail 300 voyages: plainly; with a fine per shoal; behind the shield. **Predict, then run.** How many shoals does each meet *while it learns*, and how well does it sail afterwards?

// %%
const kernel = viabilityKernel(sea.mdp, sea.shoals);
const crews = {
  plain: {},
  fine: { penalty: 0.3 },
  shield: { shield: true },
};
const crewKeys = [1, 2, 3, 4, 5, 6].map(key);
const sailed = [];
for (const [name, options] of progress(Object.entries(crews), { label: "crews" })) {
  sailed.push({ name, runs: crewKeys.map((k) => straitLearner(k, { ...options, world: sea })) });
}
const voyages = linspace(10, 300, 30);
show(
  line({
    title: "Behind the shield nothing happens, not even while learning",
    subtitle: "means of six keys with 95 % intervals; dashed: the best that never risks a shoal",
    x: { title: "voyages" },
    y: { title: "probability of arriving", range: [0, 0.8] },
    series: sailed.map(({ name, runs }) =>
      overSeeds(
        name,
        voyages,
        runs.map(({ curve }) => curve),
        { least: 0 },
      ),
    ),
    reference: [{ y: safe[0].value }],
  }),
);
table(
  sailed.map(({ name, runs }) => {
    const met = meanInterval(runs.map(({ shoals }) => shoals));
    return { crew: name, shoals: met.mean, low: met.low, high: met.high };
  }),
  { columns: { crew: "crew", shoals: "shoals met while learning", low: "from", high: "to (95 %)" }, digits: 0 },
);
table([
  {
    "safe fields": kernel.safe.reduce((a, b) => a + b),
    of: 42,
    "pairs let through": kernel.allowed.reduce((a, b) => a + b),
    rounds: kernel.rounds,
  },
]);

// %% [markdown]
// <details><summary>What you saw</summary>None behind the shield, some dozens with a fine, more than a thousand plainly. A fine teaches by accident: each lesson is a shoal. (Its size hardly matters here: with 0.05 it meets nearly as many as with 0.3. What was fined once looks worse than what was never tried, and is left alone.) The price of the shield is what it forbids: it arrives in about 41 % of voyages, nearly as often as the best policy that never risks anything. The fined learner ends near that too, after it has paid. The plain learner, who sails through the shoals, arrives far oftener.</details>
// #claim 20/shield-meets-none
//
// "Almost surely safe" hangs on *which* outcomes are possible, not on how probable they are. That is an assumption, and no data can establish it: an outcome of probability one in a million, left out of the model, is a hole in the shield.
//
// ### Exercise 4. The loop
//
// *Difficulty 4 of 5, 20 minutes. Trains: draw, credit, step, and where the shield belongs in each.*
//
// Write Q-learning behind a shield. `P[s][a][t]`, `r[s][a]` and `allowed[s][a]` are given; every state has an allowed action; state `end` is the end. Start from `Q = 0`. Each episode is a list of triples `[dice, pick, move]`, one for each step, and begins in state 0; it is over when the triples are used up or the end is reached.
//
// 1. *Draw.* If `dice < explore`, take the allowed action number `floor(pick * count)` of `count` allowed ones, in order. Else the first allowed action with the largest `Q`. The next state is the first `t` at which the running sum of `P[s][a]` exceeds `move`.
// 2. *Credit.* The target is `r[s][a]` plus `gamma` times the largest `Q` of an *allowed* action in the next state; at the end nothing is ahead.
// 3. *Step.* Move `Q[s][a]` by `rate` times (target - `Q[s][a]`).
//
// Return `Q`. The check then lets your loop learn.
//
// <details><summary>Hint 1</summary><code>const open = (s) => allowed[s].flatMap((ok, a) => (ok ? [a] : []))</code> serves all three places.</details>
// <details><summary>Hint 2</summary>What is forbidden keeps Q = 0. If it counted in the credit, a state from which all is bad would look good.</details>

// %% [exercise] 20/shielded-loop
type Sea = { P: number[][][]; r: number[][]; allowed: boolean[][]; end: number };
type Habits = { gamma: number; rate: number; explore: number };
/** Q after all episodes, learned behind the shield. */
function learnBehindShield(
  { P, r, allowed, end }: Sea,
  episodes: number[][][],
  { gamma, rate, explore }: Habits,
): number[][] {
  // #solution
  const Q = r.map((row) => row.map(() => 0));
  const open = (s: number) => allowed[s].flatMap((ok, a) => (ok ? [a] : []));
  const bestOf = (s: number) => open(s).reduce((a, b) => (Q[s][b] > Q[s][a] ? b : a));
  for (const episode of episodes) {
    let s = 0;
    for (const [dice, pick, move] of episode) {
      if (s === end) break;
      const actions = open(s);
      const a = dice < explore ? actions[Math.floor(pick * actions.length)] : bestOf(s);
      let next = 0;
      for (let sum = P[s][a][0]; sum <= move && next < P[s][a].length - 1; sum += P[s][a][next]) next++;
      const ahead = next === end ? 0 : Q[next][bestOf(next)];
      Q[s][a] += rate * (r[s][a] + gamma * ahead - Q[s][a]);
      s = next;
    }
  }
  return Q;
  // #end
}

// %% [check] 20/shielded-loop
await check("20/shielded-loop", { learnBehindShield });

// %% [markdown]
// ## 6. When nothing is certain: barriers that bound a probability
//
// If a bad state is possible from everywhere, no kernel is left. Then (5). A number $B \ge 0$ that does not grow on average is a *supermartingale*, and *Ville's inequality* says: from $B(x_0)$ it ever reaches 1 with probability at most $B(x_0)$. If it may grow by $\varepsilon$ a step, that holds up to a time: $B(x_0) + \varepsilon T$.
//
// A gambler has 5, wins 1 with probability 0.4 and loses 1 otherwise, and stops at 0. Bad, for the bank, is 20. Which $B$ is smallest? A linear program knows, and if any $B$ is allowed, its answer is the probability itself. With polynomials of a low degree, as such proofs use, it is not. (The *exponential barrier* is $1.5^{x - 20}$: with these odds it does not grow on average.)
//
// The second figure is a fair game. There *Azuma's inequality* is a promise up to a time: whoever wins or loses 1 a step has gained 15 within $T$ steps with probability at most $e^{-15^2/2T}$.

// %%
const bad = Array.from({ length: 21 }, (_, x) => (x === 20 ? 1 : 0));
const gambler = gamblersChain(0.4, { start: 5, target: 20 });
const degrees = [1, 2, 3, 4, 5, 6, 8];
const bounds: number[] = [];
for (const degree of degrees) {
  const powers = Array.from({ length: degree + 1 }, (_, j) => bad.map((_, x) => (x / 20) ** j));
  bounds.push((await smallestBarrier(gambler, bad, powers)).bound);
}
const ruin = hitProbability(gambler, bad)[5];
const fair = gamblersChain(0.5, { start: 5, target: 20 });
const horizons = [10, 25, 50, 100, 200, 400, 800];
show(
  line({
    title: "What a proof gives away: polynomials of a higher degree come near",
    subtitle: "up with 0.4, from 5: the probability of ever having 20",
    x: { title: "degree of B" },
    y: { title: "bound on the probability", type: "log" },
    series: [
      { name: "polynomial barrier", x: degrees, y: bounds, markers: true },
      { name: "exponential barrier", x: [1, 8], y: [1.5 ** -15, 1.5 ** -15] },
      { name: "exact", x: [1, 8], y: [ruin, ruin] },
    ],
  }),
);
show(
  line({
    title: "A promise for ever, and one that wears out",
    subtitle: "a fair game from 5: the probability of having 20 within T steps",
    x: { title: "steps T", type: "log" },
    y: { title: "probability", range: [0, 0.8] },
    series: [
      {
        name: "exact",
        x: horizons,
        y: horizons.map((within) => hitProbability(fair, bad, { within })[5]),
        markers: true,
      },
      { name: "B = x / 20, for ever", x: horizons, y: horizons.map(() => 0.25) },
      { name: "exp(-15² / 2T), until T", x: horizons, y: horizons.map((T) => Math.exp(-225 / (2 * T))) },
    ],
  }),
);

// %% [markdown]
// A straight line proves 25 %, degree 6 comes within a factor of two of the truth, the right exponential within a sixth. In the second figure the promise for ever ($x/20$, by Ville) beats the one that grows with $T$ when $T$ is long, and loses when it is short. Ask of every bound: up to when?
// #claim 20/degree-pays
// #claim 20/for-ever-or-until
//
// ### Exercise 5. Something new: the help desk
//
// *Difficulty 3 of 5, 12 minutes. Uses the idea on something new.*
//
// The queue of a help desk holds $x$ tickets. In a minute one comes with probability `up`, one goes with probability `down` (none goes if the queue is empty), else nothing happens. At `cap` the desk breaks down. Somebody proposes $B(x) = r^{x - \text{cap}}$ with $r > 1$. Find the least $\varepsilon \ge 0$ with $\mathbb{E}\,B(x') \le B(x) + \varepsilon$ in all states
// $0, \dots, \text{cap} - 1$, and return the bound on the probability of a breakdown within `T` minutes.
//
// <details><summary>Hint</summary>Look at the growth of B in each state, the empty queue included: there only "up" moves it. The bound is a probability: at most 1.</details>

// %% [exercise] 20/help-desk
type Desk = { up: number; down: number; cap: number };
/** The bound on P(breakdown within T minutes), beginning with `start` tickets. */
function breakdownBound({ up, down, cap }: Desk, r: number, start: number, T: number): number {
  // #solution
  const B = (x: number) => r ** (x - cap);
  let epsilon = 0;
  for (let x = 0; x < cap; x++) {
    const growth = up * (B(x + 1) - B(x)) + (x > 0 ? down * (B(x - 1) - B(x)) : 0);
    epsilon = Math.max(epsilon, growth);
  }
  return Math.min(1, B(start) + epsilon * T);
  // #end
}

// %% [check] 20/help-desk
await check("20/help-desk", { breakdownBound });

// %% [markdown]
// ## 7. What trials can say
//
// Where there is no model there are trials. $k$ failures in $n$ independent trials: the *Clopper-Pearson* bound is the $p$ at which so few failures (at most $k$) would have probability $\delta$. ($p$ is from here the probability of a failure.) It is called exact: no approximation, so it fails with probability at most $\delta$ for every $n$. Without a failure it is $1 - \delta^{1/n}$, about $3/n$ at 95 %. Hoeffding's inequality (lesson 02) knows only that a trial lies between 0 and 1; *empirical Bernstein* also looks at the variance.

// %%
const trials = [30, 100, 300, 1000, 3000, 10_000];
const boundNames = { hoeffding: "Hoeffding", bernstein: "empirical Bernstein", clopperPearson: "Clopper-Pearson" };
show(
  smallMultiples({
    title: "A clean record of n trials excludes 3/n; how the bound is made matters most there",
    share: "both",
    figures: [0, 0.05].map((share) =>
      line({
        title: share === 0 ? "No failure" : "5 % failures",
        x: { title: "trials n", type: "log" },
        y: { title: "95 % upper bound", type: "log", range: [1e-4, 1] },
        series: (Object.keys(boundNames) as (keyof typeof boundNames)[]).map((of) => ({
          name: boundNames[of],
          x: trials,
          y: trials.map((n) => Math.min(1, trialBounds(Math.round(share * n), n, 0.05)[of])),
          markers: true,
        })),
      }),
    ),
  }),
);

// %% [markdown]
// "Fails less than once in a thousand" takes 2,995 trials without a failure; once in ten thousand, 29,956. Testing alone proves nothing rarer than the tests are many.
// #claim 20/rule-of-three
//
// **Break it.** A team tests a model that fails with probability 1 % exactly. It looks after 300 trials and then after every tenth, and stops as soon as the 95 % bound lies below 1 %. How often does it certify a falsehood? The cure is Ville again. The *e-value* $E_n$ is the likelihood of the record, averaged over all $q < 1\,\%$, over its likelihood at 1 %. If the truth is 1 % or worse it is a
// supermartingale from 1, so it ever reaches $1/\delta = 20$ with probability at most 5 %, *however often one looks*.

// %%
const { looks, interval, once, eValue } = peekingStudy({ p0: 0.01, p: 0.002, from: 300, to: 3000, every: 10 });
show(
  line({
    title: "Looking often makes a falsehood true enough",
    subtitle: "a model that fails with 1 % exactly is certified as better than 1 %; dashed: the 5 % that was promised",
    x: { title: "trials until now" },
    y: { title: "probability, certified by then", range: [0, 0.25] },
    series: [
      { name: "Clopper-Pearson, at every look", x: looks, y: interval.errorBy },
      { name: "e-value, at every look", x: looks, y: eValue.errorBy },
    ],
    reference: [{ y: 0.05 }],
  }),
);
table([
  { what: "certified wrongly, one look after 3,000", value: once.error.toFixed(3) },
  { what: "certified wrongly, 271 looks", value: interval.error.toFixed(3) },
  { what: "certified wrongly, 271 looks at the e-value", value: eValue.error.toFixed(3) },
  { what: "the e-value certifies a model that fails with 0.2 % after (median)", value: `${eValue.median} trials` },
]);

// %% [markdown]
// <details><summary>What happens</summary>The promise of 5 % becomes 19 %: a bound for one look is no bound for 271. The e-value keeps its word, and certifies a good model after some 700 trials (the median), without waiting for 3,000.</details>
// #claim 20/peeking
//
// ### Exercise 6. The exact bound
//
// *Difficulty 3 of 5, 12 minutes. Trains: what a confidence bound is.*
//
// Return the upper bound of Clopper and Pearson at confidence $1 - \delta$ for `k` failures in `n` trials, to 1e-6: the `p` with $P(\text{at most } k \text{ failures} \mid p) = \delta$. One-sided. With `k` = `n` it is 1.
//
// <details><summary>Hint 1</summary>P(at most k) falls as p grows: halve an interval from 0 to 1, 60 times.</details>
// <details><summary>Hint 2</summary>The terms of the binomial: begin with (1 - p)^n, and go from j to j + 1 by the factor (n - j) / (j + 1) * p / (1 - p).</details>

// %% [exercise] 20/exact-bound
/** The p at which at most k failures of n have probability delta. */
function exactBound(k: number, n: number, delta: number): number {
  // #solution
  if (k === n) return 1;
  const atMost = (p: number) => {
    let term = (1 - p) ** n;
    let sum = term;
    for (let j = 0; j < k; j++) {
      term *= (((n - j) / (j + 1)) * p) / (1 - p);
      sum += term;
    }
    return sum;
  };
  let [low, high] = [0, 1];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (atMost(middle) > delta) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
  // #end
}

// %% [check] 20/exact-bound
await check("20/exact-bound", { exactBound });

// %% [markdown]
// ## 8. Proofs about networks
//
// What can a network answer, if its input lies anywhere in a box? *Interval bounds* carry the box through: centre and radius, the radius through $|W|$, the sizes of the weights. *Linear bounds* (CROWN) go backwards and keep what two units have in common. A *Lipschitz bound* multiplies how much each layer can stretch. All are sound; they differ in what they give away.

// %%
const radii = [0.01, 0.03, 0.1, 0.3, 1];
const centre = [0.7, -0.4];
const net = randomRelu(key(2), [2, 10, 10, 10, 1]);
const around = (r: number) => ({ lower: centre.map((x) => x - r), upper: centre.map((x) => x + r) });
const width = ({ lower, upper }: { lower: Float64Array; upper: Float64Array }) => upper[0] - lower[0];
/** Highest minus lowest answer on 61 x 61 points of the box. */
const spread = (r: number) => {
  const answers = linspace(-r, r, 61).flatMap((a) =>
    linspace(-r, r, 61).map((b) => evaluateNetwork(net, [centre[0] + a, centre[1] + b])[0]),
  );
  return answers.reduce((a, b) => Math.max(a, b)) - least(answers);
};
const middle = around(0.3);
const units = [intervalBounds(net, middle), linearBounds(net, middle)].map(({ layers }) =>
  layers.map(({ lower, upper }) => upper.reduce((sum, u, i) => sum + u - lower[i], 0) / upper.length),
);
show(
  smallMultiples({
    title: "Boxes grow with every layer; linear bounds forget less",
    figures: [
      line({
        title: "Layer by layer, radius 0.3",
        x: { title: "layer" },
        y: { title: "mean width", type: "log" },
        series: units.map((y, i) => ({ name: ["intervals", "linear (CROWN)"][i], x: [1, 2, 3, 4], y, markers: true })),
      }),
      line({
        title: "The answer",
        x: { title: "radius of the box", type: "log" },
        y: { title: "width", type: "log" },
        series: [
          { name: "intervals", x: radii, y: radii.map((r) => width(intervalBounds(net, around(r)))), markers: true },
          { name: "linear (CROWN)", x: radii, y: radii.map((r) => width(linearBounds(net, around(r)))), markers: true },
          { name: "seen on 61 x 61 points", x: radii, y: radii.map(spread), markers: true },
        ],
      }),
    ],
  }),
);

// %% [markdown]
// For small boxes linear bounds are mostly nearly exact and intervals are several times too wide; for large ones both are, and nothing says that linear bounds must be the better ones: take the better end of the two. Widths grow with depth (on the left), which is why nobody proves much of a large transformer this way.
// #claim 20/linear-bounds-are-tighter
//
// Words have no radius. *Smoothing* asks another classifier instead: keep $r$ of the $n$ words at random, blank out the rest, let many such votes decide. Whoever replaces $m$ words is not seen by $\binom{n-m}{r}$ of the $\binom{n}{r}$ votes; only the others can turn. If the winner leads by more than they can turn, no replacement changes the verdict, *whatever the classifier is*. Here the classifier calls a
// reply harsh if it has more bad words than good ones; all $6^7$ replies of seven words are enumerated.

// %%
const keptWords = [1, 3, 5, 7];
show(
  smallMultiples({
    title: "What is certified is robust; what is robust need not be certified",
    share: "y",
    figures: [1, 2].map((changed) => {
      const seen = keptWords.map((kept) => harshSmoothing({ kept, changed }));
      return line({
        title: `${changed} of 7 words replaced`,
        x: { title: "words kept, r" },
        y: { title: "share of replies", range: [0, 1] },
        series: [
          { name: "certified", x: keptWords, y: seen.map(({ certified }) => certified), markers: true },
          { name: "truly robust", x: keptWords, y: seen.map(({ robust }) => robust), markers: true },
        ],
      });
    }),
  }),
);

// %% [markdown]
// With one word kept the certificate is exact here; the plain classifier ($r = 7$) is never certified. But with $r = 1$ each vote reads a single word, and a reply is harsh only if more than half of its words are bad. That classifier calls under 2 % of all replies harsh, where the plain one calls 37 %. It is hard to turn because it hardly ever says harsh: a certificate says that a verdict is stable, not that it is right.
// #claim 20/smoothing-is-sound
// #claim 20/stable-is-not-right
//
// ### Exercise 7. Find the bug: a box through a layer
//
// *Difficulty 2 of 5, 8 minutes. Trains: interval bounds.*
//
// `throughLayer` is to return `[lower, upper]` of $\max(0, Wx + b)$ for all $x$ in the box. A colleague wrote it; on some layers a point of the box gives an answer outside. Run the check, then mend it.
//
// <details><summary>Hint</summary>Where a weight is negative, which end of the input makes the output large?</details>

// %% [exercise] 20/find-the-bug
/** Bounds of max(0, W x + b) over the box lower <= x <= upper. */
function throughLayer(W: number[][], b: number[], lower: number[], upper: number[]): [number[], number[]] {
  // #solution
  const end = (sign: number) =>
    W.map((row, i) => {
      const z = row.reduce((sum, w, j) => {
        const [c, r] = [(upper[j] + lower[j]) / 2, (upper[j] - lower[j]) / 2];
        return sum + w * c + sign * Math.abs(w) * r;
      }, b[i]);
      return Math.max(0, z);
    });
  return [end(-1), end(1)];
  // #given
  // const through = (x: number[]) => W.map((row, i) => Math.max(0, row.reduce((sum, w, j) => sum + w * x[j], b[i])));
  // return [through(lower), through(upper)];
  // #end
}

// %% [check] 20/find-the-bug
await check("20/find-the-bug", { throughLayer });

// %% [markdown]
// ## 9. A shield for a language model
//
// Back to the first run. (6) is the policy conditioned on safety: of all policies that are always safe it has the least KL from the free one, $-\ln S(\text{start})$. A mask with look-ahead allows every token with $S(pv) > 0$ *at its full weight*, and divides by the sum. Both are always safe. Here they are reply by reply; then a second rule, and a mask that looks only at what is wrong *now*.

// %%
const pairs = tree.sequences
  .map((reply, y) => ({ reply, y }))
  .filter(({ y }) => isSafe[y] && Math.max(masked[y], shielded[y]) > Math.log(1e-6));
const points = (name: string, keep: (reply: readonly number[]) => boolean) => {
  const own = pairs.filter(({ reply }) => keep(reply));
  return {
    name,
    x: own.map(({ y }) => Math.exp(shielded[y])),
    y: own.map(({ y }) => Math.exp(masked[y])),
    size: 5,
  };
};
const hasVery = (reply: readonly number[]) => reply.some((w) => words[w] === "very");
show(
  scatter({
    title: "The mask raises whatever begins like the insult",
    subtitle: "each point a reply that both allow, of probability above one in a million",
    x: { title: "P(reply), exact shield", type: "log" },
    y: { title: "P(reply), mask", type: "log" },
    series: [points("without very", (reply) => !hasVery(reply)), points("with very", hasVery)],
    reference: [{ slope: 1 }],
  }),
);
const [END, , , , , WHALE, SEA] = words.map((_, id) => id);
const onTopic = tree.sequences.map((reply) => reply.at(-1) === END && reply.includes(WHALE) && !reply.includes(SEA));
const freeTokens = conditionalLogProbs(tree, free);
const ahead = maskedPolicy(tree, freeTokens, { isSafe: onTopic });
const now = maskedPolicy(tree, freeTokens, {
  isWrong: (tokens) => tokens.includes(SEA) || (tokens.at(-1) === END && !tokens.includes(WHALE)),
});
const exact = exactShield(tree, freeTokens, onTopic);
const aheadReplies = sequenceLogProbs(tree, ahead.conditionals);
const exactReplies = sequenceLogProbs(tree, exact.conditionals);
const nowReplies = sequenceLogProbs(tree, now.conditionals);
const mass = (logProbs: Float64Array, keep: (y: number) => boolean) =>
  logProbs.reduce((sum, log, y) => sum + (keep(y) ? Math.exp(log) : 0), 0);
table(
  [
    { policy: "no rule", broken: mass(free, (y) => !onTopic[y]), first: Math.exp(freeTokens[WHALE]) },
    {
      policy: "mask, looks at now",
      broken: mass(nowReplies, (y) => !onTopic[y]),
      first: Math.exp(now.conditionals[WHALE]),
    },
    {
      policy: "mask with look-ahead",
      broken: mass(aheadReplies, (y) => !onTopic[y]),
      first: Math.exp(ahead.conditionals[WHALE]),
    },
    {
      policy: "exact shield",
      broken: mass(exactReplies, (y) => !onTopic[y]),
      first: Math.exp(exact.conditionals[WHALE]),
    },
  ],
  {
    columns: {
      policy: '"ends, names the whale, not the sea"',
      broken: "breaks the rule",
      first: 'P(first word "whale")',
    },
    digits: 3,
  },
);

// %% [markdown]
// A mask that sees only what is wrong now runs out of room: about one reply in four reaches its fifth word before it has said what it must. With look-ahead it is safe, and puts off the whale until it has to; the exact shield names it early, as the policy would have on condition that it names it at all.
// #claim 20/room-runs-out
//
// **Break it: tokens.** A phrase is characters, a model writes tokens. Suppose every part of "kill" is a token. Ban the token "kill". How many ways to write it are left?
//
// <details><summary>The answer</summary>Seven of eight: k-ill, ki-ll, and so on. The cure is an <i>automaton</i> that reads characters and knows how much of a forbidden phrase has just been written (Aho and Corasick 1975), lifted to tokens: a token is forbidden <i>in a state</i> if one of its characters completes a phrase.</details>

// %%
const parts = ["k", "i", "l", "ki", "il", "ll", "kil", "ill", "kill"];
const bytes = parts.map((part) => new TextEncoder().encode(part));
const automaton = forbiddenPhrases(bytes, ["kill"]);
table([
  { rule: "none", "ways to write kill": countSpellings(bytes, "kill") },
  { rule: "token kill banned", "ways to write kill": countSpellings(bytes, "kill", [parts.indexOf("kill")]) },
]);
const after = (text: string) => automaton.stateAfter([...text].map((letter) => parts.indexOf(letter)));
table(
  ["", "k", "ki", "kil"].map((written) => ({
    written: written === "" ? "(nothing)" : written,
    forbidden: parts.filter((_, v) => automaton.next[after(written) * parts.length + v] < 0).join(", "),
  })),
  { columns: { written: "written so far", forbidden: "tokens that may not follow" } },
);

// %% [markdown]
// #claim 20/seven-of-eight
//
// Is that so for networks too? A small transformer learns to write as people do in the phrase task (replies of up to four words, so that all 2,801 can be enumerated). Here are its three policies: free, masked, and conditioned, exactly.

// %%
const short = phraseTask({ length: 4 });
const small = transformer({ vocabulary: 7, context: 5, width: 16, layers: 1, heads: 2 });
const learnedPhrases = await critiqueReviseStudy(short, small).imitate(key(1));
const network = phraseShield(short, small, learnedPhrases);
table(
  (["free", "masked", "conditioned"] as const).map((policy) => ({
    policy,
    unsafe: network[policy].unsafe,
    utility: network[policy].utility,
    kl: policy === "free" ? 0 : network.price[policy],
  })),
  {
    columns: {
      policy: "transformer",
      unsafe: 'says "very bad"',
      utility: "expected utility",
      kl: "KL to the free one (nats)",
    },
    digits: 3,
  },
);
table(
  mostRaised(short, { from: network.conditioned, to: network.masked }, 4).map(({ reply, from, to }) => ({
    reply,
    from,
    to,
  })),
  { columns: { reply: "raised most by the mask", from: "exact shield", to: "mask" }, digits: 4 },
);

// %% [markdown]
// The same picture: the mask pays more KL for the same safety, and pays it in flattery.
// #claim 20/networks-flatter-too
//
// Now a real text: a transformer that has read Moby Dick, in byte pairs, and the automaton of the 59 worst words of the AFINN lexicon (valence -4 and -5). It writes 2,000 continuations freely, and 2,000 behind the automaton, with the same random numbers.

// %%
const writer = await trainMoodWriter(key(11), {
  ...moodTablesConfig,
  pretrain: { steps: 120, rate: 6e-3 },
  tune: { steps: 20, rate: 1e-3 },
});

// %%
const texts = textShield(key(12), writer, { n: 2000 });
table([
  { writes: "freely", "continuations with a listed word": texts.wrong.free, of: 2000 },
  { writes: "behind the automaton", "continuations with a listed word": texts.wrong.masked, of: 2000 },
]);
/** Both texts around the place where they part. */
const parted = ({ free, masked }: { free: string; masked: string }) => {
  let place = 0;
  while (place < free.length && free[place] === masked[place]) place++;
  const near = (text: string) => text.slice(Math.max(0, place - 28), place + 14);
  return { free: near(free), masked: near(masked) };
};
table(texts.instead.filter(({ free }) => /\bDick\b/.test(free)).map(parted), {
  columns: { free: "freely it said", masked: "and behind the automaton" },
  limit: 8,
});

// %% [markdown]
// None in 2,000: not luck, but the automaton, and it would be none in two million. Now read what it says instead. One of the 59 words is "dick". The list forbids the name of the book, and the model slips past with what is no word at all. The proof is about the list; the list was somebody's guess at what is meant.
// #claim 20/none-in-two-thousand
//
// ### Exercise 8. The exact shield
//
// *Difficulty 3 of 5, 12 minutes. Trains: equation (6).*
//
// A *node* has tokens with probabilities `p`, and after each either another node or a verdict: `true` is safe. Return the shielded probabilities at the given node. If nothing safe can follow, return zeros.
//
// <details><summary>Hint</summary>First a function S of a node or verdict, which calls itself: a verdict gives 1 or 0, a node the sum of p[v] * S(after[v]).</details>

// %% [exercise] 20/exact-shield
type Node = { p: number[]; after: (Node | boolean)[] };
/** Probabilities of the next token, on condition that the whole is safe. */
function shieldedTokens(node: Node): number[] {
  // #solution
  const S = (at: Node | boolean): number =>
    typeof at === "boolean" ? Number(at) : at.p.reduce((sum, p, v) => sum + p * S(at.after[v]), 0);
  const all = S(node);
  return node.p.map((p, v) => (all > 0 ? (p * S(node.after[v])) / all : 0));
  // #end
}

// %% [check] 20/exact-shield
await check("20/exact-shield", { shieldedTokens });

// %% [markdown]
// ### Exercise 9. Lift it to tokens
//
// *Difficulty 3 of 5, 12 minutes. Trains: a phrase is found wherever its tokens begin.*
//
// The *state* is how many characters of `phrase` have just been written: the length of the longest ending of the text that is a beginning of the phrase. Return the state after the token, or -1 if the token completes the phrase at any of its characters.
//
// <details><summary>Hint 1</summary>The text that matters is <code>phrase.slice(0, state) + token</code>.</details>
// <details><summary>Hint 2</summary>For the state: try the longest ending first, and at most phrase.length - 1 characters.</details>

// %% [exercise] 20/lift-to-tokens
/** The state after a token, or -1 if it completes the phrase. */
function afterToken(phrase: string, state: number, token: string): number {
  // #solution
  const text = phrase.slice(0, state) + token;
  if (text.includes(phrase)) return -1;
  for (let n = Math.min(phrase.length - 1, text.length); n > 0; n--) {
    if (text.endsWith(phrase.slice(0, n))) return n;
  }
  return 0;
  // #end
}

// %% [check] 20/lift-to-tokens
await check("20/lift-to-tokens", { afterToken });

// %% [markdown]
// ## What this lesson does not show
//
// - **Models that are wrong.** Every proof here is about a model that we wrote down. Lesson 18 says how unsure a model is, lesson 19 what happens with a cost that was learned; no certificate repairs either.
// - **Large systems.** Grids end at a few dimensions, bounds of networks at a few layers. What is proved of a large language model today is a shield around it: about its words, never about what they do.
// - **Meaning.** "Never this phrase" was proved. "Never this insult" was not: there are other words for it, and the mask found some.
// - **Rounding everywhere.** The cells of section 2 and the boxes of section 8 are rounded outwards, so that they hold in exact arithmetic (if sine and cosine err by less than two units in the last place). The linear programs, shields and limits of the other sections are right to rounding only.
//
// ## Said, and seen
//
// | Said | Seen | Where |
// | --- | --- | --- |
// | Lyapunov function: $L(s)$ ensures safety | It bounds a cost, of one policy, in one model, if all of (1) and $L(s_0) \le \alpha$ hold | 1 |
// | Decrease condition: $\mathbb{E}[L(s') - L(s)] \le 0$ for safe actions | $L = 0$ satisfies it for every policy. The cost, the policy and the start are missing | 1 |
// | Safety certificate: formal guarantee of constraint satisfaction | Of a model: its dynamics, its slopes, its clock, its brakes, its rounding | 2, 3 |
// | Control barrier functions ensure forward invariance of the safe set | If the input reaches $h$, if the brakes have what is asked for, and if the clock is in the proof | 3 |
// | Almost sure safety: probability 1 | By supports alone: assumed, never estimated. It holds while learning, and has a price | 4, 5 |
// | Finite-time safety: over bounded horizons | $B(x_0) + \varepsilon T$: a promise that wears out | 6 |
// | Asymptotic safety: safety in the limit | Allows any number of accidents on the way. The fined learner learns shoal by shoal | 5 |
// | Sample complexity: learning safe policies efficiently | $3/n$ without a failure; peeking breaks it, an e-value does not | 7 |
// | Hard constraints: never violate critical safety properties | A mask keeps them, and changes what was allowed too; conditioning changes least (in KL) | Run it, 9 |
//
// ## On one page
//
// | | | In code |
// | --- | --- | --- |
// | (1) | cost, policy, start | `checkLyapunov`, `lyapunovFor`, `lyapunovPolicyIteration` |
// | (2) | V falls in every cell | `certifyLevel`, `counterexampleLyapunov`, `certifyRegion`, `enclosingLyapunov`, `discreteLyapunov`, `discreteRiccati` |
// | (3), (7) | $h$ may not fall too fast | `barrierFilter`, `discreteBarrierFilter`, `highOrderBarrier` |
// | (4), (8) | the largest safe set | `viabilityKernel`, `latticeKernel`, `reachabilityValue` |
// | (5) | Ville | `villeBound`, `smallestBarrier`, `hitProbability`, `mixtureEValue` |
// | trials | exact, by variance, by range | `clopperPearsonUpper`, `empiricalBernstein`, `hoeffdingBound`, `watchTrials` |
// | networks, words | boxes, lines, votes | `intervalBounds`, `linearBounds`, `lipschitzBound`, `smoothingCertificate` |
// | (6) | $\pi(v \mid p)\,S(pv)/S(p)$ | `exactShield`, `maskedPolicy`, `forbiddenPhrases` |
//
// **Three questions**
//
// <details><summary>A vendor shows a certificate: "formally verified safe". What do you ask first?</summary>Safe in which sense, of which model, up to when? Then: what bounds the distance from the model to the thing? If a constant in the proof was set by hand, it is an assumption.</details>
//
// <details><summary>Ten thousand red-team prompts, no failure. May you write "fails less than once in ten thousand"?</summary>No: that would take 29,956 at 95 %, drawn as the users' prompts are. Ten thousand exclude more than about 3 in 10,000. And if you would have stopped earlier or gone on after a failure, use an e-value.</details>
//
// <details><summary>A decoder with a mask never says a banned phrase, and users complain about a change of tone. What happened?</summary>The mask shares out the forbidden probability after the beginning is already said. Compare with the conditioned policy: draw again until it is clean, and look at the difference.</details>
//
// ## Read on
//
// - Chow and others 2018, *A Lyapunov-based approach to safe reinforcement learning*, arXiv:1805.07708. Section 1.
// - Berkenkamp and others 2017, *Safe model-based reinforcement learning with stability guarantees*, arXiv:1705.08551; Ravanbakhsh and Sankaranarayanan 2019, *Learning control Lyapunov functions from counterexamples and demonstrations*. Section 2.
// - Ames, Grizzle and Tabuada 2014, *Control barrier function based quadratic programs*; Ames and others 2017, arXiv:1609.06408; Xiao and Belta 2019, *Control barrier functions for systems with high relative degree*, arXiv:1903.04706. Section 3.
// - Aubin 1991, *Viability theory*; Bansal and others 2017, *Hamilton-Jacobi reachability*, arXiv:1709.07523. Section 4. Alshiekh and others 2018, *Safe reinforcement learning via shielding*, arXiv:1708.08611. Section 5.
// - Ville 1939, *Étude critique de la notion de collectif*; Azuma 1967, *Weighted sums of certain dependent random variables*; Kushner 1967, *Stochastic stability and control*; Prajna, Jadbabaie and Pappas 2007, *A framework for worst-case and stochastic safety verification using barrier certificates*. Section 6.
// - Clopper and Pearson 1934; Maurer and Pontil 2009, arXiv:0907.3740; Howard and others 2021, arXiv:1810.08240. Section 7.
// - Gowal and others 2018, arXiv:1810.12715; Zhang and others 2018, arXiv:1811.00866; Levine and Feizi 2020, arXiv:1911.09272. Section 8.
// - Park and others 2024, *Grammar-aligned decoding*, arXiv:2405.21047; Aho and Corasick 1975. Section 9.
// - In the books: Kochenderfer and others, [*Algorithms for validation*](https://algorithmsbook.com/validation/): chapters 10, Reachability for Discrete Systems, and 12, Runtime Monitoring.

// %%
import { solved } from "rlhf-lab-course";

// What you have solved of this lesson; it is written down on this machine and sent nowhere.
await solved("20");
