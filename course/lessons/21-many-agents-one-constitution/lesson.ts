// %% [markdown]
// # 21 Many agents, one constitution
//
// One model had one constitution (lessons 12 and 13). Now there are many agents, each with a task of its own. They are to agree on rules and to keep them, while some cheat, lie, or only think of themselves.
// Each question has a small world in which the answer is exact: how many equilibria, how fast, how many liars, at what price.
//
// **After this lesson you can**
//
// - find the equilibria of a game of standards, and say what selfishness costs and what the cost does not show;
// - compute how fast agents agree, and how many liars their graph bears;
// - name the rules that nobody can lie to, and prove by a program that there are no others;
// - choose how a server should put together what its clients send, and say what a robust choice is deaf to;
// - say why enforcement erodes, and what keeps it.
//
// **Time** 160 minutes, 98 of them exercises. **You need** lessons 04 (voting) and 14 (equilibria, replicator).

// %% [markdown]
// ## The model on one page
//
// Agent $i$ of $n$ picks a *standard* $k_i$, a way to do its work. It earns
//
// $$J_i = \text{task}_i(k_i) + \lambda\, \text{adherence}(k_i) + \gamma\, \frac{\#\{j \ne i : k_j = k_i\}}{n - 1}, \tag{1}$$
//
// its task, how well the standard keeps the constitution, and how many others do the same. (The text gives each agent a $\lambda_i$ and a $\gamma_i$ of its own. With $\gamma_i > 0$ nothing changes below: divide agent $i$'s reward by $\gamma_i$.) A profile from which nobody gains by changing alone is an *equilibrium*. With $W = \sum_i J_i$ (*welfare*),
//
// $$\text{price of anarchy} = \frac{\max W}{W(\text{worst equilibrium})}, \qquad \text{price of stability} = \frac{\max W}{W(\text{best equilibrium})}. \tag{2}$$
//
// Agents who talk average: $x \leftarrow A x$ with rows of $A$ that add up to 1. Errors shrink in the end by the second largest $|\text{eigenvalue}|$ a round.
//
// | On paper | In code | What it is |
// | --- | --- | --- |
// | $J_i$ | `game.payoff(profile)[i]` | what agent $i$ earns |
// | equilibrium | `pureNashEquilibria(game)` | all of them, by enumeration |
// | (2) | `pricesOfAnarchy(game)` | both prices |
// | $A$ | `metropolisWeights(graph)` | whom one listens to, and how much |
// | rate | `consensusRate(A)` | how errors shrink |

// %%
import {
  bar,
  foldIn,
  heatmap,
  key,
  line,
  linspace,
  meanInterval,
  progress,
  show,
  smallMultiples,
  split,
  table,
  uniform,
} from "rlhf-lab";
import {
  type Attack,
  aggregators,
  completeGraph,
  consensusPath,
  consensusRate,
  constantLie,
  coordinateMedian,
  enforcementGame,
  enforcementKinds,
  equilibriumOfLying,
  fedAvgFixedPoint,
  federatedFit,
  federatedPreferences,
  flatMajority,
  geometricMedian,
  graphRobustness,
  innerProductAttack,
  krum,
  littleIsEnough,
  majorityTree,
  meanAggregate,
  medianRule,
  metropolisWeights,
  noisyBestReplies,
  pricesOfAnarchy,
  profitableLies,
  pureNashEquilibria,
  type Reports,
  randomSignalling,
  replicatorWithMutation,
  ringGraph,
  signallingFlow,
  signallingSuccess,
  singlePeakedOrders,
  strategyProofRules,
  traitorViolations,
  trimmedMean,
  twoCliques,
  vcg,
  welfare,
  wmsrPath,
} from "rlhf-lab/agents";
import { permutations } from "rlhf-lab/preferences";
import { normal } from "rlhf-lab/random";
import { fiveAgents, fiveAgentsAdherence, fiveAgentsKept, fiveAgentsPeaks, fiveAgentsTask } from "rlhf-lab/worlds";
import { check } from "rlhf-lab-course";

// %% [markdown]
// ## Run it
//
// Five agents, three standards. The third keeps the constitution best; hardly anybody's task wants it.

// %%
table(
  [
    ...fiveAgentsTask.map((task, i) => ({
      what: `task of agent ${i + 1}`,
      first: task[0],
      second: task[1],
      third: task[2],
    })),
    { what: "adherence", first: fiveAgentsAdherence[0], second: fiveAgentsAdherence[1], third: fiveAgentsAdherence[2] },
  ],
  { columns: { what: "worth of", first: "standard 0", second: "standard 1", third: "standard 2" } },
);
/** Number of equilibria, the prices, and the least adherence that an equilibrium has. */
const measure = (gamma: number, lambda: number) => {
  const game = fiveAgents({ gamma, lambda });
  const found = pureNashEquilibria(game);
  const kept = found.map(fiveAgentsKept);
  return {
    gamma,
    lambda,
    equilibria: found.length,
    ...pricesOfAnarchy(game),
    worst: kept.reduce((a, b) => Math.min(a, b)),
    best: kept.reduce((a, b) => Math.max(a, b)),
  };
};
table(
  [0, 0.5, 1, 1.5, 3].flatMap((gamma) => [measure(gamma, 0), measure(gamma, 0.6)]),
  {
    columns: {
      gamma: "coordination",
      lambda: "weight of adherence",
      equilibria: "equilibria",
      anarchy: "price of anarchy",
      stability: "price of stability",
      worst: "adherence, worst equilibrium",
      best: "adherence, best",
    },
    digits: 3,
  },
);

// %% [markdown]
// ## 1. A constitution as a coordination game
//
// The more it pays to do as the others do, the more profiles hold themselves. With adherence in the reward ($\lambda = 0.6$) and enough coordination, *every* standard is an equilibrium when all have it: the best and the worst.

