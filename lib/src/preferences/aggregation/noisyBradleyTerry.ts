import { checkPositive } from "../../core/checks.js";
import { complaint, DomainError, ShapeError } from "../../core/index.js";
import { lbfgs, sigmoid } from "../../numerics/index.js";
import { fixGauge } from "../bradleyTerry/gauge.js";
import { requireData, weightByKey, weightOfItems } from "../weights.js";
import type { Judgements } from "./judgements.js";

export interface NoisyFit {
  /** Abilities, [items], in nats, sum 0. */
  readonly theta: number[];
  /** The probability that a labeler looked, [labelers]. */
  readonly skill: Float64Array;
  /** The probability that a labeler who did not look takes the item shown first, [labelers]. */
  readonly bias: Float64Array;
  readonly logPosterior: number;
  readonly iterations: number;
  /** Whether the climb ended at a maximum rather than with the iterations. */
  readonly converged: boolean;
}

export interface NoisyOptions {
  /** Standard deviation of the Gaussian priors on abilities and on the logits of skill and bias. Default 3. */
  spread?: number;
  /**
   * Stop when no slope is larger than this times the weight of the answers that pull at its parameter. Default 1e-7.
   */
  tolerance?: number;
  iterations?: number;
}

/**
 * The log-posterior of noisy Bradley-Terry and its gradient at x = (theta [items], logit of skill [labelers], logit of
 * bias [labelers]): labeler k looks with probability s_k and then answers by Bradley-Terry; else takes the first item
 * with probability b_k, whatever it is,
 *
 *   P(answer) = s_k sigmoid(theta_winner - theta_loser) + (1 - s_k) (b_k if the winner was shown first, else 1 - b_k).
 *
 * The model of the toolkit crowd-kit (Ustalov et al. 2024, arXiv:2109.08584). The fit of its release 1.4.2 follows
 * another gradient than that of its objective: the entries of the labelers are overwritten answer by answer instead of
 * added up, and stand one place too low, so that the last item's slope is overwritten too and the last labeler's skill
 * never moves (and its regularisation has the opposite sign). The other abilities' part agrees.
 * test/golden/crowd-kit.json holds both side by side; here value and gradient are held together by differences.
 * @throws DomainError if winnerFirst is missing; ShapeError for an x of another length
 */
export function noisyLogPosterior(x: Float64Array, gradient: Float64Array, data: Judgements, spread = 3): number {
  const { items, labelers, winner, loser, labeler, weight, winnerFirst } = data;
  if (winnerFirst === undefined) {
    throw new DomainError("noisyBradleyTerry: the judgements must say which item was shown first (winnerFirst)");
  }
  if (x.length !== items + 2 * labelers) {
    throw new ShapeError(complaint("x", `${items} abilities, then ${labelers} skills and ${labelers} biases`, x));
  }
  const precision = 1 / spread ** 2;
  let value = 0;
  for (let i = 0; i < x.length; i++) {
    value -= 0.5 * precision * x[i] ** 2;
    gradient[i] = -precision * x[i];
  }
  const skill = new Float64Array(labelers);
  const bias = new Float64Array(labelers);
  for (let w = 0; w < labelers; w++) {
    skill[w] = sigmoid(x[items + w]);
    bias[w] = sigmoid(x[items + labelers + w]);
  }
  for (let k = 0; k < winner.length; k++) {
    const w = labeler[k];
    const s = skill[w];
    const looked = sigmoid(x[winner[k]] - x[loser[k]]);
    const guessed = winnerFirst[k] === 1 ? bias[w] : 1 - bias[w];
    const p = s * looked + (1 - s) * guessed;
    value += weight[k] * Math.log(p);
    const each = weight[k] / p;
    const pull = each * s * looked * (1 - looked);
    gradient[winner[k]] += pull;
    gradient[loser[k]] -= pull;
    gradient[items + w] += each * s * (1 - s) * (looked - guessed);
    gradient[items + labelers + w] += (winnerFirst[k] === 1 ? 1 : -1) * each * (1 - s) * bias[w] * (1 - bias[w]);
  }
  return value;
}

/**
 * The most probable abilities, skills and biases, climbing from skill 0.9 and no bias.
 * @throws DomainError without judgements, or for a spread that is not above 0
 */
export function noisyBradleyTerry(data: Judgements, options: NoisyOptions = {}): NoisyFit {
  const { spread = 3, tolerance = 1e-7, iterations = 1000 } = options;
  checkPositive("spread", spread);
  requireData("judgements", data);
  const { items, labelers } = data;
  const start = new Float64Array(items + 2 * labelers).fill(Math.log(9), items, items + labelers);
  const answers = weightByKey(data.labeler, data.weight, labelers);
  const pulls = new Float64Array(start.length);
  pulls.set(weightOfItems(data));
  pulls.set(answers, items);
  pulls.set(answers, items + labelers);
  const found = lbfgs((at, slope) => noisyLogPosterior(at, slope, data, spread), start, {
    tolerance,
    weight: pulls.map((own) => own + 1 / spread ** 2),
    iterations,
    mayStopEarly: true,
  });
  return {
    theta: fixGauge(found.at.subarray(0, items)),
    skill: found.at.slice(items, items + labelers).map(sigmoid),
    bias: found.at.slice(items + labelers).map(sigmoid),
    logPosterior: found.value,
    iterations: found.iterations,
    converged: found.converged,
  };
}
