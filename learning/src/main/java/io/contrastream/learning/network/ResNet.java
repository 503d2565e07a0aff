package io.contrastream.learning.network;

import java.util.ArrayList;
import java.util.List;

/**
 * Writes a residual network node by node (He et al. 2016; bottlenecks with the stride at the 3x3 convolution, as torchvision),
 * with the projection head of Khosla et al. 2020 behind it. Names of parameters are torchvision's, those of the head are
 * SupContrast's ({@code head.0}, {@code head.2}).
 */
final class ResNet {

    private final List<Node> nodes = new ArrayList<>();

    private ResNet() {}

    static Network build(EncoderSpec spec) {
        ResNet net = new ResNet();
        int width = spec.width();
        net.add(new Node.Input("images")); // [N, C, H, W]
        net.add(new Node.Normalize(
                "normalize",
                "images",
                spec.normalization().mean(),
                spec.normalization().standardDeviation()));
        String x;
        switch (spec.stem()) {
            case CIFAR ->
                x = net.convBnRelu(
                        "conv1", "bn1", "relu", "normalize", spec.input().channels(), width, 3, 1);
            case IMAGENET -> {
                x = net.convBnRelu(
                        "conv1", "bn1", "relu", "normalize", spec.input().channels(), width, 7, 2);
                x = net.add(new Node.MaxPool("maxpool", x, 3, 2, 1));
            }
            default -> throw new AssertionError(spec.stem());
        }
        boolean bottleneck = spec.architecture().bottleneck();
        int[] blocks = spec.architecture().blocks();
        int in = width;
        for (int stage = 0; stage < blocks.length; stage++) {
            int filters = width << stage;
            int out = bottleneck ? 4 * filters : filters;
            for (int block = 0; block < blocks[stage]; block++) {
                int stride = stage > 0 && block == 0 ? 2 : 1;
                x = net.block("layer" + (stage + 1) + "." + block, x, in, filters, out, stride, bottleneck);
                in = out;
            }
        }
        String features = net.add(new Node.GlobalAveragePool("avgpool", x)); // [N, D]
        String embedding = net.add(new Node.L2Normalize("embedding", features)); // [N, D]
        x = net.add(new Node.Linear("head.0", features, in, in)); // [N, D]
        x = net.add(new Node.Relu("head.1", x));
        x = net.add(new Node.Linear("head.2", x, in, spec.projectionSize())); // [N, P]
        String projection = net.add(new Node.L2Normalize("projection", x)); // [N, P]
        return new Network(net.nodes, embedding, projection);
    }

    private String block(String name, String input, int in, int filters, int out, int stride, boolean bottleneck) {
        String x;
        if (bottleneck) {
            x = convBnRelu(name + ".conv1", name + ".bn1", name + ".relu1", input, in, filters, 1, 1);
            x = convBnRelu(name + ".conv2", name + ".bn2", name + ".relu2", x, filters, filters, 3, stride);
            x = convBn(name + ".conv3", name + ".bn3", x, filters, out, 1, 1);
        } else {
            x = convBnRelu(name + ".conv1", name + ".bn1", name + ".relu1", input, in, filters, 3, stride);
            x = convBn(name + ".conv2", name + ".bn2", x, filters, out, 3, 1);
        }
        String shortcut = stride == 1 && in == out
                ? input
                : convBn(name + ".downsample.0", name + ".downsample.1", input, in, out, 1, stride);
        return add(new Node.Relu(name + ".relu", add(new Node.Add(name + ".add", x, shortcut))));
    }

    private String convBn(String conv, String norm, String input, int in, int out, int kernel, int stride) {
        String x = add(new Node.Convolution(conv, input, in, out, kernel, stride, kernel / 2));
        return add(new Node.BatchNorm(norm, x, out));
    }

    private String convBnRelu(
            String conv, String norm, String relu, String input, int in, int out, int kernel, int stride) {
        return add(new Node.Relu(relu, convBn(conv, norm, input, in, out, kernel, stride)));
    }

    private String add(Node node) {
        nodes.add(node);
        return node.name();
    }
}
