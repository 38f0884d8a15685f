import { checkFinite } from "../core/checks.js";
import { complaint, DomainError, ShapeError } from "../core/index.js";

/** A rule on a line: from what each agent says it wants, one point. */
export type LineRule = (peaks: readonly number[]) => number;

/**
 * The median of the peaks and of n - 1 phantoms that nobody owns: with single-peaked wishes on a line exactly the
 * rules that are strategy-proof, anonymous and onto (Moulin 1980). Phantoms all at one end give the minimum or the
 * maximum; half at either end the plain median.
 * @throws ShapeError for an empty electorate or another number of phantoms than n - 1; DomainError for NaN
 * @example medianWithPhantoms([0.1, 0.5, 0.9], [0, 1]) // 0.5
 */
export function medianWithPhantoms(peaks: ArrayLike<number>, phantoms: ArrayLike<number>): number {
  if (peaks.length === 0) throw new ShapeError(complaint("peaks", "at least one agent", peaks));
  if (phantoms.length !== peaks.length - 1) {
    throw new ShapeError(complaint("phantoms", `${peaks.length - 1}, one less than agents`, phantoms));
  }
  for (let i = 0; i < peaks.length; i++) checkFinite(`peaks[${i}]`, peaks[i]);
  for (let i = 0; i < phantoms.length; i++) {
    if (Number.isNaN(phantoms[i])) throw new DomainError(complaint(`phantoms[${i}]`, "a number", phantoms[i]));
  }
  const all = [...Array.from(peaks), ...Array.from(phantoms)].sort((a, b) => a - b);
  return all[peaks.length - 1];
}

/** The lower of the two middle ones for an even number: a peak that somebody has. @throws ShapeError if empty */
export function medianRule(peaks: readonly number[]): number {
  const below = Math.floor((peaks.length - 1) / 2);
  return medianWithPhantoms(
    peaks,
    Array.from({ length: Math.max(0, peaks.length - 1) }, (_, i) =>
      i < peaks.length - 1 - below ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY,
    ),
  );
}

/** Lies on a grid that bring the outcome nearer to the liar's own peak, while all others tell the truth. */
export interface ProfitableLie {
  agent: number;
  lie: number;
  /** By how much nearer. */
  gain: number;
}

/**
 * Every profitable lie of a rule at these peaks: what agent i says instead, and how much nearer the outcome comes.
 * @throws ShapeError for an empty electorate
 */
export function profitableLies(rule: LineRule, peaks: readonly number[], grid: readonly number[]): ProfitableLie[] {
  if (peaks.length === 0) throw new ShapeError(complaint("peaks", "at least one agent", peaks));
  const honest = rule(peaks);
  return peaks.flatMap((peak, agent) =>
    grid.flatMap((lie) => {
      const outcome = rule(peaks.map((p, i) => (i === agent ? lie : p)));
      const gain = Math.abs(honest - peak) - Math.abs(outcome - peak);
      return gain > 1e-12 ? [{ agent, lie, gain }] : [];
    }),
  );
}

/**
 * What agents end up saying: in turn each says the point of the grid that brings the outcome nearest to its peak (its
 * present word, if none is better), until nobody changes. An equilibrium of lying.
 * @throws DomainError if they still change after `rounds` rounds
 */
export function equilibriumOfLying(
  rule: LineRule,
  peaks: readonly number[],
  grid: readonly number[],
  { rounds = 1000 }: { rounds?: number } = {},
): { reports: number[]; outcome: number } {
  const reports = [...peaks];
  for (let round = 0; round < rounds; round++) {
    let changed = false;
    peaks.forEach((peak, i) => {
      const distance = (said: number) => Math.abs(rule(reports.map((r, j) => (j === i ? said : r))) - peak);
      const best = grid.reduce((a, b) => (distance(b) < distance(a) - 1e-12 ? b : a), reports[i]);
      if (best !== reports[i]) changed = true;
      reports[i] = best;
    });
    if (!changed) return { reports, outcome: rule(reports) };
  }
  throw new DomainError(`equilibriumOfLying: reports still change after ${rounds} rounds`);
}
