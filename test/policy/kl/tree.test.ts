// The statements about gradients, by enumeration of every sequence.
import { expect } from "chai";
import {
  ConvergenceError,
  DomainError,
  key,
  logSoftmax,
  mean,
  normal,
  ShapeError,
  split,
  standardError,
} from "rlhf-lab";
import { differenceGradient, exactExpectation, exactKL, exactRegularisedOptimum } from "rlhf-lab/numerics";
import {
  betaForKl,
  expectedKlGradients,
  frontierShortfall,
  klEstimates,
  klFrontier,
  sampledKlGradients,
} from "rlhf-lab/policy";
import {
  conditionalLogProbs,
  drawSequences,
  expectedScore,
  lastTokenContexts,
  nextTokenLogProbs,
  sequenceKl,
  sequenceLogProbs,
  sequenceTree,
  treePolicy,
} from "rlhf-lab/trees";
import { phraseTask } from "rlhf-lab/worlds";
import { expectClose } from "../floors.js";

const tree = sequenceTree(3, 3);
const contexts = lastTokenContexts(tree);
const logits = normal(key(1), 4 * 3);
const logRef = nextTokenLogProbs(treePolicy(tree, normal(key(2), tree.prefixes.length * 3)));
const wholeRef = sequenceLogProbs(tree, logRef);
const conditionals = (z: ArrayLike<number>) => nextTokenLogProbs(treePolicy(tree, z, contexts));
const whole = (z: ArrayLike<number>) => sequenceLogProbs(tree, conditionals(z));

/** Mean over all sequences y ~ pi(logits) of the difference gradient of f(y, log pi_z(y)), samples held fixed. */
function meanLossGradient(f: (tokens: number[], ref: number[]) => number): number[] {
  const tokenLogs = (z: ArrayLike<number>, table: Float64Array) =>
    tree.sequences.map((sequence) => {
      let prefix = 0;
      return sequence.map((v) => {
        const at = prefix * 3 + v;
        prefix = tree.next[at];
        return z.length > 0 ? table[at] : 0;
      });
    });
  const weights = whole(logits).map(Math.exp);
  const refs = tokenLogs(logits, logRef);
  return differenceGradient((z) => {
    const logs = tokenLogs(z, conditionals(z));
    return weights.reduce((sum, w, y) => sum + w * f(logs[y], refs[y]), 0);
  }, logits);
}
const total = (x: number[]) => x.reduce((a, b) => a + b, 0);

