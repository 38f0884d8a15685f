// The doors as pieces of text that a page loads one by one: CommonJS, each with the pieces that it needs to start.
import { createRequire } from "node:module";
import { basename, join } from "node:path";
import { build, transform } from "esbuild";
import { root } from "../../../master/course.js";
import { forBrowsers } from "./browser.js";
import type { DoorFacts } from "./doors.js";

export interface Piece {
  readonly name: string;
  readonly text: string;
  /** The pieces that it needs at once. */
  readonly needs: readonly string[];
}

/** The piece of a door. */
export const doorPiece = (door: string): string => door.replace(/\//g, "-");

/** The piece of a data package. */
export const dataPiece = (name: string): string => `data-${basename(name)}`;

/** All pieces: one for each door that has anything here, for what several of them share, and for each data package. */
export async function pieces(doors: readonly DoorFacts[]): Promise<Piece[]> {
  const open = doors.filter(({ here }) => here.length > 0);
  const virtual = Object.fromEntries(
    open.map(({ door, whole, here }) => [
      `virtual:${doorPiece(door)}`,
      `export ${whole ? "*" : `{ ${here.join(", ")} }`} from "${door}";`,
    ]),
  );
  const { outputFiles, metafile } = await build({
    ...forBrowsers(virtual),
    splitting: true,
    outdir: "/",
    entryPoints: open.map(({ door }) => ({ in: `virtual:${doorPiece(door)}`, out: doorPiece(door) })),
  });
  const outputs = new Map(Object.entries(metafile!.outputs).map(([path, output]) => [basename(path), output]));
  const made = outputFiles!.map(async ({ path, text }): Promise<Piece> => {
    const { code } = await transform(text, { format: "cjs", target: "es2022", minifyWhitespace: true });
    const { imports } = outputs.get(basename(path))!;
    return {
      name: nameOf(path),
      text: code.replace(/\bimport\("\.\/([\w.-]+)"\)/g, '$load("./$1")'),
      needs: imports.filter(({ kind }) => kind === "import-statement").map((each) => nameOf(each.path)),
    };
  });
  const packages = [...new Set(doors.flatMap(({ data }) => Object.values(data).flat()))];
  return [...(await Promise.all(made)), ...packages.map(dataPieceOf)];
}

const nameOf = (path: string) => basename(path).replace(/\.js$/, "");

/** What a data package holds, put where the stand-in of Node's `require` looks for it (node/module.ts). */
function dataPieceOf(name: string): Piece {
  const data = JSON.stringify((createRequire(join(root, "package.json"))(name) as () => unknown)());
  const text = `((globalThis[Symbol.for("rlhf-lab.live.packages")] ??= {})[${JSON.stringify(name)}] = JSON.parse(${JSON.stringify(data)}));`;
  return { name: dataPiece(name), text, needs: [] };
}
