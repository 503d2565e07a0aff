package io.contrastream.reliability;

import static org.assertj.core.api.Assertions.assertThat;

import io.contrastream.schemas.Embedding;
import io.contrastream.schemas.EncoderRelease;
import io.contrastream.testing.Await;
import io.contrastream.testing.ChildProcess;
import io.contrastream.testing.KafkaProcess;
import io.contrastream.testing.Script;
import io.contrastream.testing.TestReleases;
import io.contrastream.topics.Announcement;
import io.contrastream.topics.Topic;
import io.contrastream.topics.TopicLayout;
import io.contrastream.topics.Topics;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code contrastream embed} with exactly-once output, killed, and started again with the same command. */
@Timeout(600)
final class EmbedKilledITCase {

    private static final String MODEL = "encoder";
    private static final Path LOGS = Path.of("target/embed-killed-logs").toAbsolutePath();

    @TempDir
    private static Path folder;

    private static TransactionGate gate;
    private static KafkaProcess kafka;
    private static TestReleases releases;

    @BeforeAll
    static void start() throws Exception {
        LoggedErrors.forget(LOGS);
        gate = new TransactionGate();
        kafka = new KafkaProcess(folder, LOGS, Map.of("advertised.listeners", "PLAINTEXT://" + gate.address()));
        gate.open(kafka.bootstrapServers());
        releases = new TestReleases(folder.resolve("releases"));
    }

    @AfterAll
    static void stop() {
        kafka.close();
        gate.close();
    }

    /** Offsets and transactions are committed by different tasks; here the process is killed between the two. */
    @Test
    void itGoesOnWithTheAnswersThatWereNotCommittedYet() throws Exception {
        Map<Topic, String> topics = topics("live");
        EncoderRelease release = releases.release(MODEL, 10);
        announce(topics, release);
        List<String> command = command(
                topics,
                "--job.checkpoint-interval=1 s",
                "--job.checkpoint-directory=" + folder.resolve("checkpoints").toUri());
        int sent = send(topics, 200);
        gate.shut(true);
        try (ChildProcess embed = start(command);
                Topics looking = new Topics(kafka.bootstrapServers(), Map.of())) {
            Await.until("offsets are committed, and no transaction is", () -> {
                assertThat(embed.isAlive()).as(embed.output()).isTrue();
                return gate.hasHeld() && committed(looking, topics) > 0;
            });
            embed.kill();
        }
        gate.shut(false);

        try (ChildProcess embed = start(command);
                QueryAnswers answers = QueryAnswers.committed(kafka.bootstrapServers(), topics.get(Topic.EMBEDDINGS))) {
            List<Embedding> published = answers.await(sent);
            QueryAnswers.requireEachOnce(published, sent);
            QueryAnswers.requireMadeBy(List.of(release), published);
            assertThat(embed.output()).contains("Goes on from ");
        }
    }

    @Test
    void aReembeddingThatWasKilledIsRepeated() throws Exception {
        Map<Topic, String> topics = topics("all");
        EncoderRelease older = releases.release(MODEL, 21);
        announce(topics, releases.release(MODEL, 22));
        int sent = send(topics, 20_000);
        List<String> command = command(
                topics,
                "--images=topic:" + topics.get(Topic.IMAGE_QUERIES),
                "--release=21",
                "--output=" + topics.get(Topic.EMBEDDINGS),
                "--embedding.batch-size=16");
        try (ChildProcess embed = start(command);
                QueryAnswers written = QueryAnswers.written(kafka.bootstrapServers(), topics.get(Topic.EMBEDDINGS))) {
            while (written.read().isEmpty()) {
                assertThat(embed.isAlive()).as(embed.output()).isTrue();
            }
            embed.kill();
            assertThat(embed.output()).doesNotContain("embedded 20000 images");
        }

        try (ChildProcess embed = start(command)) {
            assertThat(embed.exitCode(Await.PATIENCE)).as(embed.output()).isZero();
            assertThat(embed.output()).contains("embedded 20000 images with version 21 of model 'encoder'");
        }
        try (QueryAnswers answers = QueryAnswers.committed(kafka.bootstrapServers(), topics.get(Topic.EMBEDDINGS))) {
            List<Embedding> index = answers.await(sent);
            assertThat(index).extracting(Embedding::getId).contains("query-0", "query-" + (sent - 1));
            QueryAnswers.requireMadeBy(List.of(older), index);
        }
    }

    /** Creates those of a job, of one partition each. */
    private static Map<Topic, String> topics(String prefix) {
        Map<Topic, String> names = new EnumMap<>(Topic.class);
        for (Topic topic :
                List.of(Topic.IMAGE_QUERIES, Topic.ENCODER_RELEASES, Topic.EMBEDDINGS, Topic.REJECTED_IMAGES)) {
            names.put(topic, prefix + "-" + topic.id());
        }
        kafka.create(new TopicLayout(names, 1, TopicLayout.CLUSTER_DEFAULT));
        return names;
    }

    private static void announce(Map<Topic, String> topics, EncoderRelease release) throws InterruptedException {
        Announcement.send(kafka.bootstrapServers(), Map.of(), topics.get(Topic.ENCODER_RELEASES), release);
    }

    private static int send(Map<Topic, String> topics, int count) throws InterruptedException {
        try (QueryFlow flow = new QueryFlow(kafka.bootstrapServers(), topics.get(Topic.IMAGE_QUERIES), 1)) {
            flow.send(count);
            return flow.finish();
        }
    }

    private static List<String> command(Map<Topic, String> topics, String... more) {
        List<String> command = new ArrayList<>(List.of(
                "embed",
                "--kafka.bootstrap-servers=" + kafka.bootstrapServers(),
                "--kafka.delivery-guarantee=exactly-once"));
        boolean all = List.of(more).toString().contains("--images");
        topics.forEach((topic, name) -> {
            if (!all || topic == Topic.ENCODER_RELEASES) {
                command.add("--kafka.topic." + topic.id() + "=" + name);
            }
        });
        command.addAll(List.of(more));
        return command;
    }

    private static ChildProcess start(List<String> command) throws IOException {
        return Script.start(LOGS, "contrastream", command.toArray(String[]::new));
    }

    private static long committed(Topics looking, Map<Topic, String> topics) {
        return looking.position(topics.get(Topic.IMAGE_QUERIES), "contrastream-embedding").committed().values().stream()
                .mapToLong(Long::longValue)
                .sum();
    }
}
