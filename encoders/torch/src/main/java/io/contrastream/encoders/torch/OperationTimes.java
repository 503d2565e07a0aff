package io.contrastream.encoders.torch;

import io.contrastream.learning.encoder.EncoderEngine.Launches;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.bytedeco.pytorch.global.torch;

/** Sums up the time of the operations of an engine's encoders while measuring is on, and counts them. Not thread-safe. */
final class OperationTimes {

    private Map<String, Duration> observed;
    private long launched;

    /** Times by the operations' names, of what is done meanwhile. */
    Map<String, Duration> of(Runnable work) {
        Map<String, Duration> times = new TreeMap<>();
        observed = times;
        try {
            work.run();
        } finally {
            observed = null;
        }
        return times;
    }

    /** Commands to the device meanwhile, and waits for it. */
    Launches count(Runnable work) {
        long launchedBefore = launched;
        long readBefore = Native.copiesToHost();
        work.run();
        return new Launches(launched - launchedBefore, OptionalLong.of(Native.copiesToHost() - readBefore));
    }

    /** Whether measuring is on. */
    boolean observed() {
        return observed != null;
    }

    /** The device was told something in one piece. */
    void launched() {
        launched++;
    }

    /** Does an operation. On a GPU, which works while the call has long returned, it is waited for if it is observed. */
    void take(String name, Runnable operation) {
        launched++;
        if (observed == null) {
            operation.run();
            return;
        }
        long start = System.nanoTime();
        operation.run();
        if (torch.cuda_is_available()) {
            torch.cuda_synchronize();
        }
        observed.merge(name, Duration.ofNanos(System.nanoTime() - start), Duration::plus);
    }
}
