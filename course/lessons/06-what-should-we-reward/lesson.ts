// %% [markdown]
// # 06 What should we reward?
//
// Learning does what the reward says, all of it, and nothing else. So before anybody optimises anything, somebody has to write down a number for every text.
// A ready-made score? A sum of scores? Once at the end, or word by word? This lesson takes such numbers apart, in worlds small enough to compute
// what a policy would make of them.
//
// **After this lesson you can**
//
// - compute BLEU and ROUGE by hand, and say what each of them cannot see;
// - build a reward of several parts so that the weights mean something, and find out what a policy learns under it;
// - tell sparse from dense rewards, and help that keeps the optimum from help that moves it;
// - write a loop that learns from rewards on the way, and say what to do where success is rare;
// - say which token of a reply earned the reward, in four ways that disagree;
// - judge unfinished replies (process rewards), and know when that beats judging the end.
//
// **Time** 160 minutes, 88 of them exercises, in two sittings: up to section 2 (80 minutes), sections 3 to 5 (80). Parts marked *optional* can wait, together half an hour.
//
// **Order** Sections 1, 2 and 5 need lesson 05's idea of a KL to a reference, and nothing later. The second half of section 3, and section 4, use REINFORCE, a baseline and the advantage, which lesson 07
// derives: a box in section 3 says what you need of them. If you would rather have them derived, stop after section 2, take lesson 07, and come back.
//
// Nearly everything here is enumerated; small transformers are trained, in seconds. "The notes" are those that this course grew from; the table "Said, and seen" near the end holds them against what you saw.

// %% [markdown]
// ## The model on one page
//
// A reward is a function $R(x, y)$ of a prompt and a reply. Good text has no formula, so people use what has one. Symbols are the course's (`symbols.md`); utility, and everything that stands in for it, is in nats.
//
// | On paper | In code | What it is |
// | --- | --- | --- |
// | $p_n$ | `clippedMatches(candidate, references, n)` | share of the candidate's n-grams that a reference has as well; an *n-gram* is $n$ words in a row |
// | $\mathrm{BP}$ | `brevityPenalty(length, referenceLength)` | what being too short costs |
// | BLEU | `sentenceBleu(candidate, references).score` | precision of 1- to 4-grams, times BP; 0 to 100 |
// | ROUGE-1, -2, -L | `rougeN(n, candidate, reference)`, `rougeL(...)` | overlap with precision, recall and F; 0 to 1 |
// | $R = \sum_i w_i R_i$ | `compositeReward(parts, weights)` | several rewards in one |
// | $F_t = \gamma \Phi(s_{t+1}) - \Phi(s_t)$ | `potentialShaping(potentials, { discount })` | help on the way; the library wants the end's potential as well, $T + 1$ of them |
// | $c_t$ | `shapleyCredit(tokens, reward)`, `valueCredit(...)` | the share of token $t$ in the reward |
// | $V(s_t)$, $s_t = (x, y_{<t})$ | `drawLabelledSteps(...)`, `fitProcessReward(...)`, `trainProcessReward(...)` | what an unfinished reply is worth: a process reward |
//
// BLEU is sacrebleu's, ROUGE is rouge-score's, tested against both packages to the last digits they print. The exercises' functions have names of their own.

// %%
import {
  bar,
  foldIn,
  heatmap,
  type Key,
  key,
  line,
  linspace,
  mean,
  meanInterval,
  overSeeds,
  progress,
  show,
  smallMultiples,
  split,
  table,
} from "rlhf-lab";
import { mobyDick } from "rlhf-lab/data";
import { occupancy, optimalPolicy, policyReturn, qLearningCurve } from "rlhf-lab/mdp";
import { transformer } from "rlhf-lab/models";
import { exactExpectation, exactRegularisedOptimum } from "rlhf-lab/numerics";
import { bestOfNLogProbs, betaForKl, stepwiseBestOfNLogProbs } from "rlhf-lab/policy";
import { categorical, permutation } from "rlhf-lab/random";
import {
  brevityPenalty,
  clippedMatches,
  compositeReward,
  distinctN,
  drawLabelledSteps,
  fitProcessReward,
  labelledSteps,
  leaveOneOutCredit,
  noMoments,
  normaliseBy,
  processRewardScore,
  reinforceCurve,
  repeatedShare,
  rougeL,
  rougeN,
  sentenceBleu,
  shapleyCredit,
  updateMoments,
  valueCredit,
  withPotential,
  withTransitionReward,
} from "rlhf-lab/rewards";
import { processReward, successProbability } from "rlhf-lab/rewards/tensor";
import { adam, cosineSchedule, disposeTree } from "rlhf-lab/tensor";
import { sentencesOf, wordsOf } from "rlhf-lab/tokenizers";
import { algorithms, trainPolicy, trainProcessReward } from "rlhf-lab/train";
import {
  conditionalLogProbs,
  exactPolicyGradient,
  nextTokenLogProbs,
  potentialTokenRewards,
  prefixesOf,
  type SequenceTree,
  sequenceIndex,
  sequenceLogProbs,
  sequenceLogProbsOf,
  tabularContexts,
  terminalRewards,
  treePolicy,
} from "rlhf-lab/trees";
import {
  harbour,
  lexiconScore,
  phraseStepFeatures,
  phraseTask,
  phraseText,
  phraseUtility,
  phraseWords,
} from "rlhf-lab/worlds";
import { check } from "rlhf-lab-course";

// %% [markdown]
// ## Run it
//
// Ishmael, who has to share a bed with a harpooner, decides: *Better sleep with a sober cannibal than a drunken Christian.* Suppose that this is the reference, what
// people would have said, and that a model's reply earns its score.

// %%
const reference = "Better sleep with a sober cannibal than a drunken Christian.";
const replies = {
  "said again": reference,
  "the opposite": "Better sleep with a drunken cannibal than a sober Christian.",
  "the same in other words":
    "I would rather share a bed with a heathen who has not been drinking than with a churchgoer who has.",
  backwards: "Christian drunken a than cannibal sober a with sleep Better.",
  "cut short": "Better sleep with a sober cannibal.",
  "one word, ten times": "a a a a a a a a a a",
};

table(
  Object.entries(replies).map(([what, reply]) => ({
    what,
    reply,
    bleu: sentenceBleu(reply, [reference]).score,
    one: rougeN(1, reply, reference).fMeasure,
    two: rougeN(2, reply, reference).fMeasure,
    longest: rougeL(reply, reference).fMeasure,
  })),
  {
    columns: { what: "", reply: "reply", bleu: "BLEU", one: "ROUGE-1", two: "ROUGE-2", longest: "ROUGE-L" },
    digits: { bleu: 1, one: 2, two: 2, longest: 2 },
    caption: "0 to 100 for BLEU, 0 to 1 for ROUGE (F)",
  },
);

// %% [markdown]
// To every ROUGE the opposite is the best of what follows, and to ROUGE-1 it is perfect; BLEU puts one reply above it, the one that breaks off.
// #claim 06/the-opposite-is-liked-best
// What is meant, said in other words, gets as many points from BLEU as the word "a" said ten times.
// #claim 06/other-words-count-for-nothing
// These scores count shared words, and were made to compare systems over thousands of sentences, where such cases average out. A reward has no
// such luck: the policy looks for the cases.
//
// ## 1. Overlap, counted
//
// *Precision*: which share of the candidate's n-grams does the reference hold? Counted naively, "the the the the" is perfect as soon as the reference holds one "the". So
// matches are *clipped* (Papineni and others 2002):
//
// $$p_n = \frac{\sum_g \min\bigl(\mathrm{count}(g),\ \mathrm{count}_{\mathrm{ref}}(g)\bigr)}{\sum_g \mathrm{count}(g)}, \qquad g \text{ over the candidate's different n-grams.} \tag{1}$$
//
// ### Exercise 1. Clipped n-gram precision
//
// *Difficulty 2 of 5, 10 minutes. Trains: equation (1), and what clipping is for.*
//
// Given the words of a candidate and of one reference, and $n$, return $p_n$. A candidate that is too short to have n-grams has precision 0.
//
// <details><summary>Hint 1</summary>Count n-grams in a <code>Map</code>, with <code>tokens.slice(i, i + n).join(" ")</code> as the key.</details>
// <details><summary>Hint 2</summary>The denominator is the number of n-grams, repetitions included.</details>

// %% [exercise] 06/clipped-precision
/** Equation (1): the share of the candidate's n-grams that the reference holds, each counted at most as often as there. */
function clippedPrecision(candidate: string[], reference: string[], n: number): number {
  // #solution
  const count = (tokens: string[]) => {
    const counts = new Map<string, number>();
    for (let i = 0; i + n <= tokens.length; i++) {
      const gram = tokens.slice(i, i + n).join(" ");
      counts.set(gram, (counts.get(gram) ?? 0) + 1);
    }
    return counts;
  };
  const known = count(reference);
  let matched = 0;
  for (const [gram, times] of count(candidate)) matched += Math.min(times, known.get(gram) ?? 0);
  const total = candidate.length - n + 1;
  return total > 0 ? matched / total : 0;
  // #end
}

// %% [check] 06/clipped-precision
await check("06/clipped-precision", { clippedPrecision });

// %% [markdown]
// Precision has a favourite: say one word of which you are sure, and stop. BLEU makes short texts pay (*BP*, brevity penalty), with $|y|$ tokens against $|y_{\text{ref}}|$ in the reference:
//
// $$\mathrm{BP} = \begin{cases} 1 & |y| \ge |y_{\text{ref}}| \\ \exp(1 - |y_{\text{ref}}| / |y|) & |y| < |y_{\text{ref}}| \end{cases} \tag{2}$$
//
// $$\mathrm{BLEU} = 100 \cdot \mathrm{BP} \cdot \exp\Bigl(\tfrac14 \sum_{n=1}^{4} \log p_n\Bigr) \tag{3}$$
//
// A single $p_n = 0$ would make it 0, so in short texts zeros are smoothed (sacrebleu counts half a match for the first such order, a quarter for the
// next), and orders that the text is too short for are left out. Over a corpus, the counts of (1) are added up first: corpus BLEU is not a mean.
//
// ### Exercise 2. The price of brevity
//
// *Difficulty 1 of 5, 5 minutes. Trains: reading equation (2) the right way up.*
//
// Given the two lengths, return BP; of an empty candidate it is 0.

