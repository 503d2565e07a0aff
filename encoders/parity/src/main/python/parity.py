"""Golden values of ParityTest: what PyTorch computes in double precision from the same weights, images and options.

Run with PyTorch from the repository's root:

    python encoders/parity/src/main/python/parity.py [case ...]

It writes encoders/parity/src/main/resources/io/contrastream/encoders/parity/<case>.csv. CASES is the only table of settings: every
file carries its own, and the test reads them there. Weights and images are not stored but generated on both sides from seeds (class
Inputs of the test). The lines `own` say how far PyTorch's own single precision is from the double one: the engines' bounds are fair if
these are well below them.
"""

import pathlib
import sys

import numpy
import torch
from torch.nn import functional as F

ROOT = pathlib.Path(__file__).resolve().parents[5]
sys.path.insert(0, str(ROOT / "benchmarks/peers"))
import twin  # noqa: E402

OUT = ROOT / "encoders/parity/src/main/resources/io/contrastream/encoders/parity"

COMMON = {
    "projection": 128,
    "classes": 4,
    "temperature": 0.5,
    "steps": 20,
    "sgd.learning-rate": 3e-4,
    "sgd.momentum": 0.9,
    "sgd.weight-decay": 0.1,
    "adam.learning-rate": 1e-4,
    "adam.weight-decay": 1e-2,
    "warmup-steps": 4,
    "decay-steps": 12,
    "final-fraction": 0.1,
}
SLOWER = {"sgd.learning-rate": 1e-4, "adam.learning-rate": 2e-5}
CASES = {
    "resnet18-slim-cifar": {"architecture": "resnet18-slim", "stem": "cifar", "side": 16, "views": 16, "seed": 1},
    "resnet18-slim-imagenet": {"architecture": "resnet18-slim", "stem": "imagenet", "side": 48, "views": 12, "seed": 1},
    "resnet18-cifar": {"architecture": "resnet18", "stem": "cifar", "side": 16, "views": 8, "seed": 2} | SLOWER,
    "resnet34-imagenet": {"architecture": "resnet34", "stem": "imagenet", "side": 48, "views": 8, "seed": 3} | SLOWER,
    "resnet50-cifar": {"architecture": "resnet50", "stem": "cifar", "side": 8, "views": 8, "seed": 1} | SLOWER,
}
PLAIN_IMAGES = 2
PROJECTIONS = 8
CLEAR = 2

GAMMA = 0x9E3779B97F4A7C15
MASK = (1 << 64) - 1
INITIALISE, GENERATE, SHUFFLE = 1, 5, 6


def mix(z):
    z = (z ^ (z >> numpy.uint64(30))) * numpy.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> numpy.uint64(27))) * numpy.uint64(0x94D049BB133111EB)
    return z ^ (z >> numpy.uint64(31))


class Stream:
    """RandomStream of the learning core, many numbers at a time."""

    def __init__(self, seed, purpose, step, index):
        self.state = mix(numpy.array([(seed + GAMMA) & MASK], numpy.uint64))
        for part in (purpose, step, index):
            self.state = mix(self.state ^ numpy.uint64((part + GAMMA) & MASK))

    def longs(self, n):
        values = self.state + numpy.arange(1, n + 1, dtype=numpy.uint64) * numpy.uint64(GAMMA)
        self.state = values[-1:]
        return mix(values)

    def doubles(self, n):
        return (self.longs(n) >> numpy.uint64(11)) * 2.0**-53

    def ints(self, n, bound):
        return ((self.longs(n) >> numpy.uint64(32)) * numpy.uint64(bound) >> numpy.uint64(32)).astype(numpy.int64)

    def gaussians(self, n):
        pairs = self.doubles(2 * n).reshape(n, 2)
        return numpy.sqrt(-2 * numpy.log(1 - pairs[:, 0])) * numpy.cos(2 * numpy.pi * pairs[:, 1])


def initial_value(name, shape, random, last_norm, weight):
    """Network.initialParameters; batch normalisation moved away from 1 and 0, which would hide an array that is left out.

    A bias is two to two and a half standard deviations of what it is added to, up in every other channel and down in the ones between: what
    comes in front of a ReLU is then seldom near 0, where the gradient jumps and rounding decides, and still has both signs in every
    layer. The last weight of each block is small, much as He et al. 2019 (section 3.1) start it at 0.
    """
    n = int(numpy.prod(shape))
    if len(shape) == 4:
        return numpy.sqrt(2 / (shape[0] * shape[2] * shape[3])) * random.gaussians(n)
    if name.startswith("head."):
        return None
    doubles = random.doubles(n)
    if name.endswith(last_norm + ".weight"):
        return 0.1 + 0.1 * doubles
    if name.endswith("running_var") or name.endswith(".weight"):
        return 0.75 + 0.5 * doubles
    if name.endswith(".bias"):
        return numpy.where(numpy.arange(n) % 2 == 0, 1, -1) * (2 + 0.5 * doubles) * weight
    return -0.25 + 0.5 * doubles


