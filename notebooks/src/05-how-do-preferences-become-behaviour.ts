// %% [markdown]
// # 05 How do preferences become behaviour?
//
// A model that has read a book writes like the book. Some people would like it to write in a better mood, and cannot say what that means; but
// shown two continuations, they can say which one they prefer. This lesson takes the whole way, on a real transformer and real prose:
// from comparisons to a reward, from the reward to a policy, and from the policy to the place where it goes wrong.
//
// **After this lesson you can**
//
// - name the stages of RLHF, what each is given and what it hands on, and run all of them;
// - say how good a reward model can be at best, and how near yours comes;
// - train a policy against a learned reward by five methods, and compare them where they can be compared: reward against KL;
// - show over-optimisation: the learned reward climbs, what people want turns down;
// - choose the coefficient of the KL for the distance that you can afford.
//
// **Time** 110 minutes, 56 of them exercises; the computer works about five minutes of that. **You need** lessons 01 and 02, and to know what a language model is.

// %% [markdown]
// ## The pipeline on one page
//
// $$\underbrace{\pi_{\text{base}}}_{\text{reads}} \;\to\; \underbrace{\pi_{\text{ref}}}_{\text{imitates}} \;\to\; \underbrace{y_1 \succ y_2}_{\text{people compare}} \;\to\; \underbrace{r_\phi(x, y)}_{\text{reward model}} \;\to\; \underbrace{\max_\theta\; \mathbb{E}_{x,\; y \sim \pi_\theta}\bigl[r_\phi(x, y)\bigr] - \beta\, \mathrm{KL}(\pi_\theta \,\|\, \pi_{\text{ref}})}_{\text{optimise}} \tag{0}$$
//
// | On paper | In code | What it is |
// | --- | --- | --- |
// | $x$, $y$ | `prompt`, `completion` | how a sentence begins, 8 tokens; how it goes on, 24 tokens |
// | $\pi(y \mid x)$ | `model`, and some `params` | a transformer: two layers, width 64 |
// | $u(x, y)$ | `task.mood(text)` | what people want. Only we know it |
// | $y_1 \succ y_2$ | `{ prompt, chosen, rejected }` | what a labeler said |
// | $r_\phi(x, y)$ | `reward.words`, `reward.model`, `reward.params` | what we learn of $u$ from comparisons, in nats |
// | $\pi_{\text{ref}}$ | `tuned.params` | the policy before reinforcement learning |
// | $\beta$ | `beta` | reward that a nat of KL must bring |
//
// Many texts, and the one that this course grew from, write the last stage as $\max \mathbb{E}[r_\phi]$ alone. Against a learned reward nobody does that for long; section 6 shows why. (Where the reward is a program that checks
// the answer, the KL is sometimes dropped.)

// %%
import {
  algorithms,
  bar,
  bradleyTerry,
  check,
  choiceConfidence,
  compare,
  comparisonsOf,
  fineTune,
  foldIn,
  judgeCompletions,
  key,
  klRewardPath,
  klRewardPoint,
  labelCeiling,
  learnReward,
  line,
  liveLossFigure,
  livePolicyFigure,
  lossFigure,
  mean,
  moodContinuation,
  optimise,
  pipelineConfig,
  pipelineModel,
  policyFigure,
  pretrain,
  progress,
  reliabilityDiagram,
  rewardErrorStudy,
  type SurveySeed,
  scatter,
  shareOfCeiling,
  show,
  smallMultiples,
  split,
  surveyPath,
  surveySeed,
  table,
  wordScores,
  wordsOf,
} from "rlhf-lab";

// %% [markdown]
// ## Run it
//
// The task first: sentence beginnings of Moby Dick, cut into tokens, and what we alone know of their continuations. The mood of a text is the sum of the
// AFINN valences of its different words (Nielsen 2011), as in lesson 02; the first paper that fine-tuned a language model from human preferences
// used sentiment for a test as well (Ziegler and others 2019).

// %%
const config = pipelineConfig; // every number of this lesson; print it, change it, run again
const seed = 5;
const [bookKey, readKey, tuneKey, askKey, rewardKey, optimiseKey, testKey, surveyKey, studyKey] = split(key(seed), 9);
const task = moodContinuation(bookKey, config);
const text = (tokens: ArrayLike<number>) => task.tokenizer.decode(tokens).replaceAll("\n", " ");

table(
  task.heldOut.slice(40, 46).map(({ prompt, completion }) => ({
    prompt: text(prompt),
    completion: text(completion),
    mood: task.mood(text(completion)),
  })),
  {
    columns: { prompt: "prompt", completion: "how Melville went on", mood: "mood (nats)" },
    caption: "from chapters that no model of this lesson reads",
  },
);

