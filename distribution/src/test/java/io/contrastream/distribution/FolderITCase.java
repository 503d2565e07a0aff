package io.contrastream.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import io.contrastream.jobs.learning.JobOptions;
import io.contrastream.jobs.learning.LearningJob;
import io.contrastream.testing.Folder;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Content of the assembled folder. */
final class FolderITCase {

    private static final String FLINK = Folder.property("contrastream.flink.version");

    /** Flink bundles some classes of the first jar in the second, of the same version. */
    private static final List<String> BUNDLED =
            List.of("lib/flink-connector-base-" + FLINK + ".jar", "lib/flink-connector-files-" + FLINK + ".jar");

    @ParameterizedTest
    @ValueSource(strings = {"dl4j", "torch"})
    void everyClassIsInOnePlaceOfTheClassPathOnly(String engine) throws IOException {
        Map<String, List<String>> places = new TreeMap<>();
        for (String folder : List.of("lib", "engines/" + engine, "usrlib", "opt/cli", "opt/broker", "opt/benchmarks")) {
            for (Path jar : Folder.jars(folder)) {
                try (JarFile file = new JarFile(jar.toFile())) {
                    file.stream()
                            .map(entry -> entry.getName())
                            .filter(name -> name.endsWith(".class"))
                            .filter(name -> !name.endsWith("-info.class") && !name.startsWith("META-INF/"))
                            .forEach(name -> places.computeIfAbsent(name, n -> new ArrayList<>())
                                    .add(folder + "/" + jar.getFileName()));
                }
            }
        }
        places.values().removeIf(jars -> jars.size() == 1 || jars.equals(BUNDLED));

        assertThat(places).isEmpty();
    }

    @Test
    void theJobJarHoldsWhatTheClusterDoesNotHave() throws IOException {
        assertThat(entries(Folder.JOB_JAR))
                .contains(
                        "io/contrastream/jobs/learning/LearningJob.class",
                        "io/contrastream/operators/learn/LearnFunction.class",
                        "io/contrastream/releases/weights/EncoderWeights.class",
                        "io/contrastream/schemas/LabelledImage.class",
                        "io/contrastream/schemas/released/LabelledImage/1.avsc",
                        "org/apache/avro/Schema.class",
                        "org/apache/flink/connector/kafka/source/KafkaSource.class",
                        "org/apache/kafka/clients/consumer/KafkaConsumer.class")
                .noneMatch(name -> name.startsWith("io/contrastream/learning/")
                        || name.startsWith("org/nd4j/")
                        || name.startsWith("org/bytedeco/")
                        || name.startsWith("ai/onnxruntime/")
                        || name.startsWith("com/google/protobuf/")
                        || name.startsWith("org/slf4j/")
                        || name.startsWith("org/apache/flink/core/")
                        || name.startsWith("org/apache/flink/runtime/")
                        || name.startsWith("kafka/server/"));
    }

    /** Parser of arguments, progress bar, image sources and broker are in {@code opt/cli} alone. */
    @Test
    void theJobJarHoldsOfOursWhatAClusterRunsAndNoMore() throws IOException {
        assertThat(entries(Folder.JOB_JAR))
                .filteredOn(name -> name.matches("io/contrastream/.*\\.class"))
                .allMatch(
                        name -> name.matches("io/contrastream/(jobs|operators|embedding|releases|schemas|topics)/.*"));
        assertThat(entries(Folder.JOB_JAR)).noneMatch(name -> name.matches("(picocli|me/tongfei|org/jline)/.*"));
        assertThat(names("opt/cli"))
                .anyMatch(name -> name.startsWith("contrastream-cli-"))
                .anyMatch(name -> name.startsWith("contrastream-datasets-"))
                .anyMatch(name -> name.startsWith("contrastream-broker-"))
                .noneMatch(name -> name.startsWith("contrastream-jobs-"));
    }

    @Test
    void theJobJarStartsTheLearningJobAndCarriesNoSignature() throws IOException {
        try (JarFile jar = new JarFile(Folder.JOB_JAR.toFile())) {
            Manifest manifest = jar.getManifest();
            assertThat(manifest.getMainAttributes().getValue("Main-Class")).isEqualTo(LearningJob.class.getName());
        }
        assertThat(entries(Folder.JOB_JAR)).noneMatch(name -> name.matches("META-INF/[^/]*\\.(SF|DSA|RSA)"));
    }

    @Test
    void servicesOfSeveralJarsAreMerged() throws IOException {
        // Both flink-avro and the Kafka clients have some; a plain copy of one jar over another would lose one of a
        // kind.
        for (Path jar : List.of(Folder.JOB_JAR)) {
            for (String entry : entries(jar)) {
                if (entry.matches("META-INF/services/[^/]+")) {
                    for (String service : lines(jar, entry)) {
                        assertThat(entries(jar)).contains(service.replace('.', '/') + ".class");
                    }
                }
            }
        }
    }

    @Test
    void theClusterHasTheLearningCoreAndTwoEnginesToChooseFromForOnePlatform() throws IOException {
        assertThat(names("lib"))
                .filteredOn(name -> name.startsWith("contrastream-"))
                .singleElement()
                .asString()
                .startsWith("contrastream-learning-");
        assertThat(names("lib")).noneMatch(name -> name.matches("(nd4j|deeplearning4j|javacpp|openblas|pytorch)-.*"));
        assertThat(names("engines/dl4j"))
                .anyMatch(name -> name.startsWith("contrastream-encoder-dl4j-"))
                .filteredOn(name -> name.matches("nd4j-native-[0-9].*-(linux|windows|macosx|android)-.*"))
                .singleElement()
                .asString()
                .contains("linux-x86_64-onednn-avx2");
        assertThat(names("engines/torch"))
                .anyMatch(name -> name.startsWith("contrastream-encoder-torch-"))
                .filteredOn(name -> name.matches("pytorch-.*-(linux|windows|macosx|android)-.*"))
                .singleElement()
                .asString()
                .contains("linux-x86_64");
        for (String folder : List.of("lib", "engines/dl4j", "engines/torch")) {
            assertThat(names(folder)).noneMatch(name -> name.matches(".*(windows|macosx|android|arm64|ppc64le)-?.*"));
        }
    }

