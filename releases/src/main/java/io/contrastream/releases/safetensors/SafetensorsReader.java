package io.contrastream.releases.safetensors;

import io.contrastream.learning.network.Tensor;
import io.contrastream.releases.WeightsException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Reads a safetensors file from its beginning to its end:
 *
 * <pre>
 * long    length of the header, little-endian
 * bytes   header: JSON, {name: {dtype, shape, data_offsets}, "__metadata__": {key: text}}
 * bytes   data of all tensors, little-endian, row-major
 * </pre>
 *
 * No more memory is allocated than the file is known to fill. The stream stays the caller's to close.
 */
public final class SafetensorsReader {

    /** Headers of real models have a hundredth of it. The format's own library has ten times this. */
    static final long LARGEST_HEADER = 10_000_000;

    private static final int CHUNK_BYTES = 1 << 16;

    private static final String CONVERT = """
            it is a PyTorch file, whose format can carry code and is not read here. In Python, with packages torch and \
            safetensors, convert it first:
              python -c "import argparse, sys, torch; from safetensors.torch import save_file; \
            torch.serialization.add_safe_globals([argparse.Namespace]); \
            c = torch.load(sys.argv[1], map_location='cpu', weights_only=True); \
            c = c.get('model', c.get('state_dict', c)); \
            save_file({k: v.clone().contiguous() for k, v in c.items()}, sys.argv[2])" \
            FILE.pth FILE.safetensors""";

    private final InputStream in;
    private final String file;
    private final Header header;

    /**
     * Reads the header.
     *
     * @param in at the beginning of the file
     * @param fileBytes size of the file
     * @param file what to call it in messages
     * @throws WeightsException saying what is wrong, if it is not a safetensors file, incomplete, or contradicts itself
     */
    public SafetensorsReader(InputStream in, long fileBytes, String file) throws IOException {
        this.in = in;
        this.file = file;
        if (fileBytes < Long.BYTES) {
            throw new WeightsException(file, "it has " + fileBytes + " bytes, but a safetensors file has at least 8");
        }
        ByteBuffer start = ByteBuffer.wrap(bytes(Long.BYTES)).order(ByteOrder.LITTLE_ENDIAN);
        long headerBytes = start.getLong(0);
        if (isPyTorch(start)) {
            throw new WeightsException(file, CONVERT);
        }
        long most = Math.min(LARGEST_HEADER, fileBytes - Long.BYTES);
        if (headerBytes < 0 || headerBytes > most) {
            throw new WeightsException(
                    file,
                    "it is not a safetensors file, or incomplete: it begins with " + Long.toUnsignedString(headerBytes)
                            + " as the length of its header, but that can be at most " + most);
        }
        header = HeaderParser.parse(file, bytes((int) headerBytes), fileBytes - Long.BYTES - headerBytes);
    }

    /** Metadata of the file. */
    public Header header() {
        return header;
    }

    /**
     * Reads the data of the wanted tensors, as floats; values need not be finite. Can be called once.
     *
     * @return by their names as they are stored
     * @throws WeightsException if a wanted tensor is not of a readable type or has 2^31 elements or more, or the file ends early
     */
    public Map<String, Tensor> read(Predicate<StoredTensor> wanted) throws IOException {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (StoredTensor tensor : header.tensors()) {
            if (wanted.test(tensor)) {
                tensors.put(tensor.name(), read(tensor));
            } else {
                skip(tensor.end() - tensor.begin());
            }
        }
        return tensors;
    }

    private Tensor read(StoredTensor tensor) throws IOException {
        if (!tensor.type().isReadable()) {
            throw new WeightsException(
                    file,
                    "tensor '" + tensor.name() + "' has the dtype " + tensor.type() + ", but must be of "
                            + DataType.READABLE);
        }
        if (tensor.size() > Integer.MAX_VALUE - Long.BYTES) {
            throw new WeightsException(file, "tensor '" + tensor.name() + "' is too large: " + tensor);
        }
        float[] values = new float[(int) tensor.size()];
        int chunk = CHUNK_BYTES / tensor.type().bytes();
        for (int from = 0; from < values.length; from += chunk) {
            int to = Math.min(values.length, from + chunk);
            ByteBuffer data =
                    ByteBuffer.wrap(bytes((to - from) * tensor.type().bytes())).order(ByteOrder.LITTLE_ENDIAN);
            for (int i = from; i < to; i++) {
                values[i] = tensor.type().next(data);
            }
        }
        return new Tensor(tensor.name(), tensor.shape(), values);
    }

    private byte[] bytes(int count) throws IOException {
        byte[] bytes = in.readNBytes(count);
        if (bytes.length < count) {
            throw endsEarly(null);
        }
        return bytes;
    }

    private void skip(long bytes) throws IOException {
        try {
            in.skipNBytes(bytes);
        } catch (EOFException e) {
            throw endsEarly(e);
        }
    }

    private WeightsException endsEarly(EOFException cause) {
        return new WeightsException(file, "it ends before its size says so: it is being written, or damaged", cause);
    }

    /** A zip archive, or a pickle of protocol 2 to 5. */
    private static boolean isPyTorch(ByteBuffer start) {
        int protocol = start.get(1);
        return start.getInt(0) == 0x04034b50 || (start.get(0) == (byte) 0x80 && protocol >= 2 && protocol <= 5);
    }
}
