package io.contrastream.learning.encoder;

import io.contrastream.learning.network.EncoderSpec;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.ServiceLoader;

/** Makes encoders on one numerical library. Found with {@link ServiceLoader}; exactly one is on a run's class path. */
public interface EncoderEngine {

    /** Name in options, such as {@code dl4j}. */
    String name();

    /**
     * A fresh encoder with the initial weights of {@code spec.network().initialParameters(seed)}.
     *
     * @throws IllegalArgumentException if the device or the precision is not supported, naming what was looked for
     * @throws EncoderMemoryException if memory is refused
     */
    Encoder create(EncoderSpec spec, TrainingOptions training, DeviceOptions device, long seed);

    /**
     * A replica of an encoder, with the initial weights.
     *
     * @param collective what ties it to the others; stays the caller's to close
     * @param syncBatchNorm whether batch normalisation takes the statistics of all replicas' views, rather than each those of its own
     * @throws IllegalArgumentException as {@link #create(EncoderSpec, TrainingOptions, DeviceOptions, long)}, or if the engine has no
     *     replicas, naming one that has
     */
    default ReplicatedEncoder create(
            EncoderSpec spec,
            TrainingOptions training,
            DeviceOptions device,
            long seed,
            Collective collective,
            boolean syncBatchNorm) {
        throw new IllegalArgumentException("several learners are not supported by the " + name()
                + " engine; use one (learner.parallelism 1), or the torch engine");
    }

    /**
     * Checks that this is the engine that the options ask for.
     *
     * @throws IllegalArgumentException if it is another, saying what to do
     */
    default void requireAskedFor(DeviceOptions options) {
        if (!options.engine().equals("auto") && !options.engine().equals(name())) {
            throw new IllegalArgumentException("the engine asked for is " + options.engine()
                    + ", but the one on the class path is " + name() + ": start the process with CONTRASTREAM_ENGINE="
                    + options.engine() + ", or ask for auto or " + name());
        }
    }

    /**
     * Operations of the engine while its encoders work in this process, for those who want to make it faster.
     *
     * @param work calls encoders of this engine
     * @return time spent in every kind of operation, by the library's name for it; empty if the engine cannot tell
     */
    default Map<String, Duration> operationTimes(Runnable work) {
        work.run();
        return Map.of();
    }

    /**
     * How often the engine tells its device something while its encoders work in this process.
     *
     * @param work calls encoders of this engine
     * @return empty if the engine cannot tell
     */
    default Optional<Launches> launches(Runnable work) {
        work.run();
        return Optional.empty();
    }

    /**
     * Requests of an engine to its device.
     *
     * @param operations that were launched, as {@link #operationTimes} tells them apart; a recording of many is one
     * @param waits for the device; empty if the engine cannot tell
     */
    record Launches(long operations, OptionalLong waits) {}

    /**
     * The engine on the class path of {@link EncoderEngine} itself (in a cluster: its {@code lib/} folder).
     *
     * @throws IllegalStateException if there is none or more than one, saying what to do
     */
    static EncoderEngine find() {
        List<EncoderEngine> engines =
                ServiceLoader.load(EncoderEngine.class, EncoderEngine.class.getClassLoader()).stream()
                        .map(ServiceLoader.Provider::get)
                        .toList();
        if (engines.size() != 1) {
            throw new IllegalStateException(
                    "exactly one encoder engine must be on the class path (in a cluster: in lib/), but "
                            + (engines.isEmpty()
                                    ? "there is none: add all jars of engines/dl4j or of engines/torch"
                                    : "there are "
                                            + engines.stream()
                                                    .map(EncoderEngine::name)
                                                    .toList() + ": remove the jars of all but one"));
        }
        return engines.get(0);
    }
}
