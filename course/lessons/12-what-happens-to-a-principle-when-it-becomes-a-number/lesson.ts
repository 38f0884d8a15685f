// %% [markdown]
// # 12 What happens to a principle when it becomes a number?
//
// "Be brief." "Stay on topic." "Never say that word." People who agree on such sentences can still train very different models, because an optimiser cannot read them: somebody has to make
// each one a number. A score with a weight? A wall? A limit on the average? In this lesson every policy can be written down exactly, so that we can read off what each choice buys, what it
// costs, and what it does that nobody asked for.
//
// **After this lesson you can**
//
// - say which replies a weighted sum of principles can never choose, and use three rules that can;
// - compute the price of a hard principle exactly, from one probability, and say why a mask on tokens is not that principle;
// - choose between a penalty that is exact and one that never is, and set the step of a multiplier so that it settles;
// - tell whether conflict between principles makes the gradient noisy, and what gradient surgery can and cannot do about it;
// - decide how far to trust a constitution when there is data, and see bias and variance trade places;
// - prove, by enumeration, whether critique and revision ends, and whether a constitution contradicts itself;
// - plan an A/B test, and say what looking early does to it.
//
// **Time** 168 minutes, 113 of them exercises. **You need** lessons 05, 07 and 10: the optimum of reward minus KL, and REINFORCE. Nothing else.

// %% [markdown]
// ## The model on one page
//
// A *constitution* is a list of principles $c_1, \dots, c_k$. Each has a *score* $S(y, c_i)$ from 0 to 1 for every reply $y$: how well it is kept. A *weight* $w_i$ makes them one number, and the policy is
// paid by it, minus the price of its distance to the reference (lesson 10):
//
// $$S(y) = \sum_i w_i\, S(y, c_i), \qquad J(\pi) = \mathbb{E}_\pi[R] - \beta\,\mathrm{KL}(\pi\,\|\,\pi_{\text{ref}}), \qquad \pi^*(y) \propto \pi_{\text{ref}}(y)\, e^{R(y)/\beta}. \tag{1}$$
//
// That is one way to make a principle a number. Three others, with $V$ the set of replies that keep the principle and $g(y)$ what a reply costs:
//
// $$\text{hard: } \pi(V) = 1, \qquad \text{soft: } R - w\,[y \notin V], \qquad \text{on average: } \mathbb{E}_\pi[g] \le \alpha. \tag{2}$$
//
// | On paper | In code | What it is |
// | --- | --- | --- |
// | $S(y, c_i)$ | `principles.brief[y]` | how well reply $y$ keeps a principle, 0 to 1 |
// | $w_i$ | `weights[i]` | weight of a principle |
// | $V$ | `allowed[y]` | 1 for the replies that keep a hard principle |
// | $g(y)$, $\alpha$ | `cost[y]`, `limit` | what a reply costs; how much that may be on average |
// | $\lambda$ | `multiplier` | price of a unit of cost, in reward. (In lessons 08 and 09 $\lambda$ mixes step lengths; not here.) |
// | $\pi^*$ | `exactRegularisedOptimum(ref, reward, beta)` | the best policy, equation (1) |

// %%
import {
  bar,
  graph,
  key,
  line,
  linspace,
  logSumExp,
  meanInterval,
  median,
  palette,
  progress,
  quantile,
  scatter,
  show,
  smallMultiples,
  split,
  table,
} from "rlhf-lab";
import {
  cagrad,
  chargedOptimum,
  chebyshevChoice,
  climbTogether,
  conditionOn,
  constraintMultiplier,
  critiqueChain,
  distinctFront,
  dualAscent,
  dualAscentLimit,
  epsilonConstraintChoice,
  exactProportionPower,
  hypervolume,
  invertedGenerationalDistancePlus,
  lexicographicChoice,
  maxMinWeights,
  minimalUnsatisfiable,
  minNorm,
  minNormUnderNoise,
  pcgrad,
  peekingError,
  penaltyMultiplier,
  priceOfConstraint,
  principleGradients,
  proportionPower,
  reviseMap,
  rewardErrorParts,
  sampledPrincipleNoise,
  samplesPerArm,
  sumNoise,
  supportedPoints,
  tokenMask,
  weightedSumChoice,
} from "rlhf-lab/constitution";
import { exactExpectation, exactKL, exactRegularisedObjective, exactRegularisedOptimum } from "rlhf-lab/numerics";
import { conditionalLogProbs, sequenceIndex, sequenceLogProbs } from "rlhf-lab/trees";
import {
  conflictingPrinciples,
  constitutionRun,
  phraseConstitutionStudy,
  phraseLengths,
  phrasePrinciples,
  phraseRevisions,
  phraseTask,
  phraseText,
} from "rlhf-lab/worlds";
import { check } from "rlhf-lab-course";

// %% [markdown]
// ## Run it
//
// The world is the phrase task: somebody asks about the whale, and a reply of at most five tokens comes back, the end included. There are 9,331 replies, and the true utility of each is known. The principle is *be brief*, and here
// are four ways to make it a number, beside a policy without it. Each gives a policy, exactly.

// %%
const task = phraseTask();
const { tree } = task;
const [ref, utility] = [task.reference[0], task.utility[0]]; // prompt 0 asks about the whale
const principles = phrasePrinciples(task);
const words = phraseLengths(task);
const textOf = (y: number) => phraseText(tree.sequences[y]) || "(silence)";
const worth = (logProbs: ArrayLike<number>) => exactExpectation(logProbs, utility);
const favourite = (logProbs: Float64Array) => textOf(logProbs.indexOf(logProbs.reduce((a, b) => Math.max(a, b))));

const beta = 0.3;
const optimum = (reward: ArrayLike<number>, price = beta) => exactRegularisedOptimum(ref, reward, price).logProbs;
const free = optimum(utility);
const atMostTwo = words.map((n) => (n <= 2 ? 1 : 0));
const lengthLimit = { logRef: ref, reward: utility, cost: words, beta, limit: 2 };
const readings = {
  "no principle": free,
  "a score of weight 2": optimum(utility.map((u, y) => u + 2 * principles.brief[y])),
  "before all else": optimum(utility.map((u, y) => u + 100 * principles.brief[y])),
  "at most two words on average": chargedOptimum(lengthLimit, constraintMultiplier(lengthLimit)).logProbs,
  "never more than two words": conditionOn(free, atMostTwo).logProbs,
};
table(
  Object.entries(readings).map(([reading, logProbs]) => ({
    reading,
    words: exactExpectation(logProbs, words),
    long: 1 - exactExpectation(logProbs, atMostTwo),
    utility: worth(logProbs),
    favourite: favourite(logProbs),
  })),
  {
    columns: {
      reading: "be brief, read as",
      words: "mean number of words",
      long: "P(more than two words)",
      utility: "true utility (nats)",
      favourite: "writes most often",
    },
    digits: 3,
  },
);

// %% [markdown]
// One sentence, four readings, four policies. The one that is best "before all else" says nothing at all. The one that keeps two words *on average* still writes longer ones in more than a quarter of its replies. Nobody who
// said "be brief" had chosen between these. We now take the readings apart, one by one.
// #claim 12/five-readings
//
// ## 1. A weight: what a sum can choose
//
// Suppose first that a single reply is chosen (a model that decodes greedily), and that it is scored on two things. A reply *dominates* another one if it is at least as good in everything and better in
// something. The *Pareto front* is what nobody dominates: to leave it is to give something away for nothing. On it, better in one is worse in the other.
//
// **Predict, then run.** Utility and brevity, 9,331 replies. You turn the weight of brevity up slowly, from 0. Does the chosen reply get shorter word by word?

// %%
const onFront = (scores: Float64Array) => {
  const rows = Array.from(scores, (value, y) => [value, principles.brief[y]]);
  return distinctFront(rows).map((y) => ({ y, row: rows[y] })); // replies with equal scores count once
};
const useful = onFront(utility);
const support = await supportedPoints(useful.map(({ row }) => row));
const reached = useful.filter((_, i) => support.margins[i] > 1e-9);
const missed = useful.filter((_, i) => support.margins[i] <= 1e-9);
const pick = (w: number) =>
  useful[
    weightedSumChoice(
      useful.map(({ row }) => row),
      [1, w],
    )[0]
  ];
const weightsTried = linspace(0, 12, 241);
const points = (name: string, list: typeof useful, color: string) => ({
  name,
  x: list.map(({ row }) => row[0]),
  y: list.map(({ row }) => row[1]),
  labels: list.map(({ y }) => textOf(y)),
  color,
});

show(
  smallMultiples({
    title: "Turn the weight of brevity up, and a good answer becomes silence at one stroke",
    subtitle: "left: the Pareto front of single replies, and what a weighted sum can pick alone; right: what it picks",
    figures: [
      scatter({
        title: "The front",
        x: { title: "utility", unit: "nats", range: [-0.6, 5.4] },
        y: { title: "brevity", range: [0, 1.12] },
        series: [
          points("some weight picks it", reached, palette[0]),
          points("no weight picks it alone", missed, palette[1]),
        ],
      }),
      line({
        title: "The choice",
        x: { title: "weight of brevity" },
        y: { title: "words of the chosen reply", range: [-0.3, 4.6] },
        series: [{ name: "weighted sum", x: weightsTried, y: weightsTried.map((w) => words[pick(w).y]) }],
      }),
    ],
  }),
);

