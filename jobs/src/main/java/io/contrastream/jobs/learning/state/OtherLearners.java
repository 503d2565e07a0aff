package io.contrastream.jobs.learning.state;

import io.contrastream.topics.Topics;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/** Keeps two learners from writing to the same topics and in the same transactions. */
final class OtherLearners {

    /** A learner that has died is forgotten after a session; one whose JobManager has died needs some time to notice it. */
    private static final Duration PATIENCE = LearnerLease.SESSION.multipliedBy(3);

    private static final Duration PAUSE = Duration.ofMillis(300);

    private OtherLearners() {}

    /**
     * Returns when no learner is at work; one that has been killed or is just ending is waited for.
     *
     * @param group one of {@link LearnerLease#groups}
     * @param say called when there is something to wait for
     * @throws StartRefusedException if one goes on being at work
     */
    static void requireNone(Topics topics, String group, Consumer<String> say) throws InterruptedException {
        List<String> members = topics.members(group);
        if (members.isEmpty()) {
            return;
        }
        say.accept("A learner is at work in '" + group + "' (" + String.join(", ", members) + "): waiting up to "
                + PATIENCE.toSeconds() + " s for it to end");
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!members.isEmpty()) {
            if (System.nanoTime() > deadline) {
                throw new StartRefusedException(
                        "another learner is at work that writes to the same topics, or is exactly-once and has the same"
                                + " name: job " + String.join(", job ", members) + ", in the consumer group '" + group
                                + "'. Two would overwrite each other's vectors or abort each other's transactions: stop that"
                                + " one first, or give this job output topics and a name of its own");
            }
            Thread.sleep(PAUSE.toMillis());
            members = topics.members(group);
        }
    }
}
