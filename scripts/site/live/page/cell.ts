import { Editor, offsetAt } from "./editor.js";
import type { Ended } from "./kernel.js";

/** What a reader can ask of a cell. */
export interface Wishes {
  run(cell: LiveCell): void;
  stop(): void;
  edited(cell: LiveCell): void;
}

/** A cell of the page: its code, which can be written in, its buttons, and what it shows. */
export class LiveCell {
  /** Its place in the notebook, by which errors call it. */
  readonly number: number;
  readonly kind: string;
  /** The lesson's text. */
  readonly original: string;
  readonly outputs: HTMLElement;
  readonly #editor: Editor;
  readonly #bar = document.createElement("div");
  readonly #run = button("Run", "Run this cell, and before it those above it that have not run (Shift+Enter)");
  readonly #edit = button("Edit", "Change this cell's code");
  readonly #reset = button("Undo changes", "Back to the lesson's own code");
  readonly #status = document.createElement("span");
  /** What the lesson's run has left, to be put back. */
  readonly #recorded: readonly ChildNode[];

  /** @param runs whether it can do without tensors */
  constructor(
    section: HTMLElement,
    readonly runs: boolean,
    wishes: Wishes,
  ) {
    const code = section.querySelector<HTMLElement>("pre > code.language-typescript")!;
    const pre = code.parentElement!;
    this.number = Number(section.dataset.cell);
    this.kind = section.dataset.kind ?? "code";
    this.original = code.textContent ?? "";
    this.outputs = section.querySelector<HTMLElement>(":scope > .outputs")!;
    this.#recorded = [...this.outputs.childNodes];
    this.#editor = new Editor(code, () => {
      this.#reset.hidden = this.text === this.original;
      wishes.edited(this);
    });
    this.#bar.className = "live-bar";
    this.#status.setAttribute("role", "status");
    const name = document.createElement("span");
    name.className = "live-name";
    name.textContent = `cell ${this.number}`;
    this.outputs.before(this.#bar);
    if (!runs) {
      this.#bar.append(name, this.#status);
      const below = this.#recorded.length > 0 ? " What it showed there stands below." : "";
      this.say(`Needs tensors: it runs in JupyterLab.${below}`);
      return;
    }
    this.#reset.hidden = true;
    this.#bar.append(this.#run, this.#edit, this.#reset, name, this.#status);
    this.#run.addEventListener("click", () => (this.#run.dataset.stops ? wishes.stop() : wishes.run(this)));
    this.#edit.addEventListener("click", () => this.#open());
    this.#reset.addEventListener("click", () => {
      this.text = this.original;
      this.#edit.focus();
    });
    // A click that selects something is meant for copying.
    pre.addEventListener("click", ({ clientX, clientY }) => {
      if (getSelection()?.isCollapsed !== false) this.#open(offsetAt(code, clientX, clientY));
    });
    section.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing) return;
      const here = event.target as Node;
      if ((event.shiftKey || event.ctrlKey || event.metaKey) && !this.outputs.contains(here)) {
        event.preventDefault();
        wishes.run(this);
      } else if (here === pre) {
        event.preventDefault();
        this.#open();
      }
    });
  }

  get text(): string {
    return this.#editor.text;
  }

  set text(text: string) {
    this.#editor.text = text;
  }

  say(words: string): void {
    this.#status.textContent = words;
  }

  /** Its old outputs go; their room stays, so that the page does not jump. */
  begin(words: string): void {
    this.outputs.style.minHeight = `${this.outputs.offsetHeight}px`;
    this.outputs.replaceChildren();
    this.outputs.setAttribute("aria-busy", "true");
    this.say(words);
  }

  end(how: Ended, seconds: number): void {
    this.outputs.style.minHeight = "";
    this.outputs.removeAttribute("aria-busy");
    if (how.type === "tensors") {
      this.outputs.replaceChildren(...this.#recorded);
      const below = this.#recorded.length > 0 ? "; what the lesson's own cell showed there stands below" : "";
      this.say(`${how.words} It runs in JupyterLab${below}.`);
    } else if (how.type === "stopped") this.say("Stopped. All variables are gone: what runs next begins from the top.");
    else if (how.type === "failed") this.say("Ended with an error.");
    else this.say(`Ran here in ${seconds < 0.1 ? "less than 0.1" : seconds.toFixed(1)} s.`);
  }

  /** While anything runs, the button stops it. */
  busy(running: boolean): void {
    this.#run.textContent = running ? "Stop" : "Run";
    if (running) this.#run.dataset.stops = "yes";
    else delete this.#run.dataset.stops;
  }

  #open(at?: number): void {
    this.#editor.open(`Code of cell ${this.number}`, at);
  }
}

function button(text: string, title: string): HTMLButtonElement {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = text;
  made.title = title;
  return made;
}
