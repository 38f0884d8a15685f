import { type StandardsGame, standardsGame } from "../agents/index.js";

/** What each of three standards is worth to each of five agents' tasks, [5][3]. */
export const fiveAgentsTask = [
  [1, 0.2, 0.3],
  [0.9, 0.3, 0.2],
  [0.2, 1, 0.3],
  [0.3, 0.9, 0.2],
  [0.5, 0.5, 0.6],
] as const;

/** How well each of the three standards keeps the constitution, [3]: the third does, and no task but one wants it. */
export const fiveAgentsAdherence = [0.2, 0.4, 1] as const;

/** What five agents like best of a line from 0 to 1. */
export const fiveAgentsPeaks = [0.1, 0.3, 0.4, 0.6, 0.9] as const;

/**
 * Five agents, three standards: small enough that all 243 profiles, and with them all equilibria, can be looked at.
 * Lessons: 21.
 */
export function fiveAgents({ gamma, lambda = 0 }: { gamma: number; lambda?: number }): StandardsGame {
  return standardsGame({ task: fiveAgentsTask, adherence: fiveAgentsAdherence, gamma, lambda });
}

/** Mean adherence of a profile. */
export function fiveAgentsKept(profile: readonly number[]): number {
  return profile.reduce((sum, k) => sum + fiveAgentsAdherence[k] / profile.length, 0);
}
