// The errata: the sentences of the theory that were put on trial, each with the numbers that its experiment gives now.
import { type Erratum, errata, type Numbers, ownMistakes, printedMistakes } from "rlhf-lab/errata";
import { escapeHtml } from "../../../lib/src/notebook/html.js";
import { inWords, verdicts } from "../../errata/inWords.js";
import type { Page } from "../page.js";

interface Entry {
  name: string;
  where: string;
  said: string;
  truth: string;
  found: () => Numbers;
}

/** @param lessons number of a lesson -> its page */
export function errataPage(lessons: ReadonlyMap<string, string>): Page {
  const lessonLink = (lesson: string) => {
    const page = lessons.get(lesson);
    return page === undefined ? `lesson ${lesson}` : `<a href="${page}">lesson ${lesson}</a>`;
  };
  const ofText = ({ section, quote, lesson, ...rest }: Erratum): Entry => ({
    ...rest,
    where: `${escapeHtml(section)}: <q>${escapeHtml(quote)}</q>, ${lessonLink(lesson)}`,
  });
  const groups = verdicts.map((verdict) => ({
    title: `${verdict[0].toUpperCase()}${verdict.slice(1)}`,
    id: verdict as string,
    entries: errata.filter((one) => one.verdict === verdict).map(ofText),
  }));
  const own = ownMistakes.map(({ place, kind, ...rest }) => ({ ...rest, where: escapeHtml(`${place} (${kind})`) }));
  const printed = printedMistakes.map(({ source, ...rest }) => ({ ...rest, where: escapeHtml(source) }));
  groups.push(
    { title: "Our own", id: "own", entries: own },
    { title: "In print, elsewhere", id: "in-print", entries: printed },
  );

  const body = `<h1>Errata</h1>
<p class="lead">The course grew from a set of theory notes. Each of their sentences that can be tried was put on trial, by a program.
Under each stands what it was found to be, and the numbers that the program gave when this page was built.</p>
<p>${groups.map(({ title, id, entries }) => `<a href="#${id}">${entries.length} ${title.toLowerCase()}</a>`).join(", ")}.
<code>npm run errata</code> prints the first four groups.</p>
${groups.map(({ title, id, entries }) => `<h2 id="${id}">${title}</h2>\n${entries.map(entryHtml).join("\n")}`).join("\n")}`;
  return { file: "errata.html", title: "Errata - rlhf-lab", body, kind: "errata" };
}

const entryHtml = ({ name, where, said, truth, found }: Entry) => `<section class="erratum">
<h3 id="${name}">${escapeHtml(name.replaceAll("-", " "))}</h3>
<p class="facts">${where}</p>
<dl><dt>Said</dt><dd>${escapeHtml(said)}</dd><dt>Found</dt><dd>${escapeHtml(truth)}</dd>
<dt>Numbers</dt><dd class="numbers">${escapeHtml(inWords(found()))}</dd></dl>
</section>`;
