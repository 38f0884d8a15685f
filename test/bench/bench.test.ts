import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { alternate, median, Peer, type Row, row } from "../../bench/harness.js";
import { benchNames, benchTable, runBench } from "../../scripts/bench.js";
import { root } from "../../scripts/master/course.js";

describe("npm run bench", () => {
  let folder = "";
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "rlhf-lab-bench-"));
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    const bench = (name: string, body: string) => writeFileSync(join(folder, `${name}.ts`), body);
    const rows = "[{ name: 'step', peer: 'snail', ours: 2, theirs: 8, ratio: 4, goal: 3 }]";
    bench("good", `export async function rows() { console.log("noise"); return ${rows}; }`);
    bench("wrong", `export const rows = async () => ${rows.replace("ratio: 4", "ratio: 5")};`);
    bench("empty", `export const rows = async () => ${rows.replace("ours: 2", "ours: NaN")};`);
    bench("helper", "export const help = 1;");
    writeFileSync(
      join(folder, "snail.py"),
      "from peer import serve\nimport os\nserve({'twice': lambda x: print('noise') or 2 * x, 'end': lambda: os._exit(7)})\n",
    );
  });
  after(() => rmSync(folder, { recursive: true }));

  it("finds the modules that export rows, and refuses others by name", async () => {
    expect(benchNames(folder)).to.deep.equal(["empty", "good", "wrong"]);
    await runBench("nothing", folder).then(
      () => expect.fail("ran"),
      (error: Error) => expect(error.message).to.include("No bench is called nothing").and.include("good"),
    );
  });

  it("refuses rows that do not add up", async () => {
    for (const [name, words] of [
      ["wrong", "ratio must be theirs / ours = 4"],
      ["empty", "ours must be a positive number"],
    ]) {
      await runBench(name, folder).then(
        () => expect.fail("accepted"),
        (error: Error) => expect(error.message).to.include(words),
      );
    }
  });

  it("keeps stdout for the result alone", () => {
    const script = `import { runBench } from ${JSON.stringify(join(root, "scripts", "bench.ts"))};
      runBench("good", ${JSON.stringify(folder)}).then((rows) => console.log(JSON.stringify(rows)));`;
    const args = ["--import", "tsx", "--input-type=module", "-e", script];
    const child = spawnSync(process.execPath, args, { cwd: root, encoding: "utf8" });
    const want: Row[] = [{ name: "step", peer: "snail", ours: 2, theirs: 8, ratio: 4, goal: 3 }];
    expect(JSON.parse(child.stdout)).to.deep.equal(want);
    expect(child.stderr).to.include("noise");
  });

  it("says which goals are reached", () => {
    const reached = row("a", "p", 3, { ours: 2, theirs: 8 });
    expect(reached.ratio).to.equal(4);
    expect(benchTable([reached]))
      .to.match(/reached/)
      .and.not.match(/missed/);
    expect(benchTable([{ ...reached, goal: 4.5 }])).to.match(/missed/);
  });

  it("takes medians over alternating runs, without the warm-up", async () => {
    expect(median([3, 1, 2])).to.equal(2);
    expect(median([4, 1, 2, 3])).to.equal(2.5);
    expect(() => median([])).to.throw("at least one value");
    const calls: string[] = [];
    const work = (side: string, ms: number) => () => {
      calls.push(side);
      return calls.length <= 4 ? 1e9 : ms;
    };
    const medians = await alternate({ ours: work("o", 5), theirs: work("t", 20) }, { warmup: 2, rounds: 4 });
    expect(medians).to.deep.equal({ ours: 5, theirs: 20 });
    expect(calls.join("")).to.equal("ottoottoottoottootto".slice(0, 12));
  });

  it("talks to a Python peer, which times itself, reports its errors, and is noticed when it ends", async () => {
    const peer = new Peer("python3", join(folder, "snail.py"));
    const { result, ms } = await peer.call<number>("twice", { x: 21 });
    expect(result).to.equal(42);
    expect(ms).to.be.greaterThan(0);
    expect(await peer.timed("twice", { x: 1 })()).to.be.a("number");
    const refused = async (call: Promise<unknown>) =>
      call.then(
        () => expect.fail("answered"),
        (error: Error) => error.message,
      );
    expect(await refused(peer.call("twice", { y: 1 }))).to.include("unexpected keyword argument 'y'");
    expect(await refused(peer.call("end"))).to.include("the peer ended (exit code 7)");
    expect(await refused(peer.call("twice", { x: 1 }))).to.include("has ended");
    await peer.close();
  });
});
