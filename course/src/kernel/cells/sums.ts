import type * as ts from "@tslab/typescript-for-tslab";
import type { TypeScript } from "./typescript.js";

/**
 * Visits `a + b + c + ...`. Such a sum is a tree as deep as it is long, to the left; a text put together from a
 * thousand lines must not need a thousand nested calls, so this goes down and up again in loops.
 */
export function visitSum(typescript: TypeScript, sum: ts.BinaryExpression, visit: ts.Visitor) {
  const steps: ts.BinaryExpression[] = [];
  let left: ts.Expression = sum;
  for (; typescript.isBinaryExpression(left); left = left.left) steps.push(left);
  left = typescript.visitNode(left, visit) as ts.Expression;
  for (const step of steps.reverse()) {
    const right = typescript.visitNode(step.right, visit) as ts.Expression;
    left = typescript.factory.updateBinaryExpression(step, left, step.operatorToken, right);
  }
  return left;
}
