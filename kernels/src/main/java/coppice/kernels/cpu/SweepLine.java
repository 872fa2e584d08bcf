package coppice.kernels.cpu;

import coppice.engine.Window;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One direction of a sweep: result {@code first + q · every} looks at source {@code least + (q · step + look[i]) · pick}, with tap
 * {@code tap[i]} of the window. Of the source, panels have each {@code pick}-th from {@code least} on: nothing else is looked at. Sweeps that
 * belong together have the {@code longest} count, {@code least} and the {@code span} from the least look, 0, to the largest in common, and so
 * one panel.
 */
record SweepLine(int first, int every, int count, int longest, int step, int pick, int[] tap, int[] look, int least, int span) {

    static SweepLine output(Window.Axis axis, int outputs) {
        int pick = axis.size() == 1 ? axis.stride() : commonDivisor(axis.stride(), axis.dilation());
        int[] tap = new int[axis.size()];
        int[] look = new int[axis.size()];
        for (int t = 0; t < tap.length; t++) {
            tap[t] = t;
            look[t] = t * axis.dilation() / pick;
        }
        return new SweepLine(0, 1, outputs, outputs, axis.stride() / pick, pick, tap, look, axis.input(0, 0), look[look.length - 1]);
    }

    private static int commonDivisor(int a, int b) {
        return b == 0 ? a : commonDivisor(b, a % b);
    }

    /**
     * One for each place modulo the stride. Input i is tap t of output (i + padding − t · dilation) / stride, where that is whole: the
     * last tap has the least look.
     */
    static List<SweepLine> input(Window.Axis axis, int inputs) {
        int least = Integer.MAX_VALUE;
        int most = Integer.MIN_VALUE;
        var lines = new ArrayList<SweepLine>();
        for (int phase = 0; phase < Math.min(axis.stride(), inputs); phase++) {
            int[] tap = new int[axis.size()];
            int[] look = new int[axis.size()];
            int found = 0;
            for (int t = axis.size() - 1; t >= 0; t--) {
                int at = phase + axis.padding() - t * axis.dilation();
                if (Math.floorMod(at, axis.stride()) == 0) {
                    tap[found] = t;
                    look[found++] = Math.floorDiv(at, axis.stride());
                    least = Math.min(least, look[found - 1]);
                    most = Math.max(most, look[found - 1]);
                }
            }
            lines.add(new SweepLine(phase, axis.stride(), Math.ceilDiv(inputs - phase, axis.stride()), Math.ceilDiv(inputs, axis.stride()), 1, 1,
                    Arrays.copyOf(tap, found), Arrays.copyOf(look, found), 0, 0));
        }
        int first = least == Integer.MAX_VALUE ? 0 : least;
        int span = least == Integer.MAX_VALUE ? 0 : most - least;
        lines.replaceAll(line -> line.seeing(first, span));
        return lines;
    }

    private SweepLine seeing(int least, int span) {
        return new SweepLine(first, every, count, longest, step, pick, tap, Arrays.stream(look).map(each -> each - least).toArray(), least, span);
    }
}
