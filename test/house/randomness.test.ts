// Every number of a lesson can be had again: no hidden seed, no clock.
import { expect } from "chai";
import { read, repositoryFiles, withoutComments } from "./source.js";

const forbidden: Record<string, RegExp> = {
  // Replacing it, so that a call throws, is no call.
  "Math.random": /\bMath\s*(\.\s*random\b(?!\s*=[^=])|\[\s*["']random)/,
  "Date.now": /\bDate\s*\.\s*now\b/,
  "new Date()": /\bnew Date\(\s*\)/,
  "TensorFlow's random ops":
    /\.\s*(randomUniform|randomNormal|randomUniformInt|randomStandardNormal|randomGamma|truncatedNormal|multinomial|dropout)\s*\(/,
};

/** The forbidden calls in a source, by name. */
function calls(source: string): string[] {
  // A text may name what it warns of; only "random" itself could be an index.
  const code = withoutComments(source).replace(/(["'])(?!random["'])(?:\\.|(?!\1)[^\\\n])*\1/g, "text");
  return Object.keys(forbidden).filter((name) => forbidden[name].test(code));
}

describe("randomness and time in lib/src and course/src", () => {
  it("come from keys and from performance.now() alone", () => {
    const files = repositoryFiles().filter((file) => /^(lib|course)\/src\/.*\.ts$/.test(file));
    // The kernel stamps its messages: Jupyter's protocol asks for the date.
    const kernel = (file: string, name: string) => file.startsWith("course/src/kernel/") && name === "new Date()";
    const found = files.flatMap((file) =>
      calls(read(file))
        .filter((name) => !kernel(file, name))
        .map((name) => `${file}: ${name}`),
    );
    expect(found).to.deep.equal([]);
  });

  it("would be noticed otherwise", () => {
    expect(calls("const x = Math.random();")).to.deep.equal(["Math.random"]);
    expect(calls("const { random } = Math; Math['random']()")).to.deep.equal(["Math.random"]);
    expect(calls("setTimeout(f, Date\n  .now())")).to.deep.equal(["Date.now"]);
    expect(calls("tf.randomNormal([2]); tf.layers.dropout({})")).to.deep.equal(["TensorFlow's random ops"]);
    expect(calls('throw new Error("Math.random is not allowed"); Math.random = () => 1;')).to.deep.equal([]);
    expect(calls("// Math.random is not reproducible\n/* Date.now */")).to.deep.equal([]);
  });
});
