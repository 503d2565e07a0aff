package io.contrastream.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.contrastream.datasets.ImageSourceException;
import io.contrastream.jobs.option.InvalidOptionsException;
import io.contrastream.schemas.ClassPrototype;
import io.contrastream.schemas.Embedding;
import io.contrastream.schemas.EmbeddingOrigin;
import io.contrastream.schemas.EncoderRelease;
import io.contrastream.schemas.LearningReport;
import io.contrastream.schemas.RejectedRecord;
import io.contrastream.schemas.SingleObject;
import io.contrastream.schemas.WireFormatException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class DemoITCase {

    /** As little as there can be: how well it learns is not the question here. */
    private static final Map<String, String> TINY = Map.of(
            "encoder.width", "2",
            "encoder.projection-size", "8",
            "learner.steps-per-batch", "1",
            "learner.recall-size", "5",
            "learner.replay.capacity", "40",
            "learner.report-interval", "200 ms",
            "job.checkpoint-interval", "500 ms");

    @AfterEach
    void nothingIsLeftBehind() throws Exception {
        try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            String pid = "-" + ProcessHandle.current().pid() + "-";
            assertThat(files.map(file -> file.getFileName().toString()))
                    .noneMatch(name ->
                            name.startsWith("contrastream-demo" + pid) || name.startsWith("contrastream-broker" + pid));
        }
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .noneMatch(name -> name.startsWith("contrastream-demo"));
    }

    @Test
    void everyImageThatIsSentIsLearnedAndReportedFromTheTopics() throws Exception {
        RecordingView view = new RecordingView();

        DemoReport report = new Demo(new DemoOptions("synthetic", 4, 95, 5, TINY), view).run();

        assertThat(report.imagesSent()).isEqualTo(95);
        assertThat(report.imagesLearned()).isEqualTo(95);
        assertThat(report.imagesRejected()).isZero();
        assertThat(report.lateLabels()).isNull();
        assertThat(report.embeddingsPublished())
                .isEqualTo(view.published(Embedding.class).size());
        assertThat(report.prototypesPublished())
                .isEqualTo(view.published(ClassPrototype.class).size());
        List<LearningReport> reports = view.published(LearningReport.class);
        assertThat(report.reportsPublished()).isEqualTo(reports.size());
        assertThat(report.classes()).isEqualTo(4);
        assertThat(report.classesWithPrototype()).isEqualTo(4);
        // Ten images a mini-batch, and the last five when the flush interval has passed.
        assertThat(report.steps()).isEqualTo(10);
        assertThat(report.skippedSteps()).isZero();
        assertThat(report.windowSize()).isEqualTo(50);
        LearningReport last = reports.get(reports.size() - 1);
        assertThat(last.getImagesSeen()).isEqualTo(95);
        assertThat(report.firstWindowLoss()).isCloseTo(loss(reports, 0, 50), within(1e-9));
        // The reports that have something of the last 50 of the 95.
        assertThat(report.lastWindowLoss()).isCloseTo(loss(reports, 45, 95), within(1e-9));
        assertThat(report.prequentialAccuracy()).isEqualTo(last.getPrequentialAccuracy());
        assertThat(report.prequentialAccuracy() * 95)
                .isCloseTo(Math.rint(report.prequentialAccuracy() * 95), within(1e-9));
        assertThat(report.lastWindowAccuracy()).isEqualTo(last.getWindowAccuracy());
        assertThat(report.lastWindowAccuracy() * 50)
                .isCloseTo(Math.rint(report.lastWindowAccuracy() * 50), within(1e-9));
        assertThat(report.chance()).isEqualTo(0.25);
        assertThat(report.seconds()).isPositive();
        assertThat(report.imagesPerSecond()).isEqualTo(95 / report.seconds());
        // One for every five images; releases are due after 3, 6 and 9 of the 10 steps, if the ones before are not
        // better.
        assertThat(report.queriesSent()).isEqualTo(19);
        assertThat(report.queriesAnswered()).isEqualTo(19);
        assertThat(view.published(EncoderRelease.class))
                .extracting(EncoderRelease::getEncoderVersion)
                .isSubsetOf(3L, 6L, 9L)
                .hasSize(report.releases())
                .isNotEmpty();
        // The newest quarter are the last five, of which the second is of a class that is never taught.
        List<Embedding> answers = view.published(Embedding.class).stream()
                .filter(embedding -> embedding.getOrigin() == EmbeddingOrigin.QUERIED)
                .toList();
        List<Embedding> newest = answers.subList(14, 19);
        assertThat(report.unknownRecall()).isEqualTo(share(newest.subList(1, 2), DemoITCase::isUnknown));
        List<Embedding> taught = new ArrayList<>(newest);
        taught.remove(1);
        assertThat(report.queryAccuracy()).isEqualTo(share(taught, DemoITCase::isRight));
        assertThat(view.last.learned()).isEqualTo(95);
        assertThat(view.last.sent()).isEqualTo(95);
        assertThat(view.steps).anyMatch(step -> step.contains("Kafka")).anyMatch(step -> step.contains("Flink"));
    }

    /** The image of number 25 never gets a label; those of 10 and 60 get a wrong one first. */
    @Test
    void labelsThatComeLateAreJoinedCorrectedAndMissed() throws Exception {
        DemoOptions options = new DemoOptions("synthetic", 4, 95, 5, Optional.of(Duration.ofSeconds(4)), TINY);
        RecordingView view = new RecordingView();

        DemoReport report = new Demo(options, view).run();

        assertThat(report.imagesSent()).isEqualTo(95);
        assertThat(report.imagesLearned()).isEqualTo(94);
        assertThat(report.imagesRejected()).isEqualTo(1);
        DemoReport.LateLabels late = report.lateLabels();
        assertThat(late.imagesLabelled()).isEqualTo(94);
        assertThat(late.labelsCorrected()).isEqualTo(2);
        assertThat(late.imagesRelabelled()).isEqualTo(2);
        assertThat(late.imagesNeverLabelled()).isEqualTo(1);
        assertThat(late.imagesExpired()).isEqualTo(1);
        assertThat(late.longestDelaySeconds()).isEqualTo(4);
        assertThat(late.timeToLiveSeconds()).isEqualTo(5);
        assertThat(late.meanDelaySeconds()).isBetween(1.5, 3.0);
        assertThat(view.published(RejectedRecord.class))
                .singleElement()
                .satisfies(rejected -> assertThat(rejected.getMessage()).contains("in 5 s; it is "));
    }

    /** Mean over the optimiser steps of the reports that have something of these images. */
    private static double loss(List<LearningReport> reports, long from, long to) {
        double sum = 0;
        long steps = 0;
        long images = 0;
        long version = 0;
        for (LearningReport report : reports) {
            if (report.getLoss() != null && images < to && report.getImagesSeen() > from) {
                sum += report.getLoss() * (report.getEncoderVersion() - version);
                steps += report.getEncoderVersion() - version;
            }
            images = report.getImagesSeen();
            version = report.getEncoderVersion();
        }
        return sum / steps;
    }

    private static double share(List<Embedding> answers, Predicate<Embedding> hit) {
        return answers.stream().filter(hit).count() / (double) answers.size();
    }

    private static boolean isUnknown(Embedding answer) {
        return Boolean.TRUE.equals(answer.getUnknown());
    }

    /** The id of a generated image has its class. */
    private static boolean isRight(Embedding answer) {
        return !isUnknown(answer)
                && answer.getId().contains("-" + answer.getNearestLabel().replace(' ', '-') + "-");
    }

    @Test
    void anInterruptEndsIt() throws Exception {
        RecordingView view = new RecordingView() {
            @Override
            public void started(int images, int classes, int stages) {
                Thread.currentThread().interrupt();
            }
        };
        Demo demo = new Demo(new DemoOptions("synthetic", 4, 1000, 5, TINY), view);

        assertThatThrownBy(demo::run).isInstanceOf(InterruptedException.class);
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    void whatIsWrongIsFoundBeforeAnythingStarts() {
        RecordingView view = new RecordingView();

        assertThatThrownBy(() -> new Demo(new DemoOptions("folder:/nowhere", 4, 100, 5, TINY), view).run())
                .isInstanceOf(ImageSourceException.class);
        Map<String, String> invalid = Map.of("loss.temperature", "0");
        assertThatThrownBy(() -> new Demo(new DemoOptions("synthetic", 4, 100, 5, invalid), view).run())
                .isInstanceOf(InvalidOptionsException.class);
        Map<String, String> notServing = Map.of("embedding.batch-size", "0");
        assertThatThrownBy(() -> new Demo(new DemoOptions("synthetic", 4, 100, 5, notServing), view).run())
                .isInstanceOf(InvalidOptionsException.class);
        assertThat(view.steps).isEmpty();
    }

    private static class RecordingView implements DemoView {

        private final List<String> steps = new ArrayList<>();
        private final List<SpecificRecord> records = new ArrayList<>();
        private Standing last;

        @Override
        public void step(String what) {
            steps.add(what);
        }

        @Override
        public void started(int images, int classes, int stages) {
            steps.add(images + " images");
        }

        @Override
        public void progress(Standing standing) {
            last = standing;
        }

        @Override
        public void published(byte[] value) {
            if (value != null) {
                try {
                    records.add(SingleObject.decode(value));
                } catch (WireFormatException e) {
                    throw new AssertionError(e);
                }
            }
        }

        <T extends SpecificRecord> List<T> published(Class<T> type) {
            return records.stream().filter(type::isInstance).map(type::cast).toList();
        }
    }
}
