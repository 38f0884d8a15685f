// %% [markdown]
// # 01 What does a comparison tell us?
//
// Somebody reads two answers and says which one is better. That click is the raw material of reinforcement learning from human
// feedback: no scores, no reasons, only "this one". How do many such clicks become a number for each answer? How far can we trust
// the number? And what can comparisons never tell us, however many we collect?
//
// **After this lesson you can**
//
// - write down the likelihood of comparisons, both its terms, and the gradient that learns from it;
// - fit abilities in two ways, and say in advance when no finite answer exists, and what to do then;
// - tell the part of an ability that means something from the part that is convention (its zero, its scale);
// - put an interval around an ability, and test whether one number per item was enough.
//
// **Time** 95 minutes, 59 of them exercises. **You need** TypeScript, logarithms, derivatives, and an idea of what a likelihood is.
//
// We work on baseball first, because there everybody agrees what a comparison is: a game. Teams are our answers, games are our clicks.

// %% [markdown]
// ## The model on one page
//
// The data are triples $(x_1, x_2, y)$: two items were shown, and $y = 1$ says that the first was preferred, $y = 0$ the second.
// Bradley and Terry (1952; Zermelo in 1929, for chess) give each item a hidden number, and let the *difference* decide:
//
// $$P(x_1 \succ x_2) = \sigma\!\left(\frac{R(x_1) - R(x_2)}{\tau}\right), \qquad \sigma(z) = \frac{1}{1 + e^{-z}}. \tag{1}$$
//
// The log-likelihood adds up the log-probability of what was answered. A row says something whichever way it went, so there are two terms:
//
// $$\ell(\theta) = \sum_k y_k \log \sigma(d_k) + (1 - y_k) \log \sigma(-d_k), \qquad d_k = \theta_{x_1^k} - \theta_{x_2^k}. \tag{2}$$
//
// | On paper | In code | What it is |
// | --- | --- | --- |
// | $R(x_i)$ or $\theta_i$ | `theta[i]` | ability, utility or reward of item $i$, in nats: a difference is a log-odds |
// | $\sigma$, $\log\sigma$ | `sigmoid`, `logSigmoid` | the logistic function, and its log without overflow |
// | $\tau$ | `temperature` | how noisy the judge is; 1 unless said otherwise |
// | $P(x_1 \succ x_2)$ | `bradleyTerry.probability(theta[i] - theta[j])` | probability that $i$ is preferred to $j$ |
// | $(x_1, x_2, y)$ | `first[k]`, `second[k]`, `y[k]` | one comparison with its label |
// | the same, winner first | `games.winner[k]`, `games.loser[k]`, `games.weight[k]` | how the library stores it, with a count |
// | $\ell(\theta)$ | `bradleyTerry.logLikelihood(theta, games)` | equation (2), in nats |

// %%
import {
  bar,
  contour,
  heatmap,
  key,
  line,
  linspace,
  logSigmoid,
  mean,
  scatter,
  show,
  sigmoid,
  smallMultiples,
  split,
  standardDeviation,
  table,
} from "rlhf-lab";
import { baseball1987, statisticsJournals } from "rlhf-lab/data";
import {
  bradleyTerry,
  comparisonsFromWins,
  davidson,
  flipLabels,
  simulateComparisons,
  simulateTournament,
  transitivity,
  winMatrix,
  winShares,
} from "rlhf-lab/preferences";
import { check } from "rlhf-lab-course";

// %% [markdown]
// ## Run it
//
// The American League East in 1987: seven teams, each pair met thirteen times, 273 games in all. (These are the games within the division,
// 78 of each team's 162; Agresti 2002 prints the table.) `league.wins[i][j]` counts how often team $i$ beat team $j$. One call finds the abilities that make the season most probable.

// %%
const league = baseball1987();
const games = comparisonsFromWins(league.wins, league);
const season = bradleyTerry.fit(games);

table(
  league.names.map((team, i) => ({
    team,
    won: league.wins[i].reduce((sum, w) => sum + w),
    lost: league.wins.reduce((sum, row) => sum + row[i], 0),
    ability: season.theta[i],
  })),
  { columns: { team: "team", won: "won", lost: "lost", ability: "ability (nats)" }, digits: 2 },
);

// %% [markdown]
// Seven numbers instead of 42 counts, and from them every probability: Milwaukee beats Baltimore with probability
// $\sigma(0.53 - (-1.05))$, about 83 %.
// #claim 01/milwaukee-beats-baltimore
// The rest of the lesson asks where these numbers come from, and what they are worth.
//
// ## 1. From a difference to a probability
//
// Only the difference of two abilities matters, through an S-curve. The temperature $\tau$ is the noise of the judge. Differences are in *nats*, the unit
// of natural logarithms: one nat more is odds multiplied by $e$, about 2.7 to 1 from even odds.

// %%
const temperatures = [0.5, 1, 2]; // try 0.05, then 20
const differences = linspace(-6, 6, 241); // nats

show(
  line({
    title: "A difference in ability decides, more or less firmly",
    x: { title: "ability difference, first minus second", unit: "nats" },
    y: { title: "P(first preferred)", range: [-0.02, 1.02] },
    series: temperatures.map((temperature) => ({
      name: `temperature ${temperature}`,
      x: differences,
      y: differences.map((d) => bradleyTerry.probability(d, { temperature })),
    })),
    reference: [{ y: 0.5 }],
  }),
);

// %% [markdown]
// At temperature 1, one nat is a probability of 73 %, two are 88 %, four are 98 %.
// #claim 01/nats-as-chances
// Look at the three curves again: each is another one
// stretched sideways. If you double all abilities *and* the temperature, nothing changes. So comparisons alone fix only
// $\theta / \tau$: the scale of a learned reward is the noise of the people who taught it. We set $\tau = 1$ and remember that.
//
// ## 2. The likelihood has two terms
//
// It is easy to write $\sum_k y_k \log \sigma(d_k)$ and stop there. That counts the games the first team won and throws away the games it
// lost. What does it believe then? Team A is listed first and wins 6 of 10.

