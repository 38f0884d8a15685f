// %% [markdown]
// # 14 When does playing against oneself lead somewhere?
//
// People are slow and cost money. So models write, judge what they have written, and learn from that: they play against themselves. In chess and Go this led
// to players that no person beats. In text it has led to better models, to models that praise themselves, and to models that write one sentence for ever. This
// lesson asks what makes the difference. Each of its games is so small that the right end is known, so we can see who gets there, who goes round in circles,
// and who walks away from it.
//
// **After this lesson you can**
//
// - say what a preference has that no score can hold, and who the winner is then;
// - measure how far a policy is from an equilibrium, and know why its *average* may arrive where the policy itself never does;
// - choose what holds self-play in place: averaging, optimism, or a price for leaving the reference;
// - see when a population is narrow, and say what keeps it wide;
// - tell which rounds of self-training add information, and which only repeat it;
// - set up a writer and a critic the right way round.
//
// **Time** 200 minutes, 120 of them exercises (those marked *optional* may wait). **You need** lessons 01 and 10, and the word KL. Section 8 runs the transformer of lesson 05.

// %% [markdown]
// ## The model on one page
//
// Somebody sees two replies and prefers one. $P(y \succ y')$ is the probability that it is $y$. A *policy* $\pi$ draws replies, and
// $P(y \succ \pi) = \sum_{y'} \pi(y')\, P(y \succ y')$ is how often $y$ beats what the policy draws. Two policies that meet play a *game*: what one wins the other
// loses. In a game with payoffs $A$ (rows: what I do; columns: what you do; $A$: what I get), how much could an opponent who knows you win?
//
// $$\text{exploitability}(x, y) = \tfrac12\Big[\max_i (A y)_i - \min_j (x A)_j\Big]. \tag{1}$$
//
// It is 0 at an *equilibrium*, where nobody gains by changing alone, and positive everywhere else. Self-play then moves the policy by a step of size $\eta$. Two such steps, the second
// with a price of $\tau$ for each nat of distance from the reference (what other lessons call $\beta$, here in units of preference), are
//
// $$\pi_{t+1} \propto \pi_t\, e^{\eta P(\cdot\, \succ \pi_t)}, \qquad \pi_{t+1} \propto m_t\, e^{\eta P(\cdot\, \succ m_t)} \text{ with } m_t \propto \pi_t^{1 - \eta\tau} \pi_{\text{ref}}^{\eta\tau}. \tag{2}$$
//
// The first is SPPO, the second Nash-MD. In sections 6 and 8 the model learns from its own answers. Learning from a judge that passes $y$ with probability $a(y)$ leads to
// $\pi_k \propto \pi_{\text{ref}}\, a^k$ after $k$ rounds (3). Learning to win against one's own last version, SPIN, leads to
//
// $$\pi_{k+1} \propto \pi_k\, (d / \pi_k)^{1/\lambda}, \tag{4}$$
//
// where $d$ is the distribution of the data.
//
// | On paper | In code | What it is |
// | --- | --- | --- |
// | $P(y \succ y')$ | `preferences[y][y2]` | how often the first is preferred to the second; the two orders add up to 1 |
// | $A$ | `payoffs[i][j]` | what the row player gets; in a *zero-sum* game the column player gets minus that |
// | (1) | `exploitability(payoffs, row, column)`, `nashConv` is twice that | what a player loses on average to somebody who knows |
// | $x_t$, $\bar x_T$ | `play.last`, `play.average` | the strategy now, and its average over all steps so far |
// | (2) | `sppoStep`, `nashMdStep`, `mirrorStep`, `onlineIpoMap` | one exact step over all replies |
// | (3), (4) | `selfLabelled`, `spinStep` | one exact round of learning from oneself |

// %%
import {
  bar,
  heatmap,
  type Key,
  key,
  line,
  linspace,
  mean,
  meanInterval,
  normal,
  palette,
  progress,
  scatter,
  show,
  smallMultiples,
  split,
  table,
} from "rlhf-lab";
import {
  bestAnswers,
  colonelBlotto,
  counterfactualRegret,
  exploitability,
  gameNashConv,
  kuhnPoker,
  multiplicativeWeights,
  replicatorFlow,
} from "rlhf-lab/games";
import { transformer } from "rlhf-lab/models";
import { exactExpectation, exactKL } from "rlhf-lab/numerics";
import {
  againstFlatteringCritic,
  againstHarshestCritic,
  bestReply,
  bradleyTerryUnderSampling,
  editDistance,
  eloRatings,
  evolve,
  expectedDiversity,
  expectedNormalMaximum,
  exploit,
  giniSimpson,
  mapElites,
  mirrorStep,
  nashAverage,
  nashMdStep,
  onlineIpoMap,
  type PopulationOptions,
  perturb,
  populationToy,
  regressionGenerations,
  regularisedEquilibrium,
  resampleGenerations,
  selfLabelled,
  selfPlay,
  spinStep,
  sppoStep,
  stepsToOpen,
  takeover,
  tournamentSelection,
  trainPopulation,
  vonNeumannWinner,
  type Worker,
  winRateLogits,
} from "rlhf-lab/selfplay";
import { type CritiqueJudge, type CritiqueRevisePath, critiqueReviseStudy } from "rlhf-lab/studies";
import {
  countedPreferences,
  criticPanel,
  cyclicAgents,
  cyclicReplies,
  fondJudge,
  phraseSearch,
  phraseTask,
  rightReplies,
  rockPaperScissors,
  zipfShares,
} from "rlhf-lab/worlds";
import { check } from "rlhf-lab-course";

// %% [markdown]
// ## Run it
//
// Four replies to one prompt: a short one, a kind one, an exact one, and a dull one. People like the short one better than the kind one, the kind one better than the exact one,
// and the exact one better than the short one: a circle. That need not be madness. Different people, or one person who looks at different things, make
// circles (lesson 04). Everybody likes the dull one least.
//
// The simplest self-play: find the reply that wins most often against the policy's replies, write only that one, and ask again.

// %%
const { names, preferences, ref } = cyclicReplies;

const path: string[] = [];
let chased: ArrayLike<number> = ref;
for (let round = 0; round < 10; round++) {
  const best = bestReply(preferences, chased);
  path.push(names[best]);
  chased = names.map((_, y) => (y === best ? 1 : 0));
}
console.log(`best reply to the last one, ten rounds: ${path.join(", ")}`);

show(
  heatmap({
    title: "Every one of the good three loses to another of them, clearly",
    subtitle: "how often the reply of the row is preferred to the reply of the column",
    x: { title: "preferred to", labels: names },
    y: { title: "reply", labels: names },
    color: { title: "probability", center: 0.5 },
    values: preferences,
  }),
);

// %% [markdown]
// Round and round: each round wins clearly against the last (with 0.7 or more), and after three rounds we are back. A log of such a run looks like
// progress in every round.
// #claim 14/best-replies-go-round
//
// ## 1. What no score can hold
//
// A reward model gives each reply a number, and says that the higher number wins. Lesson 01's Bradley-Terry model does so. No numbers can go round in a
// circle. What does it do, when it is fitted to such preferences? It finds the best compromise *for the pairs that it sees*. So let us change which pairs those are: draw both replies of a
// pair from a distribution $\mu$, and move $\mu$. Preferences stay as they are, and there is no noise: the fit sees every pair in its exact share.

// %%
const dull = 0.1; // mu's share of the dull reply; the other three share the rest
const corner = (p: ArrayLike<number>) => ({ x: p[1] + p[2] / 2, y: (p[2] * Math.sqrt(3)) / 2 }); // of three shares
const crowned: { winner: number; x: number; y: number }[] = [];
const grid = 24;
for (let a = 1; a < grid; a++) {
  for (let b = 1; b < grid - a; b++) {
    const three = [a / grid, b / grid, (grid - a - b) / grid];
    const theta = bradleyTerryUnderSampling(preferences, [...three.map((p) => (1 - dull) * p), dull]);
    crowned.push({ winner: theta.indexOf(Math.max(...theta)), ...corner(three) });
  }
}
show(
  scatter({
    title: "The same preferences, three winners: Bradley-Terry crowns whoever profits from the sampling",
    subtitle: "corners: only short (left), only kind (right), only exact (top) is sampled, beside a tenth of dull",
    x: { title: "share of kind, and half the share of exact", range: [-0.05, 1.05] },
    y: { title: "share of exact (scaled)", range: [-0.05, 0.95] },
    series: [0, 1, 2].map((winner) => {
      const own = crowned.filter((point) => point.winner === winner);
      return { name: `crowns "${names[winner]}"`, x: own.map(({ x }) => x), y: own.map(({ y }) => y), size: 9 };
    }),
  }),
);

const everyPair = bradleyTerryUnderSampling(preferences);
const winner = await vonNeumannWinner(preferences);
const tidy = (x: number) => (Math.abs(x) < 1e-9 ? 0 : x); // without rounding
/** What the worst opponent leaves a policy, beyond a half. */
const worstMargin = (policy: ArrayLike<number>, truth: readonly ArrayLike<number>[] = preferences) =>
  Math.min(...truth.map((_, j) => truth.reduce((sum, row, i) => sum + policy[i] * row[j], 0))) - 0.5;
const only = (y: number) => names.map((_, i) => (i === y ? 1 : 0));
table(
  [
    { policy: "Bradley-Terry's favourite, all pairs alike", shares: only(everyPair.indexOf(Math.max(...everyPair))) },
    { policy: "the von Neumann winner", shares: winner },
    { policy: "the reference", shares: ref },
  ].map(({ policy, shares }) => ({
    policy,
    shares: Array.from(shares, (p) => p.toFixed(3)).join(", "),
    worst: tidy(worstMargin(shares)),
  })),
  { columns: { policy: "policy", shares: "short, kind, exact, dull", worst: "worst win rate, less 1/2" }, digits: 3 },
);

