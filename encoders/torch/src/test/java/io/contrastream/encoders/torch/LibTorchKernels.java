package io.contrastream.encoders.torch;

import io.contrastream.learning.network.Node;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.T_TensorTensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** The kernels as LibTorch's operations, those that run where a device has none: so what is computed is the same to the bit. */
final class LibTorchKernels implements Kernels {

    private Tensor ofInput;

    @Override
    public boolean take(int channels) {
        return true;
    }

    @Override
    public void copy(List<Tensor> from, List<Tensor> to) {
        for (int i = 0; i < from.size(); i++) {
            to.get(i).copy_(from.get(i));
        }
    }

    private static T_TensorTensorTensor_T ofBatch(
            Tensor x, TensorOptional weight, TensorOptional bias, TensorOptional mean, TensorOptional variance) {
        return torch.native_batch_norm(x, weight, bias, mean, variance, true, 1, Node.BatchNorm.EPSILON);
    }

    private static Tensor normalized(Tensor x, Tensor weight, Tensor bias) {
        return ofBatch(x, Native.optional(weight), Native.optional(bias), new TensorOptional(), new TensorOptional())
                .get0();
    }

    @Override
    public Tensor statistics(Tensor x, Tensor mean, Tensor variance) {
        T_TensorTensorTensor_T result = ofBatch(
                x, new TensorOptional(), new TensorOptional(), Native.optional(mean), Native.optional(variance));
        return torch.stack(new TensorVector(result.get1(), result.get2()));
    }

    private static void finish(Tensor value, Tensor residual, boolean relu, Tensor y) {
        Tensor sum = residual == null ? value : value.add(residual);
        y.copy_(relu ? sum.relu() : sum);
    }

    @Override
    public void normalize(
            Tensor x, Tensor statistics, Tensor weight, Tensor bias, Tensor residual, boolean relu, Tensor y) {
        finish(normalized(x, weight, bias), residual, relu, y);
    }

    @Override
    public void normalize(
            Tensor x,
            Tensor mean,
            Tensor variance,
            Tensor weight,
            Tensor bias,
            Tensor residual,
            boolean relu,
            Tensor y) {
        Tensor value = torch.native_batch_norm(
                        x,
                        Native.optional(weight),
                        Native.optional(bias),
                        Native.optional(mean),
                        Native.optional(variance),
                        false,
                        1,
                        Node.BatchNorm.EPSILON)
                .get0();
        finish(value, residual, relu, y);
    }

    @Override
    public Tensor reduce(
            Tensor gradient,
            Tensor more,
            Tensor x,
            Tensor y,
            boolean relu,
            Tensor masked,
            Tensor statistics,
            Tensor weight,
            Tensor bias,
            Tensor ofWeight,
            Tensor ofBias) {
        Tensor slope = more == null ? gradient : gradient.add(more);
        if (relu) {
            Tensor output = y == null ? normalized(x, weight, bias).relu() : y;
            slope = torch.threshold_backward(slope, output, new Scalar(0f));
        }
        T_TensorTensorTensor_T gradients = torch.native_batch_norm_backward(
                slope,
                x,
                Native.optional(weight),
                new TensorOptional(),
                new TensorOptional(),
                Native.optional(statistics.select(0, 0).contiguous()),
                Native.optional(statistics.select(0, 1).contiguous()),
                true,
                Node.BatchNorm.EPSILON,
                Native.flags(true, true, true));
        ofInput = new Tensor(gradients.get0());
        ofWeight.copy_(gradients.get1());
        ofBias.copy_(gradients.get2());
        if (masked != null) {
            masked.copy_(slope);
        }
        return statistics;
    }

    @Override
    public void backward(
            Tensor gradient,
            Tensor x,
            boolean relu,
            Tensor statistics,
            Tensor weight,
            Tensor bias,
            Tensor reduced,
            Tensor ofX) {
        ofX.copy_(ofInput);
    }
}
