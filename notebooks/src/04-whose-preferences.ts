// %% [markdown]
// # 04 Whose preferences?
//
// Nobody asks one person. A reward model is taught by a crowd, and the crowd disagrees: some people know more than others, some do not read, a
// few answer the wrong way round, and some simply want something else. How do many voices become one answer? How much is each voice worth,
// and who tells us? And when people truly want different things, is there an answer at all?
//
// **After this lesson you can**
//
// - say how much people agree beyond luck, and what that number hides;
// - weigh votes by what they are worth, and say why that weight is a log-odds and not a precision;
// - learn how reliable people are while nobody knows the truth, by EM, and say when that goes wrong;
// - fit abilities to comparisons by labelers who differ in sharpness;
// - find a circle in the wishes of a majority, and say what every voting rule does about it, and must.
//
// **Time** 100 minutes, 60 of them exercises. **You need** lesson 01, and Bayes' rule.

// %% [markdown]
// ## The models on one page
//
// Person $w$ answers task $i$ with class $y_{iw}$; the truth $t_i$ is hidden. A comparison is a task with two classes.
//
// | On paper | In code | What it is |
// | --- | --- | --- |
// | $y_{iw}$ | `data.task[k]`, `data.worker[k]`, `data.label[k]` | answer number $k$: who said what of which task |
// | $p_w$ | `accuracy[w]` | how often person $w$ is right |
// | $\log \frac{p_w}{1 - p_w}$ | `logOddsWeight(p)` | what a vote of theirs is worth, in nats |
// | $\pi_t$, $\pi^w_{tc}$ | `fit.prior`, `fit.confusion` | how common class $t$ is; how often $w$ says $c$ where the truth is $t$ |
// | $P(t_i = t \mid \text{answers})$ | `fit.posterior` | what all answers say about task $i$ |
// | $\alpha_w$ | `alpha[w]` | sharpness of a labeler: $P(i \succ j) = \sigma(\alpha_w(\theta_i - \theta_j))$ |
// | $m_{ij}$ | `tally[i][j] - tally[j][i]` | by how many votes $i$ beats $j$ |

// %%
import {
  bar,
  check,
  foldIn,
  graph,
  heatmap,
  key,
  line,
  linspace,
  mean,
  progress,
  scatter,
  show,
  sigmoid,
  smallMultiples,
  split,
  standardDeviation,
  table,
  uniform,
} from "rlhf-lab";
import { anaesthetists1979, minneapolisWard2 } from "rlhf-lab/data";
import { frame } from "rlhf-lab/notebook/frame";
import {
  accuracies,
  annotationsFromColumns,
  bordaScores,
  bradleyTerry,
  cohenKappa,
  comparisonsFromWins,
  condorcetWinner,
  copelandScores,
  crowdBradleyTerry,
  dawidSkene,
  dawidSkeneAccuracies,
  fleissKappa,
  glad,
  independenceViolation,
  informativeness,
  judgementsFromColumns,
  kemeny,
  kendallDistance,
  krippendorffAlpha,
  labelerConsistency,
  logOddsWeight,
  mace,
  majorityCycle,
  majorityVote,
  oneCoin,
  orderByScore,
  pairwiseTally,
  plackettLuce,
  pluralityScores,
  rankingsFromBallots,
  rankingsFromOrders,
  scaledBradleyTerry,
  scaledLogLikelihood,
  simulateAnnotations,
  simulateJudgements,
  smithSet,
  spammers,
  weightedVote,
} from "rlhf-lab/preferences";

// %% [markdown]
// ## Run it: five doctors, forty-five patients
//
// In 1979 Dawid and Skene published what five anaesthetists had said about 45 patients: is this person fit for a general anaesthetic? 1 is
// fit, 4 is not. All read the same forms, the first of them three times, weeks apart. Nobody knows the truth.

// %%
const doctors = anaesthetists1979();
const forms = annotationsFromColumns(doctors.patient, doctors.observer, doctors.class);

const rows = frame(doctors.class.map((c, k) => ({ doctor: doctors.observers[doctors.observer[k]], class: c + 1 })));
const perDoctor = rows.groupby(["doctor"]).agg({ class: ["count", "mean", "max"] });
table(perDoctor, {
  columns: { doctor: "doctor", class_count: "answers", class_mean: "mean class", class_max: "worst class given" },
  digits: 2,
});

// %% [markdown]
// That table is a danfojs data frame: group by doctor, count, average. (It is for looking. All that we compute, we compute with the library,
// since danfojs' group means count a missing value as 0.) The doctors differ in how severe they are. Are they looking at the same thing at all?
//
// ## 1. Agreement, and luck
//
// Two doctors who both say "1" for half of all patients agree often by luck alone. *Cohen's kappa* compares the observed agreement with that
// luck: 1 is full agreement, 0 is luck. *Fleiss' kappa* does it for many people. With $n_{ic}$ the number of people who put task $i$ into
// class $c$, $n$ answers for each of $N$ tasks,
//
// $$\bar P = \frac{1}{N} \sum_i \frac{\sum_c n_{ic}(n_{ic} - 1)}{n(n - 1)}, \qquad P_e = \sum_c \Bigl(\frac{1}{Nn}\sum_i n_{ic}\Bigr)^{2}, \qquad
// \kappa = \frac{\bar P - P_e}{1 - P_e}. \tag{1}$$
//
// *Krippendorff's alpha* is the same idea for any numbers of answers, and for classes with distances between them.

// %%
const reading = (w: number, time = 0) =>
  Array.from({ length: doctors.patients }, (_, i) => {
    const said = doctors.class.filter((_, k) => doctors.patient[k] === i && doctors.observer[k] === w);
    return said[time];
  });
const readers = [
  ...doctors.observers.map((name, w) => ({ name, said: reading(w) })),
  { name: "Doctor 1, again", said: reading(0, 1) },
];

show(
  heatmap({
    title: "Doctor 1 agrees with doctor 4 more than with their own second reading",
    subtitle: "Cohen's kappa of each pair of readings",
    x: { title: "reading", labels: readers.map(({ name }) => name) },
    y: { title: "reading", labels: readers.map(({ name }) => name) },
    color: { title: "kappa", range: [0, 1] },
    values: readers.map((a) => readers.map((b) => (a === b ? Number.NaN : cohenKappa(a.said, b.said)))),
  }),
);

