import { checkLength } from "../../core/checks.js";
import { complaint, DivergenceError, DomainError } from "../../core/index.js";
import type { Prompts, Rollout } from "../../models/index.js";
import { explainedVariance } from "../../policy/index.js";

/**
 * What a policy did and what came of it: the one rollout buffer of all algorithms. Numbers on plain arrays, row-major
 * [B, T], aligned with the tokens; everything is 0 where the mask is 0.
 */
export interface Experience {
  /** B, T and the number of completions to each prompt: rows of a group are neighbours. */
  readonly rows: number;
  readonly columns: number;
  readonly group: number;
  readonly tokens: Int32Array;
  /** The column of each row's first token, [B], when prompts are padded on the left. */
  readonly starts?: Int32Array;
  /** 1 on the tokens that were drawn. */
  readonly mask: Float32Array;
  /** log-probability under the policy that wrote them, in nats. */
  readonly logpOld: Float32Array;
  /** The same under the reference policy. */
  readonly logpRef: Float32Array;
  /** What the critic expected just before each token, if there is one. */
  readonly values?: Float32Array;
  /** What is optimised, one number per row, [B]. */
  readonly reward: Float64Array;
  /** What people really want, [B], where a world knows it. Nothing learns from it. */
  readonly trueReward?: Float64Array;
  /** What is to be kept small, by name, [B] each: for algorithms that are constrained. */
  readonly costs?: { readonly [name: string]: Float64Array };
  /** What the opponent wrote after the same prompts, laid out as the policy's own rows, if there is one. */
  readonly opponent?: { readonly tokens: Int32Array; readonly mask: Float32Array };
}

/** KL(policy || reference) of each row by its own sample: sum over tokens of logpOld - logpRef, [B], in nats. */
export function sampledKl({ rows, columns, logpOld, logpRef }: Experience): Float64Array {
  const out = new Float64Array(rows);
  for (let b = 0; b < rows; b++) {
    for (let t = 0; t < columns; t++) out[b] += logpOld[b * columns + t] - logpRef[b * columns + t];
  }
  return out;
}

/**
 * Puts an experience together from a rollout and what others say of it.
 * @throws DomainError if a reward is missing or not finite
 */
export function experienceOf(
  rollout: Rollout,
  prompts: Prompts,
  group: number,
  said: {
    logpRef: Float32Array;
    values?: Float32Array;
    reward: ArrayLike<number>;
    trueReward?: ArrayLike<number>;
    costs?: { readonly [name: string]: ArrayLike<number> };
    opponent?: Rollout;
  },
): Experience {
  const [rows, columns] = rollout.tokens.shape;
  const mask = rollout.mask.dataSync() as Float32Array;
  // Of the distribution that they were drawn from: the policy is what writes.
  const logpOld = rollout.samplingLogProbs.dataSync() as Float32Array;
  const lost = logpOld.findIndex((logp) => !Number.isFinite(logp));
  if (lost >= 0) {
    const hint = "The policy itself has diverged: try a smaller learning rate, or clip gradients";
    throw new DivergenceError(complaint("log-probability of a drawn token", "a finite number", logpOld[lost], hint));
  }
  const never = said.logpRef.findIndex((logp) => !Number.isFinite(logp));
  if (never >= 0) {
    const hint = "What the reference never writes has an infinite KL";
    throw new DomainError(
      complaint("reference log-probability of a drawn token", "a finite number", said.logpRef[never], hint),
    );
  }
  return {
    rows,
    columns,
    group,
    tokens: rollout.tokens.dataSync() as Int32Array,
    ...(prompts.starts && { starts: prompts.starts.dataSync() as Int32Array }),
    mask,
    logpOld,
    logpRef: said.logpRef,
    ...(said.values && { values: said.values }),
    reward: checked("reward", said.reward, rows),
    ...(said.trueReward && { trueReward: checked("trueReward", said.trueReward, rows) }),
    ...(said.costs && {
      costs: Object.fromEntries(
        Object.entries(said.costs).map(([name, costs]) => [name, checked(`costs.${name}`, costs, rows)]),
      ),
    }),
    ...(said.opponent && {
      opponent: {
        tokens: said.opponent.tokens.dataSync() as Int32Array,
        mask: said.opponent.mask.dataSync() as Float32Array,
      },
    }),
  };
}

/**
 * How much of the variance of what the critic should have said its values explain, over the drawn
 * tokens. Without values 0.
 */
export function explained({ values, mask }: Experience, returns: ArrayLike<number>): number {
  return values === undefined ? 0 : explainedVariance(values, returns, mask);
}

/** Some rows of a list that has `width` numbers for each; all of them, the list itself, without `rows`. */
export function takeRows<A extends Float32Array | Int32Array>(from: A, width: number, rows?: ArrayLike<number>): A {
  if (rows === undefined) return from;
  const out = new (from.constructor as new (length: number) => A)(rows.length * width);
  for (let i = 0; i < rows.length; i++) out.set(from.subarray(rows[i] * width, (rows[i] + 1) * width), i * width);
  return out;
}

function checked(what: string, values: ArrayLike<number>, rows: number): Float64Array {
  checkLength(what, values, rows, "one per completion");
  const out = Float64Array.from(values);
  const wrong = out.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) throw new DomainError(complaint(`${what} of completion ${wrong}`, "a finite number", out[wrong]));
  return out;
}
