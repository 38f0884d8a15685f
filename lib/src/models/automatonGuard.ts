import { tf } from "../tensor/index.js";
import { mayStopIn, type TokenAutomaton } from "../tokenizers/index.js";
import { NEVER } from "./sampling.js";

/** An automaton at work in a rollout: a state for each row. */
export interface AutomatonGuard {
  /** Logits [B, V] of new token number n, lowered by 1e9 for tokens that may not follow. */
  readonly mask: (logits: tf.Tensor2D, n: number) => tf.Tensor2D;
  /** Moves each row by the token that was drawn, [B] int32. */
  readonly read: (tokens: tf.Tensor1D) => void;
}

/**
 * Follows rows through an automaton, from `states` [B] int32, for `newTokens` tokens: a token is allowed if it leads to
 * a state from which the rest can be written. The tables are constants of the graph, [S, V] one of them.
 */
export function automatonGuard(automaton: TokenAutomaton, states: tf.Tensor1D, newTokens: number): AutomatonGuard {
  const { states: S, vocabulary: V } = automaton;
  const next = tf.tensor2d(automaton.next, [S, V], "int32");
  const open = mayStopIn(automaton, newTokens);
  let state = states;
  return {
    mask: (logits, n) => {
      const after = tf.gather(next, state);
      let allowed: tf.Tensor = tf.greaterEqual(after, tf.scalar(0, "int32"));
      const rest = open[newTokens - 1 - n];
      if (rest.includes(0)) {
        const leads = tf.gather(tf.tensor1d(Int32Array.from(rest), "int32"), tf.maximum(after, tf.scalar(0, "int32")));
        allowed = tf.logicalAnd(allowed, leads.toBool());
      }
      return tf.where(allowed, logits, tf.add(logits, NEVER)) as tf.Tensor2D;
    },
    read: (tokens) => {
      const at = tf.add(tf.mul(state, tf.scalar(V, "int32")), tokens);
      // After a row's end its tokens are not drawn for use; a state below 0 would read past the table.
      state = tf.maximum(tf.gather(next.reshape([-1]), at as tf.Tensor1D), tf.scalar(0, "int32")) as tf.Tensor1D;
    },
  };
}
