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
// **Time** 2 hours, 72 minutes of them exercises. **You need** lessons 01, 05 and 07, and the word KL.

// %% [markdown]
// ## The model on one page
//
// With $\pi_0$ the policy that we start from (the reference) and $\beta$ the price of a nat, the optimum of
// $\mathbb{E}_\pi[r] - \beta\,\mathrm{KL}(\pi\,\|\,\pi_0)$ and the same line solved for $r$ are
//
// $$\pi^*(y) = \frac1Z\, \pi_0(y)\, e^{r(y)/\beta}, \qquad r(y) = \beta \ln\frac{\pi^*(y)}{\pi_0(y)} + \beta \ln Z. \tag{1}$$
//
// (Why is that the optimum? Put $r$ from the right into the objective, and it becomes
// $\mathbb{E}_\pi[r] - \beta\,\mathrm{KL}(\pi\,\|\,\pi_0) = \beta\ln Z - \beta\,\mathrm{KL}(\pi\,\|\,\pi^*)$. A KL is never negative, and 0 for $\pi = \pi^*$ alone. So what RLHF minimises is a KL too: from the policy
// to the tilted reference $\pi^*$.)
//
// Put the second into Bradley and Terry's model: $Z$ falls out, since only differences count, and what is left is a loss for the policy (Rafailov and others
// 2023),
//
// $$L_{\text{DPO}} = -\frac1B \sum_b \ln\sigma(\beta h_b), \qquad h = \ln\frac{\pi(y_{\text{chosen}})}{\pi_0(y_{\text{chosen}})} - \ln\frac{\pi(y_{\text{rejected}})}{\pi_0(y_{\text{rejected}})}. \tag{2}$$
//
// | On paper | In code | What it is |
// | --- | --- | --- |
// | $\ln\pi(y)$ | `logProbs[y]` | log-probability of a whole reply in nats, for each reply $y$ of the world |
// | $\pi_0$ | `ref` | the reference: what people wrote, and what fine-tuning learned |
// | $\beta$ | `beta` | the price of a nat of KL, in utility |
// | $\beta\ln\pi/\pi_0$ | `implicitRewards(logProbs, ref, { beta })` | the reward that a policy is optimal for, up to a constant |
// | $L_{\text{DPO}}$ | `dpoLossAndGradient(chosen, rejected, refChosen, refRejected, { beta })` | on plain numbers; `dpoLoss` is the same on tensors |
// | $h$ | the margin | how much further than $\pi_0$ the policy tells the two apart, in nats |

