import { nearest } from "../../../../course/src/grade/nearest.js";
import { writtenNames } from "../../../../course/src/kernel/cells/written.js";
import type { Manifest } from "../messages.js";
import { NeedsTensors } from "./cellErrors.js";
import type { Chunks } from "./chunks.js";
import { convertCell, type Declared, type Import } from "./convert.js";

/** Cells run one after the other, and what they have declared. */
export class Session {
  /** Name -> value; a property that throws when it is read, for a name that has none yet. */
  readonly #variables: Record<string, unknown> = Object.create(null);
  /** Functions of earlier cells, each with the name of a later cell that was to replace it and has failed. */
  readonly #outlived = new WeakMap<object, string>();

  constructor(
    readonly manifest: Manifest,
    readonly chunks: Chunks,
  ) {}

  /** See NotebookHost. */
  replacementThatFailed(value: unknown): string | undefined {
    return typeof value === "function" ? this.#outlived.get(value) : undefined;
  }

  /**
   * Runs a cell; its last expression's value, if it has one.
   * @throws whatever the cell throws; CellSyntaxError; NeedsTensors
   */
  async run(cell: number, code: string): Promise<{ value?: unknown }> {
    const before = { ...Object.getOwnPropertyDescriptors(this.#variables) };
    const written = new Set(writtenNames(code));
    try {
      const converted = convertCell(code, (name) => name in this.#variables);
      for (const { name } of converted.declares) written.add(name);
      for (const item of converted.imports) await this.#take(item);
      for (const declared of converted.declares) this.#declare(declared);
      // biome-ignore lint/security/noGlobalEval: to run the reader's code is what it is for
      const run = globalThis.eval(`${converted.js}\n//# sourceURL=cell-${cell}`);
      const last: { value?: unknown } = {};
      await run(this.#variables, (door: unknown) => this.#door(String(door)), last);
      for (const name of written) this.#outlive(undefined, name, cell);
      return last;
    } catch (error) {
      for (const name of written) this.#outlive(before[name]?.value, name, cell);
      if (error instanceof NeedsTensors) for (const name of written) this.#withTensors(name, cell);
      throw error;
    }
  }

  /** A name of the cell; it keeps the value that it has until the cell gives it another one. */
  #declare({ name, kind }: Declared): void {
    if (name in this.#variables && this.#valueOf(name) !== undefined) return;
    if (kind === "var") this.#set(name, undefined);
    else this.#refuse(name, () => new ReferenceError(`${name} is used before it has a value`));
  }

  async #take({ door, name, local }: Import): Promise<void> {
    const behind = this.#find(door);
    if (name === "*") this.#set(local, await this.#door(door));
    else if (behind.tensors.includes(name))
      this.#refuse(local, () => new NeedsTensors(`${name} of "${door}" needs tensors.`));
    else {
      const values = await this.#door(door, name);
      if (name in values) this.#set(local, values[name]);
      else this.#refuse(local, () => noSuchName(door, name, Object.keys(values)));
    }
  }

  /** All that is behind a door, in this page. */
  async #door(door: string, name?: string): Promise<Record<string, unknown>> {
    const { chunk, data, tensors } = this.#find(door);
    if (chunk === undefined) throw new NeedsTensors(`"${door}" needs tensors.`);
    const wanted = name === undefined ? Object.values(data).flat() : (data[name] ?? []);
    for (const each of new Set(wanted)) await this.chunks.load(each);
    const values = (await this.chunks.load(chunk)) as Record<string, unknown>;
    if (name !== undefined || tensors.length === 0) return values;
    const refused = tensors.map((each) => [each, { enumerable: true, get: () => fail(door, each) }]);
    return Object.create(null, { ...Object.getOwnPropertyDescriptors(values), ...Object.fromEntries(refused) });
  }

  #find(door: string) {
    const { doors } = this.manifest;
    if (Object.hasOwn(doors, door)) return doors[door]!;
    const close = nearest(door, Object.keys(doors));
    const hint = close === undefined ? "" : ` Did you mean "${close}"?`;
    throw new Error(`There is no "${door}" on this page: it has the doors of rlhf-lab alone.${hint}`);
  }

  #set(name: string, value: unknown): void {
    Object.defineProperty(this.#variables, name, { value, writable: true, enumerable: true, configurable: true });
  }

  /** Until it is given a value, reading the name is an error. */
  #refuse(name: string, error: () => Error): void {
    Object.defineProperty(this.#variables, name, {
      get: () => {
        throw error();
      },
      set: (value) => this.#set(name, value),
      enumerable: true,
      configurable: true,
    });
  }

  #withTensors(name: string, cell: number): void {
    if (this.#valueOf(name) !== undefined) return;
    this.#refuse(name, () => new NeedsTensors(`${name} comes from cell ${cell}, which needs tensors.`));
  }

  #valueOf(name: string): unknown {
    return Object.getOwnPropertyDescriptor(this.#variables, name)?.value;
  }

  /** A name had the one value before a cell that writes it. */
  #outlive(before: unknown, name: string, cell: number): void {
    const now = this.#valueOf(name);
    if (typeof now !== "function") return;
    if (before === now) this.#outlived.set(now, `cell ${cell}`);
    else this.#outlived.delete(now);
  }
}

function fail(door: string, name: string): never {
  throw new NeedsTensors(`${name} of "${door}" needs tensors.`);
}

function noSuchName(door: string, name: string, names: string[]): Error {
  const close = nearest(name, names);
  const hint = close === undefined ? "" : ` Did you mean ${close}?`;
  return new ReferenceError(`"${door}" has no value ${name}.${hint}`);
}
