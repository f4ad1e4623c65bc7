"""The workloads in JAX, as one would write them for speed: one compiled scan over the steps, vectorised over replicates.

Every `make_*` returns a function of a key that gives |e|^2 of all replicates after the last step.
"""

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax, random

jax.config.update("jax_enable_x64", True)


def scan(w, n, start, step):
    """`step(state, key, k)` for all steps; the first part of the state is e."""

    def simulate(key):
        body = lambda state, x: (step(state, *x), None)
        state, _ = lax.scan(body, start(n), (random.split(key, w["steps"]), jnp.arange(w["steps"])))
        return state

    return simulate


def tiled(w):
    return lambda n: jnp.tile(w["start"], (n, 1))


def squares(e):
    return jnp.sum(e * e, axis=1)


def descent(w, n, decay, shape):
    def step(e, key, k):
        z = random.normal(key, e.shape)
        return decay(k) * e - z @ shape(k)

    return scan(w, n, tiled(w), step)


def sgd(w, n):
    eta = w["step_size"]
    decay, shape = 1 - eta * w["curvatures"], eta * jnp.linalg.cholesky(w["noise"]).T
    simulate = descent(w, n, lambda k: decay, lambda k: shape)
    return lambda key: squares(simulate(key))


def sgd_as_first_written(w):
    """A function of a key: one replicate under `scan`, all of them by `vmap`, compiled."""
    eta, h, factor = w["step_size"], w["curvatures"], jnp.linalg.cholesky(w["noise"])

    def one(key):
        step = lambda e, key: (e - eta * (h * e + factor @ random.normal(key, e.shape)), None)
        e, _ = lax.scan(step, w["start"], random.split(key, w["steps"]))
        return e @ e

    return lambda key, all_at_once=jax.jit(jax.vmap(one)): all_at_once(random.split(key, w["replicates"]))


def ornstein_uhlenbeck(w, n):
    h, dt = w["curvatures"], w["step_size"]
    rates = h[:, None] + h
    shape = jnp.linalg.cholesky(w["noise"] * -jnp.expm1(-rates * dt) / rates).T
    decay = jnp.exp(-h * dt)
    simulate = descent(w, n, lambda k: decay, lambda k: shape)
    return lambda key: squares(simulate(key))


def robbins_monro(w, n):
    h, factor = w["curvatures"], jnp.linalg.cholesky(w["noise"]).T
    eta = lambda k: w["scale"] / (k + w["offset"])
    simulate = descent(w, n, lambda k: 1 - eta(k) * h, lambda k: eta(k) * factor)
    return lambda key: squares(simulate(key))


def averaging(w, n):
    eta = w["step_size"]
    decay, shape = 1 - eta * w["curvatures"], eta * jnp.linalg.cholesky(w["noise"]).T

    def step(state, key, k):
        e, total = state
        e = decay * e - random.normal(key, e.shape) @ shape
        return e, total + e

    start = lambda n: (tiled(w)(n), jnp.zeros((n, w["dimension"])))
    simulate = scan(w, n, start, step)
    return lambda key: squares(simulate(key)[1] / w["steps"])


def heavy_ball(w, n):
    eta, h = w["step_size"], w["curvatures"]
    shape = eta * jnp.linalg.cholesky(w["noise"]).T

    def step(state, key, k):
        e, v = state
        v = w["momentum"] * v - random.normal(key, e.shape) @ shape - eta * h * e
        return e + v, v

    start = lambda n: (tiled(w)(n), jnp.zeros((n, w["dimension"])))
    simulate = scan(w, n, start, step)
    return lambda key: squares(simulate(key)[0])


def distinct(key, n, samples, batch):
    """A batch of different samples for each replicate, by Floyd's algorithm on all replicates at once."""
    largest = jnp.arange(samples - batch, samples)
    drawn = random.randint(key, (n, batch), 0, largest + 1)

    def choose(i, picks):
        pick = drawn[:, i]
        taken = jnp.any(picks == pick[:, None], axis=1)
        return picks.at[:, i].set(jnp.where(taken, largest[i], pick))

    return lax.fori_loop(0, batch, choose, jnp.full((n, batch), -1))


def pool(w, n):
    d, b, eta = w["dimension"], int(w["batch"]), w["step_size"]
    gradients = w["pool"].reshape(-1, d) @ jnp.linalg.cholesky(w["noise"]).T
    decay = 1 - eta * w["curvatures"]

    def step(e, key, k):
        return decay * e - eta * gradients[distinct(key, n, len(gradients), b)].mean(axis=1)

    simulate = scan(w, n, tiled(w), step)
    return lambda key: squares(simulate(key))


def regression(w, n, loss):
    """The gradient is that of the mean loss of a batch, by automatic differentiation."""
    d, b, eta = w["dimension"], int(w["batch"]), w["step_size"]
    features, targets = jnp.asarray(w["features"].reshape(-1, d)), jnp.asarray(w["targets"])
    gradient = jax.vmap(jax.grad(lambda theta, x, y: loss(x @ theta, y).mean()))

    def step(theta, key, k):
        picks = distinct(key, n, len(features), b)
        return theta - eta * gradient(theta, features[picks], targets[picks])

    simulate = scan(w, n, lambda n: jnp.tile(w["minimiser"] + w["start"], (n, 1)), step)
    return lambda key: squares(simulate(key) - w["minimiser"])


