// What models learn from a constitution: rows, labels, rule-based rewards.
import { expect } from "chai";
import fc from "fast-check";
import {
  aiLabel,
  aiLabels,
  fitRuleWeights,
  type RulePair,
  ruleHinge,
  slCaiRows,
} from "../../lib/src/constitution/index.js";
import { DomainError, ShapeError } from "../../lib/src/core/index.js";
import { linearProgram } from "../../lib/src/numerics/index.js";
import { foldIn, key, normal } from "../../lib/src/random/index.js";

describe("slCaiRows", () => {
  const drafts = Array.from({ length: 4000 }, (_, i) => ({
    prompt: "p",
    completion: i % 2 === 0 ? "bad" : `good ${i}`,
  }));
  const options = { violates: ({ completion }: { completion: string }) => completion === "bad", revise: () => "sorry" };

  it("revises what the critique finds and leaves the rest alone", () => {
    const rows = slCaiRows(key(1), drafts, options);
    rows.forEach(({ completion, revised }, i) => {
      expect([completion, revised]).to.deep.equal(i % 2 === 0 ? ["sorry", true] : [drafts[i].completion, false]);
    });
  });

  it("leaves misses^rounds of the violations, within five standard deviations", () => {
    for (const [misses, rounds] of [
      [0.3, 1],
      [0.3, 2],
      [1, 3],
      [0.5, 0],
    ] as const) {
      const left = slCaiRows(key(2), drafts, { ...options, misses, rounds }).filter(
        (r) => r.completion === "bad",
      ).length;
      const p = misses ** rounds;
      expect(left / 2000).to.be.closeTo(p, 5 * Math.sqrt((p * (1 - p)) / 2000) + 1e-12);
    }
  });

  it("critiques the revision, not the draft, in the second round", () => {
    const seen: string[] = [];
    const [row] = slCaiRows(key(1), [{ prompt: "p", completion: "a" }], {
      violates: ({ completion }) => completion.length < 3,
      revise: ({ completion }) => {
        seen.push(completion);
        return `${completion}a`;
      },
      rounds: 5,
    });
    expect(row.completion).to.equal("aaa");
    expect(seen).to.deep.equal(["a", "aa"]);
  });

  it("refuses shares and rounds that are none", () => {
    for (const bad of [{ misses: Number.NaN }, { misses: 1.1 }, { rounds: -1 }, { rounds: 0.5 }]) {
      expect(() => slCaiRows(key(1), drafts, { ...options, ...bad })).to.throw(DomainError);
    }
  });
});

describe("aiLabel", () => {
  it("is normalised over the two letters, and swapping the pair mirrors it", () => {
    const logp = fc.double({ min: -30, max: 0, noNaN: true });
    fc.assert(
      fc.property(logp, logp, logp, logp, (a, b, c, d) => {
        const p = (Math.exp(a) / (Math.exp(a) + Math.exp(b)) + Math.exp(d) / (Math.exp(c) + Math.exp(d))) / 2;
        const label = aiLabel({ A: a, B: b }, { A: c, B: d });
        expect(label).to.be.closeTo(p, 1e-12);
        expect(aiLabel({ A: c, B: d }, { A: a, B: b })).to.be.closeTo(1 - label, 1e-12);
        expect(aiLabel({ A: a, B: b }, { A: c, B: d }, { clamp: [0.4, 0.6] })).to.be.within(0.4, 0.6);
      }),
    );
    expect(aiLabel({ A: -1, B: -3 }, { A: -1, B: -3 })).to.be.closeTo(0.5, 1e-12);
  });

  it("refuses what is no log-probability, and a clamp that is none", () => {
    expect(() => aiLabel({ A: 0.5, B: -1 }, { A: -1, B: -1 })).to.throw(DomainError);
    expect(() => aiLabel({ A: -1, B: Number.NaN }, { A: -1, B: -1 })).to.throw(DomainError);
    expect(() => aiLabel({ A: -1, B: -1 }, { A: -1, B: -1 }, { clamp: [0.6, 0.4] })).to.throw(DomainError);
  });
});