describe("policy/kl: over a tree", () => {
  it("the KL of sequences is the sum over tokens of the expected KL of each: the chain rule", () => {
    for (const task of [phraseTask({ length: 3 })]) {
      const P = task.tree.prefixes.length;
      const p = nextTokenLogProbs(treePolicy(task.tree, normal(key(3), P * 7)));
      const q = conditionalLogProbs(task.tree, task.reference[0]);
      const { kl, atPrefix, reach, atPosition } = sequenceKl(task.tree, p, q);
      expect(kl).to.be.closeTo(exactKL(sequenceLogProbs(task.tree, p), task.reference[0]), 1e-12);
      expect(atPosition.reduce((a, b) => a + b)).to.be.closeTo(kl, 1e-12);
      expect(reach.reduce((sum, r, i) => sum + r * atPrefix[i], 0)).to.be.closeTo(kl, 1e-12);
      expect(atPrefix[3]).to.be.closeTo(exactKL(p.slice(21, 28), q.slice(21, 28)), 1e-12);
    }
  });

  it("what p never reaches may be impossible under q", () => {
    const p = Float64Array.from(logRef);
    const q = Float64Array.from(logRef);
    [p[1], p[0], p[2]] = [Number.NEGATIVE_INFINITY, Math.log(0.5), Math.log(0.5)];
    for (let v = 0; v < 3; v++) q[3 + v] = Number.NEGATIVE_INFINITY; // after token 1
    expect(sequenceKl(tree, p, q).kl).to.be.within(0, 10);
    expect(() => sequenceKl(tree, p, [0])).to.throw(ShapeError, "logQ");
  });

  describe("gradients of the estimators, on average", () => {
    const gradients = expectedKlGradients({ tree, contexts, logits }, logRef);

    it("the two exact ones are those of the two directions", () => {
      expectClose(
        gradients.reverse,
        differenceGradient((z) => exactKL(whole(z), wholeRef), logits),
        1e-8,
      );
      expectClose(
        gradients.forward,
        differenceGradient((z) => exactKL(wholeRef, whole(z)), logits),
        1e-8,
      );
    });

    it("k1 as a loss: zero", () => {
      expectClose(gradients.k1Loss, new Float64Array(12), 1e-14);
      expectClose(
        meanLossGradient((logs, ref) => total(logs) - total(ref)),
        new Float64Array(12),
        1e-9,
      );
    });

    it("k2 of sequences as a loss: KL(new || ref); k3 of sequences: KL(ref || new), the other direction", () => {
      const of = (name: "k2" | "k3") => (logs: number[], ref: number[]) =>
        klEstimates([total(logs)], [total(ref)])[name][0];
      expectClose(meanLossGradient(of("k2")), gradients.reverse, 1e-8);
      expectClose(meanLossGradient(of("k3")), gradients.forward, 1e-8);
      const apart = gradients.reverse.map((g, i) => g - gradients.forward[i]);
      expect(Math.hypot(...apart)).to.be.above(0.1 * Math.hypot(...gradients.reverse));
    });

    it("k2 and k3 per token: each token's own KL, prefixes held fixed", () => {
      const of = (name: "k2" | "k3") => (logs: number[], ref: number[]) =>
        klEstimates(logs, ref)[name].reduce((a, b) => a + b);
      expectClose(meanLossGradient(of("k2")), gradients.k2Loss, 1e-8);
      expectClose(meanLossGradient(of("k3")), gradients.k3Loss, 1e-8);
      // sum over prefixes of P(reach), held fixed, times the KL there
      const { reach } = sequenceKl(tree, conditionals(logits), logRef);
      const held = (direction: (p: Float64Array, q: Float64Array) => number) =>
        differenceGradient((z) => {
          const now = conditionals(z);
          return reach.reduce(
            (sum, r, p) => sum + r * direction(now.slice(3 * p, 3 * p + 3), logRef.slice(3 * p, 3 * p + 3)),
            0,
          );
        }, logits);
      expectClose(gradients.k2Loss, held(exactKL), 1e-8);
      expectClose(
        gradients.k3Loss,
        held((p, q) => exactKL(q, p)),
        1e-8,
      );
      // and that is not the gradient of the sequence's KL: a token also decides which prefixes come after it
      const missing = gradients.k2Loss.map((g, i) => g - gradients.reverse[i]);
      expect(Math.hypot(...missing)).to.be.above(0.1 * Math.hypot(...gradients.reverse));
    });

    it("all meet, to first order, when new is close to ref", () => {
      const near = (size: number) => {
        const base = normal(key(7), 12);
        const ref = conditionals(base);
        const noise = normal(key(8), 12);
        const g = expectedKlGradients(
          treePolicy(
            tree,
            base.map((z, i) => z + size * noise[i]),
            contexts,
          ),
          ref,
        );
        return Math.hypot(...g.reverse.map((x, i) => x - g.forward[i])) / Math.hypot(...g.reverse);
      };
      expect(near(0.01)).to.be.below(0.02);
      expect(near(0.1) / near(0.01)).to.be.within(7, 13);
    });

    it("from drawn sequences: the slope of the estimate's mean over them, and on average the exact ones", () => {
      const policy = { tree, contexts, logits };
      const kinds = ["k1", "k2", "k3"] as const;
      const few = drawSequences(key(9), policy, 40);
      const sampled = sampledKlGradients(policy, logRef, few);
      for (const k of kinds) {
        const ofBatch = (z: number[]) =>
          mean(
            klEstimates(
              Array.from(few.sequences, (y) => whole(z)[y]),
              Array.from(few.sequences, (y) => wholeRef[y]),
            )[k],
          );
        expectClose(sampled[k], differenceGradient(ofBatch, Array.from(logits)), 1e-7);
      }
      // 400 batches of 50: four standard errors for each of 36 numbers.
      const batches = split(key(10), 400).map((k) => sampledKlGradients(policy, logRef, drawSequences(k, policy, 50)));
      const exact = { k1: gradients.k1Loss, k2: gradients.reverse, k3: gradients.forward };
      for (const k of kinds) {
        exact[k].forEach((want, i) => {
          const drawn = batches.map((batch) => batch[k][i]);
          expect(mean(drawn), `${k}[${i}]`).to.be.closeTo(want, 4 * standardError(drawn) + 1e-12);
        });
      }
      expect(() => sampledKlGradients(policy, [0], few)).to.throw(ShapeError);
    });

    it("k3 in the reward: the difference of the two directions, which may lead away from the reference", () => {
      expectClose(
        gradients.k3Reward,
        gradients.reverse.map((g, i) => g - gradients.forward[i]),
        1e-12,
      );
    });
  });

  it("expectedScore: the mean score is zero, under another behaviour it is not, and a weight on the impossible counts for nothing", () => {
    const P = tree.prefixes.length;
    const ones = new Float64Array(P * 3).fill(1);
    expectClose(expectedScore({ tree, contexts, logits }, ones), new Float64Array(12), 1e-14);
    const other = expectedScore({ tree, contexts, logits }, ones, logRef);
    expectClose(
      other,
      differenceGradient((z) => exactExpectation(wholeRef, whole(z)), logits),
      1e-8,
    );
    const never = Float64Array.from(logRef);
    [never[0], never[1], never[2]] = [0, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
    ones[1] = Number.POSITIVE_INFINITY;
    expect(Array.from(expectedScore({ tree, contexts, logits }, ones, never)).every(Number.isFinite)).to.equal(true);
    expect(() => expectedScore({ tree, contexts, logits }, [1])).to.throw(ShapeError, "weights");
  });
});

describe("policy/kl: the regularised optimum", () => {
  const task = phraseTask({ length: 3 });
  const [logRef, utility] = [task.reference[0], task.utility[0]];

  it("beta for a KL is found, whatever the unit of utility", () => {
    for (const unit of [1e-3, 1, 1e3]) {
      const scaled = utility.map((u) => u * unit);
      for (const target of [1e-3, 0.5, 2]) {
        const beta = betaForKl(logRef, scaled, target);
        expect(exactKL(exactRegularisedOptimum(logRef, scaled, beta).logProbs, logRef)).to.be.closeTo(
          target,
          1e-9 * (1 + target),
        );
      }
    }
  });

  it("the frontier rises with KL, and no random policy lies above it", () => {
    const points = klFrontier(logRef, utility, [3, 1, 0.5, 0.2]);
    for (let i = 1; i < points.length; i++) {
      expect(points[i].kl).to.be.above(points[i - 1].kl);
      expect(points[i].utility).to.be.above(points[i - 1].utility);
    }
    for (let seed = 0; seed < 20; seed++) {
      const noise = normal(key(seed), logRef.length);
      const policy = logSoftmax(logRef.map((log, y) => log + utility[y] * (seed / 10) + noise[y]));
      const beta = betaForKl(logRef, utility, exactKL(policy, logRef));
      const [best] = klFrontier(logRef, utility, [beta]);
      expect(exactExpectation(policy, utility)).to.be.below(best.utility + 1e-9);
    }
  });

  it("how far below the frontier: nothing at any optimum, the reference, or the best outcomes alone; a mixture and a policy too far out leave something", () => {
    const flat = (at: ArrayLike<number>) => frontierShortfall(at, logRef, utility);
    for (const { logProbs } of klFrontier(logRef, utility, [3, 0.5, 0.05]))
      expect(flat(logProbs)).to.be.closeTo(0, 1e-9);
    expect(flat(logRef)).to.equal(0);
    const most = Math.max(...utility);
    const top = logSoftmax(logRef.map((log, y) => (utility[y] === most ? log : Number.NEGATIVE_INFINITY)));
    expect(flat(top)).to.be.closeTo(0, 1e-12);
    // A best reply alone is worth as much, at a greater KL; the worst alone misses the whole range.
    const alone = (value: number) =>
      logRef.map((_, y) => (y === utility.indexOf(value) ? 0 : Number.NEGATIVE_INFINITY));
    expect(flat(alone(most))).to.be.closeTo(0, 1e-12);
    expect(flat(alone(Math.min(...utility)))).to.be.closeTo(most - Math.min(...utility), 1e-12);
    // Two outcomes, by hand: the only policy with as much KL on the other side is the mirror image.
    const coin = [Math.log(0.5), Math.log(0.5)];
    expect(frontierShortfall([Math.log(0.8), Math.log(0.2)], coin, [0, 1])).to.be.closeTo(0.6, 1e-9);
    expect(() => frontierShortfall(coin, coin, [1, 1])).to.throw(ConvergenceError, "utility");
    expect(() => frontierShortfall(coin, coin, [1])).to.throw(ShapeError);
  });

  it("says which KL cannot be had", () => {
    expect(() => betaForKl(logRef, utility, 0)).to.throw(DomainError, "target");
    expect(() => betaForKl([Math.log(0.5), Math.log(0.5)], [0, 1], 0.7)).to.throw(DomainError, "0.6931");
    expect(() => betaForKl([Math.log(0.5), Math.log(0.5)], [1, 1], 0.1)).to.throw(ConvergenceError, "utility");
    expect(() => klFrontier(logRef, utility, [0])).to.throw(DomainError, "beta");
  });
});
