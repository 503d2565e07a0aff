package io.contrastream.jobs.learning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.contrastream.jobs.option.InvalidOptionsException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Options of a job that are refused, each with the reason. */
class JobOptionsProblemsTest {

    @Test
    void refusesFormatsThatThereAreNotAndARegistryThatCannotBeFound() {
        assertThat(problems(
                        "--kafka.bootstrap-servers", "localhost:9092",
                        "--kafka.format", "protobuf",
                        "--kafka.topic-format.embeddings", "avro"))
                .contains(
                        "kafka.format is 'protobuf', but must be single-object or confluent or json",
                        "kafka.topic-format.embeddings is 'avro', but must be single-object or confluent or json");
        assertThat(problems(
                        "--kafka.bootstrap-servers", "localhost:9092", "--kafka.topic-format.embeddings", "confluent"))
                .containsExactly(
                        "kafka.properties.schema.registry.url is not set, but the format confluent needs it, such"
                                + " as http://registry:8081");
        assertThat(problems(
                        "--kafka.bootstrap-servers", "localhost:9092",
                        "--kafka.properties.schema.registry.url", "http://registry:8081",
                        "--kafka.properties.auto.register.schemas", "never"))
                .containsExactly("kafka.properties.auto.register.schemas is 'never', but must be true or false");
    }

    @Test
    void refusesSeveralLearnersWithTheEngineThatHasNone() {
        assertThatThrownBy(() -> JobOptions.parse(
                        "--kafka.bootstrap-servers=localhost:9092", "--learner.parallelism=2", "--encoder.engine=dl4j"))
                .hasMessageContaining("learner.parallelism is 2, which is not supported by the dl4j engine, but"
                        + " encoder.engine is dl4j; use 1, or the torch engine");
    }

    @Test
    void needsBootstrapServers() {
        assertThatThrownBy(JobOptions::parse)
                .isInstanceOf(InvalidOptionsException.class)
                .hasMessage("kafka.bootstrap-servers is not set, but must be a comma-separated list of host:port");
    }

    @Test
    void needsAnAddressThatResolves() {
        assertThat(problems("--kafka.bootstrap-servers", "no-such-host.invalid:9092"))
                .containsExactly(
                        "kafka.bootstrap-servers is 'no-such-host.invalid:9092', but must have a host that resolves"
                                + " to an address, and none of these does");
        assertThat(problems("--kafka.bootstrap-servers", "no-such-host.invalid:9092,localhost:9092"))
                .isEmpty();
    }

    @Test
    void needsPortsThatExist() {
        assertThat(problems("--kafka.bootstrap-servers", "localhost:70000"))
                .containsExactly("kafka.bootstrap-servers is 'localhost:70000', but ports must be from 1 to 65535");
    }

    @Test
    void statisticsOfMemoryNeedAverages() {
        assertThat(valid("--learner.recalibrate", "true", "--learner.averaging-decay", "0"))
                .containsExactly("learner.recalibrate is true, which needs averages of the weights, but"
                        + " learner.averaging-decay is 0");
        assertThat(valid("--learner.recalibrate", "true")).isEmpty();
    }

    @Test
    void distillationNeedsAClassifierAndAverages() {
        assertThat(valid("--learner.distillation-weight", "5.5", "--learner.classifier-weight", "0"))
                .containsExactly("learner.distillation-weight is 5.5, which needs a classifier, but"
                        + " learner.classifier-weight is 0");
        assertThat(valid("--learner.distillation-weight", "5.5", "--learner.averaging-decay", "0"))
                .containsExactly("learner.distillation-weight is 5.5, which needs averages of the weights, but"
                        + " learner.averaging-decay is 0");
        assertThat(valid("--learner.distillation-weight", "5.5")).isEmpty();
    }

    @Test
    void earlyStepsAreNoFewerThanLaterOnes() {
        assertThat(valid("--learner.steps-per-batch", "3", "--learner.early-steps-per-batch", "2"))
                .containsExactly(
                        "learner.early-steps-per-batch is 2, but must be at least learner.steps-per-batch, which is 3");
        assertThat(valid("--learner.early-steps-per-batch", "2")).isEmpty();
    }

    @Test
    void needsAMemoryThatHoldsWhatIsRecalled() {
        assertThat(valid("--learner.recall-size", "60", "--learner.replay.capacity", "50"))
                .containsExactly(
                        "learner.replay.capacity is 50, but must be at least learner.recall-size, which is 60");
        assertThat(valid("--learner.replay.capacity", "50"))
                .containsExactly(
                        "learner.replay.capacity is 50, but must be at least learner.recall-size, which is 100");
    }

    @Test
    void needsADeviceAndAnEngineThatHaveThePrecision() {
        assertThat(valid("--encoder.precision", "tf32", "--encoder.device", "cpu"))
                .containsExactly("encoder.precision is tf32, which is for GPUs, but encoder.device is cpu; use auto,"
                        + " float32 or bf16");
        assertThat(valid("--encoder.precision", "tf32", "--encoder.engine", "dl4j"))
                .containsExactly("encoder.precision is tf32, which is not supported by the dl4j engine, but"
                        + " encoder.engine is dl4j; use auto or float32, or the torch engine");
        assertThat(valid("--encoder.precision", "tf32")).isEmpty();
        assertThat(valid("--encoder.precision", "auto", "--encoder.device", "cpu"))
                .isEmpty();
    }

    @Test
    void needsATimeToRelease() {
        assertThat(valid("--release.directory", "/releases", "--release.every-steps", "0"))
                .containsExactly(
                        "release.every-steps and release.every are both 0, but release.directory is set: set one"
                                + " of them, or nothing is released");
        assertThat(valid("--release.every-steps", "0")).isEmpty();
    }

