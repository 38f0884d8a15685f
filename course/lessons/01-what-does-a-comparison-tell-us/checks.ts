import { baseball1987 } from "rlhf-lab/data";
import { logSigmoid, sigmoid } from "rlhf-lab/numerics";
import { bradleyTerry, comparisonsFromLabels, comparisonsFromWins } from "rlhf-lab/preferences";
import { bernoulli, foldIn, type Key, randint, shuffle, split, uniform } from "rlhf-lab/random";
import { exercise } from "../../src/grade/exercise.js";

/** Labelled comparisons: in row k, first[k] was preferred to second[k] if y[k] is 1. */
interface Labelled {
  theta: number[];
  first: number[];
  second: number[];
  y: number[];
}

/**
 * Five items of moderate ability compared at random, and two more that are compared once each, one with y = 0 and one
 * with y = 1: so no mistake can cancel out over the rows.
 */
function drawLabelled(key: Key): Labelled {
  const [a, b, c, d] = split(key, 4);
  const [items, rows] = [5, 22];
  const first = Array.from(randint(a, rows, 0, items));
  const steps = randint(b, rows, 1, items);
  const second = first.map((item, k) => (item + steps[k]) % items);
  return {
    theta: Array.from(uniform(c, items + 2, -2, 2)),
    first: [...first, 5, 6],
    second: [...second, 0, 1],
    y: [...bernoulli(d, rows, 0.5), 0, 1],
  };
}

/** The sum over rows of a term of the ability difference and the label. */
function sumOver({ theta, first, second, y }: Labelled, term: (difference: number, y: number) => number): number {
  return y.reduce((sum, label, k) => sum + term(theta[first[k]] - theta[second[k]], label), 0);
}

export const logLikelihoodExercise = exercise({
  id: "01/log-likelihood",
  title: "Both terms of the likelihood",
  difficulty: 1,
  minutes: 10,
  gives: ["logLikelihood"],
  watches: {
    "missing-term":
      "Only the rows with y = 1 are counted. A row with y = 0 says something too, that the second item was preferred: " +
      "where is (1 - y) log sigmoid(theta[second] - theta[first])?",
    "wrong-sign":
      "The size is right and the sign is not: this is the negative log-likelihood, a loss. The exercise asks for the " +
      "log-likelihood itself, which is below zero and is to be made large.",
    overflow:
      "For a difference of -1000 nats this is not finite. exp(1000) is Infinity, so sigmoid(-1000) rounds to 0 and its log " +
      "to -Infinity, while log sigmoid(-1000) is -1000. Use logSigmoid, which never leaves log space.",
    "same-direction":
      "Both terms take the same difference, so that y no longer matters. The second term is about the second item being " +
      "preferred: it needs theta[second] - theta[first].",
  },
  parts: [
    {
      name: "matches the sum over 24 random comparisons",
      points: 2,
      look: "equation (2)",
      async run(given, t) {
        const data = drawLabelled(t.key);
        const right = sumOver(data, (d, y) => y * logSigmoid(d) + (1 - y) * logSigmoid(-d));
        const got = await given.logLikelihood(data.theta, data.first, data.second, data.y);
        t.mistakes(
          got,
          {
            right,
            "missing-term": sumOver(data, (d, y) => y * logSigmoid(d)),
            "wrong-sign": -right,
            "same-direction": sumOver(data, (d) => logSigmoid(d)),
          },
          1e-9,
          "the log-likelihood of 24 comparisons",
        );
      },
    },
    {
      name: "survives a difference of a thousand nats",
      points: 1,
      look: "what logSigmoid is for",
      async run(given, t) {
        for (const y of [1, 0]) {
          const theta = y === 1 ? [0, 1000] : [1000, 0];
          const got = await given.logLikelihood(theta, [0], [1], [y]);
          if (typeof got === "number" && !Number.isFinite(got)) t.mistake("overflow");
          if (got === 1000) t.mistake("wrong-sign");
          t.near(
            got,
            -1000,
            1e-9,
            `theta = [${theta}], first = [0], second = [1], y = [${y}]: the unlikely answer was given`,
          );
        }
      },
    },
  ],
});

