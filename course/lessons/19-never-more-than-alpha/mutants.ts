// Wrong answers to the exercises of lesson 19. Each must be rejected, with its own words.
const total = (values: number[]) => values.reduce((a, b) => a + b, 0);
const dot = (a: number[], b: number[]) => total(a.map((x, i) => x * b[i]));

type Table = number[][];
const flow = (policy: (x: Table) => Table, spent?: (x: Table, policy: Table, cost: Table) => number) => ({
  policyInFlow: (x: Table, cost: Table) => {
    const pi = policy(x);
    return [pi, spent ? spent(x, pi, cost) : total(x.map((row, s) => dot(row, cost[s])))];
  },
});
const rows = (x: Table) => x.map((row) => row.map((v) => (total(row) > 0 ? v / total(row) : 1 / row.length)));

interface Offer {
  i: number;
  j: number;
  share: number;
}
const mixture = (offers: (benefit: number[], harm: number[], limit: number) => Offer[]) => ({
  bestShares: (benefit: number[], harm: number[], limit: number) => {
    const worth = ({ i, j, share }: Offer) => (1 - share) * benefit[i] + share * benefit[j];
    const best = offers(benefit, harm, limit).reduce((a, b) => (worth(b) > worth(a) ? b : a));
    return benefit.map((_, a) => (a === best.i ? 1 - best.share : 0) + (a === best.j ? best.share : 0));
  },
});
const singles = (harm: number[], limit: number) => harm.flatMap((h, i) => (h <= limit ? [{ i, j: i, share: 0 }] : []));
const pairs = (harm: number[], limit: number, share: (low: number, high: number) => number) =>
  harm.flatMap((low, i) =>
    low > limit ? [] : harm.flatMap((high, j) => (high > limit ? [{ i, j, share: share(low, high) }] : [])),
  );
const meets = (limit: number) => (low: number, high: number) => (limit - low) / (high - low);

interface ChainSlips {
  counts?: (shoal: boolean[], from: number, to: number) => boolean;
  bound?: number;
  goOn?: (gamma: number) => number;
  begins?: (shoal: boolean[]) => number;
  first?: (gamma: number) => number;
}
const chain = ({
  counts = (shoal, _, to) => shoal[to],
  bound = 0,
  goOn = (g) => g,
  begins = () => 0,
  first = () => 1,
}: ChainSlips) => ({
  moreThan: (moves: Table, shoal: boolean[], gamma: number, b: number) => {
    const most = b + bound;
    let answer = 0;
    let p = moves.map(() => new Array<number>(most + 1).fill(0));
    if (begins(shoal) > most) return 1;
    if (most >= 0) p[0][begins(shoal)] = first(gamma);
    else answer = first(gamma); // N > -1
    for (let t = 0; t < 1000; t++) {
      const next = moves.map(() => new Array<number>(most + 1).fill(0));
      for (let s = 0; s < moves.length; s++) {
        for (let k = 0; k <= most; k++) {
          for (let to = 0; to < moves.length; to++) {
            const met = counts(shoal, s, to) ? k + 1 : k;
            if (met > most) answer += p[s][k] * moves[s][to];
            else next[to][met] += goOn(gamma) * p[s][k] * moves[s][to];
          }
        }
      }
      p = next;
    }
    return answer;
  },
});

const rule = (slip: (state: number, letter: string) => number | undefined) => ({
  dockRule: (state: number, letter: string) => {
    const wrong = slip(state, letter);
    if (wrong !== undefined) return wrong;
    if (state >= 2) return state;
    if (letter === "~") return 1;
    if (letter === "D") return 0;
    if (letter === "H") return state === 0 ? 2 : 3;
    return state;
  },
});

interface PidSlips {
  excess?: (cost: number, limit: number) => number;
  integral?: (x: number) => number;
  rise?: (x: number) => number;
  part?: (x: number) => number;
  price?: (x: number) => number;
  before?: number;
}
const up = (x: number) => Math.max(0, x);
const same = (x: number) => x;
const pid = ({ excess = (c, l) => c - l, integral = up, rise = up, part = same, price = up, before }: PidSlips) => ({
  controlledPrice: (costs: number[], limit: number, gains: { P: number; I: number; D: number }) => {
    let sum = 0;
    let last = before;
    let lambda = 0;
    for (const cost of costs) {
      const d = excess(cost, limit);
      sum = integral(sum + gains.I * d);
      lambda = price(gains.P * part(d) + sum + gains.D * (last === undefined ? 0 : rise(cost - last)));
      last = cost;
    }
    return lambda;
  },
});

