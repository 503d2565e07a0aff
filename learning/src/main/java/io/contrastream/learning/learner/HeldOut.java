package io.contrastream.learning.learner;

import java.io.Serializable;

/**
 * Which images are never trained on, so that an encoder can be tried on them: a share of all, chosen by their ids alone. An image that
 * comes again is held out again, under every version of this program. One that is held out with a share is so with every larger one.
 *
 * @param share of all images, in [0, 0.5]
 */
public record HeldOut(double share) implements Serializable {

    /** No image. */
    public static final HeldOut NONE = new HeldOut(0);

    private static final double TWO_TO_THE_MINUS_53 = 0x1p-53;

    /** @throws IllegalArgumentException if the share is out of its range */
    public HeldOut {
        if (!(share >= 0 && share <= 0.5)) {
            throw new IllegalArgumentException("held-out share must be in [0, 0.5], but is " + share);
        }
    }

    /** Whether the image of the id is held out. */
    public boolean contains(String id) {
        return share > 0 && position(id) < share;
    }

    public boolean contains(Example example) {
        return contains(example.id());
    }

    /** A number in [0, 1): FNV-1a of the id's UTF-16 units, mixed by the finaliser of SplitMix64 (Steele et al. 2014). */
    private static double position(String id) {
        long hash = 0xcbf29ce484222325L;
        for (int i = 0; i < id.length(); i++) {
            hash = (hash ^ id.charAt(i)) * 0x100000001b3L;
        }
        hash = (hash ^ (hash >>> 30)) * 0xbf58476d1ce4e5b9L;
        hash = (hash ^ (hash >>> 27)) * 0x94d049bb133111ebL;
        hash ^= hash >>> 31;
        return (hash >>> 11) * TWO_TO_THE_MINUS_53;
    }
}
