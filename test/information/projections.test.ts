// Covering or seeking: which of the two KLs a policy that cannot write its target is fitted by.
import { expect } from "chai";
import { DomainError, ShapeError } from "../../lib/src/core/index.js";
import { coveringPolicy, seekingPolicy } from "../../lib/src/information/index.js";
import { exactKL, softmax } from "../../lib/src/numerics/index.js";
import { key, normal } from "../../lib/src/random/index.js";
import {
  type Contexts,
  lastTokenContexts,
  placeContexts,
  sequenceLogProbsOf,
  sequenceTree,
  tabularContexts,
  treePolicy,
} from "../../lib/src/trees/index.js";
import { twoCampsWorld } from "../../lib/src/worlds/index.js";

const { task, people, replies } = twoCampsWorld();
const four = (logProbs: ArrayLike<number>) => replies.reduce((sum, { reply }) => sum + Math.exp(logProbs[reply]), 0);
const cover = (contexts: Contexts) => coveringPolicy(task.tree, contexts, people);

describe("covering and seeking", () => {
  it("a policy without memory covers what nobody wrote, or seeks one reply: the ground's numbers", () => {
    const imitator = cover(placeContexts(task.tree));
    const covering = sequenceLogProbsOf(imitator);
    expect(four(people)).to.be.closeTo(0.97, 5e-4);
    expect(four(covering)).to.be.closeTo(0.135, 5e-4);
    expect(exactKL(people, covering)).to.be.closeTo(2.006, 5e-4);
    const { policy, path } = seekingPolicy(imitator, people, { rate: 0.1 });
    // The ground stopped plain gradient steps at 1.134 and 99.5 %; they go on falling.
    expect(path[path.length - 1]).to.be.closeTo(1.1322, 1e-4);
    expect(Math.exp(sequenceLogProbsOf(policy)[replies[0].reply])).to.be.closeTo(0.9933, 1e-4);
    path.slice(1).forEach((kl, i) => {
      expect(kl).to.be.at.most(path[i] + 1e-12);
    });
    // From nothing, or in great steps, it rests at a spread place instead.
    const nothing = treePolicy(task.tree, new Float64Array(imitator.logits.length), placeContexts(task.tree));
    for (const [start, rate] of [
      [nothing, 0.1],
      [imitator, 0.5],
    ] as const) {
      const spread = seekingPolicy(start, people, { rate }).path;
      expect(spread[spread.length - 1]).to.be.closeTo(3.357, 5e-4);
    }
  });

  it("with one word of memory both keep both camps", () => {
    const imitator = cover(lastTokenContexts(task.tree));
    expect(four(sequenceLogProbsOf(imitator))).to.be.closeTo(0.944, 5e-4);
    const seeking = sequenceLogProbsOf(seekingPolicy(imitator, people, { rate: 0.1 }).policy);
    expect(four(seeking)).to.be.closeTo(0.991, 5e-4);
    for (const camp of [0, 1]) {
      const share = replies.reduce((sum, r) => sum + (r.camp === camp ? Math.exp(seeking[r.reply]) : 0), 0);
      expect(share).to.be.above(0.4);
    }
  });

  it("with a row for each prefix both are the target itself", () => {
    const tabular = tabularContexts(task.tree);
    const covering = sequenceLogProbsOf(cover(tabular));
    const start = treePolicy(task.tree, normal(key(1), task.tree.prefixes.length * 7), tabular);
    const { policy } = seekingPolicy(start, people, { rate: 0.3 });
    const seeking = sequenceLogProbsOf(policy);
    people.forEach((log, y) => {
      expect(covering[y]).to.be.closeTo(log, 1e-9);
      expect(seeking[y]).to.be.closeTo(log, 1e-4);
    });
  });

  it("neither has a direction that lowers its KL", () => {
    const contexts = placeContexts(task.tree);
    const covering = cover(contexts);
    const { policy: seeking } = seekingPolicy(covering, people, { rate: 0.1, tolerance: 1e-12 });
    const kls = {
      covering: (logits: ArrayLike<number>) =>
        exactKL(people, sequenceLogProbsOf(treePolicy(task.tree, logits, contexts))),
      seeking: (logits: ArrayLike<number>) =>
        exactKL(sequenceLogProbsOf(treePolicy(task.tree, logits, contexts)), people),
    };
    for (const [of, { logits }] of [
      [kls.covering, covering],
      [kls.seeking, seeking],
    ] as const) {
      const least = of(logits);
      for (const seed of [1, 2, 3, 4, 5]) {
        const move = normal(key(seed), logits.length);
        for (const h of [-0.01, 0.01]) expect(of(logits.map((l, i) => l + h * move[i]))).to.be.at.least(least - 1e-9);
      }
    }
  });

  it("two bits that agree: the reverse KL splits them between 0.1 and 0.05 of disagreement", () => {
    // Two places of two words, no end: independent bits against p(same) = 1 - 2 eps.
    const tree = sequenceTree(3, 2);
    const never = Number.NEGATIVE_INFINITY;
    const target = (eps: number) =>
      tree.sequences.map(([a, b]) => (b === undefined || b === 0 ? never : Math.log(a === b ? 0.5 - eps : eps)));
    const start = treePolicy(tree, [never, 0.1, 0, never, 0.1, 0], placeContexts(tree));
    const rest = (eps: number) => {
      const { path, policy } = seekingPolicy(start, target(eps), { rate: 0.1 });
      return { kl: path[path.length - 1], first: softmax(policy.logits.slice(0, 3))[1] };
    };
    expect(rest(0.1).first).to.be.closeTo(0.5, 1e-3);
    expect(rest(0.05).first).to.be.closeTo(0.75, 1e-3);
    expect(rest(0.05).kl).to.be.closeTo(0.498, 5e-4);
    expect(0.5 * Math.log(0.25 / 0.45) + 0.5 * Math.log(0.25 / 0.05)).to.be.closeTo(0.511, 5e-4);
  });

  it("refuses in words", () => {
    const start = cover(placeContexts(task.tree));
    expect(() => seekingPolicy(start, [0], { rate: 0.1 })).to.throw(ShapeError, "one per sequence");
    expect(() => seekingPolicy(start, people, { rate: 0 })).to.throw(DomainError, "rate");
    expect(() => coveringPolicy(task.tree, placeContexts(task.tree), [0])).to.throw(ShapeError, "logProbs");
    expect(() => cover(placeContexts(task.tree).slice(1))).to.throw(ShapeError, "contexts");
    const never = people.map((log, y) => (y === replies[0].reply ? Number.NEGATIVE_INFINITY : log));
    expect(() => seekingPolicy(start, never, { rate: 0.1 })).to.throw(DomainError, "wherever the start writes");
    expect(() => twoCampsWorld({ blind: 0 })).to.throw(DomainError, "blind: expected a share above 0");
  });
});
