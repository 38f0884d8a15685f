import { checkDistribution, checkLength, checkNumbers } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";

/**
 * A game of one round for a person and a robot who want the same, of which only the person knows what it is: the person
 * sees theta and does h, the robot sees h and does r, and both get payoff[theta][h][r] (Hadfield-Menell et al. 2016,
 * arXiv:1606.03137).
 */
export interface CirlGame {
  /** P(theta), [thetas]. */
  readonly prior: ArrayLike<number>;
  /** [thetas][human actions][robot actions]. */
  readonly payoff: readonly (readonly ArrayLike<number>[])[];
}

/** What the two do: rule[theta] the person's action, reply[h] the robot's; and what that is worth on average. */
export interface CirlPair {
  readonly rule: Int32Array;
  readonly reply: Int32Array;
  readonly value: number;
}

/** The mean payoff of a rule [thetas] and a reply [human actions]. */
export function cirlValue(game: CirlGame, rule: ArrayLike<number>, reply: ArrayLike<number>): number {
  const { payoff } = checked(game);
  checkChoices("rule", rule, payoff.length, payoff[0].length);
  checkChoices("reply", reply, payoff[0].length, payoff[0][0].length);
  return meanPayoff(game, rule, reply);
}

function meanPayoff({ prior, payoff }: CirlGame, rule: ArrayLike<number>, reply: ArrayLike<number>): number {
  let sum = 0;
  for (let k = 0; k < payoff.length; k++) sum += prior[k] * payoff[k][rule[k]][reply[rule[k]]];
  return sum;
}

/** For each theta the action that pays best, given how the robot replies; the first of equals. [thetas] */
export function bestHumanRule(game: CirlGame, reply: ArrayLike<number>): Int32Array {
  const { payoff } = checked(game);
  checkChoices("reply", reply, payoff[0].length, payoff[0][0].length);
  return ruleFor(game, reply);
}

function ruleFor({ payoff }: CirlGame, reply: ArrayLike<number>): Int32Array {
  return Int32Array.from(payoff, (rows) =>
    rows.reduce((best, row, h) => (row[reply[h]] > rows[best][reply[best]] ? h : best), 0),
  );
}

/**
 * For each human action the robot's action that pays best on average over those thetas in which the person does it. An
 * action that the person never does says nothing: the robot goes by the prior. The first of equals. [human actions]
 */
export function bestRobotReply(game: CirlGame, rule: ArrayLike<number>): Int32Array {
  const { prior, payoff } = checked(game);
  checkChoices("rule", rule, payoff.length, payoff[0].length);
  return Int32Array.from(payoff[0], (row, h) => {
    const told = payoff.some((_, k) => rule[k] === h && prior[k] > 0);
    const worth = new Float64Array(row.length);
    for (let k = 0; k < payoff.length; k++) {
      if (told && rule[k] !== h) continue;
      for (let r = 0; r < row.length; r++) worth[r] += prior[k] * payoff[k][h][r];
    }
    return worth.reduce((best, w, r) => (w > worth[best] + 1e-12 * Math.abs(w) ? r : best), 0);
  });
}

/**
 * The best that the two can do together, exactly: every reply of the robot is tried (robot actions to the power of
 * human actions), the person answers each one at their best. An equilibrium, and the one with the most for both.
 * @throws DomainError if there are more than a million replies; ShapeError, DomainError for a payoff that does not fit
 */
export function cirlOneShot(game: CirlGame): CirlPair {
  const { payoff } = checked(game);
  const [signals, actions] = [payoff[0].length, payoff[0][0].length];
  if (actions ** signals > 1e6) {
    throw new DomainError(complaint("payoff", "at most 1e6 replies to try", actions ** signals, "Iterate instead"));
  }
  let best: CirlPair | undefined;
  for (let code = 0; code < actions ** signals; code++) {
    const reply = Int32Array.from({ length: signals }, (_, h) => Math.floor(code / actions ** h) % actions);
    const rule = ruleFor(game, reply);
    const value = meanPayoff(game, rule, reply);
    if (best === undefined || value > best.value + 1e-12 * Math.abs(value)) best = { rule, reply, value };
  }
  return best as CirlPair;
}

/**
 * The person and the robot answer each other in turns, from a rule of the person's, until neither moves; the pairs on
 * the way, the first one with the robot's answer to `from`. What they get never falls. It can end below the best.
 */
export function iteratedBestResponse(
  game: CirlGame,
  { from, rounds = 100 }: { from: ArrayLike<number>; rounds?: number },
): CirlPair[] {
  const path: CirlPair[] = [];
  let rule: ArrayLike<number> = from;
  for (let round = 0; round < rounds; round++) {
    const reply = bestRobotReply(game, rule);
    path.push({ rule: Int32Array.from(rule), reply, value: cirlValue(game, rule, reply) });
    const next = bestHumanRule(game, reply);
    if (cirlValue(game, next, reply) <= cirlValue(game, rule, reply) * (1 + 1e-12)) break;
    rule = next;
  }
  return path;
}

function checked(game: CirlGame): CirlGame {
  const { prior, payoff } = game;
  checkLength("prior", prior, payoff.length, "one per theta");
  checkDistribution("prior", prior);
  const [signals, actions] = [payoff[0]?.length ?? 0, payoff[0]?.[0]?.length ?? 0];
  if (signals === 0 || actions === 0) {
    throw new DomainError(complaint("payoff", "a number for each theta, human and robot action", payoff));
  }
  payoff.forEach((rows, k) => {
    if (rows.length !== signals) throw new DomainError(complaint(`payoff[${k}]`, `${signals} human actions`, rows));
    rows.forEach((row, h) => {
      checkNumbers(`payoff[${k}][${h}]`, row, actions);
    });
  });
  return game;
}

function checkChoices(what: string, choices: ArrayLike<number>, count: number, below: number): void {
  checkLength(what, choices, count);
  for (let i = 0; i < count; i++) {
    if (Number.isInteger(choices[i]) && choices[i] >= 0 && choices[i] < below) continue;
    throw new DomainError(complaint(`${what}[${i}]`, `an action, 0 to ${below - 1}`, choices[i]));
  }
}
