import { checkFinite } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";

/**
 * What an activation patch brings back, (m(patched) - m(corrupt)) / (m(clean) - m(corrupt)): 1 if writing one place of
 * the clean run into the corrupt one restores all of the measure m, 0 if nothing. Values beyond both are left as they
 * are. Vig et al. 2020, arXiv:2004.12265; Meng et al. 2022, arXiv:2202.05262.
 * @throws DomainError if a measure is not finite, or clean and corrupt do not differ: there is nothing to restore
 * @example patchingEffect({ clean: 4, corrupt: 2, patched: 3 }) // 0.5
 */
export function patchingEffect(measure: { clean: number; corrupt: number; patched: number }): number {
  const { clean, corrupt, patched } = measure;
  for (const [name, value] of Object.entries({ clean, corrupt, patched })) checkFinite(name, value);
  if (clean === corrupt) {
    const hint = "Where both runs say the same, nothing can be restored";
    throw new DomainError(complaint("clean", `another value than corrupt, ${corrupt}`, clean, hint));
  }
  return (patched - corrupt) / (clean - corrupt);
}
