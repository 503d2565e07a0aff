"""Golden values for SupConTwinTest: the loss by PyTorch in double precision, its gradient by autograd.

Run with torch:  python supcon.py ../resources/golden/supcon.csv

A line holds: form, temperature, labels (space-separated), projections (row-major), loss, gradient (row-major).
"""

import sys

import torch

torch.manual_seed(1)


def loss(z, labels, temperature, form):
    same = labels[:, None] == labels[None, :]
    others = ~torch.eye(len(labels), dtype=torch.bool)
    positives = (same & others).double()
    logits = z @ z.T / temperature
    everything = torch.logsumexp(logits.masked_fill(~others, -torch.inf), dim=1, keepdim=True)
    counts = positives.sum(1)
    anchors = counts > 0
    if not anchors.any():
        return (z * 0).sum()
    if form == "OUT":
        each = -(positives * (logits - everything))[anchors].sum(1) / counts[anchors]
    else:
        chosen = torch.logsumexp(logits[anchors].masked_fill(positives[anchors] == 0, -torch.inf), dim=1)
        each = counts[anchors].log() - chosen + everything[anchors, 0]
    return each.mean()


CASES = [
    ([0, 0, 1, 1], 3, True, 0.1),
    ([0, 1, 2, 0, 1, 2], 8, True, 0.07),
    ([0, 0, 0, 0, 0], 4, True, 0.5),
    ([0, 1, 2, 3], 4, True, 0.1),
    ([5, 5, 5, 9, 2, 2, 7], 5, True, 0.1),
    ([1, 1, 1, 1, 1, 1, 0, 0], 6, True, 0.01),
    ([0, 0, 1, 1, 1], 3, False, 1.0),
]

with open(sys.argv[1], "w") as out:
    out.write("form,temperature,labels,projections,loss,gradient\n")
    for labels, size, unit, temperature in CASES:
        for form in ("OUT", "IN"):
            z = torch.randn(len(labels), size, dtype=torch.float64)
            if unit:
                z = torch.nn.functional.normalize(z)
            z.requires_grad_()
            value = loss(z, torch.tensor(labels), temperature, form)
            value.backward()
            rows = [labels, z.detach().flatten().tolist(), z.grad.flatten().tolist()]
            labels_text, z_text, gradient_text = (" ".join(map(repr, row)) for row in rows)
            out.write(f"{form},{temperature},{labels_text},{z_text},{value.item()!r},{gradient_text}\n")
