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
// **Time** 135 minutes, 80 of them exercises (one, of 12 minutes, is *optional*). There are two parts, and the end of section 7 is a good place to stop for the day: until there people look at
// one truth, from section 8 on they want different things. **You need** lesson 01, and Bayes' rule.

// %% [markdown]
// ## The models on one page
//
// Person $w$ answers task $i$ with class $y_{iw}$; the truth $t_i$ is hidden. A comparison is a task with two classes.
//
// | On paper | In code | What it is |
// | --- | --- | --- |
// | $y_{iw}$ | `data.task[k]`, `data.labeler[k]`, `data.label[k]` | answer number $k$: who said what of which task |
// | $p_w$ | `accuracy[w]` | how often person $w$ is right |
// | $\log \frac{p_w}{1 - p_w}$ | `logOddsWeight(p)` | what a vote of theirs is worth, in nats |
// | $q_t$ | `fit.prior[t]` | how common class $t$ is |
// | $T^w_{tc}$ | `fit.confusion` | the *confusion table* of person $w$: how often they say $c$ where the truth is $t$; each row adds up to 1 |
// | $P(t_i = t \mid \text{answers})$ | `fit.posterior` | what all answers say about task $i$ |
// | $\alpha_w$ | `alpha[w]` | sharpness of a labeler: $P(i \succ j) = \sigma(\alpha_w(\theta_i - \theta_j))$ |
// | $v_{ij}$ | `tally[i][j]` | how many voters put $i$ before $j$ |

// %%
import {
  bar,
  foldIn,
  graph,
  heatmap,
  key,
  line,
  linspace,
  mean,
  meanInterval,
  overSeeds,
  progress,
  quantile,
  scatter,
  show,
  sigmoid,
  smallMultiples,
  split,
  table,
  uniform,
} from "rlhf-lab";
import { anaesthetists1979, minneapolisWard2 } from "rlhf-lab/data";
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
  independentRules,
  informativeness,
  instantRunoff,
  judgementsFromColumns,
  kemeny,
  kendallDistance,
  krippendorffAlpha,
  labelerConsistency,
  logOddsWeight,
  mace,
  majorityCycle,
  majorityVote,
  mixedJudges,
  oneCoin,
  orderByScore,
  outliers,
  pairwiseTally,
  permutations,
  personsOf,
  plackettLuce,
  pluralityScores,
  rankingsFromBallots,
  rankingsFromOrders,
  scaledBradleyTerry,
  scaledLogLikelihood,
  simulateAnnotations,
  simulateJudgements,
  smithSet,
  spammedCrowd,
  spammers,
  tiringCrowd,
  weightedVote,
  withBuriers,
  withCopies,
} from "rlhf-lab/preferences";
import { randint } from "rlhf-lab/random";
import { check } from "rlhf-lab-course";
import { frame } from "rlhf-lab-course/frame";

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
const readings = [
  ...["1st", "2nd", "3rd"].map((time, n) => ({ name: `Doctor 1, ${time}`, said: reading(0, n) })),
  ...doctors.observers.slice(1).map((name, w) => ({ name, said: reading(w + 1) })),
];

show(
  heatmap({
    title: "Three readings by one doctor, four by others: which of them belong together?",
    subtitle: "Cohen's kappa of each pair of readings of the same 45 forms",
    x: { title: "reading", labels: readings.map(({ name }) => name) },
    y: { title: "reading", labels: readings.map(({ name }) => name) },
    color: { title: "kappa", range: [0, 1] },
    values: readings.map((a) => readings.map((b) => (a === b ? Number.NaN : cohenKappa(a.said, b.said)))),
  }),
);

const firstReadings = annotationsFromColumns(
  doctors.observers.flatMap((_, w) => reading(w).map((_, i) => i)),
  doctors.observers.flatMap((_, w) => reading(w).map(() => w)),
  doctors.observers.flatMap((_, w) => reading(w)),
);
console.log(`Fleiss' kappa of the five first readings: ${fleissKappa(firstReadings).toFixed(3)}`);
console.log(`Krippendorff's alpha of all 315 answers, as names of classes: ${krippendorffAlpha(forms).toFixed(3)}`);
console.log(
  `... and as numbers, where 1 against 2 is a small mistake: ${krippendorffAlpha(forms, "interval").toFixed(3)}`,
);

// %% [markdown]
// The three coefficients differ, and none is wrong: they ask different questions.
//
// Do you see that doctor 1 agrees with doctor 4 better (0.76) than with their own second reading (0.69)? It is true, and it is worth nothing: with 21 pairs to choose from,
// a striking one is always there. Here is the whole question: how well do doctor 1's readings agree among themselves, and with each colleague? The error
// bars come from drawing the 45 patients anew, with replacement (a *bootstrap*).

// %%
/** Mean kappa of doctor 1's three pairs of readings, then of their readings with those of doctors 2, 3, 4 and 5. */
const agreementOfDoctor1 = (patients: ArrayLike<number>) => {
  const drawn = readings.map(({ said }) => Array.from(patients, (i) => said[i]));
  const kappaOf = (a: number, b: number) => cohenKappa(drawn[a], drawn[b]);
  const own = mean([kappaOf(0, 1), kappaOf(0, 2), kappaOf(1, 2)]);
  return [own, ...[3, 4, 5, 6].map((other) => mean([0, 1, 2].map((time) => kappaOf(time, other))))];
};
const asSeen = agreementOfDoctor1(Array.from({ length: 45 }, (_, i) => i));
const redrawn = split(key(1), 400).map((k) => agreementOfDoctor1(randint(k, 45, 0, 45)));
const middle = (values: number[]) => [0.025, 0.975].map((p) => quantile(values, p));
const barEnds = asSeen.map((_, c) => middle(redrawn.map((row) => row[c])));

show(
  bar({
    title: "Doctor 1 agrees with doctor 4 about as well as with themself",
    subtitle: "mean kappa over all pairs of readings; 95 % intervals from redrawing the patients",
    x: { title: "doctor 1's readings, compared with" },
    y: { title: "kappa", range: [0, 1] },
    categories: ["each other", "doctor 2", "doctor 3", "doctor 4", "doctor 5"],
    series: [
      {
        name: "kappa",
        values: asSeen,
        error: { low: barEnds.map(([low]) => low), high: barEnds.map(([, high]) => high) },
      },
    ],
  }),
);
const [least, most] = middle(redrawn.map((row) => row[0] - row[3]));
console.log(
  `each other ${asSeen[0].toFixed(2)}, doctor 4 ${asSeen[3].toFixed(2)}; difference ${(asSeen[0] - asSeen[3]).toFixed(2)}, 95 % from ${least.toFixed(2)} to ${most.toFixed(2)}`,
);

// %% [markdown]
// Forty-five patients do not tell the two apart.
// #claim 04/doctor-1-no-closer-to-themself
// What they do tell: asked again, the same person with the same form does not repeat themself: a kappa of 0.70 is far from 1.
// #claim 04/asked-again-is-not-repeated
// A labeler is not one voice either. Asking somebody twice measures noise that no colleague can explain.
//
// What no coefficient says is *who* is right. Five people can agree perfectly on nonsense, and one of two who disagree may be an expert.
//
// ### Exercise 1. Fleiss' kappa
//
// *Difficulty 2 of 5, 12 minutes. Trains: equation (1), and asking "compared with what?" of every percentage.*
//
// Given `counts`, where `counts[i][c]` is $n_{ic}$ and each row adds up to the same $n$, return kappa.
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
// <details><summary>What happens</summary>Two coins agree in half of all cases, two people who say "1" nineteen times in twenty agree in 0.95 squared plus 0.05 squared, 90.5 %. Kappa is about 0
// both times. With 45 patients it is not exactly 0: luck has luck of its own, about 0.05 either way.</details>
// #claim 04/luck-has-no-kappa
//
// ## 2. What is a vote worth?
//
// Suppose we knew that Ann is right in 90 % of all cases, and five others in 60 %. Ann says yes, the five say no. Bayes' rule for a
// yes-or-no question, both answers equally likely beforehand, people independent:
//
// $$\log \frac{P(t = 1 \mid y)}{P(t = 0 \mid y)} = \sum_w (2 y_w - 1) \log \frac{p_w}{1 - p_w}. \tag{2}$$
//
// A weighted vote, then, and the weights are *log-odds* (Nitzan and Paroush 1982). A popular answer is that weights should be proportional to
// *precision*, one over the variance. That is right for averaging measurements. The precision of a yes-or-no answer, $1 / p(1 - p)$, is something else.

