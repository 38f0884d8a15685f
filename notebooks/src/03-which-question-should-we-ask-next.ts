// %% [markdown]
// # 03 Which question should we ask next?
//
// Every comparison costs somebody a minute. There are more pairs than minutes, and most answers we could have guessed. Which pair should we
// show next? "The one whose answer we are least sure of" sounds right, and wastes most of its questions. This lesson finds out why,
// and what to ask instead.
//
// **After this lesson you can**
//
// - split the uncertainty of an answer into what can be learned and what is the labeler's own coin;
// - score questions in five ways: at random, by entropy, by a committee's votes, by information gain, by the volume of what is unknown;
// - measure what a way of asking is worth: regret against questions, over seeds, with bands;
// - pick a batch that does not ask the same thing twice;
// - say when clever questions help, when they do not, and when they do harm.
//
// **Time** 80 minutes, 50 of them exercises. **You need** lesson 01, and a Gaussian in two dimensions.

// %% [markdown]
// ## The model on one page
//
// Items have features. What we look for are weights $\theta$, so that the labeler prefers $x_1$ to $x_2$ with probability
//
// $$P(y = 1 \mid x_1, x_2, \theta) = \sigma(z), \qquad z = \theta^\top x, \qquad x = \phi(x_1) - \phi(x_2). \tag{1}$$
//
// After some answers we do not know $\theta$, but we have a belief about it, close to a Gaussian with mean $m$ and covariance $S$ (Laplace's
// approximation at the most probable weights). So we also have a belief about the log-odds of every question we have not asked: mean $m^\top x$, variance $x^\top S x$.
//
// | On paper | In code | What it is |
// | --- | --- | --- |
// | $\phi(x_i)$ | `world.features[i]` | what the learner sees of item $i$ |
// | $x$ | a difference of two such rows | a question; swapping the items changes its sign and nothing else |
// | $m$, $S$ | `posterior.mean`, `posterior.covariance` | what is believed of the weights |
// | $H[y]$ | `active.binaryEntropy(p)` | entropy of an answer, in nats; a fair coin has $\ln 2 = 0.69$ |
// | $I(\theta; y)$ | `active.informationGain(chances).gain` | what the answer is expected to teach about $\theta$ |
// | a strategy | `active.strategies["information gain"]` | scores all questions; the best one is asked |
// | the loop | `active.askAndLearn(key, world, options)` | ask, hear, update, measure; again |

