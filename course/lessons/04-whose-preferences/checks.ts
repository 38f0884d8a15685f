import { sigmoid } from "rlhf-lab/numerics";
import { judgementsFromColumns, logOddsWeight, permutations, scaledLogLikelihood } from "rlhf-lab/preferences";
import { foldIn, type Key, permutation, randint, shuffle, split, uniform } from "rlhf-lab/random";
import { exercise } from "../../src/grade/exercise.js";

const sumOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);

/** Answers of `people` to 9 tasks in 3 classes of unequal size, as counts [9][3]. */
function drawCounts(key: Key, people: number): number[][] {
  const draws = uniform(key, 9 * (people + 1));
  return Array.from({ length: 9 }, (_, i) => {
    const own = draws.subarray(i * (people + 1), (i + 1) * (people + 1));
    // Two thirds of the answers follow the task, so that no agreement is 0 or 1; class 0 is common.
    const usual = own[people] < 0.6 ? 0 : own[people] < 0.85 ? 1 : 2;
    const counts = [0, 0, 0];
    for (let w = 0; w < people; w++) counts[own[w] < 0.66 ? usual : Math.floor((own[w] - 0.66) * 8.8)]++;
    return counts;
  });
}

function fleissOf(
  counts: number[][],
  agree: (count: number, people: number) => number,
  luck: (shares: number[]) => number,
) {
  const people = sumOf(counts[0]);
  const observed = sumOf(counts.flatMap((row) => row.map((count) => agree(count, people)))) / counts.length;
  const shares = counts[0].map((_, c) => sumOf(counts.map((row) => row[c])) / (people * counts.length));
  const expected = luck(shares);
  return (observed - expected) / (1 - expected);
}

const differentPeople = (count: number, people: number) => (count * (count - 1)) / (people * (people - 1));
const squares = (shares: number[]) => sumOf(shares.map((share) => share * share));

export const fleissKappaExercise = exercise({
  id: "04/fleiss-kappa",
  title: "Fleiss' kappa",
  difficulty: 2,
  minutes: 12,
  gives: ["kappa"],
  watches: {
    "no-luck":
      "This is the observed agreement, before luck is taken off. People who say the same for every task agree perfectly, and " +
      "know nothing: (P - P_e) / (1 - P_e).",
    "with-themselves":
      "n_ic squared over n squared also counts everybody's agreement with themselves. Of n people there are n(n - 1) ordered " +
      "pairs of different ones, and n_ic(n_ic - 1) of them agree on class c.",
    "uniform-luck":
      "Luck was taken as 1 / (number of classes). People who use one class most of the time agree by luck far more often: " +
      "add up the squares of the overall shares of the classes.",
    "not-rescaled": "The luck was taken off, but full agreement should still give 1: divide by 1 - P_e.",
  },
  parts: [
    {
      name: "follows the formula",
      points: 2,
      look: "equation (1)",
      async run(given, t) {
        // Where all classes are used alike, luck taken as 1 / 3 is right by accident: then another table.
        let counts = drawCounts(t.key, 5);
        for (let again = 1; luckOf(counts) < 0.34; again++) counts = drawCounts(foldIn(t.key, again), 5);
        const right = fleissOf(counts, differentPeople, squares);
        const uniformLuck = fleissOf(counts, differentPeople, () => 1 / 3);
        t.mistakes(
          await given.kappa(counts),
          {
            right,
            "no-luck": fleissOf(counts, differentPeople, () => 0),
            "with-themselves": fleissOf(counts, (count, people) => (count / people) ** 2, squares),
            "uniform-luck": uniformLuck,
            "not-rescaled": right * (1 - luckOf(counts)),
          },
          1e-6,
          "nine tasks, five answers each",
        );
      },
    },
    {
      name: "the published example: fourteen people, ten tasks, five classes",
      points: 1,
      async run(given, t) {
        const counts = [
          [0, 0, 0, 0, 14],
          [0, 2, 6, 4, 2],
          [0, 0, 3, 5, 6],
          [0, 3, 9, 2, 0],
          [2, 2, 8, 1, 1],
          [7, 7, 0, 0, 0],
          [3, 2, 6, 3, 0],
          [2, 5, 3, 2, 2],
          [6, 5, 2, 1, 0],
          [0, 2, 2, 3, 7],
        ];
        t.near(await given.kappa(counts), 0.20993, 1e-5, "kappa of the table in the usual textbook example");
        t.near(
          await given.kappa([
            [3, 0],
            [0, 3],
          ]),
          1,
          1e-6,
          "full agreement on two different classes",
        );
      },
    },
  ],
});