// %% [markdown]
// <details><summary>What you saw</summary>Four words, three, and then none. The replies of one and two words are on the front, and no weight picks them alone.</details>
//
// Five kinds of reply are on the front, three of them can be chosen. "Good", "good whale" and "very good whale" lie on one straight line with silence, and a sum is indifferent along a line or jumps from one end to the other.
// The weight that makes the reply one word shorter at a time does not exist.
// #claim 12/three-of-five
//
// It can be worse than indifferent. Take the mood of a reply instead of its utility. Now some points of the front lie *below* the straight line between two others: they are *unsupported*, no weight even ties them. Other rules find them:
//
// - **Chebyshev**: take the point whose largest weighted shortfall from an ideal one is smallest;
// - **a floor** (epsilon-constraint): be at least so brief, and then as glad as you can;
// - **lexicographic**: the first principle decides, the second breaks its ties, and so on: a sum with weights $1 \gg \epsilon \gg \epsilon^2$.

// %%
const glad = onFront(principles.glad);
const gladRows = glad.map(({ row }) => row);
const gladSupport = await supportedPoints(gladRows);
const fine = linspace(0.001, 0.999, 999);
const found = (choices: number[][]) => new Set(choices.filter((c) => c.length === 1).map(([i]) => i));
const rules = {
  "weighted sum": found(fine.map((w) => weightedSumChoice(gladRows, [w, 1 - w]))),
  Chebyshev: found(fine.map((w) => chebyshevChoice(gladRows, [w, 1 - w], { ideal: [1.01, 1.01] }))),
  "a floor on brevity": found(linspace(0, 1, 101).map((floor) => epsilonConstraintChoice(gladRows, 0, [0, floor]))),
  lexicographic: found([lexicographicChoice(gladRows), lexicographicChoice(gladRows, [1, 0])]),
};
const lottery = glad.filter((_, i) => gladSupport.margins[i] > -1e-9).map(({ row }) => row); // corners of the hull, x rising
/** Area under the straight lines between them: what a policy that draws its reply can have on average. */
const hull = lottery
  .slice(1)
  .reduce((sum, [x, y], i) => sum + ((y + lottery[i][1]) / 2) * (x - lottery[i][0]), lottery[0][0] * lottery[0][1]);

show(
  scatter({
    title: "Two replies of the front lie in a dent, where no weighted sum can go",
    subtitle: "mood (scaled to 0 to 1) against brevity; each dot is the best reply of its kind",
    x: { title: "gladness", range: [0.45, 1.12] },
    y: { title: "brevity", range: [-0.08, 1.12] },
    series: [
      points(
        "a sum picks it alone",
        glad.filter((_, i) => gladSupport.margins[i] > 1e-9),
        palette[0],
      ),
      points(
        "a sum can only tie it",
        glad.filter((_, i) => Math.abs(gladSupport.margins[i]) <= 1e-9),
        palette[2],
      ),
      points(
        "unsupported",
        glad.filter((_, i) => gladSupport.margins[i] < -1e-9),
        palette[1],
      ),
    ],
  }),
);
table(
  [
    ...Object.entries(rules).map(([rule, set]) => {
      const own = [...set].map((i) => gladRows[i]);
      const lacks = invertedGenerationalDistancePlus(own, gladRows);
      return { rule, found: set.size, volume: hypervolume(own, [0, 0]), lacks };
    }),
    { rule: "lotteries over replies", found: Number.NaN, volume: hull, lacks: Number.NaN },
  ],
  {
    columns: {
      rule: "rule",
      found: `points found alone, of ${glad.length}`,
      volume: "hypervolume above (0, 0)",
      lacks: "IGD+ from the front",
    },
    digits: 4,
  },
);

// %% [markdown]
// The *hypervolume* says how good a set of points is, as one number: the area under its staircase (in more dimensions a volume), measured from a reference point. A set that dominates another one has more of it. Where the front is known, *IGD+* says how much is missing: the mean, over the front, of what the nearest point lacks (Ishibuchi and others 2015). Plain IGD takes distances in its place, to all sides, and can prefer a set that another one dominates.
// #claim 12/igd-can-prefer-the-dominated
// #claim 12/unsupported
//
// The last row is a way out that is not one. A policy that *draws* its reply can be anywhere on the straight lines, *on average*. But a coin between silence and "very good whale", two to one for the whale, has the utility and brevity of
// "good whale" without ever saying so: a third of those who ask get nothing. $\mathbb{E}[S]$ is the satisfaction of an average that nobody receives (Roijers and others 2013).
// #claim 12/a-coin-is-not-a-reply
//
// ### Exercise 1. The front
//
// *Difficulty 2 of 5, 10 minutes. Trains: domination, and its ties.*
//
// Given points, one list of scores each, larger is better, return the numbers of those that no other point dominates, in ascending order. Equal points do not dominate each other.
//
// <details><summary>Hint</summary>a dominates b if a[j] >= b[j] for every j, and a[j] > b[j] for some j.</details>

// %% [exercise] 12/pareto-front
/** The numbers of the points that no other one dominates, ascending. */
function frontOf(points: number[][]): number[] {
  // #solution
  const dominates = (a: number[], b: number[]) => a.every((x, j) => x >= b[j]) && a.some((x, j) => x > b[j]);
  return points.flatMap((b, i) => (points.some((a) => dominates(a, b)) ? [] : [i]));
  // #end
}

// %% [check] 12/pareto-front
await check("12/pareto-front", { frontOf });

// %% [markdown]
// ### Exercise 2. The area under a front
//
// *Difficulty 2 of 5, 10 minutes. Trains: hypervolume in two dimensions.*
//
// Return the area that is above and to the right of `reference` and dominated by at least one of the points. Points may be dominated themselves, equal, or not above the reference in both scores; what is counted twice is wrong.
//
// <details><summary>Hint</summary>Sort by the first score, largest first. Walk: a point that is higher than all before it adds a rectangle as wide as it stands from the reference, and as high as it rises above the highest so far.</details>

// %% [exercise] 12/hypervolume
/** The area between the reference point and the front. Larger is better in both. */
function areaOf(points: number[][], reference: number[]): number {
  // #solution
  const above = points.filter(([x, y]) => x > reference[0] && y > reference[1]).sort((a, b) => b[0] - a[0]);
  let [area, height] = [0, reference[1]];
  for (const [x, y] of above) {
    if (y <= height) continue;
    area += (x - reference[0]) * (y - height);
    height = y;
  }
  return area;
  // #end
}

// %% [check] 12/hypervolume
await check("12/hypervolume", { areaOf });

// %% [markdown]
// ## 2. A wall: what "never" costs
//
// Now the policy writes at random again, and a principle is hard: $\pi(V) = 1$. The best such policy is the best policy of all, *conditioned* on keeping the principle, and the price is one logarithm:
//
// $$\pi_V = \pi^*(\,\cdot \mid V), \qquad J(\pi^*) - J(\pi_V) = -\beta \ln \pi^*(V). \tag{3}$$
//
// <details><summary>Why?</summary>From lesson 10, J(pi) = J(pi*) - beta KL(pi, pi*) for every policy pi. So the best policy in V is the one with the least KL to pi*. If pi writes only replies of V, then
// KL(pi, pi*) = sum of pi ln(pi / pi*) = KL(pi, pi*( . | V)) - ln pi*(V), and the first part is 0 for pi = pi*( . | V) alone.</details>
//
// Note whose probability it is: that of the policy *after* optimising. A rule that the reference breaks often, and the optimum never, is free. A rule that only a reward hacker breaks is dear exactly when it is needed.
//
// Beside it, two imitations. The *penalty* subtracts $w$ from the reward of every violation. With $\bar V$ the replies that break the principle and $\pi_w$ the optimum under penalty $w$, the log-odds of violating fall along a straight line,
//
// $$\ln\frac{\pi_w(\bar V)}{\pi_w(V)} = \ln\frac{\pi^*(\bar V)}{\pi^*(V)} - \frac{w}{\beta}, \tag{4}$$
//
// and reach "never" at no weight. The *token mask* forbids tokens one at a time while the reply is written, as constrained decoding does.
//
// **Predict, then run.** The rule: never write the word "bad". Mask and conditioning both keep it always. Which one writes better replies, and by how much?

// %%
const betas = [0.25, 0.5, 1];
const logOdds = (logProbs: ArrayLike<number>, allowed: ArrayLike<number>) => {
  const inside = logSumExp(Array.from(logProbs).filter((_, y) => allowed[y] === 1));
  const outside = logSumExp(Array.from(logProbs).filter((_, y) => allowed[y] === 0));
  return outside - inside;
};
const penalties = linspace(0, 8, 9);
const half = 0.5; // the beta of what follows
const best = optimum(utility, half);
const walled = conditionOn(best, principles.neverBad).logProbs;
const bad = task.words.indexOf("bad");
const masked = sequenceLogProbs(
  tree,
  tokenMask(tree, conditionalLogProbs(tree, best), (_, token) => token !== bad),
);
const punished = (w: number, price = half) =>
  optimum(
    utility.map((u, y) => u - w * (1 - principles.neverBad[y])),
    price,
  );
const objective = (logProbs: Float64Array) => exactRegularisedObjective(logProbs, ref, utility, half);
const ways = {
  "no rule": best,
  "penalty 1": punished(1),
  "penalty 4": punished(4),
  conditioned: walled,
  "token mask": masked,
};

