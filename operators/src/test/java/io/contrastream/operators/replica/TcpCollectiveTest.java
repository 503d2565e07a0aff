package io.contrastream.operators.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.contrastream.learning.encoder.ReplicaException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class TcpCollectiveTest {

    private static final Duration LIMIT = Duration.ofMillis(500);
    private static final long TOKEN = 42;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<TcpCollective> replicas = new ArrayList<>();

    @AfterEach
    void close() {
        threads.shutdownNow();
        replicas.forEach(TcpCollective::close);
    }

    private int open(int count) {
        for (int replica = 0; replica < count; replica++) {
            replicas.add(new TcpCollective(replica, count, LIMIT, LIMIT));
        }
        return replicas.get(0).listen(InetAddress.getLoopbackAddress());
    }

    private void connected(int count) throws Exception {
        int port = open(count);
        List<Future<?>> joined = new ArrayList<>();
        for (TcpCollective other : replicas.subList(1, count)) {
            joined.add(threads.submit(() -> other.connect("localhost", port, TOKEN)));
        }
        replicas.get(0).accept(TOKEN);
        for (Future<?> one : joined) {
            one.get();
        }
    }

    private static float[] sum(TcpCollective replica, int among, float... values) {
        ByteBuffer buffer =
                ByteBuffer.allocateDirect(values.length * Float.BYTES).order(ByteOrder.nativeOrder());
        buffer.asFloatBuffer().put(values);
        replica.sum(buffer, among);
        float[] sums = new float[values.length];
        buffer.asFloatBuffer().get(sums);
        return sums;
    }

    private <T> List<T> together(List<Callable<T>> work) throws Exception {
        List<T> results = new ArrayList<>();
        for (Future<T> result : threads.invokeAll(work)) {
            results.add(result.get());
        }
        return results;
    }

    @Test
    void addsLittleInTheOrderOfTheReplicas() throws Exception {
        connected(3);
        List<float[]> sums = together(List.of(
                () -> sum(replicas.get(0), 3, 1e8f, 1),
                () -> sum(replicas.get(1), 3, 3, 2),
                () -> sum(replicas.get(2), 3, -1e8f, 3)));
        assertThat(sums)
                .allSatisfy(sum -> assertThat(sum)
                        .as("(1e8 + 3) − 1e8 in single precision")
                        .containsExactly(1e8f + 3 - 1e8f, 6));
        assertThat(replicas.get(0).bytes()).isEqualTo(2 * 2 * 2 * Float.BYTES);
    }

    /** Lengths around the border, and ones that neither segments nor pieces divide. */
    @ParameterizedTest
    @CsvSource({"2, 700001", "3, 16384", "3, 2000003", "4, 16385", "5, 1310721", "7, 700001"})
    void addsMuchAroundTheRing(int count, int length) throws Exception {
        connected(count);
        float[][] values = new float[count][length];
        for (int replica = 0; replica < count; replica++) {
            for (int i = 0; i < length; i++) {
                values[replica][i] = (float) Math.sin(1 + i * (replica + 0.1)) * (1 << replica);
            }
        }
        List<Callable<float[]>> work = new ArrayList<>();
        for (int replica = 0; replica < count; replica++) {
            int number = replica;
            work.add(() -> {
                sum(replicas.get(number), count, values[number]);
                // The connections are there by now.
                return sum(replicas.get(number), count, values[number]);
            });
        }
        List<float[]> sums = together(work);
        float[] expected = new float[length];
        for (int segment = 0; segment < count; segment++) {
            for (int i = (int) ((long) segment * length / count); i < (segment + 1L) * length / count; i++) {
                for (int added = 0; added < count; added++) {
                    expected[i] += values[(segment + added) % count][i];
                }
            }
        }
        assertThat(sums).allSatisfy(sum -> assertThat(sum).isEqualTo(expected));
        // Sent and received, twice, but for a segment of a number less.
        long twice = 2 * 2 * 2 * (count - 1L) * length / count * Float.BYTES;
        assertThat(replicas)
                .allSatisfy(replica -> assertThat(replica.bytes()).isCloseTo(twice, within(8L * count * Float.BYTES)));
    }

    @Test
    void theOneThatHangsInTheRingIsNamed() throws Exception {
        connected(3);
        List<Callable<float[]>> work = new ArrayList<>();
        for (TcpCollective replica : replicas) {
            work.add(() -> sum(replica, 3, new float[1 << 20]));
        }
        together(work);
        List<Future<float[]>> waiting =
                work.subList(0, 2).stream().map(threads::submit).toList();
        assertThatThrownBy(() -> waiting.get(0).get())
                .hasMessageContaining("replica 2 of 3 has not answered within 500 ms (learner.replica-timeout)");
    }

    @Test
    void theOneThatIsLostFromTheRingIsNamedByTheNextOne() throws Exception {
        connected(4);
        List<Callable<float[]>> work = new ArrayList<>();
        for (TcpCollective replica : replicas) {
            work.add(() -> sum(replica, 4, new float[1 << 20]));
        }
        together(work);
        replicas.get(2).close();
        Future<float[]> next = threads.submit(work.get(3));
        assertThatThrownBy(next::get).hasMessageContaining("replica 2 of 4 is lost");
    }

    @Test
    void theOneThatAddsAnotherLengthAroundTheRingIsNamed() throws Exception {
        connected(2);
        Future<float[]> other = threads.submit(() -> sum(replicas.get(1), 2, new float[40_000]));
        assertThatThrownBy(() -> sum(replicas.get(0), 2, new float[50_000]))
                .hasMessage("replica 1 of 2 is out of step: it adds 160000 bytes, where replica 0 of 2 adds 200000");
        assertThatThrownBy(other::get).hasMessageContaining("replica 0 of 2 is out of step");
    }

    @Test
    void addsOverTheFirstOnesAndThenOverAll() throws Exception {
        connected(3);
        List<float[]> sums = together(List.of(
                () -> {
                    float[] first = sum(replicas.get(0), 2, 1);
                    return new float[] {first[0], sum(replicas.get(0), 3, 10)[0]};
                },
                () -> {
                    float[] first = sum(replicas.get(1), 2, 2);
                    return new float[] {first[0], sum(replicas.get(1), 3, 20)[0]};
                },
                () -> sum(replicas.get(2), 3, 30)));
        assertThat(sums.get(0)).containsExactly(3, 60);
        assertThat(sums.get(1)).containsExactly(3, 60);
        assertThat(sums.get(2)).containsExactly(60);
    }

    @Test
    void sendsBytesToAllOthers() throws Exception {
        connected(3);
        byte[] message = new byte[3_000_000];
        message[2_999_999] = 7;
        List<byte[]> received = together(List.of(
                () -> {
                    replicas.get(0).send(message);
                    return message;
                },
                () -> replicas.get(1).receive(),
                () -> replicas.get(2).receive()));
        assertThat(received).allSatisfy(bytes -> assertThat(bytes).isEqualTo(message));
    }

    @Test
    void theOneThatHangsIsNamedWithinTheLimit() throws Exception {
        connected(3);
        Future<float[]> answering = threads.submit(() -> sum(replicas.get(1), 3, 1));
        long start = System.nanoTime();
        assertThatThrownBy(() -> sum(replicas.get(0), 3, 1))
                .isInstanceOf(ReplicaException.class)
                .hasMessageContaining("replica 2 of 3 has not answered within 500 ms (learner.replica-timeout)");
        assertThat(System.nanoTime() - start)
                .isBetween(TimeUnit.MILLISECONDS.toNanos(450), TimeUnit.SECONDS.toNanos(20));
        answering.cancel(true);
    }

    @Test
    void theOneThatIsLostIsNamed() throws Exception {
        connected(2);
        replicas.get(1).close();
        assertThatThrownBy(() -> sum(replicas.get(0), 2, 1))
                .isInstanceOf(ReplicaException.class)
                .hasMessageStartingWith("replica 1 of 2 is lost");
    }

    @Test
    void anInterruptionEndsAWait() throws Exception {
        connected(2);
        CountDownLatch begun = new CountDownLatch(1);
        Future<?> waiting = threads.submit(() -> {
            begun.countDown();
            return sum(replicas.get(0), 2, 1);
        });
        begun.await();
        threads.shutdownNow();
        assertThatThrownBy(() -> waiting.get(5, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasMessageContaining("replica 1 of 2");
    }

    @Test
    void theOneThatDoesNotComeIsNamed() throws Exception {
        int port = open(3);
        Future<?> joined = threads.submit(() -> replicas.get(2).connect("localhost", port, TOKEN));
        assertThatThrownBy(() -> replicas.get(0).accept(TOKEN))
                .hasMessage("replica 1 of 3 has not joined within 500 ms");
        joined.get();
    }

    @Test
    void whoComesFromAnotherAttemptIsTurnedAway() throws Exception {
        int port = open(2);
        Future<?> zombie = threads.submit(() -> {
            try (SocketChannel channel = SocketChannel.open(new InetSocketAddress("localhost", port))) {
                channel.write(ByteBuffer.allocate(16)
                        .putLong(TOKEN + 1)
                        .putInt(1)
                        .putInt(0)
                        .flip());
                return channel.read(ByteBuffer.allocate(1));
            }
        });
        assertThatThrownBy(() -> replicas.get(0).accept(TOKEN)).hasMessageContaining("replica 1 of 2 has not joined");
        assertThat(zombie.get()).isEqualTo(-1);
    }
}