const firstReadings = annotationsFromColumns(
  readers.slice(0, 5).flatMap(({ said }) => said.map((_, i) => i)),
  readers.slice(0, 5).flatMap(({ said }, w) => said.map(() => w)),
  readers.slice(0, 5).flatMap(({ said }) => said),
);
console.log(`Fleiss' kappa of the five first readings: ${fleissKappa(firstReadings).toFixed(3)}`);
console.log(`Krippendorff's alpha of all 315 answers, as names of classes: ${krippendorffAlpha(forms).toFixed(3)}`);
console.log(
  `... and as numbers, where 1 against 2 is a small mistake: ${krippendorffAlpha(forms, "interval").toFixed(3)}`,
);

// %% [markdown]
// Doctor 1 reads the same forms a few weeks later and agrees with their own first reading at a kappa of 0.69; with doctor 4 at 0.76. A
// labeler is not one voice either: asking somebody twice measures noise that no colleague can explain.
//
// And the three coefficients differ, and none is wrong: they ask different questions. What none of them says is *who* is right. Five people
// can agree perfectly on nonsense, and one of two who disagree may be an expert.
//
// ### Exercise 1. Fleiss' kappa
//
// *Difficulty 2 of 5, 12 minutes. Trains: equation (1), and asking "compared with what?" of every percentage.*
//
// `counts[i][c]` is $n_{ic}$; each row adds up to the same $n$.
//
// <details><summary>Hint</summary>n(n - 1) counts ordered pairs of different people. Nobody agrees with themselves.</details>

// %% [exercise] 04/fleiss-kappa
/** Fleiss' kappa of tasks that all got the same number of answers: equation (1). */
function kappa(counts: number[][]): number {
  // #solution
  const tasks = counts.length;
  const people = counts[0].reduce((sum, count) => sum + count, 0);
  const share = counts[0].map(() => 0);
  let agreement = 0;
  for (const row of counts) {
    row.forEach((count, c) => {
      agreement += (count * (count - 1)) / (people * (people - 1)) / tasks;
      share[c] += count / (people * tasks);
    });
  }
  const luck = share.reduce((sum, s) => sum + s * s, 0);
  return (agreement - luck) / (1 - luck);
  // #end
}

// %% [check] 04/fleiss-kappa
await check("04/fleiss-kappa", { kappa });

// %% [markdown]
// **Break it.** Let all five doctors toss one coin each for every patient, then let them say "1" for 95 % of all patients without looking. How
// large is their raw agreement, how large is kappa?
//
// ## 2. What is a vote worth?
//
// Suppose we knew that Ann is right in 90 % of all cases, and five others in 60 %. Ann says yes, the five say no. Bayes' rule for a
// yes-or-no question, both answers equally likely beforehand, people independent:
//
// $$\log \frac{P(t = 1 \mid y)}{P(t = 0 \mid y)} = \sum_w (2 y_w - 1) \log \frac{p_w}{1 - p_w}. \tag{2}$$
//
// A weighted vote, then, and the weights are *log-odds* (Nitzan and Paroush 1982). A popular answer, also in the text this course grew from,
// is that weights should be proportional to precision. That is right for averaging measurements. The precision of a yes-or-no answer,
// $1 / p(1 - p)$, is something else.

// %%
const chances = linspace(0.03, 0.97, 189);

show(
  line({
    title: "A vote is worth its log-odds; precision praises the liar",
    x: { title: "how often the person is right" },
    y: { title: "weight, that at 0.9 being 1", range: [-2, 3] },
    series: [
      { name: "log-odds", x: chances, y: chances.map((p) => logOddsWeight(p) / logOddsWeight(0.9)) },
      { name: "precision 1 / p(1 - p)", x: chances, y: chances.map((p) => 0.09 / (p * (1 - p))) },
      { name: "one person, one vote", x: chances, y: chances.map(() => 1) },
    ],
    reference: [{ y: 0 }, { x: 0.5, label: "a coin" }],
  }),
);

// %% [markdown]
// At one half an answer says nothing: the log-odds weight is zero, the precision weight is not. Left of it the log-odds turn negative: *a
// liar who is right one time in ten is worth as much as an expert who is right nine times in ten*, if you turn the answers round. Precision
// gives both the same positive weight. What do the three rules cost? No simulation needed: with few people we can enumerate every vote.

// %%
const crowds: Record<string, number[]> = {
  "five alike (0.7)": [0.7, 0.7, 0.7, 0.7, 0.7],
  "one expert": [0.95, 0.65, 0.6, 0.6, 0.55],
  "expert and four coins": [0.9, 0.5, 0.5, 0.5, 0.5],
  "expert and a liar": [0.9, 0.7, 0.65, 0.6, 0.05],
}; // add a crowd of your own
const rules: Record<string, (p: number) => number> = {
  "one person, one vote": () => 1,
  "precision weights": (p) => 1 / (p * (1 - p)),
  "log-odds weights": (p) => logOddsWeight(p),
};

/** How often a weighted vote is wrong: the sum over all 2^n ways in which n people can be right and wrong. */
const errorOf = (p: number[], weights: number[]) => {
  let wrong = 0;
  for (let who = 0; who < 2 ** p.length; who++) {
    const isRight = p.map((_, w) => ((who >> w) & 1) === 1);
    const chance = p.reduce((c, q, w) => c * (isRight[w] ? q : 1 - q), 1);
    const lead = weights.reduce((sum, weight, w) => sum + (isRight[w] ? weight : -weight), 0);
    wrong += chance * (Math.abs(lead) < 1e-9 ? 0.5 : Number(lead < 0));
  }
  return wrong;
};

show(
  bar({
    title: "Majority vote is the best rule only where people are alike",
    subtitle: "exact error, every outcome enumerated",
    x: { title: "crowd" },
    y: { title: "P(the vote is wrong)" },
    categories: Object.keys(crowds),
    series: Object.entries(rules).map(([name, weight]) => ({
      name,
      values: Object.values(crowds).map((p) => errorOf(p, p.map(weight))),
    })),
  }),
);

// %% [markdown]
// With equal people all rules are one rule, and no other is better: that is the case in which majority vote is optimal (the text asks for
// "uniform reliability"; it means equal and above one half). Otherwise it wastes the expert, listens to coins, and believes liars.
//
// ### Exercise 2. Weighted majority
//
// *Difficulty 1 of 5, 8 minutes. Trains: equation (2).*
//
// `answers[w]` is 1 or 0. Return the log-odds that the truth is 1, in nats: above 0, the vote says 1.

