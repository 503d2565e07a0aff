package io.contrastream.learning.encoder;

import io.contrastream.learning.augment.View;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A replica's part of a step.
 *
 * @param input its images and their views; null if it has none
 * @param whole the views of all replicas, one replica's behind the other's
 * @param counts how many of those each replica has; the first ones have some, the others 0
 */
public record Shard(StepInput input, ViewFacts whole, int[] counts) {

    /**
     * Deals the images of a step to replicas: to each the next ones in their order, as many as to every other or one less. Each image's
     * views stay together.
     *
     * @param replicas at least 1
     * @return one a replica; where there are fewer images than replicas, the last ones have none
     */
    public static List<Shard> deal(StepInput input, int replicas) {
        int images = input.labels().length;
        int dealt = Math.min(images, replicas);
        List<StepInput> inputs = new ArrayList<>();
        List<ViewFacts> facts = new ArrayList<>();
        for (int replica = 0; replica < dealt; replica++) {
            StepInput part =
                    part(input, (int) ((long) images * replica / dealt), (int) ((long) images * (replica + 1) / dealt));
            inputs.add(part);
            facts.add(part.facts());
        }
        ViewFacts whole = joined(facts);
        int[] counts = new int[replicas];
        Arrays.setAll(counts, replica -> replica < dealt ? facts.get(replica).labels().length : 0);
        return IntStream.range(0, replicas)
                .mapToObj(replica -> new Shard(replica < dealt ? inputs.get(replica) : null, whole, counts))
                .toList();
    }

    private static StepInput part(StepInput input, int from, int to) {
        int size = input.shape().size();
        List<View> views = input.views().stream()
                .filter(view -> from <= view.image() && view.image() < to)
                .map(view -> view.of(view.image() - from))
                .toList();
        return new StepInput(
                input.shape(),
                Arrays.copyOfRange(input.images(), from * size, to * size),
                input.labelSets().at(IntStream.range(from, to).toArray()),
                views,
                Math.max(0, Math.min(to, input.fresh()) - from),
                null);
    }

    private static ViewFacts joined(List<ViewFacts> parts) {
        int views = parts.stream().mapToInt(part -> part.labels().length).sum();
        LabelSets labels = LabelSets.single(new int[0]);
        int[] lastViews = new int[views];
        boolean[] fresh = new boolean[views];
        int at = 0;
        for (ViewFacts part : parts) {
            int count = part.labels().length;
            labels = labels.and(part.labelSets());
            System.arraycopy(part.fresh(), 0, fresh, at, count);
            for (int view = 0; view < count; view++) {
                lastViews[at + view] = at + part.lastViews()[view];
            }
            at += count;
        }
        return new ViewFacts(labels, lastViews, fresh);
    }

    /** Replicas that have views. */
    public int among() {
        return (int) Arrays.stream(counts).filter(count -> count > 0).count();
    }

    /** Position of a replica's first view among all. */
    public int from(int replica) {
        return Arrays.stream(counts, 0, replica).sum();
    }
}
