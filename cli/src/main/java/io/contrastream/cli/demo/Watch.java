package io.contrastream.cli.demo;

import io.contrastream.schemas.LearningReport;
import io.contrastream.topics.TopicReader;
import java.time.Duration;
import java.util.Optional;

/** Looks on while a demo runs, has queries asked and the embedding job started, and shows how far it is. */
final class Watch {

    private static final Duration POLL = Duration.ofMillis(200);
    /** The longest that nothing may be learned while there is something to learn. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    /** How long after two checkpoints the announcement of a release that is ready may be on its way. */
    private static final Duration ANNOUNCEMENT = Duration.ofSeconds(10);

    private final int images;
    private final Parts parts;
    private final TopicReader outputs;
    private final Tally tally;
    private final Answers answers;
    private final DemoView view;
    private final Speed speed = new Speed();

    /**
     * The parts of a demo at work.
     *
     * @param inquirer empty if nothing is asked
     */
    record Parts(Production production, RunningJob learning, Serving serving, Optional<Inquirer> inquirer) {

        void requireHealthy() throws InterruptedException {
            production.requireHealthy();
            learning.requireHealthy();
            serving.requireHealthy();
        }
    }

    /**
     * Sees nothing yet.
     *
     * @param images that are to be learned
     * @param outputs of the jobs
     * @param tally of what they have
     * @param answers that are among it
     */
    Watch(int images, Parts parts, TopicReader outputs, Tally tally, Answers answers, DemoView view) {
        this.images = images;
        this.parts = parts;
        this.outputs = outputs;
        this.tally = tally;
        this.answers = answers;
        this.view = view;
    }

    /** Until every image was learned or rejected; returns when that was. */
    long untilLearned() throws InterruptedException {
        long done = 0;
        long doneNanos = System.nanoTime();
        while (done < images) {
            long now = look();
            if (done() > done) {
                done = done();
                doneNanos = now;
            } else if (now - doneNanos > PATIENCE.toNanos()) {
                throw new DemoException("nothing was learned for " + PATIENCE.toMinutes() + " minutes; " + done + " of "
                        + images + " images were");
            }
        }
        return doneNanos;
    }

    /**
     * Until every query was answered or rejected, or no release will come to answer it with.
     *
     * @param checkpointInterval of the learning job
     */
    void untilAnswered(Duration checkpointInterval) throws InterruptedException {
        long answered = -1;
        long since = System.nanoTime();
        Duration release = checkpointInterval.multipliedBy(2).plus(ANNOUNCEMENT);
        while (answered < answers.sent()) {
            long now = look();
            if (answered() > answered) {
                answered = answered();
                since = now;
            } else if (!parts.serving().hasBegun() && now - since > release.toNanos()) {
                return;
            } else if (now - since > PATIENCE.toNanos()) {
                throw new DemoException("no query was answered for " + PATIENCE.toMinutes() + " minutes; " + answered
                        + " of " + answers.sent() + " queries were");
            }
        }
    }

    /** Until everything was read that the jobs have published by now. */
    void untilRead() {
        var ends = outputs.ends();
        while (!outputs.reached(ends)) {
            read();
        }
    }

    private long done() {
        return tally.learned() + tally.rejected();
    }

    private long answered() {
        return answers.answered() + tally.queriesRejected();
    }

    private long look() throws InterruptedException {
        read();
        parts.requireHealthy();
        parts.inquirer().ifPresent(asking -> asking.ask(done()));
        if (tally.releases() > 0 && !parts.serving().hasBegun()) {
            parts.serving().begin();
        }
        long now = System.nanoTime();
        view.progress(progress(speed.per(now, tally.learned())));
        return now;
    }

    private void read() {
        outputs.poll(POLL).forEach(record -> {
            view.published(record.value());
            tally.add(record.topic(), record.value());
        });
    }

    private DemoView.Standing progress(double imagesPerSecond) {
        Optional<LearningReport> report = tally.report();
        return new DemoView.Standing(
                parts.production().sent(),
                tally.learned(),
                tally.rejected(),
                report.map(LearningReport::getClasses).orElse(0),
                imagesPerSecond,
                tally.loss(),
                report.stream().mapToDouble(LearningReport::getWindowAccuracy).findFirst(),
                tally.releases(),
                answers.answered(),
                answers.accuracy(),
                answers.unknownRecall());
    }
}
