"""Writes test/golden/jax-random.json: what JAX draws from a few seeds. Needs jax from PyPI (made with 0.10.2).

Usage: python jax_random.py > ../jax-random.json
"""

import json

import jax

jax.config.update("jax_threefry_partitionable", True)


def words(key) -> list[int]:
    return [int(word) for word in jax.random.key_data(key)]


def draws(seed: int) -> dict:
    key = jax.random.key(seed)
    return {
        "key": words(key),
        "split": [words(each) for each in jax.random.split(key, 3)],
        "foldIn7": words(jax.random.fold_in(key, 7)),
        "bits": [int(bits) for bits in jax.random.bits(key, (5,))],
        "uniform": [float(value) for value in jax.random.uniform(key, (5,))],
    }


made_by = f"test/golden/make/jax_random.py, jax {jax.__version__}"
print(json.dumps({"made_by": made_by, **{str(seed): draws(seed) for seed in (0, 42, 4294967295)}}, indent=1))
