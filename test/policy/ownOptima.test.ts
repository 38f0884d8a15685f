// What each objective asks for, exactly: its own optimum over all policies, how it is reached, and how far it
// is from what people want.
import { expect } from "chai";
import { ConvergenceError, DomainError, key, logSoftmax, normal, ShapeError } from "rlhf-lab";
import {
  differenceGradient,
  exactExpectation,
  exactKL,
  exactRegularisedObjective,
  exactRegularisedOptimum,
} from "rlhf-lab/numerics";
import {
  adamDescent,
  bestOfNLogProbs,
  bradleyTerryPreference,
  conservativeDpoOfMargin,
  dpoOfMargin,
  drGrpoLossAndGradient,
  exactOrpoLoss,
  exactPreferenceLoss,
  expectedDapoGradient,
  expectedDrGrpoGradient,
  expectedGroupAdvantages,
  expectedGrpoGradient,
  expectedKlGradients,
  expectedReferenceGradient,
  expertIterationRound,
  filteredLogProbs,
  frontierShortfall,
  groupAdvantages,
  grpoLossAndGradient,
  grpoReferenceLossAndGradient,
  gspoLossAndGradient,
  informativeProbability,
  informativeRows,
  ipoOfMargin,
  ipoOptimum,
  ktoLossAndGradient,
  ktoOptimum,
  type MarginLoss,
  type OutcomeLoss,
  onLogits,
  orpoLossAndGradient,
  orpoOptimum,
  type PreferenceOf,
  pairOptimum,
  pairScores,
  robustDpoOfMargin,
  simpoOfMargin,
  simpoOptimum,
  stationaryPolicy,
} from "rlhf-lab/policy";
import {
  conditionalLogProbs,
  exactPolicyGradient,
  nextTokenLogProbs,
  sequenceLogProbsOf,
  sequenceTree,
  type TreePolicy,
  tabularContexts,
  tokenIndicesOf,
  tokenLogitGradient,
  treePolicy,
  treeTokenLogProbs,
} from "rlhf-lab/trees";
import { phraseTask } from "rlhf-lab/worlds";
import { type Field, type GroupAlgorithm, groupAlgorithms, groupField, groupOptimum } from "./groupFields.js";
import { expectClose } from "./twins.js";

const beta = 0.5;

/** A phrase task, one prompt: the whale. */
function world(length: number) {
  const task = phraseTask({ length });
  const { tree } = task;
  const [ref, utility] = [task.reference[0], task.utility[0]];
  const contexts = tabularContexts(tree);
  return {
    tree,
    rows: contexts,
    ref,
    utility,
    prefer: bradleyTerryPreference(utility),
    lengths: tree.sequences.map((reply) => reply.length),
    start: { tree, contexts, logits: conditionalLogProbs(tree, ref) } satisfies TreePolicy,
  };
}
const full = world(3); // 259 replies
const small = world(2); // 43 replies

const flipped = (prefer: PreferenceOf, share: number): PreferenceOf => {
  return (i, j) => (1 - share) * prefer(i, j) + share * prefer(j, i);
};
const noise = 0.1;
const margins: Record<string, (h: number) => MarginLoss> = {
  DPO: (h) => dpoOfMargin(h, { beta }),
  "conservative DPO": (h) => conservativeDpoOfMargin(h, { beta, noise }),
  "robust DPO": (h) => robustDpoOfMargin(h, { beta, noise }),
  IPO: (h) => ipoOfMargin(h, { beta: 0.1 }),
};
const half = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((sum, log, y) => sum + Math.abs(Math.exp(log) - Math.exp(b[y])), 0) / 2;
/** Log-probabilities of a policy with these logits of outcomes. */
const policyOf = (logits: Float64Array) => Float64Array.from(logSoftmax(logits));
const sizes = (gradient: ArrayLike<number>) => Math.max(...Array.from(gradient, Math.abs));

/** Adam in float64 from the reference on all logits of the small world; log pi of every reply. */
function descend(loss: OutcomeLoss, { steps = 900, rate = 0.05 } = {}): Float64Array {
  const { tree, rows: contexts, start } = small;
  const lossAt = onLogits(tree, contexts, loss);
  // A falling rate: Adam itself keeps moving by its rate.
  let logits = start.logits;
  for (const share of [1, 0.1, 0.01]) logits = adamDescent(logits, lossAt, { steps: steps / 3, rate: rate * share });
  return sequenceLogProbsOf({ tree, contexts, logits });
}