// %%
import {
  bar,
  check,
  contour,
  key,
  line,
  linspace,
  mean,
  normal,
  progress,
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
import { active, bradleyTerry, comparisonsFromWins } from "rlhf-lab/preferences";
import { exponential } from "rlhf-lab/random";
import { draftsWorld } from "rlhf-lab/worlds";

// %% [markdown]
// ## Run it
//
// Our world: 24 texts, each in four versions that differ in their commas, as samples of a language model do. People care about the text, never about
// the commas, but the learner does not know that. Of 288 questions that we may ask, half show one text in two versions. Those are true
// ties: a labeler tosses a coin, today and for ever. The other half compare two texts.
//
// We ask 60 questions, either at random or by what they are expected to teach. A question may be asked again, of another labeler.

// %%
const drafts = draftsWorld(key(1));
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
// *Excess loss*: how much worse than the truth we predict answers to 200 pairs that are never asked. *Regret*: the utility that is lost by taking the
// text that now looks best. Half of the random questions were coin tosses. The second line asked none of those, and knows more. How did it know, without knowing the truth?
//
// ## 1. Two kinds of not knowing
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
// Equation (2) needs no Gaussian. A handful of reward models, trained on other seeds or other halves of the data, will do: model $m$ says that
// the first item is preferred with probability `chances[m]`. All count the same. Answer in nats. A model may be certain: then $0 \ln 0 = 0$.
//
// <details><summary>Hint 1</summary>Write a helper for the entropy of one probability first, and let it return 0 for 0 and for 1.</details>
// <details><summary>Hint 2</summary>One of the two terms is the entropy of a mean, the other one the mean of entropies.</details>

// %% [exercise] 03/information-gain
/** Mutual information between an answer and the choice of a model, in nats: equation (2). */
function informationGain(chances: number[]): number {
  // #solution
  const term = (p: number) => (p === 0 ? 0 : -p * Math.log(p));
  const entropy = (p: number) => term(p) + term(1 - p);
  const average = (values: number[]) => values.reduce((a, b) => a + b) / values.length;
  return entropy(average(chances)) - average(chances.map(entropy));
  // #end
}

// %% [check] 03/information-gain
await check("03/information-gain", { informationGain });

// %% [markdown]
// **Break it.** Give your function three copies of the same model. Then one model that is slightly off. How few models can you afford? (Ten
// samples underestimate the gain by about a tenth: they have seen less disagreement than there is.)
//
// ## 2. The map of questions
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
// along the whole bottom. The third landscape is the subject of section 4. It agrees with the second one low down, where little is unknown, and
// promises more than $\ln 2$ high up, which no yes or no can keep.
//
// ## 3. Let a committee vote
//
// "Ask where the models disagree most" is older (Seung, Opper and Sompolinsky 1992), and depends on what disagreement means.
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
      { name: "vote entropy", values: Object.values(committees).map((chances) => active.voteEntropy(chances)) },
      {
        name: "divergence from the consensus",
        values: Object.values(committees).map((chances) => active.consensusDivergence(chances)),
      },
    ],
    reference: [{ y: Math.LN2 }],
  }),
);

// %% [markdown]
// Four members who shrug and lean by one percent look, to the vote, like a house divided. On a tie votes scatter, always.
//
// ### Exercise 2. Committee disagreement
//
// *Difficulty 2 of 5, 10 minutes. Trains: two measures with one name, and the direction of a KL.*
//
// Write both. No chance is exactly 1/2; a member may be certain.
//
// <details><summary>Hint</summary>Compare the second one with your answer to exercise 1. Is that a coincidence? Write KL as minus entropy plus cross-entropy.</details>

// %% [exercise] 03/committee
/** The entropy, in nats, of the share of members who find the first item likelier to be preferred. */
function voteEntropy(chances: number[]): number {
  // #solution
  const share = chances.filter((p) => p > 0.5).length / chances.length;
  return active.binaryEntropy(share);
  // #end
}

/** The mean KL from each member to the members' mean, in nats: equation (3). */
function consensusDivergence(chances: number[]): number {
  // #solution
  const consensus = chances.reduce((a, b) => a + b) / chances.length;
  const term = (p: number, q: number) => (p === 0 ? 0 : p * Math.log(p / q));
  const kl = (p: number) => term(p, consensus) + term(1 - p, 1 - consensus);
  return chances.reduce((sum, p) => sum + kl(p), 0) / chances.length;
  // #end
}

// %% [check] 03/committee
await check("03/committee", { voteEntropy, consensusDivergence });

// %% [markdown]
// So "disagreement-based" and "information gain" are one strategy or two, depending on whether you let the members speak or only raise their hands.
//
// ## 4. Shrink the ellipsoid
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
// Write the gain (4) of a question, with $p$ at the mean of the belief, and the pick among several: the place of the best one.
//
// <details><summary>Hint 1</summary><code>x'Sx</code> is a double sum over i and j.</details>
// <details><summary>Hint 2</summary><code>gains.indexOf(Math.max(...gains))</code>.</details>

// %% [exercise] 03/d-optimal
/** Equation (4): the entropy, in nats, that a Gaussian belief loses by an answer to x. */
function dOptimalGain(mean: number[], covariance: number[][], x: number[]): number {
  // #solution
  const z = x.reduce((sum, value, i) => sum + value * mean[i], 0);
  let spread = 0;
  for (let i = 0; i < x.length; i++) {
    for (let j = 0; j < x.length; j++) spread += x[i] * covariance[i][j] * x[j];
  }
  return Math.log1p(sigmoid(z) * sigmoid(-z) * spread) / 2;
  // #end
}

