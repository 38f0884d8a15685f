import type * as tsModule from "@tslab/typescript-for-tslab";
import type { TypeScript } from "./typescript.js";

/** So many cells ask one program. It keeps what they leave in it, and looks for a name in as many layers. */
const MOST = 32;

/**
 * What a cell with one of these words adds to other files, or shares with them: that takes a program of its own. Node's
 * types are there anyhow.
 */
const SHARES = /\b(?:namespace|module|global)\b|\/\/\/(?! <reference types="node" \/>)/;

const IMPORTED = /\b(?:from|import)\s*\(?\s*["']([^"'\n]+)["']/g;

/** Properties of a file that a program sets, and that the compiler's public types leave out. */
interface Internals {
  path: string;
  parent?: File;
  locals?: ReadonlyMap<unknown, unknown>;
}
type File = Omit<tsModule.SourceFile, "parent"> & Internals;

/** A cell and the declarations of the cells before it, ready to be checked. */
export interface Layered {
  cell: tsModule.SourceFile;
  /** Nothing, with the declarations around it. */
  earlier: tsModule.SourceFile;
}

/**
 * A program whose checker is asked about more cells than the one that it was made for: to make a program and to fill
 * its checker with the libraries' names was most of a cell's time. What each cell declares is a file of its own around
 * the files of the cells after it, so that a cell's time does not grow with the session either.
 *
 * It is for what is right: a cell that a shared program finds wrong, or cannot take, gets one of its own.
 */
export class Layers {
  readonly #ts: TypeScript;
  readonly #program: tsModule.Program;
  readonly #host: tsModule.CompilerHost;
  readonly #roots: readonly string[];
  readonly #cell: string;
  readonly #earlier: string;
  readonly #resolved = new Map<string, Resolution | undefined>();
  readonly #empty: File;
  /** The newest declarations, the older ones around them. */
  #top: File;
  /** Declarations that are in the layers. */
  #known: string;
  #count = 0;
  #files = 0;

  constructor(ts: TypeScript, program: tsModule.Program, host: tsModule.CompilerHost, roots: readonly string[]) {
    this.#ts = ts;
    this.#program = program;
    this.#host = host;
    this.#roots = roots;
    this.#cell = roots.find((root) => root.endsWith("/__tslab__.ts"))!;
    this.#earlier = roots.find((root) => root.endsWith("/__prev__.d.ts"))!;
    this.#top = program.getSourceFile(this.#earlier) as unknown as File;
    this.#known = bodyOf(this.#top.text);
    this.#empty = this.#file(this.#earlier, PREFIX)!;
    this.#empty.parent = this.#top;
  }

  /** The cell that is to be read now; undefined if it needs a program of its own. */
  next(roots: readonly string[]): Layered | undefined {
    this.#count += 1;
    if (this.#count > MOST || roots.join("\n") !== this.#roots.join("\n")) return undefined;
    if (!this.#takeIn(bodyOf(this.#textOf(this.#earlier)))) return undefined;
    const cell = this.#file(this.#cell, this.#textOf(this.#cell));
    if (cell === undefined || this.#redeclares(cell)) return undefined;
    return { cell: cell as Layered["cell"], earlier: this.#empty as Layered["earlier"] };
  }

  /** The errors of a file; the checker keeps them by its name, which cells have in common. */
  errorsOf(file: tsModule.SourceFile): readonly tsModule.Diagnostic[] {
    const named = file as { fileName: string };
    const { fileName } = named;
    named.fileName = (file as unknown as File).path;
    try {
      return this.#program.getSemanticDiagnostics(file);
    } finally {
      named.fileName = fileName;
    }
  }

  #textOf(name: string): string {
    return this.#host.readFile(name) ?? "";
  }

  /** Whether all declarations are in the layers now: those of a cell come before the earlier ones. */
  #takeIn(declarations: string): boolean {
    const own = declarations.slice(0, declarations.length - this.#known.length);
    if (own + this.#known !== declarations || !/^$|\n$/.test(own)) return false;
    if (own === "") return true;
    const layer = this.#file(this.#earlier, PREFIX + own);
    if (layer === undefined || this.#redeclares(layer)) return false;
    layer.parent = this.#top;
    this.#top = layer;
    this.#empty.parent = layer;
    this.#known = declarations;
    return true;
  }

  /** What is declared once more has its earlier declaration taken away, whole or in part. */
  #redeclares(file: File): boolean {
    for (let layer: File | undefined = this.#top; layer !== undefined; layer = layer.parent)
      for (const name of file.locals?.keys() ?? []) if (layer.locals?.has(name)) return true;
    return false;
  }

  /** A file, parsed and bound, as if it were the program's; undefined if the program has not read what it imports. */
  #file(fileName: string, text: string): File | undefined {
    if (SHARES.test(text)) return undefined;
    const { target } = this.#program.getCompilerOptions();
    const file = this.#ts.createSourceFile(fileName, text, target!);
    this.#files += 1;
    const path = fileName.replace(/(\.d)?\.ts$/, `${this.#files}$&`);
    const modules = new Map<string, Resolution>();
    for (const [, name] of text.matchAll(IMPORTED)) {
      const resolution = this.#resolve(name!);
      if (resolution === undefined) return undefined;
      modules.set(name!, resolution);
    }
    Object.assign(file, {
      path,
      resolvedPath: path,
      originalFileName: fileName,
      imports: [],
      moduleAugmentations: [],
      ambientModuleNames: [],
      resolvedModules: modules,
    });
    this.#ts.bindSourceFile(file, this.#program.getCompilerOptions());
    return file as unknown as File;
  }

  /** The declarations that a module's name leads to; undefined if the program has not read them. */
  #resolve(name: string): Resolution | undefined {
    if (!this.#resolved.has(name)) this.#resolved.set(name, this.#read(name));
    return this.#resolved.get(name);
  }

  #read(name: string): Resolution | undefined {
    const ambient = this.#program.getTypeChecker().getAmbientModules();
    if (ambient.some((symbol) => symbol.name === `"${name}"`)) return {};
    const options = this.#program.getCompilerOptions();
    const { resolvedModule } = this.#ts.resolveModuleName(name, this.#cell, options, this.#host);
    const path = resolvedModule?.resolvedFileName ?? "";
    const read = /\.d\.[cm]?ts$/.test(path) && this.#program.getSourceFile(path) !== undefined;
    return read ? { resolvedModule } : undefined;
  }
}

/** Where a module's declarations are: nowhere if a file declares it by its name, as Node's are. */
interface Resolution {
  resolvedModule?: tsModule.ResolvedModuleFull;
}

/** What tslab's converter puts before every text. */
const PREFIX = "export {};\n";
const bodyOf = (text: string) => text.replace(/^export \{\};\r?\n/, "");
