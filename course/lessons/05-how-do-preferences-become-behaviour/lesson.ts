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
// - train a policy by five methods, say what each was given, and compare them where they can be compared: reward against KL;
// - show over-optimisation: the learned reward climbs on where what people want does not;
// - choose the coefficient of the KL for the distance that you can afford.
//
// **Time** 130 minutes, 75 of them exercises; the computer works about five minutes of that. **You need** lessons 01 and 02, and to know what a language model is.

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
// All of it, as a program. Each line is one call in this lesson:
//
// ```text
// base    = pretrain(book)                                  # next token, anywhere in the book
// tuned   = fineTune(base, beginnings of sentences)         # the same loss, on continuations only
// for each of 1,200 prompts:                                # collectComparisons
//     write 8 continuations with tuned
//     ask 3 labelers about each of the 28 pairs
// reward  = table of words, then a transformer on top       # fitReward: raise log sigma(r(chosen) - r(rejected))
// policy  = tuned
// repeat:                                                   # optimise, by PPO
//     write a continuation to each of 32 prompts with policy; keep its logp as logpOld
//     pay each token -beta (logpOld - logpRef), the last one also reward(prompt, continuation)
//     advantages = what came in, less what the critic expected
//     a few times: step policy up the clipped objective, step the critic towards what came in
// ```

// %%
import {
  bar,
  foldIn,
  key,
  line,
  liveLossFigure,
  livePolicyFigure,
  lossFigure,
  mean,
  policyFigure,
  progress,
  scatter,
  show,
  smallMultiples,
  split,
  table,
} from "rlhf-lab";
import { exactKL, exactRegularisedOptimum } from "rlhf-lab/numerics";
import { bradleyTerry } from "rlhf-lab/preferences";
import { choiceConfidence, reliabilityDiagram } from "rlhf-lab/rewards";
import {
  collectComparisons,
  comparisonsOf,
  fineTune,
  fitReward,
  judgeCompletions,
  klRewardPath,
  klRewardPoint,
  knowingWords,
  labelCeiling,
  optimise,
  pipelineConfig,
  pipelineModel,
  pretrain,
  rankedByDifference,
  rewardErrorStudy,
  type SurveySeed,
  shareOfCeiling,
  surveyAccuracies,
  surveyCosts,
  surveyLearnedMap,
  surveyMap,
  surveySeed,
  surveyTarget,
  wordScores,
  wordsAlone,
} from "rlhf-lab/studies";
import { wordsOf } from "rlhf-lab/tokenizers";
import { algorithms } from "rlhf-lab/train";
import { moodContinuation } from "rlhf-lab/worlds/text";
import { check } from "rlhf-lab-course";

// %% [markdown]
// ## Run it
//
// The task first: sentence beginnings of Moby Dick, cut into tokens, and what we alone know of their continuations. The mood of a text is the sum of the
// AFINN valences of its different words (Nielsen 2011), as in lesson 02. Ziegler and others (2019), who fine-tuned GPT-2 from comparisons by
// people, had sentiment among their tasks as well.

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
// not learned. Exercise 1 writes that loss. (What the model would say of a prompt's own tokens is not even computed, from here on in all trainers of this lesson:
// their option `skipPrompts`, which saves time. Sums are then added in another order, so that runs differ from those without it in their last digits.)

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
const comparisons = collectComparisons(askKey, config, task, model, tuned.params);
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
const reward = await fitReward(rewardKey, config, task, model, tuned.params, comparisons);
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
        y: { title: "share of labels that agree", range: [0.45, 1] }, // where it is least sure, luck decides
        series: [
          { name: "reward model", x: bins.map((b) => b.confidence), y: bins.map((b) => b.accuracy), markers: true },
        ],
        reference: [{ slope: 1, label: "calibrated" }],
      }),
    ],
  }),
);

// %% [markdown]
// Look at the subtitle: what the transformer adds to the table is small. There is little to add: what these labelers want is a sum over words, whatever stands around them. (How far the transformer would come alone
// was not tried; with wants of another form it would have more to do, so we keep both.) Why a table needs so many answers is the next cell: who knew the true worth of the most frequent words that have one, and of no
// other, how far would they come?

