package io.contrastream.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import io.contrastream.broker.EmbeddedBroker;
import io.contrastream.datasets.ImageSource;
import io.contrastream.datasets.ImageStream;
import io.contrastream.datasets.SourceImage;
import io.contrastream.jobs.learning.JobOptions;
import io.contrastream.learning.encoder.EncoderState;
import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.learning.network.Tensor;
import io.contrastream.releases.weights.EncoderWeights;
import io.contrastream.schemas.Embedding;
import io.contrastream.schemas.RejectedRecord;
import io.contrastream.schemas.SingleObject;
import io.contrastream.testing.Await;
import io.contrastream.testing.ChildProcess;
import io.contrastream.testing.FlinkCluster;
import io.contrastream.testing.Folder;
import io.contrastream.testing.Script;
import io.contrastream.topics.Topic;
import io.contrastream.topics.TopicLayout;
import io.contrastream.topics.Topics;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The folder as a user has it, with either engine: its JobManager and its TaskManager as processes of their own, the job submitted from a third, images
 * in and embeddings out. Logs stay in {@code target/cluster-logs}.
 */
@Timeout(600)
final class ClusterITCase {

    private static final int IMAGES = 60;

    @TempDir
    private Path temporary;

    private final Path logs = Path.of("target/cluster-logs").toAbsolutePath();

    @Test
    void aClusterLearnsFromATopicAndGoesOnFromItsCheckpointWhenItIsStartedAnewOnTheOtherEngine() throws Exception {
        Files.createDirectories(logs);
        try (EmbeddedBroker broker = EmbeddedBroker.start()) {
            try (Topics topics = new Topics(broker.bootstrapServers(), Map.of())) {
                topics.create(TopicLayout.all(1, (short) 1));
            }
            Path checkpoints = Files.createDirectories(temporary.resolve("checkpoints"));

            writeWeights();
            List<Embedding> first = learn("dl4j", broker, checkpoints, 0, "Starting a new model; 61 records wait");
            assertThat(first)
                    .allSatisfy(embedding -> assertThat(length(embedding)).isBetween(0.999, 1.001));
            long version = newestVersion(first);
            assertThat(version).isPositive();

            // The model goes on from what it has learned, and no longer needs what it started from.
            Files.delete(weights());
            List<Embedding> both = learn("torch", broker, checkpoints, IMAGES, "Going on from");
            assertThat(newestVersion(both)).isGreaterThan(version);
            assertThat(rejected(broker))
                    .extracting(RejectedRecord::getOffset)
                    .containsExactly((long) IMAGES, 2L * IMAGES + 1);

            aPageShowsIt(broker);

            String checkpoint = completed(checkpoints).iterator().next().toString();
            String exported = temporary.resolve("exported.safetensors").toString();
            assertThat(Script.run(
                            Await.PATIENCE,
                            logs,
                            "contrastream",
                            "weights",
                            "export",
                            "--savepoint",
                            checkpoint,
                            "--output",
                            exported))
                    .contains("exported.safetensors: model 'encoder', encoder version ", "width=4");
        }
    }

    /** The live page, as a process of its own. */
    private void aPageShowsIt(EmbeddedBroker broker) throws Exception {
        try (ChildProcess page = ChildProcess.start(
                "dashboard",
                logs,
                Map.of(),
                List.of(
                        Folder.HOME.resolve("bin/contrastream").toString(),
                        "dashboard",
                        "--port",
                        "0",
                        "--bootstrap-servers",
                        broker.bootstrapServers()))) {
            Await.until("the page says where it is", () -> {
                assertThat(page.isAlive()).as(page.output()).isTrue();
                return page.output().contains("http://");
            });
            String url = page.output().replaceAll("(?s).*(http://\\S+/).*", "$1");
            HttpClient client = HttpClient.newHttpClient();
            HttpResponse<InputStream> events = client.send(
                    HttpRequest.newBuilder(URI.create(url + "events")).build(), BodyHandlers.ofInputStream());
            try (BufferedReader lines =
                    new BufferedReader(new InputStreamReader(events.body(), StandardCharsets.UTF_8))) {
                // An event has what is new, all in one or one after the other: all images on the map, and what was
                // rejected.
                Set<String> wanted = new HashSet<>(Set.of("\"size\":" + 2 * IMAGES, "\"rejections\":{\"total\":2"));
                assertThat(lines.lines().anyMatch(line -> {
                            wanted.removeIf(line::contains);
                            return wanted.isEmpty();
                        }))
                        .isTrue();
            }
            assertThat(client.send(HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.ofString())
                            .body())
                    .contains("<title>Contrastream</title>");
        }
    }

    private Path weights() {
        return temporary.resolve("initial.safetensors");
    }

    private void writeWeights() throws IOException {
        EncoderSpec spec = JobOptions.parse("--kafka.bootstrap-servers", "localhost:1", "--encoder.width", "4")
                .learn()
                .encoder();
        List<Tensor> parameters = spec.network().initialParameters(1);
        try (OutputStream out = Files.newOutputStream(weights())) {
            EncoderWeights.write("encoder", new EncoderState(spec.fingerprint(), 0, parameters, List.of()), out);
        }
    }

