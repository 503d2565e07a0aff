package io.contrastream.benchmarks.continual;

import static org.assertj.core.api.Assertions.assertThat;

import io.contrastream.datasets.Shuffle;
import io.contrastream.jobs.learning.ModelOptions;
import io.contrastream.jobs.learning.option.Recipe;
import io.contrastream.learning.encoder.Encoder;
import io.contrastream.learning.encoder.EncoderEngine;
import io.contrastream.learning.learner.DivergedException;
import io.contrastream.learning.learner.Example;
import io.contrastream.learning.learner.Learner;
import io.contrastream.learning.random.RandomStream;
import io.contrastream.learning.random.RandomStream.Purpose;
import io.contrastream.operators.learn.option.LearnOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.apache.flink.configuration.Configuration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * That learning leads somewhere: a small network learns {@link Textures} that come two at a time, every image once, and recognises
 * all of them at the end. What is broken on purpose must not reach the same bound, or the bound would say nothing.
 */
final class LearningQualityTest {

    private static final int STAGES = 3;
    private static final int IMAGES = 200;
    private static final int TEST_IMAGES = 60;
    private static final int RECALL = 30;

    /**
     * Chance is a sixth. Seen with scr: 0.81, without replay 0.55, with shuffled labels 0.20, with the other sign 0.18; with
     * contrastream: 0.90, 0.68, 0.33, and with the other sign it diverges. Memory is there for the class means even where nothing
     * is recalled.
     */
    private static double bound(Recipe recipe) {
        return recipe == Recipe.SCR ? 0.68 : 0.79;
    }

    private static LearnOptions options(Recipe recipe, int recall) {
        return ModelOptions.of(Configuration.fromMap(Map.of(
                        "model.recipe", recipe.toString(),
                        "image.height", Integer.toString(Textures.SIDE),
                        "image.width", Integer.toString(Textures.SIDE),
                        "encoder.width", "8",
                        "encoder.threads", "1",
                        "learner.recall-size", Integer.toString(recall),
                        "learner.replay.capacity", "120")))
                .learn();
    }

    @ParameterizedTest
    @EnumSource(
            value = Recipe.class,
            names = {"SCR", "CONTRASTREAM"})
    void whatCameOnceAndNotLastIsRecognisedAtTheEnd(Recipe recipe) {
        assertThat(endAccuracy(options(recipe, RECALL), images -> images, encoder -> encoder))
                .isGreaterThan(bound(recipe));
    }

    @ParameterizedTest
    @EnumSource(
            value = Recipe.class,
            names = {"SCR", "CONTRASTREAM"})
    void withoutReplayTheBoundIsNotReached(Recipe recipe) {
        assertThat(endAccuracy(options(recipe, 0), images -> images, encoder -> encoder))
                .isLessThan(bound(recipe));
    }

    @ParameterizedTest
    @EnumSource(
            value = Recipe.class,
            names = {"SCR", "CONTRASTREAM"})
    void withShuffledLabelsTheBoundIsNotReached(Recipe recipe) {
        assertThat(endAccuracy(options(recipe, RECALL), LearningQualityTest::shuffled, encoder -> encoder))
                .isLessThan(bound(recipe));
    }

    @ParameterizedTest
    @EnumSource(
            value = Recipe.class,
            names = {"SCR", "CONTRASTREAM"})
    void withTheOtherSignOfTheLossTheBoundIsNotReached(Recipe recipe) {
        double accuracy;
        try {
            accuracy = endAccuracy(options(recipe, RECALL), images -> images, UphillEncoder::new);
        } catch (DivergedException e) {
            accuracy = 0; // A cross-entropy has no upper end.
        }
        assertThat(accuracy).isLessThan(bound(recipe));
    }

    private static double endAccuracy(
            LearnOptions learn, UnaryOperator<List<Example>> labelled, UnaryOperator<Encoder> encoding) {
        try (Encoder engine = EncoderEngine.find().create(learn.encoder(), learn.training(), learn.device(), 1);
                Encoder encoder = encoding.apply(engine);
                Learner learner = new Learner(learn.learner(), encoder)) {
            for (int stage = 0; stage < STAGES; stage++) {
                List<Example> train = labelled.apply(stage(stage));
                int size = learn.learner().batchSize();
                for (int first = 0; first < train.size(); first += size) {
                    learner.learn(train.subList(first, first + size));
                }
            }
            MemoryClassifier classifier = new MemoryClassifier(learner, encoder);
            int right = IntStream.range(0, Textures.LABELS.size())
                    .map(label -> classifier.said(
                            Textures.LABELS.get(label),
                            classifier.embed(IntStream.range(IMAGES, IMAGES + TEST_IMAGES)
                                    .mapToObj(index -> Textures.image(label, index))
                                    .toList())))
                    .sum();
            return (double) right / (Textures.LABELS.size() * TEST_IMAGES);
        }
    }

    /** Two classes, mixed. */
    private static List<Example> stage(int stage) {
        List<Example> images = new ArrayList<>();
        for (int label = 2 * stage; label < 2 * stage + 2; label++) {
            for (int index = 0; index < IMAGES; index++) {
                images.add(Textures.image(label, index));
            }
        }
        Shuffle.shuffle(images, RandomStream.of(1, Purpose.SHUFFLE, stage, 0));
        return images;
    }

    /** The same images and the same labels, but these of others. */
    private static List<Example> shuffled(List<Example> train) {
        List<String> labels = new ArrayList<>(train.stream().map(Example::label).toList());
        Shuffle.shuffle(labels, RandomStream.of(1, Purpose.SHUFFLE, 0, 0));
        List<Example> shuffled = new ArrayList<>();
        for (int i = 0; i < train.size(); i++) {
            Example example = train.get(i);
            shuffled.add(new Example(example.id(), labels.get(i), example.pixels(), example.eventTimeMillis()));
        }
        return shuffled;
    }
}
