package io.contrastream.releases.safetensors;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/** Element types of safetensors, little-endian. Those that an encoder's weights have can be read as floats. */
public enum DataType {
    /** Rounded to the nearest float; what is too large for one becomes infinite. */
    F64(8) {
        @Override
        float next(ByteBuffer bytes) {
            return (float) bytes.getDouble();
        }
    },
    /** Exactly as stored. */
    F32(4) {
        @Override
        float next(ByteBuffer bytes) {
            return bytes.getFloat();
        }
    },
    /** IEEE 754 binary16; every value is a float, exactly. */
    F16(2) {
        @Override
        float next(ByteBuffer bytes) {
            short bits = bytes.getShort();
            int exponent = (bits >> 10) & 0x1f;
            int fraction = bits & 0x3ff;
            float magnitude = switch (exponent) {
                case 0 -> fraction * 0x1p-24f;
                case 0x1f -> fraction == 0 ? Float.POSITIVE_INFINITY : Float.NaN;
                default -> Float.intBitsToFloat((exponent + 127 - 15) << 23 | fraction << 13);
            };
            return bits < 0 ? -magnitude : magnitude;
        }
    },
    /** The upper half of a float; exact. */
    BF16(2) {
        @Override
        float next(ByteBuffer bytes) {
            return Float.intBitsToFloat(bytes.getShort() << 16);
        }
    },
    I64(8),
    I32(4),
    I16(2),
    I8(1),
    U64(8),
    U32(4),
    U16(2),
    U8(1),
    BOOL(1),
    F8_E4M3(1),
    F8_E5M2(1);

    /** The readable ones, for a message. */
    static final String READABLE = Arrays.stream(values())
            .filter(DataType::isReadable)
            .map(DataType::name)
            .collect(Collectors.joining(", "));

    private final int bytes;

    DataType(int bytes) {
        this.bytes = bytes;
    }

    static Optional<DataType> of(String name) {
        return Arrays.stream(values()).filter(type -> type.name().equals(name)).findFirst();
    }

    /** Bytes of an element. */
    public int bytes() {
        return bytes;
    }

    /** Whether elements can be read as floats. */
    public boolean isReadable() {
        return switch (this) {
            case F64, F32, F16, BF16 -> true;
            default -> false;
        };
    }

    /** Reads the next element, as a float. */
    float next(ByteBuffer bytes) {
        throw new UnsupportedOperationException(this + " is not read as floats");
    }
}
