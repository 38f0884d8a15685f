// A constitution written and enforced: rules, critique, labels, red teams, guards.
export * from "./aiLabels.js";
export * from "./attackSuccess.js";
export * from "./byPriority.js";
export * from "./conflicts.js";
export * from "./consistency.js";
export * from "./guard.js";
export type { Attack, RedTeamSearch, SwapScores } from "./redTeam.js";
// A namespace, so that attacks have their own names: redTeam.hillClimb(key, search).
export * as redTeam from "./redTeam.js";
export * from "./reviseText.js";
export * from "./ruleRewards.js";
export * from "./rules.js";
export * from "./slCaiRows.js";
