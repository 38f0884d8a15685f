import type { Key } from "../../random/index.js";
import type { TreePolicy } from "../../trees/index.js";
import { a2cLossAndGradient } from "../actorCritic/index.js";
import {
  checkRate,
  descend,
  runTabular,
  type TabularCriticRecord,
  type TabularOptions,
  type TabularRun,
} from "./runTabular.js";
import { ValueTable, type ValueTableOptions } from "./valueTable.js";

export interface TabularA2cOptions extends TabularOptions<TabularCriticRecord>, ValueTableOptions {
  /** The logits move by this times the gradient of `a2cLoss`, a mean over tokens; 10 by default. */
  rate?: number;
  /** Above 0. */
  beta: number;
  /** 32 by default. */
  batch?: number;
}

/**
 * Advantage actor-critic on a table of logits, with a table of values for critic: each batch is used once, for one step
 * of each (the synchronous A3C of Mnih et al. 2016, arXiv:1602.01783, there with n-step
 * returns: give `n`; by default with generalised advantages). The key decides everything.
 * @throws ShapeError, DomainError for options that cannot be; DivergenceError naming the step
 */
export function trainTabularA2c(
  key: Key,
  start: TreePolicy,
  options: TabularA2cOptions,
): TabularRun<TabularCriticRecord> {
  const { beta, rate = 10, criticRate = 0.3, batch = 32 } = options;
  for (const [name, value] of Object.entries({ beta, rate, criticRate })) checkRate(name, value);
  const critic = new ValueTable(start.tree);
  return runTabular(
    key,
    start,
    { ...options, batch },
    ({ policy, draw }) => {
      const drawn = draw();
      const { advantages, targets } = critic.judge(drawn, beta, options);
      const { gradient } = a2cLossAndGradient(
        drawn.logp,
        advantages,
        new Uint8Array(drawn.tokenIndices.length).fill(1),
      );
      descend(policy, drawn.tokenIndices, gradient, rate);
      critic.learn(drawn, targets, criticRate);
    },
    () => ({ value: critic.values[0] }),
  );
}