function luckOf(counts: number[][]): number {
  const total = sumOf(counts.flat());
  return squares(counts[0].map((_, c) => sumOf(counts.map((row) => row[c])) / total));
}

export const weightedVoteExercise = exercise({
  id: "04/weighted-vote",
  title: "Weighted majority",
  difficulty: 1,
  minutes: 8,
  gives: ["voteLogOdds"],
  watches: {
    "precision-weights":
      "These are precision weights, 1 / p(1 - p). They are right for averaging measurements; for yes and no they give a person " +
      "who is always wrong as much weight as one who is always right, and with the same sign. The weight is log(p / (1 - p)).",
    "accuracy-weights":
      "The accuracies themselves were added up. A coin tosser (p = 0.5) would still move the vote; their log-odds are 0.",
    "only-yes":
      "Only the answers 1 are counted. Somebody who answers 0 speaks for 0: their weight is subtracted, (2y - 1) is -1.",
    unsigned:
      "The weight of a person who is right less than half of the time was made positive. They are worth as much as an expert, but " +
      "turned round: keep the sign of log(p / (1 - p)).",
  },
  parts: [
    {
      name: "is the log-odds of Bayes' rule",
      points: 2,
      look: "equation (2)",
      async run(given, t) {
        const [a, b, c] = split(t.key, 3);
        // Three good people, a liar, one more good one; the liar says yes, and so does one of the others.
        const accuracy = [...uniform(a, 4, 0.58, 0.92), uniform(b, 1, 0.08, 0.3)[0]];
        const answers = [...shuffle(c, [1, 1, 0, 0]), 1];
        const vote = (weight: (p: number) => number, no = -1) =>
          sumOf(accuracy.map((p, w) => (answers[w] === 1 ? weight(p) : no * weight(p))));
        t.mistakes(
          await given.voteLogOdds(answers, accuracy),
          {
            right: vote((p) => logOddsWeight(p)),
            "precision-weights": vote((p) => 1 / (p * (1 - p))),
            "accuracy-weights": vote((p) => p),
            "only-yes": vote((p) => logOddsWeight(p), 0),
            unsigned: vote((p) => Math.abs(logOddsWeight(p))),
          },
          1e-6,
          `answers [${answers}], accuracies [${accuracy.map((p) => p.toFixed(2))}]`,
        );
      },
    },
    {
      name: "a coin changes nothing, and a liar counts against",
      points: 1,
      async run(given, t) {
        const p = 0.55 + 0.4 * uniform(t.key, 1)[0];
        const alone = Math.log(p / (1 - p));
        t.mistakes(
          await given.voteLogOdds([1, 0], [p, 0.5]),
          {
            right: alone,
            "precision-weights": 1 / (p * (1 - p)) - 4,
            "accuracy-weights": p - 0.5,
          },
          1e-6,
          `one person of accuracy ${p.toFixed(2)} says yes, a coin says no`,
        );
        t.mistakes(
          await given.voteLogOdds([0], [1 - p]),
          { right: alone, unsigned: -alone, "only-yes": 0 },
          1e-6,
          `one liar of accuracy ${(1 - p).toFixed(2)} says no`,
        );
      },
    },
  ],
});

/** A confusion table [classes][classes] whose rows add up to 1, no two entries alike, the diagonal largest. */
function drawTable(key: Key, classes: number): number[][] {
  const draws = uniform(key, classes * classes, 0.2, 1);
  return Array.from({ length: classes }, (_, t) => {
    const row = Array.from(draws.subarray(t * classes, (t + 1) * classes), (u, c) => u + (c === t ? 1.5 : 0));
    const total = sumOf(row);
    return row.map((value) => value / total);
  });
}

