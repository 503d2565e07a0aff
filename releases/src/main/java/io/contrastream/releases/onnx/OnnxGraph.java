package io.contrastream.releases.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto.Dimension;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.learning.network.Network;
import io.contrastream.learning.network.Node;
import io.contrastream.learning.network.Node.Add;
import io.contrastream.learning.network.Node.BatchNorm;
import io.contrastream.learning.network.Node.Convolution;
import io.contrastream.learning.network.Node.GlobalAveragePool;
import io.contrastream.learning.network.Node.Input;
import io.contrastream.learning.network.Node.L2Normalize;
import io.contrastream.learning.network.Node.Linear;
import io.contrastream.learning.network.Node.MaxPool;
import io.contrastream.learning.network.Node.Normalize;
import io.contrastream.learning.network.Node.Relu;
import io.contrastream.learning.network.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;

/** Writes the nodes that an embedding depends on as operators of ONNX, one after another. */
final class OnnxGraph implements Node.Visitor<Void> {

    /** The images and behind them their mirror images, [2N, C, H, W]. */
    private static final String BOTH = "mirror.both";

    private final GraphProto.Builder graph = GraphProto.newBuilder().setName("encoder");
    private final Map<String, Tensor> parameters = new HashMap<>();
    private final Map<String, Node> nodes = new HashMap<>();
    private final Network network;
    private final ImageShape images;
    private final boolean mirrored;

    private OnnxGraph(EncoderSpec spec, List<Tensor> parameters) {
        network = spec.network();
        images = spec.input();
        mirrored = spec.mirrorEmbedding();
        network.nodes().forEach(node -> nodes.put(node.name(), node));
        parameters.forEach(parameter -> this.parameters.put(parameter.name(), parameter));
    }

    /**
     * The graph from images to embeddings.
     *
     * @throws IllegalArgumentException if a parameter of the network is missing, or a convolution stands elsewhere than before a batch
     *     normalisation
     */
    static GraphProto of(EncoderSpec spec, List<Tensor> parameters) {
        OnnxGraph export = new OnnxGraph(spec, parameters);
        Set<String> needed = export.needed();
        for (Node node : export.network.nodes()) {
            if (needed.contains(node.name())) {
                node.accept(export);
            }
        }
        if (export.mirrored) {
            export.addMeansOfBoth(spec.embeddingSize());
        }
        export.graph.addOutput(value(OnnxExport.EMBEDDINGS, fixed(spec.embeddingSize())));
        return export.graph.build();
    }

    /** Names of the nodes that the embedding depends on. */
    private Set<String> needed() {
        Set<String> needed = new HashSet<>(Set.of(network.embedding()));
        List<Node> all = network.nodes();
        for (int i = all.size() - 1; i >= 0; i--) {
            if (needed.contains(all.get(i).name())) {
                needed.addAll(all.get(i).inputs());
            }
        }
        return needed;
    }

    @Override
    public Void input(Input node) {
        graph.addInput(
                value(OnnxExport.IMAGES, fixed(images.channels()), fixed(images.height()), fixed(images.width())));
        if (mirrored) {
            String columns = initializer(
                    "mirror.columns", LongStream.rangeClosed(1, images.width()).map(i -> images.width() - i));
            operator("Gather", "mirror.images", OnnxExport.IMAGES, columns).addAttribute(integer("axis", 3));
            operator("Concat", BOTH, OnnxExport.IMAGES, "mirror.images").addAttribute(integer("axis", 0));
        }
        return null;
    }

    /** From unit rows of the images and then of their mirror images to the embeddings. */
    private void addMeansOfBoth(int size) {
        String pairs = initializer("mirror.shape", LongStream.of(2, -1, size));
        operator("Reshape", "mirror.pairs", network.embedding(), pairs); // [2, N, D]
        operator("ReduceMean", "mirror.means", "mirror.pairs")
                .addAttribute(integers("axes", 0, 1))
                .addAttribute(integer("keepdims", 0));
        addUnitRows(OnnxExport.EMBEDDINGS, "mirror.means", "mirror");
    }