// %%
const won = 6;
const lost = 4; // try 9 and 1: only one of the curves notices
const leads = linspace(-3, 6, 181);
const bothTerms = leads.map((d) => won * logSigmoid(d) + lost * logSigmoid(-d));
const firstTermOnly = leads.map((d) => won * logSigmoid(d));

show(
  line({
    title: "Without its second term the likelihood believes in infinity",
    subtitle: `A was listed first, won ${won} and lost ${lost}`,
    x: { title: "ability difference, A minus B", unit: "nats" },
    y: { title: "log-likelihood", unit: "nats", range: [-25, 4] },
    series: [
      { name: "both terms, equation (2)", x: leads, y: bothTerms },
      { name: "first term only", x: leads, y: firstTermOnly },
    ],
    reference: [{ x: Math.log(won / lost), label: "log(won / lost)" }],
  }),
);

// %% [markdown]
// With both terms the top is at $\log(6/4)$, the log-odds of what happened. With one term there is no top at all: it climbs for ever, and
// says that A can never lose, after four defeats.
// #claim 01/one-term-has-no-top
//
// ### Exercise 1. Both terms of the likelihood
//
// *Difficulty 1 of 5, 10 minutes. Trains: reading equation (2), and staying in log space.*
//
// Write the log-likelihood of labelled comparisons. Row $k$ compares item `first[k]` with item `second[k]`; `y[k]` is 1 or 0.
//
// <details><summary>Hint 1</summary>Loop over <code>y</code>. The difference of row k is <code>theta[first[k]] - theta[second[k]]</code>.</details>
// <details><summary>Hint 2</summary><code>Math.log(sigmoid(-1000))</code> is -Infinity; <code>logSigmoid(-1000)</code> is -1000.</details>

// %% [exercise] 01/log-likelihood
/** The log-likelihood, in nats, of abilities theta given labelled comparisons: equation (2). */
function logLikelihood(theta: number[], first: number[], second: number[], y: number[]): number {
  // #solution
  let sum = 0;
  for (let k = 0; k < y.length; k++) {
    const d = theta[first[k]] - theta[second[k]];
    sum += y[k] * logSigmoid(d) + (1 - y[k]) * logSigmoid(-d);
  }
  return sum;
  // #end
}

// %% [check] 01/log-likelihood
await check("01/log-likelihood", { logLikelihood });

// %% [markdown]
// **Break it.** Replace `logSigmoid(d)` by `Math.log(1 / (1 + Math.exp(-d)))` and check again. At which difference does the answer stop
// being a number? (Try `Math.exp(710)`.)
//
// <details><summary>What happens</summary>Below a difference of -709.78, <code>Math.exp(-d)</code> is Infinity, the probability is 0 and its logarithm -Infinity; and 0 times that, in
// a row whose label switches the term off, is NaN. One such row makes the whole sum NaN. In float32, which networks use, it begins at -88.7.</details>
//
// ## 3. The gradient is a sum of surprises
//
// Differentiate (2). The derivative of $\log\sigma(d)$ is $1 - \sigma(d)$, and both terms melt into one:
//
// $$\frac{\partial \ell}{\partial \theta_i} = \sum_k \bigl(y_k - \sigma(d_k)\bigr)\,\bigl([x_1^k = i] - [x_2^k = i]\bigr). \tag{3}$$
//
// $y_k - \sigma(d_k)$ is the surprise: what happened minus what was expected. The winner goes up by it, the loser goes down by it. A
// favourite that wins teaches next to nothing; an upset teaches a lot. (This gradient needs the $(1-y)$ term of (2). Without it the slope in
// each difference $d_k$ is $y_k(1 - \sigma(d_k))$, never negative: no defeat ever pulls the first team down.) Later, when $R$ is a neural network, the bracket becomes
// $\nabla R(x_1) - \nabla R(x_2)$ and everything else stays.
//
// ### Exercise 2. The gradient
//
// *Difficulty 2 of 5, 12 minutes. Trains: the bookkeeping of a pairwise loss, which is where its bugs live.*
//
// Given abilities and labelled comparisons as in exercise 1, return equation (3): one number for each item.
//
// <details><summary>Hint</summary>Start with a list of zeros. For each row, add the surprise to one component and subtract it from another.</details>

// %% [exercise] 01/gradient
/** The gradient of the log-likelihood, one number per item: equation (3). */
function gradient(theta: number[], first: number[], second: number[], y: number[]): number[] {
  // #solution
  const g = theta.map(() => 0);
  for (let k = 0; k < y.length; k++) {
    const surprise = y[k] - sigmoid(theta[first[k]] - theta[second[k]]);
    g[first[k]] += surprise;
    g[second[k]] -= surprise;
  }
  return g;
  // #end
}

// %% [check] 01/gradient
await check("01/gradient", { gradient });

// %% [markdown]
// **Break it.** Leave out the line of the second item. The check tells you so, but what would a *fit* tell you? Take gradient steps with the
// broken version from `theta = [0, 0]` on one game, again and again.
//
// <details><summary>What happens</summary>It still learns who won: the first item goes up if it won and down if it lost, and only differences count. But an item that always stands
// second never moves, and the abilities drift together: their sum is no longer 0. Wrong gradients often learn something; that is why every gradient in
// this course is compared with differences of the function.</details>
//
// ## 4. A direction that nobody can see
//
// Add the same constant to all abilities. No difference changes, so no probability does. This is often called scale invariance; it is
// *shift* invariance. Scale is something else, as the last line shows.

