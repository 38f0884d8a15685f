import { expect } from "chai";
import fc from "fast-check";
import {
  bar,
  contour,
  DomainError,
  describeFigure,
  type Figure,
  graph,
  heatmap,
  histogram,
  line,
  palette,
  ShapeError,
  scatter,
  smallMultiples,
} from "rlhf-lab";

// biome-ignore lint/suspicious/noExplicitAny: tests look into traces of every type
type Any = any;
const trace = (figure: Figure, i: number): Any => figure.data[i];
const layout = (figure: Figure): Any => figure.layout;

const axes = { x: { title: "time", unit: "s" }, y: { title: "loss", unit: "nats" } };
/** Random cases, the same ones in every run. */
const forAll = <T>(property: fc.IProperty<T>) => fc.assert(property, { seed: 20261122, numRuns: 200 });
const finite = fc.double({ min: -1e6, max: 1e6, noNaN: true });

/** Figures are saved as JSON: what comes back must be what was there. */
function expectPlainData(figure: Figure) {
  expect(JSON.parse(JSON.stringify(figure))).to.deep.equal(figure);
}

describe("line", () => {
  const spec = { title: "Loss", ...axes, series: [{ name: "a", x: [1, 2, 3], y: [3, 2, 1] }] };

  it("gives one trace a series, with titles and units on the axes", () => {
    const figure = line(spec);
    expect(figure.data).to.have.length(1);
    expect(trace(figure, 0)).to.include({ type: "scatter", mode: "lines", name: "a" });
    expect(trace(figure, 0).y).to.deep.equal([3, 2, 1]);
    expect(layout(figure).title.text).to.equal("Loss");
    expect(layout(figure).xaxis.title.text).to.equal("time (s)");
    expect(layout(figure).yaxis.title.text).to.equal("loss (nats)");
    expect(layout(figure).showlegend).to.equal(false);
    expectPlainData(figure);
  });

  it("keeps every number it is given, from typed arrays too, NaN in y as a gap", () => {
    const numbers = fc.array(fc.tuple(finite, fc.oneof(finite, fc.constant(Number.NaN))), {
      minLength: 1,
      maxLength: 40,
    });
    forAll(
      fc.property(numbers, fc.boolean(), (points, typed) => {
        const columns = [points.map(([x]) => x), points.map(([, y]) => y)];
        const [x, y] = typed ? columns.map((values) => Float64Array.from(values)) : columns;
        const figure = line({ title: "t", ...axes, series: [{ name: "a", x, y }] });
        expect(trace(figure, 0).x).to.deep.equal(columns[0]);
        expect(trace(figure, 0).y).to.deep.equal(columns[1].map((value) => (Number.isNaN(value) ? null : value)));
      }),
    );
  });

  it("draws a band as one outline: there on the upper edge, back on the lower, and again after a gap", () => {
    const band = { low: [0, 1, Number.NaN, 3], high: [2, 3, 4, 5] };
    const figure = line({ title: "t", ...axes, series: [{ name: "a", x: [0, 1, 2, 3], y: [1, 2, 3, 4], band }] });
    expect(trace(figure, 0)).to.include({ fill: "toself", showlegend: false });
    expect(trace(figure, 0).x).to.deep.equal([0, 1, 1, 0, null, 3, 3]);
    expect(trace(figure, 0).y).to.deep.equal([2, 3, 1, 0, null, 5, 3]);
    expect(trace(figure, 1).name).to.equal("a");
  });

  it("tells series apart by colour and by dash", () => {
    const series = palette.map((_, i) => ({ name: `s${i}`, x: [0], y: [i] }));
    const figure = line({ title: "t", ...axes, series });
    const looks = figure.data.map((_, i) => trace(figure, i).line);
    expect(new Set(looks.map(({ color }) => color)).size).to.equal(series.length);
    expect(looks.slice(0, 6).map(({ dash }) => dash)).to.have.length(6);
    expect(new Set(looks.slice(0, 6).map(({ dash }) => dash)).size).to.equal(6);
    expect(layout(figure).showlegend).to.equal(true);
  });

  it("draws reference lines: straight ones across the panel, sloped ones over the data", () => {
    const reference = [{ x: 2 }, { y: 1.5, label: "chance" }, { slope: 2, intercept: 1, label: "y = 2x + 1" }];
    const figure = line({ ...spec, reference });
    expect(layout(figure).shapes).to.have.length(2);
    expect(layout(figure).shapes[0]).to.include({ x0: 2, x1: 2, xref: "x", yref: "y domain" });
    expect(layout(figure).shapes[1]).to.include({ y0: 1.5, y1: 1.5, xref: "x domain", yref: "y" });
    expect(trace(figure, 1)).to.deep.include({ x: [1, 3], y: [3, 7], name: "y = 2x + 1" });
    expect(layout(figure).showlegend).to.equal(true);
  });

  it("gives a log axis its range as logarithms and refuses what has none", () => {
    const log = { ...spec, y: { title: "loss", type: "log", range: [0.01, 100] } as const };
    expect(layout(line(log)).yaxis).to.deep.include({ type: "log", range: [-2, 2] });
    const over = (low: number, high: number) =>
      layout(line({ ...log, y: { title: "loss", type: "log", range: [low, high] } })).yaxis.tickformat;
    expect(over(2, 20)).to.equal(",~r"); // "20", where plotly alone says "2"
    expect(over(0.01, 50)).to.equal(",~r");
    expect(over(1e-6, 1)).to.equal(undefined);
    expect(over(1, 1e5)).to.equal(undefined);
    const zero = { ...log, series: [{ name: "a", x: [1, 2], y: [1, 0] }] };
    expect(() => line(zero)).to.throw(DomainError, /series "a": y\[1\]: expected a positive number.*got 0/);
  });

  it("refuses what it cannot draw, naming the series and the place", () => {
    const one = (series: Any) => () => line({ ...spec, series: [{ name: "a", x: [1, 2], y: [1, 2], ...series }] });
    expect(one({ y: [1] })).to.throw(ShapeError, /series "a": y: expected 2 values.*got "1 values"/);
    expect(one({ x: [1, Number.NaN] })).to.throw(DomainError, /x\[1\].*got NaN/);
    expect(one({ y: [1, Infinity] })).to.throw(DomainError, /y\[1\].*got Infinity/);
    expect(one({ y: ["1", 2] })).to.throw(DomainError, /y\[0\].*got "1"/);
    expect(one({ x: [], y: [] })).to.throw(ShapeError, /at least one point/);
    expect(one({ y: undefined })).to.throw(ShapeError, /an array of numbers/);
    expect(one({ band: { low: [0, 3], high: [1, 2] } })).to.throw(DomainError, /band\[1\].*low <= high/);
    expect(one({ name: " " })).to.throw(DomainError, /a name, for the legend/);
    expect(() => line({ ...spec, series: [] })).to.throw(ShapeError, /at least one series/);
    expect(() => line({ ...spec, series: [spec.series[0], spec.series[0]] })).to.throw(DomainError, /occurs twice/);
    expect(() => line({ ...spec, title: "" })).to.throw(DomainError, /title/);
    expect(() => line({ ...spec, x: { title: "" } })).to.throw(DomainError, /x: expected a title/);
    expect(() => line({ ...spec, y: undefined as Any })).to.throw(DomainError, /y: expected a title/);
    expect(() => line({ ...spec, x: { title: "t", range: [2, 1] } })).to.throw(DomainError, /low < high/);
    expect(() => line({ ...spec, reference: [{ y: Number.NaN }] })).to.throw(DomainError, /reference\[0\]/);
  });
});

