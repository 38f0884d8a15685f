import { binaryEntropy, checkCommittee } from "./entropy.js";

/**
 * Vote entropy of a committee, in nats: every member votes for the answer that it finds likelier (half a vote each at
 * 1/2), and the share of votes is taken for a probability. How sure the members are is lost, so a committee that
 * guesses about a tie disagrees most of all. `probabilities` [members]: each member's P(first preferred). Seung, Opper
 * and Sompolinsky 1992; Dagan and Engelson 1995.
 * @throws ShapeError for an empty committee; DomainError for a probability outside [0, 1]
 */
export function voteEntropy(probabilities: ArrayLike<number>, weight?: ArrayLike<number>): number {
  const share = checkCommittee(probabilities, weight);
  let votes = 0;
  for (let m = 0; m < probabilities.length; m++) votes += share[m] * ((Math.sign(probabilities[m] - 0.5) + 1) / 2);
  return binaryEntropy(Math.min(votes, 1));
}

/**
 * The mean over members of KL(member || consensus), in nats, where the consensus is the members' average. With members
 * drawn from the posterior it is the information gain, by algebra: both are the Jensen-Shannon divergence of the
 * members. McCallum and Nigam 1998.
 * @throws as `voteEntropy`
 */
export function consensusDivergence(probabilities: ArrayLike<number>, weight?: ArrayLike<number>): number {
  const share = checkCommittee(probabilities, weight);
  let consensus = 0;
  for (let m = 0; m < probabilities.length; m++) consensus += share[m] * probabilities[m];
  let sum = 0;
  for (let m = 0; m < probabilities.length; m++) {
    sum += share[m] * (term(probabilities[m], consensus) + term(1 - probabilities[m], 1 - consensus));
  }
  return Math.max(sum, 0);
}

/** p ln(p / q), and its limit 0 at p = 0. */
function term(p: number, q: number): number {
  return p === 0 ? 0 : p * Math.log(p / q);
}