// %% [markdown]
// ## 1. Read, then imitate
//
// A language model learns to predict the next token from all tokens before it. Ours reads random places of the book for about a minute. You can
// stop the cell (■) whenever you like; with `folder` and `resume` it would go on where it was.

// %%
const model = pipelineModel(config, task);
const base = await pretrain(readKey, config, task, model, { onRecord: liveLossFigure() });

// %% [markdown]
// *Supervised fine-tuning* is the same loss on demonstrations of what we want done: here, to continue the beginning of a sentence. The prompt is read and
// not learned. Exercise 1 writes that loss.

// %%
const tuned = await fineTune(tuneKey, config, task, model, base.params);

show(
  smallMultiples({
    title: "Two stages of the same loss",
    figures: [
      lossFigure(base.history, { title: "Reading the book" }),
      lossFigure(tuned.history, { title: "Fine-tuning on beginnings", window: 20 }),
    ],
  }),
);

// %% [markdown]
// ### Exercise 1. Learn the continuation, not the prompt
//
// *Difficulty 2 of 5, 8 minutes. Trains: equation (1), and which number is about which token.*
//
// Supervised fine-tuning makes the demonstrated continuation likely, and leaves the prompt alone: the prompt is given, nobody will have to write it. A row has $T$ tokens $y_0, \dots, y_{T-1}$; the first $P$
// (`promptTokens`, at least 1) are the prompt:
//
// $$\mathcal L = -\frac{1}{T - P} \sum_{t=P}^{T-1} \log \pi(y_t \mid y_0, \dots, y_{t-1}). \tag{1}$$
//
// What a language model says at position $t$ is about the *next* token. So `logProbs[t]` is $\log \pi(y_{t+1} \mid y_0, \dots, y_t)$, and there are $T - 1$ of them. With the prompt "Call me":
//
// | `t` | has read | `logProbs[t]` is about | counts |
// | --- | --- | --- | --- |
// | 0 | Call | me | no |
// | 1 | Call me | Ishmael | yes |
// | 2 | Call me Ishmael | . | yes |
//
// `trainSupervised` descends on the same loss, over the rows of a batch at once.
//
// <details><summary>Hint 1</summary>In the table P is 2, and the first entry that counts is number 1: it was made while reading the last token of the prompt.</details>
// <details><summary>Hint 2</summary>There are as many entries that count as tokens in the continuation. The mean is over them.</details>

// %% [exercise] 05/completion-loss
/** Equation (1), in nats per token. logProbs[t] = log p(token t + 1 | tokens 0 to t); tokens 0 to promptTokens - 1 are the prompt. */
function completionLoss(logProbs: number[], promptTokens: number): number {
  // #solution
  const completion = logProbs.slice(promptTokens - 1);
  return -completion.reduce((sum, logProb) => sum + logProb, 0) / completion.length;
  // #end
}

// %% [check] 05/completion-loss
await check("05/completion-loss", { completionLoss });

// %% [markdown]
// ## 2. Ask people
//
// The fine-tuned policy writes eight continuations to each of 1,200 prompts. A labeler sees two of them and says which one they prefer, with the
// probability that lesson 01 is about, and a share of answers without looking (exercise 2 writes one). All 28 pairs of a prompt are asked, each of three labelers: eight texts to write for 84 answers
// (Ouyang and others 2022 let people rank four to nine). The labelers want the same and differ only by luck; three answers cost people's time, and no computer's.

// %%
const comparisons = compare(askKey, config, task, model, tuned.params);
const answers = comparisonsOf(comparisons.train);
const ceiling = labelCeiling(comparisons.test, config);
const share = (least: number, most = Number.POSITIVE_INFINITY) => {
  const size = answers.filter(({ difference }) => Math.abs(difference) >= least && Math.abs(difference) <= most);
  return {
    share: size.length / answers.length,
    agreed: mean(size.map(({ difference }) => (difference > 0 ? 1 : difference === 0 ? 0.5 : 0))),
  };
};
const sizes = [share(0, 0), share(1, 1), share(2, 2), share(3, 3), share(4)];

show(
  bar({
    title: `${(100 * sizes[0].share).toFixed(0)} % of the questions have no answer`,
    subtitle: `${answers.length} answers; who knows the truth agrees with ${(100 * ceiling).toFixed(1)} % of them at best; dashed: a coin`,
    x: { title: "difference of the true moods", unit: "nats" },
    y: { title: "share", range: [0, 1] },
    categories: ["0: a tie", "1", "2", "3", "4 and more"],
    series: [
      { name: "of all questions", values: sizes.map(({ share }) => share) },
      { name: "of answers for the better text", values: sizes.map(({ agreed }) => agreed) },
    ],
    reference: [{ y: 0.5 }],
  }),
);

