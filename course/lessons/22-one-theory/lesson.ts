// %% [markdown]
// # 22 One theory
//
// Information, optimisation, control, learning, voting: the theory's last question says that aligning a model joins them all. Is there one formula under them? What does each field add? And which of the
// sentences are true? We find one formula that is met seven times, and four laws around it that no method can beat.
//
// **After this lesson you can**
//
// - recognise the KL-regularised optimum under seven names;
// - say how many bits a click carries, and what no method can earn with so few;
// - name the price of a nat, and see why it is $\beta$;
// - tell when a loop of training and relabelling swings, though every round is right;
// - say whose utility a pooled reward serves, and what a click cannot say.
//
// **Time** 200 minutes, 108 of them exercises. A good place to stop for the day is after section 4. **You need** lessons 01, 05, 08; lesson 04 for section 7.

// %% [markdown]
// ## The model on one page
//
// For a reference $\pi_0$, a reward $R$ and a price $\beta > 0$ (Gibbs; Donsker and Varadhan),
//
// $$\max_\pi\ \mathbb E_\pi[R] - \beta\,\mathrm{KL}(\pi \,\|\, \pi_0) = \beta \ln \mathbb E_{\pi_0} e^{R/\beta}, \qquad \pi^* = \frac{\pi_0\, e^{R/\beta}}{Z}, \tag{1}$$
//
// and every other $\pi$ is worse by exactly $\beta\,\mathrm{KL}(\pi\,\|\,\pi^*)$. *Mutual information* says how much an output $Y$ tells about an input $X$, and *capacity* is the most that a channel can tell:
//
// $$I(X;Y) = \sum_x p(x)\, \mathrm{KL}\big(P(\cdot|x) \,\|\, q\big), \quad q = \sum_x p(x) P(\cdot|x), \qquad C = \max_p I(X;Y). \tag{2}$$
//
// Code counts in nats; figures show bits (1 bit = $\ln 2$ nats).
//
// | On paper | In code | What it is |
// | --- | --- | --- |
// | $\pi^*$, $\beta \ln Z$ | `exactRegularisedOptimum(logRef, reward, beta)` | the optimum of (1) and its value |
// | $I(X;Y)$ | `mutualInformation(prior, channel)` | nats about the input |
// | $C$ | `channelCapacity(channel).capacity` | with an upper bound beside it, `.upper` |
// | $U^*(r)$ | `rateDistortion(prior, utility, beta)` | a point of the most utility for so many nats |

// %%
import { bar, heatmap, key, line, linspace, progress, scatter, show, smallMultiples, split, table } from "rlhf-lab";
import { correlatedMajority, correlatedMajorityLimit, flatMajority } from "rlhf-lab/agents";
import { anaesthetists1979, minneapolisWard2 } from "rlhf-lab/data";
import {
  bestLie,
  bits,
  channelCapacity,
  coadaptation,
  composeChannels,
  coveringPolicy,
  criticalGain,
  delayedLoop,
  desirabilityPolicy,
  entropy,
  type GroupUtilities,
  informationBottleneck,
  labelerChannel,
  maximalCorrelation,
  maximalLottery,
  meanValuePolicy,
  mutualInformation,
  nashWelfare,
  overshootGain,
  pooledPolicy,
  pooledPreferences,
  pooledReward,
  priceOfKl,
  randomDictatorship,
  rateDistortion,
  referencePoint,
  regularisedMirrorStep,
  regularisedNaturalStep,
  regularisedPlainStep,
  seekingPolicy,
  treeDesirability,
} from "rlhf-lab/information";
import { exactExpectation, exactKL, exactRegularisedObjective, exactRegularisedOptimum } from "rlhf-lab/numerics";
import {
  annotationsFromColumns,
  bradleyTerry,
  comparisonsFromWins,
  dawidSkene,
  pairwiseTally,
  rankingsFromBallots,
} from "rlhf-lab/preferences";
import { linearReward } from "rlhf-lab/rewards";
import {
  conditionalLogProbs,
  lastTokenContexts,
  placeContexts,
  sequenceLogProbs,
  sequenceLogProbsOf,
  treePolicy,
} from "rlhf-lab/trees";
import {
  askPersons,
  engagementPath,
  gibbsLearning,
  lengthLoop,
  personsDifferences,
  personsQuestions,
  personsWorld,
  phraseTask,
  phraseText,
  twoCampsWorld,
} from "rlhf-lab/worlds";
import { moodComparisons, moodDifferences, moodFeatures, moodTask } from "rlhf-lab/worlds/text";
import { check } from "rlhf-lab-course";

// %% [markdown]
// ## Run it
//
// One distribution, computed in seven ways that carry seven names. Four outcomes, a reference, a reward, $\beta = 1/2$.

// %%
const four = { reference: [0.4, 0.3, 0.2, 0.1], reward: [0, 1, 0.5, 2], beta: 0.5 };
const normalised = (weights: number[]) => weights.map((w) => w / weights.reduce((a, b) => a + b));
const logFour = four.reference.map(Math.log);
const names: Record<string, number[]> = {
  "RLHF: optimum of reward less beta KL": Array.from(
    exactRegularisedOptimum(logFour, four.reward, four.beta).logProbs,
    Math.exp,
  ),
  "Bayes: prior times likelihood e^(R/beta)": normalised(
    four.reference.map((p, y) => p * Math.exp(four.reward[y] / four.beta)),
  ),
  "Mirror descent: one step of rate 1/beta": Array.from(
    regularisedMirrorStep(logFour, logFour, four.reward, { eta: 1 / four.beta, beta: 0 }),
    Math.exp,
  ),
  "Natural gradient: one step of rate 1/beta": Array.from(
    regularisedNaturalStep(logFour, logFour, four.reward, { eta: 1 / four.beta, beta: 0 }),
    Math.exp,
  ),
  "Rate-distortion: test channel of its own marginal": (() => {
    const policy = four.reference.map((q, y) => q * 2 ** (four.reward[y] / (four.beta * Math.LN2)));
    return normalised(policy);
  })(),
  "PAC-Bayes: Gibbs posterior of n = 1/beta losses -R": normalised(
    four.reference.map((p, y) => p * Math.exp(-(1 / four.beta) * -four.reward[y])),
  ),
  "Control: passive dynamics times desirability": (() => {
    const z = four.reward.map((r) => Math.exp(r / four.beta));
    const before = four.reference.reduce((sum, p, y) => sum + p * z[y], 0);
    return four.reference.map((p, y) => (p * z[y]) / before);
  })(),
};
const [first] = Object.values(names);
table(
  Object.entries(names).map(([name, p]) => ({
    name,
    p: p.map((x) => x.toFixed(4)).join("  "),
    off: p.reduce((most, x, y) => Math.max(most, Math.abs(x - first[y])), 0).toExponential(0),
  })),
  { columns: { name: "name", p: "probabilities", off: "largest difference from the first" } },
);
show(
  bar({
    title: "One distribution, seven names",
    subtitle: "reference and optimum of (1), beta = 1/2",
    x: { title: "outcome" },
    y: { title: "probability", range: [0, 0.7] },
    categories: ["reward 0", "reward 1", "reward 0.5", "reward 2"],
    series: [
      { name: "reference", values: four.reference },
      { name: "optimum", values: first },
    ],
  }),
);

// %% [markdown]
// #claim 22/seven-names
//
// A Bradley-Terry labeler is the eighth: it picks one of two replies by (1) with a uniform reference and $\beta = \tau$, its temperature.
//
// ## 1. What a click can say
//
// A labeler is a *channel*: in goes a difference of utility, out comes a click. With differences of at most $m$, temperature $\tau$ and a share $\ell$ of blind clicks (*lapse*) it carries
//
// $$C = \ln 2 - h\big(\tfrac{\ell}{2} + (1 - \ell)\,\sigma(-m/\tau)\big), \qquad h(p) = -p\ln p - (1-p)\ln(1-p). \tag{3}$$

