"""As much of PyTorch as twin.py uses to load weights and to embed images, on NumPy: names, shapes and the forward pass."""

import contextlib
import sys
import types

import numpy
import safetensors


class Tensor(numpy.ndarray):
    def view(self, *shape):
        return self.reshape(shape)

    def flip(self, axis):
        return numpy.flip(self, axis)

    def add_(self, other):
        self += other
        return self


def tensor(values):
    return from_numpy(numpy.asarray(values, numpy.float32))


def from_numpy(array):
    return array.view(Tensor)


class Module:
    """Parameters and buffers that are stored are `stored`, by name; modules are attributes."""

    def __init__(self):
        self.stored = {}

    def register_buffer(self, name, value, persistent=True):
        assert not persistent
        setattr(self, name, value)

    def children(self):
        return [(name, value) for name, value in vars(self).items() if isinstance(value, Module)]

    def modules(self):
        yield self
        for _, child in self.children():
            yield from child.modules()

    def tensors(self, prefix=""):
        """The dictionary that has a tensor, and its name in it, by its full name."""
        for name in self.stored:
            yield prefix + name, (self.stored, name)
        for child, module in self.children():
            yield from module.tensors(f"{prefix}{child}.")

    def load_state_dict(self, weights, strict):
        assert not strict
        own = dict(self.tensors())
        for name, value in weights.items():
            if name in own:
                stored, key = own[name]
                if stored[key].shape != value.shape:
                    raise RuntimeError(f"size mismatch for {name}: {value.shape} and {stored[key].shape}")
                stored[key] = numpy.asarray(value)
        return [name for name in own if name not in weights], [name for name in weights if name not in own]

    def eval(self):
        return self

    def __call__(self, x):
        return self.forward(x)


class Conv2d(Module):
    def __init__(self, channels, filters, kernel, stride=1, padding=0, bias=True):
        super().__init__()
        assert not bias
        self.kernel, self.stride, self.padding = kernel, stride, padding
        self.stored["weight"] = numpy.zeros((filters, channels, kernel, kernel), numpy.float32)

    @property
    def weight(self):
        return self.stored["weight"]

    def forward(self, x):
        space = ((0, 0), (0, 0), (self.padding, self.padding), (self.padding, self.padding))
        windows = numpy.lib.stride_tricks.sliding_window_view(numpy.pad(x, space), (self.kernel, self.kernel), (2, 3))
        windows = windows[:, :, :: self.stride, :: self.stride]  # [N, C, H, W, K, K]
        return from_numpy(numpy.einsum("nchwij,fcij->nfhw", windows, self.weight))


class BatchNorm2d(Module):
    def __init__(self, channels):
        super().__init__()
        for name in ("weight", "bias", "running_mean", "running_var"):
            self.stored[name] = numpy.zeros(channels, numpy.float32)

    def forward(self, x):
        weight, bias, mean, variance = (value.reshape(1, -1, 1, 1) for value in self.stored.values())
        return (x - mean) / numpy.sqrt(variance + 1e-5) * weight + bias


class Linear(Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.stored["weight"] = numpy.zeros((outputs, inputs), numpy.float32)
        self.stored["bias"] = numpy.zeros(outputs, numpy.float32)


class ReLU(Module):
    def __init__(self, inplace):
        super().__init__()


class Sequential(Module):
    def __init__(self, *modules):
        super().__init__()
        for module in modules:
            self.append(module)

    def append(self, module):
        setattr(self, str(len(self.children())), module)

    def forward(self, x):
        for _, module in self.children():
            x = module(x)
        return x


def install():
    """Makes `import torch` find this, and safetensors hand out NumPy's arrays for PyTorch's."""
    torch = types.ModuleType("torch")
    nn = types.ModuleType("torch.nn")
    functional = types.ModuleType("torch.nn.functional")
    functional.relu = lambda x, inplace: numpy.maximum(x, 0)
    functional.normalize = lambda x: x / numpy.linalg.norm(x, axis=1, keepdims=True)
    for layer in (Module, Conv2d, BatchNorm2d, Linear, ReLU, Sequential):
        setattr(nn, layer.__name__, layer)
    nn.init = types.SimpleNamespace(kaiming_normal_=lambda weight, mode, nonlinearity: None)
    nn.functional = functional
    torch.nn, torch.tensor, torch.from_numpy, torch.inference_mode = nn, tensor, from_numpy, contextlib.nullcontext
    sys.modules.update({"torch": torch, "torch.nn": nn, "torch.nn.functional": functional})
    by_numpy = safetensors.safe_open
    safetensors.safe_open = lambda file, framework: by_numpy(file, "np")
