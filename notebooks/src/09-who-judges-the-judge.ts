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
// - write an actor's loss that leaves the critic alone, and say what happens otherwise;
// - run A2C, PPO and soft actor-critic to the exact optimum, over seeds, and say what each one's convergence theorem does and does not promise;
// - show where those theorems' conditions fail: a critic slower than its actor, a critic that learns off-policy, features that do not fit.
//
// **Time** 110 minutes, 60 of them exercises. **You need** lesson 07 (policy gradients); lesson 08 (PPO) helps.

// %% [markdown]
// ## The critic on one page
//
// A text is written token by token; token $t$ earns $r_t$, and after the last one nothing comes. The return is what comes from $t$ on, and the critic
// $V$ says what it expects of it:
//
// $$G_t = r_t + \gamma\, r_{t+1} + \gamma^2 r_{t+2} + \dots, \qquad V(s_t) \approx \mathbb{E}[G_t \mid s_t], \qquad \delta_t = r_t + \gamma V(s_{t+1}) - V(s_t). \tag{1}$$
//
// Two ways to teach it. Wait for the end, or believe the critic's own next word:
//
// $$\text{Monte Carlo: } V(s_t) \leftarrow V(s_t) + \alpha\,(G_t - V(s_t)), \qquad \text{TD(0): } V(s_t) \leftarrow V(s_t) + \alpha\,\delta_t. \tag{2}$$
//
// | On paper | In code | What it is |
// | --- | --- | --- |
// | $G_t$ | `discountedReturns(rewards, gamma)` | what really came |
// | $G_t^{(n)}$ | `nStepReturns(rewards, values, { n, discount })` | $n$ rewards, then the critic's word |
// | $G_t^{\lambda}$ | `lambdaReturns(rewards, values, { lambda, discount })` | a fading average of all of those |
// | $\hat A_t$ | `generalizedAdvantages(rewards, values, { discount, lambda })` | $G_t^\lambda - V(s_t)$, known as GAE |
// | $V(x)$, per-token $V$, $Q(x, y)$ | `promptValues`, `tokenValues`, `sequenceActionValues` | one scalar model, read before, during and after the answer |
// | $J = \mathbb{E}[R] - \beta\,\mathrm{KL}(\pi \,\|\, \mathrm{ref})$ | `history[k].objective` | what all algorithms here climb; its optimum is $\beta \log Z$ |

// %%
import {
  type Algorithm,
  adam,
  algorithms,
  backboneLab,
  banditActorCritic,
  bar,
  chainEpisode,
  chainValues,
  check,
  compatibleFeatures as compatibleFeaturesOf,
  conditionalLogProbs,
  cosineSchedule,
  discountedReturns,
  exactExpectation,
  exactPolicyGradient,
  generalizedAdvantages,
  heatmap,
  key,
  lambdaMoments,
  lastTokenRows,
  line,
  linearCriticGradient,
  linspace,
  type MetricsRecord,
  mean,
  monteCarloUpdate,
  nStepMoments,
  offPolicyCritic,
  type ProbeCritic,
  phraseTask,
  phraseTrial,
  prefixesOf,
  probeError,
  probes,
  progress,
  randomWalk,
  show,
  smallMultiples,
  split,
  standardError,
  table,
  tabularRows,
  temporalDifferenceUpdate,
  trainPolicy,
  trainTabularA2c,
  trainTabularPpo,
  trainTabularReinforce,
  trainTabularSac,
  transformer,
  tryProbe,
} from "rlhf-lab";

// %% [markdown]
// ## Run it
//
// The oldest playground of critics: a random walk over five places, from the middle one, left or right by the toss of a coin, until it falls off an
// end. The right end pays 1, the left one 0. So $V(s)$ is the chance of falling off on the right: 1/6, 2/6, ... 5/6. Both critics see the same hundred walks.

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
    y: { title: "chance of falling off on the right", range: [0, 1] },
    categories: ["first", "second", "middle", "fourth", "last"],
    series: [
      { name: "the truth", values: truth, color: "#999999" },
      { name: "Monte Carlo", values: byReturns },
      { name: "TD(0)", values: byForecasts },
    ],
  }),
);

// %% [markdown]
// Both are on the way to it, and neither saw the truth. Look at the target of each in (2). Monte Carlo uses a number that happened: right on average, and
// as noisy as the walk. TD(0) uses the forecast of the next place: hardly any noise, and wrong as long as the critic is wrong.
//
// (The text that this course grew from calls $\delta = R - V(x)$ a "TD error" and $\mathbb{E}[\delta^2]$ TD learning. There is no forecast in that target:
// it is Monte Carlo. TD has the critic's own $V$ on both sides.)
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
// A single target of Monte Carlo is right on average and useless alone. But a critic averages over many targets, and averaging removes variance and not
// bias. So where is the best $n$? It depends on how much one averages, that is on the step size $\alpha$. Let critics learn for ten walks, from 0 everywhere, and measure.

