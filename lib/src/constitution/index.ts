// A constitution written and enforced: rules, critique, labels, red teams, guards.
export * from "./aiLabels.js";
export * from "./slCaiRows.js";