// %%
const shift = 100; // nats
const stretch = 2;

table(
  [
    { abilities: "as fitted", at: season.theta },
    { abilities: `all shifted by ${shift}`, at: season.theta.map((t) => t + shift) },
    { abilities: `all stretched by ${stretch}`, at: season.theta.map((t) => t * stretch) },
  ].map(({ abilities, at }) => ({
    abilities,
    probability: bradleyTerry.probability(at[0] - at[6]),
    logLikelihood: bradleyTerry.logLikelihood(at, games),
  })),
  {
    columns: {
      abilities: "abilities",
      probability: "P(Milwaukee beats Baltimore)",
      logLikelihood: "log-likelihood (nats)",
    },
  },
);

// %% [markdown]
// Here is what that looks like from above, for three items. On the left all abilities are free (B stays at its distance from the middle of
// A and C, to fit on paper): the likelihood is a ridge, as long as you like, and every point on its crest is a maximum. On the right we
// only look at abilities that add up to zero. The ridge becomes a hill with one top. Such a choice is called a *gauge*.

// %%
const threeWins = [
  [0, 6, 9],
  [4, 0, 7],
  [2, 4, 0],
]; // A, B, C; set A's wins against C to 40
const three = comparisonsFromWins(threeWins);
const [bestA, bestB, bestC] = bradleyTerry.fit(three).theta;
const axis = linspace(-2.5, 2.5, 81);
const surface = (b: (a: number, c: number) => number) => ({
  x: axis,
  y: axis,
  values: axis.map((c) => axis.map((a) => bradleyTerry.logLikelihood([a, b(a, c), c], three))),
});
const x = { title: "ability of A", unit: "nats", range: [-2.5, 2.5] as const };
const y = { title: "ability of C", unit: "nats", range: [-2.5, 2.5] as const };
const color = { title: "log-likelihood", unit: "nats", range: [-34, -18] as const };
const top3 = { name: "estimate", x: bestA, y: bestC };
const along = [-1.3, 1.8];

show(
  smallMultiples({
    title: "Three items: a ridge without a top, and the gauge that gives it one",
    figures: [
      contour({
        title: "All abilities free",
        ...{ x, y, color, points: [top3] },
        grid: surface((a, c) => (a + c) / 2 + bestB - (bestA + bestC) / 2),
        paths: [{ name: "ridge", x: along.map((t) => bestA + t), y: along.map((t) => bestC + t) }],
      }),
      contour({
        title: "Abilities add up to zero",
        ...{ x, y, color, points: [top3] },
        grid: surface((a, c) => -a - c),
      }),
    ],
  }),
);

// %% [markdown]
// Two gauges are common. *Sum-zero*: the average item has ability 0. *Reference*: one item has ability 0, and all others are measured
// against it. With language models there is one gauge for each prompt: if only answers to the same prompt are compared, you may add any
// function $f(x)$ of the prompt to the reward, and no comparison will notice. So a reward of 7 for one prompt and of 3 for another
// says nothing about which prompt is handled better.
//
// ### Exercise 3. Fix the gauge
//
// *Difficulty 1 of 5, 5 minutes. Trains: saying what a number means before comparing it.*
//
// Given abilities and the index of a reference item, return the abilities in the gauge where the reference has 0.

// %% [exercise] 01/gauge
/** The same abilities, in the same order, shifted so that theta[reference] becomes 0. */
function fixGauge(theta: number[], reference: number): number[] {
  // #solution
  return theta.map((ability) => ability - theta[reference]);
  // #end
}

// %% [check] 01/gauge
await check("01/gauge", { fixGauge });

// %% [markdown]
// **Break it.** Average the abilities of two seasons without fixing their gauges first, then add 100 to one season and average again.
// Which differences survive?
//
// <details><summary>What happens</summary>If every team is in both seasons, all of them: 100 on one season is 50 on every average. If a team is in one season only, its average is over other
// numbers than the others', and each of its differences is wrong by 50 or by 100. Gauges first, averages afterwards.</details>
//
// ## 5. Finding the top
//
// The log-likelihood is concave, so any method that climbs arrives. Two are worth knowing.
//
// *Newton's method* (`bradleyTerry.fit`) uses the curvature, that is the *Hessian*, the matrix of second derivatives of (2). Its entry for two teams is
// $n_{ij} P_{ij} P_{ji}$, games times uncertainty; on the diagonal stands minus the sum of its row. (Such a matrix, of a graph with teams as nodes and these
// weights on the edges, is minus the graph's *Laplacian*.) Newton needs few steps, each of which solves a linear system.
//
// *Minorise-maximise* (`bradleyTerry.fitMinoriseMaximise`; Hunter 2004) works on strengths $\gamma_i = e^{\theta_i}$ and needs nothing but
// counts. With $W_i$ the wins of $i$ and $n_{ij}$ the games between $i$ and $j$, one step is
//
// $$\gamma_i \leftarrow \frac{W_i}{\sum_{j \ne i} \dfrac{n_{ij}}{\gamma_i + \gamma_j}}. \tag{4}$$
//
// Read it as a correction: the sum times $\gamma_i$ is how many wins these strengths promise to $i$. If it won more, it goes up.

// %%
const distance = (theta: ArrayLike<number>) =>
  Math.max(...bradleyTerry.fixGauge(theta).map((t, i) => Math.abs(t - season.theta[i])));

const climb = (name: string, method: typeof bradleyTerry.fit) => {
  const path: number[] = [];
  method(games, { watch: (theta) => path.push(distance(theta)) });
  const y = path.filter((d) => d > 1e-12);
  return { name, x: y.map((_, step) => step), y, markers: true };
};

