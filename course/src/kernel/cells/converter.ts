import type * as typescript from "@tslab/typescript-for-tslab";
import type { Converter, ConvertResult } from "tslab/dist/converter.js";
import { stateFolder } from "../project.js";
import { AMBIENT } from "./ambient.js";
import { cellText } from "./cellText.js";
import { commonJS } from "./commonJS.js";
import { compilerFailure } from "./compilerFailure.js";
import { keepAssigned, keepNamespaces } from "./declarations.js";
import { answerWithDoors } from "./doors.js";
import { EditedText } from "./edits.js";
import { guardAwaits } from "./guard.js";
import type { Scripts } from "./scripts.js";
import { loadTypeScript } from "./typescript.js";
import { TypeScriptError } from "./typescriptError.js";
import { MINDING } from "./watchdogState.js";

/** What the watchdog and tslab's executor write before the first line of an asynchronous cell. */
const WRAPPER = MINDING.length + "(async function(exports, require) { ".length;

type Protect = <T>(run: () => T) => T;

/**
 * tslab's converter as the executor needs it, plus what it leaves out: it keeps the declarations of earlier cells
 * itself (so that a cell that throws keeps what it declared before), reports diagnostics as an error, runs every cell
 * as an asynchronous function (tslab overlooks `await (x)` and `for await`), and remembers the source maps.
 *
 * The compiler may throw (a cell nested too deeply overflows its stack), or be cut off by an interrupt. What it held is
 * then in no known state, so the next question goes to a fresh one; the session's declarations are here and live on.
 */
export class CellConverter {
  readonly typescript: ReturnType<typeof loadTypeScript>;
  #inner: Converter | undefined;
  /** Modules of the session (`@module`), for a fresh converter. */
  readonly #modules = new Map<string, { content: string; meta: never }>();
  /** The compiler is at work; if it is found to be so when it is asked, it has not come to an end. */
  #working = false;
  readonly #root: string;
  readonly #secondPass: ReturnType<typeof commonJS>;
  #scripts: Scripts;
  /** Declarations of all earlier cells, as one declaration file. */
  #declarations = "";
  /** The next program is the first of a conversion. */
  #first = false;
  /** See TypeScriptHooks; `did` tells of the last conversion. */
  readonly sharing = { may: false, did: false };
  #emitted = { code: "", map: "", declarations: "" };
  #lastValue: string | undefined;
  /** Source map of the last second pass; a cell's comes after those of the files it imports. */
  #map = "";
  #next: { name: string; label: string } | undefined;
  #pending: { before: string; own: string; after: string } | undefined;

  #protect: Protect;

  /** @param protect runs the compiler where no interrupt can cut it off */
  constructor(root: string, scripts: Scripts, protect: Protect) {
    this.#root = root;
    this.#scripts = scripts;
    this.#protect = protect;
    this.typescript = loadTypeScript({
      ambient: { path: `${root}/__kernel__.d.ts`, text: AMBIENT },
      cache: `${stateFolder(root)}/cache`,
      emitted: (fileName, text) => {
        if (fileName.endsWith("__tslab__.js")) this.#emitted.code = text;
        if (fileName.endsWith("__tslab__.js.map")) this.#emitted.map = text;
        if (fileName.endsWith("__tslab__.d.ts")) this.#emitted.declarations = text;
      },
      lastValue: (name) => {
        this.#lastValue = name;
      },
      wantsNames: () => {
        const names = this.#first;
        this.#first = false;
        return names;
      },
      sharing: this.sharing,
      toCommonJS: (js, options) => this.#toCommonJS(js, options),
    });
    this.#secondPass = commonJS(this.typescript.ts);
    this.#inner = this.#fresh();
  }

  /** Goes on in another process, from a snapshot of the heap. */
  continue(scripts: Scripts, protect: Protect): this {
    this.#scripts = scripts;
    this.#protect = protect;
    return this;
  }

  #fresh(): Converter {
    const { createConverter } = this.typescript.require("tslab/dist/converter.js");
    const converter: Converter = createConverter({ isJS: false, isBrowser: false });
    for (const [name, { content, meta }] of this.#modules) converter.addModule(name, content, meta);
    return converter;
  }

