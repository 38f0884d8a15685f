// The enumerable language model: every sequence that can be written, and softmax policies over them.

export * from "./contexts.js";
export * from "./drawSequences.js";
export * from "./gradients.js";
export * from "./maskTokens.js";
export * from "./sequenceKl.js";
export * from "./sequenceLogProbs.js";
export * from "./sequenceTree.js";
export * from "./tokenRewards.js";
export * from "./treePolicy.js";
