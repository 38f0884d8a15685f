import { writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect } from "chai";
import { DataError } from "../../lib/src/core/index.js";
import { baseball1987, readWinTable, statisticsJournals } from "../../lib/src/data/index.js";

describe("data: tables of wins", () => {
  it("baseball: seven teams, each pair met thirteen times", () => {
    const { names, wins } = baseball1987();
    expect(names).to.have.length(7);
    for (let i = 0; i < 7; i++) for (let j = 0; j < i; j++) expect(wins[i][j] + wins[j][i]).to.equal(13);
  });

  it("journals: as published, the diagonal too", () => {
    const { names, wins } = statisticsJournals();
    expect(names).to.deep.equal(["Biometrika", "Comm Statist", "JASA", "JRSS-B"]);
    expect(wins.map((row, i) => row[i])).to.deep.equal([714, 425, 1072, 188]);
    expect(wins[0][1]).to.equal(730);
  });

  it("is found wherever the process was started", () => {
    const before = process.cwd();
    try {
      process.chdir(tmpdir());
      expect(baseball1987().wins[0][6]).to.equal(11);
    } finally {
      process.chdir(before);
    }
  });

  it("a damaged file: its name and what is wrong", async () => {
    const folder = await mkdtemp(join(tmpdir(), "win-table-"));
    const reading = (text: string) => () => {
      const file = join(folder, "table.json");
      writeFileSync(file, text);
      return readWinTable(pathToFileURL(file));
    };
    try {
      expect(() => readWinTable("no-such-table.json")).to.throw(DataError, "no-such-table.json");
      expect(reading("{")).to.throw(DataError, "table.json");
      expect(reading("null")).to.throw(DataError, "title");
      expect(reading('{"title": "t", "source": "s", "names": [1], "wins": []}')).to.throw(DataError, "names");
      expect(reading('{"title": "t", "source": "s", "names": ["a", "b"], "wins": [[0, 1]]}')).to.throw(
        DataError,
        "2 rows",
      );
      expect(reading('{"title": "t", "source": "s", "names": ["a", "b"], "wins": [[0, 1], [-1, 0]]}')).to.throw(
        DataError,
        "wins[1]",
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