// %% [exercise] 04/weighted-vote
/** The log-odds, in nats, that the truth is 1, given answers of 0 and 1 by people of known accuracy: equation (2). */
function voteLogOdds(answers: number[], accuracy: number[]): number {
  // #solution
  let sum = 0;
  for (let w = 0; w < answers.length; w++) {
    const weight = Math.log(accuracy[w] / (1 - accuracy[w]));
    sum += answers[w] === 1 ? weight : -weight;
  }
  return sum;
  // #end
}

// %% [check] 04/weighted-vote
await check("04/weighted-vote", { voteLogOdds });

// %% [markdown]
// **Break it.** Give one person the accuracy 1. What does their vote weigh, and what does your function answer if two such people disagree? An
// accuracy that was estimated from nine answers out of nine is not 1; that is what smoothing is for.
//
// ## 3. Nobody tells us who is good: EM
//
// If we knew the truths, we could count how often each person is right. If we knew that, we could compute the truths. Dawid and Skene (1979)
// turn this circle into a ladder. Each person $w$ has a *confusion table* $\pi^w$; start with the truths that the majority says, and repeat:
//
// $$\text{E:}\quad P(t_i = t) \propto \pi_t \prod_w \pi^w_{t\,y_{iw}}, \qquad\quad \text{M:}\quad \pi^w_{tc} = \frac{\sum_{i:\,y_{iw} = c} P(t_i = t)}{\sum_{i:\,w \text{ answered } i} P(t_i = t)}, \quad \pi_t = \frac{1}{N} \sum_i P(t_i = t). \tag{3}$$
//
// No step can lower the likelihood of the answers.

// %%
const rounds = 60; // EM iterations
const tables = dawidSkene(forms, { iterations: rounds, tolerance: 0, smoothing: 0 });
const oneNumber = oneCoin(forms, { iterations: rounds, tolerance: 0, right: 0, wrong: 0 });
const spamming = mace(forms, { iterations: rounds, tolerance: 0, smoothing: 0 });
const path = (name: string, climbed: readonly number[]) => ({ name, x: climbed.map((_, n) => n + 1), y: climbed });

show(
  line({
    title: "EM climbs, fast at first, and never goes down",
    subtitle: "45 patients, 315 answers",
    x: { title: "iteration", type: "log" },
    y: { title: "log-likelihood of the answers", unit: "nats" },
    series: [
      path("Dawid-Skene: a table a doctor", tables.logLikelihoods),
      path("one coin: a number a doctor", oneNumber.logLikelihoods),
      path("MACE: looks, or answers by habit", spamming.logLikelihoods),
    ],
  }),
);
console.log(`Dawid-Skene's class shares: ${Array.from(tables.prior, (p) => p.toFixed(2)).join(", ")}`);
const changed = doctors.class.filter(
  (_, k) =>
    doctors.observer[k] === 0 && majorityVote(forms).label[doctors.patient[k]] !== tables.label[doctors.patient[k]],
);
console.log(`Patients for whom EM and the majority disagree: ${changed.length / 3} of 45`);

// %% [markdown]
// Another program, crowd-kit, finds the same shares of the four classes, 0.40, 0.42, 0.11 and 0.07. The model with a table for each doctor
// climbs highest, because it has most parameters (63; one coin has 8): a higher likelihood is no proof of a better model. Here are the tables.

// %%
const grades = doctors.classes;

show(
  smallMultiples({
    columns: 2,
    title: "How each doctor answers, for each truth",
    subtitle: "rows: estimated truth; columns: what the doctor says; each row adds up to 1",
    figures: doctors.observers.map((name, w) =>
      heatmap({
        title: name,
        x: { title: "says", labels: grades },
        y: { title: "truth", labels: grades },
        color: { title: "share", range: [0, 1] },
        values: grades.map((_, t) => grades.map((_, c) => tables.confusion[(w * 4 + t) * 4 + c])),
      }),
    ),
  }),
);

// %% [markdown]
// Now severity has a face: doctor 2 puts three in ten class-2 patients into class 3; doctor 1 errs the other way in classes 3 and 4. The
// majority overrules a strict doctor, EM may listen: for the three patients where they differ, it gives the worse class. Look at the rows
// of classes 3 and 4 with care, though: there are five patients in one and three in the other, and doctor 2 is "always right" there
// partly because three patients went where doctor 2 said.
//
// ### Exercise 3. One E-step
//
// *Difficulty 3 of 5, 15 minutes. Trains: the left half of (3), in log space.*
//
// For one task: `prior[t]` is $\pi_t$, `confusion[w][t][c]` is $\pi^w_{tc}$, and `labels[w]` is the answer of person $w$, or -1 if they did
// not answer. Return the posterior, which adds up to 1. It has to survive 2000 answers.
//
// <details><summary>Hint 1</summary>Add up logarithms, subtract the largest, then take exp and normalise.</details>
// <details><summary>Hint 2</summary>The row of the table is the truth, the column is the answer.</details>

// %% [exercise] 04/e-step
/** P(truth = t) of one task given all answers to it, [classes]: the E-step of equation (3). */
function eStep(prior: number[], confusion: number[][][], labels: number[]): number[] {
  // #solution
  const log = prior.map((share, t) => {
    let sum = Math.log(share);
    labels.forEach((label, w) => {
      if (label >= 0) sum += Math.log(confusion[w][t][label]);
    });
    return sum;
  });
  const most = Math.max(...log);
  const weight = log.map((value) => Math.exp(value - most));
  const total = weight.reduce((sum, value) => sum + value, 0);
  return weight.map((value) => value / total);
  // #end
}

// %% [check] 04/e-step
await check("04/e-step", { eStep });

// %% [markdown]
// **Break it.** Leave the prior out. On balanced classes nothing happens; now screen for a disease that one person in a hundred has, with three
// doctors who are right in 80 % of all cases. What does a unanimous "ill" mean with the prior, and without?
//
// ## 4. How many spammers does it take?
//
// Here we know the truth, because we make it: 20 people answer yes-or-no questions, ten answers a question. The honest are right in 60 to 90 % of all
// cases. More and more of them are replaced by spammers, half of whom toss a coin, while the other half always says yes.

// %%
const people = 20;
const questions = 150;
const worlds = 8; // other random keys, for the bands
const spamShares = linspace(0, 0.8, 9);

