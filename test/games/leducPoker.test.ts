import { readFileSync } from "node:fs";
import { expect } from "chai";
import {
  counterfactualRegret,
  type GameNode,
  gameEquilibrium,
  gameNashConv,
  gameValue,
  kuhnPoker,
  leducPoker,
  logitEquilibrium,
  sequenceForm,
} from "../../lib/src/games/index.js";

interface Case {
  desc: string;
  kind: string;
  game: "kuhn" | "leduc";
  sets: number;
  plus: boolean;
  alpha: number;
  nashConv: number | number[];
  value: number | number[];
}

const games = { kuhn: kuhnPoker(), leduc: leducPoker() };
const cases = (JSON.parse(readFileSync("test/golden/open-spiel.json", "utf8")) as Case[]).filter(({ game }) => game);

/** The first action always. */
function firstActions(game: GameNode): Map<string, number[]> {
  return new Map(
    sequenceForm(game).players.flatMap(({ names, actions }) =>
      names.map((name, k) => [name, Array.from({ length: actions[k] }, (_, a) => (a === 0 ? 1 : 0))] as const),
    ),
  );
}

describe("poker, as OpenSpiel plays it", () => {
  for (const known of cases) {
    const game = games[known.game];
    it(known.desc, () => {
      if (known.kind === "cfr") {
        const [conv, value] = [known.nashConv, known.value] as [number[], number[]];
        counterfactualRegret(game, {
          iterations: conv.length,
          plus: known.plus,
          watch: (t, { average }) => {
            expect(gameNashConv(game, average), `iteration ${t}`).to.be.closeTo(conv[t - 1], 1e-10);
            expect(gameValue(game, average), `iteration ${t}`).to.be.closeTo(value[t - 1], 1e-10);
          },
        });
        return;
      }
      const strategy =
        known.kind === "uniform"
          ? new Map()
          : known.kind === "first"
            ? firstActions(game)
            : logitEquilibrium(game, { alpha: known.alpha, eta: known.game === "kuhn" ? 0.1 : 0.03 });
      const within = known.kind === "logit" ? 1e-4 : 1e-12; // OpenSpiel's run ends at a gap of 1e-9, quadratic in the distance
      expect(gameNashConv(game, strategy)).to.be.closeTo(known.nashConv as number, within);
      expect(gameValue(game, strategy)).to.be.closeTo(known.value as number, within);
      if (known.kind === "uniform") {
        expect(sequenceForm(game).players.reduce((sum, { names }) => sum + names.length, 0)).to.equal(known.sets);
      }
    });
  }

  it("has deals that add up, and pays back what was put in", () => {
    const payoffs = new Set<number>();
    const walk = (node: GameNode): void => {
      if ("payoff" in node) payoffs.add(Math.abs(node.payoff));
      else if ("chance" in node) {
        expect(node.chance.reduce((sum, { probability }) => sum + probability, 0)).to.be.closeTo(1, 1e-12);
        for (const { next } of node.chance) walk(next);
      } else node.next.forEach(walk);
    };
    walk(games.leduc);
    // 1, 3 or 5 after the first round; then 0, 4 or 8 more.
    expect([...payoffs].sort((a, b) => a - b)).to.deep.equal([0, 1, 3, 5, 7, 9, 11, 13]);
  });

  it("is solved by a linear program, and by CFR+ to one part in a hundred in 200 iterations", async () => {
    const { strategy, value } = await gameEquilibrium(games.leduc);
    expect(value).to.be.closeTo(-0.085606424078, 1e-10); // OpenSpiel's sequence_form_lp
    expect(gameNashConv(games.leduc, strategy)).to.be.closeTo(0, 1e-9);
    expect(gameValue(games.leduc, strategy)).to.be.closeTo(value, 1e-9);
    const { average } = counterfactualRegret(games.leduc, { iterations: 200, plus: true });
    expect(gameNashConv(games.leduc, average)).to.be.within(0.008, 0.0105);
    expect(gameValue(games.leduc, average)).to.be.closeTo(value, 0.01);
  });
});
