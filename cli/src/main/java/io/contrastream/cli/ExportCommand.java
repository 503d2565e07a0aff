package io.contrastream.cli;

import io.contrastream.cli.export.ProjectorFiles;
import io.contrastream.cli.export.TensorBoardLog;
import io.contrastream.learning.failure.Reason;
import io.contrastream.operators.Count;
import io.contrastream.schemas.Embedding;
import io.contrastream.schemas.LearningReport;
import io.contrastream.schemas.RecordFormat;
import io.contrastream.schemas.WireFormatException;
import io.contrastream.topics.Topic;
import io.contrastream.topics.TopicException;
import io.contrastream.topics.TopicReader;
import io.contrastream.topics.Topics;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code contrastream export}. */
@Command(
        name = "export",
        description = "Writes what the topics have for other tools.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
final class ExportCommand implements Runnable {

    private static final Duration POLL = Duration.ofMillis(200);

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "say what to export: projector or scalars");
    }

    @Command(
            name = "projector",
            description = {
                "Writes the newest embeddings for TensorBoard's projector: vectors, ids, labels, nearest classes and"
                        + " versions as tab-separated values, a sprite of the images, and the projector's configuration.",
                "Look at them with: tensorboard --logdir DIRECTORY"
            },
            mixinStandardHelpOptions = true)
    int projector(
            @Mixin KafkaClient kafka,
            @Mixin TopicsCommand.TopicNames names,
            @Mixin TopicFormats formats,
            @Option(
                            names = "--output",
                            required = true,
                            paramLabel = "DIRECTORY",
                            description = "Where to write them; files of an earlier export are replaced.")
                    Path output,
            @Option(
                            names = "--limit",
                            defaultValue = "10000",
                            paramLabel = "N",
                            description = "Number of newest images, from 1 to 65536 (default: ${DEFAULT-VALUE}).")
                    int limit,
            @Option(names = "--no-images", description = "No sprite of the images.") boolean noImages) {
        if (limit < 1 || limit > ProjectorFiles.MOST) {
            throw new ParameterException(
                    spec.subcommands().get("projector"),
                    "--limit must be from 1 to " + ProjectorFiles.MOST + ", but is " + limit);
        }
        Map<String, Embedding> newest = newest(
                kafka,
                names.all().get(Topic.EMBEDDINGS),
                formats.of(Topic.EMBEDDINGS, names.all().get(Topic.EMBEDDINGS), kafka),
                limit);
        if (newest.isEmpty()) {
            throw new TopicException("there is no embedding in " + names.all().get(Topic.EMBEDDINGS));
        }
        try {
            ProjectorFiles files = new ProjectorFiles(output, List.copyOf(newest.values()));
            files.writeTables();
            if (!noImages) {
                Map<String, Topic> images = existing(kafka, names.all(), Topic.LABELLED_IMAGES, Topic.IMAGE_QUERIES);
                Map<String, RecordFormat> imageFormats = new HashMap<>();
                images.forEach((name, topic) -> imageFormats.put(name, formats.of(topic, name, kafka)));
                read(kafka, images.keySet(), record -> {
                    if (record.key() != null && record.value() != null) {
                        files.picture(key(record), record.value(), imageFormats.get(record.topic()));
                    }
                });
                files.writeSprite();
            }
            files.writeConfiguration();
        } catch (IOException e) {
            throw cannotWrite("projector", output, e);
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println("wrote " + Count.of(newest.size(), "embedding") + " to " + output + "; tensorboard --logdir "
                + output + " shows them");
        out.flush();
        return 0;
    }

    @Command(
            name = "scalars",
            description = "Writes the figures of all learning reports as events for TensorBoard's curves, over images"
                    + " learned.",
            mixinStandardHelpOptions = true)
    int scalars(
            @Mixin KafkaClient kafka,
            @Mixin TopicsCommand.TopicNames names,
            @Mixin TopicFormats formats,
            @Option(
                            names = "--output",
                            required = true,
                            paramLabel = "DIRECTORY",
                            description = "Where to write them, a folder for each model.")
                    Path output) {
        Map<String, TensorBoardLog> logs = new TreeMap<>();
        long[] written = {0};
        try {
            try {
                String topic = names.all().get(Topic.LEARNING_REPORTS);
                RecordFormat format = formats.of(Topic.LEARNING_REPORTS, topic, kafka);
                read(kafka, List.of(topic), record -> {
                    LearningReport report = decoded(record, format, LearningReport.class);
                    if (report != null) {
                        write(report, output, logs);
                        written[0]++;
                    }
                });
            } finally {
                for (TensorBoardLog log : logs.values()) {
                    log.close();
                }
            }
        } catch (IOException | WriteException e) {
            throw cannotWrite("scalars", output, e);
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println("wrote " + Count.of(written[0], "report") + " to " + output + "; tensorboard --logdir " + output
                + " shows them");
        out.flush();
        return 0;
    }

    private static void write(LearningReport report, Path output, Map<String, TensorBoardLog> logs) {
        try {
            TensorBoardLog log = logs.get(report.getModel());
            long millis = report.getReportedAt().toEpochMilli();
            if (log == null) {
                // A model's name is a name of a folder too: jobs refuse others.
                String folder =
                        report.getModel().replaceAll("[^A-Za-z0-9._-]", "_").replaceAll("^\\.+", "_");
                log = new TensorBoardLog(output.resolve(folder), millis);
                logs.put(report.getModel(), log);
            }
            log.add(millis, report.getImagesSeen(), figures(report));
        } catch (IOException e) {
            throw new WriteException(e);
        }
    }

    private static Map<String, Double> figures(LearningReport report) {
        Map<String, Double> figures = new TreeMap<>();
        figures.put("accuracy/window", report.getWindowAccuracy());
        figures.put("accuracy/all", report.getPrequentialAccuracy());
        figures.put("learner/classes", (double) report.getClasses());
        figures.put("learner/images-per-second", report.getImagesPerSecond());
        figures.put("learner/memory", (double) report.getReplaySize());
        figures.put("learner/skipped-steps", (double) report.getSkippedSteps());
        figures.put("learner/error-rises", (double) report.getErrorRises());
        figures.put("learner/version", (double) report.getEncoderVersion());
        if (report.getLoss() != null) {
            figures.put("loss", (double) report.getLoss());
        }
        if (report.getShiftCosine() != null) {
            figures.put("shift/cosine", report.getShiftCosine());
        }
        if (report.getShiftNeighbourOverlap() != null) {
            figures.put("shift/neighbours-kept", report.getShiftNeighbourOverlap());
        }
        return figures;
    }

    /** The newest embedding of every image, the images with the newest last. */
    private static Map<String, Embedding> newest(KafkaClient kafka, String topic, RecordFormat format, int limit) {
        Map<String, Embedding> newest = new LinkedHashMap<>();
        read(kafka, List.of(topic), record -> {
            if (record.value() == null) {
                newest.remove(key(record));
                return;
            }
            Embedding embedding = decoded(record, format, Embedding.class);
            if (embedding != null) {
                newest.remove(embedding.getId());
                newest.put(embedding.getId(), embedding);
                if (newest.size() > limit) {
                    newest.remove(newest.keySet().iterator().next());
                }
            }
        });
        // Vectors of another encoder are of another space.
        if (!newest.isEmpty()) {
            int dimension = List.copyOf(newest.values())
                    .get(newest.size() - 1)
                    .getVector()
                    .size();
            newest.values().removeIf(embedding -> embedding.getVector().size() != dimension);
        }
        return newest;
    }

    private static <T extends SpecificRecord> T decoded(
            ConsumerRecord<byte[], byte[]> record, RecordFormat format, Class<T> type) {
        try {
            return format.decode(record.value(), type);
        } catch (WireFormatException notOurs) {
            return null;
        }
    }

    private static String key(ConsumerRecord<byte[], byte[]> record) {
        return record.key() == null ? "" : new String(record.key(), StandardCharsets.UTF_8);
    }

    private static Map<String, Topic> existing(KafkaClient kafka, Map<Topic, String> names, Topic... wanted) {
        try (Topics topics = new Topics(kafka.bootstrapServers(), kafka.properties())) {
            return topics.describe(names).stream()
                    .filter(status -> status.exists() && List.of(wanted).contains(status.topic()))
                    .collect(Collectors.toMap(status -> status.name(), status -> status.topic()));
        }
    }

    /** Reads topics from their beginning to their present end. */
    private static void read(
            KafkaClient kafka, Collection<String> topics, Consumer<ConsumerRecord<byte[], byte[]>> consumer) {
        if (topics.isEmpty()) {
            return;
        }
        try (TopicReader reader = new TopicReader(kafka.bootstrapServers(), kafka.properties(), topics, true)) {
            Map<TopicPartition, Long> ends = reader.ends();
            while (!reader.reached(ends)) {
                reader.poll(POLL).forEach(consumer);
            }
        }
    }

    private ParameterException cannotWrite(String command, Path output, Exception e) {
        return new ParameterException(
                spec.subcommands().get(command), "--output " + output + ": cannot be written: " + Reason.of(e), e);
    }

    /** Out of a consumer of records. */
    private static final class WriteException extends RuntimeException {

        private static final long serialVersionUID = 1;

        WriteException(IOException cause) {
            super(cause);
        }
    }
}
