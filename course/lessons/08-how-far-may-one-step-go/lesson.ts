// %% [markdown]
// # 08 How far may one step go?
//
// A reply takes a language model many steps to write and a reward model one more to judge. Learning from it takes a moment. So we would
// like to learn from every reply several times. But after the first update the replies are those of a policy that is no more, and what they say
// about the new one gets worse with every step. PPO is the most used answer to the question of how far one may go on old replies. This lesson
// shows what it does, and what it is often said to do and does not.
//
// **After this lesson you can**
//
// - write PPO's clipped objective, per token or per text, so that it survives texts of any length;
// - compute advantages with GAE, measure a step by k1, k2 and k3, and stop a batch early;
// - say what the *gradient* of each KL estimate does, which is not what its value suggests;
// - keep two KLs apart: the one that limits a step, and the one that anchors training;
// - show a step that clipping does not see, and say what clipping is good for all the same;
// - write the whole loop (draw, ratios, clip, step, stop), and try out which details of a program matter.
//
// **Time** 135 minutes, 84 of them exercises (sections 7 and 11 can wait). **You need** lesson 07: the policy gradient, baselines.

// %% [markdown]
// ## The method on one page
//
// The old policy $\pi_{\text{old}}$ writes replies $y$. Each token $y_t$ has a ratio between now and then, and an advantage $A_t$: how much better
// it was than expected.
//
// $$r_t(\theta) = \frac{\pi_\theta(y_t \mid x, y_{<t})}{\pi_{\text{old}}(y_t \mid x, y_{<t})}, \qquad r(\theta) = \prod_t r_t(\theta). \tag{1}$$
//
// $$L(\theta) = \mathbb{E}_{y \sim \pi_{\text{old}}}\Bigl[\min\bigl(r_t A_t,\; \operatorname{clip}(r_t,\, 1 - \epsilon,\, 1 + \epsilon)\, A_t\bigr)\Bigr]. \tag{2}$$
//
// | On paper | In code | What it is |
// | --- | --- | --- |
// | $\log \pi_\theta$, $\log \pi_{\text{old}}$, $\log \pi_{\text{ref}}$ | `logpNew`, `logpOld`, `logpRef` | log-probabilities of the tokens that were written, in nats |
// | $A_t$ | `advantages` | one number per token, data: no gradient flows through it |
// | $\epsilon$ | `clip` | 0.2, mostly |
// | $L$ | `ppoLoss` is $-L$, on tensors; `ppoLossAndGradient` on plain numbers | what one batch maximises |
// | one batch, several epochs | `ppoEpochs(key, policy, batch, options)` | the inner loop |
// | $\mathrm{KL}(\pi_{\text{old}} \Vert \pi_\theta)$ | `exactKlOldNew`, `approxKlEstimates` | the step KL: how far from the policy that wrote the batch |
// | $\mathrm{KL}(\pi_\theta \Vert \pi_{\text{ref}})$ | `startKl`, `klEstimates` | the reference KL: how far from where training began |

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
  palette,
  progress,
  quantile,
  scatter,
  show,
  smallMultiples,
  split,
  table,
} from "rlhf-lab";
import { exactExpectation, exactKL, exactRegularisedOptimum } from "rlhf-lab/numerics";
import {
  exactClippedObjective,
  exactKlOldNew,
  expectedKlGradients,
  generalizedAdvantages,
  klEstimates,
  minibatches,
  type PpoPoint,
  ppoEpochs,
  ppoIterations,
  ratioDiagnostics,
  sampledKlGradients,
  sequencePpo,
  tokenPpo,
  trustRegionStep,
} from "rlhf-lab/policy";
import { ppoLoss } from "rlhf-lab/policy/tensor";
import { ppoNetwork } from "rlhf-lab/studies";
import { tf, valueAndGradients } from "rlhf-lab/tensor";
import {
  conditionalLogProbs,
  drawSequences,
  exactPolicyGradient,
  fitTreePolicy,
  lastTokenContexts,
  nextTokenLogProbs,
  sequenceIndex,
  sequenceLogProbsOf,
  type TreePolicy,
  tabularContexts,
  tokenIndicesOf,
  tokenLogitGradient,
  treeTokenLogProbs,
} from "rlhf-lab/trees";
import { phraseTask, phraseText, phraseUtility } from "rlhf-lab/worlds";
import { check } from "rlhf-lab-course";

// %% [markdown]
// ## Run it
//
// The world is the phrase task: somebody asks about the whale, and a reply of at most five words comes back, out of 9331. We know what each is worth, so every
// expectation and every KL below is exact. The policy is a table of 56 numbers: it sees the last word only, as the people do whose replies it starts from.
//
// Ten batches of only 16 replies. With each batch we do one pass; or eight passes, as if nothing had changed meanwhile; or eight passes with the clip.
// Eight passes go further than one at the same step length, so a comparison at one step length would only compare distances. Each way gets all of them.

// %%
const task = phraseTask();
const { tree } = task;
const utility = task.utility[0]; // of each reply, to the prompt "whale"
const reference = conditionalLogProbs(tree, task.reference[0]);
const start = fitTreePolicy(tree, lastTokenContexts(tree), reference);
const worth = (policy: TreePolicy) => exactExpectation(sequenceLogProbsOf(policy), utility);

const stepLengths = [1, 3, 10, 30, 100];
const ways = {
  "one pass": { epochs: 1 },
  "eight passes, no clip": { epochs: 8, clip: Number.POSITIVE_INFINITY },
  "eight passes, clip 0.2": { epochs: 8, clip: 0.2 },
};
const seeds = 6; // claims.ts looks at sixty to two hundred

const swept = Array.from(progress(Object.entries(ways), { label: "three ways" }), ([name, way]) => ({
  name,
  ends: stepLengths.map((rate) => {
    const options = { reward: utility, iterations: 10, batch: 16, minibatchSize: 8, rate, ...way };
    return split(key(1), seeds).map((k) => ppoIterations(k, start, options)[10].value);
  }),
}));
const byRate = (title: string, series: { name: string; y: number[]; band?: { low: number[]; high: number[] } }[]) =>
  line({
    title,
    x: { title: "length of a step (rate)", type: "log" },
    y: { title: "expected utility", range: [-0.3, 3.8] },
    series: series.map((each) => ({ ...each, x: stepLengths, markers: true })),
    reference: [{ y: Math.max(...utility), label: "the best reply" }],
  });

show(
  smallMultiples({
    title: "Eight passes: a gamble without the clip, forgiving with it",
    subtitle: `after ten batches of 16 replies, ${seeds} runs for each point`,
    share: "y",
    figures: [
      byRate(
        "Mean, bands 95 %",
        swept.map(({ name, ends }) => {
          const means = ends.map((values) => meanInterval(values));
          const band = { low: means.map(({ low }) => low), high: means.map(({ high }) => high) };
          return { name, y: means.map((each) => each.mean), band };
        }),
      ),
      byRate(
        "The worst run",
        swept.map(({ name, ends }) => ({ name, y: ends.map((values) => Math.min(...values)) })),
      ),
    ],
  }),
);

table(
  swept.map(({ name, ends }) => {
    const best = ends.reduce((top, values, i) => (mean(values) > mean(ends[top]) ? i : top), 0);
    return { name, rate: stepLengths[best], value: mean(ends[best]), worst: Math.min(...ends[best]) };
  }),
  {
    columns: { name: "way", rate: "its best rate", value: "mean utility there", worst: "worst run there" },
    digits: { rate: 0, value: 2, worst: 2 },
  },
);

// %% [markdown]
// At a small rate eight passes look like a gift: they learn twice as much from the same replies. But so does one pass with a longer step.
// #claim 08/gift-at-a-small-rate
// With each way at its own best rate, unclipped reuse hardly wins here: eight unclipped passes at 3 end a tenth of a point or so above one pass at 10, which two hundred runs just tell from nothing.
// #claim 08/reuse-hardly-wins
// The clipped passes, at 10, end about a fifth of a point above it.
// #claim 08/clip-gains-a-little
// It took two hundred runs to see that: a run settles on one of a few replies, and which one is luck, worth half a point up or down. The table above, of six runs, may well say otherwise; over sixteen other
// runs we once read that the clip *costs* a quarter of a point.
//
// (Here a step is cheap to lengthen. Where its length is limited by other things, by Adam or by a network, passes buy distance, and it is the writing of replies that costs.)
//
// What the clip shows more plainly: at 10, three times their best rate, a quarter of the unclipped runs fall in love with what happened to be in an early batch, and have too few words left to find out; of
// the clipped ones hardly any does.
// #claim 08/clip-forgives
// At 30 the clip is worth nearly half a point.
// #claim 08/clip-at-30
// So without a clip reuse is dangerous; with it, it is harmless at rates at which it was not, though not at all rates: at 100 everybody has gone too far.
// #claim 08/at-100-too-far
// The clip makes reuse *forgiving*. That much is true, and is why PPO is used. Now let us see how it works, and where it stops working.
//
// ## 1. A ratio, cut on one side

// %%
const ratios = linspace(0, 2, 201);
const clip = 0.2;
const oneToken = (A: number, title: string) =>
  line({
    title,
    x: { title: "ratio, new / old" },
    y: { title: "objective of one token", range: [-2.1, 2.1] },
    series: [
      { name: "ratio times advantage", x: ratios, y: ratios.map((r) => r * A), color: "#999999" },
      {
        name: "clipped",
        x: ratios,
        y: ratios.map((r) => Math.min(r * A, Math.min(Math.max(r, 1 - clip), 1 + clip) * A)),
      },
    ],
    reference: [{ x: 1, label: "old policy" }],
  });
show(
  smallMultiples({
    title: "The clip cuts gains, never losses",
    subtitle: "flat: no gradient",
    share: "y",
    figures: [oneToken(1, "A good token, A = 1"), oneToken(-1, "A bad token, A = -1")],
  }),
);

