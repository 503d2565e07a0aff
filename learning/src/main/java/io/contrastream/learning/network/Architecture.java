package io.contrastream.learning.network;

import java.util.Arrays;
import java.util.stream.Collectors;

/** Families of residual networks (He et al. 2016, arXiv 1512.03385), named as torchvision names them. */
public enum Architecture {
    /** ResNet-18 of 20 filters: the encoder of Supervised Contrastive Replay (Mai et al. 2021). */
    RESNET18_SLIM("resnet18-slim", 20, false),
    RESNET18("resnet18", 64, false),
    RESNET34("resnet34", 64, false),
    RESNET50("resnet50", 64, true);

    private final String id;
    private final int defaultWidth;
    private final boolean bottleneck;

    Architecture(String id, int defaultWidth, boolean bottleneck) {
        this.id = id;
        this.defaultWidth = defaultWidth;
        this.bottleneck = bottleneck;
    }

    /**
     * The architecture of the given name.
     *
     * @throws IllegalArgumentException naming what is allowed if there is none
     */
    public static Architecture of(String id) {
        return Arrays.stream(values())
                .filter(architecture -> architecture.id.equals(id))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("unknown architecture '" + id + "', allowed: "
                        + Arrays.stream(values()).map(Architecture::id).collect(Collectors.joining(", "))));
    }

    /** Its name in options and files. */
    public String id() {
        return id;
    }

    /** Filters of the first stage unless told otherwise; every later stage has twice those of the one before. */
    public int defaultWidth() {
        return defaultWidth;
    }

    /** Whether its blocks are 1x1, 3x3, 1x1 convolutions with four times the filters at the end, rather than two 3x3. */
    boolean bottleneck() {
        return bottleneck;
    }

    /** Residual blocks in each of the four stages. */
    int[] blocks() {
        return switch (this) {
            case RESNET18_SLIM, RESNET18 -> new int[] {2, 2, 2, 2};
            case RESNET34, RESNET50 -> new int[] {3, 4, 6, 3};
        };
    }

    @Override
    public String toString() {
        return id;
    }
}
