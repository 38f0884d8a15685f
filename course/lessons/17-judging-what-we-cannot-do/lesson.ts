// %% [markdown]
// # 17 Judging what we cannot do
//
// So far somebody could tell a good answer from a bad one. What if nobody can? A judge who is weaker than the system it judges needs help, and the only help at hand
// is other systems, which may lie. In this lesson the judge sees four pixels of a digit, knows single roads of a map, or has learned from eight pixels. We let strong systems
// argue before it, help it, or learn from it, and we know the truth, so that we can count how often it wins.
//
// **After this lesson you can**
//
// - compute the exact outcome of a debate, and say when the truth wins;
// - name the price of a lie that nobody can point at;
// - amplify a weak judge round by round, and see why choosing among noisy copies bends what it says;
// - tell what a strong student takes over from a weak teacher, and what it does not;
// - say why it matters whether the prover or the verifier commits first.
//
// **Time** 130 minutes, 88 of them exercises. **You need** lessons 01 and 02, and the words log-odds and minimax (both are told again).

// %% [markdown]
// ## The model on one page
//
// A *debate* is a game of statements. Two debaters speak in turns, then the judge gives one of them the prize. Both play as well as can be, so
//
// $$V(\text{end}) = \text{verdict}, \qquad V(\text{turn of the honest}) = \max_s V(s), \qquad V(\text{turn of the liar}) = \min_s V(s). \tag{1}$$
//
// Debate works where $V$ is the truth. In our first debate two claims about a picture stand against each other, and each statement shows a pixel $i$. The judge is *naive Bayes*: it adds up
//
// $$L = \ln\frac{P(h)}{P(l)} + \sum_{i\ \text{shown}} \ell_i, \qquad \ell_i = \ln\frac{P(\text{pixel}_i \mid h)}{P(\text{pixel}_i \mid l)}, \tag{2}$$
//
// the log-odds of the honest claim $h$ against the lie $l$, in nats. The honest debater wins if $L > 0$.
//
// | On paper | In code | What it is |
// | --- | --- | --- |
// | $V$ | `debateValue(debate)` | the minimax value of a debate |
// | $\ell_i$ | `logRatios(judge, image, h, l)` | what one pixel says, in nats |
// | $L$ | `pixelDebate(ratios, { shown, prior }).logOdds` | what the judge ends with |
// | $k$ | `shown` | pixels shown in all |

// %%
import {
  heatmap,
  key,
  line,
  linspace,
  meanInterval,
  progress,
  scatter,
  show,
  smallMultiples,
  split,
  table,
} from "rlhf-lab";
import {
  amplificationTrial,
  amplifyDistances,
  crossExamination,
  digitDebate,
  fitNaiveBayes,
  inkedPixels,
  inkLevels,
  isThereAOne,
  logRatios,
  obfuscatedDetection,
  performanceGapRecovered,
  pixelDebate,
  proverLeads,
  quantifiedDebate,
  ringWithChords,
  shortestWays,
  sumDebateCatches,
  treeError,
  verifierLeads,
  weakToStrongTrial,
} from "rlhf-lab/alignment";
import { opticalDigits } from "rlhf-lab/data";
import { permutation } from "rlhf-lab/random";
import { check } from "rlhf-lab-course";

// %% [markdown]
// ## Run it
//
// 1,797 digits, written by 13 people, 8 pixels by 8. A judge counts on a thousand of them how often each pixel has which of five levels of ink. It sees $k$ pixels of another digit, and only pixels with ink on them
// may be shown. The honest debater claims the true digit; a liar claims another. The honest one wins a picture only if it beats *all nine* liars.

// %%
const digits = opticalDigits();
const keys = [1, 2, 3, 4].map(key);
const first = digitDebate(keys[0], digits, { shown: 4 });
table(
  Object.entries({
    "four inked pixels at random": first.random,
    "a debate, four pixels": first.debate,
    "the whole picture": first.whole,
    "the honest debater alone, four pixels": first.honest,
    "a liar alone, four pixels": first.liar,
  }).map(([judge, right]) => ({ judge, right })),
  { columns: { judge: "what the judge sees", right: "share right" }, digits: 3 },
);

// %% [markdown]
// With four pixels at random the judge knows less than half of the digits. With four pixels chosen by two who hate each other it knows four out of five, nine tenths of those that it knows with everything in view. And whoever speaks alone wins, right or wrong.
// #claim 17/debate-helps-a-weak-judge
// #claim 17/alone-wins
//
// ## 1. Why it is easy to solve
//
// (2) is a sum. Whatever has been said before, a pixel adds the same. So the honest debater shows the greatest $\ell_i$ that is left and the liar the least: with $k$ even, the value is the prior plus the $k/2$ greatest plus the $k/2$ least. No
// search is needed. Look at a debate about four digits.

