import { checkShare } from "../../core/checks.js";
import { complaint, ShapeError } from "../../core/index.js";

/**
 * A debate in turns: a statement of one of two debaters leads on; at its end the judge, who has heard what was said and
 * no more, gives debater 0 a share `verdict` of the prize, in [0, 1], and debater 1 the rest.
 */
export type Debate = { readonly verdict: number } | { readonly speaker: 0 | 1; readonly statements: readonly Debate[] };

/**
 * The minimax value of a debate: debater 0 says what makes the verdict greatest, debater 1 what makes it least, both
 * seeing all that is to come; with the line of statements they play, by number. Where statements tie, the first.
 * Irving, Christiano, Amodei 2018, arXiv:1805.00899.
 * @example
 * const answer = (verdict: number) => ({ verdict });
 * debateValue({ speaker: 0, statements: [answer(0.2), answer(0.7)] }) // { value: 0.7, line: [1] }
 * @throws DomainError for a verdict outside [0, 1]; ShapeError for a turn without statements
 */
export function debateValue(debate: Debate): { value: number; line: number[] } {
  if ("verdict" in debate) {
    const { verdict } = debate;
    checkShare("verdict", verdict);
    return { value: verdict, line: [] };
  }
  const { speaker, statements } = debate;
  if (statements.length === 0) throw new ShapeError(complaint("statements", "at least one", statements));
  let best = debateValue(statements[0]);
  let said = 0;
  for (let i = 1; i < statements.length; i++) {
    const other = debateValue(statements[i]);
    if (speaker === 0 ? other.value > best.value : other.value < best.value) {
      best = other;
      said = i;
    }
  }
  return { value: best.value, line: [said, ...best.line] };
}
