// The HiGHS solver with its WebAssembly inside: a page from a folder cannot fetch it.
import load from "highs";
import wasmBinary from "highs/runtime";

// The types are those of the CommonJS build; the default export is the loader in both.
export default () => (load as unknown as (options: object) => Promise<unknown>)({ wasmBinary });
