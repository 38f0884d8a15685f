// %% [markdown]
// # 02 When can we trust a learned reward?
//
// Lesson 01 gave every item a number of its own. Nobody can compare all texts, so now the number comes from a *model*: something that
// reads a text it has never seen and says how good it is. It learns from comparisons, it will be asked about other texts, and in the end
// somebody will optimise it with all their might. Which of its answers can we trust, how far, and what exactly do the theorems promise?
//
// **After this lesson you can**
//
// - train a reward model three ways, from a list of weights to a transformer, and say how good it could possibly get;
// - hold it back from learning its examples by heart, and measure honestly whether that worked;
// - tell a model that is right from one that knows how right it is;
// - say when more comparisons help, how fast, and what a bound on fresh pairs needs to be true;
// - say what a small reward error does to a policy, and why a small *average* error promises nothing.
//
// **Time** 180 minutes, 90 of them exercises, in two sittings: sections 1 to 4 (110 minutes), 5 to 8 (70). What is marked *optional* is
// not counted. **You need** lesson 01, vectors, and a policy as a word.

// %% [markdown]
// ## The model on one page
//
// $$P(x_1 \succ x_2) = \sigma\bigl(R_\theta(x_1) - R_\theta(x_2)\bigr), \qquad
// L(\theta) = \frac1n \sum_{k=1}^n -\log\sigma(m_k), \quad m_k = R_\theta(\text{chosen}_k) - R_\theta(\text{rejected}_k). \tag{1}$$
//
// It is Bradley and Terry's model with $R_\theta$ in the place of the table. Training makes $L$ small; its gradient is that of lesson 01,
// surprise times $\nabla R_\theta(\text{rejected}) - \nabla R_\theta(\text{chosen})$.
//
// | On paper | In code | What it is |
// | --- | --- | --- |
// | $R_\theta$ | `linearReward`, `mlpReward`, `transformerReward` | the model; linear means $\theta \cdot \phi(x)$ |
// | $\phi(x)$ | `task.bag.counts(words)` | features: how often each word of a vocabulary occurs |
// | $m_k$ | `linearReward.margins(theta, pairs)`, `rewardMargins(model, params, pairs)` | margins, in nats |
// | $L$ | `marginLoss(margins)` | the pairwise loss; $\log 2 \approx 0.69$ is a coin |
// | $\lambda$ | `l2` | weight of the penalty $\frac\lambda2\lVert\theta\rVert^2$ (only in this lesson; later it is GAE's) |

// %%
import {
  bar,
  foldIn,
  type Key,
  key,
  line,
  linspace,
  logSigmoid,
  type MetricsRecord,
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
  table,
  uniform,
} from "rlhf-lab";
import {
  deterministicPolicy,
  occupancy,
  optimalPolicy,
  policyReturn,
  randomMdp,
  tabularMdp,
  uniformPolicy,
  withRewards,
} from "rlhf-lab/mdp";
import {
  exactRegularisedObjective,
  exactRegularisedOptimum,
  normalCdf,
  pearsonCorrelation,
  studentTQuantile,
} from "rlhf-lab/numerics";
import { shuffle } from "rlhf-lab/random";
import {
  catoniBound,
  choiceConfidence,
  crossValidate,
  estimationBound,
  expectedCalibrationError,
  featureDifferences,
  featurePairs,
  finiteClassBound,
  fitPowerLaw,
  fitTemperature,
  foldsByPrompt,
  gaussianKL,
  hoeffdingBound,
  linearReward,
  marginLoss,
  maurerBound,
  mcAllesterBound,
  meanMargin,
  noiseCeiling,
  preferenceAccuracy,
  rademacherMarginBound,
  rampLoss,
  reliabilityDiagram,
  returnLost,
  rewardErrorBound,
  seegerBound,
  selectPairs,
} from "rlhf-lab/rewards";
import { featureInputs, mlpReward, rewardMargins, tokenInputs, transformerReward } from "rlhf-lab/rewards/tensor";
import { adam } from "rlhf-lab/tensor";
import { trainRewardModel } from "rlhf-lab/train";
import { comparisonTokens, itemComparisons, phraseComparisons, phraseTask, sphereComparisons } from "rlhf-lab/worlds";
import {
  joinComparisons,
  moodComparisons,
  moodDifferences,
  moodFeatures,
  moodPanels,
  moodTask,
  writeGreedily,
  writerComparisons,
} from "rlhf-lab/worlds/text";
import { check } from "rlhf-lab-course";

// %% [markdown]
// ## Run it
//
// Our texts are sentences of *Moby Dick*. What people want is known, because we make it up from something published: the lexicon AFINN-111
// (Nielsen 2011) says of 2,462 words how glad or sad they sound, and the true utility of a sentence is the sum over its different words.
// Labelers see two sentences of a chapter, prefer the gladder one, and are noisy as in lesson 01. The learner sees their choices and 300
// words of vocabulary, half of which carry mood. It does not know which half.
//
// The book is cut into three parts: the first hundred chapters to learn from, eighteen to choose by (*held out*), and the last ones for an *exam* that nothing has
// been chosen by.

// %%
const task = moodTask();
const chapters = task.chapters.length;
const moods = (k: Key) => {
  const [learnKey, heldKey, examKey] = split(k, 3);
  return {
    learned: moodComparisons(learnKey, task, 1500), // from the first hundred chapters
    held: moodComparisons(heldKey, task, 1000, { from: 100, to: 118 }),
    exam: moodComparisons(examKey, task, 4000, { from: 118, to: chapters }),
  };
};
const { learned, exam } = moods(key(2));

table(
  [0, 1, 2].map((k) => ({ chosen: learned.chosen[k].text, rejected: learned.rejected[k].text })),
  { caption: "Three of 1,500 answers" },
);

// %%
const [learnPairs, examPairs] = [learned, exam].map((data) => moodFeatures(task, data));
const { theta } = linearReward.fit(learnPairs, { l2: 0.003 });

const byWeight = Array.from(task.bag.vocabulary, (word, j) => ({
  word,
  learned: theta[j],
  true: task.valences[j],
})).sort((a, b) => b.learned - a.learned);
table([...byWeight.slice(0, 6), ...byWeight.slice(-6)], {
  caption: `The six words with the highest and the lowest weight (nats); correlation over all 300: ${pearsonCorrelation(theta, task.valences).toFixed(2)}`,
  digits: 2,
});

// %% [markdown]
// From clicks alone it has found glad words: of the six highest weights five or six belong to words that AFINN calls glad.
// #claim 02/glad-words-found
// (*Dick* is a swear word in AFINN, and our labelers believe what it says. Real labelers have quirks too, and a reward model learns them faithfully.)
// Now the numbers.

// %%
const ceiling = noiseCeiling(moodDifferences(exam));
const report = (name: string, margins: ArrayLike<number>) => ({
  name,
  accuracy: preferenceAccuracy(margins),
  loss: marginLoss(margins),
  margin: meanMargin(margins),
});
const many = moodFeatures(task, moodComparisons(key(3), task, 24000));
const taught = linearReward.fit(many, { l2: 0.0002, tolerance: 1e-4 }).theta;

table(
  [
    report("a coin", new Float64Array(1)),
    report("linear, 1,500 answers: on what it studied", linearReward.margins(theta, learnPairs)),
    report("linear, 1,500 answers: on the exam", linearReward.margins(theta, examPairs)),
    report("linear, 24,000 answers: on the exam", linearReward.margins(taught, examPairs)),
    report("the true weights of the 300 words: on the exam", linearReward.margins(task.valences, examPairs)),
    { name: "the true utility: on the exam", ...ceiling, margin: Number.NaN },
  ],
  { columns: { name: "", accuracy: "accuracy", loss: "loss (nats)", margin: "mean margin (nats)" }, digits: 3 },
);

// %% [markdown]
// Read it from the top. From the second row to the third: it knows its examples better than the world (*overfitting*).
// #claim 02/knows-its-examples-better
// From the third to the fifth: what these answers have not taught it yet (*estimation error*); sixteen times the answers close most of it. From the fifth to the last: what 300 counted
// words *cannot* say, however many answers there are (*approximation error*). That is more than half of the way.
// #claim 02/half-of-the-gap-is-the-bag
//
// And the last row is not 1. Labelers toss coins over close calls, so even the truth is "wrong" about every fifth answer.
// #claim 02/ceiling-is-four-fifths
// This is the **noise ceiling**: the mean of $\max(p, 1-p)$. Who reports 80 % accuracy here has solved the task; who reports 90 % has a leak.
//
// ### Exercise 1. The loss of a reward model
//
// *Difficulty 1 of 5, 10 minutes. Trains: equation (1), as a mean, over differences, in log space.*
//
// Given the weights and the features of the chosen and the rejected text of each pair, return $L$ of equation (1), one number.
//
// <details><summary>Hint</summary>The reward of a row is the dot product of <code>theta</code> with its features. Only the difference of the two rewards enters.</details>

// %% [exercise] 02/pairwise-loss
/** Equation (1) for a linear reward: chosen[k] and rejected[k] are feature vectors as long as theta. In nats. */
function rewardLoss(theta: number[], chosen: number[][], rejected: number[][]): number {
  // #solution
  const reward = (features: number[]) => features.reduce((sum, value, j) => sum + value * theta[j], 0);
  return mean(chosen.map((features, k) => -logSigmoid(reward(features) - reward(rejected[k]))));
  // #end
}

// %% [check] 02/pairwise-loss
await check("02/pairwise-loss", { rewardLoss });

