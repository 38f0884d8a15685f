import { checkCount } from "../../core/checks.js";

export interface ObfuscatedArgument {
  /** Steps of the argument, of which one is false. */
  steps: number;
  /** How many of them are looked at; 1 by default. */
  challenges?: number;
  /** Whether a debater knows which one is false; false by default. */
  flawIsKnown?: boolean;
}

/**
 * With what probability the one false step of an argument is found: challenges / steps (1 at most) if nobody can tell
 * which it is, the liar included; 1 if a debater knows it and can point there. An honest debater cannot refute what it
 * cannot find, though it knows the conclusion to be false. Barnes and Christiano 2020, "obfuscated arguments".
 * @example obfuscatedDetection({ steps: 100, challenges: 5 }) // 0.05
 */
export function obfuscatedDetection({ steps, challenges = 1, flawIsKnown = false }: ObfuscatedArgument): number {
  checkCount("steps", steps);
  checkCount("challenges", challenges, 0);
  if (challenges === 0) return 0;
  return flawIsKnown ? 1 : Math.min(challenges / steps, 1);
}

/**
 * How many questions "is everything right up to here?" lead to the false step if a debater can answer them: the least
 * integer of at least log2(steps), by bisection.
 */
export function bisectionRounds(steps: number): number {
  checkCount("steps", steps);
  let rounds = 0;
  for (let reached = 1; reached < steps; reached *= 2) rounds++;
  return rounds;
}