const crowdWith = (k: ReturnType<typeof key>, share: number) => {
  const [skill, world] = split(k);
  const honest = uniform(skill, people, 0.6, 0.9);
  const labelers = Array.from(honest, (p, w) => (w >= Math.round(share * people) ? p : w % 2 ? 0.5 : { always: 1 }));
  return { labelers, ...simulateAnnotations(world, labelers, questions, { share: 0.5 }) };
};
type World = ReturnType<typeof crowdWith>;
const methods: Record<string, (world: World) => ArrayLike<number>> = {
  "majority vote": ({ data }) => majorityVote(data).label,
  "one coin": ({ data }) => oneCoin(data).label,
  "Dawid-Skene": ({ data }) => dawidSkene(data, { smoothing: 0.5 }).label,
  GLAD: ({ data }) => glad(data, { iterations: 25 }).label,
  MACE: ({ data }) => mace(data).label,
  "log-odds of the true accuracies": ({ data, labelers }) =>
    weightedVote(
      data,
      labelers.map((p) => (typeof p === "number" ? logOddsWeight(p) : 0)),
    ).label,
};
const spamError = Object.keys(methods).map(() => spamShares.map(() => [] as number[]));
for (const s of progress(spamShares.length, { label: "crowds" })) {
  for (const k of split(key(40 + s), worlds)) {
    const world = crowdWith(k, spamShares[s]);
    Object.values(methods).forEach((method, m) => {
      const label = method(world);
      spamError[m][s].push(mean(Array.from(world.truth, (t, i) => Number(t !== label[i]))));
    });
  }
}

show(
  line({
    title: "A table a person survives the yes-sayers; one number a person is taken in by them",
    subtitle: `${questions} questions, ten answers each; mean of ${worlds} crowds, bands: one standard deviation`,
    x: { title: "share of spammers" },
    y: { title: "share of wrong answers", range: [0, 0.6] },
    series: Object.keys(methods).map((name, m) => {
      const centre = spamError[m].map((e) => mean(e));
      const spread = spamError[m].map((e) => standardDeviation(e));
      const band = { low: centre.map((c, i) => Math.max(0, c - spread[i])), high: centre.map((c, i) => c + spread[i]) };
      return { name, x: spamShares, y: centre, band };
    }),
    reference: [{ y: 0.5 }],
  }),
);

// %% [markdown]
// The last method is an oracle: it knows all accuracies, and nobody does better among the weighted votes. Up to three spammers in ten
// all models of people come close to it without knowing anything. Then two of them fall, below even the majority: *one coin* and *GLAD* have
// a single number for each person, and to them people who always say yes look like experts, since they agree with each other.
// Dawid-Skene's tables and MACE's habits can say "answers yes whatever is true", and hold on far longer. A wrong model of people can be worse
// than none.
//
// Are the reliabilities that they learn the right ones?

// %%
const mixed = simulateAnnotations(key(7), [...linspace(0.55, 0.95, 12), 0.5, 0.5, 0.1, 0.2], 400, { share: 0.6 });
const trueAccuracy = accuracies(mixed.data, mixed.truth);
const estimates = {
  "Dawid-Skene": dawidSkeneAccuracies(dawidSkene(mixed.data)),
  "agreement with the majority": accuracies(mixed.data, majorityVote(mixed.data).label),
};

show(
  scatter({
    title: "EM recovers how reliable each person is; the majority flatters the weak and slights the strong",
    subtitle: "16 people, two of them coins and two liars; dashed: perfect recovery",
    x: { title: "true share of right answers", range: [0, 1] },
    y: { title: "estimate", range: [0, 1] },
    series: Object.entries(estimates).map(([name, y]) => ({ name, x: trueAccuracy, y: Array.from(y) })),
    reference: [{ slope: 1 }],
  }),
);

// %% [markdown]
// ## 5. Naming the spammers
//
// A spammer is not somebody who is often wrong. It is somebody whose answers do not *depend* on the truth: all rows of their table are alike. A
// liar's rows differ very much, so a liar is informative. `informativeness` measures the distance between the rows, from 0 to 1 (Raykar and Yu 2012),
// and `spammers` reports who falls below a threshold, with a test against what all others say.

// %%
const mixedFit = dawidSkene(mixed.data);
const threshold = 0.03; // of informativeness; try 0.1: who is lost then?
const suspects = new Map(spammers(mixed.data, mixedFit, threshold).map((s) => [s.worker, s]));

table(
  Array.from(informativeness(mixedFit), (score, w) => ({
    person: w,
    accuracy: trueAccuracy[w],
    score,
    verdict: suspects.get(w)?.kind ?? "",
    p: suspects.get(w)?.pValue,
  })).sort((a, b) => a.score - b.score),
  {
    columns: {
      person: "person",
      accuracy: "true accuracy",
      score: "informativeness",
      verdict: "verdict",
      p: "p-value of spam",
    },
    digits: { accuracy: 2, score: 3, p: 3 },
    caption: "A large p-value: spam would look just like this",
  },
);

// %% [markdown]
// Somebody who is right in 55 % of all cases stands close to the coins, and no amount of cleverness tells them apart in 240 answers. Before you
// throw a person out, look at the p-value, and at how many honest people your threshold would hit: with weights, a weak voice costs nothing.
//
// ## 6. Break it: people who answer together
//
// Everything so far stands on one assumption: *given the truth, people err independently*. Eleven of twenty now share one answer sheet: one of them
// tosses coins, the others copy.

// %%
const sheet = simulateAnnotations(key(21), [...new Array(9).fill(0.75), 0.5], 200);
const copies = 10; // of the coin tosser's sheet; try 3, then 5
const copied = (d: typeof sheet.data) => {
  const tosser = Array.from(d.worker.keys()).filter((k) => d.worker[k] === 9);
  const more = Array.from({ length: copies }, (_, c) => tosser.map((k) => [d.task[k], 10 + c, d.label[k]])).flat();
  const columns = [d.task, d.worker, d.label].map((column, n) => [...column, ...more.map((row) => row[n])]);
  return annotationsFromColumns(columns[0], columns[1], columns[2]);
};
const colluding = copied(sheet.data);
const wrongShare = (label: ArrayLike<number>) => mean(Array.from(sheet.truth, (t, i) => Number(t !== label[i])));
const fooled = dawidSkene(colluding);