    @Test
    void needsANormalisationOfEveryChannel() {
        assertThat(valid("--image.channels", "1", "--encoder.normalization.std", "[0.5]"))
                .containsExactly("encoder.normalization.mean is '[0.5071, 0.4867, 0.4408]', but must have one value a"
                        + " channel; image.channels is 1");
    }

    @Test
    void needsTransactionsThatOutliveACheckpointInterval() {
        String[] tooShort = {"--kafka.delivery-guarantee", "exactly-once", "--kafka.transaction-timeout", "100 s"};

        assertThat(valid(tooShort))
                .containsExactly(
                        "kafka.transaction-timeout is '100 s', but for exactly-once must be at least 1 min more than"
                                + " job.checkpoint-interval, which is '1 min': a transaction that ends before its"
                                + " checkpoint loses what was written in it");
        assertThat(valid(tooShort[2], tooShort[3])).isEmpty();
    }

    @Test
    void needsATopicForEveryPurpose() {
        assertThat(valid("--kafka.topic.rejected-images", "labelled-images"))
                .containsExactly("kafka.topic.rejected-images is 'labelled-images', but must be another topic than"
                        + " kafka.topic.labelled-images");
    }

    @Test
    void leavesToItsOwnOptionsWhatTheySet() {
        assertThat(valid(
                        "--kafka.properties.bootstrap.servers", "x:1",
                        "--kafka.properties.key.serializer", "x",
                        "--kafka.properties.transactional.id", "x"))
                .containsExactly(
                        "kafka.properties.bootstrap.servers is set, but the job sets it itself: use"
                                + " kafka.bootstrap-servers",
                        "kafka.properties.key.serializer is set, but the job sets it itself",
                        "kafka.properties.transactional.id is set, but the job sets it itself: use job.name");
    }

    @Test
    void needsRejectedRecordsToFitIntoARequest() {
        assertThat(valid("--image.rejected-payload-size", "1 mb"))
                .containsExactly("image.rejected-payload-size is '1 mb', but must leave 128 kb of"
                        + " kafka.properties.max.request.size, which is 1048576 bytes, for what surrounds it");
        assertThat(valid("--image.rejected-payload-size", "1 mb", "--kafka.properties.max.request.size", "2000000"))
                .isEmpty();
        assertThat(valid("--kafka.properties.max.request.size", "big"))
                .containsExactly("kafka.properties.max.request.size is 'big', but must be a whole number of bytes below"
                        + " 1000000000");
    }

    @Test
    void reportsEverythingAtOnce() {
        assertThat(problems(
                        "stray",
                        "--loss.temperature",
                        "0",
                        "--learner.batch-size",
                        "-1",
                        "--learner.replay.capacity",
                        "5",
                        "--learner.colour",
                        "red"))
                .hasSize(6)
                .first()
                .asString()
                .startsWith("'stray' is not understood");
    }

    @Test
    void doesNotComplainTwiceOfOneValue() {
        assertThat(valid("--learner.replay.capacity", "0"))
                .containsExactly("learner.replay.capacity is 0, but must be a whole number of at least 1");
    }

    @Test
    void refusesARelativeCheckpointDirectoryWhichDependsOnWhereAProcessIsStarted() {
        for (String relative : List.of("chk", "./chk", "file:chk")) {
            assertThat(valid("--job.checkpoint-directory", relative))
                    .containsExactly("job.checkpoint-directory is '" + relative
                            + "', but must be an absolute path or a URI such as"
                            + " file:///var/lib/contrastream/checkpoints or s3://bucket/checkpoints");
        }
        assertThat(valid("--job.checkpoint-directory", "/chk")).isEmpty();
    }

    @Test
    void oneOfImagesAndLabelsAloneIsRefusedAndSoAreBothBesideLabelledImages() {
        assertThatThrownBy(() -> JobOptions.parse(
                        "--kafka.bootstrap-servers", "localhost:9092", "--kafka.topic.labels", "labels"))
                .isInstanceOf(InvalidOptionsException.class)
                .hasMessage("kafka.topic.labels is 'labels', but kafka.topic.images is not set: set both, or neither"
                        + " for images that come with their labels");
        assertThatThrownBy(() -> JobOptions.parse(
                        "--kafka.bootstrap-servers",
                        "localhost:9092",
                        "--kafka.topic.images",
                        "same",
                        "--kafka.topic.labels",
                        "same",
                        "--kafka.topic.labelled-images",
                        "other",
                        "--late-labels.time-to-live",
                        "400 d"))
                .isInstanceOf(InvalidOptionsException.class)
                .hasMessageContaining("kafka.topic.labels is 'same', but must be another topic than kafka.topic.images")
                .hasMessageContaining("kafka.topic.labelled-images is 'other', but must not be set where images come"
                        + " from kafka.topic.images: a job has one topic of images")
                .hasMessageContaining(
                        "late-labels.time-to-live is '400 d', but must be a duration such as 30 s, 12 h or"
                                + " 7 d, from 1 s to 366 d");
    }

    private static List<String> valid(String... arguments) {
        List<String> all = new ArrayList<>(List.of("--kafka.bootstrap-servers", "localhost:9092"));
        all.addAll(List.of(arguments));
        return problems(all.toArray(String[]::new));
    }

    private static List<String> problems(String... arguments) {
        try {
            JobOptions.parse(arguments);
            return List.of();
        } catch (InvalidOptionsException e) {
            return e.problems();
        }
    }
}