show(
  smallMultiples({
    title: "A penalty bends the odds along a line; a wall is exact; a mask is another policy",
    subtitle: 'never write "bad"; right: beta 0.5',
    figures: [
      line({
        title: "Never reaches never",
        x: { title: "penalty w", unit: "nats" },
        y: { title: "log-odds of breaking the rule" },
        series: betas.map((b) => ({
          name: `beta ${b}`,
          x: penalties,
          y: penalties.map((w) => logOdds(punished(w, b), principles.neverBad)),
          markers: true,
        })),
      }),
      bar({
        title: "What is left",
        x: { title: "how the rule is kept" },
        y: { title: "nats" },
        categories: Object.keys(ways),
        series: [
          { name: "utility", values: Object.values(ways).map(worth), color: palette[4] },
          { name: "utility - beta KL", values: Object.values(ways).map(objective), color: palette[3] },
        ],
      }),
    ],
  }),
);
const twice = sequenceIndex(
  tree,
  ["not", "very", "very", "whale", "<end>"].map((w) => task.words.indexOf(w)),
);
table(
  [
    {
      what: "price of the rule by its definition, J(no rule) - J(conditioned)",
      value: objective(best) - objective(walled),
    },
    { what: "price by equation (3), -beta ln P(keeps it)", value: priceOfConstraint(best, principles.neverBad, half) },
    { what: "price of the mask, J(no rule) - J(mask)", value: objective(best) - objective(masked) },
    { what: "KL from mask to conditioned (nats)", value: exactKL(masked, walled) },
    { what: `P("${textOf(twice)}"), conditioned`, value: Math.exp(walled[twice]) },
    { what: `P("${textOf(twice)}"), mask`, value: Math.exp(masked[twice]) },
  ],
  { digits: 7 },
);

// %% [markdown]
// <details><summary>What you saw</summary>The conditioned policy is as useful as the one without a rule, even a little more. The mask costs more than six times the price of the rule.</details>
//
// Why is the mask worse? The policy likes "not bad whale". After "not" it wants to say "bad"; the mask says no, renormalises, and the policy stumbles on: "not very very whale". Conditioning takes back the "not". To do the same while writing,
// one needs to know at each prefix how likely the rest is to keep the rule: that is a value function (lesson 09), not a list of words. Drawing again until a reply keeps the rule also gives $\pi(\,\cdot\mid V)$, exactly.
// #claim 12/the-price-is-a-logarithm
// #claim 12/a-mask-is-not-a-rule
//
// The notes (the theory notes that this course grew from) say that constitutional constraints *bias* the model, $\mathbb{E}[J_{\text{constrained}}] - J_{\text{unconstrained}} < 0$. That is (3), and it holds for the number that is *maximised*. True utility may go either way, and a
// rule shows its worth when the number is a proxy. So: the lexicon (good words minus bad words) as reward, and what three rules do to the *true* utility of its optimum.

// %%
const lexicon = optimum(task.lexicon, half);
const rulesOf: Record<string, Float64Array> = {
  finish: principles.finish,
  "on topic": principles.onTopic.map((s) => (s === 1 ? 1 : 0)),
  "no word twice": principles.noWordTwice,
};
const both = (...names: string[]) =>
  Float64Array.from(ref, (_, y) => (names.every((name) => rulesOf[name][y] === 1) ? 1 : 0));
const sets = [
  ["finish"],
  ["on topic"],
  ["no word twice"],
  ["finish", "on topic"],
  ["finish", "no word twice"],
  Object.keys(rulesOf),
];
table(
  [
    { rule: "none", price: 0, sum: Number.NaN, utility: worth(lexicon) },
    ...sets.map((names) => ({
      rule: names.join(" + "),
      price: priceOfConstraint(lexicon, both(...names), half),
      sum:
        names.length === 1
          ? Number.NaN
          : names.reduce((s, name) => s + priceOfConstraint(lexicon, both(name), half), 0),
      utility: worth(conditionOn(lexicon, both(...names)).logProbs),
    })),
  ],
  {
    columns: {
      rule: "hard rules on the lexicon's optimum",
      price: "price, in lexicon points",
      sum: "sum of the single prices",
      utility: "true utility (nats)",
    },
    digits: 3,
  },
);

// %% [markdown]
// *Finish* and *on topic* together more than double what people get. *No word twice* costs half a point, and alone it hardly moves the utility; on top of the other two it does harm. A rule helps where it cuts what the proxy is blind to.
// #claim 12/rules-repair-a-proxy
//
// And prices do not add up. Rules that are broken by the same replies share their price; the price of adding one depends on those that are there. "Principles can be added or modified" is true of the text, and each change reprices the others.
// #claim 12/prices-do-not-add
//
// ### Exercise 3. The price of a principle
//
// *Difficulty 2 of 5, 10 minutes. Trains: equation (3).*
//
// `logProbs` are those of an *optimised* policy, `allowed` is 1 or 0 for each reply. Return the conditioned log-probabilities (a reply that is not allowed gets `-Infinity`) and the price. Log-probabilities of $-2000$ must not break it.
//
// <details><summary>Hint 1</summary>ln P(V) is a logSumExp over the allowed replies: largest + ln(sum of exp(l - largest)).</details>
// <details><summary>Hint 2</summary>The price is -beta ln P(V).</details>

// %% [exercise] 12/price
/** The policy that keeps a hard principle, and what it costs. */
function hardPrinciple(logProbs: number[], allowed: number[], beta: number): { logProbs: number[]; price: number } {
  // #solution
  const kept = logProbs.filter((_, y) => allowed[y] === 1);
  const largest = Math.max(...kept);
  const logP = largest + Math.log(kept.reduce((sum, l) => sum + Math.exp(l - largest), 0));
  return { logProbs: logProbs.map((l, y) => (allowed[y] === 1 ? l - logP : -Infinity)), price: -beta * logP };
  // #end
}

// %% [check] 12/price
await check("12/price", { hardPrinciple });

// %% [markdown]
// ### Exercise 4. Try again, at most m times
//
// *Difficulty 3 of 5, 12 minutes. Trains: conditioning, in a service that has to answer.*
//
// The idea on something new. A service draws a reply; if it breaks the rule, it draws again, at most `m` draws in all. If all break it, the *last* one is sent. From the probabilities of a few replies, return the distribution of what is sent, how often
// that breaks the rule, and the mean number of draws.
//
// <details><summary>Hint 1</summary>With q the probability that a draw breaks the rule, all m do with probability q^m.</details>
// <details><summary>Hint 2</summary>A reply y of V is sent if it comes at draw 1, or 2, ...: p(y) (1 + q + ... + q^(m-1)). The draw number j + 1 is made with probability q^j.</details>

// %% [exercise] 12/retries
/** What is sent when a reply that breaks the rule is drawn again, at most m draws. */
function withRetries(p: number[], allowed: number[], m: number): { sent: number[]; broken: number; draws: number } {
  // #solution
  const q = p.reduce((sum, x, y) => sum + (allowed[y] === 1 ? 0 : x), 0);
  let draws = 0;
  for (let j = 0; j < m; j++) draws += q ** j;
  return { sent: p.map((x, y) => (allowed[y] === 1 ? x * draws : x * q ** (m - 1))), broken: q ** m, draws };
  // #end
}

// %% [check] 12/retries
await check("12/retries", { withRetries });

// %% [markdown]
// As $m$ grows this goes to $\pi(\,\cdot \mid V)$, and the mean number of draws to $1/\pi(V)$, which is $e^{\text{price}/\beta}$ where $\pi$ is the optimum of (1): what a principle costs in reward, in units of $\beta$, is the logarithm of what it costs in computing.
//
// ## 3. A limit: penalties, and who sets them
//
// Few principles are walls. "At most two words on average" is a *constraint in expectation*, $\mathbb{E}[g] \le \alpha$. Charge every word a price $\lambda$: the policy is $\pi_\lambda \propto \pi_{\text{ref}}\, e^{(R - \lambda g)/\beta}$, and its mean
// length falls as $\lambda$ rises. The *multiplier* $\lambda^*$ is the price at which the limit is just kept.
//
// In practice one adds a penalty for the *excess* $e = \mathbb{E}[g] - \alpha$ and hopes. Two kinds:
//
// $$\text{absolute: } \mu \max(0, e), \qquad \text{quadratic: } \frac\mu2 \max(0, e)^2. \tag{5}$$
//
// The absolute one is *exact*: from $\mu = \lambda^*$ on the limit is kept, and nothing more is taken. The quadratic one charges $\mu e$ per word, so at its best $e = \lambda/\mu$ with the $\lambda$ that it then charges: never 0.

// %%
const lambdaStar = constraintMultiplier(lengthLimit);
const excessAt = (kind: "absolute" | "quadratic", mu: number) =>
  chargedOptimum(lengthLimit, penaltyMultiplier(lengthLimit, kind, mu)).cost - lengthLimit.limit;
const sharp = [...linspace(0, 0.78, 14), lambdaStar, ...linspace(0.85, 3, 10)];
const strong = linspace(Math.log(0.1), Math.log(300), 25).map(Math.exp);

show(
  smallMultiples({
    title: "One penalty becomes exact at its threshold; the other one never does",
    subtitle: `at most two words on average, beta ${beta}; dashed: lambda*`,
    figures: [
      line({
        title: "Small weights",
        x: { title: "weight mu", unit: "nats per word" },
        y: { title: "excess", unit: "words", range: [-0.05, 1.6] },
        series: [
          { name: "absolute", x: sharp, y: sharp.map((mu) => excessAt("absolute", mu)) },
          { name: "quadratic", x: sharp, y: sharp.map((mu) => excessAt("quadratic", mu)) },
        ],
        reference: [{ x: lambdaStar }],
      }),
      line({
        title: "Large weights",
        x: { title: "weight mu", type: "log" },
        y: { title: "excess", unit: "words", type: "log" },
        series: [{ name: "quadratic", x: strong, y: strong.map((mu) => excessAt("quadratic", mu)), color: palette[1] }],
        reference: [{ x: lambdaStar }],
      }),
    ],
  }),
);

