// %% [markdown]
// # 09 Who judges the judge?
//
// A policy gradient asks after each text: was that good? "Better than expected" is the answer that helps, and somebody has to say what was to be
// expected. So we train a second model, the critic, to judge the first one, the actor. But the critic learns from the same few texts, partly from
// its own forecasts, and the actor believes it. Who judges the judge? In this lesson: exact answers do, in worlds small enough to have them.
//
// **After this lesson you can**
//
// - say what Monte Carlo, TD and everything between them put into a target, and compute the bias and the variance that each choice buys;
// - find a critic's bug by tasks whose answers are known beforehand;
// - write an actor and a critic from nothing, and an actor's loss that leaves the critic alone;
// - compare A2C, PPO and soft actor-critic against the exact optimum, each at its own best step size, and say what its convergence theorem promises;
// - show where those theorems' conditions fail: a critic slower than its actor, a critic that learns off-policy, features that do not fit.
//
// **Time** 180 minutes, 88 of them exercises, in three sittings: sections 1 to 3 (50 minutes), 4 and 5 (70), 6 to 8 (60).
//
// **Order** Sections 1 to 3 come *before* lesson 08, which uses their equation (5); the end of section 3 sends you there. Sections 4 to 8 come after it.
// **You need** lesson 07 (policy gradients), and lesson 08 (PPO) from section 4 on.

// %% [markdown]
// ## The critic on one page
//
// A text is written token by token; token $t$ earns $r_t$, and after the last one nothing comes. The *return* is what comes from $t$ on, and the critic
// $V$ says what it expects of it:
//
// $$G_t = r_t + \gamma\, r_{t+1} + \gamma^2 r_{t+2} + \dots, \qquad V(s_t) \approx \mathbb{E}[G_t \mid s_t], \qquad \delta_t = r_t + \gamma V(s_{t+1}) - V(s_t). \tag{1}$$
//
// Two ways to teach it, with a step size $\eta$. Wait for the end, or believe the critic's own next word (*TD*, for temporal difference: $\delta_t$ is the
// difference between two forecasts, one step apart in time):
//
// $$\text{Monte Carlo: } V(s_t) \leftarrow V(s_t) + \eta\,(G_t - V(s_t)), \qquad \text{TD(0): } V(s_t) \leftarrow V(s_t) + \eta\,\delta_t. \tag{2}$$
//
// Symbols are the course's (`symbols.md`); utility, reward and everything made of them are in nats. In the library's functions below `values` has one entry more than
// `rewards`: the last one is what comes after the last token, 0 where the text has ended. (The exercises leave it out, and have names of their own.)
//
// | On paper | In code | What it is |
// | --- | --- | --- |
// | $G_t$ | `discountedReturns(rewards, gamma)` | what really came |
// | $G_t^{(n)}$ | `nStepReturns(rewards, values, { n, discount })` | $n$ rewards, then the critic's word |
// | $G_t^{\lambda}$ | `lambdaReturns(rewards, values, { lambda, discount })` | a fading average of all of those |
// | $A_t$ | `generalizedAdvantages(rewards, values, { discount, lambda })` | $G_t^\lambda - V(s_t)$, known as GAE |

// %%
import {
  bar,
  heatmap,
  type Key,
  key,
  line,
  linspace,
  logSoftmax,
  type MetricsRecord,
  mean,
  meanInterval,
  overSeeds,
  progress,
  show,
  smallMultiples,
  split,
  table,
  uniform,
} from "rlhf-lab";
import { chainEpisode, chainValues, lambdaMoments, nStepMoments, randomWalk } from "rlhf-lab/mdp";
import { transformer, actorCritic as twoModels } from "rlhf-lab/models";
import { exactEntropy, exactExpectation, exactRegularisedOptimum } from "rlhf-lab/numerics";
import {
  banditActorCritic,
  coinCritic,
  coinGradientError,
  compatibleFeatures,
  discountedReturns,
  generalizedAdvantages,
  linearCriticGradient,
  monteCarloUpdate,
  offPolicyCritic,
  type TabularRecord,
  temporalDifferenceUpdate,
  trainTabularA2c,
  trainTabularPpo,
  trainTabularReinforce,
  trainTabularSac,
} from "rlhf-lab/policy";
import { backboneLab, phraseTrial } from "rlhf-lab/studies";
import { adam, cosineSchedule, countParams, tf } from "rlhf-lab/tensor";
import { type Algorithm, algorithms, type ProbeCritic, probeError, trainPolicy, tryProbe } from "rlhf-lab/train";
import {
  conditionalLogProbs,
  exactPolicyGradient,
  lastTokenContexts,
  prefixesOf,
  terminalRewards,
  treePolicy,
} from "rlhf-lab/trees";
import { phraseTask, probes } from "rlhf-lab/worlds";
import { check } from "rlhf-lab-course";

// %% [markdown]
// ## Run it
//
// The oldest playground of critics: a random walk over five places, from the middle one, left or right by the toss of a coin, until it falls off an
// end. The right end pays 1, the left one 0. So $V(s)$ is the probability of falling off on the right: 1/6, 2/6, ... 5/6. Both critics see the same hundred walks.
// (A *key* is where randomness comes from: the same key, the same walks. `split` makes several of one.)

// %%
const walk = randomWalk(5, { left: 0, right: 1 });
const truth = chainValues(walk);
const walks = split(key(1), 100).map((k) => chainEpisode(k, walk));

let byReturns: Float64Array = new Float64Array(5).fill(0.5);
let byForecasts: Float64Array = new Float64Array(5).fill(0.5);
for (const episode of walks) {
  byReturns = monteCarloUpdate(byReturns, episode, { rate: 0.05, discount: 1 });
  byForecasts = temporalDifferenceUpdate(byForecasts, episode, { rate: 0.05, discount: 1 });
}

show(
  bar({
    title: "Two critics after a hundred walks",
    subtitle: "both began with 1/2 everywhere, both with step size 0.05",
    x: { title: "place, from left to right" },
    y: { title: "probability of falling off on the right", range: [0, 1] },
    categories: ["first", "second", "middle", "fourth", "last"],
    series: [
      { name: "the truth", values: truth, color: "#999999" },
      { name: "Monte Carlo", values: byReturns },
      { name: "TD(0)", values: byForecasts },
    ],
  }),
);

// %% [markdown]
// Both come nearer to the truth, which neither of them saw.
// #claim 09/both-learn
// With this step size TD(0) is the nearer one nearly every time.
// #claim 09/forecasts-are-quieter
// Look at the target of each in (2). Monte Carlo uses a number that happened: right on average, and
// as noisy as the walk. TD(0) uses the forecast of the next place: hardly any noise, and wrong as long as the critic is wrong.
//
// ## 1. How much to believe oneself
//
// Between the two lies the $n$-step return: $n$ rewards that really came, then the critic:
//
// $$G_t^{(n)} = r_t + \gamma r_{t+1} + \dots + \gamma^{n-1} r_{t+n-1} + \gamma^n V(s_{t+n}), \tag{3}$$
//
// and if the text ends before, the rewards that are left, and nothing else.
//
// ### Exercise 1. The n-step return
//
// *Difficulty 2 of 5, 8 minutes. Trains: counting, at both ends.*
//
// Given the rewards and values of a whole text, a step $t$ (from 0), $n$ and $\gamma$, return $G_t^{(n)}$.
// `values[t]` is the critic's word before token `t`. There are as many values as rewards; what follows the last token is worth nothing.
//
// <details><summary>Hint</summary>Let <code>end = Math.min(t + n, rewards.length)</code>. The critic speaks only if <code>end</code> is a step of the text.</details>

// %% [exercise] 09/n-step
/** G_t of equation (3): rewards and values of all steps, [T] each. */
function nStepReturn(rewards: number[], values: number[], t: number, n: number, gamma: number): number {
  // #solution
  const end = Math.min(t + n, rewards.length);
  let sum = end < rewards.length ? values[end] : 0;
  for (let u = end - 1; u >= t; u--) sum = rewards[u] + gamma * sum;
  return sum;
  // #end
}

// %% [check] 09/n-step
await check("09/n-step", { nStepReturn });

// %% [markdown]
// What does $n$ cost? On a chain nothing needs to be sampled: the mean and the variance of (3) follow from those of $n - 1$ by one sum over the next step.
// A longer walk, nineteen places, the ends pay -1 and +1, and a critic that is half right: it says half the true value, everywhere.

// %%
const longWalk = randomWalk(19);
const longTruth = chainValues(longWalk);
const halfRight = longTruth.map((v) => 0.5 * v); // try 0, 0.9, 1
const steps = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256];

const costs = steps.map((n) => {
  const { mean: expected, variance } = nStepMoments(longWalk, halfRight, { n });
  const bias = mean(expected.map((m, s) => (m - longTruth[s]) ** 2));
  return { bias, variance: mean(variance), both: bias + mean(variance) };
});

show(
  line({
    title: "Believing oneself costs bias, waiting costs variance",
    subtitle: "n-step returns of a critic that is half right, exactly; means over 19 places",
    x: { title: "n, rewards before the critic is asked", type: "log" },
    y: { title: "squared error of the target" },
    series: [
      { name: "bias, squared", x: steps, y: costs.map((c) => c.bias) },
      { name: "variance", x: steps, y: costs.map((c) => c.variance) },
      { name: "both together", x: steps, y: costs.map((c) => c.both) },
    ],
  }),
);

// %% [markdown]
// With every further reward the bias falls and the variance grows.
// #claim 09/bias-falls-variance-grows
// But a critic averages over many targets, and averaging removes variance and not
// bias. So where is the best $n$? It depends on how much one averages, that is on the step size $\eta$. Let critics learn for ten walks, from 0 everywhere, and measure.

// %%
const stepSizes = [0.05, 0.1, 0.2, 0.3, 0.4, 0.6, 0.8, 1];
const horizons = [1, 2, 4, 8, 32, 512];
const learners = 25; // try 100, as the book does
const tenWalks = split(key(2), learners).map((k) => split(k, 10).map((one) => chainEpisode(one, longWalk)));

