import { checkLength, checkPositive } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";

// What a completion's log-ratio is to become after a step of self-play, in nats and up to a constant of its prompt: the
// targets of `logRatioRegressionLoss`. `wins` are P(completion preferred to the opponent), [B], in [0, 1].

/**
 * SPPO: log(pi / pi_old) = eta (wins - 1/2), [B] (Wu et al. 2024, arXiv:2405.00675, eq. 4.4). The exact step is
 * `sppoStep`.
 * @throws DomainError unless eta > 0 and wins are in [0, 1]
 * @example sppoTargets([1, 0.5, 0], { eta: 2 }) // [1, 0, -1]
 */
export function sppoTargets(wins: ArrayLike<number>, { eta }: { eta: number }): Float64Array {
  checkPositive("eta", eta);
  checkWins(wins);
  return Float64Array.from(wins, (won) => eta * (won - 0.5));
}

/**
 * Nash-MD and magnetic mirror descent: log(pi / pi_old) = eta (wins - 1/2) - eta tau log(pi_old / pi_ref), [B], the
 * second from each completion's `logRatio` to the reference. Against the mixture of policy and reference it is
 * Nash-MD's step (Munos et al. 2023, arXiv:2312.00886; exactly `nashMdStep`), against the policy itself mirror
 * descent's (Sokota et al. 2023, arXiv:2206.05825; `mirrorStep`). With tau 0 it is SPPO's.
 * @throws ShapeError if lengths differ; DomainError unless eta > 0, tau >= 0, eta tau <= 1 and wins are in [0, 1]
 * @example nashMdTargets([1, 0], [0.5, 0.5], { eta: 1, tau: 0.2 }) // [0.4, -0.6]
 */
export function nashMdTargets(
  wins: ArrayLike<number>,
  logRatio: ArrayLike<number>,
  { eta, tau }: { eta: number; tau: number },
): Float64Array {
  if (!(tau >= 0 && eta * tau <= 1)) throw new DomainError(complaint("tau", `from 0 to 1 / eta = ${1 / eta}`, tau));
  checkLength("logRatio", logRatio, wins.length, "one for each completion");
  return sppoTargets(wins, { eta }).map((target, b) => target - eta * tau * logRatio[b]);
}

/**
 * Online IPO: log(pi / pi_ref) = (wins - 1/2) / tau, [B] (Calandriello et al. 2024, arXiv:2403.08635), of which a group
 * shows (G - 1) / G, if each is compared with its G - 1 siblings: then the loss with groups is, but for a constant and
 * the factor (G - 1) / 2G, IPO's own on all pairs of the group, (h - (P(first preferred) - 1/2) / tau)^2. With answers
 * of 0 and 1 that is `ipoLoss`. Its step without end is `onlineIpoMap`.
 * @throws DomainError unless group is at least 2, tau > 0 and wins are in [0, 1]
 * @example onlineIpoTargets([1, 0], { group: 2, tau: 0.5 }) // [0.5, -0.5]
 */
export function onlineIpoTargets(
  wins: ArrayLike<number>,
  { group, tau }: { group: number; tau: number },
): Float64Array {
  checkPositive("tau", tau);
  checkWins(wins);
  if (!(group >= 2)) throw new DomainError(complaint("group", "a whole number of at least 2", group));
  return Float64Array.from(wins, (won) => ((group - 1) / group) * ((won - 0.5) / tau));
}

function checkWins(wins: ArrayLike<number>): void {
  for (let b = 0; b < wins.length; b++) {
    if (wins[b] >= 0 && wins[b] <= 1) continue;
    const hint = "Self-play is paid by winning: winsAgainstOpponent or winsInGroup";
    throw new DomainError(complaint(`wins[${b}]`, "a number from 0 to 1", wins[b], hint));
  }
}