// %% [markdown]
// On the right the line has slope $-1$ at its end: ten times the weight, a tenth of the excess, for ever.
// #claim 12/exact-from-lambda-star
//
// **Break it.** Set the absolute weight just under $\lambda^*$, at 0.99 of it. How bad is it?
//
// <details><summary>What happens</summary>Hardly bad at all: an excess of about two hundredths of a word. The kink is at lambda*, but the road to it is smooth, because the KL keeps the policy from jumping. Without KL (section 1) there is nothing between two lengths: no weight reaches two words.</details>
//
// So somebody has to find $\lambda^*$, and it depends on everything. *Dual ascent* finds it as a thermostat does: too many words, raise the price; too few, lower it,
//
// $$\lambda \leftarrow \max\bigl(0,\ \lambda + \eta\,(\mathbb{E}_\lambda[g] - \alpha)\bigr), \qquad \text{settles iff } \eta < \frac{2\beta}{\mathrm{Var}_{\lambda^*}(g)}. \tag{6}$$
//
// <details><summary>Why that limit?</summary>The slope of E[g] in lambda is -Var(g) / beta. So one step multiplies a small distance to lambda* by 1 - eta Var(g) / beta, which is between -1 and 1 exactly when eta is below the limit.</details>
//
// This is the "dynamic balancing" of principle weights that the notes ask for, with its condition.

// %%
const limitRate = dualAscentLimit(lengthLimit);
const rates = [0.1, 0.6, 1.0, 3.0];
show(
  line({
    title: `A thermostat that turns too far never settles (limit: ${limitRate.toFixed(2)})`,
    subtitle: "dual ascent on the price of a word, the policy at its best for each price; dashed: lambda*",
    x: { title: "step" },
    y: { title: "multiplier", unit: "nats per word" },
    series: rates.map((rate) => {
      const { multipliers } = dualAscent(lengthLimit, { rate, steps: 30 });
      return { name: `rate ${rate}`, x: Array.from(multipliers.keys()), y: multipliers };
    }),
    reference: [{ y: lambdaStar }],
  }),
);

// %% [markdown]
// Below the limit it settles, above it the price goes up and down for ever: years of too much and years of too little, right on average. Here a *smaller* $\beta$ makes the limit smaller: a freer policy reacts more strongly, and its thermostat has to be gentler.
// #claim 12/the-step-limit
//
// ### Exercise 5. What a penalty charges
//
// *Difficulty 4 of 5, 15 minutes. Trains: equation (5), and who is exact.*
//
// `ref` (probabilities), `reward` and `cost` are lists over replies. Return the *effective multiplier*: the price per unit of cost at which the policy $\pi_\lambda$ is best for the penalty of this kind and weight $\mu$. For `"absolute"` that is $\min(\mu, \lambda^*)$,
// for `"quadratic"` the $\lambda$ with $\lambda = \mu \max(0, \mathbb{E}_\lambda[g] - \alpha)$. Where the limit is kept at $\lambda = 0$ nothing is charged, and slack is never paid for.
//
// <details><summary>Hint 1</summary>Write costAt(lambda) first: weights p exp((reward - lambda cost) / beta), their mean cost.</details>
// <details><summary>Hint 2</summary>costAt falls. Bisect on [0, 1000]: 100 halvings are enough.</details>

// %% [exercise] 12/penalty
/** The price per unit of cost that a penalty ends up charging. */
function effectiveMultiplier(
  kind: "absolute" | "quadratic",
  mu: number,
  world: { ref: number[]; reward: number[]; cost: number[]; beta: number; limit: number },
): number {
  // #solution
  const { ref: p, reward, cost, beta: price, limit } = world;
  const excess = (lambda: number) => {
    const scores = reward.map((r, y) => (r - lambda * cost[y]) / price);
    const top = Math.max(...scores);
    const weights = scores.map((s, y) => p[y] * Math.exp(s - top));
    const total = weights.reduce((a, b) => a + b);
    return weights.reduce((sum, w, y) => sum + (w / total) * cost[y], 0) - limit;
  };
  if (excess(0) <= 0) return 0;
  const falling = kind === "quadratic" ? (lambda: number) => mu * excess(lambda) - lambda : excess;
  let [low, high] = [0, 1000];
  for (let i = 0; i < 100; i++) {
    const middle = (low + high) / 2;
    if (falling(middle) > 0) low = middle;
    else high = middle;
  }
  return kind === "absolute" ? Math.min(mu, low) : low;
  // #end
}

// %% [check] 12/penalty
await check("12/penalty", { effectiveMultiplier });

// %% [markdown]
// ### Exercise 6. The loop
//
// *Difficulty 4 of 5, 20 minutes. Trains: draw, charge, step: a policy and its thermostat, learning together.*
//
// The policy is a softmax over a list of replies, $\pi(y) = e^{z_y} / \sum_k e^{z_k}$, and begins at the reference, $z =$ `logRef`; $\lambda$ begins at 0. Each row of `luck` is one step with $G$ draws: for each number $v$ the reply is the first one whose running sum of
// probabilities is greater than $v$ (the last one, if rounding leaves none). With the $\lambda$ of the step's beginning,
//
// $$R_i = u(y_i) - \lambda\, g(y_i) - \beta\,(\ln\pi(y_i) - \ln\pi_{\text{ref}}(y_i)), \qquad A_i = R_i - \frac{1}{G-1}\sum_{j\ne i} R_j, \qquad z_k \leftarrow z_k + \frac{\text{rate}}{G} \sum_i A_i\,([y_i = k] - \pi(k)),$$
//
// and then the price: $\lambda \leftarrow \max(0, \lambda + \text{dualRate}\,(\bar g - \alpha))$ with $\bar g$ the mean cost of the $G$ replies that were drawn. Return the log-probabilities and $\lambda$ after the last step. The check runs your loop for 1,500 steps, and sees whether
// the policy keeps its limit and still is good.
//
// <details><summary>Hint 1</summary>Five lines a step: log-softmax, draw, rewards, advantages, the two updates. All replies of a row are drawn from the same policy.</details>
// <details><summary>Hint 2</summary>The mean of the others is (sum - own) / (G - 1).</details>

// %% [exercise] 12/constraint-loop
/** RLOO with a price on cost that learns as well. */
function trainWithinLimit(
  world: { logRef: number[]; utility: number[]; cost: number[]; beta: number; limit: number },
  luck: number[][],
  rate: number,
  dualRate: number,
): { logProbs: number[]; multiplier: number } {
  // #solution
  const { logRef, utility: u, cost, beta: price, limit } = world;
  const logSoftmax = (z: number[]) => {
    const top = Math.max(...z);
    const log = top + Math.log(z.reduce((sum, x) => sum + Math.exp(x - top), 0));
    return z.map((x) => x - log);
  };
  let logits = [...logRef];
  let multiplier = 0;
  for (const row of luck) {
    const logProbs = logSoftmax(logits);
    const probabilities = logProbs.map(Math.exp);
    const drawn = row.map((v) => {
      let sum = 0;
      const found = probabilities.findIndex((p) => {
        sum += p;
        return sum > v;
      });
      return found < 0 ? probabilities.length - 1 : found;
    });
    const G = row.length;
    const rewards = drawn.map((y) => u[y] - multiplier * cost[y] - price * (logProbs[y] - logRef[y]));
    const total = rewards.reduce((a, b) => a + b);
    const advantages = rewards.map((r) => r - (total - r) / (G - 1));
    const pull = advantages.reduce((a, b) => a + b);
    const next = logits.map((z, k) => z - (rate / G) * pull * probabilities[k]);
    drawn.forEach((y, i) => {
      next[y] += (rate / G) * advantages[i];
    });
    logits = next;
    const spent = drawn.reduce((sum, y) => sum + cost[y], 0) / G;
    multiplier = Math.max(0, multiplier + dualRate * (spent - limit));
  }
  return { logProbs: logSoftmax(logits), multiplier };
  // #end
}

// %% [check] 12/constraint-loop
await check("12/constraint-loop", { trainWithinLimit });

// %% [markdown]
// ## 4. What the optimiser feels
//
// Principles also meet inside the gradient. "Competing objectives create noisy updates", say the notes, and "orthogonal principles may reduce variance through diversification". Both can be computed. Take one reply, REINFORCE with the mean as baseline, and two rewards of
// variance 1 whose correlation $\rho$ we turn from conflict to agreement (the mood, and a mixture of mood and topic). In this section $g$ is a gradient, no cost: $\hat g_i$ is what one reply estimates for principle $i$, $g_i$ its exact mean, and $\bar g = \sum_i w_i g_i$. Noise is the trace of the estimate's covariance: of $R = \sum_i w_i R_i$
//
// $$\mathrm{tr}\,\mathrm{Cov} = \sum_{ij} w_i w_j\, \mathrm{tr}\,\mathrm{Cov}(\hat g_i, \hat g_j), \tag{7}$$
//
// and if each reply is judged by *one* principle, drawn with probability $w_i$ (as in Bai and others 2022, where a principle is drawn for each comparison),
//
// $$\mathrm{tr}\,\mathrm{Cov} = \sum_i w_i\, \mathrm{tr}\,\mathrm{Cov}(\hat g_i) + \sum_i w_i\, |g_i - \bar g|^2. \tag{8}$$
//
// What matters is noise against signal, $\mathrm{tr}\,\mathrm{Cov} / |\bar g|^2$: how many replies make noise as long as signal.
//
// **Predict, then run.** From full agreement to open conflict: how does noise over signal change for the sum?

