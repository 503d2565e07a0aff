#!/usr/bin/env python3
"""Supervised Contrastive Replay on CIFAR-100 in PyTorch, by the protocol of `contrastream bench continual`: the same JSON keys.

An independent twin of `--recipe scr`: the networks and the loss are twin.py's, the augmentation torchvision's, the rest is here.
With --stream, the file that `contrastream bench continual --stream FILE` writes, both learn the same images in the same order.
"""

import argparse
import json
import os
import platform
import random
import resource
import time
from pathlib import Path

import numpy
import torch
from torch.nn import functional as F
from torchvision.transforms import v2

import twin

# classes, stages, images of a class (0: all), memory, recall
PROTOCOLS = {"mini": (10, 5, 250, 200, 50), "reduced": (20, 5, 0, 400, 100), "full": (100, 10, 0, 2000, 100)}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=Path, required=True, metavar="DIR", help="CIFAR-100 in its binary layout")
    parser.add_argument("--protocol", choices=PROTOCOLS, default="mini")
    order = parser.add_mutually_exclusive_group()
    order.add_argument("--stream", type=Path, metavar="FILE", help="what is learned, in its order: stage, label, id a line")
    order.add_argument("--class-order", type=Path, metavar="FILE", help="a label a line (default: random, from the seed)")
    parser.add_argument("--classes", type=int, metavar="N")
    parser.add_argument("--stages", type=int, metavar="K")
    parser.add_argument("--images-per-class", type=int, metavar="N", help="0 for all")
    parser.add_argument("--memory", type=int, metavar="N")
    parser.add_argument("--recall", type=int, metavar="N")
    parser.add_argument("--batch", type=int, default=10, metavar="N")
    parser.add_argument("--learning-rate", type=float, default=0.1, metavar="R")
    parser.add_argument("--temperature", type=float, default=0.1, metavar="T")
    parser.add_argument("--min-scale", type=float, default=0.2, metavar="S", help="smallest share that a crop keeps (default: %(default)s)")
    parser.add_argument("--review-every", type=int, default=0, metavar="N", help="images after which memory is reviewed; 0 for never")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--device", default="cpu", help="cpu, cuda or cuda:N (default: %(default)s)")
    parser.add_argument("--threads", type=int, default=0, metavar="N", help="of the CPU (default: as many as there are cores)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write all figures as JSON to this file")
    options = parser.parse_args()
    for name, default in zip(("classes", "stages", "images_per_class", "memory", "recall"), PROTOCOLS[options.protocol]):
        if getattr(options, name) is None:
            setattr(options, name, default)
    options.threads = options.threads or len(os.sched_getaffinity(0))
    return options


class Images:
    """One part of CIFAR-100: pixels [N, 3, 32, 32] as bytes, classes [N], and the names of the classes."""

    def __init__(self, folder, part):
        records = numpy.fromfile(folder / f"{part}.bin", numpy.uint8).reshape(-1, 2 + 3072)
        self.pixels = torch.from_numpy(records[:, 2:].reshape(-1, 3, 32, 32).copy())
        self.classes = records[:, 1].astype(int)
        self.labels = (folder / "fine_label_names.txt").read_text().split()

    def of(self, label):
        return numpy.flatnonzero(self.classes == self.labels.index(label))


