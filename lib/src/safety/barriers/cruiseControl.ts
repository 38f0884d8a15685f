import { checkCount, checkPositive } from "../../core/checks.js";
import { type BarrierAt, barrierFilter } from "./barrierFilter.js";
import { discreteBarrierFilter } from "./discreteBarrierFilter.js";

/** A car behind another one that drives at a constant speed: Ames, Grizzle and Tabuada 2014. SI units. */
export interface CruiseOptions {
  /** Speed of the car ahead, m/s. */
  ahead?: number;
  /** The speed one would like, m/s. */
  desired?: number;
  /** kg. */
  mass?: number;
  /** Resistance f0 + f1 v + f2 v^2, N. */
  resistance?: readonly [number, number, number];
  /** Time headway: how many seconds behind the other car one must stay. */
  headway?: number;
  /** The hardest braking, and the hardest acceleration, as a share of g. */
  brake?: number;
  /** m/s^2. */
  gravity?: number;
}

export interface CruiseState {
  /** Speed, m/s. */
  v: number;
  /** Distance to the car ahead, m. */
  z: number;
}

/** Which h: the headway alone, or with the way that braking to the other car's speed takes. */
export type CruiseBarrier = "headway" | "braking";

/** One drive, a state per step. */
export interface Drive {
  time: number[];
  v: number[];
  /** z - headway v, m; below 0 it is too near. */
  spare: number[];
  /** The wheel force, N. */
  force: number[];
  /** h of the barrier in use. */
  h: number[];
  /** How often no allowed force kept the condition. */
  infeasible: number;
}

/**
 * Adaptive cruise control, m v' = u - resistance(v), z' = ahead - v, |u| <= brake m g. Barriers (Ames et al. 2014;
 * arXiv:1609.06408): h = z - headway v, and the same less (v - ahead)^2 / (2 brake g) while v > ahead, the way that
 * braking takes. Only the second one knows what the brakes can do.
 */
export function cruiseControl(options: CruiseOptions = {}) {
  const { ahead = 14, desired = 24, mass = 1650, resistance = [0.1, 5, 0.25], headway = 1.8 } = options;
  const { brake = 0.3, gravity = 9.81 } = options;
  for (const [name, x] of Object.entries({ mass, headway, brake, gravity })) checkPositive(name, x);
  const greatestForce = brake * mass * gravity;
  const drag = (v: number) => resistance[0] + resistance[1] * v + resistance[2] * v * v;
  const closing = (v: number) => Math.max(v - ahead, 0);
  const h = ({ v, z }: CruiseState, barrier: CruiseBarrier) =>
    z - headway * v - (barrier === "braking" ? closing(v) ** 2 / (2 * brake * gravity) : 0);
  /** h, L_f h and L_g h. */
  const barrierAt = (state: CruiseState, barrier: CruiseBarrier): BarrierAt => {
    const slope = -headway - (barrier === "braking" ? closing(state.v) / (brake * gravity) : 0);
    return {
      h: h(state, barrier),
      drift: ahead - state.v - (slope * drag(state.v)) / mass,
      gain: [slope / mass],
    };
  };
  /** The state after `dt` seconds of a force, in `substeps` steps of Heun's rule. */
  const step = ({ v, z }: CruiseState, force: number, dt: number, substeps = 1): CruiseState => {
    checkCount("substeps", substeps);
    const tau = dt / substeps;
    const speedUp = (x: number) => (force - drag(x)) / mass;
    for (let i = 0; i < substeps; i++) {
      const next = v + (tau / 2) * (speedUp(v) + speedUp(v + tau * speedUp(v)));
      z += tau * (ahead - (v + next) / 2);
      v = next;
    }
    return { v, z };
  };
  /** Drives `seconds` from a state, each force held for `hold` seconds. `kappa` per second, or per step if discrete. */
  const drive = (start: CruiseState, { barrier, kappa, hold, seconds, discrete = false }: DriveOptions): Drive => {
    for (const [name, x] of Object.entries({ kappa, hold, seconds })) checkPositive(name, x);
    const limits = { lower: -greatestForce, upper: greatestForce };
    const substeps = Math.ceil(hold / 0.01);
    const out: Drive = { time: [], v: [], spare: [], force: [], h: [], infeasible: 0 };
    let state = start;
    for (let k = 0; k * hold < seconds; k++) {
      const wish = drag(state.v) + mass * (desired - state.v);
      const after = (u: number) => h(step(state, u, hold, substeps), barrier);
      const { u, feasible } = discrete
        ? discreteBarrierFilter(wish, { h: h(state, barrier), after }, { kappa, ...limits })
        : barrierFilter([wish], barrierAt(state, barrier), {
            kappa,
            lower: [limits.lower],
            upper: [limits.upper],
          });
      out.time.push(k * hold);
      out.v.push(state.v);
      out.spare.push(h(state, "headway"));
      out.h.push(h(state, barrier));
      out.force.push(u[0]);
      if (!feasible) out.infeasible++;
      state = step(state, u[0], hold, substeps);
    }
    return out;
  };
  return { greatestForce, drag, h, barrierAt, step, drive };
}

export interface DriveOptions {
  barrier: CruiseBarrier;
  /** How fast h may fall: per second; with `discrete`, the share per step. */
  kappa: number;
  /** Seconds for which each force is held. */
  hold: number;
  seconds: number;
  /** Use the discrete condition, on h after the step. */
  discrete?: boolean;
}
