export * from "./treeSteps.tensor.js";
