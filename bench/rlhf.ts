// npm run bench rlhf: one optimiser step of our trainers against one of TRL's, everything included, two
// threads each, alternating.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { alternate, benchPython, Peer, type Row, row } from "./harness.js";
import { handover } from "./rlhf/data.js";
import { memoryRows } from "./rlhf/memory.js";
import type { Trainer } from "./rlhf/trainers.js";

const folder = join(dirname(fileURLToPath(import.meta.url)), "rlhf");

/** What is compared, and how much faster ours is asked to be. */
const GOALS: [trainer: Trainer, name: string, peer: string, goal: number][] = [
  ["rloo", "RLOO, 32 completions in groups of 8", "RLOOTrainer", 4],
  ["grpo", "GRPO, 32 completions in groups of 8", "GRPOTrainer", 4],
  ["dpo", "DPO, 32 pairs of 32 tokens", "DPOTrainer", 2.5],
  ["sft", "SFT, 32 rows of 32 tokens", "SFTTrainer", 2.5],
];

/**
 * TRL as it comes computes in bfloat16 and recomputes activations, to fit more into a GPU; on these cores that costs
 * half of its time. In float32 with activations kept it is at its fastest. Both are compared.
 */
const VARIANTS = [
  { plain: false, as: "as it comes" },
  { plain: true, as: "float32, activations kept" },
];

/** Steps of a turn: about as long on both sides, some tenths of a second. */
const TURN = { ours: 20, theirs: 8 };

/** So many steps, as milliseconds per step. */
function turn(peer: Peer, count: number) {
  return async () => (await peer.call("steps", { count })).ms / count;
}

export async function rows(): Promise<Row[]> {
  const python = await benchPython("rlhf");
  const files = handover();
  const out: Row[] = [];
  try {
    for (const [trainer, name, peerName, goal, { plain, as }] of VARIANTS.flatMap((variant) =>
      GOALS.map((goal) => [...goal, variant] as const),
    )) {
      const theirs = new Peer(python, join(folder, "trl_trainers.py"), {
        OMP_NUM_THREADS: "2",
        HF_HUB_OFFLINE: "1",
        HF_HOME: join(files.folder, "home"),
      });
      const ours = new Peer(process.execPath, join(folder, "ours.ts"), { NODE_OPTIONS: "--import=tsx" });
      try {
        const { result } = await theirs.call<{ trl: string }>("setup", { kind: trainer, folder: files.folder, plain });
        await ours.call("setup", { kind: trainer });
        const medians = await alternate(
          { ours: turn(ours, TURN.ours), theirs: turn(theirs, TURN.theirs) },
          { warmup: 3, rounds: 15 },
        );
        out.push(row(name, `TRL ${result.trl} ${peerName}, ${as}`, goal, medians));
        process.stderr.write(
          `${trainer}, TRL ${as}: ${medians.ours.toFixed(1)} ms, TRL ${medians.theirs.toFixed(1)} ms\n`,
        );
      } finally {
        await ours.close();
        await theirs.close();
      }
    }
  } finally {
    files.remove();
  }
  return [...out, ...memoryRows()];
}
