import { expect } from "chai";
import { DomainError } from "rlhf-lab";
import {
  adam,
  adamW,
  clipByGlobalNorm,
  constantSchedule,
  cosineSchedule,
  globalNorm,
  linearSchedule,
  type Optimizer,
  type Schedule,
  sgd,
  type Tree,
  tf,
  valueAndGradients,
  warmupSchedule,
} from "rlhf-lab/tensor";

const START = [1, -2, 0.5];

/** Parameters after some updates with the gradient 2 w + [1, -1, 0.1 step], in float32 tensors. */
function run<S extends Tree>(optimizer: Optimizer<S>, steps: number): number[] {
  return tf.tidy(() => {
    let params = { w: tf.tensor2d([START]) };
    let state = optimizer.init(params);
    for (let step = 0; step < steps; step++) {
      const gradients = { w: tf.add(tf.mul(params.w, 2), tf.tensor2d([[1, -1, 0.1 * step]])) as tf.Tensor2D };
      ({ params, state } = optimizer.update(gradients, state, params));
    }
    return [...params.w.dataSync()];
  });
}

/** The same in float64 on plain numbers, with a rule written from the paper, one parameter at a time. */
function oracle(steps: number, rule: () => (w: number, g: number, t: number) => number): number[] {
  return START.map((start, i) => {
    const update = rule();
    let w = start;
    for (let step = 0; step < steps; step++) w = update(w, 2 * w + [1, -1, 0.1 * step][i], step + 1);
    return w;
  });
}

function adamRule(rate: (t: number) => number, decay = 0, b1 = 0.9, b2 = 0.999, epsilon = 1e-8) {
  return () => {
    let [m, v] = [0, 0];
    return (w: number, g: number, t: number) => {
      m = b1 * m + (1 - b1) * g;
      v = b2 * v + (1 - b2) * g * g;
      const step = m / (1 - b1 ** t) / (Math.sqrt(v / (1 - b2 ** t)) + epsilon);
      return w - rate(t) * decay * w - rate(t) * step;
    };
  };
}

function expectClose(got: number[], want: number[], tolerance = 2e-6): void {
  want.forEach((value, i) => void expect(got[i]).closeTo(value, tolerance));
}

