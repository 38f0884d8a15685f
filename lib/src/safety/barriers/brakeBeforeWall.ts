import { checkPositive } from "../../core/checks.js";
import { barrierFilter } from "./barrierFilter.js";
import { highOrderBarrier } from "./highOrderBarrier.js";

export interface WallDrive {
  time: number[];
  /** Place; the wall stands at 0. */
  x: number[];
  v: number[];
  u: number[];
  /** How often no allowed force kept the condition. */
  infeasible: number;
}

/**
 * A body that wants to go right with all its force, x'' = u, |u| <= limit, and a wall at 0: h = -x, which the force
 * reaches by its second derivative only (`highOrderBarrier` with both rates `rate`, then `barrierFilter`). From rest at
 * `start`, exact steps of dt seconds.
 * @throws DomainError unless rate, seconds and dt are positive
 */
export function brakeBeforeWall({
  rate,
  limit = 1,
  start = -2,
  seconds = 20,
  dt = 0.01,
}: {
  rate: number;
  limit?: number;
  start?: number;
  seconds?: number;
  dt?: number;
}): WallDrive {
  for (const [name, value] of Object.entries({ rate, seconds, dt })) checkPositive(name, value);
  const out: WallDrive = { time: [], x: [], v: [], u: [], infeasible: 0 };
  let [x, v] = [start, 0];
  for (let k = 0; k * dt < seconds; k++) {
    const barrier = highOrderBarrier([-x, -v], { drift: 0, gain: [-1] }, [rate]);
    const { u, feasible } = barrierFilter([1], barrier, { kappa: rate, lower: [-limit], upper: [limit] });
    out.time.push(k * dt);
    out.x.push(x);
    out.v.push(v);
    out.u.push(u[0]);
    if (!feasible) out.infeasible++;
    x += dt * v + (dt * dt * u[0]) / 2;
    v += dt * u[0];
  }
  return out;
}