// %% [markdown]
// In each corner another reply wins: the one that beats whatever is sampled there. With *on-policy* training, the policy decides what is sampled, so the crown moves away as soon as one follows it.
// #claim 14/sampling-crowns
//
// There is a policy that nobody can beat in more than half of the cases: the *von Neumann winner*, here a mixture of the good three. It always exists, whatever the
// preferences are. (It is the row player's part of an equilibrium of the game with payoffs $P$; von Neumann 1928.) It needs a *policy*: no single reply has this property.
//
// That is with known preferences. With $n$ comparisons of each pair they are estimated:

// %%
const perPair = [5, 20, 80, 320];
const margins = { "von Neumann winner": [] as number[][], "Bradley-Terry's favourite": [] as number[][] };
for (const n of perPair) {
  const runs = await Promise.all(
    Array.from({ length: 30 }, async (_, i) => {
      const counted = countedPreferences(key(i + 1), n);
      const theta = bradleyTerryUnderSampling(counted);
      return [worstMargin(await vonNeumannWinner(counted)), worstMargin(only(theta.indexOf(Math.max(...theta))))];
    }),
  );
  margins["von Neumann winner"].push(runs.map(([own]) => own));
  margins["Bradley-Terry's favourite"].push(runs.map(([, own]) => own));
}
show(
  line({
    title: "More comparisons help the one, and not the other",
    subtitle:
      "the worst opponent's margin against a policy made from estimated preferences; 95 % intervals over 30 keys",
    x: { title: "comparisons of each pair", type: "log" },
    y: { title: "worst win rate, less 1/2", range: [-0.32, 0.02] },
    series: Object.entries(margins).map(([name, values]) => ({
      name,
      x: perPair,
      y: values.map((own) => mean(own)),
      band: {
        low: values.map((own) => meanInterval(own).low),
        high: values.map((own) => meanInterval(own).high),
      },
      markers: true,
    })),
    reference: [{ y: 0 }],
  }),
);

// %% [markdown]
// The error of the one falls with the noise. The error of the other is not noise: it is the question.
// #claim 14/more-data-helps-the-mixture
//
// ### Exercise 1. Exploitability
//
// *Difficulty 2 of 5, 10 minutes. Trains: equation (1), and who wants what.*
//
// Given the payoffs of a zero-sum game (to the *row* player), a mixed row and a mixed column, return (1). *Mixed*: one probability for each action.
//
// <details><summary>Hint 1</summary>The row player's best answer to y earns the largest entry of A y. The column player wants the row player to get little.</details>
// <details><summary>Hint 2</summary>Each player's gain is measured from x'Ay. In the sum of both gains it falls out.</details>

// %% [exercise] 14/exploitability
/** Equation (1). payoffs[i][j] goes to the row player, and minus that to the column player. */
function exploitabilityOf(payoffs: number[][], row: number[], column: number[]): number {
  // #solution
  const rows = payoffs.map((own) => own.reduce((sum, a, j) => sum + a * column[j], 0));
  const columns = column.map((_, j) => payoffs.reduce((sum, own, i) => sum + row[i] * own[j], 0));
  return (Math.max(...rows) - Math.min(...columns)) / 2;
  // #end
}

// %% [check] 14/exploitability
await check("14/exploitability", { exploitabilityOf });

// %% [markdown]
// ## 2. Round in circles, and how to arrive
//
// Now let two learners play, or one against itself, by small steps. The plainest game with a circle is rock, paper, scissors: 1 for a win, -1 for a loss. Its one equilibrium is a third of each. Four ways to learn,
// all from shares $(0.5, 0.3, 0.2)$:
//
// - the *replicator*: what earns more than the average grows, in continuous time, $\dot x_i = x_i\,((Ax)_i - x \cdot Ax)$;
// - *multiplicative weights*, its steps: $x_i \leftarrow x_i\, e^{\eta (Ax)_i}$, normalised. For text this is SPPO, the first of (2);
// - the *optimistic* form counts on the gains to change as they just did: $2 (Ax_t) - (Ax_{t-1})$ in place of $Ax_t$;
// - *with entropy*: a bonus of 0.2 times the entropy, in other words a price for leaving the uniform reference.
//
// **Predict, then run.** "Equilibria are the stable points of self-play." Which of the four end in the middle? Which only circle it? Does one of them move *away*?

// %%
const begin = [0.5, 0.3, 0.2];
const edge = { name: "all mixtures", ...outline(), color: "#888888" };
function outline() {
  const corners = [only3(0), only3(1), only3(2), only3(0)].map(corner);
  return { x: corners.map(({ x }) => x), y: corners.map(({ y }) => y) };
}
function only3(k: number) {
  return [0, 1, 2].map((i) => (i === k ? 1 : 0));
}
type Watched = (watch: (x: Float64Array) => void) => unknown;
const learners: Record<string, Watched> = {
  replicator: (watch) => {
    let x: ArrayLike<number> = begin;
    for (let t = 0; t < 300; t++) {
      watch(Float64Array.from(x));
      x = replicatorFlow(rockPaperScissors, x, { time: 0.1 }).last;
    }
  },
  "multiplicative weights": (watch) =>
    multiplicativeWeights(rockPaperScissors, begin, { rate: 0.1, steps: 600, watch }),
  optimistic: (watch) =>
    multiplicativeWeights(rockPaperScissors, begin, { rate: 0.1, steps: 3000, optimistic: true, watch }),
  "with entropy": (watch) =>
    multiplicativeWeights(rockPaperScissors, begin, { rate: 0.1, steps: 600, entropy: 0.2, watch }),
};
const orbits = Object.entries(learners).map(([title, run], i) => {
  const seen: Float64Array[] = [];
  run((x) => seen.push(x.slice()));
  const points = seen.map(corner);
  return line({
    title,
    x: { title: "rock - paper", range: [-0.05, 1.05] },
    y: { title: "scissors", range: [-0.05, 0.95] },
    series: [{ name: title, x: points.map(({ x }) => x), y: points.map(({ y }) => y), color: palette[i] }, edge],
  });
});
show(
  smallMultiples({
    title: "The equilibrium is in the middle; two of four ways go there",
    subtitle: "shares of rock (left corner), paper (right), scissors (top)",
    share: "both",
    figures: orbits,
  }),
);

// %% [markdown]
// The replicator stays on its orbit for ever: the product of the three shares never changes (to $10^{-9}$ over 200 units of time). Its steps, multiplicative weights, spiral *outwards* until one
// action has nearly everything, then the next. So this equilibrium, a mixed one of a zero-sum game, is not a stable point of plain self-play.
// #claim 14/replicator-conserves
// #claim 14/plain-steps-spiral-out
//
// Optimism, or a price for leaving a reference, bends the path inwards. With the price, it arrives at the equilibrium of the game *with* the price. Here that is the same point, since
// the reference is uniform.
// #claim 14/optimism-and-entropy-arrive
//
// And there is the oldest cure: do not use the last strategy, use the *average* of all. Over time the circle's average is its centre.

// %%
const lengths = linspace(1, 4, 13).map((power) => Math.round(10 ** power)); // 10 to 10,000
const weightsPath = (optimistic: boolean) =>
  lengths.map((steps) => multiplicativeWeights(rockPaperScissors, begin, { rate: 0.1, steps, optimistic }));
const distance = (x: ArrayLike<number>) => Math.max(exploitability(rockPaperScissors, x, x), 1e-6); // for the log axis
const [plainPlays, optimisticPlays] = [weightsPath(false), weightsPath(true)];
const rps = line({
  title: "Rock, paper, scissors",
  x: { title: "steps", type: "log" },
  y: { title: "exploitability", type: "log", range: [1e-5, 2] },
  series: [
    { name: "last", x: lengths, y: plainPlays.map(({ last }) => distance(last)) },
    { name: "average", x: lengths, y: plainPlays.map(({ average }) => distance(average)) },
    { name: "last, optimistic", x: lengths, y: optimisticPlays.map(({ last }) => distance(last)) },
  ],
});

const poker = kuhnPoker();
const marks = new Set(linspace(0, 3.5, 22).map((power) => Math.round(10 ** power)));
const kuhnPath = { at: [] as number[], last: [] as number[], average: [] as number[] };
counterfactualRegret(poker, {
  iterations: 3162,
  watch: (iteration, strategies) => {
    if (!marks.has(iteration)) return;
    kuhnPath.at.push(iteration);
    kuhnPath.last.push(gameNashConv(poker, strategies.last) / 2);
    kuhnPath.average.push(gameNashConv(poker, strategies.average) / 2);
  },
});
const kuhn = line({
  title: "Kuhn's poker, by CFR",
  x: { title: "iterations", type: "log" },
  y: { title: "exploitability", type: "log", range: [1e-5, 2] },
  series: [
    { name: "last", x: kuhnPath.at, y: kuhnPath.last },
    { name: "average", x: kuhnPath.at, y: kuhnPath.average },
  ],
});
show(
  smallMultiples({
    title: "The average arrives; the last strategy need not",
    subtitle: "how much an opponent who knows the strategy wins, on average",
    share: "y",
    figures: [rps, kuhn],
  }),
);

// %% [markdown]
// On the right is a real, if small, game of cards: Kuhn's poker, three cards and one bet, where one has to bluff. The learner is *counterfactual regret minimisation* (CFR), which has beaten people at poker. *Regret* of an
// action: what it would have earned beyond what was earned, summed over all rounds. Play each action in proportion to its regret, where that is positive (*regret matching*). A hundred iterations bring the average within 0.01 of an equilibrium,
// where the strategy of that moment still gives away more than ten times as much.
// #claim 14/the-average-arrives
//
// A network cannot be averaged over its history as a table can. That is why methods for language models pay for distance from a reference instead (section 3), or keep old versions to play
// against (section 4).
//
// ### Exercise 2. A loop that learns by regret
//
// *Difficulty 3 of 5, 25 minutes. Trains: draw, credit, step; and what is averaged.*
//
// Two players meet in a zero-sum game, knowing nothing. In each round:
//
// 1. each player's strategy is in proportion to its regrets above 0, and uniform if there are none;
// 2. both strategies are added to their sums;
// 3. **draw**: `luck[t][0]` decides the row's action, `luck[t][1]` the column's: the first action whose cumulated probability exceeds it;
// 4. **credit**: the regret of *each* of one's actions grows by what it would have earned against the action that the other has drawn, less what was earned.
//
// Return the average strategies, `[row, column]`. The column player earns minus the payoff.
//
// <details><summary>Hint 1</summary>One function strategy(regrets), one function draw(strategy, u), then the loop.</details>
// <details><summary>Hint 2</summary>Row: regrets[i] += A[i][j] - A[drawn][j] for all i. Column: regrets[j] += A[drawn][drawnColumn] - A[drawn][j] for all j.</details>

