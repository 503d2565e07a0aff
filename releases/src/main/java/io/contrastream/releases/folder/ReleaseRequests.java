package io.contrastream.releases.folder;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.FileSystem.WriteMode;
import org.apache.flink.core.fs.Path;

/**
 * Requests to a learner about its releases, beside these in {@code DIRECTORY/MODEL/requests/}: {@code ID.request} is there until it is
 * answered, and then {@code ID.answer}. Ids are in the order of asking, and no two are the same. Each file appears as a whole.
 */
public final class ReleaseRequests {

    private static final Pattern REQUEST = Pattern.compile("(\\d{13}-[0-9a-f]{8})\\.request");
    private static final Pattern GO_BACK = Pattern.compile("go back to (\\d{1,18})");
    private static final String RELEASE = "release";
    private static final int LONGEST = 1 << 16;

    private final String folder;

    /** @param directory of releases, in any file system that Flink has */
    public ReleaseRequests(String directory, String model) {
        folder = directory + (directory.endsWith("/") ? "" : "/") + model + "/requests";
    }

    /**
     * A request.
     *
     * @param id what names it
     * @param goBackTo version whose weights the learner is to go on from; empty if it is to release its encoder
     */
    public record Request(String id, OptionalLong goBackTo) {}

    /** Asks for a release of the encoder as it is. */
    public Request askForRelease(Instant now) throws IOException {
        return ask(now, OptionalLong.empty());
    }

    /** Asks the learner to go on from the weights of an older release. */
    public Request askToGoBack(Instant now, long version) throws IOException {
        return ask(now, OptionalLong.of(version));
    }

    private Request ask(Instant now, OptionalLong goBackTo) throws IOException {
        String id = String.format(
                Locale.ROOT,
                "%013d-%08x",
                now.toEpochMilli(),
                ThreadLocalRandom.current().nextInt());
        write(request(id), goBackTo.isPresent() ? "go back to " + goBackTo.getAsLong() : RELEASE);
        return new Request(id, goBackTo);
    }

    /** Requests without an answer, in the order of asking; those of unknown forms are left out. */
    public List<Request> waiting() throws IOException {
        Path path = new Path(folder);
        List<Request> waiting = new ArrayList<>();
        for (String id : ids(path)) {
            String text = read(request(id)).orElse("").strip();
            Matcher goBack = GO_BACK.matcher(text);
            if (text.equals(RELEASE)) {
                waiting.add(new Request(id, OptionalLong.empty()));
            } else if (goBack.matches()) {
                waiting.add(new Request(id, OptionalLong.of(Long.parseLong(goBack.group(1)))));
            }
        }
        return waiting;
    }

    private static List<String> ids(Path path) throws IOException {
        FileStatus[] files;
        try {
            files = path.getFileSystem().listStatus(path);
        } catch (FileNotFoundException none) {
            files = null;
        }
        List<String> ids = new ArrayList<>();
        for (FileStatus file : files == null ? new FileStatus[0] : files) {
            Matcher request = REQUEST.matcher(file.getPath().getName());
            if (request.matches()) {
                ids.add(request.group(1));
            }
        }
        ids.sort(null);
        return ids;
    }

    /** Answers a request, which is gone then. To do it again changes nothing. */
    public void answer(String id, String answer) throws IOException {
        Path request = request(id);
        FileSystem files = request.getFileSystem();
        if (files.exists(request)) {
            write(answer(id), answer);
            files.delete(request, false);
        }
    }

    /** Takes the answer to a request, if there is one; it is gone then. */
    public Optional<String> takeAnswer(String id) throws IOException {
        Path answer = answer(id);
        if (answer.getFileSystem().exists(request(id))) {
            return Optional.empty();
        }
        Optional<String> text = read(answer);
        answer.getFileSystem().delete(answer, false);
        return text;
    }

    /** Takes back what has not been answered yet. */
    public void withdraw(String id) throws IOException {
        Path request = request(id);
        request.getFileSystem().delete(request, false);
    }

    private Path request(String id) {
        return new Path(folder, id + ".request");
    }

    private Path answer(String id) {
        return new Path(folder, id + ".answer");
    }

    private static Optional<String> read(Path path) throws IOException {
        try (InputStream in = path.getFileSystem().open(path)) {
            return Optional.of(new String(in.readNBytes(LONGEST), StandardCharsets.UTF_8));
        } catch (FileNotFoundException none) {
            return Optional.empty();
        }
    }

    private static void write(Path path, String text) throws IOException {
        FileSystem files = path.getFileSystem();
        Path part = path.suffix(".part");
        try (OutputStream out = files.create(part, WriteMode.OVERWRITE)) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
        files.delete(path, false);
        if (!files.rename(part, path)) {
            throw new IOException(part + " cannot be renamed to " + path);
        }
    }
}
