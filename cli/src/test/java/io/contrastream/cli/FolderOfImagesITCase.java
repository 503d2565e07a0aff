package io.contrastream.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.contrastream.cli.local.LocalCluster;
import io.contrastream.cli.local.LocalRun;
import io.contrastream.datasets.ImageSource;
import io.contrastream.jobs.learning.JobOptions;
import io.contrastream.jobs.learning.LearningJob;
import io.contrastream.jobs.learning.option.TopicSettings;
import io.contrastream.jobs.learning.state.StartInstruction;
import io.contrastream.operators.decode.RejectReason;
import io.contrastream.schemas.Embedding;
import io.contrastream.schemas.LabelledImage;
import io.contrastream.schemas.RejectedRecord;
import io.contrastream.schemas.WireFormatException;
import io.contrastream.testing.ColouredImages;
import io.contrastream.testing.JavaText;
import io.contrastream.testing.PngBytes;
import io.contrastream.testing.ReadTopic;
import io.contrastream.testing.ReadTopic.Received;
import io.contrastream.testing.TestKafka;
import io.contrastream.topics.Topic;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Folders of images as people have them, sent by the command line and learned by the job in one mini-batch, so that all vectors are
 * of one encoder. {@code pillow_references.py} has made what a viewer shows of them.
 */
final class FolderOfImagesITCase {

    /** Vectors of the same pixels differ by less, wherever in a batch they are. */
    private static final float ROUNDING = 1e-5f;

    /** Ids of images that were sent without the sender's checks. */
    private static final String UNCHECKED = "unchecked/";

    private static final String WITHOUT_END = "images/no-end/no-eoi.jpg";

    private static final Pattern NOT_SENT = Pattern.compile("(\\S+): not sent: (.+)");

    @TempDir
    private static Path folder;

    private static TestKafka kafka;
    private static Console produced;
    private static String savepoint;
    private static final Map<String, Embedding> LEARNED = new HashMap<>();
    /** Reason and message, by id. */
    private static final Map<String, String> REJECTED = new TreeMap<>();

    @BeforeAll
    static void sendAndLearn() throws Exception {
        copyResource("images");
        copyResource("references");
        writeOthers();
        kafka = TestKafka.start();
        Map<Topic, String> topics = kafka.createTopics("folder");
        String images = topics.get(Topic.LABELLED_IMAGES);
        produced = Console.run(
                "produce",
                "--images",
                "folder:" + folder.resolve("sent"),
                "--topic",
                images,
                "-b",
                kafka.bootstrapServers());
        int unchecked = sendUnchecked(images);
        int sent = Integer.parseInt(produced.out().replaceFirst("(?s).*sent (\\d+) images.*", "$1"));
        learn(topics, sent + unchecked);
    }

    @AfterAll
    static void stop() {
        kafka.close();
    }

