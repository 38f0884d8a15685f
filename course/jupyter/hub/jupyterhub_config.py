"""A JupyterHub over one checkout of this project, which its users may only read: course/src/grade/README.md says how."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
CHECKOUT = HERE.parents[2]

c = get_config()
c.Spawner.cmd = [sys.executable, str(HERE / "singleuser.py")]
# The learner's server, kernels and nbgrader run the programs that the hub was started with, Node among them.
c.Spawner.env_keep = ["PATH", "LANG", "LC_ALL"]
c.Spawner.default_url = "/lab/tree/Welcome.md"
c.ConfigurableHTTPProxy.command = [str(CHECKOUT / "node_modules" / ".bin" / "configurable-http-proxy")]
