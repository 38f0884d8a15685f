import { minibatches, ppoLossAndGradient } from "../../policy/index.js";
import { foldIn, type Key } from "../../random/index.js";
import {
  checkRate,
  descend,
  drawnLogProbs,
  requireFinite,
  runTabular,
  type TabularActorCriticOptions,
  type TabularActorCriticRun,
} from "./actorCriticTable.js";
import { ValueTable, type ValueTableOptions } from "./valueTable.js";

export interface TabularPpoOptions extends TabularActorCriticOptions, ValueTableOptions {
  /** The logits move by this times the gradient of `ppoLoss`, a mean over tokens, in every minibatch; 10 by default. */
  rate?: number;
  /** How often each batch is gone through; 4 by default. */
  epochs?: number;
  /** Into how many pieces of tokens; 1 by default. */
  pieces?: number;
  /** 0.2 by default. */
  clip?: number;
}

/**
 * PPO on a table of logits, with a table of values for critic: several epochs over each batch, with clipped
 * ratios (Schulman et al. 2017, arXiv:1707.06347). The advantages are those of the old policy throughout.
 * The key decides everything.
 * @throws ShapeError, DomainError for options that cannot be; DivergenceError naming the step
 */
export function trainTabularPpo(key: Key, options: TabularPpoOptions): TabularActorCriticRun {
  const { beta, rate = 10, criticRate = 0.3, epochs = 4, pieces = 1, clip = 0.2 } = options;
  checkRate("rate", rate);
  checkRate("criticRate", criticRate);
  const critic = new ValueTable(options.tree.prefixes.length);
  return runTabular(
    key,
    options,
    ({ key, step, logits, drawn }) => {
      const { advantages, targets } = critic.judge(drawn, beta, options);
      const M = drawn.token.length;
      for (let epoch = 0; epoch < epochs; epoch++) {
        for (const places of minibatches(foldIn(key, epoch), M, Math.ceil(M / pieces))) {
          const pick = (list: ArrayLike<number>) => Float64Array.from(places, (i) => list[i]);
          const part = { prefix: Int32Array.from(pick(drawn.prefix)), token: Int32Array.from(pick(drawn.token)) };
          const logpNew = drawnLogProbs(options, logits, part);
          const mask = new Uint8Array(places.length).fill(1);
          const { gradient } = ppoLossAndGradient(logpNew, pick(drawn.logp), pick(advantages), mask, { clip });
          descend(options, logits, part, gradient, rate);
          requireFinite(logits, step);
        }
      }
      critic.learn(drawn, targets, criticRate);
    },
    () => ({ value: critic.values[0] }),
  );
}
