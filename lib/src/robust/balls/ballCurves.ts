import { chiSquareBallWorst } from "./chiSquareBallWorst.js";
import { klBallWorst } from "./klBallWorst.js";
import { totalVariationWorst } from "./totalVariationWorst.js";
import type { BallWorst } from "./worstCase.js";

/** Four outcomes whose worst case can be done by hand: their mean is 2.8. */
export const fourLosses = { losses: [1, 2, 4, 10], p: [0.4, 0.3, 0.2, 0.1] } as const;

/**
 * What each ball makes of the same losses as it grows, one worst case for each radius: radii are in nats for KL,
 * without unit for chi^2, a share of the mass for total variation.
 * @throws as `klBallWorst`
 * @example
 * const { losses, p } = fourLosses;
 * ballCurves(losses, p, [0.1]).kl[0].q // [0.2877, 0.2475, 0.2172, 0.2476]
 */
export function ballCurves(
  losses: ArrayLike<number>,
  p: ArrayLike<number>,
  radii: readonly number[],
): { kl: BallWorst[]; chiSquare: BallWorst[]; totalVariation: BallWorst[] } {
  return {
    kl: radii.map((radius) => klBallWorst(losses, p, radius)),
    chiSquare: radii.map((radius) => chiSquareBallWorst(losses, p, radius)),
    totalVariation: radii.map((radius) => totalVariationWorst(losses, p, radius)),
  };
}
