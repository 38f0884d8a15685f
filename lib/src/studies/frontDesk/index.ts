export * from "./critic.js";
export { type CompletionJudge, type FrontDeskLab, frontDeskLab, type SlCai } from "./lab.js";
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
