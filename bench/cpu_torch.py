"""Makes the PyTorch of the package index import on a machine without a GPU, and without 2 GB of GPU libraries.

The Linux wheel of torch links against CUDA's libraries and wants them at import, although a computation on the CPU never
calls them. So torch is installed without its dependencies (see the requirements file), and this script puts empty
libraries of the missing names next to it: every function the wheel asks for is there, and calling one ends the process
with a sentence. The CPU code is untouched, so its speed is that of the ordinary wheel.

Usage: python cpu_torch.py       (with the interpreter of the virtual environment; needs gcc and nm)
"""

import re
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

# Only names that look like these are ever invented; anything else that is missing stays missing, and import says so.
# The driver itself (libcuda) is loaded on demand only, and must be found missing.
GPU_LIBRARY = re.compile(r"^lib(?!cuda\.)(cu|nccl|nv)")
GPU_FUNCTION = re.compile(r"^_*(cu|nccl|nv)[A-Za-z]")


def run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def needed_by(library: Path) -> set[str]:
    return set(re.findall(r"\(NEEDED\).*\[(.+)\]", run("readelf", "-d", str(library))))


def undefined_in(library: Path) -> list[tuple[str, str]]:
    """(function, version) pairs; the version may be empty."""
    names = re.findall(r"^\s+[Uuw] (\S+)$", run("nm", "-D", "--undefined-only", str(library)), re.MULTILINE)
    return [(name.split("@")[0], name.split("@")[-1] if "@" in name else "") for name in names]


def versions_in(library: Path) -> dict[str, str]:
    """Version -> the library that must define it."""
    owner, versions = "", {}
    for kind, name in re.findall(r"\b(File|Name): (\S+)", run("readelf", "-V", "--wide", str(library))):
        if kind == "File":
            owner = name
        else:
            versions[name] = owner
    return versions


def write_library(path: Path, wanted: dict[str, set[str]]) -> None:
    """`wanted`: version (or empty) -> functions."""
    lines, script = ["#include <stdio.h>", "#include <stdlib.h>"], []
    for version, functions in sorted(wanted.items()):
        for name in sorted(functions):
            complaint = f"{name}: this environment has PyTorch for the CPU only.\\n"
            lines.append(f'void {name}(void) {{ fputs("{complaint}", stderr); abort(); }}')
        if version:
            script.append(f"{version} {{ global: {' '.join(f'{name};' for name in sorted(functions))} }};")
    with tempfile.TemporaryDirectory() as folder:
        source, versions = Path(folder, "stub.c"), Path(folder, "stub.map")
        source.write_text("\n".join(lines) + "\n")
        versions.write_text("\n".join(script) + "\n")
        options = [f"-Wl,--version-script={versions}"] if script else []
        run("gcc", "-shared", "-fPIC", "-w", "-fno-builtin", f"-Wl,-soname,{path.name}", *options, "-o", str(path), str(source))


def main() -> None:
    site = Path(sysconfig.get_paths()["purelib"])
    folder = site / "torch" / "lib"
    if not folder.is_dir():
        sys.exit("cpu_torch.py: torch is not installed in this environment.")
    libraries = [path for path in folder.glob("*.so*") if not path.is_symlink()]
    real = {path.name for path in libraries} | {path.name for path in (site / "nvidia").glob("**/*.so*")}
    missing = {name for path in libraries for name in needed_by(path) if GPU_LIBRARY.match(name) and name not in real}
    wanted: dict[str, dict[str, set[str]]] = {name: {} for name in missing}
    unversioned: set[str] = set()
    for path in libraries:
        owner = versions_in(path)
        for function, version in undefined_in(path):
            if owner.get(version) in wanted:
                wanted[owner[version]].setdefault(version, set()).add(function)
            elif version == "" and GPU_FUNCTION.match(function):
                unversioned.add(function)
    # A function without a version may come from any library: the first one without versions of its own gets them all.
    plain = sorted(name for name in missing if not wanted[name])
    if unversioned and plain:
        wanted[plain[0]][""] = unversioned
    for name, functions in wanted.items():
        write_library(folder / name, functions)
    print(f"cpu_torch.py: {len(missing)} empty GPU libraries put next to torch: {', '.join(sorted(missing)) or 'none needed'}")


main()