// %% [exercise] 06/brevity-penalty
/** Equation (2), for a candidate of `length` tokens; an empty one gets 0. */
function brevityFactor(length: number, referenceLength: number): number {
  // #solution
  return length >= referenceLength ? 1 : Math.exp(1 - referenceLength / length);
  // #end
}

// %% [check] 06/brevity-penalty
await check("06/brevity-penalty", { brevityFactor });

// %% [markdown]
// *Recall* asks the other way round: which share of the reference was said? ROUGE (Lin 2004) reports precision, recall, and their *F*, which is $2PR/(P + R)$, near the smaller of the two. ROUGE-1 and ROUGE-2 look at single words and at pairs. ROUGE-L does without a length $n$: it takes the longest
// *subsequence*, words in the same order with gaps allowed. Its length, of the first $i$ words of $a$ and the first $j$ of $b$:
//
// $$L_{ij} = \begin{cases} L_{i-1,\,j-1} + 1 & a_i = b_j \\ \max(L_{i-1,\,j},\ L_{i,\,j-1}) & \text{else,} \end{cases} \qquad L_{0j} = L_{i0} = 0. \tag{4}$$
//
// ### Exercise 3. The longest common subsequence
//
// *Difficulty 3 of 5, 15 minutes. Trains: equation (4), a table instead of a search.*
//
// Given two lists of words, return the length of a longest common subsequence.
//
// <details><summary>Hint 1</summary>A table of (a.length + 1) rows and (b.length + 1) columns, zeros in the first of each.</details>
// <details><summary>Hint 2</summary>"the sea is" and "is the sea" share a subsequence of two words, though they share three words.</details>

// %% [exercise] 06/lcs
/** The length of a longest common subsequence of two lists of words: equation (4). */
function lcsLength(a: string[], b: string[]): number {
  // #solution
  const table = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      table[i][j] = a[i - 1] === b[j - 1] ? table[i - 1][j - 1] + 1 : Math.max(table[i - 1][j], table[i][j - 1]);
    }
  }
  return table[a.length][b.length];
  // #end
}

// %% [check] 06/lcs
await check("06/lcs", { lcsLength });

// %% [markdown]
// ### What they cannot see
//
// We take sentences of Moby Dick as references, damage them, and score the damage. A row that looks like the first one is a damage that the column does not notice. (The last column, *distinct pairs*, is the share
// of a text's pairs of words that are different ones; it needs no reference.)

// %%
const sentences = mobyDick()
  .flatMap(({ text }) => sentencesOf(text))
  .map(wordsOf)
  .filter((words) => words.length >= 12 && words.length <= 24);
const chosen = Array.from(permutation(key(1), sentences.length).subarray(0, 200), (i) => sentences[i]);
const half = (words: string[]) => Math.floor(words.length / 2);

const damages: Record<string, (words: string[], k: Key, other: string[]) => string[]> = {
  "a copy": (words) => words,
  'a "not" put in': (words) => [...words.slice(0, half(words)), "not", ...words.slice(half(words))],
  "halves swapped": (words) => [...words.slice(half(words)), ...words.slice(0, half(words))],
  "words shuffled": (words, k) => Array.from(permutation(k, words.length), (i) => words[i]),
  "second half cut": (words) => words.slice(0, half(words)),
  "first half, twice": (words) => [...words.slice(0, half(words)), ...words.slice(0, half(words))],
  "all of it, twice": (words) => [...words, ...words],
  "another sentence": (_words, _k, other) => other,
};
const measures: Record<string, (candidate: string, reference: string) => number> = {
  "ROUGE-1 precision": (c, r) => rougeN(1, c, r).precision,
  "ROUGE-1 recall": (c, r) => rougeN(1, c, r).recall,
  "ROUGE-1": (c, r) => rougeN(1, c, r).fMeasure,
  "ROUGE-2": (c, r) => rougeN(2, c, r).fMeasure,
  "ROUGE-L": (c, r) => rougeL(c, r).fMeasure,
  "BLEU / 100": (c, r) => sentenceBleu(c, [r]).score / 100,
  "distinct pairs": (c) => distinctN(c.split(" "), 2),
};
const damagedScores = (damage: (words: string[], k: Key, other: string[]) => string[]) => {
  const keys = split(key(2), chosen.length);
  const texts = chosen.map((words, s) => damage(words, keys[s], chosen[(s + 1) % chosen.length]).join(" "));
  return Object.values(measures).map((measure) => mean(texts.map((text, s) => measure(text, chosen[s].join(" ")))));
};

show(
  heatmap({
    title: "What each score leaves of a damaged sentence",
    subtitle: "means over 200 sentences of Moby Dick; 1 is the score of a copy",
    x: { title: "score", labels: Object.keys(measures) },
    y: { title: "damage", labels: Object.keys(damages) },
    color: { title: "mean score", range: [0, 1] },
    values: Object.values(damages).map(damagedScores),
  }),
);

// %% [markdown]
// Every column has its blind spot. Single words do not see order.
// #claim 06/words-do-not-see-order
// Precision does not see what is missing, recall does not see what is too much.
// #claim 06/precision-and-recall-look-one-way
// *Nobody* sees the "not", which turns the meaning round: it is one word among a dozen or two, and no score takes off more than a fifth for it.
// #claim 06/nobody-sees-the-not
// And the last column sees repetition and nothing else.
// #claim 06/distinct-sees-repetition
// More of the same damage:

// %%
const dose = (
  title: string,
  x: string,
  doses: number[],
  damage: (words: string[], dose: number, k: Key) => string[],
) => {
  const scores = doses.map((d) => damagedScores((words, k) => damage(words, d, k)));
  return line({
    title,
    x: { title: x },
    y: { title: "mean score", range: [0, 1.03] },
    series: Object.keys(measures)
      .map((name, m) => ({ name, x: doses, y: scores.map((row) => row[m]), markers: true }))
      .filter(({ name }) => ["ROUGE-1 precision", "ROUGE-1", "ROUGE-L", "BLEU / 100"].includes(name)),
  });
};
const shuffleSome = (words: string[], share: number, k: Key) => {
  const places = Array.from(permutation(k, words.length).subarray(0, Math.round(share * words.length)));
  const out = [...words];
  for (const [i, place] of places.entries()) out[place] = words[places[(i + 1) % places.length]];
  return out;
};

show(
  smallMultiples({
    title: "The same damage, in growing doses",
    subtitle: "means over the 200 sentences",
    columns: 3,
    share: "y",
    figures: [
      dose("Words out of order", "share of words moved", [0, 0.2, 0.4, 0.6, 0.8, 1], shuffleSome),
      dose("Only the beginning", "share of words kept", [0.2, 0.4, 0.6, 0.8, 1], (words, share) =>
        words.slice(0, Math.max(1, Math.round(share * words.length))),
      ),
      dose("Said again and again", "times said", [1, 2, 3, 4, 5], (words, times) =>
        Array.from({ length: times }, () => words).flat(),
      ),
    ],
  }),
);

// %% [markdown]
// ### Break it: ask for the best text
//
// A score is one thing as a thermometer and another as a goal. In the phrase task (somebody asks about the whale; a reply has at most five tokens, each one of six words or the end; 9331 replies) we
// can simply look at *all* replies and see what is best. Three people answered, "very good whale", "not bad whale" and "good whale"; their answers are the references.
//
// **Predict, then run.** Six scores. How many of the 9331 replies get the best value of each? Guess for the first and for the last.

// %%
const task = phraseTask();
const { tree } = task;
const ref = task.reference[0]; // log-probabilities of all replies about the whale, as people give them
const utility = task.utility[0]; // what people really like
const spoken = tree.sequences.map((tokens) => tokens.filter((token) => token !== 0).map((token) => phraseWords[token]));
const answers = ["very good whale", "not bad whale", "good whale"];
const answerWords = answers.map((answer) => answer.split(" "));
const precisionOf = (words: string[]) => {
  const { matched, total } = clippedMatches(words, answerWords, 1);
  return total === 0 ? 0 : matched / total;
};

const goals: Record<string, (words: string[]) => number> = {
  "precision, not clipped": (words) =>
    words.filter((word) => answerWords.some((answer) => answer.includes(word as never))).length / (words.length || 1),
  "precision, clipped": precisionOf,
  "precision, clipped, times BP": (words) => precisionOf(words) * brevityPenalty(words.length, 3),
  "ROUGE-1 recall, mean of three": (words) => mean(answers.map((answer) => rougeN(1, words.join(" "), answer).recall)),
  "ROUGE-L, mean of three": (words) => mean(answers.map((answer) => rougeL(words.join(" "), answer).fMeasure)),
  BLEU: (words) => sentenceBleu(words.join(" "), answers).score,
};

table(
  Object.entries(goals).map(([goal, score]) => {
    const scores = spoken.map(score);
    const best = Math.max(...scores);
    const winners = scores.map((_, y) => y).filter((y) => scores[y] > best - 1e-9);
    const worst = winners.reduce((a, b) => (utility[b] < utility[a] ? b : a));
    return { goal, winners: winners.length, example: phraseText(tree.sequences[worst]), worst: utility[worst] };
  }),
  {
    columns: {
      goal: "what is rewarded",
      winners: "replies with the highest score",
      example: "the worst of them",
      worst: "its true utility (nats)",
    },
    caption: `the best reply there is has a utility of ${Math.max(...utility)} nats`,
  },
);

// %% [markdown]
// <details><summary>What you saw</summary>Thousands of replies are perfect to an unclipped precision, and each repair (clipping, the price of brevity, order) thins them out, to a handful at last.</details>
// #claim 06/repairs-thin-them-out
//
// What is left imitates the references well, and what is *better* than the references cannot score higher than they do.
// #claim 06/no-better-than-the-references
// (BLEU's worst favourite is a piece of "not bad whale". It is short, but BLEU measures brevity against the reference that is nearest in length.)
// #claim 06/a-piece-of-an-answer
//
// ### And a policy that learns from it? (optional)
//
// Back to the cannibal. A transformer that knows nothing (sixteen tokens, all alike to it) is paid by one of these scores for a hundred steps of REINFORCE: write replies, and make those that were paid more than the others more likely (lesson 07).
// It has no text to imitate and no reference to stay near: what it ends up saying is the score's own idea of a good reply. It may write twenty words; the reference has ten.
//
// **Predict, then run.** What will each of the four say: how many words, and which?

