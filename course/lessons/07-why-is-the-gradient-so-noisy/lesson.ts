// %% [markdown]
// # 07 Why is the gradient so noisy?
//
// A policy writes sixteen replies. Each gets a reward, one number. From those sixteen numbers we want to know, for ten thousand parameters, which
// way is up. There is an estimate that is right on average, REINFORCE, and in practice it points far off to the side. Where does
// the noise come from, which part of it is free to remove, and what does the rest cost?
//
// **After this lesson you can**
//
// - derive the score-function gradient of a softmax, and say why a baseline changes nothing on average;
// - choose among baselines (constant, batch mean, leave one out, one for each prompt, the value of a prefix, the optimal one) knowing what each removes;
// - credit a token with what comes after it, and say how noise grows with the length of a reply;
// - measure gradient noise, on a table and on a transformer, and say how many replies a step needs;
// - write the loop (draw, credit, step), and see it learn;
// - recognise entropy collapse, stop it, and price exploration in reward.
//
// **Time** 125 minutes, 84 of them exercises (sections 5 and 7 can wait). **You need** the chain rule, means and variances, and lesson 01's remark that a
// reward has no zero of its own. "The notes" are those that this course grew from; the table "Said, and seen" near the end holds them against what you saw.

// %% [markdown]
// ## The model on one page
//
// A reply $y = (y_1, \dots, y_T)$ is written token by token. The policy looks up a row of logits for the prefix $s_t = (x, y_{<t})$, the prompt and what has been written, and draws from its softmax,
// $\pi(v \mid s_t) = e^{z_{s_t,v}} / \sum_u e^{z_{s_t,u}}$. We want to climb $J = \mathbb{E}_\pi[R(y)]$. Because $\nabla \pi = \pi\, \nabla \log \pi$,
//
// $$\nabla J = \sum_y \pi(y)\, R(y)\, \nabla \log \pi(y) = \mathbb{E}_\pi\bigl[R(y)\, \psi(y)\bigr], \qquad \psi(y) = \sum_t \nabla \log \pi(y_t \mid s_t), \tag{1}$$
//
// and an expectation can be estimated from samples: draw replies, average $R\,\psi$. That is REINFORCE (Williams 1992). No derivative of the reward is needed, so
// it may be a person, a program or another network. The vector $\psi(y) = \nabla \log \pi(y)$ is called the *score* of the reply (the letter $\psi$ is this lesson's only). For one row of a softmax it
// is simple, and its mean is zero:
//
// $$\frac{\partial \log \pi(a)}{\partial z_v} = \mathbb{1}[v = a] - \pi(v), \qquad \mathbb{E}_\pi[\psi] = 0. \tag{2}$$
//
// With many prompts $J = \mathbb{E}_{x \sim D,\, y \sim \pi(\cdot \mid x)}[R(x, y)]$; until section 3 there is one.
//
// | On paper | In code | What it is |
// | --- | --- | --- |
// | $z$ | `policy.logits` | one row per prefix: 1,555 rows of 7, so 10,885 numbers |
// | $\pi(y)$ | `Math.exp(policy.logProbs[n])` | of each of the 9,331 replies |
// | $R(y)$, $u(y)$ | `policy.reward[n]`, `task.utility[0][n]` | reward of a reply, which the policy is paid by; its true utility, which only this world knows |
// | $\psi(y)$ | `reinforce.replyScore(policy, n)` | score of a reply, as long as $z$ |
// | $\nabla J$ | `policy.gradient` | exact, by going through all replies |
// | estimate of $\nabla J$ | `reinforce.estimateGradient(policy, replies, credit)` | from a batch of drawn replies |
// | mean and variance of the estimate | `reinforce.gradientMoments(policy, credit)` | exact as well: no sampling |
// | the loss with that gradient | `reinforceLoss(logpNew, advantages, mask)` | for a neural network |

// %%
import {
  bar,
  foldIn,
  type Key,
  key,
  line,
  linspace,
  mean,
  meanInterval,
  normal,
  overSeeds,
  palette,
  progress,
  scatter,
  show,
  smallMultiples,
  softmax,
  standardDeviation,
  table,
} from "rlhf-lab";
import { transformer } from "rlhf-lab/models";
import { exactEntropy, exactExpectation, exactRegularisedOptimum } from "rlhf-lab/numerics";
import { reinforce, trainPromptReinforce, trainTabularReinforce } from "rlhf-lab/policy";
import { transformerMoments, transformerNoise } from "rlhf-lab/policy/tensor";
import { categorical } from "rlhf-lab/random";
import {
  conditionalLogProbs,
  type SequenceTree,
  sequenceIndex,
  sequenceLogProbs,
  sequenceRows,
  sequenceTree,
  type TreePolicy,
  tabularContexts,
  treePolicy,
} from "rlhf-lab/trees";
import { phraseTask, phraseText, phraseTokenRewards, phraseWords } from "rlhf-lab/worlds";
import { check } from "rlhf-lab-course";

// %% [markdown]
// ## Run it
//
// The world is the phrase task: somebody asks about the whale, and a reply of at most five words comes back ("very good whale"). Everything can be enumerated.
// The policy is the reference, people's own way of writing. The true utility runs from -5 to 3.5. Our reward model learned from comparisons, so its zero means
// nothing (lesson 01): here it happens to lie 4 lower.

// %%
const task = phraseTask();
const zero = 4; // what the reward model adds to every reply
const rows = tabularContexts(task.tree);
const reference = task.reference[0];
const start = conditionalLogProbs(task.tree, reference); // the logits of the reference
const utilityByToken = phraseTokenRewards(task); // the utility, split into what each token adds
const rewardByReply = task.utility[0].map((u) => u + zero);
const people = treePolicy(task.tree, start, rows);
const policy = reinforce.enumeratePolicy(people, rewardByReply);

/** n batches of B replies each. A key is a seed: the same key, the same draws. */
const drawBatches = (k: Key, n: number, B: number) => {
  const replies = categorical(k, policy.logProbs, n * B);
  return Array.from({ length: n }, (_, i) => replies.subarray(i * B, (i + 1) * B));
};
const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, x, i) => sum + x * b[i], 0);
const norm = (a: Float64Array) => Math.sqrt(dot(a, a));
const degrees = (a: Float64Array, b: Float64Array) =>
  (Math.acos(Math.min(1, dot(a, b) / (norm(a) * norm(b)))) * 180) / Math.PI;

const batch = 16;
table(
  drawBatches(key(1), 4, batch).map((replies, i) => {
    const estimate = reinforce.estimateGradient(policy, replies);
    return {
      draw: i + 1,
      length: norm(estimate) / norm(policy.gradient),
      angle: degrees(estimate, policy.gradient),
    };
  }),
  {
    columns: {
      draw: "batch",
      length: "length of the estimate / of the gradient",
      angle: "angle to the gradient (degrees)",
    },
    caption: `REINFORCE from ${batch} replies, four times`,
    digits: 1,
  },
);

// %% [markdown]
// Several times too long, and far off to the side, each time another one.
// #claim 07/too-long, 07/off-to-the-side
// Yet the estimate is *unbiased*: the average of many is the gradient. Below, one point is one batch of
// sixteen. We look at two of the 10,885 coordinates: the logits of "good" and of "bad" as the first word. On the right the mean reward was subtracted first.

// %%
const clouds = 250; // batches per panel
const [good, bad] = ["good", "bad"].map((word) => phraseWords.indexOf(word as (typeof phraseWords)[number]));
const cloud = (title: string, baseline: number, seed: number) => {
  const points = drawBatches(key(seed), clouds, batch).map((replies) =>
    reinforce.estimateGradient(policy, replies, { baseline }),
  );
  return scatter({
    title,
    x: { title: 'logit of "good"' },
    y: { title: 'logit of "bad"' },
    series: [
      { name: "estimates", x: points.map((g) => g[good]), y: points.map((g) => g[bad]), size: 5 },
      {
        name: "mean of the estimates",
        x: [mean(points.map((g) => g[good]))],
        y: [mean(points.map((g) => g[bad]))],
        size: 13,
      },
      { name: "exact gradient", x: [policy.gradient[good]], y: [policy.gradient[bad]], size: 10 },
    ],
    reference: [{ x: 0 }, { y: 0 }],
  });
};

show(
  smallMultiples({
    title: "The same mean, another cloud",
    subtitle: `${clouds} batches of ${batch} replies each; two of 10,885 coordinates`,
    share: "both",
    figures: [cloud("No baseline", 0, 11), cloud("Baseline: the mean reward", policy.value, 12)],
  }),
);