// %%
const levels = digits.images.map(inkLevels);
const order = Array.from(permutation(split(keys[0])[0], digits.images.length));
const taughtOn = order.slice(0, 1000);
const judge = fitNaiveBayes(
  taughtOn.map((i) => levels[i]),
  taughtOn.map((i) => digits.labels[i]),
  { classes: 10, levels: 5 },
);
/** The debate of a picture against the lie that does best against its truth. */
const hardest = (image: Uint8Array, truth: number) => {
  const pixels = inkedPixels(image);
  const debates = Array.from({ length: 10 }, (_, lie) => lie)
    .filter((lie) => lie !== truth)
    .map((lie) => {
      const ratios = logRatios(judge, image, truth, lie);
      const prior = judge.logPrior[truth] - judge.logPrior[lie];
      const seen = pixels.map((pixel) => ratios[pixel]);
      return { lie, pixels, seen, prior, ...pixelDebate(seen, { shown: 4, prior }) };
    });
  return debates.reduce((a, b) => (b.logOdds < a.logOdds ? b : a));
};
const examples = order.slice(1000, 1004).map((i) => ({ truth: digits.labels[i], image: levels[i] }));
const row = (pixel: number) => 7 - Math.floor(pixel / 8);
const places = (name: string, pixels: number[], size: number, color: string) => ({
  name,
  x: pixels.map((pixel) => pixel % 8),
  y: pixels.map(row),
  size,
  color,
});
show(
  smallMultiples({
    title: "What the two of them point at",
    subtitle: "green: shown by the honest debater, red: by the liar who does best",
    figures: examples.map(({ truth, image }) => {
      const { lie, pixels, honest, liar, logOdds } = hardest(image, truth);
      return scatter({
        title: `${truth} against ${lie}: ${logOdds.toFixed(1)} nats`,
        x: { title: "column", range: [-0.7, 7.7] },
        y: { title: "row from below", range: [-0.7, 7.7] },
        series: [
          places("ink", pixels, 8, "#b5b5b5"),
          places(
            "honest",
            honest.map((at) => pixels[at]),
            15,
            "#2a9d5c",
          ),
          places(
            "liar",
            liar.map((at) => pixels[at]),
            15,
            "#d1495b",
          ),
        ],
      });
    }),
  }),
);

show(
  line({
    title: "Each pixel moves the judge; the liar has the last word",
    subtitle: "the same four debates; above 0 the truth is ahead",
    x: { title: "pixels shown" },
    y: { title: "log-odds of the truth", unit: "nats" },
    series: examples.map(({ truth, image }) => {
      const { lie, seen, prior, honest, liar } = hardest(image, truth);
      const odds = [prior];
      for (const pixel of [honest[0], liar[0], honest[1], liar[1]]) odds.push(odds[odds.length - 1] + seen[pixel]);
      return { name: `${truth} against ${lie}`, x: [0, 1, 2, 3, 4], y: odds, markers: true };
    }),
    reference: [{ y: 0 }],
  }),
);

// %% [markdown]
// ### Exercise 1. Who says what
//
// *Difficulty 2 of 5, 10 minutes. Trains: equation (1).*
//
// A debate is a number (the judge's verdict for debater 0, at its end), or a list of debates (the statements of whoever's turn it is). Debater 0 speaks first and wants the verdict high, debater 1 second and wants it low, and so on by turns. Return the value.
//
// <details><summary>Hint</summary>Let the function call itself, and hand on whose turn it is.</details>

// %% [exercise] 17/debate-value
type Talk = number | Talk[];
/** The minimax value of a debate; debater 0 speaks first and wants it high. */
function debateWorth(talk: Talk): number {
  // #solution
  const play = (at: Talk, high: boolean): number => {
    if (typeof at === "number") return at;
    const values = at.map((next) => play(next, !high));
    return high ? Math.max(...values) : Math.min(...values);
  };
  return play(talk, true);
  // #end
}

// %% [check] 17/debate-value
await check("17/debate-value", { debateWorth });

// %% [markdown]
// ### Exercise 2. A debate by sorting
//
// *Difficulty 2 of 5, 12 minutes. Trains: equation (2) and the solution by sorting.*
//
// Given $\ell_i$ of all pixels that may be shown, the prior log-odds and an even $k$, return the judge's log-odds at the end. There are at least $k$ pixels. Leave the list that you are given as it is.
//
// <details><summary>Hint</summary><code>[...ratios].sort((a, b) => b - a)</code>: the honest half stands in front, the liar's half behind.</details>

