import { checkPositive } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";
import {
  clamp,
  cosine,
  type Interval,
  magnitude,
  minus,
  plus,
  point,
  product,
  quotient,
  sine,
  times,
} from "../../numerics/interval.js";
import { bilinear, checkMatrix, discreteRiccati, type Rows } from "./discreteLyapunov.js";

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

/** The same by its ends, which neighbours share whatever they are rounded to: no gap between them. */
export type Rectangle = readonly [theta: Interval, omega: Interval];

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
  const wishOver = (x: readonly Interval[]) => plus(times(-k0, x[0]), times(-k1, x[1]));
  /** Intervals that hold all that one step makes of a rectangle of states, rounded outwards. */
  const stepOver = (x: readonly Interval[]): [Interval, Interval] => [
    plus(x[0], times(dt, x[1])),
    plus(plus(times(pull, sine(x[0])), times(damp, x[1])), times(push, clamp(wishOver(x), torque))),
  ];
  /** An interval for each entry of the closed loop's Jacobian over a cell: rows of d step / d(theta, omega). */
  const jacobian = (x: Rectangle): [Interval, Interval][] => {
    const [least, most] = wishOver(x);
    // Where the motor is at its limit everywhere, the regulator answers nothing; nowhere, everything.
    const answers: Interval = [least >= -torque && most <= torque ? 1 : 0, least >= torque || most <= -torque ? 0 : 1];
    const answered = times(push, answers);
    return [
      [point(1), point(dt)],
      [minus(times(pull, cosine(x[0])), times(k0, answered)), minus(point(damp), times(k1, answered))],
    ];
  };
  return { A, B, K, P, Q, torque, dt, pull, control, step, stepOver, jacobian };
}

export type Pendulum = ReturnType<typeof pendulum>;

/** dV(x) = V(step x) - V(x) for V = x'Px. */
export function valueChange({ step }: Pendulum, P: Rows, x: PendulumState): number {
  const next = step(x);
  return bilinear(P, next, next) - bilinear(P, x, x);
}

/**
 * (P + P') / 2, for which x'Px is the same: slopes and determinants are those of symmetric matrices alone. A P that is
 * symmetric comes back as it is, and else rounded.
 * @throws ShapeError unless P is 2 x 2; DomainError unless it is positive definite
 */
export function ellipseMatrix(name: string, P: Rows): Rows {
  checkMatrix(name, P, 2, 2);
  const [[a, b], [c, d]] = P;
  const cross = b / 2 + c / 2;
  if (!(a > 0 && a * d - cross * cross > 0)) throw new DomainError(complaint(name, "a positive definite matrix", P));
  return [
    [a, cross],
    [cross, d],
  ];
}

/** x'Py over intervals. */
export function bilinearOver(P: Rows, x: readonly Interval[], y: readonly Interval[]): Interval {
  const row = (i: number) => product(x[i], plus(times(P[i][0], y[0]), times(P[i][1], y[1])));
  return plus(row(0), row(1));
}

/**
 * A bound on |d dV / d theta| and |d dV / d omega| over a cell, by intervals: dV = f'Pf - x'Px, so that its gradient is
 * 2 J'P f - 2 P x for a symmetric P, with the Jacobian J and f itself (mean value about the centre) as intervals.
 * Rounded upwards.
 */
export function gradientBound(world: Pendulum, P: Rows, { centre, half }: Cell): [number, number] {
  return steepestChange(world, P, [
    plus(point(centre[0]), [-half[0], half[0]]),
    plus(point(centre[1]), [-half[1], half[1]]),
  ]);
}

/** `gradientBound` of a rectangle. */
export function steepestChange(world: Pendulum, P: Rows, x: Rectangle): [number, number] {
  const slopes = (y: readonly Interval[]) =>
    P.map((row) => plus(times(2 * row[0], y[0]), times(2 * row[1], y[1]))) as [Interval, Interval];
  const change = slopeOfChange(world, x, slopes, slopes(x));
  return [magnitude(change[0]), magnitude(change[1])];
}

/**
 * Intervals for both slopes of V(step x) - V(x) over a cell, J' (slopes of V at step x) - (slopes of V at x), from V's
 * slopes as functions of intervals and as they are on the cell.
 */