// %% [markdown]
// Up with "good", down with "bad": the exact gradient says so, and of the batches on the left a good many say otherwise. The cloud on the right has the same
// centre, and its batches point twenty degrees closer to the gradient.
// #claim 07/baseline-turns-it
// Nothing was lost by subtracting a number. Why?
//
// ## 1. The score, and what may be subtracted from its weight
//
// ### Exercise 1. One sample's gradient
//
// *Difficulty 2 of 5, 10 minutes. Trains: equation (2), the term that is easy to forget.*
//
// One row of logits, one action drawn, one reward. Write the estimate of $\nabla J$ from this one sample, $R\,\psi$: given the row, the action that was drawn and its reward, return one number for each logit. Logits may be large: `Math.exp(1000)` is Infinity.
//
// <details><summary>Hint 1</summary>log pi(a) = z_a - log sum exp(z). Both terms depend on z.</details>
// <details><summary>Hint 2</summary><code>softmax(logits)</code> from the library is safe for any size.</details>

// %% [exercise] 07/score
/** reward times d log pi(action) / d logits, one number per logit. */
function sampleGradient(logits: number[], action: number, reward: number): number[] {
  // #solution
  const p = softmax(logits);
  return p.map((q, v) => reward * ((v === action ? 1 : 0) - q));
  // #end
}

// %% [check] 07/score
await check("07/score", { sampleGradient });

// %% [markdown]
// Since $\mathbb{E}[\psi] = 0$, we may subtract any number $b$ from the reward, a *baseline*, as long as it does not look at the action:
//
// $$\mathbb{E}[(R - b)\,\psi] = \mathbb{E}[R\,\psi] - b\,\mathbb{E}[\psi] = \nabla J. \tag{3}$$
//
// What is left, $A = R - b$, is called the *advantage*. The variance does change. Summed over all coordinates it is a parabola in $b$:
//
// $$\operatorname{tr} \operatorname{Cov}\bigl[(R - b)\,\psi\bigr] = \mathbb{E}\bigl[(R - b)^2\,\|\psi\|^2\bigr] - \|\nabla J\|^2. \tag{4}$$
//
// Enumeration gives it exactly.

// %%
const baselines = linspace(-2, policy.value + 4, 41);
const varianceWith = (baseline: number) => reinforce.gradientMoments(policy, { baseline }).totalVariance;
const best = reinforce.optimalBaseline(policy);

show(
  line({
    title: "The noise is a parabola in the baseline",
    subtitle: `estimate from one reply; least at ${best.toFixed(2)}; the squared gradient itself is ${dot(policy.gradient, policy.gradient).toFixed(2)}`,
    x: { title: "baseline b", unit: "reward" },
    y: { title: "total variance" },
    series: [{ name: "exact", x: baselines, y: baselines.map(varianceWith) }],
    reference: [
      { x: 0, label: "no baseline" },
      { x: policy.value, label: "the mean reward" },
    ],
  }),
);

// %% [markdown]
// **This is where most of the noise came from**: the mean reward removes five sixths of it.
// #claim 07/mean-removes-most
// Every reply had a reward of about 4, give or take 1.6. So every reply was told "more of this", and
// only the small differences between the shouts carry information. Had the reward model put its zero 4 lower, we would have seen nothing of it. An
// algorithm whose noise depends on an arbitrary zero is not one that anybody should run: *always subtract something like the mean*.
//
// **Break it.** Set `zero` to 20 (in the cell under "Run it") and run the cells from there to here again. Then to 0.
//
// <details><summary>What happens</summary>The parabola moves with the zero and keeps its shape; only "no baseline" stays at 0. With 20 it lies more than twenty times as high as with 4 (967 against
// 43); with 0 the mean reward is nearly 0, and no baseline is as good as the mean.</details>
// #claim 07/zero-decides
//
// ## 2. Is the mean the best baseline?
//
// Set the derivative of (4) to zero (Greensmith, Bartlett and Baxter 2004; Peters and Schaal 2008):
//
// $$b^* = \frac{\mathbb{E}\bigl[R\,\|\psi\|^2\bigr]}{\mathbb{E}\bigl[\|\psi\|^2\bigr]}. \tag{5}$$
//
// A mean of rewards, in which a reply counts by its squared score. Rare replies have long scores, so they count more. With two actions one can see how much
// more: $\psi$ is $\pm(1 - p)$ for the first and $\mp p$ for the second, and (5) becomes $b^* = (1 - p)\,R_1 + p\,R_2$, the *probabilities swapped*. And the variance
// with this baseline is exactly zero: whichever action is drawn, the estimate is the same.
//
// **Predict, then run.** The first action earns 1, the second 0. Once the policy nearly always takes the first, which is less noisy: subtracting the mean reward, or nothing? Write down where the
// two curves cross, if they do.

// %%
const probabilities = Array.from({ length: 99 }, (_, i) => (i + 1) / 100);
const oneWord = sequenceTree(2, 1);
const twoActions = (p: number, baseline: (two: reinforce.EnumeratedPolicy) => number) => {
  const logits = [Math.log(p), Math.log(1 - p)];
  const two = reinforce.enumeratePolicy(treePolicy(oneWord, logits), [1, 0]);
  return Math.max(0, reinforce.gradientMoments(two, { baseline: baseline(two) }).totalVariance);
};

show(
  line({
    title: "Two actions: with the right number the noise is gone",
    subtitle: "the first action earns 1, the second 0; one sample",
    x: { title: "probability of the better action" },
    y: { title: "total variance" },
    series: [
      { name: "no baseline", x: probabilities, y: probabilities.map((p) => twoActions(p, () => 0)) },
      { name: "mean reward", x: probabilities, y: probabilities.map((p) => twoActions(p, (two) => two.value)) },
      {
        name: "optimal",
        x: probabilities,
        y: probabilities.map((p) => twoActions(p, (two) => reinforce.optimalBaseline(two))),
      },
    ],
  }),
);

// %% [markdown]
// <details><summary>Answer</summary>Nothing subtracted wins as soon as the better action has a probability above two thirds. The best number is $1 - p$, the mean is $p$, and from $p = 2/3$ on $1 - p$ is nearer
// to 0 than to $p$.</details>
// #claim 07/no-baseline-wins-above-two-thirds
//
// "Subtract the mean" is a rule of thumb against a zero that lies anywhere. It is not a theorem.
//
// ### Exercise 2. The optimal baseline
//
// *Difficulty 3 of 5, 10 minutes. Trains: equation (5), and what it weighs by.*
//
// Given samples, `scores[n]` the score of reply $n$, a list of numbers, and `rewards[n]` its reward, return $b^*$. The samples come from the policy, so a plain average over
// them estimates each of the two expectations.
//
// <details><summary>Hint</summary>The weight of a reply is the sum of the squares of its score, and both sums run over all replies.</details>

// %% [exercise] 07/optimal-baseline
/** Equation (5) from samples: the number that makes the estimate least noisy. */
function bestBaseline(scores: number[][], rewards: number[]): number {
  // #solution
  const weights = scores.map((s) => s.reduce((sum, x) => sum + x * x, 0));
  const total = weights.reduce((a, b) => a + b);
  return weights.reduce((sum, w, n) => sum + w * rewards[n], 0) / total;
  // #end
}

// %% [check] 07/optimal-baseline
await check("07/optimal-baseline", { bestBaseline });

// %% [markdown]
// On the phrase task the two numbers, $\mathbb{E}[R]$ and $b^*$, are close at first. Watch them part as the policy learns.

// %%
const stages = [0, 5, 10, 20, 40, 80];
const learners = stages.map((steps) => {
  const learned =
    steps === 0 ? people : trainTabularReinforce(key(1), people, { reward: rewardByReply, steps, every: steps }).policy;
  const now = reinforce.enumeratePolicy(learned, rewardByReply);
  const noise = (baseline: number) => reinforce.gradientMoments(now, { baseline });
  const optimal = reinforce.optimalBaseline(now);
  return {
    steps,
    value: now.value,
    optimal,
    none: noise(0).totalVariance,
    mean: noise(now.value).totalVariance,
    best: noise(optimal).totalVariance,
    signal: dot(now.gradient, now.gradient),
  };
});