// %%
table(
  knowingWords(task, comparisons, [5, 20, 100, 200, 400]).map(({ words, seen, accuracy }) => {
    return { words, seen, way: 100 * shareOfCeiling(accuracy, ceiling) };
  }),
  {
    columns: {
      words: "words whose worth is known",
      seen: "continuations with the rarest of them",
      way: "of the way from a coin to the ceiling (%)",
    },
    caption: `a long tail: ${config.compare.prompts * config.compare.perPrompt} continuations were written to learn from`,
    digits: 3,
  },
);

// %% [markdown]
// More prompts, or more labelers for each? The same number of answers, and the table alone: a third of the prompts with three labelers for each question, or all prompts with one.

// %%
const questions = (config.compare.perPrompt * (config.compare.perPrompt - 1)) / 2;
const { labelers } = config.compare;
const asked = {
  "few prompts, all labelers": comparisons.train.filter((_, g) => g % labelers === 0),
  "all prompts, one labeler": comparisons.train.map((group) => ({ ...group, wins: group.wins.slice(0, questions) })),
};

table(
  Object.entries(asked).map(([plan, train]) => {
    const { margins } = wordsAlone(config, task, { ...comparisons, train });
    const accuracy = margins.filter((margin) => margin > 0).length / margins.length;
    return {
      plan,
      answers: comparisonsOf(train).length,
      accuracy: 100 * accuracy,
      way: 100 * shareOfCeiling(accuracy, ceiling),
    };
  }),
  {
    columns: { plan: "asked", answers: "answers", accuracy: "right (%)", way: "of the way to the ceiling (%)" },
    caption: "the table of words alone; one draw of answers, not a law",
    digits: 3,
  },
);

// %% [markdown]
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
// to read. See what the reward model made of that: it cannot know better than those who teach it.
// #claim 05/the-whale-is-rude

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
// means nothing, and may be $-\infty$. Where the mask is 1, $-\infty$ means what it says: the policy cannot write this. Given the two lists, return the sum. (`completionLogProbs` computes this for many rows.)
//
// <details><summary>Hint</summary>0 times -Infinity is not a number. Leave entries of mask 0 out instead of multiplying.</details>

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
//
// In between stands a distance that will come back in every lesson. The *Kullback-Leibler divergence* of a policy from the reference is the mean, over what the *policy* writes, of how much likelier it
// finds that than the reference does: $\mathrm{KL}(\pi \,\|\, \pi_{\text{ref}}) = \sum_y \pi(y) \log\frac{\pi(y)}{\pi_{\text{ref}}(y)}$, in nats, at least 0, and 0 only for the reference itself.

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
// The reward model speaks once, at the end. The price of leaving the reference can be charged at each token (Ouyang and others 2022; Ziegler and Stiennon and their colleagues subtract the sum from the reward of the
// whole text):
//
// $$r_t = -\beta\,\bigl(\log \pi_{\mathrm{old}}(y_t) - \log \pi_{\mathrm{ref}}(y_t)\bigr) + \begin{cases} R(x, y) & t = T - 1 \\ 0 & \text{else,} \end{cases} \qquad t = 0, \dots, T - 1. \tag{5}$$
//
// Here $T$ counts the tokens of the continuation alone (each $\log \pi$ is given the prompt and the tokens before). Who pays is the *writer*: the policy as it was when it wrote the batch, and frozen for as long as the batch is used.
// Summed over a continuation and averaged over what the writer writes, this is $\mathbb E[R] - \beta\,\mathrm{KL}(\pi_{\mathrm{old}} \,\|\, \pi_{\mathrm{ref}})$.
//
// | On paper | In code | Whose |
// | --- | --- | --- |
// | $\log \pi_{\mathrm{old}}(y_t)$ | `logpOld[t]` | of the policy that wrote these tokens |
// | $\log \pi_{\mathrm{ref}}(y_t)$ | `logpRef[t]` | of the fine-tuned model, which stays as it is |
// | $\log \pi_\theta(y_t)$ | `logpNew[t]` | of the policy in training, some gradient steps later |
//
// A trainer has all three at hand. Until the first step on a batch the last is the first; after it, the mean of $\log\pi_\theta - \log\pi_{\text{ref}}$ over tokens that *another* policy wrote is no KL, and may be negative.
// #claim 05/only-the-writers-mean-is-a-kl
// What `logpNew` is for (how far one step may go) is lesson 08. Given the three lists, the reward and beta, return the $T$ rewards. (`klShapedRewards` in the library.)
//
// <details><summary>Hint</summary>A token that the writer likes better than the reference does costs something. One that it likes less brings something in: that is meant, and only the sum is a KL, on average.</details>