export const gradientExercise = exercise({
  id: "01/gradient",
  title: "The gradient: a sum of surprises",
  difficulty: 2,
  minutes: 12,
  gives: ["gradient"],
  watches: {
    "y-for-1-y":
      "The labels are the wrong way round: with y = 1 the first item has to be pulled up. The surprise of a row is " +
      "y - sigmoid(theta[first] - theta[second]), not (1 - y) - sigmoid(...).",
    "one-side":
      "Only the first item of each row is moved. The difference theta[first] - theta[second] depends on both: what the first " +
      "gains, the second loses, so the components of the gradient add up to zero.",
    "wrong-sign":
      "The sign is turned round: this is the gradient of the loss. The log-likelihood climbs when the preferred item goes up.",
  },
  parts: [
    {
      name: "is the slope of the log-likelihood",
      points: 2,
      look: "equation (3)",
      async run(given, t) {
        const data = drawLabelled(t.key);
        const slope = (surprise: (d: number, y: number) => number, back = -1) => {
          const g = data.theta.map(() => 0);
          data.y.forEach((y, k) => {
            const pull = surprise(data.theta[data.first[k]] - data.theta[data.second[k]], y);
            g[data.first[k]] += pull;
            g[data.second[k]] += back * pull;
          });
          return g;
        };
        const games = comparisonsFromLabels(data.first, data.second, data.y, { items: data.theta.length });
        const right = Array.from(bradleyTerry.gradient(data.theta, games));
        t.mistakes(
          await given.gradient(data.theta, data.first, data.second, data.y),
          {
            right,
            "wrong-sign": right.map((g) => -g),
            "y-for-1-y": slope((d, y) => 1 - y - sigmoid(d)),
            "one-side": slope((d, y) => y - sigmoid(d), 0),
          },
          1e-9,
          "the gradient over 24 comparisons",
        );
      },
    },
    {
      name: "one comparison of equals pulls by one half, up and down",
      points: 1,
      async run(given, t) {
        // Item 1 was listed second and preferred; item 2 was not compared.
        t.mistakes(
          await given.gradient([0, 0, 0], [0], [1], [0]),
          {
            right: [-0.5, 0.5, 0],
            "y-for-1-y": [0.5, -0.5, 0],
            "one-side": [-0.5, 0, 0],
          },
          1e-12,
          "three equal items, one comparison, the second one was preferred",
        );
      },
    },
  ],
});

export const minoriseMaximiseExercise = exercise({
  id: "01/mm-step",
  title: "One step of minorise-maximise",
  difficulty: 3,
  minutes: 15,
  gives: ["minoriseMaximiseStep"],
  watches: {
    "own-wins-twice":
      "n_ij counts the wins of i over j twice instead of all games between them. It is wins[i][j] + wins[j][i]: the games that i " +
      "lost count as much.",
    "in-place":
      "Later items were computed with strengths that had already been replaced. One step reads the old strengths only: " +
      "write into a new array.",
    losses:
      "W_i adds up the column of i, the games that it lost. Wins are in the row: wins[i][j] is how often i beat j.",
  },
  parts: [
    {
      name: "follows the formula",
      points: 2,
      look: "equation (4)",
      async run(given, t) {
        const [a, b] = split(t.key);
        const counts = randint(a, 16, 1, 15);
        const wins = Array.from({ length: 4 }, (_, i) =>
          Array.from({ length: 4 }, (_, j) => (i === j ? 0 : counts[4 * i + j])),
        );
        const strength = Array.from(uniform(b, 4, 0.3, 3));
        const total = (i: number, f: (j: number) => number) =>
          wins.reduce((sum, _, j) => (j === i ? sum : sum + f(j)), 0);
        const step = (from: number[], won: (i: number) => number, met: (i: number, j: number) => number) =>
          from.map((own, i) => won(i) / total(i, (j) => met(i, j) / (own + from[j])));
        const wonBy = (i: number) => total(i, (j) => wins[i][j]);
        const games = (i: number, j: number) => wins[i][j] + wins[j][i];
        const inPlace = [...strength];
        inPlace.forEach((_, i) => {
          inPlace[i] = step(inPlace, wonBy, games)[i];
        });
        t.mistakes(
          await given.minoriseMaximiseStep(strength, wins),
          {
            right: step(strength, wonBy, games),
            "own-wins-twice": step(strength, wonBy, (i, j) => 2 * wins[i][j]),
            "in-place": inPlace,
            losses: step(strength, (i) => total(i, (j) => wins[j][i]), games),
          },
          1e-6,
          "one step from random strengths",
        );
      },
    },
    {
      name: "sixty steps reach the abilities of the baseball teams",
      points: 1,
      async run(given, t) {
        const { wins } = baseball1987();
        let strength: number[] = wins.map(() => 1);
        for (let k = 0; k < 60; k++) {
          const next = await given.minoriseMaximiseStep(
            strength,
            wins.map((row) => [...row]),
          );
          if (!isPositive(next, 7)) t.fail("The strengths are no longer seven finite numbers above 0.");
          strength = next;
        }
        const right = bradleyTerry.fit(comparisonsFromWins(wins)).theta;
        t.near(bradleyTerry.fixGauge(strength.map(Math.log)), right, 1e-3, "the logarithms of the strengths, mean 0");
      },
    },
  ],
});

