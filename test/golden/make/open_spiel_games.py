"""Writes test/golden/open-spiel.json: what OpenSpiel makes of small games. Needs open_spiel, networkx and matplotlib from PyPI.

Usage: python open_spiel_games.py > ../open-spiel.json  (made with open_spiel 2.0.2)

Regret matching of rounded regrets is not stable for ever: after some hundred iterations two right programs differ in the
fourth digit. So CFR is compared over its first iterations.
"""

import importlib.metadata
import json

import numpy as np
import pyspiel
from open_spiel.python import policy
from open_spiel.python.algorithms import cfr, expected_game_score, exploitability, mmd_dilated
from open_spiel.python.egt import alpharank

VERSION = f"OpenSpiel {importlib.metadata.version('open_spiel')} (PyPI)"
draw = np.random.default_rng(14)
GAMES = {"kuhn": "kuhn_poker", "leduc": "leduc_poker(suit_isomorphism=true)"}
cases = []


def case(desc: str, made_by: str, kind: str, **fields) -> None:
    cases.append({"desc": desc, "source": VERSION, "made_by": f"test/golden/make/open_spiel_games.py {made_by}", "kind": kind,
                  **{k: v.tolist() if isinstance(v, np.ndarray) else v for k, v in fields.items()}})


def value(game, strategy) -> float:
    return float(expected_game_score.policy_value(game.new_initial_state(), [strategy, strategy])[0])


for name, loaded in GAMES.items():
    game = pyspiel.load_game(loaded)
    uniform = policy.TabularPolicy(game)
    case(f"{name}: the uniform strategy", "nash_conv", "uniform", game=name, sets=len(uniform.states),
         nashConv=exploitability.nash_conv(game, uniform), value=value(game, uniform))
    first = policy.FirstActionPolicy(game)
    case(f"{name}: the first action always", "nash_conv", "first", game=name,
         nashConv=exploitability.nash_conv(game, first), value=value(game, first))
    for plus, solver in ((False, cfr.CFRSolver(game)), (True, cfr.CFRPlusSolver(game))):
        conv, values = [], []
        for _ in range(12):
            solver.evaluate_and_update_policy()
            conv.append(exploitability.nash_conv(game, solver.average_policy()))
            values.append(value(game, solver.average_policy()))
        case(f"{name}: the average after iterations 1 to 12", type(solver).__name__, "cfr", game=name, plus=plus,
             nashConv=conv, value=values)
    for alpha in (0.5, 2.0) if name == "kuhn" else (2.0,):
        solver = mmd_dilated.MMDDilatedEnt(game, alpha, stepsize=0.1 if name == "kuhn" else 0.03)
        while solver.get_gap() > 1e-9:
            for _ in range(50):
                solver.update_sequences()
        logit = solver.get_policies()
        case(f"{name}: the logit equilibrium at alpha {alpha}", "MMDDilatedEnt", "logit", game=name, alpha=alpha,
             nashConv=exploitability.nash_conv(game, logit), value=value(game, logit))

for n, m, alpha in ((2, 2, 1.0), (3, 50, 0.1), (6, 50, 0.5), (4, 10, 0.7)):
    payoffs = draw.normal(size=(n, n)).round(3)
    for local in (False, True):
        law = alpharank.compute([payoffs], m=m, alpha=alpha, use_local_selection_model=local)[2]
        case(f"alpha-rank of {n} strategies, {'local' if local else 'global'} selection", "alpharank.compute", "alphaRank",
             payoffs=payoffs, population=m, alpha=alpha, local=local, law=np.asarray(law))

for n in (3, 5):
    wins = draw.integers(1, 9, size=(n, n))
    np.fill_diagonal(wins, 0)
    options = pyspiel.elo.default_elo_options()
    options.smoothing_factor = 0.0
    options.max_iterations = 100000
    options.convergence_delta = 1e-12
    ratings = pyspiel.elo.compute_ratings_from_matrices(wins, options=options)
    case(f"Elo by maximum likelihood, {n} players", "elo.compute_ratings_from_matrices", "elo", wins=wins,
         ratings=np.asarray(ratings, dtype=float))

print("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]")
