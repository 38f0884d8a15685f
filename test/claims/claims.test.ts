// Claims: every id in a master has its claim and every claim its id; and the runner says no when
// something does not hold.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import {
  both,
  type Demand,
  every,
  experiment,
  mean,
  median,
  type Range,
  share,
  undecided,
} from "../../scripts/claims/claim.js";
import { type Held, hold, readClaims } from "../../scripts/claims/hold.js";
import type { Instructions } from "../../scripts/claims/pool.js";
import type { Observed } from "../../scripts/claims/store.js";
import { editionsOf, readMasters } from "../../scripts/master/course.js";

const fixtures = fileURLToPath(new URL("fixtures", import.meta.url));

describe("the sentences of the lessons that are claims", () => {
  const masters = readMasters();

  for (const { lesson, name, claims } of masters) {
    it(`${name}: each has its claim, and each claim its sentence`, async () => {
      const [file] = await readClaims([lesson]);
      const held = (file?.experiments ?? []).flatMap((one) => Object.keys(one.claims));
      expect(
        held.filter((id, at) => held.indexOf(id) !== at),
        "claims held twice",
      ).to.deep.equal([]);
      expect([...held].sort()).to.deep.equal(claims.map(({ id }) => id).sort());
      const names = (file?.experiments ?? []).map((one) => one.name);
      expect(new Set(names).size, `two experiments of one name: ${names}`).to.equal(names.length);
    });
  }

  it("do not reach the notebooks", async () => {
    for (const master of masters) {
      for (const { text } of await editionsOf(master)) expect(text).to.not.include("#claim");
    }
  });
});

describe("demands", () => {
  const seen = (demand: Demand<number>, ...values: number[]) => demand(values).holds;

  it("every: one exception is enough, and is named", () => {
    const positive = every((x: number) => x > 0);
    expect(positive([1, 2, 3])).to.deep.equal({ holds: true, seen: "3 of 3", wanted: "all" });
    expect(positive([1, -2, 3])).to.deep.equal({ holds: false, seen: "2 of 3; not of -2", wanted: "all" });
  });

  it("share: of the keys, ends included where they are bounds of a range", () => {
    const positive = (range: Range) => share((x: number) => x > 0, range);
    expect(seen(positive({ between: [0.5, 0.75] }), 1, 2, 3, -1)).to.equal(true);
    expect(seen(positive({ above: 0.75 }), 1, 2, 3, -1)).to.equal(false);
    expect(seen(positive({ below: 0.75 }), 1, 2, -3, -1)).to.equal(true);
    expect(seen(positive({ below: 0.75 }), 1, 2, 3, -1)).to.equal(false);
  });

  const average = (range: Range) => mean((x: number) => x, range);

  it("mean: all of the interval must lie there, by Student's t", () => {
    const values = [1, 2, 3, 4]; // mean 2.5, standard error 0.6455, t(3) = 3.1824: 0.446 to 4.554
    expect(seen(average({ above: 0.44 }), ...values)).to.equal(true);
    expect(seen(average({ above: 0.45 }), ...values)).to.equal(false);
    expect(seen(average({ below: 4.56 }), ...values)).to.equal(true);
    expect(seen(average({ below: 4.55 }), ...values)).to.equal(false);
    expect(seen(average({ between: [0.44, 4.56] }), ...values)).to.equal(true);
    expect(seen(average({ between: [0.45, 4.56] }), ...values)).to.equal(false);
  });

  it("undecided: the interval holds 0", () => {
    const sign = undecided((x: number) => x);
    expect(sign([-1, 1, 0.5, -0.2]).holds).to.equal(true);
    expect(sign([1, 1.1, 0.9, 1.2]).holds).to.equal(false);
    expect(sign([-1, -1.1, -0.9, -1.2]).holds).to.equal(false);
    expect(sign([1, 3]).seen).to.match(/^mean 2 \[-10\.7\d*, 14\.7\d*\], n = 2$/);
  });

  it("median: of the keys", () => {
    const middle = (range: Range) => median((x: number) => x, range);
    expect(seen(middle({ between: [2, 2] }), 1, 2, 100)).to.equal(true);
    expect(seen(middle({ above: 2 }), 1, 2, 100)).to.equal(false);
  });

  it("both: all of them", () => {
    const demand = both(
      every((x: number) => x > 0),
      share((x: number) => x > 2, { above: 0.9 }),
    );
    expect(seen(demand, 3, 4)).to.equal(true);
    expect(seen(demand, 1, 4)).to.equal(false);
    expect(seen(demand, -3, 4)).to.equal(false);
  });

  it("NaN holds of nothing", () => {
    for (const range of [{ above: -1 }, { below: 1 }, { between: [-1, 1] as const }]) {
      expect(seen(average(range), Number.NaN, 0, 0)).to.equal(false);
    }
  });

  it("want enough keys, each once", () => {
    const run = () => 0;
    expect(() => experiment("few", { keys: 9, run })).to.throw(RangeError, "at least 10 keys, got 9");
    expect(() => experiment("few", { keys: 3, few: "transformer", run })).to.throw(RangeError, "at least 4");
    const twice = [1, 2, 3, 4, 5, 6, 7, 8, 9, 9];
    expect(() => experiment("twice", { keys: twice, run })).to.throw(RangeError, "a key stands twice");
  });
});

