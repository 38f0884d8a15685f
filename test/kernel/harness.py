"""Checks of a kernel, one after the other in one kernel, each with a name. Files named *checks.py hold them."""

import json
import os
import re
import sys
import traceback

CHECKS = []


def check(name):
    def register(function):
        CHECKS.append((name, function))
        return function

    return register


def equal(got, wanted, what=""):
    assert got == wanted, f"{what} expected {wanted!r}, got {got!r}"


def has(text, part):
    assert part in text, f"expected {part!r} in {text!r}"


def plain(lines):
    return re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(lines))


def main(memory=None):
    """Lists the checks' names, or runs them; prints one JSON line per check: {name, ok, detail}."""
    if sys.argv[1] == "--list":
        print(json.dumps([name for name, _ in CHECKS]))
        return
    from client import Kernel  # noqa: PLC0415 - listing the names needs no Jupyter

    kernel = Kernel(sys.argv[1], **({} if memory is None else {"RLHF_LAB_MEMORY_MB": memory}))
    for name, function in CHECKS:
        try:
            if os.environ.get("ONLY") and os.environ["ONLY"] not in name:
                continue
            function(kernel)
            verdict = {"name": name, "ok": True, "detail": ""}
        except BaseException:  # noqa: BLE001 - whatever went wrong is the verdict
            verdict = {"name": name, "ok": False, "detail": traceback.format_exc()}
        print(json.dumps(verdict), flush=True)
    kernel.client.stop_channels()
    kernel.manager.shutdown_kernel(now=True)
