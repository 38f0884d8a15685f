/**
 * The language's own functions, as they were before any cell ran. A cell may replace them (`Array.prototype.map = ...`); the
 * compiler and whatever describes an error must work all the same, and the cell's functions must be there again afterwards.
 */
const { apply, defineProperty, deleteProperty, getOwnPropertyDescriptor, getPrototypeOf, ownKeys } = Reflect;
const { has } = Set.prototype;
const { is } = Object;

const NAMES = [
  "Object",
  "Function",
  "Array",
  "String",
  "Number",
  "Boolean",
  "BigInt",
  "Symbol",
  "RegExp",
  "Map",
  "Set",
];
NAMES.push("WeakMap", "WeakSet", "Date", "Promise", "Uint8Array");

/** Objects that have no name of their own: what loops and generators run on, and what all typed arrays share. */
const nameless = [
  ...[[].values(), new Map().entries(), new Set().values(), ""[Symbol.iterator](), "".matchAll(/x/g)],
  getPrototypeOf([].values())!,
  (function* () {})(),
  Uint8Array.prototype,
].map((value) => getPrototypeOf(value)!);

const owners: object[] = [...nameless, Error.prototype, JSON, Math, Reflect];
for (const name of NAMES) {
  const owner = (globalThis as unknown as Record<string, { prototype: object }>)[name]!;
  owners.push(owner, owner.prototype);
}

const kept = [
  ...owners.flatMap((owner) => ownKeys(owner).map((key) => ({ owner, key }))),
  ...NAMES.map((key) => ({ owner: globalThis as object, key })),
].map(({ owner, key }) => ({ owner, key, wanted: getOwnPropertyDescriptor(owner, key)! }));

const ofEveryObject = new Set(ownKeys(Object.prototype));

/** Runs with the language as it was, and puts back afterwards what the cells have made of it. */
export function withOwnIntrinsics<T>(run: () => T): T {
  const changed: { owner: object; key: PropertyKey; found: PropertyDescriptor | undefined }[] = [];
  let count = 0;
  const put = (owner: object, key: PropertyKey, wanted: PropertyDescriptor | undefined) => {
    const found = getOwnPropertyDescriptor(owner, key);
    if (same(found, wanted) || !set(owner, key, wanted)) return;
    changed[count] = { owner, key, found };
    count += 1;
  };
  // Counted loops, since iteration itself may have been replaced.
  for (let i = 0; i < kept.length; i++) {
    const one = kept[i]!;
    put(one.owner, one.key, one.wanted);
  }
  const keys = ownKeys(Object.prototype);
  for (let i = 0; i < keys.length; i++)
    if (!apply(has, ofEveryObject, [keys[i]])) put(Object.prototype, keys[i]!, undefined);
  try {
    return run();
  } finally {
    while (count > 0) {
      count -= 1;
      const { owner, key, found } = changed[count]!;
      set(owner, key, found);
    }
  }
}

function set(owner: object, key: PropertyKey, wanted: PropertyDescriptor | undefined): boolean {
  return wanted === undefined ? deleteProperty(owner, key) : defineProperty(owner, key, wanted);
}

function same(a: PropertyDescriptor | undefined, b: PropertyDescriptor | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return is(a.value, b.value) && a.get === b.get && a.set === b.set;
}