def logistic(w, n):
    return regression(w, n, lambda u, y: jnp.logaddexp(0.0, u) - y * u)


def robust(w, n):
    return regression(w, n, lambda u, y: 0.5 * (u - y) ** 2 / (1 + (u - y) ** 2))


def streaming(w, n):
    b, eta, deviations = int(w["batch"]), w["step_size"], jnp.sqrt(w["variances"])

    def step(e, key, k):
        of_features, of_noise = random.split(key)
        x = deviations * random.normal(of_features, (n, b, w["dimension"]))
        residuals = jnp.einsum("rbi,ri->rb", x, e) - random.normal(of_noise, (n, b))
        return e - eta / b * jnp.einsum("rb,rbi->ri", residuals, x)

    simulate = scan(w, n, tiled(w), step)
    return lambda key: squares(simulate(key))


def ensemble(w, n):
    b, eta = int(w["batch"]), w["step_size"]

    def step(e, key, k):
        of_members, of_minima = random.split(key)
        counts = (random.uniform(of_members, (b, *e.shape)) < w["chances"]).sum(axis=0)
        z = random.normal(of_minima, e.shape)
        return e - eta / b * w["magnitudes"] * (counts * e - jnp.sqrt(counts) * z)

    simulate = scan(w, n, tiled(w), step)
    return lambda key: squares(simulate(key))


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


def compiled(name, workload, batch, cores):
    """A function of a key: |e|^2 of all replicates, `batch` at a time on each core."""
    n = workload["replicates"]
    batch = min(batch, n // cores)
    one = PROCESSES[name](workload, batch)
    one_core = lambda keys: lax.map(one, keys)
    mesh = jax.make_mesh((cores,), ("core",), axis_types=(jax.sharding.AxisType.Auto,))
    spec = jax.sharding.PartitionSpec("core")
    spread = jax.jit(jax.shard_map(one_core, mesh=mesh, in_specs=spec, out_specs=spec, check_vma=False))
    return lambda key: spread(random.split(key, n // batch)).reshape(-1)


def make_training(w, networks):
    """The mean losses of perceptrons after all steps, all trained at once."""
    x, y, b, eta = jnp.asarray(w["features"]), jnp.asarray(w["labels"]), int(w["batch"]), w["step_size"]
    x_batches, y_batches = x.reshape(-1, b, x.shape[1]), y.reshape(-1, b)
    count = len(x_batches)

    def train(layers):
        def step(layers, k):
            gradient = jax.grad(network_loss)(layers, x_batches[k % count], y_batches[k % count])
            return jax.tree.map(lambda p, g: p - eta * g, layers, gradient), None

        layers, _ = lax.scan(step, layers, jnp.arange(w["steps"]))
        return layers

    layers = [jnp.tile(layer, (networks, 1, 1)) for layer in w["layers"]]
    trained = jax.jit(jax.vmap(train))
    loss = jax.jit(lambda layers: network_loss(layers, x, y))
    return (lambda: trained(layers)), (lambda all_layers: loss([layer[0] for layer in all_layers]))


def network_loss(layers, x, y):
    for layer in layers[:-1]:
        x = jax.nn.relu(x @ layer.T)
    log_chances = jax.nn.log_softmax(x @ layers[-1].T)
    return -jnp.take_along_axis(log_chances, y[:, None], axis=1).mean()


def make_reading(w):
    """The exponent of noise against curvature over the leading directions of the middle layer's Hessian, by Lanczos' method on
    Hessian-vector products."""
    from scipy.sparse.linalg import LinearOperator, eigsh

    x, y, m = jnp.asarray(w["features"]), jnp.asarray(w["labels"]), int(w["directions"])
    of_layer = lambda v, layers, x, y: network_loss([layers[0], v.reshape(layers[1].shape), layers[2]], x, y)

    @jax.jit
    def product(v, u, layers):
        return jax.jvp(lambda v: jax.grad(of_layer)(v, layers, x, y), (v,), (u,))[1]

    @jax.jit
    def noise_along(v, layers, directions):
        one = lambda x, y: jax.grad(of_layer)(v, layers, x[None], y[None])
        return jnp.var(jax.vmap(one)(x, y) @ directions, axis=0)

    def read(layers):
        v = layers[1].reshape(-1)
        operator = LinearOperator((v.size, v.size), matvec=lambda u: np.asarray(product(v, jnp.asarray(u).reshape(-1), layers)), dtype=np.float64)
        curvatures, directions = eigsh(operator, k=m, which="LA", tol=1e-10, v0=np.ones(v.size))
        noise = np.asarray(noise_along(v, layers, jnp.asarray(directions)))
        return np.polyfit(np.log(curvatures), np.log(noise), 1)[0]

    return read
