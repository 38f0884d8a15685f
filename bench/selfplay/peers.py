"""The peers' side: OpenSpiel's CFR+ (its Python and its C++) and alpha-rank, moocore's hypervolume.

Only the computation is timed (`timed`), not the loading of a game nor the making of arrays; what is over in less than a
millisecond is done `times` times, and its time is that of one.
"""

import sys
import time
import types

import moocore
import numpy as np
import pyspiel
from open_spiel.python.algorithms import cfr

# What draws alpha-rank's pictures asks for matplotlib and networkx; nothing is drawn here.
sys.modules["open_spiel.python.egt.alpharank_visualizer"] = types.ModuleType("alpharank_visualizer")
from open_spiel.python.egt import alpharank

from peer import serve

LEDUC = "leduc_poker(suit_isomorphism=true)"  # 288 information sets, as ours


def timed(work, times: int = 1) -> tuple[float, object]:
    start = time.perf_counter()
    for _ in range(times):
        result = work()
    return (time.perf_counter() - start) * 1000 / times, result


def cfr_plus(iterations: int, python: bool, suits: bool = False) -> dict:
    game = pyspiel.load_game("leduc_poker" if suits else LEDUC)

    def work():
        solver = cfr.CFRPlusSolver(game) if python else pyspiel.CFRPlusSolver(game)
        for _ in range(iterations):
            solver.evaluate_and_update_policy()
        return solver, solver.average_policy()

    ms, (solver, average) = timed(work)  # the policy of C++ reads from its solver, which must stay
    # The same measure for both, in C++; Python's policy is handed over as a table.
    if python:
        table = {state: [(a, p) for a, p in enumerate(average.policy_for_key(state)) if average.legal_actions_mask[i][a]]
                 for state, i in average.state_lookup.items()}
        average = pyspiel.TabularPolicy(table)
    return {"ms": ms, "nashConv": pyspiel.nash_conv(game, average)}


def alpha_rank(payoffs: list, population: int, alpha: float, local: bool, times: int) -> dict:
    table = [np.array(payoffs)]
    ms, found = timed(
        lambda: alpharank.compute(table, m=population, alpha=alpha, use_local_selection_model=local), times)
    return {"ms": ms, "law": np.asarray(found[2]).tolist()}


def hypervolume(points: list, times: int) -> dict:
    array = np.array(points)
    reference = np.zeros(array.shape[1])
    ms, value = timed(lambda: moocore.hypervolume(array, ref=reference, maximise=True), times)
    return {"ms": ms, "value": float(value)}


serve({f.__name__: f for f in (cfr_plus, alpha_rank, hypervolume)})
