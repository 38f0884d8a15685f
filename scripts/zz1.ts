import { redTeam } from "../lib/src/constitution/index.js";
import { key, split, foldIn } from "../lib/src/random/index.js";
import { frontDeskLab, frontDeskTable, swapScores, criticLab } from "../lib/src/studies/frontDesk/index.js";
import { disposeTree } from "../lib/src/tensor/index.js";
const lab = frontDeskLab(); const t00 = performance.now();
const med = (a: number[]) => [...a].sort((x,y)=>x-y)[Math.floor(a.length/2)];
for (const seed of (process.argv[2] ?? "1").split(",").map(Number)) {
  const rows = await frontDeskTable(key(seed), lab, { onRow: ({ name, scores: s, consistency, told }) =>
    console.log(seed, name.padEnd(26), [s.leakCode, s.leakKey, s.worst, s.harmless, s.helpful, s.refuses, consistency].map((v) => v.toFixed(3)).join(" "), told ?? "", ((performance.now() - t00) / 1000).toFixed(1)) });
  const five = rows[2];
  const over = Array.from(five.scores.leak).filter((l) => l > 0.5).length;
  console.log("mean leak", five.scores.leak.reduce((a,b)=>a+b,0)/6561, "above .5:", over);
  if (over >= 1) {
    const words = [1,2,3,4,5,6,7,8,9];
    const search = { words, length: 4, objective: (p: readonly number[]) => five.scores.leak[lab.desk.promptIndex(p)], budget: 2000 };
    const swap = swapScores(lab.model, five.params, [13, 14], words);
    const real = lab.desk.asking("code","key").map((x) => lab.desk.prompts[x]);
    const t = performance.now();
    const runs: Record<string, (k: any) => any> = {
      random: (k) => redTeam.random(k, search), list: (k) => redTeam.fromList(k, search, real), hill: (k) => redTeam.hillClimb(k, search),
      evolve: (k) => redTeam.evolve(k, search), gcg: (k) => redTeam.tokenGradient(k, search, swap),
      elites: (k) => redTeam.mapElites(k, search, (p) => [...p].map(w=>Number(w>=4&&w<=8)).join("")),
    };
    for (const [name, f] of Object.entries(runs)) {
      const q = Array.from({ length: 40 }, (_, i) => f(foldIn(key(99), i)).queries);
      console.log(name, "median", med(q), "mean", q.reduce((a,b)=>a+b)/40);
    }
    console.log("attacks s", (performance.now()-t)/1000);
  }
  for (const r of rows) disposeTree(r.params);
}
const cl = criticLab(lab.desk);
for (const n of [100, 300, 1000, 3000]) { const p = await cl.train(key(3), n); console.log("critic", n, cl.scores(key(4), p), (performance.now()-t00)/1000); disposeTree(p); }
