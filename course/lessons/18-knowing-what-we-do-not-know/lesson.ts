// %% [markdown]
// # 18 Knowing what we do not know
//
// A learned reward is a guess. How sure is it, of what, and what should a policy do about it? Everybody has a number for "how sure": an ensemble disagrees, dropout shakes, an interval is drawn. In this lesson every such number
// stands beside the exact one. Then we let a policy use them: it avoids what is uncertain, it asks about it, or it prepares for the worst. Each time we look at what is promised, and at what is kept.
//
// **After this lesson you can**
//
// - split uncertainty into what people will always disagree about and what more answers would settle;
// - say which of eight ways to a posterior measure anything, and what each gets wrong;
// - draw an interval that holds without any model, and watch it fail when a policy goes elsewhere;
// - make a reward careful, with a zero of its own, and say how little that buys beside asking in the right place;
// - compute the worst case in five kinds of balls, six measures of risk, and a robust decision process;
// - choose where to measure next, also where a bad measurement is forbidden.
//
// **Time** 195 minutes, 116 of them exercises. **You need** lessons 01, 03 (information gain) and 05; what it takes of lessons 10 and 11 is told again. A good place to stop for the day: after section 6.

// %% [markdown]
// ## The model on one page
//
// A *posterior* says how probable each value of the parameters $\theta$ is, after the data. Each $\theta$ expects answers $y$ with probabilities $p_\theta(y)$. We do not know $\theta$, so we expect their average. Its entropy has two parts,
//
// $$\underbrace{H[\mathbb{E}_\theta\, p_\theta]}_{\text{total}} \;=\; \underbrace{\mathbb{E}_\theta H[p_\theta]}_{\text{aleatoric}} \;+\; \underbrace{I(y; \theta)}_{\text{epistemic}}. \tag{1}$$
//
// *Aleatoric* is what would be left if we knew $\theta$: people who waver. *Epistemic* is the rest, what answers could still teach us. Variances split in the same way, $\mathrm{Var}\,y = \mathbb{E}_\theta \mathrm{Var}[y \mid \theta] + \mathrm{Var}_\theta \mathbb{E}[y \mid \theta]$. Those are two accounts, in nats and in squared units; do not add a number of one to a number of the other.
//
// | On paper | In code | What it is |
// | --- | --- | --- |
// | (1) | `splitUncertainty(probabilities, weights)` | total, aleatoric, epistemic, in nats |
// | $\mathrm{Var}\,y$ | `splitVariance(means, variances)` | the same for variances |
// | $\theta$ | `draws[i]` | weights of a reward; here a draw from some posterior |
// | $m$, $S$ | `posterior.mean`, `.covariance` | mean and covariance of a Gaussian posterior |
// | $f$ | `features` less their mean | features of a reply less what the reference's replies have on average |
// | $k$ | `k` | how many standard deviations a careful reward takes off |
// | $\rho$ | `rho`, `radius` | size of a ball of distributions (in lesson 08 a ratio; not here) |
//
// A *standard deviation* is written sd. Some letters serve twice, each as its field writes them: $q$ is a distribution in sections 1, 7 and 9, a threshold in section 4; $K$ a number of items in section 3, a matrix in section 10; $f$ features, and from section 10 on a function; $a$ an anchor in (2), an action in (7); $b$ the dislike of risk in section 8, the best so far in section 10.

// %%
import {
  bar,
  heatmap,
  histogram,
  key,
  line,
  linspace,
  mean,
  meanInterval,
  overSeeds,
  palette,
  progress,
  scatter,
  show,
  smallMultiples,
  split,
  standardDeviation,
  table,
} from "rlhf-lab";
import { occupancy } from "rlhf-lab/mdp";
import { transformer } from "rlhf-lab/models";
import { exactExpectation, normalCdf, normalDensity } from "rlhf-lab/numerics";
import { tiltUpToKl } from "rlhf-lab/policy";
import { categorical, normal } from "rlhf-lab/random";
import {
  ballCurves,
  coherence,
  conditionalValueAtRisk,
  drawFunction,
  entropicRisk,
  entropicValueAtRisk,
  expectedBestOfTwo,
  expectedImprovement,
  fourLosses,
  gaussianProcess,
  groupRobust,
  groupRobustDescent,
  knowledgeGradients,
  maxMinUtility,
  meanVariance,
  probabilityOfImprovement,
  type RiskMeasure,
  safeOptMethods,
  safeOptTrial,
  squaredExponential,
  thompson,
  upperConfidence,
  valueAtRisk,
  wassersteinWorst,
} from "rlhf-lab/robust";
import {
  askingRules,
  carefulPolicyStudy,
  conformalAlongKl,
  ensembleRules,
  pessimismAlongKl,
  pessimisms,
  proxyWorld,
  setAgainstPoints,
  transformerEnsemble,
  utilityOnPath,
  whomToAsk,
} from "rlhf-lab/studies";
import {
  eightPosteriors,
  epistemicError,
  meanPredictionSpread,
  offlineArms,
  phraseTask,
  posteriorMethods,
  robustStrait,
  sixQuestions,
  strait,
  winnersInterval,
} from "rlhf-lab/worlds";
import { check } from "rlhf-lab-course";

// %% [markdown]
// ## Run it
//
// A reward with two weights, each Normal(0, 1.5²) before anybody was asked. Twelve comparisons come in. With two weights we can put the posterior on a grid and add up: that is the *exact* answer. Then we ask eleven methods, all in use for large models, for the reward of one reply, plus or minus an sd.

// %%
const posteriors = split(key(18), 4).map((own) => eightPosteriors(own));
const [first] = posteriors;
const far = sixQuestions[4]; // a reply far from the mean
const rewardsOf = (draws: readonly (readonly number[])[]) => draws.map(([a, b]) => far[0] * a + far[1] * b);
const pick = categorical(key(1), first.exact.weights.map(Math.log), 2000);
const exactDraws = Array.from(pick, (i) => first.exact.points[i]);
const told = [
  { name: "exact", draws: exactDraws },
  ...posteriorMethods.map((name) => ({ name, ...first.methods[name] })),
].map(({ name, draws }) => ({ name, reward: mean(rewardsOf(draws)), sd: standardDeviation(rewardsOf(draws)) }));
show(
  bar({
    title: "One reply, one reward, twelve ideas of how sure it is",
    subtitle: "bars: one standard deviation to each side",
    x: { title: "reward", unit: "nats" },
    y: { title: "method" },
    horizontal: true,
    categories: told.map(({ name }) => name),
    series: [{ name: "reward", values: told.map(({ reward }) => reward), error: told.map(({ sd }) => sd) }],
  }),
);

// %% [markdown]
// The reward itself is not in doubt so much as the bars are. The last row has no bar at all. Which of them would you let a policy use?
//
// ### Exercise 1. Split it
//
// *Difficulty 2 of 5, 10 minutes. Trains: equation (1).*
//
// `probabilities[m]` is the distribution over answers that member $m$ of a posterior expects, `weights[m]` the member's weight (the weights add up to 1). Return `[total, aleatoric, epistemic]` in nats. A member may be certain: $0 \ln 0 = 0$.
//
// <details><summary>Hint</summary>The entropy of the weighted mean of the rows, less the weighted mean of the rows' entropies.</details>

// %% [exercise] 18/split
/** [total, aleatoric, epistemic] of one question, nats. */
function splitEntropy(probabilities: number[][], weights: number[]): [number, number, number] {
  // #solution
  const entropy = (p: number[]) => p.reduce((sum, q) => sum - (q > 0 ? q * Math.log(q) : 0), 0);
  const mixture = probabilities[0].map((_, y) => probabilities.reduce((sum, row, m) => sum + weights[m] * row[y], 0));
  const total = entropy(mixture);
  const aleatoric = probabilities.reduce((sum, row, m) => sum + weights[m] * entropy(row), 0);
  return [total, aleatoric, total - aleatoric];
  // #end
}

// %% [check] 18/split
await check("18/split", { splitEntropy });

// %% [markdown]
// ## 1. Eight posteriors, one truth
//
// - *Laplace*: a Gaussian at the most probable weights, as narrow as the log-posterior is bent there (lesson 03). *Variational inference* (VI) looks for the Gaussian $q$ with the least $\mathrm{KL}(q \,\|\, \text{posterior})$: a full one, or one without correlations, called *mean field*.
// - *Hamiltonian Monte Carlo* (HMC) rolls a ball over the hills of minus the log-posterior, and accepts or refuses the place where it stops, so that the draws are right in the long run. *Stochastic gradient Langevin dynamics* (SGLD) is gradient ascent on minibatches with noise added to each step; it accepts everything, so it is right only as the step goes to 0.
// - *Ensembles*: many fits. Members differ by their rows (*bootstrap*), by an *anchor* drawn from the prior that they are pulled to instead of 0, or only by where they *start*.
// - *Dropout*: one fit, weights switched off at random while asking as in training.
//
// Where do their draws lie?

// %%
const clouds = [
  "HMC",
  "mean field (VI)",
  "SGLD, step 0.5",
  "anchored bootstrap",
  "dropout 0.5",
  "other starts",
] as const;
const cloud = (draws: readonly (readonly number[])[]) => draws.slice(0, 300);
show(
  smallMultiples({
    title: "Six clouds over the same exact posterior",
    subtitle: "grey: 300 exact draws; colour: the method's. Weights in nats",
    columns: 3,
    share: "both",
    figures: clouds.map((name) => {
      const own = cloud(first.methods[name].draws);
      return scatter({
        title: name,
        x: { title: "weight 1", range: [-4, 3] },
        y: { title: "weight 2", range: [-3, 6] },
        series: [
          {
            name: "exact",
            x: cloud(exactDraws).map(([a]) => a),
            y: cloud(exactDraws).map(([, b]) => b),
            size: 4,
            color: "#9a9a9a",
          },
          {
            name: "method",
            x: own.map(([a]) => a),
            y: own.map(([, b]) => b),
            size: own.length < 250 && name !== "anchored bootstrap" ? 9 : 3,
            color: "#d1495b",
          },
        ],
      });
    }),
  }),
);