show(
  line({
    title: "Two ways up: Newton doubles its digits, minorise-maximise adds them",
    x: { title: "step" },
    y: { title: "largest error of an ability", unit: "nats", type: "log" },
    series: [climb("Newton", bradleyTerry.fit), climb("minorise-maximise", bradleyTerry.fitMinoriseMaximise)],
  }),
);

// %% [markdown]
// #claim 01/newton-doubles-digits
// #claim 01/mm-adds-digits
// ### Exercise 4. One step of minorise-maximise
//
// *Difficulty 3 of 5, 15 minutes. Trains: turning a formula with two sums into code, and knowing what $n_{ij}$ counts.*
//
// `wins[i][j]` is how often $i$ beat $j$; the diagonal is 0. Return the new strengths; the old ones stay as they are.
//
// <details><summary>Hint</summary>Two nested loops over items. The inner one adds up wins and, in a second variable, games divided by the sum of two strengths.</details>

// %% [exercise] 01/mm-step
/** New strengths after one step of equation (4). */
function minoriseMaximiseStep(strength: number[], wins: number[][]): number[] {
  // #solution
  return strength.map((own, i) => {
    let won = 0;
    let promised = 0;
    for (let j = 0; j < strength.length; j++) {
      if (j === i) continue;
      won += wins[i][j];
      promised += (wins[i][j] + wins[j][i]) / (own + strength[j]);
    }
    return won / promised;
  });
  // #end
}

// %% [check] 01/mm-step
await check("01/mm-step", { minoriseMaximiseStep });

// %% [markdown]
// **Break it.** Start from strengths that are all 1000 instead of 1. Does the answer change? Which gauge does your loop end in, and why
// does it not matter?
//
// <details><summary>What happens</summary>Multiply all strengths on the right of (4) by 1000 and the left is multiplied by 1000: the loop ends at 1000 times the same strengths. It stays in
// the gauge in which it began, and probabilities depend on ratios of strengths only.</details>
//
// ## 6. How sure are we?
//
// 273 games are not infinitely many. The inverse of the Fisher information (minus the Hessian, here) is the approximate covariance of the
// estimate. It has to be read in a gauge too: only differences have an uncertainty of their own.

// %%
const level = 0.95; // try 0.5 and 0.999
const gauge: bradleyTerry.Gauge = "sum-zero"; // try { reference: 6 }: where did Baltimore's interval go?
const ends = (bounds: { low: number; high: number }[]) => ({
  low: bounds.map(({ low }) => low),
  high: bounds.map(({ high }) => high),
});
const abilities = bradleyTerry.fixGauge(season.theta, gauge);
const bounds = bradleyTerry.intervals(abilities, games, { gauge, level });

show(
  scatter({
    title: "American League East 1987: abilities against win rates",
    subtitle: `bars: ${100 * level} % intervals; each pair of teams met 13 times; dashed: ability 0`,
    x: { title: "share of games won" },
    y: { title: "ability", unit: "nats" },
    series: [
      {
        name: "teams",
        x: league.wins.map((row) => row.reduce((sum, w) => sum + w) / (6 * 13)),
        y: abilities,
        labels: league.names,
        error: ends(bounds),
      },
    ],
    reference: [{ y: 0 }],
  }),
);

// %% [markdown]
// The order is that of the win rates. It has to be: the wins $W_i$ are all that the likelihood looks at, by (4) with any schedule, and when everybody has met
// everybody equally often, more wins mean a higher ability. The model earns its keep when schedules are unequal, which is how people label answers.
// #claim 01/order-of-win-rates
//
// The intervals of the first five teams overlap.
// #claim 01/five-overlap
// But overlapping intervals are not a test: ask about the difference itself.

// %%
const [teamA, teamB] = [0, 1]; // Milwaukee and Detroit; try 0 and 6
const lead = season.theta[teamA] - season.theta[teamB];
const leadError = bradleyTerry.differenceError(season.theta, games, teamA, teamB);
console.log(
  `${league.names[teamA]} leads ${league.names[teamB]} by ${lead.toFixed(2)} +- ${leadError.toFixed(2)} nats`,
);

const { deviance, degrees, pValue } = bradleyTerry.goodnessOfFit(season.theta, games);
console.log(
  `Is one number per team enough? deviance ${deviance.toFixed(1)} on ${degrees} degrees, p = ${pValue.toFixed(2)}`,
);

// %% [markdown]
// The lead is half a standard error: who is first in this table could as well be luck. (Over all of its 162 games Detroit finished first, with 98 wins.)
// #claim 01/half-a-standard-error
// The second line compares our seven numbers with a model that has a free probability for each of the 21 pairs. The *deviance* is twice the difference of the two
// log-likelihoods; if seven numbers are enough it is spread like $\chi^2$ with $21 - 6 = 15$ degrees of freedom, and the *p-value* is the probability of one at least as
// large. Here it is 0.40: misfits of this size are what chance alone produces in four seasons out of ten. As far as these games can tell, one number per team
// is enough. Keep this test in mind. In section 10 it will say no.
// #claim 01/one-number-is-enough
//
// ### Exercise 5. Find the bug: the error of a difference
//
// *Difficulty 2 of 5, 5 minutes. Trains: a difference has an uncertainty of its own.*
//
// Given the covariance matrix of the abilities, `differenceError` is to return the standard error of $\theta_i - \theta_j$. A colleague wrote it; with it, and every
// difference looks more uncertain than it is. Run the check, then mend the one line.
//
// <details><summary>Hint</summary>The variance of a difference of two estimates that were made from the same games is not the sum of their variances.</details>

// %% [exercise] 01/find-the-bug
/** The standard error of theta[i] - theta[j], from the covariance of all abilities. */
function differenceError(covariance: number[][], i: number, j: number): number {
  // #solution
  return Math.sqrt(covariance[i][i] + covariance[j][j] - 2 * covariance[i][j]);
  // #given
  // return Math.sqrt(covariance[i][i] + covariance[j][j]);
  // #end
}