// %% [markdown]
// **Break it.** Give the loss pairs whose chosen and rejected texts are the same. What is it, and what is its gradient? Then add 1000 to
// the reward of every text that answers one prompt. Which of the metrics above notices?
//
// <details><summary>What happens</summary>Every margin is 0, so the loss is log 2, a coin; and its gradient is 0, because the two gradients of the reward are the same and cancel. The
// 1000 cancels in the same way: all metrics are functions of margins, and both texts of a pair answer the same prompt. None notices.</details>
//
// ### Exercise 2. A loop that learns
//
// *Difficulty 2 of 5, 12 minutes. Trains: measure, credit, step; the loop that every reward model is trained by.*
//
// For a linear reward the gradient of (1) is
//
// $$\nabla L = -\frac1n\sum_k \sigma(-m_k)\,\bigl(\phi(\text{chosen}_k) - \phi(\text{rejected}_k)\bigr).$$
//
// Given the features of the chosen and the rejected text of each pair, a number of steps and a learning rate, start with all weights at 0, take that many steps of
// gradient descent on $L$, each on all pairs, and return the weights.
//
// <details><summary>Hint 1</summary>One step: the margins of all pairs, the surprise of each, and then every weight moves by the rate times a mean.</details>
// <details><summary>Hint 2</summary>Compute all margins of a step before you change a weight.</details>

// %% [exercise] 02/descend
/** The weights after `steps` steps of gradient descent on equation (1), from 0. */
function descend(chosen: number[][], rejected: number[][], steps: number, rate: number): number[] {
  // #solution
  const differences = chosen.map((features, k) => features.map((value, j) => value - rejected[k][j]));
  const theta = differences[0].map(() => 0);
  for (let step = 0; step < steps; step++) {
    const surprises = differences.map((x) => sigmoid(-x.reduce((margin, value, j) => margin + value * theta[j], 0)));
    for (let j = 0; j < theta.length; j++) theta[j] += rate * mean(differences.map((x, k) => surprises[k] * x[j]));
  }
  return theta;
  // #end
}

// %% [check] 02/descend
await check("02/descend", { descend });

// %% [markdown]
// ## 1. Learning by heart, and three ways not to
//
// A network with one hidden layer can do more than weigh words, and can memorise more. Below it trains four times from the same start:
// left alone; with a penalty $\frac{\lambda}{2}\lVert W\rVert^2$; with dropout, which switches off random hidden units at each step; and
// with early stopping, which ends when the validation loss has not improved for a while and goes back to the best. (Each number is the one with the
// lowest validation loss of a few that we tried.)
//
// **Predict, then run.** Four networks, one of them left alone. Which has the lowest loss on the exam, and which has the highest accuracy? Write both down before you run
// the next two cells.

// %%
const recipes = [
  { name: "nothing" },
  { name: "L2, lambda = 0.02", l2: 0.02 },
  { name: "dropout 0.9", dropout: 0.9 },
  { name: "early stopping", patience: 16 },
]; // try l2: 0.1, dropout: 0.3, patience: 1
const wide = { inputs: task.bag.vocabulary.length, hidden: [32] };
const draws = 6; // of the data; the figure shows the first

interface Run {
  name: string;
  history: MetricsRecord[];
  held: Float64Array; // margins
  exam: Float64Array;
}
const runs: Run[][] = [];
for (const draw of progress(draws, { label: "draws of the data" })) {
  const data = moods(key(2 + draw));
  const [train, validation, examination] = [data.learned, data.held, data.exam].map((rows) =>
    featureInputs(moodFeatures(task, rows)),
  );
  runs.push([]);
  for (const { name, l2, dropout, patience } of recipes) {
    const model = mlpReward({ ...wide, dropout });
    const { params, history } = await trainRewardModel(foldIn(key(7), draw), {
      ...{ model, optimizer: adam({ rate: 0.002 }), train, steps: 200, batch: 256, l2, label: name },
      // Watched where it is drawn, and where it decides.
      ...((draw === 0 || patience) && { validation, patience, evaluateEvery: 5 }),
    });
    const margins = (rows: typeof train) => rewardMargins(model, params, rows);
    runs[draw].push({ name, history, held: margins(validation), exam: margins(examination) });
  }
}

show(
  smallMultiples({
    title: "Training loss always falls; validation loss tells when to stop believing it",
    subtitle: "one draw of the data; dashed: a coin, and below it the noise floor",
    share: "y",
    figures: runs[0].map(({ name, history }) => {
      const measured = history.filter(({ validationLoss }) => validationLoss !== undefined);
      return line({
        title: name,
        x: { title: "step", range: [0, 200] },
        y: { title: "pairwise loss", unit: "nats", range: [0.25, 0.85] },
        series: [
          { name: "training", x: history.map(({ step }) => step), y: history.map(({ loss }) => loss) },
          { name: "validation", x: measured.map(({ step }) => step), y: measured.map((m) => m.validationLoss) },
        ],
        reference: [{ y: Math.LN2, label: "coin" }, { y: ceiling.loss }],
      });
    }),
  }),
);

// %%
const across = (values: number[]) => {
  const { mean: centre, half } = meanInterval(values); // Student's t, 95 %
  return `${centre.toFixed(3)} ± ${half.toFixed(3)}`;
};
const scaledLoss = ({ held, exam }: Pick<Run, "held" | "exam">) => {
  const tau = fitTemperature(held);
  return marginLoss(exam.map((margin) => margin / tau));
};
table(
  recipes.map(({ name }, i) => {
    const all = runs.map((draw) => draw[i]);
    return {
      name: `network, ${name}`,
      accuracy: across(all.map(({ exam }) => preferenceAccuracy(exam))),
      loss: across(all.map(({ exam }) => marginLoss(exam))),
      scaled: across(all.map(scaledLoss)),
    };
  }),
  {
    columns: {
      name: "on the exam",
      accuracy: "accuracy",
      loss: "loss (nats)",
      scaled: "loss after one division (nats)",
    },
    caption: `mean of ${draws} draws of the data, with 95 % intervals`,
  },
);

// %% [markdown]
// <details><summary>What you saw</summary>The network that was left alone has the highest loss, on average above the coin's, and yet it ranks as well as any of the others, better than
// with the penalty or early stopping.</details>
//
// Left alone, the network ends *above* the coin: a confident model that is wrong costs more than no opinion. The other three stay below it.
// #claim 02/left-alone-above-the-coin, 02/held-back-below-the-coin
// And yet it puts more pairs in the right order than the penalised and the stopped one.
// #claim 02/left-alone-ranks-no-worse
// Accuracy looks only at signs; the loss looks at sizes. What went wrong is the size of its margins, and that needs no retraining: the last
// column divides all margins by one number (section 3). After that, the network that nobody held back has a *lower* loss than the other three.
// #claim 02/scaled-it-is-level-or-ahead
//
// So what did the penalty buy? Here is one with a dial: the linear model, from a hair of a penalty to a heavy one.

// %%
const penalties = [0.0003, 0.001, 0.003, 0.01, 0.03];
const dial: { accuracy: number; loss: number; scaled: number }[][] = [];
for (const draw of progress(draws, { label: "draws of the data" })) {
  const data = moods(key(2 + draw));
  const [study, choose, test] = [data.learned, data.held, data.exam].map((rows) => moodFeatures(task, rows));
  dial.push(
    penalties.map((l2) => {
      const weights = linearReward.fit(study, { l2, tolerance: 1e-4 }).theta;
      const margins = { held: linearReward.margins(weights, choose), exam: linearReward.margins(weights, test) };
      return {
        accuracy: preferenceAccuracy(margins.exam),
        loss: marginLoss(margins.exam),
        scaled: scaledLoss(margins),
      };
    }),
  );
}
const dialled = (name: string, of: (point: (typeof dial)[number][number]) => number) => ({
  ...overSeeds(
    name,
    penalties,
    dial.map((row) => row.map(of)),
  ),
  markers: true,
});

show(
  smallMultiples({
    title: "A penalty mends the size of the margins and spoils their order",
    subtitle: `linear model, ${draws} draws of the data, bands: 95 % intervals of the mean`,
    figures: [
      line({
        title: "Loss on the exam",
        x: { title: "penalty lambda", type: "log" },
        y: { title: "pairwise loss", unit: "nats" },
        series: [dialled("as fitted", ({ loss }) => loss), dialled("after one division", ({ scaled }) => scaled)],
        reference: [{ y: Math.LN2, label: "coin" }],
      }),
      line({
        title: "Accuracy on the exam",
        x: { title: "penalty lambda", type: "log" },
        y: { title: "accuracy" },
        series: [dialled("accuracy", ({ accuracy }) => accuracy)],
      }),
    ],
  }),
);

// %% [markdown]
// The loss as fitted has its lowest point in the middle, and that is the penalty that one would choose.
// #claim 02/penalty-mends-size
// But accuracy only falls, and so a weak penalty and one division by a temperature do better.
// #claim 02/penalty-spoils-order
// A penalty pulls rare words to zero before frequent ones, which changes the order of texts; the division leaves the order alone.
// #claim 02/rare-words-shrink-first
// "L2 prevents overfitting" is too much: it trades one error for another, and where sizes can be mended afterwards, the trade is poor. (In this world, that is; and a temperature takes
// held-out pairs to find it by.)
//
// ### Exercise 3. Find the bug: the patience that never ends
//
// *Difficulty 2 of 5, 8 minutes. Trains: what patience counts from.*
//
// Given the validation losses in the order in which they would be measured, and the patience, `keepFrom` is to return the index of the measurement whose parameters are
// kept: training ends as soon as `patience` measurements in a row were not lower than the best one, and goes back to the best. A colleague wrote it;
// with it, training takes far too long whenever the loss goes up and down. Run the check, then mend it.
//
// <details><summary>Hint</summary>How many measurements ago was the best one?</details>

// %% [exercise] 02/find-the-bug
/** Early stopping: the index of the measurement to go back to. Later losses are not looked at once training has ended. */
function keepFrom(losses: number[], patience: number): number {
  // #solution
  let best = 0;
  for (let k = 1; k < losses.length; k++) {
    if (losses[k] < losses[best]) best = k;
    if (k - best >= patience) break;
  }
  return best;
  // #given
  // let best = 0;
  // let waited = 0;
  // for (let k = 1; k < losses.length; k++) {
  //   if (losses[k] < losses[best]) best = k;
  //   waited = losses[k] < losses[k - 1] ? 0 : waited + 1;
  //   if (waited >= patience) break;
  // }
  // return best;
  // #end
}

