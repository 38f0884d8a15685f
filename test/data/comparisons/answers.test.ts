import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import fc from "fast-check";
import { DataError, DomainError } from "../../../lib/src/core/index.js";
import {
  chosenDemonstrations,
  loadComparisons,
  readDemonstrations,
  readPrompts,
  readUnpairedPreferences,
  type TextComparison,
  unpair,
  writeComparisons,
  writeDemonstrations,
  writePrompts,
  writeUnpairedPreferences,
} from "../../../lib/src/data/index.js";

async function all<T>(source: AsyncIterable<T>): Promise<T[]> {
  const out: T[] = [];
  for await (const one of source) out.push(one);
  return out;
}

const bytes = (...lines: string[]) => [Buffer.from(lines.join("\n"))];

async function fails(promise: Promise<unknown>, ...words: string[]): Promise<void> {
  await promise.then(
    () => expect.fail("accepted"),
    (error: Error) => {
      expect(error).to.be.instanceOf(DataError);
      for (const word of words) expect(error.message).to.include(word);
    },
  );
}

const dialogue: TextComparison = {
  prompt: "\n\nHuman: Hi\n\nAssistant: Hello.\n\nHuman: Why?\n\nAssistant:",
  chosen: " So.",
  rejected: " No.\n\nHuman: Oh.\n\nAssistant: Yes.",
};
const plain: TextComparison = { prompt: "Call me", chosen: " Ishmael.", rejected: " later: \n\nNote: no" };

