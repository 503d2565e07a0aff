package io.contrastream.operators.learn.minibatch;

import io.contrastream.learning.learner.Example;
import io.contrastream.operators.learn.state.LearnerStateStore;
import java.util.List;
import java.util.Optional;

/** The images that wait for their mini-batch to be closed, in their order; kept in the store as they change. */
final class UnfinishedMiniBatch {

    private final LearnerStateStore store;
    private final List<Example> images;

    /** With those that the store has. */
    UnfinishedMiniBatch(LearnerStateStore store) throws Exception {
        this.store = store;
        images = store.unfinished();
    }

    int size() {
        return images.size();
    }

    boolean isEmpty() {
        return images.isEmpty();
    }

    void add(Example image) throws Exception {
        images.add(image);
        store.add(image);
    }

    /** The newest image of an id. */
    Optional<Example> find(String id) {
        return images.stream().filter(image -> image.id().equals(id)).reduce((earlier, later) -> later);
    }

    /** Takes out an image; whether it was there. */
    boolean remove(String id) throws Exception {
        boolean waited = images.removeIf(image -> image.id().equals(id));
        if (waited) {
            store.unfinished(images);
        }
        return waited;
    }

    List<Example> first(int count) {
        return List.copyOf(images.subList(0, count));
    }

    void removeFirst(int count) throws Exception {
        images.subList(0, count).clear();
        store.unfinished(images);
    }
}