console.log(`majority vote: ${(100 * wrongShare(majorityVote(colluding).label)).toFixed(1)} % wrong`);
console.log(
  `Dawid-Skene:   ${(100 * wrongShare(fooled.label)).toFixed(1)} % wrong, log-likelihood ${fooled.logLikelihoods.at(-1)!.toFixed(0)}`,
);
const believed = dawidSkeneAccuracies(fooled);
console.log(
  `it believes that the honest are right in ${(100 * mean(believed.slice(0, 9))).toFixed(0)} %, the copies in ${(100 * mean(believed.slice(9))).toFixed(0)} %`,
);

// %% [markdown]
// EM is worse than useless here: it *rewards* the copies, since nobody agrees more with the consensus than those who are the consensus.
// The likelihood is proud of it. The cure is to look before fitting. Honest people agree because of the truth, and so only so much;
// copies agree about everything, mistakes included.

// %%
const answersOf = (d: typeof colluding, w: number) => Array.from(d.label).filter((_, k) => d.worker[k] === w);
const everyone = Array.from({ length: colluding.workers }, (_, w) => answersOf(colluding, w));
const agreement = everyone.map((a, v) => everyone.map((b, w) => (v === w ? Number.NaN : cohenKappa(a, b))));
const byNumber = everyone.map((_, w) => String(w));

show(
  heatmap({
    title: "Copies show as a block: they agree beyond what the truth explains",
    subtitle: "Cohen's kappa of each pair of people",
    x: { title: "person", labels: byNumber },
    y: { title: "person", labels: byNumber },
    color: { title: "kappa", center: 0, range: [-1, 1] },
    values: agreement,
    annotate: false,
  }),
);

const kept = everyone.map((_, w) => agreement[w].slice(0, w).every((kappa) => kappa < 0.9)); // one of each block
const rowsKept = Array.from(colluding.worker.keys()).filter((k) => kept[colluding.worker[k]]);
const pick = (column: Int32Array) => rowsKept.map((k) => column[k]);
const cleaned = annotationsFromColumns(pick(colluding.task), pick(colluding.worker), pick(colluding.label), colluding);
console.log(
  `${kept.filter((k) => !k).length} copies left out: majority ${(100 * wrongShare(majorityVote(cleaned).label)).toFixed(1)} %, Dawid-Skene ${(100 * wrongShare(dawidSkene(cleaned).label)).toFixed(1)} % wrong`,
);

// %% [markdown]
// **The mirror.** There is a second solution in every likelihood of this kind: swap the names of the classes, and call every liar an expert.
// It explains the answers exactly as well. Starting from the majority picks the usual one, unless most people lie, or misread the question
// ("which answer is *worse*?"). No answer of the crowd can tell. A few questions whose answers *you* know can.

// %%
const goldCount = 10; // questions with a known answer; try 1
const misled = simulateAnnotations(key(5), [0.85, 0.8, 0.75, 0.2, 0.25, 0.2, 0.3], 300);
const gold = new Map(Array.from({ length: goldCount }, (_, i) => [i, misled.truth[i]]));
const misledError = (label: ArrayLike<number>) => mean(Array.from(misled.truth, (t, i) => Number(t !== label[i])));

table(
  [
    { method: "majority vote", fit: majorityVote(misled.data), climbed: Number.NaN },
    ...[
      { method: "Dawid-Skene from the majority", fit: dawidSkene(misled.data, { smoothing: 0 }) },
      { method: `Dawid-Skene from ${goldCount} known answers`, fit: dawidSkene(misled.data, { smoothing: 0, gold }) },
    ].map((row) => ({ ...row, climbed: row.fit.logLikelihoods.at(-1)! })),
  ].map(({ method, fit, climbed }) => ({ method, wrong: misledError(fit.label), climbed })),
  {
    columns: { method: "method", wrong: "share wrong", climbed: "log-likelihood (nats)" },
    digits: { wrong: 3, climbed: 1 },
  },
);

// %% [markdown]
// Nearly all wrong, then nearly all right, at almost the same likelihood (that of the known answers is counted in the second). Known answers
// also catch the copies' coin, and are why every annotation service mixes them in.
//
// ## 7. Comparisons: plain Bradley-Terry does not know who spoke
//
// It is sometimes said that Bradley-Terry "weights by consistency". The plain model of lesson 01 does not: a comparison is a comparison,
// whoever made it. To listen to who speaks, each labeler needs a number of their own. Two ways to have one:
//
// $$P(i \succ j \mid w) = \sigma\bigl(\alpha_w(\theta_i - \theta_j)\bigr) \qquad\text{or}\qquad P(i \succ j \mid w) = \eta_w\,\sigma(\theta_i - \theta_j) + (1 - \eta_w)\,\sigma(\theta_j - \theta_i). \tag{4}$$
//
// On the left each labeler has a sharpness, an inverse temperature (`scaledBradleyTerry`); on the right a rate of saying what they meant
// (`crowdBradleyTerry`; Chen et al. 2013), found by EM. Only $\alpha_w \theta$ shows in the answers, so the unit is fixed by a mean sharpness of 1.

// %%
const items = 12;
const judgeCount = 15;
const eachJudge = 40; // comparisons a judge
const guessShares = linspace(0, 0.8, 5);
const trials = 6;
const models = {
  "plain Bradley-Terry": (d: ReturnType<typeof simulateJudgements>) =>
    bradleyTerry.fit(d, { prior: { gaussian: 2 } }).theta,
  "a sharpness each": (d: ReturnType<typeof simulateJudgements>) => scaledBradleyTerry(d).theta,
  "a flip rate each": (d: ReturnType<typeof simulateJudgements>) => crowdBradleyTerry(d).theta,
};
const disorder = Object.keys(models).map(() => guessShares.map(() => [] as number[]));
for (const s of progress(guessShares.length, { label: "judges" })) {
  for (const k of split(key(70 + s), trials)) {
    const ability = uniform(foldIn(k, 1), items, -2, 2);
    const judges = Array.from({ length: judgeCount }, (_, w) => {
      if (w >= Math.round(guessShares[s] * judgeCount)) return {};
      return w % 3 === 0 ? { flip: 0.9 } : { sharpness: 0 }; // a third of the bad ones answers backwards
    });
    const heard = simulateJudgements(foldIn(k, 2), ability, judges, eachJudge);
    Object.values(models).forEach((model, m) => {
      const pairs = (items * (items - 1)) / 2;
      disorder[m][s].push(kendallDistance(orderByScore(model(heard)), orderByScore(ability)) / pairs);
    });
  }
}

