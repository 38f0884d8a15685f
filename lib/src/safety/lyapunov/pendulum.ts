import { checkPositive } from "../../core/checks.js";
import { bilinear, discreteRiccati, type Rows } from "./discreteLyapunov.js";
import { type Interval, magnitude, plus, product, times } from "./interval.js";

/** A pendulum that shall stand upright on a motor too weak to lift it from anywhere. SI units, radians. */
export interface PendulumOptions {
  /** kg. */
  mass?: number;
  /** m. */
  length?: number;
  /** N m s. */
  friction?: number;
  /** m/s^2. */
  gravity?: number;
  /** The greatest torque, N m; what holds it at 30 degrees by default. */
  torque?: number;
  /** s. */
  step?: number;
}

/** Angle from upright (rad) and angular speed (rad/s). */
export type PendulumState = readonly [theta: number, omega: number];

/** A rectangle of states: its centre and half of its sides. */
export interface Cell {
  centre: PendulumState;
  half: readonly [number, number];
}

/**
 * The pendulum in discrete time, Euler's step taken for the truth:
 *   theta' = theta + step omega,   omega' = omega + step (g / l sin theta - friction omega / (m l^2) + u / (m l^2)),
 * with the regulator u = -Kx (`discreteRiccati`, Q = diag(1, 0.1), R = 0.5 by default), cut off at the motor's torque.
 * The setting of Berkenkamp et al. 2017, arXiv:1705.08551, with numbers of our own.
 */
export function pendulum(options: PendulumOptions = {}, weights: { Q?: Rows; R?: Rows } = {}) {
  const { mass = 0.15, length = 0.5, friction = 0.1, gravity = 9.81, step: dt = 0.05 } = options;
  const torque = options.torque ?? mass * gravity * length * Math.sin(Math.PI / 6);
  for (const [name, x] of Object.entries({ mass, length, gravity, torque, step: dt })) checkPositive(name, x);
  const inertia = mass * length * length;
  const [pull, damp, push] = [(dt * gravity) / length, 1 - (dt * friction) / inertia, dt / inertia];
  const A = [
    [1, dt],
    [pull, damp],
  ];
  const B = [[0], [push]];
  const Q = weights.Q ?? [
    [1, 0],
    [0, 0.1],
  ];
  const { K, P } = discreteRiccati(A, B, Q, weights.R ?? [[0.5]]);
  const [k0, k1] = K[0];
  const control = ([theta, omega]: PendulumState) => Math.min(torque, Math.max(-torque, -k0 * theta - k1 * omega));
  /** One step with the regulator, or with a torque of one's own. */
  const step = (x: PendulumState, u = control(x)): PendulumState => [
    x[0] + dt * x[1],
    pull * Math.sin(x[0]) + damp * x[1] + push * u,
  ];
  /** An interval for each entry of the closed loop's Jacobian over a cell: rows of d step / d(theta, omega). */
  const jacobian = ({ centre, half }: Cell): Interval[][] => {
    const wish = -k0 * centre[0] - k1 * centre[1];
    const spread = Math.abs(k0) * half[0] + Math.abs(k1) * half[1];
    // Where the motor is at its limit everywhere, the regulator answers nothing; nowhere, everything.
    const answers: Interval = [Math.abs(wish) + spread > torque ? 0 : 1, Math.abs(wish) - spread >= torque ? 0 : 1];
    return [
      [
        [1, 1],
        [dt, dt],
      ],
      [
        plus(times(pull, cosine(centre[0] - half[0], centre[0] + half[0])), times(-push * k0, answers)),
        plus([damp, damp], times(-push * k1, answers)),
      ],
    ];
  };
  return { A, B, K, P, Q, torque, dt, pull, control, step, jacobian };
}

export type Pendulum = ReturnType<typeof pendulum>;

/** Cosine over an interval that lies within (-2 pi, 2 pi). */
function cosine(low: number, high: number): Interval {
  const has = (x: number) => low <= x && x <= high;
  const ends = [Math.cos(low), Math.cos(high)];
  const least = has(Math.PI) || has(-Math.PI) ? -1 : Math.min(ends[0], ends[1]);
  return [least, has(0) ? 1 : Math.max(ends[0], ends[1])];
}

/** dV(x) = V(step x) - V(x) for V = x'Px. */
export function valueChange({ step }: Pendulum, P: Rows, x: PendulumState): number {
  const next = step(x);
  return bilinear(P, next, next) - bilinear(P, x, x);
}

/**
 * A bound on |d dV / d theta| and |d dV / d omega| over a cell, by intervals: dV = f'Pf - x'Px, so that its gradient is
 * 2 J'P f - 2 P x, with the Jacobian J and f itself (mean value about the centre) as intervals.
 */
export function gradientBound(world: Pendulum, P: Rows, cell: Cell): [number, number] {
  const J = world.jacobian(cell);
  const { centre, half } = cell;
  const middle = world.step(centre);
  const sides = half.map((r): Interval => [-r, r]);
  const f = J.map((row, i) =>
    row.reduce((sum, entry, j) => plus(sum, product(entry, sides[j])), [middle[i], middle[i]] as Interval),
  );
  const x = centre.map((c, i): Interval => [c - half[i], c + half[i]]);
  const dotted = (row: readonly number[], v: readonly Interval[]) =>
    row.reduce((sum, p, j) => plus(sum, times(2 * p, v[j])), [0, 0] as Interval);
  const Pf = P.map((row) => dotted(row, f));
  const Px = P.map((row) => dotted(row, x));
  const along = (j: number) =>
    magnitude(plus(plus(product(J[0][j], Pf[0]), product(J[1][j], Pf[1])), times(-1, Px[j])));
  return [along(0), along(1)];
}

/**
 * The greatest c up to which linear analysis proves that V = x'Px falls inside {V <= c}, for V of the regulator: the
 * motor is not at its limit there, c K P^-1 K' <= torque^2, and sin theta = (1 - s) theta with 0 <= s <= theta^2 / 6,
 * so that the step is (A_K - s E) x; x'(A_K - s E)'P(A_K - s E)x is convex in s, so both ends of s suffice. 0 if none.
 */
export function linearLevel(world: Pendulum, P: Rows = world.P): number {
  const [k0, k1] = world.K[0];
  const det = P[0][0] * P[1][1] - P[0][1] * P[1][0];
  const inverse = [
    [P[1][1] / det, -P[0][1] / det],
    [-P[1][0] / det, P[0][0] / det],
  ];
  const falls = (level: number) => {
    const most = (level * inverse[0][0]) / 6; // theta^2 / 6 is at most that
    return [0, most].every((s) => {
      const M = [
        [1, world.dt],
        [world.pull * (1 - s) - world.B[1][0] * k0, world.A[1][1] - world.B[1][0] * k1],
      ];
      const column = (j: number) => [M[0][j], M[1][j]];
      const D = (i: number, j: number) => P[i][j] - bilinear(P, column(i), column(j));
      return D(0, 0) > 0 && D(0, 0) * D(1, 1) - D(0, 1) * D(1, 0) > 0;
    });
  };
  const cutOff = world.torque ** 2 / bilinear(inverse, [k0, k1], [k0, k1]);
  if (falls(cutOff)) return cutOff;
  let [low, high] = [0, cutOff];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (falls(middle)) low = middle;
    else high = middle;
  }
  return low;
}
