package io.contrastream.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever comes in ends in a record or a {@link WireFormatException}, and allocates in proportion to its size. */
final class ForgedBytesTest {

    private static final long[] FORGED = {
        -1,
        Integer.MAX_VALUE - 8L,
        Integer.MAX_VALUE,
        Integer.MIN_VALUE,
        1L << 32,
        1_000_000_000,
        10_000_000,
        Long.MAX_VALUE,
        Long.MIN_VALUE
    };
    private static final List<byte[]> SAMPLES = new ArrayList<>();

    @BeforeAll
    static void encodeSamples() {
        Samples.TYPES.forEach(type -> SAMPLES.addAll(Samples.encoded(type, 20, 7)));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void damagedRecordsAreReadOrRefused(long seed) {
        Random random = new Random(seed);
        int refused = 0;
        int rounds = 20_000;
        for (int round = 0; round < rounds; round++) {
            if (!isRecord(damaged(random))) {
                refused++;
            }
        }
        assertThat(refused).isBetween(rounds / 10, rounds - rounds / 100);
    }

    @Test
    void randomBytesBehindAHeaderAreReadOrRefused() {
        Random random = new Random(5);
        for (int round = 0; round < 20_000; round++) {
            byte[] header = SAMPLES.get(random.nextInt(SAMPLES.size()));
            byte[] bytes = new byte[RecordType.HEADER_BYTES + random.nextInt(64)];
            random.nextBytes(bytes);
            System.arraycopy(header, 0, bytes, 0, RecordType.HEADER_BYTES);
            isRecord(bytes);
        }
    }

    @Test
    void aForgedLengthAnywhereAllocatesNextToNothing() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        for (byte[] sample : SAMPLES) {
            for (int at = RecordType.HEADER_BYTES; at < Math.min(sample.length, 80); at++) {
                for (long length : FORGED) {
                    byte[] forged = withNumber(sample, at, length);
                    long before = threads.getCurrentThreadAllocatedBytes();
                    isRecord(forged);
                    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
                    assertThat(allocated)
                            .as("bytes allocated for %d at byte %d of %d", length, at, forged.length)
                            .isLessThan(200_000 + 64L * forged.length);
                }
            }
        }
    }

    private static boolean isRecord(byte[] bytes) {
        try {
            SpecificRecord record = SingleObject.decode(bytes);
            assertThat(record).isNotNull();
            return true;
        } catch (WireFormatException e) {
            assertThat(e).hasMessageStartingWith("The payload");
            return false;
        } catch (RuntimeException | Error e) {
            return fail("Not a WireFormatException", e);
        }
    }

    private static byte[] damaged(Random random) {
        byte[] bytes = SAMPLES.get(random.nextInt(SAMPLES.size())).clone();
        int body = RecordType.HEADER_BYTES;
        return switch (random.nextInt(5)) {
            case 0 -> { // bits flipped
                for (int flips = 1 + random.nextInt(8); flips > 0; flips--) {
                    bytes[body + random.nextInt(bytes.length - body)] ^= (byte) (1 << random.nextInt(8));
                }
                yield bytes;
            }
            case 1 -> { // a number overwritten
                yield withNumber(bytes, body + random.nextInt(bytes.length - body), random.nextLong());
            }
            case 2 -> { // a piece of another record
                byte[] other = SAMPLES.get(random.nextInt(SAMPLES.size()));
                int from = random.nextInt(other.length);
                int to = body + random.nextInt(bytes.length - body);
                System.arraycopy(other, from, bytes, to, Math.min(other.length - from, bytes.length - to));
                yield bytes;
            }
            case 3 -> { // anything in the header too
                bytes[random.nextInt(body + 1)] = (byte) random.nextInt();
                yield bytes;
            }
            default -> bytes; // as it was
        };
    }

    /** The bytes with a variable-length number inserted in place of the byte at a position. */
    private static byte[] withNumber(byte[] bytes, int at, long value) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(bytes, 0, at);
        long zigzag = (value << 1) ^ (value >> 63);
        while ((zigzag & ~0x7fL) != 0) {
            out.write((int) (zigzag & 0x7f) | 0x80);
            zigzag >>>= 7;
        }
        out.write((int) zigzag);
        out.write(bytes, at + 1, bytes.length - at - 1);
        return out.toByteArray();
    }
}
