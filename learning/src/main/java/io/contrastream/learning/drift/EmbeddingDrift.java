package io.contrastream.learning.drift;

import io.contrastream.learning.random.RandomStream;
import io.contrastream.learning.random.RandomStream.Purpose;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Watches whether the newest images lie elsewhere in the embedding space than those before them, whatever their labels. Images are taken as
 * they are embedded before they are learned from. The newest make a window; of those that leave it, a sample remains as the reference, in
 * which every image that comes takes the place of a random one with a probability of 1/{@value #RENEWAL}. Every half a window the {@link
 * EnergyDistance} of both is taken; one above the threshold is a change, and the newest images are the reference from then on.
 *
 * <p>The encoder moves all the time, and that is no drift. Whenever memory is embedded anew, both samples go along ({@link Compensation}), by
 * up to {@value #PROBES} images of memory; an embedding of a version in between goes the part of the way that was left.
 *
 * <p>Random numbers are drawn from (seed, images). Not thread-safe.
 */
public final class EmbeddingDrift {

    /** Images of memory that are followed at most. */
    static final int PROBES = 200;

    private static final int RENEWAL = 5;

    private final long seed;
    private final int capacity;
    private final double threshold;

    private final List<Row> reference = new ArrayList<>();
    private final List<Row> newest = new ArrayList<>();
    private final Map<String, float[]> probes = new LinkedHashMap<>();
    private long probedVersion;
    private int sinceLook;
    private long changes;
    /** NaN before the first look. */
    private double distance;
    /** Null if there was none. */
    private Change change;

    /**
     * Goes on from an earlier one, under options that may be others.
     *
     * @param seed of what is drawn
     */
    public EmbeddingDrift(DriftOptions options, long seed, State state) {
        this.seed = seed;
        capacity = options.window();
        threshold = options.embeddingThreshold();
        if (threshold > 0) {
            reference.addAll(newest(state.reference()));
            newest.addAll(newest(state.newest()));
            state.probes().forEach(row -> probes.put(row.id, row.embedding));
        }
        probedVersion = state.probedVersion();
        sinceLook = state.sinceLook();
        changes = state.changes();
        distance = state.distance();
        change = state.change();
    }

    /** Of a longer window, its end. */
    private List<Row> newest(List<Row> rows) {
        return rows.subList(Math.max(0, rows.size() - capacity), rows.size());
    }

    /**
     * An embedding.
     *
     * @param id of the image
     * @param version of the encoder that it is from
     * @param embedding of length 1; not copied, not to be written to
     */
    public record Row(String id, long version, float[] embedding) {

        @Override
        public boolean equals(Object other) {
            return other instanceof Row that
                    && id.equals(that.id)
                    && version == that.version
                    && Arrays.equals(embedding, that.embedding);
        }

        @Override
        public int hashCode() {
            return 31 * id.hashCode() + Arrays.hashCode(embedding);
        }
    }

    /**
     * A change that was found.
     *
     * @param images learned from since the model's start, when it was found
     * @param distance of the newest images from the reference, in (0, 1]
     */
    public record Change(long images, double distance) {}

    /**
     * All there is to store.
     *
     * @param reference sample of the images before the newest
     * @param newest images, oldest first
     * @param probes images of memory, as they were embedded last
     * @param probedVersion of the encoder that embedded them
     * @param sinceLook images since the newest look at both
     * @param changes since the model's start
     * @param distance at the newest look; NaN if there was none
     * @param change the newest; null if there was none
     */
    public record State(
            List<Row> reference,
            List<Row> newest,
            List<Row> probes,
            long probedVersion,
            int sinceLook,
            long changes,
            double distance,
            Change change) {

        /** Nothing yet. */
        public static final State NONE = new State(List.of(), List.of(), List.of(), 0, 0, 0, Double.NaN, null);

        public State {
            reference = List.copyOf(reference);
            newest = List.copyOf(newest);
            probes = List.copyOf(probes);
        }
    }

    /** Whether anything is watched. */
    public boolean watches() {
        return threshold > 0;
    }

    /**
     * Adds an image before it is learned from.
     *
     * @param images since the model's start, this one included
     * @return the change that it has led to be found, if it has
     */
    public Optional<Change> add(Row image, long images) {
        if (!watches()) {
            return Optional.empty();
        }
        newest.add(image);
        if (newest.size() > capacity) {
            leave(newest.remove(0), images);
        }
        sinceLook++;
        if (sinceLook < capacity / 2 || newest.size() < capacity || reference.size() < capacity) {
            return Optional.empty();
        }
        sinceLook = 0;
        distance = EnergyDistance.between(embeddings(reference), embeddings(newest));
        if (distance <= threshold) {
            return Optional.empty();
        }
        changes++;
        change = new Change(images, distance);
        reference.clear();
        reference.addAll(newest);
        newest.clear();
        return Optional.of(change);
    }

    private void leave(Row image, long images) {
        if (reference.size() < capacity) {
            reference.add(image);
            return;
        }
        RandomStream random = RandomStream.of(seed, Purpose.DRIFT, images, 0);
        if (random.nextInt(RENEWAL) == 0) {
            reference.set(random.nextInt(capacity), image);
        }
    }

    private static List<float[]> embeddings(List<Row> rows) {
        return rows.stream().map(Row::embedding).toList();
    }

    /** Takes over memory as it has been embedded anew, and moves both samples along. */
    public void moved(List<Row> memory, long version) {
        if (!watches()) {
            return;
        }
        List<float[]> before = new ArrayList<>();
        List<float[]> after = new ArrayList<>();
        for (Row image : memory) {
            float[] earlier = probes.get(image.id);
            if (earlier != null) {
                before.add(earlier);
                after.add(image.embedding);
            }
        }
        if (!before.isEmpty()) {
            Compensation compensation = new Compensation(before, after);
            reference.replaceAll(row -> moved(row, compensation, version));
            newest.replaceAll(row -> moved(row, compensation, version));
        }
        probes.clear();
        int count = Math.min(PROBES, memory.size());
        for (int i = 0; i < count; i++) {
            Row image = memory.get((int) ((long) i * memory.size() / count));
            probes.put(image.id, image.embedding);
        }
        probedVersion = version;
    }

    private Row moved(Row row, Compensation compensation, long version) {
        double share = version <= probedVersion
                ? 1
                : Math.min(1, (double) (version - row.version) / (version - probedVersion));
        return new Row(row.id, version, compensation.moved(row.embedding, Math.max(0, share)));
    }

    /** The image is another one from now on. */
    public void change(String id) {
        probes.remove(id);
    }

    /** The image is to be forgotten. */
    public void forget(String id) {
        probes.remove(id);
        reference.removeIf(row -> row.id.equals(id));
        newest.removeIf(row -> row.id.equals(id));
    }

    /** Changes since the model's start. */
    public long changes() {
        return changes;
    }

    /** Distance of the newest images from the reference at the newest look, in [0, 1]; NaN if there was none. */
    public double distance() {
        return distance;
    }

    /** The newest change, if there was one. */
    public Optional<Change> newestChange() {
        return Optional.ofNullable(change);
    }

    /** All there is to store. */
    public State state() {
        List<Row> followed = new ArrayList<>();
        probes.forEach((id, embedding) -> followed.add(new Row(id, probedVersion, embedding)));
        return new State(reference, newest, followed, probedVersion, sinceLook, changes, distance, change);
    }
}
