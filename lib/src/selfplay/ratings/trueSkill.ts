import { checkFinite, checkPositive } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";
import { normalCdf, normalDensity, normalQuantile } from "../../numerics/index.js";

/** A player's strength is believed to be normal with this mean and standard deviation, in points. */
export interface Skill {
  readonly mean: number;
  readonly deviation: number;
}

export interface TrueSkillOptions {
  /** The standard deviation of a performance round the strength; 25/6 points by default. */
  performance?: number;
  /** By how much strengths may change between games, a standard deviation; 25/300 points by default. */
  drift?: number;
  /** How often two equals draw; 0.1 by default. */
  draws?: number;
}

/** What TrueSkill believes of a newcomer. */
export const newcomer: Skill = { mean: 25, deviation: 25 / 3 };

/**
 * TrueSkill of two players after a game (Herbrich, Minka and Graepel 2006): unlike Elo it knows how sure it is. Each
 * plays at strength + noise; who is ahead by more than a margin wins. The belief after the game, made normal again by
 * its first two moments.
 * @param score the first player's: 1 for a win, 1/2 for a draw, 0 for a loss
 * @example trueSkillDuel(newcomer, newcomer, 1)[0] // { mean: 29.3958, deviation: 7.1715 }
 */
export function trueSkillDuel(
  first: Skill,
  second: Skill,
  score: 0 | 0.5 | 1,
  options: TrueSkillOptions = {},
): [Skill, Skill] {
  const { performance = 25 / 6, drift = 25 / 300, draws = 0.1 } = options;
  checkSkill("first", first);
  checkSkill("second", second);
  if (![0, 0.5, 1].includes(score)) throw new DomainError(complaint("score", "0, 1/2 or 1", score));
  if (!(draws > 0 && draws < 1)) throw new DomainError(complaint("draws", "a number in (0, 1)", draws));
  if (score === 0) {
    const [winner, loser] = trueSkillDuel(second, first, 1, options);
    return [loser, winner];
  }
  const variances = [first, second].map(({ deviation }) => deviation ** 2 + drift ** 2);
  const c = Math.sqrt(2 * performance ** 2 + variances[0] + variances[1]);
  const margin = (normalQuantile((draws + 1) / 2) * Math.SQRT2 * performance) / c;
  const lead = (first.mean - second.mean) / c;
  const { shift, shrink } = score === 1 ? afterWin(lead - margin) : afterDraw(lead, margin);
  return [first, second].map(({ mean }, i) => ({
    mean: mean + (i === 0 ? 1 : -1) * (variances[i] / c) * shift,
    deviation: Math.sqrt(variances[i] * (1 - (variances[i] / c ** 2) * shrink)),
  })) as [Skill, Skill];
}

/** Moments of a standard normal known to be above -x: the mean, and by how much the variance is less than 1. */
function afterWin(x: number): { shift: number; shrink: number } {
  // Far below, by the series of the ratio (Mills).
  const shift = x < -30 ? -x - 1 / x + 2 / x ** 3 : normalDensity(x) / normalCdf(x);
  return { shift, shrink: shift * (shift + x) };
}

/** The same for lead + a standard normal known to be within the margin. */
function afterDraw(lead: number, margin: number): { shift: number; shrink: number } {
  const [low, high] = [-margin - lead, margin - lead];
  const between = normalCdf(high) - normalCdf(low);
  if (!(between > 1e-200)) {
    const wanted = "a lead that may end in a draw, within 30 standard deviations";
    throw new DomainError(complaint("first.mean - second.mean", wanted, lead));
  }
  const shift = (normalDensity(low) - normalDensity(high)) / between;
  return { shift, shrink: shift ** 2 + (high * normalDensity(high) - low * normalDensity(low)) / between };
}

function checkSkill(name: string, { mean, deviation }: Skill): void {
  checkFinite(`${name}.mean`, mean);
  checkPositive(`${name}.deviation`, deviation);
}