const overSteps = (name: string, of: (stage: (typeof learners)[number]) => number) => ({
  name,
  x: stages,
  y: learners.map(of),
  markers: true,
});
show(
  smallMultiples({
    title: "As the policy learns, the optimal baseline leaves the mean behind",
    subtitle: "exact, at six stages of one run of REINFORCE",
    figures: [
      line({
        title: "The two numbers",
        x: { title: "step" },
        y: { title: "baseline", unit: "reward" },
        series: [overSteps("mean reward", (s) => s.value), overSteps("optimal", (s) => s.optimal)],
      }),
      line({
        title: "What they leave",
        x: { title: "step" },
        y: { title: "total variance of one reply", type: "log" },
        series: [
          overSteps("mean reward", (s) => s.mean),
          overSteps("optimal", (s) => s.best),
          overSteps("no baseline", (s) => s.none),
          overSteps("the squared gradient", (s) => s.signal),
        ],
      }),
    ],
  }),
);

// %% [markdown]
// The better the policy, the further the optimal baseline falls *below* the mean, until it saves nearly half of the noise that the mean leaves.
// #claim 07/close-at-first, 07/optimal-falls-below, 07/optimal-saves-more
// The common replies are good and have
// short scores; the rare ones are bad, and are what the gradient has yet to learn about. Why does nobody use $b^*$, then? It needs
// $\|\psi\|^2$, a gradient per reply, where a batch's gradient is one for all of them.
//
// The lowest line is the sad one: as the policy gets better the noise falls, but the squared gradient falls faster, by another factor of fifteen in these 80 steps.
// #claim 07/signal-falls-faster
//
// ## 3. The mean is not known: ask the batch
//
// We do not have $\mathbb{E}[R]$, but a batch of $B$ rewards has a mean. Careful: reply $i$'s own reward is part of that mean, so the baseline now looks at the action.
// On average the estimate is $(1 - 1/B)\,\nabla J$. Leave $i$ out of its own baseline, and (3) holds again (Kool, van Hoof and Welling 2019; "RLOO"):
//
// $$b_i = \frac{1}{B - 1} \sum_{j \ne i} R_j. \tag{6}$$
//
// A little algebra shows what the two are: $\nabla J = \operatorname{Cov}(R, \psi)$, since $\mathbb{E}[\psi] = 0$. Leave-one-out is the *sample covariance* of reward and score, divided by
// $B - 1$; the batch mean is the same, divided by $B$.

// %%
const sizes = [2, 3, 4, 8, 16];
const repeats = 100; // batches of 16; more of the smaller ones
const signal = dot(policy.gradient, policy.gradient);
const shareOf = (baseline: "batch mean" | "leave one out", seed: number) =>
  sizes.map((B) => {
    const shares = drawBatches(foldIn(key(seed), B), Math.round((repeats * 16) / B), B).map(
      (replies) => dot(reinforce.estimateGradient(policy, replies, { baseline }), policy.gradient) / signal,
    );
    return { share: mean(shares), error: meanInterval(shares).half };
  });
const measuredShares = { "batch mean": shareOf("batch mean", 21), "leave one out": shareOf("leave one out", 22) };
const noiseOf = (B: number, baseline: "batch mean" | "leave one out") =>
  (B * reinforce.batchMoments(policy, B, { baseline }).totalVariance) / varianceWith(policy.value);

show(
  smallMultiples({
    title: "A batch that is its own baseline",
    subtitle: "left: measured, along the gradient, bars 95 %; right: exact",
    figures: [
      scatter({
        title: "Mean of the estimate",
        x: { title: "batch size B", type: "log", range: [1.7, 20] },
        y: { title: "share of the gradient", range: [0, 1.6] },
        series: (["batch mean", "leave one out"] as const).map((name) => ({
          name,
          x: sizes,
          y: measuredShares[name].map(({ share }) => share),
          error: measuredShares[name].map(({ error }) => error),
          size: 9,
        })),
        reference: [{ y: 1 }],
      }),
      line({
        title: "Noise against that of the true mean",
        x: { title: "batch size B", type: "log", range: [1.7, 20] },
        y: { title: "ratio of variances", range: [0, 2.2] },
        series: (["batch mean", "leave one out"] as const).map((name) => ({
          name,
          x: sizes,
          y: sizes.map((B) => noiseOf(B, name)),
          markers: true,
        })),
        reference: [{ y: 1 }],
      }),
    ],
  }),
);

// %% [markdown]
// Two replies and the batch mean: half the gradient is missing, and three quarters of the noise of leave-one-out with it.
// #claim 07/batch-mean-halves
// That is the honest reading of "biased": the estimate is *shorter*,
// in the same direction, by a factor that is known. A learning rate makes up for it. (Dividing by the batch's standard deviation is another matter: lesson 10.)
// What leave-one-out gets for its trouble is that batches of different size mean the same.
//
// ### Exercise 3. Leave one out
//
// *Difficulty 2 of 5, 8 minutes. Trains: equation (6).*
//
// Given the rewards of a batch, return each reply's advantage, its reward less the mean of the others. A batch of one has no others: throw an error.

// %% [exercise] 07/leave-one-out
/** rewards[i] minus the mean of the other rewards. */
function leaveOneOut(rewards: number[]): number[] {
  // #solution
  if (rewards.length < 2) throw new Error("leave one out needs at least two rewards");
  const sum = rewards.reduce((a, b) => a + b);
  return rewards.map((r) => r - (sum - r) / (rewards.length - 1));
  // #end
}

// %% [check] 07/leave-one-out
await check("07/leave-one-out", { leaveOneOut });

// %% [markdown]
// ### Whose mean? An easy prompt and a hard one
//
// So far there was one prompt. Let there be two, the whale and the sea, equally often: $x \sim D$, then $y \sim \pi(\cdot \mid x)$. The first is easy, whatever one writes pleases (3 on top of the utility),
// the second hard (3 less). Two zeros, and each prompt has a table of its own. A baseline may know the prompt, by the same argument as (3), and is then written $b(x)$; it may know the whole prefix, $V(x, y_{<t})$, the
// reward that is expected from there on. Of $x$ alone $V(x) = \mathbb{E}[R \mid x]$, and $A(x, y) = R(x, y) - V(x)$ is the advantage that most books write.
//
// **Predict, then run.** The mean reward over both prompts is about 0. How much of the noise does subtracting it remove? And $b(x)$, the mean for each prompt?

// %%
const zeros = [3, -3]; // what each prompt adds to the utility of every reply
const perPrompt = task.prompts.map((_, x) => {
  const logits = conditionalLogProbs(task.tree, task.reference[x]);
  const utility = task.utility[x].map((u) => u + zeros[x]);
  return reinforce.enumeratePolicy(treePolicy(task.tree, logits, rows), utility);
});
const overAll = mean(perPrompt.map(({ value }) => value));
const promptNoise = (credit: (p: reinforce.EnumeratedPolicy) => reinforce.Credit) =>
  reinforce.promptMoments(perPrompt, perPrompt.map(credit)).noiseToSignal;
const promptCredits = {
  nothing: promptNoise(() => ({})),
  "the mean over both": promptNoise(() => ({ baseline: overAll })),
  "b(x), the prompt's mean": promptNoise(({ value }) => ({ baseline: value })),
  "V(x, prefix)": promptNoise(({ valueToGo }) => ({ toGo: true, baseline: valueToGo })),
};

show(
  bar({
    title: "A baseline that does not know the prompt does nothing here",
    subtitle: `exact; the mean over both is ${overAll.toFixed(2)}, of each ${perPrompt.map(({ value }) => value.toFixed(2)).join(" and ")}`,
    x: { title: "variance of one reply / squared gradient" },
    y: { title: "subtracted" },
    horizontal: true,
    categories: Object.keys(promptCredits),
    series: [{ name: "noise", values: Object.values(promptCredits) }],
  }),
);

// %% [markdown]
// <details><summary>Answer</summary>The mean over both removes nothing at all: it is nearly 0. b(x) removes three quarters, and V(x, prefix) a third of what b(x) leaves. Where the prompts' means lie further apart, b(x)
// removes more.</details>
// #claim 07/global-mean-removes-nothing, 07/own-mean-removes-three-quarters, 07/prefix-after-prompt
//
// Which prompt is drawn makes noise as well, and no baseline touches that; it is one per cent of what $b(x)$ leaves. In practice $b(x)$ comes as in (6), from *several replies to the same prompt*: a group.
//
// ### Exercise 4. Find the bug: the other replies to this prompt
//
// *Difficulty 3 of 5, 8 minutes. Trains: reading code that looks right.*
//
// Given the prompt and the reward of each reply of a batch, return each reply's advantage: its reward less the mean of the *other replies to its prompt*, of which there is always one at least. The code below was tried on random rewards
// and was right to the last digit. Then rewards became "right: 1, wrong: 0", and training went astray. Find out why, and mend it.
//
// <details><summary>Hint</summary>Take four replies to one prompt with rewards 1, 1, 1, 0. What is the first one compared with?</details>

