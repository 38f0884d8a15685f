"""
What must hold whatever a cell, a client or the disk does: process 1 lives and answers, outputs have a limit, an interrupt ends
what it should. Used as checks.py is, whose driver it borrows.
"""

import json
import os
import pathlib
import random
import re
import shutil
import signal
import socket as sockets
import subprocess
import sys
import tempfile
import time

import checks
from checks import equal, has, project, sized
from client import ROOT, Kernel, alive, processes, resident, until

CHECKS = checks.CHECKS
CHECKS.clear()
check = checks.check

LIMIT = 8_000_000


def shown(run):
    """Characters of all that a run has brought to the page."""
    return sum(len(json.dumps(message["content"])) for message in run.messages)


def lives(k):
    """Process 1 answers, and cells run."""
    equal(k.request("kernel_info_request", {}, channel="control")["status"], "ok")
    equal(k.run("40 + 2", timeout=120).value, "42")


# --- text --------------------------------------------------------------------------------------------------------------

HALF = '"\\ud83d"'


@check("half an emoji leaves as U+FFFD: printed, as a value, displayed, updated, thrown, asked, completed")
def _(k):
    bundle = '({ toMimeBundle() { return { "text/html": "<b>" + half, "application/json": { [half]: [half] } }; } })'
    k.run(f"const half = {HALF}; const host = (globalThis as any)[Symbol.for('rlhf-lab.host')];")
    run = k.run(f"console.log(half); console.error('e', half); host.display({{ 'text/plain': half }}, {{ displayId: 'h' + half }}); {bundle}")
    equal((run.text(), run.text("stderr")), ("\ufffd\n", "e \ufffd\n"))
    display = run.of("display_data")[0]
    equal((display["data"], display["transient"]), ({"text/plain": "\ufffd"}, {"display_id": "h\ufffd"}))
    data = run.of("execute_result")[0]["data"]
    equal((data["text/html"], data["application/json"]), ("<b>\ufffd", {"\ufffd": ["\ufffd"]}))
    error = k.run("throw new Error('no ' + half)")
    equal((error.of("error")[0]["evalue"], error.reply["evalue"]), ("no \ufffd", "no \ufffd"))
    thrown = k.run("throw Object.assign(new Error('x'), { name: half })")
    json.dumps([thrown.messages, thrown.reply], default=str, ensure_ascii=False).encode()
    request = k.client.execute("await prompt(half)", allow_stdin=True)
    equal(k.client.get_stdin_msg(timeout=30)["content"]["prompt"], "\ufffd")
    k.client.input("x")
    k.collect(request)
    # What only looks like an escape stays.
    equal(k.run(r"console.log('\\ud83d', '\ud83d\ude00')").text(), "\\ud83d \U0001f600\n")


@check("half an emoji does not empty the notebook that nbconvert --inplace runs")
def _(_k):
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell('console.log("half", "\\ud83d"); "\\ud83d".length')])
    with tempfile.TemporaryDirectory() as state:
        k = Kernel(state)
        try:
            client = NotebookClient(notebook, km=k.manager)
            client.kc = k.client
            run = k.run(notebook.cells[0].source)
            notebook.cells[0].outputs = [nbformat.v4.output_from_msg(message) for message in run.messages if message["msg_type"] in ("stream", "execute_result")]
            path = pathlib.Path(state) / "half.ipynb"
            nbformat.write(notebook, path)
            has(path.read_text(), "half \ufffd")
        finally:
            k.stop()


@check("write(text, encoding) prints the bytes that are meant")
def _(k):
    run = k.run('process.stdout.write("68690a", "hex"); process.stdout.write("eMOk", "base64"); process.stdout.write("\\n", "utf8"); undefined')
    equal(run.text(), "hi\nxä\n")


@check("what a worker thread prints late belongs to the cell that started it")
def _(k):
    request = k.client.execute("""import { Worker } from "node:worker_threads";
    const thread = new Worker("require('worker_threads').parentPort.once('message', () => { console.log('late'); console.error('too'); })", { eval: true });
    const own = new Worker("console.log('own')", { eval: true, stdout: true }); let read = ""; own.stdout.on("data", (x) => { read += x; });
    await new Promise((done) => own.on("exit", done)); read""")
    equal(k.collect(request).value, "'own\\n'")
    # Begun while the other cell runs: the thread is told when.
    later = k.client.execute("thread.postMessage('go'); await new Promise((done) => thread.on('exit', done)); 1")
    parents = {}
    while len(parents) < 2:
        stream = k.next("stream", timeout=60)
        parents[stream["content"]["name"]] = stream["parent_header"]["msg_id"]
    equal(parents, {"stdout": request, "stderr": request})
    equal(k.client.get_shell_msg(timeout=60)["parent_header"]["msg_id"], later)


# --- limits ------------------------------------------------------------------------------------------------------------