// %% [markdown]
// A picture persuades; a number decides. We ask each method for the epistemic part of six questions, three near 0 and three far from it, and take the mean distance to the exact one.

// %%
const errors = posteriorMethods.map((method) => {
  const { mean: error, low, high } = meanInterval(posteriors.map((run) => epistemicError(run, method)));
  return { method, error, low: Math.max(0, low), high };
});
show(
  bar({
    title: "How wrong each method is about what could still be learned",
    subtitle: `mean of six questions over ${posteriors.length} worlds; bars: 95 % intervals`,
    x: { title: "error of the epistemic part", unit: "nats" },
    y: { title: "method" },
    horizontal: true,
    categories: errors.map(({ method }) => method),
    series: [
      {
        name: "error",
        values: errors.map(({ error }) => error),
        error: { low: errors.map(({ low }) => low), high: errors.map(({ high }) => high) },
      },
    ],
  }),
);
const splitsOf = (splits: { total: number; aleatoric: number; epistemic: number }[]) => splits[4];
table(
  [
    { method: "exact", ...splitsOf(first.exact.splits) },
    ...posteriorMethods.map((method) => ({ method, ...splitsOf(first.methods[method].splits) })),
  ],
  {
    columns: { method: "method", total: "total", aleatoric: "aleatoric", epistemic: "epistemic" },
    digits: 3,
    caption: "One far question, nats",
  },
);

// %% [markdown]
// Gaussians, and chains of small steps, are near the truth; an ensemble of bootstraps says too little, an anchor helps; dropout measures something else. And the ensemble of other starts reports an epistemic part of 0.000 everywhere: the loss is convex and has one optimum, so every member is the same model. *An ensemble measures something only if its members differ by data or by prior.* (In a deep network other starts do differ. What they then measure is the optimiser's luck; nothing here says that it is the posterior.)
// #claim 18/who-is-near-the-posterior
// #claim 18/other-starts-agree
//
// ## 2. Does it shrink?
//
// A measure of not-knowing has to fall when we learn. Take a linear model with normal noise, where all is exact:
//
// $$S = \left(\frac{X^\top X}{\sigma_e^2} + \frac{I}{\sigma_0^2}\right)^{-1}, \qquad \text{an anchored member: } S\left(\frac{X^\top (y + \sigma_e e)}{\sigma_e^2} + \frac{a}{\sigma_0^2}\right), \quad e \sim N(0, I),\ a \sim N(0, \sigma_0^2 I). \tag{2}$$
//
// $\sigma_e$ is the sd of the noise on an answer, $\sigma_0$ that of the prior. A member learns from answers with *fresh noise added*, and is pulled to its own *anchor* $a$. It is then an exact draw from the posterior: its mean is right, and its covariance is $S (X^\top X/\sigma_e^2 + I/\sigma_0^2) S = S$. Many recipes leave the noise out.

// %%
const sizes = [5, 20, 100, 500, 2000];
const spreads: ReturnType<typeof meanPredictionSpread>[] = [];
for (const n of progress(sizes, { label: "rows" })) spreads.push(meanPredictionSpread(split(key(2), 2), n));
const ways = {
  exact: "exact",
  anchored: "anchored",
  quiet: "anchored, no answer noise",
  bootstrap: "bootstrap",
  dropout: "dropout 0.2",
} as const;
show(
  line({
    title: "Dropout does not know how much it has learned",
    subtitle: "sd of one prediction of a linear model with five weights",
    x: { title: "rows learned from", type: "log" },
    y: { title: "sd of the prediction", type: "log" },
    series: (Object.keys(ways) as (keyof typeof ways)[]).map((way) => ({
      name: ways[way],
      x: sizes,
      y: spreads.map((spread) => spread[way]),
      markers: true,
    })),
  }),
);

// %% [markdown]
// The sd of dropout is $\sqrt{\frac{\text{rate}}{1 - \text{rate}} \sum_j x_j^2 \theta_j^2}$. There is no $n$ in it (Osband 2016). Without answer noise an anchored ensemble is far too sure; the bootstrap is right once there are many rows for each weight, and has no prior before that.
// #claim 18/dropout-never-learns
//
// **Break it.** Before you scroll: what happens to the flat line if the dropout rate is tuned, say by cross-validation, at each $n$?
//
// <details><summary>What happens</summary>Then the best rate itself falls as rows come in, and the line with it (concrete dropout does that by gradient). It is the tuning that learns, not the shaking: at a fixed rate nothing does.</details>
//
// ### Exercise 2. A member that is a draw
//
// *Difficulty 3 of 5, 12 minutes. Trains: equation (2).*
//
// One weight, so no matrices: rows `x[k]`, answers `y[k]`. `e[k]` and `a` are standard normal draws, made for you. Return the member's weight.
//
// <details><summary>Hint</summary>Noise on answer k: noise * e[k]. The anchor: prior * a. Then a fraction: sum of x (y + noise e) / noise² plus anchor / prior², over sum of x² / noise² plus 1 / prior².</details>

// %% [exercise] 18/anchored-member
/** The weight of one anchored member, equation (2) with one weight. */
function anchoredWeight(x: number[], y: number[], noise: number, prior: number, e: number[], a: number): number {
  // #solution
  const pull = x.reduce((sum, value, k) => sum + value * (y[k] + noise * e[k]), 0) / noise ** 2;
  const precision = x.reduce((sum, value) => sum + value * value, 0) / noise ** 2 + 1 / prior ** 2;
  return (pull + (prior * a) / prior ** 2) / precision;
  // #end
}

// %% [check] 18/anchored-member
await check("18/anchored-member", { anchoredWeight });

// %% [markdown]
// ## 3. The winner's interval
//
// Now leave the posteriors alone and take an interval as everybody draws it: measured plus or minus 1.96 sd. It holds the truth in 95 % of cases, for an item that was *named beforehand*. **Predict, then run.** We measure $K$ items, each once, and draw the interval of the one that looks best. Where is the curve at $K = 2$? At 256?

// %%
const counts = [1, 2, 4, 8, 16, 32, 64, 128, 256];
const winners = counts.map((items) => winnersInterval(items));
show(
  smallMultiples({
    title: "An interval holds for the item you named, not for the one you picked",
    subtitle: "values N(0, 1), noise N(0, 1); exact",
    figures: [
      line({
        title: "Coverage of the winner's interval",
        x: { title: "items compared", type: "log" },
        y: { title: "probability", range: [0, 1] },
        series: [
          { name: "measured ± 1.96 sd", x: counts, y: winners.map(({ coverage }) => coverage), markers: true },
          { name: "posterior, right prior", x: counts, y: counts.map(() => 0.95) },
        ],
      }),
      line({
        title: "Measured too high by",
        x: { title: "items compared", type: "log" },
        y: { title: "mean error of the winner", unit: "sd" },
        series: [{ name: "winner", x: counts, y: winners.map(({ bias }) => bias), markers: true }],
      }),
    ],
  }),
);

// %% [markdown]
// <details><summary>What you saw</summary>With two items the interval still covers 95 %: turn all signs round, and winner and loser change places, so both are off equally often. Then it falls, below one half at 256. A policy is a machine that picks the best of very many replies.</details>
//
// The posterior's interval, around half of what was measured, holds at every $K$: a posterior does not care why you ask. (That is a theorem; its line is drawn, not computed.) But its prior was right here. That is what it costs.
// #claim 18/the-winners-interval
//
// ## 4. An interval without a model
//
// *Split conformal prediction* needs neither prior nor posterior. Keep $n$ replies whose utility somebody measured, the *calibration set*. The *score* of a reply says how far its prediction was too high: predicted minus measured. Then
//
// $$q = \text{the } \lceil (n + 1)(1 - \text{miss}) \rceil\text{-th smallest score}, \qquad \text{or } \infty \text{ if there are not so many}. \tag{3}$$
//
// For the next reply *from the same source*, $U \ge \text{predicted} - q$ with probability at least $1 - \text{miss}$, whatever the model: its score is equally likely to take each of the $n + 1$ places among the others. A policy is another source. *Weighted* conformal counts each kept reply by $w = \pi/\pi_{\text{ref}}$, the new reply's own weight included, as if at infinity (Tibshirani and others 2019).
//
// The phrase task again: 9,331 replies about the whale, a reward from 300 comparisons, 400 kept replies of the reference, and the exact best policy at each distance.

// %%
const world = proxyWorld();
const twenty = split(key(4), 20);
const conformal = twenty.map((own) => conformalAlongKl(own, world, { kls: [0, 0.5, 1, 2, 4, 6, 8] }));
const along = conformal[0].map(({ kl }) => kl);
const points = (of: "plain" | "weighted" | "infinite") => conformal.map((run) => run.map((point) => point[of]));
show(
  smallMultiples({
    title: "A promise for the reference, followed along the optimisation",
    subtitle: "promised: 90 %. Means of 20 keys; bands: 95 % intervals",
    figures: [
      line({
        title: "The promise holds for",
        x: { title: "KL to the reference", unit: "nats" },
        y: { title: "share of the policy's replies", range: [0, 1.02] },
        series: [overSeeds("split", along, points("plain")), overSeeds("weighted", along, points("weighted"))],
        reference: [{ y: 0.9 }],
      }),
      line({
        title: "The weighted interval is infinite for",
        x: { title: "KL to the reference", unit: "nats" },
        y: { title: "share of the policy's replies", range: [0, 1.02] },
        series: [{ ...overSeeds("weighted", along, points("infinite"), { least: 0 }), color: palette[1] }],
      }),
    ],
  }),
);
table(
  along.map((kl, i) => ({ kl, effective: mean(conformal.map((run) => run[i].effective)) })),
  { columns: { kl: "KL, nats", effective: "kept replies that count, of 400" }, digits: 1 },
);

