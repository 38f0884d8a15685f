import { expect } from "chai";
import { DomainError } from "rlhf-lab";
import { ablationShare, smoothingCertificate } from "rlhf-lab/safety";
import { harshSmoothing, lexiconScore } from "rlhf-lab/worlds";

describe("smoothing for words", () => {
  it("how far d words reach: 1 - C(n-d, k) / C(n, k)", () => {
    const reach = (words: number, kept: number, changed: number) =>
      smoothingCertificate({ share: 1, words, kept, changed }).reach;
    expect(reach(7, 1, 1)).to.be.closeTo(1 / 7, 1e-15);
    expect(reach(7, 3, 1)).to.be.closeTo(1 - 20 / 35, 1e-15);
    expect(reach(7, 3, 5)).to.equal(1); // two words left alone, three are seen
    expect(reach(7, 7, 1)).to.equal(1);
    expect(reach(7, 3, 0)).to.equal(0);
  });

  it("certifies above 1/2 only: a tie with rounding's crumbs is none", () => {
    // 9/14 - 1/7 = 1/2.
    expect(smoothingCertificate({ share: 9 / 14, words: 7, kept: 1, changed: 1 }).certified).to.equal(false);
    expect(smoothingCertificate({ share: 5 / 7, words: 7, kept: 1, changed: 1 }).certified).to.equal(true);
  });

  it("the share of choices is counted, in order and with places", () => {
    const seen: string[] = [];
    ablationShare(["a", "b", "c", "d"], 2, (words, positions) => {
      seen.push(`${words.join("")}${positions.join("")}`);
      return true;
    });
    expect(seen).to.deep.equal(["ab01", "ac02", "ad03", "bc12", "bd13", "cd23"]);
    expect(ablationShare([1, 1, 0], 2, ([a, b]) => a + b === 2)).to.be.closeTo(1 / 3, 1e-15);
    expect(ablationShare([1, 1, 0], 3, (all) => all.length === 3)).to.equal(1);
  });

  it("harsh replies of seven words: certified, truly robust, never unsound", () => {
    const rows = [
      [1, 1, 0.906, 0.906],
      [1, 2, 0.67, 0.67],
      [3, 1, 0.295, 0.437],
      [7, 1, 0, 0.206],
    ];
    for (const [kept, changed, certified, robust] of rows) {
      const seen = harshSmoothing({ kept, changed });
      expect(seen.certified).to.be.closeTo(certified, 5e-4);
      expect(seen.robust).to.be.closeTo(robust, 5e-4);
      expect(seen.unsound).to.equal(0);
    }
  });

  it("and by writing out every reply of five or six words with every replacement", () => {
    for (const [n, kept, changed] of [
      [5, 1, 1],
      [5, 1, 2],
      [5, 5, 1],
      [6, 2, 1],
    ]) {
      const replies = Array.from({ length: 6 ** n }, (_, i) =>
        Array.from({ length: n }, (_unused, t) => 1 + (Math.floor(i / 6 ** t) % 6)),
      );
      const shares = replies.map((reply) => ablationShare(reply, kept, (words) => lexiconScore(words) < 0));
      const harsh = shares.map((share) => share > 0.5);
      /** Whether all replies that differ from number i in words from `from` on, at most `left` of them, agree. */
      const agree = (i: number, label: boolean, from: number, left: number): boolean => {
        if (harsh[i] !== label) return false;
        if (left === 0) return true;
        for (let t = from; t < n; t++) {
          const word = Math.floor(i / 6 ** t) % 6;
          for (let other = 0; other < 6; other++) {
            if (other !== word && !agree(i + (other - word) * 6 ** t, label, t + 1, left - 1)) return false;
          }
        }
        return true;
      };
      let [certified, robust] = [0, 0];
      replies.forEach((_, i) => {
        const share = harsh[i] ? shares[i] : 1 - shares[i];
        if (smoothingCertificate({ share, words: n, kept, changed }).certified) certified++;
        if (agree(i, harsh[i], 0, changed)) robust++;
      });
      const counted = harshSmoothing({ kept, changed, words: n });
      expect(counted.certified).to.be.closeTo(certified / replies.length, 1e-12);
      expect(counted.robust).to.be.closeTo(robust / replies.length, 1e-12);
    }
  });

  it("refuses what cannot be", () => {
    const certificate = (change: object) =>
      smoothingCertificate({ share: 0.9, words: 7, kept: 3, changed: 1, ...change });
    expect(() => certificate({ share: 1.2 })).to.throw(DomainError, "share");
    expect(() => certificate({ kept: 8 })).to.throw(DomainError, "kept");
    expect(() => certificate({ kept: 0 })).to.throw(DomainError, "kept");
    expect(() => certificate({ changed: 8 })).to.throw(DomainError, "changed");
    expect(() => ablationShare(new Array(40).fill(0), 20, () => true)).to.throw(DomainError, "at most a million");
    expect(() => harshSmoothing({ kept: 2, changed: 1, words: 4 })).to.throw(DomainError, "ties");
  });
});
