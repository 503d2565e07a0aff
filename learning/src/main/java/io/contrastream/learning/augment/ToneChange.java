package io.contrastream.learning.augment;

/**
 * One change of the values that an image is stored with, from 0 to 255, each of which becomes another one: exact wherever it is
 * carried out.
 *
 * @param value of solarize the least value that is inverted, from 0 to 256; of posterize the bits that are kept, from 0 to 8; without
 *     meaning for the others
 */
public record ToneChange(Kind kind, int value) {

    private static final int VALUES = 256;

    /** The changes, each as torchvision's functional transform of that name on bytes. */
    public enum Kind {
        /** Values from a least one on are taken from 255. */
        SOLARIZE,
        /** The lower bits are 0. */
        POSTERIZE,
        /** Stretched so that each channel's least value is 0 and its greatest 255. */
        AUTOCONTRAST,
        /** Each channel's values about equally frequent. */
        EQUALIZE
    }

    /** @throws IllegalArgumentException if the value is out of its kind's range */
    public ToneChange {
        int most = kind == Kind.SOLARIZE ? VALUES : kind == Kind.POSTERIZE ? 8 : 0;
        if (value < 0 || value > most) {
            throw new IllegalArgumentException(kind + " takes a value from 0 to " + most + ", but got " + value);
        }
    }

    /**
     * Changes what the values of one channel become.
     *
     * @param tones [256], what they have become by changes before
     * @param counts [256], how many of the channel's pixels have each value
     */
    void changeTones(int[] tones, int[] counts) {
        switch (kind) {
            case SOLARIZE -> each(tones, tone -> tone >= value ? VALUES - 1 - tone : tone);
            case POSTERIZE -> each(tones, tone -> tone & (-1 << (8 - value)));
            case AUTOCONTRAST -> stretch(tones, counts);
            case EQUALIZE -> equalize(tones, counts);
        }
    }

    @FunctionalInterface
    private interface Tone {
        int of(int tone);
    }

    private static void each(int[] tones, Tone change) {
        for (int i = 0; i < VALUES; i++) {
            tones[i] = change.of(tones[i]);
        }
    }

    /** How many pixels have each value by now. */
    private static int[] present(int[] tones, int[] counts) {
        int[] present = new int[VALUES];
        for (int i = 0; i < VALUES; i++) {
            present[tones[i]] += counts[i];
        }
        return present;
    }

    private static void stretch(int[] tones, int[] counts) {
        int[] present = present(tones, counts);
        int least = 0;
        while (present[least] == 0) {
            least++;
        }
        int greatest = VALUES - 1;
        while (present[greatest] == 0) {
            greatest--;
        }
        int low = least;
        int range = greatest - least;
        if (range > 0) {
            each(tones, tone -> Math.min(VALUES - 1, Math.max(0, tone - low) * (VALUES - 1) / range));
        }
    }

    /** With the pixels up to each value, without those of the greatest, dealt to 255 steps; unchanged if that is not one a step. */
    private static void equalize(int[] tones, int[] counts) {
        int[] present = present(tones, counts);
        int pixels = 0;
        int ofGreatest = 0;
        for (int count : present) {
            pixels += count;
            ofGreatest = count > 0 ? count : ofGreatest;
        }
        int step = (pixels - ofGreatest) / (VALUES - 1);
        if (step == 0) {
            return;
        }
        int[] become = new int[VALUES];
        int below = 0;
        for (int i = 0; i < VALUES; i++) {
            become[i] = Math.min(VALUES - 1, (below + step / 2) / step);
            below += present[i];
        }
        each(tones, tone -> become[tone]);
    }
}