// %% [exercise] 07/same-prompt
/** rewards[i] minus the mean reward of the other replies to prompt prompts[i]. */
function promptAdvantages(prompts: number[], rewards: number[]): number[] {
  // #solution
  return rewards.map((own, i) => {
    const others = rewards.filter((_, j) => j !== i && prompts[j] === prompts[i]);
    return own - others.reduce((a, b) => a + b, 0) / others.length;
  });
  // #given
  // return rewards.map((own, i) => {
  //   const others = rewards.filter((r, j) => r !== own && prompts[j] === prompts[i]);
  //   return own - others.reduce((a, b) => a + b, 0) / others.length;
  // });
  // #end
}

// %% [check] 07/same-prompt
await check("07/same-prompt", { promptAdvantages });

// %% [markdown]
// ### Exercise 5. The whole loop
//
// *Difficulty 4 of 5, 18 minutes. Trains: draw, credit, step, in that order, and again.*
//
// Given `tables[x]`, the logits that prompt $x$ begins with, and `rewards[x][n]`, the reward of reply $n$ to it, return the tables after `steps` steps of REINFORCE. In step $k = 1, 2, \dots$, for each prompt $x = 0, 1, \dots$:
//
// 1. look at the policy as it is now: `reinforce.enumeratePolicy(treePolicy(tree, table), rewards[x])`;
// 2. draw `group` replies with `categorical(foldIn(foldIn(key, k), x), policy.logProbs, group)`: `foldIn` makes a fresh key of a key and a number, so that no two draws are the same;
// 3. credit each with its advantage over the *others to the same prompt*, as in (6);
// 4. add `rate` times the estimate to the table, the mean over the group of advantage times `reinforce.replyScore(policy, reply)`.
//
// When it passes, the cell below draws what your loop learns on the two prompts.
//
// <details><summary>Hint 1</summary>Copy the tables first (<code>Float64Array.from</code>), and add to the copies.</details>
// <details><summary>Hint 2</summary>The policy of a step is looked at once, before any of its replies moves the table.</details>

// %% [exercise] 07/loop
/** The tables after some steps of REINFORCE, each reply compared with the others to its prompt. */
function learn(
  key: Key,
  tree: SequenceTree,
  tables: Float64Array[],
  rewards: Float64Array[],
  { steps, group, rate }: { steps: number; group: number; rate: number },
): Float64Array[] {
  // #solution
  const logits = tables.map((table) => Float64Array.from(table));
  for (let step = 1; step <= steps; step++) {
    logits.forEach((table, x) => {
      const policy = reinforce.enumeratePolicy(treePolicy(tree, table), rewards[x]);
      const replies = categorical(foldIn(foldIn(key, step), x), policy.logProbs, group);
      const sum = replies.reduce((total, n) => total + rewards[x][n], 0);
      for (const n of replies) {
        const own = rewards[x][n];
        const advantage = own - (sum - own) / (group - 1);
        reinforce.replyScore(policy, n).forEach((score, d) => {
          table[d] += (rate * advantage * score) / group;
        });
      }
    });
  }
  return logits;
  // #end
}

// %% [check] 07/loop
const written = await check("07/loop", { learn });

if (written.passed) {
  const small = phraseTask({ length: 3 }); // 259 replies to each prompt; the best is worth 2
  const begin = small.reference.map((logProbs) => conditionalLogProbs(small.tree, logProbs));
  const paid = small.utility.map((utility, x) => utility.map((u) => u + zeros[x]));
  const moments = [0, 10, 20, 30, 40, 60, 80, 100];
  const worth = (tables: Float64Array[]) =>
    mean(tables.map((table, x) => reinforce.enumeratePolicy(treePolicy(small.tree, table), small.utility[x]).value));
  const yours = moments.map((steps) =>
    worth(steps === 0 ? begin : learn(key(1), small.tree, begin, paid, { steps, group: 8, rate: 1 })),
  );
  const common = { tree: small.tree, logits: begin, rewards: paid, steps: 100, every: 20 };
  const together = [0.1, 0.3, 1].map((rate) => {
    const runs = Array.from({ length: 12 }, (_, seed) =>
      trainPromptReinforce(key(1 + seed), { ...common, rate, baseline: "to any prompt" }),
    );
    return {
      name: `compared with all, rate ${rate}`,
      x: runs[0].history.map(({ step }) => step),
      y: runs[0].history.map((_, i) => mean(runs.map(({ history }) => mean(history[i].values)))),
    };
  });
  show(
    line({
      title: "Your loop, and replies compared with all the others",
      subtitle:
        "exact, mean over the two prompts; yours with one key; the others with replies to both prompts, means of 12 keys",
      x: { title: "step" },
      y: { title: "true utility", range: [-0.1, 2.1] },
      series: [{ name: "your loop, rate 1", x: moments, y: yours, markers: true }, ...together],
      reference: [{ y: 2, label: "best reply" }],
    }),
  );
}

// %% [markdown]
// Each reply compared with the others to *its* prompt, the loop comes within a few hundredths of the best in a hundred steps. Compared with all replies of the step, at the same cost, it ends lower *at every rate we tried*:
// #claim 07/own-prompt-learns, 07/own-prompt-learns-more
// at small rates it is as slow as any, at large ones its noise carries it to a poor reply, where it stays. The prompt's mean is not a detail. Groups of replies to one prompt give it for nothing: lesson 10 builds on them.
//
// ## 4. Whose reward is it?
//
// So far every token of a reply got the reward of all of it. But a token cannot change what was earned *before* it. If rewards come token by token, $r_1, \dots, r_T$, the
// past can go, for the same reason as (3): given the prefix it is a constant. And so can anything else that depends on the prefix only, such as the reward expected from here on, $V(s_t)$:
//
// $$\nabla J = \mathbb{E} \sum_t \Bigl( \underbrace{\textstyle\sum_{k \ge t} r_k}_{\text{reward-to-go}} - V(s_t) \Bigr)\, \nabla \log \pi(y_t \mid s_t). \tag{7}$$
//
// ### Exercise 6. Reward-to-go
//
// *Difficulty 1 of 5, 6 minutes. Trains: where a sum begins.*
//
// Given the rewards of a reply's tokens, return for each token the sum of the rewards from it on, its own included.
//
// <details><summary>Hint</summary>Walk from the end.</details>

// %% [exercise] 07/reward-to-go
/** For each token the sum of the rewards from it on, its own included. */
function rewardsToGo(rewards: number[]): number[] {
  // #solution
  const out = rewards.slice();
  for (let t = rewards.length - 2; t >= 0; t--) out[t] += out[t + 1];
  return out;
  // #end
}

// %% [check] 07/reward-to-go
await check("07/reward-to-go", { rewardsToGo });

// %% [markdown]
// The cleanest world for this: $T$ coins in a row, each a separate decision; heads earn 1, tails nothing. Nothing depends on anything, so the true signal is $T$ copies of one coin's.

// %%
const lengths = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
const credits = {
  "whole reward": () => ({}),
  "less the mean": (p: reinforce.EnumeratedPolicy) => ({ baseline: p.value }),
  "to go": () => ({ toGo: true }),
  "to go, less V(prefix)": (p: reinforce.EnumeratedPolicy) => ({ toGo: true, baseline: p.valueToGo }),
};
const coinNoise = lengths.map((T) => {
  const tree = sequenceTree(3, T); // 0 ends a sequence, and never comes
  const position = Int32Array.from(tree.prefixes, (prefix) => prefix.length);
  const logits = Array.from({ length: 3 * T }, (_, i) => (i % 3 === 0 ? Number.NEGATIVE_INFINITY : 0));
  const heads = Float64Array.from(tree.next, (_, i) => (i % 3 === 1 ? 1 : 0));
  const coins = reinforce.enumeratePolicy(treePolicy(tree, logits, position), heads);
  return Object.values(credits).map((credit) => reinforce.gradientMoments(coins, credit(coins)).noiseToSignal);
});
const slopes = Object.keys(credits).map((_, c) =>
  reinforce.logLogSlope(
    lengths.slice(4),
    coinNoise.slice(4).map((row) => row[c]),
  ),
);

