package io.contrastream.operators.release;

import io.contrastream.releases.folder.Manifest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * How far a learner has come with its releases: a part of its checkpoints.
 *
 * @param announcedVersion of the newest release; -1 if there is none
 * @param triedMillis when the last candidate was made, in milliseconds since 1970; 0 if none was
 * @param waiting what waits for a checkpoint, oldest version first
 */
public record ReleaseState(long announcedVersion, long triedMillis, List<Waiting> waiting) {

    /** Nothing was released. */
    public static final ReleaseState NONE = new ReleaseState(-1, 0, List.of());

    /** No checkpoint contains it yet. */
    private static final long NO_CHECKPOINT = -1;

    private static final String VERSION = "1";
    private static final int HEADER_LINES = 3;

    public ReleaseState {
        waiting = List.copyOf(waiting);
    }

    /**
     * A release whose files are written.
     *
     * @param checkpoint first one that contains it; negative if there is none yet
     */
    public record Waiting(Manifest manifest, long checkpoint) {}

    /** Version of the newest, announced or waiting; -1 if there is none. */
    long lastVersion() {
        return waiting.isEmpty()
                ? announcedVersion
                : waiting.get(waiting.size() - 1).manifest().version();
    }

    ReleaseState tried(long nowMillis) {
        return new ReleaseState(announcedVersion, nowMillis, waiting);
    }

    ReleaseState pending(Manifest manifest) {
        List<Waiting> more = new ArrayList<>(waiting);
        more.add(new Waiting(manifest, NO_CHECKPOINT));
        return new ReleaseState(announcedVersion, triedMillis, more);
    }

    ReleaseState inCheckpoint(long checkpoint) {
        return new ReleaseState(
                announcedVersion,
                triedMillis,
                waiting.stream()
                        .map(one -> one.checkpoint() < 0 ? new Waiting(one.manifest(), checkpoint) : one)
                        .toList());
    }

    List<Manifest> waitingIn(long checkpoint) {
        return waiting.stream()
                .filter(one -> one.checkpoint() >= 0 && one.checkpoint() <= checkpoint)
                .map(Waiting::manifest)
                .toList();
    }

    ReleaseState announced(Manifest manifest) {
        return new ReleaseState(
                manifest.version(), triedMillis, without(manifest).waiting());
    }

    ReleaseState without(Manifest manifest) {
        return new ReleaseState(
                announcedVersion,
                triedMillis,
                waiting.stream().filter(one -> !one.manifest().equals(manifest)).toList());
    }

    /** As texts, from which {@link #parse} makes the same, but that all that waits is in a checkpoint. */
    public List<String> texts() {
        List<String> texts =
                new ArrayList<>(List.of(VERSION, Long.toString(announcedVersion), Long.toString(triedMillis)));
        waiting.forEach(one -> texts.add(one.manifest().json()));
        return texts;
    }

    /** @throws IOException if it is of a newer form, or none */
    public static ReleaseState parse(List<String> texts) throws IOException {
        if (texts.isEmpty()) {
            return NONE;
        }
        if (!texts.get(0).equals(VERSION) || texts.size() < HEADER_LINES) {
            throw new IOException("the state of the releases has format version " + texts.get(0) + ", but only version "
                    + VERSION + " can be read here: it was written by a newer release");
        }
        List<Waiting> waiting = new ArrayList<>();
        for (String json : texts.subList(HEADER_LINES, texts.size())) {
            // The restored checkpoint contains it, so any that comes does.
            waiting.add(new Waiting(Manifest.parse("a waiting release", json.getBytes(StandardCharsets.UTF_8)), 0));
        }
        return new ReleaseState(Long.parseLong(texts.get(1)), Long.parseLong(texts.get(2)), waiting);
    }
}
