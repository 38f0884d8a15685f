// Wrong answers to the exercises of lesson 05. Each must be rejected, with its own words.
const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
const mean = (values: number[]) => sum(values) / values.length;
const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));

interface Noise {
  temperature: number;
  lapse: number;
}
const probability = (difference: number, { temperature, lapse }: Noise) =>
  lapse / 2 + (1 - lapse) * sigmoid(difference / temperature);
const likelier = (p: number) => Math.max(p, 1 - p);

interface LogProbs {
  logpNew: number[];
  logpOld: number[];
  logpRef: number[];
}
/** Token rewards from a price for each token, and the tokens that get the reward. */
const shaped =
  (price: (logp: LogProbs, t: number, beta: number) => number, pays: (t: number, last: number) => boolean) =>
  (logp: LogProbs, reward: number, beta: number) =>
    logp.logpNew.map((_, t) => (pays(t, logp.logpNew.length - 1) ? reward : 0) - price(logp, t, beta));
const atTheEnd = (t: number, last: number) => t === last;
const away = ({ logpOld, logpRef }: LogProbs, t: number) => logpOld[t] - logpRef[t];
const share = (logp: LogProbs, t: number, beta: number) => beta * away(logp, t);

type Budget = [ref: number[], rewards: number[], target: number];

/** log(pi / ref) of equation (6). */
function logRatios(ref: number[], rewards: number[], beta: number): number[] {
  const best = Math.max(...rewards);
  const scores = rewards.map((reward) => (reward - best) / beta);
  const logZ = Math.log(sum(ref.map((p, y) => p * Math.exp(scores[y]))));
  return scores.map((score) => score - logZ);
}
const kl = (ref: number[], rewards: number[], beta: number) =>
  sum(logRatios(ref, rewards, beta).map((ratio, y) => ref[y] * Math.exp(ratio) * ratio));

function bisect(of: (beta: number) => number, target: number, { steps = 60, wrongWay = false } = {}): number {
  let [low, high] = [-15, 15];
  for (let step = 0; step < steps; step++) {
    const middle = (low + high) / 2;
    if (of(Math.exp(middle)) > target !== wrongWay) low = middle;
    else high = middle;
  }
  return Math.exp((low + high) / 2);
}

/** The share of pairs within a list whose rewards have the order of the moods. */
function pairShare(rewards: number[][], moods: number[][], ties = false): number {
  const points = rewards.flatMap((own, g) =>
    own.flatMap((a, i) =>
      own.slice(i + 1).flatMap((b, k) => {
        const difference = moods[g][i] - moods[g][i + 1 + k];
        return difference === 0 && !ties ? [] : [a > b === difference > 0 && difference !== 0 ? 1 : 0];
      }),
    ),
  );
  return mean(points);
}

type Step = [logits: number[], ref: number[], rewards: number[], beta: number, rate: number];
function ascended(
  [logits, ref, rewards, beta, rate]: Step,
  { sign = 1, average = true, weigh = true, normalise = true } = {},
): number[] {
  const logZ = normalise ? Math.log(sum(logits.map(Math.exp))) : 0;
  const logp = logits.map((logit) => logit - logZ);
  const pays = rewards.map((reward, y) => reward - beta * (logp[y] - ref[y]));
  const middle = average ? sum(pays.map((pay, y) => Math.exp(logp[y]) * pay)) : 0;
  return logits.map((logit, y) => logit + sign * rate * (weigh ? Math.exp(logp[y]) : 1) * (pays[y] - middle));
}