// %% [markdown]
// At the reference the promise is kept. Eight nats away it fails for more than a quarter of the replies instead of a tenth: the policy went where the reward is too high. The weighted interval keeps its promise all the way, at eight nats by saying "I do not know" of nearly everything. The table tells why: of 400 kept replies, fewer than a dozen still count there.
// #claim 18/conformal-along-the-way
//
// ### Exercise 3. The threshold
//
// *Difficulty 2 of 5, 10 minutes. Trains: equation (3).*
//
// Return $q$ of equation (3) for the list `scores`.
//
// <details><summary>Hint</summary>Sort a copy with <code>(a, b) => a - b</code>. Count from 1: the k-th smallest stands at place k - 1. Rounding: subtract 1e-9 before the ceiling.</details>

// %% [exercise] 18/conformal-threshold
/** The ceil((n + 1)(1 - miss))-th smallest score, or Infinity. */
function threshold(scores: number[], miss: number): number {
  // #solution
  const k = Math.ceil((scores.length + 1) * (1 - miss) - 1e-9);
  return k > scores.length ? Number.POSITIVE_INFINITY : [...scores].sort((a, b) => a - b)[k - 1];
  // #end
}

// %% [check] 18/conformal-threshold
await check("18/conformal-threshold", { threshold });

// %% [markdown]
// ### Exercise 4. Something new: the same promise to everybody
//
// *Difficulty 3 of 5, 10 minutes. Uses the idea on something new.*
//
// A hospital promises: for 90 % of patients the true value is within $q$ of the prediction. For all patients together it may hold while it fails for the old. `scores[i]` is how far off the prediction was for a patient of group `groups[i]` (0, 1, 2, ...). Return one threshold for each of `count` groups, so that the promise holds *in each*. A group without enough patients, or without any, gets `Infinity`.
//
// <details><summary>Hint</summary>Equation (3), once for each group, with the group's own n.</details>

// %% [exercise] 18/every-group
/** A conformal threshold for each group. */
function groupThresholds(scores: number[], groups: number[], count: number, miss: number): number[] {
  // #solution
  return Array.from({ length: count }, (_, g) => {
    const own = scores.filter((_, i) => groups[i] === g).sort((a, b) => a - b);
    const k = Math.ceil((own.length + 1) * (1 - miss) - 1e-9);
    return k > own.length ? Number.POSITIVE_INFINITY : own[k - 1];
  });
  // #end
}

// %% [check] 18/every-group
await check("18/every-group", { groupThresholds });

// %% [markdown]
// ## 5. A careful reward
//
// "Optimise a lower bound." Of what? Comparisons leave a reward's zero open, so the sd of $r(y)$ by itself depends on how features are written: add a constant feature and it grows, though nothing is known less. What is known is how a reply compares with what the *reference* writes. So
//
// $$r_{\text{low}}(y) = f^\top m - k \sqrt{f^\top S f}, \qquad f = \phi(y) - \mathbb{E}_{\text{ref}}\,\phi. \tag{4}$$
//
// (Lesson 11 centred ensembles for the same reason.) One hundred comparisons, then the exact best policy at each KL for: the mean; one draw from the posterior, as if it were the truth; the mean less one or two sd; the same without centring; the least of eight members. The upper curve climbs the true utility.

// %%
const kls = [1, 2, 4, 8];
const careful: ReturnType<typeof pessimismAlongKl>[] = [];
for (const own of progress(split(key(5), 24), { label: "rewards" }))
  careful.push(pessimismAlongKl(own, world, { kls }));
show(
  line({
    title: "Care helps a little; knowing would help a lot",
    subtitle: "phrase task, 100 comparisons, means of 24 keys (intervals in the table)",
    x: { title: "KL to the reference", unit: "nats" },
    y: { title: "true utility", unit: "nats" },
    series: pessimisms
      .filter((name) => name !== "least of 8 bootstraps") // as the least of draws; in the table
      .map((name) => ({
        name,
        x: kls,
        y: kls.map((_, i) => mean(careful.map((run) => run[name][i]))),
        markers: true,
      })),
  }),
);
const gain = (name: (typeof pessimisms)[number], i: number) =>
  meanInterval(careful.map((run) => run[name][i] - run.mean[i]));
table(
  pessimisms
    .filter((name) => name !== "mean")
    .map((name) => ({
      name,
      ...Object.fromEntries(
        kls.map((kl, i) => {
          const { mean: more, low, high } = gain(name, i);
          return [`KL ${kl}`, `${more.toFixed(2)} [${low.toFixed(2)}, ${high.toFixed(2)}]`];
        }),
      ),
    })),
  { caption: "Utility beyond climbing the mean, and its 95 % interval" },
);

// %% [markdown]
// Read the intervals. Up to four nats a careful reward beats the mean, by less than half a nat (over forty keys, and over forty others). At eight nats the keys differ so much that we do not order the rules: forty keys showed no gain, forty others did. One draw is worse than the mean, at one and two nats: whoever keeps one member of an ensemble and believes it has drawn once. And centring pays there. All of that is small beside the gap to the curve above: care does not replace knowledge.
// #claim 18/care-helps-a-little
// #claim 18/one-draw-is-worse
// #claim 18/centring-pays
//
// ### Exercise 5. A lower bound with a zero
//
// *Difficulty 3 of 5, 12 minutes. Trains: equation (4).*
//
// Two features. `features[y]` are $\phi(y)$, `reference[y]` the reference's probabilities. Return $r_{\text{low}}$ of every reply.
//
// <details><summary>Hint</summary>First the mean of each feature under the reference. Then f = features less that. The square: f0² S00 + 2 f0 f1 S01 + f1² S11.</details>

// %% [exercise] 18/lower-bound
/** f'm - k sqrt(f'S f), f centred on the reference; two features. */
function lowerBound(features: number[][], reference: number[], m: number[], S: number[][], k: number): number[] {
  // #solution
  const centre = [0, 1].map((j) => features.reduce((sum, row, y) => sum + reference[y] * row[j], 0));
  return features.map((row) => {
    const f = row.map((value, j) => value - centre[j]);
    const square = f[0] * f[0] * S[0][0] + 2 * f[0] * f[1] * S[0][1] + f[1] * f[1] * S[1][1];
    return f[0] * m[0] + f[1] * m[1] - k * Math.sqrt(square);
  });
  // #end
}

// %% [check] 18/lower-bound
await check("18/lower-bound", { lowerBound });

// %% [markdown]
// ### Reply by reply, or the set as a whole?
//
// The least over $R'$ of $R'(x, y)$, reply by reply, picks another $R'$ for each reply. No single reward is that bad. The *set-robust* policy lets nature choose once:
//
// $$\max_\pi \min_\theta\; \mathbb{E}_\pi r_\theta - \beta\,\mathrm{KL}(\pi \,\|\, \pi_{\text{ref}}), \qquad \min_\theta \mathbb{E}_\pi r_\theta = M^\top m - k\sqrt{M^\top S M}, \quad M = \mathbb{E}_\pi f, \tag{5}$$
//
// over the ellipsoid of all $\theta$ within $k$ sd. Both at two nats, $k = 2$, ten keys:

// %%
const pairs: ReturnType<typeof setAgainstPoints>[] = [];
for (const own of progress(split(key(6), 10), { label: "set against points" }))
  pairs.push(setAgainstPoints(own, world));
table(
  (["points", "set"] as const).map((which) => ({
    which: which === "points" ? "reply by reply, (4)" : "the set as a whole, (5)",
    told: mean(pairs.map((run) => run[which].told)),
    guaranteed: mean(pairs.map((run) => run[which].guaranteed)),
    utility: mean(pairs.map((run) => run[which].utility)),
  })),
  {
    columns: {
      which: "careful",
      told: "what it thinks it gets",
      guaranteed: "what it is sure of",
      utility: "true utility",
    },
    digits: 2,
    caption: "Nats above the reference",
  },
);

// %% [markdown]
// The policy of (5) is sure of more, as it must be. Reply by reply a policy does not even know what it is sure of: it thinks of a worst case that cannot happen all at once. But look at the last column. Here the pointwise policy is *luckier*: guarantees are about the worst member of the set, and the truth is not it.
// #claim 18/the-set-is-surer
// #claim 18/the-points-are-luckier
//
// ### When does pessimism pay?
//
// Ten arms, and comparisons that somebody else made: arm 0 against arm 1, nearly always; against the eight others, hardly ever. Take the arm with the best guess, or with the best lower bound (1.5 sd). The *regret* is what the best arm is worth beyond the one taken. Then turn the coverage round, so that the best arm is one of the rare ones.

// %%
const seen = [20, 50, 100, 300, 1000, 3000];
const armRuns = (bestIsCommon: boolean) =>
  split(key(7), 100).map((own) =>
    seen.map((comparisons, i) => offlineArms(split(own, 6)[i], { comparisons, bestIsCommon }, [0, 1.5])),
  );
const arms = [true, false].map(armRuns);
show(
  smallMultiples({
    title: "Pessimism pays if the data cover what is good",
    subtitle: "regret of the arm taken; means of 100 keys, bands: 95 % intervals",
    share: "both",
    figures: arms.map((runs, i) =>
      line({
        title: i === 0 ? "The best arm is the common one" : "The best arm is a rare one",
        x: { title: "comparisons", type: "log" },
        y: { title: "regret", unit: "nats", range: [0, 1.05] },
        series: ["best guess", "lower bound"].map((name, which) =>
          overSeeds(
            name,
            seen,
            runs.map((run) => run.map((regrets) => regrets[which])),
            { least: 0 },
          ),
        ),
      }),
    ),
  }),
);

