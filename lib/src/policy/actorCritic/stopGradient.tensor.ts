import { tf, withGradient } from "../../tensor/index.js";

/** The tensor itself on the way forward, nothing on the way back: what stands inside is data to the loss. */
export function stopGradient<T extends tf.Tensor>(x: T): T {
  return withGradient(
    [x],
    (value) => [value.clone()],
    (dy) => [tf.zerosLike(dy)],
  ) as T;
}