show(
  line({
    title: "Longer replies are noisier, and credit decides how much",
    subtitle: `T coins; exact; slopes from T = 5 on: ${slopes.map((s) => s.toFixed(2)).join(", ")}`,
    x: { title: "length T", unit: "tokens", type: "log", range: [1.8, 11] },
    y: { title: "variance / squared gradient", type: "log" },
    series: Object.keys(credits).map((name, c) => ({
      name,
      x: lengths.slice(1),
      y: coinNoise.slice(1).map((row) => row[c]),
      markers: true,
    })),
  }),
);

// %% [markdown]
// One reply's variance over the squared gradient is the number of replies that it takes until the noise is no longer than the signal. It grows with the *square* of the length where
// nothing is subtracted, reward-to-go or not, and *linearly* where the expected reward is.
// #claim 07/square-and-linear
// On top of that reward-to-go halves it, and no more: a token still gets praised and blamed for the
// luck of all that come after.
// #claim 07/to-go-halves
// (A critic that says what each *action* is worth takes that off too; learned, it pays with bias. Lesson 09 measures what a *learned* critic does to noise and bias as replies grow longer; here $V$ is exact.)
//
// On the phrase task, where words do depend on each other:

// %%
const byToken = reinforce.enumeratePolicy(people, utilityByToken);
const bare = reinforce.gradientMoments(policy);
const noise = {
  "mean reward": reinforce.gradientMoments(policy, { baseline: policy.value }),
  "optimal baseline": reinforce.gradientMoments(policy, { baseline: best }),
  "optimal, per coordinate": reinforce.gradientMoments(policy, {
    coordinateBaseline: reinforce.optimalCoordinateBaseline(policy),
  }),
  "to go": reinforce.gradientMoments(byToken, { toGo: true }),
  "to go, less V(prefix)": reinforce.gradientMoments(byToken, { toGo: true, baseline: byToken.valueToGo }),
  "to go, less the best per prefix": reinforce.gradientMoments(byToken, {
    toGo: true,
    baseline: reinforce.optimalStateBaseline(byToken),
  }),
};

show(
  bar({
    title: "What each credit leaves of the noise",
    subtitle: `exact; without any baseline it is ${bare.noiseToSignal.toFixed(0)}`,
    x: { title: "variance of one reply / squared gradient" },
    y: { title: "credit" },
    horizontal: true,
    categories: Object.keys(noise),
    series: [{ name: "noise", values: Object.values(noise).map((m) => m.noiseToSignal) }],
  }),
);

// %% [markdown]
// One step, from nothing to the mean (see the subtitle), does nearly all of it. The rest is worth having and no miracle: from the mean to $V(s_t)$ saves about a third of the replies.
// #claim 07/prefix-saves-a-third
// (For the rows that split rewards by token the zero of the reward was taken as the true utility's.) And $V$ is *not* the best baseline, not even among those of the prefix:
// the best one weighs actions by their squared score, as in (5). It saves little here.
// #claim 07/value-is-not-best
//
// What is left is not the baseline's fault. It is that one number says little about ten thousand.
//
// ## 5. More replies
//
// A batch's estimate is a mean of independent ones: its variance falls as $1/B$, so the error as $1/\sqrt{B}$. That holds for a table, and for a network just the same. Here both are measured: the table against
// the exact gradient, and a small transformer by gradients of `reinforceLoss`, with the exact line from all of its 259 replies.

// %%
const batchSizes = [4, 16, 64, 256];
const draws = 24;
const tableCredits = {
  "no baseline": { baseline: 0 },
  "leave one out": { baseline: "leave one out" },
} as const;
const onTable = Object.entries(tableCredits).map(([name, credit], c) => ({
  name,
  exact: batchSizes.map((B) => reinforce.batchMoments(policy, B, credit).totalVariance),
  measured: batchSizes.map((B) =>
    mean(
      drawBatches(foldIn(key(31 + c), B), draws, B).map((replies) => {
        const error = reinforce.estimateGradient(policy, replies, credit).map((g, d) => g - policy.gradient[d]);
        return dot(error, error);
      }),
    ),
  ),
}));

const short = phraseTask({ length: 3 });
const model = transformer({ vocabulary: 7, context: 4, width: 16, layers: 1, heads: 2 });
const params = model.init(key(1));
const replyRows = sequenceRows(short.tree, [short.prompts[0]]);
const shortReward = short.utility[0].map((u) => u + zero);
const allReplies = transformerMoments(model, params, replyRows, shortReward);
const onTransformer = Object.entries(tableCredits).map(([name, { baseline }], c) => ({
  name,
  squaredNorm: allReplies.squaredNorm,
  // Leave one out comes to the mean, but for what section 3 showed.
  totalVariance: allReplies.totalVariance(baseline === 0 ? 0 : allReplies.value),
  measured: transformerNoise(key(41 + c), model, params, {
    prompts: [[short.prompts[0]]],
    newTokens: 3,
    stop: 0,
    reward: (reply) => shortReward[sequenceIndex(short.tree, reply)],
    batches: batchSizes,
    repeats: draws,
    baseline,
  }),
}));

// %%
const noiseFigure = (title: string, kinds: { name: string; exact: number[]; measured: number[] }[]) =>
  line({
    title,
    x: { title: "batch size B", unit: "replies", type: "log", range: [3, 340] },
    y: { title: "total variance", type: "log" },
    series: kinds.flatMap(({ name, exact, measured }, c) => [
      { name: `${name}: exact`, x: batchSizes, y: exact, color: palette[c] },
      { name: `${name}: measured`, x: batchSizes, y: measured, color: palette[c], markers: true },
    ]),
  });
const transformerKinds = onTransformer.map(({ name, totalVariance, measured }) => ({
  name,
  exact: batchSizes.map((B) => totalVariance / B),
  measured: measured.map((m) => m.totalVariance),
}));
const fitted = [...onTable, ...transformerKinds].map(({ measured }) =>
  reinforce.logLogSlope(batchSizes, measured).toFixed(2),
);

show(
  smallMultiples({
    title: "Gradient variance falls as one over the batch size",
    subtitle: `slopes fitted to the measured points: table ${fitted[0]} and ${fitted[1]}, transformer ${fitted[2]} and ${fitted[3]}`,
    figures: [
      noiseFigure("Table of 10,885 logits", onTable),
      noiseFigure("Transformer of 3,488 parameters", transformerKinds),
    ],
  }),
);

// %% [markdown]
// Four times the replies, half the error, on the table and on the transformer.
// #claim 07/one-over-b, 07/network-one-over-b
// Where to stop? McCandlish and others (2018) call $\operatorname{tr}(\Sigma) / \|\nabla J\|^2$, with $\Sigma$ the covariance of one reply's estimate, the *simple noise scale*: the batch at which
// noise and signal are equally long. Well below it a larger batch is nearly free progress, well above it a waste. It can be had from batches of two sizes, without ever knowing the true gradient.

// %%
table(
  onTransformer.map(({ name, totalVariance, squaredNorm, measured }) => {
    const [small, big] = [measured[0], measured[measured.length - 1]];
    const estimate = reinforce.simpleNoiseScale(
      { batch: small.batch, squaredNorm: small.meanSquaredNorm },
      { batch: big.batch, squaredNorm: big.meanSquaredNorm },
    );
    return { name, exact: totalVariance / squaredNorm, estimate: estimate.noiseScale };
  }),
  {
    columns: { name: "baseline", exact: "noise scale, exact (replies)", estimate: "estimated from two batch sizes" },
    caption: "The transformer at its first step",
    digits: 0,
  },
);

// %% [markdown]
// A baseline is worth a batch several times as large, and costs nothing.
// #claim 07/worth-a-batch
//
// ### Exercise 7. How many replies?
//
// *Difficulty 4 of 5, 14 minutes. Trains: unbiased estimates of noise and signal.*
//
// Given the gradients of $n$ single replies, `gradients[i]`, a list each, return how large a batch must be so that the root mean square error of its mean is `relativeError` times the length of
// the true gradient. With $\bar g$ their mean,
//
// $$\widehat{\operatorname{tr} \Sigma} = \frac{1}{n - 1} \sum_i \|g_i - \bar g\|^2, \qquad \widehat{\|\nabla J\|^2} = \|\bar g\|^2 - \frac{\widehat{\operatorname{tr} \Sigma}}{n}, \qquad B = \frac{\widehat{\operatorname{tr} \Sigma}}{\varepsilon^2\, \widehat{\|\nabla J\|^2}}. \tag{8}$$
//
// Do not round. The second formula matters: a mean of noisy gradients is longer than the gradient, since it carries its own noise. (With few samples it may come out negative: then they do not
// tell the gradient from 0, and neither does $B$. The check has enough.)
//
// <details><summary>Hint</summary>The total variance is a sum over coordinates, not their average.</details>

