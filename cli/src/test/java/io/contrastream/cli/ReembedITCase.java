package io.contrastream.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.contrastream.schemas.Embedding;
import io.contrastream.schemas.EmbeddingOrigin;
import io.contrastream.schemas.EncoderRelease;
import io.contrastream.schemas.ImageEncoding;
import io.contrastream.schemas.LabelledImage;
import io.contrastream.schemas.SingleObject;
import io.contrastream.testing.ColouredImages;
import io.contrastream.testing.TestKafka;
import io.contrastream.testing.TestReleases;
import io.contrastream.topics.Announcement;
import io.contrastream.topics.Topic;
import io.contrastream.topics.TopicReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Re-embedding: all images of a topic or a folder by one release, on a real broker. */
final class ReembedITCase {

    private static final String MODEL = "encoder";

    @TempDir
    private static Path folder;

    private static TestKafka kafka;
    private static EncoderRelease older;

    @BeforeAll
    static void start() throws Exception {
        kafka = TestKafka.start();
        kafka.createTopics("re");
        TestReleases releases = new TestReleases(folder.resolve("releases"));
        older = releases.release(MODEL, 10);
        Announcement.send(kafka.bootstrapServers(), Map.of(), "re-encoder-releases", releases.release(MODEL, 20));
    }

    @AfterAll
    static void stop() {
        kafka.close();
    }

    /** Images with one label, two or none, one of them taken back, and a record that is none. */
    @Test
    void allThatATopicHasIsEmbeddedByTheVersionAskedFor() throws Exception {
        String images = kafka.createTopics("all").get(Topic.LABELLED_IMAGES);
        for (int number = 0; number < 30; number++) {
            send(images, "labelled-" + number, SingleObject.encode(labelled(number)));
            send(images, "query-" + number, SingleObject.encode(TestReleases.query(number)));
        }
        send(images, "labelled-7", null);
        LabelledImage several = labelled(30);
        several.setFurtherLabels(List.of("another"));
        send(images, "labelled-30", SingleObject.encode(several));
        LabelledImage unlabelled = labelled(31);
        unlabelled.setLabel("");
        send(images, "labelled-31", SingleObject.encode(unlabelled));
        send(images, "bad", new byte[] {1, 2, 3});
        String[] options = {"--images", "topic:" + images, "--output", "all-embeddings"};

        Console console = embed(options, "--release", "10", "--embedding.batch-size", "8");

        assertThat(console.exitCode()).as(console.err()).isEqualTo(1);
        assertThat(console.out())
                .contains("embedded 62 images with version 10 of model 'encoder' into all-embeddings in ")
                .contains("handed on 1 tombstone of images");
        assertThat(console.err())
                .contains("not embedded: bad (" + images + ", partition 0, offset 63): unknown-format");
        Map<String, Embedding> index = index("all-embeddings");
        assertThat(index).hasSize(62);
        assertThat(index.get("labelled-7")).isNull();
        requireEmbedded(index.get("query-7"), 7, null);
        requireEmbedded(index.get("labelled-29"), 29, "class-29");
        assertThat(index.get("labelled-29").getFurtherLabels()).isEmpty();
        requireEmbedded(index.get("labelled-30"), 30, "class-30");
        assertThat(index.get("labelled-30").getFurtherLabels()).containsExactly("another");
        requireEmbedded(index.get("labelled-31"), 31, null);

        Console another = embed(options, "--release", "20");

        assertThat(another.exitCode()).isEqualTo(1);
        assertThat(another.err())
                .contains(
                        "topic 'all-embeddings' has embeddings of version 10, and those of version 20 must not be mixed");
    }

    @Test
    void aFolderIsEmbeddedExactlyOnceByTheNewestReleaseOrOneInAFolder() throws Exception {
        Path images = folder.resolve("images");
        for (int number = 0; number < 40; number++) {
            Path image = images.resolve("class-" + number % 2).resolve(number + ".png");
            Files.createDirectories(image.getParent());
            Files.write(image, ColouredImages.png(number % 2, new Random(number)));
        }
        kafka.createTopics("folder");
        String[] options = {
            "--images",
            "folder:" + images,
            "--output",
            "folder-embeddings",
            "--kafka.delivery-guarantee",
            "exactly-once",
            "--job.parallelism",
            "2"
        };

        Console console = embed(options, "--embedding.batch-size", "4");

        assertThat(console.exitCode()).as(console.err()).isZero();
        assertThat(console.out()).contains("embedded 40 images with version 20 of model 'encoder'");
        List<ConsumerRecord<byte[], byte[]>> records = records("folder-embeddings");
        assertThat(records).hasSize(40);
        assertThat(index("folder-embeddings")).hasSize(40).allSatisfy((id, embedding) -> {
            assertThat(embedding.getId()).isEqualTo(id);
            assertThat(id).startsWith(embedding.getLabel() + "/");
            assertThat(embedding.getEncoderVersion()).isEqualTo(20);
            assertThat(embedding.getVector().stream()
                            .mapToDouble(value -> value * value)
                            .sum())
                    .isCloseTo(1, within(1e-5));
        });
        assertThat(embed(options, "--release", older.getUri()).err())
                .contains("topic 'folder-embeddings' has embeddings of version 20, and those of version 10");
    }

