import { complaint, DomainError } from "../core/index.js";
import type { EncodeOptions, SpecialIds, SpecialTokens } from "./tokenizer.js";

/** The special tokens' names in the order of their ids (a shared name once), and the id of each role. */
export function specialIds(special: SpecialTokens): { names: string[]; ids: SpecialIds } {
  const names = [...new Set([special.pad, special.bos, special.eos])];
  if (special.pad === special.bos || special.pad === special.eos) {
    const hint = "A padded position must be told from a written one";
    throw new DomainError(complaint("special.pad", "a name of its own", special.pad, hint));
  }
  const id = (name: string) => names.indexOf(name);
  return { names, ids: { pad: id(special.pad), bos: id(special.bos), eos: id(special.eos) } };
}

/** Adds the ends that the options ask for. */
export function withEnds(ids: number[], special: SpecialIds, options: EncodeOptions): number[] {
  if (options.bos) ids.unshift(special.bos);
  if (options.eos) ids.push(special.eos);
  return ids;
}

/** Refuses an id outside the vocabulary, a NaN or a fraction. */
export function checkId(id: number, vocabularySize: number): void {
  if (!Number.isInteger(id) || id < 0 || id >= vocabularySize) {
    throw new DomainError(complaint("token id", `a whole number from 0 to ${vocabularySize - 1}`, id));
  }
}
