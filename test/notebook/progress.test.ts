import { spawnSync } from "node:child_process";
import { expect } from "chai";
import { DomainError, InterruptError, progress } from "rlhf-lab";
import { duration, progressWords } from "../../lib/src/notebook/progressSinks.js";
import { openHost } from "./fakeHost.js";

const last = <T>(items: T[]): T => items[items.length - 1];
const words = (notebook: ReturnType<typeof openHost>) =>
  notebook.shown.map(({ bundle }) => String(bundle["text/plain"]));

async function* slowly(count: number) {
  for (let i = 0; i < count; i++) {
    await new Promise((done) => setTimeout(done, 1));
    yield i;
  }
}

describe("progress", () => {
  let notebook: ReturnType<typeof openHost>;
  beforeEach(() => {
    notebook = openHost();
  });
  afterEach(() => notebook.close());

  it("passes on every item of a number, an array, a set and a generator", () => {
    expect([...progress(4)]).to.deep.equal([0, 1, 2, 3]);
    expect([...progress(["a", "b"])]).to.deep.equal(["a", "b"]);
    expect([...progress(new Set([7, 8]))]).to.deep.equal([7, 8]);
    function* generate() {
      yield "x";
    }
    expect([...progress(generate())]).to.deep.equal(["x"]);
    expect(last(words(notebook))).to.match(/^1, .*in \d+ ms$/);
    expect([...progress([])]).to.deep.equal([]);
  });

  it("passes on async items, and plain ones with for await", async () => {
    const seen: unknown[] = [];
    for await (const item of progress(slowly(3), { total: 3 })) seen.push(item);
    for await (const item of progress([1, 2])) seen.push(item);
    expect(seen).to.deep.equal([0, 1, 2, 1, 2]);
    expect(last(words(notebook))).to.match(/^2\/2 \(100 %\)/);
    expect(() => [...(progress(slowly(1)) as unknown as Iterable<number>)]).to.throw(DomainError, /for await/);
  });

  it("draws in one place, seldom, and always at the end", () => {
    for (const _ of progress(10_000, { label: "counting" })) {
      /* nothing */
    }
    const [first, ...rest] = notebook.shown;
    expect(first.options.update).to.equal(false);
    expect(rest.every(({ options }) => options.update && options.displayId === first.options.displayId)).to.equal(true);
    expect(notebook.shown.length).to.be.lessThan(200);
    expect(last(words(notebook))).to.match(/^counting: 10000\/10000 \(100 %\), .*\/s, in /);
    expect(last(notebook.shown).bundle["text/html"]).to.include('value="10000" max="10000"');
  });

  it("says when a loop ends early, by break or by an error", () => {
    for (const i of progress(10)) if (i === 3) break;
    expect(last(words(notebook))).to.match(/^3\/10 \(30 %\), .*stopped after/);
    const fails = () => {
      for (const _ of progress(10)) throw new Error("mine");
    };
    expect(fails).to.throw("mine");
    expect(last(words(notebook))).to.match(/^0\/10 \(0 %\), stopped after/);
  });

  it("counts by hand and shows values beside the bar, escaped", () => {
    const bar = progress(4);
    bar.tick(3, { loss: 0.123456, "<b>": "x" });
    bar.tick();
    bar.done();
    expect(last(words(notebook))).to.match(/^4\/4 \(100 %\).*loss 0.1235, <b> x$/);
    expect(last(notebook.shown).bundle["text/html"]).to.include("&lt;b&gt; x");
    expect(notebook.shown.filter(({ bundle }) => /in \d/.test(String(bundle["text/plain"])))).to.have.length(1);
  });

  it("throws InterruptError at the next step after an interrupt", async () => {
    let steps = 0;
    const loop = () => {
      for (const i of progress(100, { label: "training" })) {
        steps = i;
        if (i === 5) notebook.interrupt();
      }
    };
    expect(loop).to.throw(InterruptError, "Interrupted while training after 6 of 100 steps.");
    expect(steps).to.equal(5);
    expect(last(words(notebook))).to.include("stopped after");
    expect(() => progress(3).tick()).to.throw(InterruptError);
    expect(() => [...progress(3)]).to.throw(InterruptError);
  });

  it("an interrupt ends an await that would never end", async () => {
    let cleaned = false;
    async function* stuck() {
      try {
        yield 1;
        await new Promise(() => {});
      } finally {
        cleaned = true;
      }
    }
    setTimeout(notebook.interrupt, 5);
    let caught: unknown;
    try {
      for await (const _ of progress(stuck())) {
        /* waits for the second item */
      }
    } catch (error) {
      caught = error;
    }
    expect(caught).to.be.instanceOf(InterruptError);
    expect(cleaned).to.equal(false); // it is stuck; what matters is that the cell is not
  });

  it("closes the source when the loop is left", async () => {
    let closed = 0;
    async function* source() {
      try {
        yield* [1, 2, 3];
      } finally {
        closed++;
      }
    }
    for await (const _ of progress(source())) break;
    await Promise.resolve();
    expect(closed).to.equal(1);
  });

  it("refuses totals and steps that are none", () => {
    expect(() => progress(-1)).to.throw(DomainError, /total/);
    expect(() => progress(2.5)).to.throw(DomainError, /total/);
    expect(() => progress([1], { total: Number.NaN })).to.throw(DomainError, /total/);
    expect(() => progress(3).tick(-1)).to.throw(DomainError, /steps/);
  });

  it("writes plain lines into a log, and nothing for a loop under a second", () => {
    const script = `
      import { progress } from "rlhf-lab";
      const wait = (ms) => new Promise((done) => setTimeout(done, ms));
      for (const _ of progress(1000)) {}
      for await (const i of progress(30, { label: "slow" })) await wait(50);
    `;
    const { stderr, stdout, status } = spawnSync(
      process.execPath,
      ["--import", "tsx", "--input-type=module", "-e", script],
      {
        encoding: "utf8",
      },
    );
    expect(status, stderr).to.equal(0);
    expect(stdout).to.equal("");
    const lines = stderr.trim().split("\n");
    expect(lines.length).to.be.within(2, 12);
    for (const line of lines) expect(line).to.match(/^slow: \d+\/30 \(\d+ %\), [\w ./,%]+$/); // no escape codes
    expect(last(lines)).to.match(/^slow: 30\/30 \(100 %\)/);
  });
});

describe("progress in words", () => {
  const state = { label: "", total: 100, count: 25, seconds: 10, notes: {}, ended: undefined };

  it("has share, rate and time left", () => {
    expect(progressWords(state)).to.equal("25/100 (25 %), 2.5/s, 30 s left");
    expect(progressWords({ ...state, count: 5 })).to.equal("5/100 (5 %), 2.0 s each, 3 min 10 s left");
    expect(progressWords({ ...state, total: undefined })).to.equal("25, 2.5/s");
    expect(progressWords({ ...state, count: 0 })).to.equal("0/100 (0 %)");
    expect(progressWords({ ...state, count: 0, total: 0, ended: "done" })).to.equal("0/0, in 10 s");
  });

  it("writes durations as people do", () => {
    expect([0, 0.0004, 0.52, 1, 9.94, 9.96, 59.6, 185, 7800].map(duration)).to.deep.equal([
      "0 ms",
      "0 ms",
      "520 ms",
      "1.0 s",
      "9.9 s",
      "10 s",
      "1 min 0 s",
      "3 min 5 s",
      "2 h 10 min",
    ]);
  });
});
