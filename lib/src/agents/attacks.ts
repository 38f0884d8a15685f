import { checkCount, checkFinite } from "../core/checks.js";
import { checkReports, meanAggregate, type Reports } from "./aggregate.js";

/** What colluding clients send who see what the honest ones are about to send: one vector, the same from each, [d]. */
export type Attack = (honest: Reports) => Float64Array;

/** Minus `times` the honest mean: an inner product that points backwards (Xie et al. 2019, arXiv:1903.03936). */
export function innerProductAttack(times: number): Attack {
  checkFinite("times", times);
  return (honest) => meanAggregate(honest).map((x) => -times * x);
}

/**
 * "A little is enough" (Baruch, Baruch and Goldberg 2019, arXiv:1902.06156): the honest mean less z deviations (with
 * n - 1), coordinate by coordinate; so near to the honest that it hides among them. byzfl adds z deviations: negate z.
 */
export function littleIsEnough(z: number): Attack {
  checkFinite("z", z);
  return (honest) => {
    const d = checkReports(honest);
    checkCount("honest clients", honest.length, 2);
    const mean = meanAggregate(honest);
    return Float64Array.from({ length: d }, (_, j) => {
      const variance = honest.reduce((sum, report) => sum + (report[j] - mean[j]) ** 2, 0) / (honest.length - 1);
      return mean[j] - z * Math.sqrt(variance);
    });
  };
}

/** The same vector in every round, whatever the honest send. */
export function constantLie(lie: ArrayLike<number>): Attack {
  for (let j = 0; j < lie.length; j++) checkFinite(`lie[${j}]`, lie[j]);
  return () => Float64Array.from(lie);
}
