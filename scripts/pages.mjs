// npm run pages [-- --check]: builds docs/what-went-wrong.md from the set-up's sentences.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { root } from "./setup/places.mjs";
import { all } from "./setup/sentences.mjs";

const page = join(root, "docs", "what-went-wrong.md");

/** The page's text. */
export function whatWentWrong() {
  const parts = [...new Set(Object.values(all).map(({ part }) => part))];
  const sections = parts.map((part) => {
    const entries = Object.values(all).filter((sentence) => sentence.part === part);
    return `## ${part}\n\n${entries.map(({ say, like, more }) => `> ${escaped(say(...like))}\n\n${more}`).join("\n\n")}\n`;
  });
  return `# What went wrong

\`npm start\` and \`npm test\` set up what is missing, and say in one sentence what stops them. Here is each sentence that they can say, with
what is behind it. Look for the words that you saw: what is particular to your machine (a version, a folder, a port) may be another.
What was finished stays finished: running the command again goes on from there. The log is \`.rlhf-lab/setup.log\`.

${sections.join("\n")}
## Nothing of this

Remove \`node_modules\`, \`.venv\` and \`.rlhf-lab/setup\` and run the command again: it makes them anew. Keep \`my-notebooks\` (your lessons)
and the rest of \`.rlhf-lab\` (\`progress.jsonl\` is what you have solved, \`history.jsonl\` what you ran). A cell that ended with an
error explains itself; if the kernel is in a muddle, *Kernel > Restart Kernel*.

This page is built from \`scripts/setup/sentences.mjs\` by \`npm run pages\`.
`;
}

const escaped = (text) => text.replace(/[<>]/g, (sign) => (sign === "<" ? "&lt;" : "&gt;"));

function main(args) {
  const same = existsSync(page) && readFileSync(page, "utf8") === whatWentWrong();
  if (args.includes("--check")) {
    console.log(same ? "docs/what-went-wrong.md is up to date" : "docs/what-went-wrong.md is stale: run npm run pages");
    if (!same) process.exitCode = 1;
  } else {
    if (!same) writeFileSync(page, whatWentWrong());
    console.log(`docs/what-went-wrong.md ${same ? "is up to date" : "written"}`);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main(process.argv.slice(2));
