package io.contrastream.operators.learn;

import io.contrastream.learning.encoder.EncoderEngine;
import io.contrastream.learning.encoder.ReplicatedEncoder;
import io.contrastream.operators.learn.option.LearnOptions;
import io.contrastream.operators.learn.option.MemoryAdvice;
import io.contrastream.operators.replica.FollowingReplica;
import io.contrastream.operators.replica.Order;
import io.contrastream.operators.replica.ReplicaMetrics;
import io.contrastream.operators.replica.TcpCollective;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Learners beside the first one, which is in {@link LearnFunction}: subtask i is replica i + 1 of the encoder. Its input is the first
 * one's orders, which come to the subtasks in turn; it has no output.
 *
 * <p><b>State.</b> None: the first learner hands its own over when the job starts, so that a savepoint holds the weights once and goes on
 * with any number of learners. The barrier is between the same two steps for all of them, because a step ends for the first
 * one only when all others have taken their part.
 *
 * <p><b>Failure.</b> A learner that is lost or does not answer in time fails the task that waits for it, and with it the job, which restarts from
 * its last checkpoint.
 */
public final class ReplicaFunction extends ProcessFunction<Order, Byte> {

    private final LearnOptions options;
    private final EngineSource engines;

    private transient FollowingReplica replica;
    private transient int number;

    /** @param engines where a task takes its engine from */
    public ReplicaFunction(LearnOptions options, EngineSource engines) {
        this.options = options;
        this.engines = engines;
    }

    @Override
    public void open(OpenContext context) {
        MemoryBudget.require(options.device(), getRuntimeContext());
        number = getRuntimeContext().getTaskInfo().getIndexOfThisSubtask() + 1;
        TcpCollective collective = new TcpCollective(number, options.replicas());
        EncoderEngine engine = engines.find();
        ReplicatedEncoder encoder =
                MemoryAdvice.advised(() -> ReplicaTask.encoder(engine, options, collective, getRuntimeContext()));
        replica = new FollowingReplica(
                encoder,
                collective,
                options.learner()
                        .loss()
                        .objective(options.training(), options.learner().seed()),
                new ReplicaMetrics(getRuntimeContext().getMetricGroup(), number));
    }

    @Override
    public void processElement(Order order, Context context, Collector<Byte> out) {
        if (order.replica() != number) {
            throw new IllegalStateException("replica " + number + " got an order for replica " + order.replica());
        }
        MemoryAdvice.advised(() -> {
            replica.follow(order);
            return null;
        });
    }

    @Override
    public void close() {
        if (replica != null) {
            replica.close();
            replica = null;
        }
    }
}