// %%
import {
  adamDescent,
  bar,
  bestOfNEstimate,
  bestOfNKL,
  bestOfNKLBound,
  bestOfNLogProbs,
  bradleyTerryPreference,
  categorical,
  check,
  conditionalLogProbs,
  conservativeDpoLossAndGradient,
  conservativeDpoOfMargin,
  contextRows,
  type DrawnPolicy,
  dpoLossAndGradient,
  dpoOfMargin,
  entryCounts,
  exactExpectation,
  exactKL,
  exactPreferenceLoss,
  exactRegularisedOptimum,
  expectedDrGrpoGradient,
  expectedGroupAdvantages,
  expectedGrpoGradient,
  expectedReferenceGradient,
  featurePairs,
  frontierShortfall,
  groupAdvantages,
  implicitRewards,
  ipoLossAndGradient,
  ipoOptimum,
  type Key,
  key,
  klFrontier,
  ktoOnOutcomes,
  ktoOptimum,
  lbfgs,
  leaveOneOutAdvantages,
  line,
  linearReward,
  linspace,
  maximumLikelihoodLogits,
  mean,
  nextTokenLogProbs,
  type OutcomeLoss,
  type OutcomePairs,
  onLogits,
  onOutcomes,
  orpoOptimum,
  pairOptimum,
  palette,
  phraseTask,
  phraseText,
  progress,
  pulledDescent,
  quantile,
  robustDpoLossAndGradient,
  sampledExpertIteration,
  samplePairs,
  scatter,
  sequenceLogitGradient,
  sequenceLogProbs,
  sequenceLogProbsOf,
  sequenceTree,
  show,
  simpoOnOutcomes,
  simpoOptimum,
  smallMultiples,
  split,
  standardError,
  stationaryPolicy,
  type TreePolicy,
  table,
  tabularRows,
  treeRloo,
} from "rlhf-lab";

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
const rows = contextRows(tree, 2); // which row of logits a prefix reads: the one of its last two words
const start = maximumLikelihoodLogits(tree, rows, ref.map(Math.exp));
const write = (logits: ArrayLike<number>) => sequenceLogProbs(tree, nextTokenLogProbs(tree, rows, logits));
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
// A hundred steps of logistic regression, and the whale is good: most of the way to the optimum, without a reward model. (Add up the two columns before the last, in each row: the same $\beta\ln Z$ each time.) It looks too
// easy, and so we look closer.
//
// ## 1. The policy is a reward model
//
// Equation (1) promises more than a good policy: $\beta\ln\pi/\pi_0$ *is* the true reward, up to a constant. That holds if the comparisons never run out, if
// every pair may come up, if people answer as Bradley and Terry say, and if the policy can write any distribution at all. On the left all four hold: every
// pair of the 259 replies of three words, each in its exact proportion, and a policy with a row for every prefix. On the right the policy from above.

// %%
const steps = 300; // of L-BFGS
const short = phraseTask({ length: 3 });
const [shortRef, shortUtility] = [short.reference[0], short.utility[0]];
const shortRows = tabularRows(short.tree);
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
const exactDpo = sequenceLogProbs(short.tree, nextTokenLogProbs(short.tree, shortRows, limit));

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
// The right panel is practice. The order is mostly right, the slope falls short (a hundred steps do not go
// further), and the scatter is large, most of all among replies that are seldom written, which is where an optimiser goes.
//
// ### Exercise 1. The loss
//
// *Difficulty 2 of 5, 10 minutes. Trains: equation (2), and staying in log space.*
//
// Write (2) for lists of log-probabilities of whole replies, in nats. A margin of $-2000$ nats must not overflow: $-\ln\sigma(z) = \ln(1 + e^{-z})$, which is
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
const few = samplePairs(key(3), ref, prefer, 100);
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
const watched = (loss: OutcomeLoss) => {
  const path = { step: [] as number[], chosen: [] as number[], rejected: [] as number[] };
  const fate = { top: [] as number[], utility: [] as number[] };
  adamDescent(start, onLogits(tree, rows, loss), {
    steps: 400,
    rate: 0.03,
    watch: (logits, step) => {
      if (step % 10 !== 0) return;
      const logProbs = write(logits);
      path.step.push(step);
      path.chosen.push(mean(Float64Array.from(few.chosen, (y) => logProbs[y])));
      path.rejected.push(mean(Float64Array.from(few.rejected, (y) => logProbs[y])));
      const likeliest = logProbs.slice().sort().slice(-5);
      fate.top.push(likeliest.reduce((sum, l) => sum + Math.exp(l), 0));
      fate.utility.push(exactExpectation(logProbs, utility));
    },
  });
  return { ...path, ...fate };
};
const fall = watched(dpo(few, 0.1));
const cured = watched(withLikelihood(dpo(few, 0.1), few));

const both = (title: string, path: typeof fall) =>
  line({
    title,
    x: { title: "step" },
    y: { title: "mean log-probability", unit: "nats", range: [-40, 0] },
    series: [
      { name: "chosen replies", x: path.step, y: path.chosen },
      { name: "rejected replies", x: path.step, y: path.rejected },
    ],
    reference: [{ y: fall.chosen[0] }],
  });
