import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import fc from "fast-check";
import { takeTurn } from "../../course/src/kernel/builds.js";
import { keepIntrinsics, pristine, restoreCore } from "../../course/src/kernel/cells/intrinsics.js";
import { jsonOf } from "../../course/src/kernel/cells/report.js";
import { commandsOf, fromPs } from "../../course/src/kernel/commands.js";
import { History } from "../../course/src/kernel/history.js";
import { lineReader } from "../../course/src/kernel/lines.js";
import { stateFolder } from "../../course/src/kernel/project.js";
import { parseReport } from "../../course/src/kernel/reports.js";
import { SHOWN_LIMIT, ShownLimit } from "../../course/src/kernel/shownLimit.js";
import { Wire } from "../../course/src/kernel/wire.js";

/* What the kernel's processes are made of, piece by piece; process_checks.py sees them at work. */
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rlhf-lab-process-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("kernel/wire", () => {
  const wire = new Wire("key", "hmac-sha256");

  it("sends any text as well-formed text, and whole pairs and backslashes as they are", () => {
    // Code units, so that halves are as frequent as pairs.
    const units = fc.array(fc.constantFrom("\ud83d", "\ude00", "\\", "u", "d83d", "a", '"'), { maxLength: 12 });
    fc.assert(
      fc.property(units, (parts) => {
        const text = parts.join("");
        const frames = wire.encode(wire.compose("stream", { text, [text]: [text] }, undefined, []));
        const { content } = wire.decode(frames);
        // As UTF-8 has it.
        const whole = Buffer.from(text).toString();
        expect(content).to.deep.equal({ text: whole, [whole]: [whole] });
        expect(Buffer.concat(frames).toString()).not.to.match(/[^\\]\\ud[89a-f]/);
      }),
    );
  });

  it("puts right what is no object and refuses a header without a type", () => {
    const frames = wire.encode(wire.compose("x", {}, undefined, []));
    const open = new Wire("", "hmac-sha256");
    const json = (value: unknown) => Buffer.from(JSON.stringify(value));
    const odd = [frames[0]!, Buffer.alloc(0), json({ msg_type: "x" }), json(null), json([]), json(3)];
    const { parent, metadata, content } = open.decode(odd);
    expect([parent, metadata, content]).to.deep.equal([{}, {}, {}]);
    for (const header of [null, [], 1, {}, { msg_type: 3 }])
      expect(() => open.decode([odd[0]!, odd[1]!, json(header), ...odd.slice(3)])).to.throw("msg_type");
  });
});

describe("kernel/reports", () => {
  it("takes what process 2 says, and nothing else", () => {
    const good = { type: "stream", cell: 1, name: "stdout", text: "x" };
    expect(parseReport(JSON.stringify(good))).to.deep.equal(good);
    expect(parseReport('{"type":"done","cell":1,"outcome":{"expressions":{}}}')).to.have.property("type", "done");
    for (const bad of ["", "garbage", "null", "[]", "3", "{}", '{"type":"toString"}'])
      expect(parseReport(bad)).to.equal(undefined);
  });

  it("never throws, and never lets a field of another type through", () => {
    const types = fc.constantFrom("stream", "display", "result", "error", "input", "ends", "answer", "done");
    fc.assert(
      fc.property(
        types,
        fc.dictionary(fc.constantFrom("cell", "name", "text", "bundle", "outcome"), fc.jsonValue()),
        (type, rest) => {
          const report = parseReport(JSON.stringify({ ...rest, type }));
          if (report?.type === "stream") expect(report.text).to.be.a("string");
          if (report?.type === "display" || report?.type === "result") expect(report.bundle).to.be.an("object");
        },
      ),
    );
  });

  it("drops a line that is too long, and reads on", () => {
    const [lines, dropped]: [string[], number[]] = [[], []];
    const read = lineReader(
      (line) => lines.push(line),
      10,
      () => dropped.push(1),
    );
    for (const text of ["ab", "c\n\n", "x".repeat(8), "x".repeat(8), "\nnext\n", "last"]) read(Buffer.from(text));
    expect([lines, dropped.length]).to.deep.equal([["abc", "next"], 1]);
  });

  it("are the same JSON when every object has been given a toJSON, also one that cannot be taken away", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const report = { value, at: new Date(0) };
        const expected = JSON.stringify(report);
        const owners = [Object.prototype, Array.prototype];
        for (const owner of owners)
          Object.defineProperty(owner, "toJSON", { configurable: true, value: () => "replaced" });
        let got: string;
        try {
          got = jsonOf(report);
        } finally {
          for (const owner of owners) delete (owner as { toJSON?: unknown }).toJSON;
        }
        expect(got).to.equal(expected);
      }),
    );
  });
});

