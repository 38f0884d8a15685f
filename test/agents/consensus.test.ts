import { readFileSync } from "node:fs";
import { expect } from "chai";
import fc from "fast-check";
import {
  completeGraph,
  consensusPath,
  consensusRate,
  graphRobustness,
  influence,
  metropolisWeights,
  oralMessages,
  ringGraph,
  traitorViolations,
  twoCliques,
  wmsrPath,
  wmsrStep,
} from "../../lib/src/agents/index.js";
import { DomainError, ShapeError } from "../../lib/src/core/index.js";

const golden = JSON.parse(readFileSync("test/golden/agents.json", "utf8"));
const start = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.9];

describe("averaging", () => {
  it("on rings shrinks by 1/3 + 2/3 cos(2 pi / n) a round", () => {
    for (const n of [5, 10, 20]) {
      const wanted = 1 / 3 + (2 / 3) * Math.cos((2 * Math.PI) / n);
      expect(consensusRate(metropolisWeights(ringGraph(n)))).to.be.closeTo(wanted, 1e-9);
    }
    expect(consensusRate(metropolisWeights(ringGraph(10, 2)))).to.be.closeTo(0.6472136, 1e-7);
    expect(consensusRate(metropolisWeights(completeGraph(6)))).to.be.closeTo(0, 1e-9);
  });

  it("shrinks by that rate when measured", () => {
    const W = metropolisWeights(ringGraph(8));
    const path = consensusPath(W, start, 60);
    const far = (x: Float64Array) => Math.hypot(...x.map((v) => v - 3.7 / 8));
    expect(far(path[60]) / far(path[59])).to.be.closeTo(consensusRate(W), 1e-6);
  });

  it("never settles when an eigenvalue is -1, or the graph falls apart", () => {
    expect(
      consensusRate([
        [0, 1],
        [1, 0],
      ]),
    ).to.be.closeTo(1, 1e-12);
    expect(
      consensusRate([
        [1, 0],
        [0, 1],
      ]),
    ).to.be.closeTo(1, 1e-12);
    expect(consensusRate([[1]])).to.equal(0);
  });

  it("ends where influence says", () => {
    const { weights, influence: wanted } = golden[0];
    expect([...influence(weights)]).to.satisfy((s: number[]) => s.every((x, i) => Math.abs(x - wanted[i]) < 1e-12));
    const end = consensusPath(weights, [1, 2, 5], 200)[200];
    for (const x of end) expect(x).to.be.closeTo(0.4 * 1 + 0.4 * 2 + 0.2 * 5, 1e-9);
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.double({ min: 0.05, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 }), {
          minLength: 4,
          maxLength: 4,
        }),
        (rows) => {
          const W = rows.map((row) => row.map((w) => w / row.reduce((a, b) => a + b)));
          const s = influence(W);
          s.forEach((x, j) => {
            expect(x).to.be.closeTo(
              s.reduce((sum, si, i) => sum + si * W[i][j], 0),
              1e-9,
            );
          });
        },
      ),
    );
  });

  it("refuses what is no graph and no average, in words", () => {
    expect(() =>
      consensusRate([
        [0.5, 0.6],
        [0, 1],
      ]),
    ).to.throw(DomainError, "W[0]: expected probabilities");
    expect(() => metropolisWeights([[1], [1]])).to.throw(DomainError, "graph[1][0]: expected another agent");
    expect(() => metropolisWeights([])).to.throw(ShapeError, "at least one agent");
    expect(() => ringGraph(4, 2)).to.throw(DomainError, "k: expected below n / 2");
  });
});

