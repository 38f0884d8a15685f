// Wrong answers to the exercises of lesson 15. Each must be rejected, with its own words.
const total = (values: number[]) => values.reduce((a, b) => a + b, 0);
const dot = (a: number[], b: number[]) => a.reduce((sum, x, i) => sum + x * b[i], 0);
const positive = (x: number) => Math.max(0, x);

const cost = (of: (tied: number[], utility: number[], reward: number[]) => number) => ({
  worstCost: (reward: number[], utility: number[]) =>
    of(
      utility.filter((_, i) => reward[i] >= Math.max(...reward) - 1e-9),
      utility,
      reward,
    ),
});

const soft = (softMaximum: (q: number[], tau: number) => number) => ({ softMaximum });
const logSum = (z: number[]) => {
  const top = Math.max(...z);
  return top + Math.log(total(z.map((x) => Math.exp(x - top))));
};

type Visits = (episodes: number[][], gamma: number, pairs: number) => number[];
const visits =
  (weigh: (sum: number, episodes: number, all: number) => number, discounted = true): Visits =>
  (episodes, gamma, pairs) => {
    const g = discounted ? gamma : 1;
    const mu = new Array(pairs).fill(0);
    const sums = episodes.map((episode) => total(episode.map((_, t) => g ** t)));
    episodes.forEach((episode, e) => {
      episode.forEach((pair, t) => {
        mu[pair] += g ** t * weigh(sums[e], episodes.length, total(sums));
      });
    });
    return mu;
  };
const each = visits((sum, n) => 1 / sum / n);
const gradient = (of: Visits, model: (mu: number[]) => number[] = (mu) => mu, sign = 1) => ({
  irlGradient: (episodes: number[][], features: number[][], mu: number[], gamma: number) =>
    features.map((f) => sign * (dot(f, of(episodes, gamma, mu.length)) - dot(f, model(mu)))),
});

interface Slips {
  sign?: number;
  stale?: boolean;
  expert?: boolean;
  sum?: boolean;
  plain?: boolean;
  shared?: boolean;
}
const loop = ({ sign = 1, stale, expert, sum, plain, shared }: Slips) => ({
  learnByDrawing: (features: number[][], shares: number[], luck: number[][], rate: number) => {
    const w = features[0].map(() => 0);
    const out: number[][] = [];
    for (const draws of luck) {
      const masses = features.map((f) => Math.exp(stale ? 0 : dot(f, w)));
      const model = expert ? shares : masses.map((m) => m / total(masses));
      const actions = draws.map((u) => {
        let [a, c] = [0, model[0]];
        while (c <= u && a < model.length - 1) c += model[++a];
        return a;
      });
      const credit = w.map((_, j) => {
        const shown = total(features.map((f, a) => (plain ? 1 / features.length : shares[a]) * f[j]));
        return shown - total(actions.map((a) => features[a][j])) / (sum ? 1 : draws.length);
      });
      credit.forEach((c, j) => {
        w[j] += sign * rate * c;
      });
      out.push(shared ? w : [...w]);
    }
    return out;
  },
});

type Explain = (p: number, here: number, there: number, gamma: number, tau: number) => number;
const explain = (of: Explain, action = (a: number) => a) => ({
  explain: (next: number[][], policy: number[][], value: number[], gamma: number, tau: number) =>
    policy.map((row, s) => row.map((p, a) => of(p, value[s], value[next[s][action(a)]], gamma, tau))),
});
const right: Explain = (p, here, there, gamma, tau) => tau * Math.log(p) + here - gamma * there;

const design = (logit: (pays: number[], chosen: number) => number, sign = 1, normalise = true) => ({
  designPosterior: (weights: number[][], counts: number[][], chosen: number, beta: number) => {
    const logits = weights.map((w) =>
      logit(
        counts.map((phi) => sign * beta * dot(w, phi)),
        chosen,
      ),
    );
    return normalise ? logits.map((x) => Math.exp(x - logSum(logits))) : logits.map(Math.exp);
  },
});

const interval = (high: (a: number, b: number) => number) => ({
  plainInterval: (a: number, b: number) => {
    const h = high(a, b);
    return h <= 0.5 ? [0.5, 0.5] : [positive(1 - h), Math.min(1, h)];
  },
});
const plain = (a: number, b: number) => (1 + b) / (2 + a);

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const wait = (of: (u: number[], p: number[], tau: number) => number) => ({ gainOfWaiting: of });
const noisy = (u: number[], p: number[], tau: number) => total(u.map((x, i) => p[i] * x * sigmoid(x / tau)));

const mail = (of: (send: number, gain: number, c: number, yes: number) => string) => ({
  askOrAct: (u: number[], p: number[], c: number) =>
    of(dot(u, p), dot(p, u.map(positive)), c, total(p.filter((_, i) => u[i] > 0))),
});
const without = (send: number) => (send > 0 ? "send" : "drop");

const reach = (of: (base: number[], now: number[], n: number) => number) => ({
  lostReach: (table: number[][], base: number, now: number) => of(table[base], table[now], table.length),
});
const lost = (base: number[], now: number[]) => base.map((r, x) => r - now[x]);

