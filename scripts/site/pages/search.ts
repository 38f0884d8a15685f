// The page of the search: pagefind's own box, where there is a server; words, where there is none.
import type { Page } from "../page.js";

export function searchPage(): Page {
  const body = `<h1>Search</h1>
<div id="search" class="wide"></div>
<p class="notice" id="no-search">The search needs JavaScript, and a web server: it does not work on pages that are opened from a folder or
a USB stick. Everything else does. To search a copy of your own, say <code>python3 -m http.server</code> in its folder; or use your
browser's search on the <a href="glossary.html">glossary</a> and on the page of a lesson.</p>`;
  const scripts = ["pagefind/pagefind-ui.js", "assets/search.js"];
  return {
    file: "search.html",
    title: "Search - rlhf-lab",
    body,
    scripts,
    styles: ["pagefind/pagefind-ui.css"],
    searchable: false,
  };
}
