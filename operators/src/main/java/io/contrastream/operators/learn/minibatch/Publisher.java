package io.contrastream.operators.learn.minibatch;

import io.contrastream.learning.learner.Learner.Forgotten;
import io.contrastream.learning.learner.Learner.Renewed;
import io.contrastream.learning.learner.MiniBatchResult;
import io.contrastream.learning.learner.MiniBatchResult.Prototype;
import io.contrastream.operators.Tombstone;
import io.contrastream.schemas.ClassPrototype;
import io.contrastream.schemas.Embedding;
import java.util.List;
import java.util.function.Consumer;

/**
 * Hands on the learner's results. Their order is the same in every run.
 *
 * @param embeddings takes embeddings of images, and that one has been forgotten
 * @param prototypes takes prototypes that changed, and that a class has lost its own
 */
public record Publisher(Consumer<Embedding> embeddings, Consumer<ClassPrototype> prototypes) {

    /** An image that the encoder has no embedding of length 1 for is left out. */
    void learned(MiniBatchResult result, Records records) {
        result.learned().stream()
                .filter(learned -> learned.embedding() != null)
                .forEach(learned -> embeddings.accept(records.of(learned)));
        result.refreshed().forEach(refreshed -> embeddings.accept(records.of(refreshed)));
        result.lostPrototypes().forEach(label -> prototypes.accept(records.lost(label)));
        renewed(result.prototypes(), records);
    }

    /** Also for an image that was not there: its embedding may have been published long ago. */
    void forgotten(String id, Forgotten forgotten, Records records) {
        embeddings.accept(Tombstone.of(id, records.encoderVersion(), records.at()));
        forgotten.lostPrototypes().forEach(label -> prototypes.accept(records.lost(label)));
    }

    void renewed(List<Prototype> renewed, Records records) {
        renewed.forEach(prototype -> prototypes.accept(records.of(prototype)));
    }

    /** Memory under other weights. */
    public void renewed(Renewed memory, Records records) {
        memory.refreshed().forEach(image -> embeddings.accept(records.of(image)));
        renewed(memory.prototypes(), records);
    }
}