// %% [exercise] 17/pixel-debate
/** Log-odds of the honest claim after k pixels, both playing at their best. */
function oddsAfter(ratios: number[], prior: number, k: number): number {
  // #solution
  const sorted = [...ratios].sort((a, b) => b - a);
  const shown = [...sorted.slice(0, k / 2), ...sorted.slice(sorted.length - k / 2)];
  return shown.reduce((sum, ratio) => sum + ratio, prior);
  // #end
}

// %% [check] 17/pixel-debate
await check("17/pixel-debate", { oddsAfter });

// %% [markdown]
// ## 2. How far does debate carry?
//
// **Predict, then run.** We let the judge see 2 to 16 pixels; then teach it on 20 to 1,000 pictures; then give it a liking for eights. Can debate make a judge better than it is with the whole picture? How many nats of liking does it survive?

// %%
const over = (runs: Record<string, number>[], of: string) => meanInterval(runs.map((run) => run[of]));
const counts = [2, 4, 6, 8, 16];
const sizes = [20, 50, 100, 300, 1000];
const biases = [0, 1, 2, 4, 8];
const byCount: Record<string, number>[][] = [];
const bySize: Record<string, number>[][] = [];
const byBias: Record<string, number>[][] = [];
for (const at of progress([0, 1, 2, 3, 4], { label: "debates" })) {
  const own = keys.slice(0, 2);
  byCount.push(own.map((k) => digitDebate(k, digits, { shown: counts[at] })));
  bySize.push(own.map((k) => digitDebate(k, digits, { shown: 6, taught: sizes[at] })));
  byBias.push(own.map((k) => digitDebate(k, digits, { shown: 4, bias: biases[at] })));
}
const names = { random: "random pixels", debate: "debate", liar: "a liar alone", whole: "whole picture" };
const curves = (runs: Record<string, number>[][], x: number[], shown: (keyof typeof names)[]) =>
  shown.map((of) => ({ name: names[of], x, y: runs.map((run) => over(run, of).mean), markers: true }));

show(
  line({
    title: "Two who disagree choose pixels that are worth many at random",
    subtitle: "797 digits, means of two splits; 1 in 10 would be luck",
    x: { title: "pixels shown" },
    y: { title: "share right", range: [0, 1] },
    series: curves(byCount, counts, ["random", "debate", "liar", "whole"]),
  }),
);

show(
  smallMultiples({
    title: "Debate brings a judge near to what it would say with the full view",
    share: "y",
    figures: [
      line({
        title: "Teaching the judge, 6 pixels",
        x: { title: "pictures taught", type: "log" },
        y: { title: "share right", range: [0, 1] },
        series: curves(bySize, sizes, ["random", "debate", "whole"]),
      }),
      line({
        title: "Liking for eights, 4 pixels",
        x: { title: "bias", unit: "nats" },
        y: { title: "share right", range: [0, 1] },
        series: curves(byBias, biases, ["random", "debate", "whole"]),
      }),
    ],
  }),
);

// %% [markdown]
// <details><summary>What you saw</summary>Near, and not beyond. A debate makes the evidence better, not the judge. And four nats of liking for eights, which the whole picture outweighs, are too many for four pixels. Look also at the judge taught on twenty pictures: is a debate of any use to it?</details>
//
// Irving, Christiano and Amodei (2018) did this with MNIST, a network for a judge and a tree search for the debaters, and report 59 % with six random pixels, 89 % with a debate about six. They could not say what perfect play does; here sorting does.
// The three columns random, debate, whole are also *sandwiching*: a layman, the layman with help, the expert.
// #claim 17/never-beyond-the-full-view
// #claim 17/bias-breaks-debate
//
// **Break it.** Let the liar speak alone (the curve at the bottom). Does it help to show more pixels, if only one side chooses them?
//
// <details><summary>What happens</summary>Hardly: even sixteen chosen by a liar convince the judge of a lie in nearly every picture. Evidence that is true and one-sided is enough to lie with; every pixel was real.</details>
//
// ## 3. Why debate could carry far: one line of play
//
// "For all $x_1$ there is an $x_2$ such that for all $x_3$ ..." A judge who checks such a sentence with $n$ variables alone has to evaluate $2^n$ cases. In a debate one side picks what *exists*, the other what stands for *all*, and the judge evaluates once. With both at their best that one evaluation tells the truth: the sentences that debate settles this way are PSPACE, where a single adviser who shows a proof reaches NP.

