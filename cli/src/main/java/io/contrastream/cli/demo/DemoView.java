package io.contrastream.cli.demo;

import io.contrastream.dashboard.feed.Stream;
import java.util.OptionalDouble;

/** Who watches a demo. Called by the thread that runs it. */
public interface DemoView {

    /** Something else begins now, such as the start of the broker. */
    void step(String what);

    /** The topics are there now, and can be followed until the returned is closed, which is before they are gone. */
    default AutoCloseable follow(Stream stream) {
        return () -> {};
    }

    /** Images begin to flow. */
    void started(int images, int classes, int stages);

    /** How far it is. */
    void progress(Standing standing);

    /** A record of one of the jobs' output topics was read; null for a tombstone. */
    default void published(byte[] value) {}

    /**
     * How far a demo is, as the topics say.
     *
     * @param sent images that Kafka has acknowledged
     * @param learned images whose embedding was published
     * @param rejected records that were rejected
     * @param classes that the learner has seen
     * @param imagesPerSecond learned in the last few seconds
     * @param loss of the latest report that has one
     * @param windowAccuracy share of the newest images that were predicted rightly before their label was used, in [0, 1]
     * @param releases that were announced
     * @param queriesAnswered images without label that the embedding job has answered
     * @param queryAccuracy share of the newest queries of known classes that were given their class, in [0, 1]
     * @param unknownRecall share of the newest queries of classes that are never taught that were called unknown, in [0, 1]
     */
    record Standing(
            long sent,
            long learned,
            long rejected,
            int classes,
            double imagesPerSecond,
            OptionalDouble loss,
            OptionalDouble windowAccuracy,
            int releases,
            long queriesAnswered,
            OptionalDouble queryAccuracy,
            OptionalDouble unknownRecall) {}
}
