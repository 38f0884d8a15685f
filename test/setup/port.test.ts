import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { expect } from "chai";
import { mustBeFree, wantedPort } from "../../scripts/setup/launch.mjs";
import { SetupError } from "../../scripts/setup/setupError.mjs";

describe("the port of npm start", () => {
  it("is read from JupyterLab's flags", () => {
    expect(wantedPort(["--no-browser"])).to.equal(undefined);
    expect(wantedPort(["--no-browser", "--port", "8899"])).to.equal(8899);
    expect(wantedPort(["--port=8899"])).to.equal(8899);
    expect(wantedPort(["--ServerApp.port=8899"])).to.equal(8899);
    for (const bad of [["--port", "many"], ["--port", "70000"], ["--port"]]) {
      expect(() => wantedPort(bad)).to.throw(SetupError, "--port needs a number");
    }
  });

  it("is refused in one sentence while something listens there", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const error = await mustBeFree(port).catch((reason) => reason);
    expect(error).to.be.instanceOf(SetupError);
    expect(error.message)
      .to.contain(`Port ${port} is in use`)
      .and.to.contain(`--port ${port + 1}`);
    server.close();
    await once(server, "close");
    await mustBeFree(port);
  });
});