// %%
const variables = linspace(1, 12, 12);
const leaves = variables.map((n) => {
  const quantifiers = Array.from({ length: n }, (_, i) => (i % 2 === 0 ? "forAll" : "exists") as "forAll" | "exists");
  // For each x there is a y that differs, pair by pair; the last one may stand alone.
  return quantifiedDebate(quantifiers, (x) => x.every((v, i) => i % 2 === 0 || v !== x[i - 1]));
});
show(
  line({
    title: "What the debaters see grows like 2^n; what the judge sees, like n",
    x: { title: "variables n" },
    y: { title: "number", type: "log" },
    series: [
      {
        name: "cases to check without a debate",
        x: variables,
        y: leaves.map(({ evaluations }) => evaluations),
        markers: true,
      },
      { name: "statements in the debate", x: variables, y: variables, markers: true },
      { name: "cases the judge checks", x: variables, y: leaves.map(({ judged }) => judged), markers: true },
    ],
  }),
);

// %% [markdown]
// Every debate ends with the truth.
// #claim 17/one-evaluation-is-enough
//
// ## 4. Break it: a lie that nobody can find
//
// All this assumed debaters who see to the end. Take a sum of $2^n$ numbers. The liar claims a wrong total and must split it: a claim for the left half, one for the right. The challenger picks a half, and so on, down to one number, which the judge checks. A lie must hide somewhere, and a challenger
// who knows where follows it. One who goes wrong with probability $\eta$ at each level arrives with $(1-\eta)^n$. If the judge lets every number pass that is off by $\tau$, a lie of up to $2^n\tau$, spread thin, passes always.
//
// Worse: an *obfuscated argument* (Barnes and Christiano 2020) has $N$ steps, one is false, and nobody, the liar included, knows which. The challenger can only guess: $1/N$.

// %%
const depths = linspace(0, 14, 15);
show(
  smallMultiples({
    title: "A known flaw is found in a few questions, an unknown one is not",
    share: "y",
    figures: [
      line({
        title: "A lie in a sum",
        x: { title: "levels n" },
        y: { title: "probability of being caught", range: [0, 1.12] },
        series: [0, 0.01, 0.05, 0.2].map((challengerError) => ({
          name: `sum, errs with ${challengerError}`,
          x: depths,
          y: depths.map((depth) => sumDebateCatches({ depth, lie: 1, tolerance: 0, challengerError })),
        })),
      }),
      line({
        title: "One false step of N",
        x: { title: "log2 N" },
        y: { title: "probability of being caught", range: [0, 1.12] },
        series: [
          {
            name: "steps, flaw known",
            x: depths,
            y: depths.map((d) => obfuscatedDetection({ steps: 2 ** d, flawIsKnown: true })),
          },
          { name: "steps, flaw unknown", x: depths, y: depths.map((d) => obfuscatedDetection({ steps: 2 ** d })) },
        ],
      }),
    ],
  }),
);

// %% [markdown]
// So debate needs that to refute a lie is easier than to tell it. Where that fails, it fails silently.
// #claim 17/unknown-flaws-pass
//
// A liar has another way out: a claim with several meanings, the right one chosen after each question. *Cross-examination* asks a copy of the witness that has not heard the other questions, and so must have settled on a meaning before.

// %%
const readings = [1, 2, 3, 4, 6, 8];
/** Question q suits meaning q and no other. */
const suits = (k: number) =>
  Array.from({ length: k }, (_, r) => Array.from({ length: k }, (_, q) => (q === r ? 1 : 0)));
const crossed = await Promise.all(readings.map((k) => crossExamination(suits(k))));
show(
  line({
    title: "Bound to one meaning before the question, a liar gets away with 1 in k",
    x: { title: "meanings of the claim, k" },
    y: { title: "probability of getting away", range: [0, 1.03] },
    series: [
      { name: "chooses after the question", x: readings, y: crossed.map(({ adaptive }) => adaptive), markers: true },
      { name: "bound before it", x: readings, y: crossed.map(({ bound }) => bound), markers: true },
    ],
  }),
);

// %% [markdown]
// #claim 17/cross-examination-binds
//
// ### Exercise 3. The witness
//
// *Difficulty 3 of 5, 12 minutes. Trains: who moves last.*
//
// `escapes[r][q]` is the probability that meaning $r$ survives question $q$. Return `[bound, adaptive]`: `bound` is what a witness gets who draws its meaning by the probabilities `mix` before the question, against the question that is worst for it; `adaptive` what one gets who picks the meaning after the worst question.
//
// <details><summary>Hint</summary>The mix is fixed; for each question compute its mean over meanings, then take the least.</details>

// %% [exercise] 17/witness
/** [bound, adaptive]: how often the witness gets away. */
function getsAway(escapes: number[][], mix: number[]): [number, number] {
  // #solution
  const questions = escapes[0].map((_, q) => q);
  const bound = Math.min(...questions.map((q) => escapes.reduce((sum, row, r) => sum + mix[r] * row[q], 0)));
  const adaptive = Math.min(...questions.map((q) => Math.max(...escapes.map((row) => row[q]))));
  return [bound, adaptive];
  // #end
}

// %% [check] 17/witness
await check("17/witness", { getsAway });