type Terms = { budget: number; penalty: number; gamma: number };
const saute = (
  pays: (reward: number, own: { before: number; after: number; late: number; penalty: number }) => number,
  gammaOf: (gamma: number) => number = same,
) => ({
  sauteReturn: (rewards: number[], costs: number[], { budget, penalty, gamma }: Terms) => {
    let before = budget;
    let late = 0; // moves since it is overspent
    return total(
      rewards.map((reward, t) => {
        if (before < 0) late++;
        const after = before - costs[t];
        const paid = gammaOf(gamma) ** t * pays(reward, { before, after, late, penalty });
        before = after;
        return paid;
      }),
    );
  },
});

interface LoopSlips {
  charge?: (price: number) => number;
  hold?: (price: number) => number;
  mean?: boolean;
  early?: boolean;
  bare?: boolean;
}
const loop = ({ charge = same, hold = up, mean, early, bare }: LoopSlips) => ({
  learnUnderLimit: (
    world: { reward: number[]; cost: number[]; limit: number },
    luck: number[],
    rates: { rate: number; dualRate: number },
  ) => {
    const z = world.reward.map(() => 0);
    let price = 0;
    const now = () => {
      const w = z.map(Math.exp);
      return w.map((x) => x / total(w));
    };
    for (const u of luck) {
      const pi = now();
      let a = 0;
      let sum = pi[0];
      while (sum <= u && a < pi.length - 1) {
        a++;
        sum += pi[a];
      }
      const next = hold(price + rates.dualRate * ((mean ? dot(pi, world.cost) : world.cost[a]) - world.limit));
      const credit = world.reward[a] - charge(early ? next : price) * world.cost[a];
      for (let i = 0; i < z.length; i++) z[i] += rates.rate * credit * ((i === a ? 1 : 0) - (bare ? 0 : pi[i]));
      price = next;
    }
    return [now(), price];
  },
});

interface StepSlips {
  radius?: (D: number) => number;
  price?: (c: number, eta: number, r: number, s: number) => number;
  recovery?: "none" | "uphill";
  slack?: boolean;
  inside?: boolean;
  limit?: boolean;
}
const cpo = ({
  radius = same,
  price = (c, eta, r, s) => (c / eta + r) / s,
  recovery,
  slack = true,
  inside = true,
  limit = true,
}: StepSlips) => ({
  constrainedStep: (g: number[], b: number[], h: number[], c: number, given: number) => {
    const D = radius(given);
    const natural = g.map((x, i) => x / h[i]);
    const costs = b.map((x, i) => x / h[i]);
    const [q, r, s] = [dot(g, natural), dot(g, costs), dot(b, costs)];
    const B = 2 * D - (c * c) / s;
    const plain = natural.map((x) => Math.sqrt((2 * D) / q) * x);
    if (!limit) return plain;
    if (c > 0 && B < 0 && recovery !== "none") {
      return costs.map((x) => (recovery === "uphill" ? 1 : -1) * Math.sqrt((2 * D) / s) * x);
    }
    if (inside && c <= 0 && B < 0) return plain;
    if (slack && c + dot(b, plain) <= 0) return plain;
    const eta = Math.sqrt(B / (q - (r * r) / s));
    const lambda = price(c, eta, r, s);
    return natural.map((x, i) => eta * (x - lambda * costs[i]));
  },
});

const tilted = (score: (p: number, reward: number, cost: number, beta: number, price: number) => number) => ({
  chargedPolicy: (ref: number[], reward: number[], cost: number[], beta: number, price: number) => {
    const w = ref.map((p, y) => Math.exp(score(p, reward[y], cost[y], beta, price)));
    return w.map((x) => x / total(w));
  },
});

const term = (n: number, i: number, eps: number): number =>
  i === 0 ? (1 - eps) ** n : (term(n, i - 1, eps) * (n - i + 1) * eps) / (i * (1 - eps));
const scenario = (enough: (n: number, d: number, eps: number, delta: number) => boolean, change = 0) => ({
  samplesNeeded: (d: number, eps: number, delta: number) => {
    let n = d;
    while (!enough(n, d, eps, delta)) n++;
    return n + change;
  },
});
const sum = (n: number, from: number, to: number, eps: number) =>
  total(Array.from({ length: to - from + 1 }, (_, i) => term(n, from + i, eps)));