// %%
const cannibal = wordsOf(reference);
const wordList = ["(end)", ...new Set([...cannibal, "not", "never", "the", "whale", "sea"]), "(start)"];
const saidBy = (tokens: readonly number[]) => tokens.filter((token) => token > 0).map((token) => wordList[token]);
const target = cannibal.join(" ");
const pays: Record<string, (text: string) => number> = {
  "ROUGE-1 precision": (text) => rougeN(1, text, target).precision,
  "ROUGE-1 recall": (text) => rougeN(1, text, target).recall,
  "ROUGE-L": (text) => rougeL(text, target).fMeasure,
  BLEU: (text) => sentenceBleu(text, [target]).score / 100,
};
const turns = 100;
const writer = transformer({
  vocabulary: wordList.length,
  context: 21,
  width: 32,
  layers: 1,
  heads: 2,
  deviation: 0.1,
});
const untaught = writer.init(key(1));
const [algorithm, optimizer] = [
  algorithms.rloo({ group: 64 }),
  adam({ rate: cosineSchedule(1e-2, turns), maxNorm: 1 }),
];

const taught: { name: string; curve: number[]; lengths: number[]; last: string[][] }[] = [];
for (const [name, pay] of Object.entries(pays)) {
  let last: string[][] = [];
  const { params, history } = await trainPolicy(key(2), {
    ...{ model: writer, start: untaught, algorithm, optimizer, beta: 0 },
    ...{ batch: 64, iterations: turns, newTokens: 20, stop: 0, label: `paid by ${name}` },
    prompts: (_, count) => Array.from({ length: count }, () => [wordList.length - 1]),
    reward({ written }) {
      last = written.map(saidBy);
      return last.map((words) => pay(words.join(" ")));
    },
  });
  disposeTree(params);
  taught.push({ name, curve: history.map((h) => h.reward), lengths: history.map((h) => h.length), last });
}

const overTurns = (title: string, y: { title: string; range: [number, number] }, of: "curve" | "lengths") =>
  line({
    title,
    x: { title: "step" },
    y,
    series: taught.map((run) => ({ name: `paid by ${run.name}`, x: run[of].map((_, step) => step + 1), y: run[of] })),
    ...(of === "lengths" && { reference: [{ y: cannibal.length + 1, label: "the reference" }] }),
  });

show(
  smallMultiples({
    title: "What a score asks for, if nothing else speaks",
    subtitle: "REINFORCE with leave-one-out, 64 replies a step, from a policy that writes at random",
    figures: [
      overTurns("What it is paid", { title: "mean of its own score", range: [0, 1.03] }, "curve"),
      overTurns("How long it talks", { title: "tokens, the end included", range: [0, 21] }, "lengths"),
    ],
  }),
);

// %%
table(
  taught.map(({ name, last }) => ({
    name,
    example: last[0].join(" "),
    words: mean(last.map((words) => words.length)),
    repeated: mean(last.map((words) => repeatedShare(words, 1))),
    longest: mean(last.map((words) => rougeL(words.join(" "), target).fMeasure)),
    bleu: Math.round(mean(last.map((words) => sentenceBleu(words.join(" "), [target]).score))),
    missing: cannibal.filter((word) => mean(last.map((words) => Number(words.includes(word)))) < 0.5).join(" "),
  })),
  {
    columns: {
      name: "paid by",
      example: "says, for example",
      missing: "what most of its replies leave out",
      words: "words",
      repeated: "share repeated",
      longest: "ROUGE-L",
      bleu: "BLEU",
    },
    digits: { words: 1, repeated: 2, longest: 2 },
    caption: "After the last step, means over 64 replies",
  },
);

// %% [markdown]
// <details><summary>What you saw</summary>
//
// *Precision* says a single safe word and stops. *Recall* talks until it is cut off, since a word too many costs nothing; more than half of its words are repetitions, and it is paid nearly as
// much as the first one, for the opposite. *ROUGE-L* and *BLEU* have the length about right: both punish what is too long and what is too short.
//
// </details>
// #claim 06/precision-says-one-word, 06/recall-talks-on, 06/about-the-right-length
//
// What they fill it with depends on the luck of the draw, so here is what holds over six keys. In most runs none of them says the sentence itself; with one key ROUGE-L's policy does, now and then.
// #claim 06/hardly-ever-the-sentence
// ROUGE-L's policy leaves out words that it has found no place for (which ones is another story with each key; the table tells this run's), and likes the sober and the drunken Christian alike. BLEU's policy has pieces of the reference, some of them twice: it repeats
// more than ROUGE-L's in every run.
// #claim 06/bleu-repeats-pieces
// Held against each other, the policy that was paid by ROUGE-L has the better ROUGE-L every time, and the one that was paid by BLEU the better BLEU most times.
// #claim 06/each-by-its-own-score
// (A text to imitate, as in lesson 05, would bring the last two nearer to the reference, their only perfect reply. To the first two, what they say is perfect already, or nearly.)
//
// ## 2. Several wishes at once
//
// Nobody wants only one thing. The usual answer is a weighted sum, a *composite*,
//
// $$R(x, y) = \sum_i w_i R_i(x, y). \tag{5}$$
//
// What a policy learns under it need not be trained: within a KL budget, the best policy has a closed form, $\pi^*(y) \propto \pi_{\mathrm{ref}}(y)\, e^{R(y)/\beta}$ (lesson 10 says why), and
// `betaForKl` finds the $\beta$ that spends the budget. So every line below is *the optimum*, not a run. People's true utility is mood (with negation, "very", and wear), naming the right thing, and
// ending the reply. We can only reward what we can compute: a lexicon that counts good words minus bad words, whether the topic is named, whether the reply ends.

// %%
const parts: Record<string, ArrayLike<number>> = {
  mood: tree.sequences.map(lexiconScore),
  topic: spoken.map((words) => Number(words.includes("whale")) - Number(words.includes("sea"))),
  ending: tree.sequences.map((tokens) => Number(tokens.at(-1) === 0)),
  variety: spoken.map((words) => -repeatedShare(words, 1)),
  length: spoken.map((words) => words.join(" ").length), // in letters
};
const budget = 2; // nats away from what people say
const learn = (reward: ArrayLike<number>, nats = budget) =>
  exactRegularisedOptimum(ref, reward, betaForKl(ref, reward, nats)).logProbs;
const composite = (weights: Record<string, number>) =>
  compositeReward(Object.fromEntries(Object.keys(weights).map((name) => [name, parts[name]])), weights);

const recipes: Record<string, Record<string, number>> = {
  "mood alone": { mood: 1 },
  "mood + topic": { mood: 1, topic: 1 },
  "mood + ending": { mood: 1, ending: 1 },
  "mood + topic + ending": { mood: 1, topic: 1, ending: 1 },
  "... + 4 variety": { mood: 1, topic: 1, ending: 1, variety: 4 },
  "... + 0.1 length": { mood: 1, topic: 1, ending: 1, length: 0.1 },
};
const cooked = Object.entries(recipes).map(([recipe, weights]) => {
  const logProbs = learn(composite(weights));
  return {
    recipe,
    utility: exactExpectation(logProbs, utility),
    mood: exactExpectation(logProbs, parts.mood),
    topic: exactExpectation(logProbs, parts.topic),
    ends: exactExpectation(logProbs, parts.ending),
    letters: exactExpectation(logProbs, parts.length),
  };
});
const ceiling = exactExpectation(learn(utility), utility);

show(
  bar({
    title: "What the best policy is worth under each composite",
    subtitle: `true utility of the exact optimum at a KL of ${budget} nats; people's own replies are worth ${exactExpectation(ref, utility).toFixed(2)}`,
    x: { title: "true utility", unit: "nats", range: [0, 3] },
    y: { title: "reward" },
    horizontal: true,
    categories: [...cooked.map(({ recipe }) => recipe), "the true utility itself"],
    series: [{ name: "true utility", values: [...cooked.map((row) => row.utility), ceiling] }],
  }),
);

// %%
table(cooked, {
  columns: {
    recipe: "reward",
    mood: "lexicon mood",
    topic: "right topic minus wrong",
    ends: "share that ends",
    letters: "letters",
    utility: "true utility (nats)",
  },
  digits: 2,
});

// %% [markdown]
// Under mood alone, more than half of the replies never end.
// #claim 06/mood-alone-never-ends
// Each true wish that joins it helps.
// #claim 06/each-true-wish-helps
// Variety *sounds* sensible and costs something: in this world saying "good" twice is worth one and a half times as much as once, and the penalty forbids it.
// #claim 06/variety-costs
// A little reward for length undoes the ending.
// #claim 06/length-undoes-the-ending
// Can better weights mend it?

// %%
const strengths = [0, 0.25, 0.5, 1, 2, 4];

show(
  heatmap({
    title: "Weights help, up to what the parts can see",
    subtitle: `true utility of the optimum of mood + w1 topic + w2 ending, at ${budget} nats; the true utility would reach ${ceiling.toFixed(2)}`,
    x: { title: "w2, weight of the ending", labels: strengths.map(String) },
    y: { title: "w1, weight of the topic", labels: strengths.map(String) },
    color: { title: "true utility", unit: "nats" },
    values: strengths.map((topic) =>
      strengths.map((ending) => exactExpectation(learn(composite({ mood: 1, topic, ending })), utility)),
    ),
  }),
);

// %% [markdown]
// A plateau, well below what the true utility would give.
// #claim 06/a-plateau-below
// No weights make a lexicon read "not bad". What is missing from all the parts is missing from every sum of them.
//
// ### Fair units
//
// Mood runs from $-5$ to 5, length in letters up to thirty, an ending is 0 or 1. With equal weights in such units the largest numbers decide. So each part is first brought to its own scale, over the batch or over all that was seen so far:
//
// $$R(y) = \sum_i w_i\, \frac{R_i(y) - \mathrm{mean}_i}{\mathrm{deviation}_i}, \qquad \mathrm{deviation}_i = \sqrt{\tfrac1B \sum_b (R_i(y_b) - \mathrm{mean}_i)^2}. \tag{6}$$
//
// ### Exercise 4. A composite in fair units
//
// *Difficulty 2 of 5, 10 minutes. Trains: equation (6), and the order of its steps.*
//
// Given `parts[i][b]`, what part $i$ says about reply $b$ of the batch, and the weights, return (6) for each reply. A part that says the same about all of them has a deviation of 0: it adds 0.
//
// Ask whether all its numbers are equal, and not whether the deviation is above 0: the mean of three times 0.1 is 0.10000000000000002 in floating point, so that the deviation comes out as 1.4e-17,
// and a part that says nothing is turned into -1 for every reply. Trainers add a small number to the deviation instead (1e-8, TRL 1e-4); none is wanted here.
//
// <details><summary>Hint</summary>Normalise each part in a helper; guard the division there.</details>

