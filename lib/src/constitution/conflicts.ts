import { complaint, DomainError } from "../core/index.js";
import type { CompiledRule, Exchange } from "./rules.js";

/**
 * The minimal conflicts of rules: sets of rules that no reply keeps all at once, none of which contains another
 * (minimal unsatisfiable sets), by enumeration of subsets, small ones first. A rule that no reply keeps is a conflict
 * of its own. `exchanges` are all replies to one prompt, or all that can happen. Returns lists of places in `rules`.
 * @throws DomainError without exchanges, or for more than 16 rules
 * @example
 * const replies = ["yes", "no"].map((word) => ({ prompt: [], reply: [word] }));
 * conflicts([compileRule(rule.says("yes")), compileRule(rule.never("yes"))], replies) // [[0, 1]]
 */
export function conflicts(rules: readonly CompiledRule[], exchanges: readonly Exchange[]): number[][] {
  if (exchanges.length === 0) throw new DomainError(complaint("exchanges", "at least one", exchanges));
  if (rules.length > 16) throw new DomainError(complaint("rules", "at most 16, 65,536 subsets", rules.length));
  // Which rules a reply keeps, as bits; replies that keep the same ones are one.
  const kept = [
    ...new Set(exchanges.map((e) => rules.reduce((bits, one, i) => bits | (one.holds(e) ? 1 << i : 0), 0))),
  ];
  const size = (bits: number) => bits.toString(2).replaceAll("0", "").length;
  const subsets = Array.from({ length: 2 ** rules.length - 1 }, (_, i) => i + 1).sort((a, b) => size(a) - size(b));
  const found: number[] = [];
  for (const subset of subsets) {
    if (found.some((smaller) => (smaller & subset) === smaller)) continue;
    if (!kept.some((bits) => (bits & subset) === subset)) found.push(subset);
  }
  return found.map((bits) => rules.flatMap((_, i) => (bits & (1 << i) ? [i] : [])));
}
