"""Writes test/golden/choix.json: what choix makes of small data. Needs choix from PyPI (made with 0.4.1).

Usage: python choix_estimators.py > ../choix.json

EP stops in choix when no site moves by 1e-4; here it is run to 1e-12, so that its answer does not depend on the visiting order.
"""

import json

import choix
import choix.ep
import numpy as np

VERSION = "choix 0.4.1 (PyPI)"
choix.ep._converged.__defaults__ = (1e-12,)
np.random.seed(4)  # the order in which EP visits the pairs
draw = np.random.default_rng(4)


def pairs_of(n: int, count: int) -> list[list[int]]:
    theta = draw.normal(size=n)
    out = [[i, (i + 1) % n] for i in range(n)]
    for _ in range(count):
        i, j = draw.choice(n, 2, replace=False)
        first = draw.random() < 1 / (1 + np.exp(theta[j] - theta[i]))
        out.append([int(i), int(j)] if first else [int(j), int(i)])
    return out


def rankings_of(n: int, count: int, length: int) -> list[list[int]]:
    theta = draw.normal(size=n)
    out = [[int(i) for i in np.roll(np.arange(n), -k)[:length]] for k in range(n)]
    for _ in range(count):
        among = draw.choice(n, length, replace=False)
        out.append([int(i) for i in among[np.argsort(-(theta[among] + draw.gumbel(size=length)))]])
    return out


def case(desc: str, made_by: str, **fields) -> dict:
    listed = {k: v.tolist() if isinstance(v, np.ndarray) else v for k, v in fields.items()}
    return {"desc": desc, "source": VERSION, "made_by": f"test/golden/make/choix_estimators.py {made_by}", **listed}


pairs = pairs_of(5, 40)
rankings = rankings_of(6, 30, 4)
top1 = [[r[0], r[1:]] for r in rankings_of(5, 40, 3)]
few = [[0, 1], [0, 1], [1, 2], [2, 0], [0, 2], [1, 0]]
sharp = {"tol": 1e-13, "max_iter": 1000}

cases = [
    case("LSR of three items", "lsr_pairwise", kind="lsr", pairs=few, items=3, theta=choix.lsr_pairwise(3, few)),
    case("LSR of five items", "lsr_pairwise", kind="lsr", pairs=pairs, items=5, theta=choix.lsr_pairwise(5, pairs)),
    case("LSR, regularised", "lsr_pairwise(alpha=0.3)", kind="lsr", pairs=pairs, items=5, alpha=0.3,
         theta=choix.lsr_pairwise(5, pairs, alpha=0.3)),
    case("I-LSR of five items", "ilsr_pairwise", kind="ilsr", pairs=pairs, items=5,
         theta=choix.ilsr_pairwise(5, pairs, **sharp)),
    case("I-LSR, regularised", "ilsr_pairwise(alpha=0.2)", kind="ilsr", pairs=pairs, items=5, alpha=0.2,
         theta=choix.ilsr_pairwise(5, pairs, alpha=0.2, **sharp)),
    case("Rank centrality of five items", "rank_centrality", kind="rankCentrality", pairs=pairs, items=5,
         theta=choix.rank_centrality(5, pairs)),
    case("LSR of partial rankings", "lsr_rankings", kind="lsr", rankings=rankings, items=6,
         theta=choix.lsr_rankings(6, rankings)),
    case("Plackett-Luce of partial rankings", "ilsr_rankings", kind="ilsr", rankings=rankings, items=6,
         theta=choix.ilsr_rankings(6, rankings, **sharp),
         logLikelihood=choix.log_likelihood_rankings(rankings, choix.ilsr_rankings(6, rankings, **sharp))),
    case("LSR of choices", "lsr_top1", kind="lsr", top1=top1, items=5, theta=choix.lsr_top1(5, top1)),
    case("Plackett-Luce of choices", "ilsr_top1", kind="ilsr", top1=top1, items=5,
         theta=choix.ilsr_top1(5, top1, **sharp),
         logLikelihood=choix.log_likelihood_top1(top1, choix.ilsr_top1(5, top1, **sharp))),
]
for desc, data, n, alpha in [("three items", few, 3, 0.5), ("five items", pairs, 5, 1.0), ("five, weak prior", pairs, 5, 0.05)]:
    mean, covariance = choix.ep_pairwise(n, data, alpha, model="logit", max_iter=1000)
    cases.append(case(f"EP posterior of {desc}", "ep_pairwise(model='logit'), threshold 1e-12", kind="ep", pairs=data,
                      items=n, alpha=alpha, mean=mean, covariance=covariance))



def integrated_moments(mean: float, variance: float) -> tuple[float, float, float]:
    """log Z, dlogZ/dmean and its second derivative, by a fine sum instead of choix's mixture of probits."""
    x = mean + np.linspace(-14, 14, 40001) * np.sqrt(variance)
    w = np.exp(-((x - mean) ** 2) / (2 * variance)) / (1 + np.exp(-x))
    mass = w.sum()
    first = (w * (x - mean)).sum() / mass
    second = (w * (x - mean) ** 2).sum() / mass - first**2
    return float(np.log(mass)), float(first / variance), float((second / variance - 1) / variance)


choix.ep._match_moments_logit = integrated_moments
for desc, data, n, alpha in [("three items", few, 3, 0.5), ("five, weak prior", pairs, 5, 0.05)]:
    mean, covariance = choix.ep_pairwise(n, data, alpha, model="logit", max_iter=1000)
    cases.append(case(f"EP posterior of {desc}, moments integrated",
                      "ep_pairwise(model='logit'), threshold 1e-12, its moments replaced by numerical integration", kind="ep",
                      pairs=data, items=n, alpha=alpha, mean=mean, covariance=covariance, integrated=True))

print("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]")
