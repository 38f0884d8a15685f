// A thread that translates cells, one after the other. The compiler's parser is exponential in some inputs, so it works
// where it can be stopped: see translate.ts.
import { parentPort } from "node:worker_threads";
import { translate } from "./cells.js";

parentPort?.on("message", (source: string) => parentPort?.postMessage(translate(source)));
