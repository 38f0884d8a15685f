import { checkCount, checkDistribution, checkPositive } from "../core/checks.js";
import { complaint, ShapeError } from "../core/index.js";
import { exponential, type Key, split } from "../random/index.js";

/** A sender's probabilities of signals by state, [N][N], and a receiver's of acts by signal, [N][N]. */
export interface SignallingSystem {
  readonly sender: readonly Float64Array[];
  readonly receiver: readonly Float64Array[];
}

/**
 * Lewis's signalling game: nature draws one of N states, the sender sees it and shows one of N signals, the receiver
 * sees the signal and acts; both earn 1 if the act is the state's. Success = sum_s prior_s sum_m send(m|s) act(s|m).
 */
export function signallingSuccess({ sender, receiver }: SignallingSystem, prior: ArrayLike<number>): number {
  if (sender.length !== prior.length || receiver.length !== prior.length) {
    throw new ShapeError(complaint("sender and receiver", `${prior.length} rows each, as states`, sender));
  }
  let success = 0;
  sender.forEach((row, s) => {
    row.forEach((p, m) => {
      success += prior[s] * p * receiver[m][s];
    });
  });
  return success;
}

/** A sender and a receiver drawn at random: each row uniform on the simplex. */
export function randomSignalling(key: Key, N: number): SignallingSystem {
  checkCount("N", N, 2);
  const [kSender, kReceiver] = split(key, 2);
  const rows = (k: Key) => {
    const draws = exponential(k, N * N);
    return Array.from({ length: N }, (_, i) => {
      const row = draws.slice(i * N, (i + 1) * N);
      const total = row.reduce((sum, x) => sum + x, 0);
      return row.map((x) => x / total);
    });
  };
  return { sender: rows(kSender), receiver: rows(kReceiver) };
}

/**
 * Both sides learn by the replicator flow, row by row: what was understood grows (Euler steps of `dt`). From random
 * starts it comes to a perfect code most often, not always: two states may end sharing a signal (Huttegger 2007).
 */
export function signallingFlow(
  start: SignallingSystem,
  prior: ArrayLike<number>,
  { steps = 2000, dt = 0.5 }: { steps?: number; dt?: number } = {},
): SignallingSystem {
  checkDistribution("prior", prior);
  checkCount("steps", steps, 0);
  checkPositive("dt", dt);
  let { sender, receiver } = start;
  for (let t = 0; t < steps; t++) {
    const heard = receiver;
    const said = sender;
    sender = said.map((row, s) => grow(row, (m) => heard[m][s], dt));
    receiver = heard.map((row, m) => {
      const weight = said.reduce((sum, send, s) => sum + prior[s] * send[m], 0);
      return weight === 0 ? row : grow(row, (a) => (prior[a] * said[a][m]) / weight, dt);
    });
  }
  return { sender, receiver };
}

/** x_i <- x_i (1 + dt f_i) / sum: the replicator step for payoffs of at least 0. */
function grow(row: Float64Array, payoff: (i: number) => number, dt: number): Float64Array {
  const grown = row.map((x, i) => x * (1 + dt * payoff(i)));
  const total = grown.reduce((sum, x) => sum + x, 0);
  return grown.map((x) => x / total);
}
