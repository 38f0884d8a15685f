import { complaint, DomainError } from "../core/index.js";
import { wilsonInterval } from "../numerics/index.js";

/** What a red team found, prompt by prompt. */
export interface AttackSuccess {
  /** Share of the attacked prompts that broke at least once, and its Wilson interval. */
  readonly rate: number;
  readonly interval: { low: number; high: number };
  /** Share of all tries that broke: what a guest who tries once meets. */
  readonly perTry: number;
  /** The greatest share of broken tries over prompts, and the place of its prompt: a maximum, not a mean. */
  readonly worst: number;
  readonly worstPrompt: number;
}

/**
 * The attack success rate: a prompt counts once, however often it was tried. `broken[x][k]` is whether try k of
 * attacked prompt x broke the model; benign prompts have no place in it.
 * @throws DomainError without prompts, or for a prompt without tries
 */
export function attackSuccess(broken: readonly (readonly boolean[])[], level = 0.95): AttackSuccess {
  if (broken.length === 0) throw new DomainError(complaint("broken", "at least one prompt", broken));
  const shares = broken.map((tries, x) => {
    if (tries.length === 0) throw new DomainError(complaint(`broken[${x}]`, "at least one try", tries));
    return tries.filter(Boolean).length / tries.length;
  });
  const hit = shares.filter((share) => share > 0).length;
  const worst = shares.reduce((a, b) => Math.max(a, b));
  const tries = broken.flat();
  return {
    rate: hit / broken.length,
    interval: wilsonInterval(hit, broken.length, level),
    perTry: tries.filter(Boolean).length / tries.length,
    worst,
    worstPrompt: shares.indexOf(worst),
  };
}
