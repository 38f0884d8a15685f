import { expect } from "chai";
import { DomainError } from "../../../lib/src/core/index.js";
import { exactExpectation, exactKL, exactRegularisedOptimum } from "../../../lib/src/numerics/index.js";
import { key } from "../../../lib/src/random/index.js";
import { phraseTrial } from "../../../lib/src/studies/index.js";
import { adam, disposeTree, tf } from "../../../lib/src/tensor/index.js";
import { algorithms, trainPolicy } from "../../../lib/src/train/index.js";
import { logProbsOf, model, start, task } from "./phraseWorld.js";

describe("the phrase task as a trial of policies", () => {
  it("says exactly by how much a policy misses the optimum, also while it is trained", async () => {
    const trial = phraseTrial(task, model, { reference: start, beta: 0.5 });
    const other = model.init(key(3));
    const [now, before] = [logProbsOf(other), logProbsOf(start)];
    const gaps = task.utility.map((utility, x) => {
      const reached = exactExpectation(now[x], utility) - 0.5 * exactKL(now[x], before[x]);
      return exactRegularisedOptimum(before[x], utility, 0.5).value - reached;
    });
    const tensors = tf.memory().numTensors;
    expect(trial.gap(other)).to.be.closeTo((gaps[0] + gaps[1]) / 2, 1e-5);
    expect(tf.memory().numTensors).to.equal(tensors);
    const { params, history } = await trainPolicy(key(1), {
      ...{ model, start, prompts: trial.prompts, reward: trial.reward, algorithm: algorithms.rloo() },
      ...{ optimizer: adam({ rate: 1e-2 }), batch: 64, iterations: 6, newTokens: 3, stop: task.tree.end, beta: 0.5 },
      ...{ label: false, evaluate: { every: 3, run: (state) => ({ gap: trial.gap(state.params.policy) }) } },
    });
    expect(history.map(({ gap }) => gap !== undefined)).to.deep.equal([false, false, true, false, false, true]);
    expect(history[5].gap).to.equal(trial.gap(params));
    expect(history[5].gap).to.be.below(trial.gap(start));
    expect(() => phraseTrial(task, model, { reference: start, beta: 0 })).to.throw(DomainError);
    disposeTree([params, other]);
  });
});
