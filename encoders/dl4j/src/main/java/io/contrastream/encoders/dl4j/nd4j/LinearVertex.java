package io.contrastream.encoders.dl4j.nd4j;

import io.contrastream.encoders.dl4j.array.Scratch;
import io.contrastream.encoders.dl4j.array.Transfer;
import io.contrastream.encoders.dl4j.update.UpdateRule;
import io.contrastream.encoders.dl4j.vertex.TrainedVertex;
import io.contrastream.encoders.dl4j.vertex.VertexSite;
import io.contrastream.learning.network.Node;
import io.contrastream.learning.network.ParameterSpec;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A dense layer and, where the network has one, the ReLU behind it:
 *
 * <pre>
 *   out = max(0, x Wᵀ + b)
 *   g = dout · [out &gt; 0],  dW = gᵀ x,  db = Σ g,  dx = g W
 * </pre>
 */
final class LinearVertex extends TrainedVertex {

    private final Node.Linear linear;
    private final boolean rectified;
    private final ParameterSpec weight;
    private final ParameterSpec bias;

    private INDArray output;

    LinearVertex(VertexSite site, Node.Linear linear, boolean rectified, UpdateRule rule) {
        super(site, linear.parameters(), rule);
        this.linear = linear;
        this.rectified = rectified;
        this.weight = specs().get(0);
        this.bias = specs().get(1);
    }

    @Override
    public INDArray doForward(boolean training, LayerWorkspaceMgr workspaces) {
        INDArray out = Scratch.forward(workspaces, dataType).result(inputs[0].rows(), linear.out());
        kernels.multiply(inputs[0], false, parameter(weight), true, out);
        out.addiRowVector(parameter(bias));
        if (rectified) {
            kernels.rectify(out);
        }
        output = out;
        return out;
    }

    @Override
    public Pair<Gradient, INDArray[]> doBackward(boolean truncated, LayerWorkspaceMgr workspaces) {
        Scratch scratch = Scratch.backward(workspaces, dataType);
        INDArray g = epsilon;
        if (rectified) {
            g = scratch.temporary(output.shape());
            kernels.step(output, g);
            g.muli(epsilon);
        }
        kernels.multiply(g, true, inputs[0], false, gradient(weight));
        Transfer.put(kernels.rowSums(g, scratch), gradient(bias));
        INDArray dx = scratch.result(inputs[0].shape());
        kernels.multiply(g, false, parameter(weight), false, dx);
        return new Pair<>(gradientsByName(), new INDArray[] {dx});
    }

    @Override
    public void clear() {
        super.clear();
        output = null;
    }
}
