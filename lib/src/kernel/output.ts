import type { Bundle, Report, StreamName } from "./messages.js";
import { OutputLimit } from "./outputLimit.js";

type Publish = (type: string, content: Record<string, unknown>, cell: number) => void;
type Display = Extract<Report, { type: "display" }>;

/** Text and redraws wait this long (ms) for company, so that a flood becomes few messages. */
const PAUSE = 15;
/** A stream message is sent at once when it has this many characters. */
const CHUNK = 500_000;

/**
 * What cells print and show, on its way to iopub: in order, streams joined into larger messages, redraws of the same figure
 * thinned out to the newest one, and nothing held back once a cell is done.
 */
export class Output {
  readonly #publish: Publish;
  #stream: { cell: number; name: StreamName; text: string } | undefined;
  readonly #redraws = new Map<string, Display | undefined>();
  readonly #native = new Map<number, OutputLimit>();
  #timer: NodeJS.Timeout | undefined;

  constructor(publish: Publish) {
    this.#publish = publish;
  }

  stream(cell: number, name: StreamName, text: string): void {
    if (this.#stream !== undefined && (this.#stream.cell !== cell || this.#stream.name !== name)) this.#flushStream();
    this.#stream ??= { cell, name, text: "" };
    this.#stream.text += text;
    if (this.#stream.text.length >= CHUNK) this.#flushStream();
    this.#schedule();
  }

  /** From native code, which does not count for itself. */
  native(cell: number, name: StreamName, text: string): void {
    const limit = this.#native.get(cell) ?? new OutputLimit();
    this.#native.set(cell, limit);
    if (this.#native.size > 100) this.#native.delete(this.#native.keys().next().value!);
    const admitted = limit.admit(text);
    if (admitted !== undefined) this.stream(cell, name, admitted);
  }

  display(display: Display): void {
    const { displayId, update } = display;
    if (update !== true || displayId === undefined) {
      this.#flushStream();
      if (displayId !== undefined) this.#flushRedraw(displayId);
      this.#show(display);
      return;
    }
    // The first redraw goes out at once; those that follow within the pause replace each other.
    if (this.#redraws.has(displayId)) this.#redraws.set(displayId, display);
    else {
      this.#show(display);
      this.#redraws.set(displayId, undefined);
    }
    this.#schedule();
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#flushStream();
    for (const id of [...this.#redraws.keys()]) this.#flushRedraw(id);
  }

  #schedule(): void {
    this.#timer ??= setTimeout(() => this.flush(), PAUSE);
  }

  #flushStream(): void {
    if (this.#stream === undefined) return;
    const { cell, name, text } = this.#stream;
    this.#stream = undefined;
    for (let at = 0; at < text.length; ) {
      const end = Math.min(text.length, cutAt(text, at + 2 * CHUNK));
      this.#publish("stream", { name, text: text.slice(at, end) }, cell);
      at = end;
    }
  }

  #flushRedraw(id: string): void {
    const waiting = this.#redraws.get(id);
    this.#redraws.delete(id);
    if (waiting !== undefined) this.#show(waiting);
  }

  #show({ cell, bundle, metadata = {}, displayId, update }: Display): void {
    const transient: Bundle = displayId === undefined ? {} : { display_id: displayId };
    this.#publish(
      update === true ? "update_display_data" : "display_data",
      { data: bundle, metadata, transient },
      cell,
    );
  }
}

/** Not between the two halves of a surrogate pair. */
function cutAt(text: string, at: number): number {
  const unit = text.charCodeAt(at - 1);
  return at < text.length && unit >= 0xd800 && unit < 0xdc00 ? at - 1 : at;
}