describe("what losses on pairs ask for, on infinitely many comparisons", () => {
  const { ref, prefer, lengths, tree } = small;
  const populations: Record<string, { loss: OutcomeLoss; optimum: Float64Array }> = {
    ...Object.fromEntries(
      Object.entries(margins).map(([name, of]) => {
        const answers = name === "robust DPO" ? flipped(prefer, noise) : prefer;
        const loss: OutcomeLoss = (logProbs) => exactPreferenceLoss(logProbs, ref, ref, answers, of);
        return [name, { loss, optimum: pairOptimum(ref, ref, answers, of) }];
      }),
    ),
    SimPO: {
      loss(logProbs) {
        const nothing = new Float64Array(lengths.length);
        const perToken = logProbs.map((log, y) => log / lengths[y]);
        const { loss, gradient } = exactPreferenceLoss(perToken, nothing, ref, prefer, simpoOfMargin);
        return { loss, gradient: gradient.map((slope, y) => slope / lengths[y]) };
      },
      optimum: simpoOptimum(lengths, ref, prefer),
    },
    ORPO: {
      loss: (logProbs) => exactOrpoLoss(logProbs, { lengths, logSampling: ref, prefer }, { weight: 1 }),
      optimum: orpoOptimum({ lengths, logSampling: ref, prefer }, { weight: 1 }),
    },
  };

  for (const [name, { loss, optimum }] of Object.entries(populations)) {
    it(`${name}: the gradient is 0 at its optimum, no policy near it does better, and descent from the reference ends there, to 1e-5 nats of KL`, () => {
      expect(Math.exp(logSoftmax(optimum)[0])).closeTo(Math.exp(optimum[0]), 1e-12); // adds up to 1
      const { gradient } = onLogits(tree, small.rows, loss)(conditionalLogProbs(tree, optimum));
      expect(sizes(gradient)).below(1e-8);
      const least = loss(optimum).loss;
      for (let seed = 0; seed < 20; seed++) {
        const other = policyOf(optimum.map((log, y) => log + 0.1 * normal(key(seed), optimum.length)[y]));
        expect(loss(other).loss).above(least);
      }
      const reached = descend(loss);
      expect(exactKL(reached, optimum)).below(1e-5);
      expect(exactKL(ref, optimum)).above(0.1); // it had a way to go
    });
  }

  it("DPO's, robust DPO's on flipped labels, and IPO's are their closed forms; conservative DPO's is DPO's on labels flipped that often", () => {
    const { ref, prefer, utility } = full;
    const closed = exactRegularisedOptimum(ref, utility, beta).logProbs;
    expect(exactKL(pairOptimum(ref, ref, prefer, margins.DPO), closed)).below(1e-12);
    expect(exactKL(pairOptimum(ref, ref, flipped(prefer, noise), margins["robust DPO"]), closed)).below(1e-12);
    const ipo = pairOptimum(ref, ref, prefer, margins.IPO);
    expect(exactKL(ipo, ipoOptimum(ref, ref, prefer, { beta: 0.1 }))).below(1e-12);
    const timid = pairOptimum(ref, ref, prefer, margins["conservative DPO"]);
    expect(exactKL(timid, pairOptimum(ref, ref, flipped(prefer, noise), margins.DPO))).below(1e-12);
    // What was shown does not matter to DPO, only that everything was.
    const evenly = new Float64Array(ref.length);
    expect(exactKL(pairOptimum(ref, evenly, prefer, margins.DPO), closed)).below(1e-10);
  });

  it("SimPO's with margin 0: log pi(y) = |y| (utility(y) / beta + c), without a trace of the reference or of what was shown", () => {
    const { ref, prefer, utility, lengths } = full;
    const got = simpoOptimum(lengths, ref, prefer, { beta: 2, margin: 0 });
    const c = got[0] / lengths[0] - utility[0] / 2;
    expectClose(
      got,
      Array.from(utility, (u, y) => lengths[y] * (u / 2 + c)),
      1e-7,
    );
    expect(got.reduce((sum, log) => sum + Math.exp(log), 0)).closeTo(1, 1e-12);
    expectClose(simpoOptimum(lengths, new Float64Array(ref.length), prefer, { beta: 2, margin: 0 }), got, 1e-6);
    // The likeliest reply says nothing, in one token: it is worth 0.
    const likeliest = got.indexOf(Math.max(...got));
    expect(full.tree.sequences[likeliest]).deep.equal([0]);
    expect(utility[likeliest]).equal(0);
  });

  it("ORPO's: by weight 0 the chosen completions over their lengths; all starts end at one point", () => {
    const problem = { lengths, logSampling: ref, prefer };
    const won = new Float64Array(ref.length);
    for (let i = 0; i < won.length; i++) {
      for (let j = 0; j < won.length; j++) if (i !== j) won[i] += Math.exp(ref[i] + ref[j]) * prefer(i, j);
    }
    expectClose(orpoOptimum(problem, { weight: 0 }), logSoftmax(won.map((w, y) => Math.log(w / lengths[y]))), 1e-5);
    const one = orpoOptimum(problem, { weight: 1 });
    for (let seed = 0; seed < 4; seed++) {
      const start = normal(key(seed), ref.length).map((z) => 3 * z);
      expect(exactKL(orpoOptimum(problem, { weight: 1 }, start), one)).below(1e-10);
    }
  });

  it("ORPO's exact loss is the mean of its loss on pairs, with the gradient of differences", () => {
    const lengths = [1, 2, 3];
    const [at, shown] = [[0.5, 0.2, 0.3].map(Math.log), [0.2, 0.3, 0.5].map(Math.log)];
    const prefer = bradleyTerryPreference([1, 0, -1]);
    const problem = { lengths, logSampling: shown, prefer };
    let [sum, mass] = [0, 0];
    for (const i of [0, 1, 2]) {
      for (const j of [0, 1, 2]) {
        if (i === j) continue;
        const pair = orpoLossAndGradient([at[i] / lengths[i]], [at[j] / lengths[j]], { weight: 0.7 });
        sum += Math.exp(shown[i] + shown[j]) * 2 * prefer(i, j) * pair.loss;
        mass += Math.exp(shown[i] + shown[j]);
      }
    }
    const { loss, gradient } = exactOrpoLoss(at, problem, { weight: 0.7 });
    expect(loss).closeTo(sum / mass, 1e-12);
    const differences = differenceGradient((x) => exactOrpoLoss(x, problem, { weight: 0.7 }).loss, at);
    expectClose(gradient, differences, 1e-8);
  });

  describe("KTO", () => {
    const { ref, prefer } = small;
    const shares = () => {
      const [won, lost] = [new Float64Array(ref.length), new Float64Array(ref.length)];
      let mass = 0;
      for (let i = 0; i < won.length; i++) {
        for (let j = 0; j < won.length; j++) {
          if (i === j) continue;
          const weight = Math.exp(ref[i] + ref[j]);
          mass += weight;
          won[i] += weight * prefer(i, j);
          lost[i] += weight * prefer(j, i);
        }
      }
      return { won: won.map((w) => (2 * w) / mass), lost: lost.map((l) => (2 * l) / mass) };
    };
    const { won, lost } = shares(); // each adds up to 1
    /** The mean of `ktoLossAndGradient` over chosen and rejected completions, half and half. */
    const population =
      (z: number, options: { beta: number; desirableWeight?: number }): OutcomeLoss =>
      (logProbs) => {
        const gradient = new Float64Array(logProbs.length);
        let loss = 0;
        for (const [share, label] of [
          [won, 1],
          [lost, 0],
        ] as const) {
          for (let y = 0; y < gradient.length; y++) {
            const one = ktoLossAndGradient([logProbs[y]], [ref[y]], [label], z, options);
            loss += (share[y] / 2) * one.loss;
            gradient[y] += (share[y] / 2) * one.gradient[0];
          }
        }
        return { loss, gradient };
      };

    it("is stationary among the winners; losers vanish; nothing else does better", () => {
      for (const [b, z, desirableWeight] of [
        [0.1, 0, 1],
        [0.5, 0, 1],
        [1, 0.7, 1.3],
      ]) {
        const options = { beta: b, desirableWeight };
        const optimum = ktoOptimum(ref, ref, prefer, { ...options, referencePoint: z });
        expect(optimum.reduce((sum, log) => sum + Math.exp(log), 0)).closeTo(1, 1e-12);
        const kept = Array.from(optimum.keys()).filter((y) => optimum[y] > Number.NEGATIVE_INFINITY);
        for (let y = 0; y < ref.length; y++) expect(desirableWeight * won[y] > lost[y], `${y}`).equal(kept.includes(y));
        // Losers as good as gone: what still pulls at them is e^-60.
        const near = policyOf(optimum.map((log) => Math.max(log, -60 / b)));
        const loss = population(z, options);
        const { loss: least, gradient } = loss(near);
        const total = gradient.reduce((a, b) => a + b);
        for (const y of kept) expect(gradient[y] - Math.exp(near[y]) * total).closeTo(0, 1e-12);
        for (let seed = 0; seed < 20; seed++) {
          const push = normal(key(seed), ref.length);
          expect(loss(policyOf(near.map((log, y) => log + 0.1 * push[y]))).loss).above(least);
        }
      }
    });

    it("descent from the reference comes there: half the summed difference of probabilities falls from 0.5 to below 0.01, the losers' like t^(-1 / beta)", () => {
      const options = { beta };
      const optimum = ktoOptimum(ref, ref, prefer, options);
      const reached = descend(population(0, options), { steps: 3000, rate: 0.1 });
      expect(half(ref, optimum)).above(0.4);
      expect(half(reached, optimum)).below(0.01);
      // The trainer's reference point, the data's mean log-ratio cut at 0, is 0 here and all the way:
      // the data are nearer to ref.
      const drift = reached.reduce((sum, log, y) => sum + ((won[y] + lost[y]) / 2) * (log - ref[y]), 0);
      expect(drift).below(-1);
    });

    it("with a small beta is the shares c = (chosen - rejected), and the reference point then hardly matters", () => {
      const c = won.map((w, y) => Math.max(0, w - lost[y]));
      const total = c.reduce((a, b) => a + b);
      const got = ktoOptimum(ref, ref, prefer, { beta: 1e-3, referencePoint: 2 });
      expectClose(
        got.map(Math.exp),
        c.map((share) => share / total),
        1e-3,
      );
    });

    it("refuses what has no one answer", () => {
      expect(() => ktoOptimum(ref, ref, prefer, { beta: 1.5 })).throw(DomainError, "at most 1");
      expect(() => ktoOptimum(ref, ref, prefer, { referencePoint: -1 })).throw(DomainError, "referencePoint");
      expect(() => ktoOptimum(ref, ref, prefer, { desirableWeight: 0 })).throw(DomainError, "wins more");
      expect(() => ktoOptimum(ref.slice(1), ref, prefer)).throw(ShapeError, "logRef");
    });
  });

  it("refuse what has no optimum: robust DPO on clean labels falls for ever; outcomes that are never shown; lengths that cannot be", () => {
    expect(() => pairOptimum(ref, ref, prefer, margins["robust DPO"])).throw(ConvergenceError);
    const never = ref.map((log, y) => (y === 3 ? Number.NEGATIVE_INFINITY : log));
    expect(() => pairScores(never, prefer, margins.DPO)).throw(DomainError, "logSampling[3]");
    expect(() => pairOptimum(ref.slice(1), ref, prefer, margins.DPO)).throw(ShapeError, "logRef");
    expect(() => simpoOptimum(lengths.slice(1), ref, prefer)).throw(ShapeError, "lengths");
    expect(() => simpoOptimum([0, ...lengths.slice(1)], ref, prefer)).throw(DomainError, "lengths[0]");
    expect(() => orpoOptimum({ lengths: [1], logSampling: ref, prefer })).throw(ShapeError, "lengths");
  });
});

