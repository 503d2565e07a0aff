package io.contrastream.releases.safetensors;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.contrastream.learning.network.Tensor;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Writes safetensors files, as {@link SafetensorsReader} has the format. */
public final class SafetensorsWriter {

    private static final ObjectMapper JSON = new ObjectMapper();

    private SafetensorsWriter() {}

    /**
     * Writes a file of 32-bit floats. Data begins at a multiple of 8 bytes, so that readers can map it into memory.
     *
     * @param metadata free text by key
     * @param tensors of different names, in the order in which they are stored
     * @param out stays the caller's to close
     */
    public static void write(Map<String, String> metadata, List<Tensor> tensors, OutputStream out) throws IOException {
        ObjectNode root = JSON.createObjectNode();
        root.set("__metadata__", JSON.valueToTree(new TreeMap<>(metadata)));
        long end = 0;
        for (Tensor tensor : tensors) {
            long begin = end;
            end += (long) Float.BYTES * tensor.values().length;
            ObjectNode node = JSON.createObjectNode().put("dtype", DataType.F32.name());
            Arrays.stream(tensor.shape()).forEach(node.putArray("shape")::add);
            node.putArray("data_offsets").add(begin).add(end);
            if (root.replace(tensor.name(), node) != null) {
                throw new IllegalArgumentException("two tensors have the name " + tensor.name());
            }
        }
        byte[] json = JSON.writeValueAsBytes(root);
        byte[] header = Arrays.copyOf(json, (json.length + Long.BYTES - 1) / Long.BYTES * Long.BYTES);
        Arrays.fill(header, json.length, header.length, (byte) ' ');
        byte[] length = new byte[Long.BYTES];
        littleEndian(length).putLong(header.length);
        out.write(length);
        out.write(header);
        for (Tensor tensor : tensors) {
            byte[] data = new byte[Math.multiplyExact(Float.BYTES, tensor.values().length)];
            littleEndian(data).asFloatBuffer().put(tensor.values());
            out.write(data);
        }
    }

    private static ByteBuffer littleEndian(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
