package io.contrastream.releases;

import io.contrastream.learning.network.Tensor;
import io.contrastream.releases.safetensors.SafetensorsReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;

/** Files that {@code src/test/python/golden.py} made. */
public final class Golden {

    private Golden() {}

    public static byte[] bytes(String name) throws IOException {
        try (InputStream in = Golden.class.getResourceAsStream("/golden/" + name)) {
            return in.readAllBytes();
        }
    }

    public static SafetensorsReader reader(String name) throws IOException {
        return reader(name, bytes(name));
    }

    public static SafetensorsReader reader(String name, byte[] bytes) throws IOException {
        return new SafetensorsReader(new ByteArrayInputStream(bytes), bytes.length, name);
    }

    public static Map<String, Tensor> tensors(String name) throws IOException {
        return reader(name).read(tensor -> tensor.type().isReadable());
    }
}
