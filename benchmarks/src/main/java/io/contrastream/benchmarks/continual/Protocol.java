package io.contrastream.benchmarks.continual;

import java.util.Locale;

/** Sizes of a continual-learning run that go together. */
enum Protocol {
    /** Minutes on two cores. */
    MINI(10, 5, 250, 200, 50, 500),
    /** Fewer classes, and all images of them. */
    REDUCED(20, 5, 0, 400, 100, 2000),
    /** Split CIFAR-100 as Supervised Contrastive Replay has it (Mai et al. 2021). */
    FULL(100, 10, 0, 2000, 100, 5000);

    final int classes;
    final int stages;
    /** 0 for all. */
    final int imagesPerClass;

    final int memory;
    final int recall;
    /** Images of a stage of CIFAR-100. */
    final int stageImages;

    Protocol(int classes, int stages, int imagesPerClass, int memory, int recall, int stageImages) {
        this.classes = classes;
        this.stages = stages;
        this.imagesPerClass = imagesPerClass;
        this.memory = memory;
        this.recall = recall;
        this.stageImages = stageImages;
    }

    /** Its name in options: {@code mini}, {@code reduced}, {@code full}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
