"""
A kernel that starts from the compiler's snapshot (course/src/kernel/snapshot) is a kernel as any other: nothing of the process that
made the snapshot is left in it, and what its cells start is started as by Node. Used as checks.py is, whose driver it borrows.
"""

import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

import checks
from checks import equal, has, project

CHECKS = checks.CHECKS
CHECKS.clear()
check = checks.check
# Without options of Node's, which speak against a snapshot.
PLAIN = {"NODE_OPTIONS": "", "RLHF_LAB_SNAPSHOT": ""}
checks.ENVIRONMENT = {**PLAIN, "TZ": "Asia/Tokyo", "LC_ALL": "de_DE.UTF-8", "RLHF_LAB_PROBE": "now"}

FORK = """import { execFileSync, fork } from "node:child_process";
const said = (script: string) => new Promise<string>((resolve) => {
  const child = fork(script, [], { cwd: folder, silent: true });
  let text = "";
  for (const stream of [child.stdout!, child.stderr!]) stream.on("data", (bytes) => (text += bytes));
  child.on("close", (code) => resolve(`${text.trim()} (${code})`));
});
"""


def from_snapshots(root, code):
    """What a line of code says that has the functions of snapshot/place.ts and make.ts, called in a project."""
    places = [json.dumps((root / "course/dist/src/kernel/snapshot" / f"{name}.js").as_uri()) for name in ("place", "make")]
    script = f"const {{ snapshotPlace, snapshotToStartFrom }} = await import({places[0]}); const {{ makeSnapshot }} = await import({places[1]});\nconst root = {json.dumps(str(root))};\n{code}"
    return subprocess.run(["node", "--input-type=module", "-e", script], check=True, capture_output=True, text=True).stdout.strip()


def from_snapshot(k):
    """Sees to it that the kernel has started from the snapshot, as set-up makes it."""
    from client import ROOT

    if from_snapshots(ROOT, "console.log(snapshotToStartFrom(root, {}) ?? '')") == "":
        from_snapshots(ROOT, "await makeSnapshot(root)")
        k.manager.restart_kernel(now=True)
        k.client.wait_for_ready(timeout=60)
    has(k.run("process.argv[1]").value, "boot.cjs")


@check("a kernel from the snapshot has the environment, the clock and the random numbers of today")
def _(k):
    from client import Kernel

    from_snapshot(k)
    equal(k.run("process.env.RLHF_LAB_PROBE").value, "'now'")
    equal(k.run("new Date(0).getHours() + Intl.DateTimeFormat().resolvedOptions().timeZone").value, "'9Asia/Tokyo'")
    equal(k.run("Intl.NumberFormat().resolvedOptions().locale").value, "'de-DE'")
    equal(k.run("Math.abs(Date.now() - performance.timeOrigin - performance.now()) < 1000").value, "true")
    draw = "[Math.random(), crypto.randomUUID()].join()"
    other = Kernel(k.environment["RLHF_LAB_STATE"], **PLAIN)
    try:
        has(other.run("process.argv[1]").value, "boot.cjs")
        assert other.run(draw).value != k.run(draw).value
    finally:
        other.stop()


@check("a script that a cell forks is started as Node starts one: by a relative name, as the main module, an ES module too")
def _(k):
    from_snapshot(k)
    with tempfile.TemporaryDirectory() as folder:
        main = "console.log(require.main === module, typeof globalThis[Symbol.for('rlhf-lab.compiler')])"
        pathlib.Path(folder, "child.cjs").write_text(main)
        pathlib.Path(folder, "child.mjs").write_text("console.log(import.meta.url.slice(-9))")
        k.run(f"const folder = {json.dumps(folder)};\n{FORK}")
        equal(k.run('await said("child.cjs")').value, "'true undefined (0)'")
        equal(k.run('await said("child.mjs")').value, "'child.mjs (0)'")
        equal(k.run('execFileSync(process.execPath, [...process.execArgv, "-p", "1 + 1"]).toString()').value, "'2\\n'")


@check("threads, modules and TensorFlow are there")
def _(k):
    from_snapshot(k)
    worker = 'new Worker("require(\'node:worker_threads\').parentPort.postMessage(6 * 7)", { eval: true })'
    answer = f"await new Promise((resolve, reject) => {worker}.on('message', resolve).on('error', reject))"
    equal(k.run(f'import {{ Worker }} from "node:worker_threads";\n{answer}').value, "42")
    equal(k.run('(await import("node:path")).basename("a/b")').value, "'b'")
    equal(k.run('import * as tf from "@tensorflow/tfjs-node";\ntf.tensor([1, 2]).sum().dataSync()[0]', timeout=120).value, "3")


@check("a snapshot that is cut short: the kernel starts without it")
def _(k):
    from client import ROOT, Kernel

    from_snapshot(k)
    whole = pathlib.Path(from_snapshots(ROOT, "console.log(snapshotPlace(root))")).read_bytes()
    for size in (0, len(whole) // 2):
        with tempfile.TemporaryDirectory() as folder:
            root = project(folder)
            shutil.copy(ROOT / "node_modules/.package-lock.json", root / "node_modules")
            place = pathlib.Path(from_snapshots(root, "console.log(snapshotPlace(root))"))
            place.parent.mkdir()
            place.write_bytes(whole[:size])
            equal(from_snapshots(root, "console.log(snapshotToStartFrom(root, {}))"), str(place))
            kernel = Kernel(root / "state", root=root, **PLAIN)
            try:
                run = kernel.run("40 + 2")
                equal((run.value, run.text("stderr")), ("42", ""))
                has(kernel.run("process.argv[1]").value, "main.js")
            finally:
                kernel.stop()


@check("an interrupt of the compiler, and of a loop after a wait, brings the kernel back, with its variables")
def _(k):
    k.run("const kept = 'kept';")
    for code in ("async(" * 40, "await 0; while (true) {}"):
        request = k.client.execute(code)
        k.next("execute_input")
        time.sleep(0.5)
        k.manager.interrupt_kernel()
        equal(k.collect(request, timeout=120).reply["ename"], "InterruptError")
        equal(k.run("kept", timeout=120).value, "'kept'")


if __name__ == "__main__":
    if sys.argv[1] == "--list":
        print(json.dumps([name for name, _ in CHECKS]))
    else:
        checks.main(sys.argv[1])