// %% [exercise] 05/kl-shaped
/** Equation (5): T rewards for the T tokens of a continuation; `reward` is R(x, y). */
function tokenRewards(
  logp: { logpNew: number[]; logpOld: number[]; logpRef: number[] },
  reward: number,
  beta: number,
): number[] {
  // #solution
  const { logpOld, logpRef } = logp;
  const last = logpOld.length - 1;
  return logpOld.map((own, t) => -beta * (own - logpRef[t]) + (t === last ? reward : 0));
  // #end
}

// %% [check] 05/kl-shaped
await check("05/kl-shaped", { tokenRewards });

// %% [markdown]
// ## 5. Five ways, one map
//
// Which method is best? One number cannot say: whoever goes further from the reference gets more reward. So the map is *reward against KL*, and a method is
// a path on it. Five methods, each from the same comparisons, and not all with the same of them:
//
// - **PPO**, **RLOO** and **GRPO** write, ask the reward model, and step (lessons 07 to 10);
// - **DPO** needs no reward model and writes nothing: it widens, step by step, the margin by which the policy likes chosen completions better than rejected ones, both against the reference (lesson 10);
// - **best of n** trains nothing: it writes $n$ continuations and keeps the one with the highest learned reward. Its KL is at most $\ln n - (n-1)/n$.
//
// What each is given is part of the result. The reward model has read every answer, and has a table of words; PPO, RLOO and GRPO are paid by it, at the same beta. DPO is the transformer alone, at the same beta too, and
// reads 32 answers in a step, so how many it has read is a number that we choose: `direct`, below. Its rate was picked from 0.0003 (hardly moves in this time), 0.001 and 0.003 (pays many nats for little), by mood at
// equal KL on another seed; the others' rates are such that each goes some way in the time we have. Nothing is tuned to the end.
//
// The labelers are asked anew for each seed, about the continuations of section 2; reward model and training are done anew as well. So the bands
// show the luck of answers and of training, and not that of the texts that were asked about. This is the long part; a seed at a time, so that you can stop.

// %%
const seeds = 4;
const iterations = 36; // of PPO, RLOO and GRPO, 32 continuations each
const direct = { steps: 120, rate: 1e-3, beta }; // of DPO, 32 answers each; a thousand steps read a third of all
const survey: SurveySeed[] = [];

for (const seedKey of progress(split(surveyKey, seeds), { label: "seeds" })) {
  survey.push(
    await surveySeed(seedKey, config, task, model, tuned.params, { iterations, dpo: direct, written: comparisons }),
  );
}

table(surveyAccuracies(survey), {
  columns: {
    seed: "seed",
    accuracy: "reward model's accuracy (%)",
    ceiling: "ceiling (%)",
    way: "of the way from a coin to the ceiling (%)",
  },
  caption: "on answers about held-out chapters; the luck of these answers moves the last column by a few points",
  digits: 3,
});

// %%
show(surveyMap(survey));

// %% [markdown]
// What did the same mood cost? The level to reach is that of best of 16.

// %%
table(surveyCosts(survey), {
  columns: {
    name: "method",
    cost: `nats of KL for a mood of ${surveyTarget(survey).toFixed(2)} (none: never reached)`,
    end: "nats at its end",
    mood: "mood at its end",
    half: "-+ (95 %)",
  },
  caption: `on mean paths of ${seeds} seeds. DPO has read ${direct.steps * config.batch} of ${answers.length} answers, the reward model all`,
  digits: 3,
});

// %% [markdown]
// Best of $n$ cannot spend many nats: sixteen continuations are worth fewer than two nats.
// #claim 05/sixteen-are-worth-two-nats
// Whether the trained policies go on from where it ends, or pay more nats for the same mood, is the second column. A method that learns from few samples with large steps also drifts, and the drift is counted in nats as well;
// how much of a path is drift we did not measure. So read the map as what these settings do on this task, in this time, and not as an order of methods. Give DPO 60 steps in `direct`, and then 1,000, and see
// how much of an "order" is the budget. A path that lies higher is better at the same distance; a path that reaches further has only gone further. The learned reward, next, tells its own story.

// %%
show(surveyLearnedMap(survey));

