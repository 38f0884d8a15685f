// The table of symbols, course/lessons/symbols.md, with links from names to the library.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { lessonsFolder } from "../../master/course.js";
import { type Markdown, newPage } from "../markdown.js";
import type { Page } from "../page.js";

export function symbolsPage(md: Markdown): Page {
  const body = md.render(readFileSync(join(lessonsFolder, "symbols.md"), "utf8"), newPage());
  return { file: "symbols.html", title: "Symbols - rlhf-lab", body, kind: "wide" };
}