// %% [exercise] 07/replies-needed
/** Equation (8): the batch size for a relative root mean square error. */
function repliesNeeded(gradients: number[][], relativeError: number): number {
  // #solution
  const n = gradients.length;
  const average = gradients[0].map((_, d) => gradients.reduce((sum, g) => sum + g[d], 0) / n);
  const variance = gradients.reduce((sum, g) => sum + g.reduce((s, x, d) => s + (x - average[d]) ** 2, 0), 0) / (n - 1);
  const squaredNorm = average.reduce((sum, x) => sum + x * x, 0) - variance / n;
  return variance / (relativeError ** 2 * squaredNorm);
  // #end
}

// %% [check] 07/replies-needed
await check("07/replies-needed", { repliesNeeded });

// %% [markdown]
// ## 6. The policy that goes to sleep
//
// Now train. REINFORCE with leave-one-out, sixteen replies a step, 300 steps, on the true utility itself, so that nothing can be hacked. The best reply is worth 3.5. Three ways: as it is; with an *entropy bonus*, $0.2\,H$ of the
// next token on top of the reward, where $H = -\sum_v \pi(v) \log \pi(v)$ is in nats; with a *KL penalty*, $0.2 \log(\pi / \pi_{\text{ref}})$ off each reply's reward. How far a step goes, the rate, matters as much as what is climbed, so each way gets four rates.

// %%
const training = { reward: task.utility[0], reference, batch: 16, every: 50 };
const steps = 300;
const seeds = 8;
const rates = [0.1, 0.3, 1, 3];
const remedies = {
  "as it is": {},
  "entropy bonus 0.2": { entropyBonus: 0.2 },
  "KL penalty 0.2": { beta: 0.2 },
};
type Runs = ReturnType<typeof trainTabularReinforce>[];
const ways = Object.entries(remedies).flatMap(([name, remedy]) => rates.map((rate) => ({ name, remedy, rate })));
const trained: { name: string; rate: number; runs: Runs }[] = [];
for (const { name, remedy, rate } of progress(ways, { label: "three ways, four rates" })) {
  const options = { ...training, ...remedy, steps, rate };
  trained.push({
    name,
    rate,
    runs: Array.from({ length: seeds }, (_, seed) => trainTabularReinforce(key(700 + seed), people, options)),
  });
}

// %%
type Column = "trueReward" | "sequenceEntropy" | "referenceKl";
const endsOf = ({ runs }: { runs: Runs }) => runs.map(({ history }) => history[history.length - 1].trueReward);
/** Values [x][seeds]. */
const banded = (name: string, x: number[], values: number[][]) => ({
  ...overSeeds(
    name,
    x,
    values[0].map((_, seed) => values.map((list) => list[seed])),
  ),
  markers: true,
});
const waysOf = (name: string) => trained.filter((way) => way.name === name);
const bestRate = Object.keys(remedies).map((name) =>
  waysOf(name).reduce((best, way) => (mean(endsOf(way)) > mean(endsOf(best)) ? way : best)),
);
const curves = (column: Column) =>
  bestRate.map(({ name, runs }) =>
    banded(
      name,
      runs[0].history.map(({ step }) => step),
      runs[0].history.map((_, at) => runs.map(({ history }) => history[at][column])),
    ),
  );
const bestUtility = task.utility[0].reduce((most, u) => Math.max(most, u));

show(
  smallMultiples({
    title: "Without a remedy entropy collapses, and learning stops short of the best",
    subtitle: `${seeds} seeds, bands 95 %; curves at each one's best rate: ${bestRate.map(({ rate }) => rate).join(", ")}`,
    columns: 3,
    figures: [
      line({
        title: `At step ${steps}`,
        x: { title: "rate", type: "log", range: [0.08, 4] },
        y: { title: "true utility", range: [1.9, 3.7] },
        series: Object.keys(remedies).map((name) => banded(name, rates, waysOf(name).map(endsOf))),
        reference: [{ y: bestUtility, label: "best reply" }],
      }),
      line({
        title: "Entropy",
        x: { title: "step" },
        y: { title: "entropy of a reply", unit: "nats", range: [0, 5.4] },
        series: curves("sequenceEntropy"),
      }),
      line({
        title: "Distance",
        x: { title: "step" },
        y: { title: "KL to the reference", unit: "nats", range: [0, 8] },
        series: curves("referenceKl"),
      }),
    ],
  }),
);

// %%
const favourite = (policy: TreePolicy) => {
  const now = reinforce.enumeratePolicy(policy, task.utility[0]);
  const n = now.logProbs.indexOf(now.logProbs.reduce((most, logp) => Math.max(most, logp)));
  return {
    reply: phraseText(task.tree.sequences[n]),
    probability: Math.exp(now.logProbs[n]),
    utility: task.utility[0][n],
  };
};

table(
  bestRate[0].runs.map(({ policy }, s) => ({ seed: s + 1, ...favourite(policy) })),
  {
    columns: { seed: "seed", reply: "its likeliest reply", probability: "probability", utility: "utility" },
    caption: `Where REINFORCE as it is ends, at rate ${bestRate[0].rate}`,
    digits: { probability: 2, utility: 2 },
  },
);

// %% [markdown]
// Without a remedy the entropy falls from five nats to a third of a nat and, at larger rates, to almost none; the policy says one thing, and it is a decent one, never the best, whatever the rate.
// #claim 07/falls-asleep, 07/short-of-the-best
// It did not *find* that there is
// nothing better: it stopped looking. By (2) a token's expected push is proportional to its own probability, and one of probability 0.001 is drawn once in sixty batches.
//
// An entropy bonus keeps the door ajar: at rate 1 the policy ends half a point higher than without, whichever rate that one takes.
// #claim 07/entropy-bonus-ends-higher
// The KL penalty also ends higher, by less, and more surely: no run ends at the worse of the two replies that the unaided runs fall asleep on.
// #claim 07/kl-ends-higher, 07/kl-ends-surely
// It does a different job: it keeps the policy near people's way of writing, and gives up good replies that people would not write. The third panel tells the two apart.
// #claim 07/kl-stays-near
//
// ### Exercise 8. The entropy gradient
//
// *Difficulty 3 of 5, 10 minutes. Trains: differentiating through a softmax.*
//
// For one row of logits with probabilities $p$ and entropy $H = -\sum_v p_v \log p_v$ (nats), $\;\partial H / \partial z_v = -p_v (\log p_v + H)$. Given the logits, return one entry for each. A token may be impossible (logit `-Infinity`): its entry is 0.
//
// <details><summary>Hint</summary>0 times -Infinity is NaN: treat probability 0 by itself, in H as well.</details>

// %% [exercise] 07/entropy-gradient
/** d entropy / d logits, one number per logit. */
function entropyGradient(logits: number[]): number[] {
  // #solution
  const p = softmax(logits);
  const entropy = p.reduce((sum, q) => (q > 0 ? sum - q * Math.log(q) : sum), 0);
  return p.map((q) => (q > 0 ? -q * (Math.log(q) + entropy) : 0));
  // #end
}

// %% [check] 07/entropy-gradient
await check("07/entropy-gradient", { entropyGradient });

// %% [markdown]
// Look at what happens to your gradient when one probability goes to 1: it vanishes. An entropy bonus keeps a policy awake; it does not wake one up.
//
// ### Less noise, better policy?
//
// Not so fast. Noise makes a policy wander, and wandering is exploring, of the blind kind. Here are runs with and without a baseline, on the reward whose zero is 4 lower, at a small rate and at a larger one.

// %%
const lucky = [0.3, 1].flatMap((rate) => (["leave one out", 0] as const).map((baseline) => ({ rate, baseline })));
const luck = Array.from(progress(lucky, { label: "with and without a baseline" }), ({ rate, baseline }) => {
  const options = { ...training, reward: rewardByReply, trueReward: task.utility[0], baseline, rate };
  const runs = Array.from({ length: 12 }, (_, seed) =>
    trainTabularReinforce(key(800 + seed), people, { ...options, steps: 200, every: 200 }),
  );
  const ends = runs.map(({ history }) => history[1].trueReward);
  const { mean, half } = meanInterval(ends);
  return {
    baseline: baseline === 0 ? "none" : baseline,
    rate,
    utility: `${mean.toFixed(2)} ± ${half.toFixed(2)}`,
    worst: Math.min(...ends),
    best: Math.max(...ends),
    favourites: new Set(runs.map(({ policy }) => favourite(policy).reply)).size,
  };
});

