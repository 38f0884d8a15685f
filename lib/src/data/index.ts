export * from "./afinn.js";
export * from "./anaesthetists.js";
export * from "./ballots.js";
export * from "./comparisons/index.js";
export * from "./corpus.js";
export * from "./frontDeskRuns.js";
export * from "./opticalDigits.js";
export * from "./winTable.js";
