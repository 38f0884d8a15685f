import { highlighted } from "../../code.js";

/**
 * Makes a block of code one that can be written in: a text area lies over it, and the block below shows its text in
 * colours. Tab leaves it, as everywhere on a page; two spaces more follow a line that opens a bracket.
 */
export class Editor {
  readonly #code: HTMLElement;
  readonly #pre: HTMLElement;
  #area: HTMLTextAreaElement | undefined;
  readonly #changed: () => void;

  constructor(code: HTMLElement, changed: () => void) {
    this.#code = code;
    this.#pre = code.parentElement!;
    this.#changed = changed;
  }

  get text(): string {
    return this.#area?.value ?? this.#code.textContent ?? "";
  }

  set text(text: string) {
    if (this.#area !== undefined) this.#area.value = text;
    this.#draw(text);
    this.#changed();
  }

  /** Unfolds the code, puts the text area there and the caret into it, at an offset. */
  open(label: string, at = this.text.length): void {
    const folded = this.#pre.closest("details");
    if (folded !== null) folded.open = true;
    this.#area ??= this.#made(label);
    this.#area.focus({ preventScroll: true });
    this.#area.setSelectionRange(at, at);
  }

  #made(label: string): HTMLTextAreaElement {
    const frame = document.createElement("div");
    frame.className = "live-editor";
    const area = document.createElement("textarea");
    area.value = this.text;
    area.spellcheck = false;
    area.autocapitalize = "off";
    area.setAttribute("aria-label", label);
    this.#pre.before(frame);
    frame.append(this.#pre, area);
    // The text area speaks for it now.
    this.#pre.setAttribute("aria-hidden", "true");
    this.#pre.removeAttribute("tabindex");
    area.addEventListener("input", () => {
      this.#draw(area.value);
      this.#changed();
    });
    area.addEventListener("scroll", () => {
      this.#pre.scrollLeft = area.scrollLeft;
    });
    area.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.ctrlKey && !event.metaKey && !event.isComposing) {
        event.preventDefault();
        insert(area, `\n${indentAfter(area.value.slice(0, area.selectionStart))}`);
      }
    });
    return area;
  }

  #draw(text: string): void {
    // A last empty line has a height only if something stands in it.
    this.#code.innerHTML = highlighted(text) + (text.endsWith("\n") || text === "" ? "\u200b" : "");
  }
}

/** As typed, so that undo knows of it. */
function insert(area: HTMLTextAreaElement, text: string): void {
  if (document.execCommand("insertText", false, text)) return;
  area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
  area.dispatchEvent(new Event("input"));
}

function indentAfter(before: string): string {
  const line = before.slice(before.lastIndexOf("\n") + 1);
  return /^\s*/.exec(line)![0] + (/[{([]\s*$/.test(line) ? "  " : "");
}

/** The offset in an element's text of a point on the screen; its end, if the browser cannot tell. */
export function offsetAt(element: HTMLElement, x: number, y: number): number {
  const whole = element.textContent?.length ?? 0;
  const point = document as Document & {
    caretPositionFromPoint?(x: number, y: number): { offsetNode: Node; offset: number } | null;
  };
  const caret = point.caretPositionFromPoint?.(x, y) ?? undefined;
  const place = caret ?? fromRange(document.caretRangeFromPoint?.(x, y));
  if (place === undefined || !element.contains(place.offsetNode)) return whole;
  const range = document.createRange();
  range.setStart(element, 0);
  range.setEnd(place.offsetNode, place.offset);
  return range.toString().length;
}

const fromRange = (range: Range | null | undefined) =>
  range == null ? undefined : { offsetNode: range.startContainer, offset: range.startOffset };