export const mutants = {
  "19/flow-policy": {
    "over-everything": flow((x) => x.map((row) => row.map((v) => v / total(x.map(total))))),
    "nan-unvisited": flow((x) => x.map((row) => row.map((v) => v / total(row)))),
    "empty-unvisited": flow((x) => x.map((row) => row.map((v) => (total(row) > 0 ? v / total(row) : 0)))),
    "by-action": flow((x) => x.map((row) => row.map((v, a) => v / total(x.map((other) => other[a]))))),
    "cost-of-policy": flow(rows, (_, pi, cost) => total(pi.map((row, s) => dot(row, cost[s])))),
    "cost-of-shares": flow(rows, (x, _, cost) => total(x.map((row, s) => dot(row, cost[s]))) / total(x.map(total))),
  },
  "19/mixture": {
    "best-single": mixture((_, harm, limit) => singles(harm, limit)),
    "no-limit": mixture((benefit) => benefit.map((_, i) => ({ i, j: i, share: 0 }))),
    half: mixture((_, harm, limit) => [...singles(harm, limit), ...pairs(harm, limit, () => 0.5)]),
    extremes: mixture((benefit, harm, limit) => [
      ...singles(harm, limit),
      ...pairs(harm, limit, meets(limit)).filter(
        ({ i, j }) => harm[i] === Math.min(...harm) && benefit[j] === Math.max(...benefit),
      ),
    ]),
    swapped: mixture((_, harm, limit) => [
      ...singles(harm, limit),
      ...pairs(harm, limit, (low, high) => 1 - meets(limit)(low, high)),
    ]),
  },
  "19/more-than": {
    "counts-left": chain({ counts: (shoal, from) => shoal[from] }),
    "off-by-one": chain({ bound: -1 }),
    "staying-free": chain({ counts: (shoal, from, to) => shoal[to] && from !== to }),
    "no-gamma": chain({ goOn: () => 1 }),
    "start-counts": chain({ begins: (shoal) => (shoal[0] ? 1 : 0) }),
    "first-discounted": chain({ first: same }),
  },
  "19/errand": {
    "failure-left": rule((q, letter) => (q === 3 && letter === "D" ? 0 : undefined)),
    "done-left": rule((q, letter) => (q === 2 && letter === "~" ? 1 : undefined)),
    "repaired-anywhere": rule((q, letter) => (q === 1 && !"~DH".includes(letter) ? 0 : undefined)),
    "harbour-anyway": rule((q, letter) => (q === 1 && letter === "H" ? 2 : undefined)),
    "shoal-fails": rule((q, letter) => (q < 2 && letter === "~" ? 3 : undefined)),
    "dock-arrives": rule((q, letter) => (q < 2 && letter === "D" ? 2 : undefined)),
  },
  "19/saute": {
    "spends-first": saute((r, { after, penalty }) => (after >= 0 ? r : -penalty)),
    "empty-is-over": saute((r, { before, penalty }) => (before > 0 ? r : -penalty)),
    "fined-once": saute((r, { before, late, penalty }) => (before >= 0 ? r : late === 1 ? -penalty : 0)),
    "keeps-the-reward": saute((r, { before, penalty }) => r - (before >= 0 ? 0 : penalty)),
    paid: saute((r, { before, penalty }) => (before >= 0 ? r : penalty)),
    undiscounted: saute(
      (r, { before, penalty }) => (before >= 0 ? r : -penalty),
      () => 1,
    ),
    "no-budget": saute((r, { before, after, penalty }) => (after < before ? -penalty : r)),
  },
  "19/pid": {
    sign: pid({ excess: (cost, limit) => limit - cost }),
    windup: pid({ integral: same }),
    falling: pid({ rise: same }),
    "clipped-P": pid({ part: up }),
    negative: pid({ price: same }),
    "first-rise": pid({ before: 0 }),
  },
  "19/loop": {
    "no-price": loop({ charge: () => 0 }),
    added: loop({ charge: (price) => -price }),
    unclipped: loop({ hold: same }),
    "mean-cost": loop({ mean: true }),
    "price-first": loop({ early: true }),
    "no-score": loop({ bare: true }),
  },
  "19/cpo-step": {
    "published-sign": cpo({ price: (c, eta, r, s) => Math.max(0, c / eta - r) / s }),
    half: cpo({ radius: (D) => D / 2 }),
    "no-recovery": cpo({ recovery: "none" }),
    "no-inside": cpo({ slack: false, inside: false }),
    "always-active": cpo({ slack: false }),
    uphill: cpo({ recovery: "uphill" }),
    "no-limit": cpo({ limit: false }),
  },
  "19/find-the-bug": {
    divided: tilted((p, r, c, beta, price) => Math.log(p) + (r - price * c) / (1 + price) / beta),
    added: tilted((p, r, c, beta, price) => Math.log(p) + (r + price * c) / beta),
    "no-beta": tilted((p, r, c, _, price) => Math.log(p) + r - price * c),
    "no-ref": tilted((_, r, c, beta, price) => (r - price * c) / beta),
  },
  "19/scenario-count": {
    "one-term-more": scenario((n, d, eps, delta) => sum(n, 0, d, eps) <= delta),
    "last-term": scenario((n, d, eps, delta) => term(n, d - 1, eps) <= delta),
    "first-term": scenario((n, _, eps, delta) => term(n, 0, eps) <= delta),
    simple: scenario((n, d, eps, delta) => n >= (2 / eps) * (Math.log(1 / delta) + d)),
    "one-less": scenario((n, d, eps, delta) => sum(n, 0, d - 1, eps) <= delta, -1),
  },
};