describe("Answers in TRL's layouts", () => {
  let folder = "";
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "rlhf-lab-answers-"));
  });
  after(() => rmSync(folder, { recursive: true }));
  const lines = (path: string) =>
    readFileSync(path, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));

  it("what is written is read again: demonstrations, single verdicts and prompts, plain and gzip", async () => {
    const text = fc.string({ unit: "grapheme", maxLength: 20 });
    const row = fc.record({ prompt: text, completion: text, label: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { minLength: 1, maxLength: 10 }),
        fc.constantFrom("", ".gz"),
        async (rows, zip) => {
          const path = join(folder, `x.jsonl${zip}`);
          expect(await writeUnpairedPreferences(path, rows)).to.equal(rows.length);
          expect(await all(readUnpairedPreferences(path))).to.deep.equal(rows);
          const shown = rows.map(({ prompt, completion }) => ({ prompt, completion }));
          await writeDemonstrations(path, rows);
          expect(await all(readDemonstrations(path))).to.deep.equal(shown);
          const prompts = rows.map(({ prompt }) => prompt);
          await writePrompts(path, prompts);
          expect(await all(readPrompts(path))).to.deep.equal(prompts);
        },
      ),
      { numRuns: 30 },
    );
  });

  it("a comparison is two verdicts, and its chosen answer a demonstration", () => {
    expect([...unpair([plain])]).to.deep.equal([
      { prompt: plain.prompt, completion: plain.chosen, label: true },
      { prompt: plain.prompt, completion: plain.rejected, label: false },
    ]);
    expect([...chosenDemonstrations([plain])]).to.deep.equal([{ prompt: plain.prompt, completion: plain.chosen }]);
  });

  it("as messages: dialogues are taken apart at their turns, other texts are one turn each", async () => {
    const path = join(folder, "messages.jsonl");
    await writeComparisons(path, [dialogue, plain], { messages: true });
    const user = (content: string) => ({ role: "user", content });
    const assistant = (content: string) => ({ role: "assistant", content });
    expect(lines(path)).to.deep.equal([
      {
        prompt: [user("Hi"), assistant("Hello."), user("Why?")],
        chosen: [assistant("So.")],
        rejected: [assistant("No."), user("Oh."), assistant("Yes.")],
      },
      {
        prompt: [user("Call me")],
        chosen: [assistant(" Ishmael.")],
        rejected: [assistant(" later: \n\nNote: no")],
      },
    ]);
    // The dialogue comes back to the letter; and messages that came are written as they came.
    const { comparisons } = await loadComparisons(path);
    expect(comparisons[0]).to.include(dialogue);
    const again = join(folder, "again.jsonl");
    await writeComparisons(again, comparisons, { messages: true });
    expect(lines(again)).to.deep.equal(lines(path));
    await writeUnpairedPreferences(path, unpair([dialogue]), { messages: true });
    expect(await all(readUnpairedPreferences(path))).to.deep.equal([...unpair([dialogue])]);
    await writeDemonstrations(path, chosenDemonstrations([dialogue]), { messages: true });
    expect(await all(readDemonstrations(path))).to.deep.equal([...chosenDemonstrations([dialogue])]);
    await writePrompts(path, [dialogue.prompt, "\n\nSystem: Be.\n\nHuman: So\n\nAssistant:", "\n\nHuman: half"], {
      messages: true,
    });
    expect(lines(path)[1].prompt).to.deep.equal([{ role: "system", content: "Be." }, user("So")]);
    expect(await all(readPrompts(path))).to.deep.equal([
      dialogue.prompt,
      "\n\nSystem: Be.\n\nHuman: So\n\nAssistant:",
      "\n\nHuman: \n\nHuman: half\n\nAssistant:",
    ]);
  });

  it("any dialogue of clean turns survives the way to messages and back", async () => {
    const said = fc.stringMatching(/^[a-z:\n]{0,5}[a-z]$/).filter((text) => !text.startsWith(" "));
    const turns = fc.array(fc.tuple(said, said), { maxLength: 3 });
    const path = join(folder, "dialogues.jsonl");
    await fc.assert(
      fc.asyncProperty(turns, said, said, said, async (before, last, chosen, rejected) => {
        const begin = before.map(([user, bot]) => `\n\nHuman: ${user}\n\nAssistant: ${bot}`).join("");
        const row = {
          prompt: `${begin}\n\nHuman: ${last}\n\nAssistant:`,
          chosen: ` ${chosen}`,
          rejected: ` ${rejected}`,
        };
        await writeComparisons(path, [row], { messages: true });
        const { comparisons } = await loadComparisons(path, { identical: "keep" });
        expect(comparisons[0]).to.include(row);
      }),
      { numRuns: 50 },
    );
  });

  it("reads whole conversations", async () => {
    const messages = [
      { role: "user", content: "a" },
      { role: "assistant", content: "b" },
    ];
    expect(await all(readDemonstrations(bytes(JSON.stringify({ messages }))))).to.deep.equal([
      { prompt: "\n\nHuman: a\n\nAssistant:", completion: " b" },
    ]);
  });

  it("prompts that end within an assistant's turn go on there, both ways", async () => {
    const begun = [
      { role: "user", content: "q" },
      { role: "assistant", content: "Sure, " },
    ];
    const text = "\n\nHuman: q\n\nAssistant: Sure, ";
    const row = (prompt: unknown) => JSON.stringify({ prompt });
    expect(await all(readPrompts(bytes(row(begun), row(JSON.stringify(begun)))))).to.deep.equal([text, text]);
    const path = join(folder, "begun.jsonl");
    await writePrompts(path, [text], { messages: true });
    expect(lines(path)).to.deep.equal([{ prompt: begun }]);
    expect(await all(readPrompts(path))).to.deep.equal([text]);
    // Beside an answer it cannot be said whether that goes on with the turn.
    const completion = [{ role: "assistant", content: "here." }];
    await fails(
      all(readDemonstrations(bytes(JSON.stringify({ prompt: begun, completion })))),
      "the last message of prompt",
    );
    await fails(
      writeDemonstrations(path, [{ prompt: text, completion: "here." }], { messages: true }),
      "prompt of demonstration 0",
      'ends with "\\n\\nAssistant:"',
    );
    await fails(
      writeComparisons(path, [{ prompt: text, chosen: "a", rejected: "b" }], { messages: true }),
      "prompt of comparison 0",
    );
    await writeDemonstrations(path, [{ prompt: text, completion: "here." }]);
    expect(await all(readDemonstrations(path))).to.deep.equal([{ prompt: text, completion: "here." }]);
  });

  it("columns of other names, columns of nulls, and conversations in texts", async () => {
    const row = (fields: object) => bytes(JSON.stringify(fields));
    const columns = { prompt: "question", completion: "answer" };
    expect(await all(readDemonstrations(row({ question: "q", answer: "a" }), { columns }))).to.deep.equal([
      { prompt: "q", completion: "a" },
    ]);
    expect(await all(readPrompts(row({ question: "q" }), { columns: { prompt: "question" } }))).to.deep.equal(["q"]);
    const judged = row({ question: "q", completion: "a", good: true });
    expect(
      await all(readUnpairedPreferences(judged, { columns: { prompt: "question", label: "good" } })),
    ).to.deep.equal([{ prompt: "q", completion: "a", label: true }]);
    await fails(
      all(readDemonstrations(row({ question: "q", answer: "a" }))),
      "prompt is missing (there is: question, answer)",
    );
    await fails(all(readPrompts(row({ question: "q" }))), "prompt is missing (there is: question)");
    expect(() => readPrompts([], { columns: { question: "prompt" } as never })).to.throw(DomainError, "columns");
    expect(() => readPrompts([], { columns: { prompt: 3 } as never })).to.throw(DomainError, "columns.prompt");
    const messages = [
      { role: "user", content: "q" },
      { role: "assistant", content: "a" },
    ];
    const want = [{ prompt: "\n\nHuman: q\n\nAssistant:", completion: " a" }];
    for (const said of [messages, JSON.stringify(messages)]) {
      expect(await all(readDemonstrations(row({ prompt: null, completion: null, messages: said })))).to.deep.equal(
        want,
      );
    }
    const both = { prompt: "q", completion: "a", messages: null };
    expect(await all(readDemonstrations(row(both)))).to.deep.equal([{ prompt: "q", completion: "a" }]);
    await fails(
      all(readDemonstrations(row({ prompt: "q", completion: null }))),
      "completion: expected a text",
      "got null",
    );
    await fails(all(readDemonstrations(row({ messages: messages.slice(1) }))), "at least one message");
  });

  it("half a character is refused by its name and place: pyarrow refuses a whole file for one", async () => {
    const path = join(folder, "half.jsonl");
    const half = "\u{1f600}".slice(0, 1);
    await fails(
      writeComparisons(path, [plain, { ...plain, chosen: `yes ${half}` }]),
      "chosen of comparison 1",
      "At place 4",
      "toWellFormed",
    );
    await fails(writePrompts(path, [`a${half}`]), "prompt of record 0");
    await writePrompts(path, ["\u{1f600}", "\u2028\u0085\ufeff\u0000"]);
    expect(await all(readPrompts(path))).to.deep.equal(["\u{1f600}", "\u2028\u0085\ufeff\u0000"]);
  });

  it("says which line is wrong, and leaves no file behind", async () => {
    const row = (fields: object) => JSON.stringify(fields);
    const good = row({ prompt: "a", completion: "b", label: true });
    await fails(all(readDemonstrations(bytes(good, row({ prompt: "a" })))), "line 2", "completion");
    await fails(all(readDemonstrations(bytes(good, "{"))), "line 2", "not JSON");
    await fails(all(readDemonstrations(bytes(good, "3"))), "line 2", "an object");
    await fails(all(readDemonstrations(bytes(row({ prompt: "a", completion: [] })))), "prompt", "list of messages");
    await fails(
      all(readDemonstrations(bytes(row({ messages: [{ role: "user", content: "a" }] })))),
      "assistant's message",
    );
    await fails(all(readUnpairedPreferences(bytes(good, row({ prompt: "a", completion: "b" })))), "line 2", "label");
    await fails(all(readUnpairedPreferences(bytes("prompt,completion,label"))), "line 1", "not JSON");
    await fails(all(readPrompts(bytes(row({ prompt: 3 })))), "line 1", "prompt");
    await fails(all(readPrompts([])), "nothing in it");
    const before = readdirSync(folder);
    const path = join(folder, "new.jsonl");
    await fails(
      writeUnpairedPreferences(path, [{ ...plain, completion: "b", label: 1 } as never]),
      "label of preference 0",
    );
    await fails(writeDemonstrations(path, [{ prompt: "a" } as never]), "completion of demonstration 0");
    await fails(writePrompts(path, ["a", 2 as never]), "prompt of record 1");
    expect(readdirSync(folder)).to.deep.equal(before);
  });
});
