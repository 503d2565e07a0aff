package io.contrastream.benchmarks.continual;

import io.contrastream.benchmarks.continual.RunProcesses.Ended;
import io.contrastream.datasets.ImageSplit;
import io.contrastream.jobs.learning.ModelOptions;
import io.contrastream.learning.encoder.DeviceOptions;
import io.contrastream.learning.encoder.EncoderEngine;
import io.contrastream.operators.decode.ExampleDecoder;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Several runs of {@code contrastream bench continual}, each a process of its own. */
final class SeveralRuns {

    private static final Set<String> OF_ONE_RUN = Set.of("--seed", "--plot", "--stream", "--resume");

    private final CommandSpec spec;
    private final StageChoice stageChoice;
    private final LearningChoice learning;
    private final RunsChoice choice;
    private final ContinualOutput output;

    SeveralRuns(
            CommandSpec spec,
            StageChoice stageChoice,
            LearningChoice learning,
            RunsChoice choice,
            ContinualOutput output) {
        this.spec = spec;
        this.stageChoice = stageChoice;
        this.learning = learning;
        this.choice = choice;
        this.output = output;
    }

    /**
     * Runs that are asked for, checked.
     *
     * @param configurations by setting, the options of a file of its own
     */
    private record Plan(
            Map<String, Map<String, String>> settings,
            Map<String, Map<String, String>> configurations,
            List<Long> seeds,
            int parallel,
            Duration limit) {}

    /**
     * Does all runs that are left.
     *
     * @return whether none has failed
     * @throws IllegalArgumentException naming an option that is wrong, before anything runs
     */
    boolean call(EncoderEngine engine) throws IOException, InterruptedException {
        Plan plan = plan(engine);
        Path results = RunsChoice.made(choice.results());
        try {
            List<Run> runs = new ArrayList<>();
            for (long seed : plan.seeds) {
                for (String setting : plan.settings.keySet()) {
                    Run run = new Run(results, setting, seed);
                    run.claim(deciding(engine, plan, setting));
                    runs.add(run);
                }
            }
            List<Run> failed = work(plan, runs);
            RunsReport report = new RunsReport(plan.settings, plan.seeds, choice.choosing(), runs);
            say(report.text());
            output.write(report);
            return failed.isEmpty();
        } finally {
            if (choice.results() == null) {
                delete(results);
            }
        }
    }

    private Plan plan(EncoderEngine engine) throws IOException {
        Set<String> given = given().keySet();
        OF_ONE_RUN.stream().filter(given::contains).findFirst().ifPresent(option -> {
            throw new IllegalArgumentException(option + " is of one run, and cannot be given with --sweep or --seeds");
        });
        output.requireWritable(null);
        Map<String, Map<String, String>> settings = choice.settings();
        List<Long> seeds = choice.seeds();
        Map<String, Map<String, String>> configurations = new TreeMap<>();
        int parallel = Integer.MAX_VALUE;
        try (ImageSplit images = stageChoice.open()) {
            images.train().remarks().forEach(spec.commandLine().getErr()::println);
            for (Map.Entry<String, Map<String, String>> setting : settings.entrySet()) {
                try {
                    requireNotGiven(setting.getValue().keySet(), given);
                    learning.add(setting.getValue());
                    ModelOptions options = learning.options(stageChoice.protocol(), seeds.get(0), 0);
                    DeviceOptions device = options.learn().device();
                    engine.requireAskedFor(device);
                    stageChoice.of(
                            images,
                            new ExampleDecoder(options.decode()),
                            learning.recipe().joint());
                    parallel = Math.min(parallel, choice.parallel(device.device(), device.threads()));
                    configurations.put(
                            setting.getKey(), new TreeMap<>(learning.file().toMap()));
                } catch (IllegalArgumentException e) {
                    throw choice.sweep() == null
                            ? e
                            : new IllegalArgumentException("setting " + setting.getKey() + ": " + e.getMessage(), e);
                }
            }
        }
        return new Plan(settings, configurations, seeds, parallel, choice.limit());
    }

    /** Options here win over a file's: a setting that sets one of them would have no effect. */
    private static void requireNotGiven(Set<String> keys, Set<String> given) {
        for (String key : keys) {
            if (given.contains(LearningChoice.name(key))) {
                throw new IllegalArgumentException(
                        "sets " + key + ", which " + LearningChoice.name(key) + " sets for all of them");
            }
        }
    }