const learned: { n: number; error: number[] }[] = [];
for (const n of progress(horizons, { label: "six horizons" })) {
  const error = stepSizes.map((rate) =>
    mean(
      tenWalks.map((episodes) => {
        let values: Float64Array = new Float64Array(19);
        return mean(
          episodes.map((episode) => {
            values = temporalDifferenceUpdate(values, episode, { n, rate, discount: 1 });
            return Math.sqrt(mean(values.map((v, s) => (v - longTruth[s]) ** 2)));
          }),
        );
      }),
    ),
  );
  learned.push({ n, error: error.map((e) => (e < 0.6 ? e : Number.NaN)) });
}

show(
  line({
    title: "In between is best, and how far in between depends on the step size",
    subtitle: `root mean squared error over the first ten walks, ${learners} learners; after Sutton and Barto's figure 7.2`,
    x: { title: "step size", range: [0, 1.02] },
    y: { title: "error of V", range: [0.2, 0.58] },
    series: learned.map(({ n, error }) => ({
      name: n === 512 ? "n = 512 (to the end)" : `n = ${n}`,
      x: stepSizes,
      y: error,
      markers: true,
    })),
  }),
);

// %% [markdown]
// Each $n$ at its own best step size: four steps beat both ends.
// #claim 09/in-between-is-best
// With small steps, which average a lot, one may look further; with the largest, one step ahead is best.
// #claim 09/small-steps-look-further
// Nobody tells you the best $n$ beforehand. So one takes all of them.
//
// ## 2. All horizons at once
//
// The $\lambda$-return averages the $n$-step returns with weights that fade by $\lambda$. Nobody computes it so; it has a form that takes one pass backwards:
//
// $$G_t^\lambda = r_t + \gamma\,\bigl((1 - \lambda)\,V(s_{t+1}) + \lambda\,G_{t+1}^\lambda\bigr), \qquad G_T^\lambda = 0,\; V(s_T) = 0 \text{ after the end.} \tag{4}$$
//
// ### Exercise 2. TD(lambda)
//
// *Difficulty 3 of 5, 12 minutes. Trains: recursion from behind, and the end of a text.*
//
// Given the rewards and values of one text ($T$ each), $\gamma$ and $\lambda$, return the $T$ targets $G_0^\lambda$ to $G_{T-1}^\lambda$.
//
// <details><summary>Hint</summary>Walk from the last step to the first with two variables: the return of the next step, and the critic's word of the next step. Before the walk both are 0.</details>

// %% [exercise] 09/td-lambda
/** The lambda-returns of all steps, equation (4): rewards and values [T] each, values[t] before token t. */
function tdLambdaTargets(rewards: number[], values: number[], gamma: number, lambda: number): number[] {
  // #solution
  const out = rewards.map(() => 0);
  let [next, forecast] = [0, 0];
  for (let t = rewards.length - 1; t >= 0; t--) {
    next = rewards[t] + gamma * ((1 - lambda) * forecast + lambda * next);
    forecast = values[t];
    out[t] = next;
  }
  return out;
  // #end
}

// %% [check] 09/td-lambda
await check("09/td-lambda", { tdLambdaTargets });

// %% [markdown]
// ### Exercise 3. Find the bug: a batch in one list
//
// *Difficulty 2 of 5, 8 minutes. Trains: what a text may know of the next one.*
//
// A batch often stands in one list, text after text; `ends[t]` is true where token `t` is the last of its text. The code below is meant to give the targets (4) of
// every token, each text for itself. It has one mistake, and on a batch of one text it passes every test. Given such a list, return the right targets: repair it.

// %% [exercise] 09/one-list
/** The lambda-returns of texts that stand one after the other: rewards, values and ends [M] each, over all texts. */
function targetsOfBatch(rewards: number[], values: number[], ends: boolean[], gamma: number, lambda: number): number[] {
  // #solution
  const out = rewards.map(() => 0);
  let [next, forecast] = [0, 0];
  for (let t = rewards.length - 1; t >= 0; t--) {
    if (ends[t]) [next, forecast] = [0, 0];
    next = rewards[t] + gamma * ((1 - lambda) * forecast + lambda * next);
    forecast = values[t];
    out[t] = next;
  }
  return out;
  // #given
  // const out = rewards.map(() => 0);
  // let [next, forecast] = [0, 0];
  // for (let t = rewards.length - 1; t >= 0; t--) {
  //   if (ends[t]) forecast = 0; // nothing follows this token
  //   next = rewards[t] + gamma * ((1 - lambda) * forecast + lambda * next);
  //   forecast = values[t];
  //   out[t] = next;
  // }
  // return out;
  // #end
}

// %% [check] 09/one-list
await check("09/one-list", { targetsOfBatch });

// %% [markdown]
// Subtract $V(s_t)$, and (4) becomes a fading sum of TD errors, the generalised advantage estimate (Schulman and others 2015):
//
// $$A_t = G_t^\lambda - V(s_t) = \delta_t + \gamma\lambda\,\delta_{t+1} + (\gamma\lambda)^2\,\delta_{t+2} + \dots \tag{5}$$
//
// Its bias and variance are those of (4), and they solve two linear systems. Four critics on the long walk: one that knows nothing, one that is half right,
// one that is nearly right (it says 90 % of the truth), one that is right. A batch averages, so we count the variance of the mean of 32 targets.
//
// **Predict, then run.** Which $\lambda$ is best for each of the four? And which critic is best at $\lambda = 1$? Write down five guesses.

// %%
const lambdas = linspace(0, 1, 61).map((x) => 1 - (1 - x) ** 3); // close together near 1
const averaged = 32; // targets per update; try 1 and 1000
const ofCritic = (share: number) =>
  lambdas.map((lambda) => {
    const values = longTruth.map((v) => share * v);
    const { mean: expected, variance } = lambdaMoments(longWalk, values, { lambda });
    return Math.sqrt(mean(expected.map((m, s) => (m - longTruth[s]) ** 2)) + mean(variance) / averaged);
  });

show(
  line({
    title: "The better the critic, the more it should be believed",
    subtitle: `root mean squared error of the mean of ${averaged} generalised advantages, exactly`,
    x: { title: "lambda (0: one step, 1: to the end)" },
    y: { title: "error of the advantage" },
    series: [
      { name: "critic knows nothing (V = 0)", x: lambdas, y: ofCritic(0) },
      { name: "half right", x: lambdas, y: ofCritic(0.5) },
      { name: "nearly right (90 %)", x: lambdas, y: ofCritic(0.9) },
      { name: "right", x: lambdas, y: ofCritic(1) },
    ],
  }),
);

// %% [markdown]
// <details><summary>What the figure says</summary>
//
// About 0.99, 0.98, 0.8 and 0: half right is hardly better than knowing nothing, and only a critic that is nearly right should be heard soon. At $\lambda = 1$ all four are equal,
// for there the target does not ask them.
//
// </details>
// #claim 09/better-critics-are-believed
// #claim 09/lambda-one-forgets-the-critic
//
// For language models, with one reward at the end and a critic that never gets very good, people use 0.95 to 1.
//
// ## 3. Is the critic broken?
//
// A critic that learns the wrong thing does not crash. It forecasts, the actor believes it, and the reward curve is a bit disappointing. So before anything else we put
// a critic on trial, in worlds whose answer a person knows without computing (in the manner of Jones 2021). Each asks for one thing more than the one before.

// %%
table(
  probes().map((probe) => ({ name: probe.name, v: probe.answer(0, []), asks: probe.asks })),
  { columns: { name: "probe", v: "V(first prompt)", asks: "what it asks" } },
);

// %% [markdown]
// Now six critics, five of which have a bug that somebody has shipped.

// %%
const suspects: Record<string, ProbeCritic> = {
  sound: {},
  "does not see the prompt": { sees: (_, prefix) => `${prefix}` },
  "forgets the discount": { targets: (rewards) => discountedReturns(rewards, 1) },
  "knows the position alone": { sees: (prompt, prefix) => `${prompt}, token ${prefix.length}` },
  "learns from the last reward alone": { targets: (rewards) => rewards.map(() => rewards[rewards.length - 1]) },
  "bootstraps past the end": {
    targets: (rewards, values, discount) => {
      const forecasts = [...values, values[values.length - 1]]; // the padding looks like the last token
      return generalizedAdvantages(rewards, forecasts, { discount, lambda: 0.9 }).map((a, t) => a + values[t]);
    },
  },
};
const trials = Object.values(suspects).map((critic) =>
  probes().map((probe) => probeError(tryProbe(key(3), probe, critic))),
);

show(
  heatmap({
    title: "Which probe catches which bug",
    subtitle: "largest error over all states, after 2000 texts; errors above 1 are shown as 1",
    x: { title: "probe", labels: probes().map((probe) => probe.name) },
    y: { title: "a critic that", labels: Object.keys(suspects) },
    color: { title: "error of V" },
    values: trials.map((row) => row.map((error) => Math.min(error, 1))),
    digits: 2,
  }),
);

// %% [markdown]
// The sound critic passes everywhere.
// #claim 09/sound-critic-passes
// Every bug fails somewhere, each by a pattern of its own.
// #claim 09/every-bug-fails-in-its-own-way
// The last one fails even "always 1": $V = 1 + V$ has no solution, so it rises for ever. (That is also what "rewards keep improving, says the critic" may mean.)
// #claim 09/past-the-end-rises
//
// **Break it.** Give the suspects a bug of your own. Can you find one that passes all six probes?
//
// <details><summary>What happens</summary>
//
// Easily: a critic that reads every reward below -1 as -1 passes, since no probe pays less. Probes show the bugs that they ask for. When you find a bug that
// none of them sees, write the probe that would have.
//
// </details>
// #claim 09/a-bug-that-passes
//
// **Now lesson 08.** You have what it needs: equation (5) and its pass from behind. Come back for section 4 when you have clipped a ratio.

