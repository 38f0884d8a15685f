// What a cell showed, as HTML that needs no JavaScript: tables and reports as they are, a figure with its words.
import { stripVTControlCharacters } from "node:util";
import { escapeHtml } from "../../lib/src/notebook/html.js";
import { figureMime } from "../../lib/src/notebook/show.js";

type Output = Record<string, unknown>;

/** Told for a figure that came without words. */
export type Complain = (what: string) => void;

export const outputsHtml = (outputs: readonly Output[], complain: Complain): string =>
  outputs.map((output) => outputHtml(output, complain)).join("\n");

function outputHtml(output: Output, complain: Complain): string {
  if (output.output_type === "stream") return printed(textOf(output.text), String(output.name));
  if (output.output_type === "error") return printed(`${output.ename}: ${output.evalue}`, "error");
  const data = (output.data ?? {}) as Record<string, unknown>;
  const words = textOf(data["text/plain"]);
  if (data[figureMime] !== undefined) return figureHtml(data[figureMime], words, complain);
  if (data["text/html"] !== undefined)
    return `<div class="html scroll" tabindex="0">${textOf(data["text/html"])}</div>`;
  return printed(words, "result");
}

/** The figure waits as data for the script that draws it; who has no script, or does not see, reads its words. */
function figureHtml(figure: unknown, words: string, complain: Complain): string {
  if (words.trim() === "") complain("a figure has no words: show() writes them, as text/plain");
  const said = escapeHtml(words.trim() || "A figure that nobody has described.");
  const json = JSON.stringify(figure).replace(/</g, "\\u003c"); // no text in it can end the script
  return `<figure class="plot" data-words="${said}"><script type="application/json">${json}</script><noscript><pre tabindex="0">${said}</pre></noscript></figure>`;
}

const printed = (text: string, kind: string) =>
  `<pre class="${escapeHtml(kind)}" tabindex="0">${escapeHtml(stripVTControlCharacters(text))}</pre>`;

const textOf = (text: unknown): string => [text ?? ""].flat().join("");
