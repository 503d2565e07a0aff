package io.contrastream.learning.encoder;

import io.contrastream.learning.augment.View;
import io.contrastream.learning.image.ImageShape;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * Input of an optimiser step: images, their classes, and the plan of the views to make of them. The plan is data: an engine
 * carries it out where its arrays are, or takes the host's {@link #hostViews}.
 *
 * <p>The arrays are not copied and must not change until the step has been taken.
 */
public final class StepInput {

    private final ImageShape shape;
    private final byte[] images;
    private final LabelSets labels;
    private final List<View> views;
    private final int fresh;
    private final Supplier<float[]> host;

    /**
     * Views of new images that are made when an engine asks for them.
     *
     * @param images [N, C, H, W]
     * @param labels [N], the class of each image: equal numbers are equal classes. One below 0 is no class: the image has no label, and
     *     the number is its own
     * @param views of these images, at least two, in any order
     * @throws IllegalArgumentException if the sizes differ or there are fewer than two views
     */
    public StepInput(ImageShape shape, byte[] images, int[] labels, List<View> views) {
        this(shape, images, LabelSets.single(labels), views, labels.length, null);
    }

    /**
     * Views of new images, made already.
     *
     * @param host gives what {@link #hostViews} promises
     */
    public StepInput(ImageShape shape, byte[] images, int[] labels, List<View> views, Supplier<float[]> host) {
        this(shape, images, LabelSets.single(labels), views, labels.length, host);
    }

    /**
     * Views that are being made, of images with at most one label.
     *
     * @param fresh how many images, the first ones, are new; the others are recalled
     * @param host gives what {@link #hostViews} promises; null to have them made when an engine asks
     */
    public StepInput(
            ImageShape shape, byte[] images, int[] labels, List<View> views, int fresh, Supplier<float[]> host) {
        this(shape, images, LabelSets.single(labels), views, fresh, host);
    }

    /**
     * Views that are being made.
     *
     * @param labels the classes of each image, N of them
     * @param fresh how many images, the first ones, are new; the others are recalled
     * @param host gives what {@link #hostViews} promises; null to have them made when an engine asks
     */
    public StepInput(
            ImageShape shape, byte[] images, LabelSets labels, List<View> views, int fresh, Supplier<float[]> host) {
        if (images.length != (long) labels.size() * shape.size()) {
            throw new IllegalArgumentException(labels.size() + " labels need as many images of " + shape + ", of "
                    + shape.size() + " bytes each, but there are " + images.length + " bytes");
        }
        if (fresh < 0 || fresh > labels.size()) {
            throw new IllegalArgumentException(
                    "new images must be 0 to " + labels.size() + ", which are all, but are " + fresh);
        }
        if (views.size() < 2) {
            throw new IllegalArgumentException("a step needs at least two views, but there are " + views.size());
        }
        for (View view : views) {
            if (view.image() < 0 || view.image() >= labels.size()) {
                throw new IllegalArgumentException(
                        "a view is of image " + view.image() + ", but there are " + labels.size());
            }
        }
        this.shape = shape;
        this.images = images;
        this.labels = labels;
        this.views = List.copyOf(views);
        this.fresh = fresh;
        this.host = host == null ? this::made : host;
    }

    /** Every image once, as it is. */
    public static StepInput plain(ImageShape shape, byte[] images, int[] labels) {
        return new StepInput(
                shape,
                images,
                labels,
                IntStream.range(0, labels.length)
                        .mapToObj(image -> View.plain(image, shape))
                        .toList());
    }

    public ImageShape shape() {
        return shape;
    }

    /** [N, C, H, W]. */
    public byte[] images() {
        return images;
    }

    /** The class of each image, [N], the first one where it has several; a number of its own below 0 for one without label. */
    public int[] labels() {
        return labels.first();
    }

    /** The classes of each image, N of them. */
    public LabelSets labelSets() {
        return labels;
    }

    /** How many images, the first ones, are new. */
    public int fresh() {
        return fresh;
    }

    /** The plan, [V]. */
    public List<View> views() {
        return views;
    }

    /** The class of each view, [V], the first one where its image has several. */
    public int[] viewLabels() {
        return labels.at(viewImages()).first();
    }

    private int[] viewImages() {
        return views.stream().mapToInt(View::image).toArray();
    }

    /** The views as a loss knows them. */
    public ViewFacts facts() {
        int[] last = new int[labels.size()];
        int[] lastViews = new int[views.size()];
        boolean[] ofFresh = new boolean[views.size()];
        for (int view = 0; view < views.size(); view++) {
            last[views.get(view).image()] = view;
            ofFresh[view] = views.get(view).image() < fresh;
        }
        Arrays.setAll(lastViews, view -> last[views.get(view).image()]);
        return new ViewFacts(labels.at(viewImages()), lastViews, ofFresh);
    }

    /**
     * The views as the host makes them.
     *
     * @return [V, C, H, W] in [0, 1], not to be written to
     */
    public float[] hostViews() {
        return host.get();
    }

    private float[] made() {
        float[] made = new float[Math.multiplyExact(views.size(), shape.size())];
        for (int view = 0; view < views.size(); view++) {
            views.get(view).carryOut(images, shape, made, view * shape.size());
        }
        return made;
    }

    /** @throws IllegalArgumentException if the images are not of the shape that an encoder takes */
    public void requireFor(ImageShape input) {
        if (!shape.equals(input)) {
            throw new IllegalArgumentException("the encoder takes images of " + input + ", but these are of " + shape);
        }
    }
}
