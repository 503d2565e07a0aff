package io.contrastream.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.contrastream.cli.demo.Demo;
import io.contrastream.cli.demo.DemoOptions;
import io.contrastream.cli.demo.DemoReport;
import io.contrastream.cli.demo.DemoView;
import io.contrastream.dashboard.Dashboard;
import io.contrastream.dashboard.DashboardOptions;
import io.contrastream.dashboard.feed.Stream;
import io.contrastream.datasets.ImageSource;
import io.contrastream.learning.failure.Reason;
import io.contrastream.operators.Count;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code contrastream demo}. */
@Command(
        name = "demo",
        description = {
            "Shows the whole system at work in this process: a Kafka broker, a Flink cluster with the learning job, a"
                    + " producer that sends images class after class, and the embedding job, which is asked about other"
                    + " images of these classes and of classes that are never taught.",
            "Nothing has to be installed or configured, and nothing is left behind. The encoder starts from random"
                    + " weights and sees every image once, so the accuracy is that of predicting each image before its"
                    + " label is used."
        },
        mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {

    private static final int USUAL_PORT = 8090;
    private static final Duration LONGEST_DELAY = Duration.ofSeconds(90);

    @Spec
    private CommandSpec spec;

    @Mixin
    private Images images;

    @Option(
            names = "--classes",
            paramLabel = "N",
            defaultValue = "10",
            description = "How many classes, 0 for all (default: ${DEFAULT-VALUE}).")
    private int classes;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "1600",
            description = "How many images, 0 for all (default: ${DEFAULT-VALUE}).")
    private int limit;

    @Option(
            names = "--late-labels",
            description = {
                "Sends images without labels, and each label by itself up to 1.5 minutes later, a few wrong at first"
                        + " and a few never: the learning job joins them, learns a corrected image again, and rejects an"
                        + " image that waits in vain.",
                "Takes a minute longer."
            })
    private boolean lateLabels;

    @Option(names = "--report", paramLabel = "FILE", description = "Write the figures as JSON to this file.")
    private Path report;

    @Option(names = "--no-dashboard", description = "Serve no live page.")
    private boolean noDashboard;

    @Option(
            names = "--dashboard-port",
            paramLabel = "N",
            description =
                    "Port of the live page on the loopback interface (default: 8090 or, if that is taken, a free one).")
    private Integer dashboardPort;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description =
                    "An option of the learning job, or one of the embedding job that starts with embedding, such as"
                            + " encoder.width=20; docs/options.md has all.")
    private final Map<String, String> settings = new LinkedHashMap<>();

    @Override
    public Integer call() throws Exception {
        requireValid();
        PrintWriter out = spec.commandLine().getOut();
        DemoReport figures;
        try (Interruption interruption = new Interruption();
                View view = new View(lateLabels, noDashboard ? Optional.empty() : Optional.of(dashboard()))) {
            try {
                figures = new Demo(options(), view).run();
            } catch (InterruptedException e) {
                return Interruption.EXIT_CODE;
            } catch (RuntimeException e) {
                if (interruption.happened()) {
                    return Interruption.EXIT_CODE;
                }
                throw e;
            }
        }
        if (report != null) {
            write(figures);
        }
        summarise(figures, out);
        return 0;
    }

    private DemoOptions options() {
        return new DemoOptions(
                images.source(),
                classes,
                limit,
                images.seed(),
                lateLabels ? Optional.of(LONGEST_DELAY) : Optional.empty(),
                settings);
    }

    private Dashboard dashboard() {
        try {
            return Dashboard.start(DashboardOptions.local(dashboardPort == null ? USUAL_PORT : dashboardPort));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--dashboard-port: " + e.getMessage(), e);
        } catch (IOException taken) {
            if (dashboardPort == null) {
                return DashboardCommand.start(DashboardOptions.local(0));
            }
            throw new ParameterException(
                    spec.commandLine(),
                    "--dashboard-port " + dashboardPort + ": cannot be listened on: " + Reason.of(taken),
                    taken);
        }
    }

    /** Before anything starts: what the person can correct at once. */
    private void requireValid() {
        if (classes == 1) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--classes must be at least 2, or 0 for all: there is nothing to tell apart in one");
        }
        try (ImageSource source = images.open()) {
            images.stream(source, classes, limit);
        }
        if (report != null) {
            Path folder = report.toAbsolutePath().getParent();
            if (Files.isDirectory(report) || folder == null || !Files.isWritable(folder)) {
                throw new ParameterException(spec.commandLine(), "--report " + report + ": cannot be written");
            }
        }
    }

    private void write(DemoReport figures) throws IOException {
        ObjectMapper mapper = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
        Files.writeString(report, mapper.writeValueAsString(figures) + System.lineSeparator());
    }

    private void summarise(DemoReport figures, PrintWriter out) {
        out.println();
        line(
                out,
                "Images",
                "%d sent, %d learned, %d rejected",
                figures.imagesSent(),
                figures.imagesLearned(),
                figures.imagesRejected());
        if (figures.lateLabels() != null) {
            line(out, "Labels", "%s", labels(figures.lateLabels()));
        }
        line(out, "Classes", "%d, one after another", figures.classes());
        line(
                out,
                "Accuracy",
                "%.1f%% of the last %d images, which are of all classes (chance: %.1f%%); %.1f%% of all",
                100 * figures.lastWindowAccuracy(),
                figures.windowSize(),
                100 * figures.chance(),
                100 * figures.prequentialAccuracy());
        if (figures.firstWindowLoss() != null) {
            line(
                    out,
                    "Loss",
                    "%.2f over the first %d images, %.2f over the last",
                    figures.firstWindowLoss(),
                    figures.windowSize(),
                    figures.lastWindowLoss());
        }
        line(out, "Queries", "%s", queries(figures));
        line(
                out,
                "Published",
                "%s, %s, %s, %s",
                Count.of(figures.embeddingsPublished(), "embedding"),
                Count.of(figures.prototypesPublished(), "prototype"),
                Count.of(figures.reportsPublished(), "report"),
                Count.of(figures.releases(), "release"));
        line(
                out,
                "Time",
                "%.1f s for %s, %.1f images/s; %.1f s to start",
                figures.seconds(),
                Count.of(figures.steps(), "optimiser step"),
                figures.imagesPerSecond(),
                figures.startSeconds());
        if (report != null) {
            line(out, "Report", "%s", report);
        }
        out.flush();
    }

    private static String labels(DemoReport.LateLabels late) {
        return String.format(
                Locale.ROOT,
                "%.0f s after their images on average, %.0f s at most; %d corrected, %s learned again; %d never came,"
                        + " %s rejected after %.1f s",
                late.meanDelaySeconds(),
                late.longestDelaySeconds(),
                late.labelsCorrected(),
                Count.of(late.imagesRelabelled(), "image"),
                late.imagesNeverLabelled(),
                Count.of(late.imagesExpired(), "image"),
                late.timeToLiveSeconds());
    }

    private static String queries(DemoReport figures) {
        StringBuilder text = new StringBuilder(
                String.format(Locale.ROOT, "%d sent, %d answered", figures.queriesSent(), figures.queriesAnswered()));
        if (figures.queryAccuracy() != null) {
            text.append(String.format(
                    Locale.ROOT,
                    "; of the newest quarter %.1f%% of known classes right",
                    100 * figures.queryAccuracy()));
        }
        if (figures.unknownRecall() != null) {
            text.append(String.format(
                    Locale.ROOT, ", %.1f%% of classes never taught told as unknown", 100 * figures.unknownRecall()));
        }
        return text.toString();
    }

    private static void line(PrintWriter out, String name, String format, Object... values) {
        out.printf(Locale.ROOT, "%-10s " + format + "%n", prepend(name, values));
    }

    private static Object[] prepend(Object first, Object[] rest) {
        Object[] all = new Object[rest.length + 1];
        all[0] = first;
        System.arraycopy(rest, 0, all, 1, rest.length);
        return all;
    }

    /** Shows progress on the standard error stream, so that the standard output has the result alone. */
    private static final class View implements DemoView, AutoCloseable {

        private final Optional<Dashboard> dashboard;
        private final boolean lateLabels;
        private Progress progress;

        View(boolean lateLabels, Optional<Dashboard> dashboard) {
            this.lateLabels = lateLabels;
            this.dashboard = dashboard;
            dashboard.ifPresent(page -> System.err.println("Live page: " + page.url()));
        }

        @Override
        public AutoCloseable follow(Stream stream) {
            dashboard.ifPresent(page -> page.follow(stream));
            return () -> dashboard.ifPresent(page -> page.unfollow("the demo has ended"));
        }

        @Override
        public void step(String what) {
            System.err.println(what);
        }

        @Override
        public void started(int images, int classes, int stages) {
            System.err.printf(
                    "Sending %s of %s in %s%n",
                    Count.of(images, "image"), Count.of(classes, "class"), Count.of(stages, "stage"));
            progress = Progress.of("Learning", images);
        }

        @Override
        public void progress(DemoView.Standing now) {
            StringBuilder more = new StringBuilder();
            more.append(String.format(
                    Locale.ROOT, "%s, %.1f images/s", Count.of(now.classes(), "class"), now.imagesPerSecond()));
            now.loss().ifPresent(loss -> more.append(String.format(Locale.ROOT, ", loss %.2f", loss)));
            now.windowAccuracy()
                    .ifPresent(
                            accuracy -> more.append(String.format(Locale.ROOT, ", accuracy %.1f%%", 100 * accuracy)));
            if (now.queriesAnswered() > 0) {
                more.append(", ")
                        .append(Count.of(now.releases(), "release"))
                        .append(", ")
                        .append(Count.of(now.queriesAnswered(), "query"));
                now.queryAccuracy()
                        .ifPresent(right -> more.append(String.format(Locale.ROOT, " %.0f%% right", 100 * right)));
                now.unknownRecall()
                        .ifPresent(found ->
                                more.append(String.format(Locale.ROOT, ", %.0f%% of strangers unknown", 100 * found)));
            }
            if (lateLabels) {
                more.append(", ")
                        .append(now.sent() - now.learned() - now.rejected())
                        .append(" wait for their label");
            }
            if (now.rejected() > 0) {
                more.append(", ").append(now.rejected()).append(" rejected");
            }
            progress.update(now.learned() + now.rejected(), more.toString());
        }

        @Override
        public void close() {
            if (progress != null) {
                progress.close();
            }
            dashboard.ifPresent(Dashboard::close);
        }
    }
}
