package io.contrastream.operators.embed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.contrastream.operators.decode.Query;
import io.contrastream.releases.ReleaseException;
import io.contrastream.schemas.Embedding;
import io.contrastream.schemas.EncoderRelease;
import io.contrastream.testing.Await;
import io.contrastream.testing.TestReleases;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.tasks.mailbox.Mail;
import org.apache.flink.streaming.runtime.tasks.mailbox.TaskMailbox;
import org.apache.flink.streaming.util.TwoInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The embedding operator in Flink's test harness, with micro-batches of four images or a second, on small releases. */
class EmbedOperatorTest {

    private static final EmbedOptions OPTIONS =
            new EmbedOptions(TestReleases.IMAGES, 4, Duration.ofSeconds(1), 1, 0.05, 3);

    @TempDir
    private Path folder;

    private final List<TwoInputStreamOperatorTestHarness<Query, EncoderRelease, Embedding>> open = new ArrayList<>();
    private TwoInputStreamOperatorTestHarness<Query, EncoderRelease, Embedding> harness;
    private TestReleases releases;
    private EncoderRelease first;
    private long now;

    @BeforeEach
    void release() throws Exception {
        releases = new TestReleases(folder);
        first = releases.release("encoder", 10);
        start(null);
    }

    @AfterEach
    void close() throws Exception {
        for (TwoInputStreamOperatorTestHarness<Query, EncoderRelease, Embedding> one : open) {
            one.close();
        }
    }

    @Test
    void aMicroBatchIsClosedByItsSizeByTimeByABarrierAndByTheEnd() throws Exception {
        send(0, 3);
        assertThat(ids()).isEmpty();
        send(3, 5);
        awaitIds(4);
        assertThat(ids()).containsExactly("query-0", "query-1", "query-2", "query-3");

        pass(999);
        assertThat(ids()).hasSize(4);
        pass(1);
        awaitIds(5);

        send(5, 6);
        harness.prepareSnapshotPreBarrier(1);
        assertThat(ids()).hasSize(6);
        send(6, 7);
        pass(999);
        assertThat(operator().waiting())
                .as("the time counts from the first image of a micro-batch")
                .isEqualTo(1);
        operator().finish();
        assertThat(ids()).hasSize(7);
        assertThat(versions()).containsOnly(10L);
    }

    @Test
    void aMicroBatchComesTogetherWhileTheOneBeforeItIsEmbedded() throws Exception {
        send(0, 5);
        // Whether or not the first four are through by then, the fifth waits for no longer than its time.
        pass(1000);
        awaitIds(5);
        send(5, 30);
        harness.prepareSnapshotPreBarrier(1);
        assertThat(ids())
                .containsExactlyElementsOf(IntStream.range(0, 30)
                        .mapToObj(number -> "query-" + number)
                        .toList());
    }

    /** Whether the image is being embedded, waits for others, or came long ago. */
    @Test
    void anImageThatIsTakenBackIsBehindItsEmbedding() throws Exception {
        send(0, 5);
        for (String id : new String[] {"query-1", "query-4", "another"}) {
            harness.processElement1(new StreamRecord<>(new Query(id, new byte[0], 0)));
        }

        assertThat(ids())
                .containsExactly(
                        "query-0", "query-1", "query-2", "query-3", "query-4", "query-1", "query-4", "another");
        assertThat(embeddings().subList(0, 5))
                .noneMatch(embedding -> embedding.getVector().isEmpty());
        assertThat(embeddings().subList(5, 8))
                .allMatch(embedding -> embedding.getVector().isEmpty());
    }

    @Test
    void aReleaseTakesOverBetweenTwoMicroBatches() throws Exception {
        send(0, 6);
        announce(releases.release("encoder", 20));
        awaitVersion(20);
        send(6, 8);
        awaitIds(8);

        assertThat(versions()).containsExactly(10L, 10L, 10L, 10L, 20L, 20L, 20L, 20L);
        assertThat(embeddings())
                .allSatisfy(embedding ->
                        assertThat(embedding.getNearestLabel()).isEqualTo("version-" + embedding.getEncoderVersion()));
        announce(first);
        awaitVersion(10);
        send(8, 12);
        awaitIds(12);
        assertThat(versions()).endsWith(10L, 10L, 10L, 10L);
    }

