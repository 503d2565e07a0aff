package io.contrastream.releases.weights;

import java.util.List;

/**
 * How the arrays of a file and of a network match, by their names in the file and in the network.
 *
 * @param loaded arrays of the network that are in the file
 * @param fresh arrays of the network that are not: those of the head, or none
 * @param leftOut tensors of the file that the network has no use for, such as a classifier
 */
public record Match(List<String> loaded, List<String> fresh, List<String> leftOut) {

    public Match {
        loaded = List.copyOf(loaded);
        fresh = List.copyOf(fresh);
        leftOut = List.copyOf(leftOut);
    }

    @Override
    public String toString() {
        return loaded.size() + " arrays loaded; freshly initialised: " + few(fresh) + "; left out: " + few(leftOut);
    }

    private static String few(List<String> names) {
        if (names.isEmpty()) {
            return "none";
        }
        return names.size() <= 4
                ? String.join(", ", names)
                : String.join(", ", names.subList(0, 3)) + " and " + (names.size() - 3) + " more";
    }
}
