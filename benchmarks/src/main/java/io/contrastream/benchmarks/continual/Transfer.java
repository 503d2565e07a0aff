package io.contrastream.benchmarks.continual;

import io.contrastream.learning.encoder.Encoder;
import io.contrastream.learning.learner.Example;
import java.util.List;

/**
 * How well an encoder tells classes apart that it has not learned yet, those of a part to come: test images are said to be of the
 * nearest mean of at most {@value #EXAMPLES} images of each class to learn from. Nothing is learned by it.
 */
record Transfer(ClassStages stages, Encoder encoder) {

    private static final int EXAMPLES = 20;

    /** Test images of a part's new classes that are said to be of their class. */
    int right(int part) {
        List<String> labels = stages.ofPart(part);
        List<Example> examples = labels.stream()
                .flatMap(label -> stages.sample(label, EXAMPLES).stream())
                .toList();
        MemoryClassifier classifier = new MemoryClassifier(examples, encoder);
        return labels.stream()
                .mapToInt(label -> classifier.said(label, classifier.embed(stages.test(label))))
                .sum();
    }
}