// %%
const gammas = linspace(0, 3, 31);
const swept = [0, 0.6].map((lambda) => gammas.map((gamma) => measure(gamma, lambda)));
show(
  smallMultiples({
    title: "From 1 on the ratio falls, while a bad constitution is as stable as a good one",
    subtitle: "five agents, three standards; lambda = 0.6",
    figures: [
      line({
        title: "Price of anarchy",
        x: { title: "gamma, weight of coordination" },
        y: { title: "best welfare / worst equilibrium's", range: [0.95, 1.4] },
        series: [{ name: "price of anarchy", x: gammas, y: swept[1].map(({ anarchy }) => anarchy) }],
        reference: [{ y: 1 }],
      }),
      line({
        title: "Adherence of equilibria",
        x: { title: "gamma, weight of coordination" },
        y: { title: "mean adherence", range: [0, 1.05] },
        series: [
          { name: "best equilibrium", x: gammas, y: swept[1].map(({ best }) => best) },
          { name: "worst equilibrium", x: gammas, y: swept[1].map(({ worst }) => worst) },
        ],
      }),
    ],
  }),
);

// %% [markdown]
// #claim 21/lock-in-does-not-show
//
// So report adherence *beside* welfare. A ratio of welfares near 1 says that nobody could do much better; it does not say that the rules are kept.
//
// Why do better replies always come to an end here? Because one function, the *potential*, rises with every single improvement by exactly what the improver gains: the sum of tasks and adherences, and $\gamma/(n-1)$ for each *pair* that agrees. It cannot rise for ever.
//
// ### Exercise 1. Equilibria, and what they cost
//
// *Difficulty 3 of 5, 16 minutes. Trains: equation (2).*
//
// A game of two agents: `A[i][j]` is what the first earns when it plays `i` and the other `j`, `B[i][j]` what the second earns ($A$ is a table of payoffs here, not of weights). Return `[equilibria, anarchy, stability]`: the pure equilibria as a list of `[i, j]` (in order of `i`, then `j`; a tie is a best reply), and the two prices. There is at least one equilibrium, and welfares are positive.
//
// <details><summary>Hint</summary>$(i, j)$ is an equilibrium if $A_{ij}$ is the greatest of its column and $B_{ij}$ the greatest of its row.</details>

// %% [exercise] 21/equilibria
/** [pure equilibria, price of anarchy, price of stability] of a game of two agents. */
function equilibriaAndPrices(A: number[][], B: number[][]): [number[][], number, number] {
  // #solution
  const cells = A.flatMap((row, i) => row.map((_, j) => [i, j]));
  const stays = ([i, j]: number[]) => A.every((row) => row[j] <= A[i][j]) && B[i].every((b) => b <= B[i][j]);
  const worth = ([i, j]: number[]) => A[i][j] + B[i][j];
  const most = (list: number[][]) => list.map(worth).reduce((a, b) => Math.max(a, b));
  const found = cells.filter(stays);
  const worst = found.map(worth).reduce((a, b) => Math.min(a, b));
  return [found, most(cells) / worst, most(cells) / most(found)];
  // #end
}

// %% [check] 21/equilibria
await check("21/equilibria", { equilibriaAndPrices });

// %% [markdown]
// ## 2. Talking until they agree
//
// Each agent has a weight for a principle in mind, and averages with its neighbours. *Metropolis* weights, $A_{ij} = 1/(1 + \max(d_i, d_j))$ for neighbours $i$ and $j$ that have $d_i$ and $d_j$ neighbours, and the rest on oneself, end in the plain mean if the graph is connected. How long does it take?

// %%
const opinions = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.9];
const graphs = {
  "ring, 2 neighbours": ringGraph(8),
  "ring, 4 neighbours": ringGraph(8, 2),
  complete: completeGraph(8),
};
const target = opinions.reduce((a, b) => a + b) / 8;
const errorOf = (x: ArrayLike<number>) => Math.hypot(...Array.from(x, (value) => value - target));
const talk = linspace(0, 40, 41);
show(
  line({
    title: "In the end errors shrink by the second largest eigenvalue: straight lines",
    subtitle: "eight agents; the slopes are the rates in the legend",
    x: { title: "rounds" },
    y: { title: "distance from the mean", type: "log", range: [1e-6, 1] },
    series: Object.entries(graphs)
      .slice(0, 2)
      .map(([name, graph]) => {
        const A = metropolisWeights(graph);
        const path = consensusPath(A, opinions, 40);
        return { name: `${name}: rate ${consensusRate(A).toFixed(3)}`, x: talk, y: path.map(errorOf) };
      }),
  }),
);
table(
  Object.entries(graphs).map(([graph, g]) => {
    const rate = consensusRate(metropolisWeights(g));
    return {
      graph,
      rate,
      rounds: rate < 1e-9 ? 1 : Math.ceil(Math.log(1e-3) / Math.log(rate)),
      messages: g.flat().length,
    };
  }),
  { columns: { graph: "graph", rate: "rate", rounds: "rounds to 1/1000", messages: "messages a round" } },
);

// %% [markdown]
// #claim 21/rates
//
// One agent that never changes its mind drags all others to it, in every connected graph: averaging is robust to nothing.
//
// ## 3. Agreeing among liars
//
// *W-MSR* listens to fewer. Of the neighbours' values above its own an agent drops the $F$ largest (all, if there are fewer), likewise of those below, and averages the rest with its own. **Predict, then run.** One of eight shows 1.0 for ever. On which graphs do the other seven agree, and on what?