/** The place of the question with the largest gain. */
function dOptimalPick(mean: number[], covariance: number[][], questions: number[][]): number {
  // #solution
  const gains = questions.map((x) => dOptimalGain(mean, covariance, x));
  return gains.indexOf(Math.max(...gains));
  // #end
}

// %% [check] 03/d-optimal
await check("03/d-optimal", { dOptimalGain, dOptimalPick });

// %% [markdown]
// **Break it.** Multiply one feature by 1000 and its weight's standard deviation by 1/1000. Does your pick change? (It should not. A-optimality, which
// shrinks the sum of the variances instead, depends on the units: `active.aOptimalGain`.)
//
// ## 5. The race
//
// What is a way of asking worth? We need a measure that does not come from the model's own beliefs.
//
// ### Exercise 4. Simple regret
//
// *Difficulty 1 of 5, 5 minutes. Trains: keeping apart what looks best and what is.*
//
// The item with the largest estimate is chosen. How much utility is lost against the item that is truly best?

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
// Five strategies, the same dozen worlds for each, sixty questions in each world.

// %%
const names = Object.keys(active.strategies);
const seeds = 12; // try 40 for narrower bands
const worlds = split(key(31), seeds).map((k) => {
  const [make, answers] = split(k);
  return { world: draftsWorld(make), answers };
});

const races: Record<string, { run: active.AskRun; ties: number }[]> = {};
for (const name of progress(names, { label: "five strategies" })) {
  races[name] = worlds.map(({ world, answers }) => {
    const run = active.askAndLearn(answers, world, { strategy: active.strategies[name], budget, deviation });
    return { run, ties: run.asked.filter((q) => world.isTie[q]).length / budget };
  });
}

// %%
const overSeeds = (name: string, rows: number[][]) => {
  const at = rows[0].map((_, n) => rows.map((row) => row[n]));
  const y = at.map(mean);
  const error = at.map((values) => standardError(values));
  return {
    name,
    x: y.map((_, n) => n),
    y,
    band: { low: y.map((v, n) => Math.max(v - error[n], 0)), high: y.map((v, n) => v + error[n]) },
  };
};
const curves = (of: (run: active.AskRun) => number[]) =>
  names.map((name) =>
    overSeeds(
      name,
      races[name].map(({ run }) => of(run)),
    ),
  );