function posteriorOf(classes: number, log: (t: number) => number): number[] {
  const logs = Array.from({ length: classes }, (_, t) => log(t));
  const most = Math.max(...logs);
  const weights = logs.map((value) => Math.exp(value - most));
  return weights.map((weight) => weight / sumOf(weights));
}

export const eStepExercise = exercise({
  id: "04/e-step",
  title: "One E-step of Dawid and Skene",
  difficulty: 3,
  minutes: 15,
  gives: ["eStep"],
  watches: {
    "forgets-prior":
      "The prior is missing: how common each class is counts like one more answer. Without it three fallible doctors who say " +
      '"ill" outweigh that almost nobody is.',
    transposed:
      "The tables were read the wrong way round: confusion[w][t][c] has the truth first and the answer second, so the answer " +
      "picks a column, and the rows are compared.",
    "absent-as-zero":
      "Somebody who did not answer (label -1) was counted, as if they had said something. They say nothing: leave them out.",
    underflow:
      "With 2000 answers this is not a number any more, or 0: a product of 2000 probabilities is smaller than the smallest number. " +
      "Add up logarithms, subtract the largest, then take exp.",
    "not-normalised": "The proportions are right, but they do not add up to 1. Divide by their sum.",
  },
  parts: [
    {
      name: "is Bayes' rule for one task",
      points: 2,
      look: "the left half of equation (3)",
      async run(given, t) {
        const [a, b, c, d] = split(t.key, 4);
        const raw = Array.from(uniform(a, 3), (u, k) => [0.25, 1.5, 3.5][k] + u);
        const prior = shuffle(
          d,
          raw.map((value) => value / sumOf(raw)),
        );
        const confusion = split(b, 5).map((key) => drawTable(key, 3));
        // Classes 0, 1 and 2 are all given, person 2 is absent.
        const said = randint(c, 1, 0, 3)[0];
        const labels = [0, 1, -1, 2, said];
        const sum = (entry: (w: number, t: number, label: number) => number) => (truth: number) =>
          sumOf(labels.map((label, w) => (label < 0 ? 0 : Math.log(entry(w, truth, label)))));
        const answers = sum((w, truth, label) => confusion[w][truth][label]);
        const turned = sum((w, truth, label) => confusion[w][label][truth]);
        const products = prior.map((share, truth) => share * Math.exp(answers(truth)));
        t.mistakes(
          await given.eStep(prior, confusion, labels),
          {
            right: posteriorOf(3, (truth) => Math.log(prior[truth]) + answers(truth)),
            "forgets-prior": posteriorOf(3, answers),
            transposed: posteriorOf(3, (truth) => Math.log(prior[truth]) + turned(truth)),
            "absent-as-zero": posteriorOf(
              3,
              (truth) => Math.log(prior[truth]) + answers(truth) + Math.log(confusion[2][truth][0]),
            ),
            "not-normalised": products,
          },
          1e-6,
          "four answers and one person who did not answer",
        );
      },
    },
    {
      name: "the prior decides where the answers say nothing",
      points: 1,
      async run(given, t) {
        const share = 0.05 + 0.3 * uniform(t.key, 1)[0];
        t.mistakes(
          await given.eStep(
            [share, 1 - share],
            [
              [
                [0.8, 0.2],
                [0.3, 0.7],
              ],
            ],
            [-1],
          ),
          {
            right: [share, 1 - share],
            "forgets-prior": [0.5, 0.5],
            "absent-as-zero": posteriorOf(2, (truth) => Math.log([share * 0.8, (1 - share) * 0.3][truth])),
          },
          1e-6,
          "one person, who did not answer",
        );
      },
    },
    {
      name: "survives 2000 answers",
      points: 1,
      async run(given, t) {
        const table = drawTable(t.key, 2);
        const people = 2000;
        // As many of both answers as make the two truths about equally probable.
        const lean = Math.log(table[0][0] / table[1][0]) - Math.log(table[0][1] / table[1][1]);
        const zeros = Math.round((-people * Math.log(table[0][1] / table[1][1])) / lean);
        const labels = Array.from({ length: people }, (_, w) => (w < zeros ? 0 : 1));
        const prior = [0.3, 0.7];
        const count = [zeros, people - zeros];
        const got = await given.eStep(
          prior,
          labels.map(() => table),
          labels,
        );
        if (Array.isArray(got) && got.some((p) => !Number.isFinite(p) || p === 0)) t.mistake("underflow");
        t.near(
          got,
          posteriorOf(2, (truth) => Math.log(prior[truth]) + sumOf(count.map((n, c) => n * Math.log(table[truth][c])))),
          // A guard of 1e-8 inside the logarithm counts 2000 times: with entries from 0.07 on, up to 7e-5.
          1e-4,
          "2000 people with the same table",
        );
      },
    },
  ],
});

