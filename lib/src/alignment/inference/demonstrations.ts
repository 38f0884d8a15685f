import { checkLength } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";
import { occupancy, type TabularMdp, type TabularPolicy } from "../../mdp/index.js";

/** What somebody did: [state, action] for each step. */
export type Demonstration = readonly (readonly [state: number, action: number])[];

/** mu . f_j for each feature j, [k]: what is met of it on average. `mu` [states * actions], features [k] of those. */
export function expectationsUnder(mu: ArrayLike<number>, features: readonly ArrayLike<number>[]): Float64Array {
  return Float64Array.from(features, (feature, j) => {
    checkLength(`features[${j}]`, feature, mu.length, "states times actions");
    let sum = 0;
    for (let i = 0; i < mu.length; i++) sum += mu[i] * feature[i];
    return sum;
  });
}

/** E_mu[f_j] of a policy, [k], with mu its occupancy (a distribution: normalised by 1 - gamma). */
export function featureExpectations(
  mdp: TabularMdp,
  policy: TabularPolicy,
  features: readonly ArrayLike<number>[],
): Float64Array {
  return expectationsUnder(occupancy(mdp, policy), features);
}

/**
 * The discounted share of each state-action pair in demonstrations, [states * actions]; adds up to 1. An episode that
 * was cut off after T steps has its weights gamma^t divided by their own sum: what would have come later is not known.
 * @throws DomainError if there is no step, a state or an action does not exist, a start or a step is impossible
 */
export function demonstratedOccupancy(mdp: TabularMdp, demonstrations: readonly Demonstration[]): Float64Array {
  checkDemonstrations(mdp, demonstrations);
  const mu = new Float64Array(mdp.states * mdp.actions);
  for (const steps of demonstrations) {
    const weights = steps.map((_, t) => mdp.discount ** t);
    const total = weights.reduce((a, b) => a + b) * demonstrations.length;
    steps.forEach(([s, a], t) => {
      mu[s * mdp.actions + a] += weights[t] / total;
    });
  }
  return mu;
}

/** @throws DomainError unless every demonstration could have happened in this world, and has a step */
export function checkDemonstrations(mdp: TabularMdp, demonstrations: readonly Demonstration[]): void {
  const { states, actions, transitions, start } = mdp;
  if (demonstrations.length === 0) {
    throw new DomainError(complaint("demonstrations", "at least one", demonstrations));
  }
  demonstrations.forEach((steps, d) => {
    const refuse = (t: number, expected: string) => {
      throw new DomainError(complaint(`demonstrations[${d}][${t}]`, expected, steps[t]));
    };
    if (steps.length === 0) throw new DomainError(complaint(`demonstrations[${d}]`, "at least one step", steps));
    steps.forEach(([s, a], t) => {
      const exists = Number.isInteger(s) && s >= 0 && s < states && Number.isInteger(a) && a >= 0 && a < actions;
      if (!exists) refuse(t, `a state below ${states} and an action below ${actions}`);
      if (t === 0 && !(start[s] > 0)) refuse(t, "a state in which the world can start");
      if (t === 0) return;
      const [before, did] = steps[t - 1];
      if (!(transitions[(before * actions + did) * states + s] > 0)) {
        refuse(t, `a state that action ${did} in state ${before} can lead to`);
      }
    });
  });
}
