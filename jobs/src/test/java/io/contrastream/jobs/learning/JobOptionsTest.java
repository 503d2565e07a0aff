package io.contrastream.jobs.learning;

import static org.assertj.core.api.Assertions.assertThat;

import io.contrastream.jobs.kafka.KafkaOptions;
import io.contrastream.jobs.learning.option.LearningJobSettings;
import io.contrastream.jobs.learning.option.TopicSettings;
import io.contrastream.learning.augment.AugmentOptions;
import io.contrastream.learning.augment.ColourJitter;
import io.contrastream.learning.drift.DriftOptions;
import io.contrastream.learning.encoder.DeviceOptions;
import io.contrastream.learning.encoder.LearningRateSchedule;
import io.contrastream.learning.encoder.OptimizerOptions;
import io.contrastream.learning.encoder.TrainingOptions;
import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.learner.HeldOut;
import io.contrastream.learning.learner.LearnerOptions;
import io.contrastream.learning.learner.LossOptions;
import io.contrastream.learning.learner.ReplayOptions;
import io.contrastream.learning.learner.ReviewOptions;
import io.contrastream.learning.learner.StepOptions;
import io.contrastream.learning.network.Architecture;
import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.learning.network.Normalization;
import io.contrastream.learning.network.Stem;
import io.contrastream.learning.objective.CrossEntropy;
import io.contrastream.operators.decode.DecodeOptions;
import io.contrastream.operators.decode.Reading;
import io.contrastream.operators.decode.SeveralLabels;
import io.contrastream.operators.decode.Unlabelled;
import io.contrastream.operators.join.JoinOptions;
import io.contrastream.operators.learn.option.InitialModel;
import io.contrastream.operators.learn.option.LearnOptions;
import io.contrastream.operators.release.ReleaseOptions;
import io.contrastream.operators.replica.ReplicaOptions;
import io.contrastream.topics.Topic;
import io.contrastream.topics.format.Format;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The options of a job that keys and values become. */
class JobOptionsTest {

    private static Map<Topic, Format> formats(Format format) {
        return TopicSettings.TOPICS.keySet().stream().collect(Collectors.toMap(topic -> topic, topic -> format));
    }

    private static Map<Topic, Format> labelledImagesInConfluentOthersInJson() {
        Map<Topic, Format> formats = new HashMap<>(formats(Format.JSON));
        formats.put(Topic.LABELLED_IMAGES, Format.CONFLUENT);
        return formats;
    }

    @Test
    void byDefaultIsTheRecipeOfSupervisedContrastiveReplay() {
        ImageShape input = new ImageShape(3, 32, 32);

        assertThat(JobOptions.parse("--kafka.bootstrap-servers", "localhost:9092"))
                .isEqualTo(new JobOptions(
                        "contrastream-learning",
                        1,
                        Duration.ofMinutes(1),
                        Optional.empty(),
                        new KafkaOptions(
                                "localhost:9092",
                                "contrastream-learning",
                                Map.of(),
                                Map.of(
                                        Topic.LABELLED_IMAGES, "labelled-images",
                                        Topic.EMBEDDINGS, "embeddings",
                                        Topic.PROTOTYPES, "prototypes",
                                        Topic.LEARNING_REPORTS, "learning-reports",
                                        Topic.ENCODER_RELEASES, "encoder-releases",
                                        Topic.REJECTED_IMAGES, "rejected-images"),
                                formats(Format.SINGLE_OBJECT),
                                DeliveryGuarantee.AT_LEAST_ONCE,
                                Duration.ofMinutes(15),
                                Duration.ofMinutes(5)),
                        Optional.empty(),
                        new DecodeOptions(input, 10 << 20, 25_000_000, 4 << 10),
                        Unlabelled.REJECT,
                        SeveralLabels.REJECT,
                        new LearnOptions(
                                "encoder",
                                EncoderSpec.of(Architecture.RESNET18, Stem.CIFAR, input, Normalization.CIFAR100),
                                InitialModel.OF_SEED,
                                new TrainingOptions(
                                        new OptimizerOptions(
                                                OptimizerOptions.Kind.SGD,
                                                0.1,
                                                new LearningRateSchedule(
                                                        0, LearningRateSchedule.Decay.CONSTANT, 10_000, 0.1),
                                                0,
                                                0.9,
                                                0.999,
                                                1e-8,
                                                0),
                                        0.1,
                                        0.95),
                                DeviceOptions.AUTO,
                                new LearnerOptions(
                                                0,
                                                10,
                                                new ReplayOptions(2000, 100, LearnerOptions.Reservoir.CLASS_BALANCED),
                                                new StepOptions(2, 2, 10),
                                                new ReviewOptions(100, false, 0))
                                        .with(LossOptions.classified(1)),
                                Duration.ofSeconds(5),
                                Duration.ofSeconds(5),
                                ReplicaOptions.ONE),
                        ReleaseOptions.NONE));
    }

