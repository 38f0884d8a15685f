import type { Transformer, TransformerParams } from "../../models/index.js";
import { exactExpectation, exactKL } from "../../numerics/index.js";
import type { Key } from "../../random/index.js";
import { adam, disposeTree } from "../../tensor/index.js";
import { algorithms, trainPolicy } from "../../train/index.js";
import type { PhraseTask } from "../../worlds/index.js";
import { phrasePupil } from "../phrasePupil.js";

/** Where a policy stood on its way: nats from where it began, and the true utility of what it writes. Both exact. */
export interface PathPoint {
  kl: number;
  utility: number;
}

export interface CarefulPolicyOptions {
  /** What each reply pays, [N]. */
  reward: ArrayLike<number>;
  /** Adam's rate; default 0.005. */
  rate?: number;
  /** Price of a nat of KL to where it began; default 0.2. */
  beta?: number;
  /** At most so many; default 120. */
  iterations?: number;
  /** It ends once it is so many nats away; default 5. */
  until?: number;
  /** Iterations between two points of the path; default 4. */
  every?: number;
  batch?: number;
}

/** Policies that learn by PPO what is paid to them, from one that has imitated people. */
export interface CarefulPolicyStudy {
  /** As `phrasePupil`'s. The caller disposes of it. */
  imitate(key: Key): Promise<{ params: TransformerParams; logProbs: Float64Array }>;
  /** The path of one run, where it began included. */
  run(key: Key, start: TransformerParams, options: CarefulPolicyOptions): Promise<PathPoint[]>;
}

/**
 * RLHF with an uncertain reward where all can be enumerated: PPO on a transformer (`trainPolicy`), paid by one of
 * `ensembleRules`, and the path of its KL and true utility, so that rules are compared at equal KL (`utilityOnPath`).
 */
export function carefulPolicyStudy(task: PhraseTask, model: Transformer): CarefulPolicyStudy {
  const optimizers = new Map<number, ReturnType<typeof adam>>();
  const optimizerOf = (rate: number) => {
    const own = optimizers.get(rate) ?? adam({ rate, maxNorm: 1 });
    optimizers.set(rate, own);
    return own;
  };
  const { imitate, logProbsOf, asks, paying } = phrasePupil(task, model, optimizerOf(0.005));
  const algorithm = algorithms.ppo({ epochs: 2 });
  return {
    imitate,
    async run(key, start, options) {
      const { reward, rate = 0.005, beta = 0.2, iterations = 120, until = 5, every = 4, batch = 128 } = options;
      const logRef = logProbsOf(start);
      const standing = (logProbs: Float64Array) => ({
        kl: exactKL(logProbs, logRef),
        utility: exactExpectation(logProbs, task.utility[0]),
      });
      const path: PathPoint[] = [standing(logRef)];
      const { params } = await trainPolicy(key, {
        model,
        start,
        optimizer: optimizerOf(rate),
        algorithm,
        ...asks,
        reward: paying(reward),
        beta,
        iterations,
        batch,
        label: false,
        evaluate: {
          every,
          run: (state) => {
            const point = standing(logProbsOf((state.params as { policy: TransformerParams }).policy));
            path.push(point);
            return { ...point };
          },
        },
        until: ({ kl }) => (kl ?? 0) >= until,
      });
      disposeTree(params);
      return path;
    },
  };
}

/** E[U] where the path first comes to `kl` nats, on the line between its points; NaN if it never does. */
export function utilityOnPath(path: readonly PathPoint[], kl: number): number {
  const there = path.findIndex((point) => point.kl >= kl);
  if (there < 0) return Number.NaN;
  if (there === 0) return path[0].utility;
  const [before, after] = [path[there - 1], path[there]];
  return before.utility + ((kl - before.kl) / (after.kl - before.kl)) * (after.utility - before.utility);
}