// %% [markdown]
// ## 4. The actor believes the critic
//
// Advantage actor-critic (A2C) descends two losses, over the $T$ tokens of a batch:
//
// $$L_{\text{actor}} = -\frac1T \sum_t \bigl[\,G_t - V_t\,\bigr]_{\text{data}} \log \pi_t, \qquad L_{\text{critic}} = \frac1{2T} \sum_t (G_t - V_t)^2, \qquad L = L_{\text{actor}} + c\,L_{\text{critic}}. \tag{6}$$
//
// The bracket is *data*: no gradient goes through it. In a framework that differentiates everything one has to say so (`stopGradient`, `detach`).
//
// ### Exercise 4. The actor's loss, and what it must not touch
//
// *Difficulty 3 of 5, 12 minutes. Trains: signs, and the stopped gradient.*
//
// Given $\log \pi_t$, $V_t$ and $G_t$ of all tokens and $c$, return both gradients, written by hand: of $L$ with respect to each $\log \pi_t$, and with respect to each $V_t$.
//
// <details><summary>Hint</summary>Treat the bracket as a number that fell from the sky. Then V appears in one of the two losses only.</details>

// %% [exercise] 09/actor-loss
/** d L / d logp, [T], and d L / d V, [T], of equation (6) with c = valueWeight. */
function a2cGradients(
  logp: number[],
  values: number[],
  returns: number[],
  valueWeight: number,
): { actor: number[]; critic: number[] } {
  // #solution
  const T = logp.length;
  return {
    actor: returns.map((g, t) => -(g - values[t]) / T),
    critic: returns.map((g, t) => (valueWeight * (values[t] - g)) / T),
  };
  // #end
}

// %% [check] 09/actor-loss
await check("09/actor-loss", { a2cGradients });

// %% [markdown]
// **Break it.** What if one forgets? Then the critic also descends the actor's loss, whose slope in $V_t$ is $\log \pi_t$: it is pulled up wherever tokens are
// unlikely. It settles where both pulls balance, $V = \mathbb{E}[G] - \mathbb{E}[\log \pi] / c$: too high by the policy's *entropy*, divided by $c$. Here is a policy
// over four words, one of which pays 1.

// %%
const fourWords = [0.4, 0.3, 0.2, 0.1];
const wordEntropy = -fourWords.reduce((sum, p) => sum + p * Math.log(p), 0);
table(
  [0.25, 0.5, 1, 2].map((c) => {
    const settle = (flows: boolean) => {
      let v = 0;
      for (let step = 0; step < 4000; step++) {
        for (let a = 0; a < 4; a++) {
          const slope = c * (v - (a === 0 ? 1 : 0)) + (flows ? Math.log(fourWords[a]) : 0);
          v -= 0.02 * fourWords[a] * slope;
        }
      }
      return v;
    };
    return { c, stopped: settle(false), flows: settle(true), theory: 0.4 + wordEntropy / c };
  }),
  {
    columns: { c: "c", stopped: "V, stopped", flows: "V, it flows", theory: "0.4 + entropy / c" },
    caption: "The true value is 0.4",
    digits: 3,
  },
);

// %% [markdown]
// <details><summary>What happens</summary>
//
// The third column is the fourth. An offset would do no harm to a baseline. But entropy differs from state to state, so the error does too: near a firm decision the critic is right,
// in doubt it is too hopeful.
//
// </details>
// #claim 09/too-high-by-entropy
//
// ### Exercise 5. Actor and critic, from nothing
//
// *Difficulty 4 of 5, 20 minutes. Trains: the whole loop, draw, credit, step.*
//
// The world of the lesson: somebody asks about the whale, and the reply has at most three tokens, each one of six words or the end: 259 replies. As a game on a tree it
// is two lists: in state $s$ word $a$ leads to state `next[s * words + a]`, or ends the reply (-1), and pays `reward[s * words + a]`. State 0 is the empty reply.
// Logits and values are tables that begin with 0; the policy in $s$ is the softmax of its row of logits. For every number $u$ of `luck`, one after the other:
//
// 1. **draw** the first word $a$ with $\pi(0 \mid s) + \dots + \pi(a \mid s) > u$ (the last word, should rounding leave none);
// 2. **credit** it by $\delta = r + V(s') - V(s)$, where $V(s') = 0$ after the end;
// 3. **step**: $V(s)$ by `criticRate` times $\delta$, the row of logits by `actorRate` times $\delta\,\nabla \log \pi(a \mid s)$, with the $\pi$ that drew;
// 4. **go on** in $s'$, or begin the next reply in state 0.
//
// Given the game, the luck and both rates, return the logits (a row for each state) and the values.
//
// <details><summary>Hint</summary>d log pi(a) / d logit b is [a = b] - pi(b): 1 - pi(a) for the word drawn, -pi(b) for the others.</details>

// %%
interface Game {
  words: number;
  next: number[];
  reward: number[];
}
const task = phraseTask({ length: 3 });
const { tree } = task;
const game: Game = {
  words: tree.vocabulary,
  next: Array.from(tree.next, (state) => Math.max(state, -1)),
  reward: Array.from(terminalRewards(tree, task.utility[0])),
};

// %% [exercise] 09/actor-critic
/** One-step actor-critic on tables: logits [states][words] and values [states] after as many words as there is luck. */
function trainActorCritic(
  game: Game,
  luck: number[],
  actorRate: number,
  criticRate: number,
): { logits: number[][]; values: number[] } {
  // #solution
  const { words, next, reward } = game;
  const values = new Array<number>(next.length / words).fill(0);
  const logits = values.map(() => new Array<number>(words).fill(0));
  let s = 0;
  for (const u of luck) {
    const pi = Array.from(logSoftmax(logits[s]), Math.exp);
    let a = 0;
    for (let below = pi[0]; below <= u && a < words - 1; below += pi[a]) a++;
    const [r, after] = [reward[s * words + a], next[s * words + a]];
    const delta = r + (after < 0 ? 0 : values[after]) - values[s];
    values[s] += criticRate * delta;
    for (let b = 0; b < words; b++) logits[s][b] += actorRate * delta * ((a === b ? 1 : 0) - pi[b]);
    s = after < 0 ? 0 : after;
  }
  return { logits, values };
  // #end
}

// %% [check] 09/actor-critic
const { passed } = await check("09/actor-critic", { trainActorCritic });

const earnedBy = (logits: number[]) => exactPolicyGradient(treePolicy(tree, logits), task.utility[0]).value;
const wordsWritten = passed ? [0, 300, 1000, 2000, 3000, 5000, 10_000, 20_000, 30_000] : [0, 30_000];
const yourLuck = Array.from(uniform(key(12), 30_000));
show(
  line({
    title: passed ? "Your actor learns, word by word" : "Here your actor will learn",
    subtitle: "true utility of the policy, exactly; actorRate 0.05, criticRate 0.2",
    x: { title: "words written" },
    y: { title: "true utility", unit: "nats", range: [-0.8, 2.3] },
    series: [
      {
        name: passed ? "your actor" : "not written yet",
        x: wordsWritten,
        y: wordsWritten.map((n) =>
          earnedBy(
            passed ? trainActorCritic(game, yourLuck.slice(0, n), 0.05, 0.2).logits.flat() : game.next.map(() => 0),
          ),
        ),
      },
    ],
    reference: [{ y: Math.max(...task.utility[0]), label: "the best reply" }],
  }),
);

// %% [markdown]
// **Break it.** The actor here is slower than the critic. Exchange that: actorRate 0.3, criticRate 0.1, and a few keys.
//
// <details><summary>What happens</summary>
//
// It is quicker at first, and then most runs stay at a utility of 1 instead of 2: the actor has given up words before the critic knew what they lead to. Section 7 is about that.
//
// </details>
// #claim 09/slow-actors-arrive
// #claim 09/fast-actors-are-stuck
//
// ## 5. One body or two? And how long a text?
//
// For a language model the critic is a head on a transformer: on the policy's own (*shared*: the critic inherits what the policy knows) or on a copy (*separate*).
// What does each cost? One reading of 64 texts of three tokens:

// %%
const body = { width: 32, layers: 2, heads: 2 };
const sizeOf = { ...body, vocabulary: tree.vocabulary, context: tree.length + 1 };
const texts = tf.zeros([64, 3], "int32") as tf.Tensor2D;
const [one, two] = [true, false].map((shared) => twoModels(sizeOf, { shared }));
const [oneParams, twoParams] = [one.init(key(13)), two.init(key(13))];
const read = {
  "policy alone": { of: oneParams.policy, pass: () => void one.policy.logits(oneParams.policy, texts) },
  "policy and critic, shared body": { of: oneParams, pass: () => void one.forward(oneParams, texts) },
  "policy and critic, separate bodies": { of: twoParams, pass: () => void two.forward(twoParams, texts) },
};
const timed = Object.values(read).map(() => Number.POSITIVE_INFINITY); // the quickest of thirty, taken in turn: the rest is other work
for (let round = 0; round < 30; round++) {
  for (const [i, { pass }] of Object.values(read).entries()) {
    const begin = performance.now();
    tf.tidy(pass);
    timed[i] = Math.min(timed[i], performance.now() - begin);
  }
}
table(
  Object.entries(read).map(([name, { of }], i) => ({
    name,
    parameters: countParams(of),
    ms: timed[i],
    times: timed[i] / timed[0],
  })),
  {
    columns: {
      name: "what is read",
      parameters: "parameters",
      ms: "milliseconds per reading",
      times: "of the policy's",
    },
    digits: { ms: 2, times: 2 },
    caption:
      "A forward pass on this machine, now: a shared critic adds a head, a separate one a second pass and a second memory",
  },
);

// %% [markdown]
// And what is it worth? How good a critic is, is measured by the share of the returns' variance that it explains:
//
// $$\mathrm{EV} = 1 - \frac{\mathrm{Var}[G - V]}{\mathrm{Var}[G]}. \tag{7}$$
//
// ### Exercise 6. Explained variance
//
// *Difficulty 1 of 5, 6 minutes. Trains: reading the one number that trainers print of a critic.*
//
// Given what the critic said and what came, lists of one length, return (7).

