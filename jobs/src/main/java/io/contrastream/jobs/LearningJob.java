package io.contrastream.jobs;

import io.contrastream.jobs.kafka.KafkaCheck;
import io.contrastream.jobs.kafka.KafkaEnds;
import io.contrastream.jobs.option.InvalidOptionsException;
import io.contrastream.jobs.option.JobSettings;
import io.contrastream.jobs.topic.Topic;
import io.contrastream.learning.learner.Example;
import io.contrastream.operators.decode.DecodeFunction;
import io.contrastream.operators.decode.KafkaRecord;
import io.contrastream.operators.learn.EngineSource;
import io.contrastream.operators.learn.LearnFunction;
import io.contrastream.operators.learn.SavedLearner;
import io.contrastream.schemas.Embedding;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * Keeps an encoder learning from labelled images and publishes its embeddings and prototypes.
 *
 * <pre>
 * labelled-images → decode → learn → embeddings, prototypes, learning-reports
 *                      └→ rejected-images
 * </pre>
 *
 * <p>Reading and decoding run in parallel, the learner is one. Records of one partition reach it in their order; of several
 * partitions it takes whichever comes first. So a run can be repeated bit by bit only if the topic has one partition (and
 * mini-batches are closed by their size; see {@link LearnFunction}).
 */
public final class LearningJob {

    private static final Duration ALIGNED_CHECKPOINT_TIMEOUT = Duration.ofSeconds(5);

    private LearningJob() {}

    /**
     * Runs the job, in a cluster if submitted with {@code flink run}.
     *
     * @param arguments {@code --config FILE} and {@code --key value}, as {@code docs/options.md} has them
     * @throws InvalidOptionsException listing everything that is wrong with the options, before anything runs
     * @throws io.contrastream.jobs.topic.TopicException if Kafka does not answer or lacks a topic, before anything runs
     */
    public static void main(String[] arguments) throws Exception {
        runJob(StreamExecutionEnvironment.getExecutionEnvironment(), JobOptions.parse(arguments));
    }

    /** Runs the job to its end, on Kafka. */
    public static void runJob(StreamExecutionEnvironment env, JobOptions options) throws Exception {
        defineOnKafka(env, options, EngineSource.CLASS_PATH);
        env.execute(options.name());
    }

    /** Starts the job on Kafka and returns at once. Fails as {@link #main} does. */
    public static JobClient submit(StreamExecutionEnvironment env, JobOptions options) throws Exception {
        return submit(env, options, EngineSource.CLASS_PATH);
    }

    static JobClient submit(StreamExecutionEnvironment env, JobOptions options, EngineSource engines) throws Exception {
        defineOnKafka(env, options, engines);
        return env.executeAsync(options.name());
    }

    /**
     * The learner that a savepoint or checkpoint of the job holds.
     *
     * @throws IOException saying what is wrong, if there is none or it cannot be read
     */
    public static SavedLearner savedLearner(String savepoint) throws IOException {
        return SavedLearner.read(savepoint, OperatorIds.LEARN);
    }

    private static void defineOnKafka(StreamExecutionEnvironment env, JobOptions options, EngineSource engines) {
        configure(env, options);
        if (env.getConfiguration()
                .getOptional(StateRecoveryOptions.SAVEPOINT_PATH)
                .isEmpty()) {
            WeightsCheck.require(options.learn());
        }
        KafkaCheck.require(
                        options.kafka(),
                        options.largestRejectionBytes(),
                        options.decode().maxEncodedBytes())
                .forEach(concern -> System.err.println("contrastream: warning: " + concern));
        KafkaEnds kafka = new KafkaEnds(options.name(), options.kafka());
        DataStream<KafkaRecord> images = env.fromSource(
                        kafka.source(Topic.LABELLED_IMAGES),
                        WatermarkStrategy.noWatermarks(),
                        OperatorIds.LABELLED_IMAGES)
                .setParallelism(options.parallelism())
                .uid(OperatorIds.LABELLED_IMAGES);
        defineWorkflow(images, options, engines, LearningSinks.of(kafka));
    }

    /** The topology from a stream of records to sinks. */
    static void defineWorkflow(
            DataStream<KafkaRecord> images, JobOptions options, EngineSource engines, LearningSinks sinks) {
        SingleOutputStreamOperator<Example> examples = images.process(
                        new DecodeFunction(options.decode()), TypeInformation.of(Example.class))
                .setParallelism(options.parallelism())
                .name(OperatorIds.DECODE)
                .uid(OperatorIds.DECODE);

        String model = options.learn().model();
        SingleOutputStreamOperator<Embedding> embeddings = examples.keyBy(example -> model, Types.STRING)
                .process(new LearnFunction(options.learn(), engines), new AvroTypeInfo<>(Embedding.class))
                .setParallelism(1)
                .setMaxParallelism(1)
                .name(OperatorIds.LEARN)
                .uid(OperatorIds.LEARN);

        sink(embeddings, sinks.embeddings(), OperatorIds.EMBEDDINGS);
        sink(embeddings.getSideOutput(LearnFunction.PROTOTYPES), sinks.prototypes(), OperatorIds.PROTOTYPES);
        sink(embeddings.getSideOutput(LearnFunction.REPORTS), sinks.reports(), OperatorIds.REPORTS);
        sink(examples.getSideOutput(DecodeFunction.REJECTED), sinks.rejected(), OperatorIds.REJECTED);
    }

    /** Sinks are not parallel, so that the newest record of a key is also the last one written. */
    private static <T> void sink(DataStream<T> records, Sink<T> sink, String id) {
        records.sinkTo(sink).setParallelism(1).name(id).uid(id);
    }

    /**
     * Sets what the job needs of Flink; all else is as the cluster has it.
     *
     * @throws InvalidOptionsException if there is no place for checkpoints
     */
    static void configure(StreamExecutionEnvironment env, JobOptions options) {
        Configuration flink = new Configuration();
        flink.set(PipelineOptions.GENERIC_TYPES, false);
        flink.set(PipelineOptions.AUTO_GENERATE_UIDS, false);
        flink.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, options.checkpointInterval());
        // The learner is slower than what feeds it: a barrier that has waited so long overtakes the images before it.
        flink.set(CheckpointingOptions.ENABLE_UNALIGNED, true);
        flink.set(CheckpointingOptions.ALIGNED_CHECKPOINT_TIMEOUT, ALIGNED_CHECKPOINT_TIMEOUT);
        flink.set(
                CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION,
                ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION);
        options.checkpointDirectory()
                .ifPresent(directory -> flink.set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, directory));
        env.configure(flink);
        if (env.getConfiguration()
                .getOptional(CheckpointingOptions.CHECKPOINTS_DIRECTORY)
                .isEmpty()) {
            throw new InvalidOptionsException(List.of(JobSettings.CHECKPOINT_DIRECTORY.key()
                    + " is not set, and neither is Flink's " + CheckpointingOptions.CHECKPOINTS_DIRECTORY.key()
                    + ", but one of them must be "
                    + JobSettings.CHECKPOINT_DIRECTORY.allowed().text()));
        }
    }
}
