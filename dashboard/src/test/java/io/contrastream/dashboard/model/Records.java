package io.contrastream.dashboard.model;

import io.contrastream.schemas.ClassPrototype;
import io.contrastream.schemas.Embedding;
import io.contrastream.schemas.EmbeddingOrigin;
import io.contrastream.schemas.LearningReport;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Records for tests. */
final class Records {

    private Records() {}

    static LearningReport report(long second, long images, long version, int classes) {
        return LearningReport.newBuilder()
                .setModel("model")
                .setEncoderVersion(version)
                .setLoss(1f)
                .setImagesSeen(images)
                .setPrequentialAccuracy(0.5)
                .setWindowAccuracy(0.5)
                .setWindowSize(10)
                .setReplaySize(1)
                .setReplayCapacity(10)
                .setClasses(classes)
                .setImagesPerSecond(10)
                .setSkippedSteps(0)
                .setReportedAt(Instant.ofEpochSecond(second))
                .build();
    }

    static Embedding embedding(String id, String label, String nearest, long second, float... vector) {
        return Embedding.newBuilder()
                .setId(id)
                .setLabel(label)
                .setNearestLabel(nearest)
                .setNearestSimilarity(nearest == null ? null : 0.5f)
                .setVector(list(vector))
                .setEncoderVersion(second)
                .setEventTime(Instant.ofEpochSecond(second))
                .setEmbeddedAt(Instant.ofEpochSecond(second))
                .setOrigin(label == null ? EmbeddingOrigin.QUERIED : EmbeddingOrigin.LEARNED)
                .build();
    }

    static ClassPrototype prototype(String label, float... vector) {
        return ClassPrototype.newBuilder()
                .setLabel(label)
                .setVector(list(vector))
                .setSupport(3)
                .setDispersion(0.5f)
                .setEncoderVersion(1)
                .setUpdatedAt(Instant.EPOCH)
                .build();
    }

    private static List<Float> list(float... values) {
        List<Float> list = new ArrayList<>();
        for (float value : values) {
            list.add(value);
        }
        return list;
    }
}