// %% [markdown]
// On the left the best guess falls for one lucky win of an arm that nobody knows, and keeps falling for it, while the bound is right after a hundred comparisons. (With twenty it does worse even there: too timid.) On the right the bound stays too long with what it knows. Neither rule is right in both worlds; *coverage* of what is good (not the coverage of an interval) is an assumption, and it is about the people who collected the data (Zhu and others 2023; Jin and others 2021).
// #claim 18/pessimism-needs-coverage
//
// ## 6. Do not avoid it: ask
//
// The other use of uncertainty is to remove it. One hundred comparisons of the reference's replies, then a hundred more, in five batches. Two questions: *whom* do we compare (two replies of the reference, or one of the present policy and one of the reference), and do we take what comes or the pairs of the greatest epistemic part (BALD, lesson 03)?

// %%
const rules = {
  reference: "reference, as they come",
  "reference, by gain": "reference, by gain",
  policy: "policy, as they come",
  "policy, by gain": "policy, by gain",
};
const asked: Record<string, ReturnType<typeof whomToAsk>[]> = {};
for (const rule of progress(askingRules, { label: "asking" })) {
  asked[rule] = split(key(8), 8).map((own) => whomToAsk(own, world, rule));
}
const utilityAt = (rule: string, i: number) => meanInterval(asked[rule].map((run) => run.utility[i]));
show(
  bar({
    title: "Where one asks matters more than how cleverly",
    subtitle: "200 comparisons, then mean - 1 sd is climbed; means of 8 keys, bars: 95 % intervals",
    x: { title: "where the second hundred came from" },
    y: { title: "true utility", unit: "nats" },
    categories: askingRules.map((rule) => rules[rule]),
    series: [4, 8].map((kl, i) => {
      const found = askingRules.map((rule) => utilityAt(rule, i));
      return {
        name: `KL ${kl}`,
        values: found.map((f) => f.mean),
        error: { low: found.map((f) => f.low), high: found.map((f) => f.high) },
      };
    }),
  }),
);
show(
  histogram({
    title: "What the questions were about",
    subtitle: "the first reply of each question, 8 keys",
    x: { title: "true utility of the reply", unit: "nats" },
    series: (["reference", "policy"] as const).map((rule) => ({
      name: rules[rule],
      values: asked[rule].flatMap((run) => run.asked),
    })),
    bins: 16,
    density: true,
  }),
);

// %% [markdown]
// A hundred questions about the policy's own replies gain more than a hundred about the reference's; choosing the best of them adds a little (at four nats; at eight our keys do not tell). Choosing cleverly among the reference's pairs is no substitute at four nats: what is most uncertain among them need not be what a policy would write.
// #claim 18/ask-where-the-policy-is
// #claim 18/cleverness-adds-a-little

// %% [markdown]
// ## 7. Prepare for the worst
//
// *Distributionally robust optimisation* does not estimate a distribution and believe it. It takes all $q$ in a *ball* around the estimate $p$, and lets nature choose: $\sup_q \mathbb{E}_q \ell$ for losses $\ell$. (For losses one minimises the greatest; for rewards one maximises the least.) Balls differ in what nature pays for:
//
// | Ball of radius $\rho$ | Worst expected loss | What nature does |
// | --- | --- | --- |
// | $\mathrm{KL}(q \,\|\, p) \le \rho$ | $\min_{\lambda > 0} \lambda\rho + \lambda \ln \mathbb{E}_p e^{\ell/\lambda}$ | $q \propto p\, e^{\ell/\lambda}$ |
// | $\chi^2(q \,\|\, p) \le \rho$ | $\mathbb{E}_p \ell + \sqrt{\rho\,\mathrm{Var}_p\,\ell}$ while $q \ge 0$ | $q \propto p\,(\ell - \eta)^+$ |
// | total variation $\le \rho$ | one sort | moves a share $\rho$ from the least losses to the greatest |
// | Wasserstein $\le \rho$ | a linear program | moves mass, and pays by distance |
//
// Look at the first row. It is the tilted optimum of lesson 10: nature is a policy that was trained by RLHF, our losses are its reward, $p$ its reference and $\lambda$ its price of a nat. (In lesson 12 $\lambda$ is a price too, of a cost.) Four outcomes lose 1, 2, 4 and 10:

// %%
const { losses, p } = fourLosses;
const radii = [0, 0.05, 0.1, 0.25, 0.5, 1, 1.5, 2, 2.5];
const curves = ballCurves(losses, p, radii);
show(
  bar({
    title: "Nature is a policy that is paid by your losses",
    subtitle: "the worst q in a KL ball, four outcomes",
    x: { title: "radius of the ball, nats" },
    y: { title: "probability", range: [0, 1] },
    stacked: true,
    categories: radii.map(String),
    series: losses.map((loss, i) => ({ name: `loses ${loss}`, values: curves.kl.map(({ q }) => q[i]) })),
  }),
);
const shares = linspace(0, 1, 41);
const byShare = ballCurves(losses, p, shares);
const chiRadii = linspace(0, 12, 41);
const average = losses.reduce((sum, loss, i) => sum + p[i] * loss, 0);
const spread = losses.reduce((sum, loss, i) => sum + p[i] * (loss - average) ** 2, 0);
show(
  smallMultiples({
    title: "Every ball ends at the greatest loss; a formula may go past it",
    share: "y",
    figures: [
      line({
        title: "Total variation",
        x: { title: "radius" },
        y: { title: "worst expected loss", range: [2, 12] },
        series: [{ name: "exact", x: shares, y: byShare.totalVariation.map(({ value }) => value) }],
        reference: [{ y: 10 }],
      }),
      line({
        title: "Chi-square",
        x: { title: "radius" },
        y: { title: "worst expected loss", range: [2, 12] },
        series: [
          { name: "exact", x: chiRadii, y: ballCurves(losses, p, chiRadii).chiSquare.map(({ value }) => value) },
          { name: "mean + sqrt(rho Var)", x: chiRadii, y: chiRadii.map((rho) => average + Math.sqrt(rho * spread)) },
        ],
        reference: [{ y: 10 }],
      }),
    ],
  }),
);
const apart = losses.map((a) => losses.map((b) => Math.abs(a - b)));
const moved = await Promise.all([0, 0.5, 1, 2, 4, 8].map((radius) => wassersteinWorst(losses, p, apart, radius)));
table(
  moved.map(({ value, q }, i) => ({
    radius: [0, 0.5, 1, 2, 4, 8][i],
    value,
    q: Array.from(q, (x) => x.toFixed(2)).join("  "),
  })),
  {
    columns: { radius: "Wasserstein radius", value: "worst expected loss", q: "nature's q" },
    digits: 2,
    caption: "Moving costs the difference of the losses: a unit of radius buys a unit of loss",
  },
);

// %% [markdown]
// KL and $\chi^2$ never touch what $p$ excludes; total variation and Wasserstein do. That choice is yours, and it is the whole content of "robust": a ball says which surprises you have thought of.
// #claim 18/balls-end
//
// ### Exercise 6. The worst case in a KL ball
//
// *Difficulty 4 of 5, 15 minutes. Trains: the first row of the table.*
//
// Return $\sup_q \mathbb{E}_q \ell$ over $\mathrm{KL}(q \,\|\, p) \le \rho$. All $p_i > 0$. Once $\rho \ge -\ln P(\ell = \max)$ the answer is the greatest loss. Losses may be 1,000.
//
// <details><summary>Hint</summary>q(t) in proportion to p exp(t (loss - greatest loss)): its KL to p grows with t from 0. Double t until the KL is above rho, then halve the bracket 100 times; return the mean loss under q(t).</details>

// %% [exercise] 18/kl-ball
/** The greatest mean loss of all q within rho nats of p. */
function klBall(losses: number[], p: number[], rho: number): number {
  // #solution
  const most = Math.max(...losses);
  const sure = p.reduce((sum, mass, i) => sum + (losses[i] === most ? mass : 0), 0);
  if (rho >= -Math.log(sure)) return most;
  const tilt = (t: number) => {
    const q = p.map((mass, i) => mass * Math.exp(t * (losses[i] - most)));
    const total = q.reduce((a, b) => a + b);
    return q.map((mass) => mass / total);
  };
  const kl = (q: number[]) => q.reduce((sum, mass, i) => sum + (mass > 0 ? mass * Math.log(mass / p[i]) : 0), 0);
  let [low, high] = [0, 1];
  while (kl(tilt(high)) < rho) high *= 2;
  for (let i = 0; i < 100; i++) {
    const middle = (low + high) / 2;
    if (kl(tilt(middle)) < rho) low = middle;
    else high = middle;
  }
  return tilt(high).reduce((sum, mass, i) => sum + mass * losses[i], 0);
  // #end
}

// %% [check] 18/kl-ball
await check("18/kl-ball", { klBall });

// %% [markdown]
// ### Groups
//
// The set that matters most for people: $q$ may be any mix of *groups*. The worst mix is a corner, with all mass on one group. Two groups and three actions: one for each, and a compromise. *Group DRO* (Sagawa and others 2020) finds the max-min policy by a game: the group that is badly off gains weight, the policy answers with the action that is best for the weights.

// %%
const withCompromise = (worth: number) => [
  [3, 0, worth],
  [0, 3, worth],
];
const [good, poor] = await Promise.all([1.6, 1.4].map((worth) => groupRobust(withCompromise(worth))));
table(
  [
    { compromise: 1.6, ...good },
    { compromise: 1.4, ...poor },
  ].map(({ compromise, policy, value }) => ({
    compromise,
    policy: Array.from(policy, (x) => x.toFixed(2)).join("  "),
    value,
  })),
  { columns: { compromise: "compromise pays", policy: "max-min policy", value: "worst group gets" }, digits: 2 },
);
const budgets = [3, 9, 29, 99, 299, 999, 2999];
const descents = budgets.map((steps) => groupRobustDescent(withCompromise(1.4), { rate: Math.sqrt(1 / steps), steps }));
const worstOf = (action: number) => Math.min(...withCompromise(1.4).map((row) => row[action]));
show(
  line({
    title: "Group DRO: the average policy settles, a single step never does",
    subtitle: "reward of the group that is worst off; the compromise pays 1.4",
    x: { title: "steps", type: "log" },
    y: { title: "worst group's reward", range: [-0.1, 1.8] },
    series: [
      { name: "average of all steps", x: budgets, y: descents.map(({ value }) => value), markers: true },
      { name: "the last step alone", x: budgets, y: descents.map(({ last }) => worstOf(last)), markers: true },
    ],
    reference: [{ y: poor.value, label: "linear program" }],
  }),
);

