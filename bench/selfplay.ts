// npm run bench selfplay: CFR+ and alpha-rank against OpenSpiel, hypervolume against moocore, on the same games and
// points, alternating. What a row cannot say (how near both came, how far apart they are) goes to stderr.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { key } from "rlhf-lab";
import { hypervolume } from "rlhf-lab/constitution";
import { counterfactualRegret, gameNashConv, leducPoker } from "rlhf-lab/games";
import { normal, split } from "rlhf-lab/random";
import { alphaRank } from "rlhf-lab/selfplay";
import { alternate, benchPython, Peer, type Row, repeated, row } from "./harness.js";

const folder = join(dirname(fileURLToPath(import.meta.url)), "selfplay");
const note = (text: string) => process.stderr.write(`${text}\n`);

export async function rows(): Promise<Row[]> {
  const threads = { OMP_NUM_THREADS: "2", OPENBLAS_NUM_THREADS: "2" };
  const peer = new Peer(await benchPython("selfplay"), join(folder, "peers.py"), threads);
  const [payoffKey, pointKey] = split(key(14));
  try {
    return [
      ...(await regretRows(peer)),
      ...(await rankRows(peer, payoffKey)),
      ...(await hypervolumeRows(peer, pointKey)),
    ];
  } finally {
    await peer.close();
  }
}

async function regretRows(peer: Peer): Promise<Row[]> {
  const iterations = 200;
  const game = leducPoker();
  const solve = () => counterfactualRegret(game, { iterations, plus: true }).average;
  note(`CFR+ on Leduc, NashConv after ${iterations} iterations: ours ${gameNashConv(game, solve())}`);
  const theirs = (said: string, options: Record<string, unknown>) => async () => {
    const { result } = await peer.call<{ ms: number; nashConv: number }>("cfr_plus", { iterations, ...options });
    note(`${said}: ${result.nashConv}`);
    return result.ms;
  };
  const name = `CFR+ on Leduc poker, 288 information sets, ${iterations} iterations`;
  const ours = repeated(solve, 10);
  const python = await alternate(
    { ours, theirs: theirs("OpenSpiel, Python", { python: true }) },
    { warmup: 1, rounds: 5 },
  );
  // Not asked for, but fair: OpenSpiel's own quick way, in C++, which walks the tree as its Python does.
  const native = await alternate(
    { ours, theirs: theirs("OpenSpiel, C++", { python: false }) },
    { warmup: 1, rounds: 7 },
  );
  return [row(name, "OpenSpiel, Python", 10, python), row(name, "OpenSpiel, C++", 1, native)];
}

async function rankRows(peer: Peer, payoffKey: ReturnType<typeof key>): Promise<Row[]> {
  const [strategies, population, alpha] = [6, 50, 0.5];
  const draws = normal(payoffKey, strategies * strategies);
  const payoffs = Array.from({ length: strategies }, (_, i) =>
    Array.from(draws.subarray(i * strategies, (i + 1) * strategies)),
  );
  const out: Row[] = [];
  for (const local of [false, true]) {
    const work = () => alphaRank(payoffs, { population, alpha, local });
    const theirs = async () => {
      const options = { payoffs, population, alpha, local, times: local ? 200 : 3 };
      const { result } = await peer.call<{ ms: number; law: number[] }>("alpha_rank", options);
      const apart = work().reduce((most, p, i) => Math.max(most, Math.abs(p - result.law[i])), 0);
      if (apart > 1e-8) throw new Error(`alpha-rank: ours and OpenSpiel's differ by ${apart}`);
      return result.ms;
    };
    const medians = await alternate({ ours: repeated(work, 500), theirs }, { warmup: 2, rounds: 9 });
    // Local is OpenSpiel's default: a closed form for each pair, so that its eigenvectors are most of the work.
    const selection = local ? "local selection" : "selection in the whole population";
    out.push(
      row(`alpha-rank, ${strategies} strategies, population ${population}, ${selection}`, "OpenSpiel", 5, medians),
    );
  }
  return out;
}

/** Of 200 points in 3-D, none of which dominates another: on a part of a sphere. */
async function hypervolumeRows(peer: Peer, pointKey: ReturnType<typeof key>): Promise<Row[]> {
  const [count, size] = [200, 3];
  const draws = normal(pointKey, count * size).map(Math.abs);
  const points = Array.from({ length: count }, (_, i) => {
    const point = Array.from(draws.subarray(i * size, (i + 1) * size));
    const length = Math.hypot(point[0], point[1], point[2]);
    return point.map((x) => x / length);
  });
  const reference = new Array<number>(size).fill(0);
  const work = () => hypervolume(points, reference);
  const theirs = async () => {
    const { result } = await peer.call<{ ms: number; value: number }>("hypervolume", { points, times: 200 });
    if (Math.abs(result.value - work()) > 1e-9) throw new Error(`hypervolume: ${work()}, moocore ${result.value}`);
    return result.ms;
  };
  const medians = await alternate({ ours: repeated(work, 200), theirs }, { warmup: 2, rounds: 9 });
  return [row(`hypervolume of ${count} points in 3-D`, "moocore, C", 1, medians)];
}