    /** Starts a cluster and the job, sends images and something that is none, waits for the embeddings and a checkpoint, stops all. */
    private List<Embedding> learn(String engine, EmbeddedBroker broker, Path checkpoints, int from, String submitted)
            throws Exception {
        try (FlinkCluster cluster = new FlinkCluster(logs, engine)) {
            cluster.startJobManager();
            cluster.startTaskManager("one");
            cluster.awaitReady();
            Script.run(Await.PATIENCE, logs, "healthy.sh", ("localhost " + cluster.restPort() + " 1").split(" ", -1));

            send(broker, from);
            String output = Script.run(
                    Await.PATIENCE,
                    logs,
                    "submit.sh",
                    "--jobmanager",
                    "localhost:" + cluster.restPort(),
                    "--job.checkpoint-directory",
                    checkpoints.toString(),
                    "--kafka.bootstrap-servers",
                    broker.bootstrapServers(),
                    "--job.checkpoint-interval",
                    "1 s",
                    "--encoder.width",
                    "4",
                    "--encoder.initial-weights",
                    weights().toString(),
                    "--learner.recall-size",
                    "10",
                    "--encoder.engine",
                    engine,
                    "--encoder.threads",
                    "1",
                    // Less than what taskmanager.sh tells the engine.
                    "--encoder.memory-limit",
                    "3 gb");
            assertThat(output).contains(submitted).contains("Job has been submitted");

            List<Embedding> embeddings = new ArrayList<>();
            Await.until("all images are embedded", () -> {
                embeddings.clear();
                embeddings.addAll(embeddings(broker));
                return ids(embeddings).size() == from + IMAGES;
            });
            // The first new one may have begun before the last embedding was written.
            Set<Path> older = completed(checkpoints);
            Set<Path> newer = new HashSet<>();
            Await.until("a checkpoint knows of them", () -> {
                newer.addAll(completed(checkpoints));
                newer.removeAll(older);
                return newer.size() >= 2;
            });
            return embeddings;
        }
    }

    /** Sends images, then a record that is none. */
    private static void send(EmbeddedBroker broker, int from) throws Exception {
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        try (ImageSource source = ImageSource.open("synthetic", 1)) {
            ImageStream stream = ImageStream.of(source, 4, 2 * IMAGES, 1);
            for (int i = from; i < from + IMAGES; i++) {
                SourceImage image = stream.image(i);
                records.add(new ProducerRecord<>(
                        Topic.LABELLED_IMAGES.id(),
                        image.id().getBytes(StandardCharsets.UTF_8),
                        SingleObject.encode(image.record(Instant.EPOCH, Map.of()))));
            }
        }
        records.add(new ProducerRecord<>(Topic.LABELLED_IMAGES.id(), null, new byte[] {1, 2, 3}));
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, broker.bootstrapServers()),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            List<Future<RecordMetadata>> sent =
                    records.stream().map(producer::send).toList();
            for (Future<RecordMetadata> one : sent) {
                one.get();
            }
        }
    }

    private static List<Embedding> embeddings(EmbeddedBroker broker) throws Exception {
        List<Embedding> embeddings = new ArrayList<>();
        for (byte[] value : values(broker, Topic.EMBEDDINGS)) {
            embeddings.add(SingleObject.decode(value, Embedding.class));
        }
        return embeddings;
    }

    private static List<RejectedRecord> rejected(EmbeddedBroker broker) throws Exception {
        List<RejectedRecord> records = new ArrayList<>();
        for (byte[] value : values(broker, Topic.REJECTED_IMAGES)) {
            records.add(SingleObject.decode(value, RejectedRecord.class));
        }
        return records;
    }

    /** Records of a topic of one partition now. */
    private static List<byte[]> values(EmbeddedBroker broker, Topic topic) {
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, broker.bootstrapServers()),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            TopicPartition partition = new TopicPartition(topic.id(), 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            List<byte[]> values = new ArrayList<>();
            while (consumer.position(partition) < end) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofSeconds(1))) {
                    values.add(record.value());
                }
            }
            return values;
        }
    }

    private static Set<String> ids(List<Embedding> embeddings) {
        Set<String> ids = new HashSet<>();
        embeddings.forEach(embedding -> ids.add(embedding.getId()));
        return ids;
    }

    private static long newestVersion(List<Embedding> embeddings) {
        return embeddings.stream().mapToLong(Embedding::getEncoderVersion).max().orElseThrow();
    }

    private static double length(Embedding embedding) {
        return Math.sqrt(embedding.getVector().stream().mapToDouble(v -> v * v).sum());
    }

    private static Set<Path> completed(Path checkpoints) throws IOException {
        try (Stream<Path> files = Files.find(checkpoints, 3, (file, attributes) -> file.endsWith("_metadata"))) {
            return new HashSet<>(files.toList());
        } catch (UncheckedIOException deletedMeanwhile) {
            return Set.of();
        }
    }
}