const compared = (title: string, y: { title: string; unit?: string; range: [number, number] }, of: "top" | "utility") =>
  line({
    title,
    x: { title: "step" },
    y,
    series: [
      { name: "DPO", x: fall.step, y: fall[of], color: palette[6] },
      { name: "with likelihood", x: cured.step, y: cured[of], color: palette[2] },
    ],
  });

show(
  smallMultiples({
    title: "DPO makes both replies less likely, the rejected one faster",
    subtitle: "beta 0.1, 100 comparisons; dashed: where the chosen replies started",
    figures: [
      both("DPO", fall),
      both("With likelihood", cured),
      compared("Where it goes", { title: "P(five likeliest replies)", range: [0, 1] }, "top"),
      compared("What it is worth", { title: "true utility", unit: "nats", range: [-0.5, 2.5] }, "utility"),
    ],
  }),
);

// %% [markdown]
// For a moment the chosen replies gain; then they sink, to a tiny fraction of what they were. The loss sees nothing but the margin, and a margin grows just
// as well when both fall and one falls faster. Nothing in (2) says who gets what they lose. Here it is a handful of replies that share words with many chosen
// ones, and the true utility first rises with them and then turns. (Pal and others 2024; Razin and others 2024, who call it likelihood displacement, found a
// model that became *less* safe this way.)
//
// The cure, a bit of likelihood for the chosen replies (Pang and others 2024), keeps them up, and the policy wide. It is not free: it holds the policy near
// what people wrote, the good and the middling alike. ORPO has such a term from the beginning, and no reference (`orpoLoss`).
//
// ## 3. Break it: nobody doubts
//
// Suppose three replies, and everybody agrees: A before B, B before C, always. Then the reward that Bradley and Terry's model finds has infinite gaps, and
// (2) has no minimum: whatever $\beta$ is, the policy runs to A alone. The price on KL has vanished. IPO (Azar and others 2023) asks for a margin and no
// more,
//
// $$L_{\text{IPO}} = \frac1B \sum_b \Bigl(h_b - \frac{1}{2\beta}\Bigr)^2, \qquad \pi_{\text{IPO}}(y) \propto \pi_0(y)\, e^{w(y)/\beta}, \quad w(y) = \sum_{y'} \mu(y')\, P(y \succ y'), \tag{3}$$
//
// where $w(y)$ is how often $y$ wins against a reply that is shown, drawn from $\mu$. Win rates lie between 0 and 1, so log-ratios differ by at most
// $1/\beta$, however sure people are.

