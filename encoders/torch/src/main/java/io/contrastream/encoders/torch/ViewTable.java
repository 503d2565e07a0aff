package io.contrastream.encoders.torch;

import io.contrastream.learning.augment.ColourChange;
import io.contrastream.learning.augment.View;
import io.contrastream.learning.augment.Warp;
import io.contrastream.learning.image.ImageShape;
import java.util.Arrays;
import java.util.List;

/**
 * Plans of views as one array of numbers: for all views the rows that their pixels are taken from, [V, H], then the columns, [V, W],
 * both in [−1, 1] over the image; then, [V] each, a factor and shares of luma and mean for every place of a mix; then the turns of hue;
 * then the six numbers of a warp, for offsets from the centre in [−1, 1].
 */
final class ViewTable {

    /** The place of the turn of hue; all others are mixes. */
    static final int HUE = View.MOST_BEFORE_HUE;

    private static final int GREYSCALE = HUE + View.MOST_CHANGES;

    /** Places for changes, in their order. */
    static final int PLACES = GREYSCALE + 1;

    private static final int WARP = 6;

    private final Layout layout;
    private final float[] numbers;
    private int used;
    private boolean warped;

    private ViewTable(int views, ImageShape shape) {
        this.layout = new Layout(views, shape);
        this.numbers = new float[layout.size()];
        for (int place = 0; place < PLACES; place++) {
            Arrays.fill(numbers, layout.factors(place), layout.factors(place) + views, 1);
        }
    }

    /** Where the numbers of some views are. */
    record Layout(int views, ImageShape shape) {

        private int mixes() {
            return views * (shape.height() + shape.width());
        }

        /** Where the factors of a mix begin. */
        int factors(int place) {
            return mixes() + 3 * place * views;
        }

        int ofLuma(int place) {
            return factors(place) + views;
        }

        int ofMean(int place) {
            return factors(place) + 2 * views;
        }

        int turns() {
            return factors(PLACES);
        }

        /** Where the warps' numbers of one kind begin, in the order of {@link Warp}. */
        int warps(int number) {
            return turns() + (1 + number) * views;
        }

        int size() {
            return warps(WARP);
        }
    }

    static ViewTable of(List<View> views, ImageShape shape) {
        ViewTable table = new ViewTable(views.size(), shape);
        for (int i = 0; i < views.size(); i++) {
            table.add(i, views.get(i), shape);
        }
        return table;
    }

    private void add(int i, View view, ImageShape shape) {
        int height = shape.height();
        int width = shape.width();
        for (int y = 0; y < height; y++) {
            numbers[i * height + y] =
                    position(y, height, view.crop().top(), view.crop().height());
        }
        for (int x = 0; x < width; x++) {
            int from = view.flip() ? width - 1 - x : x;
            numbers[layout.views() * height + i * width + x] =
                    position(from, width, view.crop().left(), view.crop().width());
        }
        warp(i, view.warp(), height, width);
        int place = 0;
        for (ColourChange change : view.changes()) {
            float rest = 1 - change.factor();
            place += place == HUE && change.kind() != ColourChange.Kind.HUE ? 1 : 0;
            switch (change.kind()) {
                case BRIGHTNESS -> mix(place++, i, change.factor(), 0, 0);
                case CONTRAST -> mix(place++, i, change.factor(), 0, rest);
                case SATURATION -> mix(place++, i, change.factor(), rest, 0);
                case HUE -> {
                    numbers[layout.turns() + i] = change.factor();
                    used |= 1 << HUE;
                    place = HUE + 1;
                }
            }
        }
        if (view.greyscale()) {
            mix(GREYSCALE, i, 0, 1, 0);
        }
    }

    private void warp(int view, Warp warp, int height, int width) {
        warped |= !warp.equals(Warp.NONE);
        // An axis of one pixel has nowhere else to take it from.
        float toX = width == 1 ? 0 : 2f / (width - 1);
        float toY = height == 1 ? 0 : 2f / (height - 1);
        float[] values = {
            width == 1 ? 0 : warp.xx(),
            warp.xy() * toX * (height - 1) / 2,
            warp.dx() * toX,
            warp.yx() * toY * (width - 1) / 2,
            height == 1 ? 0 : warp.yy(),
            warp.dy() * toY
        };
        for (int number = 0; number < WARP; number++) {
            numbers[layout.warps(number) + view] = values[number];
        }
    }

    /** Where an output pixel is taken from, on an axis of the image from −1, the first pixel, to 1, the last. */
    private static float position(int output, int size, int start, int length) {
        double source = Math.max(0, (output + 0.5) * length / size - 0.5);
        double inside = start + Math.min(source, length - 1.0); // nothing beside the crop has a part in it
        return size == 1 ? 0 : (float) (2 * inside / (size - 1) - 1);
    }

    private void mix(int place, int view, float factor, float ofLuma, float ofMean) {
        used |= 1 << place;
        numbers[layout.factors(place) + view] = factor;
        numbers[layout.ofLuma(place) + view] = ofLuma;
        numbers[layout.ofMean(place) + view] = ofMean;
    }

    /** The places in which any view has something: bit p for place p. */
    int used() {
        return used;
    }

    /** Whether any view is warped. */
    boolean warped() {
        return warped;
    }

    float[] numbers() {
        return numbers;
    }
}