show(
  smallMultiples({
    title: "What sixty questions buy, by five ways of asking",
    subtitle: `means over ${seeds} worlds; bands: one standard error`,
    figures: [
      line({
        title: "Predicting new answers",
        x: { title: "questions asked" },
        y: { title: "excess loss", unit: "nats per answer", range: [0, 0.42] },
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

// %%
show(
  bar({
    title: "Questions spent on true ties",
    subtitle: "half of the candidates are ties; bars: one standard error",
    x: { title: "questions by" },
    y: { title: "share of questions", range: [0, 1] },
    categories: names,
    series: [
      {
        name: "ties",
        values: names.map((name) => mean(races[name].map(({ ties }) => ties))),
        error: names.map((name) => standardError(races[name].map(({ ties }) => ties))),
      },
    ],
    reference: [{ y: 0.5, label: "as they come" }],
  }),
);

// %% [markdown]
// Where did the questions go? Each point is a question of one world: to the right, how likely the true favourite is; upwards, how little we knew before the
// first answer. True ties sit left of 0.5 (spread sideways, so that one sees them).

// %%
const wasted = races.uncertainty.map(({ ties }) => ties);
const shown = wasted.indexOf([...wasted].sort((a, b) => a - b)[Math.floor(seeds / 2)]); // a typical world; try 0 to 11
const mapWorld = worlds[shown].world;
const start = {
  mean: mapWorld.weights.map(() => 0),
  covariance: mapWorld.weights.map((_, i) => mapWorld.weights.map((_, j) => (i === j ? deviation ** 2 : 0))),
};
const height = active.unknowns(mapWorld, start);
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
    title: `${name}: ${Math.round(100 * races[name][shown].ties)} % on ties`,
    x: { title: "true chance of the favourite", range: [0.26, 1.02] },
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
    columns: 2,
    share: "both",
    figures: ["random", "uncertainty", "vote entropy", "information gain"].map(mapOf),
  }),
);

// %% [markdown]
// Before the first answer every question is equally uncertain. Then the texts part company and the ties do not: a coin stays as hard to predict as on
// the first day, so uncertainty sampling keeps coming back to it, for two thirds of all questions. Votes scatter over ties and texts alike. Information gain
// asks at the top, where much was unknown, and asks the same question again if a second labeler would teach more than a new question. It knows nothing of
// which pairs are ties; it only sees that nothing it does not know hangs on a comma.
//
// ## 6. Is it crucial?
//
// The text that this course grew from calls active learning "crucial for efficiency". How much is that, in questions? We take the loss that
// random questions reach at the end, and count how many each strategy needs to get below it and stay there.

// %%
const target = mean(races.random.map(({ run }) => run.loss[budget]));
const averageLoss = (name: string) =>
  Array.from({ length: budget + 1 }, (_, n) => mean(races[name].map(({ run }) => run.loss[n])));

table(
  names.map((name) => {
    const needed = active.answersNeeded(averageLoss(name), target);
    return {
      name,
      needed: Number.isFinite(needed) ? String(needed) : `more than ${budget}`,
      times: needed < budget ? `${(budget / needed).toFixed(1)} times fewer` : "none saved",
    };
  }),
  {
    columns: {
      name: "questions by",
      needed: `to an excess loss of ${target.toFixed(3)} nats`,
      times: "against random",
    },
  },
);

// %% [markdown]
// Six times fewer here. A dozen worlds is not many: in two other draws of thirty worlds (change the key of the race) it was six and three times fewer, and
// uncertainty sampling ended *behind* random questions both times. And we built this world with half of its questions empty. Now a real one. In 1987 the American League East played 273 games (lesson 01).
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
    title: "On seven teams of about equal strength, cleverness buys little",
    subtitle: `games of 1987, looked up one by one, against the fit to all 273; means over ${seasons} runs; bands: one standard error`,
    x: { title: "games looked up" },
    y: { title: "excess loss", unit: "nats per game", range: [0, 0.08] },
    series: Object.entries(lookedUp).map(([name, runs]) =>
      overSeeds(
        name,
        runs.map(({ loss }) => loss),
      ),
    ),
  }),
);

// %% [markdown]
// Information gain is somewhat ahead for the first forty games (the bands all but touch), and then random questions are just as good: there are 21 pairs, all of them
// informative, and any even schedule covers them. Uncertainty sampling is worse than the dice. So: how much active learning saves is a property of the pool
// of questions, not of active learning. It is crucial where most of the questions you *could* ask are empty, copied or already answered. That holds for
// pairs sampled from one language model; it does not hold for a league's schedule.
//
// ## 7. Ten at a time
//
// Labelers are sent batches. Ten questions with the ten best scores are often one question ten times: all are good for the same reason. Two remedies:
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
const opinions = candidates.map((x) => active.memberChances(members, x));
const six = 6; // 2^6 ways to answer
const singly = opinions.map((chances) => active.informationGain(chances).gain);
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
// ### Exercise 5. A batch that does not repeat itself
//
// *Difficulty 4 of 5, 15 minutes. Trains: a rank-one update, and thinking before the answers are in.*
//
// Pick `size` different questions, one after the other, by the gain (4). After each pick replace $S$ by what it will be once the question is answered,
//
// $$S \leftarrow S - \frac{v\,(Sx)(Sx)^\top}{1 + v\,x^\top S x}, \qquad v = p(1-p) \text{ at the mean } m, \text{ which stays}. \tag{5}$$
//
// `active.dOptimalGain({ mean, covariance }, x)` is there for you.
//
// <details><summary>Hint 1</summary>Give questions that were picked already the gain <code>-Infinity</code>.</details>
// <details><summary>Hint 2</summary>Compute the list <code>Sx</code> once; both the numerator and <code>x'Sx</code> come from it.</details>

