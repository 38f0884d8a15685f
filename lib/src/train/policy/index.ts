export type { Advantages, LossInputs, PolicyAlgorithm } from "./algorithm.js";
// A namespace, so that algorithms have their own names: algorithms.ppo({ clip: 0.1 }).
export * as algorithms from "./algorithms/index.js";
export { criticAdvantages, onEveryToken, regularisedRewards } from "./credit.js";
export {
  type Experience,
  experienceOf,
  sampledKl,
} from "./experience.js";
export type { Algorithm, Learner, LearnerAlgorithm, LearnerSetup, LearnerState, Written } from "./learner.js";
export type { PolicyRunState } from "./onPolicy.js";
export * from "./pairJudge.js";
export * from "./reward.js";
export type { RolloutOptions } from "./rolloutCollector.js";
export * from "./trainPolicy.js";
export * from "./trainSafePolicy.js";
export { type PolicyBatch, type PolicyParams, type PolicyState, policyStep } from "./update.js";