// %%
const liar = new Map([[7, 1]]);
const crowd = { ...graphs, "two groups of four, no liar": twoCliques(4) };
show(
  smallMultiples({
    title: "The graph decides: agreement, standstill, and two camps without a single liar",
    subtitle: "W-MSR with F = 1; agent 8 shows 1.0 (not in the last one)",
    share: "both",
    figures: Object.entries(crowd).map(([name, graph]) => {
      const camps = name.startsWith("two");
      const start = camps ? [0, 0, 0, 0, 1, 1, 1, 1] : opinions;
      const path = wmsrPath(start, graph, { F: 1, rounds: 30, ...(camps ? {} : { lies: liar }) });
      return line({
        title: `${name}: ${graphRobustness(graph)}-robust`,
        x: { title: "rounds" },
        y: { title: "opinion", range: [-0.03, 1.05] },
        series: start.map((_, i) => ({
          name: `agent ${i + 1}`,
          x: linspace(0, 30, 31),
          y: path.map((x) => x[i]),
          ...(i === 7 && !camps ? { color: "#d1495b" } : {}),
        })),
      });
    }),
  }),
);

// %% [markdown]
// <details><summary>What you saw</summary>In the complete graph and in the ring with four neighbours the honest agree, and not on the liar's value. In the plain ring agents 2 to 7 drop both neighbours and never move; agent 1, whose neighbours are both above it, drops only the liar and goes to agent 2. In the last one everybody has four neighbours and nobody lies, and the two camps stay apart for ever: each agent drops its one voice from the other camp as a suspect.</details>
// #claim 21/robust-graphs
//
// Degree is not enough, then. A graph is *$r$-robust* if of any two disjoint groups (neither empty) one has a member with $r$ neighbours outside its group. A $(2F + 1)$-robust graph is enough for W-MSR with $F$, wherever the liars sit, at most $F$ among anybody's neighbours (LeBlanc and others 2013). The ring with four neighbours has only 2, and held here: sufficient is not necessary.
//
// With a commander who sends *orders* the threshold is a number of agents. In OM(1) each lieutenant passes on what it got, and takes the majority. All lies that traitors can tell, counted:

// %%
table(
  [
    { generals: 3, traitors: 1 },
    { generals: 4, traitors: 1 },
    { generals: 5, traitors: 1 },
    { generals: 6, traitors: 2 },
  ].map(({ generals, traitors }) => ({ generals, traitors, ...traitorViolations(generals, traitors) })),
  {
    columns: {
      generals: "generals",
      traitors: "traitors",
      cases: "ways to lie",
      violations: "of them break an agreement",
    },
  },
);

// %% [markdown]
// #claim 21/more-than-three-times
//
// $n > 3f$: three agents cannot bear one traitor, four can (Lamport, Shostak and Pease 1982).
//
// ### Exercise 2. Listen to fewer
//
// *Difficulty 3 of 5, 14 minutes. Trains: W-MSR.*
//
// One agent's round. `own` is its value, `heard` those of its neighbours. Drop the `F` largest of the values above `own` (all, if there are fewer) and the `F` smallest of those below. Return the plain average of what is left, `own` among it.
//
// <details><summary>Hint</summary>Split into below, equal, above; sort; slice. Values equal to one's own are never dropped.</details>

// %% [exercise] 21/wmsr
/** The agent's next value. */
function listenToFewer(own: number, heard: number[], F: number): number {
  // #solution
  const above = heard.filter((x) => x > own).sort((a, b) => a - b);
  const below = heard.filter((x) => x < own).sort((a, b) => a - b);
  const kept = [
    own,
    ...heard.filter((x) => x === own),
    ...below.slice(F),
    ...above.slice(0, Math.max(0, above.length - F)),
  ];
  return kept.reduce((a, b) => a + b) / kept.length;
  // #end
}

// %% [check] 21/wmsr
await check("21/wmsr", { listenToFewer });

// %% [markdown]
// ## 4. Rules that nobody can lie to
//
// "Agents negotiate principle weights through mechanism design, majority voting, or optimisation." Will they say what they want? A rule is *strategy-proof* if no agent ever gains by a false order. There are $3^{36}$ rules for two voters and three alternatives. A program that goes through profiles one by one and gives up at the first contradiction finds all strategy-proof ones in milliseconds.

// %%
const countRules = (orders: number[][], options = {}) => strategyProofRules(orders, options).rules.length;
table(
  [
    { wishes: "all six orders of three", orders: permutations(3) },
    { wishes: "single-peaked orders of three", orders: singlePeakedOrders(3) },
    { wishes: "single-peaked orders of four", orders: singlePeakedOrders(4) },
  ].map(({ wishes, orders }) => ({
    wishes,
    onto: countRules(orders, { onto: true }),
    anonymous: countRules(orders, { onto: true, anonymous: true }),
  })),
  {
    columns: {
      wishes: "wishes allowed",
      onto: "strategy-proof, every alternative can win",
      anonymous: "and all voters alike",
    },
  },
);

// %% [markdown]
// #claim 21/two-dictators
//
// With all wishes allowed there are two such rules: the one voter decides, or the other (Gibbard 1973, Satterthwaite 1975). There are two ways out.
//
// **Wishes on a line.** If each agent has a point that it likes best, and likes others less the farther they lie, the *medians with phantoms* are safe: the median of the $n$ peaks and of $n - 1$ fixed points, the *phantoms* (Moulin 1980). The program found all of them and no others. The mean is not safe: here are five agents with peaks from 0.1 to 0.9, and all lies on a grid of eleven points.

