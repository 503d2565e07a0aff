package io.contrastream.reliability;

import static org.assertj.core.api.Assertions.assertThat;

import io.contrastream.schemas.Embedding;
import io.contrastream.testing.Await;
import io.contrastream.testing.FlinkCluster;
import io.contrastream.testing.KafkaProcess;
import io.contrastream.testing.ZooKeeperProcess;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A cluster whose JobManager keeps what it knows in ZooKeeper: when it is killed and started again, the job goes on by itself. */
@Timeout(600)
final class HighAvailabilityITCase {

    private static final int BATCH = LearningRun.BATCH;

    private final Path logs = Path.of("target/high-availability-logs").toAbsolutePath();

    @TempDir
    private Path folder;

    @Test
    void theJobComesBackWithItsJobManagerWithoutBeingSubmittedAgain() throws Exception {
        LoggedErrors.forget(logs);
        try (ZooKeeperProcess zooKeeper = new ZooKeeperProcess(folder.resolve("zookeeper"), logs);
                FlinkCluster cluster = new FlinkCluster(
                        logs,
                        "torch",
                        "heartbeat.interval=1s",
                        "high-availability.type=zookeeper",
                        "high-availability.zookeeper.quorum=" + zooKeeper.address(),
                        "high-availability.zookeeper.client.session-timeout=5s",
                        "high-availability.storageDir="
                                + folder.resolve("high-availability").toUri())) {
            cluster.startJobManager();
            cluster.startTaskManager("one");
            try (KafkaProcess kafka = new KafkaProcess(folder, logs, Map.of())) {
                cluster.awaitReady();
                requireThatItComesBack(cluster, kafka);
            }
        }
    }

    private void requireThatItComesBack(FlinkCluster cluster, KafkaProcess kafka) throws Exception {
        LearningRun run = LearningRun.create(
                "available", kafka, "images", 1, folder, Map.of("kafka.delivery-guarantee", "exactly-once"));
        try (Feed feed = new Feed(kafka.bootstrapServers(), "images", Feed.synthetic());
                Embeddings embeddings = Embeddings.committed(kafka.bootstrapServers(), run)) {
            feed.send(2 * BATCH);
            String job = cluster.submit(run.checkpoints(), run.arguments());
            embeddings.awaitLearned(2 * BATCH);
            run.awaitCheckpoint(2);

            cluster.killJobManager();
            feed.send(BATCH);
            cluster.startJobManager();
            cluster.awaitReady();
            Await.until(
                    "job " + job + " runs again",
                    () -> cluster.rest().answers()
                            && cluster.rest().get("jobs").toString().contains(job)
                            && cluster.rest().runs(job));
            embeddings.awaitLearned(3 * BATCH);

            List<String> ids = feed.confirmed();
            assertThat(embeddings.learned()).extracting(Embedding::getId).containsExactlyInAnyOrderElementsOf(ids);
            cluster.rest().cancel(job);
        }
    }
}