// %% [exercise] 14/regret-loop
/** Average strategies [row, column] after luck.length rounds of sampled regret matching. */
function learnByRegret(payoffs: number[][], luck: number[][]): [row: number[], column: number[]] {
  // #solution
  const strategyOf = (regrets: number[]) => {
    const positive = regrets.map((r) => Math.max(r, 0));
    const total = positive.reduce((a, b) => a + b, 0);
    return positive.map((r) => (total > 0 ? r / total : 1 / regrets.length));
  };
  const draw = (strategy: number[], u: number) => {
    let cumulated = 0;
    const found = strategy.findIndex((p) => {
      cumulated += p;
      return u < cumulated;
    });
    return found < 0 ? strategy.length - 1 : found;
  };
  const regrets = [payoffs.map(() => 0), payoffs[0].map(() => 0)];
  const sums = [payoffs.map(() => 0), payoffs[0].map(() => 0)];
  for (const [u, v] of luck) {
    const [row, column] = regrets.map(strategyOf);
    row.forEach((p, i) => {
      sums[0][i] += p;
    });
    column.forEach((p, j) => {
      sums[1][j] += p;
    });
    const [i, j] = [draw(row, u), draw(column, v)];
    for (let k = 0; k < row.length; k++) regrets[0][k] += payoffs[k][j] - payoffs[i][j];
    for (let k = 0; k < column.length; k++) regrets[1][k] += payoffs[i][j] - payoffs[i][k];
  }
  return [sums[0].map((s) => s / luck.length), sums[1].map((s) => s / luck.length)];
  // #end
}

// %% [check] 14/regret-loop
await check("14/regret-loop", { learnByRegret });

// %% [markdown]
// ### Exercise 3. One visit of CFR *(optional)*
//
// *Difficulty 4 of 5, 15 minutes. Trains: who is counterfactual about what.*
//
// In a game of turns a player knows an *information set*: the own card, and what was done. CFR visits each of them. `values` are what the **first** player gets on average after each
// action; the second gets minus that. Two probabilities lead to a set: `own`, the product of what the acting player has done before, and `others`, the product of everything
// else, cards included.
//
// - the regret of an action grows by `others` times (its value to the acting player, less the strategy's mean value to them): counterfactual means *as if one had come here on purpose*;
// - the average strategy's weight of an action grows by `own` times the strategy's probability.
//
// Return both increments.
//
// <details><summary>Hint 1</summary>A set that my own earlier action makes unlikely must still learn: so my own probability is not in its regret.</details>
// <details><summary>Hint 2</summary>Where I am hardly ever, my strategy hardly counts for my average: so it is in its weight.</details>

// %% [exercise] 14/cfr-visit
interface Visit {
  player: 0 | 1;
  strategy: number[];
  values: number[];
  own: number;
  others: number;
}
/** What one visit adds to the regrets and to the average's weights, one number for each action. */
function visitSet({ player, strategy, values, own, others }: Visit): { regrets: number[]; weights: number[] } {
  // #solution
  const mine = values.map((value) => (player === 0 ? value : -value));
  const mean = mine.reduce((sum, value, a) => sum + strategy[a] * value, 0);
  return { regrets: mine.map((value) => others * (value - mean)), weights: strategy.map((p) => own * p) };
  // #end
}

// %% [check] 14/cfr-visit
await check("14/cfr-visit", { visitSet });

// %% [markdown]
// ## 3. Self-play for text: pay for leaving home
//
// Back to the four replies. With a price $\tau$ for each nat that the policy goes away from its reference, the game has exactly one equilibrium,
//
// $$\pi^*_\tau \propto \pi_{\text{ref}}\, e^{P(\cdot\, \succ \pi^*_\tau)/\tau}. \tag{5}$$
//
// It is the optimum of lesson 10 with the win rate against *itself* as the reward. Four ways that look for it, or for the game without a price:
//
// - *SPPO* (Wu and others 2024): multiplicative weights, no price;
// - *online IPO*: solve lesson 10's IPO on pairs of one's own replies to its end, then draw anew: $\pi \leftarrow \pi_{\text{ref}}\, e^{P(\cdot\,\succ \pi)/\tau}$;
// - *mirror descent* (Sokota and others 2023): small steps, a bit back towards the reference each time, opponent $\pi_t$;
// - *Nash-MD* (Munos and others 2023): the same step, but the opponent is the mixture $m_t$ in (2).

// %%
const price = 0.03; // tau
const home = { ref, tau: price };
const logOf = (p: ArrayLike<number>) => Float64Array.from(p, Math.log);
const target = regularisedEquilibrium(preferences, home);
const eta = 1;
const ways: Record<string, (policy: Float64Array, t: number) => ArrayLike<number>> = {
  SPPO: (policy) => sppoStep(preferences, policy, eta),
  "online IPO": (policy) => onlineIpoMap(preferences, policy, home),
  "mirror descent": (policy) => mirrorStep(preferences, policy, { ...home, eta }),
  "Nash-MD": (policy) => nashMdStep(preferences, policy, { ...home, eta }),
  "Nash-MD, falling steps": (policy, t) => nashMdStep(preferences, policy, { ...home, eta: 2 / (price * (t + 2)) }),
};
const steps = 3000;
const shown = new Set(linspace(0, Math.log10(steps), 60).map((power) => Math.round(10 ** power)));
const approaches = Object.entries(ways).map(([name, step]) => {
  const seen: [t: number, kl: number][] = [];
  selfPlay(ref, step, {
    steps,
    watch: (policy, t) => {
      if (shown.has(t)) seen.push([t, Math.max(exactKL(logOf(target), logOf(policy)), 1e-12)]);
    },
  });
  return { name, x: seen.map(([t]) => t), y: seen.map(([, kl]) => kl) };
});
show(
  line({
    title: "Small steps towards home arrive; whole steps, and steps without a home, do not",
    subtitle: `KL from the equilibrium (5), tau ${price}, steps of ${eta}; below 1e-12 is rounding`,
    x: { title: "steps", type: "log" },
    y: { title: "KL(equilibrium, policy)", unit: "nats", type: "log", range: [1e-12, 100] },
    series: approaches,
  }),
);

// %% [markdown]
// SPPO has no price, so it has nothing to arrive at: its policy circles, with an exploitability of up to 0.3 at larger steps, while its average is within 0.005 of the game's equilibrium. Online IPO is right about
// where it would rest, but it does not rest.
// #claim 14/sppo-circles-its-average-arrives
//
// Nash-MD with a constant step stops *beside* the target, and the nearer the smaller its step. That is because it plays the mixture, which is not the policy. With falling steps, it arrives. Mirror descent arrives as it is.
// #claim 14/nash-md-stops-beside
//
// **Break it.** From which price on does online IPO go round? And what happens to mirror descent if its step is 4 in place of 1?

// %%
const taus = [1, 0.3, 0.2, 0.15, 0.1, 0.05, 0.03];
table(
  taus.map((tau) => {
    const goal = logOf(regularisedEquilibrium(preferences, { ref, tau }));
    const end = (step: (policy: Float64Array) => ArrayLike<number>) =>
      tidy(exactKL(goal, logOf(selfPlay(ref, step, { steps: 500 }).last)));
    const mirror = (size: number) => (policy: Float64Array) =>
      mirrorStep(preferences, policy, { ref, tau, eta: Math.min(size, 1 / tau) });
    return {
      tau,
      ipo: end((policy) => onlineIpoMap(preferences, policy, { ref, tau })),
      small: end(mirror(1)),
      large: end(mirror(4)),
    };
  }),
  {
    columns: { tau: "tau", ipo: "online IPO", small: "mirror descent, 1", large: "mirror descent, 4" },
    digits: 6,
  },
);

// %% [markdown]
// <details><summary>What to see</summary>At 0.15 and above online IPO arrives; at 0.1 it goes round, and at small prices it jumps between nearly pure replies: where $1/\tau$ times the twist of the preferences is large, a whole step overshoots. Mirror descent with
// steps of 4 arrives at 0.05 and overshoots at 0.03. (A step of more than $1/\tau$ would go past the reference; the code above cuts it there.) In training, "solve it to its end, then draw anew" is the risky habit; many small updates on fresh pairs are mirror descent.</details>
// #claim 14/online-ipo-cycles-at-small-prices

// %%
const frontier = [3, 1, 0.5, 0.3, 0.2, 0.1, 0.05, 0.03, 0.02, 0.01].map((tau) => {
  const policy = regularisedEquilibrium(preferences, { ref, tau }, { tolerance: 1e-10 });
  return { tau, kl: exactKL(logOf(policy), logOf(ref)), lost: exploitability(preferences, policy, policy) };
});
const unregularised = exactKL(logOf(winner.map((p) => Math.max(p, 1e-300))), logOf(ref));
show(
  scatter({
    title: "What a nat buys: being beaten less often",
    subtitle: "the equilibrium (5) for ten prices; at the right end stands the von Neumann winner",
    x: { title: "KL from the reference", unit: "nats" },
    y: { title: "exploitability" },
    series: [
      {
        name: "equilibria (5)",
        x: frontier.map(({ kl }) => kl),
        y: frontier.map(({ lost }) => lost),
        labels: frontier.map(({ tau }) => (tau <= 0.3 && tau >= 0.03 ? `tau ${tau}` : "")),
        size: 8,
      },
      { name: "von Neumann winner", x: [unregularised], y: [exploitability(preferences, winner, winner)], size: 10 },
    ],
  }),
);

