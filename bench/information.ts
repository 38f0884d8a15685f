// npm run bench information: the capacity of a channel against dit, trimmed mean and Krum against numpy, on the same
// numbers, alternating. That both come to the same is checked; how exact dit came goes to stderr.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { key } from "rlhf-lab";
import { krumScores, trimmedMean } from "rlhf-lab/agents";
import { krumOnTensorFlow, krumScoresOnTensorFlow } from "rlhf-lab/agents/tensor";
import { bits, channelCapacity } from "rlhf-lab/information";
import { normal, split, uniform } from "rlhf-lab/random";
import { alternate, benchPython, Peer, type Row, repeated, row } from "./harness.js";

const folder = join(dirname(fileURLToPath(import.meta.url)), "information");
const note = (text: string) => process.stderr.write(`${text}\n`);

export async function rows(): Promise<Row[]> {
  // One thread: ours has one.
  const threads = { OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1" };
  const peer = new Peer(await benchPython("information"), join(folder, "peers.py"), threads);
  const [channelKey, reportKey] = split(key(22));
  try {
    return [...(await capacityRows(peer, channelKey)), ...(await aggregateRows(peer, reportKey))];
  } finally {
    await peer.close();
  }
}

/** Rows drawn uniformly from all distributions. */
function randomChannel(k: ReturnType<typeof key>, size: number): number[][] {
  const draws = uniform(k, size * size);
  return Array.from({ length: size }, (_, x) => {
    const weights = Array.from(draws.subarray(x * size, (x + 1) * size), (u) => -Math.log1p(-u));
    const total = weights.reduce((sum, w) => sum + w, 0);
    return weights.map((w) => w / total);
  });
}

async function capacityRows(peer: Peer, channelKey: ReturnType<typeof key>): Promise<Row[]> {
  const size = 200;
  const channel = randomChannel(channelKey, size);
  const work = () => channelCapacity(channel, { tolerance: 1e-9 });
  const ours = work();
  note(`ours: ${bits(ours.capacity)} bits, and no more than ${bits(ours.upper)}, in ${ours.iterations} rounds`);
  const theirs = async () => {
    const { result } = await peer.call<{ ms: number; bits: number }>("capacity", { channel, atol: 1e-12 });
    const apart = Math.abs(result.bits - bits(ours.capacity));
    note(`dit: ${result.bits} bits in ${Math.round(result.ms)} ms, ${apart.toExponential(1)} from ours`);
    if (apart > 1e-8) throw new Error(`capacity: ours and dit's differ by ${apart} bits`);
    return result.ms;
  };
  const medians = await alternate({ ours: repeated(work, 1), theirs }, { warmup: 1, rounds: 3 });
  return [row(`capacity of a random ${size} x ${size} channel to 1e-9`, "dit", 20, medians)];
}

async function aggregateRows(peer: Peer, reportKey: ReturnType<typeof key>): Promise<Row[]> {
  const [clients, size, f] = [100, 10_000, 20];
  const flat = normal(reportKey, clients * size);
  const reports = Array.from({ length: clients }, (_, i) => flat.slice(i * size, (i + 1) * size));
  await peer.call("hold", { flat: Array.from(flat), clients });
  const out: Row[] = [];
  for (const [name, call, work] of [
    ["trimmed mean", "trimmed_mean", () => trimmedMean(reports, f)],
    ["Krum, TensorFlow", "krum", () => krumOnTensorFlow(reports, f)],
    ["Krum's scores, TensorFlow in float64", "krum_scores", () => krumScoresOnTensorFlow(reports, f)],
    ["Krum's scores, plain JavaScript", "krum_scores", () => krumScores(reports, f)],
  ] as const) {
    const theirs = async () => {
      const { result } = await peer.call<{ ms: number; value: number[] }>(call, { f, times: 10 });
      const mine = work();
      const apart = result.value.reduce((most, x, i) => Math.max(most, Math.abs(x - mine[i]) / Math.abs(x)), 0);
      if (apart > 1e-9) throw new Error(`${name}: ours and numpy's differ by ${apart} of their size`);
      return result.ms;
    };
    const medians = await alternate({ ours: repeated(work, 10), theirs }, { warmup: 2, rounds: 7 });
    out.push(
      row(`${name}, ${clients} reports of ${size.toLocaleString("en")} numbers`, "numpy, one thread", 1, medians),
    );
  }
  return out;
}
