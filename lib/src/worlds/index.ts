export * from "./drafts.js";
export * from "./exact.js";
export * from "./markovChain.js";
export * from "./phrases.js";
export * from "./probes.js";
export * from "./sequencePolicy.js";
export * from "./sequenceTree.js";
export * from "./tabularMdp.js";
