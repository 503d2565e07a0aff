package io.contrastream.reliability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.contrastream.embedding.Nearest;
import io.contrastream.embedding.ReleasedEncoder;
import io.contrastream.learning.image.Pixels;
import io.contrastream.schemas.Embedding;
import io.contrastream.schemas.EncoderRelease;
import io.contrastream.schemas.SingleObject;
import io.contrastream.schemas.WireFormatException;
import io.contrastream.testing.Await;
import io.contrastream.testing.TestReleases;
import io.contrastream.topics.TopicReader;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Embeddings of the queries of a {@link QueryFlow}, read on as they are published. */
final class QueryAnswers implements AutoCloseable {

    private static final int CHUNK = 500;

    private final TopicReader reader;
    private final List<Embedding> embeddings = new ArrayList<>();

    private QueryAnswers(String bootstrapServers, String topic, String isolation) {
        reader = new TopicReader(bootstrapServers, Map.of("isolation.level", isolation), List.of(topic), true);
    }

    /** Answers that are published for good. */
    static QueryAnswers committed(String bootstrapServers, String topic) {
        return new QueryAnswers(bootstrapServers, topic, "read_committed");
    }

    /** Answers that were ever written, those taken back when the job failed among them. */
    static QueryAnswers written(String bootstrapServers, String topic) {
        return new QueryAnswers(bootstrapServers, topic, "read_uncommitted");
    }

    /** All up to now. */
    List<Embedding> read() throws WireFormatException {
        for (ConsumerRecord<byte[], byte[]> record : reader.poll(Duration.ofMillis(50))) {
            embeddings.add(SingleObject.decode(record.value(), Embedding.class));
        }
        return embeddings;
    }

    void awaitVersion(long version, Instant after) throws Exception {
        Await.until(
                "version " + version + " embeds after " + after,
                () -> read().stream()
                        .anyMatch(one -> one.getEncoderVersion() == version
                                && one.getEmbeddedAt().isAfter(after)));
    }

    /** Waits for answers to so many queries, and a while for more than that. */
    List<Embedding> await(int queries) throws Exception {
        Await.until(
                "answers to " + queries + " queries",
                () -> read().stream().map(Embedding::getId).distinct().count() >= queries);
        Instant end = Instant.now().plusSeconds(2);
        while (Instant.now().isBefore(end)) {
            read();
        }
        return embeddings;
    }

    /** Requires an answer to every query, and no second one. */
    static void requireEachOnce(List<Embedding> answers, int queries) {
        assertThat(answers)
                .extracting(Embedding::getId)
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, queries).mapToObj(n -> "query-" + n).toList());
    }

    /** Requires vector and nearest prototype of the release that the answer names, which must be one of these. */
    static void requireMadeBy(Collection<EncoderRelease> releases, List<Embedding> answers) throws IOException {
        Map<Long, List<Embedding>> byVersion = new HashMap<>();
        answers.forEach(answer -> byVersion
                .computeIfAbsent(answer.getEncoderVersion(), version -> new ArrayList<>())
                .add(answer));
        assertThat(releases).extracting(EncoderRelease::getEncoderVersion).containsAll(byVersion.keySet());
        for (EncoderRelease release : releases) {
            List<Embedding> own = byVersion.getOrDefault(release.getEncoderVersion(), List.of());
            try (ReleasedEncoder encoder = ReleasedEncoder.load(release, TestReleases.IMAGES, 1)) {
                for (int first = 0; first < own.size(); first += CHUNK) {
                    requireMadeBy(encoder, own.subList(first, Math.min(own.size(), first + CHUNK)));
                }
            }
        }
    }

    private static void requireMadeBy(ReleasedEncoder encoder, List<Embedding> answers) throws IOException {
        int pixels = TestReleases.IMAGES.size();
        float[] images = new float[answers.size() * pixels]; // [n, C, H, W]
        for (int i = 0; i < answers.size(); i++) {
            Pixels.toUnit(TestReleases.pixels(number(answers.get(i))), images, i * pixels);
        }
        float[] rows = encoder.embed(images, answers.size()); // [n, D]
        for (int i = 0; i < answers.size(); i++) {
            Embedding answer = answers.get(i);
            Nearest.Similar nearest = encoder.nearest(rows, i, 1).first();
            assertThat(answer.getNearestLabel()).as(answer.getId()).isEqualTo(nearest.label());
            assertThat(answer.getNearestSimilarity()).isCloseTo(nearest.similarity(), within(1e-5f));
            for (int k = 0; k < encoder.size(); k++) {
                assertThat(answer.getVector().get(k))
                        .as("component %s of %s", k, answer.getId())
                        .isCloseTo(rows[i * encoder.size() + k], within(1e-5f));
            }
        }
    }

    /**
     * Requires that no two versions share a micro-batch, and that the versions follow each other as given.
     *
     * @param partitions of the queries, each of which is embedded by one instance, and never two micro-batches in the same millisecond
     */
    static void requireTurns(List<Embedding> answers, int partitions, Long... versions) {
        Map<Integer, Embedding> byNumber = new TreeMap<>();
        answers.forEach(answer -> byNumber.put(number(answer), answer));
        Map<String, Long> versionOfBatch = new HashMap<>();
        Map<Integer, List<Long>> turns = new TreeMap<>();
        byNumber.forEach((number, answer) -> {
            long version = answer.getEncoderVersion();
            int partition = number % partitions;
            assertThat(versionOfBatch.merge(partition + " at " + answer.getEmbeddedAt(), version, (one, other) -> one))
                    .as("version of the micro-batch of query %s", number)
                    .isEqualTo(version);
            List<Long> turn = turns.computeIfAbsent(partition, none -> new ArrayList<>());
            if (turn.isEmpty() || turn.get(turn.size() - 1) != version) {
                turn.add(version);
            }
        });
        assertThat(turns.values())
                .hasSize(partitions)
                .allSatisfy(turn -> assertThat(turn).containsExactly(versions));
    }

    private static int number(Embedding embedding) {
        return Integer.parseInt(embedding.getId().substring("query-".length()));
    }

    @Override
    public void close() {
        reader.close();
    }
}
