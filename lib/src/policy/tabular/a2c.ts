import { a2cLossAndGradient } from "../../policy/index.js";
import type { Key } from "../../random/index.js";
import {
  checkRate,
  descend,
  runTabular,
  type TabularActorCriticOptions,
  type TabularActorCriticRun,
} from "./actorCriticTable.js";
import { ValueTable, type ValueTableOptions } from "./valueTable.js";

export interface TabularA2cOptions extends TabularActorCriticOptions, ValueTableOptions {
  /** The logits move by this times the gradient of `a2cLoss`, a mean over tokens; 10 by default. */
  rate?: number;
}

/**
 * Advantage actor-critic on a table of logits, with a table of values for critic: each batch is used once, for one step
 * of each (the synchronous A3C of Mnih et al. 2016, arXiv:1602.01783, there with n-step
 * returns: give `n`; by default with generalised advantages). The key decides everything.
 * @throws ShapeError, DomainError for options that cannot be; DivergenceError naming the step
 */
export function trainTabularA2c(key: Key, options: TabularA2cOptions): TabularActorCriticRun {
  const { beta, rate = 10, criticRate = 0.3 } = options;
  checkRate("rate", rate);
  checkRate("criticRate", criticRate);
  const critic = new ValueTable(options.tree.prefixes.length);
  return runTabular(
    key,
    options,
    ({ logits, drawn }) => {
      const { advantages, targets } = critic.judge(drawn, beta, options);
      const { gradient } = a2cLossAndGradient(drawn.logp, advantages, new Uint8Array(drawn.token.length).fill(1));
      descend(options, logits, drawn, gradient, rate);
      critic.learn(drawn, targets, criticRate);
    },
    () => ({ value: critic.values[0] }),
  );
}
