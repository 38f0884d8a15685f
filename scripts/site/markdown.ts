// Markdown as the lessons write it: maths set at build time, code in colours, headings with names, links between
// lessons, and from names in tables to the library's reference.
import katex from "@vscode/markdown-it-katex";
import MarkdownIt, { type Env, type Token } from "markdown-it";
import { escapeHtml } from "../../lib/src/notebook/html.js";
import { highlighted } from "./code.js";

export interface Heading {
  level: number;
  id: string;
  html: string;
}

export interface MarkdownOptions {
  /** Name of an export, or "namespace.member" -> its page in the reference. */
  api: ReadonlyMap<string, string>;
  /** Number of a lesson -> its page. */
  lessons: ReadonlyMap<string, string>;
}

/** What is known of one page while its pieces are rendered. */
export interface PageState extends Env {
  /** The lesson that the page is, which needs no link to itself. */
  lesson?: string;
  headings: Heading[];
}

export const newPage = (lesson?: string): PageState => ({ lesson, headings: [] });

export class Markdown {
  readonly #md: ReturnType<typeof MarkdownIt>;

  constructor({ api, lessons }: MarkdownOptions) {
    const md = MarkdownIt({
      html: true,
      typographer: true,
      highlight: (code, language) => highlighted(code, language),
    });
    md.disable("replacements"); // quotes become curly; three dots stay
    md.use(katex.default, { enableMathBlockInHtml: true, enableMathInlineInHtml: true });
    md.core.ruler.push("links in words", ({ tokens, env, Token }) => {
      for (const token of tokens) {
        if (token.type === "inline") token.children = linked(token.children ?? [], lessons, env as PageState, Token);
      }
    });
    md.renderer.rules.heading_open = (tokens, i, options, env) => {
      const { headings } = env as PageState;
      const level = Number(tokens[i].tag.slice(1));
      const inline = tokens[i + 1];
      const id = uniqueId(slug(inline.content), headings);
      const html = md.renderer.renderInline(inline.children ?? [], options, env).replace(/<\/?a\b[^>]*>/g, "");
      // A page has one title: what a lesson's text calls so later on is a part of it.
      const first = level > 1 || headings.every((heading) => heading.level > 1);
      const shown = first ? level : 2;
      tokens.slice(i).find((token) => token.type === "heading_close")!.tag = `h${shown}`;
      headings.push({ level: shown, id, html });
      return `<h${shown} id="${id}">`;
    };
    // The corner of a table that has names at both sides heads nothing.
    md.core.ruler.push("empty heads", ({ tokens }) => {
      for (const [i, { type }] of tokens.entries()) {
        if (type !== "th_open" || tokens[i + 1].content !== "") continue;
        tokens[i].tag = "td";
        tokens[i + 2].tag = "td";
      }
    });
    md.renderer.rules.table_open = () => '<div class="scroll" tabindex="0"><table>';
    md.renderer.rules.table_close = () => "</table></div>";
    md.renderer.rules.code_inline = (tokens, i) => {
      const { content } = tokens[i];
      const code = `<code>${escapeHtml(content)}</code>`;
      const page = tokens[i].meta?.inTable === true ? api.get(nameIn(content)) : undefined;
      return page === undefined ? code : `<a class="api" href="${page}">${code}</a>`;
    };
    md.core.ruler.push("names in tables", ({ tokens }) => {
      let depth = 0;
      for (const { type, children } of tokens) {
        depth += type === "table_open" ? 1 : type === "table_close" ? -1 : 0;
        if (depth > 0)
          for (const child of children ?? []) if (child.type === "code_inline") child.meta = { inTable: true };
      }
    });
    this.#md = md;
  }

  render(text: string, page: PageState = newPage()): string {
    return this.#md.render(text, page);
  }

  /** Without a paragraph around it. */
  inline(text: string, page: PageState = newPage()): string {
    return this.#md.renderInline(text, page);
  }
}

/** "bradleyTerry.fit(games)" -> "bradleyTerry.fit": what a piece of code calls or names first. */
const nameIn = (code: string): string => /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)?(?=$|[(<\s])/.exec(code)?.[0] ?? "";

/** A paper by its arXiv number, and the numbers behind "lesson" or "lessons". */
const mention = /arXiv:(\d{4}\.\d{4,5})|(?<=\b[Ll]essons? (?:\d\d(?:,| and|, and| to) )*)(\d\d)\b/g;

function linked(
  children: Token[],
  lessons: ReadonlyMap<string, string>,
  page: PageState,
  TokenClass: new (type: string, tag: string, nesting: -1 | 0 | 1) => Token,
): Token[] {
  let inLink = 0;
  return children.flatMap((child) => {
    inLink += child.type === "link_open" ? 1 : child.type === "link_close" ? -1 : 0;
    if (child.type !== "text" || inLink > 0) return [child];
    const pieces: Token[] = [];
    const text = (content: string) => {
      if (content !== "") pieces.push(Object.assign(new TokenClass("text", "", 0), { content }));
    };
    let end = 0;
    for (const match of child.content.matchAll(mention)) {
      const [words, paper, lesson] = match;
      const href = paper ? `https://arxiv.org/abs/${paper}` : lesson === page.lesson ? undefined : lessons.get(lesson);
      if (href === undefined) continue;
      text(child.content.slice(end, match.index));
      pieces.push(Object.assign(new TokenClass("link_open", "a", 1), { attrs: [["href", href]] }));
      text(words);
      pieces.push(new TokenClass("link_close", "a", -1));
      end = match.index + words.length;
    }
    if (end === 0) return [child];
    text(child.content.slice(end));
    return pieces;
  });
}

const slug = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "") || "section";

function uniqueId(id: string, taken: readonly { id: string }[]): string {
  let name = id;
  for (let n = 2; taken.some((other) => other.id === name); n++) name = `${id}-${n}`;
  return name;
}
