package io.contrastream.releases.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.contrastream.learning.network.Tensor;
import io.contrastream.releases.Golden;
import io.contrastream.releases.WeightsException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsReaderTest {

    private static final String FILE = "weights.safetensors";

    @ParameterizedTest
    @CsvSource({"half, F16", "bfloat, BF16", "double, F64"})
    void readsOtherTypesAsPyTorchConvertsThem(String name, DataType type) throws IOException {
        SafetensorsReader reader = Golden.reader(name + ".safetensors");
        assertThat(reader.header().tensors())
                .filteredOn(tensor -> tensor.name().equals("stored"))
                .singleElement()
                .extracting(StoredTensor::type)
                .isEqualTo(type);

        Map<String, Tensor> tensors = reader.read(tensor -> true);

        assertThat(tensors.get("stored").values())
                .hasSize(66)
                .isEqualTo(tensors.get("floats").values());
    }

    @Test
    void readsBackWhatTheWriterWrote() throws IOException {
        List<Tensor> tensors = List.of(
                new Tensor("scalar", new int[0], new float[] {-0f}),
                new Tensor("é\"\\", new int[] {2, 3}, new float[] {1, Float.MIN_VALUE, 3, Float.NaN, 5, 1e30f}),
                new Tensor("empty", new int[] {4, 0}, new float[0]),
                new Tensor("large", new int[] {40_000}, new float[40_000]));
        byte[] bytes = write(Map.of("format", "pt", "note", "ü"), tensors);

        SafetensorsReader reader = Golden.reader(FILE, bytes);

        assertThat(reader.header().metadata()).isEqualTo(Map.of("format", "pt", "note", "ü"));
        assertThat(reader.read(tensor -> true).values()).containsExactlyInAnyOrderElementsOf(tensors);
        assertThat(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong() % 8)
                .isZero();
    }

    @Test
    void readsTheWantedTensorsOnly() throws IOException {
        byte[] bytes = write(
                Map.of(),
                List.of(new Tensor("a", new int[] {1}, new float[] {1}), new Tensor("b", new int[] {1}, new float[] {2
                })));

        assertThat(Golden.reader(FILE, bytes).read(tensor -> tensor.name().equals("b")))
                .isEqualTo(Map.of("b", new Tensor("b", new int[] {1}, new float[] {2})));
    }

    @Test
    void doesNotReadWholeNumbersAsWeights() throws IOException {
        SafetensorsReader reader = Golden.reader("torchvision.safetensors");

        assertThatThrownBy(() -> reader.read(tensor -> true))
                .isInstanceOf(WeightsException.class)
                .hasMessage(
                        "torchvision.safetensors: tensor 'bn1.num_batches_tracked' has the dtype I64, but must be of"
                                + " F64, F32, F16, BF16");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[]| its header is not a JSON object",
                "{\"a\": | its header is not JSON from byte 5 on",
                "{} {}| its header is not JSON from byte 3 on",
                "{\"a\": {\"dtype\": \"F32\", \"shape\": [1], \"data_offsets\": [0, 4]},"
                        + " \"a\": {\"dtype\": \"F32\", \"shape\": [1], \"data_offsets\": [0, 4]}}|"
                        + " its header is not JSON: it has the name 'a' twice",
                "{\"__metadata__\": 5}| its __metadata__ is 5, but must be an object of texts",
                "{\"__metadata__\": {\"step\": 5}}| its __metadata__ is {\"step\":5}, but must be an object of texts",
                "{\"a\": 7}| tensor 'a' has the dtype '', but allowed are [F64, F32, F16, BF16, I64,",
                "{\"a\": {\"dtype\": \"F31\", \"shape\": [1], \"data_offsets\": [0, 4]}}|"
                        + " tensor 'a' has the dtype 'F31', but allowed are [F64, F32",
                "{\"a\": {\"dtype\": \"F32\", \"shape\": [-1], \"data_offsets\": [0, 4]}}|"
                        + " tensor 'a' has the shape [-1], but must have a list of whole numbers from 0 to 2147483647",
                "{\"a\": {\"dtype\": \"F32\", \"shape\": [1.5], \"data_offsets\": [0, 4]}}| tensor 'a' has the shape [1.5]",
                "{\"a\": {\"dtype\": \"F32\", \"shape\": 1, \"data_offsets\": [0, 4]}}| tensor 'a' has the shape 1",
                "{\"a\": {\"dtype\": \"F32\", \"shape\": [2147483647, 2147483647, 4], \"data_offsets\": [0, 4]}}|"
                        + " tensor 'a' is too large: a F32[2147483647, 2147483647, 4]",
                "{\"a\": {\"dtype\": \"F32\", \"shape\": [1], \"data_offsets\": [0]}}|"
                        + " tensor 'a' has the data_offsets [0], but must have two whole numbers of at least 0",
                "{\"a\": {\"dtype\": \"F32\", \"shape\": [1], \"data_offsets\": [4, 0]}}|"
                        + " tensor 'a' has the data_offsets [4,0], but F32[1] takes 4 bytes",
                "{\"a\": {\"dtype\": \"F32\", \"shape\": [2], \"data_offsets\": [0, 4]}}|"
                        + " tensor 'a' has the data_offsets [0,4], but F32[2] takes 8 bytes",
                "{\"a\": {\"dtype\": \"F32\", \"shape\": [2], \"data_offsets\": [0, 8]}}|"
                        + " its tensors take 8 bytes, but the file has 4 behind its header: it is incomplete",
                "{\"a\": {\"dtype\": \"U8\", \"shape\": [3], \"data_offsets\": [0, 3]}}|"
                        + " its tensors take 3 bytes, but the file has 4 behind its header",
                "{\"a\": {\"dtype\": \"U8\", \"shape\": [3], \"data_offsets\": [0, 3]},"
                        + " \"b\": {\"dtype\": \"U8\", \"shape\": [2], \"data_offsets\": [2, 4]}}|"
                        + " the data of tensor 'b' begins at byte 2, but must begin at byte 3, where the one before it ends",
                "{\"a\": {\"dtype\": \"U8\", \"shape\": [1], \"data_offsets\": [0, 1]},"
                        + " \"b\": {\"dtype\": \"U8\", \"shape\": [2], \"data_offsets\": [2, 4]}}|"
                        + " the data of tensor 'b' begins at byte 2, but must begin at byte 1",
            })
    void saysWhatIsWrongWithAHeader(String json, String problem) {
        byte[] bytes = file(json, 4);

        assertThatThrownBy(() -> Golden.reader(FILE, bytes))
                .isInstanceOf(WeightsException.class)
                .hasMessageStartingWith(FILE + ": " + problem.trim());
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, Long.MIN_VALUE, 5, 10_000_001, Long.MAX_VALUE})
    void allocatesNoHeaderThatTheFileCannotHave(long length) {
        byte[] bytes = ByteBuffer.allocate(12)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(length)
                .array();

        assertThatThrownBy(() -> Golden.reader(FILE, bytes))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("as the length of its header, but that can be at most 4");
    }

    @Test
    void saysHowToConvertAPyTorchFile() {
        byte[] zip = {'P', 'K', 3, 4, 0, 0, 8, 8, 0, 0};
        byte[] pickle = {(byte) 0x80, 2, (byte) 0x8a, 10, 'l', (byte) 0xfc, (byte) 0x9c, 'F', (byte) 0xf9};

        for (byte[] bytes : List.of(zip, pickle)) {
            assertThatThrownBy(() -> Golden.reader("resnet18.pth", bytes))
                    .isInstanceOf(WeightsException.class)
                    .hasMessageStartingWith("resnet18.pth: it is a PyTorch file")
                    .hasMessageContaining("python -c \"import argparse, sys, torch;");
        }
    }

    @Test
    void noticesAFileThatIsShorterThanItsSizeSaid() throws IOException {
        byte[] whole = Golden.bytes("half.safetensors");
        for (int length = 0; length < whole.length; length++) {
            ByteArrayInputStream in = new ByteArrayInputStream(whole, 0, length);
            assertThatThrownBy(() -> new SafetensorsReader(in, whole.length, FILE).read(tensor -> true))
                    .as("%d bytes", length)
                    .isInstanceOf(WeightsException.class);
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> Golden.reader(FILE, cut))
                    .as("a file of %d bytes", length)
                    .isInstanceOf(WeightsException.class);
        }
    }

    @Test
    void endsInATensorOrAnErrorWhateverTheBytesAre() throws IOException {
        byte[] whole = Golden.bytes("half.safetensors");
        Random random = new Random(5);
        int refused = 0;
        for (int run = 0; run < 5000; run++) {
            byte[] damaged = whole.clone();
            for (int i = random.nextInt(3); i >= 0; i--) {
                damaged[random.nextInt(160)] = (byte) (random.nextBoolean() ? random.nextInt(256) : '9');
            }
            try {
                Golden.reader(FILE, damaged).read(tensor -> tensor.type().isReadable());
            } catch (WeightsException expected) {
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(2500);
    }

    @Test
    void writesNoNameTwice() {
        Tensor tensor = new Tensor("a", new int[0], new float[1]);

        assertThatThrownBy(() -> write(Map.of(), List.of(tensor, tensor)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("two tensors have the name a");
    }

    private static byte[] write(Map<String, String> metadata, List<Tensor> tensors) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        SafetensorsWriter.write(metadata, tensors, out);
        return out.toByteArray();
    }

    private static byte[] file(String header, int dataBytes) {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(8 + json.length + dataBytes)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(json.length)
                .put(json)
                .array();
    }
}
