package io.contrastream.operators.embed;

import io.contrastream.operators.saved.SavedOperators;
import java.io.IOException;
import java.io.Serializable;
import java.util.List;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;

/**
 * The job that a checkpoint is of: tells its states from those of others in the same folder, and a topic from one made anew under the same
 * name.
 *
 * @param job its name; empty if unknown
 * @param topicId Kafka's id of the topic of queries; empty if unknown
 */
public record Owner(String job, String topicId) implements Serializable {

    /** Of states from before owners were kept, and of jobs that no other goes on from. */
    public static final Owner UNKNOWN = new Owner("", "");

    static final ListStateDescriptor<String> STATE = new ListStateDescriptor<>("owner", Types.STRING);

    /**
     * Reads it.
     *
     * @param uid of the {@link EmbedOperator}
     * @throws IOException if there is no such operator, or its state cannot be read
     */
    public static Owner read(SavedOperators saved, String uid) throws IOException {
        // Each instance has written the same.
        List<String> texts = saved.list(uid, STATE);
        int space = texts.isEmpty() ? -1 : texts.get(0).indexOf(' ');
        return space < 0
                ? UNKNOWN
                : new Owner(texts.get(0).substring(space + 1), texts.get(0).substring(0, space));
    }

    String text() {
        return topicId + " " + job;
    }
}
