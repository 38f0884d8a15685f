import { expect } from "chai";
import fc from "fast-check";
import {
  adherence,
  byPriority,
  type CompiledRule,
  compileRule,
  conflicts,
  type Exchange,
  type Rule,
  rule,
} from "../../lib/src/constitution/index.js";
import { DomainError } from "../../lib/src/core/index.js";

const exchange = (prompt: string, reply: string): Exchange => {
  const words = (text: string) => text.split(" ").filter(Boolean);
  return { prompt: words(prompt), reply: words(reply) };
};
const topics = ["code", "room"];

describe("rules", () => {
  it("read words of prompt and reply as they say", () => {
    const cases: [Rule, string, string, boolean][] = [
      [rule.says("four", "mat"), "", "it is mat", true],
      [rule.says("four"), "four", "five", false],
      [rule.never("four"), "four", "five", true],
      [rule.mentions("code"), "code room", "", true],
      [rule.asksFor(["code"], topics), "code then room", "", false],
      [rule.asksFor(["code"], topics), "room then code now", "", true],
      [rule.asksFor(["code"], topics), "hello", "", false],
      [rule.at(0, "sorry"), "", "sorry no", true],
      [rule.at(1, "sorry"), "", "sorry no", false],
      [rule.before("please", "go"), "", "please go", true],
      [rule.before("please", "go"), "", "go please", false],
      [rule.before("go", "go"), "", "go", false],
      [rule.before("please", "go"), "", "stay", true],
      [rule.atMost(1, "very"), "", "very good", true],
      [rule.atMost(1, "very"), "", "very very good", false],
      [rule.unless(rule.says("four"), rule.mentions("secret")), "secret", "no", true],
      [rule.unless(rule.says("four"), rule.mentions("secret")), "open", "no", false],
    ];
    for (const [tree, prompt, reply, holds] of cases) {
      const compiled = compileRule(tree);
      expect(compiled.holds(exchange(prompt, reply)), JSON.stringify([tree, prompt, reply])).to.equal(holds);
    }
  });

  it("are logic: of words alone the score is 1 where they hold and 0 elsewhere, for every truth table", () => {
    const atom = fc.constantFrom(rule.says("a"), rule.says("b"), rule.mentions("c"), rule.before("a", "b"));
    const { tree } = fc.letrec<{ tree: Rule }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        atom,
        tie("tree").map(rule.not),
        fc.tuple(tie("tree"), tie("tree")).map(([a, b]) => rule.and(a, b)),
        fc.tuple(tie("tree"), tie("tree")).map(([a, b]) => rule.or(a, b)),
        fc.tuple(tie("tree"), tie("tree")).map(([a, b]) => rule.implies(a, b)),
        fc.tuple(tie("tree"), tie("tree")).map(([a, b]) => rule.unless(a, b)),
      ),
    }));
    const truth = (one: Rule, e: Exchange): boolean => {
      if (one.kind === "not") return !truth(one.rule, e);
      if (one.kind === "and") return one.rules.every((part) => truth(part, e));
      if (one.kind === "or") return one.rules.some((part) => truth(part, e));
      if (one.kind === "implies") return truth(one.consequence, e) || !truth(one.condition, e);
      if (one.kind === "unless") return truth(one.exception, e) || truth(one.rule, e);
      return compileRule(one).holds(e);
    };
    const all = ["", "c"].flatMap((p) => ["", "a", "b", "a b", "b a"].map((r) => exchange(p, r)));
    fc.assert(
      fc.property(tree, (one) => {
        const compiled = compileRule(one);
        for (const e of all) {
          expect(compiled.holds(e)).to.equal(truth(one, e));
          expect(compiled.score(e)).to.equal(truth(one, e) ? 1 : 0);
        }
      }),
    );
  });

  it("grade: min, max, 1 - s, max(1 - a, b)", () => {
    const by = (value: number, threshold?: number) => rule.grade(() => value, threshold);
    const score = (tree: Rule) => compileRule(tree).score(exchange("", "very very very"));
    expect(score(rule.and(by(0.3), by(0.6)))).to.equal(0.3);
    expect(score(rule.or(by(0.3), by(0.6)))).to.equal(0.6);
    expect(score(rule.not(by(0.3)))).to.equal(0.7);
    expect(score(rule.implies(by(0.9), by(0.4)))).to.equal(0.4);
    expect(score(rule.implies(by(0.2), by(0.4)))).to.equal(0.8);
    expect(score(rule.unless(by(0.2), by(0.4)))).to.equal(0.4);
    expect(score(rule.atMost(1, "very"))).to.be.closeTo(1 / 3, 1e-15);
    expect(score(rule.atMost(0, "very"))).to.equal(0);
    expect(score(rule.atMost(0, "bad"))).to.equal(1);
    expect(compileRule(by(0.5, 0.5)).holds(exchange("", ""))).to.equal(true);
    expect(compileRule(by(0.5, 0.6)).holds(exchange("", ""))).to.equal(false);
  });

  it("count vacuous truth apart", () => {
    const secret = compileRule(rule.implies(rule.asksFor(["code"], topics), rule.says("sorry")));
    const vacuous = exchange("code room", "nice");
    expect([secret.holds(vacuous), secret.occasion(vacuous)]).to.deep.equal([true, false]);
    const seen = adherence(secret, [vacuous, exchange("code", "sorry"), exchange("code", "four")], [2, 1, 1]);
    expect(seen).to.deep.equal({ holds: 0.75, occasions: 0.5, kept: 0.5 });
    expect(adherence(secret, [vacuous]).kept).to.satisfy(Number.isNaN);
    expect(compileRule(rule.before("a", "b")).occasion(exchange("", "a"))).to.equal(false);
    expect(compileRule(rule.unless(rule.says("x"), rule.mentions("y"))).occasion(exchange("y", ""))).to.equal(false);
  });

  it("refuse what cannot be", () => {
    expect(() => compileRule(rule.at(-1, "x"))).to.throw(DomainError, "place");
    expect(() => compileRule(rule.atMost(0.5, "x"))).to.throw(DomainError, "count");
    expect(() => compileRule(rule.and())).to.throw(DomainError, "and");
    const wrong = compileRule(rule.grade(() => Number.NaN));
    expect(() => wrong.score(exchange("", ""))).to.throw(DomainError, "grade");
    expect(() => adherence(wrong, [])).to.throw(DomainError);
    expect(() => adherence(compileRule(rule.says("a")), [exchange("", "a")], [Number.NaN])).to.throw(DomainError);
    expect(() => adherence(compileRule(rule.says("a")), [exchange("", "a")], [0])).to.throw(DomainError);
  });
});

