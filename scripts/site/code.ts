// Colours for code, at build time: the page holds spans, and its text stays the exact source.
import hljs from "highlight.js/lib/core";
import typescript from "highlight.js/lib/languages/typescript";
import { escapeHtml } from "../../lib/src/notebook/html.js";

hljs.registerLanguage("typescript", typescript);

/** Code as HTML; a language that we have no colours for stays plain. */
export function highlighted(source: string, language = "typescript"): string {
  const known = ["typescript", "ts"].includes(language);
  return known ? hljs.highlight(source, { language: "typescript" }).value : escapeHtml(source);
}

/** A block of code. It can be focused, so that long lines scroll by keyboard. */
export const codeBlock = (source: string, language = "typescript"): string =>
  `<pre tabindex="0"><code class="language-${language || "plain"}">${highlighted(source, language)}</code></pre>`;
