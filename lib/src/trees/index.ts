// The enumerable language model: every sequence that can be written, and softmax policies over them.
export * from "./expectedScore.js";
export * from "./sequenceKl.js";
export * from "./sequencePolicy.js";
export * from "./sequenceTree.js";
export * from "./tokenRewards.js";
export * from "./treePolicy.js";