table(luck, {
  columns: {
    baseline: "baseline",
    rate: "rate",
    utility: "utility after 200 steps (95 %)",
    worst: "worst run",
    best: "best run",
    favourites: "different favourites among 12 runs",
  },
  digits: { rate: 1, worst: 2, best: 2 },
});

// %% [markdown]
// On average we see no difference, at either rate.
// #claim 07/no-difference-when-slow, 07/no-difference-when-fast
// But look at where the runs end: with a baseline all but always on the same two replies, at either rate; without one four of five runs at the small rate, and at the larger rate half of them or more end elsewhere.
// #claim 07/same-favourites, 07/other-favourites
// "Lower variance" is a statement about one step, not about where many steps lead (Chung and others 2021 work this out); what it buys is that the result
// depends on the reward and not on the dice, also when steps are long. If you want exploration, buy it on purpose.
//
// ## 7. What exploration costs
//
// Three ways to spread out: raise the *temperature* of every softmax; cut the tail with *top-p*, which keeps of each row the likeliest tokens that together reach probability $p$; or train with an *entropy bonus*. We can price them exactly. Take the optimum of
// $\mathbb{E}[u] - 0.2\,\mathrm{KL}$ as our policy, sample from it in the first two ways, and compare with the distribution $\propto e^{u/\alpha}$, $\alpha$ the weight of the bonus, which earns the most that any distribution of its entropy can.

// %%
const optimum = exactRegularisedOptimum(reference, task.utility[0], 0.2).logProbs;
const conditionals = conditionalLogProbs(task.tree, optimum);
const temperatures = [0.3, 0.5, 0.7, 0.85, 1, 1.2, 1.5, 2, 2.5, 3];
const topPs = [0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 1];
const coefficients = [0.1, 0.12, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5];
const measured = {
  temperature: temperatures.map((t) =>
    reinforce.measurePolicy(task.tree, reinforce.temper(conditionals, 7, t), task.utility[0], reference),
  ),
  "top-p": topPs.map((p) =>
    reinforce.measurePolicy(task.tree, reinforce.nucleus(conditionals, 7, p), task.utility[0], reference),
  ),
  "entropy bonus (its optimum)": coefficients.map((a) =>
    reinforce.measureReplies(reinforce.entropyOptimum(task.utility[0], a), task.utility[0], reference),
  ),
};
const priced = (title: string, y: "reward" | "kl", axis: { title: string; unit?: string; range: [number, number] }) =>
  line({
    title,
    x: { title: "entropy of a reply", unit: "nats", range: [0, 7] },
    y: axis,
    series: Object.entries(measured).map(([name, points]) => ({
      name,
      x: points.map((m) => m.entropy),
      y: points.map((m) => m[y]),
      markers: true,
    })),
    reference: [{ x: exactEntropy(optimum), label: "the policy" }],
  });

show(
  smallMultiples({
    title: "The price of entropy, in utility and in distance",
    subtitle: "exact; each point is one temperature (0.3 to 3), one p (0.7 to 1), or one coefficient (0.1 to 0.5)",
    figures: [
      priced("Utility", "reward", { title: "true utility", range: [2.2, 3.6] }),
      priced("Distance", "kl", { title: "KL to the reference", unit: "nats", range: [0, 9] }),
    ],
  }),
);

// %% [markdown]
// Up from temperature 1 the first nat of entropy costs less than a tenth of utility; from 2 to 3 a nat costs three times as much. Below 1 temperature buys *nothing* here, and top-p gains a few hundredths by cutting the tail.
// #claim 07/first-nat-is-cheap, 07/cold-buys-nothing
// The entropy optimum earns more at every entropy, and pays on the right: it is six to nine nats away from how people write. Utility, entropy, distance: pick two.
// #claim 07/optimum-pays-in-distance
//
// ### A trap: the replies are no longer the policy's
//
// Equation (1) wants replies *from the policy*. A sampler with top-p or another temperature draws from something else, and an estimator that does not know it is biased. Exactly how much:

// %%
const samplers: Record<string, Float64Array> = {
  "as it is": start,
  "temperature 0.7": reinforce.temper(start, 7, 0.7),
  "temperature 1.3": reinforce.temper(start, 7, 1.3),
  "top-p 0.9": reinforce.nucleus(start, 7, 0.9),
  "top-p 0.8": reinforce.nucleus(start, 7, 0.8),
  "top-p 0.5": reinforce.nucleus(start, 7, 0.5),
};

table(
  Object.entries(samplers).map(([name, explored]) => {
    const samplingLogProbs = sequenceLogProbs(task.tree, explored);
    const off = (baseline: number, importance: boolean) =>
      degrees(reinforce.gradientMoments(policy, { baseline }, { samplingLogProbs, importance }).mean, policy.gradient);
    const angles = { none: off(0, false), mean: off(policy.value, false), weighted: off(policy.value, true) };
    return {
      name,
      none: Math.round(angles.none),
      mean: Math.round(angles.mean),
      weighted: Math.round(angles.weighted),
    };
  }),
  {
    columns: {
      name: "replies drawn",
      none: "no baseline",
      mean: "mean reward",
      weighted: "mean reward, importance weights",
    },
    caption: "Angle between the estimator's mean and the gradient (degrees)",
  },
);

// %% [markdown]
// No amount of averaging helps against a wrong mean, and without a baseline it is further off, because under another distribution $\mathbb{E}[\psi]$ is no longer zero.
// #claim 07/wrong-mean
// Importance weights $\pi(y)/q(y)$ cure a temperature. They cannot cure top-p: what is never drawn cannot be weighted up.
// #claim 07/weights-cure-temperature
// So: train on replies drawn at temperature 1 with nothing cut; use top-p when talking to people.
//
// ## 8. What the penalty is for
//
// RLHF climbs $\mathbb{E}[R] - \beta\,\mathrm{KL}(\pi \,\|\, \pi_{\text{ref}})$, with a reward that was learned. What would $\max \mathbb{E}[R]$ alone do? Suppose the learned reward is the utility and a normal error for each reply,
// drawn once. We can write down what each objective asks for: $\max \mathbb{E}[R]$ the single reply with the largest $R$; with the penalty $\pi \propto \pi_{\text{ref}}\, e^{R/\beta}$ (lesson 10 derives it).
// One draw of the errors tells little, so here are forty, for errors of standard deviation 1.5, which is about how much people's own replies differ in utility, and of 4.

// %%
const errors = [1.5, 4];
const strengths = [5, 2, 1, 0.7, 0.5, 0.3, 0.2, 0.1];
const wrongRewards = Array.from({ length: 40 }, (_, draw) => normal(key(1000 + draw), task.utility[0].length));
const asked = errors.map((error) =>
  Array.from(progress(wrongRewards, { label: `errors of ${error}` }), (mistakes) => {
    const learned = task.utility[0].map((u, n) => u + error * mistakes[n]);
    const top = learned.indexOf(learned.reduce((most, r) => Math.max(most, r)));
    const anchored = strengths.map((beta) => {
      const { logProbs, value } = exactRegularisedOptimum(reference, learned, beta);
      const reward = exactExpectation(logProbs, learned);
      const kl = (reward - value) / beta; // the optimum's value is E[R] - beta KL
      return { kl, learned: reward, utility: exactExpectation(logProbs, task.utility[0]) };
    });
    // The last one is max E[R].
    return [...anchored, { kl: -reference[top], learned: learned[top], utility: task.utility[0][top] }];
  }),
);
const overDraws = (column: "learned" | "utility") =>
  errors.map((error, e) => {
    const ends = asked[e][0].map((_, i) => i);
    return banded(
      `error ${error}`,
      ends.map((i) => mean(asked[e].map((draw) => draw[i].kl))),
      ends.map((i) => asked[e].map((draw) => draw[i][column])),
    );
  });

show(
  smallMultiples({
    title: "What a wrong reward asks for, from a strong penalty to none",
    subtitle: `means over ${wrongRewards.length} draws, bands 95 %; beta from ${strengths[0]} to ${strengths.at(-1)}, the last point is max E[R]`,
    figures: [["learned reward", "learned"] as const, ["true utility", "utility"] as const].map(([title, column]) =>
      line({
        title,
        x: { title: "KL to the reference", unit: "nats" },
        y: { title },
        series: overDraws(column),
      }),
    ),
  }),
);