// %% [exercise] 06/composite
/** Equation (6): one reward for each reply of the batch. */
function compositeOf(parts: number[][], weights: number[]): number[] {
  // #solution
  const normalise = (values: number[]) => {
    const average = values.reduce((a, b) => a + b, 0) / values.length;
    const deviation = Math.sqrt(values.reduce((sum, x) => sum + (x - average) ** 2, 0) / values.length);
    const same = Math.max(...values) === Math.min(...values); // the deviation of six times 0.1 is not quite 0
    return values.map((x) => (same ? 0 : (x - average) / deviation));
  };
  const normal = parts.map(normalise);
  return parts[0].map((_, b) => normal.reduce((sum, part, i) => sum + weights[i] * part[b], 0));
  // #end
}

// %% [check] 06/composite
await check("06/composite", { compositeOf });

// %% [markdown]
// How much say has a part? Take its share of the reward's variance (its covariance with the sum, over the variance of the sum; the shares add up to one). Four parts with weight one each, the length now as a wish for about twelve letters:

// %%
const wishes: Record<string, ArrayLike<number>> = {
  mood: parts.mood,
  topic: parts.topic,
  ending: parts.ending,
  "12 letters": Array.from(parts.length, (letters) => -Math.abs(letters - 12)),
};
const wishNames = Object.keys(wishes);
const seen = categorical(key(3), ref, 256); // a batch of people's replies
const normalised = Object.fromEntries(
  wishNames.map((name) => {
    const moments = updateMoments(
      noMoments,
      Array.from(seen, (y) => wishes[name][y]),
    );
    return [name, normaliseBy(moments, wishes[name])];
  }),
);
const equally = Object.fromEntries(wishNames.map((name) => [name, 1]));
const covariance = (a: ArrayLike<number>, b: ArrayLike<number>, logProbs = ref) =>
  exactExpectation(
    logProbs,
    Array.from(a, (x, y) => x * b[y]),
  ) -
  exactExpectation(logProbs, a) * exactExpectation(logProbs, b);
const says = (given: Record<string, ArrayLike<number>>) => {
  const total = compositeReward(given, equally);
  return {
    shares: wishNames.map((name) => covariance(given[name], total) / covariance(total, total)),
    utility: exactExpectation(learn(total), utility),
  };
};
const [asMeasured, inFairUnits] = [says(wishes), says(normalised)];

show(
  bar({
    title: "Equal weights are not equal say",
    subtitle: `share of the reward's variance; the optimum is worth ${asMeasured.utility.toFixed(2)} as measured, ${inFairUnits.utility.toFixed(2)} normalised`,
    x: { title: "share of the variance", range: [0, 1] },
    y: { title: "the four parts" },
    horizontal: true,
    stacked: true,
    categories: ["as measured", "normalised"],
    series: wishNames.map((name, i) => ({ name, values: [asMeasured.shares[i], inFairUnits.shares[i]] })),
  }),
);

// %% [markdown]
// As measured, the letters have most of the say; in fair units nobody has half, and the optimum is worth more.
// #claim 06/letters-decide, 06/fair-units-are-worth-more
//
// Normalising is not free of trouble. While the policy learns, the batch changes, and with it the scale. A wish that is nearly fulfilled has hardly any deviation left, so dividing by it makes
// the few failures loud. Here is the weight that a part has *in effect*, one over its deviation, as the policy moves away from people's replies under mood + topic + ending:

// %%
const road = [0.05, 0.25, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4];
const along = road.map((nats) => learn(composite({ mood: 1, topic: 1, ending: 1 }), nats));
const deviationUnder = (name: string, logProbs: Float64Array) =>
  Math.sqrt(covariance(parts[name], parts[name], logProbs));

show(
  line({
    title: "Normalised by the batch, a wish grows louder as it comes true",
    subtitle: "deviation under people's replies over deviation under the policy",
    x: { title: "KL from people's replies", unit: "nats" },
    y: { title: "effective weight", unit: "times the first", type: "log", range: [0.7, 12] },
    series: ["mood", "topic", "ending"].map((name) => ({
      name,
      x: road,
      y: along.map((logProbs) => deviationUnder(name, ref) / deviationUnder(name, logProbs)),
      markers: true,
    })),
    reference: [{ y: 1 }],
  }),
);

// %% [markdown]
// The topic, right in nearly every reply by the end, has come to count several times what it did.
// #claim 06/topic-grows-loud
// *Running moments* (`updateMoments`: mean and deviation of all rewards so far, brought up to date with each new one) move slowly and soften this; moments
// of the first batch, kept, rule it out. Which of the three a system uses is rarely said, and it is part of the reward.
//
// ### Exercise 5. Find the bug: a deviation that runs along
//
// *Difficulty 3 of 5, 8 minutes. Trains: one pass over numbers that nobody keeps.*
//
// Given a list of rewards, return their deviation (over $n$, as in (6)), in one pass: after every number the mean moves towards it by its share, and a sum of squared distances grows. With the code below every deviation comes out too
// small, by more the fewer the rewards. Find out why, and mend it. (To take the mean of the squares minus the square of the mean is no way out: with rewards around a hundred million, the check's last case, nothing but rounding is left of that.)
//
// <details><summary>Hint 1</summary>Try it by hand on the rewards 0 and 2. Where does the mean stand when the distance of the 2 is taken?</details>
// <details><summary>Hint 2</summary>The distance from the mean before times the distance from the mean after is right (Welford 1962). Two passes are right as well.</details>

// %% [exercise] 06/running-deviation
/** The deviation of a list of rewards, over n, in one pass. */
function runningDeviation(rewards: number[]): number {
  // #solution
  let [count, average, squares] = [0, 0, 0];
  for (const reward of rewards) {
    count++;
    const before = reward - average;
    average += before / count;
    squares += before * (reward - average);
  }
  return Math.sqrt(squares / count);
  // #given
  // let [count, average, squares] = [0, 0, 0];
  // for (const reward of rewards) {
  //   count++;
  //   average += (reward - average) / count;
  //   squares += (reward - average) ** 2;
  // }
  // return Math.sqrt(squares / count);
  // #end
}

// %% [check] 06/running-deviation
await check("06/running-deviation", { runningDeviation });

// %% [markdown]
// ## 3. Once, or step by step
//
// A *sparse* reward speaks once, at the end. A *dense* one speaks at every step. Denser is easier to learn from, if it says the same thing. Here is a world where the
// sparse form is hard: a ship (lower right of the chart is the harbour, upper left is where it starts), fourteen moves to go, and a reward of 1 for arriving.
//
// (Such a world is called a *Markov decision process*, MDP: *states* $s$, here the fields; *actions* $a$, here four moves; a reward for each; and the next state depends on these two alone. Its *return* is the sum of rewards, each
// step later multiplied by a *discount* $\gamma = 0.95$ once more, so that sooner is better. Where all of this is known, `optimalPolicy` computes the best move in every state, exactly.)
//
// Natural help: a bonus for each move that brings the ship *closer*. **Predict, then run:** what is the best thing to do then?

// %%
const sea = harbour();
const { mdp, distance } = sea;
const closer = (bonus: number) =>
  withTransitionReward(mdp, (state, _, next) => (distance[next] < distance[state] ? bonus : 0));

const visits = (world: typeof mdp, title: string) => {
  const share = occupancy(mdp, optimalPolicy(world).policy);
  const times = (state: number) => [0, 1, 2, 3].reduce((sum, a) => sum + share[4 * state + a], 0) / (1 - mdp.discount);
  return heatmap({
    title,
    x: { title: "column", labels: Array.from({ length: sea.columns }, (_, c) => "ABCDEFG"[c]) },
    y: { title: "row", labels: Array.from({ length: sea.rows }, (_, r) => String(r + 1)) },
    color: { title: "discounted visits", range: [0, 6] },
    digits: 1,
    values: Array.from({ length: sea.rows }, (_, r) =>
      Array.from({ length: sea.columns }, (_, c) => {
        const state = r * sea.columns + c;
        return state === sea.harbour || distance[state] === Number.POSITIVE_INFINITY ? Number.NaN : times(state);
      }),
    ),
  });
};

show(
  smallMultiples({
    title: "Paid for coming closer, the ship never arrives",
    subtitle: "where the optimal policy spends its time; from A1, harbour G5; empty fields are land, and the harbour",
    figures: [visits(mdp, "Reward for arriving"), visits(closer(0.3), "and 0.3 for each move closer")],
  }),
);

// %% [markdown]
// <details><summary>What you saw</summary>Back one field, which costs nothing; forward again, which pays; for ever. It never arrives.</details>
// #claim 06/closer-never-arrives
//
// (Randløv and Alstrøm taught a bicycle to ride towards a goal in this way, in 1998, and it rode in circles.) The cure was found a year later
// (Ng, Harada and Russell 1999): pay for *differences of a potential* $\Phi$, a guess of how good a state is, and let going back cost what going forward earned:
//
// $$F(s, s') = \gamma\,\Phi(s') - \Phi(s), \qquad \sum_{t=0}^{T-1} \gamma^t F(s_t, s_{t+1}) = \gamma^T \Phi(s_T) - \Phi(s_0). \tag{7}$$
//
// The sum telescopes. If the potential of the end is 0, every way from $s_0$ gains the same $-\Phi(s_0)$, and what was best stays best, *whatever* $\Phi$ is. Along an episode with states $s_0, \dots, s_{T-1}$
// and then the end:
//
// $$F_t = \gamma\,\Phi(s_{t+1}) - \Phi(s_t), \quad t = 0, \dots, T-1, \qquad \Phi(s_T) = 0. \tag{8}$$
//
// ### Exercise 6. Shaping that keeps the optimum
//
// *Difficulty 2 of 5, 10 minutes. Trains: equation (8), its discount, and its last step.*
//
// Given the potentials of $s_0$ to $s_{T-1}$ and the discount, return $F_0$ to $F_{T-1}$. (The library's `potentialShaping` is given the end's potential as well.)

