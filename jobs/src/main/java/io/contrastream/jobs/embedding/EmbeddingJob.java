package io.contrastream.jobs.embedding;

import io.contrastream.jobs.cluster.JobConfiguration;
import io.contrastream.jobs.embedding.option.EmbeddingJobSettings;
import io.contrastream.jobs.kafka.KafkaCheck;
import io.contrastream.jobs.kafka.KafkaEnds;
import io.contrastream.jobs.kafka.KafkaMapping;
import io.contrastream.jobs.option.InvalidOptionsException;
import io.contrastream.jobs.option.OptionsHelp;
import io.contrastream.operators.decode.DecodeFunction;
import io.contrastream.operators.decode.DecodeOptions;
import io.contrastream.operators.decode.KafkaRecord;
import io.contrastream.operators.decode.Query;
import io.contrastream.operators.decode.QueryDecoder;
import io.contrastream.operators.embed.AnnouncementFunction;
import io.contrastream.operators.embed.EmbedOperator;
import io.contrastream.schemas.Embedding;
import io.contrastream.schemas.EncoderRelease;
import io.contrastream.schemas.RecordFormat;
import io.contrastream.schemas.RejectedRecord;
import io.contrastream.topics.Topic;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExecutionOptions;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Embeds images with the newest announced release of a model, and finds the nearest prototype of each.
 *
 * <pre>
 * image-queries → decode → embed → embeddings
 *                   │        ↑
 *                   │        └ encoder-releases (to every instance)
 *                   └→ rejected-images
 * </pre>
 *
 * <p>All but the announcements runs in parallel, and records of one partition stay in their order from topic to topic.
 */
public final class EmbeddingJob {

    private static final Logger LOG = LoggerFactory.getLogger(EmbeddingJob.class);

    /** How long a record may wait in a buffer between two operators. */
    private static final Duration BUFFER_TIMEOUT = Duration.ofMillis(5);

    private EmbeddingJob() {}

    /**
     * Runs the job, in a cluster if submitted with {@code flink run}.
     *
     * @param arguments {@code --config FILE} and {@code --key value}, as {@code docs/options.md} has them; {@code --help} prints them and
     *     runs nothing
     * @throws InvalidOptionsException listing everything that is wrong with the options, before anything runs
     * @throws io.contrastream.topics.TopicException if Kafka does not answer or lacks a topic, before anything runs
     * @throws io.contrastream.releases.ReleaseException if there is no release to begin with, before anything runs
     */
    public static void main(String[] arguments) throws Exception {
        if (List.of(arguments).contains("--help")) {
            System.out.print(OptionsHelp.text("Embeds images from a Kafka stream.", EmbeddingJobSettings.ALL));
            return;
        }
        EmbeddingOptions options = EmbeddingOptions.parse(arguments);
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        define(env, options, System.out::println);
        env.execute(options.name());
    }

    /**
     * Submits the job and returns. Fails as {@link #main} does.
     *
     * @param say receives what it begins with
     */
    public static JobClient submit(StreamExecutionEnvironment env, EmbeddingOptions options, Consumer<String> say)
            throws Exception {
        define(env, options, say);
        return env.executeAsync(options.name());
    }