// %%
const probabilities = linspace(0.03, 0.97, 189);

show(
  line({
    title: "A vote is worth its log-odds; precision praises the liar",
    x: { title: "how often the person is right" },
    y: { title: "weight, that at 0.9 being 1", range: [-2, 3] },
    series: [
      { name: "log-odds", x: probabilities, y: probabilities.map((p) => logOddsWeight(p) / logOddsWeight(0.9)) },
      { name: "precision 1 / p(1 - p)", x: probabilities, y: probabilities.map((p) => 0.09 / (p * (1 - p))) },
      { name: "one person, one vote", x: probabilities, y: probabilities.map(() => 1) },
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
  "five of 0.7": [0.7, 0.7, 0.7, 0.7, 0.7],
  expert: [0.95, 0.65, 0.6, 0.6, 0.55],
  "expert, coins": [0.9, 0.5, 0.5, 0.5, 0.5],
  "expert, liar": [0.9, 0.7, 0.65, 0.6, 0.05],
  "eleven of 0.4": new Array(11).fill(0.4),
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
    const probability = p.reduce((c, q, w) => c * (isRight[w] ? q : 1 - q), 1);
    const lead = weights.reduce((sum, weight, w) => sum + (isRight[w] ? weight : -weight), 0);
    wrong += probability * (Math.abs(lead) < 1e-9 ? 0.5 : Number(lead < 0));
  }
  return wrong;
};

show(
  bar({
    title: "One person, one vote wastes an expert, listens to coins and believes liars",
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
// Among five who are alike, and right more often than not, all rules are one rule, and none is better (the posterior (2) decides, and here it counts heads). Among others the
// majority wastes the expert, listens to the coins, and believes the liar. Precision weights help in the two crowds where nobody is wrong more often than right, and do worse than
// the majority where somebody lies.
// #claim 04/three-rules
// And eleven people who are right four times in ten are wrong together three times in four: that many heads are wise holds only above one half.
// #claim 04/many-heads
// Only weights below 0 mend that.
//
// ### Exercise 2. Weighted majority
//
// *Difficulty 1 of 5, 8 minutes. Trains: equation (2).*
//
// Given `answers`, where `answers[w]` is 1 or 0, and the `accuracy` of each person, return the log-odds that the truth is 1, in nats: above 0, the vote says 1.

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
// **Break it.** Give one person the accuracy 1. What does their vote weigh, and what does your function answer if two such people disagree?
//
// <details><summary>What happens</summary>Their vote weighs Infinity, and Infinity minus Infinity is NaN. An accuracy that was estimated from nine answers out of nine is not 1; that is what smoothing (a few
// made-up answers, half right and half wrong) is for.</details>
// #claim 04/never-wrong-is-not-a-number
//
// ## 3. Nobody tells us who is good: EM
//
// If we knew the truths, we could count how often each person is right. If we knew that, we could compute the truths. Dawid and Skene (1979)
// turn this circle into a ladder. Each person $w$ has a confusion table $T^w$; start with the truths that the majority says, and repeat:
//
// $$\text{E:}\quad P(t_i = t) \propto q_t \prod_w T^w_{t\,y_{iw}}, \qquad\quad \text{M:}\quad T^w_{tc} = \frac{\sum_{i:\,y_{iw} = c} P(t_i = t)}{\sum_{i:\,w \text{ answered } i} P(t_i = t)}, \quad q_t = \frac{1}{N} \sum_i P(t_i = t). \tag{3}$$
//
// No step can lower the likelihood of the answers (it is expectation and maximisation, EM). Two simpler models of a person are climbed in the same way. The *one coin* model gives
// each person one number: they are right with probability $p_w$, and when wrong pick any other class alike. *MACE* (Hovy and others 2013) says that a person looks, and
// then gives the true class, with some probability, and else answers by a habit of their own, whatever the truth.

// %%
const rounds = 60; // EM iterations
const tables = dawidSkene(forms, { iterations: rounds, tolerance: 0, smoothing: 0 });
const oneNumber = oneCoin(forms, { iterations: rounds, tolerance: 0, right: 0, wrong: 0 });
const spamming = mace(forms, { iterations: rounds, tolerance: 0, smoothing: 0 });
const path = (name: string, climbed: readonly number[]) => ({ name, x: climbed.map((_, n) => n + 1), y: climbed });

show(
  line({
    title: "EM climbs, fast at first, and never goes down: three models of a doctor",
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
// %% [markdown]
// Another program, crowd-kit, finds the same shares of the four classes, 0.40, 0.42, 0.11 and 0.07. The model with a table for each doctor
// climbs highest, and must: it has 63 parameters, and the one coin model, with 8, is a special case of it. A higher likelihood is no proof of a better model.
// #claim 04/doctors-class-shares
// Here are the tables.

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
// Now severity has a face: doctor 2 puts three in ten class-2 patients into class 3; doctor 1 errs the other way in classes 3 and 4.
// #claim 04/severity-has-a-face
// So EM listens to a strict doctor where a majority does not? Look at the patients for whom they differ. But which majority: of seven readings, in which doctor 1 votes three times, or of
// five doctors?

// %%
const patients = Array.from({ length: doctors.patients }, (_, i) => i);
const said = (i: number) => readings.map((r) => r.said[i]);
/** The classes that most of these answers name. */
const mostNamed = (answers: number[]) => {
  const votes = grades.map((_, c) => answers.filter((answer) => answer === c).length);
  return votes.flatMap((count, c) => (count === Math.max(...votes) ? [c] : []));
};
const named = (classes: number[]) => classes.map((c) => c + 1).join(" or ");
const byReadings = (i: number) => mostNamed(said(i));
const byDoctors = (i: number) => mostNamed([mostNamed(said(i).slice(0, 3))[0], ...said(i).slice(3)]); // doctor 1: their usual answer
const differs = (i: number) => [byReadings(i), byDoctors(i)].some((m) => m.length > 1 || m[0] !== tables.label[i]);

table(
  patients.filter(differs).map((i) => ({
    patient: i + 1,
    first: readings
      .slice(0, 3)
      .map((r) => r.said[i] + 1)
      .join(", "),
    others: readings
      .slice(3)
      .map((r) => r.said[i] + 1)
      .join(", "),
    seven: named(byReadings(i)),
    five: named(byDoctors(i)),
    em: tables.label[i] + 1,
  })),
  {
    columns: {
      patient: "patient",
      first: "doctor 1 said",
      others: "doctors 2 to 5 said",
      seven: "majority of readings",
      five: "majority of doctors",
      em: "Dawid-Skene",
    },
    caption: "All patients for whom the three do not name the same class",
  },
);
const once = dawidSkene(firstReadings, { iterations: 300, tolerance: 0, smoothing: 0 });
const certainty = (fit: typeof once) => patients.map((i) => Math.max(...fit.posterior.slice(4 * i, 4 * i + 4)));
const [sure, unsure] = [certainty(tables), certainty(once)];
console.log(
  `EM from one reading a doctor: ${patients.filter((i) => once.label[i] !== tables.label[i]).length} of 45 patients in another class; least certain of one: ${Math.min(...unsure).toFixed(2)}, was ${sure[unsure.indexOf(Math.min(...unsure))].toFixed(2)}`,
);

// %% [markdown]
// Where they differ from `majorityVote` of all readings, which gives a tie to the lower class, EM names a worse one for three patients: 2, 12 and 36. But patient 12 is a tie, of three 2s that are all doctor 1's against the 3s of three
// others: of five *doctors* three say 3, as EM does. For patient 36 it depends on which of doctor 1's readings stands for them: with the first, three of five say 4, as EM does. Only for patient 2 does EM overrule
// three of five doctors however one counts.
// #claim 04/three-were-one
// In all three EM goes where doctor 2 said. And then look again at the rows of classes 3 and 4: there are five patients in one and three in the other, and doctor 2 is "always right"
// there partly because these patients went where doctor 2 said. The circle has closed.
// #claim 04/doctor-2-decides
//
// EM counts doctor 1 three times as well: it takes the three readings for independent witnesses, and they are one person with one habit. Given one reading for each doctor it names the same
// classes, and for one patient its certainty falls from 95 % to about a half. What counting people twice can do is section 6.
// #claim 04/three-witnesses
//
// ### Exercise 3. One E-step
//
// *Difficulty 3 of 5, 15 minutes. Trains: the left half of (3), in log space.*
//
// Given, for one task, `prior[t]`, which is $q_t$, `confusion[w][t][c]`, which is $T^w_{tc}$, and `labels[w]`, the answer of person $w$ or -1 if they did
// not answer, return the posterior, which adds up to 1. It has to survive 2000 answers.
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
// <details><summary>What happens</summary>Each "ill" multiplies the odds by 4. From 1 : 99 three of them lead to 64 : 99, a probability of 39 %; without the prior it reads 64 : 1, or 98 %.</details>
// #claim 04/unanimous-ill
//
// ### Exercise 4. Find the bug
//
// *Difficulty 3 of 5, 6 minutes. Trains: the right half of (3), and "given what?" at every share.*
//
// Given `posterior[i][t]`, which is $P(t_i = t)$, and `labels[i]`, the answer of one person to task $i$ or -1, `confusionTable` is to return their table $T_{tc}$. A colleague wrote
// it; EM that runs on it ends with every patient in whichever class was a little more common. Run the check, then mend the one line.
// #claim 04/bug-takes-all
//
// <details><summary>Hint</summary>What do the colleague's numbers add up to 1 over: a row, or a column? The E-step asks how probable an answer is, given the truth.</details>

// %% [exercise] 04/find-the-bug
/** How often one person says c where the truth is t: the M-step of equation (3), [truth][answer]. */
function confusionTable(posterior: number[][], labels: number[]): number[][] {
  const classes = posterior[0].length;
  const table = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  posterior.forEach((probability, i) => {
    if (labels[i] < 0) return;
    probability.forEach((p, t) => {
      table[t][labels[i]] += p;
    });
  });
  const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
  // #solution
  return table.map((row) => row.map((times) => times / sum(row)));
  // #given
  // return table.map((row) => row.map((times, c) => times / sum(table.map((other) => other[c]))));
  // #end
}

// %% [check] 04/find-the-bug
await check("04/find-the-bug", { confusionTable });

// %% [markdown]
// ### Exercise 5 (optional). EM, the whole loop
//
// *Difficulty 3 of 5, 12 minutes. Trains: the ladder from nothing known to truths and reliabilities.*
//
// The one coin model for yes-or-no questions whose answers are equally common. Given `answers[i][w]`, which is 1, 0, or -1 where person $w$ did not answer, and a number of rounds, return $P(t_i = 1)$ for each task. Begin with the share
// of 1s among a task's answers. In each round, first M: $p_w$ is the expected share of right answers, with one made-up right and one made-up wrong answer on top, so that nobody is infallible; then E: equation (2).
//
// <details><summary>Hint 1</summary>An answer 1 to task i is right with probability P(t_i = 1), an answer 0 with the rest.</details>
// <details><summary>Hint 2</summary>Log-odds become a probability by <code>sigmoid</code>.</details>

// %% [exercise] 04/one-coin
/** P(truth = 1) of each task after so many rounds of EM: the one coin model, both classes equally common. */
function oneCoinEm(answers: number[][], rounds: number): number[] {
  // #solution
  let probability = answers.map((row) => {
    const given = row.filter((answer) => answer >= 0);
    return given.reduce((sum, answer) => sum + answer, 0) / given.length;
  });
  for (let round = 0; round < rounds; round++) {
    const weight = answers[0].map((_, w) => {
      let [right, given] = [1, 2];
      answers.forEach((row, i) => {
        if (row[w] < 0) return;
        right += row[w] === 1 ? probability[i] : 1 - probability[i];
        given += 1;
      });
      return Math.log(right / (given - right));
    });
    probability = answers.map((row) =>
      sigmoid(row.reduce((sum, answer, w) => sum + (answer < 0 ? 0 : (2 * answer - 1) * weight[w]), 0)),
    );
  }
  return probability;
  // #end
}

// %% [check] 04/one-coin
await check("04/one-coin", { oneCoinEm });

// %% [markdown]
// ## 4. How many spammers does it take?
//
// Here we know the truth, because we make it: 20 people answer yes-or-no questions, ten answers a question. The honest are right in 60 to 90 % of all
// cases. More and more of them are replaced by spammers, half of whom toss a coin, while the other half always says yes. One more method joins in: *GLAD* (Whitehill and others 2009)
// gives each person an ability and each question an easiness; the log-odds of being right are their product.

// %%
const worlds = 10; // other random keys, for the bands
const spamShares = linspace(0, 0.8, 9);

type Crowd = ReturnType<typeof spammedCrowd>;
const methods: Record<string, (crowd: Crowd) => ArrayLike<number>> = {
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
const wrongOf = (truth: ArrayLike<number>, label: ArrayLike<number>) =>
  mean(Array.from(label, (said, i) => Number(said !== truth[i])));
/** A curve through the means over keys, with their 95 % intervals; values [x][keys]. */
const curve = (name: string, x: number[], values: number[][]) =>
  overSeeds(
    name,
    x,
    values[0].map((_, k) => values.map((own) => own[k])),
    { least: 0 },
  );

const spamError = Object.keys(methods).map(() => spamShares.map(() => [] as number[]));
for (const s of progress(spamShares.length, { label: "crowds" })) {
  for (const k of split(key(40 + s), worlds)) {
    const crowd = spammedCrowd(k, spamShares[s]);
    Object.values(methods).forEach((method, m) => {
      spamError[m][s].push(wrongOf(crowd.truth, method(crowd)));
    });
  }
}

show(
  line({
    title: "A table a person survives the yes-sayers; one number a person is taken in by them",
    subtitle: `150 questions, ten answers each; mean of ${worlds} crowds and its 95 % interval`,
    x: { title: "share of spammers" },
    y: { title: "share of wrong answers", range: [0, 0.6] },
    series: Object.keys(methods).map((name, m) => curve(name, spamShares, spamError[m])),
    reference: [{ y: 0.5 }],
  }),
);

// %% [markdown]
// The last method is an oracle: it knows all accuracies, and on average nobody can do better. With a tenth of spammers every model of people beats the majority without knowing anything.
// #claim 04/models-pay
// At four in ten two of them have fallen below the majority, *one coin* and *GLAD*. They have a single number for each person, and people who always say yes look like experts to them, since they agree with each other.
// #claim 04/one-number-falls
// (It is the yes-sayers: with as many spammers who all toss coins, one coin does better than the majority. And it is no matter of settings: with a prior worth 45 answers instead of one, it falls as well.)
// #claim 04/coins-do-not-fool-it, 04/a-prior-does-not-help
// Dawid-Skene's tables and MACE's habits can say "answers yes whatever is true", and are ahead of the majority up to the end of the figure.
// #claim 04/tables-hold
// A wrong model of people can be worse than none.
//
// Are the reliabilities that they learn the right ones? Another crowd: twelve people who are right in 55 to 95 %, two coins, two liars.

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
// A model of people recovers what the majority's verdict distorts: judged by agreement with the majority, the coins and liars look better than they are, the best look worse.
// #claim 04/majority-flatters
//
// ## 5. Odd ones out: spammers, outliers, and people who tire
//
// A spammer is not somebody who is often wrong. It is somebody whose answers do not *depend* on the truth: all rows of their table are alike. A
// liar's rows differ very much, so a liar is informative. `informativeness` measures the distance between the rows, from 0 to 1 (Raykar and Yu 2012),
// and `spammers` reports who falls below a threshold, with a test against what all others say. `outliers` looks at something else, and needs no model: who agrees with the others
// significantly less often than people do on average?

// %%
const mixedFit = dawidSkene(mixed.data);
const threshold = 0.03; // of informativeness; try 0.1: who is lost then?
const suspects = new Map(spammers(mixed.data, mixedFit, threshold).map((s) => [s.labeler, s]));
const odd = new Set(outliers(mixed.data).map(({ labeler }) => labeler));

table(
  Array.from(informativeness(mixedFit), (score, w) => ({
    person: w,
    accuracy: trueAccuracy[w],
    score,
    verdict: suspects.get(w)?.kind ?? "",
    p: suspects.get(w)?.pValue,
    outlier: odd.has(w) ? "outlier" : "",
  })).sort((a, b) => a.score - b.score),
  {
    columns: {
      person: "person",
      accuracy: "true accuracy",
      score: "informativeness",
      verdict: "verdict",
      p: "p-value of spam",
      outlier: "agrees too little",
    },
    digits: { accuracy: 2, score: 3, p: 3 },
    caption: "A large p-value: spam would look just like this",
  },
);

// %% [markdown]
// The test for outliers finds the liars and neither of the coins. It finds who disagrees, and to disagree is not to know nothing.
// #claim 04/outliers-are-liars
// The threshold finds the coins, and usually somebody honest with them: who is right in 55 % of all cases stands beside the coins, and in 240 answers a coin is right that often once in fifteen times.
// #claim 04/threshold-hits-the-honest, 04/a-coin-at-55
// Before you throw a person out, look at the p-value, and ask whom your threshold would hit. Throwing out gains nothing here: with weights, a weak voice costs nothing.
// #claim 04/weak-voices-cost-nothing
//
// **People tire.** One number for a person says nothing about the hour. Twelve people answer a long list in one sitting: right in 95 % of the first quarter, 80 %, 65 %, and at the end they
// toss coins. All are alike, so weights for people have nothing to tell apart. But a *quarter of a sitting* can be a "person" as well.

// %%
const quarters = 4;
const sittings = split(key(31), 10).map((k) => tiringCrowd(k, { parts: quarters, fresh: 0.95, tired: 0.5 }));
const tiredWays: Record<string, (crowd: Crowd) => ArrayLike<number>> = {
  "majority vote": ({ data }) => majorityVote(data).label,
  "Dawid-Skene, a table a person": ({ data }) => dawidSkene(personsOf(data, quarters), { smoothing: 0.5 }).label,
  "Dawid-Skene, a table a quarter": ({ data }) => dawidSkene(data, { smoothing: 0.5 }).label,
  "log-odds of the true accuracies": ({ data, labelers }) =>
    weightedVote(
      data,
      labelers.map((p) => logOddsWeight(p as number)),
    ).label,
};
const tiredError = Object.values(tiredWays).map((way) =>
  meanInterval(sittings.map((crowd) => wrongOf(crowd.truth, way(crowd)))),
);

show(
  bar({
    title: "Twelve people who tire: weigh the hour, not the person",
    subtitle: `300 tasks, about seven answers each; mean of ${sittings.length} sittings and its 95 % interval`,
    x: { title: "share of wrong answers" },
    y: { title: "method" },
    categories: Object.keys(tiredWays),
    horizontal: true,
    series: [
      {
        name: "share wrong",
        values: tiredError.map((interval) => interval.mean),
        error: { low: tiredError.map(({ low }) => low), high: tiredError.map(({ high }) => high) },
      },
    ],
  }),
);

// %% [markdown]
// Tables for people gain nothing over the majority, tables for quarters halve the errors and come close to the oracle.
// #claim 04/weigh-the-hour
// Real fatigue is not so tidy, and to fit more tables takes more answers. But the hour, or the place in the list, is nearly always known and nearly never used.
//
// ## 6. Break it: people who answer together
//
// Everything so far stands on one assumption: *given the truth, people err independently*. Nine honest people, each right in 75 %, answer 200 questions, and a tenth tosses coins. Then some more
// hand in the coin tosser's sheet as their own.
//
// **Predict, then run.** How many copies does it take until the majority is no better than a coin? And until Dawid-Skene is? Write down two numbers.

// %%
const copyCounts = [0, 1, 2, 3, 4, 6, 8, 10];
const sheets = split(key(21), 12).map((k) => simulateAnnotations(k, [...new Array<number>(9).fill(0.75), 0.5], 200));
const afterCopies = (label: (data: Crowd["data"]) => ArrayLike<number>) =>
  copyCounts.map((copies) => sheets.map(({ data, truth }) => wrongOf(truth, label(withCopies(data, 9, copies)))));

show(
  line({
    title: "A few copies of one sheet take EM over, where the majority still stands",
    subtitle: `nine honest people, a coin tosser, and copies; mean of ${sheets.length} crowds and its 95 % interval`,
    x: { title: "copies of the coin tosser's sheet" },
    y: { title: "share of wrong answers", range: [0, 0.6] },
    series: [
      curve(
        "majority vote",
        copyCounts,
        afterCopies((data) => majorityVote(data).label),
      ),
      curve(
        "Dawid-Skene",
        copyCounts,
        afterCopies((data) => dawidSkene(data).label),
      ),
    ],
    reference: [{ y: 0.5 }],
  }),
);

// %% [markdown]
// <details><summary>What you saw</summary>With three copies the majority still errs in about one answer of five, and EM in every second: its "truth" has become the copied sheet. The majority needs about ten. Weights multiply:
// four people who never contradict each other look infallible, and their four votes then outweigh nine.</details>
// #claim 04/three-copies-take-em
// #claim 04/majority-holds-longer
//
// Does nothing warn us? `outliers` does worse than nothing: with ten copies it names honest people, and never a copy.
// #claim 04/honest-outliers
// Nor do known answers help against ten copies: EM that starts from fifty of them ends at the copied sheet.
// #claim 04/gold-does-not-cure-copies
// What helps is to look at *pairs* before fitting. Honest people agree because of the truth, and so only so much; copies agree about everything, mistakes included.

// %%
const copies = 10; // try 3
const { truth: sheetTruth, data: sheet } = sheets[0];
const colluding = withCopies(sheet, 9, copies);
const everyone = Array.from({ length: colluding.labelers }, (_, w) =>
  Array.from(colluding.label).filter((_, k) => colluding.labeler[k] === w),
);
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
const rowsKept = Array.from(colluding.labeler.keys()).filter((k) => kept[colluding.labeler[k]]);
const pick = (column: Int32Array) => rowsKept.map((k) => column[k]);
const cleaned = annotationsFromColumns(pick(colluding.task), pick(colluding.labeler), pick(colluding.label), colluding);
const believed = dawidSkeneAccuracies(dawidSkene(colluding));
const percent = (share: number) => `${(100 * share).toFixed(0)} %`;
console.log(`named by outliers(): ${outliers(colluding).map(({ labeler }) => labeler)} (0 to 8 are honest)`);
console.log(
  `EM believes that the honest are right in ${percent(mean(believed.slice(0, 9)))}, the copies in ${percent(mean(believed.slice(9)))}`,
);
console.log(
  `${kept.filter((k) => !k).length} copies left out: majority ${percent(wrongOf(sheetTruth, majorityVote(cleaned).label))}, Dawid-Skene ${percent(wrongOf(sheetTruth, dawidSkene(cleaned).label))} wrong`,
);

// %% [markdown]
// With one sheet of each block EM is where it was. (Real copies are not so exact; then the block is less than 1, and a threshold has to be chosen. Two good labelers agree as well, but no pair of our honest ones comes to
// a kappa of one half.)
// #claim 04/one-of-each-block
//
// **The mirror.** There is a second solution in every likelihood of this kind: swap the names of the classes, and call every liar an expert.
// It explains the answers exactly as well. Starting from the majority picks the usual one, unless most people lie, or misread the question
// ("which answer is *worse*?"). No answer of the crowd can tell. A few questions whose answers *you* know can.

// %%
const goldCount = 3; // questions with a known answer; try 1
const misled = simulateAnnotations(key(5), [0.85, 0.8, 0.75, 0.2, 0.25, 0.2, 0.3], 300);
const gold = new Map(Array.from({ length: goldCount }, (_, i) => [i, misled.truth[i]]));

table(
  [
    { method: "majority vote", fit: majorityVote(misled.data), climbed: Number.NaN },
    ...[
      { method: "Dawid-Skene from the majority", fit: dawidSkene(misled.data, { smoothing: 0 }) },
      { method: `Dawid-Skene from ${goldCount} known answers`, fit: dawidSkene(misled.data, { smoothing: 0, gold }) },
    ].map((row) => ({ ...row, climbed: row.fit.logLikelihoods.at(-1)! })),
  ].map(({ method, fit, climbed }) => ({ method, wrong: wrongOf(misled.truth, fit.label), climbed })),
  {
    columns: { method: "method", wrong: "share wrong", climbed: "log-likelihood (nats)" },
    digits: { wrong: 3, climbed: 1 },
  },
);

// %% [markdown]
// Three of seven are right and four answer backwards: the majority is a little worse than a coin, EM from there is nearly all wrong, and from three known answers nearly all right.
// #claim 04/mirror
// The two log-likelihoods, of more than a thousand nats, differ by a few nats at most (and by nothing, but that known answers stay what they are).
// #claim 04/mirror-is-as-likely
// That is why annotation services mix known questions in.
//
// ## 7. Comparisons: plain Bradley-Terry does not know who spoke
//
// It is sometimes said that Bradley-Terry "weights by consistency". The plain model of lesson 01 does not: a comparison is a comparison,
// whoever made it. To listen to who speaks, each labeler needs a number of their own. Two ways to have one:
//
// $$P(i \succ j \mid w) = \sigma\bigl(\alpha_w(\theta_i - \theta_j)\bigr) \qquad\text{or}\qquad P(i \succ j \mid w) = \eta_w\,\sigma(\theta_i - \theta_j) + (1 - \eta_w)\,\sigma(\theta_j - \theta_i). \tag{4}$$
//
// On the left each labeler has a sharpness, an inverse temperature (`scaledBradleyTerry`); on the right $\eta_w$ is how often they say what they meant
// (`crowdBradleyTerry`; Chen et al. 2013), found by EM. Only the products $\alpha_w (\theta_i - \theta_j)$ show in the answers, so a unit has to be chosen: the mean size of the
// sharpnesses, the mean of $|\alpha_w|$, is 1. (Not their mean: where half of the crowd answers backwards that is about 0.)

// %%
const items = 12;
const judgeCount = 15;
const eachJudge = 40; // comparisons a judge
const badShares = [0, 0.2, 0.4, 0.6, 0.7, 0.8];
const trials = 10;
type Heard = ReturnType<typeof simulateJudgements>;
const models = {
  "plain Bradley-Terry": (d: Heard) => bradleyTerry.fit(d, { prior: { gaussian: 2 } }).theta,
  "a sharpness each": (d: Heard) => scaledBradleyTerry(d).theta,
  "a flip rate each": (d: Heard) => crowdBradleyTerry(d).theta,
};
const disorder = Object.keys(models).map(() => badShares.map(() => [] as number[]));
for (const s of progress(badShares.length, { label: "judges" })) {
  for (const k of split(key(70 + s), trials)) {
    const [draw, listen] = split(k);
    const ability = uniform(draw, items, -2, 2);
    const heard = simulateJudgements(listen, ability, mixedJudges(judgeCount, badShares[s]), eachJudge);
    Object.values(models).forEach((model, m) => {
      const pairs = (items * (items - 1)) / 2;
      disorder[m][s].push(kendallDistance(orderByScore(model(heard)), orderByScore(ability)) / pairs);
    });
  }
}

show(
  scatter({
    title: "A number for each judge keeps the order, or turns all of it round",
    subtitle: `each point is a world: ${judgeCount} judges, ${eachJudge} comparisons each, ${items} items`,
    x: { title: "share of bad judges (two thirds guess, one third answers backwards)" },
    y: { title: "share of pairs in the wrong order", range: [-0.02, 1.02] },
    series: Object.keys(models).map((name, m) => ({
      name,
      x: badShares.flatMap((share, s) => disorder[m][s].map(() => share + 0.02 * (m - 1))), // side by side
      y: disorder[m].flat(),
    })),
    reference: [{ y: 0.5 }],
  }),
);
console.log(
  `at 60 %, means: ${disorder.map((own) => mean(own[3]).toFixed(2)).join(", ")} (in the order of the legend)`,
);
console.log(
  `at 80 %, worlds of ${trials} with more than half of all pairs wrong: ${disorder.map((own) => own[5].filter((wrong) => wrong > 0.5).length).join(", ")}`,
);

// %% [markdown]
// At six bad judges in ten the models with a number for each labeler have a tenth of all pairs in the wrong order, little more than with none; plain Bradley-Terry has a quarter.
// #claim 04/numbers-keep-the-order
// At eight in ten three honest judges stand against four who answer backwards (in nine cases of ten), and eight who guess. Which side prevails is chance: about every second world turns round, under all three models. It is the mirror again.
// What differs is how firmly: with numbers nearly all pairs are right, or nearly all are wrong; plain Bradley-Terry stays near one half.
// #claim 04/numbers-find-the-mirror
// Learning who is reliable multiplies what the crowd believes, for better and worse.
//
// ### Exercise 6. The gradient in the sharpness
//
// *Difficulty 2 of 5, 12 minutes. Trains: the chain rule with an index on the outside.*
//
// Row $k$: labeler `labeler[k]` preferred `winner[k]` to `loser[k]`. The log-likelihood is $\sum_k \log \sigma(\alpha_{w_k} d_k)$ with
// $d_k = \theta_{\text{winner}} - \theta_{\text{loser}}$. Given abilities, sharpnesses and such rows, return its derivative in each $\alpha_w$; `alpha.length` labelers.

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
// **Break it.** Multiply all alpha by 2, divide all theta by 2, and compute the log-likelihood (`scaledLogLikelihood`). Then turn all signs, of both.
// Which of these two freedoms could hurt you, and what in the data would tell?
//
// <details><summary>What happens</summary>Neither changes the likelihood: each product is what it was. The scale hurts nobody, it is a unit. The sign turns the whole order round, and nothing in these data tells: only a prior
// (most people mean well) or a few comparisons whose answer you know.</details>
// #claim 04/two-freedoms
//
// ### Gradients by hand (optional)
//
// A widely used toolkit (crowd-kit, release 1.4.2) fits a third model of this family, in which labelers sometimes
// take the item on the left without looking. Compared with differences of its own objective, the abilities' part of its gradient agrees but for
// the last item's, and the labelers' part does not: each answer overwrites the one before instead of being added, one place too
// low. The optimiser notices nothing. `noisyBradleyTerry` is the same model with the gradient that belongs to it, and a test holds both numbers. Here is how to find out, for any gradient.

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
// *A good place to stop for today. Until here there was one truth, and people were noisy windows on it.*
//
// # Part two: many wishes
//
// ## 8. When people want different things
//
// Take the noise away: three friends, each with a perfectly consistent taste, choose a drink by majority. An item that beats every other one by a majority is
// called a *Condorcet winner*.

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
//
// How does one choose then? Here are the rules that one meets most. With two candidates all of them are the majority.
//
// | Rule | What it does |
// | --- | --- |
// | plurality | counts first places |
// | instant runoff | counts first places; strikes out the last candidate, whose ballots pass to their next wish; until one has more than half |
// | Borda | on each ballot a candidate gets a point for each that it is placed before |
// | Copeland | a point for each candidate that one beats by a majority, half a point for a tie |
// | Kemeny | the order that goes against the fewest votes on pairs |
//
// The *Smith set* is no rule but a field of play: the smallest group of candidates who each beat everybody outside of it. Copeland's and Kemeny's first always come from it.
//
// Nor is the circle only a game. In November 2021, ward 2 of Minneapolis elected its council member by instant runoff. Here are the 8,915 ballots, reduced to the three leading candidates; who left two of them out
// said nothing about that pair.

// %%
const ward = minneapolisWard2();
const ballots = rankingsFromBallots(ward.ballots, { names: ward.names });
const votes = pairwiseTally(ballots);
const circle = majorityCycle(votes)!;
const pairsOf = circle.map((from, p) => [from, circle[(p + 1) % circle.length]]);
const voterCount = ward.ballots.reduce((sum, { count }) => sum + count, 0);

show(
  graph({
    title: "A circle in a real election: each of the three loses to another",
    subtitle: "Minneapolis, ward 2, 2021: ballots that prefer one to the other",
    nodes: ward.names.map((id) => ({ id })),
    edges: pairsOf.map(([from, to]) => ({
      from: ward.names[from],
      to: ward.names[to],
      label: `${votes[from][to]} : ${votes[to][from]}`,
      highlight: true,
    })),
    legend: { highlight: "more voters prefer" },
  }),
);

const order = (scores: ArrayLike<number>) =>
  orderByScore(scores)
    .map((i) => ward.names[i])
    .join(" > ");
const runoff = instantRunoff(ballots);
const lastRound = ward.names.flatMap((name, i) => (runoff.rounds[1][i] > 0 ? [`${name} ${runoff.rounds[1][i]}`] : []));

table(
  [
    { rule: "plurality", result: order(pluralityScores(ballots)) },
    { rule: "instant runoff", result: `${ward.names[runoff.winner]} (last round: ${lastRound.join(", ")})` },
    { rule: "Borda", result: order(bordaScores(votes)) },
    { rule: "Copeland", result: `a tie of all: ${copelandScores(votes).join(", ")}` },
    { rule: "Kemeny", result: (await kemeny(votes)).order.map((i) => ward.names[i]).join(" > ") },
  ],
  { columns: { rule: "rule", result: "result" } },
);
console.log(
  `Smith set: ${smithSet(votes)
    .map((i) => ward.names[i])
    .join(", ")}`,
);
for (const [i, j] of pairsOf) {
  const share = (of: number) => `${((100 * votes[i][j]) / of).toFixed(1)} %`;
  console.log(
    `${ward.names[i]} rather than ${ward.names[j]}: ${votes[i][j]} voters, ${share(votes[i][j] + votes[j][i])} of those who rank either, ${share(voterCount)} of all`,
  );
}

// %% [markdown]
// Plurality, Borda and Kemeny name Arab. The rule in force, instant runoff, elected Wonsley, by 19 votes; and more voters preferred Gordon, who had been struck out, to Wonsley. No rule is mistaken: there
// is no candidate whom nobody beats.
// #claim 04/wonsley-by-19
// (None of these majorities is one of all voters: 42 to 49 %, since many ballots leave both of a pair out.)
// #claim 04/no-majority-of-all
//
// What does a reward model make of such voters? A ranking method does not "handle" intransitive preferences: *one global order cannot hold them*. It breaks the circle somewhere.

// %%
const elected = bradleyTerry.fit(comparisonsFromWins(votes, { names: ward.names }));
const margin = (probability: number[][]) =>
  probability.map((row, i) => row.map((c, j) => (i === j ? Number.NaN : 100 * c)));
const shares = votes.map((row, i) => row.map((v, j) => (i === j ? 0.5 : v / (v + votes[j][i]))));
const sharesOf = (title: string, probability: number[][]) =>
  heatmap({
    title,
    x: { title: "over", labels: ward.names },
    y: { title: "preferred", labels: ward.names },
    color: { title: "share", unit: "%", center: 50, range: [48, 52] },
    values: margin(probability),
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
const fitTest = bradleyTerry.goodnessOfFit(elected.theta, comparisonsFromWins(votes, { names: ward.names }));
console.log(`test of fit (lesson 01): deviance ${fitTest.deviance.toFixed(1)}, p-value ${fitTest.pValue.toFixed(3)}`);

// %% [markdown]
// The model says that Arab is preferred to Wonsley. The majorities are thin, so the circle is a small thing in the likelihood: with nearly nine thousand voters the test of lesson 01 hardly notices it, and nothing else in the
// fit would tell.
// #claim 04/straightened
//
// How do we tell noise from a circle of wishes? By asking each person alone. Count the triples that one person's own answers put in a
// circle (Kendall and Babington Smith 1940): a coin has one in four, a firm taste nearly none, whatever that taste is.

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
// The first three disagree about everything, and none of them is unreliable.
// #claim 04/firm-tastes-have-no-circles
// What do the models of section 7, for which there is one truth, make of the same answers?

// %%
const everybody = judgementsFromColumns(
  interviews.flatMap(({ winner }, w) => Array.from(winner, () => w)),
  interviews.flatMap(({ winner }) => Array.from(winner)),
  interviews.flatMap(({ loser }) => Array.from(loser)),
);
const sharp = scaledBradleyTerry(everybody);
const flipped = crowdBradleyTerry(everybody);
table(
  tastes.map(({ name }, w) => ({ name, sharpness: sharp.alpha[w], meant: flipped.reliability[w] })),
  {
    columns: { name: "person", sharpness: "sharpness", meant: "says what they mean, share" },
    digits: 2,
    caption: `"The truth", by sharpness: ${orderByScore(sharp.theta).join(" > ")}`,
  },
);

// %% [markdown]
// Each takes one taste for the truth. In both the second person is called a liar, whose answers are counted *against* what they want, and where the first is the truth the third counts for nothing.
// #claim 04/a-taste-called-a-lie
// Whose taste is the truth is luck: draw the interviews anew (another key), and by sharpness it may be another person's.
// #claim 04/whose-truth-is-chance
// *Whose preferences* is no longer a question of statistics.
//
// ### Exercise 7. Find a circle
//
// *Difficulty 3 of 5, 15 minutes. Trains: depth-first search, and that "no circle of three" is not "no circle".*
//
// Given `beats`, where `beats[i][j]` says whether a majority prefers $i$ to $j$ (where votes are tied, neither beats the other), return the items of one circle, in
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
// <details><summary>What happens</summary>On a diamond: 0 beats 1 and 2, and both beat 3. The walk meets 3 twice, on two ways, and no way leads back.</details>
//
// How often does a circle at the top come about by chance? Let 25 voters rank at random, or with a common taste, and count the
// elections without a Condorcet winner. The voters come from the *Plackett-Luce* model, which is Bradley and Terry's for whole rankings: the first place goes to item $i$ with probability $e^{\theta_i} / \sum_j e^{\theta_j}$, the
// next in the same way among those that are left, and so on.

// %%
const common = 0.4; // nats between neighbours in the common taste; 0 is none
const manyVoters = 25;
const sizes = [3, 4, 5, 6, 7];
const draws = 400;
const withoutWinner = (gap: number) =>
  sizes.map((n) => {
    const utility = Array.from({ length: n }, (_, i) => -gap * i);
    return split(key(500 + n), draws).map((k) => {
      const election = plackettLuce.simulate(k, utility, manyVoters);
      return Number(condorcetWinner(pairwiseTally(election)) === undefined);
    });
  });

show(
  line({
    title: "Voters who rank at random: the more items, the more often none beats all others",
    subtitle: `${manyVoters} voters, ${draws} elections for each point and the 95 % interval of the share`,
    x: { title: "items" },
    y: { title: "share without such a winner", range: [0, 0.5] },
    series: [
      { ...curve("voters rank at random", sizes, withoutWinner(0)), markers: true },
      { ...curve("a common taste", sizes, withoutWinner(common)), markers: true },
    ],
    reference: [{ y: 0.0877, label: "3 items, ever more voters (Guilbaud 1952)" }],
  }),
);

// %% [markdown]
// For three items the simulation comes close to the limit that Guilbaud computed, 8.8 %, and with more items circles are more frequent.
// #claim 04/guilbaud, 04/more-items-more-circles
// A weak common taste (two neighbours at 60 : 40) is enough to make them rare, with three items as with seven: a circle at the top is the mark of people who want different things.
// #claim 04/common-taste-few-circles
//
// ## 9. Voters who are clever
//
// With honest noise it hardly matters how one counts: Borda and Kemeny name the same order nearly always.
// #claim 04/honest-noise-same-order
// (Not at the same price. Borda and Copeland are sums. Finding Kemeny's order is NP-hard (Bartholdi, Tovey and Trick 1989): no method is known that does not take, in the worst case, a time that explodes with the number of items. `kemeny` solves an integer program, $x_{ij} = 1$ where $i$ is
// placed before $j$ and no triple may go round, for up to 12 items; beyond, `kemenyLocal` moves one item at a time, and usually finds one that goes against as few.)
// #claim 04/local-usually-optimal
//
// But some voters are clever: their first wish is not the favourite, so they put the favourite *last*, and their own candidate first.

// %%
const candidates = [2, 1.4, 0.9, 0.4, -0.2, -0.8]; // true utilities, best first
const voters = 60;
const buriers = linspace(0, 0.5, 6); // share of voters who rank 0 last and 1 first
const elections = 12; // for each share
const rankers: Record<string, (cast: ReturnType<typeof withBuriers>) => Promise<number[]>> = {
  Borda: async (cast) => orderByScore(bordaScores(pairwiseTally(cast))),
  Copeland: async (cast) => orderByScore(copelandScores(pairwiseTally(cast))),
  Kemeny: async (cast) => (await kemeny(pairwiseTally(cast))).order,
  "Plackett-Luce, fitted": async (cast) => orderByScore(plackettLuce.fit(cast, { prior: { gaussian: 3 } }).theta),
};
const distances = Object.keys(rankers).map(() => buriers.map(() => [] as number[]));
for (const s of progress(buriers.length, { label: "elections" })) {
  for (const k of split(key(90 + s), elections)) {
    const cast = withBuriers(plackettLuce.simulate(k, candidates, voters), buriers[s], 0, 1);
    for (const [m, ranker] of Object.values(rankers).entries()) {
      distances[m][s].push(kendallDistance(await ranker(cast), [0, 1, 2, 3, 4, 5]));
    }
  }
}

show(
  line({
    title: "Sums of places yield from the first clever voter on; majorities hold longer, and then give way",
    subtitle: `${voters} voters, 6 candidates; mean of ${elections} elections and its 95 % interval`,
    x: { title: "share of voters who bury the favourite" },
    y: { title: "pairs in the wrong order, of 15", range: [0, 6] },
    series: Object.keys(rankers).map((name, m) => ({ ...curve(name, buriers, distances[m]), markers: true })),
  }),
);

// %% [markdown]
// With a fifth of the voters being clever, Borda has lost about a pair and Plackett-Luce more than that, Kemeny and Copeland about a third of one: a sum of places (or a likelihood of places) feels *how far down* a ballot puts somebody, a majority only asks on
// which side.
// #claim 04/places-feel-burying
// The price is paid later, between three and five in ten. When the clever are half of all voters, Kemeny gives them everything: the favourite is last, five places lower. Under Borda it loses about three.
// #claim 04/kemeny-gives-all
//
// No deterministic rule with three possible winners or more is safe from clever voters unless it has a dictator (Gibbard 1973, Satterthwaite 1975); rules differ in who has to be clever, and how many. (With two candidates the majority is safe, and so is drawing one ballot by lot; and so is the median, where all
// wishes lie on a line and each voter likes what is nearer.) Pooled rankings are what reward models are trained on, and the clever voter is a user who gives a rival's answer one star.
//
// ## 10. Why there is no perfect rule
//
// Perhaps we have only not found it yet? Say what a rule is: it takes *every* profile of ballots (at least two voters, at least three items), and answers with an *order* of the items, ties allowed. Of such a rule we ask three things. If everybody prefers $x$ to
// $y$, so does society (*unanimity*). Whether society prefers $x$ to $y$ depends only on how people rank $x$ against $y$ (*independence of irrelevant alternatives*). Nobody is a *dictator*, whom society follows whatever the others want. Arrow (1951): no rule has all three.
//
// That the answer is an order is part of it. The majority on each pair has unanimity, independence and no dictator; section 8 has shown what it lacks. Three voters and three items make 216 elections. Let us go through them with five ways of counting:

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
const everyOrder = permutations(3);
const allElections = everyOrder.flatMap((a) => everyOrder.flatMap((b) => everyOrder.map((c) => [a, b, c])));
const inCircles = allElections.filter((orders) => majorityCycle(pairwiseTally(rankingsFromOrders(orders)))).length;
const verdict = (v: number) => (v > 0 ? "x first" : v < 0 ? "y first" : "a tie");
const written = (election: number[][]) => election.map((ballot) => ballot.map((i) => "ABC"[i]).join("")).join(" ");

table(
  [
    { rule: "majority on each pair", order: `not in ${inCircles} of 216`, pair: "none: it looks at pairs" },
    ...Object.entries(societies).map(([rule, society]) => {
      const found = independenceViolation(society);
      return {
        rule,
        order: "always",
        pair: found ? `x = ${"ABC"[found.x]}, y = ${"ABC"[found.y]}` : "none in 216 elections",
        one: found && written(found.first),
        first: found && verdict(found.verdicts[0]),
        other: found && written(found.second),
        second: found && verdict(found.verdicts[1]),
      };
    }),
  ],
  {
    columns: {
      rule: "rule",
      order: "an order",
      pair: "breach of independence",
      one: "ballots",
      first: "verdict",
      other: "other ballots",
      second: "verdict now",
    },
    caption: "A breach: every voter ranks x against y alike in both elections, and still the verdict changes",
  },
);

// %% [markdown]
// Four ways of counting fail: the first gives no order for some profiles, the others look at more than the pair. Voter 0 passes, and is a dictator. That is no proof: it says nothing about the rules that we did not try. (Arrow's theorem says it of all; one proof is folded below.)
// #claim 04/four-ways-fail
//
// In the smallest case, though, we *can* try all. With two voters and three items a rule with independence is three small tables, one a pair: who goes first, for each of the four ways in which two people can rank a pair. Unanimity fixes two
// of the four, the others may say $x$, $y$ or a tie. That makes $3^6 = 729$ rules with both properties. How often does each fail to give an order?

// %%
const allRules = independentRules();
const mostDisorders = Math.max(...allRules.map(({ disorders }) => disorders));
const failures = Array.from({ length: mostDisorders + 1 }, (_, n) => n);

show(
  bar({
    title: "Of 729 rules two always give an order, and each is one voter's",
    subtitle: "two voters, three items: all rules with unanimity and independence",
    x: { title: "elections, of 36, in which the answer is no order" },
    y: { title: "rules" },
    categories: failures.map(String),
    series: [
      { name: "rules", values: failures.map((n) => allRules.filter(({ disorders }) => disorders === n).length) },
    ],
  }),
);
console.log(
  `always an order: ${allRules
    .filter(({ disorders }) => disorders === 0)
    .map(({ dictator }) => (dictator === undefined ? "no dictator" : `voter ${dictator} decides`))
    .join("; ")}`,
);

// %% [markdown]
// Nothing had to be believed there. Only the two dictators are left.
// #claim 04/only-dictators
//
// <details><summary>A proof for any number of voters and items (after Geanakoplos 2005)</summary>
//
// *Extremes.* If every voter puts $b$ first or last, so does society. Else $a \succeq b \succeq c$ for some $a$, $c$; let every voter move $c$ above $a$. No pair with $b$ changes, since $b$ is at an end of every ballot, so
// society still has $a \succeq b \succeq c$; but unanimity asks for $c \succ a$.
//
// *The pivot.* Let all put $b$ last, so society does; now move it to the top, voter by voter. At some voter $w$ society moves $b$, from the bottom to the top.
//
// *The pivot decides all pairs without $b$.* Take $a$ and $c$, and let $w$ rank $a \succ b \succ c$, those before $w$ have $b$ on top, those after it at the bottom, and let all rank $a$ against $c$ as they like. On the pair $a, b$ it is as just
// before the jump: $a \succ b$. On the pair $b, c$ as just after: $b \succ c$. An order then has $a \succ c$, as $w$ wants, and by independence it has it always.
//
// *And the pairs with $b$.* The same with another item in the place of $b$ gives a voter who decides the pairs of $a$ and $b$; since $w$ changed society's verdict on such a pair above, that voter is $w$. So $w$ is a dictator.
//
// </details>
//
// So an aggregate of human preferences is always a choice of what to give up, and a single scalar reward, trained on everybody's clicks, has made that choice without saying so. (Which one? If all pairs are compared equally often, Bradley-Terry on pooled
// comparisons ranks exactly as Borda does: both see only how often an item won. If not, the two part.)
// #claim 04/bradley-terry-is-borda, 04/unequal-pairs-part
// With a scale on which wishes can be compared between people the theorem does not apply; but comparisons do not give us one: lesson 01, section 4.
//
// ## Said, and seen
//
// What the notes say on this lesson's subject, beside what you saw (*the notes* are the theory notes that this course grew from):
//
// | Said | Seen | Where |
// | --- | --- | --- |
// | Majority vote is optimal under uniform reliability | For equal reliability above one half, and independent errors | 2, 6 |
// | Weighted methods are better with heterogeneous labelers | With known weights always; with learned ones until a wrong model of people, copies or liars take over | 2, 4, 6 |
// | Optimal weights are proportional to precision | They are log-odds: zero for a coin, negative for a liar | 2 |
// | Crowd wisdom effects | Above one half; eleven people of 0.4 are wrong together three times in four | 2 |
// | EM learns preferences and reliabilities jointly | It finds who agrees with a consensus: copies win, and mirrors exist | 3, 6 |
// | Bradley-Terry weights by consistency | The plain model ignores who spoke; $\sigma(\alpha_w(\theta_i - \theta_j))$, which the notes write as well, does not | 7 |
// | Consistency: agreement, transitivity violations, outlier detection | All three are measured; outliers are who disagrees, so liars, not coins, and among copies the honest | 1, 5, 6, 8 |
// | Ranking methods handle intransitive preferences | One global order cannot hold a circle; it breaks it somewhere | 8 |
// | Computational complexity | Sums for Borda and Copeland, climbing for EM; Kemeny is NP-hard | 9 |
// | Labeler fatigue | A weight for the hour halved the errors; one for the person gained nothing | 5 |
// | Strategic behavior | Each rule yields to clever voters, at another point | 9 |
//
// ## What this lesson does not show
//
// - **Our people are models.** Only the doctors and the voters are real, and what is true of the doctors nobody knows. People learn, answer to please, and are reliable on one topic and not on another.
// - **Groups.** A reward for each group, or a distribution over rewards, is an answer that is being tried (Siththaranjan et al. 2023, arXiv:2312.08358).
// - **Who is asked at all** decides more than any formula here.
//
// ## On one page
//
// | | | In code |
// | --- | --- | --- |
// | (1) | $\kappa = (\bar P - P_e)/(1 - P_e)$ | `fleissKappa`, `cohenKappa`, `krippendorffAlpha` |
// | (2) | $\log\text{-odds of the truth} = \sum_w (2y_w - 1)\log\frac{p_w}{1 - p_w}$ | `logOddsWeight`, `weightedVote` |
// | (3) | $P(t_i = t) \propto q_t \prod_w T^w_{t\,y_{iw}}$, and shares under it | `dawidSkene`; simpler people: `oneCoin`, `mace`, `glad` |
// | odd ones out | rows of a table alike; agrees too seldom | `informativeness`, `spammers`; `outliers` |
// | (4) | $\sigma(\alpha_w(\theta_i - \theta_j))$, or $\eta_w\sigma(d) + (1 - \eta_w)\sigma(-d)$ | `scaledBradleyTerry`, `crowdBradleyTerry` |
// | wishes | $v_{ij}$, circles in them, who is consistent alone | `pairwiseTally`, `majorityCycle`, `smithSet`, `labelerConsistency` |
// | rules | places, majorities, rounds | `pluralityScores`, `instantRunoff`, `bordaScores`, `copelandScores`, `kemeny` |
// | Arrow | unanimity, independence, an order: a dictator | `independenceViolation`, `independentRules` |
//
// **Three questions**
//
// <details><summary>A labeling service reports that its EM finds four annotators of accuracy 0.99 and eleven of 0.7. Whom do you trust?</summary>Nobody yet. Look at the agreement of each pair: four who share a sheet look just like four
// experts. If the four err on the same questions as each other, they are one voice. Questions with known answers tell experts from copies, if you read them yourself; EM that starts from them may still end at the copies.</details>
//
// <details><summary>An annotator agrees with the others far less than anybody else. Do you drop them?</summary>Not for that. They may answer backwards (then turn their answers round: they are informative), be the only honest one among copies, or want something
// else. Ask them alone: a firm taste has no circles.</details>
//
// <details><summary>Somebody sells a method that turns any set of human rankings into one fair ranking, for any votes. What do you ask?</summary>What it gives up. A rule that always answers with an order and respects unanimity either has a dictator or lets the verdict on two answers depend on a third.</details>
//
// ## Read on
//
// - Dawid and Skene 1979, doi:10.2307/2346806; Nitzan and Paroush 1982; Raykar and Yu 2012, JMLR 13. Labels by many.
// - Whitehill et al. 2009, NeurIPS 22 (GLAD); Hovy et al. 2013, NAACL, aclanthology.org/N13-1132 (MACE). Two more models of a person.
// - Chen, Bennett, Collins-Thompson and Horvitz 2013, doi:10.1145/2433396.2433420. Comparisons by many.
// - Arrow 1951, *Social Choice and Individual Values*; Geanakoplos 2005, *Three brief proofs of Arrow's impossibility theorem*, Economic Theory 26; McCune and McCune 2021, arXiv:2111.09846, on the election above.
// - Bartholdi, Tovey and Trick 1989, *Voting schemes for which it can be difficult to tell who won the election*, Social Choice and Welfare 6.
// - Conitzer et al. 2024, arXiv:2404.10271: social choice for aligning AI.
// - In the books: Lambert, *Reinforcement learning from human feedback*: chapter 10, [What are Preferences](https://rlhfbook.com/c/10-preferences); Brandt and others (editors), [*Handbook of computational social choice*](https://doi.org/10.1017/CBO9781107446984): chapter 8, Rationalizations of Voting Rules.

// %%
import { solved } from "rlhf-lab-course";

// What you have solved of this lesson; it is written down on this machine and sent nowhere.
await solved("04");