// %%
const spans = linspace(0.1, 5, 50);
const capacityBits = (m: number, options = {}) => bits(channelCapacity(labelerChannel([m, -m], options)).capacity);
show(
  line({
    title: "A click is worth a bit at most, and mostly far less",
    subtitle: "capacity of a Bradley-Terry labeler by the greatest difference it is shown",
    x: { title: "greatest difference m, in temperatures" },
    y: { title: "capacity", unit: "bits a click", range: [0, 1.03] },
    series: [
      { name: "Bradley-Terry", x: spans, y: spans.map((m) => capacityBits(m)) },
      { name: "20 % blind clicks", x: spans, y: spans.map((m) => capacityBits(m, { lapse: 0.2 })) },
      { name: "with a tie button", x: spans, y: spans.map((m) => capacityBits(m, { tie: 1 })) },
    ],
    reference: [{ y: 1 }],
  }),
);

// %% [markdown]
// #claim 22/clicks-are-small
//
// A tie button *costs* capacity here: a third answer that is likeliest where little is to be said. For small $m/\tau$ the curve is $(m/\tau)^2 / (8 \ln 2)$ bits: half the difference, a quarter of the bits.
//
// Are those who are right more often those who tell more? Five anaesthetists rated patients in four classes (lesson 04's data). From each doctor's table of answers by (estimated) truth:

// %%
const doctors = anaesthetists1979();
const fitted = dawidSkene(annotationsFromColumns(doctors.patient, doctors.observer, doctors.class));
const classPrior = normalised(Array.from(fitted.prior));
const classes = classPrior.length;
table(
  doctors.observers.map((doctor, w) => {
    const P = classPrior.map((_, t) =>
      normalised(classPrior.map((_, c) => fitted.confusion[(w * classes + t) * classes + c])),
    );
    return {
      doctor,
      right: classPrior.reduce((sum, p, c) => sum + p * P[c][c], 0),
      told: bits(mutualInformation(classPrior, P)),
    };
  }),
  { columns: { doctor: "doctor", right: "share right", told: "bits an answer" }, digits: 3 },
);

// %% [markdown]
// #claim 22/right-is-not-informative
//
// Look at doctors 1 and 2. The one who is wrong more often tells more: its mistakes are of one kind (class 2 taken for class 3), and it knows the two rare classes when it sees them. Doctor 1 is right on the common ones, and cannot tell the rare ones from their neighbours. (Estimated from 45 patients, so read the third digit with care.)

// %% [markdown]
// **On real text.** Sentences of Moby Dick, judged for their mood by simulated people whose utility we know (lesson 02). What the labelers said is $1 - h(p)$ bits a click on average, $p$ being the probability of what they said. What a reward model *uses* of that is $1 - \text{cross-entropy}/\ln 2$ on comparisons that it never saw: a lower bound on what an answer tells about its pair (Barber and Agakov 2003).

// %%
const moods = moodTask();
const exam = moodComparisons(key(31), moods, 3000, { from: 118, to: moods.chapters.length });
const h = (p: number) => entropy([p, 1 - p]);
const said =
  1 - bits(Array.from(moodDifferences(exam), (d) => h(1 / (1 + Math.exp(-d)))).reduce((a, b) => a + b) / 3000);
const examFeatures = moodFeatures(moods, exam);
const learnedFrom = [100, 300, 1000, 3000, 10_000];
const used = Array.from(progress(learnedFrom, { label: "comparisons" })).map((n) => {
  const fit = linearReward.fit(moodFeatures(moods, moodComparisons(key(n), moods, n)), { l2: 3 / n, tolerance: 1e-4 });
  const margins = linearReward.margins(fit.theta, examFeatures);
  return 1 - bits(margins.reduce((sum, d) => sum + Math.log1p(Math.exp(-d)), 0) / 3000);
});
show(
  line({
    title: "What labelers of Moby Dick say, and what a reward model makes of it",
    subtitle: "word counts, penalty 3 / n; 3,000 comparisons of chapters that were not learned from",
    x: { title: "comparisons learned from", type: "log" },
    y: { title: "bits a click", range: [-0.05, said + 0.1] },
    series: [{ name: "used by the reward model", x: learnedFrom, y: used, markers: true }],
    reference: [{ y: said, label: "said by the labelers" }, { y: 0 }],
  }),
);

// %% [markdown]
// #claim 22/used-is-less-than-said
//
// ### Exercise 1. How much does it tell?
//
// *Difficulty 2 of 5, 9 minutes. Trains: equation (2).*
//
// Return $I(X;Y)$ in **bits** for a prior over inputs and a channel `P[x][y]`. Outputs that never come, and inputs of probability 0, count for nothing.
//
// <details><summary>Hint</summary>The output's own distribution first. Skip terms with p(x) P(y|x) = 0.</details>

// %% [exercise] 22/mutual-information
/** I(X; Y) in bits. */
function informationBits(prior: number[], P: number[][]): number {
  // #solution
  const q = P[0].map((_, y) => P.reduce((sum, row, x) => sum + prior[x] * row[y], 0));
  let sum = 0;
  P.forEach((row, x) => {
    row.forEach((p, y) => {
      if (prior[x] * p > 0) sum += prior[x] * p * Math.log2(p / q[y]);
    });
  });
  return sum;
  // #end
}

// %% [check] 22/mutual-information
await check("22/mutual-information", { informationBits });

// %% [markdown]
// ### Exercise 2. A labeler's capacity
//
// *Difficulty 2 of 5, 8 minutes. Trains: equation (3).*
//
// Return (3) in bits for `m`, `tau` and `lapse`.
//
// <details><summary>Hint</summary>A blind click is right half of the time: half of the lapse counts as mistakes. Mind h(0).</details>

// %% [exercise] 22/labeler-capacity
/** Capacity of a labeler, bits a click. */
function labelerBits(m: number, tau: number, lapse: number): number {
  // #solution
  const wrong = lapse / 2 + (1 - lapse) / (1 + Math.exp(m / tau));
  const h = (p: number) => (p <= 0 || p >= 1 ? 0 : -p * Math.log2(p) - (1 - p) * Math.log2(1 - p));
  return 1 - h(wrong);
  // #end
}

// %% [check] 22/labeler-capacity
await check("22/labeler-capacity", { labelerBits });

// %% [markdown]
// ## 2. The ceiling that no method passes
//
// Eight persons want different things of a reply of three words: good or bad mood, whale or sea, short or long, each either way. One reply for all earns 0; each person's best would earn 2.875. We may ask $n$ questions. Let $V$ be the person and $U^*(r)$ the most utility that any policy earns which knows $r$ nats about $V$. Then, whatever the method,
//
// $$\mathbb E\,U \le U^*\big(\min(H(V),\, n C)\big). \tag{4}$$
//
// Answers carry at most $nC$; every later stage, reward, policy, reply, is a function of the answers, and can only lose (*data processing*).

// %%
const world = personsWorld();
const curveBetas = [...linspace(0.15, 1, 12), 1.5, 2, 3, 4, 5];
const curve = curveBetas
  .map((beta) => rateDistortion(world.prior, world.utility, beta, { tolerance: 1e-5 }))
  .map(({ rate, utility }) => ({ r: bits(rate), u: utility }));
const counts = [0, 1, 2, 3, 4, 6, 9, 12];
const asked = counts.map((n) => askPersons(world, n));
const onCurve = [...curve, { r: 0, u: 0 }].sort((a, b) => a.r - b.r);
show(
  line({
    title: "Bits about a person are what utility is made of; nothing lies above the curve",
    subtitle: "eight persons; n = 0 to 12 questions, exact over all answers",
    x: { title: "what the reply knows about the person", unit: "bits", range: [0, 3.05] },
    y: { title: "expected utility", range: [-0.6, 3] },
    series: [
      { name: "ceiling", x: onCurve.map(({ r }) => r), y: onCurve.map(({ u }) => u) },
      {
        name: "best reply by all answers",
        x: asked.map(({ reply }) => bits(reply)),
        y: asked.map(({ bayesUtility }) => bayesUtility),
        markers: true,
      },
      {
        name: "best reply for the likeliest person",
        x: asked.map(({ reward }) => bits(reward)),
        y: asked.map(({ mapUtility }) => mapUtility),
        markers: true,
      },
    ],
  }),
);
table(
  counts.slice(1).map((n, i) => {
    const { answers, reward, reply, bayesUtility, mapUtility } = asked[i + 1];
    return { n, answers: bits(answers), reward: bits(reward), reply: bits(reply), bayesUtility, mapUtility };
  }),
  {
    columns: {
      n: "questions",
      answers: "bits in the answers",
      reward: "in the likeliest person",
      reply: "in the best reply",
      bayesUtility: "utility by all answers",
      mapUtility: "utility for the likeliest person",
    },
    digits: 3,
  },
);

