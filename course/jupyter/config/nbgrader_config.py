"""nbgrader's settings for this course. `npm run nbgrader` reads them first, then those of the course folder."""

import os
import re
import sys
from pathlib import Path

import nbformat
import nbgrader
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    ClearOutput,
    ComputeChecksums,
    Execute,
    IgnorePattern,
    LimitOutput,
    LockCells,
    SaveAutoGrades,
    SaveCells,
)

DECLARED = re.compile(r"^(?:export |async |declare )*(?:const|let|var|function\*?|class|enum|namespace) +(\w+|[\[{][^=]*)", re.M)
NAME = re.compile(r"[A-Za-z_$][\w$]*")


def declares(cell):
    """The names that a cell declares at its top level."""
    return {name for found in DECLARED.findall(cell.source) for name in NAME.findall(found)}


def cells_that_count(cells, handed_out):
    """Places of the code cells to run: imports, exercises, checks, what the learner added or changed, and what these use.

    The other demonstrations are as they were handed out. Without a notebook to compare with (None), all are run.
    """
    code = {i: cell for i, cell in enumerate(cells) if cell.cell_type == "code"}
    if handed_out is None:
        return set(code)
    known = {cell.source.strip() for cell in handed_out}

    def counts(cell):
        ours = "nbgrader" in cell.metadata or "rlhf_lab" in cell.metadata
        return ours or cell.source.lstrip().startswith("import") or cell.source.strip() not in known

    wanted = {i for i, cell in code.items() if counts(cell)}
    # What is as it was handed out, a stub or a check, needs no demonstration.
    asking = {i for i in wanted if code[i].source.strip() not in known}
    while asking:
        used = {name for i in asking for name in NAME.findall(code[i].source)}
        asking = {i for i, cell in code.items() if i not in wanted and declares(cell) & used}
        wanted |= asking
    return wanted


class ExecuteExercises(Execute):
    """Runs the cells that count."""

    def preprocess(self, nb, resources, km=None):
        self.wanted = cells_that_count(nb.cells, self.handed_out(resources))
        return super().preprocess(nb, resources, km)

    def preprocess_cell(self, cell, resources, index):
        return super().preprocess_cell(cell, resources, index) if index in self.wanted else (cell, resources)

    def handed_out(self, resources):
        """The cells of the notebook that learners got, from the folder of releases or of sources."""
        ours = resources["nbgrader"]
        course = CourseDirectory(config=self.config)
        for folder in (course.release_directory, course.source_directory):
            path = Path(course.format_path(folder, ".", ours["assignment"])) / f"{ours['notebook']}.ipynb"
            if path.exists():
                return nbformat.read(path, as_version=4).cells
        return None


HERE = Path(__file__).parent
PLOTLY = HERE.parents[2] / "node_modules" / "plotly.js-cartesian-dist-min"

c = get_config()
c.CourseDirectory.course_id = "rlhf-lab"
# nbgrader starts alembic by its name.
os.environ["PATH"] = os.path.dirname(sys.executable) + os.pathsep + os.environ.get("PATH", "")
# The course's notebooks are built without answers and with stubs, so there is nothing to clear.
c.GenerateAssignment.preprocessors = [LockCells, ClearOutput, CheckCellMetadata, ComputeChecksums, SaveCells]
# For exercises of your own, between `// BEGIN SOLUTION` and `// END SOLUTION`, put ClearSolutions first in that list.
c.ClearSolutions.code_stub = {"typescript": '// YOUR CODE HERE\nthrow new Error("not written yet");'}
c.Autograde.autograde_preprocessors = [
    ExecuteExercises,
    IgnorePattern,
    LimitOutput,
    SaveAutoGrades,
    AssignLatePenalties,
    CheckCellMetadata,
]
# Some demonstrations train a model, and the machine may be busy; nbgrader's own 30 seconds would cut them off.
c.Execute.timeout = 600

# Feedback draws the figures without a network: nbgrader's own template, and ours in templates/feedback on top of it.
feedback = c.GenerateFeedback.HTMLExporter
feedback.extra_template_basedirs = [
    str(HERE / "templates"),
    str(Path(nbgrader.__file__).parent / "server_extensions" / "formgrader" / "templates"),
]
feedback.template_file = "figures.html.j2"
feedback.filters = {"plotly": lambda name: (PLOTLY / name).read_text(encoding="utf-8")}
