import { expect } from "chai";
import { type Figure, figureMime, line, ShapeError, show } from "rlhf-lab";
import { openHost } from "./fakeHost.js";

const figure = (y: number[]) =>
  line({
    title: "Loss",
    x: { title: "step" },
    y: { title: "loss" },
    series: [{ name: "a", x: y.map((_, i) => i), y }],
  });

describe("show", () => {
  let notebook: ReturnType<typeof openHost>;
  beforeEach(() => {
    notebook = openHost();
  });
  afterEach(() => notebook.close());

  it("emits one bundle: the figure, and words for who cannot see it", () => {
    show(figure([1, 2]));
    expect(notebook.shown).to.have.length(1);
    const { bundle, options } = notebook.shown[0];
    expect(Object.keys(bundle)).to.deep.equal([figureMime, "text/plain"]);
    expect(bundle[figureMime]).to.deep.equal(figure([1, 2]));
    expect(bundle["text/plain"]).to.match(/^Figure: Loss\n/);
    expect(options).to.have.property("displayId").that.is.a("string");
    expect(options.update).not.to.equal(true);
  });

  it("redraws in place", () => {
    const handle = show(figure([1]));
    show(figure([5]));
    handle.update(figure([1, 2]));
    const [first, other, second] = notebook.shown;
    expect(second.options).to.deep.equal({ displayId: first.options.displayId, update: true });
    expect(other.options.displayId).not.to.equal(first.options.displayId);
    expect((second.bundle[figureMime] as Figure).data[0]).to.deep.include({ y: [1, 2] });
  });

  it("takes figures made by hand: house style, typed arrays and NaN made fit for JSON", () => {
    show({ data: [{ type: "scatter", y: Float32Array.of(1, Number.NaN) }], layout: {} });
    const shown = notebook.shown[0].bundle[figureMime] as Figure;
    expect(shown.data[0]).to.deep.include({ y: [1, null] });
    expect(shown.layout).to.have.property("template");
  });

  it("refuses what is no figure", () => {
    expect(() => show([1, 2] as unknown as Figure)).to.throw(ShapeError);
    expect(() => show(undefined as unknown as Figure)).to.throw(ShapeError);
    expect(notebook.shown).to.have.length(0);
  });
});
