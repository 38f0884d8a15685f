export * from "./afinn.js";
export * from "./corpus.js";
export * from "./winTable.js";