// %% [markdown]
// ## 5. Amplification: a judge who asks copies
//
// Another road (Christiano, Shlegeris and Amodei 2018). A weak agent $A_0$ knows single roads of a map. A judge who can only add two numbers and take the least asks it for both halves of a way, over every middle $m$:
//
// $$D_{r+1}(i, j) = \min_m\, [\,D_r(i, m) + D_r(m, j)\,]. \tag{3}$$
//
// That is *amplification*. To train the next agent to say at once what the judge just worked out is *distillation*. Each round doubles the length of the ways that are known, while the judge stays as weak as it was.

// %%
const map = ringWithChords(key(7), 32, 6);
const truth = shortestWays(map);
const told = [map, ...amplifyDistances(key(8), map, { rounds: 4 })];
const placesNamed = truth.map((_, i) => String(i));
show(
  smallMultiples({
    title: "What the agent knows, round by round",
    subtitle: "1: the length of the shortest way is right",
    figures: [0, 1, 2, 3].map((round) =>
      heatmap({
        title: `round ${round}`,
        x: { title: "to", labels: placesNamed },
        y: { title: "from", labels: placesNamed },
        color: { title: "right", range: [0, 1] },
        values: truth.map((row, i) => row.map((way, j) => (Math.abs(told[round][i][j] - way) < 1e-9 ? 1 : 0))),
        annotate: false,
      }),
    ),
  }),
);

// %% [markdown]
// The agent that knew one pair in thirteen knows all of them after four rounds.
// #claim 17/four-rounds-know-all
//
// ### Exercise 4. The loop
//
// *Difficulty 4 of 5, 20 minutes. Trains: ask, put together, distil, again: an agent that learns from itself.*
//
// Start with the agent `edges` ($n$ by $n$; `Infinity` where there is no road). `luck` has one $n$ by $n$ list of numbers $z$ for each round. In each round: work out (3) for all pairs from the agent *as it was when the round began*; then distil: the next agent says $D(i,j)\,(1 + s\,z_{ij})$. Return the agent after the last round. The check then lets your loop learn a map.
//
// <details><summary>Hint 1</summary>Three nested loops, and a new matrix for every round.</details>
// <details><summary>Hint 2</summary>The middle may be one of the ends; that is how a known way stays known.</details>

// %% [exercise] 17/amplify-loop
/** The agent after a round for each entry of luck. */
function amplifyLoop(edges: number[][], luck: number[][][], s: number): number[][] {
  // #solution
  let agent = edges.map((row) => [...row]);
  for (const z of luck) {
    const asked = agent;
    agent = asked.map((row, i) =>
      row.map((_, j) => {
        let best = Number.POSITIVE_INFINITY;
        for (let m = 0; m < asked.length; m++) best = Math.min(best, asked[i][m] + asked[m][j]);
        return best * (1 + s * z[i][j]);
      }),
    );
  }
  return agent;
  // #end
}

// %% [check] 17/amplify-loop
await check("17/amplify-loop", { amplifyLoop });

// %% [markdown]
// ## 6. Break it: errors add up, and choosing makes it worse
//
// If the tree of questions has $2^d$ leaves, each wrong with probability $e$, and one wrong leaf spoils the answer, the answer is wrong with $1 - (1-e)^{2^d}$. With $e$ = 1 %:

// %%
table(
  [0, 2, 4, 6, 8].map((depth) => ({ depth, wrong: treeError(0.01, depth) })),
  { columns: { depth: "depth d", wrong: "wrong" }, digits: 3 },
);

// %% [markdown]
// Distilling each round keeps the depth at 1. But it adds noise, and (3) *chooses* by noisy numbers: the least of many noisy copies is too small on average. That is the *optimiser's curse*, Goodhart's law inside amplification, and the next round builds on it. A cure that lesson 02 would suggest: choose the middle by one copy, read its length off *another* (the double estimator, van Hasselt 2010).

// %%
const cures = { none: "plain", mean: "mean of two copies", double: "choose by one, read the other" } as const;
const noises = [0.05, 0.1, 0.2];
const rounds = [5, 6, 7, 8]; // all ways are known from here on
const curse = noises.map((noise) =>
  (Object.keys(cures) as (keyof typeof cures)[]).map((cure) => {
    const runs = keys.map((k) => amplificationTrial(k, { rounds: 8, noise, cure }).ratio);
    return {
      name: cures[cure],
      x: rounds,
      y: rounds.map((r) => meanInterval(runs.map((run) => run[r])).mean),
      markers: true,
    };
  }),
);
show(
  smallMultiples({
    title: "The least of noisy numbers is too small, and each round builds on it",
    subtitle: "mean over all pairs and four maps",
    share: "both",
    figures: noises.map((noise, i) =>
      line({
        title: `noise ${100 * noise} %`,
        x: { title: "round" },
        y: { title: "told / true length", range: [0, 1.1] },
        series: curse[i],
        reference: [{ y: 1 }],
      }),
    ),
  }),
);

