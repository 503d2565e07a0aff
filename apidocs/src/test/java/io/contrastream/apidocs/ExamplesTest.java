package io.contrastream.apidocs;

import static org.assertj.core.api.Assertions.assertThat;

import io.contrastream.cli.demo.DemoView;
import io.contrastream.learning.encoder.DeviceOptions;
import io.contrastream.learning.encoder.Encoder;
import io.contrastream.learning.encoder.EncoderEngine;
import io.contrastream.learning.encoder.OptimizerOptions;
import io.contrastream.learning.encoder.TrainingOptions;
import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.learner.Example;
import io.contrastream.learning.network.Architecture;
import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.learning.network.Normalization;
import io.contrastream.learning.network.Stem;
import io.contrastream.schemas.ImageEncoding;
import io.contrastream.schemas.LabelledImage;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples in the Javadoc of the classes that a user begins with: each compiles, and all but the demo, which takes minutes, run. */
final class ExamplesTest {

    private static final Pattern EXAMPLE = Pattern.compile("<pre>\\{@code\\n(.*?)\\n \\* }</pre>", Pattern.DOTALL);

    private static final List<String> PACKAGES = List.of(
            "java.util",
            "io.contrastream.cli.demo",
            "io.contrastream.learning.encoder",
            "io.contrastream.learning.image",
            "io.contrastream.learning.learner",
            "io.contrastream.learning.network",
            "io.contrastream.schemas");

    @TempDir
    private Path folder;

    @Test
    void aRecordIsEncodedAndDecoded() throws Exception {
        LabelledImage image = LabelledImage.newBuilder()
                .setId("photo-17")
                .setLabel("dog")
                .setImage(ByteBuffer.wrap(new byte[] {1}))
                .setEncoding(ImageEncoding.PNG)
                .setEventTime(Instant.EPOCH)
                .build();

        run(example("schemas", "schemas/SingleObject", "LabelledImage image"), image);
    }

    @Test
    void imagesAreEmbedded() throws Exception {
        run(example("learning", "learning/encoder/Encoder", "float[] images, int n"), new float[2 * 3 * 32 * 32], 2);
    }

    @Test
    void aStreamIsLearned() throws Exception {
        EncoderSpec spec = new EncoderSpec(
                Architecture.RESNET18_SLIM, Stem.CIFAR, 2, new ImageShape(3, 8, 8), 4, Normalization.CIFAR100);
        TrainingOptions training = new TrainingOptions(OptimizerOptions.sgd(0.05, 0.9, 1e-4), 0.1);
        List<Example> batch = IntStream.range(0, 10)
                .mapToObj(i -> new Example(
                        "image-" + i, "class-" + i % 2, new byte[spec.input().size()], 0))
                .toList();
        try (Encoder encoder = EncoderEngine.find().create(spec, training, DeviceOptions.AUTO, 0)) {
            run(
                    example("learning", "learning/learner/Learner", "Encoder encoder, Iterable<List<Example>> stream"),
                    encoder,
                    List.of(batch, batch));

            assertThat(encoder.step()).isEqualTo(4);
        }
    }

    @Test
    void theDemoIsStarted() throws Exception {
        assertThat(example("cli", "cli/demo/Demo", "DemoView view").getParameterTypes())
                .containsExactly(DemoView.class);
    }

    @Test
    void anExampleThatIsWrongDoesNotCompile() {
        assertThat(compile("Wrong", "", "int number = \"text\";")).contains("incompatible types");
    }

    /** A method with the statements of the example that a class's Javadoc has, compiled. */
    private Method example(String module, String type, String parameters) throws Exception {
        Matcher example = EXAMPLE.matcher(
                Files.readString(Path.of("..", module, "src/main/java/io/contrastream", type + ".java")));
        assertThat(example.find()).as("an example in the Javadoc of " + type).isTrue();
        String statements = example.group(1).replaceAll("(?m)^ \\* ?", "");
        String name = type.substring(type.lastIndexOf('/') + 1) + "Example";
        assertThat(compile(name, parameters, statements)).isEmpty();
        try (URLClassLoader loader = new URLClassLoader(
                new URL[] {folder.toUri().toURL()}, getClass().getClassLoader())) {
            for (Method method : loader.loadClass(name).getDeclaredMethods()) {
                if (method.getName().equals("example") && Modifier.isPublic(method.getModifiers())) {
                    return method;
                }
            }
        }
        throw new AssertionError(name + " has no method");
    }

    /** Returns the compiler's errors. */
    private String compile(String name, String parameters, String statements) {
        StringBuilder source = new StringBuilder();
        PACKAGES.forEach(imported -> source.append("import ").append(imported).append(".*;\n"));
        source.append("import io.contrastream.learning.learner.LearnerOptions.Reservoir;\n")
                .append("public final class ")
                .append(name)
                .append(" {\n  public static void example(")
                .append(parameters)
                .append(") throws Exception {\n")
                .append(statements)
                .append("\n  }\n}\n");
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        DiagnosticCollector<JavaFileObject> found = new DiagnosticCollector<>();
        compiler.getTask(
                        null,
                        null,
                        found,
                        List.of("-proc:none", "-d", folder.toString(), "-cp", System.getProperty("java.class.path")),
                        null,
                        List.of(new Source(name, source.toString())))
                .call();
        StringBuilder errors = new StringBuilder();
        for (Diagnostic<?> diagnostic : found.getDiagnostics()) {
            if (diagnostic.getKind() == Diagnostic.Kind.ERROR) {
                errors.append(diagnostic.getMessage(Locale.ROOT)).append('\n');
            }
        }
        return errors.toString();
    }

    private static void run(Method example, Object... arguments) throws ReflectiveOperationException {
        example.invoke(null, arguments);
    }

    private static final class Source extends SimpleJavaFileObject {
        private final String text;

        private Source(String name, String text) {
            super(URI.create("string:///" + name + ".java"), Kind.SOURCE);
            this.text = text;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) throws IOException {
            return text;
        }
    }
}
