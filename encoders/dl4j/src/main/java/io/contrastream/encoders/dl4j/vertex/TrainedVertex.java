package io.contrastream.encoders.dl4j.vertex;

import io.contrastream.encoders.dl4j.update.UpdateRule;
import io.contrastream.learning.network.ParameterSpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.TrainingConfig;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** A vertex with trained parameters: views into the graph's flat arrays of parameters and gradients. */
public abstract class TrainedVertex extends Vertex {

    private final List<ParameterSpec> specs;
    private final UpdateRule rule;
    private final INDArray parameters;
    private final Map<String, INDArray> parameterViews;
    private INDArray gradients;
    private Map<String, INDArray> gradientViews = Map.of();

    protected TrainedVertex(VertexSite site, List<ParameterSpec> specs, UpdateRule rule) {
        super(site);
        this.specs = specs;
        this.rule = rule;
        this.parameters = site.parameters();
        this.parameterViews = views(parameters);
    }

    /** The trained parameters, in the order in which they lie in the graph's flat arrays. */
    public final List<ParameterSpec> specs() {
        return specs;
    }

    protected final INDArray parameter(ParameterSpec spec) {
        return parameterViews.get(spec.name());
    }

    protected final INDArray gradient(ParameterSpec spec) {
        return gradientViews.get(spec.name());
    }

    /** The gradients as they stand, under the names of their parameters. */
    protected final Gradient gradientsByName() {
        Gradient gradient = new DefaultGradient();
        gradientViews.forEach(gradient::setGradientFor);
        return gradient;
    }

    private Map<String, INDArray> views(INDArray flat) {
        Map<String, INDArray> views = new LinkedHashMap<>();
        long offset = 0;
        for (ParameterSpec spec : specs) {
            long[] shape = new long[spec.shape().length];
            for (int axis = 0; axis < shape.length; axis++) {
                shape[axis] = spec.shape()[axis];
            }
            INDArray part = flat.get(NDArrayIndex.interval(offset, offset + spec.size()));
            views.put(spec.name(), part.reshape('c', shape));
            offset += spec.size();
        }
        return views;
    }

    @Override
    public void setBackpropGradientsViewArray(INDArray view) {
        gradients = view;
        gradientViews = views(view);
    }

    @Override
    public Map<String, INDArray> paramTable(boolean backpropOnly) {
        return parameterViews;
    }

    @Override
    public INDArray params() {
        return parameters;
    }

    @Override
    public INDArray getGradientsViewArray() {
        return gradients;
    }

    @Override
    public TrainingConfig getConfig() {
        return new VertexTraining(vertexName, rule);
    }
}
