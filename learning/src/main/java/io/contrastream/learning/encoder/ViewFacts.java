package io.contrastream.learning.encoder;

import io.contrastream.learning.objective.Objective;
import io.contrastream.learning.objective.Sum;
import io.contrastream.learning.objective.SupCon;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The V views of a step as a loss knows them.
 *
 * @param labelSets the classes of each; below 0, for one of an image without label, a number of that image
 * @param lastViews position of the last view of each one's image
 * @param fresh whether each is of a new image, and not of a recalled one
 */
public record ViewFacts(LabelSets labelSets, int[] lastViews, boolean[] fresh) {

    /** Views of images with at most one label. */
    public ViewFacts(int[] labels, int[] lastViews, boolean[] fresh) {
        this(LabelSets.single(labels), lastViews, fresh);
    }

    /** The class of each view, the first one where its image has several. */
    public int[] labels() {
        return labelSets.first();
    }

    /**
     * The part of an objective that is to be minimised on these views: all of it, but the contrastive loss alone if none is of an image with
     * a label, since every other term is 0 then. So all replicas of a step minimise the same.
     */
    public Objective minimised(Objective objective) {
        List<Objective> contrastive = objective.terms().stream()
                .filter(SupCon.class::isInstance)
                .map(Objective.class::cast)
                .toList();
        boolean labelled = Arrays.stream(labels()).anyMatch(label -> label >= 0);
        return labelled || contrastive.isEmpty() ? objective : new Sum(contrastive);
    }

    /** Every view is the only one of a new image. */
    public static ViewFacts ofOwnImages(int[] labels) {
        boolean[] fresh = new boolean[labels.length];
        Arrays.fill(fresh, true);
        return new ViewFacts(labels, IntStream.range(0, labels.length).toArray(), fresh);
    }
}
