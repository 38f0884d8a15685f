import { expect } from "chai";
import fc from "fast-check";
import { DataError } from "../../../lib/src/core/index.js";
import { comparisonFromFields, renderMessages } from "../../../lib/src/data/index.js";

const user = (content: string) => ({ role: "user", content });
const assistant = (content: string) => ({ role: "assistant", content });

describe("Layouts of comparisons", () => {
  it("explicit prompt: as it is, other fields ignored", () => {
    const fields = { prompt: "Why?", chosen: "So.", rejected: "No.", score: 3 };
    expect(comparisonFromFields(fields)).to.deep.equal({ prompt: "Why?", chosen: "So.", rejected: "No." });
    expect(comparisonFromFields({ ...fields, prompt: "" }).prompt).to.equal("");
  });

  it("HH-RLHF: the shared dialogue up to the last assistant turn is the prompt", () => {
    const shared = "\n\nHuman: Hi\n\nAssistant: Hello.\n\nHuman: What is 2 + 2?\n\nAssistant:";
    const got = comparisonFromFields({ chosen: `${shared} It is 4.`, rejected: `${shared} It is 5.` });
    expect(got).to.deep.equal({ prompt: shared, chosen: " It is 4.", rejected: " It is 5." });
  });

  it("HH-RLHF: dialogues that part in an earlier turn are split there", () => {
    const shared = "\n\nHuman: Hi\n\nAssistant:";
    const chosen = `${shared} Hello.\n\nHuman: Bye\n\nAssistant: Bye.`;
    const rejected = `${shared} What?\n\nHuman: Oh\n\nAssistant: Go.`;
    const got = comparisonFromFields({ chosen, rejected });
    expect(got.prompt).to.equal(shared);
    expect(got.prompt + got.chosen).to.equal(chosen);
    expect(() =>
      comparisonFromFields({ chosen: "\n\nHuman: a\n\nAssistant: b", rejected: "\n\nHuman: c\n\nAssistant: b" }),
    ).to.throw(DataError, "what is the prompt");
  });

  it("prompt and answer together are always the text that came", () => {
    const turn = fc.constantFrom("\n\nHuman: hi", "\n\nAssistant: yes", " and", "no way", "\n", "é😀");
    const text = fc.array(turn, { maxLength: 6 }).map((turns) => turns.join(""));
    fc.assert(
      fc.property(text, text, text, (begin, one, other) => {
        const dialogue = `\n\nHuman: q${begin}\n\nAssistant:`;
        for (const [chosen, rejected] of [
          [dialogue + one, dialogue + other],
          [begin + one, begin + other],
        ]) {
          if (chosen.startsWith("\n\nHuman:") && !chosen.includes("\n\nAssistant:")) continue;
          if (chosen.startsWith("\n\nHuman:") !== rejected.startsWith("\n\nHuman:")) continue;
          let got: ReturnType<typeof comparisonFromFields>;
          try {
            got = comparisonFromFields({ chosen, rejected });
          } catch (error) {
            expect(error).to.be.instanceOf(DataError);
            continue;
          }
          expect(got.prompt + got.chosen).to.equal(chosen);
          expect(got.prompt + got.rejected).to.equal(rejected);
        }
      }),
    );
  });

  it("TRL's implicit prompt: what both begin with, up to the end of a word", () => {
    const got = comparisonFromFields({ chosen: "The sky is blue.", rejected: "The sky is black." });
    expect(got).to.deep.equal({ prompt: "The sky is", chosen: " blue.", rejected: " black." });
    expect(comparisonFromFields({ chosen: "Blue.", rejected: "Black." }).prompt).to.equal("");
    expect(comparisonFromFields({ chosen: "The sky", rejected: "The sky is up" })).to.deep.equal({
      prompt: "The sky",
      chosen: "",
      rejected: " is up",
    });
  });

  it("TRL's conversations, with the prompt and without", () => {
    const prompt = [user("What colour is the sky?")];
    const want = { prompt: "\n\nHuman: What colour is the sky?\n\nAssistant:", chosen: " Blue.", rejected: " Green." };
    const messages = { prompt, chosen: [assistant("Blue.")], rejected: [assistant("Green.")] };
    const explicit = comparisonFromFields(messages);
    expect(explicit).to.deep.equal({ ...want, messages });
    const implicit = { chosen: [...prompt, ...messages.chosen], rejected: [...prompt, ...messages.rejected] };
    expect(comparisonFromFields(implicit)).to.deep.equal(explicit);
    // A prompt as text beside whole conversations, or beside answers alone.
    expect(comparisonFromFields({ prompt: prompt[0].content, ...implicit })).to.deep.equal(explicit);
    const answers = { chosen: messages.chosen, rejected: messages.rejected };
    expect(comparisonFromFields({ prompt: prompt[0].content, ...answers })).to.deep.equal(explicit);
    const same = comparisonFromFields({ chosen: implicit.chosen, rejected: implicit.chosen });
    expect(same.chosen).to.equal(same.rejected);
    expect(renderMessages([{ role: "system", content: "Be kind." }, user("Hi"), assistant("Hello.")])).to.equal(
      "\n\nSystem: Be kind.\n\nHuman: Hi\n\nAssistant: Hello.",
    );
  });

  it("a prompt under another name is refused by that name, or read with the option columns", () => {
    const answers = { chosen: "xa", rejected: "yb" };
    for (const name of [
      "question",
      "instruction",
      "input",
      "query",
      "Prompt",
      "prompt_text",
      "user_prompt",
      "system",
      "history",
    ]) {
      for (const value of ["What is it?", [user("What is it?")]]) {
        expect(() => comparisonFromFields({ [name]: value, ...answers }), name).to.throw(
          DataError,
          `there is no prompt, but there is "${name}". Is that the prompt? { columns: { prompt: "${name}" } }`,
        );
      }
      const got = comparisonFromFields({ [name]: "What is it?", ...answers }, { prompt: name });
      expect(got, name).to.deep.equal({ prompt: "What is it?", ...answers });
    }
    // What is told of a record is no prompt; nor is anything where the dialogues hold theirs.
    const about = {
      prompt_id: "p7",
      question_id: "3",
      source: "web",
      id: "x",
      model: "m",
      category: "c",
      input: "",
      score: 3,
    };
    expect(comparisonFromFields({ ...about, ...answers }).prompt).to.equal("");
    const dialogue = { chosen: "\n\nHuman: a\n\nAssistant: b", rejected: "\n\nHuman: a\n\nAssistant: c" };
    expect(comparisonFromFields({ question: "q", prompt: null, ...dialogue }).chosen).to.equal(" b");
  });

  it("columns: other names for all fields; a name that is not there is refused, and one of ours means what it was given to", () => {
    const record = { query: "q", good: "a", bad: "b", prompt: "the number of the prompt" };
    const columns = { prompt: "query", chosen: "good", rejected: "bad" };
    expect(comparisonFromFields(record, columns)).to.deep.equal({ prompt: "q", chosen: "a", rejected: "b" });
    const swapped = comparisonFromFields(
      { prompt: "p", chosen: "a", rejected: "b" },
      { chosen: "rejected", rejected: "chosen" },
    );
    expect(swapped).to.deep.equal({ prompt: "p", chosen: "b", rejected: "a" });
    const moved = comparisonFromFields(
      { prompt: "The sky is blue", b: "The sky is red" },
      { chosen: "prompt", rejected: "b" },
    );
    expect(moved).to.deep.equal({ prompt: "The sky is", chosen: " blue", rejected: " red" });
    expect(() => comparisonFromFields(record, { ...columns, prompt: "ask" })).to.throw(
      DataError,
      "ask is missing (there is: query, good, bad, prompt)",
    );
  });

  it("conversations written as texts, as in cells of CSV, are read as conversations; other notations are refused", () => {
    const chosen = [user("q"), assistant("a")];
    const rejected = [user("q"), assistant("b")];
    const cell = (messages: object) => JSON.stringify(messages);
    const want = comparisonFromFields({ chosen, rejected });
    expect(comparisonFromFields({ chosen: cell(chosen), rejected: ` ${cell(rejected)}` })).to.deep.equal(want);
    const answers = { chosen: cell([assistant("a")]), rejected: cell([assistant("b")]) };
    expect(comparisonFromFields({ prompt: cell([user("q")]), ...answers })).to.deep.equal(want);
    const refused = (fields: object, words: string) =>
      expect(() => comparisonFromFields(fields)).to.throw(DataError, words);
    refused({ chosen: cell(chosen), rejected: "b" }, "rejected: expected a list of messages");
    refused(
      { prompt: cell([user("q")]), chosen: "a", rejected: "b" },
      "prompt: expected a text, as chosen and rejected are",
    );
    const python = "[{'role': 'user', 'content': 'q'}, {'role': 'assistant', 'content': 'a'}]";
    refused({ chosen: python, rejected: python }, "chosen: expected a list of messages as JSON");
    refused({ chosen: cell(chosen).slice(0, -1), rejected: cell(rejected) }, "json.dumps");
    refused(
      { chosen: '[{"from": "human", "value": "q"}]', rejected: '[{"from": "human", "value": "q"}]' },
      "{ role, content }",
    );
    // Lists of something else are texts.
    expect(comparisonFromFields({ prompt: "p", chosen: "[1, 2]", rejected: "[{}]" }).chosen).to.equal("[1, 2]");
  });

  it("a begun assistant's turn as the prompt of answers is refused; a prompt of no messages too", () => {
    const answers = { chosen: [assistant("a")], rejected: [assistant("b")] };
    expect(() => comparisonFromFields({ prompt: [user("q"), assistant("Sure, ")], ...answers })).to.throw(
      DataError,
      "the last message of prompt: expected one of the user",
    );
    expect(() => comparisonFromFields({ prompt: [], ...answers })).to.throw(DataError, "at least one message");
  });

  it("a prompt beside whole dialogues or conversations: it must not come twice, nor be another one", () => {
    const dialogue = { chosen: "\n\nHuman: a\n\nAssistant: b", rejected: "\n\nHuman: a\n\nAssistant: c" };
    for (const prompt of ["\n\nHuman: a\n\nAssistant:", "a", ""]) {
      expect(() => comparisonFromFields({ prompt, ...dialogue })).to.throw(DataError, "hold the prompt a second time");
    }
    const conversations = { chosen: [user("q"), assistant("a")], rejected: [user("q"), assistant("b")] };
    expect(() => comparisonFromFields({ prompt: "another", ...conversations })).to.throw(
      DataError,
      "prompt: expected a text of",
    );
  });

  it("long runs of white space take no longer than other texts", () => {
    const shared = ` ${" ".repeat(200_000)}x`;
    expect(comparisonFromFields({ chosen: `${shared}a`, rejected: `${shared}b` }).prompt).to.equal("");
    expect(comparisonFromFields({ chosen: `so${shared}a`, rejected: `so${shared}b` }).prompt).to.equal("so");
  });

  it("says what is wrong", () => {
    const fails = (fields: unknown, words: string) =>
      expect(() => comparisonFromFields(fields)).to.throw(DataError, words);
    fails(["a"], "an object");
    fails(null, "an object");
    fails({ chosen: "a" }, "rejected is missing (there is: chosen)");
    fails({ rejected: "a" }, "chosen is missing");
    fails({ chosen: 1, rejected: "a" }, "chosen: expected a text");
    fails({ chosen: "a", rejected: null }, "rejected: expected a text");
    fails({ chosen: "a", rejected: null }, 'In CSV an empty cell is null, and "" in quotes an empty text');
    fails({ prompt: null, chosen: "a", rejected: "b" }, "prompt: expected a text, got null");
    fails({ prompt: 3, chosen: "a", rejected: "b" }, "prompt: expected a text");
    fails({ chosen: [user("a")], rejected: "b" }, "rejected: expected a list");
    fails({ chosen: [{ role: "user" }], rejected: [] }, "message 0 of chosen");
    fails({ chosen: [assistant("a")], rejected: [assistant("b")] }, "no prompt");
    fails({ prompt: [user("q")], chosen: [user("a")], rejected: [assistant("b")] }, "chosen after the prompt");
    fails({ prompt: [user("q")], chosen: [assistant("a")], rejected: [] }, 'got "nothing"');
  });
});