    @Test
    void theClusterHasWhatASessionNeeds() throws IOException {
        assertThat(names("lib"))
                .anyMatch(name -> name.startsWith("flink-rpc-akka-loader-"))
                .anyMatch(name -> name.startsWith("flink-runtime-web-"))
                .anyMatch(name -> name.startsWith("flink-connector-files-"))
                .anyMatch(name -> name.startsWith("flink-metrics-prometheus-"))
                .anyMatch(name -> name.startsWith("flink-statebackend-rocksdb-"))
                .anyMatch(name -> name.startsWith("log4j-slf4j2-impl-"))
                .anyMatch(name -> name.startsWith("onnxruntime-"))
                .noneMatch(name -> name.matches("(junit|assertj|kafka|scala|picocli|avro).*"));
    }

    @Test
    void whatReadersNeedIsThere() throws IOException {
        assertThat(files("schemas"))
                .containsExactlyInAnyOrder(
                        "ClassPrototype.avsc",
                        "Embedding.avsc",
                        "EncoderRelease.avsc",
                        "ImageLabel.avsc",
                        "ImageQuery.avsc",
                        "LabelledImage.avsc",
                        "LearningReport.avsc",
                        "RejectedRecord.avsc");
        assertThat(files("docs")).contains("options.md", "formats.md", "images.md", "reliability.md");
        assertThat(files("python")).containsExactly("twin.py");
        assertThat(files("connect")).containsExactly("contrastream-connect.jar");
        assertThat(files("clients/python")).contains("pyproject.toml");
        // A link in the repository.
        assertThat(files("clients/python/src/contrastream/schemas/Embedding")).contains("1.avsc", "2.avsc", "3.avsc");
    }

    @Test
    void jarsAreThereInOneVersion() throws IOException {
        for (String folder : List.of("lib", "engines/dl4j", "engines/torch", "opt/cli", "opt/broker")) {
            List<String> withoutVersion = names(folder).stream()
                    .map(name -> name.replaceFirst(
                            "-[0-9][^-]*(-M[0-9.]+|-jre|-[0-9.]+|-GA|-SNAPSHOT|-ververica-[0-9.]+)*", ""))
                    .toList();
            assertThat(withoutVersion).doesNotHaveDuplicates();
        }
    }

    static List<Path> scripts() throws IOException {
        try (Stream<Path> scripts = Files.list(Folder.HOME.resolve("bin"))) {
            return scripts.sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("scripts")
    void scriptsAreExecutableUnlessSourced(Path script) throws IOException {
        boolean sourced = !Files.readString(script).startsWith("#!");

        assertThat(Files.isExecutable(script)).isEqualTo(!sourced);
    }

    @Test
    void theCommandLineOpensTheSamePackagesAsTheCluster() throws IOException {
        List<String> commandLine = Files.readAllLines(Folder.HOME.resolve("conf/jvm.options")).stream()
                .filter(line -> line.startsWith("--add"))
                .toList();

        assertThat(commandLine)
                .containsExactlyInAnyOrderElementsOf(
                        Arrays.asList(clusterSetting("env.java.opts.all").split(" ", -1)));
    }

    @Test
    void nativeLibrariesAndTheLearningCoreAreLoadedByTheCluster() throws IOException {
        assertThat(clusterSetting("classloader.parent-first-patterns.additional")
                        .split(";", -1))
                .contains(
                        "org.nd4j.",
                        "org.bytedeco.",
                        "org.deeplearning4j.",
                        "ai.onnxruntime.",
                        "io.contrastream.learning.");
    }

    @Test
    void theExampleOptionsAreValid() {
        JobOptions options = JobOptions.parse(
                "--config", Folder.HOME.resolve("conf/contrastream.yaml").toString());

        assertThat(options.name()).isEqualTo("contrastream-learning");
    }

    private static String clusterSetting(String key) throws IOException {
        return YamlFile.at(YamlFile.read(Folder.HOME.resolve("conf/config.yaml")), key.split("\\.", -1))
                .toString();
    }

    private static List<String> names(String folder) throws IOException {
        return Folder.jars(folder).stream()
                .map(jar -> jar.getFileName().toString())
                .toList();
    }

    private static List<String> files(String folder) throws IOException {
        try (Stream<Path> files = Files.list(Folder.HOME.resolve(folder))) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    private static List<String> entries(Path jar) throws IOException {
        try (JarFile file = new JarFile(jar.toFile())) {
            return file.stream().map(entry -> entry.getName()).toList();
        }
    }

    private static List<String> lines(Path jar, String entry) throws IOException {
        try (JarFile file = new JarFile(jar.toFile());
                BufferedReader reader = new BufferedReader(
                        new InputStreamReader(file.getInputStream(file.getEntry(entry)), StandardCharsets.UTF_8))) {
            return reader.lines()
                    .map(line -> line.replaceFirst("#.*", "").trim())
                    .filter(line -> !line.isEmpty())
                    .toList();
        }
    }
}