// %% [markdown]
// The smaller the price, the less is lost to somebody who knows the policy, and the further it goes from its reference: the figure is the menu.
// #claim 14/a-lower-price-is-safer-and-farther
//
// ### Exercise 4. A step of Nash-MD
//
// *Difficulty 3 of 5, 15 minutes. Trains: the second of equations (2).*
//
// Given preferences, the policy, the reference (probabilities), $\eta$ and $\tau$, return the next policy.
//
// <details><summary>Hint 1</summary>The mixture is geometric: powers are multiplied, and then normalised.</details>
// <details><summary>Hint 2</summary>m is both the opponent and where the step starts.</details>

// %% [exercise] 14/nash-md
/** The next policy, probabilities. preferences[i][j]: how often i is preferred to j. */
function nashMdOf(preferences: number[][], policy: number[], ref: number[], eta: number, tau: number): number[] {
  // #solution
  const normalise = (weights: number[]) => weights.map((w) => w / weights.reduce((a, b) => a + b));
  const mixture = normalise(policy.map((p, i) => p ** (1 - eta * tau) * ref[i] ** (eta * tau)));
  const wins = preferences.map((row) => row.reduce((sum, p, j) => sum + p * mixture[j], 0));
  return normalise(mixture.map((m, i) => m * Math.exp(eta * wins[i])));
  // #end
}

// %% [check] 14/nash-md
await check("14/nash-md", { nashMdOf });

// %% [markdown]
// ## 4. Populations
//
// Who plays only against its latest self learns to beat that, and forgets the rest. A *population* keeps several. The game for this is Colonel Blotto's: spread 10 soldiers over
// 3 fields; who has more soldiers wins a field; who wins more fields wins. There are 66 ways. Each round adds the best answer to an opponent, who is one of:
//
// - **the latest** answer alone: plain self-play;
// - **all so far**, one of them drawn with equal probability: *fictitious* self-play;
// - **the equilibrium among those so far**: the *double oracle*, or PSRO for large games (Lanctot and others 2017). An *oracle* is whatever finds a best answer; in practice a run of reinforcement learning.

// %%
const blotto = colonelBlotto(10, 3);
const first = blotto.strategies.findIndex((soldiers) => soldiers.join() === "0,0,10");
const opponents = { latest: "the latest", uniform: "all so far", nash: "the equilibrium so far" } as const;
const answersOf = async (against: keyof typeof opponents) =>
  bestAnswers(blotto.payoffs, { start: first, answers: 100, against });
const blottoRuns = {
  latest: await answersOf("latest"),
  uniform: await answersOf("uniform"),
  nash: await answersOf("nash"),
};
show(
  line({
    title: "Whom one plays against decides whether one arrives",
    subtitle: "Colonel Blotto, 66 strategies: how much the best answer wins against what is played",
    x: { title: "best answers learned" },
    y: { title: "exploitability", range: [-0.02, 1.05] },
    series: Object.entries(blottoRuns).map(([against, metas]) => ({
      name: opponents[against as keyof typeof opponents],
      x: metas.map((_, t) => t),
      y: metas.map((meta) => meta.exploitability),
    })),
  }),
);
table(
  Object.entries(blottoRuns).map(([against, metas]) => ({
    against: opponents[against as keyof typeof opponents],
    answers: metas.length - 1,
    distinct: new Set(metas[metas.length - 1].population).size,
    end: tidy(metas[metas.length - 1].exploitability),
  })),
  { columns: { against: "against", answers: "answers", distinct: "different ones", end: "exploitability" }, digits: 3 },
);

// %% [markdown]
// Against the latest alone, a handful of strategies come up again and again, and each is beaten every time: that is what a *narrow strategy space* looks like. Against all so far it gets better, slowly. Against the equilibrium so far it is done after
// fewer than thirty answers, having looked at less than half of the game. Every answer is learned from scratch, so in practice the number of answers is the bill.
// #claim 14/latest-only-is-narrow
//
// ### Train many, copy the best
//
// *Population-based training* (PBT; Jaderberg and others 2017) is another use of many. Workers train side by side, each with its own *hyperparameters*: step sizes, weights of losses, everything that is
// not learned. Every few steps, the weak copy the weights of the best (*exploit*), and change their hyperparameters a little (*explore*). The paper's own toy shows why both are needed. The true score is $Q = 1.2 - \theta_1^2 - \theta_2^2$. A worker cannot see it, and
// climbs $1.2 - h_1 \theta_1^2 - h_2 \theta_2^2$ with its own $h$. Worker 1 has $h = (1, 0)$, worker 2 has $(0, 1)$: each can only move one coordinate.

// %%
const toy = populationToy();
const keepTies: PopulationOptions["exploit"] = (workers, scores) => exploit(workers, scores, { ties: "keep" });
const explore: PopulationOptions["explore"] = (k, h) => perturb(k, h, { noise: 0.1 });
const regimes: Record<string, Partial<PopulationOptions>> = {
  "neither (a grid)": {},
  "exploit only": { exploit: keepTies },
  "explore only": { explore },
  "both: PBT": { explore, exploit: keepTies },
};
const trainRegime = (k: Key, options: Partial<PopulationOptions>) => {
  const seen: (readonly Worker[])[] = [];
  const end = trainPopulation(k, {
    ...toy,
    steps: 200,
    every: 10,
    watch: (workers) => seen.push(workers),
    ...options,
  });
  return { seen, best: Math.max(...end.map(({ theta }) => toy.score(theta))) };
};
show(
  smallMultiples({
    title: "Copying alone and changing alone do not get to the top; together they do",
    subtitle: "weights of two workers over 200 steps, one key; the top is at (0, 0)",
    share: "both",
    figures: Object.entries(regimes).map(([title, options]) => {
      const { seen } = trainRegime(key(1), options);
      return scatter({
        title,
        x: { title: "theta 1", range: [-0.05, 1] },
        y: { title: "theta 2", range: [-0.05, 1] },
        series: [0, 1].map((w) => ({
          name: `worker ${w + 1}`,
          x: seen.map((workers) => workers[w].theta[0]),
          y: seen.map((workers) => workers[w].theta[1]),
          size: 4,
        })),
      });
    }),
  }),
);
table(
  Object.entries(regimes).map(([regime, options]) => {
    const bests = Array.from({ length: 30 }, (_, i) => trainRegime(key(i + 1), options).best);
    return { regime, mean: mean(bests), least: Math.min(...bests) };
  }),
  { columns: { regime: "regime", mean: "best Q of two, mean of 30 keys", least: "least of them" }, digits: 4 },
);

// %% [markdown]
// PBT reaches 1.18 of 1.2 on average. Changing alone reaches about 1.0, and varies. The row "exploit only" is a lesson about ties: the two workers mirror each other, so they always tie, and nobody copies. Had
// the second copied the first at a tie, that row would say 1.17: both halves would be trained in turns. A headline can hang on `<` against `<=`.
// #claim 14/pbt-needs-both
// #claim 14/ties-decide-exploit-only
//
// **Break it.** Let `h` go below 0: `perturb(k, h, { noise: 0.1, least: -Infinity })`, with 1,000 steps, exploring only. Then multiply in place of adding, `perturbByFactors(k, h)` from the same door. What happens, and why?
//
// <details><summary>What to see</summary>A negative h climbs away from the top: theta grows without end, in some runs and not in others: try ten keys. With copying, the best of the two saves the other, at least for long (try more steps). Factors never
// move an h of 0: worker 1 can never learn to move its second coordinate.</details>
//
// ### Exercise 5. Exploit and explore
//
// *Difficulty 2 of 5, 15 minutes. Trains: what is copied, and what is not.*
//
// Write one round of PBT on the toy, from the workers and their scores:
//
// 1. workers that score *less* than the best take over a **copy** of the weights of the best (the first best); nobody takes over hyperparameters;
// 2. each hyperparameter becomes `max(0, hyper[i] + noise[w][i])`;
// 3. every worker takes one step, `theta[i] - 2 * rate * hyper[i] * theta[i]`, with its new hyperparameters.
//
// <details><summary>Hint 1</summary>If two workers share one array, and you change it in place, a step moves both. [...theta] makes a copy.</details>
// <details><summary>Hint 2</summary>Who ties with the best scores no less, and keeps its weights.</details>

// %% [exercise] 14/exploit-explore
interface PlainWorker {
  theta: number[];
  hyper: number[];
}
/** The workers after one round. noise[w][i] belongs to hyperparameter i of worker w. */
function pbtRound(workers: PlainWorker[], scores: number[], noise: number[][], rate: number): PlainWorker[] {
  // #solution
  const best = scores.indexOf(Math.max(...scores));
  return workers.map((worker, w) => {
    const theta = scores[w] < scores[best] ? workers[best].theta : worker.theta;
    const hyper = worker.hyper.map((h, i) => Math.max(0, h + noise[w][i]));
    return { theta: theta.map((x, i) => x - 2 * rate * hyper[i] * x), hyper };
  });
  // #end
}

// %% [check] 14/exploit-explore
await check("14/exploit-explore", { pbtRound });

// %% [markdown]
// ### Tournaments, and two ways in which winners deceive
//
// *Tournament selection*: draw a few of the population, let the best of them survive. Only the order counts, so it does not care for the scale of a score. But it is fast: a kind that is best grows from a share $p$ to $1 - (1-p)^s$ in each generation,
// tournaments of $s$. And winners look better than they are. If $n$ candidates are equally good and each is measured with noise, the winner's measured score is too high by $\mathbb{E}\max$ of $n$ standard normals, in standard deviations of the noise (the *winner's curse*).

