import { simultaneousWeights } from "../games/index.js";
import { exactKL } from "../numerics/index.js";
import { permutations } from "../preferences/index.js";
import { categorical, key, split } from "../random/index.js";
import { rockPaperScissors } from "../worlds/selfPlayGames.js";
import type { Erratum } from "./erratum.js";

const { log, max, sqrt } = Math;

const level = [1 / 3, 1 / 3, 1 / 3];

/** KL(p || the equilibrium), nats. */
const fromNash = (p: ArrayLike<number>) => exactKL(Array.from(p, log), level.map(log));

// Self-play and iterative training.
export const selfPlayErrata: readonly Erratum[] = [
  {
    name: "not-without-people",
    section: "self-play",
    quote: "no external human feedback required",
    verdict: "wrong",
    said: "self-critique needs no human feedback",
    truth:
      "people wrote the principles, and in the paper that began it they labeled helpfulness (Bai et al. 2022, arXiv:2212.08073)",
    found: () => {
      // A critic that nobody tells what is good ranks three replies in any order: how many name the best?
      const orders = permutations(3);
      return {
        "share of critics that name the best, told nothing": orders.filter((order) => order[0] === 0).length / 6,
      };
    },
    lesson: "13",
  },
  {
    name: "adversarial-objective",
    section: "self-play",
    quote: "min_θ max_ψ E[C_ψ(x, π_θ(y|x))]",
    verdict: "wrong",
    said: "the generator minimises the critic's score of adherence, the critic maximises it",
    truth:
      "the generator must maximise; and the critic must be tied to something true, or a constant serves it as well",
    found: () => {
      const adherence = [0.1, 0.5, 0.9];
      const untied = [1, 1, 1]; // the critic's best answer to max_psi: everything adheres
      const gradient = adherence.map((_, i) => untied[i] / 3 - untied.reduce((a, b) => a + b) / 9);
      return {
        "adherence that min picks": adherence.reduce((a, b) => Math.min(a, b)),
        "adherence that max picks": adherence.reduce((a, b) => max(a, b)),
        "generator's gradient under an untied critic": sqrt(gradient.reduce((sum, g) => sum + g * g, 0)),
      };
    },
    lesson: "14",
  },
  {
    name: "stationary-is-not-stable",
    section: "self-play",
    quote: "Nash equilibrium: stable points in self-play dynamics",
    verdict: "wrong",
    said: "the equilibria of self-play are its stable points",
    truth: "they are at rest, and may repel: simultaneous steps spiral away from them; the mean strategy comes near",
    found: () => {
      const start = { row: [0.36, 0.32, 0.32], column: [0.32, 0.36, 0.32] };
      const after = (steps: number) => simultaneousWeights(rockPaperScissors, start, { rate: 0.1, steps }).row;
      return {
        "KL from Nash at the start": fromNash(start.row),
        "after 1,000 rounds": fromNash(after(1000).last),
        "after 2,000": fromNash(after(2000).last),
        "of the mean strategy": fromNash(after(2000).average),
      };
    },
    lesson: "14",
  },
  {
    name: "champion-by-seeding",
    section: "self-play",
    quote: "best models survive to next generation",
    verdict: "unsupported",
    said: "tournaments keep the best models",
    truth: "where each beats the next there is no best: the draw decides",
    found: () => {
      const beats = (a: number, b: number) => (rockPaperScissors[a][b] > 0 ? a : b);
      const seedings = [0, 1, 2].map((bye) => beats(bye, beats((bye + 1) % 3, (bye + 2) % 3)));
      return Object.fromEntries(
        [0, 1, 2].map((i) => [`share of draws won by model ${i}`, seedings.filter((w) => w === i).length / 3]),
      );
    },
    lesson: "14",
  },
  {
    name: "copying-loses",
    section: "key principles",
    quote: "enable continuous improvement of AI systems",
    verdict: "unsupported",
    said: "iterating on one's own output goes on improving",
    truth: "learning from one's own samples alone loses a share 1/n of the diversity a generation, and gains nothing",
    found: () => {
      const [n, generations] = [100, 200];
      const runs = split(key(22), 100).map((k) => diversityLeft(k, n, generations));
      return {
        "expected share of diversity kept": (1 - 1 / n) ** generations,
        "share kept in 100 runs": runs.reduce((a, b) => a + b) / runs.length,
      };
    },
    lesson: "14",
  },
];

/** 1 - sum p^2 after resampling n copies so many times, over what it was: ten kinds, equally many. */
function diversityLeft(k: ReturnType<typeof key>, n: number, generations: number): number {
  let counts = Array<number>(10).fill(n / 10);
  for (const generation of split(k, generations)) {
    const next = Array<number>(10).fill(0);
    for (const kind of categorical(generation, counts.map(log), n)) next[kind]++;
    counts = next;
  }
  return (1 - counts.reduce((sum, c) => sum + (c / n) ** 2, 0)) / 0.9;
}
