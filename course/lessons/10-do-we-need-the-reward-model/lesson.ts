// %% [markdown]
// # 10 Do we need the reward model?
//
// The road so far: ask people, learn a reward from their answers, let reinforcement learning climb it. In 2023 a paper took the middle out. The best policy
// is a formula in the reward, so the reward is a formula in the policy, and the policy can be fitted to the answers directly. Others kept the reward and took
// out the critic: let a few answers to the same prompt judge each other. Or they took out the learning: draw n answers, keep the best. All three work, and
// each hides a price. In this lesson every policy is small enough to be written down, so that we can read the prices off.
//
// **After this lesson you can**
//
// - derive DPO, say what its theorem needs, and see what happens where one of its conditions is missing;
// - say why the answers that people chose become *less* likely under DPO, and what to do about it;
// - tell DPO, IPO, KTO and SimPO apart by what they do to noisy and to certain answers;
// - compute what best-of-n costs in nats, exactly, and estimate what it gains from few samples, without bias;
// - name the two normalisations of GRPO, and what each of them teaches that nobody asked for;
// - say what each objective would reach with endless data, and how far below the best possible that is.
//
// **Time** 130 minutes, 88 of them exercises (those marked *optional* may wait). **You need** lessons 01, 05 and 07, and the word KL.

// %% [markdown]
// ## The model on one page
//
// With $\pi_{\text{ref}}$ the policy that we start from (the reference) and $\beta$ the price of a nat, the optimum of
// $\mathbb{E}_\pi[r] - \beta\,\mathrm{KL}(\pi\,\|\,\pi_{\text{ref}})$ and the same line solved for $r$ are
//
// $$\pi^*(y) = \frac1Z\, \pi_{\text{ref}}(y)\, e^{r(y)/\beta}, \qquad r(y) = \beta \ln\frac{\pi^*(y)}{\pi_{\text{ref}}(y)} + \beta \ln Z. \tag{1}$$
//
// (Why is that the optimum? Put $r$ from the right into the objective, and it becomes
// $\mathbb{E}_\pi[r] - \beta\,\mathrm{KL}(\pi\,\|\,\pi_{\text{ref}}) = \beta\ln Z - \beta\,\mathrm{KL}(\pi\,\|\,\pi^*)$. A KL is never negative, and 0 for $\pi = \pi^*$ alone. So what RLHF minimises is a KL too: from the policy
// to the tilted reference $\pi^*$.)
//
// Put the second into Bradley and Terry's model: $Z$ falls out, since only differences count, and what is left is a loss for the policy (Rafailov and others
// 2023),
//
// $$L_{\text{DPO}} = -\frac1B \sum_b \ln\sigma(\beta h_b), \qquad h = \ln\frac{\pi(y_{\text{chosen}})}{\pi_{\text{ref}}(y_{\text{chosen}})} - \ln\frac{\pi(y_{\text{rejected}})}{\pi_{\text{ref}}(y_{\text{rejected}})}. \tag{2}$$
//
// | On paper | In code | What it is |
// | --- | --- | --- |
// | $\ln\pi(y)$ | `logProbs[y]` | log-probability of a whole reply in nats, for each reply $y$ of the world |
// | $\pi_{\text{ref}}$ | `ref` | the reference: what people wrote, and what fine-tuning learned |
// | $\beta$ | `beta` | the price of a nat of KL, in utility |
// | $\beta\ln\pi/\pi_{\text{ref}}$ | `implicitRewards(logProbs, ref, { beta })` | the reward that a policy is optimal for, up to a constant |
// | $L_{\text{DPO}}$ | `dpoLossAndGradient(chosen, rejected, refChosen, refRejected, { beta })` | on plain numbers; `dpoLoss` is the same on tensors |
// | $h$ | the margin | how much further than $\pi_{\text{ref}}$ the policy tells the two apart, in nats |

// %%
import {
  bar,
  type Key,
  key,
  line,
  linspace,
  logSigmoid,
  mean,
  overSeeds,
  palette,
  progress,
  quantile,
  scatter,
  show,
  smallMultiples,
  split,
  table,
} from "rlhf-lab";
import { transformer } from "rlhf-lab/models";
import { exactExpectation, exactKL, exactRegularisedOptimum, lbfgs } from "rlhf-lab/numerics";
import {
  adamDescent,
  bestOfNEstimate,
  bestOfNKL,
  bestOfNKLBound,
  bestOfNLogProbs,
  bradleyTerryPreference,
  conservativeDpoLossAndGradient,
  conservativeDpoOfMargin,
  type DrawnPolicy,
  dapoLossAndGradient,
  dpoLossAndGradient,
  dpoOfMargin,
  drGrpoLossAndGradient,
  entryCounts,
  exactPreferenceLoss,
  expectedDrGrpoGradient,
  expectedGroupAdvantages,
  expectedGrpoGradient,
  expectedReferenceGradient,
  frontierShortfall,
  groupAdvantages,
  grpoLossAndGradient,
  implicitRewards,
  ipoLossAndGradient,
  ipoOptimum,
  klFrontier,
  ktoOnOutcomes,
  ktoOptimum,
  l2RegularisedDescent,
  leaveOneOutAdvantages,
  maximumLikelihoodLogits,
  type OutcomeLoss,
  type OutcomePairs,
  onLogits,
  onOutcomes,
  orpoOptimum,
  pairOptimum,
  robustDpoLossAndGradient,
  sampledExpertIteration,
  samplePairs,
  simpoOnOutcomes,
  simpoOptimum,
  stationaryPolicy,
  treeRloo,
} from "rlhf-lab/policy";
import { categorical } from "rlhf-lab/random";
import { featurePairs, linearReward } from "rlhf-lab/rewards";
import { lettersTrial } from "rlhf-lab/studies";
import { algorithms } from "rlhf-lab/train";
import {
  conditionalLogProbs,
  nextTokenLogProbs,
  sequenceLogitGradient,
  sequenceLogProbs,
  sequenceLogProbsOf,
  sequenceTree,
  type TreePolicy,
  tabularContexts,
  treePolicy,
  windowContexts,
} from "rlhf-lab/trees";
import { distinctLetters, phraseTask, phraseText } from "rlhf-lab/worlds";
import { check } from "rlhf-lab-course";

// %% [markdown]
// ## Run it
//
// The world is the phrase task of lesson 02: somebody asks about the whale, and a reply of at most four words comes back. There are 1,555 replies; the true
// utility of each is known to us (its mood, its topic, whether it ends). The policy is a table that sees the last two words, and starts as a perfect
// imitation of what people write. Labelers compare 1,500 pairs of replies. No reward model, no sampling, one loss: (2).

// %%
const task = phraseTask({ length: 4 });
const { tree } = task;
const [ref, utility] = [task.reference[0], task.utility[0]]; // prompt 0 asks about the whale
const rows = windowContexts(tree, 2); // which row of logits a prefix reads: the one of its last two words
const start = maximumLikelihoodLogits(tree, rows, ref.map(Math.exp));
const write = (logits: ArrayLike<number>) => sequenceLogProbsOf(treePolicy(tree, logits, rows));
const prefer = bradleyTerryPreference(utility);

const beta = 0.5;
const pairs = samplePairs(key(3), ref, prefer, 1500);
const dpo = (data: OutcomePairs, price = beta) =>
  onOutcomes(data, ref, (...logps) => dpoLossAndGradient(...logps, { beta: price }));
const tuned = write(adamDescent(start, onLogits(tree, rows, dpo(pairs)), { steps: 100, rate: 0.03 }));

const optimum = exactRegularisedOptimum(ref, utility, beta).logProbs;
const favourites = (logProbs: Float64Array) =>
  Array.from(logProbs.keys())
    .sort((a, b) => logProbs[b] - logProbs[a])
    .slice(0, 3)
    .map((y) => `${phraseText(tree.sequences[y])} (${(100 * Math.exp(logProbs[y])).toFixed(0)} %)`)
    .join(", ");
table(
  Object.entries({
    "the reference": ref,
    "DPO, 1,500 comparisons": tuned,
    "the optimum, equation (1)": optimum,
  }).map(([policy, logProbs]) => ({
    policy,
    utility: exactExpectation(logProbs, utility),
    kl: exactKL(logProbs, ref),
    objective: exactExpectation(logProbs, utility) - beta * exactKL(logProbs, ref),
    short: beta * exactKL(logProbs, optimum),
    favourites: favourites(logProbs),
  })),
  {
    columns: {
      policy: "policy",
      utility: "true utility",
      kl: "KL to reference (nats)",
      objective: "utility - beta KL",
      short: "beta KL to optimum",
      favourites: "writes most often",
    },
    digits: 3,
  },
);

// %% [markdown]
// A hundred steps of logistic regression, and the whale is good: about three quarters of the way to the optimum in the objective, without a reward model. (Add up the two columns before the last, in each row: the same $\beta\ln Z$ each time.) It looks too
// easy, and so we look closer.
// #claim 10/three-quarters-of-the-way
//
// ## 1. The policy is a reward model
//
// Equation (1) promises more than a good policy: $\beta\ln\pi/\pi_{\text{ref}}$ *is* the true reward, up to a constant. That holds if the comparisons never run out, if
// every pair may come up, if people answer as Bradley and Terry say, and if the policy can write any distribution at all. On the left all four hold: every
// pair of the 259 replies of three words, each in its exact proportion, and a policy with a row for every prefix. On the right the policy from above.

// %%
const steps = 300; // of L-BFGS
const short = phraseTask({ length: 3 });
const [shortRef, shortUtility] = [short.reference[0], short.utility[0]];
const shortRows = tabularContexts(short.tree);
const everyPair = onLogits(short.tree, shortRows, (logProbs) =>
  exactPreferenceLoss(logProbs, shortRef, shortRef, bradleyTerryPreference(shortUtility), (h) =>
    dpoOfMargin(h, { beta }),
  ),
);
const { at: limit } = lbfgs(
  (logits, slope) => {
    const { loss, gradient } = everyPair(logits);
    slope.set(gradient.map((g) => -g)); // lbfgs climbs
    return -loss;
  },
  maximumLikelihoodLogits(short.tree, shortRows, shortRef.map(Math.exp)),
  { iterations: steps, mayStopEarly: true },
);
const exactDpo = sequenceLogProbsOf(treePolicy(short.tree, limit, shortRows));

