// SPPO, Nash-MD and online IPO through the one trainer: a transformer on the phrase task, whose preferences go in a
// circle, held to the exact steps over all replies.
import { expect } from "chai";
import { DomainError } from "../../../lib/src/core/index.js";
import type { TransformerParams } from "../../../lib/src/models/index.js";
import { exactKL } from "../../../lib/src/numerics/index.js";
import { key } from "../../../lib/src/random/index.js";
import { mirrorStep, onlineIpoMap, sppoStep } from "../../../lib/src/selfplay/index.js";
import { adam, disposeTree } from "../../../lib/src/tensor/index.js";
import {
  algorithms,
  type CompletionPairs,
  type PolicyAlgorithm,
  trainPolicy,
  winsInGroup,
} from "../../../lib/src/train/index.js";
import { sequenceIndex } from "../../../lib/src/trees/index.js";
import { logProbsOf, model, prompts, start, task } from "./phraseWorld.js";

/** Replies are of three kinds, by their first token, each preferred to the next one; of a kind, the better one is. */
const kindOf = (i: number) => task.tree.sequences[i][0] % 3;
const preference = (which: number, i: number, j: number) => {
  const circle = [0, 0.4, -0.4][(kindOf(j) - kindOf(i) + 3) % 3];
  return 0.5 + circle + 0.1 * Math.tanh(task.utility[which][i] - task.utility[which][j]);
};
const judge = ({ prompts, first, second }: CompletionPairs) =>
  first.map((tokens, b) => {
    const which = task.prompts.indexOf(prompts[b][0]);
    return preference(which, sequenceIndex(task.tree, tokens), sequenceIndex(task.tree, second[b]));
  });
const matrices = task.prompts.map((_, which) =>
  Array.from({ length: task.tree.sequences.length }, (_, i) =>
    Array.from({ length: task.tree.sequences.length }, (_, j) => preference(which, i, j)),
  ),
);
const policies = (params: TransformerParams) => logProbsOf(params).map((logp) => Float64Array.from(logp, Math.exp));
const began = policies(start);
/** KL(wanted || policy), mean over prompts, in nats. */
const away = (wanted: ArrayLike<number>[], params: TransformerParams) => {
  const logp = logProbsOf(params);
  return wanted.reduce((sum, p, x) => sum + exactKL(Float64Array.from(p, Math.log), logp[x]), 0) / wanted.length;
};

/** One experience of many completions, read again and again. */
const once = (algorithm: PolicyAlgorithm, beta: number, reference = start) =>
  trainPolicy(key(1), {
    ...{ model, start, reference, prompts, newTokens: 3, stop: 0, label: false as const, beta, algorithm },
    ...{ batch: 1024, iterations: 1, optimizer: adam({ rate: 1e-2, maxNorm: 1 }) },
    reward: winsInGroup(judge, { group: algorithm.group }),
  });

describe("self-play in the trainer", () => {
  const sizes = { group: 16, epochs: 60 };
  const other = model.init(key(12)); // a reference that is not where the policy begins
  const anchor = policies(other);
  const [eta, tau] = [5, 0.1];
  const steps = {
    SPPO: [algorithms.sppo({ ...sizes, eta }), (x: number) => sppoStep(matrices[x], began[x], eta)],
    "Nash-MD against itself": [
      algorithms.nashMd({ ...sizes, eta }),
      (x: number) => mirrorStep(matrices[x], began[x], { ref: anchor[x], tau, eta }),
    ],
    "online IPO": [
      algorithms.onlineIpo(sizes),
      (x: number) => onlineIpoMap(matrices[x], began[x], { ref: anchor[x], tau }),
    ],
  } as const;
  for (const [name, [algorithm, step]] of Object.entries(steps)) {
    it(`${name}: one experience leads most of the way to the exact step, worked out over all replies`, async () => {
      const wanted = matrices.map((_, x) => step(x));
      const { params } = await once(algorithm, name === "SPPO" ? 0 : tau, other);
      expect(away(wanted, params)).to.be.below(0.25 * away(wanted, start));
      disposeTree(params);
    });
  }

  it("refuses groups of one, rewards that are no wins, and a price that the step cannot take, in words", async () => {
    expect(() => algorithms.nashMd({ group: 1 })).to.throw(DomainError, "group");
    expect(() => algorithms.onlineIpo({ group: 1 })).to.throw(DomainError, "group");
    expect(() => algorithms.sppo({ eta: 0 })).to.throw(DomainError, "eta");
    const scored = {
      ...{ model, start, prompts, newTokens: 3, stop: 0, label: false as const, batch: 4 },
      iterations: 1,
    };
    const run = (algorithm: PolicyAlgorithm, reward: number, beta: number) =>
      trainPolicy(key(1), {
        ...{ ...scored, algorithm, beta, optimizer: adam({ rate: 1e-2 }) },
        reward: ({ written }) => written.map(() => reward),
      }).then(() => "none", String);
    expect(await run(algorithms.sppo(), 3, 0)).to.contain("a number from 0 to 1");
    expect(await run(algorithms.nashMd({ eta: 2 }), 0.5, 0.6)).to.contain("from 0 to 1 / eta = 0.5");
    expect(await run(algorithms.onlineIpo(), 0.5, 0)).to.contain("tau");
  });
});
