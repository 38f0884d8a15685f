// npm run errata: every sentence of the theory text that was put on trial, with the numbers its experiment gives now.
//   npm run errata                 the table
//   npm run errata -- wrong        those of one verdict
//   npm run errata -- one-term-likelihood   one of them
import { type Erratum, errata, type Numbers } from "rlhf-lab/errata";

const asked = process.argv.slice(2);
const verdicts = ["wrong", "incomplete", "unsupported", "right"];
const chosen = errata.filter(
  ({ name, verdict }) => asked.length === 0 || asked.includes(name) || asked.includes(verdict),
);
const unknown = asked.filter((word) => !verdicts.includes(word) && !errata.some(({ name }) => name === word));
if (unknown.length > 0) {
  console.error(
    `npm run errata: no erratum or verdict is called ${unknown.join(", ")}. Verdicts: ${verdicts.join(", ")}`,
  );
  process.exit(2);
}

const digits = (x: number) => String(Number(x.toPrecision(4)));
const shown = (numbers: Numbers) =>
  Object.entries(numbers)
    .map(([what, x]) => `${what}: ${digits(x)}`)
    .join("; ");

function print({ name, section, quote, verdict, said, truth, found, lesson }: Erratum): void {
  console.log(`${verdict.toUpperCase()}  ${name}  (${section}: "${quote}"; lesson ${lesson})`);
  console.log(`  said   ${said}`);
  console.log(`  found  ${truth}`);
  console.log(`         ${shown(found())}\n`);
}

chosen.forEach(print);
const count = (verdict: string) => `${chosen.filter((one) => one.verdict === verdict).length} ${verdict}`;
console.log(`${chosen.length} ${chosen.length === 1 ? "sentence" : "sentences"}: ${verdicts.map(count).join(", ")}`);