    private static void define(StreamExecutionEnvironment env, EmbeddingOptions options, Consumer<String> say)
            throws Exception {
        JobConfiguration.apply(env, options.checkpointInterval(), options.checkpointDirectory());
        Configuration flink = new Configuration();
        flink.set(ExecutionOptions.BUFFER_TIMEOUT, BUFFER_TIMEOUT);
        // No operator changes or keeps what it hands on: a copy of an embedding would be an object for every number.
        flink.set(PipelineOptions.OBJECT_REUSE, true);
        env.configure(flink);
        Beginning beginning = Beginning.of(options);
        DecodeOptions decode = options.decode().apply(beginning.images());
        KafkaCheck.require(
                        options.kafka(),
                        Topic.IMAGE_QUERIES,
                        (long) decode.rejectedPayloadBytes() + KafkaMapping.REJECTION_OVERHEAD_BYTES,
                        decode.maxEncodedBytes())
                .forEach(concern -> say.accept("contrastream: warning: " + concern));
        KafkaEnds kafka = new KafkaEnds(options.name(), options.kafka());
        RecordFormat images = kafka.read(Topic.IMAGE_QUERIES);
        KafkaSink<Embedding> embeddings = kafka.sink(Topic.EMBEDDINGS, Embedding::getId);
        KafkaSink<RejectedRecord> rejected = kafka.sinkOfBuffers(Topic.REJECTED_IMAGES, RejectedRecord::getKey);
        EncoderRelease release = beginning.release();
        String begins = state(env, options, say)
                .map(state -> "Goes on from " + state)
                .orElse("Version " + release.getEncoderVersion() + " of model '" + release.getModel()
                        + "' embeds until another one is announced: " + release.getUri());
        LOG.info("Job {}: {}", options.name(), begins);
        say.accept(begins);

        SingleOutputStreamOperator<Query> queries = env.fromSource(
                        kafka.source(Topic.IMAGE_QUERIES, false),
                        WatermarkStrategy.noWatermarks(),
                        OperatorIds.IMAGE_QUERIES)
                .setParallelism(options.parallelism())
                .uid(OperatorIds.IMAGE_QUERIES)
                .process(
                        new DecodeFunction<>(decode, wanted -> new QueryDecoder(wanted, images)),
                        TypeInformation.of(Query.class))
                .setParallelism(options.parallelism())
                .name(OperatorIds.DECODE)
                .uid(OperatorIds.DECODE);
        DataStream<KafkaRecord> announced = env.fromSource(
                        kafka.source(Topic.ENCODER_RELEASES, beginning.from()),
                        WatermarkStrategy.noWatermarks(),
                        OperatorIds.ENCODER_RELEASES)
                .setParallelism(1)
                .uid(OperatorIds.ENCODER_RELEASES);
        DataStream<EncoderRelease> releases = announced
                .flatMap(new AnnouncementFunction(options.model(), kafka.read(Topic.ENCODER_RELEASES)))
                .returns(new AvroTypeInfo<>(EncoderRelease.class))
                .setParallelism(1)
                .name(OperatorIds.ANNOUNCEMENTS)
                .uid(OperatorIds.ANNOUNCEMENTS);
        queries.connect(releases.broadcast())
                .transform(
                        OperatorIds.EMBED,
                        new AvroTypeInfo<>(Embedding.class),
                        new EmbedOperator(
                                options.embed().apply(beginning.images()), release, NewestState.owner(options)))
                .setParallelism(options.parallelism())
                .uid(OperatorIds.EMBED)
                .sinkTo(embeddings)
                .setParallelism(options.parallelism())
                .name(OperatorIds.EMBEDDINGS)
                .uid(OperatorIds.EMBEDDINGS);
        queries.getSideOutput(DecodeFunction.REJECTED)
                .sinkTo(rejected)
                .setParallelism(1)
                .name(OperatorIds.REJECTED)
                .uid(OperatorIds.REJECTED);
    }

    /** The state that the job goes on from: the one asked for, else with exactly-once output its newest, else none. */
    private static Optional<String> state(
            StreamExecutionEnvironment env, EmbeddingOptions options, Consumer<String> say) throws IOException {
        Optional<String> asked = env.getConfiguration().getOptional(StateRecoveryOptions.SAVEPOINT_PATH);
        if (asked.isPresent() || options.kafka().deliveryGuarantee() != DeliveryGuarantee.EXACTLY_ONCE) {
            return asked;
        }
        Optional<NewestState> newest =
                NewestState.find(env.getConfiguration().get(CheckpointingOptions.CHECKPOINTS_DIRECTORY), options, say);
        Configuration flink = new Configuration();
        newest.ifPresent(state -> flink.set(StateRecoveryOptions.SAVEPOINT_PATH, state.location()));
        env.configure(flink);
        return newest.map(NewestState::text);
    }
}
