import { createRequire } from "node:module";
import { CellConverter } from "../../course/src/kernel/cells/converter.js";
import { describeError } from "../../course/src/kernel/cells/errors.js";
import { metaOf } from "../../course/src/kernel/cells/meta.js";
import { guard, guardEach, resume } from "../../course/src/kernel/cells/resume.js";
import { Scripts } from "../../course/src/kernel/cells/scripts.js";
import type { CellError } from "../../course/src/kernel/messages.js";

/** What a cell came to. */
export interface Ran {
  value?: unknown;
  error?: CellError;
}

/** Where a cell's code finds what belongs to its session. */
const shared = globalThis as unknown as { __tslab__: object };

/** Cells converted and run one after the other, in this process, without the kernel around them. */
export class Session {
  readonly scripts = new Scripts();
  readonly converter: CellConverter;
  readonly #executor: { execute(code: string): Promise<boolean>; locals: Record<string, unknown> };
  readonly #tslab: object;
  #said: { value?: unknown; error?: unknown } = {};
  #count = 0;

  constructor(root = process.cwd(), protect: <T>(run: () => T) => T = (run) => run()) {
    this.converter = new CellConverter(root, this.scripts, protect);
    const { createExecutor } = createRequire(import.meta.url)("tslab/dist/executor.js");
    const log = (value: unknown) => {
      this.#said = { value };
    };
    const error = (thrown: unknown) => {
      this.#said = { error: thrown };
    };
    this.#executor = createExecutor(root, { node: this.converter, close() {} }, { log, error });
    this.#tslab = Object.assign(shared.__tslab__, { guard, guardEach, resume, meta: metaOf(root) });
  }

  async run(code: string): Promise<Ran> {
    this.#count += 1;
    this.#said = {};
    shared.__tslab__ = this.#tslab;
    this.converter.begin(`cell-${this.#count}`, `cell ${this.#count}`);
    try {
      await this.#executor.execute(code);
    } catch (error) {
      this.#said = { error };
    }
    const { locals } = this.#executor;
    if (!("error" in this.#said)) {
      this.converter.end();
      return { value: this.#said.value };
    }
    this.converter.end((name) => locals[name] !== undefined);
    return { error: describeError(this.#said.error, this.scripts) };
  }

  /** The value of a cell that must not fail. */
  async value(code: string): Promise<unknown> {
    const { value, error } = await this.run(code);
    if (error !== undefined) throw new Error(`${error.ename}: ${error.evalue}\n${error.traceback.join("\n")}`);
    return value;
  }

  /** What a cell that must fail says. */
  async complaint(code: string): Promise<string> {
    const { error } = await this.run(code);
    if (error === undefined) throw new Error(`expected an error of\n${code.slice(0, 200)}`);
    return error.evalue;
  }
}
