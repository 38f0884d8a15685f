import { checkCount, checkFinite, checkNumbers, checkPositive } from "../core/checks.js";
import { complaint, DomainError, ShapeError } from "../core/index.js";
import { dot } from "../numerics/dot.js";
import { sigmoid } from "../numerics/index.js";
import { type Key, normal, split, uniform } from "../random/index.js";
import { meanAggregate, type Reports } from "./aggregate.js";
import type { Attack } from "./attacks.js";

/** Clients with quadratic losses a_i / 2 (x - c_i)^2 that take so many steps of one rate between two meetings. */
export interface FedAvgOptions {
  curvatures: ArrayLike<number>;
  optima: ArrayLike<number>;
  rate: number;
  localSteps: number;
}

/** One round of federated averaging: every client steps on its own from x, and the mean of where they end is taken. */
export function fedAvgRound(x: number, { curvatures, optima, rate, localSteps }: FedAvgOptions): number {
  checkQuadratics({ curvatures, optima, rate, localSteps });
  let sum = 0;
  for (let i = 0; i < curvatures.length; i++) {
    sum += optima[i] + (x - optima[i]) * (1 - rate * curvatures[i]) ** localSteps;
  }
  return sum / curvatures.length;
}

/**
 * Where federated averaging comes to rest: sum w_i c_i / sum w_i with w_i = 1 - (1 - rate a_i)^localSteps, and not with
 * a_i: the more local steps, the less the steep clients count (client drift; Karimireddy et al. 2020,
 * arXiv:1910.06378).
 * @throws DomainError unless |1 - rate a_i| < 1 for each client: else it never rests
 */
export function fedAvgFixedPoint(options: FedAvgOptions): number {
  checkQuadratics(options);
  const { curvatures, optima, rate, localSteps } = options;
  let [top, bottom] = [0, 0];
  for (let i = 0; i < curvatures.length; i++) {
    const left = 1 - rate * curvatures[i];
    if (!(Math.abs(left) < 1)) {
      throw new DomainError(complaint("rate", `below 2 / ${curvatures[i]}, the curvature of client ${i}`, rate));
    }
    const weight = 1 - left ** localSteps;
    top += weight * optima[i];
    bottom += weight;
  }
  return top / bottom;
}

function checkQuadratics({ curvatures, optima, rate, localSteps }: FedAvgOptions): void {
  if (curvatures.length === 0) throw new ShapeError(complaint("curvatures", "at least one client", curvatures));
  checkNumbers("optima", optima, curvatures.length);
  for (let i = 0; i < curvatures.length; i++) checkPositive(`curvatures[${i}]`, curvatures[i]);
  checkPositive("rate", rate);
  checkCount("localSteps", localSteps);
}

/** Clients who learn one reward together and keep their comparisons to themselves. */
export interface FederatedPreferences {
  /** Differences of features of each honest client's comparisons, winner less loser: [clients][comparisons][d]. */
  readonly clients: readonly (readonly Float64Array[])[];
  /** The weights that fit all honest comparisons best, [d]. */
  readonly optimum: Float64Array;
}

export interface FederatedOptions {
  /** Honest clients; default 12. */
  honest?: number;
  comparisons?: number;
  features?: number;
  /** How far the clients' own tastes lie apart: standard deviation of each weight; default 0. */
  apart?: number;
}

/** Draws honest clients who compare items by a common taste (and a little of their own), noise of Bradley-Terry. */
export function federatedPreferences(key: Key, options: FederatedOptions = {}): FederatedPreferences {
  const { honest = 12, comparisons = 100, features = 10, apart = 0 } = options;
  checkCount("honest", honest);
  checkCount("comparisons", comparisons);
  checkCount("features", features);
  checkFinite("apart", apart);
  const [kTaste, kClients] = split(key, 2);
  const taste = normal(kTaste, features);
  const clients = split(kClients, honest).map((k) => {
    const [kOwn, kItems, kNoise] = split(k, 3);
    const own = normal(kOwn, features).map((w, j) => taste[j] + apart * w);
    const items = normal(kItems, comparisons * features);
    const coins = uniform(kNoise, comparisons);
    return Array.from({ length: comparisons }, (_, c) => {
      const difference = items.slice(c * features, (c + 1) * features);
      return coins[c] < sigmoid(dot(own, difference)) ? difference : difference.map((x) => -x);
    });
  });
  const optimum = federatedFit({ clients, optimum: taste }, { aggregate: meanAggregate, rounds: 400 });
  return { clients, optimum };
}

export interface FederatedFitOptions {
  /** What the server makes of the clients' gradients. */
  aggregate: (reports: Reports) => ArrayLike<number>;
  /** What each of so many colluding clients sends. */
  attack?: { attack: Attack; clients: number };
  rounds?: number;
  rate?: number;
}

/**
 * Gradient ascent on the Bradley-Terry log-likelihood from weights 0: in each round every client sends the mean
 * gradient of its own comparisons (with a penalty 0.01 |w|^2 / 2), liars what the attack says, and the server steps
 * along what it makes of them. Returns the weights, [d].
 */
export function federatedFit(world: FederatedPreferences, options: FederatedFitOptions): Float64Array {
  const { aggregate, attack, rounds = 200, rate = 1 } = options;
  checkCount("rounds", rounds);
  checkPositive("rate", rate);
  let w = new Float64Array(world.optimum.length);
  for (let round = 0; round < rounds; round++) {
    const honest = world.clients.map((client) => gradientOf(client, w));
    const lie = attack?.attack(honest);
    const lies = lie === undefined ? [] : Array.from({ length: attack?.clients ?? 0 }, () => lie);
    const direction = aggregate([...honest, ...lies]);
    w = w.map((x, j) => x + rate * direction[j]);
  }
  return w;
}

function gradientOf(comparisons: readonly Float64Array[], w: Float64Array): Float64Array {
  const gradient = w.map((x) => -0.01 * x);
  for (const difference of comparisons) {
    const pull = sigmoid(-dot(w, difference)) / comparisons.length;
    for (let j = 0; j < w.length; j++) gradient[j] += pull * difference[j];
  }
  return gradient;
}
