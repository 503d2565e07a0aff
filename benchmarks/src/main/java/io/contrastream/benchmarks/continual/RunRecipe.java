package io.contrastream.benchmarks.continual;

import io.contrastream.jobs.learning.option.LearningSettings;
import io.contrastream.jobs.learning.option.ModelSettings;
import io.contrastream.jobs.learning.option.Recipe;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.apache.flink.configuration.Configuration;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Recipe of a run: one of a job's, or a bound that what the job's recipes reach can be held against, with the job's default recipe
 * for all that it does not say.
 */
record RunRecipe(Recipe job, Bound bound) {

    static final RunRecipe DEFAULT = new RunRecipe(Recipe.CONTRASTREAM, null);

    /** A bound that a job has no use for. */
    enum Bound {
        /** Below: fine-tuning on the new images alone. Memory serves the class means and nothing else. */
        NAIVE,
        /** Above: all classes come together, and everything that has come is remembered. */
        JOINT;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** @throws IllegalArgumentException naming those that there are, if there is no such recipe */
    static RunRecipe of(String name) {
        for (Recipe recipe : Recipe.values()) {
            if (recipe.toString().equalsIgnoreCase(name)) {
                return new RunRecipe(recipe, null);
            }
        }
        for (Bound bound : Bound.values()) {
            if (bound.toString().equalsIgnoreCase(name)) {
                return new RunRecipe(Recipe.CONTRASTREAM, bound);
            }
        }
        throw new IllegalArgumentException("expected one of " + names() + " but was '" + name + "'");
    }

    private static List<String> names() {
        return Stream.concat(
                        Stream.of(Recipe.values()).map(Recipe::toString),
                        Stream.of(Bound.values()).map(Bound::toString))
                .toList();
    }

    boolean joint() {
        return bound == Bound.JOINT;
    }

    /**
     * A job's options that it sets, beneath all that are set otherwise.
     *
     * @param images that are learned from in all; 0 if that is not known yet
     */
    Configuration options(Protocol protocol, int images) {
        Configuration options = new Configuration();
        options.set(
                LearningSettings.REPLAY_CAPACITY.option(), joint() ? remembered(protocol, images) : protocol.memory);
        options.set(LearningSettings.RECALL_SIZE.option(), bound == Bound.NAIVE ? 0 : protocol.recall);
        if (bound == Bound.NAIVE) {
            options.set(LearningSettings.REVIEW_IMAGES.option(), 0);
        } else if (job == Recipe.SCR) {
            options.set(LearningSettings.REVIEW_IMAGES.option(), protocol.stageImages);
        }
        options.set(ModelSettings.RECIPE.option(), job);
        return options;
    }

    private static int remembered(Protocol protocol, int images) {
        return images > 0 ? Math.max(images, protocol.recall) : protocol.stages * protocol.stageImages;
    }

    @Override
    public String toString() {
        return bound == null ? job.toString() : bound.toString();
    }

    /** Reads {@code --recipe}. */
    static final class Converter implements ITypeConverter<RunRecipe> {

        @Override
        public RunRecipe convert(String value) {
            try {
                return of(value);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }

    /** The names, for the help. */
    static final class Names implements Iterable<String> {

        @Override
        public Iterator<String> iterator() {
            return new ArrayList<>(names()).iterator();
        }
    }
}
