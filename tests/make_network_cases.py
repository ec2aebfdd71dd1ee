"""make_network_cases.py: networks of all activations, losses and shapes as PyTorch computes them in float64.

Writes network_cases.h5 (data) and network_cases.json (as network_reference.json) beside itself; made with PyTorch 1.13 (Debian's
python3-torch). The start is drawn once: other versions of PyTorch draw other numbers, which are as good.
"""
import json
import math
import pathlib

import h5py
import torch
import torch.nn.functional as F

HERE = pathlib.Path(__file__).parent
INPUTS, CLASSES, TRAIN, TEST, STEPS = 10, 4, 60, 20, 60
ACTIVATIONS = {"tanh": torch.tanh, "relu": torch.relu, "softplus": F.softplus, "silu": F.silu, "gelu": F.gelu}
#        hidden, activation, residual, loss, optimizer, rate
CASES = [([], "tanh", False, "cross_entropy", "momentum", 0.1),
         ([12], "relu", False, "cross_entropy", "adam", 0.01),
         ([7, 7], "softplus", True, "cross_entropy", "momentum", 0.02),
         ([6, 6, 6], "silu", True, "cross_entropy", "adam", 0.01),
         ([9, 9, 9], "gelu", True, "squared", "momentum", 0.05),
         ([5, 9], "gelu", True, "cross_entropy", "sgd", 0.1),
         ([8, 8], "relu", True, "squared", "adam", 0.01),
         ([23, 12], "tanh", False, "cross_entropy", "momentum", 0.05),
         ([20, 13, 13], "softplus", True, "squared", "adam", 0.005)]


def outputs(x, sizes, activation, residual, u):
    """x in the order of a state_dict."""
    at, h = 0, u
    for l, (inputs, units) in enumerate(zip(sizes, sizes[1:])):
        weight = x[at:at + units * inputs].view(units, inputs)
        bias = x[at + units * inputs:at + units * inputs + units]
        at += units * inputs + units
        z = h @ weight.T + bias
        if l + 2 == len(sizes):
            return z
        f = ACTIVATIONS[activation](z)
        h = h + f if residual and l > 0 and units == inputs else f


def compute(number, case, u, label):
    hidden, activation, residual, kind, optimizer, rate = case
    sizes = [INPUTS, *hidden, CLASSES]
    torch.manual_seed(100 + number)
    start = torch.cat([torch.cat([torch.randn(units * inputs) * math.sqrt(1.5 / inputs), 0.3 * torch.randn(units)])
                       for inputs, units in zip(sizes, sizes[1:])])
    one_hot = F.one_hot(label, CLASSES).double()

    def loss(x):
        y = outputs(x, sizes, activation, residual, u)
        return F.cross_entropy(y, label) if kind == "cross_entropy" else F.mse_loss(y, one_hot)

    direction = torch.randn(len(start))
    direction /= direction.norm()
    x = start.clone().requires_grad_()
    value = loss(x)
    gradient, = torch.autograd.grad(value, x, create_graph=True)
    product, = torch.autograd.grad(gradient @ direction, x, retain_graph=True)
    hessian = torch.stack([torch.autograd.grad(g, x, retain_graph=True)[0] for g in gradient])
    eigenvalues = torch.linalg.eigvalsh(0.5 * (hessian + hessian.T))
    accuracy = (outputs(x, sizes, activation, residual, u).argmax(1) == label).double().mean()

    x = start.clone().requires_grad_()
    make = {"sgd": lambda: torch.optim.SGD([x], rate), "momentum": lambda: torch.optim.SGD([x], rate, momentum=0.9),
            "adam": lambda: torch.optim.Adam([x], rate)}[optimizer]()
    schedule = torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(make, 20, 2, rate / 100)
    losses = []
    for _ in range(STEPS):
        make.zero_grad()
        step = loss(x)
        losses.append(step.item())
        step.backward()
        make.step()
        schedule.step()
    return {"name": f"case_{number}", "file": "network_cases.h5", "sizes": sizes, "activation": activation, "residual": residual,
            "loss_kind": kind, "optimizer": optimizer, "lr": rate, "start": start.tolist(), "loss": value.item(),
            "accuracy": accuracy.item(), "gradient": gradient.tolist(), "direction": direction.tolist(),
            "hessian_times_direction": product.tolist(), "hessian_trace": hessian.trace().item(),
            "hessian_largest": eigenvalues[-1].item(), "hessian_smallest": eigenvalues[0].item(), "losses": losses,
            "end": x.tolist()}


def main():
    torch.set_default_dtype(torch.float64)
    torch.manual_seed(1)
    u = torch.randn(TRAIN + TEST, INPUTS)
    label = (u @ torch.randn(INPUTS, CLASSES) + torch.randn(TRAIN + TEST, CLASSES)).argmax(1)
    with h5py.File(HERE / "network_cases.h5", "w") as file:
        for name, part in (("train", slice(0, TRAIN)), ("test", slice(TRAIN, None))):
            file[f"x_{name}"] = u[part].numpy()
            file[f"y_{name}"] = label[part].numpy().astype("uint8")
    cases = [compute(k, case, u[:TRAIN], label[:TRAIN]) for k, case in enumerate(CASES)]
    (HERE / "network_cases.json").write_text("[" + ",\n".join(json.dumps(case) for case in cases) + "]\n")


if __name__ == "__main__":
    main()