// %% [markdown]
// A good token may become likelier, up to 1.2 times; beyond that it earns nothing more. If it has become *less* likely by mistake, the slope is there
// to bring it back. A bad token is the mirror image: it may fall to 0.8, and if it has risen, to whatever height, the loss is counted in full. So
// the min in (2) is a pessimist: never more than the plain $r_t A_t$.
//
// At the old policy all ratios are 1 and nothing is cut: the first step of every batch is the plain policy gradient of lesson 07. Not nearly; exactly:

// %%
const atOld = exactClippedObjective(start, start, utility, { clip }); // over all 9331 replies
const plain = exactPolicyGradient(start, utility);
const apart = atOld.gradient.map((g, i) => Math.abs(g - plain.gradient[i]));
console.log(
  `largest entry of the gradient ${Math.max(...plain.gradient).toFixed(3)}, largest difference ${Math.max(...apart).toExponential(0)}`,
);

// %% [markdown]
// #claim 08/first-step-is-plain
// Keep that in mind for section 9: the clip has no say in the first step, and the first step can be as long as you like.
//
// ### Exercise 1. The clipped objective
//
// *Difficulty 2 of 5, 12 minutes. Trains: equation (2), both signs, and logarithms.*
//
// The mean of (2) over some tokens. The check will also hand you the log-probability of a *text*, say $-900$ nats, as if it were a token, and one that has
// become $e^{900}$ times as likely, with an advantage of 0. The next section says why that is not far-fetched.
//
// <details><summary>Hint 1</summary>Subtract logarithms, then exponentiate. Never exponentiate first.</details>
// <details><summary>Hint 2</summary>Where the ratio is cut, it can be cut as a logarithm: at <code>Math.log1p(clip)</code> above for A of at least 0, at
// <code>Math.log1p(-clip)</code> below for A below 0. Then nothing is left that could overflow for nothing.</details>

// %% [exercise] 08/clipped-objective
/** The mean over tokens of min(r A, clip(r, 1 - clip, 1 + clip) A), r = exp(logpNew - logpOld). */
function clippedObjective(logpNew: number[], logpOld: number[], advantages: number[], clip: number): number {
  // #solution
  const each = advantages.map((A, t) => {
    const d = logpNew[t] - logpOld[t];
    const cut = A >= 0 ? Math.min(d, Math.log1p(clip)) : Math.max(d, Math.log1p(-clip));
    return A * Math.exp(cut);
  });
  return each.reduce((a, b) => a + b, 0) / each.length;
  // #end
}

// %% [check] 08/clipped-objective
await check("08/clipped-objective", { clippedObjective });

// %% [markdown]
// ## 2. Logarithms, or nothing
//
// A text of a hundred tokens has a probability of about $10^{-70}$. Single precision ends at $10^{-45}$. Two ways to the same ratio of two texts, as they get longer:

// %%
const perToken = { old: Math.fround(0.2), now: Math.fround(0.202) }; // the same for each token
const lengths = Array.from({ length: 120 }, (_, n) => n + 1);
let [pNew, pOld] = [1, 1];
const naive = lengths.map(() => {
  pNew = Math.fround(pNew * perToken.now);
  pOld = Math.fround(pOld * perToken.old);
  return pNew / pOld; // NaN leaves a gap
});
show(
  line({
    title: "The product of probabilities gives out before the text does",
    subtitle: "each token is 1 % likelier than before",
    x: { title: "tokens" },
    y: { title: "ratio of the text", range: [0.5, 4] },
    series: [
      {
        name: "exp of the sum of differences",
        x: lengths,
        y: lengths.map((n) => Math.exp(n * Math.log(perToken.now / perToken.old))),
      },
      { name: "product over product, in single precision", x: lengths, y: naive },
    ],
    reference: [{ y: 1.2, label: "1 + clip" }],
  }),
);

// %% [markdown]
// (Note also where the curve crosses 1.2: a text of some eighteen tokens, each of which has moved by one percent, is at the clip.)
// #claim 08/eighteen-tokens
//
// **Break it.** In log space a ratio can still overflow, and where the clip makes it irrelevant that should not matter. Automatic differentiation sees it
// otherwise. Which of the three slopes below will be wrong?
//
// <details><summary>What happens</summary>The first. The slope of a minimum is 0 for the side that was not taken, and 0 times infinity is not a number. The second ratio is cut from below and only becomes 0, the third is in range:
// both are right either way. <code>ppoLoss</code> cuts the logarithm first, and is right in all three.</details>
// #claim 08/literal-slope-is-nan

// %%
const written = tf.tensor2d([[-1, -101, -1]]); // logpNew
const before = tf.tensor2d([[-101, -1, -1.1]]); // log ratios 100, -100, 0.1
const gains = tf.tensor2d([[1, -1, 1]]);
const ones = tf.onesLike(gains);
const literally = (logpNew: tf.Tensor) => {
  const ratio = tf.exp(tf.sub(logpNew, before));
  return tf.neg(tf.mean(tf.minimum(tf.mul(ratio, gains), tf.mul(tf.clipByValue(ratio, 0.8, 1.2), gains))));
};
const slopes = (loss: (logpNew: tf.Tensor) => tf.Tensor) =>
  tf.tidy(() =>
    Array.from(valueAndGradients({ logpNew: written }, (p) => loss(p.logpNew)).gradients.logpNew.dataSync()),
  );
const cells = (values: number[]) => Object.fromEntries(values.map((v, t) => [`t${t}`, v.toFixed(3)]));

table(
  [
    { loss: "the formula, literally", ...cells(slopes(literally)) },
    { loss: "ppoLoss, which cuts the logarithm first", ...cells(slopes((p) => ppoLoss(p, before, gains, ones))) },
  ],
  {
    columns: {
      loss: "slope in logpNew of",
      t0: "ratio e^100, A = 1",
      t1: "ratio e^-100, A = -1",
      t2: "ratio e^0.1, A = 1",
    },
    caption: "one NaN in a gradient, and every parameter is NaN after the next step",
  },
);

// %% [markdown]
// ## 3. The ratios drift
//
// One batch, eight epochs in minibatches of 16: 32 updates. Where are the ratios?

// %%
const size = 16;
const rate = 3;
const probabilities = sequenceLogProbsOf(start).map(Math.exp);
const meanLength = tree.sequences.reduce((sum, y, i) => sum + probabilities[i] * y.length, 0);
const batch = drawSequences(key(3), start, 64);
const earned = Array.from(batch.sequences, (y) => utility[y]);
const advantage = earned.map((u) => u - mean(earned)); // the same for every token of a reply
const perReply = batch.tokenIndices.map((list, b) => Array.from(list, () => advantage[b]));
const drift = {
  "clipped per token": ppoEpochs(key(4), start, batch, {
    loss: tokenPpo(perReply),
    epochs: 8,
    minibatchSize: size,
    rate,
  }),
  // A mean over replies, not over tokens: a step of the same length needs a smaller rate.
  "clipped per reply": ppoEpochs(key(4), start, batch, {
    loss: sequencePpo(advantage),
    epochs: 8,
    minibatchSize: size,
    rate: rate / meanLength,
  }),
};
const measured = Object.entries(drift).map(([name, { updates }]) => ({
  name,
  steps: [start, ...updates.map(({ policy }) => policy)].map((policy) => ratioDiagnostics(policy, batch)),
}));
const spread = (name: string, lists: Float64Array[]) => ({
  name,
  x: lists.map((_, i) => i),
  y: lists.map((list) => Math.exp(quantile(list, 0.5))),
  band: {
    low: lists.map((list) => Math.exp(quantile(list, 0.05))),
    high: lists.map((list) => Math.exp(quantile(list, 0.95))),
  },
});

show(
  smallMultiples({
    title: "Ratios leave the range in the first epoch, and those of whole replies leave it further",
    subtitle: "median and the middle 90 % over 32 updates with one batch of 64 replies; dashed: 0.8 and 1.2",
    share: "both",
    figures: measured.map(({ name, steps }) =>
      line({
        title: `Loss ${name}`,
        x: { title: "updates" },
        y: { title: "ratio, new / old", range: [0, 3] },
        series: [
          spread(
            "replies",
            steps.map((s) => s.sequenceLogRatios),
          ),
          spread(
            "tokens",
            steps.map((s) => s.tokenLogRatios),
          ),
        ],
        reference: [{ y: 1.2 }, { y: 0.8 }],
      }),
    ),
  }),
);

// %%
show(
  smallMultiples({
    title: "How many are out of range",
    subtitle: "the same two runs",
    share: "both",
    figures: measured.map(({ name, steps }) =>
      line({
        title: `Loss ${name}`,
        x: { title: "updates" },
        y: { title: "share out of range", range: [0, 1] },
        series: [
          { name: "replies", x: steps.map((_, i) => i), y: steps.map((s) => s.sequencesOutside) },
          { name: "tokens", x: steps.map((_, i) => i), y: steps.map((s) => s.tokensOutside) },
        ],
      }),
    ),
  }),
);

