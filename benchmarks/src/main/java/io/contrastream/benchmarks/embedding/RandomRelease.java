package io.contrastream.benchmarks.embedding;

import io.contrastream.learning.encoder.EncoderState;
import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.releases.folder.Manifest;
import io.contrastream.releases.folder.Release;
import io.contrastream.releases.folder.ReleaseDirectory;
import io.contrastream.schemas.ClassPrototype;
import io.contrastream.schemas.EncoderRelease;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeMap;

/** A release of random weights and prototypes: how fast it is does not depend on them. */
final class RandomRelease {

    static final String MODEL = "encoder";
    private static final long VERSION = 1;

    private RandomRelease() {}

    /** Writes it, and tells how it is announced. */
    static EncoderRelease write(Path folder, EncoderSpec spec, int classes) throws IOException {
        ReleaseDirectory directory = new ReleaseDirectory(folder.toUri().toString());
        EncoderState state =
                new EncoderState(spec.fingerprint(), VERSION, spec.network().initialParameters(0), List.of());
        Release release = directory.complete(new Manifest(
                MODEL,
                VERSION,
                OptionalLong.empty(),
                Instant.EPOCH,
                spec.fingerprint(),
                new TreeMap<>(),
                new TreeMap<>(),
                new TreeMap<>(),
                List.of(),
                directory.write(MODEL, state, prototypes(spec.embeddingSize(), classes))));
        return new EncoderRelease(MODEL, VERSION, release.uri(), release.sha256(), Map.of(), Instant.EPOCH);
    }

    private static List<ClassPrototype> prototypes(int size, int classes) {
        Random random = new Random(0);
        List<ClassPrototype> prototypes = new ArrayList<>();
        for (int c = 0; c < classes; c++) {
            double[] values = random.doubles(size, -1, 1).toArray();
            double length = 0;
            for (double value : values) {
                length += value * value;
            }
            List<Float> vector = new ArrayList<>();
            for (double value : values) {
                vector.add((float) (value / Math.sqrt(length)));
            }
            prototypes.add(new ClassPrototype("class-" + c, vector, 20, 0.9f, VERSION, Instant.EPOCH));
        }
        return prototypes;
    }
}