// %% [exercise] 03/batch
/** The places of `size` different questions, in the order picked: greedy by equation (4), with update (5) after each. */
function pickBatch(mean: number[], covariance: number[][], questions: number[][], size: number): number[] {
  // #solution
  const dot = (a: number[], b: number[]) => a.reduce((sum, value, i) => sum + value * b[i], 0);
  const picked: number[] = [];
  let now = covariance;
  while (picked.length < size) {
    const gains = questions.map((x, q) =>
      picked.includes(q) ? Number.NEGATIVE_INFINITY : active.dOptimalGain({ mean, covariance: now }, x),
    );
    const best = gains.indexOf(Math.max(...gains));
    picked.push(best);
    const x = questions[best];
    const v = sigmoid(dot(x, mean)) * sigmoid(-dot(x, mean));
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
// ## 8. Break it: the best questions for the wrong model
//
// Sixty texts of different length. People like a text to be longer, up to a point: utility rises to a length of 1.5 and falls beyond. Most texts are
// short, a few are very long. Our reward model believes that utility is *linear* in length. Watch what choosing questions does to it.

// %%
const lengthWorld = (k: ReturnType<typeof key>) => {
  const [a, b] = split(k);
  const texts = 60;
  const lengths = Array.from(exponential(a, texts), (x) => Math.min(0.8 * x, 4)); // hundreds of words
  const quality = Array.from(normal(b, texts));
  const pairs: [number, number][] = [];
  for (let i = 0; i < texts; i++) for (let j = i + 1; j < texts; j++) pairs.push([i, j]);
  return {
    straight: lengths.map((length, i) => [length, quality[i]]),
    bent: lengths.map((length, i) => [length, quality[i], length ** 2]),
    utility: lengths.map((length, i) => 3 * length - length ** 2 + quality[i]),
    questions: pairs.filter((_, p) => p % 6 === 0),
    heldOut: pairs.filter((_, p) => p % 6 === 1),
  };
};
const lengthWorlds = split(key(5), 8).map((k) => {
  const [make, answers] = split(k);
  return { world: lengthWorld(make), answers };
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
    y: { title: "excess loss", unit: "nats per answer", range: [0, 0.6] },
    series: Object.entries(learned[model]).map(([name, runs]) =>
      overSeeds(
        name,
        runs.map(({ loss }) => loss),
      ),
    ),
  });

show(
  smallMultiples({
    title: "The more cleverly it asks, the worse the wrong model gets",
    subtitle: "means over 8 worlds; bands: one standard error",
    share: "y",
    figures: [believing("straight"), believing("bent")],
  }),
);

// %% [markdown]
// For a straight line the most informative pairs are the extremes: the shortest against the longest. So that is what gets asked, again and again, and the
// answer, "not the long one", is true. The line learns that length is bad, and is wrong about nearly all texts, which are short. Random questions are mostly about ordinary
// texts, and give the best straight line for those. With the right model the order is reversed: it is the bend that the extremes tell most about.
//
// Optimal design is optimal *if the model is true*, and it never asks what would show that it is not (Box and Draper said so in 1959). How would we
// notice, when no truth is at hand? By an audit: some questions drawn at random, which a model's promise can be held against. The model says how surprised it expects to
// be (the entropy of its predictions); the answers say how surprised it was ($-\ln$ of the probability that it gave them).

// %%
const audits = 100; // random questions in each world
const audit = (model: Model, name: string) => {
  const promised: number[] = [];
  const heard: number[] = [];
  lengthWorlds.forEach(({ world }, w) => {
    const { posterior } = learned[model][name][w];
    const [pick, reply] = split(key(600 + w)).map((k) => uniform(k, audits));
    for (let n = 0; n < audits; n++) {
      const [i, j] = world.questions[Math.floor(pick[n] * world.questions.length)];
      const x = world[model][i].map((value, c) => value - world[model][j][c]);
      const z = active.logOddsOf(posterior, x).mean;
      const first = reply[n] < sigmoid(world.utility[i] - world.utility[j]);
      promised.push(active.entropyOfLogOdds(z));
      heard.push(-Math.log(sigmoid(first ? z : -z)));
    }
  });
  const gap = heard.map((value, n) => value - promised[n]);
  return { promised: mean(promised), heard: mean(heard), alarm: mean(gap) / standardError(gap) };
};

table(
  (["straight", "bent"] as const).flatMap((model) =>
    Object.keys(learned[model]).map((name) => ({ model, name, ...audit(model, name) })),
  ),
  {
    columns: {
      model: "model",
      name: "questions by",
      promised: "surprise promised (nats)",
      heard: "surprise heard (nats)",
      alarm: "gap in standard errors",
    },
    digits: 2,
  },
);

// %% [markdown]
// The straight line that chose its own questions promises 0.37 nats and hears twice that: the alarm rings, eight standard errors loud. With the bent model it
// does not (a little below zero: the prior keeps predictions too modest). Nor does it for the straight line that learned from random questions, which is wrong
// as well: its confidence fits its mistakes. An audit finds false confidence, not every error. Still, keep a share of the
// questions random: they are the one part of the data whose loss means what it says.
//
// ## What this lesson does not show
//
// - **New items.** We chose among given pairs. A language model can also write the answer that would be worth asking about.
// - **Deep models.** There is no $S$ for a transformer. Ensembles, dropout or a Gaussian on the last layer take its place (exercise 1 works with all of
//   them); how honest their disagreement is, is another question.
// - **What is worth knowing.** Information gain wants to know all of $\theta$. Whoever only needs the best item, or a good policy, should ask about candidates
//   for the top: dueling bandits, and the regret bounds of Das and others.
// - **The labeler's time.** A question that is hard to answer takes longer and gets worse answers. Gain per minute may rank questions otherwise than gain per question.
// - **Seeds.** A dozen worlds of one kind. The bands speak for these worlds and no others.
//
// ## Where the text needed correcting
//
// The text lists "uncertainty sampling", "disagreement-based" and "information gain" side by side, as if any would do. Uncertainty sampling asks about ties
// (sections 1 and 5); votes do too, unless the disagreement is measured between probabilities, and then it *is* information gain (section 3). And active learning
// is "crucial for efficiency" only where many questions are empty (section 6); with a wrong model it does harm (section 8).
//
// ## Where to read on
//
// - Houlsby, Huszár, Ghahramani and Lengyel, *Bayesian active learning for classification and preference learning*, arXiv:1112.5745. Equation (2).
// - Lindley, *On a measure of the information provided by an experiment*, Annals of Mathematical Statistics 27 (1956). The idea.
// - Seung, Opper and Sompolinsky, *Query by committee*, COLT 1992; McCallum and Nigam, ICML 1998. Equation (3).
// - Chaloner and Verdinelli, *Bayesian experimental design: a review*, Statistical Science 10 (1995). Equation (4), and the other letters.
// - Kirsch, van Amersfoort and Gal, *BatchBALD*, arXiv:1906.08158. Section 7.
// - Das and others, *Active preference optimization for sample efficient RLHF*, arXiv:2402.10500; Mukherjee and others, *Optimal design for human
//   preference elicitation*, arXiv:2404.13895; Ji and others, *RLHF with active queries*, arXiv:2402.09401. The same for language models.
// - Box and Draper, *A basis for the selection of a response surface design*, Journal of the American Statistical Association 54 (1959). Section 8.
