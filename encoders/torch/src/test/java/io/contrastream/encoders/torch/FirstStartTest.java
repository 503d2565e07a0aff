package io.contrastream.encoders.torch;

import static org.assertj.core.api.Assertions.assertThat;

import io.contrastream.encoders.parity.JavaProcess;
import io.contrastream.encoders.parity.TestDevice;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes that are the first ones of a machine, such as several TaskManagers that start together. */
class FirstStartTest {

    private static final int PROCESSES = 3;

    /** The program of each of them. */
    static final class Start {

        private Start() {}

        public static void main(String[] arguments) {
            System.out.println(Target.start(TestDevice.OPTIONS).device());
        }
    }

    @Test
    void processesThatUnpackTheSameLibrariesTogetherAllStart(@TempDir Path cache) throws Exception {
        List<String> options = List.of(
                "-Xmx256m",
                "-Dorg.bytedeco.javacpp.cachedir=" + cache,
                "-D" + TestDevice.PROPERTY + "=" + TestDevice.OPTIONS.device());
        Callable<String> start = () -> JavaProcess.run(options, Start.class);
        ExecutorService threads = Executors.newFixedThreadPool(PROCESSES);
        try {
            List<Future<String>> started = Stream.generate(() -> threads.submit(start))
                    .limit(PROCESSES)
                    .toList();
            for (Future<String> process : started) {
                assertThat(process.get()).contains(TestDevice.OPTIONS.device());
            }
        } finally {
            threads.shutdownNow();
        }
    }
}
