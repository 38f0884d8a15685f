// npm run soak: the checks whose names begin with "soak" at their full sizes (a 200 MB cell, 3,000 cells at once, 1,000
// mixed cells with interrupts, 30 kills of each training, 100,000 cells to grade, 5,000 damaged inputs to each reader,
// ...), one after the other. An hour or two; `-- -g WORDS` picks some.
import "./setup/nodeVersion.mjs";

process.env.RLHF_LAB_SOAK = "1";
process.env.ONLY = "soak: "; // the kernel's drivers, which run before mocha picks
const given = process.argv.slice(2);
const files = given.some((word) => word.endsWith(".ts"))
  ? []
  : ["test/kernel/*hecks.test.ts", "test/grade/hostile.test.ts", "test/train/killed.test.ts", "test/data"];
const pick = given.includes("-g") ? [] : ["-g", "soak: "];
const { test } = await import("./test/main.mjs");
test(["--no-parallel", "--timeout", "0", ...pick, ...given, ...files]);
