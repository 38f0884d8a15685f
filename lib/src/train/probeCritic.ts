import { checkCount } from "../core/checks.js";
import { complaint, DomainError } from "../core/index.js";
import { generalizedAdvantages } from "../policy/index.js";
import type { Key } from "../random/index.js";
import { type Probe, probeQuestions, probeReplies } from "../worlds/probes.js";

/** A critic to put on trial: a table, what it recognises a state by, and what it is taught. */
export interface ProbeCritic {
  /** States with one name share one value; prompt and prefix by default. */
  sees?(prompt: number, prefix: readonly number[]): string;
  /**
   * What the value before each token of a reply should have been, [n]; lambda-returns with lambda 0.95 by default.
   * rewards [n]; values [n], before each token; nothing comes after the last one.
   */
  targets?(rewards: Float64Array, values: Float64Array, discount: number): ArrayLike<number>;
}

export interface ProbeOutcome {
  /** Prompt, prefix, the right answer and how often the state is met, as `probeQuestions` has them. */
  prompt: number;
  prefix: readonly number[];
  answer: number;
  /** What the critic says. */
  said: number;
}

/**
 * Teaches a critic by replies of the probe's writer and asks it about every state. V moves towards the mean
 * of its targets, V += (target - V) / k^0.8 at the k-th visit, so that early targets, which came of an
 * ignorant critic, are forgotten.
 * @throws DomainError for fewer than one reply, or targets of another number than the reply's tokens
 */
export function tryProbe(key: Key, probe: Probe, critic: ProbeCritic = {}, { replies = 2000 } = {}): ProbeOutcome[] {
  const { sees = (prompt, prefix) => `${prompt}: ${prefix}`, targets = lambdaTargets } = critic;
  checkCount("replies", replies);
  const table = new Map<string, { value: number; visits: number }>();
  const batch = probeReplies(key, probe, replies);
  const { tree } = probe;
  for (let b = 0; b < replies; b++) {
    const reply = tree.sequences[batch.reply[b]];
    const states = reply.map((_, t) => sees(batch.prompt[b], reply.slice(0, t)));
    const values = Float64Array.from(states, (state) => table.get(state)?.value ?? 0);
    const rewards = batch.rewards.slice(b * batch.width, b * batch.width + reply.length);
    const wanted = targets(rewards, values, probe.discount);
    if (wanted.length !== reply.length) {
      throw new DomainError(complaint("targets", `${reply.length} numbers, one per token`, wanted));
    }
    states.forEach((state, t) => {
      const { value, visits } = table.get(state) ?? { value: 0, visits: 0 };
      table.set(state, { value: value + (wanted[t] - value) / (visits + 1) ** 0.8, visits: visits + 1 });
    });
  }
  return probeQuestions(probe).map(({ prompt, prefix, answer }) => ({
    prompt,
    prefix: tree.prefixes[prefix],
    answer,
    said: table.get(sees(prompt, tree.prefixes[prefix]))?.value ?? 0,
  }));
}

/** The largest error of a trial. NaN counts as Infinity. */
export function probeError(outcomes: readonly ProbeOutcome[]): number {
  return outcomes.reduce((most, { said, answer }) => {
    const error = Math.abs(said - answer);
    return Math.max(most, Number.isNaN(error) ? Number.POSITIVE_INFINITY : error);
  }, 0);
}

function lambdaTargets(rewards: Float64Array, values: Float64Array, discount: number): Float64Array {
  const advantages = generalizedAdvantages(rewards, [...values, 0], { discount, lambda: 0.95 });
  return advantages.map((advantage, t) => advantage + values[t]);
}