// %% [exercise] 06/potential
/** Equation (8): `potentials` are those of s_0 to s_(T-1); the end, which follows, has potential 0. T numbers. */
function shapingOfEpisode(potentials: number[], discount: number): number[] {
  // #solution
  return potentials.map((now, t) => discount * (potentials[t + 1] ?? 0) - now);
  // #end
}

// %% [check] 06/potential
await check("06/potential", { shapingOfEpisode });

// %% [markdown]
// How much of each help can the world bear? For four kinds of help of growing size we compute the optimal policy of the *helped* world, exactly, and what it is worth in the true one. The potential is nearness, 0 in the harbour.

// %%
const nearness = distance.map((steps, state) =>
  state === sea.harbour || steps === Number.POSITIVE_INFINITY ? 0 : 1 - steps / 15,
);
const sizes = [0.01, 0.03, 0.06, 0.1, 0.2, 0.4, 0.8, 1.5, 3, 6];
const helps: Record<string, (size: number) => typeof mdp> = {
  "for coming closer": closer,
  "for being near": (size) => withTransitionReward(mdp, (_s, _a, next) => size * nearness[next]),
  "potential, discount forgotten": (size) =>
    withTransitionReward(mdp, (state, _, next) => size * (nearness[next] - nearness[state])),
  "potential, equation (7)": (size) =>
    withPotential(
      mdp,
      nearness.map((phi) => size * phi),
    ),
};

show(
  line({
    title: "Three kinds of help that drown the goal, one that cannot",
    subtitle: "return in the true world of the policy that is optimal with the help",
    x: { title: "size of the help", type: "log" },
    y: { title: "true return", range: [-0.03, 0.6] },
    series: Object.entries(helps).map(([name, help]) => ({
      name,
      x: sizes,
      y: sizes.map((size) => policyReturn(mdp, optimalPolicy(help(size)).policy)),
      markers: true,
    })),
  }),
);

// %% [markdown]
// All four keep the best way while they are small; three of them lose it sooner or later, and the potential never does.
// #claim 06/three-helps-drown-the-goal
// Forgetting $\gamma$ looks harmless for a long time, and then the ship stays near the harbour for ever: arriving would cost it its potential, and staying no longer does.
// #claim 06/harmless-while-small
//
// Keeping the optimum is not the same as helping. What does the help do to a learner? *Q-learning* keeps a table $Q(s, a)$ of what each move is worth, zeros at first. After each move it pulls the entry towards $r + \gamma \max_b Q(s', b)$,
// what the move paid and what the table says of the field it led to, by a step size; it takes the move with the largest entry, but for one in ten that it takes by chance. Twelve runs each:

// %%
const toHarbour = distance.map((steps, state) => (state === sea.harbour ? 0 : 0.95 ** (steps - 1))); // V*, exactly
const asTheCrowFlies = distance.map((_, state) => {
  const across = Math.abs((state % sea.columns) - (sea.harbour % sea.columns));
  const down = Math.abs(Math.floor(state / sea.columns) - Math.floor(sea.harbour / sea.columns));
  return state === sea.harbour ? 0 : 0.95 ** (across + down - 1); // it does not know about the land
});
const stepsLeft = distance.map((steps) => (steps === Number.POSITIVE_INFINITY ? 0 : -steps / 14));
const raised = stepsLeft.map((phi, state) => (state === sea.harbour ? 0 : phi + 1));
const schools = {
  "sparse: arriving": mdp,
  "0.3 for coming closer": closer(0.3),
  "potential: true values": withPotential(mdp, toHarbour),
  "potential: as the crow flies": withPotential(mdp, asTheCrowFlies),
  "potential: minus the steps left": withPotential(mdp, stepsLeft),
  "potential: the same, plus one": withPotential(mdp, raised),
};
const voyages = 12;
const schooling = { episodes: 300, horizon: 60, rate: 0.5, explore: 0.1, judgeEvery: 5 };

const learners = Array.from(progress(Object.entries(schools), { label: "ships" }), ([name, world]) =>
  overSeeds(
    name,
    linspace(5, 300, 60),
    split(key(5), voyages).map((k) => qLearningCurve(k, world, mdp, schooling).curve),
  ),
);

show(
  line({
    title: "A potential keeps the optimum; it can make it easy to find, or hard",
    subtitle: `true return of the greedy policy; means over ${voyages} runs, bands: 95 %`,
    x: { title: "episodes of at most 60 moves" },
    y: { title: "true return", range: [-0.03, 0.6] },
    series: learners,
  }),
);

// %% [markdown]
// With the true values as potential every step tells right from wrong, and a dozen episodes suffice.
// #claim 06/true-values-in-a-dozen
// A rough guess that has never heard of land takes a little longer, far less than the sparse form, which has begun to find its way after 300.
// #claim 06/a-guess-takes-longer, 06/sparse-has-begun
// The bonus learns to sail in circles.
// #claim 06/the-bonus-circles
// And minus the number of steps left, a potential that sounds just as good, has found nothing after 300 episodes, at any step size we tried.
// #claim 06/steps-left-finds-nothing
// It is *below* the true values everywhere, so the learner, whose table starts at 0, is content with whatever it meets first.
// (Shaping by $\Phi$ is the same as starting from $Q = \Phi$: Wiewiora 2003.) Raise the same potential by one, everywhere but at the end, and it helps.
// #claim 06/raised-by-one
// A potential should be an optimistic guess of the value.
//
// ### And for a language model?
//
// > **REINFORCE in a box** (lesson 07 derives it). Draw replies from the policy. Give every token $y_t$ a *credit*, and move the logits along the mean over replies of
// > $\sum_t \text{credit}_t\, \nabla \log \pi(y_t \mid s_t)$. For the row of logits of $s_t$, $\nabla \log \pi$ is $1 - \pi$ for the token that was written and $-\pi$ for each of the others. On average that is the gradient of the
// > expected reward if the credit is the reward of the whole reply, or the rewards *from that token on*, with or without a *baseline* subtracted: any number that may depend on $s_t$, and not on the token.
// > A usual baseline is $V(s_t)$, what is to be expected at $s_t$; what is left then is the *advantage* $A_t$ of the token. Paid for its own step *alone* a token learns something else: it is blind for what it makes possible.
//
// With $\gamma = 1$ and the credit from the token on, potentials change only this:
//
// $$\sum_{k \ge t} (r_k + F_k) = \sum_{k \ge t} r_k - \Phi(s_t), \tag{9}$$
//
// which is $R - \Phi(s_t)$ if the reward $R$ is paid at the end, as here. Shaping *is* a baseline. It can quieten the gradient; it cannot tell a token anything new.
//
// ### Exercise 7. Draw, credit, step
//
// *Difficulty 4 of 5, 15 minutes. Trains: the whole loop, with a reward at every token.*
//
// Given a tree, a table of logits (the row of prefix $p$ begins at `p * V`, with `V = tree.vocabulary`), and `stepRewards[p * V + v]`, what is paid for writing token $v$ after prefix $p$, return the table after `steps` steps of REINFORCE. In step $k = 1, 2, \dots$:
//
// 1. look at the policy as it is now: `nextTokenLogProbs(treePolicy(tree, table))`, log-probabilities in the table's layout;
// 2. **draw** `batch` replies: `categorical(foldIn(key, k), sequenceLogProbs(tree, conditionals), batch)`, numbers of replies (`foldIn` makes a fresh key of a key and a number);
// 3. **credit** each token with the rewards of its own step and of those after it. Reply $y$ has the tokens `tree.sequences[y]`, and came by the prefixes `prefixesOf(tree, y)`, one for each token;
// 4. **step**: add `rate / batch` times credit times $\nabla \log \pi$ to the row of each prefix that the reply came by, with the $\pi$ that drew.
//
// When it passes, the cell below draws what your loop learns, from the same utility paid in two ways.
//
// <details><summary>Hint 1</summary>Copy the table first. For each reply make the list of its places, <code>p * V + v</code>; rewards and credits are read off it.</details>
// <details><summary>Hint 2</summary>Walk through the places from the last to the first, and add up the rewards as you go: the sum is the credit.</details>

// %% [exercise] 06/loop
/** The table of logits after some steps of REINFORCE, each token paid the rewards from its own step on. */
function learnFromSteps(
  key: Key,
  tree: SequenceTree,
  logits: Float64Array,
  stepRewards: Float64Array,
  { steps, batch, rate }: { steps: number; batch: number; rate: number },
): Float64Array {
  // #solution
  const V = tree.vocabulary;
  const table = Float64Array.from(logits);
  for (let step = 1; step <= steps; step++) {
    const conditionals = nextTokenLogProbs(treePolicy(tree, table));
    const replies = categorical(foldIn(key, step), sequenceLogProbs(tree, conditionals), batch);
    for (const y of replies) {
      const places = prefixesOf(tree, y).map((p, t) => p * V + tree.sequences[y][t]);
      let credit = 0;
      for (const place of places.reverse()) {
        credit += stepRewards[place];
        const row = place - (place % V);
        for (let i = row; i < row + V; i++) {
          table[i] += ((rate * credit) / batch) * (Number(i === place) - Math.exp(conditionals[i]));
        }
      }
    }
  }
  return table;
  // #end
}

// %% [check] 06/loop
const { passed } = await check("06/loop", { learnFromSteps });

const tiny = phraseTask({ length: 3 }); // 259 replies; the best is worth 2
const tinyStart = conditionalLogProbs(tiny.tree, tiny.reference[0]);
const atTheEnd = terminalRewards(tiny.tree, tiny.utility[0]);
const utilitySoFar = tiny.tree.prefixes.map((prefix) => phraseUtility(tiny.prompts[0], prefix).total);
const onTheWay = potentialTokenRewards(tiny.tree, utilitySoFar).map((help, step) => atTheEnd[step] + help);
const moments = passed ? [0, 5, 10, 20, 30, 45, 60] : [0, 60];
const tinyWorth = (table: Float64Array) =>
  exactExpectation(sequenceLogProbsOf(treePolicy(tiny.tree, table)), tiny.utility[0]);