describe("scatter", () => {
  const series = { name: "teams", x: [1, 2], y: [3, 4] };

  it("gives points with labels and error bars in either direction", () => {
    const figure = scatter({
      title: "t",
      ...axes,
      series: [{ ...series, labels: ["A", "B"], error: [0.5, 1], xError: { low: [0.5, 1.5], high: [2, 2.5] } }],
    });
    const [points] = figure.data as Any[];
    expect(points.text).to.deep.equal(["A", "B"]);
    expect(points.error_y).to.deep.include({ symmetric: true, array: [0.5, 1] });
    expect(points.error_x).to.deep.include({ symmetric: false, array: [1, 0.5], arrayminus: [0.5, 0.5] });
    expectPlainData(figure);
  });

  it("writes labels where they do not cover each other", () => {
    const twins = { name: "a", x: [0, 0.001, 1], y: [0, 0, 1], labels: ["first", "second", "far"] };
    const places = trace(scatter({ title: "t", ...axes, series: [twins] }), 0).textposition;
    expect(places).to.have.length(3);
    expect(places[0]).not.to.equal(places[1]);
  });

  it("refuses gaps, a wrong number of labels and impossible error bars", () => {
    const one = (extra: Any) => () => scatter({ title: "t", ...axes, series: [{ ...series, ...extra }] });
    expect(one({ y: [1, Number.NaN] })).to.throw(DomainError, /y\[1\]/);
    expect(one({ labels: ["A"] })).to.throw(ShapeError, /labels: expected 2/);
    expect(one({ error: [1] })).to.throw(ShapeError, /error: expected 2 values/);
    expect(one({ error: [1, -1] })).to.throw(DomainError, /a half-width >= 0/);
    expect(one({ error: { low: [3.5, 3], high: [4, 5] } })).to.throw(DomainError, /low <= value <= high/);
  });

  it("draws interval ends where they were asked for", () => {
    const pairs = fc.array(
      fc.tuple(finite, fc.double({ min: 0, max: 1e3, noNaN: true }), fc.double({ min: 0, max: 1e3, noNaN: true })),
      { minLength: 1, maxLength: 20 },
    );
    forAll(
      fc.property(pairs, (rows) => {
        const y = rows.map(([value]) => value);
        const low = rows.map(([value, below]) => value - below);
        const high = rows.map(([value, , above]) => value + above);
        const { error_y } = trace(
          scatter({ title: "t", ...axes, series: [{ name: "a", x: y, y, error: { low, high } }] }),
          0,
        );
        for (const [i, value] of y.entries()) {
          expect(value + error_y.array[i]).to.be.closeTo(high[i], 1e-9);
          expect(value - error_y.arrayminus[i]).to.be.closeTo(low[i], 1e-9);
        }
      }),
    );
  });
});

