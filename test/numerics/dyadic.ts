// Exact arithmetic with whole numbers times powers of two: every float64 is one, and so are sums and products of them.

export interface Dyadic {
  m: bigint;
  e: number;
}

export function exact(x: number): Dyadic {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, x);
  const word = bits.getBigUint64(0);
  const exponent = Number((word >> 52n) & 0x7ffn);
  const fraction = word & 0xfffffffffffffn;
  const m = exponent === 0 ? fraction : fraction | 0x10000000000000n;
  return { m: x < 0 ? -m : m, e: Math.max(exponent, 1) - 1075 };
}

export function add(a: Dyadic, b: Dyadic): Dyadic {
  const e = Math.min(a.e, b.e);
  return { m: (a.m << BigInt(a.e - e)) + (b.m << BigInt(b.e - e)), e };
}

export function multiply(a: Dyadic, b: Dyadic): Dyadic {
  return { m: a.m * b.m, e: a.e + b.e };
}

export function negative(a: Dyadic): Dyadic {
  return { m: -a.m, e: a.e };
}

/** Below 0, 0 or above 0, as a is below, at or above b. */
export function compare(a: Dyadic, b: Dyadic): number {
  const { m } = add(a, negative(b));
  return m < 0n ? -1 : m > 0n ? 1 : 0;
}

/** Whether low <= a <= high, exactly; infinite ends hold everything. */
export function lies(a: Dyadic, [low, high]: readonly [number, number]): boolean {
  const over = low === Number.NEGATIVE_INFINITY || (Number.isFinite(low) && compare(exact(low), a) <= 0);
  return over && (high === Number.POSITIVE_INFINITY || (Number.isFinite(high) && compare(a, exact(high)) <= 0));
}
