import { Buffer } from "node:buffer";
import { EventEmitter } from "node:events";
import { Socket } from "node:net";
import { Readable } from "node:stream";

/*
 * Cells share the language's own objects with the kernel and its compiler. A cell may put what it likes in their place
 * (Array.prototype.map = ..., JSON.stringify = ...); the kernel goes on with what was there before any cell ran.
 */
const { apply, defineProperty, deleteProperty, getPrototypeOf, ownKeys, setPrototypeOf } = Reflect;
const { is } = Object;

/** Without a prototype: Object.prototype.get = ... would make a descriptor of it that is refused. */
function descriptorOf(owner: object, key: PropertyKey): PropertyDescriptor | undefined {
  const descriptor = getOwnPropertyDescriptor(owner, key);
  if (descriptor !== undefined) setPrototypeOf(descriptor, null);
  return descriptor;
}
const { getOwnPropertyDescriptor } = Reflect;

/** One property as it was: of `owner`, under `key`. */
interface Kept {
  readonly owner: object;
  readonly key: PropertyKey;
  readonly descriptor: PropertyDescriptor;
  /** The kernel needs it between cells, too, and not only while its own code runs. */
  readonly core: boolean;
}

/** Never replaced for a good reason, and used by everything that goes on after a cell. */
const CORE = [
  "Object Function Array String Number Boolean Symbol BigInt RegExp Map Set WeakMap WeakSet WeakRef Promise Proxy Reflect",
  "Error TypeError RangeError SyntaxError AggregateError ArrayBuffer SharedArrayBuffer DataView Uint8Array Int32Array",
  "Float64Array Atomics parseInt parseFloat isNaN isFinite queueMicrotask",
]
  .join(" ")
  .split(" ");

/** What every object must not inherit: with a `get`, no descriptor `{ value: 1 }` defines anything any more. */
const POISON = ["get", "set", "value", "writable"];

/** Replaced in lessons (a seeded Math.random, a wrapped JSON.stringify): a cell's version stays for cells. */
const SHARED = ["JSON", "Math", "Date", "Intl", "setTimeout", "setImmediate", "clearTimeout"];

const kept: Kept[] = [];
const prototypes: [object, object | null][] = [];

/** Remembers the language as it is now. Call it when the kernel's own code is in place and no cell has run. */
export function keepIntrinsics(): void {
  const seen = new Set<object>();
  const keepAll = (owner: object, core: boolean) => {
    if (seen.has(owner)) return;
    seen.add(owner);
    prototypes.push([owner, getPrototypeOf(owner)]);
    for (const key of ownKeys(owner)) keep(owner, key, core);
  };
  for (const [names, core] of [
    [CORE, true],
    [SHARED, false],
  ] as const) {
    for (const name of names) {
      keep(globalThis, name, core);
      const value = (globalThis as Record<string, unknown>)[name];
      if ((typeof value !== "object" && typeof value !== "function") || value === null) continue;
      keepAll(value, core);
      const { prototype } = value as { prototype?: object };
      if (prototype !== undefined) keepAll(prototype, core);
    }
  }
  // What for...of, generators, async functions and typed arrays stand on has no global name.
  const iterator = [][Symbol.iterator]();
  const generator = (function* () {})();
  const asyncGenerator = (async function* () {})();
  for (const start of [
    iterator,
    new Map().entries(),
    new Set().values(),
    ""[Symbol.iterator](),
    generator,
    asyncGenerator,
  ])
    for (let object = getPrototypeOf(start); object !== null; object = getPrototypeOf(object)) keepAll(object, true);
  keepAll(getPrototypeOf(Uint8Array)!, true);
  keepAll(getPrototypeOf(Uint8Array.prototype)!, true);
  // Node's own: what a stream needs to bring us orders.
  for (const owner of [EventEmitter.prototype, Readable.prototype, Socket.prototype, Buffer, Buffer.prototype])
    keepAll(owner, true);
  keep(process, "nextTick", true);
}

