"""The peers' side: dit's channel capacity, numpy's trimmed mean and Krum.

Only the computation is timed, not the making of arrays; what is over in a few milliseconds is done `times` times, and its
time is that of one.
"""

import time

import numpy as np
from dit.algorithms.channelcapacity import channel_capacity

from peer import serve

reports = None


def timed(work, times: int = 1) -> tuple[float, object]:
    start = time.perf_counter()
    for _ in range(times):
        result = work()
    return (time.perf_counter() - start) * 1000 / times, result


def capacity(channel: list, atol: float) -> dict:
    """In bits. dit stops when two rounds differ by no more than atol; it has no bound from above."""
    array = np.array(channel)
    ms, (bits, _) = timed(lambda: channel_capacity(array, rtol=0, atol=atol))
    return {"ms": ms, "bits": float(bits)}


def hold(flat: list, clients: int) -> None:
    global reports
    reports = np.array(flat).reshape(clients, -1)


def trimmed_mean(f: int, times: int) -> dict:
    def work():
        ordered = np.sort(reports, axis=0)  # np.partition is seven times slower here
        return ordered[f : len(reports) - f].mean(axis=0)

    ms, value = timed(work, times)
    return {"ms": ms, "value": value[:100].tolist()}


def scores_of(f: int) -> np.ndarray:
    products = reports @ reports.T  # |a|^2 + |b|^2 - 2 a b: the quickest, and less exact than differences
    squares = np.diag(products)
    distances = squares[:, None] + squares[None, :] - 2 * products
    np.fill_diagonal(distances, np.inf)
    return np.sort(distances, axis=1)[:, : len(reports) - f - 2].sum(axis=1)


def krum(f: int, times: int) -> dict:
    ms, value = timed(lambda: reports[np.argmin(scores_of(f))].copy(), times)
    return {"ms": ms, "value": value[:100].tolist()}


def krum_scores(f: int, times: int) -> dict:
    ms, scores = timed(lambda: scores_of(f), times)
    return {"ms": ms, "value": scores.tolist()}


serve({f.__name__: f for f in (capacity, hold, trimmed_mean, krum, krum_scores)})
