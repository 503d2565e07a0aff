package io.contrastream.jobs.learning;

import io.contrastream.jobs.cluster.FlinkSession;
import io.contrastream.jobs.cluster.JobConfiguration;
import io.contrastream.jobs.kafka.KafkaCheck;
import io.contrastream.jobs.kafka.KafkaEnds;
import io.contrastream.jobs.learning.option.LearningJobSettings;
import io.contrastream.jobs.learning.state.LearnerLease;
import io.contrastream.jobs.learning.state.Start;
import io.contrastream.jobs.learning.state.StartInstruction;
import io.contrastream.jobs.learning.state.StartInstruction.Arguments;
import io.contrastream.jobs.learning.state.StartRefusedException;
import io.contrastream.jobs.learning.state.Starts;
import io.contrastream.jobs.option.InvalidOptionsException;
import io.contrastream.jobs.option.OptionsHelp;
import io.contrastream.learning.learner.Example;
import io.contrastream.operators.Forget;
import io.contrastream.operators.decode.DecodeFunction;
import io.contrastream.operators.decode.ExampleDecoder;
import io.contrastream.operators.decode.KafkaRecord;
import io.contrastream.operators.learn.EngineSource;
import io.contrastream.operators.learn.LearnFunction;
import io.contrastream.operators.learn.LearnOperator;
import io.contrastream.operators.learn.ReplicaFunction;
import io.contrastream.operators.learn.state.LearnerKey;
import io.contrastream.operators.learn.state.SavedLearner;
import io.contrastream.schemas.Embedding;
import io.contrastream.schemas.LearningReport;
import io.contrastream.schemas.RecordFormat;
import io.contrastream.topics.Topic;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.flink.api.common.JobExecutionResult;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.DeploymentOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.JobListener;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.runtime.jobmanager.HighAvailabilityMode;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.types.Either;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps an encoder learning from labelled images and publishes its embeddings and prototypes.
 *
 * <pre>
 * labelled-images → decode → learn → embeddings, prototypes, learning-reports, encoder-releases
 *                      │        └→ replicas
 *                      └→ rejected-images
 *
 * images → read-images ─┐
 * labels → read-labels ─┴→ join-labels → decode → …    instead, where labels come by themselves
 * </pre>
 *
 * <p>Reading and decoding run in parallel, the learner is one, with others that take its steps together with it if {@code learner.parallelism} says so. Records of one partition reach it in their order; of several
 * partitions it takes whichever comes first. So a run can be repeated bit by bit only if the topic has one partition (and
 * mini-batches are closed by their size; see {@link LearnFunction}). For the same reason an order to forget an image comes behind the
 * image only in the same partition, which records with the same key share.
 */
public final class LearningJob {

    private static final Logger LOG = LoggerFactory.getLogger(LearningJob.class);

    private LearningJob() {}

    /**
     * Runs the job, in a cluster if submitted with {@code flink run}.
     *
     * @param arguments {@code --config FILE} and {@code --key value}, as {@code docs/options.md} has them; and what {@link
     *     StartInstruction} has; {@code --help} prints them and runs nothing
     * @throws InvalidOptionsException listing everything that is wrong with the options, before anything runs
     * @throws io.contrastream.topics.TopicException if Kafka does not answer or lacks a topic, before anything runs
     * @throws StartRefusedException if the start would lose or damage what has been learned, before anything runs
     */
    public static void main(String[] arguments) throws Exception {
        if (List.of(arguments).contains("--help")) {
            System.out.print(
                    OptionsHelp.text("Keeps an image encoder learning from a Kafka stream.", LearningJobSettings.ALL));
            return;
        }
        Arguments given = Arguments.of(arguments);
        JobOptions options = JobOptions.parse(given.options().toArray(String[]::new));
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        if (!isRecovered(env, options.name())) {
            runJob(env, options, given.instruction(), System.out::println);
        }
    }

    /**
     * Whether Flink has brought the job back by itself, in which case there is nothing to start: as an application with high
     * availability, whose main method runs anew with every JobManager.
     *
     * @throws StartRefusedException if it runs in the session cluster that it is to be submitted to
     */
    private static boolean isRecovered(StreamExecutionEnvironment env, String name) throws InterruptedException {
        Configuration flink = Configuration.fromMap(env.getConfiguration().toMap());
        String target = flink.get(DeploymentOptions.TARGET, "");
        boolean recovers = target.equals("embedded") && HighAvailabilityMode.isHighAvailabilityModeActivated(flink);
        if (!target.equals("remote") && !recovers) {
            return false;
        }
        try (FlinkSession session = new FlinkSession(flink)) {
            List<JobID> running = session.running(name);
            if (running.isEmpty()) {
                return false;
            }
            String what = "the job " + name + " runs already at " + session.address() + ": " + running.get(0);
            if (!recovers) {
                throw new StartRefusedException(what);
            }
            LOG.info("Nothing is started: {}", what);
            return true;
        }
    }

