import { foldIn, type Key } from "../../random/index.js";
import { rowLogProbs, type TreePolicy } from "../../trees/index.js";
import { minibatches, ppoLossAndGradient } from "../ppo/index.js";
import {
  checkRate,
  descend,
  requireFinite,
  runTabular,
  type TabularCriticRecord,
  type TabularOptions,
  type TabularRun,
} from "./runTabular.js";
import { ValueTable, type ValueTableOptions } from "./valueTable.js";

export interface TabularPpoOptions extends TabularOptions<TabularCriticRecord>, ValueTableOptions {
  /** The logits move by this times the gradient of `ppoLoss`, a mean over tokens, in every minibatch; 10 by default. */
  rate?: number;
  /** Above 0. */
  beta: number;
  /** 32 by default. */
  batch?: number;
  /** Epochs: passes over each batch; 4 by default. */
  epochs?: number;
  /** Tokens per minibatch; all of the batch by default. */
  minibatchSize?: number;
  /** 0.2 by default. */
  clip?: number;
}

/**
 * PPO on a table of logits, with a table of values for critic: several epochs over each batch, with clipped
 * ratios (Schulman et al. 2017, arXiv:1707.06347). The advantages are those of the old policy throughout.
 * The key decides everything.
 * @throws ShapeError, DomainError for options that cannot be; DivergenceError naming the step
 */
export function trainTabularPpo(
  key: Key,
  start: TreePolicy,
  options: TabularPpoOptions,
): TabularRun<TabularCriticRecord> {
  const { beta, rate = 10, criticRate = 0.3, batch = 32, epochs = 4, minibatchSize, clip = 0.2 } = options;
  for (const [name, value] of Object.entries({ beta, rate, criticRate })) checkRate(name, value);
  const V = start.tree.vocabulary;
  const critic = new ValueTable(start.tree);
  return runTabular(
    key,
    start,
    { ...options, batch },
    ({ key, step, policy, draw }) => {
      const drawn = draw();
      const { advantages, targets } = critic.judge(drawn, beta, options);
      const M = drawn.tokenIndices.length;
      for (let epoch = 0; epoch < epochs; epoch++) {
        for (const which of minibatches(foldIn(key, epoch), M, minibatchSize ?? M)) {
          const pick = (list: ArrayLike<number>) => Float64Array.from(which, (i) => list[i]);
          const tokenIndices = Int32Array.from(which, (i) => drawn.tokenIndices[i]);
          const logProbs = rowLogProbs(policy);
          const logpNew = Float64Array.from(tokenIndices, (at) => logProbs(Math.floor(at / V))[at % V]);
          const mask = new Uint8Array(which.length).fill(1);
          const { gradient } = ppoLossAndGradient(logpNew, pick(drawn.logp), pick(advantages), mask, { clip });
          descend(policy, tokenIndices, gradient, rate);
          requireFinite(policy.logits, step);
        }
      }
      critic.learn(drawn, targets, criticRate);
    },
    () => ({ value: critic.values[0] }),
  );
}
