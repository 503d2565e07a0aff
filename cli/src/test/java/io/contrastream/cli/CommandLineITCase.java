package io.contrastream.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.contrastream.broker.EmbeddedBroker;
import io.contrastream.releases.folder.ReleaseDirectory;
import io.contrastream.releases.folder.ReleaseRequests;
import io.contrastream.schemas.ClassPrototype;
import io.contrastream.schemas.Embedding;
import io.contrastream.schemas.EmbeddingOrigin;
import io.contrastream.schemas.EncoderRelease;
import io.contrastream.schemas.ImageEncoding;
import io.contrastream.schemas.ImageQuery;
import io.contrastream.schemas.LabelledImage;
import io.contrastream.schemas.LearningReport;
import io.contrastream.schemas.RejectedRecord;
import io.contrastream.schemas.SingleObject;
import io.contrastream.testing.TestReleases;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class CommandLineITCase {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    @TempDir
    private static Path folder;

    private static EmbeddedBroker broker;
    private static KafkaProducer<byte[], byte[]> producer;

    @BeforeAll
    static void startBroker() {
        broker = EmbeddedBroker.start();
        producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", broker.bootstrapServers()),
                new ByteArraySerializer(),
                new ByteArraySerializer());
        assertThat(run("topics", "create", "--partitions", "2").exitCode()).isZero();
    }

    @AfterAll
    static void stopBroker() {
        producer.close();
        broker.close();
    }

    @Test
    void topicsAreCreatedOnceAndListed() {
        assertThat(run("topics", "create", "--name", "labelled-images=photos").out())
                .contains("created  photos (4 partitions, delete)", "exists   prototypes (1 partition, compact)");
        Console again = run("topics", "create", "--name", "labelled-images=photos");
        assertThat(again.out())
                .contains("exists   photos (4 partitions, delete)")
                .doesNotContain("created");

        assertThat(run("topics", "list", "--name", "image-queries=nothing").out())
                .containsPattern("embeddings +2 +1 +compact +\\d+")
                .containsPattern("nothing +missing");
    }

    @Test
    void aDataSetThatIsProducedCanBeTailed() throws Exception {
        assertThat(run("topics", "create", "--name", "labelled-images=produced").exitCode())
                .isZero();

        Console produce = run(
                "produce",
                "--images",
                "synthetic",
                "--topic",
                "produced",
                "--classes",
                "3",
                "--limit",
                "12",
                "--rate",
                "100");

        assertThat(produce.exitCode()).as(produce.err()).isZero();
        assertThat(produce.out()).startsWith("sent 12 images of 3 classes to produced in ");
        List<JsonNode> lines = tail("produced", "--to-end");
        assertThat(lines).hasSize(12);
        assertThat(lines).extracting(line -> line.get("key").asText()).doesNotHaveDuplicates();
        assertThat(lines).allSatisfy(line -> {
            assertThat(line.get("type").asText()).isEqualTo("LabelledImage");
            JsonNode image = line.get("value");
            assertThat(image.get("id")).isEqualTo(line.get("key"));
            assertThat(image.get("image").binaryValue()).startsWith(0x89, 'P', 'N', 'G');
            assertThat(image.get("attributes").get("source").asText()).isEqualTo("synthetic");
        });
        assertThat(lines.stream().map(line -> line.get("value").get("label")).distinct())
                .hasSize(3);

        assertThat(tail("produced", "--max", "5")).hasSize(5);
    }

    @Test
    void aFileThatIsTooLargeIsNamedWithItsSettingAndTheRestIsSent() throws Exception {
        assertThat(run("topics", "create", "--name", "labelled-images=small", "--max-message-size", "100 kb")
                        .exitCode())
                .isZero();
        for (String small : List.of("a/small.png", "b/small.jpg", "c/1", "c/2")) {
            write("small/" + small, noise(2));
        }
        byte[] large = noise(260);
        byte[] larger = noise(320);
        write("small/a/large.png", large);
        write("small/b/larger.png", larger);
        write("small/d/alone.png", Arrays.copyOf(noise(2), 40 << 20));
        write("small/d/notes.txt", new byte[3]);

        Console produce = run("produce", "--images", "folder:" + folder.resolve("small"), "--topic", "small");

        assertThat(produce.exitCode()).isEqualTo(1);
        assertThat(produce.out()).startsWith("sent 4 images of 4 classes to small in ");
        assertThat(produce.err())
                .contains(
                        "d/notes.txt: not an image",
                        "a/large.png: not sent: too large to be sent, " + large.length + " bytes",
                        "b/larger.png: not sent: too large to be sent, " + larger.length + " bytes",
                        "d/alone.png: not sent: image-too-large: image has 41943040 bytes; at most 10485760 are allowed",
                        "'small' takes records of up to 102400 bytes, its max.message.bytes",
                        "image.max-encoded-size");
        assertThat(tail("small", "--to-end"))
                .extracting(line -> line.get("key").asText())
                .containsExactlyInAnyOrder("a/small.png", "b/small.jpg", "c/1", "c/2");
    }

    @Test
    void ofManyThatTheJobWouldRejectTenAreNamedAndTheRestIsSent() throws Exception {
        assertThat(run("topics", "create", "--name", "labelled-images=headers").exitCode())
                .isZero();
        Map<String, String> refused = new LinkedHashMap<>();
        write("headers/e/fine.png", noise(2));
        write("headers/e/lossless.jpg", hex("FFD8 FFC3 000B 08 0010 0010 01 01 11 00 FFD9"));
        refused.put(
                "e/lossless.jpg", "unsupported-image: JPEG image is lossless, hierarchical or arithmetically coded");
        write("headers/e/fine-lines.jpg", hex("FFD8 FFC0 000B 0C 0010 0010 01 01 11 00 FFD9"));
        refused.put("e/fine-lines.jpg", "unsupported-image: JPEG image has 12 bits a sample; 8 are supported");
        write("headers/e/two.jpg", hex("FFD8 FFC0 000E 08 0010 0010 02 01 11 00 02 11 00 FFD9"));
        refused.put("e/two.jpg", "unsupported-image: JPEG image has 2 components; 1 (grey), 3 (colour) and 4");
        write(
                "headers/e/vast.gif",
                "GIF89a\u00FF\u00FF\u00FF\u00FF\0\0\0,\0\0\0\0\1\0\1\0\0\2\0;".getBytes(StandardCharsets.ISO_8859_1));
        refused.put("e/vast.gif", "too-many-pixels: image declares 65535 x 65535 pixels; at most 25000000 are allowed");
        write("headers/e/half.png", Arrays.copyOf(noise(9), 60));
        refused.put("e/half.png", "truncated-image: PNG image");
        write("headers/e/big.tif", hex("4949 2B00 0800 0000"));
        refused.put("e/big.tif", "unsupported-image: TIFF image is a BigTIFF");
        write("headers/e/odd.bmp", hex("424D 1E000000 00000000 1A000000 10000000 01000100 01001800 00000000 00000000"));
        refused.put("e/odd.bmp", "unsupported-image: BMP image has a header of 16 bytes");
        write("headers/e/short.webp", hex("52494646 FF000000 57454250 56503820"));
        refused.put("e/short.webp", "truncated-image: WebP image of 16 bytes is cut off");
        for (int i = 0; i < 5; i++) {
            write("headers/f/" + i + ".jpg", hex("FFD8 FFC0 000B 08 0000 0010 01 01 11 00 FFD9"));
        }
        write("headers/f/fine.png", noise(2));

        Console produce = run("produce", "--images", "folder:" + folder.resolve("headers"), "--topic", "headers");

        assertThat(produce.exitCode()).isEqualTo(1);
        assertThat(produce.out()).contains("sent 2 images of 2 classes to headers in ");
        assertThat(produce.err().lines().filter(line -> line.contains(": not sent: ")))
                .hasSize(10);
        assertThat(produce.err())
                .contains("and 3 more that were not sent", "image.max-encoded-size and image.max-pixels of the job");
        // Which ten are named depends on the order in which they are sent.
        assertThat(produce.err().lines().filter(line -> line.contains(": not sent: ")))
                .allSatisfy(line -> assertThat(line.strip())
                        .satisfiesAnyOf(
                                named -> assertThat(named)
                                        .matches(
                                                "f/\\d\\.jpg: not sent: corrupt-image: JPEG image is damaged: it declares 16 x 0 pixels.*"),
                                named -> assertThat(refused.entrySet())
                                        .anyMatch(image ->
                                                named.startsWith(image.getKey() + ": not sent: " + image.getValue()))));
        assertThat(tail("headers", "--to-end"))
                .extracting(line -> line.get("key").asText())
                .containsExactlyInAnyOrder("e/fine.png", "f/fine.png");
    }

    @Test
    void imagesToEmbedAreSentWithoutLabelsAndTheOthersAreNamed() throws Exception {
        write("queries/1.png", noise(2));
        write("queries/below/2.png", noise(50));
        write("queries/cut.png", Arrays.copyOf(noise(9), 50));
        Path config = folder.resolve("embedding.yaml");
        Files.writeString(
                config,
                "kafka.bootstrap-servers: localhost:9092\nimage.max-pixels: 2000\nembedding.false-alarm-rate: 0.01\n");

        Console produce = run(
                "produce",
                "--queries",
                "--images",
                "folder:" + folder.resolve("queries"),
                "--config",
                config.toString());

        assertThat(produce.exitCode()).isEqualTo(1);
        assertThat(produce.out()).startsWith("sent 1 image without labels to image-queries in ");
        assertThat(produce.err())
                .contains(
                        "below/2.png: not sent: too-many-pixels: image declares 50 x 50 pixels; at most 2000",
                        "cut.png: not sent: truncated-image");
        List<JsonNode> lines = tail("image-queries", "--to-end");
        assertThat(lines).hasSize(1);
        assertThat(lines.get(0).get("key").asText()).isEqualTo("1.png");
        assertThat(lines.get(0).get("type").asText()).isEqualTo("ImageQuery");
        assertThat(lines.get(0).get("value").get("attributes").get("source").asText())
                .isEqualTo("folder");
    }

    @Test
    void theJobsOwnLimitsAreTakenFromItsFile() throws Exception {
        assertThat(run("topics", "create", "--name", "labelled-images=limits").exitCode())
                .isZero();
        write("limits/g/small.png", noise(2));
        write("limits/g/wide.png", noise(50));
        Path config = folder.resolve("limits.yaml");
        Files.writeString(
                config,
                "kafka.bootstrap-servers: localhost:9092\njob.checkpoint-directory: file:///c\nimage.max-pixels: 2000\n");

        Console produce = run(
                "produce",
                "--images",
                "folder:" + folder.resolve("limits"),
                "--topic",
                "limits",
                "--config",
                config.toString());

        assertThat(produce.err())
                .contains("g/wide.png: not sent: too-many-pixels: image declares 50 x 50 pixels; at most 2000");
        assertThat(tail("limits", "--to-end")).hasSize(1);
    }

    @Test
    void aListGivesItsImagesAnyNumberOfLabelsIfTheJobTakesThem() throws Exception {
        assertThat(run("topics", "create", "--name", "labelled-images=listed").exitCode())
                .isZero();
        for (int side = 2; side <= 4; side++) {
            write("listed/" + side + ".png", noise(side));
        }
        Path list = folder.resolve("listed/labels.csv");
        Files.writeString(list, "2.png,cat,pet,\"in, or near, a house\"\n3.png,dog\n4.png\n");
        String[] produce = {"produce", "--images", "csv:" + list, "--topic", "listed"};

        Console refused = run(produce);

        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.out()).startsWith("sent 1 image of 2 classes to listed in ");
        assertThat(refused.err())
                .contains("2.png: not sent: invalid-label: the image has 3 labels; set learner.several-labels to learn")
                .contains("4.png: not sent: invalid-label: label is empty")
                .contains("learner.unlabelled and learner.several-labels of the job; --config FILE gives its options");

        Path config = folder.resolve("listed.yaml");
        Files.writeString(config, """
                kafka.bootstrap-servers: localhost:9092
                job.checkpoint-directory: file:///c
                learner.several-labels: learn
                learner.unlabelled: views
                """);
        List<String> taken = new ArrayList<>(List.of(produce));
        taken.addAll(List.of("--config", config.toString()));
        Console sent = run(taken.toArray(String[]::new));

        assertThat(sent.exitCode()).as(sent.err()).isZero();
        assertThat(sent.out()).startsWith("sent 3 images of 2 classes to listed in ");
        Map<String, String> labels = new HashMap<>();
        for (JsonNode line : tail("listed", "--to-end")) {
            JsonNode image = line.get("value");
            labels.put(image.get("id").asText(), image.get("label").asText() + " " + image.get("furtherLabels"));
        }
        assertThat(labels)
                .isEqualTo(
                        Map.of("2.png", "cat [\"pet\",\"in, or near, a house\"]", "3.png", "dog []", "4.png", " []"));
    }

    @Test
    void theLabelsOfAListAreSentByThemselvesIfTheJobTakesThem() throws Exception {
        assertThat(run("topics", "create", "--name", "labels=listed-labels").exitCode())
                .isZero();
        for (int side = 2; side <= 4; side++) {
            write("late/" + side + ".png", noise(side));
        }
        Path list = folder.resolve("late/labels.csv");
        Files.writeString(list, "2.png,cat,pet\n3.png,dog\n4.png\n");

        String[] produce = {"produce", "--labels", "--images", "csv:" + list, "--topic", "listed-labels"};

        Console refused = run(produce);

        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.out()).startsWith("sent 1 label of 2 classes to listed-labels in ");
        assertThat(refused.err())
                .contains("2.png: not sent: invalid-label: the image has 2 labels; set learner.several-labels to learn")
                .contains("4.png: not sent: invalid-label: label is empty");

        Path config = folder.resolve("late.yaml");
        Files.writeString(config, """
                kafka.bootstrap-servers: localhost:9092
                job.checkpoint-directory: file:///c
                kafka.topic.images: images
                kafka.topic.labels: labels
                learner.several-labels: learn
                """);
        List<String> taken = new ArrayList<>(List.of(produce));
        taken.addAll(List.of("--config", config.toString()));
        Console sent = run(taken.toArray(String[]::new));

        assertThat(sent.out()).startsWith("sent 2 labels of 2 classes to listed-labels in ");
        assertThat(tail("listed-labels", "--to-end"))
                .extracting(line -> line.get("value").get("furtherLabels").toString())
                .containsExactlyInAnyOrder("[]", "[]", "[\"pet\"]");
    }

    /** A PNG that does not compress. */
    private static byte[] noise(int side) throws IOException {
        BufferedImage image = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
        Random random = new Random(side);
        for (int at = 0; at < side * side; at++) {
            image.setRGB(at % side, at / side, random.nextInt());
        }
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        ImageIO.write(image, "png", png);
        return png.toByteArray();
    }

    private static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits.replace(" ", ""));
    }

    private static void write(String path, byte[] bytes) throws Exception {
        Path file = folder.resolve(path);
        Files.createDirectories(file.getParent());
        Files.write(file, bytes);
    }

    static List<SpecificRecord> recordsOfEveryTopic() {
        return List.of(
                ImageQuery.newBuilder()
                        .setId("q")
                        .setImage(ByteBuffer.wrap(new byte[] {1}))
                        .setEncoding(ImageEncoding.JPEG)
                        .setEventTime(Instant.EPOCH)
                        .build(),
                Embedding.newBuilder()
                        .setId("e")
                        .setVector(List.of(1f, 0f))
                        .setEncoderVersion(1)
                        .setEventTime(Instant.EPOCH)
                        .setEmbeddedAt(Instant.EPOCH)
                        .setOrigin(EmbeddingOrigin.QUERIED)
                        .build(),
                ClassPrototype.newBuilder()
                        .setLabel("p")
                        .setVector(List.of(1f))
                        .setSupport(1)
                        .setDispersion(1)
                        .setEncoderVersion(1)
                        .setUpdatedAt(Instant.EPOCH)
                        .build(),
                LearningReport.newBuilder()
                        .setModel("m")
                        .setEncoderVersion(1)
                        .setImagesSeen(1)
                        .setPrequentialAccuracy(0)
                        .setWindowAccuracy(0)
                        .setWindowSize(0)
                        .setReplaySize(0)
                        .setReplayCapacity(1)
                        .setClasses(0)
                        .setImagesPerSecond(0)
                        .setSkippedSteps(0)
                        .setReportedAt(Instant.EPOCH)
                        .build(),
                EncoderRelease.newBuilder()
                        .setModel("m")
                        .setEncoderVersion(1)
                        .setUri("file:///r")
                        .setSha256("0")
                        .setMetrics(Map.of("windowAccuracy", 0.5))
                        .setReleasedAt(Instant.EPOCH)
                        .build(),
                RejectedRecord.newBuilder()
                        .setReason("empty-payload")
                        .setMessage("nothing")
                        .setTopic("labelled-images")
                        .setPartition(0)
                        .setOffset(3)
                        .setTimestamp(Instant.EPOCH)
                        .setHeaders(Map.of("h", ByteBuffer.wrap(new byte[] {1})))
                        .setPayload(ByteBuffer.allocate(0))
                        .setPayloadSize(0)
                        .setRejectedAt(Instant.EPOCH)
                        .build());
    }

    @ParameterizedTest
    @MethodSource("recordsOfEveryTopic")
    void recordsOfEveryKindAreTailed(SpecificRecord record) throws Exception {
        String type = record.getSchema().getName();
        assertThat(run("topics", "create", "--name", "rejected-images=tail-" + type)
                        .exitCode())
                .isZero();
        send("tail-" + type, "key", SingleObject.encode(record));

        List<JsonNode> lines = tail("tail-" + type, "--to-end");

        assertThat(lines).hasSize(1);
        JsonNode line = lines.get(0);
        assertThat(line.get("key").asText()).isEqualTo("key");
        assertThat(line.get("type").asText()).isEqualTo(type);
        record.getSchema()
                .getFields()
                .forEach(
                        field -> assertThat(line.get("value").has(field.name())).isTrue());
    }

    @Test
    void whatIsNoRecordIsTailedWithTheReason() throws Exception {
        assertThat(run("topics", "create", "--name", "rejected-images=garbage").exitCode())
                .isZero();
        send("garbage", "text", "hello there".getBytes(StandardCharsets.UTF_8));
        send("garbage", "tombstone", null);

        List<JsonNode> lines = tail("garbage", "--to-end");

        assertThat(lines.get(0).get("error").asText()).contains("C3 01");
        assertThat(lines.get(0).get("bytes").binaryValue())
                .asString(StandardCharsets.UTF_8)
                .isEqualTo("hello there");
        assertThat(lines.get(1).get("value").isNull()).isTrue();
        assertThat(lines.get(1).has("error")).isFalse();
    }

    @Test
    void aTopicThatIsNotThereIsNamed() {
        Console tail = run("tail", "nothing-here");
        assertThat(tail.exitCode()).isEqualTo(1);
        assertThat(tail.err())
                .isEqualTo("contrastream: there is no topic 'nothing-here' at " + broker.bootstrapServers()
                        + System.lineSeparator());

        Console produce = run("produce", "--topic", "nothing-here", "--classes", "2", "--limit", "4");
        assertThat(produce.exitCode()).isEqualTo(1);
        assertThat(produce.err())
                .contains("there is no topic 'nothing-here'", "topics create", "--name labelled-images=nothing-here");
    }

    /** In the partition of the image, whatever its producer chose that by, and by what its newest record says. */
    @Test
    void imagesAreForgottenByIdAndByLabel() throws Exception {
        String[] topics = {"--topic", "taken-back", "--embeddings-topic", "taken-back-vectors"};
        assertThat(run(
                                "topics",
                                "create",
                                "--name",
                                "labelled-images=taken-back",
                                "--name",
                                "embeddings=taken-back-vectors")
                        .exitCode())
                .isZero();
        for (int partition = 0; partition < 4; partition++) {
            send(new ProducerRecord<>("taken-back", partition, bytes("a" + partition), image("a" + partition, "dog")));
        }
        send(new ProducerRecord<>("taken-back", 1, bytes("moved"), image("moved", "dog")));
        send(new ProducerRecord<>("taken-back", 1, bytes("moved"), image("moved", "cat")));
        send(new ProducerRecord<>("taken-back", 2, bytes("gone"), image("gone", "dog")));
        send(new ProducerRecord<>("taken-back", 2, bytes("gone"), null));
        send("taken-back-vectors", "old", embedding("old", "dog"));
        send("taken-back-vectors", "moved", embedding("moved", "dog"));
        send("taken-back-vectors", "forgotten", embedding("forgotten", "dog"));
        send("taken-back-vectors", "forgotten", null);

        Console byId = run(with(topics, "forget", "--id", "a2", "--id", "käse"));
        assertThat(byId.exitCode()).as(byId.err()).isZero();
        assertThat(byId.out()).isEqualToIgnoringNewLines("sent orders to forget 2 images to taken-back");
        Console dry = run(with(topics, "forget", "--label", "dog", "--dry-run"));
        assertThat(dry.out().lines())
                .containsExactly("a0", "a1", "a3", "old", "would send orders to forget 4 images to taken-back");
        Console byLabel = run(with(topics, "forget", "--label", "dog"));
        assertThat(byLabel.out()).isEqualToIgnoringNewLines("sent orders to forget 4 images to taken-back");
        Console again = run(with(topics, "forget", "--label", "dgo"));
        assertThat(again.exitCode()).isEqualTo(1);
        assertThat(again.err()).contains("there is no image of label 'dgo' in taken-back or taken-back-vectors");

        List<JsonNode> tombstones = tail("taken-back", "--to-end").stream()
                .filter(line -> line.get("value").isNull())
                .filter(line -> !line.get("key").asText().equals("gone"))
                .toList();
        assertThat(tombstones)
                .extracting(line -> line.get("key").asText())
                .containsExactlyInAnyOrder("a2", "käse", "a0", "a1", "a3", "old");
        assertThat(tombstones)
                .filteredOn(line -> line.get("key").asText().startsWith("a"))
                .allSatisfy(line -> assertThat("a" + line.get("partition"))
                        .isEqualTo(line.get("key").asText()));
    }

    @Test
    void forgettingNeedsAnIdOrALabel() {
        assertThat(run("forget").exitCode()).isEqualTo(2);
        assertThat(run("forget", "--id", "a", "--label", "b").exitCode()).isEqualTo(2);
        assertThat(run("forget", "--id", "").err()).contains("--id is empty");
    }

    private static String[] with(String[] more, String... arguments) {
        return Stream.of(arguments, more).flatMap(Stream::of).toArray(String[]::new);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] image(String id, String label) {
        return SingleObject.encode(LabelledImage.newBuilder()
                .setId(id)
                .setLabel(label)
                .setImage(ByteBuffer.wrap(new byte[] {1}))
                .setEncoding(ImageEncoding.PNG)
                .setEventTime(Instant.EPOCH)
                .build());
    }

    private static byte[] embedding(String id, String label) {
        return SingleObject.encode(Embedding.newBuilder()
                .setId(id)
                .setLabel(label)
                .setVector(List.of(1f))
                .setEncoderVersion(1)
                .setEventTime(Instant.EPOCH)
                .setEmbeddedAt(Instant.EPOCH)
                .setOrigin(EmbeddingOrigin.LEARNED)
                .build());
    }

    @Test
    void aRollbackIsAnnouncedAndTheLearnerIsAskedToGoBackToo() throws Exception {
        assertThat(run("topics", "create", "--name", "encoder-releases=rolled-back")
                        .exitCode())
                .isZero();
        EncoderRelease release = new TestReleases(folder.resolve("releases")).release("encoder", 7);

        Console console =
                run("releases", "rollback", "--learner", "--wait", "0 s", "--topic", "rolled-back", release.getUri());

        assertThat(console.exitCode()).as(console.err()).isZero();
        assertThat(console.out())
                .contains("announced version 7 of model 'encoder' on rolled-back")
                .contains("asked for: request ");
        assertThat(tail("rolled-back", "--to-end")).hasSize(1);
        assertThat(new ReleaseRequests(folder.resolve("releases").toString(), "encoder").waiting())
                .singleElement()
                .satisfies(request -> assertThat(request.goBackTo()).hasValue(7));
        Path moved = Files.move(folder.resolve("releases/encoder"), folder.resolve("copied"));
        assertThat(run("releases", "rollback", "--learner", moved.resolve("7").toString())
                        .err())
                .contains(
                        "--learner: the release must be where the learning job has released it, in DIRECTORY/encoder/7");
    }

    @Test
    void pruningKeepsTheNewestReleasesAndTheAnnouncedOne() throws Exception {
        String topic = "pruned";
        assertThat(run("topics", "create", "--name", "encoder-releases=" + topic)
                        .exitCode())
                .isZero();
        Path directory = folder.resolve("pruned-releases");
        TestReleases releases = new TestReleases(directory);
        for (long version : new long[] {10, 20, 30, 40}) {
            send(topic, "birds", SingleObject.encode(releases.release("birds", version)));
        }
        send(topic, "fish", SingleObject.encode(new TestReleases(folder.resolve("fish")).release("fish", 20)));
        send(topic, "birds", bytes("not an announcement"));
        Files.createDirectories(directory.resolve("birds/25")); // attempts that never became releases
        Files.createDirectories(directory.resolve("birds/50"));
        String[] prune = {"releases", "prune", directory.toString(), "--model", "birds", "--topic", topic, "--keep", "2"
        };

        assertThat(run(with(new String[] {"--dry-run"}, prune)).out().lines())
                .startsWith("superfluous  " + directory + "/birds/10", "superfluous  " + directory + "/birds/20");
        assertThat(directory.resolve("birds/10/manifest.json")).exists();
        assertThat(run("releases", "rollback", "--topic", topic, directory + "/birds/20")
                        .exitCode())
                .isZero();
        assertThat(run(prune).out().lines())
                .containsExactly(
                        "deleted      " + directory + "/birds/10",
                        "deleted      " + directory + "/birds/25",
                        "kept         " + directory + "/birds/20",
                        "kept         " + directory + "/birds/30",
                        "kept         " + directory + "/birds/40");
        assertThat(new ReleaseDirectory(directory.toString()).versions("birds")).containsExactly(20L, 30L, 40L, 50L);
        Console nowhere = run(
                "releases", "prune", directory.toString(), "--model", "birds", "--keep", "1", "--topic", "no-topic");
        assertThat(nowhere.exitCode()).isEqualTo(1);
        assertThat(nowhere.err()).contains("there is no topic 'no-topic'");
    }

    @Test
    void embeddingsAreExportedForTensorBoardsProjector() throws Exception {
        assertThat(run("topics", "create", "--name", "labelled-images=projected", "--name", "embeddings=projections")
                        .exitCode())
                .isZero();
        assertThat(run("produce", "--images", "synthetic", "--topic", "projected", "--classes", "3", "--limit", "6")
                        .exitCode())
                .isZero();
        List<JsonNode> images = tail("projected", "--to-end");
        for (int i = 0; i < 6; i++) {
            String id = images.get(i).get("key").asText();
            send("projections", id, projection(id, "a\tlabel", 9, 9));
            send("projections", id, projection(id, "a\tlabel", i, -1));
        }
        String gone = images.get(5).get("key").asText();
        send("projections", gone, (byte[]) null);

        Path output = folder.resolve("projector");
        Console export = run(
                "export",
                "projector",
                "--name",
                "labelled-images=projected",
                "--name",
                "embeddings=projections",
                "--output",
                output.toString());

        assertThat(export.exitCode()).as(export.err()).isZero();
        assertThat(export.out()).startsWith("wrote 5 embeddings to ");
        List<String> metadata = Files.readAllLines(output.resolve("metadata.tsv"));
        List<String> vectors = Files.readAllLines(output.resolve("vectors.tsv"));
        assertThat(metadata).hasSize(6).first().isEqualTo("id\tlabel\tnearest\tsimilarity\tversion\torigin");
        assertThat(vectors).hasSize(5);
        BufferedImage sprite = ImageIO.read(output.resolve("sprite.png").toFile());
        assertThat(sprite.getWidth()).isEqualTo(96);
        for (int i = 0; i < 5; i++) {
            String id = images.get(i).get("key").asText();
            int row = metadata.indexOf(id + "\ta label\ta label\t0.5\t1\tlearned") - 1;
            assertThat(row).isNotNegative();
            assertThat(vectors.get(row)).isEqualTo((float) i + "\t-1.0");
            BufferedImage image = ImageIO.read(new ByteArrayInputStream(
                    images.get(i).get("value").get("image").binaryValue()));
            // Synthetic images are as large as the sprite's.
            assertThat(image.getWidth()).isEqualTo(32);
            assertThat(sprite.getRGB(row % 3 * 32 + 16, row / 3 * 32 + 16)).isEqualTo(image.getRGB(16, 16));
        }
        assertThat(Files.readString(output.resolve("projector_config.pbtxt")))
                .contains("tensor_path: \"vectors.tsv\"", "metadata_path: \"metadata.tsv\"", "single_image_dim: 32");
    }

    private static byte[] projection(String id, String label, float... vector) {
        List<Float> values = new ArrayList<>();
        for (float value : vector) {
            values.add(value);
        }
        return SingleObject.encode(Embedding.newBuilder()
                .setId(id)
                .setLabel(label)
                .setNearestLabel(label)
                .setNearestSimilarity(0.5f)
                .setVector(values)
                .setEncoderVersion(1)
                .setEventTime(Instant.EPOCH)
                .setEmbeddedAt(Instant.EPOCH)
                .setOrigin(EmbeddingOrigin.LEARNED)
                .build());
    }

    @Test
    void reportsAreExportedAsScalars() throws Exception {
        assertThat(run("topics", "create", "--name", "learning-reports=scalars").exitCode())
                .isZero();
        for (int i = 1; i <= 3; i++) {
            send(
                    "scalars",
                    "model",
                    SingleObject.encode(LearningReport.newBuilder()
                            .setModel("../model")
                            .setEncoderVersion(i)
                            .setLoss(i == 1 ? null : 0.5f)
                            .setImagesSeen(10L * i)
                            .setPrequentialAccuracy(0.25)
                            .setWindowAccuracy(0.5)
                            .setWindowSize(10)
                            .setReplaySize(5)
                            .setReplayCapacity(10)
                            .setClasses(2)
                            .setImagesPerSecond(3)
                            .setSkippedSteps(0)
                            .setReportedAt(Instant.ofEpochSecond(i))
                            .build()));
        }

        Path output = folder.resolve("scalars");
        Console export = run("export", "scalars", "--name", "learning-reports=scalars", "--output", output.toString());

        assertThat(export.exitCode()).as(export.err()).isZero();
        assertThat(export.out()).startsWith("wrote 3 reports to ");
        // A name of a model is no way out of the folder.
        try (Stream<Path> files = Files.walk(output)) {
            List<Path> written = files.filter(Files::isRegularFile).toList();
            assertThat(written)
                    .singleElement()
                    .extracting(file -> file.getFileName().toString())
                    .isEqualTo("events.out.tfevents.0.contrastream");
            String events = Files.readString(written.get(0), StandardCharsets.ISO_8859_1);
            assertThat(events.split("accuracy/window", -1)).hasSize(4);
            assertThat(events.split("loss", -1)).hasSize(3);
        }
    }

    private static Console run(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("-b", broker.bootstrapServers()));
        return Console.run(all.toArray(String[]::new));
    }

    private static List<JsonNode> tail(String topic, String... options) throws Exception {
        List<String> arguments = new ArrayList<>(List.of("tail", topic, "--from-beginning"));
        arguments.addAll(List.of(options));
        Console console = run(arguments.toArray(String[]::new));
        assertThat(console.exitCode()).as(console.err()).isZero();
        List<JsonNode> lines = new ArrayList<>();
        for (String line : console.out().lines().toList()) {
            lines.add(MAPPER.readTree(line));
        }
        return lines;
    }

    private static void send(String topic, String key, byte[] value) throws Exception {
        send(new ProducerRecord<>(topic, bytes(key), value));
    }

    private static void send(ProducerRecord<byte[], byte[]> record) throws Exception {
        producer.send(record).get();
    }
}