// %%
const rates = [0.05, 0.1, 0.2, 0.3, 0.4, 0.6, 0.8, 1];
const horizons = [1, 2, 4, 8, 32, 512];
const learners = 25; // try 100, as the book does
const tenWalks = split(key(2), learners).map((k) => split(k, 10).map((one) => chainEpisode(one, longWalk)));

const learned: { n: number; error: number[] }[] = [];
for (const n of progress(horizons, { label: "six horizons" })) {
  const error = rates.map((rate) =>
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
    x: { title: "step size alpha", range: [0, 1.02] },
    y: { title: "error of V", range: [0.2, 0.58] },
    series: learned.map(({ n, error }) => ({
      name: n === 512 ? "n = 512 (to the end)" : `n = ${n}`,
      x: rates,
      y: error,
      markers: true,
    })),
  }),
);

// %% [markdown]
// Four steps or so, with a large step size, beat both ends. Nobody tells you the best $n$ beforehand. So one takes all of them.
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
// <details><summary>Hint</summary>Walk from the last step to the first with two variables: the return of the next step, and the critic's word of the next step. Before the walk both are 0.</details>

// %% [exercise] 09/td-lambda
/** The lambda-returns of all steps, equation (4): rewards and values [T] each, values[t] before token t. */
function lambdaReturns(rewards: number[], values: number[], gamma: number, lambda: number): number[] {
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
await check("09/td-lambda", { lambdaReturns });

// %% [markdown]
// Subtract $V(s_t)$, and (4) becomes a fading sum of TD errors, the generalised advantage estimate (Schulman and others 2015):
//
// $$\hat A_t = G_t^\lambda - V(s_t) = \delta_t + \gamma\lambda\,\delta_{t+1} + (\gamma\lambda)^2\,\delta_{t+2} + \dots \tag{5}$$
//
// Its bias and variance are those of (4), and they solve two linear systems. Four critics on the long walk: one that knows nothing, one that is half right,
// one that is nearly right, one that is right. A batch averages, so we count the variance of the mean of 32 targets.

// %%
const lambdas = linspace(0, 1, 61).map((x) => 1 - (1 - x) ** 3); // close together near 1
const averaged = 32; // targets per update; try 1 and 1000
const ofCritic = (share: number) =>
  lambdas.map((lambda) => {
    const { mean: expected, variance } = lambdaMoments(
      longWalk,
      longTruth.map((v) => share * v),
      { lambda },
    );
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
// $\lambda$ near 1 while the critic is young, less once it is good; a right critic makes every $\lambda$ unbiased, and then small $\lambda$ is best. For language
// models, with one reward at the end and a critic that never gets very good, people use 0.95 to 1.
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
// The sound critic passes everywhere. Every bug fails somewhere, each by a pattern of its own, and none of them fails the same probes as another. The last one fails even "always 1": $V = 1 + V$ has no solution, so it
// rises for ever. (That is also what "rewards keep improving, says the critic" may mean.)
//
// **Break it.** Give the suspects a bug of your own. Can you find one that passes all six probes?
//
// ## 4. The actor believes the critic
//
// Advantage actor-critic (A2C) descends two losses, over the $T$ tokens of a batch:
//
// $$L_{\text{actor}} = -\frac1T \sum_t \bigl[\,G_t - V_t\,\bigr]_{\text{data}} \log \pi_t, \qquad L_{\text{critic}} = \frac1{2T} \sum_t (G_t - V_t)^2, \qquad L = L_{\text{actor}} + c\,L_{\text{critic}}. \tag{6}$$
//
// (The text writes "$L_{\text{actor}} = \mathbb{E}[\delta\,\nabla_\theta \log \pi]$". That is no loss but a gradient, of the objective: descending along it would unlearn what is good.)
//
// The bracket is *data*: no gradient goes through it. In a framework that differentiates everything one has to say so (`stopGradient`, `detach`).
//
// ### Exercise 3. The actor's loss, and what it must not touch
//
// *Difficulty 3 of 5, 12 minutes. Trains: signs, and the stopped gradient.*
//
// Write both gradients by hand: of $L$ with respect to each $\log \pi_t$, and with respect to each $V_t$.
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
const entropy = -fourWords.reduce((sum, p) => sum + p * Math.log(p), 0);
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
    return { c, stopped: settle(false), flows: settle(true), theory: 0.4 + entropy / c };
  }),
  {
    columns: { c: "c", stopped: "V, stopped", flows: "V, it flows", theory: "0.4 + entropy / c" },
    caption: "The true value is 0.4",
    digits: 3,
  },
);