// %% [check] 02/find-the-bug
await check("02/find-the-bug", { keepFrom });

// %% [markdown]
// All of this used held-out pairs to choose by: when to stop, which penalty, which temperature. Their loss is therefore a little too good, which is why the tables are
// measured on an exam, from chapters that no choice has seen.
//
// ## 2. Who leaks, wins
//
// With few data we would rather not set any aside. *Cross-validation* takes turns: split the pairs into five *folds*, learn from four, measure
// on the fifth, and average. But how you split decides what you measure. Here sixty chapters each give five sentences, and labelers
// compare all ten pairs of them. The chapters that are left over tell the truth: nobody has seen them.

// %%
const perPrompt = 5;
const folds = 5;
const long = Array.from(task.chapters.keys()).filter((chapter) => task.chapters[chapter].length >= perPrompt);

const splits = { "by pair": [] as number[], "by prompt": [] as number[], "other chapters": [] as number[] };
for (const repeat of progress(12, { label: "cross-validation" })) {
  const [orderKey, dataKey, freshKey, foldKey] = split(key(50 + repeat), 4);
  const order = shuffle(orderKey, long); // sixty to study, the others to tell the truth: no chapter in both
  const data = moodFeatures(task, moodPanels(dataKey, task, order.slice(0, 60), perPrompt));
  const fresh = moodFeatures(task, moodPanels(freshKey, task, order.slice(60), perPrompt));
  const learn = (rows: ArrayLike<number>) =>
    linearReward.fit(selectPairs(data, rows), { l2: 0.003, tolerance: 1e-4 }).theta;
  const score = (weights: Float64Array, rows: Int32Array) =>
    preferenceAccuracy(linearReward.margins(weights, selectPairs(data, rows)));
  const everyRow = Int32Array.from({ length: data.rows }, (_, row) => row);
  splits["by pair"].push(mean(crossValidate(foldsByPrompt(foldKey, everyRow, folds), learn, score)));
  splits["by prompt"].push(mean(crossValidate(foldsByPrompt(foldKey, data.prompt, folds), learn, score)));
  splits["other chapters"].push(preferenceAccuracy(linearReward.margins(learn(everyRow), fresh)));
}
const tooMuch = (name: keyof typeof splits) => {
  const { low, high } = meanInterval(splits[name].map((value, i) => value - splits["other chapters"][i]));
  return `${low.toFixed(2)} to ${high.toFixed(2)}`;
};

show(
  scatter({
    title: "A split by pair promises an accuracy that no fresh prompt will give",
    subtitle: `95 % intervals of what is promised too much: by pair ${tooMuch("by pair")}, by prompt ${tooMuch("by prompt")}`,
    x: { title: "draw of the data" },
    y: { title: "accuracy", range: [0.45, 0.8] },
    series: Object.entries(splits).map(([name, y]) => ({ name, x: y.map((_, i) => i + 1), y })),
    reference: [{ y: 0.5, label: "coin" }],
  }),
);

// %% [markdown]
// The split by pair is too high in every draw.
// #claim 02/by-pair-leaks
// If A was preferred to B, and B to C, and both were studied, then A against C is no longer a fresh question: the model has met all three
// sentences. The split by prompt is right on average (a single one may be off by several points, since sixty chapters are not many).
// #claim 02/by-prompt-is-honest
// Deployment brings new prompts, so hold out prompts.
//
// ### Exercise 4. Folds that do not leak
//
// *Difficulty 2 of 5, 15 minutes. Trains: asking what "independent" means before splitting.*
//
// Given for each row the name of the prompt that its two answers were given to, and the number of folds `k`, return for each row the number of its fold, 0 to k - 1. The
// same name may come back many rows later. Each fold should have about equally many prompts. (Shuffle first if you like; the check does not mind.)
//
// <details><summary>Hint</summary>Which fold does a <em>prompt</em> belong to? A <code>Map</code> from prompt to fold, filled in turn.</details>

// %% [exercise] 02/folds
/** The fold of every row, [rows]: rows with the same prompt share a fold. */
function foldOfRows(prompts: string[], k: number): number[] {
  // #solution
  const foldOf = new Map<string, number>();
  for (const prompt of prompts) if (!foldOf.has(prompt)) foldOf.set(prompt, foldOf.size % k);
  return prompts.map((prompt) => foldOf.get(prompt) as number);
  // #end
}

// %% [check] 02/folds
await check("02/folds", { foldOfRows });

// %% [markdown]
// **Break it.** In the cell above the exercise, let labelers compare only two sentences per prompt (`perPrompt = 2`). Do the two splits
// still disagree? Why not?
//
// <details><summary>What happens</summary>Two sentences make one pair, so that every prompt has a single row: a split by pair is then a split by prompt, only with other folds. They differ
// by chance alone. Leaks come from rows that share something.</details>
//
// ## 3. Right, and knowing how right
//
// A model that says "80 %" should be right eight times in ten. Sort its predictions into bins of confidence $\sigma(|m|)$, and compare
// each bin's mean confidence with how often it was right: that is a **reliability diagram**. The mean distance from the diagonal, weighted
// by how many predictions a bin holds, is the expected calibration error:
//
// $$\mathrm{ECE} = \sum_{b} \frac{n_b}{n}\,\bigl|\mathrm{accuracy}_b - \mathrm{confidence}_b\bigr|. \tag{2}$$
//
// Models that were trained too long are too sure, and one number mends it. **Temperature scaling** divides all margins by the $\tau$
// that makes *held-out* answers most probable. No margin changes its sign, so no accuracy is gained or lost.

// %%
const sure = runs[0][0]; // the network that was left alone; try runs[0][1], [2], [3]
const temperature = fitTemperature(sure.held);
const scaled = sure.exam.map((margin) => margin / temperature);

const reliability = (title: string, margins: ArrayLike<number>) => {
  const { confidence, correct } = choiceConfidence(margins);
  const bins = reliabilityDiagram(confidence, correct, { range: [0.5, 1], bins: 10 }).filter(
    ({ count }) => count >= 20,
  );
  const ece = expectedCalibrationError(confidence, correct, { range: [0.5, 1] });
  const halfWidth = bins.map(({ accuracy, count }) => 1.96 * Math.sqrt((accuracy * (1 - accuracy)) / count));
  return scatter({
    title: `${title}: ECE ${ece.toFixed(3)}`,
    x: { title: "confidence", range: [0.48, 1.02] },
    y: { title: "share right", range: [0.38, 1.02] },
    series: [{ name: "bins", x: bins.map((b) => b.confidence), y: bins.map((b) => b.accuracy), error: halfWidth }],
    reference: [{ slope: 1 }],
  });
};

show(
  smallMultiples({
    title: "One number turns boasting into honest doubt",
    subtitle: "bins of at least 20 predictions on the exam, bars: 95 % intervals",
    share: "both",
    figures: [
      reliability("As trained", sure.exam),
      reliability(`Margins divided by ${temperature.toFixed(1)}`, scaled),
    ],
  }),
);

// %%
const ways = [
  { by: "width", bins: 10 },
  { by: "width", bins: 50 },
  { by: "mass", bins: 10 },
] as const;
const { confidence } = choiceConfidence(scaled);
const luck = uniform(key(8), confidence.length);
const predictions = [
  { ...report("as trained", sure.exam), ...choiceConfidence(sure.exam) },
  { ...report("scaled", scaled), ...choiceConfidence(scaled) },
  // Right exactly as often as it says: what is left of ECE is the luck of the bins.
  { name: "a perfectly honest one", confidence, correct: confidence.map((p, k) => (luck[k] < p ? 1 : 0)) },
];
table(
  predictions.map(({ confidence, correct, ...row }) => ({
    name: row.name,
    accuracy: "accuracy" in row ? row.accuracy : mean(correct),
    loss: "loss" in row ? row.loss : Number.NaN,
    ...Object.fromEntries(
      ways.map((way) => [
        `ECE, ${way.bins} of equal ${way.by}`,
        expectedCalibrationError(confidence, correct, { ...way, range: [0.5, 1] }),
      ]),
    ),
  })),
  { digits: 3 },
);

// %% [markdown]
// Accuracy is the same to the last digit, the loss has come down below the coin's, and the calibration error to less than half.
// #claim 02/one-temperature, 02/scaled-is-below-the-coin, 02/calibration-error-falls
// Mind the last row: even a model that is right exactly as often as it says has an ECE above 0, and more with 50 bins than with 10, because each bin is noisier.
// #claim 02/noisy-bins
// Compare models at the same bins, never a number with a number from another paper.
//
// ### Exercise 5. Expected calibration error
//
// *Difficulty 2 of 5, 15 minutes. Trains: equation (2), and that a bin is a mean, not a midpoint.*
//
// Given predicted probabilities, whether each came true (1 or 0), and the number of bins, return the ECE of equation (2). Bins have equal width over [0, 1]; a prediction
// of exactly 1 belongs to the last one. Empty bins count nothing.
//
// <details><summary>Hint</summary>The bin of <code>p</code> is <code>Math.floor(p * bins)</code>, except where that is one too many. Keep two sums for each bin.</details>

// %% [exercise] 02/calibration
/** Equation (2): predicted[k] is a probability, correct[k] is 1 if it came true and 0 if not. */
function calibrationError(predicted: number[], correct: number[], bins: number): number {
  // #solution
  const sums = Array.from({ length: bins }, () => ({ predicted: 0, correct: 0 }));
  predicted.forEach((p, k) => {
    const bin = sums[Math.min(bins - 1, Math.floor(p * bins))];
    bin.predicted += p;
    bin.correct += correct[k];
  });
  // n_b / n times a difference of means is a difference of sums over n.
  return sums.reduce((sum, bin) => sum + Math.abs(bin.correct - bin.predicted), 0) / predicted.length;
  // #end
}

