"""Measures whole processes, all designs interleaved in one run, and compares their medians."""

import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence

Run = Callable[[], float]


def process(command: Sequence[str], environment: Mapping[str, str], *, at_once: int = 1) -> Run:
    """A run of a command, or of several at the same time; gives its wall time in seconds.

    Whatever it prints goes to a pipe, as under an SDK. Raises CalledProcessError if it fails.
    """

    def run() -> float:
        started = time.perf_counter()
        children = [
            subprocess.Popen(command, env=environment, stdout=subprocess.PIPE)
            for _ in range(at_once)
        ]
        for child in children:
            child.communicate()
        wall = time.perf_counter() - started
        for child in children:
            if child.returncode:
                raise subprocess.CalledProcessError(child.returncode, command)
        return wall

    return run


def medians(runs: Mapping[str, Run], rounds: int) -> dict[str, float]:
    """The median of each, in seconds; every round runs each of them once, in turn."""
    for run in runs.values():
        run()  # byte code is compiled and files are in memory after this
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            times[name].append(run())
    return {name: statistics.median(found) for name, found in times.items()}
