import { complaint, DomainError } from "../core/index.js";
import type { CompiledRule, Exchange } from "./rules.js";
import { minimalUnsatisfiable } from "./unsatisfiable.js";

/**
 * The minimal conflicts of rules: sets of rules that no reply keeps all at once, none of which contains another
 * (`minimalUnsatisfiable`), small ones first. A rule that no reply keeps is a conflict
 * of its own. `exchanges` are all replies to one prompt, or all that can happen. Returns lists of places in `rules`.
 * @throws DomainError without exchanges, or for more than 16 rules
 * @example
 * const replies = ["yes", "no"].map((word) => ({ prompt: [], reply: [word] }));
 * conflicts([compileRule(rule.says("yes")), compileRule(rule.never("yes"))], replies) // [[0, 1]]
 */
export function conflicts(rules: readonly CompiledRule[], exchanges: readonly Exchange[]): number[][] {
  if (exchanges.length === 0) throw new DomainError(complaint("exchanges", "at least one", exchanges));
  if (rules.length > 16) throw new DomainError(complaint("rules", "at most 16, 65,536 subsets", rules.length));
  if (rules.length === 0) return [];
  return minimalUnsatisfiable(rules.map((one) => exchanges.map((exchange) => one.holds(exchange))));
}