// %%
const startLogits = conditionalLogProbs(tree, ref);
const correlations = linspace(-0.9, 0.9, 13);
const feltAt = correlations.map((rho) => {
  const moments = principleGradients(tree, startLogits, conflictingPrinciples(task, rho));
  return { all: sumNoise(moments, [0.5, 0.5]), one: sampledPrincipleNoise(moments, [0.5, 0.5]) };
});
const felt = (name: string, of: (at: (typeof feltAt)[number]) => number) => ({
  name,
  x: correlations,
  y: feltAt.map(of),
});

show(
  smallMultiples({
    title: "Conflict is noisy only if one principle speaks at a time",
    subtitle: "one reply, two rewards of variance 1, at the reference; exact",
    figures: [
      line({
        title: "Noise",
        x: { title: "correlation of the two" },
        y: { title: "trace of the covariance", range: [0, 3.2] },
        series: [
          felt("both judge", ({ all }) => all.totalVariance),
          felt("one is drawn", ({ one }) => one.totalVariance),
        ],
      }),
      line({
        title: "Noise over signal",
        x: { title: "correlation of the two" },
        y: { title: "replies until noise = signal", type: "log" },
        series: [
          felt("both judge", ({ all }) => all.noiseToSignal),
          felt("one is drawn", ({ one }) => one.noiseToSignal),
        ],
      }),
    ],
  }),
);
table(
  [0, 6, 12].map((i) => ({
    correlation: correlations[i],
    noise: feltAt[i].all.totalVariance,
    signal: feltAt[i].all.squaredNorm,
    ratio: feltAt[i].all.noiseToSignal,
    drawn: feltAt[i].one.noiseToSignal,
  })),
  {
    columns: {
      correlation: "correlation",
      noise: "noise, both judge",
      signal: "squared signal",
      ratio: "noise / signal, both judge",
      drawn: "noise / signal, one is drawn",
    },
    digits: 3,
  },
);

// %% [markdown]
// <details><summary>What you saw</summary>For the sum it hardly moves. For one principle at a time it grows by a factor of twenty-six.</details>
//
// When both judge every reply, conflict makes the gradient *quieter*: the two cancel, in the noise as in the signal, and the ratio stays. Orthogonal principles halve the variance and the squared signal alike: nothing is won. When one principle is drawn per reply the
// signal cancels and the noise does not. So there is a cure, at the price of more judging: let every principle judge every reply.
// #claim 12/conflict-is-quiet
// #claim 12/one-at-a-time-is-loud
//
// ### Exercise 7. Two noises
//
// *Difficulty 3 of 5, 12 minutes. Trains: equations (7) and (8).*
//
// Given exact gradients $g_i$ (lists), the matrix of $\mathrm{tr}\,\mathrm{Cov}(\hat g_i, \hat g_j)$, and weights that add up to 1, return both.
//
// <details><summary>Hint</summary>(7) is a double sum with all pairs, so each off-diagonal entry comes by twice. In (8) only the diagonal appears, and the distance of each gradient to the weighted mean.</details>

// %% [exercise] 12/noise
/** Traces of the covariance: all principles judge each reply, or one is drawn. */
function principleNoise(
  gradients: number[][],
  covariance: number[][],
  weights: number[],
): { all: number; one: number } {
  // #solution
  let all = 0;
  weights.forEach((w, i) => {
    weights.forEach((v, j) => {
      all += w * v * covariance[i][j];
    });
  });
  const mean = gradients[0].map((_, d) => gradients.reduce((sum, g, i) => sum + weights[i] * g[d], 0));
  const one = gradients.reduce(
    (sum, g, i) => sum + weights[i] * (covariance[i][i] + g.reduce((s, x, d) => s + (x - mean[d]) ** 2, 0)),
    0,
  );
  return { all, one };
  // #end
}

// %% [check] 12/noise
await check("12/noise", { principleNoise });

// %% [markdown]
// ### Surgery on gradients
//
// Multi-task learning has repairs for gradients that conflict, $g_i \cdot g_j < 0$:
//
// - **PCGrad** (Yu and others 2020) takes from each gradient its part against each of the others, then adds them up: $g_i \leftarrow g_i - \frac{g_i \cdot g_j}{g_j \cdot g_j}\, g_j$ where $g_i \cdot g_j < 0$, with $g_j$ as it was before any repair;
// - **MGDA** (Désidéri 2012; Sener and Koltun 2018) takes the shortest vector of the gradients' convex hull: unless it is 0, a small step along it improves every objective;
// - **CAGrad** (Liu and others 2021) stays within a ball around the mean gradient, and there helps the worst-off objective most.
//
// Let all of them climb utility (a quarter of it, to give both the same scale) and brevity, with exact gradients, from the reference. No KL.

// %%
const [climbSteps, climbRate] = [150, 10];
const together = [utility.map((u) => u / 4), principles.brief];
const add = (gradients: readonly Float64Array[]) => gradients[0].map((g, d) => g + gradients[1][d]);
const surgeons = {
  sum: add,
  PCGrad: (gradients: readonly Float64Array[]) => pcgrad(gradients),
  MGDA: (gradients: readonly Float64Array[]) => minNorm(gradients).direction,
  "CAGrad, c = 0.5": (gradients: readonly Float64Array[]) => cagrad(gradients, 0.5).map((d) => 2 * d),
};
const roads = Object.entries(surgeons).map(([name, direction]) => ({
  name,
  path: climbTogether(tree, startLogits, together, direction, { steps: climbSteps, rate: climbRate }),
}));

show(
  line({
    title: "Every surgeon walks to the same line; where it stops, nobody wished",
    subtitle: `${climbSteps} exact steps of rate ${climbRate}; gray: the face where utility / 5 + brevity = 1, the best that lotteries can do`,
    x: { title: "E[utility]", unit: "nats", range: [-0.2, 3.2] },
    y: { title: "E[brevity]", range: [0.4, 1.02] },
    series: roads.map(({ name, path }) => ({ name, x: path.map(([u]) => 4 * u), y: path.map(([, b]) => b) })),
    reference: [{ slope: -0.2, intercept: 1 }],
  }),
);
table(
  roads.map(({ name, path }) => {
    const [u, b] = path[climbSteps];
    return { name, utility: 4 * u, brevity: b, face: (4 * u) / 5 + b };
  }),
  {
    columns: { name: "direction", utility: "E[utility]", brevity: "E[brevity]", face: "utility / 5 + brevity" },
    digits: 3,
  },
);

// %% [markdown]
// All end within a hundredth of the face. There the two gradients point in opposite directions: PCGrad and MGDA find nothing left to do, and stop. Which of the many points of the face that is was decided by the road. Change what nobody thinks of as a choice between principles: the unit in which utility is measured, or where training starts.

// %%
const roadOf = (
  logits: Float64Array,
  scale: number,
  direction: (gradients: readonly Float64Array[]) => Float64Array,
) => {
  const rewards = [utility.map((u) => u / scale), principles.brief];
  const path = climbTogether(tree, logits, rewards, direction, { steps: climbSteps, rate: climbRate });
  return scale * path[climbSteps][0];
};
const noLogits = startLogits.map(() => 0); // every word equally likely
table(
  [
    { what: "utility / 4, from the reference", logits: startLogits, scale: 4 },
    { what: "utility / 2, from the reference", logits: startLogits, scale: 2 },
    { what: "utility / 8, from the reference", logits: startLogits, scale: 8 },
    { what: "utility / 4, from words drawn blindly", logits: noLogits, scale: 4 },
  ].map(({ what, logits, scale }) => ({
    what,
    pcgrad: roadOf(logits, scale, surgeons.PCGrad),
    mgda: roadOf(logits, scale, surgeons.MGDA),
  })),
  { columns: { what: "unit and start", pcgrad: "E[utility] after PCGrad", mgda: "after MGDA" }, digits: 2 },
);

// %% [markdown]
// PCGrad ends anywhere from "good whale" to silence: the unit and the start decide, and no one wrote that down. Surgery does not *resolve* a conflict between principles; it hides who resolved it.
// #claim 12/the-road-decides
//
// The sum and CAGrad go on along the face, until they have the utility and the brevity of "good whale". There they hardly move, for another reason: so does any softmax that is nearly sure (lesson 07). "Very good whale" would pay more, and is too rare to be noticed. That is a failure as well, but one that can be seen: the sum's weights say what it
// wanted. (Kurin and others 2022 and Xin and others 2022 found that such methods, tuned alike, do no better than a plain
// sum, which costs one gradient instead of one per task.)
// #claim 12/one-face-four-ends
//
// If the wish is "the worst-off principle shall be as well off as possible", one can say so, with a KL, and get a theorem: the best policy for the worst principle is the best policy for *some* weights, and multiplicative weights find them: whoever is badly off gains weight.

// %%
const four = {
  glad: principles.glad,
  "on topic": principles.onTopic,
  finish: principles.finish,
  brief: principles.brief,
};
const saddle = maxMinWeights(ref, Object.values(four), { beta: 0.1, rate: 2, steps: 300 });
const even = optimum(
  Float64Array.from(ref, (_, y) => Object.values(four).reduce((sum, s) => sum + s[y] / 4, 0)),
  0.1,
);
table(
  Object.entries(four).map(([principle, scores], i) => ({
    principle,
    even: exactExpectation(even, scores),
    worst: saddle.values[i],
    weight: saddle.weights[i],
  })),
  {
    columns: {
      principle: "principle",
      even: "kept, equal weights",
      worst: "kept, for the worst-off",
      weight: "its weights",
    },
    digits: 3,
  },
);

