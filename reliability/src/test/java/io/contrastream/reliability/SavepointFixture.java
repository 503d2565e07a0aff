package io.contrastream.reliability;

import io.contrastream.datasets.SourceImage;
import io.contrastream.jobs.learning.option.TopicSettings;
import io.contrastream.schemas.Embedding;
import io.contrastream.schemas.ImageEncoding;
import io.contrastream.schemas.LabelledImage;
import io.contrastream.schemas.SingleObject;
import io.contrastream.schemas.WireFormatException;
import io.contrastream.testing.Folder;
import io.contrastream.testing.KafkaProcess;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;

/**
 * A savepoint that a version has written, the images of its stream, and what that version has made of those that came after it.
 *
 * <pre>
 * options.properties   of the job, without the address of Kafka
 * savepoint/           of the job when it had learned BEFORE images and UNFINISHED more waited for the rest of a mini-batch
 * images               all of the stream: of each record its length (int) and its bytes, as they are in Kafka
 * embeddings           of the images that were learned after the savepoint, in the same form
 * </pre>
 *
 * @param folder whose name is the version
 */
record SavepointFixture(Path folder) {

    static final int BEFORE = 5 * LearningRun.BATCH;
    static final int UNFINISHED = 3;
    static final int AFTER = 5 * LearningRun.BATCH;

    private static final Path ALL = Path.of("src/test/resources/savepoints").toAbsolutePath();
    private static final int SIDE = 8;
    private static final int CLASSES = 4;

    /** Those of all versions. */
    static List<SavepointFixture> all() throws IOException {
        try (Stream<Path> folders = Files.list(ALL)) {
            return folders.filter(Files::isDirectory)
                    .sorted()
                    .map(SavepointFixture::new)
                    .toList();
        }
    }

    /** The first of 0.1.0, whose learner has its weights as operator state. */
    static SavepointFixture first() {
        return new SavepointFixture(
                Path.of("src/test/resources/first-savepoint").toAbsolutePath());
    }

    /** The one of the version that is being built, which need not be there yet. */
    static SavepointFixture ofThisVersion() {
        return new SavepointFixture(
                ALL.resolve(Folder.property("contrastream.version").replace("-SNAPSHOT", "")));
    }

    /** The job that has written the savepoint. */
    LearningRun run(KafkaProcess kafka, Path temporary) throws IOException {
        Properties stored = new Properties();
        try (Reader in = Files.newBufferedReader(folder.resolve("options.properties"))) {
            stored.load(in);
        }
        Map<String, String> settings = new TreeMap<>();
        stored.stringPropertyNames().forEach(key -> settings.put(key, stored.getProperty(key)));
        settings.put("kafka.bootstrap-servers", kafka.bootstrapServers());
        String name = settings.get("job.name");
        // A later version may have topics that the fixture's did not.
        TopicSettings.TOPICS.forEach((topic, setting) -> settings.putIfAbsent(setting.key(), name + "-" + topic.id()));
        return new LearningRun(name, temporary.resolve(name), settings);
    }

    void writeOptions(LearningRun run) throws IOException {
        Files.createDirectories(folder);
        Files.write(
                folder.resolve("options.properties"),
                run.settings().entrySet().stream()
                        .filter(setting -> !setting.getKey().equals("kafka.bootstrap-servers"))
                        .map(setting -> setting.getKey() + "=" + setting.getValue())
                        .toList());
    }

    Path savepoint() {
        return folder.resolve("savepoint");
    }

    List<LabelledImage> images() throws IOException {
        return read("images", LabelledImage.class);
    }

    void writeImages(List<LabelledImage> images) throws IOException {
        write("images", images);
    }

    List<Embedding> embeddings() throws IOException {
        return read("embeddings", Embedding.class);
    }

    void writeEmbeddings(List<Embedding> embeddings) throws IOException {
        write("embeddings", embeddings);
    }

    /** A colour for each class, and noise. */
    static LabelledImage newImage(int number) {
        Random random = new Random(number);
        byte[] pixels = new byte[3 * SIDE * SIDE];
        for (int i = 0; i < pixels.length; i++) {
            int colour = i / (SIDE * SIDE) == number % CLASSES ? 160 : 64;
            pixels[i] = (byte) (colour + random.nextInt(64));
        }
        return new SourceImage(
                        "image-" + number,
                        "class-" + number % CLASSES,
                        pixels,
                        ImageEncoding.RAW_PLANAR_RGB8,
                        SIDE,
                        SIDE)
                .record(Instant.EPOCH.plusSeconds(number), Map.of());
    }

    private void write(String name, List<? extends SpecificRecord> records) throws IOException {
        try (DataOutputStream out = new DataOutputStream(Files.newOutputStream(folder.resolve(name)))) {
            for (SpecificRecord record : records) {
                byte[] bytes = SingleObject.encode(record);
                out.writeInt(bytes.length);
                out.write(bytes);
            }
        }
    }

    private <T extends SpecificRecord> List<T> read(String name, Class<T> type) throws IOException {
        List<T> records = new ArrayList<>();
        try (DataInputStream in = new DataInputStream(Files.newInputStream(folder.resolve(name)))) {
            while (in.available() > 0) {
                records.add(SingleObject.decode(in.readNBytes(in.readInt()), type));
            }
        } catch (WireFormatException e) {
            throw new IOException(e);
        }
        return records;
    }

    @Override
    public String toString() {
        return folder.getFileName().toString();
    }
}
