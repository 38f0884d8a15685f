import { execFileSync } from "node:child_process";
import { createWriteStream, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gunzipSync, gzipSync } from "node:zlib";
import { expect } from "chai";
import fc from "fast-check";
import { DataError, DomainError } from "../../../lib/src/core/index.js";
import {
  loadComparisons,
  type ReadOptions,
  readComparisons,
  type TextComparison,
  writeComparisons,
} from "../../../lib/src/data/index.js";

const bytes = (text: string | Buffer): Uint8Array[] => [Buffer.from(text)];
const load = (text: string | Buffer, options?: ReadOptions) => loadComparisons(bytes(text), options);
const json = (prompt: string, chosen: string, rejected: string) => JSON.stringify({ prompt, chosen, rejected });

async function fails(work: Promise<unknown>, ...words: string[]): Promise<void> {
  let error: unknown;
  await work.catch((caught) => {
    error = caught;
  });
  expect(error, `should fail with ${words}`).to.be.instanceOf(DataError);
  for (const word of words) expect((error as Error).message).to.include(word);
}

describe("Reading comparisons", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "rlhf-lab-comparisons-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const two = [json("p", "a", "b"), json("q", "c", "d")];
  const want = [
    { prompt: "p", chosen: "a", rejected: "b" },
    { prompt: "q", chosen: "c", rejected: "d" },
  ];

  it("JSONL: LF, CRLF, a byte-order mark, empty lines, no end of the last line", async () => {
    for (const text of [two.join("\n"), `${two.join("\r\n")}\r\n`, `\uFEFF\n\n${two.join("\n\n  \n")}\n\n`]) {
      const { comparisons, report } = await load(text);
      expect(comparisons).to.deep.equal(want);
      expect(report.comparisons).to.equal(2);
    }
  });

  it("CSV: quotes, commas and line breaks in fields, columns in any order, a byte-order mark, CRLF", async () => {
    for (const text of [
      "chosen,id,prompt,rejected\na,1,p,b\nc,2,q,d\n",
      '\uFEFF"chosen","id","prompt","rejected"\r\n"a",1,"p","b"\r\n\r\n"c",2,"q","d"',
    ]) {
      expect((await load(text)).comparisons).to.deep.equal(want);
    }
    const { comparisons } = await load('prompt,chosen,rejected\n"a, ""b""\nc","{x}",""\n');
    expect(comparisons).to.deep.equal([{ prompt: 'a, "b"\nc', chosen: "{x}", rejected: "" }]);
    expect((await load("chosen,rejected\nThe sky is blue,The sky is red\n")).comparisons[0].prompt).to.equal(
      "The sky is",
    );
  });

  it("gzip by its first bytes, whatever the name; a path, a URL, or bytes in any pieces", async () => {
    const path = join(folder, "not-called-gz.jsonl");
    writeFileSync(path, gzipSync(two.join("\n")));
    expect((await loadComparisons(path)).comparisons).to.deep.equal(want);
    expect((await loadComparisons(pathToFileURL(path))).comparisons).to.deep.equal(want);
    writeFileSync(path, two.join("\n"));
    expect((await loadComparisons(path)).comparisons).to.deep.equal(want);
    for (const whole of [Buffer.from(`${two.join("\r\n")}\r\n`), gzipSync(two.join("\n"))]) {
      const pieces = Array.from(whole, (_, k) => whole.subarray(k, k + 1));
      expect((await loadComparisons(pieces)).comparisons).to.deep.equal(want);
    }
  });

  it("bad lines: all listed at the end, thrown at the first, or kept in the report", async () => {
    const text = [two[0], "{oops", '{"chosen":"x"}', two[1], "[1]"].join("\n");
    await fails(
      load(text),
      "3 of 5 records",
      "line 2: the line is not JSON",
      "line 3: rejected is missing",
      "line 5:",
      'bad: "keep"',
    );
    await fails(load(text, { bad: "first" }), "the data: line 2");
    const { comparisons, report } = await load(text, { bad: "keep" });
    expect(comparisons).to.deep.equal(want);
    expect(report.bad.count).to.equal(3);
    expect(report.bad.first.map(({ line }) => line)).to.deep.equal([2, 3, 5]);
    const few = await load(text, { bad: "keep", limit: 1 });
    expect(few.report.bad.count).to.equal(3);
    expect(few.report.bad.first.length).to.equal(1);
    const path = join(folder, "bad.jsonl");
    writeFileSync(path, text);
    await fails(loadComparisons(path), path);
    // What is good has been handed out before the error.
    const got: TextComparison[] = [];
    await fails(
      (async () => {
        for await (const one of readComparisons(bytes(text))) got.push(one);
      })(),
      "3 of 5",
    );
    expect(got).to.deep.equal(want);
  });

  it("CSV: records of another length, with the line where they begin", async () => {
    const text = 'prompt,chosen,rejected\np,a,b\n"over\ntwo lines",x\nq,c,d\n\nq,c\n';
    const { comparisons, report } = await load(text, { bad: "keep" });
    expect(comparisons).to.deep.equal(want);
    expect(report.bad.first.map(({ line }) => line)).to.deep.equal([3, 7]);
    expect(report.bad.first[0].reason).to.include("3 fields");
    await fails(load("prompt,answer\nx,y\n", { format: "csv" }), "line 1: the header", "chosen and rejected");
    await fails(load('prompt,chosen,rejected\np,a,b\np,"a,b\nq,c,d\n', { bad: "keep" }), "line 3", "never closed");
    await fails(load('prompt,chosen,rejected\np,a"b"c,d\np,"a"x,b\n', { bad: "keep" }), "line");
  });

  it("CSV: an empty cell is null, a column twice and a header twice are refused, columns may have other names", async () => {
    await fails(load("prompt,chosen,rejected\np,a,\n"), "line 2: rejected", "got null", '"" in quotes');
    await fails(load("prompt,chosen,rejected\n,a,b\n"), "line 2: prompt: expected a text, got null");
    expect((await load('prompt,chosen,rejected\n"",a,""\n')).comparisons[0]).to.include({ prompt: "", rejected: "" });
    // As pandas writes dialogues beside an empty column of prompts.
    const dialogues = 'prompt,chosen,rejected\n,"\n\nHuman: q\n\nAssistant: a","\n\nHuman: q\n\nAssistant: b"\n';
    expect((await load(dialogues)).comparisons[0]).to.deep.equal({
      prompt: "\n\nHuman: q\n\nAssistant:",
      chosen: " a",
      rejected: " b",
    });
    await fails(load("prompt,chosen,chosen,rejected\np,x,a,b\n"), "line 1: the header", "chosen is there twice");
    const twice = "prompt,chosen,rejected\np,a,b\n\uFEFFprompt,chosen,rejected\nq,c,d\n";
    const { comparisons, report } = await load(twice, { bad: "keep" });
    expect(comparisons).to.deep.equal(want);
    expect(report.bad.first).to.deep.equal([
      { line: 3, reason: "this is the header once more: were two files put together?" },
    ]);
    const columns = { prompt: "question", chosen: "good", rejected: "bad" };
    const named = "id,question,good,bad\n1,p,a,b\n2,q,c,d\n";
    expect((await load(named, { columns })).comparisons).to.deep.equal(want);
    await fails(load(named), "columns chosen and rejected", '["id", "question", "good", "bad"]', "option columns");
    await fails(load("question,chosen,rejected\nq,a,b\n"), 'there is "question"');
    await fails(load("prompt;chosen;rejected\np;a;b\n"), "Separate them by commas");
    expect(() => readComparisons([], { columns: { chosen: 3 } as never })).to.throw(DomainError, "columns.chosen");
    const cells = [
      ["q", "a"],
      ["q", "b"],
    ].map(([q, a]) =>
      JSON.stringify([
        { role: "user", content: q },
        { role: "assistant", content: a },
      ]).replaceAll('"', '""'),
    );
    const conversations = `chosen,rejected\n"${cells[0]}","${cells[1]}"\n`;
    expect((await load(conversations)).comparisons[0]).to.include({
      prompt: "\n\nHuman: q\n\nAssistant:",
      chosen: " a",
      rejected: " b",
    });
  });

  it("CSV: what stands before a wrong quote has been handed out", async () => {
    const rows = Array.from({ length: 100 }, (_, k) => `p${k},a,b`).join("\n");
    const reader = readComparisons(bytes(`prompt,chosen,rejected\n${rows}\np,"a" x,b\n`));
    await fails(
      (async () => {
        for await (const one of reader) expect(one.chosen).to.equal("a");
      })(),
      "line 102 or after",
    );
    expect(reader.report.comparisons).to.equal(100);
  });

  it("the format is what most lines look like; one bad line at the beginning is one bad line", async () => {
    for (const line of ['oops "quoted"', "# prompts, chosen", "{oops", "2026-01-01 INFO started", "null"]) {
      const { comparisons, report } = await load([line, ...two].join("\n"), { bad: "keep" });
      expect(comparisons, line).to.deep.equal(want);
      expect(report.bad.first.map((bad) => bad.line)).to.deep.equal([1]);
    }
    await fails(load(['oops "quoted"', ...two].join("\n")), "line 1: the line is not JSON");
    // Cells that look like JSON do not make JSONL of CSV.
    const csv = `prompt,chosen,rejected\n${"{p},a,b\n{q},c,d\n".repeat(20)}`;
    expect((await load(csv)).comparisons[0].prompt).to.equal("{p}");
  });

  it("JSONL: byte-order marks in the middle, a name twice, records over several lines", async () => {
    const middle = `\uFEFF${two[0]}\n\uFEFF${two[1]}\n`;
    expect((await load(middle)).comparisons).to.deep.equal(want);
    await fails(load(`${two[0]}\uFEFF${two[1]}`), "line 1: the line is not JSON", "U+FEFF");
    await fails(
      load('{"prompt":"p","chosen":"a","chosen":"c","rejected":"b"}'),
      'line 1: an object has "chosen" twice',
    );
    const record = { prompt: "p", chosen: [{ role: "assistant", content: "{" }], rejected: "b" };
    const pretty = JSON.stringify(record, null, 2);
    for (const text of [pretty, `${pretty}\n${pretty}`, pretty.replace("{\n  ", "{ "), `\uFEFF\n${pretty}`]) {
      await fails(load(text), "a record goes over several lines", "json.dumps");
    }
    await fails(load(JSON.stringify([record], null, 2)), "one JSON array");
  });

  it("files of other formats are named, also within gzip and in pieces of one byte", async () => {
    const utf16 = Buffer.from(two.join("\n"), "utf16le");
    const others: [begin: Buffer, words: string][] = [
      [utf16, "UTF-16"],
      [Buffer.from(utf16).swap16(), "UTF-16"],
      [Buffer.from("PAR1\x15\x04"), "Parquet"],
      [Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 4]), "zstd -d"],
      [Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]), "xz -d"],
      [Buffer.from("BZh91AY"), "bunzip2"],
      [Buffer.from("PK\x03\x04"), "zip archive"],
      [Buffer.from("<!DOCTYPE html>\n<html>"), "web page"],
      [Buffer.from("version https://git-lfs.github.com/spec/v1\noid sha256:0\n"), "git lfs pull"],
    ];
    for (const [begin, words] of others) {
      for (const file of [begin, gzipSync(begin)]) {
        await fails(load(file), words);
        await fails(loadComparisons(Array.from(file, (_, k) => file.subarray(k, k + 1))), words);
      }
    }
    await fails(load(gzipSync(gzipSync(two.join("\n")))), "gzip within gzip");
  });

  it("an archive that unpacks to far more than it weighs: memory stays within the longest line", async () => {
    const line = Buffer.alloc(64 * 2 ** 20, "a"); // in one line
    for (const [packed, words] of [
      [gzipSync(Buffer.concat([Buffer.from(`${two[0]}\n`), line]), { level: 1 }), "more than 1000000 bytes"],
      [gzipSync(Buffer.alloc(32 * 2 ** 20, "\n"), { level: 1 }), "nothing at the beginning"],
    ] as const) {
      expect(packed.length).to.be.below(2 ** 20);
      const before = process.memoryUsage().rss;
      await fails(load(packed, { longest: 1_000_000 }), words);
      expect(process.memoryUsage().rss - before).to.be.below(150 * 2 ** 20);
    }
  });

  it("identical pairs are reported and left out, or kept; duplicates and contradictions are counted", async () => {
    const text = [
      json("p", "a", "b"),
      json("p", "same", "same"),
      json("p", "a", "b"),
      json("p", "b", "a"),
      json("p", "b", "a"),
      json("p", "b", "a"),
      json("q", "a", "b"),
      json("q", "a", "b"),
      json("pa", "", "b"),
    ].join("\n");
    const { comparisons, report } = await load(text);
    expect(comparisons.length).to.equal(8);
    expect(report.identical).to.deep.equal({ count: 1, lines: [2] });
    // Line 3 repeats line 1; line 4 turns it round; lines 5 and 6 do both.
    expect(report.duplicates).to.equal(4);
    expect(report.contradictions).to.equal(3);
    const kept = await load(text, { identical: "keep" });
    expect(kept.comparisons.length).to.equal(9);
    expect(kept.report.identical.count).to.equal(1);
  });

  it("counts duplicates right beyond the first growth of the table", async () => {
    const lines = Array.from({ length: 5000 }, (_, k) => json(`p${k % 2000}`, "b", k % 2 === 0 ? "a" : "c"));
    const seen = new Set<string>();
    const duplicates = lines.filter((line) => seen.has(line) || !seen.add(line)).length;
    expect((await load(lines.join("\n"))).report.duplicates).to.equal(duplicates);
  });

  it("a truncated or damaged gzip: what was read counts, and the error says where", async () => {
    const many = Array.from({ length: 2000 }, (_, k) => json(`p${k}`, `${Math.sin(k)}`, `${Math.cos(k)}`)).join("\n");
    const whole = gzipSync(many);
    const path = join(folder, "cut.jsonl.gz");
    writeFileSync(path, whole.subarray(0, whole.length / 2));
    const reader = readComparisons(path);
    let last: TextComparison | undefined;
    await fails(
      (async () => {
        for await (const one of reader) last = one;
      })(),
      path,
      "after line",
      "cut off",
    );
    expect(reader.report.comparisons).to.be.within(100, 1999);
    expect(last?.prompt).to.equal(`p${reader.report.comparisons - 1}`);
    const damaged = Buffer.from(whole);
    damaged.fill(7, whole.length / 2, whole.length / 2 + 200);
    await fails(load(damaged, { bad: "keep" }), "damaged");
    await fails(load(whole.subarray(0, 12)), "cut off");
  });

  it("invalid UTF-8 and huge lines are bad lines with a number; UTF-16, folders and nothing are errors", async () => {
    const invalid = Buffer.concat([
      Buffer.from(`${two[0]}\n{"prompt": "`),
      Buffer.from([0xff, 0xfe, 0x41]),
      Buffer.from(`"}\n${two[1]}`),
    ]);
    const { comparisons, report } = await load(invalid, { bad: "keep" });
    expect(comparisons).to.deep.equal(want);
    expect(report.bad.first).to.deep.equal([{ line: 2, reason: "the line is not valid UTF-8" }]);
    const huge = `${two[0]}\n${json("p", "x".repeat(5000), "y")}\n${two[1]}`;
    const short = await load(huge, { bad: "keep", longest: 1000 });
    expect(short.comparisons).to.deep.equal(want);
    expect(short.report.bad.first[0]).to.deep.equal({ line: 2, reason: "the line has more than 1000 bytes" });
    await fails(load(Buffer.from(`\uFEFF${two[0]}`, "utf16le")), "UTF-16");
    await fails(load(""), "nothing in it");
    await fails(load("\n \n"), "nothing in it");
    await fails(loadComparisons(folder), folder);
    await fails(loadComparisons(join(folder, "no-such-file.jsonl")), "no such file");
    await fails(load(`[${two.join(",\n")}]`), "one JSON array");
    const csv = Buffer.concat([Buffer.from("prompt,chosen,rejected\np,a,"), Buffer.from([0xff]), Buffer.from("\n")]);
    await fails(load(csv, { bad: "keep" }), "line 2", "UTF-8");
    for (const options of [{ bad: "skip" }, { format: "xml" }, { limit: 0 }, { longest: -1 }, { identical: "x" }]) {
      expect(() => readComparisons([], options as never), JSON.stringify(options)).to.throw(DomainError);
    }
  });

  it("what is written is read again, plain and gzip; a failure leaves no file behind", async () => {
    const text = fc.string({ unit: "grapheme", maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ prompt: text, chosen: text, rejected: text }), { minLength: 1, maxLength: 10 }),
        fc.constantFrom("x.jsonl", "x.jsonl.gz"),
        async (comparisons, name) => {
          const path = join(folder, name);
          expect(await writeComparisons(path, comparisons)).to.equal(comparisons.length);
          expect((await loadComparisons(path, { identical: "keep" })).comparisons).to.deep.equal(comparisons);
        },
      ),
      { numRuns: 30 },
    );
    const zipped = readFileSync(join(folder, "x.jsonl.gz"));
    expect(gunzipSync(zipped).toString()).to.match(/\n$/);
    const before = readdirSync(folder).length;
    await fails(
      writeComparisons(join(folder, "new.jsonl"), [want[0], { prompt: "p" } as never]),
      "chosen of comparison 1",
    );
    expect(readdirSync(folder).length).to.equal(before);
  });

  it("leaving early closes the file", async () => {
    const path = join(folder, "long.jsonl");
    writeFileSync(path, Array.from({ length: 20_000 }, (_, k) => json(`p${k}`, "a", "b")).join("\n"));
    for await (const one of readComparisons(path)) {
      expect(one.prompt).to.equal("p0");
      break;
    }
    rmSync(path);
  });

  it("a file of 200 MB in constant memory", async () => {
    const path = join(folder, "large.jsonl");
    const out = createWriteStream(path);
    const filler = "word ".repeat(380);
    const lines = 100_000;
    for (let k = 0; k < lines; k += 1000) {
      const block = Array.from({ length: 1000 }, (_, i) => `${json(`${k + i}`, `${filler}yes`, "no")}\n`).join("");
      if (!out.write(block)) await new Promise<void>((go) => out.once("drain", go));
    }
    await new Promise<void>((go) => out.end(() => go()));
    const script = `
      const { readComparisons } = await import(${JSON.stringify(new URL("../../../lib/src/data/comparisons/index.ts", import.meta.url).href)});
      const before = process.resourceUsage().maxRSS / 1024;
      const reader = readComparisons(${JSON.stringify(path)});
      let characters = 0;
      for await (const { chosen } of reader) characters += chosen.length;
      console.log(JSON.stringify({ count: reader.report.comparisons, characters, before, after: process.resourceUsage().maxRSS / 1024 }));`;
    const said = execFileSync(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script], {
      encoding: "utf8",
    });
    const { count, characters, before, after } = JSON.parse(said);
    expect(count).to.equal(lines);
    expect(characters).to.equal(lines * (filler.length + 3));
    expect(characters).to.be.above(190e6);
    // Less than half of what the file holds, garbage that was not yet collected included.
    expect(after - before).to.be.below(95);
  });
});
