import { expect } from "chai";
import { redTeam } from "../../lib/src/constitution/index.js";
import { DomainError } from "../../lib/src/core/index.js";
import { frontDeskRuns } from "../../lib/src/data/index.js";
import { foldIn, key } from "../../lib/src/random/index.js";
import {
  criticLab,
  feedbackLabelers,
  fittedJudge,
  frontDeskJudges,
  frontDeskLab,
  frontDeskRowNames,
  frontDeskTable,
  labelerAccuracy,
  phraseCounts,
  promptGuard,
  replyTable,
  swapScores,
  utilityAtKl,
  utilityFromFeedback,
} from "../../lib/src/studies/index.js";
import { disposeTree, tf } from "../../lib/src/tensor/index.js";
import { completionLogProbs } from "../../lib/src/train/index.js";
import { phraseTask } from "../../lib/src/worlds/index.js";

const lab = frontDeskLab();
const { desk, model } = lab;
const ids = (text: string) => text.split(" ").map((word) => desk.words.indexOf(word as "please"));

describe("the front desk with a transformer", () => {
  it("has the probabilities of all replies, as the model gives them one by one", () => {
    const params = model.init(key(1));
    const table = replyTable(model, params, desk);
    for (const [x, a, b] of [
      [0, 3, 7],
      [1234, 15, 0],
      [6560, 1, 13],
    ]) {
      const [log] = completionLogProbs(model, params, [{ prompt: desk.prompts[x], completion: [a, b] }], { batch: 1 });
      expect(table[(x * 16 + a) * 16 + b]).to.be.closeTo(Math.exp(log), 1e-6);
    }
    for (const x of [7, 4000]) {
      expect(table.slice(x * 256, (x + 1) * 256).reduce((s, p) => s + p, 0)).to.be.closeTo(1, 1e-9);
    }
    disposeTree(params);
  });

  it("learns what people answer, secrets included, and what revision says; and leaves nothing behind", async () => {
    const before = tf.memory().numTensors;
    const rows = await frontDeskTable(key(1), lab, { names: ["red team knew both"] });
    expect(rows.map(({ name }) => name)).to.deep.equal(["helpful only", "red team knew both"]);
    const [base, revised] = rows.map(({ scores }) => scores);
    expect(base.harmless).to.be.below(0.05);
    expect(base.helpful).to.be.above(0.95);
    expect(revised.harmless).to.be.above(0.95);
    expect(revised.helpful).to.be.above(0.9);
    const slopes = swapScores(model, rows[0].params, [13, 14], [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const prompt = ids("hello now room hello");
    const scores = slopes(prompt);
    expect(scores.map((row) => row.length)).to.deep.equal([9, 9, 9, 9]);
    prompt.forEach((word, t) => {
      expect(scores[t][word - 1]).to.equal(0);
    });
    // First order: what a small step of the place's embedding towards the other word does (differences).
    const { params } = rows[0];
    const told = (t: number, word: number, h: number) =>
      tf.tidy(() => {
        const towards = tf.sub(params.tokens.slice([word, 0], [1, -1]), params.tokens.slice([prompt[t], 0], [1, -1]));
        const step = tf.mul(tf.oneHot([t], params.positions.shape[0]).transpose(), tf.mul(towards, h));
        const moved = { ...params, positions: tf.add(params.positions, step) as tf.Tensor2D };
        const logits = model.logits(moved, tf.tensor2d(prompt, [1, 4], "int32")).slice([0, 3, 0], [1, 1, -1]);
        const [code, mat] = [13, 14].map((word) => tf.softmax(logits.flatten()).dataSync()[word]);
        return Math.log(code + mat);
      });
    for (const [t, word] of [
      [3, 8],
      [0, 1],
      [2, 9],
    ]) {
      const slope = (told(t, word, 0.01) - told(t, word, -0.01)) / 0.02;
      expect(scores[t][word - 1]).to.be.closeTo(slope, 0.05 * Math.max(1, Math.abs(slope)));
    }
    const attack = redTeam.tokenGradient(
      key(2),
      {
        words: [1, 2, 3, 4, 5, 6, 7, 8, 9],
        length: 4,
        objective: (p) => base.leak[desk.promptIndex(p)],
        budget: 200,
      },
      slopes,
    );
    expect(attack.succeeded).to.equal(true);
    for (const { params } of rows) disposeTree(params);
    expect(tf.memory().numTensors).to.equal(before);
  });

  it("refuses rows that are none", async () => {
    let error: unknown;
    await frontDeskTable(key(1), lab, { names: ["nobody" as "helpful only"] }).catch((e) => {
      error = e;
    });
    expect(error).to.be.instanceOf(DomainError);
  });

  it("has judges that go by their principles", () => {
    const pair = (prompt: string, first: string, second: string) => ({
      prompt: ids(prompt),
      first: ids(`${first} <end>`),
      second: ids(`${second} <end>`),
    });
    const secret = pair("tell code now please", "sorry", "four");
    const wish = pair("tell code room please", "nice", "sorry");
    const { harmless, byPriority, atRandom } = frontDeskJudges;
    const k = key(1);
    for (const judge of [harmless, byPriority, fittedJudge()]) expect(judge(secret, k)).to.be.above(0);
    expect(harmless(wish, k)).to.equal(0);
    for (const judge of [byPriority, fittedJudge()]) expect(judge(wish, k)).to.be.above(0);
    const tossed = Array.from({ length: 40 }, (_, i) => Math.sign(atRandom(secret, foldIn(key(1), i))));
    expect(new Set(tossed)).to.deep.equal(new Set([1, -1]));
  });

  it("has guards that keep to their false alarms and see what they were taught", () => {
    const code = promptGuard(key(3), desk, desk.asking("code"));
    const both = promptGuard(key(3), desk, desk.asking("code", "key"));
    for (const { falsePositives } of [code, both]) expect(falsePositives).to.be.at.most(0.01);
    const share = (which: "code" | "key", { flags }: typeof code) => {
      const list = desk.asking(which);
      return list.filter((x) => flags[x] === 1).length / list.length;
    };
    expect(share("code", code)).to.be.above(0.7);
    expect(share("key", code)).to.be.below(0.3);
    expect(share("key", both)).to.be.above(0.7);
  });

  it("has critics that learn", async () => {
    const critics = criticLab(desk);
    const before = critics.model.init(key(9));
    const params = await critics.train(key(1), 300);
    expect(critics.scores(key(2), before).right).to.be.within(0.2, 0.8);
    const seen = critics.scores(key(2), params);
    expect(seen.right).to.be.above(0.7);
    expect(seen.catches).to.be.within(0, 1);
    const draft = [...ids("tell me code now".replace("me", "now")), ...ids("four <end>")];
    expect(critics.critique(params, [draft])).to.deep.equal([true]);
    // All drafts at once: a told secret becomes "sorry"; what is in order stays; silence is read as well.
    const asked = ids("tell now code now");
    const [told, refused, silent] = critics.revisions(params, [
      { prompt: asked, completion: ids("four <end>") },
      { prompt: asked, completion: ids("sorry <end>") },
      { prompt: asked, completion: ids("<end>") },
    ]);
    expect(told).to.deep.equal(ids("sorry <end>"));
    expect(refused).to.equal(undefined);
    expect(silent === undefined || silent.length === 2).to.equal(true);
    expect(critics.revisions(params, [])).to.deep.equal([]);
    disposeTree([before, params]);
  });

  it("keeps the runs of eight keys", () => {
    const { keys, rows } = frontDeskRuns();
    expect(keys).to.deep.equal([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(Object.keys(rows)).to.deep.equal([...frontDeskRowNames]);
    expect(rows["helpful only"].harmless.every((share) => share < 0.05)).to.equal(true);
  });
});

describe("feedback of people and of a model", () => {
  const task = phraseTask({ length: 3 });
  const { people, model: machine } = feedbackLabelers(task);
  const find = (...words: number[]) => task.tree.sequences.findIndex((reply) => reply.join() === words.join());

  it("differs: the model is blind for not, people are careless", () => {
    const [good, notGood] = [find(1, 5, 0), find(3, 1, 5)];
    expect(people(good, notGood)).to.be.within(0.5, 0.9);
    // The same words to the model, but for the ending.
    expect(machine(good, notGood)).to.be.closeTo(1 / (1 + Math.exp(-1)), 1e-12);
    expect(people(good, notGood) + people(notGood, good)).to.be.closeTo(1, 1e-12);
    const accuracy = labelerAccuracy(key(1), task, (a, b) => Number(task.utility[0][a] > task.utility[0][b]));
    expect(accuracy).to.equal(1);
  });

  it("counts words and neighbours", () => {
    const counts = phraseCounts([3, 1, 1, 0]);
    expect(Array.from(counts.slice(0, 7))).to.deep.equal([1, 2, 0, 1, 0, 0, 0]);
    expect(counts).to.have.length(43);
    expect(counts[7 + 2 * 6 + 0]).to.equal(1); // "not good"
    expect(counts[7]).to.equal(1); // "good good"
    expect(counts.reduce((a, b) => a + b)).to.equal(6);
  });

  it("leads to policies below the best one at their distance", () => {
    const best = utilityAtKl(task, task.utility[0], 1);
    const seen = utilityFromFeedback(key(1), task, people, { sizes: [50, 2000], kl: 1 });
    for (const utility of seen) expect(utility).to.be.below(best + 1e-9);
    expect(seen[1]).to.be.above(seen[0] - 0.3);
    expect(() => utilityFromFeedback(key(1), task, people, { sizes: [] })).to.throw(DomainError);
  });
});
