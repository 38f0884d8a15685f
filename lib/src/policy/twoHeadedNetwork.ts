import { checkCount, checkLength } from "../core/checks.js";
import { complaint, DomainError } from "../core/index.js";
import { type Key, normal, split } from "../random/index.js";
import type { SequenceTree } from "../trees/index.js";

/**
 * A network small enough for plain loops, with a policy and a critic on one body, over the prefixes of a tree:
 *
 *   h = tanh(b + W[prompt] + sum over the prefix's places k of W[k, token]),   logits = U h + c,   value = v . h + d.
 *
 * A transformer shares what it learns between prefixes, and between policy and critic, where a table
 * shares nothing; this does too.
 */
export interface TwoHeadedNetwork {
  /** How many parameters there are: one flat list of them holds all. */
  readonly size: number;
  /**
   * The body Normal(0, 1 / L) for the tree's length L, the policy's head 0, the critic's head Normal(0,
   * valueDeviation^2), 0 by default.
   */
  init(key: Key, options?: { valueDeviation?: number }): Float64Array;
  /**
   * What the network says of every prefix after prompt number x: logits [P, V] and values [P]. With `only` [P], of the
   * prefixes that are not 0 there; what stands at the others means nothing.
   */
  forward(params: Float64Array, x: number, only?: ArrayLike<number>): TwoHeads;
  /** Adds to `into` what slopes in logits [P, V] and values [P] are in the parameters. */
  backward(
    params: Float64Array,
    x: number,
    heads: TwoHeads,
    slopes: { logits: Float64Array; values: Float64Array },
    into: Float64Array,
  ): void;
}

/** Logits [P, V] and values [P], and the body's h [P, width] behind them. */
export interface TwoHeads {
  readonly logits: Float64Array;
  readonly values: Float64Array;
  readonly hidden: Float64Array;
}

/** The network for a tree and so many prompts. @throws DomainError unless prompts and width are counts of at least 1 */
export function twoHeadedNetwork(
  tree: SequenceTree,
  { prompts, width }: { prompts: number; width: number },
): TwoHeadedNetwork {
  for (const [name, value] of Object.entries({ prompts, width })) {
    checkCount(name, value);
  }
  const { vocabulary: V, prefixes } = tree;
  const H = width;
  // Where each part begins in the list: inputs (prompts, then place by place), bias, policy's head, critic's head.
  const inputs = prompts + (tree.length - 1) * V;
  const bias = inputs * H;
  const policy = bias + H;
  const critic = policy + (H + 1) * V;
  const size = critic + H + 1;
  // Where the weights begin of the inputs that are on for a prefix, beside its prompt's.
  const active = prefixes.map((prefix) => Int32Array.from(prefix, (token, k) => (prompts + k * V + token) * H));
  const check = (params: Float64Array, x: number) => {
    checkLength("params", params, size);
    if (!Number.isInteger(x) || x < 0 || x >= prompts) {
      throw new DomainError(complaint("prompt", `a number from 0 to ${prompts - 1}`, x));
    }
  };
  return {
    size,
    init(key, { valueDeviation = 0 } = {}) {
      const [bodyKey, headKey] = split(key);
      const params = new Float64Array(size);
      params.set(normal(bodyKey, policy).map((z) => z / Math.sqrt(tree.length)));
      params.set(
        normal(headKey, H).map((z) => z * valueDeviation),
        critic,
      );
      return params;
    },
    forward(params, x, only) {
      check(params, x);
      const hidden = new Float64Array(prefixes.length * H);
      const logits = new Float64Array(prefixes.length * V);
      const values = new Float64Array(prefixes.length);
      for (let p = 0; p < prefixes.length; p++) {
        if (only?.[p] === 0) continue;
        values[p] = params[critic + H];
        for (let v = 0; v < V; v++) logits[p * V + v] = params[policy + H * V + v];
        for (let i = 0; i < H; i++) {
          let sum = params[bias + i] + params[x * H + i];
          for (let k = 0; k < active[p].length; k++) sum += params[active[p][k] + i];
          const h = Math.tanh(sum);
          hidden[p * H + i] = h;
          values[p] += h * params[critic + i];
          for (let v = 0; v < V; v++) logits[p * V + v] += h * params[policy + i * V + v];
        }
      }
      return { hidden, logits, values };
    },
    backward(params, x, { hidden }, slopes, into) {
      check(params, x);
      for (let p = 0; p < prefixes.length; p++) {
        const own = slopes.logits.subarray(p * V, (p + 1) * V);
        const value = slopes.values[p];
        if (value === 0 && own.every((s) => s === 0)) continue; // no drawn token stands here
        into[critic + H] += value;
        for (let v = 0; v < V; v++) into[policy + H * V + v] += own[v];
        for (let i = 0; i < H; i++) {
          const h = hidden[p * H + i];
          into[critic + i] += h * value;
          let back = value * params[critic + i];
          for (let v = 0; v < V; v++) {
            into[policy + i * V + v] += h * own[v];
            back += own[v] * params[policy + i * V + v];
          }
          back *= 1 - h * h;
          into[bias + i] += back;
          into[x * H + i] += back;
          for (let k = 0; k < active[p].length; k++) into[active[p][k] + i] += back;
        }
      }
    },
  };
}
