// The HiGHS solver with its WebAssembly inside, as a data: URL. A page from a folder cannot fetch it from a file.
import load from "highs";
import url from "highs/runtime";

/** The types are those of the CommonJS build; the default export is the loader in both. */
type Load = (options: { locateFile(): string }) => Promise<unknown>;

export default () => (load as unknown as Load)({ locateFile: () => url });
