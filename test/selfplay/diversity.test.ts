import { readFileSync } from "node:fs";
import { expect } from "chai";
import fc from "fast-check";
import { DomainError, ShapeError } from "../../lib/src/core/index.js";
import { key, randint, split } from "../../lib/src/random/index.js";
import {
  editDistance,
  giniSimpson,
  hillNumber,
  mapElites,
  mapElitesInsert,
  novelty,
  sharedFitness,
  sharesOf,
  similarityDiversity,
} from "../../lib/src/selfplay/index.js";

const golden = JSON.parse(readFileSync(new URL("../golden/populations.json", import.meta.url), "utf8"));
const identity = (n: number) => Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => +(i === j)));
const someShares = fc
  .array(fc.double({ min: 0.01, max: 1, noNaN: true }), { minLength: 1, maxLength: 6 })
  .map((w) => w.map((x) => x / w.reduce((a, b) => a + b)));

describe("diversity", () => {
  it("of n equal kinds is n, whatever the order, and never grows with the order", () => {
    for (const order of [0, 0.5, 1, 2, 7, Number.POSITIVE_INFINITY]) {
      expect(hillNumber([0.25, 0.25, 0.25, 0.25, 0], order)).to.be.closeTo(4, 1e-9);
    }
    fc.assert(
      fc.property(someShares, (p) => {
        const values = [0, 0.5, 1, 2, 3, Number.POSITIVE_INFINITY].map((q) => hillNumber(p, q));
        for (let i = 1; i < values.length; i++) expect(values[i]).to.be.at.most(values[i - 1] + 1e-9);
        expect(hillNumber(p, 2)).to.be.closeTo(1 / (1 - giniSimpson(p)), 1e-9);
        expect(hillNumber(p, 1)).to.be.closeTo(hillNumber(p, 1 + 1e-7), 1e-4);
        expect(similarityDiversity(p, identity(p.length))).to.be.closeTo(hillNumber(p, 2), 1e-9);
        const alike = p.map(() => p.map(() => 1));
        expect(similarityDiversity(p, alike)).to.be.closeTo(1, 1e-9);
      }),
    );
  });

  it("is not changed by splitting a kind in two that are the same", () => {
    const K = [
      [1, 1, 0.3],
      [1, 1, 0.3],
      [0.3, 0.3, 1],
    ];
    const merged = [
      [1, 0.3],
      [0.3, 1],
    ];
    expect(similarityDiversity([0.2, 0.3, 0.5], K)).to.be.closeTo(similarityDiversity([0.5, 0.5], merged), 1e-12);
  });

  it("counts labels", () => {
    expect(Array.from(sharesOf([0, 2, 2, 0], 4))).to.deep.equal([0.5, 0, 0.5, 0]);
  });

  it("refuses what it cannot use", () => {
    expect(() => hillNumber([0.5, 0.4], 1)).to.throw(DomainError, "add up to 1");
    expect(() => hillNumber([1], Number.NaN)).to.throw(DomainError, "order");
    expect(() => giniSimpson([1.5, -0.5])).to.throw(DomainError, "p");
    expect(() => similarityDiversity([0.5, 0.5], [[1, 0]])).to.throw(ShapeError, "similarity");
    expect(() => similarityDiversity([1], [[0.5]])).to.throw(DomainError, "of itself 1");
    expect(() => sharesOf([3], 3)).to.throw(DomainError, "labels[0]");
    expect(() => sharesOf([], 3)).to.throw(DomainError, "labels");
  });
});

