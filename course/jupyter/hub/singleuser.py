"""Starts one learner's JupyterLab over a checkout that may not be written to: jupyterhub_config.py names it to the hub.

The lessons are copied to the learner's ~/rlhf-lab, where a copy that is there stays as it is; what the kernel keeps,
history and progress, lies in the learner's own folder too.
"""

import os
import shutil
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[3]
HOME = Path.home()
LESSONS = HOME / "rlhf-lab"
STATE = Path(os.environ.get("RLHF_LAB_STATE") or HOME / ".local" / "state" / "rlhf-lab")

try:
    for own in (LESSONS, STATE):
        own.mkdir(parents=True, exist_ok=True)
        own.chmod(0o700)  # what a learner writes is nobody else's
    for lesson in sorted((CHECKOUT / "notebooks").glob("*.ipynb")):
        own = LESSONS / lesson.name
        if not own.exists():
            unfinished = own.with_suffix(".part")
            shutil.copyfile(lesson, unfinished)
            unfinished.rename(own)
except OSError as error:
    sys.exit(f"rlhf-lab: the lessons cannot be laid out in {LESSONS} ({error}): each learner needs a home of their own, with room in it.")

environment = {
    **os.environ,
    "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
    # The kernel and the figures, which set-up has put there; and our settings.
    "JUPYTER_PATH": str(CHECKOUT / ".venv" / "share" / "jupyter"),
    "JUPYTER_CONFIG_PATH": str(CHECKOUT / "course" / "jupyter" / "config"),
    "RLHF_LAB_STATE": str(STATE),
    "RLHF_LAB_BUILD": "0",
}
command = [sys.executable, "-m", "jupyterhub.singleuser", f"--ServerApp.root_dir={LESSONS}", *sys.argv[1:]]
os.execve(sys.executable, command, environment)
