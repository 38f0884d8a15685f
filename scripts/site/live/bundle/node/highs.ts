// The HiGHS solver with its WebAssembly inside: a page from a folder cannot fetch it from a file.
import load from "highs";
import bytes from "highs/runtime";

/** The types are those of the CommonJS build; the default export is the loader in both. */
type Load = (options: { locateFile(): string }) => Promise<unknown>;

export default async () => {
  const url = URL.createObjectURL(new Blob([bytes as Uint8Array<ArrayBuffer>], { type: "application/wasm" }));
  try {
    return await (load as unknown as Load)({ locateFile: () => url });
  } finally {
    URL.revokeObjectURL(url);
  }
};