@check("a value of 40 MB is replaced by a note")
def _(k):
    run = k.run('({ toMimeBundle() { return { "text/html": "y".repeat(40e6) } } })')
    has(run.value, "Output dropped")
    assert shown(run) < LIMIT, shown(run)
    has(k.run('({ toMimeBundle() { return { "text/html": "y".repeat(200e6) } } })').text("stderr"), "Output dropped")
    lives(k)


SHOWS = {
    "displays": "for (let i = 0; i < 40; i++) host.display({ 'text/html': 'y'.repeat(1e6) })",
    "many small displays": "for (let i = 0; i < 20_000; i++) host.display({ 'text/plain': 'y' })",
    "metadata": "for (let i = 0; i < 10; i++) host.display({ 'text/plain': 'y' }, { metadata: { x: 'y'.repeat(4e6) } })",
    "errors of timers": "for (let i = 0; i < 20_000; i++) setTimeout(() => { throw new Error('y'.repeat(4000)); });\nawait new Promise((r) => setTimeout(r, 2000));",
    "both streams in turn": "for (let i = 0; i < 20_000; i++) { console.log(i); console.error(i); }",
    "a long error": "const e = new Error('y'.repeat(30e6)); e.name = 'n'.repeat(5e6); throw e",
    "a class with a long name": "throw Object.assign(new Error('x'), { a: 'y'.repeat(20e6), b: Array.from({ length: 1e5 }, () => 'z'.repeat(100)) })",
}


def limited(name, code):
    @check(f"a limit holds for {name}")
    def _(k):
        k.run('const host = (globalThis as any)[Symbol.for("rlhf-lab.host")];')
        run = k.run(code, timeout=150)
        size = sum(len(json.dumps(message["content"])) for message in run.messages if message["msg_type"] != "execute_input")
        outputs = [message for message in run.messages if message["msg_type"] not in ("status", "execute_input")]
        assert size < 2.2 * LIMIT, size
        assert len(outputs) <= 5001, len(outputs)
        equal(k.run("console.log('next'); host.display({ 'text/plain': 'shown' })").types[2:4], ["stream", "display_data"])


for name, code in SHOWS.items():
    limited(name, code)


@check("an update of 40 MB is replaced by a note, and small ones do not count")
def _(k):
    k.run('const host = (globalThis as any)[Symbol.for("rlhf-lab.host")];')
    run = k.run("host.display({ 'text/plain': 'a' }, { displayId: 'u' }); host.display({ 'text/html': 'y'.repeat(40e6) }, { displayId: 'u', update: true })")
    has(run.of("update_display_data")[-1]["data"]["text/plain"], "Output dropped")
    run = k.run("for (let i = 0; i < 50; i++) { host.display({ 'text/html': 'y'.repeat(5e5) + i }, { displayId: 'u', update: true }); await new Promise((r) => setTimeout(r, 20)); }")
    assert run.of("update_display_data")[-1]["data"]["text/html"].endswith("y49")


@check("a bundle nested too deeply for Python is replaced by a note, and what is no text becomes some")
def _(k):
    run = k.run("let deep: unknown = 1; for (let i = 0; i < 3000; i++) deep = [deep]; ({ toMimeBundle() { return { 'application/json': deep } } })")
    has(run.value, "nested")
    run = k.run("({ toMimeBundle() { return { 'text/html': { a: 1 }, 'text/plain': 5, 'image/png': null } } })")
    equal(run.of("execute_result")[0]["data"], {"text/html": '{"a":1}', "text/plain": "5"})


@check("user_expressions have a limit")
def _(k):
    k.run("const large = { [Symbol.for('nodejs.util.inspect.custom')]: () => 'y'.repeat(900_000) };")
    many = {f"e{i}": "large" for i in range(20)}
    answers = k.run("", user_expressions=many, timeout=120).reply["user_expressions"]
    equal({answer["ename"] for answer in answers.values()}, {"OutputError"})


# --- what process 2 says ----------------------------------------------------------------------------------------------------

