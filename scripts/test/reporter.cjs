// A mocha reporter for people and for .ci/run: a line per file, what failed in full, and last `N passed, N failed`.
const { relative } = require("node:path");
const { reporters } = require("mocha");

module.exports = class HouseReporter extends reporters.Base {
  constructor(runner, options) {
    super(runner, options);
    const count = { passed: 0, failed: 0, skipped: 0 };
    // The file whose tests run: mocha gives us one file after the other, also when it runs them in parallel.
    let current;
    let opened = "";

    const end = () => {
      if (!current) return;
      const { file, passed, failed, skipped, ms } = current;
      const counts = [`${passed} passed`, failed && `${failed} failed`, skipped && `${skipped} skipped`].filter(
        Boolean,
      );
      console.log(`${failed ? "✗" : "✓"} ${file}  ${counts.join(", ")}  ${(ms / 1000).toFixed(1)} s`);
      current = undefined;
    };
    const note = (test, what) => {
      const file = relative(process.cwd(), test.file ?? opened);
      if (current?.file !== file) end();
      current ??= { file, passed: 0, failed: 0, skipped: 0, ms: 0 };
      current[what]++;
      current.ms += test.duration ?? 0;
      count[what]++;
    };

    runner.on("suite", (suite) => {
      opened = suite.file ?? opened;
    });
    runner.on("pass", (test) => note(test, "passed"));
    runner.on("pending", (test) => note(test, "skipped"));
    runner.on("fail", (test, error) => {
      note(test, "failed"); // a hook that fails counts too
      console.log(`  ✗ ${test.fullTitle()}: ${String(error?.message ?? error).split("\n", 1)[0]}`);
    });
    runner.once("end", () => {
      end();
      if (this.failures.length > 0) reporters.Base.list(this.failures);
      const skipped = count.skipped > 0 ? `, ${count.skipped} skipped` : "";
      console.log(`\n${count.passed} passed, ${count.failed} failed${skipped}`);
      process.send?.({ counted: count }); // npm test knows by this that mocha got here
    });
  }
};
