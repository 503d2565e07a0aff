package io.contrastream.encoders.torch;

import io.contrastream.encoders.torch.Recorder.Recording;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does work that is the same every time: launched operation by operation, or, where the device has a recorder, from a recording that
 * is made once. On a GPU that is one launch instead of hundreds, and no allocation.
 */
final class Replays implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Replays.class);

    /** How often work is launched before it is recorded, so that libraries have chosen their algorithms and workspaces. */
    static final int LAUNCHES_BEFORE = 2;

    /** A recording keeps its memory. Work beyond them is launched. */
    static final int MOST_RECORDINGS = 8;

    private static final int MOST_COUNTED = 64;

    private final OperationTimes times;
    private final Consumer<String> warnings;
    private final Map<Object, Recording> recordings = new HashMap<>();
    private final Map<Object, Integer> launches = new LinkedHashMap<>();
    private Recorder recorder;

    /**
     * Work that is recorded if it can be.
     *
     * @param recorder null where nothing is recorded
     * @param warnings takes the line that says why nothing is recorded any more
     */
    Replays(Recorder recorder, OperationTimes times, Consumer<String> warnings) {
        this.recorder = recorder;
        this.times = times;
        this.warnings = warnings;
    }

    /** Those of a device. It comes before all that the encoder has on the device. */
    static Replays on(Target target, OperationTimes times) {
        return new Replays(
                Cuda.ask(target, cuda -> cuda.recorder(target), "no CUDA graphs, operations are launched one by one"),
                times,
                LOG::warn);
    }

    /**
     * Does work.
     *
     * @param key equal for work that does the same with the same addresses
     * @param work as {@link Recorder#record} takes it; it may be done that of an earlier call with this key instead
     * @return what the work gives back, of the innermost scope or until the next call
     */
    Tensor run(Object key, Supplier<Tensor> work) {
        if (times.observed()) {
            return work.get();
        }
        Recording recording = recordings.get(key);
        if (recording == null && isDue(key)) {
            recording = record(key, work);
        }
        if (recording == null) {
            return work.get();
        }
        times.launched();
        return recording.again();
    }

    private boolean isDue(Object key) {
        if (recorder == null || recordings.size() == MOST_RECORDINGS) {
            return false;
        }
        if (launches.merge(key, 1, Integer::sum) > LAUNCHES_BEFORE) {
            launches.remove(key);
            return true;
        }
        if (launches.size() > MOST_COUNTED) {
            launches.remove(launches.keySet().iterator().next());
        }
        return false;
    }

    private Recording record(Object key, Supplier<Tensor> work) {
        try {
            Recording recording = recorder.record(work);
            recordings.put(key, recording);
            return recording;
        } catch (RuntimeException | LinkageError | OutOfMemoryError e) {
            warnings.accept(
                    "no CUDA graph of " + key + ", operations are launched one by one from now on: " + firstLine(e));
            forget();
            recorder.close();
            recorder = null;
            return null;
        }
    }

    private static String firstLine(Throwable failure) {
        return failure.toString().lines().findFirst().orElse("");
    }

    /** Forgets all recordings, because an address has changed. */
    void forget() {
        recordings.values().forEach(Recording::close);
        recordings.clear();
        launches.clear();
    }

    /** How many there are. */
    int recordings() {
        return recordings.size();
    }

    @Override
    public void close() {
        forget();
        if (recorder != null) {
            recorder.close();
            recorder = null;
        }
    }
}
