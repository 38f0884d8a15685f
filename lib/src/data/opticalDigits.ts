import { readDataset } from "./datasetFile.js";

/** Pictures of handwritten digits. */
export interface OpticalDigits {
  readonly title: string;
  readonly source: string;
  /** [n][64]: 8 x 8 pixels, row by row, each of ink 0 (none) to 16. */
  readonly images: readonly Uint8Array[];
  /** [n]: which digit was written, 0 to 9. */
  readonly labels: Uint8Array;
}

/** Ink 0 to 16, a character each. */
const INK = "0123456789abcdefg";

/**
 * 1,797 handwritten digits of 13 people, the test set of UCI's Optical Recognition of Handwritten Digits (Alpaydin and
 * Kaynak 1998).
 * @throws DataError if the file in datasets/ is missing or damaged
 * @example opticalDigits().images.length // 1797
 */
export function opticalDigits(): OpticalDigits {
  return readOpticalDigits("optical-digits-8x8.json");
}

/**
 * Reads and checks pictures from the project's datasets/, or from a file: URL.
 * @throws DataError that names the file and what is wrong with it
 */
export function readOpticalDigits(place: string | URL): OpticalDigits {
  const { title, source, entries, fail } = readDataset(place);
  const { images, labels, ink } = entries;
  if (ink !== INK) return fail("ink", `the characters "${INK}", for ink 0 to 16`, ink);
  if (!Array.isArray(images) || images.length === 0) return fail("images", "a list of pictures", images);
  if (typeof labels !== "string" || !/^[0-9]*$/.test(labels) || labels.length !== images.length) {
    return fail("labels", `a text of ${images.length} digits`, labels);
  }
  return {
    title,
    source,
    images: images.map((image, i) => {
      if (typeof image !== "string" || !/^[0-9a-g]{64}$/.test(image)) {
        return fail(`images[${i}]`, "a text of 64 characters, 0 to g", image);
      }
      return Uint8Array.from(image, (ink) => INK.indexOf(ink));
    }),
    labels: Uint8Array.from(labels, Number),
  };
}
