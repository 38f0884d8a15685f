import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect } from "chai";
import { DataError } from "rlhf-lab";
import { opticalDigits, readOpticalDigits } from "rlhf-lab/data";

describe("optical digits", () => {
  const { images, labels, source } = opticalDigits();

  it("are the 1,797 that scikit-learn ships: counts, sum of ink, first pixels", () => {
    expect(source).to.include("UCI");
    const counts = new Array<number>(10).fill(0);
    for (const label of labels) counts[label]++;
    expect(counts).to.deep.equal([178, 182, 177, 183, 181, 182, 181, 179, 174, 180]);
    const ink = images.reduce((sum, image) => sum + image.reduce((a, b) => a + b, 0), 0);
    expect(ink).to.equal(561718);
    expect(Array.from(images[0].subarray(0, 12))).to.deep.equal([0, 0, 5, 13, 9, 1, 0, 0, 0, 0, 13, 15]);
    expect(images.every((image) => image.length === 64)).to.equal(true);
    expect(images.some((image) => image.includes(16))).to.equal(true);
  });

  it("damaged, are refused with the file's name and the place", () => {
    const folder = mkdtempSync(join(tmpdir(), "rlhf-lab-digits-"));
    const place = pathToFileURL(join(folder, "digits.json"));
    const whole = {
      title: "t",
      source: "s",
      ink: "0123456789abcdefg",
      labels: "07",
      images: ["0".repeat(64), "g".repeat(64)],
    };
    const read = (changed: object) => {
      writeFileSync(place, JSON.stringify({ ...whole, ...changed }));
      return () => readOpticalDigits(place);
    };
    expect(read({})().images[1][63]).to.equal(16);
    for (const [changed, says] of [
      [{ images: undefined }, "images"],
      [{ images: [] }, "images"],
      [{ images: ["0".repeat(63), "0".repeat(64)] }, "images[0]"],
      [{ images: ["0".repeat(64), "h".repeat(64)] }, "images[1]"],
      [{ images: ["0".repeat(64), 7] }, "images[1]"],
      [{ labels: "0" }, "labels"],
      [{ labels: "0x" }, "labels"],
      [{ labels: [0, 7] }, "labels"],
      [{ ink: "0" }, "ink"],
      [{ title: 1 }, "title"],
    ] as const) {
      expect(read(changed), says).to.throw(DataError, says);
      expect(read(changed)).to.throw(DataError, "digits.json");
    }
    rmSync(folder, { recursive: true });
  });
});
