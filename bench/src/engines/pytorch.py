# PyTorch's CPU build, one thread. Prints the median of each task in milliseconds as JSON.
import json
import statistics
import sys
import time

import torch
from torch import nn

torch.set_num_threads(1)
torch.manual_seed(0)
wanted = sys.argv[1:]
results = {}


def measure(name, make, inner=1):
    if wanted and name not in wanted:
        return
    work = make()
    for _ in range(3):
        work()
    start, times = time.perf_counter(), []
    while len(times) < 5 or time.perf_counter() - start < 1.5:
        t = time.perf_counter()
        work()
        times.append(time.perf_counter() - t)
    results[name] = statistics.median(times) * 1000 / inner


def pair(shape, fn):
    a, b = torch.randn(shape), torch.randn(shape)
    return lambda: lambda: fn(a, b)


def small():
    x, y = torch.ones(4, requires_grad=True), torch.ones(4)

    def work():
        for _ in range(1000):
            x + y

    return work


def training(model, optimizer, inputs, classes):
    targets = torch.randint(0, classes, (inputs.shape[0],))
    criterion = nn.CrossEntropyLoss()

    def work():
        optimizer.zero_grad()
        loss = criterion(model(inputs), targets)
        loss.backward()
        optimizer.step()
        return loss.item()

    return work


def mlp():
    model = nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))
    return training(model, torch.optim.Adam(model.parameters()), torch.rand(64, 784), 10)


def tutorial():
    layers = []
    for a, b in ((3, 32), (32, 32), (32, 64)):
        layers += [nn.Conv2d(a, b, 5, padding=2), nn.MaxPool2d(2)]
    model = nn.Sequential(*layers, nn.Flatten(), nn.Linear(1024, 64), nn.Linear(64, 10))
    return training(model, torch.optim.SGD(model.parameters(), 0.01), torch.rand(64, 3, 32, 32), 10)


def resnet():
    from torchvision.models import resnet18

    model = resnet18()
    return training(model, torch.optim.SGD(model.parameters(), 0.01), torch.rand(8, 3, 224, 224), 1000)


measure("matmul 512", pair((512, 512), torch.matmul))
measure("matmul 1024", pair((1024, 1024), torch.matmul))
measure("op on 4 elements, grad recorded", small, 1000)
measure("relu of 1M", pair((1 << 20,), lambda a, b: torch.relu(a)))
measure("exp of 1M", pair((1 << 20,), lambda a, b: torch.exp(a)))
measure("add of 1M", pair((1 << 20,), torch.add))
measure("MLP 784-128-10 step, Adam", mlp)
measure("tutorial CNN step, SGD", tutorial)
measure("resnet18 step, batch 8, SGD", resnet)
print(json.dumps(results))
