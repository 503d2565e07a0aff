package io.contrastream.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** Tells the version that the build has written into a resource. */
final class Version implements IVersionProvider {

    @Override
    public String[] getVersion() throws IOException {
        Properties properties = new Properties();
        try (InputStream in = Version.class.getResourceAsStream("version.properties")) {
            properties.load(in);
        }
        return new String[] {
            "contrastream " + properties.getProperty("version"),
            "Flink " + properties.getProperty("flink") + ", Kafka " + properties.getProperty("kafka") + ", Java "
                    + System.getProperty("java.version")
        };
    }
}
