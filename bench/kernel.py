"""Times our kernel and ipykernel in turns, as a client sees them: starts, then trivial cells. Prints one JSON object."""

import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

from jupyter_client import KernelManager
from jupyter_client.kernelspec import KernelSpec

ROOT = pathlib.Path(__file__).resolve().parents[1]
STARTS = 5
CELLS = 400
COMPLETIONS = 15
# What is run here is nobody's history, and nobody's history is read here.
STATE = tempfile.TemporaryDirectory()


class Timed:
    """A kernel with its times in milliseconds: to the first reply of any kind, and to the first cell's reply."""

    def __init__(self, spec):
        self.manager = KernelManager()
        if spec is not None:
            self.manager._kernel_spec = spec
        began = time.perf_counter()
        self.manager.start_kernel(env={**os.environ, "RLHF_LAB_BUILD": "0", "RLHF_LAB_STATE": STATE.name})
        self.client = self.manager.client()
        self.client.start_channels(hb=False)
        self.wait(self.client.kernel_info(), iopub=False)
        self.first_reply = (time.perf_counter() - began) * 1000
        self.wait(self.client.execute("1 + 1"), iopub=False)
        self.first_cell = (time.perf_counter() - began) * 1000

    def wait(self, request, iopub=True):
        while self.client.get_shell_msg(timeout=120)["parent_header"].get("msg_id") != request:
            pass
        while iopub:
            message = self.client.get_iopub_msg(timeout=120)
            idle = message["msg_type"] == "status" and message["content"]["execution_state"] == "idle"
            if idle and message["parent_header"].get("msg_id") == request:
                return

    def cell(self, code):
        began = time.perf_counter()
        self.wait(self.client.execute(code))
        return (time.perf_counter() - began) * 1000

    def completion(self):
        """The median of a few, each of another text, so that nothing is remembered."""
        times = []
        for i in range(COMPLETIONS):
            code = f"const y{i} = x1.toF"
            began = time.perf_counter()
            self.wait(self.client.complete(code, len(code)))
            times.append((time.perf_counter() - began) * 1000)
        return statistics.median(times)

    def memory(self):
        pid = self.manager.provisioner.pid
        below = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True).stdout.split()
        return sum(resident(one) for one in [pid, *below])

    def stop(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


def resident(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0


def ours():
    described = json.loads((ROOT / "course" / "jupyter" / "kernelspec" / "kernel.json").read_text())
    argv = [part.replace("{resource_dir}/../../../../..", str(ROOT)) for part in described["argv"]]
    return Timed(KernelSpec(**{**described, "argv": argv}))


def theirs():
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    return Timed(KernelSpec(argv=argv, display_name="ipykernel", language="python"))


def main():
    starts = {"ours": [], "theirs": []}
    for round_ in range(STARTS):
        for name, start in (("ours", ours), ("theirs", theirs))[:: 1 if round_ % 2 == 0 else -1]:
            kernel = start()
            starts[name].append((kernel.first_reply, kernel.first_cell))
            kernel.stop()
    us, them = ours(), theirs()
    times = {"ours": [], "theirs": []}
    completion = {}
    for i in range(CELLS):
        if i in (5, 200):
            completion[i] = us.completion()
        times["ours"].append(us.cell(f"const x{i} = {i} + 1;\nx{i}"))
        times["theirs"].append(them.cell(f"x{i} = {i} + 1\nx{i}"))
    median = statistics.median
    result = {
        name: {
            "first_reply": median(start[0] for start in starts[name]),
            "first_cell": median(start[1] for start in starts[name]),
            "cell": median(times[name][:100]),
            "early": median(times[name][9:30]),
            "late": median(times[name][-21:]),
            "memory": kernel.memory(),
        }
        for name, kernel in (("ours", us), ("theirs", them))
    }
    result["ours"]["completion_5"], result["ours"]["completion_200"] = completion[5], completion[200]
    us.stop()
    them.stop()
    print(json.dumps(result))


main()
