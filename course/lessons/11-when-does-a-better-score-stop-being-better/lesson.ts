// %% [markdown]
// # 11 When does a better score stop being better?
//
// A reward model is right about most comparisons. We train a policy to earn its reward, the reward rises, and for a while people are happier too. Then the
// reward goes on rising, and people are less and less happy. Nothing broke: the policy did what it was paid for. This is called *reward hacking*, and it is an
// old story: "When a measure becomes a target, it ceases to be a good measure" is how Marilyn Strathern (1997) put what the economist Charles Goodhart had said
// of money. In this lesson the true utility is known, the distances are exact, and so we can ask: when does it turn, can one see it from inside, and what
// helps, *at the same distance*?
//
// **After this lesson you can**
//
// - say what misalignment costs, tell four kinds of Goodhart's law apart, and say which of them makes the hump that everybody draws;
// - fit the two curves by which over-optimisation is usually described, and say what a good fit does not show;
// - say why the tail of the error decides what happens far out, and why the KL alone promises nothing there;
// - decide exactly whether one reward can be hacked with respect to another;
// - measure a detector of hacked replies by the right one of two numbers;
// - compare cures at equal distance, with enough seeds to rank them, and report the ones that do not help.
//
// **Time** 165 minutes, 107 of them exercises (those marked *optional* may wait). **You need** lessons 02, 05 and 10; section 4 also needs the occupancies of lesson 09.

// %% [markdown]
// ## The model on one page
//
// $U(x, y)$ is what people want of reply $y$ to prompt $x$ (the $u$ of other lessons), $R(x, y)$ the *proxy*: a reward that agrees with $U$ where it was made, and need not elsewhere. Far from the
// reference means a large KL. The *misalignment cost* of a policy is
//
// $$C(\pi) = \mathbb{E}_x\Bigl[\max_y U(x, y) - \mathbb{E}_{\pi}\,U(x, y)\Bigr] \ge 0. \tag{1}$$
//
// Going from one policy to another is *reward hacking* if $\mathbb{E}R$ rises while $\mathbb{E}U$ falls (Skalse and others 2022). The policies that we look at are the best for the proxy at
// each distance, equation (1) of lesson 10,
//
// $$\pi_\beta(y) \propto \pi_{\text{ref}}(y)\,e^{R(y)/\beta}, \qquad d = \sqrt{\mathrm{KL}(\pi_\beta\,\|\,\pi_{\text{ref}})}. \tag{2}$$
//
// Gao and others (2022) found that the gain in true reward, as a function of $d$, is described well by
//
// $$G_{\text{best of } n}(d) = d\,(a - b\,d), \qquad G_{\text{RL}}(d) = d\,(a - b\ln d). \tag{3}$$
//
// | On paper | In code | What it is |
// | --- | --- | --- |
// | $C(\pi)$ | `misalignmentCost(logProbs, utility)` | what people lose, in nats of utility |
// | $\pi_\beta$ | `tiltAtKl(logRef, proxy, kl)`, `proxyPath(...)` | the proxy's best policy at a KL, or along a list of $\beta$ |
// | $a$, $b$ | `fitOveroptimisation(d, gains, form)` | Gao's coefficients, by least squares |
// | $\chi^2$, $D_\infty$ | `chiSquareDivergence`, `renyiInfinity` | two other distances of policies, sections 3 and 4 |
//
// Some letters mean something else here than elsewhere: $V$ is the value of what is selected and no critic, $S$ a score in section 3 and a set of replies in section 5, $\rho^2$ and $r$ are correlations and no ratio or reward, and $a$ in (7) is a gain, not (3)'s climb.

// %%
import {
  bar,
  key,
  line,
  linspace,
  mean,
  meanInterval,
  palette,
  progress,
  scatter,
  show,
  smallMultiples,
  table,
} from "rlhf-lab";
import { occupancy, policyReturn, randomMdp, withRewards } from "rlhf-lab/mdp";
import { exactExpectation, exactKL, standardDeviation, studentTCdf } from "rlhf-lab/numerics";
import {
  bestOfNDivergences,
  chiSquareDivergence,
  chiSquareOptimum,
  optimisers,
  renyiInfinity,
  tiltUpToKl,
} from "rlhf-lab/policy";
import { foldIn, normal } from "rlhf-lab/random";
import {
  adversarialValue,
  bestOfNValue,
  causalUtility,
  correlatedProxyBound,
  ensembleReward,
  extremalGain,
  hackability,
  misalignmentCost,
  overoptimisedGain,
  proxyScore,
  regressionalValue,
} from "rlhf-lab/rewards";
import {
  auditRun,
  compareReplies,
  detectionRun,
  detectors,
  fitPaths,
  learnedBestOfN,
  learnedPath,
  learnReward,
  mitigationRun,
  mitigations,
  moodPanel,
  moodRules,
  moodTablesRun,
  pathBetas,
  proxyWorld,
  resamplePairs,
  stoppingRules,
  trainMoodWriter,
} from "rlhf-lab/studies";
import { phraseText, scoredOutcomes, workAndTrap } from "rlhf-lab/worlds";
import { check } from "rlhf-lab-course";

// %% [markdown]
// ## Run it
//
// The world is the phrase task of lesson 02 again: replies of at most five words about the whale, 9,331 of them, and the true utility of each is known to us. People compare 60 pairs of
// replies. The reward model counts words and pairs of neighbours, 63 counts, with a weight for each. Then we climb it, nat by nat, exactly.

// %%
const world = proxyWorld();
const { logRef, utility } = world;
const pairs = compareReplies(key(4), world, 60);
const learned = learnReward(world, pairs);

const favourite = (logProbs: Float64Array) => {
  const best = logProbs.indexOf(logProbs.reduce((a, b) => Math.max(a, b)));
  return `${phraseText(world.replies[best])} (${(100 * Math.exp(logProbs[best])).toFixed(0)} %)`;
};
table(
  [0, 1, 2, 4, 8, 12].map((kl) => {
    const policy = kl === 0 ? logRef : tiltUpToKl(logRef, learned.reward, kl);
    return {
      kl: exactKL(policy, logRef),
      reward: exactExpectation(policy, learned.reward),
      utility: exactExpectation(policy, utility),
      cost: misalignmentCost([policy], [utility]),
      favourite: favourite(policy),
    };
  }),
  {
    columns: {
      kl: "KL from reference (nats)",
      reward: "learned reward",
      utility: "true utility",
      cost: "misalignment cost (nats)",
      favourite: "writes most often",
    },
    digits: 3,
  },
);

// %% [markdown]
// The learned reward rises from row to row, as it must. The true utility does not keep up: the reward model heard about the likely replies, and the policy leaves for replies that nobody was ever asked about. One data set may
// be lucky or unlucky; section 2 takes many. (The last row asked for 12 nats. It cannot have them: a reward's favourite reply is as far away as that reward can push.)
//
// Note the sign in (1). A cost is what is lost, so that it is never negative, and the best reply is each prompt's own.
//
// ### Exercise 1. What misalignment costs
//
// *Difficulty 2 of 5, 8 minutes. Trains: equation (1), and whose maximum it is.*
//
// For each prompt there is a list of probabilities of the policy, of the proxy's scores, and of true utilities. Return (1), all prompts weighing the same. (One of the three lists is not needed.)
//
// <details><summary>Hint</summary>The best reply to the whale is not the best reply to the sea. Take the maximum inside, the mean outside.</details>

// %% [exercise] 11/misalignment-cost
/** Equation (1): policy, proxy and utility [prompts][replies]. */
function costOf(policy: number[][], _proxy: number[][], utility: number[][]): number {
  // #solution
  let sum = 0;
  for (let x = 0; x < policy.length; x++) {
    const earned = policy[x].reduce((total, p, y) => total + p * utility[x][y], 0);
    sum += utility[x].reduce((a, b) => Math.max(a, b)) - earned;
  }
  return sum / policy.length;
  // #end
}

// %% [check] 11/misalignment-cost
await check("11/misalignment-cost", { costOf });

// %% [markdown]
// ## 1. Four ways in which a measure fails
//
// Manheim and Garrabrant (2018) tell four kinds apart. Each has a smallest example that can be solved with pencil and paper.
//
// - **Regressional.** The measure is value plus noise, $M = V + N$, independent and normal with mean 0. Among those measured at $m$ the value is $\rho^2 m$ on average, where $\rho^2 = \mathrm{Var}\,V/\mathrm{Var}\,M$.
// - **Extremal.** Where data lie, the proxy is right; far out it is not: $x \sim N(0, 1)$, proxy $x$, utility $x - c x^2$. Then (2) gives $\Delta \mathbb{E}\,U = \sqrt2\,d - 2c\,d^2$.
// - **Causal.** The measure goes along with the value because both have a common cause. Push the measure, and the value moves only by what the measure itself causes, which may be nothing.
// - **Adversarial.** Those who are measured learn what is measured, and add to it.
//
// **Predict, then run.** A proxy with normal noise, as it is drawn in most talks about Goodhart's law: does the true value turn down if we select hard enough?