  /**
   * Asks the compiler, where no interrupt can cut it off; a fresh one if it has not come to the
   * end of the last question.
   */
  #ask<T>(question: (inner: Converter) => T): T {
    return this.#protect(() => {
      if (this.#working) this.#forget();
      this.#working = true;
      this.#inner ??= this.#fresh();
      const answer = question(this.#inner);
      this.#working = false;
      return answer;
    });
  }

  #forget(): void {
    const { ts } = this.typescript;
    this.#inner = undefined;
    this.typescript.watched.clear();
    // The binder is one for all programs, and puts its own state in order at the end of a file.
    ts.bindSourceFile(ts.createSourceFile("empty.ts", "", ts.ScriptTarget.ES2022), {});
  }

  /** Names the cell that is converted next; without it, nothing that is converted changes the session. */
  begin(name: string, label: string): void {
    this.#next = { name, label };
    this.#pending = undefined;
  }

  /**
   * Takes over the declarations of the cell that has run; `assigned` tells which names have got a value if it threw.
   */
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
    const label = cell?.label ?? "expression";
    let text: EditedText | undefined;
    let result: ConvertResult;
    try {
      result = this.#ask((inner) => {
        text = cellText(this.typescript.ts, source);
        const shared = this.#convert(inner, text.text, true);
        // What is wrong is said by a program that was made for this cell alone.
        return shared.diagnostics.length > 0 && this.sharing.did ? this.#convert(inner, text.text, false) : shared;
      });
    } catch (error) {
      throw compilerFailure(error, source, label);
    }
    if (result.diagnostics.length > 0) {
      const told = answerWithDoors(this.typescript.ts, `${this.#root}/node_modules`, result.diagnostics);
      throw new TypeScriptError(told, text!, label);
    }
    if (result.output === undefined || result.declOutput === undefined) return result;
    if (cell !== undefined) {
      const own = this.#emitted.declarations;
      const kept = this.sharing.did ? this.#declarations : keepNamespaces(this.typescript.ts, this.#declarations, own);
      this.#pending = { before: this.#declarations, own, after: result.declOutput + kept };
      this.#scripts.add(cell.name, {
        label: cell.label,
        text: text!,
        maps: [this.#map, this.#emitted.map],
        lines: result.output.split("\n").length - 1,
        linesBefore: 1,
        wrapper: WRAPPER,
      });
    }
    const name = cell === undefined ? "" : `\n//# sourceURL=${cell.name}`;
    return { ...result, output: result.output + name, hasToplevelAwait: true, lastExpressionVar: this.#lastValue };
  }

  /** @param may whether a program that knows other cells may be asked */
  #convert(inner: Converter, text: string, may: boolean): ConvertResult {
    this.#first = true;
    this.#lastValue = undefined;
    Object.assign(this.sharing, { may, did: false });
    try {
      return inner.convert(this.#declarations, text);
    } finally {
      this.sharing.may = false;
    }
  }

  inspect(source: string, position: number) {
    this.#first = false;
    return this.#ask((inner) => inner.inspect(this.#declarations, source, position));
  }

  complete(source: string, position: number) {
    this.#first = false;
    return this.#ask((inner) => inner.complete(this.#declarations, source, position));
  }

  addModule(name: string, content: string, meta: never) {
    this.#modules.set(name, { content, meta });
    const diagnostics = this.#ask((inner) => inner.addModule(name, content, meta));
    if (diagnostics.length > 0) throw new TypeScriptError(diagnostics, new EditedText(content), `module ${name}`);
    return diagnostics;
  }

  /** Compiler files that have changed on disk since they were read: lib has been rebuilt. */
  changed(inFolder: string): void {
    for (const [path, callback] of [...this.typescript.watched]) {
      if (path.startsWith(inFolder)) callback(path, this.typescript.ts.FileWatcherEventKind.Changed);
    }
  }

  close(): void {
    this.#inner?.close();
  }

  #toCommonJS(js: string, { compilerOptions }: typescript.TranspileOptions): typescript.TranspileOutput {
    const { ts } = this.typescript;
    const guards = guardAwaits(ts, js === this.#emitted.code);
    const output = this.#secondPass(withoutMapComment(js), { ...compilerOptions, sourceMap: true }, [guards]);
    this.#map = output.sourceMapText ?? "";
    return { ...output, outputText: withoutMapComment(output.outputText) };
  }
}

function withoutMapComment(js: string): string {
  return js.replace(/\n?\/\/# sourceMappingURL=[^\n]*\n?$/, "\n");
}