    @Test
    void anAnswerNamesTheNearestLabelsInDescendingOrderOfSimilarity() throws Exception {
        EncoderRelease several = releases.ofClasses("encoder", 20, 5);
        send(0, 4);
        awaitIds(4);
        announce(several);
        awaitVersion(20);
        send(4, 8);
        awaitIds(8);

        assertThat(embeddings().subList(0, 4))
                .as("of a release with one class")
                .allSatisfy(embedding ->
                        assertThat(embedding.getFurtherNearestLabels()).isEmpty());
        for (int number = 4; number < 8; number++) {
            Embedding embedding = embeddings().get(number);
            float[] expected = TestReleases.embedding(several, number); // a component is the similarity to a class
            List<Integer> order = IntStream.range(0, 5)
                    .boxed()
                    .sorted(Comparator.comparingDouble(c -> -expected[c]))
                    .toList();
            assertThat(embedding.getNearestLabel()).isEqualTo(label(order.get(0)));
            assertThat(embedding.getFurtherNearestLabels()).containsExactly(label(order.get(1)), label(order.get(2)));
            assertThat(embedding.getFurtherNearestSimilarities()).hasSize(2);
            for (int i = 0; i < 2; i++) {
                assertThat(embedding.getFurtherNearestSimilarities().get(i))
                        .isCloseTo(expected[order.get(i + 1)], within(1e-5f));
            }
        }
    }

    private static String label(int axis) {
        return axis == 0 ? "version-20" : "other-" + axis;
    }

    @Test
    void allLabelsOfAnImageAreInItsAnswer() throws Exception {
        harness.processElement1(
                new StreamRecord<>(new Query("photo", "cat", List.of("pet", "indoors"), TestReleases.pixels(0), 5)));
        harness.prepareSnapshotPreBarrier(1);

        assertThat(embeddings()).singleElement().satisfies(embedding -> {
            assertThat(embedding.getLabel()).isEqualTo("cat");
            assertThat(embedding.getFurtherLabels()).containsExactly("pet", "indoors");
        });
    }

    @Test
    void aReleaseThatCannotBeUsedIsRefusedAndTheOneBeforeServesOn() throws Exception {
        EncoderRelease damaged = releases.release("encoder", 20);
        Files.delete(Path.of(URI.create(damaged.getUri())).resolve("prototypes.avro"));
        announce(damaged);
        await("the damaged release is refused", () -> !operator().isLoading());
        EncoderRelease foreign = releases.release("another", 11);
        announce(EncoderRelease.newBuilder(foreign).setModel("encoder").build());
        await("the foreign release is refused", () -> !operator().isLoading());
        send(0, 4);
        awaitIds(4);

        assertThat(versions()).containsOnly(10L);
    }

    @Test
    void afterAFailureItStartsWithWhatServedAndLoadsWhatWasAnnounced() throws Exception {
        announce(releases.release("encoder", 20));
        awaitVersion(20);
        EncoderRelease third = releases.release("encoder", 30);
        Path network = Path.of(URI.create(third.getUri())).resolve("encoder.onnx");
        announce(third);
        OperatorSubtaskState state = harness.snapshot(1, now);

        start(state);
        send(0, 4);
        awaitIds(4);
        assertThat(versions()).containsOnly(20L);
        awaitVersion(30);
        Files.delete(network);
        assertThatThrownBy(() -> start(harness.snapshot(2, now)))
                .isInstanceOf(ReleaseException.class)
                .hasMessageContaining("encoder.onnx is missing");
    }

    private void start(OperatorSubtaskState state) throws Exception {
        harness = new TwoInputStreamOperatorTestHarness<>(new EmbedOperator(OPTIONS, first));
        open.add(harness);
        harness.setProcessingTime(now);
        if (state != null) {
            harness.initializeState(state);
        }
        harness.open();
    }

    private void send(int from, int to) throws Exception {
        for (int number = from; number < to; number++) {
            harness.processElement1(
                    new StreamRecord<>(new Query("query-" + number, TestReleases.pixels(number), number)));
        }
    }

    private void announce(EncoderRelease release) throws Exception {
        harness.processElement2(new StreamRecord<>(release));
    }

    private EmbedOperator operator() {
        return (EmbedOperator) harness.getOperator();
    }

    private void awaitIds(int number) throws Exception {
        Await.until(number + " embeddings", () -> {
            runMails();
            return ids().size() >= number;
        });
        assertThat(ids()).hasSize(number);
    }

    /** Does as the task's thread between two records. */
    private void runMails() throws Exception {
        for (Optional<Mail> mail = nextMail(); mail.isPresent(); mail = nextMail()) {
            mail.get().run();
        }
    }

    private Optional<Mail> nextMail() {
        return harness.getTaskMailbox().tryTake(TaskMailbox.MIN_PRIORITY);
    }

    private void awaitVersion(long version) throws Exception {
        await("version " + version + " serves", () -> operator().servingVersion() == version);
    }

    private void await(String what, Await.Condition condition) throws Exception {
        Await.until(what, () -> {
            pass(20);
            runMails();
            return condition.holds();
        });
    }

    private void pass(long millis) throws Exception {
        now += millis;
        harness.setProcessingTime(now);
    }

    private List<Embedding> embeddings() {
        return harness.extractOutputValues();
    }

    private List<String> ids() {
        return embeddings().stream().map(Embedding::getId).toList();
    }

    private List<Long> versions() {
        return embeddings().stream().map(Embedding::getEncoderVersion).toList();
    }
}