// %% [markdown]
// With 20 % of noise the plain agent tells ways less than half as long as they are, after eight rounds. An average of two copies helps a little, separating choice and value most of the way.
// #claim 17/the-curse
// #claim 17/double-cures-most
//
// *Recursive reward modelling* (Leike and others 2018) is the same recursion with scores in the place of answers: the judge of round $r$ is helped by the agent that was trained in round $r-1$. On our map (3) would then be about the score of a way, with the same choice among noisy scores, and so with the same curse.
// *Market making* (Hubinger 2020) pays an adviser for moving a prediction of what the judge will believe in the end; it rests where no argument moves it any more. We do not run it.
//
// ### Exercise 5. Find the bug: an honest second opinion
//
// *Difficulty 2 of 5, 6 minutes. Trains: the double estimator.*
//
// `one` and `other` are two independent noisy copies of the lengths of the same ways. `doubleLeast` is to choose the shortest way by `one` and to say how long it is by `other`. A colleague wrote it; its answers are too short. Run the check, then mend it.
//
// <details><summary>Hint</summary>Which copy is read at the end?</details>

// %% [exercise] 17/find-the-bug
/** The length, by the other copy, of the way that is shortest by the first. */
function doubleLeast(one: number[], other: number[]): number {
  // #solution
  let chosen = 0;
  for (let i = 1; i < one.length; i++) if (one[i] < one[chosen]) chosen = i;
  return other[chosen];
  // #given
  // let chosen = 0;
  // for (let i = 1; i < other.length; i++) if (other[i] < other[chosen]) chosen = i;
  // return other[chosen];
  // #end
}

// %% [check] 17/find-the-bug
await check("17/find-the-bug", { doubleLeast });

// %% [markdown]
// ## 7. Weak to strong: a student better than its teacher?
//
// Now nobody helps the judge: it teaches. A weak teacher (logistic regression on 8 pixels in the middle) answers "is it 5 or more?" and a strong student learns from its answers alone. How much of the way from the teacher to the *ceiling* (the same student taught by the truth) does it go? That is the *performance gap recovered* (Burns and others 2023),
//
// $$\mathrm{PGR} = \frac{\text{weak to strong} - \text{weak}}{\text{ceiling} - \text{weak}}. \tag{4}$$
//
// The student sees random features of the picture, and, mixed in with a weight from 0 to 1, a *pretrained* block that knows digits: probabilities of the ten classes, learned from other pictures. That weight says how salient the digit is to it before it is taught. For comparison a student learns from labels that are wrong as often as the teacher's, but at random.

// %%
const shares = [0, 0.25, 0.5, 0.75, 1];
const trials: ReturnType<typeof weakToStrongTrial>[][] = [];
for (const pretrained of progress(shares, { label: "students" })) {
  trials.push(
    keys.slice(0, 2).map((k) => weakToStrongTrial(k, digits, { question: (digit) => digit >= 5, pretrained })),
  );
}
const recovered = (of: "weakToStrong" | "noise" | "confident") =>
  trials.map(
    (runs) => meanInterval(runs.map((run) => performanceGapRecovered({ ...run, weakToStrong: run[of] }))).mean,
  );
const meanOf = (of: "repeated" | "repeatedOfNoise") =>
  trials.map((runs) => meanInterval(runs.map((run) => run[of])).mean);
show(
  smallMultiples({
    title: "What is recovered is what the student already found salient",
    subtitle: "means of two splits",
    figures: [
      line({
        title: "Gap recovered",
        x: { title: "pretrained share" },
        y: { title: "PGR", range: [-0.1, 1.15] },
        series: [
          { name: "the teacher's labels", x: shares, y: recovered("weakToStrong"), markers: true },
          { name: "with the confidence loss", x: shares, y: recovered("confident"), markers: true },
          { name: "random wrong labels", x: shares, y: recovered("noise"), markers: true },
        ],
      }),
      line({
        title: "The teacher's mistakes, repeated",
        x: { title: "pretrained share" },
        y: { title: "share of mistakes", range: [0, 1] },
        series: [
          { name: "the teacher's labels", x: shares, y: meanOf("repeated"), markers: true },
          { name: "random wrong labels", x: shares, y: meanOf("repeatedOfNoise"), markers: true },
        ],
      }),
    ],
  }),
);

