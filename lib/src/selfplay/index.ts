export * from "./intransitive/index.js";
export * from "./iterated/index.js";
export * from "./populations/index.js";
export * from "./ratings/index.js";
