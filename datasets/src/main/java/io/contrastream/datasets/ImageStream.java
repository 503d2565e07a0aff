package io.contrastream.datasets;

import io.contrastream.learning.random.RandomStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The order in which a stream brings the images of a data set: class-incremental, as production streams are.
 *
 * <p>Classes come in stages of a few new ones at a time ({@link #CLASSES_IN_STAGE} or a tenth of all, whichever is more). From
 * the second stage on, 20 to 30% of a stage's images are of classes that are known already. When all classes are known, a last
 * part of the stream ({@link #CLOSING_SHARE} of it) brings all of them mixed, so that the accuracy over its end speaks of every
 * class and not just of the newest. No image comes twice; every class has as many images as any other, as far as the data set
 * has them; within a stage the order is random. Everything is a function of the data set, the arguments and the seed.
 *
 * <p>How the share of known classes comes about: of S stages, a class that is new in stage s keeps back (S − s) / 2S of its
 * images. A quarter of a stage's worth of images is drawn at random from all that has been kept back until then and joins the new
 * ones; the last stage takes the rest. For classes of equal size the known images then make 1 / (3 + 2 s/S) of stage s.
 */
public final class ImageStream {

    /** Fewest classes that are new in one stage. */
    public static final int CLASSES_IN_STAGE = 2;

    /** Share of the images that come when no class is new any more. */
    public static final double CLOSING_SHARE = 0.1;

    private static final int SHUFFLE_IMAGES = 0;
    private static final int SHUFFLE_KEPT = 1;
    private static final int SHUFFLE_STAGE = 2;

    private final ImageSource source;
    private final int classes;
    private final List<Entry> entries;
    private final int stages;

    private ImageStream(ImageSource source, int classes, List<Entry> entries, int stages) {
        this.source = source;
        this.classes = classes;
        this.entries = entries;
        this.stages = stages;
    }

    /**
     * The stream of a data set.
     *
     * @param classes how many of its classes, the first of {@link ImageSource#labels()}; 0 for all
     * @param limit how many images in all; 0 for all that these classes have
     * @throws ImageSourceException naming the value and its range if the data set does not have as many classes, or there are
     *     fewer images than classes
     */
    public static ImageStream of(ImageSource source, int classes, int limit, long seed) {
        int available = source.labels().size();
        if (classes < 0 || classes > available) {
            throw new ImageSourceException("classes must be in [1, " + available + "] for " + source.name()
                    + " (0 for all), but is " + classes);
        }
        int wanted = classes == 0 ? available : classes;
        if (limit < 0 || (limit > 0 && limit < wanted)) {
            throw new ImageSourceException(
                    "limit must be at least the number of classes, " + wanted + " (0 for all images), but is " + limit);
        }
        int[] quotas = quotas(source, wanted, limit);
        int classesInStage = Math.max(CLASSES_IN_STAGE, (wanted + 9) / 10);
        int stages = (wanted + classesInStage - 1) / classesInStage;
        return new ImageStream(source, wanted, order(source, quotas, classesInStage, stages, seed), stages);
    }

    private static List<Entry> order(ImageSource source, int[] quotas, int classesInStage, int stages, long seed) {
        int total = Arrays.stream(quotas).sum();
        List<Entry> order = new ArrayList<>(total);
        List<Entry> kept = new ArrayList<>();
        List<Entry> closing = new ArrayList<>();
        int staged = 0;
        for (int quota : quotas) {
            staged += quota - closingImages(quota, stages);
        }
        for (int stage = 1; stage <= stages; stage++) {
            List<Entry> now = known(kept, stage == stages ? kept.size() : staged / (4 * stages), stage, seed);
            int end = Math.min(stage * classesInStage, quotas.length);
            for (int label = (stage - 1) * classesInStage; label < end; label++) {
                int[] images = Shuffle.permutation(source.size(label), random(seed, SHUFFLE_IMAGES, label));
                int last = closingImages(quotas[label], stages);
                int later = last + (quotas[label] - last) * (stages - stage) / (2 * stages);
                for (int i = 0; i < quotas[label]; i++) {
                    (i < last ? closing : i < later ? kept : now).add(new Entry(label, images[i], stage));
                }
            }
            appendShuffled(order, now, stage, seed);
        }
        appendShuffled(order, closing, stages + 1, seed);
        return order;
    }

    private static int closingImages(int quota, int stages) {
        return stages == 1 ? 0 : (int) (quota * CLOSING_SHARE);
    }

    /** Takes some of the images that were kept back. */
    private static List<Entry> known(List<Entry> kept, int count, int stage, long seed) {
        Shuffle.shuffle(kept, random(seed, SHUFFLE_KEPT, stage));
        List<Entry> tail = kept.subList(Math.max(0, kept.size() - count), kept.size());
        List<Entry> known = new ArrayList<>(tail);
        tail.clear();
        return known;
    }

    private static void appendShuffled(List<Entry> order, List<Entry> part, int stage, long seed) {
        Shuffle.shuffle(part, random(seed, SHUFFLE_STAGE, stage));
        part.forEach(entry -> order.add(new Entry(entry.label(), entry.image(), stage)));
    }

    private static RandomStream random(long seed, int what, int index) {
        return RandomStream.of(seed, RandomStream.Purpose.SHUFFLE, what, index);
    }

    /** How many images of each class: as even as the data set allows. */
    private static int[] quotas(ImageSource source, int classes, int limit) {
        int[] quotas = new int[classes];
        long left = limit == 0 ? Long.MAX_VALUE : limit;
        boolean progress = true;
        while (left > 0 && progress) {
            progress = false;
            int open = 0;
            for (int label = 0; label < classes; label++) {
                open += quotas[label] < source.size(label) ? 1 : 0;
            }
            long share = Math.max(1, left / Math.max(1, open));
            for (int label = 0; label < classes && left > 0; label++) {
                int more = (int) Math.min(Math.min(share, left), source.size(label) - quotas[label]);
                quotas[label] += more;
                left -= more;
                progress |= more > 0;
            }
        }
        return quotas;
    }

    /** Number of images. */
    public int size() {
        return entries.size();
    }

    /** Number of classes. */
    public int classes() {
        return classes;
    }

    /** Number of stages that bring new classes. */
    public int stages() {
        return stages;
    }

    /**
     * Stage of the image at a position.
     *
     * @return from 1; one more than {@link #stages()} in the last part, where no class is new
     */
    public int stage(int position) {
        return entries.get(position).stage();
    }

    /** Label of the image at a position. */
    public String label(int position) {
        return source.labels().get(entries.get(position).label());
    }

    /**
     * The image at a position; read or generated now.
     *
     * @throws ImageSourceException if it cannot be read
     */
    public SourceImage image(int position) {
        Entry entry = entries.get(position);
        return source.image(entry.label(), entry.image());
    }

    /**
     * Identity of the image at a position.
     *
     * @throws ImageSourceException if it cannot be read
     */
    public String id(int position) {
        Entry entry = entries.get(position);
        return source.id(entry.label(), entry.image());
    }

    /** Size of the encoded image at a position, or {@link ImageSource#UNKNOWN_SIZE}, without reading it. */
    public long sizeBytes(int position) {
        Entry entry = entries.get(position);
        return source.sizeBytes(entry.label(), entry.image());
    }

    private record Entry(int label, int image, int stage) {}
}