    @Test
    void whatIsWrongIsToldBeforeAnythingRuns() {
        String[] options = {"--images", "synthetic", "--output", "re-embeddings"};

        assertThat(embed(options, "--release", "15").err())
                .contains("releases/encoder/15: it is not a release, or an incomplete one: it has no manifest.json");
        assertThat(embed(options, "--release", folder.resolve("nowhere").toString())
                        .err())
                .contains("nowhere: it is not a release");
        assertThat(embed(options, "--model.name", "another").err())
                .contains("no release of model 'another' has been announced");
        assertThat(embed(new String[] {"--images", "synthetic", "--output", "none"})
                        .err())
                .contains("there is no topic 'none'")
                .contains("topics create --bootstrap-servers")
                .contains("--name embeddings=none");
        assertThat(embed(new String[] {"--images", "topic:none", "--output", "re-embeddings"})
                        .err())
                .contains("there is no topic 'none'");
        assertThat(embed(new String[] {"--images", "folder:/nowhere", "--output", "re-embeddings"})
                        .err())
                .contains("/nowhere");
        Console alone = embed(new String[] {"--release", "10"});
        assertThat(alone.exitCode()).isEqualTo(2);
        assertThat(alone.err()).contains("--images=SOURCE").contains("--output=TOPIC");
    }

    private static Console embed(String[] options, String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "embed",
                "--kafka.bootstrap-servers",
                kafka.bootstrapServers(),
                "--kafka.topic.encoder-releases",
                "re-encoder-releases"));
        arguments.addAll(List.of(options));
        arguments.addAll(List.of(more));
        return Console.run(arguments.toArray(String[]::new));
    }

    private static void send(String topic, String id, byte[] value) throws Exception {
        kafka.send(new ProducerRecord<>(topic, id.getBytes(StandardCharsets.UTF_8), value));
    }

    private static LabelledImage labelled(int number) {
        return LabelledImage.newBuilder()
                .setId("labelled-" + number)
                .setLabel("class-" + number)
                .setImage(ByteBuffer.wrap(TestReleases.pixels(number)))
                .setEncoding(ImageEncoding.RAW_PLANAR_RGB8)
                .setWidth(TestReleases.IMAGES.width())
                .setHeight(TestReleases.IMAGES.height())
                .setEventTime(Instant.ofEpochSecond(number))
                .setAttributes(Map.of())
                .build();
    }

    private static void requireEmbedded(Embedding embedding, int number, String label) throws Exception {
        float[] expected = TestReleases.embedding(older, number);
        assertThat(embedding.getLabel()).isEqualTo(label);
        assertThat(embedding.getNearestLabel()).isEqualTo("version-10");
        assertThat(embedding.getUnknown()).isEqualTo(label == null ? (Boolean) (expected[0] < 0.05) : null);
        assertThat(embedding.getOrigin()).isEqualTo(EmbeddingOrigin.QUERIED);
        assertThat(embedding.getEncoderVersion()).isEqualTo(10);
        for (int k = 0; k < expected.length; k++) {
            assertThat(embedding.getVector().get(k)).isCloseTo(expected[k], within(1e-5f));
        }
    }

    /** As a consumer has it who keeps the newest record of every id; null where that is a tombstone. */
    private static Map<String, Embedding> index(String topic) throws Exception {
        Map<String, Embedding> index = new LinkedHashMap<>();
        for (ConsumerRecord<byte[], byte[]> record : records(topic)) {
            index.put(
                    new String(record.key(), StandardCharsets.UTF_8),
                    record.value() == null ? null : SingleObject.decode(record.value(), Embedding.class));
        }
        return index;
    }

    private static List<ConsumerRecord<byte[], byte[]>> records(String topic) {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        try (TopicReader reader = new TopicReader(kafka.bootstrapServers(), Map.of(), List.of(topic), true)) {
            var ends = reader.ends();
            while (!reader.reached(ends)) {
                records.addAll(reader.poll(Duration.ofMillis(200)));
            }
        }
        return records;
    }
}