// %% [markdown]
// The clip is not a fence. Clipped per token, about half of the tokens and nearly three quarters of the replies are out of range after the first of the eight epochs.
// #claim 08/out-in-the-first-epoch
// A token that is cut loses its own slope, and goes on moving: its logits are shared with other tokens, other replies, other minibatches, which
// still push (Wang and others 2019 take this apart). Of the tokens that were cut after the first epoch some end further out, about as many further in;
// #claim 08/cut-tokens-move-on
// and a quarter of those that are out in the end are out on the *wrong* side for their own advantage, carried there by others.
// #claim 08/carried-by-others
// More of the replies than of the tokens are out of range, on average, early and late, whichever of the two the loss clips: a product of ratios leaves sooner than its factors.
// #claim 08/replies-leave-further
// That is the case for a ratio per
// token; the case against is that only the ratio of the whole reply makes (2) an honest estimate of what the new policy would earn. GSPO (lesson 10) takes the
// geometric mean of the ratios, in between. (Two more choices hide in "mean over tokens": whether a long reply counts more than a short one, and what is divided by. Lesson 10 has them with numbers.)
//
// ## 4. What a token has earned
//
// So far every token of a reply shared the reply's luck. A critic $V(x, y_{<t})$, which guesses what will come of a beginning, can tell tokens apart. Its surprise at
// each token, $\delta_t$, is an advantage already; generalised advantage estimation (Schulman and others 2015) adds the surprises that follow, fading by $\gamma\lambda$:
//
// $$\delta_t = R_t + \gamma V_{t+1} - V_t, \tag{3}$$
//
// $$A_t = \delta_t + \gamma\lambda\, A_{t+1}. \tag{4}$$
//
// After the last token there is nothing: $V = 0$, $A = 0$. Rewards of replies come at the end, and $\gamma = 1$, mostly. Here is one reply, with two critics: one that knows the true
// expectation at each prefix, and one that always says 0.

// %%
const reply = [4, 2, 3, 1, 5]; // very bad not good whale; try others
const tokens = reply.map((word) => task.words[word]);
const places = tokenIndicesOf(tree, sequenceIndex(tree, reply));
const knows = [...Array.from(places, (at) => plain.V[Math.floor(at / tree.vocabulary)]), 0];
const says0 = knows.map(() => 0);
const rewards = reply.map((_, t) => (t === reply.length - 1 ? utility[sequenceIndex(tree, reply)] : 0));
const lambdas = [0, 0.5, 0.95, 1];
const credit = (title: string, values: number[]) =>
  heatmap({
    title,
    x: { title: "token", labels: tokens.map((word, t) => `${t + 1} ${word}`) },
    y: { title: "lambda", labels: lambdas.map(String) },
    color: { title: "advantage", center: 0, range: [-3, 3] },
    values: lambdas.map((lambda) => Array.from(generalizedAdvantages(rewards, values, { discount: 1, lambda }))),
    annotate: true,
    digits: 2,
  });

show(
  smallMultiples({
    title: `Who gets the credit for "${phraseText(reply)}", worth ${rewards[reply.length - 1]}?`,
    columns: 1,
    figures: [credit("A critic that knows", knows), credit("A critic that always says 0", says0)],
  }),
);

// %% [markdown]
// With a critic that knows, $\lambda = 0$ is best: each word gets what it changed, and nothing else. "bad" after "very" is the disaster, and "not", after which no good word can follow without harm, costs half as much.
// #claim 08/words-get-what-they-changed
// With $\lambda = 1$
// each word also carries the luck of all later words. With a critic that knows nothing it is the other way round: $\lambda = 0$ gives everything to the last word,
// which only happened to be there when the reward arrived, and $\lambda = 1$ is right on average. So $\lambda$ says how far you trust your critic.
// 0.95 is common; at the start of training the critic knows nothing, and 1 is not a bad choice. (Lesson 09 is about critics.)
//
// ### Exercise 2. Advantages, from back to front
//
// *Difficulty 3 of 5, 12 minutes. Trains: equation (4), and padding.*
//
// One row of a padded batch. `mask` is 0 on the prompt, 1 on the tokens of the reply, 0 on padding. The critic has a value for every place, also for padding, where it means nothing.
// Return 0 where the mask is 0.
//
// <details><summary>Hint</summary>One loop from the last place to the first. Keep two numbers: the value and the advantage of the place after this one. Both start at 0.</details>

// %% [exercise] 08/gae
/** Equation (4) for one padded row: rewards, values and mask [T] -> [T]. */
function advantages(rewards: number[], values: number[], mask: number[], discount: number, lambda: number): number[] {
  // #solution
  const out = mask.map(() => 0);
  let nextValue = 0;
  let nextAdvantage = 0;
  for (let t = mask.length - 1; t >= 0; t--) {
    if (mask[t] === 0) continue;
    const delta = rewards[t] + discount * nextValue - values[t];
    out[t] = delta + discount * lambda * nextAdvantage;
    nextValue = values[t];
    nextAdvantage = out[t];
  }
  return out;
  // #end
}

// %% [check] 08/gae
await check("08/gae", { advantages });

// %% [markdown]
// ## 5. How far did it go?
//
// The distance between two policies is counted in KL, and a trainer cannot enumerate replies. It has samples. Let $d = \log \pi - \log \pi_{\text{ref}}$ of a sample that $\pi$ wrote. Schulman
// (2020) names three estimates of $\mathrm{KL}(\pi \Vert \pi_{\text{ref}})$:
//
// $$k_1 = d, \qquad k_2 = \tfrac12 d^2, \tag{5}$$
//
// $$k_3 = e^{-d} - 1 + d. \tag{6}$$
//
// $k_1$ is the definition, without the mean; $k_3$ adds $\pi_{\text{ref}} / \pi - 1$, whose mean is 0, and is never negative. For a coin that falls (0.7, 0.3) against a fair one
// the KL is 0.0823, and $k_1$ and $k_3$ both average to that, $k_2$ to 0.0788.
// #claim 08/coin
// We let a policy wander from the start and ask: how far off is the mean of each estimate, and how noisy is one sample? Exactly, over all replies.

// %%
const wander = ppoIterations(key(1), start, { reward: utility, iterations: 14, epochs: 2, rate: 1 }).slice(1);
const kinds = ["k1", "k2", "k3"] as const;
const quality = wander.map(({ logProbs, startKl }) => {
  const estimates = klEstimates(logProbs, task.reference[0]); // of whole replies
  const of = (k: (typeof kinds)[number]) => {
    const average = exactExpectation(logProbs, estimates[k]);
    const spread = exactExpectation(
      logProbs,
      estimates[k].map((x) => (x - average) ** 2),
    );
    return { mean: average / startKl, deviation: Math.sqrt(spread) / startKl };
  };
  return { kl: startKl, k1: of("k1"), k2: of("k2"), k3: of("k3") };
});
const byDistance = (title: string, unit: string, of: "mean" | "deviation", range: [number, number]) =>
  line({
    title,
    x: { title: "exact KL(new || ref) of replies", unit: "nats", type: "log" },
    y: { title: unit, range, type: of === "deviation" ? "log" : "linear" },
    series: kinds.map((k) => ({
      name: k,
      x: quality.map((q) => q.kl),
      y: quality.map((q) => q[k][of]),
      markers: true,
    })),
    reference: [{ y: 1 }],
  });

show(
  smallMultiples({
    title: "k1 and k3 are right on average; near the reference k3 is less noisy, and far from it k1",
    figures: [
      byDistance("The mean", "mean / exact KL", "mean", [0.9, 1.8]),
      byDistance("The noise of one sample", "standard deviation / exact KL", "deviation", [0.5, 10]),
    ],
  }),
);

// %% [markdown]
// The means of $k_1$ and $k_3$ are right to the last digit at any distance, as they must be; that of $k_2$ is right close by, and at two nats six tenths too large on average.
// #claim 08/k1-k3-unbiased, 08/k2-grows-too-large
// "k3: unbiased and less noisy" is true close by, which is where a step KL is measured: at a twentieth of a nat its noise is a quarter of $k_1$'s.
// #claim 08/k3-quieter-near
// Further out $e^{-d}$ takes over: a reply that the reference likes and the new policy
// hardly writes any more is rare, and enormous when it comes. At two nats $k_3$ is some thirteen times as noisy as $k_1$; they cross at about 0.6 nats per reply.
// #claim 08/k1-quieter-far
// Token by token, the sum of a reply's $k_3$ does better for longer, up to about 1.3 nats: the ratio of one token is less extreme than that of a whole reply.
// #claim 08/per-token-lasts-longer
//
// ### Exercise 3. The third estimator
//
// *Difficulty 2 of 5, 8 minutes. Trains: equation (6), and whose samples they are.*
//
// `logpNew` and `logpRef` are log-probabilities of tokens that the *new* policy wrote. One estimate per token.

// %% [exercise] 08/k3
/** k3 of KL(new || ref) for each token, in nats: equation (6). */
function k3(logpNew: number[], logpRef: number[]): number[] {
  // #solution
  return logpNew.map((logp, t) => {
    const d = logp - logpRef[t];
    return Math.expm1(-d) + d;
  });
  // #end
}

// %% [check] 08/k3
await check("08/k3", { k3 });

// %% [markdown]
// ## 6. Stop early
//
// The step KL is $\mathrm{KL}(\pi_{\text{old}} \Vert \pi_\theta)$, and the samples are the old policy's, so in (6) the roles are: old for new, new for ref. If before an update
//
// $$\text{mean of } k_3 \text{ over the tokens} \; > \; 1.5 \cdot \text{target}, \tag{7}$$
//
// the batch has been used enough, and that update is not made. (Some programs ask only after each epoch; the library asks before each update.)

// %%
const target = 0.01; // nats per token
const perTokenKl = (policy: TreePolicy) => exactKlOldNew(start, policy) / meanLength;

const slow = { epochs: 16, minibatchSize: size, rate: 1 };
const one = ppoEpochs(key(4), start, batch, { loss: tokenPpo(perReply), ...slow }).updates.map(({ policy }) => ({
  exact: perTokenKl(policy),
  ...ratioDiagnostics(policy, batch),
}));
const outcome = (stop?: { target: number }) =>
  split(key(6), 16).map((k) => {
    const [draw, order] = split(k);
    const fresh = drawSequences(draw, start, 64);
    const won = Array.from(fresh.sequences, (y) => utility[y]);
    const loss = tokenPpo(fresh.tokenIndices.map((list, b) => Array.from(list, () => won[b] - mean(won))));
    const { policy } = ppoEpochs(order, start, fresh, { loss, ...slow, stop });
    return { kl: perTokenKl(policy), gain: worth(policy) - worth(start) };
  });
