import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const places = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** The system's Chromium, or undefined. The variable CHROMIUM names another one. */
export const findChromium = (): string | undefined => places.find((path) => path && existsSync(path));

/** A Chromium without a window that keeps to itself: no look-ups of its maker's hosts. */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = findChromium();
  if (!executablePath)
    throw new Error("No Chromium found. Install it (Debian: apt-get install chromium), or name it in CHROMIUM.");
  const quiet = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"];
  const args = [...quiet, "--disable-component-update", "--disable-sync"];
  if (process.getuid?.() === 0) args.push("--no-sandbox"); // as root, Chromium refuses to start with it
  return chromium.launch({ executablePath, headless: true, args });
}
