"""
The kernel's protocol, checked as a client sees it. Prints one JSON line per check: {name, ok, detail}.

    python checks.py --list     the names of all checks
    python checks.py FOLDER     runs them; the kernels keep their history in FOLDER
"""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback

CHECKS = []
# What the kernel that the checks share is started with.
ENVIRONMENT = {}


def check(name):
    def register(function):
        CHECKS.append((name, function))
        return function

    return register


def sized(usual, full):
    """A size of a check: `npm run soak` asks for the full one, which takes minutes."""
    return full if os.environ.get("RLHF_LAB_SOAK") else usual


def equal(got, wanted, what=""):
    assert got == wanted, f"{what} expected {wanted!r}, got {got!r}"


def has(text, part):
    assert part in text, f"expected {part!r} in {text!r}"


def plain(lines):
    return re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(lines))


# --- information -------------------------------------------------------------------------------------------------------


@check("kernel_info has every required field")
def _(k):
    info = k.reply(k.client.kernel_info())
    for field in ("status", "protocol_version", "implementation", "implementation_version", "language_info", "banner"):
        assert info.get(field), field
    for field in ("name", "version", "mimetype", "file_extension"):
        assert info["language_info"].get(field), field
    equal(info["language_info"]["name"], "typescript")
    equal(info["debugger"], False)
    assert re.fullmatch(r"\d+\.\d+", info["protocol_version"])


@check("the heartbeat beats")
def _(k):
    assert k.client.hb_channel.is_alive()
    time.sleep(1.2)
    assert k.client.hb_channel.is_beating()


@check("comm_open for an unknown target is answered by comm_close")
def _(k):
    message = k.client.session.msg("comm_open", {"comm_id": "c1", "target_name": "nobody", "data": {}})
    k.client.shell_channel.send(message)
    closed = k.next("comm_close")
    equal(closed["content"]["comm_id"], "c1")
    equal(closed["parent_header"]["msg_id"], message["header"]["msg_id"])


@check("comm_info lists no comms")
def _(k):
    equal(k.reply(k.client.comm_info()), {"status": "ok", "comms": {}})


@check("debug_request is answered as unsupported")
def _(k):
    content = {"type": "request", "seq": 7, "command": "initialize", "arguments": {}}
    answer = k.request("debug_request", content, channel="control")
    equal((answer["success"], answer["request_seq"], answer["command"]), (False, 7, "initialize"))


@check("a message with a wrong signature is dropped, and the next one is answered")
def _(k):
    import zmq

    session = k.client.session
    socket = zmq.Context.instance().socket(zmq.DEALER)
    socket.connect(f"tcp://{k.client.ip}:{k.client.shell_port}")
    frames = session.serialize(session.msg("kernel_info_request", {}))
    socket.send_multipart([frames[0], b"0" * 64, *frames[2:]])
    equal(socket.poll(1000), 0)
    socket.send_multipart(session.serialize(session.msg("kernel_info_request", {})))
    assert socket.poll(10000)
    socket.close(0)


# --- execution ---------------------------------------------------------------------------------------------------------


@check("a cell: busy, execute_input, execute_result, idle, and a reply")
def _(k):
    run = k.run("1 + 1")
    equal(run.types, ["status", "execute_input", "execute_result", "status"])
    equal([content["execution_state"] for content in run.of("status")], ["busy", "idle"])
    equal(run.value, "2")
    count = run.reply["execution_count"]
    equal((run.of("execute_input")[0]["code"], run.of("execute_input")[0]["execution_count"]), ("1 + 1", count))
    equal(run.of("execute_result")[0]["execution_count"], count)
    equal(run.reply["status"], "ok")
    equal(k.run("2").reply["execution_count"], count + 1)


@check("a cell without a value has no result, nor has an empty one")
def _(k):
    for code in ("const noValue = 1;", "undefined", "", "// nothing"):
        run = k.run(code)
        equal((run.value, run.reply["status"]), (None, "ok"), code)


@check("names last from cell to cell and can be declared again with another type")
def _(k):
    k.run("const again = 1; let counter = 0; function next(): number { return ++counter; }")
    equal(k.run("next(); next(); counter").value, "2")
    k.run('const again = "now a string";')
    equal(k.run("again.length").value, "12")


@check("{ name } finds a name of an earlier cell")
def _(k):
    k.run("const shortOne = 1; const shortTwo = () => 2;")
    equal(k.run("({ shortOne, shortTwo }).shortTwo() + { shortOne }.shortOne").value, "3")


