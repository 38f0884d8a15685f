// Whole loops on a table of logits, in float64, measured by enumeration.
export * from "./a2c.js";
export * from "./ppo.js";
export * from "./promptReinforce.js";
export * from "./reinforce.js";
export type {
  TabularCriticRecord,
  TabularOptions,
  TabularRecord,
  TabularRun,
} from "./runTabular.js";
export * from "./sac.js";
export type { TabularWatch } from "./tabularLoop.js";
export type { ValueTableOptions } from "./valueTable.js";
