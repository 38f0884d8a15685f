// A small training run that writes a checkpoint after every step and resumes from the one it finds: the child process
// of checkpoint.test.ts, which kills it. Arguments: the checkpoint's path, the number of steps.
import { existsSync } from "node:fs";
import { foldIn, type Key, key } from "rlhf-lab";
import { normal32 } from "rlhf-lab/random";
import { adamW, loadCheckpoint, saveCheckpoint, tf, valueAndGradients } from "rlhf-lab/tensor";

const [path, steps] = [process.argv[2], Number(process.argv[3])];
const optimizer = adamW({ rate: 0.05, maxNorm: 1 });
const fresh = { w: tf.tensor(normal32(key(1), 40_000), [200, 200]), b: tf.zeros([200]) };
let run = { step: 0, key: key(7) as Key, trees: { params: fresh, state: optimizer.init(fresh) } };
if (existsSync(path)) run = loadCheckpoint(path, run.trees);

while (run.step < steps) {
  const { params, state } = run.trees;
  const x = tf.tensor(normal32(foldIn(run.key, run.step), 800), [4, 200]);
  const { gradients } = valueAndGradients(params, (p) =>
    tf.mean(tf.square(tf.sub(tf.add(tf.matMul(x as tf.Tensor2D, p.w as tf.Tensor2D), p.b), 1))),
  );
  run = { ...run, step: run.step + 1, trees: optimizer.update(gradients, state, params) };
  saveCheckpoint(path, run);
  console.log(run.step);
}