    /** Options of the command line by their longest names, with their values as they were written. */
    private Map<String, List<String>> given() {
        Map<String, List<String>> given = new TreeMap<>();
        for (OptionSpec option : spec.commandLine().getParseResult().matchedOptions()) {
            given.put(option.longestName(), option.originalStringValues());
        }
        return given;
    }

    /** Options that every run gets. */
    private List<String> passedOn() {
        return given().entrySet().stream()
                .filter(option -> !RunsChoice.own().contains(option.getKey()))
                .flatMap(option -> option.getValue().stream().map(value -> option.getKey() + "=" + value))
                .toList();
    }

    private List<String> deciding(EncoderEngine engine, Plan plan, String setting) {
        List<String> lines = new ArrayList<>(List.of("engine: " + engine.name()));
        lines.addAll(passedOn());
        plan.configurations.get(setting).forEach((key, value) -> lines.add(key + ": " + value));
        return lines;
    }

    private List<String> command(Plan plan, Run run) throws IOException {
        Path configuration = run.results().resolve(run.setting() + ".yaml");
        Files.write(
                configuration,
                plan.configurations.get(run.setting()).entrySet().stream()
                        .map(option -> quoted(option.getKey()) + ": " + quoted(option.getValue()))
                        .toList());
        List<String> command = new ArrayList<>(List.of("bench", "continual"));
        command.addAll(passedOn());
        command.addAll(List.of(
                "--config=" + configuration,
                "--seed=" + run.seed(),
                "--json=" + run.unfinishedFigures(),
                "--resume=" + run.state(),
                "--end-with-input"));
        output.tensorBoard().ifPresent(folder -> command.add("--tensorboard=" + folder.resolve(run.name())));
        return command;
    }

    /** As a scalar of YAML. */
    private static String quoted(String text) {
        return "'" + text.replace("'", "''") + "'";
    }

    /** Does what has not ended; the runs that have failed. */
    private List<Run> work(Plan plan, List<Run> runs) throws IOException, InterruptedException {
        long begin = System.nanoTime();
        Queue<Run> waiting = new ArrayDeque<>();
        int ended = 0;
        for (Run run : runs) {
            if (run.ended()) {
                ended++;
            } else {
                waiting.add(run);
            }
        }
        say(runs.size() + " runs: " + plan.settings.size() + " settings on " + plan.seeds.size() + " orders"
                + (ended == 0 ? "" : ", " + ended + " of them done before"));
        List<Run> failed = new ArrayList<>();
        try (RunProcesses processes = new RunProcesses()) {
            while (!waiting.isEmpty() || processes.count() > 0) {
                if (plan.limit != null && System.nanoTime() - begin > plan.limit.toNanos()) {
                    say("stopped after " + plan.limit.toSeconds() + " s with " + ended + " of " + runs.size()
                            + " runs; the same command goes on");
                    break;
                }
                while (!waiting.isEmpty() && processes.count() < plan.parallel) {
                    Run next = waiting.remove();
                    processes.start(next, command(plan, next));
                }
                Optional<Ended> done = processes.ended();
                if (done.isPresent() && done.get().status() == 0) {
                    ended++;
                    done.get().run().end();
                    say(line(done.get().run()) + " (" + ended + " of " + runs.size() + ")");
                } else if (done.isPresent()) {
                    failed.add(done.get().run());
                    say(done.get().run().name() + ": failed; what it printed is in "
                            + done.get().run().log() + ":" + System.lineSeparator()
                            + done.get().run().tail());
                }
            }
        }
        return failed;
    }

    private static String line(Run run) {
        return run.report()
                .map(report -> String.format(
                        Locale.ROOT,
                        "%s: end accuracy %.2f%%, average %.2f%%, %.1f images/s",
                        run.name(),
                        100 * report.get("end_accuracy").asDouble(),
                        100 * report.get("average_accuracy").asDouble(),
                        report.get("images_per_second").asDouble()))
                .orElseThrow();
    }

    private static void delete(Path folder) throws IOException {
        List<Path> files;
        try (Stream<Path> found = Files.walk(folder)) {
            files = found.sorted(Comparator.reverseOrder()).collect(Collectors.toList());
        }
        for (Path file : files) {
            Files.deleteIfExists(file);
        }
    }

    private void say(String lines) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(lines);
        out.flush();
    }
}