/**
 * Functions and objects only: Error.stackTraceLimit and Buffer.poolSize are there to be set, as is
 * Error.prepareStackTrace.
 */
function keep(owner: object, key: PropertyKey, core: boolean): void {
  const descriptor = descriptorOf(owner, key);
  if (descriptor === undefined || !(descriptor.configurable || descriptor.writable)) return;
  const { value } = descriptor;
  if ("value" in descriptor && typeof value !== "function" && typeof value !== "object") return;
  if (key !== "prepareStackTrace") kept.push({ owner, key, descriptor, core });
}

/**
 * Puts back, for good, what cells have taken from the core of the language.
 * @returns the names of what was replaced, for a warning
 */
export function restoreCore(): string[] {
  const names: string[] = [];
  for (let index = 0; index < kept.length; index++) {
    const each = kept[index]!;
    if (!each.core || unchanged(each)) continue;
    put(each);
    names[names.length] = `${nameOf(each.owner)}${typeof each.key === "symbol" ? "[symbol]" : each.key}`;
  }
  for (let index = 0; index < POISON.length; index++) {
    const key = POISON[index]!;
    if (getOwnPropertyDescriptor(Object.prototype, key) === undefined || !deleteProperty(Object.prototype, key))
      continue;
    names[names.length] = `Object.prototype.${key}`;
  }
  for (let index = 0; index < prototypes.length; index++) {
    const pair = prototypes[index]!;
    if (getPrototypeOf(pair[0]) !== pair[1]) setPrototypeOf(pair[0], pair[1]);
  }
  return names;
}

/**
 * Runs the kernel's own code with the language as it was, without additions to the two prototypes that everything has,
 * and gives cells theirs back. Only for code without a wait in it.
 */
export function pristine<T>(run: () => T): T {
  const theirs: { owner: object; key: PropertyKey; descriptor: PropertyDescriptor | undefined }[] = [];
  let count = 0;
  for (let index = 0; index < kept.length; index++) {
    const each = kept[index]!;
    if (unchanged(each)) continue;
    theirs[count] = { owner: each.owner, key: each.key, descriptor: descriptorOf(each.owner, each.key) };
    count += 1;
    put(each);
  }
  for (let index = 0; index < EVERYBODYS.length; index++) {
    const owner = EVERYBODYS[index]!;
    const keys = ownKeys(owner);
    for (let at = 0; at < keys.length && keys.length > ORIGINAL[index]!.size; at++) {
      const key = keys[at]!;
      if (apply(has, ORIGINAL[index], [key])) continue;
      const descriptor = descriptorOf(owner, key);
      if (!deleteProperty(owner, key)) continue;
      theirs[count] = { owner, key, descriptor };
      count += 1;
    }
  }
  try {
    return run();
  } finally {
    for (let index = count - 1; index >= 0; index--) {
      const { owner, key, descriptor } = theirs[index]!;
      if (descriptor === undefined) deleteProperty(owner, key);
      else defineProperty(owner, key, descriptor);
    }
  }
}

const { has } = Set.prototype;
const EVERYBODYS: object[] = [Object.prototype, Array.prototype];
const ORIGINAL = EVERYBODYS.map((owner) => new Set(ownKeys(owner)));

function put({ owner, key, descriptor }: Kept): void {
  defineProperty(owner, key, descriptor);
}

function unchanged({ owner, key, descriptor }: Kept): boolean {
  const now = getOwnPropertyDescriptor(owner, key);
  return (
    now !== undefined && is(now.value, descriptor.value) && now.get === descriptor.get && now.set === descriptor.set
  );
}

function nameOf(owner: object): string {
  if (owner === globalThis) return "";
  for (const name of CORE) {
    const value = (globalThis as Record<string, unknown>)[name] as { prototype?: object } | undefined;
    if (value === owner) return `${name}.`;
    if (value?.prototype === owner) return `${name}.prototype.`;
  }
  return "";
}