@check("await (x), for await, and await of anything at the top of a cell")
def _(k):
    equal(k.run("const awaited = await (Promise.resolve(4)); awaited").value, "4")
    equal(k.run("for await (const x of [1, Promise.resolve(2)]) console.log(x)").text(), "1\n2\n")
    equal(k.run("await Promise.all([1, 2].map(async (x) => (await (Promise.resolve(x))) * 2))").value, "[ 2, 4 ]")
    code = "async function* count() { yield 1; yield 2 }\nlet sum = 0;\nfor await (const x of count()) { sum += x }\nsum"
    equal(k.run(code).value, "3")
    equal(k.run("try { await Promise.reject(new Error('no')) } catch (e) { (e as Error).message }").reply["status"], "ok")


@check("streams and figures arrive in the order in which they were made")
def _(k):
    run = k.run(
        """const host = (globalThis as any)[Symbol.for("rlhf-lab.host")];
        console.log("one"); host.display({ "text/plain": "figure" }); console.log("two"); console.error("three"); 4"""
    )
    outputs = [t for t in run.types if t not in ("status", "execute_input")]
    equal(outputs, ["stream", "display_data", "stream", "stream", "execute_result"])
    equal((run.text(), run.text("stderr")), ("one\ntwo\n", "three\n"))


@check("display ids: update_display_data redraws what display_data has shown")
def _(k):
    run = k.run(
        """host.display({ "text/plain": "a" }, { displayId: "d1", metadata: { wide: true } });
        host.display({ "text/plain": "b" }, { displayId: "d1", update: true });"""
    )
    shown, updated = run.of("display_data")[0], run.of("update_display_data")[-1]
    equal(shown, {"data": {"text/plain": "a"}, "metadata": {"wide": True}, "transient": {"display_id": "d1"}})
    equal((updated["data"], updated["transient"]), ({"text/plain": "b"}, {"display_id": "d1"}))


@check("a flood of redraws is thinned out, and the last one arrives")
def _(k):
    run = k.run("for (let i = 0; i < 5000; i++) host.display({ 'text/plain': String(i) }, { displayId: 'd2', update: true })")
    updates = run.of("update_display_data")
    equal(updates[-1]["data"]["text/plain"], "4999")
    assert len(updates) < 1000, len(updates)


@check("a value may say how it looks: toMimeBundle and Symbol.for('rlhf-lab.mime')")
def _(k):
    run = k.run('({ toMimeBundle() { return { "text/html": "<b>1</b>", "text/plain": "one" }; } })')
    equal(run.of("execute_result")[0]["data"], {"text/html": "<b>1</b>", "text/plain": "one"})
    run = k.run('({ [Symbol.for("rlhf-lab.mime")]: () => ({ "text/latex": "$x$" }) })')
    data = run.of("execute_result")[0]["data"]
    equal(data["text/latex"], "$x$")
    assert "text/plain" in data


@check("tslab's display works")
def _(k):
    run = k.run('import { display } from "tslab"; display.html("<i>2</i>");')
    equal(run.of("display_data")[0]["data"], {"text/html": "<i>2</i>"})


@check("silent: nothing but status on iopub, no count, no history")
def _(k):
    before = k.run("0").reply["execution_count"]
    run = k.run("console.log('quiet'); 5", silent=True)
    equal(run.types, ["status", "status"])
    equal(run.reply["status"], "ok")
    equal(k.run("0").reply["execution_count"], before + 1)


@check("store_history false: shown, but neither counted nor kept")
def _(k):
    before = k.run("0").reply["execution_count"]
    equal(k.run("'unstored'", store_history=False).value, "'unstored'")
    equal(k.run("0").reply["execution_count"], before + 1)
    sources = [source for _, _, source in k.reply(k.client.history(hist_access_type="tail", n=3))["history"]]
    assert "'unstored'" not in sources, sources


@check("user_expressions: values, and errors that stay theirs")
def _(k):
    k.run("const eleven = 11;")
    run = k.run("", user_expressions={"good": "eleven * 2", "bad": "nonesuch", "thrown": "(() => { throw new Error('x') })()"})
    answers = run.reply["user_expressions"]
    equal(run.reply["status"], "ok")
    equal(answers["good"], {"status": "ok", "data": {"text/plain": "22"}, "metadata": {}})
    equal((answers["bad"]["status"], answers["thrown"]["evalue"]), ("error", "x"))
    equal(run.of("error"), [])


