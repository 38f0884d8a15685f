// Builds the site: writes all pages into a folder beside the old one, looks at what it wrote, and puts it in its place.
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { copyAssets } from "./assets.js";
import { hrefOf, type Lesson } from "./lesson.js";
import { linkFaults } from "./links.js";
import { buildLive } from "./live/build.js";
import { Markdown } from "./markdown.js";
import { type Page, pageHtml } from "./page.js";
import { cheatSheetPages } from "./pages/cheatSheets.js";
import { errataPage } from "./pages/errata.js";
import { glossaryPage } from "./pages/glossary.js";
import { homePage } from "./pages/home.js";
import { lessonPage } from "./pages/lesson.js";
import { referencesPage } from "./pages/references.js";
import { searchPage } from "./pages/search.js";
import { symbolsPage } from "./pages/symbols.js";
import { copyReference } from "./reference.js";
import { writeSearchIndex } from "./searchIndex.js";

export interface SiteOptions {
  /** Without the library's reference, which takes typedoc half a minute when the library has changed. */
  reference?: boolean;
  /** Without what makes cells run in the reader's browser, which takes some seconds to bundle. */
  live?: boolean;
  /** Told what is done next. */
  say?: (what: string) => void;
}

export interface Built {
  /** The pages, without those of the reference. */
  pages: string[];
  /** What is wrong with them, each with its page. */
  complaints: string[];
}

/** A folder that is not ours is not thrown away: a site has this file. */
const mark = "assets/site.css";

/**
 * Builds the site of these lessons in the folder `site`. An older site there stays until the new one is whole.
 * @throws Error if the folder holds something else
 */
export async function buildSite(site: string, lessons: readonly Lesson[], options: SiteOptions = {}): Promise<Built> {
  if (existsSync(site) && !existsSync(join(site, mark))) {
    throw new Error(`${site} is there already and is no site of ours: name another folder with --out, or delete it.`);
  }
  const folder = `${site}.new`;
  rmSync(folder, { recursive: true, force: true });
  try {
    const built = await writeSite(folder, lessons, options);
    rmSync(site, { recursive: true, force: true });
    renameSync(folder, site);
    return built;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function writeSite(folder: string, lessons: readonly Lesson[], options: SiteOptions): Promise<Built> {
  const { reference = true, live = true, say = () => {} } = options;
  mkdirSync(join(folder, "notebooks"), { recursive: true });
  copyAssets(folder);
  const complaints: string[] = [];

  if (reference) say("the library's reference");
  const api = reference ? await copyReference(folder) : new Map<string, string>();

  if (live) {
    say("the cells that run in the browser");
    const numbers = lessons.map(({ number }) => number);
    await buildLive(folder, numbers);
  }

  say("pages");
  const places = new Map(lessons.map((lesson) => [lesson.number, hrefOf(lesson)]));
  const md = new Markdown({ api, lessons: places });
  const pages: Page[] = [homePage(lessons, md)];
  for (const [i, lesson] of lessons.entries()) {
    const neighbours = { before: lessons[i - 1], after: lessons[i + 1] };
    pages.push(lessonPage(lesson, neighbours, md, (what) => complaints.push(`${hrefOf(lesson)}: ${what}`)));
    writeFileSync(join(folder, "notebooks", `${lesson.name}.ipynb`), lesson.notebook);
  }
  pages.push(
    glossaryPage(md),
    symbolsPage(md),
    ...(await cheatSheetPages(lessons, md)),
    referencesPage(lessons, md),
    errataPage(places),
    searchPage(),
  );
  const files = pages.map(({ file }) => file);
  const has = (file: string) => files.includes(file) || existsSync(join(folder, file));
  for (const page of pages) writeFileSync(join(folder, page.file), pageHtml(page, { has }));

  say("the search");
  await writeSearchIndex(folder);
  complaints.push(...linkFaults(folder, files));
  return { pages: files, complaints };
}
