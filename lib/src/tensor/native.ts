import { backend } from "./backend.js";
import type { NativeBackend } from "./binding.js";
import { tf } from "./tf.js";

/** The native backend when it computes, else undefined. */
export function nativeBackend(): NativeBackend | undefined {
  if (backend().name !== "native" || tf.getBackend() !== "tensorflow") return undefined;
  return tf.backend() as unknown as NativeBackend;
}
