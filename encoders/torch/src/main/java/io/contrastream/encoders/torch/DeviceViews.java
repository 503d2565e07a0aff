package io.contrastream.encoders.torch;

import io.contrastream.learning.augment.View;
import io.contrastream.learning.encoder.StepInput;
import io.contrastream.learning.image.ImageShape;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Carries out plans of views where the network runs, each operation on all views at once. The order of a view's changes is its own, so
 * what is the same for all is a grid of places: three mixes, a turn of the hue, as many mixes as may follow it and a last one for
 * greyscale. A mix is
 *
 * <pre>
 *   x ← clamp(f x + s luma(x) + c mean(luma(x)))
 * </pre>
 *
 * with (f, s, c) = (f, 0, 0) for brightness, (f, 0, 1 − f) for contrast, (f, 1 − f, 0) for saturation, (0, 1, 0) for greyscale and
 * (1, 0, 0) for a view that has nothing in this place. A place where no view has anything is left out, and so are changes of the stored
 * values, which come as a table for each view and channel, and warps. Plain views at the beginning are taken as they are.
 */
final class DeviceViews implements AutoCloseable {

    private static final float[] LUMA = {0.2989f, 0.587f, 0.114f};
    /** Where a channel's value begins to fall, in sixths of a turn. */
    private static final float[] FALL = {5, 3, 1};

    private static final int BILINEAR = 0;
    private static final int BORDER = 1;
    /** Values of a stored channel. */
    private static final int TONES = 256;

    private static final float TINY = 1e-12f;

    private final ImageShape shape;
    private final Upload images;
    private final Upload sources;
    private final Upload tones;
    private final Upload numbers;
    private final Tensor rows;
    private final Tensor columns;
    private final Tensor luma;
    private final Tensor fall;

    /** @param moved called before the memory that views are made of moves */
    DeviceViews(ImageShape shape, Target target, Runnable moved) {
        this.shape = shape;
        this.images = new Upload(target, ScalarType.Byte, moved);
        this.sources = new Upload(target, ScalarType.Int, moved);
        this.tones = new Upload(target, ScalarType.Byte, moved);
        this.numbers = new Upload(target, ScalarType.Float, moved);
        this.rows = Native.constant(target, positions(shape.height()), 1, shape.height(), 1);
        this.columns = Native.constant(target, positions(shape.width()), 1, 1, shape.width());
        this.luma = Native.constant(target, LUMA, 1, 3, 1, 1);
        this.fall = Native.constant(target, FALL, 1, 3, 1, 1);
    }

    /** Of an axis' pixels, from −1, the first one, to 1, the last. */
    private static float[] positions(int size) {
        float[] positions = new float[size];
        for (int i = 0; i < size; i++) {
            positions[i] = size == 1 ? 0 : (float) (2.0 * i / (size - 1) - 1);
        }
        return positions;
    }

    /**
     * The operations that make the views of a step: their counts, without the random numbers.
     *
     * @param images that they are made of
     * @param views all of them
     * @param plain those at the beginning that are taken as they are
     * @param toned whether the stored values of any of the others are changed
     * @param warped whether any of them is warped
     * @param places in which any of the others has something, as bits
     */
    record Work(int images, int views, int plain, boolean toned, boolean warped, int places) {

        int changed() {
            return views - plain;
        }
    }

    /** Sends what the views of a step are made of. */
    Work send(StepInput input) {
        List<View> views = input.views();
        int plain = 0;
        while (plain < views.size() && views.get(plain).isPlain(shape)) {
            plain++;
        }
        images.send(input.images());
        sources.send(views.stream().mapToInt(View::image).toArray());
        int places = 0;
        boolean toned = false;
        boolean warped = false;
        if (plain < views.size()) {
            List<View> changed = views.subList(plain, views.size());
            toned = changed.stream().anyMatch(view -> !view.tones().isEmpty());
            if (toned) {
                sendTones(changed, input.images());
            }
            ViewTable table = ViewTable.of(changed, shape);
            numbers.send(table.numbers(), 0, table.numbers().length);
            places = table.used();
            warped = table.warped();
        }
        return new Work(input.labels().length, views.size(), plain, toned, warped, places);
    }

    private void sendTones(List<View> views, byte[] pixels) {
        int size = shape.channels() * TONES;
        byte[] tables = new byte[views.size() * size];
        for (int i = 0; i < views.size(); i++) {
            views.get(i).toneTable(pixels, shape, tables, i * size);
        }
        tones.send(tables);
    }

    /** The views of what was sent last, [V, C, H, W] in [0, 1], channels last, of the innermost scope. */
    Tensor make(Work work) {
        Tensor unit = images.received((long) work.images() * shape.size())
                .view(work.images(), shape.channels(), shape.height(), shape.width())
                .toType(ScalarType.Float)
                .div_(new Scalar(255f)); // [N, C, H, W]
        Tensor chosen = unit.index_select(0, sources.received(work.views())); // [V, C, H, W]
        if (work.changed() == 0) {
            return Native.channelsLast(chosen);
        }
        Tensor changed = changed(work.toned() ? toned(work) : chosen.narrow(0, work.plain(), work.changed()), work);
        if (work.plain() == 0) {
            return Native.channelsLast(changed);
        }
        return Native.channelsLast(torch.cat(new TensorVector(chosen.narrow(0, 0, work.plain()), changed), 0));
    }