// %% [markdown]
// Three principles end at the same level, the fourth, which is easier to keep, gets no weight at all.
// #claim 12/the-worst-off-gains
//
// Two warnings. With *three* gradients PCGrad depends on the order in which they meet, and can make an objective worse. And MGDA is *biased* under noise: the shortest vector of noisy gradients is not, on average, the shortest vector of their means.

// %%
const three = [
  [-3, -2],
  [3, 1],
  [-2, 3],
];
const inner = (a: ArrayLike<number>, b: ArrayLike<number>) => Array.from(a).reduce((sum, x, d) => sum + x * b[d], 0);
const orders = { "1, 2, 3": [0, 1, 2], "3, 2, 1": [2, 1, 0] };
table(
  Object.entries(orders).map(([order, list]) => {
    const d = pcgrad(three, [list, list, list]);
    const [first, second, third] = three.map((g) => inner(g, d));
    return { order, first, second, third };
  }),
  {
    columns: { order: "they meet in order", first: "objective 1 changes by", second: "2", third: "3" },
    caption: "PCGrad of (-3, -2), (3, 1), (-2, 3)",
    digits: 2,
  },
);
const pairOfTwo = [
  [1, 0],
  [-0.5, 0.5],
];
const noisy = Array.from({ length: 10 }, (_, i) => minNormUnderNoise(key(i + 1), pairOfTwo)); // means of 1,000 draws
const interval = (values: number[]) => {
  const { mean: m, low, high } = meanInterval(values);
  return `${m.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}]`;
};
table([
  {
    what: "MGDA of (1, 0) and (-0.5, 0.5)",
    first: minNorm(pairOfTwo).direction[0].toFixed(3),
    second: minNorm(pairOfTwo).direction[1].toFixed(3),
  },
  {
    what: "mean of MGDA under noise of deviation 1",
    first: interval(noisy.map(([x]) => x)),
    second: interval(noisy.map(([, y]) => y)),
  },
]);

// %% [markdown]
// #claim 12/pcgrad-can-hurt
// #claim 12/mgda-is-biased
//
// ### Exercise 8. The shortest vector between two gradients
//
// *Difficulty 2 of 5, 8 minutes. Trains: MGDA for two objectives.*
//
// Return $\alpha g_1 + (1 - \alpha) g_2$ with $\alpha \in [0, 1]$ that has the least norm. Without the limits $\alpha = \frac{(g_2 - g_1) \cdot g_2}{|g_1 - g_2|^2}$. Equal gradients: that one.
//
// <details><summary>Hint</summary>Try g1 = (1, 0), g2 = (3, 0): the shortest vector of that hull is g1.</details>

// %% [exercise] 12/min-norm
/** The shortest vector of the segment between two gradients. */
function shortest(g1: number[], g2: number[]): number[] {
  // #solution
  const apart = g1.reduce((sum, x, d) => sum + (x - g2[d]) ** 2, 0);
  if (apart === 0) return [...g1];
  const alpha = g1.reduce((sum, x, d) => sum + (g2[d] - x) * g2[d], 0) / apart;
  const within = Math.min(1, Math.max(0, alpha));
  return g1.map((x, d) => within * x + (1 - within) * g2[d]);
  // #end
}

// %% [check] 12/min-norm
await check("12/min-norm", { shortest });

// %% [markdown]
// ### Exercise 9. Find the bug: PCGrad
//
// *Difficulty 2 of 5, 8 minutes. Trains: which gradient is projected against which.*
//
// `surgery` is to be PCGrad, each gradient meeting the others in the order in which they stand. A colleague wrote it; with two objectives, one of them now gets *worse* at times. Run the check, then mend it.
//
// <details><summary>Hint</summary>When the second gradient is repaired, against which first one?</details>

// %% [exercise] 12/find-the-bug
/** PCGrad: the sum of gradients, each without its part against the others. */
function surgery(gradients: number[][]): number[] {
  // #solution
  const dot = (a: number[], b: number[]) => a.reduce((sum, x, d) => sum + x * b[d], 0);
  const mended = gradients.map((original, i) => {
    let own = [...original];
    gradients.forEach((other, j) => {
      const overlap = dot(own, other);
      if (j !== i && overlap < 0) own = own.map((x, d) => x - (overlap / dot(other, other)) * other[d]);
    });
    return own;
  });
  return gradients[0].map((_, d) => mended.reduce((sum, g) => sum + g[d], 0));
  // #given
  // const dot = (a: number[], b: number[]) => a.reduce((sum, x, d) => sum + x * b[d], 0);
  // const own = gradients.map((g) => [...g]);
  // for (let i = 0; i < own.length; i++) {
  //   for (let j = 0; j < own.length; j++) {
  //     const overlap = dot(own[i], own[j]);
  //     if (j !== i && overlap < 0) own[i] = own[i].map((x, d) => x - (overlap / dot(own[j], own[j])) * own[j][d]);
  //   }
  // }
  // return own[0].map((_, d) => own.reduce((sum, g) => sum + g[d], 0));
  // #end
}

// %% [check] 12/find-the-bug
await check("12/find-the-bug", { surgery });

// %% [markdown]
// ## 5. How much principle?
//
// So far the principles were given and right. A constitution is a *guess* at what people want, written before anybody was asked; labels are the truth plus noise. How far should a learned reward be pulled towards what the constitution says? With features $X$, labels $\ell$ and the
// constitution's weights $\theta_c$,
//
// $$\hat\theta = \arg\min_\theta\; |\ell - X\theta|^2 + \kappa\, |\theta - \theta_c|^2. \tag{9}$$
//
// $\kappa$ is the *principle's weight as a regulariser*: 0 trusts the labels, infinity the constitution. Our constitution says good +1, bad -1, whale +1, sea -1, ending +1. It has never heard of "not" and "very". Ten data sets, each with $n$ labels of deviation 1.5; the reward that
// comes out is optimised, and we look at its *regret*, $J(\pi^*) - J(\pi_{\hat R})$, where both $J$ pay true utility minus $\beta\,\mathrm{KL}$. Under it bias and variance of the learned reward, measured over the ten data sets.

// %%
const study = phraseConstitutionStudy(task); // deviation 1.5, beta 0.5
const kappas = study.weights;
const dataSets = 10;
const sizes = [30, 100, 300, 1000];
const probabilities = ref.map(Math.exp);
interface Trusted {
  n: number;
  regrets: number[][];
  chosen: number[];
  parts: { squaredBias: number; variance: number }[];
}
const trusted: Trusted[] = [];
for (const n of progress(sizes, { label: "numbers of labels" })) {
  const runs = split(key(12), dataSets).map((k) => constitutionRun(k, task, { n, ...study }));
  trusted.push({
    n,
    regrets: runs.map(({ regrets }) => regrets),
    chosen: runs.map(({ chosen }) => chosen),
    parts: kappas.map((_, w) =>
      rewardErrorParts(
        runs.map(({ rewards }) => rewards[w]),
        utility,
        probabilities,
      ),
    ),
  });
}

// %%
const finiteKappas = kappas.slice(0, -1);
const regretOf = ({ n, regrets }: (typeof trusted)[number]) => {
  const at = (p: number) =>
    finiteKappas.map((_, w) =>
      quantile(
        regrets.map((row) => row[w]),
        p,
      ),
    );
  return { name: `${n} labels`, x: finiteKappas, y: at(0.5), band: { low: at(0.25), high: at(0.75) }, markers: true };
};
const hundred = trusted[1];
const alone = hundred.regrets[0][kappas.length - 1]; // does not depend on labels

show(
  smallMultiples({
    title: "Trust the constitution somewhat, whatever the number of labels",
    subtitle: `left: medians over ${dataSets} data sets, bands from quartile to quartile; dashed: the constitution alone`,
    figures: [
      line({
        title: "Regret",
        x: { title: "weight of the constitution", type: "log" },
        y: { title: "regret", unit: "nats", range: [0, 4] },
        series: trusted.map(regretOf),
        reference: [{ y: alone }],
      }),
      line({
        title: "Why: 100 labels",
        x: { title: "weight of the constitution", type: "log" },
        y: { title: "squared error", range: [0, 2.4] },
        series: [
          {
            name: "bias squared",
            x: finiteKappas,
            y: hundred.parts.slice(0, -1).map((p) => p.squaredBias),
            markers: true,
            color: palette[4],
          },
          {
            name: "variance",
            x: finiteKappas,
            y: hundred.parts.slice(0, -1).map((p) => p.variance),
            markers: true,
            color: palette[5],
          },
          {
            name: "sum",
            x: finiteKappas,
            y: hundred.parts.slice(0, -1).map((p) => p.squaredBias + p.variance),
            markers: true,
            color: palette[6],
          },
        ],
      }),
    ],
  }),
);
const least = (values: number[]) => values.indexOf(values.reduce((a, b) => Math.min(a, b)));
table(
  trusted.map(({ n, regrets, chosen, parts }) => {
    const medians = kappas.map((_, w) => median(regrets.map((row) => row[w])));
    const w = least(medians);
    const picked = regrets.map((row, i) => row[chosen[i]]);
    return {
      n,
      regret: kappas[w],
      error: kappas[least(parts.map((p) => p.squaredBias + p.variance))],
      best: medians[w],
      picked: median(picked),
      worst: picked.reduce((a, b) => Math.max(a, b)),
      labels: medians[0],
      principles: medians[kappas.length - 1],
    };
  }),
  {
    columns: {
      n: "labels",
      regret: "best weight for regret",
      error: "for squared error",
      best: "median regret there",
      picked: "cross-validated",
      worst: "its worst",
      labels: "labels nearly alone",
      principles: "constitution alone",
    },
    digits: 2,
  },
);

