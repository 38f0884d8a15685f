// Property tests draw the same cases on every run, so that a failure can be met again.
// RLHF_LAB_SEED=random draws afresh.
import fc from "fast-check";

if (process.env.RLHF_LAB_SEED !== "random") fc.configureGlobal({ seed: Number(process.env.RLHF_LAB_SEED ?? 20261122) });
