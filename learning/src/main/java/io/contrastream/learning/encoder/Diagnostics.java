package io.contrastream.learning.encoder;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * Figures of an encoder about itself, for reports and errors.
 *
 * @param skippedStep the last step that was not taken; empty if there was none, or if the encoder cannot tell
 * @param peakDeviceBytes the most memory of a device of its own, such as a GPU, taken so far; empty if the encoder cannot tell
 */
public record Diagnostics(Optional<SkippedStep> skippedStep, OptionalLong peakDeviceBytes) {

    /** Nothing to tell. */
    public static final Diagnostics NONE = new Diagnostics(Optional.empty(), OptionalLong.empty());

    /** Of an encoder without a device of its own. */
    public static Diagnostics of(SkippedStep lastSkipped) {
        return new Diagnostics(Optional.ofNullable(lastSkipped), OptionalLong.empty());
    }
}
