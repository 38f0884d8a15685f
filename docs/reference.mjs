// node docs/reference.mjs FOLDER: the library's reference as pages, one module a door, and names.json beside them:
// every name behind a door, "dpoLoss" or "bradleyTerry.fit", with its page. It runs here because typedoc must find
// the TypeScript that it knows.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Application, PageEvent, ReflectionKind, RendererEvent } from "typedoc";

const folder = resolve(process.argv[2]);
const lib = join(import.meta.dirname, "..", "lib");
const { exports: doors } = JSON.parse(readFileSync(join(lib, "package.json"), "utf8"));

/** The root holds names from behind the other doors, so it has no pages of its own. */
const entryPoints = Object.keys(doors)
  .filter((door) => door !== ".")
  .map((door) => [join(lib, "src", door, "index.ts"), join(lib, "src", `${door}.ts`)].find(existsSync));

const app = await Application.bootstrap({
  name: "rlhf-lab, the library",
  entryPoints,
  basePath: join(lib, "src"),
  tsconfig: join(import.meta.dirname, "tsconfig.json"),
  readme: join(lib, "README.md"),
  customCss: join(import.meta.dirname, "reference.css"),
  navigationLinks: { Lessons: "course:index" }, // made a path below, by the depth of each page
  disableGit: true,
  disableSources: true,
  excludeInternal: true,
  excludePrivate: true,
  githubPages: false,
  hideGenerator: true,
  searchInComments: false,
  skipErrorChecking: true, // npm run check has looked already, with the project's own TypeScript
  validation: false,
  logLevel: "Error",
});
const project = await app.convert();
if (project === undefined) process.exit(1);

app.renderer.on(PageEvent.END, (page) => {
  const up = "../".repeat(page.url.split("/").length);
  page.contents = page.contents?.replaceAll("course:index", `${up}index.html`);
});

const names = {};
// At the end of the drawing, while typedoc still knows where each page went.
app.renderer.on(RendererEvent.END, () => {
  for (const module of project.children ?? []) {
    for (const child of module.children ?? []) {
      record(child.name, child);
      if (!child.kindOf(ReflectionKind.Namespace)) continue;
      for (const member of child.children ?? []) record(`${child.name}.${member.name}`, member);
    }
  }
});
await app.generateDocs(project, folder);
writeFileSync(join(folder, "names.json"), `${JSON.stringify(names)}\n`);

function record(name, reflection) {
  const target = reflection.isReference() ? reflection.getTargetReflectionDeep() : reflection;
  if (app.renderer.router.hasUrl(target)) names[name] ??= app.renderer.router.getFullUrl(target);
}
