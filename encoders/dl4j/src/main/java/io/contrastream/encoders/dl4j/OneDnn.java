package io.contrastream.encoders.dl4j;

import static org.bytedeco.dnnl.global.dnnl.dnnl_cpu_isa_avx512_core;
import static org.bytedeco.dnnl.global.dnnl.dnnl_get_effective_cpu_isa;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.LongPointer;

/**
 * oneDNN on the CPU, which ND4J's own operations use too, but without what lies between: feature maps stay in the layout that its
 * kernels are fastest with from one vertex to the next, and batch normalisation and ReLU are one pass.
 *
 * <p>Feature maps are blocked: [N, C/b, H, W, b] with b = 16 where there is AVX-512 and 8 otherwise. Where C is no multiple of b,
 * the last block is filled up with zeros, which every primitive keeps. To ND4J they are arrays of shape [N, ⌈C/b⌉·b, H, W].
 */
final class OneDnn implements AutoCloseable {

    private static final memory.data_type FLOAT = memory.data_type.f32;

    private final engine cpu = new engine(engine.kind.cpu, 0);
    private final stream tasks = new stream(cpu);
    private final boolean wide = (dnnl_get_effective_cpu_isa() & dnnl_cpu_isa_avx512_core) == dnnl_cpu_isa_avx512_core;

    private final List<Plans<?>> owned = new ArrayList<>();

    engine cpu() {
        return cpu;
    }

    stream stream() {
        return tasks;
    }

    /** Channels with the zeros that fill up the last block. */
    long padded(long channels) {
        int block = wide ? 16 : 8;
        return (channels + block - 1) / block * block;
    }

    /** Feature maps in blocks. */
    memory.desc blocked(long n, long c, long h, long w) {
        return describe(wide ? memory.format_tag.aBcd16b : memory.format_tag.aBcd8b, n, c, h, w);
    }

    /** Four axes in row-major order: images, or weights as ND4J and PyTorch have them. */
    memory.desc plain(long... shape) {
        return describe(memory.format_tag.abcd, shape);
    }

    /** Four axes in whichever layout a primitive likes best. */
    memory.desc any(long... shape) {
        return describe(memory.format_tag.any, shape);
    }

    /** The four axes of a description in whichever layout a primitive likes best. */
    memory.desc anyLike(memory.desc description) {
        LongPointer dims = description.dims();
        return any(dims.get(0), dims.get(1), dims.get(2), dims.get(3));
    }

    private static memory.desc describe(memory.format_tag layout, long... shape) {
        return new memory.desc(shape, FLOAT, layout);
    }

    /** Floats that memory of the given description takes. */
    static long values(memory.desc description) {
        return (description.get_size() + Float.BYTES - 1) / Float.BYTES;
    }

    /** Has the plans freed with this. */
    void owns(Plans<?> plans) {
        owned.add(plans);
    }

    @Override
    public void close() {
        owned.forEach(Plans::close);
        owned.clear();
        tasks.close();
        cpu.close();
    }
}