// %% [markdown]
// #claim 22/nothing-above-the-ceiling
// #claim 22/likeliest-is-not-best
//
// Two things to see. With one question the best reply lies *on* the curve: a Bradley-Terry labeler happens to be an optimal code for it. And going through one likeliest person earns less than half there, with the same bits: it acts on traits that nobody told it about (several persons are equally likely then; it takes one by lot).
//
// A single reward for all sends 0 bits about who you are. So it earns $U^*(0)$: here 0.
//
// **Break it.** Let the policy read something that depends on the person (a name, a style of asking). Is (4) broken?
//
// <details><summary>Answer</summary>No: the chain is. The reply now knows more about the person than the answers do, since it has another source. Bits about a person leak in through the prompt. (4) holds with all sources counted.</details>

// %%
const chain = personsDifferences(world).map((row, q) => {
  const question = labelerChannel(row, { temperature: 1.5 });
  const told = mutualInformation(world.prior, question);
  return {
    question: personsQuestions[q].join(" | "),
    told: bits(told),
    ...Object.fromEntries(
      [0.1, 0.2, 0.4].map((e) => [
        `flip${e * 10}`,
        mutualInformation(
          world.prior,
          composeChannels(question, [
            [1 - e, e],
            [e, 1 - e],
          ]),
        ) / told,
      ]),
    ),
  };
});
table(chain, {
  columns: { question: "question", told: "bits told", flip1: "kept, 10 % flips", flip2: "20 %", flip4: "40 %" },
  digits: 3,
});
table(
  [0.1, 0.2, 0.4].map((e) => ({
    flips: e,
    most:
      maximalCorrelation(
        [0.5, 0.5],
        [
          [1 - e, e],
          [e, 1 - e],
        ],
      ) ** 2,
  })),
  { columns: { flips: "share of flips", most: "no more than this share can be kept" }, digits: 3 },
);

// %% [markdown]
// #claim 22/flips-cost-squares
//
// A share $\varepsilon$ of flipped answers leaves at most $(1 - 2\varepsilon)^2$ of the bits: noise costs by the square, on top of what is lost already.
//
// ### Exercise 3. The ceiling
//
// *Difficulty 3 of 5, 10 minutes. Trains: equation (4).*
//
// `curve` is a list of `[bits, utility]`, sorted, beginning at 0 bits; between two points take the straight line (mixing two policies reaches it). Return the ceiling for `n` questions of `C` bits each about one of `persons` equally likely persons. Beyond the last point the curve stays level.
//
// <details><summary>Hint</summary>$\min(\log_2 \text{persons}, nC)$ bits, then look it up.</details>

// %% [exercise] 22/ceiling
/** The most utility that any method can earn. */
function ceiling(curve: number[][], n: number, C: number, persons: number): number {
  // #solution
  const r = Math.min(Math.log2(persons), n * C);
  const after = curve.findIndex(([b]) => b >= r);
  if (after < 0) return curve[curve.length - 1][1];
  if (after === 0) return curve[0][1];
  const [[r0, u0], [r1, u1]] = [curve[after - 1], curve[after]];
  return u0 + ((r - r0) / (r1 - r0)) * (u1 - u0);
  // #end
}

// %% [check] 22/ceiling
await check("22/ceiling", { ceiling });

// %% [markdown]
// ## 3. RLHF against the best code
//
// RLHF for each person starts from one reference, how people write. What it pays in KL is more than what it says about the person:
//
// $$\mathbb E_v\, \mathrm{KL}(\pi_v \,\|\, \pi_0) = I(V;Y) + \mathrm{KL}(q \,\|\, \pi_0), \tag{5}$$
//
// $q$ being what all policies write together. The second part buys nothing about the person. **Predict, then run.** We set the reference to $q$, train again, and again, without ever looking at who asked. Where does this end?

// %%
const referenceBetas = [0.3, 0.5, 0.75, 1, 1.5, 2, 3];
const withWriting = referenceBetas.map((beta) => referencePoint(world.prior, world.utility, world.writing, beta));
const refits = [0];
let refitted: ArrayLike<number> = world.writing;
const climbed = [referencePoint(world.prior, world.utility, refitted, 0.5)];
for (let round = 1; round <= 60; round++) {
  refitted = climbed[climbed.length - 1].marginal;
  climbed.push(referencePoint(world.prior, world.utility, refitted, 0.5));
  refits.push(round);
}
show(
  smallMultiples({
    title: "Refitting the reference to what was written climbs to the best code",
    figures: [
      line({
        title: "Utility against bits paid",
        x: { title: "KL paid, or information", unit: "bits", range: [0, 3.6] },
        y: { title: "expected utility", range: [0, 3] },
        series: [
          { name: "best code", x: onCurve.map(({ r }) => r), y: onCurve.map(({ u }) => u) },
          {
            name: "RLHF from people's writing",
            x: withWriting.map(({ kl }) => bits(kl)),
            y: withWriting.map(({ utility }) => utility),
            markers: true,
          },
          {
            name: "refits at beta 0.5",
            x: climbed.map(({ kl }) => bits(kl)),
            y: climbed.map(({ utility }) => utility),
            markers: true,
          },
        ],
      }),
      line({
        title: "Its objective, round by round",
        x: { title: "refits" },
        y: { title: "utility - beta KL" },
        series: [{ name: "objective", x: refits, y: climbed.map(({ utility, kl }) => utility - 0.5 * kl) }],
        reference: [
          {
            y: (({ utility, rate }) => utility - 0.5 * rate)(
              rateDistortion(world.prior, world.utility, 0.5, { tolerance: 1e-6 }),
            ),
          },
        ],
      }),
    ],
  }),
);

// %% [markdown]
// #claim 22/refits-climb
//
// <details><summary>What you saw</summary>At the best code. Each round, policies are best for the reference, and the reference is best for the policies: these are the two steps of Blahut and Arimoto (1972), who looked for something else. It slows down at the end; a program that stops when nothing seems to move returns a wrong point. Ours stops by a certificate, and refuses a point without one.</details>
//
// ### Exercise 4. One step of Blahut and Arimoto
//
// *Difficulty 3 of 5, 12 minutes. Trains: two steps of one algorithm.*
//
// Given a prior over persons, `utility[v][y]`, the present `marginal[y]` and `beta`, return `[policy, next]`: $P(y|v) \propto q(y)\, e^{U(v,y)/\beta}$ for each person, and the next marginal, $\sum_v p(v) P(y|v)$. Utilities may be as large as $1000\,\beta$.
//
// <details><summary>Hint</summary>Take off each person's greatest utility before the exponential.</details>

// %% [exercise] 22/blahut-arimoto
/** [policy[v][y], next marginal]. */
function blahutArimotoStep(
  prior: number[],
  utility: number[][],
  marginal: number[],
  beta: number,
): [number[][], number[]] {
  // #solution
  const policy = utility.map((row) => {
    const most = row.reduce((a, b) => Math.max(a, b));
    const weights = row.map((u, y) => marginal[y] * Math.exp((u - most) / beta));
    const total = weights.reduce((a, b) => a + b);
    return weights.map((w) => w / total);
  });
  return [policy, marginal.map((_, y) => policy.reduce((sum, row, v) => sum + prior[v] * row[y], 0))];
  // #end
}

// %% [check] 22/blahut-arimoto
await check("22/blahut-arimoto", { blahutArimotoStep });

// %% [markdown]
// **How much to remember.** The *information bottleneck* asks how few nats about a reply suffice to say who would have wished for it. It trades nats kept about the reply against nats said about the person, at a weight. Below a critical weight nothing is worth keeping: $1/\varrho^2$, $\varrho$ being the *maximal correlation*, the largest that a function of the reply and a function of the person can have.

// %%
const wished = (y: number) => normalised(world.utility.map((u) => Math.exp(u[y])));
const few = Array.from(world.writing, (p, y) => ({ p, y }))
  .sort((a, b) => b.p - a.p)
  .slice(0, 40);
