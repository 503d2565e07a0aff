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
 * @param answers to requests that have been done, which wait for a checkpoint too
 */
public record ReleaseState(long announcedVersion, long triedMillis, List<Waiting> waiting, List<Answer> answers) {

    /** Nothing was released. */
    public static final ReleaseState NONE = new ReleaseState(-1, 0, List.of(), List.of());

    /** No checkpoint contains it yet. */
    private static final long NO_CHECKPOINT = -1;

    private static final String VERSION = "2";
    /** Without answers. */
    private static final String FIRST_VERSION = "1";

    private static final int HEADER_LINES = 3;
    private static final int ANSWER_LINES = 3;

    public ReleaseState {
        waiting = List.copyOf(waiting);
        answers = List.copyOf(answers);
    }

    /**
     * A release whose files are written.
     *
     * @param checkpoint first one that contains it; negative if there is none yet
     */
    public record Waiting(Manifest manifest, long checkpoint) {}

    /**
     * The answer to a request.
     *
     * @param id of the request
     * @param version of the release that it is about; -1 if it is about none
     * @param text for a person
     * @param checkpoint first one that contains what has been done; negative if there is none yet
     */
    public record Answer(String id, long version, String text, long checkpoint) {}

    /** Version of the newest, announced or waiting; -1 if there is none. */
    long lastVersion() {
        return waiting.isEmpty()
                ? announcedVersion
                : waiting.get(waiting.size() - 1).manifest().version();
    }

    ReleaseState tried(long nowMillis) {
        return new ReleaseState(announcedVersion, nowMillis, waiting, answers);
    }

    ReleaseState pending(Manifest manifest) {
        List<Waiting> more = new ArrayList<>(waiting);
        more.add(new Waiting(manifest, NO_CHECKPOINT));
        return new ReleaseState(announcedVersion, triedMillis, more, answers);
    }

    /** Announces an older release in the place of those that wait. */
    ReleaseState backTo(Manifest manifest) {
        return new ReleaseState(
                manifest.version(), triedMillis, List.of(new Waiting(manifest, NO_CHECKPOINT)), answers);
    }

    ReleaseState answered(String id, long version, String text) {
        List<Answer> more = new ArrayList<>(answers);
        more.add(new Answer(id, version, text, NO_CHECKPOINT));
        return new ReleaseState(announcedVersion, triedMillis, waiting, more);
    }

    boolean hasAnswered(String id) {
        return answers.stream().anyMatch(answer -> answer.id().equals(id));
    }

    ReleaseState inCheckpoint(long checkpoint) {
        return new ReleaseState(
                announcedVersion,
                triedMillis,
                waiting.stream()
                        .map(one -> one.checkpoint() < 0 ? new Waiting(one.manifest(), checkpoint) : one)
                        .toList(),
                answers.stream()
                        .map(one -> one.checkpoint() < 0
                                ? new Answer(one.id(), one.version(), one.text(), checkpoint)
                                : one)
                        .toList());
    }

    List<Manifest> waitingIn(long checkpoint) {
        return waiting.stream()
                .filter(one -> one.checkpoint() >= 0 && one.checkpoint() <= checkpoint)
                .map(Waiting::manifest)
                .toList();
    }

    /** Those whose release, if they are about one, does not wait any more. */
    List<Answer> answersIn(long checkpoint) {
        return answers.stream()
                .filter(one -> one.checkpoint() >= 0 && one.checkpoint() <= checkpoint)
                .filter(one ->
                        waiting.stream().noneMatch(other -> other.manifest().version() == one.version()))
                .toList();
    }

    ReleaseState announced(Manifest manifest) {
        return new ReleaseState(
                manifest.version(), triedMillis, without(manifest).waiting(), answers);
    }

    ReleaseState without(Manifest manifest) {
        return new ReleaseState(
                announcedVersion,
                triedMillis,
                waiting.stream().filter(one -> !one.manifest().equals(manifest)).toList(),
                answers);
    }

    ReleaseState without(Answer answer) {
        return new ReleaseState(
                announcedVersion,
                triedMillis,
                waiting,
                answers.stream().filter(one -> !one.equals(answer)).toList());
    }

    /** As texts, from which {@link #parse} makes the same, but that all that waits is in a checkpoint. */
    public List<String> texts() {
        List<String> texts =
                new ArrayList<>(List.of(VERSION, Long.toString(announcedVersion), Long.toString(triedMillis)));
        texts.add(Integer.toString(answers.size()));
        answers.forEach(one -> texts.addAll(List.of(one.id(), Long.toString(one.version()), one.text())));
        waiting.forEach(one -> texts.add(one.manifest().json()));
        return texts;
    }

    /** @throws IOException if it is of a newer form, or none */
    public static ReleaseState parse(List<String> texts) throws IOException {
        if (texts.isEmpty()) {
            return NONE;
        }
        boolean first = texts.get(0).equals(FIRST_VERSION);
        if ((!first && !texts.get(0).equals(VERSION)) || texts.size() < HEADER_LINES) {
            throw new IOException("the state of the releases has format version " + texts.get(0)
                    + ", but only versions up to " + VERSION + " can be read here: it was written by a newer release");
        }
        List<String> rest = texts.subList(HEADER_LINES, texts.size());
        List<Answer> answers = new ArrayList<>();
        if (!first) {
            int count = Integer.parseInt(rest.get(0));
            rest = rest.subList(1, rest.size());
            for (int i = 0; i < count; i++) {
                // The restored checkpoint contains it, so any that comes does.
                answers.add(new Answer(rest.get(0), Long.parseLong(rest.get(1)), rest.get(2), 0));
                rest = rest.subList(ANSWER_LINES, rest.size());
            }
        }
        List<Waiting> waiting = new ArrayList<>();
        for (String json : rest) {
            waiting.add(new Waiting(Manifest.parse("a waiting release", json.getBytes(StandardCharsets.UTF_8)), 0));
        }
        return new ReleaseState(Long.parseLong(texts.get(1)), Long.parseLong(texts.get(2)), waiting, answers);
    }
}
