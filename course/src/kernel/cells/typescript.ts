import { createRequire } from "node:module";
import type * as tsModule from "@tslab/typescript-for-tslab";
import { hoistBlockVars } from "./blockVars.js";
import { requireWithCodeCache } from "./codeCache.js";
import { cellDiagnostics } from "./diagnostics.js";
import { Layers } from "./layers.js";
import { cellNames } from "./names.js";
import { writableDeclarations } from "./writable.js";

/**
 * tslab's TypeScript (a fork of 5.0 with a parent scope for the earlier cells), with the six places changed where its
 * converter asks for something that a course cannot use. They are changed here, before the converter is loaded, by
 * handing it a module whose prototype is the real one; nothing in node_modules is touched.
 *
 * 1. Compiler options: strict, module resolution that reads `exports`, the same lib as the course, only Node's
 *    global types, decorators as the language has them.
 * 2. The program is a plain program. The builder that tslab uses recomputes the references of every file for every
 *    cell, twice; it was two thirds of a cell's time and made cells slower as a session grew. For the first of a cell's
 *    two conversions, which only asks what names the cell declares, there is no program at all.
 * 3. Files are not polled (one timer for each of some hundred files); the converter is told when lib has been rebuilt.
 * 4. The second pass, from ES modules to CommonJS, also guards every `await` (see guard.ts) and keeps source maps.
 * 5. What is said against a cell leaves out what can only be wrong with a library's declarations (see
 *    diagnostics.ts and writable.ts).
 * 6. A cell is emitted with our own transformer for names of earlier cells and the last value (see names.ts).
 */
export type TypeScript = typeof tsModule & Internals;

/** Functions of the compiler that its public types leave out. */
interface Internals {
  bindSourceFile(file: tsModule.SourceFile, options: tsModule.CompilerOptions): void;
}

type Watched = (fileName: string, kind: number) => void;

export interface TypeScriptHooks {
  /** Names that exist in every cell, as an ambient declaration file. */
  ambient: { path: string; text: string };
  /** A folder for what makes the next start quicker. */
  cache: string;
  /** Called with everything that a cell's first pass writes: code, declarations, source map. */
  emitted(fileName: string, text: string): void;
  /** The name under which the cell's last value is kept. */
  lastValue(name: string): void;
  /** Whether the program that is asked for now is only asked for the cell's names. */
  wantsNames(): boolean;
  /** Whether it may be one that knows other cells (layers.ts), and whether it was. */
  sharing: { may: boolean; did: boolean };
  /** The second pass of a cell or of a file that it imports. */
  toCommonJS(js: string, options: tsModule.TranspileOptions): tsModule.TranspileOutput;
}

export interface LoadedTypeScript {
  ts: TypeScript;
  require: NodeJS.Require;
  /** Files that the converter has read, with the function to call when one has changed. */
  watched: Map<string, Watched>;
  /** Keeps the compiler's own compiled code for the next start; to be called once it has been used. */
  keepCode(): void;
}

const fromHere = createRequire(import.meta.url);