// %% [exercise] 09/explained-variance
/** Equation (7). The returns vary. */
function explainedVariance(values: number[], returns: number[]): number {
  // #solution
  const variance = (x: number[]) => mean(x.map((y) => (y - mean(x)) ** 2));
  return 1 - variance(returns.map((g, i) => g - values[i])) / variance(returns);
  // #end
}

// %% [check] 09/explained-variance
await check("09/explained-variance", { explainedVariance });

// %% [markdown]
// First: how much *can* a critic explain, in our world of two prompts and 259 replies to each? It may be read before the
// reply, as $V(x)$ (`promptValues`), before each token (`tokenValues`), or after the last, as $Q(x, y)$ (`sequenceActionValues`): one scalar model, read at three places.
// The best it can say is an expectation each time. For people's own way of replying, exactly:

// %%
const readings = [0, 1, 2, 3]; // tokens that the critic has read
const questions = task.prompts.map((_, x) => {
  const [logProbs, reward] = [task.reference[x], task.utility[x]];
  const { V } = exactPolicyGradient(treePolicy(tree, conditionalLogProbs(tree, logProbs)), reward);
  const forecasts = tree.sequences.map((_, y) => {
    const passed = prefixesOf(tree, y);
    return readings.map((t) => (t < passed.length ? V[passed[t]] : reward[y])); // a reply that has ended is known
  });
  return { logProbs, reward, forecasts };
});
/** Over both prompts and all replies. */
const expect = (of: (reward: number, forecasts: number[]) => number) =>
  mean(
    questions.map(({ logProbs, reward, forecasts }) =>
      exactExpectation(
        logProbs,
        forecasts.map((f, y) => of(reward[y], f)),
      ),
    ),
  );
const rewardVariance = expect((r) => r * r) - expect((r) => r) ** 2;

show(
  bar({
    title: "What a critic can know, and when",
    subtitle: "explained variance of the reward by the best possible forecast, two prompts",
    x: { title: "when the critic is read" },
    y: { title: "explained variance", range: [0, 1] },
    categories: ["before: V(x)", "after one token", "after two", "after the last: Q(x, y)"],
    series: [
      { name: "best possible", values: readings.map((t) => 1 - expect((r, f) => (r - f[t]) ** 2) / rewardVariance) },
    ],
  }),
);

// %% [markdown]
// $V(x)$ explains nothing *here*: people answer both prompts equally well, so it is one number, and $A = R - V(x)$ is lesson 07's "less the mean". (Where some prompts are harder than others it earns its keep: lesson 07.)
// $Q(x, y)$, read at the end, explains everything and is of no use as a baseline: it has seen the reply, it *is* the reward, and $R - Q$ is 0. The critics that tell tokens apart live in between.
// #claim 09/prompt-explains-nothing
//
// Now a critic that has to learn. A transformer of two layers first imitates people's replies, then A2C goes to work, four times with one body, four times with two. After every tenth step we enumerate all replies, so the explained variance is exact, and so is its ceiling: what the
// *true* values explain. (It is below 1, since a return depends on words that are still to come.)

// %%
const lab = backboneLab(task, { model: body, rate: 1e-3, beta: 0.2 });
const people = await backboneLab(task, { model: body }).imitate(key(4), {
  steps: 200,
  label: "learning people's replies",
});

// %%
const bodySeeds = 4;
const bodySteps = 120;

/** Every run of one kind of body. */
const train = async (shared: boolean, actorWeight: number, seeds = bodySeeds) => {
  const list: Awaited<ReturnType<typeof lab.run>>[] = [];
  for (let seed = 0; seed < seeds; seed++) {
    const label = `${shared ? "shared" : "separate"}${actorWeight === 0 ? ", critic alone" : ""}, seed ${seed + 1}`;
    list.push(await lab.run(key(50 + seed), people, { shared, steps: bodySteps, every: 10, actorWeight, label }));
  }
  return list;
};
const onOneBody = await train(true, 1);

// %%
const runs = { shared: onOneBody, separate: await train(false, 1) };

// %%
type BodyFigure = "explained" | "ceiling" | "reward" | "kl";
const bodyCurve = (label: string, of: (typeof runs)["shared"], what: BodyFigure) =>
  overSeeds(
    label,
    of[0].map(({ step }) => step),
    of.map((run) => run.map((record) => record[what])),
  );

show(
  smallMultiples({
    title: "Two bodies: a better critic, no richer policy",
    subtitle: `A2C on the phrase task, means over ${bodySeeds} seeds, all figures exact; bands: 95 % intervals`,
    figures: [
      line({
        title: "How much the critic explains",
        x: { title: "step" },
        y: { title: "explained variance", range: [-0.85, 1] },
        series: [
          bodyCurve("shared body", runs.shared, "explained"),
          bodyCurve("separate bodies", runs.separate, "explained"),
          bodyCurve("ceiling (separate)", runs.separate, "ceiling"),
        ],
        reference: [{ y: 0, label: "says nothing" }],
      }),
      line({
        title: "What the policy earns",
        x: { title: "step" },
        y: { title: "true utility", unit: "nats" },
        series: [
          bodyCurve("shared body", runs.shared, "reward"),
          bodyCurve("separate bodies", runs.separate, "reward"),
        ],
      }),
    ],
  }),
);

// %% [markdown]
// A fresh head is no better than silence, and often worse.
// #claim 09/fresh-heads-are-no-use
// The separate critic ends higher: it can bend its body to the purpose.
// #claim 09/two-bodies-explain-more
// The policies earn hardly a tenth of a nat more or less by it: in this world a better critic buys nothing that one would pay for.
// #claim 09/both-bodies-earn-alike
//
// The shared critic has to leave the body fit for writing. Does it? Let us turn the actor off. No reward, no advantage, only the critic learns. The policy should stay where it is.

// %%
const alone = { shared: await train(true, 0), separate: await train(false, 0, 1) };

show(
  smallMultiples({
    title: "Break it: a critic that learns alone takes the policy with it",
    subtitle: "the actor's loss is switched off; each run is a line of its own",
    figures: (["kl", "reward"] as const).map((what) =>
      line({
        title: what === "kl" ? "How far the policy has moved" : "What it earns",
        x: { title: "step" },
        y: what === "kl" ? { title: "KL to where it was", unit: "nats" } : { title: "true utility", unit: "nats" },
        series: Object.entries(alone).flatMap(([name, list]) =>
          list.map((run, seed) => ({
            name: name === "shared" ? `shared body, seed ${seed + 1}` : "separate bodies",
            x: run.map(({ step }) => step),
            y: run.map((record) => record[what]),
          })),
        ),
      }),
    ),
  }),
);

// %% [markdown]
// The policy on the shared body drifts by half a nat to several, and on average earns less, though nobody asked it to.
// #claim 09/critic-takes-the-policy-along
// On separate bodies it does not move.
// #claim 09/separate-bodies-stand-still
// The cures: separate bodies, a smaller $c$, a critic that is
// warmed up on a frozen body first, or a KL penalty that holds the policy. (Here Adam makes the drift independent of $c$ as long as the actor is off; with the actor on, $c$ decides who is heard.)
//
// ### How good must it be, if texts are long?
//
// "A critic helps more, the longer the text" is often said. A world with every length: a text of $T$ tokens, heads or tails, one logit for each place; at its end it is paid +1 for each head and -1 for each tail.
// The critic is a table over (place, heads so far) and learns from 300 texts, by the $\lambda$-returns that the actor uses too. Then the gradient that it gives is held against the true one, by
// dynamic programming: its bias, and its noise in a single text, both as shares of the true gradient's length.

// %%
const textLengths = [4, 8, 16, 32, 64, 128];
const textsRead = 300; // try 100 and 3000
const critics = { "lambda 1": 1, "lambda 0.95": 0.95, "lambda 0": 0 };
const noCritic = textLengths.map((length) =>
  coinGradientError(new Float64Array((length * (length + 1)) / 2), { length, lambda: 1 }),
);
const ofCritics = Array.from(progress(Object.entries(critics), { label: "critics" }), ([name, lambda]) => ({
  name,
  errors: split(key(14), 10).map((k) =>
    textLengths.map((length) =>
      coinGradientError(coinCritic(k, { length, texts: textsRead, lambda }), { length, lambda }),
    ),
  ),
}));
const lengthPanel = (title: string, of: (error: { bias: number; noise: number }) => number) =>
  line({
    title,
    x: { title: "tokens of a text", type: "log" },
    y: { title: "share of the true gradient", type: "log", range: [0.003, 20] },
    series: [
      { name: "no critic", x: textLengths, y: noCritic.map((error) => of(error) || Number.NaN) },
      ...ofCritics.map(({ name, errors }) =>
        of(errors[0][0]) < 1e-9
          ? { name, x: textLengths, y: textLengths.map(() => Number.NaN) } // no bias: not on a log axis
          : overSeeds(
              name,
              textLengths,
              errors.map((row) => row.map(of)),
              { least: 0.003 },
            ),
      ),
    ],
  });

show(
  smallMultiples({
    title: "A baseline shifts the noise; only bootstrapping stops its growth, and pays in bias",
    subtitle: `critics that learned from ${textsRead} texts, means over 10 keys, bands: 95 % intervals; without a curve: no bias at all`,
    figures: [
      lengthPanel("Noise, one text", ({ noise }) => noise),
      lengthPanel("Bias", ({ bias }) => (bias < 1e-9 ? 0 : bias)),
    ],
  }),
);

// %% [markdown]
// - $\lambda = 1$, a learned *baseline*: never biased, and a quarter or so of the noise saved at every length. It grows with the length as before.
// - $\lambda = 0.95$: from 32 tokens on the noise no longer grows. But the bias does: with 128 tokens the reward reaches the first ones only through what the critic believes, and after 300 texts that is not much.
// - $\lambda = 0$: hardly any noise, and for long texts hardly any gradient: what TD(0) knows travels one token back in each text.
//
// #claim 09/a-baseline-saves-a-quarter
// #claim 09/bootstrapping-stops-the-noise
// #claim 09/bootstrapping-pays-in-bias
// #claim 09/one-step-says-nothing-when-long
//
// With a batch of 32, $\lambda = 0.95$ is nearest to the truth from 16 tokens on.
// #claim 09/middle-lambda-wins-when-long
// So a critic does help long texts, if it is believed before the end, and if it has learned enough for that length. As a mere baseline it helps long texts no more than short ones.

