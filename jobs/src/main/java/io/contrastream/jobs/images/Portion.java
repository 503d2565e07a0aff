package io.contrastream.jobs.images;

import java.util.List;

/**
 * Some images of every class of a data set, which it closes with itself.
 *
 * @param heldOut whether they are the last fifth of every class, at least one image, rather than those before
 */
record Portion(ImageSource all, boolean heldOut) implements ImageSource {

    private static final int FRACTION = 5;

    /** @throws ImageSourceException if a class has too few images for two portions */
    Portion {
        for (int label = 0; label < all.labels().size(); label++) {
            if (all.size(label) < 2) {
                throw new ImageSourceException("the class '" + all.labels().get(label)
                        + "' has 1 image, but needs at least 2: to learn from and to test with");
            }
        }
    }

    static Portion learned(ImageSource all) {
        return new Portion(all, false);
    }

    static Portion heldOut(ImageSource all) {
        return new Portion(all, true);
    }

    @Override
    public String name() {
        return all.name();
    }

    @Override
    public List<String> labels() {
        return all.labels();
    }

    @Override
    public int size(int labelIndex) {
        int held = held(labelIndex);
        return heldOut ? held : all.size(labelIndex) - held;
    }

    @Override
    public SourceImage image(int labelIndex, int index) {
        return all.image(labelIndex, heldOut ? all.size(labelIndex) - held(labelIndex) + index : index);
    }

    private int held(int labelIndex) {
        return Math.max(1, all.size(labelIndex) / FRACTION);
    }

    @Override
    public void close() {
        all.close();
    }
}
