package io.contrastream.topics.format;

/** From how a payload begins, which other format it may have. */
final class Hint {

    private Hint() {}

    /** Words to put behind an error; empty if the bytes say nothing. */
    static String of(byte[] bytes) {
        if (bytes.length > 10 && bytes[0] == (byte) 0xC3 && bytes[1] == 0x01) {
            return ", but as a record in Avro's single-object encoding does: kafka.format single-object reads it";
        }
        if (bytes.length > 5 && bytes[0] == 0) {
            return ", but as a record of a schema registry does: kafka.format confluent reads it";
        }
        return bytes.length > 1 && bytes[0] == '{' ? ", but as JSON does: kafka.format json reads it" : "";
    }
}