const [free, stopped] = [outcome(), outcome({ target })];

show(
  smallMultiples({
    title: "The step KL, and what stopping does to it",
    subtitle: "clip 0.2 throughout",
    figures: [
      line({
        title: "One batch, estimates and the truth",
        x: { title: "updates" },
        y: { title: "step KL", unit: "nats per token" },
        series: (["exact", "k1", "k3"] as const).map((name) => ({
          name,
          x: one.map((_, i) => i + 1),
          y: one.map((step) => step[name]),
        })),
        reference: [{ y: 1.5 * target, label: "stop" }],
      }),
      scatter({
        title: "Sixteen batches",
        x: { title: "step KL, exact", unit: "nats per token" },
        y: { title: "gain in expected utility" },
        series: [
          { name: "sixteen epochs", x: free.map(({ kl }) => kl), y: free.map(({ gain }) => gain) },
          { name: "with early stop", x: stopped.map(({ kl }) => kl), y: stopped.map(({ gain }) => gain) },
        ],
        reference: [{ x: 1.5 * target, label: "stop" }],
      }),
    ],
  }),
);

// %% [markdown]
// After sixteen epochs $k_1$ is off by two fifths of the KL on average, and in some batches by much more; $k_3$ follows the truth, and falls short by a few per cent (it is measured on the very tokens that the updates were about).
// #claim 08/k1-is-off, 08/k3-falls-short
// With the early stop the steps are of about one size, in nine batches of ten 0.014 to 0.018 nats per token; without it they are of 0.026 to 0.046, though the clip is on.
// #claim 08/stop-makes-steps-alike
// But look at the right of the line: the stop looks *after* the update, and the one that went too far has been made, every time.
// #claim 08/stop-comes-late
// And it costs: the longer steps gained about an eighth of a point more, since one batch of 64 has a good deal to teach at the start.
// #claim 08/stop-costs
//
// **And replay?** Several passes over a batch are sometimes called "experience replay". That is another thing: a replay buffer keeps what *older* policies wrote. Equation (2) has little use for it. Here is the batch
// from above, written by the policy at the start, in the eyes of policies that have meanwhile learned from batches of their own:

// %%
const ages = [1, 2, 4, 8, 14]; // batches of learning since this one was written
table(
  ages.map((age) => {
    const { tokensOutside, sequencesOutside } = ratioDiagnostics(wander[age - 1].policy, batch);
    return {
      age,
      kl: perTokenKl(wander[age - 1].policy),
      tokens: 100 * tokensOutside,
      replies: 100 * sequencesOutside,
    };
  }),
  {
    columns: {
      age: "batches since",
      kl: "KL since (nats per token)",
      tokens: "tokens out of range (%)",
      replies: "replies out of range (%)",
    },
    digits: 2,
  },
);

// %% [markdown]
// After one batch of learning nearly three fifths of the replies are out of range; after eight nine tenths of all tokens lie outside of the range in which (2) listens, or on the side where it listens too much.
// #claim 08/old-batches-say-little
// So a batch is used for some passes and thrown away.
//
// ### Exercise 4. Enough of this batch
//
// *Difficulty 2 of 5, 10 minutes. Trains: rule (7), the roles in $k_3$, the mask.*
//
// Given the tokens' log-probabilities `logpOld`, and `logpBefore[u]`, those that would be seen before update u + 1 (so `logpBefore[0]` is `logpOld`), return how many updates are
// made. The KL is measured before each update, over the tokens whose mask is 1. Where it is never too large, all of them are made, one for each row.

// %% [exercise] 08/early-stop
/** How many updates are made: none from the first on before which k3, the mean over the tokens whose mask is 1, is above 1.5 times the target. */
function updatesMade(logpOld: number[], logpBefore: number[][], mask: number[], target: number): number {
  // #solution
  const count = mask.reduce((a, b) => a + b, 0);
  for (let u = 0; u < logpBefore.length; u++) {
    let kl = 0;
    for (let t = 0; t < mask.length; t++) {
      const d = logpBefore[u][t] - logpOld[t];
      if (mask[t] === 1) kl += (Math.expm1(d) - d) / count;
    }
    if (kl > 1.5 * target) return u;
  }
  return logpBefore.length;
  // #end
}

// %% [check] 08/early-stop
await check("08/early-stop", { updatesMade });

// %% [markdown]
// ### Exercise 5. The whole loop
//
// *Difficulty 4 of 5, 20 minutes. Trains: draw, ratios, clip, step, stop, in that order, and again.*
//
// Given a policy to begin with, `reward[y]` of each reply $y$ and a plan, return the logits after `iterations` batches of PPO. For each key `k` of `split(key, iterations)`, and `const [draw, order] = split(k)`:
//
// 1. **draw** `batch` replies, `drawSequences(draw, policy, batch)`: lists of `sequences`, `tokenIndices` (where each token stands in the table) and `logpOld`;
// 2. **credit** every token of a reply with the reply's reward less the mean reward of the batch;
// 3. for each epoch `e` from 0, for each minibatch of `minibatches(foldIn(order, e), batch, minibatchSize)`, a list of numbers of replies:
//    **stop** the work on this batch if (7) holds over *all* its tokens; else **step**: logits $-$ `rate` times the slope of the loss, which is minus the mean of (2) over the tokens of the minibatch.
//
// The log-probabilities now are `treeTokenLogProbs(nextTokenLogProbs(policy), places)`, and from slopes in those to slopes in logits goes `tokenLogitGradient(policy, places, slopes)`. When it passes, the cell below lets your loop learn.
//
// <details><summary>Hint 1</summary>The slope of $-\min(r A, \operatorname{clip}(r) A)$ in logpNew is $-r A$, and 0 where the token is cut. Divide by the number of tokens in the minibatch.</details>
// <details><summary>Hint 2</summary>A new policy is <code>{ ...policy, logits: ... }</code>. A label before the loop over epochs lets <code>break</code> leave both loops.</details>

// %% [exercise] 08/loop
/** The logits after so many batches of PPO: clipped, token by token, with an early stop. */
function ppo(
  key: Key,
  start: TreePolicy,
  reward: Float64Array,
  plan: {
    iterations: number;
    batch: number;
    epochs: number;
    minibatchSize: number;
    rate: number;
    clip: number;
    target: number;
  },
): Float64Array {
  // #solution
  const { iterations, batch: n, epochs, minibatchSize, rate, clip, target } = plan;
  let policy = start;
  for (const k of split(key, iterations)) {
    const [draw, order] = split(k);
    const { sequences, tokenIndices, logpOld } = drawSequences(draw, policy, n);
    const earned = Array.from(sequences, (y) => reward[y]);
    const centre = mean(earned);
    passes: for (let e = 0; e < epochs; e++) {
      for (const which of minibatches(foldIn(order, e), n, minibatchSize)) {
        const logRatios = treeTokenLogProbs(nextTokenLogProbs(policy), tokenIndices).map((now, b) =>
          now.map((logp, t) => logp - logpOld[b][t]),
        );
        const k3s = logRatios.flatMap((list) => Array.from(list, (d) => Math.expm1(d) - d));
        if (mean(k3s) > 1.5 * target) break passes;
        const rows = Array.from(which);
        const tokens = rows.reduce((sum, b) => sum + tokenIndices[b].length, 0);
        const slopes = rows.map((b) => {
          const A = earned[b] - centre;
          const cut = (r: number) => (A >= 0 ? r > 1 + clip : r < 1 - clip);
          return logRatios[b].map((d) => (cut(Math.exp(d)) ? 0 : (-Math.exp(d) * A) / tokens));
        });
        const own = rows.map((b) => tokenIndices[b]);
        const slope = tokenLogitGradient(policy, own, slopes);
        policy = { ...policy, logits: policy.logits.map((z, i) => z - rate * slope[i]) };
      }
    }
  }
  return policy.logits;
  // #end
}

// %% [check] 08/loop
const loop = await check("08/loop", { ppo });

if (loop.passed) {
  const moments = [0, 1, 2, 4, 6, 8, 10];
  const learned = (name: string, plan: { epochs: number; target: number }) => {
    const runs = split(key(1), seeds).map((k) =>
      moments.map((iterations) => {
        const all = { iterations, batch: 16, minibatchSize: 8, rate: 3, clip, ...plan };
        return worth(iterations === 0 ? start : { ...start, logits: ppo(k, start, utility, all) });
      }),
    );
    return { ...overSeeds(name, moments, runs), markers: true };
  };
  show(
    line({
      title: "Your loop learns, a batch of sixteen replies at a time",
      subtitle: `clip 0.2, rate 3, means of ${seeds} keys with 95 % bands`,
      x: { title: "batches" },
      y: { title: "expected utility", range: [-0.3, 3.8] },
      series: [
        learned("eight epochs", { epochs: 8, target: 1e6 }),
        learned("eight, early stop at 0.01", { epochs: 8, target: 0.01 }),
        learned("one epoch", { epochs: 1, target: 1e6 }),
      ],
      reference: [{ y: Math.max(...utility), label: "the best reply" }],
    }),
  );
}

// %% [markdown]
// Over sixty keys, eight epochs end at about 2.5, and with the early stop, or with one epoch, at about 2.1: at this rate a stop at 0.01 takes back what the other seven epochs gained.
// #claim 08/stop-is-one-epoch
//
// **Break it.** Leave out the clip (`clip: 1e6`) and the stop (`target: 1e6`), at a rate of 10, with a few keys.
//
// <details><summary>What happens</summary>A quarter of the runs end a point or more below the others: the gamble of the first figure. With either of the two back, the stop or the clip, two in a hundred do, or none.</details>
// #claim 08/either-will-do

