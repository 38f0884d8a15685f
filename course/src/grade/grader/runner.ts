// The sandboxed process: runs a learner's cells and calls their functions when the judge asks. It holds nothing worth
// stealing and decides nothing: whatever the learner's code does to this process, it can only change its own answers.
import { Buffer } from "node:buffer";
import { Socket } from "node:net";
import { deserialize } from "node:v8";
import vm from "node:vm";
import { callToBytes, LearnerError, quoteThrown } from "../learner.js";
import { toBytes } from "../plain.js";
import { closeDoors } from "./doors.js";
import { ANSWER, FAILURE_ROOM, type Failure, frame, type Request, readFrames } from "./frames.js";
import { ambient, importForCell, installHost } from "./host.js";

/** Should a cell replace the global one. */
const OwnPromise = Promise;

const channel = new Socket({ fd: 3, readable: true, writable: true });
const scope: Record<string, unknown> = Object.assign(Object.create(null), ambient);

closeDoors();
installHost();

async function runCell(code: string, number: number): Promise<void> {
  const run = vm.compileFunction(code, ["$scope", "$import"], {
    filename: `cell ${number}`,
    contextExtensions: [scope],
    importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  await run(scope, importForCell);
}

async function obey(request: Request): Promise<Buffer> {
  if (request.op === "cell") {
    await runCell(request.code, request.number);
    return toBytes(undefined, 1);
  }
  const { name, args, room } = request;
  const fn = scope[name];
  if (typeof fn !== "function") throw new LearnerError(`${name} is not defined as a function`, "broken");
  return callToBytes(name, fn as () => unknown, args, room);
}

function failure(error: unknown): Buffer {
  const message = error instanceof LearnerError ? error.message : quoteThrown("it", error);
  const missing = /(?:^|: )([\p{L}_$][\p{L}\p{N}_$]*) is not defined$/u.exec(message)?.[1];
  const kind = error instanceof LearnerError ? error.kind : "broken";
  const all: Failure = { message: message.slice(0, 4000), kind, missing: missing?.slice(0, 200) };
  return toBytes(all, FAILURE_ROOM);
}

/** Requests under way. While there are any, only the learner's own work keeps this process alive, not the channel. */
const waiting = new Map<string, () => void>();

async function answer(request: Request): Promise<void> {
  channel.unref();
  const who = request.op === "call" ? request.name : "it";
  const never = new OwnPromise<never>((_, reject) => {
    const why = `${who} did not finish: it waits for something that never happens`;
    waiting.set(request.id, () => reject(new LearnerError(why, "broken")));
  });
  let reply: [string, Buffer];
  try {
    reply = [ANSWER.value, await OwnPromise.race([obey(request), never])];
  } catch (error) {
    reply = [ANSWER.failure, failure(error)];
  }
  waiting.delete(request.id);
  if (waiting.size === 0) channel.ref();
  channel.write(frame(Buffer.from(request.id + reply[0]), reply[1]));
}

// Nothing is left to do and somebody still waits: that promise will never be settled. No need to wait for a time limit.
process.on("beforeExit", () => {
  channel.ref();
  for (const endWaiting of waiting.values()) endWaiting();
});

readFrames(
  channel,
  (body) => void answer(deserialize(body) as Request),
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
