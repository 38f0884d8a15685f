"""What a learner has solved is written down by the kernel, whatever happens to it. Used as checks.py is, whose driver it borrows."""

import json
import os
import pathlib
import sys
import tempfile

import checks
from checks import equal, has
from client import Kernel, processes

CHECKS = checks.CHECKS
CHECKS.clear()
check = checks.check

IMPORT = 'import { check, solved } from "rlhf-lab-course";\n'
STUB = 'function leaveOneOut(r: number[]): number[] { throw new Error("Exercise 07/leave-one-out: not written yet."); }\n'
WRONG = "function leaveOneOut(r: number[]) { return r; }\n"
RIGHT = """function leaveOneOut(r: number[]) {
  if (r.length < 2) throw new Error("at least two");
  const sum = r.reduce((a, b) => a + b);
  return r.map((x) => x - (sum - x) / (r.length - 1));
}
"""
CHECK = 'await check("07/leave-one-out", { leaveOneOut });'


def lines(state):
    text = (pathlib.Path(state) / "progress.jsonl").read_text()
    return [json.loads(line) for line in text.split("\n") if line.strip()]


def shown(run):
    return "\n".join(display["data"]["text/plain"] for display in run.of("display_data"))


@check("a check that found points is written down before it is shown; a stub's is not")
def _(k):
    state = pathlib.Path(k.environment["RLHF_LAB_STATE"])
    k.run(IMPORT + STUB + CHECK, timeout=120)
    assert not (state / "progress.jsonl").exists()
    k.run(WRONG + CHECK)
    k.run(RIGHT + CHECK)
    wrong, right = lines(state)
    equal(set(right), {"exercise", "points", "outOf", "when"})
    equal(right["exercise"], "07/leave-one-out")
    assert 0 <= wrong["points"] < wrong["outOf"] == right["points"] == right["outOf"], (wrong, right)
    run = k.run('await solved("07");')
    has(shown(run), "Lesson 07: 1 of 8 exercises solved. In all lessons: 1.")
    has(shown(run), "✓ 07/leave-one-out")
    has(shown(run), "· 07/score")


@check("an unknown lesson is said")
def _(k):
    for lesson in ("77", "7", ""):
        run = k.run(f'{IMPORT}await solved("{lesson}");')
        equal(run.reply["ename"], "DomainError")
        has(run.reply["evalue"], '"01" to "23"')
        has(run.reply["evalue"], f'"{lesson}"')


@check("kernels that check at once do not mix their lines, and one that is killed loses none")
def _(_k):
    with tempfile.TemporaryDirectory() as state:
        kernels = [Kernel(state) for _ in range(2)]
        for k in kernels:
            k.run(IMPORT + RIGHT + CHECK, timeout=120)
        many = f'for (let i = 0; i < 40; i++) {CHECK.replace(";", "")};\nconsole.log("done");'
        requests = [k.client.execute(many) for k in kernels]
        for k, request in zip(kernels, requests):
            has(k.collect(request, timeout=120).text(), "done")
        equal(len(lines(state)), 82)
        # Killed while it checks without end: what it has shown is there, and the other one goes on.
        first, second = kernels
        request = first.client.execute(f"for (;;) {CHECK}")
        seen = 0
        while seen < 5:
            seen += first.next("display_data")["parent_header"]["msg_id"] == request
        for pid in [*processes(first.pid), first.pid]:
            os.kill(pid, 9)
        assert len(lines(state)) >= 87
        has(shown(second.run('await solved("07");')), "1 of 8 exercises")
        before = len(lines(state))
        second.run(CHECK)
        equal(len(lines(state)), before + 1)
        second.stop()
        checks.ended(first)


@check("a broken file is set aside with a sentence, and what can be read in it still counts")
def _(_k):
    with tempfile.TemporaryDirectory() as state:
        file = pathlib.Path(state) / "progress.jsonl"
        good = {"exercise": "07/leave-one-out", "points": 3, "outOf": 3, "when": "2026-01-01T00:00:00.000Z"}
        file.write_text(f'{json.dumps(good)}\n{{"exercise": "07/sco')
        k = Kernel(state)
        k.run(IMPORT, timeout=120)
        run = k.run('await solved("07");')
        has(shown(run), f"Line 2 of {file} cannot be read; all other checks in it count. The file was set aside as progress.broken-")
        has(shown(run), "1 of 8 exercises")
        again = shown(k.run('await solved("07");'))
        assert "cannot be read" not in again, again
        has(again, "1 of 8 exercises")
        k.run(RIGHT + CHECK, timeout=120)
        equal(len(lines(state)), 1)
        k.stop()


@check("where nothing can be written the check says so, once, and goes on")
def _(_k):
    with tempfile.TemporaryDirectory() as state:
        (pathlib.Path(state) / "progress.jsonl").mkdir()  # root may write into read-only folders, but not into a folder as a file
        k = Kernel(state)
        run = k.run(IMPORT + RIGHT + CHECK, timeout=120)
        equal(run.reply["status"], "ok")
        has(shown(run), "07/leave-one-out")
        has(run.text("stderr"), f"Your progress could not be written to {state}")
        has(run.text("stderr"), "RLHF_LAB_STATE")
        equal(k.run(CHECK).text("stderr"), "")
        has(shown(k.run('await solved("07");')), "could not be read")
        k.stop()


if __name__ == "__main__":
    if sys.argv[1] == "--list":
        print(json.dumps([name for name, _ in CHECKS]))
    else:
        checks.main(sys.argv[1])
