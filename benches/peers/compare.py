"""Ours beside NumPy and JAX: the same workloads, sizes and cores, in one run; every mean against the exact law.

Prints a table in Markdown. Each engine runs in turn, some times over; the shortest wall time of each counts, or where other
programs are busy the shortest processor time (`--processor-time`), divided by the cores.
"""

import argparse
import json
import os
import subprocess
import sys
import time

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("program", help="the built `workload` of benches")
parser.add_argument("--repeats", type=int, default=3)
parser.add_argument("--processor-time", action="store_true")
parser.add_argument("--only", nargs="*", help="these workloads alone")
parser.add_argument("--page", help="the page that shows the table")
options = parser.parse_args()

CORES = len(os.sched_getaffinity(0))
# One thread of BLAS in each of our threads, and a device of JAX for each core: the replicates are what is shared out.
os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["XLA_FLAGS"] = f"--xla_force_host_platform_device_count={CORES}"

import numpy as np

import jax

import page
import with_jax
import with_numpy

NAMES = list(with_numpy.PROCESSES)
NETWORKS = 8
# Replicates that JAX has in hand at once, and its generators: the fastest is what counts.
JAX_CHOICES = [(batch, generator) for generator in ("threefry2x32", "rbg") for batch in (128, 1024)]


def ours(*arguments):
    done = subprocess.run([options.program, *map(str, arguments)], check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def described(name):
    description = ours("describe", name)
    numbers = {key: np.array(value) for key, value in description.pop("parameters").items()}
    for key, value in numbers.items():
        numbers[key] = float(value[0]) if value.size == 1 else value
    if "noise" in numbers:
        d = description["dimension"]
        numbers["noise"] = numbers["noise"].reshape(d, d)
    return description | numbers


def timed(work):
    started, used = time.perf_counter(), time.process_time()
    value = work()
    elapsed = {"seconds": time.perf_counter() - started, "processor_seconds": time.process_time() - used}
    return chosen(elapsed), value


def chosen(elapsed):
    return elapsed["processor_seconds"] / CORES if options.processor_time else elapsed["seconds"]


def check(who, workload, mean, error):
    """The mean of |e|^2 has to be that of the law, within five standard errors and what the law leaves open."""
    distance = abs(mean - workload["expected"])
    allowed = 5 * error + workload["error"] * workload["expected"]
    if not distance <= allowed:
        sys.exit(f"{who} on {workload['name']}: E|e|^2 = {mean} instead of {workload['expected']}, allowed ± {allowed}")


def moments(squares):
    squares = np.asarray(squares)
    return squares.mean(), squares.std() / np.sqrt(squares.size)


def compare(name):
    workload = described(name)
    in_jax = [
        (with_jax.compiled(name, workload, batch, CORES), lambda seed, generator=generator: jax.random.key(seed, impl=generator))
        for batch, generator in JAX_CHOICES
    ]
    return speeds(workload, lambda seed: with_numpy.simulate(name, workload, CORES, seed), in_jax)


def compare_first_written():
    """With what one writes before one looks at the time."""
    workload = described("sgd")
    in_jax = [(with_jax.sgd_as_first_written(workload), jax.random.key)]
    return speeds(workload, lambda seed: with_numpy.sgd_as_first_written(workload, seed), in_jax)


def speeds(workload, in_numpy, in_jax):
    """Millions of coordinate-steps a second of each engine, with the fastest of some in JAX, and the time of its compilation."""
    work = workload["replicates"] * workload["steps"] * workload["dimension"]
    seconds = {"ours": [], "NumPy": [], "JAX": []}
    candidates = []
    for simulate, key in in_jax:
        first, squares = timed(lambda: jax.block_until_ready(simulate(key(0))))
        again, _ = timed(lambda: jax.block_until_ready(simulate(key(1))))
        check("JAX", workload, *moments(squares))
        candidates.append((again, first - again, simulate, key))
    _, compilation, simulate, key = min(candidates, key=lambda candidate: candidate[0])
    for seed in range(options.repeats):
        outcome = ours("run", workload["name"], "--threads", CORES)
        check("ours", workload, outcome["mean"], outcome["standard_error"])
        seconds["ours"].append(chosen(outcome))
        elapsed, squares = timed(lambda: in_numpy(seed))
        check("NumPy", workload, *moments(squares))
        seconds["NumPy"].append(elapsed)
        elapsed, squares = timed(lambda: jax.block_until_ready(simulate(key(seed))))
        check("JAX", workload, *moments(squares))
        seconds["JAX"].append(elapsed)
    return {who: work / min(times) / 1e6 for who, times in seconds.items()}, compilation


def networks():
    """Steps of training a second, and readings a second: ours one on each core, those of JAX with all cores one by one."""
    workload = described("network")
    workload["labels"] = workload["labels"].astype(int)
    workload["features"] = workload["features"].reshape(len(workload["labels"]), -1)
    widths = [workload["features"].shape[1], int(workload["hidden"]), int(workload["hidden"]), 10]
    layers, rest = [], workload["weights"]
    for inputs, outputs in zip(widths, widths[1:]):
        layers.append(rest[: inputs * outputs].reshape(outputs, inputs))
        rest = rest[inputs * outputs :]
    workload["layers"] = layers
    train, loss = with_jax.make_training(workload, NETWORKS)
    compilation, trained = timed(lambda: jax.block_until_ready(train()))
    read = with_jax.make_reading(workload)
    one = [layer[0] for layer in trained]
    first_reading, _ = timed(lambda: read(one))
    training, reading = {"ours": [], "NumPy": [], "JAX": []}, {"ours": [], "JAX": []}
    for _ in range(options.repeats):
        outcome = ours("run", "network", "--threads", CORES, "--networks", NETWORKS)
        training["ours"].append(chosen(outcome["training"]))
        reading["ours"].append(chosen(outcome["reading"]) / CORES)
        elapsed, of_numpy = timed(lambda: with_numpy.train(workload, NETWORKS))
        training["NumPy"].append(elapsed)
        elapsed, trained = timed(lambda: jax.block_until_ready(train()))
        training["JAX"].append(elapsed)
        elapsed, exponent = timed(lambda: read(one))
        reading["JAX"].append(elapsed)
        for who, value, expected in [
            ("NumPy's loss", of_numpy, outcome["values"][0]),
            ("JAX's loss", float(loss(trained)), outcome["values"][0]),
            ("JAX's exponent", exponent, outcome["values"][1]),
        ]:
            if abs(value / expected - 1) > 1e-5:
                sys.exit(f"{who} is {value} instead of {expected}")
    compilation -= min(training["JAX"])
    steps = workload["steps"] * NETWORKS / 1e3
    return (
        ({who: steps / min(times) for who, times in training.items()}, compilation),
        ({who: 1 / min(times) for who, times in reading.items()}, first_reading - min(reading["JAX"])),
    )


def row(name, unit, speeds, compilation):
    best = max(speed for who, speed in speeds.items() if who != "ours")
    cell = lambda who: f"{speeds[who]:.3g}" if who in speeds else "–"
    ratio = lambda who: f"{speeds['ours'] / speeds[who]:.1f}" if who in speeds else "–"
    return f"| {name} | {unit} | {cell('ours')} | {cell('NumPy')} | {cell('JAX')} | {ratio('NumPy')} | {ratio('JAX')} | **{speeds['ours'] / best:.1f}** | {compilation:.1f} s |"


def main():
    lines = []

    def say(line):
        lines.append(line)
        print(line, flush=True)

    note = " (processor time)" if options.processor_time else ""
    say(f"| workload | unit{note} | ours | NumPy | JAX | ours/NumPy | ours/JAX | ours/better | compilation of JAX |")
    say("|:--|:--|--:|--:|--:|--:|--:|--:|--:|")
    for name in NAMES:
        if not options.only or name in options.only:
            say(row(name, "M coordinate-steps/s", *compare(name)))
    if not options.only or "first" in options.only:
        say(row("sgd, peers as first written", "M coordinate-steps/s", *compare_first_written()))
    if not options.only or "network" in options.only:
        training, reading = networks()
        say(row("network, training", "k steps/s", *training))
        say(row("network, reading", "1/s", *reading))
    if options.page:
        page.put(options.page, "peers", "\n".join(lines))


main()
