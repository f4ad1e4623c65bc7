"""Speed over the dimension, the replicates and the threads, and memory over the replicates: a figure and a table."""

import argparse
import json
import os
import pathlib
import resource
import subprocess
import tempfile

import matplotlib

import page

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("workload", help="the built `workload` of benches")
parser.add_argument("xtask", help="the built `xtask`")
parser.add_argument("--page", help="the page that shows the table; the figure goes to `figures` beside it")
parser.add_argument("--repeats", type=int, default=5)
parser.add_argument("--processor-time", action="store_true", help="on a busy machine; two threads then cannot disappoint")
options = parser.parse_args()

CORES = len(os.sched_getaffinity(0))
DIMENSIONS = [2, 5, 10, 20, 50, 100, 200, 500, 1000]
BLOCKS = [1, 2, 4, 16, 64, 256, 1024]
REPLICATES = [2_048, 8_192, 32_768, 131_072]
# What the commands of a run keep resident does not depend on these numbers; so the path is short.
SPEC = """
schema = 1
title = "memory over replicates"
seed = 1

[source]
paper = "none"
statements = ["none"]

[problem.quadratic]
dimension = 50
curvature.log_spaced = {{ from = 1.0, to = 100.0 }}
fisher = "curvature"
noise.random_spd = {{ from = 1.0, to = 100.0, trace = 50.0, seed = 6 }}

[sampling.gaussian]
batch_size = 1

[process.sgd]
step_size.constant = 0.01
start.random_point = {{ radius = 0.2, seed = 6 }}
horizon.steps = 100
record.logarithmic = 20

[replicates]
count = {count}

[[measure]]
name = "risk"
observe.quadratic = "fisher"

[[claim]]
name = "exact-law"
says = "The risk follows its exact law."
measure = "risk"
against.exact = {{ resolution = 0.5 }}
"""


def speed(**flags):
    """Coordinate-steps a second of SGD with Gaussian noise, the best of some runs."""
    words = [word for flag, value in flags.items() for word in (f"--{flag}", str(value))]
    best = 0.0
    for _ in range(options.repeats):
        done = subprocess.run([options.workload, "run", "sgd", *words], check=True, capture_output=True, text=True)
        outcome = json.loads(done.stdout)
        seconds = outcome["processor_seconds"] / flags["threads"] if options.processor_time else outcome["seconds"]
        best = max(best, outcome["coordinate_steps"] / seconds)
    return best


def blocks_for(d):
    """About 2·10⁸ multiply-adds in 400 steps."""
    return max(2, round(4e8 / (400 * 32 * (d * d / 2 + 20 * d))))


def memory(count):
    """Peak resident set of a whole run, in MB."""
    with tempfile.TemporaryDirectory() as folder:
        specs = pathlib.Path(folder, "specs")
        specs.mkdir()
        (specs / "memory.toml").write_text(SPEC.format(count=count))
        program = os.path.abspath(options.xtask)
        child = subprocess.Popen([program, "run", "specs/memory.toml"], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        complaint = child.stderr.read().decode()
        _, status, usage = os.wait4(child.pid, 0)
        if os.waitstatus_to_exitcode(status) not in (0, 3):
            raise SystemExit(complaint)
    return usage.ru_maxrss / 1024


def main():
    of_dimension = {threads: [speed(dimension=d, threads=threads, blocks=blocks_for(d)) for d in DIMENSIONS] for threads in (1, CORES)}
    of_blocks = {threads: [speed(threads=threads, blocks=blocks) for blocks in BLOCKS] for threads in (1, CORES)}
    of_replicates = [memory(count) for count in REPLICATES]
    note = " (processor time)" if options.processor_time else ""
    table = ["| d | M coordinate-steps/s, 1 thread" + note + f" | {CORES} threads | ratio |", "|--:|--:|--:|--:|"]
    for d, one, all_cores in zip(DIMENSIONS, of_dimension[1], of_dimension[CORES]):
        table.append(f"| {d} | {one / 1e6:.0f} | {all_cores / 1e6:.0f} | {all_cores / one:.2f} |")
    table += ["", "| replicates | peak memory of `cargo xtask run` |", "|--:|--:|"]
    table += [f"| {count} | {size:.0f} MB |" for count, size in zip(REPLICATES, of_replicates)]
    print("\n".join(table))
    if options.page:
        page.put(options.page, "scaling", "\n".join(table))
        draw(pathlib.Path(options.page).parent / "figures" / "speed.svg", of_dimension, of_blocks, of_replicates)


def draw(path, of_dimension, of_blocks, of_replicates):
    matplotlib.use("svg")
    # The same numbers give the same file: no date, and names that are no random ones.
    matplotlib.rcParams.update({"svg.hashsalt": "speed", "svg.fonttype": "none", "font.size": 9})
    from matplotlib import pyplot

    figure, (left, middle, right) = pyplot.subplots(1, 3, figsize=(10, 3), layout="constrained")
    for threads, style in ((1, "o--"), (CORES, "o-")):
        label = f"{threads} thread{'s' * (threads > 1)}"
        left.loglog(DIMENSIONS, [s / 1e6 for s in of_dimension[threads]], style, label=label)
        middle.semilogx([32 * blocks for blocks in BLOCKS], [s / 1e6 for s in of_blocks[threads]], style, label=label)
    left.set(xlabel="dimension d", ylabel="M coordinate-steps/s", title="dense Gaussian noise")
    middle.set(xlabel="replicates", ylabel="M coordinate-steps/s", title="d = 50", ylim=(0, None))
    right.semilogx(REPLICATES, of_replicates, "o-")
    right.set(xlabel="replicates", ylabel="MB", title="peak memory of a run", ylim=(0, 1.2 * max(of_replicates)))
    left.legend()
    middle.legend(loc="lower right")
    path.parent.mkdir(exist_ok=True)
    figure.savefig(path, metadata={"Date": None})


if __name__ == "__main__":
    main()