// %% [markdown]
// ### Exercise 2. A labeler
//
// *Difficulty 2 of 5, 10 minutes. Trains: equation (2), the only thing that the reward model will ever see of the truth.*
//
// Two continuations have the true utilities $u_1$ and $u_2$ (`uFirst`, `uSecond`, in nats). Our labelers prefer the better one more often than not; small differences confuse them, more so at a high
// temperature $\tau$; and in a share $\epsilon$ of cases (`lapse`) they do not look at all, and toss a coin:
//
// $$P(\text{first}) = \frac{\epsilon}{2} + (1 - \epsilon)\, \sigma\Bigl(\frac{u_1 - u_2}{\tau}\Bigr), \qquad \sigma(z) = \frac{1}{1 + e^{-z}}. \tag{2}$$
//
// The answer is a draw with this probability. `luck` is a number drawn uniformly from $[0, 1)$: the answer is 1 ("the first") if `luck` is below the probability, and 0 if not. `labelPairs` answers in this way for
// a whole list of pairs.
//
// <details><summary>Hint 1</summary>A number drawn from [0, 1) is below 0.8 in 80 of 100 cases.</details>
// <details><summary>Hint 2</summary>Take the difference of the utilities before any exponential: exp(1000) is Infinity, and Infinity / Infinity is not a number.</details>

// %% [exercise] 05/labeler
/** Equation (2): how probable it is that the first of two continuations is preferred. */
function firstProbability(
  uFirst: number,
  uSecond: number,
  { temperature, lapse }: { temperature: number; lapse: number },
): number {
  // #solution
  const sigmoid = 1 / (1 + Math.exp(-(uFirst - uSecond) / temperature));
  return lapse / 2 + (1 - lapse) * sigmoid;
  // #end
}

/** The labeler's answer: 1 for the first, 0 for the second. `luck` is uniform on [0, 1). */
function labelPair(
  uFirst: number,
  uSecond: number,
  noise: { temperature: number; lapse: number },
  luck: number,
): number {
  // #solution
  return luck < firstProbability(uFirst, uSecond, noise) ? 1 : 0;
  // #end
}

// %% [check] 05/labeler
await check("05/labeler", { firstProbability, labelPair });

// %% [markdown]
// ### Exercise 3. The accuracy that nobody can exceed
//
// *Difficulty 2 of 5, 8 minutes. Trains: what to compare a reward model's accuracy with.*
//
// Somebody who knows all true utilities, and still not the labelers' luck, has to guess their answers. The best guess for a pair is the likelier answer. It is right with probability $\max(p, 1 - p)$; over $n$ comparisons
//
// $$\mathrm{ceiling} = \frac1n \sum_{k=1}^{n} \max(p_k, 1 - p_k), \qquad p_k = P(\text{first} \mid u_{1k} - u_{2k}). \tag{3}$$
//
// It is this number, which may be far from 1, that a reward model's accuracy on new comparisons is to be held against. `differences[k]` is $u_{1k} - u_{2k}$, and `bradleyTerry.probability(difference, noise)` is equation (2). (`labelCeiling` does this for the pipeline's comparisons.)
//
// <details><summary>Hint</summary>Ties are comparisons too. What can one know about the answer to a tie?</details>

// %% [exercise] 05/ceiling
/** Equation (3): the expected share of the labelers' answers that is guessed by somebody who knows the true differences. */
function accuracyCeiling(differences: number[], noise: { temperature: number; lapse: number }): number {
  // #solution
  const best = differences.map((difference) => {
    const p = bradleyTerry.probability(difference, noise);
    return Math.max(p, 1 - p);
  });
  return best.reduce((sum, p) => sum + p, 0) / best.length;
  // #end
}

// %% [check] 05/ceiling
await check("05/ceiling", { accuracyCeiling });

// %% [markdown]
// ## 3. Learn a reward
//
// The reward of a continuation is a sum of two parts, *wide and deep* (Cheng and others 2016). The wide part is the linear reward of lesson 02: a table with a score for every
// word, the most probable one after all comparisons if a word is worth about nothing before anybody was asked. The deep part is the fine-tuned transformer with another head: a number for every token, which has
// seen all tokens before it. It learns what to add to the table. The loss of both is the pairwise one of lesson 02; both see texts and answers, never a mood or a lexicon.
//
// How good can it be? Not 100 %: most of the distance is the labelers' luck. What a reward model can win lies between a coin and the ceiling of exercise 3, and the share of this way that it has come is a number that
// can be compared from task to task.

