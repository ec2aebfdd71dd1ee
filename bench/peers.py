"""The benchmark's three workloads in NumPy, vectorised over particles.

Written as well as NumPy allows: normals drawn into place, in-place arithmetic on arrays that stay in the cache, the faster of two
bit generators and the best block size found by trial before anything is timed, and the first-passage test a single reduction
whose result is looked at further only when somebody arrived. The physics and its numbers are those of scenes/bench_*.yaml.

    peers.py WORKLOAD PARTICLE_STEPS REPEATS     prints one JSON object; PARTICLE_STEPS is the size of one repeat
"""
import json
import sys
import time

import numpy as np


class SgldDoubleWell:
    """SGLD on (x^2 - 1)^2 from -1 to 1."""

    def __init__(self, particles, random):
        self.random = random
        self.x = np.full(particles, -1.0)
        self.noise, self.factor = np.empty(particles), np.empty(particles)

    def advance(self, steps):
        rate, temperature = 0.01, 0.2
        amplitude = np.sqrt(2 * rate * temperature)
        x, noise, factor, random = self.x, self.noise, self.factor, self.random
        events = 0
        for _ in range(steps):
            random.standard_normal(out=noise)
            noise *= amplitude
            np.multiply(x, x, out=factor)  # x - 4 rate x (x^2 - 1) = x (1 + 4 rate - 4 rate x^2)
            factor *= -4 * rate
            factor += 1 + 4 * rate
            x *= factor
            x += noise
            if x.max() >= 1:
                arrived = x >= 1
                events += np.count_nonzero(arrived)
                x[arrived] = -1
        return events


class LangevinMullerBrown:
    """Langevin dynamics (BAOAB) on the Mueller-Brown surface from its deepest minimum to x >= 0.5."""

    start = np.array([[-0.558223634633], [1.441725841805]])
    rate, friction, temperature = 1e-4, 10.0, 20.0
    terms = list(zip((-200.0, -100.0, -170.0, 15.0), (-1.0, -1.0, -6.5, 0.7), (0.0, 0.0, 11.0, 0.6), (-10.0, -10.0, -6.5, 0.7),
                     (1.0, 0.0, -0.5, -1.0), (0.0, 0.5, 1.5, 1.0)))

    def __init__(self, particles, random):
        self.random = random
        self.q = np.repeat(self.start, particles, axis=1)
        self.p = np.sqrt(self.temperature) * random.standard_normal((2, particles))
        self.noise, self.moved = np.empty((2, particles)), np.empty((2, particles))
        self.gradient = np.zeros((2, particles))
        self.work = np.empty((5, particles))

    def evaluate(self):
        x, y = self.q
        gx, gy = self.gradient
        dx, dy, term, slope, other = self.work
        self.gradient.fill(0)
        for A, a, b, c, x0, y0 in self.terms:
            np.subtract(x, x0, out=dx)
            np.subtract(y, y0, out=dy)
            np.multiply(dx, 2 * a, out=slope)  # the exponent is (dx slope + dy other) / 2
            np.multiply(dy, 2 * c, out=other)
            if b:
                np.multiply(dy, b, out=term)
                slope += term
                np.multiply(dx, b, out=term)
                other += term
            dx *= slope
            dy *= other
            np.add(dx, dy, out=term)
            term *= 0.5
            np.exp(term, out=term)
            term *= A
            slope *= term
            gx += slope
            other *= term
            gy += other

    def advance(self, steps):
        h = np.sqrt(self.rate)
        keep = np.exp(-self.friction * h)
        kick = np.sqrt(self.temperature * (1 - keep * keep))
        q, p, noise, moved, gradient, random = self.q, self.p, self.noise, self.moved, self.gradient, self.random
        events = 0
        for _ in range(steps):
            # gradient holds -h/2 times the gradient's own from the step before
            p += gradient
            np.multiply(p, 0.5 * h, out=moved)
            q += moved
            random.standard_normal(out=noise)
            noise *= kick
            p *= keep
            p += noise
            np.multiply(p, 0.5 * h, out=moved)
            q += moved
            self.evaluate()
            gradient *= -0.5 * h
            p += gradient
            if q[0].max() >= 0.5:
                arrived = np.flatnonzero(q[0] >= 0.5)
                events += len(arrived)
                q[:, arrived] = self.start
                p[:, arrived] = np.sqrt(self.temperature) * random.standard_normal((2, len(arrived)))
                gradient[:, arrived] = 0  # the start is a minimum
        return events


