// Against crowd-kit 1.4.2 (test/golden/make/crowd_kit.py).
import { readFileSync } from "node:fs";
import { expect } from "chai";
import { anaesthetists1979 } from "../../../lib/src/data/index.js";
import {
  annotationsFromColumns,
  dawidSkene,
  glad,
  judgementsFromColumns,
  mace,
  noisyLogPosterior,
  oneCoin,
} from "../../../lib/src/preferences/aggregation/index.js";
import { close } from "../close.js";

// biome-ignore lint/suspicious/noExplicitAny: the fields differ by kind
type Case = { desc: string; kind: string; made_by: string } & Record<string, any>;
const cases: Case[] = JSON.parse(readFileSync(new URL("../../golden/crowd-kit.json", import.meta.url), "utf8"));
const of = (kind: string) => cases.filter((c) => c.kind === kind);

const read = (c: Case) => {
  const column = (n: number) => c.annotations.map((row: number[]) => row[n]);
  return annotationsFromColumns(column(0), column(1), column(2), c.sizes);
};
const rowsOf = (flat: Float64Array, width: number) =>
  Array.from({ length: flat.length / width }, (_, i) => Array.from(flat.subarray(i * width, (i + 1) * width)));

describe("aggregation: as crowd-kit has it", () => {
  for (const c of of("oneCoin")) {
    it(c.desc, () => {
      const fit = oneCoin(read(c), { iterations: c.iterations, tolerance: 0, right: 0, wrong: 0 });
      close(rowsOf(fit.posterior, 3), c.posterior, 2e-9);
    });
  }

  it("MACE converges to the same competences and strategies", () => {
    const [c] = of("mace");
    const fit = mace(read(c), { smoothing: c.smoothing, iterations: 3000, tolerance: 0 });
    close(fit.competence, c.competence, 1e-4);
    close(rowsOf(fit.strategy, 3), c.strategy, 1e-3);
    close(rowsOf(fit.posterior, 3), c.posterior, 1e-4);
  });

  it("GLAD converges to the same abilities and easiness", () => {
    const [c] = of("glad");
    const fit = glad(read(c), { iterations: 2000, tolerance: 0 });
    close(fit.ability, c.ability, 2e-3);
    close(fit.easiness, c.easiness, 2e-3);
    close(rowsOf(fit.posterior, 2), c.posterior, 1e-3);
  });

  it("the anaesthetists: class shares to six digits", () => {
    const [c] = of("anaesthetists");
    const { patient, observer, class: said } = anaesthetists1979();
    const fit = dawidSkene(annotationsFromColumns(patient, observer, said), {
      smoothing: 0,
      iterations: 3000,
      tolerance: 0,
    });
    close(fit.prior, c.prior, 1e-6);
    close(rowsOf(fit.posterior, 4), c.posterior, 1e-5);
  });

  it("its noisy Bradley-Terry has our objective, but follows another gradient for the labelers", () => {
    const [c] = of("noisy");
    const { items, labelers, pairs, labeler } = c;
    const data = judgementsFromColumns(
      labeler,
      pairs.map(([, , label]: number[]) => label - 1),
      pairs.map(([left, right, label]: number[]) => (label === left ? right : left) - 1),
      { items, labelers, winnerFirst: pairs.map(([left, , label]: number[]) => Number(label === left)) },
    );
    // Theirs: (unused, abilities, bias, skill). Ours: (abilities, skill, bias), climbing where they go down.
    const ours = (x: number[]) => [
      ...x.slice(1, 1 + items),
      ...x.slice(1 + items + labelers),
      ...x.slice(1 + items, 1 + items + labelers),
    ];
    const slope = new Float64Array(items + 2 * labelers);
    const flat = Number.MAX_VALUE; // a prior so wide that it says nothing
    expect(noisyLogPosterior(Float64Array.from(ours(c.x)), slope, data, flat)).to.be.closeTo(-c.value, 1e-6);
    close(slope, ours(c.slope.map((s: number) => -s)), 1e-6);
    const followed = ours(c.gradient.map((s: number) => -s));
    close(slope.subarray(0, items - 1), followed.slice(0, items - 1), 1e-6);
    const apart = Math.max(...followed.slice(items - 1).map((s, p) => Math.abs(s - slope[items - 1 + p])));
    expect(apart).to.be.greaterThan(0.1);
  });
});
