import { checkCount, checkNonNegative, checkPositive } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";
import { lbfgs, type Maximum, sigmoid } from "../../numerics/index.js";
import { fixGauge } from "../bradleyTerry/gauge.js";
import { requireData, totalWeight, weightByKey, weightOfItems } from "../weights.js";
import type { EmReport } from "./annotations.js";
import type { Judgements } from "./judgements.js";

export interface CrowdFit extends EmReport {
  /** Abilities, [items], in nats, sum 0. */
  readonly theta: number[];
  /** How often each labeler reports what they saw, [labelers]; below 1/2: they answer the wrong way round. */
  readonly reliability: Float64Array;
}

export interface CrowdOptions {
  /** Standard deviation of the Gaussian prior on abilities, in nats. Default 3. */
  spread?: number;
  /** The Beta(right, wrong) prior on reliabilities; Default Beta(4, 2): most people mean well. */
  right?: number;
  wrong?: number;
  iterations?: number;
  /** Stop when the log-posterior rises by less than this per comparison (of weight 1), in nats. Default 1e-8. */
  tolerance?: number;
}

/**
 * Bradley-Terry with labelers who differ: labeler k reports the item that they prefer with probability
 * eta_k, else the other one,
 *
 *   P(i beats j | k) = eta_k sigmoid(theta_i - theta_j) + (1 - eta_k) sigmoid(theta_j - theta_i)
 *
 * (Chen, Bennett, Collins-Thompson and Horvitz 2013, doi:10.1145/2433396.2433420). EM: the hidden variable is whether
 * an answer was reported as meant. E: its probability z. M: eta_k is a share; theta is a Bradley-Terry fit in which
 * each answer counts z times as given and 1 - z times reversed. Departs from the paper, which learns online: here all
 * answers at once. The two signs of (theta, eta - 1/2) explain the answers alike; the prior on eta decides.
 * @throws DomainError for priors or options out of range, or no judgements
 */
export function crowdBradleyTerry(data: Judgements, options: CrowdOptions = {}): CrowdFit {
  const { spread = 3, right = 4, wrong = 2, iterations = 200, tolerance = 1e-8 } = options;
  checkPositive("spread", spread);
  if (!(right >= 1 && wrong >= 1)) {
    throw new DomainError(complaint("Beta prior right, wrong", "numbers of at least 1", [right, wrong]));
  }
  checkCount("iterations", iterations);
  checkNonNegative("tolerance", tolerance);
  const rows = data.winner.length;
  requireData("judgements", data);
  const { winner, loser, labeler, weight } = data;
  let theta: Float64Array = new Float64Array(data.items);
  const meant = new Float64Array(rows).fill(right / (right + wrong));
  const reliability = new Float64Array(data.labelers);
  const answers = weightByKey(labeler, weight, data.labelers);
  const precision = 1 / spread ** 2;
  const pulls = weightOfItems(data).map((own) => own + precision);
  const enough = tolerance * totalWeight(data);

  /** Expected log-posterior of the abilities, given who meant what. */
  const objective = (at: Float64Array, slope: Float64Array): number => {
    slope.fill(0);
    let value = 0;
    for (let i = 0; i < at.length; i++) {
      value -= 0.5 * precision * at[i] ** 2;
      slope[i] = -precision * at[i];
    }
    for (let k = 0; k < rows; k++) {
      const d = at[winner[k]] - at[loser[k]];
      const e = Math.exp(-Math.abs(d));
      const p = d >= 0 ? 1 / (1 + e) : e / (1 + e);
      // z log sigmoid(d) + (1 - z) log sigmoid(-d) = log sigmoid(d) - (1 - z) d
      value += weight[k] * (Math.min(d, 0) - Math.log1p(e) - (1 - meant[k]) * d);
      const pull = weight[k] * (meant[k] - p);
      slope[winner[k]] += pull;
      slope[loser[k]] -= pull;
    }
    return value;
  };

  const logLikelihoods: number[] = [];
  let converged = false;
  for (let n = 0; n < iterations && !converged; n++) {
    reliability.fill(right - 1);
    for (let k = 0; k < rows; k++) reliability[labeler[k]] += weight[k] * meant[k];
    for (let w = 0; w < data.labelers; w++) {
      const share = reliability[w] / (answers[w] + right + wrong - 2);
      reliability[w] = Number.isNaN(share) ? right / (right + wrong) : Math.min(Math.max(share, 1e-9), 1 - 1e-9);
    }
    // A few steps up are enough for EM to climb (a generalised M-step); the next round goes on from here.
    const step: Maximum = lbfgs(objective, theta, {
      tolerance: 1e-10,
      weight: pulls,
      iterations: n === 0 ? 50 : 8,
      mayStopEarly: true,
    });
    theta = step.at;

    let now = 0;
    for (let i = 0; i < theta.length; i++) now -= 0.5 * precision * theta[i] ** 2;
    for (let w = 0; w < data.labelers; w++) {
      now += (right - 1) * Math.log(reliability[w]) + (wrong - 1) * Math.log1p(-reliability[w]);
    }
    for (let k = 0; k < rows; k++) {
      const eta = reliability[labeler[k]];
      const p = sigmoid(theta[winner[k]] - theta[loser[k]]);
      const both = eta * p + (1 - eta) * (1 - p);
      meant[k] = (eta * p) / both;
      now += weight[k] * Math.log(both);
    }
    const before = logLikelihoods.at(-1);
    logLikelihoods.push(now);
    converged = before !== undefined && now - before < enough;
  }
  return { theta: fixGauge(theta), reliability, logLikelihoods, converged };
}
