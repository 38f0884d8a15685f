import { checkCount } from "../core/checks.js";
import { adamDescent } from "../numerics/adamDescent.js";
import { categorical, foldIn, type Key, normal, split } from "../random/index.js";
import type { CoinGrid, CoinPolicy } from "./coinGrid.js";

/**
 * What an agent sees of a level: "cells", one input for each place of the agent and each of the coin; or "directions",
 * made by hand: whether the coin is to the right, left, below or above, the agent's column, and the coin's.
 */
export type CoinPicture = "cells" | "directions";

export interface CoinAgentOptions {
  /** The share of training levels with the coin anywhere. */
  anywhere: number;
  picture?: CoinPicture;
  /** Tanh units between picture and actions; 0 for a linear policy. */
  hidden?: number;
  steps?: number;
  rate?: number;
  /** Levels drawn anew for each step; left out, all of them count with their probabilities. */
  levels?: number;
  /** Called before each step and after the last. */
  watch?(policy: CoinPolicy, step: number): void;
}

/**
 * Trains a policy on the coin grid by policy gradient: J = E sum_t discount^t r_t, its slope in every logit exact by
 * enumeration (no episode is drawn, with `levels` only the levels are), then Adam. The reward is the coin's, always.
 * @throws DomainError for numbers that cannot be
 */
export function trainCoinAgent(key: Key, grid: CoinGrid, options: CoinAgentOptions): CoinPolicy {
  const { anywhere, picture = "cells", hidden = 32, steps = 400, rate = 0.02, levels, watch } = options;
  checkCount("hidden", hidden, 0);
  if (levels !== undefined) checkCount("levels", levels);
  const [startKey, levelKey] = split(key);
  const all = grid.training(anywhere);
  const network = coinNetwork(grid, picture, hidden);
  const drawn = (step: number) => {
    if (levels === undefined) return all;
    const counts = new Float64Array(all.length);
    for (const level of categorical(foldIn(levelKey, step), all.map(Math.log), levels)) counts[level] += 1 / levels;
    return counts;
  };
  const at = adamDescent(
    network.init(startKey),
    (p, step) => {
      const seen = network.forward(p);
      const slopes = returnSlopes(grid, seen.policy, drawn(step));
      return { gradient: network.backward(p, seen, slopes) };
    },
    { steps, rate, watch: watch && ((p, step) => watch(network.forward(p).policy, step)) },
  );
  return network.forward(at).policy;
}

/** dJ / d logit for every (coin, agent, action). */
function returnSlopes(grid: CoinGrid, policy: CoinPolicy, levels: Float64Array): Float64Array {
  const { cells, horizon, discount, moves } = grid;
  const slopes = new Float64Array(policy.length);
  const value = Array.from({ length: horizon + 1 }, () => new Float64Array(cells));
  const q = new Float64Array(4);
  for (let coin = 0; coin < cells; coin++) {
    const base = coin * cells;
    for (let t = horizon - 1; t >= 0; t--) {
      for (let cell = 0; cell < cells; cell++) {
        let sum = 0;
        for (let a = 0; a < 4; a++) {
          const next = moves[cell][a];
          sum += policy[(base + cell) * 4 + a] * (next === coin ? 1 : discount * value[t + 1][next]);
        }
        value[t][cell] = sum;
      }
    }
    let here = levels.slice(base, base + cells);
    for (let t = 0, weight = 1; t < horizon; t++, weight *= discount) {
      const later = new Float64Array(cells);
      for (let cell = 0; cell < cells; cell++) {
        if (here[cell] === 0) continue;
        for (let a = 0; a < 4; a++) {
          const next = moves[cell][a];
          q[a] = next === coin ? 1 : discount * value[t + 1][next];
          const p = policy[(base + cell) * 4 + a];
          slopes[(base + cell) * 4 + a] += weight * here[cell] * p * (q[a] - value[t][cell]);
          if (next !== coin) later[next] += here[cell] * p;
        }
      }
      here = later;
    }
  }
  return slopes;
}