// %%
const far = linspace(0, 4, 41);
const causal = { effect: 0.1, confounding: 1, share: 0.5 };

show(
  smallMultiples({
    title: "Noise flattens the climb and never turns it; a wrong shape does",
    subtitle:
      "rho^2 = 1/2; c = 1/4; a correlate that causes little, where it is found; a threshold of 1, which all admitted pass",
    figures: [
      line({
        title: "Regressional",
        x: { title: "measured", unit: "standard deviations" },
        y: { title: "value", range: [0, 4] },
        series: [
          { name: "the measure", x: far, y: far },
          { name: "what it is worth", x: far, y: far.map((m) => regressionalValue(m, 0.5)) },
        ],
      }),
      line({
        title: "Extremal",
        x: { title: "d, root of the KL", unit: "root nats" },
        y: { title: "gain", range: [-2.5, 6] },
        series: [
          { name: "the measure", x: far, y: far.map((d) => extremalGain(d, 0)) },
          { name: "what it is worth", x: far, y: far.map((d) => extremalGain(d, 0.25)) },
        ],
      }),
      line({
        title: "Causal",
        x: { title: "the correlate", unit: "standard deviations" },
        y: { title: "utility", range: [0, 4] },
        series: [
          { name: "the measure", x: far, y: far.map((x) => causalUtility(x, causal).found) },
          { name: "what it is worth", x: far, y: far.map((x) => causalUtility(x, causal).made) },
        ],
      }),
      line({
        title: "Adversarial",
        x: { title: "possible gain of the score" },
        y: { title: "mean of the admitted", range: [0, 2] },
        series: [
          { name: "the measure", x: far, y: far.map(() => 1) },
          { name: "what it is worth", x: far, y: far.map((gain) => adversarialValue(1, gain)) },
        ],
      }),
    ],
  }),
);

// %% [markdown]
// <details><summary>What you saw</summary>No. With normal noise half of what the measure shows is true, however far one goes: the measure promises too much, and the value still rises.</details>
//
// So the hump that everybody draws needs something else than noise: a proxy of the wrong *shape* (extremal), or noise with a heavy tail (section 3). The causal kind only flattens the climb, and the adversarial kind only falls.
// #claim 11/noise-makes-no-hump
//
// The extremal example is worth a second look. Its gain, $\sqrt2\,d - 2c\,d^2$, *is* the left form of (3), with $a = \sqrt2$ and $b = 2c$, without any error. One can be over-optimised exactly in Gao's way by a parabola.
// #claim 11/a-parabola-is-gaos-form
//
// ## 2. The hump
//
// Now with learned rewards, of two kinds. The *bag of words* has one weight for each word, and cannot tell "not good" from "good, not"; the *pairs* of the first table also count neighbours. For five sizes of data we learn
// each thirty times and follow (2) from far too careful to far too greedy. Each point of a curve is one $\beta$.

// %%
const sizes = [30, 100, 300, 1000, 3000];
const start = exactExpectation(logRef, utility);
const worlds = { "bag of words": proxyWorld("words"), "words and pairs": world };
type Kind = keyof typeof worlds;
type Paths = Record<number, ReturnType<typeof learnedPath>[]>;
const paths: Record<Kind, Paths> = { "bag of words": {}, "words and pairs": {} };
const selected: Record<number, ReturnType<typeof learnedBestOfN>[]> = {};
for (const m of progress(sizes, { label: "comparisons" })) {
  const keys = Array.from({ length: 30 }, (_, i) => key(i + 1));
  for (const kind of Object.keys(worlds) as Kind[]) {
    paths[kind][m] = keys.map((k) => learnedPath(k, worlds[kind], m));
  }
  selected[m] = keys.slice(0, 10).map((k) => learnedBestOfN(k, worlds["bag of words"], m));
}

/** Over the seeds, at each beta: mean distance, mean of what is asked for, its 95 % band. */
const overSeeds = (kind: Kind, m: number, what: "gold" | "proxy") => {
  const own = paths[kind][m];
  const at = pathBetas.map((_, j) => meanInterval(own.map((path) => path[j][what])));
  return {
    name: `${m} comparisons`,
    x: pathBetas.map((_, j) => mean(own.map((path) => Math.sqrt(path[j].kl)))),
    y: at.map((one) => one.mean),
    band: { low: at.map(({ low }) => low), high: at.map(({ high }) => high) },
  };
};
const distance = { title: "d, root of the KL", unit: "root nats", range: [0, 3.5] as [number, number] };

const humps = (title: string, kind: Kind, what: "gold" | "proxy") =>
  line({
    title,
    x: distance,
    y:
      what === "gold"
        ? { title: "true utility", unit: "nats", range: [-0.5, 3.6] }
        : { title: "learned reward", unit: "nats", range: [0, 5] },
    series: sizes.map((m) => overSeeds(kind, m, what)),
    reference: what === "gold" ? [{ y: 3.5 }] : undefined,
  });

show(
  smallMultiples({
    title: "The learned reward promises more and more; what people get may turn",
    subtitle: `thirty data sets of each size, means with 95 % bands; the reference is worth ${start.toFixed(2)}, the best reply 3.5`,
    figures: [
      humps("Bag of words: what it says", "bag of words", "proxy"),
      humps("Bag of words: what people get", "bag of words", "gold"),
      humps("Words and pairs: what they say", "words and pairs", "proxy"),
      humps("Words and pairs: what people get", "words and pairs", "gold"),
    ],
  }),
);
table(
  (Object.keys(worlds) as Kind[]).flatMap((kind) =>
    sizes.map((m) => {
      const { x, y } = overSeeds(kind, m, "gold");
      const peak = y.indexOf(y.reduce((a, b) => Math.max(a, b)));
      const lost = meanInterval(paths[kind][m].map((path) => path[peak].gold - path[path.length - 1].gold));
      return {
        kind,
        m,
        peak: y[peak],
        place: `${peak + 1} of ${y.length}`,
        kl: x[peak] ** 2,
        lost: `${lost.mean.toFixed(2)} [${lost.low.toFixed(2)}, ${lost.high.toFixed(2)}]`,
      };
    }),
  ),
  {
    columns: {
      kind: "reward",
      m: "comparisons",
      peak: "utility at the peak (nats)",
      place: "point of the path",
      kl: "KL there (nats)",
      lost: "lost again at the end (nats)",
    },
    digits: 3,
  },
);

// %% [markdown]
// The bag of words has the hump of the textbooks: with 30, 100 and 300 comparisons it loses more than a quarter of a nat again.
// #claim 11/a-bag-of-words-turns
// With 3,000 it is all but gone, and the peak climbs with the data all the way.
// #claim 11/data-mends-the-bag
// #claim 11/the-peak-climbs-with-data
// The richer reward behaves otherwise: with 30 comparisons its mean path shows no clear turn, and with 3,000 it does. All these are means over data sets: a hump in a single one, or a missing one, says little.
// #claim 11/pairs-turn-with-more-data
// And both leave more than 0.8 nats to the best reply with 3,000 comparisons (a "not" may stand far from its "good", which neither can see). That part is the proxy's *shape*; no number of comparisons mends it.
// #claim 11/shape-is-not-data
//
// Which of Gao's forms does it follow?

// %%
const fits = sizes.map((m) => {
  return { m, tilt: fitPaths(paths["bag of words"][m], start), best: fitPaths(selected[m], start) };
});
const example = fits[1];
const fitted = (title: string, { d, gain, bestOfN, rl }: ReturnType<typeof fitPaths>) =>
  line({
    title,
    x: { title: "d, root of the KL", unit: "root nats", range: [0, 3] },
    y: { title: "gain in utility", unit: "nats", range: [0, 2.5] },
    series: [
      { name: "seen", x: d, y: gain },
      { name: "d (a - b d)", x: d, y: d.map((v) => overoptimisedGain(v, bestOfN)) },
      { name: "d (a - b ln d)", x: d, y: d.map((v) => overoptimisedGain(v, rl)) },
    ],
  });

