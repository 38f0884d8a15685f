import { createRequire } from "node:module";
import { whyNotLoaded } from "../core/optionalPackage.js";

/**
 * What a data package of @stdlib holds.
 * @throws MissingPackageError if it is not installed
 */
export function stdlibDataset(name: string, need: string): unknown {
  try {
    return (createRequire(import.meta.url)(name) as () => unknown)();
  } catch (error) {
    throw whyNotLoaded(error, name, need);
  }
}
