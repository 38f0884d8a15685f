export {
  type AskOptions,
  type AskRun,
  answersNeeded,
  askAndLearn,
  excessLoss,
  type QuestionWorld,
  simpleRegret,
  unknowns,
} from "./ask.js";
export * from "./batch.js";
export * from "./bootstrapMembers.js";
export * from "./choose.js";
export * from "./committee.js";
export { binaryEntropy, entropyOfLogOdds } from "./entropy.js";
export * from "./gaussian.js";
export * from "./informationGain.js";
export * from "./optimalDesign.js";
export { type Strategy, strategies } from "./strategies.js";
