package io.contrastream.datasets;

import io.contrastream.learning.random.RandomStream;
import io.contrastream.operators.decode.ImageFormat;
import io.contrastream.operators.decode.Names;
import io.contrastream.operators.decode.Rejection;
import io.contrastream.schemas.ImageEncoding;
import java.io.IOException;
import java.io.InputStream;
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
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A folder of image files, in which every folder that holds images is a class, however deep; its label is its path below the root
 * with {@code /} between the names, such as {@code Greek/character01}. What is an image, its first bytes say, whatever its name
 * is. Hidden files and folders are passed over, everything else that is not an image is remarked on.
 */
final class FolderSource implements ImageSource {

    private static final int LONGEST = 256;

    private static final int MOST_REMARKS = 10;
    private static final int HEAD_BYTES = 16;

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
        Map<String, List<Path>> byLabel = new TreeMap<>();
        Map<String, Integer> withoutImage = new TreeMap<>();
        List<Path> others = new ArrayList<>();
        try (Stream<Path> paths = Files.walk(root, FileVisitOption.FOLLOW_LINKS)) {
            paths.filter(path -> isShown(root, path)).sorted().forEach(path -> {
                String label = name(root, path.getParent());
                if (isImage(path)) {
                    byLabel.computeIfAbsent(label, first -> new ArrayList<>()).add(path);
                } else {
                    others.add(path);
                    withoutImage.merge(label, 1, Integer::sum);
                }
            });
        } catch (IOException | UncheckedIOException e) {
            throw new ImageSourceException("cannot read the images in " + root + ": " + e.getMessage(), e);
        }
        List<Path> unnamed = new ArrayList<>();
        List<String> remarks = new ArrayList<>();
        for (String label : List.copyOf(byLabel.keySet())) {
            if (label.isEmpty()) {
                continue;
            }
            Optional<String> problem = problem(label);
            if (problem.isPresent()) {
                withoutImage.remove(label);
                remarks.add(left(label, byLabel.remove(label).size(), problem.get()));
            } else {
                byLabel.get(label).removeIf(file -> isGarbled(file.getFileName().toString()) && unnamed.add(file));
            }
        }
        byLabel.values().removeIf(List::isEmpty);
        List<Path> lonely = byLabel.remove("");
        if (lonely != null && byLabel.isEmpty()) {
            throw new ImageSourceException(root + " has images, but no folders: a folder per class is expected");
        }
        if (byLabel.isEmpty() && !remarks.isEmpty()) {
            throw new ImageSourceException("no folder of " + root + " can be a class; " + String.join("; ", remarks));
        }
        if (byLabel.isEmpty()) {
            throw new ImageSourceException("there is no image (" + ImageFormat.all() + ") in the folders of " + root
                    + (others.isEmpty() ? "" : ", but " + others.size() + " other files")
                    + ": a folder per class is expected");
        }
        withoutImage.keySet().removeAll(byLabel.keySet());
        withoutImage.remove("");
        remark(remarks, root, others, "not an image (" + ImageFormat.all() + "), so left out");
        remark(remarks, root, lonely == null ? List.of() : lonely, "in no class's folder, so left out");
        remark(remarks, root, unnamed, "its name is not in UTF-8, so left out");
        withoutImage.forEach((label, count) -> remarks.add(
                "no class '" + label + "': none of its " + count + (count == 1 ? " file" : " files") + " is an image"));
        List<String> labels = new ArrayList<>(byLabel.keySet());
        Shuffle.shuffle(labels, RandomStream.of(seed, RandomStream.Purpose.SHUFFLE, -1, 0));
        return new FolderSource(
                root,
                List.copyOf(labels),
                labels.stream().map(byLabel::get).map(List::copyOf).toList(),
                List.copyOf(remarks));
    }

    private static String left(String label, int images, String problem) {
        return "no class of the folder '" + label + "', so " + images + (images == 1 ? " image is" : " images are")
                + " left out: " + problem;
    }

    /** Why the job would reject every image of a label, or would take it for another. */
    private static Optional<String> problem(String label) {
        if (isGarbled(label)) {
            return Optional.of("its name is not in UTF-8");
        }
        try {
            Names.requireLabel(label);
            return Optional.empty();
        } catch (Rejection rejection) {
            return Optional.of(rejection.getMessage());
        }
    }

    /** Bytes that are no UTF-8 become replacement characters, so that two names would become one. */
    private static boolean isGarbled(String name) {
        return name.indexOf('\uFFFD') >= 0;
    }

    /** The first ones by name, the rest by number. */
    private static void remark(List<String> remarks, Path root, List<Path> files, String what) {
        files.stream().limit(MOST_REMARKS).forEach(file -> remarks.add(root.relativize(file) + ": " + what));
        if (files.size() > MOST_REMARKS) {
            remarks.add("and " + (files.size() - MOST_REMARKS) + " more: " + what);
        }
    }

    private static boolean isShown(Path root, Path path) {
        for (Path part : root.relativize(path)) {
            if (part.toString().startsWith(".")) {
                return false;
            }
        }
        return Files.isRegularFile(path);
    }

    private static boolean isImage(Path file) {
        try (InputStream bytes = Files.newInputStream(file)) {
            return ImageFormat.of(bytes.readNBytes(HEAD_BYTES)).isPresent();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
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
    public List<String> remarks() {
        return remarks;
    }

    @Override
    public SourceImage image(int labelIndex, int index) {
        Path file = files.get(labelIndex).get(index);
        try {
            byte[] bytes = Files.readAllBytes(file);
            ImageEncoding encoding = ImageFormat.of(bytes)
                    .orElseThrow(() -> new ImageSourceException(file + " was an image before, but is none any more"))
                    .encoding();
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