export const mutants = {
  "15/worst-optimum": {
    "best-case": cost((tied, utility) => Math.max(...utility) - Math.max(...tied)),
    "mean-of-ties": cost((tied, utility) => Math.max(...utility) - total(tied) / tied.length),
    "among-the-tied": cost((tied) => Math.max(...tied) - Math.min(...tied)),
    "turned-round": cost((tied, utility) => Math.min(...tied) - Math.max(...utility)),
    "reward-for-utility": cost((tied, _, reward) => Math.max(...reward) - Math.min(...tied)),
  },
  "15/soft-backup": {
    "hard-max": soft((q) => Math.max(...q)),
    mean: soft((q, tau) => {
      const z = q.map((x) => x / tau);
      return total(q.map((x, i) => x * Math.exp(z[i] - logSum(z))));
    }),
    "tau-outside-missing": soft((q, tau) => logSum(q.map((x) => x / tau))),
    "tau-inside-missing": soft((q, tau) => tau * logSum(q)),
    "mean-of-exponentials": soft((q, tau) => tau * (logSum(q.map((x) => x / tau)) - Math.log(q.length))),
    overflow: soft((q, tau) => tau * Math.log(total(q.map((x) => Math.exp(x / tau))))),
  },
  "15/irl-gradient": {
    "turned-round": gradient(each, (mu) => mu, -1),
    undiscounted: gradient(visits((sum, n) => 1 / sum / n, false)),
    "not-normalised": gradient(visits((_, n) => 1 / n)),
    "long-episodes-count-more": gradient(visits((_, __, all) => 1 / all)),
    "uniform-for-model": gradient(each, (mu) => mu.map(() => 1 / mu.length)),
    "expert-alone": gradient(each, (mu) => mu.map(() => 0)),
  },
  "15/irl-loop": {
    "turned-round": loop({ sign: -1 }),
    "model-not-updated": loop({ stale: true }),
    "draws-from-the-expert": loop({ expert: true }),
    "sum-for-mean": loop({ sum: true }),
    "expert-uniform": loop({ plain: true }),
    "one-list": loop({ shared: true }),
  },
  "15/explaining-reward": {
    "no-gamma": explain((p, here, there, _, tau) => right(p, here, there, 1, tau)),
    "no-tau": explain((p, here, there, gamma) => right(p, here, there, gamma, 1)),
    "turned-round": explain((p, here, there, gamma, tau) => right(p, -here, -there, gamma, tau)),
    "first-action": explain(right, () => 0),
    "no-logarithm": explain((p, here, there, gamma, tau) => tau * p + here - gamma * there),
  },
  "15/find-the-bug": {
    "no-normaliser": design((pays, chosen) => pays[chosen]),
    "turned-round": design((pays, chosen) => pays[chosen] - logSum(pays), -1),
    "greatest-for-sum": design((pays, chosen) => pays[chosen] - Math.max(...pays)),
    "mean-for-sum": design((pays, chosen) => pays[chosen] - total(pays) / pays.length),
    "not-a-distribution": design((pays, chosen) => pays[chosen] - logSum(pays), 1, false),
  },
  "15/best-signal": {
    "own-work-only": interval(() => 0.5),
    "robot-only": interval((a, b) => b / a),
    "one-side": { plainInterval: (a: number, b: number) => [0.5, Math.max(0.5, Math.min(1, plain(a, b)))] },
    "turned-round": { plainInterval: (a: number, b: number) => interval(plain).plainInterval(a, b).reverse() },
    "not-cut": { plainInterval: (a: number, b: number) => [1 - plain(a, b), plain(a, b)] },
  },
  "15/off-switch": {
    "never-off": wait((u, p, tau) => noisy(u, p, tau) - dot(u, p)),
    "only-off": wait(noisy),
    "mean-first": wait((u, p, tau) => dot(u, p) * sigmoid(dot(u, p) / tau) - positive(dot(u, p))),
    "sharpness-for-noise": wait((u, p, tau) => noisy(u, p, 1 / tau) - positive(dot(u, p))),
    "rational-person": wait((u, p) => dot(p, u.map(positive)) - positive(dot(u, p))),
  },
  "15/ask-or-act": {
    "asking-is-free": mail((send, gain) => (gain > positive(send) ? "ask" : without(send))),
    "cost-if-sent": mail((send, gain, c, yes) => (gain - c * yes > positive(send) ? "ask" : without(send))),
    "never-drops": mail((send, gain, c) => (gain - c > send ? "ask" : "send")),
    "mean-first": mail((send, _, c) => (positive(send) - c > positive(send) ? "ask" : without(send))),
    "asks-on-ties": mail((send, gain, c) => (gain - c >= positive(send) ? "ask" : without(send))),
  },
  "15/relative-reachability": {
    "gains-count": reach((base, now, n) => total(lost(base, now).map(Math.abs)) / n),
    "gains-make-up": reach((base, now, n) => positive(total(lost(base, now))) / n),
    "turned-round": reach((base, now, n) => total(lost(now, base).map(positive)) / n),
    "sum-for-mean": reach((base, now) => total(lost(base, now).map(positive))),
    "columns-for-rows": {
      lostReach: (table: number[][], base: number, now: number) =>
        total(table.map((row) => positive(row[base] - row[now]))) / table.length,
    },
  },
};
