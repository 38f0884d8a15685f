import { logSoftmax } from "../../numerics/index.js";
import { softPolicyLossAndGradient, softTargets, softValue, temperatureStep } from "../../policy/index.js";
import { foldIn, type Key, randint } from "../../random/index.js";
import {
  checkRate,
  runTabular,
  type TabularActorCriticOptions,
  type TabularActorCriticRun,
} from "./actorCriticTable.js";

export interface TabularSacOptions extends TabularActorCriticOptions {
  /** The logits of a state move by this times the gradient of its `softPolicyLoss`; 1 by default. */
  rate?: number;
  /**
   * Q(s, a) moves by this share towards its target; 1 by default: rewards and what follows a token are certain here.
   */
  criticRate?: number;
  /** Tokens drawn from the replay buffer in each step; 256 by default. */
  replay?: number;
  /**
   * Left out, the temperature is beta throughout. Otherwise it is learned: the policy's mean entropy per token (or,
   * with a reference, minus its mean KL per token) is steered to this, in nats.
   */
  targetEntropy?: number;
  /** Of the temperature's logarithm; 0.02 by default. */
  temperatureRate?: number;
}

/**
 * Discrete soft actor-critic on tables (Christodoulou 2019, arXiv:1910.07207): a replay buffer that forgets nothing, Q
 * [P, V] with soft targets, and a policy that descends `softPolicyLoss` in the states that were replayed. It departs
 * from the paper where a table needs no help: no target network, one Q instead of the smaller of two. Entropy is
 * measured against the reference: soft values are E[Q] - temperature * KL(pi || ref). The key decides everything.
 * @throws ShapeError, DomainError for options that cannot be; DivergenceError naming the step
 */
export function trainTabularSac(key: Key, options: TabularSacOptions): TabularActorCriticRun {
  const { tree, rows, beta, rate = 1, criticRate = 1, replay = 256, targetEntropy, temperatureRate = 0.02 } = options;
  for (const [name, value] of Object.entries({ rate, criticRate, temperatureRate })) checkRate(name, value);
  const V = tree.vocabulary;
  const Q = new Float64Array(tree.prefixes.length * V);
  const memory: { prefix: number; token: number; reward: number }[] = [];
  let logTemperature = Math.log(beta);
  let first = 0;
  return runTabular(
    key,
    options,
    ({ key, logits, reference, drawn }) => {
      drawn.prefix.forEach((prefix, i) => {
        memory.push({ prefix, token: drawn.token[i], reward: drawn.reward[i] });
      });
      const alpha = Math.exp(logTemperature);
      const row = (table: Float64Array, at: number) => table.subarray(at * V, (at + 1) * V);
      // Of the few states that this step looks at.
      const known = new Map<number, number[]>();
      const logp = (p: number) => {
        const found = known.get(p) ?? logSoftmax(row(logits, rows[p]));
        known.set(p, found);
        return found;
      };
      const soft = (p: number) => softValue(row(Q, p), logp(p), alpha, row(reference, p));
      const places = randint(foldIn(key, 0), replay, 0, memory.length);
      const batch = Array.from(places, (i) => memory[i]);
      const next = batch.map(({ prefix, token }) => tree.next[prefix * V + token]);
      const targets = softTargets(
        batch.map(({ reward }) => reward),
        next.map((p) => (p >= 0 ? soft(p) : 0)),
        next.map((p) => (p >= 0 ? 0 : 1)),
        1,
      );
      batch.forEach(({ prefix, token }, i) => {
        Q[prefix * V + token] += criticRate * (targets[i] - Q[prefix * V + token]);
      });
      first = soft(0);
      const zeros = new Float64Array(V);
      const entropies = batch.map(({ prefix: p }) => softValue(zeros, logp(p), 1, row(reference, p)));
      const visited = [...new Set(batch.map(({ prefix }) => prefix))];
      for (const p of visited) {
        const at = row(logits, rows[p]);
        const { gradient } = softPolicyLossAndGradient(at, row(Q, p), alpha, row(reference, p));
        gradient.forEach((slope, v) => {
          at[v] -= rate * slope;
        });
      }
      if (targetEntropy !== undefined) {
        logTemperature = temperatureStep(logTemperature, entropies, { targetEntropy, rate: temperatureRate });
      }
    },
    () => ({ value: first, beta: Math.exp(logTemperature) }),
  );
}