    /** Two operators, so that the zeros with which the first convolution pads are still those of normalised pixels. */
    @Override
    public Void normalize(Normalize node) {
        String centred = node.name() + ".centred";
        operator("Sub", centred, valueOf(node.input()), perChannel(node.name() + ".mean", node.mean()));
        operator("Div", valueOf(node.name()), centred, perChannel(node.name() + ".std", node.standardDeviation()));
        return null;
    }

    /** Written together with the batch normalisation behind it. */
    @Override
    public Void convolution(Convolution node) {
        List<Node> takers = network.nodes().stream()
                .filter(other -> other.inputs().contains(node.name()))
                .toList();
        if (takers.size() != 1 || !(takers.get(0) instanceof BatchNorm)) {
            throw new IllegalArgumentException("convolution " + node.name() + " goes into " + takers
                    + ", but its export needs one batch normalisation behind it");
        }
        return null;
    }

    /** γ (w ∗ x − μ) / √(σ² + ε) + β = (s w) ∗ x + (β − s μ) with s = γ / √(σ² + ε), for every channel its own. */
    @Override
    public Void batchNorm(BatchNorm node) {
        if (!(nodes.get(node.input()) instanceof Convolution convolution)) {
            throw new IllegalArgumentException("batch normalisation " + node.name() + " comes after "
                    + nodes.get(node.input()) + ", but its export needs a convolution before it");
        }
        float[] gamma = parameter(node.name() + ".weight").values();
        float[] beta = parameter(node.name() + ".bias").values();
        float[] mean = parameter(node.name() + ".running_mean").values();
        float[] variance = parameter(node.name() + ".running_var").values();
        Tensor kernel = parameter(convolution.name() + ".weight");
        float[] weight = kernel.values().clone(); // [out, in, k, k]
        float[] bias = new float[node.channels()];
        int size = weight.length / bias.length;
        for (int channel = 0; channel < bias.length; channel++) {
            double scale = gamma[channel] / Math.sqrt(variance[channel] + BatchNorm.EPSILON);
            bias[channel] = (float) (beta[channel] - scale * mean[channel]);
            for (int i = channel * size; i < (channel + 1) * size; i++) {
                weight[i] = (float) (scale * weight[i]);
            }
        }
        operator(
                        "Conv",
                        valueOf(node.name()),
                        valueOf(convolution.input()),
                        initializer(convolution.name() + ".weight", kernel.shape(), weight),
                        initializer(convolution.name() + ".bias", new int[] {bias.length}, bias))
                .addAttribute(integers("kernel_shape", convolution.kernel(), 2))
                .addAttribute(integers("strides", convolution.stride(), 2))
                .addAttribute(integers("pads", convolution.padding(), 4));
        return null;
    }

    @Override
    public Void relu(Relu node) {
        operator("Relu", valueOf(node.name()), valueOf(node.input()));
        return null;
    }

    @Override
    public Void add(Add node) {
        operator("Add", valueOf(node.name()), valueOf(node.left()), valueOf(node.right()));
        return null;
    }

    @Override
    public Void maxPool(MaxPool node) {
        operator("MaxPool", valueOf(node.name()), valueOf(node.input()))
                .addAttribute(integers("kernel_shape", node.kernel(), 2))
                .addAttribute(integers("strides", node.stride(), 2))
                .addAttribute(integers("pads", node.padding(), 4));
        return null;
    }

    @Override
    public Void globalAveragePool(GlobalAveragePool node) {
        String means = node.name() + ".means"; // [N, C, 1, 1]
        operator("GlobalAveragePool", means, valueOf(node.input()));
        operator("Flatten", valueOf(node.name()), means).addAttribute(integer("axis", 1));
        return null;
    }