show(
  line({
    title: passed ? "Your loop learns, and does not mind when it is paid" : "Here your loop will learn",
    subtitle: "true utility of the policy, exactly; 8 replies a step, rate 1, one key",
    x: { title: "step" },
    y: { title: "true utility", unit: "nats", range: [-0.5, 2.4] },
    series: Object.entries(
      passed
        ? { "paid at the end": atTheEnd, "paid on the way (utility so far)": onTheWay }
        : { "not written yet": atTheEnd },
    ).map(([name, rewards]) => ({
      name,
      x: moments,
      y: moments.map((steps) =>
        tinyWorth(
          passed && steps > 0
            ? learnFromSteps(key(4), tiny.tree, tinyStart, rewards, { steps, batch: 8, rate: 1 })
            : tinyStart,
        ),
      ),
      markers: true,
    })),
    reference: [{ y: 2, label: "the best reply" }],
  }),
);

// %% [markdown]
// Paid at the end or on the way, it comes close to the best reply within sixty steps, in nearly every run.
// #claim 06/your-loop-learns
//
// **Break it.** Credit each token with its own step alone, and run the cell above with `onTheWay`.
//
// <details><summary>What happens</summary>About half of all runs stay at a reply that is worth 1: "very" earns nothing by itself, and "good" at once is something. With a smaller rate it is just slow. And paid at the end (<code>atTheEnd</code>) nobody but the last token is paid at all:
// it ends near 0.</details>
// #claim 06/short-sight-stays-below
//
// ### Where success is rare
//
// What a token is paid for matters more where success is rare. We pay 1 for
// a utility of 3 and 0 otherwise (three of the 1555 replies of at most four tokens; people write one of them once in 36 times), and as potential the utility of what was said so far, or the exact probability of success. On the left all learn at rate 1, on the right each at several.

// %%
const short = phraseTask({ length: 4 });
const success = short.utility[0].map((u) => Number(u >= 3));
const start = conditionalLogProbs(short.tree, short.reference[0]);
const everyPrefix = tabularContexts(short.tree);
const probability = exactPolicyGradient(treePolicy(short.tree, start, everyPrefix), success);
const sparseForm = terminalRewards(short.tree, success);
const withPhi = (phi: ArrayLike<number>) => {
  const extra = potentialTokenRewards(short.tree, phi);
  return sparseForm.map((reward, step) => reward + extra[step]);
};
const soFar = short.tree.prefixes.map((prefix) => (phraseUtility(short.prompts[0], prefix).total + 1) / 3);
const lessons = {
  "sparse, all of it": { rewards: sparseForm, credit: "whole" },
  "dense: utility so far, from the token on": { rewards: withPhi(soFar), credit: "to go" },
  "dense: probability of success, from the token on": { rewards: withPhi(probability.V), credit: "to go" },
  "dense: probability of success, own step only": { rewards: withPhi(probability.V), credit: "own" },
  "dense: utility so far, own step only": { rewards: withPhi(soFar), credit: "own" },
} as const;
const writers = 10;
const steps = 250;
const written = (
  k: Key,
  { rewards, credit }: { rewards: Float64Array; credit: "whole" | "to go" | "own" },
  rate: number,
  logits: Float64Array = start,
) => reinforceCurve(k, treePolicy(short.tree, logits), rewards, success, { steps, batch: 8, rate, credit }).curve;
const writerRates = [0.3, 1, 3, 10, 30];
const writing = Array.from(progress(Object.entries(lessons), { label: "writers" }), ([name, lesson]) => ({
  name,
  byRate: writerRates.map((rate) => split(key(6), writers).map((k) => written(k, lesson, rate))),
}));

show(
  smallMultiples({
    title: "Dense is no faster where the whole is counted, and short sight may never get there",
    subtitle: `exact probability of success; REINFORCE, 8 replies a step; means over ${writers} runs, bands: 95 %`,
    share: "y",
    figures: [
      line({
        title: "At rate 1, step by step",
        x: { title: "step" },
        y: { title: "probability of success", range: [-0.03, 1.03] },
        series: writing.map(({ name, byRate }) => overSeeds(name, linspace(0, steps, steps + 1), byRate[1])),
      }),
      line({
        title: "At every rate",
        x: { title: "rate", type: "log" },
        y: { title: `mean over ${steps} steps`, range: [-0.03, 1.03] },
        series: writing.map(({ name, byRate }) => ({
          ...overSeeds(
            name,
            writerRates,
            Array.from({ length: writers }, (_, w) => byRate.map((runs) => mean(runs[w]))),
          ),
          markers: true,
        })),
      }),
    ],
  }),
);

// %% [markdown]
// Three curves lie on each other, at every rate, as (9) says they should up to noise.
// #claim 06/the-same-curves, 06/best-rates-are-alike
// Whoever is paid for the own step only finds the way if the potential is the true probability of success: slowly with small steps, for that probability was computed for the old policy, and as well as anybody with large ones.
// #claim 06/own-step-is-slow-and-catches-up
// With the utility so far as potential, "very", which is worth nothing until "good" follows, is never worth saying, and success dies out, at every rate.
// #claim 06/own-step-of-a-guess-dies
//
// ### Waiting for luck (optional)
//
// Reinforcement learning of language models gets away with one reward at the end because it starts from a model that is already often right. The ship was not. What if the writer is not either? We start from uniform words, where a reply succeeds once in 800 times: eight replies
// a step wait a hundred steps for the first success, on average. Two kinds of help: the potential from above, and *grades*, the utility itself as a reward at the end (divided by 3, so that success pays 1 as before). Each way at the best of its rates.
//
// **Predict, then run.** Which of the two helps?

// %%
const anything = new Float64Array(start.length); // all words alike
const seekers = {
  "from people's replies, sparse": { ...lessons["sparse, all of it"], logits: start, rates: [30] },
  "from uniform words, sparse": { ...lessons["sparse, all of it"], logits: anything, rates: [10, 30, 100] },
  "from uniform words, potential": {
    ...lessons["dense: utility so far, from the token on"],
    ...{ logits: anything, rates: [3, 10, 30] },
  },
  "from uniform words, grades": {
    rewards: terminalRewards(
      short.tree,
      short.utility[0].map((u) => u / 3),
    ),
    ...{ credit: "whole" as const, logits: anything, rates: [1, 3, 10, 30] },
  },
};
const lucky = 40;
const sought = Array.from(progress(Object.entries(seekers), { label: "seekers" }), ([name, seeker]) =>
  seeker.rates
    .map((rate) => ({ rate, runs: split(key(7), lucky).map((k) => written(k, seeker, rate, seeker.logits)) }))
    .map(({ rate, runs }) => ({ name: `${name}, rate ${rate}`, runs, over: mean(runs.map((run) => mean(run))) }))
    .reduce((best, one) => (one.over > best.over ? one : best)),
);

show(
  line({
    title: "Where success is rare the start decides, and grades lead elsewhere",
    subtitle: `exact probability of success; means over ${lucky} runs, bands: 95 %`,
    x: { title: "step" },
    y: { title: "probability of success", range: [-0.03, 1.03] },
    series: sought.map(({ name, runs }) => overSeeds(name, linspace(0, steps, steps + 1), runs)),
  }),
);

// %% [markdown]
// <details><summary>What you saw</summary>Neither. Grades make it much worse.</details>
//
// From people's replies the writer is done at once.
// #claim 06/people-are-done-at-once
// From uniform words nearly every run ends at success or at nothing, and what separates them is when luck struck: no step size makes it strike much sooner.
// #claim 06/all-or-nothing, 06/the-wait-does-not-look-at-the-rate
// The potential makes no difference that forty runs could show: before the first success it is all noise.
// #claim 06/a-potential-hardly-shortens-the-wait
// Grades tell every reply from every other, and that is the trouble. In most runs the writer settles on a reply of a middling utility, one that is easy to find, before it has seen a success.
// #claim 06/grades-lead-elsewhere
// (If utility is what you want, that is worth something. If you want the three replies, it is a nearer hill.)
//
// And diversity? Uniform words are as diverse as words can be, and they succeed more than twenty times less often than people's.
// #claim 06/people-find-it-more-often
// More diversity is more chances only if it is spread over replies that might succeed. The best help where success is rare is a better start: imitation first (lesson 05), or easier questions first.
//
// ## 4. Whose merit was it?
//
// One number for a reply, a few tokens: who earned it? Four answers.
//
// - *A word list* gives each word its own valence.
// - *Leave one out*: $c_t = R(y) - R(y \text{ without token } t)$.
// - *Shapley* (1953): what a token adds to those already there ($S$), averaged over all orders in which the tokens might have come,
//
// $$c_t = \sum_{S \not\ni t} \frac{|S|!\,(T - |S| - 1)!}{T!}\, \bigl(R(S \cup t) - R(S)\bigr), \qquad \sum_t c_t = R(y) - R(\varnothing). \tag{10}$$
//
// - *Value*: $c_t = V(s_{t+1}) - V(s_t)$, how the token changed what was to be expected of the policy that writes ($s_t$ is what stood before it; a finished reply is worth $R$). It is the advantage of that token (the box in section 3), and the credits of a reply add up to $R(y)$ less the value of the empty reply.

// %%
const whale = task.prompts[0];
const valuesOf = (logProbs: Float64Array) =>
  exactPolicyGradient(treePolicy(tree, conditionalLogProbs(tree, logProbs)), utility).V;
const trained = exactRegularisedOptimum(ref, utility, 0.3).logProbs;
const [beforeTraining, afterTraining] = [valuesOf(ref), valuesOf(trained)];
const creditMap = (text: string) => {
  const labels = [...text.split(" "), "(end)"];
  const tokens = labels.map((word) => Math.max(0, phraseWords.indexOf(word as (typeof phraseWords)[number])));
  const y = sequenceIndex(tree, tokens);
  const total = (list: readonly number[]) => phraseUtility(whale, list).total;
  return heatmap({
    title: `"${text}", utility ${utility[y]} nats`,
    x: { title: "token", labels },
    y: {
      title: "credit by",
      labels: ["word list", "leave one out", "Shapley", "value, people", "value, trained"],
    },
    color: { title: "credit", unit: "nats", center: 0, range: [-4, 4] },
    digits: 1,
    values: [
      tokens.map((token) => lexiconScore([token])),
      leaveOneOutCredit(tokens, total),
      shapleyCredit(tokens, total),
      valueCredit(tree, beforeTraining, y, utility[y]),
      valueCredit(tree, afterTraining, y, utility[y]),
    ],
  });
};