MEDDLING = {
    "a replaced JSON.stringify": "JSON.stringify = (() => 'x') as any;",
    "a replaced JSON.parse": "JSON.parse = (() => null) as any;",
    "toJSON for every object": "(Object.prototype as any).toJSON = () => 'x';",
    "toJSON for every array, for good": "Object.defineProperty(Array.prototype, 'toJSON', { value: () => 'x' });",
    "garbage in the pipe": "require('fs').writeSync(4, 'garbage\\n');",
    "garbage in the pipe, not a line": "require('fs').writeSync(4, 'garbage');",
    "half a report": "require('fs').writeSync(4, '{\"type\":\"done\"');",
    "reports of odd shapes": "for (const said of [null, 1, [], {}, { type: 'done' }, { type: 'stream', cell: 1, text: 5 }, { type: 'result', bundle: null }, { type: 'error', cell: 1, error: {} }, { type: 'answer', id: 1, value: 3 }, { type: 'display', cell: {}, bundle: [] }]) require('fs').writeSync(4, JSON.stringify(said) + '\\n');",
    "a million bytes of nothing": "require('fs').writeSync(4, Buffer.alloc(1_000_000));",
    "replaced array methods": "for (const name of ['map', 'push', 'join', 'filter', 'includes', 'slice', 'forEach', 'some']) (Array.prototype as any)[name] = () => { throw new Error('replaced'); };",
    "a replaced iterator of arrays": "(Array.prototype as any)[Symbol.iterator] = () => { throw new Error('replaced'); };",
    "replaced object functions": "for (const name of ['keys', 'entries', 'assign', 'create', 'defineProperty']) (Object as any)[name] = () => { throw new Error('replaced'); };",
    "replaced text methods": "for (const name of ['split', 'slice', 'replace', 'match', 'startsWith']) (String.prototype as any)[name] = () => { throw new Error('replaced'); };",
    "replaced maps and sets": "(Map.prototype as any).get = (Set.prototype as any).has = () => { throw new Error('replaced'); }; globalThis.Map = globalThis.Set = class {} as any;",
    "a replaced Promise": "globalThis.Promise = class {} as any;",
    "a replaced then": "Promise.prototype.then = (() => { throw new Error('replaced'); }) as any;",
    "a replaced Buffer": "Buffer.from = (() => { throw new Error('replaced'); }) as any; globalThis.Buffer = null as any;",
    "replaced timers": "globalThis.setTimeout = globalThis.setImmediate = globalThis.queueMicrotask = process.nextTick = (() => 0) as any;",
    "a replaced emitter": "require('events').prototype.emit = () => { throw new Error('replaced'); };",
    "no listeners": "process.removeAllListeners();",
    "Object.prototype.get": "(Object.prototype as any).get = () => 1; (Object.prototype as any).value = 1;",
    "replaced regular expressions": "RegExp.prototype.exec = (() => null) as any;",
    "process.send": "(process as any).send?.({ type: 'done' }); (process as any).disconnect?.();",
    "replaced console and streams": "(globalThis as any).console = null; process.stdout.write = null as any;",
}


def fresh(k):
    """Process 2 anew."""
    for pid in processes(k.pid):
        os.kill(pid, signal.SIGKILL)
    k.next("error", timeout=60)


def meddled(name, code):
    @check(f"process 2 and its session survive {name}")
    def _(k):
        try:
            k.run("const keptValue = 'kept';", timeout=120)
            k.run(code, timeout=60)
            run = k.run("[...keptValue].map((letter) => letter.toUpperCase()).join('')", timeout=60)
            equal((run.value, run.of("error")), ("'KEPT'", []))
            run = k.run("const tags: string[] = ['a']; await Promise.all([1].map(async (x) => x)); `${tags} ${keptValue}`", timeout=60)
            equal(run.value, "'a kept'")
            has(k.run("throw new RangeError('told')").of("error")[0]["evalue"], "told")
        finally:
            # What the kernel puts back by itself, the next check finds in order.
            if re.search("JSON|console|setTimeout", code):
                fresh(k)


for name, code in MEDDLING.items():
    meddled(name, code)


@check("garbage that is no line does not swallow the report behind it")
def _(k):
    equal(k.run("require('fs').writeSync(4, 'garbage'); 'told'").value, "'told'")


ENDING = {
    "closed descriptors": "for (const fd of [3, 4, 5]) require('fs').closeSync(fd);",
    "the pipe of reports closed": "require('fs').closeSync(4);",
    "stdout and stderr closed": "require('fs').closeSync(1); require('fs').closeSync(2);",
    "an abort": "process.abort();",
    "its own SIGKILL": "process.kill(process.pid, 'SIGKILL');",
    "its own SIGINT and SIGTERM": "process.kill(process.pid, 'SIGINT'); process.kill(process.pid, 'SIGTERM');",
    "an exception from a stack that throws": "setTimeout(() => { const e = new Error('x'); Object.defineProperty(e, 'stack', { get() { throw e; } }); throw e; }); await new Promise((r) => setTimeout(r, 50));",
}


def ended(name, code):
    @check(f"process 1 survives {name}, and says what has happened")
    def _(k):
        request = k.client.execute(code)
        time.sleep(0.1)
        equal(k.request("kernel_info_request", {}, channel="control", timeout=60)["status"], "ok")
        k.collect(request, timeout=60)
        equal(until(lambda: k.run("40 + 2", timeout=60).value == "42", timeout=60), True)


for name, code in ENDING.items():
    ended(name, code)


@check("what a cell has replaced is named, once, and its own additions stay")
def _(k):
    run = k.run("Array.prototype.map = (() => []) as any; (Array.prototype as any).total = 7;")
    has(run.text("stderr"), "Array.prototype.map")
    run = k.run("([] as any).total")
    equal((run.value, run.text("stderr")), ("7", ""))
    k.run("const seeded = Math.random; Math.random = () => 0.5;")
    equal(k.run("Math.random()").value, "0.5")
    k.run("Math.random = seeded; delete (Array.prototype as any).total;")


