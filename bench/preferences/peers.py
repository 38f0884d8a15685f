"""The peers' side: choix and crowd-kit on data that ours wrote to files of 32-bit integers, one column after the other.

Only the estimation is timed (`timed`), not the reading nor the conversion to the form that the peer likes best.
"""

import time

import choix
import numpy as np
import pandas as pd
from crowdkit.aggregation import DawidSkene, NoisyBradleyTerry

from peer import serve

data: dict = {}


def columns(path: str, count: int) -> list[np.ndarray]:
    return list(np.fromfile(path, dtype=np.int32).reshape(count, -1))


def timed(work) -> dict:
    start = time.perf_counter()
    result = work()
    return {"ms": (time.perf_counter() - start) * 1000, "result": result}


def load_pairs(path: str, items: int) -> None:
    winner, loser = columns(path, 2)
    data["items"] = items
    data["pairs"] = list(zip(winner.tolist(), loser.tolist()))
    data["columns"] = (winner, loser)


def opt_pairwise(tol: float) -> dict:
    out = timed(lambda: choix.opt_pairwise(data["items"], data["pairs"], alpha=0, method="Newton-CG", tol=tol))
    return {**out, "result": out["result"].tolist()}


def ilsr_pairwise(tol: float) -> dict:
    out = timed(lambda: choix.ilsr_pairwise(data["items"], data["pairs"], tol=tol))
    return {**out, "result": out["result"].tolist()}


def ilsr_dense(tol: float) -> dict:
    """The table of counts is made within the time, by NumPy: ours is given comparisons, too."""

    def work():
        table = np.zeros((data["items"], data["items"]))
        np.add.at(table, data["columns"], 1.0)
        return choix.ilsr_pairwise_dense(table, tol=tol)

    out = timed(work)
    return {**out, "result": out["result"].tolist()}


def load_rankings(path: str, items: int, length: int) -> None:
    data["items"] = items
    data["rankings"] = np.fromfile(path, dtype=np.int32).reshape(-1, length).tolist()


def ilsr_rankings(tol: float) -> dict:
    out = timed(lambda: choix.ilsr_rankings(data["items"], data["rankings"], tol=tol))
    return {**out, "result": out["result"].tolist()}


def load_annotations(path: str) -> None:
    task, worker, label = columns(path, 3)
    data["annotations"] = pd.DataFrame({"task": task, "worker": worker, "label": label})


def dawid_skene(iterations: int) -> dict:
    model = DawidSkene(n_iter=iterations, tol=-1e9)
    out = timed(lambda: model.fit(data["annotations"]))
    probabilities = model.probas_.sort_index().sort_index(axis=1).to_numpy()
    return {"ms": out["ms"], "iterations": len(model.loss_history_), "result": probabilities.argmax(axis=1).tolist()}


def load_judgements(path: str) -> None:
    worker, left, right, label = columns(path, 4)
    data["judgements"] = pd.DataFrame({"worker": worker, "left": left, "right": right, "label": label})


def noisy_bradley_terry(iterations: int) -> dict:
    model = NoisyBradleyTerry(n_iter=iterations)
    calls = {"value": 0, "gradient": 0}
    value, gradient = NoisyBradleyTerry._compute_log_likelihood, NoisyBradleyTerry._compute_gradient

    def counted(name, function):
        def call(*arguments):
            calls[name] += 1
            return function(*arguments)

        return call

    model._compute_log_likelihood = counted("value", value)
    model._compute_gradient = counted("gradient", gradient)
    out = timed(lambda: model.fit(data["judgements"]))
    logit = lambda p: np.log(p / (1 - p))
    return {
        "ms": out["ms"],
        **calls,
        "theta": logit(model.scores_.sort_index().to_numpy()).tolist(),
        "skill": model.skills_.sort_index().to_numpy().tolist(),
        "bias": model.biases_.sort_index().to_numpy().tolist(),
    }


def noisy_gradient_error() -> dict:
    """crowd-kit's gradient against central differences of its own objective, at a random point: largest differences by block."""
    frame = data["judgements"].head(300)
    labels = np.unique(frame[["left", "right"]].to_numpy())
    workers = np.unique(frame.worker.to_numpy())
    rows = np.searchsorted(labels, frame[["left", "right", "label"]].to_numpy()) + 1
    who = np.searchsorted(workers, frame.worker.to_numpy())
    x = np.random.default_rng(1).normal(size=1 + labels.size + 2 * workers.size)
    out = {}
    for name, ratio in (("", 0.0), (", regulariser alone", 1.0)):
        f = lambda at: NoisyBradleyTerry._compute_log_likelihood(at, rows, who, labels.size, workers.size, ratio)
        g = lambda at: NoisyBradleyTerry._compute_gradient(at, rows, who, labels.size, workers.size, ratio)
        claimed = g(x)
        true = np.array([(f(x + h) - f(x - h)) / 2e-6 for h in np.eye(x.size) * 1e-6])
        if ratio:
            base = {k: v for k, v in out.items() if k.startswith("_")}
            claimed, true = claimed - base["_claimed"], true - base["_true"]
            out["sign of the regulariser's gradient over that of its value's"] = float(
                np.sign(np.dot(claimed[1 : 1 + labels.size], true[1 : 1 + labels.size])))
        else:
            out["_claimed"], out["_true"] = claimed, true
            blocks = {"scores": slice(1, 1 + labels.size), "biases": slice(1 + labels.size, 1 + labels.size + workers.size),
                      "skills": slice(1 + labels.size + workers.size, None)}
            for block, part in blocks.items():
                out[block] = {"largest": float(np.abs(true[part]).max()), "off by": float(np.abs(claimed - true)[part].max())}
    return {k: v for k, v in out.items() if not k.startswith("_")}


serve({f.__name__: f for f in (load_pairs, opt_pairwise, ilsr_pairwise, ilsr_dense, load_rankings, ilsr_rankings,
                               load_annotations, dawid_skene, load_judgements, noisy_bradley_terry, noisy_gradient_error)})
