// The float32 floor: the same on tensors.
export * from "./actorCritic/tensor.js";
export * from "./direct/tensor.js";
export * from "./groups/tensor.js";
export * from "./kl/tensor.js";
export * from "./ppo/tensor.js";
export * from "./reinforce/tensor.js";
