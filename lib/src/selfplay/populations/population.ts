import { checkNumbers } from "../../core/checks.js";
import { complaint, DomainError, ShapeError } from "../../core/index.js";
import { type Key, normal, split, uniform } from "../../random/index.js";

// Population-based training (Jaderberg et al. 2017, arXiv:1711.09846): workers learn side by side; now and then the
// weak copy the strong (exploit) and change what they train by (explore).

/** One of a population: what it has learned, and what it learns by. */
export interface Worker {
  /** Weights, theta. */
  readonly theta: Float64Array;
  /** Hyperparameters, h. */
  readonly hyper: Float64Array;
}

/**
 * Exploit: every worker that scores less than the best takes over the weights of the best, and with `copyHyper` its
 * hyperparameters too. Of several best the first is copied; `ties: "keep"` lets those who are as good as it keep their
 * own weights. The copies share no memory.
 * @throws ShapeError unless there is one score each; DomainError for a score that is no finite number
 * @example exploit([{ theta: [1], hyper: [0] }, { theta: [2], hyper: [5] }], [3, 1])[1] // { theta: [1], hyper: [5] }
 */
export function exploit(
  workers: readonly { readonly theta: ArrayLike<number>; readonly hyper: ArrayLike<number> }[],
  scores: ArrayLike<number>,
  { copyHyper = false, ties = "copy" }: { copyHyper?: boolean; ties?: "copy" | "keep" } = {},
): Worker[] {
  if (workers.length === 0) throw new ShapeError(complaint("workers", "at least one", workers));
  checkNumbers("scores", scores, workers.length);
  let best = 0;
  for (let w = 1; w < workers.length; w++) if (scores[w] > scores[best]) best = w;
  return workers.map((worker, w) => {
    const copies = scores[w] < scores[best] || ties === "copy";
    return {
      theta: Float64Array.from((copies ? workers[best] : worker).theta),
      hyper: Float64Array.from((copies && copyHyper ? workers[best] : worker).hyper),
    };
  });
}

/**
 * Explore by adding: h + noise N(0, 1), and never below `least`. A hyperparameter of 0 can move, and none runs away
 * below the bound.
 */
export function perturb(key: Key, hyper: ArrayLike<number>, { noise, least = 0 }: { noise: number; least?: number }) {
  if (!(noise >= 0)) throw new DomainError(complaint("noise", "a number of at least 0", noise));
  const z = normal(key, hyper.length);
  return Float64Array.from(hyper, (h, i) => Math.max(h + noise * z[i], least));
}

/** Explore by factors: each h times 0.8 or 1.2, as for learning rates. A hyperparameter of 0 stays 0 for ever. */
export function perturbByFactors(key: Key, hyper: ArrayLike<number>, factors: readonly number[] = [0.8, 1.2]) {
  const u = uniform(key, hyper.length);
  return Float64Array.from(hyper, (h, i) => h * factors[Math.floor(u[i] * factors.length)]);
}

export interface PopulationOptions {
  start: readonly Worker[];
  /** One step of learning: the weights after it. */
  learn(worker: Worker): ArrayLike<number>;
  /** What the workers are selected by, of their weights. */
  score(theta: Float64Array): number;
  steps: number;
  /** Exploit and explore after every so many steps. */
  every: number;
  /** Takes over the better workers' weights (and more); without it nobody copies. */
  exploit?: (workers: readonly Worker[], scores: readonly number[]) => readonly Worker[];
  /** Other hyperparameters for a worker; without it they stay. */
  explore?: (key: Key, hyper: Float64Array) => Float64Array;
  /** Sees the workers before the first step and after every one. */
  watch?: (workers: readonly Worker[], step: number) => void;
}

/** Population-based training; returns the workers after the last step. */
export function trainPopulation(key: Key, options: PopulationOptions): readonly Worker[] {
  const { start, learn, score, steps, every, exploit: copy, explore, watch } = options;
  if (start.length === 0) throw new ShapeError(complaint("start", "at least one worker", start));
  if (!(Number.isInteger(steps) && steps >= 1 && Number.isInteger(every) && every >= 1)) {
    throw new DomainError(complaint("steps, every", "integers of at least 1", [steps, every]));
  }
  const keys = split(key, Math.ceil(steps / every));
  let workers: Worker[] = start.map(({ theta, hyper }) => ({ theta: theta.slice(), hyper: hyper.slice() }));
  watch?.(workers, 0);
  for (let step = 1; step <= steps; step++) {
    workers = workers.map((worker) => ({ theta: Float64Array.from(learn(worker)), hyper: worker.hyper }));
    if (step % every === 0) {
      const scores = workers.map(({ theta }) => score(theta));
      if (copy !== undefined) workers = [...copy(workers, scores)];
      if (explore !== undefined) {
        const own = split(keys[step / every - 1], workers.length);
        workers = workers.map(({ theta, hyper }, w) => ({ theta, hyper: explore(own[w], hyper) }));
      }
    }
    watch?.(workers, step);
  }
  return workers;
}

/**
 * The toy of the paper's section 4.2: the score is Q = 1.2 - |theta|^2, and a worker climbs 1.2 - sum_i h_i theta_i^2,
 * theta <- theta - 2 rate h theta. Two workers begin at (0.9, 0.9) with h = (1, 0) and (0, 1): neither can reach the
 * top alone.
 */
export function populationToy({ rate = 0.01 }: { rate?: number } = {}) {
  const worker = (...hyper: number[]): Worker => ({
    theta: Float64Array.of(0.9, 0.9),
    hyper: Float64Array.from(hyper),
  });
  return {
    start: [worker(1, 0), worker(0, 1)] as const,
    learn: ({ theta, hyper }: Worker) => theta.map((t, i) => t - 2 * rate * hyper[i] * t),
    // The sum first: workers that mirror each other tie, to the last bit.
    score: (theta: ArrayLike<number>) => 1.2 - (theta[0] ** 2 + theta[1] ** 2),
  };
}
