import { checkCount } from "../../core/checks.js";

/**
 * The double integrator on a lattice, without rounding: place i and speed k are whole numbers,
 *   i' = i + 2k + u,   k' = k + u,   u in {-1, 0, 1},
 * which is x'' = u exactly if speed counts in dt and place in dt^2 / 2. |i| <= places, |k| <= speeds.
 */
export interface Lattice {
  /** The wall: |i| <= places. */
  places: number;
  /** The fastest: |k| <= speeds. */
  speeds: number;
}

/** A number per lattice point, row k + speeds, column i + places. */
export interface LatticeValues extends Lattice {
  /** [(2 speeds + 1) * (2 places + 1)]. */
  values: Float64Array;
  /** Rounds until nothing moved any more. */
  rounds: number;
}

/**
 * The lattice of |x| <= 1 and |v| <= `fastest` at a time step dt; 2 / dt^2 and fastest / dt should be whole
 * numbers, and are rounded.
 */
export function latticeOf(dt: number, fastest = 2): Lattice {
  return { places: Math.round(2 / (dt * dt)), speeds: Math.round(fastest / dt) };
}

/**
 * The reachability value (Bansal et al. 2017, arXiv:1709.07523), the nearest that one comes to a wall at best:
 *   V(x) = min(margin(x), max_u V(next)),   margin = places - |i|,   in places,
 * iterated from V = margin until it stands still. Below 0 where a wall is hit whatever one does. A speed beyond
 * `speeds` is no choice.
 * @throws DomainError unless places and speeds are whole numbers of at least 1
 */
export function reachabilityValue({ places, speeds }: Lattice): LatticeValues {
  checkCount("places", places);
  checkCount("speeds", speeds);
  const width = 2 * places + 1;
  const height = 2 * speeds + 1;
  const outside = Number.NEGATIVE_INFINITY;
  let values = Float64Array.from({ length: width * height }, (_, at) => places - Math.abs((at % width) - places));
  for (let rounds = 1; ; rounds++) {
    const next = new Float64Array(values.length);
    let moved = false;
    for (let k = -speeds; k <= speeds; k++) {
      for (let i = -places; i <= places; i++) {
        let best = outside;
        for (let u = -1; u <= 1; u++) {
          const [place, speed] = [i + 2 * k + u, k + u];
          if (Math.abs(speed) > speeds) continue;
          // Beyond the wall the margin is negative, and what follows cannot mend it.
          const there = Math.abs(place) > places ? outside : values[(speed + speeds) * width + place + places];
          best = Math.max(best, there);
        }
        const at = (k + speeds) * width + i + places;
        next[at] = Math.min(places - Math.abs(i), best);
        if (next[at] !== values[at]) moved = true;
      }
    }
    values = next;
    if (!moved) return { places, speeds, values, rounds };
  }
}

/**
 * The viability kernel of the lattice: 1 where the walls can be avoided for ever, laid out as `LatticeValues`. It
 * is where `reachabilityValue` is at least 0, found by striking off.
 * @throws DomainError unless places and speeds are whole numbers of at least 1
 */
export function latticeKernel({ places, speeds }: Lattice): { safe: Uint8Array; count: number; rounds: number } {
  checkCount("places", places);
  checkCount("speeds", speeds);
  const width = 2 * places + 1;
  const safe = new Uint8Array(width * (2 * speeds + 1)).fill(1);
  for (let rounds = 1; ; rounds++) {
    const struck: number[] = [];
    for (let k = -speeds; k <= speeds; k++) {
      for (let i = -places; i <= places; i++) {
        const at = (k + speeds) * width + i + places;
        if (safe[at] === 0) continue;
        let way = false;
        for (let u = -1; u <= 1; u++) {
          const [place, speed] = [i + 2 * k + u, k + u];
          if (Math.abs(place) <= places && Math.abs(speed) <= speeds)
            way ||= safe[(speed + speeds) * width + place + places] === 1;
        }
        if (!way) struck.push(at);
      }
    }
    for (const at of struck) safe[at] = 0;
    if (struck.length === 0) return { safe, count: safe.reduce((a, b) => a + b, 0), rounds };
  }
}

/**
 * What the parabola says: braking from speed k takes k^2 places, so at best one comes within
 *   min(places - |i|, places - |i + k |k||)
 * of a wall. The exact value that `reachabilityValue` must find, below 0 outside the kernel.
 */
export function parabola({ places }: Lattice, i: number, k: number): number {
  return Math.min(places - Math.abs(i), places - Math.abs(i + k * Math.abs(k)));
}
