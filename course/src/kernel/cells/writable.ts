import type * as ts from "@tslab/typescript-for-tslab";
import type { TypeScript } from "./typescript.js";

/** A type with more members than this is `any` to later cells: each of them would read it again. */
const MOST_MEMBERS = 1000;

/** What the compiler's public types leave out. */
interface Checker extends ts.TypeChecker {
  resolveName(name: string, at: ts.Node, meaning: ts.SymbolFlags, excludeGlobals: boolean): ts.Symbol | undefined;
}
type Named = ts.Node & { symbol?: ts.Symbol };

/**
 * Makes a cell's declarations readable for the cells after it. The compiler writes them as for a library, and refuses
 * what a library could not say: a type that has a name only inside of a function, or in a module that does not export
 * it, or private members of a nameless class. A cell may well have such values. Here a type that cannot be named is
 * written out member by member, or is `any` (a recursive or generic one).
 *
 * Also declared here: `var` in a block or in the head of a loop, which belongs to the whole cell.
 */
export function writableDeclarations(
  typescript: TypeScript,
  program: ts.Program,
  cell: ts.SourceFile,
): ts.TransformerFactory<ts.SourceFile | ts.Bundle> {
  const { factory, SymbolFlags, SyntaxKind, NodeBuilderFlags } = typescript;
  const checker = program.getTypeChecker() as Checker;
  const flags =
    NodeBuilderFlags.NoTruncation |
    NodeBuilderFlags.WriteClassExpressionAsTypeLiteral |
    NodeBuilderFlags.UseTypeOfFunction |
    NodeBuilderFlags.IgnoreErrors;
  const any = () => factory.createKeywordTypeNode(SyntaxKind.AnyKeyword);
  /** Types that are being written out, around the one at hand. */
  const open = new Set<ts.Symbol>();

  return (context) => {
    const visit = (node: ts.Node): ts.Node | undefined => {
      if (typescript.isTypeReferenceNode(node)) {
        const symbol = unspeakable(node.typeName);
        if (symbol !== undefined) return written(symbol);
      }
      if (typescript.isTypeQueryNode(node) && unspeakable(node.exprName) !== undefined) return any();
      if (typescript.isTypeLiteralNode(node) && node.members.length > MOST_MEMBERS) return any();
      if (typescript.isTupleTypeNode(node) && node.elements.length > MOST_MEMBERS) return any();
      if (typescript.isTypeElement(node) && node.name !== undefined && typescript.isPrivateIdentifier(node.name))
        return undefined;
      return typescript.visitEachChild(node, visit, context);
    };
    const typeOf = (symbol: ts.Symbol): ts.TypeNode => {
      const node = checker.typeToTypeNode(checker.getTypeOfSymbolAtLocation(symbol, cell), cell, flags);
      return node === undefined ? any() : (typescript.visitNode(node, visit) as ts.TypeNode);
    };

    /** The members of a type without a name that later cells could use. */
    function written(symbol: ts.Symbol): ts.TypeNode {
      const type = checker.getDeclaredTypeOfSymbol(symbol);
      const generic = type.isClassOrInterface() && type.typeParameters !== undefined;
      const called = type.getCallSignatures().length + type.getConstructSignatures().length > 0;
      const isObject = (type.flags & typescript.TypeFlags.Object) !== 0;
      if (open.has(symbol) || !isObject || generic || called || checker.getIndexInfosOfType(type).length > 0)
        return any();
      open.add(symbol);
      const members = type.getProperties().map((property) => {
        const optional =
          property.flags & SymbolFlags.Optional ? factory.createToken(SyntaxKind.QuestionToken) : undefined;
        return factory.createPropertySignature(undefined, propertyName(property.name), optional, typeOf(property));
      });
      open.delete(symbol);
      return factory.createTypeLiteralNode(members);
    }

    return (declarations) => {
      const file = typescript.visitEachChild(declarations as ts.SourceFile, visit, context);
      const missing = hoisted(file).map((symbol) =>
        factory.createVariableStatement(
          [factory.createModifier(SyntaxKind.DeclareKeyword)],
          factory.createVariableDeclarationList([
            factory.createVariableDeclaration(symbol.name, undefined, typeOf(symbol)),
          ]),
        ),
      );
      return missing.length === 0 ? file : factory.updateSourceFile(file, [...file.statements, ...missing]);
    };
  };

  /** The symbol behind a name that the compiler has written although later cells do not know it. */
  function unspeakable(name: ts.EntityName): ts.Symbol | undefined {
    let first = name;
    while (typescript.isQualifiedName(first)) first = first.left;
    const { symbol } = first as Named;
    if (symbol === undefined || symbol.flags & SymbolFlags.TypeParameter) return undefined;
    const meaning = SymbolFlags.Type | SymbolFlags.Value | SymbolFlags.Namespace;
    const found = checker.resolveName(first.text, cell, meaning, false);
    if (found === undefined) return symbol;
    const target = found.flags & SymbolFlags.Alias ? checker.getAliasedSymbol(found) : found;
    const same = target === symbol || found === symbol || target.declarations?.[0] === symbol.declarations?.[0];
    return same ? undefined : symbol;
  }

  /** Variables of the cell that its declarations do not mention. */
  function hoisted(file: ts.SourceFile): ts.Symbol[] {
    const declared = new Set(
      file.statements.flatMap((statement) =>
        typescript.isVariableStatement(statement)
          ? statement.declarationList.declarations.map(({ name }) => (typescript.isIdentifier(name) ? name.text : ""))
          : [],
      ),
    );
    const { locals } = cell as unknown as { locals?: Map<string, ts.Symbol> };
    return [...(locals?.values() ?? [])].filter(
      ({ flags, name }) => flags & SymbolFlags.FunctionScopedVariable && !declared.has(name),
    );
  }

  function propertyName(name: string): ts.PropertyName {
    return /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(name)
      ? factory.createIdentifier(name)
      : factory.createStringLiteral(name);
  }
}