@check("a cell runs in the project's root")
def _(k):
    has(k.run('import { readFileSync } from "node:fs"; JSON.parse(readFileSync("package.json", "utf8")).workspaces').value, "lib")


@check("what a child process prints natively arrives before the cell is idle")
def _(k):
    run = k.run('import { execSync } from "node:child_process"; execSync("seq 1 3000", { stdio: "inherit" });')
    equal(run.text(), "".join(f"{i}\n" for i in range(1, 3001)))


@check("characters beyond the first plane survive, also in pieces")
def _(k):
    run = k.run('const face = Buffer.from("\U0001f600"); process.stdout.write(face.subarray(0, 2)); process.stdout.write(face.subarray(2)); "\U0001f600é"')
    equal((run.text(), run.value), ("\U0001f600", "'\U0001f600é'"))


# --- errors ------------------------------------------------------------------------------------------------------------


@check("an error: name, message, and a traceback that begins at the learner's own line")
def _(k):
    run = k.run("interface Unused { a: number }\n\nfunction fail(x: number): number {\n  throw new RangeError(`bad ${x}`);\n}\nfail(3);")
    error = run.of("error")[0]
    equal((error["ename"], error["evalue"]), ("RangeError", "bad 3"))
    text = plain(error["traceback"])
    count = run.reply["execution_count"]
    has(text, f"cell {count}, line 4")
    has(text, "4 |   throw new RangeError(`bad ${x}`);")
    has(text, f"at fail (cell {count}:4:9)")
    has(text, f"at cell {count}:6:1")
    assert "evalmachine" not in text and "node:" not in text and "tslab" not in text, text
    equal((run.reply["status"], run.reply["ename"], run.reply["evalue"]), ("error", "RangeError", "bad 3"))
    assert run.reply["traceback"]
    equal(run.value, None)


@check("a function of an earlier cell is found by its own cell and line, also after an await")
def _(k):
    first = k.run("const later = async (): Promise<void> => {\n  await null;\n\n  throw new TypeError('late');\n};").reply["execution_count"]
    error = k.run("await later();").of("error")[0]
    has(plain(error["traceback"]), f"cell {first}, line 4")


@check("causes are shown, and what is thrown need not be an Error")
def _(k):
    error = k.run("throw new Error('outer', { cause: new Error('inner') });").of("error")[0]
    has(plain(error["traceback"]), "caused by Error: inner")
    error = k.run("throw { code: 7 };").of("error")[0]
    has(error["evalue"], "code: 7")
    equal(k.run("throw undefined;").reply["status"], "error")


@check("TypeScript diagnostics are an error with line, column, message and a caret")
def _(k):
    run = k.run("const fine = 1;\nconst wrong: string = 3;")
    error = run.of("error")[0]
    equal(error["ename"], "TypeScriptError")
    has(error["evalue"], "2:7 - Type 'number' is not assignable to type 'string'.")
    text = plain(error["traceback"])
    has(text, "line 2, column 7")
    has(text, "2 | const wrong: string = 3;\n       |       ^^^^^")
    equal(run.reply["status"], "error")


@check("types are checked strictly, and packages with exports are found")
def _(k):
    has(k.run("const untyped = (a) => a;").of("error")[0]["evalue"], "implicitly has an 'any' type")
    has(k.run("const maybe: number[] = []; maybe.at(0) + 1").of("error")[0]["evalue"], "possibly 'undefined'")
    equal(k.run('import { expect } from "chai"; expect(1).equal(1); typeof expect').value, "'function'")
    has(k.run('import { nonesuch } from "fast-check";').of("error")[0]["evalue"], "nonesuch")


@check("a cell that throws keeps what it declared before, and an earlier value of what it did not reach")
def _(k):
    k.run("const reached = 'old'; const unreached = 'old'; type Kind = string;")
    k.run("const reached = 1;\ntype Kind = number;\nconst helper = (x: Kind) => x + reached;\nthrow new Error('here');\nconst unreached = 2;\nconst never = 3;")
    equal(k.run("helper(1)").value, "2")
    equal(k.run("unreached").value, "'old'")
    has(k.run("never").of("error")[0]["evalue"], "never")


