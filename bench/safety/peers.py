"""The peers' side: robust value iteration in NumPy, a Gaussian process of scikit-learn, a constrained MDP by cvxpy.

Only the computation is timed (`timed`), not the making of arrays from what the pipe brought.
"""

import time

import cvxpy as cp
import numpy as np
from scipy.stats import norm
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel

from peer import serve

mdp: dict = {}


def timed(work) -> tuple[float, object]:
    start = time.perf_counter()
    result = work()
    return (time.perf_counter() - start) * 1000, result


def load(states: int, actions: int, transitions: list, rewards: list, discount: float, start: list,
         cost: list | None = None) -> None:
    """Keeps a decision process for the calls that follow."""
    mdp.update(states=states, actions=actions, discount=discount, start=np.array(start),
               transitions=np.array(transitions).reshape(states * actions, states),
               rewards=np.array(rewards), cost=None if cost is None else np.array(cost))


def robust_values(radius: float, tolerance: float) -> tuple[np.ndarray, int]:
    """V = max_a r + gamma min over the L1 ball of q V: one sort of V for all pairs, then sums along the sorted rows."""
    states, actions, gamma = mdp["states"], mdp["actions"], mdp["discount"]
    p, r = mdp["transitions"], mdp["rewards"]
    value = np.zeros(states)
    sweeps = 0
    while True:
        sweeps += 1
        order = np.argsort(-value)  # greatest first
        v = value[order]
        q = p[:, order]
        left = np.minimum(radius / 2, 1 - q[:, -1])  # what moves, to the least value
        before = np.cumsum(q, axis=1) - q
        taken = np.clip(left[:, None] - before, 0, q)
        taken[:, -1] = 0
        worst = q @ v - taken @ (v - v[-1])
        following = (r + gamma * worst).reshape(states, actions).max(axis=1)
        moved, size = np.abs(following - value).max(), np.abs(following).max()
        value = following
        if moved * gamma / (1 - gamma) <= tolerance * size or moved <= 4 * np.finfo(float).eps * size:
            return value, sweeps


def robust_value_iteration(radius: float, tolerance: float) -> dict:
    ms, (value, sweeps) = timed(lambda: robust_values(radius, tolerance))
    return {"ms": ms, "value": value.tolist(), "sweeps": sweeps}


data: dict = {}


def load_points(x: list, y: list, candidates: list) -> None:
    data.update(x=np.array(x), y=np.array(y), candidates=np.array(candidates))


def improvements(length: float, deviation: float, noise: float, best: float) -> dict:
    """Fits with the kernel as it is given, and expects improvement at each candidate."""

    def work():
        kernel = ConstantKernel(deviation**2, "fixed") * RBF(length, "fixed")
        process = GaussianProcessRegressor(kernel, alpha=noise**2, optimizer=None).fit(data["x"], data["y"])
        mean, sd = process.predict(data["candidates"], return_std=True)
        z = (mean - best) / sd
        return (mean - best) * norm.cdf(z) + sd * norm.pdf(z)

    ms, found = timed(work)
    return {"ms": ms, "improvement": found.tolist()}


def constrained(limit: float) -> dict:
    """The linear program over flows, built and solved; the sparse balance is as cvxpy likes it."""

    def work():
        states, actions = mdp["states"], mdp["actions"]
        flow = cp.Variable(states * actions, nonneg=True)
        own = np.kron(np.eye(states), np.ones(actions))
        balance = own - mdp["discount"] * mdp["transitions"].T
        problem = cp.Problem(cp.Maximize(mdp["rewards"] @ flow),
                             [balance @ flow == mdp["start"], mdp["cost"] @ flow <= limit])
        return problem.solve(solver=cp.HIGHS), problem.constraints[1].dual_value

    ms, (value, price) = timed(work)
    return {"ms": ms, "value": float(value), "price": float(price)}


serve({f.__name__: f for f in (load, robust_value_iteration, load_points, improvements, constrained)})
