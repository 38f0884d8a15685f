import { checkCount } from "../core/checks.js";
import { complaint, DomainError } from "../core/index.js";
import { checkTokenIds } from "./tokenIds.js";

/** A deterministic automaton over tokens that says which token may follow: what constrained decoding needs. */
export interface TokenAutomaton {
  /** S: states are 0 .. S-1. */
  readonly states: number;
  /** V. */
  readonly vocabulary: number;
  /** The state after token v in state s, at [s * V + v], or -1 if v may not follow. [S * V] */
  readonly next: Int32Array;
  /** 1 where a text may be broken off, [S]. */
  readonly mayStop: Uint8Array;
  /** The token that ends a text, if the automaton knows one: after it anything may follow. */
  readonly end?: number;
  /** The state after a prompt, whatever is in it. */
  readonly stateAfter: (prompt: ArrayLike<number>) => number;
}

/**
 * Whether a text in state s can still come to a permitted end if it is broken off after exactly r more tokens, at
 * [r][s], r = 0 .. tokens. (The end token leads to a state that anything may follow.) A mask that lets a token lead
 * only to such states never runs out of tokens.
 * @throws DomainError unless tokens is a count
 */
export function mayStopIn(automaton: TokenAutomaton, tokens: number): Uint8Array[] {
  checkCount("tokens", tokens, 0);
  const { states, vocabulary, next, mayStop } = automaton;
  const out = [Uint8Array.from(mayStop)];
  for (let r = 1; r <= tokens; r++) {
    const before = out[r - 1];
    out.push(
      Uint8Array.from({ length: states }, (_, s) => {
        for (let at = s * vocabulary; at < (s + 1) * vocabulary; at++) {
          if (next[at] >= 0 && before[next[at]] === 1) return 1;
        }
        return 0;
      }),
    );
  }
  return out;
}

/**
 * Whether the automaton lets a completion through, token by token, and lets it be broken off at its end.
 * @throws DomainError for a token that is none
 */
export function isAccepted(
  automaton: TokenAutomaton,
  completion: ArrayLike<number>,
  prompt: ArrayLike<number> = [],
): boolean {
  checkTokenIds("completion", completion, automaton.vocabulary);
  let state = automaton.stateAfter(prompt);
  for (let t = 0; t < completion.length && state >= 0; t++) {
    state = automaton.next[state * automaton.vocabulary + completion[t]];
  }
  return state >= 0 && automaton.mayStop[state] === 1;
}

/**
 * Whether the automaton fits a model of this vocabulary whose texts end with one of `stops`: what it takes for the end
 * must be one (else a text goes on where the automaton has stopped looking), and where a text may not end anywhere, the
 * only one.
 * @throws DomainError if not
 */
export function checkAutomaton(automaton: TokenAutomaton, vocabulary: number, stops: readonly number[] = []): void {
  const { end } = automaton;
  if (automaton.vocabulary !== vocabulary || automaton.next.length !== automaton.states * vocabulary) {
    throw new DomainError(complaint("automaton", `one over ${vocabulary} tokens`, automaton.vocabulary));
  }
  if (end !== undefined && !stops.includes(end)) {
    const hint = "A text that goes on behind it would not be watched";
    throw new DomainError(complaint("automaton.end", "a token that the model stops at", end, hint));
  }
  const other = stops.find((stop) => stop !== end);
  if (other !== undefined && automaton.mayStop.includes(0)) {
    throw new DomainError(complaint("automaton.end", `the stop token, ${other}: a text may not end anywhere`, end));
  }
}