// %% [markdown]
// ## 6. Three algorithms against the exact optimum
//
// A2C and PPO you know. The world is the phrase task again, but the policy is a table with a row for every prefix, and what is climbed is
//
// $$J = \mathbb{E}[R] - \beta\,\mathrm{KL}(\pi \,\Vert\, \pi_{\text{ref}}), \qquad \text{largest at } \pi^* \propto \pi_{\text{ref}}\, e^{R/\beta}, \text{ where } J = \beta \log Z,$$
//
// so that the distance to the best policy there is can be measured exactly. The third algorithm, **soft actor-critic** (SAC), keeps what it has seen. In every step it
//
// 1. writes a batch of replies and puts every token into a memory, the *replay buffer*, that forgets nothing;
// 2. draws 256 remembered tokens, whoever wrote them, and teaches $Q(s, a)$, the value of word $a$ in state $s$: the reward, and the *soft* value of what follows,
//
// $$Q(s, a) \leftarrow r + V(s'), \qquad V(s) = \sum_a \pi(a \mid s)\,\bigl(Q(s, a) - \beta\,\log \tfrac{\pi(a \mid s)}{\pi_{\text{ref}}(a \mid s)}\bigr), \tag{8}$$
//
// 3. and moves $\pi$, in the states that it drew, towards what makes $V(s)$ largest: $\pi_{\text{ref}}(a \mid s)\, e^{Q(s, a)/\beta}$ over its sum.
//
// (SAC's papers call $\beta$ the temperature $\alpha$. Here it stays $\beta$.) The price $\beta$ can be given, or learned: choose an entropy $\bar H$ and let
//
// $$\log \beta \leftarrow \log \beta - \eta\,\bigl(\text{mean entropy} - \bar H\bigr). \tag{9}$$
//
// ### Exercise 7. Soft value and temperature
//
// *Difficulty 3 of 5, 12 minutes. Trains: what is paid for, and which way the price moves.*
//
// Given the lists over actions of one state and $\beta$, return $V(s)$ of (8). Given $\log\beta$, the entropies of a batch of states, $\bar H$ (all in nats) and `rate`, which is $\eta$, return the next $\log\beta$ of (9).
//
// <details><summary>Hint 1</summary>V is a mean over actions, and the probability of an action is exp(logp).</details>
// <details><summary>Hint 2</summary>A policy more random than asked for: should randomness be paid more, or less? Check your sign by that.</details>

// %% [exercise] 09/soft-value
/** V(s) of equation (8); lists over actions, log-probabilities in nats. */
function softValue(q: number[], logp: number[], beta: number, logpRef: number[]): number {
  // #solution
  return q.reduce((sum, value, a) => sum + Math.exp(logp[a]) * (value - beta * (logp[a] - logpRef[a])), 0);
  // #end
}

/** One step of equation (9): entropies of the visited states, in nats. */
function nextLogBeta(logBeta: number, entropies: number[], targetEntropy: number, rate: number): number {
  // #solution
  const average = entropies.reduce((a, b) => a + b, 0) / entropies.length;
  return logBeta - rate * (average - targetEntropy);
  // #end
}

// %% [check] 09/soft-value
await check("09/soft-value", { softValue, nextLogBeta });

// %% [markdown]
// ### Each at its own step size
//
// Step sizes decide races. So every algorithm runs with eight of them, ten seeds each, 150 steps of 32 replies; and REINFORCE with a leave-one-out baseline (lesson 07), which
// has no critic, as the yardstick. The start is people's own policy. (REINFORCE's gradient is a mean over replies, the others' over tokens: compare the *width* of what works, not where it lies.)

// %%
const byTable = treePolicy(tree, conditionalLogProbs(tree, task.reference[0]));
const world = {
  reference: task.reference[0],
  reward: task.utility[0],
  beta: 0.5,
  steps: 150,
  batch: 32,
  every: 10,
};
const racers: Record<string, (k: Key, rate: number) => TabularRecord[]> = {
  A2C: (k, rate) => trainTabularA2c(k, byTable, { ...world, rate }).history,
  PPO: (k, rate) => trainTabularPpo(k, byTable, { ...world, rate }).history,
  SAC: (k, rate) => trainTabularSac(k, byTable, { ...world, rate }).history,
  "REINFORCE (no critic)": (k, rate) => trainTabularReinforce(k, byTable, { ...world, rate }).history,
};
const rates = [0.3, 1, 2.5, 5, 10, 20, 40, 80];
const seeds = 10;

const race = Array.from(
  progress(Object.entries(racers), { label: "four algorithms, eight step sizes" }),
  ([name, train]) => {
    const begin = performance.now();
    const gaps = rates.map((rate) => split(key(7), seeds).map((k) => train(k, rate).map(({ gap }) => gap))); // [rate][seed][record]
    const milliseconds = (performance.now() - begin) / (rates.length * seeds * world.steps);
    const ends = gaps.map((list) => meanInterval(list.map((gap) => gap[gap.length - 1])));
    const best = ends.reduce((least, end, r) => (end.mean < ends[least].mean ? r : least), 0);
    return { name, gaps, ends, best, milliseconds };
  },
);

show(
  line({
    title: "Stability is a width: how many step sizes work",
    subtitle: `objective below its optimum after ${world.steps} steps, means over ${seeds} seeds; bands: 95 % intervals`,
    x: { title: "step size", type: "log" },
    y: { title: "gap to the optimum", unit: "nats", type: "log", range: [0.005, 2] },
    series: race.map(({ name, gaps }) => ({
      ...overSeeds(
        name,
        rates,
        Array.from({ length: seeds }, (_, s) => gaps.map((runs) => runs[s][runs[s].length - 1])),
        { least: 0.005 },
      ),
      markers: true,
    })),
    reference: [{ y: 0.05, label: "good enough" }],
  }),
);

// %%
table(
  race.map(({ name, ends, best, milliseconds }) => {
    const good = rates.filter((_, r) => ends[r].mean <= 0.05);
    return {
      name,
      best: rates[best],
      gap: ends[best].mean,
      interval: `${ends[best].low.toFixed(4)} to ${ends[best].high.toFixed(4)}`,
      good: `${good[0]} to ${good[good.length - 1]}`,
      width: good[good.length - 1] / good[0],
      milliseconds,
    };
  }),
  {
    columns: {
      name: "algorithm",
      best: "best step size",
      gap: "gap there (nats)",
      interval: "95 % interval",
      good: "gap at most 0.05 from",
      width: "largest / smallest",
      milliseconds: "ms per step, here and now",
    },
    digits: { gap: 4, best: 1, width: 0, milliseconds: 2 },
  },
);

// %% [markdown]
// At its own best step size each comes within a few hundredths of a nat of the optimum.
// #claim 09/all-come-near
// How many step sizes do is where they differ: most for SAC, then PPO, fewest for A2C and REINFORCE.
// #claim 09/sac-has-the-widest-window
//
// Is it the clip that makes PPO the more stable of the two? Its window is wider at the *small* end: four epochs go four times as far on the same replies. At the large end both break at the same step size: the clip
// does not save a step that is too long.
// #claim 09/clip-does-not-save-large-steps
// And PPO with one epoch *is* A2C, to a thousandth of a nat: at the first reading every ratio is 1.
// #claim 09/one-epoch-of-ppo-is-a2c
// Now the four at their best, over time:

// %%
show(
  line({
    title: "Each at its own best step size, the four are close",
    subtitle: `objective below beta log Z, means over ${seeds} seeds; bands: 95 % intervals of the mean`,
    x: { title: "replies written" },
    y: { title: "gap to the optimum", unit: "nats", type: "log", range: [0.005, 2] },
    series: race.map(({ name, gaps, best }) =>
      overSeeds(
        `${name}, ${rates[best]}`,
        gaps[best][0].map((_, n) => 32 * world.every * n),
        gaps[best],
        { least: 0.005 },
      ),
    ),
  }),
);

// %% [markdown]
// ### How fast, at best?
//
// Now without noise: the exact gradient, from the uniform policy, step size 1. What does theory say? For a softmax table and $\mathbb{E}[R]$ alone the gap falls like $1/t$; with a penalty on the entropy or the KL
// it falls like $e^{-ct}$, which is called a *linear* rate (both in Mei and others 2020). But the constants may be huge: more than exponential in the horizon (Li and others 2021).

// %%
const descent = (length: number, beta: number) => {
  const { tree, utility } = phraseTask({ length });
  const blank = treePolicy(tree, new Float64Array(tree.next.length));
  const options = { reward: utility[0], beta, steps: 3000, every: 10 };
  const rows = trainTabularReinforce(key(0), blank, { ...options, batch: "all" }).history.slice(1);
  return { x: rows.map(({ step }) => step), y: rows.map(({ gap }) => (gap > 1e-7 ? gap : Number.NaN)) };
};
const ratePanel = (title: string, series: { name: string; x: number[]; y: number[] }[]) =>
  line({
    title,
    x: { title: "exact gradient steps", type: "log" },
    y: { title: "gap to the optimum", unit: "nats", type: "log", range: [1e-7, 5] },
    series,
  });

show(
  smallMultiples({
    title: "A straight line is 1/t; a curve that bends down is faster; a flat one waits",
    subtitle: "exact gradients on a softmax table, no sampling, from the uniform policy",
    figures: [
      ratePanel(
        "Three tokens, three penalties",
        [0, 1, 2].map((beta) => ({ name: `beta ${beta}`, ...descent(3, beta) })),
      ),
      ratePanel(
        "No penalty, three lengths",
        [2, 3, 4].map((length) => ({ name: `at most ${length} tokens`, ...descent(length, 0) })),
      ),
    ],
  }),
);