const fewPrior = normalised(few.map(({ p }) => p));
const fewWished = few.map(({ y }) => wished(y));
const prices = [1, 1.5, 2, 3, 5, 10, 20];
const kept = prices.map((beta, i) =>
  informationBottleneck(split(key(7), prices.length)[i], fewPrior, fewWished, beta, {
    clusters: 8,
    restarts: 4,
    iterations: 300,
  }),
);
show(
  line({
    title: "Nothing is kept until it is worth keeping",
    subtitle: `the forty likeliest replies; critical weight ${(1 / maximalCorrelation(fewPrior, fewWished) ** 2).toFixed(2)}; four random starts each`,
    x: { title: "weight of relevance", type: "log" },
    y: { title: "information", unit: "bits" },
    series: [
      { name: "kept about the reply", x: prices, y: kept.map((k) => bits(k.kept)), markers: true },
      { name: "said about who would wish for it", x: prices, y: kept.map((k) => bits(k.relevant)), markers: true },
    ],
  }),
);

// %% [markdown]
// #claim 22/nothing-kept-until
//
// ## 4. Prices and steps
//
// **Duality.** The most reward within $\mathrm{KL} \le \kappa$ is $\min_\beta\, \beta \ln Z(\beta) + \beta\kappa$, and the $\beta$ that reaches it is the slope of the frontier: the price of a nat. With several constraints the multipliers are the weights of lesson 12.

// %%
const { tree, reference, utility } = phraseTask();
const [ref, worth] = [reference[0], utility[0]];
const frontier = linspace(-1.6, 1.6, 33).map((power) => {
  const beta = 10 ** (power / 1.4);
  const { logProbs } = exactRegularisedOptimum(ref, worth, beta);
  return { beta, kl: exactKL(logProbs, ref), u: exactExpectation(logProbs, worth) };
});
const tangentAt = [0.3, 1, 2].map((kappa) => ({ kappa, ...priceOfKl(ref, worth, kappa) }));
show(
  line({
    title: "beta is the slope: what the next nat buys",
    subtitle: "the phrase task's frontier, and three tangents of slope beta",
    x: { title: "KL to the reference", unit: "nats", range: [0, 4] },
    y: { title: "expected utility", range: [-0.1, 3.7] },
    series: [
      { name: "frontier", x: frontier.map(({ kl }) => kl), y: frontier.map(({ u }) => u) },
      ...tangentAt.map(({ kappa, beta, value }) => ({
        name: `at ${kappa} nats: ${beta.toFixed(2)} a nat`,
        x: [Math.max(0, kappa - 0.6), kappa + 0.6],
        y: [value - beta * Math.min(0.6, kappa), value + 0.6 * beta],
      })),
    ],
  }),
);

// %% [markdown]
// #claim 22/beta-is-the-price
//
// **Steps.** Three ways to climb, on the same objective with $\beta = 1/2$ and exact gradients: the *prox* or mirror step, $\log\pi \leftarrow (\log\pi + \eta(R + \beta\log\pi_0))/(1 + \eta\beta)$ less its normaliser; the natural gradient, which moves each logit by its advantage; and the plain gradient, which moves it by $\pi$ times the advantage.

// %%
const value = exactRegularisedOptimum(ref, worth, 0.5).value;
const gapAfter = (step: (pi: Float64Array) => Float64Array, steps: number) => {
  let pi: Float64Array = Float64Array.from(ref);
  const gaps = [value - exactRegularisedObjective(pi, ref, worth, 0.5)];
  for (let t = 0; t < steps; t++) {
    pi = step(pi);
    gaps.push(Math.max(1e-14, value - exactRegularisedObjective(pi, ref, worth, 0.5)));
  }
  return gaps;
};
const took = linspace(0, 40, 41);
show(
  line({
    title: "At the same rate, a step in the geometry of probabilities goes much further",
    subtitle: `phrase task, ${ref.length} replies as one softmax, beta = 1/2, rate 1`,
    x: { title: "steps" },
    y: { title: "below the optimum", type: "log", range: [1e-8, 10] },
    series: [
      {
        name: "mirror (prox)",
        x: took,
        y: gapAfter((pi) => regularisedMirrorStep(pi, ref, worth, { eta: 1, beta: 0.5 }), 40),
      },
      {
        name: "natural gradient",
        x: took,
        y: gapAfter((pi) => regularisedNaturalStep(pi, ref, worth, { eta: 1, beta: 0.5 }), 40),
      },
      {
        name: "plain gradient",
        x: took,
        y: gapAfter((pi) => regularisedPlainStep(pi, ref, worth, { eta: 1, beta: 0.5 }), 40),
      },
    ],
  }),
);

// %% [markdown]
// #claim 22/steps
//
// ### Exercise 5. A step that can stand still
//
// *Difficulty 3 of 5, 12 minutes. Trains: the prox step.*
//
// Return the log-probabilities after one mirror step with rate `eta` on reward less `beta` KL. At the optimum it must not move.
//
// <details><summary>Hint</summary>The reference enters with $\eta\beta$, and everything is divided by $1 + \eta\beta$. Then normalise.</details>

// %% [exercise] 22/mirror-step
/** log pi after one step. */
function mirrorOnce(logPi: number[], logRef: number[], reward: number[], eta: number, beta: number): number[] {
  // #solution
  const next = logPi.map((l, y) => (l + eta * (reward[y] + beta * logRef[y])) / (1 + eta * beta));
  const most = next.reduce((a, b) => Math.max(a, b));
  const total = most + Math.log(next.reduce((sum, l) => sum + Math.exp(l - most), 0));
  return next.map((l) => l - total);
  // #end
}

// %% [check] 22/mirror-step
await check("22/mirror-step", { mirrorOnce });

// %% [markdown]
// **Which KL?** By (1) RLHF makes $\mathrm{KL}(\pi \,\|\, \pi^*)$ small, and imitation $\mathrm{KL}(p \,\|\, \pi)$, $p$ being how people write. Where the model can write everything both end at the target, and the direction does not matter. Where it cannot, the first must not write what the target does not (it *seeks* one mode), and the second must write all that the target does (it *covers* all of them, and what lies between).
//
// People of two camps: 55 % write "good whale" or "very good whale", 45 % "bad sea" or "very bad sea". **Predict, then run.** A policy whose words do not depend on one another is fitted by either KL; then one that remembers one word. What do they write?

// %%
const camps = twoCampsWorld();
const words = camps.task.tree;
const memories = { "no memory": placeContexts(words), "one word of memory": lastTokenContexts(words) };
const fittedBoth: [string, Float64Array][] = Object.entries(memories).flatMap(([memory, contexts]) => {
  const covering = coveringPolicy(words, contexts, camps.people);
  const seeking = seekingPolicy(covering, camps.people, { rate: 0.1 }).policy;
  return [
    [`covering, ${memory}`, sequenceLogProbsOf(covering)] as [string, Float64Array],
    [`seeking, ${memory}`, sequenceLogProbsOf(seeking)] as [string, Float64Array],
  ];
});
const writers: [string, Float64Array][] = [["people", camps.people], ...fittedBoth];
const written = camps.replies.map(({ text }) => text);
show(
  bar({
    title: "Without memory one KL mixes the camps, the other drops one",
    subtitle: "with one word of memory both keep both; all policies start from the imitator",
    x: { title: "reply" },
    y: { title: "probability", range: [0, 1.03] },
    categories: [...written, "any other"],
    series: writers.map(([name, logProbs]) => {
      const values = camps.replies.map(({ reply }) => Math.exp(logProbs[reply]));
      return { name, values: [...values, 1 - values.reduce((a, b) => a + b)] };
    }),
  }),
);
table(
  writers.map(([policy, logProbs]) => {
    const order = Array.from(logProbs.keys()).sort((a, b) => logProbs[b] - logProbs[a]);
    return {
      policy,
      first: camps.replies.reduce((sum, r) => sum + (r.camp === 0 ? Math.exp(logProbs[r.reply]) : 0), 0),
      second: camps.replies.reduce((sum, r) => sum + (r.camp === 1 ? Math.exp(logProbs[r.reply]) : 0), 0),
      most: phraseText(words.sequences[order[0]]),
      forward: exactKL(camps.people, logProbs),
      reverse: exactKL(logProbs, camps.people),
    };
  }),
  {
    columns: {
      policy: "policy",
      first: "replies of the first camp",
      second: "of the second",
      most: "its likeliest reply",
      forward: "KL(people, it)",
      reverse: "KL(it, people)",
    },
    digits: 3,
  },
);

