import type * as ts from "@tslab/typescript-for-tslab";
import type { TypeScript } from "./typescript.js";

/**
 * Mends two things before tslab's own transformer, which turns mentions of an earlier cell's `name` into `exports.name`.
 * It overlooks the shorthand `{ name }`, so that `check("01/mean", { mean })` could not find `mean`; here it becomes
 * `{ name: exports.name }`. And it takes the first name in `const { world: mine } = earlier` for a variable, where the type of
 * `earlier` was declared by an earlier cell; as the string in `{ "world": mine }` it is safe.
 */
export function mendPropertyNames(typescript: TypeScript, program: ts.Program): ts.TransformerFactory<ts.SourceFile> {
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
      if (typescript.isBindingElement(node) && node.propertyName && typescript.isIdentifier(node.propertyName)) {
        const { dotDotDotToken, propertyName, name, initializer } = node;
        const property = factory.createStringLiteral(propertyName.text);
        const target = typescript.visitNode(name, visit) as ts.BindingName;
        const fallback = initializer && (typescript.visitNode(initializer, visit) as ts.Expression);
        return factory.updateBindingElement(node, dotDotDotToken, property, target, fallback);
      }
      if (typescript.isPropertyAssignment(node) && typescript.isIdentifier(node.name)) {
        const value = typescript.visitNode(node.initializer, visit) as ts.Expression;
        return factory.updatePropertyAssignment(node, factory.createStringLiteral(node.name.text), value);
      }
      return typescript.visitEachChild(node, visit, context);
    };
    return (file) => typescript.visitNode(file, visit) as ts.SourceFile;
  };
}
