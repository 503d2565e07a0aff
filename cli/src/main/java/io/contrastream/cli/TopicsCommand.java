package io.contrastream.cli;

import io.contrastream.topics.Topic;
import io.contrastream.topics.TopicLayout;
import io.contrastream.topics.TopicStatus;
import io.contrastream.topics.Topics;
import java.io.PrintWriter;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.flink.configuration.MemorySize;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code contrastream topics}. */
@Command(
        name = "topics",
        description = "Creates or lists the topics of the system.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
final class TopicsCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "say what to do with the topics: create or list");
    }

    @Command(
            name = "create",
            description =
                    "Creates the topics that do not exist yet, with their clean-up policies. Existing ones stay as they are.",
            mixinStandardHelpOptions = true)
    int create(
            @Mixin KafkaClient kafka,
            @Mixin TopicNames names,
            @Option(
                            names = "--partitions",
                            defaultValue = "4",
                            paramLabel = "N",
                            description = "Partitions of labelled-images, images, labels, image-queries and embeddings"
                                    + " (default: ${DEFAULT-VALUE}); the other topics have one, which keeps their"
                                    + " order.")
                    int partitions,
            @Option(
                            names = "--replication-factor",
                            paramLabel = "N",
                            description = "Copies of every partition (default: as the cluster is set up).")
                    Short replicationFactor,
            @Option(
                            names = "--max-message-size",
                            defaultValue = "11 mb",
                            paramLabel = "SIZE",
                            description = "Largest record of labelled-images, images and image-queries, such as 2 mb"
                                    + " (default: ${DEFAULT-VALUE}): image.max-encoded-size of the job, and some"
                                    + " room.")
                    String maxMessageSize) {
        TopicLayout layout;
        try {
            layout = new TopicLayout(
                    names.all(),
                    partitions,
                    replicationFactor == null ? TopicLayout.CLUSTER_DEFAULT : replicationFactor,
                    MemorySize.parse(maxMessageSize).getBytes());
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.subcommands().get("create"), e.getMessage(), e);
        }
        try (Topics topics = new Topics(kafka.bootstrapServers(), kafka.properties())) {
            Set<Topic> created = topics.create(layout);
            PrintWriter out = spec.commandLine().getOut();
            for (TopicStatus status : topics.describe(layout.names())) {
                out.printf(
                        Locale.ROOT,
                        "%-8s %s (%d partition%s, %s)%s%n",
                        created.contains(status.topic()) ? "created" : "exists",
                        status.name(),
                        status.partitions(),
                        status.partitions() == 1 ? "" : "s",
                        status.cleanupPolicy(),
                        status.concern().map(concern -> "  ! " + concern).orElse(""));
            }
            out.flush();
        }
        return 0;
    }

    @Command(
            name = "list",
            description = "Lists the topics, with their partitions, replication, clean-up policies and records.",
            mixinStandardHelpOptions = true)
    int list(@Mixin KafkaClient kafka, @Mixin TopicNames names) {
        try (Topics topics = new Topics(kafka.bootstrapServers(), kafka.properties())) {
            PrintWriter out = spec.commandLine().getOut();
            out.printf(
                    Locale.ROOT,
                    "%-32s %10s %8s %-8s %12s%n",
                    "topic",
                    "partitions",
                    "replicas",
                    "clean-up",
                    "records");
            for (TopicStatus status : topics.describe(names.all())) {
                if (status.exists()) {
                    out.printf(
                            Locale.ROOT,
                            "%-32s %10d %8d %-8s %12d%s%n",
                            status.name(),
                            status.partitions(),
                            status.replicationFactor(),
                            status.cleanupPolicy(),
                            status.total(),
                            status.concern().map(concern -> "  ! " + concern).orElse(""));
                } else {
                    out.printf(Locale.ROOT, "%-32s %10s%n", status.name(), "missing");
                }
            }
            out.flush();
        }
        return 0;
    }

    /** Names of topics. */
    static final class TopicNames {

        @Spec(Spec.Target.MIXEE)
        private CommandSpec command;

        @Option(
                names = "--name",
                paramLabel = "TOPIC=NAME",
                description =
                        "What a topic is called, where that is not the usual name. Topics: ${COMPLETION-CANDIDATES}",
                completionCandidates = TopicIds.class)
        private final Map<String, String> renamed = new LinkedHashMap<>();

        @Option(
                names = "--late-labels",
                description = "Also the topics images and labels, for labels that come by themselves.")
        private boolean lateLabels;

        /** The usual topics, and the others if they are asked for or named. */
        Map<Topic, String> all() {
            Map<Topic, String> names =
                    new TreeMap<>(TopicLayout.usualNames(lateLabels ? EnumSet.allOf(Topic.class) : Topic.usual()));
            renamed.forEach((id, name) -> {
                try {
                    names.put(Topic.of(id), name);
                } catch (IllegalArgumentException e) {
                    throw new ParameterException(
                            command.commandLine(), "--name " + id + "=" + name + ": " + e.getMessage(), e);
                }
            });
            return names;
        }
    }

    /** For the help. */
    static final class TopicIds implements Iterable<String> {

        @Override
        public Iterator<String> iterator() {
            return EnumSet.allOf(Topic.class).stream().map(Topic::id).iterator();
        }
    }
}