// %% [markdown]
// Random errors cancel; the teacher's do not, since they have a reason in the picture, and the student learns the reason. With nothing pretrained it repeats most of the teacher's mistakes. Where the digit itself is salient to it, it goes its own way: at a pretrained share of 0.75, a good part of the gap is recovered, and about half of the mistakes are left.
// #claim 17/mistakes-with-a-reason-are-learned
// #claim 17/salience-recovers
//
// The *confidence loss* mixes the student's own hard answers into the target, $(1-a)\,\text{weak} + a\,[p \ge t]$, where $t$ is set so that as many own answers are yes as weak labels were. It makes the student surer of what it thinks anyway: no help with nothing pretrained, much help in between.
// #claim 17/confidence-helps-in-between
//
// ### Exercise 6. The gap recovered
//
// *Difficulty 2 of 5, 6 minutes. Trains: equation (4), and what has no answer.*
//
// Return (4). Leave values below 0 and above 1 as they are. If the ceiling is not above the weak one there is no gap: throw an error.
//
// <details><summary>Hint</summary><code>throw new Error("no gap")</code>.</details>

// %% [exercise] 17/gap-recovered
/** PGR of three accuracies. */
function gapRecovered(weak: number, weakToStrong: number, ceiling: number): number {
  // #solution
  if (!(ceiling > weak)) throw new Error("no gap: the ceiling is not above the weak one");
  return (weakToStrong - weak) / (ceiling - weak);
  // #end
}

// %% [check] 17/gap-recovered
await check("17/gap-recovered", { gapRecovered });

// %% [markdown]
// ### Exercise 7. The confident target
//
// *Difficulty 3 of 5, 10 minutes. Trains: the confidence loss.*
//
// Given the weak labels (0 or 1), the student's probabilities of yes (all different) and $a$, return the targets. As many own answers are yes as there are weak labels of 1: those with the highest probabilities.
//
// <details><summary>Hint</summary>Sort a copy of the probabilities downwards; the threshold stands at place (number of ones) - 1. Mind the case of none.</details>

// %% [exercise] 17/confident-target
/** (1 - a) weak + a [own answer], the own answers as often yes as the weak labels. */
function confidentTarget(weak: number[], probabilities: number[], a: number): number[] {
  // #solution
  const ones = weak.reduce((sum, w) => sum + w, 0);
  const threshold = ones === 0 ? Number.POSITIVE_INFINITY : [...probabilities].sort((x, y) => y - x)[ones - 1];
  return weak.map((w, i) => (1 - a) * w + a * (probabilities[i] >= threshold ? 1 : 0));
  // #end
}

// %% [check] 17/confident-target
await check("17/confident-target", { confidentTarget });

// %% [markdown]
// ## 8. Who commits first?
//
// Last, one prover and one verifier. Three bits; "is there a 1?" The prover sees them all and points at one, which the verifier sees. The prover wants a yes, whatever the truth. $\rho$ is the probability that yes is right.
//
// If the *verifier* leads, it says: show me a 1, or I say no. Then nothing but the truth gets a yes. If the *prover* leads, it commits to how it will point, and mixes: it shows zeros even where there are ones, so that a zero still speaks for yes more often than not. (That is Bayesian persuasion, Kamenica and Gentzkow 2011: a linear program for each set of bits that the verifier may accept.)

// %%
const priors = [...linspace(0.02, 0.5, 5), 0.538, 0.539, ...linspace(0.6, 0.98, 4)]; // the two in the middle: about 7/13
const leading = await Promise.all(
  priors.map(async (prior) => ({
    verifier: verifierLeads(isThereAOne(prior)),
    prover: await proverLeads(isThereAOne(prior)),
  })),
);
show(
  smallMultiples({
    title: "The one who sets the rules first gets the truth, or the yes",
    subtitle: "the dashed upright: a prior of 7/13",
    share: "both",
    figures: (["accuracy", "approval"] as const).map((of) =>
      line({
        title: of === "accuracy" ? "The verifier is right" : "The verifier says yes",
        x: { title: "prior of yes" },
        y: { title: "probability", range: [0, 1.03] },
        series: [
          { name: "verifier leads", x: priors, y: leading.map(({ verifier }) => verifier[of]) },
          { name: "prover leads", x: priors, y: leading.map(({ prover }) => prover[of]) },
        ],
        reference: [{ x: 7 / 13 }],
      }),
    ),
  }),
);

