"""Golden values for NetworkTest: names and shapes of torchvision's residual networks.

Run with torchvision:  python network.py ../resources/golden/torchvision-parameters.csv

Left out: the classifier (fc), which our networks do not have, and num_batches_tracked, which only counts.
"""

import sys

import torchvision

with open(sys.argv[1], "w") as out:
    out.write("architecture,name,shape\n")
    for architecture in ("resnet18", "resnet34", "resnet50"):
        for name, tensor in torchvision.models.get_model(architecture).state_dict().items():
            if not name.startswith("fc.") and not name.endswith("num_batches_tracked"):
                out.write(f"{architecture},{name},{'x'.join(map(str, tensor.shape))}\n")
