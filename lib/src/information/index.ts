export * from "./capacity.js";
export * from "./channel.js";
export * from "./control.js";
export * from "./correlation.js";
export * from "./loop.js";
export * from "./people.js";
export * from "./rateDistortion.js";
export * from "./steps.js";
