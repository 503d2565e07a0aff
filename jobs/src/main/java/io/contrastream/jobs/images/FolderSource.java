package io.contrastream.jobs.images;

import io.contrastream.learning.random.RandomStream;
import io.contrastream.schemas.ImageEncoding;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A folder of PNG and JPEG files, in which every folder that holds images is a class, however deep; its label is its path below
 * the root with {@code /} between the names, such as {@code Greek/character01}. Hidden files and folders are passed over.
 */
final class FolderSource implements ImageSource {

    private static final int LONGEST = 256;

    private final List<String> labels;
    private final List<List<Path>> files;
    private final Path root;

    private FolderSource(Path root, List<String> labels, List<List<Path>> files) {
        this.root = root;
        this.labels = labels;
        this.files = files;
    }

    static FolderSource open(Path root, long seed) {
        Map<String, List<Path>> byLabel;
        try (Stream<Path> paths = Files.walk(root, FileVisitOption.FOLLOW_LINKS)) {
            byLabel = paths.filter(path -> isImage(root, path))
                    .sorted()
                    .collect(Collectors.groupingBy(
                            path -> name(root, path.getParent()), TreeMap::new, Collectors.toList()));
        } catch (IOException | UncheckedIOException e) {
            throw new ImageSourceException("cannot read the images in " + root + ": " + e.getMessage(), e);
        }
        if (byLabel.remove("") != null && byLabel.isEmpty()) {
            throw new ImageSourceException(root + " has images, but no folders: a folder per class is expected");
        }
        if (byLabel.isEmpty()) {
            throw new ImageSourceException("there is no .png, .jpg or .jpeg file in the folders of " + root
                    + ": a folder per class is expected");
        }
        List<String> labels = new ArrayList<>(byLabel.keySet());
        Shuffle.shuffle(labels, RandomStream.of(seed, RandomStream.Purpose.SHUFFLE, -1, 0));
        return new FolderSource(
                root,
                List.copyOf(labels),
                labels.stream().map(byLabel::get).map(List::copyOf).toList());
    }

    private static boolean isImage(Path root, Path path) {
        for (Path part : root.relativize(path)) {
            if (part.toString().startsWith(".")) {
                return false;
            }
        }
        return extension(path).matches("png|jpe?g") && Files.isRegularFile(path);
    }

    private static String extension(Path path) {
        String name = path.getFileName() == null ? "" : path.getFileName().toString();
        return name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    }

    private static String name(Path root, Path path) {
        String name = root.relativize(path).toString().replace('\\', '/');
        return name.length() <= LONGEST ? name : digest(name);
    }

    /** Identities are bounded; two long paths must not become one by being cut. */
    private static String digest(String name) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(name.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
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
    public SourceImage image(int labelIndex, int index) {
        Path file = files.get(labelIndex).get(index);
        try {
            byte[] bytes = Files.readAllBytes(file);
            ImageEncoding encoding = extension(file).equals("png") ? ImageEncoding.PNG : ImageEncoding.JPEG;
            return new SourceImage(name(root, file), labels.get(labelIndex), bytes, encoding, 0, 0);
        } catch (IOException e) {
            throw new ImageSourceException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        // Files are open only while they are read.
    }
}