    private Tensor changed(Tensor chosen, Work work) {
        ViewTable.Layout layout = new ViewTable.Layout(work.changed(), shape);
        Tensor all = numbers.received(layout.size());
        Tensor x = cropped(chosen, all, work.changed());
        if (work.warped()) {
            x = warped(x, all, layout, work.changed());
        }
        for (int place = 0; place < ViewTable.PLACES; place++) {
            if ((work.places() >> place & 1) == 1) {
                x = place == ViewTable.HUE
                        ? turned(x, perView(all, layout.turns(), work.changed()))
                        : mixed(
                                x,
                                perView(all, layout.factors(place), work.changed()),
                                perView(all, layout.ofLuma(place), work.changed()),
                                perView(all, layout.ofMean(place), work.changed()));
            }
        }
        return x;
    }

    /** The images of changed views with other values, [V, C, H, W] in [0, 1]. */
    private Tensor toned(Work work) {
        int plane = shape.height() * shape.width();
        Tensor stored = images.received((long) work.images() * shape.size())
                .view(work.images(), shape.channels(), plane)
                .index_select(0, sources.received(work.views()).narrow(0, work.plain(), work.changed()))
                .toType(ScalarType.Long); // [V, C, HW]
        return tones.received((long) work.changed() * shape.channels() * TONES)
                .view(work.changed(), shape.channels(), TONES)
                .gather(2, stored)
                .toType(ScalarType.Float)
                .div_(new Scalar(255f))
                .view(work.changed(), shape.channels(), shape.height(), shape.width());
    }

    /** Every pixel taken from elsewhere, by one affine change a view. */
    private Tensor warped(Tensor x, Tensor all, ViewTable.Layout layout, int count) {
        Tensor grid = torch.stack(
                new TensorVector(taken(all, layout, count, 0), taken(all, layout, count, 3)), 3); // [V, H, W, 2]
        return torch.grid_sampler_2d(x, grid, BILINEAR, BORDER, true);
    }

    /** Where pixels are taken from on one axis, [V, H, W]: by the warps' numbers from the given one on. */
    private Tensor taken(Tensor all, ViewTable.Layout layout, int count, int number) {
        Tensor ofColumn =
                all.narrow(0, layout.warps(number), count).view(count, 1, 1).mul(columns);
        Tensor ofRow =
                all.narrow(0, layout.warps(number + 1), count).view(count, 1, 1).mul(rows);
        return ofColumn.add(ofRow)
                .add_(all.narrow(0, layout.warps(number + 2), count).view(count, 1, 1));
    }

    private static Tensor perView(Tensor all, int from, int count) {
        return all.narrow(0, from, count).view(count, 1, 1, 1);
    }

    /** Crops scaled up and mirrored, by the rows and columns of the image that every pixel is taken from. */
    private Tensor cropped(Tensor chosen, Tensor all, int count) {
        int height = shape.height();
        int width = shape.width();
        Tensor rows = all.narrow(0, 0, (long) count * height).view(count, height, 1);
        Tensor columns =
                all.narrow(0, (long) count * height, (long) count * width).view(count, 1, width);
        Tensor grid = torch.stack(
                new TensorVector(columns.expand(count, height, width), rows.expand(count, height, width)),
                3); // [V, H, W, 2]
        return torch.grid_sampler_2d(chosen, grid, BILINEAR, BORDER, true);
    }

    private Tensor luma(Tensor x) {
        return shape.channels() == 1
                ? x.clone()
                : x.mul(luma).sum(new long[] {1}, true, Native.noType()); // [V, 1, H, W]
    }

    private Tensor mixed(Tensor x, Tensor factor, Tensor ofLuma, Tensor ofMean) {
        Tensor grey = luma(x);
        Tensor mean = grey.mean(new long[] {2, 3}, true, Native.noType()).mul_(ofMean); // [V, 1, 1, 1]
        Tensor rest = grey.mul_(ofLuma).add_(mean);
        return x.mul_(factor).add_(rest).clamp_(new ScalarOptional(new Scalar(0f)), new ScalarOptional(new Scalar(1f)));
    }

    /**
     * The hue turned, by way of HSV: with the greatest channel's value v, the range r to the least, and the hue h in sixths of a turn,
     * channel c is v − r clamp(min(k, 4 − k), 0, 1), where k = (fall of c + h) mod 6.
     */
    private Tensor turned(Tensor x, Tensor turns) {
        T_TensorTensor_T greatest = x.max(1, true);
        Tensor value = greatest.get0(); // [V, 1, H, W]
        Tensor channel = greatest.get1();
        Tensor range = value.sub(x.amin(new long[] {1}, true));
        Tensor differences = x.roll(new long[] {-1}, 1).sub_(x.roll(new long[] {-2}, 1)); // of the next two channels
        Tensor hue = differences
                .gather(1, channel)
                .div_(range.clamp_min(new Scalar(TINY))) // greys have no hue, and no range to see it
                .add_(channel.toType(ScalarType.Float), new Scalar(2f))
                .add_(turns, new Scalar(6f));
        Tensor k = fall.add(hue).remainder_(new Scalar(6f)); // [V, 3, H, W]
        Tensor share = k.minimum(k.neg().add_(new Scalar(4f)))
                .clamp_(new ScalarOptional(new Scalar(0f)), new ScalarOptional(new Scalar(1f)));
        return value.sub(share.mul_(range));
    }

    /** The ways to the device. */
    Stream<Upload> uploads() {
        return Stream.of(images, sources, tones, numbers);
    }

    @Override
    public void close() {
        images.close();
        sources.close();
        tones.close();
        numbers.close();
        rows.close();
        columns.close();
        luma.close();
        fall.close();
    }
}