export const findTheBugExercise = exercise({
  id: "04/find-the-bug",
  title: "Find the bug: a table by columns",
  difficulty: 3,
  minutes: 6,
  gives: ["confusionTable"],
  watches: {
    "by-answer":
      "Each column adds up to 1: this is how probable a truth is, given the answer. The E-step multiplies by the probability of the answer, given the " +
      "truth: each row has to add up to 1. (With columns every answer brings the share of its class along once more.)",
    joint:
      "All entries together add up to 1: this is how often truth and answer meet. A row has to be divided by how often its truth occurs.",
    "not-divided": "These are the sums of probabilities, not yet shares: divide each row by its sum.",
    "all-tasks":
      "The rows were divided by all tasks, those too that the person did not answer. Their table would then say that they are never quite right: " +
      "count the tasks that they answered.",
    hard: "Each task was counted for its most probable truth alone. The posterior counts for every truth, by its probability; that is what keeps EM climbing.",
    transposed: "The table lies on its side: rows are truths, columns are answers.",
  },
  parts: [
    {
      name: "is how often each answer is given, for each truth",
      points: 2,
      look: "the right half of equation (3)",
      async run(given, t) {
        const [a, b] = split(t.key);
        // Class 0 is common, task 3 is skipped; every answer is given, and every class is the most
        // probable truth of some task.
        const posterior = [0, 0, 0, 0, 1, 2, 0, 1, 2, 0].map((likely, i) => {
          const draws = Array.from(uniform(foldIn(a, i), 3, 0.1, 0.6), (u, c) => u + (c === likely ? 1 : 0));
          return draws.map((u) => u / sumOf(draws));
        });
        const said = shuffle(b, [0, 0, 0, 1, 1, 2, 2, 0, 1]);
        const labels = [...said.slice(0, 3), -1, ...said.slice(3)];
        const sums = (probability: number[][]) =>
          [0, 1, 2].map((truth) =>
            [0, 1, 2].map((answer) => sumOf(probability.map((row, i) => (labels[i] === answer ? row[truth] : 0)))),
          );
        const table = sums(posterior);
        const column = [0, 1, 2].map((c) => sumOf(table.map((row) => row[c])));
        const byRow = (rows: number[][]) => rows.map((row) => row.map((x) => x / sumOf(row)));
        const sure = posterior.map((row) => row.map((p) => Number(p === Math.max(...row))));
        const right = byRow(table);
        t.mistakes(
          await given.confusionTable(posterior, labels),
          {
            right,
            "by-answer": table.map((row) => row.map((x, c) => x / column[c])),
            joint: table.map((row) => row.map((x) => x / sumOf(column))),
            "not-divided": table,
            "all-tasks": table.map((row, truth) => row.map((x) => x / sumOf(posterior.map((p) => p[truth])))),
            hard: byRow(sums(sure)),
            transposed: [0, 1, 2].map((c) => right.map((row) => row[c])),
          },
          1e-6,
          "nine answers to ten tasks, three classes",
        );
      },
    },
  ],
});

interface CoinSlip {
  rounds?: number;
  /** What the M-step makes of a task's probability. */
  seen?: (probability: number) => number;
  absent?: "left out" | "as no";
  madeUp?: number;
  weight?: (accuracy: number) => number;
}