describe("kernel/cells/intrinsics", () => {
  it("lend the kernel the language as it was, and give cells theirs back", () => {
    keepIntrinsics();
    const { map } = Array.prototype;
    const { parse } = JSON;
    const theirs = () => [];
    try {
      Array.prototype.map = theirs as never;
      JSON.parse = theirs as never;
      (Object.prototype as { extra?: number }).extra = 1;
      const inside = pristine(() => [Array.prototype.map, JSON.parse, "extra" in {}]);
      const outside = [Array.prototype.map, JSON.parse, "extra" in {}];
      const names = restoreCore();
      expect(inside).to.deep.equal([map, parse, false]);
      expect(outside).to.deep.equal([theirs, theirs, true]);
      expect(names).to.deep.equal(["Array.prototype.map"]);
      expect([Array.prototype.map, JSON.parse]).to.deep.equal([map, theirs]);
    } finally {
      Array.prototype.map = map;
      JSON.parse = parse;
      delete (Object.prototype as { extra?: number }).extra;
    }
  });
});

describe("kernel/shownLimit", () => {
  it("lets through what fits, replaces what does not, and ends with a note", () => {
    const limit = new ShownLimit();
    const half = "y".repeat(SHOWN_LIMIT / 2);
    expect(limit.bundle({ "text/html": half }, {})!.data).to.deep.equal({ "text/html": half });
    expect(limit.bundle({ "text/html": half }, {})!.data["text/plain"]).to.contain("Output dropped");
    expect(limit.bundle({ "text/html": "small" }, {})!.data).to.deep.equal({ "text/html": "small" });
    expect(limit.bundle({ "text/html": half }, {}, true)!.data, "a redraw counts for itself").to.have.keys("text/html");
    let shown = 0;
    while (limit.bundle({ "text/plain": "" }, {}) !== undefined) shown++;
    expect(shown).to.be.within(2000, 5000);
    expect(limit.error({ ename: "E", evalue: "", traceback: [] })).to.equal(undefined);
  });
});

