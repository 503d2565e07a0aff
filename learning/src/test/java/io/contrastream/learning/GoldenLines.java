package io.contrastream.learning;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Reads the golden values that the scripts in {@code src/test/python} make. */
public final class GoldenLines {

    private GoldenLines() {}

    /** The cells of every line but the first, which names the columns. */
    public static List<String[]> of(String file) throws IOException {
        try (InputStream in = GoldenLines.class.getResourceAsStream("/golden/" + file);
                BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            List<String[]> lines =
                    reader.lines().skip(1).map(line -> line.split(",", -1)).toList();
            if (lines.isEmpty()) {
                throw new IOException(file + " has no values");
            }
            return lines;
        }
    }
}
