package io.contrastream.cli.demo;

import io.contrastream.broker.EmbeddedBroker;
import io.contrastream.cli.local.TemporaryFolder;
import io.contrastream.cli.produce.ImageSender;
import io.contrastream.cli.produce.SentAs;
import io.contrastream.dashboard.feed.Stream;
import io.contrastream.datasets.ImageSource;
import io.contrastream.datasets.ImageSourceException;
import io.contrastream.datasets.ImageSplit;
import io.contrastream.datasets.ImageStream;
import io.contrastream.jobs.embedding.EmbeddingJob;
import io.contrastream.jobs.embedding.EmbeddingOptions;
import io.contrastream.jobs.kafka.KafkaOptions;
import io.contrastream.jobs.learning.JobOptions;
import io.contrastream.jobs.learning.LearningJob;
import io.contrastream.jobs.learning.state.StartInstruction;
import io.contrastream.learning.encoder.EncoderEngine;
import io.contrastream.schemas.LearningReport;
import io.contrastream.topics.Topic;
import io.contrastream.topics.TopicLayout;
import io.contrastream.topics.TopicReader;
import io.contrastream.topics.Topics;
import java.nio.file.Path;
import java.time.Clock;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.common.errors.InterruptException;

/**
 * The whole system at work in this process, with no part of it played by another: a Kafka broker, a Flink cluster with
 * checkpoints that runs the {@link LearningJob}, another one that runs the {@link EmbeddingJob} as soon as there is a release, a producer
 * that sends a {@link ImageStream} class after class, another one that sends images without labels, and a consumer of the output topics,
 * from which all that is shown and reported is counted.
 *
 * <pre>{@code
 * DemoReport report = new Demo(new DemoOptions("synthetic", 4, 400, 0, Map.of()), view).run();
 * }</pre>
 */
public final class Demo {

    private static final Set<Topic> OUTPUTS = Set.of(
            Topic.EMBEDDINGS, Topic.PROTOTYPES, Topic.LEARNING_REPORTS, Topic.ENCODER_RELEASES, Topic.REJECTED_IMAGES);

    private final DemoOptions options;
    private final DemoView view;
    private final long bornNanos = System.nanoTime();

    public Demo(DemoOptions options, DemoView view) {
        this.options = options;
        this.view = view;
    }

    /**
     * Runs it to its end, and leaves nothing behind.
     *
     * @throws io.contrastream.datasets.ImageSourceException if the data set cannot be read
     * @throws io.contrastream.jobs.option.InvalidOptionsException if an option of the job is not right
     * @throws DemoException if the job fails or stands still
     * @throws InterruptedException if the thread is interrupted; everything is closed then
     */
    public DemoReport run() throws InterruptedException {
        try (Resources resources = new Resources()) {
            EncoderEngine.find();
            ImageSource source = resources.add(ImageSource.open(options.images(), options.seed()));
            source.remarks().forEach(view::step);
            Optional<ImageSplit> split = split();
            split.ifPresent(resources::add);
            ImageStream stream = ImageStream.of(
                    split.map(ImageSplit::train).orElse(source), options.classes(), options.limit(), options.seed());
            Path folder = resources
                    .add(TemporaryFolder.create(
                            "contrastream-demo-" + ProcessHandle.current().pid() + "-"))
                    .path();
            // Before anything is started: an option that is not right is found now.
            settings(stream, "localhost:9092", folder);

            view.step("Starting a Kafka broker");
            EmbeddedBroker broker = resources.add(EmbeddedBroker.start());
            Settings settings = settings(stream, broker.bootstrapServers(), folder);
            JobOptions job = settings.learning();
            createTopics(settings.topics(), broker.bootstrapServers());
            resources.add(view.follow(new Stream(
                    broker.bootstrapServers(),
                    Map.of(),
                    settings.topics(),
                    job.kafka().groupId(),
                    settings.embedding().kafka().groupId())));
            Answers answers = new Answers();
            Tally tally = new Tally(answers, settings.topics().get(Topic.IMAGE_QUERIES));
            TopicReader outputs = resources.add(new TopicReader(
                    broker.bootstrapServers(),
                    Map.of(),
                    settings.topics().entrySet().stream()
                            .filter(topic -> OUTPUTS.contains(topic.getKey()))
                            .map(Map.Entry::getValue)
                            .collect(Collectors.toSet()),
                    true));

            view.step("Starting a Flink cluster and the learning job");
            RunningJob learning = resources.add(start(job, folder));
            learning.awaitRunning();
            Serving serving = new Serving(resources, settings.embedding(), folder);

            Optional<LateLabels> lateLabels =
                    options.lateLabels().map(longest -> new LateLabels(stream, longest, options.seed()));
            Production production =
                    resources.add(production(resources, broker, job.kafka(), source.name(), stream, lateLabels));
            Optional<Inquirer> inquirer = split.map(ImageSplit::test)
                    .map(apart -> resources.add(new Inquirer(
                            sender(broker, settings.topics().get(Topic.IMAGE_QUERIES), SentAs.IMAGE_QUERIES),
                            apart,
                            stream,
                            answers)));
            view.started(stream.size(), stream.classes(), stream.stages());
            long startNanos = production.start();
            Watch watch = new Watch(
                    stream.size(),
                    new Watch.Parts(production, learning, serving, inquirer),
                    outputs,
                    tally,
                    answers,
                    view);
            long endNanos = watch.untilLearned();
            watch.untilAnswered(job.checkpointInterval());

            learning.stop();
            serving.stop();
            watch.untilRead();
            return report(
                    job,
                    tally,
                    answers,
                    production.sent(),
                    startNanos,
                    endNanos,
                    lateLabels.map(late -> late.report(
                            job.lateLabels().orElseThrow().timeToLive(), tally.expired(), tally.relabelled())));
        } catch (InterruptException e) {
            Thread.interrupted();
            throw (InterruptedException) new InterruptedException("the demo was interrupted").initCause(e);
        }
    }