// %% [check] 02/calibration
await check("02/calibration", { calibrationError });

// %% [markdown]
// **Break it.** Fit the temperature on the pairs that the model *studied* instead of on held-out ones. Is it above or below 1, and what has that to do with section 1?
//
// <details><summary>What happens</summary>It is below 1: on its own examples the model is right about four times in five, more often than it says, and so it is told to be surer still. On the
// exam the loss gets worse than without any temperature. What was learned by heart cannot tell how much was learned by heart.</details>
// #claim 02/temperature-of-studied-pairs
//
// ## 4. A model that reads
//
// Bags of words cannot tell *not good* from *good, not*. The phrase task is a world of seven words in which this matters: *not* flips,
// *very* doubles, the prompt decides the topic, and the true utility of all 9,331 replies is known. Three readers of the same 4,000
// comparisons: counts of words, and two transformers with a scalar head at the last token. (A *transformer* reads a text token by token, in order; lesson 05 opens it.)

// %%
const phrases = phraseTask();
const phraseData = (k: Key, n: number) => {
  const rows = phraseComparisons(k, phrases, n);
  return {
    comparisons: rows.map((row) => comparisonTokens(phrases, row)),
    differences: rows.map((row) => row.difference),
  };
};
const [study, test, more] = [phraseData(key(1), 4000), phraseData(key(12), 4000), phraseData(key(13), 16000)];
const inputs = ({ comparisons }: typeof study) => tokenInputs(comparisons, { length: 6 });

const readers = [];
// Each at the best of three rates.
for (const { name, width, layers, rate } of [
  { name: "small transformer", width: 8, layers: 1, rate: 0.01 },
  { name: "transformer", width: 32, layers: 2, rate: 0.001 },
]) {
  const model = transformerReward({ vocabulary: 7, context: 6, width, layers, heads: 2 });
  const { history } = await trainRewardModel(key(3), {
    ...{ model, optimizer: adam({ rate }), train: inputs(study), validation: inputs(test) },
    ...{ steps: 300, batch: 64, evaluateEvery: 30, label: name },
  });
  readers.push({ name, measured: history.filter(({ validationLoss }) => validationLoss !== undefined) });
}

const counts = ({ comparisons }: typeof study, which: "chosen" | "rejected") =>
  comparisons.map(({ prompt: [prompt], [which]: reply }) => {
    const features = new Float64Array(14); // seven words, for each of the two prompts
    for (const word of reply) features[7 * (prompt - 5) + word]++;
    return features;
  });
const asCounts = (data: typeof study) => featurePairs(counts(data, "chosen"), counts(data, "rejected"));
const [counted, countedMore] = [study, more].map((data) =>
  preferenceAccuracy(linearReward.margins(linearReward.fit(asCounts(data)).theta, asCounts(test))),
);

show(
  line({
    title: "What a reader can know depends on how it reads",
    subtitle: `counts of words: ${counted.toFixed(3)} from 4,000 comparisons, ${countedMore.toFixed(3)} from 16,000`,
    x: { title: "step" },
    y: { title: "accuracy on fresh comparisons", range: [0.6, 0.82] },
    series: [
      ...readers.map(({ name, measured }) => ({
        name,
        x: measured.map(({ step }) => step),
        y: measured.map(({ validationAccuracy }) => validationAccuracy),
        markers: true,
      })),
      { name: "counts of words", x: [0, 300], y: [counted, counted] },
    ],
    reference: [{ y: noiseCeiling(test.differences).accuracy, label: "noise ceiling" }],
  }),
);

// %% [markdown]
// The larger transformer ends above the counter in every run, the small one about level with it, or a little ahead. After 300 steps both are still far from the ceiling.
// #claim 02/readers-above-counts
// Four times the data does not help the counter: the truth is not among the things that it can say.
// #claim 02/counts-stay
// That distance to the ceiling is approximation error again, and no theorem below speaks about it. They all compare with the best model of the class.
//
// *A good place to stop for today.*
//
// ## 5. How many comparisons?
//
// An estimate is *consistent* if it comes as close to the truth as you like when the comparisons get more and more. For maximum likelihood on equation (1) with a linear
// reward that is true under four conditions, which "under regularity conditions" usually hides:
//
// - the truth is **in the class**: some $\theta^\ast$ gives the true utility;
// - the answers **follow the model**: independent, with probability $\sigma$ of the difference;
// - the questions **speak about everything**: no direction of features in which the texts of a pair never differ;
// - the probabilities stay away from 0 and 1: features and weights are **bounded**, so that the estimate does not run off to infinity (lesson 01, section 8).
//
// **Predict, then run.** Four worlds with three features: all conditions hold; every tenth answer is recorded the wrong way round; the two texts of a pair always agree in the
// third feature; the true utility has a curve in the first. In which does more data not help at all?

// %%
const weights = [1, 0.5, -0.5]; // nats per unit of a feature
const itemWorlds = [
  { name: "all conditions hold", world: { theta: weights } },
  { name: "a tenth of the answers flipped", world: { theta: weights, flip: 0.1 } },
  { name: "nobody asks about feature 3", world: { theta: weights, sameLast: true } },
  { name: "the truth is curved", world: { theta: weights, curve: 0.5 } },
];
const amounts = [100, 200, 400, 800, 1600, 3200, 6400];
const rootMeanSquare = (values: Float64Array) => Math.sqrt(mean(values.map((value) => value ** 2)));
/** Of the utility differences of fresh pairs, of every kind and answered without slips. */
const errorIn = (k: Key, world: Parameters<typeof itemComparisons>[1], n: number) => {
  const [learnKey, freshKey] = split(k);
  const fit = linearReward.fit(itemComparisons(learnKey, world, n).pairs, { l2: 1e-6, tolerance: 1e-6 }).theta;
  const fresh = itemComparisons(freshKey, { ...world, flip: 0, sameLast: false }, 2000);
  const margins = linearReward.margins(fit, fresh.pairs);
  return rootMeanSquare(fresh.differences.map((difference, i) => difference - margins[i]));
};

show(
  line({
    title: "More comparisons help only where every condition holds",
    subtitle: "median of 10 draws of the data, bands: 80 % of them",
    x: { title: "comparisons", type: "log" },
    y: { title: "error of a utility difference", unit: "nats", type: "log" },
    series: itemWorlds.map(({ name, world }, w) => {
      const seen = amounts.map((n) => split(foldIn(foldIn(key(15), w), n), 10).map((k) => errorIn(k, world, n)));
      const [low, y, high] = [0.1, 0.5, 0.9].map((p) => seen.map((values) => quantile(values, p)));
      return { name, x: amounts, y, markers: true, band: { low, high } };
    }),
  }),
);

const asked = [-1, 1].map((centre, i) => {
  const { pairs } = itemComparisons(foldIn(key(16), i), { theta: [0.2, 0.5], curve: 0.5, centre }, 4000);
  return { centre, weight: linearReward.fit(pairs).theta[0] };
});
table(asked, {
  columns: { centre: "items compared lie around", weight: "learned weight of feature 1 (nats)" },
  caption: "One curved utility, u = 0.2 a + 0.5 b + 0.5 a², asked about in two places",
  digits: 2,
});

// %% [markdown]
// <details><summary>What you saw</summary>Only the first line keeps falling, by half for four times the data. The other three stop, each where its broken condition leaves it.</details>
// #claim 02/consistent, 02/three-ways-to-lose-it
//
// Flips shrink the limit, here by about a third, and leave its direction.
// #claim 02/flips-shrink-the-limit
// What nobody asked about stays unknown. And if the truth is not in the class (a *misspecified* model), the estimate still converges, but to the member of the class that is
// nearest *on the pairs that were asked*, in the sense of (1). The table shows what that means: the same people, the same utility, and the weight of the first feature is
// positive or negative depending on where the questions were. There is no "the" reward to converge to. Every real reward model is in this position.
// #claim 02/the-limit-depends-on-the-question
//
// **How fast?** Where all conditions hold, with $d$ features,
//
// $$\text{error} \;\lesssim\; \frac{1}{\kappa}\sqrt{\frac{d + \ln(1/\delta)}{n}} \quad\text{with probability } 1 - \delta. \tag{3}$$
//
// The error is the root mean square error of a margin *over the pairs that were compared*. $\kappa$ is the flattest slope of the logistic curve on these pairs. So $n$ grows like
// $(d + \ln(1/\delta))/(\kappa\varepsilon)^2$: a sum, not a product. Two rates that are often quoted side by side, $d \log d/\varepsilon^2$ and $d \log(1/\delta)/\varepsilon^2$,
// contradict each other, and neither says in which distance.
//
// <details><summary>The theorem with its constants, and why it is true (optional)</summary>
//
// Let $\Sigma$ be the mean of $x x^\top$ over the differences $x = \phi(\text{chosen}) - \phi(\text{rejected})$, no longer than $D$, and
// $\lVert v\rVert_\Sigma^2 = v^\top\Sigma v$, the mean squared error of a margin. If the truth and the fit are no longer than $B$,
//
// $$\lVert\hat\theta - \theta^\ast\rVert_{\Sigma + \lambda I} \;\le\; \frac{1}{2\kappa} \sqrt{\frac{d + 2\sqrt{d \ln(1/\delta)} + 2\ln(1/\delta)}{n}} + 2\sqrt{\lambda}\,B,
// \qquad \kappa = \frac{1}{2 + e^{BD} + e^{-BD}}.$$
//
// (Zhu, Jordan and Jiao 2023, lemma 3.1; the constants written out from their proof.) The loss curves upwards at least like $\kappa\lVert v\rVert_\Sigma^2$. The fit has the lowest
// loss, so it cannot be farther from $\theta^\ast$ than the slope there, divided by that curvature. And the slope at the truth is a mean of $n$ independent surprises, each
// with mean 0: of size $\sqrt{d/n}$.
//
// </details>