describe("npm run claims", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "rlhf-lab-claims-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const summary = (held: readonly Held[]) => Object.fromEntries(held.map(({ id, verdict }) => [id, verdict.holds]));
  const expected = {
    "98/between-0-and-1": true,
    "98/half-on-average": true,
    "98/always-large": false,
    "98/mostly-large": false,
    "98/four": true,
    "98/never-known": false,
    "98/not-a-number": false,
    "98/gone": false,
    "98/finite": true,
  };

  it("judges; an observation that fails, is no number or takes its process along fails its claims only", async () => {
    const held = await hold(await readClaims(["98"], fixtures), { jobs: 2, folder });
    expect(summary(held)).to.deep.equal(expected);
    const seen = Object.fromEntries(held.map(({ id, verdict }) => [id, verdict.seen]));
    expect(seen["98/always-large"]).to.match(/^\d+ of 20; not of 0\.\d+$/);
    expect(seen["98/never-known"]).to.match(/^key\(7\): Error: no luck/);
    expect(seen["98/not-a-number"]).to.include("what it returned.gap is NaN");
    expect(seen["98/gone"]).to.include("the process ended (3)");
  });

  it("with other vector instructions: what is drawn, rounded otherwise, kept apart", async () => {
    const files = await readClaims(["98"], fixtures);
    const only = files.map((file) => ({
      ...file,
      experiments: file.experiments.filter(({ name }) => /product|two/.test(name)),
    }));
    type Product = { instructions: string; sum: number[] };
    const observe = async (instructions: Instructions) => {
      const products: Product[] = [];
      const onObserved = (_: string, { key, experiment, observation }: Observed) => {
        if (experiment === "a product of float32") products[key - 1] = observation as Product;
      };
      const held = await hold(only, { jobs: 1, folder: join(folder, instructions), instructions, onObserved });
      return { ids: held.map(({ id }) => id), products };
    };
    const usual = await observe("AVX2");
    expect(usual.ids).to.deep.equal(["98/four", "98/finite"]);
    const other = await observe("SSE41");
    expect(other.ids).to.deep.equal(["98/finite"]);
    for (const { products } of [usual, other]) expect(products).to.have.length(4);
    other.products.forEach(({ instructions, sum }, i) => {
      expect([usual.products[i].instructions, instructions]).to.deep.equal(["AVX2", "SSE41"]);
      for (const [j, x] of sum.entries()) expect(x).to.be.closeTo(usual.products[i].sum[j], 1e-4);
      if (process.arch === "x64") expect(sum).to.not.deep.equal(usual.products[i].sum);
    });
  });

  /** All but the products of tensors: what ends its process is then the last of all, and one process is enough. */
  const withoutProducts = async () =>
    (await readClaims(["98"], fixtures)).map((file) => ({
      ...file,
      experiments: file.experiments.filter(({ name }) => !/product/.test(name)),
    }));
  const { "98/finite": _, ...expectedWithout } = expected;

  it("begins nothing after its minutes, and judges what was observed whole; a later run goes on", async () => {
    const files = await withoutProducts();
    const options = { jobs: 1, folder, minutes: 1e-9 };
    expect(await hold(files, options)).to.deep.equal([]);
    let asked = 0;
    const some = await hold(files, { ...options, minutes: 60, onObserved: () => void asked++ });
    expect(summary(some)).to.deep.equal(expectedWithout);
    expect(asked).to.equal(33);
  });

  it("goes on where it was stopped, also in the middle of a line", async () => {
    const files = await withoutProducts();
    let asked = 0;
    const options = { jobs: 1, folder, onObserved: () => void asked++ };
    await hold(files, options);
    expect(asked).to.equal(20 + 1 + 10 + 1 + 1);
    const path = join(folder, "98.jsonl");
    const lines = readFileSync(path, "utf8").split("\n");
    const cut = lines.filter((line) => /uniform/.test(line)).slice(0, 5);
    writeFileSync(path, `${[lines[0], ...cut].join("\n")}\n{"experiment":"a unif`);
    asked = 0;
    expect(summary(await hold(files, options))).to.deep.equal(expectedWithout);
    expect(asked).to.equal(15 + 1 + 10 + 1 + 1);
    asked = 0;
    await hold(files, options);
    expect(asked, "only what failed is tried again").to.equal(1 + 1 + 1);
    writeFileSync(path, readFileSync(path, "utf8").replace(/stamp":"./, 'stamp":"other'));
    asked = 0;
    await hold(files, options);
    expect(asked, "nothing counts that another library showed").to.equal(33);
  });
});