// %% [markdown]
// If four of five people are in the first group, the best average is the first action: 2.4 on average, 0 for the few. The max-min policy takes a compromise that pays 1.6, and *tosses a coin* between the two others if it pays 1.4: max-min policies may have to be random, and then only the average of the steps is any good.
// #claim 18/group-robust
//
// ## 8. Six measures of risk, and what a measure should do
//
// One distribution, a bad tail. Losses $X$ again. *Value at risk* (VaR) is a quantile: the least loss that is passed with probability at most `tail`. *Conditional value at risk* (CVaR) is the mean of the worst `tail`:
//
// $$\mathrm{CVaR}_{\text{tail}}(X) = \min_\nu\; \nu + \frac{\mathbb{E}(X - \nu)^+}{\text{tail}}. \tag{6}$$
//
// *Entropic risk* is $\frac1b \ln \mathbb{E}\, e^{bX}$; *entropic value at risk* (EVaR) is the worst mean in a KL ball of radius $-\ln \text{tail}$; *mean-variance* is $\mathbb{E}X + b\,\mathrm{Var}\,X$; the *worst case* is CVaR with tail 0. (Some books call 1 - tail the level; name yours.) Four demands, the *axioms of coherence*: *monotone*, if $X \ge Y$ always then its risk is no less; *translation*, a sure loss on top adds just itself; *homogeneous*, twice the loss is twice the risk; *subadditive*, the risk of a sum is at most the sum of the risks. Here is each measure on three hand-made pairs; a cell shows the first counterexample.

// %%
const measures: Record<string, RiskMeasure> = {
  "VaR, tail 5 %": (x, own) => valueAtRisk(x, own, 0.05),
  "CVaR, tail 5 %": (x, own) => conditionalValueAtRisk(x, own, 0.05),
  "EVaR, tail 5 %": (x, own) => entropicValueAtRisk(x, own, 0.05),
  "entropic, b = 0.1": (x, own) => entropicRisk(x, own, 0.1),
  "mean + variance": (x, own) => meanVariance(x, own, 1),
  "worst case": (x, own) => conditionalValueAtRisk(x, own, 0),
};
const trials = [
  // Two bonds, each lost (100) with probability 4 %, independently.
  { X: [0, 100, 0, 100], Y: [0, 0, 100, 100], p: [0.9216, 0.0384, 0.0384, 0.0016] },
  { X: [1, 1], Y: [1, -9], p: [0.5, 0.5] },
  { X: [0, 10], Y: [0, 10], p: [0.5, 0.5] },
];
const axioms = ["monotone", "translation", "homogeneous", "subadditive"] as const;
table(
  Object.entries(measures).map(([measure, risk]) => ({
    measure,
    ...Object.fromEntries(
      axioms.map((axiom) => {
        const broken = trials
          .map(({ X, Y, p: own }) => coherence(risk, X, Y, { p: own })[axiom])
          .find(({ holds }) => !holds);
        const sign = axiom === "monotone" || axiom === "subadditive" ? ">" : "is not";
        return [
          axiom,
          broken === undefined ? "holds here" : `${broken.left.toFixed(1)} ${sign} ${broken.right.toFixed(1)}`,
        ];
      }),
    ),
  })),
  { caption: "Each axiom on three pairs of losses" },
);

// %% [markdown]
// *Value at risk* praises each bond alone (lost in 4 % of cases, below the tail) and punishes holding both. *Mean plus variance* prefers a sure loss of 1 to one of 1 or -9 evenly, which is never worse. *Entropic risk* fears a doubled loss more than twice. CVaR, EVaR and the worst case pass. Three pairs prove nothing; that they always do is a theorem: each is a worst mean over a set of $q$, and every such measure is coherent (Artzner and others 1999).
// #claim 18/coherence
//
// One thing no axiom in the table asks: to be consistent over *time*. Lose 0 or 1 on each of two fair coins, tail one half. The CVaR of the sum is 1.5. If you ask after the first coin, the CVaR of the second is 1 either way; then the CVaR of the first plus that, the *nested* CVaR, is 2. A plan that is best by CVaR today may not be what you would choose after the first coin.
//
// ### Exercise 7. The mean of the tail
//
// *Difficulty 3 of 5, 10 minutes. Trains: equation (6), and splitting an outcome.*
//
// Return CVaR of losses `x` with probabilities `p` (they add up to 1) for $0 < \text{tail} \le 1$. Where the edge of the tail falls *inside* an outcome, take the part of it that fits.
//
// <details><summary>Hint</summary>Sort by loss, greatest first. Take min(p, what is left of the tail) of each; divide the sum by the tail.</details>

// %% [exercise] 18/cvar
/** The mean of the worst `tail` of the losses. */
function cvar(x: number[], p: number[], tail: number): number {
  // #solution
  const order = x.map((_, i) => i).sort((a, b) => x[b] - x[a]);
  let [left, sum] = [tail, 0];
  for (const i of order) {
    const mass = Math.min(p[i], left);
    sum += mass * x[i];
    left -= mass;
  }
  return sum / tail;
  // #end
}

// %% [check] 18/cvar
await check("18/cvar", { cvar });

// %% [markdown]
// ### Ambiguity is not risk
//
// An urn: 30 red balls, 60 black or yellow, nobody says how many of each. You win 100 on a colour. Most people take red rather than black, and then black-or-yellow rather than red-or-yellow (Ellsberg 1961). No probability of black explains both. A *set* of them does: value each bet by its worst (Gilboa and Schmeidler 1989).

// %%
const urn = [0, 20, 40, 60].map((black) => [30 / 90, black / 90, (60 - black) / 90]);
const bets = { red: [100, 0, 0], black: [0, 100, 0], "red or yellow": [100, 0, 100], "black or yellow": [0, 100, 100] };
table(
  Object.entries(bets).map(([bet, pays]) => ({
    bet,
    worst: maxMinUtility([pays], urn).values[0],
    ...Object.fromEntries(urn.map((own, i) => [`${20 * i} black`, maxMinUtility([pays], [own]).values[0]])),
  })),
  {
    columns: {
      bet: "bet on",
      worst: "worst prior",
      "0 black": "0 black",
      "20 black": "20 black",
      "40 black": "40 black",
      "60 black": "60 black",
    },
    digits: 1,
    caption: "What a bet is worth",
  },
);

// %% [markdown]
// In each column with a number of black balls, the two choices go the same way: who takes red there takes red-or-yellow. In the column of the worst they turn round. That is *ambiguity aversion*, and every worst case over a set of distributions in this lesson is made of it.
// #claim 18/ellsberg
//
// ## 9. A robust voyage
//
// A ship crosses a strait: 6 by 7 fields, harbour to the north east, shoals in between. Each move goes astray to either side with probability 0.05 (the *slip*), or so we estimate. Arriving pays 1, each shoal costs 0.3. The *robust Bellman equation* lets nature choose the next field's distribution anew, in each field and for each action, from a set around the estimate:
//
// $$V(s) = \max_a \min_{q \in \mathcal{U}(s, a)} r(s, a) + \gamma \sum_{s'} q(s') V(s'). \tag{7}$$
//
// The set: all $q$ on the fields that any move from $s$ can reach, with $\sum |q - p| \le \xi$. The plan that is best for $p$ itself is called *nominal*. The least mean is one sort, and (7) is a contraction like the usual one.

// %%
const chart = strait();
const radius = 0.4;
const slips = [0.05, 0.075, 0.1, 0.125, 0.15, 0.175, 0.2];
const { optimal, robust } = robustStrait(radius, { slips });
const east = Array.from({ length: chart.columns }, (_, column) => String(column + 1));
const rowsDown = Array.from({ length: chart.rows }, (_, row) => String(row + 1));
const onChart = (title: string, policy: ArrayLike<number>) => {
  const shares = occupancy(chart.mdp, Float64Array.from(policy));
  /** Discounted visits: a voyage goes on with probability 0.95 after each move. */
  const visits = (state: number) => [0, 1, 2, 3].reduce((sum, a) => sum + shares[4 * state + a], 0) / (1 - 0.95);
  return heatmap({
    title,
    x: { title: "column", labels: east },
    y: { title: "row", labels: rowsDown },
    color: { title: "visits a voyage", range: [0, 1] },
    values: rowsDown.map((_, row) => east.map((_, column) => Math.min(1, visits(row * chart.columns + column)))),
  });
};
show(
  smallMultiples({
    title: "The nominal route hugs the shoals, the robust one sails around",
    subtitle:
      "expected visits of each field, at most 1; start top left, harbour top right, shoals in columns 3 to 5 of the upper rows",
    figures: [onChart("Best for the estimate", optimal.policy), onChart("Best for the worst case", robust.policy)],
  }),
);
show(
  line({
    title: "A robust plan: a little worse as charted, better in a strong current",
    subtitle: "the same slip in every field; dashed: what the robust plan promised",
    x: { title: "true slip to either side" },
    y: { title: "value of the voyage", range: [0, 0.5] },
    series: [
      { name: "best for the estimate", x: slips, y: optimal.slipping, markers: true },
      { name: "best for the worst case", x: slips, y: robust.slipping, markers: true },
    ],
    reference: [{ y: robust.worst, label: "promised" }],
  }),
);
const widths = [0, 0.1, 0.2, 0.3, 0.4, 0.6, 0.8];
table(
  widths.map((xi) => {
    const { optimal: best, robust: careful_ } = robustStrait(xi);
    return { xi, nominal: best.worst, robust: careful_.worst, charted: careful_.nominal };
  }),
  {
    columns: {
      xi: "radius",
      nominal: "worst case of the nominal plan",
      robust: "of the robust plan",
      charted: "robust plan, as charted",
    },
    digits: 3,
  },
);