@check("stop_on_error: cells sent along with one that fails are answered aborted")
def _(k):
    first = k.client.execute("throw new Error('stop')")
    others = [k.client.execute(f"console.log('ran {i}')") for i in range(3)]
    equal(k.collect(first).reply["status"], "error")
    for request in others:
        run = k.collect(request)
        equal((run.reply["status"], run.types), ("aborted", ["status", "status"]))
    equal(k.run("'alive'").value, "'alive'")


@check("stop_on_error false: the next cells run")
def _(k):
    first = k.client.execute("throw new Error('go on')", stop_on_error=False)
    second = k.client.execute("'ran'")
    equal(k.collect(first).reply["status"], "error")
    equal(k.collect(second).value, "'ran'")


@check("an unhandled rejection fails the cell that caused it")
def _(k):
    run = k.run("void Promise.reject(new Error('nobody caught this')); 1")
    equal((run.of("error")[0]["evalue"], run.reply["status"]), ("nobody caught this", "error"))
    equal(len(run.of("error")), 1)


@check("a timer's exception and late output reach the cell that set the timer")
def _(k):
    request = k.client.execute("setTimeout(() => { console.log('late'); throw new Error('in a timer') }, 300);")
    equal(k.collect(request).reply["status"], "ok")
    k.run("'another cell'")
    late = k.next("stream")
    equal((late["content"]["text"], late["parent_header"]["msg_id"]), ("late\n", request))
    error = k.next("error")
    equal((error["content"]["evalue"], error["parent_header"]["msg_id"]), ("in a timer", request))
    equal(k.run("'alive'").value, "'alive'")


# --- questions ---------------------------------------------------------------------------------------------------------


@check("history: tail, range, search with a pattern, unique, output")
def _(k):
    for code in ("'needle 1'", "'needle 2'", "'needle 1'"):
        k.run(code)
    tail = k.reply(k.client.history(hist_access_type="tail", n=3))
    equal([source for _, _, source in tail["history"]], ["'needle 1'", "'needle 2'", "'needle 1'"])
    session, line, _ = tail["history"][0]
    ranged = k.reply(k.client.history(hist_access_type="range", session=0, start=line, stop=line + 2))["history"]
    equal(ranged, [[session, line, "'needle 1'"], [session, line + 1, "'needle 2'"]])
    found = k.reply(k.client.history(hist_access_type="search", pattern="'needle ?'", n=10))["history"]
    equal(len(found), 3)
    unique = k.reply(k.client.history(hist_access_type="search", pattern="*needle*", unique=True, n=10))["history"]
    equal([source for _, _, source in unique], ["'needle 2'", "'needle 1'"])
    equal(k.reply(k.client.history(hist_access_type="search", pattern="needle", n=10))["history"], [])
    shaped = k.reply(k.client.history(hist_access_type="tail", n=1, output=True))["history"][0]
    equal(shaped, [session, line + 2, ["'needle 1'", None]])


@check("is_complete: complete, incomplete with an indent, invalid, an open template string")
def _(k):
    cases = {
        "1 + 1": "complete",
        "const x = await (f())": "complete",
        "for await (const x of y) {}": "complete",
        "function f() {": "incomplete",
        "f(1,": "incomplete",
        "const x =": "incomplete",
        "const t = `open": "incomplete",
        "const t = `a ${b": "incomplete",
        "/* open": "incomplete",
        "[1, 2": "incomplete",
        "if (x) {\n  y();": "incomplete",
        ")": "invalid",
        "const 1a = 2": "invalid",
        "const s = 'open\nconst t = 1": "invalid",
        "}": "invalid",
    }
    got = {code: k.reply(k.client.is_complete(code))["status"] for code in cases}
    equal(got, cases)
    equal(k.reply(k.client.is_complete("function f() {"))["indent"], "  ")
    equal(k.reply(k.client.is_complete("if (a) {\n  f(1);"))["indent"], "  ")


@check("completion: members of an earlier cell's value, with the span that they replace")
def _(k):
    k.run("const table = { firstColumn: 1, secondColumn: 2 };")
    answer = k.reply(k.client.complete("table.first", 11))
    equal((answer["status"], answer["matches"], answer["cursor_start"], answer["cursor_end"]), ("ok", ["firstColumn"], 6, 11))
    answer = k.reply(k.client.complete("table.", 6))
    assert {"firstColumn", "secondColumn"} <= set(answer["matches"])
    equal((answer["cursor_start"], answer["cursor_end"]), (6, 6))


