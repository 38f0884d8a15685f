// The sandboxed process: runs a learner's cells and calls their functions when the judge asks. It holds nothing worth
// stealing and decides nothing: whatever the learner's code does to this process, it can only change its own answers.
import { createRequire } from "node:module";
import { Socket } from "node:net";
import vm from "node:vm";
import { callLearner, LearnerError, quoteThrown } from "../learner.js";
import { encodeFrame, readFrames } from "./frames.js";
import { closeNetwork } from "./network.js";

/** What the judge asks for. */
export type Request = { id: number } & (
  | { op: "cell"; code: string; number: number }
  | { op: "call"; name: string; args: unknown[] }
);

/** What the runner answers. `missing`: a name that was not defined. */
export type Reply = { id: number } & ({ ok: true; value?: unknown } | { ok: false; message: string; missing?: string });

const channel = new Socket({ fd: 3, readable: true, writable: true });
const scope: Record<string, unknown> = Object.create(null);
const require = createRequire(import.meta.url);

closeNetwork();

/** A check in a submitted notebook does nothing here: the judge runs them all, afterwards. */
async function importForCell(specifier: string): Promise<unknown> {
  const found = await import(specifier);
  return specifier === "rlhf-lab" ? { ...found, check: async () => undefined } : found;
}

async function runCell(code: string, number: number): Promise<void> {
  const run = vm.compileFunction(code, ["$scope", "$import", "require"], {
    filename: `cell ${number}`,
    contextExtensions: [scope],
    importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  await run(scope, importForCell, require);
}

async function answer(request: Request): Promise<Reply> {
  const { id } = request;
  try {
    if (request.op === "cell") {
      await runCell(request.code, request.number);
      return { id, ok: true };
    }
    const fn = scope[request.name];
    if (typeof fn !== "function") throw new LearnerError(`${request.name} is not defined as a function`);
    return { id, ok: true, value: await callLearner(request.name, fn as () => unknown, request.args) };
  } catch (error) {
    const message = error instanceof LearnerError ? error.message : quoteThrown("it", error);
    const missing = /(?:^|: )([\p{L}_$][\p{L}\p{N}_$]*) is not defined$/u.exec(message)?.[1];
    return { id, ok: false, message: message.slice(0, 4000), missing };
  }
}

function send(reply: Reply): void {
  let frame: Buffer;
  try {
    frame = encodeFrame(reply);
  } catch (error) {
    frame = encodeFrame({ ...reply, ok: false, value: undefined, message: `the result is not plain data: ${error}` });
  }
  channel.write(frame);
}

readFrames(
  channel,
  (value) => void answer(value as Request).then(send),
  () => process.exit(9),
);
channel.on("error", () => process.exit(9));
channel.on("close", () => process.exit(0));
// A timer's exception or a forgotten promise is not the end of the other exercises.
process.on("uncaughtException", () => {});
process.on("unhandledRejection", () => {});
