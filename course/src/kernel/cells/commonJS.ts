import type * as tsModule from "@tslab/typescript-for-tslab";
import type { TypeScript } from "./typescript.js";

/** So many texts ask one program, which keeps what they leave in it. */
const MOST = 64;

const NAME = "custom.js";

/**
 * `ts.transpileModule` for the second pass of cells, from ES modules to CommonJS. That one makes a program and a
 * checker for each text, which takes longer than the text; here texts share them.
 */
export function commonJS(ts: TypeScript) {
  let shared: tsModule.Program | undefined;
  let count = 0;
  return (
    js: string,
    compilerOptions: tsModule.CompilerOptions,
    before: tsModule.TransformerFactory<tsModule.SourceFile>[],
  ): tsModule.TranspileOutput => {
    count += 1;
    if (count % MOST === 1) shared = undefined;
    const options = { ...compilerOptions, ...ALONE };
    const program = shared ?? ts.createProgram([NAME], options, hostOf(ts));
    // One that a text was too much for is not asked again.
    shared = undefined;
    const file = ts.createSourceFile(NAME, js, options.target!);
    const path = `${count}/${NAME}`;
    Object.assign(file, { path, resolvedPath: path, originalFileName: NAME, imports: [], moduleAugmentations: [] });
    ts.bindSourceFile(file, options);
    const output: tsModule.TranspileOutput = { outputText: "" };
    const write: tsModule.WriteFileCallback = (name, text) => {
      if (name.endsWith(".map")) output.sourceMapText = text;
      else output.outputText = text;
    };
    program.emit(file, write, undefined, undefined, { before });
    shared = program;
    return output;
  };
}

/** As transpileModule has them: a text stands for itself. */
const ALONE: tsModule.CompilerOptions = {
  isolatedModules: true,
  noLib: true,
  noResolve: true,
  suppressOutputPathCheck: true,
  allowNonTsExtensions: true,
};

/** A host with one empty file. */
function hostOf(ts: TypeScript): tsModule.CompilerHost {
  return {
    getSourceFile: (name, target) => (name === NAME ? ts.createSourceFile(name, "export {};", target) : undefined),
    writeFile: () => {},
    getDefaultLibFileName: () => "lib.d.ts",
    useCaseSensitiveFileNames: () => false,
    getCanonicalFileName: (name) => name,
    getCurrentDirectory: () => "",
    getNewLine: () => "\n",
    fileExists: (name) => name === NAME,
    readFile: () => "",
    directoryExists: () => true,
    getDirectories: () => [],
  };
}
