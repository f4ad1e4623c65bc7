"""The workloads in NumPy, as one would write them for speed: batches of replicates, in place, a thread for each core.

Every function returns |e|^2 of all replicates after the last step. Batches of 256 replicates stay in a core's cache; the
generator is NumPy's fastest (SFC64); drawing, products and element-wise operations release the interpreter's lock.
"""

from concurrent.futures import ThreadPoolExecutor

import numpy as np

BATCH = 256


def simulate(name, workload, threads, seed=0):
    """|e|^2 of all replicates, simulated on some threads."""
    replicates = workload["replicates"]
    sizes = [min(BATCH, replicates - first) for first in range(0, replicates, BATCH)]
    generators = [np.random.Generator(np.random.SFC64(s)) for s in np.random.SeedSequence(seed).spawn(len(sizes))]
    work = PROCESSES[name]
    with ThreadPoolExecutor(threads) as pool:
        parts = pool.map(lambda part: work(workload, *part), zip(generators, sizes))
        return np.concatenate(list(parts))


def squares(e):
    return np.einsum("ri,ri->r", e, e)


def descent(w, rng, n, decay, shape, after=lambda k, e: None):
    """e <- decay(k) e - z shape(k), with z standard normal."""
    d = w["dimension"]
    e = np.tile(w["start"], (n, 1))
    z, noise = np.empty((n, d)), np.empty((n, d))
    for k in range(w["steps"]):
        rng.standard_normal(out=z)
        np.matmul(z, shape(k), out=noise)
        e *= decay(k)
        e -= noise
        after(k, e)
    return e


def sgd(w, rng, n):
    eta = w["step_size"]
    decay, shape = 1 - eta * w["curvatures"], eta * np.linalg.cholesky(w["noise"]).T
    return squares(descent(w, rng, n, lambda k: decay, lambda k: shape))


def sgd_as_first_written(w, seed):
    """All replicates at once, with the generator that everyone takes."""
    rng, eta, factor = np.random.default_rng(seed), w["step_size"], np.linalg.cholesky(w["noise"])
    e = np.tile(w["start"], (w["replicates"], 1))
    for _ in range(w["steps"]):
        e = e - eta * (e * w["curvatures"] + rng.standard_normal(e.shape) @ factor.T)
    return squares(e)


def ornstein_uhlenbeck(w, rng, n):
    h, dt = w["curvatures"], w["step_size"]
    rates = h[:, None] + h
    shape = np.linalg.cholesky(w["noise"] * -np.expm1(-rates * dt) / rates).T
    decay = np.exp(-h * dt)
    return squares(descent(w, rng, n, lambda k: decay, lambda k: shape))


def robbins_monro(w, rng, n):
    h, factor = w["curvatures"], np.linalg.cholesky(w["noise"]).T
    eta = w["scale"] / (np.arange(w["steps"]) + w["offset"])
    return squares(descent(w, rng, n, lambda k: 1 - eta[k] * h, lambda k: eta[k] * factor))


def averaging(w, rng, n):
    eta = w["step_size"]
    decay, shape = 1 - eta * w["curvatures"], eta * np.linalg.cholesky(w["noise"]).T
    total = np.zeros((n, w["dimension"]))
    descent(w, rng, n, lambda k: decay, lambda k: shape, lambda k, e: np.add(total, e, out=total))
    return squares(total / w["steps"])


def heavy_ball(w, rng, n):
    eta, h, d = w["step_size"], w["curvatures"], w["dimension"]
    shape = eta * np.linalg.cholesky(w["noise"]).T
    e, v = np.tile(w["start"], (n, 1)), np.zeros((n, d))
    z, noise = np.empty((n, d)), np.empty((n, d))
    for _ in range(w["steps"]):
        rng.standard_normal(out=z)
        np.matmul(z, shape, out=noise)
        v *= w["momentum"]
        v -= noise
        np.multiply(e, eta * h, out=noise)
        v -= noise
        e += v
    return squares(e)


def distinct(rng, n, samples, batch):
    """A batch of different samples for each replicate, by Floyd's algorithm on all replicates at once."""
    picks = np.empty((n, batch), dtype=np.int64)
    for i, largest in enumerate(range(samples - batch, samples)):
        pick = rng.integers(0, largest + 1, size=n)
        taken = (picks[:, :i] == pick[:, None]).any(axis=1)
        picks[:, i] = np.where(taken, largest, pick)
    return picks