def stages_of(options, train):
    """Classes of every stage, and the positions of the images that are learned in it, in their order."""
    if options.stream:
        classes, positions = [], []
        for line in options.stream.read_text().splitlines():
            stage, label, identity = line.split("\t")
            while len(classes) <= int(stage):
                classes.append([])
                positions.append([])
            position = int(identity.rsplit("-", 1)[1])
            if train.labels[train.classes[position]] != label:
                raise SystemExit(f"continual: {options.stream}: {identity} is no {label}")
            if label not in classes[-1]:
                classes[-1].append(label)
            positions[-1].append(position)
        return classes, positions
    generator = numpy.random.default_rng(options.seed)
    if options.class_order:
        order = [line.strip() for line in options.class_order.read_text().splitlines() if line.strip()]
    else:
        order = [train.labels[i] for i in generator.permutation(len(train.labels))]
    n, k = options.classes, options.stages
    classes = [order[i * n // k : (i + 1) * n // k] for i in range(k)]
    positions = []
    for stage in classes:
        chosen = [generator.permutation(train.of(label))[: options.images_per_class or None] for label in stage]
        positions.append(generator.permutation(numpy.concatenate(chosen)).tolist())
    return classes, positions


class Reservoir:
    """Every image of the stream with the same probability (Vitter 1985)."""

    def __init__(self, capacity, generator):
        self.capacity, self.generator = capacity, generator
        self.kept, self.seen = [], 0

    def offer(self, position):
        self.seen += 1
        if len(self.kept) < self.capacity:
            self.kept.append(position)
        elif (slot := self.generator.randrange(self.seen)) < self.capacity:
            self.kept[slot] = position

    def recall(self, count):
        return self.generator.sample(self.kept, min(count, len(self.kept)))


class Learner:
    def __init__(self, options, train):
        self.options, self.train = options, train
        self.device = torch.device(options.device)
        self.network = twin.Encoder("resnet18-slim", "cifar").to(self.device, memory_format=torch.channels_last)
        self.optimizer = torch.optim.SGD(self.network.parameters(), lr=options.learning_rate)
        self.memory = Reservoir(options.memory, random.Random(options.seed))
        self.augment = v2.Compose([
            v2.RandomResizedCrop(32, scale=(options.min_scale, 1), antialias=True),
            v2.RandomHorizontalFlip(),
            v2.RandomApply([v2.ColorJitter(0.4, 0.4, 0.4, 0.1)], 0.8),
            v2.RandomGrayscale(0.2),
        ])
        self.since_review = 0

    def learn(self, positions):
        """One mini-batch; its loss."""
        loss = self.step(positions + self.memory.recall(self.options.recall), 1)
        for position in positions:
            self.memory.offer(position)
        self.since_review += len(positions)
        if 0 < self.options.review_every <= self.since_review:
            self.since_review = 0
            self.review()
        return loss

    def step(self, positions, rate):
        self.network.train()
        plain = self.train.pixels[positions].float() / 255  # [N, 3, 32, 32]
        views = torch.cat([plain, torch.stack([self.augment(image) for image in plain])])  # [2N, 3, 32, 32]
        labels = torch.from_numpy(numpy.tile(self.train.classes[positions], 2)).to(self.device)  # [2N]
        z = self.network.project(views.to(self.device, memory_format=torch.channels_last))  # [2N, P]
        loss = twin.supcon(z, labels, self.options.temperature)
        for group in self.optimizer.param_groups:
            group["lr"] = self.options.learning_rate * rate
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return loss.item()

    def review(self):
        """Once over memory in batches of the recall size, the last incomplete one left out, with a tenth of the learning rate."""
        order = self.memory.recall(len(self.memory.kept))
        for first in range(0, len(order) - self.options.recall + 1, self.options.recall):
            self.step(order[first : first + self.options.recall], 0.1)

    @torch.inference_mode()
    def embed(self, pixels):
        self.network.eval()
        parts = [
            self.network.embed((part.float() / 255).to(self.device, memory_format=torch.channels_last)).float().cpu()
            for part in pixels.split(1000)
        ]
        return torch.cat(parts)  # [N, D]

    def right(self, test, stages):
        """Of the test images of every stage, how many are nearest to the mean of their class in memory."""
        kept = self.train.classes[self.memory.kept]
        embeddings = self.embed(self.train.pixels[self.memory.kept])  # [M, D]
        known = numpy.unique(kept)
        means = F.normalize(torch.stack([embeddings[torch.from_numpy(kept == c)].mean(0) for c in known]))  # [C, D]
        counts = []
        for stage in stages:
            positions = numpy.concatenate([test.of(label) for label in stage])
            said = known[(self.embed(test.pixels[positions]) @ means.T).argmax(1).numpy()]
            counts.append(int((said == test.classes[positions]).sum()))
        return counts


def figures(right, images):
    """Of what was right after every stage, by the stage of the class, and the test images: AccuracyMatrix.java has the definitions."""
    matrix = [[count / total for count, total in zip(row, images)] for row in right]
    seen = [sum(row) / sum(images[: len(row)]) for row in right]
    last = len(matrix) - 1
    earlier = range(last)
    return {
        "accuracy_matrix": matrix,
        "accuracy": seen,
        "end_accuracy": seen[-1],
        "average_accuracy": sum(seen) / len(seen),
        "forgetting": sum(max(matrix[i][j] for i in range(j, last)) - matrix[last][j] for j in earlier) / last if last else None,
        "backward_transfer": sum(matrix[last][j] - matrix[j][j] for j in earlier) / last if last else None,
    }


def main():
    options = arguments()
    torch.set_num_threads(options.threads)
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = False
    torch.manual_seed(options.seed)
    train, test = Images(options.images, "train"), Images(options.images, "test")
    classes, positions = stages_of(options, train)
    learner = Learner(options, train)
    cuda = learner.device.type == "cuda"
    right, test_images, losses, seconds, cpu_seconds = [], [], [], [], []
    for stage, images in enumerate(positions):
        start, cpu_start = time.perf_counter(), time.process_time()
        loss = [learner.learn(images[first : first + options.batch]) for first in range(0, len(images), options.batch)]
        seconds.append(time.perf_counter() - start)
        cpu_seconds.append(time.process_time() - cpu_start)
        losses.append(sum(loss) / len(loss))
        test_images.append(sum(len(test.of(label)) for label in classes[stage]))
        right.append(learner.right(test, classes[: stage + 1]))
        shares = " ".join(f"{100 * count / total:.1f}" for count, total in zip(right[-1], test_images))
        print(f"stage {stage + 1} of {len(classes)}: {len(images)} images in {seconds[-1]:.1f} s, loss {losses[-1]:.3f}; accuracy {shares}", flush=True)
    learned = sum(map(len, positions))
    report = {
        "engine": "pytorch",
        "device": torch.cuda.get_device_name(learner.device) if cuda else "cpu",
        "precision": "float32",
        "threads": options.threads,
        "cpu": twin.processor(),
        "version": f"PyTorch {torch.__version__}",
        "python": platform.python_version(),
        "architecture": "resnet18-slim",
        "stem": "cifar",
        "width": twin.WIDTH["resnet18-slim"],
        "size": 32,
        "batch": options.batch,
        "optimizer": "sgd",
        "learning_rate": options.learning_rate,
        "temperature": options.temperature,
        "recall": options.recall,
        "memory": options.memory,
        "reservoir": "uniform",
        "steps_per_batch": 1,
        "first_view_plain": True,
        "review_every": options.review_every,
        "images": f"cifar100:{options.images}",
        "protocol": options.protocol,
        "classes": sum(map(len, classes)),
        "stages": len(classes),
        "images_per_class": options.images_per_class,
        "seed": options.seed,
        "class_order": classes,
        "train_images": learned,
        "images_per_second": learned / sum(seconds),
        "part_images": list(map(len, positions)),
        "loss": losses,
        "train_seconds": seconds,
        "cpu_seconds": cpu_seconds,
        "cpu_ms_per_image": 1000 * sum(cpu_seconds) / learned,
        "test_images": test_images,
    }
    report |= figures(right, test_images)
    report["peak_rss_bytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(f"end accuracy {100 * report['end_accuracy']:.2f}%, average over stages {100 * report['average_accuracy']:.2f}%, "
          f"{report['images_per_second']:.1f} images/s learned")
    if options.json:
        options.json.write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main()
