package io.contrastream.benchmarks.continual;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Where the figures go, beside the terminal. */
final class ContinualOutput {

    @Option(names = "--json", paramLabel = "FILE", description = "Also write all figures as JSON to this file.")
    private Path json;

    @Option(names = "--plot", paramLabel = "FILE", description = "Also draw the accuracies to this file, an SVG image.")
    private Path plot;

    @Option(names = "--markdown", description = "Also print the figures as a table of Markdown.")
    private boolean markdown;

    @Option(
            names = "--stream",
            paramLabel = "FILE",
            description = "Also write what is learned, in its order, to this file: a line an image, with the number of "
                    + "its stage, its label and its id between tabs.")
    private Path stream;

    /**
     * Checks before hours of work rather than after.
     *
     * @throws IllegalArgumentException naming an option whose file cannot be written
     */
    void requireWritable(Path resume) {
        requireWritable("--json", json);
        requireWritable("--plot", plot);
        requireWritable("--stream", stream);
        requireWritable("--resume", resume);
    }

    private static void requireWritable(String option, Path file) {
        if (file == null) {
            return;
        }
        Path folder = file.toAbsolutePath().getParent();
        if (Files.isDirectory(file) || folder == null || !Files.isWritable(folder)) {
            throw new IllegalArgumentException(option + " " + file + ": cannot be written");
        }
    }

    boolean markdown() {
        return markdown;
    }

    /** What will be learned. */
    void write(ClassStages stages) throws IOException {
        if (stream == null) {
            return;
        }
        StringBuilder lines = new StringBuilder();
        for (int stage = 0; stage < stages.classes().size(); stage++) {
            int number = stage;
            stages.train(stage)
                    .forEach(image -> lines.append(number)
                            .append('\t')
                            .append(image.label())
                            .append('\t')
                            .append(image.id())
                            .append('\n'));
        }
        Files.writeString(stream, lines);
    }

    /** What was measured. */
    void write(ContinualReport report) throws IOException {
        if (json != null) {
            Files.writeString(json, report.json() + System.lineSeparator());
        }
        if (plot != null) {
            Files.writeString(plot, AccuracyPlot.of(report.node()).svg());
        }
    }
}
