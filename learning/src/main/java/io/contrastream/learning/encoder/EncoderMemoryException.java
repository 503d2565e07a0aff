package io.contrastream.learning.encoder;

import io.contrastream.learning.network.EncoderSpec;

/** An engine was refused memory, of the process or of its device. The encoder is then of no use: it can only be closed. */
public final class EncoderMemoryException extends RuntimeException {

    private static final long serialVersionUID = 1;

    /**
     * @param doing what needed the memory, such as {@code training on 220 views}
     * @param spec of the encoder
     * @param cause tells how much there is, and of what
     */
    public EncoderMemoryException(String doing, EncoderSpec spec, Throwable cause) {
        super(
                "there is not enough memory for " + doing + " (" + spec.architecture() + " of width " + spec.width()
                        + ", " + spec.input() + " pixels): " + cause.getMessage(),
                cause);
    }

    private EncoderMemoryException(String message, Throwable cause) {
        super(message, cause);
    }

    /** The same with what the reader can do about it, such as {@code raise the option encoder.memory-limit}. */
    public EncoderMemoryException advising(String advice) {
        return new EncoderMemoryException(getMessage() + "; " + advice, this);
    }
}
