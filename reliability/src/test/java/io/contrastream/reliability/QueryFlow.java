package io.contrastream.reliability;

import io.contrastream.schemas.SingleObject;
import io.contrastream.testing.TestReleases;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Queries on their way to a topic: those of {@link TestReleases}, from the number 0 on, each to the partition of its number. */
final class QueryFlow implements AutoCloseable {

    private final String topic;
    private final int partitions;
    private final KafkaProducer<byte[], byte[]> producer;
    private Thread thread = new Thread(() -> {}, "no queries");
    private volatile boolean finishing;
    private int sent;

    QueryFlow(String bootstrapServers, String topic, int partitions) {
        this.topic = topic;
        this.partitions = partitions;
        producer = new KafkaProducer<>(
                Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    /** Goes on sending so many a second, until {@link #finish}. */
    QueryFlow at(int perSecond) {
        thread = new Thread(() -> flow(1000 / perSecond), "queries");
        thread.start();
        return this;
    }

    private void flow(int pauseMillis) {
        while (!finishing) {
            send(1);
            try {
                Thread.sleep(pauseMillis);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    /** Sends so many more. */
    void send(int count) {
        for (int i = 0; i < count; i++) {
            String id = "query-" + sent;
            var unused = producer.send(new ProducerRecord<>(
                    topic,
                    sent % partitions,
                    id.getBytes(StandardCharsets.UTF_8),
                    SingleObject.encode(TestReleases.query(sent))));
            sent++;
        }
    }

    /** Ends it, when the broker has them all; returns how many have been sent. */
    int finish() throws InterruptedException {
        finishing = true;
        thread.join();
        producer.flush();
        return sent;
    }

    @Override
    public void close() {
        thread.interrupt();
        producer.close();
    }
}
