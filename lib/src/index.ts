// The one door that notebooks use: import { ... } from "rlhf-lab".
export * from "./core/index.js";
export * from "./data/index.js";
export * from "./envs/index.js";
export * from "./grade/index.js";
export * from "./models/index.js";
export * from "./notebook/index.js";
export * from "./numerics/index.js";
export * from "./policy/index.js";
export * from "./preferences/index.js";
export * from "./random/index.js";
export * from "./rewards/index.js";
export * from "./tensor/index.js";
export * from "./train/backbones/index.js";
export * from "./train/index.js";
export * from "./train/tabular/index.js";
