package io.contrastream.operators.learn;

import static org.assertj.core.api.Assertions.assertThat;

import io.contrastream.learning.encoder.ReferenceEngine;
import io.contrastream.learning.learner.Example;
import io.contrastream.operators.Forget;
import io.contrastream.operators.learn.option.InitialModel;
import io.contrastream.operators.learn.option.LearnOptions;
import io.contrastream.operators.learn.state.LearnerKey;
import io.contrastream.operators.replica.ReplicaOptions;
import io.contrastream.schemas.Embedding;
import io.contrastream.schemas.EmbeddingOrigin;
import io.contrastream.schemas.LearningReport;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.api.java.typeutils.EitherTypeInfo;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.flink.types.Either;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The learning operator in a real Flink task: what happens to an unfinished mini-batch when a job ends or is stopped. */
@Timeout(120)
class EndOfInputITCase {

    private static final int PER_SECOND = 300;
    private static final long ENDLESS = Long.MAX_VALUE;

    /** The tasks run in this process, on copies of the functions. */
    private static final Queue<Embedding> EMBEDDINGS = new ConcurrentLinkedQueue<>();

    private static final Queue<LearningReport> REPORTS = new ConcurrentLinkedQueue<>();

    @RegisterExtension
    static final MiniClusterExtension CLUSTER = new MiniClusterExtension(new MiniClusterResourceConfiguration.Builder()
            .setNumberTaskManagers(1)
            .setNumberSlotsPerTaskManager(1)
            .build());

    @TempDir
    private Path savepoints;

    @BeforeEach
    void forget() {
        EMBEDDINGS.clear();
        REPORTS.clear();
    }

    private static JobClient start(long images, String savepoint) throws Exception {
        Configuration configuration = new Configuration();
        configuration.set(PipelineOptions.GENERIC_TYPES, false);
        if (savepoint != null) {
            configuration.set(StateRecoveryOptions.SAVEPOINT_PATH, savepoint);
        }
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment(configuration);
        env.setParallelism(1);
        DataGeneratorSource<Example> source = new DataGeneratorSource<>(
                position -> LearnRun.EXAMPLES.inTurn(position.intValue(), 3),
                images,
                images == ENDLESS ? RateLimiterStrategy.perSecond(PER_SECOND) : RateLimiterStrategy.noOp(),
                TypeInformation.of(Example.class));
        SingleOutputStreamOperator<Embedding> embeddings = env.fromSource(
                        source, WatermarkStrategy.noWatermarks(), "images")
                .uid("images")
                .map(
                        Either::<Example, Forget>Left,
                        new EitherTypeInfo<>(TypeInformation.of(Example.class), TypeInformation.of(Forget.class)))
                .uid("inputs")
                .keyBy(example -> LearnerKey.of("model"), LearnerKey.TYPE)
                .transform(
                        "learn",
                        new AvroTypeInfo<>(Embedding.class),
                        new LearnOperator(new LearnFunction(patient(), ReferenceEngine::new), "model"))
                .setParallelism(1)
                .setMaxParallelism(LearnerKey.MAX_PARALLELISM)
                .uid("learn");
        embeddings.map(EndOfInputITCase::keep, Types.BOOLEAN).sinkTo(new DiscardingSink<>());
        embeddings
                .getSideOutput(LearnFunction.REPORTS)
                .map(EndOfInputITCase::keep, Types.BOOLEAN)
                .sinkTo(new DiscardingSink<>());
        return env.executeAsync();
    }

    private static boolean keep(Embedding embedding) {
        return embedding.getOrigin() == EmbeddingOrigin.LEARNED && EMBEDDINGS.add(embedding);
    }

    private static boolean keep(LearningReport report) {
        return REPORTS.add(report);
    }

    /** Only the end of input closes a mini-batch before it is full. */
    private static LearnOptions patient() {
        LearnOptions base = LearnRun.OPTIONS;
        return new LearnOptions(
                base.model(),
                base.encoder(),
                InitialModel.OF_SEED,
                base.training(),
                base.device(),
                base.learner(),
                Duration.ofHours(1),
                Duration.ofHours(1),
                ReplicaOptions.ONE);
    }

    private String stop(JobClient job, boolean drain) throws Exception {
        int learned = EMBEDDINGS.size();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (EMBEDDINGS.size() < learned + 20) {
            assertThat(System.nanoTime()).as("learning within a minute").isLessThan(deadline);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
        return job.stopWithSavepoint(drain, savepoints.toString(), SavepointFormatType.CANONICAL)
                .get();
    }

    private static List<String> learnedIds() {
        return EMBEDDINGS.stream().map(Embedding::getId).toList();
    }

    private static List<String> firstIds(int count) {
        return LongStream.range(0, count)
                .mapToObj(
                        position -> LearnRun.EXAMPLES.inTurn((int) position, 3).id())
                .toList();
    }

    @Test
    void learnsTheLastImagesOfABoundedInput() throws Exception {
        start(10, null).getJobExecutionResult().get();

        assertThat(learnedIds()).isEqualTo(firstIds(10));
        assertThat(REPORTS)
                .singleElement()
                .satisfies(report -> assertThat(report.getImagesSeen()).isEqualTo(10));
    }

    @Test
    void keepsTheUnfinishedMiniBatchInASavepointAndLearnsItWithTheNextImages() throws Exception {
        String savepoint = stop(start(ENDLESS, null), false);
        int learnedBefore = EMBEDDINGS.size();
        assertThat(learnedBefore % LearnRun.BATCH).as("full mini-batches alone").isZero();
        assertThat(REPORTS).as("no end of input").isEmpty();

        stop(start(ENDLESS, savepoint), true);

        assertThat(EMBEDDINGS).hasSizeGreaterThan(learnedBefore);
        assertThat(learnedIds()).as("every image once, in order").isEqualTo(firstIds(EMBEDDINGS.size()));
        assertThat(REPORTS)
                .singleElement()
                .satisfies(report -> assertThat(report.getImagesSeen()).isEqualTo(EMBEDDINGS.size()));
    }
}