// %% [markdown]
// ## 7. An estimate's gradient is another thing
//
// RLHF subtracts $\beta\, \mathrm{KL}(\pi_\theta \Vert \pi_{\text{ref}})$ from the reward. It is tempting to take an estimate with a good *value*, call it a loss, and let automatic differentiation do the rest. But the samples come from
// $\pi_\theta$ too, and differentiation does not know that. What the gradient is on average, for whole replies:
//
// | estimate | as a loss | subtracted from the reward |
// | --- | --- | --- |
// | $k_1$ | 0, whatever the policies are | $\nabla \mathrm{KL}(\pi_\theta \Vert \pi_{\text{ref}})$: right |
// | $k_2$ | $\nabla \mathrm{KL}(\pi_\theta \Vert \pi_{\text{ref}})$: right | something else |
// | $k_3$ | $\nabla \mathrm{KL}(\pi_{\text{ref}} \Vert \pi_\theta)$: the other direction | $\nabla \mathrm{KL}(\pi_\theta \Vert \pi_{\text{ref}}) - \nabla \mathrm{KL}(\pi_{\text{ref}} \Vert \pi_\theta)$ |
//
// (As a loss, $k_2$ has slope $d$ in $\log\pi_\theta$, which is just what $k_1$ in the reward multiplies the score with; $k_3$ has $1 - \pi_{\text{ref}}/\pi_\theta$, and sampling from $\pi_\theta$ with the weight $\pi_{\text{ref}}/\pi_\theta$ is sampling from
// $\pi_{\text{ref}}$.) Do programs do what the table says? We let the policy write 10,000 replies, take the mean of each estimate over them for a loss, and differentiate it as a program would, the replies taken as given. Each
// point below is one of the 56 parameters: to the right its exact slope, upwards what the estimate says. On the right of the figure are two other uses of $k_3$, exactly, over all 9331 replies.

// %%
const away = wander[7].policy;
const slopesOf = (policy: TreePolicy) => expectedKlGradients(policy, reference);
const exactSlopes = slopesOf(away);
const drawn = sampledKlGradients(away, reference, drawSequences(key(7), away, 10_000));
const against = (title: string, series: [name: string, slopes: Float64Array, color: string][]) =>
  scatter({
    title,
    x: { title: "d KL(new || ref) / d logit", unit: "nats" },
    y: { title: "mean gradient", unit: "nats" },
    series: series.map(([name, y, color]) => ({ name, x: exactSlopes.reverse, y, color })),
    reference: [{ slope: 1, label: "right" }],
  });

show(
  smallMultiples({
    title: "The unbiased estimates have the wrong gradients, the biased one the right one",
    share: "both",
    figures: [
      against("As a loss, 10,000 replies", [
        ["k1", drawn.k1, palette[0]],
        ["k2", drawn.k2, palette[1]],
        ["k3", drawn.k3, palette[2]],
      ]),
      against("k3 used otherwise, exactly", [
        ["k3 per token, as a loss", exactSlopes.k3Loss, palette[3]],
        ["k3 in the reward", exactSlopes.k3Reward, palette[6]],
      ]),
    ],
  }),
);

// %% [markdown]
// They do: $k_1$'s mean gradient is nothing but noise, $k_2$'s is the right one, and $k_3$'s that of the other direction, as far as 10,000 replies can tell.
// #claim 08/programs-do-what-the-table-says
//
// **Predict, then run.** Take the policy at the end of its wandering, two nats from the reference, and let nothing act but the penalty, twenty steps of it: $k_1$, $k_2$, $k_3$ as a loss, $k_3$ in the reward. Which come home, which comes furthest, which does nothing,
// which goes away? Write down four guesses.

// %%
const penalties = {
  "k1 as a loss": "k1Loss",
  "k2 as a loss": "reverse",
  "k3 as a loss": "forward",
  "k3 in the reward": "k3Reward",
} as const;
const returning = Object.entries(penalties).map(([name, which]) => {
  let policy = wander[13].policy;
  const y: number[] = [];
  for (let step = 0; step <= 20; step++) {
    y.push(exactKL(sequenceLogProbsOf(policy), task.reference[0]));
    const slope = slopesOf(policy)[which];
    policy = { ...policy, logits: policy.logits.map((z, i) => z - 0.5 * slope[i]) };
  }
  return { name, x: y.map((_, i) => i), y };
});

show(
  line({
    title: "Four penalties, left alone: one does nothing, one leads away",
    subtitle: "mean gradients of whole replies; k1 in the reward does what k2 does as a loss",
    x: { title: "steps of the penalty alone" },
    y: { title: "KL(new || ref)", unit: "nats per reply", range: [0, 4] },
    series: returning,
  }),
);

// %% [markdown]
// <details><summary>Answer</summary>$k_2$ and $k_3$ as losses come home, $k_3$ comes furthest: after twenty steps a tenth of the KL is left, of $k_2$'s more than a quarter. $k_1$ as a loss does nothing. $k_3$ in the reward leads away, to a quarter more on average.</details>
// #claim 08/penalties-alone
//
// $k_3$ as a loss, the choice of GRPO, does come home: the other direction also has its minimum at the reference, and close to it the two agree to first order. Far away it pulls harder, at whatever the reference
// would write and the policy no longer does: at two nats nearly twice as hard on average.
// #claim 08/k3-pulls-harder
// $k_3$ in the *reward* pushes away as soon as the other direction's pull is the stronger one.
//
// One more trap: per token. A token also decides which prefixes come next, so the gradient of a text's KL is not the sum of its tokens' own. With $k_1$ in the reward the
// return of a token includes the KL of the tokens after it, and that is right. With $k_2$ or $k_3$ as a per-token loss that part is missing (Tang and Munos 2025).
// For $k_3$, on the right of the figure before last, what comes out is off the right gradient by about nine tenths of that gradient's length.
// #claim 08/per-token-loss-misses
//
// ## 8. Two KLs
//
// The step KL $\mathrm{KL}(\pi_{\text{old}} \Vert \pi_\theta)$ starts at 0 with every batch. The reference KL $\mathrm{KL}(\pi_\theta \Vert \pi_{\text{ref}})$ remembers. They differ in direction, and in what they are for: a brake and an anchor.
// Does a penalty on the step KL, the brake, prevent collapse? People asked about the whale, so somebody chose as reward how often a reply names it. What they want is still utility.

// %%
const beta = 0.5;
const named = Float64Array.from(tree.sequences, (reply) => reply.filter((word) => word === task.prompts[0]).length);
const holds = {
  "no penalty": {},
  "brake: step KL, 1": { stepBeta: 1 },
  "anchor: reference KL, 0.5": { reference: { logRef: task.reference[0], beta } },
};
const pulled: Record<string, PpoPoint[]> = {};
for (const [name, hold] of progress(Object.entries(holds), { label: "brake and anchor" })) {
  pulled[name] = ppoIterations(key(1), start, { reward: named, iterations: 40, minibatchSize: 32, rate, ...hold });
}
const anchored = exactRegularisedOptimum(task.reference[0], named, beta);
const track = (title: string, unit: string, of: (point: PpoPoint) => number, best?: number) =>
  line({
    title,
    x: { title: "batches" },
    y: { title: unit },
    series: Object.entries(pulled).map(([name, points]) => ({ name, x: points.map((_, i) => i), y: points.map(of) })),
    ...(best === undefined ? {} : { reference: [{ y: best }] }),
  });

show(
  smallMultiples({
    title: "A brake only makes the journey longer",
    subtitle: "the reward is how often the whale is named; dashed: the optimum with the anchor",
    columns: 2,
    figures: [
      track("Step KL", "nats per reply", ({ klOldNew }) => klOldNew),
      track("Reference KL", "nats per reply", ({ startKl }) => startKl, exactKL(anchored.logProbs, task.reference[0])),
      track("Reward", "whales per reply", ({ value }) => value, exactExpectation(anchored.logProbs, named)),
      track(
        "What people want",
        "expected utility",
        ({ logProbs }) => exactExpectation(logProbs, utility),
        exactExpectation(anchored.logProbs, utility),
      ),
    ],
  }),
);

// %%
table(
  Object.entries(pulled).map(([name, points]) => {
    const { logProbs, startKl, entropy } = points[points.length - 1];
    const most = logProbs.reduce((best, log, y) => (log > logProbs[best] ? y : best), 0);
    return { name, startKl, entropy, reply: phraseText(tree.sequences[most]), share: Math.exp(logProbs[most]) };
  }),
  {
    columns: {
      name: "penalty",
      startKl: "reference KL (nats)",
      entropy: "entropy (nats)",
      reply: "its most likely reply",
      share: "probability of that",
    },
    digits: 2,
    caption: "after 40 batches",
  },
);

// %% [markdown]
// Naming the whale is good, once, and so utility rises at first, to fall back to where it began.
// #claim 08/utility-rises-and-falls
// With or without the brake the policy ends up saying one thing, a dozen nats from the people it learned from, and with the brake its longest step is less than a fifth of a nat on average, without it more than a quarter: the brake has changed the date, by three or four batches on average.
// #claim 08/brake-changes-the-date
// Only the anchor keeps it near the optimum of
// $\mathbb{E}[R] - \beta\, \mathrm{KL}(\pi \Vert \pi_{\text{ref}})$ (a little short of it: this policy sees one word back).
// #claim 08/anchor-holds
// So: a limit on the step keeps *learning* sound, a penalty to the reference keeps the *goal* sound, and neither does the other's work.
// (The anchor does not make a bad reward good. It stops where distance costs more than reward gains; lesson 11 asks how to choose that place.)
//
// How large should $\beta$ be? Ziegler and others (2019) rather set the KL, and let a controller find the coefficient:
//
// $$e = \operatorname{clip}\Bigl(\frac{\text{measured} - \text{target}}{\text{target}},\, -0.2,\, 0.2\Bigr), \qquad \beta \leftarrow \beta\,(1 + 0.1\, e). \tag{8}$$
//
// ### Exercise 6. A thermostat for the KL
//
// *Difficulty 1 of 5, 6 minutes. Trains: equation (8), and its direction.*
//
// Given the coefficient, the reference KL that was measured and its target, return the coefficient for the next batch.