@check("completion counts characters, not UTF-16 units, and sees a cell that is still queued")
def _(k):
    code = "'\U0001f600\U0001f600'; table.sec"
    answer = k.reply(k.client.complete(code, len(code)))
    equal((answer["matches"], answer["cursor_start"], answer["cursor_end"]), (["secondColumn"], len(code) - 3, len(code)))
    k.client.execute("const queuedName = 1;")
    equal(k.reply(k.client.complete("queuedNa", 8))["matches"], ["queuedName"])


@check("inspection: the signature and the docstring")
def _(k):
    k.run("/**\n * Twice a number.\n * @param x any number\n */\nfunction twice(x: number): number { return 2 * x; }")
    for code, position in (("twice(3)", 2), ("twice", 5), ("twice(", 6)):
        answer = k.reply(k.client.inspect(code, position))
        assert answer["found"], code
        has(answer["data"]["text/plain"], "function twice(x: number): number")
        has(answer["data"]["text/plain"], "Twice a number.")
        has(answer["data"]["text/markdown"], "any number")
    equal(k.reply(k.client.inspect("   ", 1))["found"], False)


@check("prompt asks through stdin, also for a password")
def _(k):
    request = k.client.execute('const answer = await prompt("your name? "); answer', allow_stdin=True)
    asked = k.client.get_stdin_msg(timeout=20)
    equal(asked["content"], {"prompt": "your name? ", "password": False})
    equal(asked["parent_header"]["msg_id"], request)
    k.client.input("Ada")
    equal(k.collect(request).value, "'Ada'")
    request = k.client.execute('await prompt("secret ", { password: true })', allow_stdin=True)
    equal(k.client.get_stdin_msg(timeout=20)["content"]["password"], True)
    k.client.input("x")
    k.collect(request)


@check("prompt fails with a sentence where nobody can answer")
def _(k):
    run = k.run('await prompt("anyone? ")', allow_stdin=False)
    has(run.of("error")[0]["evalue"], "allow_stdin")


# --- interrupts --------------------------------------------------------------------------------------------------------

INTERRUPTED = {
    "while (true) {}": "while (true) {}",
    "a loop that begins after an await": "await null; while (true) {}",
    "a loop after a timer": "await new Promise((r) => setTimeout(r, 1)); while (true) {}",
    "a loop in a timer": "await new Promise(() => setTimeout(() => { while (true) {} }, 1));",
    "a loop of awaits that never lets go": "while (true) await null;",
    "a long await": "await new Promise(() => {});",
    "an await on a timer": "await new Promise((r) => setTimeout(r, 60_000));",
    "a loop that catches everything": "while (true) { try { while (true) {} } catch {} finally { } }",
}


def interrupted(name, code):
    @check(f"interrupt: {name}")
    def _(k):
        equal(k.run("const kept = 'kept'; kept").value, "'kept'")
        k.interrupt_after(0.4)
        run = k.run(code, timeout=120)
        equal((run.reply["status"], run.of("error")[0]["ename"]), ("error", "InterruptError"))
        # The next cell works, in the same process, with timers and files.
        code_after = "await new Promise((r) => setTimeout(r, 5)); (await (await import('node:fs/promises')).stat('.')).isDirectory() && kept"
        equal(k.run(code_after, timeout=120).value, "'kept'")


for name, code in INTERRUPTED.items():
    interrupted(name, code)

TRAINING = {
    "a training loop": "while (true) { await step(); }",
    "a training loop that swallows errors": "while (true) { try { await step(); } catch {} }",
    "a training loop in a function": "async function train() { for (;;) { await step(); } }\nawait train();",
    "an interval": "setInterval(step, 5); await new Promise(() => {});",
    "a for await loop": "async function* steps() { for (;;) { yield await step(); } }\nfor await (const _ of steps()) {}",
}


def stopped(name, code):
    @check(f"interrupt stops it for good: {name}")
    def _(k):
        k.run("const tally = { steps: 0 }; const step = async () => { await new Promise((r) => setTimeout(r, 5)); tally.steps++; if (tally.steps === 3) console.log('three'); };")
        request = k.client.execute(code)
        k.next("stream", timeout=120)
        k.manager.interrupt_kernel()
        equal(k.collect(request, timeout=120).reply["status"], "error")
        first = int(k.run("tally.steps").value)
        assert first > 0
        time.sleep(0.2)
        equal(int(k.run("tally.steps").value), first, "steps after the interrupt")