// %% [check] 01/find-the-bug
await check("01/find-the-bug", { differenceError });

// %% [markdown]
// ## 7. The same model, other clicks: who cites whom
//
// When a paper in one journal cites a paper in another, count it as a win for the cited one (Stigler 1994). Nobody held a tournament, and
// yet the same lines of code work.

// %%
const journals = statisticsJournals();
const citations = comparisonsFromWins(journals.wins, journals);
const cited = bradleyTerry.fit(citations, { gauge: { reference: 0 } });
const citedBounds = bradleyTerry.intervals(cited.theta, citations, { gauge: { reference: 0 } });

show(
  smallMultiples({
    title: "Four statistics journals: abilities from citations",
    figures: [
      bar({
        title: "Ability against Biometrika, 95 % intervals",
        x: { title: "ability", unit: "nats" },
        y: { title: "journal" },
        categories: journals.names,
        horizontal: true,
        series: [{ name: "journals", values: cited.theta, error: ends(citedBounds) }],
      }),
      heatmap({
        title: "P(row beats column)",
        x: { title: "citing", labels: journals.names },
        y: { title: "cited", labels: journals.names },
        color: { title: "probability", center: 0.5, range: [0, 1] },
        values: bradleyTerry.probabilities(cited.theta),
      }),
    ],
  }),
);

// %% [markdown]
// The intervals are about half as wide as in baseball, or less: thousands of citations instead of 273 games.
// #claim 01/journals-narrower
// They are also too good to be true. The
// theory behind them counts each citation as an independent decision, but papers cite in bundles, and so do schools of thought. *An interval is as
// honest as the independence behind it.* A labeler who answers 500 questions has the same problem.
//
// ## 8. Break it: the team that never loses
//
// Let Milwaukee win all its games and fit again.

// %%
const unbeaten = league.wins.map((row) => [...row]);
for (let other = 1; other < 7; other++) {
  unbeaten[0][other] = 13;
  unbeaten[other][0] = 0; // give one team a single win here, and the fit below exists
}
const perfect = comparisonsFromWins(unbeaten, league);

try {
  bradleyTerry.fit(perfect);
} catch (error) {
  console.log(`${(error as Error).name}: ${(error as Error).message}`);
}

// %% [markdown]
// There is no maximum: whatever ability you give Milwaukee, a higher one makes its perfect record more probable. Ford (1957) knew
// exactly when this happens. Draw an arrow from each winner to each loser. A finite estimate exists if and only if you can get from every
// team to every other along the arrows. An unbeaten team, a team without a win, two leagues that never met: each breaks it, and `fit`
// looks before it climbs.
//
// The cure is to say what you believed before the first game. A *Gaussian prior* with standard deviation $s$ subtracts
// $\theta_i^2 / 2 s^2$ from the log-likelihood: weight decay, by another name. A *pseudo-count prior* lets every team win and lose a
// little against a phantom of ability 0.

// %%
const steps = 3000;
const pseudoCounts = [0, 0.1, 0.5]; // 0 is no prior at all
const lift = linspace(0, 12, 121); // nats
const others = bradleyTerry.fit(perfect, { prior: { gaussian: 2 } }).theta.slice(1);
const named = (pseudoCount: number) => (pseudoCount === 0 ? "no prior" : `pseudo-count ${pseudoCount}`);

const climbs = pseudoCounts.map((pseudoCount) => {
  const y = [0];
  let strength: ArrayLike<number> = league.names.map(() => 1);
  for (let k = 1; k < steps; k++) {
    strength = bradleyTerry.minoriseMaximiseStep(strength, perfect, { pseudoCount });
    y.push(bradleyTerry.fixGauge(Array.from(strength, Math.log))[0]);
  }
  return { name: named(pseudoCount), x: y.map((_, k) => k + 1), y };
});
const objectives = pseudoCounts.map((pseudoCount) => {
  const belief = (t: number) => (pseudoCount === 0 ? 0 : bradleyTerry.logPrior([t], { pseudoCount }));
  const y = lift.map((t) => bradleyTerry.logLikelihood([t, ...others], perfect) + belief(t));
  return { name: named(pseudoCount), x: lift, y };
});

show(
  smallMultiples({
    title: "An unbeaten team runs off to infinity, and a prior holds it",
    figures: [
      line({
        title: "Its ability, step after step",
        x: { title: "minorise-maximise steps", type: "log" },
        y: { title: "ability of Milwaukee", unit: "nats" },
        series: climbs,
      }),
      line({
        title: "What is maximised, prior included",
        x: { title: "ability of Milwaukee, others held", unit: "nats" },
        y: { title: "objective", unit: "nats", range: [-135, -121] },
        series: objectives,
      }),
    ],
  }),
);

// %%
const priors: bradleyTerry.Prior[] = [
  { pseudoCount: 0.1 },
  { pseudoCount: 0.5 },
  { gaussian: 4 },
  { gaussian: 2 },
  { gaussian: 1 },
];

table(
  priors.map((prior) => {
    const { theta } = bradleyTerry.fit(perfect, { prior });
    return {
      prior: JSON.stringify(prior),
      lead: theta[0] - theta[1],
      error: bradleyTerry.differenceError(theta, perfect, 0, 1, { prior }),
      rest: theta[1] - theta[6],
    };
  }),
  {
    columns: {
      prior: "prior",
      lead: "Milwaukee - Detroit",
      error: "its standard error",
      rest: "Detroit - Baltimore",
    },
    caption: "Differences of ability, in nats",
    digits: 2,
  },
);