    /** Images to learn from, and others to ask about; empty if a class has too few for that. */
    private Optional<ImageSplit> split() {
        try {
            return Optional.of(ImageSplit.open(options.images(), options.seed()));
        } catch (ImageSourceException tooFew) {
            view.step("No queries are sent: " + tooFew.getMessage());
            return Optional.empty();
        }
    }

    /**
     * The options of both jobs.
     *
     * @param topics of both, by what they are there for
     */
    private record Settings(JobOptions learning, EmbeddingOptions embedding, Map<Topic, String> topics) {}

    private Settings settings(ImageStream stream, String bootstrapServers, Path folder) {
        JobOptions learning = DemoSettings.job(options, stream.size(), bootstrapServers, folder);
        EmbeddingOptions embedding = DemoSettings.embedding(options, learning, folder);
        Map<Topic, String> topics = new EnumMap<>(Topic.class);
        topics.putAll(embedding.kafka().topics());
        topics.putAll(learning.kafka().topics());
        return new Settings(learning, embedding, topics);
    }

    private static void createTopics(Map<Topic, String> names, String bootstrapServers) {
        try (Topics topics = new Topics(bootstrapServers, Map.of())) {
            // One partition: the classes of the stream come in their order, and the run can be repeated.
            topics.create(new TopicLayout(names, 1, (short) 1));
        }
    }

    private static Production production(
            Resources resources,
            EmbeddedBroker broker,
            KafkaOptions kafka,
            String source,
            ImageStream stream,
            Optional<LateLabels> lateLabels) {
        String images = kafka.topic(kafka.images());
        if (lateLabels.isEmpty()) {
            ImageSender sender = sender(broker, images, SentAs.LABELLED_IMAGES);
            return new Production(sender, () -> sender.send(source, stream, ImageSender.UNLIMITED));
        }
        ImageSender sender = sender(broker, images, SentAs.IMAGE_QUERIES);
        ImageSender labels = resources.add(sender(broker, kafka.topic(Topic.LABELS), SentAs.LABELS));
        return new Production(sender, () -> lateLabels.get().send(source, sender, labels));
    }

    private static ImageSender sender(EmbeddedBroker broker, String topic, SentAs sentAs) {
        return new ImageSender(broker.bootstrapServers(), Map.of(), topic, Clock.systemUTC(), sentAs);
    }

    private static RunningJob start(JobOptions job, Path folder) {
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.createLocalEnvironment(DemoSettings.cluster(folder.resolve("learning")));
        try {
            return new RunningJob(
                    "the learning job", LearningJob.submit(environment, job, StartInstruction.NONE, said -> {}));
        } catch (Exception e) {
            throw new DemoException("the learning job does not start: " + RunningJob.reason(e), e);
        }
    }

    private DemoReport report(
            JobOptions job,
            Tally tally,
            Answers answers,
            long sent,
            long startNanos,
            long endNanos,
            Optional<DemoReport.LateLabels> lateLabels) {
        LearningReport last = tally.report()
                .orElseThrow(() -> new DemoException("the job has made no learning report"
                        + tally.commonestRejection()
                                .map(why -> "; rejected " + why)
                                .orElse("")));
        int window = job.learn().learner().accuracyWindow();
        double seconds = (endNanos - startNanos) / 1e9;
        return new DemoReport(
                options.images(),
                options.seed(),
                sent,
                tally.learned(),
                tally.rejected(),
                tally.embeddings(),
                tally.prototypes(),
                tally.reports(),
                last.getClasses(),
                tally.labels(),
                last.getEncoderVersion(),
                last.getSkippedSteps(),
                last.getWindowSize(),
                tally.firstLoss(window),
                tally.lastLoss(window),
                last.getPrequentialAccuracy(),
                last.getWindowAccuracy(),
                1.0 / last.getClasses(),
                tally.releases(),
                answers.sent(),
                answers.answered(),
                boxed(answers.accuracy()),
                boxed(answers.unknownRecall()),
                seconds,
                tally.learned() / seconds,
                (startNanos - bornNanos) / 1e9,
                lateLabels.orElse(null));
    }

    private static Double boxed(OptionalDouble value) {
        return value.isPresent() ? Double.valueOf(value.getAsDouble()) : null;
    }
}