// %%
const generations = 20;
const shares = [2, 3, 5].map((size) => ({
  name: `tournaments of ${size}`,
  x: linspace(0, generations, generations + 1),
  y: takeover(0.001, { size, generations }),
}));
const candidates = [2, 3, 5, 10, 20, 50, 100];
/** Mean excess of the winner's measured score over its true one: `n` equals, noise of 1, one tournament of all. */
const curse = (k: Key, n: number) => {
  const rounds = 400;
  const keys = split(k, rounds);
  return mean(
    keys.map((own) => {
      const [noiseKey, pickKey] = split(own);
      const scores = normal(noiseKey, n);
      return scores[tournamentSelection(pickKey, scores, { size: 8 * n, winners: 1 })[0]];
    }),
  );
};
show(
  smallMultiples({
    title: "The best take over within a few generations, and look better than they are",
    figures: [
      line({
        title: "From one in a thousand",
        x: { title: "generation" },
        y: { title: "its share", range: [0, 1.02] },
        series: shares,
      }),
      line({
        title: "Equals, measured with noise",
        x: { title: "candidates", type: "log" },
        y: { title: "winner's excess", unit: "noise deviations", range: [0, 2.7] },
        series: [
          { name: "formula", x: candidates, y: candidates.map(expectedNormalMaximum), color: palette[6] },
          {
            name: "400 draws",
            x: candidates,
            y: candidates.map((n, i) => curse(key(40 + i), n)),
            markers: true,
            color: palette[3],
          },
        ],
      }),
    ],
  }),
);

// %% [markdown]
// With tournaments of five a kind goes from one in a thousand to nearly everybody in six generations. That leaves little time for anything else to be tried. And the best of ten equals looks 1.5 deviations better than it is: measure it again, on fresh data, before you report it.
// #claim 14/winners-look-better
//
// ### Ratings: who counts, and how often
//
// Leagues of models are ranked by *Elo* ratings: a lead of $\Delta$ points predicts a win rate of $1/(1 + 10^{-\Delta/400})$. After a game, the rating moves by `k` times (score less prediction), for the other by as much the other way. Its maximum likelihood is
// Bradley-Terry's, in other units (400 / ln 10 points a nat). So it inherits section 1. Three agents in a circle, each winning 0.9 against the next; then the third is cloned.

// %%
const clones = [1, 2, 3, 4, 6];
const rated = await Promise.all(
  clones.map(async (count) => {
    const rates = cyclicAgents(count);
    const games = rates.map((row, i) => row.map((rate, j) => (i === j ? 0 : 10 * rate)));
    return { count, elo: eloRatings(games), nash: await nashAverage(winRateLogits(rates)) };
  }),
);
show(
  smallMultiples({
    title: "Clone one agent, and Elo changes its mind about the other two",
    subtitle: "each of three beats the next one with 0.9; clones of the third are even among themselves",
    figures: [
      line({
        title: "Elo rating",
        x: { title: "copies of the third agent" },
        y: { title: "rating", unit: "points" },
        series: ["the first", "the second", "each third"].map((name, i) => ({
          name,
          x: clones,
          y: rated.map(({ elo }) => elo[i]),
          markers: true,
        })),
      }),
      line({
        title: "Skill, by Nash averaging",
        x: { title: "copies of the third agent" },
        y: { title: "skill", unit: "nats", range: [-1, 1] },
        series: ["the first", "the second", "each third"].map((name, i) => ({
          name,
          x: clones,
          y: rated.map(({ nash }) => tidy(nash.skills[i])),
          markers: true,
        })),
      }),
    ],
  }),
);

// %% [markdown]
// With one of each, all are rated 0, and Elo predicts even games where 0.9 is true. With clones of the third about, whoever beats it climbs, though nobody has learned anything. *Nash averaging* (Balduzzi and others 2018) rates everybody against the equilibrium of the league, in which clones share one place: nothing changes. (The library has two more ratings. *Alpha-rank*: how much of the time each agent fills a population in which mutants are rare and the better are imitated; Omidshafiei and others 2019. *TrueSkill*: a rating that knows how sure it is; Herbrich and others 2006.)
// #claim 14/clones-move-elo
//
// ### Exercise 6. Find the bug
//
// *Difficulty 2 of 5, 10 minutes. Trains: an update of two at once.*
//
// A league's ratings drift upwards although everybody's points should come from somebody else. Here is its update; what is wrong? (Its score is 1 for a win of the first, 0 for a loss, 0.5 for a draw.)
//
// <details><summary>Hint 1</summary>Add up the two ratings before and after.</details>

// %% [exercise] 14/find-the-bug
/** The two ratings after a game, by Elo's rule. */
function eloAfter(first: number, second: number, score: number, k: number): [number, number] {
  // #solution
  const expected = 1 / (1 + 10 ** ((second - first) / 400));
  const change = k * (score - expected);
  return [first + change, second - change];
  // #given
  // const expectedFirst = 1 / (1 + 10 ** ((second - first) / 400));
  // first += k * (score - expectedFirst);
  // const expectedSecond = 1 / (1 + 10 ** ((first - second) / 400));
  // second += k * (1 - score - expectedSecond);
  // return [first, second];
  // #end
}

// %% [check] 14/find-the-bug
await check("14/find-the-bug", { eloAfter });

// %% [markdown]
// ## 5. Keeping a population wide
//
// A population that has become one is no population. To *keep* diversity one has to *measure* it, and there is more than one measure: how many different replies; how many *kinds* of them; how probably two draws differ (*Gini and Simpson's* index, $1 - \sum p^2$); how far apart they are. *Hill's numbers* put such measures on one scale: how many kinds, equally common, would be as diverse?
// Let replies of the phrase task evolve (words are replaced, left out, put in), with true utility as their *fitness*, the number they are selected by. Every method may judge 4,000 replies:
//
// - a *genetic algorithm*: tournaments of 2; one in ten of the winners is changed;
// - the same with *fitness sharing*: fitness is divided by how crowded it is around a reply;
// - *MAP-Elites* (Mouret and Clune 2015): no population at all but an *archive*, which holds the best reply that was seen of each kind. A kind here: how many words, whether with "not", with "very", and whether it ends. There are 20.
//
// **Predict, then run.** Which finds the best reply of all, worth 3.5? The one that seeks nothing else?

// %%
const task = phraseTask();
const { sequences } = task.tree;
const [reference, utility] = [task.reference[0], task.utility[0]];
const { kindOf, kinds, bestOfKind, start: draw, mutate, fitness } = phraseSearch(task);
const search = (k: Key) => {
  const [startKey, runKey] = split(k);
  const common = { start: draw(startKey, 100), mutate, fitness };
  const genetic = { ...common, generations: 39, size: 2, change: 0.1 };
  const sharing = {
    distance: (a: number, b: number) => editDistance(sequences[a], sequences[b]),
    radius: 2, // replies with two words different or more do not crowd each other
    shift: 5, // no reply is worth less than -5
  };
  const archive = mapElites(runKey, { ...common, cell: (y) => kindOf[y], evaluations: 4000 });
  return {
    "genetic algorithm": evolve(runKey, genetic),
    "with sharing": evolve(runKey, { ...genetic, sharing }),
    "MAP-Elites": Array.from(archive.values(), ({ item }) => item),
  };
};
const found = search(key(1));
const cellsOf = (ys: readonly number[]) =>
  kinds.map((kind) => {
    const own = ys.filter((y) => kindOf[y] === kind);
    return own.length > 0 ? Math.max(...own.map((y) => utility[y])) : Number.NaN;
  });
show(
  heatmap({
    title: "The archive holds the best of every kind; the others what they have come to",
    subtitle: "utility of the best reply of a kind that is there at the end, one key; empty: none of that kind",
    x: { title: "method", labels: ["best possible", ...Object.keys(found)] },
    y: { title: "kind of reply", labels: kinds },
    color: { title: "utility", unit: "nats" },
    values: kinds.map((kind, i) => [
      bestOfKind.get(kind) as number,
      ...Object.values(found).map((ys) => cellsOf(ys)[i]),
    ]),
  }),
);
const searches = Array.from(progress(10, { label: "keys" }), (i) => search(key((i as number) + 1)));
table(
  Object.keys(found).map((method) => {
    const own = searches.map((run) => run[method as keyof typeof run]);
    return {
      method,
      best: own.filter((ys) => ys.some((y) => utility[y] === 3.5)).length,
      mean: mean(own.map((ys) => mean(ys.map((y) => utility[y])))),
      distinct: mean(own.map((ys) => new Set(ys).size)),
      kinds: mean(own.map((ys) => new Set(ys.map((y) => kindOf[y])).size)),
      differ: mean(
        own.map((ys) => giniSimpson(kinds.map((kind) => ys.filter((y) => kindOf[y] === kind).length / ys.length))),
      ),
    };
  }),
  {
    columns: {
      method: "method, ten keys",
      best: "runs that hold the best reply",
      mean: "mean utility",
      distinct: "different replies",
      kinds: "kinds",
      differ: "two draws differ in kind",
    },
    digits: 2,
  },
);

// %% [markdown]
// The archive has the best reply of each of the 20 kinds, in every run, and with that the best of all, which the plain algorithm misses now and then, having settled too early. Sharing keeps more kinds, and pays with the mean. Which is right depends on what the population is *for*: one good
// answer, or something to choose from, to attack, to train on.
// #claim 14/the-archive-has-all
// #claim 14/sharing-pays-with-the-mean
//
// (An archive is only as wise as its kinds: they were chosen by us.)
//
// ### Exercise 7. Into the archive
//
// *Difficulty 1 of 5, 10 minutes. Trains: best of its kind, not best of all.*
//
// A newcomer comes with its cell and its fitness. It takes its cell if that is empty or holds *less* fitness. Return the archive after it, a plain object: cell to `{ item, fitness }`.
//
// <details><summary>Hint 1</summary>{ ...archive, [cell]: { item, fitness } } is the archive with this cell set.</details>

// %% [exercise] 14/archive
type Archive = Record<string, { item: number; fitness: number }>;
/** The archive after a newcomer. */
function enterArchive(archive: Archive, cell: string, item: number, fitness: number): Archive {
  // #solution
  const stays = cell in archive && archive[cell].fitness >= fitness;
  return stays ? archive : { ...archive, [cell]: { item, fitness } };
  // #end
}