    /**
     * Runs the job to its end, on Kafka, from the state that is asked for or from its newest.
     *
     * @param say receives what it starts from
     */
    public static void runJob(
            StreamExecutionEnvironment env, JobOptions options, StartInstruction instruction, Consumer<String> say)
            throws Exception {
        defineOnKafka(env, options, EngineSource.CLASS_PATH, instruction, say);
        env.execute(options.name());
    }

    /** The same, but returns when the job has been submitted. Fails as {@link #main} does. */
    public static JobClient submit(
            StreamExecutionEnvironment env, JobOptions options, StartInstruction instruction, Consumer<String> say)
            throws Exception {
        return submit(env, options, EngineSource.CLASS_PATH, instruction, say);
    }

    static JobClient submit(
            StreamExecutionEnvironment env,
            JobOptions options,
            EngineSource engines,
            StartInstruction instruction,
            Consumer<String> say)
            throws Exception {
        defineOnKafka(env, options, engines, instruction, say);
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

    private static void defineOnKafka(
            StreamExecutionEnvironment env,
            JobOptions options,
            EngineSource engines,
            StartInstruction instruction,
            Consumer<String> say)
            throws InterruptedException {
        configure(env, options);
        KafkaCheck.require(
                        options.release().enabled()
                                ? options.kafka()
                                : options.kafka().without(Topic.ENCODER_RELEASES),
                        options.kafka().images(),
                        options.largestRejectionBytes(),
                        options.decode().maxEncodedBytes())
                .forEach(concern -> say.accept("contrastream: warning: " + concern));
        KafkaEnds kafka = new KafkaEnds(
                options.name(),
                options.kafka(),
                options.release().enabled() ? Set.of() : Set.of(Topic.ENCODER_RELEASES));
        List<RecordFormat> formats = options.lateLabels().isPresent()
                ? List.of(kafka.read(Topic.IMAGES), kafka.read(Topic.LABELS))
                : List.of(kafka.read(Topic.LABELLED_IMAGES));
        LearningSinks sinks = LearningSinks.of(kafka);
        Start start = Starts.decide(
                options.name(),
                options.learn(),
                options.kafka(),
                env.getConfiguration().get(CheckpointingOptions.CHECKPOINTS_DIRECTORY),
                env.getConfiguration()
                        .getOptional(CheckpointingOptions.SAVEPOINT_DIRECTORY)
                        .map(List::of)
                        .orElse(List.of()),
                instruction.orFrom(env.getConfiguration().getOptional(StateRecoveryOptions.SAVEPOINT_PATH)),
                say);
        if (start.state().isEmpty()) {
            ModelStart.require(options.learn());
        }
        LOG.info("Job {}: {}", options.name(), start.announcement());
        say.accept(start.announcement());
        begin(env, start);
        defineWorkflow(
                incoming(env, options, kafka, formats, start),
                options,
                new LearnFunction(options.learn(), engines, start.lineage(), options.release()),
                new LearnerLease(options.name(), options.kafka()),
                sinks);
    }

    /** @param formats of images and, where they come by themselves, of labels */
    private static Incoming incoming(
            StreamExecutionEnvironment env,
            JobOptions options,
            KafkaEnds kafka,
            List<RecordFormat> formats,
            Start start) {
        if (options.lateLabels().isEmpty()) {
            DataStream<KafkaRecord> images = env.fromSource(
                            kafka.source(Topic.LABELLED_IMAGES, start.fromEarliest()),
                            WatermarkStrategy.noWatermarks(),
                            OperatorIds.LABELLED_IMAGES)
                    .setParallelism(options.parallelism())
                    .uid(start.sourceUid());
            return Incoming.labelled(images, formats.get(0), options);
        }
        WatermarkStrategy<KafkaRecord> watermarks =
                Incoming.watermarks(options.lateLabels().get());
        DataStream<KafkaRecord> images = env.fromSource(
                        kafka.source(Topic.IMAGES, start.fromEarliest()), watermarks, OperatorIds.LABELLED_IMAGES)
                .setParallelism(options.parallelism())
                .uid(start.sourceUid());
        DataStream<KafkaRecord> labels = env.fromSource(
                        kafka.source(Topic.LABELS, start.fromEarliest()), watermarks, OperatorIds.LABELS)
                .setParallelism(options.parallelism())
                .uid(OperatorIds.labelSourceOf(start.sourceUid()));
        return Incoming.joined(images, formats.get(0), labels, formats.get(1), options);
    }

    private static void begin(StreamExecutionEnvironment env, Start start) {
        Configuration flink = new Configuration();
        start.state().ifPresent(state -> flink.set(StateRecoveryOptions.SAVEPOINT_PATH, state.location()));
        // The state of the source that has been left.
        flink.set(
                StateRecoveryOptions.SAVEPOINT_IGNORE_UNCLAIMED_STATE,
                start.fromEarliest()
                        || env.getConfiguration().get(StateRecoveryOptions.SAVEPOINT_IGNORE_UNCLAIMED_STATE));
        env.configure(flink);
        env.registerJobListener(new JobListener() {

            @Override
            public void onJobSubmitted(JobClient client, Throwable failure) {
                if (failure == null) {
                    note(start);
                }
            }

            @Override
            public void onJobExecuted(JobExecutionResult result, Throwable failure) {
                // What it has come to is in its checkpoints.
            }
        });
    }

    /** The job runs by then. Without the note, the next start may refuse what it would otherwise know to be right. */
    private static void note(Start start) {
        try {
            start.submitted();
        } catch (IOException e) {
            LOG.warn("How the job was started cannot be noted in {}: {}", start.folder(), e.getMessage(), e);
        }
    }

    /**
     * The topology from what comes in to sinks.
     *
     * @param lease what reports pass through: an operator that lives as long as the learner
     */
    static void defineWorkflow(
            Incoming incoming,
            JobOptions options,
            LearnFunction learner,
            MapFunction<LearningReport, LearningReport> lease,
            LearningSinks sinks) {
        SingleOutputStreamOperator<Either<Example, Forget>> examples = incoming.records()
                .process(incoming.decoding(), ExampleDecoder.OUTPUT)
                .setParallelism(options.parallelism())
                .name(OperatorIds.DECODE)
                .uid(OperatorIds.DECODE);

        String model = options.learn().model();
        SingleOutputStreamOperator<Embedding> embeddings = examples.keyBy(
                        example -> LearnerKey.of(model), LearnerKey.TYPE)
                .transform(OperatorIds.LEARN, new AvroTypeInfo<>(Embedding.class), new LearnOperator(learner, model))
                .setParallelism(1)
                .setMaxParallelism(LearnerKey.MAX_PARALLELISM)
                .uid(OperatorIds.LEARN);

        if (options.learn().replicas().several()) {
            addLearners(embeddings, options.learn().replicas().count() - 1, learner.others());
        }

        sink(embeddings, sinks.embeddings(), OperatorIds.EMBEDDINGS);
        sink(embeddings.getSideOutput(LearnFunction.PROTOTYPES), sinks.prototypes(), OperatorIds.PROTOTYPES);
        sink(
                embeddings
                        .getSideOutput(LearnFunction.REPORTS)
                        .map(lease, new AvroTypeInfo<>(LearningReport.class))
                        .setParallelism(1)
                        .name(OperatorIds.LEASE)
                        .uid(OperatorIds.LEASE),
                sinks.reports(),
                OperatorIds.REPORTS);
        sink(embeddings.getSideOutput(LearnFunction.RELEASES), sinks.releases(), OperatorIds.RELEASES);
        sink(
                incoming.rejectedWith(examples.getSideOutput(DecodeFunction.REJECTED)),
                sinks.rejected(),
                OperatorIds.REJECTED);
    }

    /** Learners beside the first one, in slots of their own and so on TaskManagers of their own where these have one slot. */
    private static void addLearners(SingleOutputStreamOperator<Embedding> first, int count, ReplicaFunction others) {
        first.setBufferTimeout(0); // what is ordered is waited for
        first.getSideOutput(LearnFunction.ORDERS)
                .rescale() // in turn, as they are ordered; and pointwise, so that no barrier overtakes an order
                .process(others)
                .setParallelism(count)
                .setMaxParallelism(LearnerKey.MAX_PARALLELISM)
                .slotSharingGroup(OperatorIds.REPLICAS)
                .name(OperatorIds.REPLICAS)
                .uid(OperatorIds.REPLICAS);
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
        JobConfiguration.apply(env, options.checkpointInterval(), options.checkpointDirectory());
        Configuration given = Configuration.fromMap(env.getConfiguration().toMap());
        if (options.learn().replicas().several()
                && given.get(DeploymentOptions.TARGET, "local").equals("local")
                && !given.contains(TaskManagerOptions.NUM_TASK_SLOTS)) {
            // A cluster within the process has as many slots as the job's widest operator is wide, but these are not
            // shared.
            Configuration slots = new Configuration();
            slots.set(
                    TaskManagerOptions.NUM_TASK_SLOTS,
                    options.parallelism() + options.learn().replicas().count() - 1);
            env.configure(slots);
        }
    }
}