describe("W-MSR", () => {
  it("keeps one liar of eight from dragging the rest, where the graph is robust enough", () => {
    const lies = new Map([[7, 1]]);
    const robust = wmsrPath(start, completeGraph(8), { F: 1, rounds: 300, lies }).at(-1) as Float64Array;
    for (const x of robust.slice(0, 7)) expect(x).to.be.closeTo(0.45, 1e-6);
    const plain = wmsrPath(start, completeGraph(8), { F: 0, rounds: 300, lies }).at(-1) as Float64Array;
    for (const x of plain) expect(x).to.be.closeTo(1, 1e-6);
  });

  it("leaves two cliques apart for ever, though everyone has four neighbours and nobody lies", () => {
    const graph = twoCliques(4);
    expect(graph.every((neighbours) => neighbours.length === 4)).to.equal(true);
    expect(graphRobustness(graph)).to.equal(1);
    const x = [0, 0, 0, 0, 1, 1, 1, 1];
    expect([...wmsrStep(x, graph, 1)]).to.deep.equal(x);
  });

  it("drops only values beyond one's own, and all of them where there are fewer than F", () => {
    const star = [[1, 2, 3], [0], [0], [0]];
    expect(wmsrStep([0.5, 0.9, 0.4, 0.3], star, 2)[0]).to.equal(0.5);
    expect(wmsrStep([0.5, 0.9, 0.4, 0.3], star, 1)[0]).to.be.closeTo((0.5 + 0.4) / 2, 1e-15);
    expect(wmsrStep([0.5, 0.5, 0.4, 0.3], star, 1)[0]).to.be.closeTo((0.5 + 0.5 + 0.4) / 3, 1e-15);
  });

  it("stays between the least and the greatest honest value", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 8, maxLength: 8 }),
        fc.double({ min: -50, max: 50, noNaN: true }),
        (x, lie) => {
          const next = wmsrStep(x, completeGraph(8), 1, new Map([[3, lie]]));
          const honest = x.filter((_, i) => i !== 3);
          next.forEach((value, i) => {
            if (i !== 3) expect(value).to.be.within(Math.min(...honest) - 1e-12, Math.max(...honest) + 1e-12);
          });
        },
      ),
    );
  });

  it("knows how robust graphs are: complete ones are ceil(n / 2)", () => {
    for (let n = 2; n <= 8; n++) expect(graphRobustness(completeGraph(n))).to.equal(Math.ceil(n / 2));
    expect(graphRobustness(ringGraph(8))).to.equal(1);
    expect(graphRobustness(ringGraph(8, 2))).to.equal(2);
    expect(graphRobustness([[1], [0], []])).to.equal(0);
    expect(() => graphRobustness(ringGraph(13))).to.throw(DomainError, "at most 12 agents");
  });

  it("refuses in words", () => {
    expect(() => wmsrStep([1, 2], completeGraph(3), 1)).to.throw(ShapeError, "x");
    expect(() => wmsrStep([1, 2, 3], completeGraph(3), -1)).to.throw(DomainError, "F");
    expect(() => wmsrStep([1, 2, 3], completeGraph(3), 1, new Map([[5, 1]]))).to.throw(DomainError, "lie of agent 5");
  });
});

describe("oral messages", () => {
  it("hold one traitor of four and of five, not of three, not two of six", () => {
    expect(traitorViolations(3)).to.deep.equal({ cases: 16, violations: 2 });
    expect(traitorViolations(4)).to.deep.equal({ cases: 40, violations: 0 });
    expect(traitorViolations(5)).to.deep.equal({ cases: 96, violations: 0 });
    expect(traitorViolations(6, 2)).to.deep.equal({ cases: 10240, violations: 1680 });
  });

  it("decide by the majority of what was got and told; a tie is 0", () => {
    expect(
      oralMessages(
        [1, 0],
        [
          [1, 1],
          [0, 0],
        ],
      ),
    ).to.deep.equal([0, 0]);
    expect(
      oralMessages(
        [1, 1, 1],
        [
          [1, 1, 1],
          [0, 1, 0],
          [1, 1, 1],
        ],
      ),
    ).to.deep.equal([1, 1, 1]);
  });

  it("refuse what enumeration cannot do", () => {
    expect(() => traitorViolations(8)).to.throw(DomainError, "at most 7 generals");
    expect(() => traitorViolations(3, 2)).to.throw(DomainError);
  });
});
