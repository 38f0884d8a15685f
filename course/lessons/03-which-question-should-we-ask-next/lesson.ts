// %% [markdown]
// # 03 Which question should we ask next?
//
// Every comparison costs somebody a minute. There are more pairs than minutes, and most answers we could have guessed. Which pair should we
// show next? "The one whose answer we are least sure of" sounds right, and can waste most of its questions. This lesson finds out when and why,
// and what to ask instead.
//
// **After this lesson you can**
//
// - split the uncertainty of an answer into what can be learned and what is the labeler's own coin;
// - score questions in five ways: at random, by entropy, by a committee's votes, by information gain, by the volume of what is unknown;
// - say what was put in before the first question, and what it did: the width of a prior is knowledge;
// - measure what a way of asking is worth: regret against questions, over seeds, with bands;
// - pick a batch that does not ask the same thing twice;
// - say when clever questions help, when they do not, and when they do harm.
//
// **Time** 120 minutes, 77 of them exercises (sections 8 to 10 are *optional*). **You need** lesson 01, and a Gaussian in two dimensions.

// %% [markdown]
// ## The model on one page
//
// Items have features. What we look for are weights $\theta$, so that the labeler prefers $x_1$ to $x_2$ with probability
//
// $$P(y = 1 \mid x_1, x_2, \theta) = \sigma(z), \qquad z = \theta^\top x, \qquad x = \phi(x_1) - \phi(x_2). \tag{1}$$
//
// After some answers we do not know $\theta$, but we have a belief about it, close to a Gaussian with mean $m$ and covariance $S$ (section 1 says how we come by
// it). So we also have a belief about the log-odds of every question we have not asked: mean $m^\top x$, variance $x^\top S x$.
//
// | On paper | In code | What it is |
// | --- | --- | --- |
// | $\phi(x_i)$ | `world.features[i]` | what the learner sees of item $i$ |
// | $x$ | a difference of two such rows | a question (in other lessons $x$ is a prompt); swapping the items changes its sign and nothing else |
// | $s$ | `deviation` | the prior: each weight is Normal(0, $s^2$) before the first answer |
// | $m$, $S$ | `posterior.mean`, `posterior.covariance` | what is believed of the weights |
// | $H[y]$ | `active.binaryEntropy(p)` | entropy of an answer, in nats; a fair coin has $\ln 2 = 0.69$ |
// | $I(\theta; y)$ | `active.informationGain(probabilities).gain` | what the answer is expected to teach about $\theta$ |
// | a strategy | `active.strategies["information gain"]` | scores all questions; the best one is asked |
// | the loop | `active.askAndLearn(key, world, options)` | ask, hear, update, measure; again |

// %%
import {
  bar,
  contour,
  type Key,
  key,
  line,
  linspace,
  mean,
  meanInterval,
  normal,
  overSeeds,
  progress,
  quantile,
  scatter,
  show,
  sigmoid,
  smallMultiples,
  split,
  standardError,
  table,
  uniform,
} from "rlhf-lab";
import { baseball1987 } from "rlhf-lab/data";
import {
  active,
  bradleyTerry,
  comparisonsFromColumns,
  comparisonsFromWins,
  covariates,
  flipLabels,
  laplacePosterior,
  simulateComparisons,
} from "rlhf-lab/preferences";
import { askForLimit, draftsWorld, lengthsWorld } from "rlhf-lab/worlds";
import { check } from "rlhf-lab-course";

// %% [markdown]
// ## Run it
//
// Our world: 24 texts, each in four versions that differ in their commas, as samples of a language model do. People care about the text, never about
// the commas. Of 288 questions that we may ask, half show one text in two versions. Those are true
// ties: a labeler tosses a coin, today and for ever. The other half compare two texts, both in the same version.
//
// The learner has eight weights to find: six of traits and two of commas. It is not told that the last two are 0. But it is told something: all weights
// have the same prior, and the features of commas are `versionSize` times as large as those of traits. (A feature a tenth as large is a weight with a prior a tenth as wide: only their product
// is ever seen.) So this number says how much commas *may* matter, before anybody has answered. Keep an eye on it: it makes the effect of this section.
//
// We ask 60 questions, either at random or by what they are expected to teach. A question may be asked again, of another labeler.

// %%
const versionSize = 0.1; // how much commas may matter, against traits; section 6 takes 0.3 and 1 as well
const drafts = draftsWorld(key(1), { versionSize });
const budget = 60;
const deviation = 1; // nats: what we expect of a weight before the first answer
const repeats = 12; // the same world, other answers

table(
  ["random", "information gain"].map((name) => {
    const strategy = active.strategies[name];
    const runs = split(key(2), repeats).map((k) => active.askAndLearn(k, drafts, { strategy, budget, deviation }));
    return {
      name,
      ties: mean(runs.map((run) => run.asked.filter((q) => drafts.isTie[q]).length)),
      loss: mean(runs.map((run) => run.loss[budget])),
      regret: mean(runs.map((run) => run.regret[budget])),
    };
  }),
  {
    columns: {
      name: "questions by",
      ties: `true ties among ${budget} questions`,
      loss: "excess loss (nats per answer)",
      regret: "regret (nats)",
    },
    caption: `means over ${repeats} runs`,
    digits: 3,
  },
);

// %% [markdown]
// *Excess loss*: how much worse than the truth we predict answers to 200 pairs that are never asked (two texts in two different versions). *Regret*: the utility that is lost by taking the
// text that now looks best. Half of the random questions were coin tosses. The second line asked none of those, and knows more.
// #claim 03/told-that-commas-are-small
// #claim 03/asked-no-tie-and-knows-more
//
// How did it know which questions are ties? In the main, because we told it. Here is what the learner expects before the first answer: how far a question's log-odds may lie from 0, one
// standard deviation of its belief.

// %%
const sizes = [0.1, 0.3, 1];
const blank = drafts.weights.map((_, i) => drafts.weights.map((_, j) => (i === j ? deviation ** 2 : 0)));
const beforeAnswers = { mean: drafts.weights.map(() => 0), covariance: blank };

table(
  sizes.map((size) => {
    const world = draftsWorld(key(1), { versionSize: size });
    const unknown = active.unknowns(world, beforeAnswers);
    const range = (tie: boolean) => {
      const values = unknown.filter((_, q) => world.isTie[q] === tie);
      return `${Math.min(...values).toFixed(2)} to ${Math.max(...values).toFixed(2)}`;
    };
    return { size, ties: range(true), contests: range(false) };
  }),
  {
    columns: {
      size: "versionSize",
      ties: "one text in two versions (nats)",
      contests: "two texts (nats)",
    },
    caption: "what is not known of a question before the first answer",
  },
);

// %% [markdown]
// With a size of 0.1 the learner is nearly sure, from the start, that a question about commas is close to a coin toss. With a size of 1 it has no idea.
// #claim 03/the-prior-decides
// Both are reasonable priors; a person who knows language would choose the first, a network that sees numbers might as well have the second. Until section 6 we stay with 0.1, a learner who knows that ties are ties.
//
// ## 1. A Gaussian for a belief
//
// Everything in this lesson rests on a mean and a covariance, so: where do they come from? Bayes' rule gives the belief after some answers up to a factor: its
// logarithm is $-|\theta|^2 / 2 s^2$, the prior's, plus the log-likelihood of lesson 01. That is no Gaussian, and its integrals have no formula. *Laplace's approximation* climbs to
// the top of this hill, measures how it bends there, and takes the Gaussian that has the same top and bends the same way:
//
// $$m = \arg\max_\theta \Bigl[\ell(\theta) - \frac{|\theta|^2}{2 s^2}\Bigr], \qquad S = \Bigl(\frac{I}{s^2} + \sum_k p_k (1 - p_k)\, x_k x_k^\top\Bigr)^{-1}, \qquad p_k = \sigma(m^\top x_k).$$
//
// The bracket is the second derivative, with its sign changed: the prior's part, and what each answer added to it. (With $s$ infinite $S$ is the covariance of lesson 01, the inverse Fisher information.) The top is found by Newton's method, and the
// whole costs no more than a fit: `laplacePosterior`. How good is it? With one weight we can add up the exact belief on a grid.