// %%
const lies = linspace(0, 1, 11);
const average = (p: readonly number[]) => p.reduce((a, b) => a + b, 0) / p.length;
const lineRules = {
  mean: average,
  "mean without the ends": (p: readonly number[]) => average([...p].sort((a, b) => a - b).slice(1, -1)),
  median: medianRule,
};
show(
  bar({
    title: "The mean invites lies, the median none",
    subtitle: "five agents, eleven words each; every word that helps its speaker is counted",
    x: { title: "rule" },
    y: { title: "profitable lies" },
    categories: Object.keys(lineRules),
    series: [
      {
        name: "lies",
        values: Object.values(lineRules).map((rule) => profitableLies(rule, fiveAgentsPeaks, lies).length),
      },
    ],
  }),
);
table(
  Object.entries(lineRules).map(([rule, choose]) => ({
    rule,
    honest: choose(fiveAgentsPeaks),
    said: equilibriumOfLying(choose, fiveAgentsPeaks, lies).reports.join(", "),
    lied: equilibriumOfLying(choose, fiveAgentsPeaks, lies).outcome,
  })),
  {
    columns: {
      rule: "rule",
      honest: "outcome if all are honest",
      said: "what they say in the end",
      lied: "outcome then",
    },
    digits: 3,
  },
);

// %% [markdown]
// #claim 21/lies-on-a-line
//
// **Payments.** If agents can pay, each says what every option is worth to it; the option with the greatest sum is taken; and each pays what its presence cost the *others*: their best sum without it, less their sum now. That is the *VCG* mechanism.

// %%
const values = [
  [3, 0, 1],
  [0, 4, 1],
  [2, 1, 0],
];
const draws = progress(linspace(1, 200, 200), { label: "games" });
let helped = { sum: 0, vcg: 0 };
for (const g of draws) {
  const game = Array.from({ length: 3 }, (_, i) => Array.from(uniform(foldIn(key(g), i), 3), (u) => Math.floor(6 * u)));
  const best = (row: number[][]) => vcg(row).option;
  const worth = (said: number[][], pay: boolean) => game[0][best(said)] - (pay ? vcg(said).payments[0] : 0);
  const false_ = Array.from({ length: 216 }, (_, code) => [code % 6, Math.floor(code / 6) % 6, Math.floor(code / 36)]);
  const gains = (pay: boolean) => false_.some((lie) => worth([lie, game[1], game[2]], pay) > worth(game, pay) + 1e-9);
  helped = { sum: helped.sum + (gains(false) ? 1 : 0), vcg: helped.vcg + (gains(true) ? 1 : 0) };
}
const { option, payments } = vcg(values);
table([
  { what: "option taken, values [[3, 0, 1], [0, 4, 1], [2, 1, 0]]", seen: String(option) },
  { what: "payments", seen: payments.join(", ") },
  { what: "random games in which agent 1 can lie to the sum, of 200", seen: String(helped.sum) },
  { what: "and to VCG", seen: String(helped.vcg) },
]);

// %% [markdown]
// #claim 21/payments-buy-honesty
//
// **Break it.** Two agents collude. An option is worth 5 to agent 1; another is worth 1 to each of agents 2 and 3, who both say 6.

// %%
table(
  [
    {
      said: "the truth",
      ...vcg([
        [5, 0],
        [0, 1],
        [0, 1],
      ]),
    },
    {
      said: "6 from both",
      ...vcg([
        [5, 0],
        [0, 6],
        [0, 6],
      ]),
    },
  ].map(({ said, option: taken, payments: paid }) => ({ said, taken, paid: paid.join(", ") })),
);

// %% [markdown]
// <details><summary>What happens</summary>They win, and pay nothing: without agent 2 the others would have taken the same option, so agent 2's presence costs nobody anything; and the same holds for 3. Strategy-proof means: against single liars.</details>
//
// ### Exercise 3. The median and its phantoms
//
// *Difficulty 2 of 5, 10 minutes. Trains: Moulin's rules.*
//
// Return the median of the `n` peaks and the `n - 1` phantoms together ($2n - 1$ numbers, so there is one in the middle). Leave both lists as they are.
//
// <details><summary>Hint</summary>Numbers are sorted as texts unless you say otherwise.</details>

// %% [exercise] 21/phantoms
/** The median of peaks and phantoms. */
function phantomMedian(peaks: number[], phantoms: number[]): number {
  // #solution
  return [...peaks, ...phantoms].sort((a, b) => a - b)[peaks.length - 1];
  // #end
}

// %% [check] 21/phantoms
await check("21/phantoms", { phantomMedian });

// %% [markdown]
// ### Exercise 4. What your presence costs the others
//
// *Difficulty 3 of 5, 12 minutes. Trains: VCG.*
//
// `values[i][k]` is what option `k` is worth to agent `i`. Return `[option, payments]`: the option with the greatest sum (the first of equals), and what each agent pays.
//
// <details><summary>Hint</summary>Two sums over the *others* of agent $i$: the best that they could have without it, and what they have at the option taken.</details>

// %% [exercise] 21/vcg
/** [option taken, payment of each agent]. */
function vickreyClarkeGroves(values: number[][]): [number, number[]] {
  // #solution
  const sums = (without: number) =>
    values[0].map((_, k) => values.reduce((sum, row, i) => (i === without ? sum : sum + row[k]), 0));
  const first = (list: number[]) => list.indexOf(list.reduce((a, b) => Math.max(a, b)));
  const taken = first(sums(-1));
  return [taken, values.map((_, i) => sums(i)[first(sums(i))] - sums(i)[taken])];
  // #end
}

// %% [check] 21/vcg
await check("21/vcg", { vickreyClarkeGroves });

// %% [markdown]
// ## 5. Robust is deaf
//
// The median cannot be lied to, and cannot be dragged by a liar. The same property has a price. Eleven agents; $m$ of them want 0, the others 1.

