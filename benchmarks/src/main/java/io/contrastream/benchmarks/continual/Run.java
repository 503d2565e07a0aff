package io.contrastream.benchmarks.continual;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;

/**
 * One run of several, as files in their folder: its figures once it has ended, its state until then, what it prints, and what
 * decides about it.
 *
 * @param results the folder
 * @param setting what is learned with, by its name
 * @param seed the order of classes and all else that is random
 */
record Run(Path results, String setting, long seed) {

    private static final ObjectMapper JSON = new ObjectMapper();

    String name() {
        return setting + "-" + seed;
    }

    /** Where the figures are once the run has ended. */
    Path figures() {
        return file("json");
    }

    /** Where the run writes its figures before it has ended. */
    Path unfinishedFigures() {
        return file("json.unfinished");
    }

    Path state() {
        return file("state");
    }

    /** Output of the run. */
    Path log() {
        return file("log");
    }

    private Path file(String extension) {
        return results.resolve(name() + "." + extension);
    }

    boolean ended() {
        return Files.exists(figures());
    }

    /** The figures, if the run has ended. */
    Optional<JsonNode> report() {
        try {
            return ended() ? Optional.of(JSON.readTree(figures().toFile())) : Optional.empty();
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "the figures in " + figures() + " cannot be read; without this file the run is done again", e);
        }
    }

    /** Keeps the figures of a run whose process has ended well. */
    void end() throws IOException {
        Files.move(unfinishedFigures(), figures(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        Files.deleteIfExists(state());
    }

    /**
     * Notes what decides about the run, and checks that what the folder has of it already was decided by the same.
     *
     * @param deciding lines
     * @throws IllegalArgumentException naming the lines that differ
     */
    void claim(List<String> deciding) throws IOException {
        Path file = file("options");
        if (Files.exists(file)) {
            List<String> earlier = Files.readAllLines(file);
            if (!earlier.equals(deciding)) {
                throw new IllegalArgumentException(
                        "--results " + results + ": has a run " + name() + " of other options, "
                                + without(earlier, deciding) + " there, but " + without(deciding, earlier)
                                + " here; name another folder or setting, or delete its files");
            }
        } else {
            Files.write(file, deciding);
        }
    }

    private static String without(List<String> lines, List<String> others) {
        List<String> differing =
                lines.stream().filter(line -> !others.contains(line)).toList();
        return differing.isEmpty() ? "nothing more" : String.join(", ", differing);
    }

    /** Last lines of what it has printed. */
    String tail() throws IOException {
        List<String> lines = Files.exists(log()) ? Files.readAllLines(log()) : List.of();
        return String.join(System.lineSeparator(), lines.subList(Math.max(0, lines.size() - 5), lines.size()));
    }
}