// %%
const weightGrid = linspace(-8, 18, 521);
const beliefs = [1, 4].map((width) => {
  const [won, lost] = [3, 0]; // try [9, 3]
  const log = weightGrid.map(
    (w) => -(w ** 2) / (2 * width ** 2) + won * Math.log(sigmoid(w)) + lost * Math.log(sigmoid(-w)),
  );
  const density = log.map(Math.exp);
  const total = density.reduce((a, b) => a + b);
  const expected = (f: (w: number) => number) =>
    density.reduce((sum, value, i) => sum + (value / total) * f(weightGrid[i]), 0);
  const winner = Array.from({ length: won + lost }, (_, n) => (n < won ? 0 : 1));
  const answers = comparisonsFromColumns(
    winner,
    winner.map((w) => 1 - w),
    { items: 2 },
  );
  const { mean: m, covariance: S } = laplacePosterior(answers, { deviation: width, features: [[1], [0]] }); // x = 1
  const centre = expected((w) => w);
  return {
    title: `Prior Normal(0, ${width ** 2})`,
    exact: density.map((value) => value / (total * (weightGrid[1] - weightGrid[0]))),
    laplace: weightGrid.map((w) => Math.exp(-((w - m[0]) ** 2) / (2 * S[0][0])) / Math.sqrt(2 * Math.PI * S[0][0])),
    rows: [
      {
        belief: `prior of width ${width}, exact`,
        mean: centre,
        deviation: Math.sqrt(expected((w) => (w - centre) ** 2)),
        gain: active.binaryEntropy(expected(sigmoid)) - expected((w) => active.binaryEntropy(sigmoid(w))),
      },
      {
        belief: `prior of width ${width}, Laplace`,
        mean: m[0],
        deviation: Math.sqrt(S[0][0]),
        gain: active.gaussianInformationGain({ mean: m[0], variance: S[0][0] }).gain,
      },
    ],
  };
});

show(
  smallMultiples({
    title: "Laplace's Gaussian shares the top of the belief; under a wide prior little more",
    subtitle: "one weight, after three answers to the same question, all for the first",
    share: "both",
    figures: beliefs.map(({ title, exact, laplace }) =>
      line({
        title,
        x: { title: "weight", unit: "nats" },
        y: { title: "density", range: [0, 0.55] },
        series: [
          { name: "the belief, exact", x: weightGrid, y: exact },
          { name: "Laplace's Gaussian", x: weightGrid, y: laplace },
        ],
      }),
    ),
  }),
);
table(
  beliefs.flatMap(({ rows }) => rows),
  {
    columns: {
      belief: "belief",
      mean: "mean (nats)",
      deviation: "standard deviation (nats)",
      gain: "to learn from one more answer (nats)",
    },
    digits: 3,
  },
);

// %% [markdown]
// The exact belief leans away from 0, so its mean lies beyond its top, and Laplace takes the top. With the narrow prior that is a few hundredths of a nat too modest,
// and what one more answer teaches (the last column, which section 2 explains) comes out within three percent.
// #claim 03/laplace-leans-to-zero
// #claim 03/laplace-gain-is-near
// With a prior four times as wide and answers that all agree the Gaussian is a poor picture: its mean is a nat too small, and it promises nearly twice the gain that there is. Few and one-sided answers under a wide prior are where not to trust it.
// #claim 03/laplace-wide-prior
// In the world of drafts, after twenty answers, the question that Laplace picks teaches on average 99 % of what the best one would by a more careful
// approximation (`epPosterior`, expectation propagation).
// #claim 03/laplace-picks-well
// For a network with a million weights even $S$ is too large to write down; then a handful of networks stands in for the Gaussian (exercise 1).
//
// ## 2. Two kinds of not knowing
//
// An answer can be uncertain because *we* do not know the weights, or because *the labeler* is torn. Averaging over our belief, the entropy
// of the answer splits in two (Lindley 1956; Houlsby and others 2011 call the second form BALD):
//
// $$\underbrace{H\bigl[\,\mathbb{E}_\theta\, p_\theta\,\bigr]}_{\text{total}} = \underbrace{\mathbb{E}_\theta\, H[p_\theta]}_{\text{the labeler's coin: aleatoric}} + \underbrace{I(\theta; y \mid x_1, x_2)}_{\text{what we can learn: epistemic}}, \qquad p_\theta = \sigma(\theta^\top x). \tag{2}$$
//
// The last term is the mutual information between the answer and the weights: by how much we expect the answer to shrink the entropy of our belief. Here are four
// questions, after twenty random answers.

// %%
const twenty = active.askAndLearn(key(4), drafts, {
  strategy: active.strategies.random,
  budget: 20,
  deviation,
}).posterior;
const differenceOf = (q: number) => {
  const [i, j] = drafts.questions[q];
  return drafts.features[i].map((value, c) => value - drafts.features[j][c]);
};
const splits = drafts.questions.map((_, q) =>
  active.gaussianInformationGain(active.logOddsOf(twenty, differenceOf(q))),
);
const most = (score: (q: number) => number) =>
  splits.map((_, q) => q).reduce((best, q) => (score(q) > score(best) ? q : best));
const examples = {
  "one text, other commas": 0,
  "two texts, hardest to predict": most((q) => (drafts.isTie[q] ? 0 : splits[q].total)),
  "two texts, most to learn": most((q) => splits[q].gain),
  "two texts, easiest to predict": most((q) => -splits[q].total),
};

show(
  bar({
    title: "The same entropy can be all coin, or much to learn",
    subtitle: "the entropy of an answer, split by equation (2), after twenty random answers",
    x: { title: "entropy of the answer", unit: "nats", range: [0, 0.75] },
    y: { title: "question" },
    horizontal: true,
    stacked: true,
    categories: Object.keys(examples),
    series: [
      { name: "to learn (information gain)", values: Object.values(examples).map((q) => splits[q].gain) },
      { name: "the labeler's coin", values: Object.values(examples).map((q) => splits[q].noise) },
    ],
    reference: [{ x: Math.LN2, label: "ln 2" }],
  }),
);

// %% [markdown]
// The first bar is as long as a bar can be, and holds nothing to learn. Whoever asks where the entropy is largest asks about commas.
//
// ### Exercise 1. Information gain from an ensemble
//
// *Difficulty 2 of 5, 10 minutes. Trains: equation (2), which term is which.*
//
// Equation (2) needs no Gaussian. A handful of reward models, trained on other seeds or other halves of the data, will do: model number $k$ says that
// the first item is preferred with probability `probabilities[k]`. All count the same. Given `probabilities`, return the gain, the last term of (2), in nats. A model may be certain: then $0 \ln 0 = 0$.
//
// <details><summary>Hint 1</summary>Write a helper for the entropy of one probability first, and let it return 0 for 0 and for 1.</details>
// <details><summary>Hint 2</summary>One of the two terms is the entropy of a mean, the other one the mean of entropies.</details>

// %% [exercise] 03/information-gain
/** Mutual information between an answer and the choice of a model, in nats: equation (2). */
function informationGain(probabilities: number[]): number {
  // #solution
  const term = (p: number) => (p === 0 ? 0 : -p * Math.log(p));
  const entropy = (p: number) => term(p) + term(1 - p);
  const average = (values: number[]) => values.reduce((a, b) => a + b) / values.length;
  return entropy(average(probabilities)) - average(probabilities.map(entropy));
  // #end
}

// %% [check] 03/information-gain
await check("03/information-gain", { informationGain });

// %% [markdown]
// **Break it.** Give your function three copies of the same model. Then make one of them slightly off. How few models can you afford?
//
// <details><summary>What happens</summary>Copies never disagree: the gain is 0, whatever there is to learn. Make one differ by a small d and the gain grows like the square of d. In the world of drafts, after twenty
// answers, the question picked by four models teaches about four fifths of the best one, by 64 models nearly all. And few models have seen less disagreement than there is: by ten of them gains come out about a seventh too small.</details>
// #claim 03/members-needed
// #claim 03/ten-members-see-less
//
// ## 3. The map of questions
//
// For a Gaussian belief a question is a point: how lopsided its answer is expected to be (the mean of its log-odds), and how unsure we are of that (their
// standard deviation). Every strategy is a landscape over this map.

// %%
const means = linspace(-5, 5, 61);
const deviations = linspace(0, 5, 51);
const landscape = (title: string, score: (mean: number, variance: number) => number) =>
  contour({
    title,
    x: { title: "mean of the log-odds", unit: "nats" },
    y: { title: "how unsure we are of it", unit: "nats" },
    color: { title: "score", unit: "nats" },
    grid: { x: means, y: deviations, values: deviations.map((s) => means.map((m) => score(m, s * s))) },
    levels: 10,
  });

show(
  smallMultiples({
    title: "Entropy asks at the middle line, down to the bottom; information gain looks up",
    subtitle: "a true tie that we know all about lies at the bottom of the middle line",
    columns: 3,
    figures: [
      landscape("Entropy", (mean, variance) => active.gaussianInformationGain({ mean, variance }).total),
      landscape("Information gain", (mean, variance) => active.gaussianInformationGain({ mean, variance }).gain),
      landscape("D-optimal", (mean, variance) => active.dOptimalGain({ mean: [mean], covariance: [[variance]] }, [1])),
    ],
  }),
);

