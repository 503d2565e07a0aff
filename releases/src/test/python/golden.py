"""Golden files of EncoderWeightsTest and SafetensorsReaderTest: weights as other projects store them, and what those projects compute with them.

Run with torch, torchvision and safetensors:  python golden.py ../resources/golden

torchvision.safetensors   torchvision's own ResNet-18, made narrow, as its state_dict has it
supcontrast.safetensors   names of a SupContrast checkpoint trained on several GPUs, ResNet-50 with a 3x3 stem and a head
half.safetensors, bfloat.safetensors, double.safetensors
                          values of one tensor in three other types, and as float32 what PyTorch makes of them
*-embeddings.safetensors  images in [0, 1] and their embeddings

Weights are random, and so are running statistics: at their initial values a wrong one would not be seen.
"""

import sys

import torch
import torchvision
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional as F

MEAN = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
DEVIATION = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)
WIDTH = 2


class Narrow(torchvision.models.ResNet):
    """torchvision fixes 64 filters; here they are WIDTH."""

    @property
    def inplanes(self):
        return self.__dict__["planes"]

    @inplanes.setter
    def inplanes(self, planes):
        self.__dict__["planes"] = WIDTH if planes == 64 else planes

    def _make_layer(self, block, planes, blocks, stride=1, dilate=False):
        return super()._make_layer(block, planes * WIDTH // 64, blocks, stride, dilate)


class Bottleneck(nn.Module):
    def __init__(self, channels, planes, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, planes, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(planes)
        self.conv2 = nn.Conv2d(planes, planes, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(planes)
        self.conv3 = nn.Conv2d(planes, 4 * planes, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(4 * planes)
        self.shortcut = nn.Sequential()
        if stride != 1 or channels != 4 * planes:
            self.shortcut = nn.Sequential(
                nn.Conv2d(channels, 4 * planes, 1, stride, bias=False), nn.BatchNorm2d(4 * planes)
            )

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        y = F.relu(self.bn2(self.conv2(y)))
        return F.relu(self.bn3(self.conv3(y)) + self.shortcut(x))


class SmallImageResNet(nn.Module):
    """ResNet-50 as for CIFAR: 3x3 convolution of stride 1, no pool."""

    def __init__(self, width):
        super().__init__()
        self.conv1 = nn.Conv2d(3, width, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        channels = width
        for stage, blocks in enumerate((3, 4, 6, 3)):
            layer = nn.Sequential()
            for block in range(blocks):
                layer.append(Bottleneck(channels, width << stage, 2 if stage and not block else 1))
                channels = 4 * (width << stage)
            setattr(self, f"layer{stage + 1}", layer)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        return self.layer4(self.layer3(self.layer2(self.layer1(x)))).mean((2, 3))


class Contrastive(nn.Module):
    """What SupContrast stores under `model`: `encoder.` (spread over GPUs) and `head.`."""

    def __init__(self, encoder, size, projection):
        super().__init__()
        self.encoder = nn.DataParallel(encoder)
        self.head = nn.Sequential(nn.Linear(size, size), nn.ReLU(inplace=True), nn.Linear(size, projection))


def randomise(model):
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.uniform_(module.bias, -0.5, 0.5)
            nn.init.uniform_(module.running_mean, -0.5, 0.5)
            nn.init.uniform_(module.running_var, 0.5, 1.5)
    return model.eval()


def embeddings(features, size, path):
    images = torch.rand(3, 3, size, size)
    with torch.no_grad():
        save_file({"images": images, "embeddings": F.normalize(features((images - MEAN) / DEVIATION))}, path)


folder = sys.argv[1]
torch.manual_seed(7)

narrow = randomise(Narrow(torchvision.models.resnet.BasicBlock, [2, 2, 2, 2], num_classes=4))
narrow.fc = nn.Linear(8 * WIDTH, 4)
save_file(narrow.state_dict(), f"{folder}/torchvision.safetensors")
narrow.fc = nn.Identity()
embeddings(narrow, 24, f"{folder}/torchvision-embeddings.safetensors")

small = randomise(SmallImageResNet(1))
save_file(Contrastive(small, 32, 4).state_dict(), f"{folder}/supcontrast.safetensors")
embeddings(small, 12, f"{folder}/supcontrast-embeddings.safetensors")

values = torch.cat([torch.randn(60, dtype=torch.float64) * 10.0 ** torch.linspace(-9, 5, 60, dtype=torch.float64),
                    torch.tensor([0.0, -0.0, float("inf"), float("-inf"), float("nan"), 1e300], dtype=torch.float64)])
for name, type in (("half", torch.float16), ("bfloat", torch.bfloat16), ("double", torch.float64)):
    stored = values.to(type)
    save_file({"stored": stored, "floats": stored.to(torch.float32)}, f"{folder}/{name}.safetensors")