// %%
const betas = [0.2, 0.5, 1];
const sure = { chosen: Int32Array.of(0, 0, 1), rejected: Int32Array.of(1, 2, 2) };
const threeRef = new Float64Array(3).fill(-Math.log(3));
const softmaxOf = (logits: Float64Array) => nextTokenLogProbs(threeTree, tabularRows(threeTree), logits);
const threeTree = sequenceTree(3, 1); // replies of one token: A, B, C
const certain = (loss: OutcomeLoss) => {
  const path = { x: [] as number[], y: [] as number[] };
  adamDescent(new Float64Array(3), onLogits(threeTree, tabularRows(threeTree), loss), {
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
// (Mitchell 2023) believes every label with 90 %, and so stops as well, at a margin of $\ln 9 / \beta$ or so.
//
// Is this far-fetched? With 1,500 comparisons of 1,555 replies most pairs are asked once or never, and a label that was heard once is a certain one. A flexible
// enough policy can satisfy them all: every finite data set is a world without doubt.
//
// ### Exercise 2. Where IPO stops
//
// *Difficulty 3 of 5, 15 minutes. Trains: equation (3), and minimising a mean over both answers.*
//
// (a) One pair, seen infinitely often; the first reply is preferred with probability `p`. Each answer adds $(h - \frac{1}{2\beta})^2$, where $h$ has the
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
// **KTO** (Ethayarajh and others 2024) needs no pairs, only replies that somebody found good or bad. A good one adds
// $1 - \sigma(\beta(\ln\frac{\pi}{\pi_0} - z))$ to the loss and a bad one $1 - \sigma(\beta(z - \ln\frac{\pi}{\pi_0}))$, where $z$ is the KL from the
// reference; here we know it exactly. **SimPO** (Meng, Xia and Chen 2024) drops the reference and divides log-probabilities by the number of words:
// $-\ln\sigma(\beta(\frac{1}{|y|}\ln\pi(y) - \frac{1}{|y'|}\ln\pi(y')) - \gamma)$. **Robust DPO** (Chowdhury and others 2024) is told the share of wrong
// labels and subtracts what they do on average.
//
// We follow each along its training, as a path: how far from the reference, and what is gained there. The gray line is the best that is possible at each
// distance, equation (1) for all $\beta$.

// %%
const seeds = [3, 4, 5];
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
    title: "Most losses learn the lies after they have learned the truth",
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
// All start along the frontier: the first steps are cheap and right. Then they leave it. With three labels in ten turned round DPO, IPO and SimPO rise, turn,
// and fall back to where they began, while their loss goes down all the time. KTO hardly falls: its loss is bounded, and a reply that is hopelessly on the
// wrong side no longer pulls. Robust DPO climbs as high and then runs away: it has no lower bound. Nobody watched the true utility here but us; what a
// practitioner has is a held-out set, a good ear and a small number of epochs.
//
// This is one world and one setting of each knob ($\beta$ means something else in each loss). It is not a ranking; it shows which knobs there are.
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
// Ties make it cheaper: among replies of one score the reference decides, as before. Picked by the lexicon, which cannot see a "not" and does not care for
// the topic, the true utility is all but done at $n = 8$; what follows is paid for nothing. (Lesson 11 is about proxies that do worse than nothing.)
//
// ### Exercise 3. The exact price
//
// *Difficulty 3 of 5, 15 minutes. Trains: equation (4), ties included.*
//
// Write the KL of (4), in nats, from the probabilities of a few outcomes and their scores. Outcomes of equal score are one level.
//
// <details><summary>Hint 1</summary><code>[...new Set(scores)].sort((a, b) => a - b)</code> are the levels, lowest first.</details>
// <details><summary>Hint 2</summary>Keep a running sum F of probabilities; a level's chance is (F + share)^n - F^n.</details>

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
// replacement, again and again, is tempting and wrong: a sample that is drawn twice is one chance fewer. The exact mean over all $\binom mn$ subsets is
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
  const errors = each.map((n) => {
    const exact = exactBest(n);
    return drawn.map((values) => estimate(values, n) - exact);
  });
  const [centre, spread] = [errors.map((list) => mean(list)), errors.map((list) => 2 * standardError(list))];
  const band = { low: centre.map((e, i) => e - spread[i]), high: centre.map((e, i) => e + spread[i]) };
  return { name, x: each, y: centre, band, markers: true };
};

show(
  line({
    title: "Resampling with replacement sells best-of-n short",
    subtitle: `mean over ${batches} batches of ${m} samples, picked by true utility; bands: two standard errors`,
    x: { title: "n", type: "log" },
    y: { title: "mean error of the estimate", unit: "nats" },
    series: [errorOf("with replacement", plugIn), errorOf("equation (5)", bestOfNEstimate)],
    reference: [{ y: 0 }],
  }),
);

// %% [markdown]
// ### Exercise 4. What would best-of-n get?
//
// *Difficulty 3 of 5, 12 minutes. Trains: equation (5), without numbers too large for a computer.*
//
// Write (5). Binomials of 1,000 overflow; the ratio of neighbouring weights does not. The largest sample has the weight $n/m$; going down from place $i$ to
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
const chances = linspace(Math.log(0.005), Math.log(0.5), 30).map(Math.exp);
/** How hard a prompt pulls at the log-odds of being right, on average over all groups, over what the policy gradient says, p (1 - p). */
const weightOfPrompt = (p: number, G: number, advantagesOf: (rewards: number[]) => Float64Array) => {
  let pull = 0;
  let ways = 0; // log of G over k
  for (let k = 0; k <= G; k++) {
    const rewards = Array.from({ length: G }, (_, i) => (i < k ? 1 : 0));
    const chance = Math.exp(ways + k * Math.log(p) + (G - k) * Math.log1p(-p));
    pull += (chance * advantagesOf(rewards).reduce((sum, a, i) => sum + a * (rewards[i] - p), 0)) / G;
    ways += Math.log((G - k) / (k + 1));
  }
  return pull / (p * (1 - p));
};
const weights = [
  ...[4, 16, 64].map((G) => ({
    name: `GRPO, groups of ${G}`,
    x: chances,
    y: chances.map((p) => weightOfPrompt(p, G, (r) => groupAdvantages(r, { group: G }))),
  })),
  {
    name: "RLOO, any group",
    x: chances,
    y: chances.map((p) => weightOfPrompt(p, 4, (r) => leaveOneOutAdvantages(r, { group: 4 }))),
    color: palette[6],
  },
];

show(
  line({
    title: "Divided by their deviation, hopeless prompts shout",
    subtitle: "the mean pull at the log-odds of a right answer, over what the policy gradient says",
    x: { title: "chance of a right answer", type: "log" },
    y: { title: "pull", unit: "times the policy gradient", range: [0, 9] },
    series: weights,
  }),
);

// %% [markdown]
// RLOO is flat at 1: it is the policy gradient. In groups of 64 GRPO makes a prompt that succeeds once in a hundred tries count three times as much as one
// that succeeds every other time, in groups of four hardly more. That may even be what you want, but nobody wrote it down as an objective. (Its mirror image,
// prompts that nearly always succeed, is not drawn.)
//
// Now the length. Replies of up to eight words; the first word decides whether a reply is right, and half of them are. The words after it do not matter, so
// that the policy gradient on them is zero. We hold the first word fixed and climb.

// %%
const tokens = sequenceTree(3, 8); // token 0 ends a reply; a first token 1 is right, 2 is wrong
const tokenRows = tabularRows(tokens);
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
    const conditionals = nextTokenLogProbs(tokens, tokenRows, logits);
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
    const gradient = sequenceLogitGradient(tokens, tokenRows, conditionals, slopes);
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
// The blame for a wrong answer is shared out over its words, so a long wrong answer has less on each of them; praise as well, so that words that end a right
// answer early are praised most. Nothing in the reward asked for either. Taking the sum (Dr. GRPO,
// `drGrpoLoss`) leaves the lengths alone: its two lines lie on each other. The mean over all words of the batch (DAPO, `dapoLoss`) comes to the same in a
// large batch, where the number of words hardly varies; the ratio to the power $1/|y|$ (GSPO, `gspoLoss`) has GRPO's bias at the first step.
//
// ### Exercise 5. Group advantages
//
// *Difficulty 2 of 5, 10 minutes. Trains: equation (6), and groups without a difference.*
//
// Write GRPO's advantages for a batch in which the rows of a group are neighbours. The deviation is the sample's. A group whose rewards are all equal teaches
// nothing: 0, not NaN.
//
// <details><summary>Hint</summary>Sum of squares over G - 1, and look at it before you divide.</details>

// %% [exercise] 10/group-advantage
/** (reward - mean of its group) / sample deviation of its group, for rows in groups of `group` neighbours. */
function groupAdvantage(rewards: number[], group: number): number[] {
  // #solution
  const out: number[] = [];
  for (let first = 0; first < rewards.length; first += group) {
    const own = rewards.slice(first, first + group);
    const centre = own.reduce((a, b) => a + b) / group;
    const deviation = Math.sqrt(own.reduce((sum, r) => sum + (r - centre) ** 2, 0) / (group - 1));
    out.push(...own.map((r) => (deviation > 0 ? (r - centre) / deviation : 0)));
  }
  return out;
  // #end
}

// %% [check] 10/group-advantage
await check("10/group-advantage", { groupAdvantage });

// %% [markdown]
// ### Exercise 6. RLOO is GRPO, up to a factor
//
// *Difficulty 2 of 5, 10 minutes. Trains: leave-one-out, and why its baseline may depend on the group.*
//
// Write RLOO's advantages of one group, and the factor that turns $r_i - \bar r$ into them. Why does RLOO bother to leave itself out? Because then the
// baseline does not depend on the answer it is subtracted from, and the gradient is unbiased; your factor is how much shorter GRPO's step is.
//
// <details><summary>Hint</summary>Write the sum of the others as G times the mean, minus r_i.</details>

// %% [exercise] 10/leave-one-out
/** Each reward minus the mean of the others in its group. */
function leaveOneOut(rewards: number[]): number[] {
  // #solution
  const sum = rewards.reduce((a, b) => a + b);
  return rewards.map((r) => r - (sum - r) / (rewards.length - 1));
  // #end
}

/** leaveOneOut(r)[i] = factor(G) * (r[i] - mean(r)) for any group of G. */
function leaveOneOutFactor(G: number): number {
  // #solution
  return G / (G - 1);
  // #end
}

// %% [check] 10/leave-one-out
await check("10/leave-one-out", { leaveOneOut, leaveOneOutFactor });

// %% [markdown]
// ## 7. What does each objective ask for?
//
// Every path above was bent by noise, by too few comparisons, by the moment of stopping. Take all of that away: infinitely many comparisons or groups, a policy
// that can write anything, training to the very end. Then each objective is left with a policy of its own, and in the world of 259 replies (three words, section 1) it can be
// computed exactly. For DPO it is (1). For SimPO with $\gamma = 0$ it is $\ln\pi(y) = |y|\,(r(y)/\beta + c)$, with the $c$ that makes it a distribution: every word earns $r/\beta$ and pays $-c$, and no
// $\pi_0$ is left in it. For KTO every reply that loses more often than it wins disappears. GRPO has no objective; it stands still where its expected step is 0. Each knob ($\beta$, or ORPO's weight) is turned
// through its range.

// %%
const shortPrefer = bradleyTerryPreference(shortUtility);
const words = short.tree.sequences.map((reply) => reply.length);
const imitation = {
  tree: short.tree,
  rows: shortRows,
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
const judged = { lengths: words, shown: shortRef, prefer: shortPrefer };

const asked: Record<string, [knobs: number[], optimum: (knob: number) => Float64Array]> = {
  DPO: [[1, 0.25], (b) => of((h) => dpoOfMargin(h, { beta: b }))],
  "conservative DPO": [[1, 0.5, 0.25], (b) => of((h) => conservativeDpoOfMargin(h, { beta: b, noise: 0.1 }))],
  IPO: [[0.5, 0.2, 0.1, 0.05], (b) => ipoOptimum(shortRef, shortRef, shortPrefer, { beta: b })],
  KTO: [[1, 0.5, 0.1], (b) => ktoOptimum(shortRef, shortRef, shortPrefer, { beta: b })],
  SimPO: [[2, 1, 0.5], (b) => simpoOptimum(words, shortRef, shortPrefer, { beta: b, margin: 1 })],
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
// $\beta$. What went wrong with them in section 4 was the data and the table, not the question. KTO hardly listens to its knob and stays at 0.8 nats: a reply
// that narrowly loses against the data is gone, and one that wins by a mile is favoured only a few times as much as one that wins by an inch. ORPO imitates
// what was chosen, and pays short replies more. SimPO starts by forgetting what people write, which costs two nats before anything is gained; at
// $\beta = 2$ its likeliest reply is the empty one.
//
// Dr. GRPO is below the best possible because of where its KL is. $k_3$ in the loss has, word by word, the gradient of $\mathrm{KL}(\pi_0\,\|\,\pi)$, the other
// direction (lesson 08). GRPO's divisions come on top and make it up to a fifth of a nat. With the KL in the *reward*, as RLOO and PPO have it here, the end
// is (1). And without any KL they all have the same end, the best replies: the divisions of section 6 bend the road, not where it leads. (A road may still
// pass a plateau on which training stops: a transformer that takes long steps with GRPO does stop on one.)
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

const starting = { tree, rows, logits: start };
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
    "DPO, regularised": perPrice((p) => write(pulledDescent(start, lossAt(p), { pull: l2 * p * p }))),
    DPO: perPrice((p) => write(adamDescent(start, lossAt(p), { steps: 300, rate: 0.03 }))),
  };
};

// %%
const bills: Record<string, Bill[]> = { "best-of-n": [bestOf] };
const add = (name: string, one: Bill) => {
  bills[name] = [...(bills[name] ?? []), one];
};
for (const seed of progress([21, 22, 23], { label: "seeds" })) {
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
    title: "The same comparisons, regularised or not: that matters more than which road they take",
    subtitle: "means over three seeds; replies of four words about the whale",
    share: "both",
    figures: [
      panel("Sees the utility of its replies", ["best-of-n", "RLOO", "expert iteration"]),
      panel("Sees 1,500 comparisons", ["reward model, then (1)", "DPO, regularised", "DPO"]),
    ],
  }),
);