// %% [markdown]
// Two things to take away. The promise is far below what the plan earns under any *common* slip that the ball allows (up to 0.15): (7) lets the current be bad in a different way in each field and at each move. Sets like that are called *rectangular*. They make (7) solvable (with a slip that is the same everywhere the problem is NP-hard in general, Wiesemann and others 2013), and they are a pessimism of their own. And too wide a ball is useless: at 0.8 the robust ship never sets out for the harbour.
// #claim 18/robust-voyage
//
// ### Exercise 8. Find the bug: the worst next field
//
// *Difficulty 2 of 5, 8 minutes. Trains: the inner minimum of (7).*
//
// `worstNext` is to return the least $\sum_i q_i v_i$ over distributions $q$ with $\sum_i |q_i - p_i| \le \xi$. A colleague wrote it, and with $\xi = 0.4$ the ship never sets out. Run the check, then mend it.
//
// <details><summary>Hint</summary>Write q for p = (0.5, 0.5) and xi = 0.2. How large is the sum of |q - p|?</details>

// %% [exercise] 18/worst-next
/** The least mean value of all q with sum |q - p| <= xi. */
function worstNext(p: number[], v: number[], xi: number): number {
  // #solution
  const low = v.indexOf(Math.min(...v));
  const q = [...p];
  let left = Math.min(xi / 2, 1 - q[low]);
  q[low] += left;
  for (const i of v.map((_, j) => j).sort((a, b) => v[b] - v[a])) {
    if (i === low) continue;
    const moved = Math.min(left, q[i]);
    q[i] -= moved;
    left -= moved;
  }
  return q.reduce((sum, mass, i) => sum + mass * v[i], 0);
  // #given
  // const low = v.indexOf(Math.min(...v));
  // const q = [...p];
  // let left = Math.min(xi, 1 - q[low]);
  // q[low] += left;
  // for (const i of v.map((_, j) => j).sort((a, b) => v[b] - v[a])) {
  //   if (i === low) continue;
  //   const moved = Math.min(left, q[i]);
  //   q[i] -= moved;
  //   left -= moved;
  // }
  // return q.reduce((sum, mass, i) => sum + mass * v[i], 0);
  // #end
}

// %% [check] 18/worst-next
await check("18/worst-next", { worstNext });

// %% [markdown]
// ## 10. Where to measure next
//
// Pessimism avoids, robustness endures. The third use of uncertainty is to spend measurements well. *Bayesian optimisation* believes in a function rather than in weights. A *Gaussian process* says how strongly $f$ at two places hangs together, by a *kernel* $\kappa(x, x')$. With $\mathbf{k}$ the kernel between $x$ and the places measured, and $K$ the kernel among those plus the noise's variance on its diagonal,
//
// $$m(x) = \mathbf{k}^\top K^{-1} y, \qquad s^2(x) = \kappa(x, x) - \mathbf{k}^\top K^{-1} \mathbf{k}. \tag{8}$$
//
// An *acquisition function* says what measuring at $x$ would be worth. *Expected improvement* over the best $b$ so far is
//
// $$\mathrm{EI} = \mathbb{E}(f - b)^+ = (m - b)\,\Phi(z) + s\,\varphi(z), \qquad z = \frac{m - b}{s}, \tag{9}$$
//
// $\Phi$ and $\varphi$ the standard normal distribution function and density. *Probability of improvement* (PI) is $\Phi(z)$: it does not ask by how much. The *upper confidence bound* (UCB) is $m + 2s$. The *knowledge gradient* (KG) asks how much the greatest *mean* will have grown after the measurement; it may measure where nothing good is expected, if that tells about elsewhere. *Thompson sampling* draws one function from the posterior and goes to its top.