for name, code in TRAINING.items():
    stopped(name, code)


@check("an interrupt aborts the host's signal, so that a library's loop ends with its own words")
def _(k):
    k.run('const host = (globalThis as any)[Symbol.for("rlhf-lab.host")];')
    k.interrupt_after(0.3)
    code = """await new Promise((_, reject) =>
  host.interrupt.addEventListener("abort", () => reject(new Error("stopped after step 12"))));"""
    run = k.run(code, timeout=120)
    assert run.of("error")[0]["evalue"] in ("stopped after step 12", "The cell was interrupted.")
    equal(k.run("host.interrupt.aborted").value, "false")


@check("an interrupt ends a question to the learner, and the queue behind it")
def _(k):
    request = k.client.execute('await prompt("waiting ")', allow_stdin=True)
    k.client.get_stdin_msg(timeout=20)
    behind = k.client.execute("'behind'")
    k.manager.interrupt_kernel()
    equal(k.collect(request).reply["ename"], "InterruptError")
    equal(k.collect(behind).reply["status"], "aborted")


@check("an interrupt that comes while a cell is still being compiled keeps it from running")
def _(k):
    k.run("const marks = { ran: 0 };")
    request = k.client.execute("import * as fs from 'node:fs'; const wide: { [K in keyof typeof fs]: 1 }[] = []; marks.ran += 1; while (true) {}")
    k.next("execute_input")
    k.manager.interrupt_kernel()
    equal(k.collect(request).reply["ename"], "InterruptError")
    equal(k.run("marks.ran < 2").value, "true")


@check("the kernel answers while a cell computes without a pause")
def _(k):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "go on"
        request = k.client.execute(f"import {{ existsSync }} from 'node:fs'; while (!existsSync({json.dumps(str(path))})); 'computed'")
        k.next("execute_input")
        equal(k.reply(k.client.kernel_info(), timeout=120)["status"], "ok")
        equal(k.reply(k.client.complete("tab", 3), timeout=120)["status"], "ok")
        path.touch()
        equal(k.collect(request, timeout=120).value, "'computed'")


# --- output ------------------------------------------------------------------------------------------------------------


@check("20,000 lines in one burst arrive whole and in order")
def _(k):
    run = k.run("for (let i = 0; i < 20_000; i++) console.log(`line ${i}`);")
    equal(run.text() == "".join(f"line {i}\n" for i in range(20_000)), True)


@check("50 MB of output are cut, with a note that says so")
def _(k):
    run = k.run("for (let i = 0; i < 500; i++) console.log('x'.repeat(100_000));")
    text = run.text()
    assert 1_000_000 < len(text) < 20_000_000, len(text)
    has(text[-300:], "Output cut")
    equal(run.reply["status"], "ok")
    equal(k.run("console.log('the next cell prints')").text(), "the next cell prints\n")


@check("an endless flood keeps memory bounded and can be interrupted")
def _(k):
    before = resident(k.pid)
    k.interrupt_after(2)
    run = k.run("while (true) console.log('flood '.repeat(100));", timeout=30)
    equal(run.reply["ename"], "InterruptError")
    grown = resident(k.pid) - before
    assert grown < 150, f"process 1 grew by {grown:.0f} MB"


# --- the end of processes ----------------------------------------------------------------------------------------------


@check("process.exit ends with a message; the next cell runs in a fresh process")
def _(k):
    k.run("const gone = 1;")
    run = k.run("console.log('before'); process.exit(3);")
    error = run.of("error")[0]
    has(error["evalue"], "process.exit(3)")
    has(error["evalue"], "Variables are gone")
    equal((run.text(), run.reply["status"]), ("before\n", "error"))
    has(k.run("gone").of("error")[0]["evalue"], "gone")
    equal(k.run("40 + 2").value, "42")


@check("running out of memory ends with a message that says so")
def _(_k):
    from client import Kernel

    # Given little, it takes a second instead of many, and leaves the machine's memory to others.
    with tempfile.TemporaryDirectory() as state:
        k = Kernel(state, RLHF_LAB_MEMORY_MB="300")
        try:
            run = k.run("const hog: number[][] = []; while (true) hog.push(new Array(100_000).fill(Math.PI));", timeout=300)
            has(run.of("error")[0]["evalue"], "ran out of memory")
        finally:
            k.stop()