/** EM of the one coin model from the shares of yes, as exercise 04/one-coin asks for it, or with a slip. */
function coinEm(answers: readonly (readonly number[])[], wanted: number, slip: CoinSlip = {}): number[] {
  const {
    rounds = wanted,
    seen = (probability) => probability,
    absent = "left out",
    madeUp = 1,
    weight = logOddsWeight,
  } = slip;
  const rows = answers.map((row) => row.map((answer) => (answer < 0 && absent === "as no" ? 0 : answer)));
  let probability = rows.map((row) => {
    const given = row.filter((answer) => answer >= 0);
    return sumOf(given) / given.length;
  });
  for (let round = 0; round < rounds; round++) {
    const weights = rows[0].map((_, w) => {
      const mine = rows.flatMap((row, i) => (row[w] < 0 ? [] : [{ answer: row[w], p: seen(probability[i]) }]));
      const right = madeUp + sumOf(mine.map(({ answer, p }) => (answer === 1 ? p : 1 - p)));
      return weight(right / (2 * madeUp + mine.length));
    });
    probability = rows.map((row) => sigmoid(sumOf(row.map((y, w) => (y < 0 ? 0 : (2 * y - 1) * weights[w])))));
  }
  return probability;
}

export const oneCoinExercise = exercise({
  id: "04/one-coin",
  title: "EM, the whole loop",
  difficulty: 3,
  minutes: 12,
  gives: ["oneCoinEm"],
  watches: {
    "one-round":
      "This is what one round gives. Either the loop ends too early, or each M-step looks at the majority's shares again: it has to look at the " +
      "probabilities that the last E-step found.",
    hard: "The M-step took each task for certain, 1 or 0. It counts an answer as right with the probability that it is; a task at 0.6 is no task at 1.",
    "absent-as-no":
      "An answer of -1 was counted as a no. Who did not answer says nothing: leave them out, of the shares as well.",
    "no-made-up":
      "The made-up answers are missing: one right and one wrong for each person, so that a share of 9 out of 9 is 10 out of 11.",
    "accuracy-weights":
      "The votes were weighed by the accuracies, not by their log-odds: a coin would still count, and a liar count for what they say.",
  },
  parts: [
    {
      name: "goes round as often as asked",
      points: 3,
      look: "equation (2), and both hints",
      async run(given, t) {
        // A good crowd, a coin and a liar. To each task two of seven do not answer, so that no share is one half.
        // Twelve tasks are few enough for EM not to have arrived after four rounds.
        const accuracy = [0.9, 0.8, 0.7, 0.7, 0.6, 0.5, 0.2];
        const draw = (key: Key) =>
          Array.from({ length: 12 }, (_, i) => {
            const [lot, who] = split(foldIn(key, i));
            const luck = uniform(lot, 1 + accuracy.length);
            const truth = Number(luck[7] < 0.5);
            const absent = permutation(who, accuracy.length).subarray(0, 2);
            return accuracy.map((p, w) => (absent.includes(w) ? -1 : luck[w] < p ? truth : 1 - truth));
          });
        const slips: Record<string, CoinSlip> = {
          "one-round": { rounds: 1 },
          hard: { seen: (probability) => Number(probability > 0.5) },
          "absent-as-no": { absent: "as no" },
          "no-made-up": { madeUp: 1e-12 },
          "accuracy-weights": { weight: (p) => p },
        };
        const far = (a: number[], b: number[]) => Math.max(...a.map((x, i) => Math.abs(x - b[i])));
        // A draw that tells all slips from the right answer, and on which rounding never has to decide a tie.
        for (let again = 0; ; again++) {
          const answers = draw(foldIn(t.key, again));
          const right = coinEm(answers, 4);
          const wrong = Object.entries(slips).map(([name, slip]) => [name, coinEm(answers, 4, slip)] as const);
          let tie = false; // on the way of those who take a task for certain
          coinEm(answers, 4, {
            seen: (probability) => {
              if (Math.abs(probability - 0.5) < 1e-6) tie = true;
              return Number(probability > 0.5);
            },
          });
          if (tie || !wrong.every(([, probability]) => far(probability, right) > 0.01)) continue;
          t.mistakes(
            await given.oneCoinEm(answers, 4),
            { right, ...Object.fromEntries(wrong) },
            1e-6,
            "twelve tasks, seven people, four rounds",
          );
          return;
        }
      },
    },
    {
      name: "knows who lies",
      points: 1,
      async run(given, t) {
        // Three who agree with each other, and one who always says the opposite of them.
        const truth = Array.from(uniform(t.key, 10), (u) => Number(u < 0.5));
        const answers = truth.map((y) => [y, y, y, 1 - y]);
        t.near(
          await given.oneCoinEm(answers, 3),
          coinEm(answers, 3),
          1e-6,
          "three who agree, and one who says the opposite",
        );
      },
    },
  ],
});

