package io.contrastream.jobs.learning;

import io.contrastream.jobs.kafka.KafkaEnds;
import io.contrastream.operators.Tombstone;
import io.contrastream.schemas.ClassPrototype;
import io.contrastream.schemas.Embedding;
import io.contrastream.schemas.EncoderRelease;
import io.contrastream.schemas.LearningReport;
import io.contrastream.schemas.RejectedRecord;
import io.contrastream.topics.Topic;
import org.apache.flink.api.connector.sink2.Sink;

/** Where the output of the learning job goes. */
public record LearningSinks(
        Sink<Embedding> embeddings,
        Sink<ClassPrototype> prototypes,
        Sink<LearningReport> reports,
        Sink<EncoderRelease> releases,
        Sink<RejectedRecord> rejected) {

    /** Into topics, with the keys that the schemas promise. */
    static LearningSinks of(KafkaEnds kafka) {
        return new LearningSinks(
                kafka.sink(Topic.EMBEDDINGS, Embedding::getId, Tombstone::is),
                kafka.sink(Topic.PROTOTYPES, ClassPrototype::getLabel, LearningSinks::isLost),
                kafka.sink(Topic.LEARNING_REPORTS, LearningReport::getModel),
                kafka.sink(Topic.ENCODER_RELEASES, EncoderRelease::getModel),
                kafka.sinkOfBuffers(Topic.REJECTED_IMAGES, RejectedRecord::getKey));
    }

    /** A class without an image in memory has no prototype: the compacted topic is to forget the one it had. */
    static boolean isLost(ClassPrototype prototype) {
        return prototype.getSupport() == 0;
    }
}