// %% [markdown]
// An offset would do no harm to a baseline. But entropy differs from state to state, so the error does too: near a firm decision the critic is right, in doubt it is too hopeful.
//
// ## 5. One body or two?
//
// For a language model the critic is a head on a transformer. On the policy's own transformer (shared: half the work, and the critic inherits what the policy
// knows) or on a copy (separate)? How good a critic is, is measured by the share of the returns' variance that it explains:
//
// $$\mathrm{EV} = 1 - \frac{\mathrm{Var}[G - V]}{\mathrm{Var}[G]}. \tag{7}$$
//
// ### Exercise 4. Explained variance
//
// *Difficulty 1 of 5, 6 minutes. Trains: reading the one number that trainers print of a critic.*

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
// Our small world: somebody asks about the whale or the sea, and the answer has at most three tokens, each one of six words or the end: 259 answers to each prompt. First: how much *can* a critic explain? It may be read before the
// answer, as $V(x)$ (`promptValues`), before each token (`tokenValues`), or after the last, as $Q(x, y)$ (`sequenceActionValues`). The best it can say is an expectation each time. For people's own way of answering, exactly:

// %%
const task = phraseTask({ length: 3 });
const readings = [0, 1, 2, 3]; // tokens that the critic has read
const questions = task.prompts.map((_, x) => {
  const [logProbs, reward] = [task.reference[x], task.utility[x]];
  const { V } = exactPolicyGradient(
    task.tree,
    tabularRows(task.tree),
    conditionalLogProbs(task.tree, logProbs),
    reward,
  );
  const forecasts = task.tree.sequences.map((_, y) => {
    const passed = prefixesOf(task.tree, y);
    return readings.map((t) => (t < passed.length ? V[passed[t]] : reward[y])); // an answer that has ended is known
  });
  return { logProbs, reward, forecasts };
});
/** Over both prompts and all answers. */
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
// $V(x)$ explains nothing *here*: people answer both prompts equally well, so it is one number, and $A = R - V(x)$ is lesson 07's "less the mean". (Where some prompts are harder than others it earns its keep.) $Q(x, y)$, read at the end,
// explains everything and is of no use as a baseline: it has seen the answer, it *is* the reward, and $R - Q$ is 0. The critics that tell tokens apart live in between.
//
// Now a critic that has to learn. A transformer of two layers first imitates people's answers, then A2C goes to work, three times with one body, three times with two. After every tenth step we enumerate all answers, so the explained variance is exact, and so is its ceiling: what the
// *true* values explain. (It is below 1, since a return depends on words that are still to come.)

// %%
const lab = backboneLab(task, { model: { width: 32, layers: 2, heads: 2 }, rate: 1e-3, beta: 0.2 });
const people = await backboneLab(task, { model: { width: 32, layers: 2, heads: 2 } }).imitate(key(4), {
  steps: 200,
  label: "learning people's answers",
});
const bodies = { shared: true, separate: false } as const;
const bodySeeds = 3;
const bodySteps = 120;

const runs: Record<string, Awaited<ReturnType<typeof lab.run>>[]> = {};
for (const [name, shared] of Object.entries(bodies)) {
  runs[name] = [];
  for (let seed = 0; seed < bodySeeds; seed++) {
    runs[name].push(
      await lab.run(key(50 + seed), people, {
        shared,
        steps: bodySteps,
        every: 10,
        label: `${name}, seed ${seed + 1}`,
      }),
    );
  }
}

// %%
/** Mean over runs with a band of one standard error. */
const overRuns = (name: string, x: ArrayLike<number>, rows: ArrayLike<number>[]) => {
  const at = Array.from(x, (_, n) => rows.map((row) => row[n]));
  const y = at.map(mean);
  const error = at.map((values) => standardError(values));
  return { name, x, y, band: { low: y.map((v, n) => v - error[n]), high: y.map((v, n) => v + error[n]) } };
};
type BodyFigure = "explained" | "ceiling" | "reward" | "kl";
const bodyCurve = (label: string, name: string, what: BodyFigure) =>
  overRuns(
    label,
    runs[name][0].map(({ step }) => step),
    runs[name].map((run) => run.map((record) => record[what])),
  );

show(
  smallMultiples({
    title: "Shared and separate critics, explained variance and reward",
    subtitle: `A2C on the phrase task, means over ${bodySeeds} seeds, all figures exact; bands: one standard error`,
    figures: [
      line({
        title: "How much the critic explains",
        x: { title: "step" },
        y: { title: "explained variance", range: [-0.85, 1] },
        series: [
          bodyCurve("shared body", "shared", "explained"),
          bodyCurve("separate bodies", "separate", "explained"),
          bodyCurve("ceiling (separate)", "separate", "ceiling"),
        ],
        reference: [{ y: 0, label: "says nothing" }],
      }),
      line({
        title: "What the policy earns",
        x: { title: "step" },
        y: { title: "true utility", unit: "points" },
        series: [bodyCurve("shared body", "shared", "reward"), bodyCurve("separate bodies", "separate", "reward")],
      }),
    ],
  }),
);

// %% [markdown]
// Both begin below zero: a fresh head is worse than silence. The separate critic ends higher, since it can bend its body to the purpose; the shared one has to leave the body fit
// for writing. Does it? Let us turn the actor off. No reward, no advantage, only the critic learns. The policy should stay where it is.

