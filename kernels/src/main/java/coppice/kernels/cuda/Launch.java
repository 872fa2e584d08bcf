package coppice.kernels.cuda;

import java.util.Arrays;

/**
 * One run of a kernel, with {@link Grid#THREADS} threads in each block.
 *
 * @param file      the .cu file that it stands in, without the ending
 * @param arguments as {@link Arguments} takes them
 */
record Launch(String file, String kernel, Grid grid, Object... arguments) implements Work {

    @Override
    public void on(Device device) {
        device.launch(this);
    }

    /** Whether it is the same work on the same shapes: only addresses and fractional numbers may be others. */
    boolean isLike(Launch other) {
        if (!kernel.equals(other.kernel) || !grid.equals(other.grid) || arguments.length != other.arguments.length) {
            return false;
        }
        for (int i = 0; i < arguments.length; i++) {
            if (!isFree(arguments[i]) && !same(arguments[i], other.arguments[i])) {
                return false;
            }
        }
        return true;
    }

    /** The same for launches that are alike. */
    int likeness() {
        int code = kernel.hashCode() * 31 + grid.hashCode();
        for (Object argument : arguments) {
            code = code * 31 + (isFree(argument) ? 0 : argument instanceof int[] numbers ? Arrays.hashCode(numbers) : argument.hashCode());
        }
        return code;
    }

    /** Whether a launch that is like this one has the same arguments, too. */
    boolean hasArgumentsOf(Launch other) {
        for (int i = 0; i < arguments.length; i++) {
            if (!same(arguments[i], other.arguments[i])) {
                return false;
            }
        }
        return true;
    }

    private static boolean isFree(Object argument) {
        return argument instanceof Long || argument instanceof Float;
    }

    private static boolean same(Object one, Object other) {
        return one instanceof int[] numbers ? other instanceof int[] others && Arrays.equals(numbers, others) : one.equals(other);
    }
}
