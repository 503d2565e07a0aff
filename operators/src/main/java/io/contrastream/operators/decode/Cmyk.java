package io.contrastream.operators.decode;

/** Inks to light, as Pillow does it: no profile, each colour by itself. */
final class Cmyk {

    private Cmyk() {}

    /**
     * Light that paper with two inks on it returns.
     *
     * @param ink cyan for red, magenta for green, yellow for blue, 0 to 255
     * @param light what black ink leaves: 255 less its amount
     */
    static byte light(int ink, int light) {
        int product = ink * light + 128;
        return (byte) Math.max(0, light - ((product + (product >> 8)) >> 8));
    }
}
