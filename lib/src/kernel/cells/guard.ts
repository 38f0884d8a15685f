import type * as ts from "@tslab/typescript-for-tslab";
import type { TypeScript } from "./typescript.js";

/**
 * Puts a guard on every `await` of a cell: `await x` becomes `__tslab__.resume(await __tslab__.guard(x))`, and
 * `for await (const x of xs)` asks the guard for each x. An interrupted cell then stops at its next await and stays stopped, wherever its loops are:
 *
 * ```ts
 * while (true) { await step(); }   // would run on for good after a cell that has been given up
 * ```
 */
export function guardAwaits(typescript: TypeScript): ts.TransformerFactory<ts.SourceFile> {
  const { factory } = typescript;
  return (context) => {
    const call = (name: string, argument: ts.Expression) =>
      factory.createCallExpression(
        factory.createPropertyAccessExpression(factory.createIdentifier("__tslab__"), name),
        undefined,
        [argument],
      );
    const visit = (node: ts.Node): ts.Node => {
      if (typescript.isAwaitExpression(node)) {
        const awaited = typescript.visitNode(node.expression, visit) as ts.Expression;
        return typescript.setTextRange(call("resume", factory.createAwaitExpression(call("guard", awaited))), node);
      }
      if (typescript.isForOfStatement(node) && node.awaitModifier !== undefined) {
        const visited = typescript.visitEachChild(node, visit, context);
        return factory.updateForOfStatement(
          visited,
          visited.awaitModifier,
          visited.initializer,
          call("guardEach", visited.expression),
          visited.statement,
        );
      }
      return typescript.visitEachChild(node, visit, context);
    };
    return (file) => typescript.visitNode(file, visit) as ts.SourceFile;
  };
}