function isPositive(values: unknown, length: number): values is number[] {
  return Array.isArray(values) && values.length === length && values.every((v) => v > 0 && Number.isFinite(v));
}

export const gaugeExercise = exercise({
  id: "01/gauge",
  title: "Fix the gauge",
  difficulty: 1,
  minutes: 5,
  gives: ["fixGauge"],
  watches: {
    "sorted-copy":
      "The smallest ability was subtracted, not that of the reference: was the list sorted on the way? Items are known by " +
      "their place, so nothing may be reordered.",
    "sum-zero":
      "The mean was subtracted. That is a gauge too, the sum-zero one, but here the reference item is to have 0.",
    ratio: "Abilities are logarithms: a gauge subtracts. Dividing by the reference changes the differences.",
  },
  parts: [
    {
      name: "the reference has ability 0, and no difference has changed",
      points: 2,
      look: "section 4",
      async run(given, t) {
        const [a, b] = split(t.key);
        // In random order, with neither the first, the smallest nor a single-digit number as the reference.
        const theta = shuffle(a, [12.5, 3.25, -1.75, 0.5, 10.125]);
        const smallest = theta.indexOf(Math.min(...theta));
        const reference = shuffle(b, [1, 2, 3, 4]).find((item) => item !== smallest)!;
        const less = (level: number) => theta.map((ability) => ability - level);
        t.mistakes(
          await given.fixGauge(theta, reference),
          {
            right: less(theta[reference]),
            "sorted-copy": less(theta[smallest]),
            "sum-zero": less(theta.reduce((sum, ability) => sum + ability) / theta.length),
            ratio: theta.map((ability) => ability / theta[reference]),
          },
          1e-12,
          `theta = [${theta}], reference ${reference}`,
        );
      },
    },
    {
      name: "fixing it twice changes nothing more",
      points: 1,
      async run(given, t) {
        const theta = Array.from(uniform(t.key, 4, -3, 3));
        const once = await given.fixGauge(theta, 2);
        t.near(
          await given.fixGauge(once, 2),
          once,
          1e-12,
          "fixGauge(fixGauge(theta, 2), 2) against fixGauge(theta, 2)",
        );
        t.near(bradleyTerry.probabilities(once), bradleyTerry.probabilities(theta), 1e-12, "the win probabilities");
      },
    },
  ],
});