// %% [markdown]
// On the middle line the entropy is $\ln 2$ from top to bottom: it cannot tell "I have no idea" from "I know that it is a tie". Information gain is 0
// along the whole bottom. (The world of drafts with small commas has its ties at the bottom. Nothing else about a tie puts it there.) The third landscape is the subject of section 5. It agrees with the second one low down, where little is unknown, and
// promises more than $\ln 2$ high up, which no yes or no can keep. After twenty answers it does so somewhere in about half of our worlds, and still the question that it picks teaches 98 % of the best.
// #claim 03/volume-picks-well
//
// ## 4. Let a committee vote
//
// "Ask where the models disagree most" (query by committee; Seung, Opper and Sompolinsky 1992) depends on what disagreement means.
// *Vote entropy*: every member votes for its favourite, and we take the entropy of the shares of votes. *Divergence from the consensus*
// (McCallum and Nigam 1998): the consensus is the members' mean, and we average how far each one is from it,
//
// $$D = \frac{1}{M} \sum_m \mathrm{KL}(p_m \,\|\, \bar p), \qquad \mathrm{KL}(p \,\|\, q) = p \ln \frac{p}{q} + (1 - p) \ln \frac{1 - p}{1 - q}. \tag{3}$$

// %%
const committees = {
  "agrees: 90 %": [0.9, 0.9, 0.9, 0.9],
  "shrugs: 49 to 51 %": [0.49, 0.51, 0.495, 0.505],
  "split: 20 and 80 %": [0.2, 0.8, 0.25, 0.75],
  "one dissenter": [0.9, 0.9, 0.9, 0.1],
};

show(
  bar({
    title: "Votes forget how sure the voters were",
    x: { title: "committee" },
    y: { title: "disagreement", unit: "nats" },
    categories: Object.keys(committees),
    series: [
      {
        name: "vote entropy",
        values: Object.values(committees).map((probabilities) => active.voteEntropy(probabilities)),
      },
      {
        name: "divergence from the consensus",
        values: Object.values(committees).map((probabilities) => active.consensusDivergence(probabilities)),
      },
    ],
    reference: [{ y: Math.LN2 }],
  }),
);

// %% [markdown]
// Four members who shrug and lean by one percent look, to the vote, like a house divided. So votes scatter on a tie, however well it is known to be one, as long as the members lean at all.
//
// ### Exercise 2. Committee disagreement
//
// *Difficulty 2 of 5, 10 minutes. Trains: two measures with one name, and the direction of a KL.*
//
// Given the members' `probabilities`, return the vote entropy, and in a second function the divergence (3), both in nats. No probability is exactly 1/2; a member may be certain.
//
// <details><summary>Hint</summary>Compare the second one with your answer to exercise 1. Is that a coincidence? Write KL as minus entropy plus cross-entropy.</details>

// %% [exercise] 03/committee
/** The entropy, in nats, of the share of members who find the first item likelier to be preferred. */
function voteEntropy(probabilities: number[]): number {
  // #solution
  const share = probabilities.filter((p) => p > 0.5).length / probabilities.length;
  return active.binaryEntropy(share);
  // #end
}

/** The mean KL from each member to the members' mean, in nats: equation (3). */
function consensusDivergence(probabilities: number[]): number {
  // #solution
  const consensus = probabilities.reduce((a, b) => a + b) / probabilities.length;
  const term = (p: number, q: number) => (p === 0 ? 0 : p * Math.log(p / q));
  const kl = (p: number) => term(p, consensus) + term(1 - p, 1 - consensus);
  return probabilities.reduce((sum, p) => sum + kl(p), 0) / probabilities.length;
  // #end
}

// %% [check] 03/committee
await check("03/committee", { voteEntropy, consensusDivergence });

// %% [markdown]
// So "disagreement-based" and "information gain" are one strategy or two, depending on whether you let the members speak or only raise their hands.
//
// ## 5. Shrink the ellipsoid
//
// The belief about $\theta$ is an ellipsoid with covariance $S$. An answer to $x$ adds Fisher information $v\,x x^\top$ with $v = p(1-p)$, whatever the
// answer. D-optimal design (D for determinant) asks for the answer that shrinks the volume most. The matrix determinant lemma saves us from computing one:
//
// $$\tfrac12 \log\det(S^{-1} + v\,x x^\top) - \tfrac12 \log\det S^{-1} = \tfrac12 \log\bigl(1 + v\, x^\top S x\bigr). \tag{4}$$
//
// It is the fall of a Gaussian's entropy, in nats. Let us watch the ellipse of two weights shrink, in a small world with two traits.

// %%
const flat = draftsWorld(key(8), { traits: 2 });
const snapshots = [0, 5, 20, 60]; // answers
const shrinking = (name: string) => {
  const outlines: { name: string; x: number[]; y: number[] }[] = [];
  active.askAndLearn(key(9), flat, {
    strategy: active.strategies[name],
    budget: 60,
    deviation,
    watch: ({ mean: m, covariance: [[a, b], [, c]] }, n) => {
      if (!snapshots.includes(n)) return;
      const [l, k] = [Math.sqrt(a), b / Math.sqrt(a)]; // Cholesky's factor of the first two weights
      const rest = Math.sqrt(c - k * k);
      const turn = linspace(0, 2 * Math.PI, 73);
      outlines.push({
        name: `${n} answers`,
        x: turn.map((t) => m[0] + 2 * l * Math.cos(t)),
        y: turn.map((t) => m[1] + 2 * (k * Math.cos(t) + rest * Math.sin(t))),
      });
    },
  });
  return line({
    title: `Questions by ${name}`,
    x: { title: "weight of trait 1", unit: "nats", range: [-2.6, 2.6] },
    y: { title: "weight of trait 2", unit: "nats", range: [-2.6, 2.6] },
    series: [...outlines, { name: "the truth", x: [flat.weights[0]], y: [flat.weights[1]], markers: true }],
  });
};

show(
  smallMultiples({
    title: "What is believed of two weights, as answers come in",
    subtitle: "ellipses of two standard deviations",
    figures: [shrinking("uncertainty"), shrinking("D-optimal")],
  }),
);

// %% [markdown]
// ### Exercise 3. The D-optimal question
//
// *Difficulty 3 of 5, 12 minutes. Trains: equation (4), and that a question's worth depends on what is known already.*
//
// Given a belief (its mean $m$ as `centre`, its covariance) and a question `x`, return the gain (4), with $p$ at the mean of the belief; given several questions, return the place of the best one.
//
// <details><summary>Hint 1</summary><code>x'Sx</code> is a double sum over i and j.</details>
// <details><summary>Hint 2</summary><code>gains.indexOf(Math.max(...gains))</code>.</details>

// %% [exercise] 03/d-optimal
/** Equation (4): the entropy, in nats, that a Gaussian belief loses by an answer to x. */
function dOptimalGain(centre: number[], covariance: number[][], x: number[]): number {
  // #solution
  const z = x.reduce((sum, value, i) => sum + value * centre[i], 0);
  let spread = 0;
  for (let i = 0; i < x.length; i++) {
    for (let j = 0; j < x.length; j++) spread += x[i] * covariance[i][j] * x[j];
  }
  return Math.log1p(sigmoid(z) * sigmoid(-z) * spread) / 2;
  // #end
}

/** The place of the question with the largest gain. */
function dOptimalPick(centre: number[], covariance: number[][], questions: number[][]): number {
  // #solution
  const gains = questions.map((x) => dOptimalGain(centre, covariance, x));
  return gains.indexOf(Math.max(...gains));
  // #end
}

// %% [check] 03/d-optimal
await check("03/d-optimal", { dOptimalGain, dOptimalPick });

// %% [markdown]
// **Break it.** Measure one feature in thousandths: multiply it by 1000 in every question, and multiply the mean and the standard deviation of its weight by 1/1000. Does your pick change?
//
// <details><summary>What happens</summary>No: neither the log-odds nor their variance change, and the gain depends on nothing else. (If you forget the mean, it is another belief, and most picks change.) A-optimality, which
// shrinks the sum of the variances, depends on the units: try <code>active.aOptimalGain</code>.</details>
//
// ## 6. The race
//
// What is a way of asking worth? We need a measure that does not come from the model's own beliefs.
//
// ### Exercise 4. Simple regret
//
// *Difficulty 1 of 5, 5 minutes. Trains: keeping apart what looks best and what is.*
//
// The item with the largest estimate is chosen. Given all utilities and estimates, return the utility that is lost against the item that is truly best.