// %% [markdown]
// #claim 22/covering-and-seeking
//
// <details><summary>What you saw</summary>Without memory the covering policy writes "very whale" as its likeliest reply, which nobody wrote: at each place it writes each word as often as people do, and does not know which go together. The seeking one writes one reply of one camp nearly always. With one word of memory the two are alike, and near to people.</details>
//
// So a policy that ends in one mode need not have a wrong reward: the direction of the KL does it, in a model that is too small for its target. And it depends on where one starts, and on the steps:

// %%
const startsAt = {
  imitator: coveringPolicy(words, memories["no memory"], camps.people),
  nothing: treePolicy(words, new Float64Array(3 * words.vocabulary), memories["no memory"]),
};
const seekingRates = [0.02, 0.05, 0.1, 0.2, 0.5, 1];
table(
  seekingRates.map((rate) => {
    const [imitator, nothing] = Object.values(startsAt).map((start) => {
      const { path } = seekingPolicy(start, camps.people, { rate });
      return path[path.length - 1];
    });
    return { rate, imitator, nothing };
  }),
  {
    columns: {
      rate: "rate of the natural gradient",
      imitator: "KL(it, people) in the end, from the imitator",
      nothing: "from equal logits",
    },
    digits: 3,
  },
);

// %% [markdown]
// #claim 22/where-seeking-rests
//
// The spread resting place is a stationary point too, and a worse one. Small steps from the imitator, which is where RLHF starts, miss it; great steps jump into it.
//
// ### Exercise 6. Two distances, and what each forgives
//
// *Difficulty 2 of 5, 9 minutes. Trains: which way round a KL goes.*
//
// Return `[KL(p, q), KL(q, p)]` in nats of two distributions over the same replies. A reply that the first one never writes costs nothing; one that the first writes and the second never does makes the KL infinite.
//
// <details><summary>Hint</summary>One function of two lists, called twice. 0 log 0 counts as 0: look at the first probability before the logarithm.</details>

// %% [exercise] 22/two-kls
/** [KL(p, q), KL(q, p)] in nats. */
function bothWays(p: number[], q: number[]): number[] {
  // #solution
  const kl = (a: number[], b: number[]) =>
    a.reduce((sum, x, y) => (x > 0 ? sum + x * (b[y] > 0 ? Math.log(x / b[y]) : Number.POSITIVE_INFINITY) : sum), 0);
  return [kl(p, q), kl(q, p)];
  // #end
}

// %% [check] 22/two-kls
await check("22/two-kls", { bothWays });

// %% [markdown]
// ## 5. Control: a value that is not a mean
//
// Written token by token, (1) is a problem of control: the reference is how the text would go on by itself, and pushing costs KL. Todorov's trick makes it *linear*. With the *desirability* $z = \mathbb E_{\pi_0}[e^{R/\beta} \mid \text{prefix}]$,
//
// $$z(s) = \sum_v \pi_0(v|s)\, z(sv), \qquad \pi^*(v|s) = \pi_0(v|s)\,\frac{z(sv)}{z(s)}, \qquad \text{soft value} = \beta \ln z(s). \tag{6}$$

// %%
const conditionals = conditionalLogProbs(tree, ref);
const logZ = treeDesirability(tree, conditionals, worth, 0.5);
const steered = desirabilityPolicy(tree, conditionals, worth, 0.5);
// The same with mean values in place of soft ones: decoding by what follows on average under the reference.
const byMeans = meanValuePolicy(tree, conditionals, worth, 0.5);
const measured = (name: string, conditional: Float64Array) => {
  const p = sequenceLogProbs(tree, conditional);
  return {
    policy: name,
    utility: exactExpectation(p, worth),
    kl: exactKL(p, ref),
    objective: exactRegularisedObjective(p, ref, worth, 0.5),
  };
};
table(
  [measured("reference", conditionals), measured("by mean values", byMeans), measured("by desirability", steered)],
  {
    columns: { policy: "decoding", utility: "utility", kl: "KL (nats)", objective: "objective" },
    digits: 3,
  },
);
const firstWords = ["<end>", "good", "bad", "not", "very", "whale", "sea"];
show(
  bar({
    title: "The first word under three policies",
    subtitle: `soft value at the beginning ${(0.5 * logZ[0]).toFixed(3)}, the optimum of the whole tree ${value.toFixed(3)}`,
    x: { title: "first word" },
    y: { title: "probability" },
    categories: firstWords,
    series: [
      { name: "reference", values: firstWords.map((_, v) => Math.exp(conditionals[v])) },
      { name: "by mean values", values: firstWords.map((_, v) => Math.exp(byMeans[v])) },
      { name: "by desirability", values: firstWords.map((_, v) => Math.exp(steered[v])) },
    ],
  }),
);

// %% [markdown]
// #claim 22/soft-value-is-no-mean
//
// A critic that learns mean values and is used to steer decoding gives something away: it does not know that later words will be steered too.
//
// ### Exercise 7. The soft value of a prefix
//
// *Difficulty 3 of 5, 12 minutes. Trains: equation (6).*
//
// A tree is a number (the reward at its end) or a list of `[probability, subtree]` under the reference. Return its soft value $\beta\ln z$.
//
// <details><summary>Hint</summary>The soft value of a leaf is its reward. Of a node: $\beta \ln \sum p\, e^{\text{value}/\beta}$; take off the greatest value first.</details>

// %% [exercise] 22/soft-value
type Branch = number | [number, Branch][];
/** beta ln E_ref[e^(R / beta)] of a tree. */
function softValue(branch: Branch, beta: number): number {
  // #solution
  if (typeof branch === "number") return branch;
  const values = branch.map(([p, next]) => ({ p, value: softValue(next, beta) }));
  const most = values.reduce((a, { value: x }) => Math.max(a, x), Number.NEGATIVE_INFINITY);
  return most + beta * Math.log(values.reduce((sum, { p, value: x }) => sum + p * Math.exp((x - most) / beta), 0));
  // #end
}

// %% [check] 22/soft-value
await check("22/soft-value", { softValue });

// %% [markdown]
// ## 6. The loop: each round right, and the whole swings
//
// People judge, the model moves, people judge the new replies. Control theory asks whether such a loop settles. The simplest one with a delay, $b \leftarrow b + k\,(w - b_{d\text{ rounds ago}})$, settles exactly if
//
// $$0 < k < 2\cos\frac{d\pi}{2d + 1}. \tag{7}$$

// %%
const delays = [0, 1, 2, 3, 4, 5, 6];
show(
  smallMultiples({
    title: "The later the feedback, the smaller the step that it bears",
    figures: [
      line({
        title: "Gain that still settles",
        x: { title: "delay", unit: "rounds" },
        y: { title: "gain", range: [0, 2.1] },
        series: [
          { name: "settles below", x: delays, y: delays.map(criticalGain), markers: true },
          { name: "does not overshoot below", x: delays, y: delays.map(overshootGain), markers: true },
        ],
      }),
      line({
        title: "Delay of two rounds",
        x: { title: "round" },
        y: { title: "b (wanted: 1)", range: [-1, 3] },
        series: [0.2, 0.9, 1.05].map((factor) => ({
          name: `${factor} of the critical gain`,
          x: linspace(0, 60, 61),
          y: Array.from(delayedLoop(factor * criticalGain(2), 2, 60)),
        })),
      }),
    ],
  }),
);

// %% [markdown]
// Now RLHF itself. Replies have 1 to 40 words, the reference writes about 20, people like 24 best. In each round people compare the newest replies; a reward *linear in length* is fitted (too simple, on purpose); and the policy is the exact optimum (1) from the reference. Every round is right by its own lights.

// %%
const loops = [1, 0.7, 0.5].map((beta) => ({ beta, rounds: lengthLoop({ beta, data: "newest", rounds: 30 }) }));
const pooled = lengthLoop({ beta: 0.5, data: "pooled", rounds: 30 });
const mixed = lengthLoop({ beta: 0.5, data: "newest and reference", rounds: 30 });
const roundsOf = linspace(1, 30, 30);
show(
  smallMultiples({
    title: "The KL is right, each round is optimal, and the loop still swings",
    subtitle: "mean length of replies; people like 24 words best",
    share: "both",
    figures: [
      line({
        title: "Fitted to the newest replies",
        x: { title: "round" },
        y: { title: "mean length", unit: "words", range: [0, 41] },
        series: loops.map(({ beta, rounds }) => ({
          name: `beta ${beta}`,
          x: roundsOf,
          y: rounds.map(({ length }) => length),
          markers: true,
        })),
        reference: [{ y: 24 }],
      }),
      line({
        title: "beta 0.5, fitted to more",
        x: { title: "round" },
        y: { title: "mean length", unit: "words", range: [0, 41] },
        series: [
          { name: "newest and reference", x: roundsOf, y: mixed.map(({ length }) => length), markers: true },
          { name: "all rounds so far", x: roundsOf, y: pooled.map(({ length }) => length), markers: true },
        ],
        reference: [{ y: 24 }],
      }),
    ],
  }),
);

