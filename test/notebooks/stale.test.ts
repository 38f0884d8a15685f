import { relative } from "node:path";
import { expect } from "chai";
import { root } from "../../scripts/master/course.js";
import { buildAll } from "../../scripts/notebooks.js";

describe("the course's notebooks", () => {
  it("are what their masters say (else: npm run notebooks)", async () => {
    const results = await buildAll({ check: true });
    const wrong = results.filter(({ state }) => state === "stale" || state === "orphan");
    expect(wrong.map(({ path, state }) => `${relative(root, path)} is ${state}`)).to.deep.equal([]);
  });
});
