// A process of its own: a fresh compiler meets its first cell, and says what processor time (ms) both took.
import { CellConverter } from "../../course/src/kernel/cells/converter.js";
import { Scripts } from "../../course/src/kernel/cells/scripts.js";

const before = process.cpuUsage();
const converter = new CellConverter(process.cwd(), new Scripts(), (run) => run());
converter.begin("cell-1", "cell 1");
converter.convert("", process.argv[2] ?? "");
const { user, system } = process.cpuUsage(before);
process.stdout.write(String((user + system) / 1000), () => process.exit(0));
