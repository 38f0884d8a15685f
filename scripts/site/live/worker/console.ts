import { format, inspect } from "node-inspect-extracted";
import { OutputLimit } from "../../../../course/src/kernel/outputLimit.js";

type Write = (name: "stdout" | "stderr", text: string) => void;

/** Milliseconds for which text is held back, so that a flood becomes few messages. */
const PAUSE = 20;

/**
 * What cells print, as Node prints it, in few messages. No more of it than a page can hold is let through.
 * @returns `begin` at the start of a cell; `flush` sends what is held back
 */
export function captureConsole(write: Write): { begin(): void; flush(): void } {
  let limit = new OutputLimit();
  const { setTimeout, clearTimeout } = globalThis;
  let held: { name: "stdout" | "stderr"; text: string } | undefined;
  let since = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    if (held !== undefined) write(held.name, held.text);
    held = undefined;
  };
  const print = (name: "stdout" | "stderr", text: string) => {
    const admitted = limit.admit(text);
    if (admitted === undefined) return;
    if (held !== undefined && held.name !== name) flush();
    held ??= { name, text: "" };
    held.text += admitted;
    const now = performance.now();
    // A loop that never waits lets no timer through.
    if (now - since > PAUSE || held.text.length > 100_000) {
      since = now;
      flush();
    } else timer ??= setTimeout(flush, PAUSE);
  };
  const line =
    (name: "stdout" | "stderr") =>
    (...values: unknown[]) =>
      print(name, `${format(...values)}\n`);
  const [out, err] = [line("stdout"), line("stderr")];
  const dir = (value: unknown, options?: object) => out(inspect(value, options));
  Object.assign(console, { log: out, info: out, debug: out, table: out, dir, error: err, warn: err, trace: err });
  return {
    flush,
    begin: () => {
      limit = new OutputLimit();
    },
  };
}
