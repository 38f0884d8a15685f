import { complaint, DomainError, type MetricsRecord } from "../../core/index.js";
import {
  type ActionValueParams,
  type ActorCriticParams,
  type TransformerParams,
  tempered,
} from "../../models/index.js";
import { mean } from "../../numerics/index.js";
import { adaptKl } from "../../policy/index.js";
import { type Key, split } from "../../random/index.js";
import { mapTree, type Optimizer, type Tree, tf } from "../../tensor/index.js";
import { checkCounts } from "../checks.js";
import { freeUnused, iterate, type LoopOptions } from "../loop.js";
import { type Experience, sampledKl } from "./experience.js";
import type { Algorithm, Learner, LearnerState } from "./learner.js";
import { onPolicyLearner } from "./onPolicy.js";
import { type RolloutOptions, rolloutCollector } from "./rolloutCollector.js";

// The whole trainer on one page. What is in capitals is a socket: a function or an object that the caller gives.
//
//   for each iteration, from keys of its own (loop.ts; checkpoints, interrupts, records):
//     rolloutCollector.ts
//       x          = PROMPTS(key, batch / group), each `group` times
//       y, logpOld = completions of the policy at its temperature (models/generate.ts)
//       y'         = completions of OPPONENT(policy), if there is one: self-play, an earlier policy
//       logpRef    = log-probabilities of y under REFERENCE;  values = what the learner's critic expects
//       reward     = REWARD(x, y, y'), also trueReward and COSTS: a rule, a model (rewardFromModel), or a
//                    judge of pairs (pairJudge.ts: winsAgainstOpponent, winsInGroup)
//     experience.ts: all of it on plain arrays, [B, T] and [B]
//     LEARNER.learn(experience): for an algorithm that is two functions onPolicy.ts,
//       advantages = ALGORITHM.advantages(experience, beta)
//       epochs times, minibatch by minibatch: one optimiser's step on ALGORITHM.loss (update.ts)
//     beta is moved towards targetKl, if there is one (policy/kl/adaptive.ts)
//
// So a new method is a file in algorithms/, never a second trainer: PPO-Lagrangian is PPO whose `advantages` reads
// experience.costs, SPPO, Nash-MD and online IPO a regression on wins (selfPlay.ts), SPIN a loss on y and y'.

export interface PolicyOptions<O extends Tree>
  extends RolloutOptions,
    Pick<
      LoopOptions<LearnerState>,
      "folder" | "checkpointEvery" | "resume" | "label" | "onRecord" | "until" | "evaluate"
    > {
  /** What the policy begins with, and what it must stay close to (by default where it began). */
  start: TransformerParams;
  reference?: TransformerParams;
  algorithm: Algorithm;
  optimizer: Optimizer<O>;
  iterations: number;
  /** Coefficient of KL(policy || reference), reward per nat; 0.05 by default. With a target it adapts. */
  beta?: number;
  /** The reference KL to steer to, nats per completion (Ziegler et al. 2019, section 2.2). */
  targetKl?: number;
  /** Policy and critic on one body (true, the default where the algorithm lets one choose) or on two. */
  sharedCritic?: boolean;
}

export interface PolicyResult {
  /** The trained policy, to be sampled at the temperature that it was trained at; the caller disposes of it. */
  params: TransformerParams;
  critic?: ActorCriticParams["critic"] | ActionValueParams;
  /**
   * Per iteration: reward and trueReward (means over completions), cost.NAME (the mean of each cost), referenceKl (nats
   * per completion), approxKl (KL(old || new), nats per token: before the last step of an algorithm that is two
   * functions, after all of them of one with a learner of its own), entropy (nats per token, from the sample), length
   * (tokens), beta, and what the algorithm reports: loss, gradientNorm, clipFraction, explainedVariance, updates
   * (made on the experience). Where there was nothing to learn from, updates, loss, approxKl and gradientNorm
   * are 0.
   */
  history: MetricsRecord[];
}

/**
 * Trains a policy by any of the algorithms: write completions, judge them, learn from them; again. The key
 * decides everything, so a run that was killed resumes to the same bits.
 * @throws DomainError, before the first step, if batch, group and minibatches do not fit, a prompt holds what is no
 *   token, or a temperature, a stop token or a limit cannot be; for rewards that float32 cannot hold; DivergenceError
 *   if a loss or a gradient is not finite
 */
export async function trainPolicy<O extends Tree>(key: Key, options: PolicyOptions<O>): Promise<PolicyResult> {
  const {
    start,
    algorithm,
    reference = start,
    batch = 32,
    beta = 0.05,
    targetKl,
    temperature = 1,
    iterations,
  } = options;
  checkSizes(algorithm, batch, beta);
  checkCounts({ iterations });
  if (targetKl !== undefined && !(targetKl > 0 && Number.isFinite(targetKl))) {
    throw new DomainError(complaint("targetKl", "a positive number, in nats", targetKl));
  }
  const model = tempered(options.model, temperature);
  const onlyLast = options.skipPrompts ? options.newTokens : undefined;
  const setup = { ...options, model, reference, batch, beta, onlyLast };
  const learner: Learner = "learner" in algorithm ? algorithm.learner(setup) : onPolicyLearner(algorithm, setup);
  const collect = rolloutCollector({ ...options, model }, algorithm.group, reference, learner);
  const [beginKey, runKey] = split(key);
  const state: LearnerState = learner.begin(beginKey);
  const result = await iterate<LearnerState>({
    ...options,
    key: runKey,
    state,
    steps: iterations,
    label: options.label ?? algorithm.name,
    advance(before, stepKey) {
      const [collectKey, learnKey] = split(stepKey);
      const coefficient = before.beta.dataSync()[0];
      const experience = collect(collectKey, before);
      const referenceKl = mean(sampledKl(experience));
      const learned = learner.learn(learnKey, before, experience);
      const adapted = targetKl && tf.scalar(adaptKl(coefficient, Math.max(referenceKl, 0), { target: targetKl }));
      if (adapted) freeUnused([before], { beta: learned.state.beta });
      return {
        state: { ...learned.state, ...(adapted && { beta: adapted }) },
        metrics: { ...report(experience), referenceKl, beta: coefficient, ...learned.metrics },
      };
    },
  });
  const kept = mapTree(result.state.params, (leaf) => leaf.clone());
  // What is new here is ours to free.
  for (const own of [result.state, state]) freeUnused([start], own);
  return {
    params: kept.policy,
    ...("critic" in kept && { critic: kept.critic as PolicyResult["critic"] }),
    history: result.history,
  };
}

/** The metrics of every algorithm. */
function report({ rows, mask, logpOld, reward, trueReward, costs = {} }: Experience): Record<string, number> {
  let drawn = 0;
  let surprise = 0;
  for (let i = 0; i < mask.length; i++) {
    if (mask[i] === 0) continue;
    drawn++;
    surprise -= logpOld[i];
  }
  return {
    reward: mean(reward),
    ...(trueReward && { trueReward: mean(trueReward) }),
    ...Object.fromEntries(Object.entries(costs).map(([name, cost]) => [`cost.${name}`, mean(cost)])),
    entropy: surprise / drawn,
    length: drawn / rows,
  };
}

function checkSizes({ group }: Algorithm, batch: number, beta: number): void {
  checkCounts({ group, batch });
  if (batch % group !== 0) throw new DomainError(complaint("batch", `a multiple of the group, ${group}`, batch));
  if (!(beta >= 0 && Number.isFinite(beta))) {
    throw new DomainError(complaint("beta", "a number of at least 0", beta, "0 lets the policy go where it likes"));
  }
}
