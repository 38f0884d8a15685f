import { checkLength } from "../../core/checks.js";
import { complaint, ShapeError } from "../../core/index.js";
import { intervalWorst } from "../balls/index.js";
import type { WorstNext } from "./worstNext.js";

/**
 * Every transition probability in an interval of its own, low <= q <= high, [states * actions, states] like the
 * transitions: an interval MDP (Givan, Leach and Dean 2000). The nominal p is not looked at.
 * @throws ShapeError, InfeasibleError as `intervalWorst`, when it is used
 */
export function intervalSet(low: Float64Array, high: Float64Array): WorstNext {
  checkLength("high", high, low.length, "as many as there are in low");
  return (value) => {
    const states = value.length;
    if (low.length % states !== 0) {
      throw new ShapeError(complaint("low", `a multiple of ${states} numbers, one per state`, low));
    }
    return (_, pair) => {
      const [from, to] = [pair * states, (pair + 1) * states];
      return intervalWorst(low.subarray(from, to), high.subarray(from, to), value).value;
    };
  };
}
