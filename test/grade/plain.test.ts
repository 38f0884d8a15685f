import { expect } from "chai";
import fc from "fast-check";
import { fromBytes, NotPlain, roomFor, toBytes } from "../../course/src/grade/plain.js";

describe("answers as bytes", () => {
  const plain = fc.letrec((again) => ({
    value: fc.oneof(
      { depthSize: "small" },
      fc.double(),
      fc.string({ unit: "binary" }),
      fc.boolean(),
      fc.constantFrom(null, undefined, -0, Number.NaN, Number.NEGATIVE_INFINITY, "\ud83d"),
      fc.array(again("value"), { maxLength: 5 }),
      fc.dictionary(
        fc.string().filter((key) => key !== "__proto__"),
        again("value"),
        { maxKeys: 5 },
      ),
    ),
  })).value;

  it("come back as they went, bit for bit", () => {
    fc.assert(
      fc.property(plain, (value) => {
        const back = fromBytes(toBytes(value, 1e6), 1e6);
        // fast-check's dictionaries may have no prototype; what comes back are plain objects.
        expect(back).to.deep.equal(structuredClone(value));
        if (typeof value === "number") expect(Object.is(back, value)).to.equal(true);
      }),
    );
    expect(fromBytes(toBytes(Float32Array.of(1, 2.5), 10), 10)).to.deep.equal([1, 2.5]);
  });

  it("hold no more than there is room for, on both sides", () => {
    for (const value of [
      new Array(100).fill(0),
      "x".repeat(1000),
      Object.fromEntries(Array.from({ length: 100 }, (_, i) => [i, i])),
    ]) {
      expect(() => toBytes(value, 50)).to.throw(NotPlain, "more than this exercise can ask for");
      expect(() => fromBytes(toBytes(value, 1000), 50)).to.throw(NotPlain, "more than this exercise can ask for");
    }
    expect(roomFor([[1, 2, 3], "abc", new Float64Array(4)])).to.equal(2000 + 100 * 11);
  });

  it("are refused when they are anything else, whoever wrote them", () => {
    const good = toBytes({ a: [1, "x", null], b: { c: true } }, 100);
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(255), fc.nat(good.length), (at, byte, length) => {
        const bytes = Buffer.from(good.subarray(0, length));
        if (at < length) bytes[at] = byte;
        try {
          expect(() => JSON.stringify(fromBytes(bytes, 100))).not.to.throw(RangeError);
        } catch (error) {
          expect(error).to.be.instanceOf(NotPlain);
        }
      }),
      { numRuns: 5000 },
    );
    const deep = Buffer.concat([...Array(1000).fill(Buffer.from([108, 1, 0, 0, 0])), Buffer.from([110])]);
    expect(() => fromBytes(deep, 1e6)).to.throw(NotPlain, "nested 50 deep");
    const proto = toBytes({ __Proto__: 1 }, 10);
    proto.write("p", proto.indexOf("P"));
    expect(() => fromBytes(proto, 10)).to.throw(NotPlain, "__proto__");
  });
});
