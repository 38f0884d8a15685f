export * from "./conservativeDpo.tensor.js";
export * from "./dpo.tensor.js";
export * from "./ipo.tensor.js";
export { ktoLoss, ktoReferencePoint } from "./kto.tensor.js";
export { orpoLoss } from "./orpo.tensor.js";
export * from "./robustDpo.tensor.js";
export * from "./simpo.tensor.js";
