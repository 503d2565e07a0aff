package io.contrastream.encoders.dl4j.onednn;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.bytedeco.javacpp.PointerScope;

/**
 * Primitives of a vertex for the batches that it saw last: a few, since each takes native memory and streams have many sizes.
 *
 * @param <P> primitives for one kind of batch
 */
final class Plans<P> implements AutoCloseable {

    private static final int KEPT = 4;

    private final Function<Batch, P> make;
    private final Map<Batch, Plan<P>> recent = new LinkedHashMap<>(2 * KEPT, 0.75f, true);

    Plans(Function<Batch, P> make) {
        this.make = make;
    }

    /**
     * Kind of batch that primitives are made for.
     *
     * @param n images
     * @param training whether a backward pass follows
     */
    record Batch(long n, boolean training) {}

    private record Plan<P>(P primitives, PointerScope memory) {}

    P of(long n, boolean training) {
        Batch batch = new Batch(n, training);
        Plan<P> plan = recent.get(batch);
        if (plan == null) {
            plan = make(batch);
            recent.put(batch, plan);
            if (recent.size() > KEPT) {
                Iterator<Plan<P>> oldest = recent.values().iterator();
                oldest.next().memory().close();
                oldest.remove();
            }
        }
        return plan.primitives();
    }

    @SuppressWarnings("unchecked") // the array of classes that the scope is to take: none, so all
    private Plan<P> make(Batch batch) {
        PointerScope memory = new PointerScope();
        try {
            P primitives = make.apply(batch);
            memory.extend(); // until the plan is dropped
            return new Plan<>(primitives, memory);
        } finally {
            memory.close();
        }
    }

    @Override
    public void close() {
        recent.values().forEach(plan -> plan.memory().close());
        recent.clear();
    }
}