// %% [markdown]
// Without a penalty ten times the steps give about a tenth of the gap.
// #claim 09/one-over-t
// With one the curve bends: each threefold of steps gains more than the one before.
// #claim 09/a-penalty-makes-it-faster-than-any-power
// On the right the constant: with four tokens the policy comes to a utility of 2, and after 3000 exact steps it is still there, a whole nat below the best reply, which it has almost given up.
// #claim 09/stuck-at-four-tokens
// What is seldom done is seldom learned (lesson 07), and the theorem's constant knows it.
//
// ### Where success is rare
//
// "SAC is good for exploration." Replies of at most four tokens, pay 1 for a utility of 3 and 0 otherwise: three of 1555 replies pay. The start and the reference are uniform over words, so that a reply pays with probability 0.00125; $\beta = 0.1$, 16 replies a step.
// Two step sizes each, the better one is shown.

// %%
const rareTask = phraseTask({ length: 4 });
const blank = treePolicy(rareTask.tree, new Float64Array(rareTask.tree.next.length));
const rareWorld = {
  reward: rareTask.utility[0].map((u) => Number(u >= 3)),
  beta: 0.1,
  steps: 150,
  batch: 16,
  every: 10,
};
const seekers: Record<string, { rates: number[]; train: (k: Key, rate: number) => TabularRecord[] }> = {
  A2C: { rates: [30, 100], train: (k, rate) => trainTabularA2c(k, blank, { ...rareWorld, rate }).history },
  PPO: { rates: [30, 100], train: (k, rate) => trainTabularPpo(k, blank, { ...rareWorld, rate }).history },
  SAC: { rates: [10, 30], train: (k, rate) => trainTabularSac(k, blank, { ...rareWorld, rate }).history },
  "REINFORCE (no critic)": {
    rates: [30, 100],
    train: (k, rate) => trainTabularReinforce(k, blank, { ...rareWorld, rate }).history,
  },
};
const sought = Array.from(
  progress(Object.entries(seekers), { label: "looking for three replies" }),
  ([name, { rates, train }]) =>
    rates
      .map((rate) => ({
        name,
        rate,
        runs: split(key(15), seeds).map((k) => train(k, rate).map(({ reward }) => reward)),
      }))
      .reduce((best, one) => (mean(one.runs.map((r) => r[15])) > mean(best.runs.map((r) => r[15])) ? one : best)),
);

show(
  line({
    title: "Nobody looks for it: all four wait for the first success",
    subtitle: `probability that a reply pays, means over ${seeds} seeds; bands: 95 % intervals`,
    x: { title: "replies written" },
    y: { title: "probability of success", range: [0, 1] },
    series: sought.map(({ name, rate, runs }) =>
      overSeeds(
        `${name}, ${rate}`,
        runs[0].map((_, n) => 160 * n),
        runs,
        { least: 0 },
      ),
    ),
  }),
);

// %% [markdown]
// The wide bands are two kinds of runs: after 150 steps nearly every one either has a probability of success above a half, or next to none.
// #claim 09/found-or-not
// Until the first paying reply is drawn, no reward says anything and the penalty says "stay"; that takes 800 replies on average, whatever the algorithm. From then on SAC replays it, and learns it in most runs,
// #claim 09/sac-learns-it-in-most-runs
// but it is no sooner than A2C or REINFORCE with a long step, who need to see it once or twice as well.
// #claim 09/sac-finds-no-sooner
// Keeping the policy random keeps the door open. It is not a search.
//
// ### Entropy, or KL to uniform words?
//
// SAC's papers pay for entropy; (8) charges KL to a reference. For replies of *one* length and a uniform reference the two differ by a constant. Here replies differ in length. KL to uniform words charges
// $\log 7$ less the word's entropy for every word, so it pays for *stopping*; entropy pays for every further word, for *going on*. The exact optima at price 1:

// %%
const replyLengths = tree.sequences.map((reply) => reply.length);
table(
  [
    { name: "entropy of the reply", logRef: replyLengths.map(() => 0) },
    { name: "KL to uniform words", logRef: replyLengths.map((n) => -n * Math.log(7)) },
  ].map(({ name, logRef }) => {
    const { logProbs } = exactRegularisedOptimum(logRef, task.utility[0], 1);
    return {
      name,
      utility: exactExpectation(logProbs, task.utility[0]),
      entropy: exactEntropy(logProbs),
      short: exactExpectation(
        logProbs,
        replyLengths.map((n) => 100 * Number(n === 1)),
      ),
    };
  }),
  {
    columns: {
      name: "what is paid for",
      utility: "true utility",
      entropy: "entropy (nats)",
      short: "replies of one token (%)",
    },
    digits: { utility: 3, entropy: 2, short: 1 },
  },
);

// %% [markdown]
// Paid by words, the optimum writes far more replies of one token, and both entropy and utility are lower.
// #claim 09/words-pay-for-stopping
//
// The temperature, learned: the reference is uniform over words, so that in each *state* minus the KL is the next word's entropy less $\log 7$, and we ask for three levels of it ($\log 7 = 1.95$ is all there is).

// %%
const asked = [0.8, 1.2, 1.6];
const steered = asked.map((target) =>
  trainTabularSac(key(8), treePolicy(tree, new Float64Array(tree.next.length)), {
    ...world,
    reference: undefined,
    beta: 1,
    steps: 400,
    targetEntropy: target - Math.log(7), // minus the KL to uniform is entropy - ln 7
  }),
);

show(
  smallMultiples({
    title: "A price that finds itself",
    subtitle: "SAC with a learned temperature; one seed each",
    figures: [
      line({
        title: "The price",
        x: { title: "step" },
        y: { title: "beta", type: "log" },
        series: steered.map(({ history }, i) => ({
          name: `${asked[i]} nats per word asked for`,
          x: history.map(({ step }) => step),
          y: history.map(({ beta }) => beta),
        })),
      }),
      line({
        title: "What it buys",
        x: { title: "entropy of the whole reply", unit: "nats" },
        y: { title: "true utility", unit: "nats" },
        series: steered.map(({ history }, i) => ({
          name: `${asked[i]} nats per word asked for`,
          x: history.map((record) => record.sequenceEntropy),
          y: history.map(({ reward }) => reward),
        })),
      }),
    ],
  }),
);

// %% [markdown]
// The price settles, and less entropy means more utility.
// #claim 09/the-price-settles
// #claim 09/less-entropy-more-utility
// The temperature is an exchange rate, and one may fix the rate or the amount. Fixing the amount is what an adaptive KL coefficient does too (lesson 08). Read the small print, though: the entropy that is
// steered is the mean over *remembered* states, most of which the policy of today hardly visits.
//
// **Break it.** Ask for 0.4 nats.
//
// <details><summary>What happens</summary>
//
// The price falls and falls, and finds no end: the remembered states keep more entropy than that, whatever today's policy does.
//
// </details>
// #claim 09/the-price-falls
//
// ### The same three on a transformer (optional)
//
// A table forgives a lot: what is learned about one prefix harms no other. So now a transformer, small and untrained, which is its own reference, and both prompts. It is the trainer of lesson 05, and only `algorithm` changes from run to run.
// SAC needs here what the papers have and the table did without: *two* $Q$, of which the smaller one is believed (a policy goes where its critic errs upwards); targets from a copy of the critic
// that follows it slowly; and a warm-up, in which the critic learns from the first 512 replies while the policy stands still. The gap is still exact: after every tenth iteration we ask the model for all replies to both prompts.
// One step size for all three: read who arrives, not who is first.

// %%
const reader = transformer({ vocabulary: 7, context: 4, width: 16, layers: 1, heads: 2, deviation: 0.3 });
const untrained = reader.init(key(11));
const trial = phraseTrial(task, reader, { reference: untrained, beta: 0.5 });
const laps = 60;
const lapSeeds = 4; // try 10
const trained: Record<string, { histories: MetricsRecord[][]; seconds: number }> = {};

/** Trains so many policies and keeps their records; `readings` is how many gradient steps the algorithm makes in an iteration. */
const onTransformer = async (name: string, algorithm: Algorithm, readings: number) => {
  const optimizer = adam({ rate: cosineSchedule(1e-2, readings * laps), maxNorm: 1 });
  const begin = performance.now();
  const histories: MetricsRecord[][] = [];
  for (const [seed, k] of split(key(90), lapSeeds).entries()) {
    const { history } = await trainPolicy(k, {
      model: reader,
      start: untrained,
      algorithm,
      optimizer,
      prompts: trial.prompts,
      reward: trial.reward,
      batch: 64,
      iterations: laps,
      newTokens: 3,
      stop: tree.end,
      beta: 0.5,
      evaluate: { every: 10, run: ({ params }) => ({ gap: trial.gap(params.policy) }) },
      label: `${name}, seed ${seed + 1}`,
    });
    histories.push(history);
  }
  trained[name] = { histories, seconds: (performance.now() - begin) / 1000 };
};
await onTransformer("A2C", algorithms.a2c(), 1);
await onTransformer("PPO", algorithms.ppo({ epochs: 2, minibatches: 2 }), 4);
await onTransformer("SAC", algorithms.sac({ updates: 4, warmup: 512 }), 4);

// %%
const tens = Array.from({ length: laps / 10 }, (_, n) => 10 * (n + 1));
const overLaps = (name: string, of: (history: MetricsRecord[], lap: number) => number, floor: number) =>
  overSeeds(
    name,
    tens.map((lap) => 64 * lap),
    trained[name].histories.map((history) => tens.map((lap) => of(history, lap))),
    { least: floor },
  );
const tenLaps = (history: MetricsRecord[], lap: number) =>
  mean(history.slice(lap - 10, lap).map(({ explainedVariance }) => explainedVariance));

show(
  smallMultiples({
    title: "On a transformer: all three arrive",
    subtitle: `one trainer, three algorithms, means over ${lapSeeds} seeds; bands: 95 % intervals of the mean`,
    figures: [
      line({
        title: "How far from the optimum (exactly)",
        x: { title: "replies written" },
        y: { title: "gap to the optimum", unit: "nats", type: "log", range: [0.01, 1] },
        series: Object.keys(trained).map((name) => overLaps(name, (history, lap) => history[lap - 1].gap, 0.01)),
      }),
      line({
        title: "What the critic explains",
        x: { title: "replies written" },
        y: { title: "explained variance", range: [-0.2, 1] },
        series: Object.keys(trained).map((name) => overLaps(name, tenLaps, -0.2)),
      }),
    ],
  }),
);