class SgdStyblinskiTang:
    """SGD with curvature noise on the 16-dimensional Styblinski-Tang function, from the shallow minimum of every coordinate until
    the first coordinate reaches the deep one."""

    start = 2.7468027709908376

    def __init__(self, particles, random):
        self.random = random
        self.x = np.full((16, particles), self.start)
        self.noise, self.square, self.variance = np.empty_like(self.x), np.empty_like(self.x), np.empty_like(self.x)

    def advance(self, steps):
        rate, strength, epsilon = 0.01, 90.0, 1.0
        x, noise, square, variance, random = self.x, self.noise, self.square, self.variance, self.random
        events = 0
        for _ in range(steps):
            random.standard_normal(out=noise)
            np.multiply(x, x, out=square)
            np.multiply(square, 6.0, out=variance)
            variance -= 16.0
            np.abs(variance, out=variance)
            variance += epsilon
            variance *= rate * rate * strength
            np.sqrt(variance, out=variance)
            noise *= variance
            square *= -2 * rate  # x - rate (2 x^3 - 16 x + 5/2)
            square += 1 + 16 * rate
            x *= square
            x -= 2.5 * rate
            x += noise
            if x[0].min() <= -2.9:
                arrived = np.flatnonzero(x[0] <= -2.9)
                events += len(arrived)
                x[:, arrived] = self.start
        return events


WORKLOADS = {"sgld_double_well": SgldDoubleWell, "langevin_muller_brown": LangevinMullerBrown,
             "sgd_styblinski_tang": SgdStyblinskiTang}
BLOCKS = {"sgld_double_well": (512, 1024, 2048, 4096, 8192, 16384, 32768), "langevin_muller_brown": (256, 512, 1024, 2048, 4096),
          "sgd_styblinski_tang": (64, 128, 256, 512, 1024)}


def tune(name):
    """Fastest (bit generator, block size): each gets three trials of a tenth of a second."""
    best = (0.0, None, None)
    for generator in (np.random.PCG64, np.random.SFC64):
        for particles in BLOCKS[name]:
            block = WORKLOADS[name](particles, np.random.Generator(generator(1)))
            block.advance(50)
            for _ in range(3):
                steps, begin = 0, time.perf_counter()
                while time.perf_counter() - begin < 0.1:
                    block.advance(50)
                    steps += 50
                speed = particles * steps / (time.perf_counter() - begin)
                best = max(best, (speed, generator, particles), key=lambda entry: entry[0])
    return best[1:]


def main():
    if len(sys.argv) != 4 or sys.argv[1] not in WORKLOADS:
        sys.exit(f"usage: peers.py {'|'.join(WORKLOADS)} PARTICLE_STEPS REPEATS")
    name, budget, repeats = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    generator, particles = tune(name)
    steps = max(1, budget // particles)
    block = WORKLOADS[name](particles, np.random.Generator(generator(1)))
    events = block.advance(steps)  # warm-up: counts for physics, not for time
    fastest = float("inf")
    for _ in range(repeats):
        begin = time.perf_counter()
        events += block.advance(steps)
        fastest = min(fastest, time.perf_counter() - begin)
    exposure = particles * steps * (repeats + 1)
    print(json.dumps({"workload": name, "program": "numpy", "particle_steps_per_second": particles * steps / fastest,
                      "particles": particles, "bit_generator": generator.__name__, "numpy": np.__version__,
                      "events": int(events), "exposure_steps": exposure, "mfpt_steps": exposure / events if events else None}))


if __name__ == "__main__":
    main()
