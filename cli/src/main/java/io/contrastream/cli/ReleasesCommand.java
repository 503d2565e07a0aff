package io.contrastream.cli;

import io.contrastream.jobs.option.Location;
import io.contrastream.releases.ReleaseException;
import io.contrastream.releases.folder.Manifest;
import io.contrastream.releases.folder.Release;
import io.contrastream.releases.folder.ReleaseDirectory;
import io.contrastream.releases.folder.ReleaseRequests;
import io.contrastream.schemas.EncoderRelease;
import io.contrastream.schemas.RecordFormat;
import io.contrastream.topics.Announcement;
import io.contrastream.topics.Topic;
import io.contrastream.topics.TopicReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code contrastream releases}. */
@Command(
        name = "releases",
        description = "Shows, checks and tidies released encoders, and goes back to one.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
final class ReleasesCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "say what to do with releases: list, show, verify, request, rollback or prune");
    }

    @Command(
            name = "list",
            description = "Lists the releases in a directory, by model and version.",
            mixinStandardHelpOptions = true)
    int list(
            @Parameters(paramLabel = "DIRECTORY", description = "Directory of releases, as a path or URI.")
                    String directory)
            throws IOException {
        FlinkFolder.configuration(Map.of());
        ReleaseDirectory releases = new ReleaseDirectory(directory);
        PrintWriter out = spec.commandLine().getOut();
        List<String> lines = new ArrayList<>();
        for (String model : releases.models()) {
            for (long version : releases.versions(model)) {
                lines.add(line(releases.folder(model, version)));
            }
        }
        lines.forEach(out::println);
        if (lines.isEmpty()) {
            out.println("There is no release in " + directory + ".");
        }
        out.flush();
        return 0;
    }

    private static String line(String folder) throws IOException {
        try {
            Release release = Release.open(folder);
            Manifest manifest = release.manifest();
            return String.format(
                    Locale.ROOT,
                    "%s  version %d, released %s, %s%s",
                    folder,
                    manifest.version(),
                    manifest.releasedAt(),
                    manifest.data().entrySet().stream()
                            .map(count -> count.getKey() + " " + count.getValue())
                            .collect(Collectors.joining(", ")),
                    manifest.figures().entrySet().stream()
                            .map(figure -> String.format(Locale.ROOT, ", %s %.3f", figure.getKey(), figure.getValue()))
                            .collect(Collectors.joining()));
        } catch (ReleaseException e) {
            return e.getMessage();
        }
    }

    @Command(
            name = "show",
            description = "Prints the manifest of a release: network, options, figures, files with their hashes.",
            mixinStandardHelpOptions = true)
    int show(
            @Parameters(paramLabel = "RELEASE", description = "Folder of the release, as a path or URI.") String folder)
            throws IOException {
        FlinkFolder.configuration(Map.of());
        Release release = Release.open(folder);
        PrintWriter out = spec.commandLine().getOut();
        out.print(release.manifest().json());
        out.flush();
        return 0;
    }

    @Command(
            name = "verify",
            description = "Reads every file of a release through and compares its size and hash with the manifest.",
            mixinStandardHelpOptions = true)
    int verify(
            @Parameters(paramLabel = "RELEASE", description = "Folder of the release, as a path or URI.") String folder,
            @Option(
                            names = "--sha256",
                            paramLabel = "HASH",
                            description = "Hash that the manifest must have, as an EncoderRelease record says.")
                    String sha256)
            throws IOException {
        FlinkFolder.configuration(Map.of());
        Release release = sha256 == null ? Release.open(folder) : Release.open(folder, sha256);
        release.verify();
        PrintWriter out = spec.commandLine().getOut();
        out.printf(
                Locale.ROOT,
                "%s: model '%s', version %d: %d files are as released%nmanifest.json has the SHA-256 %s%n",
                folder,
                release.manifest().model(),
                release.manifest().version(),
                release.manifest().files().size(),
                release.sha256());
        out.flush();
        return 0;
    }

    @Command(
            name = "request",
            description = {
                "Asks a running learning job for a release of its encoder now, and waits for the answer.",
                "The job looks for requests before every checkpoint. The release passes the same gate as any other,"
                        + " and is announced once the checkpoint is complete."
            },
            mixinStandardHelpOptions = true)
    int request(
            @Mixin AnswerWait wait,
            @Parameters(paramLabel = "DIRECTORY", description = "The job's release.directory, as a path or URI.")
                    String directory,
            @Option(
                            names = "--model",
                            paramLabel = "NAME",
                            defaultValue = "encoder",
                            description = "The job's model.name (default: ${DEFAULT-VALUE}).")
                    String model)
            throws IOException {
        wait.patience();
        FlinkFolder.configuration(Map.of());
        ReleaseRequests requests = new ReleaseRequests(Location.uri(directory), model);
        return wait.until(requests, requests.askForRelease(Clock.systemUTC().instant()));
    }

    @Command(
            name = "rollback",
            description = {
                "Announces an older release anew, after verifying it: those who embed with the newest announced one go"
                        + " back to it.",
                "The learner goes on from where it is, and announces its next release, unless it is told to go on from"
                        + " the older one too: then it takes over its weights before its next checkpoint, as its next"
                        + " version, keeps its memory, and announces the older release once more."
            },
            mixinStandardHelpOptions = true)
    int rollback(
            @Mixin KafkaClient kafka,
            @Mixin TopicFormats formats,
            @Mixin AnswerWait wait,
            @Option(names = "--learner", description = "Ask the running learning job too to go on from the release.")
                    boolean learner,
            @Parameters(paramLabel = "RELEASE", description = "Folder of the release, as a URI that its users reach.")
                    String folder,
            @Option(
                            names = "--topic",
                            paramLabel = "NAME",
                            defaultValue = "encoder-releases",
                            description = "Where releases are announced (default: ${DEFAULT-VALUE}).")
                    String topic)
            throws IOException, InterruptedException {
        FlinkFolder.configuration(Map.of());
        wait.patience();
        Release release = Release.open(Location.uri(folder));
        release.verify();
        Manifest manifest = release.manifest();
        ReleaseRequests requests = learner ? requests(release) : null;
        Announcement.send(
                kafka.bootstrapServers(),
                kafka.properties(),
                topic,
                formats.of(Topic.ENCODER_RELEASES, topic, kafka),
                new EncoderRelease(
                        manifest.model(),
                        manifest.version(),
                        release.uri(),
                        release.sha256(),
                        new TreeMap<>(manifest.figures()),
                        manifest.releasedAt()));
        PrintWriter out = spec.commandLine().getOut();
        out.printf(
                Locale.ROOT,
                "announced version %d of model '%s' on %s: %s%n",
                manifest.version(),
                manifest.model(),
                topic,
                release.uri());
        out.flush();
        return learner
                ? wait.until(requests, requests.askToGoBack(Clock.systemUTC().instant(), manifest.version()))
                : 0;
    }

    /** The learner looks for requests where it releases: in the directory that the release is in. */
    private ReleaseRequests requests(Release release) {
        String inside =
                "/" + release.manifest().model() + "/" + release.manifest().version();
        if (!release.uri().endsWith(inside)) {
            throw new ParameterException(
                    spec.subcommands().get("rollback"),
                    "--learner: the release must be where the learning job has released it, in DIRECTORY" + inside
                            + ", but is " + release.uri());
        }
        return new ReleaseRequests(
                release.uri().substring(0, release.uri().length() - inside.length()),
                release.manifest().model());
    }

    @Command(
            name = "prune",
            description = {
                "Deletes the oldest releases of a model, and what attempts before its newest release have left.",
                "The newest announced one stays, however old it is after a rollback: others embed with it."
            },
            mixinStandardHelpOptions = true)
    int prune(
            @Mixin KafkaClient kafka,
            @Mixin TopicFormats formats,
            @Parameters(paramLabel = "DIRECTORY", description = "Directory of releases, as a path or URI.")
                    String directory,
            @Option(names = "--model", required = true, paramLabel = "NAME", description = "Name of the model.")
                    String model,
            @Option(
                            names = "--keep",
                            required = true,
                            paramLabel = "N",
                            description = "How many of the newest releases stay, at least 1.")
                    int keep,
            @Option(
                            names = "--topic",
                            paramLabel = "NAME",
                            defaultValue = "encoder-releases",
                            description = "Where releases are announced (default: ${DEFAULT-VALUE}).")
                    String topic,
            @Option(names = "--dry-run", description = "Only say what would be deleted.") boolean dryRun)
            throws IOException {
        if (keep < 1) {
            throw new ParameterException(spec.commandLine(), "--keep is " + keep + ", but must be at least 1");
        }
        FlinkFolder.configuration(Map.of());
        OptionalLong announced = announced(kafka, topic, formats.of(Topic.ENCODER_RELEASES, topic, kafka), model);
        ReleaseDirectory releases = new ReleaseDirectory(directory);
        List<Long> complete = releases.releases(model).stream()
                .map(release -> release.manifest().version())
                .toList();
        long newest = complete.isEmpty() ? -1 : complete.get(complete.size() - 1);
        Set<Long> kept = new TreeSet<>(complete.subList(Math.max(0, complete.size() - keep), complete.size()));
        announced.stream().filter(complete::contains).forEach(kept::add);
        PrintWriter out = spec.commandLine().getOut();
        for (long version : releases.versions(model)) {
            // Above the newest release, an attempt may be one that is being written.
            if (version < newest && !kept.contains(version)) {
                if (!dryRun) {
                    releases.delete(model, version);
                }
                out.println((dryRun ? "superfluous  " : "deleted      ") + releases.folder(model, version));
            }
        }
        kept.forEach(version -> out.println("kept         " + releases.folder(model, version)));
        out.flush();
        return 0;
    }

    /** Version of the newest announced release of a model. */
    private static OptionalLong announced(KafkaClient kafka, String topic, RecordFormat format, String model) {
        try (TopicReader reader = new TopicReader(kafka.bootstrapServers(), kafka.properties(), List.of(topic), true)) {
            return Announcement.newest(reader, reader.ends(), format, model).stream()
                    .mapToLong(EncoderRelease::getEncoderVersion)
                    .findFirst();
        }
    }
}