// %%
const reward = await learnReward(rewardKey, config, task, model, tuned.params, comparisons);
const differences = comparisonsOf(comparisons.test).map(({ difference }) => difference);
const byDifference = [1, 2, 3, 4].map((least) => {
  const rows = differences.flatMap((d, k) => (Math.abs(d) === least || (least === 4 && Math.abs(d) > 4) ? [k] : []));
  return mean(rows.map((k) => (reward.testMargins[k] > 0 === differences[k] > 0 ? 1 : 0)));
});
const { confidence, correct } = choiceConfidence(reward.testMargins);
const bins = reliabilityDiagram(confidence, correct, { bins: 6, by: "mass", range: [0.5, 1] });

show(
  smallMultiples({
    title: `Right about ${(100 * reward.testAccuracy).toFixed(1)} % of held-out answers; the ceiling is ${(100 * ceiling).toFixed(1)} %`,
    subtitle: `${(100 * shareOfCeiling(reward.testAccuracy, ceiling)).toFixed(0)} % of the way from a coin to the ceiling; the table of words alone is right about ${(100 * reward.wordsAccuracy).toFixed(1)} %`,
    figures: [
      bar({
        title: "Which text is really better?",
        x: { title: "true difference", unit: "nats" },
        y: { title: "share that it ranks rightly", range: [0, 1] },
        categories: ["1", "2", "3", "4 and more"],
        series: [{ name: "reward model", values: byDifference }],
        reference: [{ y: 0.5 }],
      }),
      line({
        title: "Is it as sure as it should be?",
        x: { title: "how sure it is of its choice", range: [0.5, 1] },
        y: { title: "share of labels that agree", range: [0.5, 1] },
        series: [
          { name: "reward model", x: bins.map((b) => b.confidence), y: bins.map((b) => b.accuracy), markers: true },
        ],
        reference: [{ slope: 1, label: "calibrated" }],
      }),
    ],
  }),
);

// %% [markdown]
// Look at the subtitle: the transformer adds next to nothing to the table. It could not: what these labelers want adds up over words, whatever stands around them. By itself it
// comes two thirds of the way, from the same answers. The reason is a long tail. Among the words that sound like something, about twenty are seen often; who knew the worth of these, and of no other word,
// would come half of the way. For nine tenths one needs some two hundred, down to words seen three times among 9,600 continuations, and most of those are written in pieces (*jol*, *ly*) that other words share.
// A table can learn a word from the few texts that have it; a transformer of this size cannot. With wants of another form it would be the other way round, so we keep both.
//
// What has it understood? Take the mean of what each word adds to the reward, over some of the continuations it was asked about.

// %%
const words = wordScores(reward, comparisons.train.slice(0, 400), task, { least: 5 });
const [felt, neutral] = [words.filter(({ valence }) => valence !== 0), words.filter(({ valence }) => valence === 0)];

show(
  scatter({
    title: "It has found out what words are worth, from choices alone",
    subtitle: "a point is a word; AFINN does not know those in the middle",
    x: { title: "valence in AFINN" },
    y: { title: "mean score", unit: "nats" },
    series: [
      {
        name: "has a valence",
        x: felt.map((w) => w.valence),
        y: felt.map((w) => w.score),
        labels: felt.map((w) => w.word),
      },
      { name: "has none", x: neutral.map((w) => w.valence), y: neutral.map((w) => w.score) },
    ],
  }),
);

// %% [markdown]
// Look at the far left. The lexicon takes *dick* for a rude word, and this is Moby Dick. Our labelers go by the lexicon, so the whale's own name is something they do not want
// to read, and the reward model has learned it faithfully. It cannot know better than those who teach it.

// %% [markdown]
// ### Exercise 4. How likely is a whole continuation?
//
// *Difficulty 1 of 5, 5 minutes. Trains: equation (4), which every method from here on is built of.*
//
// A continuation $y$ is written token by token, so its probability is a product, and its log-probability a sum:
//
// $$\log \pi(y \mid x) = \sum_{t} m_t \log \pi(y_t \mid x, y_{<t}). \tag{4}$$
//
// From here on the log-probabilities are shifted already: `logProbs[t]` is about token `t` itself. `mask[t]` is 1 for tokens of the continuation, and 0 for those of the prompt and for the padding that fills the row; what stands in `logProbs` there
// means nothing, and may be $-\infty$. (`completionLogProbs` computes this for many rows.)
//
// <details><summary>Hint</summary>0 times -Infinity is not a number. Leave masked entries out instead of multiplying.</details>