show(
  line({
    title: "A number for each labeler keeps the order where plain Bradley-Terry loses it",
    subtitle: `${judgeCount} judges, ${eachJudge} comparisons each, ${items} items; mean of ${trials} worlds, bands: one standard deviation`,
    x: { title: "share of bad judges (two thirds guess, one third answers backwards)" },
    y: { title: "share of pairs in the wrong order", range: [0, 1] },
    series: Object.keys(models).map((name, m) => {
      const centre = disorder[m].map((e) => mean(e));
      const spread = disorder[m].map((e) => standardDeviation(e));
      const band = {
        low: centre.map((c, i) => Math.max(0, c - spread[i])),
        high: centre.map((c, i) => Math.min(1, c + spread[i])),
      };
      return { name, x: guessShares, y: centre, band, markers: true };
    }),
  }),
);

// %% [markdown]
// Up to six bad judges in ten the numbers for each labeler hold the order. At eight in ten they find the mirror of section 6 about as often
// as not, and are then worse than not knowing anybody: learning reliabilities multiplies what the crowd believes, for better and worse.
//
// ### Exercise 4. The gradient in the sharpness
//
// *Difficulty 2 of 5, 12 minutes. Trains: the chain rule with an index on the outside.*
//
// Row $k$: labeler `labeler[k]` preferred `winner[k]` to `loser[k]`. The log-likelihood is $\sum_k \log \sigma(\alpha_{w_k} d_k)$ with
// $d_k = \theta_{\text{winner}} - \theta_{\text{loser}}$. Return its derivative in each $\alpha_w$; `alpha.length` labelers.

// %% [exercise] 04/alpha-gradient
/** d log-likelihood / d alpha, one number a labeler: left side of equation (4). */
function alphaGradient(
  theta: number[],
  alpha: number[],
  labeler: number[],
  winner: number[],
  loser: number[],
): number[] {
  // #solution
  const g = alpha.map(() => 0);
  labeler.forEach((w, k) => {
    const difference = theta[winner[k]] - theta[loser[k]];
    g[w] += difference * sigmoid(-alpha[w] * difference);
  });
  return g;
  // #end
}

// %% [check] 04/alpha-gradient
await check("04/alpha-gradient", { alphaGradient });

// %% [markdown]
// **Break it.** Multiply all alpha by 2, divide all theta by 2, and compute the log-likelihood (`scaledLogLikelihood`). Then turn all signs.
// Which of these two freedoms could hurt you, and what in the data would tell?
//
// A warning about gradients by hand. A widely used toolkit (crowd-kit, release 1.4.2) fits a third model of this family, in which labelers sometimes
// take the item on the left without looking. Compared with differences of its own objective, the abilities' part of its gradient agrees but for
// the last item's, and the labelers' part does not: each answer overwrites the one before instead of being added, one place too
// low. The optimiser notices nothing. `noisyBradleyTerry` is the same model with the gradient that belongs to it, and a test holds both numbers.

// %%
const halves = judgementsFromColumns([0, 0, 1], [0, 1, 2], [1, 2, 0]);
const at = { theta: [1, 0.2, -0.4], alpha: [1.5, 0.3] };
const slopeOf = (w: number) => {
  const moved = (step: number) => at.alpha.map((a, v) => (v === w ? a + step : a));
  return (
    (scaledLogLikelihood(at.theta, moved(1e-5), halves) - scaledLogLikelihood(at.theta, moved(-1e-5), halves)) / 2e-5
  );
};
const byHand = { theta: new Float64Array(3), alpha: new Float64Array(2) };
scaledLogLikelihood(at.theta, at.alpha, halves, byHand);
table(
  at.alpha.map((_, w) => ({ labeler: w, formula: byHand.alpha[w], differences: slopeOf(w) })),
  { digits: 6 },
);

// %% [markdown]
// ## 8. When people want different things
//
// Until here there was one truth, and people were noisy windows on it. Take the noise away: three friends, each with a perfectly
// consistent taste, choose a drink by majority.

// %%
const drinks = ["tea", "coffee", "mate"];
const friends = rankingsFromOrders(
  [
    [0, 1, 2],
    [1, 2, 0],
    [2, 0, 1],
  ],
  { names: drinks },
);
const wishes = pairwiseTally(friends);
console.log(
  `tea over coffee ${wishes[0][1]}:${wishes[1][0]}, coffee over mate ${wishes[1][2]}:${wishes[2][1]}, mate over tea ${wishes[2][0]}:${wishes[0][2]}`,
);
console.log(`a drink that beats every other: ${condorcetWinner(wishes) ?? "none"}`);

// %% [markdown]
// Condorcet's paradox (1785): each is transitive, the majority goes round in a circle. It is not a noise that more data would average away.
// Nor is it only a game. In November 2021, ward 2 of Minneapolis elected its council member with 8,915 such ballots.

// %%
const ward = minneapolisWard2();
const ballots = rankingsFromBallots(ward.ballots, { names: ward.names });
const votes = pairwiseTally(ballots);
const circle = majorityCycle(votes)!;
const pairsOf = circle.map((from, p) => [from, circle[(p + 1) % circle.length]]);

show(
  graph({
    title: "A circle in a real election: whoever wins, a majority wanted somebody else",
    subtitle: "Minneapolis, ward 2, 2021: ballots that prefer one to the other",
    nodes: ward.names.map((id) => ({ id })),
    edges: pairsOf.map(([from, to]) => ({
      from: ward.names[from],
      to: ward.names[to],
      label: `${votes[from][to]} : ${votes[to][from]}`,
      highlight: true,
    })),
    legend: { highlight: "a majority prefers" },
  }),
);

const order = (scores: ArrayLike<number>) =>
  orderByScore(scores)
    .map((i) => ward.names[i])
    .join(" > ");
console.log(`first places: ${order(pluralityScores(ballots))}`);
console.log(`Borda:        ${order(bordaScores(votes))}`);
console.log(`Copeland:     ${copelandScores(votes).join(", ")} (a tie of all)`);
console.log(
  `Smith set:    ${smithSet(votes)
    .map((i) => ward.names[i])
    .join(", ")}`,
);
console.log(`Kemeny:       ${(await kemeny(votes)).order.map((i) => ward.names[i]).join(" > ")}`);