// %%
const d = 5;
const B = 1.5; // the fit is the best in this ball
const D = 2; // the length of every difference
const truth = normal(key(4), d).map((z, _, all) => z / Math.hypot(...all)); // length 1
const delta = 0.1;

/** The error of one fit to n comparisons with differences of length D in all directions. */
const errorOf = (k: Key, n: number, star: Float64Array, ball: number) => {
  const pairs = sphereComparisons(k, star, n, D);
  const fit = linearReward.fitInBall(pairs, ball, { tolerance: 1e-6 }).theta;
  const off = fit.map((value, j) => value - star[j]);
  return linearReward.matrixNorm(off, linearReward.covariance(pairs));
};

const sizes = [50, 100, 200, 400, 800, 1600, 3200];
const repeats = 40;
const errors: number[][] = [];
for (const n of progress(sizes, { label: "fits" })) {
  errors.push(split(key(n), repeats).map((k) => errorOf(k, n, truth, B)));
}
const middle = errors.map((list) => quantile(list, 0.5));
const bound = sizes.map((n) => estimationBound({ n, width: d, norm: B, radius: D, delta }));
const law = fitPowerLaw(sizes, middle);
const halfWidth = studentTQuantile(0.975, sizes.length - 2) * law.slopeError;

show(
  line({
    title: "Four times the comparisons, half the error: the bound has the slope, not the size",
    subtitle: `fitted slope ${law.slope.toFixed(2)} ± ${halfWidth.toFixed(2)} (95 %); equation (3) has -1/2`,
    x: { title: "comparisons", type: "log" },
    y: { title: "error of a margin", unit: "nats", type: "log" },
    series: [
      {
        name: "measured, median",
        x: sizes,
        y: middle,
        markers: true,
        band: {
          low: errors.map((list) => quantile(list, 0.1)),
          high: errors.map((list) => quantile(list, 0.9)),
          name: `80 % of ${repeats} fits`,
        },
      },
      { name: "fitted power law", x: sizes, y: sizes.map((n) => Math.exp(law.intercept) * n ** law.slope) },
      { name: "bound (3), delta = 0.1", x: sizes, y: bound },
    ],
  }),
);

// %% [markdown]
// The slope is right, and the bound is about ten times too high.
// #claim 02/slope-of-one-half, 02/ten-times-too-high
// It charges the flattest spot of the logistic curve, $\kappa$, for every pair, and $\kappa$ shrinks exponentially with the range of rewards. That fear has a true core: where one
// text is always preferred, asking again says nothing about *by how much*. But in our data many pairs are close calls, and those keep teaching.
//
// And look at the distance that is bounded. It is small for a direction in which the data never vary, however wrong $\hat\theta$ is there.
// **The theorem is silent about texts unlike those compared.** Section 8 walks straight into that hole.
//
// ### Optional: firm opinions
//
// Let the true weights grow, and see what the bound fears.

// %%
const lengths = [0.5, 1, 1.5, 2, 2.5, 3];
const comparisons = 800;
const stretched = lengths.map((length) => {
  const star = truth.map((value) => length * value);
  const list = split(key(Math.round(900 + 10 * length)), 20).map((k) => errorOf(k, comparisons, star, 1.5 * length));
  return quantile(list, 0.5);
});

show(
  line({
    title: "The bound fears firm opinions far more than it needs to",
    subtitle: `${comparisons} comparisons; the ball is half as long again as the truth`,
    x: { title: "length of the true weights", unit: "nats" },
    y: { title: "error of a margin", unit: "nats", type: "log" },
    series: [
      { name: "measured, median of 20", x: lengths, y: stretched, markers: true },
      {
        name: "bound (3), delta = 0.1",
        x: lengths,
        y: lengths.map((length) => estimationBound({ n: comparisons, width: d, norm: 1.5 * length, radius: D, delta })),
      },
    ],
  }),
);

// %% [markdown]
// From one end to the other the measured error does not even double, on average, and the bound grows a thousandfold. Before you quote a rate, look at its constants.
// #claim 02/firm-opinions
//
// ## 6. What may be promised about fresh pairs?
//
// A *generalisation bound* says how many fresh pairs a model will get wrong, from how many of $n$ it got wrong in training, for any truth, linear
// or not. It needs independent examples from the distribution that will be met later, and holds with probability $1 - \delta$. What it costs depends on what you
// were free to choose *after* seeing the examples:
//
// | | What may be chosen after seeing the data | Excess over the training error |
// | --- | --- | --- |
// | Hoeffding | nothing: a test set | $\sqrt{\ln(1/\delta)/2n}$ |
// | finite class | one of $M$ models | $\sqrt{(\ln M + \ln(1/\delta))/2n}$ |
// | margins | any $\lVert\theta\rVert \le B$; pairs with a margin below $m_0$ count as errors, in part | $2BD/(m_0\sqrt n) + \sqrt{\ln(1/\delta)/2n}$ |
// | PAC-Bayes | any *distribution* $q$ over models | $\sqrt{(\mathrm{KL}(q\Vert p_0) + \ldots)/2n}$ |
//
// First the cheapest lesson. A thousand coins each predict a hundred pairs, and we keep the best of them.

// %%
const best = split(key(18), 100).map((k) =>
  Math.min(...split(k, 1000).map((coin) => mean(uniform(coin, 100).map((u) => (u < 0.5 ? 1 : 0))))),
);
const kept = { n: 100, delta: 0.05 };
table(
  [
    { bound: "Hoeffding, as if one coin had been fixed", of: (error: number) => hoeffdingBound({ error, ...kept }) },
    {
      bound: "finite class of 1,000",
      of: (error: number) => finiteClassBound({ error, ...kept, logClassSize: Math.log(1000) }),
    },
  ].map(({ bound, of }) => ({
    bound,
    error: mean(best),
    promised: mean(best.map(of)),
    holds: mean(best.map((error) => (of(error) >= 0.5 ? 1 : 0))),
  })),
  {
    columns: {
      bound: "bound at 95 %",
      error: "error of the best on its 100 pairs",
      promised: "promised at most",
      holds: "share of 100 draws in which a coin (0.5) keeps the promise",
    },
    digits: 3,
  },
);

// %% [markdown]
// A bound for a model that was fixed beforehand is false for one that was chosen by looking. Training *is* choosing by looking.
// #claim 02/chosen-coins
//
// **PAC-Bayes** allows any choice, and charges for how far you moved. Before the data you write down a distribution over models, the *prior* $p_0$; afterwards any other, the
// *posterior* $q$. The predictor is a random model: draw $\theta \sim q$ anew for each pair. Maurer's bound is
//
// $$\mathbb E_q\,\mathrm{err} \;\le\; \mathbb E_q\,\widehat{\mathrm{err}} + \sqrt{\frac{\mathrm{KL}(q \Vert p_0) + \ln\frac{2\sqrt n}{\delta}}{2n}}, \qquad n \ge 8, \tag{4}$$
//
// with $\widehat{\mathrm{err}}$ the share of training pairs ordered wrongly, $\mathrm{err}$ that of fresh ones, and $\mathrm{KL}(q\Vert p_0) = \mathbb E_q \ln(q/p_0)$ the distance moved,
// in nats. For two Gaussians of width 1 it is half the squared distance of their means. We take $p_0 = \mathcal N(0, I)$ and $q = \mathcal N(\mu, I)$, where $\mu$ is the trained
// direction, at the length that makes (4) smallest.

// %%
const small = moodTask({ vocabulary: 100 }); // 100 weights
const n = 4000;
const level = { n, delta: 0.05 };
const [others, sample, fresh] = [4000, n, 10000].map((size, i) =>
  moodFeatures(small, moodComparisons(key(20 + i), small, size)),
);

/** Differences scaled to length 1, row-major; a pair without any words of the bag stays at 0 and counts as half an error. */
const unit = (pairs: typeof sample) => {
  const x = featureDifferences(pairs);
  for (let r = 0; r < pairs.rows; r++) {
    const row = x.subarray(r * pairs.width, (r + 1) * pairs.width);
    const length = Math.hypot(...row) || 1;
    for (let j = 0; j < row.length; j++) row[j] /= length;
  }
  return x;
};
const [seen, unseen] = [unit(sample), unit(fresh)];
const wrong = (model: ArrayLike<number>, x: Float64Array) => 1 - preferenceAccuracy(linearReward.rewards(model, x));
const trained = (pairs: typeof sample) => {
  const fit = linearReward.fit(pairs, { l2: 0.003, tolerance: 1e-4, method: "lbfgs" }).theta;
  return fit.map((value) => value / Math.hypot(...fit));
};
const direction = trained(sample);
const [cosines, freshCosines] = [seen, unseen].map((x) => linearReward.rewards(direction, x)); // margins, |x| = |theta| = 1

// A Gaussian projected on x is Gaussian, so the posterior's mean error on a pair is Phi(-mu . x), exactly.
const randomError = (length: number, of: Float64Array) => mean(of.map((cosine) => normalCdf(-length * cosine)));
const around = (model: Float64Array, length: number) => ({ mean: model.map((value) => length * value), deviation: 1 });
const blind = linspace(2, 40, 20)
  .map((length) => ({ length, kl: gaussianKL(around(direction, length), { deviation: 1 }) }))
  .map(({ length, kl }) => ({ length, kl, error: randomError(length, cosines), ...level }))
  .reduce((a, b) => (maurerBound(b) < maurerBound(a) ? b : a));
const demanded = 0.2; // m_0

