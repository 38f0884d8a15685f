import { expect } from "chai";
import { loopback } from "../../scripts/setup/jupyter.mjs";

describe("the address that JupyterLab listens at", () => {
  it("is this machine's own, unless the learner names one", () => {
    const own = ["--ServerApp.ip=127.0.0.1"];
    for (const flags of [[], ["--no-browser"], ["--ipython", "--port", "8899"]])
      expect(loopback(flags), flags.join(" ")).to.deep.equal(own);
    for (const flags of [["--ip", "0.0.0.0"], ["--ip=0.0.0.0"], ["--no-browser", "--ServerApp.ip=0.0.0.0"]])
      expect(loopback(flags), flags.join(" ")).to.deep.equal([]);
  });
});
