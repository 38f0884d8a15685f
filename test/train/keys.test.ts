// No trainer uses a random key twice: whoever draws with a key that another draw, or another key, came from, draws
// numbers that are not independent, and no average over seeds shows it.
import { execFile } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { expect } from "chai";

const here = dirname(fileURLToPath(import.meta.url));

describe("random keys", () => {
  it("are drawn with once, and never both drawn with and taken apart, in any trainer", async () => {
    const record = pathToFileURL(join(here, "recordKeys.mjs")).href;
    const command = ["--import", "tsx", "--import", record, join(here, "keyUse.ts")];
    const { stdout } = await promisify(execFile)(process.execPath, command, { cwd: join(here, "../..") });
    const { "what is not right, to be noticed": wrong, ...found } = JSON.parse(
      stdout.trim().split("\n").at(-1) as string,
    );
    expect(wrong.reused.map(([key]: [string]) => key)).to.deep.equal(["0 40", "0 41"]);
    expect(Object.keys(found).length).to.be.above(20);
    for (const [name, { drawn, reused }] of Object.entries<{ drawn: number; reused: unknown[] }>(found)) {
      expect(drawn, `${name} draws`).to.be.above(0);
      expect(reused, name).to.deep.equal([]);
    }
  });
});