// %% [markdown]
// #claim 22/the-loop-swings
//
// A small $\beta$ is a large loop gain. From long replies people's answers say "shorter", the linear reward says "shorter for ever", and the policy believes it. Old data damp the loop.
//
// **Break it.** Set `beta` to 0.1 with the newest and the reference's replies. What does it do?
//
// <details><summary>Answer</summary>It swings again, between very long and very short: half of the data are enough at 0.5 and not at 0.1. All rounds pooled settle at every beta that we tried.</details>
//
// **The person moves too.** Let a person's taste $\theta$ and the model $b$ adapt to each other, $\theta \mathrel{+}= \rho\,(b - \theta)$, $b \mathrel{+}= k\,(\theta - b)$. Then $k\theta + \rho b$ never changes, and they meet at $(k\theta_0 + \rho b_0)/(k + \rho)$.

// %%
const meetings = [
  { k: 0.3, rho: 0.1 },
  { k: 0.3, rho: 0.3 },
  { k: 0.1, rho: 0.3 },
  { k: 0.3, rho: 0.1, kappa: 0.02 },
];
show(
  scatter({
    title: "Who learns faster is aligned to who learns slower",
    subtitle:
      "both begin at the lower right and end on the diagonal; anchored: the person is pulled back to its own taste",
    x: { title: "the person's taste", range: [-1.1, 1.1] },
    y: { title: "the model", range: [-1.1, 1.1] },
    series: meetings.map(({ k, rho, kappa }) => {
      const { theta, b } = coadaptation({ theta: 1, b: -1 }, { k, rho, ...(kappa ? { kappa } : {}) }, 400);
      return { name: kappa ? `k ${k}, rho ${rho}, anchored` : `k ${k}, rho ${rho}`, x: theta, y: b, size: 5 };
    }),
  }),
);

// %% [markdown]
// #claim 22/who-is-aligned-to-whom
//
// In each case the disagreement ends at 0, and a measure of agreement sees nothing wrong. The anchor does for the person what the KL does for the policy.
//
// Those two only followed each other. **A planner does more.** It shows one item, now $b$, a round to a person of taste $\theta$, is paid by engagement, $e^{-(b-\theta)^2/0.5}\,(1 + 0.6|b|)$ (near to the taste, and strong items more), and knows that the taste moves a tenth of the way to what is shown. It maximises the discounted sum, by policy iteration on a grid. What does it show first?

// %%
const foresights = [0, 0.9, 0.99];
const plans = foresights.map((discount) => engagementPath({ discount }));
const asRounds = linspace(1, 50, 50);
show(
  smallMultiples({
    title: "The far-sighted planner first shows what this person does not like, and makes the taste that pays",
    subtitle: "taste 0.1 at the start; plans by policy iteration, discounts 0, 0.9, 0.99",
    figures: [
      line({
        title: "What is shown",
        x: { title: "round" },
        y: { title: "item", range: [-0.05, 1.05] },
        series: plans.map(({ items }, i) => ({ name: `discount ${foresights[i]}`, x: asRounds, y: items })),
      }),
      line({
        title: "What becomes of the taste",
        x: { title: "round" },
        y: { title: "taste", range: [-0.05, 1.05] },
        series: plans.map(({ tastes }, i) => ({ name: `discount ${foresights[i]}`, x: asRounds, y: tastes.slice(1) })),
        reference: [{ y: 0.1, label: "at the start" }],
      }),
      line({
        title: "What it pays",
        x: { title: "round" },
        y: { title: "engagement", range: [0, 1.7] },
        series: plans.map(({ engagements }, i) => ({ name: `discount ${foresights[i]}`, x: asRounds, y: engagements })),
      }),
    ],
  }),
);

// %% [markdown]
// #claim 22/plans-for-the-taste
//
// Even the planner without foresight moves the taste, as strong items pay a little more. The far-sighted one gives up engagement now for a person who is easier to hold. Nobody told it to: the person's taste is a part of the world that it plans in. "Maximise long-term satisfaction" is such a plan, unless the taste that counts is the one from before.
//
// ### Exercise 8. Write the loop: does it settle?
//
// *Difficulty 3 of 5, 16 minutes. A loop that you write: observe, correct, step.*
//
// Simulate a noisy loop with delay: start at $b = 0$; in round $t$ the observation is $o_t = w - b_{t-d} + \text{noise}[t]$ ($b$ before the first round is 0), and $b$ moves by $k\,o_t$. Return all values of $b$, the first 0 included, for as many rounds as there are noises.
//
// <details><summary>Hint</summary>Keep the whole path; b of d rounds ago is path[t - d], or 0.</details>

// %% [exercise] 22/noisy-loop
/** b_0, b_1, ... of the loop. */
function noisyLoop(k: number, d: number, w: number, noise: number[]): number[] {
  // #solution
  const path = [0];
  noise.forEach((e, t) => {
    const seen = t - d >= 0 ? path[t - d] : 0;
    path.push(path[t] + k * (w - seen + e));
  });
  return path;
  // #end
}

// %% [check] 22/noisy-loop
await check("22/noisy-loop", { noisyLoop });

// %% [markdown]
// ## 7. Whose utility?
//
// Pool the clicks of groups $g$ with shares $w_g$. The pool prefers $i$ to $j$ with $P_{ij} = \sum_g w_g\, \sigma(u_{gi} - u_{gj})$: a mean of sigmoids, not the sigmoid of a mean. 60 % gain 2 from A over B, 40 % lose $s$:

// %%
const stakes = linspace(0, 20, 41);
const prefers = stakes.map(
  (s) =>
    pooledPreferences(
      [0.6, 0.4],
      [
        [2, 0],
        [-s, 0],
      ],
    )[0][1],
);
const clones = {
  shares: [0.4, 0.35, 0.25],
  u: [
    [2, 0, -1],
    [-1, 2, 0],
    [0, -1, 2],
  ],
};
const withCopy = clones.u.map((row) => [...row, row[1]]);
const marginsOf = (u: number[][]) => {
  const P = pooledPreferences(clones.shares, u);
  return Array.from(P, (row) => Array.from(row, (p) => 2 * p - 1));
};
const fitOf = (u: number[][]) => pooledReward(clones.shares, u);
const lotteries = [await maximalLottery(marginsOf(clones.u)), await maximalLottery(marginsOf(withCopy))];
show(
  line({
    title: "A click saturates; harm does not",
    subtitle: "60 % gain 2 by A over B, 40 % lose s",
    x: { title: "what the 40 % lose" },
    y: { title: "P, and mean utility / 8", range: [-1, 1] },
    series: [
      { name: "P(A preferred)", x: stakes, y: prefers },
      { name: "mean utility of A over B, / 8", x: stakes, y: stakes.map((s) => (1.2 - 0.4 * s) / 8) },
    ],
    reference: [{ y: 0.5 }, { y: 0 }],
  }),
);
table(
  [
    { replies: "three", theta: fitOf(clones.u), lottery: lotteries[0] },
    { replies: "and a copy of reply 1", theta: fitOf(withCopy), lottery: lotteries[1] },
  ].map(({ replies, theta, lottery }) => ({
    replies,
    first: Array.from(theta).indexOf(theta.reduce((a, b) => Math.max(a, b))),
    theta: Array.from(theta, (t) => t.toFixed(4)).join(", "),
    lottery: Array.from(lottery, (p) => Math.abs(p).toFixed(2)).join(", "),
  })),
  { columns: { replies: "replies", first: "Bradley-Terry picks", theta: "its rewards", lottery: "maximal lottery" } },
);
table(
  [
    { rule: "Bradley-Terry's best reply", p: [1, 0, 0] },
    {
      rule: "Nash welfare",
      p: Array.from(
        nashWelfare(
          [0.6, 0.4],
          [
            [3, 0, 1.2],
            [0, 3, 1.2],
          ],
        ),
      ),
    },
    { rule: "a coin by size", p: [0.6, 0.4, 0] },
    { rule: "the compromise", p: [0, 0, 1] },
  ].map(({ rule, p }) => ({ rule, large: 3 * p[0] + 1.2 * p[2], small: 3 * p[1] + 1.2 * p[2] })),
  { columns: { rule: "rule", large: "the 60 % get", small: "the 40 % get" }, digits: 2 },
);

