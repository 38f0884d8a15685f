// A process of its own that draws a million comparisons, fits them, and prints how much memory it took at most, in MB.
import { bradleyTerry } from "rlhf-lab/preferences";
import { comparisons } from "./data.js";

const data = comparisons(1000, 1_000_000);
const { gradientNorm } = bradleyTerry.fit(data, { tolerance: 1e-8 });
if (!(gradientNorm <= 1e-8)) throw new Error(`the fit did not get there: ${gradientNorm}`);
console.log(process.resourceUsage().maxRSS / 1024);
