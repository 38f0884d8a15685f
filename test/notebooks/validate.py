"""Lets nbformat and nbgrader themselves judge the notebooks learner.ipynb and solution.ipynb of a folder; prints JSON."""

import json
import sys
from pathlib import Path

import nbformat
from nbformat.v4 import new_output
from nbgrader import utils
from nbgrader.nbgraderformat import read as nbgrader_read
from nbgrader.nbgraderformat.v3 import MetadataValidatorV3

folder = Path(sys.argv[1])
same = {}
for edition in ("learner", "solution"):
    text = (folder / f"{edition}.ipynb").read_text()
    notebook = nbformat.reads(text, as_version=nbformat.NO_CONVERT)
    nbformat.validate(notebook)
    MetadataValidatorV3().validate_nb(notebook)
    same[edition] = nbformat.writes(notebook) + "\n" == text

notebook = nbgrader_read(str(folder / "learner.ipynb"), as_version=4)
check = next(cell for cell in notebook.cells if utils.is_grade(cell))


def grade(*outputs):
    check.outputs = list(outputs)
    return utils.determine_grade(check)[0]


print(
    json.dumps(
        {
            "same": same,
            "kernel": notebook.metadata.kernelspec.name,
            "solution_cells": [c.metadata.nbgrader.grade_id for c in notebook.cells if utils.is_solution(c)],
            "grade_cells": {c.metadata.nbgrader.grade_id: c.metadata.nbgrader.points for c in notebook.cells if utils.is_grade(c)},
            "locked_cells": [c.metadata.nbgrader.grade_id for c in notebook.cells if utils.is_locked(c)],
            "grades": {
                "passed": grade(new_output("execute_result", data={"text/plain": "3"})),
                "partial": grade(new_output("execute_result", data={"text/plain": "1.5"})),
                "failed": grade(new_output("error", ename="CheckError", evalue="0 of 3 points", traceback=[])),
            },
        }
    )
)