// %% [check] 14/archive
await check("14/archive", { enterArchive });

// %% [markdown]
// ## 6. Learning from one's own answers
//
// No opponent now. The model writes, somebody passes or refuses, and the model imitates what has passed. With endless samples, (3) tells all: after $k$ rounds $\pi_k \propto \pi_{\text{ref}}\, a^k$, where $a(y)$ is how probably $y$ passes. So a reply's odds move by what the *judge* knows, and by nothing else: two
// replies that the judge passes alike keep their ratio for ever.
//
// In the phrase task, call a reply right if it is worth at least 2. The reference is right in about 18 % of the cases. Four judges: one is never wrong; one is wrong about a tenth of what it sees, anew each time; one always passes the same tenth of the wrong replies, which it likes; and the last is the model itself, which passes a reply in proportion to how probable it finds it.

// %%
const right = rightReplies(task);
const rightUnder = (logProbs: ArrayLike<number>) => exactExpectation(logProbs, right);
const rounds = linspace(0, 8, 9);
const byJudge = (acceptance: ArrayLike<number>) =>
  rounds.map((k) => rightUnder(selfLabelled(reference, acceptance, k)));
const systematic = Array.from({ length: 20 }, (_, i) => byJudge(fondJudge(key(i + 1), right)));
const quantiles = (t: number) => systematic.map((own) => own[t]).sort((a, b) => a - b);
const ownProbability = reference.map((log) => Math.exp(log - Math.max(...reference)));
show(
  line({
    title: "An error that is drawn anew washes out; an error that is always the same stays",
    subtitle: "share of right replies after rounds of writing, judging, imitating; band: 20 systematic judges",
    x: { title: "round" },
    y: { title: "right replies", range: [0, 1.03] },
    series: [
      { name: "never wrong", x: rounds, y: byJudge(right) },
      { name: "wrong in 10 %, anew each time", x: rounds, y: byJudge(right.map((r) => (r === 1 ? 0.9 : 0.1))) },
      {
        name: "always wrong about the same tenth",
        x: rounds,
        y: rounds.map((_, t) => mean(quantiles(t))),
        band: { low: rounds.map((_, t) => quantiles(t)[0]), high: rounds.map((_, t) => quantiles(t)[19]) },
      },
      { name: "itself", x: rounds, y: byJudge(ownProbability) },
    ],
  }),
);

// %% [markdown]
// A judge that errs anew each time is nearly as good as a perfect one: rounds average its errors away. A systematic one is done after the first round, and keeps what it likes. The model itself as its judge makes what is probable more probable, right or wrong: after 8 rounds it is right less often than the reference is.
// #claim 14/systematic-errors-stay
// #claim 14/own-probability-teaches-nothing
//
// "Self-supervised, no external feedback" is true of the labels, not of the information: it comes from the judge, and a judge that is right comes from outside (a program that runs the tests, a proof checker, a rule of a game; or people).
//
// ### SPIN: win against who you were
//
// *SPIN* (Chen and others 2024) has no judge. Data are the winners, the model's own samples are the losers, and DPO is run with the last version as its reference; $\lambda$ is its $\beta$. With all the data and capacity it wants, the paper proves (4): the new policy is
// $\pi_k (d/\pi_k)^{1/\lambda}$, so $\ln(\pi_k/d)$ is multiplied by $1 - 1/\lambda$ each time, up to a constant that normalises.
//
// **Predict, then run.** What does that factor do at $\lambda = 1$, at 2, at 0.5, at 0.4?

// %%
const d = [0.4, 0.3, 0.2, 0.1].map(Math.log);
const spinPath = (lambda: number, count = 8) => {
  const kls: number[] = [];
  let policy: ArrayLike<number> = [...d].reverse();
  for (let k = 0; k <= count; k++) {
    kls.push(exactKL(d, policy));
    policy = spinStep(policy, d, lambda);
  }
  return kls;
};
const lambdas = [3, 2, 1, 0.6, 0.5, 0.4];
show(
  line({
    title: "Below one half it leads further and further away",
    subtitle:
      "SPIN solved exactly; four replies, data (0.4, 0.3, 0.2, 0.1), start the other way round; 1e-6 and less is shown as 1e-6",
    x: { title: "iteration" },
    y: { title: "KL(data, policy)", unit: "nats", type: "log", range: [1e-6, 100] },
    series: lambdas.map((lambda) => ({
      name: `lambda ${lambda}`,
      x: linspace(0, 8, 9),
      y: spinPath(lambda).map((kl) => Math.max(kl, 1e-6)),
      markers: true,
    })),
  }),
);

// %% [markdown]
// At $\lambda = 1$ it is there after one iteration. At one half it swings between two policies for ever, and below that it diverges. The official code's default is $\lambda = 0.1$: the factor is -9. So where it works in practice, training must have stopped long before its optimum: the limit that the theorem describes would be
// a disaster.
// #claim 14/spin-diverges-below-half
//
// And where it converges it ends at the data. SPIN imitates; it cannot be better than what it was shown.
//
// ### Exercise 8. A SPIN iteration
//
// *Difficulty 2 of 5, 10 minutes. Trains: equation (4).*
//
// Given probabilities of the policy and of the data, and $\lambda$, return the next policy.
//
// <details><summary>Hint 1</summary>With lambda 1 the answer is the data, whatever the policy.</details>

// %% [exercise] 14/spin
/** The policy after one iteration of SPIN, probabilities. */
function spinOf(policy: number[], data: number[], lambda: number): number[] {
  // #solution
  const weights = policy.map((p, y) => p * (data[y] / p) ** (1 / lambda));
  const total = weights.reduce((a, b) => a + b);
  return weights.map((w) => w / total);
  // #end
}

// %% [check] 14/spin
await check("14/spin", { spinOf });

// %% [markdown]
// ### Collapse, and its cure
//
// Take the judge away altogether: every generation learns from samples of the last. A language of 50 words with Zipf's shares; each generation writes 100 words, and the next one learns their shares. On average nothing changes ($\mathbb{E}\,p_{t+1} = p_t$), and still it narrows: a word that is not drawn is gone. Geneticists know the rate: the probability that two draws differ falls
// by the factor $1 - 1/n$ each time. On the right another model, a linear regression on ten features that labels its successor's $n = 100$ points: its error *grows* by $d/(n - d - 1)$ noise variances each time (here $d = 10$ counts features).

// %%
const zipf = zipfShares(50);
const last = 60;
const diets: Record<string, Parameters<typeof resampleGenerations>[2]> = {
  "only the last generation": { n: 100, generations: last },
  "half of it real": { n: 100, generations: last, real: 0.5 },
  "all generations so far": { n: 100, generations: last, data: "accumulate" },
};
const ages = linspace(0, last, last + 1);
const diversities = Object.entries(diets).map(([name, options]) => {
  const runs = Array.from({ length: 30 }, (_, i) => resampleGenerations(key(i + 1), zipf, options).map(giniSimpson));
  return { name, x: ages, y: ages.map((t) => mean(runs.map((run) => run[t]))) };
});
const regression = (["replace", "accumulate"] as const).map((data) => {
  const runs = Array.from({ length: 60 }, (_, i) =>
    regressionGenerations(key(i + 1), { d: 10, n: 100, generations: 20, data }),
  );
  const at = linspace(1, 20, 20);
  return {
    name: data === "replace" ? "only the last generation" : "all generations so far",
    x: at,
    y: at.map((t) => mean(runs.map((run) => run[t - 1]))),
    color: palette[data === "replace" ? 0 : 2],
  };
});
show(
  smallMultiples({
    title: "Who eats only its own words narrows; old data, kept, are the cure",
    figures: [
      line({
        title: "A language of 50 words",
        x: { title: "generation" },
        y: { title: "two words differ", range: [0.4, 1] },
        series: [
          ...diversities,
          { name: "(1 - 1/n)^t", x: ages, y: expectedDiversity(zipf, { n: 100, generations: last }), color: "#888888" },
        ],
      }),
      line({
        title: "A regression's squared error",
        x: { title: "generation" },
        y: { title: "error", unit: "noise variances" },
        series: [...regression, { name: "t d / (n - d - 1)", x: [1, 20], y: [10 / 89, 200 / 89], color: "#888888" }],
      }),
    ],
  }),
);

// %% [markdown]
// Both cures work: mixing real data in, and never throwing data away. The collapse is of a loop *without* selection; with a judge, (3) comes on top.
// #claim 14/collapse-and-its-cures
//
// ### Curricula: the next hardest thing
//
// Self-play has one more gift: an opponent who is always as good as oneself. Without an opponent, a *curriculum* has to do that. A lock has $L$ positions with 4 symbols each, and only one combination opens it. The policy is a softmax for each position, and it climbs the exact gradient of its success. That gradient carries the success itself as a factor, $4^{-L}$ at the start: nothing to climb. Three teachers:
//
// - **whole**: always the whole lock;
// - **grow**: one position more as soon as those before open with probability 0.7 (*gradually increase the difficulty*);
// - **progress**: of all prefixes of the lock, ask for the one whose success has changed the most lately. It need not know which is harder.

// %%
const lockLengths = [4, 5, 6, 7, 8];
const lockSteps = {
  whole: lockLengths.map((length) => stepsToOpen(key(1), { length, teacher: "whole" })),
  grow: lockLengths.map((length) => stepsToOpen(key(1), { length, teacher: "grow" })),
};
const progressSteps = lockLengths.map((length) =>
  Array.from({ length: 20 }, (_, i) => stepsToOpen(key(i + 1), { length, teacher: "progress" })),
);
show(
  line({
    title: "Easy first: tens of steps in place of thousands",
    subtitle: "steps of gradient ascent until a lock opens with probability 1/2; band: all of 20 keys",
    x: { title: "positions of the lock" },
    y: { title: "steps", type: "log" },
    series: [
      { name: "whole", x: lockLengths, y: lockSteps.whole, markers: true },
      {
        name: "progress",
        x: lockLengths,
        y: progressSteps.map((own) => mean(own)),
        band: {
          low: progressSteps.map((own) => Math.min(...own)),
          high: progressSteps.map((own) => Math.max(...own)),
        },
        markers: true,
      },
      { name: "grow", x: lockLengths, y: lockSteps.grow, markers: true },
    ],
  }),
);