// %% [exercise] 03/regret
/** The utility lost by taking the item with the largest estimate; no two estimates are equal. */
function simpleRegret(utility: number[], estimate: number[]): number {
  // #solution
  const chosen = estimate.indexOf(Math.max(...estimate));
  return Math.max(...utility) - utility[chosen];
  // #end
}

// %% [check] 03/regret
await check("03/regret", { simpleRegret });

// %% [markdown]
// Five strategies, the same twenty worlds for each, sixty questions in each world. Still with small commas.

// %%
const names = Object.keys(active.strategies);
const seeds = 20; // worlds; try 40 for narrower bands
const racing = (size: number, name: string) =>
  Array.from({ length: seeds }, (_, i) => {
    const [make, answers] = split(key(i + 1));
    const world = draftsWorld(make, { versionSize: size });
    const run = active.askAndLearn(answers, world, { strategy: active.strategies[name], budget, deviation });
    return { world, run, ties: run.asked.filter((q) => world.isTie[q]).length };
  });

type Race = ReturnType<typeof racing>;
const races: Record<string, Race> = {};
for (const name of progress(names, { label: "five strategies" })) races[name] = racing(versionSize, name);

// %%
/** The mean over runs and its 95 % interval, after 0, 1, ... questions. */
const byQuestion = (name: string, runs: number[][]) =>
  overSeeds(
    name,
    runs[0].map((_, n) => n),
    runs,
    { least: 0 },
  );
const curves = (of: (run: active.AskRun) => number[]) =>
  names.map((name) =>
    byQuestion(
      name,
      races[name].map(({ run }) => of(run)),
    ),
  );

show(
  smallMultiples({
    title: "What sixty questions buy, by five ways of asking",
    subtitle: `commas of size ${versionSize}; means over ${seeds} worlds, with 95 % bands`,
    figures: [
      line({
        title: "Predicting new answers",
        x: { title: "questions asked" },
        y: { title: "excess loss", unit: "nats per answer", range: [0, 0.45] },
        series: curves((run) => run.loss),
      }),
      line({
        title: "Taking what looks best",
        x: { title: "questions asked" },
        y: { title: "simple regret", unit: "nats", range: [0, 3.6] },
        series: curves((run) => run.regret),
      }),
    ],
  }),
);

// %% [markdown]
// Information gain and D-optimal are ahead of the dice, uncertainty sampling is behind them, votes are level with them. With priors half and twice as
// wide information gain still is ahead of both others.
// #claim 03/volume-asks-no-tie
// #claim 03/votes-scatter
// #claim 03/other-priors-same-order
// How far behind uncertainty sampling is depends on the worlds: over sixty of them it lost to the dice in two of three, and with `split(key(31), 24)` for the keys it is level. The right-hand panel tells less: regret is one lucky or unlucky choice in each world.
// #claim 03/behind-in-two-of-three
//
// Where did the questions go? Each point is a question of one world: to the right, how likely the true favourite is; upwards, how little we knew before the
// first answer. True ties sit left of 0.5 (spread sideways, so that one sees them).

// %%
const wasted = races.uncertainty.map(({ ties }) => ties);
const shown = wasted.indexOf([...wasted].sort((a, b) => a - b)[Math.floor(seeds / 2)]); // a typical world; try 0 to 11
const mapWorld = races.random[shown].world;
const height = active.unknowns(mapWorld, beforeAnswers);
const sideways = uniform(key(6), mapWorld.questions.length);
const across = mapWorld.questions.map(([i, j], q) =>
  mapWorld.isTie[q] ? 0.48 - 0.2 * sideways[q] : sigmoid(Math.abs(mapWorld.utility[i] - mapWorld.utility[j])),
);
const buckets = [
  { name: "never asked", from: 0, to: 0, color: "#BBBBBB", size: 5 },
  { name: "once", from: 1, to: 1, color: "#0072B2", size: 8 },
  { name: "two or three times", from: 2, to: 3, color: "#D55E00", size: 11 },
  { name: "more often", from: 4, to: budget, color: "#CC79A7", size: 15 },
];
const mapOf = (name: string) => {
  const times = mapWorld.questions.map(() => 0);
  for (const q of races[name][shown].run.asked) times[q]++;
  return scatter({
    title: `${name}: ${races[name][shown].ties} of ${budget} on ties`,
    x: { title: "true probability of the favourite", range: [0.26, 1.02] },
    y: { title: "unknown at first", unit: "nats", type: "log", range: [0.15, 9] },
    series: buckets.flatMap(({ name: bucket, from, to, color, size }) => {
      const mine = times.map((_, q) => q).filter((q) => times[q] >= from && times[q] <= to);
      return mine.length === 0
        ? []
        : [{ name: bucket, x: mine.map((q) => across[q]), y: mine.map((q) => height[q]), color, size }];
    }),
    reference: [{ x: 0.5 }],
  });
};

show(
  smallMultiples({
    title: "Where each strategy spends its sixty questions",
    subtitle: `one world with commas of size ${versionSize}`,
    columns: 2,
    share: "both",
    figures: ["random", "uncertainty", "vote entropy", "information gain"].map(mapOf),
  }),
);

// %% [markdown]
// Before the first answer every question is equally hard to predict. Then the texts part company and the ties do not: a coin stays as hard to predict as on
// the first day, so uncertainty sampling keeps coming back to it, for about two thirds of all questions, and ends behind the dice. Votes scatter over ties and texts alike. Information gain
// asks at the top, where much was unknown, and asks the same question again if a second labeler would teach more than a new question.
// #claim 03/known-ties-waste-uncertainty
//
// So far the learner was told that commas are small. Now we tell it less: sizes of 0.3 and of 1. The truth stays the same, commas weigh nothing; only the prior is wider.
//
// **Predict, then run.** At size 1 the learner has no idea whether commas matter. Who asks more ties now, uncertainty sampling or information gain? And who will predict better
// in the end? Write it down first.

// %%
const ways = ["random", "uncertainty", "information gain"];
const bySize: Record<string, Race[]> = {};
for (const name of progress(ways, { label: "three sizes" })) {
  bySize[name] = sizes.map((size) => (size === versionSize ? races[name] : racing(size, name)));
}
const ofRuns = (name: string, value: (one: Race[number]) => number) =>
  bySize[name].map((runs) => meanInterval(runs.map(value)));
const barsOf = (name: string, value: (one: Race[number]) => number) => {
  const at = ofRuns(name, value);
  return { name, values: at.map((one) => one.mean), error: at.map(({ half }) => half) };
};
const believedOfCommas = ({ run }: Race[number]) => Math.hypot(...run.posterior.mean.slice(-2));

show(
  smallMultiples({
    title: "A tie is a wasted question for those who know that it is one",
    subtitle: `by how much commas may matter; 60 questions, half of the candidates are ties; means over ${seeds} worlds with 95 % intervals`,
    figures: [
      bar({
        title: "Questions spent on ties",
        x: { title: "versionSize" },
        y: { title: "ties asked", range: [0, 60] },
        categories: sizes.map(String),
        series: ways.map((name) => barsOf(name, ({ ties }) => ties)),
        reference: [{ y: 30 }],
      }),
      bar({
        title: "Predicting new answers",
        x: { title: "versionSize" },
        y: { title: "excess loss", unit: "nats per answer", range: [0, 0.3] },
        categories: sizes.map(String),
        series: ways.map((name) => barsOf(name, ({ run }) => run.loss[budget])),
      }),
    ],
  }),
);

// At the largest size: what is believed of commas in the end, and what would be predicted if they were given no weight.
const widest = sizes.length - 1;
const withoutCommas = ({ world, run }: Race[number]) => {
  const traits = run.posterior.mean.slice(0, -2);
  const estimate = world.features.map((row) => traits.reduce((sum, w, c) => sum + w * row[c], 0));
  return active.excessLoss(world.utility, estimate, world.heldOut);
};
table(
  ways.map((name) => ({
    name,
    ties: ofRuns(name, ({ ties }) => ties)[widest].mean,
    commas: ofRuns(name, believedOfCommas)[widest].mean,
    loss: ofRuns(name, ({ run }) => run.loss[budget])[widest].mean,
    without: ofRuns(name, withoutCommas)[widest].mean,
  })),
  {
    columns: {
      name: "questions by",
      ties: "ties asked",
      commas: "weight of commas believed (nats)",
      loss: "excess loss (nats)",
      without: "the same, commas set to 0",
    },
    caption: `versionSize ${sizes[widest]}; the true weight of commas is 0`,
    digits: 3,
  },
);

