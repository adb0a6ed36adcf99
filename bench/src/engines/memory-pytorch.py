# What a training step of one network holds at most, in PyTorch's CPU build, one thread. Started with the network's name;
# prints a line of JSON, in bytes. Tensors are counted by the profiler, above those that outlive the step.
import json
import resource
import sys

import torch
from torch import nn

torch.set_num_threads(1)
torch.manual_seed(0)
name = sys.argv[1]
if name == "resnet18":
    from torchvision.models import resnet18


def tutorial():
    layers = []
    for a, b in ((3, 32), (32, 32), (32, 64)):
        layers += [nn.Conv2d(a, b, 5, padding=2), nn.MaxPool2d(2)]
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(1024, 64), nn.Linear(64, 10))


def resident():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * resource.getpagesize()


imported = resident()
if name == "mlp":
    model = nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))
    optimizer, shape, classes = torch.optim.Adam(model.parameters()), (64, 784), 10
elif name == "cnn":
    model = tutorial()
    optimizer, shape, classes = torch.optim.SGD(model.parameters(), 0.01), (64, 3, 32, 32), 10
else:
    model = resnet18()
    optimizer, shape, classes = torch.optim.SGD(model.parameters(), 0.01), (8, 3, 224, 224), 1000
inputs, targets = torch.rand(shape), torch.randint(0, classes, shape[:1])
criterion = nn.CrossEntropyLoss()


def step():
    optimizer.zero_grad(set_to_none=True)
    loss = criterion(model(inputs), targets)
    loss.backward()
    optimizer.step()


for _ in range(5):
    step()
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

lasting = [inputs, targets, *model.parameters(), *model.buffers()]
lasting += [p.grad for p in model.parameters()]
for state in optimizer.state.values():
    lasting += [x for x in state.values() if torch.is_tensor(x)]
live = sum(x.numel() * x.element_size() for x in lasting)
profile = torch.autograd.profiler_legacy.profile(profile_memory=True)
records = []
parse = torch.autograd.profiler_legacy._parse_legacy_records
# The profile itself sums up by op; what is wanted is every allocation in turn.
torch.autograd.profiler_legacy._parse_legacy_records = lambda found: records.extend(found) or parse(found)
with profile:
    step()
start = records[0][0]
changes = [(start.cpu_elapsed_us(r), r.cpu_memory_usage()) for part in records for r in part if r.kind() == "memory_alloc"]
most = live
for _, change in sorted(changes, key=lambda pair: pair[0]):
    live += change
    most = max(most, live)
print(json.dumps({"resident": peak - imported, "tensors": most}))
