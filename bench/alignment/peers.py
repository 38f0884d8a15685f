"""The peer's side: imitation's tabular maximum causal entropy IRL, as it is installed.

Only the training is timed, not the making of the world nor of the reward network. imitation's package asks for more
than its tabular algorithm uses (data sets, experiments, plots): what is never called is an empty module.
"""

import importlib.util
import sys
import time
from unittest import mock

stand_ins = []
for package in ("datasets", "huggingface_sb3", "matplotlib", "pandas", "sacred"):
    if importlib.util.find_spec(package) is None:
        for name in ("", ".pyplot", ".figure", ".observers", ".utils"):
            sys.modules[package + name] = mock.MagicMock()
            stand_ins.append(package + name)

import gymnasium as gym
import numpy as np
import torch
from imitation.algorithms import mce_irl
from imitation.rewards.reward_nets import BasicRewardNet
from seals import base_envs

for name in stand_ins:  # PyTorch looks later for what is there
    del sys.modules[name]

from peer import serve

torch.set_num_threads(2)
world: dict = {}


def load(states: int, actions: int, transitions: list, features: list, start: list, horizon: int, weights: list) -> dict:
    observations = np.array(features, dtype=np.float32)
    env = base_envs.TabularModelPOMDP(
        transition_matrix=np.array(transitions).reshape(states, actions, states),
        observation_matrix=observations,
        reward_matrix=observations.astype(float) @ np.array(weights),
        horizon=horizon,
        initial_state_dist=np.array(start),
    )
    value, _, policy = mce_irl.mce_partition_fh(env)
    visits, total = mce_irl.mce_occupancy_measures(env, pi=policy)
    world.update(env=env, total=total)
    # Ours counts the steps, theirs also where the last one leads.
    expectations = visits[:-1].sum(axis=0) @ observations / horizon
    return {"value": float(value[0] @ env.initial_state_dist), "expectations": expectations.tolist()}


def irl(steps: int) -> dict:
    env = world["env"]
    torch.manual_seed(0)
    net = BasicRewardNet(
        env.observation_space, env.action_space, hid_sizes=[],
        use_action=False, use_next_state=False, use_done=False,
    )
    trainer = mce_irl.MCEIRL(
        world["total"], env, net, np.random.default_rng(0),
        optimizer_kwargs={"lr": 0.05}, linf_eps=0, grad_l2_eps=0, log_interval=None,
    )
    start = time.perf_counter()
    trainer.train(max_iter=steps)
    ms = (time.perf_counter() - start) * 1000
    weights = [p.detach().numpy().ravel().tolist() for p in net.parameters()]
    return {"ms": ms, "weights": weights[0]}


serve({f.__name__: f for f in (load, irl)})
