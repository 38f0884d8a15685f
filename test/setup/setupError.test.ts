import { expect } from "chai";
import { causeOf, explain } from "../../scripts/setup/setupError.mjs";

// What npm, pip, Python and Node print, seen with a full tmpfs, a read-only folder and no network.
const SEEN: [string, string][] = [
  ["disk", "npm error code ENOSPC\nnpm error syscall write\nnpm error errno -28"],
  ["disk", "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device"],
  ["permission", "npm error code EACCES\nnpm error syscall mkdir"],
  ["permission", "Error: [Errno 13] Permission denied: '/x/.venv'"],
  ["permission", "Error: EROFS: read-only file system, mkdir '/x'"],
  ["network", "npm error code EAI_AGAIN\nnpm error syscall getaddrinfo"],
  ["network", "npm error code ENOTFOUND"],
  [
    "network",
    "WARNING: Retrying after connection broken by 'NewConnectionError('<HTTPSConnection>: Failed to establish a new connection: [Errno -3] Temporary failure in name resolution')'",
  ],
  ["network", "ProxyError('Cannot connect to proxy.')"],
  [
    "lock file",
    "npm error `npm ci` can only install packages when your package.json and package-lock.json are in sync.",
  ],
];

describe("explaining a tool's failure", () => {
  for (const [cause, output] of SEEN) {
    it(`recognises ${cause}: ${output.split("\n")[0].slice(0, 50)}`, () => {
      expect(causeOf(output)).to.equal(cause);
      const error = explain("Installing", output);
      expect(error.message, "what to do").to.match(/run (the command|npm install)/);
      expect(error.message, "one sentence").not.to.contain("\n");
      expect(error.output).to.equal(output);
    });
  }

  it("points to the log for what it does not know", () => {
    expect(causeOf("Segmentation fault")).to.equal(undefined);
    expect(explain("Compiling", "Segmentation fault").message)
      .to.contain("Compiling failed")
      .and.to.contain("setup.log");
  });
});