    @Test
    void mapsEveryOption(@TempDir Path folder) throws IOException {
        String yaml = """
                kafka:
                  bootstrap-servers: "127.0.0.1:1, localhost:2"
                  group-id: group
                  properties:
                    security.protocol: PLAINTEXT
                    schema.registry.url: http://registry:8081
                  topic:
                    labelled-images: a
                    embeddings: b
                    prototypes: c
                    learning-reports: d
                    rejected-images: e
                    encoder-releases: f
                  format: json
                  topic-format:
                    labelled-images: confluent
                  delivery-guarantee: exactly-once
                  transaction-timeout: 3 min
                  partition-discovery-interval: 30 s
                late-labels:
                  time-to-live: 3 d
                  out-of-orderness: 20 s
                  idleness: 2 min
                model:
                  name: birds
                  recipe: scr
                image:
                  channels: 1
                  height: 24
                  width: 16
                  max-encoded-size: 2 mb
                  max-pixels: 1000
                  exif-orientation: ignore
                  background: '#0a0b0c'
                  truncated: accept
                  rejected-payload-size: 100 bytes
                encoder:
                  architecture: resnet50
                  stem: imagenet
                  width: 8
                  projection-size: 64
                  mirror-embedding: true
                  initial-weights: s3://bucket/resnet50.safetensors
                  initial-weights-sha256: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
                  normalization:
                    mean: [0.25]
                    std: [0.5]
                  engine: torch
                  device: cuda:1
                  precision: tf32
                  deterministic: false
                  threads: 3
                  memory-limit: 4 gb
                  sync-batch-norm: false
                loss.temperature: 0.07
                optimizer:
                  kind: adam
                  learning-rate: 0.001
                  warmup-steps: 50
                  schedule: cosine
                  decay-steps: 700
                  final-fraction: 0.05
                  momentum: 0.9
                  weight-decay: 1e-4
                  adam: {beta1: 0.8, beta2: 0.99, epsilon: 1e-7}
                learner:
                  seed: -12345678901
                  batch-size: 20
                  unlabelled: views
                  several-labels: learn
                  flush-interval: 300 ms
                  recall-size: 30
                  replay: {capacity: 40, reservoir: uniform}
                  steps-per-batch: 2
                  early-steps-per-batch: 8
                  refresh-steps: 60
                  recalibrate: true
                  classifier-weight: 0.25
                  classifier-scope: apart
                  distillation-weight: 5.5
                  distillation-temperature: 3
                  proxy-weight: 0.75
                  proxy-temperature: 0.09
                  stage-weight: 0.4
                  averaging-decay: 0.98
                  review-images: 900
                  max-skipped-in-row: 7
                  accuracy-window: 80
                  drift:
                    error-delta: 0.05
                    embedding-threshold: 0.3
                    window: 50
                  report-interval: 9 s
                  initial-state: s3://bucket/savepoint-1
                  parallelism: 3
                  replica-timeout: 20 s
                augment:
                  first-view-plain: false
                  min-scale: 0.3
                  flip-probability: 0.31
                  jitter-probability: 0.32
                  brightness: 0.33
                  contrast: 0.34
                  saturation: 0.35
                  hue: 0.36
                  greyscale-probability: 0.37
                  rand-augment: {operations: 3, magnitude: 14.5}
                  threads: 2
                job:
                  name: my-job
                  parallelism: 5
                  checkpoint-interval: 2 min
                  checkpoint-directory: s3://bucket/checkpoints
                release:
                  directory: s3://bucket/releases
                  every-steps: 300
                  every: 20 min
                  held-out-share: 0.1
                  max-difference: 0.001
                  max-accuracy-loss: 0.03
                """;
        Path file = Files.writeString(folder.resolve("all.yaml"), yaml);
        ImageShape input = new ImageShape(1, 24, 16);

        JobOptions parsed = JobOptions.parse("--config", file.toString());
        assertThat(parsed)
                .isEqualTo(new JobOptions(
                        "my-job",
                        5,
                        Duration.ofMinutes(2),
                        Optional.of("s3://bucket/checkpoints"),
                        new KafkaOptions(
                                "127.0.0.1:1,localhost:2",
                                "group",
                                Map.of("security.protocol", "PLAINTEXT", "schema.registry.url", "http://registry:8081"),
                                Map.of(
                                        Topic.LABELLED_IMAGES, "a",
                                        Topic.EMBEDDINGS, "b",
                                        Topic.PROTOTYPES, "c",
                                        Topic.LEARNING_REPORTS, "d",
                                        Topic.ENCODER_RELEASES, "f",
                                        Topic.REJECTED_IMAGES, "e"),
                                labelledImagesInConfluentOthersInJson(),
                                DeliveryGuarantee.EXACTLY_ONCE,
                                Duration.ofMinutes(3),
                                Duration.ofSeconds(30)),
                        Optional.empty(),
                        new DecodeOptions(input, 2 << 20, 1000, 100, new Reading(false, true, 0x0a0b0c, true)),
                        Unlabelled.VIEWS,
                        SeveralLabels.LEARN,
                        new LearnOptions(
                                "birds",
                                new EncoderSpec(
                                        Architecture.RESNET50,
                                        Stem.IMAGENET,
                                        8,
                                        input,
                                        64,
                                        new Normalization(List.of(0.25f), List.of(0.5f)),
                                        true),
                                new InitialModel(
                                        "s3://bucket/resnet50.safetensors",
                                        "0123456789abcdef".repeat(4),
                                        "s3://bucket/savepoint-1"),
                                new TrainingOptions(
                                        new OptimizerOptions(
                                                OptimizerOptions.Kind.ADAM,
                                                0.001,
                                                new LearningRateSchedule(
                                                        50, LearningRateSchedule.Decay.COSINE, 700, 0.05),
                                                0.9,
                                                0.8,
                                                0.99,
                                                1e-7,
                                                1e-4),
                                        0.07,
                                        0.98,
                                        true),
                                new DeviceOptions("torch", "cuda:1", DeviceOptions.Precision.TF32, false, 3, 4L << 30),
                                new LearnerOptions(
                                                -12345678901L,
                                                20,
                                                new ReplayOptions(40, 30, LearnerOptions.Reservoir.UNIFORM)
                                                        .with(new HeldOut(0.1)),
                                                new StepOptions(2, 8, 7),
                                                new ReviewOptions(60, true, 900))
                                        .with(new LossOptions(0.25, CrossEntropy.Scope.APART, 5.5, 3, 0.75, 0.09, 0.4))
                                        .with(new AugmentOptions(
                                                false,
                                                0.3,
                                                0.31,
                                                new ColourJitter(0.32, 0.33, 0.34, 0.35, 0.36),
                                                0.37,
                                                3,
                                                14.5))
                                        .withAugmentThreads(2)
                                        .withAccuracyWindow(80)
                                        .with(new DriftOptions(0.05, 0.3, 50)),
                                Duration.ofMillis(300),
                                Duration.ofSeconds(9),
                                new ReplicaOptions(3, false, Duration.ofSeconds(20))),
                        new ReleaseOptions(
                                "s3://bucket/releases",
                                300,
                                Duration.ofMinutes(20),
                                0.001,
                                0.03,
                                parsed.release().jobOptions())));
        assertThat(parsed.release().jobOptions())
                .containsEntry("learner.batch-size", "20")
                .containsEntry("release.every", "20 min")
                .noneSatisfy((key, value) -> assertThat(key).startsWith("kafka."));
        // No option is left out above, except of the topics that take the place of another one.
        assertThat(yaml)
                .contains(LearningJobSettings.ALL.all().stream()
                        .filter(setting -> !setting.key().matches("kafka\\..*\\.(images|labels)"))
                        .map(setting -> setting.key().substring(setting.key().lastIndexOf('.') + 1) + ":")
                        .toList());
    }

