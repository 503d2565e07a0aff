package io.contrastream.reliability;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** On which addresses a process of this machine accepts connections, as Linux tells. */
final class Listeners {

    private static final Pattern SOCKET = Pattern.compile("socket:\\[(\\d+)]");
    private static final String LISTENING = "0A";
    /** 127.0.0.1 and ::1, and the first in the form of the second: words of four bytes, the lowest byte first. */
    private static final Pattern LOOPBACK =
            Pattern.compile("0100007F:.*|0000000000000000FFFF00000100007F:.*|00000000000000000000000001000000:.*");

    private Listeners() {}

    /** Addresses with ports, in hexadecimal. */
    static Set<String> of(long pid) throws IOException {
        Path process = Path.of("/proc/" + pid);
        Set<String> sockets = new HashSet<>();
        try (Stream<Path> descriptors = Files.list(process.resolve("fd"))) {
            for (Path descriptor : descriptors.toList()) {
                Matcher socket = SOCKET.matcher(target(descriptor));
                if (socket.matches()) {
                    sockets.add(socket.group(1));
                }
            }
        }
        Set<String> addresses = new TreeSet<>();
        for (String table : List.of("net/tcp", "net/tcp6")) {
            for (String line : Files.readAllLines(process.resolve(table))) {
                String[] fields = line.strip().split("\\s+", -1);
                if (fields[3].equals(LISTENING) && sockets.contains(fields[9])) {
                    addresses.add(fields[1]);
                }
            }
        }
        return addresses;
    }

    /** The file or socket of a descriptor; empty if the process has closed it since they were listed. */
    private static String target(Path descriptor) throws IOException {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (NoSuchFileException closed) {
            return "";
        }
    }

    static boolean isLoopback(String address) {
        return LOOPBACK.matcher(address).matches();
    }
}