show(
  smallMultiples({
    title: "Five accounts of who earned it",
    subtitle: "two policies have two accounts: before training, and the trained optimum (beta 0.3)",
    figures: [creditMap("not very bad whale"), creditMap("bad not very good")],
  }),
);

// %% [markdown]
// On the left the word list blames "bad", which people's policy should thank most: after "not very" it was open whether "good" or "bad" would follow, and "bad" is what made the reply a glad one.
// #claim 06/the-list-blames-bad
// Leaving out gives "not" four nats of a reply that is worth three (without it the meaning turns), and all credits together come to nine.
// #claim 06/leaving-out-gives-nine
// Shapley's add up, to what the reply is worth more than silence.
// #claim 06/credits-that-add-up
// And the trained policy finds little to thank for in a good reply, which it expected; in the bad one it can say at which words things went wrong.
// #claim 06/nothing-to-thank-for
// None of these is mistaken. They answer different questions, and the values' question is the one that a policy gradient asks.
//
// ### Exercise 8. Shapley's value (optional)
//
// *Difficulty 4 of 5, 15 minutes. Trains: equation (10), or simply its idea.*
//
// Given the rewards of all subsets of $n$ tokens, return the $n$ credits. Token $i$ is in subset number `subset` if bit $i$ of the number is set: `rewards[0]` is the empty reply, `rewards[5]` has the tokens 0 and 2.
//
// <details><summary>Hint 1</summary><code>(subset >> i) & 1</code> asks whether token i is there; <code>subset | (1 << i)</code> puts it in.</details>
// <details><summary>Hint 2</summary>A subset of size k has the weight k! (n - k - 1)! / n!. Or go through all orders and average: for four tokens there are 24.</details>

// %% [exercise] 06/shapley
/** Equation (10): the credit of each of n tokens, from the rewards of all 2^n subsets. */
function shapley(rewards: number[], n: number): number[] {
  // #solution
  const factorial = (k: number): number => (k <= 1 ? 1 : k * factorial(k - 1));
  const credit = new Array<number>(n).fill(0);
  for (let subset = 0; subset < 2 ** n; subset++) {
    const there = Array.from({ length: n }, (_, i) => (subset >> i) & 1);
    const size = there.reduce((a, b) => a + b, 0);
    for (let i = 0; i < n; i++) {
      if (there[i] === 1) continue;
      const weight = (factorial(size) * factorial(n - size - 1)) / factorial(n);
      credit[i] += weight * (rewards[subset | (1 << i)] - rewards[subset]);
    }
  }
  return credit;
  // #end
}

// %% [check] 06/shapley
await check("06/shapley", { shapley });

// %% [markdown]
// ## 5. Judging what is not finished
//
// An *outcome* reward model reads whole replies. A *process* reward model says of a beginning how it will end, $V(s_t)$, and can be asked on the way. Where do its labels come from? People can mark steps (Lightman and others 2023); or the
// policy finishes each beginning a few times, and the ends are counted (Math-Shepherd, Wang and others 2023):
//
// $$\hat V(s_t) = \frac1K \sum_{k=1}^{K} \mathbb{1}\bigl[\text{finish } k \text{ ends well}\bigr]. \tag{11}$$
//
// "Ends well" shall mean a utility of at least 2, which people's replies reach in about one of six.
// #claim 06/one-of-six-ends-well
// Two judges learn from the same labels, 4 *rollouts* (replies finished by the policy) from each beginning of 1000 replies: a linear model, which reads the last two words, the counts of words and the length, and a transformer, which reads all of it. Six training sets, and
// for the transformer two learning rates.

// %%
const well = utility.map((u) => Number(u >= 2));
const conditionals = conditionalLogProbs(tree, ref);
const exactProbability = exactPolicyGradient(treePolicy(tree, conditionals), well).V;
const read = (tokens: readonly number[]) => phraseStepFeatures(whale, tokens);
const beginnings = tree.prefixes.map(read);
const wholes = tree.sequences.map(read);

const trainJudges = (k: Key, replies: number) => {
  const drawn = drawLabelledSteps(k, tree, ref, well, { replies, rollouts: 4 });
  const ends = Array.from(drawn.sequences, (y) => wholes[y]);
  const passed = drawn.prefixes.flat().map((p) => beginnings[p]);
  const labels = drawn.labels.flatMap((list) => Array.from(list));
  const process = fitProcessReward([...passed, ...ends], [...labels, ...drawn.outcomes]);
  const outcome = fitProcessReward(ends, drawn.outcomes);
  const score = (model: typeof process) => ({
    beginnings: beginnings.map((features) => processRewardScore(model, features)),
    wholes: wholes.map((features) => processRewardScore(model, features)),
  });
  return { drawn, process: score(process), outcome: score(outcome) };
};
const judges = split(key(8), 6).map((k) => trainJudges(k, 1000));

// %%
const followed = ["very good whale", "not very bad whale", "good sea", "sea not good whale"];
const pathsOf = (title: string, ofBeginning: ArrayLike<number>, ofWhole: ArrayLike<number>) =>
  line({
    title,
    x: { title: "tokens so far" },
    y: { title: "probability to end well", range: [-0.03, 1.03] },
    series: followed.map((text) => {
      const tokens = text.split(" ").map((word) => phraseWords.indexOf(word as (typeof phraseWords)[number]));
      const y = sequenceIndex(tree, [...tokens, 0]);
      const values = [...prefixesOf(tree, y).map((p) => ofBeginning[p]), ofWhole[y]];
      return { name: text, x: values.map((_, t) => t), y: values, markers: true };
    }),
  });

// The same labels for a transformer: a head says after each token how it will end.
const epochs = 300; // steps of 64 replies
const judgeRates = [3e-3, 1e-2]; // try 3e-2
const reader = processReward({ vocabulary: tree.vocabulary, context: 1 + tree.length, width: 16, layers: 1, heads: 2 });
const readers: ReturnType<typeof successProbability>[][] = []; // [training set][rate]
for (const { drawn } of progress(judges, { label: "transformers" })) {
  const replies = labelledSteps(tree, whale, drawn);
  const byRate: ReturnType<typeof successProbability>[] = [];
  for (const rate of judgeRates) {
    const optimizer = adam({ rate: cosineSchedule(rate, epochs), maxNorm: 1 });
    const options = { model: reader, optimizer, replies, steps: epochs, label: false } as const;
    const { params } = await trainProcessReward(key(9), options);
    byRate.push(successProbability(reader, params, tree, whale));
    disposeTree(params);
  }
  readers.push(byRate);
}

show(
  smallMultiples({
    title: "Where a reply is decided",
    subtitle: "the last point is the finished reply; first training set, transformer at rate 0.01",
    columns: 3,
    share: "y",
    figures: [
      pathsOf("Exact", exactProbability, well),
      pathsOf("Learned: linear", judges[0].process.beginnings, judges[0].process.wholes),
      pathsOf("Learned: transformer", readers[0][1].beginnings, readers[0][1].wholes),
    ],
  }),
);

// %% [markdown]
// The linear one is about right for plain replies and cannot read "not very bad": it sees two words back, and no further.
// #claim 06/linear-cannot-read-it
// The transformer, taught by the same labels and the same loss (the cross-entropy of "will end well"), gives it more of a chance; how much differs from one training set to the next, for such replies are rare.
// #claim 06/transformer-reads-some-of-it
// Now use them. *Judge the end*: write $n$ replies and keep the one with the best outcome score. *Judge the way*: at each step draw $n$ words and keep the one after which the reply looks best. Both write $n$ times as many tokens as one reply takes. Everything but the
// judges is computed exactly.

// %%
const draws = [1, 2, 4, 8, 16];
const ofWhole = (scores: ArrayLike<number>, n: number) => exactExpectation(bestOfNLogProbs(ref, scores, n), well);
const stepByStep = (beginnings: ArrayLike<number>, wholes: ArrayLike<number>, n: number) =>
  exactExpectation(stepwiseBestOfNLogProbs(tree, conditionals, { beginnings, wholes }, n), well);
const overJudges = (name: string, of: (judge: (typeof judges)[number], n: number, i: number) => number) =>
  overSeeds(
    name,
    draws,
    judges.map((judge, i) => draws.map((n) => of(judge, n, i))),
  );
const contests = [
  overJudges("the end, outcome model", ({ outcome }, n) => ofWhole(outcome.wholes, n)),
  { name: "the end, perfect judge", x: draws, y: draws.map((n) => ofWhole(well, n)) },
  overJudges("the way, linear model", ({ process }, n) => stepByStep(process.beginnings, process.wholes, n)),
  overJudges("the way, transformer", (_, n, i) => stepByStep(readers[i][0].beginnings, readers[i][0].wholes, n)),
  { name: "the way, exact probabilities", x: draws, y: draws.map((n) => stepByStep(exactProbability, well, n)) },
  overJudges("the way, outcome model", ({ outcome }, n) => stepByStep(outcome.beginnings, outcome.wholes, n)),
];

show(
  line({
    title: "For the same number of tokens judging the way wins, while the judge holds",
    subtitle:
      "share of replies that end well; models: means over six training sets, bands 95 %; transformer at rate 0.003",
    x: { title: "replies, or words at each step", type: "log", range: [1, 16] },
    y: { title: "share that ends well", range: [0, 1.03] },
    series: contests,
  }),
);

// %% [markdown]
// With exact probabilities, two words a step are worth more than two whole replies with a perfect judge, by far.
// #claim 06/exact-chances-need-no-luck
// And with two draws or four, either learned judge of the way beats a *perfect* judge of the end: it does not have to wait for luck to hold to the last word.
// #claim 06/the-way-beats-a-perfect-end
// An outcome model, asked about beginnings, which it has never seen, ends up worse than no help, in most training sets.
// #claim 06/outcome-model-off-its-ground
// With sixteen the training sets part. A mean hides that, so here is each of them.

// %%
const atSixteen = [
  { name: "linear", values: judges.map(({ process }) => stepByStep(process.beginnings, process.wholes, 16)) },
  ...judgeRates.map((rate, r) => ({
    name: `transformer, ${rate}`,
    values: readers.map((byRate) => stepByStep(byRate[r].beginnings, byRate[r].wholes, 16)),
  })),
];

