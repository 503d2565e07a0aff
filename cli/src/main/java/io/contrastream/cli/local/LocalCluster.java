package io.contrastream.cli.local;

import java.time.Duration;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.HeartbeatManagerOptions;
import org.apache.flink.configuration.JobManagerOptions;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.TaskManagerOptions;

/** The Flink cluster inside a command's own process. */
public final class LocalCluster {

    private static final String LOOPBACK = "127.0.0.1";

    private LocalCluster() {}

    /** Settings with which each of its servers, also that of blobs, listens on the loopback interface alone, on a free port. */
    public static Configuration settings() {
        Configuration flink = new Configuration();
        flink.set(JobManagerOptions.BIND_HOST, LOOPBACK);
        flink.set(TaskManagerOptions.BIND_HOST, LOOPBACK);
        flink.set(RestOptions.BIND_ADDRESS, LOOPBACK);
        flink.set(RestOptions.BIND_PORT, "0");
        // How far a task is comes with its heartbeats.
        flink.set(HeartbeatManagerOptions.HEARTBEAT_INTERVAL, Duration.ofSeconds(1));
        return flink;
    }
}
