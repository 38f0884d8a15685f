export * from "./klShapedRewards.js";
export * from "./learningCurves.js";
export { leaveOneOutCredit } from "./leaveOneOutCredit.js";
export * from "./potential.js";
export * from "./shapedMdp.js";
export * from "./shapleyCredit.js";
export * from "./sparseDense.js";
export * from "./valueCredit.js";
