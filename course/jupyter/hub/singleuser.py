"""Starts one learner's JupyterLab over a checkout that may not be written to: jupyterhub_config.py names it to the hub.

The lessons are laid out in the learner's ~/rlhf-lab as npm start does it; what the kernel keeps, history and progress, lies in
the learner's own folder too.
"""

import os
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[3]
HOME = Path.home()
LESSONS = HOME / "rlhf-lab"
STATE = Path(os.environ.get("RLHF_LAB_STATE") or HOME / ".local" / "state" / "rlhf-lab")

environment = {
    **os.environ,
    "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
    # The kernel and the figures, which set-up has put there; and our settings.
    "JUPYTER_PATH": str(CHECKOUT / ".venv" / "share" / "jupyter"),
    "JUPYTER_CONFIG_PATH": str(CHECKOUT / "course" / "jupyter" / "config"),
    "RLHF_LAB_NOTEBOOKS": str(LESSONS),
    "RLHF_LAB_STATE": str(STATE),
    "RLHF_LAB_BUILD": "0",
}
try:
    for own in (LESSONS, STATE):
        own.mkdir(parents=True, exist_ok=True)
        own.chmod(0o700)  # what a learner writes is nobody else's
    laid_out = subprocess.run(["node", str(CHECKOUT / "scripts" / "setup" / "desk.mjs")], env=environment)
except OSError as error:
    sys.exit(f"rlhf-lab: the lessons cannot be laid out in {LESSONS} ({error}): each learner needs a home of their own, with room in it, and Node on the PATH.")
# It has said why. Whoever has lessons, and no room for new ones, must get at them to make room.
if laid_out.returncode != 0 and not any(LESSONS.glob("*.ipynb")):
    sys.exit(laid_out.returncode)

command = [sys.executable, "-m", "jupyterhub.singleuser", f"--ServerApp.root_dir={LESSONS}", *sys.argv[1:]]
os.execve(sys.executable, command, environment)