// %% [markdown]
// With the prover ahead, approval is $12\rho/7$ up to $\rho = 7/13$, and accuracy $1 - 5\rho/7$. At 7/13 approval jumps to 1: from there on the verifier accepts one bit's zero as well, learns nothing and says yes always. (One would think that $12\rho/7$ goes on to 1 at $\rho = 7/12$. It does not get there.)
// #claim 17/who-leads
//
// ### Exercise 8. Something new: the courtroom
//
// *Difficulty 3 of 5, 12 minutes. Uses the idea on something new.*
//
// A prosecutor commits to an investigation; it always incriminates the guilty, and the innocent with a probability $q$. The judge convicts if, after an incriminating report, guilt has at least probability $t$ ($0 < t < 1$). A defendant is guilty with probability $p$ ($0 < p < 1$). Return `[q, convicted]`: the $q$ that convicts most, and the share of defendants convicted.
//
// <details><summary>Hint</summary>After a report guilt has probability p / (p + (1 - p) q). Set it equal to t, and keep q at most 1.</details>

// %% [exercise] 17/courtroom
/** [q, share convicted] of the prosecutor's best investigation. */
function courtroom(p: number, t: number): [number, number] {
  // #solution
  const q = Math.min(1, (p * (1 - t)) / (t * (1 - p)));
  return [q, p + (1 - p) * q];
  // #end
}

// %% [check] 17/courtroom
await check("17/courtroom", { courtroom });

// %% [markdown]
// ## What this lesson does not show
//
// - **Human judges.** Ours add log-odds without fatigue. Whether people judge debates well is an experiment with people.
// - **Debaters that learn.** All of ours play perfectly. A trained debater has weaknesses of its own, and a pair of them may find a style that wins instead of the truth.
// - **Words.** Pixels cannot be quoted wrongly. A statement in language can.
// - **What people want.** Debate and amplification say what is true, given somebody who judges; lesson 15 asks what people want.
//
// ## Said, and seen
//
// | Said | Seen | Where |
// | --- | --- | --- |
// | Debate: multiple systems argue for human judgment | It carries a weak judge near to its full view, not beyond; it needs a flaw that can be found, and a judge with little bias | 2, 4 |
// | Amplification: recursive collaboration of human and AI | The human part stays as weak as it was; errors add up and choosing bends them | 5, 6 |
// | Agents that debate reach consensus on what is right | What a debate settles is one question before a judge; agreeing is not its aim, and it says nothing about values | 1, 2 |
//
// ## On one page
//
// | | | In code |
// | --- | --- | --- |
// | (1) | minimax over statements | `debateValue` |
// | (2) | prior + greatest halves + least halves | `pixelDebate`, `pictureVerdicts`, `digitDebate` |
// | one line of play | $2^n$ cases, one evaluation | `quantifiedDebate` |
// | lies in sums | $(1-\eta)^n$, $2^n\tau$; $1/N$ | `sumDebateCatches`, `obfuscatedDetection` |
// | (3) | least sum over middles | `minPlus`, `amplifyDistances` |
// | (4) | gap recovered | `performanceGapRecovered`, `weakToStrongTrial` |
// | who leads | a program for each set accepted | `verifierLeads`, `proverLeads` |
//
// **Three questions**
//
// <details><summary>Your debate works on puzzles that you can check. What do you need to know before you trust it on others?</summary>Whether somebody who knows that a step is wrong can find it there too. On puzzles that you can check, flaws are easy to find.</details>
//
// <details><summary>A student agrees with its weak teacher on 95 % of questions. Is that good?</summary>It says nothing about the truth. Ask how many of the teacher's mistakes are among the 95 %.</details>
//
// <details><summary>Your agent picks the best of many plans by its own estimates, and training repeats that. What do you expect of its estimates?</summary>They get too rosy, round by round. Read the value of the chosen plan off another estimate than the one that chose it.</details>
//
// ## Read on
//
// - Irving, Christiano and Amodei 2018, *AI safety via debate*, arXiv:1805.00899. Sections 1 to 3.
// - Barnes and Christiano 2020, *Debate update: obfuscated arguments problem* and *Writeup: progress on AI safety via debate* (posts). Section 4.
// - Christiano, Shlegeris and Amodei 2018, *Supervising strong learners by amplifying weak experts*, arXiv:1810.08575; Leike and others 2018, *Scalable agent alignment via reward modeling*, arXiv:1811.07871; van Hasselt 2010, *Double Q-learning*; Hubinger 2020, *AI safety via market making* (post). Sections 5 and 6.
// - Burns and others 2023, *Weak-to-strong generalization*, arXiv:2312.09390. Section 7.
// - Anil and others 2021, *Learning to give checkable answers with prover-verifier games*, arXiv:2108.12099; Kirchner and others 2024, *Prover-verifier games improve legibility of LLM outputs*, arXiv:2407.13692; Kamenica and Gentzkow 2011, *Bayesian persuasion*. Section 8.
// - In the books: Arora and Barak, [*Computational complexity*](https://theory.cs.princeton.edu/complexity/): chapter 8, Interactive proofs.

// %%
import { solved } from "rlhf-lab-course";

// What you have solved of this lesson; it is written down on this machine and sent nowhere.
await solved("17");
