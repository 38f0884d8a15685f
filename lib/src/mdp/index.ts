export * from "./markovChain.js";
export * from "./qLearning.js";
export * from "./tabularMdp.js";