// %% [markdown]
// <details><summary>What you saw</summary>Uncertainty sampling asks fewer and fewer ties as commas get larger, information gain more and more. At size 1 the order is turned round: about 3 ties against 13. And yet information gain still
// predicts better, and uncertainty sampling is last.</details>
//
// At size 0.3 uncertainty sampling asks fewer ties than the dice and is no longer behind them.
// #claim 03/a-third-and-the-order-turns
// At size 1 it asks next to none, information gain asks four times as many, and that is right: contests show two texts in the same version, so that ties are the *only* questions that tell about commas, and whoever does
// not know whether commas matter has to ask.
// #claim 03/who-does-not-know-asks-ties
// Why is uncertainty sampling last, then? It asks three ties, the coin falls somehow, and the learner believes it: commas matter by so much. After that ties look more decided than contests,
// so they are not asked again. What it believes by chance, it does not check. All of its loss against the dice comes from there: set the weights of commas to 0 in the end (the table's last column), and it predicts better than the dice do.
// #claim 03/few-ties-and-still-behind
// #claim 03/believes-three-coins
//
// So the rule is not "uncertainty sampling asks about ties". It asks where the *answer* is uncertain, whatever there is to learn from it; that wastes questions on coins that are known to be coins, and leaves alone what is
// believed for a bad reason. And the prior is not decoration. With a narrow one we gave the learner knowledge, and it was worth having: compare the bars of information gain at 0.1 and at 1.
// #claim 03/knowledge-pays
//
// ## 7. Is it crucial?
//
// Active learning is often called crucial for efficiency. How much is that, in questions? We take the loss that
// random questions reach at the end, and count how many each strategy needs to get below it and stay there.
//
// ### Exercise 5. Find the bug: how many questions were needed?
//
// *Difficulty 2 of 5, 5 minutes. Trains: reading a curve that wobbles.*
//
// Given the losses after 0, 1, 2, ... questions and a level, `questionsNeeded` is to return after how many questions the loss is at or below the level *and stays there*; Infinity if it ends above. A colleague
// wrote it; with it, every strategy looks a little better than it is. Run the check, then mend it.
//
// <details><summary>Hint</summary>A lucky answer takes a curve below the level for one question. Which end of the list should one begin at?</details>

// %% [exercise] 03/find-the-bug
/** After how many questions the loss is at or below `level` for good; Infinity if it never is. */
function questionsNeeded(loss: number[], level: number): number {
  // #solution
  let needed = Number.POSITIVE_INFINITY;
  for (let n = loss.length - 1; n >= 0 && loss[n] <= level; n--) needed = n;
  return needed;
  // #given
  // const needed = loss.findIndex((value) => value <= level);
  // return needed < 0 ? Number.POSITIVE_INFINITY : needed;
  // #end
}

// %% [check] 03/find-the-bug
await check("03/find-the-bug", { questionsNeeded });

// %% [markdown]
// Twenty worlds are not many, so the table draws twenties from our twenty, with replacement, and gives the range of 19 in 20 of them.

// %%
const twenties = split(key(77), 300).map((k) => Array.from(uniform(k, seeds), (u) => Math.floor(u * seeds)));
const savedBy = (name: string, size: number, these: number[]) => {
  const curve = (way: string) => {
    const losses = these.map((w) => bySize[way][size][w].run.loss);
    return losses[0].map((_, n) => mean(losses.map((loss) => loss[n])));
  };
  return budget / active.answersNeeded(curve(name), curve("random")[budget]); // 0 where nothing was saved
};

table(
  sizes.flatMap((size, i) =>
    ["uncertainty", "information gain"].map((name) => {
      const drawn = twenties.map((these) => savedBy(name, i, these));
      const seen = savedBy(
        name,
        i,
        races.random.map((_, w) => w),
      );
      const inWords = (times: number) => (times < 1 ? "none saved" : times.toFixed(1));
      return {
        size,
        name,
        times: inWords(seen),
        range: `${inWords(quantile(drawn, 0.025))} to ${inWords(quantile(drawn, 0.975))}`,
      };
    }),
  ),
  {
    columns: {
      size: "versionSize",
      name: "questions by",
      times: `times fewer than ${budget} random ones`,
      range: "other twenties of worlds",
    },
  },
);

// %% [markdown]
// Several times fewer where commas are known to be small, about half as many where they are not; the ranges are wide.
// #claim 03/several-times-fewer
// And we built this world with half of its questions empty. Now a real one. In 1987 the American League East played 273 games (lesson 01).
// Suppose we may look up only some of them, each once: which games tell us the most about the whole season? The seven abilities are
// one-hot features; the truth, as far as anybody knows it, is the fit to all games.

// %%
const league = baseball1987();
const season = bradleyTerry.fit(comparisonsFromWins(league.wins, league));
const games: [number, number][] = [];
const recorded: number[] = [];
for (let i = 0; i < 7; i++) {
  for (let j = i + 1; j < 7; j++) {
    for (let game = 0; game < 13; game++) {
      games.push([i, j]);
      recorded.push(game < league.wins[i][j] ? 1 : 0);
    }
  }
}
const baseball = {
  features: league.names.map((_, i) => league.names.map((_, j) => (i === j ? 1 : 0))),
  utility: season.theta,
  questions: games,
  heldOut: games.filter((_, game) => game % 13 === 0), // every pair of teams
  recorded,
};
const seasons = 12;

const lookedUp: Record<string, active.AskRun[]> = {};
for (const name of progress(["random", "uncertainty", "information gain", "D-optimal"], { label: "seasons" })) {
  lookedUp[name] = split(key(4), seasons).map((k) =>
    active.askAndLearn(k, baseball, { strategy: active.strategies[name], budget: 80, deviation: 0.7 }),
  );
}

show(
  line({
    title: "On seven teams of about equal strength, cleverness buys nothing that we can see",
    subtitle: `games of 1987 looked up one by one, against the fit to all 273; means over ${seasons} orders, 95 % bands`,
    x: { title: "games looked up" },
    y: { title: "excess loss", unit: "nats per game", range: [0, 0.08] },
    series: Object.entries(lookedUp).map(([name, runs]) =>
      byQuestion(
        name,
        runs.map(({ loss }) => loss),
      ),
    ),
  }),
);

// %% [markdown]
// We see no difference between information gain and the dice: there are 21 pairs, all of them
// informative, and any even schedule covers them. Uncertainty sampling ends behind the dice.
// #claim 03/no-gain-in-a-league
// #claim 03/uncertainty-behind-the-dice
// (It is one season; the bands are about the order of looking up, not about other seasons.) So: how much active learning saves is a property of the pool
// of questions and of what is known about it, not of active learning. If one candidate in ten tells anything, and one knows which, the dice need ten times as many questions; if all tell something, about as many. It can be crucial where most of the questions that one *could* ask are empty, copied or already answered, and known to be so. Pairs of samples of one language
// model may be like that; a league's schedule is not.
//
// ## 8. More answers, or better ones? (optional)
//
// "Quality is more important than quantity" is often said of labels. What does a careful answer weigh? Let a labeler slip, and say the opposite of what they think, with probability $\varepsilon$. Near an even
// probability an answer then carries $(1 - 2\varepsilon)^2$ times the Fisher information, so that one clean answer is worth $1/(1 - 2\varepsilon)^2$ sloppy ones, and more where the two items differ.

// %%
table(
  [0.1, 0.3, 0.4].map((slips) => {
    const worth = (d: number) => bradleyTerry.informationOf()(d) / bradleyTerry.informationOf({ flip: slips })(d);
    return { slips, even: worth(0), one: worth(1), two: worth(2) };
  }),
  {
    columns: {
      slips: "share of slips",
      even: "between equals",
      one: "1 nat apart",
      two: "2 nats apart",
    },
    caption: "how many sloppy answers carry the information of a clean one",
    digits: 3,
  },
);

// %% [markdown]
// That is an exchange rate: at a tenth of slips, quality wins if a clean answer costs less than one and a half sloppy ones. But it holds for a learner who is *told* how often people slip. Twelve items, all 66 pairs asked equally often;
// on the right another way to spend a fixed number of answers, in the world of drafts: more labelers for each pair, or more pairs, or more texts.

// %%
const qualityKeys = split(key(15), 12);
const perPair = [1, 4, 16, 64]; // times that each pair is asked
const everyPair = Array.from({ length: 12 * 12 }, (_, c) => [Math.floor(c / 12), c % 12] as const).filter(
  ([i, j]) => i < j,
);
const slippery = (k: Key, times: number, slips: number, believed: number) => {
  const [truth, draw, spoil] = split(k, 3);
  const utility = normal(truth, 12);
  const answers = flipLabels(spoil, simulateComparisons(draw, utility, times), slips);
  const { theta } = bradleyTerry.fit(answers, { noise: { flip: believed }, prior: { gaussian: 1 } });
  return active.excessLoss(utility, theta, everyPair);
};
const learners = [
  { name: "no slips", slips: 0, believed: 0 },
  { name: "a tenth, told", slips: 0.1, believed: 0.1 },
  { name: "three tenths, told", slips: 0.3, believed: 0.3 },
  { name: "three tenths, not told", slips: 0.3, believed: 0 },
];

