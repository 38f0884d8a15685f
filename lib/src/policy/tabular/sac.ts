import { foldIn, type Key, randint } from "../../random/index.js";
import { rowLogProbs, type TreePolicy } from "../../trees/index.js";
import { softPolicyLossAndGradient, softTargets, softValue, temperatureStep } from "../actorCritic/index.js";
import { checkRate, runTabular, type TabularCriticRecord, type TabularOptions, type TabularRun } from "./runTabular.js";

export interface TabularSacOptions extends TabularOptions<TabularCriticRecord> {
  /** Above 0. */
  beta: number;
  /** 32 by default. */
  batch?: number;
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
export function trainTabularSac(
  key: Key,
  start: TreePolicy,
  options: TabularSacOptions,
): TabularRun<TabularCriticRecord> {
  const { beta, rate = 1, criticRate = 1, batch = 32, replay = 256, targetEntropy, temperatureRate = 0.02 } = options;
  for (const [name, value] of Object.entries({ beta, rate, criticRate, temperatureRate })) checkRate(name, value);
  const { tree, contexts } = start;
  const V = tree.vocabulary;
  const Q = new Float64Array(tree.prefixes.length * V);
  const memory: { prefix: number; token: number; reward: number }[] = [];
  let logTemperature = Math.log(beta);
  let first = 0;
  return runTabular(
    key,
    start,
    { ...options, batch },
    ({ key, policy, reference, draw }) => {
      const { logits } = policy;
      const drawn = draw();
      drawn.tokenIndices.forEach((at, i) => {
        memory.push({ prefix: Math.floor(at / V), token: at % V, reward: drawn.reward[i] });
      });
      const alpha = Math.exp(logTemperature);
      const row = (table: Float64Array, at: number) => table.subarray(at * V, (at + 1) * V);
      const logp = rowLogProbs(policy);
      const soft = (p: number) => softValue(row(Q, p), logp(p), alpha, row(reference, p));
      const replayed = Array.from(randint(foldIn(key, 0), replay, 0, memory.length), (i) => memory[i]);
      const next = replayed.map(({ prefix, token }) => tree.next[prefix * V + token]);
      const targets = softTargets(
        replayed.map(({ reward }) => reward),
        next.map((p) => (p >= 0 ? soft(p) : 0)),
        next.map((p) => (p >= 0 ? 0 : 1)),
        1,
      );
      replayed.forEach(({ prefix, token }, i) => {
        Q[prefix * V + token] += criticRate * (targets[i] - Q[prefix * V + token]);
      });
      first = soft(0);
      const zeros = new Float64Array(V);
      // Of the policy as it was; most runs do not ask.
      const entropies =
        targetEntropy === undefined
          ? undefined
          : replayed.map(({ prefix: p }) => softValue(zeros, logp(p), 1, row(reference, p)));
      const visited = [...new Set(replayed.map(({ prefix }) => prefix))];
      for (const p of visited) {
        const at = row(logits, contexts[p]);
        const { gradient } = softPolicyLossAndGradient(at, row(Q, p), alpha, row(reference, p));
        gradient.forEach((slope, v) => {
          at[v] -= rate * slope;
        });
      }
      if (targetEntropy !== undefined && entropies) {
        logTemperature = temperatureStep(logTemperature, entropies, { targetEntropy, rate: temperatureRate });
      }
    },
    () => ({ value: first, beta: Math.exp(logTemperature) }),
  );
}