// %% [exercise] 08/adaptive-kl
/** The coefficient for the next batch, from the reference KL that was measured: equation (8). */
function nextBeta(beta: number, measured: number, target: number): number {
  // #solution
  const error = Math.min(Math.max((measured - target) / target, -0.2), 0.2);
  return beta * (1 + 0.1 * error);
  // #end
}

// %% [check] 08/adaptive-kl
await check("08/adaptive-kl", { nextBeta });

// %% [markdown]
// ## 9. Break it: what clipping does not promise
//
// "The clipped objective keeps the new policy close to the old one" and "each step improves the policy" are said of PPO as if they were theorems. Three counterexamples, from harmless to absurd.
//
// **The step is as long as you make it.** If every ratio really stayed between 0.8 and 1.2, the step KL could not exceed $-\tfrac12 \ln(1 - \epsilon^2)$, which is 0.0204 nats per token. We measure it after four epochs, for steps of different
// length. On the right, with endless data and a perfect critic: what PPO gains for its KL, and what a true trust region step does (TRPO: along the natural gradient, shortened until the *measured* KL is within the radius and the value has not fallen).

// %%
const large = drawSequences(key(8), start, 256);
const largeGains = Array.from(large.sequences, (y) => utility[y]);
const largeAdvantages = large.tokenIndices.map((list, b) => Array.from(list, () => largeGains[b] - mean(largeGains)));
const rates = [0.3, 1, 3, 10, 30];
const stepOf = (clip: number) =>
  rates.map((rate) => {
    const loss = tokenPpo(largeAdvantages, { clip });
    return perTokenKl(ppoEpochs(key(9), start, large, { loss, epochs: 4, minibatchSize: 64, rate }).policy);
  });
const frontier = (policies: TreePolicy[]) => ({
  x: policies.map((policy) => exactKlOldNew(start, policy)),
  y: policies.map((policy) => worth(policy) - worth(start)),
});
const exactPpo = rates.map((rate) => {
  let policy = start;
  for (let step = 0; step < 12; step++) {
    const { gradient } = exactClippedObjective(start, policy, utility, { clip });
    policy = { ...policy, logits: policy.logits.map((z, i) => z + rate * gradient[i]) };
  }
  return policy;
});
const regions = [0.03, 0.1, 0.3, 1, 2, 4].map((radius) => trustRegionStep(start, utility, { radius }).policy);

show(
  smallMultiples({
    title: "The clip slows a step down; it does not bound it",
    subtitle: "dashed: the most that the step KL could be if all ratios stayed within 0.2 of 1",
    figures: [
      line({
        title: "Four epochs on 256 replies",
        x: { title: "length of a gradient step (rate)", type: "log" },
        y: { title: "step KL, exact", unit: "nats per token", type: "log" },
        series: [
          { name: "no clip", x: rates, y: stepOf(Number.POSITIVE_INFINITY), markers: true },
          { name: "clip 0.2", x: rates, y: stepOf(0.2), markers: true },
          { name: "clip 0.1", x: rates, y: stepOf(0.1), markers: true },
        ],
        reference: [{ y: -Math.log(1 - clip ** 2) / 2 }],
      }),
      line({
        title: "Endless data, perfect critic",
        x: { title: "step KL, exact", unit: "nats per reply", type: "log" },
        y: { title: "gain in expected utility" },
        series: [
          { name: "PPO, clip 0.2, by rate", ...frontier(exactPpo), markers: true, color: palette[3] },
          { name: "trust region, by radius", ...frontier(regions), markers: true, color: palette[4] },
        ],
      }),
    ],
  }),
);

// %% [markdown]
// The clip cuts the KL of a given rate, for middling rates about twentyfold, which is worth having; for small ones it finds little to cut.
// #claim 08/clip-slows
// But what sets the size of the step is the rate (and the optimiser: with Adam a step does not even shrink when most tokens are cut). At a rate of 3 the KL is above the dashed line in nearly every batch, at 10 it is three to four times as high as the line on average, at 30 some twenty times:
// #claim 08/clip-does-not-bound
// the clip is passed in one leap, the first update, which nothing cuts and which alone goes about as far as all sixteen together. What the clip does afterwards is neither to hold the policy there nor to bring it back: the end may be half as far, or twice.
// #claim 08/first-leap-is-all
// The trust region gains a little more at no more KL, and stops where it is told.
// #claim 08/trust-region-gains-more
//
// **What was not sampled has no ratio.** Take a batch. Leave the probability of every sampled token exactly as it was, and give all the rest of each prefix's probability to the worst word that was not sampled there. (This policy
// needs a row for each prefix.)

// %%
const everyPrefix: TreePolicy = { tree, contexts: tabularContexts(tree), logits: reference };
const V = tree.vocabulary;
const { Q } = exactPolicyGradient(everyPrefix, utility);
function unseenStep(sampled: Set<number>): TreePolicy {
  const logits = reference.slice();
  for (let prefix = 0; prefix < tree.prefixes.length; prefix++) {
    const unseen = Array.from({ length: V }, (_, v) => prefix * V + v).filter((at) => !sampled.has(at));
    if (unseen.length < 2) continue;
    const mass = unseen.reduce((sum, at) => sum + Math.exp(reference[at]), 0);
    const worst = unseen.reduce((a, b) => (Q[b] < Q[a] ? b : a));
    for (const at of unseen) logits[at] = Math.log(mass * (at === worst ? 1 - 1e-3 * (unseen.length - 1) : 1e-3));
  }
  return { ...everyPrefix, logits };
}
const sizes = [16, 64, 256, 1024, 4096];
const blind = sizes.map((n) => {
  const seen = drawSequences(key(1), everyPrefix, n);
  const policy = unseenStep(new Set(seen.tokenIndices.flatMap((list) => Array.from(list))));
  const { k3, tokensOutside } = ratioDiagnostics(policy, seen);
  return { k3, tokensOutside, kl: exactKlOldNew(everyPrefix, policy), value: worth(policy) };
});

show(
  smallMultiples({
    title: "Every sampled ratio is 1, and the policy is somewhere else",
    subtitle: "what the batch shows, and what is true",
    figures: [
      line({
        title: "Step KL",
        x: { title: "replies in the batch", type: "log" },
        y: { title: "step KL", unit: "nats per reply", range: [-0.5, 9] },
        series: [
          { name: "exact", x: sizes, y: blind.map(({ kl }) => kl), markers: true },
          { name: "k3 of the batch", x: sizes, y: blind.map(({ k3 }) => k3), markers: true },
        ],
      }),
      line({
        title: "Value",
        x: { title: "replies in the batch", type: "log" },
        y: { title: "expected utility", range: [-2.9, 0.3] },
        series: [{ name: "after the step", x: sizes, y: blind.map(({ value }) => value), markers: true }],
        reference: [{ y: worth(everyPrefix), label: "old policy" }],
      }),
    ],
  }),
);

// %% [markdown]
// Nothing is clipped, the estimated KL is 0 to the last digit, the clipped objective has not changed, and with 16 replies the policy is more than seven nats away on average, and more than two points worse. With 4096 it is half a nat and a tenth of a point.
// #claim 08/unseen-is-not-measured
// No gradient step would go exactly there; but a network's update for the tokens it saw moves the ones it did not see,
// and nobody looks.
//
// **Even with endless data.** Now no sampling at all: expectations over all replies, exact advantages. An adversary lowers the true value, and may do anything as long as the clipped objective stays above $+0.1$, "an improvement".

// %%
const floor = 0.1;
let fooled = everyPrefix;
const history: { objective: number; value: number; kl: number }[] = [];
for (const step of progress(
  Array.from({ length: 60 }, (_, i) => i),
  { label: "adversary" },
)) {
  const { objective, gradient } = exactClippedObjective(everyPrefix, fooled, utility, { clip });
  const down = exactPolicyGradient(fooled, utility);
  if (step % 2 === 0) history.push({ objective, value: down.value, kl: exactKlOldNew(everyPrefix, fooled) });
  const hold = objective < floor ? 8 : 0;
  const now = fooled;
  fooled = { ...now, logits: now.logits.map((z, i) => z + 5 * (hold * gradient[i] - down.gradient[i])) };
}

show(
  line({
    title: "The clipped objective says better, the truth says two points worse",
    x: { title: "steps of the adversary" },
    y: { title: "utility" },
    series: [
      {
        name: "clipped objective, exact",
        x: history.map((_, i) => 2 * i),
        y: history.map(({ objective }) => objective),
      },
      { name: "expected utility", x: history.map((_, i) => 2 * i), y: history.map(({ value }) => value) },
    ],
    reference: [{ y: 0 }],
  }),
);
console.log(`step KL at the end: ${history[history.length - 1].kl.toFixed(1)} nats`);