# --- interrupts ----------------------------------------------------------------------------------------------------------

COMMANDS = {
    "execSync": "execSync('sleep 600');",
    "execSync that is caught and begun again": "while (true) { try { execSync('sleep 600', { stdio: 'ignore' }); } catch {} }",
    "execSync after an await": "await null; execSync('sleep 600');",
    "spawnSync": "spawnSync('sleep', ['600']);",
    "a detached command": "spawnSync('sleep', ['600'], { detached: true } as any);",
    "a command that minds no SIGINT": "execSync(`trap '' INT; sleep 600`);",
    "a command that minds neither SIGINT nor SIGTERM": "execSync(`trap '' INT TERM; sleep 600; sleep 600`);",
    "a command that is waited for": "await new Promise((done) => spawn('sleep', ['600']).on('exit', done));",
}


def stopped(name, code):
    @check(f"an interrupt reaches {name}")
    def _(k):
        k.run("import { execSync, spawn, spawnSync } from 'node:child_process'; const kept = 'kept';")
        request = k.client.execute(code)
        (two,) = processes(k.pid)
        assert until(lambda: processes(two), timeout=60), "the command has not begun"
        commands = processes(two)
        k.manager.interrupt_kernel()
        run = k.collect(request, timeout=120)
        equal((run.reply["status"], run.of("error")[0]["ename"]), ("error", "InterruptError"))
        assert until(lambda: not any(alive(pid) for pid in commands), timeout=60)
        equal(k.run("kept").value, "'kept'")


for name, code in COMMANDS.items():
    stopped(name, code)


@check("what an earlier cell has started lives through an interrupt, and ends with the kernel unless it is detached")
def _(_k):
    with tempfile.TemporaryDirectory() as state:
        k = Kernel(state)
        try:
            k.run("import { spawn } from 'node:child_process'; const server = spawn('sleep', ['600']); const free = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' });")
            server, free = int(k.run("server.pid").value), int(k.run("free.pid").value)
            time.sleep(0.2)
            request = k.client.execute("while (true) {}")
            k.next("execute_input")
            k.manager.interrupt_kernel()
            equal(k.collect(request, timeout=60).reply["ename"], "InterruptError")
            assert alive(server) and alive(free)
        finally:
            k.stop()
        assert until(lambda: not alive(server), timeout=30)
        assert alive(free)
        os.kill(free, signal.SIGKILL)


@check("an interrupt ends the first cell of a process that is still starting, and of one that takes its time")
def _(k):
    for pause in (0, 0.3):
        k.run("1", timeout=120)
        os.kill(processes(k.pid)[0], signal.SIGKILL)
        k.next("error", timeout=60)
        request = k.client.execute("while (true) {}")
        k.next("execute_input")
        time.sleep(pause)
        k.manager.interrupt_kernel()
        run = k.collect(request, timeout=120)
        equal(run.reply["ename"], "InterruptError", pause)


@check("an interrupt at any moment ends a regular expression that backtracks for ever, in the same process")
def _(k):
    moments = random.Random(11)
    (two,) = processes(k.pid)
    slow = "/^(a+)+$/.test('a'.repeat(45) + 'b')"
    kinds = [slow, f"await null; {slow}", f"setTimeout(() => {slow}, 1); await new Promise(() => {{}})", f"'x'.replace(/x/, () => String({slow}))"]
    k.run("const kept = 'kept';")
    for _round in range(12):
        request = k.client.execute(moments.choice(kinds))
        k.next("execute_input")
        time.sleep(moments.choice([0, 0.01, 0.05, 0.1, 0.15, 0.2, 0.3]))
        k.manager.interrupt_kernel()
        run = k.collect(request, timeout=120)
        equal(run.reply["ename"], "InterruptError")
    equal((k.run("kept").value, processes(k.pid)), ("'kept'", [two]))


# --- clients -------------------------------------------------------------------------------------------------------------


def dealer(k, channel="shell", identity=None):
    import zmq

    socket = zmq.Context.instance().socket(zmq.DEALER)
    socket.linger = 0
    if identity is not None:
        socket.identity = identity
    socket.connect(f"tcp://{k.client.ip}:{getattr(k.client, f'{channel}_port')}")
    return socket


def ask(k, socket, kind="kernel_info_request", content=None, timeout=60):
    session = k.client.session
    message = session.msg(kind, content or {})
    socket.send_multipart(session.serialize(message))
    assert socket.poll(timeout * 1000), "no answer"
    answer = session.deserialize(session.feed_identities(socket.recv_multipart())[1])
    equal(answer["parent_header"]["msg_id"], message["header"]["msg_id"])
    return answer["content"]


def signed(session, parts):
    return [b"<IDS|MSG>", session.sign(parts), *parts]


