package io.contrastream.benchmarks;

import java.util.stream.Stream;

/** Fields of the benchmarks' JSON. */
public final class ReportFields {

    private ReportFields() {}

    /** Those that say what was measured where, which every report has, and its own. */
    public static String[] whereAnd(String... own) {
        Stream<String> where = Stream.of(
                "engine",
                "device",
                "precision",
                "deterministic",
                "threads",
                "cpu",
                "version",
                "java",
                "architecture",
                "stem",
                "width",
                "size",
                "batch",
                "optimizer");
        return Stream.concat(where, Stream.of(own)).toArray(String[]::new);
    }
}