show(
  smallMultiples({
    title: "Two numbers follow any smooth hump, whoever made it",
    subtitle: "bag of words, 100 comparisons; mean over data sets, up to the distance that all of them reach",
    share: "both",
    figures: [fitted("Equation (2), as RL would end", example.tilt), fitted("Best of n", example.best)],
  }),
);
table(
  fits.map(({ m, tilt, best }) => ({
    m,
    a: tilt.bestOfN.alpha,
    b: tilt.bestOfN.beta,
    tiltSquare: tilt.bestOfN.r2,
    tiltLog: tilt.rl.r2,
    bestSquare: best.bestOfN.r2,
    bestLog: best.rl.r2,
  })),
  {
    columns: {
      m: "comparisons",
      a: "a, of d (a - b d) on (2)",
      b: "b",
      tiltSquare: "R^2 on (2)",
      tiltLog: "R^2 of d (a - b ln d)",
      bestSquare: "R^2 on best of n",
      bestLog: "R^2 of d (a - b ln d) there",
    },
    digits: 3,
  },
);

// %% [markdown]
// Gao's two forms came from fitting, one to best-of-n and one to PPO. In our world the square form is the better one also for (2), the end of RL.
// #claim 11/square-form-fits-the-tilt-too
// Both forms fit well, $R^2$ mostly above 0.9, so that a good fit says little about the cause.
// #claim 11/both-forms-fit
// How the square form's two numbers move with the data is more telling:

// %%
show(
  line({
    title: "More comparisons steepen the climb",
    subtitle: "coefficients of d (a - b d), fitted to equation (2)'s path, bag of words",
    x: { title: "comparisons", type: "log" },
    y: { title: "coefficient", range: [0, 2.5] },
    series: [
      { name: "a, climb (nats per root nat)", x: sizes, y: fits.map(({ tilt }) => tilt.bestOfN.alpha), markers: true },
      { name: "b, brake (nats per nat)", x: sizes, y: fits.map(({ tilt }) => tilt.bestOfN.beta), markers: true },
    ],
  }),
);

// %% [markdown]
// The climb $a$ grows with the data, up to some hundreds of comparisons. The brake $b$ follows no such rule here.
// #claim 11/data-steepens-the-climb
//
// ### Exercise 2. Fit both forms
//
// *Difficulty 3 of 5, 15 minutes. Trains: equation (3), least squares without an intercept, and where a curve is highest.*
//
// Given KLs in nats and gains, return $a$, $b$ and the $d$ at which the fitted form is highest. Both forms are $a\,x - b\,z$ with $x = d$ and $z = d^2$ or $z = d\ln d$: two unknowns, linear, no constant
// ($G(0) = 0$). The peak is $a/2b$, or $e^{a/b - 1}$.
//
// <details><summary>Hint 1</summary>The KL is given; the forms want its root.</details>
// <details><summary>Hint 2</summary>With sums xx, xz, zz, xg, zg the normal equations are a xx - b xz = xg and a xz - b zz = zg. Solve them for a and b.</details>

// %% [exercise] 11/gao-fit
/** Least-squares a and b of equation (3), and the d of the peak. form: "bestOfN" or "rl". */
function fitForm(kl: number[], gains: number[], form: "bestOfN" | "rl"): { a: number; b: number; peak: number } {
  // #solution
  let [xx, xz, zz, xg, zg] = [0, 0, 0, 0, 0];
  kl.forEach((nats, k) => {
    const d = Math.sqrt(nats);
    const z = form === "bestOfN" ? d * d : d * Math.log(d);
    xx += d * d;
    xz += d * z;
    zz += z * z;
    xg += d * gains[k];
    zg += z * gains[k];
  });
  const determinant = xx * zz - xz * xz;
  const a = (xg * zz - zg * xz) / determinant;
  const b = (xg * xz - zg * xx) / determinant;
  return { a, b, peak: form === "bestOfN" ? a / (2 * b) : Math.exp(a / b - 1) };
  // #end
}

// %% [check] 11/gao-fit
await check("11/gao-fit", { fitForm });

// %% [markdown]
// ## 3. Same distance, four optimisers
//
// How far is far? That depends on the ruler. Beside the KL there are
//
// $$\chi^2 = \mathbb{E}_\pi\Bigl[\frac{\pi}{\pi_{\text{ref}}}\Bigr] - 1, \qquad D_\infty = \max_y \ln\frac{\pi(y)}{\pi_{\text{ref}}(y)}. \tag{4}$$
//
// Each ruler has an optimiser that is best by it. KL has the tilt (2). $D_\infty$ has the *quantiliser* (Taylor 2016): draw from the best share $q$ of the reference, so that nothing becomes more than $1/q$ times as likely. $\chi^2$ has
// $\pi = \pi_{\text{ref}}\max(0, 1 + (R - c)/2\lambda)$, with $\lambda$ the price of a unit of $\chi^2$ and $c$ such that the probabilities add up to 1: weights that grow with the reward, and not with its exponential. And best-of-n stands between.

// %%
table(
  [2, 4, 16, 64].map((n) => {
    const best = bestOfNDivergences(n);
    return { n, kl: best.kl, chi: best.chiSquare, most: best.renyiInfinity, kl2: Math.log(n), chi2: n - 1 };
  }),
  {
    columns: {
      n: "n",
      kl: "best of n: KL",
      chi: "chi^2",
      most: "D_inf",
      kl2: "quantiliser, q = 1/n: KL and D_inf",
      chi2: "chi^2",
    },
    caption: "without ties; KL and D_inf in nats",
    digits: 4,
  },
);

// %% [markdown]
// ### Exercise 3. The quantiliser
//
// *Difficulty 3 of 5, 12 minutes. Trains: a share of probability, not of outcomes.*
//
// Given the reference's probabilities, scores that all differ, and $q$, return the quantiliser's probabilities. The outcome that the boundary cuts is kept in part: with probabilities 0.7, 0.2, 0.1, rising scores and $q = 0.2$, the
// top fifth is all of the last outcome and half of the middle one, so the answer is 0, 0.5, 0.5.
//
// <details><summary>Hint</summary>Walk from the best outcome down with what is left of q; keep min(probability, left), and divide by q.</details>

// %% [exercise] 11/quantiliser
/** Probabilities of the best share q of the reference, by score. */
function quantiliserOf(ref: number[], score: number[], q: number): number[] {
  // #solution
  const order = ref.map((_, y) => y).sort((a, b) => score[b] - score[a]);
  const out = ref.map(() => 0);
  let left = q;
  for (const y of order) {
    const kept = Math.min(ref[y], left);
    out[y] = kept / q;
    left -= kept;
  }
  return out;
  // #end
}

// %% [check] 11/quantiliser
await check("11/quantiliser", { quantiliserOf });

// %% [markdown]
// ### The tail decides
//
// Let the proxy be value plus an independent error, $S = V + X$, with $V$ standard normal, and select hard: keep what scores above $t$. What is the value of what is kept? Kwa and others (2024) have the limits for $t \to \infty$. There is an
// exact law behind them, for every $t$. With $f$ the density of the score,
//
// $$\mathbb{E}[V \mid S > t] = \frac{f(t)}{P(S > t)}, \tag{5}$$
//
// which is the *hazard rate* of the score: how likely it is to end just here, having come so far.
//
// <details><summary>Why?</summary>For a standard normal V and any smooth g, E[V g(V)] = E[g'(V)] (Stein's identity: integrate by parts, since the normal density has the derivative -v times itself). Take g(v) = P(X > t - v), the probability
// to be selected with value v. Its derivative is the density of X at t - v, and the mean of that over V is the density of the score at t. Divide by P(S > t).</details>
//
// A normal score has a growing hazard rate, so the value grows without bound. An exponential tail has a constant one, so the value stops at it: $\sqrt2$ for Laplace's of variance 1. A heavier tail has a hazard rate that falls in the end: from some point on,
// the harder we select, the less the selected are worth.

// %%
const ns = linspace(0, 16, 33).map((k) => 2 ** k);
const tails = {
  normal: "normal",
  "Laplace's": "laplace",
  "t, 5 degrees": { degrees: 5 },
  "t, 3 degrees": { degrees: 3 },
} as const;

show(
  line({
    title: "The same spread of the error, four tails, four fates",
    subtitle: "value of the best of n by value + error, both of variance 1; exact",
    x: { title: "n", type: "log" },
    y: { title: "expected value V", range: [0, 3.2] },
    series: Object.entries(tails).map(([name, tail]) => ({ name: `error: ${name}`, x: ns, y: bestOfNValue(ns, tail) })),
    reference: [{ y: Math.SQRT2, label: "square root of 2" }],
  }),
);
table(
  [2, 4, 8, 16].map((t) => ({
    t,
    ...Object.fromEntries(Object.entries(tails).map(([name, tail]) => [name, proxyScore(t, tail).value])),
  })),
  { caption: "equation (5): mean value of those who score above t", digits: 3 },
);