// %% [markdown]
// The whole lock takes between three and four times as long for each position more; the curriculum opens eight positions in fewer than a hundred steps. A teacher that only looks for progress is between them: some hundreds of steps for eight positions. The lock is the kindest case: what is learned of a part is right for the whole. Where it is not (a habit that helps in easy games and loses
// hard ones), a curriculum can teach the habit.
// #claim 14/easy-first
// #claim 14/progress-is-between
//
// ## 7. A writer and its critic, the right way round
//
// A critic $C_\psi(x, y)$ scores what the writer $\pi_\theta$ writes. Suppose the objective were $\min_\theta \max_\psi \mathbb{E}\,C_\psi$: the writer wants a *low* score, and the critic gives *high* ones. If $C_\psi$ measures how good a reply is, that is the wrong way round. Five replies, three critics:

// %%
const harsh = await againstHarshestCritic(criticPanel);
const flattered = await againstFlatteringCritic(criticPanel);
show(
  bar({
    title: "Minimise over writers, and you get the reply that nobody can praise",
    subtitle: `max min: sure of ${harsh.value.toFixed(2)} whoever judges; min max: ${flattered.value.toFixed(2)} at most`,
    x: { title: "probability", range: [0, 1.05] },
    y: { title: "reply: its scores by three critics" },
    horizontal: true,
    categories: criticPanel.map((row, y) => `${y}: ${row.join(" / ")}`),
    series: [
      { name: "max over writers, min over critics", values: harsh.writer },
      { name: "min over writers, max over critics", values: flattered.writer },
    ],
  }),
);

// %% [markdown]
// Right is $\max_\theta \min_\psi$: write what even the harshest critic grants. And there must be something that ties the critic down: if it may say anything, the harshest one says 0 to everything. Two ties are in use:
//
// - a **panel**, as here: critics that somebody wrote or trained before, finitely many;
// - **labels**: the critic is fitted to tell good examples from what the writer writes. Then it *minimises* an error, and the writer tries to make that error large: $\min_\psi$ of a loss, $\max_\theta$ of the same loss. In the form of a GAN, with $D = \sigma(C_\psi)$, the sigmoid of the critic's score,
//   $\min_\theta \max_\psi \mathbb{E}_{\text{good}} \ln D + \mathbb{E}_{\pi} \ln(1 - D)$. *There* the writer minimises and the critic maximises, since the value is how well the critic tells them apart, not how good the text is (`criticLossAndGradient`, `optimalCritic`). It ends where the writer cannot be told from the good examples: it imitates, like SPIN.
// #claim 14/min-max-is-backwards
//
// ### Exercise 9. Something new: sure of it, by self-play
//
// *Difficulty 3 of 5, 10 minutes. Trains: sections 2 and 7 together.*
//
// No linear program this time. Given the panel's scores, let a writer and a critic learn by multiplicative weights, both starting uniformly and moving at the same time, and return the writer's mixture that is sure of (nearly) the most: within 0.03 of the best possible.
//
// <details><summary>Hint 1</summary>The writer's gain of reply y is sum_c critic[c] scores[y][c]. What does the critic want?</details>
// <details><summary>Hint 2</summary>Which of the two converges, the last mixture or the average?</details>

// %% [exercise] 14/harshest-critic
/** The writer's mixture. scores[y][c]: what critic c gives reply y. A rate of 0.1 and some thousands of steps are enough. */
function sureOf(scores: number[][], rate = 0.1, steps = 4000): number[] {
  // #solution
  const normalise = (weights: number[]) => {
    const total = weights.reduce((a, b) => a + b);
    return weights.map((w) => w / total);
  };
  let writer = scores.map(() => 1 / scores.length);
  let critic = scores[0].map(() => 1 / scores[0].length);
  const sum = scores.map(() => 0);
  for (let t = 0; t < steps; t++) {
    writer.forEach((p, y) => {
      sum[y] += p / steps;
    });
    const gains = scores.map((row) => row.reduce((total, s, c) => total + critic[c] * s, 0));
    const losses = critic.map((_, c) => writer.reduce((total, p, y) => total + p * scores[y][c], 0));
    writer = normalise(writer.map((p, y) => p * Math.exp(rate * gains[y])));
    critic = normalise(critic.map((p, c) => p * Math.exp(-rate * losses[c])));
  }
  return sum;
  // #end
}

// %% [check] 14/harshest-critic
await check("14/harshest-critic", { sureOf });

// %% [markdown]
// ## 8. Generate, critique, revise: with a network
//
// Now a transformer writes replies of the phrase task (at most four tokens, the end included, about the whale), after imitating 2,000 replies of people. In each of eight rounds it *generates* 256 drafts; three times each draft is cut at a place by chance and the transformer *revises* the rest; a judge *critiques*: whichever it likes better stays; and the
// transformer learns from what has stayed. Five judges:
//
// - **nobody**: every revision is taken;
// - **itself**: what it finds more probable is better;
// - **a frozen critic**: a linear reward on words and the two words before, fitted once to 180 comparisons that people made of first drafts;
// - **asked again**: the same critic, the same number of comparisons in all, but spread over the rounds: people compare drafts with revisions of each round;
// - **the truth**.
//
// Everything that is measured is exact: each of the 1,555 replies is enumerated.

// %%
const short = phraseTask({ length: 4 });
const writer = transformer({ vocabulary: 7, context: 6, width: 32, layers: 1, heads: 2 });
const study = critiqueReviseStudy(short, writer);
const studySeeds = 2; // more: some eight seconds each
const judges: CritiqueJudge[] = ["nobody", "itself", "frozen", "asked again", "truth"];
const played: Record<string, CritiqueRevisePath[]> = {};
// Kept for the next cell: a few kilobytes of weights each.
const starts: { start: Parameters<typeof study.run>[1]; runKey: Key }[] = [];
const keep = (name: string, path: CritiqueRevisePath) => {
  played[name] = [...(played[name] ?? []), path];
};
for (const seed of progress(
  Array.from({ length: studySeeds }, (_, i) => i + 1),
  { label: "seeds" },
)) {
  const [imitateKey, runKey] = split(key(seed));
  const start = await study.imitate(imitateKey);
  for (const judge of judges) keep(judge, await study.run(runKey, start, { judge, comparisons: 180 }));
  keep("itself, half real", await study.run(runKey, start, { judge: "itself", real: 0.5 }));
  starts.push({ start, runKey });
}
const compared = [...judges, "itself, half real"];
const roundsPlayed = linspace(0, 8, 9);
const averaged = (judge: string, what: keyof CritiqueRevisePath) =>
  roundsPlayed.map((_, t) => mean(played[judge].map((path) => path[what][t])));
const studyLine = (title: string, what: keyof CritiqueRevisePath, names_: readonly string[], y: object) =>
  line({
    title,
    x: { title: "round" },
    y: { title, ...y },
    series: names_.map((name) => ({
      name,
      x: roundsPlayed,
      y: averaged(name, what),
      color: palette[compared.indexOf(name) % palette.length],
    })),
  });
show(
  smallMultiples({
    title: "It improves as far as its judge can see, and narrows on the way",
    subtitle: `means over ${studySeeds} keys`,
    figures: [
      studyLine("true utility", "utility", compared, { unit: "nats" }),
      studyLine("diversity", "diversity", compared, { unit: "replies", type: "log" }),
    ],
  }),
);
const criticGap = (judge: string) =>
  roundsPlayed.map((_, t) =>
    mean(played[judge].map((path) => path.judged[t] - path.judged[0] - (path.utility[t] - path.utility[0]))),
  );
show(
  line({
    title: "What the frozen critic says, and what is true, drift apart",
    subtitle: `rise of the critic's own score, and of true utility, since the start; means over ${studySeeds} keys`,
    x: { title: "round" },
    y: { title: "rise since the start", unit: "nats" },
    series: [
      {
        name: "the frozen critic's score",
        x: roundsPlayed,
        y: averaged("frozen", "utility").map((u, t, all) => u - all[0] + criticGap("frozen")[t]),
        color: palette[2],
      },
      {
        name: "true utility, frozen critic",
        x: roundsPlayed,
        y: averaged("frozen", "utility").map((u, _, all) => u - all[0]),
        color: palette[4],
      },
      {
        name: "true utility, asked again",
        x: roundsPlayed,
        y: averaged("asked again", "utility").map((u, _, all) => u - all[0]),
        color: palette[3],
      },
    ],
  }),
);

// %% [markdown]
// The loop works: with the truth as judge, utility climbs from next to nothing to more than 2.9, where 3 is the most that such a reply can be worth. With nobody, it drifts. With itself, it ends at writing hardly anything but *one* reply, one that it had found likely. For nearly all of eight keys that reply was worth 0, 1 or 2: nobody had to be asked, and what came of it is luck.
// #claim 14/truth-arrives-nobody-drifts
// #claim 14/itself-collapses
//
// The frozen critic climbs fast. But its own score rises by more than the utility does, on average over eight keys by at least 0.2 nats more: the loop looks for what the critic is wrong about (lesson 11). The same number of comparisons, asked where the policy is *now*, starts more slowly, as its first critics have seen little.
// Which of the two ends higher we cannot say: over eight keys the 95 % interval of the difference holds 0.
// #claim 14/critic-drifts-from-truth
// #claim 14/asking-again-starts-more-slowly
// #claim 14/which-ends-higher-is-open
//
// Half of each round's data from people keeps the self-judged loop from collapsing. It also keeps it from going far: a mixture is held near its real half.
// #claim 14/real-data-holds
//
// How much feedback is enough, then?

