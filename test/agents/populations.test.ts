import { expect } from "chai";
import fc from "fast-check";
import {
  enforcementGame,
  flatMajority,
  isEvolutionarilyStable,
  majorityTree,
  noisyBestReplies,
  randomSignalling,
  replicatorWithMutation,
  signallingFlow,
  signallingSuccess,
} from "../../lib/src/agents/index.js";
import { DomainError, ShapeError } from "../../lib/src/core/index.js";
import { key, split } from "../../lib/src/random/index.js";

describe("enforcement", () => {
  it("erodes, then collapses; punishing those who do not punish keeps it", () => {
    const path = replicatorWithMutation(enforcementGame(), [0.05, 0.05, 0.9], { steps: 20000 });
    expect(path[1000][1]).to.be.below(0.01);
    expect(path[5000][2]).to.be.below(path[1000][2] - 0.1);
    expect(path[20000][1]).to.be.above(0.99);
    const kept = replicatorWithMutation(enforcementGame({ second: true }), [0.05, 0.05, 0.9], { steps: 20000 });
    expect(kept[20000][2]).to.be.above(0.99);
  });

  it("stays a distribution, and rests at pure populations without mutation", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0.01, max: 1, noNaN: true }), { minLength: 3, maxLength: 3 }), (raw) => {
        const total = raw.reduce((a, b) => a + b);
        const path = replicatorWithMutation(
          enforcementGame(),
          raw.map((x) => x / total),
          { steps: 50 },
        );
        for (const x of path) expect(x.reduce((a, b) => a + b)).to.be.closeTo(1, 1e-9);
      }),
    );
    for (const pure of [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ]) {
      expect([...replicatorWithMutation(enforcementGame(), pure, { steps: 10, mutation: 0 })[10]]).to.deep.equal(pure);
    }
  });

  it("is stable where no mutant does as well: violators are, adherers and enforcers are not", () => {
    expect([0, 1, 2].map((s) => isEvolutionarilyStable(enforcementGame(), s))).to.deep.equal([false, true, false]);
    expect(isEvolutionarilyStable(enforcementGame({ second: true }), 2)).to.equal(true);
    // Hawk and dove with a fight that costs more than the prize: neither is stable.
    const hawkDove = [
      [-1, 2],
      [0, 1],
    ];
    expect([0, 1].map((s) => isEvolutionarilyStable(hawkDove, s))).to.deep.equal([false, false]);
    // As good against itself, better against the mutant: stable by the second clause.
    expect(
      isEvolutionarilyStable(
        [
          [1, 2],
          [1, 1],
        ],
        0,
      ),
    ).to.equal(true);
  });

  it("small errors pick the risk-dominant standard, by the chain's own balance", () => {
    const hunt = [
      [4, 0],
      [3, 3],
    ];
    const safe = [0.4, 0.2, 0.1, 0.05].map((error) =>
      noisyBestReplies(hunt, 10, error).reduce((sum, p, k) => sum + (p * k) / 10, 0),
    );
    expect(safe).to.deep.equal([...safe].sort((a, b) => a - b));
    expect(safe[3]).to.be.above(0.95);
    // Brute force: the transition matrix's own stationary law.
    const [n, error] = [5, 0.3];
    const law = noisyBestReplies(hunt, n, error);
    const takes = (m: number) => {
      const [stag, hare] = [4 * (n - 1 - m), 3 * (n - 1)];
      return hare > stag ? 1 - error / 2 : hare === stag ? 0.5 : error / 2;
    };
    let p = Array(n + 1).fill(1 / (n + 1));
    for (let t = 0; t < 20000; t++) {
      const next = Array(n + 1).fill(0);
      p.forEach((mass, k) => {
        const up = ((n - k) / n) * takes(k);
        const down = (k / n) * (1 - takes(k - 1));
        if (k < n) next[k + 1] += mass * up;
        if (k > 0) next[k - 1] += mass * down;
        next[k] += mass * (1 - (k < n ? up : 0) - (k > 0 ? down : 0));
      });
      p = next;
    }
    law.forEach((x, k) => {
      expect(x).to.be.closeTo(p[k], 1e-9);
    });
  });

  it("refuses in words", () => {
    expect(() => replicatorWithMutation(enforcementGame(), [1, 1, 1], { steps: 1 })).to.throw(DomainError, "start");
    expect(() => isEvolutionarilyStable(enforcementGame(), 3)).to.throw(DomainError, "strategy");
    expect(() => noisyBestReplies(enforcementGame(), 10, 0.1)).to.throw(ShapeError, "2 rows of 2");
    expect(() =>
      noisyBestReplies(
        [
          [1, 0],
          [0, 1],
        ],
        10,
        0,
      ),
    ).to.throw(DomainError, "without errors");
  });
});

