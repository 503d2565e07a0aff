package io.contrastream.encoders.dl4j.array;

import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.nd4j.linalg.api.ops.CustomOp;
import org.nd4j.linalg.api.ops.Op;
import org.nd4j.linalg.profiler.OpProfiler;
import org.nd4j.linalg.profiler.ProfilerConfig;
import org.nd4j.linalg.profiler.data.StringAggregator;

/** Sums up the times of ND4J's operations by their names, as its executioner reports them to its profiler, and those of oneDNN's
 * primitives. */
public final class OperationTimes extends StringAggregator {

    private final Map<String, Duration> times = new TreeMap<>();
    private long count;

    private OperationTimes() {}

    /** Times of all operations of this process while the work is done. */
    public static Map<String, Duration> of(Runnable work) {
        return observed(work).times;
    }

    /** How many operations this process does while the work is done. */
    public static long count(Runnable work) {
        return observed(work).count;
    }

    private static OperationTimes observed(Runnable work) {
        OpProfiler profiler = OpProfiler.getInstance();
        ProfilerConfig config = profiler.getConfig();
        StringAggregator aggregator = profiler.getClassAggergator();
        OperationTimes observed = new OperationTimes();
        profiler.setClassAggergator(observed);
        profiler.setConfig(ProfilerConfig.builder().checkElapsedTime(true).build());
        try {
            work.run();
        } finally {
            profiler.setConfig(config);
            profiler.setClassAggergator(aggregator);
        }
        return observed;
    }

    @Override
    public void putTime(String type, Op operation, long nanos) {
        add(operation.opName(), nanos);
    }

    @Override
    public void putTime(String type, CustomOp operation, long nanos) {
        add(operation.opName(), nanos);
    }

    /** The one that observes this process now, or null. */
    public static OperationTimes observing() {
        return OpProfiler.getInstance().getClassAggergator() instanceof OperationTimes times ? times : null;
    }

    public void add(String name, long nanos) {
        count++;
        times.merge(name, Duration.ofNanos(nanos), Duration::plus);
    }
}
