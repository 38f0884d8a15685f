"""What course/jupyter/config/nbgrader_config.py sets, and which cells of two notebooks its preprocessor would run; prints JSON.

Arguments: the config, a course folder with release/lesson/NAME.ipynb, NAME, and the learner's notebook.
"""

import json
import shutil
import sys
from pathlib import Path

import nbformat
from nbgrader.preprocessors import ClearSolutions
from traitlets.config import Config, PyFileConfigLoader

path, course, name, learner = map(Path, sys.argv[1:])
config = PyFileConfigLoader(path.name, path=str(path.parent)).load_config()
config.merge(Config({"CourseDirectory": {"root": str(course)}}))
execute = next(p for p in config.Autograde.autograde_preprocessors if p.__name__ == "ExecuteExercises")


class WithoutKernel(execute):
    """Runs nothing, and remembers what it would have run."""

    def execute_cell(self, cell, index, **kwargs):
        self.ran.append(index)
        return cell

    def run(self, notebook, assignment):
        self.ran = []
        resources = {"nbgrader": {"assignment": assignment, "notebook": str(name)}}
        self.wanted = cells_that_count(notebook.cells, self.handed_out(resources))
        for index, cell in enumerate(notebook.cells):
            if cell.cell_type == "code":
                self.preprocess_cell(cell, resources, index)
        return self.ran


cells_that_count = execute.preprocess.__globals__["cells_that_count"]
runner = WithoutKernel(config=config)
notebook = nbformat.read(learner, as_version=4)

# A teacher's own exercise, with its solution in the source.
own = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("f();\n// BEGIN SOLUTION\nsecret();\n// END SOLUTION")])
own.cells[0].metadata.nbgrader = {"solution": True, "grade": False, "locked": False, "grade_id": "x", "schema_version": 3}
own.metadata.kernelspec = {"language": "typescript", "name": "rlhf-lab", "display_name": "x"}
cleared, _ = ClearSolutions(config=config).preprocess(own, {})

print(
    json.dumps(
        {
            "timeout": runner.timeout,
            "order": [p.__name__ for p in config.Autograde.autograde_preprocessors],
            "ran": runner.run(notebook, "lesson"),
            "ran_without_release": runner.run(notebook, "unknown"),
            "cleared": cleared.cells[0].source,
            "alembic": shutil.which("alembic") is not None,
        }
    )
)
