// Cells in a process that starts from a snapshot of the compiler, beside one that starts without: the same session.
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import type { Outcome, Report } from "../../course/src/kernel/messages.js";
import { built } from "../built.js";

const root = join(import.meta.dirname, "..", "..");
const compiled = join(root, "course", "dist", "src", "kernel");

interface Session {
  /** Runs a cell; gives back what it printed and came to. */
  run(code: string): Promise<{ printed: string; outcome: Outcome }>;
  stop(): void;
}

async function session(snapshot: string | undefined): Promise<Session> {
  const { Worker } = await import(join(compiled, "worker.js"));
  let printed = "";
  let cell = 0;
  const worker = new Worker(
    root,
    {
      report: (report: Report) => {
        if (report.type === "stream") printed += report.text;
        if (report.type === "result") printed += String(report.bundle["text/plain"]);
      },
      native: (_cell: number, _name: string, text: string) => {
        printed += text;
      },
      note: () => {},
    },
    () => snapshot,
  );
  return {
    async run(code) {
      cell += 1;
      printed = "";
      const outcome = await worker.execute({
        type: "execute",
        cell,
        label: `cell ${cell}`,
        code,
        silent: false,
        expressions: {},
      });
      return { printed, outcome };
    },
    stop: () => worker.stop(),
  };
}

describe("kernel/snapshot", () => {
  let folder: string;
  let snapshot: string;
  let from: Session;
  let without: Session;

  before(async () => {
    built();
    const { makeSnapshot } = await import(join(compiled, "snapshot", "make.js"));
    snapshot = await makeSnapshot(root);
    folder = mkdtempSync(join(tmpdir(), "rlhf-lab-snapshot-"));
    from = await session(snapshot);
    without = await session(undefined);
  });
  after(() => {
    from?.stop();
    without?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it("is where a kernel looks for it, and leaves nothing else behind", async () => {
    const { snapshotToStartFrom } = await import(join(compiled, "snapshot", "place.js"));
    expect(snapshotToStartFrom(root, {})).to.equal(snapshot);
    expect(existsSync(`${snapshot}.${process.pid}.cjs`)).to.equal(false);
    for (const env of [{ NODE_OPTIONS: "--trace-warnings" }, { RLHF_LAB_MEMORY_MB: "900" }, { RLHF_LAB_SNAPSHOT: "0" }])
      expect(snapshotToStartFrom(root, env)).to.equal(undefined);
  });

  const cells = {
    "has the same global names": "Object.getOwnPropertyNames(globalThis).sort().join()",
    "has the environment and the time of now": "[process.env.PATH, process.cwd(), Date.now() > 1.7e12].join()",
    "knows the names of earlier cells": "const late: number = 3;\nfunction twice(x: number) { return 2 * x; }",
    "and uses them": "twice(late)",
    "imports a door": 'import { sigmoid } from "rlhf-lab/numerics";\nsigmoid(0)',
    "imports what no snapshot has": 'import { tf } from "rlhf-lab/tensor";\ntf.sum(tf.tensor1d([1, 2])).dataSync()[0]',
    "says what is wrong with types": "const wrong: string = late;",
    "says where it throws": "function f(): void {\n  throw new RangeError('here');\n}\nf();",
    "runs threads": `import { Worker as Thread } from "node:worker_threads";
const answer = await new Promise((resolve) => {
  const thread = new Thread("require('worker_threads').parentPort.postMessage(6 * 7)", { eval: true, resourceLimits: { maxOldGenerationSizeMb: 16 } });
  thread.on("message", resolve).on("error", resolve);
});
answer`,
    "forks a script": `import { fork } from "node:child_process";
import { writeFileSync as write } from "node:fs";
write(process.env.RLHF_LAB_TEST_SCRIPT!, "process.send([require.main === module, process.execArgv.includes('--snapshot-blob'), 'started'].join());");
const said = await new Promise((resolve) => fork(process.env.RLHF_LAB_TEST_SCRIPT!).on("message", resolve).on("exit", resolve));
said`,
  };
  for (const [what, code] of Object.entries(cells)) {
    it(`a session from it ${what}, as one without does`, async () => {
      process.env.RLHF_LAB_TEST_SCRIPT ??= join(folder, "forked.cjs");
      const setUp = `process.env.RLHF_LAB_TEST_SCRIPT = ${JSON.stringify(join(folder, "forked.cjs"))};`;
      for (const one of [from, without]) if (what.startsWith("forks")) await one.run(setUp);
      const [a, b] = [await from.run(code), await without.run(code)];
      expect(a).to.deep.equal(b);
      if (a.outcome.error === undefined) expect(a.printed.length + (code.endsWith("}") ? 1 : 0)).to.be.above(0);
      else expect(what).to.match(/wrong|throws/);
    });
  }

  it("one that is broken, or no snapshot at all, is passed over: the cell that waits runs", async () => {
    const broken = [join(folder, "half.blob"), join(folder, "text.blob")];
    copyFileSync(snapshot, broken[0]);
    truncateSync(broken[0], readFileSync(snapshot).length / 2);
    writeFileSync(broken[1], "no snapshot");
    for (const path of broken) {
      const one = await session(path);
      const { printed, outcome } = await one.run("const a = 40;\na + 2");
      one.stop();
      expect(outcome.error).to.equal(undefined);
      expect(printed).to.equal("42");
    }
  });
});
