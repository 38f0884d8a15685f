/**
 * Any JavaScript string as bytes and back, exactly. A well-formed string becomes its UTF-8. JavaScript strings may also
 * hold lone surrogates (half of a pair), which UTF-8 cannot write; those become the three bytes that UTF-8's scheme
 * would give them ("generalised UTF-8", as in WTF-8), so that the round trip holds for every string.
 *
 * Backwards, bytes that are no text at all (a model can write any byte) become U+FFFD, as browsers do.
 */
export function toBytes(text: string): Uint8Array {
  if (!/\p{Surrogate}/u.test(text)) return encoder.encode(text); // with the u flag, lone surrogates only
  const bytes: number[] = [];
  let from = 0;
  for (const match of text.matchAll(/\p{Surrogate}/gu)) {
    for (const byte of encoder.encode(text.slice(from, match.index))) bytes.push(byte);
    const unit = text.charCodeAt(match.index);
    bytes.push(0xe0 | (unit >> 12), 0x80 | ((unit >> 6) & 0x3f), 0x80 | (unit & 0x3f));
    from = match.index + 1;
  }
  for (const byte of encoder.encode(text.slice(from))) bytes.push(byte);
  return Uint8Array.from(bytes);
}

/** The string of these bytes; the inverse of `toBytes`. */
export function fromBytes(bytes: Uint8Array): string {
  let text = "";
  let from = 0;
  for (let i = 0; i + 2 < bytes.length; i++) {
    if (!isSurrogate(bytes, i)) continue;
    text += decoder.decode(bytes.subarray(from, i));
    text += String.fromCharCode(0xd000 | ((bytes[i + 1] & 0x3f) << 6) | (bytes[i + 2] & 0x3f));
    from = i + 3;
    i += 2;
  }
  return text + decoder.decode(bytes.subarray(from));
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true }); // keep a byte-order mark: it is a character of the text

/** The three bytes of a surrogate: ED A0..BF 80..BF. */
function isSurrogate(bytes: Uint8Array, i: number): boolean {
  return (
    bytes[i] === 0xed && bytes[i + 1] >= 0xa0 && bytes[i + 1] <= 0xbf && bytes[i + 2] >= 0x80 && bytes[i + 2] <= 0xbf
  );
}