// %% [markdown]
// The curve without a prior never stops climbing, only more and more slowly, so that an optimiser with a loose tolerance stops *somewhere* and
// reports it as an answer. That is what happens in a reward model without regularisation. With a prior there is a top. But look at
// the table: from one reasonable prior to the next, Milwaukee's lead differs by nats, while the difference of two beaten teams stays put,
// unless the prior is very narrow. The data say "at least this good"; the number is the prior's.
// #claim 01/the-lead-is-the-priors
//
// ## 9. Noise
//
// People differ in how firmly they choose (temperature), they sometimes answer without reading (lapses), and some answers are recorded the
// wrong way round (flips). The last two put a floor under every probability:
//
// $$P(x_1 \succ x_2) = \varepsilon + (1 - 2\varepsilon)\,\sigma(d / \tau), \qquad \varepsilon = \tfrac{1}{2}\,\text{lapse} + (1 - \text{lapse})\,\text{flip}. \tag{5}$$
//
// A lapse rate of 20 % and a flip rate of 10 % give the same answers. No data can tell them apart.

// %%
const noises = [
  { name: "no noise but temperature 1", noise: {} },
  { name: "flip rate 0.1", noise: { flip: 0.1 } },
  { name: "lapse rate 0.2 (the same curve)", noise: { lapse: 0.2 } },
  { name: "temperature 2", noise: { temperature: 2 } },
];

show(
  line({
    title: "Temperature flattens the curve, flips and lapses put a floor under it",
    x: { title: "ability difference", unit: "nats" },
    y: { title: "P(first preferred)", range: [-0.02, 1.02] },
    series: noises.map(({ name, noise }) => ({
      name,
      x: differences,
      y: differences.map((d) => bradleyTerry.probability(d, noise)),
    })),
    reference: [{ y: 0.9 }, { y: 0.1 }],
  }),
);

// %% [markdown]
// What do flipped labels do to a fit? Here the truth is known, because we made it: five items, and a judge whose answers we then corrupt.
// On the left the model knows nothing of flips; on the right it uses (5) with the rate that it believes in.
//
// (`key(1)` is a *random key*. All randomness in this course comes from keys: the same key gives the same draws, on every machine, and `split` makes several
// keys out of one. Change the number and you have another sample.)
//
// **Predict, then run.** A fifth of all labels is turned round. What happens to the five fitted abilities on the left: do they change places, spread, or
// come together? And on the right: does knowing the rate bring everything back? Write it down first.

// %%
const truth = [2, 1, 0, -1, -2]; // nats
const gamesPerPair = 100;
const repeats = 20; // other random keys, for the bands
const flipRates = linspace(0, 0.4, 9);
const believed = (rate: number) => rate; // try (rate) => 0.2, or rate / 2

const fitted = (noise: (rate: number) => bradleyTerry.FitOptions["noise"]) => {
  const runs = flipRates.map((rate) =>
    split(key(1), repeats).map((k) => {
      const [draw, spoil] = split(k);
      const answers = flipLabels(spoil, simulateComparisons(draw, truth, gamesPerPair), rate);
      return bradleyTerry.fit(answers, { noise: noise(rate), prior: { gaussian: 3 } }).theta;
    }),
  );
  return truth.map((ability, item) => {
    const estimates = runs.map((run) => run.map((theta) => theta[item]));
    const centre = estimates.map(mean);
    const spread = estimates.map((values) => standardDeviation(values));
    return {
      name: `true ability ${ability}`,
      x: flipRates,
      y: centre,
      band: { low: centre.map((c, i) => c - spread[i]), high: centre.map((c, i) => c + spread[i]) },
    };
  });
};

const panel = (title: string, series: ReturnType<typeof fitted>) =>
  line({
    title,
    x: { title: "share of labels flipped" },
    y: { title: "fitted ability", unit: "nats", range: [-4, 4] },
    series,
  });

show(
  smallMultiples({
    title: "Flipped labels pull every ability towards zero",
    subtitle: `mean of ${repeats} simulated tournaments, bands: one standard deviation`,
    share: "y",
    figures: [
      panel(
        "The model that knows of no flips",
        fitted(() => ({})),
      ),
      panel(
        "The model that knows the rate",
        fitted((rate) => ({ flip: believed(rate) })),
      ),
    ],
  }),
);

// %% [markdown]
// <details><summary>What you saw</summary>On average they come together, in the old order: every ability is pulled towards 0. Knowing the rate brings the averages back, at the price of wider
// bands.</details>
//
// Flips do not shuffle the order, they shrink the scale: to the naive model, sloppy labels look like close calls.
// #claim 01/flips-shrink, 01/flips-keep-the-order
// The model with the right floor undoes the bias and pays for it with variance, which grows as the labels approach coin tosses.
// #claim 01/known-rate-unbiased, 01/known-rate-costs-variance
// Tell it a wrong rate, and a bias comes back: half the true rate shrinks, more than the true rate stretches.
// #claim 01/wrong-rate-biased
// How often people slip is something to measure, by asking some questions twice.
//
// ## 10. Transitivity is put in, not found
//
// Suppose that $i$ is usually preferred to $j$, and $j$ to $k$. What follows for $i$ and $k$? There are three answers, for all triples with
// $P_{ij} \ge \frac12$ and $P_{jk} \ge \frac12$:
//
// | Stochastic transitivity | asks that |
// | --- | --- |
// | weak | $P_{ik} \ge \frac12$ |
// | moderate | $P_{ik} \ge \min(P_{ij}, P_{jk})$ |
// | strong | $P_{ik} \ge \max(P_{ij}, P_{jk})$ |
//
// Every table that comes from one number per item is strongly transitive: the differences add up. So a fitted model *always* is,
// whatever the data were. It is an assumption about people, and a strong one. Two things are easily mistaken for its failure, or its success.
//
// **Sampled choices cycle even when it holds.** Three items, one comparison of each pair. How often does A beat B, B beat C, and C beat A?

