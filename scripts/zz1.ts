import { key } from "../lib/src/random/index.js";
import { frontDeskLab, criticLab } from "../lib/src/studies/index.js";
import { disposeTree } from "../lib/src/tensor/index.js";
const lab = frontDeskLab(); const cl = criticLab(lab.desk); const t0 = performance.now();
for (const s of [1,2]) for (const n of [100, 300, 1000, 3000]) { const p = await cl.train(key(s), n); console.log("critic", n, cl.scores(key(4), p), ((performance.now()-t0)/1000).toFixed(0)); disposeTree(p); }
