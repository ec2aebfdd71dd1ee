"""Training of many small networks in PyTorch (Debian's python3-torch), float64, on one thread: the same networks, data, batches and
optimizer as bench/network.c.

    network_peers.py [SECONDS]     prints one JSON object; "torch" is null where PyTorch is not installed

Two programs, each written as well as PyTorch allows. `batched`: all networks in one baddbmm for each layer, each on a batch of its own
that is gathered by numbers; the backward pass by autograd, and by hand, of which the faster counts. `one`: one network after the
other, as training scripts are. Both take the batches' numbers from a table made beforehand, and both descend by plain SGD.
"""
import json
import pathlib
import sys
import time

import h5py
import numpy as np

NETWORKS, BATCH, HIDDEN, CLASSES, RATE, STEPS = 512, 16, 8, 10, 0.1, 64
DATA = pathlib.Path(__file__).resolve().parent.parent / "data" / "digits.h5"


def start(torch, data, networks, dtype):
    """Weights [network][in][out] and biases [network][1][out] of both layers, uniform as PyTorch draws them."""
    sizes, parameters = (data.shape[1], HIDDEN, CLASSES), []
    for inputs, outputs in zip(sizes, sizes[1:]):
        for shape in ((networks, inputs, outputs), (networks, 1, outputs)):
            parameters.append(((2 * torch.rand(shape, dtype=dtype) - 1) / inputs ** 0.5))
    return parameters


class Autograd:
    """Forward by baddbmm, backward by autograd. Gradients of a sum of losses are those of each network."""

    def __init__(self, torch, data, label, dtype):
        self.torch, self.data, self.label = torch, data, label
        self.parameters = [p.requires_grad_() for p in start(torch, data, NETWORKS, dtype)]

    def step(self, index):
        torch, (w1, b1, w2, b2) = self.torch, self.parameters
        u, c = self.data[index], self.label[index]
        y = torch.baddbmm(b2, torch.tanh(torch.baddbmm(b1, u, w1)), w2)
        loss = torch.nn.functional.cross_entropy(y.view(-1, CLASSES), c.view(-1), reduction="sum")
        gradients = torch.autograd.grad(loss, self.parameters)
        with torch.no_grad():
            torch._foreach_add_(self.parameters, gradients, alpha=-RATE / BATCH)
        return loss.detach() / (BATCH * NETWORKS)


class ByHand:
    """The same without autograd: products of the backward pass go into the parameters at once."""

    def __init__(self, torch, data, label, dtype):
        self.torch, self.data, self.label = torch, data, label
        self.parameters = start(torch, data, NETWORKS, dtype)
        self.one_hot = torch.nn.functional.one_hot(label, CLASSES).to(dtype)

    def step(self, index):
        torch, (w1, b1, w2, b2) = self.torch, self.parameters
        u = self.data[index]
        h = torch.tanh(torch.baddbmm(b1, u, w1))
        error = torch.softmax(torch.baddbmm(b2, h, w2), 2)
        error -= self.one_hot[index]
        back = torch.bmm(error, w2.transpose(1, 2))
        back *= 1 - h * h
        w2.baddbmm_(h.transpose(1, 2), error, alpha=-RATE / BATCH)
        b2.sub_(error.sum(1, keepdim=True), alpha=RATE / BATCH)
        w1.baddbmm_(u.transpose(1, 2), back, alpha=-RATE / BATCH)
        b1.sub_(back.sum(1, keepdim=True), alpha=RATE / BATCH)
        return None

    def loss(self, index):
        torch, (w1, b1, w2, b2) = self.torch, self.parameters
        y = torch.baddbmm(b2, torch.tanh(torch.baddbmm(b1, self.data[index], w1)), w2)
        return torch.nn.functional.cross_entropy(y.view(-1, CLASSES), self.label[index].view(-1))


class OneAtATime:
    """A training script: a module, cross entropy, an optimizer."""

    def __init__(self, torch, data, label, dtype):
        self.torch, self.data, self.label = torch, data, label
        self.module = torch.nn.Sequential(torch.nn.Linear(data.shape[1], HIDDEN), torch.nn.Tanh(), torch.nn.Linear(HIDDEN, CLASSES)).to(dtype)
        self.optimizer = torch.optim.SGD(self.module.parameters(), RATE)

    def step(self, index):
        self.optimizer.zero_grad(set_to_none=True)
        loss = self.torch.nn.functional.cross_entropy(self.module(self.data[index]), self.label[index])
        loss.backward()
        self.optimizer.step()
        return loss.detach()


def time_of(program, tables, seconds, networks):
    """Fastest microseconds for each network and step, after a warm-up."""
    best, end, step = float("inf"), time.perf_counter() + seconds, 0
    for _ in range(5):
        program.step(tables[step % STEPS])
    while time.perf_counter() < end:
        begin = time.process_time()
        program.step(tables[step % STEPS])
        best = min(best, time.process_time() - begin)
        step += 1
    return 1e6 * best / networks


def measure(torch, seconds):
    torch.set_num_threads(1)
    torch.manual_seed(1)
    with h5py.File(DATA) as file:
        pixels, labels = file["x_train"][:] / 16.0, file["y_train"][:].astype(np.int64)
    label, result = torch.from_numpy(labels), {"torch": torch.__version__}
    tables = [torch.randint(len(labels), (NETWORKS, BATCH)) for _ in range(STEPS)]
    for name, dtype in (("float64", torch.float64), ("float32", torch.float32)):
        data = torch.from_numpy(pixels).to(dtype)
        times = {kind.__name__: time_of(kind(torch, data, label, dtype), tables, seconds, NETWORKS) for kind in (Autograd, ByHand)}
        result[name] = {"autograd": times["Autograd"], "by_hand": times["ByHand"], "batched": min(times.values()),
                        "one": time_of(OneAtATime(torch, data, label, dtype), [table[0] for table in tables], seconds, 1)}
    return result


def main():
    try:
        import torch
    except ImportError:
        print(json.dumps({"torch": None}))
        return
    print(json.dumps(measure(torch, float(sys.argv[1]) if len(sys.argv) > 1 else 2.0)))


if __name__ == "__main__":
    main()