// %% [markdown]
// Three rules, and they do not agree. What does a reward model make of such voters? One number for each candidate cannot hold a circle, so the
// abilities all but vanish, and nothing about them warns you. A ranking method does not "handle" intransitive
// preferences, as is sometimes written: *one global order cannot hold them*. It breaks the circle somewhere.

// %%
const elected = bradleyTerry.fit(comparisonsFromWins(votes, { names: ward.names }));
const margin = (chance: number[][]) => chance.map((row, i) => row.map((c, j) => (i === j ? Number.NaN : 100 * c)));
const shares = votes.map((row, i) => row.map((v, j) => (i === j ? 0.5 : v / (v + votes[j][i]))));
const sharesOf = (title: string, chance: number[][]) =>
  heatmap({
    title,
    x: { title: "over", labels: ward.names },
    y: { title: "preferred", labels: ward.names },
    color: { title: "share", unit: "%", center: 50, range: [48, 52] },
    values: margin(chance),
  });

show(
  smallMultiples({
    title: "Bradley-Terry straightens the circle into a line",
    figures: [
      sharesOf("What the voters said", shares),
      sharesOf("What one number each can say", bradleyTerry.probabilities(elected.theta)),
    ],
  }),
);

// %% [markdown]
// How do we tell noise from a circle of wishes? By asking each person alone. Count the triples that one person's own answers put in a
// circle (Kendall and Babington Smith 1940): a coin has one in four, a firm taste none, whatever that taste is.

// %%
const tastes = [
  { name: "firm, likes 0 best", theta: [4, 3, 2, 1, 0, -1], sharpness: 3 },
  { name: "firm, the other way round", theta: [-1, 0, 1, 2, 3, 4], sharpness: 3 },
  { name: "firm, starts in the middle", theta: [0, 1, 4, 3, 2, -1], sharpness: 3 },
  { name: "noisy", theta: [4, 3, 2, 1, 0, -1], sharpness: 0.3 },
  { name: "tosses coins", theta: [0, 0, 0, 0, 0, 0], sharpness: 1 },
];
const interviews = tastes.map(({ theta, sharpness }, w) =>
  simulateJudgements(foldIn(key(3), w), theta, [{ sharpness }], 150),
);

table(
  tastes.map(({ name }, w) => ({ name, ...labelerConsistency(interviews[w])[0] })),
  { columns: { name: "person", cyclic: "circles", compared: "of triples", share: "share" }, digits: 2 },
);

// %% [markdown]
// The first three disagree about everything, and none of them is unreliable. A method that assumes one truth (everything before this section) would
// call one of them a liar and weigh the taste of a minority at less than nothing. *Whose preferences* is then no longer a question of statistics.
//
// ### Exercise 5. Find a circle
//
// *Difficulty 3 of 5, 15 minutes. Trains: depth-first search, and that "no circle of three" is not "no circle".*
//
// `beats[i][j]` says whether a majority prefers $i$ to $j$; where votes are tied, neither beats the other. Return the items of one circle, in
// order, each beating the next and the last beating the first; an empty list if there is none.
//
// <details><summary>Hint 1</summary>Walk from an item to one that it beats, remembering the path. Meeting the path again closes a circle: it starts where you met it, not where you started.</details>
// <details><summary>Hint 2</summary>Items from which every walk ended without a circle need not be visited again.</details>

// %% [exercise] 04/find-cycle
/** A circle of items, each beating the next and the last the first; [] if there is none. */
function findCycle(beats: boolean[][]): number[] {
  // #solution
  const done = new Set<number>();
  const walk = (item: number, path: number[]): number[] => {
    const met = path.indexOf(item);
    if (met >= 0) return path.slice(met);
    if (done.has(item)) return [];
    for (let next = 0; next < beats.length; next++) {
      if (!beats[item][next]) continue;
      const circle = walk(next, [...path, item]);
      if (circle.length > 0) return circle;
    }
    done.add(item);
    return [];
  };
  for (let item = 0; item < beats.length; item++) {
    const circle = walk(item, []);
    if (circle.length > 0) return circle;
  }
  return [];
  // #end
}

// %% [check] 04/find-cycle
await check("04/find-cycle", { findCycle });

// %% [markdown]
// **Break it.** Mark every item that you have ever met, and call meeting one of them again a circle. On which table without any does your
// function now see one?
//
// How often does a circle at the top come about by chance? Let 25 voters rank at random, or with a common taste, and count the
// elections without a Condorcet winner.

// %%
const common = 0.4; // nats between neighbours in the common taste; 0 is none
const manyVoters = 25;
const sizes = [3, 4, 5, 6, 7];
const draws = 400;
const withoutWinner = (gap: number, n: number) => {
  const utility = Array.from({ length: n }, (_, i) => -gap * i);
  return mean(
    split(key(500 + n), draws).map((k) => {
      const election = plackettLuce.simulate(k, utility, manyVoters);
      return Number(condorcetWinner(pairwiseTally(election)) === undefined);
    }),
  );
};

show(
  line({
    title: "The more there is to choose from, the more often no item beats all others",
    subtitle: `${manyVoters} voters, ${draws} elections for each point`,
    x: { title: "items" },
    y: { title: "share without such a winner", range: [0, 0.5] },
    series: [
      { name: "voters rank at random", x: sizes, y: sizes.map((n) => withoutWinner(0, n)), markers: true },
      { name: "a common taste", x: sizes, y: sizes.map((n) => withoutWinner(common, n)), markers: true },
    ],
    reference: [{ y: 0.0877, label: "3 items, ever more voters (Guilbaud 1952)" }],
  }),
);

// %% [markdown]
// For three items the simulation comes close to the limit that Guilbaud computed, 8.8 %. A common taste makes circles at the top rare: they are the
// mark of people who want different things.
//
// ## 9. Rankings: Borda, Kemeny, and voters who are clever
//
// Borda gives an item a point for each that it is placed before, and adds up. *Kemeny's* order is the one that goes against the fewest votes,
// found by an integer program: $x_{ij} = 1$ where $i$ is placed before $j$, and no triple may go round. With honest noise they agree almost
// always. But some voters are clever: their first wish is not the favourite, so they put the favourite *last*.