// %% [markdown]
// #claim 22/clicks-saturate
// #claim 22/copies-turn-the-winner
//
// However much the 40 % lose, the pool still prefers A: a click says *which*, not *how much*. A copy of one reply turns Bradley-Terry's winner round; the *maximal lottery*, the one that no other lottery beats, does not care. And each rule serves somebody: Nash welfare, $\max \sum_g w_g \ln \mathbb E\, u_g$, shares by size here.
//
// When all pairs are compared equally often, Bradley-Terry orders by Borda's points, exactly (lesson 04). So everything that is known about Borda's faults is true of pooled rewards. On real ballots: ward 2 of Minneapolis, 2021, whose majorities go round in a circle (lesson 04).

// %%
const ward = minneapolisWard2();
const tally = pairwiseTally(rankingsFromBallots(ward.ballots, { names: ward.names }));
const wardMargins = tally.map((row, i) => Array.from(row, (n, j) => n - tally[j][i]));
const wardTheta = bradleyTerry.fit(comparisonsFromWins(tally.map((row) => Array.from(row)))).theta;
const wardLottery = await maximalLottery(wardMargins);
table(
  ward.names.map((name, i) => {
    const j = wardMargins[i].findIndex((m) => m > 0);
    const beats = `${ward.names[j]} by ${wardMargins[i][j]}`;
    return { name, beats, theta: wardTheta[i], lottery: wardLottery[i] };
  }),
  {
    columns: { name: "candidate", beats: "beats", theta: "Bradley-Terry's reward", lottery: "maximal lottery" },
    digits: 3,
  },
);

// %% [markdown]
// #claim 22/a-real-circle
//
// The winner of the pooled reward is not the one to whom the lottery gives most. That one won the election.
//
// **A crowd that errs together.** Condorcet's jury: $n$ people, each right with probability $p > 1/2$, are right by majority nearly surely, if they err *independently*. Now let them share their accuracy: it is drawn once, from Beta(3, 2), whose mean is 0.6 too. (They read the same newspaper; or they are five samples of one model.)

// %%
const juries = [1, 3, 5, 11, 21, 51, 101, 201, 501, 1001];
show(
  line({
    title: "More jurors do not help beyond what they have in common",
    subtitle: "probability that the majority is right; exact",
    x: { title: "jurors", type: "log" },
    y: { title: "probability", range: [0, 1.03] },
    series: [
      { name: "independent, 0.6 each", x: juries, y: juries.map((n) => flatMajority(n, 0.6)), markers: true },
      {
        name: "accuracy shared, 0.6 on average",
        x: juries,
        y: juries.map((n) => correlatedMajority(n, 3, 2)),
        markers: true,
      },
      { name: "independent, 0.45 each", x: juries, y: juries.map((n) => flatMajority(n, 0.45)), markers: true },
    ],
    reference: [{ y: correlatedMajorityLimit(3, 2), label: "P(accuracy > 1/2)" }],
  }),
);

// %% [markdown]
// #claim 22/juries-stop
//
// Eleven who share an accuracy are within 0.03 of what any number of them reaches. What helps is labelers who err for different reasons.
//
// **Who gains by lying?** Three groups with shares 0.5, 0.3, 0.2, four replies. The pool's reward is fitted, and the policy is (1) from a uniform reference at $\beta = 1/4$. One group may claim any order of the replies, and clearly, while the others are honest. Beside it a rule that nobody would call efficient: draw a group by its share, and do what it says.

// %%
const voters = {
  shares: [0.5, 0.3, 0.2],
  u: [
    [3, 0, 2, 1],
    [0, 3, 1.5, 1],
    [0, 0, 1, 2.5],
  ],
};
const rules = {
  "pooled reward": (reported: GroupUtilities) => pooledPolicy(voters.shares, reported, { beta: 0.25 }),
  "a drawn group decides": (reported: GroupUtilities) => randomDictatorship(voters.shares, reported),
};
const lied = Object.entries(rules).map(([rule, run]) => ({
  rule,
  groups: voters.u.map((_, g) => bestLie(run, voters.u, g)),
}));
show(
  smallMultiples({
    title: "Under a pooled reward each group gains by a lie; where one is drawn, nobody",
    subtitle: "true expected utility of a group, honest and with its best lie",
    share: "y",
    figures: lied.map(({ rule, groups }) =>
      bar({
        title: rule,
        x: { title: "share of the group" },
        y: { title: "expected utility" },
        categories: ["50 %", "30 %", "20 %"],
        series: [
          { name: "honest", values: groups.map(({ honest }) => honest) },
          { name: "best lie", values: groups.map(({ best }) => best) },
        ],
      }),
    ),
  }),
);
table(
  lied[0].groups.map(({ honest, best, report }, g) => ({
    group: ["50 %", "30 %", "20 %"][g],
    wants: voters.u[g].join(", "),
    says: Array.from(report).join(", "),
    honest,
    best,
  })),
  {
    columns: {
      group: "group",
      wants: "what it wants",
      says: "what it says it wants",
      honest: "honest",
      best: "with this lie",
    },
    digits: 3,
  },
);

// %% [markdown]
// #claim 22/lies-pay
// #claim 22/lies-pay-elsewhere
//
// The large and the small group only shout: the order that they claim is their own, its gaps are not (the small one breaks a tie, against the largest). The middle group puts the compromise above its favourite. The pool's reward orders by Borda's points, and these are the old tricks against Borda. The drawn group is safe, since a claim changes only what is done on one's own turn; two of the three groups pay for that: they get less than by honest pooling. In random worlds of three groups nearly every group gains by a lie to the pool. No rule has it all (lesson 21, section 4).
//
// ### Exercise 9. What a pool prefers
//
// *Difficulty 2 of 5, 10 minutes. Trains: the mean of sigmoids.*
//
// Return the matrix $P_{ij}$ for `shares[g]` and `utilities[g][i]`, temperature 1.
//
// <details><summary>Hint</summary>The sigmoid inside the sum over groups.</details>

// %% [exercise] 22/pooled-preferences
/** P[i][j]: probability that the pool prefers i to j. */
function pool(shares: number[], utilities: number[][]): number[][] {
  // #solution
  const items = utilities[0].map((_, i) => i);
  return items.map((i) =>
    items.map((j) => shares.reduce((sum, w, g) => sum + w / (1 + Math.exp(utilities[g][j] - utilities[g][i])), 0)),
  );
  // #end
}

// %% [check] 22/pooled-preferences
await check("22/pooled-preferences", { pool });

// %% [markdown]
// ### Exercise 10. Find the bug: the lottery of a circle
//
// *Difficulty 2 of 5, 10 minutes. Uses the idea on something new: reply 0 beats 1, 1 beats 2, 2 beats 0.*
//
// By margins $m_{01}, m_{12}, m_{20} > 0$. The maximal lottery gives each reply a probability proportional to the margin of the edge that it is *not* on: the stronger your enemies' quarrel, the better for you. The function below was written from memory. Mend it.
//
// <details><summary>Hint</summary>Reply 0 is on the edges 0-1 and 2-0. Which is left?</details>

// %% [exercise] 22/find-the-bug
/** Probabilities of the maximal lottery of a circle with margins 0 > 1, 1 > 2, 2 > 0. */
function circleLottery(m01: number, m12: number, m20: number): number[] {
  // #solution
  const total = m01 + m12 + m20;
  return [m12 / total, m20 / total, m01 / total];
  // #given
  // const total = m01 + m12 + m20;
  // return [m01 / total, m12 / total, m20 / total];
  // #end
}

// %% [check] 22/find-the-bug
await check("22/find-the-bug", { circleLottery });

// %% [markdown]
// ## 8. Learning: what is remembered of the sample
//
// A learner that picks one of 32 rules from $n$ noisy comparisons: its error on fresh ones exceeds that on those seen by at most $\sqrt{I(S;W)/2n}$ in expectation, $I(S;W)$ being the nats that its choice $W$ says about the sample $S$ (Xu and Raginsky 2017). The Gibbs learner (formula (1) again, with $R = -n \hat L$) trades the two by its temperature.

