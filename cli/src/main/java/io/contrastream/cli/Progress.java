package io.contrastream.cli;

import java.io.PrintStream;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.time.Duration;
import java.util.Locale;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** How far something long is: a bar in a terminal, a line now and then elsewhere. */
public interface Progress extends AutoCloseable {

    /**
     * Shows how far it is.
     *
     * @param done images so far
     * @param more what else is worth knowing
     */
    void update(long done, String more);

    @Override
    void close();

    /**
     * Begins.
     *
     * @param task a verb, such as {@code Learning}
     * @param total images in all
     */
    static Progress of(String task, long total) {
        return Terminal.isThere() ? new Bar(task, total) : new Lines(System.err, task, total, Duration.ofSeconds(10));
    }

    /** A bar that is drawn again and again. */
    final class Bar implements Progress {

        private static final int WIDTH = 120;

        private final ProgressBar bar;

        Bar(String task, long total) {
            this.bar = new ProgressBarBuilder()
                    .setTaskName(task)
                    .setInitialMax(total)
                    .setUnit(" images", 1)
                    .setStyle(ProgressBarStyle.ASCII)
                    .setUpdateIntervalMillis(250)
                    .showSpeed(new DecimalFormat("0.0", DecimalFormatSymbols.getInstance(Locale.ROOT)))
                    .setConsumer(new ConsoleProgressBarConsumer(System.err, columns()))
                    .build();
        }

        private static int columns() {
            String columns = System.getenv("COLUMNS");
            return columns != null && columns.matches("\\d{2,4}") ? Integer.parseInt(columns) - 1 : WIDTH;
        }

        @Override
        public void update(long done, String more) {
            bar.stepTo(done);
            bar.setExtraMessage(more.isEmpty() ? "" : " " + more);
        }

        @Override
        public void close() {
            bar.close();
        }
    }

    /** A line every few seconds. */
    final class Lines implements Progress {

        private final PrintStream out;
        private final String task;
        private final long total;
        private final Duration interval;
        private long printedNanos = System.nanoTime();
        private String unprinted;

        Lines(PrintStream out, String task, long total, Duration interval) {
            this.out = out;
            this.task = task;
            this.total = total;
            this.interval = interval;
        }

        @Override
        public void update(long done, String more) {
            unprinted = String.format(
                    Locale.ROOT, "%s: %d of %d images%s", task, done, total, more.isEmpty() ? "" : ", " + more);
            if (System.nanoTime() - printedNanos >= interval.toNanos()) {
                print();
            }
        }

        private void print() {
            out.println(unprinted);
            unprinted = null;
            printedNanos = System.nanoTime();
        }

        @Override
        public void close() {
            if (unprinted != null) {
                print();
            }
        }
    }
}
