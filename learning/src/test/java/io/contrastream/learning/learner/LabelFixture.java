package io.contrastream.learning.learner;

import io.contrastream.learning.encoder.OptimizerOptions;
import io.contrastream.learning.encoder.TrainingOptions;
import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.learner.LearnerOptions.Reservoir;
import io.contrastream.learning.network.Architecture;
import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.learning.network.Normalization;
import io.contrastream.learning.network.Stem;

/** A small learner and its images, for tests of images that have more or less than one label. */
final class LabelFixture {

    static final EncoderSpec SPEC = new EncoderSpec(
            Architecture.RESNET18_SLIM, Stem.CIFAR, 2, new ImageShape(3, 8, 8), 8, Normalization.CIFAR100);
    static final TrainingOptions TRAINING = new TrainingOptions(OptimizerOptions.sgd(0.05, 0.9, 1e-4), 0.1, 0.95);
    static final GeneratedExamples EXAMPLES = new GeneratedExamples(SPEC.input(), 7);

    /** With a classifier, reviews and everything else that looks at classes. */
    static final LearnerOptions OPTIONS = new LearnerOptions(
                    5,
                    10,
                    new ReplayOptions(40, 20, Reservoir.CLASS_BALANCED),
                    new StepOptions(2, 2, 2),
                    new ReviewOptions(7, false, 60))
            .with(LossOptions.classified(0.5))
            .withAccuracyWindow(50);

    private LabelFixture() {}
}