show(
  bar({
    title: "Sixteen words at each step: most training sets, and the others",
    subtitle: "share of replies that end well, judged on the way; dashed: one reply, and a perfect judge of sixteen",
    x: { title: "judge, and the learning rate" },
    y: { title: "share that ends well", range: [0, 1.05] },
    categories: atSixteen.map(({ name }) => name),
    series: judges.map((_, i) => ({ name: `training set ${i + 1}`, values: atSixteen.map(({ values }) => values[i]) })),
    reference: [{ y: exactExpectation(ref, well) }, { y: ofWhole(well, 16) }],
  }),
);

// %% [markdown]
// The linear judge, which reads two words back, is a lottery: in some training sets sixteen words a step do as well as a perfect judge of the end, in others far worse than four words did.
// #claim 06/linear-falls-in-some
// The transformer at rate 0.003 holds in every training set, and comes near the exact probabilities.
// #claim 06/transformer-comes-near
// At 0.01 some training sets end below one half. And yet its probabilities are the *nearer* ones to the exact probabilities, on the replies that people write.
// #claim 06/some-training-sets-fail-it, 06/nearer-on-peoples-replies
// The more choices, the more often the winner is a word that the model overrates, and one such word is enough. That is Goodhart's law, and lesson 11. What failed was the judge and not the judging, and nothing that its trainer looks at, the loss on people's replies,
// would have told.
//
// ### One number from many (optional)
//
// A process model can rank *whole* replies too, if its scores are made into one number: the last, the smallest (Math-Shepherd), the product (Lightman and others), the sum.

// %%
const scoreLists = (ofBeginning: ArrayLike<number>, ofEnd: ArrayLike<number>) =>
  tree.sequences.map((_, y) => [
    ...prefixesOf(tree, y)
      .slice(1)
      .map((p) => ofBeginning[p]),
    ofEnd[y],
  ]);
const aggregates: Record<string, (scores: number[]) => number> = {
  "last step": (scores) => scores[scores.length - 1],
  minimum: (scores) => Math.min(...scores),
  product: (scores) => scores.reduce((a, b) => a * b),
  sum: (scores) => scores.reduce((a, b) => a + b),
};
const ranked = (lists: number[][], aggregate: (scores: number[]) => number) => ofWhole(lists.map(aggregate), 16);
const learnedLists = judges.map(({ process }) => scoreLists(process.beginnings, process.wholes));
const exactLists = scoreLists(exactProbability, well);
const learnedRanks = Object.values(aggregates).map((aggregate) =>
  learnedLists.map((lists) => ranked(lists, aggregate)),
);

show(
  bar({
    title: "One number from many: with learned scores it matters which",
    subtitle: "best of 16 replies by the aggregated scores; error bars: 95 %, six training sets; dashed: one reply",
    x: { title: "aggregate" },
    y: { title: "share that ends well", range: [0, 1.05] },
    categories: Object.keys(aggregates),
    series: [
      {
        name: "learned, linear",
        values: learnedRanks.map((r) => mean(r)),
        error: learnedRanks.map((r) => meanInterval(r).half),
      },
      {
        name: "exact probabilities",
        values: Object.values(aggregates).map((aggregate) => ranked(exactLists, aggregate)),
      },
    ],
    reference: [{ y: exactExpectation(ref, well) }],
  }),
);

// %% [markdown]
// With exact probabilities it hardly matters whether one takes the last, the smallest or the product: a reply that failed ends at 0, and so do its minimum and its product.
// #claim 06/with-exact-chances-it-hardly-matters
// With the linear model's the last step (an outcome reward again) and the minimum come out alike, and the product throws much of the gain away:
// #claim 06/aggregates-matter
// it multiplies every doubt on the way, and so it likes replies that are short. Minimum and product fit scores that say "this step is correct", where one wrong step ruins all; ours say "this will end well", and a doubt may prove unfounded. The sum rewards length, which a policy would
// find out (Cheng and others 2025).
//
// ## What this lesson does not show
//
// - **BLEU and ROUGE in earnest.** Our transformer had never read anything. They have been used as rewards for models that had (Ranzato and others 2016; Paulus and others 2018; `referenceReward` does it). In the second paper the summaries trained on ROUGE alone had the best ROUGE, and people found them the hardest to read. Learned metrics have taken their place, with blind spots that are harder to list.
// - **Where the parts come from.** Ours were written down. Lessons 01 to 05 learn a reward from people; a sum of learned parts has errors that add up in their own way.
// - **Long replies.** With five tokens a sparse reward is no hardship. With a thousand it is, and who earned it is an open question.
// - **Steps that mean something.** Our steps are words. Process rewards earn their keep where a step is a line of a proof that can be right or wrong.
// - **A potential that learns along.** Ours were fixed. Potentials that change while the policy learns keep the optimum as well, if they are taken at the time of arriving (Devlin and Kudenko 2012).
//
// - **Exploration that searches.** Nothing here looks for success; it waits. Entropy bonuses keep more replies possible (lesson 07), and four algorithms wait alike (lesson 09); bonuses for what is new are not in this course yet.
//
// ## Said, and seen
//
// | Said, in the notes | Seen | Where |
// | --- | --- | --- |
// | Task-specific rewards: BLEU, ROUGE for text generation | They measure overlap with a reference; for one text they are noisy, blind for a "not", and what is better than the reference cannot score higher | 1 |
// | Composite rewards: $R = \sum_i w_i R_i$ | Weights mean nothing without units; and no weights mend what all parts are blind for | 2 |
// | Human preference rewards, learned from comparisons | Lessons 01 to 05; a policy learns all that such a reward says, and what it does not say it cannot learn | 2 |
// | Sparse vs dense: trade-offs between signal quality and frequency | No trade-off if the dense form is a potential's: it says exactly the same. For a policy gradient it is then a baseline, and no faster; for Q-learning it can be fast or slow | 3 |
// | Sparse rewards: single reward per complete sequence | No hardship where the start is often right; from uniform words one waits for luck | 3 |
// | Credit assignment: which tokens contributed to reward | Four answers to four questions; a policy gradient asks for the change of $V$ | 4 |
// | Exploration: encouraging diverse generation while optimising reward | Uniform words are as diverse as can be, and succeed twenty times less often than people's | 3 |
//
// ## On one page
//
// | | Formula | In code |
// | --- | --- | --- |
// | (1) | $p_n$: matches, each n-gram at most as often as in the reference, over all n-grams | `clippedMatches` |
// | (2), (3) | $\mathrm{BLEU} = 100 \cdot \mathrm{BP} \cdot (p_1 p_2 p_3 p_4)^{1/4}$ | `brevityPenalty`, `sentenceBleu` |
// | (4) | longest common subsequence, by a table | `lcsLength`, `rougeL` |
// | (5), (6) | $\sum_i w_i (R_i - \mathrm{mean}_i) / \mathrm{deviation}_i$ | `compositeReward`, `normaliseOverBatch`; `updateMoments` with `normaliseBy` |
// | (8) | $F_t = \gamma \Phi(s_{t+1}) - \Phi(s_t)$, end 0 | `potentialShaping`, `withPotential`, `potentialTokenRewards` |
// | (9) | reward-to-go minus $\Phi(s_t)$: shaping is a baseline | `reinforceCurve` |
// | (10) | Shapley: what a token adds, over all orders | `shapleyCredit` |
// | value credit | $V(s_{t+1}) - V(s_t)$ | `valueCredit` |
// | (11) | share of rollouts that end well | `rolloutLabels`, `fitProcessReward`, `trainProcessReward` |
// | using it | best of $n$ at the end, or at every step | `bestOfNLogProbs`, `stepwiseBestOfNLogProbs` |
//
// **Three questions**
//
// 1. A summariser is paid by ROUGE-1 recall. What will it do, and which change of the score stops it?
// <details><summary>Answer</summary>It writes until it is cut off, since a word too many costs nothing. Precision in the score (F, or BLEU) makes length cost something; order is still free with single words.</details>
//
// 2. Your agent gets a bonus for every subgoal it reaches, and reaches the first one again and again. What is the smallest change?
// <details><summary>Answer</summary>Pay the bonus as a difference of a potential, so that leaving the subgoal costs what reaching it earned, discount included, and the end has potential 0.</details>
//
// 3. Of two process reward models one is nearer to the true probabilities, on replies that people write, and is the worse guide at sixteen words a step. How can that be?
// <details><summary>Answer</summary>Nearness is a mean over replies that people write. The best of sixteen goes where the scores are highest, and one word that is overrated, anywhere on the way, is where it ends up.</details>
//
// ## Where to read on
//
// - Papineni, Roukos, Ward and Zhu, *BLEU*, ACL 2002; Post, *A call for clarity in reporting BLEU scores*, arXiv:1804.08771. Equations (1) to (3), and how to report them.
// - Lin, *ROUGE*, 2004. Equation (4).
// - Welford, *Note on a method for calculating corrected sums of squares and products*, Technometrics 4 (1962). Exercise 5.
// - Ng, Harada and Russell, *Policy invariance under reward transformations*, ICML 1999. Equation (7). Randløv and Alstrøm, ICML 1998: the bicycle. Wiewiora, *Potential-based shaping and Q-value initialization are equivalent*, JAIR 19 (2003).
// - Grzes, *Reward shaping in episodic reinforcement learning*, AAMAS 2017: why the end has potential 0.
// - Shapley, *A value for n-person games*, 1953. Equation (10).
// - Cheng and others, *Stop summation*, arXiv:2504.15275: why the sum of step rewards is hacked.
// - Lightman and others, *Let's verify step by step*, arXiv:2305.20050; Wang and others, *Math-Shepherd*, arXiv:2312.08935; Setlur and others, *Rewarding progress*, arXiv:2410.08146; Mudgal and others, *Controlled decoding from language models*, arXiv:2310.17022, who keep the best of n block by block. Section 5.
// - Ranzato and others, *Sequence level training with recurrent neural networks*, arXiv:1511.06732; Paulus, Xiong and Socher, *A deep reinforced model for abstractive summarization*, arXiv:1705.04304. Rewards from section 1, in use.
// - In the books: Sutton and Barto, [*Reinforcement learning: an introduction*](http://incompleteideas.net/book/the-book-2nd.html): section 17.4, Designing Reward Signals; Lambert, *Reinforcement learning from human feedback*: chapter 7, [Reasoning](https://rlhfbook.com/c/07-reasoning).

// %%
import { solved } from "rlhf-lab-course";

// What you have solved of this lesson; it is written down on this machine and sent nowhere.
await solved("06");
