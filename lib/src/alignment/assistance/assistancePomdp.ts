import { checkCount, checkDistribution, checkLength } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";

/**
 * Assistance over several steps: in each the person, who knows theta, does h with a known probability, the robot sees
 * it and does r, and the world goes on. For the robot that is a partially observed decision process whose hidden state
 * is theta alone (Hadfield-Menell et al. 2016, arXiv:1606.03137; Shah et al. 2020).
 */
export interface AssistanceProblem {
  readonly states: number;
  readonly robotActions: number;
  /** P(theta), [thetas]. */
  readonly prior: ArrayLike<number>;
  readonly start: number;
  readonly steps: number;
  /** P(h | theta, s), [human actions]. */
  human(theta: number, state: number): ArrayLike<number>;
  /** The next state. */
  next(state: number, h: number, r: number): number;
  /** What both get. */
  reward(theta: number, state: number, h: number, r: number): number;
}

export interface AssistancePlan {
  /** The best expected sum of rewards. */
  readonly value: number;
  /** The robot's best action, after it saw h in this state, from the belief that it then has; `left` steps remain. */
  act(left: number, state: number, h: number, belief: ArrayLike<number>): number;
}

/**
 * The exact best robot, by recursion over what can be seen: beliefs are updated by Bayes' rule, and only those that
 * can arise are visited (human actions x robot actions to the power of steps: for small problems).
 * `learnFirst` makes it act by the reward that its present belief gives on average for this step and what follows if
 * nothing more is ever learned: what one gets from learning a reward and then optimising it.
 * @throws DomainError for a probability that is none, a state or a start that is not there
 */
export function assistancePlan(
  problem: AssistanceProblem,
  { learnFirst = false }: { learnFirst?: boolean } = {},
): AssistancePlan {
  const { prior, robotActions, start, steps } = problem;
  checkCount("steps", steps);
  checkCount("robotActions", robotActions);
  checkDistribution("prior", prior);
  checkState(problem, "start", start);
  /** Before the person moves. `blind`: the robot will not look. */
  const before = (left: number, state: number, belief: number[], blind: boolean): number => {
    if (left === 0) return 0;
    let sum = 0;
    for (const [h, [seen, posterior]] of observations(problem, state, belief).entries()) {
      if (seen === 0) continue;
      const after = blind ? belief : posterior;
      sum += seen * worth(left, state, h, after, bestOf(left, state, h, after, blind), blind);
    }
    return sum;
  };
  const worth = (left: number, state: number, h: number, belief: number[], r: number, blind: boolean): number => {
    const next = problem.next(state, h, r);
    checkState(problem, "next", next);
    const now = belief.reduce((sum, p, theta) => (p > 0 ? sum + p * problem.reward(theta, state, h, r) : sum), 0);
    return now + before(left - 1, next, belief, blind);
  };
  const bestOf = (left: number, state: number, h: number, belief: number[], blind: boolean): number => {
    let [best, top] = [0, Number.NEGATIVE_INFINITY];
    for (let r = 0; r < robotActions; r++) {
      const value = worth(left, state, h, belief, r, blind || learnFirst);
      if (value > top + 1e-12) [best, top] = [r, value];
    }
    return best;
  };
  return {
    value: before(steps, start, Array.from(prior), false),
    act: (left, state, h, belief) => {
      checkDistribution("belief", belief);
      checkLength("belief", belief, prior.length, "one per theta");
      return bestOf(left, state, h, Array.from(belief), false);
    },
  };
}

/** For each h: how probable it is, and what is believed after it. */
export function observations(
  problem: AssistanceProblem,
  state: number,
  belief: ArrayLike<number>,
): [probability: number, belief: number[]][] {
  const rows = Array.from(belief, (_, theta) => {
    const row = problem.human(theta, state);
    checkDistribution(`human(${theta}, ${state})`, row);
    return row;
  });
  return Array.from(rows[0], (_, h) => {
    const joint = rows.map((row, theta) => belief[theta] * row[h]);
    const seen = joint.reduce((a, b) => a + b);
    return [seen, seen > 0 ? joint.map((p) => p / seen) : Array.from(belief)];
  });
}

function checkState({ states }: AssistanceProblem, what: string, state: number): void {
  if (Number.isInteger(state) && state >= 0 && state < states) return;
  throw new DomainError(complaint(what, `a state, 0 to ${states - 1}`, state));
}
