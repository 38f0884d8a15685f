// What is behind each door, and which of it needs tensors or data: asked of the bundler, name by name.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { root } from "../../../master/course.js";
import { forBrowsers } from "./browser.js";

export interface DoorFacts {
  readonly door: string;
  /** Whether all of it does without TensorFlow. */
  readonly whole: boolean;
  /** The values that do without TensorFlow; of a door that is not whole, those that lessons import. */
  readonly here: readonly string[];
  /** All its other values. */
  readonly tensors: readonly string[];
  /** Name -> packages of data that it reads. */
  readonly data: Readonly<Record<string, readonly string[]>>;
}

/** TensorFlow and the data packages are asked for by name, where they are needed. */
const TENSORFLOW = "@tensorflow/";
const DATA = /@stdlib\/datasets-[\w-]+/g;

/** The doors of the library, and of the course. */
export function doorNames(): string[] {
  return ["lib", "course"].flatMap((folder) => {
    const { name, exports } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
    return Object.keys(exports).map((path) => `${name}${path.slice(1)}`);
  });
}

/**
 * The facts of every door. To bundle a name by itself takes a moment, so that it is done only where the door as a whole
 * needs something.
 * @param used door -> the names that lessons import
 */
export async function doorFacts(used: ReadonlyMap<string, ReadonlySet<string>>): Promise<DoorFacts[]> {
  const doors = doorNames();
  const whole = await bundled(new Map(doors.map((door) => [door, `export * from "${door}";`])));
  const asked = new Map<string, string>();
  for (const door of doors) {
    const { text, names } = whole.get(door)!;
    const tensors = text.includes(TENSORFLOW);
    if (!tensors && text.match(DATA) === null) continue;
    for (const name of names) {
      if (!tensors || used.get(door)?.has(name)) asked.set(`${door}#${name}`, `export { ${name} } from "${door}";`);
    }
  }
  const single = await bundled(asked);
  return doors.map((door) => {
    const { text, names } = whole.get(door)!;
    const isWhole = !text.includes(TENSORFLOW);
    const textOf = (name: string) => single.get(`${door}#${name}`)?.text;
    const here = names.filter((name) => isWhole || textOf(name)?.includes(TENSORFLOW) === false);
    const data = here.map((name) => [name, [...new Set(textOf(name)?.match(DATA))]] as const);
    return {
      door,
      whole: isWhole,
      here,
      tensors: names.filter((name) => !here.includes(name)),
      data: Object.fromEntries(data.filter(([, packages]) => packages.length > 0)),
    };
  });
}

/** Each text bundled by itself: what comes out, and the names that it exports. */
async function bundled(texts: ReadonlyMap<string, string>): Promise<Map<string, { text: string; names: string[] }>> {
  const entries = [...texts.keys()];
  const virtual = Object.fromEntries(entries.map((entry, i) => [`virtual:${i}`, texts.get(entry)!]));
  const { outputFiles, metafile } = await build({
    ...forBrowsers(virtual),
    // Only what the library itself asks for counts here.
    packages: "external",
    outdir: "/",
    entryPoints: entries.map((_, i) => ({ in: `virtual:${i}`, out: String(i) })),
  });
  const outputs = Object.entries(metafile!.outputs);
  return new Map(
    entries.map((entry, i) => {
      const { text } = outputFiles!.find(({ path }) => path === `/${i}.js`)!;
      const [, output] = outputs.find(([path]) => path.endsWith(`/${i}.js`))!;
      return [entry, { text, names: output.exports }];
    }),
  );
}
