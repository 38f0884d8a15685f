// What a page leads to and what it loads: a link that leads nowhere is said, and so is anything that a page would load
// from elsewhere. The reference is typedoc's: of its pages only those that ours lead to are looked at.
import { existsSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";

/** Everything wrong with these pages of the site in `folder`, one line each. */
export function linkFaults(folder: string, pages: readonly string[]): string[] {
  const texts = new Map<string, string>();
  const read = (page: string) => {
    if (!texts.has(page)) texts.set(page, readFileSync(join(folder, page), "utf8"));
    return texts.get(page)!;
  };
  const anchors = new Map<string, Set<string>>();
  const anchorsOf = (page: string) => {
    if (!anchors.has(page)) anchors.set(page, new Set([...read(page).matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id)));
    return anchors.get(page)!;
  };
  const faults: string[] = [];
  for (const page of pages) {
    // Data of figures and code are no markup.
    const markup = read(page).replace(/<script type="application\/json">.*?<\/script>/gs, "");
    for (const [, attribute, target] of markup.matchAll(/\s(href|src)="([^"]*)"/g)) {
      const [, scheme] = /^([a-z]+:|\/\/)/i.exec(target) ?? [];
      const loads = attribute === "src" || new RegExp(`<link\\b[^>]*href="${escapeRegExp(target)}"`).test(markup);
      if (scheme !== undefined) {
        if (loads && scheme !== "data:") faults.push(`${page} loads ${target}: a page loads nothing from elsewhere`);
        continue;
      }
      const [path, anchor] = target.split("#");
      const file = path === "" ? page : posix.join(posix.dirname(page), path.split("?")[0]);
      if (!existsSync(join(folder, file))) faults.push(`${page} leads to ${target}, which is not there`);
      else if (anchor && file.endsWith(".html") && !anchorsOf(file).has(anchor)) {
        faults.push(`${page} leads to ${target}: ${file} has no place of that name`);
      }
    }
    // In the words of a page, outside of code and of what a formula keeps of its source, no dollar sign opens a
    // formula.
    const words = markup.replace(/<(pre|code|annotation|script)\b.*?<\/\1>|<[^>]*>/gs, "");
    for (const [formula] of words.matchAll(/\$[^$\n]{1,200}\$/g)) {
      faults.push(
        `${page}: ${formula} is no formula here: no letter or digit may stand just before or after its dollar signs`,
      );
    }
    for (const [, title] of markup.matchAll(/class="katex-error" title="([^"]*)"/g)) {
      faults.push(`${page}: a formula could not be set: ${title}`);
    }
  }
  return faults;
}

const escapeRegExp = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