// %% [exercise] 05/sequence-log-prob
/** Equation (4), in nats: the log-probability of all tokens whose mask is 1 together. */
function sequenceLogProb(logProbs: number[], mask: number[]): number {
  // #solution
  return logProbs.reduce((sum, logProb, t) => (mask[t] === 1 ? sum + logProb : sum), 0);
  // #end
}

// %% [check] 05/sequence-log-prob
await check("05/sequence-log-prob", { sequenceLogProb });

// %% [markdown]
// ## 4. Optimise it
//
// Now the objective (0). The policy writes, the reward model judges, and every token pays for leaving the reference: exercise 5 writes these rewards.
// PPO takes it from there; lesson 08 is about how. Watch the two curves of the first panel: only one of them is what it learns from.

// %%
const beta = config.optimise.beta; // reward that a nat of KL must bring
const before = { config, task, model, tuned: tuned.params, reward, comparisons };
const trained = await optimise(optimiseKey, before, algorithms.ppo(), { beta, onRecord: livePolicyFigure() });

show(policyFigure(trained.history, { title: "PPO against the learned reward" }));

// %% [markdown]
// The same prompts, of chapters it has never read, before and after:

// %%
const judgedBefore = judgeCompletions(testKey, before, tuned.params);
const judgedAfter = judgeCompletions(testKey, before, trained.params);

table(
  [0, 1, 2, 3, 4].map((i) => ({
    prompt: text(judgedBefore[i].prompt),
    before: `${text(judgedBefore[i].completion)} (${judgedBefore[i].trueReward})`,
    after: `${text(judgedAfter[i].completion)} (${judgedAfter[i].trueReward})`,
  })),
  { columns: { prompt: "prompt", before: "fine-tuned (true mood)", after: "after PPO (true mood)" } },
);

// %%
table(
  [
    { policy: "fine-tuned", ...klRewardPoint(judgedBefore) },
    { policy: "after PPO", ...klRewardPoint(judgedAfter) },
  ],
  {
    columns: {
      policy: "policy",
      trueReward: "true mood (nats)",
      reward: "learned reward (nats)",
      kl: "KL to the reference (nats)",
    },
    caption: `means over ${judgedAfter.length} continuations of held-out prompts`,
    digits: 3,
  },
);

// %% [markdown]
// ### Exercise 5. A reward for each token
//
// *Difficulty 2 of 5, 10 minutes. Trains: equation (5): its sign, and its pair of policies.*
//
// The reward model speaks once, at the end. The price of leaving the reference is due at each token (Stiennon and others 2020):
//
// $$r_t = -\beta\,\bigl(\log \pi_{\mathrm{new}}(y_t) - \log \pi_{\mathrm{ref}}(y_t)\bigr) + \begin{cases} R(x, y) & t = T - 1 \\ 0 & \text{else,} \end{cases} \qquad t = 0, \dots, T - 1. \tag{5}$$
//
// Here $T$ counts the tokens of the continuation alone (each $\log \pi$ is given the prompt and the tokens before). Summed over a continuation and averaged over what the policy writes, this is $\mathbb E[R] - \beta\,\mathrm{KL}(\pi_{\mathrm{new}} \,\|\, \pi_{\mathrm{ref}})$.
//
// | On paper | In code | Whose |
// | --- | --- | --- |
// | $\log \pi_{\mathrm{new}}(y_t)$ | `logpNew[t]` | of the policy in training |
// | $\log \pi_{\mathrm{ref}}(y_t)$ | `logpRef[t]` | of the fine-tuned model, which stays as it is |
// | $\log \pi_{\mathrm{old}}(y_t)$ | `logpOld[t]` | of the policy a few updates ago |
//
// A trainer has all three at hand. The old policy belongs to another question (how far one step may go, lesson 08) and has no part in equation (5). The library's `klShapedRewards` is not even given it.
//
// <details><summary>Hint</summary>A token that the new policy likes better than the reference does costs something. One that it likes less brings something in: that is meant, and only the sum is a KL, on average.</details>

// %% [exercise] 05/kl-shaped
/** Equation (5): T rewards for the T tokens of a continuation; `reward` is R(x, y). */
function tokenRewards(
  logp: { logpNew: number[]; logpOld: number[]; logpRef: number[] },
  reward: number,
  beta: number,
): number[] {
  // #solution
  const { logpNew, logpRef } = logp;
  const last = logpNew.length - 1;
  return logpNew.map((own, t) => -beta * (own - logpRef[t]) + (t === last ? reward : 0));
  // #end
}

// %% [check] 05/kl-shaped
await check("05/kl-shaped", { tokenRewards });