export const transitivityExercise = exercise({
  id: "01/transitivity",
  title: "Test for strong stochastic transitivity",
  difficulty: 3,
  minutes: 12,
  gives: ["isStronglyTransitive"],
  watches: {
    "weak-for-strong":
      "This table is weakly transitive (nobody goes round in circles) but not strongly: probability[i][k] has to reach the larger of " +
      "probability[i][j] and probability[j][k], not just 1/2.",
    "moderate-for-strong":
      "probability[i][k] was compared with the smaller of the two probabilities. That is moderate transitivity; the strong one asks for " +
      "the larger.",
    "in-order":
      "Only triples with i < j < k were looked at. Items come in any order: the preferred one may have the highest number.",
    "two-orders":
      "In some orders of the same three items the breach is not found. All six count: (i, j, k) and its five rearrangements, not only " +
      "i < j < k and its reverse.",
    "strict-premise":
      "A pair at exactly 1/2 counts too: the premises are chance >= 1/2. Here 0 and 1 are even, 1 beats 2 with 0.7, and 0 beats 2 with 0.6 only.",
    "strict-conclusion":
      "Equality is allowed: probability[i][k] may be equal to the larger of the two. Where all probabilities are 1/2, nothing is broken.",
    neighbours:
      "With five items the breach was not found. It lies between items that are far apart in strength: every triple has to be looked at, not only neighbours.",
  },
  parts: [
    {
      name: "accepts tables that come from abilities",
      points: 1,
      async run(given, t) {
        const theta = Array.from(uniform(t.key, 5, -2, 2));
        const got = await given.isStronglyTransitive(bradleyTerry.probabilities(theta));
        if (typeof got !== "boolean") t.fail(`Expected true or false, got ${typeof got}: is a return missing?`);
        if (!got) {
          t.fail(
            "Every Bradley-Terry table is strongly transitive, but this one was refused. Are items compared with themselves?",
          );
        }
      },
    },
    {
      name: "refuses a cycle",
      points: 1,
      async run(given, t) {
        const [a, b] = split(t.key);
        const p = 0.6 + 0.3 * uniform(a, 1)[0];
        const table = reorder(between([p, p, 1 - p]), shuffle(b, [0, 1, 2]));
        if ((await given.isStronglyTransitive(table)) !== false) {
          t.fail(
            `Here 0, 1 and 2 go round in a circle, each preferred with probability ${p.toFixed(2)}: not even weakly transitive.`,
          );
        }
      },
    },
    {
      name: "tells strong from moderate and from weak, in any order of the items",
      points: 2,
      look: "the table of three levels in section 10",
      async run(given, t) {
        const [a, b, c] = split(t.key, 3);
        const margin = 0.02 + 0.06 * uniform(a, 1)[0];
        // P(0 over 1), P(1 over 2), P(0 over 2): below the smaller, then between the two.
        const weak = between([0.8, 0.7, 0.7 - margin]);
        const moderate = between([0.8, 0.7, 0.7 + margin]);
        const strong = between([0.8, 0.7, 0.8 + margin]);
        const [up, down, ...others] = ORDERS;
        const accepts = async (table: number[][]) => (await given.isStronglyTransitive(table)) === true;
        const refuses = async (table: number[][]) => (await given.isStronglyTransitive(table)) === false;
        if (!(await refuses(weak))) t.mistake("weak-for-strong");
        if (!(await refuses(moderate))) t.mistake("moderate-for-strong");
        for (const table of [weak, moderate]) {
          if (!(await refuses(reorder(table, down)))) t.mistake("in-order");
          for (const order of others) if (!(await refuses(reorder(table, order)))) t.mistake("two-orders");
        }
        if (!(await accepts(between([0.5, 0.5, 0.5])))) t.mistake("strict-conclusion");
        for (const order of [up, down]) {
          if (!(await accepts(reorder(strong, order)))) t.fail("A strongly transitive table was refused.");
        }
        if (!(await refuses(between([0.5, 0.7, 0.6])))) t.mistake("strict-premise");
        // Five items in a row of abilities; then the first hardly beats the last.
        const theta = Array.from(uniform(b, 5, 0.4, 0.8)).map(
          (_, i, gaps) => -gaps.slice(0, i).reduce((x, y) => x + y, 0),
        );
        const far = bradleyTerry.probabilities(theta);
        far[0][4] = 0.55;
        far[4][0] = 0.45;
        if (!(await refuses(reorder(far, shuffle(c, [0, 1, 2, 3, 4]))))) t.mistake("neighbours");
      },
    },
  ],
});

export const findTheBugExercise = exercise({
  id: "01/find-the-bug",
  title: "Find the bug: the error of a difference",
  difficulty: 2,
  minutes: 5,
  gives: ["differenceError"],
  watches: {
    "no-covariance":
      "The two variances were added as if the estimates were independent. They come from the same games: what they share does not count in " +
      "their difference. Which entry of the matrix says how much that is?",
    plus: "The covariance was added. That is the error of the sum; in a difference it is subtracted, twice.",
    once: "The covariance was subtracted once. The square of a difference has two mixed terms.",
    variance: "This is the variance. The standard error is its square root.",
  },
  parts: [
    {
      name: "is the standard error of a difference, in any gauge",
      points: 2,
      look: "section 6",
      async run(given, t) {
        const [a, b] = split(t.key);
        const half = Array.from({ length: 4 }, (_, i) => Array.from(uniform(foldIn(a, i), 4, -1, 1)));
        const covariance = half.map((row) => half.map((other) => row.reduce((sum, x, k) => sum + x * other[k], 0)));
        const [i, j] = shuffle(b, [0, 1, 2, 3]);
        const [both, shared] = [covariance[i][i] + covariance[j][j], covariance[i][j]];
        t.mistakes(
          await given.differenceError(covariance, i, j),
          {
            right: Math.sqrt(both - 2 * shared),
            "no-covariance": Math.sqrt(both),
            plus: Math.sqrt(both + 2 * shared),
            once: Math.sqrt(both - shared),
            variance: both - 2 * shared,
          },
          1e-9,
          `the error of theta[${i}] - theta[${j}]`,
        );
      },
    },
  ],
});

/** All orders of three items: as they are, reversed, and the others. */
const ORDERS = [
  [0, 1, 2],
  [2, 1, 0],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
] as const;

/** The table [3, 3] with these probabilities of 0 over 1, 1 over 2 and 0 over 2. */
function between([p01, p12, p02]: number[]): number[][] {
  return [
    [0.5, p01, p02],
    [1 - p01, 0.5, p12],
    [1 - p02, 1 - p12, 0.5],
  ];
}

function reorder(table: number[][], order: readonly number[]): number[][] {
  return order.map((i) => order.map((j) => table[i][j]));
}
