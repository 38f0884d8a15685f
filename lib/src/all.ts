// Every door at once, flat: the one-word mend for a notebook that was begun before there were
// doors. Nothing is added here.
export * from "./core/index.js";
export * from "./data/index.js";
export * from "./grade/index.js";
export * from "./mdp/index.js";
export * from "./models/index.js";
export * from "./notebook/frame.js";
export * from "./notebook/index.js";
export * from "./numerics/index.js";
export * from "./policy/index.js";
export * from "./policy/tensor.js";
export * from "./preferences/index.js";
export * from "./random/index.js";
export * from "./rewards/index.js";
export * from "./rewards/tensor.js";
export * from "./selfplay/index.js";
export * from "./studies/index.js";
export * from "./tensor/index.js";
export * from "./tokenizers/index.js";
export * from "./train/index.js";
export * from "./trees/index.js";
export * from "./worlds/index.js";
export * from "./worlds/text/index.js";
