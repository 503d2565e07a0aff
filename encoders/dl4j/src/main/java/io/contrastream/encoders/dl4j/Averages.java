package io.contrastream.encoders.dl4j;

import io.contrastream.encoders.dl4j.vertex.RunningStatistics;
import java.util.Collection;
import java.util.function.Supplier;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.transforms.pairwise.arithmetic.Axpy;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Exponential moving averages of a graph's parameters and running statistics: a ← d a + (1 − d) x after every step. DL4J's vertices
 * hold views of the one array of parameters, so that is what the averages are put into while they are looked at.
 */
final class Averages implements AutoCloseable {

    private final INDArray parameters;
    private final Collection<RunningStatistics> statistics;
    private final INDArray values;
    private final INDArray newest;

    /** Equal to what is averaged. */
    Averages(INDArray parameters, Collection<RunningStatistics> statistics) {
        this.parameters = parameters;
        this.statistics = statistics;
        this.values = parameters.dup();
        this.newest = parameters.dup();
        restart();
    }

    /** Makes them equal to what is averaged. */
    void restart() {
        values.assign(parameters);
        statistics.forEach(RunningStatistics::restartAverages);
    }

    /** Those of the parameters, in the parameters' order. */
    INDArray values() {
        return values;
    }

    /** Takes the step that parameters and statistics have taken. */
    void update(double decay) {
        values.muli(decay);
        Nd4j.exec(new Axpy(parameters, values, values, 1 - decay));
        statistics.forEach(running -> running.average(decay));
    }

    /** Does something that finds the averages in place of parameters and statistics. */
    <T> T use(Supplier<T> work) {
        newest.assign(parameters);
        parameters.assign(values);
        statistics.forEach(running -> running.useAverages(true));
        try {
            return work.get();
        } finally {
            parameters.assign(newest);
            statistics.forEach(running -> running.useAverages(false));
        }
    }

    @Override
    public void close() {
        values.close();
        newest.close();
    }
}
