// Lays out the learner's folder: for npm start, and by itself, `node scripts/setup/desk.mjs`, for a learner's server on
// a JupyterHub. scripts/start is TypeScript, which can be read once the set-up is done.
import { fileURLToPath } from "node:url";
import { command } from "./command.mjs";
import { sentences } from "./sentences.mjs";
import { SetupError } from "./setupError.mjs";

/**
 * The learner's folder, ready; what the learner should know of it is printed.
 * @returns {Promise<import("../start/desk.js").Desk>}
 */
export async function layOutDesk() {
  const { tsImport } = await import("tsx/esm/api");
  const { layOut } = await tsImport("../start/desk.ts", import.meta.url);
  let desk;
  try {
    desk = layOut();
  } catch (error) {
    // The file system's errors have codes: they are about the learner's folder, the others about the clone.
    throw new SetupError((error.code ? sentences.noFolder : sentences.noLessons).say(error.message));
  }
  for (const sentence of desk.said) console.log(sentence);
  return desk;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await command(async () => void (await layOutDesk()));
