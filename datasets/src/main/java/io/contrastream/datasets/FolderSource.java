package io.contrastream.datasets;

import io.contrastream.learning.failure.Reason;
import io.contrastream.learning.random.RandomStream;
import io.contrastream.operators.decode.ImageFormat;
import io.contrastream.schemas.ImageEncoding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A folder of image files, in which every folder that holds images is a class, however deep; its label is its path below the root
 * with {@code /} between the names, such as {@code Greek/character01}. What is an image, its first bytes say, whatever its name
 * is. Hidden files and folders are passed over, everything else that is not an image is remarked on. Without labels, all images are one
 * class, whose label is empty.
 */
final class FolderSource implements ImageSource {

    private final List<String> labels;
    private final List<List<Path>> files;
    private final Path root;
    private final List<String> remarks;

    private FolderSource(Path root, List<String> labels, List<List<Path>> files, List<String> remarks) {
        this.root = root;
        this.labels = labels;
        this.files = files;
        this.remarks = remarks;
    }

    static FolderSource open(Path root, long seed) {
        FolderScan scan = FolderScan.of(root);
        List<String> labels = new ArrayList<>(scan.images().keySet());
        Shuffle.shuffle(labels, RandomStream.of(seed, RandomStream.Purpose.SHUFFLE, -1, 0));
        return of(root, scan, labels);
    }

    static FolderSource openUnlabelled(Path root) {
        return of(root, FolderScan.unlabelled(root), List.of(FolderScan.NO_LABEL));
    }

    private static FolderSource of(Path root, FolderScan scan, List<String> labels) {
        return new FolderSource(
                root,
                List.copyOf(labels),
                labels.stream().map(scan.images()::get).map(List::copyOf).toList(),
                List.copyOf(scan.remarks()));
    }

    @Override
    public String name() {
        return "folder";
    }

    @Override
    public List<String> labels() {
        return labels;
    }

    @Override
    public int size(int labelIndex) {
        return files.get(labelIndex).size();
    }

    @Override
    public List<String> remarks() {
        return remarks;
    }

    @Override
    public SourceImage image(int labelIndex, int index) {
        Path file = files.get(labelIndex).get(index);
        byte[] bytes = bytes(file);
        return new SourceImage(id(labelIndex, index), labels.get(labelIndex), bytes, encoding(file, bytes), 0, 0);
    }

    @Override
    public String id(int labelIndex, int index) {
        return FolderScan.name(root, files.get(labelIndex).get(index));
    }

    @Override
    public long sizeBytes(int labelIndex, int index) {
        return sizeBytes(files.get(labelIndex).get(index));
    }

    static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new ImageSourceException("cannot read " + file + ": " + Reason.of(e), e);
        }
    }

    static long sizeBytes(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw new ImageSourceException("cannot read " + file + ": " + Reason.of(e), e);
        }
    }

    static ImageEncoding encoding(Path file, byte[] bytes) {
        return ImageFormat.of(bytes)
                .orElseThrow(() -> new ImageSourceException(file + " was an image before, but is none any more"))
                .encoding();
    }

    @Override
    public void close() {
        // Files are open only while they are read.
    }
}
