package io.contrastream.operators.learn.watch;

import io.contrastream.learning.encoder.Encoder;
import io.contrastream.operators.Count;
import io.contrastream.operators.learn.option.LearnOptions;
import io.contrastream.schemas.LearningReport;
import java.time.Duration;
import java.util.Locale;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.slf4j.Logger;

/**
 * Tells people what the learner works with and how far it is: in the log of the process that it runs in, a line at its start and
 * one now and then, and the newest of either as accumulators of the job.
 */
public final class SignsOfLife {

    /** Accumulator: the line about the start, of this attempt to run the job. */
    public static final String START = "learner-start";

    /** Accumulator: the newest line about the progress; empty before the first report. */
    public static final String PROGRESS = "learner-progress";

    private static final Duration LOG_INTERVAL = Duration.ofSeconds(30);

    private final LearnOptions options;
    private final Logger log;
    private final NewestText start = new NewestText();
    private final NewestText progress = new NewestText();
    private long imagesLogged = -1;
    private long loggedAtMillis;

    public SignsOfLife(LearnOptions options, RuntimeContext context, Logger log) {
        this.options = options;
        this.log = log;
        context.addAccumulator(START, start);
        context.addAccumulator(PROGRESS, progress);
    }

    /**
     * The learner is ready.
     *
     * @param from the version that was restored, or what a new model starts from
     */
    public void started(String engine, Encoder encoder, String from) {
        String line = String.format(
                Locale.ROOT,
                "engine %s on %s, %s%s; model '%s', %s, %s",
                engine,
                encoder.device(),
                encoder.precision(),
                algorithms(encoder.device(), options.device().deterministic()),
                options.model(),
                network(encoder),
                from);
        start.add(line);
        log.info("Learning starts: {}", line);
    }

    /** Whether bits are the same every time; a CPU has no choice. */
    static String algorithms(String device, boolean deterministic) {
        return device.equals("cpu") ? "" : deterministic ? ", deterministic" : ", not deterministic";
    }

    private static String network(Encoder encoder) {
        return encoder.spec().architecture() + " of width " + encoder.spec().width() + " for images of "
                + encoder.spec().input();
    }

    /** There is a new report. In the log it appears if something was learned since the last line, and not too often. */
    public void progressed(LearningReport report, long nowMillis) {
        String line = line(report);
        progress.add(line);
        if (report.getImagesSeen() != imagesLogged && nowMillis - loggedAtMillis >= LOG_INTERVAL.toMillis()) {
            log.info("Model '{}': {}", options.model(), line);
            imagesLogged = report.getImagesSeen();
            loggedAtMillis = nowMillis;
        }
    }

    private static String line(LearningReport report) {
        StringBuilder line = new StringBuilder();
        line.append(String.format(
                Locale.ROOT,
                "%,d %s learned, %.1f/s, version %,d, %,d %s, accuracy %.1f%% of the newest %,d",
                report.getImagesSeen(),
                Count.noun(report.getImagesSeen(), "image"),
                report.getImagesPerSecond(),
                report.getEncoderVersion(),
                report.getClasses(),
                Count.noun(report.getClasses(), "class"),
                100 * report.getWindowAccuracy(),
                report.getWindowSize()));
        if (report.getLoss() != null) {
            line.append(String.format(Locale.ROOT, ", loss %.3f", report.getLoss()));
        }
        if (report.getSkippedSteps() > 0) {
            line.append(String.format(
                    Locale.ROOT,
                    ", %,d %s skipped",
                    report.getSkippedSteps(),
                    Count.noun(report.getSkippedSteps(), "step")));
        }
        return line.toString();
    }
}
