import { join } from "node:path";

/** The environment of the benches, with torch, transformers and TRL. */
export const environment = join(import.meta.dirname, "../.rlhf-lab/bench-venv");

/**
 * Whether tests ask those packages. `npm run test:python` says so, once it has installed them: npm test is the same on
 * a machine that has them.
 */
export const asksPython = process.env.RLHF_LAB_TEST_PYTHON !== undefined;

/** What is said instead. */
export const skipped = "      skipped: `npm run test:python` does it, with the real packages";
