"""Writes test/golden/active-queries.json: run from the repository's root with any Python that has numpy.

The answers are not computed here. They are figures that stand in other projects' tests; only the input that those tests draw with
numpy is drawn again, so that ours can be given the same one.
"""

import json
from pathlib import Path

import numpy as np

estimators, samples, classes = 10, 200, 2
probas = np.random.RandomState(0).random(classes * samples * estimators).reshape((estimators, samples, classes))
probas /= np.sum(probas, keepdims=True, axis=-1)

SKACTIVEML = "scikit-activeml, skactiveml/pool/tests"
records = [
    {
        "desc": "Mean KL to the consensus: two members on each of two questions",
        "source": f"{SKACTIVEML}/test_query_by_committee.py, TestAverageKlDivergence",
        "probabilities": [[0.3, 0.2], [0.4, 0.5]],
        "divergence": [0.00670178182226764, 0.005059389928987596],
    },
    {
        "desc": "BatchBALD: joint information of the greedy batch of 1, 2, 3, 4 out of 200 questions, 10 members; chances by question. "
        "(The fifth and later figures of the source are sampled and left out.)",
        "source": f"batchbald_redux (Kirsch et al., arXiv:1906.08158), as {SKACTIVEML}/test_bald.py, test_batch_bald, quotes its scores",
        "probabilities": [[round(float(p), 9) for p in row] for row in probas[:, :, 0].T],
        "joint": [0.26082319, 0.51374567, 0.73904878, 0.93539158],
    },
]
Path("test/golden/active-queries.json").write_text(
    "[\n" + ",\n".join(json.dumps(record, separators=(",", ":")) for record in records) + "\n]\n"
)
