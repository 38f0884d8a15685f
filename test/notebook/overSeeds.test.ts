import { expect } from "chai";
import { DomainError, key, line, normal, overSeeds, ShapeError, split } from "rlhf-lab";
import { studentTQuantile } from "rlhf-lab/numerics";

describe("a curve over seeds", () => {
  it("is the mean of the runs in the band of Student's t, by hand", () => {
    const { x, y, band } = overSeeds(
      "A",
      [1, 10],
      [
        [1, 5],
        [2, 5],
        [6, 5],
      ],
    );
    expect(x).to.deep.equal([1, 10]);
    expect(y).to.deep.equal([3, 5]);
    // The deviation of 1, 2, 6 is sqrt(7); t(0.975, 2) = 4.3027.
    const half = (4.302652729749464 * Math.sqrt(7)) / Math.sqrt(3);
    expect(band.low[0]).to.be.closeTo(3 - half, 1e-9);
    expect(band.high[0]).to.be.closeTo(3 + half, 1e-9);
    expect([band.low[1], band.high[1]]).to.deep.equal([5, 5]);
  });

  it("widens with the level, is cut below, and is moved and scaled with the runs", () => {
    const runs = split(key(1), 6).map((k) => normal(k, 3));
    const x = [0, 1, 2];
    const half = (level?: number) => {
      const { band } = overSeeds("A", x, runs, { level });
      return (band.high[1] - band.low[1]) / 2;
    };
    expect(half(0.99) / half()).to.be.closeTo(studentTQuantile(0.995, 5) / studentTQuantile(0.975, 5), 1e-12);
    const moved = overSeeds(
      "A",
      x,
      runs.map((run) => run.map((r) => 3 * r + 100)),
    );
    const plain = overSeeds("A", x, runs);
    for (const edge of ["low", "high"] as const) {
      moved.band[edge].forEach((value, i) => {
        expect(value).to.be.closeTo(3 * plain.band[edge][i] + 100, 1e-9);
      });
    }
    const cut = overSeeds("A", x, runs, { least: 0 });
    expect(Math.min(...cut.band.low)).to.equal(0);
    expect(cut.y).to.deep.equal(plain.y);
    expect(() => line({ title: "t", x: { title: "x" }, y: { title: "y" }, series: [plain] })).to.not.throw();
  });

  it("covers the expectation 95 times in 100 with four runs: 1000 curves, within four standard errors", () => {
    const covered = split(key(2), 1000).filter((k) => {
      const { band } = overSeeds(
        "A",
        [0],
        split(k, 4).map((one) => normal(one, 1)),
      );
      return band.low[0] <= 0 && band.high[0] >= 0;
    });
    expect(covered.length).to.be.within(950 - 28, 950 + 28);
  });

  it("refuses one run, and runs of another length than x", () => {
    expect(() => overSeeds("A", [0], [[1]])).to.throw(DomainError, "runs");
    expect(() => overSeeds("A", [0, 1], [[1, 2], [1]])).to.throw(ShapeError, "runs[1]");
    expect(() => overSeeds("A", [0], [[1], [2]], { level: 1 })).to.throw(DomainError, "level");
  });
});
