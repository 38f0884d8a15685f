// The script of a lesson's page, live/live.js: makes its cells run. Without it the page is complete, and stands still.
import type { Manifest } from "../messages.js";
import { LiveLesson } from "./lesson.js";
import style from "./live.css";
import { Pieces } from "./pieces.js";

declare const MANIFEST: Manifest;

const script = document.currentScript as HTMLScriptElement;
const pieces = new Pieces(script.src.replace(/[^/]*$/, ""), MANIFEST.chunks);
Object.assign(window, { rlhfLabLive: { piece: (name: string, text: string) => pieces.take(name, text) } });

function begin(): void {
  const { lesson } = document.documentElement.dataset;
  const sections = [...document.querySelectorAll<HTMLElement>("section.cell")];
  if (lesson === undefined || sections.length === 0) return;
  const sheet = document.createElement("style");
  sheet.textContent = style;
  document.head.append(sheet);
  const live = new LiveLesson(lesson, sections, MANIFEST, pieces);
  const here = live.cells.filter(({ runs }) => runs).length;
  sections[0]!.before(notice(here, live.cells.length, () => void live.runAll()));
}

/** Says what can be done on this page. */
function notice(here: number, all: number, runAll: () => void): HTMLElement {
  const box = document.createElement("div");
  box.className = "live-notice";
  const words = document.createElement("p");
  const which = here === all ? "The cells of this lesson run" : `${here} of the ${all} cells of this lesson run`;
  words.textContent =
    here === 0
      ? "This lesson needs tensors, which a page does not have: what its cells showed in JupyterLab stands below each of them."
      : `${which} here, in your browser: change a number and press Shift+Enter. ${here === all ? "" : "The others need tensors and show what they showed in JupyterLab. "}Types are not checked here. What you write stays in this browser.`;
  box.append(words);
  if (here > 0) {
    const all = document.createElement("button");
    all.type = "button";
    all.textContent = "Run the whole lesson";
    all.addEventListener("click", runAll);
    box.append(all);
  }
  return box;
}

if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
else begin();