def initialise(encoder, seed):
    fan, weight = 0, None
    last_norm = f".bn{encoder.layer1[0].length}"
    arrays = [(name, array) for name, array in encoder.state_dict().items() if not name.endswith("num_batches_tracked")]
    for index, (name, array) in enumerate(arrays):
        random = Stream(seed, INITIALISE, 0, index)
        values = initial_value(name, array.shape, random, last_norm, weight)
        if values is None:
            fan = array.shape[1] if array.dim() == 2 else fan  # a bias follows its weight
            bound = 1 / numpy.sqrt(fan)
            values = -bound + 2 * bound * random.doubles(array.numel())
        values = values.astype(numpy.float32)
        weight = values.astype(numpy.float64)
        array.copy_(torch.from_numpy(values).view(array.shape))


def levels(case, step, index, n):
    """Low and high value of each channel, [3, 1] each, and n shares of the way between them, [3, n]."""
    values = Stream(case["seed"], GENERATE, step, index).doubles(3 * (2 + n)).reshape(3, 2 + n)
    return values[:, :1], values[:, 1:2], values[:, 2:]


def batch(case, step):
    """Views of noise between a low and a high value of each channel, which are half the class's and half the view's own; labels."""
    pixels = case["side"] ** 2
    labels = Stream(case["seed"], GENERATE, step, case["views"]).ints(case["views"], case["classes"])
    views = numpy.empty((case["views"], 3, pixels), numpy.float32)
    for view, label in enumerate(labels.tolist()):
        class_low, class_high, _ = levels(case, -1, label, 0)
        low, high, share = levels(case, step, view, pixels)
        low, high = (class_low + low) / 2, (class_high + high) / 2
        views[view] = low + (high - low) * share
    return torch.from_numpy(views).view(-1, 3, case["side"], case["side"]), torch.from_numpy(labels)


def make(case, dtype):
    encoder = twin.Encoder(case["architecture"], case["stem"], projection=case["projection"])
    initialise(encoder, case["seed"])
    return encoder.to(dtype)


def optimizer(kind, encoder, case):
    rate, decay = case[f"{kind}.learning-rate"], case[f"{kind}.weight-decay"]
    if kind == "sgd":
        return torch.optim.SGD(encoder.parameters(), rate, momentum=case["sgd.momentum"], weight_decay=decay)
    return torch.optim.Adam(encoder.parameters(), rate, weight_decay=decay)


def schedule(optimizer, warmup, decay, final):
    """Linear warm-up, then a half cosine; the caller stops stepping it when both are over."""
    rate = optimizer.param_groups[0]["lr"]
    rise = torch.optim.lr_scheduler.LinearLR(optimizer, 1 / (warmup + 1), 1, warmup)
    fall = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, decay, rate * final)
    return torch.optim.lr_scheduler.SequentialLR(optimizer, [rise, fall], [warmup])


def differentiate(encoder, case, step, dtype):
    views, labels = batch(case, step)
    loss = twin.supcon(encoder.project(views.to(dtype)), labels, case["temperature"])
    loss.backward()
    return loss.item()


def kinks(case, step, dtype):
    """What comes in front of every ReLU, and by how much the largest value of every window of a pooling is larger than the next."""
    found = []
    relu, max_pool = F.relu, F.max_pool2d

    def kept_relu(x, inplace=False):
        found.append(x.detach().double().clone())
        return relu(x, inplace)

    def kept_pool(x, kernel, stride, padding):
        windows = F.unfold(x.detach().flatten(0, 1)[:, None], kernel, padding=padding, stride=stride)  # zeros around, as x is >= 0
        top = windows.double().topk(2, 1).values
        found.append(torch.where(top[:, 0] > 0, top[:, 0] - top[:, 1], torch.inf))
        return max_pool(x, kernel, stride, padding)

    F.relu, F.max_pool2d = kept_relu, kept_pool
    try:
        with torch.no_grad():
            make(case, dtype).train().project(batch(case, step)[0].to(dtype))
    finally:
        F.relu, F.max_pool2d = relu, max_pool
    return found


