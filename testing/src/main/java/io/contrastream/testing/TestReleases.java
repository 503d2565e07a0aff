package io.contrastream.testing;

import io.contrastream.embedding.OnnxEncoder;
import io.contrastream.learning.encoder.EncoderState;
import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.image.Pixels;
import io.contrastream.learning.network.Architecture;
import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.learning.network.Normalization;
import io.contrastream.learning.network.Stem;
import io.contrastream.releases.folder.Manifest;
import io.contrastream.releases.folder.Release;
import io.contrastream.releases.folder.ReleaseDirectory;
import io.contrastream.schemas.ClassPrototype;
import io.contrastream.schemas.EncoderRelease;
import io.contrastream.schemas.ImageEncoding;
import io.contrastream.schemas.ImageQuery;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** Small releases of random weights, another for every version, with one prototype: the unit vector along the first axis. */
public final class TestReleases {

    public static final ImageShape IMAGES = new ImageShape(3, 8, 8);

    /** Of images of known classes: the threshold for 5 % of false alarms is 2.945, with one class a similarity of 0.05. */
    private static final List<Double> STRANGENESS =
            IntStream.rangeClosed(1, 99).mapToDouble(i -> 0.031 * i).boxed().toList();

    private final ReleaseDirectory directory;

    /** @param folder their directory */
    public TestReleases(Path folder) {
        directory = new ReleaseDirectory(folder.toUri().toString());
    }

    /** Writes the release of a version and tells how it is announced. */
    public EncoderRelease release(String model, long version) throws IOException {
        return release(model, version, IMAGES, false, 1);
    }

    /** The same with classes besides, {@code other-1}, {@code other-2} and so on, whose prototypes are the unit vectors along the next axes. */
    public EncoderRelease ofClasses(String model, long version, int classes) throws IOException {
        return release(model, version, IMAGES, false, classes);
    }

    /** The same of an encoder whose embeddings are means of those of an image and of its mirror image. */
    public EncoderRelease mirrored(String model, long version) throws IOException {
        return release(model, version, IMAGES, true, 1);
    }

    /** The same of an encoder for other images. */
    public EncoderRelease release(String model, long version, ImageShape images) throws IOException {
        return release(model, version, images, false, 1);
    }

    private EncoderRelease release(String model, long version, ImageShape images, boolean mirrored, int classes)
            throws IOException {
        EncoderSpec spec =
                new EncoderSpec(Architecture.RESNET18_SLIM, Stem.CIFAR, 2, images, 8, Normalization.CIFAR100, mirrored);
        EncoderState state =
                new EncoderState(spec.fingerprint(), version, spec.network().initialParameters(version), List.of());
        List<ClassPrototype> prototypes = new ArrayList<>();
        for (int c = 0; c < classes; c++) {
            List<Float> vector = new ArrayList<>(Collections.nCopies(spec.embeddingSize(), 0f));
            vector.set(c, 1f);
            String label = c == 0 ? "version-" + version : "other-" + c;
            prototypes.add(new ClassPrototype(label, vector, 1, 0.99f, version, Instant.EPOCH));
        }
        Release release = directory.complete(new Manifest(
                model,
                version,
                OptionalLong.empty(),
                Instant.EPOCH,
                spec.fingerprint(),
                new TreeMap<>(),
                new TreeMap<>(),
                new TreeMap<>(),
                STRANGENESS,
                directory.write(model, state, prototypes)));
        return new EncoderRelease(model, version, release.uri(), release.sha256(), Map.of(), Instant.EPOCH);
    }

    /** A raw image of random pixels, a function of its number. */
    public static ImageQuery query(int number) {
        return ImageQuery.newBuilder()
                .setId("query-" + number)
                .setImage(ByteBuffer.wrap(pixels(number)))
                .setEncoding(ImageEncoding.RAW_PLANAR_RGB8)
                .setWidth(IMAGES.width())
                .setHeight(IMAGES.height())
                .setEventTime(Instant.ofEpochSecond(1_700_000_000L + number))
                .setAttributes(Map.of())
                .build();
    }

    /** Those of the query. */
    public static byte[] pixels(int number) {
        byte[] pixels = new byte[IMAGES.size()];
        new Random(number).nextBytes(pixels);
        return pixels;
    }

    /** Embedding of a query by the release of an announcement. */
    public static float[] embedding(EncoderRelease announced, int number) throws IOException {
        return embeddings(announced, number, 1);
    }

    /** Embeddings of so many queries from the number 0 on: [count, D]. */
    public static float[] embeddings(EncoderRelease announced, int count) throws IOException {
        return embeddings(announced, 0, count);
    }

    private static float[] embeddings(EncoderRelease announced, int first, int count) throws IOException {
        try (OnnxEncoder encoder =
                new OnnxEncoder(Release.open(announced.getUri()).network(), IMAGES, 1)) {
            float[] images = new float[count * IMAGES.size()]; // [count, C, H, W]
            for (int i = 0; i < count; i++) {
                Pixels.toUnit(pixels(first + i), images, i * IMAGES.size());
            }
            return encoder.embed(images, count);
        }
    }
}
