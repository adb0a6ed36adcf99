# PyTorch on the same GPU, float32 without TF32. Prints the card's name and the median time in ms as JSON.
import json
import statistics
import sys
import time

import torch
from torch import nn

if not torch.cuda.is_available():
    sys.exit("PyTorch sees no GPU here")
torch.backends.cuda.matmul.allow_tf32 = False
torch.backends.cudnn.allow_tf32 = False
torch.manual_seed(0)
task, size = sys.argv[1], int(sys.argv[2])
device = "cuda"


def median_time(work, inner):
    times = []
    for _ in range(12):
        start = time.perf_counter()
        for _ in range(inner):
            work()
        torch.cuda.synchronize()
        times.append((time.perf_counter() - start) / inner * 1000)
    return statistics.median(times[2:])


def matmul():
    a, b = torch.randn(2, size, size, device=device)
    return median_time(lambda: a @ b, 10)


def cnn():
    layers = []
    for a, b in ((3, 32), (32, 32), (32, 64)):
        layers += [nn.Conv2d(a, b, 5, padding=2), nn.MaxPool2d(2)]
    model = nn.Sequential(*layers, nn.Flatten(), nn.Linear(1024, 64), nn.Linear(64, 10)).to(device)
    optimizer = torch.optim.SGD(model.parameters(), 0.01)
    criterion = nn.CrossEntropyLoss()
    inputs = torch.rand(size, 3, 32, 32, device=device)
    targets = torch.randint(0, 10, (size,), device=device)

    def step():
        optimizer.zero_grad()
        criterion(model(inputs), targets).backward()
        optimizer.step()

    return median_time(step, 20)


result = {"matmul": matmul, "cnn": cnn}[task]()
print(json.dumps({"name": torch.cuda.get_device_name(), "result": result}))