// %%
const places = linspace(0, 1, 101).map((x) => [x]);
const xs = places.map(([x]) => x);
const kernel = squaredExponential({ length: 0.12 });
const truth = drawFunction(key(31), gaussianProcess(kernel, [], [], 0).jointly(places));
const measuredAt = [8, 30, 52, 60, 90];
const noise = 0.05;
const measurements = measuredAt.map((i, n) => truth[i] + noise * normal(key(19), 5)[n]);
const process_ = gaussianProcess(
  kernel,
  measuredAt.map((i) => places[i]),
  measurements,
  noise,
);
const believed = process_.jointly(places);
const bestSoFar = measuredAt.reduce((most, i) => Math.max(most, believed.mean[i]), -10);
const acquisitions = {
  EI: Array.from(believed.mean, (m, i) => expectedImprovement(m, believed.deviation[i], bestSoFar)),
  PI: Array.from(believed.mean, (m, i) => probabilityOfImprovement(m, believed.deviation[i], bestSoFar)),
  UCB: Array.from(believed.mean, (m, i) => upperConfidence(m, believed.deviation[i], 2)),
  KG: Array.from(knowledgeGradients(believed, noise).gains),
};
const scaled = (values: number[]) => {
  const [low, high] = [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
  return values.map((v) => (v - low) / (high - low));
};
show(
  line({
    title: "Five measurements: what is believed of a function",
    subtitle: "band: 2 sd; two draws of the posterior, whose tops are what Thompson sampling would measure",
    x: { title: "x" },
    y: { title: "f" },
    series: [
      {
        name: "belief",
        x: xs,
        y: believed.mean,
        band: {
          low: Array.from(believed.mean, (m, i) => m - 2 * believed.deviation[i]),
          high: Array.from(believed.mean, (m, i) => m + 2 * believed.deviation[i]),
        },
      },
      { name: "truth", x: xs, y: truth },
      ...[0, 1].map((n) => ({ name: `draw ${n + 1}`, x: xs, y: thompson(key(40 + n), believed).draw })),
    ],
  }),
);
show(
  line({
    title: "Four opinions on the sixth measurement",
    subtitle: "each acquisition from its least (0) to its greatest (1)",
    x: { title: "x" },
    y: { title: "acquisition, scaled" },
    series: Object.entries(acquisitions).map(([name, values]) => ({ name, x: xs, y: scaled(values) })),
  }),
);
table(
  Object.entries(acquisitions).map(([rule, values]) => {
    const i = values.indexOf(values.reduce((a, b) => Math.max(a, b)));
    return { rule, x: xs[i], mean: believed.mean[i], sd: believed.deviation[i] };
  }),
  { columns: { rule: "rule", x: "measures at", mean: "m there", sd: "s there" }, digits: 3 },
);

// %% [markdown]
// PI stays near the best place, where improving is likely and small; the others look further. "Bayesian optimisation: principled uncertainty" is as principled as its kernel. Section 11 shows what a wrong one does.
// #claim 18/acquisitions-disagree
//
// *Comparisons instead of numbers.* If you can only show two things and ask which is better, and the winner is taken, the pair is worth $\mathbb{E}\max(f_1, f_2) = m_1 \Phi(d/s) + m_2 \Phi(-d/s) + s\,\varphi(d/s)$, $d = m_1 - m_2$, $s$ the sd of $f_1 - f_2$: the *expected utility of the best option* (EUBO). A good pair is good *and* uncertain *and* unlike: two copies of the best have $s = 0$.

// %%
const coarse = linspace(0, 1, 26);
const joint = process_.jointly(coarse.map((x) => [x]));
const sdBetween = (i: number, j: number) => {
  const at = (a: number, b: number) => joint.covariance[a * coarse.length + b];
  return Math.sqrt(Math.max(0, at(i, i) + at(j, j) - 2 * at(i, j)));
};
const eubo = coarse.map((_, j) =>
  coarse.map((_, i) => expectedBestOfTwo(joint.mean[i], joint.mean[j], sdBetween(i, j))),
);
show(
  heatmap({
    title: "Which two to show? Two that may be good, and are unlike",
    subtitle: "expected value of the one that is taken",
    x: { title: "first", labels: coarse.map((x) => x.toFixed(2)) },
    y: { title: "second", labels: [...coarse].reverse().map((x) => x.toFixed(2)) },
    color: { title: "E max" },
    values: [...eubo].reverse(),
    annotate: false,
  }),
);

// %% [markdown]
// ### Exercise 9. Expected improvement
//
// *Difficulty 2 of 5, 9 minutes. Trains: equation (9).*
//
// `normalCdf` and `normalDensity` are $\Phi$ and $\varphi$. Mind $s = 0$: a place that is known.
//
// <details><summary>Hint</summary>At s = 0 the improvement is max(0, m - best), for sure.</details>

// %% [exercise] 18/expected-improvement
/** E (f - best)^+ of f ~ N(m, s²). */
function improvement(m: number, s: number, best: number): number {
  // #solution
  if (s === 0) return Math.max(0, m - best);
  const z = (m - best) / s;
  return (m - best) * normalCdf(z) + s * normalDensity(z);
  // #end
}

// %% [check] 18/expected-improvement
await check("18/expected-improvement", { improvement });

// %% [markdown]
// ### Exercise 10. Write the loop: Thompson sampling
//
// *Difficulty 4 of 5, 20 minutes. Trains: draw, credit, step, with a posterior in the place of a policy.*
//
// Arms with unknown utilities, each $N(0, 1)$ beforehand. In round $t$: *draw* a value for each arm $a$ from its posterior $N(m_a, v_a)$ with `z[t][a]`, that is $m_a + \sqrt{v_a}\,z$. Play the greatest (the first of equals). *Credit*: the reward is `utility[a] + noise * e[t]`. *Step*: the arm's precision $1/v$ grows by $1/\text{noise}^2$, and its mean becomes the precision-weighted mean of the old mean and the reward. Return `{ played, means }`: the arm of each round, and the means at the end. When it passes, the cell below draws how often your loop plays the best arm.
//
// <details><summary>Hint</summary>m = (m / v + r / noise²) / (1 / v + 1 / noise²), then v = 1 / (1 / v + 1 / noise²). Only for the arm that was played.</details>

// %% [exercise] 18/thompson-loop
/** Thompson sampling for arms with normal rewards. */
function thompsonLoop(
  utility: number[],
  z: number[][],
  e: number[],
  noise: number,
): { played: number[]; means: number[] } {
  // #solution
  const m = utility.map(() => 0);
  const v = utility.map(() => 1);
  const played: number[] = [];
  for (let t = 0; t < e.length; t++) {
    let arm = 0;
    const draws = m.map((centre, a) => centre + Math.sqrt(v[a]) * z[t][a]);
    for (let a = 1; a < draws.length; a++) if (draws[a] > draws[arm]) arm = a;
    const reward = utility[arm] + noise * e[t];
    const precision = 1 / v[arm] + 1 / noise ** 2;
    m[arm] = (m[arm] / v[arm] + reward / noise ** 2) / precision;
    v[arm] = 1 / precision;
    played.push(arm);
  }
  return { played, means: m };
  // #end
}

// %% [check] 18/thompson-loop
const written = await check("18/thompson-loop", { thompsonLoop });

const rounds = 80;
if (written.passed) {
  const bestPlayed = split(key(20), 100).map((own) => {
    const [a, b, c] = split(own, 3);
    const utility = Array.from(normal(a, 4));
    const z = split(b, rounds).map((k) => Array.from(normal(k, 4)));
    const best = utility.indexOf(Math.max(...utility));
    return thompsonLoop(utility, z, Array.from(normal(c, rounds)), 1).played.map((arm) => Number(arm === best));
  });
  show(
    line({
      title: "Your loop: uncertain at first, surer with every round",
      subtitle: "four arms, noise 1, a hundred worlds; band: 95 % interval",
      x: { title: "round" },
      y: { title: "share that plays the best arm", range: [0, 1] },
      series: [overSeeds("Thompson sampling", linspace(1, rounds, rounds), bestPlayed, { least: 0 })],
      reference: [{ y: 0.25, label: "chance" }],
    }),
  );
}

// %% [markdown]
// ## 11. Safe exploration is not avoiding the unknown
//
// Now a measurement below a line is forbidden: a dose, a drone, a reply that goes out to people. "Avoid actions with high uncertainty" would be UCB among the places that are safe for sure (*safe-UCB*). *SafeOpt* (Sui and others 2015) does something else. Its *safe set* is where the lower bound $m - 3s$ is above the line. In it, it picks the most *uncertain* of two kinds of places: *maximisers*, which may be the best, and *expanders*, where a good measurement would make a new place safe. It seeks uncertainty, where that is safe.

// %%
const filmed = safeOptTrial(key(5), { method: "safeOpt" });
const frames = [0, 4, 10, 30];
const among = (all: readonly number[], values: ArrayLike<number>) => ({
  x: all.map((i) => filmed.x[i]),
  y: all.map((i) => values[i]),
});
show(
  smallMultiples({
    title: "SafeOpt as a film: the safe set grows from one point",
    subtitle: "band: 3 sd; dashed: the line; below: where it may measure, and its expanders",
    columns: 2,
    share: "both",
    figures: frames.map((frame) => {
      const { lower, upper, safe, expanders } = filmed.film[frame];
      const [floor, above] = [-3.6, -3.2].map((level) => filmed.x.map(() => level));
      return line({
        title: `before query ${frame + 1}`,
        x: { title: "x" },
        y: { title: "f", range: [-4, 4] },
        series: [
          { name: "truth", x: filmed.x, y: filmed.f },
          {
            name: "belief",
            x: filmed.x,
            y: Array.from(lower, (low, i) => (low + upper[i]) / 2),
            band: { low: lower, high: upper },
          },
          { name: "safe set", ...among(safe, floor), markers: true },
          ...(expanders.length === 0 ? [] : [{ name: "expanders", ...among(expanders, above), markers: true }]),
        ],
        reference: [{ y: -0.2 }],
      });
    }),
  }),
);

// %%
const explorers: Record<string, ReturnType<typeof safeOptTrial>[]> = {};
for (const method of progress(safeOptMethods, { label: "explorers" })) {
  explorers[method] = split(key(21), 24).map((own) => safeOptTrial(own, { method }));
}
const wrongKernel = split(key(21), 24).map((own) => safeOptTrial(own, { method: "safeOpt", believedLength: 0.24 }));
const narrow = split(key(21), 24).map((own) => safeOptTrial(own, { method: "safeOpt", width: 1 }));
const methodNames = {
  ucb: "UCB",
  expectedImprovement: "EI",
  thompson: "Thompson",
  safeUcb: "safe-UCB",
  safeOpt: "SafeOpt",
};
const unsafe = (runs: ReturnType<typeof safeOptTrial>[]) => mean(runs.map(({ violations }) => Number(violations > 0)));
table(
  [
    ...safeOptMethods.map((method) => ({ method: methodNames[method], runs: explorers[method] })),
    { method: "SafeOpt, length scale twice too long", runs: wrongKernel },
    { method: "SafeOpt, bounds of 1 sd", runs: narrow },
  ].map(({ method, runs }) => ({
    method,
    violated: unsafe(runs),
    safe: mean(runs.map(({ film, x }) => film[film.length - 1].safe.length / x.length)),
    regret: mean(runs.map(({ regret }) => regret)),
  })),
  {
    columns: {
      method: "who",
      violated: "share of runs with a violation",
      safe: "share known to be safe at the end",
      regret: "regret to the best reachable safe place",
    },
    digits: 3,
    caption: "30 measurements, 24 functions",
  },
);

// %% [markdown]
// Without a thought for the line, most runs cross it (and then know places that nobody can reach safely: a regret below 0). Safe-UCB and SafeOpt hardly ever do (over sixty functions, fewer than one in twenty). Safe-UCB asks at the edge of its safe set only if something good is expected there. SafeOpt ends with a wider set; in most functions that gains nothing, in some it finds a better place.
// #claim 18/safeopt-widens
//
// **Break it.** The last two rows: the length scale taken twice too long, and bounds of one sd. What became of "safe"?
//
// <details><summary>What happens</summary>In both rows many runs cross the line. The guarantee was one about functions that this kernel and this width describe. Nothing in the run tells you so beforehand (Fiedler and others 2024). A real system needs a bound on f from outside, from physics or from design.</details>
// #claim 18/safe-is-a-kernel
//
// ## 12. Four reward models that read
//
// All of that with two weights, or a linear reward. Now with networks: 400 comparisons of replies about the whale, four small transformers, each taught on its own bootstrap and from its own start; and one more with dropout, asked eight times. Every reply is scored, so the policies are again the exact best at each KL, and nothing of PPO stands between us and the reward. (It takes a while: a dozen seconds.)

// %%
const reader = await transformerEnsemble(key(1), world, { label: "reward models" });
const kinds = {
  one: "one model",
  mean: "mean of four",
  "mean - sd": "mean - sd",
  least: "least of four",
  truth: "true utility",
} as const;
const from = ["reference", ...kls.map((kl) => `KL ${kl}`)];
show(
  line({
    title: "Four that read: averaging helps most",
    subtitle: "phrase task, 400 comparisons; one key, what is said below holds over eight",
    x: { title: "KL to the reference", unit: "nats" },
    y: { title: "utility", unit: "nats" },
    series: (Object.keys(kinds) as (keyof typeof kinds)[]).map((kind) => ({
      name: kinds[kind],
      x: kls,
      y: reader.utility[kind],
      markers: true,
    })),
  }),
);
show(
  bar({
    title: "They come to agree, also where they are wrong",
    subtitle: "replies of the reference, and of policies that climb the mean of four",
    x: { title: "whose replies" },
    y: { title: "mean over replies", unit: "nats" },
    categories: from,
    series: [
      { name: "sd of four models", values: reader.disagreement.map(({ ensemble }) => ensemble) },
      { name: "sd of dropout", values: reader.disagreement.map(({ dropout }) => dropout) },
      { name: "error of the mean", values: reader.disagreement.map(({ error }) => error) },
    ],
  }),
);

// %% [markdown]
// At one and two nats the mean of four is better than one, on every key. Beyond that, taking off the sd or the least of four gains nothing that we could see over eight keys. The second figure says why. The four models disagree more about the *reference's* replies than about those of a policy four nats away, while the error, measured in their disagreement, grows. A policy that climbs the mean looks for replies that all four like. *Where they are wrong together, no disagreement tells.* Dropout's sd, on the reference's replies, is little more than half of theirs at most.
// #claim 18/averaging-readers-helps
// #claim 18/doubt-falls-error-does-not
// #claim 18/no-gain-from-caution
//
// ### And now with PPO
//
// *Uncertainty-weighted RLHF* as it is done: a transformer imitates 2,000 replies of people, and PPO (lesson 08, through `trainPolicy`) trains it on what the four readers say of its own replies. Each batch is paid by one rule: one reader, the mean, the mean less an sd, the mean less the variance (Coste and others 2023), the least; and, as nobody could outside of a course, the true utility. All six have the same readers, the same pupil and the same key. A price of 0.2 for a nat of KL; a run ends at 3 nats, or after 48 iterations.
// KL and utility of each policy are computed over all replies, so the rules can be compared *at equal KL*, wherever each of them is on its way. (Six runs, two or three seconds each.)

// %%
const pupilModel = transformer({ vocabulary: 7, context: 6, width: 32, layers: 1, heads: 2 });
const lab = carefulPolicyStudy(phraseTask(), pupilModel);
const [pupilKey, policyKey] = split(key(12));
const pupil = await lab.imitate(pupilKey);
const payments = { ...ensembleRules(reader.members, pupil.logProbs), truth: world.utility };
const paths: Record<string, Awaited<ReturnType<typeof lab.run>>> = {};
for (const [rule, reward] of progress(Object.entries(payments), { label: "PPO" })) {
  paths[rule] = await lab.run(policyKey, pupil.params, { reward, rate: 0.004, iterations: 48, until: 3 });
}
const upTo = linspace(0.1, 3, 13);
show(
  line({
    title: "Six policies by PPO, and the exact best",
    subtitle: "one key; a point every four iterations. True utility, whatever paid",
    x: { title: "KL to where it began", unit: "nats" },
    y: { title: "true utility", unit: "nats" },
    series: [
      {
        name: "exact best",
        x: upTo,
        y: upTo.map((kl) => exactExpectation(tiltUpToKl(pupil.logProbs, world.utility, kl), world.utility)),
        color: "#b03a9a",
      },
      ...Object.entries(paths).map(([rule, path]) => ({
        name: rule,
        x: path.map(({ kl }) => kl),
        y: path.map(({ utility }) => utility),
        markers: true,
      })),
    ],
  }),
);
table(
  Object.entries(paths).map(([rule, path]) => ({
    rule,
    ...Object.fromEntries([1, 1.5, 2].map((kl) => [`KL ${kl}`, utilityOnPath(path, kl)])),
    end: path[path.length - 1].kl,
  })),
  {
    columns: { rule: "paid by", "KL 1": "utility at KL 1", "KL 1.5": "at 1.5", "KL 2": "at 2", end: "KL at the end" },
    digits: 2,
  },
);

// %% [markdown]
// Over ten other keys, each rule at the better of two rates, two nats from where it began: paid by the truth PPO stays some 0.4 nats below the exact best, which is what PPO itself costs here. Paid by one reader it ends lower again, on average by more than a quarter of a nat below what the truth reaches. The mean of four beat one reader on seven keys of the ten, and its interval reaches below 0. With exact optima it had won on every key: a policy in training adds a noise of its own.
// And care? Less an sd, less the variance, the least of four: none differs from the mean by what ten keys can show, and in each case the interval excludes a gain of 0.2 nats. What the four have in common they cannot tell us, and PPO finds it as an exact optimiser does.
// #claim 18/trained-on-four
// #claim 18/trained-with-care
//
// ## What this lesson does not show
//
// - **A posterior for a large model.** Nobody has the exact one to compare with. Our ranking is for two weights; how far it carries, we do not know.
// - **A wrong model class.** Every posterior here contains the truth, or nearly. One that does not gets narrow around something wrong, and no bar in this lesson would show it. Lesson 19 meets a learned cost like that.
// - **PPO far away.** We trained up to three nats. Beyond, where sections 4 and 5 see rewards fail, our policies are exact optima; a trained one stops earlier, and elsewhere.
// - **Who is in which group.** Group robustness needs groups that somebody named.
//
// ## Said, and seen
//
// | Said | Seen | Where |
// | --- | --- | --- |
// | Model uncertainty: uncertainty about reward model parameters | That, and about the model itself, which no posterior over parameters shows | 1, 12 |
// | Aleatoric: inherent randomness in preferences; total: the combination | Entropies add up, and so do variances; the two accounts do not mix | (1) |
// | Bayesian networks and ensembles quantify uncertainty | Those whose members differ by data or by prior; dropout does not shrink, other starts of a convex loss say 0 | 1, 2 |
// | Worst case: $\min_\pi \max_{P} \mathbb{E}_P[\text{loss}]$ | For losses; for rewards it is max min. What is "worst" is the choice of a ball | 7 |
// | Robust reward: $\min_{R'} R'(x, y)$ | That is not $\min_{R'} \mathbb{E}_\pi R'$: reply by reply is worse than any reward, and sure of less | 5 |
// | Ambiguity aversion: prefer what is robust to uncertainty | It explains choices that no prior explains | 8 |
// | Risk measures: CVaR, mean-variance, worst case | Mean-variance prefers a sure loss to a better lottery; VaR may punish holding two things instead of one | 8 |
// | Confidence intervals [lower, upper] for rewards | They hold for a reply named beforehand, not for the one that was picked, and not after the policy moved | 3, 4 |
// | Optimise the lower bound: $R - \beta \cdot \text{uncertainty}$ | It needs a zero, and coverage of what is good; it gains little beside asking | 5, 6 |
// | Safe exploration: avoid actions with high uncertainty | That gets stuck. Seek uncertainty where it is safe | 11 |
// | Bayesian optimisation: principled uncertainty quantification | As principled as the kernel | 10, 11 |
// | Query humans for high-uncertainty cases | About the policy's own replies; among others, the most uncertain are no substitute | 6 |
//
// ## On one page
//
// | | | In code |
// | --- | --- | --- |
// | (1) | total = aleatoric + epistemic | `splitUncertainty`, `splitVariance` |
// | posteriors | grid, Laplace, VI, HMC, SGLD, anchors, bootstrap, dropout | `gridPosterior`, `laplacePosterior`, `variationalGaussian`, `hmc`, `sgld`, `anchoredMembers`, `active.bootstrapMembers`, `dropoutDraws` |
// | (3) | the $\lceil (n+1)(1-\text{miss}) \rceil$-th smallest score | `conformalThreshold`, `weightedConformalThreshold` |
// | (4), (5) | mean less sd, centred; the set as a whole | `lowerBoundReward`, `setRobustTilt` |
// | balls | KL, chi-square, total variation, Wasserstein, L1, intervals, groups | `klBallWorst`, `chiSquareBallWorst`, `totalVariationWorst`, `wassersteinWorst`, `l1Worst`, `intervalWorst`, `groupRobust` |
// | (6) | the mean of the tail, and its kin | `conditionalValueAtRisk`, `valueAtRisk`, `entropicRisk`, `entropicValueAtRisk`, `meanVariance`, `coherence` |
// | (7) | robust Bellman | `robustValueIteration`, `worstCaseValue`, `l1Set`, `intervalSet` |
// | (8), (9) | Gaussian process, acquisitions | `gaussianProcess`, `expectedImprovement`, `logExpectedImprovement`, `knowledgeGradient`, `expectedBestOfTwo`, `thompson` |
// | SafeOpt | widest of maximisers and expanders | `safeOptStep` |
//
// **Three questions**
//
// <details><summary>Your five reward models agree about the policy's replies. Is that good news?</summary>It is what the policy was trained to bring about, if it climbed their mean. Ask how they differ (data, prior, or only the start), and label some of those replies.</details>
//
// <details><summary>You have a conformal interval with 90 % coverage. Your policy improves on its lower end. What is the coverage now?</summary>Unknown, and probably lower: the replies no longer come from the source of the calibration set, and were picked by the interval itself. Collect calibration replies from the new policy.</details>
//
// <details><summary>A colleague proposes mean minus two sd as the reward. What do you ask first?</summary>The sd of what, compared with which zero? And do the comparisons cover good replies? If money is left: would a hundred labels of the policy's replies not do more?</details>
//
// ## Read on
//
// - Osband 2016, *Risk versus uncertainty in deep learning* (workshop note); Pearce and others 2020, *Uncertainty in neural networks: approximately Bayesian ensembling*, arXiv:1810.05546; Neal 2011, *MCMC using Hamiltonian dynamics*, arXiv:1206.1901; Welling and Teh 2011, *Stochastic gradient Langevin dynamics*. Sections 1 and 2.
// - Angelopoulos and Bates 2021, *A gentle introduction to conformal prediction*, arXiv:2107.07511; Tibshirani and others 2019, *Conformal prediction under covariate shift*, arXiv:1904.06019. Section 4.
// - Zhu, Jiao and Jordan 2023, *Principled RLHF from pairwise or K-wise comparisons*, arXiv:2301.11270; Jin, Yang and Wang 2021, *Is pessimism provably efficient for offline RL?*, arXiv:2012.15085; Coste and others 2023, *Reward model ensembles help mitigate overoptimization*, arXiv:2310.02743 (best of n and PPO; our section 12 has four readers and PPO). Sections 5, 6 and 12.
// - Duchi and Namkoong 2019, *Variance-based regularization with convex objectives*; Mohajerin Esfahani and Kuhn 2018, arXiv:1505.05116; Sagawa and others 2020, arXiv:1911.08731. Section 7.
// - Ellsberg 1961, *Risk, ambiguity, and the Savage axioms*; Artzner and others 1999, *Coherent measures of risk*; Ahmadi-Javid 2012, *Entropic value-at-risk: a new coherent risk measure*; Rockafellar and Uryasev 2000, *Optimization of conditional value-at-risk*; Gilboa and Schmeidler 1989, *Maxmin expected utility with non-unique prior*. Section 8.
// - Iyengar 2005, *Robust dynamic programming*; Wiesemann, Kuhn and Rustem 2013, *Robust Markov decision processes*. Section 9.
// - Frazier, Powell and Dayanik 2009, *The knowledge-gradient policy for correlated normal beliefs*; Lin and others 2022, *Preference exploration*, arXiv:2203.11382. Section 10. Sui and others 2015, *Safe exploration for optimization with Gaussian processes*; Fiedler and others 2024 on the safety of SafeOpt. Section 11.
// - In the books: Murphy, [*Probabilistic machine learning: advanced topics*](https://probml.github.io/pml-book/book2.html): chapter 17, Bayesian neural networks.

// %%
import { solved } from "rlhf-lab-course";

// What you have solved of this lesson; it is written down on this machine and sent nowhere.
await solved("18");
