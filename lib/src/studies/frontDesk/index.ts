export * from "./critic.js";
export { type FrontDeskLab, frontDeskLab, type PairJudge, type SlCai } from "./lab.js";
export {
  fittedJudge,
  frontDeskFeatureNames,
  frontDeskFeatures,
  frontDeskJudges,
  frontDeskOrderings,
  frontDeskRules,
} from "./principles.js";
export * from "./promptGuard.js";
export { replyTable } from "./replyTable.js";
export * from "./rows.js";
export * from "./swapScores.js";