describe("bar", () => {
  const spec = {
    title: "t",
    ...axes,
    categories: ["a", "b"],
    series: [{ name: "s", values: [1, -2], error: [0.1, 0.2] }],
  };

  it("stands upright, or lies with the first category on top", () => {
    const upright = bar(spec);
    expect(trace(upright, 0)).to.deep.include({ type: "bar", orientation: "v", x: ["a", "b"], y: [1, -2] });
    expect(trace(upright, 0).error_y.array).to.deep.equal([0.1, 0.2]);
    const lying = bar({ ...spec, horizontal: true });
    expect(trace(lying, 0)).to.deep.include({ orientation: "h", x: [1, -2], y: ["a", "b"] });
    expect(trace(lying, 0).error_x.array).to.deep.equal([0.1, 0.2]);
    expect(layout(lying).yaxis.autorange).to.equal("reversed");
    expect(layout(lying).xaxis.title.text).to.equal("time (s)");
    expectPlainData(lying);
  });

  it("refuses log axes, double categories, wrong lengths and reference lines across categories", () => {
    expect(() => bar({ ...spec, y: { title: "y", type: "log" } })).to.throw(DomainError, /a bar starts at zero/);
    expect(() => bar({ ...spec, categories: ["a", "a"] })).to.throw(DomainError, /each once/);
    expect(() => bar({ ...spec, categories: ["a", "b", "c"] })).to.throw(ShapeError, /values: expected 3/);
    expect(() => bar({ ...spec, reference: [{ x: 1 }] })).to.throw(DomainError, /a line at a value/);
  });
});

