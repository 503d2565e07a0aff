package io.contrastream.encoders.torch;

import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.pytorch.global.torch;

/** Sums up how long the operations of an engine's encoders take, while somebody wants to know. Not thread-safe. */
final class OperationTimes {

    private Map<String, Duration> observed;

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

    /** Does an operation. On a GPU, which works while the call has long returned, it is waited for if it is observed. */
    void take(String name, Runnable operation) {
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
