import type { Bundle, CellError, Report, StreamName } from "./messages.js";
import { OutputLimit } from "./outputLimit.js";
import { ShownLimit } from "./shownLimit.js";

type Publish = (type: string, content: Record<string, unknown>, cell: number) => void;
type Display = Extract<Report, { type: "display" }>;

/** Text and redraws wait this long (ms) for company, so that a flood becomes few messages. */
const PAUSE = 15;
/** A stream message is sent at once when it has this many characters. */
const CHUNK = 100_000;
/** Cells whose late output still counts for them; older ones begin anew. */
const REMEMBERED = 2000;

/**
 * What cells print and show, on its way to iopub: in order, streams joined into larger messages, redraws of the
 * same figure thinned out to the newest one, nothing held back once a cell is done, and no more of anything
 * than a notebook can hold.
 */
export class Output {
  readonly #publish: Publish;
  #stream: { cell: number; name: StreamName; text: string } | undefined;
  readonly #redraws = new Map<string, Display | undefined>();
  readonly #native = new Map<number, OutputLimit>();
  readonly #shown = new Map<number, ShownLimit>();
  /** What the page ends with, as far as it is a stream that more text would be added to. */
  #last: { cell: number; name: StreamName } | undefined;
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
    const admitted = remembered(this.#native, cell, () => new OutputLimit()).admit(text);
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

  result(cell: number, bundle: Bundle, metadata: Bundle, count: number): void {
    this.flush();
    const shown = this.#limit(cell).bundle(bundle, metadata);
    if (shown !== undefined) this.#put("execute_result", { ...shown, execution_count: count }, cell);
  }

  error(cell: number, error: CellError): void {
    this.flush();
    const bounded = this.#limit(cell).error(error);
    if (bounded !== undefined) this.#put("error", { ...bounded }, cell);
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
    const { cell, name, text: printed } = this.#stream;
    this.#stream = undefined;
    const goesOn = this.#last?.cell === cell && this.#last.name === name;
    const text = goesOn ? printed : this.#limit(cell).stream(printed);
    this.#last = text === undefined ? undefined : { cell, name };
    if (text === undefined) return;
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
    const redraws = update === true;
    const shown = this.#limit(cell).bundle(bundle, metadata, redraws);
    if (shown === undefined) return;
    const content = { ...shown, transient };
    if (redraws) this.#publish("update_display_data", content, cell);
    else this.#put("display_data", content, cell);
  }

  /** Publishes what becomes an element of the page. */
  #put(type: string, content: Record<string, unknown>, cell: number): void {
    this.#last = undefined;
    this.#publish(type, content, cell);
  }

  #limit(cell: number): ShownLimit {
    return remembered(this.#shown, cell, () => new ShownLimit());
  }
}

/** What a map holds for a cell, made when first asked for; the oldest is forgotten when there are too many. */
function remembered<T>(map: Map<number, T>, cell: number, make: () => T): T {
  const held = map.get(cell) ?? make();
  map.set(cell, held);
  if (map.size > REMEMBERED) map.delete(map.keys().next().value!);
  return held;
}

/** Not between the two halves of a surrogate pair. */
function cutAt(text: string, at: number): number {
  const unit = text.charCodeAt(at - 1);
  return at < text.length && unit >= 0xd800 && unit < 0xdc00 ? at - 1 : at;
}
