package io.contrastream.encoders.torch;

import io.contrastream.learning.network.Node;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.cuda.cudart.CUfunc_st;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The kernels of {@code kernels.cu}. Which threads add what depends on the shape alone, so equal calls end in equal bits, on every
 * GPU of the same generation.
 */
final class CudaKernels implements Kernels {

    private static final Map<Byte, OnDevice> DEVICES = new HashMap<>();

    private static final int THREADS = 512;
    /** Packs of channels next to each other that a block has at most. */
    private static final int COLUMNS = 16;
    /** Blocks that share a sum: two for each of the multiprocessors of a large GPU. The last one adds their sums. */
    private static final int SUM_BLOCKS = 264;

    private static final int MAP_BLOCKS = 2112;
    /** Rows that are worth a thread. */
    private static final int ROWS = 4;
    /** More columns of blocks than any network has. */
    private static final int COUNTERS = 1024;

    /** Arrays that one kernel copies, and blocks for each of them. */
    private static final int MOST_COPIES = 80;

    private static final int COPY_BLOCKS = 32;

    private static final float EPSILON = (float) Node.BatchNorm.EPSILON;

    private final CudaLane lane;
    private final String device;
    private final CudaModule module;
    private final Tensor arrived;
    private final Map<String, CUfunc_st> kernels = new HashMap<>();

    /**
     * Shared by all encoders of a device, whose kernels one stream runs, for as long as the process lives.
     *
     * @param arrived how many blocks of a column have left their sums; all 0 between two kernels
     */
    private record OnDevice(CudaModule module, Tensor arrived) {

        static OnDevice start(Target target) {
            try (PointerScope scope = new PointerScope()) {
                return new OnDevice(
                        new CudaModule("kernels.cu", target.index()),
                        Native.keep(Native.zeros(target.device(), ScalarType.Int, COUNTERS)));
            }
        }
    }

    CudaKernels(Target target) {
        this.lane = CudaLane.of(target.index());
        this.device = target.device();
        lane.enter();
        OnDevice shared;
        synchronized (DEVICES) {
            shared = DEVICES.computeIfAbsent(target.index(), index -> OnDevice.start(target));
        }
        this.module = shared.module();
        this.arrived = shared.arrived();
    }

    @Override
    public boolean take(int channels) {
        return channels % 4 == 0 && channels / 4 / COLUMNS < COUNTERS;
    }

    @Override
    public void copy(List<Tensor> from, List<Tensor> to) {
        for (int start = 0; start < from.size(); start += MOST_COPIES) {
            int end = Math.min(start + MOST_COPIES, from.size());
            copyPart(from.subList(start, end), to.subList(start, end));
        }
    }

    /** Alike arrays by one kernel, others one by one. */
    private void copyPart(List<Tensor> from, List<Tensor> to) {
        try (PointerScope scope = new PointerScope()) {
            LongPointer copies = new LongPointer(2 * MOST_COPIES + MOST_COPIES / 2); // as struct Copies
            IntPointer counts = new IntPointer(copies.getPointer(2 * MOST_COPIES));
            int alike = 0;
            String type = null;
            for (int i = 0; i < from.size(); i++) {
                Tensor one = from.get(i);
                String its = one.scalar_type().intern() == ScalarType.Float ? "float4" : "bfloat4";
                if (!liesAs(one, to.get(i)) || (type != null && !type.equals(its))) {
                    to.get(i).copy_(one);
                    continue;
                }
                type = its;
                copies.put(alike, one.data_ptr().address());
                copies.put(MOST_COPIES + alike, to.get(i).data_ptr().address());
                counts.put(alike, Math.toIntExact(one.numel()));
                alike++;
            }
            if (alike > 0) {
                CudaModule.launch(
                        kernels.computeIfAbsent("copy_" + type, module::kernel),
                        lane,
                        new CudaModule.Grid(COPY_BLOCKS, alike, THREADS, 1),
                        copies);
            }
        }
    }

