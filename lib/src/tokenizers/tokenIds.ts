import { complaint, DomainError } from "../core/index.js";

/**
 * Whether every one is a token: a whole number from 0 to vocabulary - 1 (to 2^31 - 1 for a vocabulary not known).
 * Into an Int32Array NaN goes as 0 and 1.5 as 1, so this is asked first. `what` names the list: "completion of row 3".
 * @throws DomainError naming the first that is none
 */
export function checkTokenIds(what: string, tokens: ArrayLike<number>, vocabulary = 2 ** 31): void {
  for (let t = 0; t < tokens.length; t++) {
    const token = tokens[t];
    if (Number.isInteger(token) && token >= 0 && token < vocabulary) continue;
    const hint =
      token === -100 ? "Labels that other tools mask by -100 are left out here: masks follow from the prompt" : "";
    throw new DomainError(complaint(`token ${t} of ${what}`, `a token id from 0 to ${vocabulary - 1}`, token, hint));
  }
}