@check("malformed messages with the right signature never stop the kernel")
def _(k):
    session = k.client.session
    header = session.msg("execute_request")["header"]
    good = json.dumps(header, default=str).encode()
    headers = [b"null", b"[]", b"1", b'"x"', b"{}", b"", b"{", b"\xff\xfe", b'{"msg_type":null}', b'{"msg_type":{}}', b'{"msg_type":"x"}', b'{"msg_type":"execute_request"}', b'{"msg_type":"__proto__"}', b"[" * 5000 + b"]" * 5000]
    contents = [b"null", b"[]", b"3", b'"x"', b"{", b'{"code":null}', b'{"code":{"a":1}}', b'{"code":[[[]]],"user_expressions":5}', b'{"code":"1","user_expressions":{"a":null,"b":{}}}', b'{"code":"","silent":"x","store_history":[],"user_expressions":[1]}', b'{"code":"1","cursor_pos":"x"}', b'{"code":' + b"[" * 5000 + b"]" * 5000 + b"}"]
    kinds = ["execute_request", "complete_request", "inspect_request", "history_request", "is_complete_request", "comm_open", "comm_info_request", "debug_request", "interrupt_request", "connect_request", "input_reply", "nonesuch_request"]
    for channel in ("shell", "control", "stdin"):
        socket = dealer(k, channel)
        for odd in headers:
            socket.send_multipart(signed(session, [odd, b"{}", b"{}", b"{}"]))
        for kind in kinds:
            typed = json.dumps({**header, "msg_type": kind}, default=str).encode()
            for content in contents:
                socket.send_multipart(signed(session, [typed, b"{}", b"{}", content]))
        for odd in (b"null", b"[]", b"5", b"{"):
            socket.send_multipart(signed(session, [good, odd, odd, b'{"code":"1"}']))
        socket.send_multipart([b"<IDS|MSG>"])
        socket.send_multipart(signed(session, [good]))
        socket.close(1000)
    lives(k)


@check("unsigned, wrongly signed and garbage frames are dropped, also raw bytes that are no ZeroMQ")
def _(k):
    session = k.client.session
    parts = [json.dumps(session.msg("execute_request")["header"], default=str).encode(), b"{}", b"{}", b'{"code":"console.log(1)"}']
    odd = [[b""], [b"x"], [b"\0" * 1_000_000], [b"<IDS|MSG>"] * 9, [b"<IDS|MSG>", b"", *parts], [b"<IDS|MSG>", b"0" * 64, *parts], [b"<IDS|MSG>", session.sign(parts)[:-1], *parts], [b"<IDS|MSG>", b"\xff" * 64, *parts], [session.sign(parts), *parts], [b"x"] * 300]
    for channel in ("shell", "control", "stdin"):
        socket = dealer(k, channel)
        for frames in odd:
            socket.send_multipart(frames)
        socket.close(1000)
    for port in ("shell", "control", "stdin", "iopub", "hb"):
        for raw in (b"GET / HTTP/1.1\r\n\r\n", b"\0" * 10_000, b"\xff" + b"\0" * 8 + b"\x7f" + os.urandom(2000), b""):
            with sockets.create_connection((k.client.ip, getattr(k.client, f"{port}_port"))) as raw_socket:
                try:
                    raw_socket.sendall(raw)
                except OSError:
                    pass  # It has hung up already.
    lives(k)


@check("the heartbeat survives what no REQ would send, and clients that go away before its echo")
def _(k):
    import zmq

    for frames in ([b"x"], [b""], [b"x"] * 300, [b"y" * 1_000_000], [b"", b""]):
        socket = dealer(k, "hb")
        socket.send_multipart(frames)
        assert socket.poll(60_000), "no echo"
        equal(socket.recv_multipart(), frames)
        socket.close(0)
    for _client in range(50):
        socket = dealer(k, "hb")
        socket.send_multipart([b"", b"ping"])
        socket.close(0)
    asked = zmq.Context.instance().socket(zmq.REQ)
    asked.linger = 0
    asked.connect(f"tcp://{k.client.ip}:{k.client.hb_port}")
    asked.send(b"ping")
    assert asked.poll(60_000)
    equal(asked.recv(), b"ping")
    asked.close(0)


@check("two clients at once: each gets its own replies, in order")
def _(k):
    sockets_of = [dealer(k), dealer(k)]
    session = k.client.session
    sent = [[], []]
    for i in range(20):
        for which, socket in enumerate(sockets_of):
            message = session.msg("execute_request", {"code": f"{which} * 1000 + {i}", "silent": False, "store_history": True, "user_expressions": {"v": f"{which} * 1000 + {i}"}, "allow_stdin": False})
            sent[which].append(message["header"]["msg_id"])
            socket.send_multipart(session.serialize(message))
    for which, socket in enumerate(sockets_of):
        got = []
        for i in range(20):
            assert socket.poll(60_000)
            answer = session.deserialize(session.feed_identities(socket.recv_multipart())[1])
            got.append(answer["parent_header"]["msg_id"])
            equal(answer["content"]["user_expressions"]["v"]["data"]["text/plain"], str(which * 1000 + i))
        equal(got, sent[which])
        socket.close(0)


