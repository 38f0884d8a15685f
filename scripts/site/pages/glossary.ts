// The glossary: the table of words in CONTRIBUTING.md, with a place for each word.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../master/course.js";
import type { Markdown } from "../markdown.js";
import type { Page } from "../page.js";
import { tableRows } from "../tables.js";

export function glossaryPage(md: Markdown): Page {
  const words = tableRows(readFileSync(join(root, "CONTRIBUTING.md"), "utf8"), ["the field's", "ours", "meaning"]);
  if (words.length === 0) throw new Error("CONTRIBUTING.md has no table of words | the field's | ours | meaning |.");
  const name = (ours: string) => ours.replaceAll("*", "");
  const entries = words
    .map(([field, ours, meaning]) => ({ field, ours: name(ours), meaning }))
    .sort((a, b) => a.ours.localeCompare(b.ours))
    .map(({ field, ours, meaning }) => {
      const id = ours.replace(/[^a-z]+/gi, "-").toLowerCase();
      const others = field.split(", ").filter((word) => word !== ours);
      const also = others.length > 0 ? ` <span class="facts">also: ${md.inline(others.join(", "))}</span>` : "";
      return `<dt id="${id}">${md.inline(ours)}${also}</dt><dd>${md.inline(meaning)}</dd>`;
    });
  const body = `<h1>Glossary</h1>
<p class="lead">One word for one thing, in the lessons and in the library: what it is, what it is not, and what others call it.</p>
<dl class="glossary">${entries.join("\n")}</dl>`;
  return { file: "glossary.html", title: "Glossary - rlhf-lab", body };
}
