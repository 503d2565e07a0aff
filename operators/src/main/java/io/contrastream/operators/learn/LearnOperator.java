package io.contrastream.operators.learn;

import io.contrastream.learning.learner.Example;
import io.contrastream.operators.Forget;
import io.contrastream.operators.learn.minibatch.Publisher;
import io.contrastream.operators.learn.state.LearnerKey;
import io.contrastream.schemas.Embedding;
import io.contrastream.schemas.EncoderRelease;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.types.Either;

/**
 * The operator of a {@link LearnFunction}. All state is under the learner's one key, and the weights in it are written at the barrier and
 * read at the start, when Flink has no key of its own accord: this class sets it.
 */
public final class LearnOperator
        extends KeyedProcessOperator<Tuple2<String, Integer>, Either<Example, Forget>, Embedding> {

    private static final long serialVersionUID = 1;

    private final Tuple2<String, Integer> key;
    private transient boolean finished;

    /** @param model name of the function's model */
    public LearnOperator(LearnFunction function, String model) {
        super(function);
        this.key = LearnerKey.of(model);
    }

    @Override
    public void initializeState(StateInitializationContext context) throws Exception {
        requireOneSubtask();
        super.initializeState(context);
        LearnFunction function = (LearnFunction) userFunction;
        // That of a model of another name is found too, to be refused.
        setCurrentKey(function.restoredModel().isEmpty() ? key : LearnerKey.of(function.restoredModel()));
        function.readRestored();
        setCurrentKey(key);
    }

    private void requireOneSubtask() {
        int subtasks = getRuntimeContext().getTaskInfo().getNumberOfParallelSubtasks();
        if (subtasks != 1) {
            throw new IllegalStateException("the learning operator must have parallelism 1, but has " + subtasks);
        }
    }

    @Override
    public void open() throws Exception {
        ((LearnFunction) userFunction)
                .sendOrdersTo(order -> output.collect(LearnFunction.ORDERS, new StreamRecord<>(order)));
        super.open();
    }

    @Override
    public void prepareSnapshotPreBarrier(long checkpointId) throws Exception {
        super.prepareSnapshotPreBarrier(checkpointId);
        if (finished) {
            return;
        }
        setCurrentKey(key);
        ((LearnFunction) userFunction)
                .beforeBarrier(
                        getProcessingTimeService().getCurrentProcessingTime(),
                        new Publisher(
                                embedding -> output.collect(new StreamRecord<>(embedding)),
                                prototype -> output.collect(LearnFunction.PROTOTYPES, new StreamRecord<>(prototype))));
    }

    @Override
    public void notifyCheckpointComplete(long checkpointId) throws Exception {
        super.notifyCheckpointComplete(checkpointId);
        if (finished) {
            // Nothing can be sent any more: it waits in the state, for whoever goes on from there.
            return;
        }
        for (EncoderRelease release : ((LearnFunction) userFunction).released(checkpointId)) {
            output.collect(LearnFunction.RELEASES, new StreamRecord<>(release));
        }
    }

    @Override
    public void finish() throws Exception {
        super.finish();
        finished = true;
    }

    @Override
    public void snapshotState(StateSnapshotContext context) throws Exception {
        setCurrentKey(key);
        super.snapshotState(context);
    }
}
