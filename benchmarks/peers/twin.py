"""The encoder and its training step in PyTorch: the same networks, parameter names, loss and optimisers as Contrastream's.

Networks: He et al. 2016, names and strides as torchvision's, projection head as SupContrast's (`head.0`, `head.2`).
Loss: L_out of Khosla et al. 2020, equation 2; anchors without positives are left out of the sum and of its mean.
"""

import json
import platform

import torch
from torch import nn
from torch.nn import functional as F

BLOCKS = {"resnet18-slim": (2, 2, 2, 2), "resnet18": (2, 2, 2, 2), "resnet34": (3, 4, 6, 3), "resnet50": (3, 4, 6, 3)}
WIDTH = {"resnet18-slim": 20, "resnet18": 64, "resnet34": 64, "resnet50": 64}
NORMALIZATION = {
    "cifar100": ((0.5071, 0.4867, 0.4408), (0.2675, 0.2565, 0.2761)),
    "imagenet": ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
}


class Block(nn.Module):
    """Two 3x3 convolutions and the shortcut; or, as a bottleneck, 1x1, 3x3 (with the stride) and 1x1 of four times the filters."""

    def __init__(self, channels, filters, stride, bottleneck):
        super().__init__()
        out = 4 * filters if bottleneck else filters
        if bottleneck:
            kernels = ((channels, filters, 1, 1), (filters, filters, 3, stride), (filters, out, 1, 1))
        else:
            kernels = ((channels, filters, 3, stride), (filters, out, 3, 1))
        self.length = len(kernels)
        for number, (i, o, kernel, step) in enumerate(kernels, 1):
            setattr(self, f"conv{number}", nn.Conv2d(i, o, kernel, step, kernel // 2, bias=False))
            setattr(self, f"bn{number}", nn.BatchNorm2d(o))
        self.downsample = None
        if stride != 1 or channels != out:
            self.downsample = nn.Sequential(nn.Conv2d(channels, out, 1, stride, bias=False), nn.BatchNorm2d(out))

    def forward(self, x):
        shortcut = x if self.downsample is None else self.downsample(x)
        for number in range(1, self.length + 1):
            x = getattr(self, f"bn{number}")(getattr(self, f"conv{number}")(x))
            if number < self.length:
                x = F.relu(x, inplace=True)
        return F.relu(x.add_(shortcut), inplace=True)


class Encoder(nn.Module):
    """[N, C, H, W] in [0, 1] → embeddings [N, D] of length 1, as Contrastream publishes them, with `encoder.mirror-embedding` too;
    `features` are these of the images alone before they are scaled, `project` is what the loss works on.

    With the weights of `contrastream weights export`:

        model = Encoder.load("encoder.safetensors").eval()
        with torch.inference_mode():
            embeddings = model(images)
    """

    @staticmethod
    def load(file):
        """The encoder in a file of `contrastream weights export`, whose metadata says which network it is."""
        from safetensors import safe_open

        with safe_open(file, "pt") as tensors:
            metadata = tensors.metadata() or {}
            weights = {name: tensors.get_tensor(name) for name in tensors.keys()}
        if "contrastream.architecture" not in metadata:
            raise ValueError(f"{file} was not written by contrastream weights export: it does not say which network it is")
        value = {key.removeprefix("contrastream."): text for key, text in metadata.items()}
        model = Encoder(
            value["architecture"],
            value["stem"],
            int(value["width"]),
            len(json.loads(value["mean"])),
            int(value["projection"]),
            (json.loads(value["mean"]), json.loads(value["std"])),
            value.get("mirror-embedding") == "true",
        )
        missing, left = model.load_state_dict(weights, strict=False)
        missing = [name for name in missing if not name.endswith("num_batches_tracked")]  # which nothing uses
        if missing or left:
            raise ValueError(f"{file} does not fit {value['architecture']}: missing {missing}, left over {left}")
        return model

    def __init__(
        self, architecture, stem, width=None, channels=3, projection=128, normalization=NORMALIZATION["cifar100"], mirror=False
    ):
        super().__init__()
        self.mirror = mirror
        width = width or WIDTH[architecture]
        bottleneck = architecture == "resnet50"
        mean, deviation = normalization
        self.register_buffer("mean", torch.tensor(mean).view(1, -1, 1, 1), persistent=False)
        self.register_buffer("deviation", torch.tensor(deviation).view(1, -1, 1, 1), persistent=False)
        self.cifar = stem == "cifar"
        self.conv1 = nn.Conv2d(channels, width, 3 if self.cifar else 7, 1 if self.cifar else 2, 1 if self.cifar else 3, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        size = width
        for stage, blocks in enumerate(BLOCKS[architecture]):
            filters = width << stage
            layer = nn.Sequential()
            for block in range(blocks):
                layer.append(Block(size, filters, 2 if stage > 0 and block == 0 else 1, bottleneck))
                size = 4 * filters if bottleneck else filters
            setattr(self, f"layer{stage + 1}", layer)
        self.head = nn.Sequential(nn.Linear(size, size), nn.ReLU(inplace=True), nn.Linear(size, projection))
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def features(self, images):
        x = (images - self.mean) / self.deviation  # [N, C, H, W]
        x = F.relu(self.bn1(self.conv1(x)), inplace=True)
        if not self.cifar:
            x = F.max_pool2d(x, 3, 2, 1)
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return x.mean((2, 3))  # [N, D]

    def embed(self, images):
        embeddings = F.normalize(self.features(images))  # [N, D]
        if self.mirror:
            embeddings = F.normalize(embeddings + F.normalize(self.features(images.flip(3))))
        return embeddings

    def forward(self, images):
        return self.embed(images)  # [N, D]

    def project(self, images):
        return F.normalize(self.head(self.features(images)))  # [N, P]


def supcon(z, labels, temperature):
    """Mean over the anchors that have positives; z [N, P] of unit rows, labels [N]."""
    n = len(labels)
    self_pair = torch.eye(n, dtype=torch.bool, device=z.device)
    positive = (labels[:, None] == labels[None, :]) & ~self_pair  # [N, N]
    similarity = z @ z.T / temperature  # [N, N]
    log_sum = similarity.masked_fill(self_pair, float("-inf")).logsumexp(1)  # [N]
    count = positive.sum(1)  # [N]
    attraction = (similarity * positive).sum(1) / count.clamp(min=1)
    anchors = count > 0
    return ((log_sum - attraction) * anchors).sum() / anchors.sum().clamp(min=1)


def processor():
    """Its model, or its architecture where that is not told."""
    with open("/proc/cpuinfo") as file:
        return next((line.split(":", 1)[1].strip() for line in file if line.startswith("model name")), platform.machine())