// %% [markdown]
// ## 5. Five ways, one map
//
// Which method is best? One number cannot say: whoever goes further from the reference gets more reward. So the map is *reward against KL*, and a method is
// a path on it. Five methods with the same comparisons:
//
// - **PPO**, **RLOO** and **GRPO** write, ask the reward model, and step (lessons 07 to 10);
// - **DPO** needs no reward model and writes nothing: it raises the chosen completions and lowers the rejected ones (lesson 10);
// - **best of n** trains nothing: it writes $n$ continuations and keeps the one with the highest learned reward. Its KL is at most $\ln n - (n-1)/n$.
//
// Everything is done anew for each of five seeds: labels, reward model, training. This is the long part; a seed at a time, so that you can stop.

// %%
const seeds = 5;
const iterations = 36; // of each method
const survey: SurveySeed[] = [];

for (const seedKey of progress(split(surveyKey, seeds), { label: "seeds" })) {
  survey.push(await surveySeed(seedKey, config, task, model, tuned.params, { iterations }));
}

table(
  survey.map(({ accuracy, ceiling }, i) => {
    return {
      seed: i + 1,
      accuracy: 100 * accuracy,
      ceiling: 100 * ceiling,
      way: 100 * shareOfCeiling(accuracy, ceiling),
    };
  }),
  {
    columns: {
      seed: "seed",
      accuracy: "reward model's accuracy (%)",
      ceiling: "ceiling (%)",
      way: "of the way from a coin to the ceiling (%)",
    },
    caption: "on answers about held-out chapters; the luck of these answers moves the last column by a few points",
    digits: 3,
  },
);

// %%
const methods = ["PPO", "RLOO", "GRPO", "DPO", "best of n"];

show(
  line({
    title: "What people want, against how far one goes for it",
    subtitle: `means over ${seeds} seeds, with 95 % intervals of the mean`,
    x: { title: "KL to the reference", unit: "nats per continuation" },
    y: { title: "true mood", unit: "nats" },
    series: methods.map((name) => {
      const { kl, trueReward, half } = surveyPath(survey, name);
      return {
        name,
        x: kl,
        y: trueReward,
        band: { low: trueReward.map((y, i) => y - half[i]), high: trueReward.map((y, i) => y + half[i]) },
        markers: true,
      };
    }),
  }),
);

// %% [markdown]
// Best of $n$ spends its nats best, and cannot spend many: sixteen continuations are worth fewer than two nats. The trained policies go on where it ends.
// DPO moves as far as the others, and gains less for it here: it learns from continuations that the reference wrote, never from one of its own. Lesson 10 looks into that.
// A path that lies higher is better at the same distance; a path that reaches further has only gone further. The learned reward, next, tells
// a kinder story.

// %%
show(
  line({
    title: "The same paths, judged by the reward they were trained on",
    x: { title: "KL to the reference", unit: "nats per continuation" },
    y: { title: "learned reward", unit: "nats" },
    series: methods.map((name) => {
      const { kl, reward } = surveyPath(survey, name);
      return { name, x: kl, y: reward, markers: true };
    }),
  }),
);

// %% [markdown]
// ### What does a wrong reward cost?
//
// Lesson 02 had a bound for that, on tables. Here it is measured: reward models from few and from many answers, and the same optimiser for all of them, best of 16.
// The loss is what is missing to best of 16 by the true mood.

// %%
const study = await rewardErrorStudy(studyKey, before, [20, 90, 400]);

show(
  smallMultiples({
    title: "More answers, a better reward, less lost by trusting it",
    figures: [
      line({
        title: "Accuracy on held-out labels",
        x: { title: "answers", type: "log" },
        y: { title: "share", range: [0.5, 0.75] },
        series: [
          { name: "reward model", x: study.map((p) => p.comparisons), y: study.map((p) => p.accuracy), markers: true },
        ],
        reference: [{ y: ceiling, label: "ceiling" }],
      }),
      line({
        title: "What best of 16 loses",
        x: { title: "error of the reward", unit: "nats" },
        y: { title: "loss in true mood", unit: "nats" },
        series: [{ name: "reward model", x: study.map((p) => p.error), y: study.map((p) => p.loss), markers: true }],
      }),
    ],
  }),
);

// %% [markdown]
// The error is measured over what the *reference* writes. It says nothing about texts that only an optimised policy would write; the next section goes there.

// %% [markdown]
// ## 6. Break it: too much of a good thing
//
// What happens to $\max \mathbb{E}[r_\phi]$, without the KL? We set $\beta = 0$, take larger steps, and go on for longer. Three seeds.

// %%
const long = { beta: 0, iterations: 90, rate: 1.5e-3, label: "without the KL" };
const ppo = algorithms.ppo();
const free = [];
for (const runKey of split(foldIn(optimiseKey, 2), 3)) free.push(await optimise(runKey, before, ppo, long));
const runs = free.map(({ history }) => klRewardPath(history, 6));