def pool(w, rng, n):
    d, b, eta = w["dimension"], int(w["batch"]), w["step_size"]
    gradients = w["pool"].reshape(-1, d) @ np.linalg.cholesky(w["noise"]).T
    decay, e, drawn = 1 - eta * w["curvatures"], np.tile(w["start"], (n, 1)), np.empty((n, b, d))
    for _ in range(w["steps"]):
        np.take(gradients, distinct(rng, n, len(gradients), b), axis=0, out=drawn, mode="clip")
        e *= decay
        e -= (eta / b) * drawn.sum(axis=1)
    return squares(e)


def regression(w, rng, n, slope):
    d, b, eta = w["dimension"], int(w["batch"]), w["step_size"]
    features, targets = w["features"].reshape(-1, d), w["targets"]
    theta = np.tile(w["minimiser"] + w["start"], (n, 1))
    x, y = np.empty((n, b, d)), np.empty((n, b))
    for _ in range(w["steps"]):
        picks = distinct(rng, n, len(features), b)
        np.take(features, picks, axis=0, out=x, mode="clip")
        np.take(targets, picks, out=y, mode="clip")
        margins = np.matmul(x, theta[:, :, None])[:, :, 0]
        theta -= (eta / b) * np.matmul(slope(margins, y)[:, None, :], x)[:, 0]
    return squares(theta - w["minimiser"])


def logistic(w, rng, n):
    return regression(w, rng, n, lambda u, y: 1 / (1 + np.exp(-u)) - y)


def robust(w, rng, n):
    def slope(u, y):
        r = u - y
        return r / (1 + r * r) ** 2

    return regression(w, rng, n, slope)


def streaming(w, rng, n):
    d, b, eta, deviations = w["dimension"], int(w["batch"]), w["step_size"], np.sqrt(w["variances"])
    e = np.tile(w["start"], (n, 1))
    x, noise = np.empty((n, b, d)), np.empty((n, b))
    for _ in range(w["steps"]):
        rng.standard_normal(out=x)
        rng.standard_normal(out=noise)
        x *= deviations
        residuals = np.matmul(x, e[:, :, None])[:, :, 0] - noise
        e -= (eta / b) * np.matmul(residuals[:, None, :], x)[:, 0]
    return squares(e)


def ensemble(w, rng, n):
    d, b, eta = w["dimension"], int(w["batch"]), w["step_size"]
    e, z = np.tile(w["start"], (n, 1)), np.empty((n, d))
    for _ in range(w["steps"]):
        counts = (rng.random((b, n, d)) < w["chances"]).sum(axis=0)
        rng.standard_normal(out=z)
        e -= (eta / b) * w["magnitudes"] * (counts * e - np.sqrt(counts) * z)
    return squares(e)


PROCESSES = {
    "sgd": sgd,
    "ornstein-uhlenbeck": ornstein_uhlenbeck,
    "robbins-monro": robbins_monro,
    "averaging": averaging,
    "heavy-ball": heavy_ball,
    "pool": pool,
    "logistic": logistic,
    "robust": robust,
    "streaming": streaming,
    "ensemble": ensemble,
}


def train(w, networks):
    """The mean loss of perceptrons after all steps; equal copies are trained at once, with stacked products."""
    x, labels, layers, eta, b = w["features"], w["labels"], list(w["layers"]), w["step_size"], int(w["batch"])
    layers = [np.tile(layer, (networks, 1, 1)) for layer in layers]
    y = np.eye(10)[labels]
    batches = len(x) // b
    for k in range(w["steps"]):
        batch = slice(k % batches * b, (k % batches + 1) * b)
        inputs = [x[batch][None]]
        for layer in layers[:-1]:
            inputs.append(np.maximum(inputs[-1] @ layer.transpose(0, 2, 1), 0))
        delta = softmax(inputs[-1] @ layers[-1].transpose(0, 2, 1)) - y[batch]
        for l in reversed(range(len(layers))):
            gradient = delta.transpose(0, 2, 1) @ inputs[l]
            if l > 0:
                delta = (delta @ layers[l]) * (inputs[l] > 0)
            layers[l] -= eta / b * gradient
    a = x
    for layer in layers[:-1]:
        a = np.maximum(a @ layer[0].T, 0)
    return -np.log((softmax(a @ layers[-1][0].T) * y).sum(axis=1)).mean()


def softmax(f):
    s = np.exp(f - f.max(axis=-1, keepdims=True))
    s /= s.sum(axis=-1, keepdims=True)
    return s
