package io.contrastream.operators.learn.minibatch;

import io.contrastream.learning.learner.Example;
import io.contrastream.learning.learner.MiniBatchResult.Embedded;
import io.contrastream.learning.learner.MiniBatchResult.Learned;
import io.contrastream.learning.learner.MiniBatchResult.Prototype;
import io.contrastream.operators.FloatList;
import io.contrastream.schemas.ClassPrototype;
import io.contrastream.schemas.Embedding;
import io.contrastream.schemas.EmbeddingOrigin;
import java.time.Instant;
import java.util.List;

/**
 * Results of a mini-batch, as records of the topics.
 *
 * @param encoderVersion after the mini-batch
 * @param at when it was learned
 */
public record Records(long encoderVersion, Instant at) {

    Embedding of(Learned learned) {
        return embedding(
                learned.example(),
                learned.predictedLabel(),
                learned.similarity(),
                learned.embedding(),
                EmbeddingOrigin.LEARNED);
    }

    Embedding of(Embedded refreshed) {
        return embedding(
                refreshed.example(),
                refreshed.nearestLabel(),
                refreshed.similarity(),
                refreshed.embedding(),
                EmbeddingOrigin.REFRESHED);
    }

    ClassPrototype of(Prototype prototype) {
        return new ClassPrototype(
                prototype.label(),
                new FloatList(prototype.vector()),
                prototype.support(),
                prototype.dispersion(),
                encoderVersion,
                at);
    }

    /** That a class has no prototype any more. */
    ClassPrototype lost(String label) {
        return new ClassPrototype(label, List.of(), 0, 0f, encoderVersion, at);
    }

    private Embedding embedding(
            Example example, String nearest, float similarity, float[] vector, EmbeddingOrigin origin) {
        return new Embedding(
                example.id(),
                example.isLabelled() ? example.label() : null,
                nearest,
                nearest == null ? null : similarity,
                new FloatList(vector),
                encoderVersion,
                Instant.ofEpochMilli(example.eventTimeMillis()),
                at,
                origin,
                null,
                example.furtherLabels(),
                List.of(),
                List.of());
    }
}
