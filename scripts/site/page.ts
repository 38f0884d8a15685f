// The frame of every page: its head, the bar at the top, and what stands at its end. No page loads anything from
// elsewhere.
import { escapeHtml } from "../../lib/src/notebook/html.js";

export interface Page {
  /** Its file in the site's folder. */
  file: string;
  title: string;
  /** The page's own content, with its one <h1>. */
  body: string;
  /** Beside the text: contents. */
  aside?: string;
  /** "01" on the page of a lesson. */
  lesson?: string;
  /** For search engines and previews. */
  description?: string;
  /** Scripts besides those of every page, by place in the site. */
  scripts?: readonly string[];
  /** Style sheets before those of every page. */
  styles?: readonly string[];
  /** Whether the search finds it; a page that only repeats others is left out. */
  searchable?: boolean;
  /** Class of the body: "lesson", "cheat", ...; "wide" gives tables more room. */
  kind?: string;
}

/** Pages that the bar leads to. */
const places: readonly (readonly [file: string, name: string])[] = [
  ["index.html", "Lessons"],
  ["glossary.html", "Glossary"],
  ["symbols.html", "Symbols"],
  ["cheat-sheets.html", "Cheat sheets"],
  ["references.html", "References"],
  ["errata.html", "Errata"],
  ["api/index.html", "Library"],
  ["search.html", "Search"],
];

export interface Frame {
  /** Pages and folders that this site has: the bar names no others. */
  has: (file: string) => boolean;
}

export function pageHtml(page: Page, { has }: Frame): string {
  const { file, title, body, aside, lesson, description, scripts = [], searchable = true, kind = "text" } = page;
  const links = places
    .filter(([place]) => has(place))
    .map(([place, name]) => `<a href="${place}"${place === file ? ' aria-current="page"' : ""}>${name}</a>`);
  const classic = [
    "assets/theme.js",
    "assets/figures/remoteEntry.js",
    "assets/figures.js",
    "assets/print.js",
    ...scripts,
  ];
  if (lesson !== undefined && has("live/live.js")) classic.push("live/live.js");
  const styles = [...(page.styles ?? []), "assets/katex/katex.min.css", "assets/site.css"];
  const script = (src: string) => `<script defer src="${src}"></script>`;
  return `<!doctype html>
<html lang="en"${lesson === undefined ? "" : ` data-lesson="${lesson}"`}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
${description === undefined ? "" : `<meta name="description" content="${escapeHtml(description)}">`}
<link rel="icon" href="assets/icon.svg" type="image/svg+xml">
${styles.map((href) => `<link rel="stylesheet" href="${href}">`).join("\n")}
<script src="assets/chosenTheme.js"></script>
${classic.map(script).join("\n")}
</head>
<body class="${kind}">
<a class="skip" href="#text">To the text</a>
<header class="bar">
<a class="home" href="index.html">rlhf-lab</a>
<nav aria-label="Site">${links.join("\n")}</nav>
<div class="tools"><button type="button" class="print" hidden>Print</button><button type="button" class="theme" hidden>Dark</button></div>
</header>
<div class="sheet">
${aside ?? ""}
<main id="text"${searchable ? " data-pagefind-body" : ""}>
${body}
</main>
</div>
<footer class="end"><p>rlhf-lab: a course you can run. Everything on this page was computed by the notebooks and the library; nothing is loaded from elsewhere.</p></footer>
</body>
</html>
`;
}
