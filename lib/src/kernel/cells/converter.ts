import type { Converter, ConvertResult } from "tslab/dist/converter.js";
import { stateFolder } from "../project.js";
import { keepAssigned } from "./declarations.js";
import { TypeScriptError } from "./errors.js";
import { guardAwaits } from "./guard.js";
import type { Scripts } from "./scripts.js";
import { loadTypeScript } from "./typescript.js";
import { MINDING } from "./watchdog.js";

/** What the watchdog and tslab's executor write before the first line of an asynchronous cell. */
const WRAPPER = MINDING.length + "(async function(exports, require) { ".length;

/** Names that every cell has, beyond Node's. The file exists only for the compiler. */
const AMBIENT = `
/** Asks the learner a question and waits for the answer. */
declare function prompt(question?: string, options?: { password?: boolean }): Promise<string>;
`;

/**
 * tslab's converter as the executor needs it, plus what it leaves out: it keeps the declarations of earlier cells itself (so
 * that a cell that throws keeps what it declared before), reports diagnostics as an error, runs every cell as an asynchronous
 * function (tslab overlooks `await (x)` and `for await`), and remembers the source maps.
 */
export class CellConverter {
  readonly typescript: ReturnType<typeof loadTypeScript>;
  readonly #inner: Converter;
  readonly #scripts: Scripts;
  /** Declarations of all earlier cells, as one declaration file. */
  #declarations = "";
  /** The next program is the first of a conversion. */
  #first = false;
  #emitted = { map: "", declarations: "" };
  /** Source map of the last second pass; a cell's comes after those of the files it imports. */
  #map = "";
  #next: { name: string; label: string } | undefined;
  #pending: { before: string; own: string; after: string } | undefined;

  readonly #protect: <T>(run: () => T) => T;

  /** @param protect runs the compiler where no interrupt can cut it off */
  constructor(root: string, scripts: Scripts, protect: <T>(run: () => T) => T) {
    this.#scripts = scripts;
    this.#protect = protect;
    this.typescript = loadTypeScript({
      ambient: { path: `${root}/__kernel__.d.ts`, text: AMBIENT },
      cache: `${stateFolder(root)}/cache`,
      emitted: (fileName, text) => {
        if (fileName.endsWith("__tslab__.js.map")) this.#emitted.map = text;
        if (fileName.endsWith("__tslab__.d.ts")) this.#emitted.declarations = text;
      },
      wantsNames: () => {
        const names = this.#first;
        this.#first = false;
        return names;
      },
      toCommonJS: (js, options) => this.#toCommonJS(js, options),
    });
    const { createConverter } = this.typescript.require("tslab/dist/converter.js");
    this.#inner = createConverter({ isJS: false, isBrowser: false });
  }

  /** Names the cell that is converted next; without it, nothing that is converted changes the session. */
  begin(name: string, label: string): void {
    this.#next = { name, label };
    this.#pending = undefined;
  }

  /** Takes over the declarations of the cell that has run; `assigned` tells which names have got a value if it threw. */
  end(assigned?: (name: string) => boolean): void {
    const cell = this.#pending;
    this.#pending = undefined;
    if (cell === undefined) return;
    this.#declarations =
      assigned === undefined
        ? cell.after
        : keepAssigned(this.typescript.ts, cell.before, cell.own, cell.after, assigned);
  }

  /** The executor's entry; it passes its own idea of the declarations, which is not used. */
  convert(_declarations: string, source: string): ConvertResult {
    const cell = this.#next;
    this.#next = undefined;
    this.#first = true;
    const result = this.#protect(() => this.#inner.convert(this.#declarations, source));
    if (result.diagnostics.length > 0)
      throw new TypeScriptError(result.diagnostics, source, cell?.label ?? "expression");
    if (result.output === undefined || result.declOutput === undefined) return result;
    if (cell !== undefined) {
      const own = this.#emitted.declarations;
      this.#pending = { before: this.#declarations, own, after: result.declOutput };
      this.#scripts.add(cell.name, {
        label: cell.label,
        source,
        maps: [this.#map, this.#emitted.map],
        lines: result.output.split("\n").length - 1,
        linesBefore: 1,
        wrapper: WRAPPER,
      });
    }
    const name = cell === undefined ? "" : `\n//# sourceURL=${cell.name}`;
    return { ...result, output: result.output + name, hasToplevelAwait: true };
  }

  inspect(source: string, position: number) {
    this.#first = false;
    return this.#protect(() => this.#inner.inspect(this.#declarations, source, position));
  }

  complete(source: string, position: number) {
    this.#first = false;
    return this.#protect(() => this.#inner.complete(this.#declarations, source, position));
  }

  addModule(name: string, content: string, meta: never) {
    const diagnostics = this.#inner.addModule(name, content, meta);
    if (diagnostics.length > 0) throw new TypeScriptError(diagnostics, content, `module ${name}`);
    return diagnostics;
  }

  /** Compiler files that have changed on disk since they were read: lib has been rebuilt. */
  changed(inFolder: string): void {
    for (const [path, callback] of [...this.typescript.watched]) {
      if (path.startsWith(inFolder)) callback(path, this.typescript.ts.FileWatcherEventKind.Changed);
    }
  }

  close(): void {
    this.#inner.close();
  }

  #toCommonJS(js: string, options: Parameters<typeof import("@tslab/typescript-for-tslab").transpileModule>[1]) {
    const { ts } = this.typescript;
    const output = ts.transpileModule(withoutMapComment(js), {
      ...options,
      compilerOptions: { ...options.compilerOptions, sourceMap: true },
      transformers: { before: [guardAwaits(ts)] },
    });
    this.#map = output.sourceMapText ?? "";
    return { ...output, outputText: withoutMapComment(output.outputText) };
  }
}

function withoutMapComment(js: string): string {
  return js.replace(/\n?\/\/# sourceMappingURL=[^\n]*\n?$/, "\n");
}
