export * from "./extensiveGame.js";
export * from "./kuhnPoker.js";
export * from "./learning.js";
export * from "./matrixGame.js";
