// Each algorithm, trained on a transformer by its trainer, ends where its own objective asks it to: the exact point,
// found by other means over all policies (test/policy/ownOptima.test.ts has those, and how far they are from what
// people want). Replies of two words: 43 to each of two prompts.
import { expect } from "chai";
import { foldIn, type Key, key, logSoftmax } from "rlhf-lab";
import { type TransformerParams, transformer } from "rlhf-lab/models";
import { exactExpectation, exactKL, exactRegularisedOptimum } from "rlhf-lab/numerics";
import {
  bradleyTerryPreference,
  conservativeDpoOfMargin,
  dpoOfMargin,
  ipoOptimum,
  ktoOptimum,
  orpoOptimum,
  pairOptimum,
  rejectionSample,
  robustDpoOfMargin,
  samplePairs,
  simpoOptimum,
} from "rlhf-lab/policy";
import { categorical, randint } from "rlhf-lab/random";
import { adam, cosineSchedule, disposeTree, tf } from "rlhf-lab/tensor";
import {
  algorithms,
  type DirectMethod,
  directMethods,
  type PolicyAlgorithm,
  type RewardFunction,
  trainDirect,
  trainPolicy,
  trainSupervised,
} from "rlhf-lab/train";
import { sequenceIndex, sequenceRows } from "rlhf-lab/trees";
import { phraseTask } from "rlhf-lab/worlds";
import { type GroupAlgorithm, groupOptimum } from "../../policy/groupFields.js";

const task = phraseTask({ length: 2 });
const { tree } = task;
const model = transformer({ vocabulary: 7, context: 3, width: 16, layers: 1, heads: 2, deviation: 0.3 });
const start = model.init(key(11));
const beta = 0.5;

/** log pi(reply) of every reply, per prompt. */
function logProbsOf(params: TransformerParams): Float64Array[] {
  return task.prompts.map((prompt) => {
    const { tokens, mask, rows, width } = sequenceRows(tree, [prompt]);
    const shape: [number, number] = [rows, width];
    const sums = tf.tidy(() =>
      model.logProbs(params, tf.tensor2d(tokens, shape, "int32"), tf.tensor2d(mask, shape)).sum.dataSync(),
    );
    return Float64Array.from(logSoftmax(Float64Array.from(sums))); // float32's sum is 1 only nearly
  });
}
const refs = logProbsOf(start);
const wanted = refs.map((ref, i) => exactRegularisedOptimum(ref, task.utility[i], beta).logProbs);
const utilityOf = (prompt: number, reply: ArrayLike<number>) =>
  task.utility[task.prompts.indexOf(prompt)][sequenceIndex(tree, reply)];
const reward: RewardFunction = ({ prompts, written }) => written.map((reply, b) => utilityOf(prompts[b][0], reply));
const promptsAt = (k: Key, count: number) => Array.from(randint(k, count, 0, 2), (which) => [task.prompts[which]]);
const shorter = (rate: number, steps: number) => adam({ rate: cosineSchedule(rate, steps), maxNorm: 1 });