    @Test
    void makesARelativeFileOfWeightsAbsolute() {
        assertThat(JobOptions.parse("--kafka.bootstrap-servers", "localhost:1", "--encoder.initial-weights", "my w.st")
                        .learn()
                        .initial()
                        .weights())
                .isEqualTo("file:" + Path.of("my w.st").toAbsolutePath());
    }

    @Test
    void topicsOfImagesAndLabelsTakeThePlaceOfThatOfLabelledImages() {
        JobOptions options = JobOptions.parse(
                "--kafka.bootstrap-servers",
                "localhost:9092",
                "--kafka.topic.images",
                "image-queries",
                "--kafka.topic.labels",
                "labels",
                "--late-labels.time-to-live",
                "60 d");

        assertThat(options.kafka().topics())
                .containsEntry(Topic.IMAGES, "image-queries")
                .containsEntry(Topic.LABELS, "labels")
                .doesNotContainKey(Topic.LABELLED_IMAGES)
                .hasSize(7);
        assertThat(options.kafka().images()).isEqualTo(Topic.IMAGES);
        assertThat(options.lateLabels())
                .contains(new JoinOptions(Duration.ofDays(60), Duration.ofSeconds(10), Duration.ofMinutes(1)));
    }

    @Test
    void labelsThatComeByThemselvesMayBeSeveralOfAnImage() {
        JobOptions options = JobOptions.parse(
                "--kafka.bootstrap-servers=localhost:9092",
                "--job.checkpoint-directory=file:///c",
                "--kafka.topic.images=image-queries",
                "--kafka.topic.labels=labels",
                "--learner.several-labels=learn");

        assertThat(options.lateLabels()).isPresent();
        assertThat(options.severalLabels()).isEqualTo(SeveralLabels.LEARN);
    }