show(
  smallMultiples({
    title: "The learned reward climbs on; what people want stops rising, or turns down",
    subtitle: "PPO with beta = 0, three seeds; over-optimisation as in Gao, Schulman and Hilton 2022",
    figures: (["reward", "trueReward"] as const).map((name) =>
      line({
        title: name === "reward" ? "Learned reward" : "True mood",
        x: { title: "square root of the KL", unit: "root nats" },
        y: { title: name === "reward" ? "learned reward" : "true mood", unit: "nats" },
        series: runs.map((run, i) => ({
          name: `seed ${i + 1}`,
          x: run.map(({ kl }) => Math.sqrt(Math.max(kl, 0))),
          y: run.map((point) => point[name]),
        })),
      }),
    ),
  }),
);

// %% [markdown]
// The policy has found out what the reward model believes, not what people want. Look at what it writes now, and at the words it uses most:

// %%
const judgedHacked = judgeCompletions(testKey, before, free[0].params);
const wordsOfAll = judgedHacked.flatMap(({ completion }) => wordsOf(text(completion)));
const counts = new Map<string, number>();
for (const word of wordsOfAll) counts.set(word, (counts.get(word) ?? 0) + 1);
const most = [...counts].sort((a, b) => b[1] - a[1]).slice(0, 12);

table(
  judgedHacked.slice(0, 4).map(({ prompt, completion, reward, trueReward }) => {
    return { prompt: text(prompt), completion: text(completion), reward, trueReward };
  }),
  {
    columns: {
      prompt: "prompt",
      completion: "after 90 iterations without the KL",
      reward: "learned reward (nats)",
      trueReward: "true mood (nats)",
    },
    digits: 3,
  },
);
show(
  bar({
    title: "Its favourite words",
    subtitle: "of all words in the continuations of held-out prompts; a reader counts each word once",
    x: { title: "share of all words" },
    y: { title: "word" },
    horizontal: true,
    categories: most.map(([word]) => word),
    series: [{ name: "share", values: most.map(([, count]) => count / wordsOfAll.length) }],
  }),
);

// %% [markdown]
// *Distributional shift*, measured: how well does the reward model rank two continuations of one policy by their true mood, where the moods differ? It was taught
// on the first row.

// %%
const ranks = (judged: typeof judgedBefore) => {
  const pairs = judged.flatMap((a, i) =>
    judged.slice(i + 1, i + 12).map((b) => [a.reward - b.reward, a.trueReward - b.trueReward]),
  );
  const decided = pairs.filter(([, truth]) => truth !== 0);
  return mean(decided.map(([said, truth]) => (said === 0 ? 0.5 : said > 0 === truth > 0 ? 1 : 0)));
};

table(
  [
    { writer: "fine-tuned policy", right: ranks(judgedBefore) },
    { writer: "after PPO with the KL", right: ranks(judgedAfter) },
    { writer: "after PPO without the KL", right: ranks(judgedHacked) },
  ],
  {
    columns: { writer: "who wrote the texts", right: "share of pairs that the reward model ranks rightly" },
    digits: 3,
  },
);

// %% [markdown]
// **The cure** is already in the objective (0). The same long run with the penalty walks a fraction of the way, and ends with more of what people want. It does not
// make the reward model right; it keeps the policy where the reward model was taught.

// %%
const [firstKey] = split(foldIn(optimiseKey, 2), 3);
const held = await optimise(firstKey, before, ppo, { ...long, beta, label: "with the KL" });
const [loose, kept] = [free[0], held].map(({ history }) => klRewardPath(history, 6));
const at = loose.map((_, i) => 6 * (i + 1));

show(
  smallMultiples({
    title: "The penalty keeps the policy where the reward model was taught",
    figures: (["trueReward", "kl"] as const).map((name) =>
      line({
        title: name === "kl" ? "KL to the reference" : "True mood",
        x: { title: "iteration" },
        y: { title: name === "kl" ? "KL" : "true mood", unit: "nats" },
        series: [
          { name: "beta = 0", x: at, y: loose.map((point) => point[name]) },
          { name: `beta = ${beta}`, x: at, y: kept.map((point) => point[name]) },
        ],
      }),
    ),
  }),
);

