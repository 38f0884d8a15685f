// Builds what makes the cells of the site run: live/live.js for the pages, and the pieces of the library that it loads.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { readMasters, root } from "../../master/course.js";
import { forBrowsers } from "./bundle/browser.js";
import { type DoorFacts, doorFacts } from "./bundle/doors.js";
import { dataPiece, doorPiece, pieces } from "./bundle/pieces.js";
import { namesUsed, readersCells, runnable } from "./lessons.js";
import type { Door, Manifest } from "./messages.js";

export interface BuiltLive {
  readonly manifest: Manifest;
  /** File in live/ -> its text. */
  readonly files: ReadonlyMap<string, string>;
}

/**
 * Writes `live/` into a site's folder.
 * @param lessons numbers of the lessons whose cells are to run, "01"; all by default
 */
export async function buildLive(site: string, lessons: readonly string[] = []): Promise<BuiltLive> {
  const built = await live(lessons);
  const folder = join(site, "live");
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of built.files) writeFileSync(join(folder, name), text);
  return built;
}

/** All that belongs into `live/`. */
export async function live(lessons: readonly string[] = []): Promise<BuiltLive> {
  const masters = readMasters(lessons);
  const doors = await doorFacts(namesUsed(masters));
  const parts = await pieces(doors);
  const manifest: Manifest = {
    doors: Object.fromEntries(doors.map((facts) => [facts.door, doorOf(facts)])),
    chunks: Object.fromEntries(parts.map(({ name, needs }) => [name, needs])),
    lessons: Object.fromEntries(masters.map((master) => [master.lesson, runnable(readersCells(master), doors)])),
  };
  const [page, worker] = await Promise.all(["page", "worker"].map((side) => script(side, manifest)));
  const asScript = (name: string, text: string) =>
    [`${name}.js`, `rlhfLabLive.piece(${JSON.stringify(name)}, ${JSON.stringify(text)});\n`] as const;
  return {
    manifest,
    files: new Map([
      ["live.js", page!],
      asScript("worker", worker!),
      ...parts.map(({ name, text }) => asScript(name, text)),
    ]),
  };
}

function doorOf({ door, here, tensors, data }: DoorFacts): Door {
  return {
    ...(here.length > 0 ? { chunk: doorPiece(door) } : {}),
    tensors,
    data: Object.fromEntries(Object.entries(data).map(([name, packages]) => [name, packages.map(dataPiece)])),
  };
}

/** The program of the page or of its worker, as one classic script. */
async function script(side: string, manifest: Manifest): Promise<string> {
  const options = forBrowsers();
  const { outputFiles } = await build({
    ...options,
    format: "iife",
    entryPoints: [join(root, "scripts/site/live", side, "main.ts")],
    define: { ...options.define, MANIFEST: JSON.stringify(manifest) },
  });
  return outputFiles![0]!.text;
}