describe("aiLabels", () => {
  const pairs = Array.from({ length: 3000 }, (_, i) => ({ prompt: 0, first: i % 3, second: 1 }));

  it("chooses what the judge likes, leaves ties out, and turns a share round", () => {
    const labels = aiLabels(key(1), pairs, ({ first, second }) => first - second);
    expect(labels).to.have.length(2000);
    for (const { chosen, rejected } of labels) expect(chosen).to.be.above(rejected);
    const flipped = aiLabels(key(1), pairs, ({ first, second }) => first - second, { flip: 0.3 });
    const wrong = flipped.filter(({ chosen, rejected }) => chosen < rejected).length / 2000;
    expect(wrong).to.be.closeTo(0.3, 5 * Math.sqrt(0.21 / 2000));
  });

  it("gives each pair a key of its own", () => {
    const keys = new Set<string>();
    aiLabels(key(1), pairs, (_, k) => {
      keys.add(k.join());
      return 1;
    });
    expect(keys.size).to.equal(3000);
    expect(() => aiLabels(key(1), pairs, () => Number.NaN)).to.throw(DomainError);
    expect(() => aiLabels(key(1), pairs, () => 1, { flip: Number.NaN })).to.throw(DomainError);
  });
});

describe("rule-based rewards", () => {
  const draw = (k: number, n: number, K: number): RulePair[] =>
    Array.from({ length: n }, (_, i) => {
      const z = normal(foldIn(key(k), i), 2 * K + 1);
      return { better: z.slice(0, K).map((x) => x + 0.4), worse: z.slice(K, 2 * K), rewardBetter: z[2 * K] };
    });

  it("have the slope of their loss, by differences", () => {
    const pairs = draw(3, 40, 3);
    const w = [0.3, -0.7, 1.1];
    const { gradient } = ruleHinge(w, pairs, { margin: 0.8 });
    for (let k = 0; k < 3; k++) {
      const at = (d: number) =>
        ruleHinge(
          w.map((x, j) => (j === k ? x + d : x)),
          pairs,
          { margin: 0.8 },
        ).loss;
      expect(gradient[k]).to.be.closeTo((at(1e-6) - at(-1e-6)) / 2e-6, 1e-6);
    }
  });

  it("come to the minimum that a linear program finds", async () => {
    const pairs = draw(5, 30, 2);
    const [K, B] = [2, pairs.length];
    // Variables: w, then one slack for each pair, at least margin - R(better) + R(worse) and at least 0.
    const { value: exact } = await linearProgram({
      variables: K + B,
      minimise: [0, 0, ...new Array<number>(B).fill(1 / B)],
      lower: [-1e3, -1e3, ...new Array<number>(B).fill(0)],
      subjectTo: pairs.map(({ better, worse, rewardBetter = 0 }, b) => ({
        form: [
          [0, better[0] - worse[0]],
          [1, better[1] - worse[1]],
          [K + b, 1],
        ] as [number, number][],
        atLeast: 1 - rewardBetter,
      })),
    });
    const loss = ruleHinge(fitRuleWeights(pairs, { steps: 20_000 }), pairs).loss;
    expect(loss).to.be.within(exact - 1e-9, exact + 2e-3);
  });

  it("are nothing to pairs that are told apart by the margin, and refuse what does not fit", () => {
    const apart = ruleHinge([1], [{ better: [1], worse: [0] }], { margin: 1 });
    expect([apart.loss, apart.gradient[0]]).to.deep.equal([0, 0]);
    expect(() => ruleHinge([1, 2], [{ better: [1], worse: [0] }])).to.throw(ShapeError);
    expect(() => ruleHinge([1], [])).to.throw(DomainError);
    expect(() => ruleHinge([1], [{ better: [Number.NaN], worse: [0] }])).to.throw(DomainError);
    expect(() => fitRuleWeights([{ better: [1], worse: [0] }], { steps: 1 })).to.throw(DomainError);
  });
});
