import { type Key, uniform } from "../../random/index.js";
import type { Posterior } from "../posterior/index.js";
import { voteEntropy } from "./committee.js";
import { gaussianInformationGain, logOddsOf, memberProbabilities, posteriorMembers } from "./gaussian.js";
import { dOptimalGain } from "./optimalDesign.js";

/**
 * Scores every candidate: the one with the highest score is asked next. `questions` [candidates, d] holds the
 * differences in features, first less second; swapping the two items of a question never changes a score. The key is
 * for strategies that draw.
 */
export type Strategy = (
  key: Key,
  posterior: Posterior,
  questions: ReadonlyArray<ArrayLike<number>>,
) => ArrayLike<number>;

/** Any question, each as likely. */
export const random: Strategy = (key, _, questions) => uniform(key, questions.length);

/**
 * Uncertainty sampling: the answer that is hardest to predict, by the entropy of the predicted
 * answer. Lewis and Gale 1994.
 */
export const uncertainty: Strategy = (_, posterior, questions) =>
  questions.map((x) => gaussianInformationGain(logOddsOf(posterior, x)).total);

/** Query by committee: vote entropy among 16 draws from the posterior. Seung, Opper and Sompolinsky 1992. */
export const committee: Strategy = (key, posterior, questions) => {
  const members = posteriorMembers(key, posterior, 16);
  return questions.map((x) => voteEntropy(memberProbabilities(members, x)));
};

/** BALD: the answer that teaches most about the parameters. Houlsby et al. 2011, arXiv:1112.5745. */
export const information: Strategy = (_, posterior, questions) =>
  questions.map((x) => gaussianInformationGain(logOddsOf(posterior, x)).gain);

/** D-optimality: the answer that shrinks the posterior's volume most. Chaloner and Verdinelli 1995. */
export const dOptimal: Strategy = (_, posterior, questions) => questions.map((x) => dOptimalGain(posterior, x));

/** The five by the names that figures show. */
export const strategies: Readonly<Record<string, Strategy>> = {
  random,
  uncertainty,
  "vote entropy": committee,
  "information gain": information,
  "D-optimal": dOptimal,
};
