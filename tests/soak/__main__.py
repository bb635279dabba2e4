"""Soaks the helper: run after run over simulated days, with invariants checked after each.

    python -m tests.soak [RUNS] [SEED]                in this process; 10,000 runs by default
    python -m tests.soak --processes [RUNS] [SEED]    whole processes: 10,000 take an hour

It ends at the first invariant that is broken, and says the seed and the run.
"""

import random
import sys

from tests.soak import life, processes

RUNS = 10_000
STEP = 500  # runs after which the figures so far are printed


def main(arguments: list[str]) -> None:
    """Soak."""
    whole = "--processes" in arguments
    numbers = [int(text) for text in arguments if text != "--processes"]
    runs = numbers[0] if numbers else RUNS
    seed = numbers[1] if len(numbers) > 1 else random.SystemRandom().randrange(10**6)
    print(f"soak: seed {seed}", flush=True)
    kind = processes.Life if whole else life.Life
    with kind.begun(seed) as lived:
        for so_far in (*range(STEP, runs, STEP), runs):
            print(lived.run(so_far).lines(), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
