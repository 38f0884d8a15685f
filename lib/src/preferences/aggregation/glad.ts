import { checkPositive } from "../../core/checks.js";
import { logSigmoid, sigmoid } from "../../numerics/index.js";
import {
  type Annotations,
  type Consensus,
  classesAlike,
  consensus,
  type EmOptions,
  type EmReport,
  keepTies,
  normaliseLogRows,
  runEm,
} from "./annotations.js";
import { majorityVote } from "./vote.js";

export interface GladFit extends Consensus, EmReport {
  /** Ability of each labeler, [labelers], in nats: 0 guesses, below 0 misleads. */
  readonly ability: Float64Array;
  /** Easiness of each task, [tasks], above 0: the odds of a right answer are exp(ability * easiness). */
  readonly easiness: Float64Array;
  /**
   * Groups of classes that the answers do not tell apart at this point: in every task they are equally probable.
   * Usually none. Where there are (each task's answers are a tie, and nobody has shown to be better), the point is a
   * saddle of the likelihood, or a plateau: by symmetry EM cannot leave it by itself. Ask more people.
   */
  readonly alike: readonly (readonly number[])[];
}

export interface GladOptions extends EmOptions {
  /** Standard deviation of the Gaussian priors, on abilities around 1 and on log easiness around 0. Default 1. */
  spread?: number;
}

/**
 * GLAD: some tasks are harder. Labeler w answers task i rightly with probability sigmoid(a_w exp(b_i)), else picks any
 * other class alike (Whitehill et al. 2009, NeurIPS 22). EM; the M-step climbs in each a_w and then each b_i by a
 * guarded Newton step, so the log-posterior rises at every iteration. Departs from the paper: priors a ~ N(1, spread),
 * b ~ N(0, spread), and no gradient ascent.
 * @throws DomainError without annotations or for a spread that is not above 0
 */
export function glad(data: Annotations, options: GladOptions = {}): GladFit {
  const { spread = 1 } = options;
  checkPositive("spread", spread);
  const { tasks, labelers, classes: K, task, labeler, label } = data;
  const posterior = majorityVote(data).posterior;
  const ability = new Float64Array(labelers).fill(1);
  const logEasiness = new Float64Array(tasks);
  const byLabeler = rowsBy(labeler, labelers);
  const byTask = rowsBy(task, tasks);
  const precision = 1 / spread ** 2;
  const right = (k: number) => posterior[task[k] * K + label[k]];

  /**
   * One coordinate x up its expected log-posterior: Newton where it bends down, the slope
   * otherwise, halved until it climbs.
   */
  const climb = (
    x: number,
    centre: number,
    rows: Int32Array,
    // z(x) of a row, with its first and second derivatives in x
    z: (k: number, x: number) => readonly [z: number, slope: number, bend: number],
  ): number => {
    const value = (at: number) => {
      let sum = -0.5 * precision * (at - centre) ** 2;
      for (const k of rows) {
        const q = right(k);
        const odds = z(k, at)[0];
        sum += q * logSigmoid(odds) + (1 - q) * logSigmoid(-odds);
      }
      return sum;
    };
    let slope = -precision * (x - centre);
    let bend = -precision;
    for (const k of rows) {
      const [odds, dz, ddz] = z(k, x);
      const p = sigmoid(odds);
      slope += (right(k) - p) * dz;
      bend += (right(k) - p) * ddz - p * (1 - p) * dz * dz;
    }
    let step = bend < 0 ? -slope / bend : slope;
    step = Math.max(-1, Math.min(1, step));
    const before = value(x);
    // Near the top the climb drowns in rounding: a step refused for one labeler and taken by
    // another would tell them apart.
    const enough = before - 1e-14 * (1 + Math.abs(before));
    for (let halvings = 0; halvings < 20; halvings++, step /= 2) {
      if (value(x + step) >= enough) return x + step;
    }
    return x;
  };

  const mStep = () => {
    for (let w = 0; w < labelers; w++) {
      ability[w] = climb(ability[w], 1, byLabeler[w], (k, a) => {
        const easy = Math.exp(logEasiness[task[k]]);
        return [a * easy, easy, 0];
      });
    }
    for (let i = 0; i < tasks; i++) {
      logEasiness[i] = climb(logEasiness[i], 0, byTask[i], (k, b) => {
        const odds = ability[labeler[k]] * Math.exp(b);
        return [odds, odds, odds];
      });
    }
  };

  const report = runEm(data, options, () => {
    mStep();
    posterior.fill(Math.log(1 / K));
    let value = 0;
    for (let k = 0; k < task.length; k++) {
      const odds = ability[labeler[k]] * Math.exp(logEasiness[task[k]]);
      const miss = logSigmoid(-odds) - Math.log(K - 1);
      value += miss;
      posterior[task[k] * K + label[k]] += logSigmoid(odds) - miss;
    }
    keepTies(posterior, K);
    value += normaliseLogRows(posterior, K);
    for (let w = 0; w < labelers; w++) value -= 0.5 * precision * (ability[w] - 1) ** 2;
    for (let i = 0; i < tasks; i++) value -= 0.5 * precision * logEasiness[i] ** 2;
    return value;
  });
  const easiness = logEasiness.map(Math.exp);
  return { ...consensus(posterior, K), ...report, ability, easiness, alike: classesAlike(posterior, K) };
}

/** The rows of each key, in order. */
function rowsBy(keys: Int32Array, count: number): Int32Array[] {
  const sizes = new Int32Array(count);
  for (const key of keys) sizes[key]++;
  const rows = Array.from(sizes, (size) => new Int32Array(size));
  const filled = new Int32Array(count);
  keys.forEach((key, k) => {
    rows[key][filled[key]++] = k;
  });
  return rows;
}
