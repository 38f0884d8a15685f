import type * as ts from "@tslab/typescript-for-tslab";
import { visitSum } from "./sums.js";
import type { TypeScript } from "./typescript.js";

/**
 * Puts a guard on every `await` of a cell: `await x` becomes `__tslab__.resume(await __tslab__.guard(x))`, and
 * `for await (const x of xs)` asks the guard for each x. An interrupted cell then stops at its next await and stays
 * stopped, wherever its loops are:
 *
 * ```ts
 * while (true) { await step(); }   // would run on for good after a cell that has been given up
 * ```
 *
 * And `import.meta`, which only a module has, becomes `__tslab__.meta(...)`, which gets the name of the file
 * where there is one.
 *
 * @param inCell whether it is a cell, not a file that a cell imports
 */
export function guardAwaits(typescript: TypeScript, inCell: boolean): ts.TransformerFactory<ts.SourceFile> {
  const { factory } = typescript;
  return (context) => {
    const call = (name: string, argument: ts.Expression) =>
      factory.createCallExpression(
        factory.createPropertyAccessExpression(factory.createIdentifier("__tslab__"), name),
        undefined,
        [argument],
      );
    const visit = (node: ts.Node): ts.Node => {
      if (typescript.isBinaryExpression(node)) return visitSum(typescript, node, visit);
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
      if (typescript.isMetaProperty(node) && node.keywordToken === typescript.SyntaxKind.ImportKeyword) {
        const module = factory.createIdentifier("module");
        const path = inCell ? factory.createVoidZero() : factory.createPropertyAccessExpression(module, "filename");
        return typescript.setTextRange(call("meta", path), node);
      }
      return typescript.visitEachChild(node, visit, context);
    };
    return (file) => typescript.visitNode(file, visit) as ts.SourceFile;
  };
}
