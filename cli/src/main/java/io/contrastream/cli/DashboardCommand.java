package io.contrastream.cli;

import io.contrastream.dashboard.Dashboard;
import io.contrastream.dashboard.DashboardException;
import io.contrastream.dashboard.DashboardOptions;
import io.contrastream.dashboard.feed.Stream;
import io.contrastream.learning.failure.Reason;
import io.contrastream.schemas.RecordFormat;
import io.contrastream.topics.Topic;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code contrastream dashboard}. */
@Command(
        name = "dashboard",
        description = {
            "Serves a live page of what the topics say of the learning: curves, classes, a map of the embedding space,"
                    + " releases, rejected records, throughput and lag.",
            "Goes on until it is stopped with Ctrl-C. It only reads: it is a member of no consumer group and changes"
                    + " nothing."
        },
        mixinStandardHelpOptions = true)
final class DashboardCommand implements Callable<Integer> {

    /** It is interrupted when it is to end. */
    private static final long PAUSE_MILLIS = 60_000;

    @Spec
    private CommandSpec spec;

    @Mixin
    private KafkaClient kafka;

    @Mixin
    private TopicsCommand.TopicNames names;

    @Mixin
    private TopicFormats formats;

    @Option(
            names = "--host",
            paramLabel = "ADDRESS",
            defaultValue = "localhost",
            description =
                    "Address to listen on (default: ${DEFAULT-VALUE}). One that is not of the loopback interface, such"
                            + " as 0.0.0.0, is open to others: they need the token of the address that is printed.")
    private String host;

    @Option(
            names = "--port",
            paramLabel = "N",
            defaultValue = "8090",
            description = "Port to listen on, 0 for a free one (default: ${DEFAULT-VALUE}).")
    private int port;

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description =
                    "File with the token that a browser must bring: 16 to 128 letters, digits, '-' or '_'. If it does not"
                            + " exist, it is written with a new token, so that the address stays the same. Default: a new"
                            + " token at every start, or on the loopback interface none.")
    private Path tokenFile;

    @Option(
            names = "--points",
            paramLabel = "N",
            defaultValue = "" + DashboardOptions.POINTS,
            description = "Images on the map, the newest, from 100 to 60000 (default: ${DEFAULT-VALUE}).")
    private int points;

    @Option(
            names = "--model",
            paramLabel = "NAME",
            description = "Model whose reports and releases are shown, where the topics have several.")
    private String model;

    @Option(
            names = "--group",
            paramLabel = "NAME",
            defaultValue = Stream.LEARNING_GROUP,
            description = "Consumer group of the learning job (default: ${DEFAULT-VALUE}).")
    private String group;

    @Option(
            names = "--embedding-group",
            paramLabel = "NAME",
            defaultValue = Stream.EMBEDDING_GROUP,
            description = "Consumer group of the embedding job (default: ${DEFAULT-VALUE}).")
    private String embeddingGroup;

    @Override
    public Integer call() {
        DashboardOptions options = options();
        Map<Topic, RecordFormat> recordFormats = new EnumMap<>(Topic.class);
        names.all().forEach((topic, name) -> recordFormats.put(topic, formats.of(topic, name, kafka)));
        Stream stream = new Stream(
                kafka.bootstrapServers(), kafka.properties(), names.all(), recordFormats, group, embeddingGroup);
        try (Interruption interruption = new Interruption();
                Dashboard dashboard = start(options)) {
            dashboard.follow(stream);
            PrintWriter out = spec.commandLine().getOut();
            out.println("The page is at " + dashboard.url());
            out.flush();
            while (!interruption.happened()) {
                Thread.sleep(PAUSE_MILLIS);
            }
            return Interruption.EXIT_CODE;
        } catch (InterruptedException told) {
            return Interruption.EXIT_CODE;
        }
    }

    /** @throws DashboardException if the address cannot be listened on */
    static Dashboard start(DashboardOptions options) {
        try {
            return Dashboard.start(options);
        } catch (IOException e) {
            throw new DashboardException(
                    "cannot listen on " + options.address().getHostAddress() + ", port " + options.port() + ": "
                            + Reason.of(e) + "; choose with --host and --port",
                    e);
        }
    }

    private DashboardOptions options() {
        try {
            InetAddress address = InetAddress.getByName(host);
            Optional<String> token = tokenFile != null
                    ? Optional.of(token(tokenFile))
                    : address.isLoopbackAddress() ? Optional.empty() : Optional.of(DashboardOptions.newToken());
            return new DashboardOptions(address, port, token, points, Optional.ofNullable(model));
        } catch (UnknownHostException e) {
            throw new ParameterException(
                    spec.commandLine(), "--host " + host + ": this machine has no such address", e);
        } catch (IOException e) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--token-file " + tokenFile + ": cannot be read or written: " + Reason.of(e),
                    e);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    /** The token of a file, which is written if it does not exist, for its owner alone. */
    static String token(Path file) throws IOException {
        if (Files.notExists(file)) {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(file, DashboardOptions.newToken() + "\n");
        }
        return Files.readString(file).strip();
    }
}