// %%
const gaps = linspace(0, 3, 13); // nats between neighbours: theta = [gap, 0, -gap]
const tournaments = 2000;

const cycles = gaps.map((gap, g) => {
  let count = 0;
  for (const k of split(key(100 + g), tournaments)) {
    const scores = winMatrix(simulateComparisons(k, [gap, 0, -gap], 1)).map((row) => mean(row));
    if (scores.every((score) => score === scores[0])) count++;
  }
  return count / tournaments;
});
const exact = (gap: number) => {
  const [near, far] = [sigmoid(gap), sigmoid(2 * gap)];
  return near * near * (1 - far) + (1 - near) * (1 - near) * far;
};
const fineGaps = linspace(0, 3, 121);
const reach = fineGaps.map((gap) => 1.96 * Math.sqrt((exact(gap) * (1 - exact(gap))) / tournaments));

show(
  line({
    title: "Perfectly transitive judges still go round in circles",
    subtitle: `three items, each pair compared once; ${tournaments} simulated tournaments at each gap`,
    x: { title: "ability gap between neighbours", unit: "nats" },
    y: { title: "P(cycle)", range: [0, 0.3] },
    series: [
      {
        name: "computed",
        x: fineGaps,
        y: fineGaps.map(exact),
        band: {
          low: fineGaps.map((gap, i) => exact(gap) - reach[i]),
          high: fineGaps.map((gap, i) => exact(gap) + reach[i]),
          name: "95 % of simulations",
        },
      },
      { name: "simulated", x: gaps, y: cycles, markers: true },
    ],
  }),
);

// %% [markdown]
// Among equals, one tournament in four is a cycle. A cycle in single answers is no evidence against the model; it is what noise looks like.
// #claim 01/one-in-four-is-a-cycle
// In the raw shares of the baseball table, `transitivity` finds twenty triples that break the strong form, and two circles; and yet the test of section 6
// says that the model fits.
// #claim 01/baseball-breaks-the-strong-form
//
// **People can be intransitive for good.** In a room of tasters most prefer tea to coffee, coffee to mate, and mate to tea. (Each taster may
// be perfectly transitive; a majority need not be. Lesson 04 returns to this.)

// %%
const drinks = ["tea", "coffee", "mate"];
const p = 0.8; // P(each is preferred to the next); 0.5 is a coin toss
const circle = [
  [0.5, p, 1 - p],
  [1 - p, 0.5, p],
  [p, 1 - p, 0.5],
];
const tastings = simulateTournament(key(7), circle, 100, drinks);
const taste = bradleyTerry.fit(tastings);
const probabilities = winShares(tastings);
const drinkTable = (title: string, values: number[][]) =>
  heatmap({
    title,
    x: { title: "over", labels: drinks },
    y: { title: "preferred", labels: drinks },
    color: { title: "share", center: 0.5, range: [0, 1] },
    values,
  });

show(
  smallMultiples({
    title: "One number per item cannot hold a circle",
    figures: [
      drinkTable("What people said", probabilities),
      drinkTable("What the model says", bradleyTerry.probabilities(taste.theta)),
    ],
  }),
);

const test = bradleyTerry.goodnessOfFit(taste.theta, tastings);
table([
  {
    "violations in the data": transitivity(probabilities).strong.length,
    "violations in the model": transitivity(bradleyTerry.probabilities(taste.theta)).strong.length,
    deviance: test.deviance,
    degrees: test.degrees,
    "p-value": test.pValue,
  },
]);

// %% [markdown]
// The model answers with a shrug: everything is about even. Nothing in its abilities warns you, nor in their intervals, which are as narrow as a hundred
// tastings a pair allow. Only the test of fit does. A reward model trained on such people says 0.5 where nearly every one of them has a firm opinion.
// #claim 01/the-shrug
// #claim 01/only-the-test-warns
//
// ### Exercise 6. Test a table for strong transitivity
//
// *Difficulty 3 of 5, 12 minutes. Trains: quantifiers. "For all triples" means all, in any order.*
//
// `probability[i][j]` is the probability that $i$ is preferred to $j$, and `probability[i][j] + probability[j][i]` is 1. Look at all triples of different items.
//
// <details><summary>Hint</summary>Three nested loops from 0. Skip a triple unless both premises hold. Return false at the first violation.</details>

// %% [exercise] 01/transitivity
/** Whether the table is strongly stochastically transitive. */
function isStronglyTransitive(probability: number[][]): boolean {
  // #solution
  const n = probability.length;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      for (let k = 0; k < n; k++) {
        if (i === j || j === k || i === k) continue;
        if (probability[i][j] < 0.5 || probability[j][k] < 0.5) continue;
        if (probability[i][k] < Math.max(probability[i][j], probability[j][k])) return false;
      }
    }
  }
  return true;
  // #end
}

// %% [check] 01/transitivity
await check("01/transitivity", { isStronglyTransitive });

// %% [markdown]
// **Break it.** Build a table from abilities, and give one pair a home advantage: multiply the odds of a single entry by 1.5 (and keep the
// pair adding up to 1). How close do the three abilities have to be for your test to notice?
//
// <details><summary>What happens</summary>The advantage is worth ln 1.5 = 0.41 nats. If the best team has it against the second, the test notices when second and third are less than 0.41
// nats apart: only then is P(first over third) smaller than P(first over second). If the best team has it against the third, no gap is small enough.</details>
// #claim 01/home-advantage
//
// ## 11. "Both are fine": ties
//
// Real labelers want a third button. Dropping ties throws away the news that two items are close. Davidson (1970) gives ties a strength
// $\nu$ of their own: with $h = (\theta_i - \theta_j)/2$, the probabilities of win, loss and tie are as $e^h : e^{-h} : \nu$.

