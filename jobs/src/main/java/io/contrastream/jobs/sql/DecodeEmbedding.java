package io.contrastream.jobs.sql;

import io.contrastream.schemas.Embedding;
import io.contrastream.schemas.SingleObject;
import io.contrastream.schemas.WireFormatException;
import org.apache.flink.table.annotation.DataTypeHint;
import org.apache.flink.table.functions.ScalarFunction;
import org.apache.flink.types.Row;

/**
 * A function for Flink SQL: from the value of a record of the topic of embeddings to its fields; NULL for what is no such record.
 */
public final class DecodeEmbedding extends ScalarFunction {

    private static final long serialVersionUID = 1;

    /** @param value null for NULL */
    @DataTypeHint(
            "ROW<label STRING, nearest_label STRING, nearest_similarity FLOAT, is_unknown BOOLEAN, encoder_version BIGINT,"
                    + " event_time TIMESTAMP_LTZ(3), embedded_at TIMESTAMP_LTZ(3), origin STRING, vector ARRAY<FLOAT>>")
    public Row eval(byte[] value) {
        if (value == null) {
            return null;
        }
        try {
            Embedding embedding = SingleObject.decode(value, Embedding.class);
            return Row.of(
                    embedding.getLabel(),
                    embedding.getNearestLabel(),
                    embedding.getNearestSimilarity(),
                    embedding.getUnknown(),
                    embedding.getEncoderVersion(),
                    embedding.getEventTime(),
                    embedding.getEmbeddedAt(),
                    embedding.getOrigin().name(),
                    embedding.getVector().toArray(Float[]::new));
        } catch (WireFormatException notOurs) {
            return null;
        }
    }
}
