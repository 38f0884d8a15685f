// Wrong answers to the exercises of lesson 03. Each must be rejected, with its own words.
import { sigmoid } from "rlhf-lab/numerics";

const average = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const dot = (a: number[], b: number[]) => a.reduce((sum, x, i) => sum + x * b[i], 0);
const term = (p: number, q = p) => (p === 0 ? 0 : p * Math.log(p / q));
const nats = (p: number) => (p === 0 ? 0 : -p * Math.log(p));
const entropy = (p: number) => nats(p) + nats(1 - p);
const naiveEntropy = (p: number) => -p * Math.log(p) - (1 - p) * Math.log(1 - p);
const kl = (p: number, q: number) => term(p, q) + term(1 - p, 1 - q);

const voteEntropy = (probabilities: number[]) =>
  entropy(probabilities.filter((p) => p > 0.5).length / probabilities.length);
const consensusDivergence = (probabilities: number[]) =>
  average(probabilities.map((p) => kl(p, average(probabilities))));

type Question = [mean: number[], covariance: number[][], x: number[]];
type Pick = [mean: number[], covariance: number[][], questions: number[][]];

const spread = (covariance: number[][], x: number[]) =>
  dot(
    x,
    covariance.map((row) => dot(row, x)),
  );
const fisher = (mean: number[], x: number[]) => sigmoid(dot(x, mean)) * sigmoid(-dot(x, mean));
const gain = (...[mean, covariance, x]: Question) => Math.log1p(fisher(mean, x) * spread(covariance, x)) / 2;
const largest = (values: number[]) => values.indexOf(Math.max(...values));

/** Both functions of the exercise, with another gain. */
function byGain(wrong: (...question: Question) => number) {
  return {
    dOptimalGain: wrong,
    dOptimalPick: (...[mean, covariance, questions]: Pick) => largest(questions.map((x) => wrong(mean, covariance, x))),
  };
}

function batch(
  [mean, covariance, questions]: Pick,
  size: number,
  update: number,
  again = false,
  weight = (v: number) => v,
): number[] {
  let now = covariance;
  const picked: number[] = [];
  while (picked.length < size) {
    const q = largest(questions.map((x, k) => (!again && picked.includes(k) ? -1 : gain(mean, now, x))));
    picked.push(q);
    const along = now.map((row) => dot(row, questions[q]));
    const v = fisher(mean, questions[q]);
    const w = weight(v);
    const scale = (update * w) / (1 + w * dot(questions[q], along));
    now = now.map((row, i) => row.map((value, j) => value + scale * along[i] * along[j]));
  }
  return picked;
}

type Interview = [belief: number[], limit: number, luck: number[], slip: number];
interface Habits {
  /** The next question; by default the median of the belief. */
  ask?: (now: number[], start: number[]) => number;
  /** Bayes' factor of a limit that agrees with the answer, and of one that does not. */
  agrees?: (slip: number) => [number, number];
  normalise?: boolean;
  forget?: boolean;
}

const distances = (now: number[]) =>
  now.slice(1).map((_, q) => Math.abs(now.slice(0, q + 1).reduce((a, b) => a + b) - 0.5));
const medianOf = (now: number[]) => 1 + distances(now).indexOf(Math.min(...distances(now)));

/** Exercise 7 with bad habits. */
function interviewer({ ask = medianOf, agrees = (slip) => [1 - slip, slip], ...habits }: Habits) {
  const { normalise = true, forget = false } = habits;
  return {
    findLimit: (...[belief, limit, luck, slip]: Interview) => {
      let now = [...belief];
      for (const u of luck) {
        const q = ask(now, belief);
        const yes = limit < q !== u < slip;
        const [same, other] = agrees(slip);
        now = (forget ? belief : now).map((p, v) => p * (v < q === yes ? same : other));
        const total = normalise ? now.reduce((a, b) => a + b) : 1;
        now = now.map((p) => p / total);
      }
      return now;
    },
  };
}

