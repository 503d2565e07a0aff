package io.contrastream.benchmarks.continual;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.contrastream.learning.learner.Example;
import io.contrastream.learning.learner.Learner;
import io.contrastream.learning.learner.LearnerState;
import io.contrastream.learning.learner.StateFormat;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;

/**
 * A run as a file, so that it can go on after its process has ended: magic number; options and progress as JSON behind their
 * length; replay slots; the learner's state; CRC-32C of all that.
 *
 * @param options everything that the run depends on, by the name under which it is told
 * @param peakResidentBytes the most memory that a process of this run has had; 0 if unknown
 */
record ContinualState(
        SortedMap<String, String> options,
        long peakResidentBytes,
        ContinualProgress.Snapshot progress,
        LearnerState learner,
        Map<Integer, Example> slots) {

    /** "CSBENCH" and the version of the format. */
    private static final long MAGIC = 0x435342454E434802L;

    private static final ObjectMapper JSON = new ObjectMapper();

    /** The part that is stored as JSON. */
    private record Header(
            TreeMap<String, String> options, long peakResidentBytes, ContinualProgress.Snapshot progress) {}

    /** A copy of a run. */
    static ContinualState of(
            SortedMap<String, String> options, long peakResidentBytes, ContinualProgress progress, Learner learner) {
        Map<Integer, Example> slots = new HashMap<>();
        for (int slot = 0; slot < learner.replaySize(); slot++) {
            slots.put(slot, learner.replaySlot(slot));
        }
        return new ContinualState(options, peakResidentBytes, progress.snapshot(), learner.state(), slots);
    }

    /**
     * Checks that it is of a run with these options.
     *
     * @throws IllegalArgumentException naming those that differ
     */
    void requireSame(SortedMap<String, String> others) {
        TreeSet<String> names = new TreeSet<>(options.keySet());
        names.addAll(others.keySet());
        String differing = names.stream()
                .filter(name -> !Objects.equals(options.get(name), others.get(name)))
                .map(name -> name + " is " + options.getOrDefault(name, "not set") + " there, but "
                        + others.getOrDefault(name, "not set") + " here")
                .collect(Collectors.joining("; "));
        if (!differing.isEmpty()) {
            throw new IllegalArgumentException("the state is of another run: " + differing);
        }
    }

    /** Replaces the file by this at one moment: whenever the process is killed, it is the old or the new one. */
    void write(Path file) throws IOException {
        Path unfinished = file.resolveSibling(file.getFileName() + ".unfinished");
        CRC32C checksum = new CRC32C();
        try (OutputStream bytes = Files.newOutputStream(unfinished);
                CheckedOutputStream checked = new CheckedOutputStream(new BufferedOutputStream(bytes), checksum);
                DataOutputStream out = new DataOutputStream(checked)) {
            out.writeLong(MAGIC);
            byte[] header = JSON.writeValueAsBytes(new Header(new TreeMap<>(options), peakResidentBytes, progress));
            out.writeInt(header.length);
            out.write(header);
            out.writeInt(slots.size());
            for (int slot = 0; slot < slots.size(); slot++) {
                Example example = slots.get(slot);
                out.writeUTF(example.id());
                out.writeUTF(example.label());
                out.writeInt(example.pixels().length);
                out.write(example.pixels());
                out.writeLong(example.eventTimeMillis());
            }
            StateFormat.write(learner, out);
            out.writeLong(checksum.getValue());
        }
        try (FileChannel written = FileChannel.open(unfinished, StandardOpenOption.WRITE)) {
            written.force(true);
        }
        Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** @throws IOException saying what is wrong, if it is not such a file, or damaged */
    static ContinualState read(Path file) throws IOException {
        CRC32C checksum = new CRC32C();
        try (InputStream bytes = Files.newInputStream(file);
                DataInputStream in =
                        new DataInputStream(new CheckedInputStream(new BufferedInputStream(bytes), checksum))) {
            if (in.readLong() != MAGIC) {
                throw new IOException(file + " is not a state of contrastream bench continual, or of another version");
            }
            Header header = JSON.readValue(bytes(in, file), Header.class);
            Map<Integer, Example> slots = new HashMap<>();
            int count = in.readInt();
            for (int slot = 0; slot < count; slot++) {
                slots.put(slot, new Example(in.readUTF(), in.readUTF(), bytes(in, file), in.readLong()));
            }
            LearnerState learner = StateFormat.read(in);
            long expected = checksum.getValue();
            if (in.readLong() != expected) {
                throw new IOException(file + " is damaged: its checksum does not match");
            }
            return new ContinualState(header.options, header.peakResidentBytes, header.progress, learner, slots);
        } catch (EOFException e) {
            throw new IOException(file + " is damaged: it ends too early", e);
        }
    }

    private static byte[] bytes(DataInputStream in, Path file) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > Files.size(file)) {
            throw new IOException(file + " is damaged");
        }
        byte[] bytes = new byte[length];
        in.readFully(bytes);
        return bytes;
    }
}
