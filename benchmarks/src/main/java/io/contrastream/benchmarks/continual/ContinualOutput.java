package io.contrastream.benchmarks.continual;

import io.contrastream.cli.export.TensorBoardLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Where the figures go, beside the terminal. */
final class ContinualOutput {

    @Option(names = "--json", paramLabel = "FILE", description = "Also write all figures as JSON to this file.")
    private Path json;

    @Option(
            names = "--csv",
            paramLabel = "FILE",
            description =
                    "Also write comma-separated values to this file: a line a test, or with several runs a line a run.")
    private Path csv;

    @Option(
            names = "--tensorboard",
            paramLabel = "DIR",
            description =
                    "Also write the scalars of every test over the images learned as an event file of TensorBoard into "
                            + "this folder; of several runs, each into a folder of its own in it.")
    private Path tensorBoard;

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
        requireWritable("--csv", csv);
        requireWritable("--plot", plot);
        requireWritable("--stream", stream);
        requireWritable("--resume", resume);
        if (tensorBoard != null && Files.exists(tensorBoard) && !Files.isDirectory(tensorBoard)) {
            throw new IllegalArgumentException("--tensorboard " + tensorBoard + ": is not a folder");
        }
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

    /** Announces the classes that will be learned. */
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

    /** The folder of event files, if they are asked for. */
    Optional<Path> tensorBoard() {
        return Optional.ofNullable(tensorBoard);
    }

    /** Writes the figures of several runs. */
    void write(RunsReport report) throws IOException {
        if (json != null) {
            Files.writeString(json, report.json().toPrettyString() + System.lineSeparator());
        }
        if (csv != null) {
            Files.writeString(csv, report.csv());
        }
    }

    /** Writes the measurements. */
    void write(ContinualReport report) throws IOException {
        if (json != null) {
            Files.writeString(json, report.json() + System.lineSeparator());
        }
        if (csv != null) {
            Files.writeString(csv, StageTable.csv(report.node()));
        }
        if (tensorBoard != null) {
            try (TensorBoardLog log = new TensorBoardLog(tensorBoard, System.currentTimeMillis())) {
                List<Integer> images = StageTable.images(report.node());
                for (int part = 0; part < images.size(); part++) {
                    log.add(System.currentTimeMillis(), images.get(part), StageTable.scalars(report.node(), part));
                }
            }
        }
        if (plot != null) {
            Files.writeString(plot, AccuracyPlot.of(report.node()).svg());
        }
    }
}
