// Builds the site: reads the lessons, writes the pages into a folder beside the old one, and puts it in its place.
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { copyAssets } from "./assets.js";
import { hrefOf, type Lesson } from "./lesson.js";
import { Markdown } from "./markdown.js";
import { type Page, pageHtml } from "./page.js";
import { homePage } from "./pages/home.js";
import { lessonPage } from "./pages/lesson.js";

export interface Built {
  pages: string[];
  /** What is wrong with what was built, each with its page. */
  complaints: string[];
}

export async function buildSite(site: string, lessons: readonly Lesson[]): Promise<Built> {
  const folder = `${site}.new`;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, "notebooks"), { recursive: true });
  const complaints: string[] = [];
  copyAssets(folder);

  const api = new Map<string, string>();
  const md = new Markdown({ api, lessons: new Map(lessons.map((lesson) => [lesson.number, hrefOf(lesson)])) });
  const pages: Page[] = [homePage(lessons, md)];
  for (const [i, lesson] of lessons.entries()) {
    const neighbours = { before: lessons[i - 1], after: lessons[i + 1] };
    pages.push(lessonPage(lesson, neighbours, md, (what) => complaints.push(`${hrefOf(lesson)}: ${what}`)));
    writeFileSync(join(folder, "notebooks", `${lesson.name}.ipynb`), lesson.notebook);
  }
  const files = new Set(pages.map(({ file }) => file));
  const has = (file: string) => files.has(file) || existsSync(join(folder, file));
  for (const page of pages) writeFileSync(join(folder, page.file), pageHtml(page, { has }));

  rmSync(site, { recursive: true, force: true });
  renameSync(folder, site);
  return { pages: pages.map(({ file }) => file), complaints };
}