// %%
const alone: Record<string, Awaited<ReturnType<typeof lab.run>>> = {};
for (const [name, shared] of Object.entries(bodies)) {
  alone[name] = await lab.run(key(60), people, {
    shared,
    steps: bodySteps,
    every: 10,
    actorWeight: 0,
    label: `critic alone, ${name}`,
  });
}

show(
  smallMultiples({
    title: "Break it: a critic that learns alone takes the policy with it",
    subtitle: "the actor's loss is switched off, one seed",
    figures: [
      line({
        title: "How far the policy has moved",
        x: { title: "step" },
        y: { title: "KL to where it was", unit: "nats" },
        series: Object.entries(alone).map(([name, run]) => ({
          name: name === "shared" ? "shared body" : "separate bodies",
          x: run.map(({ step }) => step),
          y: run.map(({ kl }) => kl),
        })),
      }),
      line({
        title: "What it earns",
        x: { title: "step" },
        y: { title: "true utility", unit: "points" },
        series: Object.entries(alone).map(([name, run]) => ({
          name: name === "shared" ? "shared body" : "separate bodies",
          x: run.map(({ step }) => step),
          y: run.map(({ reward }) => reward),
        })),
      }),
    ],
  }),
);

// %% [markdown]
// The policy on the shared body drifts by two or three nats and forgets how people answer, though nobody asked it to. On separate bodies its bits do not change. The cures: separate bodies, a smaller $c$, a critic that is
// warmed up on a frozen body first, or a KL penalty that holds the policy. (Here Adam makes the drift independent of $c$ as long as the actor is off; with the actor on, $c$ decides who is heard.)
//
// ## 6. Three algorithms against the exact optimum
//
// The text compares A2C, PPO and SAC by their "convergence guarantees". Let us measure. The world is the phrase task again, but the policy is a table with a row for every prefix, so that the best
// policy there is, $\pi^* \propto \mathrm{ref} \cdot e^{R/\beta}$, can be written, and its objective $\beta \log Z$ is known. A2C and PPO you know. Soft actor-critic learns $Q$ for each prefix and word from a replay buffer, with the *soft* value of what follows:
//
// $$V(s) = \sum_a \pi(a \mid s)\,\bigl(Q(s, a) - \alpha\,\log \tfrac{\pi(a \mid s)}{\mathrm{ref}(a \mid s)}\bigr), \qquad Q(s, a) \leftarrow r + V(s'). \tag{8}$$
//
// (Christodoulou 2019 has entropy where we have the KL to a reference: the same with a uniform $\mathrm{ref}$, up to a constant.) The price $\alpha$ can be set, to $\beta$, or learned: choose an entropy $\bar H$ and let
//
// $$\log \alpha \leftarrow \log \alpha - \eta\,\bigl(\text{mean entropy} - \bar H\bigr). \tag{9}$$
//
// ### Exercise 5. Soft value and temperature
//
// *Difficulty 3 of 5, 12 minutes. Trains: what is paid for, and which way the price moves.*
//
// Two functions: the value of one state, and one step of the temperature for a batch of states. Entropies and $\bar H$ are in nats, `rate` is $\eta$.
//
// <details><summary>Hint 1</summary>V is a mean over actions, and the chance of an action is exp(logp).</details>
// <details><summary>Hint 2</summary>A policy more random than asked for: should randomness be paid more, or less? Check your sign by that.</details>

// %% [exercise] 09/soft-value
/** V(s) of equation (8); lists over actions, log-probabilities in nats. */
function softValue(q: number[], logp: number[], logRef: number[], alpha: number): number {
  // #solution
  return q.reduce((sum, value, a) => sum + Math.exp(logp[a]) * (value - alpha * (logp[a] - logRef[a])), 0);
  // #end
}

/** One step of equation (9): entropies of the visited states, in nats. */
function nextLogAlpha(logAlpha: number, entropies: number[], targetEntropy: number, rate: number): number {
  // #solution
  const average = entropies.reduce((a, b) => a + b, 0) / entropies.length;
  return logAlpha - rate * (average - targetEntropy);
  // #end
}

// %% [check] 09/soft-value
await check("09/soft-value", { softValue, nextLogAlpha });

// %% [markdown]
// Now the race: ten seeds each, 32 answers per step, and REINFORCE with a leave-one-out baseline (lesson 07), which has no critic, as the yardstick. The start is people's own policy, 1.43 nats below the optimum.

