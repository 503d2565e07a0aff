package io.contrastream.cli.demo;

import io.contrastream.cli.produce.ImageSender;
import io.contrastream.datasets.ImageSource;
import io.contrastream.datasets.ImageStream;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Sends queries while a stream is learned: images that are in no stream, of the classes that have been taught until then in turn, and every
 * fourth of a class that never is, if the data set has one. No image is sent twice. Not thread-safe.
 */
final class Inquirer implements AutoCloseable {

    /** Images that are learned for one query. */
    static final int LEARNED_PER_QUERY = 5;

    private static final int STRANGER_EVERY = 4;

    private final ImageSender sender;
    private final ImageSource images;
    private final ImageStream stream;
    private final Answers answers;
    private final List<String> strangers;
    private final Set<String> taught = new LinkedHashSet<>();
    private final Map<String, Integer> used = new HashMap<>();
    private int learned;
    private int due;
    private int turnOfTaught;
    private int turnOfStrangers;

    /**
     * Sends nothing yet.
     *
     * @param images those to ask about, with the classes of the stream's data set in the same order; the first ones are taught
     * @param answers receives every query
     */
    Inquirer(ImageSender sender, ImageSource images, ImageStream stream, Answers answers) {
        this.sender = sender;
        this.images = images;
        this.stream = stream;
        this.answers = answers;
        int classes = stream.classes();
        strangers = images.labels()
                .subList(classes, Math.min(2 * classes, images.labels().size()));
    }

    /**
     * Sends what is due.
     *
     * @param done images of the stream that have been learned
     */
    void ask(long done) {
        while (learned < done) {
            taught.add(stream.label(learned));
            learned++;
            if (learned % LEARNED_PER_QUERY == 0) {
                askNext();
            }
        }
    }

    private void askNext() {
        due++;
        if (due % STRANGER_EVERY == 0 && !strangers.isEmpty()) {
            ask(strangers.get(turnOfStrangers++ % strangers.size()), false);
        } else {
            ask(List.copyOf(taught).get(turnOfTaught++ % taught.size()), true);
        }
    }

    private void ask(String label, boolean known) {
        int labelIndex = images.labels().indexOf(label);
        int image = used.merge(label, 1, Integer::sum) - 1;
        if (image < images.size(labelIndex)) {
            var query = images.image(labelIndex, image);
            answers.asked(query.id(), known ? Optional.of(label) : Optional.empty());
            sender.send(query, Map.of("source", images.name()));
        }
    }

    @Override
    public void close() {
        sender.close();
    }
}
