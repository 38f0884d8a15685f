export * from "./intervalBounds.js";
export * from "./linearBounds.js";
export * from "./lipschitzBound.js";
export { type Box, type DenseLayer, evaluateNetwork, type ReluNetwork } from "./reluNetwork.js";