describe("fitness sharing and novelty", () => {
  it("share among the near, in proportion to how near", () => {
    const d = [
      [0, 1, 5],
      [1, 0, 5],
      [5, 5, 0],
    ];
    expect(Array.from(sharedFitness([3, 3, 3], d, { radius: 2 }))).to.deep.equal([2, 2, 3]);
    expect(sharedFitness([3, 3, 3], d, { radius: 2, alpha: 2 })[0]).to.be.closeTo(3 / 1.75, 1e-12);
    const scaled = sharedFitness(
      [30, 30, 30],
      d.map((row) => row.map((x) => 7 * x)),
      { radius: 14 },
    );
    expect(Array.from(scaled)).to.deep.equal([20, 20, 30]);
  });

  it("refuse a negative fitness, which a crowd would raise", () => {
    expect(() => sharedFitness([-1], [[0]], { radius: 1 })).to.throw(DomainError, "grow");
    expect(() => sharedFitness([1], [[0]], { radius: 0 })).to.throw(DomainError, "radius");
    expect(() => sharedFitness([1], [], { radius: 1 })).to.throw(ShapeError, "distances");
    expect(() => sharedFitness([1, 1], [[0], [0]], { radius: 1 })).to.throw(ShapeError, "distances[0]");
    expect(() => sharedFitness([1], [[3]], { radius: 1 })).to.throw(DomainError, "distances[0][0]");
    expect(() => novelty([-1], 1)).to.throw(DomainError, "distances[0]");
    expect(() => novelty([1], 0)).to.throw(DomainError, "k");
  });

  it("measure novelty by the nearest", () => {
    expect(novelty([10, 3, 1, 8], 2)).to.equal(2);
    expect(novelty([4], 3)).to.equal(4);
    expect(novelty([], 3)).to.equal(Number.POSITIVE_INFINITY);
  });

  it("know the distance of two texts: zero of itself, symmetric, with the triangle's inequality", () => {
    const codes = (text: string) => Array.from(text, (c) => c.charCodeAt(0));
    for (const [a, b, distance] of golden[1].editDistance) {
      expect(editDistance(codes(a), codes(b))).to.equal(distance);
    }
    const word = fc.array(fc.nat(2), { maxLength: 6 });
    fc.assert(
      fc.property(word, word, word, (a, b, c) => {
        expect(editDistance(a, a)).to.equal(0);
        expect(editDistance(a, b)).to.equal(editDistance(b, a));
        expect(editDistance(a, c)).to.be.at.most(editDistance(a, b) + editDistance(b, c));
      }),
    );
  });
});

describe("MAP-Elites", () => {
  it("keeps the better of each cell; an equal newcomer stays outside", () => {
    const first = mapElitesInsert(new Map(), "a", { item: 1, fitness: 2 });
    const equal = mapElitesInsert(first, "a", { item: 2, fitness: 2 });
    const worse = mapElitesInsert(equal, "b", { item: 3, fitness: -9 });
    const better = mapElitesInsert(worse, "a", { item: 4, fitness: 3 });
    expect(equal.get("a")?.item).to.equal(1);
    expect([...better]).to.deep.equal([
      ["a", { item: 4, fitness: 3 }],
      ["b", { item: 3, fitness: -9 }],
    ]);
    expect(worse.get("a")?.item).to.equal(1);
    expect(() => mapElitesInsert(first, "a", { item: 0, fitness: Number.NaN })).to.throw(DomainError, "fitness");
  });

  it("fills every cell that mutations reach, with its optimum, by so many evaluations and no more", () => {
    let judged = 0;
    const archive = mapElites(key(1), {
      start: [0],
      mutate: (k, x) => (x + randint(split(k)[0], 1, -3, 4)[0] + 30) % 30,
      fitness: (x) => {
        judged++;
        return -(((x % 5) - 2) ** 2);
      },
      cell: (x) => String(Math.floor(x / 5)),
      evaluations: 800,
    });
    expect(judged).to.equal(800);
    expect([...archive.keys()].sort()).to.deep.equal(["0", "1", "2", "3", "4", "5"]);
    for (const { item, fitness } of archive.values()) expect([item % 5, Math.abs(fitness)]).to.deep.equal([2, 0]);
    const none = { start: [] as number[], mutate: () => 0, fitness: () => 0, cell: () => "", evaluations: 1 };
    expect(() => mapElites(key(1), none)).to.throw(DomainError, "start");
  });
});
