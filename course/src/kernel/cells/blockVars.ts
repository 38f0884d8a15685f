import type * as ts from "@tslab/typescript-for-tslab";
import type { TypeScript } from "./typescript.js";

/**
 * `var` in a block or in the head of a loop belongs to the whole cell, and so to the cells after it. The second pass
 * exports only what it sees assigned, or declared at the top: `if (x) { var a = 1; }` becomes
 * `var a; if (x) { a = 1; }`.
 */
export function hoistBlockVars(typescript: TypeScript): ts.TransformerFactory<ts.SourceFile> {
  const { factory, NodeFlags } = typescript;
  const { converters } = factory as unknown as { converters: Converters };
  const isVar = (node: ts.Node | undefined): node is ts.VariableDeclarationList =>
    node !== undefined && typescript.isVariableDeclarationList(node) && (node.flags & NodeFlags.BlockScoped) === 0;

  return (context) => (file) => {
    const names = new Set<string>();
    const statements = file.statements.map((statement) =>
      typescript.isVariableStatement(statement) ? statement : (typescript.visitNode(statement, visit) as ts.Statement),
    );
    if (names.size === 0) return file;
    const declared = [...names].map((name) => factory.createVariableDeclaration(name));
    return factory.updateSourceFile(file, [factory.createVariableStatement(undefined, declared), ...statements]);

    function visit(node: ts.Node): ts.Node {
      // Neither a function's variables nor what stands in expressions belongs to the cell.
      if (typescript.isFunctionLike(node) || typescript.isClassLike(node) || typescript.isModuleDeclaration(node))
        return node;
      if (typescript.isExpressionStatement(node)) return node;
      if (typescript.isVariableStatement(node))
        return isVar(node.declarationList) ? statement(assignments(node.declarationList), node) : node;
      if (typescript.isForStatement(node) && isVar(node.initializer)) {
        const { initializer, condition, incrementor } = node;
        return factory.updateForStatement(node, assignments(initializer), condition, incrementor, body(node.statement));
      }
      if ((typescript.isForOfStatement(node) || typescript.isForInStatement(node)) && isVar(node.initializer)) {
        const value = factory.createUniqueName("value");
        const { name } = node.initializer.declarations[0]!;
        const head = factory.createVariableDeclarationList([factory.createVariableDeclaration(value)], NodeFlags.Const);
        const block = factory.createBlock([statement(assignment(name, value), node.initializer), body(node.statement)]);
        return typescript.isForOfStatement(node)
          ? factory.updateForOfStatement(node, node.awaitModifier, head, node.expression, block)
          : factory.updateForInStatement(node, head, node.expression, block);
      }
      return typescript.visitEachChild(node, visit, context);
    }

    function body(node: ts.Statement): ts.Statement {
      return typescript.visitNode(node, visit) as ts.Statement;
    }

    /** `a = 1, b = 2` for `var a = 1, b = 2, c`. */
    function assignments(list: ts.VariableDeclarationList): ts.Expression | undefined {
      const all: ts.Expression[] = list.declarations.flatMap(({ name, initializer }) => {
        note(name);
        return initializer === undefined ? [] : [assignment(name, initializer)];
      });
      const [first, ...more] = all;
      if (first === undefined) return undefined;
      return typescript.setTextRange(
        more.reduce((left, right) => factory.createComma(left, right), first),
        list,
      );
    }

    function assignment(name: ts.BindingName, value: ts.Expression): ts.Expression {
      note(name);
      const target = typescript.isIdentifier(name) ? name : converters.convertToAssignmentPattern(name);
      return typescript.setTextRange(factory.createAssignment(target, value), name);
    }

    function note(name: ts.BindingName): void {
      if (typescript.isIdentifier(name)) names.add(name.text);
      else for (const part of name.elements) if (typescript.isBindingElement(part)) note(part.name);
    }
  };

  function statement(value: ts.Expression | undefined, at: ts.Node): ts.Statement {
    const made = value === undefined ? factory.createEmptyStatement() : factory.createExpressionStatement(value);
    return typescript.setTextRange(made, at);
  }
}

/** What the compiler's public types leave out of its factory. */
interface Converters {
  convertToAssignmentPattern(name: ts.BindingPattern): ts.Expression;
}