@check("a client that comes back under the identity of a connection that still hangs is answered")
def _(k):
    first = dealer(k, identity=b"the same")
    equal(ask(k, first)["status"], "ok")
    second = dealer(k, identity=b"the same")
    equal(ask(k, second)["status"], "ok")
    first.close(0)
    second.close(0)


@check("soak: floods of comm messages are worked off, and memory does not grow")
def _(k):
    session, shell, iopub = k.client.session, k.client.shell_channel, k.client.iopub_channel
    grown = []

    def read():
        # As a notebook's server does; to a client that never reads, the kernel drops messages at some point.
        while iopub.msg_ready():
            iopub.get_msg(timeout=10)

    for _flood in range(3):
        for i in range(sized(1000, 20_000)):
            shell.send(session.msg("comm_msg", {"comm_id": f"c{i}", "data": {"x": "y" * 1000}}))
            if i % 100 == 0:
                read()
        for i in range(sized(500, 5000)):
            shell.send(session.msg("comm_open", {"comm_id": f"c{i}", "target_name": "nobody", "data": {}}))
            if i % 100 == 0:
                read()
        k.client.kernel_info()
        assert until(lambda: read() or shell.msg_ready(), timeout=600), "the flood was not worked off"
        shell.get_msg(timeout=10)
        lives(k)
        grown.append(resident(k.pid))
    assert grown[-1] - grown[0] < 150, grown


@check("soak: a flood of execute requests at once is worked off in order, and an interrupt still works")
def _(k):
    count = sized(200, 3000)
    requests = [k.client.execute("", silent=False, store_history=False, user_expressions={"i": str(i)}) for i in range(count)]
    last = k.client.execute("while (true) {}")
    answers = []
    while len(answers) < len(requests):
        answer = k.client.get_shell_msg(timeout=120)
        if answer["parent_header"]["msg_id"] in requests:
            answers.append(answer["content"]["user_expressions"]["i"]["data"]["text/plain"])
    equal(answers, [str(i) for i in range(count)])
    assert until(lambda: bool(k.manager.interrupt_kernel()) or k.client.shell_channel.msg_ready(), timeout=60)
    equal(k.client.get_shell_msg(timeout=60)["parent_header"]["msg_id"], last)
    lives(k)


@check("soak: an execute request of 40 MB (200 MB) is answered, and is neither kept in memory nor in the history")
def _(k):
    k.run("1")
    before = resident(k.pid)
    size = sized(40_000_000, 200_000_000)
    # It may be too much for the compiler, but not for process 1.
    assert k.run("/* " + "x" * size + " */ 'answered'", timeout=600).reply["status"] in ("ok", "error")
    lives(k)
    # Whatever the size: it is given back, if not at once.
    assert until(lambda: resident(k.pid) - before < 700, timeout=60), f"process 1 grew by {resident(k.pid) - before:.0f} MB"
    tail = k.reply(k.client.history(hist_access_type="tail", n=5))["history"]
    assert max(len(source) for _, _, source in tail) < 1_000_000


@check("a history search with many stars is answered at once")
def _(k):
    k.run("'" + "a" * 2000 + "'")
    pattern = "*a" * 40 + "*b"
    equal(k.reply(k.client.history(hist_access_type="search", pattern=pattern, n=5), timeout=60)["history"], [])
    found = k.reply(k.client.history(hist_access_type="search", pattern="*a" * 40 + "*'", n=5), timeout=60)["history"]
    equal(len(found), 1)


@check("soak: a subscriber that never reads does not stop the others")
def _(k):
    import zmq

    idle = zmq.Context().socket(zmq.SUB)
    idle.linger = 0
    idle.rcvhwm = 1
    idle.subscribe(b"")
    idle.connect(f"tcp://{k.client.ip}:{k.client.iopub_port}")
    try:
        for _round in range(sized(5, 300)):
            equal(len(k.run("for (let i = 0; i < 2_000; i++) console.log('x'.repeat(1000));", timeout=120).text()), 2_002_000)
        lives(k)
    finally:
        idle.close(0)


# --- files -----------------------------------------------------------------------------------------------------------------


@check("a history file that is a pipe which nobody writes to keeps the kernel neither from starting nor from answering")
def _(_k):
    with tempfile.TemporaryDirectory() as state:
        os.mkfifo(pathlib.Path(state) / "history.jsonl")
        k = Kernel(state)
        try:
            equal(k.run("'now'", timeout=120).value, "'now'")
            equal(k.reply(k.client.history(hist_access_type="tail", n=2), timeout=60)["history"][-1][2], "'now'")
        finally:
            k.stop()


