package io.contrastream.encoders.dl4j;

import io.contrastream.encoders.dl4j.vertex.RunningStatistics;
import io.contrastream.encoders.dl4j.vertex.TrainedVertex;
import io.contrastream.learning.encoder.SkippedStep;
import io.contrastream.learning.encoder.ViewFacts;
import io.contrastream.learning.network.ParameterSpec;
import io.contrastream.learning.objective.Objective;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.FwdPassType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.reduce.longer.MatchCondition;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.conditions.Condition;
import org.nd4j.linalg.indexing.conditions.Conditions;

/**
 * A running DL4J graph. A step is what {@code fit} does, taken apart so that an unusable gradient can be dropped before anything
 * has changed: forward and backward, a look at loss and gradient, and only then the optimiser.
 */
final class EncoderGraph extends ComputationGraph {

    private final transient GraphPlan plan;
    private final transient Map<String, Long> offsets = new LinkedHashMap<>();
    private final transient Averages averages;

    /** @param averaged whether it keeps averages, and embeds with them */
    EncoderGraph(GraphPlan plan, boolean averaged) {
        super(plan.configuration());
        this.plan = plan;
        init();
        initGradientsView();
        getUpdater(true);
        long offset = 0;
        for (int index : topologicalSortOrder()) {
            if (getVertices()[index] instanceof TrainedVertex vertex) {
                for (ParameterSpec spec : vertex.specs()) {
                    offsets.put(spec.name(), offset);
                    offset += spec.size();
                }
            }
        }
        averages = averaged ? new Averages(params(), plan.statistics().values()) : null;
    }

    /** Where a trained parameter begins in the flat arrays of parameters, of gradients, and of every slot of the optimiser. */
    int offset(String parameter) {
        return Math.toIntExact(offsets.get(parameter));
    }

    RunningStatistics statistics(String norm) {
        return plan.statistics().get(norm);
    }

    /** Slots of the optimiser, one behind the other; or null if it has none. */
    INDArray slots() {
        return getUpdater().getStateViewArray();
    }

    /** The averages; or null if there are none. */
    Averages averages() {
        return averages;
    }

    /** Computes the output of the embedding's vertex for images, [N, D]. The caller closes it. */
    INDArray embed(INDArray images) {
        return forward(plan.embedding(), images);
    }

    /** Computes the output of the projection's vertex for images, [N, P]. The caller closes it. */
    INDArray project(INDArray images) {
        return forward(plan.projection(), images);
    }

    /**
     * Makes the averages' statistics the mean of those of these images and of those of some earlier batches, which they are of: forward as
     * in training.
     */
    void observe(INDArray images, int batches) {
        forward(plan.embedding(), images, true).close();
        plan.statistics().values().forEach(statistics -> statistics.addToAverages(batches));
    }

    /** The way back to the averages of all statistics as they are now. */
    Runnable averageStatistics() {
        List<Runnable> all = plan.statistics().values().stream()
                .map(RunningStatistics::averages)
                .toList();
        return () -> all.forEach(Runnable::run);
    }

    /** Whether all statistics are numbers, and those of the batch. */
    boolean finiteStatistics() {
        return plan.statistics().values().stream().allMatch(RunningStatistics::finite);
    }

    private INDArray forward(String name, INDArray images) {
        return forward(name, images, false);
    }

    private INDArray forward(String name, INDArray images, boolean training) {
        GraphVertex vertex = getVertex(name);
        int[] wanted = {vertex.getVertexIndex()};
        INDArray[] inputs = {images};
        return outputOfLayersDetached(training, FwdPassType.STANDARD, wanted, inputs, null, null, true, false, null)[0];
    }

    /**
     * Computes the loss, the flat gradient and the batch's statistics, and returns the loss. Nothing else changes but the gradients of
     * the classifier and of the class vectors.
     *
     * @param answers of a teacher, [N · capacity]; empty where none is needed
     */
    double differentiate(
            INDArray images,
            Objective objective,
            ViewFacts facts,
            ClassifierHead head,
            ProxyHead proxies,
            double[] answers) {
        setInputs(images);
        if (objective.crossEntropy().isPresent()) {
            head.gradients().assign(0);
        }
        if (objective.proxy().isPresent()) {
            proxies.gradients().assign(0);
        }
        plan.losses()
                .forEach((output, loss) -> loss.set(
                        objective.terms().stream()
                                .filter(term -> term.tap().equals(output))
                                .toList(),
                        facts,
                        head,
                        proxies,
                        answers));
        // The losses have their own labels, but no graph is without.
        INDArray[] none = new INDArray[plan.losses().size()];
        try {
            Arrays.setAll(none, i -> Nd4j.createUninitializedDetached(images.dataType(), facts.labels().length, 1));
            setLabels(none);
            computeGradientAndScore();
        } finally {
            Arrays.stream(none).filter(Objects::nonNull).forEach(INDArray::close);
        }
        return loss();
    }

    /** Result of {@link #differentiate}. */
    double loss() {
        return plan.losses().values().stream().mapToDouble(TapLoss::value).sum();
    }

    /** Whether a step can be taken: all that {@link #differentiate} computed, and all that a step starts from, are numbers. */
    boolean finite(ClassifierHead head, boolean classified, ProxyHead proxies, boolean proxied) {
        return Double.isFinite(loss())
                && Stream.of(
                                getFlattenedGradients(),
                                classified ? head.gradients() : null,
                                proxied ? proxies.gradients() : null)
                        .filter(Objects::nonNull)
                        .allMatch(array -> within(array, SkippedStep.LARGEST_GRADIENT))
                && Stream.of(
                                Stream.of(params(), slots(), averages == null ? null : averages.values()),
                                head.all().stream(),
                                proxies.all().stream())
                        .flatMap(arrays -> arrays)
                        .filter(Objects::nonNull)
                        .allMatch(array -> within(array, Float.MAX_VALUE))
                && finiteStatistics();
    }

    /**
     * Whether no value is further from 0 than that, or no number. No term of a sum of magnitudes is above the sum, which is far cheaper
     * than to look at each value, and is nearly always enough.
     */
    private static boolean within(INDArray array, float largest) {
        return Nd4j.getBlasWrapper().asum(array) <= largest
                || (none(array, Conditions.absGreaterThan(largest)) && none(array, Conditions.notFinite()));
    }

    private static boolean none(INDArray array, Condition condition) {
        return Nd4j.getExecutioner().exec(new MatchCondition(array, condition)).getInt(0) == 0;
    }

    /**
     * Takes the optimiser step number {@code iteration}, from 0, with what {@link #differentiate} computed.
     *
     * @param rate what the learning rate is multiplied by
     * @param decay of the averages
     */
    void update(int iteration, double rate, double decay) {
        getUpdater().update(gradient(), iteration, 0, 1, LayerWorkspaceMgr.noWorkspaces());
        INDArray parameters = params();
        INDArray change = getFlattenedGradients().reshape(parameters.shape());
        parameters.subi(rate == 1 ? change : change.muli(rate));
        plan.statistics().values().forEach(RunningStatistics::accept);
        if (averages != null) {
            averages.update(decay);
        }
    }

    @Override
    public void close() {
        if (averages != null) {
            averages.close();
        }
        super.close();
    }
}
