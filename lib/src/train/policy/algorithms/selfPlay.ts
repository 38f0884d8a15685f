import { checkPositive } from "../../../core/checks.js";
import { complaint, DomainError } from "../../../core/index.js";
import { nashMdTargets, onlineIpoTargets, sppoTargets } from "../../../policy/index.js";
import { logRatioRegressionLoss } from "../../../policy/tensor.js";
import type { LossInputs, PolicyAlgorithm } from "../algorithm.js";
import { type Experience, sampledKl } from "../experience.js";

export interface SelfPlayOptions {
  /** The step's size, nats for a win that was certain (1). */
  eta?: number;
  /** Completions to each prompt. */
  group?: number;
  /** Gradient steps on each experience (8): the step of self-play is solved for, not only begun. */
  epochs?: number;
}

/**
 * Learning from wins: least squares towards the policy that a step of self-play leads to. The reward must be
 * a probability of winning: `winsAgainstOpponent` with an opponent, or `winsInGroup`. Rows of a group stay together, so
 * there are no minibatches.
 */
function regression(
  name: string,
  { group, epochs = 8 }: { group: number; epochs?: number },
  targets: (experience: Experience, beta: number) => Float64Array,
  base: (inputs: LossInputs) => LossInputs["logpOld"],
  centred = true,
): PolicyAlgorithm {
  return {
    name,
    critic: false,
    group,
    epochs,
    minibatches: 1,
    klIn: "reward",
    advantages: (experience, beta) => ({ advantages: Float32Array.from(targets(experience, beta)) }),
    loss: (inputs) => ({
      loss: logRatioRegressionLoss(inputs.logpNew, base(inputs), inputs.advantages, inputs.mask, {
        group: centred ? group : 1,
      }),
    }),
  };
}

/**
 * SPPO: multiplicative weights against oneself (Wu et al. 2024, arXiv:2405.00675), whose log-normaliser is taken for
 * eta / 2 as there. It has no reference KL: give the trainer beta 0. The average of its policies comes close to a von
 * Neumann winner; where preferences go in a circle, the last one goes round.
 * @throws DomainError unless eta > 0
 */
export function sppo({ eta = 1, group = 4, epochs }: SelfPlayOptions = {}): PolicyAlgorithm {
  checkPositive("eta", eta);
  const targets = ({ reward }: Experience) => sppoTargets(reward, { eta });
  return regression("SPPO", { group, epochs }, targets, ({ logpOld }) => logpOld, false);
}

/**
 * Nash-MD: steps of self-play that pay beta, the trainer's, for each nat of KL to the reference (Munos et al. 2023,
 * arXiv:2312.00886). The opponent decides which: the policy itself or its group make it magnetic mirror descent, which
 * rests on the regularised equilibrium; a mixture of policy and reference makes it Nash-MD, which rests beside it.
 * @throws DomainError unless eta > 0 and, at the first experience, eta beta <= 1
 */
export function nashMd({ eta = 1, group = 4, epochs }: SelfPlayOptions = {}): PolicyAlgorithm {
  checkPositive("eta", eta);
  const targets = (experience: Experience, beta: number) =>
    nashMdTargets(experience.reward, sampledKl(experience), { eta, tau: beta });
  return regression("Nash-MD", { group: atLeastTwo(group), epochs }, targets, ({ logpOld }) => logpOld);
}

/**
 * Online IPO: identity preference optimisation on pairs that the policy writes itself (Calandriello et al. 2024,
 * arXiv:2403.08635), tau being the trainer's beta; the reward `winsInGroup`. A few gradient steps on each experience
 * damp it; solved to its end each time it goes round where beta is small.
 * @throws DomainError unless group is at least 2 and, at the first experience, beta > 0
 */
export function onlineIpo({ group = 2, epochs }: Omit<SelfPlayOptions, "eta"> = {}): PolicyAlgorithm {
  const targets = ({ reward }: Experience, beta: number) => onlineIpoTargets(reward, { group, tau: beta });
  return regression("online IPO", { group: atLeastTwo(group), epochs }, targets, ({ logpRef }) => logpRef);
}

function atLeastTwo(group: number): number {
  if (group >= 2) return group;
  const hint = "A prompt's constant cancels between its completions";
  throw new DomainError(complaint("group", "a whole number of at least 2", group, hint));
}
