# PyTorch's CPU build. Started with a number of threads and names of rows; prints a line of JSON for each row: the time of
# its fastest run and the median in ms, or why there is none. OMP_NUM_THREADS and OPENBLAS_NUM_THREADS must be set to the same number.
import json
import statistics
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

torch.set_num_threads(int(sys.argv[1]))
torch.manual_seed(0)


def measure(make, inner=1):
    work = make()
    start = time.perf_counter()
    work()
    while time.perf_counter() - start < 0.25:
        work()
    start, times = time.perf_counter(), []
    while len(times) < 3 or time.perf_counter() - start < 0.5:
        t = time.perf_counter()
        work()
        times.append(time.perf_counter() - t)
    return {"ms": min(times) * 1000 / inner, "median": statistics.median(times) * 1000 / inner}


def op(fn, *shapes):
    def make():
        tensors = [torch.randn(shape) for shape in shapes]
        return lambda: fn(*tensors)

    return make


def gradients(fn, *shapes):
    def make():
        inputs = [torch.randn(shape, requires_grad=True) for shape in shapes]
        seed = torch.randn_like(fn(*inputs))
        return lambda: torch.autograd.grad(fn(*inputs), inputs, seed)

    return make


def training(model, optimizer, inputs, targets):
    criterion = nn.CrossEntropyLoss()

    def work():
        optimizer.zero_grad()
        loss = criterion(model(inputs), targets)
        loss.backward()
        optimizer.step()
        return loss.item()

    return work


def conv(x, weight):
    return F.conv2d(x, weight, padding=1)


def cross_entropy():
    x = torch.randn(256, 1000, requires_grad=True)
    targets = torch.randint(0, 1000, (256,))
    return lambda: torch.autograd.grad(F.cross_entropy(x, targets), [x])


def embedding():
    indices = torch.randint(0, 10_000, (4096,))
    return gradients(lambda weight: F.embedding(indices, weight), (10_000, 128))()


def small():
    x, y = torch.ones(4, requires_grad=True), torch.ones(4)

    def work():
        for _ in range(10_000):
            x + y

    return work


def tiny():
    model = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 1))
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    x, y, criterion = torch.rand(4, 2), torch.rand(4, 1), nn.MSELoss()

    def work():
        for _ in range(500):
            optimizer.zero_grad()
            criterion(model(x), y).backward()
            optimizer.step()

    return work


def mlp():
    model = nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))
    optimizer = torch.optim.Adam(model.parameters())
    return training(model, optimizer, torch.rand(64, 784), torch.randint(0, 10, (64,)))


def tutorial():
    layers = []
    for a, b in ((3, 32), (32, 32), (32, 64)):
        layers += [nn.Conv2d(a, b, 5, padding=2), nn.MaxPool2d(2)]
    model = nn.Sequential(*layers, nn.Flatten(), nn.Linear(1024, 64), nn.Linear(64, 10))
    optimizer = torch.optim.SGD(model.parameters(), 0.01)
    return training(model, optimizer, torch.rand(64, 3, 32, 32), torch.randint(0, 10, (64,)))


def lstm():
    model = nn.LSTM(64, 128, num_layers=2)
    x = torch.randn(50, 16, 64)

    def work():
        model.zero_grad()
        model(x)[0].sum().backward()

    return work


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        layer = nn.TransformerEncoderLayer(128, 4, dim_feedforward=256, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2)
        self.head = nn.Linear(128, 10)

    def forward(self, x):
        return self.head(self.encoder(x).mean(1))


def transformer():
    model = Classifier()
    optimizer = torch.optim.Adam(model.parameters())
    return training(model, optimizer, torch.randn(16, 64, 128), torch.randint(0, 10, (16,)))


def resnet():
    from torchvision.models import resnet18

    model = resnet18()
    optimizer = torch.optim.SGD(model.parameters(), 0.01)
    return training(model, optimizer, torch.rand(8, 3, 224, 224), torch.randint(0, 1000, (8,)))


def inference():
    from torchvision.models import resnet18

    model, x = resnet18().eval(), torch.rand(1, 3, 224, 224)

    def work():
        with torch.no_grad():
            return model(x)

    return work


million = (1 << 20,)
tasks = {
    "matmul 512": [op(torch.matmul, (512, 512), (512, 512))],
    "matmul 1023": [op(torch.matmul, (1023, 1023), (1023, 1023))],
    "matmul 1024": [op(torch.matmul, (1024, 1024), (1024, 1024))],
    "conv 3x3, 8x64x56x56 -> 64": [op(conv, (8, 64, 56, 56), (64, 64, 3, 3))],
    "the same, forward + backward": [gradients(conv, (8, 64, 56, 56), (64, 64, 3, 3))],
    "relu of 1M": [op(torch.relu, million)],
    "exp of 1M": [op(torch.exp, million)],
    "add of 1M": [op(torch.add, million, million)],
    "sum of 1M": [op(torch.sum, million)],
    "softmax 1024x1024": [op(lambda x: torch.softmax(x, 1), (1024, 1024))],
    "layer norm 1024x512, forward + backward": [
        gradients(lambda x, w, b: F.layer_norm(x, (512,), w, b), (1024, 512), (512,), (512,))
    ],
    "cross entropy 256x1000, forward + backward": [cross_entropy],
    "embedding 10,000x128, 4,096 indices, forward + backward": [embedding],
    "op on 4 elements, grad recorded": [small, 10_000],
    "tiny network 2-16-1 step, SGD": [tiny, 500],
    "MLP 784-128-10 step, Adam": [mlp],
    "tutorial CNN step, SGD": [tutorial],
    "LSTM 2x128, T=50, batch 16, forward + backward": [lstm],
    "transformer 2x128 step, Adam": [transformer],
    "resnet18 step, batch 8, SGD": [resnet],
    "resnet18 inference, batch 1": [inference],
}

for row in sys.argv[2:]:
    try:
        result = measure(*tasks[row])
    except Exception as error:
        result = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps({"row": row, **result}), flush=True)
