package coppice.imp.store;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Function;

/**
 * Strict reading of a table of plain words and numbers: one header line, then one line per row, cells separated by commas, no
 * quotes, every line ended by a line feed. An error names the file, the line (the header is line 1) and the column.
 */
final class Csv {

    private Csv() {
    }

    /** Reads all rows of a file whose first line must be {@code header}. */
    static <T> List<T> read(Path file, String header, Function<Row, T> parse) {
        String text;
        try {
            text = Files.readString(file, StandardCharsets.UTF_8);
        } catch (NoSuchFileException e) {
            throw new StoreException(file, "there is no such file", "check the path", e);
        } catch (MalformedInputException e) {
            throw new StoreException(file, "is no UTF-8 text", "take it from a backup", e);
        } catch (IOException e) {
            throw new StoreException(file, "cannot be read (" + e.getMessage() + ")", "check the disk and the permissions", e);
        }
        return parse(file, text, header, parse);
    }

    /** As {@link #read}, of a text that {@code file} holds. */
    static <T> List<T> parse(Path file, String text, String header, Function<Row, T> parse) {
        if (!text.endsWith("\n")) {
            throw new StoreException(file, "the last line is cut off", "take the file from a backup");
        }
        String[] lines = text.substring(0, text.length() - 1).split("\r?\n", -1);
        if (!lines[0].equals(header)) {
            throw new StoreException(file, "line 1 must be '" + header + "', got '" + lines[0] + "'", "restore the line");
        }
        var rows = new ArrayList<T>();
        for (int i = 1; i < lines.length; i++) {
            rows.add(parse.apply(new Row(file, i + 1, header.split(","), lines[i].split(",", -1))));
        }
        return rows;
    }

    /** One line, its cells to be asked for by the name of their column. */
    static final class Row {

        private final Path file;
        private final int line;
        private final String[] columns;
        private final String[] cells;

        private Row(Path file, int line, String[] columns, String[] cells) {
            this.file = file;
            this.line = line;
            this.columns = columns;
            this.cells = cells;
            if (cells.length != columns.length) {
                throw new StoreException(file, "line " + line + " must have " + columns.length + " cells, got " + cells.length,
                        "correct the line");
            }
        }

        String text(String column) {
            return cells[List.of(columns).indexOf(column)];
        }

        /** An integer of at least {@code least}. */
        long integer(String column, long least) {
            try {
                long value = Long.parseLong(text(column));
                if (value >= least) {
                    return value;
                }
            } catch (NumberFormatException e) {
                // The same error as for a number that is too small.
            }
            throw error(column, "expected an integer of at least " + least + ", got '" + text(column) + "'");
        }

        int count(String column, int least) {
            long value = integer(column, least);
            if (value > Integer.MAX_VALUE) {
                throw error(column, "expected an integer below 2³¹, got " + value);
            }
            return (int) value;
        }

        /** A number, or NaN or an infinity: what a diverging run measures. */
        double number(String column) {
            try {
                return Double.parseDouble(text(column));
            } catch (NumberFormatException e) {
                throw error(column, "expected a number, got '" + text(column) + "'");
            }
        }

        /** A number from 0 to 1. */
        double fraction(String column) {
            double value = number(column);
            if (value >= 0 && value <= 1) {
                return value;
            }
            throw error(column, "expected a fraction from 0 to 1, got '" + text(column) + "'");
        }

        OptionalDouble fractionOrNothing(String column) {
            return text(column).isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(fraction(column));
        }

        StoreException error(String column, String problem) {
            return new StoreException(file, "line " + line + ", column " + column + ": " + problem, "correct the cell");
        }
    }
}