// %%
const candidates = [2, 1.4, 0.9, 0.4, -0.2, -0.8]; // true utilities, best first
const voters = 60;
const buriers = linspace(0, 0.5, 6); // share of voters who rank 0 last and 1 first
const elections = 12;
const ruleNames = ["Borda", "Copeland", "Kemeny", "Plackett-Luce, all pooled"];
const distances = ruleNames.map(() => buriers.map(() => [] as number[]));
for (const s of progress(buriers.length, { label: "elections" })) {
  for (const k of split(key(90 + s), elections)) {
    const sincere = plackettLuce.simulate(k, candidates, voters);
    const orders = Array.from({ length: voters }, (_, r) => {
      const own = Array.from(sincere.order.subarray(sincere.start[r], sincere.start[r + 1]));
      return r < buriers[s] * voters ? [1, ...own.filter((item) => item > 1), 0] : own;
    });
    const cast = rankingsFromOrders(orders);
    const tally = pairwiseTally(cast);
    const found = [
      orderByScore(bordaScores(tally)),
      orderByScore(copelandScores(tally)),
      (await kemeny(tally)).order,
      orderByScore(plackettLuce.fit(cast, { prior: { gaussian: 3 } }).theta),
    ];
    found.forEach((result, m) => {
      distances[m][s].push(kendallDistance(result, [0, 1, 2, 3, 4, 5]));
    });
  }
}

show(
  line({
    title: "Borda yields vote by vote; Kemeny holds, and then gives way at once",
    subtitle: `${voters} voters, 6 candidates; mean of ${elections} elections, bands: one standard deviation`,
    x: { title: "share of voters who bury the favourite" },
    y: { title: "pairs in the wrong order, of 15" },
    series: ruleNames.map((name, m) => {
      const centre = distances[m].map((d) => mean(d));
      const spread = distances[m].map((d) => standardDeviation(d));
      const band = { low: centre.map((c, i) => Math.max(0, c - spread[i])), high: centre.map((c, i) => c + spread[i]) };
      return { name, x: buriers, y: centre, band, markers: true };
    }),
  }),
);

// %% [markdown]
// With a fifth of the voters being clever, Borda has lost about a pair and Plackett-Luce more, while the majorities behind Kemeny and Copeland
// have not moved: a sum of places (or a likelihood of places) feels *how far down* a ballot puts somebody, a majority only asks on which side.
// The price is paid at the other end. When the clever are half of all voters, Kemeny gives them everything, and Borda only a part. No rule is
// safe from clever voters (Gibbard 1973, Satterthwaite 1975); rules differ in who has to be clever, and how many. Pooled rankings are what
// reward models are trained on, and the clever voter is a user who gives a rival's answer one star.
//
// ## 10. Why there is no perfect rule
//
// Perhaps we have only not found it yet? Ask for three things. If everybody prefers $x$ to $y$, so does society (*unanimity*). Whether society prefers
// $x$ to $y$ depends only on how people rank $x$ against $y$ (*independence of irrelevant alternatives*). Nobody is a *dictator*. Arrow (1951): with
// three items or more, no rule has all three. We need not believe it: three voters and three items make 216 elections, and we can look at all.

// %%
const societies: Record<string, (ballots: ReturnType<typeof rankingsFromOrders>) => ArrayLike<number>> = {
  plurality: pluralityScores,
  Borda: (ballots) => bordaScores(pairwiseTally(ballots)),
  Copeland: (ballots) => copelandScores(pairwiseTally(ballots)),
  "voter 0 decides": (ballots) => {
    const scores = [0, 0, 0];
    for (let p = 0; p < 3; p++) scores[ballots.order[p]] = 3 - p;
    return scores;
  },
};
const verdict = (v: number) => (v > 0 ? "x first" : v < 0 ? "y first" : "a tie");
const said = (election: number[][]) => election.map((ballot) => ballot.map((i) => "ABC"[i]).join("")).join(" ");

table(
  Object.entries(societies).map(([rule, society]) => {
    const found = independenceViolation(society);
    return {
      rule,
      pair: found ? `x = ${"ABC"[found.x]}, y = ${"ABC"[found.y]}` : "none in 216 elections",
      one: found && said(found.first),
      first: found && verdict(found.verdicts[0]),
      other: found && said(found.second),
      second: found && verdict(found.verdicts[1]),
    };
  }),
  {
    columns: {
      rule: "rule",
      pair: "breach of independence",
      one: "ballots",
      first: "verdict",
      other: "other ballots",
      second: "verdict now",
    },
    caption: "Every voter ranks x against y alike in both elections, and still the verdict changes",
  },
);

// %% [markdown]
// Only the dictator passes. So an aggregate of human preferences is always a choice of which of the three to give up, and a single scalar
// reward, trained on everybody's clicks, has made that choice without saying so. (Bradley-Terry on pooled comparisons ranks much like Borda.)
// With a scale on which wishes can be compared between people the theorem does not apply; but comparisons do not give us one: lesson 01,
// section 4.
//
// ## What was often said, and what is true
//
// | Often said | True, and where you saw it |
// | --- | --- |
// | Majority vote is optimal under uniform reliability | For equal reliability above one half, and independent errors (2, 6) |
// | Bradley-Terry weights by consistency | The plain model ignores who spoke; $\sigma(\alpha_w(\theta_i - \theta_j))$ does not (7) |
// | Optimal weights are precisions | They are log-odds: zero for a coin, negative for a liar (2) |
// | Ranking methods handle intransitive preferences | One global order cannot hold a circle; it breaks it somewhere (8) |
// | EM finds who is reliable | It finds who agrees with a consensus: copies win, and mirrors exist (6) |
//
// ## What this lesson does not show
//
// People tire, learn, and answer to please; reliability changes with the topic and the hour. Wishes differ by group, and a reward for
// each group, or a distribution over rewards, is an answer that is being tried (Siththaranjan et al. 2023, arXiv:2312.08358). Who is asked at all
// decides more than any formula here.
//
// ## Read on
//
// - Dawid and Skene 1979, doi:10.2307/2346806; Nitzan and Paroush 1982; Raykar and Yu 2012, JMLR 13. Labels by many.
// - Chen, Bennett, Collins-Thompson and Horvitz 2013, doi:10.1145/2433396.2433420. Comparisons by many.
// - Arrow 1951, *Social Choice and Individual Values*; McCune and McCune 2021, arXiv:2111.09846, on the election above.
// - Conitzer et al. 2024, arXiv:2404.10271: social choice for aligning AI.