// %%
table(
  Object.entries(trained).map(([name, { histories, seconds }]) => ({
    name,
    worst: Math.max(...histories.map((history) => history[laps - 1].gap)),
    milliseconds: (1000 * seconds) / (laps * lapSeeds),
    times: seconds / trained.PPO.seconds,
  })),
  {
    columns: {
      name: "algorithm",
      worst: "worst seed's gap at the end (nats)",
      milliseconds: "ms per iteration, here and now",
      times: "of PPO's time",
    },
    digits: { worst: 3, milliseconds: 1, times: 1 },
  },
);

// %% [markdown]
// From 1.1 nats all three come within a fifth of one.
// #claim 09/all-arrive
// SAC is behind at first,
// #claim 09/sac-is-behind-at-first
// for its policy has no other source than a critic that knows nothing yet, while the other two hear the reward itself in every advantage; then it catches up with A2C.
// #claim 09/sac-catches-up
// Its critic explains more than A2C's in the end: it judges every next word instead of the state alone, on a body of its own, and learns from old replies too. (PPO's is held against $\lambda$-returns, which flatters it.)
// #claim 09/sac-explains-more
// It pays with time (the table), since each step reads the replies with policy, two critics, target and reference.
//
// ## 7. Who is faster?
//
// Actor and critic learn at once, each from a moving other. The theorem (Borkar 1997; Konda and Tsitsiklis 2000) wants *two time scales*: step sizes $a_t$ for the actor and $c_t$ for the critic with
// $\sum a_t = \sum c_t = \infty$, $\sum (a_t^2 + c_t^2) < \infty$, and $a_t / c_t \to 0$: seen from the actor, the critic has always settled.
//
// The smallest case: two actions, the first pays 1, the second 0, and the critic believes at first that the first pays -1. It learns of an action when it is taken. We follow the expected updates, no noise. Two
// sequences of step sizes, $P = 0.3\,t^{-0.95}$ and $Q = 2\,t^{-0.55}$; both satisfy the sums, and $P/Q \to 0$. First the actor has $P$ and the critic $Q$; then they exchange.

// %%
const bandit = { reward: [1, 0], believed: [-1, 0], steps: 100_000, every: 1 };
const P = { scale: 0.3, power: 0.95 };
const Q = { scale: 2, power: 0.55 };
const paces = {
  "critic faster: actor P, critic Q": banditActorCritic({ ...bandit, actor: P, critic: Q }),
  "actor faster: actor Q, critic P": banditActorCritic({ ...bandit, actor: Q, critic: P }),
  "actor faster, with a KL penalty": banditActorCritic({ ...bandit, actor: Q, critic: P, beta: 0.5 }),
};
const moments = Array.from({ length: 61 }, (_, i) => Math.round(10 ** (i / 12)));
const pacePanel = (
  title: string,
  of: (record: { probability: number[]; believed: number[] }) => number,
  y: string,
  range: [number, number],
) =>
  line({
    title,
    x: { title: "step", type: "log" },
    y: { title: y, range },
    series: Object.entries(paces).map(([name, run]) => ({ name, x: moments, y: moments.map((t) => of(run[t])) })),
  });

show(
  smallMultiples({
    title: "The same two step sizes, exchanged: one climbs on, one is stuck for good",
    subtitle: "expected updates on two actions; the best one pays 1 and is believed to pay -1",
    figures: [
      pacePanel("The actor", ({ probability }) => probability[0], "probability of the best action", [0, 1.02]),
      pacePanel("The critic", ({ believed }) => believed[0], "belief about the best action", [-1.05, 1.05]),
    ],
  }),
);

// %% [markdown]
// With the slow critic the actor gives up the good action before the critic has changed its mind, and what is not tried is not learned about.
// #claim 09/exchanged-one-is-stuck
// It is a limit, not a delay: the probability falls so fast that the critic's remaining steps, all together, are finite, and ten times the steps move the belief by less than a hundredth.
// #claim 09/stuck-for-good
//
// The order is a condition for the *end* of time, and for what happens before it the constants matter as well. Give both the same scale, and the wrong order converges too.
// #claim 09/equal-scales-converge
// The third run has the wrong order and these constants, and recovers: a penalty keeps the probability of every action away from 0.
// #claim 09/a-penalty-frees-it
// An actor that runs ahead of its critic
// is close to value iteration, which converges as well (Bhatnagar and others 2022), *if* everything keeps being visited. So a time scale is one condition, exploration another. (Exercise 5's fast actor had neither.)
//
// A third condition is easy to miss: the critic must settle at all if the policy is held still. Two states with values $w$ and $2w$ (one weight for both), the first leads to the second, the second to itself, all rewards 0. The truth is $w = 0$.
// Update by TD(0), but from the first state alone, as data from another policy might have it:

// %%
const shares = {
  "only the first state (off-policy)": 1,
  "nine in ten from the first": 0.9,
  "one in twenty (as visited)": 0.05,
};

show(
  line({
    title: "Break it: a critic that runs away from the truth",
    subtitle: "TD(0) with one shared weight, gamma 0.95, rate 0.1, expected updates; the truth is 0",
    x: { title: "update" },
    y: { title: "weight w", type: "log", range: [0.1, 1000] },
    series: Object.entries(shares).map(([name, share]) => ({
      name,
      x: linspace(0, 80, 81),
      y: offPolicyCritic({ share, discount: 0.95, rate: 0.1, steps: 80 }),
    })),
  }),
);

// %% [markdown]
// Raising $w$ by one raises the target by $2\gamma$: with $\gamma > 1/2$ the critic chases its own tail (Tsitsiklis and Van Roy 1996; Baird 1995 has the famous larger case). Weigh the states as the policy visits them and $w$ goes to 0.
// #claim 09/runs-away
// Three things together do it: bootstrapping, one weight for several states, and data from another policy. Take
// one away and it is cured. This is why replay buffers and large critics are handled with target networks and care, and PPO throws its data away.
//
// ## 8. Features that fit
//
// The last condition. Suppose the critic cannot be right: it is linear in some features, and we give it the best weights there are. When may it stand in for the truth? Sutton and others (2000): if its features are *compatible*, that is the score of the policy itself,
//
// $$f(s, a) = \nabla_\theta \log \pi(a \mid s), \qquad \text{for a softmax: } f_b(a) = [a = b] - \pi(b). \tag{10}$$
//
// ($[a = b]$ is 1 if $a$ is $b$, and 0 if not.)
//
// <details><summary>Why</summary>
//
// The policy gradient is $\mathbb{E}[f(s, a)\,Q(s, a)]$. Least squares leaves an error $Q - \hat Q$ that is orthogonal to every feature: $\mathbb{E}[f\,(Q - \hat Q)] = 0$. So $\mathbb{E}[f\,\hat Q] = \mathbb{E}[f\,Q]$: the error drops out.
//
// </details>
//
// ### Exercise 8. Compatible features of a softmax
//
// *Difficulty 2 of 5, 10 minutes. Trains: the derivative of a log-softmax.*
//
// Given the logits of one state, return the matrix whose row $a$, column $b$ is $f_b(a)$ of (10). Logits may be large.
//
// <details><summary>Hint</summary>log pi(a) = theta_a - log sum_b exp(theta_b). Derive by theta_b, with b equal to a and not.</details>

// %% [exercise] 09/compatible
/** Row a, column b: d log pi(a) / d theta_b, for pi = softmax(logits). */
function scoreFeatures(logits: number[]): number[][] {
  // #solution
  const largest = Math.max(...logits);
  const weights = logits.map((z) => Math.exp(z - largest));
  const total = weights.reduce((a, b) => a + b, 0);
  return logits.map((_, a) => weights.map((w, b) => (a === b ? 1 : 0) - w / total));
  // #end
}

// %% [check] 09/compatible
await check("09/compatible", { scoreFeatures });

// %% [markdown]
// On the phrase task, with a policy that remembers only the last word (8 rows of logits, so that the critic has something to be wrong about). Four critics, each with the best weights that least squares under the policy can find, all by enumeration:

// %%
const forgetful = lastTokenContexts(tree);
const V = tree.vocabulary;
const prefixes = tree.prefixes.length;
const uniformLogits = new Float64Array(8 * V);
const pairs = Array.from({ length: prefixes * V }, (_, pair) => ({ prefix: Math.floor(pair / V), word: pair % V }));
const oneHot = (size: number, ...places: number[]) => {
  const out = new Float64Array(size);
  for (const place of places) out[place] = 1;
  return out;
};
const featureSets: Record<string, (logits: Float64Array) => ArrayLike<number>[]> = {
  compatible: (logits) => compatibleFeatures(treePolicy(tree, logits, forgetful)),
  "the next word": () => pairs.map(({ word }) => oneHot(V, word)),
  "the words so far": () => pairs.map(({ prefix }) => oneHot(prefixes, prefix)),
  "both, separately": () => pairs.map(({ prefix, word }) => oneHot(prefixes + V, prefix, prefixes + word)),
};
const fits = Object.values(featureSets).map((features) =>
  linearCriticGradient(treePolicy(tree, uniformLogits, forgetful), task.utility[0], features(uniformLogits)),
);

show(
  bar({
    title: "The best forecaster is not the best critic",
    subtitle: "linear critics at the uniform policy, exactly",
    x: { title: "features of the critic" },
    y: { title: "share, or cosine" },
    categories: Object.keys(featureSets),
    series: [
      { name: "explained variance of Q", values: fits.map(({ explained }) => explained) },
      { name: "cosine to the true gradient", values: fits.map(({ cosine }) => cosine) },
    ],
  }),
);

// %% [markdown]
// The compatible critic explains nothing of $Q$: its features average to zero in each state, so it cannot even say how good a state is. And its gradient is exact.
// #claim 09/compatible-is-exact
// The words so far explain more, and give no gradient at all: such a critic has no opinion about
// the next word. The fourth is by far the best forecaster, and points some twenty degrees off.
// #claim 09/best-forecaster-points-elsewhere
// Does that matter? Climb along each gradient, refitting the critic at every step:

