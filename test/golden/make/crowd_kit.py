"""Writes test/golden/crowd-kit.json: what crowd-kit makes of small data. Needs crowd-kit from PyPI (made with 1.4.2).

Usage: python crowd_kit.py ../../../datasets/anaesthetists-1979.json > ../crowd-kit.json
"""

import json
import sys

import numpy as np
import pandas as pd
from crowdkit.aggregation import GLAD, MACE, DawidSkene, OneCoinDawidSkene
from crowdkit.aggregation.pairwise.noisy_bt import NoisyBradleyTerry

VERSION = "crowd-kit 1.4.2 (PyPI)"
draw = np.random.default_rng(12)


def crowd(tasks: int, accuracy: list[float], classes: int, share: float) -> list[list[int]]:
    rows = []
    for i in range(tasks):
        truth = draw.integers(classes)
        for w, p in enumerate(accuracy):
            if draw.random() < share:
                wrong = (truth + 1 + draw.integers(classes - 1)) % classes
                rows.append([i, w, int(truth if draw.random() < p else wrong)])
    return rows


def frame(rows: list[list[int]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["task", "worker", "label"])


def case(desc: str, made_by: str, kind: str, **fields) -> dict:
    listed = {k: np.asarray(v).round(9).tolist() if isinstance(v, (np.ndarray, pd.Series, pd.DataFrame)) else v
              for k, v in fields.items()}
    return {"desc": desc, "source": VERSION, "made_by": f"test/golden/make/crowd_kit.py: {made_by}", "kind": kind, **listed}


cases = []
rows = crowd(15, [0.9, 0.8, 0.65, 0.5, 0.7], 3, 0.9)
sizes = {"tasks": 15, "labelers": 5, "classes": 3}
for n in (1, 6):
    fit = OneCoinDawidSkene(n_iter=n, tol=-1e9).fit(frame(rows))
    cases.append(case(f"one coin, {n} iteration(s)", f"OneCoinDawidSkene(n_iter={n}, tol=-1e9)", "oneCoin",
                      sizes=sizes, annotations=rows, iterations=n, posterior=fit.probas_.sort_index(axis=1)))

rows = crowd(70, [0.9, 0.85, 0.75, 0.7, 0.85, 0.5], 3, 1.0)
# MACE numbers labels as they appear but reads its counts in sorted order: so the two orders have to be the same.
seen = list(dict.fromkeys(r[2] for r in rows))
rows = [[i, w, seen.index(c)] for i, w, c in rows]
sizes = {"tasks": 70, "labelers": 6, "classes": 3}
fit = MACE(method="em", n_iter=400, n_restarts=1).fit(frame(rows))
cases.append(case("MACE, converged", "MACE(method='em', n_iter=400, n_restarts=1)", "mace", sizes=sizes, annotations=rows,
                  smoothing=0.01 / 3, posterior=fit.probas_, competence=fit.spamming_[:, 1], strategy=fit.thetas_))

rows = crowd(20, [0.9, 0.8, 0.75, 0.55, 0.85], 2, 0.9)
tasks = sorted({r[0] for r in rows})
fit = GLAD(n_iter=60, tol=-1e9, m_step_max_iter=10, m_step_tol=1e-9,
           betas_priors_mean=pd.Series(0.0, index=range(20))).fit(frame(rows))
cases.append(case("GLAD, converged, easiness around 0", "GLAD(n_iter=60, m_step_tol=1e-9, betas_priors_mean=0)", "glad",
                  sizes={"tasks": 20, "labelers": 5, "classes": 2}, annotations=rows, posterior=fit.probas_,
                  ability=fit.alphas_.sort_index(), easiness=np.exp(fit.betas_.sort_index())))

doctors = json.load(open(sys.argv[1]))
rows = [[i, w, c - 1] for i, patient in enumerate(doctors["answers"]) for w, said in enumerate(patient) for c in said]
fit = DawidSkene(n_iter=400, tol=-1e9).fit(frame(rows))
cases.append(case("Dawid-Skene of the anaesthetists, converged", "DawidSkene(n_iter=400, tol=-1e9)", "anaesthetists",
                  prior=fit.priors_.sort_index(), posterior=fit.probas_.sort_index(axis=1)))

# The gradient that NoisyBradleyTerry follows, beside the slope of the function it minimises, at a random place.
items, workers = 4, 3
pairs = [[a, b, a if draw.random() < 0.5 else b] for a in range(1, items + 1) for b in range(1, items + 1) if a != b]
who = draw.integers(0, workers, len(pairs))
x = draw.normal(size=1 + items + 2 * workers)
arguments = (np.array(pairs), who, items, workers, 0.0)
value = lambda at: NoisyBradleyTerry._compute_log_likelihood(at, *arguments)
slope = [(value(x + 1e-6 * e) - value(x - 1e-6 * e)) / 2e-6 for e in np.eye(len(x))]
cases.append(case("noisy Bradley-Terry: the gradient it follows and the slope of its objective",
                  "NoisyBradleyTerry._compute_gradient, and central differences of _compute_log_likelihood; no regularisation; "
                  "x = (unused, abilities, bias logits, skill logits)",
                  "noisy", items=items, labelers=workers, pairs=pairs, labeler=who, x=x, value=value(x),
                  gradient=NoisyBradleyTerry._compute_gradient(x, *arguments), slope=np.array(slope)))

print("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]")