const answersInAll = 144;
const spent = (k: Key, labelers: number, texts: number) => {
  const [make, pick, luck] = split(k, 3);
  const world = draftsWorld(make, { contests: 1104 });
  const contests = world.questions.filter(([i, j], q) => !world.isTie[q] && Math.max(i, j) < 4 * texts); // four versions each
  const which = uniform(pick, answersInAll / labelers);
  const coin = uniform(luck, answersInAll);
  const asked = Array.from(coin, (_, n) => contests[Math.floor(which[Math.floor(n / labelers)] * contests.length)]);
  const first = asked.map(([i, j], n) => coin[n] < sigmoid(world.utility[i] - world.utility[j]));
  const answers = comparisonsFromColumns(
    asked.map(([i, j], n) => (first[n] ? i : j)),
    asked.map(([i, j], n) => (first[n] ? j : i)),
    { items: world.features.length },
  );
  const { theta } = covariates.fit(answers, world.features, { ridge: 1 });
  return active.excessLoss(world.utility, theta, world.heldOut);
};
const spending = {
  "1 labeler, 24 texts": [1, 24],
  "3 labelers, 24 texts": [3, 24],
  "12 labelers, 24 texts": [12, 24],
  "1 labeler, 12 texts": [1, 12],
  "1 labeler, 6 texts": [1, 6],
} as const;
const spentOver = Object.values(spending).map(([labelers, texts]) =>
  meanInterval(qualityKeys.map((k) => spent(k, labelers, texts))),
);

show(
  smallMultiples({
    title: "Slips that are known cost answers; slips that nobody told cost more than answers can pay",
    subtitle: "means over 12 draws with 95 % intervals",
    figures: [
      line({
        title: "Better answers, or more",
        x: { title: "answers", type: "log" },
        y: { title: "excess loss", unit: "nats per answer", type: "log" },
        series: learners.map(({ name, slips, believed }) => ({
          ...overSeeds(
            name,
            perPair.map((times) => times * everyPair.length),
            qualityKeys.map((k) => perPair.map((times) => slippery(k, times, slips, believed))),
            { least: 1e-4 },
          ),
          markers: true,
        })),
      }),
      bar({
        title: `${answersInAll} answers, spent`,
        x: { title: "excess loss", unit: "nats per answer" },
        y: { title: "spent on" },
        horizontal: true,
        categories: Object.keys(spending),
        series: [{ name: "loss", values: spentOver.map((one) => one.mean), error: spentOver.map(({ half }) => half) }],
      }),
    ],
  }),
);

// %% [markdown]
// The told learners come down like the clean one, later. The rate between equals is a little too kind, because most pairs are not equals: 25 answers a pair with a tenth of slips should be worth 16 clean ones, and lose about a fifth more; 25
// with three tenths should be worth 4, and lose about a third more.
// #claim 03/an-exchange-rate
// Who is not told takes slips for close calls, shrinks all differences (lesson 01), and stays there however many answers come: no amount of quantity buys that off. (The *order* of the items is another matter: the share of pairs in the right order grows from 75 % with 4 answers a pair to 93 % with 64.)
// #claim 03/no-rate-for-untold-slips
// #claim 03/order-survives-untold-slips
// On the right: three labelers for each pair in place of three times as many pairs is no difference that we can see, twelve are too many. What costs most is to ask about few texts: six of them cannot show six traits.
// #claim 03/labelers-or-pairs
// #claim 03/few-texts-teach-little
// So quality against quantity is a price, until somebody slips without your knowing; then it is a bias, and measuring it (ask some questions twice) comes first. (Lesson 05 spends answers on prompts or labelers with real text.)
//
// ## 9. Ten at a time (optional)
//
// Labelers are sent batches. The ten questions with the ten best scores are all good for much the same reason. Two remedies:
// after each pick, shrink the ellipsoid *as if* the question had been answered, which (4) allows because the information does not depend on the answer; or
// maximise the joint information $I(\theta; y_1 \dots y_b)$ over all $2^b$ ways to answer (BatchBALD; Kirsch and others 2019).

// %%
const size = 12;
const candidates = drafts.questions.map((_, q) => differenceOf(q));
const togetherFrom = (picked: number[]) => {
  let now = twenty;
  let sum = 0;
  return picked.map((q) => {
    sum += active.dOptimalGain(now, candidates[q]);
    now = active.afterAsking(now, candidates[q]);
    return sum;
  });
};
const alone = candidates.map((x) => active.dOptimalGain(twenty, x));
const topScores = alone
  .map((_, q) => q)
  .sort((a, b) => alone[b] - alone[a])
  .slice(0, size);
const anyTwelve = active.strategies.random(key(12), twenty, candidates);
const dice = Array.from(anyTwelve, (_, q) => q)
  .sort((a, b) => anyTwelve[b] - anyTwelve[a])
  .slice(0, size);
const upTo = Array.from({ length: size }, (_, k) => k + 1);

const members = active.posteriorMembers(key(13), twenty, 64);
const opinions = candidates.map((x) => active.memberProbabilities(members, x));
const six = 6; // 2^6 ways to answer
const singly = opinions.map((probabilities) => active.informationGain(probabilities).gain);
const topSix = singly
  .map((_, q) => q)
  .sort((a, b) => singly[b] - singly[a])
  .slice(0, six);
const jointly = (picked: number[]) =>
  picked.map((_, k) => active.batchInformationGain(picked.slice(0, k + 1).map((q) => opinions[q])));

show(
  smallMultiples({
    title: "The best questions are not the best batch",
    subtitle: "after twenty random answers in the world of drafts",
    figures: [
      line({
        title: "Volume, equation (4)",
        x: { title: "size of the batch" },
        y: { title: "what it teaches together", unit: "nats", range: [0, 5] },
        series: [
          { name: "greedy, together", x: upTo, y: active.dOptimalBatch(twenty, candidates, size).gain, markers: true },
          { name: "the best scores", x: upTo, y: togetherFrom(topScores), markers: true },
          { name: "random", x: upTo, y: togetherFrom(dice), markers: true },
        ],
      }),
      line({
        title: "Joint information, 64 members",
        x: { title: "size of the batch" },
        y: { title: "what it teaches together", unit: "nats", range: [0, 2.5] },
        series: [
          {
            name: "greedy, together",
            x: upTo.slice(0, six),
            y: active.informationBatch(opinions, six).gain,
            markers: true,
          },
          { name: "the best scores", x: upTo.slice(0, six), y: jointly(topSix), markers: true },
          { name: "random", x: upTo.slice(0, six), y: jointly(dice.slice(0, six)), markers: true },
        ],
      }),
    ],
  }),
);

// %% [markdown]
// Twelve questions with the best scores teach about half of what their scores add up to: they overlap. Greedy batches teach about a tenth more than the best scores (by volume), or a fifth (by information).
// #claim 03/promises-overlap
// #claim 03/greedy-teaches-more
// That is less than one might fear from "the best scores are one question asked twelve times"; both are far ahead of random questions.
// #claim 03/random-is-far-behind
//
// ### Exercise 6. A batch that does not repeat itself
//
// *Difficulty 4 of 5, 15 minutes. Trains: a rank-one update, and thinking before the answers are in.*
//
// Given a belief, questions and a `size`, return the places of so many different questions, picked one after the other by the gain (4). After each pick replace $S$ by what it will be once the question is answered,
//
// $$S \leftarrow S - \frac{v\,(Sx)(Sx)^\top}{1 + v\,x^\top S x}, \qquad v = p(1-p) \text{ at the mean } m, \text{ which stays}. \tag{5}$$
//
// `active.dOptimalGain({ mean: centre, covariance }, x)` is there for you. Leave the lists that you are given as they are.
//
// <details><summary>Hint 1</summary>Give questions that were picked already the gain <code>-Infinity</code>.</details>
// <details><summary>Hint 2</summary>Compute the list <code>Sx</code> once; both the numerator and <code>x'Sx</code> come from it.</details>

