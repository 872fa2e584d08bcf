package coppice.kernels.cpu;

import static coppice.kernels.cpu.Vectors.LENGTH;
import static coppice.kernels.cpu.Vectors.broadcast;
import static coppice.kernels.cpu.Vectors.first;
import static coppice.kernels.cpu.Vectors.load;
import static coppice.kernels.cpu.Vectors.store;
import static coppice.kernels.cpu.Vectors.zero;

import coppice.engine.Elementwise.Unary;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * y[i] = f(x[i]), one loop for each function: a loop that took the function as an argument would box its vectors as soon as it had
 * seen three of them. Whole vectors first, then the rest under a mask by the same function, so that a value's bits do not
 * depend on where it stands.
 */
final class UnaryLoops {

    private UnaryLoops() {}

    /** @param x the address of n floats. @param y likewise; may be x */
    static void run(Unary f, int n, long x, long y) {
        switch (f) {
            case NEGATE -> negate(n, x, y);
            case EXP -> exp(n, x, y);
            case LOG -> log(n, x, y);
            case SQUARE -> square(n, x, y);
            case SQRT -> sqrt(n, x, y);
            case RECIPROCAL -> reciprocal(n, x, y);
            case ABS -> abs(n, x, y);
            case SIGN -> sign(n, x, y);
            case RELU -> relu(n, x, y);
            case SIGMOID -> sigmoid(n, x, y);
            case TANH -> tanh(n, x, y);
        }
    }

    private static void negate(int n, long x, long y) {
        int i = 0;
        for (; i <= n - LENGTH; i += LENGTH) {
            store(y + 4L * i, load(x + 4L * i).neg());
        }
        if (i < n) {
            store(y + 4L * i, load(x + 4L * i, first(n - i)).neg(), first(n - i));
        }
    }

    private static void exp(int n, long x, long y) {
        int i = 0;
        for (; i <= n - LENGTH; i += LENGTH) {
            store(y + 4L * i, Functions.exp(load(x + 4L * i)));
        }
        if (i < n) {
            store(y + 4L * i, Functions.exp(load(x + 4L * i, first(n - i))), first(n - i));
        }
    }

    private static void log(int n, long x, long y) {
        int i = 0;
        for (; i <= n - LENGTH; i += LENGTH) {
            store(y + 4L * i, Functions.log(load(x + 4L * i)));
        }
        if (i < n) {
            store(y + 4L * i, Functions.log(load(x + 4L * i, first(n - i))), first(n - i));
        }
    }

    private static void square(int n, long x, long y) {
        int i = 0;
        for (; i <= n - LENGTH; i += LENGTH) {
            store(y + 4L * i, square(load(x + 4L * i)));
        }
        if (i < n) {
            store(y + 4L * i, square(load(x + 4L * i, first(n - i))), first(n - i));
        }
    }

    private static void sqrt(int n, long x, long y) {
        int i = 0;
        for (; i <= n - LENGTH; i += LENGTH) {
            store(y + 4L * i, load(x + 4L * i).sqrt());
        }
        if (i < n) {
            store(y + 4L * i, load(x + 4L * i, first(n - i)).sqrt(), first(n - i));
        }
    }

    private static void reciprocal(int n, long x, long y) {
        int i = 0;
        for (; i <= n - LENGTH; i += LENGTH) {
            store(y + 4L * i, broadcast(1).div(load(x + 4L * i)));
        }
        if (i < n) {
            store(y + 4L * i, broadcast(1).div(load(x + 4L * i, first(n - i))), first(n - i));
        }
    }

    private static void abs(int n, long x, long y) {
        int i = 0;
        for (; i <= n - LENGTH; i += LENGTH) {
            store(y + 4L * i, load(x + 4L * i).abs());
        }
        if (i < n) {
            store(y + 4L * i, load(x + 4L * i, first(n - i)).abs(), first(n - i));
        }
    }

    private static void sign(int n, long x, long y) {
        int i = 0;
        for (; i <= n - LENGTH; i += LENGTH) {
            store(y + 4L * i, sign(load(x + 4L * i)));
        }
        if (i < n) {
            store(y + 4L * i, sign(load(x + 4L * i, first(n - i))), first(n - i));
        }
    }

    private static void relu(int n, long x, long y) {
        int i = 0;
        for (; i <= n - LENGTH; i += LENGTH) {
            store(y + 4L * i, relu(load(x + 4L * i)));
        }
        if (i < n) {
            store(y + 4L * i, relu(load(x + 4L * i, first(n - i))), first(n - i));
        }
    }

    private static void sigmoid(int n, long x, long y) {
        int i = 0;
        for (; i <= n - LENGTH; i += LENGTH) {
            store(y + 4L * i, Functions.sigmoid(load(x + 4L * i)));
        }
        if (i < n) {
            store(y + 4L * i, Functions.sigmoid(load(x + 4L * i, first(n - i))), first(n - i));
        }
    }

    private static void tanh(int n, long x, long y) {
        int i = 0;
        for (; i <= n - LENGTH; i += LENGTH) {
            store(y + 4L * i, Functions.tanh(load(x + 4L * i)));
        }
        if (i < n) {
            store(y + 4L * i, Functions.tanh(load(x + 4L * i, first(n - i))), first(n - i));
        }
    }

    private static FloatVector square(FloatVector x) {
        return x.mul(x);
    }

    /** ±1; zeros and NaN as they are. */
    private static FloatVector sign(FloatVector x) {
        return x.blend(1, x.compare(VectorOperators.GT, 0)).blend(-1, x.compare(VectorOperators.LT, 0));
    }

    /** x, but 0 where it is not above; NaN as it is. */
    private static FloatVector relu(FloatVector x) {
        return x.blend(zero(), x.compare(VectorOperators.LE, 0));
    }
}
