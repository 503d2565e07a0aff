package io.contrastream.jobs.cluster;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;

/** Finds the savepoints and checkpoints in a folder, where Flink has put them: {@code JOB_ID/chk-N} and {@code savepoint-X}. */
public final class StateLocations {

    private static final String METADATA = "_metadata";
    private static final String JOB_ID = "[0-9a-f]{32}";

    private StateLocations() {}

    /**
     * Every complete savepoint and checkpoint in a folder, of whatever job.
     *
     * @param folder in any file system that Flink has; need not exist
     * @throws IOException if it cannot be read
     */
    public static SortedSet<String> in(Path folder) throws IOException {
        SortedSet<String> complete = new TreeSet<>();
        for (Path child : folders(folder)) {
            if (child.getName().startsWith("savepoint-")) {
                addComplete(child, complete);
            } else if (child.getName().matches(JOB_ID)) {
                for (Path checkpoint : folders(child)) {
                    if (checkpoint.getName().startsWith("chk-")) {
                        addComplete(checkpoint, complete);
                    }
                }
            }
        }
        return complete;
    }

    private static void addComplete(Path state, SortedSet<String> complete) throws IOException {
        if (state.getFileSystem().exists(new Path(state, METADATA))) {
            complete.add(state.toString());
        }
    }

    private static List<Path> folders(Path folder) throws IOException {
        FileSystem files = folder.getFileSystem();
        if (!files.exists(folder)) {
            return List.of();
        }
        if (!files.getFileStatus(folder).isDir()) {
            throw new IOException(folder + " is a file, but must be a folder");
        }
        FileStatus[] children;
        try {
            children = files.listStatus(folder);
        } catch (FileNotFoundException deletedMeanwhile) {
            return List.of();
        }
        if (children == null) {
            if (files.exists(folder)) {
                throw new IOException(folder + " cannot be read");
            }
            return List.of();
        }
        return Arrays.stream(children)
                .filter(FileStatus::isDir)
                .map(FileStatus::getPath)
                .toList();
    }
}
