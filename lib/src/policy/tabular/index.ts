export * from "./a2c.js";
export type {
  TabularActorCriticOptions,
  TabularActorCriticRecord,
  TabularActorCriticRun,
} from "./actorCriticTable.js";
export * from "./ppo.js";
export * from "./probeCritic.js";
export * from "./promptReinforce.js";
export * from "./reinforce.js";
export * from "./sac.js";
export type { TabularWatch } from "./tabularLoop.js";
export type { ValueTableOptions } from "./valueTable.js";
