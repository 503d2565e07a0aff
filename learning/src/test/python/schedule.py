"""Golden values for LearningRateScheduleTest: PyTorch's LinearLR followed by its CosineAnnealingLR.

Run with PyTorch:  python schedule.py ../resources/golden/schedule.csv

A line holds: warm-up steps, decay steps, final fraction, step, learning rate (of a full one of 0.3). The schedulers take their last step
at the end of the decay: CosineAnnealingLR would rise again behind it, where a stream's learning rate stays.
"""

import sys

import torch
from torch.optim.lr_scheduler import CosineAnnealingLR, LinearLR, SequentialLR

RATE = 0.3

with open(sys.argv[1], "w") as out:
    out.write(f"warm-up,decay,final,step,rate # PyTorch {torch.__version__}\n")
    for warmup, decay, final in ((1, 10, 0.1), (4, 12, 0.25), (7, 1, 1.0), (20, 33, 1e-3)):
        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], RATE)
        rise = LinearLR(optimizer, 1 / (warmup + 1), 1, warmup)
        fall = CosineAnnealingLR(optimizer, decay, RATE * final)
        scheduler = SequentialLR(optimizer, [rise, fall], [warmup])
        for step in range(warmup + decay + 5):
            out.write(f"{warmup},{decay},{final},{step},{optimizer.param_groups[0]['lr']!r}\n")
            optimizer.step()
            if step < warmup + decay:
                scheduler.step()
