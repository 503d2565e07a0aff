package io.contrastream.benchmarks.continual;

import io.contrastream.learning.learner.Example;
import io.contrastream.learning.random.RandomStream;
import io.contrastream.learning.random.RandomStream.Purpose;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A change that is put into a stream, in its second half.
 *
 * @param course how it comes
 * @param change what it is
 * @param images of the stream
 * @param seed of where it is while it comes gradually
 */
record PlantedDrift(Course course, Change change, int images, long seed) {

    /** Courses of a change. */
    enum Course {
        /** Never. */
        NONE,
        /** From one image to the next, to stay. */
        SUDDEN,
        /** Of ever more images, over a quarter of the stream. */
        GRADUAL,
        /** And goes, and comes again, every eighth of the stream. */
        RECURRING;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Kinds of change. */
    enum Change {
        /** Images have another class's label. */
        LABELS,
        /** Images are negatives of themselves. */
        PIXELS;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Positions at which something begins to change, counted from 0. */
    List<Integer> onsets() {
        List<Integer> onsets = new ArrayList<>();
        if (course != Course.NONE) {
            for (int at = images / 2; at < images; at += course == Course.RECURRING ? images / 8 : images) {
                onsets.add(at);
            }
        }
        return onsets;
    }

    /** The example at the position, changed if it is there. */
    Example at(int position, Example example, List<String> labels) {
        if (!changed(position)) {
            return example;
        }
        if (change == Change.LABELS) {
            String other = labels.get((labels.indexOf(example.label()) + 1) % labels.size());
            return new Example(example.id(), other, example.pixels(), example.eventTimeMillis());
        }
        byte[] negative = new byte[example.pixels().length];
        for (int i = 0; i < negative.length; i++) {
            negative[i] = (byte) ~example.pixels()[i];
        }
        return new Example(example.id(), example.label(), negative, example.eventTimeMillis());
    }

    private boolean changed(int position) {
        int since = position - images / 2;
        if (since < 0) {
            return false;
        }
        return switch (course) {
            case NONE -> false;
            case SUDDEN -> true;
            case GRADUAL -> RandomStream.of(seed, Purpose.SHUFFLE, position, 2).nextDouble() * (images / 4.0) < since;
            case RECURRING -> since / Math.max(1, images / 8) % 2 == 0;
        };
    }
}
