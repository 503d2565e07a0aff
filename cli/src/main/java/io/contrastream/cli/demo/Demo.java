package io.contrastream.cli.demo;

import io.contrastream.broker.EmbeddedBroker;
import io.contrastream.cli.local.TemporaryFolder;
import io.contrastream.cli.produce.ImageSender;
import io.contrastream.datasets.ImageSource;
import io.contrastream.datasets.ImageStream;
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
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.common.errors.InterruptException;

/**
 * The whole system at work in this process, with no part of it played by another: a Kafka broker, a Flink cluster with
 * checkpoints that runs the {@link LearningJob}, a producer that sends a {@link ImageStream} class after class, and a consumer of
 * the output topics, from which all that is shown and reported is counted.
 */
public final class Demo {

    private static final Duration POLL = Duration.ofMillis(200);
    /** The longest that nothing may be learned while there is something to learn. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private static final Set<Topic> OUTPUTS =
            Set.of(Topic.EMBEDDINGS, Topic.PROTOTYPES, Topic.LEARNING_REPORTS, Topic.REJECTED_IMAGES);

    private final DemoOptions options;
    private final DemoView view;
    private final long bornNanos = System.nanoTime();
    private final Tally tally = new Tally();

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
            ImageStream stream = ImageStream.of(source, options.classes(), options.limit(), options.seed());
            Path folder = resources
                    .add(TemporaryFolder.create(
                            "contrastream-demo-" + ProcessHandle.current().pid() + "-"))
                    .path();
            // Before anything is started: an option that is not right is found now.
            DemoSettings.job(options, stream.size(), "localhost:9092", folder);

            view.step("Starting a Kafka broker");
            EmbeddedBroker broker = resources.add(EmbeddedBroker.start());
            JobOptions job = DemoSettings.job(options, stream.size(), broker.bootstrapServers(), folder);
            createTopics(job);
            TopicReader outputs = resources.add(new TopicReader(
                    broker.bootstrapServers(),
                    Map.of(),
                    job.kafka().topics().entrySet().stream()
                            .filter(topic -> OUTPUTS.contains(topic.getKey()))
                            .map(Map.Entry::getValue)
                            .collect(Collectors.toSet()),
                    true));

            view.step("Starting a Flink cluster and the learning job");
            RunningJob learning = resources.add(start(job, folder));
            learning.awaitRunning();

            Production production = resources.add(new Production(
                    new ImageSender(
                            broker.bootstrapServers(),
                            Map.of(),
                            job.kafka().topic(Topic.LABELLED_IMAGES),
                            Clock.systemUTC()),
                    source.name(),
                    stream));
            view.started(stream.size(), stream.classes(), stream.stages());
            long startNanos = production.start();
            long endNanos = watch(stream.size(), production, learning, outputs);

            learning.stop();
            readAll(outputs);
            return report(job, production.sent(), startNanos, endNanos);
        } catch (InterruptException e) {
            Thread.interrupted();
            throw (InterruptedException) new InterruptedException("the demo was interrupted").initCause(e);
        }
    }

    private static void createTopics(JobOptions job) {
        try (Topics topics = new Topics(job.kafka().bootstrapServers(), Map.of())) {
            // One partition: the classes of the stream come in their order, and the run can be repeated.
            topics.create(new TopicLayout(job.kafka().topics(), 1, (short) 1));
        }
    }

    private static RunningJob start(JobOptions job, Path folder) {
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.createLocalEnvironment(DemoSettings.cluster(folder));
        try {
            return new RunningJob(LearningJob.submit(environment, job, StartInstruction.NONE, said -> {}));
        } catch (Exception e) {
            throw new DemoException("the learning job does not start: " + RunningJob.reason(e), e);
        }
    }

    /** Looks on until every image was learned or rejected; returns when that was. */
    private long watch(int images, Production production, RunningJob learning, TopicReader outputs)
            throws InterruptedException {
        Speed speed = new Speed();
        long done = 0;
        long doneNanos = System.nanoTime();
        while (done < images) {
            read(outputs);
            production.requireHealthy();
            learning.requireHealthy();
            long now = System.nanoTime();
            if (tally.learned() + tally.rejected() > done) {
                done = tally.learned() + tally.rejected();
                doneNanos = now;
            } else if (now - doneNanos > PATIENCE.toNanos()) {
                throw new DemoException("nothing was learned for " + PATIENCE.toMinutes() + " minutes; " + done + " of "
                        + images + " images were");
            }
            view.progress(progress(production.sent(), speed.per(now, tally.learned())));
        }
        return doneNanos;
    }

    private DemoView.Standing progress(long sent, double imagesPerSecond) {
        Optional<LearningReport> report = tally.report();
        return new DemoView.Standing(
                sent,
                tally.learned(),
                tally.rejected(),
                report.map(LearningReport::getClasses).orElse(0),
                imagesPerSecond,
                tally.loss(),
                report.stream().mapToDouble(LearningReport::getWindowAccuracy).findFirst());
    }

    private void read(TopicReader outputs) {
        outputs.poll(POLL).forEach(record -> tally.add(record.topic(), record.value()));
    }

    private void readAll(TopicReader outputs) {
        var ends = outputs.ends();
        while (!outputs.reached(ends)) {
            read(outputs);
        }
    }

    private DemoReport report(JobOptions job, long sent, long startNanos, long endNanos) {
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
                seconds,
                tally.learned() / seconds,
                (startNanos - bornNanos) / 1e9);
    }
}
