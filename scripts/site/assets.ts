// The files that pages load, copied into the site: our own, and those of the packages that draw maths, figures and
// letters.
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { root } from "../master/course.js";

const require = createRequire(import.meta.url);
const packageFolder = (name: string) => dirname(require.resolve(`${name}/package.json`));
const own = join(import.meta.dirname, "assets");

export function copyAssets(site: string): void {
  const assets = join(site, "assets");
  cpSync(own, assets, { recursive: true });

  // The renderer of JupyterLab's figures looks for plotly beside itself. Maps and curves need no more than this part
  // of it.
  const figures = join(assets, "figures");
  mkdirSync(figures, { recursive: true });
  const renderer = join(root, "course", "jupyter", "labextension", "static", "remoteEntry.js");
  cpSync(renderer, join(figures, "remoteEntry.js"));
  const plotly = packageFolder("plotly.js-cartesian-dist-min");
  cpSync(join(plotly, "plotly-cartesian.min.js"), join(figures, "plotly.js"));

  // Every browser of today reads woff2: the other two forms of each font stay behind, in the style sheet as well.
  const katex = join(packageFolder("katex"), "dist");
  mkdirSync(join(assets, "katex", "fonts"), { recursive: true });
  const style = readFileSync(join(katex, "katex.min.css"), "utf8");
  writeFileSync(
    join(assets, "katex", "katex.min.css"),
    style.replace(/,url\([^)]*\.(woff|ttf)\) format\("[a-z]+"\)/g, ""),
  );
  for (const font of readdirSync(join(katex, "fonts")).filter((name) => name.endsWith(".woff2"))) {
    cpSync(join(katex, "fonts", font), join(assets, "katex", "fonts", font));
  }

  mkdirSync(join(assets, "fonts"), { recursive: true });
  for (const slant of ["normal", "italic"]) {
    const font = `source-serif-4-latin-wght-${slant}.woff2`;
    cpSync(join(packageFolder("@fontsource-variable/source-serif-4"), "files", font), join(assets, "fonts", font));
  }
}
