package io.contrastream.operators.decode;

import io.contrastream.schemas.RejectedRecord;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** Makes dead letters, cut to the bounds that their schema states. */
public final class RejectedRecords {

    private static final int MOST_MESSAGE_CHARACTERS = 1024;
    private static final int MOST_KEY_BYTES = 1024;
    private static final int MOST_HEADERS = 32;
    private static final int MOST_HEADER_BYTES = 1024;

    private final int payloadBytes;

    /** @param payloadBytes how many of a value's first bytes are kept */
    public RejectedRecords(int payloadBytes) {
        this.payloadBytes = payloadBytes;
    }

    /** The dead letter of a record. */
    public RejectedRecord of(KafkaRecord record, Rejection rejection, long nowMillis) {
        byte[] value = record.value();
        return RejectedRecord.newBuilder()
                .setReason(rejection.reason().code())
                .setMessage(cut(rejection.getMessage()))
                .setTopic(record.topic())
                .setPartition(record.partition())
                .setOffset(record.offset())
                .setTimestamp(Instant.ofEpochMilli(record.timestamp()))
                .setKey(record.key() == null ? null : first(MOST_KEY_BYTES, record.key()))
                .setHeaders(headers(record.headers()))
                .setPayload(first(payloadBytes, value))
                .setPayloadSize(value == null ? -1 : value.length)
                .setRejectedAt(Instant.ofEpochMilli(nowMillis))
                .build();
    }

    private static Map<String, ByteBuffer> headers(Map<String, byte[]> headers) {
        Map<String, ByteBuffer> kept = new HashMap<>();
        if (headers != null) {
            // In the order of their names: that in which they were sent does not survive a network edge.
            new TreeMap<>(headers)
                    .entrySet().stream()
                            .limit(MOST_HEADERS)
                            .forEach(header -> kept.put(header.getKey(), first(MOST_HEADER_BYTES, header.getValue())));
        }
        return kept;
    }

    private static ByteBuffer first(int most, byte[] bytes) {
        return bytes == null
                ? ByteBuffer.allocate(0)
                : ByteBuffer.wrap(Arrays.copyOf(bytes, Math.min(most, bytes.length)));
    }

    private static String cut(String message) {
        return Quote.cut(message, MOST_MESSAGE_CHARACTERS);
    }
}