class ReadOnly:
    """A folder that cannot be written to, for root neither (where the file system knows how). `works` tells whether it is so."""

    def __init__(self, path):
        self.path = path

    def __enter__(self):
        if os.geteuid() == 0:
            subprocess.run(["chattr", "-R", "+i", str(self.path)], capture_output=True) if shutil.which("chattr") else None
        else:
            subprocess.run(["chmod", "-R", "a-w", str(self.path)])
        try:
            (self.path / ".try").mkdir()
            (self.path / ".try").rmdir()
            self.works = False
        except OSError:
            self.works = True
        return self

    def __exit__(self, *_):
        if os.geteuid() == 0:
            subprocess.run(["chattr", "-R", "-i", str(self.path)], capture_output=True) if shutil.which("chattr") else None
        else:
            subprocess.run(["chmod", "-R", "u+w", str(self.path)])


@check("a library that cannot be rebuilt is used as it is, with one line of warning")
def _(_k):
    with tempfile.TemporaryDirectory() as outside:
        root = project(outside)
        source, built = root / "lib" / "src" / "index.ts", root / "lib" / "dist" / "index.js"
        built.write_text("export const version = 'built';\n")
        (root / "lib" / "dist" / "index.d.ts").write_text("export declare const version: string;\n")
        (root / "lib" / "dist" / ".tsbuildinfo").write_text("{}")
        os.utime(root / "lib" / "dist" / ".tsbuildinfo", (1, 1))
        source.write_text("export const version = 'source';\n")
        with ReadOnly(root / "lib") as lock:
            if not lock.works:
                return
            k = Kernel(root / "state", root=root, RLHF_LAB_BUILD="1")
            try:
                run = k.run('import { version } from "rlhf-lab"; version', timeout=120)
                equal((run.value, run.of("error")), ("'built'", []))
                has(run.text("stderr"), "cannot be written to")
                equal(run.text("stderr").count("\n"), 1)
                run = k.run('import { version } from "rlhf-lab"; version', timeout=120)
                equal((run.value, run.text("stderr")), ("'built'", ""))
            finally:
                k.stop()
        # Somebody who may write builds under the running kernel.
        with ReadOnly(root / "lib"):
            k = Kernel(root / "state", root=root, RLHF_LAB_BUILD="1")
        try:
            k.run('import { version } from "rlhf-lab"; version', timeout=120)
            built.write_text("export const version = 'new';\n")
            (root / "lib" / "dist" / ".tsbuildinfo").write_text("{ }")
            with ReadOnly(root / "lib"):
                run = k.run('import { version } from "rlhf-lab"; version', timeout=120)
                equal(run.of("error"), [])
                has(run.text("stderr"), "restart the kernel")
                assert "restart" not in k.run('import { version } from "rlhf-lab"; version', timeout=120).text("stderr")
        finally:
            k.stop()


NOBODY = "65534"
AS_NOBODY = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]


@check("a user who may only read the project runs cells, and keeps the history at home")
def _(_k):
    reads = [*AS_NOBODY, "node", "-p", f"require('fs').readFileSync({str(ROOT / 'package.json')!r}).length"]
    if os.geteuid() != 0 or not shutil.which("setpriv") or subprocess.run(reads, capture_output=True).returncode != 0:
        return
    with tempfile.TemporaryDirectory() as home:
        os.chown(home, int(NOBODY), int(NOBODY))
        # Jupyter writes the connection file for its own user.
        lent = ["sh", "-c", 'for file in "$@"; do :; done; chown "$0" "$file"; exec "$@"', NOBODY, *AS_NOBODY]
        k = Kernel("", before=lent, HOME=home, XDG_STATE_HOME="", RLHF_LAB_BUILD="1")
        try:
            equal(k.run("`${process.getuid!()}`", timeout=120).value, f"'{NOBODY}'")
            run = k.run('import { key } from "rlhf-lab/random"; key(1)', timeout=120)
            equal((run.value, run.reply["status"]), ("[ 0, 1 ]", "ok"))
            has(k.run("require('fs').writeFileSync('lib/mine', 'x')").reply["evalue"], "permission denied")
            request = k.client.execute("while (true) {}")
            k.next("execute_input")
            k.manager.interrupt_kernel()
            equal(k.collect(request, timeout=60).reply["ename"], "InterruptError")
            equal(k.reply(k.client.history(hist_access_type="tail", n=1))["history"][0][2], "while (true) {}")
        finally:
            k.stop()
        has((pathlib.Path(home) / ".local" / "state" / "rlhf-lab" / "history.jsonl").read_text(), "rlhf-lab/random")


class FullDisk:
    """A small disk of its own; `works` tells whether this machine lets us have one."""

    def __init__(self, path, megabytes):
        self.path, self.size = path, f"size={megabytes}m"

    def __enter__(self):
        made = subprocess.run(["mount", "-t", "tmpfs", "-o", self.size, "tmpfs", self.path], capture_output=True) if shutil.which("mount") else None
        self.works = made is not None and made.returncode == 0
        return self

    def fill(self):
        file = os.open(pathlib.Path(self.path) / "full", os.O_CREAT | os.O_WRONLY)
        try:
            while True:
                os.write(file, b"x" * 512)
        except OSError:
            os.close(file)

    def free(self):
        (pathlib.Path(self.path) / "full").unlink()

    def __exit__(self, *_):
        if self.works:
            assert until(lambda: subprocess.run(["umount", self.path], capture_output=True).returncode == 0, timeout=30)


