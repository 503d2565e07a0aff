package io.contrastream.operators.decode;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/** Images that {@code golden_images.py} has made, by name. */
final class GoldenImages {

    private static final Map<String, byte[]> FILES = unpacked();

    private GoldenImages() {}

    static Map<String, byte[]> files() {
        return FILES;
    }

    static byte[] file(String name) {
        byte[] file = FILES.get(name);
        if (file == null) {
            throw new IllegalArgumentException("there is no " + name);
        }
        return file;
    }

    private static Map<String, byte[]> unpacked() {
        Map<String, byte[]> files = new LinkedHashMap<>();
        try (InputStream resource = GoldenImages.class.getResourceAsStream("golden-images.zip");
                ZipInputStream zip = new ZipInputStream(resource)) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                files.put(entry.getName(), zip.readAllBytes());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Collections.unmodifiableMap(files);
    }
}
