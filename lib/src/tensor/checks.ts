import { complaint, DomainError, ShapeError } from "../core/index.js";
import type { tf } from "./tf.js";
import { isTensor } from "./tree.js";

/**
 * Checks a tensor's shape against a pattern of numbers and of letters that must agree among themselves:
 * checkShapes({ logits: [logits, ["B", "T", "V"]], tokens: [tokens, ["B", "T"]] }). "..." first stands for any leading
 * axes. Returns what the letters stand for.
 * @throws ShapeError naming the tensor, its shape and the pattern
 */
export function checkShapes(
  tensors: Record<string, [tensor: tf.Tensor, pattern: readonly (string | number)[]]>,
): Record<string, number> {
  const sizes: Record<string, number> = {};
  let leading: number[] | undefined;
  for (const [name, [tensor, pattern]] of Object.entries(tensors)) {
    if (!isTensor(tensor)) throw new ShapeError(complaint(name, `a tensor [${pattern.join(", ")}]`, tensor));
    let { shape } = tensor;
    let rest = pattern;
    const wrong = () => {
      const known = Object.entries(sizes).map(([letter, size]) => `${letter} = ${size}`);
      if (leading !== undefined && leading.length > 0) known.unshift(`... = ${leading.join(", ")}`);
      const where = known.length > 0 ? ` with ${known.join(", ")}` : "";
      return new ShapeError(
        `${name}: expected shape [${pattern.join(", ")}]${where}, got [${tensor.shape.join(", ")}]`,
      );
    };
    if (pattern[0] === "...") {
      rest = pattern.slice(1);
      if (shape.length < rest.length) throw wrong();
      const head = shape.slice(0, shape.length - rest.length);
      leading ??= head;
      if (head.join() !== leading.join()) throw wrong();
      shape = shape.slice(head.length);
    }
    if (shape.length !== rest.length) throw wrong();
    rest.forEach((want, axis) => {
      const size = typeof want === "number" ? want : (sizes[want] ?? shape[axis]);
      if (shape[axis] !== size) throw wrong();
      if (typeof want === "string") sizes[want] = size;
    });
  }
  return sizes;
}

/** @throws DomainError unless the tensor holds integers */
export function checkIntegers(name: string, tensor: tf.Tensor): void {
  if (tensor.dtype !== "int32") {
    throw new DomainError(
      complaint(name, "a tensor of dtype int32", tensor.dtype, "Make it with tf.tensor(values, shape, 'int32')"),
    );
  }
}