// %% [markdown]
// #claim 08/objective-up-value-down
// (The first steps, up to the $+0.1$ and beyond it, are honest: both curves rise. Then they part.) How can that be? (2) weighs each prefix by how often the *old* policy came there. The adversary goes where the old policy hardly ever went, and is terrible there; (2) hardly counts it. Elsewhere, where it no longer goes, it is kind, and collects its
// $+0.1$. And a good token counts at most 1.2, a bad one at least 0.8, whatever has become of their prefixes. The theorem behind trust regions (Kakade and Langford 2002; Schulman and others 2015) bounds this error by the KL; without a bound on the KL
// there is no theorem.
//
// So why does PPO work? Because small steps along its gradient, few epochs, an early stop and a sane learning rate keep it near the old policy, where (2) is a good guide. Engstrom and others (2020) took PPO apart, and
// found most of its advantage over TRPO in details of the code (how rewards are scaled, how the rate falls, how weights begin), not in the clip.
//
// ## 10. And the critic?
//
// Many programs also clip the critic. A value may move by `clip` from what it was when the batch was drawn:
//
// $$\tfrac12 \max\bigl((V - R)^2,\; (V_{\text{old}} + \operatorname{clip}(V - V_{\text{old}}, -\epsilon, \epsilon) - R)^2\bigr). \tag{9}$$

// %%
const guesses = linspace(-2, 4, 241);
const valueCurve = (title: string, R: number) =>
  line({
    title,
    x: { title: "value V", unit: "reward" },
    y: { title: "loss of one token", range: [0, 6] },
    series: [
      { name: "plain", x: guesses, y: guesses.map((v) => (v - R) ** 2 / 2), color: "#999999" },
      {
        name: "clipped, 0.5",
        x: guesses,
        y: guesses.map((v) => Math.max((v - R) ** 2, (Math.min(Math.max(v, -0.5), 0.5) - R) ** 2) / 2),
      },
    ],
    reference: [{ x: R, label: "return" }],
  });
show(
  smallMultiples({
    title: "A clipped critic may not learn fast, even when it was wrong",
    subtitle: "the old value was 0",
    share: "y",
    figures: [valueCurve("The return is far", 2), valueCurve("The return is within reach", 0.3)],
  }),
);

// %% [markdown]
// On the left the critic was off by 2, and is given no reason to move by more than 0.5 until the next batch. The clip has the unit of rewards: multiply all rewards by 10, and 0.5 is another clip. Where it was tested it did not help (Andrychowicz and others 2020).
//
// ### Exercise 7. Clip the critic
//
// *Difficulty 2 of 5, 8 minutes. Trains: equation (9), and what "pessimistic" means for a loss.*
//
// Given values, old values and returns of some tokens, return the mean of (9) over them.

// %% [exercise] 08/value-clipping
/** The mean of equation (9) over some tokens. */
function clippedValueLoss(values: number[], oldValues: number[], returns: number[], clip: number): number {
  // #solution
  const each = values.map((v, t) => {
    const step = Math.min(Math.max(v - oldValues[t], -clip), clip);
    return Math.max((v - returns[t]) ** 2, (oldValues[t] + step - returns[t]) ** 2) / 2;
  });
  return each.reduce((a, b) => a + b, 0) / each.length;
  // #end
}

// %% [check] 08/value-clipping
await check("08/value-clipping", { clippedValueLoss });

// %% [markdown]
// ## 11. Which details matter? (can wait)
//
// A program that does PPO has a dozen habits that no equation mentions. Huang and others (2024) list more than twenty with which they reproduced a published result. A list does not say which of them matter, so we switch six, one at a time. Now with a
// critic and Adam, on a small network: 16 hidden units that read the prompt and the words so far, a policy and a critic on top, trained on both prompts and replies of at most three words. `ppoNetwork` is that program in float64, so that how far it ends from the best
// possible $\mathbb{E}[R] - \beta\,\mathrm{KL}(\pi \Vert \pi_{\text{ref}})$ is computed, not measured.
//
// | Detail | on | off |
// | --- | --- | --- |
// | whitening | advantages of a batch get mean 0 and variance 1 | as they are |
// | value clip | equation (9), 0.2 | plain |
// | entropy bonus | 0.01 times the entropy of each word is added to what is maximised | nothing |
// | reward scaling | rewards with a spread of one or two points | ten times as large, $\beta$ too: the optimum is the same, only the unit is another |
// | penalty for no end | a reply that is cut off loses a point | the reward does not see that a reply is cut off, as a reward model may not |
// | critic's head | begins at 0 | begins at random, so that the first values are off by a few points |
//
// **Predict, then run.** Which of the six matter? Each runs at its own best rate of four, over ten keys. Write down six guesses.

// %%
const shortTask = phraseTask({ length: 3 });
const blindToEnds = shortTask.prompts.map((prompt) =>
  Float64Array.from(shortTask.tree.sequences, (words) => {
    const { mood, topic } = phraseUtility(prompt, words);
    return mood + topic;
  }),
);
const plainPpo = {}; // whitened, scaled, ends seen, the head at 0; no value clip, no bonus
const settings = {
  plain: plainPpo,
  "not whitened": { whitening: false },
  "value clip": { valueClip: 0.2 },
  "entropy bonus": { entropy: 0.01 },
  "not scaled": { unit: 10 },
  "neither scaled nor whitened": { unit: 10, whitening: false },
  "no penalty": { reward: blindToEnds },
  "random head": { valueDeviation: 1 },
};
type Setting = keyof typeof settings;
const adamRates = [0.005, 0.01, 0.02, 0.04];
const detailKeys = 10; // claims.ts: sixteen
const ended = {} as Record<Setting, { rate: number; gaps: number[]; finished: number }>;
for (const [name, setting] of progress(Object.entries(settings), { label: "PPO's details" })) {
  const runs = adamRates.map((rate) =>
    Array.from({ length: detailKeys }, (_, k) => ppoNetwork(key(1 + k), shortTask, { rate, ...setting })),
  );
  const of = (ends: (typeof runs)[number]) => mean(ends.map(({ gap }) => gap));
  const best = runs.reduce((least, ends, i) => (of(ends) < of(runs[least]) ? i : least), 0);
  const finished = mean(runs[best].map((each) => each.finished));
  ended[name as Setting] = { rate: adamRates[best], gaps: runs[best].map(({ gap }) => gap), finished };
}

// %%
const pairs: Record<string, [off: Setting, on: Setting]> = {
  whitening: ["not whitened", "plain"],
  "value clip": ["plain", "value clip"],
  "entropy bonus": ["plain", "entropy bonus"],
  "reward scaling": ["not scaled", "plain"],
  "penalty for no end": ["no penalty", "plain"],
  "critic's head at 0": ["random head", "plain"],
};
const bars = (name: string, which: 0 | 1) => {
  const intervals = Object.values(pairs).map((pair) => meanInterval(ended[pair[which]].gaps));
  return { name, values: intervals.map((each) => each.mean), error: intervals.map(({ half }) => half) };
};

show(
  bar({
    title: "Two of six details matter here, and one of those is no detail",
    subtitle: `each at its best rate, means over ${detailKeys} keys with 95 % intervals; less is better`,
    x: { title: "gap to the optimum", unit: "nats" },
    y: { title: "detail" },
    horizontal: true,
    categories: Object.keys(pairs),
    series: [bars("off", 0), bars("on", 1)],
  }),
);
const startGap = mean(
  shortTask.reference.map((logProbs, x) => {
    const { value } = exactRegularisedOptimum(logProbs, shortTask.utility[x], 0.5);
    return value - exactExpectation(logProbs, shortTask.utility[x]);
  }),
);
const offMinusOn = (off: Setting, on: Setting) =>
  meanInterval(ended[off].gaps.map((gap, k) => gap - ended[on].gaps[k]));
table(
  [
    ...Object.entries(pairs),
    ["scaling, where nothing is whitened", ["neither scaled nor whitened", "not whitened"]] as const,
  ].map(([detail, [off, on]]) => {
    const { mean: gained, low, high } = offMinusOn(off, on);
    return { detail, off: ended[off].rate, on: ended[on].rate, gained, low, high };
  }),
  {
    columns: {
      detail: "detail",
      off: "best rate without",
      on: "best rate with",
      gained: "gap without - gap with (nats)",
      low: "95 % from",
      high: "to",
    },
    digits: { gained: 3, low: 3, high: 3 },
    caption: `the same keys on both sides; above 0: the detail helps. The gap at the start is ${startGap.toFixed(2)}`,
  },
);

const ending = (name: Setting) => `${(100 * ended[name].finished).toFixed(0)} %`;
console.log(`replies that end: ${ending("plain")} with the penalty, ${ending("no penalty")} without`);

// %% [markdown]
// <details><summary>Answer</summary>Reward scaling and the penalty. The other four are worth a hundredth of a nat or nothing, over sixteen keys.</details>
//
// - **Whitening**: no help seen; without it the gap is smaller, if anything, by less than a hundredth of a nat. Adam takes the same step whatever the unit of a gradient, and the critic has removed the mean already.
// #claim 08/whitening-does-not-help
// - **Value clip**: no difference seen, as in the tests that section 10 names.
// #claim 08/value-clip-makes-no-difference
// - **Entropy bonus**: no difference seen. The anchor keeps the policy spread out already; the bonus moves the goal, too little to be seen.
// #claim 08/entropy-bonus-makes-no-difference
// - **Reward scaling**: it matters, about twice the gap is left without it. But it matters *because of whitening*: that takes the unit out of the policy's loss and leaves it, squared, in the critic's, which then weighs a hundred times as much on the body that
//   both share. Where nothing is whitened the policy's loss grows with the unit too, and about a third of the difference is left.
// #claim 08/scaling-matters, 08/scaling-matters-after-whitening
// - **Penalty for no end**: it matters most, and is no detail of optimisation: it says what is wanted. A reward that does not see that a reply is cut off teaches to write on until one is cut off.
// #claim 08/penalty-is-the-reward
// - **The critic's head**: no difference seen. Beginning at 0 is better by half a hundredth of a nat, and the interval reaches 0.
// #claim 08/head-hardly-matters
//
// Six switches on one small task say little about other tasks, and details that do nothing alone may do something in pairs, as scaling and whitening do. What they do say: try it, with several keys, before you believe in a list. (Engstrom and others 2020 did this for PPO in robotics.)
//
// ### Exercise 8. Find the bug: advantages of unit spread
//
// *Difficulty 3 of 5, 8 minutes. Trains: whitening, and reading code that looks right.*
//
// Given advantages in padded rows, and the mask, return them with mean 0 and variance 1 (the mean of the squares) over *all tokens of the batch whose mask is 1*, and 0 elsewhere. The code below was tried on replies of one length and was right to the last digit. With replies of
// several lengths, and advantages whose mean is not 0, the spread came out too small. Find out why, and mend it.
//
// <details><summary>Hint</summary>What does a place of padding add to the variance?</details>