const against = (title: string, logProbs: Float64Array, logRef: Float64Array, true_: Float64Array) => {
  // Up to a constant: the one that makes the means agree, under the reference.
  const implicit = implicitRewards(logProbs, logRef, { beta });
  const shift = exactExpectation(logRef, true_) - exactExpectation(logRef, implicit);
  const common = Array.from(logRef.keys()).sort((a, b) => logRef[b] - logRef[a]);
  const [often, seldom] = [common.slice(0, 60), common.slice(60, 259)];
  const cloud = (name: string, ys: number[]) => ({
    name,
    x: ys.map((y) => true_[y]),
    y: ys.map((y) => implicit[y] + shift),
    size: 6,
  });
  return scatter({
    title,
    x: { title: "true utility", unit: "nats", range: [-4.2, 4.2] },
    y: { title: "implicit reward", unit: "nats", range: [-5.5, 5.5] },
    series: [cloud("the next 199", seldom), cloud("the 60 most common replies", often)], // the latter on top
    reference: [{ slope: 1 }],
  });
};

show(
  smallMultiples({
    title: "With every pair compared the policy is the reward; with 1,500 pairs it is a rumour of it",
    subtitle: "implicit reward of DPO's policy, beta ln(policy / reference), shifted to the same mean",
    figures: [
      against("All pairs, all policies", exactDpo, shortRef, shortUtility),
      against("1,500 pairs", tuned, ref, utility),
    ],
  }),
);

// %% [markdown]
// The left panel is the theorem: the line of slope 1 (the last of the rarest replies are still on their way; ordinary steps take for ever where nobody goes).
// #claim 10/the-theorem
// The right panel is practice. Among common replies the order is mostly right, the slope falls short of 1 (a hundred steps do not go further), and the scatter
// is larger among replies that are seldom written, which is where an optimiser goes.
// #claim 10/a-rumour-of-the-reward
//
// In code, mind the logarithm of a sigmoid far from 0:

// %%
const far = -2000; // a margin in nats
table([
  { form: "Math.log(1 / (1 + Math.exp(-z)))", value: String(Math.log(1 / (1 + Math.exp(-far)))) },
  { form: "logSigmoid(z)", value: String(logSigmoid(far)) },
]);

// %% [markdown]
// ### Exercise 1. The loss
//
// *Difficulty 2 of 5, 10 minutes. Trains: equation (2), and staying in log space.*
//
// Given lists of log-probabilities of whole replies, in nats, return (2). A margin of $-2000$ nats must not overflow: $-\ln\sigma(z) = \ln(1 + e^{-z})$, which is
// $-z$ for very negative $z$.
//
// <details><summary>Hint 1</summary>What is the loss of a policy that still is the reference? Compare with your function's.</details>
// <details><summary>Hint 2</summary><code>Math.max(-z, 0) + Math.log1p(Math.exp(-Math.abs(z)))</code> never overflows.</details>

