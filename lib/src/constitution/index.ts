// Principles as numbers: scores and their trade-offs, hard and soft constraints and what they cost, the noise that many
// principles bring, how much to trust them, whether revising by them ends. And a constitution written and enforced:
// rules, critique, labels, red teams, guards.

export * from "./abTest.js";
export * from "./aiLabels.js";
export * from "./attackSuccess.js";
export * from "./byPriority.js";
export * from "./climbTogether.js";
export * from "./conflicts.js";
export * from "./consistency.js";
export * from "./critiqueChain.js";
export * from "./crossValidateShrinkage.js";
export * from "./distanceToFront.js";
export * from "./dividedPenalty.js";
export * from "./dualAscent.js";
export * from "./gradientSurgery.js";
export * from "./guard.js";
export * from "./hardConstraint.js";
export * from "./hypervolume.js";
export * from "./maxMin.js";
export * from "./minNorm.js";
export * from "./minNormUnderNoise.js";
export * from "./pareto.js";
export * from "./principleNoise.js";
export type { Attack, RedTeamSearch, SwapScores } from "./redTeam.js";
export * as redTeam from "./redTeam.js";
export * from "./reviseMap.js";
export * from "./reviseText.js";
export * from "./rewardErrorParts.js";
export * from "./ruleRewards.js";
export * from "./rules.js";
export * from "./scalarise.js";
export * from "./shrunkReward.js";
export * from "./slCaiRows.js";
export * from "./softConstraint.js";
export * from "./supportedPoints.js";
export * from "./tokenMask.js";
export * from "./unsatisfiable.js";
// A namespace, so that attacks have their own names: redTeam.hillClimb(key, search).
