export * from "./backend.js";
export * from "./gradients.js";
export * from "./init.js";
export * from "./tf.js";
export * from "./tree.js";
