export * from "./expectedImprovement.js";
export * from "./gaussianProcess.js";
export * from "./kernels.js";
export * from "./knowledgeGradient.js";
export type { MostImproving } from "./mostImproving.js";
export * from "./safeOptStep.js";
export * from "./safeOptTrial.js";
export * from "./thompson.js";