export const mutants = {
  "03/information-gain": {
    "total-entropy": { informationGain: (probabilities: number[]) => entropy(average(probabilities)) },
    "noise-only": { informationGain: (probabilities: number[]) => average(probabilities.map(entropy)) },
    "wrong-sign": {
      informationGain: (probabilities: number[]) =>
        average(probabilities.map(entropy)) - entropy(average(probabilities)),
    },
    bits: {
      informationGain: (probabilities: number[]) =>
        (entropy(average(probabilities)) - average(probabilities.map(entropy))) / Math.LN2,
    },
    "zero-log": {
      informationGain: (probabilities: number[]) =>
        naiveEntropy(average(probabilities)) - average(probabilities.map(naiveEntropy)),
    },
  },
  "03/committee": {
    "soft-votes": { voteEntropy: (probabilities: number[]) => entropy(average(probabilities)), consensusDivergence },
    "reversed-kl": {
      voteEntropy,
      consensusDivergence: (probabilities: number[]) =>
        average(probabilities.map((p) => kl(average(probabilities), p))),
    },
    "one-term": {
      voteEntropy,
      consensusDivergence: (probabilities: number[]) =>
        average(probabilities.map((p) => term(p, average(probabilities)))),
    },
    "sum-for-mean": {
      voteEntropy,
      consensusDivergence: (probabilities: number[]) => probabilities.length * consensusDivergence(probabilities),
    },
    "zero-log": {
      voteEntropy,
      consensusDivergence: (probabilities: number[]) => {
        const q = average(probabilities);
        return average(probabilities.map((p) => p * Math.log(p / q) + (1 - p) * Math.log((1 - p) / (1 - q))));
      },
    },
  },
  "03/d-optimal": {
    "no-noise": byGain((_, covariance, x) => Math.log1p(spread(covariance, x)) / 2),
    "no-half": byGain((...question) => 2 * gain(...question)),
    "no-covariance": byGain((mean, _, x) => Math.log1p(fisher(mean, x) * dot(x, x)) / 2),
    "no-log": byGain((mean, covariance, x) => (fisher(mean, x) * spread(covariance, x)) / 2),
    "pick-without-noise": {
      dOptimalGain: gain,
      dOptimalPick: (...[, covariance, questions]: Pick) => largest(questions.map((x) => spread(covariance, x))),
    },
    smallest: {
      dOptimalGain: gain,
      dOptimalPick: (...[mean, covariance, questions]: Pick) =>
        largest(questions.map((x) => -gain(mean, covariance, x))),
    },
  },
  "03/regret": {
    "believes-itself": {
      simpleRegret: (utility: number[], estimate: number[]) => Math.max(...utility) - Math.max(...estimate),
    },
    reversed: {
      simpleRegret: (utility: number[], estimate: number[]) => Math.max(...estimate) - estimate[largest(utility)],
    },
    "wrong-sign": {
      simpleRegret: (utility: number[], estimate: number[]) => utility[largest(estimate)] - Math.max(...utility),
    },
    "starts-at-0": {
      simpleRegret: (utility: number[], estimate: number[]) => Math.max(0, ...utility) - utility[largest(estimate)],
    },
    "sorted-as-text": {
      simpleRegret: (utility: number[], estimate: number[]) =>
        ([...utility].sort().at(-1) as number) - utility[largest(estimate)],
    },
  },
  "03/batch": {
    "no-update": { pickBatch: (...[m, s, q, size]: [...Pick, number]) => batch([m, s, q], size, 0) },
    repeats: { pickBatch: (...[m, s, q, size]: [...Pick, number]) => batch([m, s, q], size, -1, true) },
    grows: { pickBatch: (...[m, s, q, size]: [...Pick, number]) => batch([m, s, q], size, 1) },
    quarter: {
      pickBatch: (...[m, s, q, size]: [...Pick, number]) => batch([m, s, q], size, -1, false, () => 0.25),
    },
  },
  "03/find-the-bug": {
    "first-dip": {
      questionsNeeded: (loss: number[], level: number) => {
        const n = loss.findIndex((value) => value <= level);
        return n < 0 ? Number.POSITIVE_INFINITY : n;
      },
    },
    "above-once": { questionsNeeded: (loss: number[], level: number) => loss.findLastIndex((value) => value > level) },
    strict: {
      questionsNeeded: (loss: number[], level: number) => {
        const n = loss.findLastIndex((value) => value >= level) + 1;
        return n === loss.length ? Number.POSITIVE_INFINITY : n;
      },
    },
    "never-infinite": {
      questionsNeeded: (loss: number[], level: number) => loss.findLastIndex((value) => value > level) + 1,
    },
  },
  "03/question-loop": {
    "same-question": interviewer({ ask: (_, start) => medianOf(start) }),
    middle: interviewer({ ask: (now) => Math.floor(now.length / 2) }),
    "least-gain": interviewer({ ask: (now) => 1 + distances(now).indexOf(Math.max(...distances(now))) }),
    "no-slip": interviewer({ agrees: () => [1, 0] }),
    "from-the-start": interviewer({ forget: true }),
    "not-normalised": interviewer({ normalise: false }),
    "likelihood-reversed": interviewer({ agrees: (slip) => [slip, 1 - slip] }),
  },
};