export function loadTypeScript(hooks: TypeScriptHooks): LoadedTypeScript {
  const fromTslab = createRequire(fromHere.resolve("tslab/dist/converter.js"));
  // The converter keeps the compiler that it is loaded with.
  delete fromHere.cache[fromHere.resolve("tslab/dist/converter.js")];
  const id = fromTslab.resolve("@tslab/typescript-for-tslab");
  const keepCode = requireWithCodeCache(id, hooks.cache);
  const ts = fromTslab(id) as TypeScript;
  const watched = new Map<string, Watched>();

  ts.sys.watchFile = (path, callback) => {
    watched.set(path, callback as Watched);
    return { close: () => watched.delete(path) };
  };
  ts.sys.watchDirectory = () => ({ close: () => {} });
  const { readFile, fileExists } = ts.sys;
  ts.sys.readFile = (path, encoding) => {
    if (path === hooks.ambient.path) return hooks.ambient.text;
    const text = readFile(path, encoding);
    // Node's own declarations are half comments: a third of the compiler's start, and much of its memory. Plotly's are
    // a megabyte, two thirds of their lines comments, and every lesson's first import asks for them.
    return /\/(@types\/node|undici-types|plotly\.js-dist|@tensorflow|@webgpu)\//.test(path)
      ? text?.replace(/\/\*\*[\s\S]*?\*\//g, "")
      : text;
  };
  ts.sys.fileExists = (path) => path === hooks.ambient.path || fileExists(path);

  const createWatchCompilerHost = (
    rootFiles: string[],
    options: tsModule.CompilerOptions,
    system: tsModule.System,
    _createProgram: unknown,
    reportDiagnostic: tsModule.DiagnosticReporter,
    reportWatchStatus: tsModule.WatchStatusReporter,
  ) =>
    ts.createWatchCompilerHost(
      [...rootFiles, hooks.ambient.path],
      {
        ...options,
        strict: true,
        moduleResolution: ts.ModuleResolutionKind.Bundler,
        lib: ["lib.es2023.d.ts"],
        types: ["node"],
        sourceMap: true,
        experimentalDecorators: false,
        skipDefaultLibCheck: true,
      },
      system,
      plainProgram(ts, hooks) as never,
      reportDiagnostic,
      reportWatchStatus,
    );

  const changed = Object.create(ts, {
    __esModule: { value: true },
    createWatchCompilerHost: { value: createWatchCompilerHost },
    transpileModule: { value: hooks.toCommonJS },
    getPreEmitDiagnosticsOfFiles: {
      value: (program: tsModule.Program, files: tsModule.SourceFile[]) => cellDiagnostics(ts, program, files),
    },
  });
  fromHere.cache[id]!.exports = changed;
  return { ts, require: fromTslab, watched, keepCode };
}

/**
 * Declarations of packages, which stay parsed and bound when the next cell does not import them: a later one will. The
 * converter is told when ours have been rebuilt.
 */
const LIBRARIES = /\/(node_modules|lib\/dist|course\/dist)\/.*\.d\.[cm]?ts$/;

interface ReleasingHost {
  onReleaseOldSourceFile?: ((file: tsModule.SourceFile, ...rest: unknown[]) => void) & { keeps?: true };
}

function keepLibraries(host: tsModule.CompilerHost & ReleasingHost): void {
  const release = host.onReleaseOldSourceFile;
  if (release === undefined || release.keeps) return;
  const kept: ReleasingHost["onReleaseOldSourceFile"] = (file, ...rest) => {
    if (!LIBRARIES.test(file.fileName)) release(file, ...rest);
  };
  host.onReleaseOldSourceFile = Object.assign(kept, { keeps: true as const });
}

/** A function that makes programs, with the few methods of a builder that the converter and the watch loop call. */
function plainProgram(ts: TypeScript, hooks: TypeScriptHooks) {
  let last: tsModule.Program | undefined;
  let layers: Layers | undefined;
  return (
    rootNames: readonly string[],
    options: tsModule.CompilerOptions,
    host: tsModule.CompilerHost,
    _old: unknown,
    configFileParsingDiagnostics: readonly tsModule.Diagnostic[],
  ) => {
    if (last !== undefined && hooks.wantsNames()) {
      const named = namesOnly(ts, last, options, host, rootNames);
      if (named !== undefined) return named;
    }
    const layered = hooks.sharing.may ? layers?.next(rootNames) : undefined;
    if (last !== undefined && layers !== undefined && layered !== undefined) {
      hooks.sharing.did = true;
      const { cell, earlier } = layered;
      const errorsOf = layers.errorsOf.bind(layers);
      const shared = Object.create(last, { getSemanticDiagnostics: { value: errorsOf } }) as tsModule.Program;
      return builderOf(ts, hooks, last, shared, (name) => [cell, earlier].find(({ fileName }) => fileName === name));
    }
    keepLibraries(host);
    const program = ts.createProgram({ rootNames, options, host, oldProgram: last, configFileParsingDiagnostics });
    last = program;
    layers = new Layers(ts, program, host, rootNames);
    return builderOf(ts, hooks, program, program, (name) => program.getSourceFile(name));
  };
}

/** A program with the few methods of a builder that the converter and the watch loop call. */
function builderOf(
  ts: TypeScript,
  hooks: TypeScriptHooks,
  program: tsModule.Program,
  asked: tsModule.Program,
  fileOf: (fileName: string) => tsModule.SourceFile | undefined,
) {
  return Object.assign(Object.create(program) as tsModule.Program, {
    getProgram: () => asked,
    // What the watch loop compares the files with that it has read; those of a shared program's cells it has not.
    getProgramOrUndefined: () => (asked === program ? program : undefined),
    getSourceFile(fileName: string) {
      const file = fileOf(fileName);
      // The converter reads a file's `locals`, which binding fills in.
      if (file !== undefined) bound(ts, file, program.getCompilerOptions());
      return file;
    },
    getAllDependencies: (file: tsModule.SourceFile) => sources(program, file),
    emit(
      file: tsModule.SourceFile,
      write: tsModule.WriteFileCallback,
      _cancel: undefined,
      _onlyDts: undefined,
      transformers: tsModule.CustomTransformers,
    ) {
      const tapped: tsModule.WriteFileCallback = (fileName, text, bom) => {
        hooks.emitted(fileName, text);
        write(fileName, text, bom);
      };
      if (!isCell(file)) return program.emit(file, tapped);
      const after = [hoistBlockVars(ts), cellNames(ts, program, hooks.lastValue)];
      const afterDeclarations = [writableDeclarations(ts, program, file), ...(transformers.afterDeclarations ?? [])];
      // Declarations are written (the last argument, which the public types leave out) even if a
      // library could not have them.
      const emit = program.emit as (...all: unknown[]) => tsModule.EmitResult;
      return emit(file, tapped, undefined, undefined, { after, afterDeclarations }, true);
    },
  });
}

/**
 * The cell parsed and bound, standing for a program; undefined if it declares nothing, since then
 * there is no second time.
 */
function namesOnly(
  ts: TypeScript,
  last: tsModule.Program,
  options: tsModule.CompilerOptions,
  host: tsModule.CompilerHost,
  rootNames: readonly string[],
) {
  const name = rootNames.find((root) => root.endsWith(CELL))!;
  const file = ts.createSourceFile(name, host.readFile(name) ?? "", options.target!);
  if (bound(ts, file, options) === 0) return undefined;
  // As they are written: the compiler keeps `__name` as `___name`.
  const named = file as unknown as { locals: Map<tsModule.__String, unknown> };
  named.locals = new Map(
    [...named.locals].map(([key, symbol]) => [ts.unescapeLeadingUnderscores(key) as never, symbol]),
  );
  return {
    getProgram: () => last,
    // Not `last`: of a wrong cell that is run again, it would be found up to date.
    getProgramOrUndefined: () => undefined,
    getSourceFile: (fileName: string) => (fileName === name ? file : undefined),
  };
}

/**
 * Binds a file, and tells how many names it declares; what it adds to others (`declare global`) is no name of its own.
 */
function bound(ts: TypeScript, file: tsModule.SourceFile, options: tsModule.CompilerOptions): number {
  ts.bindSourceFile(file, options);
  const { locals } = file as { locals?: Map<string, unknown> };
  for (const name of locals?.keys() ?? []) if (name === "__global" || name.startsWith('"')) locals!.delete(name);
  return locals?.size ?? 0;
}

/** The name under which tslab's converter hands a cell to the compiler. */
const CELL = "/__tslab__.ts";
export const isCell = (file: tsModule.SourceFile) => file.fileName.endsWith(CELL);

/** A file and the local sources (not declarations, not packages) that it imports, directly or through others. */
function sources(program: tsModule.Program, start: tsModule.SourceFile): string[] {
  const found = new Map([[start.fileName, start]]);
  for (const file of found.values()) {
    const imports = (file as unknown as { resolvedModules?: { forEach(f: (r: Resolution) => void): void } })
      .resolvedModules;
    imports?.forEach(({ resolvedModule }) => {
      const name = resolvedModule?.resolvedFileName;
      if (name === undefined || found.has(name) || /\.d\.[cm]?ts$/.test(name)) return;
      const next = program.getSourceFile(name);
      if (next !== undefined) found.set(name, next);
    });
  }
  return [...found.keys()];
}

interface Resolution {
  resolvedModule?: { resolvedFileName: string };
}