// %% [markdown]
// The three on the left stay close to the gray line; expert iteration does so although nobody told it about KL (its number of rounds is its $\beta$: with a
// policy that can write anything, $k$ rounds of best of four are best of $4^k$, and at its own KL hardly any policy wins more often against the reference than best-of-n: Gui and others 2024). On the right, the
// reward model and DPO with the same table, the same comparisons and the same regularisation go nearly the same way: that is the theorem again, and the
// answer to the title. What falls behind is DPO without regularisation, which is DPO as it is mostly run, and then the number of steps is the only thing that
// holds it.
//
// A small difference stays. The optimum of a learned reward is computed over *all* replies, and a policy with two words of memory has to make do. And
// $\beta$: with a reward model it is chosen afterwards, for nothing. DPO is trained anew for each.

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
// - **Clipping.** All of section 6 is at the first step of a batch. What clipping does to groups is lesson 08's subject, token by token and for whole
//   sequences; `dapoLoss` clips asymmetrically, `gspoLoss` whole replies.
// - **Iterating.** DPO on pairs of its own fresh replies (`extremePairs` makes them) gets to hear about replies that the reference hardly ever wrote.
// - **The reward was right.** Whatever saw the true utility here sees a learned one in practice, and climbing that is lesson 11.
// - **Tuning.** Each method had a few minutes of attention. Rankings of methods in papers are often rankings of attention.
//
// ## Where the text needed correcting
//
// "KL(human, model)" is what imitation minimises, by the likelihood of what people wrote. RLHF minimises $\mathrm{KL}(\pi\,\|\,\pi^*)$: the other direction, and another target (the first table).
//
// Where the literature says that best-of-n's KL *is* $\ln n - (n-1)/n$, it is at most that (section 5). The optimum that DPO inverts is that of reward minus
// $\beta\,\mathrm{KL}$: without that term, which the text's objective leaves out, there is nothing to invert.
//
// ## Where to read on
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
//   arXiv:2507.18071. Section 6.
// - Anthony, Tian and Barber 2017, *Thinking fast and slow with deep learning and tree search*, arXiv:1705.08439; Dong and others 2023, *RAFT*,
//   arXiv:2304.06767. Expert iteration.
// - Xu and others 2024, *Is DPO superior to PPO for LLM alignment?*, arXiv:2404.10719; Swamy and others 2025, *All roads lead to likelihood*,
//   arXiv:2503.01067. The question of the title.
