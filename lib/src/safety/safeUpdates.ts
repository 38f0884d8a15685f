import { checkNonNegative, checkPositive } from "../core/checks.js";
import { complaint, DomainError } from "../core/index.js";
import { logSumExp } from "../numerics/index.js";
import { type ManyLimitsProblem, manyLimitsCpoStep, manyLimitsPcpoStep } from "./cpoManyLimits.js";
import { type CpoProblem, type CpoStep, cpoStep, type ProjectionMetric } from "./cpoStep.js";
import { type ExactPolicy, meanPolicyKl } from "./exactPolicy.js";
import { type PriceGains, type PriceState, steerPrice } from "./multiplier.js";
import type { SafeUpdate } from "./policyPath.js";

// Ways of learning under limits, on exact gradients. Each reads its limits, one or several, off the policy it is given.

/** The subproblem of the trust-region methods at a policy: H is the second derivative of `meanPolicyKl`. */
export function trustRegionProblem(at: ExactPolicy, { radius }: { radius: number }): ManyLimitsProblem {
  const { actions, discount } = at.mdp;
  const weight = at.logProbs.map((log, pair) => at.visits[Math.floor(pair / actions)] * Math.exp(log));
  return {
    gradient: at.advantages.map((A, pair) => weight[pair] * A),
    costGradients: at.costAdvantages.map((own) => own.map((A, pair) => weight[pair] * A)),
    inverse: (v) =>
      Float64Array.from(v, (x, pair) => (weight[pair] > 1e-300 ? x / (weight[pair] * (1 - discount)) : 0)),
    excesses: at.excesses,
    radius,
  };
}

/**
 * CPO on exact gradients, with its line search: the step is shortened, by 0.8 up to thirty times, until the KL is
 * within the radius, the worst surrogate excess is no higher than 0 or than it was, and the surrogate reward has not
 * fallen (that is not asked while a cost is too high); else the policy stays. Another `step`, such as
 * `mixedSignsCpoStep`, shows what it does; it knows one limit.
 * @throws DomainError, from the update, for a `step` of one's own and several limits; as `manyLimitsCpoStep`
 */
export function cpoUpdate({
  radius = 0.02,
  step: of,
}: {
  radius?: number;
  step?: (problem: CpoProblem) => CpoStep;
} = {}): SafeUpdate {
  return (at) => {
    const problem = trustRegionProblem(at, { radius });
    const { step, nus } = constrainedStep(problem, of);
    const worst = at.excesses.reduce((most, excess) => Math.max(most, excess), 0);
    for (let tries = 0, size = 1; tries < 30; tries++, size *= 0.8) {
      const short = step.map((x) => size * x);
      const logits = at.logProbs.map((log, pair) => log + short[pair]);
      if (meanPolicyKl(at, logits) > radius) continue;
      if (at.excesses.some((c, k) => c + gainOn(at, at.costAdvantages[k], logits) > worst + 1e-12)) continue;
      if (worst === 0 && gainOn(at, at.advantages, logits) < 0) continue;
      return { step: short, lambdas: nus.map((nu) => (Number.isFinite(nu) ? nu : 0)) };
    }
    return { step: step.map(() => 0) };
  };
}

/** With one limit the closed form of `cpoStep`, or one's own. */
function constrainedStep(
  { costGradients, excesses, ...rest }: ManyLimitsProblem,
  of?: (problem: CpoProblem) => CpoStep,
): { step: Float64Array; nus: number[] } {
  if (excesses.length !== 1) {
    if (of === undefined) return manyLimitsCpoStep({ costGradients, excesses, ...rest });
    throw new DomainError(complaint("limits", "one, for a step that knows one", excesses.length));
  }
  const { step, nu } = (of ?? cpoStep)({ costGradient: costGradients[0], excess: excesses[0], ...rest });
  return { step, nus: [nu] };
}