// %%
const nu = 1; // 0 is Bradley-Terry; try 5
const withTies = differences.map((d) => davidson.probabilities(d, nu));

show(
  line({
    title: "With a third button: equals tie, unequals do not",
    subtitle: `Davidson's model, nu = ${nu}: equals tie with probability ${(nu / (2 + nu)).toFixed(2)}`,
    x: { title: "ability difference, first minus second", unit: "nats" },
    y: { title: "probability", range: [-0.02, 1.02] },
    series: [
      { name: "first preferred", x: differences, y: withTies.map(({ first }) => first) },
      { name: "tie", x: differences, y: withTies.map(({ tie }) => tie) },
      { name: "second preferred", x: differences, y: withTies.map(({ second }) => second) },
    ],
  }),
);

// %% [markdown]
// `davidson.fit(wins, ties)` estimates abilities and $\nu$ together; without any tie it gives back Bradley-Terry.
//
// ## What this lesson does not show
//
// - **Items have features.** Nobody can label all texts. Lesson 02 replaces `theta[i]` by a function of the text, and asks when to trust it.
// - **Questions can be chosen.** We took the games as they came. Lesson 03 asks the question that teaches most.
// - **People differ.** Plain Bradley-Terry has one ability per item and no idea who was asked. Lesson 04 models the judges.
// - **A preference is not a value.** The model explains what people click. Whether that is what they want is another question, and lesson 15
//   is about it.
// - **Intervals rest on independence and large numbers.** Twenty games, or one labeler with a bad day, and they are too narrow.
//
// - **Texts.** Nobody compared a text here, and only two of our tables were judged by people at all. We know of no small table of human comparisons of texts that a course may
//   ship; `readComparisons` (lesson 05) reads the large public ones from a file of yours.
//
// ## Said, and seen
//
// The course grew from a set of theory notes. What they say on this lesson's subject, beside what you saw:
//
// | Said | Seen | Where |
// | --- | --- | --- |
// | The log-likelihood is $\sum_k y_k \log\sigma(d_k)$ | It lacks the $(1 - y_k)$ term, without which the first team never loses; their gradient has it | 2, 3 |
// | Scale invariance: $R(x) + c$ gives the same preferences | That is *shift* invariance; the scale is set by the judge's temperature | 1, 4 |
// | Transitivity is a property of preferences | One number per item puts it in; people need not have it | 10 |
// | $R$ is learned up to an additive constant | Yes; with prompts, up to any function of the prompt | 4 |
//
// ## On one page
//
// | | | In code |
// | --- | --- | --- |
// | (1) | $P(x_1 \succ x_2) = \sigma((\theta_1 - \theta_2)/\tau)$ | `bradleyTerry.probability` |
// | (2) | $\ell = \sum_k y_k \log\sigma(d_k) + (1 - y_k)\log\sigma(-d_k)$ | `bradleyTerry.logLikelihood` |
// | (3) | $\partial\ell/\partial\theta_i = \sum_k (y_k - \sigma(d_k))([x_1^k = i] - [x_2^k = i])$ | `bradleyTerry.gradient` |
// | (4) | $\gamma_i \leftarrow W_i / \sum_j n_{ij}/(\gamma_i + \gamma_j)$ | `bradleyTerry.fitMinoriseMaximise`, `fit` by Newton |
// | gauge | only differences mean anything | `bradleyTerry.fixGauge` |
// | error of a difference | $\sqrt{C_{ii} + C_{jj} - 2C_{ij}}$ | `bradleyTerry.differenceError` |
// | enough? | deviance against $\chi^2$ | `bradleyTerry.goodnessOfFit` |
// | (5) | $\varepsilon + (1 - 2\varepsilon)\,\sigma(d/\tau)$ | `noise: { flip, lapse, temperature }` |
//
// **Three questions**
//
// <details><summary>Two reward models rank all replies to all prompts alike, and one gives 7 where the other gives 3. Which is better?</summary>Nobody can say. Within a prompt only
// differences count, between prompts not even those, and a factor between the two models is the noise of who taught them.</details>
//
// <details><summary>Your fit reports an ability of 11.3 for an item that won all of its 20 comparisons. What do you report?</summary>That there is no finite estimate: 11.3 is where the
// optimiser stopped. With a prior there is one, and it is mostly the prior's.</details>
//
// <details><summary>All intervals are narrow and all probabilities near one half. Is everything equal?</summary>Perhaps, or people go round in a circle. Test the fit.</details>
//
// ## Read on
//
// - Bradley and Terry, *Rank analysis of incomplete block designs I*, Biometrika 39 (1952). The model, and a tasting of pork.
// - Ford, *Solution of a ranking problem from binary comparisons*, American Mathematical Monthly 64 (1957). When an answer exists.
// - Hunter, *MM algorithms for generalized Bradley-Terry models*, Annals of Statistics 32 (2004). Equation (4), and why it climbs.
// - Davidson, *On extending the Bradley-Terry model to accommodate ties*, Journal of the American Statistical Association 65 (1970).
// - Tversky, *Intransitivity of preferences*, Psychological Review 76 (1969). People who go round in circles, reliably.
// - Agresti, *Categorical Data Analysis* (2002), section 10.6, and Stigler, *Citation patterns in the journals of statistics and probability*,
//   Statistical Science 9 (1994). Our two data sets.
// - Christiano and others, *Deep reinforcement learning from human preferences*, arXiv:1706.03741. Equation (2) with a network inside.
// - In the books: Lambert, *Reinforcement learning from human feedback*: chapter 5, [Reward Models](https://rlhfbook.com/c/05-reward-models).

// %%
import { solved } from "rlhf-lab-course";

// What you have solved of this lesson; it is written down on this machine and sent nowhere.
await solved("01");
