import { checkFinite, checkPositive } from "../../core/checks.js";
import { checkOutcomes } from "../checkOutcomes.js";

/** A risk of losses [N] under probabilities [N], such as `(x, p) => conditionalValueAtRisk(x, p, 0.05)`. */
export type RiskMeasure = (values: Float64Array, p: Float64Array) => number;

/** One axiom on one pair of losses: `left` should be at most, or for two of them equal to, `right`. */
export interface Axiom {
  holds: boolean;
  left: number;
  right: number;
}

export interface Coherence {
  /** More loss whatever happens is more risk: max(risk X, risk Y) <= risk(max(X, Y)). */
  monotone: Axiom;
  /** A sure loss counts as itself: risk(X + shift) = risk X + shift. */
  translation: Axiom;
  /** Twice the loss is twice the risk: risk(factor X) = factor risk X. */
  homogeneous: Axiom;
  /** Mixing does no harm: risk(X + Y) <= risk X + risk Y. */
  subadditive: Axiom;
}

/**
 * The four axioms of a coherent measure of risk (Artzner et al. 1999), each on one pair of losses X, Y over the same
 * outcomes: a test, which can refute an axiom and never prove it. A tolerance of 1e-9 of the numbers compared is
 * rounding. X, Y and p are [N]; p is uniform when left out; X is what is shifted and multiplied.
 * @throws ShapeError unless X, Y and p are of one length; DomainError for a value that is not finite, a p that is no
 *   distribution, a shift that is not finite, a factor that is not above 0
 * @example
 * const evenly = (x: Float64Array, p: Float64Array) => meanVariance(x, p, 1);
 * coherence(evenly, [1, 1], [1, -9]).monotone // { holds: false, left: 21, right: 1 }
 */
export function coherence(
  risk: RiskMeasure,
  X: ArrayLike<number>,
  Y: ArrayLike<number>,
  options: { p?: ArrayLike<number>; shift?: number; factor?: number } = {},
): Coherence {
  const { shift = 1, factor = 2 } = options;
  const p = Float64Array.from(options.p ?? new Float64Array(X.length).fill(1 / X.length));
  checkOutcomes("X", X, p);
  checkOutcomes("Y", Y, p);
  checkFinite("shift", shift);
  checkPositive("factor", factor);
  const of = (value: (x: number, y: number) => number) =>
    risk(
      Float64Array.from(X, (x, i) => value(x, Y[i])),
      p.slice(),
    );
  const [x, y] = [of((x) => x), of((_, y) => y)];
  const crumbs = (a: number, b: number) => 1e-9 * Math.max(Math.abs(a), Math.abs(b));
  const atMost = (left: number, right: number) => ({ holds: left <= right + crumbs(left, right), left, right });
  const equal = (left: number, right: number) => ({
    holds: Math.abs(left - right) <= crumbs(left, right),
    left,
    right,
  });
  return {
    monotone: atMost(Math.max(x, y), of(Math.max)),
    translation: equal(
      of((x) => x + shift),
      x + shift,
    ),
    homogeneous: equal(
      of((x) => factor * x),
      factor * x,
    ),
    subadditive: atMost(
      of((x, y) => x + y),
      x + y,
    ),
  };
}