    @Override
    public Void linear(Linear node) {
        Tensor weight = parameter(node.name() + ".weight");
        Tensor bias = parameter(node.name() + ".bias");
        operator(
                        "Gemm",
                        valueOf(node.name()),
                        valueOf(node.input()),
                        initializer(weight.name(), weight.shape(), weight.values()),
                        initializer(bias.name(), bias.shape(), bias.values()))
                .addAttribute(integer("transB", 1));
        return null;
    }

    /** Of LpNormalization, what becomes of a row of zeros depends on the runtime. */
    @Override
    public Void l2Normalize(L2Normalize node) {
        addUnitRows(valueOf(node.name()), valueOf(node.input()), node.name());
        return null;
    }

    private void addUnitRows(String output, String input, String name) {
        String length = name + ".length"; // [N, 1]
        String divisor = name + ".divisor"; // [N, 1]
        operator("ReduceL2", length, input).addAttribute(integers("axes", 1, 1)).addAttribute(integer("keepdims", 1));
        operator("Clip", divisor, length, initializer(name + ".least", new int[0], new float[] {
            (float) L2Normalize.EPSILON
        }));
        operator("Div", output, input, divisor);
    }

    /** Name of a node's output: like the node, except for the two that users know. */
    private String valueOf(String node) {
        if (node.equals(network.embedding()) && !mirrored) {
            return OnnxExport.EMBEDDINGS;
        }
        if (nodes.get(node) instanceof Input) {
            return mirrored ? BOTH : OnnxExport.IMAGES;
        }
        return node;
    }

    private Tensor parameter(String name) {
        Tensor parameter = parameters.get(name);
        if (parameter == null) {
            throw new IllegalArgumentException("the state has no array " + name);
        }
        return parameter;
    }

    private NodeProto.Builder operator(String type, String output, String... inputs) {
        return graph.addNodeBuilder()
                .setOpType(type)
                .setName(output)
                .addAllInput(Arrays.asList(inputs))
                .addOutput(output);
    }

    private String perChannel(String name, List<Float> values) {
        float[] array = new float[values.size()];
        for (int i = 0; i < array.length; i++) {
            array[i] = values.get(i);
        }
        return initializer(name, new int[] {1, array.length, 1, 1}, array);
    }

    private String initializer(String name, int[] shape, float[] values) {
        ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(Float.BYTES, values.length))
                .order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        ByteString data = UnsafeByteOperations.unsafeWrap(bytes);
        TensorProto.Builder tensor = graph.addInitializerBuilder()
                .setName(name)
                .setDataType(TensorProto.DataType.FLOAT_VALUE)
                .setRawData(data);
        Arrays.stream(shape).forEach(tensor::addDims);
        return name;
    }

    /** Whole numbers in a row. */
    private String initializer(String name, LongStream values) {
        TensorProto.Builder tensor = graph.addInitializerBuilder()
                .setName(name)
                .setDataType(TensorProto.DataType.INT64_VALUE)
                .addAllInt64Data(values.boxed().toList());
        tensor.addDims(tensor.getInt64DataCount());
        return name;
    }

    private static AttributeProto integer(String name, int value) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.INT)
                .setI(value)
                .build();
    }

    /** The same number, repeated. */
    private static AttributeProto integers(String name, int value, int count) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.INTS)
                .addAllInts(
                        LongStream.generate(() -> value).limit(count).boxed().toList())
                .build();
    }

    /** Floats of any N and these further dimensions. */
    private static ValueInfoProto value(String name, Dimension... dimensions) {
        TensorShapeProto shape = TensorShapeProto.newBuilder()
                .addDim(Dimension.newBuilder().setDimParam("N"))
                .addAllDim(Arrays.asList(dimensions))
                .build();
        return ValueInfoProto.newBuilder()
                .setName(name)
                .setType(TypeProto.newBuilder()
                        .setTensorType(TypeProto.Tensor.newBuilder()
                                .setElemType(TensorProto.DataType.FLOAT_VALUE)
                                .setShape(shape)))
                .build();
    }

    private static Dimension fixed(int size) {
        return Dimension.newBuilder().setDimValue(size).build();
    }
}
