import type { NotebookHost } from "rlhf-lab/core";

/** As core/host.ts has it: the library's chunks bring a copy of their own, and a global symbol makes them agree. */
const HOST = Symbol.for("rlhf-lab.host");

/** Puts the page in the place of the notebooks' kernel. Nothing aborts the signal: a worker that is stopped is gone. */
export function installHost(host: Omit<NotebookHost, "interrupt">): void {
  const interrupt = new AbortController().signal;
  Object.assign(globalThis, { [HOST]: { ...host, interrupt }, prompt: host.prompt });
}
