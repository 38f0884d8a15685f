import { agentErrata } from "./agents.js";
import { aggregationErrata } from "./aggregation.js";
import { alignmentErrata } from "./alignment.js";
import { constitutionErrata } from "./constitution.js";
import type { Erratum } from "./erratum.js";
import { oneTheoryErrata } from "./oneTheory.js";
import { policyErrata } from "./policy.js";
import { preferenceErrata } from "./preferences.js";
import { rewardErrata } from "./rewards.js";
import { robustnessErrata } from "./robustness.js";
import { safetyErrata } from "./safety.js";
import { selfPlayErrata } from "./selfPlay.js";

export * from "./erratum.js";
export * from "./inPrint.js";
export * from "./ownMistakes.js";
export { abilitiesByGradient } from "./preferences.js";
export { coverageAtTheTop } from "./robustness.js";

/** Every sentence of the theory text that was put on trial, by topic. */
export const errata: readonly Erratum[] = [
  ...preferenceErrata,
  ...rewardErrata,
  ...aggregationErrata,
  ...policyErrata,
  ...constitutionErrata,
  ...selfPlayErrata,
  ...alignmentErrata,
  ...robustnessErrata,
  ...safetyErrata,
  ...agentErrata,
  ...oneTheoryErrata,
];