const promises = [
  {
    name: "Hoeffding, on 10,000 other pairs",
    training: wrong(direction, unseen),
    actual: wrong(direction, unseen),
    bound: hoeffdingBound({ error: wrong(direction, unseen), n: 10000, delta: 0.05 }),
  },
  {
    name: `Margins below ${demanded} are errors`,
    training: rampLoss(cosines, demanded),
    actual: wrong(direction, unseen),
    bound: rademacherMarginBound({ error: rampLoss(cosines, demanded), ...level, norm: 1, radius: 1, rho: demanded }),
  },
  {
    name: "PAC-Bayes (Maurer)",
    training: blind.error,
    actual: randomError(blind.length, freshCosines),
    bound: maurerBound(blind),
  },
];
const bars = (title: string, list: typeof promises) =>
  bar({
    title,
    subtitle: `each bound holds with probability 0.95; ${n} training pairs`,
    x: { title: "share ordered wrongly" },
    y: { title: "bound" },
    horizontal: true,
    categories: list.map(({ name }) => name),
    series: [
      { name: "what the bound starts from", values: list.map(({ training }) => training) },
      { name: "actual, 10,000 fresh pairs", values: list.map(({ actual }) => actual) },
      { name: "bound", values: list.map((promise) => promise.bound) },
    ],
    reference: [{ x: 0.5, label: "coin" }],
  });
show(bars("True promises, generously padded", promises));

// %% [markdown]
// Every bound is above the actual error, as it must be (19 times in 20). But a bound above one half promises less than a coin. The one by margins is above 1, since hardly a
// pair has a margin of 0.2. PAC-Bayes pays twice, with a noisy model and with the KL, and ends at the coin. The plainest wins: keep pairs aside and use Hoeffding.
// #claim 02/every-bound-is-above, 02/a-test-set-is-tightest, 02/margins-promise-nothing, 02/few-wide-margins, 02/blind-prior-reaches-the-coin
// The point of the others is not to replace a test set. They say what generalisation *depends* on: not the number of weights, but how much the data had to change your mind.
//
// ### Exercise 6. Maurer's bound
//
// *Difficulty 2 of 5, 10 minutes. Trains: reading equation (4) to the last factor.*
//
// Given the mean error of the posterior on $n$ examples, its KL to the prior in nats, $n$ and $\delta$, return the right-hand side of equation (4).

// %% [exercise] 02/maurer
/** Equation (4): mean error of the posterior on n examples, KL to the prior in nats. */
function maurer(error: number, kl: number, n: number, delta: number): number {
  // #solution
  return error + Math.sqrt((kl + Math.log((2 * Math.sqrt(n)) / delta)) / (2 * n));
  // #end
}

// %% [check] 02/maurer
await check("02/maurer", { maurer });

// %% [markdown]
// **Break it.** Call `hoeffdingBound` with the *training* error of the linear model at the beginning (`theta`, 1,500 pairs), as if it had been fixed beforehand. Is the error on
// the exam below it?
//
// <details><summary>What happens</summary>No: it promises about 25 % at most, and on the exam nearly 40 % are wrong. In every one of a dozen draws of the data the promise is broken. (The exam
// is of other chapters than the training pairs, which makes it a little harder; the coins above show that it would break on the same ones too.)</details>
// #claim 02/training-error-is-no-test
//
// ### Optional: a prior that knows something, and three more bounds
//
// The blind prior is what makes PAC-Bayes lose. Take $p_0 = \mathcal N(\mu_0, I)$ around a model that was trained on *other* pairs, and the KL is small. The three other bounds in
// the figure bound the same random model, from the same numbers:
//
// | | with $c = (\mathrm{KL}(q\Vert p_0) + \ln(2\sqrt n/\delta))/n$ | In code |
// | --- | --- | --- |
// | McAllester | like (4), with $\sqrt{(\mathrm{KL} + \ln(n/\delta))/(2(n - 1))}$ | `mcAllesterBound` |
// | Seeger | the largest $e$ for which a coin of bias $e$ is within $c$ nats of one of bias $\mathbb E_q\,\widehat{\mathrm{err}}$; never above Maurer's | `seegerBound` |
// | Catoni | $\bigl(1 - e^{-t\,\mathbb E_q\widehat{\mathrm{err}} - (\mathrm{KL} + \ln(1/\delta))/n}\bigr)/(1 - e^{-t})$ for one $t > 0$ that is fixed beforehand | `catoniBound` |
//
// Choosing the posterior by looking is allowed; choosing the prior, the demanded margin or $t$ by looking is not. We look at twenty lengths of the informed prior, so each gets a
// twentieth of $\delta$. And where the posterior's error can only be averaged over drawn models, as for a network, that average has a bound of its own (`posteriorError`), and
// the two probabilities of failure add up.

// %%
const elsewhere = trained(others);
const informed = linspace(2, 40, 20)
  .map((length) => ({ length, kl: gaussianKL(around(direction, length), around(elsewhere, length)) }))
  .map(({ length, kl }) => ({ length, kl, error: randomError(length, cosines), n, delta: level.delta / 20 }))
  .reduce((a, b) => (maurerBound(b) < maurerBound(a) ? b : a));
const rounded = direction.map((value) => (Math.floor(Math.max(-2, Math.min(1.99, value / 0.1))) + 0.5) * 0.1);

show(
  bars("What a prior is worth", [
    {
      name: "finite class, 4^100 models", // each weight rounded to one of four values: 2 bits each
      training: wrong(rounded, seen),
      actual: wrong(rounded, unseen),
      bound: finiteClassBound({ error: wrong(rounded, seen), ...level, logClassSize: 100 * Math.log(4) }),
    },
    ...Object.entries({
      McAllester: mcAllesterBound(blind),
      Maurer: maurerBound(blind),
      Seeger: seegerBound(blind),
      "Catoni, t = 1": catoniBound({ ...blind, c: 1 }),
    }).map(([name, value]) => ({ ...promises[2], name: `${name}, blind prior`, bound: value })),
    {
      name: "Seeger, prior from 4,000 other pairs",
      training: informed.error,
      actual: randomError(informed.length, freshCosines),
      bound: seegerBound(informed),
    },
  ]),
);

// %% [markdown]
// From a prior that knows something, PAC-Bayes makes a real promise. Counting models, two bits a weight, just about reaches the coin.
// #claim 02/informed-prior-promises, 02/counting-reaches-the-coin
//
// ## 7. What a reward error does to a policy
//
// Accuracy on pairs is not what we are after. Somebody will take the policy $\hat\pi$ that is best for the *learned* reward and live with
// it under the true one. In a Markov decision process with discount $\gamma$ (states $s$, actions $a$, a reward at each step, $J$ the discounted sum of true rewards),
//
// $$J(\pi^\ast) - J(\hat\pi) \;\le\; \frac{2\varepsilon}{1 - \gamma}, \qquad \varepsilon = \max_{s, a}\,\bigl|\hat R(s,a) - R(s,a)\bigr|. \tag{5}$$
//
// Each policy's return is misjudged by at most $\varepsilon/(1-\gamma)$, once for $\pi^\ast$ and once for $\hat\pi$. The conditions: $\hat\pi$ is *exactly* optimal for $\hat R$,
// and the error is small for *every* pair that $\pi^\ast$ or $\hat\pi$ visits (up to what no policy notices, such as a constant). On small worlds all of this can be computed
// without sampling anything.

// %%
const gamma = 0.9;
const worlds = 150;
const sup = (error: Float64Array) => error.reduce((most, e) => Math.max(most, Math.abs(e)), 0);

type Point = { error: number; gap: number };
const clouds: Record<string, Point[]> = {
  "random error": [],
  "error against the optimum": [],
  "two states": [],
};
const averages: Record<string, Point[]> = { "data that rarely strays": [] };
const lostShares: number[] = []; // of the way from the best policy to the one that chooses at random
for (const w of progress(worlds, { label: "worlds" })) {
  const mdp = randomMdp(foldIn(key(30), w), { states: 6, actions: 3, discount: gamma });
  const { policy, choice } = optimalPolicy(mdp);
  const size = 10 ** uniform(foldIn(key(31), w), 1, -1.5, 0.5)[0];
  const noise = uniform(foldIn(key(32), w), mdp.rewards.length, -size, size);
  clouds["random error"].push({ error: sup(noise), gap: returnLost(mdp, noise) });
  const spite = policy.map((probability) => (probability > 0 ? -size : size));
  clouds["error against the optimum"].push({ error: sup(spite), gap: returnLost(mdp, spite) });

  // The data: people who act well and stray with a small probability. The error: one action that is never best is overrated, by 4.
  const stray = 10 ** uniform(foldIn(key(33), w), 1, -4, -0.5)[0];
  const people = policy.map((probability) => (1 - stray) * probability + stray / 3);
  const overrated = policy.map((_, pair) => (pair % 3 === (choice[Math.floor(pair / 3)] + 1) % 3 ? 4 : 0));
  const share = occupancy(mdp, people);
  const gap = returnLost(mdp, overrated);
  averages["data that rarely strays"].push({
    error: overrated.reduce((sum, e, pair) => sum + share[pair] * e, 0),
    gap,
  });
  lostShares.push(gap / (policyReturn(mdp, policy) - policyReturn(mdp, uniformPolicy(mdp))));
}
for (const epsilon of [0.05, 0.2, 0.8, 3]) {
  // Staying is worth 2 epsilon a step, leaving nothing; the learned reward is epsilon everywhere.
  const stay = tabularMdp({
    ...{ states: 2, actions: 2, discount: gamma, start: [1, 0] },
    transitions: [1, 0, 0, 1, 0, 1, 0, 1],
    rewards: [2 * epsilon, 0, 0, 0],
  });
  const gap = returnLost(stay, Float64Array.of(-epsilon, epsilon, epsilon, epsilon));
  clouds["two states"].push({ error: epsilon, gap });
}