// %%
const inverses = [1, 2, 5, 10, 20, 50];
const learners = inverses.map((inverse) => gibbsLearning(15, inverse));
show(
  line({
    title: "The harder it fits, the more it remembers, and the wider the gap can be",
    subtitle: "32 rules, 15 comparisons, a quarter of them flipped; exact",
    x: { title: "inverse temperature of the learner", type: "log" },
    y: { title: "error on fresh less error on seen", range: [0, 0.37] },
    series: [
      { name: "gap", x: inverses, y: learners.map(({ gap }) => gap), markers: true },
      { name: "bound by information", x: inverses, y: learners.map(({ bound }) => bound), markers: true },
      {
        name: "bound by the KL to the prior",
        x: inverses,
        y: learners.map(({ priorBound }) => priorBound),
        markers: true,
      },
    ],
  }),
);

// %% [markdown]
// #claim 22/remembering-costs
//
// The third line is PAC-Bayes': it takes the KL to the uniform prior, which is $I(S;W)$ and what the mean of all posteriors is off the prior. It is (5) again, with the prior for the reference.
//
// ## 9. The course on one picture
//
// Every lesson stands at one place of the loop: values become answers, answers a reward, the reward a policy, the policy replies, and replies reach people. Each arrow has a formula of this lesson: from values to answers (3), from answers to the reward (4), from the reward to the policy (1), from the policy to replies (6), from replies through people to the next answers (7). A light field says that the lesson looks at this part.

// %%
const stages = ["values", "answers", "reward", "policy", "replies", "people"];
const lessonsAt: [string, number[]][] = [
  ["01 to 04: what answers tell, whose", [1, 1, 1, 0, 0, 1]],
  ["05, 10: the pipeline, without a reward", [0, 1, 1, 1, 1, 0]],
  ["06: what to reward", [1, 0, 1, 0, 0, 0]],
  ["07 to 09: gradients, steps, critics", [0, 0, 0, 1, 1, 0]],
  ["11: when the measure becomes the target", [1, 0, 1, 1, 0, 0]],
  ["12, 13: principles", [1, 0, 1, 1, 1, 0]],
  ["14: playing oneself", [0, 0, 0, 1, 1, 0]],
  ["15, 16: goals, and goals within", [1, 1, 0, 1, 0, 0]],
  ["17: judging what we cannot do", [0, 1, 0, 0, 1, 1]],
  ["18 to 20: uncertainty, limits, proofs", [0, 0, 1, 1, 1, 0]],
  ["21: many agents", [1, 1, 0, 1, 0, 1]],
  ["22, 23: the whole loop", [1, 1, 1, 1, 1, 1]],
];
show(
  heatmap({
    title: "Which lesson looks at which part of the loop",
    x: { title: "from values back to people", labels: stages },
    y: { title: "lessons", labels: lessonsAt.map(([name]) => name) },
    values: lessonsAt.map(([, row]) => row),
    color: { title: "looks at it" },
    annotate: false,
  }),
);

// %% [markdown]
// ## What this lesson does not show
//
// - **Long codes.** Shannon's theorems are about long blocks. Ours are one reply to one person.
// - **Labelers who change.** Capacity is for honest and steady ones.
// - **A prior over persons.** $U^*(r)$ needs one; ours is uniform over eight.
// - **The right reward class.** The swinging loop has a reward of the wrong form, on purpose. With the right one and answers without end every round fits the same reward, and nothing swings.
//
// ## Said, and seen
//
// | Said | Seen | Where |
// | --- | --- | --- |
// | Preference learning maximises information between values and reward | It raises a bound on the information between answer and pair (lesson 23); what later stages can know is bounded by the answers | 1, 2 |
// | Policy optimisation maximises information between reward and content | It goes to zero (lesson 23) | |
// | The model minimises the KL from people to itself | That is imitation, which covers; RLHF minimises the other one, to another target, and seeks | 4 |
// | Rate-distortion: fidelity against satisfaction | $U^*(r)$, and RLHF lies below it until the reference is refitted | 2, 3 |
// | Constrained and multi-objective optimisation | Prices: $\beta$ is the slope | 4 |
// | Feedback control with the human as supervisor | Settles or swings by (7); a small $\beta$ is a large gain | 5, 6 |
// | Outputs influence human understanding | Then who learns faster is aligned to who learns slower | 6 |
// | Learning theory: sample complexity | Nats of the sample that are remembered | 8 |
// | Social choice: aggregation, voting | Saturated clicks, copies, lies that pay, and three answers to "whose" | 7 |
// | The wisdom of crowds | Up to what they have in common | 7 |
//
// ## On one page
//
// | | | In code |
// | --- | --- | --- |
// | (1) | $\pi_0 e^{R/\beta}/Z$ | `exactRegularisedOptimum` |
// | (2), (3) | information, capacity | `mutualInformation`, `channelCapacity`, `labelerChannel` |
// | (4) | nothing above $U^*(\min(H, nC))$ | `rateDistortion`, `askPersons` |
// | (5) | paid = told + mismatch | `referencePoint` |
// | prices, steps | $\beta$ = slope; mirror and natural | `priceOfKl`, `regularisedMirrorStep` |
// | (6) | $z$ linear, value $\beta\ln z$ | `treeDesirability` |
// | (7) | critical gain | `criticalGain`, `lengthLoop`, `coadaptation`, `engagementPath` |
// | two KLs | cover, or seek | `coveringPolicy`, `seekingPolicy` |
// | people | mean of sigmoids | `pooledPreferences`, `pooledReward`, `maximalLottery`, `nashWelfare`, `bestLie` |
// | crowds | stop at $P(\text{accuracy} > 1/2)$ | `correlatedMajority` |
//
// **Three questions**
//
// <details><summary>Your labelers are right 75 % of the time. How many bits is that a click, at most, and how many clicks for 3 bits?</summary>$1 - h(0.25) = 0.19$ bits; so 16 clicks at the very least, if every question were a perfect one.</details>
//
// <details><summary>After each release you retrain from the same reference on the newest comparisons, and length goes up, down, up. What do you change first?</summary>Keep old comparisons in, or raise beta. The loop's gain is too high for its delay; a better optimiser makes it worse.</details>
//
// <details><summary>Users agree with the model more and more. Is it better aligned?</summary>Not shown: they may have moved. Ask what they want after a time without it, or compare with people who never used it.</details>
//
// ## Read on
//
// - Korbak, Perez and Buckley 2022, *RL with KL penalties is better viewed as Bayesian inference*, arXiv:2205.11275; Ortega and Braun 2013, arXiv:1204.6481; Levine 2018, arXiv:1805.00909. Run it.
// - Cover and Thomas 2006, *Elements of information theory*, chapters 2, 7, 10; Blahut 1972; Arimoto 1972. Sections 1 to 3.
// - Tishby, Pereira and Bialek 1999, *The information bottleneck method*, arXiv:physics/0004057; Barber and Agakov 2003, *The IM algorithm*; Xu and Raginsky 2017, arXiv:1705.07809. Sections 3 and 8.
// - Todorov 2009, *Efficient computation of optimal actions*; Levin and May 1976, *A note on difference-delay equations*. Sections 5 and 6.
// - Siththaranjan, Laidlaw and Hadfield-Menell 2023, *Distributional preference learning*, arXiv:2312.08358; Ge and others 2024, *Axioms for AI alignment from human feedback*, arXiv:2405.14758; Conitzer and others 2024, arXiv:2404.10271; Fishburn 1984, *Probabilistic social choice based on simple voting comparisons*. Section 7.
// - Minka 2005, *Divergence measures and message passing*; Ladha 1992, *The Condorcet jury theorem, free speech, and correlated votes*; Dummett 1984, *Voting procedures*. Sections 4 and 7.
// - Carroll and others 2022, *Estimating and penalizing induced preference shifts*, arXiv:2204.11966; Krueger, Maharaj and Leike 2020, *Hidden incentives for auto-induced distributional shift*, arXiv:2009.09153. Section 6.
// - In the books: MacKay, [*Information theory, inference, and learning algorithms*](https://www.inference.org.uk/mackay/itila/): chapter 33, Variational Methods.

// %%
import { solved } from "rlhf-lab-course";

// What you have solved of this lesson; it is written down on this machine and sent nowhere.
await solved("22");