@check("on a full disk cells run, what cannot be written is said in words, and all goes on when there is room")
def _(_k):
    with tempfile.TemporaryDirectory() as path, FullDisk(path, 6) as disk:
        if not disk.works:
            return
        root = project(pathlib.Path(path) / "project")
        source = root / "lib" / "src" / "index.ts"
        long = "".join(f"export const v{i} = '{'y' * 60}';\n" for i in range(300))
        source.write_text("export const version = 1;\n")
        k = Kernel(root / "state", root=root, RLHF_LAB_BUILD="1")
        try:
            imports = 'import { version } from "rlhf-lab"; version'
            equal(k.run(imports, timeout=120).value, "1")
            source.write_text(f"export const version = 2;\n{long}")
            disk.fill()
            has(k.run("require('fs').writeFileSync('mine', 'x'.repeat(1e6))").reply["evalue"], "no space left")
            for _try in range(2):
                run = k.run(imports, timeout=120)
                equal((run.value, run.reply["status"]), ("1", "ok"))
                has(run.text("stderr"), "the disk is full")
            # A fresh process may find half of a module; it says so and lives.
            fresh(k)
            has(k.run(imports, timeout=120).text("stderr"), "the disk is full")
            equal(k.run("40 + 2", timeout=120).value, "42")
            disk.free()
            run = k.run(imports, timeout=120)
            equal((run.value, run.text("stderr")), ("2", ""))
            kept = (root / "state" / "history.jsonl").read_text()
            equal([kept.count(part) for part in ("writeFileSync", "40 + 2")], [1, 1])
            equal([part for part in (root / "state").rglob("*") if re.search(r"\d+$", part.name)], [])
        finally:
            k.stop()


# --- the long run ------------------------------------------------------------------------------------------------------------

SOAK = [
    ("const a{i} = {i}; a{i} + 1", None),
    ("console.log('x'.repeat(1000)); {i}", None),
    ("await new Promise((r) => setTimeout(r, 2)); {i}", None),
    ("throw new Error('e{i}')", None),
    ("const wrong{i}: string = {i};", None),
    ("setTimeout(() => console.log('late'), 5);", None),
    ("void Promise.reject(new Error('r{i}'));", None),
    ("class C{i} {{ x = {i}; }}\nnew C{i}()", None),
    ("[1, 2, 3].map((x) => x * {i})", None),
    ("/^(a+)+$/.test('a'.repeat(45) + 'b')", "InterruptError"),
    ("while (true) {{}}", "InterruptError"),
    ("while (true) await null;", "InterruptError"),
    ("await new Promise(() => {{}})", "InterruptError"),
    ("(await import('node:child_process')).execSync('sleep 600')", "InterruptError or the command's own"),
    ("process.exit({i} % 3)", "ProcessEnded"),
]


@check("soak: mixed cells, interrupts and exits: every one is answered, and process 1 does not grow")
def _(k):
    drawn = random.Random(5)
    before = None
    interrupts = 0
    for i in range(sized(60, 1000)):
        code, ending = drawn.choice(SOAK)
        request = k.client.execute(code.format(i=i))
        if ending is not None and ending.startswith("InterruptError"):
            k.next("execute_input", timeout=60)
            time.sleep(drawn.choice([0, 0.02, 0.1, 0.2]))
            k.manager.interrupt_kernel()
            interrupts += 1
        run = k.collect(request, timeout=150)
        assert run.reply is not None
        if ending is not None:
            equal(run.reply["status"], "error", code)
        if ending in ("InterruptError", "ProcessEnded"):
            equal(run.reply["ename"], ending, code)
        if i == 20:
            before = resident(k.pid)
    lives(k)
    assert interrupts >= sized(10, 100), interrupts
    assert resident(k.pid) - before < 200


@check("soak: restarts leave no process and no file behind")
def _(_k):
    with tempfile.TemporaryDirectory() as state:
        k = Kernel(state)
        seen = set()
        for i in range(sized(2, 20)):
            k.run("import { spawn } from 'node:child_process'; spawn('sleep', ['600']);", timeout=120)
            (two,) = processes(k.pid)
            seen |= {k.pid, two, *processes(two)}
            k.manager.restart_kernel(now=i % 2 == 0)
            k.client.wait_for_ready(timeout=120)
        k.stop()
        assert until(lambda: not any(alive(pid) for pid in seen), timeout=60), [pid for pid in seen if alive(pid)]
        equal({path.name for path in pathlib.Path(state).iterdir()} - {"cache"}, {"history.jsonl"})


if __name__ == "__main__":
    if sys.argv[1] == "--list":
        print(json.dumps([name for name, _ in CHECKS]))
    else:
        checks.main(sys.argv[1])