// %%
const world = {
  tree: task.tree,
  rows: tabularRows(task.tree),
  logits: conditionalLogProbs(task.tree, task.reference[0]),
  reference: task.reference[0],
  reward: task.utility[0],
  beta: 0.5,
  steps: 300,
  batch: 32,
  every: 10,
};
const seeds = 10; // try 20
const race: Record<string, { replies: number[]; gap: number[] }[]> = {};
const racers: Record<string, (k: ReturnType<typeof key>) => { replies: number[]; gap: number[] }> = {
  A2C: (k) => gaps(trainTabularA2c(k, world).history),
  PPO: (k) => gaps(trainTabularPpo(k, world).history),
  SAC: (k) => gaps(trainTabularSac(k, world).history),
  "REINFORCE (no critic)": (k) => {
    const { history } = trainTabularReinforce(k, { ...world, learningRate: 4 });
    return gaps(
      history.map(({ step, reward, referenceKl }) => ({
        replies: 32 * step,
        gap: optimum - (reward - 0.5 * referenceKl),
      })),
    );
  },
};
const { optimum } = trainTabularA2c(key(0), { ...world, steps: 1 });
function gaps(history: { replies: number; gap: number }[]) {
  return { replies: history.map(({ replies }) => replies), gap: history.map(({ gap }) => gap) };
}
for (const name of progress(Object.keys(racers), { label: "four algorithms" })) {
  race[name] = split(key(7), seeds).map((k) => racers[name](k));
}

show(
  line({
    title: "All of them come within a hundredth of a nat of the exact optimum",
    subtitle: `objective below beta log Z, means over ${seeds} seeds; bands: 95 % intervals of the mean`,
    x: { title: "answers written" },
    y: { title: "gap to the optimum", unit: "nats", type: "log" },
    series: Object.entries(race).map(([name, list]) => {
      const at = list[0].gap.map((_, n) => list.map(({ gap }) => gap[n]));
      const y = at.map(mean);
      const width = at.map((values) => 2.26 * standardError(values)); // Student's t with 9 degrees of freedom
      return {
        name,
        x: list[0].replies,
        y,
        band: { low: y.map((v, n) => Math.max(v - width[n], 1e-3)), high: y.map((v, n) => v + width[n]) },
      };
    }),
  }),
);

// %%
table(
  Object.entries(race).map(([name, list]) => {
    const last = list.map(({ gap }) => gap[gap.length - 1]);
    const soon = list.map(({ gap, replies }) => replies[gap.findIndex((g) => g < 0.1)] ?? Number.NaN);
    return {
      name,
      gap: mean(last),
      interval: `${(mean(last) - 2.26 * standardError(last)).toFixed(4)} to ${(mean(last) + 2.26 * standardError(last)).toFixed(4)}`,
      worst: Math.max(...last),
      answers: mean(soon),
    };
  }),
  {
    columns: {
      name: "algorithm",
      gap: "gap at the end (nats)",
      interval: "95 % interval",
      worst: "worst seed",
      answers: "answers until the gap is below 0.1",
    },
    digits: 4,
  },
);

// %% [markdown]
// All four close more than 99 % of the gap on average, and in this small world their order says more about the step sizes that we chose than about the algorithms. What is left at the end are prefixes that are
// hardly ever visited. Nor does the critic buy anything visible: with 32 answers to compare and one reward at the end, REINFORCE without one keeps up (lesson 10 takes that further). And what do the theorems say?
//
// - **PPO** "provides theoretical guarantees through trust region constraints", says the text. Clipping bounds neither the ratio nor the KL, and no theorem says that a step of PPO improves the policy (Engstrom and others
//   2020; lesson 08 shows steps that leave the region).
// - **SAC** "guaranteed convergence": the theorem (Haarnoja and others 2018) is about soft policy iteration on tables, with exact evaluation at each step, not about networks, sampling or a learned temperature. Here it *is* a table.
// - **A2C** "under compatibility conditions and two time scales": yes, and sections 7 and 8 show what becomes of it without.
// - "All achieve **polynomial rates**": not without conditions. With exact gradients on a softmax table the gap falls like $1/t$ (Mei and others 2020), but the constant in front can be more than exponential in the horizon (Li and others
//   2021). Lesson 07 shows why: what is seldom done is seldom learned.
//
// The temperature, learned: the reference is now uniform, so entropy is entropy, and we ask for three levels of it (per word; $\ln 7 = 1.95$ is all there is).

// %%
const asked = [0.8, 1.2, 1.6];
const steered = asked.map((target) =>
  trainTabularSac(key(8), {
    ...world,
    logits: new Float64Array(world.logits.length),
    reference: undefined,
    beta: 1,
    steps: 500,
    targetEntropy: target - Math.log(7), // minus the KL to uniform is entropy - ln 7
  }),
);

show(
  smallMultiples({
    title: "A price that finds itself",
    subtitle: "SAC with a learned temperature; one seed each",
    figures: [
      line({
        title: "The temperature",
        x: { title: "step" },
        y: { title: "alpha", unit: "points per nat", type: "log" },
        series: steered.map(({ history }, i) => ({
          name: `${asked[i]} nats per word asked for`,
          x: history.map(({ step }) => step),
          y: history.map(({ beta }) => beta),
        })),
      }),
      line({
        title: "What it buys",
        x: { title: "entropy of the whole answer", unit: "nats" },
        y: { title: "true utility", unit: "points" },
        series: steered.map(({ history }, i) => ({
          name: `${asked[i]} nats per word asked for`,
          x: history.map((record) => record.entropy),
          y: history.map(({ reward }) => reward),
        })),
      }),
    ],
  }),
);

