import { expect } from "chai";
import fc from "fast-check";
import { connectedComponents, stronglyConnectedComponents } from "../../lib/src/numerics/index.js";

/** reach[i][j]: a path leads from i to j. Floyd and Warshall, the slow and obvious way. */
function reachability(nodes: number, edges: [number, number][]): boolean[][] {
  const reach = Array.from({ length: nodes }, (_, i) => Array.from({ length: nodes }, (_, j) => i === j));
  for (const [i, j] of edges) reach[i][j] = true;
  for (let k = 0; k < nodes; k++)
    for (let i = 0; i < nodes; i++) for (let j = 0; j < nodes; j++) reach[i][j] ||= reach[i][k] && reach[k][j];
  return reach;
}

const graphs = fc.integer({ min: 1, max: 8 }).chain((nodes) => {
  const node = fc.integer({ min: 0, max: nodes - 1 });
  return fc.record({ nodes: fc.constant(nodes), edges: fc.array(fc.tuple(node, node), { maxLength: 14 }) });
});

describe("numerics: connected components", () => {
  it("strong components agree with reachability, sinks first", () => {
    fc.assert(
      fc.property(graphs, ({ nodes, edges }) => {
        const groups = stronglyConnectedComponents(
          nodes,
          edges.map(([i]) => i),
          edges.map(([, j]) => j),
        );
        const of = new Int32Array(nodes).fill(-1);
        groups.forEach((group, g) => {
          for (const i of group) of[i] = g;
        });
        const reach = reachability(nodes, edges);
        for (let i = 0; i < nodes; i++)
          for (let j = 0; j < nodes; j++) expect(of[i] === of[j]).to.equal(reach[i][j] && reach[j][i]);
        for (const [i, j] of edges) expect(of[i]).to.be.at.least(of[j]);
        expect(groups.flat().sort((a, b) => a - b)).to.deep.equal(Array.from({ length: nodes }, (_, i) => i));
      }),
      { numRuns: 300 },
    );
  });

  it("weak components agree with reachability both ways", () => {
    fc.assert(
      fc.property(graphs, ({ nodes, edges }) => {
        const groups = connectedComponents(
          nodes,
          edges.map(([i]) => i),
          edges.map(([, j]) => j),
        );
        const reach = reachability(nodes, [...edges, ...edges.map(([i, j]) => [j, i] as [number, number])]);
        const expected = Array.from({ length: nodes }, (_, i) => i)
          .filter((i) => !reach[i].slice(0, i).includes(true))
          .map((i) => reach[i].flatMap((yes, j) => (yes ? [j] : [])));
        expect(groups).to.deep.equal(expected);
      }),
      { numRuns: 300 },
    );
  });

  it("a chain of 200,000 nodes does not overflow the stack", () => {
    const n = 200_000;
    const from = Int32Array.from({ length: n - 1 }, (_, i) => i);
    expect(
      stronglyConnectedComponents(
        n,
        from,
        from.map((i) => i + 1),
      ),
    ).to.have.length(n);
    const round = stronglyConnectedComponents(n, [...from, n - 1], [...from.map((i) => i + 1), 0]);
    expect(round).to.have.length(1);
    expect(
      connectedComponents(
        n,
        from,
        from.map((i) => i + 1),
      ),
    ).to.have.length(1);
  });
});
