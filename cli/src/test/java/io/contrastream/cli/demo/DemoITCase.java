package io.contrastream.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.contrastream.datasets.ImageSourceException;
import io.contrastream.jobs.option.InvalidOptionsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
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
        assertThat(report.embeddingsPublished()).isGreaterThanOrEqualTo(95);
        assertThat(report.prototypesPublished()).isGreaterThanOrEqualTo(4);
        assertThat(report.reportsPublished()).isPositive();
        assertThat(report.classes()).isEqualTo(4);
        assertThat(report.classesWithPrototype()).isEqualTo(4);
        // Ten images a mini-batch, and the last five when the flush interval has passed.
        assertThat(report.steps()).isEqualTo(10);
        assertThat(report.skippedSteps()).isZero();
        assertThat(report.windowSize()).isEqualTo(50);
        assertThat(report.firstWindowLoss()).isPositive();
        assertThat(report.lastWindowLoss()).isPositive();
        assertThat(report.prequentialAccuracy()).isBetween(0.0, 1.0);
        assertThat(report.lastWindowAccuracy()).isBetween(0.0, 1.0);
        assertThat(report.chance()).isEqualTo(0.25);
        assertThat(report.seconds()).isPositive();
        assertThat(report.imagesPerSecond()).isEqualTo(95 / report.seconds());
        // One for every five images; releases are due after 3, 6 and 9 of the 10 steps, if the ones before are not
        // better.
        assertThat(report.queriesSent()).isEqualTo(19);
        assertThat(report.queriesAnswered()).isEqualTo(19);
        assertThat(report.releases()).isBetween(1, 3);
        assertThat(report.queryAccuracy()).isBetween(0.0, 1.0);
        assertThat(report.unknownRecall()).isBetween(0.0, 1.0);
        assertThat(view.last.learned()).isEqualTo(95);
        assertThat(view.last.sent()).isEqualTo(95);
        assertThat(view.steps).anyMatch(step -> step.contains("Kafka")).anyMatch(step -> step.contains("Flink"));
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
    }
}