describe("signalling", () => {
  const uniformly = (N: number) => Array(N).fill(1 / N);

  it("two states always get a code; three do not always", () => {
    const ends = (N: number) =>
      split(key(2), 60).map((k) =>
        signallingSuccess(signallingFlow(randomSignalling(k, N), uniformly(N)), uniformly(N)),
      );
    expect(ends(2).every((s) => s > 0.99)).to.equal(true);
    const three = ends(3);
    expect(three.some((s) => s < 0.7)).to.equal(true);
    expect(three.filter((s) => s > 0.99).length).to.be.above(40);
  });

  it("never understands less, and a perfect code stays", () => {
    let system = randomSignalling(key(5), 3);
    let before = signallingSuccess(system, uniformly(3));
    for (let t = 0; t < 50; t++) {
      system = signallingFlow(system, uniformly(3), { steps: 1, dt: 0.1 });
      const now = signallingSuccess(system, uniformly(3));
      expect(now).to.be.at.least(before - 1e-12);
      before = now;
    }
    const identity = [0, 1, 2].map((i) => Float64Array.from([0, 1, 2], (j) => (i === j ? 1 : 0)));
    const code = { sender: identity, receiver: identity };
    expect(signallingFlow(code, uniformly(3), { steps: 20 })).to.deep.equal(code);
  });

  it("refuses in words", () => {
    expect(() => signallingSuccess(randomSignalling(key(1), 2), [1])).to.throw(ShapeError, "1 rows");
    expect(() => randomSignalling(key(1), 1)).to.throw(DomainError, "N");
  });
});

describe("hierarchies", () => {
  it("are right less often than a flat vote of the same people", () => {
    expect(flatMajority(27, 0.6)).to.be.closeTo(0.855, 5e-4);
    expect(majorityTree(0.6, 3)).to.be.closeTo(0.803, 5e-4);
    expect(flatMajority(81, 0.6)).to.be.closeTo(0.966, 5e-4);
    expect(majorityTree(0.6, 4)).to.be.closeTo(0.899, 5e-4);
    expect(flatMajority(3, 0.6)).to.be.closeTo(majorityTree(0.6, 1), 1e-12);
    expect(flatMajority(100001, 0.51)).to.be.closeTo(1, 1e-9);
    expect(flatMajority(1, 0.3)).to.be.closeTo(0.3, 1e-12);
    expect([flatMajority(5, 0), flatMajority(5, 1)]).to.deep.equal([0, 1]);
  });

  it("agree with enumeration", () => {
    const p = 0.37;
    let right = 0;
    for (let code = 0; code < 512; code++) {
      const votes = Array.from({ length: 9 }, (_, i) => (code >> i) & 1);
      const yes = votes.reduce((a, b) => a + b, 0);
      const groups = [0, 3, 6].filter((g) => votes[g] + votes[g + 1] + votes[g + 2] >= 2).length;
      if (groups >= 2) right += p ** yes * (1 - p) ** (9 - yes);
    }
    expect(majorityTree(p, 2)).to.be.closeTo(right, 1e-12);
  });

  it("refuse an even electorate", () => {
    expect(() => flatMajority(4, 0.5)).to.throw(DomainError, "an odd number");
    expect(() => flatMajority(3, 1.2)).to.throw(DomainError, "p: expected a number from 0 to 1");
  });
});