// %% [markdown]
// ### Exercise 6. Which beta for a budget of nats?
//
// *Difficulty 3 of 5, 15 minutes. Trains: equation (6), and what beta means: a price whose unit is reward per nat.*
//
// How large is a beta of 0.3? That depends on the unit of the reward. A budget in nats means the same for every reward. If all outcomes can be listed, the best policy at the price $\beta$ is known in closed form, and so is its distance from the reference:
//
// $$\pi_\beta(y) = \frac{\mathrm{ref}(y)\, e^{r(y)/\beta}}{Z_\beta}, \quad Z_\beta = \sum_y \mathrm{ref}(y)\, e^{r(y)/\beta}, \qquad \mathrm{KL}(\pi_\beta \,\|\, \mathrm{ref}) = \sum_y \pi_\beta(y) \log \frac{\pi_\beta(y)}{\mathrm{ref}(y)}. \tag{6}$$
//
// The KL falls as $\beta$ rises: what costs more is used less. So the beta of a given KL is found by bisection. Search $\log \beta$ between $-15$ and $15$: halve the interval, and keep the half where the target lies, until the KL is right to a millionth of itself.
// (`betaForKl` in the library.)
//
// <details><summary>Hint 1</summary>If the KL in the middle is above the target, beta has to grow: the middle is the new lower end. Sixty halvings cost nothing.</details>
// <details><summary>Hint 2</summary>Adding a constant to all rewards changes nothing, as Z takes it out again. Subtract the largest reward first, and no exponential overflows, however small beta is.</details>
// <details><summary>Hint 3</summary>log(pi(y) / ref(y)) is r(y) / beta - log Z. In this form an outcome whose probability has become 0 does no harm.</details>

// %% [exercise] 05/beta-for-kl
/** The beta at which KL(pi_beta || ref) of equation (6) is `target` nats. ref[y] > 0 are probabilities, rewards[y] any numbers. */
function findBeta(ref: number[], rewards: number[], target: number): number {
  // #solution
  const best = Math.max(...rewards);
  const klOf = (beta: number) => {
    const scores = rewards.map((reward) => (reward - best) / beta);
    const weights = ref.map((p, y) => p * Math.exp(scores[y]));
    const z = weights.reduce((a, b) => a + b, 0);
    return weights.reduce((sum, weight, y) => sum + (weight / z) * (scores[y] - Math.log(z)), 0);
  };
  let [low, high] = [-15, 15];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (klOf(Math.exp(middle)) > target) low = middle;
    else high = middle;
  }
  return Math.exp((low + high) / 2);
  // #end
}

// %% [check] 05/beta-for-kl
await check("05/beta-for-kl", { findBeta });

// %% [markdown]
// ## What the usual texts say, and what we saw
//
// - *"The objective is $\max \mathbb{E}[r_\phi]$."* Without the KL the policy leaves the place where the reward means anything (section 6).
// - *"PPO's KL to the old policy prevents collapse."* That one limits a step. What anchors the policy is the KL to the reference. The two are kept apart
//   in every record here: `stepKl` and `referenceKl`. Lesson 08 shows a policy that walks away in small, well-behaved steps.
// - *"RLHF minimises $\mathrm{KL}(\text{human} \,\|\, \text{model})$."* Imitation does that (section 1). The last stage minimises the other direction, to the reference tilted by
//   the reward: $\mathrm{KL}(\pi_\theta \,\|\, \pi_{\text{ref}}\, e^{r/\beta} / Z)$; exercise 6 computes that target.
// - *"Reward models maximise mutual information with human values."* Ours maximised a likelihood. How much it could learn was bounded by coins: many of the questions had no answer.
//
// ## What this lesson does not show
//
// Labelers who disagree (lesson 04), who are asked cleverly (03), or who change their minds. Rewards for the whole of a text: ours adds up over words, and so did what
// people wanted, except that they count a word once; that small difference was enough. Texts that end: every continuation has 24 tokens. Models that know something.
// And five seeds say how much the *mean* of a method wobbles here, not which method is best elsewhere.
//
// To go on outside of this page: `npm run rlhf` runs the pipeline on the terminal and leaves a folder that transformers, TRL, OpenRLHF or verl can open.
//
// ## Read on
//
// - Ziegler and others 2019, *Fine-tuning language models from human preferences*: the pipeline of this lesson, sentiment included (arXiv:1909.08593).
// - Stiennon and others 2020, *Learning to summarize from human feedback*: the same for summaries, with people, and an over-optimisation curve (arXiv:2009.01325).
// - Ouyang and others 2022, *Training language models to follow instructions with human feedback*: InstructGPT; many answers a prompt, one batch (arXiv:2203.02155).
// - Gao, Schulman and Hilton 2022, *Scaling laws for reward model overoptimization*: section 6 in earnest; best of $n$ against RL (arXiv:2210.10760).
// - Lambert 2025, *Reinforcement learning from human feedback*: a book; what has been tried since (arXiv:2504.12501).