// %% [markdown]
// All four errors have the same variance, and a correlation of 0.71 between proxy and value. Neither of these two numbers, which are what one usually measures at the reference, tells them apart.
// #claim 11/the-tail-decides
//
// ### Exercise 4. What is selected?
//
// *Difficulty 3 of 5, 10 minutes. Trains: conditioning on the score, not on the error.*
//
// $V$ and $X$ take finitely many values, independently. Given values and probabilities of both and a threshold $t$, return $\mathbb{E}[V \mid V + X > t]$.
//
// <details><summary>Hint</summary>Sum over all pairs that score above t: once the probability, once the probability times v.</details>

// %% [exercise] 11/tail-law
/** E[V | V + X > t] for independent discrete V and X. */
function selectedValue(v: number[], pV: number[], x: number[], pX: number[], t: number): number {
  // #solution
  let [mass, sum] = [0, 0];
  for (let i = 0; i < v.length; i++) {
    for (let j = 0; j < x.length; j++) {
      if (v[i] + x[j] <= t) continue;
      mass += pV[i] * pX[j];
      sum += pV[i] * pX[j] * v[i];
    }
  }
  return sum / mass;
  // #end
}

// %% [check] 11/tail-law
await check("11/tail-law", { selectedValue });

// %% [markdown]
// ### Best for the proxy, worst for people
//
// 20,000 outcomes, all equally likely under the reference, and the four optimisers at exactly the same KL of 2 nats.

// %%
const clouds = { "normal error": "normal", "error: t, 3 degrees": { degrees: 3 } } as const;
const climbers = {
  tilt: "tilt (2)",
  bestOfN: "best of n",
  chiSquare: "chi^2 optimum",
  quantiliser: "quantiliser",
} as const;
const racing = Object.entries(clouds).map(([title, tail]) => {
  const own = scoredOutcomes(key(6), 20000, tail);
  const policies = Object.keys(climbers).map((name) =>
    optimisers[name as keyof typeof climbers](own.logRef, own.proxy, 2),
  );
  return {
    title,
    value: policies.map((policy) => exactExpectation(policy, own.value)),
    error: policies.map((policy) => exactExpectation(policy, own.error)),
  };
});

show(
  smallMultiples({
    title: "At the same KL: the optimiser that is best for the proxy may be worst for people",
    subtitle: "2 nats from a reference of 20,000 equally likely outcomes; the proxy is the sum of the two bars",
    share: "y",
    figures: racing.map(({ title, value, error }) =>
      bar({
        title,
        x: { title: "optimiser" },
        y: { title: "gained", unit: "standard deviations" },
        categories: Object.values(climbers),
        series: [
          { name: "value", values: value },
          { name: "error", values: error },
        ],
      }),
    ),
  }),
);

// %% [markdown]
// With a normal error the tilt is best for the proxy and for people. With a heavy tail it still earns the most proxy, by far, and nearly all of it is error; best-of-n, the quantiliser and the $\chi^2$ optimum get more
// value from the same two nats, mostly more than twice as much. (How extreme the largest error is differs from world to world.)
// #claim 11/best-for-the-proxy-worst-for-people
//
// **Break it.** "A small KL keeps us safe." Take $X$ from Student's $t$ with 3 degrees and a policy that, with probability $\varepsilon = t^{-0.8}$, draws from $X > t$, and otherwise from the rest. Let $t$ grow.

// %%
table(
  [10, 1e3, 1e6].map((t) => {
    const [p, eps] = [studentTCdf(-t, 3), t ** -0.8];
    // The mean of X over X > t, times p: density(t) (3 + t^2) / 2.
    const above = ((2 / (Math.PI * Math.sqrt(3))) * (1 + t ** 2 / 3) ** -2 * (3 + t ** 2)) / 2;
    return {
      t,
      eps,
      kl: eps * Math.log(eps / p) + (1 - eps) * Math.log((1 - eps) / (1 - p)),
      chi: (eps - p) ** 2 / p + (eps - p) ** 2 / (1 - p),
      proxy: (eps / p) * above - ((1 - eps) / (1 - p)) * above,
    };
  }),
  {
    columns: { t: "t", eps: "eps", kl: "KL (nats)", chi: "chi^2", proxy: "E[X]" },
    digits: 4,
  },
);

// %% [markdown]
// <details><summary>What happens</summary>The KL goes to 0 and the mean of X to infinity, and since X says nothing about V, all of that is worth nothing. In KL, a heavy tail is free. Chi^2 sees it: a mean moves by
// at most sqrt(chi^2 Var X), so that here chi^2 grows without bound.</details>
//
// So "the KL penalty prevents reward hacking" is true of the *distance* it measures, not of the damage. (Our utilities and rewards in section 2 are bounded, where a small KL does bound the damage: by Pinsker's inequality.)
// #claim 11/kl-promises-nothing
//
// ## 4. Can it be hacked at all?
//
// Skalse and others (2022) ask when a proxy is *unhackable*: there is no pair of policies that it orders one way and the true reward the other way. In a world with states one can decide this exactly. Returns are linear in the
// *occupancy* (lesson 09): how much of its time a policy spends in each state and action. Occupancies form a flat piece of space. What matters of a reward is its part *along* that piece: its projection. The rest
// is shaping and constants, which no policy can change.
//
// $$\text{unhackable} \iff \text{one projection is } 0, \text{ or they are positive multiples of each other.} \tag{6}$$
//
// (Every state has to be reachable.)
//
// <details><summary>Why?</summary>If the projections p and q are not multiples, p/|p| - q/|q| is a direction in which R rises and U falls, and from a policy that tries everything one can move a little in every direction of the flat
// piece. If they are negative multiples, p itself will do.</details>

// %%
const mdp = randomMdp(key(3), { states: 4, actions: 3, discount: 0.9 });
const drawReward = (seed: number) => normal(key(seed), 12);
const potential = normal(key(2), 4).map((phi) => 2 * phi);
/** The same reward with a potential: r + gamma P phi - phi. */
const shaped = (r: Float64Array) =>
  r.map((own, pair) => {
    const next = potential.reduce((sum, phi, s) => sum + mdp.transitions[pair * 4 + s] * phi, 0);
    return own + mdp.discount * next - potential[Math.floor(pair / 3)];
  });
