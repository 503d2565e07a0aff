package io.contrastream.jobs.embedding;

import io.contrastream.jobs.kafka.KafkaCheck;
import io.contrastream.jobs.kafka.KafkaEnds;
import io.contrastream.jobs.kafka.KafkaOptions;
import io.contrastream.operators.Tombstone;
import io.contrastream.operators.decode.AnyImageDecoder;
import io.contrastream.operators.decode.DecodeFunction;
import io.contrastream.operators.decode.KafkaRecord;
import io.contrastream.operators.decode.Query;
import io.contrastream.operators.embed.EmbedOperator;
import io.contrastream.operators.embed.Tally;
import io.contrastream.schemas.Embedding;
import io.contrastream.schemas.EncoderRelease;
import io.contrastream.schemas.RecordFormat;
import io.contrastream.schemas.RejectedRecord;
import io.contrastream.topics.Topic;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.connector.source.lib.NumberSequenceSource;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;

/**
 * Embeds all images that there are with one release, into a topic of their own, and ends: so that a consumer can move its index to another
 * encoder as a whole, and then switch.
 *
 * <pre>
 * images → decode → embed (one release) → the topic of embeddings
 *             └→ counted
 * </pre>
 *
 * <p>Images may be records of type {@code LabelledImage} or {@code ImageQuery}, also mixed; a tombstone becomes one in the output. All but the
 * counts runs in parallel, and records of one partition stay in their order. The job is started again from its last checkpoint as the
 * environment says, and begins anew otherwise: it has no checkpoints that outlive it.
 */
public final class Reembedding {

    /** Also how long output takes to become visible with exactly-once, and how long the job waits for its end. */
    private static final Duration CHECKPOINT_INTERVAL = Duration.ofSeconds(2);

    private static final String PASSED = "passed";
    private static final String REFUSED = "refused";
    private static final String EMBEDDED = "embedded";
    private static final String TAKEN_BACK = "taken-back";
    private static final String REJECTED = "rejected";

    private final EmbeddingOptions options;
    private final KafkaOptions kafka;
    private final Beginning beginning;

    private Reembedding(EmbeddingOptions options, KafkaOptions kafka, Beginning beginning) {
        this.options = options;
        this.kafka = kafka;
        this.beginning = beginning;
    }

    /**
     * Prepares the job, and looks whether it can run.
     *
     * @param options where {@code kafka.topic.embeddings} is the output and, if images come from a topic, {@code kafka.topic.image-queries} is
     *     that
     * @param release version of the model, or URI of the release's folder; empty for {@code embedding.release}, or else the newest announced
     * @param fromTopic whether images come from a topic
     * @throws io.contrastream.releases.ReleaseException if the release cannot be used
     * @throws io.contrastream.topics.TopicException if Kafka does not answer or lacks a topic, or the output has embeddings of another version
     * @throws io.contrastream.jobs.option.InvalidOptionsException if the cluster allows less than the options want
     */
    public static Reembedding of(EmbeddingOptions options, String release, boolean fromTopic) throws IOException {
        KafkaOptions kafka = options.kafka().without(Topic.ENCODER_RELEASES).without(Topic.REJECTED_IMAGES);
        if (!fromTopic) {
            kafka = kafka.without(Topic.IMAGE_QUERIES);
        }
        KafkaCheck.require(kafka);
        Beginning beginning = beginning(options, release);
        OutputVersion.require(kafka, beginning.release().getEncoderVersion());
        return new Reembedding(options, kafka, beginning);
    }

    private static Beginning beginning(EmbeddingOptions options, String release) throws IOException {
        if (release.matches("\\d{1,18}")) {
            return Beginning.of(options, OptionalLong.of(Long.parseLong(release)));
        }
        String folder = release.isEmpty() ? options.release().orElse("") : release;
        return folder.isEmpty() ? Beginning.of(options) : Beginning.ofFolder(folder);
    }

    /** The release that it embeds with. */
    public EncoderRelease release() {
        return beginning.release();
    }

    /** Embeds the images that the topic has now. */
    public JobClient submit(StreamExecutionEnvironment env) throws Exception {
        return submit(
                env,
                ends().read(Topic.IMAGE_QUERIES),
                env.fromSource(
                                ends().present(Topic.IMAGE_QUERIES),
                                WatermarkStrategy.noWatermarks(),
                                OperatorIds.IMAGE_QUERIES)
                        .setParallelism(options.parallelism())
                        .uid(OperatorIds.IMAGE_QUERIES));
    }

