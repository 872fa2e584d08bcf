package coppice.bench.peers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** All comparisons of a run, a line each. */
final class Table {

    private final List<Comparison> lines = new ArrayList<>();

    void add(List<Comparison> comparisons) {
        lines.addAll(comparisons);
    }

    void writeCsv(Path file) throws IOException {
        var csv = new ArrayList<String>();
        csv.add("subject,quantity,ours,torch_single,allowed,ours_worst,torch_single_worst,allowed_worst,where_ours_is_worst");
        for (Comparison line : lines) {
            csv.add(String.format(Locale.ROOT, "\"%s\",%s,%.3e,%.3e,%.3e,%.3e,%.3e,%.3e,\"%s\"", line.subject(), line.quantity(),
                    line.ours().together(), line.single().together(), line.allowedTogether(),
                    line.ours().worst(), line.single().worst(), line.allowedWorst(), line.ours().where()));
        }
        Files.createDirectories(file.getParent());
        Files.write(file, csv);
    }

    /** Errors of all arrays of a quantity together, and of the worst one. */
    @Override
    public String toString() {
        var text = new StringBuilder(String.format(Locale.ROOT, "%-46s %-18s %9s %13s %9s | %9s %13s %9s%n",
                "", "", "ours", "torch single", "allowed", "worst", "torch single", "allowed"));
        for (Comparison line : lines) {
            text.append(String.format(Locale.ROOT, "%-46s %-18s %9.1e %13.1e %9.1e | %9.1e %13.1e %9.1e%s%n", line.subject(), line.quantity(),
                    line.ours().together(), line.single().together(), line.allowedTogether(),
                    line.ours().worst(), line.single().worst(), line.allowedWorst(), line.isAgreement() ? "" : "  <- " + line.ours().where()));
        }
        return text.toString();
    }
}