describe("heatmap", () => {
  const spec = {
    title: "t",
    x: { title: "loser", labels: ["a", "b"] },
    y: { title: "winner", labels: ["a", "b", "c"] },
    color: { title: "probability" },
    values: [
      [0.5, 0.2],
      [0.8, Number.NaN],
      [0.9, 0.6],
    ],
  };

  it("keeps rows as rows, the first on top, and leaves gaps empty", () => {
    const figure = heatmap(spec);
    expect(trace(figure, 0).z).to.deep.equal([
      [0.5, 0.2],
      [0.8, null],
      [0.9, 0.6],
    ]);
    expect(layout(figure).yaxis.autorange).to.equal("reversed");
    expect(trace(figure, 0)).to.include({ zmin: 0.2, zmax: 0.9, texttemplate: "%{z:.2f}" });
    expectPlainData(figure);
  });

  it("centres a two-sided scale", () => {
    const { zmin, zmax } = trace(heatmap({ ...spec, color: { title: "p", center: 0.5 } }), 0);
    expect((zmin + zmax) / 2).to.be.closeTo(0.5, 1e-12);
    expect(zmax).to.be.closeTo(0.9, 1e-12);
  });

  it("refuses matrices that do not fit their labels, and empty ones", () => {
    expect(() => heatmap({ ...spec, values: [[1, 2]] })).to.throw(ShapeError, /3 rows/);
    expect(() => heatmap({ ...spec, values: [[1, 2], [3], [4, 5]] })).to.throw(ShapeError, /values\[1\]: expected 2/);
    const empty = [
      [Number.NaN, Number.NaN],
      [Number.NaN, Number.NaN],
      [Number.NaN, Number.NaN],
    ];
    expect(() => heatmap({ ...spec, values: empty })).to.throw(ShapeError, /at least one number/);
  });
});

describe("contour", () => {
  const grid = {
    x: [0, 1, 2],
    y: [0, 1],
    values: [
      [0, 1, 2],
      [1, 2, 3],
    ],
  };
  const spec = { title: "t", ...axes, color: { title: "log-likelihood" }, grid };

  it("draws the surface, then paths and points on top, levels on round numbers inside the range", () => {
    const figure = contour({
      ...spec,
      paths: [{ name: "steps", x: [0, 1], y: [0, 1] }],
      points: [{ name: "best", x: 2, y: 1 }],
    });
    expect(figure.data.map((one) => one.type)).to.deep.equal(["contour", "scatter", "scatter"]);
    expect(trace(figure, 0).contours).to.deep.include({ size: 0.2, start: 0 });
    expect(trace(figure, 0).contours.end).to.be.closeTo(3, 1e-12);
    expectPlainData(figure);
  });

  it("puts levels inside the range for any surface", () => {
    forAll(
      fc.property(
        fc.array(finite, { minLength: 4, maxLength: 4 }),
        fc.integer({ min: 1, max: 50 }),
        ([a, b, c, d], levels) => {
          const values = [
            [a, b],
            [c, d],
          ];
          const figure = contour({ ...spec, grid: { x: [0, 1], y: [0, 1], values }, levels });
          const { start, end, size } = trace(figure, 0).contours;
          const low = Math.min(a, b, c, d);
          const high = Math.max(a, b, c, d);
          expect(size).to.be.greaterThan(0);
          if (high - low > 1e-290) {
            expect(start).to.be.at.least(low - 1e-9 * size);
            expect(end).to.be.at.most(high + 1e-9 * size);
            expect((high - low) / size).to.be.at.most(levels + 1e-6);
          }
        },
      ),
    );
  });

  it("refuses grids that do not increase or do not fit", () => {
    expect(() => contour({ ...spec, grid: { ...grid, x: [0, 2, 1] } })).to.throw(
      DomainError,
      /grid\.x\[2\].*increases/,
    );
    expect(() => contour({ ...spec, grid: { ...grid, y: [0, 1, 2] } })).to.throw(ShapeError, /3 rows, one for each y/);
    expect(() => contour({ ...spec, levels: 0 })).to.throw(DomainError, /levels/);
  });
});