// %% [markdown]
// The curve is a U at each size: too little principle, and the optimiser climbs noise; too much, and it climbs the constitution's mistakes. Variance falls with the weight, bias rises.
// #claim 12/regret-is-a-u
// #claim 12/bias-rises-variance-falls
//
// The bottom of the U is flat: with 300 labels or more, weights of 10 and 30 mostly come to the same. But its two sides differ. Too much principle brings back what the constitution alone costs, and that is known. Too little may cost more than a nat, since the optimiser looks for the places where the reward is wrong.
// #claim 12/a-flat-bottom
//
// Can *cross-validation* choose, as the notes recommend? It predicts held-out labels, and so sees the reward's error where the *reference* writes; regret is made where the *optimiser* goes. Nothing says that the two agree. Most of the time it chooses well. But with 30 labels
// it loses more than a tenth of a nat against always taking 30 in about a third of the data sets, and sometimes more than one nat, when it happens to pick too little principle. With 1,000 labels that hardly ever happens. It is safest where it is needed least.
// #claim 12/cross-validation-needs-labels
//
// "Total error = constitutional bias² + optimisation variance + task performance loss" is how the notes sum this up. Bias squared plus variance is the mean squared error of the *reward*, in squared nats; the loss is in nats. Nothing adds the two. What connects them is the optimiser in
// between, and it is not a sum.
//
// ## 6. Does revising end?
//
// Constitutional AI does not stop at scores: a model *criticises* its reply by a principle, and *revises* it. Again and again, "principles guide the optimisation trajectory", and it converges. Does it?
//
// First with numbers only. Let $v$ be the share of replies that violate. A critic notices a violation with probability $q$, a revision mends it with probability $r$, and breaks a good reply with probability $\epsilon$:
//
// $$v \leftarrow v\,(1 - qr) + (1 - v)\,\epsilon, \qquad v \to \frac{\epsilon}{qr + \epsilon}. \tag{10}$$

// %%
const rounds = 15;
const critics = [
  { name: "sees 80 %, breaks none", detection: 0.8, repair: 0.9, breakage: 0 },
  { name: "sees 80 %, breaks 5 %", detection: 0.8, repair: 0.9, breakage: 0.05 },
  { name: "sees all, breaks 5 %", detection: 1, repair: 0.9, breakage: 0.05 },
  { name: "sees 30 %, breaks 5 %", detection: 0.3, repair: 0.9, breakage: 0.05 },
];
show(
  line({
    title: "What revising breaks decides where it ends",
    subtitle: "share of replies that violate, equation (10); 90 % of what is noticed is mended",
    x: { title: "round" },
    y: { title: "P(violates)", range: [0, 0.52] },
    series: critics.map(({ name, ...chain }) => ({
      name,
      x: linspace(0, rounds, rounds + 1),
      y: critiqueChain(0.5, chain, rounds).violations,
      markers: true,
    })),
  }),
);

// %% [markdown]
// A critic without eyes for every fifth violation still gets to 0, if revisions break nothing. A perfect one does not, if they do. Without breakage there is no floor; with it, blindness lifts the floor.
// #claim 12/breakage-sets-the-floor
//
// Now the real thing, for all 9,331 replies. Three principles in this order: *finish*; *speak of the whale and not of the sea*; *be glad* (mood above 0). The critic names the first that is broken. The reviser changes one word (puts one in, takes one out, replaces one) to the reply that keeps
// *this* principle and that the reference finds likeliest. That is a map from replies to replies, so we can follow every one to its end: *satisfied*, *stuck* (no single word helps), or *cycling*.

// %%
const holds = [
  principles.finish,
  principles.onTopic.map((s) => (s === 1 ? 1 : 0)),
  principles.glad.map((s) => (s > 0.5 ? 1 : 0)), // 0.5 is a mood of 0
];
const keepsAll = (list: readonly Float64Array[]) =>
  Float64Array.from(ref, (_, y) => (list.every((row) => row[y] === 1) ? 1 : 0));
const massOf = (ends: readonly string[]) => {
  const out: Record<string, number> = { satisfied: 0, stuck: 0, cycling: 0 };
  ends.forEach((end, y) => {
    out[end] += Math.exp(ref[y]);
  });
  return out;
};
const short = words.map((n) => (n <= 2 ? 1 : 0));
const informative = words.map((n) => (n >= 3 ? 1 : 0));
const constitutions = {
  "finish, topic, glad": { list: holds, mayBreak: true },
  "the same, breaking nothing that held": { list: holds, mayBreak: false },
  "glad, at most 2 words, at least 3 words": { list: [holds[2], short, informative], mayBreak: true },
};
const revised = Object.entries(constitutions).map(([name, { list, mayBreak }]) => {
  const next = phraseRevisions(task, ref, list, { mayBreak });
  return { name, next, contradictions: minimalUnsatisfiable(list), ...reviseMap(next, keepsAll(list)) };
});
table(
  revised.map(({ name, ends, cycles, contradictions }) => ({
    name,
    ...massOf(ends),
    cycles: cycles.length,
    contradictions: contradictions.map((set) => set.map((i) => i + 1).join(" and ")).join("; ") || "none",
  })),
  {
    columns: {
      name: "constitution, and its reviser",
      satisfied: "P(satisfied)",
      stuck: "P(stuck)",
      cycling: "P(cycling)",
      cycles: "cycles",
      contradictions: "principles that contradict",
    },
    digits: 3,
  },
);

// %%
const [first] = revised;
const cycle = first.cycles.find((list) => list.some((y) => textOf(y) === "bad whale bad whale")) ?? first.cycles[0];
/** The likeliest replies that are revised to y, without the cycle. */
const feeders = (y: number, count: number) =>
  Array.from(first.next.keys())
    .filter((x) => first.next[x] === y && !cycle.includes(x))
    .sort((a, b) => ref[b] - ref[a])
    .slice(0, count);
const [left, right] = cycle;
const into = feeders(left, 2);
const chain = [Array.from(ref.keys()).find((y) => textOf(y) === "bad sea") as number];
while (first.next[chain[chain.length - 1]] >= 0) chain.push(first.next[chain[chain.length - 1]]);
const nodes = [
  { id: textOf(left), x: -1.3, y: 0.3, highlight: true },
  { id: textOf(right), x: 1.3, y: 0.3, highlight: true },
  ...into.map((y, i) => ({ id: textOf(y), x: -1.6 + 1.6 * i, y: 1.8 })),
  ...chain.map((y, i) => ({ id: textOf(y), x: -1.3 + (2.6 * i) / Math.max(1, chain.length - 1), y: -1.6 })),
];

show(
  graph({
    title: "A reply that is revised for ever, and one that arrives",
    subtitle: "each arrow is one critique and one revision, by one word; below: a reply that ends satisfied",
    nodes,
    edges: [
      { from: textOf(left), to: textOf(right), highlight: true },
      { from: textOf(right), to: textOf(left), highlight: true },
      ...into.map((y) => ({ from: textOf(y), to: textOf(left) })),
      ...chain.slice(1).map((y, i) => ({ from: textOf(chain[i]), to: textOf(y) })),
    ],
    legend: { highlight: "a cycle", plain: "is revised to" },
  }),
);

// %% [markdown]
// "Bad whale bad whale" is not glad; put in a "not", and it is, but it is too long to finish; take the "not" out to finish, and we are back. Each revision was right, and the loop never ends. The remedy is in the second row: a revision may not break what held. Then the number of principles
// that hold grows with every step, so that there can be no cycle. A reply may still get stuck, and here about as many do as before. (Such a number that only grows is called a *potential*; lesson 20 has more of them.)
// #claim 12/revising-may-cycle
// #claim 12/a-potential-ends-it
//
// **Break it.** The third row has a constitution that contradicts itself: at most two words, and at least three. What does revision do with it?
//
// <details><summary>What happens</summary>Nothing is satisfied: part of the replies get stuck, the rest go back and forth for ever, for instance between "good whale" and "very good whale". A long log of revisions looks like work. Enumeration finds the contradiction before any training: the smallest sets of
// principles that no reply can keep together. In a language too large to enumerate one can at least ask: is there one reply that we would accept under all of them?</details>
// #claim 12/contradictions-are-found
//
// ## 7. Did it help?
//
// You changed a principle and the new model is accepted 90 % of the time instead of 85 %. By how many answers on each side would you know? The *power* of a test is how often it finds a difference that is there. For two proportions, a two-sided level $a$ and a power $1 - b$, with $\bar p = (p_1 + p_2)/2$,
//
// $$n = \left(\frac{z_{a/2}\sqrt{2\bar p(1-\bar p)} + z_b\sqrt{p_1(1-p_1) + p_2(1-p_2)}}{p_1 - p_2}\right)^2. \tag{11}$$
//
// And then somebody looks at the dashboard every day.