// %%
const minorities = linspace(0, 11, 12);
const wishes = (m: number) => Array.from({ length: 11 }, (_, i) => [i < m ? 0 : 1]);
show(
  line({
    title: "What makes a rule deaf to liars makes it deaf to minorities",
    subtitle: "eleven agents; m of them want 0, the rest 1",
    x: { title: "m, how many want 0" },
    y: { title: "outcome", range: [-0.03, 1.05] },
    series: [
      { name: "mean", x: minorities, y: minorities.map((m) => meanAggregate(wishes(m))[0]), markers: true },
      {
        name: "mean without 3 from each end",
        x: minorities,
        y: minorities.map((m) => trimmedMean(wishes(m), 3)[0]),
        markers: true,
      },
      { name: "median", x: minorities, y: minorities.map((m) => coordinateMedian(wishes(m))[0]), markers: true },
    ],
  }),
);

// %% [markdown]
// #claim 21/deaf
//
// Now something real to learn. Fifteen clients learn one Bradley-Terry reward together. Each keeps its own 100 comparisons, and sends a gradient. Three of the fifteen are not honest (under "nobody" they stay away): they shout (a huge fixed vector), or send three times the honest mean with the sign turned, or send the mean less 1.2 standard deviations ("a little is enough"), which hides among the honest. The server chooses how to put gradients together.

// %%
const servers = aggregators(3);
const shout = constantLie(normal(key(50), 10).map((x) => 50 * x));
const attacks: Record<string, Attack | undefined> = {
  nobody: undefined,
  shouting: shout,
  "minus 3 x mean": innerProductAttack(3),
  "a little is enough": littleIsEnough(1.2),
};
const clientsSeen = split(key(21), 3);
const missed: Record<string, number[][]> = Object.fromEntries(Object.keys(servers).map((s) => [s, []]));
for (const attack of progress(Object.values(attacks), { label: "attacks" })) {
  for (const [server, aggregate] of Object.entries(servers)) {
    missed[server].push(
      clientsSeen.map((k) => {
        const world = federatedPreferences(k);
        const options = { aggregate, rounds: 400, ...(attack ? { attack: { attack, clients: 3 } } : {}) };
        const w = federatedFit(world, options);
        return Math.hypot(...w.map((x, j) => x - world.optimum[j]));
      }),
    );
  }
}
show(
  bar({
    title: "No server is best against every attack; against subtle ones the plain mean is the best",
    subtitle:
      "distance from the honest optimum, means of three sets of clients, 400 rounds; shouting takes the mean beyond the axis",
    x: { title: "attack by three of fifteen" },
    y: { title: "distance from the honest optimum", range: [0, 1.2] },
    categories: Object.keys(attacks),
    series: Object.entries(missed).map(([name, byAttack]) => ({
      name,
      values: byAttack.map((runs) => meanInterval(runs).mean),
    })),
  }),
);

// %% [markdown]
// #claim 21/which-server
//
// Three liars with three times the mean, turned, leave $(12 - 9)/15$ of the honest mean: a fifth as long, and still pointing the right way. So the plain mean comes to the honest optimum, five times as slowly. The defences throw away honest clients to be safe, and rest somewhere else. And where clients *differ* in taste, Krum picks one of them: an error of its own, without any attack.
//
// **Between two meetings.** To save messages, clients take $E$ steps of their own before they are averaged. Client $i$ has loss $\frac{a_i}{2}(x - c_i)^2$ and rate $\eta$. Averaging comes to rest at
//
// $$x^* = \frac{\sum_i w_i c_i}{\sum_i w_i}, \qquad w_i = 1 - (1 - \eta a_i)^E, \tag{3}$$
//
// and not at the optimum of the sum, whose weights are $a_i$: the more local steps, the less the clients with a steep loss count.

// %%
const local = linspace(1, 100, 100);
const drift = local.map((localSteps) =>
  fedAvgFixedPoint({ curvatures: [1, 10], optima: [0, 1], rate: 0.05, localSteps }),
);
show(
  line({
    title: "Fewer meetings, another optimum",
    subtitle: "two clients, curvatures 1 and 10, optima 0 and 1, rate 0.05",
    x: { title: "local steps between two meetings" },
    y: { title: "where averaging rests", range: [0.4, 1] },
    series: [{ name: "fixed point (3)", x: local, y: drift }],
    reference: [
      { y: 10 / 11, label: "optimum of the sum" },
      { y: 0.5, label: "mean of the clients' optima" },
    ],
  }),
);

// %% [markdown]
// #claim 21/drift
//
// ### Exercise 5. Find the bug: Krum
//
// *Difficulty 3 of 5, 12 minutes. Trains: reading a definition to its last word.*
//
// Krum gives each report a score: the sum of *squared* distances to its $n - f - 2$ nearest *others*; and takes the report with the least. The function below was written by somebody in a hurry. It passes a test with three clusters. Mend it; there are two mistakes. Return the index (the first of equals).
//
// <details><summary>Hint</summary>What is the distance of a report to itself, and is it among the nearest? And what does Math.hypot return?</details>

// %% [exercise] 21/find-the-bug
/** Index of the report that Krum takes. */
function krumChoice(reports: number[][], f: number): number {
  // #solution
  const scores = reports.map((a, i) => {
    const squares = reports.filter((_, j) => j !== i).map((b) => b.reduce((sum, x, k) => sum + (x - a[k]) ** 2, 0));
    return squares
      .sort((x, y) => x - y)
      .slice(0, reports.length - f - 2)
      .reduce((sum, x) => sum + x, 0);
  });
  return scores.indexOf(scores.reduce((a, b) => Math.min(a, b)));
  // #given
  // const scores = reports.map((a) => {
  //   const distances = reports.map((b) => Math.hypot(...b.map((x, k) => x - a[k])));
  //   return distances
  //     .sort((x, y) => x - y)
  //     .slice(0, reports.length - f - 2)
  //     .reduce((sum, x) => sum + x, 0);
  // });
  // return scores.indexOf(scores.reduce((a, b) => Math.min(a, b)));
  // #end
}