// %% [exercise] 03/batch
/** The places of `size` different questions, in the order picked: greedy by equation (4), with update (5) after each. */
function pickBatch(centre: number[], covariance: number[][], questions: number[][], size: number): number[] {
  // #solution
  const dot = (a: number[], b: number[]) => a.reduce((sum, value, i) => sum + value * b[i], 0);
  const picked: number[] = [];
  let now = covariance;
  while (picked.length < size) {
    const gains = questions.map((x, q) =>
      picked.includes(q) ? Number.NEGATIVE_INFINITY : active.dOptimalGain({ mean: centre, covariance: now }, x),
    );
    const best = gains.indexOf(Math.max(...gains));
    picked.push(best);
    const x = questions[best];
    const v = sigmoid(dot(x, centre)) * sigmoid(-dot(x, centre));
    const along = now.map((row) => dot(row, x));
    const scale = v / (1 + v * dot(x, along));
    now = now.map((row, i) => row.map((value, j) => value - scale * along[i] * along[j]));
  }
  return picked;
  // #end
}

// %% [check] 03/batch
await check("03/batch", { pickBatch });

// %% [markdown]
// ## 10. A person on a line (optional)
//
// Equation (2) asks for no Gaussian and no linear model, only for a belief that can be added up. Somebody likes texts up to a certain length, and we look for their limit: one of 64 places $c$, with a probability for
// each. We may ask "is length $q$ too much?"; the true answer is yes where $c < q$, and the person slips with probability $\varepsilon$. Then the gain is
//
// $$I(c; y) = h\bigl(\varepsilon + (1 - 2\varepsilon)\, P(c < q)\bigr) - h(\varepsilon), \tag{6}$$
//
// with $h$ the entropy of a coin. It is largest where $P(c < q)$ is nearest to 1/2: ask at the median of your belief. That is binary search for people who slip (Horstein 1963).

// %%
const places = 64;
const slip = 0.2;
const entropyOf = (belief: readonly number[]) => belief.reduce((sum, p) => sum - (p > 0 ? p * Math.log(p) : 0), 0);
const lineQuestions = Array.from({ length: places - 1 }, (_, q) => q + 1);
const yesProbabilities = lineQuestions.map((q) => Array.from({ length: places }, (_, c) => (c < q ? 1 - slip : slip)));
const choices: Record<string, (belief: readonly number[], luck: number) => number> = {
  "by information gain": (belief) => {
    const gains = yesProbabilities.map((probabilities) => active.informationGain(probabilities, belief).gain);
    return lineQuestions[gains.indexOf(Math.max(...gains))];
  },
  "at random": (_, luck) => lineQuestions[Math.floor(luck * lineQuestions.length)],
  "always the middle": () => places / 2,
};
const capacity = Math.LN2 - active.binaryEntropy(slip);

show(
  line({
    title: "Forty answers with a fifth of slips find one limit among 64, if they are asked at the median",
    subtitle: `means over 20 people, 95 % bands; gray: ${capacity.toFixed(3)} nats an answer, the most that it can tell on average`,
    x: { title: "questions asked" },
    y: { title: "what is not known of the limit", unit: "nats", range: [0, 4.4] },
    series: [
      ...Object.entries(choices).map(([name, choose]) =>
        byQuestion(
          name,
          split(key(16), 20).map((k) => askForLimit(k, { places, slip, choose }).beliefs.map(entropyOf)),
        ),
      ),
      {
        name: "the most possible, on average",
        x: [0, Math.log(places) / capacity],
        y: [Math.log(places), 0],
        color: "#999999",
      },
    ],
  }),
);

// %% [markdown]
// While the limit may be anywhere, each answer takes away nearly all that an answer can carry.
// #claim 03/median-at-capacity
// Random questions need more than twice as many. The middle for ever ends with half of the places, and hardly a doubt which half.
// #claim 03/line-random-and-middle
//
// ### Exercise 7. The loop
//
// *Difficulty 4 of 5, 20 minutes. Trains: choose, ask, hear, update: active learning in one function.*
//
// Given the probabilities `belief[c]` of the limits $c = 0, 1, \dots$, the true `limit`, a list `luck` of numbers in [0, 1) and the share `slip` (below 1/2), ask one question for each number $u$ of `luck`: the $q$ from 1 to the number of places less 1
// with the largest gain (6). The answer is "yes" where `limit < q`, and the opposite of that if $u$ is below `slip`. Update the belief by Bayes' rule, and go on. Return the belief after the last answer.
//
// <details><summary>Hint 1</summary>Bayes: multiply each probability by the probability of the answer that came, if that limit were the true one; then divide by the sum.</details>
// <details><summary>Hint 2</summary>That probability is <code>1 - slip</code> where the limit agrees with the answer and <code>slip</code> where it does not.</details>

// %% [exercise] 03/question-loop
/** The belief about the limit after as many answers as `luck` has numbers. */
function findLimit(belief: number[], limit: number, luck: number[], slip: number): number[] {
  // #solution
  let now = [...belief];
  for (const u of luck) {
    let question = 1;
    let nearest = Number.POSITIVE_INFINITY;
    let below = 0;
    for (let q = 1; q < now.length; q++) {
      below += now[q - 1]; // P(limit < q); the gain is largest where it is nearest to 1/2
      if (Math.abs(below - 0.5) < nearest) {
        nearest = Math.abs(below - 0.5);
        question = q;
      }
    }
    const yes = limit < question !== u < slip;
    now = now.map((p, c) => p * (c < question === yes ? 1 - slip : slip));
    const total = now.reduce((a, b) => a + b);
    now = now.map((p) => p / total);
  }
  return now;
  // #end
}

// %% [check] 03/question-loop
await check("03/question-loop", { findLimit });

// %% [markdown]
// ## 11. Break it: the best questions for the wrong model
//
// Sixty texts of different length. People like a text to be longer, up to a point: utility rises to a length of 1.5 (hundred words) and falls beyond. Most texts are
// short, a few are very long. Our reward model believes that utility is *linear* in length. Watch what choosing questions does to it.

// %%
const lengthWorlds = split(key(5), 12).map((k) => {
  const [make, answers] = split(k);
  return { world: lengthsWorld(make), answers };
});
const models = { straight: "Utility linear in length", bent: "The cure: length and its square" } as const;
type Model = keyof typeof models;
const learned: Record<Model, Record<string, active.AskRun[]>> = { straight: {}, bent: {} };
for (const name of progress(["random", "information gain", "D-optimal"], { label: "texts of different length" })) {
  for (const model of ["straight", "bent"] as const) {
    learned[model][name] = lengthWorlds.map(({ world, answers }) => {
      const seen = { ...world, features: world[model] };
      return active.askAndLearn(answers, seen, { strategy: active.strategies[name], budget: 50, deviation: 2 });
    });
  }
}
const believing = (model: Model) =>
  line({
    title: models[model],
    x: { title: "questions asked" },
    y: { title: "excess loss", unit: "nats per answer", range: [0, 0.9] },
    series: Object.entries(learned[model]).map(([name, runs]) =>
      byQuestion(
        name,
        runs.map(({ loss }) => loss),
      ),
    ),
  });

show(
  smallMultiples({
    title: "The more cleverly it asks, the worse the wrong model gets",
    subtitle: "means over 12 worlds, 95 % bands",
    share: "y",
    figures: [believing("straight"), believing("bent")],
  }),
);

// %% [markdown]
// For a straight line the most informative pairs are the extremes: the shortest against the longest. So that is what gets asked, again and again, and the
// answer, "not the long one", is true. The line learns that length is bad, and is wrong about nearly all texts, which are short. Random questions are mostly about ordinary
// texts, and give a better straight line for those.
// #claim 03/clever-and-wrong
// #claim 03/extremes-say-longer-is-worse
// With the right model the tables turn: D-optimal questions, whose extremes tell most about the bend, are ahead of the dice for the first twenty. (After fifty there is little to choose between the three.)
// #claim 03/right-model-early
// #claim 03/right-model-little-to-choose
//
// Do more answers help?

// %%
const longer = ["random", "D-optimal"].map((name) =>
  lengthWorlds.map(({ world, answers }) => {
    const seen = { ...world, features: world.straight };
    return active.askAndLearn(answers, seen, { strategy: active.strategies[name], budget: 150, deviation: 2 }).loss;
  }),
);
table(
  ["random", "D-optimal"].map((name, i) => {
    const inWords = (n: number) => {
      const at = meanInterval(longer[i].map((loss) => loss[n]));
      return `${at.mean.toFixed(2)} +- ${at.half.toFixed(2)}`;
    };
    return { name, fifty: inWords(50), hundred: inWords(100), more: inWords(150) };
  }),
  {
    columns: { name: "questions by", fifty: "after 50 answers", hundred: "after 100", more: "after 150" },
    caption: "excess loss of the straight line, nats per answer; means with 95 % intervals",
  },
);