export const alphaGradientExercise = exercise({
  id: "04/alpha-gradient",
  title: "The gradient in a labeler's sharpness",
  difficulty: 2,
  minutes: 12,
  gives: ["alphaGradient"],
  watches: {
    "surprise-only":
      "The surprise sigmoid(-alpha d) was added up without the difference d that it is multiplied by: inside, alpha is multiplied by d.",
    "alpha-outside":
      "This multiplies by alpha: it is the slope in the ability difference. The slope in alpha has the difference outside.",
    "alpha-ignored":
      "Inside the sigmoid the difference is taken at sharpness 1. The surprise of a labeler is sigmoid(-alpha d), with their own alpha.",
    "all-together": "Every labeler got the sum over all rows. A labeler's slope adds up their own answers only.",
    "wrong-sign": "The sign is turned round: this is the gradient of the loss.",
  },
  parts: [
    {
      name: "is the slope of the log-likelihood, for each labeler",
      points: 3,
      look: "equation (4), left, and the chain rule",
      async run(given, t) {
        const [a, b, c, d, e] = split(t.key, 5);
        const theta = Array.from(uniform(a, 5, -2, 2));
        // Sharpness away from 0 and 1, one of them negative; labeler 0 has a row alone, labeler 3 none.
        const alpha = [...uniform(b, 2, 0.3, 0.8), uniform(e, 1, -1, -0.4)[0], 1.7];
        const rows = 18;
        const winner = [0, ...randint(c, rows, 0, 5)];
        const steps = randint(d, rows, 1, 5);
        const loser = winner.map((item, k) => (k === 0 ? 4 : (item + steps[k - 1]) % 5));
        const labeler = winner.map((_, k) => (k === 0 ? 0 : 1 + (k % 2)));
        const slope = (term: (difference: number, alpha: number) => number) => {
          const g = alpha.map(() => 0);
          labeler.forEach((w, k) => {
            g[w] += term(theta[winner[k]] - theta[loser[k]], alpha[w]);
          });
          return g;
        };
        const gradients = { theta: new Float64Array(5), alpha: new Float64Array(4) };
        scaledLogLikelihood(theta, alpha, judgementsFromColumns(labeler, winner, loser, { labelers: 4 }), gradients);
        const right = Array.from(gradients.alpha);
        t.mistakes(
          await given.alphaGradient(theta, alpha, labeler, winner, loser),
          {
            right,
            "surprise-only": slope((z, a) => sigmoid(-a * z)),
            "alpha-outside": slope((z, a) => a * sigmoid(-a * z)),
            "alpha-ignored": slope((z) => z * sigmoid(-z)),
            "all-together": right.map(() => sumOf(right)),
            "wrong-sign": right.map((g) => -g),
          },
          1e-9,
          `${rows + 1} comparisons by 4 labelers, the last of whom made none`,
        );
      },
    },
  ],
});

