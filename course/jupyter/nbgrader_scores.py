"""Takes what `npm run grade` found into nbgrader's gradebook, so that no learner's code runs as the teacher.

    .venv/bin/python course/jupyter/nbgrader_scores.py GRADES.json ASSIGNMENT [--db sqlite:///gradebook.db]

In the course folder, after `nbgrader generate_assignment ASSIGNMENT`. Scores that were put in before are replaced, what was given by hand
stays; then `nbgrader export` has them.
"""

import argparse
import json
import os
import sys
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry


def put_in(gradebook, assignment, grades):
    """Writes the points of each exercise as its cell's automatic score. Returns the exercises that have no place in the assignment."""
    try:
        notebooks = gradebook.find_assignment(assignment).notebooks
    except MissingEntry:
        sys.exit(f"{assignment}: the gradebook has no such assignment. First: nbgrader generate_assignment {assignment}")
    notebook_of = {cell.name: notebook.name for notebook in notebooks for cell in notebook.grade_cells}
    homeless = []
    for grade in grades:
        cell, learner = f"{grade['exercise'].replace('/', '-')}-check", grade["learner"]
        if cell not in notebook_of:
            homeless.append(grade["exercise"])
            continue
        gradebook.update_or_create_student(learner)
        with gradebook.db.no_autoflush:
            gradebook.update_or_create_submission(assignment, learner)
        entry = gradebook.find_grade(cell, notebook_of[cell], assignment, learner)
        entry.auto_score = grade["points"]
        entry.needs_manual_grade = False
    gradebook.db.commit()
    return homeless


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("grades", help="grades.json, as npm run grade wrote it")
    parser.add_argument("assignment")
    parser.add_argument("--db", default="sqlite:///gradebook.db")
    given = parser.parse_args()
    grades = json.loads(Path(given.grades).read_text(encoding="utf-8"))
    # nbgrader starts alembic by its name.
    os.environ["PATH"] = os.path.dirname(sys.executable) + os.pathsep + os.environ.get("PATH", "")
    with Gradebook(given.db) as gradebook:
        homeless = put_in(gradebook, given.assignment, grades)
    if homeless:
        print(f"Left out, for {given.assignment} has no such exercise: {', '.join(sorted(set(homeless)))}")
    print(f"{len(grades) - len(homeless)} grades of {len({grade['learner'] for grade in grades})} learners are in {given.db}.")


if __name__ == "__main__":
    main()
