// npm run bench safety: robust value iteration against NumPy, a Gaussian process with expected improvement against
// scikit-learn, a constrained decision process against cvxpy with HiGHS, in turns. What both find is compared.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { key } from "rlhf-lab";
import { constrainedOptimum, randomMdp } from "rlhf-lab/mdp";
import { foldIn, normal, split, uniform } from "rlhf-lab/random";
import { expectedImprovement, gaussianProcess, l1Set, robustValueIteration, squaredExponential } from "rlhf-lab/robust";
import { gaussianProcessOnTensorFlow } from "rlhf-lab/robust/tensor";
import { strait } from "rlhf-lab/worlds";
import { alternate, benchPython, Peer, type Row, row } from "./harness.js";

const folder = join(dirname(fileURLToPath(import.meta.url)), "safety");

export async function rows(): Promise<Row[]> {
  const threads = { OMP_NUM_THREADS: "2", OPENBLAS_NUM_THREADS: "2" };
  const peer = new Peer(await benchPython("safety"), join(folder, "peers.py"), threads);
  try {
    return [...(await robustRows(peer)), ...(await processRows(peer)), ...(await constrainedRows(peer))];
  } finally {
    await peer.close();
  }
}

/** The largest difference of two lists, in units of the greatest number of the first. */
function apart(ours: ArrayLike<number>, theirs: ArrayLike<number>): number {
  let [most, size] = [ours.length === theirs.length ? 0 : Number.NaN, 0];
  for (let i = 0; i < ours.length; i++) {
    most = Math.max(most, Math.abs(ours[i] - theirs[i]));
    size = Math.max(size, Math.abs(ours[i]));
  }
  return most / size;
}

function same(what: string, difference: number, tolerance: number): void {
  if (!(difference <= tolerance)) throw new Error(`${what}: ours and theirs differ by ${difference}`);
}

/** The same stopping rule on both sides; transitions that lead everywhere, and transitions that lead to ten states. */
async function robustRows(peer: Peer): Promise<Row[]> {
  const [states, actions, radius, tolerance] = [200, 5, 0.2, 1e-10];
  const out: Row[] = [];
  for (const branching of [states, 10]) {
    const mdp = randomMdp(foldIn(key(18), branching), { states, actions, discount: 0.95, branching });
    const { transitions, rewards, start } = mdp;
    const lists = { transitions: Array.from(transitions), rewards: Array.from(rewards), start: Array.from(start) };
    await peer.call("load", { ...mdp, ...lists });
    const work = () => robustValueIteration(mdp, l1Set(radius), { tolerance });
    const ours = work();
    const theirs = async () => {
      type Found = { ms: number; value: number[]; sweeps: number };
      const { result } = await peer.call<Found>("robust_value_iteration", { radius, tolerance });
      same("robust value iteration", apart(ours.value, result.value), 1e-9);
      same("robust value iteration, sweeps", Math.abs(result.sweeps - ours.sweeps), 1);
      return result.ms;
    };
    const medians = await alternate({ ours: work, theirs }, { warmup: 2, rounds: 9 });
    const name = `robust value iteration, L1, ${states} states x ${actions} actions, to ${branching} states each`;
    out.push(row(name, "NumPy", 5, medians));
  }
  return out;
}

/**
 * 500 measurements in three dimensions, the kernel given; the improvement expected at 500 more points, and where it is
 * greatest, which is what somebody who optimises asks. On TensorFlow, and in plain JavaScript, which a browser has.
 */
async function processRows(peer: Peer): Promise<Row[]> {
  const [n, size, length, deviation, noise] = [500, 3, 0.3, 1, 0.1];
  const [pointKey, candidateKey, noiseKey] = split(key(19), 3);
  const points = (k: typeof pointKey) => {
    const draws = uniform(k, n * size);
    return Array.from({ length: n }, (_, i) => Array.from(draws.subarray(i * size, (i + 1) * size)));
  };
  const [x, candidates, errors] = [points(pointKey), points(candidateKey), normal(noiseKey, n)];
  const y = x.map(([a, b, c], i) => Math.sin(6 * a) * Math.cos(4 * b) + c * c + noise * errors[i]);
  const best = Math.max(...y);
  await peer.call("load_points", { x, y, candidates });
  const fits = {
    "TensorFlow in float64": () =>
      gaussianProcessOnTensorFlow({ kernel: "squaredExponential", length, deviation }, x, y, noise),
    "plain JavaScript": () => gaussianProcess(squaredExponential({ length, deviation }), x, y, noise),
  };
  const out: Row[] = [];
  for (const [engine, fit] of Object.entries(fits)) {
    const everywhere = () => {
      const { mean, deviation: sd } = fit().at(candidates);
      return mean.map((m, i) => expectedImprovement(m, sd[i], best));
    };
    const improvements = everywhere();
    const greatest = () => fit().mostImproving(candidates, best);
    const theirs = async () => {
      type Found = { ms: number; improvement: number[] };
      const { result } = await peer.call<Found>("improvements", { length, deviation, noise, best });
      same("expected improvement", apart(improvements, result.improvement), 1e-6);
      const place = result.improvement.indexOf(Math.max(...result.improvement));
      same("the most improving point", Math.abs(greatest().choice - place), 0);
      return result.ms;
    };
    const options = { warmup: 3, rounds: 11 };
    const name = `Gaussian process on ${n} points, ${engine}`;
    const whole = await alternate({ ours: everywhere, theirs }, options);
    out.push(row(`${name}, improvement expected at ${n} others`, "scikit-learn", 1, whole));
    const most = await alternate({ ours: greatest, theirs }, options);
    out.push(row(`${name}, the most improving of ${n} others`, "scikit-learn", 1, most));
  }
  return out;
}

/** The strait with at most one shoal expected, model building included on both sides. */
async function constrainedRows(peer: Peer): Promise<Row[]> {
  const { mdp, cost } = strait();
  const limit = 1;
  const lists = {
    transitions: Array.from(mdp.transitions),
    rewards: Array.from(mdp.rewards),
    start: Array.from(mdp.start),
    cost: Array.from(cost),
  };
  await peer.call("load", { ...mdp, ...lists });
  const work = async () => {
    const { value } = await constrainedOptimum(mdp, [{ cost, atMost: limit }]);
    return value > 0 ? undefined : value;
  };
  const { value, multipliers } = await constrainedOptimum(mdp, [{ cost, atMost: limit }]);
  const theirs = async () => {
    const { result } = await peer.call<{ ms: number; value: number; price: number }>("constrained", { limit });
    same("constrained optimum", Math.abs(value - result.value), 1e-7);
    same("price of the limit", Math.abs(multipliers[0] - result.price), 1e-6);
    return result.ms;
  };
  const medians = await alternate({ ours: work, theirs }, { warmup: 6, rounds: 15 });
  return [row("constrained optimum of the strait, 168 variables, built and solved", "cvxpy, HiGHS", 1, medians)];
}
