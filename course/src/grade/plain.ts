import { Buffer } from "node:buffer";
import { LabError } from "rlhf-lab/core";

// What a learner's function gives back, as bytes: numbers, texts, booleans, null, undefined, lists and objects, and
// nothing else. Both sides count: an answer holds no more values than there is room for, so it is bounded before
// anything walks it, and what a hostile process sends cannot unpack to more than it says.

/** An answer that is not plain data, or too much of it; the message continues "f returned". */
export class NotPlain extends LabError {}

const notData = (what: string) =>
  new NotPlain(`${what}, which is not plain data (numbers, texts, lists, plain objects)`);

/** Lists in lists in lists: deeper than this nobody is asked to build, so it is a slip, or a list that holds itself. */
const MAX_DEPTH = 50;

/** Values that any answer may hold, and how many more for each value among the arguments (a matrix for a list, say). */
const ROOM = 2000;
const ROOM_FOR_EACH = 100;

/** How many values an answer may hold. A text counts as one value for each eight characters, and one more. */
export function roomFor(args: readonly unknown[]): number {
  return ROOM + ROOM_FOR_EACH * weigh(args);
}

function weigh(value: unknown): number {
  if (typeof value === "string") return textWeight(value.length);
  if (typeof value !== "object" || value === null) return 1;
  if (ArrayBuffer.isView(value)) return 1 + ((value as { length?: number }).length ?? value.byteLength);
  return Object.values(value).reduce<number>((sum, v) => sum + weigh(v), 1);
}

function textWeight(length: number): number {
  return 1 + Math.floor(length / 8);
}

/** Counts values, and says no when there are more than there is room for. */
class Room {
  constructor(private left: number) {}
  take(count: number, what: string): void {
    this.demand(count, what);
    this.left -= count;
  }
  demand(count: number, what: string): void {
    if (!(count <= this.left)) throw new NotPlain(`${what}, which is more than this exercise can ask for`);
  }
}

// One letter for each kind of value.
const TAG = { undefined: 117, null: 110, true: 116, false: 102, number: 100, text: 115, list: 108, object: 111 };

/** Bytes that grow as they are written. */
class Writer {
  private bytes = Buffer.alloc(1024);
  private length = 0;
  tag(tag: number): this {
    const at = this.grow(1);
    this.bytes[at] = tag;
    return this;
  }
  count(count: number): this {
    const at = this.grow(4);
    this.bytes.writeUInt32LE(count, at);
    return this;
  }
  number(x: number): this {
    const at = this.grow(8);
    this.bytes.writeDoubleLE(x, at);
    return this;
  }
  text(text: string): this {
    this.count(text.length);
    const at = this.grow(2 * text.length);
    this.bytes.write(text, at, "utf16le");
    return this;
  }
  done(): Buffer {
    return this.bytes.subarray(0, this.length);
  }
  private grow(by: number): number {
    const at = this.length;
    this.length += by;
    if (this.length > this.bytes.length) {
      const larger = Buffer.alloc(Math.max(this.length, 2 * this.bytes.length));
      this.bytes.copy(larger);
      this.bytes = larger;
    }
    return at;
  }
}

/**
 * A value as bytes. Typed arrays, tensors (arraySync) and ml-matrix matrices (to2DArray) become lists; objects of
 * classes become plain ones.
 * @param room values that it may hold, see roomFor
 * @throws NotPlain; or whatever a getter of the value throws
 */
export function toBytes(value: unknown, room: number): Buffer {
  return write(value, new Writer(), new Room(room), 0).done();
}

