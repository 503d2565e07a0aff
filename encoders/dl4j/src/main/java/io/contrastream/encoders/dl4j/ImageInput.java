package io.contrastream.encoders.dl4j;

import io.contrastream.encoders.dl4j.array.Transfer;
import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.network.Normalization;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** The native array of images: one, kept and grown. Filling it normalises the pixels. */
final class ImageInput implements AutoCloseable {

    private final ImageShape shape;
    private final float[] mean;
    private final float[] deviation;
    private final DataType type;
    private INDArray buffer;

    ImageInput(ImageShape shape, Normalization normalization, DataType type) {
        this.shape = shape;
        this.mean = new float[shape.channels()];
        this.deviation = new float[shape.channels()];
        for (int channel = 0; channel < shape.channels(); channel++) {
            mean[channel] = normalization.mean().get(channel);
            deviation[channel] = normalization.standardDeviation().get(channel);
        }
        this.type = type;
    }

    /**
     * Images {@code from} to {@code from + n} as the graph takes them; valid until the next call.
     *
     * @param images [N, C, H, W] in [0, 1]
     */
    INDArray fill(float[] images, int from, int n) {
        return put(normalized(images, from, n), n);
    }

    /** The same of their mirror images, left for right. */
    INDArray fillMirrored(float[] images, int from, int n) {
        float[] values = normalized(images, from, n);
        for (int row = 0; row < values.length; row += shape.width()) {
            for (int left = row, right = row + shape.width() - 1; left < right; left++, right--) {
                float value = values[left];
                values[left] = values[right];
                values[right] = value;
            }
        }
        return put(values, n);
    }

    private float[] normalized(float[] images, int from, int n) {
        int size = shape.size();
        float[] values = new float[n * size];
        for (int image = 0; image < n; image++) {
            normalize(images, (from + image) * size, values, image * size);
        }
        return values;
    }

    private INDArray put(float[] values, int n) {
        INDArray input = reserve(values.length).reshape('c', n, shape.channels(), shape.height(), shape.width());
        Transfer.put(values, input);
        return input;
    }

    private void normalize(float[] images, int in, float[] values, int out) {
        int pixels = shape.height() * shape.width();
        for (int channel = 0; channel < shape.channels(); channel++) {
            for (int pixel = 0; pixel < pixels; pixel++) {
                values[out + channel * pixels + pixel] =
                        (images[in + channel * pixels + pixel] - mean[channel]) / deviation[channel];
            }
        }
    }

    private INDArray reserve(long length) {
        if (buffer == null || buffer.length() < length) {
            close();
            buffer = Nd4j.createUninitializedDetached(type, length);
        }
        return buffer.get(NDArrayIndex.interval(0, length));
    }

    @Override
    public void close() {
        if (buffer != null) {
            buffer.close();
            buffer = null;
        }
    }
}
