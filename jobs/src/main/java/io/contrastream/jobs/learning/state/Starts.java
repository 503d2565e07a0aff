package io.contrastream.jobs.learning.state;

import io.contrastream.jobs.kafka.KafkaOptions;
import io.contrastream.learning.failure.Reason;
import io.contrastream.operators.learn.option.LearnOptions;
import io.contrastream.topics.StreamPosition;
import io.contrastream.topics.Topic;
import io.contrastream.topics.Topics;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Finds out from what a job starts: looks at its folder of checkpoints and at Kafka. */
public final class Starts {

    private Starts() {}

    /**
     * Decides it.
     *
     * @param job name of the job
     * @param checkpointDirectory URI of its folder of checkpoints
     * @param savepointDirectories more folders in which its savepoints may be
     * @param say receives a line on what takes time
     * @throws StartRefusedException if the start would lose or damage what has been learned, or a folder cannot be read
     * @throws io.contrastream.topics.TopicException if Kafka does not answer
     */
    public static Start decide(
            String job,
            LearnOptions learn,
            KafkaOptions kafka,
            String checkpointDirectory,
            List<String> savepointDirectories,
            StartInstruction instruction,
            Consumer<String> say)
            throws InterruptedException {
        try (Topics topics = new Topics(kafka.bootstrapServers(), kafka.properties())) {
            for (String group : LearnerLease.groups(job, kafka)) {
                OtherLearners.requireNone(topics, group, say);
            }
            String topic = kafka.topic(kafka.images());
            StateFolder folder = new StateFolder(checkpointDirectory, job);
            KnownStates known = KnownStates.find(folder, job, learn.model(), topic, savepointDirectories);
            known.unreadable().forEach((path, problem) -> say.accept("Passed over " + path + ": " + problem));
            StreamPosition position = topics.position(topic, kafka.groupId());
            Optional<StreamPosition> labels = kafka.images() == Topic.IMAGES
                    ? Optional.of(topics.position(kafka.topic(Topic.LABELS), kafka.groupId()))
                    : Optional.empty();
            return new StartDecision(
                            job,
                            learn,
                            kafka,
                            folder,
                            known,
                            position,
                            labels,
                            () -> PublishedVersion.newest(kafka, learn.model()))
                    .decide(instruction);
        } catch (IOException e) {
            throw new StartRefusedException(
                    "job.checkpoint-directory cannot be used: " + checkpointDirectory + ": " + Reason.of(e), e);
        }
    }
}
