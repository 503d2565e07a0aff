package io.contrastream.encoders.torch;

import java.util.Iterator;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Parts of an encoder that only a GPU has. Found with {@link ServiceLoader} where they are on the class path. */
interface Cuda {

    /** A recorder for encoders on a GPU, whose work goes to a stream of its own from now on, on this thread. */
    Recorder recorder(Target target);

    /** Kernels on the stream of {@link #recorder}, which compute what they should. */
    Kernels kernels(Target target);

    /**
     * A part for a device. Null on a CPU, and with a warning where the part cannot be had.
     *
     * @param without what is so without it, for the warning
     */
    static <T> T ask(Target target, Function<Cuda, T> part, String without) {
        if (!target.cuda()) {
            return null;
        }
        Logger log = LoggerFactory.getLogger(Cuda.class);
        try {
            Iterator<Cuda> found =
                    ServiceLoader.load(Cuda.class, Cuda.class.getClassLoader()).iterator();
            if (found.hasNext()) {
                return part.apply(found.next());
            }
            log.warn("{}: the jar contrastream-encoder-torch-cuda is not on the class path", without);
        } catch (RuntimeException | LinkageError | ServiceConfigurationError e) {
            log.warn("{}: {}", without, e.toString());
        }
        return null;
    }
}
