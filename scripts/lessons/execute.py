"""Runs one notebook headless, cell by cell, and says how it goes as JSON lines on stdout.

    python execute.py NOTEBOOK OUT --kernel rlhf-lab --timeout 60

Lines: {"cells"}, {"done", "seconds", "processor"} after each code cell (by the clock, and of processors in all processes
of the kernel: other load lengthens the one, the other hardly), {"fatal"} when the kernel is gone, does not start, or a
cell takes too long. The executed notebook goes to OUT whatever happens; errors in cells stand in their outputs, and the next
cell is run all the same, so that one run shows every fault.
"""

import argparse
import asyncio
import json
import sys
import time
from pathlib import Path

import nbformat
import psutil
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError


def say(**event: object) -> None:
    print(json.dumps(event), flush=True)


def processor_seconds(pid: int) -> float:
    """What a process and its children have used so far, those that have ended included."""
    kernel = psutil.Process(pid)
    total = 0.0
    for process in [kernel, *kernel.children(recursive=True)]:
        try:
            total += sum(process.cpu_times()[:4])
        except psutil.NoSuchProcess:  # it ended meanwhile, and counts among its parent's
            pass
    return total


async def execute(client: NotebookClient, notebook: nbformat.NotebookNode) -> None:
    async with client.async_setup_kernel():
        pid = client.km.provisioner.pid
        used = 0.0  # what the kernel's start takes counts for the first cell
        for index, cell in enumerate(notebook.cells):
            if cell.cell_type != "code":
                continue
            start = time.perf_counter()
            try:
                await client.async_execute_cell(cell, index)
            except CellTimeoutError:
                say(fatal=f"took longer than {client.timeout:g} s", cell=index)
                client.shutdown_kernel = "immediate"  # it is busy: asking nicely would only take longer
                return
            except DeadKernelError:
                say(fatal="the kernel died", cell=index)
                return
            seconds = time.perf_counter() - start
            before, used = used, processor_seconds(pid)
            cell.metadata.setdefault("execution", {})["processor_seconds"] = round(used - before, 2)
            say(done=index, seconds=seconds, processor=used - before)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("notebook", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--folder", type=Path, required=True, help="where the kernel starts")
    parser.add_argument("--kernel", required=True)
    parser.add_argument("--timeout", type=float, required=True, help="seconds for one cell")
    options = parser.parse_args()
    notebook = nbformat.read(options.notebook, as_version=4)
    client = NotebookClient(
        notebook,
        kernel_name=options.kernel,
        timeout=options.timeout,
        startup_timeout=300,  # a kernel that dies is seen at once; one beside much other load is only late
        allow_errors=True,
        # Outputs are asked for as they come; a kernel that goes silent ends with the cell's time limit.
        raise_on_iopub_timeout=False,
        resources={"metadata": {"path": str(options.folder)}},
    )
    say(cells=sum(cell.cell_type == "code" for cell in notebook.cells))
    try:
        asyncio.run(execute(client, notebook))
    except Exception as error:  # the kernel is not installed, or does not start
        say(fatal=f"{type(error).__name__}: {error}")
    finally:
        nbformat.write(notebook, options.out)
    sys.stdout.flush()


main()
