// npm run figures [FOLDER] [NAME...]: the gallery as PNG files, in JupyterLab's light and dark colours, drawn by our
// own renderer. npm run figures FOLDER NOTEBOOK.ipynb: the figures of a notebook that was run (npm run
// lessons -- 06 --out DIR leaves one).
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import type { ElementHandle } from "playwright-core";
import { figureMime } from "rlhf-lab";
import { launchBrowser } from "./browser.js";
import { gallery } from "./gallery.js";
import type { Notebook } from "./jupyter.js";

const themes = {
  light:
    "--jp-content-font-color1:rgba(0,0,0,.87);--jp-content-font-color2:rgba(0,0,0,.54);--jp-border-color2:#e0e0e0;--jp-layout-color0:#fff",
  dark: "--jp-content-font-color1:#fff;--jp-content-font-color2:rgba(255,255,255,.7);--jp-border-color2:#424242;--jp-layout-color0:#111",
};

/** The little of JupyterLab that the extension needs. */
const lab = `<!doctype html><meta charset=utf-8><body><script src=/remoteEntry.js></script><script>
  class Widget { node = document.createElement("div"); isDisposed = false; addClass() {} }
  async function draw(mime, figure) {
    const extension = _JUPYTERLAB["rlhf-lab-figures"];
    extension.init({ "@lumino/widgets": { 2: { get: async () => () => ({ Widget }) } } });
    const plugin = (await extension.get("./figures"))();
    const renderer = plugin.rendererFactory.createRenderer({ mimeType: mime });
    document.body.replaceChildren(renderer.node);
    await renderer.renderModel({ data: { [mime]: figure } });
    while (renderer.plot.ariaBusy !== "false") await new Promise((done) => setTimeout(done, 20));
    return renderer.node;
  }
</script>`;

const folder = resolve(process.argv[2] ?? join("test", "e2e", "screenshots", "gallery"));
const notebook = process.argv[3]?.endsWith(".ipynb") ? process.argv[3] : undefined;
const only = notebook ? [] : process.argv.slice(3);
const figures = notebook ? await figuresOf(notebook) : gallery;
await mkdir(folder, { recursive: true });
const require = createRequire(import.meta.url);
const root = resolve(import.meta.dirname, "..", "..");
const files: Record<string, string> = {
  "/remoteEntry.js": join(root, "course", "jupyter", "labextension", "static", "remoteEntry.js"),
  "/plotly.js": require.resolve("plotly.js-dist"),
};
const browser = await launchBrowser();
try {
  const page = await browser.newPage({ viewport: { width: 1000, height: 900 }, deviceScaleFactor: 1 });
  page.on("console", (message) => message.type() === "error" && console.error(message.text()));
  page.on("pageerror", (error) => console.error(error));
  await page.route("http://figures.localhost/**", async (route) => {
    const path = new URL(route.request().url()).pathname;
    if (path in files) await route.fulfill({ contentType: "text/javascript", body: await readFile(files[path]) });
    else await route.fulfill({ contentType: "text/html", body: lab });
  });
  for (const [theme, css] of Object.entries(themes)) {
    await page.goto("http://figures.localhost/");
    await page.evaluate(
      (style) => document.body.setAttribute("style", `${style};background:var(--jp-layout-color0);margin:10px`),
      css,
    );
    for (const [name, figure] of Object.entries(figures)) {
      if (only.length > 0 && !only.includes(name)) continue;
      const call = `draw(${JSON.stringify(figureMime)}, ${JSON.stringify(figure)})`;
      const box = (await page.evaluateHandle(call)) as unknown as ElementHandle;
      await writeFile(join(folder, `${name}-${theme}.png`), await box.screenshot());
    }
  }
  console.log(
    `${folder}: ${only.length || Object.keys(figures).length} figures in ${Object.keys(themes).length} themes`,
  );
} finally {
  await browser.close();
}

/** Figures of an executed notebook, named by cell and place. */
async function figuresOf(path: string): Promise<Record<string, unknown>> {
  const { cells } = JSON.parse(await readFile(path, "utf8")) as Notebook;
  const found = cells.flatMap(({ outputs = [] }, cell) =>
    outputs.flatMap(({ data }, place) =>
      data && figureMime in data ? [[`cell-${String(cell).padStart(3, "0")}-${place}`, data[figureMime]] as const] : [],
    ),
  );
  return Object.fromEntries(found);
}
