"""Runs one notebook headless, cell by cell, and says how it goes as JSON lines on stdout.

    python execute.py NOTEBOOK OUT --kernel rlhf-lab --timeout 60

Lines: {"cells"}, {"done", "seconds"} after each code cell, {"fatal"} when the kernel is gone, does not start, or a cell
takes too long. The executed notebook goes to OUT whatever happens; errors in cells stand in their outputs, and the next
cell is run all the same, so that one run shows every fault.
"""

import argparse
import asyncio
import json
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError


def say(**event: object) -> None:
    print(json.dumps(event), flush=True)


async def execute(client: NotebookClient, notebook: nbformat.NotebookNode) -> None:
    async with client.async_setup_kernel():
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
            say(done=index, seconds=time.perf_counter() - start)


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
        startup_timeout=60,
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