describe("optimisers", () => {
  it("Adam is the paper's, from the first step on", () => {
    for (const steps of [1, 2, 50]) {
      expectClose(
        run(adam({ rate: 0.01 }), steps),
        oracle(
          steps,
          adamRule(() => 0.01),
        ),
      );
    }
    const options = { rate: 0.05, beta1: 0.5, beta2: 0, epsilon: 0.1 };
    expectClose(
      run(adam(options), 20),
      oracle(
        20,
        adamRule(() => 0.05, 0, 0.5, 0, 0.1),
      ),
    );
  });

  it("AdamW shrinks matrices apart from the gradient, and leaves vectors alone", () => {
    expectClose(
      run(adamW({ rate: 0.01, decay: 0.3 }), 30),
      oracle(
        30,
        adamRule(() => 0.01, 0.3),
      ),
    );
    tf.tidy(() => {
      const params = { bias: tf.ones([2]), weight: tf.ones([1, 2]) };
      const none = { bias: tf.zeros([2]), weight: tf.zeros([1, 2]) };
      const optimizer = adamW({ rate: 0.1, decay: 0.5 });
      const next = optimizer.update(none, optimizer.init(params), params).params;
      expect([...next.bias.dataSync()]).deep.equal([1, 1]);
      expectClose([...next.weight.dataSync()], [0.95, 0.95]);
    });
  });

  it("SGD, with and without momentum", () => {
    expectClose(
      run(sgd({ rate: 0.1 }), 10),
      oracle(10, () => (w, g) => w - 0.1 * g),
    );
    const momentum = () => {
      let velocity = 0;
      return (w: number, g: number) => {
        velocity = 0.8 * velocity + g;
        return w - 0.1 * velocity;
      };
    };
    expectClose(run(sgd({ rate: 0.1, momentum: 0.8 }), 10), oracle(10, momentum));
  });

  it("finds the minimum of a quadratic, and updates leave their arguments alone", () => {
    tf.tidy(() => {
      let params = { w: tf.tensor1d([3, -4]), b: { c: tf.scalar(2) } };
      const first = params;
      const optimizer = adam({ rate: linearSchedule(0.3, 300) });
      let state = optimizer.init(params);
      for (let step = 0; step < 300; step++) {
        const { gradients } = valueAndGradients(params, (p) =>
          tf.add(tf.sum(tf.square(tf.sub(p.w, tf.tensor1d([1, 2])))), tf.square(p.b.c)),
        );
        ({ params, state } = optimizer.update(gradients, state, params));
      }
      expectClose([...params.w.dataSync()], [1, 2], 1e-3);
      expect(params.b.c.dataSync()[0]).closeTo(0, 1e-3);
      expect(state.step.dataSync()[0]).equal(300);
      expect([...first.w.dataSync()]).deep.equal([3, -4]);
    });
  });

  it("clipping: the norm, the direction, small and zero gradients untouched", () => {
    tf.tidy(() => {
      const g = { a: tf.tensor1d([3, 0]), b: tf.tensor2d([[0], [4]]) };
      expect(globalNorm(g).dataSync()[0]).equal(5);
      const half = clipByGlobalNorm(g, 2.5);
      expectClose([...half.a.dataSync(), ...half.b.dataSync()], [1.5, 0, 0, 2]);
      expect([...clipByGlobalNorm(g, 10).a.dataSync()]).deep.equal([3, 0]);
      expect([...clipByGlobalNorm({ z: tf.zeros([2]) }, 1).z.dataSync()]).deep.equal([0, 0]);
    });
    const clipped = () => (w: number, g: number) => w - 0.1 * g;
    const free = run(sgd({ rate: 0.1, maxNorm: 1e6 }), 3);
    expectClose(free, oracle(3, clipped));
    const tight = run(sgd({ rate: 1, maxNorm: 0.5 }), 1);
    expect(Math.hypot(...tight.map((w, i) => w - START[i]))).closeTo(0.5, 1e-6);
  });

  it("schedules at their corners", () => {
    const at = (schedule: Schedule, ...steps: number[]) =>
      tf.tidy(() => steps.map((step) => schedule(tf.scalar(step)).dataSync()[0]));
    expectClose(at(constantSchedule(0.3), 0, 9), [0.3, 0.3]);
    expectClose(at(warmupSchedule(1, 4), 0, 1, 3, 10), [0.25, 0.5, 1, 1]);
    expectClose(at(linearSchedule(1, 10, { final: 0.2 }), 0, 5, 10, 99), [1, 0.6, 0.2, 0.2]);
    expectClose(at(cosineSchedule(2, 10), 0, 5, 10, 99), [2, 1, 0, 0]);
    expectClose(at(cosineSchedule(2, 14, { warmup: 4 }), 0, 3, 4, 9, 14), [0.5, 2, 2, 1, 0]);
    expectClose(
      run(adam({ rate: warmupSchedule(0.1, 5) }), 8),
      oracle(
        8,
        adamRule((t) => 0.1 * Math.min(1, t / 5)),
      ),
    );
  });

  it("refuses settings that cannot be", () => {
    expect(() => adam({ rate: -1 })).throw(DomainError, "rate: expected a number of at least 0, got -1");
    expect(() => adam({ rate: 1, beta1: 1 })).throw(DomainError, "beta1");
    expect(() => adam({ rate: 1, epsilon: 0 })).throw(DomainError, "epsilon");
    expect(() => adamW({ rate: 1, decay: -0.1 })).throw(DomainError, "decay");
    expect(() => sgd({ rate: 1, momentum: 1 })).throw(DomainError, "momentum");
    expect(() => linearSchedule(1, 5, { warmup: 5 })).throw(DomainError, "more than the warm-up");
    expect(() => cosineSchedule(1, 0)).throw(DomainError, "steps");
  });
});
