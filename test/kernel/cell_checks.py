"""
What a cell may be and what it may throw, checked as a client sees it: no cell ends the session, and none stays without an answer.

Used as checks.py is, whose driver it borrows.
"""

import json
import sys
import time

import checks
from checks import equal, has, plain

CHECKS = checks.CHECKS
CHECKS.clear()
check = checks.check

# --- cells that the compiler cannot digest -----------------------------------------------------------------------------

DEEP = {
    "a chain of 10,000 calls": "const p = Promise.resolve(1)" + ".then((v) => v + 1)" * 10000,
    "10,000 nested brackets": "const nested = " + "[" * 10000 + "1" + "]" * 10000,
    "10,000 nested parentheses": "(" * 10000 + "1" + ")" * 10000,
    "JSON nested 8,000 deep": "const json = " + '{"a":' * 8000 + "1" + "}" * 8000,
    "20,000 nested brackets": "[" * 20000 + "]" * 20000,
    "5,000 nested ternaries": "1 ? 2 : " * 5000 + "3",
    "5 MB on one line": "nonesuch /*" + "x" * 5_000_000 + "*/",
}


def deep(name, code):
    @check(f"{name}: answered in words, and the session lives on")
    def _(k):
        k.run("const kept = 'kept';")
        run = k.run(code)
        equal(run.reply["ename"], "TypeScriptError")
        text = plain(run.of("error")[0]["traceback"])
        assert "typescript.js" not in text and len(text) < 10_000, text
        equal(k.run("kept").value, "'kept'")


for name, code in DEEP.items():
    deep(name, code)


@check("a text put together from 1,500 lines")
def _(k):
    equal(k.run("const long = " + " +\n".join(['"aaaa"'] * 1500) + ";\nlong.length").value, "6000")


@check("a cell that the compiler never finishes: an interrupt brings the kernel back, with its variables")
def _(k):
    k.run("const kept = 'kept';")
    request = k.client.execute("async(" * 40)
    k.next("execute_input")
    time.sleep(0.5)
    k.manager.interrupt_kernel()
    equal(k.collect(request, timeout=60).reply["ename"], "InterruptError")
    equal(k.run("kept").value, "'kept'")
    equal(k.run("await new Promise((r) => setTimeout(r, 5)); 1").value, "1")


# --- cells that were to replace a function -----------------------------------------------------------------------------

RIGHT = "function fixGauge(theta: number[], reference = 0): number[] {\n  return theta.map((x) => x - theta[reference]);\n}"
CHECK = 'await check("01/gauge", { fixGauge });'
FAILED = {
    "a wrong type": RIGHT.replace("): number[]", "): string"),
    "a brace that is missing, in an earlier function": "function half(x: number) { return x / 2;\n" + RIGHT,
    "nested too deeply": RIGHT + "\nconst deep = " + "[" * 20000 + "]" * 20000,
    "an error before the assignment": "throw new Error('no');\nfixGauge = (theta: number[]) => theta;",
    "an error before the declaration": "if (Math.random() < 2) throw new Error('no');\nconst fixGauge = (theta: number[]) => theta;",
}


@check("check does not praise a function that a later cell was to replace and did not")
def _(k):
    k.run('import { check } from "rlhf-lab-course";', timeout=120)
    passed = k.run(RIGHT + "\n" + CHECK, timeout=120).of("display_data")[0]["data"]["text/plain"]
    has(passed, "Well done")
    for name, code in FAILED.items():
        failed = k.run(code, timeout=120)
        equal(failed.reply["status"], "error", name)
        said = k.run(CHECK).of("display_data")[0]["data"]["text/plain"]
        has(said, f"cell {failed.reply['execution_count']}, the last cell that writes fixGauge, was refused")
        assert "Well done" not in said, said
        # Run again, it is the newest.
        k.run(RIGHT)
        equal(k.run(CHECK).of("display_data")[0]["data"]["text/plain"], passed, name)
    equal(k.run("const other: string = 1; function mine() {}").reply["status"], "error")
    k.run(RIGHT + "\nthrow new Error('after it');")
    equal(k.run(CHECK).of("display_data")[0]["data"]["text/plain"], passed, "others' mistakes")


# --- errors and values that cannot be described ------------------------------------------------------------------------

