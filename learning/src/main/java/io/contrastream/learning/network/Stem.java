package io.contrastream.learning.network;

import java.util.Arrays;

/** How a residual network starts. */
public enum Stem {
    /** 3x3 convolution of stride 1, no pool: for small images such as 32x32. */
    CIFAR("cifar"),
    /** 7x7 convolution of stride 2 and 3x3 max pool of stride 2: for images such as 224x224. */
    IMAGENET("imagenet");

    private final String id;

    Stem(String id) {
        this.id = id;
    }

    /**
     * The stem of the given name.
     *
     * @throws IllegalArgumentException naming what is allowed if there is none
     */
    public static Stem of(String id) {
        return Arrays.stream(values())
                .filter(stem -> stem.id.equals(id))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("unknown stem '" + id + "', allowed: cifar, imagenet"));
    }

    /** Its name in options and files. */
    public String id() {
        return id;
    }

    @Override
    public String toString() {
        return id;
    }
}
