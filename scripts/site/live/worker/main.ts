// The worker of a page: runs the cells that it is sent, and reports as the notebooks' kernel does.
import { describeError } from "../../../../course/src/kernel/cells/errors.js";
import { mimeBundle } from "../../../../course/src/kernel/cells/value.js";
import type { Ending, FromWorker, Manifest, ToWorker } from "../messages.js";
import { CellSyntaxError, NeedsTensors } from "./cellErrors.js";
import { Chunks } from "./chunks.js";
import { captureConsole } from "./console.js";
import { installHost } from "./host.js";
import { Session } from "./session.js";
import { readable } from "./stack.js";

declare const MANIFEST: Manifest;

// Cells share this realm, and may write over what they find in it.
const post = self.postMessage.bind(self) as (message: FromWorker) => void;
/** The cell that runs, or has run last. */
let current = 0;
const sources = new Map<number, string>();
const waiting = new Map<string, (message: Extract<ToWorker, { type: "chunks" }>) => void>();
const questions = new Map<number, (value: string) => void>();

const chunks = new Chunks(
  (name) =>
    new Promise((resolve, reject) => {
      waiting.set(name, ({ texts, failure }) => (failure === undefined ? resolve(texts) : reject(new Error(failure))));
      post({ type: "want", name });
    }),
);
const session = new Session(MANIFEST, chunks);

const { begin, flush } = captureConsole((name, text) => post({ type: "stream", cell: current, name, text }));
installHost({
  display: (bundle, { displayId, update, metadata } = {}) => {
    flush();
    post({ type: "display", cell: current, bundle, metadata, displayId, update });
  },
  prompt: (question) =>
    new Promise((resolve) => {
      questions.set(questions.size + 1, resolve);
      post({ type: "input", id: questions.size, question });
    }),
  replacementThatFailed: (value) => session.replacementThatFailed(value),
});

async function run(cell: number, code: string): Promise<Ending> {
  flush();
  begin();
  current = cell;
  sources.set(cell, code);
  try {
    const last = await session.run(cell, code);
    // null and undefined are not shown.
    const bundle = "value" in last && last.value != null ? await mimeBundle(last.value) : {};
    flush();
    if (Object.keys(bundle).length > 0) post({ type: "result", cell, bundle, metadata: {} });
    return { type: "ran" };
  } catch (error) {
    flush();
    if (error instanceof NeedsTensors) return { type: "tensors", words: error.message };
    report(cell, error);
    return { type: "failed" };
  }
}

function report(cell: number, error: unknown): void {
  if (!(error instanceof CellSyntaxError)) readable(error);
  const labelled = (label: string) => {
    const source = sources.get(Number(label.replace("cell ", "")));
    return source === undefined ? undefined : { text: { source } };
  };
  post({ type: "error", cell, error: describeError(error, { labelled } as never) });
}

self.addEventListener("message", ({ data }: MessageEvent<ToWorker>) => {
  if (data.type === "run") void run(data.cell, data.code).then((how) => post({ type: "done", cell: data.cell, how }));
  else if (data.type === "chunks") waiting.get(data.name)?.(data);
  else questions.get(data.id)?.(data.value);
});
// What timers and forgotten promises throw.
self.addEventListener("error", (event) => {
  event.preventDefault();
  report(current, event.error ?? event.message);
});
self.addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  flush();
  report(current, event.reason);
});
