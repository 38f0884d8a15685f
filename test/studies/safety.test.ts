// The experiments of lesson 20 on language models, small: that they measure what they say.
import { expect } from "chai";
import { DomainError, key, mean } from "rlhf-lab";
import { mobyDick } from "rlhf-lab/data";
import { transformer } from "rlhf-lab/models";
import {
  critiqueReviseStudy,
  harshWords,
  phraseShield,
  pipelineConfig,
  pipelineModel,
  shieldedReplies,
  textShield,
} from "rlhf-lab/studies";
import { disposeTree } from "rlhf-lab/tensor";
import { isAccepted } from "rlhf-lab/tokenizers";
import { mostRaised, phraseTask, phraseTaskAutomaton, phraseText } from "rlhf-lab/worlds";
import { moodContinuation } from "rlhf-lab/worlds/text";

describe("a shield for the phrase transformer", () => {
  const task = phraseTask({ length: 4 });
  const model = transformer({ vocabulary: 7, context: 5, width: 16, layers: 1, heads: 2 });

  it("the automaton refuses what has 'very bad', cut replies too", () => {
    const automaton = phraseTaskAutomaton(task, ["very bad"]);
    for (const reply of task.tree.sequences) {
      expect(isAccepted(automaton, reply), phraseText(reply)).to.equal(!phraseText(reply).includes("very bad"));
    }
  });

  it("is exact: nothing wrong is written, the conditional pays least, the mask flatters more; draws follow the mask", async () => {
    const params = await critiqueReviseStudy(task, model).imitate(key(1));
    const shield = phraseShield(task, model, params);
    expect(shield.free.unsafe).to.be.within(0.05, 0.3);
    expect(shield.masked.unsafe).to.equal(0);
    expect(shield.conditioned.unsafe).to.equal(0);
    expect(shield.price.conditioned).to.be.closeTo(-Math.log(1 - shield.free.unsafe), 1e-9);
    expect(shield.price.masked).to.be.above(shield.price.conditioned);
    expect(shield.kl).to.be.above(0);
    const raised = mostRaised(task, { from: shield.conditioned, to: shield.masked }, 3);
    expect(raised.map(({ reply }) => reply)).to.include("very good whale");
    for (const { from, to } of raised) expect(to).to.be.above(from);

    const n = 2000;
    const drawn = shieldedReplies(key(2), task, model, params, { n, automaton: shield.automaton });
    const worth = Array.from(drawn, (y) => task.utility[0][y]);
    // Hoeffding at 1e-4: utilities lie within [-5, 5].
    expect(Math.abs(mean(worth) - shield.masked.utility)).to.be.below(10 * Math.sqrt(Math.log(2e4) / (2 * n)));
    for (const y of drawn) expect(isAccepted(shield.automaton, task.tree.sequences[y])).to.equal(true);
    disposeTree(params);
  });
});

describe("a shield for a text model", () => {
  const config = {
    ...pipelineConfig,
    model: { width: 8, layers: 1, heads: 1 },
    vocabulary: 400,
    promptTokens: 6,
    newTokens: 16,
  };
  const task = moodContinuation(key(1), { ...config, chapters: mobyDick().slice(0, 12) });
  const model = pipelineModel(config, task);
  const params = model.init(key(2)); // it has read nothing: every token is about as likely
  const writer = { config, task, model, params };

  it("none of its texts has a phrase, whole or within words; the same prompts and noise give the free ones", () => {
    for (const wholeWords of [true, false]) {
      const shield = textShield(key(3), writer, { phrases: ["a", "in the", "he"], n: 200, wholeWords });
      expect(shield.wrong.masked).to.equal(0);
      expect(shield.wrong.free).to.equal(shield.instead.length);
      expect(shield.instead.length).to.be.above(10);
      for (const { free, masked } of shield.instead) expect(free).to.not.equal(masked);
    }
  });

  it("AFINN's worst words, by valence", () => {
    expect(harshWords()).to.have.length(59);
    expect(harshWords()).to.include.members(["hell", "torture", "dick"]);
    expect(harshWords(-5).length).to.be.below(30);
    expect(() => harshWords(-6)).to.throw(DomainError, "valence");
    expect(() => textShield(key(1), writer, { n: 0 })).to.throw(DomainError, "n:");
  });
});