function write(value: unknown, to: Writer, room: Room, depth: number): Writer {
  if (typeof value === "string") {
    room.take(textWeight(value.length), `a text of ${value.length} characters`);
    return to.tag(TAG.text).text(value);
  }
  room.take(1, "a very large value");
  if (value === undefined) return to.tag(TAG.undefined);
  if (value === null) return to.tag(TAG.null);
  if (typeof value === "boolean") return to.tag(value ? TAG.true : TAG.false);
  if (typeof value === "number") return to.tag(TAG.number).number(value);
  if (typeof value === "bigint") throw new NotPlain("a bigint (10n is one, 10 is a number): numbers are wanted");
  if (typeof value !== "object") throw notData(`a ${typeof value}`);
  if (depth >= MAX_DEPTH) throw new NotPlain(`a list or object that holds itself, or is nested ${MAX_DEPTH} deep`);
  const like = value as { arraySync?: () => unknown; to2DArray?: () => unknown };
  if (typeof like.arraySync === "function") return write(like.arraySync(), to, room, depth + 1);
  if (typeof like.to2DArray === "function") return write(like.to2DArray(), to, room, depth + 1);
  if (isList(value)) {
    const count = value.length;
    if (!(Number.isInteger(count) && count >= 0)) throw new NotPlain(`a list of length ${count}`);
    room.demand(count, `a list of ${count} entries`);
    to.tag(TAG.list).count(count);
    for (let i = 0; i < count; i++) write(value[i], to, room, depth + 1);
    return to;
  }
  refuseClasses(value);
  const keys = Object.keys(value);
  room.demand(keys.length, `an object of ${keys.length} entries`);
  to.tag(TAG.object).count(keys.length);
  for (const key of keys) {
    if (key === "__proto__") throw new NotPlain('an object with the key "__proto__"');
    room.take(textWeight(key.length) - 1, "an object with very long keys");
    to.text(key);
    write((value as Record<string, unknown>)[key], to, room, depth + 1);
  }
  return to;
}

/** Arrays and typed arrays. (A check sees lists only: typed arrays have become lists on the way.) */
export function isList(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}

/** What has its contents elsewhere than in its properties would arrive as an empty object. */
function refuseClasses(value: object): void {
  if (value instanceof Promise) {
    throw new NotPlain("a promise inside its result: is an `await`, or Promise.all, missing?");
  }
  const kinds = [Map, Set, Date, RegExp, WeakMap, WeakSet, ArrayBuffer, SharedArrayBuffer, DataView];
  const kind = [...kinds, Number, String, Boolean].find((one) => value instanceof one);
  if (kind !== undefined) throw notData(`a ${kind.name}`);
}

/**
 * The value that toBytes wrote. The bytes may come from anybody.
 * @throws NotPlain if they hold more than there is room for, or are not what toBytes writes
 */
export function fromBytes(bytes: Buffer, room: number): unknown {
  const reader = new Reader(bytes, new Room(room));
  const value = reader.value(0);
  if (!reader.atEnd) throw notData("something");
  return value;
}

class Reader {
  private at = 0;
  constructor(
    private readonly bytes: Buffer,
    private readonly room: Room,
  ) {}

  get atEnd(): boolean {
    return this.at === this.bytes.length;
  }

  value(depth: number): unknown {
    this.room.take(1, "a very large value");
    const tag = this.bytes[this.skip(1)];
    if (tag === TAG.undefined) return undefined;
    if (tag === TAG.null) return null;
    if (tag === TAG.true || tag === TAG.false) return tag === TAG.true;
    if (tag === TAG.number) return this.bytes.readDoubleLE(this.skip(8));
    if (tag === TAG.text) return this.text();
    if (depth > MAX_DEPTH) throw new NotPlain(`something nested ${MAX_DEPTH} deep`);
    if (tag === TAG.list) return this.times(() => this.value(depth + 1));
    if (tag !== TAG.object) throw notData("something");
    const entries = this.times((): [string, unknown] => [this.text(), this.value(depth + 1)]);
    if (entries.some(([key]) => key === "__proto__")) throw new NotPlain('an object with the key "__proto__"');
    return Object.fromEntries(entries);
  }

  private times<T>(read: () => T): T[] {
    const count = this.bytes.readUInt32LE(this.skip(4));
    const items: T[] = [];
    for (let i = 0; i < count; i++) items.push(read());
    return items;
  }

  private text(): string {
    const length = this.bytes.readUInt32LE(this.skip(4));
    this.room.take(textWeight(length) - 1, `a text of ${length} characters`);
    const at = this.skip(2 * length);
    return this.bytes.toString("utf16le", at, this.at);
  }

  /** The place of the next `count` bytes. */
  private skip(count: number): number {
    const at = this.at;
    this.at += count;
    if (this.at > this.bytes.length) throw notData("something");
    return at;
  }
}
