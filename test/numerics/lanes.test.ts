import { expect } from "chai";
import { COLUMNS, type Lanes, lanes, MOST, RESULTS } from "../../lib/src/numerics/lanes/lanes.js";
import { plainLanes } from "../../lib/src/numerics/lanes/plain.js";
import { key, normal } from "../../lib/src/random/index.js";

const ROWS = 8;
const STRIDE = COLUMNS + 2;
const COUNT = RESULTS + ROWS * STRIDE;
const row = (i: number) => RESULTS + i * STRIDE;

/** All numbers of a room after a call, the results and then rows of normals. */
function numbersAfter(room: Lanes, call: (room: Lanes) => void): number[] {
  room.numbers.set(normal(key(5), COUNT));
  call(room);
  return Array.from(room.numbers.subarray(0, COUNT));
}

const calls: Record<string, (room: Lanes) => void> = {
  products: (room) => room.products(row(1), row(2), row(3), row(0), row(5), row(7), 14),
  "products of nothing": (room) => room.products(row(1), row(2), row(3), row(0), row(5), row(7), 0),
  exchanges(room) {
    const pairs = [4, 2, 2, 0, 4, 0].map((i) => 8 * STRIDE * i);
    new Int32Array(room.numbers.buffer, 8 * row(6), pairs.length).set(pairs);
    room.exchanges(row(0) + 1, row(6), row(6) + 3);
  },
  orders: (room) => room.orders(3, row(0) + 1, row(2) + 1, STRIDE, 2 * STRIDE),
  "orders of one": (room) => room.orders(1, row(0), row(3), STRIDE, STRIDE),
  columnSums: (room) => room.columnSums(row(2) + 1, row(6), STRIDE),
  differences: (room) => room.differences(row(1), row(1) + 6, row(3)),
  singles: (room) => room.singles(row(1), row(1) + 8, row(3)),
};

describe("two numbers at a time", () => {
  it("comes to what one number at a time comes to, and touches nothing else", () => {
    for (const [name, call] of Object.entries(calls)) {
      const room = lanes(COUNT);
      const [ours, plain] = [numbersAfter(room, call), numbersAfter(plainLanes(COUNT), call)];
      ours.forEach((x, i) => {
        expect(x, `${name}, place ${i}`).to.be.closeTo(plain[i], 1e-14 * (1 + Math.abs(plain[i])));
      });
      if (!name.includes(" of ")) expect(ours).not.to.deep.equal(numbersAfter(room, () => {}));
    }
  });

  it("knows its results: a product, an order, a sum, a difference", () => {
    for (const room of [lanes(COUNT), plainLanes(COUNT)]) {
      const { numbers } = room;
      numbers.fill(0);
      for (const i of [0, 1, 2, 3]) numbers.fill(i + 1, row(i), row(i) + 4);
      numbers.set([1, 10, 100, 1000], row(4));
      room.products(row(0), row(1), row(2), row(3), row(4), row(0), 4);
      expect(Array.from(numbers.subarray(0, 8))).to.deep.equal([1111, 4, 2222, 8, 3333, 12, 4444, 16]);
      room.columnSums(row(1), row(5), STRIDE);
      expect(Array.from(numbers.subarray(0, 5))).to.deep.equal([10, 19, 109, 1009, 0]);
      room.differences(row(0), row(0) + 4, row(4));
      expect(Array.from(numbers.subarray(row(0), row(0) + 4))).to.deep.equal([0, -9, -99, -999]);
      numbers.set([1 / 3, -1e300, 1e-300, 2 ** 24 + 1, 1, 2, 3, 4], row(5));
      room.singles(row(5), row(5) + 8, row(6));
      const third = 0.3333333432674408;
      const rounded = Array.from(new Float32Array(numbers.buffer, 8 * row(6), 8));
      expect(rounded).to.deep.equal([third, Number.NEGATIVE_INFINITY, 0, 2 ** 24, 1, 2, 3, 4]);
      new Int32Array(numbers.buffer, 8 * row(6), 2).set([8 * STRIDE, 0]);
      room.exchanges(row(3), row(6), row(6) + 1); // the lesser ones to row 4
      expect(Array.from(numbers.subarray(row(4), row(4) + 4))).to.deep.equal([1, 4, 4, 4]);
      expect(Array.from(numbers.subarray(row(3), row(3) + 4))).to.deep.equal([4, 10, 100, 1000]);
    }
  });

  it("puts groups of up to eight rows in order", () => {
    for (const room of [lanes(RESULTS + 24 * STRIDE), plainLanes(RESULTS + 24 * STRIDE)]) {
      for (let count = 1; count <= MOST; count++) {
        const draws = normal(key(count), 24 * STRIDE);
        room.numbers.set(draws, RESULTS);
        room.orders(count, row(0), row(3), STRIDE, 3 * STRIDE);
        for (let group = 0; group < 3; group++) {
          for (let i = 0; i < COLUMNS; i++) {
            const places = Array.from({ length: count }, (_, r) => (group + 3 * r) * STRIDE + i);
            const sorted = places.map((at) => draws[at]).sort((a, b) => a - b);
            expect(places.map((at) => room.numbers[RESULTS + at])).to.deep.equal(sorted);
          }
        }
      }
    }
  });

  it("is JavaScript where a page forbids to compile", async () => {
    const scope = globalThis as unknown as { WebAssembly: object };
    const own = scope.WebAssembly as { Memory: object; Instance: object };
    const forbidden = function Module(): never {
      throw new Error("refused by Content-Security-Policy");
    };
    const fresh = "../../lib/src/numerics/lanes/lanes.js?forbidden";
    scope.WebAssembly = { Memory: own.Memory, Instance: own.Instance, Module: forbidden };
    try {
      const other = (await import(fresh)) as typeof import("../../lib/src/numerics/lanes/lanes.js");
      const room = other.lanes(100);
      expect(room.numbers.length).to.equal(100); // memory of WebAssembly comes in pages
      room.numbers.fill(2);
      room.products(16, 20, 24, 28, 32, 36, 4);
      expect(room.numbers[0]).to.equal(16);
    } finally {
      scope.WebAssembly = own;
    }
  });
});