// %% [markdown]
// Less entropy, more utility: the temperature is the exchange rate, and one may fix the rate or the amount. Fixing the amount is what an adaptive KL coefficient does too (lesson 08). Read the small print, though: the entropy that is
// steered is the mean over *remembered* states, most of which the policy of today hardly visits. Ask for 0.4 and see the price fall without end.
//
// ### The same three on a transformer
//
// A table forgives a lot: what is learned about one prefix harms no other. So now a transformer, small and untrained, which is its own reference, and both prompts. It is the trainer of lesson 05, and only `algorithm` changes from run to run:
// `algorithms.a2c()`, `algorithms.ppo()`, `algorithms.sac()`. SAC needs here what the papers have and the table did without: *two* $Q$, of which the smaller one is believed (a policy goes where its critic errs upwards); targets from a copy of the critic
// that follows it slowly; and a warm-up, in which the critic learns from the first 512 answers while the policy stands still. We run it once more without that. The gap is still exact: after every tenth iteration we ask the model for all answers to both prompts.

// %%
const reader = transformer({ vocabulary: 7, context: 4, width: 16, layers: 1, heads: 2, deviation: 0.3 });
const untrained = reader.init(key(11));
const trial = phraseTrial(task, reader, { reference: untrained, beta: 0.5 });
const laps = 100;
const lapSeeds = 4; // try 10
const trained: Record<string, MetricsRecord[][]> = {};

/** Trains so many policies and keeps their records; `readings` is how many gradient steps the algorithm makes in an iteration. */
const onTransformer = async (name: string, algorithm: Algorithm, readings: number) => {
  const optimizer = adam({ rate: cosineSchedule(1e-2, readings * laps), maxNorm: 1 });
  trained[name] = [];
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
      stop: task.tree.end,
      beta: 0.5,
      evaluate: { every: 10, run: ({ params }) => ({ gap: trial.gap(params.policy) }) },
      label: `${name}, seed ${seed + 1}`,
    });
    trained[name].push(history);
  }
};
await onTransformer("A2C", algorithms.a2c(), 1);
await onTransformer("PPO", algorithms.ppo({ epochs: 2, minibatches: 2 }), 4);
await onTransformer("SAC", algorithms.sac({ updates: 4, warmup: 512 }), 4);

// %%
await onTransformer("SAC without warm-up", algorithms.sac({ updates: 4, warmup: 0 }), 4);

// %%
/** Means over seeds with 95 % intervals, at every tenth iteration; Student's t with 3 degrees of freedom. */
const overSeeds = (name: string, of: (history: MetricsRecord[], lap: number) => number, low: number) => {
  const x = Array.from({ length: laps / 10 }, (_, n) => 10 * (n + 1));
  const at = x.map((lap) => trained[name].map((history) => of(history, lap)));
  const y = at.map(mean);
  const width = at.map((values) => 3.18 * standardError(values));
  const band = { low: y.map((v, n) => Math.max(v - width[n], low)), high: y.map((v, n) => v + width[n]) };
  return { name, x: x.map((lap) => 64 * lap), y, band };
};
const tenLaps = (history: MetricsRecord[], lap: number) =>
  mean(history.slice(lap - 10, lap).map(({ explainedVariance }) => explainedVariance));

show(
  smallMultiples({
    title: "On a transformer: all arrive, if the critic goes first",
    subtitle: `one trainer, three algorithms, means over ${lapSeeds} seeds; bands: 95 % intervals of the mean`,
    figures: [
      line({
        title: "How far from the optimum (exactly)",
        x: { title: "answers written" },
        y: { title: "gap to the optimum", unit: "nats", type: "log", range: [0.01, 1] },
        series: Object.keys(trained).map((name) => overSeeds(name, (history, lap) => history[lap - 1].gap, 0.01)),
      }),
      line({
        title: "What the critic explains",
        x: { title: "answers written" },
        y: { title: "explained variance", range: [-0.2, 1] },
        series: Object.keys(trained).map((name) => overSeeds(name, tenLaps, -0.2)),
      }),
    ],
  }),
);

// %% [markdown]
// A2C, PPO and SAC come down from 1.1 nats to less than a tenth. SAC is behind at first, for its policy has no other source than a critic that knows nothing yet, while the other two hear the reward itself in every advantage; then it catches
// up. Its critic explains most in the end (PPO's is held against $\lambda$-returns, which flatters it a little): it judges every next word instead of the state alone, on a body of its own, and learns from old answers too. It pays
// with time, two to three times PPO's, since each step reads the answers with policy, critic, target and reference.
//
// And without the warm-up? The band says it: most runs end where the others do, but now and then one is left behind by a tenth of a nat or more. It is the same algorithm with the same steps; only, its actor set out before its critic knew the way. Why
// that can do lasting harm is the question of the next section.
//
// ## 7. Who is faster?
//
// Actor and critic learn at once, each from a moving other. The theorem (Borkar 1997; Konda and Tsitsiklis 2000) wants *two time scales*: step sizes $a_t$ for the actor and $c_t$ for the critic with
// $\sum a_t = \sum c_t = \infty$, $\sum (a_t^2 + c_t^2) < \infty$, and $a_t / c_t \to 0$: seen from the actor, the critic has always settled.
//
// The smallest case: two actions, the first pays 1, the second 0, and the critic believes at first that the first pays -1. It learns of an action when it is taken. We follow the expected updates, no noise. Two runs use *the same two sequences* of
// step sizes, $\propto t^{-0.95}$ and $\propto t^{-0.55}$, both of which satisfy the sums; only who has which is exchanged.