export const mutants = {
  "05/completion-loss": {
    "starts-late": { completionLoss: (logProbs: number[], prompt: number) => -mean(logProbs.slice(prompt)) },
    "starts-early": { completionLoss: (logProbs: number[], prompt: number) => -mean(logProbs.slice(prompt - 2)) },
    "includes-prompt": { completionLoss: (logProbs: number[]) => -mean(logProbs) },
    "sum-for-mean": { completionLoss: (logProbs: number[], prompt: number) => -sum(logProbs.slice(prompt - 1)) },
    "divides-by-all": {
      completionLoss: (logProbs: number[], prompt: number) => -sum(logProbs.slice(prompt - 1)) / logProbs.length,
    },
    sign: { completionLoss: (logProbs: number[], prompt: number) => mean(logProbs.slice(prompt - 1)) },
  },
  "05/labeler": {
    "temperature-multiplies": {
      firstProbability: (first: number, second: number, { temperature, lapse }: Noise) =>
        lapse / 2 + (1 - lapse) * sigmoid((first - second) * temperature),
    },
    "lapse-lost": {
      firstProbability: (first: number, second: number, { temperature }: Noise) =>
        sigmoid((first - second) / temperature),
    },
    "lapse-never-first": {
      firstProbability: (first: number, second: number, { temperature, lapse }: Noise) =>
        (1 - lapse) * sigmoid((first - second) / temperature),
    },
    "lapse-always-first": {
      firstProbability: (first: number, second: number, { temperature, lapse }: Noise) =>
        lapse + (1 - lapse) * sigmoid((first - second) / temperature),
    },
    "hard-choice": { firstProbability: (first: number, second: number) => (first > second ? 1 : 0) },
    "always-better": { labelPair: (first: number, second: number) => (first > second ? 1 : 0) },
    "luck-reversed": {
      labelPair: (first: number, second: number, noise: Noise, luck: number) =>
        luck > probability(first - second, noise) ? 1 : 0,
    },
    // For every answer a coin of its own, weighted rightly.
    "own-luck": {
      labelPair: (first: number, second: number, noise: Noise) =>
        Math.random() < probability(first - second, noise) ? 1 : 0,
    },
    "or-equal": {
      labelPair: (first: number, second: number, noise: Noise, luck: number) =>
        luck <= probability(first - second, noise) ? 1 : 0,
    },
    sign: { firstProbability: (first: number, second: number, noise: Noise) => probability(second - first, noise) },
    overflow: {
      firstProbability: (first: number, second: number, { temperature, lapse }: Noise) => {
        const [one, other] = [Math.exp(first / temperature), Math.exp(second / temperature)];
        return lapse / 2 + ((1 - lapse) * one) / (one + other);
      },
    },
  },
  "05/ceiling": {
    "mean-of-p": {
      accuracyCeiling: (differences: number[], noise: Noise) => mean(differences.map((d) => probability(d, noise))),
    },
    "drops-ties": {
      accuracyCeiling: (differences: number[], noise: Noise) =>
        mean(differences.filter((d) => d !== 0).map((d) => likelier(probability(d, noise)))),
    },
    "better-as-one": { accuracyCeiling: (differences: number[]) => mean(differences.map((d) => (d === 0 ? 0.5 : 1))) },
    "noise-lost": { accuracyCeiling: (differences: number[]) => mean(differences.map((d) => likelier(sigmoid(d)))) },
    agreement: {
      accuracyCeiling: (differences: number[], noise: Noise) =>
        mean(differences.map((d) => probability(d, noise) ** 2 + probability(-d, noise) ** 2)),
    },
  },
  "05/sequence-log-prob": {
    "mean-for-sum": {
      sequenceLogProb: (logProbs: number[], mask: number[]) => mean(logProbs.filter((_, t) => mask[t])),
    },
    underflow: {
      sequenceLogProb: (logProbs: number[], mask: number[]) =>
        Math.log(logProbs.reduce((product, logProb, t) => (mask[t] ? product * Math.exp(logProb) : product), 1)),
    },
    "ignores-mask": { sequenceLogProb: sum },
    "zero-times-infinity": {
      sequenceLogProb: (logProbs: number[], mask: number[]) => sum(logProbs.map((logProb, t) => mask[t] * logProb)),
    },
    "impossible-left-out": {
      sequenceLogProb: (logProbs: number[], mask: number[]) =>
        sum(logProbs.filter((logProb, t) => mask[t] && Number.isFinite(logProb))),
    },
  },
  "05/kl-shaped": {
    sign: { tokenRewards: shaped((logp, t, beta) => -share(logp, t, beta), atTheEnd) },
    "wrong-pair": {
      tokenRewards: shaped(({ logpNew, logpOld }, t, beta) => beta * (logpNew[t] - logpOld[t]), atTheEnd),
    },
    "not-the-writer": {
      tokenRewards: shaped(({ logpNew, logpRef }, t, beta) => beta * (logpNew[t] - logpRef[t]), atTheEnd),
    },
    "every-token": { tokenRewards: shaped(share, () => true) },
    "first-token": { tokenRewards: shaped(share, (t) => t === 0) },
    absolute: { tokenRewards: shaped((logp, t, beta) => beta * Math.abs(away(logp, t)), atTheEnd) },
    squared: { tokenRewards: shaped((logp, t, beta) => (beta / 2) * away(logp, t) ** 2, atTheEnd) },
    "forgets-beta": { tokenRewards: shaped(away, atTheEnd) },
    "all-at-the-end": {
      tokenRewards: shaped(
        (logp, t, beta) => (t === logp.logpNew.length - 1 ? beta * (sum(logp.logpOld) - sum(logp.logpRef)) : 0),
        atTheEnd,
      ),
    },
  },
  "05/find-the-bug": {
    "across-prompts": {
      rankedRightly: (rewards: number[][], moods: number[][]) => pairShare([rewards.flat()], [moods.flat()]),
    },
    "counts-ties": { rankedRightly: (rewards: number[][], moods: number[][]) => pairShare(rewards, moods, true) },
    "mean-of-means": {
      rankedRightly: (rewards: number[][], moods: number[][]) =>
        mean(rewards.map((own, g) => pairShare([own], [moods[g]]))),
    },
  },
  "05/ascent-step": {
    descends: { ascentStep: (...step: Step) => ascended(step, { sign: -1 }) },
    "no-average": { ascentStep: (...step: Step) => ascended(step, { average: false }) },
    "no-probability": { ascentStep: (...step: Step) => ascended(step, { weigh: false }) },
    "forgets-the-reference": {
      ascentStep: (logits: number[], ref: number[], rewards: number[], _beta: number, rate: number) =>
        ascended([logits, ref, rewards, 0, rate]),
    },
    "pays-for-staying": {
      ascentStep: (logits: number[], ref: number[], rewards: number[], beta: number, rate: number) =>
        ascended([logits, ref, rewards, -beta, rate]),
    },
    "takes-logits-for-logs": { ascentStep: (...step: Step) => ascended(step, { normalise: false }) },
    "forgets-the-rate": {
      ascentStep: (logits: number[], ref: number[], rewards: number[], beta: number) =>
        ascended([logits, ref, rewards, beta, 1]),
    },
  },
  "05/beta-for-kl": {
    // The direction is that of the text, so that this ends at the upper end.
    multiplies: { findBeta: (...[ref, rewards, target]: Budget) => bisect((b) => kl(ref, rewards, 1 / b), target) },
    "kl-reversed": {
      findBeta: (...[ref, rewards, target]: Budget) =>
        bisect((b) => -sum(logRatios(ref, rewards, b).map((ratio, y) => ref[y] * ratio)), target),
    },
    "forgets-normaliser": {
      findBeta: (...[ref, rewards, target]: Budget) =>
        bisect((b) => sum(rewards.map((r, y) => ref[y] * Math.exp(r / b) * (r / b))), target),
    },
    "bisects-the-wrong-way": {
      findBeta: (...[ref, rewards, target]: Budget) => bisect((b) => kl(ref, rewards, b), target, { wrongWay: true }),
    },
    "stops-early": {
      findBeta: (...[ref, rewards, target]: Budget) => bisect((b) => kl(ref, rewards, b), target, { steps: 9 }),
    },
    overflow: {
      findBeta: (...[ref, rewards, target]: Budget) =>
        bisect((b) => {
          const weights = rewards.map((r, y) => ref[y] * Math.exp(r / b));
          const z = sum(weights);
          return sum(weights.map((w, y) => (w > 0 ? (w / z) * Math.log(w / z / ref[y]) : 0)));
        }, target),
    },
  },
};
