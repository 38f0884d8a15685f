import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import util from "node:util";
import type * as tfjs from "@tensorflow/tfjs-node";
import { MissingPackageError } from "../core/index.js";
import { isNotInstalled } from "../core/optionalPackage.js";
import { improveKernels } from "./kernels.js";

/** What computes: "native" is TensorFlow's C++ library, "wasm" about 3 to 10 times slower, "js" 50 times. */
export interface Backend {
  name: "native" | "wasm" | "js";
  /** Why this one: "" for native, else what stopped the faster one. */
  why: string;
  /** The version of TensorFlow.js. */
  version: string;
}

let loaded: { tf: typeof tfjs; backend: Backend } | undefined;

/** Which engine computes, and why. Loads TensorFlow.js on first use. */
export function backend(): Backend {
  return { ...load().backend };
}

/**
 * Waits until the fastest engine is there. Native TensorFlow needs no waiting; without it, this switches from plain
 * JavaScript to WebAssembly where the package @tensorflow/tfjs-backend-wasm is installed, which cannot be done at once.
 */
export async function backendReady(): Promise<Backend> {
  const { tf, backend } = load();
  if (backend.name === "js") {
    try {
      createRequire(import.meta.url)("@tensorflow/tfjs-backend-wasm");
      sumSegmentsByProduct(tf);
      if (await tf.setBackend("wasm")) backend.name = "wasm";
    } catch (error) {
      backend.why += `; WebAssembly: ${firstLine(error)}`;
    }
  }
  return { ...backend };
}

/**
 * TensorFlow.js itself, loaded on first use and never before: half a second, and 250 MB of memory.
 * @throws MissingPackageError if it is not installed, in any of its forms
 */
export function loadTensorFlow(): typeof tfjs {
  return load().tf;
}

function load(): { tf: typeof tfjs; backend: Backend } {
  if (loaded !== undefined) return loaded;
  const require = createRequire(import.meta.url);
  // TensorFlow reads these when its library is loaded. Errors stay visible; the greeting and the advice do not.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= "2";
  // oneDNN's kernels are slow for small work and cannot be had for large work alone this way: kernels.ts names them
  // where they pay. The switch also greets on stderr, unasked.
  process.env.TF_ENABLE_ONEDNN_OPTS ??= "0";
  // Half of the cores for one op: a transformer computes its batch in two halves side by side (models/halves.ts). With
  // all cores for every op a small training step takes a third longer, most of it in handing over small pieces.
  process.env.TF_NUM_INTRAOP_THREADS ??= String(Math.max(1, availableParallelism() >> 1));
  // Freed memory stays with TensorFlow for the next op, instead of going back to the system and
  // being cleared again: 10 %.
  process.env.TF_CPU_ALLOCATOR_USE_BFC ??= "1";
  // tfjs-node 4.22 calls a function that Node 23 removed.
  const old = util as unknown as { isNullOrUndefined?: (x: unknown) => boolean };
  old.isNullOrUndefined ??= (x) => x === null || x === undefined;
  try {
    const tf = require("@tensorflow/tfjs-node") as typeof tfjs;
    improveKernels(tf);
    loaded = { tf, backend: { name: "native", why: "", version: tf.version["tfjs-core"] } };
  } catch (error) {
    const tf = inJavaScript(require);
    tf.env().set("PROD", true); // silences its advice to install tfjs-node, which is what just failed
    const why = `native TensorFlow did not load: ${firstLine(error)}`;
    loaded = { tf, backend: { name: "js", why, version: tf.version["tfjs-core"] } };
    const cure = isNotInstalled(error, NATIVE) ? `npm install ${NATIVE} helps.` : "npm start repairs it.";
    console.warn(`TensorFlow.js runs in plain JavaScript, about 50 times slower (${why}). ${cure}`);
  }
  return loaded;
}

const NATIVE = "@tensorflow/tfjs-node";

/** TensorFlow.js without its native library. */
function inJavaScript(require: NodeJS.Require): typeof tfjs {
  try {
    return require("@tensorflow/tfjs");
  } catch (error) {
    if (!isNotInstalled(error, "@tensorflow/tfjs")) throw error;
    const slower =
      "@tensorflow/tfjs with @tensorflow/tfjs-backend-wasm, 3 to 10 times slower, where that cannot be built";
    throw new MissingPackageError(
      `Tensors need TensorFlow.js, which is not installed: npm install ${NATIVE} (or ${slower})`,
    );
  }
}

/**
 * The gradient of gather, which WebAssembly lacks: sums of rows by segment, as a product with the segments' indicators.
 */
function sumSegmentsByProduct(tf: typeof tfjs): void {
  tf.registerKernel({
    kernelName: "UnsortedSegmentSum",
    backendName: "wasm",
    kernelFunc: ({ inputs, attrs }) => {
      const { x, segmentIds } = inputs as unknown as { x: tfjs.Tensor; segmentIds: tfjs.Tensor1D };
      const { numSegments } = attrs as unknown as { numSegments: number };
      return tf.tidy(() => {
        const member = tf.oneHot(segmentIds, numSegments).toFloat() as tfjs.Tensor2D;
        const rows = x.reshape([segmentIds.size, -1]) as tfjs.Tensor2D;
        return tf.matMul(member, rows, true).reshape([numSegments, ...x.shape.slice(1)]);
      });
    },
  });
}

function firstLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error).split("\n", 1)[0];
}
