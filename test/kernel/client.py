"""A kernel as a notebook's client sees it: jupyter_client over real sockets, with what the checks need on top."""

import json
import os
import pathlib
import subprocess
import threading
import time

from jupyter_client import KernelManager
from jupyter_client.kernelspec import KernelSpec

ROOT = pathlib.Path(__file__).resolve().parents[2]


def spec(root=ROOT):
    """The project's kernel.json, as if it were installed five folders below the root."""
    described = json.loads((ROOT / "course" / "jupyter" / "kernelspec" / "kernel.json").read_text())
    argv = [part.replace("{resource_dir}/../../../../..", str(root)) for part in described["argv"]]
    return KernelSpec(**{**described, "argv": argv})


class Run:
    """All that one request brought: its messages on iopub, up to idle, and its reply."""

    def __init__(self, messages, reply):
        self.messages = messages
        self.reply = reply["content"] if reply else None
        self.raw = reply

    def of(self, kind):
        return [message["content"] for message in self.messages if message["msg_type"] == kind]

    @property
    def types(self):
        return [message["msg_type"] for message in self.messages]

    def text(self, name="stdout"):
        return "".join(content["text"] for content in self.of("stream") if content["name"] == name)

    @property
    def value(self):
        results = self.of("execute_result")
        return results[0]["data"]["text/plain"] if results else None


class Kernel:
    def __init__(self, state, root=ROOT, **environment):
        self.manager = KernelManager()
        self.manager._kernel_spec = spec(root)
        self.environment = {**os.environ, "RLHF_LAB_STATE": str(state), "RLHF_LAB_BUILD": "0", **environment}
        self.manager.start_kernel(env=self.environment)
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)

    def run(self, code, timeout=60, **options):
        return self.collect(self.client.execute(code, **options), timeout)

    def collect(self, request, timeout=60, reply=True):
        messages = []
        deadline = time.monotonic() + timeout
        while True:
            message = self.client.get_iopub_msg(timeout=max(0.1, deadline - time.monotonic()))
            if message["parent_header"].get("msg_id") != request:
                continue
            messages.append(message)
            if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                break
        while reply:
            answer = self.client.get_shell_msg(timeout=max(0.1, deadline - time.monotonic()))
            if answer["parent_header"].get("msg_id") == request:
                return Run(messages, answer)
        return Run(messages, None)

    def request(self, kind, content, channel="shell", timeout=30):
        """Sends any request and returns its reply's content."""
        message = self.client.session.msg(kind, content)
        socket = getattr(self.client, f"{channel}_channel")
        socket.send(message)
        return self.reply(message["header"]["msg_id"], channel, timeout)

    def reply(self, request, channel="shell", timeout=30):
        socket = getattr(self.client, f"{channel}_channel")
        deadline = time.monotonic() + timeout
        while True:
            answer = socket.get_msg(timeout=max(0.1, deadline - time.monotonic()))
            if answer["parent_header"].get("msg_id") == request:
                return answer["content"]

    def next(self, kind, timeout=30):
        """The next iopub message of this kind, whatever request it belongs to."""
        deadline = time.monotonic() + timeout
        while True:
            message = self.client.get_iopub_msg(timeout=max(0.1, deadline - time.monotonic()))
            if message["msg_type"] == kind:
                return message

    def interrupt_after(self, seconds):
        threading.Timer(seconds, self.manager.interrupt_kernel).start()

    @property
    def pid(self):
        return self.manager.provisioner.pid

    def stop(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=False)


def processes(parent):
    """Process ids below this one."""
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(parent)], capture_output=True, text=True).stdout.split()
    return [int(pid) for pid in listed]


def alive(pid):
    """Runs, and is not just waiting for its parent to notice that it has ended."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def resident(pid):
    """Memory in megabytes."""
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    raise AssertionError(f"no VmRSS for {pid}")


def until(condition, timeout=10):
    """Whether the condition comes true in time."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False