    private static void copyResource(String name) throws Exception {
        Path from = Path.of(FolderOfImagesITCase.class.getResource(name).toURI());
        try (Stream<Path> files = Files.walk(from, FileVisitOption.FOLLOW_LINKS)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                write(name + "/" + from.relativize(file), Files.readAllBytes(file));
            }
        }
    }

    /** Files that the sender refuses, that the job rejects for their pixels, and that are no images. */
    private static void writeOthers() throws Exception {
        byte[] png = ColouredImages.png(1, new Random(1));
        write("fine/fine.png", png);
        write("fine/notes.txt", new byte[] {'h', 'i'});
        write("fine/page.png", "<html></html>".getBytes(StandardCharsets.UTF_8));
        write("nothing/clip.jpg", "\0\0\0 ftypmp42".getBytes(StandardCharsets.UTF_8));
        write("refused/lossless.jpg", hex("FFD8 FFC3 000B 08 0010 0010 01 01 11 00 FFD9"));
        write("refused/12-bits.jpg", hex("FFD8 FFC0 000B 0C 0010 0010 01 01 11 00 FFD9"));
        write("refused/two.jpg", hex("FFD8 FFC0 000E 08 0010 0010 02 01 11 00 02 11 00 FFD9"));
        write("refused/none.jpg", hex("FFD8 FFC0 000B 08 0000 0010 01 01 11 00 FFD9"));
        write("refused/vast.gif", hex("474946383961 FFFF FFFF 00 00 00 2C 0000 0000 0100 0100 00 02 00 3B"));
        write("refused/half.png", Arrays.copyOf(png, png.length / 2));
        write("refused/big.tif", hex("4949 2B00 0800 0000"));
        write("refused/odd.bmp", hex("424D 1E000000 00000000 1A000000 10000000 01000100 01001800 00000000 00000000"));
        write("refused/short.webp", hex("52494646 FF000000 57454250 56503820"));
        write(
                "damaged/filter.png",
                PngBytes.of(PngBytes.header(4, 2, 8, 2), PngBytes.data(rows(2, 9)), PngBytes.end()));
        write("damaged/long.png", PngBytes.of(PngBytes.header(4, 2, 8, 2), PngBytes.data(rows(3, 0)), PngBytes.end()));
        write("damaged/short.png", PngBytes.of(PngBytes.header(4, 2, 8, 2), PngBytes.data(rows(1, 0)), PngBytes.end()));
    }

    /** Rows of a PNG of four pixels of colour, with the filter. */
    private static byte[] rows(int count, int filter) {
        byte[] rows = new byte[13 * count];
        for (int row = 0; row < count; row++) {
            rows[13 * row] = (byte) filter;
        }
        return rows;
    }

    private static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits.replace(" ", ""));
    }

    private static void write(String name, byte[] bytes) throws IOException {
        Path file = folder.resolve("sent").resolve(name);
        Files.createDirectories(file.getParent());
        Files.write(file, bytes);
    }

    private static int sendUnchecked(String topic) throws Exception {
        List<LabelledImage> records = new ArrayList<>();
        try (ImageSource source = ImageSource.open("folder:" + folder.resolve("sent"), 1)) {
            for (int label = 0; label < source.labels().size(); label++) {
                for (int index = 0; index < source.size(label); index++) {
                    LabelledImage record = source.image(label, index).record(Instant.EPOCH, Map.of());
                    record.setId(UNCHECKED + record.getId());
                    records.add(record);
                }
            }
        }
        kafka.send(topic, records);
        return records.size();
    }

    private static void learn(Map<Topic, String> topics, int records) throws Exception {
        Map<String, String> options = new HashMap<>(Map.of(
                "kafka.bootstrap-servers", kafka.bootstrapServers(),
                "job.checkpoint-directory",
                        folder.resolve("checkpoints").toUri().toString(),
                "encoder.architecture", "resnet18-slim",
                "encoder.width", "4",
                "encoder.projection-size", "16",
                "encoder.threads", "1",
                "learner.batch-size", "500",
                "learner.recall-size", "1",
                "learner.steps-per-batch", "1",
                "learner.flush-interval", "3 s"));
        TopicSettings.TOPICS.forEach((topic, setting) -> options.put(setting.key(), topics.get(topic)));
        String[] arguments = options.entrySet().stream()
                .map(option -> "--" + option.getKey() + "=" + option.getValue())
                .toArray(String[]::new);
        try (LocalRun run = LocalRun.create("folder-of-images")) {
            JobClient job = LearningJob.submit(
                    run.environment(LocalCluster.settings()),
                    JobOptions.parse(arguments),
                    StartInstruction.NONE,
                    said -> {});
            try (ReadTopic<RejectedRecord> rejected =
                            kafka.read(topics.get(Topic.REJECTED_IMAGES), RejectedRecord.class);
                    ReadTopic<Embedding> embeddings = kafka.read(topics.get(Topic.EMBEDDINGS), Embedding.class)) {
                embeddings.until(
                        "an embedding or a rejection of each of " + records + " images",
                        read -> read.size() + soFar(rejected).size() >= records);
                embeddings.soFar().forEach(one -> LEARNED.put(one.value().getId(), one.value()));
                soFar(rejected)
                        .forEach(one -> REJECTED.put(
                                new String(one.key(), StandardCharsets.UTF_8),
                                one.value().getReason() + ": " + one.value().getMessage()));
            }
            savepoint = job.stopWithSavepoint(
                            false, folder.resolve("savepoints").toUri().toString(), SavepointFormatType.CANONICAL)
                    .get();
        }
    }

    private static List<Received<RejectedRecord>> soFar(ReadTopic<RejectedRecord> topic) {
        try {
            return topic.soFar();
        } catch (WireFormatException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void everyImageHasTheVectorOfWhatPillowShowsOfIt() throws Exception {
        Path images = folder.resolve("sent/images");
        List<String> names;
        try (Stream<Path> files = Files.walk(images)) {
            names = files.filter(Files::isRegularFile)
                    .map(file -> images.relativize(file).toString())
                    .filter(name -> !WITHOUT_END.endsWith(name))
                    .toList();
        }

        assertThat(names).hasSizeGreaterThan(15);
        assertThat(names)
                .allSatisfy(name ->
                        assertThat(LEARNED).as(name).containsKeys("images/" + name, "references/" + name + ".png"));
        assertThat(names)
                .allSatisfy(name -> assertThat(distance("images/" + name, "references/" + name + ".png"))
                        .as(name)
                        .isLessThan(ROUNDING));
        assertThat(LEARNED.get("images/formats/chair/a.webp").getLabel()).isEqualTo("images/formats/chair");
        // Other pixels would have other vectors.
        assertThat(distance("images/exif-orientation/rotated.jpg", "references/exif-orientation/as-stored.png"))
                .isGreaterThan(100 * ROUNDING);
        assertThat(distance("images/alpha/circle.png", "images/alpha/square.png"))
                .isGreaterThan(100 * ROUNDING);
    }

    /** Largest difference of two vectors in a dimension. */
    private static float distance(String one, String other) {
        List<Float> a = LEARNED.get(one).getVector();
        List<Float> b = LEARNED.get(other).getVector();
        float distance = 0;
        for (int i = 0; i < a.size(); i++) {
            distance = Math.max(distance, Math.abs(a.get(i) - b.get(i)));
        }
        return distance;
    }

    /** All of what the job rejects, except for what only the pixels tell. */
    @Test
    void whatTheJobRejectsForItsHeaderIsNotSentForTheSameReasonAndNothingElseIs() {
        Map<String, String> refused = NOT_SENT.matcher(produced.err())
                .results()
                .collect(Collectors.toMap(line -> line.group(1), line -> line.group(2)));
        Map<String, String> rejected = new TreeMap<>();
        Map<String, String> forTheirPixels = new TreeMap<>();
        REJECTED.forEach((id, message) -> {
            String name = id.replaceFirst("^" + UNCHECKED, "");
            (name.startsWith("damaged/") || name.equals(WITHOUT_END) ? forTheirPixels : rejected).put(id, message);
        });

        assertThat(refused).hasSize(9);
        assertThat(rejected.entrySet().stream()
                        .collect(Collectors.toMap(
                                one -> one.getKey().substring(UNCHECKED.length()), Map.Entry::getValue)))
                .isEqualTo(refused);
        // What comes behind the pixels of a JPEG without an end may be no pixels: that is not known before they are
        // decoded.
        assertThat(forTheirPixels.remove(WITHOUT_END))
                .isEqualTo("truncated-image: JPEG image ends after 1575 bytes without its end marker");
        assertThat(forTheirPixels.remove(UNCHECKED + WITHOUT_END)).startsWith("truncated-image: ");
        assertThat(forTheirPixels)
                .hasSize(6)
                .allSatisfy(
                        (id, message) -> assertThat(message).startsWith(RejectReason.CORRUPT_IMAGE + ": PNG image"));
        assertThat(produced.exitCode()).isEqualTo(1);
        assertThat(produced.err())
                .contains(
                        "fine/notes.txt: not an image",
                        "fine/page.png: not an image",
                        "nothing/clip.jpg: not an image",
                        "no class 'nothing': none of its 1 file is an image");
    }

    @Test
    void aDamagedSavepointIsToldOfInWordsForPeople() throws Exception {
        Path whole = Path.of(URI.create(savepoint));
        List<Path> files;
        try (Stream<Path> list = Files.list(whole)) {
            files = list.sorted().toList();
        }
        assertThat(Console.run("weights", "export", "--savepoint", savepoint, "--output", output())
                        .exitCode())
                .isZero();
        int refused = 0;
        for (int i = 0; i < 16; i++) {
            Random random = new Random(i);
            Path copy = Files.createDirectory(folder.resolve("damaged-savepoint-" + i));
            Path damaged = files.get(i % files.size());
            for (Path file : files) {
                byte[] bytes = Files.readAllBytes(file);
                Files.write(copy.resolve(file.getFileName()), file.equals(damaged) ? damaged(bytes, random) : bytes);
            }

            Console export = Console.run("weights", "export", "--savepoint", copy.toString(), "--output", output());

            refused += export.exitCode();
            requireWords(export);
        }
        assertThat(refused).isGreaterThan(4);
    }

    @Test
    void aSavepointThatBeginsOtherwiseIsToldOfInWordsForPeople() throws Exception {
        byte[] metadata = Files.readAllBytes(Path.of(URI.create(savepoint)).resolve("_metadata"));
        for (int at = 0; at < 2 * Integer.BYTES; at++) {
            byte[] changed = metadata.clone();
            changed[at] ^= 0x40;
            Path copy = Files.createDirectory(folder.resolve("begins-otherwise-" + at));
            Files.write(copy.resolve("_metadata"), changed);

            Console export = Console.run("weights", "export", "--savepoint", copy.toString(), "--output", output());

            assertThat(export.exitCode()).isEqualTo(1);
            assertThat(export.err())
                    .contains("it is damaged, or ", at < Integer.BYTES ? "its metadata begins with" : "of version");
            requireWords(export);
        }
    }

    @Test
    void damagedWeightsAreToldOfInWordsForPeople() throws Exception {
        Console.run("weights", "export", "--savepoint", savepoint, "--output", output());
        byte[] weights = Files.readAllBytes(Path.of(output()));
        int header = (weights[0] & 0xFF) | (weights[1] & 0xFF) << 8 | (weights[2] & 0xFF) << 16;
        Path file = folder.resolve("damaged.safetensors");
        int refused = 0;
        for (int i = 0; i < 60; i++) {
            Random random = new Random(i);
            byte[] start = damaged(Arrays.copyOf(weights, 8 + header), random);
            ByteArrayOutputStream damaged = new ByteArrayOutputStream();
            damaged.writeBytes(start);
            damaged.write(weights, 8 + header, weights.length - 8 - header);
            Files.write(file, damaged.toByteArray());

            Console inspect = Console.run("weights", "inspect", file.toString());

            refused += inspect.exitCode();
            requireWords(inspect);
        }
        assertThat(refused).isGreaterThan(25);
    }

    @Test
    void damagedOptionsAreToldOfInWordsForPeople() throws Exception {
        byte[] options = """
                kafka:
                  bootstrap-servers: "localhost:9092"
                job: {checkpoint-directory: 'file:///c', parallelism: 2}
                encoder:
                  normalization: {mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225]}
                learner:
                  flush-interval: 3 s # soon
                """.getBytes(StandardCharsets.UTF_8);
        Path file = folder.resolve("damaged.yaml");
        for (int i = 0; i < 60; i++) {
            Files.write(file, damaged(options, new Random(i)));

            // An option that is not right keeps whatever is right from being done.
            Console learn = Console.run("learn", "--config", file.toString(), "--learner.batch-size", "0");

            assertThat(learn.exitCode()).isEqualTo(2);
            requireWords(learn);
        }
    }

    private static String output() {
        return folder.resolve("whole.safetensors").toString();
    }

    private static void requireWords(Console console) {
        assertThat(console.exitCode()).as(console.err()).isBetween(0, 2);
        assertThat(JavaText.in(console.err())).as(console.err()).isEmpty();
        assertThat(console.err()).doesNotContain("\tat ");
    }

    /** Cut off, or with a few bytes that are others. */
    private static byte[] damaged(byte[] bytes, Random random) {
        if (random.nextInt(3) == 0) {
            return Arrays.copyOf(bytes, random.nextInt(bytes.length));
        }
        byte[] damaged = bytes.clone();
        for (int i = 0; i <= random.nextInt(4); i++) {
            damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
        }
        return damaged;
    }
}