interface Seen {
  policy: CoinPolicy;
  /** [levels][hidden], what the tanh units say. */
  units: Float64Array;
}

/** A picture of each level, as the list of its inputs that are 1; then tanh units and a softmax over four actions. */
function coinNetwork(grid: CoinGrid, picture: CoinPicture, hidden: number) {
  const inputs = picturesOf(grid, picture);
  const width = inputs.reduce((most, list) => list.reduce((m, i) => Math.max(m, i + 1), most), 0);
  const last = hidden === 0 ? width : hidden; // what the actions read
  const from = hidden === 0 ? 0 : width * hidden + hidden; // where the actions' weights begin
  const size = from + last * 4 + 4;
  const logitsOf = (p: Float64Array, level: number, units: Float64Array, out: Float64Array) => {
    for (let a = 0; a < 4; a++) out[a] = p[from + last * 4 + a];
    if (hidden === 0) {
      for (const i of inputs[level]) for (let a = 0; a < 4; a++) out[a] += p[i * 4 + a];
      return;
    }
    for (let h = 0; h < hidden; h++) {
      let z = p[width * hidden + h];
      for (const i of inputs[level]) z += p[i * hidden + h];
      const unit = Math.tanh(z);
      units[level * hidden + h] = unit;
      for (let a = 0; a < 4; a++) out[a] += unit * p[from + h * 4 + a];
    }
  };
  return {
    init(key: Key): Float64Array {
      const start = new Float64Array(size);
      if (hidden === 0) return start;
      const [inKey, outKey] = split(key);
      start.set(normal(inKey, width * hidden).map((z) => 0.5 * z));
      start.set(
        normal(outKey, hidden * 4).map((z) => z / Math.sqrt(hidden)),
        from,
      );
      return start;
    },
    forward(p: Float64Array): Seen {
      const policy = new Float64Array(inputs.length * 4);
      const units = new Float64Array(inputs.length * hidden);
      const out = new Float64Array(4);
      for (let level = 0; level < inputs.length; level++) {
        logitsOf(p, level, units, out);
        const most = Math.max(out[0], out[1], out[2], out[3]);
        let total = 0;
        for (let a = 0; a < 4; a++) total += Math.exp(out[a] - most);
        for (let a = 0; a < 4; a++) policy[level * 4 + a] = Math.exp(out[a] - most) / total;
      }
      return { policy, units };
    },
    /** The gradient of -J. */
    backward(p: Float64Array, { units }: Seen, slopes: Float64Array): Float64Array {
      const gradient = new Float64Array(size);
      for (let level = 0; level < inputs.length; level++) {
        for (let a = 0; a < 4; a++) gradient[from + last * 4 + a] -= slopes[level * 4 + a];
        if (hidden === 0) {
          for (const i of inputs[level]) for (let a = 0; a < 4; a++) gradient[i * 4 + a] -= slopes[level * 4 + a];
          continue;
        }
        for (let h = 0; h < hidden; h++) {
          const unit = units[level * hidden + h];
          let back = 0;
          for (let a = 0; a < 4; a++) {
            gradient[from + h * 4 + a] -= slopes[level * 4 + a] * unit;
            back += slopes[level * 4 + a] * p[from + h * 4 + a];
          }
          back *= 1 - unit * unit;
          gradient[width * hidden + h] -= back;
          for (const i of inputs[level]) gradient[i * hidden + h] -= back;
        }
      }
      return gradient;
    },
  };
}

/** The inputs that are 1 in each level, [cells * cells]. */
function picturesOf({ size, cells }: CoinGrid, picture: CoinPicture): number[][] {
  return Array.from({ length: cells * cells }, (_, level) => {
    const [agent, coin] = [level % cells, Math.floor(level / cells)];
    if (picture === "cells") return [agent, cells + coin];
    const across = (coin % size) - (agent % size);
    const along = Math.floor(coin / size) - Math.floor(agent / size);
    const signs = [across > 0, across < 0, along > 0, along < 0].flatMap((is, i) => (is ? [i] : []));
    return [...signs, 4 + (agent % size), 4 + size + (coin % size)];
  });
}