// %%
const needed = samplesPerArm(0.85, 0.9);
const looks = [1, 2, 3, 5, 7, 10, 15, 20, 30, 50];
const arms = linspace(50, 1500, 30);
show(
  smallMultiples({
    title: "A test needs hundreds of answers, and one look",
    subtitle:
      "left: 85 % against 90 %, level 5 %; right: no difference at all, a look after every equal part of the answers",
    figures: [
      line({
        title: "Power",
        x: { title: "answers on each side" },
        y: { title: "P(difference is found)", range: [0, 1] },
        series: [{ name: "power", x: arms, y: arms.map((n) => proportionPower(n, 0.85, 0.9)) }],
        reference: [{ x: needed }, { y: 0.8 }],
      }),
      line({
        title: "Peeking",
        x: { title: "looks", type: "log" },
        y: { title: "P(a difference is announced)", range: [0, 0.4] },
        series: [{ name: "error", x: looks, y: looks.map((k) => peekingError(k)), markers: true }],
        reference: [{ y: 0.05 }],
      }),
    ],
  }),
);
table(
  [
    { what: "answers on each side, 85 % against 90 %, power 80 %", value: needed },
    { what: "power there, by enumerating both binomials", value: exactProportionPower(needed, 0.85, 0.9) },
    { what: "answers on each side, 89 % against 90 %", value: samplesPerArm(0.89, 0.9) },
    { what: "false alarms with ten looks at level 5 %", value: peekingError(10) },
  ],
  { digits: 3 },
);

// %% [markdown]
// Ten looks make 5 % into 19 %. Decide the number of answers first, or use a test that may be looked at (lesson 20).
// #claim 12/peeking
//
// ### Exercise 10. How many answers?
//
// *Difficulty 2 of 5, 8 minutes. Trains: equation (11).*
//
// Return the least whole number of answers on each side. `z` holds the two quantiles of the normal distribution: `z.level` is $z_{a/2}$, `z.power` is $z_b$.
//
// <details><summary>Hint</summary>Math.ceil at the end. The difference is squared; halving it takes four times as many.</details>

// %% [exercise] 12/samples-per-arm
/** Answers needed on each side of an A/B test. */
function answersPerSide(p1: number, p2: number, z: { level: number; power: number }): number {
  // #solution
  const middle = (p1 + p2) / 2;
  const equal = z.level * Math.sqrt(2 * middle * (1 - middle));
  const apart = z.power * Math.sqrt(p1 * (1 - p1) + p2 * (1 - p2));
  return Math.ceil(((equal + apart) / (p1 - p2)) ** 2);
  // #end
}

// %% [check] 12/samples-per-arm
await check("12/samples-per-arm", { answersPerSide });

// %% [markdown]
// So what happens to a principle when it becomes a number? It gets a shape that it did not have: a weight makes it negotiable at a fixed rate, a wall makes it final and gives it a price, a limit makes it true of an average. The optimiser obeys the shape and not the sentence.
//
// ## What this lesson does not show
//
// - **Where scores come from.** Here every score was exact. In practice a model judges, and the judge can be wrong, cheated and steered: lesson 13.
// - **Scale.** 9,331 replies can be enumerated; a language cannot. Conditioning is then approximated, by drawing again, or by a value function at each prefix. A reviser that is a language model is not a map but a chain, and equation (10) is a caricature of it.
// - **Learned policies.** All optima were exact. A network that shares weights between replies has its own conflicts between principles, which no face of section 4 shows.
// - **One prompt.** "On average" over prompts hides whom it fails.
// - **One prior.** Section 5 tries a single constitution, and that one is mostly right. A worse one should get less weight; how much less, we did not measure.
//
// ## Said, and seen
//
// | Said | Seen | Where |
// | --- | --- | --- |
// | The constitutional score is $\sum_i w_i S(y, c_i)$ | One reading of several; of five replies on the front it can choose three, and weights do not make a principle hard | 1, 2 |
// | Pareto optimality: trade-offs between principles | Yes, but a sum sees the hull only; Chebyshev and floors see all of the front | 1 |
// | Hard constraints for critical principles | Conditioning, at the exact price $-\beta\ln\pi^*(V)$; a token mask is something else | 2 |
// | Bias: $\mathbb{E}[J_c] - J_u < 0$ | Of the number that is maximised. True utility even rose a little, and with a proxy two rules more than doubled it | 2 |
// | Soft constraints through penalty terms | The log-odds fall along a line and never arrive; the absolute penalty on an average is exact from $\lambda^*$ on | 2, 3 |
// | Dynamic balancing of weights | Dual ascent, if the step is below $2\beta/\mathrm{Var}(g)$; max-min weights | 3, 4 |
// | Competing objectives create noisy updates | Only if principles are drawn one at a time; summed, they cancel in noise and signal alike | 4 |
// | Orthogonal principles reduce variance | And the squared signal by as much | 4 |
// | Total error = bias² + variance + task loss | Units do not fit. Bias² + variance is the reward's squared error; regret is another curve with another minimum | 5 |
// | Cross-validation for principle weights | Sees label error under the reference, not regret under the optimum; with few labels it is now and then badly wrong | 5 |
// | Training may converge to a different equilibrium | With the KL each reading has one optimum, and it is not the one without a principle. Without KL, surgery stops where unit and start decide | Run it, 4 |
// | Convergence: principles guide the trajectory | If a revision may not break what held, it ends, satisfied or stuck; else it may cycle | 6 |
// | A/B testing for principle effectiveness | Hundreds of answers a side, and one look | 7 |
// | Principles can be added or modified | In the text. Each one reprices the others | 2 |
// | Conflicting principles increase bias and variance | Prices do not add up: rules broken by the same replies share theirs. Noise over signal grows only where one principle is drawn | 2, 4 |
// | The best weights minimise total error subject to safety constraints | A limit sets its own weight, $\lambda^*$. How far to trust a constitution is another question, with a U for an answer | 3, 5 |
// | Interpretability: explicit principles provide transparency | The sentence can be read; what is optimised is its reading, and one sentence had four | Run it |
// | Constitutional constraints improve safety | A rule helped where it cut what the proxy is blind to; another one on top did harm | 2 |
// | Principles encode human values | As a guess: some trust in it mostly beat labels nearly alone, and the constitution alone | 5 |
// | Several objectives must be balanced by principled optimisation | Each rule balances. Limits and max-min say what is wished; surgery on gradients leaves it to the road | 3, 4 |
//
// ## On one page
//
// | | | In code |
// | --- | --- | --- |
// | (1) | weighted sum; its tilted optimum | `weightedSumChoice`, `exactRegularisedOptimum` |
// | front | who is dominated by nobody | `paretoFront`, `paretoRanks`, `hypervolume`, `invertedGenerationalDistancePlus`, `supportedPoints` |
// | other rules | ideal point, floors, priorities | `chebyshevChoice`, `epsilonConstraintChoice`, `lexicographicChoice` |
// | (3) | $-\beta\ln\pi^*(V)$ | `conditionOn`, `priceOfConstraint`; not the same: `tokenMask` |
// | (4), (5) | penalties and their multiplier | `chargedOptimum`, `constraintMultiplier`, `penaltyMultiplier` |
// | (6) | thermostat | `dualAscent`, `dualAscentLimit`, `maxMinWeights` |
// | (7), (8) | noise of principles | `principleGradients`, `sumNoise`, `sampledPrincipleNoise` |
// | surgery | PCGrad, MGDA, CAGrad | `pcgrad`, `minNorm`, `cagrad`, `climbTogether` |
// | (9) | shrink to the constitution | `shrunkReward`, `shrunkRewardError`, `rewardErrorParts`, `crossValidateShrinkage` |
// | (10) | critique and revision | `critiqueChain`, `reviseMap`, `minimalUnsatisfiable` |
// | (11) | A/B tests | `samplesPerArm`, `proportionPower`, `peekingError` |
//
// **Three questions**
//
// <details><summary>A colleague bans a list of words at the sampler and reports that the model "keeps the principle". What do you ask?</summary>What it writes instead. The mask renormalises word by word; compare with drawing again, which is conditioning. The KL between them is the damage.</details>
//
// <details><summary>Two principles conflict, training is noisy, and PCGrad is proposed. What do you check first?</summary>Whether each reply is judged by both, or by one drawn at random: that may be the whole noise. Then, who decides the trade-off: PCGrad will, silently.</details>
//
// <details><summary>Your revision loop runs three rounds because "it does not improve after that". What might be going on?</summary>A cycle: each round repairs what the last one broke. Count how often a revision breaks a principle that held; forbid it, and the loop must end.</details>
//
// ## Read on
//
// - Bai and others 2022, *Constitutional AI: harmlessness from AI feedback*, arXiv:2212.08073. Critique, revision, and a principle drawn per comparison.
// - Roijers, Vamplew, Whiteson and Dazeley 2013, *A survey of multi-objective sequential decision-making*: expected utility, and utility of the expectation. Ramé and others 2023, *Rewarded soups*, arXiv:2306.04488. Section 1.
// - Park and others 2024, *Grammar-aligned decoding*, arXiv:2405.21047: masks against conditioning. Section 2.
// - Stooke, Achiam and Abbeel 2020, *Responsive safety in reinforcement learning by PID Lagrangian methods*, arXiv:2007.03964; Nocedal and Wright 2006, *Numerical optimization*, chapter 17. Section 3.
// - Yu and others 2020, *Gradient surgery for multi-task learning*, arXiv:2001.06782; Sener and Koltun 2018, arXiv:1810.04650; Liu and others 2021, *Conflict-averse gradient descent*, arXiv:2110.14048; and what is left of it: Kurin and others 2022, *In defense of the unitary
//   scalarization*, arXiv:2201.04122; Xin and others 2022, *Do current multi-task optimization methods in deep learning even help?*, arXiv:2209.11379. Section 4.
// - Armitage, McPherson and Rowe 1969, *Repeated significance tests on accumulating data*. Section 7.
// - In the books: Boyd and Vandenberghe, [*Convex optimization*](https://web.stanford.edu/~boyd/cvxbook/): section 4.7, Vector optimization.

// %%
import { solved } from "rlhf-lab-course";

// What you have solved of this lesson; it is written down on this machine and sent nowhere.
await solved("12");
