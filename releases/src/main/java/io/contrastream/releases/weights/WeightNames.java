package io.contrastream.releases.weights;

import java.util.Collection;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Names of an encoder's arrays. Ours are torchvision's, with SupContrast's for the head. Elsewhere they have a prefix, or several
 * nested ones, of the program that saved them:
 *
 * <pre>
 * module.                   PyTorch's DataParallel and DistributedDataParallel
 * _orig_mod.                torch.compile
 * model., backbone.         fields of training frameworks' own modules, such as Lightning's
 * encoder.                  SupContrast
 * encoder_q.                MoCo's query encoder
 * </pre>
 *
 * SupContrast says {@code shortcut} where torchvision says {@code downsample}.
 */
final class WeightNames {

    /** The prefixes that are left out of a name, alone or nested. */
    static final List<String> PREFIXES =
            List.of("module.", "_orig_mod.", "model.", "backbone.", "encoder.", "encoder_q.");

    private static final Pattern WRAPPERS =
            Pattern.compile(PREFIXES.stream().map(Pattern::quote).collect(Collectors.joining("|", "^(?:", ")+")));
    private static final Pattern SHORTCUT = Pattern.compile("^(layer\\d+\\.\\d+)\\.shortcut\\.");
    private static final Pattern TRUNK = Pattern.compile("(?:conv1|bn1|layer\\d+)\\..*");
    private static final Pattern HEAD = Pattern.compile("head\\.[02]\\..*");
    private static final Pattern BLOCK = Pattern.compile("(?:^|\\.)layer\\d+\\.\\d+\\.$");
    private static final String FIRST = "conv1.weight";
    private static final String COUNTER = ".num_batches_tracked";

    private WeightNames() {}

    /** Our name of what is stored under the given one. */
    static String canonical(String stored) {
        String name = WRAPPERS.matcher(stored).replaceFirst("");
        return SHORTCUT.matcher(name).replaceFirst("$1.downsample.");
    }

    /**
     * The prefixes that keep names from being known: those that another prefix than {@link #PREFIXES} stands before the names of a
     * network's first arrays; or else what the names of all tensors have in common.
     *
     * @param canonical names as {@link #canonical} gives them
     * @return in alphabetical order; empty if there is no such prefix
     */
    static SortedSet<String> unknownPrefixes(Collection<String> canonical) {
        SortedSet<String> prefixes = new TreeSet<>();
        for (String name : canonical) {
            String prefix = name.endsWith("." + FIRST) ? name.substring(0, name.length() - FIRST.length()) : "";
            if (!prefix.isEmpty() && canonical.contains(prefix + "bn1.weight")) {
                prefixes.add(prefix);
            }
        }
        // Of a network's blocks, each has a first convolution of its own.
        prefixes.removeIf(prefix -> BLOCK.matcher(prefix).find());
        String common = commonPrefix(canonical);
        if (prefixes.isEmpty() && !common.isEmpty() && !TRUNK.matcher(common).find()) {
            prefixes.add(common);
        }
        return prefixes;
    }

    /** The prefix that all names have, up to a dot; empty for a single name. */
    private static String commonPrefix(Collection<String> names) {
        if (names.size() < 2) {
            return "";
        }
        String common = null;
        for (String name : names) {
            int length = 0;
            while (common != null
                    && length < Math.min(common.length(), name.length())
                    && common.charAt(length) == name.charAt(length)) {
                length++;
            }
            common = common == null ? name : common.substring(0, length);
        }
        return common.substring(0, common.lastIndexOf('.') + 1);
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
