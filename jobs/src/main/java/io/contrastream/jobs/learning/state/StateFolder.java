package io.contrastream.jobs.learning.state;

import io.contrastream.jobs.cluster.StateLocations;
import io.contrastream.learning.failure.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.UUID;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.FileSystem.WriteMode;
import org.apache.flink.core.fs.Path;

/**
 * The folder of checkpoints of a job, in any file system that Flink has: {@code JOB_ID/chk-N}, {@code savepoint-X}, and notes in
 * {@code contrastream/JOB_NAME}. It may be shared with other jobs. A note is a file that is written once and never changed.
 */
public final class StateFolder {

    private static final String METADATA = "_metadata";

    private final Path folder;
    private final Path notes;
    private final FileSystem files;

    /**
     * @param uri of the folder, which need not exist
     * @throws IOException if this process has no such file system
     */
    public StateFolder(String uri, String jobName) throws IOException {
        this.folder = new Path(uri);
        this.notes = new Path(folder, "contrastream/" + jobName);
        this.files = folder.getFileSystem();
    }

    /** Every complete savepoint and checkpoint in it, of whatever job. */
    SortedSet<String> locations() throws IOException {
        return StateLocations.in(folder);
    }

    /** The notes of this job; those that cannot be read are among the problems, by their path. */
    List<Note> notes(Map<String, String> problems) throws IOException {
        List<Note> found = new ArrayList<>();
        if (!files.exists(notes)) {
            return found;
        }
        for (FileStatus file : files.listStatus(notes)) {
            try (InputStream in = files.open(file.getPath())) {
                found.add(Note.parse(new String(in.readAllBytes(), StandardCharsets.UTF_8)));
            } catch (IOException e) {
                problems.put(file.getPath().toString(), Reason.of(e));
            }
        }
        return found;
    }

    /** Notes that the job has a savepoint, wherever it is. */
    public void noteSavepoint(String location) throws IOException {
        write(Note.ofSavepoint(location));
    }

    void write(Note note) throws IOException {
        Path file = new Path(notes, UUID.randomUUID() + ".note");
        try (OutputStream out = files.create(file, WriteMode.NO_OVERWRITE)) {
            out.write(note.text().getBytes(StandardCharsets.UTF_8));
        }
    }

    /** The folder that is deleted with a state: the folder of a savepoint, or that of all checkpoints of one run. */
    static String unitOf(SavedState state) {
        return state.isSavepoint() ? state.location() : parentOf(state.location());
    }

    static String parentOf(String location) {
        return new Path(location).getParent().toString();
    }

    static byte[] metadata(SavedState state) throws IOException {
        Path file = new Path(state.location(), METADATA);
        try (InputStream in = file.getFileSystem().open(file)) {
            return in.readAllBytes();
        }
    }

    /** Whether something lies directly in this folder. */
    boolean has(String location) {
        return new Path(location).getParent().equals(folder);
    }

    /** Deletes something that lies directly in this folder, with all that is in it. */
    public void delete(String location) throws IOException {
        if (!has(location)) {
            throw new IOException(location + " is not in " + folder);
        }
        files.delete(new Path(location), true);
    }

    /** Its URI. */
    @Override
    public String toString() {
        return folder.toString();
    }

    /** The problems of a listing as text. */
    static String text(Map<String, String> problems) {
        List<String> lines = new ArrayList<>();
        new LinkedHashMap<>(problems).forEach((path, problem) -> lines.add(path + ": " + problem));
        return String.join("; ", lines);
    }
}
