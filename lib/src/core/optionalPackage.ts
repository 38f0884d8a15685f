import { MissingPackageError } from "./errors.js";

/**
 * What to throw when a package that only part of the library needs could not be loaded: words for one that is not
 * installed, else the error as it came.
 * @param need who needs it: "reading CSV"
 */
export function whyNotLoaded(error: unknown, name: string, need: string): unknown {
  if (!isNotInstalled(error, name)) return error;
  return new MissingPackageError(`${need} needs the package ${name}, which is not installed: npm install ${name}`);
}

/** Whether an error of require or import says that this very package is not there (and not one that it needs). */
export function isNotInstalled(error: unknown, name: string): boolean {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  return (code === "MODULE_NOT_FOUND" || code === "ERR_MODULE_NOT_FOUND") && String(message).includes(`'${name}'`);
}