describe("what groups ask for", () => {
  const plus = (a: Float64Array, b: Float64Array, factor: number) => a.map((x, i) => x + factor * b[i]);

  it("expected advantages are the mean over all groups; endless groups are their limit", () => {
    const rewards = [0, 1, 1, 3];
    const logProbs = logSoftmax([0.3, -0.2, 0.5, 0]);
    for (const normalise of [true, false]) {
      const got = expectedGroupAdvantages(rewards, { group: 3, normalise })(logProbs);
      const want = rewards.map((own) => {
        let sum = 0;
        for (const i of [0, 1, 2, 3]) {
          for (const j of [0, 1, 2, 3]) {
            const [advantage] = groupAdvantages([own, rewards[i], rewards[j]], { group: 3, normalise });
            sum += Math.exp(logProbs[i] + logProbs[j]) * advantage;
          }
        }
        return sum;
      });
      expectClose(got, want, 1e-14);
      const endless = expectedGroupAdvantages(rewards, { group: Number.POSITIVE_INFINITY, normalise })(logProbs);
      const large = expectedGroupAdvantages(rewards, { group: 100, normalise })(logProbs);
      expectClose(large, endless, 0.03);
    }
    const value = exactExpectation(logProbs, rewards);
    expectClose(
      expectedGroupAdvantages(rewards, { group: 3, normalise: false })(logProbs),
      rewards.map((r) => ((r - value) * 2) / 3),
      1e-14,
    );
    expect([...expectedGroupAdvantages([2, 2], { group: Number.POSITIVE_INFINITY })([-1, -1])]).deep.equal([0, 0]);
    expect(() => expectedGroupAdvantages(rewards, { group: 1 })).throw(DomainError, "group");
    expect(() => expectedGroupAdvantages([1, NaN], { group: 2 })).throw(DomainError, "rewards");
    expect(() => expectedGroupAdvantages(normal(key(1), 50), { group: 6 })).throw(DomainError, "a million");
    expect(() => expectedGroupAdvantages(rewards, { group: 2 })([0])).throw(ShapeError, "logProbs");
  });

  it("expected gradients are the means of the losses' over every group", () => {
    const tree = sequenceTree(3, 2);
    const rows = tabularContexts(tree);
    const policy = { tree, contexts: rows, logits: normal(key(4), 9) };
    const rewards = [0, 1, 1, 2, 0, 1, 3]; // of 7 sequences
    const logRef = conditionalLogProbs(tree, logSoftmax(normal(key(5), 7)));
    const conditionals = nextTokenLogProbs(policy);
    const logProbs = sequenceLogProbsOf(policy);
    const places = tree.sequences.map((_, y) => tokenIndicesOf(tree, y));
    const logp = treeTokenLogProbs(conditionals, places);
    const refs = treeTokenLogProbs(logRef, places);
    const byGroups = (G: number, slopesOf: (group: number[]) => ArrayLike<number>[]) => {
      let total = new Float64Array(9);
      for (let draw = 0; draw < 7 ** G; draw++) {
        const group = Array.from({ length: G }, (_, g) => Math.floor(draw / 7 ** g) % 7);
        const probability = Math.exp(group.reduce((sum, y) => sum + logProbs[y], 0));
        total = plus(
          total,
          tokenLogitGradient(
            policy,
            group.map((y) => places[y]),
            slopesOf(group),
          ),
          probability,
        );
      }
      return total;
    };
    const ones = (group: number[]) => group.map((y) => logp[y].map(() => 1));
    const of = (group: number[], table: Float64Array[]) => group.map((y) => table[y]);
    const advantages = (group: number[], normalise: boolean) =>
      groupAdvantages(
        group.map((y) => rewards[y]),
        { group: group.length, normalise },
      );
    const expected = (normalise: boolean) => expectedGroupAdvantages(rewards, { group: 3, normalise })(logProbs);
    for (const twin of [grpoLossAndGradient, gspoLossAndGradient]) {
      const want = byGroups(3, (g) => twin(of(g, logp), of(g, logp), advantages(g, true), ones(g)).gradient);
      expectClose(expectedGrpoGradient(policy, expected(true)), want, 1e-12);
    }
    expectClose(
      expectedDrGrpoGradient(policy, expected(false), { length: 2 }),
      byGroups(
        3,
        (g) => drGrpoLossAndGradient(of(g, logp), of(g, logp), advantages(g, false), ones(g), { length: 2 }).gradient,
      ),
      1e-12,
    );
    expectClose(
      expectedReferenceGradient(policy, logRef),
      byGroups(1, (g) => grpoReferenceLossAndGradient(of(g, logp), of(g, refs), ones(g)).gradient),
      1e-12,
    );
    // With only the informative groups: their penalty and their tokens.
    const kept = informativeProbability(rewards, { group: 3 })(logProbs);
    const keep = (group: number[]) => {
      const rows = new Set(informativeRows(group.map((y) => rewards[y]), { group: 3 })); // biome-ignore format: one line
      return group.map((y, i) => logp[y].map(() => (rows.has(i) ? 1 : 0)));
    };
    expectClose(
      expectedReferenceGradient(policy, logRef, { kept }),
      byGroups(3, (g) => grpoReferenceLossAndGradient(of(g, logp), of(g, refs), keep(g)).gradient),
      1e-12,
    );
    const everything = expectedDapoGradient(policy, expected(true));
    const informative = expectedDapoGradient(policy, expected(true), { kept });
    const lengths = tree.sequences.map((y) => y.length);
    const ratio = exactExpectation(logProbs, lengths) / exactExpectation(logProbs, lengths.map((l, y) => l * kept[y])); // biome-ignore format: one line
    expectClose(informative, everything.map((g) => ratio * g), 1e-12); // biome-ignore format: one line
    expect(() => expectedDapoGradient(policy, expected(true), { kept: [1] })).throw(ShapeError, "kept");
    expect(() => informativeProbability(rewards, { group: 1 })).throw(DomainError, "group");
    // DAPO's, centred: the policy gradient over the mean length, up to (G - 1) / G.
    const exact = exactPolicyGradient(treePolicy(tree, policy.logits, rows), rewards).gradient;
    const tokens = exactExpectation(
      logProbs,
      tree.sequences.map((y) => y.length),
    );
    expectClose(expectedDapoGradient(policy, expected(false)), exact.map((g) => (-2 / 3 / tokens) * g), 1e-12); // biome-ignore format: one line
    expect(() => expectedGrpoGradient(policy, [1])).throw(ShapeError, "advantages");
    expect(() => expectedReferenceGradient(policy, [1])).throw(ShapeError, "logRef");
  });

  it("without a reference all find the best replies: their divisions bend the way, not the end", () => {
    const most = Math.max(...full.utility);
    for (const name of groupAlgorithms) {
      const field = groupField(name, full, { beta: 0 });
      const gradientAt = (logits: Float64Array) => ({ gradient: field({ ...full.start, logits }) });
      const logits = adamDescent(full.start.logits, gradientAt, { steps: 400, rate: 0.05 });
      const value = exactExpectation(sequenceLogProbsOf({ ...full.start, logits }), full.utility);
      expect(most - value, name).below(0.01);
      // And nothing else is at rest: wherever replies of different utility are written the field is not 0.
      for (let seed = 0; seed < 10; seed++) {
        expect(sizes(field({ ...full.start, logits: normal(key(seed), logits.length) })), name).above(1e-3);
      }
    }
  });

  it("with k3 in the loss they stand still at a point of their own, from wherever they start, which is neither optimum nor reference", () => {
    const { tree, start, ref, utility } = small;
    const want = exactRegularisedOptimum(ref, utility, beta).logProbs;
    for (const name of groupAlgorithms) {
      const field = groupField(name, small, { beta });
      const point = sequenceLogProbsOf(stationaryPolicy(start, field));
      const elsewhere = { ...start, logits: normal(key(9), start.logits.length) };
      expect(exactKL(sequenceLogProbsOf(stationaryPolicy(elsewhere, field)), point), name).below(1e-12);
      expect(sizes(field({ ...start, logits: conditionalLogProbs(tree, point) })), name).below(1e-10);
      expect(exactKL(point, want), name).above(0.1);
      expect(exactKL(point, ref), name).above(0.1);
      // Adam, as a trainer has it, comes there too.
      let logits = start.logits;
      for (const rate of [0.03, 0.003, 3e-4]) {
        logits = adamDescent(logits, (x) => ({ gradient: field({ ...start, logits: x }) }), { steps: 400, rate });
      }
      expect(exactKL(sequenceLogProbsOf({ ...start, logits }), point), name).below(1e-5);
    }
    const free = groupField("GRPO", small, { beta: 0 });
    expect(() => stationaryPolicy(start, free, { steps: 50 })).throw(ConvergenceError, "50 steps");
    const shared = { ...start, contexts: start.contexts.map(() => 0) };
    expect(() => stationaryPolicy(shared, free)).throw(DomainError, "a row for each prefix");
  });

  it("it is the direction of k3's gradient that misleads: with KL(pi || ref) in its place, and endless groups without divisions, the optimum is reached", () => {
    const { start, ref, utility } = small;
    const centred = expectedGroupAdvantages(utility, { group: Number.POSITIVE_INFINITY, normalise: false });
    const field: Field = (policy) => {
      const reward = expectedDrGrpoGradient(policy, centred(sequenceLogProbsOf(policy)));
      return plus(reward, expectedKlGradients(policy, start.logits).reverse, beta);
    };
    const got = sequenceLogProbsOf(stationaryPolicy(start, field));
    expect(exactKL(got, exactRegularisedOptimum(ref, utility, beta).logProbs)).below(1e-12);
  });

  it("expert iteration ends at the best replies, filtering at a threshold after one round", () => {
    const { ref, utility, start } = full;
    const most = Math.max(...utility);
    const best = filteredLogProbs(ref, utility, { atLeast: most });
    let policy = start;
    for (let round = 0; round < 6; round++) policy = expertIterationRound(policy, utility, { n: 4 });
    const got = sequenceLogProbsOf(policy);
    expect(half(got, best)).below(1e-9);
    expect(most - exactExpectation(got, utility)).below(1e-9);
  });
});

