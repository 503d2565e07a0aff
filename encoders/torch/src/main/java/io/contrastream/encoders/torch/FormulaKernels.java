package io.contrastream.encoders.torch;

import io.contrastream.learning.network.Node;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** The kernels by their formulas, in double precision, one operation of LibTorch after the other. */
class FormulaKernels implements Kernels {

    private static final long[] ROWS = {0, 2, 3};

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

    private static Tensor real(Tensor x) {
        return x.toType(ScalarType.Double);
    }

    private static Tensor perChannel(Tensor of) {
        return real(of).view(1, of.size(0), 1, 1);
    }

    private static Tensor mean(Tensor x) {
        return x.mean(ROWS, true, Native.noType());
    }

    @Override
    public Tensor statistics(Tensor x, Tensor mean, Tensor variance) {
        Tensor centre = mean(real(x)); // [1, C, 1, 1]
        Tensor spread = mean(real(x).sub(centre).square());
        double rows = (double) x.numel() / x.size(1);
        mean.copy_(centre.view(mean.size(0)));
        variance.copy_(spread.mul(new Scalar(rows / (rows - 1))).view(mean.size(0)));
        Tensor deviation = spread.add(new Scalar(Node.BatchNorm.EPSILON)).rsqrt();
        return torch.stack(new TensorVector(centre.view(mean.size(0)), deviation.view(mean.size(0))))
                .toType(ScalarType.Float);
    }

    private static Tensor normalized(Tensor x, Tensor mean, Tensor deviation, Tensor weight, Tensor bias) {
        return real(x).sub(perChannel(mean))
                .mul(perChannel(deviation))
                .mul(perChannel(weight))
                .add(perChannel(bias));
    }

    @Override
    public void normalize(
            Tensor x, Tensor statistics, Tensor weight, Tensor bias, Tensor residual, boolean relu, Tensor y) {
        Tensor value = normalized(x, statistics.select(0, 0), statistics.select(0, 1), weight, bias);
        if (residual != null) {
            value = value.add(real(residual));
        }
        y.copy_(relu ? value.relu() : value);
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
        Tensor deviation =
                real(variance).add(new Scalar(Node.BatchNorm.EPSILON)).rsqrt();
        normalize(x, torch.stack(new TensorVector(real(mean), deviation)), weight, bias, residual, relu, y);
    }

    private static Tensor masked(Tensor gradient, Tensor y) {
        return real(gradient).mul(real(y).gt(new Scalar(0f)).toType(ScalarType.Double));
    }

    private static Tensor masked(
            Tensor gradient, Tensor x, boolean relu, Tensor statistics, Tensor weight, Tensor bias) {
        return relu
                ? masked(gradient, normalized(x, statistics.select(0, 0), statistics.select(0, 1), weight, bias))
                : real(gradient);
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
        Tensor whole = more == null ? real(gradient) : real(gradient).add(real(more));
        Tensor slope = y == null ? masked(whole, x, relu, statistics, weight, bias) : masked(whole, y);
        if (masked != null) {
            masked.copy_(slope);
        }
        long channels = x.size(1);
        Tensor deviation = real(statistics.select(0, 1));
        Tensor product = slope.mul(real(x).sub(perChannel(statistics.select(0, 0))));
        double rows = (double) x.numel() / channels;
        ofBias.copy_(mean(slope).mul(new Scalar(rows)).view(channels));
        ofWeight.copy_(mean(product).mul(new Scalar(rows)).view(channels).mul(deviation));
        return torch.stack(new TensorVector(
                mean(slope).view(channels), mean(product).view(channels).mul(deviation.square())));
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
        Tensor slope = masked(gradient, x, relu, statistics, weight, bias);
        Tensor away = real(x).sub(perChannel(statistics.select(0, 0)));
        ofX.copy_(slope.sub(perChannel(reduced.select(0, 0)))
                .sub(away.mul(perChannel(reduced.select(0, 1))))
                .mul(perChannel(real(statistics.select(0, 1)).mul(real(weight)))));
    }
}