    private static boolean liesAs(Tensor one, Tensor other) {
        for (int axis = 0; axis < one.dim(); axis++) {
            if (one.stride(axis) != other.stride(axis)) {
                return false;
            }
        }
        return true;
    }

    /** How an array is dealt to threads. */
    private record Deal(int rows, int channels, String type, int pack) {

        static Deal of(Tensor x) {
            int channels = Math.toIntExact(x.size(1));
            boolean single = x.scalar_type().intern() == ScalarType.Float;
            int pack = single || channels % 8 != 0 ? 4 : 8;
            return new Deal(
                    Math.toIntExact(x.numel() / channels), channels, (single ? "float" : "bfloat") + pack, pack);
        }

        CudaModule.Grid grid(int blocks) {
            int packs = channels / pack;
            int columns = Math.min(packs, COLUMNS);
            int blockRows = THREADS / columns;
            int across = (packs + columns - 1) / columns;
            int down = (rows + blockRows * ROWS - 1) / (blockRows * ROWS);
            return new CudaModule.Grid(across, Math.max(1, Math.min(blocks / across, down)), columns, blockRows);
        }
    }

    private CUfunc_st kernel(String name, Deal deal) {
        return kernels.computeIfAbsent(name + "_" + deal.type(), module::kernel);
    }

    /** A place for the sums of a grid's blocks. */
    private Tensor partial(CudaModule.Grid grid, Deal deal) {
        return Native.empty(device, ScalarType.Float, grid.rows(), 2, deal.channels());
    }

    @Override
    public Tensor statistics(Tensor x, Tensor mean, Tensor variance) {
        Deal deal = Deal.of(x);
        CudaModule.Grid grid = deal.grid(SUM_BLOCKS);
        Tensor saved = Native.empty(device, ScalarType.Float, 2, deal.channels());
        CudaModule.launch(
                kernel("statistics", deal),
                lane,
                grid,
                x,
                deal.rows(),
                deal.channels(),
                EPSILON,
                saved,
                mean,
                variance,
                partial(grid, deal),
                arrived);
        return saved;
    }

    @Override
    public void normalize(
            Tensor x, Tensor statistics, Tensor weight, Tensor bias, Tensor residual, boolean relu, Tensor y) {
        normalize(x, statistics.select(0, 0), statistics.select(0, 1), false, weight, bias, residual, relu, y);
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
        normalize(x, mean, variance, true, weight, bias, residual, relu, y);
    }

    private void normalize(
            Tensor x,
            Tensor mean,
            Tensor deviation,
            boolean variances,
            Tensor weight,
            Tensor bias,
            Tensor residual,
            boolean relu,
            Tensor y) {
        Deal deal = Deal.of(x);
        CudaModule.launch(
                kernel("apply", deal),
                lane,
                deal.grid(MAP_BLOCKS),
                x,
                deal.rows(),
                deal.channels(),
                mean,
                deviation,
                flag(variances),
                EPSILON,
                weight,
                bias,
                residual,
                flag(relu),
                y);
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
        Deal deal = Deal.of(x);
        CudaModule.Grid grid = deal.grid(SUM_BLOCKS);
        Tensor means = Native.empty(device, ScalarType.Float, 2, deal.channels());
        CudaModule.launch(
                kernel("reduce", deal),
                lane,
                grid,
                gradient,
                more,
                x,
                y,
                flag(relu),
                masked,
                deal.rows(),
                deal.channels(),
                statistics,
                weight,
                bias,
                ofWeight,
                ofBias,
                means,
                partial(grid, deal),
                arrived);
        return means;
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
        Deal deal = Deal.of(x);
        CudaModule.launch(
                kernel("backward", deal),
                lane,
                deal.grid(MAP_BLOCKS),
                gradient,
                x,
                flag(relu),
                deal.rows(),
                deal.channels(),
                statistics,
                weight,
                bias,
                reduced,
                ofX);
    }

    private static int flag(boolean value) {
        return value ? 1 : 0;
    }
}