// %%
const bandit = { reward: [1, 0], believed: [-1, 0], steps: 100_000, every: 1 };
const slow = 0.95;
const fast = 0.55;
const pace = (actor: number, critic: number) => ({
  actor: { scale: 2, power: actor },
  critic: { scale: 0.3, power: critic },
});
const paces = {
  "critic faster": banditActorCritic({ ...bandit, ...pace(slow, fast) }),
  "actor faster": banditActorCritic({ ...bandit, ...pace(fast, slow) }),
  "actor faster, with a KL penalty": banditActorCritic({ ...bandit, ...pace(fast, slow), beta: 0.5 }),
};
const moments = Array.from({ length: 61 }, (_, i) => Math.round(10 ** (i / 12)));
const pacePanel = (
  title: string,
  of: (record: (typeof paces)["critic faster"][number]) => number,
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
    title: "The same two step sizes, exchanged: one converges, one is stuck for good",
    subtitle: "expected updates on two actions; the best one pays 1 and is believed to pay -1",
    figures: [
      pacePanel("The actor", ({ probability }) => probability[0], "chance of the best action", [0, 1.02]),
      pacePanel("The critic", ({ believed }) => believed[0], "belief about the best action", [-1.05, 1.05]),
    ],
  }),
);

// %% [markdown]
// With the slow critic the actor gives up the good action before the critic has changed its mind, and what is not tried is not learned about: the belief stops at about -0.4 and stays. It is a limit, not a delay: the chance falls so fast
// that the critic's remaining steps, all together, are finite. The third run has the wrong order too, and recovers: a penalty keeps the chance of every action away from 0. So it is not the order alone. An actor that runs ahead of its critic
// is close to value iteration, which converges as well (Bhatnagar and others 2022), *if* everything keeps being visited. The order is one condition, exploration another.
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
// Raising $w$ by one raises the target by $2\gamma$: with $\gamma > 1/2$ the critic chases its own tail (Tsitsiklis and Van Roy 1996; Baird 1995 has the famous larger case). Bootstrapping, function approximation and off-policy data, all three together: take
// one away and it is cured. Weigh the states as the policy visits them and $w$ goes to 0. This is why replay buffers and large critics are handled with target networks and care, and PPO throws its data away.
//
// ## 8. Features that fit
//
// The last condition. Suppose the critic cannot be right: it is linear in some features, and we give it the best weights there are. When may it stand in for the truth? Sutton and others (2000): if its features are *compatible*, that is the score of the policy itself,
//
// $$f(s, a) = \nabla_\theta \log \pi(a \mid s), \qquad \text{for a softmax: } f_b(a) = [a = b] - \pi(b). \tag{10}$$
//
// ($[a = b]$ is 1 if $a$ is $b$, and 0 if not.) Then the error that remains is orthogonal to the features, and the policy gradient is nothing but a product with these features: the error drops out.
//
// ### Exercise 6. Compatible features of a softmax
//
// *Difficulty 2 of 5, 10 minutes. Trains: the derivative of a log-softmax.*
//
// <details><summary>Hint</summary>log pi(a) = theta_a - log sum_b exp(theta_b). Derive by theta_b, with b equal to a and not.</details>

// %% [exercise] 09/compatible
/** Row a, column b: d log pi(a) / d theta_b, for pi = softmax(logits). */
function compatibleFeatures(logits: number[]): number[][] {
  // #solution
  const largest = Math.max(...logits);
  const weights = logits.map((z) => Math.exp(z - largest));
  const total = weights.reduce((a, b) => a + b, 0);
  return logits.map((_, a) => weights.map((w, b) => (a === b ? 1 : 0) - w / total));
  // #end
}

// %% [check] 09/compatible
await check("09/compatible", { compatibleFeatures });

// %% [markdown]
// On the phrase task, with a policy that remembers only the last word (8 rows of logits, so that the critic has something to be wrong about). Four critics, each with the best weights that least squares under the policy can find, all by enumeration:

