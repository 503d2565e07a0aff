package io.contrastream.releases.weights;

import java.util.regex.Pattern;

/**
 * Names of an encoder's arrays. Ours are torchvision's, with SupContrast's for the head. Elsewhere they stand behind
 * {@code encoder.} (SupContrast), {@code module.} (PyTorch's {@code DataParallel}) or both, and SupContrast says
 * {@code shortcut} where torchvision says {@code downsample}.
 */
final class WeightNames {

    private static final Pattern WRAPPERS = Pattern.compile("^(?:(?:encoder|module)\\.)+");
    private static final Pattern SHORTCUT = Pattern.compile("^(layer\\d+\\.\\d+)\\.shortcut\\.");
    private static final Pattern TRUNK = Pattern.compile("(?:conv1|bn1|layer\\d+)\\..*");
    private static final Pattern HEAD = Pattern.compile("head\\.[02]\\..*");
    private static final String COUNTER = ".num_batches_tracked";

    private WeightNames() {}

    /** Our name of what is stored under the given one. */
    static String canonical(String stored) {
        String name = WRAPPERS.matcher(stored).replaceFirst("");
        return SHORTCUT.matcher(name).replaceFirst("$1.downsample.");
    }

    /** Whether the name is one of the network before the head, where nothing may be left out; by our names. */
    static boolean isTrunk(String name) {
        return TRUNK.matcher(name).matches() && !name.endsWith(COUNTER);
    }

    /** Whether the name is one of the projection head, which may be missing; by our names. */
    static boolean isHead(String name) {
        return HEAD.matcher(name).matches();
    }
}
