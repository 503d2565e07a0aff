package io.contrastream.encoders.dl4j.onednn;

import static org.bytedeco.dnnl.global.dnnl.dnnl_cpu_isa_avx512_core;
import static org.bytedeco.dnnl.global.dnnl.dnnl_cpu_isa_avx512_core_bf16;
import static org.bytedeco.dnnl.global.dnnl.dnnl_get_effective_cpu_isa;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.LongPointer;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * oneDNN on the CPU, which ND4J's own operations use too, but without what lies between: feature maps stay in the layout that its
 * kernels are fastest with from one vertex to the next, and batch normalisation and ReLU are one pass.
 *
 * <p>Feature maps are blocked: [N, C/b, H, W, b] with b = 16 where there is AVX-512 and 8 otherwise. Where C is no multiple of b,
 * the last block is filled up with zeros, which every primitive keeps. To ND4J they are arrays of shape [N, ⌈C/b⌉·b, H, W].
 *
 * <p>Feature maps, their gradients and the weights that convolutions multiply are single precision or bf16. Everything else is single
 * precision in any case: sums, statistics, γ and β, the gradients of weights, and what is in front of the first block and behind the
 * last.
 */
final class OneDnn implements AutoCloseable {

    private static final memory.data_type FLOAT = memory.data_type.f32;

    private final engine cpu = new engine(engine.kind.cpu, 0);
    private final stream tasks = new stream(cpu);
    private final boolean wide = has(dnnl_cpu_isa_avx512_core);
    private final boolean half;
    private final memory.data_type maps;

    private final List<Plans<?>> owned = new ArrayList<>();

    /** @param half whether feature maps are bf16 */
    OneDnn(boolean half) {
        this.half = half;
        this.maps = half ? memory.data_type.bf16 : FLOAT;
    }

    /** Whether the processor multiplies bf16: with AVX512-BF16, which a processor with AMX has too. */
    static boolean multipliesHalf() {
        return has(dnnl_cpu_isa_avx512_core_bf16);
    }

    private static boolean has(int instructions) {
        return (dnnl_get_effective_cpu_isa() & instructions) == instructions;
    }

    /** ND4J's type of feature maps. */
    DataType maps() {
        return half ? DataType.BFLOAT16 : DataType.FLOAT;
    }

    /** Whether feature maps are bf16. */
    boolean half() {
        return half;
    }

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
        return describe(maps, blocks(), n, c, h, w);
    }

    /** Feature maps in blocks, in single precision. */
    memory.desc blockedFloats(long n, long c, long h, long w) {
        return describe(FLOAT, blocks(), n, c, h, w);
    }

    private memory.format_tag blocks() {
        return wide ? memory.format_tag.aBcd16b : memory.format_tag.aBcd8b;
    }

    /** Four axes in row-major order, in single precision: images, or weights as ND4J and PyTorch have them. */
    memory.desc plain(long... shape) {
        return describe(FLOAT, memory.format_tag.abcd, shape);
    }

    /** Four axes in row-major order, in the type of feature maps. */
    memory.desc plainMaps(long... shape) {
        return describe(maps, memory.format_tag.abcd, shape);
    }

    /** Four axes in the type of feature maps, in whichever layout a primitive likes best. */
    memory.desc any(long... shape) {
        return describe(maps, memory.format_tag.any, shape);
    }

    /** Four axes in single precision, in whichever layout a primitive likes best. */
    memory.desc anyFloats(long... shape) {
        return describe(FLOAT, memory.format_tag.any, shape);
    }

    /** The four axes of a description in whichever layout a primitive likes best. */
    memory.desc anyLike(memory.desc description) {
        LongPointer dims = description.dims();
        return any(dims.get(0), dims.get(1), dims.get(2), dims.get(3));
    }

    private static memory.desc describe(memory.data_type type, memory.format_tag layout, long... shape) {
        return new memory.desc(shape, type, layout);
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