const cosine = (a: Float64Array, b: Float64Array) => {
  const dot = (x: Float64Array, y: Float64Array) => x.reduce((sum, v, i) => sum + v * y[i], 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
};
const kinds: Record<string, (seed: number) => [Float64Array, Float64Array]> = {
  "two random rewards": (seed) => [drawReward(seed), drawReward(seed + 500)],
  "one, and the same shaped": (seed) => [drawReward(seed), shaped(drawReward(seed))],
  "one, and its shaped opposite": (seed) => [drawReward(seed), shaped(drawReward(seed).map((r) => -r))],
  "one, and the same with noise": (seed) => {
    const r = drawReward(seed);
    const noise = drawReward(seed + 500);
    return [r, r.map((own, i) => own + 0.3 * noise[i])];
  },
};
const judged = Object.entries(kinds).map(([name, make]) => ({
  name,
  rows: Array.from({ length: 60 }, (_, i) => {
    const [a, b] = make(1000 + i);
    return { raw: cosine(a, b), ...hackability(mdp, a, b) };
  }),
}));

show(
  scatter({
    title: "How alike two rewards look says little; how alike their projections are says all",
    subtitle: "60 pairs of each kind, a random world of 4 states and 3 actions; unhackable: exactly on the upper line",
    x: { title: "cosine of the rewards as they are written", range: [-1.1, 1.1] },
    y: { title: "cosine of their projections", range: [-1.1, 1.2] },
    series: judged.map(({ name, rows }) => ({
      name,
      x: rows.map(({ raw }) => raw),
      y: rows.map((row) => row.cosine),
      size: 7,
    })),
    reference: [{ y: 1 }],
  }),
);
table(
  judged.map(({ name, rows }) => ({
    name,
    hackable: rows.filter(({ relation }) => relation === "hackable").length,
    equivalent: rows.filter(({ relation }) => relation === "equivalent").length,
  })),
  { columns: { name: "pair", hackable: "hackable, of 60", equivalent: "equivalent" } },
);

// %% [markdown]
// A reward that is nearly right was hackable in every pair that we drew; a reward that looks quite different may be the same one with a potential on it. So among *all* policies "unhackable" is no useful wish: by (6) only equivalent rewards have it, and those that no policy can change.
// #claim 11/nearly-right-is-hackable
// (The paper's summary says "only if one of them is constant"; it leaves out the equivalent pairs. Over finitely many policies there are more.) The useful question is how much can be lost within a distance.
//
// ### Exercise 5. Hackable, equivalent, trivial
//
// *Difficulty 4 of 5, 15 minutes. Trains: equation (6).*
//
// `directions` are orthonormal: the directions in which occupancies can move, one list per direction. A reward's projection is given by its dot products with them. Return `"trivial"` if one of the projections is 0, `"equivalent"` if they are
// positive multiples, `"hackable"` if neither. Small means below $10^{-9}$ of the reward's length, and equal means a cosine within $10^{-9}$ of 1.
//
// <details><summary>Hint</summary>First the coordinates: directions.map((d) => dot(d, reward)). From there on forget the rewards.</details>

// %% [exercise] 11/hackable
/** How two rewards relate over all stationary policies. */
function relationOf(directions: number[][], r1: number[], r2: number[]): "trivial" | "equivalent" | "hackable" {
  // #solution
  const dot = (a: number[], b: number[]) => a.reduce((sum, x, i) => sum + x * b[i], 0);
  const length = (a: number[]) => Math.sqrt(dot(a, a));
  const [p, q] = [r1, r2].map((r) => directions.map((direction) => dot(direction, r)));
  if (length(p) <= 1e-9 * length(r1) || length(q) <= 1e-9 * length(r2)) return "trivial";
  return dot(p, q) / (length(p) * length(q)) > 1 - 1e-9 ? "equivalent" : "hackable";
  // #end
}

// %% [check] 11/hackable
await check("11/hackable", { relationOf });

// %% [markdown]
// ### The right thing to be close in
//
// Two states: at work both rewards are 1 a step. A policy may fall into a trap, with some small probability a step, and nobody comes back. In the trap the proxy pays 1.5 and people lose 1. The reference falls once in a thousand steps.

// %%
const { mdp: trap, proxy: trapProxy, policy: falls } = workAndTrap();
const falling = linspace(Math.log(0.001), Math.log(0.3), 40).map(Math.exp);
const home = occupancy(trap, falls(0.001)).map(Math.log);
const perStep = 1 - trap.discount;
const trapRows = falling.map((p) => {
  const mu = occupancy(trap, falls(p));
  const actionKl = (mu[0] + mu[1]) * (p * Math.log(p / 0.001) + (1 - p) * Math.log((1 - p) / 0.999));
  return {
    actionKl,
    chiSquare: chiSquareDivergence(mu.map(Math.log), home),
    truth: perStep * policyReturn(trap, falls(p)),
    proxy: perStep * policyReturn(withRewards(trap, trapProxy), falls(p)),
  };
});

show(
  smallMultiples({
    title: "A policy may be close in every single action and far away in where it lives",
    subtitle: "discount 0.99; the reference falls with probability 0.001 a step",
    figures: [
      line({
        title: "What it is worth",
        x: { title: "probability of falling, per step", type: "log" },
        y: { title: "reward per step", range: [-1.1, 1.6] },
        series: [
          { name: "proxy", x: falling, y: trapRows.map(({ proxy }) => proxy) },
          { name: "people", x: falling, y: trapRows.map(({ truth }) => truth) },
        ],
      }),
      line({
        title: "How far it is",
        x: { title: "probability of falling, per step", type: "log" },
        y: { title: "distance (KL in nats)", type: "log", range: [1e-4, 20] },
        series: [
          {
            name: "KL of actions, per step",
            color: palette[2],
            x: falling.slice(1),
            y: trapRows.slice(1).map(({ actionKl }) => actionKl),
          },
          {
            name: "chi^2 of occupancies",
            color: palette[4],
            x: falling.slice(1),
            y: trapRows.slice(1).map(({ chiSquare }) => chiSquare),
          },
        ],
      }),
    ],
  }),
);

// %% [markdown]
// Where the policy falls once in a hundred steps, the actions differ by less than a hundredth of a nat a step. People have lost all they had, and only the occupancy tells.
// #claim 11/actions-see-nothing
//
// So Laidlaw and others (2024) measure a proxy by its correlation $r$ with the true reward *under the reference's occupancy* and the distance by $\chi^2$ of occupancies. If the proxy gains $a$ of its standard deviations, and $r > 0$, the true reward gains at least, in its own,
//
// $$\frac{a - \sqrt{(1 - r^2)\,\chi^2}}{r} \quad\text{(theirs)}, \qquad r\,a - \sqrt{1 - r^2}\,\sqrt{\chi^2 - a^2} \quad\text{(sharper)}. \tag{7}$$
//
// <details><summary>Why the second?</summary>Write the true reward as r times the proxy plus sqrt(1 - r^2) times a part W that is uncorrelated with it, all of them standardised under the reference. The gain of W is the mean of W times
// (pi/ref - 1). Of that factor, the proxy has already used the component a; what is left has the squared length chi^2 - a^2, and Cauchy and Schwarz say that W can lose no more than its length. A policy whose factor lies in
// the plane of the two rewards attains it, so that nothing better can be said with these three numbers.</details>
//
// A single reply is a world with one step, so our phrases will do. We learn from 300 comparisons and climb with the optimiser that $\chi^2$ asks for.

// %%
const fair = learnReward(world, compareReplies(key(7), world, 300)).reward;
const standardised = (values: Float64Array) => {
  const centre = exactExpectation(logRef, values);
  const sd = Math.sqrt(
    exactExpectation(
      logRef,
      values.map((v) => (v - centre) ** 2),
    ),
  );
  return values.map((v) => (v - centre) / sd);
};
const [z, w] = [standardised(fair), standardised(utility)];
const correlation = exactExpectation(
  logRef,
  z.map((v, y) => v * w[y]),
);
const bounded = linspace(Math.log(20), Math.log(0.05), 30).map((logLambda) => {
  const policy = chiSquareOptimum(logRef, z, Math.exp(logLambda));
  const [gain, chiSquare] = [exactExpectation(policy, z), chiSquareDivergence(policy, logRef)];
  const { paper, sharp } = correlatedProxyBound({ correlation, gain, chiSquare });
  return { chiSquare, gain, truth: exactExpectation(policy, w), paper, sharp, most: renyiInfinity(policy, logRef) };
});

show(
  line({
    title: "The sharper bound promises more, and both end where it gets interesting",
    subtitle: `proxy of 300 comparisons, correlation ${correlation.toFixed(2)} with the truth under the reference`,
    x: { title: "chi^2 from the reference", type: "log" },
    y: { title: "gain", unit: "standard deviations", range: [-0.5, 2] },
    series: [
      { name: "the proxy", x: bounded.map((b) => b.chiSquare), y: bounded.map((b) => b.gain) },
      { name: "the truth", x: bounded.map((b) => b.chiSquare), y: bounded.map((b) => b.truth) },
      { name: "at least, sharper", x: bounded.map((b) => b.chiSquare), y: bounded.map((b) => b.sharp) },
      { name: "at least, Laidlaw's", x: bounded.map((b) => b.chiSquare), y: bounded.map((b) => b.paper) },
    ],
    reference: [{ y: 0 }],
  }),
);

// %% [markdown]
// Both bounds hold, and the sharper one is never below the other. What was gained in truth lies far above both: a bound has to count with the worst reward of this correlation.
// #claim 11/both-bounds-hold
//
// ## 5. Can we see it from inside?
//
// The notes (the theory notes that this course grew from) define the hacking set $S = \{y : R(y) \gg U(y)\}$, and want $P_\pi(S)$ small. A first trap: comparisons leave the reward's zero open, so "much larger" means nothing until both are centred on the reference. Call a reply *hacked* if
// $R - U$, each minus its mean under the reference, is above 1.5 nats. Then the reference itself writes such replies, before anybody optimised anything.
//
// A second trap: "can a detector find it?" is two questions. Among what *the policy* writes, does it find the hacked replies? And does it tell the policy's replies from the reference's? Only the first helps. Both are
// measured by the *area under the curve* (AUC): the probability that a reply of the one kind scores higher than one of the other kind; a tie counts half, 0.5 is a coin.
//
// Five detectors: the *disagreement* of an ensemble, which is the standard deviation over five rewards, each learned from a *bootstrap* (as many comparisons, drawn from the same ones with replacement); the *posterior deviation*,
// how unsure the learned weights leave a reply's reward (its formula is in section 6); the *distance of features* (Mahalanobis'), how far a reply's counts are from the reference's mean, in units of the reference's covariance; how rare the reply is, $-\log\pi_{\text{ref}}$; and the reward itself.

// %%
const found = Array.from(
  progress(
    Array.from({ length: 24 }, (_, i) => i + 1),
    { label: "seeds" },
  ),
  (seed) => detectionRun(key(seed), world),
);
const interval = (values: number[]) => {
  const { mean: centre, low, high } = meanInterval(values);
  return { centre, low, high };
};
const area = (name: string, of: "hackedAuc" | "awayAuc") => {
  const each = detectors.map((detector) => interval(found.map((run) => run[of][detector])));
  return {
    name,
    values: each.map(({ centre }) => centre),
    error: { low: each.map(({ low }) => low), high: each.map(({ high }) => high) },
  };
};
const hackedShare = (of: "policy" | "reference") => 100 * mean(found.map(({ hacked }) => hacked[of]));

show(
  bar({
    title: "Out of distribution is not the same as hacked",
    subtitle: `at 2 nats; 24 data sets, 95 % intervals; hacked: policy ${hackedShare("policy").toFixed(0)} %, reference ${hackedShare("reference").toFixed(0)} %`,
    x: { title: "AUC", range: [0, 1] },
    y: { title: "detector" },
    categories: [...detectors],
    horizontal: true,
    series: [
      area("hacked against honest, both the policy's", "hackedAuc"),
      area("the policy's against the reference's", "awayAuc"),
    ],
    reference: [{ x: 0.5 }],
  }),
);

// %% [markdown]
// The reward itself tells the policy's replies from the reference's nearly always, and says much less about which of them are hacked. The posterior deviation is the other way round: hardly better than a coin at what is the policy's, and good at what is hacked.
// "Out of distribution" and "hacked" are two things.
// #claim 11/away-is-not-hacked
// The disagreement of an ensemble, which is the usual advice, is the weaker detector of hacked replies. Members of a bootstrap
// disagree about what they saw differently; of two neighbours that were never asked about all five say 0, so they agree where none of them knows. (Eisenstein and others 2023 found such shared errors at scale.) The posterior deviation is largest just there.
// #claim 11/posterior-sees-more
// A sobering line is "-log reference": how rare a reply is, which asks for no reward model at all, does as well as the posterior.
// #claim 11/rarity-does-as-well
//
// (Why 2 nats? At 8 most policies write one reply nearly always, hacked or not, and there is nothing left to tell apart.)
//
// ### Exercise 6. The area, with weights and ties
//
// *Difficulty 3 of 5, 12 minutes. Trains: what an AUC is, when replies have probabilities.*
//
// Given a score, whether it is hacked, and a weight (its probability) for each reply, return the probability that a hacked reply scores higher than an honest one, each drawn by its weight; equal scores count half.
//
// <details><summary>Hint</summary>Two loops over all pairs, hacked first; add up weight times weight.</details>

// %% [exercise] 11/detector-auc
/** P(score of a hacked reply > score of an honest one) + half of P(equal). */
function areaUnder(score: number[], hacked: boolean[], weight: number[]): number {
  // #solution
  let [won, all] = [0, 0];
  for (let i = 0; i < score.length; i++) {
    if (!hacked[i]) continue;
    for (let j = 0; j < score.length; j++) {
      if (hacked[j]) continue;
      const both = weight[i] * weight[j];
      all += both;
      won += both * (score[i] > score[j] ? 1 : score[i] === score[j] ? 0.5 : 0);
    }
  }
  return won / all;
  // #end
}

// %% [check] 11/detector-auc
await check("11/detector-auc", { areaUnder });

// %% [markdown]
// ### Ask people
//
// If nothing inside tells, look outside: after every nat, show twenty of the policy's replies to people. Either they say what each is worth, or they only compare them with the reference's. Then go back to the best nat.

// %%
const audits = Array.from(
  progress(
    Array.from({ length: 20 }, (_, i) => i + 1),
    { label: "seeds" },
  ),
  (seed) => auditRun(key(seed), world),
);
const stopped = stoppingRules.map((rule) => interval(audits.map((run) => run.stopped[rule])));
const ofAudits = (name: string, of: "gold" | "proxy") => {
  const at = audits[0].kls.map((_, i) => interval(audits.map((run) => run[of][i])));
  return {
    name,
    x: audits[0].kls,
    y: at.map(({ centre }) => centre),
    band: { low: at.map(({ low }) => low), high: at.map(({ high }) => high) },
  };
};

show(
  smallMultiples({
    title: "Twenty utilities a nat find most of the peak; the worst member finds less",
    subtitle: "20 data sets of 60 comparisons, optimised to 10 nats; 95 % intervals",
    figures: [
      line({
        title: "On the way",
        x: { title: "KL from the reference", unit: "nats" },
        y: { title: "nats" },
        series: [ofAudits("learned reward", "proxy"), ofAudits("true utility", "gold")],
      }),
      bar({
        title: "Where one stops",
        x: { title: "true utility", unit: "nats" },
        y: { title: "rule" },
        horizontal: true,
        categories: [...stoppingRules],
        series: [
          {
            name: "true utility",
            values: stopped.map(({ centre }) => centre),
            error: { low: stopped.map(({ low }) => low), high: stopped.map(({ high }) => high) },
          },
        ],
      }),
    ],
  }),
);

// %% [markdown]
// Asking for twenty utilities gets most of what the best stopping could get. Twenty comparisons a nat are a coarser ruler, and find less. So does stopping where the worst member of an ensemble is happiest, which asks nobody: it finds some of the peak, less than the audit of utilities. (Which of these last two is better, we leave open.)
// #claim 11/audits-find-the-peak
// #claim 11/worst-member-finds-less
//
// ### Exercise 7. The loop: ask about what you are about to say
//
// *Difficulty 4 of 5, 20 minutes. Trains: draw, ask, correct: a loop in which the proxy is mended where the policy goes.*
//
// The proxy is a list with a number for each reply. One round: the policy is $\pi(y) \propto \pi_{\text{ref}}(y)\,e^{R(y)/\beta}$ with the proxy as it is when the round begins. Each number $v$ of the round's row of `luck` draws a reply, the first whose
// running sum of probabilities is greater than $v$ (the last one, if rounding leaves none). After all are drawn, people are asked about each of them in turn, say its true utility, and the proxy moves towards it: $R(y) \leftarrow R(y) + \text{rate}\cdot(U(y) - R(y))$, for each
// draw, one after the other. Return the proxy after the last round. The check also runs your loop on the phrases of three words, with the lexicon as the first proxy, and sees whether people end up happier.
//
// <details><summary>Hint 1</summary>Subtract the largest R before you exponentiate, or weights may overflow.</details>
// <details><summary>Hint 2</summary>First draw all replies of the round, then correct: within a round the policy does not change.</details>

// %% [exercise] 11/audit-loop
/** The proxy after rounds of drawing from its own optimum and asking people. */
function mendProxy(
  ref: number[],
  proxy: number[],
  utility: number[],
  luck: number[][],
  beta: number,
  rate: number,
): number[] {
  // #solution
  const mended = [...proxy];
  for (const row of luck) {
    const most = mended.reduce((a, b) => Math.max(a, b));
    const weights = ref.map((p, y) => p * Math.exp((mended[y] - most) / beta));
    const total = weights.reduce((a, b) => a + b);
    const drawn = row.map((v) => {
      let sum = 0;
      const found = weights.findIndex((weight) => {
        sum += weight / total;
        return sum > v;
      });
      return found < 0 ? ref.length - 1 : found;
    });
    for (const y of drawn) mended[y] += rate * (utility[y] - mended[y]);
  }
  return mended;
  // #end
}

// %% [check] 11/audit-loop
await check("11/audit-loop", { mendProxy });

// %% [markdown]
// ## 6. What helps, at the same distance
//
// A cure is easily compared with the plain reward after the same *number of steps*, and then it may look better than it is: a pessimistic reward makes the policy go less far, and going less far helps by itself. So we hold each cure to exactly the same KL: 2, 4 and 8 nats. All start from the same 60
// comparisons:
//
// - *ensembles* of rewards learned from bootstraps (Coste and others 2023): their mean, the worst of them, the mean minus twice the variance;
// - the reward minus one or two *posterior deviations* $\sqrt{(f - \bar f)^\top H^{-1} (f - \bar f)}$, where $f$ are a reply's counts, $\bar f$ the reference's mean and $H$ the precision of what was learned;
// - 60 *more comparisons*, of the reference's replies, or, in three rounds, of the policy's against the reference's;
// - *adversarial training* of the reward model, without people: find replies that score high and are uncertain, and learn that the reference's are better (as Bukharin and others 2025);
// - the quantiliser and best-of-n on the same reward.
//
// **Predict, then run.** Which of them would you pay for?

// %%
const kls = [2, 4, 8];
const runs = Array.from(
  progress(
    Array.from({ length: 30 }, (_, i) => i + 1),
    { label: "seeds" },
  ),
  (seed) => mitigationRun(key(seed), world, { kls }),
);
const over = (cure: (typeof mitigations)[number], k: number) =>
  interval(runs.map((run) => run[cure][k] - run.single[k]));

show(
  bar({
    title: "Fresh answers help most, invented ones hurt",
    subtitle: `true utility minus that of one reward at the same KL (${kls.map((_, k) => mean(runs.map((run) => run.single[k])).toFixed(2)).join(", ")}); 30 data sets, 95 % intervals`,
    x: { title: "gain over the single reward", unit: "nats" },
    y: { title: "cure" },
    horizontal: true,
    categories: [...mitigations],
    series: kls.map((kl, k) => {
      const each = mitigations.map((cure) => over(cure, k));
      return {
        name: `at ${kl} nats`,
        values: each.map(({ centre }) => centre),
        error: { low: each.map(({ low }) => low), high: each.map(({ high }) => high) },
      };
    }),
    reference: [{ x: 0 }],
  }),
);

// %% [markdown]
// Asking people about the policy's own replies has the longest bars at 2 and 4 nats, and gains clearly more than as many new comparisons of the reference's replies.
// #claim 11/relabelling-helps-most
// The reward minus two posterior deviations gains at these distances too, without one more label.
// #claim 11/two-deviations-help
// The ensembles gain little: at 8 nats, nothing that 30 data sets could show. That is a result about *bootstraps of a count model*, and its reason is the one of section 5. (An earlier run of ours with ten data sets had shown a large gain for the worst of five. Ten were not enough.)
// #claim 11/bootstraps-do-not-help-far-out
// Nor do the quantiliser and best-of-n at 8 nats: they are cures for heavy tails, and this reward is bounded.
// #claim 11/quantiliser-no-cure-for-light-tails
// Adversarial training without people does harm here. Our reading: what the model is unsure of is also what is good and rare, and it was told that all of it is bad.
// #claim 11/invented-answers-hurt
//
// ### Exercise 8. Find the bug: whose zero?
//
// *Difficulty 3 of 5, 8 minutes. Trains: what comparisons leave open, and two rules for ensembles.*
//
// Given rewards `members` $[K][N]$, the reference's probabilities, and $\lambda$, `conservative` is to return the worst member's reward for each reply, and the mean minus $\lambda$ times the variance (the population's: divided by $K$).
// Members are to be centred on the reference first. A colleague's version picks strange replies whenever one of the members was trained a little differently. Run the check, then mend it.
//
// <details><summary>Hint</summary>Add 5 to all rewards of one member. It says the same about every comparison. Does the worst case?</details>

// %% [exercise] 11/ensembles
/** Worst case and uncertainty-weighted rewards of members that are centred on the reference. */
function conservative(members: number[][], ref: number[], lambda: number): { worst: number[]; weighted: number[] } {
  // #solution
  const centred = members.map((own) => {
    const zero = own.reduce((sum, r, y) => sum + ref[y] * r, 0);
    return own.map((r) => r - zero);
  });
  const average = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const columns = ref.map((_, y) => centred.map((own) => own[y]));
  return {
    worst: columns.map((values) => values.reduce((a, b) => Math.min(a, b))),
    weighted: columns.map((values) => {
      const centre = average(values);
      return centre - lambda * average(values.map((v) => (v - centre) ** 2));
    }),
  };
  // #given
  // const average = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  // const columns = ref.map((_, y) => members.map((own) => own[y]));
  // return {
  //   worst: columns.map((values) => values.reduce((a, b) => Math.min(a, b))),
  //   weighted: columns.map((values) => {
  //     const centre = average(values);
  //     return centre - lambda * average(values.map((v) => (v - centre) ** 2));
  //   }),
  // };
  // #end
}

// %% [check] 11/ensembles
await check("11/ensembles", { conservative });

// %% [markdown]
// **Break it.** Comparisons do not change if a member adds a constant to all its rewards. Let one member of five be 3 nats more pessimistic about everything, and take the worst case with and without centring.

// %%
const five = Array.from({ length: 5 }, (_, i) => learnReward(world, resamplePairs(foldIn(key(9), i), pairs)).reward);
const moody = five.map((own, k) => (k === 0 ? own.map((r) => r - 3) : own));
table(
  [
    { rule: "one member alone", score: five[0] },
    { rule: "worst of five, as they come", score: ensembleReward.worstCase(moody) },
    { rule: "worst of five, centred", score: ensembleReward.worstCase(moody, { centre: logRef }) },
  ].map(({ rule, score }) => {
    const policy = tiltUpToKl(logRef, score, 4);
    return {
      rule,
      same: standardDeviation(score.map((r, y) => r - five[0][y])),
      utility: exactExpectation(policy, utility),
      favourite: favourite(policy),
    };
  }),
  {
    columns: {
      rule: "score, at 4 nats",
      same: "spread of its difference to that one member (nats)",
      utility: "true utility",
      favourite: "writes most often",
    },
    digits: 3,
  },
);

// %% [markdown]
// <details><summary>What happens</summary>As they come, the worst of five is nearly always the moody one: an ensemble of one. Library code does this silently where members are not normalised. (Which of the five is moody is an accident, and whether that one happens to be a good one as well.)</details>
//
// ## 7. On a transformer
//
// Does any of this survive a real language model? Lesson 05's transformer reads *Moby Dick* for half a minute and writes 128 continuations to each of 48 beginnings of sentences; their true mood is known. The proxy is a table of words learned from comparisons about 10, 30 or
// 100 prompts. The optimiser is best-of-n, whose result can be computed from the samples without bias (lesson 10), for every rule from the same texts. Eight seeds of labels.
// The careful rules are those of section 6: the mean or the worst of five tables from bootstraps of the prompts, the mean minus once the variance, or one table minus half, one or two posterior deviations (sd). (We tried PPO in place of best-of-n: a few runs, too noisy to rank anything.)

// %%
const writer = await trainMoodWriter(key(11));

// %%
const panel = moodPanel(key(12), writer);
const chosen = [1, 2, 4, 8, 16, 32, 64, 128];
const prompts = [10, 30, 100];
const tables = Array.from(
  progress(
    Array.from({ length: 8 }, (_, i) => i + 1),
    { label: "seeds of labels" },
  ),
  (seed) => moodTablesRun(foldIn(key(13), seed), writer, panel, { prompts, ns: chosen }),
);
const moodOf = (rule: (typeof moodRules)[number], p: number, n: number) =>
  interval(tables.map((run) => run.byPrompts[p][rule][n]));
const lineOf = (rule: (typeof moodRules)[number], p: number) => {
  const at = chosen.map((_, n) => moodOf(rule, p, n));
  const band = { low: at.map(({ low }) => low), high: at.map(({ high }) => high) };
  return { name: rule, x: chosen, y: at.map(({ centre }) => centre), band };
};

show(
  smallMultiples({
    title: "Best of n on a transformer: no hump within reach, and being careful costs",
    subtitle: "true mood, 48 prompts, means over 8 seeds of labels with 95 % bands; gray: picked by the truth",
    columns: 3,
    share: "y",
    figures: prompts.map((count, p) =>
      line({
        title: `${count} prompts compared`,
        x: { title: "n", type: "log" },
        y: { title: "true mood", unit: "nats", range: [-0.2, 5] },
        series: [
          ...(["one table", "mean of 5", "worst of 5", "table - 1 sd"] as const).map((rule) => lineOf(rule, p)),
          { name: "the truth", x: chosen, y: tables[0].truth, color: palette[6] },
        ],
      }),
    ),
  }),
);
table(
  moodRules.slice(1).map((rule) => ({
    rule,
    ...Object.fromEntries(
      prompts.map((count, p) => {
        const last = chosen.length - 1;
        const { centre, low, high } = interval(
          tables.map((run) => run.byPrompts[p][rule][last] - run.byPrompts[p]["one table"][last]),
        );
        return [`${count} prompts`, `${centre.toFixed(2)} [${low.toFixed(2)}, ${high.toFixed(2)}]`];
      }),
    ),
  })),
  { caption: "true mood at n = 128 minus that of one table, in nats; 95 % intervals" },
);

// %% [markdown]
// At 3.9 nats, the farthest that best of 128 goes, there is no hump to be seen, not even with 10 prompts: the curve flattens.
// #claim 11/no-hump-near-the-reference
// And none of the careful rules gains. With 30 and 100 prompts the ensembles cost: a bootstrap holds only about two thirds of the prompts.
// #claim 11/careful-rules-cost-near-the-reference
// So *taking uncertainty off is a price, not a better reward*. On the phrases it paid, at 2 nats already; here, at up to 3.9 nats, it did not. How far one goes, in nats, does not say which of the two it will be.
//
// ### Exercise 9. On something new: admissions
//
// *Difficulty 3 of 5, 7 minutes. Trains: section 1's adversarial kind, with the tool of exercise 3.*
//
// A school has seats for a share `seats` of all applicants and admits by score, highest first. There are groups of applicants: group $i$ is worth `value[i]`, makes up a share `share[i]` of all, and raises its score by `gain[i]` with a coach. The scores, value plus gain, all differ. Seats may end in the middle of a group. Return the
// mean value of those who are admitted.
//
// <details><summary>Hint</summary>The admitted are the quantiliser of the applicants by score.</details>

// %% [exercise] 11/admissions
/** Mean value of the admitted: the top `seats` of all applicants by value + gain. */
function admittedValue(value: number[], gain: number[], share: number[], seats: number): number {
  // #solution
  const order = value.map((_, i) => i).sort((a, b) => value[b] + gain[b] - value[a] - gain[a]);
  let [left, sum] = [seats, 0];
  for (const i of order) {
    const taken = Math.min(share[i], left);
    sum += taken * value[i];
    left -= taken;
  }
  return sum / seats;
  // #end
}

// %% [check] 11/admissions
await check("11/admissions", { admittedValue });

// %% [markdown]
// ## What this lesson does not show
//
// - **Scale.** A count model of 63 weights has errors of one kind. What members of an ensemble of large models share is another matter; Coste and others (2023) found ensembles to help, Eisenstein and others (2023) found them to help less than hoped.
// - **Optimisation that goes astray.** Equation (2) is the end of a perfect optimiser. PPO stops on the way, somewhere else. A panel of PPO runs on the transformer is left out: in our trials each took about as long as all of section 7 and ended as one word repeated, which one being luck; the few runs that fit here would rank nothing.
// - **Labels that are wrong on purpose.** People here err by luck. Labelers who can be fooled are lesson 17's subject.
// - **Goals of the model's own.** The policy here does what it is paid for. A model that pursues something else is another problem.
// - **Tuning.** Each cure had one setting, or two. The posterior penalty's two deviations were not searched for.
//
// ## Said, and seen
//
// | Said | Seen | Where |
// | --- | --- | --- |
// | Misalignment cost is $\mathbb{E}[U(y_R) - U(y^*)]$ | That is never positive; a cost is the other way round, (1) | Run it |
// | When a measure becomes a target, it ceases to be a good measure | Four different ways; with normal noise it stays half as good for ever | 1 |
// | Hacking maximises the learned reward "while minimising" the true one | The true one only has to fall; mostly it rises first | 2 |
// | $S$ is where the learned reward is far above the true one; keep $P(S)$ small | $S$ needs a zero; about a tenth of the reference's own replies are in it | 5 |
// | Small error on the training distribution and a large one on the policy's: then hacking occurs | A reason for it, but not enough: on the way to the peak utility still rises, and on the transformer no hump was in reach | 2, 7 |
// | KL regularisation prevents distribution shift | It bounds the shift in actions. With a heavy tail, or a trap, not the damage | 3, 4 |
// | $R \ne V_{\text{human}}$ leads to unexpected behaviour | A shaped reward differs and changes nothing; any other difference can be hacked by some pair of policies. How much, is a question of distance, and of the right one | 4 |
// | A policy learns to exploit the reward model's weaknesses by optimising | By equation (2) alone: it moves to replies that nobody was asked about | Run it, 2 |
// | Detect it: out of distribution, or reward and performance parting | "Out of distribution" is not "hacked". To see them part one has to ask people | 5 |
// | Measure robustness: worst case, distance of distributions | The worst case promises little (the bound ends far below what was gained); of the distances, $\chi^2$ of occupancies saw what the KL of actions did not | 3, 4 |
// | Ensemble disagreement detects it | Some of it; less than the posterior does, and less than how rare a reply is | 5 |
// | Reward minus uncertainty helps | With the posterior's deviation, on the phrases, yes; on the transformer it gained nothing, or cost | 6, 7 |
// | Adversarial training of the reward model helps | With answers that were invented it did harm; with people's answers about the policy's replies it helped most | 6 |
// | Early stopping: halt when the KL exceeds a threshold | Which one? The peak's KL moves with the data and the reward. An audit finds it; the reward's own members find less of it | 2, 5 |
// | Uncertainty, robustness and conservative optimisation are essential | Some helped a little, some cost; fresh answers about the policy's replies helped more | 5 to 7 |
//
// ## On one page
//
// | | | In code |
// | --- | --- | --- |
// | (1) | $\max U - \mathbb{E}_\pi U$, per prompt | `misalignmentCost` |
// | (2) | the proxy's best policy at each distance | `proxyPath`, `tiltAtKl`, `optimisers` |
// | (3) | $d(a - bd)$, $d(a - b\ln d)$ | `fitOveroptimisation`, `overoptimisationPeak` |
// | (4) | $\chi^2$, $D_\infty$ | `chiSquareDivergence`, `renyiInfinity`, `bestOfNDivergences`, `quantiliser`, `chiSquareOptimum` |
// | (5) | $\mathbb{E}[V \mid S > t]$ = hazard rate of $S$ | `proxyScore`, `bestOfNValue` |
// | (6) | positive multiples, projected | `hackability`, `projectedReward` |
// | (7) | $ra - \sqrt{1-r^2}\sqrt{\chi^2-a^2}$ | `correlatedProxyBound` |
// | detectors | two areas | `overestimationSet`, `detectorAuc`, `auditStop` |
// | cures | centred first | `ensembleReward`, `posteriorSd` |
//
// **Three questions**
//
// <details><summary>Your reward rises, the KL is 3 nats, and the ensemble's members agree. Are you safe?</summary>You know that the members share what they know, and what they do not know. Ask people about twenty fresh replies of the policy.</details>
//
// <details><summary>A colleague shows that pessimism beats the plain reward after 500 steps. What do you ask?</summary>At which KL each of them was. A pessimist that has gone half as far may just have gone half as far.</details>
//
// <details><summary>Best-of-n with a reward whose errors have heavy tails: a larger n, or a better tail?</summary>Beyond some n each doubling makes replies worse. Clip or squash the reward: that cuts the tail, which more samples only find. (A quantiliser with a small share finds it as well.)</details>
//
// ## Read on
//
// - Gao, Schulman and Hilton 2022, *Scaling laws for reward model overoptimization*, arXiv:2210.10760. Section 2.
// - Manheim and Garrabrant 2018, *Categorizing variants of Goodhart's law*, arXiv:1803.04585; Strathern 1997, *Improving ratings: audit in the British University system*, European Review 5. Section 1.
// - Kwa, Thomas and Garriga-Alonso 2024, *Catastrophic Goodhart: regularizing RLHF with KL divergence does not mitigate heavy-tailed reward misspecification*, arXiv:2407.14503; Taylor 2016, *Quantilizers*; Huang and others 2024, *Correcting the mythos of KL-regularization*, arXiv:2407.13399. Section 3.
// - Skalse and others 2022, *Defining and characterizing reward hacking*, arXiv:2209.13085; Laidlaw, Singhal and Dragan 2024, *Correlated proxies*, arXiv:2403.03185. Section 4.
// - Coste and others 2023, *Reward model ensembles help mitigate overoptimization*, arXiv:2310.02743; Eisenstein and others 2023, *Helping or herding?*, arXiv:2312.09244; Bukharin and others 2025, *Adversarial training of reward models*, arXiv:2504.06141. Sections 5 to 7.
// - In the books: Lambert, *Reinforcement learning from human feedback*: chapter 14, [Over-optimization](https://rlhfbook.com/c/14-over-optimization).

// %%
import { solved } from "rlhf-lab-course";

// What you have solved of this lesson; it is written down on this machine and sent nowhere.
await solved("11");