@check("a killed process 2 is replaced, while it runs a cell and while it is idle")
def _(k):
    k.run("1")
    request = k.client.execute("await new Promise(() => {})")
    k.next("execute_input")
    os.kill(processes(k.pid)[0], signal.SIGKILL)
    has(k.collect(request).of("error")[0]["evalue"], "killed")
    k.run("1")
    os.kill(processes(k.pid)[0], signal.SIGKILL)
    has(k.next("error")["content"]["evalue"], "killed")
    equal(k.run("'fresh'").value, "'fresh'")


@check("restart: a new count, no variables, and the history of before")
def _(k):
    k.run("const beforeRestart = 'findable';")
    k.manager.restart_kernel(now=False)
    k.client.wait_for_ready(timeout=60)
    run = k.run("beforeRestart")
    equal((run.reply["status"], run.reply["execution_count"]), ("error", 1))
    found = k.reply(k.client.history(hist_access_type="search", pattern="*findable*", n=5))["history"]
    equal(len(found), 1)
    session = found[0][0]
    ranged = k.reply(k.client.history(hist_access_type="range", session=-1, start=0))["history"]
    assert all(entry[0] == session for entry in ranged) and ranged


@check("the kernel ends when whoever started it has died, even while a cell computes")
def _(k):
    code = (
        "import json, os, sys; sys.path.insert(0, sys.argv[1]); from client import *; "
        "k = Kernel(sys.argv[2]); k.run('1'); k.client.execute('while (true) {}'); k.next('execute_input'); "
        "print(json.dumps([k.pid, *processes(k.pid)]), flush=True); os._exit(0)"
    )
    here = str(pathlib.Path(__file__).parent)
    with tempfile.TemporaryDirectory() as state:
        started = subprocess.run([sys.executable, "-c", code, here, state], capture_output=True, text=True, timeout=60)
        pids = json.loads(started.stdout)
        equal(len(pids), 2)
        assert until(lambda: not any(alive(pid) for pid in pids)), [pid for pid in pids if alive(pid)]


def project(folder):
    """A small project of the same shape: our kernel, compiled, and a library of one line."""
    from client import ROOT

    root = pathlib.Path(folder).resolve()
    (root / "lib" / "src").mkdir(parents=True)
    (root / "node_modules").mkdir()
    for package in (ROOT / "node_modules").iterdir():
        if package.name not in ("rlhf-lab", "rlhf-lab-course", ".bin", ".package-lock.json"):
            (root / "node_modules" / package.name).symlink_to(package)
    (root / "course").mkdir()
    for package, folder in (("rlhf-lab", "lib"), ("rlhf-lab-course", "course")):
        (root / "node_modules" / package).symlink_to(root / folder)
    for name in ("package.json", "tsconfig.base.json", "lib/package.json", "lib/tsconfig.json", "course/package.json", "course/tsconfig.json"):
        shutil.copy(ROOT / name, root / name)
    for part in ("lib/dist/core", "course/dist/src/kernel"):
        shutil.copytree(ROOT / part, root / part)
    return root


@check("a changed library is rebuilt before the cell that imports it, and the new code is loaded")
def _(_k):
    from client import Kernel

    with tempfile.TemporaryDirectory() as folder:
        root = project(folder)
        source = root / "lib" / "src" / "index.ts"
        other = root / "lib" / "src" / "other.ts"
        door = root / "lib" / "src" / "policy" / "index.ts"
        door.parent.mkdir()
        source.write_text('export { version } from "./other.js";\n')
        door.write_text('export { version as policyVersion, shared } from "../other.js";\n')
        other.write_text("export const version = 1;\nexport const shared = {};\n")
        k = Kernel(root / "state", root=root, RLHF_LAB_BUILD="1")
        try:
            equal(k.run('import { version } from "rlhf-lab"; version').value, "1")
            equal(k.run('import { policyVersion } from "rlhf-lab/policy"; policyVersion').value, "1")
            time.sleep(0.05)
            other.write_text('export const version = "second";\nexport const shared = {};\n')
            # By any door, whichever was asked first: the new build, and the same one for all.
            run = k.run('import { policyVersion } from "rlhf-lab/policy"; policyVersion.length')
            equal((run.value, run.of("error"), run.text("stderr")), ("6", [], ""))
            run = k.run('import { version } from "rlhf-lab"; version.length')
            equal((run.value, run.of("error"), run.text("stderr")), ("6", [], ""))
            time.sleep(0.05)
            source.write_text('export * from "./other.js";\nexport const added: number = 3;\n')
            code = 'import { shared as one } from "rlhf-lab";\nimport { shared as other } from "rlhf-lab/policy"; one === other'
            equal(k.run(code).value, "true")
            equal(k.run('import { added } from "rlhf-lab"; added').value, "3")
            time.sleep(0.05)
            other.write_text("export const version: number = 'wrong';\n")
            run = k.run('import { added } from "rlhf-lab"; added')
            has(run.text("stderr"), "does not compile")
            equal(k.run("1").text("stderr"), "")
        finally:
            k.stop()
        assert until(lambda: not list((root / "lib").glob("dist-*"))), "copies of the build are left"