// %%
const { tree } = task;
const forgetful = lastTokenRows(tree);
const V = tree.vocabulary;
const P = tree.prefixes.length;
const uniformLogits = new Float64Array(8 * V);
const pairs = Array.from({ length: P * V }, (_, pair) => ({ prefix: Math.floor(pair / V), word: pair % V }));
const oneHot = (size: number, ...places: number[]) => {
  const out = new Float64Array(size);
  for (const place of places) out[place] = 1;
  return out;
};
const featureSets: Record<string, (logits: Float64Array) => ArrayLike<number>[]> = {
  compatible: (logits) => compatibleFeaturesOf(tree, forgetful, logits),
  "the next word": () => pairs.map(({ word }) => oneHot(V, word)),
  "the words so far": () => pairs.map(({ prefix }) => oneHot(P, prefix)),
  "both, separately": () => pairs.map(({ prefix, word }) => oneHot(P + V, prefix, P + word)),
};
const fits = Object.values(featureSets).map((features) =>
  linearCriticGradient(tree, forgetful, uniformLogits, task.utility[0], features(uniformLogits)),
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
// The compatible critic explains nothing of $Q$: its features average to zero in each state, so it cannot even say how good a state is. And its gradient is exact. The words so far explain more, and give no gradient at all: such a critic has no opinion about
// the next word. The fourth is by far the best forecaster, and points some twenty degrees off. Does that matter? Climb along each gradient, refitting the critic at every step:

// %%
const climb = (features?: (logits: Float64Array) => ArrayLike<number>[]) => {
  const logits = Float64Array.from(uniformLogits);
  const earned: number[] = [];
  for (let step = 0; step <= 150; step++) {
    const exact = exactPolicyGradient(tree, forgetful, logits, task.utility[0]);
    earned.push(exact.value);
    const { gradient } = features
      ? linearCriticGradient(tree, forgetful, logits, task.utility[0], features(logits))
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
    y: { title: "true utility", unit: "points" },
    series: Object.entries(climbs).map(([name, y]) => ({ name, x: y.map((_, n) => n), y })),
  }),
);

// %% [markdown]
// The compatible critic's curve lies on that of the truth. The best forecaster lags far behind, because one number per word cannot say "very good" but "not bad": what the gradient needs to know is which word is good *where*.
// That it also knows the words so far improved its forecasts, and its gradient not at all.
// A lesson for reading dashboards: explained variance measures forecasts of *states*; the actor lives on *differences between actions*.
//
// (A transformer's critic is not compatible, nor is anybody's. In practice the return itself is used, and the critic only as a baseline, which may be wrong without doing harm on average: lesson 07. That is $\lambda = 1$. With $\lambda < 1$ the critic's errors enter again.)
//
// ## What this lesson does not show
//
// - **Large critics.** Everything here was enumerated. How explained variance behaves for a billion parameters and one reward at the end is an empirical matter; many have concluded that the critic is not worth its memory, and compare answers with each other
//   instead (lesson 10).
// - **Tuning.** One set of step sizes for each algorithm. On another world the curves of section 6 will be in another order.
// - **Continuous actions**, for which SAC was made.
// - **Seeds.** Sections 3, 5 (second figure) and 6 (temperature) show one each. Change the keys.
//
// ## Where the text needed correcting
//
// It calls Monte Carlo TD (section "Run it"). It gives a gradient for the actor's loss, with the wrong sign for a loss (section 4). PPO's clipping is no guarantee, and SAC's is for tables (section 6). "A2C faster but less stable", "SAC good for exploration": these are experiences with certain
// worlds and step sizes, not properties; on ours the three are alike. And "sample efficiency through the baseline" is true only for a critic that explains something (section 5).
//
// ## Where to read on
//
// - Sutton and Barto, *Reinforcement learning: an introduction*, second edition 2018, chapters 6, 7, 12 and 13. Sections 1 and 2.
// - Schulman and others 2015, *High-dimensional continuous control using generalized advantage estimation*, arXiv:1506.02438. Equation (5).
// - Mnih and others 2016, *Asynchronous methods for deep reinforcement learning*, arXiv:1602.01783. A2C, section 4.
// - Haarnoja and others 2018, *Soft actor-critic*, arXiv:1801.01290; Haarnoja and others 2018, *Soft actor-critic algorithms and applications*, arXiv:1812.05905 (the temperature that is learned); Christodoulou 2019,
//   *Soft actor-critic for discrete action settings*, arXiv:1910.07207. Section 6.
// - Mei and others 2020, *On the global convergence rates of softmax policy gradient methods*, arXiv:2005.06392; Li and others 2021, *Softmax policy gradient methods can take exponential time to converge*, arXiv:2102.11270. Rates.
// - Engstrom and others 2020, *Implementation matters in deep policy gradients*, arXiv:2005.12729. What is left of PPO's guarantee.
// - Borkar 1997, *Stochastic approximation with two time scales*; Konda and Tsitsiklis 2000, *Actor-critic algorithms*; Bhatnagar and others 2022, *Actor-critic or critic-actor?*, arXiv:2210.04470. Section 7.
// - Baird 1995, *Residual algorithms*; Tsitsiklis and Van Roy 1996, *Feature-based methods for large scale dynamic programming*. The critic that runs away.
// - Sutton, McAllester, Singh and Mansour 2000, *Policy gradient methods for reinforcement learning with function approximation*. Section 8.
// - Jones 2021, *Debugging reinforcement learning systems*. The probes of section 3.
