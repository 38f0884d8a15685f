import { expect } from "chai";
import { reviseText } from "../../lib/src/constitution/index.js";
import { houseStyle, proseSentences } from "../../lib/src/worlds/text/index.js";

describe("a house style", () => {
  it("finds places and suggests words", async () => {
    const { equality, plain } = await houseStyle();
    const text = "They utilize a number of ropes, master.";
    for (const { start, end, suggestions } of plain(text)) {
      expect(["utilize", "a number of"]).to.include(text.slice(start, end));
      expect(suggestions.length).to.be.above(0);
    }
    expect(plain(text)).to.have.length(2);
    expect(equality(text).map(({ start, end }) => text.slice(start, end))).to.deep.equal(["master"]);
    expect(reviseText(text, [plain], 2).text).to.equal("They use many ropes, master.");
    expect(plain("It is good.").every(({ start, end }) => end > start)).to.equal(true);
  });

  it("is tried on short sentences of Moby Dick", () => {
    const sentences = proseSentences(50);
    expect(sentences.length).to.be.above(50);
    expect(proseSentences(25).length).to.be.closeTo(2 * sentences.length, 2);
  });
});
