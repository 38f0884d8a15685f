// PPO with one epoch and no clipping is the policy gradient: every sequence enumerated, to 1e-10.
import { key, normal } from "rlhf-lab";
import { ppoLossAndGradient, ppoSequenceLossAndGradient } from "rlhf-lab/policy";
import {
  type Contexts,
  exactPolicyGradient,
  lastTokenContexts,
  nextTokenLogProbs,
  type SequenceTree,
  sequenceLogProbs,
  tabularContexts,
} from "rlhf-lab/trees";
import { phraseTask } from "rlhf-lab/worlds";
import { expectClose } from "../floors.js";

/** The numbers [p * V + v] of a sequence's tokens in the table of conditionals. */
function places(tree: SequenceTree, sequence: readonly number[]): number[] {
  let prefix = 0;
  return sequence.map((token) => {
    const at = prefix * tree.vocabulary + token;
    prefix = tree.next[at];
    return at;
  });
}

/** d log pi of what stands at these places, with these weights, added to out. */
function addScores(
  out: Float64Array,
  { vocabulary: V }: SequenceTree,
  contexts: Contexts,
  conditionals: Float64Array,
  at: number[],
  weights: ArrayLike<number>,
) {
  at.forEach((place, t) => {
    const p = Math.floor(place / V);
    out[contexts[p] * V + (place % V)] += weights[t];
    for (let v = 0; v < V; v++) out[contexts[p] * V + v] -= weights[t] * Math.exp(conditionals[p * V + v]);
  });
}

describe("policy/ppo: one epoch without clipping", () => {
  const task = phraseTask({ length: 3 });
  const { tree } = task;
  const reward = task.utility[0];
  for (const [name, contexts] of Object.entries({
    tabular: tabularContexts(tree),
    "last token": lastTokenContexts(tree),
  })) {
    const logits = normal(key(1), (Math.max(...contexts) + 1) * 7);
    const conditionals = nextTokenLogProbs({ tree, contexts, logits });
    const probabilities = sequenceLogProbs(tree, conditionals).map(Math.exp);
    const exact = exactPolicyGradient({ tree, contexts, logits }, reward);
    const perToken: Record<string, (at: number[], y: number) => number[]> = {
      "the reward as advantage of each token": (at, y) => at.map(() => reward[y]),
      "reward minus a constant": (at, y) => at.map(() => reward[y] - 0.7),
      "the exact advantage Q - V": (at) => at.map((place) => exact.Q[place] - exact.V[Math.floor(place / 7)]),
    };
    for (const [which, advantages] of Object.entries(perToken)) {
      for (const clip of [Number.POSITIVE_INFINITY, 0.2]) {
        it(`equals the policy gradient: ${name}, ${which}, clip ${clip}`, () => {
          const mean = new Float64Array(logits.length);
          tree.sequences.forEach((sequence, y) => {
            const at = places(tree, sequence);
            const logp = at.map((place) => conditionals[place]);
            const ones = at.map(() => 1);
            const { gradient } = ppoLossAndGradient(logp, logp, advantages(at, y), ones, { clip });
            // The loss is a mean over this row's tokens, the policy gradient a sum.
            addScores(
              mean,
              tree,
              contexts,
              conditionals,
              at,
              gradient.map((g) => -g * at.length * probabilities[y]),
            );
          });
          expectClose(mean, exact.gradient, 1e-10);
        });
      }
    }

    it(`at the level of sequences as well: ${name}`, () => {
      const mean = new Float64Array(logits.length);
      tree.sequences.forEach((sequence, y) => {
        const at = places(tree, sequence);
        const logp = at.map((place) => conditionals[place]);
        const { gradient } = ppoSequenceLossAndGradient([logp], [logp], [reward[y]], [at.map(() => 1)]);
        addScores(
          mean,
          tree,
          contexts,
          conditionals,
          at,
          gradient[0].map((g) => -g * probabilities[y]),
        );
      });
      expectClose(mean, exact.gradient, 1e-10);
    });
  }
});
