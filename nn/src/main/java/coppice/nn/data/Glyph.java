package coppice.nn.data;

import static coppice.nn.data.Stroke.arc;
import static coppice.nn.data.Stroke.curve;
import static coppice.nn.data.Stroke.line;

import java.util.List;
import java.util.stream.Stream;

/**
 * One way of writing a digit, as the polylines of its strokes: x, y pairs around a centre at (0, 0), about 1 high, y
 * downwards.
 */
record Glyph(List<double[]> polylines) {

    /** The ways of writing each digit, at the position of the digit. */
    static final List<List<Glyph>> DIGITS = List.of(
            List.of(
                    of(arc(.5, .5, .31, .46, -100, 260)),
                    of(arc(.5, .52, .25, .43, -60, 290), line(.62, .12, .70, .05))),
            List.of(
                    of(line(.5, .04, .5, .96)),
                    of(line(.30, .26, .53, .04, .53, .96)),
                    of(line(.32, .24, .52, .05, .52, .94), line(.28, .94, .76, .94))),
            List.of(
                    of(arc(.48, .29, .28, .25, -170, 25), curve(.734, .396, .62, .62, .30, .76, .18, .95),
                            line(.18, .95, .82, .95)),
                    of(arc(.48, .28, .26, .24, -170, 30), curve(.705, .40, .60, .66, .40, .90, .25, .92),
                            curve(.25, .92, .10, .90, .16, .72, .32, .80), curve(.32, .80, .50, .90, .62, 1.02, .84, .86))),
            List.of(
                    of(arc(.45, .28, .28, .24, -155, 90), arc(.44, .74, .32, .23, -90, 150)),
                    of(line(.18, .06, .74, .06, .46, .42), arc(.44, .69, .31, .28, -85, 145))),
            List.of(
                    of(line(.30, .05, .18, .58, .84, .58), line(.66, .28, .62, .97)),
                    of(line(.62, .97, .62, .03, .14, .66, .86, .66)),
                    of(curve(.26, .05, .20, .30, .12, .56, .40, .54), line(.40, .54, .74, .50), line(.74, .06, .68, .97))),
            List.of(
                    of(line(.76, .05, .30, .05, .25, .45), arc(.46, .67, .32, .29, -131, 145)),
                    of(curve(.80, .06, .64, .10, .48, .02, .32, .08), line(.32, .08, .28, .42),
                            curve(.28, .42, .95, .30, .90, .98, .20, .92))),
            List.of(
                    of(curve(.68, .05, .38, .16, .20, .42, .21, .70), arc(.50, .70, .29, .26, 180, 540)),
                    of(curve(.50, .03, .28, .30, .16, .60, .26, .82), curve(.26, .82, .40, 1.06, .84, .94, .72, .68),
                            curve(.72, .68, .62, .50, .34, .58, .25, .76))),
            List.of(
                    of(line(.18, .06, .80, .06, .42, .96)),
                    of(line(.20, .14, .22, .05, .80, .05), curve(.80, .05, .60, .34, .48, .60, .46, .96)),
                    of(line(.18, .06, .78, .06, .42, .96), line(.36, .50, .80, .48))),
            List.of(
                    of(arc(.50, .27, .23, .23, 90, 450), arc(.50, .73, .29, .23, -90, 270)),
                    of(curve(.74, .14, .50, -.06, .10, .16, .34, .38), curve(.34, .38, .60, .54, .84, .68, .68, .86),
                            curve(.68, .86, .52, 1.04, .18, .98, .24, .76), curve(.24, .76, .36, .52, .80, .44, .74, .14))),
            List.of(
                    of(arc(.49, .29, .27, .25, 0, 360), line(.76, .29, .70, .97)),
                    of(arc(.49, .29, .27, .25, 0, 360), curve(.76, .29, .82, .70, .70, .96, .30, .93)),
                    of(curve(.70, .16, .50, -.04, .14, .14, .24, .38), curve(.24, .38, .34, .60, .68, .46, .72, .16),
                            line(.72, .16, .62, .97))));

    private static Glyph of(Stroke... strokes) {
        return new Glyph(Stream.of(strokes).map(Stroke::points).map(Glyph::centred).toList());
    }

    private static double[] centred(double[] points) {
        double[] moved = new double[points.length];
        for (int i = 0; i < points.length; i++) {
            moved[i] = points[i] - 0.5;
        }
        return moved;
    }
}
