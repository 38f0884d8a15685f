import { correlatedMajorityLimit, flatMajority } from "../agents/index.js";
import { permutations } from "../preferences/index.js";
import type { Erratum } from "./erratum.js";

const { log } = Math;

/** Probability that weighted voters err: sum over all patterns of who is right; a tie counts half. */
function weightedError(accuracies: readonly number[], weights: readonly number[]): number {
  let error = 0;
  for (let code = 0; code < 2 ** accuracies.length; code++) {
    let [probability, margin] = [1, 0];
    accuracies.forEach((p, i) => {
      const right = (code >> i) & 1;
      probability *= right ? p : 1 - p;
      margin += right ? weights[i] : -weights[i];
    });
    error += probability * (margin > 1e-12 ? 0 : margin < -1e-12 ? 1 : 0.5);
  }
  return error;
}

const majority = (accuracies: readonly number[]) => accuracies.map(() => 1);
const precision = (accuracies: readonly number[]) => accuracies.map((p) => 1 / (p * (1 - p)));
const logOdds = (accuracies: readonly number[]) => accuracies.map((p) => log(p / (1 - p)));

// Question 3: several labelers.
export const aggregationErrata: readonly Erratum[] = [
  {
    name: "weights-are-log-odds",
    section: "question 3",
    quote: "optimal weights proportional to labeler precision",
    verdict: "wrong",
    said: "the best weights of labelers are their precisions",
    truth:
      "they are log-odds, log p / (1 - p), for independent and symmetric mistakes; who is mostly wrong counts negatively",
    found: () => {
      const [one, mixed] = [
        [0.9, 0.6, 0.6, 0.6, 0.6],
        [0.8, 0.5, 0.5, 0.1],
      ];
      return {
        "error, one good of five: majority": weightedError(one, majority(one)),
        "one good of five: precision": weightedError(one, precision(one)),
        "one good of five: log-odds": weightedError(one, logOdds(one)),
        "error, one contrary of four: majority": weightedError(mixed, majority(mixed)),
        "one contrary of four: precision": weightedError(mixed, precision(mixed)),
        "one contrary of four: log-odds": weightedError(mixed, logOdds(mixed)),
      };
    },
    lesson: "04",
  },
  {
    name: "majority-needs-better-than-chance",
    section: "question 3",
    quote: "majority vote optimal under uniform reliability",
    verdict: "incomplete",
    said: "among equally reliable labelers the majority is best",
    truth: "if they are right more often than not; else it is worse than any one of them",
    found: () => {
      const eleven = Array<number>(11).fill(0.4);
      return { "eleven of 0.4 are right": 1 - weightedError(eleven, majority(eleven)), "one of them": 0.4 };
    },
    lesson: "04",
  },
  {
    name: "crowds-are-not-independent",
    section: "question 3",
    quote: "crowd wisdom effects",
    verdict: "incomplete",
    said: "many labelers together are wise",
    truth:
      "independent ones who are right more often than not; a shared leaning sets a ceiling, and below one half crowds go to 0",
    found: () => {
      // Jurors who share their accuracy, drawn from Beta(3, 2): mean 0.6 as well.
      return {
        "101 of 0.6": flatMajority(101, 0.6),
        "101 of 0.45": flatMajority(101, 0.45),
        "the ceiling of Beta(3, 2)": correlatedMajorityLimit(3, 2),
      };
    },
    lesson: "22",
  },
  {
    name: "pooling-ignores-who-answered",
    section: "question 3",
    quote: "Bradley-Terry weights by consistency",
    verdict: "wrong",
    said: "Bradley-Terry weighs labelers by how consistent they are",
    truth: "plain Bradley-Terry does not know who answered: a coin among the labelers pulls every difference towards 0",
    found: () => {
      const logit = (p: number) => log(p / (1 - p));
      // As many answers by one who says the better with 0.9 as by one who tosses a coin.
      return { "pooled difference": logit((0.9 + 0.5) / 2), "difference by the one who knows": logit(0.9) };
    },
    lesson: "04",
  },
  {
    name: "no-order-for-a-circle",
    section: "question 3",
    quote: "handle intransitive preferences",
    verdict: "wrong",
    said: "a global ordering handles intransitive preferences",
    truth: "it leaves them out: of a circle of three every order contradicts one pair at least",
    found: () => {
      const prefers = [
        [0.5, 0.6, 0.4],
        [0.4, 0.5, 0.6],
        [0.6, 0.4, 0.5],
      ];
      const orders = permutations(3);
      const agreement = orders.map(([a, b, c]) => (prefers[a][b] + prefers[a][c] + prefers[b][c]) / 3);
      return {
        "answers that the best order explains": agreement.reduce((a, b) => Math.max(a, b)),
        "that pairs explain": 0.6,
      };
    },
    lesson: "04",
  },
  {
    name: "reliability-multiplies",
    section: "question 3",
    quote: "σ(αᵢ(R(x₁) - R(x₂)))",
    verdict: "right",
    said: "a labeler's reliability multiplies the difference of the rewards",
    truth: "it does; at 0 the labeler tosses a coin, below 0 he answers the wrong way round",
    found: () => {
      const probability = (alpha: number) => 1 / (1 + Math.exp(-alpha));
      return { "reliability 2": probability(2), "reliability 0": probability(0), "reliability -1": probability(-1) };
    },
    lesson: "04",
  },
];