describe("on a transformer, each algorithm ends at its own optimum", () => {
  // `nearer`: KL(own optimum || reached), at most, in nats; the reference is 0.17 to 1.14 nats away. For those whose
  // own optimum is not the wanted one, it is also nearer to what was reached than the wanted one is.
  describe("direct methods, from 40,000 comparisons of the reference's replies", () => {
    const prefer = task.utility.map((utility) => bradleyTerryPreference(utility));
    const comparisonsOf = (flip: number) => {
      const each = task.prompts.map((prompt, i) => {
        const { chosen, rejected } = samplePairs(foldIn(key(7), i), refs[i], prefer[i], 20_000, { flip });
        return Array.from(chosen, (won, k) => ({
          prompt: [prompt],
          chosen: tree.sequences[won],
          rejected: tree.sequences[rejected[k]],
        }));
      });
      return each[0].flatMap((comparison, k) => [comparison, each[1][k]]);
    };
    const clean = comparisonsOf(0);
    const noise = 0.1;
    const lengths = tree.sequences.map((reply) => reply.length);
    const methods: [DirectMethod, (i: number) => Float64Array, nearer: number, steps: number, flip?: number][] = [
      [
        directMethods.dpo({ beta }),
        (i) => pairOptimum(refs[i], refs[i], prefer[i], (h) => dpoOfMargin(h, { beta })),
        0.2,
        200,
      ],
      [
        directMethods.robustDpo({ beta, noise }),
        (i) => {
          const flipped = (a: number, b: number) => (1 - noise) * prefer[i](a, b) + noise * prefer[i](b, a);
          return pairOptimum(refs[i], refs[i], flipped, (h) => robustDpoOfMargin(h, { beta, noise }));
        },
        0.3,
        200,
        noise,
      ],
      [
        directMethods.conservativeDpo({ beta, noise }),
        (i) => pairOptimum(refs[i], refs[i], prefer[i], (h) => conservativeDpoOfMargin(h, { beta, noise })),
        0.05,
        400,
      ],
      [directMethods.ipo({ beta: 0.2 }), (i) => ipoOptimum(refs[i], refs[i], prefer[i], { beta: 0.2 }), 0.02, 400],
      [directMethods.kto({ beta }), (i) => ktoOptimum(refs[i], refs[i], prefer[i], { beta }), 0.1, 400],
      [
        directMethods.simpo({ beta: 2, margin: 0.5 }),
        (i) => simpoOptimum(lengths, refs[i], prefer[i], { beta: 2, margin: 0.5 }),
        0.15,
        200,
      ],
      [
        directMethods.orpo({ weight: 1 }),
        (i) => orpoOptimum({ lengths, logSampling: refs[i], prefer: prefer[i] }, { weight: 1 }),
        0.015,
        400,
      ],
    ];
    for (const [method, optimumOf, nearer, steps, flip = 0] of methods) {
      it(`${method.name}: to ${nearer} nats`, async () => {
        const { state } = await trainDirect(key(3), {
          model,
          start,
          method,
          optimizer: shorter(1e-2, steps),
          comparisons: flip > 0 ? comparisonsOf(flip) : clean,
          batch: 128,
          steps,
          label: false,
        });
        logProbsOf(state.params).forEach((reached, i) => {
          const own = optimumOf(i);
          const left = exactKL(own, reached);
          expect(left).below(nearer);
          expect(left).below(exactKL(own, refs[i]) / 3);
          if (exactKL(own, wanted[i]) > 1e-6) expect(left).below(exactKL(wanted[i], reached));
        });
        disposeTree(state);
      });
    }
  });

  describe("group methods with k3 in the loss, beta 0.5, groups of 4", () => {
    const run: [PolicyAlgorithm, GroupAlgorithm, iterations: number][] = [
      [algorithms.grpo(), "GRPO", 300],
      [algorithms.gspo({ clipLow: 0.2, clipHigh: 0.2 }), "GRPO", 300],
      [algorithms.dapo(), "DAPO", 300],
      [algorithms.drGrpo({ length: 2 }), "Dr. GRPO", 150],
    ];
    for (const [algorithm, field, iterations] of run) {
      it(`${algorithm.name}: to 0.05 nats, when the wanted optimum is at least twice as far`, async () => {
        const { params } = await trainPolicy(key(5), {
          ...{ model, start, algorithm, optimizer: shorter(1e-2, iterations), prompts: promptsAt, reward, beta },
          ...{ batch: 128, iterations, newTokens: 2, stop: 0, label: false },
        });
        logProbsOf(params).forEach((reached, i) => {
          const own = groupOptimum(field, { tree, ref: refs[i], utility: task.utility[i] }, { beta });
          const left = exactKL(reached, own);
          expect(left).below(0.05);
          expect(exactKL(reached, wanted[i])).above(2 * left);
        });
        disposeTree(params);
      });
    }
  });

  it("rejection sampling and fine-tuning on what is kept: the KL-regularised optimum, to 0.05 nats of E[utility] - beta KL", async () => {
    const demonstrations = task.prompts.flatMap((prompt, i) => {
      const replies = categorical(foldIn(key(2), i), refs[i], 40_000);
      const rewards = Array.from(replies, (y) => task.utility[i][y]);
      const kept = rejectionSample(foldIn(key(3), i), rewards, { beta, bound: Math.max(...task.utility[i]) });
      return Array.from(kept, (k) => ({ prompt: [prompt], completion: tree.sequences[replies[k]] }));
    });
    const { state } = await trainSupervised(key(4), {
      ...{ model, start, optimizer: shorter(1e-2, 300), demonstrations, batch: 128, steps: 300, label: false },
    });
    logProbsOf(state.params).forEach((reached, i) => {
      // The loss of the objective is beta KL(reached || optimum).
      expect(beta * exactKL(reached, wanted[i])).below(0.05);
    });
    disposeTree(state);
  });

  it("expert iteration, six rounds of best of 4: the best reply, to 0.05 of utility", async () => {
    const { params } = await trainPolicy(key(4), {
      ...{ model, start, prompts: promptsAt, reward, newTokens: 2, stop: 0, label: false },
      ...{ algorithm: algorithms.expertIteration({ group: 4, steps: 30 }), optimizer: adam({ rate: 1e-2 }) },
      ...{ batch: 512, iterations: 6 },
    });
    logProbsOf(params).forEach((reached, i) => {
      const utility = task.utility[i];
      expect(Math.max(...utility) - exactExpectation(reached, utility)).below(0.05);
    });
    disposeTree(params);
  });
});
