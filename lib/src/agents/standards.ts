import { checkFinite, checkNonNegative, checkNumbers } from "../core/checks.js";
import { complaint, DomainError, ShapeError } from "../core/index.js";

/**
 * A game of n agents in normal form: agent i has `choices[i]` pure strategies, and a profile (one choice each) pays
 * `payoff(profile)[i]` to agent i.
 */
export interface NormalFormGame {
  readonly choices: readonly number[];
  readonly payoff: (profile: readonly number[]) => readonly number[];
}

/** What five agents think of three standards, and how much they care for the constitution and for one another. */
export interface StandardsOptions {
  /** What each standard is worth to each agent's own task, [agents][standards]. */
  task: readonly (readonly number[])[];
  /** How well each standard keeps the constitution, [standards]. */
  adherence: readonly number[];
  /** Weight of adherence, at least 0. */
  lambda?: number;
  /** Weight of coordination, the share of the others with one's own standard, at least 0. */
  gamma?: number;
}

/** A game of standards, with the function that every single deviation moves by what the deviator gains. */
export interface StandardsGame extends NormalFormGame {
  readonly potential: (profile: readonly number[]) => number;
}

/**
 * Agents choose a standard each; agent i with standard k earns task_i(k) + lambda adherence(k) + gamma times the share
 * of the others with the same one. An exact potential game: potential = sum_i (task_i + lambda adherence) + gamma /
 * (n - 1) times the number of agreeing pairs, so better replies come to an end (Monderer and Shapley 1996).
 * @throws ShapeError unless there are two agents and one standard or more; DomainError for a negative weight
 */
export function standardsGame({ task, adherence, lambda = 0, gamma = 0 }: StandardsOptions): StandardsGame {
  const [n, standards] = [task.length, adherence.length];
  if (n < 2) throw new ShapeError(complaint("task", "at least two agents", task));
  if (standards < 1) throw new ShapeError(complaint("adherence", "at least one standard", adherence));
  task.forEach((row, i) => {
    checkNumbers(`task[${i}]`, row, standards);
  });
  checkNumbers("adherence", adherence, standards);
  checkNonNegative("lambda", lambda);
  checkNonNegative("gamma", gamma);
  const own = (i: number, k: number) => task[i][k] + lambda * adherence[k];
  const agreeing = (profile: readonly number[], i: number) =>
    profile.reduce((count, k, j) => count + (j !== i && k === profile[i] ? 1 : 0), 0);
  return {
    choices: task.map(() => standards),
    payoff: (profile) => profile.map((k, i) => own(i, k) + (gamma * agreeing(profile, i)) / (n - 1)),
    potential: (profile) =>
      profile.reduce((sum, k, i) => sum + own(i, k) + (gamma * agreeing(profile, i)) / (2 * (n - 1)), 0),
  };
}

const MOST_PROFILES = 200_000;

/** Every profile of a game, one after the other. */
export function* profiles({ choices }: Pick<NormalFormGame, "choices">): Generator<number[]> {
  const count = choices.reduce((product, c) => product * c, 1);
  if (!(choices.length > 0 && choices.every((c) => Number.isInteger(c) && c >= 1))) {
    throw new DomainError(complaint("choices", "a whole number of at least 1 for each agent", choices));
  }
  if (count > MOST_PROFILES) throw new DomainError(complaint("profiles", `at most ${MOST_PROFILES}`, count));
  for (let code = 0; code < count; code++) {
    let rest = code;
    yield choices.map((c) => {
      const choice = rest % c;
      rest = Math.floor(rest / c);
      return choice;
    });
  }
}

/**
 * The profiles from which nobody gains by choosing otherwise alone (Nash 1950, in pure strategies), by enumeration.
 * A choice that is as good as another counts as a best reply; differences below 1e-12 are ties.
 * @throws DomainError for more than 200,000 profiles, or a payoff that is not finite
 */
export function pureNashEquilibria(game: NormalFormGame): number[][] {
  const found: number[][] = [];
  for (const profile of profiles(game)) {
    const pay = game.payoff(profile);
    pay.forEach((x, i) => {
      checkFinite(`payoff of agent ${i}`, x);
    });
    const stays = profile.every((_, i) => bestGain(game, profile, i, pay[i]) <= 1e-12);
    if (stays) found.push(profile);
  }
  return found;
}

function bestGain(game: NormalFormGame, profile: readonly number[], i: number, pay: number): number {
  let best = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < game.choices[i]; k++) {
    const other = [...profile];
    other[i] = k;
    best = Math.max(best, game.payoff(other)[i] - pay);
  }
  return best;
}

/** The sum of all payoffs. */
export function welfare(game: NormalFormGame, profile: readonly number[]): number {
  return game.payoff(profile).reduce((sum, x) => sum + x, 0);
}

/**
 * What selfishness costs: price of anarchy = best welfare / welfare of the worst pure equilibrium (Koutsoupias and
 * Papadimitriou 1999), price of stability = best welfare / that of the best one (Anshelevich et al. 2004). Both are at
 * least 1.
 * @throws DomainError if there is no pure equilibrium, or a welfare is not positive: a ratio of losses says nothing
 */
export function pricesOfAnarchy(game: NormalFormGame): { anarchy: number; stability: number; best: number } {
  const equilibria = pureNashEquilibria(game);
  if (equilibria.length === 0)
    throw new DomainError("pricesOfAnarchy: this game has no equilibrium in pure strategies");
  let best = Number.NEGATIVE_INFINITY;
  for (const profile of profiles(game)) best = Math.max(best, welfare(game, profile));
  const worths = equilibria.map((profile) => welfare(game, profile));
  const [worst, finest] = [worths.reduce((a, b) => Math.min(a, b)), worths.reduce((a, b) => Math.max(a, b))];
  if (!(worst > 0)) {
    throw new DomainError(
      complaint("welfare of an equilibrium", "a positive number", worst, "Add what they all start with"),
    );
  }
  return { anarchy: best / worst, stability: best / finest, best };
}