// %% [markdown]
// No. A fit converges, under the usual conditions (independent answers, each question asked a settled share of the time, one best parameter), and it converges to the truth *if the model holds it*. If not, it goes to the model nearest to the truth, in KL, on
// average over the questions that were *asked* (White 1982). Choose the questions, and you choose the limit: random ones lead to one straight line, D-optimal ones to another one, which gets worse as it gets surer.
// #claim 03/more-answers-do-not-help
//
// Optimal design is optimal *if the model is true*, and it never asks what would show that it is not (Box and Draper said so in 1959). How would we
// notice, when no truth is at hand? By an audit: some questions drawn at random, which a model's promise can be held against. The model says how surprised it expects to
// be (the entropy of its predictions); the answers say how surprised it was ($-\ln$ of the probability that it gave them).

// %%
const audits = 100; // random questions in each world
const audit = (model: Model, name: string) => {
  const worlds = lengthWorlds.map(({ world }, w) => {
    const { posterior } = learned[model][name][w];
    const [pick, reply] = split(key(600 + w)).map((k) => uniform(k, audits));
    const gaps = Array.from(pick, (u, n) => {
      const [i, j] = world.questions[Math.floor(u * world.questions.length)];
      const x = world[model][i].map((value, c) => value - world[model][j][c]);
      const z = active.logOddsOf(posterior, x).mean;
      const first = reply[n] < sigmoid(world.utility[i] - world.utility[j]);
      return -Math.log(sigmoid(first ? z : -z)) - active.entropyOfLogOdds(z); // heard less promised
    });
    return { gap: mean(gaps), rings: mean(gaps) > 3 * standardError(gaps) };
  });
  const { mean: gap, half } = meanInterval(worlds.map((one) => one.gap));
  return { gap: `${gap.toFixed(2)} +- ${half.toFixed(2)}`, rings: worlds.filter(({ rings }) => rings).length };
};

table(
  (["straight", "bent"] as const).flatMap((model) =>
    Object.keys(learned[model]).map((name) => ({ model, name, ...audit(model, name) })),
  ),
  {
    columns: {
      model: "model",
      name: "questions by",
      gap: "surprise heard less promised (nats), 95 % interval over worlds",
      rings: `worlds of ${lengthWorlds.length} where ${audits} audits show it (3 standard errors)`,
    },
  },
);

// %% [markdown]
// The straight line that chose its own questions hears far more surprise than it promised. With the bent model there is no such gap that we can see. Nor is there for the straight line that learned from random questions, which is wrong
// as well: its confidence fits its mistakes. An audit finds false confidence, not every error;
// #claim 03/audit-hears-false-confidence
// and a hundred questions in one world are not many: by three standard errors the alarm rings in about half of the worlds only.
// #claim 03/audit-of-a-hundred-rings-in-half
// Still, keep a share of the questions random: they are the one part of the data whose loss means what it says.
//
// ## What this lesson does not show
//
// - **New items.** We chose among given pairs. A language model can also write the answer that would be worth asking about.
// - **Deep models.** There is no $S$ for a transformer. Ensembles, dropout or a Gaussian on the last layer take its place (exercise 1 works with all of
//   them); how honest their disagreement is, is another question.
// - **What is worth knowing.** Information gain wants to know all of $\theta$. Whoever only needs the best item, or a good policy, should ask about candidates
//   for the top: dueling bandits, and the regret bounds of Das and others.
// - **The labeler's time.** A question that is hard to answer takes longer and gets worse answers. Gain per minute may rank questions otherwise than gain per question.
// - **Learning the prior.** We set its width by hand. It can be fitted to answers as well (empirical Bayes), once there are some.
// - **Worlds.** Some dozens, of a few kinds. The bands speak for these worlds and no others.
//
// ## Said, and seen
//
// The course grew from a set of theory notes. What they say on this lesson's subject, beside what you saw:
//
// | Said | Seen | Where |
// | --- | --- | --- |
// | Uncertainty sampling: ask where the prediction is most uncertain | The *answer* may be uncertain because the labeler is torn. Where ties are known to be ties that wastes most questions, and what is believed for a bad reason is never checked | 2, 6 |
// | Disagreement-based, information gain: other strategies | Measured between probabilities, disagreement *is* information gain; between votes it scatters over ties | 4, 6 |
// | Total uncertainty is a combination of epistemic and aleatoric | As entropies they add up, equation (2) | 2 |
// | Active learning is crucial for efficiency | Where many questions are empty and known to be; not in a league; with a wrong model it does harm | 7, 11 |
// | The quality of preference data is more important than quantity | There is an exchange rate, $1/(1 - 2\varepsilon)^2$ between equals, as long as slips are known; for slips that nobody knows of there is none | 8 |
// | More data: the learned reward goes to the true one | If the model holds it. A wrong model goes where the questions lead it | 11 |
//
// ## On one page
//
// | | | In code |
// | --- | --- | --- |
// | belief | top and bend: $m$, $S = (I/s^2 + \sum_k p_k(1 - p_k)\, x_k x_k^\top)^{-1}$ | `laplacePosterior`; nearer: `epPosterior` |
// | (2) | total entropy = coin + gain | `active.informationGain`, `active.gaussianInformationGain` |
// | (3) | mean KL to the consensus = the gain of (2) | `active.consensusDivergence`; votes: `active.voteEntropy` |
// | (4) | $\frac12 \ln(1 + v\, x^\top S x)$ | `active.dOptimalGain` |
// | (5) | $S \leftarrow S - v (Sx)(Sx)^\top / (1 + v\, x^\top S x)$ | `active.afterAsking`; batches: `active.dOptimalBatch`, `active.informationBatch` |
// | (6) | $h(\varepsilon + (1 - 2\varepsilon) P(c < q)) - h(\varepsilon)$ | `active.informationGain(probabilities, belief)`, `askForLimit` |
// | the loop | ask, hear, update | `active.askAndLearn`, `active.strategies` |
// | a sloppy answer | $(1 - 2\varepsilon)^2$ of a clean one, between equals | `bradleyTerry.informationOf` |
//
// **Three questions**
//
// <details><summary>Your reward models all say 0.5 for a pair. Is it worth asking?</summary>Not if they all say it: then it is a coin, and they know. It is worth asking if some say 0.1 and some 0.9; the mean
// is 0.5 in both cases.</details>
//
// <details><summary>A strategy needs a tenth of the questions in a simulation. What do you ask its author?</summary>How many of the candidates were empty, what the learner was told before the first answer (the width of
// the prior, the scale of the features), and whether the model that learned is the one that answered.</details>
//
// <details><summary>All your labels were chosen by your model, and its loss on them is low. How good is it?</summary>Nobody knows. It chose what it was asked, and a wrong model that asks at the extremes is right about the
// extremes. Hold it against some questions drawn at random.</details>
//
// ## Read on
//
// - Houlsby, Huszár, Ghahramani and Lengyel, *Bayesian active learning for classification and preference learning*, arXiv:1112.5745. Equation (2).
// - Lindley, *On a measure of the information provided by an experiment*, Annals of Mathematical Statistics 27 (1956). The idea.
// - MacKay, *Information-based objective functions for active data selection*, Neural Computation 4 (1992). Laplace's approximation, and what a wrong model does.
// - Seung, Opper and Sompolinsky, *Query by committee*, COLT 1992; McCallum and Nigam, ICML 1998. Equation (3).
// - Chaloner and Verdinelli, *Bayesian experimental design: a review*, Statistical Science 10 (1995). Equation (4), and the other letters.
// - Kirsch, van Amersfoort and Gal, *BatchBALD*, arXiv:1906.08158. Section 9.
// - Horstein, *Sequential transmission using noiseless feedback*, IEEE Transactions on Information Theory 9 (1963); Jedynak, Frazier and Sznitman, *Twenty questions with noise*,
//   Journal of Applied Probability 49 (2012). Section 10.
// - Das and others, *Active preference optimization for sample efficient RLHF*, arXiv:2402.10500; Mukherjee and others, *Optimal design for human
//   preference elicitation*, arXiv:2404.13895; Ji and others, *RLHF with active queries*, arXiv:2402.09401. The same for language models.
// - Box and Draper, *A basis for the selection of a response surface design*, Journal of the American Statistical Association 54 (1959); White, *Maximum likelihood estimation of misspecified models*,
//   Econometrica 50 (1982). Section 11.
// - In the books: Lambert, *Reinforcement learning from human feedback*: chapter 11, [Preference Data](https://rlhfbook.com/c/11-preference-data).

// %%
import { solved } from "rlhf-lab-course";

// What you have solved of this lesson; it is written down on this machine and sent nowhere.
await solved("03");
