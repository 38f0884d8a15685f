export * from "./ballCurves.js";
export * from "./chiSquareBallWorst.js";
export * from "./groupRobust.js";
export * from "./intervalWorst.js";
export * from "./klBallWorst.js";
export * from "./l1Worst.js";
export * from "./totalVariationWorst.js";
export * from "./wassersteinWorst.js";
export type { BallWorst, WorstCase } from "./worstCase.js";
