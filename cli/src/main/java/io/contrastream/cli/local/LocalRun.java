package io.contrastream.cli.local;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobID;
import org.apache.flink.client.deployment.executors.LocalExecutor;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.DeploymentOptions;
import org.apache.flink.configuration.WebOptions;
import org.apache.flink.core.execution.CheckpointType;
import org.apache.flink.core.execution.PipelineExecutor;
import org.apache.flink.core.execution.PipelineExecutorFactory;
import org.apache.flink.core.execution.PipelineExecutorServiceLoader;
import org.apache.flink.runtime.executiongraph.AccessExecutionGraph;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * A Flink cluster in this process for one job, which tells how the job is. The cluster starts when the job is submitted; all of
 * its temporary files are in a folder of its own, which is gone when this is closed.
 */
public final class LocalRun implements AutoCloseable {

    private static final int PATIENCE_SECONDS = 30;

    private final TemporaryFolder folder;
    private volatile MiniCluster cluster;

    private LocalRun(TemporaryFolder folder) {
        this.folder = folder;
    }

    /** @param name what the folder of temporary files is named after */
    public static LocalRun create(String name) {
        return new LocalRun(
                TemporaryFolder.create(name + "-" + ProcessHandle.current().pid() + "-"));
    }

    /** An environment that starts the cluster with the given settings when its job is submitted. */
    public StreamExecutionEnvironment environment(Configuration settings) {
        Configuration flink = new Configuration(settings);
        flink.set(CoreOptions.TMP_DIRS, folder.path().toString());
        flink.set(WebOptions.TMP_DIR, folder.path().toString());
        flink.set(DeploymentOptions.TARGET, LocalExecutor.NAME);
        flink.set(DeploymentOptions.ATTACHED, true);
        return new StreamExecutionEnvironment(new OwnCluster(), flink, null);
    }

    /**
     * How the job is now: its state, the newest failure, its checkpoints.
     *
     * @throws ExecutionException if the cluster cannot tell, for example because the job has ended
     */
    public AccessExecutionGraph state(JobID job) throws ExecutionException, InterruptedException {
        MiniCluster running = cluster;
        if (running == null) {
            throw new IllegalStateException("no job was submitted");
        }
        CompletableFuture<? extends AccessExecutionGraph> state;
        try {
            state = running.getExecutionGraph(job);
        } catch (IllegalStateException ended) {
            throw new ExecutionException(ended);
        }
        return state.get();
    }

    /**
     * Takes a checkpoint now, and returns its number when it is complete.
     *
     * @throws ExecutionException if it fails
     */
    public long checkpoint(JobID job, CheckpointType type) throws ExecutionException, InterruptedException {
        MiniCluster running = cluster;
        if (running == null) {
            throw new IllegalStateException("no job was submitted");
        }
        return running.triggerCheckpoint(job, type).get();
    }

    /** Ends the cluster, whatever the job does, and deletes its files. Idempotent. */
    @Override
    public void close() {
        boolean interrupted = Thread.interrupted();
        try {
            if (cluster != null) {
                cluster.closeAsync().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            interrupted = true;
        } catch (ExecutionException | TimeoutException e) {
            // The process ends; what the cluster could not end, ends with it.
        } finally {
            folder.close();
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private MiniCluster start(MiniClusterConfiguration configuration) {
        cluster = new MiniCluster(configuration);
        return cluster;
    }

    /** Flink's executor of local environments, on a cluster that is kept in sight. */
    private final class OwnCluster implements PipelineExecutorServiceLoader, PipelineExecutorFactory {

        @Override
        public PipelineExecutorFactory getExecutorFactory(Configuration configuration) {
            return this;
        }

        @Override
        public Stream<String> getExecutorNames() {
            return Stream.of(getName());
        }

        @Override
        public String getName() {
            return LocalExecutor.NAME;
        }

        @Override
        public boolean isCompatibleWith(Configuration configuration) {
            return true;
        }

        @Override
        public PipelineExecutor getExecutor(Configuration configuration) {
            return LocalExecutor.createWithFactory(configuration, LocalRun.this::start);
        }
    }
}