def clearance(case, step):
    """How far the values of a batch are from where the gradient jumps, in largest errors of PyTorch's single precision there."""
    ratios = []
    for exact, single in zip(kinks(case, step, torch.float64), kinks(case, step, torch.float32)):
        finite = exact.isfinite() & single.isfinite()
        error = (exact - single)[finite].abs().max().item()
        ratios.append(exact.abs().min().item() / error if error > 0 else numpy.inf)
    return min(ratios)


def clear_step(case):
    """The first batch that stays clear of these places, so that no engine's rounding decides."""
    step = 0
    while clearance(case, step) < CLEAR:
        step += 1
    return step


def gradient(case, dtype):
    """{array: gradient} of the fresh encoder."""
    encoder = make(case, dtype).train()
    differentiate(encoder, case, case["gradient-step"], dtype)
    return {name: p.grad for name, p in encoder.named_parameters()}


def compute(case, dtype):
    """{kind: {array: values}} of rows, gradient, weights and optimiser slots, and the losses of both runs."""
    found = {}
    encoder = make(case, dtype).eval()
    images = batch(case, 0)[0][:PLAIN_IMAGES].to(dtype)
    with torch.no_grad():
        found["embedding"] = dict(enumerate(encoder.embed(images)))
        found["projection"] = dict(enumerate(encoder.project(images)))
    found["gradient"] = gradient(case, dtype)
    for kind in ("sgd", "adam"):
        encoder = make(case, dtype).train()
        rule = optimizer(kind, encoder, case)
        rates = schedule(rule, case["warmup-steps"], case["decay-steps"], case["final-fraction"])
        losses = []
        for step in range(case["steps"]):
            rule.zero_grad()
            losses.append(differentiate(encoder, case, step, dtype))
            rule.step()
            if step < case["warmup-steps"] + case["decay-steps"]:
                rates.step()
        found["first-loss"] = {0: torch.tensor(losses[:1], dtype=torch.float64)}
        found[f"{kind}-losses"] = {0: torch.tensor(losses, dtype=torch.float64)}
        found[f"{kind}-weights"] = {n: a for n, a in encoder.state_dict().items() if not n.endswith("num_batches_tracked")}
        slots = ("momentum_buffer",) if kind == "sgd" else ("exp_avg", "exp_avg_sq")
        found[f"{kind}-slots"] = {
            f"{slot}/{name}": rule.state[p][slot] for slot in slots for name, p in encoder.named_parameters()
        }
    return found


def sketch(values, start, seed, index):
    """The norm, that of the way from the start (of weights; other arrays start at 0), and inner products with random signs.

    Bit k of the i-th number of the array's stream is the i-th sign of product k.
    """
    flat = values.detach().double().numpy().ravel()
    bits = Stream(seed, SHUFFLE, 0, index).longs(flat.size)
    products = []
    for k in range(PROJECTIONS):
        negative = (bits >> numpy.uint64(k) & numpy.uint64(1)).astype(bool)
        products.append(flat.sum() - 2 * flat[negative].sum())
    way = values if start is None else values - start
    return [values.norm().item(), way.norm().item(), *products]


def distance(values, reference):
    return ((values.double() - reference).norm() / reference.norm()).item()


def write(name, case):
    case = case | {"gradient-step": clear_step(case)}
    print(f"{name}: batch {case['gradient-step']} is clear of kinks by {clearance(case, case['gradient-step']):.1f} errors", flush=True)
    reference, single = compute(case, torch.float64), compute(case, torch.float32)
    start = make(case, torch.float64).state_dict()
    with open(OUT / f"{name}.csv", "w") as out:
        out.write(f"# Made by parity.py with PyTorch {torch.__version__}; do not edit.\n")
        for key, value in case.items():
            out.write(f"setting,{key},{value}\n")
        for kind, arrays in reference.items():
            errors = {array: distance(single[kind][array], value) for array, value in arrays.items()}
            worst = max(errors, key=errors.get)
            out.write(f"own,{kind},{errors[worst]:.1e},{worst}\n")
            print(f"{name}: {kind}: {errors[worst]:.1e} {worst}", flush=True)
        for kind, arrays in reference.items():
            whole = kind in ("embedding", "projection") or "loss" in kind
            for index, (array, values) in enumerate(arrays.items()):
                cells = values.tolist() if whole else sketch(values, start.get(array) if kind.endswith("weights") else None, case["seed"], index)
                out.write(",".join([kind, str(array), *(f"{cell:.9g}" for cell in cells)]) + "\n")


if __name__ == "__main__":
    torch.set_num_threads(1)
    for name in sys.argv[1:] or CASES:
        write(name, COMMON | {"width": twin.WIDTH[CASES[name]["architecture"]]} | CASES[name])