export const findCycleExercise = exercise({
  id: "04/find-cycle",
  title: "Find a circle",
  difficulty: 3,
  minutes: 15,
  gives: ["findCycle"],
  watches: {
    "triples-only":
      "Here four items go round in a circle, and no three do: where votes are tied, a circle can be longer. Follow the arrows, do " +
      "not only look at triples.",
    "with-its-tail":
      "The list starts with items that lead to the circle and are not on it: its last item does not beat its first. The circle starts " +
      "where the path was met again.",
    "in-order":
      "This circle was not found: it runs against the order of the numbers. Items come in any order, and so do circles.",
    closed:
      "The first item stands at the end again. The circle closes by itself: [0, 1, 2] says that 2 beats 0; name each item once.",
    "from-one-item":
      "Here a circle was missed that cannot be reached from item 0. A search from one item sees only what that item leads to: begin anew from each item.",
    "turned-round": "The list is a circle read backwards: each item has to beat the next one, not the other way round.",
    "sees-circles":
      "There is no circle here, but one was returned. Meeting an item again on another way is no circle: only one on the path itself is.",
  },
  parts: [
    {
      name: "finds a circle of three, in any order of the items",
      points: 1,
      async run(given, t) {
        for (const order of permutations(3)) {
          const beats = arrows(
            3,
            [
              [0, 1],
              [1, 2],
              [2, 0],
            ],
            order,
          );
          const got = asItems(await given.findCycle(beats), t.fail);
          if (got.length === 0) t.mistake("in-order");
          if (!goesRound(beats, got)) {
            if (got.length > 1 && got[0] === got.at(-1)) t.mistake("closed");
            if (goesRound(beats, [...got].reverse())) t.mistake("turned-round");
            t.fail(`[${got}] is not a circle of this table: each item has to beat the next, and the last the first.`);
          }
        }
      },
    },
    {
      name: "is not misled where there is none",
      points: 1,
      async run(given, t) {
        const order = Array.from(permutation(t.key, 6));
        // A row of six with shortcuts: 0 is above all, 3 is reached in several ways.
        const beats = arrows(
          6,
          [
            [0, 1],
            [0, 2],
            [1, 3],
            [2, 3],
            [0, 3],
            [3, 4],
            [3, 5],
            [4, 5],
          ],
          order,
        );
        if (asItems(await given.findCycle(beats), t.fail).length > 0) t.mistake("sees-circles");
        if (asItems(await given.findCycle(arrows(4, [])), t.fail).length > 0) t.mistake("sees-circles");
      },
    },
    {
      name: "finds one of four, at the end of a tail",
      points: 2,
      look: "both hints",
      async run(given, t) {
        for (const [turn, key] of split(t.key, 6).entries()) {
          const order = Array.from(permutation(key, 7));
          // The tail's end is the first item or the last, so that whoever walks from there comes along the
          // tail; in the last two turns the first item is the one that beats nobody, so that whoever walks
          // from it alone gets nowhere.
          const [role, item] = turn < 4 ? [4, turn % 2 === 0 ? 0 : 6] : [6, 0];
          const place = order.indexOf(item);
          [order[role], order[place]] = [order[place], order[role]];
          // 4 > 5 > 0 leads into the circle 0 > 1 > 2 > 3 > 0; 6 is beaten by all of it.
          const edges = [
            [4, 5],
            [5, 0],
            [0, 1],
            [1, 2],
            [2, 3],
            [3, 0],
            [0, 6],
            [1, 6],
            [2, 6],
            [3, 6],
          ];
          const beats = arrows(7, edges, order);
          const got = asItems(await given.findCycle(beats), t.fail);
          if (got.length === 0 && turn === 0) t.mistake("triples-only");
          if (got.length === 0) t.mistake("from-one-item");
          if (goesRound(beats, got)) continue;
          if (goesRound(beats, [...got].reverse())) t.mistake("turned-round");
          for (let tail = 1; tail < got.length; tail++)
            if (goesRound(beats, got.slice(tail))) t.mistake("with-its-tail");
          t.fail(`[${got}] is not a circle of this table: each item has to beat the next, and the last the first.`);
        }
      },
    },
  ],
});

/** A table in which order[i] beats order[j] for each edge [i, j]. */
function arrows(n: number, edges: readonly (readonly number[])[], order?: readonly number[]): boolean[][] {
  const at = (i: number) => order?.[i] ?? i;
  const beats = Array.from({ length: n }, () => new Array<boolean>(n).fill(false));
  for (const [i, j] of edges) beats[at(i)][at(j)] = true;
  return beats;
}

function asItems(got: unknown, fail: (message: string) => never): number[] {
  if (Array.isArray(got) && got.every((item) => Number.isInteger(item))) return got;
  return fail("Expected a list of items, like [2, 0, 1], or []. Is a return missing?");
}

function goesRound(beats: boolean[][], items: readonly number[]): boolean {
  return (
    items.length > 1 &&
    new Set(items).size === items.length &&
    items.every((item, p) => beats[item]?.[items[(p + 1) % items.length]] === true)
  );
}
