// npm run errata: every sentence of the theory text that was put on trial, with the numbers its experiment gives now.
//   npm run errata                 the table
//   npm run errata -- wrong        those of one verdict
//   npm run errata -- one-term-likelihood   one of them
import { type Erratum, errata } from "rlhf-lab/errata";
import { inWords, verdicts } from "./errata/inWords.js";

const asked = process.argv.slice(2);
const chosen = errata.filter(
  ({ name, verdict }) => asked.length === 0 || asked.includes(name) || asked.includes(verdict),
);
const unknown = asked.filter(
  (word) => !verdicts.some((verdict) => verdict === word) && !errata.some(({ name }) => name === word),
);
if (unknown.length > 0) {
  console.error(
    `npm run errata: no erratum or verdict is called ${unknown.join(", ")}. Verdicts: ${verdicts.join(", ")}`,
  );
  process.exit(2);
}

function print({ name, section, quote, verdict, said, truth, found, lesson }: Erratum): void {
  console.log(`${verdict.toUpperCase()}  ${name}  (${section}: "${quote}"; lesson ${lesson})`);
  console.log(`  said   ${said}`);
  console.log(`  found  ${truth}`);
  console.log(`         ${inWords(found())}\n`);
}

chosen.forEach(print);
const count = (verdict: string) => `${chosen.filter((one) => one.verdict === verdict).length} ${verdict}`;
console.log(`${chosen.length} ${chosen.length === 1 ? "sentence" : "sentences"}: ${verdicts.map(count).join(", ")}`);