// %%
const budgets = [45, 180, 720]; // comparisons in all; those of 180 are from above
for (const { start, runKey } of progress(starts, { label: "seeds" })) {
  for (const judge of ["frozen", "asked again"] as const) {
    for (const comparisons of [45, 720]) {
      keep(`${judge} ${comparisons}`, await study.run(runKey, start, { judge, comparisons }));
    }
  }
}
const endsOf = (name: string) => played[name].map(({ utility: seen }) => seen[seen.length - 1]);
const boughtBy = (judge: string) => budgets.map((n) => endsOf(n === 180 ? judge : `${judge} ${n}`));
show(
  line({
    title: "Five comparisons at a time are too few; many end near the truth",
    subtitle: `true utility after eight rounds; means, and bands from least to most, of ${studySeeds} keys`,
    x: { title: "comparisons by people", type: "log" },
    y: { title: "true utility", unit: "nats", range: [-0.3, 3.4] },
    series: [
      ...["frozen", "asked again"].map((name) => ({
        name,
        x: budgets,
        y: boughtBy(name).map((ends) => mean(ends)),
        band: {
          low: boughtBy(name).map((ends) => Math.min(...ends)),
          high: boughtBy(name).map((ends) => Math.max(...ends)),
        },
        markers: true,
      })),
      { name: "the truth as judge", x: budgets, y: budgets.map(() => mean(endsOf("truth"))), color: palette[6] },
    ],
  }),
);

// %% [markdown]
// With 720 comparisons both end near the truth's. With few, the end is luck, and two keys do not show it: over eight keys a frozen critic ended anywhere from below 2 to above 2.8 nats, of 45 comparisons as of 180, and neither number is clearly better.
// #claim 14/few-comparisons-are-luck
// The critic that is asked again suffers most where each time brings five comparisons: it is lost at the start, and for most keys the frozen one was ahead.
// So the answer to "how efficient is self-play against asking people" is that they are not alternatives: self-play spends the information that comparisons bought.
// #claim 14/many-comparisons-end-near-the-truth
// #claim 14/few-are-better-asked-at-once
//
// ## What this lesson does not show
//
// - **Sampling.** Sections 3 and 6 take exact steps over all replies. From samples, SPPO and online IPO see pairs; their noise is lesson 10's. One trap is in code that is in use: TRL's Nash-MD charges each token for its own log-ratio, and not for what it leads to, so that at the optimum its gradient need not be 0.
// - **Scalar judges.** SPPO's official code takes its preferences from the sigmoid of a difference of scores, so that nothing intransitive ever reaches it; section 1 then has nothing to say.
// - **Large games.** In Go and poker a network stands for the table, and search helps. A game has rules that never flatter; text has not.
// - **Constitutions.** Whose principles the critic applies is lesson 13's subject; what becomes of principles as numbers, lesson 12's.
// - **The critique itself.** Our critic scores, and the revision is drawn blindly. A model that says *what* is wrong can revise better than by chance; it can also be wrong about it.
//
// ## Said, and seen
//
// The notes that the course grew from say these things about this lesson's subject; beside them what you saw:
//
// | Said | Seen | Where |
// | --- | --- | --- |
// | The model critiques its own outputs by its principles; generate, critique, revise is iterative improvement | As far as the judge is right. With itself as judge the transformer ends at one reply, worth what luck will have | 8 |
// | Self-supervised: no external human feedback required | No labels, but the information has to come from somewhere: (3) | 6, 8 |
// | $\min_\theta \max_\psi \mathbb{E}\,C_\psi$ | Backwards for a score of quality: the reply that nobody can praise. $\max_\theta\min_\psi$, and the critic tied to something | 7 |
// | Population-based training: maintain many variants | Copying and changing are both needed; a tie decided one row | 4 |
// | Tournament selection: the best survive | The measured best, which look better than they are, and take over within a few generations | 4 |
// | Diversity maintenance prevents mode collapse | It has to be measured, in kinds that somebody chose, and it costs mean fitness | 5 |
// | Curriculum: gradually increase difficulty | Tens of steps for thousands, where the easy part is a part of the hard | 6 |
// | Nash equilibria are the stable points of self-play | Of plain steps a mixed one is not: orbits, or spirals outwards | 2 |
// | Convergence: conditions for reaching equilibrium | Averages, optimism or a price; and say *which* strategy converges, to which game's equilibrium | 2, 3 |
// | Sample complexity of self-play against external feedback | Not alternatives: rounds spend what comparisons bought | 8 |
// | Self-play may lead to narrow strategy spaces | A handful of 66 strategies for ever; the equilibrium of all so far as the opponent is the cure | 4 |
// | Iterative refinement enables continuous improvement, with alignment and safety maintained | It stops where the judge's information stops, and drifts along what the judge has wrong | 6, 8 |
//
// ## On one page
//
// | | | In code |
// | --- | --- | --- |
// | (1) | $\frac12[\max_i (Ay)_i - \min_j (xA)_j]$ | `exploitability`, `nashConv`, `gameNashConv` |
// | winner | no reply beats it in more than half of the cases | `vonNeumannWinner`; compare `bradleyTerryUnderSampling` |
// | (2) | SPPO; Nash-MD | `sppoStep`, `nashMdStep`, `mirrorStep`, `onlineIpoMap`, `selfPlay` |
// | (5) | $\pi \propto \pi_{\text{ref}}\, e^{P(\cdot\,\succ\pi)/\tau}$ | `regularisedEquilibrium` |
// | averages | regret matching, CFR | `regretMatching`, `counterfactualRegret`, `fictitiousPlay` |
// | populations | best answers; PBT; selection; archive | `bestAnswers`, `doubleOracle`, `trainPopulation`, `tournamentSelection`, `sharedFitness`, `mapElites` |
// | ratings | Elo, Nash averaging, alpha-rank | `eloUpdate`, `eloRatings`, `nashAverage`, `alphaRank`, `trueSkillDuel` |
// | diversity | Hill's numbers, $1 - \sum p^2$, with likeness | `hillNumber`, `giniSimpson`, `similarityDiversity`, `novelty` |
// | (3), (4) | $\pi_{\text{ref}}\, a^k$; $\pi_k (d/\pi_k)^{1/\lambda}$ | `selfLabelled`, `spinStep` |
// | collapse | $H_0 (1 - 1/n)^t$ | `resampleGenerations`, `expectedDiversity`, `regressionGenerations` |
//
// **Three questions**
//
// <details><summary>Your new model beats the last version in 60 % of the games, five versions in a row. How much better is it than the first?</summary>Perhaps not at all: the first cell's best replies each beat the last one with 0.7 or more, and go in a circle of three. Play against the first, and against a population.</details>
//
// <details><summary>Your self-rewarding model's own scores rise for ten rounds. What do you look at?</summary>At something that it did not judge: fresh human comparisons, on its present replies. And at diversity: how many different replies it still writes to one prompt.</details>
//
// <details><summary>Nash-MD's loss is small, and the policy still loses to some reply with 0.56. Is it broken?</summary>Not necessarily: it looks for the equilibrium of the game with a price. At tau 0.1 the exact end of our four replies loses with 0.55. Lower the price to be beaten less, and pay in nats.</details>
//
// ## Read on
//
// - Swamy and others 2024, *A minimaximalist approach to reinforcement learning from human feedback*, arXiv:2401.04056; Dudik and others 2015, *Contextual dueling bandits*, arXiv:1502.06362. Section 1.
// - Munos and others 2023, *Nash learning from human feedback*, arXiv:2312.00886; Calandriello and others 2024, *Human alignment of large language models through online preference optimisation*, arXiv:2403.08635; Wu and others 2024, *Self-play preference optimization*, arXiv:2405.00675; Sokota and others 2023, *A unified approach to reinforcement learning, quantal response equilibria, and two-player zero-sum games*, arXiv:2206.05825; Xie and others 2024, *Exploratory preference optimization*, arXiv:2405.21046 (online DPO with a bonus for what the reference seldom writes). Sections 2 and 3.
// - Zinkevich and others 2007, *Regret minimization in games with incomplete information*; Tammelin 2014, *Solving large imperfect information games using CFR+*, arXiv:1407.5042; Rakhlin and Sridharan 2013, arXiv:1311.1869. Section 2.
// - Lanctot and others 2017, *A unified game-theoretic approach to multiagent reinforcement learning*, arXiv:1711.00832; Jaderberg and others 2017, *Population based training of neural networks*, arXiv:1711.09846; Balduzzi and others 2018, *Re-evaluating evaluation*, arXiv:1806.02643; Omidshafiei and others 2019, *Alpha-rank: multi-agent evaluation by evolution*, arXiv:1903.01373; Herbrich, Minka and Graepel 2006, *TrueSkill: a Bayesian skill rating system*. Section 4.
// - Mouret and Clune 2015, *Illuminating search spaces by mapping elites*, arXiv:1504.04909; Goldberg and Richardson 1987, *Genetic algorithms with sharing for multimodal function optimization*; Hill 1973, *Diversity and evenness*. Section 5.
// - Chen and others 2024, *Self-play fine-tuning converts weak language models to strong language models*, arXiv:2401.01335; Shumailov and others 2023, *The curse of recursion*, arXiv:2305.17493; Gerstgrasser and others 2024, *Is model collapse inevitable?*, arXiv:2404.01413; Dohmatob and others 2024, *Model collapse demystified*, arXiv:2402.07712; Matiisen and others 2017, *Teacher-student curriculum learning*, arXiv:1707.00183. Section 6.
// - Goodfellow and others 2014, *Generative adversarial networks*, arXiv:1406.2661; Bai and others 2022, *Constitutional AI*, arXiv:2212.08073; Yuan and others 2024, *Self-rewarding language models*, arXiv:2401.10020. Sections 7 and 8.
// - In the books: Nisan, Roughgarden, Tardos and Vazirani (editors), [*Algorithmic game theory*](https://doi.org/10.1017/CBO9780511800481): chapter 4, Learning, Regret Minimization, and Equilibria.

// %%
import { solved } from "rlhf-lab-course";

// What you have solved of this lesson; it is written down on this machine and sent nowhere.
await solved("14");