const panel = (title: string, xTitle: string, groups: Record<string, Point[]>) =>
  scatter({
    title,
    x: { title: xTitle, type: "log" },
    y: { title: "true return lost", type: "log", range: [0.001, 150] },
    series: Object.entries(groups).map(([name, points]) => {
      const lost = points.filter(({ gap }) => gap > 1e-3);
      const color = name.startsWith("data") ? "#CC79A7" : undefined;
      return { name, size: 6, color, x: lost.map(({ error }) => error), y: lost.map(({ gap }) => gap) };
    }),
    reference: [{ slope: 2 / (1 - gamma), label: "2 error / (1 - gamma)" }],
  });

show(
  smallMultiples({
    title: "Small everywhere is a promise; small on average is none",
    subtitle: `${worlds} random worlds of 6 states; policies that lose less than 0.001 are not drawn`,
    share: "y",
    figures: [
      panel("Largest error over all pairs", "largest |learned - true|", clouds),
      panel("Mean error on the data", "mean |learned - true| on the data", averages),
    ],
  }),
);
console.log(
  `right panel, in the middle world: ${quantile(lostShares, 0.5).toFixed(2)} times the way from the best policy to one that chooses at random`,
);

// %% [markdown]
// On the left nothing crosses the line, and the two-state worlds sit exactly on it: no smaller constant would be true.
// #claim 02/nothing-crosses
// On the right the same kind of loss is drawn against what one can measure, the mean error on the data. It can be a thousandth, and in the middle world the policy still ends
// *below* one that chooses its actions at random. The error sits where the data are not. The policy goes where the error is.
// #claim 02/small-on-average-loses-more-than-chance
//
// Two more conditions, in numbers. An optimiser that stops early adds what it leaves lying. And if there is one reward, at the end, as for
// a whole text, nothing adds up over steps, so that the factor $1/(1-\gamma)$ goes: $J(\pi^\ast) - J(\hat\pi) \le 2\varepsilon$.

// %%
const world = randomMdp(key(34), { states: 6, actions: 3, discount: gamma });
const epsilon = 0.8;
const slip = uniform(key(35), world.rewards.length, -epsilon, epsilon);
const model = withRewards(
  world,
  world.rewards.map((reward, pair) => reward + slip[pair]),
);
const top = policyReturn(world, optimalPolicy(world).policy);
const early = deterministicPolicy(model, new Int32Array(6)); // an optimiser that has not even begun
const leftLying = policyReturn(model, optimalPolicy(model).policy) - policyReturn(model, early);

const utility = phrases.utility[0];
const misread = uniform(key(37), utility.length, -epsilon, epsilon);
const pick = (values: Float64Array) => values.reduce((found, value, i) => (value > values[found] ? i : found), 0);

table(
  [
    {
      case: "exact optimum of the learned reward",
      lost: top - policyReturn(world, optimalPolicy(model).policy),
      ceiling: rewardErrorBound(sup(slip), gamma),
    },
    {
      case: "stopped early: + suboptimality",
      lost: top - policyReturn(world, early),
      ceiling: rewardErrorBound(sup(slip), gamma, leftLying),
    },
    {
      case: "one reward at the end (phrase task): 2 epsilon",
      lost: utility[pick(utility)] - utility[pick(utility.map((value, i) => value + misread[i]))],
      ceiling: rewardErrorBound(sup(misread), 0),
    },
  ],
  { digits: 3 },
);

// %% [markdown]
// **From clicks to policies, link by link.** It would be handy to read the loss of a policy off the accuracy of its reward model. Two links of that chain break.
//
// *Accuracy does not fix the squared error.* Three learned rewards for four replies below put every pair in the right order. (The policy is the best one for mean reward minus its
// KL from a reference, $\beta = 1$, as in lesson 05; the last column is what it is worth in truth.) *And the squared error does not fix the loss at its own rate.* With
// one action of two off by $e$, the mean squared error is $e^2/2$, and the policy loses $e$: much more than a law that is linear in the squared error allows. The root
// of it does: $2T\sqrt{|A| \cdot \text{MSE}}$, with $T$ steps and $|A|$ actions.

// %%
const gains = Float64Array.of(0, 1, 2, 3); // four replies
const reference = Float64Array.of(0.4, 0.3, 0.2, 0.1).map(Math.log);
const readings = [
  { learned: "0, 1, 2, 3 (the truth)", values: [0, 1, 2, 3] },
  { learned: "0, 0.01, 0.02, 3", values: [0, 0.01, 0.02, 3] },
  { learned: "0, 1, 8, 27", values: [0, 1, 8, 27] },
];
table(
  readings.map(({ learned, values }) => {
    const off = Float64Array.from(values, (value, i) => value - gains[i]);
    const shift = mean(off); // a constant is no error
    const policy = exactRegularisedOptimum(reference, values, 1).logProbs;
    return {
      learned,
      pairs: 0,
      squared: mean(off.map((e) => (e - shift) ** 2)),
      worth: exactRegularisedObjective(policy, reference, gains, 1),
    };
  }),
  {
    columns: {
      learned: "learned reward",
      pairs: "pairs in the wrong order",
      squared: "mean squared error, best shift",
      worth: "true utility - KL",
    },
    digits: 2,
  },
);
table(
  [0.5, 0.1, 0.01].map((e) => ({
    e,
    squared: e ** 2 / 2,
    lost: e, // the true rewards are e and 0, the learned ones e and e, and the tie goes to the worse
    linear: 2 * (e ** 2 / 2),
    root: 2 * Math.sqrt(2 * (e ** 2 / 2)),
  })),
  {
    columns: {
      e: "one of two actions off by",
      squared: "MSE",
      lost: "lost",
      linear: "T |A| MSE",
      root: "2 T sqrt(|A| MSE)",
    },
  },
);

// %% [markdown]
// Same accuracy, and less than half the worth.
// #claim 02/accuracy-is-not-enough
//
// *Do errors accumulate from update to update?* Not while the learned reward stays the same: then there is one policy that all updates lead to, and (5) holds for it. Here a policy over
// three replies follows a fixed wrong reward, a tenth of a nat at a time.

// %%
const real = [1, 0.9, 0.2];
const believed = [1, 1.05, 0.2]; // the second is overrated by 0.15
const updates = Array.from({ length: 60 }, (_, i) => Math.round(10 ** (i / 15)));
const losing = updates.map((steps) => {
  const share = believed.map((reward) => Math.exp(0.1 * steps * (reward - 1.05)));
  const total = share.reduce((a, b) => a + b);
  return 1 - share.reduce((sum, value, i) => sum + (value / total) * real[i], 0);
});
show(
  line({
    title: "A fixed wrong reward has one limit: its error is paid once",
    x: { title: "updates", type: "log" },
    y: { title: "true reward lost", range: [0, 0.4] },
    series: [{ name: "lost", x: updates, y: losing }],
    reference: [
      { y: 0.3, label: "2 epsilon" },
      { y: 0.1, label: "the learned reward's choice" },
    ],
  }),
);

// %% [markdown]
// The loss dips below its limit on the way (whoever stops in time is better off; lesson 11) and then stays there.
// #claim 02/a-fixed-reward-has-one-limit
// What does grow is the sum over steps of one episode, which is the $1/(1-\gamma)$ in (5), and what changes is the world that the policy visits, which is section 8.
//
// ### Exercise 7. The worst case of two states
//
// *Difficulty 3 of 5, 20 minutes. Trains: where each of the two epsilons comes from.*
//
// In state 0 you may *stay*, and earn `stay` at every step as long as you do; or *leave*, earn `leave` once, and be in state 1 for ever,
// where the true reward is 0. You start in state 0. Somebody learns rewards that are off by at most `epsilon` at each of *all* pairs, in
// state 1 too, and takes a policy that is optimal for them (among equals, the worse one).
//
// $$V_{\text{stay}} = \frac{\texttt{stay}}{1-\gamma}, \qquad V_{\text{leave}} = \texttt{leave}. \tag{6}$$
//
// Given `stay`, `leave`, `epsilon` and `gamma`, return the largest true return that they can lose.
//
// <details><summary>Hint 1</summary>They lose the difference of the two, or nothing. When can a learned reward turn the order round?</details>
// <details><summary>Hint 2</summary>Staying for ever can be underrated by epsilon / (1 - gamma). By how much can leaving be overrated? Count state 1.</details>

// %% [exercise] 02/worst-gap
/** The largest loss of true return, over all learned rewards within epsilon of the true ones. */
function worstGap(stay: number, leave: number, epsilon: number, gamma: number): number {
  // #solution
  const apart = Math.abs(stay / (1 - gamma) - leave);
  // Each of the two streams of rewards can be misjudged by epsilon at every step.
  return apart <= (2 * epsilon) / (1 - gamma) ? apart : 0;
  // #end
}

// %% [check] 02/worst-gap
await check("02/worst-gap", { worstGap });

// %% [markdown]
// **Break it.** Set `gamma = 0.999` in the cell of the random worlds. How does the ceiling move, and how do the clouds? Which of the two
// would you plan a deployment by?
//
// <details><summary>What happens</summary>The ceiling goes up by a factor of 100, and so do the clouds of random errors: what a wrong choice costs at each step adds up for a hundred times as
// long. They stay a few hundredths of the ceiling, which is for errors that conspire. Plan by the clouds if the errors are like yours, and by the ceiling if somebody is looking
// for your errors. An optimiser is.</details>
// #claim 02/far-horizon
//
// ## 8. Break it: let somebody optimise
//
// Now the real thing. A writer wants a high reward from the linear model of the beginning. It appends, word by word, whatever the model
// likes best.

// %%
const howLong = 40;
const written = writeGreedily(task, theta, { length: howLong });
console.log(written.words.join(" "));

// %% [markdown]
// Forty times the same word.
// #claim 02/one-word-forty-times
// The model has learned from sentences in which a glad word occurs once that the word is good, and to count is the only
// thing it can do. True utility counts a word once. On the data these two are the same: repeats are a direction in which the data hardly ever
// vary, about which neither section 5 nor section 6 promised anything. On the writer's texts they are not.
//
// **The cure** is not more of the same data. First, the model must be *able* to say it: give it counts and presence. Then it must be
// *asked*: let people compare the kind of texts that the writer writes, and train on both.

