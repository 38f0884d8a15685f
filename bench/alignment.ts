// npm run bench alignment: maximum causal entropy IRL against PyPI's imitation on the same grid, alternating, and the
// debate about digits against a limit of two seconds. What both find is compared on stderr.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { key } from "rlhf-lab";
import { digitDebate, maxEntIrl, softFiniteHorizon, weightedReward } from "rlhf-lab/alignment";
import { opticalDigits } from "rlhf-lab/data";
import { gridworld } from "rlhf-lab/mdp";
import { permutation } from "rlhf-lab/random";
import { traceRows } from "./alignment/trace.js";
import { alternate, benchPython, Peer, type Row, row } from "./harness.js";

const folder = join(dirname(fileURLToPath(import.meta.url)), "alignment");
const note = (text: string) => process.stderr.write(`${text}\n`);

export async function rows(): Promise<Row[]> {
  const threads = { OMP_NUM_THREADS: "2", OPENBLAS_NUM_THREADS: "2" };
  const peer = new Peer(await benchPython("alignment"), join(folder, "peers.py"), threads);
  try {
    return [...(await irlRows(peer)), ...(await debateRows()), ...(await traceRows())];
  } finally {
    await peer.close();
  }
}

/** A chart with a goal in the middle, 40 fields of lava in random places, and a start in the corner. */
function chart(size: number): string[] {
  const fields = new Array<string>(size * size).fill(".");
  for (const place of permutation(key(15), size * size - 2).subarray(0, 40)) fields[place + 1] = "L";
  [fields[0], fields[(size * size + size) / 2]] = ["S", "G"];
  return Array.from({ length: size }, (_, row) => fields.slice(row * size, (row + 1) * size).join(""));
}

/**
 * 200 steps of gradient ascent. imitation's reward is one of the state, its horizon finite; it plans with discount 1
 * whatever it is told, so the discount is 1 on both sides.
 */
async function irlRows(peer: Peer): Promise<Row[]> {
  const [size, horizon, steps] = [20, 50, 200];
  const { mdp, fields } = gridworld(chart(size), { slip: 0.1, discount: 0.9 });
  const features = ["G", "L"].map((letter) =>
    Float64Array.from({ length: mdp.states * mdp.actions }, (_, pair) =>
      fields[Math.floor(pair / 4)] === letter ? 1 : 0,
    ),
  );
  const truth = [1.5, -1];
  const { result: loaded } = await peer.call<{ value: number; expectations: number[] }>("load", {
    ...{ states: mdp.states, actions: mdp.actions, horizon, weights: truth },
    transitions: Array.from(mdp.transitions),
    features: Array.from({ length: mdp.states }, (_, s) => features.map((feature) => feature[4 * s])),
    start: Array.from(mdp.start),
  });
  const rewards = weightedReward(features, truth);
  const own = softFiniteHorizon(mdp, { temperature: 1, horizon, discount: 1, rewards }).value[0];
  const value = own.reduce((sum, v, s) => sum + mdp.start[s] * v, 0);
  if (Math.abs(value - loaded.value) > 1e-9 * Math.abs(value)) {
    throw new Error(`the soft value of the start: ours ${value}, imitation's ${loaded.value}`);
  }
  const model = { horizon, discount: 1, steps, tolerance: Number.MIN_VALUE, rate: 20 };
  const ours = () => maxEntIrl(mdp, features, loaded.expectations, model);
  const found = ours();
  note(`soft value of the start ${value} on both sides; true weights ${truth}`);
  note(`ours after ${found.steps} steps: ${Array.from(found.weights)}`);
  const theirs = async () => {
    const { result } = await peer.call<{ ms: number; weights: number[] }>("irl", { steps });
    note(`imitation after ${steps} steps: ${result.weights}`);
    return result.ms;
  };
  const medians = await alternate({ ours, theirs }, { warmup: 1, rounds: 3 });
  return [
    row(`maximum-entropy IRL, ${size} x ${size} grid, ${steps} steps`, "imitation, NumPy and PyTorch", 3, medians),
  ];
}

/** All 797 test images against all nine lies each, a judge taught on 1,000 included; theirs is the limit. */
async function debateRows(): Promise<Row[]> {
  const digits = opticalDigits();
  const medians = await alternate(
    { ours: () => void digitDebate(key(17), digits, { shown: 4 }), theirs: () => 2000 },
    { warmup: 1, rounds: 7 },
  );
  return [row("debate about digits, 4 pixels, 797 images", "a limit of 2 s", 1, medians)];
}