describe("conflicts", () => {
  it("are the minimal sets that no reply keeps, as a slow search finds them", () => {
    const replies = ["", "a", "b", "a b", "c"].map((reply) => exchange("", reply));
    const atom = fc.constantFrom(
      ...[rule.says("a"), rule.says("b"), rule.says("c"), rule.never("a"), rule.never("c"), rule.says("z")],
    );
    fc.assert(
      fc.property(fc.array(atom, { minLength: 1, maxLength: 5 }), (trees) => {
        const rules = trees.map(compileRule);
        const satisfiable = (set: number[]) => replies.some((e) => set.every((i) => rules[i].holds(e)));
        const sets = Array.from({ length: 2 ** rules.length }, (_, bits) =>
          rules.flatMap((_, i) => (bits & (1 << i) ? [i] : [])),
        );
        const minimal = sets.filter(
          (set) => !satisfiable(set) && set.every((i) => satisfiable(set.filter((j) => j !== i))),
        );
        expect(conflicts(rules, replies).map(String).sort()).to.deep.equal(minimal.map(String).sort());
      }),
    );
    expect(() => conflicts([], [])).to.throw(DomainError);
    expect(() => conflicts(new Array(17).fill(compileRule(rule.says("a"))), replies)).to.throw(DomainError);
  });
});

describe("byPriority", () => {
  const graded = (k: number) => compileRule(rule.grade(({ reply }) => Number(reply[k]))) satisfies CompiledRule;
  const of = (...scores: number[]): Exchange => ({ prompt: [], reply: scores.map(String) });

  it("lets the first principle that differs decide, and no sum of lower ones", () => {
    const compare = byPriority([graded(0), graded(1), graded(2)]);
    expect(compare(of(0.6, 0, 0), of(0.5, 1, 1))).to.be.above(0);
    expect(compare(of(0.5, 0, 1), of(0.5, 0.1, 0))).to.be.below(0);
    expect(compare(of(0.5, 0, 1), of(0.5, 0, 1))).to.equal(0);
  });

  it("goes in a circle with a tolerance", () => {
    const compare = byPriority([graded(0), graded(1)], { tolerance: 0.04 });
    const [one, two, three] = [of(0.5, 0.1), of(0.53, 0.05), of(0.56, 0)];
    for (const [a, b] of [
      [one, two],
      [two, three],
      [three, one],
    ])
      expect(compare(a, b)).to.be.above(0);
    expect(() => byPriority([])).to.throw(DomainError);
    expect(() => byPriority([graded(0)], { tolerance: Number.NaN })).to.throw(DomainError);
  });
});
