"""make_pytorch_trajectories.py [ROWS] > pytorch_trajectories_options.json

Trajectories by PyTorch itself (1.13, Debian's python3-torch) in float64: optimizers with random options on random landscapes under
random schedules, for test_pytorch_trajectories.c. Only those that rounding errors do not change: a second path, whose gradients are
off by parts of 1e-15, has to stay within 1e-11 of the first. Where a step of fixed length jumps to and fro over a minimum it does not.
"""
import json
import random
import sys

import torch

STEPS, EVERY = 200, 10
rng = random.Random(1)
pick = lambda *values: rng.choice(values)  # noqa: E731


def muller_brown(x):
    rows = ((-200, -1, 0, -10, 1, 0), (-100, -1, 0, -10, 0, 0.5), (-170, -6.5, 11, -6.5, -0.5, 1.5), (15, 0.7, 0.6, 0.7, -1, 1))
    return 0.05 * sum(A * torch.exp(a * (x[0] - u) ** 2 + b * (x[0] - u) * (x[1] - v) + c * (x[1] - v) ** 2) for A, a, b, c, u, v in rows)


LANDSCAPES = (
    ("himmelblau", "", lambda x: (x[0] ** 2 + x[1] - 11) ** 2 + (x[0] + x[1] ** 2 - 7) ** 2, (0.3, -0.7)),
    ("styblinski_tang", "dim=2", lambda x: 0.5 * (x ** 4 - 16 * x ** 2 + 5 * x).sum(), (0.5, -0.4)),
    ("harmonic", "dim=2 stiffness=[1,5]", lambda x: 0.5 * (x[0] ** 2 + 5 * x[1] ** 2), (1.3, -0.8)),
    ("double_well", "dim=2 tilt=0.3 stiffness=2", lambda x: (x[0] ** 2 - 1) ** 2 + 0.3 * x[0] + x[1] ** 2, (0.1, 0.9)),
    ("muller_brown", "scale=0.05", muller_brown, (-0.3, 0.9)),
)


def adam(name):
    options = dict(betas=(pick(0.0, 0.5, 0.8, 0.9, 0.95), pick(0.9, 0.99, 0.999, 0.9999)), eps=pick(1e-8, 1e-8, 1e-6, 1e-3, 0.1),
                   weight_decay=pick(0.0, 0.01, 0.1, 0.3), amsgrad=pick(False, True))
    ours = dict(beta1=options["betas"][0], beta2=options["betas"][1], epsilon=options["eps"], weight_decay=options["weight_decay"],
                amsgrad=options["amsgrad"])
    return name, ours, options, pick(0.01, 0.05, 0.1), {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[name]


def rmsprop(name):
    options = dict(alpha=pick(0.9, 0.95, 0.99, 0.999), eps=pick(1e-8, 1e-4, 0.1), momentum=pick(0.0, 0.5, 0.9), centered=pick(False, True),
                   weight_decay=pick(0.0, 0.01, 0.1))
    return name, {("epsilon" if key == "eps" else key): value for key, value in options.items()}, options, pick(0.001, 0.01, 0.02), torch.optim.RMSprop


def adagrad(name):
    options = dict(lr_decay=pick(0.0, 0.01, 0.1), eps=pick(1e-10, 1e-4, 0.1), initial_accumulator_value=pick(0.0, 0.1, 1.0),
                   weight_decay=pick(0.0, 0.01, 0.1))
    return name, {("epsilon" if key == "eps" else key): value for key, value in options.items()}, options, pick(0.05, 0.2, 0.5), torch.optim.Adagrad


def momentum(name):
    options = dict(momentum=pick(0.0, 0.5, 0.9), weight_decay=pick(0.0, 0.01, 0.1))
    options["nesterov"] = options["momentum"] > 0 and pick(False, True)
    options["dampening"] = 0.0 if options["nesterov"] else pick(0.0, 0.3)
    return name, options, options, pick(0.0005, 0.002), torch.optim.SGD


def schedule(lr):
    of = torch.optim.lr_scheduler
    return pick(
        ("constant", "", None),
        ("cosine", f"lr_min={lr / 50!r} steps={STEPS}", lambda o: of.CosineAnnealingLR(o, STEPS, lr / 50)),
        ("cosine_restarts", f"lr_min={lr / 100!r} period=20 period_mult=2", lambda o: of.CosineAnnealingWarmRestarts(o, 20, 2, lr / 100)),
        ("step", "every=40 factor=0.5", lambda o: of.StepLR(o, 40, 0.5)),
        ("exponential", "factor=0.99", lambda o: of.ExponentialLR(o, 0.99)),
        ("linear", f"lr_end={lr * 0.1!r} steps=150", lambda o: of.LinearLR(o, 1, 0.1, 150)),
        ("polynomial", f"steps={STEPS} power=1.5", lambda o: of.PolynomialLR(o, STEPS, 1.5)))


def path(loss, start, optimizer, options, lr, make_schedule, error):
    x = torch.tensor(start, requires_grad=True)
    stepper = optimizer([x], lr=lr, **options)
    rates = make_schedule(stepper) if make_schedule else None
    positions = []
    for _ in range(STEPS):
        stepper.zero_grad()
        loss(x).backward()
        x.grad *= 1 + error * (2 * torch.rand(2) - 1)
        stepper.step()
        if rates:
            rates.step()
        positions.append(x.detach().tolist())
    return positions


def distance(a, b):
    return max(abs(p / q - 1) for one, other in zip(a, b) for p, q in zip(one, other))


def row(make, name):
    landscape, parameters, loss, middle = rng.choice(LANDSCAPES)
    start = [value + rng.uniform(-0.2, 0.2) for value in middle]
    name, ours, options, lr, optimizer = make(name)
    schedule_name, schedule_parameters, make_schedule = schedule(lr)
    positions = path(loss, start, optimizer, options, lr, make_schedule, 0)
    if distance(path(loss, start, optimizer, options, lr, make_schedule, 1e-15), positions) > 1e-11:
        return None
    text = " ".join(f"{key}={str(value).lower()}" for key, value in ours.items())
    return {"landscape": landscape, "landscape_parameters": parameters, "dynamics": name, "parameters": text, "schedule": schedule_name,
            "schedule_parameters": f"lr={lr!r} {schedule_parameters}".strip(), "start": start, "every": EVERY, "position": positions[EVERY - 1::EVERY]}


def main():
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    torch.set_default_dtype(torch.float64)
    torch.manual_seed(1)
    makers = ((adam, "adam"), (adam, "adamw"), (rmsprop, "rmsprop"), (adagrad, "adagrad"), (momentum, "momentum"))
    rows = []
    while len(rows) < wanted:
        made = row(*makers[len(rows) % len(makers)])
        if made:
            rows.append(made)
    print("[" + ",\n ".join(json.dumps(made) for made in rows) + "]")


if __name__ == "__main__":
    main()