describe("kernel/history", () => {
  const session = (pattern: string, sources: string[]) => {
    const history = new History(join(folder, "history.jsonl"));
    for (const [line, source] of sources.entries()) history.add(line, source);
    return history.find({ hist_access_type: "search", pattern }).map(([, , source]) => source);
  };

  it("finds what a glob means", () => {
    const glob = fc.array(fc.constantFrom("a", "b", "?", "*"), { maxLength: 7 }).map((parts) => parts.join(""));
    const text = fc
      .array(fc.constantFrom("a", "b", "\n", "\u{1f600}"), { maxLength: 8 })
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(glob, text, (pattern, source) => {
        const expression = new RegExp(`^${pattern.replaceAll("*", ".*").replaceAll("?", ".")}$`, "su");
        expect(session(pattern, [source]).length > 0).to.equal(expression.test(source));
        rmSync(join(folder, "history.jsonl"), { force: true });
      }),
      { numRuns: 200 },
    );
  });

  it("reads the newest of what a file holds, whatever that is", () => {
    const path = join(folder, "history.jsonl");
    const tail = () => {
      const history = new History(path);
      history.add(1, "now");
      return history.find({ hist_access_type: "tail", n: 2 }).map(([, , source]) => source);
    };
    const damaged = '[1,1,"good"]\n[1,2\n\u00ff\n{}\nnull\n[1,"x",3]\n[2,1,"last"]\n';
    const huge = `${'[1,1,"old"]\n'.repeat(20_000)}[2,1,"last"]\n`;
    const oneLine = `${"x".repeat(40_000_000)}\n[2,1,"last"]\n`;
    for (const [name, text] of Object.entries({ damaged, huge, oneLine })) {
      writeFileSync(path, text);
      expect(tail(), name).to.deep.equal(["last", "now"]);
      expect(statSync(path).size, name).to.be.lessThan(1_000_000);
      expect(tail(), `${name}, read again`).to.deep.equal(["now", "now"]);
    }
    rmSync(path);
    mkdirSync(path);
    expect(tail(), "a folder").to.deep.equal(["now"]);
  });

  it("answers a pattern of many stars, and keeps no cell that is pasted data", () => {
    expect(session(`${"*a".repeat(60)}*b`, ["a".repeat(20_000)])).to.deep.equal([]);
    expect(session("*", ["x".repeat(1_000_000), "kept"]))
      .to.include("kept")
      .and.not.include("x".repeat(1_000_000));
  });
});

describe("kernel/builds", () => {
  const failing = (code: string) => () => {
    throw Object.assign(new Error(code), { code });
  };

  it("has no turn where the folder cannot be written to", async () => {
    for (const code of ["EACCES", "EPERM", "EROFS", "ENOSPC"])
      expect(await takeTurn(join(folder, "lock"), failing(code) as never), code).to.equal(undefined);
  });

  it("gives each turn to one, and takes a lock that was left long ago", async () => {
    const lock = join(folder, "dist", "lock");
    const release = (await takeTurn(lock))!;
    const second = takeTurn(lock);
    release();
    (await second)!();
    mkdirSync(lock);
    utimesSync(lock, 1, 1);
    expect(await takeTurn(lock)).to.be.a("function");
  });
});

describe("kernel/project", () => {
  it("keeps state where RLHF_LAB_STATE says, in the project, or with the user", () => {
    expect(stateFolder(folder, { RLHF_LAB_STATE: "/elsewhere" })).to.equal("/elsewhere");
    expect(stateFolder(folder, {})).to.equal(join(folder, ".rlhf-lab"));
    // A project that is a file can be written to by nobody, root neither.
    const file = join(folder, "file");
    writeFileSync(file, "");
    const gone = join(file, "project");
    expect(stateFolder(gone, { XDG_STATE_HOME: "/state" })).to.equal(join("/state", "rlhf-lab"));
    expect(stateFolder(gone, { HOME: "/home/ada" })).to.equal(join("/home/ada", ".local", "state", "rlhf-lab"));
  });
});

describe("kernel/commands", () => {
  it("are found with their age, by /proc and by ps alike", async () => {
    const shell = spawn("sh", ["-c", "sleep 600 & wait"], { stdio: "ignore" });
    try {
      while (commandsOf(shell.pid!).length === 0) await new Promise((resolve) => setTimeout(resolve, 50));
      const below = commandsOf(process.pid).map(({ pid }) => pid);
      expect(below).to.include.members([shell.pid!, ...commandsOf(shell.pid!).map(({ pid }) => pid)]);
      const own = commandsOf(process.pid).find(({ pid }) => pid === shell.pid)!;
      const same = fromPs().find(({ pid }) => pid === shell.pid)!;
      expect(same.group).to.equal(own.group);
      // Both are taken a moment apart, and ps counts whole seconds.
      expect(own.age).to.be.within(0, 120);
      expect(same.age).to.be.within(0, 120);
      for (const { pid } of commandsOf(shell.pid!)) process.kill(pid, "SIGKILL");
    } finally {
      shell.kill("SIGKILL");
    }
  });
});
