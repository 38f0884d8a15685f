export * from "./colonelBlotto.js";
export * from "./counterfactualRegret.js";
export * from "./doubleOracle.js";
export {
  type BehaviourStrategy,
  bestResponseValue,
  type GameNode,
  gameNashConv,
  gameValue,
} from "./extensiveGame.js";
export * from "./gameEquilibrium.js";
export * from "./kuhnPoker.js";
export * from "./learning.js";
export * from "./leducPoker.js";
export * from "./logitEquilibrium.js";
export * from "./matrixGame.js";
export { type SequenceForm, type Sequences, sequenceForm } from "./sequenceForm.js";
