package io.contrastream.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every package and every module is described where a newcomer looks for it. */
class MapForStrangersTest {

    private static final Path REPOSITORY = Path.of(System.getProperty("basedir", "."))
            .resolve("..")
            .toAbsolutePath()
            .normalize();

    @Test
    void everyPackageSaysWhatLivesInIt() throws IOException {
        TreeMap<String, String> described = new TreeMap<>();
        Set<String> packages = new TreeSet<>();
        for (Path file : files(path -> path.toString().endsWith(".java")
                && path.toString().contains("/src/main/java/")
                // Programs of the build, without a package.
                && !path.getFileName().toString().equals("module-info.java"))) {
            String folder = file.getParent().toString().replaceFirst("^.*/src/main/java/?", "");
            if (file.endsWith("package-info.java")) {
                described.put(folder, Files.readString(file));
            } else {
                packages.add(folder);
            }
        }

        assertThat(packages).hasSizeGreaterThan(40);
        assertThat(described.keySet()).containsAll(packages);
        assertThat(described).allSatisfy((name, text) -> {
            String words = text.substring(0, text.indexOf("package "))
                    .replaceAll("(?m)^\\s*/?\\*+/?", "")
                    .strip();
            assertThat(words).as(name).isNotEmpty().doesNotStartWith("What ");
            assertThat(words.lines()).as(name).hasSizeLessThanOrEqualTo(6);
        });
    }

    @Test
    void theArchitectureHasARowForEveryModule() throws IOException {
        String page = Files.readString(REPOSITORY.resolve("docs/architecture.md"));
        Set<String> rows = Pattern.compile("(?m)^\\| `([\\w/-]+)` \\| .* \\| .* \\|$")
                .matcher(page.substring(page.indexOf("## Modules"), page.indexOf("## A step")))
                .results()
                .map(row -> row.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> modules = new TreeSet<>();
        for (Path pom :
                files(path -> path.endsWith("pom.xml") && !path.getParent().equals(REPOSITORY))) {
            if (Files.exists(pom.resolveSibling("src"))) {
                modules.add(REPOSITORY.relativize(pom.getParent()).toString());
            }
        }

        assertThat(modules).contains("learning", "encoders/torch");
        assertThat(rows).containsAll(modules);
        assertThat(rows).allSatisfy(row -> assertThat(REPOSITORY.resolve(row)).isDirectory());
    }

    /** Those of the repository that are written by hand. */
    private static List<Path> files(Predicate<Path> wanted) throws IOException {
        try (Stream<Path> all = Files.find(REPOSITORY, 20, (path, attributes) -> attributes.isRegularFile())) {
            return all.filter(path -> !path.toString().contains("/target/")
                            && !REPOSITORY.relativize(path).startsWith(".git"))
                    .filter(wanted)
                    .sorted()
                    .toList();
        }
    }
}