// %% [check] 21/find-the-bug
await check("21/find-the-bug", { krumChoice });

// %% [markdown]
// ### Exercise 6. Where averaging rests
//
// *Difficulty 2 of 5, 8 minutes. Trains: equation (3).*
//
// Return the fixed point (3) for curvatures `a`, optima `c`, rate and number of local steps.
//
// <details><summary>Hint</summary>The weights first; they need not add up to 1.</details>

// %% [exercise] 21/fedavg
/** Where federated averaging comes to rest. */
function restingPoint(a: number[], c: number[], rate: number, localSteps: number): number {
  // #solution
  const w = a.map((curvature) => 1 - (1 - rate * curvature) ** localSteps);
  return w.reduce((sum, x, i) => sum + x * c[i], 0) / w.reduce((sum, x) => sum + x, 0);
  // #end
}

// %% [check] 21/fedavg
await check("21/fedavg", { restingPoint });

// %% [markdown]
// ## 6. Keeping the rules
//
// Adherers keep the rules. Violators gain from adherers. Enforcers keep the rules and punish violators. Kinds that earn more than the mean grow (the replicator of lesson 14), and a few of each appear from nothing (mutation, 0.001).

// %%
const [plainGame, secondGame] = [enforcementGame(), enforcementGame({ second: true })];
table(
  enforcementKinds.map((kind, i) => ({
    kind,
    ...Object.fromEntries(
      enforcementKinds.map((other, j) => {
        const [plain, second] = [plainGame[i][j], secondGame[i][j]];
        return [other, plain === second ? String(plain) : `${plain} (${second})`];
      }),
    ),
  })),
  {
    columns: {
      kind: "what it earns, by whom it meets",
      adherer: "an adherer",
      violator: "a violator",
      enforcer: "an enforcer",
    },
    caption: "In brackets: where those who do not punish are punished too",
  },
);
const years = linspace(0, 12000, 241);
const paths = [plainGame, secondGame].map((game) => replicatorWithMutation(game, [0.05, 0.05, 0.9], { steps: 12000 }));
show(
  smallMultiples({
    title: "Peace erodes enforcement; then the rules fall at once",
    subtitle: "shares of the three kinds, from nine in ten enforcers",
    share: "both",
    figures: paths.map((path, which) =>
      line({
        title: which === 0 ? "Violators are punished" : "So are those who do not punish",
        x: { title: "time" },
        y: { title: "share", range: [0, 1.03] },
        series: enforcementKinds.map((name, i) => ({
          name,
          x: years.map((t) => t / 10),
          y: years.map((t) => path[Math.round(t)][i]),
        })),
      }),
    ),
  }),
);

// %% [markdown]
// #claim 21/enforcement-erodes
//
// While everybody behaves, an adherer saves the cost of punishing and earns as much or more: enforcers are replaced, slowly, and nothing seems wrong. Below a certain share violating pays, and within a short time all violate. What keeps enforcement is a second rule: those who do not punish are punished (an adherer loses 0.6 to each enforcer that it meets, who pays 0.1 for it).
//
// Which of two standards do agents end with when they now and then err? In a *stag hunt* the better standard pays 4 if both keep it and 0 to one alone; the safe one pays 3 always. One agent at a time takes the better reply to the others, except when it errs: then it tosses a coin.

// %%
const errors = [0.4, 0.2, 0.1, 0.05];
const laws = errors.map((error) =>
  noisyBestReplies(
    [
      [4, 0],
      [3, 3],
    ],
    10,
    error,
  ),
);
show(
  heatmap({
    title: "Small errors choose the safe standard, not the better one",
    subtitle: "ten agents; share of time that so many are on the safe standard",
    x: { title: "agents on the safe standard", labels: linspace(0, 10, 11).map(String) },
    y: { title: "probability of an error", labels: errors.map(String) },
    values: laws.map((law) => Array.from(law)),
    color: { title: "share of time" },
  }),
);

// %% [markdown]
// #claim 21/safe-standard
//
// ## 7. A language for principles
//
// Before agents can share principles they need words. Nature draws a state (all equally likely), a sender sees it and shows a signal, a receiver acts; both earn 1 if the act fits. Nobody tells them what a signal means. Do they find a code?

// %%
const alike = (N: number) => Array.from({ length: N }, () => 1 / N);
const outcomes = [2, 3, 4].map((N) =>
  split(key(9), 60).map((k) => signallingSuccess(signallingFlow(randomSignalling(k, N), alike(N)), alike(N))),
);
show(
  bar({
    title: "Two meanings always got two words; three or four are sometimes mixed up",
    subtitle: "sixty random beginnings each, both sides learn by the replicator",
    x: { title: "states" },
    y: { title: "share of beginnings", range: [0, 1] },
    categories: ["2", "3", "4"],
    stacked: true,
    series: [
      { name: "a perfect code", values: outcomes.map((runs) => runs.filter((s) => s > 0.99).length / runs.length) },
      {
        name: "some states share a signal",
        values: outcomes.map((runs) => runs.filter((s) => s <= 0.99).length / runs.length),
      },
    ],
  }),
);

// %% [markdown]
// #claim 21/codes
//
// ### Exercise 7. Write the loop: urns
//
// *Difficulty 4 of 5, 18 minutes. A loop that you write: draw, credit, step.*
//
// Roth and Erev's learning. The sender has an urn of signals for each state, the receiver an urn of acts for each signal; every ball has weight 1 at first (`N` signals, `N` acts). In each round take three numbers of `u`: the first draws the state (all equally likely), the second the signal from the state's urn, the third the act from the signal's urn. To draw from weights with a number $u$: the first place whose cumulated weight exceeds $u$ times the total. If the act is the state, add 1 to the weight of the signal and of the act that were drawn. Return `[sender, receiver]`, the weights of all urns in the end.
//
// <details><summary>Hint</summary>One function <code>pick(weights, u)</code> does all three draws. The rounds are u.length / 3.</details>