// %%
const climb = (features?: (logits: Float64Array) => ArrayLike<number>[]) => {
  const logits = Float64Array.from(uniformLogits);
  const earned: number[] = [];
  for (let step = 0; step <= 100; step++) {
    const exact = exactPolicyGradient(treePolicy(tree, logits, forgetful), task.utility[0]);
    earned.push(exact.value);
    const { gradient } = features
      ? linearCriticGradient(treePolicy(tree, logits, forgetful), task.utility[0], features(logits))
      : exact;
    gradient.forEach((slope, i) => {
      logits[i] += 2 * slope;
    });
  }
  return earned;
};
const climbs: Record<string, number[]> = {};
for (const name of progress(["compatible", "the next word", "both, separately"], { label: "climbing" })) {
  climbs[name] = climb(featureSets[name]);
}
climbs["the true action values"] = climb();

show(
  line({
    title: "A critic that fits can hold you back",
    subtitle: "exact gradient steps with a linear critic in place of Q, refitted each time",
    x: { title: "step" },
    y: { title: "true utility", unit: "nats" },
    series: Object.entries(climbs).map(([name, y]) => ({ name, x: y.map((_, n) => n), y })),
  }),
);

// %% [markdown]
// The compatible critic's curve lies on that of the truth. The best forecaster lags far behind, because one number per word cannot say "very good" but "not bad": what the gradient needs to know is which word is good *where*.
// #claim 09/best-forecaster-lags
// That it also knows the words so far doubles what it explains; the first gradient stays the same, and the climb hardly changes.
// #claim 09/states-add-nothing
// A lesson for reading dashboards: explained variance measures forecasts of *states*; the actor lives on *differences between actions*.
//
// (A transformer's critic is not compatible, nor is anybody's. In practice the return itself is used, and the critic only as a baseline, which may be wrong without doing harm on average: lesson 07. That is $\lambda = 1$. With $\lambda < 1$ the critic's errors enter again.)
//
// ## What this lesson does not show
//
// - **Large critics.** Everything here was enumerated. How explained variance behaves for a billion parameters and one reward at the end is an empirical matter; many have concluded that the critic is not worth its memory, and compare replies with each other
//   instead (lesson 10).
// - **Other step sizes than the actor's.** Critic rates, batch, epochs and $\lambda$ stayed at one setting in section 6, and on the transformer so did everything.
// - **A critic that generalises** over long texts: section 5's is a table, and its policy stands still while it learns.
// - **Exploration that searches** (counts, curiosity, optimism). Section 6 shows that entropy alone does not.
// - **Continuous actions**, for which SAC was made.
// - **Seeds.** The figures of section 3 and of the learned price show one each. Change the keys; what the text says of them was held over ten.
//
// ## Said, and seen
//
// The notes that this course grew from, beside what you saw.
//
// | Said | Seen | Where |
// | --- | --- | --- |
// | "TD learning: $V(x) \leftarrow V(x) + \alpha(R - V(x))$", "TD error: $\delta = R - V(x)$" | That is Monte Carlo: there is no forecast in the target. If the prompt is the only state and there is one reward, TD(0) is the same; per token it is not | Run it, (2) |
// | "TD: use estimated value $V(x)$ as target" | $V \leftarrow V + \eta(V - V)$ learns nothing: the *next* state's value is meant, plus the reward | (1), (2) |
// | "$L_{\text{actor}} = \mathbb{E}[\delta\,\nabla_\theta \log \pi]$" | A gradient, and of the objective: descending along it unlearns what is good | 4, (6) |
// | "Shared backbone for efficiency", "single forward pass for value estimation" | One pass instead of two, measured; but the value loss moves the policy | 5 |
// | "Sample efficiency: variance reduction through baseline" | Only by a critic that explains something; $V(x)$ explained nothing here | 5 |
// | "Scalability: handles long sequences better than REINFORCE" | As a baseline, no: a quarter of the noise at every length. With $\lambda < 1$, yes, at the price of a bias that grows with the length | 5 |
// | "PPO: guarantees through trust region", "maintains approximate KL constraint" | The clip bounds neither ratio nor KL (lesson 08), and did not save a step that is too long | 6 |
// | "A2C faster but less stable than PPO" | Neither, at each one's best; A2C has fewer step sizes that work, and both break at the same one | 6 |
// | "SAC: guaranteed convergence to the stochastic optimum" | The theorem is about tables with exact evaluation; with our sampling it comes near. Its window is the widest | 6 |
// | "SAC good for exploration" | It waits for the first success like the others | 6 |
// | "SAC computationally expensive" | Measured: the tables say how many times A2C's and PPO's | 6 |
// | "All achieve polynomial rates" | $1/t$ without, linear with regularisation, and a constant that may outlast any patience | 6 |
// | "A2C convergence: compatible features and two time scales" | Yes, and what becomes of it without. The order of step sizes is asymptotic: constants decide too | 7, 8 |
//
// ## On one page
//
// | What | Formula | Code |
// | --- | --- | --- |
// | Return | $G_t = r_t + \gamma G_{t+1}$ | `discountedReturns` |
// | Monte Carlo, TD(0) | $V(s_t) \leftarrow V(s_t) + \eta\,(G_t - V(s_t))$, or $\eta\,\delta_t$ | `monteCarloUpdate`, `temporalDifferenceUpdate` |
// | TD error | $\delta_t = r_t + \gamma V(s_{t+1}) - V(s_t)$ | `temporalDifferences` |
// | $n$-step return | $n$ rewards, then $\gamma^n V(s_{t+n})$ | `nStepReturns` |
// | $\lambda$-return | $G_t^\lambda = r_t + \gamma((1 - \lambda)V(s_{t+1}) + \lambda G_{t+1}^\lambda)$ | `lambdaReturns` |
// | Generalised advantage | $A_t = \sum_k (\gamma\lambda)^k \delta_{t+k}$ | `generalizedAdvantages` |
// | Actor's and critic's loss | $-\text{mean}\,[A_t]_{\text{data}} \log\pi_t$ and $\tfrac12\text{mean}\,(G_t - V_t)^2$ | `a2cLoss`, `valueLoss` |
// | Explained variance | $1 - \mathrm{Var}[G - V]/\mathrm{Var}[G]$ | `explainedVariance` |
// | Soft value | $\sum_a \pi\,(Q - \beta \log(\pi/\pi_{\text{ref}}))$ | `softValue` |
// | Learned price | $\log\beta \leftarrow \log\beta - \eta(\text{mean entropy} - \bar H)$ | `temperatureStep` |
// | Compatible features | $\nabla_\theta \log\pi(a \mid s)$ | `compatibleFeatures` |
//
// **Three questions**
//
// 1. Your trainer prints an explained variance of 0.9, and the policy does not improve. How can that be?
//
// <details><summary>Answer</summary>It may forecast states well and have nothing to say about which word is better in a state (section 8); or it is read after the reply, where it is the reward, and what is left of the advantage is 0 (section 5).</details>
//
// 2. Texts get eight times longer. Which of $\lambda = 0$, 0.95 and 1 needs the better critic, and which does not care?
//
// <details><summary>Answer</summary>0 needs it most, at once; 0.95 needs it beyond some twenty tokens, where its own weights have faded; 1 has no bias whatever the critic says, and pays in noise that grows with the length (section 5).</details>
//
// 3. The critic's rewards come out right in every probe, and in training its values rise without end. What do you look at first?
//
// <details><summary>Answer</summary>The end of the text in a *batch*: padding, and the text that stands behind (exercise 3). Then whether the targets come from states that the policy visits (section 7).</details>
//
// ## Read on
//
// - Sutton and Barto, *Reinforcement learning: an introduction*, second edition 2018, chapters 6, 7, 12 and 13. Sections 1 and 2.
// - Schulman and others 2015, *High-dimensional continuous control using generalized advantage estimation*, arXiv:1506.02438. Equation (5).
// - Mnih and others 2016, *Asynchronous methods for deep reinforcement learning*, arXiv:1602.01783: A3C, where actors do not wait for each other. The synchronous A2C of section 4 is OpenAI's (2017, Baselines).
// - Haarnoja and others 2018, *Soft actor-critic*, arXiv:1801.01290; Haarnoja and others 2018, *Soft actor-critic algorithms and applications*, arXiv:1812.05905 (the temperature that is learned); Christodoulou 2019,
//   *Soft actor-critic for discrete action settings*, arXiv:1910.07207. Section 6.
// - Mei and others 2020, *On the global convergence rates of softmax policy gradient methods*, arXiv:2005.06392: $1/t$ without, linear with entropy regularisation; Li and others 2021, *Softmax policy gradient methods can take exponential time to converge*, arXiv:2102.11270.
// - Engstrom and others 2020, *Implementation matters in deep policy gradients*, arXiv:2005.12729. What is left of PPO's guarantee.
// - Borkar 1997, *Stochastic approximation with two time scales*; Konda and Tsitsiklis 2000, *Actor-critic algorithms*; Bhatnagar and others 2022, *Actor-critic or critic-actor?*, arXiv:2210.04470. Section 7.
// - Baird 1995, *Residual algorithms*; Tsitsiklis and Van Roy 1996, *Feature-based methods for large scale dynamic programming*. The critic that runs away.
// - Sutton, McAllester, Singh and Mansour 2000, *Policy gradient methods for reinforcement learning with function approximation*. Section 8.
// - Jones 2021, *Debugging reinforcement learning systems*. The probes of section 3.
// - In the books: Sutton and Barto, [*Reinforcement learning: an introduction*](http://incompleteideas.net/book/the-book-2nd.html): section 13.5, Actor-Critic Methods, beside the chapters above; Achiam, *Spinning Up in deep RL*: [Soft Actor-Critic](https://spinningup.openai.com/en/latest/algorithms/sac.html).

// %%
import { solved } from "rlhf-lab-course";

// What you have solved of this lesson; it is written down on this machine and sent nowhere.
await solved("09");
