// What cells print and show, put into the page as the site's build puts it.
import { figureMime } from "../../../../lib/src/notebook/show.js";
import { outputsHtml } from "../../outputs.js";

interface Renderer {
  renderModel(model: { data: Record<string, unknown> }): Promise<void>;
}
type FigureElement = HTMLElement & { rlhfLabRenderer?: Renderer };
type Figures = { rlhfLabFigures?: { watch(root: ParentNode): void } };

interface Content {
  data?: Record<string, unknown>;
  transient?: { display_id?: string };
  name?: string;
  text?: string;
  traceback?: string[];
}

/** The outputs of all cells of a page; it is told what the kernel would publish. */
export class Shown {
  readonly #elements = new Map<string, Element>();

  /** @param outputsOf where a cell's outputs stand */
  constructor(readonly outputsOf: (cell: number) => Element | undefined) {}

  publish(type: string, content: Content, cell: number): void {
    const id = content.transient?.display_id;
    if (type === "update_display_data") {
      const there = this.#elements.get(id ?? "");
      if (there !== undefined) this.#redraw(there, content, id!);
      return;
    }
    const outputs = this.outputsOf(cell);
    if (outputs === undefined) return;
    if (type === "stream" && goesOn(outputs.lastElementChild, content)) return;
    const element = elementOf(type, content);
    if (id !== undefined) this.#elements.set(id, element);
    outputs.append(element);
    watch(outputs);
  }

  /** A figure that stands there is redrawn where it stands; all else is replaced. */
  #redraw(there: Element, content: Content, id: string): void {
    const figure = content.data?.[figureMime];
    const renderer = (there as FigureElement).rlhfLabRenderer;
    if (figure !== undefined && renderer !== undefined) {
      (there as HTMLElement).dataset.words = String(content.data!["text/plain"] ?? "");
      there.querySelector('script[type="application/json"]')!.textContent = JSON.stringify(figure);
      void renderer.renderModel({ data: content.data! });
      return;
    }
    const element = elementOf("display_data", content);
    there.replaceWith(element);
    this.#elements.set(id, element);
    if (element.parentElement !== null) watch(element.parentElement);
  }
}

/** Text that goes on where the last text ended. */
function goesOn(last: Element | null, { name, text }: Content): boolean {
  if (last === null || last.tagName !== "PRE" || last.className !== name) return false;
  last.append(text ?? "");
  return true;
}

function elementOf(type: string, content: Content): Element {
  // An error is shown with the line where it happened.
  const output =
    type === "error"
      ? { output_type: "stream", name: "error", text: content.traceback!.join("\n") }
      : { output_type: type, ...content };
  const template = document.createElement("template");
  template.innerHTML = outputsHtml([output], () => {});
  return template.content.firstElementChild!;
}

/** The site draws figures when they come into sight. */
function watch(root: ParentNode): void {
  (window as Figures).rlhfLabFigures?.watch(root);
}