// %% [exercise] 10/dpo-loss
/** DPO's loss, equation (2): the mean over pairs, in nats. All lists have one log-probability for each pair. */
function dpoLossOf(
  chosen: number[],
  rejected: number[],
  refChosen: number[],
  refRejected: number[],
  beta: number,
): number {
  // #solution
  let sum = 0;
  for (let b = 0; b < chosen.length; b++) {
    const z = beta * (chosen[b] - refChosen[b] - (rejected[b] - refRejected[b]));
    sum += Math.max(-z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
  }
  return sum / chosen.length;
  // #end
}

// %% [check] 10/dpo-loss
await check("10/dpo-loss", { dpoLossOf });

// %% [markdown]
// ## 2. Break it: what people chose becomes less likely
//
// "DPO increases the likelihood of preferred answers" is how it is often told. Let us watch, with few comparisons: a language model never sees more than a
// few of all possible answers.

// %%
const few = Array.from({ length: 10 }, (_, i) => samplePairs(key(i + 1), ref, prefer, 100)); // ten data sets
const weight = 0.05; // of the likelihood in the cure

/** The cure that is used most: fine-tune on the chosen replies at the same time. */
const withLikelihood =
  (loss: OutcomeLoss, data: OutcomePairs): OutcomeLoss =>
  (logProbs) => {
    const { loss: value, gradient } = loss(logProbs);
    const share = weight / data.chosen.length;
    for (const y of data.chosen) gradient[y] -= share;
    return { loss: value - share * data.chosen.reduce((sum, y) => sum + logProbs[y], 0), gradient };
  };
const watchedSteps = linspace(0, 400, 21);
const watched = (loss: OutcomeLoss, data: OutcomePairs) => {
  const path = { chosen: [] as number[], rejected: [] as number[], top: [] as number[], utility: [] as number[] };
  adamDescent(start, onLogits(tree, rows, loss), {
    steps: 400,
    rate: 0.03,
    watch: (logits, step) => {
      if (step % 20 !== 0) return;
      const logProbs = write(logits);
      path.chosen.push(mean(Float64Array.from(data.chosen, (y) => logProbs[y])));
      path.rejected.push(mean(Float64Array.from(data.rejected, (y) => logProbs[y])));
      const likeliest = logProbs.slice().sort().slice(-5);
      path.top.push(likeliest.reduce((sum, l) => sum + Math.exp(l), 0));
      path.utility.push(exactExpectation(logProbs, utility));
    },
  });
  return path;
};
type Watched = ReturnType<typeof watched>;
const fall = few.map((data) => watched(dpo(data, 0.1), data));
const cured = few.map((data) => watched(withLikelihood(dpo(data, 0.1), data), data));

/** Mean over the data sets with its 95 % band. */
const over10 = (name: string, paths: Watched[], of: keyof Watched, color?: string) => ({
  ...overSeeds(
    name,
    watchedSteps,
    paths.map((path) => path[of]),
  ),
  color,
});
const both = (title: string, paths: Watched[]) =>
  line({
    title,
    x: { title: "step" },
    y: { title: "mean log-probability", unit: "nats", range: [-40, 0] },
    series: [over10("chosen replies", paths, "chosen"), over10("rejected replies", paths, "rejected")],
    reference: [{ y: mean(fall.map(({ chosen }) => chosen[0])) }],
  });
const compared = (title: string, y: { title: string; unit?: string; range: [number, number] }, of: "top" | "utility") =>
  line({
    title,
    x: { title: "step" },
    y,
    series: [over10("DPO", fall, of, palette[6]), over10("with likelihood", cured, of, palette[2])],
  });

show(
  smallMultiples({
    title: "DPO makes both replies less likely, the rejected one faster",
    subtitle:
      "beta 0.1, 100 comparisons, means over ten data sets with 95 % bands; dashed: where the chosen replies started",
    figures: [
      both("DPO", fall),
      both("With likelihood", cured),
      compared("Where it goes", { title: "P(five likeliest replies)", range: [0, 1] }, "top"),
      compared("What it is worth", { title: "true utility", unit: "nats", range: [-0.5, 2.5] }, "utility"),
    ],
  }),
);
const turned = fall.filter((path) => Math.max(...path.utility) - (path.utility.at(-1) ?? 0) > 0.1).length;
table([
  {
    what: "data sets in which the chosen replies end less likely than they began",
    of10: 10,
    count: fall.filter(({ chosen }) => (chosen.at(-1) ?? 0) < chosen[0]).length,
  },
  { what: "data sets in which the true utility ends 0.1 or more below its peak", of10: 10, count: turned },
]);

// %% [markdown]
// For a moment the chosen replies gain; then they sink, in every data set, to a tiny fraction of what they were. The loss sees nothing but the margin, and a margin grows just
// as well when both fall and one falls faster. Nothing in (2) says who gets what they lose. Here it is a handful of replies that share words with many chosen
// ones. What that does to the true utility depends on the hundred comparisons: in about half of the data sets it rises and then turns, in the others it goes on rising. (Pal and others
// 2024; Razin and others 2024, who call it likelihood displacement, found a model that became *less* safe this way.)
// #claim 10/chosen-replies-sink
// #claim 10/utility-turns-in-half
//
// The cure, a bit of likelihood for the chosen replies (Pang and others 2024), keeps them up, and the policy wide. It is not free: it holds the policy near
// what people wrote, the good and the middling alike. ORPO has such a term from the beginning, and no reference (its loss is in the table of section 4).
// #claim 10/likelihood-keeps-them-up
//
// **Break it.** Write the cure's `weight` as 0.5, ten times as much. Does the policy get better?
//
// <details><summary>What happens</summary>The chosen replies stay up and the utility hardly rises: at this weight the loss is mostly imitation of what was chosen, and a hundred chosen replies
// are on average only a little better than the reference's.</details>
//
// ## 3. Break it: nobody doubts
//
// Suppose three replies, and everybody agrees: A before B, B before C, always. Then the reward that Bradley and Terry's model finds has infinite gaps, and
// (2) has no minimum: whatever $\beta$ is, the policy runs to A alone. The price on KL has vanished. IPO (Azar and others 2023) asks for a margin and no
// more,
//
// $$L_{\text{IPO}} = \frac1B \sum_b \Bigl(h_b - \frac{1}{2\beta}\Bigr)^2, \qquad \pi_{\text{IPO}}(y) \propto \pi_{\text{ref}}(y)\, e^{w(y)/\beta}, \quad w(y) = \sum_{y'} \mu(y')\, P(y \succ y'), \tag{3}$$
//
// where $w(y)$ is how often $y$ wins against a reply that is shown, drawn from $\mu$. Win rates lie between 0 and 1, so log-ratios differ by at most
// $1/\beta$, however sure people are.

// %%
const betas = [0.2, 0.5, 1];
const sure = { chosen: Int32Array.of(0, 0, 1), rejected: Int32Array.of(1, 2, 2) };
const threeRef = new Float64Array(3).fill(-Math.log(3));
const softmaxOf = (logits: Float64Array) => nextTokenLogProbs(treePolicy(threeTree, logits));
const threeTree = sequenceTree(3, 1); // replies of one token: A, B, C
const certain = (loss: OutcomeLoss) => {
  const path = { x: [] as number[], y: [] as number[] };
  adamDescent(new Float64Array(3), onLogits(threeTree, tabularContexts(threeTree), loss), {
    steps: 3000,
    rate: 0.03,
    watch: (logits, step) => {
      if (step % 30 !== 0) return;
      path.x.push(step);
      path.y.push(exactKL(softmaxOf(logits), threeRef));
    },
  });
  return path;
};
const threeMethods = {
  DPO: (price: number) => onOutcomes(sure, threeRef, (...l) => dpoLossAndGradient(...l, { beta: price })),
  IPO: (price: number) => onOutcomes(sure, threeRef, (...l) => ipoLossAndGradient(...l, { beta: price })),
  "Conservative DPO": (price: number) =>
    onOutcomes(sure, threeRef, (...l) => conservativeDpoLossAndGradient(...l, { beta: price, noise: 0.1 })),
};

show(
  smallMultiples({
    title: "Where nobody doubts, DPO forgets its beta",
    subtitle: "three replies, A always before B before C; dashed: ln 3, A alone",
    columns: 3,
    share: "y",
    figures: Object.entries(threeMethods).map(([name, method]) =>
      line({
        title: name,
        x: { title: "step" },
        y: { title: "KL from the reference", unit: "nats", range: [0, 1.2] },
        series: betas.map((price) => ({ name: `beta ${price}`, ...certain(method(price)) })),
        reference: [{ y: Math.log(3) }],
      }),
    ),
  }),
);

// %% [markdown]
// DPO's three curves differ in how fast they arrive and not in where. IPO's stop at three different distances, as a price should have it. Conservative DPO
// (Mitchell 2023) believes every label with 90 %, and so stops as well: a pair by itself at a margin of $\ln 9 / \beta$, and here, where three pairs pull at once, with its
// three prices in their order.
// #claim 10/no-doubt-no-beta
//
// Is this far-fetched? With 1,500 comparisons of 1,555 replies most pairs are asked once or never, and a label that was heard once is a certain one. A flexible
// enough policy can satisfy them all: every finite data set is a world without doubt.
//
// ### Exercise 2. Where IPO stops
//
// *Difficulty 3 of 5, 15 minutes. Trains: equation (3), and minimising a mean over both answers.*
//
// Given `p` and `beta`, return the margin of (a); given the probabilities of (b), return the distribution. (a) One pair, seen infinitely often; the first reply is preferred with probability `p`. Each answer adds $(h - \frac{1}{2\beta})^2$, where $h$ has the
// winner first. Which $h$, first reply minus second, is best?
// (b) The distribution of equation (3), from probabilities `ref`, `prefer[i][j]` = $P(i \succ j)$, and `shown`, the probabilities of $\mu$. A reply against
// itself counts 1/2, whatever stands on the diagonal.
//
// <details><summary>Hint 1</summary>In (a) the mean loss is p (h - t)^2 + (1 - p)(-h - t)^2 with t = 1/(2 beta). Set its derivative to 0.</details>
// <details><summary>Hint 2</summary>In (b), subtract the largest exponent before Math.exp, or divide by the sum at the end.</details>

// %% [exercise] 10/ipo-target
/** The log-ratio margin, first minus second, at which IPO's mean loss is smallest. */
function ipoMargin(p: number, beta: number): number {
  // #solution
  return (2 * p - 1) / (2 * beta);
  // #end
}

/** The probabilities that IPO converges to, equation (3). */
function ipoTarget(ref: number[], prefer: number[][], shown: number[], beta: number): number[] {
  // #solution
  const rates = ref.map((_, i) => shown.reduce((sum, mu, j) => sum + mu * (i === j ? 0.5 : prefer[i][j]), 0));
  const weights = ref.map((p, i) => p * Math.exp((rates[i] - 1) / beta));
  const total = weights.reduce((a, b) => a + b);
  return weights.map((weight) => weight / total);
  // #end
}

// %% [check] 10/ipo-target
await check("10/ipo-target", { ipoMargin, ipoTarget });

// %% [markdown]
// ## 4. Four losses and one that knows, honest and dishonest labels
//
// All losses of this lesson, each with what it would reach over all policies with endless comparisons (section 7 computes these ends). $g = \ln\pi/\pi_{\text{ref}}$,
// $h = g(y) - g(y')$ with the chosen reply $y$ first, $\ell(y) = \ln\pi(y)/|y|$ with $|y|$ the number of words, $L(h) = -\ln\sigma(\beta h)$, $\varepsilon$ a share of wrong labels:
//
// | Method | Loss of one pair | Its end, with endless data |
// | --- | --- | --- |
// | DPO (Rafailov 2023) | $L(h)$ | $\pi_{\text{ref}}\, e^{u/\beta} / Z$, equation (1) |
// | IPO (Azar 2023) | $(h - \frac{1}{2\beta})^2$ | $\pi_{\text{ref}}\, e^{w/\beta}$ over its sum, $w$ the win rate |
// | conservative DPO (Mitchell 2023) | $(1-\varepsilon) L(h) + \varepsilon L(-h)$ | like DPO's, with preferences $(1-\varepsilon)p + \varepsilon(1-p)$ in place of $p$ |
// | robust DPO (Chowdhury 2024) | $\bigl((1-\varepsilon) L(h) - \varepsilon L(-h)\bigr) / (1 - 2\varepsilon)$ | with a share $\varepsilon$ of labels turned round: DPO's on honest ones |
// | KTO (Ethayarajh 2024) | good reply: $1 - \sigma(\beta(g - z))$; bad: $1 - \sigma(\beta(z - g))$; no pairs needed | $\pi = 0$ for what loses more often than it wins; else $\beta c\,\sigma'(\beta(g - z)) = \nu\pi$, $c \propto$ wins minus losses |
// | SimPO (Meng 2024) | $-\ln\sigma(\beta(\ell(y) - \ell(y')) - \gamma)$; no reference | $\ln\pi = \lvert y\rvert\,(s(y) + c)$; for $\gamma = 0$ $s = u/\beta$ |
// | ORPO (Hong 2024) | $-\ell(y) - \lambda\ln\sigma(\text{logit}(\ell(y)) - \text{logit}(\ell(y')))$, $\text{logit}(\ell) = \ell - \ln(1 - e^{\ell})$; no reference | imitates what was chosen, for $\lambda \to 0$ in proportion to wins over length; no closed form |
//
// KTO's $z$ is the KL from the reference, which we know exactly here; its estimate in a batch is $\overline{g}$, cut at 0.
//
// We follow each along its training, as a path: how far from the reference, and what is gained there. The gray line is the best that is possible at each
// distance, equation (1) for all $\beta$.

// %%
const seeds = [1, 2, 3, 4, 5, 6];
const training = 250; // steps
const shares = { "Honest labels": 0, "30 % of the labels turned round": 0.3 };

const lengths = tree.sequences.map((reply) => reply.length);
const losses: Record<string, (data: OutcomePairs) => OutcomeLoss> = {
  DPO: (data) => dpo(data),
  IPO: (data) => onOutcomes(data, ref, (...l) => ipoLossAndGradient(...l, { beta: 0.15 })),
  KTO: (data) => ktoOnOutcomes(data, ref, { beta }),
  SimPO: (data) => simpoOnOutcomes(data, lengths),
  "Robust DPO": (data) => onOutcomes(data, ref, (...l) => robustDpoLossAndGradient(...l, { beta, noise: 0.3 })),
};

/** KL and utility every ten steps, means over data sets. */
const pathOf = (lossOf: (data: OutcomePairs) => OutcomeLoss, flip: number) => {
  const runs = seeds.map((seed) => {
    const points: [kl: number, utility: number][] = [];
    adamDescent(start, onLogits(tree, rows, lossOf(samplePairs(key(seed), ref, prefer, 1500, { flip }))), {
      steps: training,
      rate: 0.03,
      watch: (logits, step) => {
        if (step % 10 !== 0) return;
        const logProbs = write(logits);
        points.push([exactKL(logProbs, ref), exactExpectation(logProbs, utility)]);
      },
    });
    return points;
  });
  const average = (which: 0 | 1) => runs[0].map((_, i) => mean(runs.map((points) => points[i][which])));
  return { x: average(0), y: average(1) };
};
const frontier = klFrontier(ref, utility, linspace(-3.5, 2.5, 60).map(Math.exp).reverse());
const frontierLine = {
  name: "the best possible",
  x: frontier.map(({ kl }) => kl),
  y: frontier.map((point) => point.utility),
  color: palette[6],
};

// %%
const paths: Record<string, ReturnType<typeof pathOf>[]> = {};
for (const name of progress(Object.keys(losses), { label: "losses" })) {
  // Robust DPO with a share of 0 is DPO.
  paths[name] = Object.values(shares).map((flip) =>
    pathOf(flip === 0 && name === "Robust DPO" ? dpo : losses[name], flip),
  );
}

show(
  smallMultiples({
    title: "With a third of the labels wrong most losses rise, turn and fall",
    subtitle: `paths of ${training} steps on 1,500 comparisons; means over ${seeds.length} data sets`,
    share: "both",
    figures: Object.keys(shares).map((title, s) =>
      line({
        title,
        x: { title: "KL from the reference", unit: "nats", range: [0, 6] },
        y: { title: "true utility", unit: "nats", range: [-0.6, 3.2] },
        series: [
          frontierLine,
          ...Object.entries(paths)
            .filter(([name]) => s === 1 || name !== "Robust DPO")
            .map(([name, path]) => ({ name, ...path[s] })),
        ],
      }),
    ),
  }),
);

// %% [markdown]
// All rise at first, at a small price. Then most of them leave the frontier. With three labels in ten turned round DPO, IPO and SimPO rise, turn, and fall, while their loss goes
// down all the time. KTO falls least of these: its loss is bounded, and a reply that is hopelessly on the wrong side no longer pulls. Robust DPO, which is told the share of wrong labels, climbs
// highest, and then falls as well: its loss has no lower bound, and single margins run away. Nobody watched the true utility here but us; what a practitioner has is a held-out set, a
// good ear and a small number of epochs.
// #claim 10/wrong-labels-rise-and-fall
// #claim 10/kto-falls-least
// #claim 10/robust-runs-away
//
// This is one world and one setting of each knob ($\beta$ means something else in each loss), at one rate. With a rate of 0.01 the same 250 steps hardly reach the turn, with 0.1
// they are long past it. It is not a ranking; it shows which knobs there are.
// #claim 10/the-rate-moves-the-turn
//
// **Break it.** Set `rate` to 0.1 in `pathOf` and look at the honest labels. Do honest labels save DPO?
//
// <details><summary>What happens</summary>No. DPO comes to about the same peak, within sixty steps or so, and by step 250 most of it is lost: with 1,500 labels of which most pairs are asked once,
// honest answers are noise too (lesson 02).</details>
//
// ## 5. Draw n, keep the best
//
// No training at all: draw $n$ replies, score them, hand out the best. With $F(s)$ the share of replies that score at most $s$, and $F(s^-)$ that of those
// that score less, a score is handed out with probability
//
// $$P_n(s) = F(s)^n - F(s^-)^n, \qquad \mathrm{KL} = \sum_s P_n(s) \ln\frac{P_n(s)}{F(s) - F(s^-)} \;\le\; \ln n - \frac{n-1}{n}. \tag{4}$$
//
// The right-hand side was for years quoted as the KL (Beirami and others 2024 showed that it is a bound). It is exact if no two replies ever score the same
// and none is drawn twice.

// %%
const whale = phraseTask(); // replies of five words: 9,331
const [fiveRef, fiveUtility] = [whale.reference[0], whale.utility[0]];
const ns = linspace(0, 12, 25).map((k) => 2 ** k);
const scores = { "true utility": fiveUtility, "good words minus bad words": whale.lexicon };

show(
  smallMultiples({
    title: "Best-of-n costs less than the famous formula, and a proxy buys less than it shows",
    figures: [
      line({
        title: "The price",
        x: { title: "n", type: "log" },
        y: { title: "KL from the reference", unit: "nats", range: [0, 8] },
        series: [
          ...Object.entries(scores).map(([name, score]) => ({
            name: `picked by ${name}`,
            x: ns,
            y: ns.map((n) => bestOfNKL(fiveRef, score, n)),
          })),
          { name: "the bound", x: ns, y: ns.map(bestOfNKLBound), color: palette[6] },
        ],
      }),
      line({
        title: "What it buys",
        x: { title: "n", type: "log" },
        y: { title: "true utility", unit: "nats", range: [-0.2, 4] },
        series: Object.entries(scores).map(([name, score]) => ({
          name: `picked by ${name}`,
          x: ns,
          y: ns.map((n) => exactExpectation(bestOfNLogProbs(fiveRef, score, n), fiveUtility)),
        })),
      }),
    ],
  }),
);

// %% [markdown]
// Ties make it cheaper than the formula: among replies of one score the reference decides, as before. Picked by the lexicon, which cannot see a "not" and does not care for
// the topic, the true utility is all but done at $n = 8$; what follows is paid for nothing. (Lesson 11 is about proxies that do worse than nothing.)
// #claim 10/ties-are-cheaper
// #claim 10/lexicon-is-done-at-eight
//
// ### Exercise 3. The exact price
//
// *Difficulty 3 of 5, 15 minutes. Trains: equation (4), ties included.*
//
// Given the probabilities of a few outcomes and their scores, return the KL of (4), in nats. Outcomes of equal score are one level. (In JavaScript, `sort()` without a
// comparison sorts numbers as texts, 10 before 9.)
//
// <details><summary>Hint 1</summary><code>[...new Set(scores)].sort((a, b) => a - b)</code> are the levels, lowest first.</details>
// <details><summary>Hint 2</summary>Keep a running sum F of probabilities; a level's probability is (F + share)^n - F^n.</details>

// %% [exercise] 10/best-of-n-kl
/** KL(best of n || p) in nats, equation (4). */
function bestOfNCost(probabilities: number[], scores: number[], n: number): number {
  // #solution
  let below = 0;
  let kl = 0;
  for (const level of [...new Set(scores)].sort((a, b) => a - b)) {
    const share = probabilities.reduce((sum, p, y) => sum + (scores[y] === level ? p : 0), 0);
    const kept = (below + share) ** n - below ** n;
    if (kept > 0) kl += kept * Math.log(kept / share);
    below += share;
  }
  return kl;
  // #end
}

// %% [check] 10/best-of-n-kl
await check("10/best-of-n-kl", { bestOfNCost });

// %% [markdown]
// In practice nobody enumerates. You have $m$ scored samples, and want to know what best-of-$n$ would get, for all $n \le m$. Drawing $n$ of the $m$ with
// replacement, again and again, is tempting and wrong: a sample that is drawn twice is one try fewer. The exact mean over all $\binom mn$ subsets is
// unbiased, and needs no drawing: with scores in ascending order $s_1 \le \dots \le s_m$,
//
// $$\widehat{R}_n = \sum_{i=n}^{m} \frac{\binom{i-1}{n-1}}{\binom mn}\, s_i. \tag{5}$$

// %%
const m = 16; // samples
const batches = 2000;
const exactBest = (n: number) => exactExpectation(bestOfNLogProbs(fiveRef, fiveUtility, n), fiveUtility);
const samples = Array.from(categorical(key(8), fiveRef, batches * m), (y) => fiveUtility[y]);
const drawn = Array.from({ length: batches }, (_, b) => samples.slice(b * m, (b + 1) * m));
const plugIn = (values: number[], n: number) => {
  const ascending = [...values].sort((a, b) => a - b);
  return ascending.reduce((sum, s, i) => sum + s * (((i + 1) / m) ** n - (i / m) ** n), 0); // draws with replacement
};
const each = [1, 2, 4, 8, 16];
const errorOf = (name: string, estimate: (values: number[], n: number) => number) => {
  const exact = each.map(exactBest);
  const errors = drawn.map((values) => each.map((n, i) => estimate(values, n) - exact[i]));
  return { ...overSeeds(name, each, errors), markers: true };
};

show(
  line({
    title: "Resampling with replacement sells best-of-n short",
    subtitle: `mean over ${batches} batches of ${m} samples, picked by true utility; bands: 95 %`,
    x: { title: "n", type: "log" },
    y: { title: "mean error of the estimate", unit: "nats" },
    series: [errorOf("with replacement", plugIn), errorOf("equation (5)", bestOfNEstimate)],
    reference: [{ y: 0 }],
  }),
);

// %% [markdown]
// With replacement the estimate is too small for every $n$ above 1. Equation (5) has no error that the band does not explain.
// #claim 10/replacement-is-biased
//
// ### Exercise 4. What would best-of-n get?
//
// *Difficulty 3 of 5, 12 minutes. Trains: equation (5), without numbers too large for a computer.*
//
// Given $m$ samples and $n$, return (5). Binomials of 1,000 overflow; the ratio of neighbouring weights does not. The largest sample has the weight $n/m$; going down from place $i$ to
// $i-1$ multiplies it by $(i-n)/(i-1)$.
//
// <details><summary>Hint</summary>Sort a copy, walk from the top, and stop when the weight is 0.</details>

// %% [exercise] 10/best-of-n-reward
/** The mean, over all subsets of n of the samples, of the best one: equation (5). */
function bestOfNReward(samples: number[], n: number): number {
  // #solution
  const ascending = [...samples].sort((a, b) => a - b);
  let weight = n / samples.length;
  let sum = 0;
  for (let i = samples.length; i >= n; i--) {
    sum += weight * ascending[i - 1];
    weight *= i > 1 ? (i - n) / (i - 1) : 0;
  }
  return sum;
  // #end
}

// %% [check] 10/best-of-n-reward
await check("10/best-of-n-reward", { bestOfNReward });

// %% [markdown]
// ## 6. Let answers judge each other
//
// PPO learns a critic to know what reward was to be expected. If a prompt has $G$ answers, their mean will do. RLOO (Ahmadian and others 2024) takes the mean
// of the others; GRPO (Shao and others 2024) takes the mean of all, and then divides twice:
//
// $$A_i^{\text{RLOO}} = r_i - \frac{1}{G-1}\sum_{j \ne i} r_j, \qquad A_i^{\text{GRPO}} = \frac{r_i - \bar r}{\text{std}(r)}, \qquad L_{\text{GRPO}} = -\frac1G \sum_i \frac{1}{|y_i|} \sum_t A_i \ln\pi(y_{i,t}) \tag{6}$$
//
// (at the first step, where nothing is clipped; std is the sample's, with $G - 1$). Without the two divisions GRPO *is* RLOO, up to a factor. Each division
// is an innocent-looking habit, and each changes what is learned (Liu and others 2025). Both effects can be had exactly. First the deviation: a prompt that
// is answered right with probability $p$, rewards of 0 and 1, all groups enumerated.

// %%
const probabilities = linspace(Math.log(0.005), Math.log(0.5), 30).map(Math.exp);
/** How hard a prompt pulls at the log-odds of being right, on average over all groups, over what the policy gradient says, p (1 - p). */
const weightOfPrompt = (p: number, G: number, advantagesOf: (rewards: number[]) => Float64Array) => {
  let pull = 0;
  let ways = 0; // log of G over k
  for (let k = 0; k <= G; k++) {
    const rewards = Array.from({ length: G }, (_, i) => (i < k ? 1 : 0));
    const probability = Math.exp(ways + k * Math.log(p) + (G - k) * Math.log1p(-p));
    pull += (probability * advantagesOf(rewards).reduce((sum, a, i) => sum + a * (rewards[i] - p), 0)) / G;
    ways += Math.log((G - k) / (k + 1));
  }
  return pull / (p * (1 - p));
};
const weights = [
  ...[4, 16, 64].map((G) => ({
    name: `GRPO, groups of ${G}`,
    x: probabilities,
    y: probabilities.map((p) => weightOfPrompt(p, G, (r) => groupAdvantages(r, { group: G }))),
  })),
  {
    name: "RLOO, any group",
    x: probabilities,
    y: probabilities.map((p) => weightOfPrompt(p, 4, (r) => leaveOneOutAdvantages(r, { group: 4 }))),
    color: palette[6],
  },
];

show(
  line({
    title: "Divided by their deviation, hopeless prompts shout",
    subtitle: "the mean pull at the log-odds of a right answer, over what the policy gradient says",
    x: { title: "probability of a right answer", type: "log" },
    y: { title: "pull", unit: "times the policy gradient", range: [0, 9] },
    series: weights,
  }),
);

// %% [markdown]
// RLOO is flat at 1: it is the policy gradient. In groups of 64 GRPO makes a prompt that succeeds once in a hundred tries count three times as much as one
// that succeeds every other time, in groups of four hardly more.
// #claim 10/hopeless-prompts-shout
// That may even be what you want, but nobody wrote it down as an objective. (Its mirror image,
// prompts that nearly always succeed, is not drawn.)
//
// Now the length. Replies of up to eight words; the first word decides whether a reply is right, and half of them are. The words after it do not matter, so
// that the policy gradient on them is zero. We hold the first word fixed and climb.
//
// **Predict, then run.** The reward does not know about length. GRPO divides by it. Which replies grow longer, the right ones or the wrong ones, or both?

// %%
const tokens = sequenceTree(3, 8); // token 0 ends a reply; a first token 1 is right, 2 is wrong
const tokenRows = tabularContexts(tokens);
const isRight = Float64Array.from(tokens.sequences, (reply) => (reply[0] === 1 ? 1 : 0));
const meanLength = (logProbs: Float64Array, right: number) => {
  const [sum, mass] = logProbs.reduce(
    ([s, w], l, y) => (isRight[y] === right ? [s + Math.exp(l) * tokens.sequences[y].length, w + Math.exp(l)] : [s, w]),
    [0, 0],
  );
  return sum / mass;
};
const climbs = (divide: boolean) => {
  let logits = Float64Array.from({ length: tokens.prefixes.length * 3 }, (_, i) =>
    i === 0 ? -12 : i % 3 === 0 && i > 2 ? -0.8 : 0,
  );
  const path = { step: [] as number[], right: [] as number[], wrong: [] as number[] };
  for (let step = 0; step <= 200; step++) {
    const conditionals = nextTokenLogProbs(treePolicy(tokens, logits, tokenRows));
    const logProbs = sequenceLogProbs(tokens, conditionals);
    const value = exactExpectation(logProbs, isRight);
    if (step % 10 === 0) {
      path.step.push(step);
      path.right.push(meanLength(logProbs, 1));
      path.wrong.push(meanLength(logProbs, 0));
    }
    // The mean of (6) over infinitely large groups, not divided by the deviation; or without the 1 / |y| either.
    const slopes = logProbs.map(
      (l, y) => (Math.exp(l) * (isRight[y] - value)) / (divide ? tokens.sequences[y].length : 1),
    );
    const gradient = sequenceLogitGradient(treePolicy(tokens, logits, tokenRows), slopes);
    logits = logits.map((z, i) => (i < 3 ? z : z + 2 * gradient[i]));
  }
  return path;
};
const [divided, summed] = [climbs(true), climbs(false)];

show(
  line({
    title: "Divided by their own length, wrong answers grow long and right ones short",
    subtitle: "the reward does not depend on length at all",
    x: { title: "step" },
    y: { title: "mean length", unit: "words", range: [1, 8] },
    series: [
      { name: "wrong answers, GRPO", x: divided.step, y: divided.wrong },
      { name: "right answers, GRPO", x: divided.step, y: divided.right },
      { name: "wrong answers, Dr. GRPO", x: summed.step, y: summed.wrong, color: palette[6] },
      { name: "right answers, Dr. GRPO", x: summed.step, y: summed.right, color: palette[6] },
    ],
  }),
);

// %% [markdown]
// <details><summary>What you saw</summary>Wrong answers grow longer and right ones shorter, under GRPO only.</details>
//
// The blame for a wrong answer is shared out over its words, so a long wrong answer has less on each of them; praise as well, so that words that end a right
// answer early are praised most. Nothing in the reward asked for either. Taking the sum (Dr. GRPO) leaves the lengths alone: its two lines lie on each other.
// #claim 10/wrong-grows-right-shrinks
//
// What a library calls *loss aggregation* is just this choice. An example with numbers: a right reply of two words ($A = 1$) and a wrong one of eight ($A = -1$); the cell prints
// the gradient of each loss for the log-probability of one word, times $-1$.

// %%
const twoReplies = { logp: [2, 8].map((n) => Array<number>(8).fill(0).fill(-1, 0, n)), advantages: [1, -1] };
const twoMasks = [2, 8].map((n) => Array.from({ length: 8 }, (_, t) => (t < n ? 1 : 0)));
const { logp, advantages: pair } = twoReplies;
table(
  Object.entries({
    "per reply: GRPO (and GSPO at its first step)": grpoLossAndGradient(logp, logp, pair, twoMasks),
    "per token of the batch: DAPO": dapoLossAndGradient(logp, logp, pair, twoMasks),
    "per constant, 8 words: Dr. GRPO": drGrpoLossAndGradient(logp, logp, pair, twoMasks, { length: 8 }),
  }).map(([aggregation, { gradient }]) => ({
    aggregation,
    right: -gradient[0][0],
    wrong: -gradient[1][0],
    allRight: -2 * gradient[0][0],
    allWrong: -8 * gradient[1][0],
  })),
  {
    columns: {
      aggregation: "mean",
      right: "a word of the right reply",
      wrong: "a word of the wrong reply",
      allRight: "all 2 of its words",
      allWrong: "all 8 of its words",
    },
    digits: 4,
  },
);

// %% [markdown]
// Per reply, both replies weigh the same, and a word of the long one a quarter of a word of the short one: the length bias. Per token every word weighs the same, 1/10, and so does per constant, 1/16; they
// differ only in that the tenth depends on the batch: with few replies of varying length the denominator is itself random, and correlated with the lengths. (DAPO also clips asymmetrically; GSPO has one ratio for
// a whole reply, the geometric mean of its words'. Lesson 08 has clipping.)
// #claim 10/aggregation
//
// ### Exercise 5. Group advantages
//
// *Difficulty 2 of 5, 10 minutes. Trains: equation (6), and groups without a difference.*
//
// Given the rewards of a batch in which the rows of a group are neighbours, return GRPO's advantages. The deviation is the sample's, without any small number added. A group whose rewards are all equal teaches
// nothing: 0, not NaN.
//
// "All equal" is less innocent than it looks. The mean of $[0.1, 0.1, 0.1]$ is 0.10000000000000002 in floating point, its deviation not 0 but $1.7 \cdot 10^{-17}$, and noise over noise is $-0.8$ for all three: a
// group that teaches nothing pushes at full strength. An earlier reference solution of this exercise asked whether the deviation is 0, and fell for it. Training code adds an epsilon to the
// deviation; here none is wanted: it makes the advantages depend on the scale of the rewards, and a group of equal rewards is better recognised by its rewards.
//
// <details><summary>Hint</summary>Compare the largest reward of a group with its smallest, before you divide.</details>

// %% [exercise] 10/group-advantage
/** (reward - mean of its group) / sample deviation of its group, for rows in groups of `group` neighbours. */
function groupAdvantage(rewards: number[], group: number): number[] {
  // #solution
  const out: number[] = [];
  for (let first = 0; first < rewards.length; first += group) {
    const own = rewards.slice(first, first + group);
    const centre = own.reduce((a, b) => a + b) / group;
    const deviation = Math.sqrt(own.reduce((sum, r) => sum + (r - centre) ** 2, 0) / (group - 1));
    const same = Math.max(...own) === Math.min(...own); // not: deviation === 0
    out.push(...own.map((r) => (same ? 0 : (r - centre) / deviation)));
  }
  return out;
  // #end
}

// %% [check] 10/group-advantage
await check("10/group-advantage", { groupAdvantage });

// %% [markdown]
// **Break it.** Give `groupAdvantage` the rewards 0.001 and 0 and then 1000 and 0.
//
// <details><summary>What happens</summary>The same advantages, plus and minus 0.707: the division makes a difference of a thousandth as loud as one of a thousand. Where rewards are noisy at the third digit,
// noise is what is learned from groups without another difference.</details>
//
// ### Exercise 6. The loop
//
// *Difficulty 4 of 5, 20 minutes. Trains: draw, compare, step: a method that learns, in one function.*
//
// The policy is a softmax over a list of replies, $\pi(y) = e^{z_y} / \sum_k e^{z_k}$. It begins at the reference, $z =$ `logRef`. Each row of `luck` is one step with as many replies as it has numbers: for each
// number $v$ the reply is the first one whose running sum of probabilities is greater than $v$ (the last one, if rounding leaves none); all are drawn from the policy as it is when the step begins. The reward is $R_i = u(y_i) - \beta\,(\ln\pi(y_i) - \ln\pi_{\text{ref}}(y_i))$, the advantage
// RLOO's, and the step is, for all replies of the group at once,
//
// $$z_k \leftarrow z_k + \frac{\text{rate}}{G} \sum_i A_i\, ([y_i = k] - \pi(k)).$$
//
// Given all this, return the log-probabilities of all replies after the last step. The check runs your loop for 300 steps on the replies of three words and sees whether it has learned.
//
// <details><summary>Hint 1</summary>Four functions of three lines: log-softmax, draw, leave-one-out, step.</details>
// <details><summary>Hint 2</summary>The mean of the others is (sum - own) / (G - 1). Comparing rewards to find "the others" fails when a reply is drawn twice.</details>

// %% [exercise] 10/group-loop
/** Log-probabilities after RLOO's loop, from the reference. */
function trainByGroups(logRef: number[], utility: number[], luck: number[][], beta: number, rate: number): number[] {
  // #solution
  const logSoftmax = (z: number[]) => {
    const log = Math.log(z.reduce((sum, x) => sum + Math.exp(x), 0));
    return z.map((x) => x - log);
  };
  const draw = (probabilities: number[], v: number) => {
    let sum = 0;
    const found = probabilities.findIndex((p) => {
      sum += p;
      return sum > v;
    });
    return found < 0 ? probabilities.length - 1 : found;
  };
  let logits = [...logRef];
  for (const row of luck) {
    const logProbs = logSoftmax(logits);
    const probabilities = logProbs.map(Math.exp);
    const drawn = row.map((v) => draw(probabilities, v));
    const rewards = drawn.map((y) => utility[y] - beta * (logProbs[y] - logRef[y]));
    const total = rewards.reduce((a, b) => a + b);
    const G = row.length;
    const advantages = rewards.map((r) => r - (total - r) / (G - 1));
    const sum = advantages.reduce((a, b) => a + b);
    logits = logits.map((z, k) => {
      const own = advantages.reduce((s, a, i) => s + (drawn[i] === k ? a : 0), 0);
      return z + (rate / G) * (own - sum * probabilities[k]);
    });
  }
  return logSoftmax(logits);
  // #end
}

// %% [check] 10/group-loop
await check("10/group-loop", { trainByGroups });

// %% [markdown]
// Lesson 07 wrote leave-one-out; it is $G/(G-1)$ times GRPO's centred advantage, so the advantages of a group add up to 0, and the second part of your step, $-\pi(k)\sum_i A_i$, was 0 all the time: right replies of a
// group take from its wrong ones. A baseline from anywhere else needs it.
//
// ### Exercise 7. Find the bug: every word counts the same
//
// *Difficulty 2 of 5, 6 minutes. Trains: loss aggregation.*
//
// Given the losses of the words of some replies, and which places hold a word (mask 1), `lossPerToken` is to return the mean over all words of the batch. A colleague wrote it; under it wrong replies grow
// longer. Run the check, then mend it.
//
// <details><summary>Hint</summary>What does one word of a reply of two words weigh, and what one of a reply of eight?</details>

// %% [exercise] 10/find-the-bug
/** The mean loss over all words of the batch: losses [B][T], mask [B][T] of 0 and 1. */
function lossPerToken(losses: number[][], mask: number[][]): number {
  // #solution
  let [total, words] = [0, 0];
  losses.forEach((row, b) => {
    row.forEach((loss, t) => {
      total += loss * mask[b][t];
      words += mask[b][t];
    });
  });
  return total / words;
  // #given
  // let total = 0;
  // losses.forEach((row, b) => {
  //   const words = mask[b].reduce((sum, m) => sum + m, 0);
  //   total += row.reduce((sum, loss, t) => sum + loss * mask[b][t], 0) / words;
  // });
  // return total / losses.length;
  // #end
}

// %% [check] 10/find-the-bug
await check("10/find-the-bug", { lossPerToken });

// %% [markdown]
// ### A network, and a program that checks
//
// Groups became famous where nobody has to be asked: a *verifiable* reward, 1 if a program finds the answer right and 0 if not (Shao and others 2024; Lambert and others 2024, who named it). A small such world: a prompt is
// four letters, and right is each of them once, in alphabetical order ("d b d a" asks for "a b d"). A transformer has imitated 4,000 demonstrations, of which three in ten are right; then it writes
// groups of eight, and is paid. There is no reference KL, as is usual there. Each prompt has one right completion, so how good a policy is needs no samples: it is the mean, over all 625 prompts, of the probability of that one.
//
// Writing is what costs. So trainers read a batch several times, with lesson 08's ratio, and clip it. Four ways:
//
// - GRPO, each batch of 64 completions read once;
// - GRPO, each batch read four times, clipped at 0.2;
// - the same without the clip;
// - Dr. GRPO, read once: no deviation, no length in the denominator.
//
// **Predict, then run.** All see 60 batches. Which way is ahead, each at its own best rate? And where the rate is four times as large: what does the clip save?

// %%
const letters = distinctLetters();
const writer = transformer({ vocabulary: letters.vocabulary, context: 9, width: 32, layers: 2, heads: 2 });
const network = lettersTrial(letters, writer);
const [networkSeeds, rates] = [1, [1e-3, 2e-3, 4e-3]]; // more seeds: a second or two for each run, 12 runs a seed
const ways = {
  "GRPO, read once": algorithms.grpo({ group: 8 }),
  "GRPO, read four times": algorithms.grpo({ group: 8, epochs: 4 }),
  "GRPO, four times, no clip": algorithms.grpo({ group: 8, epochs: 4, clip: 1e6 }),
  "Dr. GRPO, read once": algorithms.drGrpo({ group: 8, length: letters.newTokens }),
};
const trained: { way: string; rate: number; accuracy: number[]; length: number }[] = [];
const todo = split(key(10), networkSeeds).flatMap((seedKey) => rates.map((rate) => ({ seedKey, rate })));
for (const { seedKey, rate } of progress(todo, { label: "seeds and rates" })) {
  const [startKey, runKey] = split(seedKey);
  const begun = await network.imitate(startKey);
  for (const [way, algorithm] of Object.entries(ways)) {
    trained.push({ way, rate, ...(await network.run(runKey, begun, { algorithm, rate })) });
  }
}

const ofWay = (way: string, rate: number, of: (run: (typeof trained)[number]) => number) =>
  mean(trained.filter((run) => run.way === way && run.rate === rate).map(of));
const finalAccuracy = (way: string, rate: number) => ofWay(way, rate, ({ accuracy }) => accuracy[accuracy.length - 1]);
const bestRate = (way: string) => rates.reduce((a, b) => (finalAccuracy(way, b) > finalAccuracy(way, a) ? b : a));

show(
  smallMultiples({
    title: "Read four times, a batch teaches a little more, at fewer rates",
    subtitle: `exact accuracy, seeds: ${networkSeeds}; before: ${ofWay("GRPO, read once", rates[0], ({ accuracy }) => accuracy[0]).toFixed(2)}`,
    share: "y",
    figures: [
      line({
        title: "After 60 batches",
        x: { title: "Adam's rate", type: "log" },
        y: { title: "accuracy", range: [0, 1] },
        series: Object.keys(ways).map((way) => ({
          name: way,
          x: rates,
          y: rates.map((rate) => finalAccuracy(way, rate)),
          markers: true,
        })),
      }),
      line({
        title: "On the way, each at its best rate",
        x: { title: "batches written" },
        y: { title: "accuracy", range: [0, 1] },
        series: Object.keys(ways).map((way) => ({
          name: way,
          x: [0, 10, 20, 30, 40, 50, 60],
          y: [0, 1, 2, 3, 4, 5, 6].map((i) => ofWay(way, bestRate(way), ({ accuracy }) => accuracy[i])),
          markers: true,
        })),
      }),
    ],
  }),
);
table(
  Object.keys(ways).map((way) => ({
    way,
    rate: bestRate(way),
    accuracy: finalAccuracy(way, bestRate(way)),
    least: Math.min(...rates.map((rate) => finalAccuracy(way, rate))),
    length: ofWay(way, rates[0], ({ length }) => length),
  })),
  {
    columns: {
      way: "way",
      rate: "best rate",
      accuracy: "accuracy there",
      least: "at the worst rate",
      length: `tokens of a completion at a rate of ${rates[0]}`,
    },
    caption: `right completions have ${mean(letters.solved.map(({ completion }) => completion.length)).toFixed(2)} tokens on average`,
    digits: 3,
  },
);

// %% [markdown]
// <details><summary>What happens</summary>Four readings learn more from the same writing: each at its best rate, they end a few hundredths ahead of one reading in most runs. The price is the range of rates: at the largest one,
// four readings lose most of what the smallest one wins. The clip is what lesson 08 says it is. It takes the gradient from a ratio that has left its interval and brings nothing back: at the smallest rate it hardly
// matters in most runs, and at the largest it did not save the run, with it or without it. Which of the two ends lower there differs from seed to seed.</details>
//
// #claim 10/reading-again-pays
// #claim 10/large-rates-lose
// #claim 10/the-clip-hardly-matters
//
// The last column shows the length bias of (6) on a network: at equal rate GRPO, which divides a wrong completion's push by its length, writes longer ones than Dr. GRPO. Here that is a fifth of a token, and costs
// little; where completions have thousands of tokens it is what Liu and others (2025) found. The figure is one seed; these sentences are about eight.
// (What a library calls GRPO is not always GRPO: `GRPOConfig` of TRL 1.16 has DAPO's mean over tokens as its loss and a beta of 0 unless told otherwise. And where a faster program writes than the one that trains, their
// log-probabilities differ by rounding alone, so that even the first reading is of another policy's tokens; TRL weighs them by the ratio of the two. Here one program does both.)
// #claim 10/grpo-writes-longer

// %% [markdown]
// ## 7. What does each objective ask for?
//
// Every path above was bent by noise, by too few comparisons, by the moment of stopping. Take all of that away: infinitely many comparisons or groups, a policy
// that can write anything, training to the very end. Then each objective is left with a policy of its own, and in the world of 259 replies (three words, section 1) it can be
// computed exactly; the table of section 4 has the formulas. SimPO runs with its authors' $\gamma = 1$, as in section 4, and with $\gamma = 0$, where every word earns $u/\beta$ and pays $-c$. KTO's $z$ is the KL, as in
// section 4, found as the fixed point that repeats itself, and once it is 0, which is what its estimate in a batch comes to when replies vanish. GRPO has no objective; it stands still where its expected step is 0.
// Each knob ($\beta$, or ORPO's weight) is turned through its range.

// %%
const shortPrefer = bradleyTerryPreference(shortUtility);
const words = short.tree.sequences.map((reply) => reply.length);
const imitation = {
  tree: short.tree,
  contexts: shortRows,
  logits: conditionalLogProbs(short.tree, shortRef),
};

/** Groups of four and k3 times `price` in the loss: where the mean step is 0. */
const standstill = (
  price: number,
  normalise: boolean,
  step: (policy: TreePolicy, advantages: Float64Array) => Float64Array,
) => {
  const advantages = expectedGroupAdvantages(shortUtility, { group: 4, normalise });
  const field = (policy: TreePolicy) => {
    const pull = expectedReferenceGradient(policy, imitation.logits);
    return step(policy, advantages(sequenceLogProbsOf(policy))).map((g, i) => g + price * pull[i]);
  };
  return sequenceLogProbsOf(stationaryPolicy(imitation, field, { tolerance: 1e-3 }));
};
const drGrpo = (policy: TreePolicy, advantages: Float64Array) =>
  expectedDrGrpoGradient(policy, advantages, { length: 3 });
const of = (margin: Parameters<typeof pairOptimum>[3]) => pairOptimum(shortRef, shortRef, shortPrefer, margin);
const judged = { lengths: words, logSampling: shortRef, prefer: shortPrefer };

/** KTO's reference point is the KL of the policy that it leads to. */
const ktoAtItsKL = (b: number) => {
  let logProbs = shortRef;
  for (let round = 0; round < 12; round++) {
    const referencePoint = Math.max(0, exactKL(logProbs, shortRef)); // rounding
    logProbs = ktoOptimum(shortRef, shortRef, shortPrefer, { beta: b, referencePoint });
  }
  return logProbs;
};

const asked: Record<string, [knobs: number[], optimum: (knob: number) => Float64Array]> = {
  DPO: [[1, 0.25], (b) => of((h) => dpoOfMargin(h, { beta: b }))],
  "conservative DPO": [[1, 0.5, 0.25], (b) => of((h) => conservativeDpoOfMargin(h, { beta: b, noise: 0.1 }))],
  IPO: [[0.5, 0.2, 0.1, 0.05], (b) => ipoOptimum(shortRef, shortRef, shortPrefer, { beta: b })],
  "KTO, z = KL": [[1, 0.5, 0.1], ktoAtItsKL],
  "KTO, z = 0": [[1, 0.5, 0.1], (b) => ktoOptimum(shortRef, shortRef, shortPrefer, { beta: b })],
  "SimPO, margin 1": [[2, 1, 0.5], (b) => simpoOptimum(words, shortRef, shortPrefer, { beta: b, margin: 1 })],
  "SimPO, margin 0": [[2, 1, 0.5], (b) => simpoOptimum(words, shortRef, shortPrefer, { beta: b, margin: 0 })],
  ORPO: [[0.1, 1, 5], (weight) => orpoOptimum(judged, { weight })],
  "GRPO, k3": [[1, 0.5, 0.25, 0.1], (b) => standstill(b, true, expectedGrpoGradient)],
  "Dr. GRPO, k3": [[1, 0.5, 0.25, 0.1], (b) => standstill(b, false, drGrpo)],
  "best of n": [[2, 4, 8, 32], (n) => bestOfNLogProbs(shortRef, shortUtility, n)],
};
const answers = progress(Object.keys(asked), { label: "objectives" });
const ends: { objective: string; knob: number; kl: number; utility: number; shortfall: number }[] = [];
for (const objective of answers) {
  const [knobs, optimum] = asked[objective];
  for (const knob of knobs) {
    const logProbs = optimum(knob);
    ends.push({
      objective,
      knob,
      kl: exactKL(logProbs, shortRef),
      utility: exactExpectation(logProbs, shortUtility),
      shortfall: frontierShortfall(logProbs, shortRef, shortUtility),
    });
  }
}

const objectives = Object.keys(asked);
const over = (objective: string, of: (end: (typeof ends)[number]) => number) => {
  const values = ends.filter((end) => end.objective === objective).map(of);
  return { least: Math.min(...values), most: Math.max(...values) };
};
const shortfalls = objectives.map((objective) => over(objective, ({ shortfall }) => shortfall));
show(
  bar({
    title: "With all the data in the world, not every objective asks for the best",
    subtitle: "how far each objective's own end is below the best possible at the same KL, over the values of its knob",
    x: { title: "true utility left lying", unit: "nats" },
    y: { title: "objective" },
    horizontal: true,
    categories: objectives,
    series: [
      { name: "at its best knob", values: shortfalls.map(({ least }) => least) },
      { name: "at its worst", values: shortfalls.map(({ most }) => most) },
    ],
  }),
);
table(
  objectives.map((objective) => {
    const [kl, gained] = [over(objective, (end) => end.kl), over(objective, (end) => end.utility)];
    return {
      objective,
      knobs: asked[objective][0].join(", "),
      nearest: kl.least,
      farthest: kl.most,
      lowest: gained.least,
      highest: gained.most,
    };
  }),
  {
    columns: {
      objective: "objective",
      knobs: "knobs",
      nearest: "KL from (nats)",
      farthest: "to",
      lowest: "utility from",
      highest: "to",
    },
    digits: 3,
  },
);

// %% [markdown]
// DPO ends at the best possible, and conservative DPO and IPO as near to it as anybody could see: not trusting the labels comes to little more than another
// $\beta$. What went wrong with them in section 4 was the data and the table, not the question.
// #claim 10/dpo-and-ipo-ask-for-the-best
//
// KTO hardly listens to its knob: between $\beta = 1$ and $0.1$ its KL goes from 1.05 to 0.82 nats with $z$ = KL, and stays at 0.8 with $z = 0$. A reply that narrowly loses against the data is gone, and one that
// wins by a mile is favoured only a few times as much as one that wins by an inch. ORPO imitates what was chosen, and pays short replies more. SimPO starts by forgetting what people write,
// which costs more than two nats before anything is gained, whatever its margin; at $\beta = 2$ its likeliest reply is the empty one.
// #claim 10/kto-hardly-listens
// #claim 10/simpo-forgets-first
//
// Dr. GRPO is below the best possible because of where its KL is. $k_3$ in the loss has, word by word, the gradient of $\mathrm{KL}(\pi_{\text{ref}}\,\|\,\pi)$, the other
// direction (lesson 08). GRPO's divisions come on top and make it up to a fifth of a nat. With the KL in the *reward*, as RLOO and PPO have it here, the end
// is (1). And without any KL they all have the same end, the best replies: the divisions of section 6 bend the road, not where it leads. (A road may still pass a plateau on which training
// stops; a table with exact gradients, as here, passes it slowly. The network of section 6 had no such reference.)
// #claim 10/grpo-below-the-best
//
// The reward was right, the preferences were Bradley and Terry's, and nothing had to be generalised: this is only what is *asked*.

// %% [markdown]
// ## 8. The bill
//
// Now all of them in one picture, at two prices: nats away from the reference, and replies drawn. Best-of-n, RLOO and expert iteration (draw four, keep the
// best, fine-tune on it, repeat: Anthony and others 2017) get to see the true utility of every reply they draw. The last three see nothing but the 1,500
// comparisons: a *reward model* with one number for each word and the two words before it, $\ell_2$-regularised, and then the optimum of (1) for it; DPO with
// the same table, the same comparisons and the same regularisation, pulling logits back to the reference's; and DPO as it comes. Each point of these three is
// one $\beta$.

// %%
const comparisons = 1500;
const l2 = 0.003; // of the reward table, nats per squared nat
const price = 0.1; // of a nat, for RLOO
const prices = [1, 0.5, 0.3, 0.2, 0.15, 0.1, 0.07];

const measure = (logProbs: Float64Array) => ({
  kl: exactKL(logProbs, ref),
  utility: exactExpectation(logProbs, utility),
});
interface Bill {
  drawn: number[];
  kl: number[];
  utility: number[];
}
const bill = (points: readonly DrawnPolicy[]): Bill => {
  const measured = points.map(({ logProbs }) => measure(logProbs));
  return {
    drawn: points.map(({ drawn }) => drawn),
    kl: measured.map(({ kl }) => kl),
    utility: measured.map((point) => point.utility),
  };
};

const starting = { tree, contexts: rows, logits: start };
const bestOf = bill(
  [1, 2, 4, 8, 16, 32, 64, 128, 256].map((n) => ({ drawn: n, logProbs: bestOfNLogProbs(ref, utility, n) })),
);
const rloo = (k: Key) =>
  treeRloo(k, starting, { reward: utility, logRef: ref, beta: price, group: 16, steps: 300, rate: 0.05, every: 15 });
const experts = (k: Key) =>
  sampledExpertIteration(k, starting, { scores: utility, groups: 64, n: 4, rounds: 9, memory: 16 });

const features = entryCounts(tree, rows); // of each reply: how often it passes each entry of the table
const fromComparisons = (k: Key) => {
  const data = samplePairs(k, ref, prefer, comparisons);
  const of = (ys: Int32Array) => Array.from(ys, (y) => features[y]);
  const { theta } = linearReward.fit(featurePairs(of(data.chosen), of(data.rejected)), { l2 });
  const learned = Float64Array.from(features, (counts) => counts.reduce((sum, count, j) => sum + count * theta[j], 0));
  const lossAt = (price: number) => onLogits(tree, rows, dpo(data, price));
  const perPrice = (logProbsAt: (price: number) => Float64Array) =>
    bill(prices.map((p) => ({ drawn: 2 * comparisons, logProbs: logProbsAt(p) }))); // drawn for the labelers
  return {
    "reward model, then (1)": perPrice((p) => exactRegularisedOptimum(ref, learned, p).logProbs),
    // A logit moved by d is a reward of p d: the same penalty.
    "DPO, regularised": perPrice((p) => write(l2RegularisedDescent(start, lossAt(p), { l2: l2 * p * p }))),
    DPO: perPrice((p) => write(adamDescent(start, lossAt(p), { steps: 300, rate: 0.03 }))),
  };
};

// %%
const bills: Record<string, Bill[]> = { "best-of-n": [bestOf] };
const add = (name: string, one: Bill) => {
  bills[name] = [...(bills[name] ?? []), one];
};
for (const seed of progress([1, 2, 3, 4], { label: "seeds" })) {
  const [a, b, c] = split(key(seed), 3);
  add("RLOO", bill(rloo(a)));
  add("expert iteration", bill(experts(b)));
  for (const [name, one] of Object.entries(fromComparisons(c))) add(name, one);
}
const averaged = (name: string, x: "kl" | "drawn") => {
  const middle = (what: keyof Bill) => bills[name][0].drawn.map((_, i) => mean(bills[name].map((one) => one[what][i])));
  return { name, x: middle(x), y: middle("utility") };
};

const colors: Record<string, string> = Object.fromEntries(Object.keys(bills).map((name, i) => [name, palette[i]]));
const panel = (title: string, names: string[]) =>
  line({
    title,
    x: { title: "KL from the reference", unit: "nats", range: [0, 6] },
    y: { title: "true utility", unit: "nats", range: [-0.2, 3.2] },
    series: [frontierLine, ...names.map((name) => ({ ...averaged(name, "kl"), markers: true, color: colors[name] }))],
  });

show(
  smallMultiples({
    title: "Regularised or not: that matters more than which road the comparisons take",
    subtitle: "means over four seeds; replies of four words about the whale",
    share: "both",
    figures: [
      panel("Sees the utility of its replies", ["best-of-n", "RLOO", "expert iteration"]),
      panel("Sees 1,500 comparisons", ["reward model, then (1)", "DPO, regularised", "DPO"]),
    ],
  }),
);

// %% [markdown]
// The three on the left end close to the gray line; expert iteration does so although nobody told it about KL (its number of rounds is its $\beta$: with a
// policy that can write anything, $k$ rounds of best of four are best of $4^k$, and at its own KL hardly any policy wins more often against the reference than best-of-n: Gui and others 2024).
// #claim 10/on-policy-stays-near
//
// On the right, DPO with the same table, the same comparisons and the same regularisation as the reward model is as near to the best possible as the reward model at $\beta = 1$; at smaller prices the reward model goes
// further ahead, to about 0.2 nats at $\beta = 0.1$. Both are far ahead of DPO without regularisation, which is DPO as it is mostly run: then the number of steps is the only thing that holds it. So what decides
// is regularisation first, and the road second.
// #claim 10/regularised-roads-are-near
// #claim 10/unregularised-falls-behind
//
// Why is DPO's road behind at small prices? Not because its policy remembers two words only, while the optimum of a learned reward is computed over *all* replies: the same table, trained to climb the learned
// reward, comes within 0.03 of that optimum. The two penalties have the same size, but hold different things: free rewards of words there, logits of a policy that must add up to 1 after every prefix here. We did
// not take that apart further.
// #claim 10/memory-is-not-why
//
// One more difference is $\beta$: with a reward model it is chosen afterwards, for nothing. DPO is trained anew for each. (Lesson 05 compares DPO with PPO on a transformer, where both have to optimise.)

// %%
const served = 1000; // replies handed out in the end
const perReply = [
  { ...averaged("RLOO", "drawn") },
  { ...averaged("expert iteration", "drawn") },
  { ...averaged("best-of-n", "drawn"), name: `best-of-n, ${served} replies served` },
].map(({ name, x, y }) => ({
  name,
  x: x.map((drawn) => (name.startsWith("best") ? drawn * served : drawn + served)),
  y,
  markers: true,
}));
const cheapest = (name: string) =>
  quantile(
    bills[name].map((one) => Math.max(...one.utility)),
    0.5,
  );

show(
  line({
    title: "Best-of-n is cheap to start and dear to keep",
    subtitle: `replies drawn to serve ${served} of them; DPO and the reward model draw ${2 * comparisons} for the labelers (dashed: their best)`,
    x: { title: "replies drawn, training included", type: "log" },
    y: { title: "true utility", unit: "nats", range: [-0.2, 3.2] },
    series: perReply,
    reference: [
      { y: cheapest("reward model, then (1)"), label: "reward model" },
      { y: cheapest("DPO"), label: "DPO, not regularised" },
    ],
  }),
);

// %% [markdown]
// Do we need the reward model? To fit the comparisons: no. To go beyond them (new replies, another $\beta$, a look at what was learned, a score to stop by):
// something has to play its part. DPO's policy can do it, since it *is* a reward model; then it should be validated like one.
//
// ## What this lesson does not show
//
// - **Generalisation.** A table that sees two words stands in for a transformer. Lesson 05 runs PPO, RLOO, GRPO, DPO and best-of-n on one that has read *Moby
//   Dick*.
// - **Clipping.** But for its network, section 6 is at the first step of a batch. What clipping does, token by token and for whole sequences, is lesson 08's subject; `dapoLoss` clips asymmetrically, `gspoLoss`
//   whole replies. The network is tiny and its task is learnt in a minute; four seeds say nothing about reasoning in a large one.
// - **Iterating.** DPO on pairs of its own fresh replies (`bestWorstPairs` makes them) gets to hear about replies that the reference hardly ever wrote.
// - **The reward was right.** Whatever saw the true utility here sees a learned one in practice, and climbing that is lesson 11.
// - **Tuning.** Each method had a few minutes of attention. Rankings of methods in papers are often rankings of attention.
//
// ## Said, and seen
//
// The notes that the course grew from say these things about this lesson's subject; beside them what you saw:
//
// | Said | Seen | Where |
// | --- | --- | --- |
// | RLHF minimises KL(human, model) | That is imitation. RLHF minimises $\mathrm{KL}(\pi\,\Vert\,\pi^*)$: the other direction, and another target | first table |
// | The objective is $\mathbb{E}_\pi[R]$ | Without $-\beta\,\mathrm{KL}$ there is no (1), and nothing for DPO to invert | 1 |
// | DPO raises the likelihood of preferred answers | It raises the margin; in all ten data sets both replies fell | 2 |
// | Best-of-n has a KL of $\ln n - (n-1)/n$ | At most that; ties and repeats make it less | 5 |
// | The KL "prevents collapse" | Its direction and place matter: $k_3$ in the loss has another end than KL in the reward | 7 |
//
// ## On one page
//
// | | | In code |
// | --- | --- | --- |
// | (1) | $\pi^* = \pi_{\text{ref}}\, e^{u/\beta}/Z$ | `exactRegularisedOptimum`; back: `implicitRewards` |
// | (2) | $-\ln\sigma(\beta h)$ | `dpoLoss`, `dpoLossAndGradient` |
// | (3) | $(h - \frac{1}{2\beta})^2$, $\pi \propto \pi_{\text{ref}}\, e^{w/\beta}$ | `ipoLoss`, `ipoOptimum` |
// | (4) | $P_n(s) = F(s)^n - F(s^-)^n$ | `bestOfNLogProbs`, `bestOfNKL`, `bestOfNKLBound` |
// | (5) | $\sum_i \binom{i-1}{n-1} s_i / \binom mn$ | `bestOfNEstimate` |
// | (6) | leave-one-out; (r - mean) / std | `leaveOneOutAdvantages`, `groupAdvantages` |
// | aggregation | per reply, per token, per constant | `grpoLoss`, `dapoLoss`, `drGrpoLoss` |
// | ends | what each objective asks for | `pairOptimum`, `ktoOptimum`, `simpoOptimum`, `orpoOptimum`, `stationaryPolicy` |
//
// **Three questions**
//
// <details><summary>Your DPO run's loss falls and the log-probability of the chosen replies falls too. Is there a bug?</summary>Not necessarily: the loss sees the margin only. Watch
// where the probability goes, and what it is worth; a bit of likelihood for the chosen replies keeps them up.</details>
//
// <details><summary>Best of 64 by a reward model, or a policy trained by it: which for ten million answers?</summary>Best of 64 draws 64 replies for each answer, for ever; training is paid
// once. For a few thousand answers, or to try a reward model out, best of 64.</details>
//
// <details><summary>Your reasoning model's wrong answers get longer and longer. Where do you look first?</summary>At the aggregation of the loss: a mean over each reply's own length makes
// long wrong answers cheap.</details>
//
// ## Read on
//
// - Rafailov and others 2023, *Direct preference optimization*, arXiv:2305.18290. Equations (1) and (2).
// - Azar and others 2023, *A general theoretical paradigm to understand learning from human preferences*, arXiv:2310.12036. Section 3.
// - Razin and others 2024, *Unintentional unalignment: likelihood displacement in direct preference optimization*, arXiv:2410.08847; Pal and others 2024,
//   *Smaug*, arXiv:2402.13228; Pang and others 2024, *Iterative reasoning preference optimization*, arXiv:2404.19733. Section 2.
// - Ethayarajh and others 2024, *KTO*, arXiv:2402.01306; Meng, Xia and Chen 2024, *SimPO*, arXiv:2405.14734; Hong, Lee and Thorne 2024, *ORPO*,
//   arXiv:2403.07691; Chowdhury, Kini and Natarajan 2024, *Provably robust DPO*, arXiv:2403.00409; Mitchell 2023, *A note on DPO with noisy preferences and
//   relationship to IPO*. Section 4.
// - Beirami and others 2024, *Theoretical guarantees on the best-of-n alignment policy*, arXiv:2401.01879; Nakano and others 2021, *WebGPT*, arXiv:2112.09332 (equation (5)); Gui, Garbacea and Veitch 2024, *BoNBoN alignment for large language models and the sweetness of best-of-n sampling*, arXiv:2406.00832. Section 5.
// - Ahmadian and others 2024, *Back to basics* (RLOO), arXiv:2402.14740; Shao and others 2024, *DeepSeekMath* (GRPO), arXiv:2402.03300; Liu and others 2025,
//   *Understanding R1-zero-like training* (Dr. GRPO), arXiv:2503.20783; Yu and others 2025, *DAPO*, arXiv:2503.14476; Zheng and others 2025, *GSPO*,
//   arXiv:2507.18071; Lambert and others 2024, *Tulu 3* (verifiable rewards), arXiv:2411.15124. Section 6.
// - Anthony, Tian and Barber 2017, *Thinking fast and slow with deep learning and tree search*, arXiv:1705.08439; Dong and others 2023, *RAFT*,
//   arXiv:2304.06767. Expert iteration.
// - Xu and others 2024, *Is DPO superior to PPO for LLM alignment?*, arXiv:2404.10719; Swamy and others 2025, *All roads lead to likelihood*,
//   arXiv:2503.01067. The question of the title.
// - In the books: Lambert, *Reinforcement learning from human feedback*: chapter 8, [Direct Alignment](https://rlhfbook.com/c/08-direct-alignment), and chapter 9, [Rejection Sampling](https://rlhfbook.com/c/09-rejection-sampling).

// %%
import { solved } from "rlhf-lab-course";

// What you have solved of this lesson; it is written down on this machine and sent nowhere.
await solved("10");