describe("histogram", () => {
  const numbers = fc.array(finite, { minLength: 1, maxLength: 300 });
  const bins = fc.option(fc.integer({ min: 1, max: 40 }), { nil: undefined });

  it("counts every value once, into the bin that holds it", () => {
    forAll(
      fc.property(numbers, bins, (values, count) => {
        const { y, customdata } = trace(
          histogram({ title: "t", x: axes.x, series: [{ name: "a", values }], bins: count }),
          0,
        );
        if (count !== undefined) expect(y).to.have.length(count);
        for (const [k, [low, high]] of customdata.entries()) {
          const last = k === customdata.length - 1;
          const inside = values.filter((value) => value >= low && (value < high || (last && value <= high))).length;
          expect(y[k]).to.equal(inside);
        }
        expect(y.reduce((sum: number, value: number) => sum + value, 0)).to.equal(values.length);
      }),
    );
  });

  it("has area one as a density", () => {
    forAll(
      fc.property(numbers, (values) => {
        const figure = histogram({ title: "t", x: axes.x, series: [{ name: "a", values }], density: true });
        const { y, width } = trace(figure, 0);
        expect(y.reduce((sum: number, value: number) => sum + value * width, 0)).to.be.closeTo(1, 1e-9);
        expect(layout(figure).yaxis.title.text).to.equal("density (1/s)");
      }),
    );
  });

  it("refuses empty series, impossible bins and log axes", () => {
    const one = (extra: Any) => () =>
      histogram({ title: "t", x: axes.x, series: [{ name: "a", values: [1, 2] }], ...extra });
    expect(one({ series: [{ name: "a", values: [] }] })).to.throw(ShapeError, /at least one value/);
    expect(one({ bins: 0 })).to.throw(DomainError, /bins/);
    expect(one({ x: { title: "t", type: "log" } })).to.throw(DomainError, /linear axis/);
  });
});

describe("graph", () => {
  const nodes = ["A", "B", "C"].map((id) => ({ id }));
  const cycle = [
    { from: "A", to: "B", highlight: true },
    { from: "B", to: "C", label: "2 : 1" },
    { from: "C", to: "A" },
  ];

  it("draws an arrow for every edge, from node to node, and the nodes on top", () => {
    const figure = graph({ title: "t", nodes, edges: cycle });
    expect(figure.data).to.have.length(5); // three edges, their labels, the nodes
    const dots = trace(figure, 4);
    expect(dots.text).to.deep.equal(["A", "B", "C"]);
    const arrow = trace(figure, 2); // the highlighted edge comes after the plain ones
    expect(arrow.name).to.equal("A -> B");
    expect(arrow.x).to.deep.equal([dots.x[0], dots.x[1]]);
    expect(arrow.y).to.deep.equal([dots.y[0], dots.y[1]]);
    expect(trace(figure, 3).text).to.deep.equal(["2 : 1"]);
    expectPlainData(figure);
  });

  it("draws two edges between the same nodes apart", () => {
    const figure = graph({
      title: "t",
      nodes,
      edges: [
        { from: "A", to: "B" },
        { from: "B", to: "A" },
      ],
    });
    expect(trace(figure, 0).x[0]).not.to.be.closeTo(trace(figure, 1).x[1], 1e-3);
  });

  it("refuses unknown nodes, loops, double ids and half-placed nodes", () => {
    expect(() => graph({ title: "t", nodes, edges: [{ from: "A", to: "Z" }] })).to.throw(
      DomainError,
      /A, B, C.*A -> Z/,
    );
    expect(() => graph({ title: "t", nodes, edges: [{ from: "A", to: "A" }] })).to.throw(DomainError, /two different/);
    expect(() => graph({ title: "t", nodes: [{ id: "A" }, { id: "A" }], edges: [] })).to.throw(
      DomainError,
      /of its own/,
    );
    expect(() => graph({ title: "t", nodes: [{ id: "A", x: 1, y: 1 }, { id: "B" }], edges: [] })).to.throw(ShapeError);
  });
});

