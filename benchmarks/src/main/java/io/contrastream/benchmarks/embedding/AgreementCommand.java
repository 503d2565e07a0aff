package io.contrastream.benchmarks.embedding;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.contrastream.datasets.ImageSource;
import io.contrastream.datasets.ImageSourceException;
import io.contrastream.datasets.ImageStream;
import io.contrastream.embedding.OnnxEncoder;
import io.contrastream.jobs.learning.ModelOptions;
import io.contrastream.learning.encoder.Encoder;
import io.contrastream.learning.encoder.EncoderEngine;
import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.image.Pixels;
import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.learning.network.Tensor;
import io.contrastream.operators.decode.DecodeOptions;
import io.contrastream.operators.decode.QueryDecoder;
import io.contrastream.operators.decode.Rejection;
import io.contrastream.operators.learn.option.LearnOptions;
import io.contrastream.releases.folder.Release;
import io.contrastream.releases.safetensors.SafetensorsWriter;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.flink.configuration.Configuration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code contrastream bench agreement}. */
@Command(
        name = "agreement",
        description = {
            "Embeds images with a release twice, by the engine from its weights and by ONNX Runtime from its network,"
                    + " and tells the least cosine similarity of the two embeddings of an image, as JSON.",
            "With --output, a safetensors file has the images as they are embedded, and both embeddings, to be held"
                    + " against those of other programs; testing/python/agreement.py does that."
        },
        mixinStandardHelpOptions = true)
public final class AgreementCommand implements Callable<Integer> {

    private static final int CHUNK = 32;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--release",
            required = true,
            paramLabel = "RELEASE",
            description = "Folder of the release, as a path or URI.")
    private String folder;

    @Option(
            names = "--images",
            paramLabel = "SOURCE",
            defaultValue = "synthetic",
            description = "Data set: synthetic, cifar100:DIR, of which these are test images, or folder:DIR (default:"
                    + " ${DEFAULT-VALUE}).")
    private String source;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "1000",
            description = "How many images (default: ${DEFAULT-VALUE}).")
    private int limit;

    @Option(names = "--output", paramLabel = "FILE", description = "A safetensors file with images and embeddings.")
    private Path output;

    @Override
    public Integer call() throws IOException {
        Release release = Release.open(folder);
        EncoderSpec network = release.spec();
        ImageShape shape = network.input();
        LearnOptions learn = ModelOptions.of(new Configuration()).learn();
        EncoderEngine engine = EncoderEngine.find();
        float[] images; // [N, C, H, W]
        try {
            images = images(shape);
        } catch (ImageSourceException e) {
            throw new ParameterException(spec.commandLine(), "--images: " + e.getMessage(), e);
        }
        int n = images.length / shape.size();
        float[] ours = new float[n * network.embeddingSize()]; // [N, D]
        float[] exported = new float[ours.length]; // [N, D]
        try (Encoder encoder = engine.create(network, learn.training(), learn.device(), 0);
                OnnxEncoder onnx =
                        new OnnxEncoder(release.network(), shape, learn.device().threads())) {
            encoder.load(release.weights(network, 0).start(network));
            for (int first = 0; first < n; first += CHUNK) {
                int count = Math.min(CHUNK, n - first);
                float[] chunk = Arrays.copyOfRange(images, first * shape.size(), (first + count) * shape.size());
                put(encoder.embed(chunk, count), ours, first * network.embeddingSize());
                put(onnx.embed(chunk, count), exported, first * network.embeddingSize());
            }
        }
        if (output != null) {
            write(shape, n, images, ours, exported);
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println(new ObjectMapper()
                .createObjectNode()
                .put("release", release.uri())
                .put("engine", engine.name())
                .put("images", n)
                .put("least_cosine", leastCosine(ours, exported, n)));
        out.flush();
        return 0;
    }

    private float[] images(ImageShape shape) {
        DecodeOptions usual = ModelOptions.of(new Configuration()).decode();
        QueryDecoder decoder = new QueryDecoder(new DecodeOptions(
                shape, usual.maxEncodedBytes(), usual.maxPixels(), usual.rejectedPayloadBytes(), usual.reading()));
        try (ImageSource open = ImageSource.openUnlabelled(source, 1)) {
            ImageStream stream = ImageStream.of(open, 0, limit, 1);
            float[] images = new float[stream.size() * shape.size()];
            for (int i = 0; i < stream.size(); i++) {
                byte[] pixels = decoder.decode(stream.image(i).query(Instant.EPOCH, Map.of()))
                        .pixels();
                Pixels.toUnit(pixels, images, i * shape.size());
            }
            return images;
        } catch (Rejection e) {
            throw new ImageSourceException("an image cannot be used: " + e.getMessage(), e);
        }
    }

    private static void put(float[] rows, float[] all, int at) {
        System.arraycopy(rows, 0, all, at, rows.length);
    }

    private void write(ImageShape shape, int n, float[] images, float[] ours, float[] exported) throws IOException {
        int size = ours.length / n;
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(output))) {
            SafetensorsWriter.write(
                    Map.of(),
                    List.of(
                            new Tensor(
                                    "images", new int[] {n, shape.channels(), shape.height(), shape.width()}, images),
                            new Tensor("engine", new int[] {n, size}, ours),
                            new Tensor("onnxruntime", new int[] {n, size}, exported)),
                    out);
        }
    }

    private static double leastCosine(float[] one, float[] other, int n) {
        int size = one.length / n;
        double least = 1;
        for (int i = 0; i < n; i++) {
            double product = 0;
            double ofOne = 0;
            double ofOther = 0;
            for (int k = i * size; k < (i + 1) * size; k++) {
                product += (double) one[k] * other[k];
                ofOne += (double) one[k] * one[k];
                ofOther += (double) other[k] * other[k];
            }
            least = Math.min(least, product / Math.sqrt(ofOne * ofOther));
        }
        return least;
    }
}
