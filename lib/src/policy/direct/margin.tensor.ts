import { checkShapes, tf } from "../../tensor/index.js";

/** h [B] = (chosen - refChosen) - (rejected - refRejected). */
export function margins(
  chosen: tf.Tensor,
  rejected: tf.Tensor,
  refChosen: tf.Tensor,
  refRejected: tf.Tensor,
): tf.Tensor {
  checkShapes({
    chosen: [chosen, ["B"]],
    rejected: [rejected, ["B"]],
    refChosen: [refChosen, ["B"]],
    refRejected: [refRejected, ["B"]],
  });
  return tf.sub(tf.sub(chosen, refChosen), tf.sub(rejected, refRejected));
}
