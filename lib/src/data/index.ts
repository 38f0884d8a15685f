export * from "./corpus.js";
export * from "./winTable.js";
