import type * as ts from "@tslab/typescript-for-tslab";
import { visitSum } from "./sums.js";
import type { TypeScript } from "./typescript.js";

/**
 * What makes a cell of a file: mentions of an earlier cell's `name` become `exports.name`, also in the shorthand
 * `{ name }` (so that `check("01/mean", { mean })` finds `mean`), and the last line's value is kept under a name, which
 * `lastValue` is told. It stands for tslab's own transformer, which overlooks the shorthand, takes the first name in
 * `const { world: mine } = earlier` for a variable, and gives out on long sums.
 */
export function cellNames(
  typescript: TypeScript,
  program: ts.Program,
  lastValue: (name: string) => void,
): ts.TransformerFactory<ts.SourceFile> {
  const { factory } = typescript;
  const checker = program.getTypeChecker();
  const earlier = (symbol: ts.Symbol | undefined): boolean =>
    Boolean(symbol?.declarations?.some((place) => place.getSourceFile().fileName.endsWith("/__prev__.d.ts")));
  const exported = (name: ts.Identifier) =>
    factory.createPropertyAccessExpression(factory.createIdentifier("exports"), name.text);

  return (context) => {
    const inner = <T extends ts.Node>(node: T | undefined) => typescript.visitNode(node, visit) as T | undefined;
    /** A property's name is none of ours, unless it is computed. */
    const property = (name: ts.PropertyName) => (typescript.isIdentifier(name) ? name : inner(name)!);

    function visit(node: ts.Node): ts.Node {
      if (typescript.isIdentifier(node))
        return earlier(checker.getSymbolAtLocation(node)) ? typescript.setTextRange(exported(node), node) : node;
      if (typescript.isBinaryExpression(node)) return visitSum(typescript, node, visit);
      if (typescript.isPropertyAccessExpression(node))
        return factory.updatePropertyAccessExpression(node, inner(node.expression)!, node.name);
      if (typescript.isShorthandPropertyAssignment(node)) return shorthand(node);
      if (typescript.isPropertyAssignment(node))
        return factory.updatePropertyAssignment(node, property(node.name), inner(node.initializer)!);
      if (typescript.isBindingElement(node)) {
        const { dotDotDotToken, propertyName, name, initializer } = node;
        const from = propertyName && property(propertyName);
        return factory.updateBindingElement(node, dotDotDotToken, from, inner(name)!, inner(initializer));
      }
      if (NAMES_NOTHING.has(typescript.SyntaxKind[node.kind]!)) return node;
      return typescript.visitEachChild(node, visit, context);
    }

    /** `{ name }`, and `{ name = fallback }` where it is taken apart. */
    function shorthand(node: ts.ShorthandPropertyAssignment): ts.Node {
      const { name } = node;
      const fallback = inner(node.objectAssignmentInitializer);
      if (!earlier(checker.getShorthandAssignmentValueSymbol(typescript.getOriginalNode(node))))
        return factory.updateShorthandPropertyAssignment(node, name, fallback);
      const value = fallback === undefined ? exported(name) : factory.createAssignment(exported(name), fallback);
      return typescript.setTextRange(factory.createPropertyAssignment(name.text, value), node);
    }

    return (file) => keepLast(inner(file)!);
  };

  function keepLast(file: ts.SourceFile): ts.SourceFile {
    const index = file.statements.findLastIndex((statement) => !typescript.isExportDeclaration(statement));
    const last = file.statements[index];
    if (last === undefined || !typescript.isExpressionStatement(last)) return file;
    const { locals } = typescript.getOriginalNode(file) as { locals?: Map<string, unknown> };
    let name = "tsLastExpr";
    for (let i = 0; locals?.has(name); i++) name = `tsLastExpr${i}`;
    lastValue(name);
    const declared = factory.createVariableDeclaration(name, undefined, undefined, nameless(last.expression));
    const kept = factory.createVariableStatement(
      [factory.createModifier(typescript.SyntaxKind.ExportKeyword)],
      factory.createVariableDeclarationList([declared], typescript.NodeFlags.Const),
    );
    return factory.updateSourceFile(
      file,
      file.statements.map((statement) => (statement === last ? kept : statement)),
    );
  }

  /** In `const name = () => 1` the function would be called after its variable. */
  function nameless(value: ts.Expression): ts.Expression {
    const bare = typescript.skipPartiallyEmittedExpressions(value);
    const takesAName =
      typescript.isArrowFunction(bare) || typescript.isFunctionExpression(bare) || typescript.isClassExpression(bare);
    return takesAName || typescript.isParenthesizedExpression(bare)
      ? factory.createCommaListExpression([factory.createNumericLiteral(0), value])
      : value;
  }
}

const NAMES_NOTHING = new Set([
  "ImportDeclaration",
  "ExportDeclaration",
  "MetaProperty",
  "BreakStatement",
  "ContinueStatement",
]);