describe("smallMultiples", () => {
  const panel = (title: string) =>
    line({
      title,
      ...axes,
      series: ["a", "b"].map((name) => ({ name, x: [0, 1], y: [0, 1] })),
      reference: [{ x: 0.5 }],
    });

  it("gives every panel axes of its own, titles, shapes and one legend entry a name", () => {
    const figure = smallMultiples({ title: "t", figures: [panel("p"), panel("q"), panel("r")] });
    expect(figure.data.map((_, i) => trace(figure, i).xaxis)).to.deep.equal(["x", "x", "x2", "x2", "x3", "x3"]);
    expect(figure.data.map((_, i) => trace(figure, i).showlegend)).to.deep.equal([
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
    expect(layout(figure).shapes.map((shape: Any) => [shape.xref, shape.yref])).to.deep.equal([
      ["x", "y domain"],
      ["x2", "y2 domain"],
      ["x3", "y3 domain"],
    ]);
    expect(layout(figure).annotations.map((note: Any) => note.text)).to.deep.equal(["p", "q", "r"]);
    expect(layout(figure).yaxis3.title.text).to.equal("loss (nats)");
    expectPlainData(figure);
  });

  it("keeps panels inside the page and apart, for any number of panels and columns", () => {
    forAll(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
        (count, columns) => {
          const figures = Array.from({ length: count }, (_, i) => panel(`panel ${i}`));
          const all = layout(smallMultiples({ title: "t", figures, columns }));
          const boxes = figures.map((_, i) => {
            const suffix = i === 0 ? "" : i + 1;
            return [all[`xaxis${suffix}`].domain, all[`yaxis${suffix}`].domain];
          });
          for (const [i, [x, y]] of boxes.entries()) {
            for (const [low, high] of [x, y]) {
              expect(low).to.be.at.least(-1e-9);
              expect(high).to.be.at.most(1 + 1e-9);
              expect(high - low).to.be.greaterThan(0.02);
            }
            for (const [u, v] of boxes.slice(0, i)) {
              const apart = x[0] >= u[1] || u[0] >= x[1] || y[0] >= v[1] || v[0] >= y[1];
              expect(apart, `panel ${i} overlaps another`).to.equal(true);
            }
          }
        },
      ),
    );
  });

  it("shares scales when asked, and refuses grids of grids", () => {
    const figures = [panel("p"), panel("q")];
    expect(layout(smallMultiples({ title: "t", figures, share: "y" })).yaxis2.matches).to.equal("y");
    expect(layout(smallMultiples({ title: "t", figures })).yaxis2).not.to.have.property("matches");
    const grid = smallMultiples({ title: "t", figures });
    expect(() => smallMultiples({ title: "t", figures: [grid] })).to.throw(DomainError, /one pair of axes/);
    expect(() => smallMultiples({ title: "t", figures: [] })).to.throw(ShapeError);
  });
});

describe("describeFigure", () => {
  it("says in words what is shown: title, axes, each series with its extent", () => {
    const band = { low: [0, 1], high: [2, 3] };
    const figure = line({
      title: "Loss of <b>two</b>",
      ...axes,
      series: [{ name: "a", x: [0, 10], y: [1, 2.00001], band }],
    });
    expect(describeFigure(figure)).to.equal(
      [
        "Figure: Loss of two",
        "  x: time (s)",
        "  y: loss (nats)",
        '  - line "a": 2 points, x from 0 to 10, y from 1 to 2',
      ].join("\n"),
    );
  });

  it("refuses what is no figure", () => {
    expect(() => describeFigure({} as Figure)).to.throw(ShapeError, /figure: expected/);
  });
});
