package io.contrastream.dashboard.model;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.contrastream.schemas.RejectedRecord;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/** Records that could not be used: how many of which reason, and the newest {@value #KEPT} with their first bytes. Not thread-safe. */
final class Rejections {

    static final int KEPT = 50;
    static final int FIRST_BYTES = 64;

    private static final int MOST_REASONS = 64;
    private static final String OTHERS = "other reasons";
    private static final int MOST_KEY_BYTES = 256;

    private final Map<String, Long> reasons = new TreeMap<>();
    private final Ring<ObjectNode> newest = new Ring<>(KEPT);
    private long total;
    private boolean changed;

    void add(RejectedRecord rejected) {
        total++;
        String reason = reasons.containsKey(rejected.getReason()) || reasons.size() < MOST_REASONS
                ? rejected.getReason()
                : OTHERS;
        reasons.merge(reason, 1L, Long::sum);
        newest.add(JsonNodeFactory.instance
                .objectNode()
                .put("at", rejected.getRejectedAt().toEpochMilli())
                .put("reason", rejected.getReason())
                .put("message", rejected.getMessage())
                .put("topic", rejected.getTopic())
                .put("partition", rejected.getPartition())
                .put("offset", rejected.getOffset())
                .put("key", key(rejected.getKey()))
                .put("size", rejected.getPayloadSize())
                .put("bytes", first(rejected.getPayload(), FIRST_BYTES)));
        changed = true;
    }

    private static String key(ByteBuffer key) {
        return key == null ? null : new String(first(key, MOST_KEY_BYTES), StandardCharsets.UTF_8);
    }

    private static byte[] first(ByteBuffer buffer, int most) {
        byte[] bytes = new byte[Math.min(most, buffer.remaining())];
        buffer.duplicate().get(bytes);
        return bytes;
    }

    long total() {
        return total;
    }

    boolean changed() {
        return changed;
    }

    void markTold() {
        changed = false;
    }

    ObjectNode all() {
        ObjectNode all = JsonNodeFactory.instance.objectNode().put("total", total);
        ObjectNode byReason = all.putObject("reasons");
        reasons.forEach(byReason::put);
        all.putArray("newest").addAll(newest.newestFirst());
        return all;
    }
}
