// The sandboxed process: runs a learner's cells and calls their functions when the judge asks. It holds nothing worth
// stealing and decides nothing: whatever the learner's code does to this process, it can only change its own answers.
import { createRequire } from "node:module";
import { Socket } from "node:net";
import vm from "node:vm";
import { callLearner, LearnerError, type LearnerErrorKind, quoteThrown } from "../learner.js";
import { closeDoors } from "./doors.js";
import { encodeFrame, readFrames } from "./frames.js";

/** What the judge asks for. */
export type Request = { id: number } & (
  | { op: "cell"; code: string; number: number }
  | { op: "call"; name: string; args: unknown[] }
);

/** What the runner answers. `missing`: a name that was not defined. */
export type Reply = { id: number } & (
  | { ok: true; value?: unknown }
  | { ok: false; message: string; kind: LearnerErrorKind; missing?: string }
);

const channel = new Socket({ fd: 3, readable: true, writable: true });
const scope: Record<string, unknown> = Object.create(null);
const require = createRequire(import.meta.url);

closeDoors();

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
    if (typeof fn !== "function") throw new LearnerError(`${request.name} is not defined as a function`, "broken");
    return { id, ok: true, value: await callLearner(request.name, fn as () => unknown, request.args) };
  } catch (error) {
    const message = error instanceof LearnerError ? error.message : quoteThrown("it", error);
    const missing = /(?:^|: )([\p{L}_$][\p{L}\p{N}_$]*) is not defined$/u.exec(message)?.[1];
    const kind = error instanceof LearnerError ? error.kind : "broken";
    return { id, ok: false, message: message.slice(0, 4000), kind, missing };
  }
}

function send(reply: Reply): void {
  let frame: Buffer;
  try {
    frame = encodeFrame(reply);
  } catch (error) {
    frame = encodeFrame({ id: reply.id, ok: false, message: `the result is not plain data: ${error}`, kind: "broken" });
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
// Output goes out at once, so that it is seen (and counted) even if the process is killed.
for (const stream of [process.stdout, process.stderr]) {
  (stream as unknown as { _handle?: { setBlocking?(on: boolean): void } })._handle?.setBlocking?.(true);
}
// A timer's exception or a forgotten promise is not the end of the other exercises.
process.on("uncaughtException", () => {});
process.on("unhandledRejection", () => {});
