import { expect } from "chai";
import { DomainError } from "../../../lib/src/core/index.js";
import {
  accuracies,
  mixedJudges,
  personsOf,
  spammedCrowd,
  tiringCrowd,
  withCopies,
} from "../../../lib/src/preferences/aggregation/index.js";
import { key } from "../../../lib/src/random/index.js";

describe("crowds that we made", () => {
  it("spammers toss coins or say yes, the honest are right as often as they should", () => {
    const { labelers, data, truth } = spammedCrowd(key(1), 0.4, { questions: 4000 });
    expect(labelers.slice(0, 8)).to.deep.equal([
      { always: 1 },
      0.5,
      { always: 1 },
      0.5,
      { always: 1 },
      0.5,
      { always: 1 },
      0.5,
    ]);
    accuracies(data, truth).forEach((share, w) => {
      const wanted = labelers[w];
      expect(share).to.be.closeTo(typeof wanted === "number" ? wanted : 0.5, 0.05);
      if (w >= 8) expect(wanted).to.be.within(0.6, 0.9);
    });
    expect(
      Array.from(data.label).every((label, k) => label === 1 || typeof labelers[data.labeler[k]] === "number"),
    ).to.equal(true);
    expect(data.task.length / (20 * 4000)).to.be.closeTo(0.5, 0.01);
    expect(spammedCrowd(key(1), 0.4, { spam: "coins" }).labelers.slice(0, 8)).to.deep.equal(new Array(8).fill(0.5));
  });

  it("copies hand in the same sheet under new names, and nothing else changes", () => {
    const { data } = spammedCrowd(key(2), 0, { people: 4, questions: 30 });
    const copied = withCopies(data, 2, 3);
    expect([copied.tasks, copied.labelers, copied.classes]).to.deep.equal([30, 7, 2]);
    const sheet = (d: typeof data, w: number) =>
      Array.from(d.task.keys())
        .filter((k) => d.labeler[k] === w)
        .map((k) => [d.task[k], d.label[k]]);
    for (const w of [0, 1, 2, 3]) expect(sheet(copied, w)).to.deep.equal(sheet(data, w));
    for (const w of [4, 5, 6]) expect(sheet(copied, w)).to.deep.equal(sheet(data, 2));
    expect(withCopies(data, 2, 0)).to.deep.equal(data);
  });

  it("of three bad judges one answers backwards and two guess", () => {
    expect(mixedJudges(6, 0.5)).to.deep.equal([{ flip: 0.9 }, { sharpness: 0 }, { sharpness: 0 }, {}, {}, {}]);
  });

  it("people tire from part to part, and parts make persons", () => {
    const { data, truth, labelers } = tiringCrowd(key(3), {
      people: 3,
      tasks: 6000,
      parts: 4,
      share: 1,
      fresh: 0.9,
      tired: 0.6,
    });
    expect(labelers.slice(4, 8)).to.satisfy((parts: number[]) =>
      parts.every((p, q) => Math.abs(p - [0.9, 0.8, 0.7, 0.6][q]) < 1e-12),
    );
    accuracies(data, truth).forEach((share, w) => {
      expect(share).to.be.closeTo(labelers[w] as number, 0.05);
    });
    expect(data.task.length / (3 * 6000)).to.be.closeTo(1, 0.02);
    const persons = personsOf(data, 4);
    expect(persons.labelers).to.equal(3);
    expect(Array.from(persons.label)).to.deep.equal(Array.from(data.label));
    accuracies(persons, truth).forEach((share) => {
      expect(share).to.be.closeTo(0.75, 0.03);
    });
  });

  it("bad input is told what is wrong with it", () => {
    const { data } = spammedCrowd(key(2), 0, { people: 4, questions: 3 });
    expect(() => spammedCrowd(key(1), 1.5)).to.throw(DomainError, "share");
    expect(() => mixedJudges(3, -1)).to.throw(DomainError, "share");
    expect(() => withCopies(data, 4, 1)).to.throw(DomainError, "a labeler from 0 to 3");
    expect(() => withCopies(data, 0, 0.5)).to.throw(DomainError, "copies");
    expect(() => tiringCrowd(key(1), { parts: 1 })).to.throw(DomainError, "parts");
    expect(() => personsOf(data, 3)).to.throw(DomainError, "a divisor of the 4 labelers");
  });
});
