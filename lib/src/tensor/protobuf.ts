/**
 * The four wire types of protocol buffers that TensorFlow's messages need. A message is a list of fields, and a nested
 * message is a field of bytes; so a message is built from the inside out with plain concatenation.
 * https://protobuf.dev/programming-guides/encoding/
 */

/** An integer, bool or enum; negative numbers as 64-bit two's complement. */
export function varint(field: number, value: number): Buffer {
  return Buffer.concat([tag(field, 0), encodeVarint(value)]);
}

/** Bytes, a UTF-8 string or a nested message. */
export function bytes(field: number, value: string | Uint8Array): Buffer {
  const body = typeof value === "string" ? Buffer.from(value, "utf8") : value;
  return Buffer.concat([tag(field, 2), encodeVarint(body.length), body]);
}

/** A nested message from its fields. */
export function message(field: number, ...fields: Uint8Array[]): Buffer {
  return bytes(field, Buffer.concat(fields));
}

/** A 32-bit float. */
export function float(field: number, value: number): Buffer {
  const body = Buffer.alloc(4);
  body.writeFloatLE(value);
  return Buffer.concat([tag(field, 5), body]);
}

function tag(field: number, wire: number): Buffer {
  return encodeVarint(field * 8 + wire);
}

function encodeVarint(value: number): Buffer {
  let rest = BigInt.asUintN(64, BigInt(value));
  const out: number[] = [];
  while (rest >= 128n) {
    out.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  out.push(Number(rest));
  return Buffer.from(out);
}