/** What the new policy would gain on the old one's states, by the old advantages. */
function gainOn(at: ExactPolicy, advantages: Float64Array, logits: Float64Array): number {
  const { actions } = at.mdp;
  let gain = 0;
  at.visits.forEach((visit, s) => {
    const row = logits.subarray(s * actions, (s + 1) * actions);
    const norm = logSumExp(row);
    row.forEach((logit, a) => {
      gain += visit * Math.exp(logit - norm) * advantages[s * actions + a];
    });
  });
  return gain;
}

/** Projection-based CPO on exact gradients. */
export function pcpoUpdate({ radius = 0.02, metric }: { radius?: number; metric?: ProjectionMetric } = {}): SafeUpdate {
  return (at) => ({ step: manyLimitsPcpoStep(trustRegionProblem(at, { radius }), { metric }) });
}

/**
 * Lagrangian ascent by natural gradients, step = rate (A - sum_k lambda_k A_k), with each limit's multiplier steered by
 * `gains`; the integral alone is plain dual ascent. `divide`: by 1 + sum of lambdas, as some do, to keep steps small.
 * `entropy` tau adds -tau log pi to the advantages: a smoother dual, and another optimum.
 * FOCOPS (Zhang et al. 2020, arXiv:2002.06506) is this step with plain dual ascent: pi' ~ pi exp((A - lambda A_C) / nu)
 * with nu = 1 / rate.
 */
export function lagrangianUpdate({
  rate,
  gains,
  divide = false,
  entropy = 0,
}: {
  rate: number;
  gains: PriceGains;
  divide?: boolean;
  entropy?: number;
}): SafeUpdate {
  checkPositive("rate", rate);
  checkNonNegative("entropy", entropy);
  const states: (PriceState | undefined)[] = [];
  return (at) => {
    const lambdas = at.excesses.map((excess, k) => {
      const next = steerPrice(states[k], { cost: excess, limit: 0 }, gains);
      states[k] = next.state;
      return next.lambda;
    });
    const size = divide ? rate / (1 + lambdas.reduce((a, b) => a + b, 0)) : rate;
    const step = charged(at, lambdas).map((A, pair) => size * (A - entropy * at.logProbs[pair]));
    return { step, lambdas };
  };
}

/** A - sum_k lambda_k A_k, [states * actions]. */
function charged({ advantages, costAdvantages }: ExactPolicy, lambdas: readonly number[]): Float64Array {
  return advantages.map((A, pair) => lambdas.reduce((sum, lambda, k) => sum - lambda * costAdvantages[k][pair], A));
}

/**
 * Interior-point policy optimisation (IPO; Liu et al. 2019, arXiv:1910.09615): natural gradients of
 * J + sum_k ln(limit_k - C_k) / t. With m limits its optimum lies at most m / t below the true one (1 / t, for one that
 * binds); it has to begin inside.
 * @throws DomainError, from the update, for a policy that is not strictly inside the limits
 */
export function ipoUpdate({ rate, sharpness }: { rate: number; sharpness: number }): SafeUpdate {
  checkPositive("rate", rate);
  checkPositive("sharpness", sharpness);
  return (at) => {
    const lambdas = at.excesses.map((excess, k) => {
      if (excess < 0) return 1 / (sharpness * -excess);
      throw new DomainError(complaint(`cost ${k}`, `less than the limit, ${at.costs[k] - excess}`, at.costs[k]));
    });
    return { step: charged(at, lambdas).map((A) => rate * A), lambdas };
  };
}

/**
 * Constraint-rectified policy optimisation (CRPO; Xu et al. 2021, arXiv:2011.05869): a step for the reward while every
 * C_k <= limit_k + tolerance, else one against the cost that is furthest above its limit.
 */
export function crpoUpdate({ rate, tolerance = 0 }: { rate: number; tolerance?: number }): SafeUpdate {
  checkPositive("rate", rate);
  checkNonNegative("tolerance", tolerance);
  return (at) => {
    const worst = at.excesses.reduce((k, excess, i) => (excess > at.excesses[k] ? i : k), 0);
    const isKept = at.excesses.every((excess) => excess <= tolerance);
    const step = isKept ? at.advantages : at.costAdvantages[worst].map((A) => -A);
    return { step: step.map((A) => rate * A) };
  };
}
