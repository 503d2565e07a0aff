package io.contrastream.datasets;

import java.util.ArrayList;
import java.util.List;

/**
 * Cells of a line of comma-separated values (RFC 4180): one in double quotes may have commas, and quotes that are doubled. White space
 * around a cell without quotes is no part of it. Nothing goes on over the end of a line.
 */
final class CsvLine {

    private final String line;
    private int next;

    private CsvLine(String line) {
        this.line = line;
    }

    /** @throws ImageSourceException saying what is wrong with the quotes, if something is */
    static List<String> cells(String line) {
        CsvLine reader = new CsvLine(line);
        List<String> cells = new ArrayList<>();
        do {
            cells.add(reader.cell());
        } while (reader.next++ < line.length());
        return cells;
    }

    /** Up to a comma, or the end, where it stays. */
    private String cell() {
        int comma = line.indexOf(',', next);
        int end = comma < 0 ? line.length() : comma;
        String plain = line.substring(next, end).strip();
        if (!plain.startsWith("\"")) {
            next = end;
            return plain;
        }
        next = line.indexOf('"', next) + 1;
        StringBuilder quoted = new StringBuilder();
        while (true) {
            int quote = line.indexOf('"', next);
            if (quote < 0) {
                throw new ImageSourceException("a double quote is not closed");
            }
            quoted.append(line, next, quote);
            next = quote + 1;
            if (next == line.length() || line.charAt(next) != '"') {
                break;
            }
            quoted.append('"');
            next++;
        }
        int after = line.indexOf(',', next);
        int stop = after < 0 ? line.length() : after;
        if (!line.substring(next, stop).isBlank()) {
            throw new ImageSourceException("something other than a comma comes after a closing double quote");
        }
        next = stop;
        return quoted.toString();
    }
}
