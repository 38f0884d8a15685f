import { expect } from "chai";
import { DomainError, key } from "rlhf-lab";
import { scalarModel } from "rlhf-lab/models";
import { discountedReturns, generalizedAdvantages, nStepReturns } from "rlhf-lab/policy";
import { tokenValues, valueLoss } from "rlhf-lab/policy/tensor";
import { adam, tf, valueAndGradients } from "rlhf-lab/tensor";
import { type ProbeCritic, probeError, train, tryProbe } from "rlhf-lab/train";
import { sequenceLogProbs } from "rlhf-lab/trees";
import { probe, probeQuestions, probes } from "rlhf-lab/worlds";

const sound: Record<string, ProbeCritic> = {
  "lambda-returns": {},
  "Monte Carlo": { targets: (rewards, _, discount) => discountedReturns(rewards, discount) },
  "TD(0)": { targets: (rewards, values, discount) => nStepReturns(rewards, [...values, 0], { n: 1, discount }) },
  "two steps": { targets: (rewards, values, discount) => nStepReturns(rewards, [...values, 0], { n: 2, discount }) },
};
/** A bug, and the probes that must notice. */
const broken: Record<string, [critic: ProbeCritic, fails: string[]]> = {
  "does not see the prompt": [{ sees: (_, prefix) => `${prefix}` }, ["depends on the prompt", "decided early"]],
  "forgets the discount": [{ targets: (rewards) => discountedReturns(rewards, 1) }, ["paid later"]],
  "knows the position alone": [{ sees: (prompt, { length }) => `${prompt}: ${length}` }, ["decided early"]],
  "learns from the last reward alone": [
    { targets: (rewards) => rewards.map(() => rewards[rewards.length - 1]) },
    ["ends at any time", "paid later"],
  ],
  "bootstraps past the end": [
    {
      targets: (rewards, values, discount) => {
        const after = [...values, values[values.length - 1]];
        return generalizedAdvantages(rewards, after, { discount, lambda: 0.9 }).map((a, t) => a + values[t]);
      },
    },
    ["always 1", "ends at any time"],
  ],
};

describe("critics on probes", () => {
  for (const [name, critic] of Object.entries(sound)) {
    it(`${name}: every probe passed, errors below 0.1`, () => {
      for (const one of probes()) expect(probeError(tryProbe(key(1), one, critic)), one.name).to.be.below(0.1);
    });
  }

  for (const [name, [critic, fails]] of Object.entries(broken)) {
    it(`a critic that ${name} fails where it should`, () => {
      for (const which of fails) {
        expect(probeError(tryProbe(key(1), probe(which), critic)), which).to.be.above(0.3);
      }
    });
  }

  it("refuse what cannot be", () => {
    expect(() => tryProbe(key(1), probe("always 1"), {}, { replies: 0 })).to.throw(DomainError, "replies");
    expect(() => tryProbe(key(1), probe("always 1"), { targets: () => [] })).to.throw(DomainError, "targets");
  });

  it("one small transformer, with a prompt token for each task, passes them all: errors below 0.1", async () => {
    const tasks = probes().flatMap((one) => Array.from({ length: one.prompts }, (_, prompt) => ({ one, prompt })));
    const T = 3;
    const tokens: number[][] = [];
    const mask: number[][] = [];
    const returns: number[][] = [];
    tasks.forEach(({ one, prompt }, token) => {
      const probabilities = sequenceLogProbs(one.tree, one.writer);
      one.tree.sequences.forEach((reply, n) => {
        if (probabilities[n] === Number.NEGATIVE_INFINITY) return;
        const pad = <X>(list: ArrayLike<X>, by: X) => [...Array.from(list), ...new Array<X>(T - list.length).fill(by)];
        tokens.push([3 + token, ...pad(reply, 0)]);
        // A reply counts by its probability: the critic averages over what the writer does.
        mask.push([0, ...pad(new Array(reply.length).fill(Math.exp(probabilities[n])), 0)]);
        returns.push([0, ...pad(discountedReturns(one.reward(prompt, reply), one.discount), 0)]);
      });
    });
    const model = scalarModel({ vocabulary: 3 + tasks.length, context: T + 1, width: 32, layers: 2, heads: 2 });
    const optimizer = adam({ rate: 3e-3 });
    const params = model.init(key(1));
    const batch = {
      tokens: tf.tensor2d(tokens, undefined, "int32"),
      weight: tf.tensor2d(mask),
      returns: tf.tensor2d(returns),
    };
    const says = (p: typeof params, b: Pick<typeof batch, "tokens" | "weight">) =>
      tokenValues(model.values(p, b.tokens), tf.cast(tf.greater(b.weight, 0), "float32"));
    const { state } = await train({
      key: key(2),
      steps: 250,
      label: false,
      state: { params, optimizer: optimizer.init(params) },
      batch: () => ({ tokens: batch.tokens.clone(), weight: batch.weight.clone(), returns: batch.returns.clone() }),
      step(state, b) {
        const { loss, gradients } = valueAndGradients(state.params, (p) => {
          const root = tf.sqrt(b.weight); // a weighted square
          return valueLoss(
            tf.mul(root, says(p, b)),
            tf.mul(root, b.returns),
            tf.cast(tf.greater(b.weight, 0), "float32"),
          );
        });
        const next = optimizer.update(gradients, state.optimizer, state.params);
        return { state: { params: next.params, optimizer: next.state }, metrics: { loss } };
      },
    });
    const said = (says(state.params, batch) as tf.Tensor2D).arraySync();
    tasks.forEach(({ one, prompt }, token) => {
      for (const question of probeQuestions(one).filter((q) => q.prompt === prompt)) {
        const prefix = one.tree.prefixes[question.prefix];
        const row = tokens.findIndex(
          (r, k) => r[0] === 3 + token && prefix.every((t, i) => r[i + 1] === t) && mask[k][prefix.length + 1] > 0,
        );
        expect(said[row][prefix.length + 1], `${one.name}, [${prefix}]`).to.be.closeTo(question.answer, 0.1);
      }
    });
  });
});