export function slopeOfChange(
  world: Pendulum,
  x: Rectangle,
  slopes: (x: readonly Interval[]) => readonly [Interval, Interval],
  here: readonly [Interval, Interval],
): [Interval, Interval] {
  const J = world.jacobian(x);
  const there = slopes(imageOf(world, x, J));
  const along = (j: 0 | 1) => minus(plus(product(J[0][j], there[0]), product(J[1][j], there[1])), here[j]);
  return [along(0), along(1)];
}

/**
 * Intervals that hold one step from all of a rectangle: by the mean value about its middle, tighter than `stepOver`.
 */
export function imageOf(world: Pendulum, x: Rectangle, J: readonly (readonly Interval[])[]): [Interval, Interval] {
  const { middle, around } = aboutMiddle(x);
  const there = world.stepOver(middle);
  const along = (i: 0 | 1) => plus(there[i], plus(product(J[i][0], around[0]), product(J[i][1], around[1])));
  return [along(0), along(1)];
}

/** A point in the middle of a rectangle, and how far the rectangle reaches from it. */
export function aboutMiddle(x: readonly Interval[]): { middle: Rectangle; around: Rectangle } {
  const middle = x.map(([low, high]) => point((low + high) / 2)) as [Interval, Interval];
  return { middle, around: [minus(x[0], middle[0]), minus(x[1], middle[1])] };
}

/** The cells x cells equal rectangles of the box |theta| <= box[0], |omega| <= box[1], to rounding and without gaps. */
export function gridOf(box: readonly [number, number], cells: number): Rectangle[] {
  const edges = box.map((side) => Array.from({ length: cells + 1 }, (_, i) => side * ((2 * i) / cells - 1)));
  const out: Rectangle[] = [];
  for (let i = 0; i < cells; i++) {
    for (let j = 0; j < cells; j++) {
      out.push([
        [edges[0][i], edges[0][i + 1]],
        [edges[1][j], edges[1][j + 1]],
      ]);
    }
  }
  return out;
}

/**
 * The greatest c up to which linear analysis proves that V = x'Px falls inside {V <= c}, for V of the regulator: the
 * motor is not at its limit there, c K P^-1 K' <= torque^2, and sin theta = (1 - s) theta with 0 <= s <= theta^2 / 6,
 * so that the step is (A_K - s E) x; x'(A_K - s E)'P(A_K - s E)x is convex in s, so both ends of s suffice. 0 if none.
 * Rounded inwards: what holds is checked by intervals.
 * @throws ShapeError unless P is 2 x 2; DomainError unless it is positive definite
 */
export function linearLevel(world: Pendulum, form: Rows = world.P): number {
  const P = ellipseMatrix("P", form);
  const [k0, k1] = world.K[0].map(point);
  const [a, b, d] = [point(P[0][0]), point(P[0][1]), point(P[1][1])];
  const push = point(world.B[1][0]);
  const determinant = (p: Interval, q: Interval, r: Interval) => minus(product(p, r), product(q, q));
  const det = determinant(a, b, d);
  const falls = (level: number) => {
    const most = times(level, quotient(quotient(d, det), point(6))); // theta^2 / 6 is at most that
    return [point(0), point(most[1])].every((s) => {
      const M = [
        [point(1), point(world.dt)],
        [
          minus(times(world.pull, minus(point(1), s)), product(push, k0)),
          minus(point(world.A[1][1]), product(push, k1)),
        ],
      ];
      const column = (j: number) => [M[0][j], M[1][j]];
      const D = (i: number, j: number) => minus(point(P[i][j]), bilinearOver(P, column(i), column(j)));
      return D(0, 0)[0] > 0 && determinant(D(0, 0), D(0, 1), D(1, 1))[0] > 0;
    });
  };
  // K P^-1 K' = (P11 k0^2 - 2 P01 k0 k1 + P00 k1^2) / det
  const pushed = minus(
    plus(product(d, product(k0, k0)), product(a, product(k1, k1))),
    times(2, product(b, product(k0, k1))),
  );
  const cutOff = quotient(product(point(world.torque), point(world.torque)), quotient(pushed, det))[0];
  if (falls(cutOff)) return cutOff;
  let [low, high] = [0, cutOff];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (falls(middle)) low = middle;
    else high = middle;
  }
  return low;
}
