package io.contrastream.operators.decode;

import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.learner.Example;
import io.contrastream.learning.random.RandomStream;
import io.contrastream.learning.random.RandomStream.Purpose;
import io.contrastream.schemas.ImageEncoding;
import io.contrastream.schemas.LabelledImage;
import io.contrastream.schemas.SingleObject;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** From the value of a record to an example: waves with a little noise. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class DecodingBenchmark {

    @Param({"32", "224"})
    public int side;

    @Param({"PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"})
    public ImageEncoding encoding;

    private ExampleDecoder decoder;
    private byte[] value;

    @Setup
    public void setUp() throws IOException {
        decoder = new ExampleDecoder(new DecodeOptions(new ImageShape(3, side, side), 10 << 20, 25_000_000, 4096));
        value = SingleObject.encode(LabelledImage.newBuilder()
                .setId("id")
                .setLabel("label")
                .setImage(ByteBuffer.wrap(image()))
                .setEncoding(encoding)
                .setWidth(null)
                .setHeight(null)
                .setEventTime(Instant.EPOCH)
                .setAttributes(Map.of())
                .build());
    }

    private byte[] image() throws IOException {
        if (encoding == ImageEncoding.WEBP) {
            try (InputStream file = DecodingBenchmark.class.getResourceAsStream("waves-" + side + ".webp")) {
                return file.readAllBytes();
            }
        }
        RandomStream random = RandomStream.of(0, Purpose.GENERATE, 0, 0);
        BufferedImage image = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < side; y++) {
            for (int x = 0; x < side; x++) {
                int level = (int) (127 + 100 * Math.sin(x / 9.0 + y / 13.0)) + random.nextInt(12);
                image.setRGB(x, y, (level << 16) | ((255 - level) << 8) | (level / 2));
            }
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageIO.write(image, encoding.name(), bytes);
        return bytes.toByteArray();
    }

    @Benchmark
    public Example decode() throws Rejection {
        return decoder.decode(value);
    }
}