// %% [exercise] 08/whitening
/** Advantages [B][T] with mean 0 and variance 1 over the tokens whose mask is 1, and 0 elsewhere. */
function whitenAdvantages(advantages: number[][], mask: number[][]): number[][] {
  // #solution
  const tokens = advantages.flatMap((row, b) => row.filter((_, t) => mask[b][t] === 1));
  const centre = tokens.reduce((a, b) => a + b, 0) / tokens.length;
  const variance = tokens.reduce((sum, a) => sum + (a - centre) ** 2, 0) / tokens.length;
  return advantages.map((row, b) => row.map((a, t) => (mask[b][t] === 1 ? (a - centre) / Math.sqrt(variance) : 0)));
  // #given
  // const kept = advantages.flatMap((row, b) => row.map((a, t) => a * mask[b][t]));
  // const count = mask.flat().reduce((a, b) => a + b, 0);
  // const centre = kept.reduce((a, b) => a + b, 0) / count;
  // const variance = kept.reduce((sum, a) => sum + (a - centre) ** 2, 0) / count;
  // return advantages.map((row, b) => row.map((a, t) => (mask[b][t] * (a - centre)) / Math.sqrt(variance)));
  // #end
}

// %% [check] 08/whitening
await check("08/whitening", { whitenAdvantages });

// %% [markdown]
// ## What this lesson does not show
//
// - **Transformers.** A table of 56 numbers generalises in its own way, and so does a network of 16 units. On a transformer the same quantities are measured, not computed: lesson 05 runs PPO on one, with the same losses.
// - **Adam, before section 11.** We took plain gradient steps and the batch's mean as a baseline. Momentum carries a step on after the clip has cut its gradient.
// - **Asynchronous training.** When replies are written by a policy several updates old, the policy to stay close to and the policy that wrote are two different things; Hilton and others (2021) separate them.
// - **That PPO is best.** Lesson 09 compares it with A2C and SAC, lesson 10 with RLOO, GRPO and DPO, on one task with a known optimum.
//
// ## Said, and seen
//
// | Said, in the notes | Seen | Where |
// | --- | --- | --- |
// | PPO reuses samples, and so learns faster | at one step length, yes; with each way at its own best rate eight passes without the clip are hardly better than one, and a gamble; with the clip they are a fifth of a point better | Run it |
// | Trust region: prevents large policy changes | clipping removes gradients and constrains nothing; the rate sets the length of a step | 3, 9 |
// | PPO provides theoretical guarantees through trust region constraints | with endless data and a perfect critic the clipped objective can rise while the value falls by two points | 9 |
// | $\beta\,\mathrm{KL}(\pi_{\text{old}}, \pi_\theta)$ prevents collapse | it changes the date. The KL of RLHF is to the reference, in the other direction, and belongs to the goal | 8 |
// | Experience replay: reuse samples across multiple PPO epochs | a batch is used for some epochs and thrown away; replay in the usual sense keeps old experience, of which (2) can use little | 6 |
// | (Not the notes, but many others:) details of the program decide whether PPO works | of six, four make no difference here; scaling matters after whitening, and the penalty for no end is part of the reward | 11 |
// | TD learning: $V \leftarrow V + \alpha (R - V)$ | a Monte Carlo update, its target is the return itself; TD's target contains the next value, as (3) does (for episodes of one step the two are the same) | 4; lesson 09 |
//
// ## PPO on one page
//
// ```text
// given     policy, critic V, reference, rewards; clip, rate, epochs K, target of the step KL, price beta of the reference KL
//
// for each batch:
//     y ~ policy                           # write replies; keep logpOld = log policy(y) and V at every token
//     r[t] = - beta (logpOld[t] - logpRef[t])        # the anchor, token by token; the last token also earns R(y)
//     A[t] = delta[t] + lambda A[t + 1]    # backwards, delta[t] = r[t] + V[t + 1] - V[t]; nothing after the end
//     G[t] = A[t] + V[t]                   # the critic's target
//     A = (A - mean A) / std A             # whitening, over the batch; many do
//     for epoch = 1 .. K, for each minibatch:
//         if mean k3(logpNew, logpOld) over the whole batch > 1.5 target: leave both loops
//         ratio = exp(logpNew - logpOld)
//         climb      min(ratio A, clip(ratio, 1 - clip, 1 + clip) A)       # token mean; A is data
//         descend    (V - G)^2 / 2
//     beta = beta (1 + 0.1 clip(KL / target - 1, -0.2, 0.2))                # if a KL to the reference is asked for
// ```
//
// ## On one page
//
// | | Formula | In code |
// | --- | --- | --- |
// | clipped objective | $\min(r A, \operatorname{clip}(r, 1 - \epsilon, 1 + \epsilon) A)$, cut as a logarithm | `ppoLoss`, `ppoLossAndGradient` |
// | of a whole reply | one ratio, the product | `ppoSequenceLoss` |
// | advantage | $A_t = \delta_t + \gamma\lambda A_{t+1}$ | `generalizedAdvantages` |
// | step KL | mean of $r - 1 - \ln r$ over old tokens | `approxKlEstimates`, exactly `exactKlOldNew` |
// | early stop | above 1.5 times the target: no further update | `shouldStop` |
// | reference KL | $k_1 = d$, $k_2 = d^2 / 2$, $k_3 = e^{-d} - 1 + d$ | `klEstimates` |
// | their gradients | as a loss only $k_2$, in the reward only $k_1$ | `expectedKlGradients` |
// | if all ratios stayed in range | step KL at most $-\tfrac12 \ln(1 - \epsilon^2)$ per token | |
// | coefficient | $\beta \leftarrow \beta\,(1 + 0.1\, e)$ | |
// | whitening | $(A - \bar A) / \operatorname{std}(A)$, over the tokens of the batch | `whiten` |
// | critic | $\tfrac12 \max\bigl((V - R)^2, (V_{\text{held}} - R)^2\bigr)$ | `clippedValueLoss` |
//
// **Three questions**
//
// 1. One epoch, one minibatch, clip 0.2 and then 0.02. What changes?
// <details><summary>Answer</summary>Nothing. The only step is taken at the old policy, where every ratio is 1 and nothing is cut: the plain policy gradient, as long as the rate makes it.</details>
//
// 2. A token with a negative advantage has become 1.5 times as likely. Does the clip of 0.2 hold it?
// <details><summary>Answer</summary>No. It has moved the wrong way, the loss counts in full, and its gradient pushes it back. The clip cuts gains, never losses.</details>
//
// 3. A colleague puts k3 to the reference into the reward, because it is unbiased and never negative. What do you say?
// <details><summary>Answer</summary>Its value is right and its gradient is not: it is that of KL(new || ref) minus that of KL(ref || new), and may lead away from the reference. In the reward take k1, as a loss k2 of the whole reply.</details>
//
// ## Where to read on
//
// - Schulman, Wolski, Dhariwal, Radford and Klimov, *Proximal policy optimization algorithms*, arXiv:1707.06347 (2017). Equation (2), and the adaptive step penalty, which is used less.
// - Schulman and others, *Trust region policy optimization*, arXiv:1502.05477 (2015); Kakade and Langford, *Approximately optimal approximate reinforcement learning*, ICML 2002. The theorem.
// - Schulman and others, *High-dimensional continuous control using generalized advantage estimation*, arXiv:1506.02438 (2015). Equation (4).
// - Engstrom and others, *Implementation matters in deep policy gradients*, arXiv:2005.12729 (2020); Andrychowicz and others, *What matters in on-policy reinforcement learning?*, arXiv:2006.05990 (2020).
// - Huang, Noukhovitch, Hosseini, Rasul, Wang and Tunstall, *The N+ implementation details of RLHF with PPO*, arXiv:2403.17031 (2024). The list behind section 11.
// - Wang, He and Tan, *Truly proximal policy optimization*, arXiv:1903.07940 (2019). Section 3.
// - Schulman, *Approximating KL divergence* (2020), a page on the web; Tang and Munos, *On a few pitfalls in KL divergence gradient estimation for RL*, arXiv:2506.09477 (2025); Liu and others, *Rethinking KL regularization in
//   RLHF*, arXiv:2510.01555 (2025). Sections 5 and 7.
// - Ziegler and others, *Fine-tuning language models from human preferences*, arXiv:1909.08593 (2019). Equation (8), and the anchor.
// - Hilton, Cobbe and Schulman, *Batch size-invariance for policy optimization*, arXiv:2110.00641 (2021).
// - In the books: Achiam, *Spinning Up in deep RL*: [Proximal Policy Optimization](https://spinningup.openai.com/en/latest/algorithms/ppo.html); Lambert, *Reinforcement learning from human feedback*: chapter 6, [Reinforcement Learning](https://rlhfbook.com/c/06-policy-gradients), and chapter 15, [Regularization](https://rlhfbook.com/c/15-regularization).

// %%
import { solved } from "rlhf-lab-course";

// What you have solved of this lesson; it is written down on this machine and sent nowhere.
await solved("08");
