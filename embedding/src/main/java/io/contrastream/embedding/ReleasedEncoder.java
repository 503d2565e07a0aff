package io.contrastream.embedding;

import io.contrastream.learning.image.ImageShape;
import io.contrastream.releases.ReleaseException;
import io.contrastream.releases.folder.Release;
import io.contrastream.schemas.EncoderRelease;
import java.io.IOException;
import java.util.Arrays;

/** A release at work: an encoder and the prototypes that belong to it. To be closed after use. Not thread-safe. */
public final class ReleasedEncoder implements AutoCloseable {

    private final EncoderRelease release;
    private final OnnxEncoder encoder;
    private final Prototypes prototypes;
    private final int size;
    private final double[] known;

    private ReleasedEncoder(
            EncoderRelease release, OnnxEncoder encoder, Prototypes prototypes, int size, double[] known) {
        this.release = release;
        this.known = known;
        this.encoder = encoder;
        this.prototypes = prototypes;
        this.size = size;
    }

    /**
     * Loads a release and embeds an image with it, so that the first that is asked for does not wait.
     *
     * @param announced what names the release
     * @param images shape of the images that are to be embedded
     * @param threads of one operation, at least 1; or 0 for as many as there are cores
     * @throws ReleaseException if it is missing, damaged, of a newer form, of another model than announced, or for other images
     * @throws IOException if it cannot be reached
     */
    public static ReleasedEncoder load(EncoderRelease announced, ImageShape images, int threads) throws IOException {
        Release release = Release.open(announced.getUri(), announced.getSha256());
        requireAnnounced(release, announced);
        ImageShape input = release.spec().input();
        if (!input.equals(images)) {
            throw new ReleaseException(
                    release.uri(), "its encoder takes images of " + input + ", but those to be embedded are " + images);
        }
        byte[] network = release.network();
        OnnxEncoder encoder;
        try {
            encoder = OnnxEncoder.onGpuIfThereIsOne(network, images, threads);
        } catch (IOException e) {
            throw new ReleaseException(release.uri(), e.getMessage(), e);
        }
        try {
            float[] grey = new float[images.size()];
            Arrays.fill(grey, 0.5f);
            int size = encoder.embed(grey, 1).length;
            double[] known = release.manifest().strangeness().stream()
                    .mapToDouble(Double::doubleValue)
                    .toArray();
            return new ReleasedEncoder(announced, encoder, new Prototypes(release.prototypes(), size), size, known);
        } catch (IllegalArgumentException e) {
            encoder.close();
            throw new ReleaseException(release.uri(), e.getMessage(), e);
        } catch (IOException e) {
            encoder.close();
            throw e;
        }
    }

    private static void requireAnnounced(Release release, EncoderRelease announced) throws ReleaseException {
        String model = release.manifest().model();
        long version = release.manifest().version();
        if (!model.equals(announced.getModel()) || version != announced.getEncoderVersion()) {
            throw new ReleaseException(
                    release.uri(),
                    "it is version " + version + " of model '" + model + "', but version "
                            + announced.getEncoderVersion() + " of model '" + announced.getModel()
                            + "' was announced there");
        }
    }

    /** The announcement that named it. */
    public EncoderRelease release() {
        return release;
    }

    /** Optimiser steps that the encoder had taken. */
    public long version() {
        return release.getEncoderVersion();
    }

    /** Components of an embedding, D. */
    public int size() {
        return size;
    }

    /**
     * Embeds images.
     *
     * @param images [n, C, H, W] in [0, 1]
     * @return [n, D], of unit rows
     * @throws IOException if ONNX Runtime fails
     */
    public float[] embed(float[] images, int n) throws IOException {
        return encoder.embed(images, n);
    }

    /**
     * The nearest prototypes.
     *
     * @param embeddings [n, D]
     * @param row of them, from 0
     * @param most how many, at least 1; fewer where the release has fewer
     * @return null if the release has no prototype
     */
    public Nearest nearest(float[] embeddings, int row, int most) {
        return prototypes.nearest(embeddings, row * size, most);
    }

    /**
     * The strangeness above which an image is of none of the classes.
     *
     * @param falseAlarmRate share of the images of known classes that may be above it, in (0, 1)
     * @return infinite if the release was tried on too few images for that
     */
    public double threshold(double falseAlarmRate) {
        return Strangeness.threshold(known, falseAlarmRate);
    }

    /** Idempotent. */
    @Override
    public void close() throws IOException {
        encoder.close();
    }
}