    @Test
    void aRegistrysSecretsAreShownToNobodyAndItsPropertiesToNoClientOfKafka() {
        KafkaOptions kafka = JobOptions.parse(
                        "--kafka.bootstrap-servers=localhost:9092",
                        "--kafka.format=confluent",
                        "--kafka.properties.client.id=me",
                        "--kafka.properties.schema.registry.url=http://registry:8081",
                        "--kafka.properties.basic.auth.user.info=learner:sesame")
                .kafka();

        assertThat(kafka.toString()).contains("registry:8081").doesNotContain("sesame");
        assertThat(kafka.clientProperties()).containsOnlyKeys("client.id");
    }

    @Test
    void doesNotShowSecrets() {
        JobOptions options = JobOptions.parse(
                "--kafka.bootstrap-servers", "localhost:1",
                "--kafka.properties.security.protocol", "SASL_SSL",
                "--kafka.properties.sasl.jaas.config", "module required password=hunter2;",
                "--kafka.properties.ssl.keystore.key", "hunter2",
                "--kafka.properties.our.own.plugin", "hunter2");

        assertThat(options.toString())
                .contains("security.protocol=SASL_SSL", "sasl.jaas.config=(hidden)")
                .doesNotContain("hunter2");
        assertThat(options.kafka().clientProperties()).containsEntry("ssl.keystore.key", "hunter2");
    }
}
