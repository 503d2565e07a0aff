package io.contrastream.datasets;

import io.contrastream.learning.failure.Reason;
import io.contrastream.operators.decode.ImageFormat;
import io.contrastream.operators.decode.Names;
import io.contrastream.operators.decode.Rejection;
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
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Content of a folder of image files: the images of every class, and remarks on all that is left out. */
final class FolderScan {

    private static final int LONGEST = 256;
    private static final int MOST_REMARKS = 10;
    private static final int HEAD_BYTES = 16;
    /** Label of the images in no class's folder. */
    static final String NO_LABEL = "";

    private static final String NOT_AN_IMAGE = "not an image (" + ImageFormat.all() + "), so left out";

    private final Path root;
    private final Map<String, List<Path>> images = new TreeMap<>();
    private final Map<String, Integer> withoutImage = new TreeMap<>();
    private final List<Path> others = new ArrayList<>();
    private final List<Path> unreadable = new ArrayList<>();
    private final List<Path> unnamed = new ArrayList<>();
    private final List<String> remarks = new ArrayList<>();

    private FolderScan(Path root) {
        this.root = root;
    }

    /**
     * Looks at every file of a folder, in which folders are no classes.
     *
     * @return images under {@link #NO_LABEL} alone
     * @throws ImageSourceException if the folder cannot be read, or has no image
     */
    static FolderScan unlabelled(Path root) {
        FolderScan scan = new FolderScan(root);
        scan.walk();
        List<Path> all = scan.images.values().stream().flatMap(List::stream).collect(Collectors.toList());
        all.removeIf(file -> isGarbled(root.relativize(file).toString()) && scan.unnamed.add(file));
        scan.images.clear();
        scan.withoutImage.clear();
        if (all.isEmpty()) {
            throw new ImageSourceException(
                    "there is no image (" + ImageFormat.all() + ") in " + root + scan.butOthers());
        }
        scan.images.put(NO_LABEL, all);
        scan.remarkOnTheRest(List.of());
        return scan;
    }

    /**
     * Looks at every file of a folder.
     *
     * @throws ImageSourceException if the folder cannot be read, or has no class with an image
     */
    static FolderScan of(Path root) {
        FolderScan scan = new FolderScan(root);
        scan.walk();
        scan.leaveOutWhatHasNoName();
        List<Path> lonely = scan.images.remove(NO_LABEL);
        scan.requireClasses(lonely != null);
        scan.remarkOnTheRest(lonely == null ? List.of() : lonely);
        return scan;
    }

    /** Files of images by their label. */
    Map<String, List<Path>> images() {
        return images;
    }

    /** The files that are left out, and why, for people. */
    List<String> remarks() {
        return remarks;
    }

    private void walk() {
        try (Stream<Path> paths = Files.walk(root, FileVisitOption.FOLLOW_LINKS)) {
            paths.filter(this::isShown).sorted().forEach(this::add);
        } catch (IOException | UncheckedIOException e) {
            throw new ImageSourceException("cannot read the images in " + root + ": " + Reason.of(e), e);
        }
    }

    private void add(Path file) {
        String label = name(root, file.getParent());
        boolean image;
        try (InputStream bytes = Files.newInputStream(file)) {
            image = ImageFormat.of(bytes.readNBytes(HEAD_BYTES)).isPresent();
        } catch (IOException e) {
            unreadable.add(file);
            withoutImage.merge(label, 1, Integer::sum);
            return;
        }
        if (image) {
            images.computeIfAbsent(label, first -> new ArrayList<>()).add(file);
        } else {
            others.add(file);
            withoutImage.merge(label, 1, Integer::sum);
        }
    }

    private void leaveOutWhatHasNoName() {
        for (String label : List.copyOf(images.keySet())) {
            if (label.isEmpty()) {
                continue;
            }
            Optional<String> problem = problem(label);
            if (problem.isPresent()) {
                withoutImage.remove(label);
                remarks.add(left(label, images.remove(label).size(), problem.get()));
            } else {
                images.get(label).removeIf(file -> isGarbled(file.getFileName().toString()) && unnamed.add(file));
            }
        }
        images.values().removeIf(List::isEmpty);
    }

    private void requireClasses(boolean lonely) {
        if (!images.isEmpty()) {
            return;
        }
        if (lonely) {
            throw new ImageSourceException(root + " has images, but no folders: a folder per class is expected");
        }
        if (!remarks.isEmpty()) {
            throw new ImageSourceException("no folder of " + root + " can be a class; " + String.join("; ", remarks));
        }
        throw new ImageSourceException("there is no image (" + ImageFormat.all() + ") in the folders of " + root
                + butOthers() + ": a folder per class is expected");
    }

    private String butOthers() {
        int files = others.size() + unreadable.size() + unnamed.size();
        return files == 0 ? "" : ", but " + files + (files == 1 ? " other file" : " other files");
    }

    private void remarkOnTheRest(List<Path> lonely) {
        withoutImage.keySet().removeAll(images.keySet());
        withoutImage.remove(NO_LABEL);
        remark(others, NOT_AN_IMAGE);
        remark(unreadable, "it cannot be read, so left out");
        remark(lonely, "in no class's folder, so left out");
        remark(unnamed, "its name is not in UTF-8, so left out");
        withoutImage.forEach((label, count) -> remarks.add(
                "no class '" + label + "': none of its " + count + (count == 1 ? " file" : " files") + " is an image"));
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
    private void remark(List<Path> files, String what) {
        files.stream().limit(MOST_REMARKS).forEach(file -> remarks.add(root.relativize(file) + ": " + what));
        if (files.size() > MOST_REMARKS) {
            remarks.add("and " + (files.size() - MOST_REMARKS) + " more: " + what);
        }
    }

    private boolean isShown(Path path) {
        for (Path part : root.relativize(path)) {
            if (part.toString().startsWith(".")) {
                return false;
            }
        }
        return Files.isRegularFile(path);
    }

    /** Path below the root with {@code /} between the names; its SHA-256 if it is longer than an id can be. */
    static String name(Path root, Path path) {
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
}