STRANGE = {
    "message": "Object.defineProperty(new Error('x'), 'message', { get() { throw new Error('inner') } })",
    "name": "Object.defineProperty(new Error('x'), 'name', { get() { throw new Error('inner') } })",
    "stack": "Object.defineProperty(new Error('x'), 'stack', { get() { throw new Error('inner') } })",
    "cause": "Object.defineProperty(new Error('x'), 'cause', { get() { throw new Error('inner') } })",
    "property": "Object.defineProperty(new Error('x'), 'own', { enumerable: true, get() { throw new Error('inner') } })",
    "inspection": "({ [Symbol.for('nodejs.util.inspect.custom')]() { throw new Error('no') } })",
    "trap": "new Proxy(new Error('x'), { get() { throw 1 }, getPrototypeOf() { throw 2 }, ownKeys() { throw 3 } })",
    "revoked proxy": "(() => { const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return proxy })()",
    "symbols for name and message": "Object.assign(new Error(), { name: Symbol('n'), message: Symbol('m') })",
    "errors that are no list": "Object.assign(new AggregateError([]), { errors: 3 })",
    "toString": "new (class Odd extends Error { override toString(): string { throw 1 } })('x')",
}


def strange(name, expression):
    @check(f"an error with a strange or throwing {name} is answered, also as a cause, in a list, and in a timer")
    def _(k):
        for code in (
            f"throw {expression}",
            f"throw new Error('outer', {{ cause: {expression} }})",
            f"throw new AggregateError([{expression}], 'several')",
        ):
            run = k.run(code, timeout=30)
            equal((run.reply["status"], len(run.of("error"))), ("error", 1), code)
        request = k.client.execute(f"setTimeout(() => {{ throw {expression} }}, 1); await new Promise((r) => setTimeout(r, 50))")
        equal(k.collect(request).reply["status"], "error")
        equal(k.run("'alive'").value, "'alive'")


for name, expression in STRANGE.items():
    strange(name, expression)


@check("a value whose inspection throws is answered, as a result and as a user expression")
def _(k):
    k.run("const shy = " + STRANGE["inspection"])
    equal(k.run("shy").of("error")[0]["evalue"], "no")
    answers = k.run("1", user_expressions={"bad": "shy", "good": "2"}).reply["user_expressions"]
    equal((answers["bad"]["evalue"], answers["good"]["data"]["text/plain"]), ("no", "2"))


# --- what is shown -----------------------------------------------------------------------------------------------------


@check("an error deep in a library points at the learner's line")
def _(k):
    k.manager.restart_kernel(now=False)
    k.client.wait_for_ready(timeout=60)
    k.run('import * as tf from "@tensorflow/tfjs-node";', timeout=120)
    run = k.run("const three = tf.tensor1d([1, 2, 3]);\nconst two = tf.tensor1d([1, 2]);\nthree.mul(two)")
    text = plain(run.of("error")[0]["traceback"])
    has(text, f"cell {run.reply['execution_count']}, line 3")
    has(text, "3 | three.mul(two)\n       |       ^")
    assert len(text.splitlines()) < 20, text


@check("a tensor as last value shows its shape, type and numbers; one that is disposed of does no harm")
def _(k):
    text = k.run("tf.tensor2d([[1.25, 2.5], [3, 4]])").value
    for part in ("shape: [2,2]", "float32", "1.25", "2.5"):
        has(text, part)
    has(k.run("tf.variable(tf.tensor1d([7.5]))").value, "7.5")
    equal(k.run("const gone = tf.scalar(1); gone.dispose(); gone").reply["status"], "ok")
    equal(k.run("({ print() {}, toString: () => 'no class' })").value[:1], "{")


@check("a table of danfojs shows its rows")
def _(k):
    k.run('import * as dfd from "danfojs-node";', timeout=120)
    text = k.run("new dfd.DataFrame({ answer: [1, 2], score: [0.5, 0.25] })").value
    for part in ("answer", "score", "0.25"):
        has(text, part)


@check("a class with a toString of its own, and no print, is inspected as ever")
def _(k):
    has(k.run("class Point { x = 1; toString() { return 'p' } }\nnew Point()").value, "Point { x: 1 }")


if __name__ == "__main__":
    if sys.argv[1] == "--list":
        print(json.dumps([name for name, _ in CHECKS]))
    else:
        checks.main(sys.argv[1])