    /**
     * Embeds the images of a bounded stream.
     *
     * @param format of the records
     * @param images of the options' parallelism
     */
    public JobClient submit(StreamExecutionEnvironment env, RecordFormat format, DataStream<KafkaRecord> images)
            throws Exception {
        configure(env);
        SingleOutputStreamOperator<Query> queries = images.process(
                        new DecodeFunction<>(
                                options.decode().apply(beginning.images()),
                                decode -> new AnyImageDecoder(decode, format)),
                        TypeInformation.of(Query.class))
                .setParallelism(options.parallelism())
                .name(OperatorIds.DECODE)
                .uid(OperatorIds.DECODE);
        queries.connect(announcement(env).broadcast())
                .transform(
                        OperatorIds.EMBED,
                        new AvroTypeInfo<>(Embedding.class),
                        new EmbedOperator(options.embed().apply(beginning.images()), release()))
                .setParallelism(options.parallelism())
                .uid(OperatorIds.EMBED)
                .map(new Tally<>(PASSED, Reembedding::kind, embedding -> null), new AvroTypeInfo<>(Embedding.class))
                .setParallelism(options.parallelism())
                .name(PASSED)
                .uid(PASSED)
                .sinkTo(ends().sink(Topic.EMBEDDINGS, Embedding::getId, Tombstone::is))
                .setParallelism(options.parallelism())
                .name(OperatorIds.EMBEDDINGS)
                .uid(OperatorIds.EMBEDDINGS);
        queries.getSideOutput(DecodeFunction.REJECTED)
                .map(
                        new Tally<>(REFUSED, record -> REJECTED, Reembedding::text),
                        new AvroTypeInfo<>(RejectedRecord.class))
                .setParallelism(1)
                .name(REFUSED)
                .uid(REFUSED)
                .sinkTo(new DiscardingSink<>())
                .setParallelism(1)
                .name(OperatorIds.REJECTED)
                .uid(OperatorIds.REJECTED);
        return env.executeAsync(name());
    }

    /** The one release, which serves already, so that nothing is loaded again. */
    private DataStream<EncoderRelease> announcement(StreamExecutionEnvironment env) {
        EncoderRelease release = release();
        return env.fromSource(
                        new NumberSequenceSource(0, 0), WatermarkStrategy.noWatermarks(), OperatorIds.ENCODER_RELEASES)
                .setParallelism(1)
                .uid(OperatorIds.ENCODER_RELEASES)
                .map(one -> release, new AvroTypeInfo<>(EncoderRelease.class))
                .setParallelism(1)
                .name(OperatorIds.ANNOUNCEMENTS)
                .uid(OperatorIds.ANNOUNCEMENTS);
    }

    private static void configure(StreamExecutionEnvironment env) {
        Configuration flink = new Configuration();
        flink.set(PipelineOptions.GENERIC_TYPES, false);
        flink.set(PipelineOptions.AUTO_GENERATE_UIDS, false);
        flink.set(PipelineOptions.OBJECT_REUSE, true);
        flink.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, CHECKPOINT_INTERVAL);
        flink.set(CheckpointingOptions.CHECKPOINT_STORAGE, "jobmanager");
        env.configure(flink);
    }

    /** Two that write to one topic would be a mistake, of which exactly-once output lets one fail. */
    private String name() {
        return "contrastream-reembedding-" + kafka.topic(Topic.EMBEDDINGS);
    }

    private KafkaEnds ends() {
        return new KafkaEnds(name(), kafka);
    }

    private static String kind(Embedding embedding) {
        return Tombstone.is(embedding) ? TAKEN_BACK : EMBEDDED;
    }

    private static String text(RejectedRecord record) {
        ByteBuffer key = record.getKey();
        return (key == null ? "a record" : StandardCharsets.UTF_8.decode(key.duplicate()))
                + " (" + record.getTopic() + ", partition " + record.getPartition() + ", offset " + record.getOffset()
                + "): " + record.getReason() + ": " + record.getMessage();
    }

    /**
     * How far a job is.
     *
     * @param embedded images embedded
     * @param takenBack tombstones handed on
     * @param rejected records that could not be used
     * @param reasons of some of these, for a person
     */
    public record Outcome(long embedded, long takenBack, long rejected, List<String> reasons) {

        /** By the accumulators of the job. */
        public static Outcome of(Map<String, Object> accumulators) {
            Tally.Counts passed = Tally.of(accumulators, PASSED);
            Tally.Counts refused = Tally.of(accumulators, REFUSED);
            return new Outcome(passed.of(EMBEDDED), passed.of(TAKEN_BACK), refused.of(REJECTED), refused.texts());
        }
    }
}