@check("a changed course is rebuilt too, and sees the new library")
def _(_k):
    from client import Kernel

    with tempfile.TemporaryDirectory() as folder:
        root = project(folder)
        library, course = root / "lib" / "src" / "index.ts", root / "course" / "src" / "index.ts"
        library.write_text("export const version: number = 1;\nexport const shared = {};\n")
        seen = 'import { shared, version } from "rlhf-lab";\nexport const seen = () => version;\nexport const same = (it: object) => it === shared;\n'
        course.parent.mkdir()
        course.write_text(seen)
        k = Kernel(root / "state", root=root, RLHF_LAB_BUILD="1")
        ask = 'import { shared } from "rlhf-lab"; import { same, seen } from "rlhf-lab-course"; [seen(), same(shared)]'
        try:
            equal(k.run(ask).value, "[ 1, true ]")
            time.sleep(0.05)
            library.write_text("export const version: number = 2;\nexport const shared = {};\n")
            equal(k.run('import { seen } from "rlhf-lab-course"; seen()').value, "2")
            equal(k.run(ask).value, "[ 2, true ]")
            time.sleep(0.05)
            course.write_text(seen.replace("=> version", "=> 10 * version"))
            run = k.run(ask)
            equal((run.value, run.of("error"), run.text("stderr")), ("[ 20, true ]", [], ""))
        finally:
            k.stop()
        assert until(lambda: not [*root.glob("*/dist-*")]), "copies of the build are left"


@check("shutdown is answered, and leaves no process behind")
def _(k):
    pids = [k.pid, *processes(k.pid)]
    assert len(pids) == 2, pids
    answer = k.request("shutdown_request", {"restart": False}, channel="control")
    equal(answer, {"status": "ok", "restart": False})
    assert until(lambda: not any(alive(pid) for pid in pids)), [pid for pid in pids if alive(pid)]


def overdue(_signal, _frame):
    raise TimeoutError("the check did not come to its end")


def ended(kernel):
    """Ends a kernel in whatever state it is."""
    for end in (kernel.client.stop_channels, lambda: kernel.manager.shutdown_kernel(now=True)):
        try:
            end()
        except BaseException:  # noqa: BLE001 - it has failed already; the next check has a kernel of its own
            traceback.print_exc()


def main(folder):
    from client import Kernel  # noqa: PLC0415 - listing the names needs no Jupyter

    if folder.startswith("-"):
        sys.exit(f"expected --list, or the folder where the kernel keeps its state, got {folder}")

    kernel = None
    signal.signal(signal.SIGALRM, overdue)
    for name, function in CHECKS:
        if os.environ.get("ONLY") and os.environ["ONLY"] not in name:
            continue
        # Not the time that it takes: an end for what hangs in a place without a limit of its own.
        signal.alarm(sized(800, 20_000))
        try:
            kernel = kernel or Kernel(folder, **ENVIRONMENT)
            function(kernel)
            verdict = {"name": name, "ok": True, "detail": ""}
        except BaseException:  # noqa: BLE001 - whatever went wrong is the verdict
            verdict = {"name": name, "ok": False, "detail": traceback.format_exc()}
            # The next checks are not to fail because of this one.
            signal.alarm(60)
            if kernel is not None:
                ended(kernel)
            kernel = None
        signal.alarm(0)
        print(json.dumps(verdict), flush=True)
    if kernel is not None:
        ended(kernel)


if __name__ == "__main__":
    if sys.argv[1] == "--list":
        print(json.dumps([name for name, _ in CHECKS]))
    else:
        sys.path.insert(0, str(pathlib.Path(__file__).parent))
        from client import alive, processes, resident, until

        main(sys.argv[1])