// %% [exercise] 21/urns
/** [sender[state][signal], receiver[signal][act]], the weights after u.length / 3 rounds. */
function urns(N: number, u: number[]): [number[][], number[][]] {
  // #solution
  const pick = (weights: number[], x: number) => {
    const total = weights.reduce((a, b) => a + b);
    let [at, reached] = [0, weights[0]];
    while (reached <= x * total && at < weights.length - 1) reached += weights[++at];
    return at;
  };
  const fresh = () => Array.from({ length: N }, () => Array.from({ length: N }, () => 1));
  const [sender, receiver] = [fresh(), fresh()];
  for (let t = 0; t < u.length / 3; t++) {
    const state = pick(
      Array.from({ length: N }, () => 1),
      u[3 * t],
    );
    const signal = pick(sender[state], u[3 * t + 1]);
    const act = pick(receiver[signal], u[3 * t + 2]);
    if (act !== state) continue;
    sender[state][signal] += 1;
    receiver[signal][act] += 1;
  }
  return [sender, receiver];
  // #end
}

// %% [check] 21/urns
await check("21/urns", { urns });

// %% [markdown]
// ## 8. A hundred thousand agents
//
// Voters are right with probability 0.6, alone. A flat majority asks all; a *tree* takes majorities of three, and majorities of those, level by level. It sends few messages to each place. What does it lose?

// %%
const depths = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
const voters = depths.map((d) => 3 ** d);
show(
  smallMultiples({
    title: "Hierarchies are cheap, and decide by a few",
    figures: [
      line({
        title: "How often the outcome is right",
        x: { title: "voters", type: "log" },
        y: { title: "probability", range: [0.55, 1.02] },
        series: [
          { name: "flat", x: voters, y: voters.map((n) => flatMajority(n, 0.6)), markers: true },
          { name: "tree of threes", x: voters, y: depths.map((d) => majorityTree(0.6, d)), markers: true },
        ],
      }),
      line({
        title: "Share that can decide against all",
        x: { title: "voters", type: "log" },
        y: { title: "share of voters", type: "log", range: [0.01, 1] },
        series: [
          { name: "flat", x: voters, y: voters.map((n) => (n + 1) / 2 / n), markers: true },
          { name: "tree of threes", x: voters, y: depths.map((d) => (2 / 3) ** d), markers: true },
        ],
      }),
    ],
  }),
);

// %% [markdown]
// #claim 21/trees-lose
//
// And what do the aggregators of section 5 cost when agents are many? Measured here, in this kernel, with reports of ten numbers each. Krum compares all pairs, so we stop it at two thousand.

// %%
const timed = (n: number, aggregate: (reports: Reports) => unknown) => {
  const numbers = normal(key(n), 10 * n);
  const reports = Array.from({ length: n }, (_, i) => numbers.subarray(10 * i, 10 * i + 10));
  const begin = performance.now();
  aggregate(reports);
  return (performance.now() - begin) / 1000;
};
const crowds = [100, 1000, 10_000, 100_000];
const costs = [
  { name: "mean", of: crowds, run: (r: Reports) => meanAggregate(r) },
  { name: "trimmed mean", of: crowds, run: (r: Reports) => trimmedMean(r, Math.floor(r.length / 5)) },
  { name: "median", of: crowds, run: (r: Reports) => coordinateMedian(r) },
  { name: "geometric median", of: crowds, run: (r: Reports) => geometricMedian(r, { tolerance: 1e-6 }) },
  { name: "Krum", of: [100, 500, 2000], run: (r: Reports) => krum(r, Math.floor(r.length / 5)) },
];
for (const { run } of costs) timed(500, run); // warm
show(
  line({
    title: "Sorting a hundred thousand reports is cheap; comparing all pairs of two thousand is not",
    subtitle: "one aggregation of reports of ten numbers, as measured in this kernel",
    x: { title: "agents", type: "log" },
    y: { title: "time", unit: "s", type: "log" },
    series: costs.map(({ name, of, run }) => ({
      name,
      x: of,
      y: of.map((n) => Math.max(1e-6, timed(n, run))),
      markers: true,
    })),
  }),
);

// %% [markdown]
// ### Exercise 8. The smallest faction
//
// *Difficulty 2 of 5, 8 minutes. Uses the idea on something new: parties, districts, states.*
//
// A hierarchy with groups of `b` (odd) at each of `depth` levels: $b^{\text{depth}}$ voters. Return `[faction, voters]`: how few voters, well placed, decide against all others; and how many there are.
//
// <details><summary>Hint</summary>To win a group of b takes (b + 1)/2 of its parts. Each part is won in the same way.</details>

// %% [exercise] 21/smallest-faction
/** [smallest deciding faction, voters] of a hierarchy of majorities. */
function smallestFaction(b: number, depth: number): [number, number] {
  // #solution
  return [((b + 1) / 2) ** depth, b ** depth];
  // #end
}

// %% [check] 21/smallest-faction
await check("21/smallest-faction", { smallestFaction });

// %% [markdown]
// ## 9. What to report
//
// The text lists measures for such systems: consistency of principles across agents, collective performance, efficiency of coordination. In the game of section 1 each is one line, and they do not move together:

// %%
const reported = (profile: number[], gamma: number, lambda: number) => {
  const game = fiveAgents({ gamma, lambda });
  const n = profile.length;
  const pairs = profile.flatMap((a, i) => profile.slice(i + 1).map((b) => (a === b ? 1 : 0) as number));
  return {
    profile: profile.join(""),
    consistency: average(pairs),
    task: profile.reduce((sum, k, i) => sum + fiveAgentsTask[i][k], 0) / n,
    adherence: fiveAgentsKept(profile),
    efficiency: welfare(game, profile) / pricesOfAnarchy(game).best,
  };
};
table(
  pureNashEquilibria(fiveAgents({ gamma: 1, lambda: 0.6 })).map((profile) => reported(profile, 1, 0.6)),
  {
    columns: {
      profile: "equilibrium",
      consistency: "pairs that agree",
      task: "task",
      adherence: "adherence",
      efficiency: "welfare / best",
    },
    digits: 3,
  },
);

// %% [markdown]
// #claim 21/measures-part
//
// ## What this lesson does not show
//
// - **Language models that negotiate.** Our agents have utilities and best replies. Whether models in conversation behave like that is measured in other places.
// - **Debate as enforcement.** Two agents argue, a judge decides: lesson 17 solves such games exactly.
// - **Mixed and repeated play.** Equilibria here are pure and played once; threats over time keep rules that one round does not.
// - **Agents that learn principles and policies at once.** Section 5 learns a shared reward; what each then does with it is lessons 05 to 10.
//
// ## Said, and seen
//
// | Said | Seen | Where |
// | --- | --- | --- |
// | $J_i$ = task + $\lambda$ adherence + $\gamma$ coordination | An exact potential game: better replies end | 1 |
// | Adherence as a coordination game, equilibria with shared principles | Shared *bad* principles are equilibria too, and welfare hides it | 1, 9 |
// | Consensus by mechanism design, voting or optimisation | Two dictators, or wishes on a line, or payments | 4 |
// | Convergence to shared principles | At a rate that is known; on some graphs never | 2, 3 |
// | Robustness to adversarial agents | $n > 3f$; robust graphs; and deafness as the price | 3, 5 |
// | Federated constitutional learning | Which server is best depends on the attack; local steps move the optimum | 5 |
// | Stability of constitutional equilibria | Enforcement erodes unless not punishing is punished | 6 |
// | Communication protocols | Codes arise, not always perfect ones | 7 |
// | Hierarchical structures, many agents | Cheap, less often right, decided by a few | 8 |
// | Debate between agents | Lesson 17 | |
//
// ## On one page
//
// | | | In code |
// | --- | --- | --- |
// | (1), (2) | standards, equilibria, prices | `fiveAgents`, `standardsGame`, `pureNashEquilibria`, `pricesOfAnarchy` |
// | agreeing | second largest eigenvalue | `metropolisWeights`, `consensusRate`, `influence` |
// | among liars | drop $F$ beyond one's own; $n > 3f$ | `wmsrStep`, `graphRobustness`, `traitorViolations` |
// | no lies | dictators; medians with phantoms; VCG | `strategyProofRules`, `medianWithPhantoms`, `vcg` |
// | servers | mean, median, trimmed, geometric, Krum | `trimmedMean`, `geometricMedian`, `krum` |
// | (3) | $w_i = 1 - (1 - \eta a_i)^E$ | `fedAvgFixedPoint` |
// | keeping | replicator with mutation; small errors | `replicatorWithMutation`, `noisyBestReplies` |
//
// **Three questions**
//
// <details><summary>All your agents follow the same rules and welfare is within 5 % of the best. Is the constitution working?</summary>Not shown. They may agree on a bad standard; coordination alone makes that stable, and welfare counts the coordination. Report adherence beside it.</details>
//
// <details><summary>You replace the mean by the median "for robustness". What have you given up?</summary>The voice of every minority below one half, exact convergence where clients differ, and some accuracy when nobody lies. You have gained that liars below one half cannot drag you far.</details>
//
// <details><summary>Nobody has broken the rules for a year. Can you cut the budget for enforcement?</summary>That is how it erodes: in peace enforcing costs and does not pay. Look at how far the share of enforcers is from where violating pays, not at how many violations there were.</details>
//
// ## Read on
//
// - Monderer and Shapley 1996, *Potential games*; Koutsoupias and Papadimitriou 1999, *Worst-case equilibria*; Anshelevich and others 2004, *The price of stability for network design with fair cost allocation*. Section 1.
// - DeGroot 1974, *Reaching a consensus*; Golub and Jackson 2010, *Naive learning in social networks*; LeBlanc and others 2013, *Resilient asymptotic consensus in robust networks*; Lamport, Shostak and Pease 1982, *The Byzantine generals problem*. Sections 2 and 3.
// - Gibbard 1973; Satterthwaite 1975; Moulin 1980, *On strategy-proofness and single peakedness*; Vickrey 1961, Clarke 1971, Groves 1973. Section 4.
// - Blanchard and others 2017, *Machine learning with adversaries*, arXiv:1703.02757; Yin and others 2018, arXiv:1803.01498; Baruch and others 2019, *A little is enough*, arXiv:1902.06156; Xie and others 2019, *Fall of empires*, arXiv:1903.03936; Karimireddy and others 2020, *SCAFFOLD*, arXiv:1910.06378. Section 5.
// - Axelrod 1986, *An evolutionary approach to norms*; Kandori, Mailath and Rob 1993, *Learning, mutation, and long run equilibria in games*. Section 6.
// - Lewis 1969, *Convention*; Roth and Erev 1995, *Learning in extensive-form games*; Huttegger 2007, *Evolution and the explanation of meaning*. Section 7.
// - In the books: Nisan, Roughgarden, Tardos and Vazirani (editors), [*Algorithmic game theory*](https://doi.org/10.1017/CBO9780511800481): chapters 9, Introduction to Mechanism Design (for Computer Scientists), and 10, Mechanism Design without Money.

// %%
import { solved } from "rlhf-lab-course";

// What you have solved of this lesson; it is written down on this machine and sent nowhere.
await solved("21");