// %% [markdown]
// ### What does a wrong reward cost?
//
// Lesson 02 had a bound for that, on tables. Here it is measured: reward models from few and from many answers, and the same optimiser for all of them, best of 16.
// The loss is what is missing to best of 16 by the true mood. Three reward models, one draw of each.

// %%
const study = await rewardErrorStudy(studyKey, before, [20, 90, 400]);

show(
  smallMultiples({
    title: `What best of 16 loses by trusting it: ${study.map((p) => p.loss.toFixed(2)).join(", ")} nats with ${study.map((p) => p.comparisons).join(", ")} answers`,
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
//
// **Predict, then run.** Two curves for each seed, over the same iterations: the learned reward, and the true mood. What does each of them do from the middle to the end? And what will the continuations look like? Write
// it down first.

// %%
const long = { beta: 0, iterations: 60, rate: 1.5e-3, label: "without the KL" };
const ppo = algorithms.ppo();
const free = [];
for (const runKey of split(foldIn(optimiseKey, 2), 3)) free.push(await optimise(runKey, before, ppo, long));
const runs = free.map(({ history }) => klRewardPath(history, 6));
const tenths = (x: number) => (Math.round(10 * x) / 10 + 0).toFixed(1); // plus 0, so that no 0 has a sign
const gains = (name: "reward" | "trueReward") =>
  runs.map((run) => tenths((run.at(-1)?.[name] ?? 0) - run[Math.floor(run.length / 2)][name])).join(", ");

show(
  smallMultiples({
    title: "The learned reward, and what people want",
    subtitle: `PPO with beta = 0, three seeds; from the middle to the end: learned ${gains("reward")}, true ${gains("trueReward")} nats`,
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
// <details><summary>What happens</summary>The subtitle says what each curve gained from the middle to the end. Where the learned reward still gains and the true mood does not, or loses, the policy has found out what the reward
// model believes, not what people want: <em>over-optimisation</em> (Gao, Schulman and Hilton 2022). A reward that adds up over words pays for a word each time it comes, and people count it once; the next two outputs show what
// that does to the texts.</details>
//
// Look at what it writes now, and at the words it uses most:

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
      completion: `after ${long.iterations} iterations without the KL`,
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
// *Distributional shift*, measured: how well does the reward model rank two continuations by their true mood, when somebody else than its teacher's policy writes them? Both must be of one prompt, as nobody was ever
// asked about two prompts, and the moods must differ. A policy whose texts are alike leaves few such pairs, and closer ones, so the table keeps them apart by their true difference, and says how many there were.

// %%
const writers = {
  "fine-tuned policy": tuned.params,
  "after PPO with the KL": trained.params,
  "after PPO without the KL": free[0].params,
};
const perPrompt = 8;

table(
  Object.entries(writers).map(([writer, params]) => {
    const judged = judgeCompletions(foldIn(testKey, 1), before, params, { prompts: 64, n: perPrompt });
    const cells = rankedByDifference(judged, perPrompt).map(({ pairs, right }) =>
      pairs === 0 ? "no pair" : `${(100 * right).toFixed(0)} % of ${pairs}`,
    );
    return { writer, one: cells[0], two: cells[1], three: cells[2], more: cells[3] };
  }),
  {
    columns: {
      writer: "who wrote the texts",
      one: "true difference 1",
      two: "2",
      three: "3",
      more: "4 and more",
    },
    caption: `pairs of one prompt that the reward model ranks rightly; of ${(64 * perPrompt * (perPrompt - 1)) / 2} pairs, ties left out`,
  },
);

// %% [markdown]
// The first row is what it was taught on. Compare columns, not rows: a row's mean would mix how shifted the texts are with how different they are. Where a cell has few pairs, they come from few texts, and their share says
// little. One policy of each kind; what other seeds do, try: `free[1].params`, `free[2].params`.

// %% [markdown]
// ### Exercise 6. Find the bug: how well does it rank?
//
// *Difficulty 2 of 5, 7 minutes. Trains: which pairs a reward model can be asked about.*
//
// Given for each prompt a list of rewards and a list of true moods, `rankedRightly` is to return the share of pairs that the rewards rank as the moods do, over all pairs that the table above asks about. A colleague wrote
// it, and found a reward model that was "hardly better than a coin" on data where its answers were nearly all right. Run the check, then mend it.
//
// <details><summary>Hint</summary>Add 100 to all rewards of one prompt. No answer of any labeler changes; what does this function say?</details>

// %% [exercise] 05/find-the-bug
/** The share of pairs of one prompt, moods not equal, whose rewards have the order of the moods. rewards[g][i], moods[g][i] for prompt g. */
function rankedRightly(rewards: number[][], moods: number[][]): number {
  // #solution
  let [right, pairs] = [0, 0];
  rewards.forEach((own, g) => {
    for (let i = 0; i < own.length; i++) {
      for (let j = 0; j < i; j++) {
        if (moods[g][i] === moods[g][j]) continue;
        pairs++;
        if (own[i] > own[j] === moods[g][i] > moods[g][j]) right++;
      }
    }
  });
  return right / pairs;
  // #given
  // const [said, truth] = [rewards.flat(), moods.flat()];
  // let [right, pairs] = [0, 0];
  // for (let i = 0; i < said.length; i++) {
  //   for (let j = 0; j < i; j++) {
  //     if (truth[i] === truth[j]) continue;
  //     pairs++;
  //     if (said[i] > said[j] === truth[i] > truth[j]) right++;
  //   }
  // }
  // return right / pairs;
  // #end
}

// %% [check] 05/find-the-bug
await check("05/find-the-bug", { rankedRightly });

// %% [markdown]
// **The remedy** is in the objective (0). The same long run, with the penalty; one seed. It does not make the reward model right, and a policy leaves the place where the reward model was taught
// with the penalty too (second row of the table). What the penalty buys is that it leaves less far: the title of the next figure has the numbers.

// %%
const [firstKey] = split(foldIn(optimiseKey, 2), 3);
const held = await optimise(firstKey, before, ppo, { ...long, beta, label: "with the KL" });
const [loose, kept] = [free[0], held].map(({ history }) => klRewardPath(history, 6));
const at = loose.map((_, i) => 6 * (i + 1));

show(
  smallMultiples({
    title: `With the penalty: ${kept.at(-1)?.kl.toFixed(0)} nats away instead of ${loose.at(-1)?.kl.toFixed(0)}, mood ${tenths(kept.at(-1)?.trueReward ?? Number.NaN)} instead of ${tenths(loose.at(-1)?.trueReward ?? Number.NaN)}`,
    subtitle: `one seed, the last 6 of ${long.iterations} iterations`,
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
// ### Exercise 7. Which beta for a budget of nats?
//
// *Difficulty 3 of 5, 15 minutes. Trains: equation (6), and what beta means: a price whose unit is reward per nat.*
//
// How large is a beta of 0.3? That depends on the unit of the reward. A budget in nats means the same for every reward. If all outcomes can be listed, the best policy at the price $\beta$ is known in closed form, and so is its distance from the reference:
//
// $$\pi_\beta(y) = \frac{\mathrm{ref}(y)\, e^{r(y)/\beta}}{Z_\beta}, \quad Z_\beta = \sum_y \mathrm{ref}(y)\, e^{r(y)/\beta}, \qquad \mathrm{KL}(\pi_\beta \,\|\, \mathrm{ref}) = \sum_y \pi_\beta(y) \log \frac{\pi_\beta(y)}{\mathrm{ref}(y)}. \tag{6}$$
//
// The KL falls as $\beta$ rises: what costs more is used less.
// #claim 05/dearer-nats-are-fewer
// Lesson 10 derives the optimum. So the beta of a given KL is found by bisection. Search $\log \beta$ between $-15$ and $15$: halve the interval, and keep the half where the target lies, until the KL is right to a millionth of itself.
// Given the reference, the rewards and the target, return that beta. (`betaForKl` in the library.)
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
// ### Exercise 8. One step of the last stage
//
// *Difficulty 3 of 5, 12 minutes. Trains: what all the trainers of section 5 do, without their luck.*
//
// Let the policy be a softmax over replies that can be listed, $\pi(y) = e^{z_y} / \sum_k e^{z_k}$. Then the gradient of $\mathbb{E}_\pi[r] - \beta\,\mathrm{KL}(\pi \,\|\, \mathrm{ref})$ needs no samples. Reply $y$ brings in its reward and pays for its
// place, and what moves a logit is how much better that is than the average:
//
// $$f(y) = r(y) - \beta \log\frac{\pi(y)}{\mathrm{ref}(y)}, \qquad z_y \leftarrow z_y + \eta\, \pi(y) \Bigl(f(y) - \sum_k \pi(k) f(k)\Bigr). \tag{7}$$
//
// PPO, RLOO and GRPO estimate this from what the policy happens to write. Given the logits, $\log\mathrm{ref}$, the rewards, beta and the rate $\eta$, return the new logits. The cell after the check walks 600 such steps: with
// the right step they end at $\pi_\beta$ of equation (6).
// #claim 05/steps-end-at-the-tilted-optimum
//
// <details><summary>Hint 1</summary>Logits are log-probabilities only up to a constant: subtract the log of the sum of their exponentials.</details>
// <details><summary>Hint 2</summary>In the optimum all replies have the same f. Then nothing moves.</details>

// %% [exercise] 05/ascent-step
/** Equation (7): the logits after one step of size `rate` up E[r] - beta KL(pi || ref). All lists have an entry for each reply. */
function ascentStep(logits: number[], logRef: number[], rewards: number[], beta: number, rate: number): number[] {
  // #solution
  const logZ = Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0));
  const logp = logits.map((logit) => logit - logZ);
  const f = rewards.map((reward, y) => reward - beta * (logp[y] - logRef[y]));
  const average = f.reduce((sum, pay, y) => sum + Math.exp(logp[y]) * pay, 0);
  return logits.map((logit, y) => logit + rate * Math.exp(logp[y]) * (f[y] - average));
  // #end
}

// %% [check] 05/ascent-step
await check("05/ascent-step", { ascentStep });

// %%
// Four replies; your step, 600 times from the reference. Try beta = 0.1, or 0.
const reply = { logRef: [0.4, 0.3, 0.2, 0.1].map(Math.log), rewards: [0, 1, 2, 3], beta: 1 };
const isOptimum = exactRegularisedOptimum(reply.logRef, reply.rewards, reply.beta).logProbs;
try {
  let logits = [...reply.logRef];
  for (let step = 0; step < 600; step++) logits = ascentStep(logits, reply.logRef, reply.rewards, reply.beta, 1);
  const logZ = Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0));
  const reached = logits.map((logit) => logit - logZ);
  console.log(`KL to the optimum of (6) after 600 steps: ${exactKL(reached, isOptimum).toExponential(1)} nats`);
} catch (error) {
  console.log((error as Error).message);
}

// %% [markdown]
// ## Said, and seen
//
// The course grew from a set of theory notes. What they say on this lesson's subject, beside what you saw:
//
// | Said | Seen | Where |
// | --- | --- | --- |
// | The objective is $\max \mathbb{E}[r_\phi]$ | Against a learned reward the policy then goes where the reward means little. (Where the reward is a program that checks the answer, the KL is sometimes dropped.) | 6 |
// | PPO's KL to the old policy prevents collapse | That one limits a step. What anchors the policy is the KL to the reference; every record here has both, `approxKl` and `referenceKl`. Lesson 08 shows a policy that walks away in small steps | 4 |
// | RLHF minimises $\mathrm{KL}(\text{human} \,\Vert\, \text{model})$ | Imitation does that (section 1). The last stage minimises the other direction, to the tilted reference: $\mathbb{E}[r] - \beta\,\mathrm{KL}(\pi \Vert \text{ref}) = \beta \log Z - \beta\,\mathrm{KL}(\pi \Vert \pi_\beta)$ | exercises 7, 8 |
// | Reward models maximise mutual information with human values | Ours maximised a likelihood; that bounds from below how much an *answer* tells about its pair, not how much the reward tells of values | 3 |
//
// #claim 05/the-objective-is-a-kl
//
// ## What this lesson does not show
//
// Labelers who disagree (lesson 04), who are asked cleverly (03), or who change their minds. Rewards for the whole of a text: ours adds up over words, and so did what
// people wanted, except that they count a word once. Texts that end: every continuation has 24 tokens. Models that know something.
// Four seeds say how much the *mean* of a method wobbles here, at these settings and with these texts, not which method is best, here or elsewhere; sections 3, 4 and 6 are one to three seeds, and their sentences are about these.
//
// **People.** Not one comparison here was made by a person: we know of no small set of human comparisons of texts that a course may ship. If you have one on your disk, as JSONL or CSV with a chosen and a rejected
// text (HH-RLHF's files, or TRL's), these five lines learn a reward from it, and a policy by DPO (`readComparisons` and `encodeComparisons` are in `rlhf-lab/data`):
//
// ```ts
// const file = readComparisons("train.jsonl.gz");
// const { comparisons, cut } = await encodeComparisons(task.tokenizer, file, { promptTokens: 8, completionTokens: 24 });
// const theirs = { model: tokenScoreReward(model.config), train: completionInputs(comparisons) };
// const scored = await trainRewardModel(rewardKey, { ...theirs, optimizer: adam({ rate: 1e-3 }), steps: 500 });
// const aligned = await trainDirect(optimiseKey, { model, start: tuned.params, method: directMethods.dpo({ beta }), comparisons, optimizer: adam({ rate: 1e-3 }), steps: 1000 });
// ```
//
// With 32 tokens and a vocabulary from Moby Dick little of what people said survives; a larger model (`config.model`, `promptTokens`, `newTokens`) is the first thing to change.
//
// To go on outside of this page: `npm run rlhf` runs the pipeline on the terminal and leaves a folder that transformers, TRL, OpenRLHF or verl can open. In it, `continue` goes on in TRL, on one machine or on many.
// More seeds of section 5, a process each: `npm run survey` (README, "When you outgrow this laptop").
//
// ## On one page
//
// | | | In code |
// | --- | --- | --- |
// | (0) | $\max_\theta \mathbb{E}[r_\phi] - \beta\,\mathrm{KL}(\pi_\theta \Vert \pi_{\text{ref}})$ | `optimise` |
// | (1) | mean of $-\log\pi(y_t)$ over the continuation | `fineTune`, `trainSupervised` |
// | (2) | $\epsilon/2 + (1 - \epsilon)\,\sigma((u_1 - u_2)/\tau)$ | `bradleyTerry.probability`, `labelPairs` |
// | (3) | mean of $\max(p_k, 1 - p_k)$ | `labelCeiling`, `shareOfCeiling` |
// | (4) | $\log\pi(y \mid x) = \sum_t m_t \log\pi(y_t \mid x, y_{<t})$ | `completionLogProbs` |
// | (5) | $-\beta(\log\pi_{\text{old}} - \log\pi_{\text{ref}})$ at each token, $R$ at the last | `klShapedRewards` |
// | (6) | $\pi_\beta = \mathrm{ref}\, e^{r/\beta}/Z$, and its KL | `exactRegularisedOptimum`, `betaForKl` |
// | (7) | $z_y \leftarrow z_y + \eta\,\pi(y)(f(y) - \bar f)$ | your `ascentStep` |
// | best of $n$ | $\mathrm{KL} \le \ln n - (n - 1)/n$ | `bestOfNPoints` |
//
// **Three questions**
//
// <details><summary>A reward model is right about 66 % of held-out answers. Is it bad?</summary>That depends on the ceiling: where somebody who knows the truth is right about 68 %, it has come nine tenths of the
// way from a coin.</details>
//
// <details><summary>Method A ends with more reward than method B. What do you ask first?</summary>How far each went (KL), what each was given (answers read, steps, beta, tuning), which reward that is, the learned or the true
// one, and over how many seeds.</details>
//
// <details><summary>You divide all rewards by ten and keep beta. What happens?</summary>A nat now costs ten times as much, in what it brings: the policy stays closer to the reference. Beta is a price in units of the reward;
// a budget in nats is not.</details>
//
// ## Read on
//
// - Ziegler and others 2019, *Fine-tuning language models from human preferences*: the pipeline of this lesson, sentiment included (arXiv:1909.08593).
// - Stiennon and others 2020, *Learning to summarize from human feedback*: the same for summaries, with people, and an over-optimisation curve (arXiv:2009.01325).
// - Ouyang and others 2022, *Training language models to follow instructions with human feedback*: InstructGPT; many answers a prompt, one batch (arXiv:2203.02155).
// - Gao, Schulman and Hilton 2022, *Scaling laws for reward model overoptimization*: section 6 in earnest; best of $n$ against RL (arXiv:2210.10760).
// - Lambert 2025, *Reinforcement learning from human feedback*: a book; what has been tried since (arXiv:2504.12501).
// - In the books: Lambert, *Reinforcement learning from human feedback*: chapter 3, [Training Overview](https://rlhfbook.com/c/03-training-overview), and chapter 4, [Instruction Tuning](https://rlhfbook.com/c/04-instruction-tuning).

// %%
import { solved } from "rlhf-lab-course";

// What you have solved of this lesson; it is written down on this machine and sent nowhere.
await solved("05");
