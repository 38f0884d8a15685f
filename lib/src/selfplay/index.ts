export * from "./intransitive/index.js";
