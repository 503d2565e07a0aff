package io.contrastream.datasets;

import java.util.List;

/**
 * Some images of every class of a data set, which it closes with itself.
 *
 * @param heldOut whether they are the last ones of every class rather than those before
 * @param last how many the last ones are; 0 for a fifth of the class, at least one image
 */
record Portion(ImageSource all, boolean heldOut, int last) implements ImageSource {

    private static final int FRACTION = 5;

    /** @throws ImageSourceException if a class has too few images for two portions */
    Portion {
        for (int label = 0; label < all.labels().size(); label++) {
            int least = Math.max(2, last + 1);
            if (all.size(label) < least) {
                throw new ImageSourceException("the class '" + all.labels().get(label) + "' has " + all.size(label)
                        + (all.size(label) == 1 ? " image" : " images") + ", but needs at least " + least
                        + ": to learn from and to test with");
            }
        }
    }

    static Portion learned(ImageSource all, int heldOut) {
        return new Portion(all, false, heldOut);
    }

    static Portion heldOut(ImageSource all, int heldOut) {
        return new Portion(all, true, heldOut);
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

    @Override
    public List<String> remarks() {
        return heldOut ? List.of() : all.remarks();
    }

    private int held(int labelIndex) {
        return last > 0 ? last : Math.max(1, all.size(labelIndex) / FRACTION);
    }

    @Override
    public void close() {
        all.close();
    }
}
