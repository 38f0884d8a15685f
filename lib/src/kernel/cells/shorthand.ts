import type * as ts from "@tslab/typescript-for-tslab";
import type { TypeScript } from "./typescript.js";

/**
 * Makes `{ name }` mean `{ name: exports.name }` where `name` was declared by an earlier cell. tslab rewrites every other
 * mention of an earlier cell's names, but overlooks this one, so that `check("01/mean", { mean })` could not find `mean`.
 * Runs before tslab's own transformer, on the code that it is about to write.
 */
export function expandShorthand(typescript: TypeScript, program: ts.Program): ts.TransformerFactory<ts.SourceFile> {
  const { factory } = typescript;
  const checker = program.getTypeChecker();
  const fromEarlierCell = (node: ts.Node): boolean => {
    const written = typescript.getOriginalNode(node);
    const value = checker.getShorthandAssignmentValueSymbol(written);
    return Boolean(value?.declarations?.some((place) => place.getSourceFile().fileName.endsWith("/__prev__.d.ts")));
  };
  return (context) => {
    const visit = (node: ts.Node): ts.Node => {
      if (typescript.isShorthandPropertyAssignment(node) && fromEarlierCell(node)) {
        const name = node.name.text;
        const value = factory.createPropertyAccessExpression(factory.createIdentifier("exports"), name);
        return typescript.setTextRange(factory.createPropertyAssignment(name, value), node);
      }
      return typescript.visitEachChild(node, visit, context);
    };
    return (file) => typescript.visitNode(file, visit) as ts.SourceFile;
  };
}
