package io.contrastream.datasets;

import io.contrastream.learning.failure.Reason;
import io.contrastream.learning.random.RandomStream;
import io.contrastream.schemas.ImageEncoding;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * The training or the test images of CIFAR-100 (Krizhevsky 2009) in their official binary layout: {@code train.bin} and
 * {@code test.bin} with 3,074 bytes an image (coarse label, fine label, planar 32x32 RGB) and {@code fine_label_names.txt} with a
 * name a line. Images are sent as the raw planes that they are.
 */
final class Cifar100Source implements ImageSource {

    private static final int SIDE = 32;
    private static final int PIXELS = 3 * SIDE * SIDE;
    private static final int RECORD = 2 + PIXELS;
    private static final String NAMES = "fine_label_names.txt";

    private final Part part;
    private final FileChannel file;
    private final List<String> labels;
    /** By label, positions of its images in the file, counted in images. */
    private final int[][] positions;

    private Cifar100Source(Part part, FileChannel file, List<String> labels, int[][] positions) {
        this.part = part;
        this.file = file;
        this.labels = labels;
        this.positions = positions;
    }

    static Cifar100Source open(Path folder, Part part, long seed) {
        Path images = require(folder.resolve(part.file), part);
        Path names = require(folder.resolve(NAMES), part);
        try {
            List<String> fineLabels = Files.readAllLines(names, StandardCharsets.UTF_8).stream()
                    .filter(name -> !name.isBlank())
                    .toList();
            long size = Files.size(images);
            if (size == 0 || size % RECORD != 0) {
                throw new ImageSourceException(images + " has " + size + " bytes, expected a multiple of " + RECORD
                        + " (the official file: " + (long) part.officialImages * RECORD
                        + "); is it complete, and the binary version?");
            }
            int[] fineLabelOf = fineLabels(images, (int) (size / RECORD), fineLabels.size());
            int[] present = Arrays.stream(fineLabelOf).distinct().sorted().toArray();
            int[] order =
                    Shuffle.permutation(present.length, RandomStream.of(seed, RandomStream.Purpose.SHUFFLE, -1, 0));
            List<String> labels = new ArrayList<>();
            int[][] positions = new int[present.length][];
            for (int i = 0; i < order.length; i++) {
                int fineLabel = present[order[i]];
                labels.add(fineLabels.get(fineLabel));
                positions[i] = IntStream.range(0, fineLabelOf.length)
                        .filter(position -> fineLabelOf[position] == fineLabel)
                        .toArray();
            }
            return new Cifar100Source(
                    part, FileChannel.open(images, StandardOpenOption.READ), List.copyOf(labels), positions);
        } catch (IOException e) {
            throw new ImageSourceException("cannot read CIFAR-100 in " + folder + ": " + Reason.of(e), e);
        }
    }

    private static Path require(Path file, Part part) {
        if (!Files.isRegularFile(file)) {
            throw new ImageSourceException("there is no " + file
                    + ", expected the official binary layout of CIFAR-100: " + part.file + " and " + NAMES);
        }
        return file;
    }

    private static int[] fineLabels(Path images, int count, int names) throws IOException {
        int[] labels = new int[count];
        try (DataInputStream in =
                new DataInputStream(new BufferedInputStream(Files.newInputStream(images), 256 * RECORD))) {
            byte[] record = new byte[RECORD];
            for (int i = 0; i < count; i++) {
                in.readFully(record);
                labels[i] = record[1] & 0xff;
                if (labels[i] >= names) {
                    throw new ImageSourceException("image " + i + " of " + images + " has the fine label " + labels[i]
                            + ", but " + NAMES + " names only " + names);
                }
            }
        }
        return labels;
    }

    @Override
    public String name() {
        return "cifar100";
    }

    @Override
    public List<String> labels() {
        return labels;
    }

    @Override
    public int size(int labelIndex) {
        return positions[labelIndex].length;
    }

    @Override
    public SourceImage image(int labelIndex, int index) {
        int position = positions[labelIndex][index];
        byte[] pixels = new byte[PIXELS];
        ByteBuffer buffer = ByteBuffer.wrap(pixels);
        long offset = (long) position * RECORD + 2;
        try {
            while (buffer.hasRemaining()) {
                if (file.read(buffer, offset + buffer.position()) < 0) {
                    throw new ImageSourceException("CIFAR-100: " + part.file + " became shorter while it was read");
                }
            }
        } catch (IOException e) {
            throw new ImageSourceException("CIFAR-100: cannot read image " + position + ": " + Reason.of(e), e);
        }
        return new SourceImage(
                "cifar100-" + part.name().toLowerCase(Locale.ROOT) + "-" + position,
                labels.get(labelIndex),
                pixels,
                ImageEncoding.RAW_PLANAR_RGB8,
                SIDE,
                SIDE);
    }

    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException e) {
            throw new ImageSourceException("cannot close " + part.file + ": " + Reason.of(e), e);
        }
    }

    /** Which of the images. */
    enum Part {
        TRAIN("train.bin", 50_000),
        TEST("test.bin", 10_000);

        private final String file;
        private final int officialImages;

        Part(String file, int officialImages) {
            this.file = file;
            this.officialImages = officialImages;
        }
    }
}