// The table of what each one asks for (lesson 10 draws it over the knobs): replies of three words about the whale,
// people's replies as the reference, beta 0.5. `loss` is what the policy loses of E[utility] - beta KL against the
// optimum of that, `shortfall` what it loses of E[utility] against the best policy at its own KL, both in nats.
describe("how far each objective's own optimum is from what people want", () => {
  const { ref, utility, prefer, lengths } = full;
  const most = exactRegularisedOptimum(ref, utility, beta).value;
  const groups = (name: GroupAlgorithm, group = 4) => groupOptimum(name, full, { group, beta });
  const table: [name: string, optimum: () => Float64Array, loss: number, shortfall: number][] = [
    ["the reference", () => ref, 1.428, 0],
    ["DPO", () => pairOptimum(ref, ref, prefer, margins.DPO), 0, 0],
    [
      "robust DPO, on labels flipped as often as it believes",
      () => pairOptimum(ref, ref, flipped(prefer, noise), margins["robust DPO"]),
      0,
      0,
    ],
    ["conservative DPO", () => pairOptimum(ref, ref, prefer, margins["conservative DPO"]), 0.063, 0],
    ["IPO, beta 0.1", () => pairOptimum(ref, ref, prefer, margins.IPO), 0.033, 0.001],
    ["KTO", () => ktoOptimum(ref, ref, prefer, { beta }), 0.157, 0.08],
    ["SimPO", () => simpoOptimum(lengths, ref, prefer), 0.95, 0.711],
    ["ORPO", () => orpoOptimum({ lengths, logSampling: ref, prefer }), 0.732, 0.107],
    ["ORPO, weight 1", () => orpoOptimum({ lengths, logSampling: ref, prefer }, { weight: 1 }), 0.553, 0.163],
    ["GRPO", () => groups("GRPO"), 0.352, 0.173],
    ["GRPO, endless groups", () => groups("GRPO", Number.POSITIVE_INFINITY), 0.145, 0.087],
    ["DAPO with GRPO's reference", () => groups("DAPO"), 0.294, 0.185],
    ["Dr. GRPO", () => groups("Dr. GRPO"), 0.207, 0.062],
    ["Dr. GRPO, endless groups", () => groups("Dr. GRPO", Number.POSITIVE_INFINITY), 0.143, 0.073],
    ["best of 4", () => bestOfNLogProbs(ref, utility, 4), 0.185, 0.02],
  ];
  for (const [name, optimum, loss, shortfall] of table) {
    it(`${name}: ${loss}, ${shortfall}`, () => {
      const logProbs = optimum();
      expect(most - exactRegularisedObjective(logProbs, ref, utility, beta)).closeTo(loss, 6e-4);
      expect(frontierShortfall(logProbs, ref, utility)).closeTo(shortfall, 6e-4);
    });
  }
});