table(
  errors.map((error, e) => {
    const at = (i: number) => asked[e].map((draw) => draw.at(i)!.utility);
    const [anchored, top] = [at(strengths.indexOf(0.7)), at(-1)];
    const gain = meanInterval(anchored.map((u, d) => u - top[d]));
    return {
      error,
      anchored: mean(anchored),
      top: mean(top),
      gain: `${gain.mean.toFixed(2)} ± ${gain.half.toFixed(2)}`,
      spread: `${standardDeviation(anchored).toFixed(2)} and ${standardDeviation(top).toFixed(2)}`,
    };
  }),
  {
    columns: {
      error: "error",
      anchored: "utility at beta 0.7",
      top: "utility of max E[R]",
      gain: "difference (95 %)",
      spread: "their standard deviations over draws",
    },
    digits: { error: 1, anchored: 2, top: 2 },
  },
);

// %% [markdown]
// On the left the reward only ever climbs. On the right it depends. With errors of 1.5 the utility climbs too, nearly to the end: $\max \mathbb{E}[R]$ does better than $\beta = 0.7$, by a third of a point.
// #claim 07/small-error-no-turn
// With errors of 4 it turns round, though not by much: the penalised optimum is worth a fifth of a point more on average, which forty draws may or may not show, and it is less of a lottery.
// #claim 07/large-error-turns, 07/penalty-is-less-of-a-lottery
// So the penalty is not a detail of the optimiser, and no free lunch either: it is part of the question, and its right size depends on how wrong the reward is. Our errors are the kind that do the least harm, light-tailed and the same everywhere;
// those that an optimiser finds in practice are neither (lessons 05 and 11).
//
// ## What this lesson does not show
//
// - **Learned values.** Our $V(s_t)$ was exact. A critic is wrong at first; as a *baseline* that only costs variance, as a *target* it costs bias. Lesson 09 measures both, and over the length of a reply.
// - **Prompts that share parameters.** Our two prompts had tables of their own. In a network a step for one moves the other.
// - **Reusing replies.** Every estimate here used fresh ones. Several steps on the same replies need ratios, and a leash: lesson 08.
// - **Adam, momentum, clipping.** All of them average or shorten noisy gradients; the noise scale is about plain steps.
// - **Scale.** The transformer was at its first step, with short replies. On the table the noise scale grew in training (section 2); for the network we did not look.
//
// ## Said, and seen
//
// | Said, in the notes | Seen | Where |
// | --- | --- | --- |
// | REINFORCE: unbiased but high variance | unbiased for replies *drawn from the policy*; how high depends on the zero of the reward, which means nothing | 1, 7 |
// | Actor-critic: use a baseline to reduce variance | a baseline needs no critic, and leaves the estimate unbiased; what a critic adds is bootstrapping, which does not | 3 |
// | Reduce variance by a state-dependent baseline $b(x)$, $A = R - b(x)$ | three quarters of the noise, where prompts differ by 6 in reward; the mean over prompts: nothing. And for a reply the state is the *prefix*: $V(s_t)$ saves a third more, and is a good baseline, not the best | 3, 4 |
// | $J = \mathbb{E}_{x \sim D,\, y \sim \pi}[R(x, y)]$ | the draw of the prompt is one per cent of the noise that $b(x)$ leaves | 3 |
// | High-dimensional action space: vocabulary times length | that is how many *logits* one reply passes (35); replies are 9,331, and a table needs a row for each prefix | 4, 5 |
// | Credit assignment: which tokens contributed | reward-to-go halves the noise of $T$ coins and no more | 4 |
// | Actor-critic handles long sequences better | with an exact $V$ a factor, not another law: both linear in $T$ | 4; a learned critic: lesson 09 |
// | Large batches for stable gradient estimates | as $1/\sqrt{B}$, worth it up to the noise scale | 5 |
// | Exploration: diverse generation while optimising reward | plain REINFORCE stops looking; a bonus ends higher, and pays in KL | 6, 7 |
// | $\max \mathbb{E}[R]$ | without $-\beta\,\mathrm{KL}$ it is another question, with another answer; which one is better depends on how wrong the reward is | 8 |
//
// ## On one page
//
// | | Formula | In code |
// | --- | --- | --- |
// | score of a softmax | $\mathbb{1}[v = a] - \pi(v)$, mean 0 | `reinforce.softmaxScore` |
// | gradient | $\mathbb{E}[(R - b)\,\psi]$, any $b$ that does not look at the action | `reinforce.estimateGradient`, `reinforceLoss` |
// | its noise | $\mathbb{E}[(R - b)^2 \Vert\psi\Vert^2] - \Vert\nabla J\Vert^2$ | `reinforce.gradientMoments` |
// | least noisy $b$ | $\mathbb{E}[R \Vert\psi\Vert^2] / \mathbb{E}[\Vert\psi\Vert^2]$ | `reinforce.optimalBaseline` |
// | from a batch | $b_i = \frac{1}{B-1} \sum_{j \ne i} R_j$, over replies to the same prompt | `leaveOneOutAdvantages` |
// | prompts | $b(x)$; noise from replies and from prompts | `reinforce.promptMoments`, `trainPromptReinforce` |
// | token by token | $\sum_{k \ge t} r_k - V(s_t)$ | `reinforce.gradientMoments(policy, { toGo: true, baseline: policy.valueToGo })` |
// | batch size | $\operatorname{tr} \Sigma / \Vert\nabla J\Vert^2$ | `reinforce.simpleNoiseScale` |
// | entropy | $\partial H / \partial z_v = -p_v (\log p_v + H)$ | `reinforce.softmaxEntropyGradient` |
//
// **Three questions**
//
// 1. Somebody adds 100 to every reward. What changes in REINFORCE without a baseline, with the batch mean, with leave-one-out?
// <details><summary>Answer</summary>Without a baseline the mean stays and the variance explodes. With the other two nothing changes at all, not even one estimate.</details>
//
// 2. All eight replies to a prompt earn 1. What does leave-one-out learn from them? And what does it do with eight replies to eight prompts?
// <details><summary>Answer</summary>Nothing: all advantages are 0. With one reply for each prompt, "the others" are replies to other prompts, and it learns mostly which prompts are easy: it is a mean over all, and no b(x).</details>
//
// 3. Replies are drawn with top-p 0.9 and the gradient is taken as if they came from the policy. Does a larger batch help? Do importance weights?
// <details><summary>Answer</summary>Neither. The mean is wrong, so averaging goes to the wrong place; and weights cannot bring back replies that are never drawn.</details>
//
// ## Where to read on
//
// - Williams, *Simple statistical gradient-following algorithms for connectionist reinforcement learning*, Machine Learning 8 (1992). REINFORCE, and its first baselines.
// - Greensmith, Bartlett and Baxter, *Variance reduction techniques for gradient estimates in reinforcement learning*, JMLR 5 (2004). Equation (5), and that $V$ is not optimal.
// - Peters and Schaal, *Reinforcement learning of motor skills with policy gradients*, Neural Networks 21 (2008). The baseline of each coordinate.
// - Kool, van Hoof and Welling, *Buy 4 REINFORCE samples, get a baseline for free!*, ICLR workshop (2019). Equation (6).
// - Ahmadian and others, *Back to basics: revisiting REINFORCE style optimization for learning from human feedback in LLMs*, arXiv:2402.14740 (2024). Why it is enough.
// - McCandlish, Kaplan, Amodei and others, *An empirical model of large-batch training*, arXiv:1812.06162 (2018). The noise scale.
// - Chung, Thomas, Machado and Le Roux, *Beyond variance reduction: understanding the true impact of baselines on policy optimization*, arXiv:2008.13773 (2021). Section 6.
// - Mohamed, Rosca, Figurnov and Mnih, *Monte Carlo gradient estimation in machine learning*, arXiv:1906.10652 (2020). The wider family.
// - Holtzman and others, *The curious case of neural text degeneration*, arXiv:1904.09751 (2019). Top-p.
// - In the books: Sutton and Barto, [*Reinforcement learning: an introduction*](http://incompleteideas.net/book/the-book-2nd.html): sections 13.3, REINFORCE: Monte Carlo Policy Gradient, and 13.4, REINFORCE with Baseline; Achiam, *Spinning Up in deep RL*: [Part 3: Intro to Policy Optimization](https://spinningup.openai.com/en/latest/spinningup/rl_intro3.html).

// %%
import { solved } from "rlhf-lab-course";

// What you have solved of this lesson; it is written down on this machine and sent nowhere.
await solved("07");
