// TensorFlow's binding watched, and with functions of its own.
import { expect } from "chai";
import type { Binding } from "../../lib/src/tensor/binding.js";
import { capture, tf } from "../../lib/src/tensor/index.js";
import { nativeBackend } from "../../lib/src/tensor/native.js";

/** A binding with some of its functions, which are read-only, replaced. */
export function replaced(own: Binding, others: Partial<Binding>): Binding {
  return Object.create(own, Object.fromEntries(Object.entries(others).map(([name, value]) => [name, { value }])));
}

/** The binding counted while `work` runs: tensors not given back, graphs loaded and closed, and how often they run. */
export function counted(work: () => void): Record<"tensors" | "loaded" | "closed" | "runs", number> {
  const native = nativeBackend();
  if (native === undefined) throw new Error("counted: native TensorFlow alone");
  const own = native.binding;
  const count = { tensors: 0, loaded: 0, closed: 0, runs: 0 };
  const add = (what: keyof typeof count, by: number) => {
    count[what] += by;
  };
  const counting: Partial<Binding> = {
    createTensor: (...args) => {
      add("tensors", 1);
      return own.createTensor(...args);
    },
    deleteTensor: (id) => {
      add("tensors", -1);
      own.deleteTensor(id);
    },
    loadSavedModel: (...args) => {
      add("loaded", 1);
      return own.loadSavedModel(...args);
    },
    deleteSavedModel: (id) => {
      add("closed", 1);
      own.deleteSavedModel(id);
    },
    runSavedModel: (...args) => {
      add("runs", 1);
      const handles = own.runSavedModel(...args);
      add("tensors", handles.length);
      return handles;
    },
  };
  native.binding = replaced(own, counting);
  try {
    work();
  } finally {
    native.binding = own;
  }
  return count;
}

/** Runs `same` where there is no native TensorFlow, and while a graph is recorded. */
export async function whereTensorFlowIsNotAsked(same: () => void): Promise<void> {
  const usual = tf.getBackend();
  try {
    await tf.setBackend("cpu");
    same();
  } finally {
    await tf.setBackend(usual);
  }
  const add = (x: tf.Tensor) => {
    same();
    return tf.add(x, 1);
  };
  expect(tf.tidy(() => capture(add, [tf.scalar(0)])(tf.scalar(2)).dataSync()[0])).to.equal(3);
}
