import { StringDecoder } from "node:string_decoder";

/**
 * Cuts a stream's chunks into lines and calls back for each, without ever holding more than one line. A line of more
 * than `longest` characters is dropped, and `dropped` is told.
 */
export function lineReader(
  each: (line: string) => void,
  longest = Number.POSITIVE_INFINITY,
  dropped: () => void = () => {},
): (bytes: Buffer) => void {
  const decoder = new StringDecoder("utf8");
  let parts: string[] = [];
  let length = 0;
  return (bytes) => {
    const lines = decoder.write(bytes).split("\n");
    for (let index = 0; index < lines.length; index++) {
      const line = lines[index]!;
      length += line.length;
      if (length <= longest) parts.push(line);
      else parts = [];
      if (index === lines.length - 1) break;
      const [whole, fits] = [parts.join(""), length <= longest];
      parts = [];
      length = 0;
      if (!fits) dropped();
      else if (whole !== "") each(whole);
    }
  };
}
