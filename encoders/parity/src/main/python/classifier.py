"""Golden values of ClassifierParityTest: what PyTorch computes in double precision with a classifier beside the contrastive loss.

Run with PyTorch from the repository's root:

    python encoders/parity/src/main/python/classifier.py

It writes encoders/parity/src/main/resources/io/contrastream/encoders/parity/classifier.csv. Network, weights, images and options are
those of parity.py; the classifier is a linear layer of the features whose rows start as the learning core has them.
"""

import numpy
import parity
import torch
from torch.nn import functional as F

CASE = parity.COMMON | {
    "architecture": "resnet18-slim",
    "stem": "cifar",
    "width": 20,
    "side": 16,
    "views": 16,
    "seed": 1,
    "classifier-weight": 0.7,
    "classifier-seed": 3,
}
CLASSIFIER = 7  # RandomStream.Purpose


def classifier(features, dtype):
    bound = 1 / numpy.sqrt(features)
    layer = torch.nn.Linear(features, CASE["classes"], dtype=dtype)
    for k in range(CASE["classes"]):
        row = -bound + 2 * bound * parity.Stream(CASE["classifier-seed"], CLASSIFIER, 0, k).doubles(features)
        layer.weight.data[k] = torch.from_numpy(row.astype(numpy.float32))
    torch.nn.init.zeros_(layer.bias)
    return layer


def differentiate(encoder, layer, step, dtype):
    views, labels = parity.batch(CASE, step)
    features = encoder.features(views.to(dtype))
    contrastive = parity.twin.supcon(F.normalize(encoder.head(features)), labels, CASE["temperature"])
    loss = contrastive + CASE["classifier-weight"] * F.cross_entropy(layer(features), labels)
    loss.backward()
    return loss.item()


def rows(weight, bias):
    return {**dict(enumerate(weight)), "bias": bias}


def compute(dtype):
    """{kind: {array: values}}: the classifier whole, arrays of the network to be sketched."""
    found = {}
    for kind in ("sgd", "adam"):
        encoder = parity.make(CASE, dtype).train()
        layer = classifier(encoder.head[0].in_features, dtype)
        parameters = [*encoder.parameters(), *layer.parameters()]
        rate, decay = CASE[f"{kind}.learning-rate"], CASE[f"{kind}.weight-decay"]
        if kind == "sgd":
            rule = torch.optim.SGD(parameters, rate, momentum=CASE["sgd.momentum"], weight_decay=decay)
        else:
            rule = torch.optim.Adam(parameters, rate, weight_decay=decay)
        rates = parity.schedule(rule, CASE["warmup-steps"], CASE["decay-steps"], CASE["final-fraction"])
        losses = []
        for step in range(CASE["steps"]):
            rule.zero_grad()
            losses.append(differentiate(encoder, layer, step, dtype))
            if step == 0:
                found["classifier-gradient"] = {a: v.clone() for a, v in rows(layer.weight.grad, layer.bias.grad).items()}
            rule.step()
            if step < CASE["warmup-steps"] + CASE["decay-steps"]:
                rates.step()
        found[f"{kind}-losses"] = {0: torch.tensor(losses, dtype=torch.float64)}
        found[f"{kind}-classifier"] = rows(layer.weight.detach(), layer.bias.detach())
        for slot in ("momentum_buffer",) if kind == "sgd" else ("exp_avg", "exp_avg_sq"):
            found[f"{kind}-{slot}"] = rows(rule.state[layer.weight][slot], rule.state[layer.bias][slot])
        found[f"{kind}-weights"] = {n: a for n, a in encoder.state_dict().items() if not n.endswith("num_batches_tracked")}
    return found


def write():
    reference, single = compute(torch.float64), compute(torch.float32)
    start = parity.make(CASE, torch.float64).state_dict()
    with open(parity.OUT / "classifier.csv", "w") as out:
        out.write(f"# Made by classifier.py with PyTorch {torch.__version__}; do not edit.\n")
        for key, value in CASE.items():
            out.write(f"setting,{key},{value}\n")
        for kind, arrays in reference.items():
            errors = {array: parity.distance(single[kind][array], value) for array, value in arrays.items()}
            worst = max(errors, key=errors.get)
            out.write(f"own,{kind},{errors[worst]:.1e},{worst}\n")
            print(f"{kind}: {errors[worst]:.1e} {worst}", flush=True)
        for kind, arrays in reference.items():
            sketched = kind.endswith("weights")
            for index, (array, values) in enumerate(arrays.items()):
                cells = parity.sketch(values, start[array], CASE["seed"], index) if sketched else values.tolist()
                out.write(",".join([kind, str(array), *(f"{cell:.9g}" for cell in cells)]) + "\n")


if __name__ == "__main__":
    torch.set_num_threads(1)
    write()