// %%
const both = (words: readonly string[]) => Float64Array.of(...task.bag.counts(words), ...task.bag.presence(words));
const able = linearReward.fit(moodFeatures(task, learned, both), { l2: 0.003, tolerance: 1e-4 }).theta;

// Comparisons of texts as a writer writes them: a few words that the model likes, over and over.
const liked = byWeight.slice(0, 60).map(({ word }) => word);
const answers = writerComparisons(key(40), task, liked, 600); // try 60
const together = joinComparisons(learned, answers);
const cured = linearReward.fit(moodFeatures(task, together, both), { l2: 0.003, tolerance: 1e-4 }).theta;

const writers = [
  { name: "counts, real sentences", ...written },
  { name: "counts and presence, real sentences", ...writeGreedily(task, able, { length: howLong, read: both }) },
  { name: "counts and presence, asked about writing", ...writeGreedily(task, cured, { length: howLong, read: both }) },
];
const wordsWritten = Array.from({ length: howLong }, (_, t) => t + 1);
show(
  smallMultiples({
    title: "A reward is learned where there are data and optimised where there are none",
    share: "y",
    columns: 3,
    figures: writers.map(({ name, learned, mood }) =>
      line({
        title: name,
        x: { title: "words written" },
        y: { title: "reward", unit: "nats" },
        series: [
          { name: "learned", x: wordsWritten, y: learned },
          { name: "true", x: wordsWritten, y: mood },
        ],
      }),
    ),
  }),
);

// %%
const examBoth = moodFeatures(task, exam, both);
table(
  [
    { pairs: examPairs, weights: theta, read: task.bag.counts },
    { pairs: examBoth, weights: able, read: both },
    { pairs: examBoth, weights: cured, read: both },
  ].map(({ pairs, weights, read }, i) => {
    const worth = (words: string[]) => linearReward.rewards(weights, read(words))[0];
    return {
      model: writers[i].name,
      accuracy: preferenceAccuracy(linearReward.margins(weights, pairs)),
      first: worth(["good"]),
      second: worth(["good", "good"]) - worth(["good"]),
      words: new Set(writers[i].words).size,
      learned: writers[i].learned[howLong - 1],
      mood: writers[i].mood[howLong - 1],
    };
  }),
  {
    columns: {
      model: "model",
      accuracy: "accuracy on the exam",
      first: "worth of the first good",
      second: "of the second",
      words: "different words written",
      learned: "learned reward",
      mood: "true utility",
    },
    digits: 2,
  },
);

// %% [markdown]
// All three have about the same accuracy on the exam, the number that everybody reports, and it said nothing about what would happen.
// #claim 02/same-accuracy
// The second model *could* know better and knows it by half: with next to nothing in the data to tell counts from presence, the
// penalty shares the weight between them (a second *good* is still worth about two fifths of the first), and when it runs out of glad words it repeats itself, with a reward that climbs on while the
// truth stands still.
// #claim 02/reward-climbs-truth-stands, 02/half-known
// Answers about the texts that optimisation produces bring the price of a second *good* down: not to 0 yet, but far enough that the writer finds about twenty more
// words (in nine draws of the data out of ten), and the truth is about two and a half times as high on average.
// #claim 02/asked-writer-finds-words, 02/asked-writer-means-it
// One round is never the end, since a better writer finds the next hole. That is why reward models are retrained on what the policy writes, round after round, and why the KL
// penalty of lesson 05 keeps the policy near the texts that were compared. Lesson 11 is about what happens when neither is done.
//
// ## What this lesson does not show
//
// - **Which pairs to ask.** We drew them at random, or by a rule of thumb. Lesson 03 chooses.
// - **Whose utility.** One lexicon stood for all labelers. Lesson 04 has many.
// - **Bounds for networks.** Those of section 6 hold for any model, with numbers that are vacuous for large ones unless much more is done
//   (Dziugaite and Roy 2017).
// - **Distribution shift, measured.** Sections 7 and 8 show that it breaks every promise. Lesson 18 puts a set around the data
//   distribution and guards against the worst in it.
// - **Whether a better reward model or a better base model pays more.** That needs one currency for both, such as hours of work, and no lesson has one.
//
// ## Said, and seen
//
// What the notes say on this lesson's subject, beside what you saw:
//
// | Said | Seen | Where |
// | --- | --- | --- |
// | $L_2$, dropout and early stopping prevent overfitting | They reduce the loss, and two of three spoil the order; one temperature did more | 1, 3 |
// | Cross-validation estimates the generalisation performance | If folds are made of prompts; by pair it promises far too much | 2 |
// | $R_\theta \to R^\ast$ as $N \to \infty$ under regularity conditions | Four conditions; without the first, the limit depends on what was asked | 5 |
// | $O(d \log d/\varepsilon^2)$; $O(d \log(1/\delta)/\varepsilon^2)$ comparisons | They contradict each other; $(d + \ln(1/\delta))/(\kappa\varepsilon)^2$, for the error of margins on the pairs compared | 5 |
// | PAC-Bayes: $P(\lvert R_{\text{empirical}} - R_{\text{true}}\rvert \le \varepsilon) \ge 1 - \delta$ | As it stands, that is Hoeffding's, for one fixed model. (4) is PAC-Bayes: it has a prior and a posterior | 6 |
// | The gap is at most $2\varepsilon/(1-\gamma)$ | For exact optimisation and an error that is small wherever $\pi^\ast$ and $\hat\pi$ go; $2\varepsilon$ with one reward at the end | 7 |
// | It degrades as $O(\varepsilon\,T\,\lvert A\rvert)$, with $\varepsilon$ the mean squared error | False, by any factor: $e$ is lost where the law says $e^2$. With the mean absolute error it is derivable; with the squared one it takes a root | 7 |
// | Errors accumulate through iterated updates | Not under a fixed reward: it has one limit, and the bound holds there | 7 |
// | Performance is more sensitive to reward accuracy than to the base model | Not seen: accuracy is blind to what matters (three rewards, all of accuracy 1), and the two have no common currency | 7 |
//
// ## On one page
//
// | | | In code |
// | --- | --- | --- |
// | (1) | $L = \frac1n\sum_k -\log\sigma(m_k)$ | `marginLoss`, `linearReward.fit`, `trainRewardModel` |
// | ceiling | mean of $\max(p, 1 - p)$ | `noiseCeiling` |
// | folds | all rows of a prompt in one | `foldsByPrompt`, `crossValidate` |
// | (2) | $\mathrm{ECE} = \sum_b \frac{n_b}{n}\lvert\mathrm{accuracy}_b - \mathrm{confidence}_b\rvert$ | `expectedCalibrationError`, `fitTemperature` |
// | (3) | error of a margin $\lesssim \sqrt{(d + \ln(1/\delta))/n}/\kappa$ | `estimationBound` |
// | test set | $\mathrm{err} \le \widehat{\mathrm{err}} + \sqrt{\ln(1/\delta)/2n}$ | `hoeffdingBound` |
// | (4) | $\ldots + \sqrt{(\mathrm{KL}(q\Vert p_0) + \ln(2\sqrt n/\delta))/2n}$ | `maurerBound` |
// | (5) | $J(\pi^\ast) - J(\hat\pi) \le 2\varepsilon/(1 - \gamma)$, $\varepsilon$ the *largest* error | `rewardErrorBound`, `returnLost` |
//
// **Three questions**
//
// <details><summary>Your reward model has an accuracy of 64 % on held-out pairs. Is that bad?</summary>Ask for the ceiling first: labelers may agree with the truth in 66 % only. Then ask how the
// pairs were held out, by prompt or by pair.</details>
//
// <details><summary>A colleague divides all rewards by 3 after training, and the held-out loss falls. What has happened to the order of any two replies?</summary>Nothing: no margin changed its
// sign. The model was too sure, and now says so. A policy that is trained with a KL price will behave as if the price had tripled.</details>
//
// <details><summary>The mean error of your reward on the labeled texts is a thousandth of a nat. How much can a policy lose?</summary>Anything: the error may sit where the texts are not, and
// the policy goes there. Only an error that is small wherever the policy goes bounds the loss.</details>
//
// ## Read on
//
// - Zhu, Jordan and Jiao, *Principled reinforcement learning with human feedback from pairwise or K-wise comparisons*, arXiv:2301.11270.
//   Equation (3), and why pessimism helps a policy.
// - White, *Maximum likelihood estimation of misspecified models*, Econometrica 50 (1982). Where an estimate goes when the truth is not in the class.
// - Christiano and others, *Deep reinforcement learning from human preferences*, arXiv:1706.03741; Ziegler and others, arXiv:1909.08593.
//   Reward models of text.
// - Guo and others, *On calibration of modern neural networks*, arXiv:1706.04599. Temperature scaling.
// - Maurer, *A note on the PAC Bayesian theorem*, arXiv:cs/0411099; McAllester, COLT 1999; Seeger, JMLR 3 (2002); Catoni, arXiv:0712.0248; Alquier, *User-friendly
//   introduction to PAC-Bayes bounds*, arXiv:2110.11216.
// - Mohri, Rostamizadeh and Talwalkar, *Foundations of machine learning* (2018), chapters 3 and 5. Margins.
// - Chen and others, arXiv:2410.06554, and Razin and others, arXiv:2503.15477. Why the more accurate reward model is not always the better teacher.
// - Gao, Schulman and Hilton, *Scaling laws for reward model overoptimization*, arXiv:2210.10760. Section 8, at scale.
// - Nielsen, *A new ANEW*, arXiv:1103.2903. The lexicon.
// - In the books: Lambert, *Reinforcement learning from human feedback*: chapter 5, [Reward Models](https://rlhfbook.com/c/05-reward-models).

// %%
import { solved } from "rlhf-lab-course";

// What you have solved of this lesson; it is written down on this machine and sent nowhere.
await solved("02");
