/** What every cell can call beyond what TypeScript 5.0 knows of. */

const NUMBERS = ["Int8", "Uint8", "Uint8Clamped", "Int16", "Uint16", "Int32", "Uint32", "Float32", "Float64"];
const typedArrays = [
  ...NUMBERS.map((kind) => [`${kind}Array`, "number"]),
  ...["BigInt64", "BigUint64"].map((kind) => [`${kind}Array`, "bigint"]),
];

const list = (name: string) => `
interface ${name}<T> {
  /** The elements in reverse, as a new array. */
  toReversed(): T[];
  /** The elements sorted, as a new array; without \`compare\`, as texts. */
  toSorted(compare?: (a: T, b: T) => number): T[];
  /** The elements with \`remove\` of them from \`start\` on replaced by \`items\`, as a new array. */
  toSpliced(start: number, remove: number, ...items: T[]): T[];
  toSpliced(start: number, remove?: number): T[];
  /** The elements with the one at \`index\` (negative: from the end) replaced, as a new array. */
  with(index: number, value: T): T[];
}`;

const typedArray = ([name, element]: string[]) => `
interface ${name} {
  /** The elements in reverse, as a new array. */
  toReversed(): ${name};
  /** The elements sorted, as a new array; without \`compare\`, by size. */
  toSorted(compare?: (a: ${element}, b: ${element}) => number): ${name};
  /** The elements with the one at \`index\` (negative: from the end) replaced, as a new array. */
  with(index: number, value: ${element}): ${name};
}`;

/** Methods that Node 20 has and TypeScript 5.0 has not heard of; a test holds that Node has them all. */
export const NODE_20 = `${["Array", "ReadonlyArray"].map(list).join("")}${typedArrays.map(typedArray).join("")}
interface String {
  /** Whether no half of a surrogate pair stands alone. */
  isWellFormed(): boolean;
  /** The text with U+FFFD for each half of a surrogate pair that stands alone. */
  toWellFormed(): string;
}
interface ArrayBuffer {
  readonly resizable: boolean;
  readonly maxByteLength: number;
  /** Makes it longer or shorter, up to \`maxByteLength\`. */
  resize(byteLength?: number): void;
}
interface ArrayBufferConstructor { new (byteLength: number, options?: { maxByteLength?: number }): ArrayBuffer; }
interface SharedArrayBuffer {
  readonly growable: boolean;
  readonly maxByteLength: number;
  /** Makes it longer, up to \`maxByteLength\`. */
  grow(byteLength?: number): void;
}
interface SharedArrayBufferConstructor {
  new (byteLength: number, options?: { maxByteLength?: number }): SharedArrayBuffer;
}
interface RegExp { readonly unicodeSets: boolean; }
interface ImportCallOptions { with?: ImportAssertions; }
`;

/** The file that every cell sees; it exists only for the compiler. */
export const AMBIENT = `
/** Asks the learner a question and waits for the answer. */
declare function prompt(question?: string, options?: { password?: boolean }): Promise<string>;
/** The type, where it takes no part in inference (TypeScript 5.4). */
type NoInfer<T> = [T][T extends any ? 0 : never];
${NODE_20}`;
