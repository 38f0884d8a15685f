// What the trainers' group algorithms do on average, with all their parts, as one field over tabular policies.
import {
  expectedDapoGradient,
  expectedDrGrpoGradient,
  expectedGroupAdvantages,
  expectedGrpoGradient,
  expectedReferenceGradient,
  informativeProbability,
  stationaryPolicy,
} from "rlhf-lab/policy";
import {
  conditionalLogProbs,
  type SequenceTree,
  sequenceLogProbsOf,
  type TreePolicy,
  tabularContexts,
} from "rlhf-lab/trees";

export type Field = (policy: TreePolicy) => Float64Array;

interface GroupWorld {
  tree: SequenceTree;
  /** log-probabilities of all replies under the reference, and their utilities. */
  ref: ArrayLike<number>;
  utility: ArrayLike<number>;
}

interface GroupSetting {
  group?: number;
  /** The coefficient of k3 in the loss. */
  beta: number;
}

/** The names that `groupField` knows. GSPO's field is GRPO's. */
export const groupAlgorithms = ["GRPO", "DAPO", "Dr. GRPO"] as const;
export type GroupAlgorithm = (typeof groupAlgorithms)[number];

/**
 * The expected gradient of the loss of `algorithms.grpo`, `.dapo` or `.drGrpo` on fresh samples, beta
 * times the term for the reference included; DAPO's reads only the groups with a difference; Dr. GRPO's
 * constant is the greatest length.
 */
export function groupField(
  name: GroupAlgorithm,
  { tree, ref, utility }: GroupWorld,
  { group = 4, beta }: GroupSetting,
): Field {
  const advantagesAt = expectedGroupAdvantages(utility, { group, normalise: name !== "Dr. GRPO" });
  const keptAt = informativeProbability(utility, { group });
  const logRef = conditionalLogProbs(tree, ref);
  return (policy) => {
    const logProbs = sequenceLogProbsOf(policy);
    const advantages = advantagesAt(logProbs);
    const kept = name === "DAPO" ? keptAt(logProbs) : undefined;
    const reward = {
      GRPO: () => expectedGrpoGradient(policy, advantages),
      DAPO: () => expectedDapoGradient(policy, advantages, { kept }),
      "Dr. GRPO": () => expectedDrGrpoGradient(policy, advantages, { length: tree.length }),
    }[name]();
    if (beta === 0) return reward;
    const pull = expectedReferenceGradient(policy, logRef, { kept });
    return reward.map((g, i) => g + beta * pull[i]);
  };
}

/** log-probabilities of the policy at which that field is 0, found from the reference. */
export function groupOptimum(name: GroupAlgorithm, world: GroupWorld, setting: GroupSetting): Float64Array {
  const start = {
    tree: world.tree,
    contexts: tabularContexts(world.tree),
    logits: conditionalLogProbs(world.tree, world.ref),
  };
  return sequenceLogProbsOf(stationaryPolicy(start, groupField(name, world, setting), { tolerance: 1e-8 }));
}
